//! Inputs of modules, converted to their types as far as that adds something.

use std::collections::BTreeMap;

use hcl_edit::expr::{Expression, FuncCall, ObjectKey};

use super::block;
use super::evaluate::{Evaluator, Scope};
use super::symbol::Symbol;

/// The value of an input of the module.
pub(super) fn value(evaluator: &Evaluator<'_, '_>, name: &str, scope: Scope<'_>) -> Symbol {
    let key = format!("var.{name}");
    evaluator.once(scope.module, &key, || {
        let given = given(evaluator, name, scope);
        let module = evaluator.module(scope.module);
        let declared = module.and_then(|module| module.variables.get(name));
        let Some(declared) = declared else {
            return Symbol::Open;
        };
        let inner = Scope::of_module(scope.module, scope.depth());
        let default = declared.get_attribute("default");
        let default = default.map(|default| evaluator.value(&default.value, inner));
        let nullable = declared.get_attribute("nullable");
        let is_nullable = nullable.is_none_or(|of| of.value.as_bool() != Some(false));
        let value = match (given, default) {
            (Some(Symbol::Null), Some(default)) if !is_nullable => default,
            (Some(given), _) => given,
            (None, Some(default)) => default,
            (None, None) => Symbol::Open,
        };
        match declared.get_attribute("type") {
            Some(of) => converted(evaluator, value, &of.value, inner),
            None => value,
        }
    })
}

/// What the caller gives: of the root module that stands in the plan.
fn given(evaluator: &Evaluator<'_, '_>, name: &str, scope: Scope<'_>) -> Option<Symbol> {
    let Some((call, parent)) = scope.module.split_last() else {
        let value = evaluator.plan.variables?.get(name)?.get("value")?;
        return Some(Symbol::of_json(value));
    };
    let declared = evaluator.module(parent)?.calls.get(&call.name)?;
    let expression = declared.body.get_attribute(name)?;
    let for_each = block::for_each(evaluator, declared, parent, scope.depth());
    let each = block::each(for_each.as_ref(), call.key.as_ref());
    let outer = Scope::of_module(parent, scope.depth());
    let outer = outer.of_instance(call.key.as_ref(), each.as_ref());
    Some(evaluator.value(&expression.value, outer))
}

/// A value of a type: an object gets the attributes that it leaves out, a set loses its order.
fn converted(
    evaluator: &Evaluator<'_, '_>,
    value: Symbol,
    of: &Expression,
    scope: Scope<'_>,
) -> Symbol {
    let call = match of {
        Expression::Variable(of) => return scalar(value, of.as_str()),
        Expression::FuncCall(call) => call,
        Expression::Null(_)
        | Expression::Bool(_)
        | Expression::Number(_)
        | Expression::String(_)
        | Expression::Array(_)
        | Expression::Object(_)
        | Expression::StringTemplate(_)
        | Expression::HeredocTemplate(_)
        | Expression::Parenthesis(_)
        | Expression::Conditional(_)
        | Expression::Traversal(_)
        | Expression::UnaryOp(_)
        | Expression::BinaryOp(_)
        | Expression::ForExpr(_) => return value,
    };
    let Some(inner) = call.args.get(0) else {
        return value;
    };
    let convert = |value: Symbol| converted(evaluator, value, inner, scope);
    match (call.name.name.as_str(), value) {
        ("optional", value) => convert(value),
        ("map", Symbol::Map(fields)) => {
            let fields = fields.into_iter();
            Symbol::Map(fields.map(|(key, value)| (key, convert(value))).collect())
        }
        ("list", Symbol::List(items)) => Symbol::List(items.into_iter().map(convert).collect()),
        ("set", Symbol::List(items) | Symbol::Set(items)) => {
            Symbol::set(items.into_iter().map(convert))
        }
        // A set in the place of a list is in no certain order.
        ("list", set @ Symbol::Set(_)) => set.items().map_or(Symbol::Open, Symbol::List),
        ("object", Symbol::Map(fields)) => object(evaluator, fields, inner, scope),
        (_, value) => value,
    }
}

/// A known scalar of a type: one given on the command line may be the text of a number.
fn scalar(value: Symbol, of: &str) -> Symbol {
    let converted = match of {
        "number" => value.as_number().map(Symbol::Number),
        "bool" => value.as_flag().map(Symbol::Bool),
        "string" => value.as_text().map(Symbol::Text),
        _ => None,
    };
    converted.unwrap_or(value)
}

fn object(
    evaluator: &Evaluator<'_, '_>,
    mut given: BTreeMap<String, Symbol>,
    of: &Expression,
    scope: Scope<'_>,
) -> Symbol {
    let Expression::Object(of) = of else {
        return Symbol::Map(given);
    };
    let mut fields = BTreeMap::new();
    for (key, of) in of {
        let key = match key {
            ObjectKey::Ident(name) => name.as_str(),
            ObjectKey::Expression(Expression::Variable(name)) => name.as_str(),
            ObjectKey::Expression(Expression::String(name)) => name.value(),
            ObjectKey::Expression(_) => return Symbol::Open,
        };
        let value = match (given.remove(key), of.expr()) {
            (None | Some(Symbol::Null), Expression::FuncCall(call)) => {
                left_out(evaluator, call, scope)
            }
            (Some(value), _) => value,
            (None, _) => Symbol::Open,
        };
        fields.insert(
            key.to_owned(),
            converted(evaluator, value, of.expr(), scope),
        );
    }
    Symbol::Map(fields)
}

/// What an optional attribute is when nobody gives it.
fn left_out(evaluator: &Evaluator<'_, '_>, of: &FuncCall, scope: Scope<'_>) -> Symbol {
    match of.args.get(1) {
        Some(default) if of.name.name.as_str() == "optional" => evaluator.value(default, scope),
        Some(_) | None => Symbol::Null,
    }
}
