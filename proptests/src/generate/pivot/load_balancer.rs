//! Ways through load balancers: to a target, through one after another, by an endpoint service.
//!
//! The balancers are made for the way, from the last one to the first. The first leg is a way like
//! others; the filters of each further leg are opened here, and either the first leg is broken or
//! one of these.

mod across;
mod ends;
mod make;
mod open;
mod serve;

use std::collections::BTreeSet;

use model::{
    AttachmentKind, EndpointService, EndpointServiceId, Hole, InterfaceAddress, Listener,
    ListenerProtocol, LoadBalancer, LoadBalancerId, LoadBalancerKind, MOST_PICKS, Middlebox,
    RegisteredTarget, SecurityGroupId, TargetDestination, TargetGroup, TargetGroupId,
};

use super::super::vpc::local_routes;
use super::chain::Link;
use super::*;
use crate::dice::Dice;
use across::{Across, First, Last};
use open::Relayed;

/// A load balancer of the way.
struct Balancer {
    position: usize,
    kind: LoadBalancerKind,
    node: Place,
    preserves: bool,
    /// Whether its interface has a group.
    filters: bool,
}

/// What only ways through relays have, and what of it is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Broken {
    Nothing,
    /// There is no listener for the packet.
    Listener,
    /// The listeners are not known.
    OpenListeners,
    /// The targets are not known.
    OpenTargets,
    /// Nothing is registered.
    NoTargets,
    /// The target is in another zone, or in one that may be another.
    Zone,
    /// The client is its own target.
    Hairpin,
    /// The target is an endpoint's interface.
    Endpoint,
    /// The pick is beyond the candidates.
    Pick,
    /// The endpoint is not available.
    Available,
}

const BROKEN: [(usize, Broken); 9] = [
    (12, Broken::Listener),
    (8, Broken::OpenListeners),
    (10, Broken::OpenTargets),
    (8, Broken::NoTargets),
    (22, Broken::Zone),
    (16, Broken::Hairpin),
    (10, Broken::Endpoint),
    (10, Broken::Pick),
    (6, Broken::Available), // of endpoint services only
];

/// How many balancers there are one after another, where it is more than one.
const ROW: [(usize, usize); 4] = [(50, 2), (12, 3), (8, 4), (30, 5)];

