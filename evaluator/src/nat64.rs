//! NAT64 in scopes: where flows to its range may be led, and the cells of those.

use std::collections::BTreeSet;

use model::{Address, Family, Packet, Scope, Traffic, TrafficClass, Transport};

use crate::address::{before_nat64, behind_nat64, nat64, reserved};
use crate::atoms::AddressCuts;
use crate::cells::{Cells, Seed, cut_rules};
use crate::check::{Question, Tally};
use crate::compiled::Compiled;
use crate::forward::{Arrived, Entry};
use crate::index::{InterfaceIndex, SubnetIndex};
use crate::leads::Leads;
use crate::on_premises::Gateway;
use crate::route_table::{Choice, RouteTable, Target};
use crate::scope::Whence;
use crate::sight::Sight;

/// What NAT64 makes of a packet, but for the ports; `None` of what it does not take.
pub(crate) fn behind(packet: Packet) -> Option<Transport> {
    behind_nat64(packet.destination())?;
    match packet.transport() {
        same @ (Transport::Tcp { .. } | Transport::Udp { .. }) => Some(same),
        Transport::Icmpv6 {
            icmp_type: 128,
            code,
        } => Some(Transport::Icmp { icmp_type: 8, code }),
        Transport::Icmp { .. } | Transport::Icmpv6 { .. } | Transport::Other(_) => None,
    }
}

/// The packets of which NAT64 makes those of a class.
fn before(class: &TrafficClass) -> Option<TrafficClass> {
    let source_ports = 0..=u16::MAX;
    match class {
        TrafficClass::Tcp {
            destination_ports, ..
        } => Some(TrafficClass::Tcp {
            source_ports,
            destination_ports: destination_ports.clone(),
        }),
        TrafficClass::Udp {
            destination_ports, ..
        } => Some(TrafficClass::Udp {
            source_ports,
            destination_ports: destination_ports.clone(),
        }),
        TrafficClass::Icmp { types, codes } if types.contains(&8) => Some(TrafficClass::Icmpv6 {
            types: 128..=128,
            codes: codes.clone(),
        }),
        TrafficClass::Icmp { .. } | TrafficClass::Icmpv6 { .. } | TrafficClass::Other { .. } => {
            None
        }
    }
}

/// Whether a table leads addresses of the range to a NAT gateway.
pub(crate) fn leads_to_nat(table: &RouteTable) -> bool {
    let mut choices = table.of_nat64().iter();
    choices.any(|choice| {
        matches!(
            choice,
            Choice::Chosen {
                target: Target::NatGateway(_),
                ..
            }
        )
    })
}

impl Compiled {
    /// Whether anything but a drop may become of what stands at a subnet and is sent to the
    /// range, in which no address is public.
    fn may_lead_nat64(&self, subnet: SubnetIndex) -> bool {
        let Ok(table) = self.subnets[subnet].route_table else {
            return true;
        };
        let mut choices = self.route_tables[table].of_nat64().iter();
        choices.any(|choice| match choice {
            Choice::Dropped { .. } => false,
            Choice::Open { .. } => true,
            Choice::Chosen { target, .. } => match target {
                Target::InternetGateway(_) | Target::EgressOnly(_) => false,
                Target::Local
                | Target::NatGateway(_)
                | Target::Peering(_)
                | Target::GatewayEndpoint(_)
                | Target::NetworkInterface(_)
                | Target::GatewayLoadBalancer(_)
                | Target::TransitGateway(_)
                | Target::VirtualPrivate(_) => true,
            },
        })
    }

    /// The same for what comes in by a gateway.
    fn may_come_to_nat64(&self, gateway: Gateway) -> bool {
        match gateway {
            Gateway::VirtualPrivate(index) => !self.virtual_private[index].beyond.has_no_nat64(),
            Gateway::Transit(index) => match self.attachments[index].association {
                None => false,
                Some(Err(_)) => true,
                Some(Ok(table)) => !self.transit_tables[table].drops_nat64(),
            },
        }
    }
}

impl Question<'_> {
    /// The scope with what flows to the range are at first; `None` when none of them can be more
    /// than dropped.
    pub(crate) fn to_nat64(&self, leads: &Leads) -> Option<Scope> {
        let network = self.network;
        let mut interfaces = self.scope.interfaces.iter();
        let from_inside = interfaces.any(|index| {
            let interface = &network.interfaces[*index];
            interface.first(Family::V6).is_some() && network.may_lead_nat64(interface.subnet)
        });
        let mut gateways = network.gateways();
        let from_outside = !self.scope.on_premises.is_empty()
            && gateways.any(|gateway| network.may_come_to_nat64(gateway));
        if !from_inside && !from_outside {
            return None;
        }
        let scope = &self.invariant.scope;
        let mut classes: Vec<_> = scope.traffic.classes.iter().filter_map(before).collect();
        if !leads.is_empty() {
            classes.extend(leads.first_legs(scope).traffic.classes);
        }
        Some(Scope {
            traffic: Traffic { classes },
            families: BTreeSet::from([Family::V6]),
            ..scope.clone()
        })
    }

    /// Whether a flow is followed through completions by the address that it is sent to: by NAT64
    /// none may lead to an open one, which a value does not name.
    pub(crate) fn is_named(&self, packet: Packet) -> bool {
        let behind = behind_nat64(packet.destination());
        behind.is_none_or(|behind| !self.open.contains_key(&behind))
    }

    /// What is found of a flow that has no name.
    pub(crate) fn is_unnamed(&self, tally: &mut Tally) {
        tally.possible = true;
        tally.holes.extend(self.open.values().cloned());
    }
}

