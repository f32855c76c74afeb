//! Which flows an invariant speaks of, and at which arrivals they count as delivered (page scope).

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use model::{
    Attachment, Cidr, Family, Hole, NetworkInterfaceId, Origin, Place as Destination, Scope,
    TrafficClass, Value, VpcEndpointId,
};

use crate::encoder::Encoder;
use crate::hashed::HashMap;
use crate::index::Index;
use crate::leg::Leaf;
use crate::named;
use crate::nat64;
use crate::on_premises;
use crate::prefix_list;
use crate::ranges::Ranges;
use crate::relayed;
use crate::symbolic::{Formula, ICMP, ICMPV6, Number, Packet, TCP, Transport, UDP};
use crate::vpc_endpoint;
use crate::walk::{Picks, Place, Sender, Subject};

/// The scope for one kind of sender.
#[derive(Debug)]
pub(crate) struct InScope<'a> {
    /// A flow is in scope.
    pub(crate) holds: Formula,
    /// It is so in every completion.
    pub(crate) certainly: Formula,
    /// At which arrivals a flow counts as delivered.
    to: To<'a>,
    /// What leaves the scope open, and when.
    pub(crate) holes: Vec<(Hole, Formula)>,
}

/// At which arrivals flows count as delivered.
#[derive(Debug)]
enum To<'a> {
    /// The places that hold the destination, each with the arrivals it allows.
    Sent(Vec<(Formula, Arrivals)>),
    /// Of relayed flows: those that this scope allows for the packet as it is received.
    Received {
        scope: &'a Scope,
        sender: Sender,
        /// By destination, that it is the sender's own.
        own: RefCell<HashMap<Number, Formula>>,
    },
}

impl InScope<'_> {
    /// That a flow which is delivered at a leaf counts as delivered.
    pub(crate) fn allowed(&self, encoder: &mut Encoder, leaf: &Leaf) -> Formula {
        match &self.to {
            To::Sent(places) => encoder.on_leg(leaf.received(), |encoder| {
                Formula::any(
                    places
                        .iter()
                        .map(|(holds, arrivals)| holds & &arrivals.allow(encoder, &leaf.place)),
                )
            }),
            To::Received { scope, sender, own } => {
                let own = relayed::asks_for_own(scope).then(|| {
                    let destination = leaf.received().destination.clone();
                    let mut known = own.borrow_mut();
                    let own = known.entry(destination);
                    let own =
                        own.or_insert_with(|| own_as_received(encoder, sender, leaf.received()));
                    own.clone()
                });
                let own = own.unwrap_or(Formula::FALSE);
                encoder.on_leg(leaf.received(), |encoder| {
                    relayed::received(encoder, scope, sender, leaf, &own)
                })
            }
        }
    }
}

/// Where a flow to a place may arrive.
#[derive(Clone, Debug)]
pub(crate) enum Arrivals {
    Anywhere,
    NotAtInterfaces,
    Interfaces(BTreeSet<NetworkInterfaceId>),
    Internet,
    OnPremises,
    GatewayEndpoint(VpcEndpointId),
    /// It is open.
    Open(Formula),
}

impl Arrivals {
    /// That a place where a walk delivers is one of these.
    pub(crate) fn allow(&self, encoder: &Encoder, place: &Place) -> Formula {
        match (self, place) {
            (Arrivals::Anywhere, _) => Formula::TRUE,
            (Arrivals::Open(formula), _) => formula.clone(),
            (Arrivals::NotAtInterfaces, place) => {
                Formula::Constant(!matches!(place, Place::Interface(_)))
            }
            (Arrivals::Interfaces(interfaces), Place::Interface(who)) => {
                encoder.among(who, interfaces)
            }
            (Arrivals::Internet, Place::Internet)
            | (Arrivals::OnPremises, Place::OnPremises(_)) => Formula::TRUE,
            (Arrivals::GatewayEndpoint(one), Place::GatewayEndpoint(other)) => {
                Formula::Constant(one == other)
            }
            (
                Arrivals::Interfaces(_)
                | Arrivals::Internet
                | Arrivals::OnPremises
                | Arrivals::GatewayEndpoint(_),
                Place::Interface(_)
                | Place::Internet
                | Place::GatewayEndpoint(_)
                | Place::OnPremises(_)
                | Place::AmazonService
                | Place::Sender,
            ) => Formula::FALSE,
        }
    }
}

