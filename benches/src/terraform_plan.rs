//! Terraform plans of any size: the plan of the demo network, copied.
//!
//! Terraform itself wrote the plan that is copied, so that every resource has all the attributes that
//! a provider gives it. The copies are apart from each other; what differs is how they are declared.

use std::fs;

use serde_json::{Map, Value, json};

use crate::notes::workspace;

/// How the copies are declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One module call with `for_each`, whose instances they are.
    Modules,
    /// Each with its own blocks in the root module.
    Flat,
}

/// A plan of at least so many resources.
///
/// # Panics
///
/// When the fixture is not there or is no plan.
pub fn plan(n_resources: usize, shape: Shape) -> Value {
    let file = workspace().join("fixtures/tokyo-endpoints/plan.json");
    let text = fs::read_to_string(file).expect("the fixture can be read");
    let one: Value = serde_json::from_str(&text).expect("the fixture is JSON");
    let in_one = resources(&one).len();
    let names: Vec<_> = (0..n_resources.div_ceil(in_one))
        .map(|copy| format!("team-{copy}"))
        .collect();
    match shape {
        Shape::Modules => modules(one, &names),
        Shape::Flat => flat(&one, &names),
    }
}

fn resources(plan: &Value) -> &Vec<Value> {
    let resources = &plan["planned_values"]["root_module"]["resources"];
    resources.as_array().expect("a plan has a root module")
}

/// The copies as instances of a module.
fn modules(mut one: Value, names: &[String]) -> Value {
    let mut children = Vec::new();
    let mut changes = Vec::new();
    for name in names {
        let module = format!("module.network[\"{name}\"]");
        let address = |of: &Value| {
            let own = of["address"].as_str().expect("a resource has an address");
            Value::from(format!("{module}.{own}"))
        };
        let mut planned = resources(&one).clone();
        for resource in &mut planned {
            resource["address"] = address(resource);
        }
        children.push(json!({ "address": module, "resources": planned }));
        for change in one["resource_changes"].as_array().into_iter().flatten() {
            let mut change = change.clone();
            change["address"] = address(&change);
            change["module_address"] = module.clone().into();
            changes.push(change);
        }
    }
    let declared = one["configuration"]["root_module"].take();
    let call = json!({
        "source": "./network",
        "for_each_expression": { "references": ["var.teams"] },
        "module": declared,
    });
    one["configuration"]["root_module"] = json!({
        "module_calls": { "network": call },
        "variables": { "teams": {} },
    });
    one["variables"] = json!({ "teams": { "value": names } });
    one["planned_values"] = json!({ "root_module": { "child_modules": children } });
    one["resource_changes"] = changes.into();
    one
}

/// The copies as blocks of the root module: every label has the copy's name behind it.
fn flat(one: &Value, names: &[String]) -> Value {
    let mut labels: Vec<String> = Vec::new();
    for resource in resources(one) {
        let label = resource["address"].as_str().expect("an address is a text");
        labels.push(label.to_owned());
    }
    let mut whole = one.clone();
    let lists = [
        ["planned_values", "root_module", "resources"].as_slice(),
        ["resource_changes"].as_slice(),
        ["configuration", "root_module", "resources"].as_slice(),
    ];
    for path in lists {
        let mut list = &mut whole;
        for step in path {
            list = &mut list[*step];
        }
        let former = list.take();
        let mut copies = Vec::new();
        for (position, name) in names.iter().enumerate() {
            for item in former.as_array().into_iter().flatten() {
                // Data sources stand in the prior state too, and are not copied.
                let is_data = item["mode"] == "data";
                if !is_data {
                    copies.push(renamed(item, name, &labels));
                } else if position == 0 {
                    copies.push(item.clone());
                }
            }
        }
        *list = copies.into();
    }
    whole
}

/// A value in which every address of a label has a name behind it.
fn renamed(value: &Value, name: &str, labels: &[String]) -> Value {
    match value {
        Value::String(text) => {
            let named = labels.iter().find(|label| {
                let rest = text.strip_prefix(label.as_str());
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            });
            named.map_or_else(
                || value.clone(),
                |label| text.replacen(label, &format!("{label}-{name}"), 1).into(),
            )
        }
        Value::Array(items) => {
            let items = items.iter().map(|item| renamed(item, name, labels));
            items.collect::<Vec<_>>().into()
        }
        Value::Object(fields) => {
            let mut copy: Map<_, _> = fields
                .iter()
                .map(|(key, field)| (key.clone(), renamed(field, name, labels)))
                .collect();
            if let (Some(Value::String(label)), true) =
                (fields.get("name"), fields.contains_key("mode"))
            {
                copy.insert("name".to_owned(), format!("{label}-{name}").into());
            }
            Value::Object(copy)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The reader takes every copy for what the demo network is.
    #[test]
    fn a_plan_of_copies_has_so_many_times_what_one_has() {
        for shape in [Shape::Modules, Shape::Flat] {
            let folder = std::env::temp_dir()
                .join(format!("vpcproof-plan-{shape:?}-{}", std::process::id()));
            fs::create_dir_all(&folder).expect("the folder can be made");
            let read = |n_resources: usize| {
                let file = folder.join(format!("{n_resources}.json"));
                fs::write(&file, plan(n_resources, shape).to_string()).expect("it can be written");
                let read = ingest::read(&[file]).unwrap_or_else(|error| panic!("{error}"));
                read.validate()
                    .unwrap_or_else(|error| panic!("{error}"))
                    .network
            };
            let (one, three) = (read(1), read(150));
            assert!(!one.network_interfaces().is_empty());
            let counts = |network: &model::Network| {
                [
                    network.vpcs().len(),
                    network.subnets().len(),
                    network.network_interfaces().len(),
                    network.security_groups().len(),
                    network.vpc_endpoints().len(),
                ]
            };
            assert_eq!(
                counts(&three),
                counts(&one).map(|count| 3 * count),
                "{shape:?}"
            );
            fs::remove_dir_all(&folder).expect("the folder can be removed");
        }
    }
}
