//! Reading a native file: table by table, then what it implies.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{
    Attachment, Cidr, EndpointKind, NetworkInterface, NetworkInterfaceId, RouteTable, RouteTableId,
    SubnetId, Tags, Target, TransitGatewayId, Value, VpcEndpointId, VpcId,
};

use super::account;
use super::client_vpn;
use super::components;
use super::dns;
use super::endpoint;
use super::load_balancer;
use super::table::{Source, Table};
use super::transit_gateway;
use super::{local_routes, main_route_table, open_acl, open_acl_name};
use crate::client_vpn::CLIENT_VPN_INTERFACE;
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::sink::{Component, KINDS, Sink};
use crate::toml_error::{self, Kind as MistakeKind, Mistake};

/// The largest native file that is read: 8 MiB. Parsing takes some seventy times as much memory.
pub(crate) const MAX_FILE_BYTES: usize = 8 * 1024 * 1024;

/// What components need to know of the whole file.
#[derive(Default)]
pub(super) struct Defaults {
    /// The only VPC, which need not be named.
    pub(super) vpc: Option<VpcId>,
    /// The blocks of each VPC, for local routes.
    pub(super) cidrs: BTreeMap<VpcId, Vec<Cidr>>,
    /// The VPCs whose main route table is implied unless it is defined.
    pub(super) main_tables: BTreeSet<VpcId>,
    /// The VPCs with a subnet whose network ACL is implied unless it is defined.
    pub(super) open_acls: BTreeSet<VpcId>,
    /// The subnet of each interface, for NAT gateways.
    pub(super) subnets: BTreeMap<NetworkInterfaceId, SubnetId>,
    /// The transit gateways, the only one of which need not be named.
    pub(super) transit_gateways: BTreeSet<TransitGatewayId>,
}

/// Reads a native file into the sink.
pub(crate) fn read_into(text: &str, file: &Arc<str>, sink: &mut Sink) {
    if text.len() > MAX_FILE_BYTES {
        let message = format!("the file is larger than {MAX_FILE_BYTES} bytes, as TOML");
        let diagnostic = Diagnostic::error(Place::file(file.clone()), Code::FileTooLarge, message);
        sink.push(diagnostic.help("expected a native network file, which people write"));
        return;
    }
    sink.seen.extend(KINDS);
    let source = Source::new(text, file);
    let entries = match toml_error::parse(text) {
        Ok(entries) => entries,
        Err(mistakes) => {
            for mistake in mistakes {
                sink.push(syntax(mistake, &source));
            }
            return;
        }
    };
    let root = Table::root(&source, &entries);
    let mut defaults = Defaults::default();
    // VPCs come first, since the other tables refer to the only one, and NAT gateways last, since
    // they stand in the subnet of their interface.
    each(&root, "vpc", &mut defaults, sink, components::vpc);
    let mut vpcs = defaults.cidrs.keys();
    defaults.vpc = match (vpcs.next(), vpcs.next()) {
        (Some(vpc), None) => Some(vpc.clone()),
        (_, _) => None,
    };
    each(&root, "subnet", &mut defaults, sink, components::subnet);
    each(
        &root,
        "prefix-list",
        &mut defaults,
        sink,
        components::prefix_list,
    );
    each(
        &root,
        "interface",
        &mut defaults,
        sink,
        components::interface,
    );
    each(
        &root,
        "internet-gateway",
        &mut defaults,
        sink,
        components::internet_gateway,
    );
    each(
        &root,
        "egress-only-internet-gateway",
        &mut defaults,
        sink,
        components::egress_only_internet_gateway,
    );
    each(
        &root,
        "virtual-private-gateway",
        &mut defaults,
        sink,
        components::virtual_private_gateway,
    );
    each(
        &root,
        "direct-connect-association",
        &mut defaults,
        sink,
        components::direct_connect_association,
    );
    each(
        &root,
        "client-vpn-endpoint",
        &mut defaults,
        sink,
        client_vpn::endpoint,
    );
    each(&root, "peering", &mut defaults, sink, components::peering);
    each(&root, "endpoint", &mut defaults, sink, endpoint::endpoint);
    each(
        &root,
        "nat-gateway",
        &mut defaults,
        sink,
        components::nat_gateway,
    );
    each(
        &root,
        "load-balancer",
        &mut defaults,
        sink,
        load_balancer::load_balancer,
    );
    each(
        &root,
        "target-group",
        &mut defaults,
        sink,
        load_balancer::target_group,
    );
    each(
        &root,
        "endpoint-service",
        &mut defaults,
        sink,
        load_balancer::endpoint_service,
    );
    each(&root, "hosted-zone", &mut defaults, sink, dns::hosted_zone);
    each(
        &root,
        "resolver-rule",
        &mut defaults,
        sink,
        dns::resolver_rule,
    );
    each(
        &root,
        "transit-gateway",
        &mut defaults,
        sink,
        transit_gateway::transit_gateway,
    );
    each(
        &root,
        "transit-gateway-attachment",
        &mut defaults,
        sink,
        transit_gateway::attachment,
    );
    each(&root, "account", &mut defaults, sink, account::account);
    each(&root, "principal", &mut defaults, sink, account::principal);
    each(
        &root,
        "resource-policy",
        &mut defaults,
        sink,
        account::resource_policy,
    );
    transit_gateway::route_tables(&root, &defaults, sink);
    components::route_tables(&root, &defaults, sink);
    components::security_groups(&root, &defaults, sink);
    components::network_acls(&root, &defaults, sink);
    root.finish(sink);
    imply(&defaults, sink);
    attach(sink);
    retarget(sink);
}

