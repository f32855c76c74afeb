//! Target groups: `elbv2 describe-target-groups`, `describe-target-group-attributes`,
//! `describe-target-health`.

use std::collections::BTreeMap;

use model::{
    Family, Hole, LoadBalancer, NetworkInterfaceId, RegisteredTarget, Tags, TargetDestination,
    TargetGroup, TargetGroupId, Value,
};

use super::load_balancer::{Balancers, attributes, find_subject, port, tags};
use super::snapshot::{Snapshot, TARGET_GROUP_ATTRIBUTES, TARGET_HEALTH};
use crate::diagnostic::Code;
use crate::json::Cursor;
use crate::load_balancer::{ALB, AS_LOAD_BALANCER, CROSS_ZONE, LAMBDA, PRESERVE, preserves, short};
use crate::sink::Sink;

const TARGET_GROUPS: &str = "TargetGroups";

/// What other calls say of target groups.
struct Surroundings<'a, 'b> {
    balancers: &'b Balancers,
    /// The attributes of each.
    attributes: BTreeMap<String, BTreeMap<&'a str, &'a str>>,
    /// What each registers.
    registered: BTreeMap<String, Vec<Cursor<'a>>>,
    /// The primary interface of each instance.
    primary: BTreeMap<&'a str, &'a str>,
    tags: BTreeMap<String, Tags>,
}

/// Reads the target groups, and adds those to which listeners forward and of which nothing is known.
pub(super) fn read(snapshot: &Snapshot<'_>, balancers: &Balancers, sink: &mut Sink) {
    let surroundings = Surroundings {
        balancers,
        attributes: attributes(snapshot, TARGET_GROUP_ATTRIBUTES, TARGET_GROUPS, sink),
        registered: registered(snapshot, sink),
        primary: primary(snapshot),
        tags: tags(snapshot, sink),
    };
    for cursor in snapshot.cursors(TARGET_GROUPS) {
        if let Some(group) = target_group(cursor, &surroundings, sink) {
            sink.add(group, cursor.place());
        }
    }
    for (id, place) in &balancers.used {
        if !sink.has_errors() && sink.get::<TargetGroup>(id).is_none() {
            let group = TargetGroup {
                id: TargetGroupId::new(id),
                family: Family::V4,
                preserve_client_address: false,
                cross_zone: false,
                targets: hole(id, "elbv2 describe-target-groups"),
                tags: Tags::new(),
            };
            sink.add(group, place.clone());
        }
    }
}

fn hole<T>(id: &str, what: &str) -> Value<T> {
    Value::Any(Hole::new(format!("targets of {id} ({what})")))
}

fn target_group(
    cursor: &Cursor<'_>,
    surroundings: &Surroundings<'_, '_>,
    sink: &mut Sink,
) -> Option<TargetGroup> {
    let id = cursor.required_text("TargetGroupArn", sink).map(short);
    let target_type = cursor.text("TargetType", sink).unwrap_or("instance");
    let family = family(cursor, sink);
    let id = id?;
    let protocol = if target_type == LAMBDA {
        ""
    } else {
        cursor.required_text("Protocol", sink)?
    };
    if protocol == "GENEVE" {
        sink.left_out(
            cursor.place(),
            id,
            "a target group of a Gateway Load Balancer",
        );
        return None;
    }
    let flags = flags(id, protocol, target_type, cursor, surroundings, sink);
    let targets = match &flags {
        Ok(_) => targets(id, target_type, cursor, surroundings, sink),
        Err(missing) => hole(id, missing),
    };
    let (preserve_client_address, cross_zone) = flags.unwrap_or_default();
    Some(TargetGroup {
        id: TargetGroupId::new(id),
        family: family?,
        preserve_client_address,
        cross_zone,
        targets,
        tags: surroundings.tags.get(id).cloned().unwrap_or_default(),
    })
}

fn family(cursor: &Cursor<'_>, sink: &mut Sink) -> Option<Family> {
    let Some(field) = cursor.get("IpAddressType") else {
        return Some(Family::V4);
    };
    match field.as_text(sink)? {
        "ipv4" => Some(Family::V4),
        "ipv6" => Some(Family::V6),
        other => {
            let message = format!("`{other}` is not `ipv4` or `ipv6`");
            field.error(sink, Code::InvalidValue, message);
            None
        }
    }
}

