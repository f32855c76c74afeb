//! Evaluation of expressions, with names for what the plan leaves open.
//!
//! Only what is certain is answered: an expression that the plan alone cannot decide, or a function
//! that is not known here, is open.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use hcl_edit::expr::{
    Conditional, Expression, ForExpr, FuncCall, Object, ObjectKey, TraversalOperator,
};
use hcl_edit::template::{Element, Strip};

use super::super::plan::Plan;
use super::super::reference::{Call, Key};
use super::files::{Module, Sources};
use super::function;
use super::shape::are_alike;
use super::symbol::Symbol;

/// How many expressions are evaluated, and parts of values copied, for one plan.
const MAX_STEPS: usize = 20_000_000;
/// How many expressions lie within one another.
pub(super) const MAX_DEPTH: usize = 120;
/// The most parts of a value that has a name.
const MAX_SIZE: usize = 200_000;
/// The most items of one list.
pub(super) const MAX_ITEMS: usize = 10_000;

/// What was evaluated, by module instance and name, with its size.
type Known = BTreeMap<(Vec<Call>, String), (Symbol, usize)>;

/// What evaluates.
pub(super) struct Evaluator<'e, 'a> {
    pub(super) plan: &'e Plan<'a>,
    pub(super) sources: &'e Sources,
    /// What has a name; what is being evaluated is open.
    known: RefCell<Known>,
    steps: Cell<usize>,
}

/// Where an expression stands.
#[derive(Clone, Copy)]
pub(super) struct Scope<'s> {
    pub(super) module: &'s [Call],
    /// The key of the instance.
    pub(super) key: Option<&'s Key>,
    /// `each.value`.
    pub(super) each: Option<&'s Symbol>,
    frame: Option<&'s Frame<'s>>,
    depth: usize,
}

/// A variable of a `for` or a `dynamic` block.
pub(super) struct Frame<'s> {
    name: &'s str,
    value: Symbol,
    outer: Option<&'s Frame<'s>>,
}

impl<'s> Scope<'s> {
    /// A module, outside of any instance.
    pub(super) fn of_module(module: &'s [Call], depth: usize) -> Scope<'s> {
        Scope {
            module,
            key: None,
            each: None,
            frame: None,
            depth,
        }
    }

    /// The same in an instance of a resource or module.
    pub(super) fn of_instance(self, key: Option<&'s Key>, each: Option<&'s Symbol>) -> Scope<'s> {
        Scope { key, each, ..self }
    }

    /// The same with a variable.
    pub(super) fn frame(&self, name: &'s str, value: Symbol) -> Frame<'s> {
        let outer = self.frame;
        Frame { name, value, outer }
    }

    /// The same inside a frame.
    pub(super) fn within<'n>(&self, frame: &'n Frame<'n>) -> Scope<'n>
    where
        's: 'n,
    {
        Scope {
            frame: Some(frame),
            ..*self
        }
    }

    /// The value of a variable.
    pub(super) fn variable(&self, name: &str) -> Option<&Symbol> {
        let mut frame = self.frame;
        while let Some(one) = frame {
            if one.name == name {
                return Some(&one.value);
            }
            frame = one.outer;
        }
        None
    }

    /// How deep it lies.
    pub(super) const fn depth(&self) -> usize {
        self.depth
    }
}

impl<'e, 'a> Evaluator<'e, 'a> {
    pub(super) fn new(plan: &'e Plan<'a>, sources: &'e Sources) -> Self {
        Self {
            plan,
            sources,
            known: RefCell::default(),
            steps: Cell::new(0),
        }
    }

    /// The files of the module of a module instance.
    pub(super) fn module(&self, module: &[Call]) -> Option<&'e Module> {
        let names: Vec<_> = module.iter().map(|call| call.name.clone()).collect();
        self.sources.modules.get(&names)
    }