/// A set of destinations that a hole may leave open.
pub(crate) struct Destinations {
    pub(crate) certain: Formula,
    pub(crate) possible: Vec<(Hole, Formula)>,
}

impl Destinations {
    pub(crate) const fn certain(certain: Formula) -> Self {
        Destinations {
            certain,
            possible: Vec::new(),
        }
    }

    /// Those of them for which this is true besides.
    pub(crate) fn when(self, when: &Formula) -> Self {
        let possible = self.possible.into_iter();
        Destinations {
            certain: &self.certain & when,
            possible: possible.map(|(hole, may)| (hole, &may & when)).collect(),
        }
    }

    /// That one of them is meant, when holes hold what is free: of this part of the place with this number.
    pub(crate) fn hold(&self, number: usize, part: usize) -> Formula {
        let possible = self.possible.iter().enumerate();
        let possible = possible.map(|(hole, (_, may))| {
            let filled = Formula::free(&format!("place {number}.{part}.{hole} holds it"));
            may & &filled
        });
        &self.certain | &Formula::any(possible)
    }
}

/// The families of the packets that a scope's senders send.
pub(crate) fn families(index: &Index, scope: &Scope) -> BTreeSet<Family> {
    if relayed::counts(index, scope) || relayed::counts_nat64(index, scope) {
        [Family::V4, Family::V6].into()
    } else {
        scope.families.clone()
    }
}

/// Of what walks a scope speaks: those without a pick, and those of flows that relays or NAT64 may hand on.
pub(crate) fn subjects(encoder: &Encoder, scope: &Scope) -> Vec<Subject> {
    let senders = senders(encoder, scope);
    let mut picks = Vec::new();
    if scope.families.contains(&encoder.family) {
        picks.push(Picks::None);
    }
    if relayed::counts(&encoder.index, scope) {
        picks.push(Picks::Free);
    }
    if relayed::counts_nat64(&encoder.index, scope) && nat64::is_met(encoder) {
        picks.push(Picks::Nat64);
    }
    let of_senders = picks.into_iter().flat_map(|picks| {
        let senders = senders.iter().cloned();
        senders.map(move |sender| Subject {
            picks: picks.clone(),
            sender,
        })
    });
    // The internet sends nothing to NAT64.
    let is_none = |subject: &Subject| match subject.picks {
        Picks::Nat64 => subject.sender == Sender::Internet,
        Picks::None | Picks::Free | Picks::These(_) => false,
    };
    of_senders.filter(|subject| !is_none(subject)).collect()
}

/// The kinds of senders of a scope.
fn senders(encoder: &Encoder, scope: &Scope) -> BTreeSet<Sender> {
    let mut senders = BTreeSet::new();
    for origin in &scope.from {
        match origin {
            Origin::Internet(_) => {
                senders.insert(Sender::Internet);
            }
            Origin::OnPremises { .. } => {
                let gateways = on_premises::gateways(&encoder.network);
                senders.extend(gateways.map(Sender::OnPremises));
            }
            Origin::Interfaces(interfaces) => {
                let eligible = interfaces.iter().filter(|id| sends(encoder, id));
                let vpcs = eligible.filter_map(|id| encoder.index.vpc_of.get(id));
                senders.extend(vpcs.map(|vpc| Sender::Vpc(vpc.clone())));
            }
        }
    }
    senders
}