impl Builder<'_> {
    /// The flow with its picks.
    pub(super) fn by_relays(
        &mut self,
        client: &Place,
        plan: &PivotPlan,
        fault: Fault,
        way: Way,
    ) -> Option<Flow> {
        let mut dice = Self::dice_of(plan);
        let (broken, near, far) = broken_of(fault, &mut dice)?;
        let across = if way == Way::Across {
            Some(Across::any(&mut dice)?)
        } else {
            None
        };
        let by_service =
            way == Way::EndpointService || across.is_some_and(|across| across.by_service);
        let length = if way == Way::Relays {
            dice.choose(&ROW)?
        } else {
            1 + usize::from(by_service && dice.percent(25))
        };
        let receiver = self.target_of(client, by_service, broken, &mut dice)?;
        let mut row = self.row(client, &receiver, length, by_service, &mut dice)?;
        let receiver = self.last_end(&mut row, receiver, across, by_service, plan, &mut dice)?;
        let first = row.first()?;
        let (entrance, picks) = if by_service {
            let entrance = self.consumer(client, first, broken, &mut dice)?;
            (entrance, row.len() + 1)
        } else {
            (first.node.clone(), row.len())
        };
        let passage = match across {
            Some(Across { first, .. }) => {
                self.leg_across(first, client, &entrance, plan, near, &mut dice)?
            }
            None => self.first_leg(client, &entrance, by_service, plan, near, &mut dice)?,
        };
        self.serve(&row, &receiver, by_service, broken, plan, &mut dice)?;
        let mut flow = self.admit(&passage, plan, near, way)?;
        let relayed = Relayed {
            row: &row,
            receiver: &receiver,
            passage: &passage,
            by_service,
            behind_nat: across.is_some_and(|across| across.first == First::Device(Link::Nat)),
        };
        self.open_legs(&relayed, far, plan, &mut dice)?;
        // Opening a filter gives an interface a group.
        for balancer in row.iter().filter(|one| !one.filters) {
            self.interface_mut(&balancer.node.interface)?.groups = Value::Known(BTreeSet::new());
        }
        flow.picks = vec![1; picks.min(MOST_PICKS)];
        if broken == Broken::Pick {
            let at = dice.below(flow.picks.len());
            *flow.picks.get_mut(at)? = 2;
        }
        Some(flow)
    }

    /// What the last balancer hands on to, and how it is led there.
    fn last_end(
        &mut self,
        row: &mut [Balancer],
        receiver: Place,
        across: Option<Across>,
        by_service: bool,
        plan: &PivotPlan,
        dice: &mut Dice,
    ) -> Option<Place> {
        match across {
            Some(across) => {
                let last = row.last_mut()?;
                // What preserves the client's address goes straight.
                last.preserves &= across.last == Last::Nothing;
                self.end_across(across.last, &last.node, receiver, plan)
            }
            None => match self.peered_target(row, plan, dice) {
                Some(peered) if !by_service => Some(peered),
                Some(_) | None => Some(receiver),
            },
        }
    }

    /// The balancers, the first in front; each has a node in the receiver's VPC.
    fn row(
        &mut self,
        client: &Place,
        receiver: &Place,
        length: usize,
        by_service: bool,
        dice: &mut Dice,
    ) -> Option<Vec<Balancer>> {
        let udp = self.is_udp(self.plan.pivot.as_ref()?);
        let mut row = Vec::new();
        for position in 0..length {
            let last = position + 1 == length;
            // Behind a Network Load Balancer mostly an Application one; a target by address else.
            let offered = by_service && position == 0;
            let application =
                !udp && last && !offered && dice.percent(if length > 1 { 75 } else { 25 });
            let kind = if application {
                LoadBalancerKind::Application
            } else {
                LoadBalancerKind::Network
            };
            let filters = application || dice.percent(65);
            let node = self.node(position, receiver, client, kind, filters, dice)?;
            // Which of its nodes is the target is seen where they differ.
            if application && position > 0 && dice.percent(30) {
                self.second_node(position, &node)?;
            }
            // Of an Application Load Balancer never; not of those in front of a Network one either.
            let preserves = !application && last && dice.percent(60);
            row.push(Balancer {
                position,
                kind,
                node,
                preserves,
                filters,
            });
        }
        Some(row)
    }

    /// The port at which a balancer listens, or at last the receiver.
    fn port_at(&self, position: usize, length: usize, plan: &PivotPlan) -> Option<Port> {
        if position == 0 {
            return pick(&plan.port, &pool::PORTS).copied();
        }
        let other = pick(&plan.peer, &pool::PORTS).copied()?;
        Some(if position < length { 8_080 } else { other })
    }
}

/// What is broken that only ways through relays have, and the faults of the first leg and of a further
/// one.
fn broken_of(fault: Fault, dice: &mut Dice) -> Option<(Broken, Fault, Fault)> {
    let broken = match fault {
        Fault::Link | Fault::Blackhole | Fault::Target => dice.choose(&BROKEN)?,
        Fault::None
        | Fault::Egress
        | Fault::Ingress
        | Fault::Port
        | Fault::AclOut
        | Fault::AclBack
        | Fault::Spoof
        | Fault::ReturnPorts
        | Fault::PublicAccess => Broken::Nothing,
    };
    // Half of the faults are those of a further leg.
    let further = dice.percent(50)
        && matches!(
            fault,
            Fault::Egress | Fault::Ingress | Fault::AclOut | Fault::AclBack
        );
    Some(if further {
        (broken, Fault::None, fault)
    } else {
        (broken, fault, Fault::None)
    })
}
