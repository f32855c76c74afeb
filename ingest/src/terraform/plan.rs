//! The plan: its resources as they will be, and where the configuration says they come from.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::json::Value as Json;

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::doubt::Touches;
use crate::json::Cursor;
use crate::resources::ResourceChange;
use crate::sink::Sink;

use super::attribute::Attribute;
use super::declared::{Declared, Origins};
use super::hcl::{Refined, Written};
use super::identity;
use super::reference::{Call, Key, calls};
use super::stored::Stored;

/// How deep modules may be nested in `planned_values` and `configuration`.
pub(super) const MAX_MODULE_DEPTH: usize = 32;

/// A plan or a state.
pub(super) struct Plan<'a> {
    file: Arc<str>,
    /// The resources after the change: managed ones, and data sources.
    pub(super) resources: Vec<Resource<'a>>,
    /// The resources that the change deletes or updates, as they were.
    pub(super) former: Vec<Resource<'a>>,
    /// Left-overs of an earlier change that this one deletes; each shares its address with a living one.
    pub(super) deposed: Vec<Resource<'a>>,
    /// The managed resources of AWS in the state before that the plan says nothing of, since it was told to
    /// plan others only (`-target`, OpenTofu's `-exclude`), or none (`-refresh-only`). They stay.
    pub(super) unplanned: Vec<&'a str>,
    /// What the change does with each resource that it does not leave as it is.
    pub(super) changes: Vec<ResourceChange>,
    /// The provider configurations and the root module, when it is a plan.
    pub(super) configuration: Option<&'a Json>,
    /// The values of the root module's variables.
    pub(super) variables: Option<&'a Json>,
    /// Whether it is of all resources, when it says so: with `-target` it is not.
    pub(super) is_complete: Option<bool>,
    /// Whether what is open may be anything, rather than only what the plan makes.
    pub(super) is_declared: bool,
    /// The default groups of the VPCs of an earlier input, by their VPCs.
    pub(super) default_groups: BTreeMap<String, String>,
    declarations: Declarations<'a>,
    addresses: BTreeSet<&'a str>,
    types: BTreeMap<&'a str, Vec<usize>>,
    data_types: BTreeMap<&'a str, Vec<usize>>,
    blocks: BTreeMap<(Vec<Call>, String), Vec<usize>>,
    calls: BTreeMap<Vec<Call>, Vec<Call>>,
    /// The managed resources by their own ids, and the regions in names: asked for each of many.
    made: OnceCell<BTreeMap<String, Vec<usize>>>,
    regions: OnceCell<BTreeSet<String>>,
}

/// One instance of a resource or data source.
#[derive(Clone)]
pub(super) struct Resource<'a> {
    /// Its address, as `module.x.aws_subnet.private["a"]`.
    pub(super) address: &'a str,
    /// Its type, as `aws_subnet`.
    pub(super) of: &'a str,
    /// Whether it is a data source.
    pub(super) is_data: bool,
    /// The module instance that it stands in.
    pub(super) module: Vec<Call>,
    /// The block that declares it, as `aws_subnet.private`.
    pub(super) block: String,
    /// Its key, when the block has `count` or `for_each`.
    pub(super) key: Option<Key>,
    /// Whether the change makes it.
    pub(super) is_created: bool,
    /// Of one as it was: whether the change deletes it after it made what takes its place.
    pub(super) is_deleted_last: bool,
    /// Its declaration in the configuration.
    pub(super) declaration: Option<&'a Json>,
    /// What its attributes are called where it is declared, when that is no plan.
    pub(super) origins: Option<&'a Origins>,
    values: Option<&'a Json>,
    unknown: Option<&'a Json>,
    sensitive: Option<&'a Json>,
    /// What the files that declare it add.
    refined: Option<&'a Refined>,
    place: Place,
}

impl<'a> Resource<'a> {
    /// A top-level attribute.
    pub(super) fn attribute<'s>(&'s self, name: &'s str) -> Attribute<'s> {
        let sensitive = self.sensitive.and_then(|object| object.get(name));
        match self
            .refined
            .and_then(|refined| refined.attributes.get(name))
        {
            Some(merged) => {
                let (value, unknown) = (Some(&merged.value), Some(&merged.unknown));
                Attribute::top(self, name, value, unknown, sensitive).named(&merged.names)
            }
            None => {
                let (value, unknown) = self.raw(name);
                Attribute::top(self, name, value, unknown, sensitive)
            }
        }
    }