/// Whether invariants speak of what an interface sends: it has an address and is not an endpoint's, a NAT gateway's or
/// a load balancer's.
pub(crate) fn sends(encoder: &Encoder, id: &NetworkInterfaceId) -> bool {
    let interface = encoder.network.network_interfaces().get(id);
    let begins = interface.is_some_and(|interface| match interface.attachment {
        Attachment::Ordinary { .. } | Attachment::Other(_) => true,
        Attachment::VpcEndpoint(_) | Attachment::NatGateway(_) | Attachment::LoadBalancer(_) => {
            false
        }
    });
    begins && encoder.private.contains_key(id)
}

/// The scope for what is asked of.
pub(crate) fn in_scope<'a>(
    encoder: &mut Encoder,
    scope: &'a Scope,
    subject: &Subject,
) -> InScope<'a> {
    let sender = &subject.sender;
    let to = || To::Received {
        scope,
        sender: sender.clone(),
        own: RefCell::default(),
    };
    match subject.picks {
        Picks::None => without_picks(encoder, scope, sender),
        Picks::Free | Picks::These(_) => {
            let holds = relayed::sent(encoder, scope, sender);
            InScope {
                certainly: holds.clone(),
                holds,
                to: to(),
                holes: Vec::new(),
            }
        }
        Picks::Nat64 => InScope {
            holds: relayed::sent_to_nat64(encoder, scope, sender),
            // The holes say it by themselves.
            certainly: Formula::FALSE,
            to: to(),
            holes: relayed::holes_behind_nat64(encoder, scope, sender),
        },
    }
}

/// Where the flows of a scope may go.
pub(crate) struct Reach {
    pub(crate) destinations: Ranges,
    /// None of them belongs to the network itself.
    pub(crate) is_foreign: bool,
}

/// Where the flows of a scope that have no pick may go, when it says so: to addresses of interfaces, and what a gateway
/// makes of those that are public, to blocks, or to the internet; nothing when it could be anywhere.
pub(crate) fn reach(encoder: &Encoder, scope: &Scope, subject: &Subject) -> Option<Reach> {
    if subject.picks != Picks::None {
        return None;
    }
    let mut all = Vec::new();
    let mut is_foreign = true;
    for place in &scope.to {
        match place {
            Destination::Interfaces {
                interfaces,
                public_from_inside,
            } => {
                let is_public = *public_from_inside || subject.sender == Sender::Internet;
                let public = is_public.then_some(&encoder.public);
                let slots = [&encoder.private].into_iter().chain(public);
                let addresses = slots.flat_map(|slots| {
                    let of_interfaces = interfaces.iter().filter_map(|id| slots.get(id));
                    of_interfaces.flatten()
                });
                all.extend(addresses.map(|(_, address)| encoder.possible(address)));
                is_foreign = false;
            }
            Destination::Internet => all.push(encoder.public_outside()),
            Destination::Cidrs(blocks) | Destination::OnPremises(Some(blocks)) => {
                all.push(Ranges::of_blocks(encoder.family, blocks));
                is_foreign = false;
            }
            Destination::OnPremises(None)
            | Destination::Service(_)
            | Destination::GatewayEndpoints(_)
            | Destination::Name(_) => return None,
        }
    }
    let ranges = all.iter().flat_map(Ranges::iter);
    let destinations = Ranges::new(encoder.family, ranges);
    Some(Reach {
        destinations: destinations.minus(&encoder.left_out()),
        is_foreign,
    })
}

/// The flows without a pick from a sender.
fn without_picks<'a>(encoder: &mut Encoder, scope: &'a Scope, sender: &Sender) -> InScope<'a> {
    let from = Formula::any(
        scope
            .from
            .iter()
            .map(|origin| comes(encoder, origin, sender)),
    );
    let traffic = &encoder.packet.transport;
    let classes = scope.traffic.classes.iter();
    let traffic = Formula::any(classes.map(|class| in_class(traffic, class)));
    let others = from & traffic & !own_destination(encoder, sender);

    let mut places = Vec::new();
    let mut certain = Vec::new();
    let mut holes = Vec::new();
    for (number, place) in scope.to.iter().enumerate() {
        let parts = held(encoder, scope, sender, (number, place)).into_iter();
        for (part, (destinations, arrivals)) in parts.enumerate() {
            let holds = destinations.hold(number, part);
            certain.push(destinations.certain);
            holes.extend(destinations.possible);
            places.push((holds, arrivals));
        }
    }
    let to = Formula::any(places.iter().map(|(holds, _)| holds.clone()));
    InScope {
        holds: &others & &to,
        certainly: others & Formula::any(certain),
        to: To::Sent(places),
        holes,
    }
}

