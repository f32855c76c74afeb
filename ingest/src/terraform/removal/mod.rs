//! What the change takes away of the network of an earlier input.
//!
//! A plan lists what will be; what it deletes is not in the list, and a snapshot before it has it. The
//! parts of what stays (routes, rules, associations) are taken out of it. What carries packets is
//! taken away, or does not work any more, as AWS leaves it: a route to what is gone is a blackhole.
//! A subnet, table or ACL that is deleted decides nothing once nothing is in it, and stays, as does a
//! group that something has.
//! Of all else nothing is certain: it is a guess that it is still there.

mod group;
mod instance;
mod part;
pub(super) mod shown;
mod update;

use std::collections::BTreeSet;

use model::{
    Attachment, ComponentId, EndpointKind, Hole, InternetGateway, NatGateway, NetworkDraft,
    NetworkInterface, Peering, RegisteredTarget, Route, RouteState, RuleIndex, Subnet, Target,
    TargetDestination, Value, VirtualPrivateGateway, VpcEndpoint,
};

use crate::doubt::Touches;

use super::identity;
use super::network_acl;
use super::plan::Resource;
use super::reader::Reader;
use super::unmodelled;

pub(super) use instance::released;

/// Types of which nothing is left that decides, once what is in them or uses them is gone; and those
/// whose deletion their own readers look for.
const DECIDE_NOTHING: [&str; 26] = [
    "aws_default_network_acl",
    "aws_default_route_table",
    "aws_default_security_group",
    "aws_default_subnet",
    "aws_default_vpc",
    "aws_ec2_client_vpn_authorization_rule",
    "aws_ec2_client_vpn_route",
    "aws_ec2_managed_prefix_list",
    "aws_ec2_tag",
    "aws_ec2_transit_gateway_prefix_list_reference",
    "aws_ec2_transit_gateway_route",
    "aws_ec2_transit_gateway_route_table_association",
    "aws_ec2_transit_gateway_route_table_propagation",
    "aws_alb_listener",
    "aws_alb_target_group_attachment",
    "aws_lb_listener",
    "aws_lb_target_group_attachment",
    "aws_security_group",
    "aws_vpc",
    "aws_vpc_block_public_access_exclusion",
    "aws_vpc_block_public_access_options",
    "aws_vpc_dhcp_options",
    "aws_vpc_peering_connection_options",
    "aws_vpn_connection",
    "aws_vpn_connection_route",
    "aws_vpn_gateway_route_propagation",
];

/// Takes away what the change deletes, and the parts that it deletes or writes anew.
pub(super) fn read(reader: &mut Reader<'_, '_>) {
    shown::doubt(reader);
    if reader.sink.draft == NetworkDraft::default() {
        return;
    }
    let plan = reader.plan;
    let mut gone = BTreeSet::new();
    for former in plan.former.iter().chain(&plan.deposed) {
        let is_gone = is_gone(reader, former);
        if !is_gone {
            update::take(reader, former, &mut gone);
        }
        if !part::take(reader, former, is_gone) && is_gone && !whole(reader, former, &mut gone) {
            doubt(reader, former);
        }
    }
    interfaces(reader, &gone);
    group::take(reader);
}

/// Whether the resource itself is not there any more, rather than changed.
pub(super) fn is_gone(reader: &Reader<'_, '_>, former: &Resource<'_>) -> bool {
    let has_id = former.attribute("id").text().is_some();
    let id = identity::own_id(former);
    !has_id || reader.plan.made(&[former.of], &id).is_none()
}

/// Says that what is deleted may be there still in the network that is read.
fn doubt(reader: &mut Reader<'_, '_>, former: &Resource<'_>) {
    if DECIDE_NOTHING.contains(&former.of) || !unmodelled::matters(former) {
        return;
    }
    doubt_of(reader, former);
}

/// Says that nothing is certain without knowing what a former resource leaves.
pub(super) fn doubt_of(reader: &mut Reader<'_, '_>, former: &Resource<'_>) {
    let hole = Hole::new(former.address);
    reader.sink.open_attribute(Touches::Everything, &hole, true);
}

