//! Private hosted zones: what a zone answers from its records.

use model::{DnsRecord, DnsTarget, Hole, HostedZone, HostedZoneId, Value};

use crate::resolve::below;

/// A private hosted zone, its names in lower case.
#[derive(Clone, Debug)]
pub(crate) struct Zone {
    pub(crate) id: HostedZoneId,
    pub(crate) name: String,
    records: Value<Vec<DnsRecord>>,
}

/// What a zone has for a name.
#[derive(Clone, Debug)]
pub(crate) enum Found<'a> {
    Record(&'a DnsTarget),
    Nothing,
    Open(&'a Hole),
}

impl Zone {
    pub(crate) fn new(zone: &HostedZone) -> Self {
        let mut records = zone.records.clone();
        if let Value::Known(records) = &mut records {
            for record in records {
                record.name = record.name.to_lowercase();
            }
        }
        Self {
            id: zone.id.clone(),
            name: zone.name.to_lowercase(),
            records,
        }
    }

    /// `hosted-zone`: the record of the name, else of a wildcard above it, else nothing.
    pub(crate) fn find(&self, name: &str) -> Found<'_> {
        let records = match &self.records {
            Value::Known(records) => records,
            Value::OneOf(_, hole) | Value::Any(hole) => return Found::Open(hole),
        };
        let own = records.iter().find(|record| record.name == name);
        let found = own.or_else(|| {
            let wildcards = records
                .iter()
                .filter(|record| covers(record, name, records));
            wildcards.max_by_key(|record| record.name.len())
        });
        found.map_or(Found::Nothing, |record| Found::Record(&record.target))
    }
}

/// Whether a record is a wildcard that answers for a name which has no record of its own.
fn covers(wildcard: &DnsRecord, name: &str, records: &[DnsRecord]) -> bool {
    let Some(parent) = wildcard.name.strip_prefix("*.") else {
        return false;
    };
    if !below(name, parent) {
        return false;
    }
    // A name that exists, or that has names below it, hides the wildcard from all below it.
    let rest = name.strip_suffix(parent).unwrap_or_default();
    let rest = rest.strip_suffix('.').unwrap_or(rest);
    let label = rest.rsplit('.').next().unwrap_or(rest);
    let hiding = format!("{label}.{parent}");
    !records
        .iter()
        .any(|record| record.name == hiding || below(&record.name, &hiding))
}
