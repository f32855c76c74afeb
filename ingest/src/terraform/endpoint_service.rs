//! Endpoint services: `aws_vpc_endpoint_service` and `aws_vpc_endpoint_service_allowed_principal`.

use std::collections::BTreeSet;

use model::{EndpointService, EndpointServiceId, LoadBalancer, LoadBalancerId, Value, VpcEndpoint};

use super::attribute::Attribute;
use super::identity::Thing;
use super::plan::Resource;
use super::reader::{Reader, shelve};

const SERVICES: [&str; 1] = ["aws_vpc_endpoint_service"];

/// Reads them.
pub(super) fn read(reader: &mut Reader<'_, '_>) {
    for resource in reader.plan.managed(&SERVICES) {
        service(reader, resource);
    }
    let further = ["aws_vpc_endpoint_service_allowed_principal"];
    for resource in reader.plan.managed(&further) {
        principal(reader, resource);
    }
    accept(reader);
    assume_accepted(reader);
}

/// The name of the service that an endpoint is for; `None` when it is not known. A name that AWS has
/// yet to give is that attribute's own.
pub(super) fn named(reader: &mut Reader<'_, '_>, attribute: &Attribute<'_>) -> Option<String> {
    if !attribute.is_unknown() {
        return Some(attribute.text().unwrap_or_default().to_owned());
    }
    let id = reader.settle(attribute, Thing::EndpointService)?;
    let plan = reader.plan;
    let services = plan.managed(&SERVICES);
    let service = services.into_iter().find(|one| plan.id(one) == id)?;
    Some(name(service))
}

/// The private name of a service of the plan.
pub(super) fn private_name(reader: &Reader<'_, '_>, service: &str) -> BTreeSet<String> {
    let services = reader.plan.managed(&SERVICES).into_iter();
    let mut found = services.filter(|one| name(one) == service);
    let private = found.find_map(|one| {
        Some(
            one.attribute("private_dns_name")
                .text()?
                .to_ascii_lowercase(),
        )
    });
    private.into_iter().collect()
}

fn name(service: &Resource<'_>) -> String {
    let attribute = service.attribute("service_name");
    attribute
        .text()
        .map_or_else(|| attribute.name(), str::to_owned)
}

fn service(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) {
    let attribute = resource.attribute("network_load_balancer_arns");
    let members = reader.members(&attribute, Thing::LoadBalancer);
    let is_here = |reader: &mut Reader<'_, '_>, id: &str| {
        reader.load_balancers.contains_key(id) || reader.sink.get::<LoadBalancer>(id).is_some()
    };
    let is_certain = members.is_exact || !members.is_set;
    if !is_certain || !members.list.iter().all(|one| is_here(reader, &one.id)) {
        let what = "an endpoint service whose load balancers cannot be told";
        reader.leave_out(resource, what);
        return;
    }
    let balancers = members.list.iter().map(|one| LoadBalancerId::new(&one.id));
    let acceptance = resource.attribute("acceptance_required");
    let service = EndpointService {
        id: EndpointServiceId::new(reader.plan.id(resource)),
        name: name(resource),
        load_balancers: balancers.collect(),
        allowed_principals: principals(&resource.attribute("allowed_principals")),
        acceptance_required: match acceptance.flag() {
            Some(flag) => Value::Known(flag),
            None => Value::Any(acceptance.hole()),
        },
        tags: reader.tags(resource),
    };
    let place = resource.place();
    shelve(&mut reader.endpoint_services, service, place, reader.sink);
}

/// The principals of the service itself; what nobody set is none.
fn principals(attribute: &Attribute<'_>) -> Value<BTreeSet<String>> {
    if attribute.is_open() {
        return Value::Any(attribute.hole());
    }
    let mut principals = BTreeSet::new();
    for item in attribute.items() {
        match item.text() {
            Some(principal) => {
                principals.insert(principal.to_owned());
            }
            None => return Value::Any(attribute.hole()),
        }
    }
    Value::Known(principals)
}

/// A principal of a resource of its own.
fn principal(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) {
    let attribute = resource.attribute("vpc_endpoint_service_id");
    let Some(id) = reader.settle(&attribute, Thing::EndpointService) else {
        reader.untraced(&attribute);
        return;
    };
    let service = match reader.endpoint_services.get_mut(&id) {
        Some(service) => Some(&mut service.component),
        None => reader.sink.get::<EndpointService>(&id),
    };
    let Some(service) = service else {
        reader.omit(
            resource,
            "a principal of an endpoint service that is not in the input",
        );
        return;
    };
    let principal = resource.attribute("principal_arn");
    match (&mut service.allowed_principals, principal.text()) {
        (Value::Known(principals), Some(principal)) => {
            principals.insert(principal.to_owned());
        }
        (open, None) => *open = Value::Any(principal.hole()),
        (Value::OneOf(..) | Value::Any(_), Some(_)) => {}
    }
}

/// The type that accepts a connection.
const ACCEPTER: &str = "aws_vpc_endpoint_connection_accepter";

/// Accepts what waits for it. An endpoint that the plan leaves as it is shows its state before.
fn accept(reader: &mut Reader<'_, '_>) {
    for resource in reader.plan.managed(&[ACCEPTER]) {
        let attribute = resource.attribute("vpc_endpoint_id");
        let Some(id) = reader.settle(&attribute, Thing::VpcEndpoint) else {
            reader.may_be_earlier(&attribute);
            continue;
        };
        let endpoint = match reader.vpc_endpoints.get_mut(&id) {
            Some(endpoint) => Some(&mut endpoint.component),
            None => reader.sink.get::<VpcEndpoint>(&id),
        };
        let state = resource.attribute("vpc_endpoint_state");
        if let Some(endpoint) = endpoint {
            endpoint.available |= resource.is_created || state.text() == Some("available");
        }
    }
}

/// A connection that its owner has to accept is taken to be accepted, when nothing in the plan does it.
fn assume_accepted(reader: &mut Reader<'_, '_>) {
    let plan = reader.plan;
    if !plan.managed(&[ACCEPTER]).is_empty() {
        return;
    }
    let accepting: BTreeSet<_> = plan
        .managed(&["aws_vpc_endpoint"])
        .into_iter()
        .filter(|one| one.attribute("state").text().is_none())
        .filter(|one| one.attribute("auto_accept").flag() != Some(true))
        .map(|one| plan.id(one))
        .collect();
    let services = reader.endpoint_services.values().map(|one| &one.component);
    let services: BTreeSet<_> = services
        .chain(&reader.sink.draft.endpoint_services)
        .filter(|one| one.acceptance_required != Value::Known(false))
        .map(|one| one.name.clone())
        .collect();
    let endpoints = reader.vpc_endpoints.values().map(|one| &one.component);
    let waits =
        |one: &&VpcEndpoint| accepting.contains(one.id.as_str()) && services.contains(&one.service);
    let waiting: Vec<_> = endpoints.filter(waits).map(|one| one.id.clone()).collect();
    for endpoint in waiting {
        let text = format!(
            "the connection of `{endpoint}` is taken to be accepted by the owner of its service"
        );
        reader.sink.assume("endpoint-acceptance", text);
    }
}
