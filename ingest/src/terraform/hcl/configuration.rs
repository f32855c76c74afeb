//! Whether the files of a module are what the configuration of a plan was printed from.
//!
//! Each expression of the configuration has its references, or its value when it refers to nothing. A
//! literal beside a reference, a function and an operator do not show.

use std::collections::{BTreeMap, BTreeSet};

use crate::json::{Map, Value as Json};
use hcl_edit::expr::Expression;
use hcl_edit::structure::Body;

use super::block::META;
use super::evaluate::{Evaluator, Scope};
use super::files::{Declared, Module};
use super::symbol::Symbol;
use super::{mention, variable};

/// Arguments of a module call that are no inputs.
const CALL: [&str; 3] = ["providers", "source", "version"];

/// Compares a module with its declaration in the plan.
pub(super) fn module(
    evaluator: &Evaluator<'_, '_>,
    names: &[String],
    declaration: &Json,
    module: &Module,
    misfits: &mut Vec<String>,
) {
    let prefix: String = names.iter().map(|name| format!("module.{name}.")).collect();
    let mut check = Check {
        evaluator,
        prefix,
        misfits,
    };
    let resources = declaration.get("resources").and_then(Json::as_array);
    let address = |resource: &'_ Json| resource.get("address")?.as_str().map(str::to_owned);
    let resources = resources.into_iter().flatten();
    let resources: BTreeMap<String, &Json> = resources
        .filter_map(|resource| Some((address(resource)?, resource)))
        .collect();
    check.names(resources.keys(), module.blocks.keys());
    for (address, resource) in resources {
        if let Some(declared) = module.blocks.get(&address) {
            check.declared(&address, resource, declared, &[]);
        }
    }
    let empty = Map::new();
    let object = |name: &str| {
        declaration
            .get(name)
            .and_then(Json::as_object)
            .unwrap_or(&empty)
    };
    let named = |name: &str| format!("module.{name}");
    let calls = object("module_calls");
    let planned: Vec<_> = calls.keys().map(named).collect();
    let written: Vec<_> = module.calls.keys().map(|name| named(name)).collect();
    check.names(planned.iter(), written.iter());
    for (name, call) in calls {
        if let Some(declared) = module.calls.get(name) {
            check.declared(&format!("module.{name}"), call, declared, &CALL);
            check.source(name, call, &declared.body);
        }
    }
    let outputs = object("outputs");
    let named = |name: &str| format!("output.{name}");
    let planned: Vec<_> = outputs.keys().map(named).collect();
    let written: Vec<_> = module.outputs.keys().map(|name| named(name)).collect();
    check.names(planned.iter(), written.iter());
    for (name, output) in outputs {
        let written = module.outputs.get(name);
        check.expression(&format!("output.{name}"), output.get("expression"), written);
    }
    let variables = object("variables");
    let named = |name: &str| format!("var.{name}");
    let planned: Vec<_> = variables.keys().map(named).collect();
    let written: Vec<_> = module.variables.keys().map(|name| named(name)).collect();
    check.names(planned.iter(), written.iter());
    for (name, declared) in &module.variables {
        let planned = variables.get(name).and_then(|of| of.get("default"));
        let written = variable::default(evaluator, declared);
        if written.is_some_and(|written| is_other(planned, &written)) {
            check.misfit(&format!("var.{name}"), "has another default");
        }
    }
}

struct Check<'c, 'e, 'a> {
    evaluator: &'c Evaluator<'e, 'a>,
    prefix: String,
    misfits: &'c mut Vec<String>,
}

