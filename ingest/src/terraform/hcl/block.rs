//! Blocks: what the body of a resource says of each of its attributes.

use std::collections::{BTreeMap, BTreeSet};

use hcl_edit::structure::{Block, Body};

use crate::diagnostic::Source;

use super::super::plan::Resource;
use super::super::reference::{Call, Key};
use super::evaluate::{Evaluator, Scope};
use super::files::Declared;
use super::symbol::Symbol;

/// Arguments that every block may have, which are no attributes.
pub(super) const META: [&str; 9] = [
    "connection",
    "count",
    "depends_on",
    "dynamic",
    "for_each",
    "lifecycle",
    "provider",
    "provisioner",
    "timeouts",
];

/// How a block is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repetition {
    None,
    Count,
    ForEach,
}

/// How a block is repeated.
pub(super) fn repetition(body: &Body) -> Repetition {
    if body.has_attribute("count") {
        Repetition::Count
    } else if body.has_attribute("for_each") {
        Repetition::ForEach
    } else {
        Repetition::None
    }
}

/// The keys of the instances of a block.
pub(super) enum Keys {
    /// It is not repeated.
    Single,
    /// So many.
    Count(u64),
    /// These.
    Names(BTreeSet<String>),
}

/// The keys of the instances of a block, when the files tell.
pub(super) fn keys(
    evaluator: &Evaluator<'_, '_>,
    declared: &Declared,
    scope: Scope<'_>,
) -> Option<Keys> {
    if let Some(count) = declared.body.get_attribute("count") {
        let scope = Scope::of_module(scope.module, scope.depth());
        let count = evaluator.value(&count.value, scope).as_index()?;
        return Some(Keys::Count(u64::try_from(count).ok()?));
    }
    let Some(for_each) = for_each(evaluator, declared, scope.module, scope.depth()) else {
        return Some(Keys::Single);
    };
    if let Symbol::Map(fields) = for_each {
        return Some(Keys::Names(fields.into_keys().collect()));
    }
    let names: Option<_> = for_each.members()?.iter().map(Symbol::as_text).collect();
    Some(Keys::Names(names?))
}

/// What `for_each` goes through.
pub(super) fn for_each(
    evaluator: &Evaluator<'_, '_>,
    declared: &Declared,
    module: &[Call],
    depth: usize,
) -> Option<Symbol> {
    let expression = declared.body.get_attribute("for_each")?;
    let Source { file, line } = &declared.source;
    Some(evaluator.once(module, &format!("{file}:{line}"), || {
        evaluator.value(&expression.value, Scope::of_module(module, depth))
    }))
}

/// `each.value` of an instance.
pub(super) fn each(for_each: Option<&Symbol>, key: Option<&Key>) -> Option<Symbol> {
    let Some(Key::Text(key)) = key else {
        return None;
    };
    let for_each = for_each?;
    if let Symbol::Map(fields) = for_each {
        return fields.get(key).cloned();
    }
    for_each.members().map(|_| Symbol::text(key))
}

/// What the files say of one attribute of an instance; `None` when they do not set it.
pub(super) fn written(
    evaluator: &Evaluator<'_, '_>,
    position: usize,
    name: &str,
    depth: usize,
) -> Option<Symbol> {
    let resource = evaluator.plan.resources.get(position)?;
    let files = evaluator.module(&resource.module)?;
    let declared = files.blocks.get(&resource.block)?;
    let expression = declared.body.get_attribute(name)?;
    let symbol = format!("{}.{name}", resource.address);
    Some(evaluator.once(&resource.module, &symbol, || {
        within(evaluator, resource, declared, depth, |scope| {
            evaluator.value(&expression.value, scope)
        })
    }))
}

/// What the files say of all attributes of an instance, blocks among them.
pub(super) fn attributes(
    evaluator: &Evaluator<'_, '_>,
    resource: &Resource<'_>,
    declared: &Declared,
) -> BTreeMap<String, Symbol> {
    within(evaluator, resource, declared, 0, |scope| {
        fields(evaluator, &declared.body, scope)
    })
}

fn within<T>(
    evaluator: &Evaluator<'_, '_>,
    resource: &Resource<'_>,
    declared: &Declared,
    depth: usize,
    value: impl FnOnce(Scope<'_>) -> T,
) -> T {
    let for_each = for_each(evaluator, declared, &resource.module, depth);
    let each = each(for_each.as_ref(), resource.key.as_ref());
    let scope = Scope::of_module(&resource.module, depth);
    value(scope.of_instance(resource.key.as_ref(), each.as_ref()))
}

fn fields(
    evaluator: &Evaluator<'_, '_>,
    body: &Body,
    scope: Scope<'_>,
) -> BTreeMap<String, Symbol> {
    let mut fields = BTreeMap::new();
    for attribute in body.attributes() {
        let name = attribute.key.as_str();
        if !META.contains(&name) {
            fields.insert(name.to_owned(), evaluator.value(&attribute.value, scope));
        }
    }
    for block in body.blocks() {
        let name = block.ident.as_str();
        if name == "dynamic" {
            let Some(name) = block.labels.first().map(|label| label.as_str()) else {
                continue;
            };
            let made = dynamic(evaluator, block, name, scope);
            add(&mut fields, name, made);
        } else if !META.contains(&name) {
            let one = Symbol::Map(self::fields(evaluator, &block.body, scope));
            add(&mut fields, name, Some(vec![one]));
        }
    }
    fields
}

/// Adds blocks of a name; when it cannot be told which there are, all of them are open.
fn add(fields: &mut BTreeMap<String, Symbol>, name: &str, blocks: Option<Vec<Symbol>>) {
    let known = fields
        .entry(name.to_owned())
        .or_insert_with(|| Symbol::List(Vec::new()));
    match (known, blocks) {
        (Symbol::List(list), Some(blocks)) => list.extend(blocks),
        (known, _) => *known = Symbol::Open,
    }
}

fn dynamic(
    evaluator: &Evaluator<'_, '_>,
    block: &Block,
    name: &str,
    scope: Scope<'_>,
) -> Option<Vec<Symbol>> {
    let collection = block.body.get_attribute("for_each")?;
    let collection = evaluator.value(&collection.value, scope);
    let iterator = block.body.get_attribute("iterator");
    let iterator = match iterator.map(|iterator| &iterator.value) {
        Some(hcl_edit::expr::Expression::Variable(name)) => name.as_str(),
        Some(_) => return None,
        None => name,
    };
    let content = block.body.get_blocks("content").next()?;
    let mut blocks = Vec::new();
    for (key, value) in evaluator.entries(&collection)? {
        let entry = BTreeMap::from([("key".to_owned(), key), ("value".to_owned(), value)]);
        let frame = scope.frame(iterator, Symbol::Map(entry));
        let inner = scope.within(&frame);
        blocks.push(Symbol::Map(fields(evaluator, &content.body, inner)));
    }
    Some(blocks)
}
