//! A walk as a tree of conditions.
//!
//! `here` says that a packet comes to a place of the tree: no step before certainly drops it, and none ends its walk.
//! Every way to end is one formula, and for each packet exactly one of them is true.

use std::rc::Rc;

use model::{
    Clause, ComponentId, EgressOnlyInternetGatewayId, Hole, InternetGatewayId, MOST_PICKS,
    NatGatewayId, NetworkInterfaceId, OnPremisesGateway, PeeringId, SubnetId, Target,
    TransitGatewayAttachmentId, TransitGatewayId, VirtualPrivateGatewayId, VpcEndpointId, VpcId,
};

use crate::encoder::Encoder;
use crate::forward;
use crate::gateway;
use crate::hole;
use crate::leg::{Leaf, Leg, Start};
use crate::load_balancer;
use crate::nat64;
use crate::network_interface::Who;
use crate::on_premises;
use crate::ranges::Ranges;
use crate::route_table::{Choice, Chosen};
use crate::scope::Reach;
use crate::symbolic::{Formula, Number, Packet};

/// Who sends, as far as one formula speaks of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sender {
    /// This interface, from whatever source.
    Interface(NetworkInterfaceId),
    /// The interface of this VPC that has the source among its private addresses.
    Vpc(VpcId),
    /// A host on the internet.
    Internet,
    /// A host on premises, by this gateway.
    OnPremises(OnPremisesGateway),
}

/// To which candidates relays hand a request on (page load_balancer, *legs*).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Picks {
    /// To none: the first relay keeps it.
    None,
    /// The first relay to any, and each further one to any or none: these are free numbers.
    Free,
    /// To these, at least one; the relay behind the last keeps it.
    These(Vec<u16>),
    /// Of what is sent to an address that stands for an IPv4 one (`nat-gateway-nat64`): each relay to any or none, by
    /// free numbers.
    Nat64,
}

impl Picks {
    /// The pick of each relay, by how many have handed on before it.
    pub(crate) fn numbers(&self) -> Vec<Number> {
        match self {
            Picks::None => Vec::new(),
            Picks::Free | Picks::Nat64 => (1..=MOST_PICKS)
                .map(|position| Number::free(&format!("pick {position}"), 16))
                .collect(),
            Picks::These(picks) => (0..MOST_PICKS)
                .map(|position| {
                    let pick = picks.get(position).copied().unwrap_or(0);
                    Number::Known(u128::from(pick), 16)
                })
                .collect(),
        }
    }

    /// The destinations of the flows that have these; any where there are none.
    fn destinations(&self, encoder: &Encoder) -> Option<Ranges> {
        let relays = load_balancer::addresses(encoder);
        match self {
            Picks::None => None,
            Picks::Free => Some(relays),
            Picks::Nat64 => Some(nat64::addresses()),
            Picks::These(_) if nat64::is_met(encoder) => {
                let standing = nat64::addresses();
                let all = relays.iter().chain(standing.iter());
                Some(Ranges::new(encoder.family, all))
            }
            Picks::These(_) => Some(relays),
        }
    }
}

/// What a walk is of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Subject {
    pub(crate) picks: Picks,
    pub(crate) sender: Sender,
}

/// An undetermined step.
#[derive(Clone, Debug)]
pub(crate) struct Doubt {
    pub(crate) clause: Clause,
    pub(crate) hole: Hole,
    pub(crate) when: Formula,
}

/// What a filter does: it drops when one of these is true, is undetermined when a doubt is, and passes otherwise.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    pub(crate) drop: Vec<Formula>,
    pub(crate) doubts: Vec<Doubt>,
}

impl Filter {
    /// A filter that passes everything.
    pub(crate) const fn passing() -> Self {
        Filter {
            drop: Vec::new(),
            doubts: Vec::new(),
        }
    }

    /// It certainly drops then.
    pub(crate) fn drop_when(&mut self, when: Formula) {
        self.drop.push(when);
    }

    /// It is undetermined then.
    pub(crate) fn doubt_when(&mut self, clause: Clause, hole: Hole, when: Formula) {
        if !when.is_false() {
            self.doubts.push(Doubt { clause, hole, when });
        }
    }
}

/// An undetermined step that ends the walk, after undetermined filters.
#[derive(Clone, Debug)]
pub(crate) struct End {
    pub(crate) step: Doubt,
    pub(crate) doubts: Vec<Doubt>,
}

/// Where a packet is when delivered.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// At the interface that has the destination.
    Interface(Who),
    /// On the internet.
    Internet,
    /// At a service, through a gateway endpoint.
    GatewayEndpoint(VpcEndpointId),
    /// On premises, handed over by this gateway.
    OnPremises(OnPremisesGateway),
    /// At one of Amazon's own services.
    AmazonService,
    /// Of a reply: back at the sender.
    Sender,
}