    /// The value of an expression.
    pub(super) fn value(&self, expression: &Expression, scope: Scope<'_>) -> Symbol {
        self.steps.set(self.steps.get() + 1);
        if scope.depth >= MAX_DEPTH || self.steps.get() > MAX_STEPS {
            return Symbol::Open;
        }
        let scope = Scope {
            depth: scope.depth + 1,
            ..scope
        };
        match expression {
            Expression::Null(_) => Symbol::Null,
            Expression::Bool(flag) => Symbol::Bool(*flag.value()),
            Expression::Number(number) => Symbol::number(number.value().as_i64()),
            Expression::String(text) => Symbol::literal(text.value()),
            Expression::Array(items) => {
                Symbol::List(items.iter().map(|item| self.value(item, scope)).collect())
            }
            Expression::Object(object) => self.object(object, scope),
            Expression::StringTemplate(template) => self.template(template.iter(), scope),
            // Indentation is taken away in ways of its own.
            Expression::HeredocTemplate(_) => Symbol::Open,
            Expression::Parenthesis(inner) => self.value(inner.inner(), scope),
            Expression::Variable(name) => {
                let variable = scope.variable(name.as_str());
                variable.cloned().unwrap_or(Symbol::Open)
            }
            Expression::Conditional(conditional) => self.conditional(conditional, scope),
            Expression::FuncCall(call) => self.call(call, scope),
            Expression::Traversal(traversal) => {
                let operators: Vec<_> = traversal.operators.iter().map(|one| one.value()).collect();
                self.traversal(&traversal.expr, &operators, scope)
            }
            Expression::UnaryOp(operation) => self.unary(operation, scope),
            Expression::BinaryOp(operation) => self.binary(operation, scope),
            Expression::ForExpr(comprehension) => self.comprehension(comprehension, scope),
        }
    }

    fn object(&self, object: &Object, scope: Scope<'_>) -> Symbol {
        let mut fields = BTreeMap::new();
        for (key, value) in object {
            let key = match key {
                ObjectKey::Ident(name) => Symbol::literal(name.as_str()).as_text(),
                // A bare name in the place of a key is that text.
                ObjectKey::Expression(Expression::Variable(name)) => {
                    Symbol::literal(name.as_str()).as_text()
                }
                ObjectKey::Expression(key) => self.value(key, scope).as_text(),
            };
            let Some(key) = key else {
                return Symbol::Open;
            };
            fields.insert(key, self.value(value.expr(), scope));
        }
        Symbol::Map(fields)
    }

