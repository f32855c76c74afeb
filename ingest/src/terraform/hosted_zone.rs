//! Private hosted zones: `aws_route53_zone`, `_zone_association`, `aws_route53_record`.

use std::collections::{BTreeMap, BTreeSet};

use model::{Hole, HostedZone, HostedZoneId, Value, Vpc, VpcId};

use crate::doubt::Touches;
use crate::records::{EndpointNames, RecordData, RecordSet, dns_name, layer};

use super::attribute::Attribute;
use super::identity::Thing;
use super::plan::Resource;
use super::reader::{Reader, shelve};
use super::removal::shown;
use super::slot::Slot;

/// The type that stands for one of the VPCs of a zone.
const ASSOCIATION: &str = "aws_route53_zone_association";
/// The attributes of a record that stand for a routing policy.
const POLICIES: [&str; 8] = [
    "set_identifier",
    "weighted_routing_policy",
    "latency_routing_policy",
    "failover_routing_policy",
    "geolocation_routing_policy",
    "geoproximity_routing_policy",
    "cidr_routing_policy",
    "multivalue_answer_routing_policy",
];

/// What the plan has for a zone.
#[derive(Default)]
struct Found {
    sets: Vec<RecordSet>,
    /// What is not known of its records.
    hole: Option<Hole>,
}

/// Reads the zones, then their records.
pub(super) fn read(reader: &mut Reader<'_, '_>) {
    let associated = associated(reader);
    let mut public = BTreeSet::new();
    for resource in reader.plan.managed(&["aws_route53_zone"]) {
        if !zone(reader, resource, &associated) {
            public.insert(reader.plan.id(resource));
        }
    }
    unseen(reader, &public);
    let found = of_zones(reader, &public);
    let endpoints = reader.vpc_endpoints.values();
    let planned = endpoints.map(|endpoint| &endpoint.component);
    let endpoints = EndpointNames::new(planned.chain(&reader.sink.draft.vpc_endpoints));
    for (id, found) in found {
        let has_earlier = reader.sink.get::<HostedZone>(&id).is_some();
        let zone = match reader.hosted_zones.get_mut(&id) {
            Some(zone) => &mut zone.component,
            None => match reader.sink.get::<HostedZone>(&id) {
                Some(zone) => zone,
                None => continue,
            },
        };
        match (&mut zone.records, found.hole) {
            (records, Some(hole)) => *records = Value::Any(hole),
            (Value::Known(records), None) => {
                layer(&zone.name, records, &found.sets, &endpoints, has_earlier);
            }
            (Value::OneOf(..) | Value::Any(_), None) => {}
        }
    }
}

/// Says of zones that the plan associates and no input has that they may be of any name.
fn unseen(reader: &mut Reader<'_, '_>, public: &BTreeSet<String>) {
    for resource in reader.plan.managed(&[ASSOCIATION]) {
        let zone = resource.attribute("zone_id");
        let Some(id) = reader.settle(&zone, Thing::HostedZone) else {
            continue;
        };
        let is_seen = reader.hosted_zones.contains_key(&id)
            || public.contains(&id)
            || reader.left_out.contains(&id)
            || reader.sink.get::<HostedZone>(&id).is_some();
        if !is_seen {
            reader.not_modelled(resource, "a hosted zone that is not in the input");
            if reader.plan.is_declared {
                let what = format!("what zone `{}` is of", zone.name());
                reader.sink.guess(Touches::Names, what);
            } else {
                reader
                    .sink
                    .open_attribute(Touches::Names, &zone.hole(), true);
            }
        }
    }
}

/// The VPCs that stand-alone resources associate with each zone.
fn associated(reader: &mut Reader<'_, '_>) -> BTreeMap<String, BTreeSet<VpcId>> {
    let mut associated: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for resource in reader.plan.managed(&[ASSOCIATION]) {
        let zone = resource.attribute("zone_id");
        let Some(id) = reader.settle(&zone, Thing::HostedZone) else {
            reader.untraced(&zone);
            continue;
        };
        let vpc = vpc_here(reader, &resource.attribute("vpc_id"));
        if let (Some(vpc), Some(zone)) = (&vpc, reader.sink.get::<HostedZone>(&id)) {
            zone.vpcs.insert(vpc.clone());
        }
        let vpcs = associated.entry(id).or_default();
        vpcs.extend(vpc);
    }
    associated
}

