//! Operators: on whole numbers, truth values, and scalars of one type.

use hcl_edit::expr::{BinaryOp, BinaryOperator, UnaryOp, UnaryOperator};

use super::evaluate::{Evaluator, Scope};
use super::symbol::Symbol;

impl Evaluator<'_, '_> {
    /// The value of an operator before a value.
    pub(super) fn unary(&self, operation: &UnaryOp, scope: Scope<'_>) -> Symbol {
        let value = self.value(&operation.expr, scope);
        match operation.operator.value() {
            UnaryOperator::Neg => Symbol::number(value.as_number().map(|number| -number)),
            UnaryOperator::Not => flag(value.as_flag().map(|flag| !flag)),
        }
    }

    /// The value of an operator between two values.
    pub(super) fn binary(&self, operation: &BinaryOp, scope: Scope<'_>) -> Symbol {
        let left = self.value(&operation.lhs_expr, scope);
        let right = self.value(&operation.rhs_expr, scope);
        let numbers = || Some((left.as_number()?, right.as_number()?));
        let compare = |is: fn(&i64, &i64) -> bool| flag(numbers().map(|(l, r)| is(&l, &r)));
        let compute = |by: fn(i64, i64) -> Option<i64>| {
            Symbol::number(numbers().and_then(|(left, right)| by(left, right)))
        };
        let flags = || Some((left.as_flag()?, right.as_flag()?));
        match operation.operator.value() {
            BinaryOperator::Eq => flag(self.equal(&left, &right)),
            BinaryOperator::NotEq => flag(self.equal(&left, &right).map(|equal| !equal)),
            BinaryOperator::LessEq => compare(i64::le),
            BinaryOperator::GreaterEq => compare(i64::ge),
            BinaryOperator::Less => compare(i64::lt),
            BinaryOperator::Greater => compare(i64::gt),
            BinaryOperator::Plus => compute(i64::checked_add),
            BinaryOperator::Minus => compute(i64::checked_sub),
            BinaryOperator::Mul => compute(i64::checked_mul),
            BinaryOperator::Div => compute(exact_quotient),
            BinaryOperator::Mod => compute(remainder),
            BinaryOperator::And => flag(flags().map(|(left, right)| left && right)),
            BinaryOperator::Or => flag(flags().map(|(left, right)| left || right)),
        }
    }

    /// Whether two values are the same, when that is certain whatever their types are: Terraform takes
    /// values of different types for different. The id of a new resource is neither null nor empty.
    pub(super) fn equal(&self, left: &Symbol, right: &Symbol) -> Option<bool> {
        let is_something = |symbol: &Symbol| match symbol {
            Symbol::Attribute(name) => {
                let resource = self.plan.resources.get(name.resource);
                name.attribute == "id" && resource.is_some_and(|resource| !resource.is_data)
            }
            Symbol::Null | Symbol::Missing | Symbol::Open => false,
            Symbol::Bool(_)
            | Symbol::Number(_)
            | Symbol::Text(_)
            | Symbol::List(_)
            | Symbol::Set(_)
            | Symbol::Map(_)
            | Symbol::Resource(_)
            | Symbol::Module(_)
            | Symbol::Template(_)
            | Symbol::Document(_) => !symbol.is_open(),
        };
        match (left, right) {
            (Symbol::Null, Symbol::Null) => Some(true),
            (Symbol::Null, other) | (other, Symbol::Null) => is_something(other).then_some(false),
            (Symbol::Bool(left), Symbol::Bool(right)) => Some(left == right),
            (Symbol::Number(left), Symbol::Number(right)) => Some(left == right),
            (Symbol::Text(left), Symbol::Text(right)) => Some(left == right),
            (Symbol::Attribute(left), Symbol::Attribute(right)) if left == right => Some(true),
            (Symbol::Attribute(name), Symbol::Text(text))
            | (Symbol::Text(text), Symbol::Attribute(name)) => {
                let symbol = Symbol::Attribute(name.clone());
                (text.is_empty() && name.is_text && is_something(&symbol)).then_some(false)
            }
            (_, _) => None,
        }
    }
}

fn flag(flag: Option<bool>) -> Symbol {
    flag.map_or(Symbol::Open, Symbol::Bool)
}

/// The quotient, when it is a whole number.
fn exact_quotient(left: i64, right: i64) -> Option<i64> {
    let is_exact = left.checked_rem(right)? == 0;
    is_exact.then(|| left.checked_div(right)).flatten()
}

/// The remainder of numbers that are not negative, of which nobody disputes the sign.
fn remainder(left: i64, right: i64) -> Option<i64> {
    let is_plain = left >= 0 && right > 0;
    is_plain.then(|| left.checked_rem(right)).flatten()
}
