//! `endpoint-other-vpc`: a route that tries to use another VPC's gateway endpoint.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    AttachmentKind, Claim, Clause, ComponentId, Network, Origin, PeeringEnd, Place, RouteTableId,
    RuleIndex, SubnetId, Target, Value, VpcEndpoint, VpcId,
};

use super::question::{
    entries, every, gateway_endpoints, in_subnets, scope, some, subnets_by_table,
};
use super::{Fault, Run};
use crate::invariant_file::Severity;
use crate::judge::Disagreement;
use crate::render::names;
use crate::report::Subject;

pub(super) fn run(run: &mut Run<'_>) -> Result<(), Disagreement> {
    let subnets = subnets_by_table(run.network);
    let mut seen = BTreeSet::new();
    let ways = over_peerings(run.network).into_iter();
    for way in ways.chain(over_transit_gateways(run.network)) {
        for (endpoint, lists) in gateway_endpoints(run.network) {
            let own = has_gateway(run.network, way.vpc, &endpoint.service);
            let leads_there = way
                .to
                .map_or(endpoint.vpc != *way.vpc, |to| endpoint.vpc == *to);
            if !leads_there || own {
                continue;
            }
            let place = match entries(run.network, lists) {
                Some(cidrs) if !cidrs.is_empty() => Place::Cidrs(cidrs),
                Some(_) | None => Place::Service(endpoint.service.clone()),
            };
            for table in tables_to(run.network, way.vpc, &way.target) {
                let users = subnets.get(&table).cloned().unwrap_or_default();
                let key = (table.clone(), endpoint.service.clone());
                if !users.is_empty() && !seen.contains(&key) {
                    let found = ask(run, &way, endpoint, &place, &table, &users)?;
                    // Where the way ends in no one VPC, the question is the same for each endpoint.
                    if found || way.to.is_none() {
                        seen.insert(key);
                    }
                }
            }
        }
    }
    Ok(())
}

/// A way out of a VPC by which a gateway endpoint elsewhere is of no use.
struct Way<'a> {
    vpc: &'a VpcId,
    /// The VPC in which it ends, when it ends in one.
    to: Option<&'a VpcId>,
    /// As routes name it.
    target: Target,
    /// As people call it.
    name: &'static str,
    /// The clause by which the endpoint is out of reach.
    clause: Clause,
}

/// Each peering from each of its ends that is in the network.
fn over_peerings(network: &Network) -> Vec<Way<'_>> {
    let mut ways = Vec::new();
    for peering in network.peerings().values() {
        if let (PeeringEnd::Vpc(one), PeeringEnd::Vpc(other)) =
            (&peering.requester, &peering.accepter)
        {
            ways.extend([(one, other), (other, one)].map(|(vpc, to)| Way {
                vpc,
                to: Some(to),
                target: Target::Peering(peering.id.clone()),
                name: "a peering",
                clause: Clause::PeeringAddresses,
            }));
        }
    }
    ways
}

/// Each transit gateway from each VPC that is attached to it.
fn over_transit_gateways(network: &Network) -> Vec<Way<'_>> {
    let attachments = network.transit_gateway_attachments().values();
    let ways = attachments.filter_map(|attachment| match &attachment.kind {
        AttachmentKind::Vpc { vpc, .. } => Some(Way {
            vpc,
            to: None,
            target: Target::TransitGateway(attachment.gateway.clone()),
            name: "a transit gateway",
            clause: Clause::GatewayEndpointOwnVpc,
        }),
        AttachmentKind::Peering { .. }
        | AttachmentKind::OnPremises { .. }
        | AttachmentKind::Unmodelled(_) => None,
    });
    ways.collect()
}

fn has_gateway(network: &Network, vpc: &VpcId, service: &str) -> bool {
    gateway_endpoints(network).any(|(one, _)| one.vpc == *vpc && one.service == service)
}

/// The tables of a VPC with a route to a target.
fn tables_to(network: &Network, vpc: &VpcId, wanted: &Target) -> Vec<RouteTableId> {
    let of_vpc = network
        .route_tables()
        .values()
        .filter(|table| table.vpc == *vpc);
    let over = of_vpc.filter(|table| {
        let mut targets = table.routes.iter().map(|route| &route.target);
        targets.any(|target| matches!(target, Value::Known(known) if known == wanted))
    });
    over.map(|table| table.id.clone()).collect()
}

fn ask(
    run: &mut Run<'_>,
    way: &Way<'_>,
    endpoint: &VpcEndpoint,
    place: &Place,
    table: &RouteTableId,
    users: &BTreeSet<SubnetId>,
) -> Result<bool, Disagreement> {
    let interfaces = in_subnets(run.network, users);
    if interfaces.is_empty() {
        return Ok(false);
    }
    let from = vec![Origin::Interfaces(interfaces)];
    let scope = scope(from, vec![place.clone()], 0..=u16::MAX, &[443..=443]);
    let claim = Claim::Not(Box::new(Claim::DecidedBy(way.clause)));
    let invariant = every(run.code, scope, None, claim);
    let Some((evidence, judgement)) = run.counterexample(&invariant)? else {
        return Ok(false);
    };
    let component = ComponentId::RouteTable(table.clone());
    let hops = evidence.trace.forward.iter();
    let rules: BTreeMap<&ComponentId, RuleIndex> = hops
        .filter_map(|hop| Some((&hop.component, hop.rule?)))
        .collect();
    let rule = rules.get(&component).copied();
    let name = |component: ComponentId| names::component(run.network, &component);
    let subnets = some(users.iter().cloned().map(ComponentId::Subnet).map(name));
    // Over a transit gateway it is the endpoint that the packet comes to; a peering drops it before.
    let mut hops = evidence.trace.forward.iter();
    let met = hops.find(|hop| hop.clause == Clause::GatewayEndpointOwnVpc);
    let met = met.map(|hop| hop.component.clone());
    let gateway = met.unwrap_or_else(|| ComponentId::VpcEndpoint(endpoint.id.clone()));
    let gateway = names::component(run.network, &gateway);
    let fault = Fault {
        name: format!("{table} {}", endpoint.service),
        severity: Severity::High,
        sentence: format!(
            "{subnets} send traffic for {} over {} to {gateway} of another VPC, which serves its \
             own VPC only",
            endpoint.service, way.name
        ),
        notes: Vec::new(),
        subjects: vec![Subject { component, rule }],
    };
    run.shown(fault, &invariant, evidence, Some(&judgement));
    Ok(true)
}
