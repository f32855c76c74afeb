//! Bugs that are planted in the network, or in the packet, before the engine sees it.

mod filter;
mod gateway;
mod route;
mod transit;
mod word;

use std::collections::BTreeSet;

use model::{
    AclAction, AclEntry, ActionElement, Address, AddressValue, Attachment, AttachmentKind,
    BlockPublicAccess, Cidr, Clause, EndpointKind, EndpointName, Exclusion, GroupRule, Middlebox,
    NetworkDraft, Packet, PeeringEnd, Policy, PolicyEffect, Route, RouteDestination, RouteOrigin,
    RouteState, RulePeer, RulePorts, RuleTraffic, SecurityGroup, Target,
    TransitGatewayAttachmentId, TransitGatewayRouteTable, TransitGatewayRouteTableId, Value,
};

use super::{Bug, Place, network};
use crate::pool;

/// A bug in the network.
/// Every mode of VPC Block Public Access is another.
fn modes(draft: &mut NetworkDraft, other: fn(BlockPublicAccess) -> BlockPublicAccess) {
    for vpc in &mut draft.vpcs {
        match &mut vpc.block_public_access {
            Value::Known(mode) => *mode = other(*mode),
            Value::OneOf(modes, _) => modes.iter_mut().for_each(|mode| *mode = other(*mode)),
            Value::Any(_) => {}
        }
    }
}

/// A bug in the packet.
const fn packet(name: &'static str, clause: Clause, change: fn(Packet) -> Option<Packet>) -> Bug {
    Bug {
        name,
        clause,
        place: Place::Packet(change),
    }
}

/// All of them, in the order of the clauses.
pub(super) fn all() -> impl Iterator<Item = &'static Bug> {
    [
        filter::EDITS,
        route::EDITS,
        gateway::EDITS,
        transit::EDITS,
        word::EDITS,
    ]
    .into_iter()
    .flatten()
}

/// The addresses of interfaces by their groups, with their VPCs.
fn members(draft: &NetworkDraft) -> Vec<(model::SecurityGroupId, model::VpcId, Address)> {
    let mut members = Vec::new();
    for interface in &draft.network_interfaces {
        let mut subnets = draft.subnets.iter();
        let subnet = subnets.find(|subnet| subnet.id == interface.subnet);
        let (Some(subnet), Some(groups)) = (subnet, interface.groups.known()) else {
            continue;
        };
        for address in &interface.addresses {
            if let AddressValue::Known(address) = address.private {
                let of_group = groups.iter();
                members.extend(of_group.map(|id| (id.clone(), subnet.vpc.clone(), address)));
            }
        }
    }
    members
}

/// The interfaces that routes lead to.
fn devices(draft: &NetworkDraft) -> BTreeSet<model::NetworkInterfaceId> {
    let routes = draft.route_tables.iter().flat_map(|table| &table.routes);
    routes
        .filter_map(|route| match route.target.known() {
            Some(Target::NetworkInterface(id)) => Some(id.clone()),
            _ => None,
        })
        .collect()
}

fn each_attachment(draft: &mut NetworkDraft, mut edit: impl FnMut(&mut AttachmentKind)) {
    for attachment in &mut draft.transit_gateway_attachments {
        edit(&mut attachment.kind);
    }
}

fn each_transit_table(draft: &mut NetworkDraft, edit: impl FnMut(&mut TransitGatewayRouteTable)) {
    draft.transit_gateway_route_tables.iter_mut().for_each(edit);
}

/// Associates attachments with the first table of their gateway.
fn associate(
    draft: &mut NetworkDraft,
    which: impl Fn(&Option<Value<TransitGatewayRouteTableId>>) -> bool,
) {
    let tables = &draft.transit_gateway_route_tables;
    for attachment in &mut draft.transit_gateway_attachments {
        let mut of_gateway = tables.iter();
        let first = of_gateway.find(|table| table.gateway == attachment.gateway);
        if let (true, Some(first)) = (which(&attachment.association), first) {
            attachment.association = Some(Value::Known(first.id.clone()));
        }
    }
}

