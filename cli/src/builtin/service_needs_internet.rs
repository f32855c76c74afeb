//! `service-needs-internet`: what has no endpoint, wanted where nothing leads to the internet.

use std::collections::{BTreeMap, BTreeSet};

use catalogue::Service;
use model::{ComponentId, NetworkInterfaceId, Origin, Place, Scope, SubnetId, Vpc, VpcId};

use super::question::{attempt, in_subnets, some, subnets_of};
use super::{Fault, Run};
use crate::invariant_file::Severity;
use crate::judge::{Disagreement, Engines};
use crate::render::names;
use crate::report::{Advice, Subject};
use crate::selector::{sender_vpcs, short_service_name};

/// The port of services that state none.
const HTTPS: u16 = 443;

pub(super) fn run(run: &mut Run<'_>) -> Result<(), Disagreement> {
    wanted_by_claims(run)?;
    beside_endpoints(run)
}

/// Names that claims ask for, by which only the internet leads to a service.
fn wanted_by_claims(run: &mut Run<'_>) -> Result<(), Disagreement> {
    let wanted = run.wanted;
    let mut found: BTreeMap<(VpcId, String), (BTreeSet<SubnetId>, Engines)> = BTreeMap::new();
    for scope in wanted {
        for (vpc, name, service) in names_without_endpoint(run, scope) {
            for (subnet, from) in senders(run, scope, vpc) {
                if let Some(engines) = shut(run, &from, service)? {
                    let key = (vpc.id.clone(), name.clone());
                    let entry = found.entry(key);
                    let entry = entry.or_insert_with(|| (BTreeSet::new(), engines));
                    entry.0.insert(subnet);
                }
            }
        }
    }
    for ((vpc, name), (subnets, engines)) in found {
        report(run, &vpc, &name, &subnets, engines);
    }
    Ok(())
}

/// The names of a scope that a service without endpoints in the senders' Region has, and that an
/// endpoint of no other service has.
fn names_without_endpoint<'a>(run: &Run<'a>, scope: &Scope) -> Vec<(&'a Vpc, String, &'a Service)> {
    let mut found = Vec::new();
    for id in sender_vpcs(&scope.from, run.network) {
        let Some(vpc) = run.network.vpcs().get(&id) else {
            continue;
        };
        for place in &scope.to {
            let Place::Name(name) = place else { continue };
            let services = run.known.catalogue.services.iter();
            let mut services = services.filter(|service| service.is_named(name));
            let first = services.next();
            let only = first.filter(|_| services.next().is_none());
            let without = only.filter(|one| one.has_no_endpoint(&vpc.region));
            found.extend(without.map(|service| (vpc, name.clone(), service)));
        }
    }
    found
}

/// The senders of a scope in a VPC, by subnet.
fn senders(
    run: &Run<'_>,
    scope: &Scope,
    vpc: &Vpc,
) -> BTreeMap<SubnetId, BTreeSet<NetworkInterfaceId>> {
    let mut senders: BTreeMap<SubnetId, BTreeSet<NetworkInterfaceId>> = BTreeMap::new();
    for origin in &scope.from {
        let Origin::Interfaces(interfaces) = origin else {
            continue;
        };
        for subnet in subnets_of(run.network, &vpc.id) {
            let all = in_subnets(run.network, &BTreeSet::from([subnet.clone()]));
            let own: BTreeSet<_> = all.intersection(interfaces).cloned().collect();
            if !own.is_empty() {
                senders.entry(subnet).or_default().extend(own);
            }
        }
    }
    senders
}

/// What the engines took to say that nothing of some senders is answered on the internet; `None` when
/// something is, or may be.
fn shut(
    run: &mut Run<'_>,
    from: &BTreeSet<NetworkInterfaceId>,
    service: &Service,
) -> Result<Option<Engines>, Disagreement> {
    let port = service.ports.first().copied().unwrap_or(HTTPS);
    let reached = run.is_reached(from, Place::Internet, port..=port)?;
    let reached = reached.filter(|reached| !reached.answered);
    Ok(reached.map(|reached| reached.engines))
}

fn report(
    run: &mut Run<'_>,
    vpc: &VpcId,
    name: &str,
    subnets: &BTreeSet<SubnetId>,
    engines: Engines,
) {
    let services = run.known.catalogue.services.iter();
    let service = services.into_iter().find(|one| one.is_named(name));
    let title = service.and_then(|service| service.title.as_deref());
    let network = run.network;
    let shown = subnets.iter().cloned().map(ComponentId::Subnet);
    let shown = some(shown.map(|one| names::component(network, &one)));
    let from = in_subnets(network, subnets);
    let invariant = attempt(run.code, &from, Place::Internet, HTTPS..=HTTPS);
    let subject = |subnet: &SubnetId| Subject {
        component: ComponentId::Subnet(subnet.clone()),
        rule: None,
    };
    let fault = Fault {
        name: format!("{vpc} {name}"),
        severity: Severity::Medium,
        sentence: format!(
            "`{name}` ({}) has no endpoint, and nothing leads from {shown} to the internet",
            title.unwrap_or(name)
        ),
        notes: vec!["a claim of the invariant file asks for it".to_owned()],
        subjects: subnets.iter().map(subject).collect(),
    };
    run.missed(fault, &invariant.scope, Some(engines));
}

/// Services without endpoints that often belong to one whose endpoint a VPC has: only advice, since
/// nothing says that they are used.
fn beside_endpoints(run: &mut Run<'_>) -> Result<(), Disagreement> {
    let known = run.known;
    for endpoint in run.network.vpc_endpoints().values() {
        let Some(vpc) = run.network.vpcs().get(&endpoint.vpc) else {
            continue;
        };
        let beside = short_service_name(&endpoint.service);
        let services = known.catalogue.services.iter();
        let services = services.filter(|one| one.advice_with.as_deref() == Some(beside));
        for service in services.filter(|one| one.has_no_endpoint(&vpc.region)) {
            let mut closed = BTreeSet::new();
            for subnet in subnets_of(run.network, &vpc.id) {
                let from = in_subnets(run.network, &BTreeSet::from([subnet.clone()]));
                if !from.is_empty() && shut(run, &from, service)?.is_some() {
                    closed.insert(subnet);
                }
            }
            if !closed.is_empty() {
                advise(run, endpoint.id.clone(), service, &closed);
            }
        }
    }
    Ok(())
}

fn advise(
    run: &mut Run<'_>,
    endpoint: model::VpcEndpointId,
    service: &Service,
    subnets: &BTreeSet<SubnetId>,
) {
    let network = run.network;
    let shown = subnets.iter().cloned().map(ComponentId::Subnet);
    let shown = some(shown.map(|one| names::component(network, &one)));
    let component = ComponentId::VpcEndpoint(endpoint);
    let title = service.title.as_deref().unwrap_or(&service.name);
    run.advice.push(Advice {
        code: run.code,
        text: format!(
            "{} does not serve {title}, which have no endpoint, and nothing leads from {shown} to the internet",
            names::component(network, &component)
        ),
        subject: Subject {
            component,
            rule: None,
        },
    });
}
