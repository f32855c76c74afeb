//! Ends of ways on premises: behind a virtual private gateway, or an attachment of a transit gateway.

use std::collections::BTreeSet;

use model::{
    AttachmentKind, Hole, OnPremisesGateway, OnPremisesService, VirtualPrivateGateway,
    VirtualPrivateGatewayId,
};

use super::super::on_premises::lead;
use super::chain::Standing;
use super::join::{End, Joint};
use super::*;
use crate::dice::Dice;

/// A host on premises, in a block that its gateway knows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Premises {
    pub block: Cidr,
    pub host: Address,
}

/// The blocks with their hosts: private ones, and public ones around the length that makes them one's
/// own.
const PREMISES: [(usize, (&str, &str)); 9] = [
    (30, ("192.168.0.0/16", "192.168.9.9")),
    (14, ("172.16.0.0/12", "172.16.5.5")),
    (10, ("10.0.0.0/8", "10.99.9.9")), // covers the VPCs
    (12, ("203.0.0.0/8", "203.0.113.9")),
    (7, ("203.0.0.0/9", "203.0.113.9")),
    (9, ("202.0.0.0/7", "203.0.113.9")),
    (8, ("203.0.113.0/24", "203.0.113.9")),
    (5, ("0.0.0.0/0", "192.168.9.9")),
    (5, ("10.0.0.0/8", "10.0.0.9")), // often an address of a VPC
];

impl Premises {
    pub(super) fn any(dice: &mut Dice) -> Option<Self> {
        let (block, host) = dice.choose(&PREMISES)?;
        Some(Self {
            block: pool::cidr(block),
            host: pool::address(host),
        })
    }

    /// What static routes are for.
    pub(super) fn near(&self) -> Cidr {
        pool::around(self.host, 24)
    }
}

