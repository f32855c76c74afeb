//! The record sets of a hosted zone, as Route 53 has them, as records of the model.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use model::{
    Address, DnsRecord, DnsTarget, EndpointKind, Family, Value, VpcEndpoint, VpcEndpointId,
};

/// A record set: one name and type.
#[derive(Clone, Debug)]
pub(crate) struct RecordSet {
    /// The name, as Route 53 writes it.
    pub(crate) name: String,
    /// The type, as `A`.
    pub(crate) of: String,
    /// What it means.
    pub(crate) data: RecordData,
}

/// What a record set means.
#[derive(Clone, Debug)]
pub(crate) enum RecordData {
    /// Its values.
    Values(Vec<String>),
    /// Another name; whether the name is one of the same zone.
    Alias {
        /// The name.
        name: String,
        /// Whether it is one of the same zone.
        same_zone: bool,
    },
    /// The regional name of an endpoint.
    Endpoint(VpcEndpointId),
    /// A routing policy, or what else is not modelled.
    Unmodelled(String),
}

/// A name in lower case, without the final dot, and with what Route 53 escapes as it is.
pub(crate) fn dns_name(text: &str) -> String {
    let text = text.replace("\\052", "*").to_lowercase();
    text.strip_suffix('.').unwrap_or(&text).to_owned()
}

/// The regional names of interface endpoints.
#[derive(Clone, Debug, Default)]
pub(crate) struct EndpointNames {
    names: BTreeMap<String, VpcEndpointId>,
}

impl EndpointNames {
    pub(crate) fn new<'a>(endpoints: impl Iterator<Item = &'a VpcEndpoint>) -> Self {
        let mut names = BTreeMap::new();
        for endpoint in endpoints {
            let EndpointKind::Interface {
                specific_names: Value::Known(specific),
                ..
            } = &endpoint.kind
            else {
                continue;
            };
            for name in specific.iter().filter(|name| name.interface.is_none()) {
                names.insert(dns_name(&name.name), endpoint.id.clone());
            }
        }
        Self { names }
    }
}

/// The records of a zone of that name.
pub(crate) fn records(zone: &str, sets: &[RecordSet], endpoints: &EndpointNames) -> Vec<DnsRecord> {
    beside(zone, sets, endpoints, false)
}

/// Puts record sets into a zone, in the place of its own of the same names and types. Of a zone that an
/// earlier input has, names without addresses are not among its records, and a new wildcard does not
/// answer for them.
pub(crate) fn layer(
    zone: &str,
    records: &mut Vec<DnsRecord>,
    sets: &[RecordSet],
    endpoints: &EndpointNames,
    is_earlier: bool,
) {
    let is_wild = |name: &str| name.starts_with("*.");
    let has_wildcards = records.iter().any(|record| is_wild(&record.name));
    for mut new in beside(zone, sets, endpoints, has_wildcards) {
        let types = sets.iter().filter(|set| dns_name(&set.name) == new.name);
        let types: BTreeSet<_> = types.map(|set| set.of.as_str()).collect();
        match records.iter_mut().find(|record| record.name == new.name) {
            Some(old) => old.target = layered(old.target.clone(), new.target, &types),
            None => {
                if is_earlier && !has_wildcards && is_wild(&new.name) {
                    new.target = DnsTarget::Unmodelled("new wildcard".to_owned());
                }
                records.push(new);
            }
        }
    }
}

/// What a name means whose record sets of some types are written anew, and the others stay.
fn layered(old: DnsTarget, new: DnsTarget, types: &BTreeSet<&str>) -> DnsTarget {
    let has = |of: &str| types.contains(of);
    let family = match (has("A"), has("AAAA")) {
        _ if has("CNAME") || has("NS") || old == new => return new,
        (true, true) => return new,
        (true, false) => Family::V4,
        (false, true) => Family::V6,
        (false, false) => return old,
    };
    let DnsTarget::Addresses(mut others) = old else {
        return several();
    };
    others.retain(|address| address.family() != family);
    match new {
        DnsTarget::Addresses(mut new) => {
            new.extend(others);
            DnsTarget::Addresses(new)
        }
        DnsTarget::Endpoint(_) | DnsTarget::Name(_) | DnsTarget::Unmodelled(_)
            if others.is_empty() =>
        {
            new
        }
        DnsTarget::Endpoint(_) | DnsTarget::Name(_) | DnsTarget::Unmodelled(_) => several(),
    }
}

