//! A network without some of its components or rules, with what goes along with them.
//!
//! What AWS deletes together, or leaves behind as a blackhole, is done so; what refers to something that is gone and
//! cannot be without it goes too. Each of that is told. What AWS refuses to delete is an error.

use std::collections::BTreeSet;

use ingest::Validated;
use model::{Attachment, ComponentId, Defect, Network, NetworkDraft, RuleIndex, Target, VpcId};

use super::references::{self, is_gone};
use super::thing::Thing;
use crate::change::edits::{Kind, components, drafted, take_out};
use crate::render::names;

/// What is gone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Gone {
    pub(crate) components: BTreeSet<(Kind, String)>,
    pub(crate) rules: BTreeSet<(ComponentId, RuleIndex)>,
}

/// A network that lacks something.
#[derive(Debug)]
pub(crate) struct Left {
    /// The network, with the places of what is left of it.
    pub(crate) validated: Validated,
    /// What is gone besides what was named.
    pub(crate) along: Vec<Thing>,
    /// What becomes of what is left, a sentence each.
    pub(crate) changed: Vec<String>,
}

/// The network without some things.
///
/// # Errors
///
/// Why AWS does not delete them, and what to name instead.
pub(crate) fn without(validated: &Validated, things: &[Thing]) -> Result<Left, String> {
    let network = &validated.network;
    let mut named = Gone::default();
    for thing in things {
        match thing {
            Thing::Component(kind, id) => {
                named.components.insert((*kind, id.clone()));
            }
            Thing::Rule(component, rule) => {
                named.rules.insert((component.clone(), *rule));
            }
        }
    }
    refusal(network, &named).map_or(Ok(()), Err)?;
    let mut gone = named.clone();
    // Each round takes at least one component more.
    for _ in 0..=components(network).len() {
        gone.rules = &named.rules | &references::rules(network, &gone.components);
        let (draft, changed) = left(network, &gone);
        let defects = match draft.clone().validate() {
            Ok(network) => return Ok(close(validated, network, (&named, &gone), changed)),
            Err(defects) => defects,
        };
        let more = followers(&draft, &defects);
        if more.is_empty() {
            let defects: Vec<_> = defects.iter().map(ToString::to_string).collect();
            return Err(format!(
                "the network cannot be without it: {}",
                defects.join("; ")
            ));
        }
        gone.components.extend(more);
    }
    Err("the network cannot be without it".to_owned())
}

fn close(
    validated: &Validated,
    network: Network,
    (named, gone): (&Gone, &Gone),
    changed: Vec<String>,
) -> Left {
    let components = gone.components.difference(&named.components);
    let components = components.map(|(kind, id)| Thing::Component(*kind, id.clone()));
    let rules = gone.rules.difference(&named.rules);
    let rules = rules.map(|(component, rule)| Thing::Rule(component.clone(), *rule));
    let along = components.chain(rules).collect();
    let mut left = validated.clone();
    left.network = network;
    // The last one first, so that those before it keep their positions.
    for (component, rule) in gone.rules.iter().rev() {
        left.provenance.forget_rule(component, *rule);
    }
    Left {
        validated: left,
        along,
        changed,
    }
}

/// The draft without what is gone, and without references to it where these can be without it.
fn left(network: &Network, gone: &Gone) -> (NetworkDraft, Vec<String>) {
    let mut draft = network.clone().into_draft();
    take_out(&mut draft, &gone.components);
    for (component, rule) in gone.rules.iter().rev() {
        take_rule(&mut draft, component, *rule);
    }
    let changed = references::settle(&mut draft, network, &gone.components);
    (draft, changed)
}

fn take_rule(draft: &mut NetworkDraft, component: &ComponentId, rule: RuleIndex) {
    fn take<T>(list: &mut Vec<T>, position: usize) {
        if position < list.len() {
            list.remove(position);
        }
    }
    match (component, rule) {
        (ComponentId::RouteTable(id), RuleIndex::Route(position)) => {
            for table in draft.route_tables.iter_mut().filter(|one| one.id == *id) {
                take(&mut table.routes, position);
            }
        }
        (ComponentId::TransitGatewayRouteTable(id), RuleIndex::Route(position)) => {
            let tables = draft.transit_gateway_route_tables.iter_mut();
            for table in tables.filter(|one| one.id == *id) {
                take(&mut table.routes, position);
            }
        }
        (ComponentId::SecurityGroup(id), RuleIndex::IngressRule(position)) => {
            for group in draft.security_groups.iter_mut().filter(|one| one.id == *id) {
                take(&mut group.ingress, position);
            }
        }
        (ComponentId::SecurityGroup(id), RuleIndex::EgressRule(position)) => {
            for group in draft.security_groups.iter_mut().filter(|one| one.id == *id) {
                take(&mut group.egress, position);
            }
        }
        (ComponentId::NetworkAcl(id), RuleIndex::IngressEntry(number)) => {
            for acl in draft.network_acls.iter_mut().filter(|one| one.id == *id) {
                acl.ingress.retain(|entry| entry.number != number);
            }
        }
        (ComponentId::NetworkAcl(id), RuleIndex::EgressEntry(number)) => {
            for acl in draft.network_acls.iter_mut().filter(|one| one.id == *id) {
                acl.egress.retain(|entry| entry.number != number);
            }
        }
        // No other component has rules.
        (_, _) => {}
    }
}