pub(crate) fn comes(encoder: &Encoder, origin: &Origin, sender: &Sender) -> Formula {
    let source = &encoder.packet.source;
    match (origin, sender) {
        (Origin::Interfaces(interfaces), Sender::Vpc(vpc)) => {
            let of_vpc = |id: &&NetworkInterfaceId| {
                encoder.index.vpc_of.get(*id) == Some(vpc) && sends(encoder, id)
            };
            let eligible = interfaces.iter().filter(of_vpc);
            let own = encoder.private_addresses(eligible).hold(source);
            own & of_standing(encoder, source)
        }
        (Origin::Internet(blocks), Sender::Internet) => {
            // Whether it is rarely matters: what is sent from such a source comes nowhere, or is not in scope.
            let own = encoder.stands_for_of_network(source);
            within(encoder, blocks.as_ref(), source) & outside(encoder, source, own)
        }
        (Origin::OnPremises { blocks, .. }, Sender::OnPremises(gateway)) => {
            let forged = on_premises::served(encoder, gateway).hold(source);
            let left_in = encoder.is_left_in(source);
            within(encoder, blocks.as_ref(), source) & !forged & left_in
        }
        (
            Origin::Interfaces(_),
            Sender::Interface(_) | Sender::Internet | Sender::OnPremises(_),
        )
        | (Origin::Internet(_), Sender::Interface(_) | Sender::Vpc(_) | Sender::OnPremises(_))
        | (Origin::OnPremises { .. }, Sender::Interface(_) | Sender::Vpc(_) | Sender::Internet) => {
            Formula::FALSE
        }
    }
}

/// That an address of an interface that stands for others is not, by what is open, that of one which was left out.
fn of_standing(encoder: &Encoder, address: &Number) -> Formula {
    let is_open = encoder.both_open().iter().any(|open| !open.all.is_empty());
    if is_open {
        encoder.is_left_in(address)
    } else {
        Formula::TRUE
    }
}

/// That an address is inside the given blocks, if any are given.
pub(crate) fn within(
    encoder: &Encoder,
    blocks: Option<&BTreeSet<Cidr>>,
    address: &Number,
) -> Formula {
    blocks.map_or(Formula::TRUE, |blocks| encoder.in_blocks(blocks, address))
}

/// A public address that does not belong to the network; `own` is that it does.
fn outside(encoder: &Encoder, address: &Number, own: Formula) -> Formula {
    encoder.is_public(address) & !(own | encoder.in_any_vpc(address))
}

/// That the destination of a packet, as it is received, is an address of the sender, private or public.
pub(crate) fn own_as_received(encoder: &mut Encoder, sender: &Sender, packet: &Packet) -> Formula {
    let source = encoder.packet.source.clone();
    let destination = &packet.destination;
    let vpc = match sender {
        Sender::Vpc(vpc) => vpc,
        Sender::OnPremises(_) if packet.family == encoder.family => {
            return source.equals(destination);
        }
        Sender::OnPremises(_) | Sender::Interface(_) | Sender::Internet => return Formula::FALSE,
    };
    let index = Arc::clone(&encoder.index);
    let within = index.vpcs.get(vpc).into_iter();
    let interfaces = within.flat_map(|within| &within.interfaces);
    let owned: Vec<_> = encoder.on_leg(packet, |encoder| {
        let owned = interfaces.map(|id| {
            let private = encoder.private_addresses([id]).hold(destination);
            let public = encoder.public_addresses([id]).hold(destination);
            (id, private | public)
        });
        owned.filter(|(_, owned)| !owned.is_false()).collect()
    });
    let own = owned.into_iter().map(|(id, owned)| {
        let sends = encoder.private_addresses([id]).hold(&source);
        sends & owned
    });
    Formula::any(own)
}

