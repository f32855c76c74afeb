//! What every walk has: the packet on its way, the steps taken, and the first open filter.
//!
//! There is one walker. `decide` gives it a recorder that forgets and `trace` one that remembers,
//! so the two cannot differ.

use std::ops::ControlFlow;

use model::{Address, Clause, Packet, RuleIndex, Transport};

use crate::atoms::TransportCuts;
use crate::compiled::Compiled;
use crate::exchange::Exchange;
use crate::index::{
    AttachmentIndex, EgressOnlyIndex, EndpointIndex, EndpointServiceIndex, GroupIndex,
    GroupSetIndex, HoleIndex, InterfaceIndex, InternetGatewayIndex, LoadBalancerIndex,
    NatGatewayIndex, NetworkAclIndex, PeeringIndex, RouteTableIndex, SubnetIndex, TargetGroupIndex,
    TransitGatewayIndex, TransitTableIndex, UnmodelledIndex, VirtualPrivateIndex, VpcIndex,
};
use crate::network_acl::Side;
use crate::security_group::Came;

/// Who takes a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Component {
    Interface(InterfaceIndex),
    Group(GroupIndex),
    NetworkAcl(NetworkAclIndex),
    Subnet(SubnetIndex),
    Vpc(VpcIndex),
    RouteTable(RouteTableIndex),
    InternetGateway(InternetGatewayIndex),
    EgressOnly(EgressOnlyIndex),
    NatGateway(NatGatewayIndex),
    Peering(PeeringIndex),
    Endpoint(EndpointIndex),
    TransitGateway(TransitGatewayIndex),
    Attachment(AttachmentIndex),
    TransitTable(TransitTableIndex),
    VirtualPrivate(VirtualPrivateIndex),
    LoadBalancer(LoadBalancerIndex),
    TargetGroup(TargetGroupIndex),
    EndpointService(EndpointServiceIndex),
    Internet,
    OnPremises,
    Unmodelled(UnmodelledIndex),
}

/// What a step does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum StepEffect {
    Passed,
    Delivered,
    Dropped,
    Undetermined(HoleIndex),
}

/// One step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) packet: Packet,
    pub(crate) component: Component,
    pub(crate) rule: Option<RuleIndex>,
    pub(crate) clause: Clause,
    pub(crate) effect: StepEffect,
}

/// A question to the groups of an interface about a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AskedGroups {
    pub(crate) interface: InterfaceIndex,
    /// Whence it came in; nothing of what the interface sends.
    pub(crate) came: Option<Came>,
    pub(crate) source: Address,
    pub(crate) destination: Address,
}

/// By what a question tells protocols and ports apart.
#[derive(Clone, Copy)]
pub(crate) enum About<'q> {
    /// An ACL, of packets to or from this address.
    NetworkAcl(NetworkAclIndex, Side, Address),
    /// Groups, of what is sent to this peer, or comes from it so.
    Groups(GroupSetIndex, Address, Option<Came>),
    /// Something that tells apart what lies on both sides of these cuts, and nothing else.
    Cuts(&'q dyn Fn(&mut TransportCuts)),
    /// What is not followed: nobody else is answered alike.
    Itself,
}

/// Takes the steps of a walk, and what is asked of protocols and ports on it.
pub(crate) trait Recorder {
    fn record(&mut self, step: Step);

    /// Something was asked of the packet's protocol and ports. `is_same` tells whether others in their
    /// place are answered alike.
    fn asked(&mut self, about: About<'_>, is_same: impl Fn(Transport) -> bool);

    /// Others have taken their place.
    fn exchanged(&mut self, exchange: Exchange);

    /// These answer again what the sender has sent.
    fn restored(&mut self, reply: Exchange);

    /// Whether what the groups of an interface say is put in afterwards; here they let the packet pass.
    #[inline]
    fn defers(&mut self, _: AskedGroups) -> bool {
        false
    }
}

/// Forgets every step.
pub(crate) struct Silent;

impl Recorder for Silent {
    #[inline]
    fn record(&mut self, _: Step) {}

    #[inline]
    fn asked(&mut self, _: About<'_>, _: impl Fn(Transport) -> bool) {}

    #[inline]
    fn exchanged(&mut self, _: Exchange) {}

    #[inline]
    fn restored(&mut self, _: Exchange) {}
}

impl Recorder for Vec<Step> {
    fn record(&mut self, step: Step) {
        self.push(step);
    }

