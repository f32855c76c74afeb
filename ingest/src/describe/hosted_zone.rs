//! `route53 list-hosted-zones` and `list-hosted-zones-by-vpc`, `get-hosted-zone`,
//! `list-resource-record-sets`: private hosted zones.

use std::collections::{BTreeMap, BTreeSet};

use model::{EndpointKind, Hole, HostedZone, HostedZoneId, Tags, Value, Vpc, VpcEndpoint, VpcId};

use super::snapshot::{Snapshot, Whole};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::json::Cursor;
use crate::records::{EndpointNames, RecordData, RecordSet, dns_name, records};
use crate::sink::Sink;

/// The fields of a record set that stand for a routing policy, and the policy's name.
const POLICIES: [(&str, &str); 7] = [
    ("Weight", "weighted routing"),
    ("Region", "latency routing"),
    ("Failover", "failover routing"),
    ("GeoLocation", "geolocation routing"),
    ("GeoProximityLocation", "geoproximity routing"),
    ("CidrRoutingConfig", "IP-based routing"),
    ("MultiValueAnswer", "multivalue routing"),
];

/// What the calls say of a zone.
struct Found {
    name: String,
    place: Place,
    vpcs: BTreeSet<VpcId>,
    /// Whether some call says which VPCs it is associated with.
    has_vpcs: bool,
    tags: Tags,
}

type Zones = BTreeMap<String, Found>;

/// Reads the private hosted zones.
pub(super) fn read(snapshot: &Snapshot<'_>, sink: &mut Sink) {
    let mut zones = Zones::new();
    listed(snapshot, &mut zones, sink);
    by_vpc(snapshot, &mut zones, sink);
    details(snapshot, &mut zones, sink);
    let said = snapshot.has_list("HostedZones") || snapshot.has_named("HostedZoneSummaries");
    if !said && zones.is_empty() {
        let text = "no private hosted zones: the output of `route53 list-hosted-zones` is not in \
                    the input";
        sink.assume("names-hosted-zones", text);
    }
    let mut sets = record_sets(snapshot, sink);
    let endpoints = EndpointNames::new(sink.draft.vpc_endpoints.iter());
    for (id, found) in zones {
        if !found.has_vpcs {
            let text = format!(
                "hosted zone `{id}` ({}) is taken to be associated with no VPC: the output of \
                 `route53 get-hosted-zone` for it is not in the input",
                found.name
            );
            sink.assume("names-hosted-zones", text);
        }
        let records = match sets.remove(&id) {
            Some(sets) => Value::Known(records(&found.name, &sets, &endpoints)),
            None => Value::Any(Hole::new(format!("records of {id} ({})", found.name))),
        };
        let zone = HostedZone {
            id: HostedZoneId::new(id),
            name: found.name,
            vpcs: found.vpcs,
            records,
            tags: found.tags,
        };
        sink.add(zone, found.place);
    }
}

/// An id without `/hostedzone/`.
fn zone_id(text: &str) -> String {
    text.rsplit('/').next().unwrap_or(text).to_owned()
}

fn listed(snapshot: &Snapshot<'_>, zones: &mut Zones, sink: &mut Sink) {
    for cursor in snapshot.cursors("HostedZones") {
        zone(cursor, zones, sink);
    }
}

/// A zone of `list-hosted-zones` or `get-hosted-zone`; public ones are no concern of a VPC.
fn zone<'z>(cursor: &Cursor<'_>, zones: &'z mut Zones, sink: &mut Sink) -> Option<&'z mut Found> {
    let id = cursor.required_text("Id", sink).map(zone_id);
    let name = cursor.required_text("Name", sink).map(dns_name);
    let (id, name) = (id?, name?);
    let private = cursor.get("Config");
    let private = private.and_then(|config| config.flag("PrivateZone", sink));
    if private != Some(true) {
        return None;
    }
    let found = zones.entry(id).or_insert_with(|| Found {
        name,
        place: cursor.place(),
        vpcs: BTreeSet::new(),
        has_vpcs: false,
        tags: Tags::new(),
    });
    Some(found)
}

