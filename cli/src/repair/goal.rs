//! The goal of a repair: one sender, one kind of packet, and what the scope asks of it.

use std::collections::BTreeSet;

use evaluator::Evaluator;
use model::{
    Asker, Direction, Disposition, Effect, Engine, Flow, Hop, Invariant, Network,
    NetworkInterfaceId, Origin, Place, Resolution, Scope, Source, Trace, Traffic, TrafficClass,
    Transport,
};

use crate::asker;
use crate::judge::Evidence;
use crate::judge::truth::Case;
use crate::miss;

/// The port that stands for any, where nobody has said one.
const ANY_PORT: u16 = 443;

/// What is to be made possible.
pub(super) struct Goal {
    /// The claim of the question, of the narrowed scope.
    pub(super) invariant: Invariant,
    /// The flow; `None` where a name says what is sent to, so that an edit may change it.
    pub(super) flow: Option<Flow>,
}

/// How a network stands to the goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// A flow is delivered and answered.
    Open,
    /// The flow that comes furthest.
    Blocked(Box<Trace>),
    /// There is nothing to send to.
    Nothing,
}

/// What was seen of one network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) standing: Standing,
    /// What the names of the scope mean.
    pub(super) names: Vec<(Asker, Resolution)>,
}

impl Goal {
    /// The goal of a question that no flow satisfies, for the attempt that was shown; `None` where
    /// nothing is sent that a repair could speak of.
    pub(super) fn new(
        network: &Network,
        invariant: &Invariant,
        evidence: Option<&Evidence>,
    ) -> Option<Self> {
        let mut invariant = invariant.clone();
        let by_name = names(&invariant.scope).next().is_some();
        let Some(evidence) = evidence else {
            invariant.scope.traffic = example(&invariant.scope.traffic)?;
            let goal = Self {
                invariant,
                flow: None,
            };
            return by_name.then_some(goal);
        };
        let mut flow = evidence.witness.flow.clone();
        let packet = flow.packet;
        let transport = sayable(packet.transport());
        flow.packet = model::Packet::new(packet.source(), packet.destination(), transport)?;
        narrow(&mut invariant.scope, &flow, network)?;
        let flow = (!by_name).then_some(flow);
        Some(Self { invariant, flow })
    }

    /// How a network without open addresses stands to it.
    pub(super) fn see(&self, network: &Network) -> Seen {
        let evaluator = Evaluator::load(network);
        let scope = &self.invariant.scope;
        let flows = match &self.flow {
            Some(flow) => vec![flow.clone()],
            None => miss::samples(&evaluator, network, scope),
        };
        let askers = asker::of_origins(&scope.from, network);
        let names = names(scope).flat_map(|name| {
            let evaluator = &evaluator;
            askers
                .iter()
                .map(move |asker| (asker.clone(), evaluator.resolve(asker, name)))
        });
        Seen {
            names: names.collect(),
            standing: standing(&flows, &evaluator, network, &self.invariant),
        }
    }
}

fn standing(
    flows: &[Flow],
    evaluator: &Evaluator,
    network: &Network,
    invariant: &Invariant,
) -> Standing {
    let Invariant { scope, claim, .. } = invariant;
    let mut furthest: Option<(usize, Trace)> = None;
    for flow in flows {
        let trace = evaluator.trace(flow);
        let case = Case {
            trace: &trace,
            request: None,
            scope,
            network,
            engine: evaluator,
        };
        if case.shows(claim) == Some(true) {
            return Standing::Open;
        }
        let steps = miss::steps(&trace);
        if furthest.as_ref().is_none_or(|(most, _)| steps > *most) {
            furthest = Some((steps, trace));
        }
    }
    furthest.map_or(Standing::Nothing, |(_, trace)| {
        Standing::Blocked(Box::new(trace))
    })
}

/// The step that drops the request, or else the reply.
pub(super) fn blocking(trace: &Trace) -> Option<(Direction, &Hop)> {
    let is_dropped = |disposition| disposition == Disposition::Dropped;
    let reply = trace.decision.reply.as_ref();
    let (direction, hops) = if is_dropped(trace.decision.forward.disposition) {
        (Direction::Forward, &trace.forward)
    } else if reply.is_some_and(|reply| is_dropped(reply.disposition)) {
        (Direction::Reply, &trace.reply)
    } else {
        return None;
    };
    let hop = hops.last().filter(|hop| hop.effect == Effect::Dropped)?;
    Some((direction, hop))
}

