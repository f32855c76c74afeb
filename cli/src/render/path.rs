//! A path, hop by hop, each with the rule that decided and where the input says so.

use ingest::{Place, Provenance, Validated};
use model::{
    Clause, ComponentId, Direction, Effect, Hop, Network, Permission, PermissionEffect, RequestWay,
    RuleIndex, VpcEndpointId,
};

use super::style::Style;
use super::{names, public_access, rule};
use crate::judge::Evidence;
use crate::report::Difference;

/// Where the input has a rule, or else its component.
pub(crate) fn place(
    provenance: &Provenance,
    component: &ComponentId,
    rule: Option<RuleIndex>,
) -> Option<Place> {
    let of_rule = rule.and_then(|rule| provenance.rule(component, rule));
    of_rule.or_else(|| provenance.component(component).cloned())
}

/// What decided, as `route table rtb-1 (private-c): route 0.0.0.0/0 -> nat-1`.
pub(crate) fn decider(
    validated: &Validated,
    component: &ComponentId,
    rule_index: Option<RuleIndex>,
) -> String {
    let network = &validated.network;
    let name = names::component(network, component);
    let rule_text = rule_index.and_then(|index| rule::rule(network, component, index));
    let id = rule_index.and_then(|index| validated.provenance.rule_id(component, index));
    match (rule_text, id) {
        (Some(text), Some(id)) => format!("{name}: {text} ({id})"),
        (Some(text), None) => format!("{name}: {text}"),
        (None, _) => name,
    }
}

/// The effect of a step in one word.
pub(crate) fn effect(effect: &Effect) -> &'static str {
    match effect {
        Effect::Passed => "passed",
        Effect::Delivered => "delivered",
        Effect::Dropped => "dropped",
        Effect::Undetermined(_) => "undetermined",
    }
}

/// What of a path is shown.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) validated: &'a Validated,
    /// The step to mark.
    pub(crate) difference: Option<Difference>,
    /// Whether the reply is shown too.
    pub(crate) reply: bool,
    pub(crate) style: Style,
}

/// The lines of a path, indented.
pub(crate) fn lines(evidence: &Evidence, view: View<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    let trace = &evidence.trace;
    for (direction, title, hops) in [
        (Direction::Forward, "path", &trace.forward),
        (Direction::Reply, "reply", &trace.reply),
    ] {
        if hops.is_empty() || (direction == Direction::Reply && !view.reply) {
            continue;
        }
        lines.push(format!("  {title}"));
        for (number, (index, steps)) in merged(hops).into_iter().enumerate() {
            let last = index + steps.len();
            let differs = (index..last)
                .any(|index| view.difference == Some(Difference::Step(direction, index)));
            lines.extend(hop_lines(number + 1, steps, differs, view));
        }
    }
    if let Some((way, permission)) = &evidence.permission {
        let decider = deciding_endpoint(way, permission);
        let step = Step {
            number: 1,
            effect: permission_word(permission),
            clauses: permission.clause.name().to_owned(),
            text: policy_text(decider.as_ref(), &view.validated.network),
            differs: view.difference == Some(Difference::Policy),
            place: decider.and_then(|one| place(&view.validated.provenance, &one, None)),
        };
        lines.push("  policy".to_owned());
        lines.extend(step.lines(view.style));
    }
    lines
}

/// The lines of a walk from a step on.
pub(crate) fn steps(hops: &[Hop], first: usize, view: View<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for (number, (index, steps)) in merged(hops).into_iter().enumerate() {
        if index + steps.len() > first {
            lines.extend(hop_lines(number + 1, steps, false, view));
        }
    }
    lines
}

/// The endpoint by which a request comes.
pub(crate) const fn endpoint_of(way: &RequestWay) -> Option<&VpcEndpointId> {
    match way {
        RequestWay::Endpoint(endpoint, _) | RequestWay::EndpointPolicy(endpoint) => Some(endpoint),
        RequestWay::Internet(_) => None,
    }
}

/// The endpoint whose policy decided; `None` where the accounts' policies did.
pub(crate) fn deciding_endpoint(way: &RequestWay, permission: &Permission) -> Option<ComponentId> {
    if permission.clause.name().starts_with("authorization-") {
        return None;
    }
    endpoint_of(way).map(|endpoint| ComponentId::VpcEndpoint(endpoint.clone()))
}

/// Whose policies decided a request.
pub(crate) fn policy_text(decider: Option<&ComponentId>, network: &Network) -> String {
    decider.map_or_else(
        || "policies of the accounts".to_owned(),
        |endpoint| format!("policy of {}", names::component(network, endpoint)),
    )
}

/// Runs of steps that one component takes and passes without a rule, each with its first index.
fn merged(hops: &[Hop]) -> Vec<(usize, &[Hop])> {
    let same = |one: &Hop, other: &Hop| {
        one.component == other.component
            && one.effect == Effect::Passed
            && one.rule.is_none()
            && other.rule.is_none()
    };
    let mut index = 0;
    let chunks = hops.chunk_by(same);
    chunks
        .map(|steps| {
            let first = index;
            index += steps.len();
            (first, steps)
        })
        .collect()
}

/// What a policy says in one word.
pub(crate) fn permission_word(permission: &Permission) -> &'static str {
    match permission.effect {
        PermissionEffect::Permitted => "permitted",
        PermissionEffect::Denied => "denied",
        PermissionEffect::Undetermined(_) => "undetermined",
    }
}

