//! `vpcproof show`: the network as understood; what is open or not modelled first.

mod gateway;

use std::fmt::Write;

use ingest::Validated;
use model::{
    AddressValue, Attachment, ComponentId, EndpointKind, Middlebox, Network, NetworkInterface,
    Route, Subnet, Value, Vpc, VpcEndpoint,
};
use serde::Serialize;

use super::Networks;
use super::console::Console;
use super::output::{self, Format, Outputs};
use crate::exit::Exit;
use crate::holes::holes;
use crate::render::json::{SCHEMA_VERSION, pretty};
use crate::render::style::Style;
use crate::render::{names, public_access, resolution, rule};
use crate::session::not_modelled;

use gateway::{transit_gateway, virtual_private_gateway};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    networks: Networks,

    #[command(flatten)]
    outputs: Outputs,
}

pub(crate) fn run(arguments: &Arguments, console: &mut Console) -> Exit {
    match try_run(arguments, console) {
        Ok(()) => Exit::Proved,
        Err(exit) => exit,
    }
}

fn try_run(arguments: &Arguments, console: &mut Console) -> Result<(), Exit> {
    let outputs = arguments
        .outputs
        .get()
        .map_err(|message| console.error(&message))?;
    let validated = console.read(&arguments.networks)?;
    output::write(&outputs, console, |format, style| match format {
        Format::Text => text(&validated, style),
        Format::Json => pretty(&Document::new(&validated)),
    })
}

/// Lines with an indent.
struct Lines {
    text: String,
    style: Style,
}

impl Lines {
    fn push(&mut self, depth: usize, line: &str) {
        let indent = "  ".repeat(depth);
        let written = writeln!(self.text, "{indent}{line}");
        debug_assert!(written.is_ok(), "writing to a string does not fail");
    }

    fn section(&mut self, title: &str, lines: Vec<String>) {
        if !lines.is_empty() {
            let title = self.style.doubtful(&format!("{title} ({})", lines.len()));
            self.push(0, &title);
            for line in lines {
                self.push(1, &line);
            }
        }
    }
}

fn text(validated: &Validated, style: Style) -> String {
    let network = &validated.network;
    let mut lines = Lines {
        text: String::new(),
        style,
    };
    let remarks = not_modelled(validated);
    let remarks = remarks
        .map(|one| format!("{} ({})", one.message, one.place))
        .collect();
    lines.section("not modelled", remarks);
    let open = holes(network).iter().map(ToString::to_string).collect();
    lines.section("open", open);
    let assumed = validated.assumptions.iter();
    let assumed = assumed
        .map(|one| format!("{} ({})", one.text, one.code))
        .collect();
    lines.section("assumed", assumed);
    for vpc in network.vpcs().values() {
        self::vpc(&mut lines, network, vpc);
    }
    for peering in network.peerings().values() {
        let name = names::component(network, &ComponentId::Peering(peering.id.clone()));
        let end = |end: &model::PeeringEnd| match end {
            model::PeeringEnd::Vpc(id) => id.to_string(),
            model::PeeringEnd::Outside(id) => format!("{id} (not in the input)"),
        };
        let (one, other) = (end(&peering.requester), end(&peering.accepter));
        let state = if peering.active { "" } else { ", not active" };
        lines.push(0, &style.strong(&format!("{name}: {one} - {other}{state}")));
    }
    for gateway in network.transit_gateways().values() {
        transit_gateway(&mut lines, network, gateway);
    }
    let gateways = network.virtual_private_gateways().values();
    for gateway in gateways.filter(|one| one.vpc.is_none()) {
        lines.push(0, &style.strong(&virtual_private_gateway(network, gateway)));
    }
    lines.text
}

