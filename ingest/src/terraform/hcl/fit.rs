//! Whether the files are those that the plan was made of.
//!
//! A plan holds no text of the files, but it says which blocks there are, what each of their
//! expressions refers to, and how many instances came of it. Locals are not in it: what they give is
//! compared where the plan knows the value.

use std::collections::BTreeSet;

use hcl_edit::expr::{Expression, ForExpr, Traversal, TraversalOperator};
use hcl_edit::structure::Body;
use hcl_edit::visit::{self, Visit};
use serde_json::Value as Json;

use super::super::plan::Resource;
use super::super::reference::{Call, Key};
use super::block::{self, Keys};
use super::evaluate::{Evaluator, Scope};
use super::files::{Declared, Module};
use super::merge;

/// Attributes that a provider keeps as they were written, which are compared.
const KEPT: [&str; 14] = [
    "availability_zone",
    "bucket",
    "cidr_block",
    "cidr_ipv4",
    "from_port",
    "name",
    "network_acl_id",
    "route_table_id",
    "rule_number",
    "security_group_id",
    "service_name",
    "subnet_id",
    "to_port",
    "vpc_id",
];

/// What does not fit, in words.
pub(super) fn misfits(evaluator: &Evaluator<'_, '_>) -> Vec<String> {
    let plan = evaluator.plan;
    let mut misfits = evaluator.sources.troubles.clone();
    for (names, module) in &evaluator.sources.modules {
        let Some(declaration) = plan.declaration_of(names) else {
            continue;
        };
        let prefix: String = names.iter().map(|name| format!("module.{name}.")).collect();
        declared(&prefix, declaration, module, &mut misfits);
    }
    let mut checked = Checked::new();
    for resource in &plan.resources {
        let files = evaluator.module(&resource.module);
        let declared = files.and_then(|files| files.blocks.get(&resource.block));
        if let Some(declared) = declared {
            instance(evaluator, resource, declared, &mut checked, &mut misfits);
        }
    }
    misfits
}

/// Whether the blocks and calls of a module are those of the plan, and refer to the same things.
fn declared(prefix: &str, declaration: &Json, module: &Module, misfits: &mut Vec<String>) {
    let resources = declaration.get("resources").and_then(Json::as_array);
    let mut addresses = BTreeSet::new();
    for resource in resources.into_iter().flatten() {
        let Some(address) = resource.get("address").and_then(Json::as_str) else {
            continue;
        };
        addresses.insert(address);
        match module.blocks.get(address) {
            Some(declared) => {
                let expressions = resource.get("expressions");
                let name = format!("{prefix}{address}");
                references(&name, expressions, &declared.body, misfits);
            }
            None => misfits.push(format!("`{prefix}{address}` is in the plan only")),
        }
    }
    for address in module.blocks.keys() {
        if !addresses.contains(address.as_str()) {
            misfits.push(format!("`{prefix}{address}` is not in the plan"));
        }
    }
    let calls = declaration.get("module_calls").and_then(Json::as_object);
    for (name, call) in calls.into_iter().flatten() {
        let address = format!("{prefix}module.{name}");
        match module.calls.get(name) {
            Some(declared) => {
                references(&address, call.get("expressions"), &declared.body, misfits);
            }
            None => misfits.push(format!("`{address}` is in the plan only")),
        }
    }
}

fn references(address: &str, expressions: Option<&Json>, body: &Body, misfits: &mut Vec<String>) {
    let expressions = expressions.and_then(Json::as_object);
    for (name, expression) in expressions.into_iter().flatten() {
        let Some(attribute) = body.get_attribute(name) else {
            continue;
        };
        let Some(planned) = expression.get("references").and_then(Json::as_array) else {
            continue;
        };
        let planned = planned.iter().filter_map(Json::as_str).filter_map(root);
        let planned: BTreeSet<_> = planned.collect();
        if planned != roots(&attribute.value) {
            misfits.push(format!("`{address}.{name}` refers to other things"));
        }
    }
}