/// The VPC that an attribute names, when it is in the input.
pub(super) fn vpc_here(reader: &mut Reader<'_, '_>, attribute: &Attribute<'_>) -> Option<VpcId> {
    let id = reader.vpc_id(attribute)?;
    let planned = reader.vpcs.contains_key(id.as_str());
    (planned || reader.sink.get::<Vpc>(id.as_str()).is_some()).then_some(id)
}

/// Reads a zone; whether it is private.
fn zone(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    associated: &BTreeMap<String, BTreeSet<VpcId>>,
) -> bool {
    let id = reader.plan.id(resource);
    let own = resource.attribute("vpc").items();
    let others = associated.get(&id);
    let earlier = reader.sink.get::<HostedZone>(&id);
    let records = earlier.map(|zone| zone.records.clone());
    if own.is_empty() && others.is_none() && records.is_none() {
        return false;
    }
    let Some(name) = resource.attribute("name").text() else {
        let what = "a hosted zone whose name is not known";
        reader.leave_out_unread(resource, what, Touches::Names);
        return true;
    };
    let (mut named, hole) = named_vpcs(reader, &own);
    let taken = shown::taken(reader.plan, ASSOCIATION, ["zone_id", "vpc_id"], &id);
    named.retain(|vpc| !taken.contains(vpc.as_str()));
    let mut vpcs = others.cloned().unwrap_or_default();
    vpcs.extend(named);
    let zone = HostedZone {
        name: dns_name(name),
        vpcs,
        records: match (hole, records) {
            (Some(hole), _) => Value::Any(hole),
            (None, Some(records)) => records,
            (None, None) => Value::Known(Vec::new()),
        },
        tags: reader.tags(resource),
        id: HostedZoneId::new(id),
    };
    shelve(
        &mut reader.hosted_zones,
        zone,
        resource.place(),
        reader.sink,
    );
    true
}