/// How many devices a way may have (`way-limit`).
const MOST_DEVICES: usize = 6;

/// A device that carried a packet on (walk, *places, devices and the way*).
#[derive(Clone, Debug)]
pub(crate) enum Device {
    NatGateway(NatGatewayId),
    Middlebox(NetworkInterfaceId),
    GatewayLoadBalancerEndpoint(VpcEndpointId),
    Peering(PeeringId),
    TransitGateway(Transit),
}

/// A passage of a transit gateway.
#[derive(Clone, Debug)]
pub(crate) struct Transit {
    pub(crate) gateway: TransitGatewayId,
    /// The attachment by which the packet came.
    pub(crate) came_by: TransitGatewayAttachmentId,
    /// The attachment by which it left.
    pub(crate) left_by: TransitGatewayAttachmentId,
    /// The attachment's subnet by which it came; none of what came over a peering or from on premises.
    pub(crate) entry: Option<SubnetId>,
}

impl Device {
    /// As a claim names it.
    pub(crate) fn component(&self) -> ComponentId {
        match self {
            Device::NatGateway(id) => ComponentId::NatGateway(id.clone()),
            Device::Middlebox(id) => ComponentId::NetworkInterface(id.clone()),
            Device::GatewayLoadBalancerEndpoint(id) => ComponentId::VpcEndpoint(id.clone()),
            Device::Peering(id) => ComponentId::Peering(id.clone()),
            Device::TransitGateway(transit) => ComponentId::TransitGateway(transit.gateway.clone()),
        }
    }

    /// As a route back names it (walk, *the target of a device*).
    pub(crate) fn target(&self) -> Target {
        match self {
            Device::NatGateway(_) => Target::Local,
            Device::Middlebox(id) => Target::NetworkInterface(id.clone()),
            Device::GatewayLoadBalancerEndpoint(id) => {
                Target::GatewayLoadBalancerEndpoint(id.clone())
            }
            Device::Peering(id) => Target::Peering(id.clone()),
            Device::TransitGateway(transit) => Target::TransitGateway(transit.gateway.clone()),
        }
    }
}

/// By what a packet came into the network, when that is no device.
#[derive(Clone, Debug)]
pub(crate) enum Entrance {
    /// From the internet.
    InternetGateway(InternetGatewayId),
    /// From on premises.
    VirtualPrivateGateway(VirtualPrivateGatewayId),
}

impl Entrance {
    /// As a claim names it.
    fn component(&self) -> ComponentId {
        match self {
            Entrance::InternetGateway(id) => ComponentId::InternetGateway(id.clone()),
            Entrance::VirtualPrivateGateway(id) => ComponentId::VirtualPrivateGateway(id.clone()),
        }
    }

    /// As a route back names it.
    pub(crate) fn target(&self) -> Target {
        match self {
            Entrance::InternetGateway(id) => Target::InternetGateway(id.clone()),
            Entrance::VirtualPrivateGateway(id) => Target::VirtualPrivateGateway(id.clone()),
        }
    }
}

/// The way of a packet so far.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    /// By what it came from outside; nothing when an interface has sent it, or it came by an attachment.
    pub(crate) entrance: Option<Entrance>,
    pub(crate) devices: Vec<Device>,
    /// The packet as it is now.
    pub(crate) packet: Packet,
}

impl Way {
    /// The NAT gateway on it.
    pub(crate) fn nat_gateway(&self) -> Option<&NatGatewayId> {
        self.devices.iter().find_map(|device| match device {
            Device::NatGateway(id) => Some(id),
            Device::Middlebox(_)
            | Device::GatewayLoadBalancerEndpoint(_)
            | Device::Peering(_)
            | Device::TransitGateway(_) => None,
        })
    }

    /// Whether a transit gateway is on it.
    pub(crate) fn has_transit_gateway(&self) -> bool {
        let is_transit = |device: &Device| matches!(device, Device::TransitGateway(_));
        self.devices.iter().any(is_transit)
    }

    /// Whether appliances of a Gateway Load Balancer saw the packet.
    pub(crate) fn is_inspected(&self) -> bool {
        let inspects = |device: &Device| matches!(device, Device::GatewayLoadBalancerEndpoint(_));
        self.devices.iter().any(inspects)
    }

    /// The components passed (page scope, *claims*).
    pub(crate) fn components(&self) -> Vec<ComponentId> {
        let entrance = self.entrance.as_ref().map(Entrance::component);
        let devices = self.devices.iter().map(Device::component);
        entrance.into_iter().chain(devices).collect()
    }
}

/// By what a packet left the network.
#[derive(Clone, Debug)]
pub(crate) enum Exit {
    InternetGateway(InternetGatewayId),
    EgressOnlyInternetGateway(EgressOnlyInternetGatewayId),
    GatewayEndpoint(VpcEndpointId),
    OnPremises(OnPremisesGateway),
}