/// The blocks of attached VPCs.
fn propagated(draft: &NetworkDraft) -> Vec<(TransitGatewayAttachmentId, Cidr)> {
    let mut blocks = Vec::new();
    for attachment in &draft.transit_gateway_attachments {
        if let AttachmentKind::Vpc { vpc, .. } = &attachment.kind {
            let vpc = draft.vpcs.iter().find(|one| one.id == *vpc);
            let cidrs = vpc.into_iter().flat_map(|vpc| &vpc.cidrs);
            blocks.extend(cidrs.map(|cidr| (attachment.id.clone(), *cidr)));
        }
    }
    blocks
}

/// The packet with another destination, when its own is in the block.
fn moved(packet: Packet, from: &str, to: &str) -> Option<Packet> {
    let inside = pool::holds(pool::cidr(from), packet.destination());
    let to = inside.then(|| pool::address(to))?;
    Packet::new(packet.source(), to, packet.transport())
}

fn open_rule(block: &str) -> GroupRule {
    GroupRule {
        traffic: RuleTraffic::All,
        peer: RulePeer::Cidr(pool::cidr(block)),
    }
}

fn each_rules(draft: &mut NetworkDraft, mut edit: impl FnMut(&mut Vec<GroupRule>)) {
    for group in &mut draft.security_groups {
        edit(&mut group.ingress);
        edit(&mut group.egress);
    }
}

fn each_rule(draft: &mut NetworkDraft, mut edit: impl FnMut(&mut GroupRule)) {
    each_rules(draft, |rules| rules.iter_mut().for_each(&mut edit));
}

fn each_traffic(draft: &mut NetworkDraft, edit: impl Fn(&mut RulePorts)) {
    each_rule(draft, |rule| {
        if let RuleTraffic::Tcp(ports) | RuleTraffic::Udp(ports) = &mut rule.traffic {
            edit(ports);
        }
    });
}

fn each_block(draft: &mut NetworkDraft, edit: impl Fn(&mut Cidr)) {
    each_rule(draft, |rule| {
        if let RulePeer::Cidr(cidr) = &mut rule.peer {
            edit(cidr);
        }
    });
}

fn each_entries(draft: &mut NetworkDraft, mut edit: impl FnMut(&mut Vec<AclEntry>)) {
    for acl in &mut draft.network_acls {
        edit(&mut acl.ingress);
        edit(&mut acl.egress);
    }
}

/// Keeps the local routes, and those that `keep` says.
fn each_table(draft: &mut NetworkDraft, keep: impl Fn(&Route) -> bool) {
    for table in &mut draft.route_tables {
        let local = |route: &Route| route.target.known() == Some(&Target::Local);
        table.routes.retain(|route| local(route) || keep(route));
    }
}

fn each_policy(draft: &mut NetworkDraft, edit: impl Fn(&mut Policy)) {
    for endpoint in &mut draft.vpc_endpoints {
        if let Value::Known(policy) = &mut endpoint.policy {
            edit(policy);
        }
    }
}

fn block(route: &Route) -> Option<Cidr> {
    match route.destination.known()? {
        RouteDestination::Cidr(cidr) => Some(*cidr),
        RouteDestination::PrefixList(_) => None,
    }
}

/// Whether a route's block is inside an earlier one's.
fn inside(route: &Route, earlier: &Route) -> bool {
    match (block(route), block(earlier)) {
        (Some(one), Some(other)) => {
            other.prefix_len() <= one.prefix_len() && pool::overlap(one, other)
        }
        (_, _) => false,
    }
}

/// The blocks that together are a block without its last address.
fn without_last(cidr: Cidr) -> Vec<Cidr> {
    let mut blocks = Vec::new();
    let mut rest = cidr;
    while let Some([lower, upper]) = pool::halves(rest) {
        blocks.push(lower);
        rest = upper;
    }
    blocks
}

/// The first candidate of an open value.
fn first<T: Clone>(value: &mut Value<T>) {
    if let Value::OneOf(values, _) = value
        && let Some(first) = values.first()
    {
        *value = Value::Known(first.clone());
    }
}