    /// A top-level attribute as the plan has it, and what of it is open.
    pub(super) fn raw(&self, name: &str) -> (Option<&'a Json>, Option<&'a Json>) {
        let of = |object: Option<&'a Json>| object.and_then(|object| object.get(name));
        (of(self.values), of(self.unknown))
    }

    /// Whether an attribute within one of its blocks is set, or known only after the apply.
    pub(super) fn has_within(&self, names: &[&str]) -> bool {
        let is_said = |value: &Json| match (value.as_array(), value.as_bool()) {
            (Some(items), _) => !items.is_empty(),
            (None, Some(flag)) => flag,
            (None, None) => !value.is_null(),
        };
        let mut left: Vec<&Json> = Vec::new();
        for object in [self.values, self.unknown].into_iter().flatten() {
            let fields = object.as_object().into_iter();
            left.extend(fields.flat_map(|fields| fields.iter().map(|(_, value)| value)));
        }
        while let Some(value) = left.pop() {
            left.extend(value.as_array().into_iter().flatten());
            for (name, value) in value
                .as_object()
                .into_iter()
                .flat_map(|fields| fields.iter())
            {
                if names.contains(&name) && is_said(value) {
                    return true;
                }
                left.push(value);
            }
        }
        false
    }

    /// Whether the configuration sets an attribute.
    pub(super) fn is_declared(&self, name: &str) -> bool {
        let expressions = self.declaration.and_then(|of| of.get("expressions"));
        expressions.is_some_and(|of| of.get(name).is_some())
    }

    /// Whether the plan leaves anything of it open.
    pub(super) fn has_unknown(&self) -> bool {
        let fields = self.unknown.and_then(Json::as_object);
        fields.is_some_and(|fields| !fields.is_empty())
    }

    /// Where it stands in the file.
    pub(super) fn place(&self) -> Place {
        self.place.clone()
    }
}

impl<'a> Plan<'a> {
    /// A resource as it was, when the change updates it or takes its place.
    pub(super) fn former_of(&self, resource: &Resource<'_>) -> Option<&Resource<'a>> {
        let mut former = self.former.iter();
        former.find(|former| former.address == resource.address)
    }

    /// Whether its configuration has more than one provider of AWS.
    pub(super) fn has_several_providers(&self) -> bool {
        let mut providers = self.providers();
        let first = providers.next();
        providers.next().is_some() || first.is_some_and(|key| self.is_repeated(key))
    }

    /// Whether a configuration of a provider is several with one key, by the `for_each` of OpenTofu: a
    /// plan shows it by nothing but what the arguments refer to.
    ///
    /// Source: <https://opentofu.org/docs/language/providers/configuration/#for_each-multiple-instances-of-a-provider-configuration>
    pub(super) fn is_repeated(&self, key: &str) -> bool {
        let provider = self
            .configuration
            .and_then(|of| of.get("provider_config")?.get(key));
        let mut left: Vec<&Json> = Vec::new();
        left.extend(provider.and_then(|of| of.get("expressions")));
        while let Some(value) = left.pop() {
            if value.as_str().is_some_and(|text| text.starts_with("each.")) {
                return true;
            }
            left.extend(value.as_array().into_iter().flatten());
            let fields = value.as_object().into_iter();
            let fields = fields.flat_map(|fields| fields.iter());
            left.extend(
                fields.filter_map(|(name, value)| (name != "constant_value").then_some(value)),
            );
        }
        false
    }

    /// Opens a document; `None`, and an error, when it is not one that can be read.
    pub(super) fn open(document: &Cursor<'a>, sink: &mut Sink) -> Option<Plan<'a>> {
        let version = document.required_text("format_version", sink)?;
        if version.split('.').next() != Some("1") {
            let message = format!("format version `{version}` is not one that is known");
            let diagnostic = Diagnostic::error(document.place(), Code::InvalidValue, message);
            sink.push(diagnostic.help("expected `1.x`, as Terraform 0.14 and later print it"));
            return None;
        }
        if document.flag("errored", sink) == Some(true) {
            let message = "the plan ended with an error and is not complete";
            let error = Diagnostic::error(document.place(), Code::InvalidValue, message);
            sink.push(error.help("plan again without the error"));
        }
        let deferred = document.get("deferred_changes");
        let is_whole = deferred.is_none_or(|deferred| match deferred.value() {
            Json::Array(changes) => changes.is_empty(),
            Json::Null => true,
            Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Object(_) => false,
        });
        if !is_whole {
            let message = "the plan defers changes and is not complete";
            let error = Diagnostic::error(document.place(), Code::InvalidValue, message);
            sink.push(error.help("plan again when what they wait for is known"));
        }
        let configuration = document.get("configuration");
        let mut plan = Plan {
            configuration: configuration.map(|configuration| configuration.value()),
            variables: document.get("variables").map(|variables| variables.value()),
            is_complete: document.flag("complete", sink),
            declarations: Declarations::read(document),
            ..Plan::of(document.place().file, Vec::new())
        };
        let changes = Changes::read(document, sink);
        for part in ["planned_values", "values"] {
            if let Some(values) = document.get(part) {
                plan.module(&values, &changes, false, sink);
            }
        }
        // A data source that was read while planning stands only in the state before.
        if let Some(prior) = document
            .get("prior_state")
            .and_then(|prior| prior.get("values"))
        {
            plan.module(&prior, &changes, true, sink);
        }
        plan.former(&changes);
        plan.changes = changes.all;
        plan.index();
        Some(plan)
    }

    /// What another format declares; all of it is new, but for what is taken away.
    pub(super) fn declared(
        file: Arc<str>,
        resources: &'a [Declared],
        former: &'a [Declared],
    ) -> Plan<'a> {
        let resource = |declared: &'a Declared| Resource {
            address: &declared.address,
            of: &declared.of,
            is_data: declared.is_data,
            module: Vec::new(),
            block: block(declared.is_data, &declared.of, &declared.label),
            key: None,
            is_created: true,
            is_deleted_last: false,
            declaration: Some(&declared.declaration),
            origins: Some(&declared.origins),
            values: Some(&declared.values),
            unknown: Some(&declared.unknown),
            sensitive: None,
            refined: None,
            place: declared.place.clone(),
        };
        let mut plan = Plan {
            is_declared: true,
            former: former.iter().map(resource).collect(),
            ..Plan::of(file, resources.iter().map(resource).collect())
        };
        plan.index();
        plan
    }

