//! Security groups (page security_group).

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use model::{
    AttachmentKind, Clause, Family, GroupRule, Hole, NetworkInterfaceId, PeeringId, RulePeer,
    SecurityGroupId, TransitGatewayAttachmentId, Value, VpcId,
};

use crate::encoder::Encoder;
use crate::hole;
use crate::index::InVpc;
use crate::leg::SentBy;
use crate::load_balancer;
use crate::network_acl::Bound;
use crate::network_interface::Who;
use crate::prefix_list::{self, Listed};
use crate::ranges::block_holds;
use crate::symbolic::{Formula, Number, Transport};
use crate::walk::{Device, Doubt, Filter, Steps};

/// How a packet came to where it is judged.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Entered {
    /// It is being sent.
    Sent,
    /// From the same subnet.
    SameSubnet,
    /// By the local route.
    Local,
    /// Over a peering.
    Peering(PeeringId),
    /// Over a transit gateway, from one attachment to another.
    TransitGateway(TransitGatewayAttachmentId, TransitGatewayAttachmentId),
    /// By devices behind which nobody can tell who sent it.
    Hidden,
    /// From the internet.
    Internet,
    /// From on premises, by a virtual private gateway.
    OnPremises,
    /// From this node, with its client's address.
    Client(NetworkInterfaceId),
    /// By an endpoint service.
    EndpointService,
}

/// What the rules of one group say of a packet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Admission {
    /// Some rule admits it.
    certain: Vec<Formula>,
    /// Some rule may: in the order in which clauses are reported, each with its hole.
    possible: Vec<Doubt>,
}

impl Admission {
    fn is_certain(&self) -> Formula {
        Formula::any(self.certain.iter().cloned())
    }

    fn is_possible(&self) -> Formula {
        Formula::any(self.possible.iter().map(|doubt| doubt.when.clone()))
    }
}

/// `security-group-egress` and `security-group-ingress`, with the clauses for what is not known.
pub(crate) fn step(
    encoder: &mut Encoder,
    who: &Who,
    bound: Bound,
    entered: &Entered,
    peer: &Number,
    transport: &Transport,
) -> Filter {
    let mut filter = Filter::passing();
    let index = Arc::clone(&encoder.index);
    let Some(within) = index.vpcs.get(who.vpc()) else {
        return filter;
    };
    let admit = |encoder: &mut Encoder, group: &SecurityGroupId, entered: &Entered| {
        admission(encoder, group, who.vpc(), bound, entered, peer, transport)
    };

    let mut passes = Vec::new();
    let mut possible = Vec::new();
    for (group, carriers) in &within.groups {
        for (carriers, entered) in by_identity(within, carriers, entered) {
            let carries = encoder.among(who, carriers);
            if carries.is_false() {
                continue;
            }
            let admission = admit(encoder, group, &entered);
            passes.push(&carries & &admission.is_certain());
            possible.extend(admission.possible.iter().map(|doubt| Doubt {
                when: &carries & &doubt.when,
                ..doubt.clone()
            }));
        }
    }
    passes.push(encoder.among(who, &within.unfiltered));
    let passes = Formula::any(passes);
    let known = !encoder.among(who, &within.open_groups);
    let may = Formula::any(possible.iter().map(|doubt| doubt.when.clone()));
    filter.drop_when(known & !&passes & !may);
    for doubt in sorted(possible) {
        filter.doubt_when(doubt.clause, doubt.hole, !&passes & doubt.when);
    }

    for interface in &within.open_groups {
        let here = encoder.among(who, [interface]);
        if !here.is_false() {
            let entered = by_identity(within, std::slice::from_ref(interface), entered);
            for (_, entered) in entered {
                let mut admit = |encoder: &mut Encoder, group: &SecurityGroupId| {
                    admit(encoder, group, &entered)
                };
                open_groups(encoder, &mut filter, interface, &here, &mut admit);
            }
        }
    }
    filter
}

/// How a packet comes to a receiver, as group references need it: what came over devices may not keep its sender's
/// identity (`security-group-reference`).
pub(crate) fn identity(steps: &Steps, entered: &Entered) -> Entered {
    if let SentBy::Client(node) = &steps.start.sent_by {
        return Entered::Client(node.clone());
    }
    match (steps.way.devices.as_slice(), entered) {
        ([], _) | ([Device::Peering(_)], Entered::Peering(_)) => entered.clone(),
        ([Device::TransitGateway(transit)], Entered::SameSubnet | Entered::Local) => {
            Entered::TransitGateway(transit.came_by.clone(), transit.left_by.clone())
        }
        _ => Entered::Hidden,
    }
}

