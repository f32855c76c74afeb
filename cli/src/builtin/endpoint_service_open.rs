//! `endpoint-service-open`: an endpoint service that any account may connect to.

use model::{ComponentId, EndpointService, Value};

use super::{Fault, Run};
use crate::invariant_file::Severity;
use crate::judge::{Disagreement, Reason};
use crate::render::names;
use crate::report::Subject;

/// Everybody, in a list of allowed principals.
const EVERYBODY: &str = "*";

pub(super) fn run(run: &mut Run<'_>) -> Result<(), Disagreement> {
    for service in run.network.endpoint_services().values() {
        match (is_for_everybody(service), is_unasked(service)) {
            (Ok(true), Ok(true)) => report(run, service),
            (Ok(false), _) | (_, Ok(false)) => {}
            (one, other) => {
                let open = [one.err(), other.err()].into_iter().flatten();
                run.reasons.extend(open);
            }
        }
    }
    Ok(())
}

/// Whether every principal is allowed, or what leaves it open.
fn is_for_everybody(service: &EndpointService) -> Result<bool, Reason> {
    match &service.allowed_principals {
        Value::Known(principals) => Ok(principals.contains(EVERYBODY)),
        Value::OneOf(_, hole) | Value::Any(hole) => Err(Reason::DependsOn(hole.clone())),
    }
}

/// Whether nobody has to accept a connection, or what leaves it open.
fn is_unasked(service: &EndpointService) -> Result<bool, Reason> {
    match &service.acceptance_required {
        Value::Known(required) => Ok(!required),
        Value::OneOf(_, hole) | Value::Any(hole) => Err(Reason::DependsOn(hole.clone())),
    }
}

fn report(run: &mut Run<'_>, service: &EndpointService) {
    let component = ComponentId::EndpointService(service.id.clone());
    let name = names::component(run.network, &component);
    run.structural(Fault {
        name: service.id.to_string(),
        severity: Severity::High,
        sentence: format!("any AWS account may connect to {name}, and nobody is asked"),
        notes: vec![format!("its name is {}", service.name)],
        subjects: vec![Subject {
            component,
            rule: None,
        }],
    });
}
