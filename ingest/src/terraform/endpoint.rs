//! VPC endpoints: `aws_vpc_endpoint` and the resources that stand for one of its attributes each.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    EndpointKind, Hole, Middlebox, Route, RouteDestination, RouteOrigin, RouteState, SubnetId,
    Target, Value, VpcEndpoint, VpcEndpointId, VpcId,
};

use crate::doubt::Touches;
use crate::policy::{self, Of};
use crate::vpc_endpoint::is_state_certain;

use super::attribute::Attribute;
use super::endpoint_interface;
use super::endpoint_part;
use super::endpoint_service;
use super::identity::Thing;
use super::plan::Resource;
use super::prefix_list;
use super::reader::{Reader, shelve};
use super::removal::shown;
use super::route_table::attach;
use super::slot::Slot;

/// Reads them. What stand-alone resources add is gathered first, since an interface endpoint is
/// built as a whole.
pub(super) fn read(reader: &mut Reader<'_, '_>) {
    let plan = reader.plan;
    let mut further = Further::read(reader);
    for resource in plan.managed(&["aws_vpc_endpoint"]) {
        let own = further
            .by_endpoint
            .remove(&plan.id(resource))
            .unwrap_or_default();
        endpoint(reader, resource, &own);
    }
    for (id, own) in further.by_endpoint {
        if endpoint_part::read(reader, &id, &own) {
            continue;
        }
        for resource in own {
            reader.omit(resource, "a part of an endpoint that is not in the input");
        }
    }
}

/// The type that stands for one of the route tables of an endpoint.
const TABLES: &str = "aws_vpc_endpoint_route_table_association";

/// The resource types that stand for one attribute of an endpoint.
const FURTHER: [&str; 5] = [
    "aws_vpc_endpoint_policy",
    "aws_vpc_endpoint_private_dns",
    TABLES,
    "aws_vpc_endpoint_security_group_association",
    "aws_vpc_endpoint_subnet_association",
];

/// The stand-alone resources of each endpoint.
struct Further<'p> {
    by_endpoint: BTreeMap<String, Vec<&'p Resource<'p>>>,
}

impl<'p> Further<'p> {
    fn read(reader: &mut Reader<'p, '_>) -> Further<'p> {
        let mut by_endpoint: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for resource in reader.plan.managed(&FURTHER) {
            let attribute = resource.attribute("vpc_endpoint_id");
            match reader.settle(&attribute, Thing::VpcEndpoint) {
                Some(id) => by_endpoint.entry(id).or_default().push(resource),
                None => reader.untraced(&attribute),
            }
        }
        Further { by_endpoint }
    }
}

pub(super) fn of<'f, 'p>(
    further: &'f [&'p Resource<'p>],
    kind: &str,
) -> impl Iterator<Item = &'p Resource<'p>> + use<'f, 'p> {
    let kind = format!("aws_vpc_endpoint_{kind}");
    further
        .iter()
        .copied()
        .filter(move |resource| resource.of == kind)
}

fn endpoint<'p>(
    reader: &mut Reader<'p, '_>,
    resource: &'p Resource<'p>,
    further: &[&'p Resource<'p>],
) {
    let fitting = fitting_vpc(reader, resource);
    let Some(vpc) = reader.vpc_id_or(&resource.attribute("vpc_id"), fitting) else {
        return;
    };
    let id = VpcEndpointId::new(reader.plan.id(resource));
    let service = endpoint_service::named(reader, &resource.attribute("service_name"));
    let is_service_open = service.is_none();
    let service = service.unwrap_or_default();
    let kind = match resource.attribute("vpc_endpoint_type").text() {
        // These have no service, but an ARN.
        Some(other @ ("Resource" | "ServiceNetwork")) => {
            let what = format!("an endpoint of type {other}, and what it hands on,");
            reader.unread(resource, &what, &[Touches::Everything]);
            EndpointKind::Unmodelled(other.to_owned())
        }
        _ if is_service_open => {
            reader.not_modelled(resource, "an endpoint for a service that is not known yet");
            EndpointKind::Unmodelled("service not known".to_owned())
        }
        None | Some("Gateway") => gateway(reader, resource, further, &id, &service),
        Some("Interface") => {
            endpoint_interface::interface(reader, resource, further, &id, &vpc, &service)
        }
        Some("GatewayLoadBalancer") => gateway_load_balancer(reader, resource, further),
        Some(other) => {
            reader.not_modelled(resource, &format!("an endpoint of type {other}"));
            EndpointKind::Unmodelled(other.to_owned())
        }
    };
    let state = resource.attribute("state");
    if let Some(state) = state.text().filter(|state| !is_state_certain(state)) {
        reader.guessed(resource, &format!("what the state `{state}` means"));
    }
    let endpoint = VpcEndpoint {
        available: state
            .text()
            .is_none_or(|state| state.eq_ignore_ascii_case("available"))
            || resource.attribute("auto_accept").flag() == Some(true)
            || reader.sink.accepted_by_plans.contains(id.as_str()),
        policy: policy(reader, resource, further),
        tags: reader.tags(resource),
        id,
        vpc,
        service,
        kind,
    };
    shelve(
        &mut reader.vpc_endpoints,
        endpoint,
        resource.place(),
        reader.sink,
    );
}