    /// What a state in its stored form has.
    pub(super) fn stored(file: Arc<str>, instances: &'a [Stored<'a>]) -> Plan<'a> {
        let resource = |stored: &'a Stored<'a>| Resource {
            address: &stored.address,
            of: stored.of,
            is_data: stored.is_data,
            module: stored.module.clone(),
            block: block(stored.is_data, stored.of, stored.name),
            key: stored.key.clone(),
            is_created: false,
            is_deleted_last: false,
            declaration: None,
            origins: None,
            values: Some(stored.values),
            unknown: None,
            sensitive: Some(&stored.sensitive),
            refined: None,
            place: stored.place.clone(),
        };
        let mut plan = Plan::of(file, instances.iter().map(resource).collect());
        plan.index();
        plan
    }

    /// What was there before the change, as the plan knows it: a state.
    pub(super) fn before(&self) -> Plan<'a> {
        let former = self.former.iter().map(|one| (one.address, one));
        let mut former: BTreeMap<&str, &Resource<'a>> = former.collect();
        let mut resources = Vec::new();
        for resource in &self.resources {
            let before = former.remove(resource.address);
            let kept = Some(resource).filter(|one| !one.is_created);
            resources.extend(before.or(kept).map(|before| Resource {
                unknown: None,
                refined: None,
                ..before.clone()
            }));
        }
        resources.extend(former.into_values().cloned());
        let mut before = Plan {
            configuration: self.configuration,
            variables: self.variables,
            default_groups: self.default_groups.clone(),
            ..Plan::of(self.file(), resources)
        };
        before.index();
        before
    }

    /// Resources without a configuration.
    fn of(file: Arc<str>, resources: Vec<Resource<'a>>) -> Plan<'a> {
        Plan {
            file,
            resources,
            former: Vec::new(),
            deposed: Vec::new(),
            unplanned: Vec::new(),
            changes: Vec::new(),
            configuration: None,
            variables: None,
            is_complete: None,
            is_declared: false,
            default_groups: BTreeMap::new(),
            declarations: Declarations::default(),
            addresses: BTreeSet::new(),
            types: BTreeMap::new(),
            data_types: BTreeMap::new(),
            blocks: BTreeMap::new(),
            calls: BTreeMap::new(),
            made: OnceCell::new(),
            regions: OnceCell::new(),
        }
    }

    /// Whether it is a plan, and so has a configuration, rather than a state.
    pub(super) fn is_plan(&self) -> bool {
        self.configuration.is_some()
    }

    /// The plan with what the files that declare its resources add.
    pub(super) fn refine<'b>(self, written: &'b Written) -> Plan<'b>
    where
        'a: 'b,
    {
        let mut plan: Plan<'b> = self;
        for (position, resource) in plan.resources.iter_mut().enumerate() {
            resource.refined = written.of(position);
            let source = resource.refined.and_then(|refined| refined.source.clone());
            resource.place.source = source;
        }
        plan
    }

    /// The file.
    pub(super) fn file(&self) -> Arc<str> {
        self.file.clone()
    }

    /// The managed resources of some types, in the order of the file.
    pub(super) fn managed(&self, types: &[&str]) -> Vec<&Resource<'a>> {
        let mut positions: Vec<_> = types
            .iter()
            .flat_map(|of| self.positions(false, of))
            .collect();
        positions.sort_unstable();
        let resources = positions.into_iter();
        resources
            .filter_map(|position| self.resources.get(*position))
            .collect()
    }

    /// The managed resource of one of some types that has an id of its own.
    pub(super) fn made(&self, types: &[&str], id: &str) -> Option<&Resource<'a>> {
        let made = self.made.get_or_init(|| {
            let mut made: BTreeMap<String, Vec<usize>> = BTreeMap::new();
            let resources = self.resources.iter().enumerate();
            for (position, resource) in resources.filter(|(_, resource)| !resource.is_data) {
                let id = identity::own_id(resource);
                made.entry(id).or_default().push(position);
            }
            made
        });
        let positions = made.get(id).into_iter().flatten();
        let mut resources = positions.filter_map(|position| self.resources.get(*position));
        resources.find(|resource| types.contains(&resource.of))
    }

    /// The regions in the names of its resources, found by `find` when first asked for.
    pub(super) fn regions(&self, find: impl FnOnce() -> BTreeSet<String>) -> &BTreeSet<String> {
        self.regions.get_or_init(find)
    }

    /// The data sources of a type, in the order of the file.
    pub(super) fn data(&self, of: &str) -> Vec<&Resource<'a>> {
        let positions = self.positions(true, of);
        positions
            .filter_map(|position| self.resources.get(*position))
            .collect()
    }

    fn positions(&self, is_data: bool, of: &str) -> impl Iterator<Item = &usize> {
        let types = if is_data {
            &self.data_types
        } else {
            &self.types
        };
        types.get(of).into_iter().flatten()
    }

    /// The instances of a block in a module instance.
    pub(super) fn instances(&self, module: &[Call], block: &str) -> Vec<&Resource<'a>> {
        let positions = self.positions_of(module, block).iter();
        positions
            .filter_map(|position| self.resources.get(*position))
            .collect()
    }

    /// The positions of the instances of a block in a module instance.
    pub(super) fn positions_of(&self, module: &[Call], block: &str) -> &[usize] {
        let positions = self.blocks.get(&(module.to_vec(), block.to_owned()));
        positions.map(Vec::as_slice).unwrap_or_default()
    }

    /// The instances of a module call in a module instance.
    pub(super) fn call_instances(&self, module: &[Call], name: &str) -> Vec<&Call> {
        let of = |call: &&Call| call.name == name;
        let calls = self.calls.get(module).into_iter().flatten();
        calls.filter(of).collect()
    }

    /// The declaration of what the change takes away, while the configuration still has its block.
    pub(super) fn declaration(&self, former: &Resource<'_>) -> Option<&'a Json> {
        self.declarations.block(&former.module, &former.block)
    }

    /// The keys of the configurations of AWS's provider.
    pub(super) fn providers(&self) -> impl Iterator<Item = &'a str> {
        let providers = self.configuration.and_then(|of| of.get("provider_config"));
        let providers = providers.and_then(Json::as_object).into_iter().flatten();
        let text = |provider: &'a Json, key| provider.get(key).and_then(Json::as_str);
        let of_aws = providers.filter(move |(_, provider)| {
            let name = text(provider, "full_name").or_else(|| text(provider, "name"));
            name.is_some_and(|name| name.rsplit('/').next() == Some("aws"))
        });
        of_aws.map(|(key, _)| key)
    }

    /// The declaration of the module of a module instance.
    pub(super) fn module_declaration(&self, module: &[Call]) -> Option<&'a Json> {
        self.declarations.modules.get(&names(module)).copied()
    }

    /// The declaration of the module that some calls lead to.
    pub(super) fn declaration_of(&self, names: &[String]) -> Option<&'a Json> {
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        self.declarations.modules.get(&names).copied()
    }

    /// The declaration of the call that makes a module instance, in its parent.
    pub(super) fn call_declaration(&self, module: &[Call]) -> Option<&'a Json> {
        let (call, parent) = module.split_last()?;
        let parent = self.module_declaration(parent)?;
        parent.get("module_calls")?.get(&call.name)
    }

    fn module(
        &mut self,
        values: &Cursor<'a>,
        changes: &Changes<'a>,
        only_data: bool,
        sink: &mut Sink,
    ) {
        let mut waiting: Vec<_> = values.get("root_module").into_iter().collect();
        while let Some(module) = waiting.pop() {
            let address = module.text("address", sink).unwrap_or_default();
            let Some(path) = calls(address).filter(|path| path.len() <= MAX_MODULE_DEPTH) else {
                let message = format!("`{address}` is not the address of a module");
                module.error(sink, Code::InvalidValue, message);
                continue;
            };
            for resource in module.list("resources", sink) {
                self.resource(&resource, &path, changes, only_data, sink);
            }
            let mut children = module.list("child_modules", sink);
            children.reverse();
            waiting.append(&mut children);
        }
    }

    fn resource(
        &mut self,
        cursor: &Cursor<'a>,
        module: &[Call],
        changes: &Changes<'a>,
        only_data: bool,
        sink: &mut Sink,
    ) {
        let address = cursor.required_text("address", sink);
        let of = cursor.required_text("type", sink);
        let name = cursor.required_text("name", sink);
        let (Some(address), Some(of), Some(name)) = (address, of, name) else {
            return;
        };
        let is_data = cursor.text("mode", sink) == Some("data");
        let is_unplanned = only_data && !is_data && !changes.addresses.contains(address);
        if is_unplanned && of.starts_with("aws") {
            self.unplanned.push(address);
        }
        if only_data && (!is_data || self.addresses.contains(address)) {
            return;
        }
        self.addresses.insert(address);
        let block = block(is_data, of, name);
        let index = cursor.get("index");
        self.resources.push(Resource {
            address,
            of,
            is_data,
            is_created: changes.created.contains(address),
            is_deleted_last: false,
            declaration: self.declarations.block(module, &block),
            origins: None,
            module: module.to_vec(),
            block,
            key: index.and_then(|index| Key::of(index.value())),
            values: match changes.forgotten.get(address) {
                Some(before) => Some(before),
                None => cursor.get("values").map(|values| values.value()),
            },
            unknown: changes.unknown.get(address).copied(),
            sensitive: cursor.get("sensitive_values").map(|values| values.value()),
            refined: None,
            place: cursor.place(),
        });
    }

    /// What a deletion or an update takes away. The rest of the network may still show it: the
    /// route table of a deleted `aws_route` is not itself changed, so its `route` keeps the route.
    fn former(&mut self, changes: &Changes<'a>) {
        self.former = changes.replaced.iter().map(Former::resource).collect();
        self.deposed = changes.deposed.iter().map(Former::resource).collect();
    }

    fn index(&mut self) {
        for (position, resource) in self.resources.iter().enumerate() {
            let types = if resource.is_data {
                &mut self.data_types
            } else {
                &mut self.types
            };
            types.entry(resource.of).or_default().push(position);
            let block = (resource.module.clone(), resource.block.clone());
            self.blocks.entry(block).or_default().push(position);
            let mut module = resource.module.clone();
            while let Some(call) = module.pop() {
                let calls = self.calls.entry(module.clone()).or_default();
                if !calls.contains(&call) {
                    calls.push(call);
                }
            }
        }
    }
}