/// Takes routes out of the tables of earlier inputs.
fn take_routes(reader: &mut Reader<'_, '_>, is_taken: impl Fn(&str, &Route) -> bool) {
    let sink = &mut *reader.sink;
    for table in &mut sink.draft.route_tables {
        let id = table.id.clone();
        while let Some(position) = table
            .routes
            .iter()
            .position(|route| is_taken(id.as_str(), route))
        {
            table.routes.remove(position);
            let component = ComponentId::RouteTable(id.clone());
            sink.provenance
                .forget_rule(&component, RuleIndex::Route(position));
        }
    }
}

fn leads_to_endpoint(route: &Route, endpoint: &str) -> bool {
    matches!(route.target.known(), Some(Target::GatewayEndpoint(id)) if id.as_str() == endpoint)
}

/// Leaves subnets to the main table of their VPC.
fn disassociate(reader: &mut Reader<'_, '_>, is_one: impl Fn(&Subnet) -> bool) {
    let subnets = reader.sink.draft.subnets.iter_mut();
    for subnet in subnets.filter(|subnet| is_one(subnet)) {
        subnet.route_table = None;
    }
}

/// Leaves a gateway without a table for what comes in by it.
fn leave_edge(reader: &mut Reader<'_, '_>, gateway: &str, table: &str) {
    let table = Some(table.into());
    let sink = &mut *reader.sink;
    if let Some(gateway) = sink.get::<InternetGateway>(gateway)
        && gateway.edge_route_table == table
    {
        gateway.edge_route_table = None;
    }
    if let Some(gateway) = sink.get::<VirtualPrivateGateway>(gateway)
        && gateway.edge_route_table == table
    {
        gateway.edge_route_table = None;
    }
}

/// Leaves subnets to the default ACL of their VPC, and nothing says which one that is.
fn open_acl(reader: &mut Reader<'_, '_>, is_one: impl Fn(&Subnet) -> bool) {
    let subnets = reader.sink.draft.subnets.iter_mut();
    for subnet in subnets.filter(|subnet| is_one(subnet)) {
        subnet.network_acl = Value::Any(Hole::new(format!("network ACL of {}", subnet.id)));
    }
}

fn detach(reader: &mut Reader<'_, '_>, id: &str) {
    if let Some(gateway) = reader.sink.get::<InternetGateway>(id) {
        gateway.vpc = None;
    }
    blackholes(
        reader,
        |target| matches!(target, Target::InternetGateway(of) if of.as_str() == id),
    );
}

/// The routes to what is gone, which AWS leaves.
fn blackholes(reader: &mut Reader<'_, '_>, is_gone: impl Fn(&Target) -> bool) {
    for table in &mut reader.sink.draft.route_tables {
        for route in &mut table.routes {
            if route.target.known().is_some_and(&is_gone) {
                route.state = RouteState::Blackhole;
            }
        }
    }
}