/// The carriers of a group by how the packet comes to them: an interface endpoint's know nobody behind a transit
/// gateway. Those that there are none of are left out.
fn by_identity<'a>(
    within: &InVpc,
    carriers: &'a [NetworkInterfaceId],
    entered: &Entered,
) -> Vec<(Vec<&'a NetworkInterfaceId>, Entered)> {
    let of_endpoint = |id: &&NetworkInterfaceId| {
        matches!(entered, Entered::TransitGateway(..)) && within.of_endpoints.contains(id)
    };
    let (endpoints, others): (Vec<_>, Vec<_>) = carriers.iter().partition(of_endpoint);
    let all = [(others, entered.clone()), (endpoints, Entered::Hidden)];
    all.into_iter()
        .filter(|(carriers, _)| !carriers.is_empty())
        .collect()
}

/// `security-groups-unknown`, for one interface.
fn open_groups(
    encoder: &mut Encoder,
    filter: &mut Filter,
    interface: &NetworkInterfaceId,
    here: &Formula,
    admit: &mut impl FnMut(&mut Encoder, &SecurityGroupId) -> Rc<Admission>,
) {
    let network = Arc::clone(&encoder.network);
    let Some(interface) = network.network_interfaces().get(interface) else {
        return;
    };
    match &interface.groups {
        Value::Known(_) => {}
        Value::Any(hole) => {
            filter.doubt_when(Clause::SecurityGroupsUnknown, hole.clone(), here.clone());
        }
        Value::OneOf(sets, hole) => {
            let mut pass = Vec::new();
            let mut drop = Vec::new();
            for set in sets {
                let admissions: Vec<_> = set.iter().map(|group| admit(encoder, group)).collect();
                let unfiltered = load_balancer::is_unfiltered(&network, interface, set);
                let certain = admissions.iter().map(|one| one.is_certain());
                let certain = Formula::any(certain.chain([Formula::Constant(unfiltered)]));
                let possible = Formula::any(admissions.iter().map(|one| one.is_possible()));
                drop.push(!&certain & !possible);
                pass.push(certain);
            }
            let pass = Formula::all(pass);
            let drop = Formula::all(drop);
            filter.drop_when(here & &drop);
            filter.doubt_when(
                Clause::SecurityGroupsUnknown,
                hole.clone(),
                here & &(!pass & !drop),
            );
        }
    }
}

/// The order in which several undetermined clauses of one step are reported.
fn sorted(doubts: Vec<Doubt>) -> impl Iterator<Item = Doubt> {
    let mut by_clause: BTreeMap<u8, Vec<Doubt>> = BTreeMap::new();
    for doubt in doubts {
        let place = if doubt.clause == Clause::SecurityGroupsUnknown {
            0
        } else if doubt.clause == Clause::SecurityGroupPrefixList {
            1
        } else {
            2
        };
        by_clause.entry(place).or_default().push(doubt);
    }
    by_clause.into_values().flatten()
}

/// What a group's rules of one direction say of a packet.
fn admission(
    encoder: &mut Encoder,
    group: &SecurityGroupId,
    own: &VpcId,
    bound: Bound,
    entered: &Entered,
    peer: &Number,
    transport: &Transport,
) -> Rc<Admission> {
    let key = (
        group.clone(),
        bound,
        own.clone(),
        entered.clone(),
        peer.clone(),
        transport.clone(),
    );
    if let Some(known) = encoder.admissions.get(&key) {
        return Rc::clone(known);
    }
    let network = Arc::clone(&encoder.network);
    let rules: &[GroupRule] =
        network
            .security_groups()
            .get(group)
            .map_or(&[], |group| match bound {
                Bound::In => &group.ingress,
                Bound::Out => &group.egress,
            });
    let mut admission = Admission::default();
    for rule in rules {
        let matches = transport.matches(&rule.traffic);
        let mut add = |clause, hole: Hole, peer: Formula| {
            admission.possible.push(Doubt {
                clause,
                hole,
                when: &matches & &peer,
            });
        };
        match &rule.peer {
            RulePeer::Cidr(block) => admission.certain.push(matches & block_holds(*block, peer)),
            RulePeer::PrefixList(list) => match prefix_list::listed(encoder, list, peer) {
                Listed::Known(held) => admission.certain.push(matches & held),
                Listed::Open(hole, may) => add(Clause::SecurityGroupPrefixList, hole, may),
            },
            RulePeer::Group(group) => {
                if let Entered::Client(node) = entered {
                    let (carried, holes) = carried(encoder, group, node);
                    admission.certain.push(matches.clone() & carried);
                    for hole in holes {
                        add(Clause::SecurityGroupsUnknown, hole, Formula::TRUE);
                    }
                } else if refers(encoder, group, own, entered) {
                    for (hole, may) in possible_members(encoder, group, peer) {
                        add(Clause::SecurityGroupsUnknown, hole, may);
                    }
                    let member = members(encoder, group, peer);
                    admission.certain.push(matches & member);
                }
            }
            RulePeer::OutsideGroup(name) => match entered {
                Entered::EndpointService => {}
                Entered::Client(node) => {
                    if let Some(hole) = any_groups(encoder, node) {
                        add(Clause::SecurityGroupsUnknown, hole, Formula::TRUE);
                    }
                }
                Entered::Sent
                | Entered::SameSubnet
                | Entered::Local
                | Entered::Peering(_)
                | Entered::TransitGateway(..)
                | Entered::Hidden
                | Entered::Internet
                | Entered::OnPremises => {
                    let may = match encoder.family {
                        Family::V4 => !encoder.is_public(peer),
                        Family::V6 => Formula::TRUE,
                    };
                    let hole = hole::unsettled(Clause::SecurityGroupOutsideReference, name);
                    add(Clause::SecurityGroupOutsideReference, hole, may);
                }
            },
        }
    }
    let admission = Rc::new(admission);
    encoder.admissions.insert(key, Rc::clone(&admission));
    admission
}