    fn template<'t>(
        &self,
        elements: impl Iterator<Item = &'t Element>,
        scope: Scope<'_>,
    ) -> Symbol {
        let mut parts = Vec::new();
        for element in elements {
            parts.push(match element {
                Element::Literal(text) => Symbol::literal(text.value()),
                Element::Interpolation(interpolation) if interpolation.strip == Strip::None => {
                    self.value(&interpolation.expr, scope)
                }
                // What takes away the space beside it.
                Element::Interpolation(_) | Element::Directive(_) => return Symbol::Open,
            });
        }
        match parts.as_slice() {
            // An interpolation alone is its value.
            [only] => only.clone(),
            _ => joined(parts),
        }
    }

    fn conditional(&self, conditional: &Conditional, scope: Scope<'_>) -> Symbol {
        let flag = self.value(&conditional.cond_expr, scope).as_flag();
        let one = self.value(&conditional.true_expr, scope);
        let other = self.value(&conditional.false_expr, scope);
        match flag {
            Some(true) => chosen(one, &conditional.false_expr, &other),
            Some(false) => chosen(other, &conditional.true_expr, &one),
            None if one == other && !one.is_open() => one,
            None => Symbol::Open,
        }
    }

    fn call(&self, call: &FuncCall, scope: Scope<'_>) -> Symbol {
        if call.name.namespace.is_empty() && call.name.name.as_str() == "try" {
            return self.attempt(call, scope);
        }
        let mut arguments: Vec<_> = call
            .args
            .iter()
            .map(|argument| self.value(argument, scope))
            .collect();
        if call.args.expand_final() {
            let last = arguments.pop();
            match last.as_ref().and_then(Symbol::items) {
                Some(items) => arguments.extend(items.to_vec()),
                None => return Symbol::Open,
            }
        }
        if !call.name.namespace.is_empty() {
            return Symbol::Open;
        }
        function::call(self, call.name.name.as_str(), arguments)
    }

    /// The first argument that is no error. Any part of one may be, also a part that its value does not
    /// have, so that all but the last have to be such that only their last step can fail; were the
    /// last one an error, there would be no plan.
    fn attempt(&self, call: &FuncCall, scope: Scope<'_>) -> Symbol {
        if call.args.expand_final() {
            return Symbol::Open;
        }
        let mut arguments = call.args.iter().peekable();
        while let Some(argument) = arguments.next() {
            let is_last = arguments.peek().is_none();
            if !(is_last || is_one_reference(argument)) {
                return Symbol::Open;
            }
            let value = self.value(argument, scope);
            if value != Symbol::Missing {
                return if value.is_open() { Symbol::Open } else { value };
            }
        }
        Symbol::Missing
    }

    fn comprehension(&self, comprehension: &ForExpr, scope: Scope<'_>) -> Symbol {
        let collection = self.value(&comprehension.intro.collection_expr, scope);
        let Some(entries) = self.entries(&collection) else {
            return Symbol::Open;
        };
        let key_name = comprehension.intro.key_var.as_ref();
        let key_name = key_name.map_or("", |name| name.as_str());
        let value_name = comprehension.intro.value_var.as_str();
        let mut results = Vec::new();
        for (key, value) in entries {
            let frame = scope.frame(key_name, key);
            let outer = scope.within(&frame);
            let frame = outer.frame(value_name, value);
            let inner = outer.within(&frame);
            let wanted = comprehension.cond.as_ref();
            match wanted.map(|wanted| self.value(&wanted.expr, inner).as_flag()) {
                None | Some(Some(true)) => {}
                Some(Some(false)) => continue,
                Some(None) => return Symbol::Open,
            }
            let key = comprehension.key_expr.as_ref();
            let key = key.map(|key| self.value(key, inner));
            results.push((key, self.value(&comprehension.value_expr, inner)));
        }
        if comprehension.key_expr.is_none() {
            return Symbol::List(results.into_iter().map(|(_, value)| value).collect());
        }
        fields(results, comprehension.grouping)
    }

    /// The keys and values that a `for` goes through, in Terraform's order.
    pub(super) fn entries(&self, collection: &Symbol) -> Option<Vec<(Symbol, Symbol)>> {
        if let Symbol::Map(fields) = collection {
            let entry = |(key, value): (&String, &Symbol)| (Symbol::text(key), value.clone());
            return Some(fields.iter().map(entry).collect());
        }
        let items = collection.items()?;
        let is_set = matches!(collection, Symbol::Set(_));
        let entry = |(position, item): (usize, &Symbol)| {
            let key = if is_set {
                item.clone()
            } else {
                Symbol::count(position)
            };
            (key, item.clone())
        };
        Some(items.iter().enumerate().map(entry).collect())
    }

    /// What has one value in a module instance, evaluated once.
    pub(super) fn once(
        &self,
        module: &[Call],
        name: &str,
        value: impl FnOnce() -> Symbol,
    ) -> Symbol {
        let key = (module.to_vec(), name.to_owned());
        if let Some((known, size)) = self.known.borrow().get(&key) {
            self.steps.set(self.steps.get().saturating_add(*size));
            let is_within = self.steps.get() <= MAX_STEPS;
            return if is_within {
                known.clone()
            } else {
                Symbol::Open
            };
        }
        // What leads back to itself is open.
        let open = (Symbol::Open, 1);
        self.known.borrow_mut().insert(key.clone(), open);
        let value = value();
        let size = value.size();
        let value = if size <= MAX_SIZE {
            value
        } else {
            Symbol::Open
        };
        self.known.borrow_mut().insert(key, (value.clone(), size));
        value
    }
}

/// The side of a condition that is taken. Terraform makes both sides of one type, unless the other one
/// has none: then it is an error, or `null`.
fn chosen(value: Symbol, other_expression: &Expression, other: &Symbol) -> Symbol {
    let other_expression = bare(other_expression);
    let is_as_it_was =
        if *other == Symbol::Missing || matches!(other_expression, Expression::Null(_)) {
            true
        } else if let (Expression::Array(items), Some(list)) = (other_expression, value.list())
            && items.is_empty()
        {
            are_alike(list)
        } else if let (Expression::Object(fields), Symbol::Map(values)) = (other_expression, &value)
            && fields.is_empty()
        {
            are_alike(values.values())
        } else {
            are_alike([&value, other])
        };
    if is_as_it_was || value == Symbol::Missing {
        value
    } else {
        Symbol::Open
    }
}