impl Builder<'_> {
    /// From a host on premises: to another network on premises, by a virtual private gateway, or by a
    /// transit gateway and over devices of the VPC.
    pub(super) fn starting_on_premises(
        &mut self,
        place: &Place,
        plan: &PivotPlan,
        fault: Fault,
    ) -> Option<Passage> {
        // A sender on premises has no groups, and reaches no gateway of the internet directly.
        let fault = match fault {
            Fault::Egress => Fault::Spoof,
            Fault::PublicAccess | Fault::ReturnPorts => Fault::Link,
            Fault::None
            | Fault::Ingress
            | Fault::Port
            | Fault::AclOut
            | Fault::AclBack
            | Fault::Blackhole
            | Fault::Target
            | Fault::Spoof
            | Fault::Link => fault,
        };
        match plan.to.index(8) {
            0 => self.between_premises(place, plan, fault),
            1 => self.through_virtual_gateway(place, plan, fault),
            _ => self.along_a_chain(place, plan, fault, Way::FromOnPremises),
        }
    }

    pub(super) fn through_virtual_gateway(
        &mut self,
        place: &Place,
        plan: &PivotPlan,
        fault: Fault,
    ) -> Option<Passage> {
        let mut dice = Self::dice_of(plan);
        let premises = Premises::any(&mut dice)?;
        let receiver = match self.endpoint_place() {
            Some(place) if dice.percent(30) => place,
            Some(_) | None => place.clone(),
        };
        let gateway = self.virtual_gateway_of(&receiver.vpc, premises)?;
        self.lead_to_premises(&receiver.subnet, premises, &gateway, fault, &mut dice)?;
        Some(Passage {
            source: premises.host,
            destination: receiver.address,
            sender: receiver.clone(),
            receiver: Some(receiver),
            outside: Some(Source::OnPremises(OnPremisesGateway::VirtualPrivate(
                gateway,
            ))),
        })
    }

    /// An interface of an interface endpoint, where there is one.
    pub(super) fn endpoint_place(&self) -> Option<Place> {
        let mut interfaces = self.draft.network_interfaces.iter();
        interfaces.find_map(|one| {
            let Attachment::VpcEndpoint(_) = one.attachment else {
                return None;
            };
            let mut addresses = one.addresses.iter();
            let address = addresses.find_map(|one| match one.private {
                AddressValue::Known(address @ Address::V4(_)) => Some(address),
                AddressValue::Known(Address::V6(_)) | AddressValue::Within(..) => None,
            });
            Some(Place {
                interface: one.id.clone(),
                address: address?,
                subnet: one.subnet.clone(),
                vpc: self.vpc_of(one)?,
            })
        })
    }

    fn between_premises(
        &mut self,
        place: &Place,
        plan: &PivotPlan,
        fault: Fault,
    ) -> Option<Passage> {
        let mut dice = Self::dice_of(plan);
        let (one, other) = (Premises::any(&mut dice)?, Premises::any(&mut dice)?);
        let joint = Self::joint(1, fault, &mut dice);
        let ends = [
            self.premises_end(one, Fault::None, &mut dice)?,
            self.premises_end(other, fault, &mut dice)?,
        ];
        self.join("across", ends, joint);
        Some(Passage {
            source: one.host,
            destination: other.host,
            sender: place.clone(),
            receiver: None,
            outside: Some(transit_source("across-x0")),
        })
    }

    pub(super) fn dice_of(plan: &PivotPlan) -> Dice {
        Dice::new(u64::try_from(plan.peer.index(usize::MAX / 2)).unwrap_or(0))
    }

    /// How two ends are joined, of which the one on premises may be broken.
    pub(super) fn joint(on_premises: usize, fault: Fault, dice: &mut Dice) -> Joint {
        let broken = fault == Fault::Link && dice.percent(45);
        // A VPC's addresses are its own, whether its attachment works or not.
        let spoofed = fault == Fault::Spoof && dice.percent(50);
        let of_vpc = spoofed.then_some(1 - on_premises);
        let end = of_vpc.or((fault == Fault::Target).then_some(on_premises));
        Joint {
            peered: dice.percent(25),
            broken: end,
            back: !(broken && dice.percent(60)),
            associated: !(broken && dice.percent(40)),
        }
    }

    /// The end of a joint that is on premises. What it knows may be broken.
    pub(super) fn premises_end(
        &self,
        premises: Premises,
        fault: Fault,
        dice: &mut Dice,
    ) -> Option<End> {
        let service = *dice.pick(&OnPremisesService::ALL)?;
        let known = BTreeSet::from([premises.block]);
        let open = fault == Fault::Link && dice.percent(50) && self.has(Feature::Holes);
        let hole = Hole::new("blocks behind the attachment");
        Some(End {
            kind: AttachmentKind::OnPremises {
                service,
                prefixes: if open {
                    Value::Any(hole)
                } else {
                    Value::Known(known)
                },
            },
            block: premises.near(),
            propagated: dice.percent(60),
            twin: Self::premises_twin(premises.block, 25, dice),
        })
    }

    /// Another network on premises that has the block.
    fn premises_twin(block: Cidr, percent: usize, dice: &mut Dice) -> Option<AttachmentKind> {
        let service = *dice.pick(&OnPremisesService::ALL)?;
        let prefixes = Value::Known([block].into());
        dice.percent(percent)
            .then_some(AttachmentKind::OnPremises { service, prefixes })
    }

    /// The virtual private gateway of a VPC, which knows the block and has no table; made when there is
    /// none.
    pub(super) fn virtual_gateway_of(
        &mut self,
        vpc: &VpcId,
        premises: Premises,
    ) -> Option<VirtualPrivateGatewayId> {
        let gateways = &mut self.draft.virtual_private_gateways;
        let position = gateways
            .iter()
            .position(|one| one.vpc.as_ref() == Some(vpc));
        let position = position.unwrap_or_else(|| {
            gateways.push(VirtualPrivateGateway {
                id: "vgw-of-pivot".into(),
                vpc: Some(vpc.clone()),
                edge_route_table: None,
                prefixes: Value::Known(BTreeSet::new()),
                tags: Tags::new(),
            });
            gateways.len() - 1
        });
        let gateway = gateways.get_mut(position)?;
        gateway.edge_route_table = None;
        let mut known = gateway.prefixes.known().cloned().unwrap_or_default();
        known.insert(premises.block);
        gateway.prefixes = Value::Known(known);
        Some(gateway.id.clone())
    }

    /// The route of a subnet to a virtual private gateway, static or propagated, and what is broken of
    /// either.
    pub(super) fn lead_to_premises(
        &mut self,
        from: &SubnetId,
        premises: Premises,
        gateway: &VirtualPrivateGatewayId,
        fault: Fault,
        dice: &mut Dice,
    ) -> Option<()> {
        let target = Target::VirtualPrivateGateway(gateway.clone());
        if fault == Fault::Link && dice.percent(25) {
            return Some(()); // no route
        }
        if fault != Fault::Blackhole && dice.percent(40) {
            let table = self.known_table(from)?;
            let mut tables = self.draft.route_tables.iter_mut();
            let table = tables.find(|one| one.id == table)?;
            lead(table, premises.block, &target, RouteOrigin::Propagated);
        } else {
            self.lead(from, premises.near(), &target, fault == Fault::Blackhole)?;
        }
        self.break_virtual_gateway(gateway, fault, dice)
    }

    fn break_virtual_gateway(
        &mut self,
        id: &VirtualPrivateGatewayId,
        fault: Fault,
        dice: &mut Dice,
    ) -> Option<()> {
        let mut gateways = self.draft.virtual_private_gateways.iter_mut();
        let gateway = gateways.find(|one| one.id == *id)?;
        let own = gateway.vpc.clone()?;
        if fault == Fault::Target {
            gateway.vpc = None;
            return Some(());
        }
        if fault != Fault::Link {
            return Some(());
        }
        let holes = !self.plan.banned.contains(&Feature::Holes);
        match dice.below(4) {
            0 if holes => gateway.prefixes = Value::Any(Hole::new("blocks behind the gateway")),
            0 | 1 => gateway.prefixes = Value::Known([pool::cidr("192.0.2.0/24")].into()),
            2 => {
                gateway.edge_route_table = None;
                let edge = self.own_edge_table("vgw", &own);
                let mut gateways = self.draft.virtual_private_gateways.iter_mut();
                gateways.find(|one| one.id == *id)?.edge_route_table = Some(edge);
            }
            _ => {
                let taken = self.draft.virtual_private_gateways.iter();
                let taken: Vec<_> = taken.filter_map(|one| one.vpc.clone()).collect();
                let mut vpcs = self.draft.vpcs.iter();
                let other = vpcs.find(|vpc| !taken.contains(&vpc.id));
                let other = other.map(|vpc| vpc.id.clone());
                let mut gateways = self.draft.virtual_private_gateways.iter_mut();
                gateways.find(|one| one.id == *id)?.vpc = other;
            }
        }
        Some(())
    }

    /// Leaves the VPC in which the packet stands for a network on premises.
    pub(super) fn leave_for_premises(
        &mut self,
        from: &Standing,
        premises: Premises,
        fault: Fault,
        dice: &mut Dice,
    ) -> Option<()> {
        // A virtual private gateway takes the VPC's own addresses only.
        let own = self.block_of(&from.vpc, from.home.base()).is_some();
        if dice.percent(if own { 60 } else { 15 }) {
            let gateway = self.virtual_gateway_of(&from.vpc, premises)?;
            return self.lead_to_premises(&from.subnet, premises, &gateway, fault, dice);
        }
        let exit = self.exit("leave", from)?;
        let near = self.vpc_end(&from.vpc, [exit].into(), from.home, dice.percent(50));
        let far = self.premises_end(premises, fault, dice)?;
        let [gateway, _] = self.join("leave", [near, far], Self::joint(1, fault, dice));
        self.lead_out(from, premises.near(), &gateway, fault)
    }

    /// Enters a VPC from a network on premises, by the attachment `enter-x0`.
    pub(super) fn enter_from_premises(
        &mut self,
        premises: Premises,
        sender: &Place,
        end: &(Cidr, Address, Option<Place>),
        fault: Fault,
        dice: &mut Dice,
    ) -> Option<Standing> {
        let (block, _, receiver) = end;
        let zone = self.zone_of_chain(sender);
        let place = receiver.as_ref();
        let (subnet, subnets) = self.entrance("enter", &sender.vpc, zone, place, dice)?;
        let near = self.premises_end(premises, fault, dice)?;
        let mut far = self.vpc_end(&sender.vpc, subnets, *block, dice.percent(50));
        if let Some(own) = self.block_of(&sender.vpc, block.base()) {
            far.twin = Self::premises_twin(own, 20, dice);
        }
        let [_, gateway] = self.join("enter", [near, far], Self::joint(0, fault, dice));
        Some(Standing {
            subnet,
            vpc: sender.vpc.clone(),
            home: premises.near(),
            before: Some(Target::TransitGateway(gateway)),
        })
    }
}

/// Who sends by an attachment.
pub(super) fn transit_source(attachment: &str) -> Source {
    Source::OnPremises(OnPremisesGateway::Transit(attachment.into()))
}
