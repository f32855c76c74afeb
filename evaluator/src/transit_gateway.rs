//! Transit gateways: attachments, and the way through them.

use std::ops::ControlFlow;

use model::{
    Address, AttachmentKind, Clause, Network, OnPremisesGateway, TransitGatewayAttachment,
    TransitGatewayId, Value, VpcId,
};

use crate::address_map::AddressMap;
use crate::forward::Forward;
use crate::index::{
    Arena, AttachmentIndex, HoleIndex, Holes, Names, SubnetIndex, TransitGatewayIndex,
    TransitTableIndex, VpcIndex,
};
use crate::network_acl::Side;
use crate::network_interface::Subnet;
use crate::on_premises::{Beyond, Gateway};
use crate::transit_zone::{Alike, AlikeFor};
use crate::walk::{Component, Ending, Recorder};
use crate::way::{Device, Passage};

/// A transit gateway.
#[derive(Clone, Debug)]
pub(crate) struct TransitGateway {
    /// The available attachments of VPCs, of each VPC at most one.
    attachments: Vec<(VpcIndex, AttachmentIndex)>,
    /// Whether an address is of a VPC that is attached, available or not.
    attached: AddressMap<bool>,
}

impl TransitGateway {
    /// The available attachment of a VPC.
    pub(crate) fn attachment(&self, vpc: VpcIndex) -> Option<AttachmentIndex> {
        let mut attachments = self.attachments.iter();
        let found = attachments.find(|(of, _)| *of == vpc);
        found.map(|(_, attachment)| *attachment)
    }

    /// Whether an address is of a VPC that is attached, by an attachment available or not.
    pub(crate) fn has_attached(&self, address: Address) -> bool {
        *self.attached.at(address)
    }
}

/// An attachment to a transit gateway.
#[derive(Clone, Debug)]
pub(crate) struct Attachment {
    pub(crate) gateway: TransitGatewayIndex,
    pub(crate) available: bool,
    pub(crate) attached: Attached,
    /// The table, or the hole (`transit-gateway-association`).
    pub(crate) association: Option<Result<TransitTableIndex, HoleIndex>>,
    /// In which of its zones a packet is (`transit-gateway-zone`).
    pub(crate) zone: HoleIndex,
}

/// What is attached.
#[derive(Clone, Debug)]
pub(crate) enum Attached {
    Vpc {
        vpc: VpcIndex,
        subnets: Vec<SubnetIndex>,
        /// For which packets it does not matter by which of them they come out.
        alike: AlikeFor,
        /// Whether there are several, and the VPC has an available attachment to another gateway,
        /// which keeps to a subnet of its own.
        beside: bool,
        appliance_mode: bool,
        /// Whether its gateway and it have security group referencing on.
        referencing: bool,
    },
    /// The other gateway's attachment, or the hole when it is not in the input.
    Peering(Result<AttachmentIndex, HoleIndex>),
    OnPremises(Box<Beyond>),
    Unmodelled(HoleIndex),
}

impl Attachment {
    /// The subnets of a VPC's attachment.
    pub(crate) fn subnets(&self) -> &[SubnetIndex] {
        match &self.attached {
            Attached::Vpc { subnets, .. } => subnets,
            Attached::Peering(_) | Attached::OnPremises(_) | Attached::Unmodelled(_) => &[],
        }
    }

    /// The VPC from which group references hold over the attachment, as far as it says.
    pub(crate) fn referenced_vpc(&self) -> Option<VpcIndex> {
        match &self.attached {
            Attached::Vpc {
                vpc, referencing, ..
            } => Some(*vpc).filter(|_| *referencing),
            Attached::Peering(_) | Attached::OnPremises(_) | Attached::Unmodelled(_) => None,
        }
    }

    /// Whether a reply comes out where its request went in.
    pub(crate) fn appliance_mode(&self) -> bool {
        match &self.attached {
            Attached::Vpc { appliance_mode, .. } => *appliance_mode,
            Attached::Peering(_) | Attached::OnPremises(_) | Attached::Unmodelled(_) => false,
        }
    }

