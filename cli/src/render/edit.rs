//! The parts of a change: a component, and its rules that come and go.

use ingest::{Place, Validated};
use model::{ComponentId, Network, RuleIndex};

use super::{names, path, rule};
use crate::change::edits::{Edit, Kind};

/// A rule that one network has and the other has not.
pub(crate) struct Line {
    pub(crate) is_added: bool,
    pub(crate) text: String,
    pub(crate) place: Option<Place>,
}

/// The component and what becomes of it: `security group sg-1 (db) is changed`.
pub(crate) fn text(edit: &Edit, [before, after]: [&Network; 2]) -> String {
    let what = edit.what.name();
    let Some(component) = edit.component() else {
        let name = after.prefix_lists().get(&edit.id.as_str().into());
        let name = name.map(|list| format!(" ({})", list.name));
        let name = name
            .filter(|_| edit.kind == Kind::PrefixList)
            .unwrap_or_default();
        return format!("{} {}{name} is {what}", edit.kind.word(), edit.id);
    };
    let network = match names::name(after, &component) {
        Some(_) => after,
        None => before,
    };
    format!("{} is {what}", names::component(network, &component))
}

/// The rules that it lost and got.
pub(crate) fn lines(edit: &Edit, [before, after]: [&Validated; 2]) -> Vec<Line> {
    let (old, new) = (rules(edit, before), rules(edit, after));
    let mut lines = Vec::new();
    for (own, others, is_added) in [(&old, &new, false), (&new, &old, true)] {
        for (text, place) in own {
            if !others.iter().any(|(other, _)| other == text) {
                lines.push(Line {
                    is_added,
                    text: text.clone(),
                    place: place.clone(),
                });
            }
        }
    }
    lines
}

fn rules(edit: &Edit, validated: &Validated) -> Vec<(String, Option<Place>)> {
    let network = &validated.network;
    if edit.kind == Kind::PrefixList {
        let list = network.prefix_lists().get(&edit.id.as_str().into());
        let entries = list.and_then(|list| list.entries.known());
        let entries = entries.into_iter().flatten();
        return entries
            .map(|entry| (format!("entry {entry}"), None))
            .collect();
    }
    let Some(component) = edit.component() else {
        return Vec::new();
    };
    let mut rules = Vec::new();
    for index in indices(&component, network) {
        if let Some(text) = rule::rule(network, &component, index) {
            let direction = match index {
                RuleIndex::IngressRule(_) => "inbound rule ",
                RuleIndex::EgressRule(_) => "outbound rule ",
                RuleIndex::Route(_) | RuleIndex::IngressEntry(_) | RuleIndex::EgressEntry(_) => "",
            };
            let place = path::place(&validated.provenance, &component, Some(index));
            rules.push((format!("{direction}{text}"), place));
        }
    }
    rules
}

/// The rules of a component.
pub(crate) fn indices(component: &ComponentId, network: &Network) -> Vec<RuleIndex> {
    match component {
        ComponentId::SecurityGroup(id) => {
            let group = network.security_groups().get(id);
            group.map_or_else(Vec::new, |group| {
                let ingress = (0..group.ingress.len()).map(RuleIndex::IngressRule);
                ingress
                    .chain((0..group.egress.len()).map(RuleIndex::EgressRule))
                    .collect()
            })
        }
        ComponentId::NetworkAcl(id) => {
            let acl = network.network_acls().get(id);
            acl.map_or_else(Vec::new, |acl| {
                let ingress = acl
                    .ingress
                    .iter()
                    .map(|one| RuleIndex::IngressEntry(one.number));
                let egress = acl
                    .egress
                    .iter()
                    .map(|one| RuleIndex::EgressEntry(one.number));
                ingress.chain(egress).collect()
            })
        }
        ComponentId::RouteTable(id) => {
            let table = network.route_tables().get(id);
            let n_routes = table.map_or(0, |table| table.routes.len());
            (0..n_routes).map(RuleIndex::Route).collect()
        }
        ComponentId::TransitGatewayRouteTable(id) => {
            let table = network.transit_gateway_route_tables().get(id);
            let n_routes = table.map_or(0, |table| table.routes.len());
            (0..n_routes).map(RuleIndex::Route).collect()
        }
        ComponentId::NetworkInterface(_)
        | ComponentId::Subnet(_)
        | ComponentId::Vpc(_)
        | ComponentId::InternetGateway(_)
        | ComponentId::EgressOnlyInternetGateway(_)
        | ComponentId::NatGateway(_)
        | ComponentId::Peering(_)
        | ComponentId::VpcEndpoint(_)
        | ComponentId::EndpointService(_)
        | ComponentId::LoadBalancer(_)
        | ComponentId::TargetGroup(_)
        | ComponentId::TransitGateway(_)
        | ComponentId::TransitGatewayAttachment(_)
        | ComponentId::VirtualPrivateGateway(_)
        | ComponentId::Internet
        | ComponentId::OnPremises
        | ComponentId::Unmodelled(_) => Vec::new(),
    }
}
