//! The walk back (walk, *the reply*): the request's way in reverse, device by device.
//!
//! A reply is judged as if its request had been delivered: none of these conditions says that it was.

use std::cell::OnceCell;
use std::rc::Rc;

use model::{Clause, NatGatewayId, NetworkInterfaceId, OnPremisesGateway, SubnetId, Target};

use crate::decide::Codes;
use crate::encoder::Encoder;
use crate::gateway;
use crate::hole;
use crate::leg::{Leg, SentBy, SourcePort, Start};
use crate::middlebox;
use crate::network_acl::{self, Bound};
use crate::network_interface::{self, Who};
use crate::on_premises;
use crate::peering;
use crate::route_table;
use crate::symbolic::{Formula, Packet};
use crate::transit_gateway;
use crate::vpc_endpoint;
use crate::walk::{Back, Device, Endings, Entrance, Exit, Place, Steps, Transit, Way};

/// How the reply to what was delivered at one place ends.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) endings: Rc<Endings>,
    codes: OnceCell<Codes>,
}

impl Reply {
    /// The reply that ends so.
    pub(crate) const fn new(endings: Rc<Endings>) -> Self {
        Reply {
            endings,
            codes: OnceCell::new(),
        }
    }

    /// The ways in which it can end as numbers, built once.
    pub(crate) fn codes(&self) -> &Codes {
        self.codes.get_or_init(|| Codes::new(&self.endings))
    }
}

/// The reply on one leg.
pub(crate) fn of(encoder: &mut Encoder, leg: &Leg) -> Endings {
    let exit = match &leg.back {
        Back::Outside(exit) => Some(exit),
        Back::AmazonService | Back::Interface { .. } => None,
    };
    let returning = Returning {
        start: &leg.start,
        sender: leg.start.sender.as_ref(),
        way: &leg.way,
        exit,
    };
    let mut steps = Steps::begin(Rc::clone(&leg.start));
    steps.way.packet = leg.way.packet.clone();
    match (&leg.start.sent_by, &leg.back) {
        // It comes back to the endpoint by itself.
        (SentBy::Endpoint(..), _) => delivered(&mut steps),
        (SentBy::Client(node), Back::Interface { receiver, .. }) => {
            returning.by_itself(encoder, &mut steps, receiver, node);
        }
        (SentBy::Sender | SentBy::Node(_) | SentBy::Client(_) | SentBy::Internet, back) => {
            returning.begin(encoder, &mut steps, back);
        }
    }
    steps.endings
}

/// A reply on its way back. `left` counts the devices that are still on the way.
struct Returning<'a> {
    /// How the leg began.
    start: &'a Start,
    /// The interface that sent the request; none for the internet and networks on premises.
    sender: Option<&'a Who>,
    way: &'a Way,
    /// By what the request left the network.
    exit: Option<&'a Exit>,
}