    /// Whether another gateway may keep what this one does to another subnet.
    pub(crate) fn is_beside_another(&self) -> bool {
        match &self.attached {
            Attached::Vpc { beside, .. } => *beside,
            Attached::Peering(_) | Attached::OnPremises(_) | Attached::Unmodelled(_) => false,
        }
    }
}

pub(crate) fn compile(
    network: &Network,
    names: &Names,
    attachments: &Arena<AttachmentIndex, Attachment>,
) -> Arena<TransitGatewayIndex, TransitGateway> {
    let of_gateway = |gateway: TransitGatewayIndex| {
        let own = attachments
            .iter()
            .filter(|(_, attachment)| attachment.gateway == gateway && attachment.available);
        own.filter_map(|(index, attachment)| match &attachment.attached {
            Attached::Vpc { vpc, .. } => Some((*vpc, index)),
            Attached::Peering(_) | Attached::OnPremises(_) | Attached::Unmodelled(_) => None,
        })
        .collect()
    };
    let gateways = network.transit_gateways().keys();
    gateways
        .map(|id| TransitGateway {
            attachments: of_gateway(names.transit_gateways.index(id)),
            attached: attached_blocks(network, id),
        })
        .collect()
}

fn attached_blocks(network: &Network, gateway: &TransitGatewayId) -> AddressMap<bool> {
    let attachments = network.transit_gateway_attachments().values();
    let own = attachments.filter(|attachment| attachment.gateway == *gateway);
    let vpcs = own.filter_map(|attachment| match &attachment.kind {
        AttachmentKind::Vpc { vpc, .. } => network.vpcs().get(vpc),
        AttachmentKind::Peering { .. }
        | AttachmentKind::OnPremises { .. }
        | AttachmentKind::Unmodelled(_) => None,
    });
    AddressMap::of_blocks(vpcs.flat_map(|vpc| vpc.cidrs.iter().copied()))
}

pub(crate) fn attachments(
    network: &Network,
    names: &Names,
    holes: &mut Holes,
    subnets: &Arena<SubnetIndex, Subnet>,
) -> Arena<AttachmentIndex, Attachment> {
    let alike = Alike::new(network, names, subnets);
    let attachments = network.transit_gateway_attachments().values();
    attachments
        .map(|attachment| {
            let table = attachment.association.as_ref();
            Attachment {
                gateway: names.transit_gateways.index(&attachment.gateway),
                available: attachment.available,
                attached: attached(network, attachment, names, holes, &alike),
                association: table.map(|table| match table {
                    Value::Known(table) => Ok(names.transit_tables.index(table)),
                    Value::OneOf(_, hole) | Value::Any(hole) => Err(holes.keep(hole)),
                }),
                zone: holes.open(format!("the zone in which packets pass {}", attachment.id)),
            }
        })
        .collect()
}

fn attached(
    network: &Network,
    attachment: &TransitGatewayAttachment,
    names: &Names,
    holes: &mut Holes,
    alike: &Alike<'_>,
) -> Attached {
    let id = &attachment.id;
    match &attachment.kind {
        AttachmentKind::Vpc {
            vpc,
            subnets,
            appliance_mode,
            security_group_referencing,
            ipv6_support: _,
        } => {
            let gateway = network.transit_gateways().get(&attachment.gateway);
            let on = gateway.is_some_and(|gateway| gateway.security_group_referencing);
            let subnets: Vec<_> = subnets.iter().map(|id| names.subnets.index(id)).collect();
            Attached::Vpc {
                vpc: names.vpcs.index(vpc),
                alike: alike.packets(&subnets),
                beside: subnets.len() > 1 && is_beside(network, attachment, vpc),
                subnets,
                appliance_mode: *appliance_mode,
                referencing: on && *security_group_referencing,
            }
        }
        AttachmentKind::Peering { other } => Attached::Peering(match other {
            Some(other) => Ok(names.attachments.index(other)),
            None => Err(holes.open(format!("the transit gateway at the other end of {id}"))),
        }),
        AttachmentKind::OnPremises { prefixes, .. } => {
            let gateway = OnPremisesGateway::Transit(id.clone());
            let beyond = Beyond::new(network, &gateway, prefixes, holes);
            Attached::OnPremises(Box::new(beyond))
        }
        AttachmentKind::Unmodelled(kind) => {
            Attached::Unmodelled(holes.open(format!("what lies behind {id}, a {kind}")))
        }
    }
}