impl Exit {
    /// As a claim names it; an attachment's transit gateway is a device on the way.
    pub(crate) fn component(&self) -> Option<ComponentId> {
        Some(match self {
            Exit::InternetGateway(id) => ComponentId::InternetGateway(id.clone()),
            Exit::EgressOnlyInternetGateway(id) => {
                ComponentId::EgressOnlyInternetGateway(id.clone())
            }
            Exit::GatewayEndpoint(id) => ComponentId::VpcEndpoint(id.clone()),
            Exit::OnPremises(OnPremisesGateway::VirtualPrivate(id)) => {
                ComponentId::VirtualPrivateGateway(id.clone())
            }
            Exit::OnPremises(OnPremisesGateway::Transit(_)) => return None,
        })
    }

    /// Whether no route leads what comes back by it to a device.
    pub(crate) const fn leads_to_no_device(&self) -> bool {
        match self {
            Exit::EgressOnlyInternetGateway(_)
            | Exit::GatewayEndpoint(_)
            | Exit::OnPremises(OnPremisesGateway::VirtualPrivate(_)) => true,
            Exit::InternetGateway(_) | Exit::OnPremises(OnPremisesGateway::Transit(_)) => false,
        }
    }
}

/// From where a reply comes (walk, *the reply*).
#[derive(Clone, Debug)]
pub(crate) enum Back {
    /// From one of Amazon's own services.
    AmazonService,
    /// From an interface, which the request may have reached from its own subnet.
    Interface { receiver: Who, same_subnet: bool },
    /// From the internet, a service or on premises.
    Outside(Exit),
}

/// All the ways in which a walk can end.
#[derive(Debug, Default)]
pub(crate) struct Endings {
    pub(crate) dropped: Vec<(Clause, Formula)>,
    pub(crate) ended: Vec<End>,
    pub(crate) leaves: Vec<Leaf>,
}

/// The walk of what one sender sends.
#[derive(Debug)]
pub(crate) struct Walk {
    pub(crate) endings: Endings,
    /// Parts of it are missing, because relays would add too many.
    pub(crate) is_too_large: bool,
}

/// A walk up to some place.
#[derive(Debug)]
pub(crate) struct Steps {
    pub(crate) here: Formula,
    pub(crate) doubts: Vec<Doubt>,
    /// How the leg that is walked began.
    pub(crate) start: Rc<Start>,
    pub(crate) way: Way,
    /// No packet with a destination outside of these comes here. It only keeps the tree small: what no packet can
    /// reach is left out.
    pub(crate) destinations: Ranges,
    /// Nor does one with a destination of the network itself.
    pub(crate) is_foreign: bool,
    pub(crate) endings: Endings,
}

impl Steps {
    pub(crate) fn begin(start: Rc<Start>) -> Self {
        Steps {
            here: Formula::TRUE,
            doubts: Vec::new(),
            destinations: Ranges::all(start.packet.family),
            is_foreign: false,
            way: Way {
                entrance: None,
                devices: Vec::new(),
                packet: start.packet.clone(),
            },
            start,
            endings: Endings::default(),
        }
    }

    /// The step drops the packet then.
    pub(crate) fn drop(&mut self, clause: Clause, when: Formula) {
        let dropped = &self.here & &when;
        if !dropped.is_false() {
            self.endings.dropped.push((clause, dropped));
            self.here = &self.here & &!when;
        }
    }

    /// The step is undetermined then, and ends the walk.
    pub(crate) fn end(&mut self, clause: Clause, hole: Hole, when: Formula) {
        let ended = &self.here & &when;
        if ended.is_false() {
            return;
        }
        let step = Doubt {
            clause,
            hole,
            when: ended,
        };
        self.here = &self.here & &!when;
        self.endings.ended.push(End {
            step,
            doubts: self.doubts.clone(),
        });
    }

    /// The step is undetermined then, and the walk goes on.
    pub(crate) fn doubt(&mut self, clause: Clause, hole: Hole, when: Formula) {
        if !when.is_false() {
            self.doubts.push(Doubt { clause, hole, when });
        }
    }

    /// A filter is passed, `clause` being the one by which it drops; only packets of which `asked` is true come to it.
    pub(crate) fn filter(&mut self, clause: Clause, asked: &Formula, filter: Filter) {
        self.drop(clause, asked & &Formula::any(filter.drop));
        for doubt in filter.doubts {
            self.doubt(doubt.clause, doubt.hole, asked & &doubt.when);
        }
    }

