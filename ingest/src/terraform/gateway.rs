//! Gateways: `aws_internet_gateway`, its attachment, `aws_egress_only_internet_gateway`,
//! `aws_nat_gateway`.

use std::collections::BTreeSet;

use model::{
    AddressValue, Attachment, EgressOnlyInternetGateway, EgressOnlyInternetGatewayId, Family,
    InterfaceAddress, InternetGateway, InternetGatewayId, Middlebox, NatGateway, NatGatewayId,
    NetworkInterface, NetworkInterfaceId, SubnetId, Tags, Value,
};

use crate::doubt::Touches;

use super::address::{private_address, public_hole, public_value};
use super::identity::{self, Thing};
use super::plan::Resource;
use super::reader::{Reader, shelve};
use super::regional_nat_gateway::is_regional;
use super::removal::shown;

/// Reads the gateways to the internet.
pub(super) fn read(reader: &mut Reader<'_, '_>) {
    for resource in reader.plan.managed(&["aws_internet_gateway"]) {
        internet_gateway(reader, resource);
    }
    for resource in reader.plan.managed(&["aws_internet_gateway_attachment"]) {
        attachment(reader, resource);
    }
    for resource in reader.plan.managed(&["aws_egress_only_internet_gateway"]) {
        egress_only(reader, resource);
    }
}

fn internet_gateway(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) {
    let id = reader.plan.id(resource);
    let attribute = resource.attribute("vpc_id");
    let of_attachment = ["internet_gateway_id", "vpc_id"];
    let taken = shown::taken(
        reader.plan,
        "aws_internet_gateway_attachment",
        of_attachment,
        &id,
    );
    let earlier = reader.sink.get::<InternetGateway>(&id).cloned();
    let vpc = match attribute.text() {
        Some(vpc) if taken.contains(vpc) => None,
        None if !attribute.is_open() => earlier.as_ref().and_then(|earlier| earlier.vpc.clone()),
        Some(_) | None => reader.vpc_id(&attribute),
    };
    // The associations may belong to another stack: an earlier input knows them.
    let earlier = earlier.filter(|earlier| earlier.vpc == vpc);
    let gateway = InternetGateway {
        id: InternetGatewayId::new(&id),
        edge_route_table: earlier.and_then(|earlier| earlier.edge_route_table),
        vpc,
        tags: reader.tags(resource),
    };
    shelve(
        &mut reader.internet_gateways,
        gateway,
        resource.place(),
        reader.sink,
    );
}

fn attachment(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) {
    let attribute = resource.attribute("internet_gateway_id");
    let gateway = reader.settle(&attribute, Thing::InternetGateway);
    let vpc = reader.vpc_id(&resource.attribute("vpc_id"));
    let Some(gateway) = gateway else {
        reader.untraced(&attribute);
        return;
    };
    let found = match reader.internet_gateways.get_mut(&gateway) {
        Some(gateway) => Some(&mut gateway.component),
        None => reader.sink.get::<InternetGateway>(&gateway),
    };
    match found {
        Some(gateway) => gateway.vpc = vpc,
        None => reader.unread(
            resource,
            "an internet gateway that is not in the input",
            &[Touches::Everything],
        ),
    }
}

fn egress_only(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) {
    let Some(vpc) = reader.vpc_id(&resource.attribute("vpc_id")) else {
        return;
    };
    let gateway = EgressOnlyInternetGateway {
        id: EgressOnlyInternetGatewayId::new(reader.plan.id(resource)),
        vpc,
        tags: reader.tags(resource),
    };
    let place = resource.place();
    shelve(
        &mut reader.egress_only_internet_gateways,
        gateway,
        place,
        reader.sink,
    );
}

/// Reads the zonal NAT gateways, each with its interface.
pub(super) fn nat(reader: &mut Reader<'_, '_>) {
    for resource in reader.plan.managed(&["aws_nat_gateway"]) {
        if !is_regional(resource) {
            nat_gateway(reader, resource);
        }
    }
}

fn nat_gateway(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) {
    let attribute = resource.attribute("subnet_id");
    let Some(subnet) = reader.settle(&attribute, Thing::Subnet) else {
        reader.untraced(&attribute);
        return;
    };
    let id = NatGatewayId::new(reader.plan.id(resource));
    let interface = NetworkInterfaceId::new(identity::interface_of(resource));
    let private = private_address(
        reader,
        &resource.attribute("private_ip"),
        &subnet,
        Family::V4,
    );
    let is_public = resource.attribute("connectivity_type").text() != Some("private");
    let public = if is_public {
        public_address(reader, resource)
    } else {
        None
    };
    let address = private.map(|private| InterfaceAddress { private, public });
    let subnet = SubnetId::new(subnet);
    for more in ["secondary_allocation_ids", "secondary_private_ip_addresses"] {
        let more = resource.attribute(more);
        if more.is_set() || more.is_open() {
            reader.unread(
                resource,
                "more than one address of a NAT gateway",
                &[Touches::Everything],
            );
            break;
        }
    }
    let place = resource.place();
    let component = NetworkInterface {
        id: interface.clone(),
        subnet: subnet.clone(),
        addresses: address.into_iter().collect(),
        groups: Value::Known(BTreeSet::new()),
        source_destination_check: false,
        middlebox: Middlebox::Unknown,
        attachment: Attachment::NatGateway(id.clone()),
        tags: Tags::new(),
    };
    shelve(
        &mut reader.network_interfaces,
        component,
        place.clone(),
        reader.sink,
    );
    let gateway = NatGateway {
        id,
        subnet,
        interface,
        available: true,
        tags: reader.tags(resource),
    };
    shelve(&mut reader.nat_gateways, gateway, place, reader.sink);
}

/// The public address: as known, or that of the Elastic IP, which a plan seldom knows.
fn public_address(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) -> Option<AddressValue> {
    let own = resource.attribute("public_ip");
    if let Some(address) = own.address(reader.sink) {
        return Some(AddressValue::Known(address));
    }
    let allocation = resource.attribute("allocation_id");
    let elastic = reader.settle(&allocation, Thing::ElasticIp);
    let plan = reader.plan;
    let found = elastic.and_then(|id| plan.made(&["aws_eip"], &id));
    match found {
        Some(found) => public_value(reader, &found.attribute("public_ip")),
        None => public_hole(&own),
    }
}