/// Whether a VPC has an available attachment to another gateway than this attachment's.
fn is_beside(network: &Network, attachment: &TransitGatewayAttachment, vpc: &VpcId) -> bool {
    let mut others = network.transit_gateway_attachments().values();
    others.any(|other| {
        let same_vpc = matches!(&other.kind, AttachmentKind::Vpc { vpc: of, .. } if of == vpc);
        same_vpc && other.available && other.gateway != attachment.gateway
    })
}

impl<R: Recorder> Forward<'_, R> {
    /// A transit gateway as the target of a route from a subnet.
    pub(crate) fn transit_gateway(
        &mut self,
        place: SubnetIndex,
        index: TransitGatewayIndex,
    ) -> ControlFlow<Ending> {
        let network = self.walk.network;
        let component = Component::TransitGateway(index);
        let vpc = network.subnets[place].vpc;
        let attachment = network.transit_gateways[index].attachment(vpc);
        self.comes_to(component, |passed| is_entered(passed, attachment))?;
        let clause = Clause::TransitGatewayAttached;
        let Some(attachment) = attachment else {
            return self.walk.drop(component, None, clause);
        };
        self.walk.pass(component, None, clause);
        let entry = self.walk.enter_transit(attachment, place)?;
        self.walk.network_acl(entry, Side::In)?;
        self.transit(attachment, Some(entry))
    }

    /// *Transit*, from an attachment. Each round is another device, so `way-limit` bounds them.
    pub(crate) fn transit(
        &mut self,
        mut entered: AttachmentIndex,
        mut subnet: Option<SubnetIndex>,
    ) -> ControlFlow<Ending> {
        let network = self.walk.network;
        loop {
            let destination = self.walk.packet.destination();
            let left = self.walk.transit_route(entered, destination)?;
            self.way.push(Device::TransitGateway(Passage {
                entered,
                left,
                subnet,
            }));
            let component = Component::Attachment(left);
            let attachment = &network.attachments[left];
            let available = match &attachment.attached {
                Attached::Peering(Ok(other)) => network.attachments[*other].available,
                Attached::Vpc { .. }
                | Attached::Peering(Err(_))
                | Attached::OnPremises(_)
                | Attached::Unmodelled(_) => true,
            };
            if !(attachment.available && available) {
                let clause = Clause::TransitGatewayAttached;
                return self.walk.drop(component, None, clause);
            }
            self.walk
                .pass(component, None, Clause::TransitGatewayAttached);
            match &attachment.attached {
                Attached::Vpc { .. } => {
                    let place = self.walk.leave_transit(left, subnet, None)?;
                    return self.onward(place);
                }
                Attached::Peering(Ok(other)) => {
                    let gateway = Component::TransitGateway(network.attachments[*other].gateway);
                    self.comes_to(gateway, |passed| is_entered(passed, Some(*other)))?;
                    (entered, subnet) = (*other, None);
                }
                Attached::OnPremises(beyond) => {
                    return self.hand_over(Gateway::Transit(left), beyond);
                }
                Attached::Peering(Err(hole)) | Attached::Unmodelled(hole) => {
                    let clause = Clause::TransitGatewayUnmodelled;
                    return self.walk.end_open(component, None, clause, *hole);
                }
            }
        }
    }
}

/// Whether a packet came to a transit gateway by the attachment.
fn is_entered(passed: Device, attachment: Option<AttachmentIndex>) -> bool {
    match passed {
        Device::TransitGateway(passage) => Some(passage.entered) == attachment,
        Device::NatGateway(_)
        | Device::Middlebox(_)
        | Device::GatewayLoadBalancer(_)
        | Device::Peering(_) => false,
    }
}