fn syntax(mistake: Mistake, source: &Source<'_>) -> Diagnostic {
    let place = Place {
        line: Some(source.line(mistake.span.start)),
        ..Place::file(source.file.clone())
    };
    let code = match mistake.kind {
        MistakeKind::Syntax => Code::InvalidToml,
        MistakeKind::TooDeep => Code::NestingTooDeep,
    };
    let diagnostic = Diagnostic::error(place, code, mistake.message);
    match mistake.help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

/// Reads every table of a kind into components.
fn each<'a, C: Component>(
    root: &Table<'a>,
    kind: &'static str,
    defaults: &mut Defaults,
    sink: &mut Sink,
    read: impl Fn(&str, &Table<'a>, &mut Defaults, &mut Sink) -> Option<C>,
) {
    for (id, table) in tables(root, kind, sink) {
        let component = read(id, &table, defaults, sink);
        let place = table.place();
        table.finish(sink);
        if let Some(component) = component {
            sink.add(component, place);
        }
    }
}

/// The tables of a kind by id.
pub(super) fn tables<'a>(
    root: &Table<'a>,
    kind: &'static str,
    sink: &mut Sink,
) -> Vec<(&'a str, Table<'a>)> {
    let of_kind = root.get(kind).and_then(|item| item.table(sink));
    let Some(of_kind) = of_kind else {
        return Vec::new();
    };
    let mut tables = Vec::new();
    for (id, item) in of_kind.entries() {
        tables.extend(item.table(sink).map(|table| (id, table)));
    }
    tables
}

/// Adds the route tables and network ACLs that nobody had to write.
fn imply(defaults: &Defaults, sink: &mut Sink) {
    for vpc in &defaults.main_tables {
        let id = main_route_table(vpc);
        if sink.get::<RouteTable>(&id).is_none() {
            let cidrs = defaults.cidrs.get(vpc);
            sink.imply(RouteTable {
                id: RouteTableId::new(id),
                vpc: vpc.clone(),
                routes: cidrs.map_or_else(Vec::new, |cidrs| local_routes(cidrs)),
                tags: Tags::new(),
            });
        }
    }
    for vpc in &defaults.open_acls {
        if sink.get::<model::NetworkAcl>(&open_acl_name(vpc)).is_none() {
            sink.imply(open_acl(vpc));
        }
    }
}

/// Attaches the interfaces that a NAT gateway, a load balancer or an endpoint of any kind claims.
fn attach(sink: &mut Sink) {
    let mut claims = Vec::new();
    for nat in &sink.draft.nat_gateways {
        let attachment = Attachment::NatGateway(nat.id.clone());
        claims.push((nat.interface.clone(), attachment));
    }
    for load_balancer in &sink.draft.load_balancers {
        for interface in &load_balancer.interfaces {
            let attachment = Attachment::LoadBalancer(load_balancer.id.clone());
            claims.push((interface.clone(), attachment));
        }
    }
    for endpoint in &sink.draft.client_vpn_endpoints {
        for interface in &endpoint.interfaces {
            let attachment = Attachment::Other(CLIENT_VPN_INTERFACE.to_owned());
            claims.push((interface.clone(), attachment));
        }
    }
    for endpoint in &sink.draft.vpc_endpoints {
        if let EndpointKind::Interface { interfaces, .. } = &endpoint.kind {
            for interface in interfaces {
                let attachment = Attachment::VpcEndpoint(endpoint.id.clone());
                claims.push((interface.clone(), attachment));
            }
        }
    }
    for (interface, attachment) in claims {
        let interface = sink.get::<NetworkInterface>(interface.as_str());
        if let Some(interface) = interface
            && interface.attachment == (Attachment::Ordinary { instance: None })
        {
            interface.attachment = attachment;
        }
    }
}

/// Gives routes to `endpoint:ID` the kind of target that the endpoint is: the strings of both are
/// alike.
fn retarget(sink: &mut Sink) {
    let endpoints = sink.draft.vpc_endpoints.iter();
    let of_kind = endpoints
        .filter(|endpoint| matches!(endpoint.kind, EndpointKind::GatewayLoadBalancer { .. }));
    let of_kind: BTreeSet<VpcEndpointId> = of_kind.map(|endpoint| endpoint.id.clone()).collect();
    let tables = sink.draft.route_tables.iter_mut();
    let routes = tables.flat_map(|table| &mut table.routes);
    let targets = routes.flat_map(|route| match &mut route.target {
        Value::Known(target) => std::slice::from_mut(target),
        Value::OneOf(targets, _) => targets.as_mut_slice(),
        Value::Any(_) => &mut [],
    });
    for target in targets {
        if let Target::GatewayEndpoint(id) = target
            && of_kind.contains(id)
        {
            *target = Target::GatewayLoadBalancerEndpoint(id.clone());
        }
    }
}
