//! `describe-network-interfaces`, with the tags of `describe-instances` and the public addresses
//! of `describe-addresses`.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Address, AddressValue, Attachment, EndpointKind, InterfaceAddress, Middlebox, NetworkInterface,
    NetworkInterfaceId, SecurityGroupId, SubnetId, Tags, Value,
};

use super::client_vpn::is_of_client_vpn;
use super::load_balancer::Nodes;
use super::snapshot::Snapshot;
use crate::client_vpn::CLIENT_VPN_INTERFACE;
use crate::doubt::Touches;
use crate::json::Cursor;
use crate::network_interface::delegated;
use crate::open::OpenComponent;
use crate::provenance::Kind;
use crate::sink::Sink;

/// Types that send and receive like any other host.
const ORDINARY: &[&str] = &["interface", "efa", "efa-only", "lambda", "branch"];

/// Types that bring what hosts on the internet send to private addresses, and may keep the addresses of
/// these hosts.
/// Sources: <https://docs.aws.amazon.com/global-accelerator/latest/dg/secure-vpc-connections.html>,
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/connect-with-ec2-instance-connect-endpoint.html>
const FROM_INTERNET: [&str; 2] = [
    "global_accelerator_managed",
    "ec2_instance_connect_endpoint",
];

/// What other calls say of interfaces.
struct Surroundings<'n> {
    /// The nodes of load balancers.
    nodes: &'n Nodes,
    /// Who claims each interface.
    owners: BTreeMap<String, Attachment>,
    /// The tags of each instance.
    instances: BTreeMap<String, Tags>,
    /// The public address mapped to a private one of an interface.
    elastic: BTreeMap<(String, Address), Address>,
}

/// Reads the network interfaces.
pub(super) fn read(snapshot: &Snapshot<'_>, nodes: &Nodes, sink: &mut Sink) {
    let surroundings = Surroundings {
        nodes,
        owners: owners(snapshot, sink),
        instances: instances(snapshot, sink),
        elastic: elastic(snapshot, sink),
    };
    for cursor in snapshot.cursors("NetworkInterfaces") {
        if let Some(interface) = interface(cursor, &surroundings, sink) {
            sink.add(interface, cursor.place());
        }
    }
}

fn interface(
    cursor: &Cursor<'_>,
    surroundings: &Surroundings<'_>,
    sink: &mut Sink,
) -> Option<NetworkInterface> {
    let id = cursor.required_text("NetworkInterfaceId", sink);
    let subnet = cursor.required_text("SubnetId", sink);
    let (id, subnet) = (id?, subnet?);
    let mut groups = BTreeSet::new();
    for group in cursor.list("Groups", sink) {
        let group = group.required_text("GroupId", sink);
        groups.extend(group.map(SecurityGroupId::new));
    }
    let attachment = cursor.get("Attachment");
    let instance = attachment.and_then(|attachment| attachment.text("InstanceId", sink));
    let instance = instance.filter(|instance| !instance.is_empty());
    let mut tags = cursor.aws_tags("TagSet", sink);
    let of_instance = instance.and_then(|instance| surroundings.instances.get(instance));
    let mut open = OpenComponent::default();
    for (key, value) in of_instance.into_iter().flatten() {
        let own = tags.entry(key.clone()).or_insert_with(|| value.clone());
        if own != value {
            open.instance_tags.insert(key.clone(), value.clone());
        }
    }
    sink.open.set(Kind::NetworkInterface, id, open);
    let mut addresses = addresses(id, cursor, surroundings, sink);
    if cursor.flag("DenyAllIgwTraffic", sink) == Some(true)
        && !cursor.list("Ipv6Addresses", sink).is_empty()
    {
        let what = "`DenyAllIgwTraffic`: its IPv6 from and to the internet";
        sink.left_out(cursor.place(), id, what);
        sink.unread(Touches::Ipv6, format!("{id} ({what})"), true);
    }
    for prefix in cursor.list("Ipv4Prefixes", sink) {
        let block = prefix.cidr("Ipv4Prefix", sink);
        addresses.extend(block.into_iter().flat_map(delegated));
    }
    if !cursor.list("Ipv6Prefixes", sink).is_empty() {
        let what = "the `Ipv6Prefixes` delegated to it";
        sink.left_out(cursor.place(), id, what);
        sink.unseen_ipv6.insert(subnet.to_owned());
        sink.unread(Touches::Ipv6, format!("{id} ({what})"), false);
    }
    Some(NetworkInterface {
        id: NetworkInterfaceId::new(id),
        subnet: SubnetId::new(subnet),
        addresses,
        groups: Value::Known(groups),
        // What Client VPN sends has the interface's own address, whatever the attribute says.
        source_destination_check: is_of_client_vpn(cursor)
            || cursor.flag("SourceDestCheck", sink).unwrap_or(true),
        middlebox: Middlebox::Unknown,
        attachment: self::attachment(id, instance, cursor, surroundings, sink),
        tags,
    })
}