/// A Gateway Load Balancer endpoint stands in one subnet. What its appliances do is in no plan.
fn gateway_load_balancer(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    further: &[&Resource<'_>],
) -> EndpointKind {
    let own = reader.members(&resource.attribute("subnet_ids"), Thing::Subnet);
    let mut subnets: BTreeSet<_> = own.list.into_iter().map(|one| one.id).collect();
    let mut is_certain = own.is_exact || !own.is_set;
    for association in of(further, "subnet_association") {
        match reader.settle(&association.attribute("subnet_id"), Thing::Subnet) {
            Some(subnet) => {
                subnets.insert(subnet);
            }
            None => is_certain = false,
        }
    }
    let mut subnets = subnets.into_iter();
    match (subnets.next(), subnets.next()) {
        (Some(subnet), None) if is_certain => EndpointKind::GatewayLoadBalancer {
            subnet: SubnetId::new(subnet),
            middlebox: Middlebox::Unknown,
        },
        (_, _) => {
            let what = "a Gateway Load Balancer endpoint whose one subnet cannot be told";
            reader.not_modelled(resource, what);
            EndpointKind::Unmodelled("GatewayLoadBalancer".to_owned())
        }
    }
}

/// The VPC of one of its subnets or route tables.
fn fitting_vpc(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) -> Option<VpcId> {
    let plan = reader.plan;
    let first = |name, thing| {
        let attribute = resource.attribute(name);
        plan.candidates(&attribute, &[thing])
            .list
            .into_iter()
            .next()
    };
    if let Some(subnet) = first("subnet_ids", Thing::Subnet) {
        return reader.subnet(&subnet.id).map(|subnet| subnet.vpc.clone());
    }
    let table = first("route_table_ids", Thing::RouteTable)?;
    let table = reader.route_tables.get(&table.id)?;
    Some(table.component.vpc.clone())
}

/// The policy: of the resource that stands for it, else of the endpoint, else AWS's default. One
/// unknown part of it makes all of it unknown, since a plan keeps a policy as one text, unless the
/// files of the plan say what the rest is. Where the plan deletes the resource that stood for it, the
/// default comes back, before or after what the endpoint itself asks for.
fn policy(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    further: &[&Resource<'_>],
) -> Value<model::Policy> {
    let alone = of(further, "policy")
        .map(|resource| resource.attribute("policy"))
        .last();
    if alone.is_none()
        && let Some(former) = shown::former_policy(reader, resource)
    {
        return if resource.is_declared("policy") {
            Value::Any(Hole::new(former))
        } else {
            Value::Known(policy::full_access())
        };
    }
    let attribute = alone.unwrap_or_else(|| resource.attribute("policy"));
    let kind = resource.attribute("vpc_endpoint_type");
    let is_gateway = kind.text().is_none_or(|kind| kind == "Gateway");
    policy_of(reader, &attribute, is_gateway)
}

/// The policy that an attribute holds.
pub(super) fn policy_of(
    reader: &mut Reader<'_, '_>,
    attribute: &Attribute<'_>,
    is_gateway: bool,
) -> Value<model::Policy> {
    if attribute.is_open() {
        let partial = attribute.partial();
        let partial =
            partial.and_then(|json| policy::read_planned(json, Of::Resource, &attribute.place()));
        return partial.map_or_else(|| Value::Any(attribute.hole()), Value::Known);
    }
    let Some(text) = attribute.text() else {
        return Value::Known(policy::full_access());
    };
    let place = attribute.place();
    let read = policy::read_of_endpoint(text, &place, is_gateway, reader.sink);
    // When it cannot be read that is an error already; nothing is claimed of it.
    read.map_or_else(|| Value::Any(attribute.hole()), Value::Known)
}

/// A gateway endpoint, with its route in each of its tables.
fn gateway(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    further: &[&Resource<'_>],
    id: &VpcEndpointId,
    service: &str,
) -> EndpointKind {
    let list = prefix_list::of_service(reader, resource, service);
    let tables = resource.attribute("route_table_ids");
    let members = reader.members(&tables, Thing::RouteTable);
    let certain = Value::Known(RouteDestination::PrefixList(list.clone()));
    let taken = ["vpc_endpoint_id", "route_table_id"];
    let taken = shown::taken(reader.plan, TABLES, taken, id.as_str());
    for table in &members.list {
        let is_taken = taken.contains(table.id.as_str());
        if is_taken && !resource.is_declared("route_table_ids") {
            continue;
        }
        let destination = if members.is_exact && !is_taken {
            certain.clone()
        } else {
            Value::Any(tables.hole())
        };
        associate(reader, resource, &table.id, id, destination);
    }
    if members.is_set && !members.is_exact && members.list.is_empty() {
        reader.may_be_earlier(&tables);
        let all: Vec<_> = reader.route_tables.keys().cloned().collect();
        for table in all {
            associate(reader, resource, &table, id, Value::Any(tables.hole()));
        }
    }
    for association in of(further, "route_table_association") {
        associate_alone(reader, association, id, &certain);
    }
    let prefix_lists = BTreeSet::from([list]);
    EndpointKind::Gateway { prefix_lists }
}

/// The route of an association of its own.
pub(super) fn associate_alone(
    reader: &mut Reader<'_, '_>,
    association: &Resource<'_>,
    id: &VpcEndpointId,
    certain: &Value<RouteDestination>,
) {
    let attribute = association.attribute("route_table_id");
    let (tables, destination) = match reader.slot(&attribute, &[Thing::RouteTable]) {
        Slot::Known(table) => (vec![table.id], certain.clone()),
        Slot::OneOf(list) => {
            let tables = list.into_iter().map(|table| table.id).collect();
            (tables, Value::Any(attribute.hole()))
        }
        Slot::Empty | Slot::Open => {
            reader.untraced(&attribute);
            return;
        }
    };
    for table in tables {
        associate(reader, association, &table, id, destination.clone());
    }
}

fn associate(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    table: &str,
    endpoint: &VpcEndpointId,
    destination: Value<RouteDestination>,
) {
    let route = Route {
        destination,
        target: Value::Known(Target::GatewayEndpoint(endpoint.clone())),
        origin: RouteOrigin::Static,
        state: RouteState::Active,
    };
    attach(reader, resource, table, route, resource.place());
}
