//! `endpoint-missing-companion`: some endpoints of a recipe, and no way to the rest of it.

use std::collections::{BTreeMap, BTreeSet};

use catalogue::{Part, Recipe, Recipes};
use model::{Answer, Asker, ComponentId, EndpointKind, Place, PortRange, SubnetId, Vpc};

use super::question::{attempt, in_subnets, some, subnets_of};
use super::{Fault, Run};
use crate::invariant_file::Severity;
use crate::judge::{Disagreement, Engines, Reason};
use crate::public_names::is_unlisted;
use crate::render::names;
use crate::report::Subject;
use crate::selector::recipe::account;
use crate::selector::short_service_name;

/// A part of a recipe in one VPC.
struct Wanted<'a> {
    part: &'a Part,
    /// As it is asked for.
    place: Place,
    /// As people are told it.
    shown: String,
    port: PortRange,
    /// The VPC's own endpoint answers for it.
    own: bool,
    answered: bool,
}

/// From where a part is not reached.
#[derive(Default)]
struct Missing {
    subnets: BTreeSet<SubnetId>,
    engines: Option<Engines>,
}

pub(super) fn run(run: &mut Run<'_>) -> Result<(), Disagreement> {
    for vpc in run.network.vpcs().values() {
        for recipe in &Recipes::bundled().recipes {
            if is_meant(run, vpc, recipe) {
                ask(run, vpc, recipe)?;
            }
        }
    }
    Ok(())
}

/// Whether the VPC has an interface endpoint that tells of the recipe.
fn is_meant(run: &Run<'_>, vpc: &Vpc, recipe: &Recipe) -> bool {
    let telling = recipe.parts.iter().filter(|part| part.tells);
    let telling: BTreeSet<&str> = telling.map(|part| part.service.as_str()).collect();
    let mut endpoints = run.network.vpc_endpoints().values();
    endpoints.any(|endpoint| {
        let service = short_service_name(&endpoint.service);
        endpoint.vpc == vpc.id && telling.contains(service)
    })
}

/// Asks, from each subnet, for each part.
fn ask(run: &mut Run<'_>, vpc: &Vpc, recipe: &Recipe) -> Result<(), Disagreement> {
    let wanted = wanted(run, vpc, recipe)?;
    let mut missing: BTreeMap<usize, Missing> = BTreeMap::new();
    let mut reached: BTreeSet<usize> = BTreeSet::new();
    for subnet in subnets_of(run.network, &vpc.id) {
        let from = in_subnets(run.network, &BTreeSet::from([subnet.clone()]));
        if from.is_empty() {
            continue;
        }
        let mut lacks = BTreeMap::new();
        let mut tells = false;
        for (index, one) in wanted.iter().enumerate() {
            match run.is_reached(&from, one.place.clone(), one.port.clone())? {
                Some(found) if found.answered => {
                    reached.insert(index);
                    tells |= one.part.tells && one.own;
                }
                Some(found) => {
                    lacks.insert(index, found.engines);
                }
                None => {}
            }
        }
        // What reaches no endpoint that tells of the recipe is not meant to follow it.
        if tells {
            for (index, engines) in lacks {
                let missing = missing.entry(index).or_default();
                missing.subnets.insert(subnet.clone());
                missing.engines = Some(engines);
            }
        }
    }
    for (index, missing) in missing {
        // An endpoint that nobody reaches is the matter of `endpoint-unreachable`.
        let one = wanted.get(index);
        let one = one.filter(|one| !one.own || reached.contains(&index));
        if let Some(one) = one {
            report(run, vpc, recipe, one, &missing);
        }
    }
    Ok(())
}

fn wanted<'a>(
    run: &mut Run<'_>,
    vpc: &Vpc,
    recipe: &'a Recipe,
) -> Result<Vec<Wanted<'a>>, Disagreement> {
    let known = run.known;
    let mut wanted = Vec::new();
    for part in recipe.needed() {
        let Some(port) = part.port(&known.catalogue) else {
            continue;
        };
        for name in part.names(&known.catalogue) {
            let asked = name.expand(&vpc.region, account(vpc));
            let resolution = run.judge.resolve(&Asker::Vpc(vpc.id.clone()), &asked)?;
            if let Answer::Undetermined(hole) = &resolution.answer {
                run.reasons.insert(Reason::DependsOn(hole.clone()));
                continue;
            }
            let unlisted = is_unlisted(run.network, &resolution.answer);
            wanted.push(Wanted {
                part,
                place: if unlisted {
                    Place::Internet
                } else {
                    Place::Name(asked)
                },
                shown: name.shown(&vpc.region, vpc.account.as_deref().unwrap_or("*")),
                port: port..=port,
                own: is_own(run, vpc, &resolution.answer),
                answered: resolution.answer != Answer::NoAnswer,
            });
        }
    }
    Ok(wanted)
}

/// Whether an answer is an interface endpoint of the VPC itself.
fn is_own(run: &Run<'_>, vpc: &Vpc, answer: &Answer) -> bool {
    let Answer::Interfaces(answered) = answer else {
        return false;
    };
    let mut endpoints = run.network.vpc_endpoints().values();
    endpoints.any(|endpoint| match &endpoint.kind {
        EndpointKind::Interface { interfaces, .. } => {
            endpoint.vpc == vpc.id && !interfaces.is_disjoint(answered)
        }
        EndpointKind::Gateway { .. }
        | EndpointKind::GatewayLoadBalancer { .. }
        | EndpointKind::Unmodelled(_) => false,
    })
}

fn report(run: &mut Run<'_>, vpc: &Vpc, recipe: &Recipe, wanted: &Wanted<'_>, missing: &Missing) {
    let network = run.network;
    let component = |component: ComponentId| names::component(network, &component);
    let shown = missing.subnets.iter().cloned();
    let shown = some(shown.map(ComponentId::Subnet).map(component));
    let service = &wanted.part.service;
    let why = if wanted.answered {
        "by no endpoint and not over the internet"
    } else {
        "since its VPC does not answer the name"
    };
    let from = in_subnets(network, &missing.subnets);
    let invariant = attempt(run.code, &from, wanted.place.clone(), wanted.port.clone());
    let fault = Fault {
        name: format!("{} {} {service}", vpc.id, recipe.name),
        severity: Severity::Medium,
        sentence: format!(
            "{} is not reached from {shown}, {why}: {} needs {service}",
            wanted.shown, recipe.title
        ),
        notes: recipe.notes.clone(),
        subjects: vec![Subject {
            component: ComponentId::Vpc(vpc.id.clone()),
            rule: None,
        }],
    };
    run.missed(fault, &invariant.scope, missing.engines);
}