fn several() -> DnsTarget {
    DnsTarget::Unmodelled("records of several kinds".to_owned())
}

/// The records of some sets of a zone, and whether others of it are wildcards.
fn beside(
    zone: &str,
    sets: &[RecordSet],
    endpoints: &EndpointNames,
    has_wildcards: bool,
) -> Vec<DnsRecord> {
    let mut targets: BTreeMap<String, Vec<DnsTarget>> = BTreeMap::new();
    let mut others: BTreeMap<String, &str> = BTreeMap::new();
    for set in sets {
        let name = dns_name(&set.name);
        match target(set, endpoints) {
            Some(target) => targets.entry(name).or_default().push(target),
            None if set.of == "NS" && name != zone => {
                // A zone of its own, elsewhere.
                let delegated = || DnsTarget::Unmodelled("NS".to_owned());
                targets.insert(format!("*.{name}"), vec![delegated()]);
                targets.insert(name, vec![delegated()]);
            }
            None if name != zone => {
                others.insert(name, &set.of);
            }
            None => {}
        }
    }
    // A name with records of other types only has no address; but it hides a wildcard, and what
    // that means for it is left open.
    let has_wildcards = has_wildcards || targets.keys().any(|name| name.starts_with("*."));
    for (name, of) in others.into_iter().filter(|_| has_wildcards) {
        let unmodelled = || vec![DnsTarget::Unmodelled(of.to_owned())];
        targets.entry(name).or_insert_with(unmodelled);
    }
    let targets = targets.into_iter();
    let record = |(name, targets)| DnsRecord {
        name,
        target: merged(targets),
    };
    targets.map(record).collect()
}

/// What a record set of a type that means addresses means.
fn target(set: &RecordSet, endpoints: &EndpointNames) -> Option<DnsTarget> {
    if !matches!(set.of.as_str(), "A" | "AAAA" | "CNAME") {
        return None;
    }
    Some(match &set.data {
        RecordData::Endpoint(id) => DnsTarget::Endpoint(id.clone()),
        RecordData::Unmodelled(what) => DnsTarget::Unmodelled(what.clone()),
        RecordData::Alias { name, same_zone } => {
            let name = dns_name(name);
            match endpoints.names.get(&name) {
                Some(id) => DnsTarget::Endpoint(id.clone()),
                None if *same_zone => DnsTarget::Name(name),
                None => DnsTarget::Unmodelled(format!("alias of {name}")),
            }
        }
        RecordData::Values(values) if set.of == "CNAME" => match values.as_slice() {
            [name] => DnsTarget::Name(dns_name(name)),
            _ => DnsTarget::Unmodelled("CNAME of several values".to_owned()),
        },
        RecordData::Values(values) => {
            let addresses = values.iter().map(|value| value.parse::<IpAddr>());
            match addresses.collect::<Result<Vec<_>, _>>() {
                Ok(addresses) if !addresses.is_empty() => {
                    let addresses = addresses.into_iter().map(Address::from);
                    DnsTarget::Addresses(addresses.collect())
                }
                Ok(_) | Err(_) => DnsTarget::Unmodelled(format!("{} record", set.of)),
            }
        }
    })
}

/// The one target of a name that has several record sets: A and AAAA, mostly.
fn merged(targets: Vec<DnsTarget>) -> DnsTarget {
    let mut addresses = BTreeSet::new();
    let mut others = BTreeSet::new();
    for target in targets {
        match target {
            DnsTarget::Addresses(more) => addresses.extend(more),
            other @ (DnsTarget::Endpoint(_) | DnsTarget::Name(_) | DnsTarget::Unmodelled(_)) => {
                others.insert(other);
            }
        }
    }
    let unmodelled = others
        .iter()
        .find(|one| matches!(one, DnsTarget::Unmodelled(_)));
    let unmodelled = unmodelled.cloned();
    match (addresses.is_empty(), others.len(), unmodelled) {
        (_, _, Some(unmodelled)) => unmodelled,
        (false, 0, None) => DnsTarget::Addresses(addresses),
        (true, 1, None) => others
            .pop_first()
            .unwrap_or_else(|| DnsTarget::Unmodelled("no record".to_owned())),
        (_, _, None) => several(),
    }
}
