//! `describe-vpc-endpoints`, and the private names of `describe-vpc-endpoint-services`.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    EndpointKind, EndpointName, Hole, Middlebox, NetworkInterfaceId, Policy, PrefixListId,
    SubnetId, Value, VpcEndpoint, VpcEndpointId, VpcId,
};

use super::snapshot::Snapshot;
use crate::doubt::Touches;
use crate::json::Cursor;
use crate::policy;
use crate::sink::Sink;
use crate::vpc_endpoint::{self, is_state_certain};

/// What other calls say of endpoints.
struct Surroundings<'a> {
    /// The prefix lists that routes of any table point to each endpoint.
    routed: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// The prefix lists by name.
    named: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// The private names of services.
    private_names: BTreeMap<&'a str, BTreeSet<String>>,
    /// The subnet of each interface.
    subnets: BTreeMap<&'a str, &'a str>,
    /// The zone of each interface.
    zones: BTreeMap<&'a str, &'a str>,
}

/// Reads the endpoints.
pub(super) fn read(snapshot: &Snapshot<'_>, sink: &mut Sink) {
    let surroundings = Surroundings {
        routed: routed(snapshot),
        named: named(snapshot),
        private_names: private_names(snapshot),
        subnets: subnets(snapshot),
        zones: zones(snapshot),
    };
    for cursor in snapshot.cursors("VpcEndpoints") {
        if let Some(endpoint) = endpoint(cursor, &surroundings, sink) {
            sink.add(endpoint, cursor.place());
        }
    }
}

fn endpoint(
    cursor: &Cursor<'_>,
    surroundings: &Surroundings<'_>,
    sink: &mut Sink,
) -> Option<VpcEndpoint> {
    let id = cursor.required_text("VpcEndpointId", sink);
    let vpc = cursor.required_text("VpcId", sink);
    let state = cursor.required_text("State", sink);
    let kind = cursor.required_text("VpcEndpointType", sink);
    let (id, vpc, state, kind) = (id?, vpc?, state?, kind?);
    let service = match kind {
        "Gateway" | "Interface" => cursor.required_text("ServiceName", sink)?,
        // Resource and service network endpoints have an ARN instead.
        _ => cursor.text("ServiceName", sink).unwrap_or_default(),
    };
    let read_policy = |sink: &mut Sink| match cursor.get("PolicyDocument") {
        Some(field) => {
            let text = field.as_text(sink)?;
            let is_gateway = kind == "Gateway";
            policy::read_of_endpoint(text, &field.place(), is_gateway, sink).map(Value::Known)
        }
        None if cursor.is_of_config() => Some(Value::Any(Hole::new(format!("policy of {id}")))),
        None => Some(Value::Known(policy::full_access())),
    };
    let (kind, policy): (EndpointKind, Value<Policy>) = match kind {
        "Gateway" => {
            let named = surroundings.named.get(service).into_iter().flatten();
            let routed = surroundings.routed.get(id).into_iter().flatten();
            let prefix_lists = named.chain(routed).map(PrefixListId::new).collect();
            (EndpointKind::Gateway { prefix_lists }, read_policy(sink)?)
        }
        "Interface" => {
            let kind = interface_endpoint(id, service, cursor, surroundings, sink);
            (kind, read_policy(sink)?)
        }
        "GatewayLoadBalancer" => {
            let kind = gateway_load_balancer_endpoint(id, cursor, surroundings, sink);
            (kind, read_policy(sink)?)
        }
        other => {
            let what = format!("an endpoint of type `{other}`");
            sink.not_modelled(cursor.place(), id, &what);
            // What it takes arrives elsewhere, as with an endpoint service.
            let what = format!("{id} (what it hands on, as {what})");
            sink.unread(Touches::Everything, what, false);
            let policy = Value::Any(Hole::new(format!("policy of {id}")));
            (EndpointKind::Unmodelled(other.to_owned()), policy)
        }
    };
    if !is_state_certain(state) {
        let what = format!("{id} (what the state `{state}` means)");
        sink.unread(Touches::Everything, what, true);
    }
    Some(VpcEndpoint {
        id: VpcEndpointId::new(id),
        vpc: VpcId::new(vpc),
        service: service.to_owned(),
        available: state.eq_ignore_ascii_case("available"),
        kind,
        policy,
        tags: cursor.aws_tags("Tags", sink),
    })
}