fn block(is_data: bool, of: &str, name: &str) -> String {
    let mode = if is_data { "data." } else { "" };
    format!("{mode}{of}.{name}")
}

fn names(module: &[Call]) -> Vec<&str> {
    module.iter().map(|call| call.name.as_str()).collect()
}

/// The modules and blocks of `configuration`, by the names of the calls that lead to them.
#[derive(Default)]
struct Declarations<'a> {
    modules: BTreeMap<Vec<&'a str>, &'a Json>,
    blocks: BTreeMap<(Vec<&'a str>, &'a str), &'a Json>,
}

impl<'a> Declarations<'a> {
    fn read(document: &Cursor<'a>) -> Declarations<'a> {
        let mut declarations = Declarations::default();
        let configuration = document.get("configuration");
        let root = configuration.and_then(|of| of.value().get("root_module"));
        let mut waiting: Vec<(Vec<&'a str>, &'a Json)> = Vec::new();
        waiting.extend(root.map(|root| (Vec::new(), root)));
        while let Some((names, module)) = waiting.pop() {
            let resources = module.get("resources").and_then(Json::as_array);
            for resource in resources.into_iter().flatten() {
                if let Some(address) = resource.get("address").and_then(Json::as_str) {
                    let key = (names.clone(), address);
                    declarations.blocks.insert(key, resource);
                }
            }
            let calls = module.get("module_calls").and_then(Json::as_object);
            for (name, call) in calls.into_iter().flatten() {
                if let Some(module) = call.get("module")
                    && names.len() < MAX_MODULE_DEPTH
                {
                    let mut names = names.clone();
                    names.push(name);
                    waiting.push((names, module));
                }
            }
            declarations.modules.insert(names, module);
        }
        declarations
    }

    fn block(&self, module: &[Call], block: &str) -> Option<&'a Json> {
        self.blocks.get(&(names(module), block)).copied()
    }
}

