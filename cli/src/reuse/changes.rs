//! What differs between two networks, component by component.

use std::collections::BTreeMap;

use model::{Network, SecurityGroup, SecurityGroupId};

use super::islands::{Node, Part};

/// What differs. Tags are left out: no engine reads them, and what selectors mean by them is compared apart.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changes {
    /// Groups that are in both, with other rules.
    pub(super) rules: Vec<SecurityGroupId>,
    /// Components that packets pass, which changed in another way, came or went.
    pub(super) parts: Vec<Node>,
    /// Something else: lists that many refer to, names, policies.
    pub(super) shared: bool,
    /// Tags.
    pub(super) labels: bool,
}

/// Notes the components of one kind that differ.
macro_rules! compare {
    ($changes:ident, $before:ident, $after:ident, $($field:ident => $part:expr,)*) => {$({
        let without_tags = |one: &_| {
            let mut one = Clone::clone(one);
            untagged(&mut one);
            one
        };
        for id in keys($before.$field(), $after.$field()) {
            match ($before.$field().get(id), $after.$field().get(id)) {
                (Some(one), Some(other)) if one == other => {}
                (Some(one), Some(other)) if without_tags(one) == without_tags(other) => $changes.labels = true,
                (Some(_), Some(_)) | (None, _) | (_, None) => $changes.parts.push($part.of(id)),
            }
        }
    })*};
}

/// What has tags.
trait Tagged {
    fn tags(&mut self) -> &mut model::Tags;
}

macro_rules! tagged {
    ($($component:ident)*) => {$(
        impl Tagged for model::$component {
            fn tags(&mut self) -> &mut model::Tags {
                &mut self.tags
            }
        }
    )*};
}

tagged! {
    Vpc Subnet RouteTable NetworkAcl NetworkInterface InternetGateway EgressOnlyInternetGateway NatGateway Peering
    VpcEndpoint LoadBalancer TargetGroup EndpointService TransitGateway TransitGatewayAttachment
    TransitGatewayRouteTable VirtualPrivateGateway DirectConnectAssociation ClientVpnEndpoint
}

fn untagged(component: &mut impl Tagged) {
    component.tags().clear();
}

fn keys<'a, Id: Ord, T>(
    before: &'a BTreeMap<Id, T>,
    after: &'a BTreeMap<Id, T>,
) -> impl Iterator<Item = &'a Id> {
    let new = after.keys().filter(|id| !before.contains_key(id));
    before.keys().chain(new)
}

impl Changes {
    pub(crate) fn between(before: &Network, after: &Network) -> Self {
        let mut changes = Changes::default();
        compare! {
            changes, before, after,
            vpcs => Part::Vpc,
            subnets => Part::Subnet,
            route_tables => Part::RouteTable,
            network_acls => Part::NetworkAcl,
            network_interfaces => Part::NetworkInterface,
            internet_gateways => Part::InternetGateway,
            egress_only_internet_gateways => Part::EgressOnlyInternetGateway,
            nat_gateways => Part::NatGateway,
            peerings => Part::Peering,
            vpc_endpoints => Part::VpcEndpoint,
            load_balancers => Part::LoadBalancer,
            target_groups => Part::TargetGroup,
            endpoint_services => Part::EndpointService,
            transit_gateways => Part::TransitGateway,
            transit_gateway_attachments => Part::TransitGatewayAttachment,
            transit_gateway_route_tables => Part::TransitGatewayRouteTable,
            virtual_private_gateways => Part::VirtualPrivateGateway,
            direct_connect_associations => Part::DirectConnectAssociation,
            client_vpn_endpoints => Part::ClientVpnEndpoint,
        }
        changes.groups(before, after);
        changes.shared = before.prefix_lists() != after.prefix_lists()
            || before.hosted_zones() != after.hosted_zones()
            || before.resolver_rules() != after.resolver_rules()
            || before.accounts() != after.accounts()
            || before.principals() != after.principals()
            || before.resource_policies() != after.resource_policies();
        changes
    }

    fn groups(&mut self, before: &Network, after: &Network) {
        let (before, after) = (before.security_groups(), after.security_groups());
        for id in keys(before, after) {
            match (before.get(id), after.get(id)) {
                (Some(one), Some(other)) => self.group(one, other),
                (None, _) | (_, None) => self.parts.push(Part::SecurityGroup.of(id)),
            }
        }
    }

    fn group(&mut self, one: &SecurityGroup, other: &SecurityGroup) {
        let SecurityGroup {
            id,
            vpc,
            name,
            ingress,
            egress,
            tags,
        } = one;
        self.labels |= *tags != other.tags;
        if *vpc != other.vpc || *name != other.name {
            self.parts.push(Part::SecurityGroup.of(id));
        } else if *ingress != other.ingress || *egress != other.egress {
            self.rules.push(id.clone());
        }
    }

    /// Whether the engines are asked about the same network.
    pub(super) fn is_none(&self) -> bool {
        self.rules.is_empty() && self.parts.is_empty() && !self.shared
    }
}