fn hop_lines(number: usize, steps: &[Hop], differs: bool, view: View<'_>) -> Vec<String> {
    let Some(hop) = steps.last() else {
        return Vec::new();
    };
    let clauses: Vec<&str> = steps.iter().map(|hop| hop.clause.name()).collect();
    let step = Step {
        number,
        effect: effect(&hop.effect),
        clauses: clauses.join(", "),
        text: told(hop, view.validated),
        differs,
        place: place(&view.validated.provenance, &hop.component, hop.rule),
    };
    step.lines(view.style)
}

/// Who decides a step, by which rule, and what is missing when it has none.
pub(crate) fn told(hop: &Hop, validated: &Validated) -> String {
    let mut text = decider(validated, &hop.component, hop.rule);
    if hop.effect == Effect::Dropped
        && hop.rule.is_none()
        && let Some(lack) = lack(hop, validated)
    {
        text.push_str(&format!(": {lack}"));
    }
    if let Effect::Undetermined(hole) = &hop.effect {
        text.push_str(&format!("; it depends on {hole}"));
    }
    text
}

/// What is missing where no rule matched.
fn lack(hop: &Hop, validated: &Validated) -> Option<String> {
    match &hop.component {
        ComponentId::NetworkInterface(id) => {
            let verb = if hop.clause == Clause::SecurityGroupIngress {
                "admits"
            } else if hop.clause == Clause::SecurityGroupEgress {
                "lets out"
            } else {
                return None;
            };
            let interface = validated.network.network_interfaces().get(id)?;
            let groups = interface.groups.known()?.iter().cloned();
            let groups: Vec<String> = groups
                .map(|id| names::component(&validated.network, &ComponentId::SecurityGroup(id)))
                .collect();
            if groups.is_empty() {
                return Some(format!(
                    "it has no security group, so that nothing {verb} this"
                ));
            }
            Some(format!("no rule of {} {verb} this", groups.join(", ")))
        }
        ComponentId::NetworkAcl(_) => Some("no entry matches".to_owned()),
        ComponentId::Subnet(id) if hop.clause == Clause::VpcBlockPublicAccess => {
            public_access::at_subnet(&validated.network, id)
        }
        ComponentId::RouteTable(_) | ComponentId::TransitGatewayRouteTable(_) => {
            Some("no route matches".to_owned())
        }
        ComponentId::TransitGateway(_) | ComponentId::TransitGatewayAttachment(_) => {
            transit_lack(hop.clause).map(str::to_owned)
        }
        ComponentId::VirtualPrivateGateway(_) => {
            virtual_private_lack(hop.clause).map(str::to_owned)
        }
        ComponentId::LoadBalancer(_) | ComponentId::EndpointService(_) => {
            relay_lack(hop.clause).map(str::to_owned)
        }
        ComponentId::SecurityGroup(_)
        | ComponentId::Subnet(_)
        | ComponentId::Vpc(_)
        | ComponentId::InternetGateway(_)
        | ComponentId::EgressOnlyInternetGateway(_)
        | ComponentId::NatGateway(_)
        | ComponentId::Peering(_)
        | ComponentId::VpcEndpoint(_)
        | ComponentId::TargetGroup(_)
        | ComponentId::Internet
        | ComponentId::OnPremises
        | ComponentId::Unmodelled(_) => None,
    }
}

/// What is missing at a load balancer or an endpoint service.
fn relay_lack(clause: Clause) -> Option<&'static str> {
    if clause == Clause::LoadBalancerListener {
        Some("it has no listener for this protocol and port")
    } else if clause == Clause::LoadBalancerTarget {
        Some("the node has no such target")
    } else if clause == Clause::LoadBalancerTranslates {
        Some("the node has no address of the target's family")
    } else if clause == Clause::LoadBalancerPreserves {
        Some("a target that sees the client's address is not reached so")
    } else if clause == Clause::EndpointServiceZone {
        Some("no load balancer has a node in the zone of the endpoint's interface")
    } else {
        None
    }
}

/// What is missing at a virtual private gateway.
fn virtual_private_lack(clause: Clause) -> Option<&'static str> {
    if clause == Clause::VirtualPrivateGatewayAttached {
        Some("it is not attached to this VPC")
    } else if clause == Clause::VirtualPrivateGatewaySource {
        Some("the sender's address is not of its VPC")
    } else if clause == Clause::VirtualPrivateGatewayRoute {
        Some("it knows no block with this destination")
    } else if clause == Clause::VirtualPrivateGatewayInbound {
        Some("the destination is not an address of its VPC")
    } else {
        None
    }
}

/// What is missing at a transit gateway or an attachment to it.
fn transit_lack(clause: Clause) -> Option<&'static str> {
    if clause == Clause::TransitGatewayAttached {
        Some("no attachment that is available leads on")
    } else if clause == Clause::TransitGatewayZone {
        Some("the attachment has no subnet in the sender's zone")
    } else if clause == Clause::TransitGatewayAssociation {
        Some("the attachment has no route table")
    } else {
        None
    }
}

/// One line of a path, and the place below it.
struct Step {
    number: usize,
    effect: &'static str,
    clauses: String,
    text: String,
    differs: bool,
    place: Option<Place>,
}

impl Step {
    fn lines(self, style: Style) -> Vec<String> {
        let mark = if self.differs { ">" } else { " " };
        let (number, effect, text) = (self.number, self.effect, self.text);
        let line = format!(
            "  {mark} {number:>2}  {effect:<12}  {text}  [{}]",
            self.clauses
        );
        let mut lines = vec![if self.differs { style.bad(&line) } else { line }];
        if let Some(place) = self.place {
            lines.push(style.faint(&format!("          --> {place}")));
        }
        lines
    }
}