/// It stands in one subnet, that of its interface.
fn gateway_load_balancer_endpoint(
    id: &str,
    cursor: &Cursor<'_>,
    surroundings: &Surroundings<'_>,
    sink: &mut Sink,
) -> EndpointKind {
    let interfaces = cursor.texts("NetworkInterfaceIds", sink);
    let subnets = cursor.texts("SubnetIds", sink);
    let subnets = subnets.into_iter().chain(
        interfaces
            .iter()
            .filter_map(|interface| surroundings.subnets.get(interface).copied()),
    );
    let subnets: BTreeSet<_> = subnets.collect();
    let mut subnets = subnets.into_iter();
    match (subnets.next(), subnets.next()) {
        (Some(subnet), None) => EndpointKind::GatewayLoadBalancer {
            subnet: SubnetId::new(subnet),
            middlebox: Middlebox::Unknown,
        },
        (_, _) => {
            let what = "a Gateway Load Balancer endpoint that is not in exactly one subnet";
            sink.not_modelled(cursor.place(), id, what);
            EndpointKind::Unmodelled("GatewayLoadBalancer".to_owned())
        }
    }
}

fn interface_endpoint(
    id: &str,
    service: &str,
    cursor: &Cursor<'_>,
    surroundings: &Surroundings<'_>,
    sink: &mut Sink,
) -> EndpointKind {
    let interfaces = cursor.texts("NetworkInterfaceIds", sink);
    let mut private_names = BTreeSet::new();
    let mut specific_names = BTreeSet::new();
    for entry in cursor.list("DnsEntries", sink) {
        let Some(name) = entry.text("DnsName", sink) else {
            continue;
        };
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        if is_specific(&name) {
            let interface = interfaces.iter().find(|interface| {
                let zone = surroundings.zones.get(*interface);
                zone.is_some_and(|zone| is_zonal(&name, zone))
            });
            let interface = interface.map(NetworkInterfaceId::new);
            specific_names.insert(EndpointName { name, interface });
        } else {
            private_names.insert(name);
        }
    }
    let private_dns = cursor.flag("PrivateDnsEnabled", sink).unwrap_or(false);
    if private_dns && private_names.is_empty() {
        private_names = match surroundings.private_names.get(service) {
            Some(names) => names.clone(),
            None => default_names(service),
        };
        let names: Vec<_> = private_names.iter().map(String::as_str).collect();
        let text = format!(
            "`{id}` has private DNS but its `DnsEntries` do not list the names: taken to be {}",
            names.join(", ")
        );
        sink.assume("private-names-default", text);
    }
    let options = cursor.get("DnsOptions");
    if options.is_none() && private_dns && cursor.is_of_config() && has_gateway_too(service) {
        let what = format!("`DnsOptions` of `{id}` are not recorded");
        sink.not_recorded(Touches::Names, what);
    }
    let inbound_only =
        options.and_then(|options| options.flag("PrivateDnsOnlyForInboundResolverEndpoint", sink));
    EndpointKind::Interface {
        private_dns,
        private_dns_inbound_only: inbound_only.unwrap_or(false),
        private_names,
        specific_names: if specific_names.is_empty() && !interfaces.is_empty() {
            Value::Any(Hole::new(format!("DnsEntries of {id}")))
        } else {
            Value::Known(specific_names)
        },
        interfaces: interfaces.iter().map(NetworkInterfaceId::new).collect(),
    }
}