/// Zones by the VPC in the name of their file, those of other accounts and of AWS's services too.
fn by_vpc(snapshot: &Snapshot<'_>, zones: &mut Zones, sink: &mut Sink) {
    for (stem, cursor) in snapshot.named("HostedZoneSummaries") {
        let vpc = stem.rfind("vpc-").and_then(|at| stem.get(at..));
        let Some(vpc) = vpc.filter(|vpc| vpc.len() > "vpc-".len()) else {
            let message = "the file's name does not say which VPC these zones are associated with";
            let diagnostic = Diagnostic::error(cursor.place(), Code::MissingField, message);
            let help = "name it `list-hosted-zones-by-vpc-<VPC id>.json`";
            sink.push(diagnostic.help(help));
            continue;
        };
        let vpc = VpcId::new(vpc);
        if sink.get::<Vpc>(vpc.as_str()).is_none() {
            continue;
        }
        for summary in cursor.as_list(sink) {
            let id = summary.required_text("HostedZoneId", sink).map(zone_id);
            let name = summary.required_text("Name", sink).map(dns_name);
            let (Some(id), Some(name)) = (id, name) else {
                continue;
            };
            if is_endpoints(&vpc, &name, sink) {
                continue;
            }
            let found = zones.entry(id).or_insert_with(|| Found {
                name,
                place: summary.place(),
                vpcs: BTreeSet::new(),
                has_vpcs: true,
                tags: Tags::new(),
            });
            found.vpcs.insert(vpc.clone());
            found.has_vpcs = true;
        }
    }
}

/// Whether a zone is the one that AWS makes for the private DNS of an endpoint.
fn is_endpoints(vpc: &VpcId, name: &str, sink: &Sink) -> bool {
    let lists = |endpoint: &VpcEndpoint| match &endpoint.kind {
        EndpointKind::Interface {
            private_dns,
            private_names,
            ..
        } => {
            let mut names = private_names.iter();
            let own = names.any(|one| one.strip_prefix("*.").unwrap_or(one) == name);
            *private_dns && endpoint.vpc == *vpc && own
        }
        EndpointKind::Gateway { .. }
        | EndpointKind::GatewayLoadBalancer { .. }
        | EndpointKind::Unmodelled(_) => false,
    };
    sink.draft.vpc_endpoints.iter().any(lists)
}

/// `get-hosted-zone`: the VPCs.
fn details(snapshot: &Snapshot<'_>, zones: &mut Zones, sink: &mut Sink) {
    for Whole {
        cursor: document, ..
    } in &snapshot.documents
    {
        let Some(cursor) = document.get("HostedZone") else {
            continue;
        };
        let mut vpcs = BTreeSet::new();
        for vpc in document.list("VPCs", sink) {
            let id = vpc.required_text("VPCId", sink);
            let here = id.filter(|id| sink.get::<Vpc>(id).is_some());
            vpcs.extend(here.map(VpcId::new));
        }
        if let Some(found) = zone(&cursor, zones, sink) {
            found.vpcs.extend(vpcs);
            found.has_vpcs = true;
        }
    }
}

/// The record sets by the id of their zone, which stands in the file's name.
fn record_sets(snapshot: &Snapshot<'_>, sink: &mut Sink) -> BTreeMap<String, Vec<RecordSet>> {
    let mut sets: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (stem, cursor) in snapshot.named("ResourceRecordSets") {
        let id = stem.rsplit('-').next().unwrap_or_default();
        if !id.starts_with('Z') {
            let message = "the file's name does not say which hosted zone has these records";
            let diagnostic = Diagnostic::error(cursor.place(), Code::MissingField, message);
            let help = "name it `list-resource-record-sets-<hosted zone id>.json`";
            sink.push(diagnostic.help(help));
            continue;
        }
        let of_zone = sets.entry(id.to_owned()).or_default();
        for set in cursor.as_list(sink) {
            of_zone.extend(record_set(id, &set, sink));
        }
    }
    sets
}

fn record_set(zone: &str, cursor: &Cursor<'_>, sink: &mut Sink) -> Option<RecordSet> {
    let name = cursor.required_text("Name", sink);
    let of = cursor.required_text("Type", sink);
    let (name, of) = (name?, of?);
    let mut policies = POLICIES.iter();
    let policy = policies.find(|(field, _)| cursor.get(field).is_some());
    let data = match (policy, cursor.get("AliasTarget")) {
        (Some((_, policy)), _) => RecordData::Unmodelled((*policy).to_owned()),
        (None, Some(alias)) => RecordData::Alias {
            name: alias.required_text("DNSName", sink)?.to_owned(),
            same_zone: alias.text("HostedZoneId", sink) == Some(zone),
        },
        (None, None) => {
            let values = cursor.list("ResourceRecords", sink);
            let values = values.iter();
            let values = values.filter_map(|value| value.required_text("Value", sink));
            RecordData::Values(values.map(str::to_owned).collect())
        }
    };
    Some(RecordSet {
        name: name.to_owned(),
        of: of.to_owned(),
        data,
    })
}
