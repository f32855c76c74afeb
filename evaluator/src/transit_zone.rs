//! By which subnets packets pass the attachments of VPCs (`transit-gateway-zone`).

use std::collections::BTreeSet;
use std::ops::{ControlFlow, RangeInclusive};

use model::{
    Clause, EndpointKind, Exclusion, Network, RouteTableId, SubnetId, Target, Value, VpcEndpoint,
};

use crate::address::held;
use crate::compiled::{Compiled, Open};
use crate::index::{Arena, AttachmentIndex, Names, SubnetIndex};
use crate::network_acl::Side;
use crate::network_interface::Subnet;
use crate::route_table::{self, Choice};
use crate::transit_gateway::{Attached, Attachment};
use crate::walk::{Component, Ending, Recorder, Walk};

/// Tells which subnets of an attachment are *alike*.
pub(crate) struct Alike<'a> {
    network: &'a Network,
    names: &'a Names,
    subnets: &'a Arena<SubnetIndex, Subnet>,
    /// The subnets in which something stands to which a route may lead.
    occupied: BTreeSet<SubnetIndex>,
}

impl<'a> Alike<'a> {
    pub(crate) fn new(
        network: &'a Network,
        names: &'a Names,
        subnets: &'a Arena<SubnetIndex, Subnet>,
    ) -> Self {
        let nat_gateways = network.nat_gateways().values().map(|nat| &nat.subnet);
        let endpoints = network.vpc_endpoints().values();
        let endpoints = endpoints.filter_map(inspecting);
        let interfaces = network.network_interfaces().values();
        let interfaces = interfaces.map(|interface| &interface.subnet);
        let occupied = nat_gateways.chain(endpoints).chain(interfaces);
        Self {
            network,
            names,
            subnets,
            occupied: occupied.map(|id| names.subnets.index(id)).collect(),
        }
    }

    /// For which packets some subnets of a VPC are alike, if none of them has the destination or
    /// their ACL and their table let it into each of them.
    pub(crate) fn packets(&self, subnets: &[SubnetIndex]) -> AlikeFor {
        let Some(first) = subnets.first() else {
            return AlikeFor::None;
        };
        let exclusion = self.exclusion(*first);
        let first = &self.subnets[*first];
        let (Ok(table), Open::Known(acl)) = (first.route_table, &first.network_acl) else {
            return AlikeFor::None;
        };
        let same = |subnet: &SubnetIndex| {
            let place = &self.subnets[*subnet];
            let same_acl = matches!(&place.network_acl, Open::Known(other) if other == acl);
            place.route_table == Ok(table) && same_acl && self.exclusion(*subnet) == exclusion
        };
        let table = self.names.route_tables.id(table);
        if !subnets.iter().all(same) || self.may_lead_into(table, subnets) {
            AlikeFor::None
        } else if self.may_lead_to_transit(table) {
            AlikeFor::Inside
        } else {
            AlikeFor::Every
        }
    }

    fn exclusion(&self, subnet: SubnetIndex) -> Option<Exclusion> {
        let id = self.names.subnets.id(subnet);
        self.network.subnets().get(id)?.exclusion
    }

    /// Whether a route of a table leads, or may lead, to a transit gateway, which is entered by
    /// zone.
    fn may_lead_to_transit(&self, table: &RouteTableId) -> bool {
        self.may_lead(
            table,
            |target| matches!(target, Target::TransitGateway(_)),
            true,
        )
    }

    /// Whether one leads, or may lead, to what stands in one of some subnets.
    fn may_lead_into(&self, table: &RouteTableId, subnets: &[SubnetIndex]) -> bool {
        let stands = |target: &Target| {
            let place = self.place(target);
            place.is_some_and(|place| subnets.contains(&self.names.subnets.index(place)))
        };
        let any = subnets.iter().any(|subnet| self.occupied.contains(subnet));
        self.may_lead(table, stands, any)
    }

    /// Whether a route of a table leads, or may lead, to such a target; `any` is what is said of
    /// one whose target may be any. One that is a blackhole is such a route all the same.
    fn may_lead(&self, table: &RouteTableId, is: impl Fn(&Target) -> bool, any: bool) -> bool {
        let table = self.network.route_tables().get(table);
        let mut routes = table.into_iter().flat_map(|table| &table.routes);
        routes.any(|route| match &route.target {
            Value::Known(target) => is(target),
            Value::OneOf(targets, _) => targets.iter().any(&is),
            Value::Any(_) => any,
        })
    }

    /// The subnet in which a target stands.
    fn place(&self, target: &Target) -> Option<&SubnetId> {
        let network = self.network;
        match target {
            Target::NatGateway(id) => network.nat_gateways().get(id).map(|nat| &nat.subnet),
            Target::NetworkInterface(id) => {
                let interface = network.network_interfaces().get(id);
                interface.map(|interface| &interface.subnet)
            }
            Target::GatewayLoadBalancerEndpoint(id) => {
                network.vpc_endpoints().get(id).and_then(inspecting)
            }
            Target::Local
            | Target::InternetGateway(_)
            | Target::EgressOnlyInternetGateway(_)
            | Target::Peering(_)
            | Target::GatewayEndpoint(_)
            | Target::TransitGateway(_)
            | Target::VirtualPrivateGateway(_)
            | Target::Unmodelled { .. } => None,
        }
    }
}

