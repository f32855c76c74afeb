//! What an expression refers to, written as a plan writes it.

use hcl_edit::expr::{Expression, ForExpr, ObjectKey, Traversal, TraversalOperator};
use hcl_edit::structure::Body;
use hcl_edit::template::{Directive, Element, Template};

/// The references of an expression, in the order of the plan.
pub(super) fn references(expression: &Expression) -> Vec<String> {
    let mut walk = Walk::default();
    walk.expression(expression);
    walk.found
}

/// The references of all attributes of a block and the blocks in it.
pub(super) fn references_of_body(body: &Body) -> Vec<String> {
    let mut found = Vec::new();
    for attribute in body.attributes() {
        found.append(&mut references(&attribute.value));
    }
    for block in body.blocks() {
        found.append(&mut references_of_body(&block.body));
    }
    found
}

/// Whether it has a call in it, which a plan does not evaluate for its configuration.
pub(super) fn has_call(expression: &Expression) -> bool {
    let mut walk = Walk::default();
    walk.expression(expression);
    walk.has_call
}

#[derive(Default)]
struct Walk {
    found: Vec<String>,
    has_call: bool,
    /// The variables of the loops around.
    variables: Vec<String>,
}

/// A step from a name, as far as it is written out.
enum Step {
    Field(String),
    Key(String),
}

impl Walk {
    fn expression(&mut self, expression: &Expression) {
        match expression {
            Expression::Null(_)
            | Expression::Bool(_)
            | Expression::Number(_)
            | Expression::String(_)
            | Expression::Variable(_) => {}
            Expression::Array(items) => items.iter().for_each(|item| self.expression(item)),
            Expression::Object(object) => {
                for (key, value) in object {
                    match key {
                        ObjectKey::Ident(_) => {}
                        ObjectKey::Expression(key) => self.expression(key),
                    }
                    self.expression(value.expr());
                }
            }
            Expression::StringTemplate(template) => {
                template.iter().for_each(|element| self.element(element));
            }
            Expression::HeredocTemplate(heredoc) => self.template(&heredoc.template),
            Expression::Parenthesis(inner) => self.expression(inner.inner()),
            Expression::Conditional(conditional) => {
                self.expression(&conditional.cond_expr);
                self.expression(&conditional.true_expr);
                self.expression(&conditional.false_expr);
            }
            Expression::FuncCall(call) => {
                self.has_call = true;
                call.args
                    .iter()
                    .for_each(|argument| self.expression(argument));
            }
            Expression::Traversal(traversal) => self.traversal(traversal),
            Expression::UnaryOp(operation) => self.expression(&operation.expr),
            Expression::BinaryOp(operation) => {
                self.expression(&operation.lhs_expr);
                self.expression(&operation.rhs_expr);
            }
            Expression::ForExpr(comprehension) => self.comprehension(comprehension),
        }
    }

    fn template(&mut self, template: &Template) {
        template.iter().for_each(|element| self.element(element));
    }

    fn element(&mut self, element: &Element) {
        match element {
            Element::Literal(_) => {}
            Element::Interpolation(interpolation) => self.expression(&interpolation.expr),
            Element::Directive(directive) => self.directive(directive),
        }
    }

    fn directive(&mut self, directive: &Directive) {
        match directive {
            Directive::If(directive) => {
                self.expression(&directive.if_expr.cond_expr);
                self.template(&directive.if_expr.template);
                if let Some(other) = &directive.else_expr {
                    self.template(&other.template);
                }
            }
            Directive::For(directive) => {
                let of = &directive.for_expr;
                self.expression(&of.collection_expr);
                let names = of.key_var.iter().chain([&of.value_var]);
                let names: Vec<_> = names.map(|name| name.as_str().to_owned()).collect();
                self.within(names, |walk| walk.template(&of.template));
            }
        }
    }

    fn comprehension(&mut self, comprehension: &ForExpr) {
        let intro = &comprehension.intro;
        self.expression(&intro.collection_expr);
        let names = intro.key_var.iter().chain([&intro.value_var]);
        let names: Vec<_> = names.map(|name| name.as_str().to_owned()).collect();
        self.within(names, |walk| {
            if let Some(key) = &comprehension.key_expr {
                walk.expression(key);
            }
            walk.expression(&comprehension.value_expr);
            if let Some(wanted) = &comprehension.cond {
                walk.expression(&wanted.expr);
            }
        });
    }

    fn within(&mut self, names: Vec<String>, then: impl FnOnce(&mut Self)) {
        let n_outer = self.variables.len();
        self.variables.extend(names);
        then(self);
        self.variables.truncate(n_outer);
    }

    fn traversal(&mut self, traversal: &Traversal) {
        let operators: Vec<_> = traversal.operators.iter().map(|one| one.value()).collect();
        if let Expression::Variable(name) = &traversal.expr {
            if !self.variables.iter().any(|one| one == name.as_str()) {
                let steps: Vec<_> = operators.iter().map_while(|one| step(one)).collect();
                self.found.append(&mut written(name.as_str(), &steps));
            }
        } else {
            self.expression(&traversal.expr);
        }
        for operator in operators {
            if let TraversalOperator::Index(index) = operator {
                self.expression(index);
            }
        }
    }
}

/// A step that is written out.
fn step(operator: &TraversalOperator) -> Option<Step> {
    match operator {
        TraversalOperator::GetAttr(name) => Some(Step::Field(name.as_str().to_owned())),
        TraversalOperator::Index(Expression::String(key)) => {
            Some(Step::Key(format!("{:?}", key.value())))
        }
        // A negative number is an operation.
        TraversalOperator::Index(Expression::Number(key)) => {
            let text = key.value().to_string();
            (!text.starts_with('-')).then_some(Step::Key(text))
        }
        TraversalOperator::LegacyIndex(key) => Some(Step::Key(key.value().to_string())),
        TraversalOperator::Index(_)
        | TraversalOperator::AttrSplat(_)
        | TraversalOperator::FullSplat(_) => None,
    }
}

/// The references of a name and the steps from it: the whole of it, then each time a step less, down to
/// what is referred to; last what that is a part of.
fn written(name: &str, steps: &[Step]) -> Vec<String> {
    let is_field = |position: usize| matches!(steps.get(position), Some(Step::Field(_)));
    let n_names = match name {
        "data" => 2,
        "self" => 0,
        _ => 1,
    };
    let is_instance = matches!(steps.get(n_names), Some(Step::Key(_)));
    let is_thing = !["count", "each", "local", "path", "self", "terraform", "var"].contains(&name);
    let n_keys = usize::from(is_thing && is_instance);
    let n_outputs = usize::from(name == "module" && is_field(n_names + n_keys));
    let n_subject = n_names + n_keys + n_outputs;
    let mut lengths: Vec<usize> = (n_subject..=steps.len()).rev().collect();
    if n_outputs > 0 {
        lengths.push(n_names + n_keys);
    } else if n_keys > 0 {
        lengths.push(n_names);
    }
    let text = |length: usize| {
        let mut text = name.to_owned();
        for step in steps.iter().take(length) {
            match step {
                Step::Field(field) => text.push_str(&format!(".{field}")),
                Step::Key(key) => text.push_str(&format!("[{key}]")),
            }
        }
        text
    };
    lengths.into_iter().map(text).collect()
}