/// A sender's own addresses, private or public, are never destinations.
pub(crate) fn own_destination(encoder: &Encoder, sender: &Sender) -> Formula {
    let (source, destination) = (&encoder.packet.source, &encoder.packet.destination);
    let vpc = match sender {
        Sender::Vpc(vpc) => vpc,
        // Of a host on premises the source is all that is known.
        Sender::OnPremises(_) => return source.equals(destination),
        Sender::Interface(_) | Sender::Internet => return Formula::FALSE,
    };
    let within = encoder.index.vpcs.get(vpc);
    let interfaces = within.into_iter().flat_map(|within| &within.interfaces);
    // With one private address and no public one, only the source itself is excluded.
    let several = interfaces.filter(|id| {
        let slots = encoder.private.get(*id);
        slots.is_some_and(|slots| slots.len() > 1) || encoder.public.contains_key(*id)
    });
    let other_own = several.map(|id| {
        let private = encoder.private_addresses([id]);
        let public = encoder.public_addresses([id]);
        private.hold(source) & (private.hold(destination) | public.hold(destination))
    });
    Formula::any(other_own.chain([source.equals(destination)]))
}

pub(crate) fn in_class(transport: &Transport, class: &TrafficClass) -> Formula {
    let ports = |protocol, source: &model::PortRange, destination: &model::PortRange| {
        let between = |number: &Number, range: &model::PortRange| {
            number.within(u128::from(*range.start()), u128::from(*range.end()))
        };
        transport.is_protocol(protocol)
            & between(&transport.source_port, source)
            & between(&transport.destination_port, destination)
    };
    let between = |number: &Number, range: &std::ops::RangeInclusive<u8>| {
        number.within(u128::from(*range.start()), u128::from(*range.end()))
    };
    let kinds = |protocol, types, codes| {
        transport.is_protocol(protocol)
            & between(&transport.icmp_type, types)
            & between(&transport.code, codes)
    };
    match class {
        TrafficClass::Tcp {
            source_ports,
            destination_ports,
        } => ports(TCP, source_ports, destination_ports),
        TrafficClass::Udp {
            source_ports,
            destination_ports,
        } => ports(UDP, source_ports, destination_ports),
        TrafficClass::Icmp { types, codes } => kinds(ICMP, types, codes),
        TrafficClass::Icmpv6 { types, codes } => kinds(ICMPV6, types, codes),
        TrafficClass::Other { protocols } => {
            let named = [TCP, UDP, ICMP, ICMPV6].map(|protocol| transport.is_protocol(protocol));
            between(&transport.protocol, protocols) & !Formula::any(named)
        }
    }
}

/// The destinations that a place, by its number, holds, with the arrivals that it allows: none that an interface has
/// which was left out of the network.
pub(crate) fn held(
    encoder: &mut Encoder,
    scope: &Scope,
    sender: &Sender,
    (number, place): (usize, &Destination),
) -> Vec<(Destinations, Arrivals)> {
    let destination = encoder.packet.destination.clone();
    let left_in = match place {
        Destination::Interfaces { .. } => of_standing(encoder, &destination),
        // None of them is there.
        Destination::Internet => Formula::TRUE,
        Destination::OnPremises(_)
        | Destination::Cidrs(_)
        | Destination::Service(_)
        | Destination::GatewayEndpoints(_)
        | Destination::Name(_) => encoder.is_left_in(&destination),
    };
    let parts = meant(encoder, scope, sender, (number, place)).into_iter();
    let parts = parts.map(|(destinations, arrivals)| (destinations.when(&left_in), arrivals));
    parts.collect()
}

