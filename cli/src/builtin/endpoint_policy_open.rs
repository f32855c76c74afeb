//! `endpoint-policy-open`: an endpoint policy that lets any principal reach any resource.

use std::collections::BTreeSet;

use model::{
    Claim, ComponentId, ContextKey, EndpointKind, Engine, KeySet, Origin, Patterns,
    PermissionEffect, Place, Principal, PrincipalSet, Request, RequestSet, RequestWay, VpcEndpoint,
};

use super::question::{clients, every, is_of_customer, scope, workloads};
use super::{Fault, Run};
use crate::invariant_file::Severity;
use crate::judge::{Disagreement, Reason};
use crate::render::names;
use crate::report::Subject;
use crate::selector::short_service_name;

/// An account that is nobody's: the documents' example of a foreign one.
const FOREIGN_ACCOUNT: &str = "999999999999";
const FOREIGN_ROLE: &str = "arn:aws:iam::999999999999:role/stranger";

/// What a stranger's request brings: it is of another organization, as its resource is.
const CONTEXT: [(&str, &str); 4] = [
    ("aws:PrincipalOrgID", "o-stranger"),
    ("aws:ResourceAccount", FOREIGN_ACCOUNT),
    ("aws:ResourceOrgID", "o-stranger"),
    ("aws:SecureTransport", "true"),
];

pub(super) fn run(run: &mut Run<'_>) -> Result<(), Disagreement> {
    for endpoint in run.network.vpc_endpoints().values() {
        // Requests to services of customers are not AWS's to judge.
        if is_of_customer(&endpoint.service) {
            continue;
        }
        let to = match &endpoint.kind {
            EndpointKind::Gateway { .. } => Place::GatewayEndpoints([endpoint.id.clone()].into()),
            EndpointKind::Interface { interfaces, .. } => Place::Interfaces {
                interfaces: interfaces.clone(),
                public_from_inside: false,
            },
            // It carries packets, not requests to a service.
            EndpointKind::GatewayLoadBalancer { .. } | EndpointKind::Unmodelled(_) => continue,
        };
        let request = foreign_request(endpoint);
        if permitted(run, endpoint, &request)? {
            report(run, endpoint, to, request)?;
        }
    }
    Ok(())
}

/// Whether the policy permits a request, by both engines.
fn permitted(
    run: &mut Run<'_>,
    endpoint: &VpcEndpoint,
    request: &Request,
) -> Result<bool, Disagreement> {
    let way = RequestWay::EndpointPolicy(endpoint.id.clone());
    let one = run.judge.evaluator.permits(&way, request);
    let other = run.judge.solver.permits(&way, request);
    if one != other {
        return Err(Disagreement {
            name: run.code.to_owned(),
            about: format!("the request {request} at {}", endpoint.id),
            evaluator: format!("{one:?}"),
            solver: format!("{other:?}"),
        });
    }
    if let PermissionEffect::Undetermined(hole) = &one.effect {
        run.reasons.insert(Reason::DependsOn(hole.clone()));
    }
    Ok(one.effect == PermissionEffect::Permitted)
}

fn report(
    run: &mut Run<'_>,
    endpoint: &VpcEndpoint,
    to: Place,
    request: Request,
) -> Result<(), Disagreement> {
    let component = ComponentId::VpcEndpoint(endpoint.id.clone());
    let name = names::component(run.network, &component);
    let clients = match endpoint.kind {
        EndpointKind::Gateway { .. } => workloads(run.network, &endpoint.vpc),
        EndpointKind::Interface { .. }
        | EndpointKind::GatewayLoadBalancer { .. }
        | EndpointKind::Unmodelled(_) => clients(run.network, &endpoint.vpc),
    };
    let from = vec![Origin::Interfaces(clients)];
    let mut scope = scope(from, vec![to], 0..=u16::MAX, &[443..=443]);
    let only = |text: &str| Patterns {
        include: vec![text.to_owned()],
        exclude: Vec::new(),
    };
    scope.request = Some(RequestSet {
        actions: only(&request.action),
        resources: only(&request.resource),
        principals: PrincipalSet::These(vec![request.principal.clone()]),
        context: request.context.iter().map(only_key).collect(),
        ..RequestSet::every()
    });
    let claim = Claim::Not(Box::new(Claim::PermittedSome));
    let invariant = every(run.code, scope, None, claim);
    let shown = run.counterexample(&invariant)?;
    let severity = match endpoint.kind {
        EndpointKind::Gateway { .. } => Severity::Medium,
        EndpointKind::Interface { .. }
        | EndpointKind::GatewayLoadBalancer { .. }
        | EndpointKind::Unmodelled(_) => Severity::Low,
    };
    let mut fault = Fault {
        name: endpoint.id.to_string(),
        severity,
        sentence: format!("the policy of {name} lets any principal reach any resource"),
        notes: vec![format!("it permits {request}")],
        subjects: vec![Subject {
            component,
            rule: None,
        }],
    };
    match shown {
        Some((evidence, judgement)) => {
            run.shown(fault, &invariant, evidence, Some(&judgement));
        }
        None => {
            let note = "at present no client reaches it on tcp/443";
            fault.notes.push(note.to_owned());
            run.structural(fault);
        }
    }
    Ok(())
}

/// A stranger's request for a stranger's resource.
fn foreign_request(endpoint: &VpcEndpoint) -> Request {
    let service = short_service_name(&endpoint.service);
    let region = endpoint
        .service
        .split('.')
        .rev()
        .nth(service.split('.').count());
    let region = region.unwrap_or("us-east-1");
    let (action, resource) = match service {
        "s3" => (
            "s3:PutObject".to_owned(),
            "arn:aws:s3:::bucket-of-a-stranger/stolen".to_owned(),
        ),
        "dynamodb" => (
            "dynamodb:PutItem".to_owned(),
            format!("arn:aws:dynamodb:{region}:{FOREIGN_ACCOUNT}:table/stolen"),
        ),
        other => {
            let prefix = iam_prefix(other);
            (
                format!("{prefix}:Anything"),
                format!("arn:aws:{prefix}:{region}:{FOREIGN_ACCOUNT}:thing-of-a-stranger"),
            )
        }
    };
    Request {
        action,
        resource,
        principal: Principal::Arn {
            account: FOREIGN_ACCOUNT.to_owned(),
            arn: FOREIGN_ROLE.to_owned(),
        },
        context: CONTEXT
            .iter()
            .map(|(key, value)| (ContextKey::new(key), [(*value).to_owned()].into()))
            .collect(),
    }
}

/// What a key holds when a request brings it so.
fn only_key((key, values): (&ContextKey, &BTreeSet<String>)) -> (ContextKey, KeySet) {
    let patterns = Patterns {
        include: values.iter().cloned().collect(),
        exclude: Vec::new(),
    };
    let set = KeySet {
        values: Some(patterns),
        absent: false,
    };
    (key.clone(), set)
}

/// The prefix of a service's actions, where it is not the service's name.
fn iam_prefix(service: &str) -> &str {
    match service {
        "monitoring" => "cloudwatch",
        "email-smtp" => "ses",
        "elasticfilesystem" => "elasticfilesystem",
        other => other.split('.').next().unwrap_or(other),
    }
}
