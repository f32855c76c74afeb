//! Evaluation of expressions, with names for what the plan leaves open.
//!
//! Only what is certain is answered: an expression that the plan alone cannot decide, or a function
//! that is not known here, is open.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use hcl_edit::expr::{
    BinaryOp, BinaryOperator, Conditional, Expression, ForExpr, FuncCall, Object, ObjectKey,
    UnaryOp, UnaryOperator,
};
use hcl_edit::template::{Element, Template};

use super::super::plan::Plan;
use super::super::reference::{Call, Key};
use super::files::{Module, Sources};
use super::function;
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
            Expression::Number(number) => {
                let number = number.value().as_f64();
                number.map_or(Symbol::Open, Symbol::Number)
            }
            Expression::String(text) => Symbol::text(text.value()),
            Expression::Array(items) => {
                Symbol::List(items.iter().map(|item| self.value(item, scope)).collect())
            }
            Expression::Object(object) => self.object(object, scope),
            Expression::StringTemplate(template) => self.template(template.iter(), scope),
            Expression::HeredocTemplate(heredoc) => self.heredoc(&heredoc.template, scope),
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
                ObjectKey::Ident(name) => Some(name.as_str().to_owned()),
                // A bare name in the place of a key is that text.
                ObjectKey::Expression(Expression::Variable(name)) => Some(name.as_str().to_owned()),
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
                Element::Literal(text) => Symbol::text(text.value()),
                Element::Interpolation(interpolation) => self.value(&interpolation.expr, scope),
                Element::Directive(_) => Symbol::Open,
            });
        }
        match parts.as_slice() {
            // An interpolation alone is its value.
            [only] => only.clone(),
            _ => joined(parts),
        }
    }

    fn heredoc(&self, template: &Template, scope: Scope<'_>) -> Symbol {
        let symbol = self.template(template.iter(), scope);
        // A heredoc is a text even when it has nothing but an interpolation.
        joined(vec![symbol])
    }

    fn conditional(&self, conditional: &Conditional, scope: Scope<'_>) -> Symbol {
        let flag = self.value(&conditional.cond_expr, scope).as_flag();
        let value = |expression| self.value(expression, scope);
        match flag {
            Some(true) => value(&conditional.true_expr),
            Some(false) => value(&conditional.false_expr),
            None => {
                let (one, other) = (
                    value(&conditional.true_expr),
                    value(&conditional.false_expr),
                );
                if one == other { one } else { Symbol::Open }
            }
        }
    }

    fn call(&self, call: &FuncCall, scope: Scope<'_>) -> Symbol {
        let mut arguments: Vec<_> = call
            .args
            .iter()
            .map(|argument| self.value(argument, scope))
            .collect();
        if call.args.expand_final() {
            match arguments.pop().and_then(|last| last.items()) {
                Some(items) => arguments.extend(items),
                None => return Symbol::Open,
            }
        }
        if !call.name.namespace.is_empty() {
            return Symbol::Open;
        }
        function::call(self, call.name.name.as_str(), arguments)
    }

    fn unary(&self, operation: &UnaryOp, scope: Scope<'_>) -> Symbol {
        let value = self.value(&operation.expr, scope);
        let result = match operation.operator.value() {
            UnaryOperator::Neg => value.as_number().map(|number| Symbol::Number(-number)),
            UnaryOperator::Not => value.as_flag().map(|flag| Symbol::Bool(!flag)),
        };
        result.unwrap_or(Symbol::Open)
    }

    fn binary(&self, operation: &BinaryOp, scope: Scope<'_>) -> Symbol {
        let left = self.value(&operation.lhs_expr, scope);
        let right = self.value(&operation.rhs_expr, scope);
        let numbers = || Some((left.as_number()?, right.as_number()?));
        let compare = |is: fn(f64, f64) -> bool| numbers().map(|(l, r)| Symbol::Bool(is(l, r)));
        let compute = |by: fn(f64, f64) -> f64| numbers().map(|(l, r)| Symbol::Number(by(l, r)));
        let result = match operation.operator.value() {
            BinaryOperator::Eq => self.equal(&left, &right).map(Symbol::Bool),
            BinaryOperator::NotEq => self.equal(&left, &right).map(|equal| Symbol::Bool(!equal)),
            BinaryOperator::LessEq => compare(|l, r| l <= r),
            BinaryOperator::GreaterEq => compare(|l, r| l >= r),
            BinaryOperator::Less => compare(|l, r| l < r),
            BinaryOperator::Greater => compare(|l, r| l > r),
            BinaryOperator::Plus => compute(|l, r| l + r),
            BinaryOperator::Minus => compute(|l, r| l - r),
            BinaryOperator::Mul => compute(|l, r| l * r),
            BinaryOperator::Div => compute(|l, r| l / r),
            BinaryOperator::Mod => compute(|l, r| l % r),
            BinaryOperator::And => truth(left.as_flag(), right.as_flag(), false),
            BinaryOperator::Or => truth(left.as_flag(), right.as_flag(), true),
        };
        result
            .filter(|result| !matches!(result, Symbol::Number(number) if !number.is_finite()))
            .unwrap_or(Symbol::Open)
    }

    /// Whether two values are the same, when that is certain. The id and the ARN of a resource are
    /// neither null nor empty, whatever they will be.
    pub(super) fn equal(&self, left: &Symbol, right: &Symbol) -> Option<bool> {
        if left.is_known() && right.is_known() {
            return Some(left == right);
        }
        let is_nothing = |symbol: &Symbol| *symbol == Symbol::Null || *symbol == Symbol::text("");
        let is_something = |symbol: &Symbol| {
            if let Symbol::Attribute(name) = symbol {
                let resource = self.plan.resources.get(name.resource);
                return resource.is_some_and(|resource| !resource.is_data)
                    && matches!(name.path.as_slice(), [id] if id == "id" || id == "arn");
            }
            matches!(symbol, Symbol::Resource(_))
        };
        let are_apart =
            (is_nothing(left) && is_something(right)) || (is_something(left) && is_nothing(right));
        are_apart.then_some(false)
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
        let entry = |(position, item): (usize, Symbol)| {
            let key = if is_set {
                item.clone()
            } else {
                number(position)
            };
            (key, item)
        };
        Some(items.into_iter().enumerate().map(entry).collect())
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

/// A number that counts something.
pub(super) fn number(count: usize) -> Symbol {
    u32::try_from(count).map_or(Symbol::Open, |count| Symbol::Number(f64::from(count)))
}

/// `&&` or `||`, decided by one side when that is enough.
fn truth(left: Option<bool>, right: Option<bool>, decides: bool) -> Option<Symbol> {
    let result = match (left, right) {
        (Some(flag), _) | (_, Some(flag)) if flag == decides => decides,
        (Some(_), Some(_)) => !decides,
        (_, _) => return None,
    };
    Some(Symbol::Bool(result))
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
