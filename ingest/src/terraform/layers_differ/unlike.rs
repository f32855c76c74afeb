//! What the plan says was there of a component, and the earlier input says otherwise: of the kinds of which
//! nothing is opened more narrowly.

use std::collections::BTreeSet;

use model::{
    ClientVpnEndpoint, DirectConnectAssociation, EndpointKind, EndpointService, HostedZone,
    InternetGateway, LoadBalancer, NatGateway, ResolverRule, Subnet, Tags, TargetGroup,
    TransitGateway, TransitGatewayAttachment, TransitGatewayRouteTable, Value,
    VirtualPrivateGateway, Vpc, VpcEndpoint,
};

use crate::doubt::Touches;
use crate::provenance::Kind;
use crate::sink::{Component, Sink};

use super::before::Unlike;

/// The names of what is not alike.
type Names = Vec<&'static str>;

/// Finds what the earlier input has otherwise.
pub(super) fn read(layered: &mut Sink, earlier: &mut Sink) -> Vec<Unlike> {
    let mut compare = Compare {
        layered,
        earlier,
        found: Vec::new(),
    };
    let everything = Touches::Everything;
    compare.each(everything, |now: &Vpc, before| {
        named([("cidr_block", set(&now.cidrs) != set(&before.cidrs))])
    });
    compare.each(Touches::Names, |now: &Vpc, before| {
        let is_other = now.custom_dns_servers != before.custom_dns_servers;
        named([("dhcp_options_id", is_other)])
    });
    compare.each(everything, |now: &Subnet, before| {
        named([("cidr_block", set(&now.cidrs) != set(&before.cidrs))])
    });
    compare.each(everything, internet_gateway);
    compare.each(everything, virtual_private_gateway);
    compare.each(everything, |now: &NatGateway, before| {
        named([("state", now.available != before.available)])
    });
    compare.each(everything, load_balancer);
    compare.each(everything, target_group);
    compare.each(everything, endpoint_service);
    compare.each(everything, endpoint);
    compare.each(everything, client_vpn);
    compare.each(everything, direct_connect);
    compare.each(everything, |now: &TransitGateway, before| {
        let is_other = now.security_group_referencing != before.security_group_referencing;
        named([("security_group_referencing_support", is_other)])
    });
    compare.each(everything, attachment);
    compare.each(everything, table);
    compare.each(Touches::Names, hosted_zone);
    compare.each(Touches::Names, |now: &ResolverRule, before| {
        named([
            ("rule_type", now.action != before.action),
            ("vpc_id", now.vpcs != before.vpcs),
        ])
    });
    compare.tags(|one: &NatGateway| &one.tags);
    compare.tags(|one: &LoadBalancer| &one.tags);
    compare.tags(|one: &EndpointService| &one.tags);
    compare.tags(|one: &TransitGateway| &one.tags);
    compare.tags(|one: &VirtualPrivateGateway| &one.tags);
    compare.found
}

struct Compare<'s> {
    layered: &'s mut Sink,
    earlier: &'s mut Sink,
    found: Vec<Unlike>,
}

impl Compare<'_> {
    /// Compares the components of a kind that both have.
    fn each<C: Component>(&mut self, touches: Touches, unlike: impl Fn(&C, &C) -> Names) {
        for now in C::list(&mut self.layered.draft).iter() {
            let before = self.earlier.get::<C>(now.id());
            let names = before.map(|before| unlike(now, before));
            let found = names.into_iter().flatten();
            let found = found.map(|name| Unlike::of::<C>(now.id(), name, touches));
            self.found.extend(found);
        }
    }
}

impl Compare<'_> {
    /// Compares tags. Those of load balancers come from a call of their own, which may not be there.
    fn tags<C: Component>(&mut self, tags: impl Fn(&C) -> &Tags) {
        self.each(Touches::Tags, |now: &C, before| {
            let is_seen = C::KIND != Kind::LoadBalancer || !tags(before).is_empty();
            named([("tags", is_seen && tags(now) != tags(before))])
        });
    }
}