fn vpc(lines: &mut Lines, network: &Network, vpc: &Vpc) {
    let name = names::component(network, &ComponentId::Vpc(vpc.id.clone()));
    let cidrs: Vec<String> = vpc.cidrs.iter().map(ToString::to_string).collect();
    let title = format!("{name} {} in {}", cidrs.join(" "), vpc.region);
    let title = lines.style.strong(&title);
    lines.push(0, &title);
    if !(vpc.dns_support && vpc.dns_hostnames) {
        let on = |flag: bool| if flag { "on" } else { "off" };
        let (support, hostnames) = (on(vpc.dns_support), on(vpc.dns_hostnames));
        lines.push(
            1,
            &format!("enableDnsSupport {support}, enableDnsHostnames {hostnames}"),
        );
    }
    if let Some(line) = public_access::of_vpc(vpc) {
        lines.push(1, &line);
    }
    for subnet in network
        .subnets()
        .values()
        .filter(|subnet| subnet.vpc == vpc.id)
    {
        self::subnet(lines, network, vpc, subnet);
    }
    for endpoint in network
        .vpc_endpoints()
        .values()
        .filter(|one| one.vpc == vpc.id)
    {
        lines.push(1, &self::endpoint(network, endpoint));
    }
    let gateways = network.virtual_private_gateways().values();
    for gateway in gateways.filter(|one| one.vpc.as_ref() == Some(&vpc.id)) {
        lines.push(1, &virtual_private_gateway(network, gateway));
    }
    for line in resolution::of_vpc(network, vpc) {
        lines.push(1, &line);
    }
}

fn subnet(lines: &mut Lines, network: &Network, vpc: &Vpc, subnet: &Subnet) {
    let name = names::component(network, &ComponentId::Subnet(subnet.id.clone()));
    let cidrs: Vec<String> = subnet.cidrs.iter().map(ToString::to_string).collect();
    lines.push(1, &format!("{name} {}", cidrs.join(" ")));
    if let Some(exclusion) = subnet.exclusion {
        let exclusion = public_access::exclusion(exclusion);
        lines.push(2, &format!("exclusion {exclusion}"));
    }
    let acl = match &subnet.network_acl {
        Value::Known(id) => names::component(network, &ComponentId::NetworkAcl(id.clone())),
        Value::OneOf(_, hole) | Value::Any(hole) => format!("a network ACL that is open: {hole}"),
    };
    lines.push(2, &acl);
    let table = match &subnet.route_table {
        None => Ok(&vpc.main_route_table),
        Some(Value::Known(id)) => Ok(id),
        Some(Value::OneOf(_, hole) | Value::Any(hole)) => Err(hole),
    };
    match table {
        Ok(id) => {
            lines.push(
                2,
                &names::component(network, &ComponentId::RouteTable(id.clone())),
            );
            let table = network.route_tables().get(id);
            let routes: &[Route] = table.map_or(&[], |table| &table.routes);
            for route in routes {
                lines.push(3, &rule::route(network, route));
            }
        }
        Err(hole) => lines.push(2, &format!("a route table that is open: {hole}")),
    }
    let interfaces = network.network_interfaces().values();
    for interface in interfaces.filter(|interface| interface.subnet == subnet.id) {
        lines.push(2, &self::interface(network, interface));
    }
}

fn interface(network: &Network, interface: &NetworkInterface) -> String {
    let id = ComponentId::NetworkInterface(interface.id.clone());
    let mut line = names::component(network, &id);
    for address in &interface.addresses {
        line.push_str(&format!(" {}", self::address(&address.private)));
        if let Some(public) = &address.public {
            line.push_str(&format!(" (public {})", self::address(public)));
        }
    }
    match &interface.attachment {
        Attachment::Ordinary { instance } => {
            let instance = instance.iter().map(|id| format!(" of {id}"));
            line.extend(instance);
        }
        Attachment::VpcEndpoint(id) => line.push_str(&format!(" of {id}")),
        Attachment::NatGateway(id) => line.push_str(&format!(" of {id}")),
        Attachment::LoadBalancer(id) => line.push_str(&format!(" of {id}")),
        Attachment::Other(kind) => line.push_str(&format!(", {kind}")),
    }
    let groups = match &interface.groups {
        Value::Known(groups) => {
            let groups: Vec<&str> = groups.iter().map(model::SecurityGroupId::as_str).collect();
            groups.join(" ")
        }
        Value::OneOf(_, hole) | Value::Any(hole) => format!("open: {hole}"),
    };
    if !groups.is_empty() {
        line.push_str(&format!(", groups {groups}"));
    }
    match interface.middlebox {
        Middlebox::Unknown => {}
        Middlebox::Forwards => line.push_str(", a middlebox that forwards"),
        Middlebox::Inspects => line.push_str(", a middlebox that inspects"),
    }
    line
}

