//! Transit and virtual private gateways, with what leads on premises.

use std::collections::BTreeSet;

use model::{
    AttachmentKind, Cidr, ComponentId, Network, TransitGateway, TransitGatewayAttachment, Value,
    VirtualPrivateGateway,
};

use super::Lines;
use crate::render::{names, rule};

/// A transit gateway with its attachments and tables.
pub(super) fn transit_gateway(lines: &mut Lines, network: &Network, gateway: &TransitGateway) {
    let name = names::component(network, &ComponentId::TransitGateway(gateway.id.clone()));
    let title = lines.style.strong(&name);
    lines.push(0, &title);
    let attachments = network.transit_gateway_attachments().values();
    for attachment in attachments.filter(|one| one.gateway == gateway.id) {
        lines.push(1, &self::attachment(network, attachment));
    }
    let tables = network.transit_gateway_route_tables().values();
    for table in tables.filter(|table| table.gateway == gateway.id) {
        let id = ComponentId::TransitGatewayRouteTable(table.id.clone());
        lines.push(1, &names::component(network, &id));
        for route in &table.routes {
            lines.push(2, &rule::transit_gateway_route(network, route));
        }
        for attachment in &table.propagations {
            lines.push(2, &format!("what {attachment} propagates"));
        }
    }
}

fn attachment(network: &Network, attachment: &TransitGatewayAttachment) -> String {
    let id = ComponentId::TransitGatewayAttachment(attachment.id.clone());
    let name = names::component(network, &id);
    let what = match &attachment.kind {
        AttachmentKind::Vpc {
            vpc,
            subnets,
            appliance_mode,
            ..
        } => {
            let subnets: Vec<&str> = subnets.iter().map(model::SubnetId::as_str).collect();
            let mode = if *appliance_mode {
                ", appliance mode"
            } else {
                ""
            };
            let vpc = names::component(network, &ComponentId::Vpc(vpc.clone()));
            format!("{vpc} in {}{mode}", subnets.join(" "))
        }
        AttachmentKind::Peering { other: Some(other) } => format!("peering with {other}"),
        AttachmentKind::Peering { other: None } => {
            "peering with a transit gateway that is not in the input".to_owned()
        }
        AttachmentKind::OnPremises { service, prefixes } => {
            let (service, prefixes) = (service.name(), self::prefixes(prefixes));
            format!("on premises by {service}, with {prefixes}")
        }
        AttachmentKind::Unmodelled(kind) => format!("{kind}, not modelled"),
    };
    let table = match &attachment.association {
        None => "without a route table".to_owned(),
        Some(Value::Known(table)) => format!("routed by {table}"),
        Some(Value::OneOf(_, hole) | Value::Any(hole)) => {
            format!("with a route table that is open: {hole}")
        }
    };
    let state = if attachment.available {
        ""
    } else {
        ", not available"
    };
    format!("{name}: {what}, {table}{state}")
}

/// A gateway with what it knows to lie on premises.
pub(super) fn virtual_private_gateway(
    network: &Network,
    gateway: &VirtualPrivateGateway,
) -> String {
    let id = ComponentId::VirtualPrivateGateway(gateway.id.clone());
    let name = names::component(network, &id);
    let state = match &gateway.vpc {
        Some(_) => "",
        None => ", not attached",
    };
    let table = gateway.edge_route_table.as_ref();
    let table = table.map(|table| format!(", what comes in routed by {table}"));
    format!(
        "{name} to {}{state}{}",
        prefixes(&gateway.prefixes),
        table.unwrap_or_default()
    )
}

/// The blocks that a gateway knows to lie on premises.
fn prefixes(prefixes: &Value<BTreeSet<Cidr>>) -> String {
    match prefixes {
        Value::Known(blocks) if blocks.is_empty() => "no block".to_owned(),
        Value::Known(blocks) => {
            let blocks: Vec<String> = blocks.iter().map(ToString::to_string).collect();
            blocks.join(" ")
        }
        Value::OneOf(_, hole) | Value::Any(hole) => format!("blocks that are open: {hole}"),
    }
}
