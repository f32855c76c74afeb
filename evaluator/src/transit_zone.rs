//! By which subnets packets pass the attachments of VPCs (`transit-gateway-zone`).

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use model::{Address, Clause, EndpointKind, Exclusion, Network, RouteTableId, Target, Value};

use crate::address::held;
use crate::compiled::{Compiled, Open};
use crate::index::{Arena, AttachmentIndex, Names, SubnetIndex};
use crate::network_interface::Subnet;
use crate::transit_gateway::{Attached, Attachment};
use crate::walk::{Component, Ending, Recorder, Walk};

/// Tells which subnets of an attachment are *alike*.
pub(crate) struct Alike<'a> {
    network: &'a Network,
    names: &'a Names,
    subnets: &'a Arena<SubnetIndex, Subnet>,
    /// The subnets that have a device.
    with_device: BTreeSet<SubnetIndex>,
}

impl<'a> Alike<'a> {
    pub(crate) fn new(
        network: &'a Network,
        names: &'a Names,
        subnets: &'a Arena<SubnetIndex, Subnet>,
    ) -> Self {
        let nat_gateways = network.nat_gateways().values().map(|nat| &nat.subnet);
        let endpoints = network.vpc_endpoints().values();
        let endpoints = endpoints.filter_map(|endpoint| match &endpoint.kind {
            EndpointKind::GatewayLoadBalancer { subnet, .. } => Some(subnet),
            EndpointKind::Gateway { .. }
            | EndpointKind::Interface { .. }
            | EndpointKind::Unmodelled(_) => None,
        });
        let interfaces = network.network_interfaces().values();
        let unchecked = interfaces
            .filter(|interface| !interface.source_destination_check)
            .map(|interface| &interface.subnet);
        let with_device = nat_gateways.chain(endpoints).chain(unchecked);
        Self {
            network,
            names,
            subnets,
            with_device: with_device.map(|id| names.subnets.index(id)).collect(),
        }
    }

    /// For which packets some subnets of a VPC are alike, if none of them has the destination.
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
            place.route_table == Ok(table)
                && same_acl
                && self.exclusion(*subnet) == exclusion
                && !self.with_device.contains(subnet)
        };
        if !subnets.iter().all(same) {
            AlikeFor::None
        } else if self.may_lead_to_transit(self.names.route_tables.id(table)) {
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
    /// zone. One that is a blackhole is such a route all the same.
    fn may_lead_to_transit(&self, table: &RouteTableId) -> bool {
        let transit = |target: &Target| matches!(target, Target::TransitGateway(_));
        let table = self.network.route_tables().get(table);
        let mut routes = table.into_iter().flat_map(|table| &table.routes);
        routes.any(|route| match &route.target {
            Value::Known(target) => transit(target),
            Value::OneOf(targets, _) => targets.iter().any(transit),
            Value::Any(_) => true,
        })
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
    /// that is known.
    pub(crate) fn leave_transit(
        &mut self,
        index: AttachmentIndex,
        entered: Option<SubnetIndex>,
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
        match by_zone.or_else(|| network.whichever(attachment, self.packet.destination())) {
            Some(subnet) => {
                self.pass(component, None, clause);
                ControlFlow::Continue(*subnet)
            }
            None => self.end_open(component, None, clause, attachment.zone),
        }
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

    /// The subnet by which a packet comes out that none is in the zone of: the only one, or the
    /// first, when it fares alike by all.
    fn whichever<'a>(
        &self,
        attachment: &'a Attachment,
        destination: Address,
    ) -> Option<&'a SubnetIndex> {
        let subnets = attachment.subnets();
        let (first, alike) = match (subnets, &attachment.attached) {
            ([only], _) => return Some(only),
            ([first, ..], Attached::Vpc { vpc, alike, .. }) => {
                let alike = match alike {
                    AlikeFor::None => false,
                    AlikeFor::Inside => held(&self.vpcs[*vpc].cidrs, destination),
                    AlikeFor::Every => true,
                };
                (first, alike)
            }
            _ => return None,
        };
        let holds = |subnet: &SubnetIndex| held(&self.subnets[*subnet].cidrs, destination);
        (alike && !subnets.iter().any(holds)).then_some(first)
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
