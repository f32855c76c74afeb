//! Inputs of modules, converted to their types.

use std::collections::BTreeMap;

use hcl_edit::expr::{Expression, FuncCall, ObjectKey};
use hcl_edit::structure::Body;

use super::block;
use super::evaluate::{Evaluator, Scope};
use super::shape::{are_alike, are_texts};
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

/// The default of an input, of its type.
pub(super) fn default(evaluator: &Evaluator<'_, '_>, declared: &Body) -> Option<Symbol> {
    let scope = Scope::of_module(&[], 0);
    let default = declared.get_attribute("default")?;
    let value = evaluator.value(&default.value, scope);
    let of = declared.get_attribute("type");
    Some(match of {
        Some(of) => converted(evaluator, value, &of.value, scope),
        None => value,
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

/// A value of a type, when what Terraform makes of it is certain.
fn converted(
    evaluator: &Evaluator<'_, '_>,
    value: Symbol,
    of: &Expression,
    scope: Scope<'_>,
) -> Symbol {
    if matches!(value, Symbol::Null | Symbol::Open | Symbol::Missing) {
        return value;
    }
    let call = match of {
        Expression::Variable(of) => return scalar(value, of.as_str()),
        // As types were written before there were others than `string`.
        Expression::String(of) => return scalar(value, of.value()),
        Expression::FuncCall(call) => call,
        Expression::Null(_)
        | Expression::Bool(_)
        | Expression::Number(_)
        | Expression::Array(_)
        | Expression::Object(_)
        | Expression::StringTemplate(_)
        | Expression::HeredocTemplate(_)
        | Expression::Parenthesis(_)
        | Expression::Conditional(_)
        | Expression::Traversal(_)
        | Expression::UnaryOp(_)
        | Expression::BinaryOp(_)
        | Expression::ForExpr(_) => return Symbol::Open,
    };
    let Some(inner) = call.args.get(0) else {
        return Symbol::Open;
    };
    let has_any = has_any(inner);
    let convert = |value: &Symbol| converted(evaluator, value.clone(), inner, scope);
    let all = |items: &[Symbol]| -> Option<Vec<Symbol>> {
        let converted: Vec<_> = items.iter().map(convert).collect();
        // `any` stands for one type in all of them, wherever in their type it is.
        let is_one = !has_any || (are_alike(items) && are_alike(&converted));
        is_one.then_some(converted)
    };
    let converted = match (call.name.name.as_str(), &value) {
        ("optional", value) => Some(convert(value)),
        ("object", Symbol::Map(fields)) => Some(object(evaluator, fields.clone(), inner, scope)),
        ("map", Symbol::Map(fields)) => {
            let values: Vec<_> = fields.values().cloned().collect();
            let pairs = |values| fields.keys().cloned().zip::<Vec<_>>(values).collect();
            all(&values).map(|values| Symbol::Map(pairs(values)))
        }
        // A set in the place of a list gives it its order.
        ("list", value) => value.items().and_then(all).map(Symbol::List),
        ("set", value) => value.members().and_then(all).map(Symbol::set),
        (_, _) => None,
    };
    converted.unwrap_or(Symbol::Open)
}

/// Whether a type has `any` in it, or may have it.
fn has_any(of: &Expression) -> bool {
    match of {
        Expression::Variable(name) => name.as_str() == "any",
        Expression::String(_) => false,
        Expression::FuncCall(call) => call.args.iter().any(has_any),
        Expression::Object(fields) => fields.iter().any(|(_, field)| has_any(field.expr())),
        // A default of `optional`, which has a type of its own.
        Expression::Null(_)
        | Expression::Bool(_)
        | Expression::Number(_)
        | Expression::Array(_)
        | Expression::StringTemplate(_)
        | Expression::HeredocTemplate(_)
        | Expression::Parenthesis(_)
        | Expression::Conditional(_)
        | Expression::Traversal(_)
        | Expression::UnaryOp(_)
        | Expression::BinaryOp(_)
        | Expression::ForExpr(_) => false,
    }
}

/// A scalar of a type: a text given on the command line may be a number.
fn scalar(value: Symbol, of: &str) -> Symbol {
    let converted = match of {
        "any" => return value,
        "number" => value.as_number().map(Symbol::Number),
        "bool" => value.as_flag().map(Symbol::Bool),
        "string" if are_texts([&value]) => return value,
        "string" => value.as_text().map(Symbol::Text),
        _ => None,
    };
    converted.unwrap_or(Symbol::Open)
}

fn object(
    evaluator: &Evaluator<'_, '_>,
    mut given: BTreeMap<String, Symbol>,
    of: &Expression,
    scope: Scope<'_>,
) -> Symbol {
    let Expression::Object(of) = of else {
        return Symbol::Open;
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
            (None | Some(Symbol::Null), Expression::FuncCall(call))
                if call.name.name.as_str() == "optional" =>
            {
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
    let default = of.args.get(1);
    default.map_or(Symbol::Null, |default| evaluator.value(default, scope))
}