/// The VPCs that the blocks of a zone name, together: blocks have no order, so that none of them by
/// itself may be traced. Where they cannot be told together either, every VPC that may be meant is,
/// and the hole says that its names are not known.
fn named_vpcs(
    reader: &mut Reader<'_, '_>,
    blocks: &[Attribute<'_>],
) -> (BTreeSet<VpcId>, Option<Hole>) {
    let mut named = BTreeSet::new();
    let mut candidates = BTreeSet::new();
    let mut open: Vec<Attribute<'_>> = Vec::new();
    for block in blocks {
        let attribute = block.field("vpc_id");
        let found = match reader.slot(&attribute, &[Thing::Vpc]) {
            Slot::Empty | Slot::Open => Vec::new(),
            Slot::Known(candidate) => vec![candidate],
            Slot::OneOf(list) => list,
        };
        let found = found.into_iter().map(|candidate| candidate.id);
        if attribute.is_open() {
            candidates.extend(found);
            open.push(attribute);
        } else {
            named.extend(found);
        }
    }
    let is_exact = candidates.len() == open.len();
    if candidates.len() < open.len() {
        let planned = reader.vpcs.values().map(|vpc| &vpc.component);
        let all = planned.chain(&reader.sink.draft.vpcs);
        candidates.extend(all.map(|vpc| vpc.id.to_string()));
    }
    let hole = open.first().filter(|_| !is_exact).map(Attribute::hole);
    named.extend(candidates);
    let is_here =
        |id: &String| reader.vpcs.contains_key(id) || reader.sink.get::<Vpc>(id).is_some();
    let here: Vec<String> = named.into_iter().filter(is_here).collect();
    (here.into_iter().map(VpcId::new).collect(), hole)
}

/// The records of the plan by the id of their zone.
fn of_zones(reader: &mut Reader<'_, '_>, public: &BTreeSet<String>) -> BTreeMap<String, Found> {
    let mut found: BTreeMap<String, Found> = BTreeMap::new();
    for resource in reader.plan.managed(&["aws_route53_record"]) {
        let attribute = resource.attribute("zone_id");
        let slot = reader.slot(&attribute, &[Thing::HostedZone]);
        let zones = match slot {
            Slot::Known(zone) => {
                let name = zone_name(reader, &zone.id);
                let of_zone = found.entry(zone.id.clone()).or_default();
                let own = resource.attribute("name");
                match name {
                    None if public.contains(&zone.id) => {}
                    None => {
                        let what = "a record of a hosted zone that is not in the input";
                        reader.omit(resource, what);
                    }
                    Some(_) if own.is_unknown() => of_zone.hole = Some(own.hole()),
                    Some(zone) => {
                        let name = absolute(own.text().unwrap_or_default(), &zone);
                        of_zone.sets.push(record_set(reader, resource, &name));
                    }
                }
                continue;
            }
            Slot::OneOf(list) => list.into_iter().map(|one| one.id).collect(),
            Slot::Empty | Slot::Open => {
                reader.may_be_earlier(&attribute);
                reader.hosted_zones.keys().cloned().collect::<Vec<_>>()
            }
        };
        for zone in zones {
            found.entry(zone).or_default().hole = Some(attribute.hole());
        }
    }
    found
}

fn zone_name(reader: &mut Reader<'_, '_>, id: &str) -> Option<String> {
    match reader.hosted_zones.get(id) {
        Some(zone) => Some(zone.component.name.clone()),
        None => reader
            .sink
            .get::<HostedZone>(id)
            .map(|zone| zone.name.clone()),
    }
}

/// A record's name, to which the provider adds that of the zone when it is not there.
fn absolute(name: &str, zone: &str) -> String {
    let name = dns_name(name);
    let inside = name == zone || name.ends_with(&format!(".{zone}"));
    match (inside, name.is_empty()) {
        (true, _) => name,
        (false, true) => zone.to_owned(),
        (false, false) => format!("{name}.{zone}"),
    }
}

fn record_set(reader: &mut Reader<'_, '_>, resource: &Resource<'_>, name: &str) -> RecordSet {
    let of = resource.attribute("type").text().unwrap_or_default();
    let mut policies = POLICIES.iter();
    let policy = policies.find(|policy| {
        let attribute = resource.attribute(policy);
        attribute.flag().unwrap_or_else(|| attribute.is_set())
    });
    let alias = resource.attribute("alias").items();
    let values = resource.attribute("records");
    let data = match (policy, alias.first()) {
        (Some(policy), _) => RecordData::Unmodelled(policy.replace('_', " ")),
        (None, Some(alias)) => self::alias(reader, resource, alias),
        (None, None) if values.has_unknown() => open(reader, &values),
        (None, None) => {
            let values = values.items();
            let values = values.iter().filter_map(Attribute::text);
            RecordData::Values(values.map(str::to_owned).collect())
        }
    };
    RecordSet {
        name: name.to_owned(),
        of: of.to_owned(),
        data,
    }
}

fn alias(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    alias: &Attribute<'_>,
) -> RecordData {
    let name = alias.field("name");
    let Some(text) = name.text() else {
        return open(reader, &name);
    };
    let of = |reader: &mut Reader<'_, '_>, attribute: &Attribute<'_>| {
        reader.settle(attribute, Thing::HostedZone)
    };
    let target = of(reader, &alias.field("zone_id"));
    let own = of(reader, &resource.attribute("zone_id"));
    RecordData::Alias {
        name: text.to_owned(),
        same_zone: target.is_some() && target == own,
    }
}

/// A value that is known after apply: the regional name of an endpoint of the plan, or anything.
fn open(reader: &Reader<'_, '_>, attribute: &Attribute<'_>) -> RecordData {
    let unmodelled = || RecordData::Unmodelled(attribute.name());
    let found = reader.plan.candidates(attribute, &[Thing::VpcEndpoint]);
    let only = match found.list.as_slice() {
        [only] if !found.is_blurred && !found.is_chosen => only,
        _ => return unmodelled(),
    };
    // The first of its names is the regional one.
    let expressions = attribute.expressions();
    let mut texts = expressions.iter().map(|expression| expression.to_string());
    let is_regional = texts.any(|text| text.contains("dns_entry[0]"));
    if is_regional {
        RecordData::Endpoint(only.id.as_str().into())
    } else {
        unmodelled()
    }
}