/// The subnet of a Gateway Load Balancer endpoint.
fn inspecting(endpoint: &VpcEndpoint) -> Option<&SubnetId> {
    match &endpoint.kind {
        EndpointKind::GatewayLoadBalancer { subnet, .. } => Some(subnet),
        EndpointKind::Gateway { .. }
        | EndpointKind::Interface { .. }
        | EndpointKind::Unmodelled(_) => None,
    }
}

/// The packets for which subnets of a VPC are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AlikeFor {
    None,
    /// Those for addresses of the VPC.
    Inside,
    Every,
}

impl<R: Recorder> Walk<'_, R> {
    /// The subnet of an attachment by which a packet goes in from a subnet of its VPC.
    pub(crate) fn enter_transit(
        &mut self,
        index: AttachmentIndex,
        from: SubnetIndex,
    ) -> ControlFlow<Ending, SubnetIndex> {
        let network = self.network;
        let attachment = &network.attachments[index];
        let component = Component::Attachment(index);
        let clause = Clause::TransitGatewayZone;
        let own = attachment.subnets().iter().find(|subnet| **subnet == from);
        let zone = |subnet: SubnetIndex| network.is_one_zone(subnet, from);
        let in_zone = |subnet: &&SubnetIndex| zone(**subnet) == Some(true);
        if let Some(subnet) = own.or_else(|| attachment.subnets().iter().find(in_zone)) {
            self.pass(component, None, clause);
            return ControlFlow::Continue(*subnet);
        }
        let elsewhere = |subnet: &SubnetIndex| zone(*subnet) == Some(false);
        if attachment.subnets().iter().all(elsewhere) {
            return self.drop(component, None, clause);
        }
        self.end_open(component, None, clause, attachment.zone)
    }

    /// The subnet of an attachment by which a packet comes out that went in by a subnet, when
    /// that is known. Of its destination port no more may be known than that it is one of some.
    pub(crate) fn leave_transit(
        &mut self,
        index: AttachmentIndex,
        entered: Option<SubnetIndex>,
        ports: Option<&RangeInclusive<u16>>,
    ) -> ControlFlow<Ending, SubnetIndex> {
        let network = self.network;
        let attachment = &network.attachments[index];
        let component = Component::Attachment(index);
        let clause = Clause::TransitGatewayZone;
        let in_zone = |subnet: &&SubnetIndex| {
            let zone = |of: SubnetIndex| network.is_one_zone(**subnet, of);
            entered.and_then(zone) == Some(true)
        };
        let by_zone = attachment.subnets().iter().find(in_zone);
        match by_zone.or_else(|| self.whichever(attachment, ports)) {
            Some(subnet) => {
                self.pass(component, None, clause);
                ControlFlow::Continue(*subnet)
            }
            None => self.end_open(component, None, clause, attachment.zone),
        }
    }

    /// The subnet by which a packet comes out that none is in the zone of: the only one, or the
    /// first, when it fares alike by all.
    fn whichever<'b>(
        &mut self,
        attachment: &'b Attachment,
        ports: Option<&RangeInclusive<u16>>,
    ) -> Option<&'b SubnetIndex> {
        let network = self.network;
        let destination = self.packet.destination();
        let subnets = attachment.subnets();
        let (first, alike) = match (subnets, &attachment.attached) {
            ([only], _) => return Some(only),
            ([first, ..], Attached::Vpc { vpc, alike, .. }) => {
                let alike = match alike {
                    AlikeFor::None => false,
                    AlikeFor::Inside => held(&network.vpcs[*vpc].cidrs, destination),
                    AlikeFor::Every => true,
                };
                (first, alike)
            }
            _ => return None,
        };
        let holds = |subnet: &SubnetIndex| held(&network.subnets[*subnet].cidrs, destination);
        // They have one ACL and one table.
        let alike = alike && (!subnets.iter().any(holds) || self.goes_across(*first, ports));
        alike.then_some(first)
    }

    /// Whether a packet that stands at a subnet certainly gets into any other one with the same
    /// ACL.
    fn goes_across(&mut self, subnet: SubnetIndex, ports: Option<&RangeInclusive<u16>>) -> bool {
        let chosen = self.network.choose(subnet, self.packet.destination());
        let local = route_table::Target::Local;
        matches!(chosen, Choice::Chosen { target, .. } if target == local)
            && [Side::Out, Side::In]
                .into_iter()
                .all(|side| self.is_passed_by_acl(subnet, side, ports))
    }
}

impl Compiled {
    /// Whether two subnets are in one zone, as far as they can be compared.
    pub(crate) fn is_one_zone(&self, one: SubnetIndex, other: SubnetIndex) -> Option<bool> {
        if one == other {
            return Some(true);
        }
        self.subnets[one].is_zone_of(&self.subnets[other])
    }
}

impl Subnet {
    /// The same for two different subnets.
    fn is_zone_of(&self, other: &Subnet) -> Option<bool> {
        let (own, other) = (&self.zone, &other.zone);
        if let (Some(one), Some(other)) = (own.id, other.id) {
            return Some(one == other);
        }
        let strangers = own.account.is_some() && other.account.is_some();
        // A name means different zones in different accounts.
        if strangers && own.account != other.account {
            return None;
        }
        Some(own.name? == other.name?)
    }
}
