//! Tags that an earlier input has and the plan does not see: those that AWS gives, those that its
//! provider is told to ignore, and those that interfaces have themselves, which no instance shows.
//! Source: <https://registry.terraform.io/providers/hashicorp/aws/latest/docs#ignore_tags-configuration-block>

use std::collections::BTreeSet;

use model::{Hole, NetworkInterface, Tags};

use crate::json::Value as Json;
use crate::provenance::Kind;
use crate::sink::{Component, Sink};

use super::further_tag::instance_of;
use super::plan::Plan;
use super::reader::{Reader, Shelf};

/// What begins the keys of AWS's own tags.
const OF_AWS: &str = "aws:";

/// The keys of the tags that the providers of a plan are told to ignore.
#[derive(Debug, Default)]
struct Ignored {
    keys: BTreeSet<String>,
    prefixes: BTreeSet<String>,
    /// Whether there are some that the configuration alone does not tell.
    has_open: bool,
}

/// Whether a tag is there that a resource does not show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stays {
    Yes,
    No,
    MayBe,
}

/// Keeps them.
pub(super) fn read(reader: &mut Reader<'_, '_>) {
    let ignored = Ignored::read(reader.plan);
    let stays = |key: &str| ignored.stays(key);
    let sink = &mut *reader.sink;
    let mut open = Vec::new();
    let mut keep_in = |kind: Kind, found: Vec<(String, String)>| {
        open.extend(found.into_iter().map(|(id, key)| (kind, id, key)));
    };
    keep_in(
        Kind::Vpc,
        keep(&mut reader.vpcs, sink, |one| &mut one.tags, stays),
    );
    keep_in(
        Kind::Subnet,
        keep(&mut reader.subnets, sink, |one| &mut one.tags, stays),
    );
    keep_in(
        Kind::NatGateway,
        keep(&mut reader.nat_gateways, sink, |one| &mut one.tags, stays),
    );
    keep_in(
        Kind::VpcEndpoint,
        keep(&mut reader.vpc_endpoints, sink, |one| &mut one.tags, stays),
    );
    keep_in(
        Kind::EndpointService,
        keep(
            &mut reader.endpoint_services,
            sink,
            |one| &mut one.tags,
            stays,
        ),
    );
    keep_in(
        Kind::TransitGateway,
        keep(
            &mut reader.transit_gateways,
            sink,
            |one| &mut one.tags,
            stays,
        ),
    );
    keep_in(
        Kind::VirtualPrivateGateway,
        keep(
            &mut reader.virtual_private_gateways,
            sink,
            |one| &mut one.tags,
            stays,
        ),
    );
    for (id, key) in interfaces(reader, &ignored) {
        open.push((Kind::NetworkInterface, id, key));
    }
    for (kind, id, key) in open {
        let hole = Hole::new(format!("tags of {id}"));
        reader.open(kind, &id).tags.entry(key).or_insert(hole);
    }
}

/// Keeps the tags of components; those of which it is not known whether they stay are open.
fn keep<C: Component>(
    shelf: &mut Shelf<C>,
    sink: &mut Sink,
    tags: impl Fn(&mut C) -> &mut Tags,
    stays: impl Fn(&str) -> Stays,
) -> Vec<(String, String)> {
    let mut open = Vec::new();
    for (id, placed) in shelf {
        let Some(earlier) = sink.get::<C>(id).map(&tags) else {
            continue;
        };
        let own = tags(&mut placed.component);
        for (key, value) in earlier.iter() {
            match stays(key) {
                _ if own.contains_key(key) => {}
                Stays::Yes => {
                    own.insert(key.clone(), value.clone());
                }
                Stays::MayBe => open.push((id.clone(), key.clone())),
                Stays::No => {}
            }
        }
    }
    open
}

/// Keeps the tags of interfaces: of one that a resource declares as those of anything else, of another
/// all but those of its instance.
fn interfaces(reader: &mut Reader<'_, '_>, ignored: &Ignored) -> Vec<(String, String)> {
    let plan = reader.plan;
    let mut open = Vec::new();
    let ids: Vec<String> = reader.network_interfaces.keys().cloned().collect();
    for id in ids {
        let Some(earlier) = reader.sink.get::<NetworkInterface>(&id) else {
            continue;
        };
        let earlier = earlier.tags.clone();
        let before = of_instance_before(reader, &id);
        let is_declared = plan.made(&["aws_network_interface"], &id).is_some();
        let Some(placed) = reader.network_interfaces.get_mut(&id) else {
            continue;
        };
        let tags = &mut placed.component.tags;
        for (key, value) in earlier {
            let is_of_instance = before.get(&key) == Some(&value);
            let stays = match is_declared {
                true => ignored.stays(&key),
                false if is_of_instance => Stays::No,
                false => Stays::Yes,
            };
            match (tags.get(&key), stays) {
                (Some(now), Stays::Yes) if *now != value => open.push((id.clone(), key)),
                (None, Stays::Yes) => {
                    tags.insert(key, value);
                }
                (None, Stays::MayBe) => open.push((id.clone(), key)),
                (_, _) => {}
            }
        }
    }
    open
}

/// The tags that the instance of an interface had before the change.
fn of_instance_before(reader: &Reader<'_, '_>, interface: &str) -> Tags {
    let plan = reader.plan;
    let interface = reader.network_interfaces.get(interface);
    let Some(of) = interface.and_then(|placed| instance_of(&placed.component)) else {
        return Tags::new();
    };
    let mut former = plan.former.iter();
    let former = former.find(|former| former.of == "aws_instance" && plan.id(former) == of);
    match former.or_else(|| plan.made(&["aws_instance"], of)) {
        Some(instance) => reader.tags(instance),
        None => Tags::new(),
    }
}

impl Ignored {
    fn read(plan: &Plan<'_>) -> Ignored {
        let mut ignored = Ignored::default();
        let providers = plan
            .configuration
            .and_then(|configuration| configuration.get("provider_config"));
        for key in plan.providers() {
            let provider = providers.and_then(|providers| providers.get(key));
            let block = provider.and_then(|of| of.get("expressions")?.get("ignore_tags"));
            let Some(block) = block else {
                continue;
            };
            let block = block.get(0).unwrap_or(block);
            for (name, texts) in [
                ("keys", &mut ignored.keys),
                ("key_prefixes", &mut ignored.prefixes),
            ] {
                let Some(expression) = block.get(name) else {
                    continue;
                };
                let constant = expression.get("constant_value").and_then(Json::as_array);
                ignored.has_open |= constant.is_none();
                let constant = constant.into_iter().flatten();
                texts.extend(constant.filter_map(|text| Some(text.as_str()?.to_owned())));
            }
        }
        ignored
    }

    fn stays(&self, key: &str) -> Stays {
        let mut prefixes = self.prefixes.iter();
        let is_ignored = key.starts_with(OF_AWS)
            || self.keys.contains(key)
            || prefixes.any(|prefix| key.starts_with(prefix));
        match (is_ignored, self.has_open) {
            (true, _) => Stays::Yes,
            (false, true) => Stays::MayBe,
            (false, false) => Stays::No,
        }
    }
}