/// What a reference of the plan begins with: `local.a`, `aws_vpc.main` or `data.aws_vpc.main`.
fn root(reference: &str) -> Option<String> {
    let n_names = if reference.starts_with("data.") { 3 } else { 2 };
    let mut names = reference.split(['.', '[']);
    let names: Vec<_> = names.by_ref().take(n_names).collect();
    (names.len() == n_names).then(|| names.join("."))
}

#[derive(Default)]
struct Roots {
    found: BTreeSet<String>,
    variables: BTreeSet<String>,
}

fn roots(expression: &Expression) -> BTreeSet<String> {
    let mut roots = Roots::default();
    roots.visit_expr(expression);
    let Roots { found, variables } = roots;
    let is_outer = |root: &String| {
        let name = root.split('.').next().unwrap_or_default();
        !variables.contains(name)
    };
    found.into_iter().filter(is_outer).collect()
}

impl Visit for Roots {
    fn visit_traversal(&mut self, traversal: &Traversal) {
        if let Expression::Variable(name) = &traversal.expr {
            let n_names = if name.as_str() == "data" { 2 } else { 1 };
            let mut names = vec![name.as_str()];
            for operator in traversal.operators.iter().take(n_names) {
                if let TraversalOperator::GetAttr(name) = operator.value() {
                    names.push(name.as_str());
                }
            }
            if names.len() == n_names + 1 {
                self.found.insert(names.join("."));
            }
        }
        visit::visit_traversal(self, traversal);
    }

    fn visit_for_expr(&mut self, comprehension: &ForExpr) {
        let intro = &comprehension.intro;
        let names = intro.key_var.iter().chain([&intro.value_var]);
        self.variables
            .extend(names.map(|name| name.as_str().to_owned()));
        visit::visit_for_expr(self, comprehension);
    }
}

/// The blocks of which the instances were compared.
type Checked<'r> = BTreeSet<(&'r [Call], &'r str)>;

/// Whether an instance is one of those that the files make, with the values that they give.
fn instance<'r>(
    evaluator: &Evaluator<'_, '_>,
    resource: &'r Resource<'_>,
    declared: &Declared,
    checked: &mut Checked<'r>,
    misfits: &mut Vec<String>,
) {
    let (address, body) = (resource.address, &declared.body);
    let is_first = checked.insert((&resource.module, &resource.block));
    if is_first && has_all(evaluator, resource, declared) == Some(false) {
        misfits.push(format!("`{address}` has other instances in the plan"));
    }
    // What is ignored keeps the value that it has.
    let lifecycle = body.get_blocks("lifecycle").next();
    if lifecycle.is_some_and(|block| block.body.has_attribute("ignore_changes")) {
        return;
    }
    let attributes = block::attributes(evaluator, resource, declared);
    for (name, symbol) in attributes
        .iter()
        .filter(|(name, _)| KEPT.contains(&name.as_str()))
    {
        let (value, unknown) = resource.raw(name);
        if !merge::fits(value, unknown, symbol) {
            misfits.push(format!("`{address}.{name}` has another value in the plan"));
        }
    }
}

/// Whether the keys of the instances are those that the files give; `None` when they do not tell.
fn has_all(
    evaluator: &Evaluator<'_, '_>,
    resource: &Resource<'_>,
    declared: &Declared,
) -> Option<bool> {
    let instances = evaluator.plan.instances(&resource.module, &resource.block);
    let keys = instances.iter().map(|one| one.key.clone()).collect();
    let given: BTreeSet<_> =
        match block::keys(evaluator, declared, Scope::of_module(&resource.module, 0))? {
            Keys::Single => BTreeSet::from([None]),
            Keys::Count(count) => (0..count).map(|index| Some(Key::Number(index))).collect(),
            Keys::Names(names) => names
                .into_iter()
                .map(|name| Some(Key::Text(name)))
                .collect(),
        };
    Some(given == keys)
}