impl Check<'_, '_, '_> {
    fn misfit(&mut self, name: &str, what: &str) {
        self.misfits.push(format!("`{}{name}` {what}", self.prefix));
    }

    fn names<'n>(
        &mut self,
        planned: impl Iterator<Item = &'n String>,
        written: impl Iterator<Item = &'n String>,
    ) {
        let planned: BTreeSet<_> = planned.collect();
        let written: BTreeSet<_> = written.collect();
        for name in planned.difference(&written) {
            self.misfit(name, "is in the plan only");
        }
        for name in written.difference(&planned) {
            self.misfit(name, "is not in the plan");
        }
    }

    fn declared(&mut self, name: &str, planned: &Json, declared: &Declared, but: &[&str]) {
        let empty = Map::new();
        let expressions = planned.get("expressions").and_then(Json::as_object);
        self.body(name, expressions.unwrap_or(&empty), &declared.body, but);
        for (argument, key) in [
            ("count", "count_expression"),
            ("for_each", "for_each_expression"),
        ] {
            let written = declared.body.get_attribute(argument).map(|of| &of.value);
            // Of a call that refers to nothing a plan has nothing to say here.
            let is_told = |of: &&Expression| {
                !(planned.get(key).is_none()
                    && mention::has_call(of)
                    && mention::references(of).is_empty())
            };
            let written = written.filter(is_told);
            self.expression(&format!("{name}.{argument}"), planned.get(key), written);
        }
    }

    fn source(&mut self, name: &str, planned: &Json, body: &Body) {
        let planned = planned.get("source").and_then(Json::as_str);
        let written = body
            .get_attribute("source")
            .and_then(|of| of.value.as_str());
        let is_local = |source: &str| source.starts_with('.');
        if planned.is_some_and(is_local) && planned != written {
            self.misfit(&format!("module.{name}"), "has another source");
        }
    }

    fn body(&mut self, path: &str, planned: &Map, body: &Body, but: &[&str]) {
        let is_argument = |name: &str| !META.contains(&name) && !but.contains(&name);
        for attribute in body.attributes() {
            let name = attribute.key.as_str();
            if is_argument(name) && !planned.contains_key(name) {
                self.misfit(&format!("{path}.{name}"), "is not in the plan");
            }
        }
        for block in body.blocks() {
            let name = block.ident.as_str();
            if is_argument(name) && !planned.contains_key(name) {
                self.misfit(&format!("{path}.{name}"), "is not in the plan");
            }
        }
        for (name, planned) in planned.iter().filter(|(name, _)| is_argument(name)) {
            let path = format!("{path}.{name}");
            let written = body.get_attribute(name).map(|of| &of.value);
            let blocks: Vec<&Body> = body.get_blocks(name).map(|block| &block.body).collect();
            let fields = planned.as_object();
            if written.is_some() {
                self.expression(&path, Some(planned), written);
            } else if fields.is_some_and(is_expression) {
                self.attribute_of_blocks(&path, planned, &blocks);
            } else {
                let alone = std::slice::from_ref(planned);
                let planned = planned.as_array().map_or(alone, Vec::as_slice);
                self.blocks(&path, planned, &blocks);
            }
        }
    }

    fn blocks(&mut self, path: &str, planned: &[Json], blocks: &[&Body]) {
        if planned.len() != blocks.len() {
            self.misfit(path, "has another number of blocks");
        }
        for (planned, body) in planned.iter().zip(blocks) {
            if let Some(planned) = planned.as_object() {
                self.body(path, planned, body, &[]);
            }
        }
    }

    /// Blocks that the provider takes for one attribute, and a plan for one expression.
    fn attribute_of_blocks(&mut self, path: &str, planned: &Json, blocks: &[&Body]) {
        let bodies = blocks.iter();
        let mut written: Vec<_> = bodies
            .flat_map(|body| mention::references_of_body(body))
            .collect();
        let mut references = planned_references(Some(planned));
        written.sort();
        references.sort();
        if blocks.is_empty() {
            self.misfit(path, "is in the plan only");
        } else if written != references {
            self.misfit(path, "refers to other things");
        }
        let Some(constants) = planned.get("constant_value").and_then(Json::as_array) else {
            return;
        };
        if constants.len() != blocks.len() {
            self.misfit(path, "has another number of blocks");
        }
        for (constants, body) in constants.iter().zip(blocks) {
            for attribute in body.attributes() {
                let name = attribute.key.as_str();
                let written = self.constant(&attribute.value);
                if is_other(constants.get(name), &written) {
                    self.misfit(&format!("{path}.{name}"), "has another value in the plan");
                }
            }
        }
    }

    fn constant(&self, expression: &Expression) -> Symbol {
        self.evaluator.value(expression, Scope::of_module(&[], 0))
    }

    fn expression(&mut self, name: &str, planned: Option<&Json>, written: Option<&Expression>) {
        let Some(written) = written else {
            if planned.is_some() {
                self.misfit(name, "is in the plan only");
            }
            return;
        };
        if planned.is_none() {
            self.misfit(name, "is not in the plan");
        }
        let references = mention::references(written);
        if references != planned_references(planned) {
            self.misfit(name, "refers to other things");
        } else if references.is_empty() && !mention::has_call(written) {
            let constant = planned.and_then(|planned| planned.get("constant_value"));
            if is_other(constant, &self.constant(written)) {
                self.misfit(name, "has another value in the plan");
            }
        }
    }
}

fn is_expression(fields: &Map) -> bool {
    fields.is_empty() || fields.contains_key("references") || fields.contains_key("constant_value")
}

fn planned_references(planned: Option<&Json>) -> Vec<String> {
    let references = planned.and_then(|of| of.get("references")?.as_array());
    let references = references.into_iter().flatten().filter_map(Json::as_str);
    references.map(str::to_owned).collect()
}

/// Whether a value is known, and another one than the plan has.
fn is_other(planned: Option<&Json>, written: &Symbol) -> bool {
    let is_same = |written: &Json| match (planned.unwrap_or(&Json::Null), written) {
        // An attribute of blocks has the types of the provider.
        (Json::String(planned), Json::Number(written)) => *planned == written.to_string(),
        (Json::Number(planned), Json::String(written)) => planned.to_string() == *written,
        (planned, written) => planned == written,
    };
    written.json().is_some_and(|written| !is_same(&written))
}
