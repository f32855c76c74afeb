//! Application and Network Load Balancers: `aws_lb`. Their listeners are read behind them
//! (`listener.rs`), and stay those of an earlier input until then.

use std::collections::BTreeSet;

use model::{
    Attachment, Hole, LoadBalancer, LoadBalancerId, LoadBalancerKind, LoadBalancerName,
    NetworkInterfaceId, Value,
};

use super::identity::LOAD_BALANCERS;
use super::load_balancer_interface;
use super::plan::Resource;
use super::reader::{Reader, shelve};

/// Reads them.
pub(super) fn read(reader: &mut Reader<'_, '_>) {
    for resource in reader.plan.managed(&LOAD_BALANCERS) {
        load_balancer(reader, resource);
    }
}

fn load_balancer(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) {
    let id = LoadBalancerId::new(reader.plan.id(resource));
    let of_type = resource.attribute("load_balancer_type");
    let kind = match of_type.text() {
        None if of_type.is_open() => {
            reader.untraced(&of_type);
            return;
        }
        None | Some("application") => LoadBalancerKind::Application,
        Some("network") => LoadBalancerKind::Network,
        Some("gateway") => {
            reader.leave_out(resource, "a Gateway Load Balancer");
            return;
        }
        Some(_) => {
            reader.invalid(&of_type, "`application`, `network` or `gateway`");
            return;
        }
    };
    let interfaces = load_balancer_interface::interfaces(reader, resource, &id, kind);
    if interfaces.is_empty() {
        reader.unplaced(&resource.attribute("subnets"));
        reader.leave_out(resource, "a load balancer whose subnets cannot be told");
        return;
    }
    release(reader, resource, &id, &interfaces);
    let earlier = reader.sink.get::<LoadBalancer>(id.as_str()).cloned();
    let private_link_ingress = private_link_ingress(reader, resource, earlier.as_ref());
    let listeners = earlier.map(|earlier| earlier.listeners);
    let balancer = LoadBalancer {
        kind,
        interfaces,
        name: name(resource),
        listeners: listeners.unwrap_or_else(|| Value::Any(unlistened(&id))),
        private_link_ingress,
        tags: reader.tags(resource),
        id,
    };
    shelve(
        &mut reader.load_balancers,
        balancer,
        resource.place(),
        reader.sink,
    );
}

/// The listeners of a load balancer of which no listener was read.
pub(super) fn unlistened(id: &LoadBalancerId) -> Hole {
    Hole::new(format!("listeners of {id} (aws_lb_listener)"))
}

/// The DNS name, once it is known.
fn name(resource: &Resource<'_>) -> Option<LoadBalancerName> {
    let name = resource.attribute("dns_name").text()?.to_lowercase();
    let internal = resource.attribute("internal");
    if internal.is_open() {
        return None;
    }
    Some(LoadBalancerName {
        name,
        internet_facing: internal.flag() != Some(true),
    })
}

/// Whether its groups are asked about what comes by an endpoint service. What an older provider does not say
/// is as it was.
fn private_link_ingress(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    earlier: Option<&LoadBalancer>,
) -> bool {
    let name = "enforce_security_group_inbound_rules_on_private_link_traffic";
    let attribute = resource.attribute(name);
    match attribute.text() {
        None if !attribute.is_unknown() => earlier.is_none_or(|before| before.private_link_ingress),
        None | Some("on") => true,
        Some("off") => false,
        Some(_) => {
            reader.invalid(&attribute, "`on` or `off`");
            true
        }
    }
}

/// Interfaces that an earlier input has, in subnets that the load balancer leaves.
fn release(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    id: &LoadBalancerId,
    interfaces: &BTreeSet<NetworkInterfaceId>,
) {
    let own = Attachment::LoadBalancer(id.clone());
    let mut released = Vec::new();
    for interface in &mut reader.sink.draft.network_interfaces {
        if interface.attachment == own && !interfaces.contains(&interface.id) {
            interface.attachment = Attachment::Other("load_balancer".to_owned());
            released.push(interface.id.clone());
        }
    }
    for interface in released {
        let what = format!("interface `{interface}`, in a subnet that it leaves,");
        reader.not_modelled(resource, &what);
    }
}
