//! Endpoint services: `describe-vpc-endpoint-service-configurations` and
//! `describe-vpc-endpoint-service-permissions`.

use std::collections::{BTreeMap, BTreeSet};

use model::{EndpointService, EndpointServiceId, Hole, LoadBalancer, LoadBalancerId, Value};

use super::snapshot::{PERMISSIONS, Snapshot};
use crate::diagnostic::{Code, Diagnostic};
use crate::json::Cursor;
use crate::load_balancer::short;
use crate::sink::Sink;

/// How their ids begin.
const ID: &str = "vpce-svc-";

type Principals = BTreeMap<String, BTreeSet<String>>;

/// Reads the endpoint services of the input's accounts.
pub(super) fn read(snapshot: &Snapshot<'_>, sink: &mut Sink) {
    let principals = principals(snapshot, sink);
    for cursor in snapshot.cursors("ServiceConfigurations") {
        if let Some(service) = service(cursor, &principals, sink) {
            sink.add(service, cursor.place());
        }
    }
}

fn service(
    cursor: &Cursor<'_>,
    principals: &Principals,
    sink: &mut Sink,
) -> Option<EndpointService> {
    let id = cursor.required_text("ServiceId", sink);
    let name = cursor.required_text("ServiceName", sink);
    let balancers = cursor.texts("NetworkLoadBalancerArns", sink);
    let (id, name) = (id?, name?);
    if let Some("Deleting" | "Deleted" | "Failed") = cursor.text("ServiceState", sink) {
        return None;
    }
    let mut load_balancers = BTreeSet::new();
    for balancer in balancers.into_iter().map(short) {
        if sink.get::<LoadBalancer>(balancer).is_none() {
            let what = format!(
                "an endpoint service in front of `{balancer}`, of which no interface is in the input,"
            );
            sink.left_out(cursor.place(), id, &what);
            return None;
        }
        load_balancers.insert(LoadBalancerId::new(balancer));
    }
    let acceptance_required = match cursor.flag("AcceptanceRequired", sink) {
        Some(flag) => Value::Known(flag),
        None => Value::Any(Hole::new(format!("AcceptanceRequired of {id}"))),
    };
    let allowed_principals = match principals.get(id) {
        Some(principals) => Value::Known(principals.clone()),
        None => Value::Any(Hole::new(format!(
            "allowed principals of {id} ({PERMISSIONS})"
        ))),
    };
    Some(EndpointService {
        id: EndpointServiceId::new(id),
        name: name.to_owned(),
        load_balancers,
        allowed_principals,
        acceptance_required,
        tags: cursor.aws_tags("Tags", sink),
    })
}

/// The principals that may use each service: each says which it is of, or the file's name does.
fn principals(snapshot: &Snapshot<'_>, sink: &mut Sink) -> Principals {
    let mut principals = Principals::new();
    for of_subject in snapshot.of_subjects(PERMISSIONS) {
        let named = Some(of_subject.subject).filter(|subject| subject.starts_with(ID));
        if let Some(service) = named {
            principals.entry(service.to_owned()).or_default();
        }
        let items = of_subject.cursor.as_list(sink);
        let is_said = |item: &Cursor<'_>| item.get("ServiceId").is_some();
        if named.is_none() && (items.is_empty() || !items.iter().all(is_said)) {
            let message = "the file's name does not say which endpoint service these are of";
            let place = of_subject.cursor.place();
            let diagnostic = Diagnostic::error(place, Code::MissingField, message);
            sink.push(diagnostic.help(format!("name it `{PERMISSIONS}-<service id>.json`")));
            continue;
        }
        for item in items {
            let service = item.text("ServiceId", sink).or(named);
            let principal = item.required_text("Principal", sink);
            if let (Some(service), Some(principal)) = (service, principal) {
                let of_service = principals.entry(service.to_owned()).or_default();
                of_service.insert(principal.to_owned());
            }
        }
    }
    principals
}
