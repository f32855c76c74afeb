//! `endpoint-name-public`: the name of a service means public addresses beside its endpoint.

use std::collections::BTreeSet;

use model::{Answer, Asker, ComponentId, EndpointKind, NetworkInterfaceId, VpcEndpoint, VpcId};

use super::question::{gateway_endpoints, interface_endpoints, workloads};
use super::{Fault, Run};
use crate::invariant_file::Severity;
use crate::judge::{Disagreement, Reason};
use crate::render::names;
use crate::report::{Advice, Subject};
use crate::selector::short_service_name;

pub(super) fn run(run: &mut Run<'_>) -> Result<(), Disagreement> {
    for (endpoint, interfaces) in interface_endpoints(run.network) {
        let Some(vpc) = run.network.vpcs().get(&endpoint.vpc) else {
            continue;
        };
        let EndpointKind::Interface { private_dns, .. } = endpoint.kind else {
            continue;
        };
        let works = private_dns && vpc.dns_support && vpc.dns_hostnames;
        let Some(name) = default_name(endpoint).filter(|_| !works) else {
            continue;
        };
        let resolution = run.judge.resolve(&Asker::Vpc(vpc.id.clone()), &name)?;
        let means = match &resolution.answer {
            Answer::PublicService(_) | Answer::Dns64(_) => "means public addresses",
            Answer::NoAnswer => "is not answered",
            Answer::Undetermined(hole) => {
                run.reasons.insert(Reason::DependsOn(hole.clone()));
                continue;
            }
            Answer::Interfaces(_) | Answer::Addresses(_) => continue,
        };
        if serves_elsewhere(run, &vpc.id, interfaces, &name)? {
            continue;
        }
        let why = if !private_dns {
            "its private DNS is off"
        } else if !vpc.dns_support {
            "the VPC's enableDnsSupport is off"
        } else {
            "the VPC's enableDnsHostnames is off"
        };
        let component = ComponentId::VpcEndpoint(endpoint.id.clone());
        let shown = names::component(run.network, &component);
        let place = names::component(run.network, &ComponentId::Vpc(vpc.id.clone()));
        let subject = Subject {
            component,
            rule: None,
        };
        let text = format!("`{name}` {means} in {place} although it has {shown}: {why}");
        if beside_gateway(run, endpoint) {
            run.advice.push(Advice {
                code: run.code,
                text: format!("{text}; the gateway endpoint beside it takes what goes there"),
                subject,
            });
            continue;
        }
        run.structural(Fault {
            name: endpoint.id.to_string(),
            severity: Severity::Medium,
            sentence: text,
            notes: vec![format!("decided by {}", resolution.clause)],
            subjects: vec![subject],
        });
    }
    Ok(())
}

/// Whether an endpoint is a central one: in a VPC without workloads, and meant by the name in
/// another VPC that has some.
fn serves_elsewhere(
    run: &Run<'_>,
    vpc: &VpcId,
    interfaces: &BTreeSet<NetworkInterfaceId>,
    name: &str,
) -> Result<bool, Disagreement> {
    if !workloads(run.network, vpc).is_empty() {
        return Ok(false);
    }
    for other in run.network.vpcs().keys() {
        if workloads(run.network, other).is_empty() {
            continue;
        }
        let answer = run.judge.resolve(&Asker::Vpc(other.clone()), name)?.answer;
        if matches!(&answer, Answer::Interfaces(meant) if !meant.is_disjoint(interfaces)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the VPC has a gateway endpoint for the same service, as is usual for S3.
fn beside_gateway(run: &Run<'_>, endpoint: &VpcEndpoint) -> bool {
    gateway_endpoints(run.network)
        .any(|(gateway, _)| gateway.vpc == endpoint.vpc && gateway.service == endpoint.service)
}

/// The service's own name (`dns.md`); none for what has no private DNS.
fn default_name(endpoint: &VpcEndpoint) -> Option<String> {
    let service = short_service_name(&endpoint.service);
    let (_, rest) = endpoint.service.split_once("com.amazonaws.")?;
    let (region, _) = rest.split_once('.')?;
    if region == "vpce" || service.starts_with("dynamodb") {
        return None;
    }
    let mut labels: Vec<&str> = service.split('.').collect();
    labels.reverse();
    Some(format!("{}.{region}.amazonaws.com", labels.join(".")))
}