/// Whether a reference to a group means anything for an interface of a VPC and a packet that came in this way
/// (`security-group-reference`).
fn refers(encoder: &Encoder, group: &SecurityGroupId, own: &VpcId, entered: &Entered) -> bool {
    let Some(group) = encoder.network.security_groups().get(group) else {
        return false;
    };
    let is_own = group.vpc == *own;
    match entered {
        Entered::Sent => is_own || encoder.index.joined(&group.vpc, own),
        Entered::SameSubnet | Entered::Local => is_own,
        Entered::Peering(peering) => !is_own && encoder.index.joins(peering, &group.vpc, own),
        Entered::TransitGateway(from, to) => {
            !is_own && referencing(encoder, from, to, &group.vpc, own)
        }
        Entered::Internet
        | Entered::OnPremises
        | Entered::Hidden
        | Entered::Client(_)
        | Entered::EndpointService => false,
    }
}

/// Whether a node carries a group, certainly or by these holes: what it sends from its client's address is matched
/// with its groups (`load-balancer-preserves`).
fn carried(
    encoder: &Encoder,
    group: &SecurityGroupId,
    node: &NetworkInterfaceId,
) -> (Formula, Vec<Hole>) {
    let Some(carriers) = encoder.index.carriers(group) else {
        return (Formula::FALSE, Vec::new());
    };
    let possible = carriers.possible.iter().filter(|(_, id)| id == node);
    let holes = possible.map(|(hole, _)| hole.clone()).collect();
    let certain = carriers.certain.contains(node);
    (Formula::Constant(certain), holes)
}

/// The hole by which an interface may carry any group, also one that is not in the input.
fn any_groups(encoder: &Encoder, interface: &NetworkInterfaceId) -> Option<Hole> {
    let interface = encoder.network.network_interfaces().get(interface)?;
    match &interface.groups {
        Value::Any(hole) => Some(hole.clone()),
        Value::Known(_) | Value::OneOf(..) => None,
    }
}

/// Whether references to groups of one VPC mean something in the other, over these attachments of theirs.
fn referencing(
    encoder: &Encoder,
    from: &TransitGatewayAttachmentId,
    to: &TransitGatewayAttachmentId,
    one: &VpcId,
    other: &VpcId,
) -> bool {
    let network = &encoder.network;
    let attached = |id, expected: &VpcId| {
        let attachment = network.transit_gateway_attachments().get(id);
        attachment.is_some_and(|attachment| {
            let gateway = network.transit_gateways().get(&attachment.gateway);
            gateway.is_some_and(|gateway| gateway.security_group_referencing)
                && match &attachment.kind {
                    AttachmentKind::Vpc {
                        vpc,
                        security_group_referencing,
                        ..
                    } => *security_group_referencing && vpc == expected,
                    AttachmentKind::Peering { .. }
                    | AttachmentKind::OnPremises { .. }
                    | AttachmentKind::Unmodelled(_) => false,
                }
        })
    };
    let region = |vpc| network.vpcs().get(vpc).map(|vpc| &vpc.region);
    attached(from, one) && attached(to, other) && region(one) == region(other)
}

fn members(encoder: &Encoder, group: &SecurityGroupId, peer: &Number) -> Formula {
    let carriers = encoder.index.carriers(group);
    let certain = carriers.into_iter().flat_map(|carriers| &carriers.certain);
    encoder.private_addresses(certain).hold(peer)
}

fn possible_members(
    encoder: &Encoder,
    group: &SecurityGroupId,
    peer: &Number,
) -> Vec<(Hole, Formula)> {
    let carriers = encoder.index.carriers(group);
    let possible = carriers.into_iter().flat_map(|carriers| &carriers.possible);
    let mut by_hole: BTreeMap<&Hole, Vec<&NetworkInterfaceId>> = BTreeMap::new();
    for (hole, interface) in possible {
        by_hole.entry(hole).or_default().push(interface);
    }
    by_hole
        .into_iter()
        .map(|(hole, interfaces)| {
            let held = encoder.private_addresses(interfaces).hold(peer);
            (hole.clone(), held)
        })
        .collect()
}