    fn asked(&mut self, _: About<'_>, _: impl Fn(Transport) -> bool) {}

    fn exchanged(&mut self, _: Exchange) {}

    fn restored(&mut self, _: Exchange) {}
}

/// The step that ends a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ending {
    pub(crate) clause: Clause,
    pub(crate) end: End,
}

/// How a walk ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Delivered,
    Dropped,
    Undetermined(HoleIndex),
}

/// What a filter says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Filter {
    Passes,
    Drops,
    /// An *undetermined filter* (semantics, *Words*).
    Open(Clause, HoleIndex),
}

impl Filter {
    pub(crate) const fn of(passes: bool) -> Self {
        if passes {
            Filter::Passes
        } else {
            Filter::Drops
        }
    }
}

/// A walk in one direction.
pub(crate) struct Walk<'a, R> {
    pub(crate) network: &'a Compiled,
    pub(crate) recorder: R,
    pub(crate) packet: Packet,
    /// The first open filter that was passed by.
    pub(crate) open: Option<(Clause, HoleIndex)>,
}

impl<'a, R: Recorder> Walk<'a, R> {
    pub(crate) fn new(network: &'a Compiled, recorder: R, packet: Packet) -> Self {
        Self {
            network,
            recorder,
            packet,
            open: None,
        }
    }

    #[inline]
    fn step(
        &mut self,
        component: Component,
        rule: Option<RuleIndex>,
        clause: Clause,
        effect: StepEffect,
    ) {
        self.recorder.record(Step {
            packet: self.packet,
            component,
            rule,
            clause,
            effect,
        });
    }

    /// Asks something of the packet's protocol and ports.
    #[inline]
    pub(crate) fn asks(&mut self, about: About<'_>, is_so: impl Fn(Transport) -> bool) -> bool {
        let answer = is_so(self.packet.transport());
        self.recorder.asked(about, |other| is_so(other) == answer);
        answer
    }

    /// A step that lets the packet on.
    #[inline]
    pub(crate) fn pass(&mut self, component: Component, rule: Option<RuleIndex>, clause: Clause) {
        self.step(component, rule, clause, StepEffect::Passed);
    }

    /// A step that delivers the packet.
    #[inline]
    pub(crate) fn deliver(&mut self, component: Component, clause: Clause) -> ControlFlow<Ending> {
        self.step(component, None, clause, StepEffect::Delivered);
        ControlFlow::Break(Ending {
            clause,
            end: End::Delivered,
        })
    }

    /// A step that drops the packet.
    #[inline]
    pub(crate) fn drop<T>(
        &mut self,
        component: Component,
        rule: Option<RuleIndex>,
        clause: Clause,
    ) -> ControlFlow<Ending, T> {
        self.step(component, rule, clause, StepEffect::Dropped);
        ControlFlow::Break(Ending {
            clause,
            end: End::Dropped,
        })
    }

    /// An undetermined step behind which nothing can be said.
    #[inline]
    pub(crate) fn end_open<T>(
        &mut self,
        component: Component,
        rule: Option<RuleIndex>,
        clause: Clause,
        hole: HoleIndex,
    ) -> ControlFlow<Ending, T> {
        self.step(component, rule, clause, StepEffect::Undetermined(hole));
        ControlFlow::Break(Ending {
            clause,
            end: End::Undetermined(hole),
        })
    }

    /// An undetermined filter, behind which the walk goes on.
    #[inline]
    pub(crate) fn filter_open(
        &mut self,
        component: Component,
        rule: Option<RuleIndex>,
        clause: Clause,
        hole: HoleIndex,
    ) {
        self.step(component, rule, clause, StepEffect::Undetermined(hole));
        self.open.get_or_insert((clause, hole));
    }

    /// Exchanges the source address.
    pub(crate) fn set_source(&mut self, source: Address) {
        self.set(source, self.packet.destination(), self.packet.transport());
    }

    /// Exchanges the destination address.
    pub(crate) fn set_destination(&mut self, destination: Address) {
        self.set(self.packet.source(), destination, self.packet.transport());
    }

    /// Exchanges everything, the protocol and the ports by those that they are.
    pub(crate) fn exchange(&mut self, source: Address, destination: Address, exchange: Exchange) {
        let transport = exchange.of(self.packet.transport());
        self.set(source, destination, transport);
        self.recorder.exchanged(exchange);
    }

    /// Exchanges everything; the addresses are of one family.
    pub(crate) fn set(&mut self, source: Address, destination: Address, transport: Transport) {
        // Both addresses are of one family, so a packet is always made.
        self.packet = Packet::new(source, destination, transport).unwrap_or(self.packet);
    }
}