/// Why AWS does not delete something by itself.
fn refusal(network: &Network, named: &Gone) -> Option<String> {
    let told = |component: ComponentId| names::component(network, &component);
    for (kind, id) in &named.components {
        if *kind == Kind::RouteTable
            && let Some(vpc) = main_of(network, id)
            && !is_gone(&named.components, Kind::Vpc, &vpc)
        {
            return Some(format!(
                "`{id}` is the main route table of {}, which AWS does not delete\n  help: ask about one of its \
                 routes, as `{id} 0.0.0.0/0`",
                told(ComponentId::Vpc(vpc))
            ));
        }
        if *kind == Kind::NetworkInterface
            && let Some(owner) = owner(network, id)
        {
            return Some(format!(
                "`{id}` belongs to {}, with which AWS deletes it\n  help: ask about `{owner}`",
                told(owner.clone())
            ));
        }
    }
    named.rules.iter().find_map(|(component, rule)| {
        let (ComponentId::RouteTable(id), RuleIndex::Route(position)) = (component, rule) else {
            return None;
        };
        let route = network.route_tables().get(id)?.routes.get(*position)?;
        let is_local = route.target.known() == Some(&Target::Local);
        is_local.then(|| {
            format!(
                "AWS lets nobody delete the local route of {}",
                told(component.clone())
            )
        })
    })
}

/// The VPC whose main route table this is.
fn main_of(network: &Network, table: &str) -> Option<VpcId> {
    let mut vpcs = network.vpcs().values();
    let of = vpcs.find(|vpc| vpc.main_route_table.as_str() == table);
    of.map(|vpc| vpc.id.clone())
}

/// What AWS made an interface for.
fn owner(network: &Network, interface: &str) -> Option<ComponentId> {
    match &network
        .network_interfaces()
        .get(&interface.into())?
        .attachment
    {
        Attachment::VpcEndpoint(id) => Some(ComponentId::VpcEndpoint(id.clone())),
        Attachment::NatGateway(id) => Some(ComponentId::NatGateway(id.clone())),
        Attachment::LoadBalancer(id) => Some(ComponentId::LoadBalancer(id.clone())),
        Attachment::Ordinary { .. } | Attachment::Other(_) => None,
    }
}

/// The components without which some defects are gone: what refers to something that is not there.
fn followers(draft: &NetworkDraft, defects: &[Defect]) -> BTreeSet<(Kind, String)> {
    let mut followers = BTreeSet::new();
    let all = drafted(draft);
    for defect in defects {
        let users = users(defect);
        // Of two kinds with one id, the one of which the defect is.
        let of = users
            .iter()
            .flat_map(|user| all.iter().filter(move |(_, id)| id == user));
        let mut candidates: Vec<_> = of.cloned().collect();
        if candidates.len() > 1 {
            let count = |list: &[Defect]| list.iter().filter(|one| *one == defect).count();
            let before = count(defects);
            candidates.retain(|one| count(&defects_without(draft, one)) < before);
        }
        followers.extend(candidates.into_iter().take(1));
    }
    followers
}

fn defects_without(draft: &NetworkDraft, candidate: &(Kind, String)) -> Vec<Defect> {
    let mut without = draft.clone();
    take_out(&mut without, &BTreeSet::from([candidate.clone()]));
    without.validate().err().unwrap_or_default()
}

/// The ids of what a defect is of, when it comes of what is gone.
fn users(defect: &Defect) -> Vec<&str> {
    if let Defect::NotDefined { user, .. } = defect {
        return vec![user];
    }
    if let Defect::AttachmentMismatch { interface, owner } = defect {
        return vec![interface, owner];
    }
    if let Defect::LoadBalancerNodes { load_balancer } = defect {
        return vec![load_balancer];
    }
    if let Defect::AttachmentZones { attachment } | Defect::TransitGatewayPeering { attachment } =
        defect
    {
        return vec![attachment];
    }
    if let Defect::PeeringPair { peering } = defect {
        return vec![peering];
    }
    if let Defect::NatGatewayWithoutAddress { nat_gateway } = defect {
        return vec![nat_gateway];
    }
    Vec::new()
}