impl Cells<'_> {
    /// What packets to the range can tell apart behind NAT gateways, but for the interfaces at
    /// which they arrive; nothing where none leads there.
    fn cuts_behind_nat(&self, sight: &Sight) -> Option<AddressCuts> {
        let network = self.network;
        let mut places = sight.places.iter();
        let leads = places.any(|place| match network.subnets[*place].route_table {
            Ok(table) => leads_to_nat(&network.route_tables[table]),
            Err(_) => false,
        });
        if !network.nat64 || !leads {
            return None;
        }
        let mut cuts = self.everywhere.clone();
        reserved().for_each(|cidr| cuts.block(cidr));
        self.cut_before_arrival(sight, Family::V4, &mut cuts);
        Some(cuts)
    }

    /// The interfaces at which such packets may arrive.
    fn owners_of_v4(&self, sight: &Sight) -> impl Iterator<Item = (Address, InterfaceIndex)> {
        let vpcs = sight.vpcs.iter();
        let owners = vpcs.flat_map(|vpc| self.network.vpcs[*vpc].owners.iter());
        let owners = owners.map(|(address, (owner, _))| (address, owner));
        owners.filter(|(address, _)| address.family() == Family::V4)
    }

    /// Cuts destinations of a family where NAT64 tells them apart.
    pub(crate) fn cut_at_nat64(
        &self,
        whence: Whence,
        sight: &Sight,
        family: Family,
        cuts: &mut AddressCuts,
    ) {
        if family == Family::V4 || !self.network.nat64 {
            return;
        }
        let Some(mut behind) = self.cuts_behind_nat(sight) else {
            return;
        };
        for (address, _) in self.owners_of_v4(sight) {
            let before = before_nat64(address);
            if before.is_some_and(|before| self.scope.holds_from(whence, before)) {
                behind.host(address);
            }
        }
        cuts.extend(&behind.before_nat64());
    }

    /// One destination in the range of every cell of relayed flows, which these cuts tell apart
    /// at a sender with such addresses of its own.
    fn cells_of_nat64(
        &self,
        leads: &Leads,
        sight: &Sight,
        own: &[Address],
        mut cuts: AddressCuts,
    ) -> Vec<Address> {
        self.cut_before_arrival(sight, Family::V6, &mut cuts);
        let mut behind = cuts.behind_nat64();
        if let Some(cuts) = self.cuts_behind_nat(sight) {
            behind.extend(&cuts);
            own.iter().for_each(|own| behind.host(*own));
            for (address, owner) in self.owners_of_v4(sight) {
                let hands_on = !leads.is_empty() && self.network.is_relay(owner);
                let arrived = Arrived::Interface(owner, Entry::Routed);
                let is_place = || self.scope.is_received(address, arrived);
                let is_service = || self.scope.received_by_nat64(address, arrived).is_some();
                // Where it comes to behind such a one is open.
                let is_client_vpn = self.network.is_client_vpn(owner);
                if hands_on || is_client_vpn || is_place() || is_service() {
                    behind.host(address);
                }
            }
        }
        let cells = behind.representatives(Family::V4).into_iter();
        cells.filter_map(before_nat64).collect()
    }

    /// What an interface sends to the range.
    pub(crate) fn to_nat64(
        &self,
        leads: &Leads,
        sender: InterfaceIndex,
        sight: &Sight,
        family: Family,
    ) -> Vec<Address> {
        let interface = &self.network.interfaces[sender];
        if family == Family::V4 || !self.network.may_lead_nat64(interface.subnet) {
            return Vec::new();
        }
        let mut cuts = AddressCuts::default();
        let own: Vec<_> = interface.private_addresses().collect();
        own.iter().for_each(|own| cuts.host(*own));
        for set in self.sets(interface) {
            cut_rules(&set.egress, family, &mut cuts);
        }
        self.cut_at_client_vpn(interface, family, &mut cuts);
        let mut cells = self.cells_of_nat64(leads, sight, &own, cuts);
        cells.retain(|to| !self.scope.is_own(sender, *to));
        cells
    }

    /// The hosts on premises that send to the range.
    pub(crate) fn seeds_to_nat64(&self, leads: &Leads) -> Vec<Seed> {
        let mut seeds = Vec::new();
        for (gateway, from) in &self.gateways {
            if self.network.may_come_to_nat64(*gateway) {
                let mut cuts = AddressCuts::default();
                nat64().for_each(|cidr| cuts.block(cidr));
                if let Some(beyond) = self.network.beyond(*gateway) {
                    cuts.starts(beyond.starts(Family::V6));
                    cuts.starts(beyond.advertised.starts(Family::V6));
                }
                let cells = self
                    .cells_of_nat64(leads, &from.sight, &[], cuts)
                    .into_iter();
                seeds.extend(cells.map(|to| Seed::OnPremises(*gateway, to)));
            }
        }
        seeds
    }
}