impl Returning<'_> {
    fn begin(&self, encoder: &mut Encoder, steps: &mut Steps, back: &Back) {
        let left = self.way.devices.len();
        match back {
            // The services answer whoever asked.
            Back::AmazonService => delivered(steps),
            Back::Interface {
                receiver,
                same_subnet,
            } => match (self.last(left), same_subnet) {
                (Some(Device::Peering(_)), _) => self.over_peering(encoder, steps, receiver, left),
                (None, true) => {
                    self.home(encoder, steps);
                    delivered(steps);
                }
                (Some(Device::NatGateway(id)), true) => {
                    let asked = &Formula::FALSE;
                    self.through_nat(encoder, steps, id, left.saturating_sub(1), asked);
                }
                (
                    None
                    | Some(
                        Device::NatGateway(_)
                        | Device::Middlebox(_)
                        | Device::GatewayLoadBalancerEndpoint(_)
                        | Device::TransitGateway(_),
                    ),
                    _,
                ) => self.from(encoder, steps, receiver, left),
            },
            Back::Outside(exit) => {
                match exit {
                    Exit::InternetGateway(id) => {
                        let reply = self.packet(left);
                        gateway::edge_return(encoder, steps, &reply, id, self.last(left));
                    }
                    Exit::OnPremises(OnPremisesGateway::VirtualPrivate(id)) => {
                        on_premises::edge_table(encoder, steps, id);
                    }
                    Exit::EgressOnlyInternetGateway(_)
                    | Exit::GatewayEndpoint(_)
                    | Exit::OnPremises(OnPremisesGateway::Transit(_)) => {}
                }
                self.to_last(encoder, steps, None, left);
            }
        }
    }

    /// The reply of a target that saw its client's address, to the node (`load-balancer-returns`).
    fn by_itself(
        &self,
        encoder: &mut Encoder,
        steps: &mut Steps,
        receiver: &Who,
        node: &NetworkInterfaceId,
    ) {
        let node = encoder.network.network_interfaces().get(node);
        let Some((subnet, stands)) = node.and_then(|node| {
            let stands = Who::standing(encoder, &node.subnet)?;
            Some((node.subnet.clone(), stands))
        }) else {
            return;
        };
        let asked = !encoder.in_subnets(receiver, &[subnet].into());
        self.acl(encoder, steps, receiver, (Bound::Out, 0), &asked);
        self.acl(encoder, steps, &stands, (Bound::In, 0), &asked);
        delivered(steps);
    }

    /// The last device that is still on the way.
    fn last(&self, left: usize) -> Option<&Device> {
        let position = left.checked_sub(1)?;
        self.way.devices.get(position)
    }

    /// The NAT gateway that has still to translate back.
    fn has_nat(&self, left: usize) -> bool {
        let devices = self.way.devices.iter().take(left);
        devices
            .into_iter()
            .any(|device| matches!(device, Device::NatGateway(_)))
    }

    /// By which clause the port is not known to which the reply goes, when so many devices are left.
    fn chosen_port(&self, left: usize) -> Option<Clause> {
        match self.start.source_port {
            _ if self.has_nat(left) => Some(Clause::NatGatewaySourcePort),
            SourcePort::Sender => None,
            SourcePort::NatGateway => Some(Clause::NatGatewaySourcePort),
            SourcePort::LoadBalancer => Some(Clause::LoadBalancerSourcePort),
        }
    }

    /// The reply as it is when so many devices are left.
    fn packet(&self, left: usize) -> Packet {
        let sent = &self.start.packet;
        let seen = &self.way.packet;
        if self.has_nat(left) {
            return seen.reply();
        }
        if sent.family != seen.family {
            // `nat-gateway-nat64`: IPv6 again, from the address that the client sent to.
            return sent.reply();
        }
        let source = sent.source.clone();
        Packet {
            source,
            ..seen.clone()
        }
        .reply()
    }

    /// The ACL of the subnet of an interface or of a known one, where it is asked.
    fn acl(
        &self,
        encoder: &mut Encoder,
        steps: &mut Steps,
        stands: &Who,
        (bound, left): (Bound, usize),
        asked: &Formula,
    ) {
        if asked.is_false() {
            return;
        }
        let reply = self.packet(left);
        let (clause, far) = match bound {
            Bound::In => (Clause::NetworkAclIngress, &reply.source),
            Bound::Out => (Clause::NetworkAclEgress, &reply.destination),
        };
        let transport = &reply.transport;
        let filter = match self.chosen_port(left) {
            Some(by) => {
                let packet = (far, transport);
                network_acl::step_for_chosen_port(encoder, stands, bound, packet, by)
            }
            None => network_acl::step(encoder, stands, bound, far, transport),
        };
        steps.filter(clause, asked, filter);
    }

    /// *Back from* a place.
    fn from(&self, encoder: &mut Encoder, steps: &mut Steps, stands: &Who, left: usize) {
        if steps.is_over() {
            return;
        }
        self.acl(encoder, steps, stands, (Bound::Out, left), &Formula::TRUE);
        let last = self.last(left);
        match (&self.way.entrance, last) {
            (Some(entrance), None) => {
                self.returns_by(encoder, steps, stands, left, &entrance.target());
                if let Entrance::VirtualPrivateGateway(id) = entrance {
                    let reply = self.packet(left);
                    on_premises::route(encoder, steps, id, &reply.destination);
                }
                delivered(steps);
            }
            (_, last) => {
                let expected = last.map_or(Target::Local, Device::target);
                self.returns_by(encoder, steps, stands, left, &expected);
                self.to_last(encoder, steps, Some(stands), left);
            }
        }
    }

    /// *Return choice in a table, for an address, expecting a target*.
    fn returns_by(
        &self,
        encoder: &mut Encoder,
        steps: &mut Steps,
        stands: &Who,
        left: usize,
        expected: &Target,
    ) {
        let reply = self.packet(left);
        let choice = route_table::choose(encoder, stands, &reply.destination);
        steps.choose(&choice);
        let mut to = middlebox::in_return(encoder, &choice, &reply.destination);
        let returns = to.remove(expected).unwrap_or(Formula::FALSE);
        for (target, when) in &to {
            let mut elsewhere = steps.branch(when);
            if self.loses(encoder, target, stands) {
                elsewhere.drop(Clause::ReplyReturns, Formula::TRUE);
            }
            asymmetric(&mut elsewhere, &format!("VPC {}", stands.vpc()));
            steps.join(elsewhere);
        }
        steps.here = &steps.here & &returns;
    }

    /// Whether a reply that takes another target than the expected one certainly never comes back.
    fn loses(&self, encoder: &Encoder, target: &Target, stands: &Who) -> bool {
        match target {
            Target::InternetGateway(_)
            | Target::EgressOnlyInternetGateway(_)
            | Target::NatGateway(_)
            | Target::GatewayEndpoint(_) => true,
            Target::Peering(id) => {
                let home = self.sender.map(Who::vpc);
                home.is_none_or(|home| !peering::leads_to(encoder, id, stands.vpc(), home))
            }
            Target::Local
            | Target::NetworkInterface(_)
            | Target::GatewayLoadBalancerEndpoint(_)
            | Target::TransitGateway(_)
            | Target::VirtualPrivateGateway(_)
            | Target::Unmodelled { .. } => {
                matches!(self.way.entrance, Some(Entrance::InternetGateway(_)))
            }
        }
    }

    /// *Back to the last device*, from the place where the reply stands.
    fn to_last(&self, encoder: &mut Encoder, steps: &mut Steps, at: Option<&Who>, left: usize) {
        if steps.is_over() {
            return;
        }
        let before = left.saturating_sub(1);
        // What has come in stands nowhere before the request's last device.
        let leads_to_none = at.is_none() && self.exit.is_some_and(Exit::leads_to_no_device);
        match self.last(left) {
            None => self.arrive(encoder, steps, &Formula::TRUE),
            Some(Device::NatGateway(id)) => {
                self.through_nat(encoder, steps, id, before, &Formula::TRUE);
            }
            Some(
                device @ (Device::Middlebox(_)
                | Device::GatewayLoadBalancerEndpoint(_)
                | Device::TransitGateway(_)),
            ) if leads_to_none => asymmetric(steps, &device.component().to_string()),
            Some(Device::Middlebox(id)) => {
                let found = encoder.network.network_interfaces().get(id);
                if let Some(subnet) = found.map(|interface| interface.subnet.clone()) {
                    // What stands in the appliance's own subnet does not enter it.
                    let asked = at.map_or(Formula::TRUE, |at| {
                        !encoder.in_subnets(at, &[subnet.clone()].into())
                    });
                    self.through_device(encoder, steps, &subnet, before, &asked);
                }
            }
            Some(Device::GatewayLoadBalancerEndpoint(id)) => {
                if let Some(subnet) = vpc_endpoint::stands_in(encoder, id).cloned() {
                    self.through_device(encoder, steps, &subnet, before, &Formula::TRUE);
                }
            }
            Some(Device::TransitGateway(_)) => match (self.exit, at) {
                (Some(Exit::OnPremises(_)), _) | (_, Some(_)) => {
                    self.through_transit_gateways(encoder, steps, at, left);
                }
                // It comes in by a gateway, and stands at no subnet.
                (_, None) => asymmetric(steps, "a transit gateway"),
            },
            // Behind a peering a packet arrives, so no place leads back to one.
            Some(Device::Peering(_)) => asymmetric(steps, "a peering"),
        }
    }

    /// *Home*, the ACL of the sender's subnet, delivered.
    fn arrive(&self, encoder: &mut Encoder, steps: &mut Steps, asked: &Formula) {
        self.home(encoder, steps);
        if let Some(sender) = self.sender {
            self.acl(encoder, steps, sender, (Bound::In, 0), asked);
        }
        delivered(steps);
    }

    /// *Home*: the reply's destination is the sender's.
    fn home(&self, encoder: &Encoder, steps: &mut Steps) {
        if let Some(sender) = self.sender {
            let home = network_interface::own_source(encoder, sender);
            steps.drop(Clause::ReplyReturns, !home);
        }
    }

    /// Back through a middlebox or a Gateway Load Balancer endpoint in a subnet.
    fn through_device(
        &self,
        encoder: &mut Encoder,
        steps: &mut Steps,
        subnet: &SubnetId,
        left: usize,
        asked: &Formula,
    ) {
        if let Some(stands) = Who::standing(encoder, subnet) {
            self.acl(encoder, steps, &stands, (Bound::In, left), asked);
            self.from(encoder, steps, &stands, left);
        }
    }

    /// *Back over the peering*.
    fn over_peering(&self, encoder: &mut Encoder, steps: &mut Steps, receiver: &Who, left: usize) {
        self.acl(encoder, steps, receiver, (Bound::Out, left), &Formula::TRUE);
        let before = left.saturating_sub(1);
        if let Some(Device::NatGateway(id)) = self.last(before) {
            // `nat-gateway-return-to-sender`.
            let left = before.saturating_sub(1);
            self.through_nat(encoder, steps, id, left, &Formula::TRUE);
            return;
        }
        let expected = self.last(left).map_or(Target::Local, Device::target);
        self.returns_by(encoder, steps, receiver, left, &expected);
        match self.last(before) {
            None => self.arrive(encoder, steps, &Formula::TRUE),
            Some(_) => asymmetric(steps, &format!("VPC {}", receiver.vpc())),
        }
    }

    /// *Back through the NAT gateway*, whose subnet's ACL is asked of what comes in.
    fn through_nat(
        &self,
        encoder: &mut Encoder,
        steps: &mut Steps,
        nat: &NatGatewayId,
        left: usize,
        asked: &Formula,
    ) {
        let found = encoder.network.nat_gateways().get(nat);
        let Some((subnet, stands)) = found.and_then(|nat| {
            let stands = Who::standing(encoder, &nat.subnet)?;
            Some((nat.subnet.clone(), stands))
        }) else {
            return;
        };
        let untranslated = left.saturating_add(1);
        self.acl(encoder, steps, &stands, (Bound::In, untranslated), asked);
        encoder.on_leg(&self.start.packet, |encoder| {
            match (self.last(left), self.sender) {
                (None, Some(sender)) => {
                    let other_subnet = !encoder.in_subnets(sender, &[subnet].into());
                    self.acl(encoder, steps, &stands, (Bound::Out, left), &other_subnet);
                    self.returns_by(encoder, steps, &stands, left, &Target::Local);
                    self.arrive(encoder, steps, &other_subnet);
                }
                _ => self.from(encoder, steps, &stands, left),
            }
        });
    }

    /// Back through a transit gateway, or several that are peered (page transit_gateway, *back*), from where the
    /// reply stands or from on premises.
    fn through_transit_gateways(
        &self,
        encoder: &mut Encoder,
        steps: &mut Steps,
        stands: Option<&Who>,
        left: usize,
    ) {
        let transits = self.transits(left);
        let left = left.saturating_sub(transits.len());
        let reply = self.packet(left);
        let Some(mut branches) = transit_gateway::back(
            encoder,
            steps,
            (stands, &reply, self.chosen_port(left)),
            &transits,
            |encoder, steps, entry| {
                self.acl(encoder, steps, entry, (Bound::In, left), &Formula::TRUE);
            },
        ) else {
            return;
        };
        for (branch, subnet) in &mut branches {
            match subnet {
                Some(subnet) => self.out_of_transit_gateway(encoder, branch, subnet, left),
                None => delivered(branch),
            }
        }
        for (branch, _) in branches {
            steps.join(branch);
        }
    }

    fn out_of_transit_gateway(
        &self,
        encoder: &mut Encoder,
        steps: &mut Steps,
        subnet: &SubnetId,
        left: usize,
    ) {
        let Some(stands) = Who::standing(encoder, subnet) else {
            return;
        };
        match (self.last(left), self.sender) {
            (Some(Device::NatGateway(id)), _) if is_in(encoder, id, subnet) => {
                let asked = &Formula::FALSE;
                self.through_nat(encoder, steps, id, left.saturating_sub(1), asked);
                return;
            }
            (None, Some(sender)) => {
                let own = encoder.in_subnets(sender, &[subnet.clone()].into());
                let mut here = steps.branch(&own);
                self.arrive(encoder, &mut here, &Formula::FALSE);
                steps.join(here);
                steps.here = &steps.here & &!own;
            }
            (_, _) => {}
        }
        self.from(encoder, steps, &stands, left);
    }

    /// The last transit gateways on the way, up to the one that was entered from a VPC, or from on premises.
    fn transits(&self, left: usize) -> Vec<&Transit> {
        let mut transits = Vec::new();
        for device in self.way.devices.iter().take(left).rev() {
            let Device::TransitGateway(transit) = device else {
                break;
            };
            transits.push(transit);
            if transit.entry.is_some() {
                break;
            }
        }
        transits
    }
}

/// Whether a NAT gateway is in a subnet.
fn is_in(encoder: &Encoder, nat: &NatGatewayId, subnet: &SubnetId) -> bool {
    let nat = encoder.network.nat_gateways().get(nat);
    nat.is_some_and(|nat| nat.subnet == *subnet)
}

/// `reply-returns`.
fn delivered(steps: &mut Steps) {
    steps.deliver(Clause::ReplyReturns, Place::Sender, Back::AmazonService);
}

/// `reply-asymmetric`.
pub(crate) fn asymmetric(steps: &mut Steps, place: &str) {
    let hole = hole::unsettled(Clause::ReplyAsymmetric, place);
    steps.end(Clause::ReplyAsymmetric, hole, Formula::TRUE);
}