fn names(scope: &Scope) -> impl Iterator<Item = &str> {
    scope.to.iter().filter_map(|place| match place {
        Place::Name(name) => Some(name.as_str()),
        Place::Interfaces { .. }
        | Place::Internet
        | Place::OnPremises(_)
        | Place::Cidrs(_)
        | Place::Service(_)
        | Place::GatewayEndpoints(_) => None,
    })
}

/// Leaves of a scope the sender, the packet and the place of one flow.
pub(super) fn narrow(scope: &mut Scope, flow: &Flow, network: &Network) -> Option<()> {
    let packet = flow.packet;
    let has = |id: &NetworkInterfaceId| {
        let interface = network.network_interfaces().get(id);
        interface.is_some_and(|one| {
            let public = miss::public_addresses(one);
            miss::private_addresses(one).any(|own| own == packet.destination())
                || public.contains(&packet.destination())
        })
    };
    for place in &mut scope.to {
        match place {
            Place::Interfaces { interfaces, .. } => interfaces.retain(has),
            Place::Internet
            | Place::OnPremises(_)
            | Place::Cidrs(_)
            | Place::Service(_)
            | Place::GatewayEndpoints(_)
            | Place::Name(_) => {}
        }
    }
    match &flow.source {
        Source::Interface(id) => {
            scope.from = vec![Origin::Interfaces(BTreeSet::from([id.clone()]))];
        }
        Source::Internet => {
            let host = model::Cidr::host(packet.source());
            scope.from = vec![Origin::Internet(Some(BTreeSet::from([host])))];
        }
        Source::OnPremises(_) => scope
            .from
            .retain(|origin| matches!(origin, Origin::OnPremises { .. })),
    }
    scope.traffic = Traffic {
        classes: vec![exactly(packet.transport())],
    };
    scope.families = BTreeSet::from([packet.family()]);
    (!scope.from.is_empty()).then_some(())
}

/// Port 0 stands for a port that nobody has said.
fn sayable(transport: Transport) -> Transport {
    match transport {
        Transport::Tcp {
            source_port,
            destination_port: 0,
        } => Transport::Tcp {
            source_port,
            destination_port: ANY_PORT,
        },
        Transport::Udp {
            source_port,
            destination_port: 0,
        } => Transport::Udp {
            source_port,
            destination_port: ANY_PORT,
        },
        same @ (Transport::Tcp { .. }
        | Transport::Udp { .. }
        | Transport::Icmp { .. }
        | Transport::Icmpv6 { .. }
        | Transport::Other(_)) => same,
    }
}

fn exactly(transport: Transport) -> TrafficClass {
    match transport {
        Transport::Tcp {
            source_port,
            destination_port,
        } => TrafficClass::Tcp {
            source_ports: source_port..=source_port,
            destination_ports: destination_port..=destination_port,
        },
        Transport::Udp {
            source_port,
            destination_port,
        } => TrafficClass::Udp {
            source_ports: source_port..=source_port,
            destination_ports: destination_port..=destination_port,
        },
        Transport::Icmp { icmp_type, code } => TrafficClass::Icmp {
            types: icmp_type..=icmp_type,
            codes: code..=code,
        },
        Transport::Icmpv6 { icmp_type, code } => TrafficClass::Icmpv6 {
            types: icmp_type..=icmp_type,
            codes: code..=code,
        },
        Transport::Other(protocol) => TrafficClass::Other {
            protocols: protocol.number()..=protocol.number(),
        },
    }
}

/// One port of the first class, where nothing is sent yet.
fn example(traffic: &Traffic) -> Option<Traffic> {
    let port = |ports: &model::PortRange| {
        let port = if *ports.start() == 0 && ports.contains(&ANY_PORT) {
            ANY_PORT
        } else {
            *ports.start()
        };
        port..=port
    };
    let class = match traffic.classes.first()? {
        TrafficClass::Tcp {
            source_ports,
            destination_ports,
        } => TrafficClass::Tcp {
            source_ports: source_ports.clone(),
            destination_ports: port(destination_ports),
        },
        TrafficClass::Udp {
            source_ports,
            destination_ports,
        } => TrafficClass::Udp {
            source_ports: source_ports.clone(),
            destination_ports: port(destination_ports),
        },
        same @ (TrafficClass::Icmp { .. }
        | TrafficClass::Icmpv6 { .. }
        | TrafficClass::Other { .. }) => same.clone(),
    };
    Some(Traffic {
        classes: vec![class],
    })
}
