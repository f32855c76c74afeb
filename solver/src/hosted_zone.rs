//! Private hosted zones (page dns).

use model::{Answer, Clause, DnsRecord, DnsTarget, Hole, HostedZone, Resolution, Value};

use crate::dns_name::{DnsName, Listed};
use crate::resolve::{Query, answer};
use crate::vpc_endpoint;

/// `hosted-zone`: what a chosen zone answers.
pub(crate) fn answers(query: &Query<'_>, zone: &HostedZone) -> Resolution {
    let own = |own| answer(Clause::HostedZone, own);
    let records = match &zone.records {
        Value::Known(records) => records,
        Value::OneOf(_, hole) | Value::Any(hole) => {
            return own(Answer::Undetermined(hole.clone()));
        }
    };
    let Some(record) = record_for(records, query.name) else {
        return own(Answer::NoAnswer);
    };
    match &record.target {
        DnsTarget::Addresses(addresses) => own(Answer::Addresses(addresses.clone())),
        DnsTarget::Endpoint(id) => {
            let endpoint = query.network.vpc_endpoints().get(id);
            let available = endpoint.filter(|endpoint| endpoint.available);
            let interfaces = available.into_iter().flat_map(vpc_endpoint::interfaces);
            let interfaces: std::collections::BTreeSet<_> = interfaces.cloned().collect();
            own(if interfaces.is_empty() {
                Answer::NoAnswer
            } else {
                Answer::Interfaces(interfaces)
            })
        }
        DnsTarget::Name(other) => query.led_to(&DnsName::new(other)),
        DnsTarget::Unmodelled(what) => {
            let hole = format!("{what} of record {} of {}", record.name, zone.id);
            own(Answer::Undetermined(Hole::new(hole)))
        }
    }
}

/// The record of a name; without one, the longest wildcard that nothing in the zone takes away.
fn record_for<'a>(records: &'a [DnsRecord], name: &DnsName) -> Option<&'a DnsRecord> {
    let names: Vec<DnsName> = records
        .iter()
        .map(|record| DnsName::new(&record.name))
        .collect();
    let of = |own: &DnsName| names.iter().position(|other| other == own);
    let stands_at_or_below = |place: &DnsName| names.iter().any(|other| other.is_within(place));
    let wildcard = || {
        let listed = records.iter().map(|record| Listed::new(&record.name));
        let left = listed.enumerate().filter(|(_, listed)| match listed {
            Listed::Exactly(_) => false,
            Listed::Below(parent) => {
                // In the place of the `*` the name has one label more than the parent.
                let place = name.topmost(parent.length() + 1);
                listed.stands_for(name) && !stands_at_or_below(&place)
            }
        });
        left.max_by_key(|(_, listed)| listed.length())
            .map(|(position, _)| position)
    };
    of(name)
        .or_else(wildcard)
        .and_then(|position| records.get(position))
}