fn address(value: &AddressValue) -> String {
    match value {
        AddressValue::Known(address) => address.to_string(),
        AddressValue::Within(cidr, _) => format!("some address of {cidr}"),
    }
}

fn endpoint(network: &Network, endpoint: &VpcEndpoint) -> String {
    let name = names::component(network, &ComponentId::VpcEndpoint(endpoint.id.clone()));
    let kind = match &endpoint.kind {
        EndpointKind::Gateway { .. } => "gateway",
        EndpointKind::Interface {
            private_dns: true, ..
        } => "interface, private DNS on",
        EndpointKind::Interface {
            private_dns: false, ..
        } => "interface, private DNS off",
        EndpointKind::GatewayLoadBalancer { middlebox, .. } => match middlebox {
            Middlebox::Unknown | Middlebox::Inspects => "Gateway Load Balancer",
            Middlebox::Forwards => "Gateway Load Balancer, forwards",
        },
        EndpointKind::Unmodelled(kind) => kind,
    };
    let state = if endpoint.available {
        ""
    } else {
        ", not available"
    };
    format!("{name} for {} ({kind}{state})", endpoint.service)
}

#[derive(Serialize)]
struct Document {
    schema_version: u32,
    inputs: Vec<String>,
    not_modelled: Vec<String>,
    open: Vec<String>,
    assumptions: Vec<String>,
    components: Components,
}

#[derive(Serialize)]
struct Components {
    vpcs: Vec<String>,
    subnets: Vec<String>,
    route_tables: Vec<String>,
    prefix_lists: Vec<String>,
    security_groups: Vec<String>,
    network_acls: Vec<String>,
    network_interfaces: Vec<String>,
    internet_gateways: Vec<String>,
    egress_only_internet_gateways: Vec<String>,
    nat_gateways: Vec<String>,
    peerings: Vec<String>,
    vpc_endpoints: Vec<String>,
    hosted_zones: Vec<String>,
    resolver_rules: Vec<String>,
    transit_gateways: Vec<String>,
    transit_gateway_attachments: Vec<String>,
    transit_gateway_route_tables: Vec<String>,
    virtual_private_gateways: Vec<String>,
}

impl Document {
    fn new(validated: &Validated) -> Self {
        let network = &validated.network;
        fn ids<Id: ToString, C>(components: &std::collections::BTreeMap<Id, C>) -> Vec<String> {
            components.keys().map(ToString::to_string).collect()
        }
        Self {
            schema_version: SCHEMA_VERSION,
            inputs: validated
                .inputs
                .iter()
                .map(|input| input.path.clone())
                .collect(),
            not_modelled: not_modelled(validated)
                .map(|one| one.message.clone())
                .collect(),
            open: holes(network).iter().map(ToString::to_string).collect(),
            assumptions: validated
                .assumptions
                .iter()
                .map(|one| one.text.clone())
                .collect(),
            components: Components {
                vpcs: ids(network.vpcs()),
                subnets: ids(network.subnets()),
                route_tables: ids(network.route_tables()),
                prefix_lists: ids(network.prefix_lists()),
                security_groups: ids(network.security_groups()),
                network_acls: ids(network.network_acls()),
                network_interfaces: ids(network.network_interfaces()),
                internet_gateways: ids(network.internet_gateways()),
                egress_only_internet_gateways: ids(network.egress_only_internet_gateways()),
                nat_gateways: ids(network.nat_gateways()),
                peerings: ids(network.peerings()),
                vpc_endpoints: ids(network.vpc_endpoints()),
                hosted_zones: ids(network.hosted_zones()),
                resolver_rules: ids(network.resolver_rules()),
                transit_gateways: ids(network.transit_gateways()),
                transit_gateway_attachments: ids(network.transit_gateway_attachments()),
                transit_gateway_route_tables: ids(network.transit_gateway_route_tables()),
                virtual_private_gateways: ids(network.virtual_private_gateways()),
            },
        }
    }
}