/// The names beside which it says so.
fn named<const N: usize>(all: [(&'static str, bool); N]) -> Names {
    let other = all.into_iter().filter(|(_, is_other)| *is_other);
    other.map(|(name, _)| name).collect()
}

fn set<T: Ord>(all: &[T]) -> BTreeSet<&T> {
    all.iter().collect()
}

/// Whether both are known, and are not the same.
fn differ<T: PartialEq>(now: &Value<T>, before: &Value<T>) -> bool {
    matches!((now, before), (Value::Known(now), Value::Known(before)) if now != before)
}

/// Whether both lists are known, and do not have the same in them.
fn lists_differ<T: PartialEq>(now: &Value<Vec<T>>, before: &Value<Vec<T>>) -> bool {
    match (now, before) {
        (Value::Known(now), Value::Known(before)) => !has_same(now, before),
        (Value::Known(_) | Value::OneOf(..) | Value::Any(_), _) => false,
    }
}

/// Whether lists without an order are the same; they have each item once, and mostly in one order.
fn has_same<T: PartialEq>(one: &[T], other: &[T]) -> bool {
    one == other || (one.len() == other.len() && one.iter().all(|item| other.contains(item)))
}

fn internet_gateway(now: &InternetGateway, before: &InternetGateway) -> Names {
    named([
        ("vpc_id", now.vpc != before.vpc),
        (
            "edge_route_table",
            now.edge_route_table != before.edge_route_table,
        ),
    ])
}

fn virtual_private_gateway(now: &VirtualPrivateGateway, before: &VirtualPrivateGateway) -> Names {
    named([
        ("vpc_id", now.vpc != before.vpc),
        (
            "edge_route_table",
            now.edge_route_table != before.edge_route_table,
        ),
        ("prefixes", differ(&now.prefixes, &before.prefixes)),
    ])
}

fn load_balancer(now: &LoadBalancer, before: &LoadBalancer) -> Names {
    let ingress = now.private_link_ingress != before.private_link_ingress;
    named([
        ("subnets", now.interfaces != before.interfaces),
        ("listeners", lists_differ(&now.listeners, &before.listeners)),
        (
            "enforce_security_group_inbound_rules_on_private_link_traffic",
            ingress,
        ),
    ])
}

fn target_group(now: &TargetGroup, before: &TargetGroup) -> Names {
    let preserves = now.preserve_client_address != before.preserve_client_address;
    named([
        ("preserve_client_ip", preserves),
        (
            "load_balancing_cross_zone_enabled",
            now.cross_zone != before.cross_zone,
        ),
        ("targets", lists_differ(&now.targets, &before.targets)),
    ])
}

fn endpoint_service(now: &EndpointService, before: &EndpointService) -> Names {
    let (principals, acceptance) = (
        differ(&now.allowed_principals, &before.allowed_principals),
        differ(&now.acceptance_required, &before.acceptance_required),
    );
    named([
        (
            "network_load_balancer_arns",
            now.load_balancers != before.load_balancers,
        ),
        ("allowed_principals", principals),
        ("acceptance_required", acceptance),
    ])
}

fn endpoint(now: &VpcEndpoint, before: &VpcEndpoint) -> Names {
    let inbound_only = |kind: &EndpointKind| match kind {
        EndpointKind::Interface {
            private_dns_inbound_only,
            ..
        } => *private_dns_inbound_only,
        EndpointKind::Gateway { .. }
        | EndpointKind::GatewayLoadBalancer { .. }
        | EndpointKind::Unmodelled(_) => false,
    };
    let is_other = inbound_only(&now.kind) != inbound_only(&before.kind);
    named([("dns_options", is_other)])
}

fn client_vpn(now: &ClientVpnEndpoint, before: &ClientVpnEndpoint) -> Names {
    let rules = differ(&now.authorization_rules, &before.authorization_rules);
    named([
        ("authorization_rules", rules),
        ("routes", differ(&now.routes, &before.routes)),
    ])
}

fn direct_connect(now: &DirectConnectAssociation, before: &DirectConnectAssociation) -> Names {
    let prefixes = differ(&now.allowed_prefixes, &before.allowed_prefixes);
    named([("allowed_prefixes", prefixes)])
}

fn attachment(now: &TransitGatewayAttachment, before: &TransitGatewayAttachment) -> Names {
    let association = match (&now.association, &before.association) {
        (Some(now), Some(before)) => differ(now, before),
        (now, before) => now.is_some() != before.is_some(),
    };
    named([
        ("state", now.available != before.available),
        ("options", now.kind != before.kind),
        ("transit_gateway_route_table_id", association),
    ])
}

fn table(now: &TransitGatewayRouteTable, before: &TransitGatewayRouteTable) -> Names {
    named([
        ("routes", !has_same(&now.routes, &before.routes)),
        ("propagations", now.propagations != before.propagations),
    ])
}

fn hosted_zone(now: &HostedZone, before: &HostedZone) -> Names {
    let records = match (&now.records, &before.records) {
        (Value::Known(now), Value::Known(before)) => set(now) != set(before),
        (Value::Known(_) | Value::OneOf(..) | Value::Any(_), _) => false,
    };
    named([("vpc", now.vpcs != before.vpcs), ("records", records)])
}