/// What `resource_changes` says.
#[derive(Default)]
struct Changes<'a> {
    addresses: BTreeSet<&'a str>,
    unknown: BTreeMap<&'a str, &'a Json>,
    created: BTreeSet<&'a str>,
    /// What Terraform forgets and AWS keeps, as it is.
    forgotten: BTreeMap<&'a str, &'a Json>,
    replaced: Vec<Former<'a>>,
    deposed: Vec<Former<'a>>,
    /// All of them.
    all: Vec<ResourceChange>,
}

struct Former<'a> {
    address: &'a str,
    module: &'a str,
    of: &'a str,
    name: &'a str,
    is_deleted_last: bool,
    before: &'a Json,
    place: Place,
}

impl<'a> Former<'a> {
    fn resource(&self) -> Resource<'a> {
        Resource {
            address: self.address,
            of: self.of,
            is_data: false,
            is_created: false,
            is_deleted_last: self.is_deleted_last,
            declaration: None,
            origins: None,
            module: calls(self.module).unwrap_or_default(),
            block: block(false, self.of, self.name),
            key: None,
            values: Some(self.before),
            unknown: None,
            sensitive: None,
            refined: None,
            place: self.place.clone(),
        }
    }
}

impl<'a> Changes<'a> {
    fn read(document: &Cursor<'a>, sink: &mut Sink) -> Changes<'a> {
        let mut changes = Changes::default();
        for cursor in document.list("resource_changes", sink) {
            let address = cursor.required_text("address", sink);
            let (Some(address), Some(change)) = (address, cursor.required("change", sink)) else {
                continue;
            };
            changes.addresses.insert(address);
            let actions = change.texts("actions", sink);
            let is_deposed = cursor.get("deposed").is_some();
            let does = |action| actions.contains(&action);
            changes
                .all
                .extend(cursor.text("type", sink).map(|of| ResourceChange {
                    address: address.to_owned(),
                    of: of.to_owned(),
                    is_made: does("create"),
                    is_updated: does("update"),
                    is_gone: does("delete"),
                    is_deposed,
                }));
            if is_deposed {
                changes
                    .deposed
                    .extend(former(&cursor, address, &change, sink));
                continue;
            }
            if let Some(unknown) = change.get("after_unknown") {
                changes.unknown.insert(address, unknown.value());
            }
            if actions.contains(&"create") {
                changes.created.insert(address);
            }
            if let (true, Some(before)) = (actions.contains(&"forget"), change.get("before")) {
                if actions.contains(&"create") {
                    let what = "what Terraform forgets and makes anew, and AWS keeps beside it,";
                    sink.left_out(before.place(), address, what);
                    sink.unread(Touches::Everything, format!("{address} ({what})"), false);
                } else {
                    changes.forgotten.insert(address, before.value());
                }
            }
            changes
                .replaced
                .extend(former(&cursor, address, &change, sink));
        }
        changes
    }
}

/// What a change deletes or updates, as it was.
fn former<'a>(
    cursor: &Cursor<'a>,
    address: &'a str,
    change: &Cursor<'a>,
    sink: &mut Sink,
) -> Option<Former<'a>> {
    let actions = change.texts("actions", sink);
    let takes_away = actions.contains(&"delete") || actions.contains(&"update");
    let before = change.get("before").filter(|_| takes_away)?;
    Some(Former {
        address,
        module: cursor.text("module_address", sink).unwrap_or_default(),
        of: cursor.text("type", sink)?,
        name: cursor.text("name", sink)?,
        // `create_before_destroy`
        is_deleted_last: actions == ["create", "delete"],
        before: before.value(),
        place: before.place(),
    })
}