/// An expression without the parentheses around it.
fn bare(mut expression: &Expression) -> &Expression {
    while let Expression::Parenthesis(inner) = expression {
        expression = inner.inner();
    }
    expression
}

fn fields(results: Vec<(Option<Symbol>, Symbol)>, grouping: bool) -> Symbol {
    let mut fields: BTreeMap<String, Symbol> = BTreeMap::new();
    for (key, value) in results {
        let Some(key) = key.and_then(|key| key.as_text()) else {
            return Symbol::Open;
        };
        match fields.get_mut(&key) {
            Some(Symbol::List(group)) if grouping => group.push(value),
            // Terraform takes a key twice for an error.
            Some(_) => return Symbol::Open,
            None if grouping => {
                fields.insert(key, Symbol::List(vec![value]));
            }
            None => {
                fields.insert(key, value);
            }
        }
    }
    Symbol::Map(fields)
}

/// One text of several.
pub(super) fn joined(parts: Vec<Symbol>) -> Symbol {
    let mut flat: Vec<Symbol> = Vec::new();
    for part in parts {
        let parts = if let Symbol::Template(parts) = part {
            parts
        } else {
            vec![part]
        };
        for part in parts {
            match (flat.last_mut(), part.as_text()) {
                (Some(Symbol::Text(before)), Some(text)) => before.push_str(&text),
                (_, Some(text)) => flat.push(Symbol::Text(text)),
                (_, None) if matches!(part, Symbol::Attribute(_)) => flat.push(part),
                (_, None) => return Symbol::Open,
            }
        }
    }
    match flat.as_slice() {
        [] => Symbol::text(""),
        [Symbol::Text(only)] => Symbol::text(only),
        _ => Symbol::Template(flat),
    }
}

/// Whether an expression is a name with attributes and indexes that are written out. What a name
/// means is no error: the plan would have ended with it.
fn is_one_reference(expression: &Expression) -> bool {
    let is_step = |operator: &TraversalOperator| match operator {
        TraversalOperator::GetAttr(_) | TraversalOperator::LegacyIndex(_) => true,
        TraversalOperator::Index(index) => is_key(index),
        TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => false,
    };
    match expression {
        Expression::Variable(_) => true,
        Expression::Traversal(traversal) => {
            let mut operators = traversal.operators.iter();
            let is_name = matches!(traversal.expr, Expression::Variable(_));
            is_name && operators.all(|one| is_step(one.value()))
        }
        Expression::Parenthesis(inner) => is_one_reference(inner.inner()),
        Expression::Null(_)
        | Expression::Bool(_)
        | Expression::Number(_)
        | Expression::String(_)
        | Expression::Array(_)
        | Expression::Object(_)
        | Expression::StringTemplate(_)
        | Expression::HeredocTemplate(_)
        | Expression::Conditional(_)
        | Expression::FuncCall(_)
        | Expression::UnaryOp(_)
        | Expression::BinaryOp(_)
        | Expression::ForExpr(_) => false,
    }
}

/// Whether an index is written out, or the key of the instance.
fn is_key(index: &Expression) -> bool {
    match index {
        Expression::String(_) | Expression::Number(_) => true,
        Expression::Traversal(traversal) => {
            let of = |name: &str| matches!(&traversal.expr, Expression::Variable(of) if of.as_str() == name);
            let attribute = |name: &str| match traversal.operators.as_slice() {
                [only] => {
                    matches!(only.value(), TraversalOperator::GetAttr(of) if of.as_str() == name)
                }
                _ => false,
            };
            (of("each") && attribute("key")) || (of("count") && attribute("index"))
        }
        Expression::Null(_)
        | Expression::Bool(_)
        | Expression::Array(_)
        | Expression::Object(_)
        | Expression::StringTemplate(_)
        | Expression::HeredocTemplate(_)
        | Expression::Parenthesis(_)
        | Expression::Variable(_)
        | Expression::Conditional(_)
        | Expression::FuncCall(_)
        | Expression::UnaryOp(_)
        | Expression::BinaryOp(_)
        | Expression::ForExpr(_) => false,
    }
}
