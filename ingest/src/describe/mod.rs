//! Directories of AWS CLI `describe-*` JSON: one folder, or `account/region` folders, merged; and what
//! AWS Config recorded, which is read as the same calls.
//!
//! File names are free, since the top-level key tells what a file holds; only the outputs of calls
//! like `get-managed-prefix-list-entries`, `search-transit-gateway-routes` and
//! `list-resource-record-sets` do not name their subject, so that their files have to.

mod block_public_access;
mod client_vpn;
mod config;
mod directory;
mod dns_firewall;
mod endpoint_service;
mod gateway;
mod hosted_zone;
mod iam;
mod load_balancer;
mod manifest;
mod network_acl;
mod network_interface;
mod on_premises;
mod passing;
mod peering;
mod prefix_list;
mod regional_nat_gateway;
mod resolver_rule;
mod route_table;
mod security_group;
mod seen;
mod snapshot;
mod target_group;
mod traffic;
mod transit_gateway;
mod transit_gateway_attachment;
mod transit_gateway_route_table;
mod unmodelled;
mod vpc;
mod vpc_endpoint;

use std::path::Path;

use crate::json::Value;

use crate::file::{File, Limits, sha256};
use crate::sink::Sink;
use crate::{Input, InputKind};

use config::Config;
pub(crate) use config::is_config;
use directory::Document;
use snapshot::Snapshot;

/// Reads a directory into the sink.
pub(crate) fn read(path: &Path, limits: Limits, sink: &mut Sink) -> Option<Input> {
    let documents = directory::read(path, limits, sink)?;
    let hashes: String = documents
        .iter()
        .map(|document| format!("{} {}\n", document.name, document.sha256))
        .collect();
    let (manifests, documents): (Vec<_>, Vec<_>) =
        documents.into_iter().partition(manifest::is_manifest);
    let collections = manifest::read(&manifests, &documents, sink);
    read_documents(documents, sink);
    Some(Input {
        path: path.display().to_string(),
        kind: InputKind::Describe,
        sha256: sha256(hashes.as_bytes()),
        collections,
    })
}

/// Reads a file of what AWS Config recorded.
pub(crate) fn read_config(file: &File, value: Value, sink: &mut Sink) {
    let document = Document {
        file: file.name.clone(),
        name: file.name.to_string(),
        sha256: file.sha256.clone(),
        value,
    };
    read_documents(vec![document], sink);
}

fn read_documents(documents: Vec<Document>, sink: &mut Sink) {
    let (recorded, documents): (Vec<_>, Vec<_>) = documents
        .into_iter()
        .partition(|document| is_config(&document.value));
    let config = Config::new(&recorded, sink);
    let snapshot = Snapshot::new(&documents, &config, sink);
    read_snapshot(&snapshot, sink);
}

/// Reads everything, what is used by others before what uses it.
fn read_snapshot(snapshot: &Snapshot<'_>, sink: &mut Sink) {
    seen::read(snapshot, sink);
    let associations = route_table::Associations::read(snapshot, sink);
    prefix_list::read(snapshot, sink);
    let account = block_public_access::Account::read(snapshot, sink);
    vpc::read_vpcs(snapshot, &associations, &account, sink);
    vpc::read_subnets(snapshot, &associations, &account, sink);
    peering::read(snapshot, sink);
    gateway::read_internet_gateways(snapshot, &associations, sink);
    gateway::read_egress_only_internet_gateways(snapshot, sink);
    gateway::read_nat_gateways(snapshot, sink);
    on_premises::read(snapshot, &associations, sink);
    vpc_endpoint::read(snapshot, sink);
    hosted_zone::read(snapshot, sink);
    resolver_rule::read(snapshot, sink);
    dns_firewall::read(snapshot, sink);
    client_vpn::read(snapshot, sink);
    let nodes = load_balancer::Nodes::gather(snapshot, sink);
    network_interface::read(snapshot, &nodes, sink);
    let balancers = load_balancer::Balancers::read(snapshot, nodes, sink);
    target_group::read(snapshot, &balancers, sink);
    endpoint_service::read(snapshot, sink);
    security_group::read(snapshot, sink);
    security_group::associated(snapshot, sink);
    security_group::shared(snapshot, sink);
    network_acl::read(snapshot, sink);
    transit_gateway::read(snapshot, sink);
    on_premises::read_associations(snapshot, sink);
    route_table::read(snapshot, sink);
    route_table::undescribed(sink);
    iam::read(snapshot, sink);
    unmodelled::read(snapshot, sink);
    passing::read(snapshot, sink);
}

/// Whether a document is the output of one call.
pub(crate) fn is_page(value: &Value) -> bool {
    value.as_object().is_some_and(|object| {
        let mut keys = object.keys();
        keys.any(|key| {
            snapshot::CALLS.iter().any(|(known, _)| *known == key)
                || snapshot::NAMED.contains(&key)
                || snapshot::SEVERAL.contains(&key)
                || snapshot::OF_ACCOUNTS.contains(&key)
                || snapshot::TEXTS.contains(&key)
                || snapshot::OF_SUBJECTS.iter().any(|(known, _)| *known == key)
        })
    })
}

#[cfg(test)]
mod tests;
