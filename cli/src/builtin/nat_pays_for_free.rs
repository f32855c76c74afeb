//! `nat-pays-for-free`: traffic that pays for a NAT gateway where a gateway endpoint is free.

use std::collections::BTreeSet;

use catalogue::{Catalogue, Component, EndpointKind};
use model::{
    Cidr, Claim, ComponentId, Family, Invariant, Network, NetworkInterfaceId, Origin, Place,
    PrefixListId, RouteTableId, Vpc, VpcEndpointId,
};

use super::question::{
    entries, every, gateway_endpoints, in_subnets, scope, some, subnets_by_table, subnets_of,
    workloads,
};
use super::{Fault, Run};
use crate::cost;
use crate::invariant_file::Severity;
use crate::judge::{Disagreement, Evidence, Judgement};
use crate::render::names;
use crate::report::{Advice, Subject};
use crate::selector::short_service_name;

/// A service that a VPC could have a gateway endpoint for.
struct Service<'a> {
    vpc: &'a Vpc,
    name: String,
    cidrs: BTreeSet<Cidr>,
    families: BTreeSet<Family>,
    /// The VPC's gateway endpoints for it.
    own: BTreeSet<VpcEndpointId>,
}

pub(super) fn run(run: &mut Run<'_>) -> Result<(), Disagreement> {
    if run.network.nat_gateways().is_empty() {
        return Ok(());
    }
    for vpc in run.network.vpcs().values() {
        for service in services(run, vpc) {
            let all = workloads(run.network, &vpc.id);
            if let Some((invariant, evidence, judgement)) = ask(run, &service, all)? {
                let tables = tables(run, &service)?;
                report(run, &service, &tables, (&invariant, evidence, &judgement));
            }
        }
    }
    Ok(())
}

/// The services with a gateway endpoint in the VPC's Region whose addresses are known.
fn services<'a>(run: &Run<'a>, vpc: &'a Vpc) -> Vec<Service<'a>> {
    let lists = run.network.prefix_lists().values();
    let names: BTreeSet<&str> = lists
        .filter(|list| list.aws_managed)
        .map(|list| list.name.as_str())
        .collect();
    let region = format!("com.amazonaws.{}.", vpc.region);
    let of_region = names.into_iter().filter(|name| name.starts_with(&region));
    of_region
        .filter_map(|name| service(run.network, &run.known.catalogue, vpc, name))
        .collect()
}

fn service<'a>(
    network: &Network,
    catalogue: &Catalogue,
    vpc: &'a Vpc,
    name: &str,
) -> Option<Service<'a>> {
    let known = catalogue.service(short_service_name(name))?;
    if !known.has_endpoint(&vpc.region, EndpointKind::Gateway) {
        return None;
    }
    let lists = network.prefix_lists().values();
    let lists = lists.filter(|list| list.name == name);
    let families = lists.clone().map(|list| list.family).collect();
    let ids: BTreeSet<PrefixListId> = lists.map(|list| list.id.clone()).collect();
    let cidrs = entries(network, &ids).filter(|cidrs| !cidrs.is_empty())?;
    let own = gateway_endpoints(network);
    let own = own.filter(|(endpoint, _)| endpoint.vpc == vpc.id && endpoint.service == name);
    Some(Service {
        vpc,
        name: name.to_owned(),
        cidrs,
        families,
        own: own.map(|(endpoint, _)| endpoint.id.clone()).collect(),
    })
}

/// A flow of these senders that passes a NAT gateway on its way to the service.
fn ask(
    run: &mut Run<'_>,
    service: &Service<'_>,
    from: BTreeSet<NetworkInterfaceId>,
) -> Result<Option<(Invariant, Box<Evidence>, Judgement)>, Disagreement> {
    if from.is_empty() {
        return Ok(None);
    }
    let nats = run.network.nat_gateways().keys().cloned();
    let nats = nats.map(ComponentId::NatGateway).collect();
    let from = vec![Origin::Interfaces(from)];
    let to = vec![Place::Cidrs(service.cidrs.clone())];
    let mut scope = scope(from, to, 0..=u16::MAX, &[443..=443]);
    scope.families.clone_from(&service.families);
    let passes = Claim::Traverses(vec![nats]);
    let claim = Claim::Not(Box::new(passes));
    let invariant = every(run.code, scope, Some(Claim::Delivered), claim);
    let found = run.counterexample(&invariant)?;
    Ok(found.map(|(evidence, judgement)| (invariant, evidence, judgement)))
}

/// The route tables whose subnets pay.
fn tables(
    run: &mut Run<'_>,
    service: &Service<'_>,
) -> Result<BTreeSet<RouteTableId>, Disagreement> {
    let of_vpc = subnets_of(run.network, &service.vpc.id);
    let mut tables = BTreeSet::new();
    for (table, subnets) in subnets_by_table(run.network) {
        let subnets = subnets.intersection(&of_vpc).cloned().collect();
        let from = in_subnets(run.network, &subnets);
        if ask(run, service, from)?.is_some() {
            tables.insert(table);
        }
    }
    Ok(tables)
}

fn report(
    run: &mut Run<'_>,
    service: &Service<'_>,
    tables: &BTreeSet<RouteTableId>,
    (invariant, evidence, judgement): (&Invariant, Box<Evidence>, &Judgement),
) {
    let network = run.network;
    let vpc = ComponentId::Vpc(service.vpc.id.clone());
    let place = names::component(network, &vpc);
    let shown =
        |table: &RouteTableId| names::component(network, &ComponentId::RouteTable(table.clone()));
    let prices = &run.known.prices;
    let costs = cost::costs(&evidence.trace, network, prices);
    let paid: Vec<String> = costs.iter().map(|one| cost::told(one, network)).collect();
    let free = prices.of(Component::GatewayEndpoint, &service.vpc.region);
    let free = free.map(|price| format!("; a gateway endpoint costs {}", cost::amount(price)));
    let free = free.unwrap_or_default();
    let sentence = format!(
        "traffic of {place} to {} pays for a NAT gateway that a gateway endpoint would spare",
        service.name
    );
    let subject = |component| Subject {
        component,
        rule: None,
    };
    if !is_used(network, service) {
        run.advice.push(Advice {
            code: run.code,
            text: format!("{sentence}, if there is any: {}{free}", paid.join(", ")),
            subject: subject(vpc),
        });
        return;
    }
    let own = service.own.iter().cloned().map(ComponentId::VpcEndpoint);
    let own = some(own.map(|id| names::component(network, &id)));
    let tables_shown = some(tables.iter().map(shown));
    let lacks = if service.own.is_empty() {
        format!("{place} has no gateway endpoint for {}", service.name)
    } else {
        format!("{tables_shown} has no route to {own}")
    };
    let tables = tables.iter().cloned().map(ComponentId::RouteTable);
    let subjects: Vec<Subject> = tables.map(subject).collect();
    let fault = Fault {
        name: format!("{} {}", service.vpc.id, service.name),
        severity: Severity::Low,
        sentence,
        notes: vec![format!("{lacks}{free}")],
        subjects,
    };
    run.shown(fault, invariant, evidence, Some(judgement));
    if let Some(finding) = run.findings.last_mut() {
        finding.costs = costs;
    }
}

/// Whether it can be taken for granted that a VPC uses the service. Everybody uses S3, which holds
/// the packages and images of systems; of another service an endpoint shows it.
fn is_used(network: &Network, service: &Service<'_>) -> bool {
    let mut endpoints = network.vpc_endpoints().values();
    short_service_name(&service.name) == "s3"
        || endpoints.any(|one| one.vpc == service.vpc.id && one.service == service.name)
}
