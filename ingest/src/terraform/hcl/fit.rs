//! Whether the files are those that the plan was made of.
//!
//! A plan holds no text of the files, but it says which blocks there are, what each of their
//! expressions refers to, the values of those that refer to nothing, and how many instances came of
//! it. Locals and `dynamic` blocks are not in it: what they give is compared where the plan knows the
//! value.

use std::collections::BTreeSet;

use super::super::plan::Resource;
use super::super::reference::{Call, Key};
use super::block::{self, Keys};
use super::evaluate::{Evaluator, Scope};
use super::files::Declared;
use super::{configuration, merge};

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
    if plan.is_complete == Some(false) {
        misfits.push("the plan is of a part of the resources only".to_owned());
    }
    for (names, module) in &evaluator.sources.modules {
        if let Some(declaration) = plan.declaration_of(names) {
            configuration::module(evaluator, names, declaration, module, &mut misfits);
        }
    }
    let mut checked = Checked::new();
    for resource in &plan.resources {
        let files = evaluator.module(&resource.module);
        let declared = files.and_then(|files| files.blocks.get(&resource.block));
        if let Some(declared) = declared {
            instance(evaluator, resource, declared, &mut checked, &mut misfits);
        }
        calls(evaluator, resource, &mut misfits);
    }
    misfits
}

/// Whether the instances of modules that a resource stands in are some that the files make.
fn calls(evaluator: &Evaluator<'_, '_>, resource: &Resource<'_>, misfits: &mut Vec<String>) {
    let Some((call, parent)) = resource.module.split_last() else {
        return;
    };
    let declared = evaluator
        .module(parent)
        .and_then(|of| of.calls.get(&call.name));
    let scope = Scope::of_module(parent, 0);
    let keys = declared.and_then(|declared| block::keys(evaluator, declared, scope));
    if keys.is_some_and(|keys| !given(keys).contains(&call.key)) {
        misfits.push(format!("`{}` is in another instance", resource.address));
    }
}

/// The keys of instances.
fn given(keys: Keys) -> BTreeSet<Option<Key>> {
    match keys {
        Keys::Single => BTreeSet::from([None]),
        Keys::Count(count) => (0..count).map(|index| Some(Key::Number(index))).collect(),
        Keys::Names(names) => names
            .into_iter()
            .map(|name| Some(Key::Text(name)))
            .collect(),
    }
}

/// Whether the plan has all instances of a block; `None` when neither of them tells.
fn has_all(
    evaluator: &Evaluator<'_, '_>,
    declared: &Declared,
    scope: Scope<'_>,
    block: &str,
) -> Option<bool> {
    let instances = evaluator.plan.instances(scope.module, block);
    let keys = instances.iter().map(|one| one.key.clone()).collect();
    match block::keys(evaluator, declared, scope) {
        Some(given) => Some(self::given(given) == keys),
        None => evaluator.plan.is_complete,
    }
}

/// Whether the instances of a block that the plan has are all that there will be.
pub(super) fn are_all(
    evaluator: &Evaluator<'_, '_>,
    declared: &Declared,
    scope: Scope<'_>,
    block: &str,
) -> bool {
    has_all(evaluator, declared, scope, block) == Some(true)
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
    let scope = Scope::of_module(&resource.module, 0);
    let has_all = || has_all(evaluator, declared, scope, &resource.block);
    if is_first && has_all() == Some(false) {
        misfits.push(format!("`{address}` has other instances in the plan"));
    }
    // What is ignored keeps the value that it has.
    let lifecycle = body.get_blocks("lifecycle").next();
    if lifecycle.is_some_and(|block| block.body.has_attribute("ignore_changes")) {
        return;
    }
    let attributes = block::attributes(evaluator, resource, declared);
    for (name, symbol) in &attributes {
        let (value, unknown) = resource.raw(name);
        let is_used = unknown.is_some_and(|unknown| !unknown.is_boolean());
        let is_compared = KEPT.contains(&name.as_str()) || is_used;
        if is_compared && !merge::fits(value, unknown, symbol) {
            misfits.push(format!("`{address}.{name}` has another value in the plan"));
        }
    }
}