/// Whether targets see the client's address, and whether zones do not matter; or what is missing. The
/// network has no hole for these, so its targets are one.
fn flags(
    id: &str,
    protocol: &str,
    target_type: &str,
    cursor: &Cursor<'_>,
    surroundings: &Surroundings<'_, '_>,
    sink: &mut Sink,
) -> Result<(bool, bool), String> {
    if target_type == LAMBDA {
        return Ok((false, true));
    }
    let Some(attributes) = surroundings.attributes.get(id) else {
        return Err(format!("elbv2 {TARGET_GROUP_ATTRIBUTES}"));
    };
    let switch = attributes.get(PRESERVE).map(|value| *value == "true");
    let cross_zone = match attributes.get(CROSS_ZONE).copied() {
        Some("true") => true,
        Some("false") => false,
        Some(AS_LOAD_BALANCER) | None => {
            let listed = cursor.texts("LoadBalancerArns", sink);
            let listed = listed.into_iter().map(|arn| short(arn).to_owned());
            let found = surroundings.balancers.is_cross_zone(id, &listed.collect());
            found.map_err(str::to_owned)?
        }
        Some(other) => return Err(format!("`{other}` is no value of {CROSS_ZONE}")),
    };
    Ok((preserves(protocol, target_type, switch), cross_zone))
}

/// The registered targets; a hole when it is not known what one of them is.
fn targets(
    id: &str,
    target_type: &str,
    cursor: &Cursor<'_>,
    surroundings: &Surroundings<'_, '_>,
    sink: &mut Sink,
) -> Value<Vec<RegisteredTarget>> {
    if target_type == LAMBDA {
        sink.left_out(cursor.place(), id, "a Lambda function as a target");
        return Value::Known(Vec::new());
    }
    let Some(registered) = surroundings.registered.get(id) else {
        return hole(id, &format!("elbv2 {TARGET_HEALTH}"));
    };
    let default_port = cursor.get("Port").and_then(|field| port(&field, sink));
    let mut targets = Vec::new();
    for description in registered {
        let Some(target) = description.required("Target", sink) else {
            continue;
        };
        let health = description.get("TargetHealth");
        let state = health.and_then(|health| health.text("State", sink));
        // What is draining is not registered any more.
        if state == Some("draining") {
            continue;
        }
        let Some(name) = target.required("Id", sink) else {
            continue;
        };
        let port = match target.get("Port") {
            Some(field) => port(&field, sink),
            None => default_port,
        };
        let destination = match destination(&name, target_type, surroundings, sink) {
            Ok(destination) => destination,
            Err(missing) => return hole(id, &missing),
        };
        let Some(port) = port else {
            target.required("Port", sink);
            continue;
        };
        targets.extend(destination.map(|destination| RegisteredTarget { destination, port }));
    }
    Value::Known(targets)
}

/// Where a target is: nothing when that is an error, and what is missing when it is not in the input.
fn destination(
    name: &Cursor<'_>,
    target_type: &str,
    surroundings: &Surroundings<'_, '_>,
    sink: &mut Sink,
) -> Result<Option<TargetDestination>, String> {
    let Some(text) = name.as_text(sink) else {
        return Ok(None);
    };
    match target_type {
        "ip" => Ok(name.as_address(sink).map(TargetDestination::Address)),
        "instance" => match surroundings.primary.get(text) {
            Some(interface) => {
                let interface = NetworkInterfaceId::new(interface);
                Ok(Some(TargetDestination::Interface(interface)))
            }
            None => Err(format!("describe-network-interfaces does not have {text}")),
        },
        ALB => match sink.get::<LoadBalancer>(short(text)) {
            Some(balancer) => {
                let balancer = balancer.id.clone();
                Ok(Some(TargetDestination::LoadBalancer(balancer)))
            }
            None => Err(format!("{} is not in the input", short(text))),
        },
        other => Err(format!("targets of type {other} are not modelled")),
    }
}

/// What each group registers, by the group in the name of the file.
fn registered<'a>(snapshot: &Snapshot<'a>, sink: &mut Sink) -> BTreeMap<String, Vec<Cursor<'a>>> {
    let mut registered: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for of_subject in snapshot.of_subjects(TARGET_HEALTH) {
        if let Some(id) = find_subject(of_subject, snapshot, TARGET_GROUPS, sink) {
            let of_group = registered.entry(id.to_owned()).or_default();
            of_group.extend(of_subject.cursor.as_list(sink));
        }
    }
    registered
}

/// The primary interface of each instance: at its first device, on its first card.
fn primary<'a>(snapshot: &Snapshot<'a>) -> BTreeMap<&'a str, &'a str> {
    let interfaces = snapshot.cursors("NetworkInterfaces");
    let of = |interface: &Cursor<'a>| {
        let value = interface.value();
        let attachment = value.get("Attachment")?;
        let at = |key| attachment.get(key).and_then(crate::json::Value::as_i64);
        let is_primary =
            at("DeviceIndex") == Some(0) && at("NetworkCardIndex").is_none_or(|card| card == 0);
        let instance = attachment.get("InstanceId")?.as_str()?;
        let id = value.get("NetworkInterfaceId")?.as_str()?;
        is_primary.then_some((instance, id))
    };
    interfaces.filter_map(of).collect()
}