fn meant(
    encoder: &mut Encoder,
    scope: &Scope,
    sender: &Sender,
    (number, place): (usize, &Destination),
) -> Vec<(Destinations, Arrivals)> {
    let destination = &encoder.packet.destination;
    match place {
        Destination::Interfaces {
            interfaces,
            public_from_inside,
        } => {
            let private = encoder.private_addresses(interfaces).hold(destination);
            let public = encoder.public_addresses(interfaces).hold(destination);
            let meant = match (sender, encoder.family) {
                (Sender::Internet, Family::V4) => public,
                (Sender::Internet, Family::V6) => private,
                (Sender::Interface(_) | Sender::Vpc(_), _) if *public_from_inside => {
                    private | public
                }
                (Sender::Interface(_) | Sender::Vpc(_) | Sender::OnPremises(_), _) => private,
            };
            let arrivals = Arrivals::Interfaces(interfaces.clone());
            vec![(Destinations::certain(meant), arrivals)]
        }
        Destination::Internet => {
            // Whether it is the network's own rarely matters: the walk leaves out what would come back in.
            let own = encoder.stands_for_of_network(destination);
            let meant = Destinations::certain(outside(encoder, destination, own));
            vec![(meant, Arrivals::Internet)]
        }
        Destination::OnPremises(blocks) => {
            let meant = within(encoder, blocks.as_ref(), destination);
            vec![(Destinations::certain(meant), Arrivals::OnPremises)]
        }
        Destination::Cidrs(blocks) => {
            let meant = Destinations::certain(encoder.in_blocks(blocks, destination));
            vec![(meant, Arrivals::Anywhere)]
        }
        Destination::Service(service) => {
            let mut meant = public_addresses(encoder, service);
            let endpoints = encoder.network.vpc_endpoints().values();
            let own = endpoints.filter(|endpoint| endpoint.service == *service);
            let interfaces = own.flat_map(vpc_endpoint::interfaces);
            let private = encoder.private_addresses(interfaces).hold(destination);
            meant.certain = meant.certain | private;
            vec![(meant, Arrivals::Anywhere)]
        }
        Destination::GatewayEndpoints(endpoints) => endpoints
            .iter()
            .map(|id| {
                (
                    of_gateway(encoder, id),
                    Arrivals::GatewayEndpoint(id.clone()),
                )
            })
            .collect(),
        Destination::Name(name) => named::held(encoder, scope, sender, (number, name)),
    }
}

/// The *public addresses of a service*.
pub(crate) fn public_addresses(encoder: &Encoder, service: &str) -> Destinations {
    let lists = encoder.network.prefix_lists().values();
    let own: Vec<_> = lists.filter(|list| list.name == service).collect();
    if own.is_empty() {
        let hole = Hole::new(format!("public addresses of {service}"));
        return Destinations {
            certain: Formula::FALSE,
            possible: vec![(hole, encoder.is_public(&encoder.packet.destination))],
        };
    }
    listed(encoder, own.into_iter().map(|list| &list.id))
}

fn of_gateway(encoder: &Encoder, id: &VpcEndpointId) -> Destinations {
    listed(encoder, vpc_endpoint::prefix_lists(encoder, id))
}

fn listed<'a>(
    encoder: &Encoder,
    lists: impl Iterator<Item = &'a model::PrefixListId>,
) -> Destinations {
    let mut certain = Vec::new();
    let mut possible = Vec::new();
    for id in lists {
        certain.push(encoder.in_blocks(
            &prefix_list::entries(encoder, id).collect::<Vec<_>>(),
            &encoder.packet.destination,
        ));
        let Some(list) = encoder.network.prefix_lists().get(id) else {
            continue;
        };
        let destination = &encoder.packet.destination;
        if list.family != encoder.family {
            continue;
        }
        match &list.entries {
            Value::Known(_) => {}
            Value::Any(hole) => possible.push((hole.clone(), encoder.is_public(destination))),
            Value::OneOf(candidates, hole) => {
                let held = candidates
                    .iter()
                    .map(|one| encoder.in_blocks(one, destination));
                let held: Vec<_> = held.collect();
                certain.push(Formula::all(held.clone()));
                possible.push((hole.clone(), Formula::any(held)));
            }
        }
    }
    Destinations {
        certain: Formula::any(certain),
        possible,
    }
}
