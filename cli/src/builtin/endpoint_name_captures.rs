//! `endpoint-name-captures`: private DNS that takes names which the endpoint does not serve.

use model::{Answer, Asker, ComponentId, Place, VpcEndpoint};

use super::question::{attempt, interface_endpoints, workloads};
use super::{Fault, Run, stop};
use crate::invariant_file::Severity;
use crate::judge::{Disagreement, Ruling};
use crate::miss::nearest_miss;
use crate::render::names;
use crate::report::Subject;
use crate::selector::recipe::account;
use crate::selector::short_service_name;

/// A name that private DNS takes.
struct Captured<'a> {
    /// One of those that it stands for.
    asked: String,
    /// As people are told it.
    shown: String,
    /// What else has such names.
    what: &'a str,
    port: u16,
}

pub(super) fn run(run: &mut Run<'_>) -> Result<(), Disagreement> {
    for (endpoint, interfaces) in interface_endpoints(run.network) {
        let known = run.known;
        let service = known
            .catalogue
            .service(short_service_name(&endpoint.service));
        let captures = service.and_then(|service| Some((service, service.captures.as_ref()?)));
        let (Some((service, captured)), Some(vpc)) =
            (captures, run.network.vpcs().get(&endpoint.vpc))
        else {
            continue;
        };
        for name in &service.names {
            let asked = name.expand(&vpc.region, account(vpc));
            let answer = run
                .judge
                .resolve(&Asker::Vpc(vpc.id.clone()), &asked)?
                .answer;
            let takes =
                matches!(&answer, Answer::Interfaces(taken) if !taken.is_disjoint(interfaces));
            if takes {
                let name = Captured {
                    asked,
                    shown: name.shown(&vpc.region, account(vpc)),
                    what: captured,
                    port: service.ports.first().copied().unwrap_or(443),
                };
                report(run, endpoint, name)?;
            }
        }
    }
    Ok(())
}

/// A finding, where somebody would reach those names without the endpoint.
fn report(
    run: &mut Run<'_>,
    endpoint: &VpcEndpoint,
    name: Captured<'_>,
) -> Result<(), Disagreement> {
    let from = workloads(run.network, &endpoint.vpc);
    if from.is_empty() {
        return Ok(());
    }
    let ports = name.port..=name.port;
    let internet = run.is_reached(&from, Place::Internet, ports.clone())?;
    if !internet.is_some_and(|reached| reached.answered) {
        return Ok(());
    }
    let invariant = attempt(run.code, &from, Place::Name(name.asked), ports);
    let judgement = run.ask(&invariant)?;
    let ruling = judgement.as_ref().map(|judgement| judgement.ruling.clone());
    let evidence = match ruling {
        Some(Ruling::Proved(evidence)) => evidence,
        Some(Ruling::Violated(_) | Ruling::Vacuous | Ruling::Unknown(_)) | None => {
            nearest_miss(run.judge, &invariant.scope).map(Box::new)
        }
    };
    let component = ComponentId::VpcEndpoint(endpoint.id.clone());
    let shown = names::component(run.network, &component);
    let fault = Fault {
        name: endpoint.id.to_string(),
        severity: Severity::Low,
        sentence: format!(
            "`{}` means {shown}, so that {} are out of reach by it",
            name.shown, name.what
        ),
        notes: vec!["they would be reached over the internet".to_owned()],
        subjects: vec![Subject {
            component,
            rule: None,
        }],
    };
    let difference = evidence.as_deref().and_then(stop);
    run.push(fault, evidence, judgement.as_ref());
    if let Some(finding) = run.findings.last_mut() {
        finding.difference = difference;
    }
    Ok(())
}