    /// A route is chosen: what the choice drops and leaves open ends here. Its targets are the branches.
    pub(crate) fn choose<T>(&mut self, choice: &Choice<T>) {
        for (clause, when) in &choice.dropped {
            self.endings.dropped.push((*clause, &self.here & when));
        }
        for (clause, hole, when) in &choice.ended {
            let when = &self.here & when;
            if when.is_false() {
                continue;
            }
            self.endings.ended.push(End {
                step: Doubt {
                    clause: *clause,
                    hole: hole.clone(),
                    when,
                },
                doubts: self.doubts.clone(),
            });
        }
    }

    /// The part of the walk on which this is true, to be joined when it has ended.
    pub(crate) fn branch(&self, when: &Formula) -> Steps {
        Steps {
            here: &self.here & when,
            doubts: self.doubts.clone(),
            start: Rc::clone(&self.start),
            way: self.way.clone(),
            destinations: self.destinations.clone(),
            is_foreign: self.is_foreign,
            endings: Endings::default(),
        }
    }

    /// The part of the walk on which a target is chosen; nothing when no packet that comes here chooses it.
    pub(crate) fn branch_to(&self, chosen: &Chosen) -> Option<Steps> {
        let mut branch = self.branch(&chosen.when);
        branch.destinations = self.destinations.and(&chosen.addresses);
        (!branch.is_over()).then_some(branch)
    }

    /// Whether no packet comes here.
    pub(crate) fn is_over(&self) -> bool {
        self.here.is_false() || self.destinations.is_empty()
    }

    /// The packet comes to a device, which is on its way already when `passed` (`way-loop`, `way-limit`).
    pub(crate) fn come_to(&mut self, name: &str, passed: impl Fn(&Device) -> bool) {
        let is_loop = self.way.devices.iter().any(passed);
        self.drop(Clause::WayLoop, Formula::Constant(is_loop));
        let is_long = self.way.devices.len() >= MOST_DEVICES;
        let hole = hole::unsettled(Clause::WayLimit, name);
        self.end(Clause::WayLimit, hole, Formula::Constant(is_long));
    }

    /// Takes over how a branch ended.
    pub(crate) fn join(&mut self, branch: Steps) {
        self.endings.extend(branch.endings);
    }

    /// What comes here is delivered.
    pub(crate) fn deliver(&mut self, clause: Clause, place: Place, back: Back) {
        if self.here.is_false() {
            return;
        }
        let leg = Leg::new(Rc::clone(&self.start), self.way.clone(), back);
        let doubts = self.doubts.clone();
        let leaf = Leaf::new(self.here.clone(), doubts, clause, place, leg);
        self.endings.leaves.push(leaf);
        self.here = Formula::FALSE;
    }

    /// What comes here is delivered outside of the network.
    pub(crate) fn leave(&mut self, clause: Clause, place: Place, exit: Exit) {
        let before = self.endings.leaves.len();
        let component = exit.component();
        self.deliver(clause, place, Back::Outside(exit));
        let leaves = self.endings.leaves.iter_mut().skip(before);
        leaves.for_each(|leaf| leaf.passed.extend(component.clone()));
    }
}

impl Walk {
    /// The walk of what a sender sends, there or anywhere.
    pub(crate) fn of(encoder: &mut Encoder, subject: &Subject, reach: Option<Reach>) -> Self {
        let sender = &subject.sender;
        let who = match sender {
            Sender::Interface(interface) => Who::pinned(encoder, interface),
            Sender::Vpc(vpc) => Some(Who::Private {
                vpc: vpc.clone(),
                address: encoder.packet.source.clone(),
            }),
            Sender::Internet | Sender::OnPremises(_) => None,
        };
        let mut steps = Steps::begin(Start::first(who.clone(), encoder.packet.clone()));
        if let Some(reach) = reach {
            steps.destinations = reach.destinations;
            steps.is_foreign = reach.is_foreign;
        } else if let Some(destinations) = subject.picks.destinations(encoder) {
            steps.destinations = destinations;
        }
        match (sender, &who) {
            (Sender::Internet, _) => gateway::from_internet(encoder, &mut steps),
            (Sender::OnPremises(gateway), _) => {
                on_premises::from_on_premises(encoder, &mut steps, gateway);
            }
            (_, Some(who)) => forward::from_interface(encoder, &mut steps, who),
            // No interface, no packet: nothing of this network has sent it.
            (_, None) => steps.drop(Clause::SourceCheck, Formula::TRUE),
        }
        let mut endings = steps.endings;
        if let Picks::Free | Picks::Nat64 = subject.picks {
            // Invariants speak of relayed flows that a further leg or NAT64 delivers only.
            endings.dropped.clear();
            let nat64 = subject.picks == Picks::Nat64;
            let is_relayed =
                |leaf: &Leaf| !leaf.earlier.is_empty() || nat64 && leaf.is_translated_only();
            endings.leaves.retain(is_relayed);
        }
        Walk {
            endings,
            is_too_large: encoder.is_too_large(),
        }
    }
}
