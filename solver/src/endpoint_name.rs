//! The names of interface endpoints: private ones, and endpoint-specific ones (page dns).

use std::collections::BTreeSet;

use model::{
    Answer, EndpointKind, EndpointName, Hole, Network, NetworkInterfaceId, Value, VpcEndpoint,
};

use crate::dns_name::{DnsName, Listed};
use crate::resolve::Query;
use crate::vpc_endpoint;

/// The parent of every endpoint-specific name.
const SPECIFIC: &str = "vpce.amazonaws.com";

/// The private names that match a query, with the interfaces that they mean, whatever the VPC's attributes.
pub(crate) fn private<'a>(
    query: &Query<'a>,
) -> impl Iterator<Item = (Listed, &'a BTreeSet<NetworkInterfaceId>)> {
    let (name, inbound) = (query.name, query.inbound);
    let vpc = &query.vpc.id;
    let endpoints = query.network.vpc_endpoints().values();
    let here = endpoints.filter(move |endpoint| endpoint.vpc == *vpc && endpoint.available);
    let with_private_dns = here.filter_map(move |endpoint| match &endpoint.kind {
        EndpointKind::Interface {
            interfaces,
            private_dns: true,
            private_dns_inbound_only,
            private_names,
            ..
        } if inbound || !private_dns_inbound_only => Some((private_names, interfaces)),
        EndpointKind::Interface { .. }
        | EndpointKind::Gateway { .. }
        | EndpointKind::GatewayLoadBalancer { .. }
        | EndpointKind::Unmodelled(_) => None,
    });
    with_private_dns.flat_map(move |(names, interfaces)| {
        let listed = names.iter().map(|text| Listed::new(text));
        let matching = listed.filter(move |listed| listed.stands_for(name));
        matching.map(move |listed| (listed, interfaces))
    })
}

/// `endpoint-specific-name`; nothing when the name is not one.
pub(crate) fn specific(network: &Network, name: &DnsName) -> Option<Answer> {
    let endpoints = || network.vpc_endpoints().values();
    let standing: Vec<_> = endpoints()
        .flat_map(listed)
        .filter(|(listed, _)| listed.stands_for(name))
        .collect();
    let rank = |listed: &Listed| (matches!(listed, Listed::Exactly(_)), listed.length());
    let beaten = |one: &Listed| standing.iter().any(|(other, _)| rank(other) > rank(one));
    let best = standing.iter().filter(|(listed, _)| !beaten(listed));
    let meant: Vec<_> = best.map(|(_, interfaces)| interfaces).collect();
    if !meant.is_empty() {
        let interfaces = meant.into_iter().flatten().cloned();
        return Some(Answer::Interfaces(interfaces.collect()));
    }
    let specific = name.is_below(&DnsName::new(SPECIFIC));
    specific.then(|| match endpoints().find_map(open) {
        Some(hole) => Answer::Undetermined(hole.clone()),
        None => Answer::NoAnswer,
    })
}

/// The endpoint-specific names of an endpoint.
const fn names(endpoint: &VpcEndpoint) -> Option<&Value<BTreeSet<EndpointName>>> {
    match &endpoint.kind {
        EndpointKind::Interface { specific_names, .. } => Some(specific_names),
        EndpointKind::Gateway { .. }
        | EndpointKind::GatewayLoadBalancer { .. }
        | EndpointKind::Unmodelled(_) => None,
    }
}

/// The known ones of them, with the interfaces that they mean.
fn listed(
    endpoint: &VpcEndpoint,
) -> impl Iterator<Item = (Listed, BTreeSet<NetworkInterfaceId>)> + use<'_> {
    let known = names(endpoint).and_then(Value::known);
    known.into_iter().flatten().map(|name| {
        let meant = match &name.interface {
            Some(one) => BTreeSet::from([one.clone()]),
            None => vpc_endpoint::interfaces(endpoint).cloned().collect(),
        };
        (Listed::new(&name.name), meant)
    })
}

/// The hole of an endpoint whose names are not known.
fn open(endpoint: &VpcEndpoint) -> Option<&Hole> {
    names(endpoint).and_then(Value::hole)
}
