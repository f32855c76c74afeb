//! The tags that a resource will have.
//!
//! `tags_all` holds them: those of the resource itself over the default ones of its provider. The
//! provider leaves all of it open when a value of `tags` is not known yet, and when there are none, so
//! that both parts are put together here again. Source: the AWS provider's guide on resource tagging,
//! and its function `SetTagsDiff`.

use std::collections::{BTreeMap, BTreeSet};

use crate::json::Value as Json;
use model::{Hole, Tags};

use super::attribute::Attribute;
use super::plan::{Plan, Resource};
use super::reader::Reader;

/// The tags of a resource, and which of them are open.
#[derive(Clone, Debug, Default)]
pub(super) struct OwnTags {
    pub(super) known: Tags,
    /// The keys that it may have or not.
    pub(super) open: BTreeMap<String, Hole>,
    /// What leaves open whether it has tags of other keys.
    pub(super) further: Option<Hole>,
}

/// The tags that a provider gives to each of its resources.
#[derive(Clone, Debug, Default)]
pub(super) struct DefaultTags {
    known: Tags,
    open: BTreeSet<String>,
    /// Whether there may be some of any key.
    has_further: bool,
    /// Whether only the configuration says so, and not the tags of any resource: the provider takes
    /// default tags of the environment too.
    is_assumed: bool,
}

/// What the configuration of a provider says of its default tags.
enum Configured {
    Nothing,
    Constant(Tags),
    Computed,
}

impl Reader<'_, '_> {
    /// The tags of a resource, as far as they are known.
    pub(super) fn tags(&self, resource: &Resource<'_>) -> Tags {
        self.own_tags(resource).known
    }

    /// The tags of a resource, and which are open.
    pub(super) fn own_tags(&self, resource: &Resource<'_>) -> OwnTags {
        let (all, own) = (resource.attribute("tags_all"), resource.attribute("tags"));
        if !all.is_unknown() {
            // A provider before its version 3.38 has no `tags_all`, and no default tags.
            let is_told = all.is_present() || all.has_unknown();
            return read(if is_told { &all } else { &own });
        }
        let mut tags = read(&own);
        if tags.further.is_some() {
            return tags;
        }
        let Some(defaults) = self.default_tags.get(&provider(resource)) else {
            return tags;
        };
        for (key, value) in &defaults.known {
            if !tags.open.contains_key(key) {
                tags.known.entry(key.clone()).or_insert(value.clone());
            }
        }
        for key in &defaults.open {
            if !tags.known.contains_key(key) {
                tags.open.entry(key.clone()).or_insert(all.hole());
            }
        }
        tags.further = defaults.has_further.then(|| all.hole());
        tags
    }

    /// Says that default tags of the environment are not thought of, where nothing shows them. Of a
    /// resource without tags of its own the provider would know them.
    pub(super) fn assume_default_tags(&mut self, resource: &Resource<'_>) {
        let all = resource.attribute("tags_all");
        let is_hidden = all.is_unknown() && resource.attribute("tags").has_unknown();
        let defaults = self.default_tags.get(&provider(resource));
        if is_hidden && defaults.is_some_and(|defaults| defaults.is_assumed) {
            let text = "no default tags come from the environment of Terraform \
                        (`TF_AWS_DEFAULT_TAGS_…`)";
            self.sink.assume("default-tags", text);
        }
    }
}

/// The tags in one attribute.
fn read(attribute: &Attribute<'_>) -> OwnTags {
    if attribute.is_unknown() {
        return OwnTags {
            further: Some(attribute.hole()),
            ..OwnTags::default()
        };
    }
    let open = attribute.open_keys().into_iter();
    OwnTags {
        known: attribute.tags(),
        open: open
            .map(|key| (key.to_owned(), attribute.field(key).hole()))
            .collect(),
        further: None,
    }
}

/// The key of the provider's configuration that makes a resource.
fn provider(resource: &Resource<'_>) -> String {
    let key = resource
        .declaration
        .and_then(|of| of.get("provider_config_key")?.as_str());
    key.unwrap_or_default().to_owned()
}

/// The default tags of each provider.
pub(super) fn defaults(plan: &Plan<'_>) -> BTreeMap<String, DefaultTags> {
    let mut by_provider: BTreeMap<String, Vec<(Tags, Tags)>> = BTreeMap::new();
    if !plan.is_plan() {
        return BTreeMap::new();
    }
    for resource in plan.resources.iter().filter(|one| !one.is_data) {
        let shown = by_provider.entry(provider(resource)).or_default();
        let (all, own) = (resource.attribute("tags_all"), resource.attribute("tags"));
        // A resource with known tags shows which of them are default ones.
        let is_told = all.is_present() && resource.raw("tags").0.is_some();
        if is_told && !all.has_unknown() && !own.has_unknown() {
            shown.push((own.tags(), all.tags()));
        }
    }
    let of_provider = |(key, shown): (String, Vec<(Tags, Tags)>)| {
        let defaults = of_provider(configured(plan, &key), &shown);
        (key, defaults)
    };
    by_provider.into_iter().map(of_provider).collect()
}

fn of_provider(configured: Configured, shown: &[(Tags, Tags)]) -> DefaultTags {
    let mut known = Tags::new();
    for (own, all) in shown {
        let more = all.iter().filter(|(key, _)| !own.contains_key(*key));
        known.extend(more.map(|(key, value)| (key.clone(), value.clone())));
    }
    match configured {
        Configured::Constant(constant) => DefaultTags {
            known: constant,
            ..DefaultTags::default()
        },
        Configured::Nothing => DefaultTags {
            known,
            is_assumed: shown.is_empty(),
            ..DefaultTags::default()
        },
        Configured::Computed => {
            // What every resource that shows its tags sets itself may be a default one too.
            let mut sets = shown.iter().map(|(own, _)| own.keys().cloned().collect());
            let first: Option<BTreeSet<String>> = sets.next();
            let has_further = first.is_none();
            let all = sets.fold(first.unwrap_or_default(), |all, set| {
                all.intersection(&set).cloned().collect()
            });
            DefaultTags {
                known,
                open: all,
                has_further,
                is_assumed: false,
            }
        }
    }
}

fn configured(plan: &Plan<'_>, key: &str) -> Configured {
    let provider = plan
        .configuration
        .and_then(|of| of.get("provider_config")?.get(key));
    let block = provider.and_then(|of| of.get("expressions")?.get("default_tags"));
    let Some(block) = block else {
        return Configured::Nothing;
    };
    let block = block.get(0).unwrap_or(block);
    let Some(tags) = block.get("tags") else {
        return Configured::Computed;
    };
    let constant = tags.get("constant_value").and_then(Json::as_object);
    let Some(constant) = constant else {
        return Configured::Computed;
    };
    let text = |(key, value): (&str, &Json)| {
        let value = match value {
            Json::String(text) => text.clone(),
            Json::Number(number) => number.to_string(),
            Json::Bool(flag) => flag.to_string(),
            Json::Null | Json::Array(_) | Json::Object(_) => return None,
        };
        Some((key.to_owned(), value))
    };
    let tags: Option<Tags> = constant.iter().map(text).collect();
    tags.map_or(Configured::Computed, Configured::Constant)
}
