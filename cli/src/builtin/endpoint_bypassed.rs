//! `endpoint-bypassed`: a subnet whose route table lacks the gateway endpoint that its VPC has.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Claim, ComponentId, Network, NetworkInterfaceId, Origin, Place, SubnetId, VpcEndpointId, VpcId,
};

use super::question::{
    entries, every, gateway_endpoints, in_subnets, interface_endpoints, scope, some,
    subnets_by_table, subnets_of, workloads,
};
use super::{Fault, Run};
use crate::invariant_file::Severity;
use crate::judge::Disagreement;
use crate::judge::way::way;
use crate::render::names;
use crate::report::Subject;

/// The gateway endpoints of one service in one VPC.
struct Service {
    vpc: VpcId,
    name: String,
    endpoints: BTreeSet<VpcEndpointId>,
    to: Place,
    families: BTreeSet<model::Family>,
}

pub(super) fn run(run: &mut Run<'_>) -> Result<(), Disagreement> {
    for service in services(run.network) {
        let all = workloads(run.network, &service.vpc);
        if ask(run, &service, all)?.is_some_and(|found| !found) {
            continue;
        }
        let of_vpc = subnets_of(run.network, &service.vpc);
        for (table, subnets) in subnets_by_table(run.network) {
            let subnets: BTreeSet<SubnetId> = subnets.intersection(&of_vpc).cloned().collect();
            let interfaces = in_subnets(run.network, &subnets);
            if !interfaces.is_empty() {
                let subject = Subject {
                    component: ComponentId::RouteTable(table),
                    rule: None,
                };
                report(run, &service, interfaces, &subnets, subject)?;
            }
        }
    }
    Ok(())
}

fn services(network: &Network) -> Vec<Service> {
    let mut services: BTreeMap<(VpcId, String), Service> = BTreeMap::new();
    for (endpoint, lists) in gateway_endpoints(network) {
        let to = match entries(network, lists) {
            Some(cidrs) if !cidrs.is_empty() => Place::Cidrs(cidrs),
            Some(_) | None => Place::Service(endpoint.service.clone()),
        };
        let families = lists
            .iter()
            .filter_map(|list| network.prefix_lists().get(list));
        let families = families.map(|list| list.family).collect();
        let key = (endpoint.vpc.clone(), endpoint.service.clone());
        let service = services.entry(key).or_insert_with(|| Service {
            vpc: endpoint.vpc.clone(),
            name: endpoint.service.clone(),
            endpoints: BTreeSet::new(),
            to,
            families,
        });
        service.endpoints.insert(endpoint.id.clone());
    }
    services.into_values().collect()
}

fn invariant(
    run: &Run<'_>,
    service: &Service,
    from: BTreeSet<NetworkInterfaceId>,
) -> model::Invariant {
    let own = service
        .endpoints
        .iter()
        .cloned()
        .map(ComponentId::VpcEndpoint);
    // Whoever names an interface endpoint of the service does not bypass anything.
    let interface = interface_endpoints(run.network);
    let interface = interface.filter(|(endpoint, _)| endpoint.service == service.name);
    let interface = interface.map(|(endpoint, _)| ComponentId::VpcEndpoint(endpoint.id.clone()));
    let via: BTreeSet<ComponentId> = own.chain(interface).collect();
    let from = vec![Origin::Interfaces(from)];
    let mut scope = scope(from, vec![service.to.clone()], 0..=u16::MAX, &[443..=443]);
    scope.families.clone_from(&service.families);
    every(
        run.code,
        scope,
        Some(Claim::Delivered),
        Claim::Traverses(vec![via]),
    )
}

/// Whether some delivered flow passes another way; `None` when that is not known.
fn ask(
    run: &mut Run<'_>,
    service: &Service,
    from: BTreeSet<NetworkInterfaceId>,
) -> Result<Option<bool>, Disagreement> {
    let invariant = invariant(run, service, from);
    let before = run.reasons.len();
    let found = run.counterexample(&invariant)?.is_some();
    Ok((found || run.reasons.len() == before).then_some(found))
}

fn report(
    run: &mut Run<'_>,
    service: &Service,
    interfaces: BTreeSet<NetworkInterfaceId>,
    subnets: &BTreeSet<SubnetId>,
    subject: Subject,
) -> Result<(), Disagreement> {
    let invariant = invariant(run, service, interfaces);
    let Some((evidence, judgement)) = run.counterexample(&invariant)? else {
        return Ok(());
    };
    let network = run.network;
    let component = |component: ComponentId| names::component(network, &component);
    let subnets = some(
        subnets
            .iter()
            .cloned()
            .map(ComponentId::Subnet)
            .map(component),
    );
    let way = some(way(&evidence.trace, network).into_iter().map(component));
    let endpoints = service
        .endpoints
        .iter()
        .cloned()
        .map(ComponentId::VpcEndpoint);
    let endpoints = some(endpoints.map(component));
    let fault = Fault {
        name: format!("{} {}", subject.component, service.name),
        severity: Severity::Medium,
        sentence: format!(
            "traffic of {subnets} to {} leaves by {way}, past {endpoints}",
            service.name
        ),
        notes: vec![format!(
            "{} has no route to {endpoints}",
            component(subject.component.clone())
        )],
        subjects: vec![subject],
    };
    run.shown(fault, &invariant, evidence, Some(&judgement));
    Ok(())
}