fn attachment(
    id: &str,
    instance: Option<&str>,
    cursor: &Cursor<'_>,
    surroundings: &Surroundings<'_>,
    sink: &mut Sink,
) -> Attachment {
    if let Some(owner) = surroundings.owners.get(id) {
        return owner.clone();
    }
    if let Some(attachment) = surroundings.nodes.attachment(id) {
        return attachment.clone();
    }
    let kind = if is_of_client_vpn(cursor) {
        CLIENT_VPN_INTERFACE
    } else {
        cursor.text("InterfaceType", sink).unwrap_or("interface")
    };
    // A trunk of an instance, too, is one of its interfaces.
    if ORDINARY.contains(&kind) || instance.is_some() {
        let instance = instance.map(str::to_owned);
        return Attachment::Ordinary { instance };
    }
    let what = format!("what an interface of type `{kind}` does with packets");
    sink.not_modelled(cursor.place(), id, &what);
    if FROM_INTERNET.contains(&kind) {
        sink.unread(Touches::Internet, format!("{id} ({what})"), false);
    }
    Attachment::Other(kind.to_owned())
}

/// The private addresses, the primary one first, then the IPv6 ones.
fn addresses(
    id: &str,
    cursor: &Cursor<'_>,
    surroundings: &Surroundings<'_>,
    sink: &mut Sink,
) -> Vec<InterfaceAddress> {
    let mut listed = cursor.list("PrivateIpAddresses", sink);
    let is_secondary = |address: &Cursor<'_>| {
        let primary = address.value().get("Primary");
        primary.and_then(crate::json::Value::as_bool) == Some(false)
    };
    listed.sort_by_key(is_secondary);
    if listed.is_empty() && cursor.get("PrivateIpAddress").is_some() {
        listed.push(cursor.clone());
    }
    let mut addresses = Vec::new();
    for item in listed {
        let private = item.required("PrivateIpAddress", sink);
        let Some(private) = private.and_then(|private| private.as_address(sink)) else {
            continue;
        };
        let association = item.get("Association");
        let public = association.and_then(|association| association.get("PublicIp"));
        let public = public.and_then(|public| public.as_address(sink));
        let elastic = surroundings.elastic.get(&(id.to_owned(), private));
        let public = public.or(elastic.copied());
        addresses.push(InterfaceAddress {
            private: AddressValue::Known(private),
            public: public.map(AddressValue::Known),
        });
    }
    for item in cursor.list("Ipv6Addresses", sink) {
        let address = item.required("Ipv6Address", sink);
        let address = address.and_then(|address| address.as_address(sink));
        addresses.extend(address.map(|address| InterfaceAddress {
            private: AddressValue::Known(address),
            public: None,
        }));
    }
    addresses
}

/// The NAT gateways and endpoints that claim interfaces.
fn owners(snapshot: &Snapshot<'_>, sink: &Sink) -> BTreeMap<String, Attachment> {
    let mut owners = BTreeMap::new();
    for nat in &sink.draft.nat_gateways {
        let attachment = Attachment::NatGateway(nat.id.clone());
        owners.insert(nat.interface.to_string(), attachment);
    }
    for endpoint in &sink.draft.vpc_endpoints {
        if let EndpointKind::Interface { interfaces, .. } = &endpoint.kind {
            for interface in interfaces {
                let attachment = Attachment::VpcEndpoint(endpoint.id.clone());
                owners.insert(interface.to_string(), attachment);
            }
        }
    }
    for endpoint in &sink.draft.client_vpn_endpoints {
        for interface in &endpoint.interfaces {
            let attachment = Attachment::Other(CLIENT_VPN_INTERFACE.to_owned());
            owners.insert(interface.to_string(), attachment);
        }
    }
    let mut endpoints = sink.draft.vpc_endpoints.iter();
    let has_gateway_load_balancer_endpoint =
        endpoints.any(|endpoint| matches!(endpoint.kind, EndpointKind::GatewayLoadBalancer { .. }));
    // What these do with packets is said elsewhere: by the endpoint, by the attachment.
    for cursor in snapshot.cursors("NetworkInterfaces") {
        let text = |key| cursor.value().get(key).and_then(crate::json::Value::as_str);
        let (id, kind) = (text("NetworkInterfaceId"), text("InterfaceType"));
        let is_said = match kind {
            Some("gateway_load_balancer_endpoint") => has_gateway_load_balancer_endpoint,
            Some("transit_gateway") => snapshot.cursors("TransitGateways").next().is_some(),
            Some(_) | None => false,
        };
        if let (Some(id), Some(kind), true) = (id, kind, is_said) {
            owners.insert(id.to_owned(), Attachment::Other(kind.to_owned()));
        }
    }
    owners
}

fn instances(snapshot: &Snapshot<'_>, sink: &mut Sink) -> BTreeMap<String, Tags> {
    let mut instances = BTreeMap::new();
    for reservation in snapshot.cursors("Reservations") {
        for instance in reservation.list("Instances", sink) {
            if let Some(id) = instance.required_text("InstanceId", sink) {
                instances.insert(id.to_owned(), instance.aws_tags("Tags", sink));
            }
        }
    }
    instances
}

fn elastic(snapshot: &Snapshot<'_>, sink: &mut Sink) -> BTreeMap<(String, Address), Address> {
    let mut elastic = BTreeMap::new();
    for cursor in snapshot.cursors("Addresses") {
        let Some(interface) = cursor.text("NetworkInterfaceId", sink) else {
            continue;
        };
        let private = cursor.get("PrivateIpAddress");
        let private = private.and_then(|private| private.as_address(sink));
        let public = cursor.get("PublicIp");
        let public = public.and_then(|public| public.as_address(sink));
        if let (Some(private), Some(public)) = (private, public) {
            elastic.insert((interface.to_owned(), private), public);
        }
    }
    elastic
}