/// Takes a thing away; whether it is one of which it is known how. Interfaces are gathered, since much
/// refers to them.
fn whole(reader: &mut Reader<'_, '_>, former: &Resource<'_>, gone: &mut BTreeSet<String>) -> bool {
    let Some(id) = former.attribute("id").text().map(str::to_owned) else {
        return false;
    };
    let id = id.as_str();
    match former.of {
        "aws_instance" => {
            instance::interfaces(reader, former, id, gone);
        }
        "aws_network_interface" => {
            gone.insert(id.to_owned());
        }
        "aws_nat_gateway" => {
            if let Some(gateway) = reader.sink.get::<NatGateway>(id) {
                gateway.available = false;
            }
            blackholes(
                reader,
                |target| matches!(target, Target::NatGateway(of) if of.as_str() == id),
            );
        }
        "aws_internet_gateway" => detach(reader, id),
        "aws_egress_only_internet_gateway" => blackholes(
            reader,
            |target| matches!(target, Target::EgressOnlyInternetGateway(of) if of.as_str() == id),
        ),
        "aws_vpc_peering_connection" => {
            if let Some(peering) = reader.sink.get::<Peering>(id) {
                peering.active = false;
            }
            blackholes(
                reader,
                |target| matches!(target, Target::Peering(of) if of.as_str() == id),
            );
        }
        "aws_vpc_endpoint" => endpoint(reader, id),
        "aws_vpc_endpoint_subnet_association" => {
            let ends = [
                former.attribute("vpc_endpoint_id"),
                former.attribute("subnet_id"),
            ];
            let [Some(endpoint), Some(subnet)] = ends.each_ref().map(|end| end.text()) else {
                return false;
            };
            let own = Attachment::VpcEndpoint(endpoint.into());
            let interfaces = reader.sink.draft.network_interfaces.iter();
            let within =
                interfaces.filter(|one| one.subnet.as_str() == subnet && one.attachment == own);
            gone.extend(within.map(|one| one.id.to_string()));
        }
        "aws_subnet" => {
            let interfaces = reader.sink.draft.network_interfaces.iter();
            let within = interfaces.filter(|one| {
                one.subnet.as_str() == id && matches!(one.attachment, Attachment::Ordinary { .. })
            });
            gone.extend(within.map(|one| one.id.to_string()));
        }
        "aws_route_table" => disassociate(reader, |one| {
            one.route_table.as_ref().and_then(Value::known) == Some(&id.into())
        }),
        "aws_network_acl" => {
            open_acl(reader, |one| network_acl::may_be(&one.network_acl, id));
        }
        _ => return false,
    }
    true
}

fn endpoint(reader: &mut Reader<'_, '_>, id: &str) {
    let Some(endpoint) = reader.sink.get::<VpcEndpoint>(id) else {
        return;
    };
    endpoint.available = false;
    if let EndpointKind::Interface {
        private_dns,
        private_names,
        specific_names,
        ..
    } = &mut endpoint.kind
    {
        *private_dns = false;
        private_names.clear();
        *specific_names = Value::Known(BTreeSet::new());
    }
    take_routes(reader, |_, route| leads_to_endpoint(route, id));
    blackholes(
        reader,
        |target| matches!(target, Target::GatewayLoadBalancerEndpoint(of) if of.as_str() == id),
    );
}

/// Takes interfaces away, and what refers to them. One that the plan manages stays.
fn interfaces(reader: &mut Reader<'_, '_>, gone: &BTreeSet<String>) {
    let plan = reader.plan;
    let is_gone =
        |id: &str| gone.contains(id) && plan.made(&["aws_network_interface"], id).is_none();
    let draft = &mut reader.sink.draft;
    for endpoint in &mut draft.vpc_endpoints {
        if let EndpointKind::Interface {
            interfaces,
            specific_names,
            ..
        } = &mut endpoint.kind
        {
            interfaces.retain(|id| !is_gone(id.as_str()));
            if let Value::Known(names) = specific_names {
                names.retain(|name| {
                    let interface = name.interface.as_ref();
                    interface.is_none_or(|id| !is_gone(id.as_str()))
                });
            }
        }
    }
    for group in &mut draft.target_groups {
        if let Value::Known(targets) = &mut group.targets {
            targets.retain(|RegisteredTarget { destination, .. }| match destination {
                TargetDestination::Interface(id) => !is_gone(id.as_str()),
                TargetDestination::Address(_) | TargetDestination::LoadBalancer(_) => true,
            });
        }
    }
    for table in &mut draft.route_tables {
        for route in &mut table.routes {
            if let Some(Target::NetworkInterface(id)) = route.target.known()
                && is_gone(id.as_str())
            {
                let id = id.to_string();
                let kind = "network-interface".to_owned();
                route.target = Value::Known(Target::Unmodelled { kind, id });
                route.state = RouteState::Blackhole;
            }
        }
    }
    reader
        .sink
        .remove::<NetworkInterface>(|one| is_gone(one.id.as_str()));
}