/// Whether a service has gateway endpoints besides: only then may its private names be for inbound
/// resolver endpoints alone.
fn has_gateway_too(service: &str) -> bool {
    [".s3", ".dynamodb"]
        .iter()
        .any(|end| service.ends_with(end))
}

/// Whether a name is the endpoint's own, as against the service's.
fn is_specific(name: &str) -> bool {
    [".vpce.amazonaws.com", ".vpce.amazonaws.com.cn"]
        .iter()
        .any(|end| name.ends_with(end))
}

/// Whether an endpoint's own name is that of a zone: `vpce-0a1b-2c3d-<zone>.sqs.…`.
fn is_zonal(name: &str, zone: &str) -> bool {
    name.contains(&format!("-{zone}."))
}

fn default_names(service: &str) -> BTreeSet<String> {
    let mut labels = service.split('.').skip(2);
    let Some(region) = labels.next() else {
        return BTreeSet::new();
    };
    let labels: Vec<_> = labels.collect();
    vpc_endpoint::default_names(region, &labels.join("."))
}

fn text<'a>(cursor: &Cursor<'a>, key: &str) -> Option<&'a str> {
    cursor.value().get(key).and_then(|field| field.as_str())
}

fn routed<'a>(snapshot: &Snapshot<'a>) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let mut routed: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for table in snapshot.cursors("RouteTables") {
        let routes = table.value().get("Routes").and_then(|list| list.as_array());
        for route in routes.into_iter().flatten() {
            let text = |key| route.get(key).and_then(crate::json::Value::as_str);
            if let (Some(list), Some(target)) = (text("DestinationPrefixListId"), text("GatewayId"))
            {
                routed.entry(target).or_default().insert(list);
            }
        }
    }
    routed
}

fn named<'a>(snapshot: &Snapshot<'a>) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let mut named: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for list in snapshot.cursors("PrefixLists") {
        let owner = text(list, "OwnerId");
        let name = text(list, "PrefixListName");
        if let (Some(name), Some(id)) = (name, text(list, "PrefixListId"))
            && owner.is_none_or(|owner| owner == "AWS")
        {
            named.entry(name).or_default().insert(id);
        }
    }
    named
}

fn private_names<'a>(snapshot: &Snapshot<'a>) -> BTreeMap<&'a str, BTreeSet<String>> {
    let mut names: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    // A service of the input has its private name in its own description.
    let own = snapshot.cursors("ServiceConfigurations");
    for service in own.chain(snapshot.cursors("ServiceDetails")) {
        let Some(service_name) = text(service, "ServiceName") else {
            continue;
        };
        let list = service.value().get("PrivateDnsNames");
        let list = list.and_then(|list| list.as_array());
        let mut found: BTreeSet<_> = list
            .into_iter()
            .flatten()
            .filter_map(|name| name.get("PrivateDnsName")?.as_str())
            .map(str::to_ascii_lowercase)
            .collect();
        found.extend(text(service, "PrivateDnsName").map(str::to_ascii_lowercase));
        if !found.is_empty() {
            names.insert(service_name, found);
        }
    }
    names
}

fn subnets<'a>(snapshot: &Snapshot<'a>) -> BTreeMap<&'a str, &'a str> {
    let interfaces = snapshot.cursors("NetworkInterfaces");
    let of = |interface: &Cursor<'a>| {
        let subnet = text(interface, "SubnetId")?;
        Some((text(interface, "NetworkInterfaceId")?, subnet))
    };
    interfaces.filter_map(of).collect()
}

fn zones<'a>(snapshot: &Snapshot<'a>) -> BTreeMap<&'a str, &'a str> {
    let subnets = snapshot.cursors("Subnets");
    let zones: BTreeMap<_, _> = subnets
        .filter_map(|subnet| Some((text(subnet, "SubnetId")?, text(subnet, "AvailabilityZone")?)))
        .collect();
    let interfaces = self::subnets(snapshot).into_iter();
    interfaces
        .filter_map(|(interface, subnet)| Some((interface, *zones.get(subnet)?)))
        .collect()
}
