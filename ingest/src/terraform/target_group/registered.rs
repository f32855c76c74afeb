//! What is registered in target groups, by resources of its own or by those that do it themselves.

use std::collections::BTreeMap;

use model::{
    Attachment, Hole, LoadBalancer, LoadBalancerId, NetworkInterfaceId, RegisteredTarget,
    TargetDestination, TargetGroup, Value,
};

use crate::load_balancer::short;

use super::super::attribute::Attribute;
use super::super::identity::Thing;
use super::super::listener::port;
use super::super::plan::Resource;
use super::super::reader::Reader;
use super::super::slot::Slot;

const ATTACHMENTS: [&str; 2] = [
    "aws_lb_target_group_attachment",
    "aws_alb_target_group_attachment",
];

/// The resources that register targets by themselves, the attribute that names groups, and the block in
/// which it stands.
const BY_THEMSELVES: [(&str, Option<&str>, &str); 6] = [
    ("aws_autoscaling_attachment", None, "lb_target_group_arn"),
    ("aws_autoscaling_attachment", None, "alb_target_group_arn"),
    ("aws_autoscaling_group", None, "target_group_arns"),
    (
        "aws_autoscaling_group",
        Some("traffic_source"),
        "identifier",
    ),
    (
        "aws_autoscaling_traffic_source_attachment",
        Some("traffic_source"),
        "identifier",
    ),
    ("aws_ecs_service", Some("load_balancer"), "target_group_arn"),
];

type Targets = Value<Vec<RegisteredTarget>>;

/// What the plan registers, by group.
#[derive(Default)]
pub(super) struct Registered<'p> {
    attachments: BTreeMap<String, Vec<&'p Resource<'p>>>,
    /// What is not known of the targets of each.
    holes: BTreeMap<String, Hole>,
    /// What is not known of the targets of any.
    hole: Option<Hole>,
}

impl<'p> Registered<'p> {
    pub(super) fn read(reader: &mut Reader<'p, '_>) -> Self {
        let mut found = Self::default();
        for resource in reader.plan.managed(&ATTACHMENTS) {
            let attribute = resource.attribute("target_group_arn");
            match reader.slot(&attribute, &[Thing::TargetGroup]) {
                Slot::Known(group) => found
                    .attachments
                    .entry(group.id)
                    .or_default()
                    .push(resource),
                Slot::OneOf(list) => {
                    for group in list {
                        found.holes.insert(group.id, attribute.hole());
                    }
                }
                Slot::Empty | Slot::Open => reader.untraced(&attribute),
            }
        }
        for (of, block, name) in BY_THEMSELVES {
            for resource in reader.plan.managed(&[of]) {
                // What it registered before, an earlier input has.
                let is_new = resource.attribute("id").is_unknown();
                for attribute in attributes(resource, block, name) {
                    // In a block it is there because somebody set it.
                    if block.is_some() && attribute.is_unknown() && !attribute.is_open() {
                        found.hole = Some(attribute.hole());
                    }
                    found.by_itself(reader, &attribute, is_new);
                }
            }
        }
        found
    }

    fn by_itself(&mut self, reader: &mut Reader<'_, '_>, attribute: &Attribute<'_>, is_new: bool) {
        let groups = if let Some(arn) = attribute.text() {
            vec![short(arn).to_owned()]
        } else {
            let members = reader.members(attribute, Thing::TargetGroup);
            if members.is_set && !members.is_exact && members.list.is_empty() {
                self.hole = Some(attribute.hole());
            }
            members.list.into_iter().map(|group| group.id).collect()
        };
        for group in groups {
            let has_earlier = reader.sink.get::<TargetGroup>(&group).is_some();
            if is_new || !has_earlier {
                self.holes.insert(group, attribute.hole());
            }
        }
    }

    /// Leaves what is registered in a group alone.
    pub(super) fn forget(&mut self, group: &str) {
        self.attachments.remove(group);
    }

    /// Takes the targets of a group.
    pub(super) fn targets(
        &mut self,
        reader: &mut Reader<'_, '_>,
        group: &Resource<'_>,
        kind: &str,
        earlier: Option<&Targets>,
    ) -> Targets {
        let id = reader.plan.id(group);
        let attachments = self.attachments.remove(&id).unwrap_or_default();
        if let Some(hole) = self.holes.get(&id).or(self.hole.as_ref()) {
            return Value::Any(hole.clone());
        }
        let mut targets = match earlier {
            Some(Value::Known(targets)) => targets.clone(),
            Some(open @ (Value::OneOf(..) | Value::Any(_))) => return open.clone(),
            None if attachments.is_empty() => {
                let why = if reader.plan.is_declared {
                    "no `Targets` are in the template"
                } else {
                    "no aws_lb_target_group_attachment is in the plan"
                };
                return Value::Any(Hole::new(format!("targets of {id} ({why})")));
            }
            None => Vec::new(),
        };
        take_away(reader, &id, &mut targets);
        for attachment in attachments {
            match target(reader, attachment, Some((kind, &group.attribute("port")))) {
                Ok(target) if targets.contains(&target) => {}
                Ok(target) => targets.push(target),
                Err(hole) => return Value::Any(hole),
            }
        }
        Value::Known(targets)
    }

    /// What is registered in groups that are not in the plan: an earlier input's get it.
    pub(super) fn finish(self, reader: &mut Reader<'_, '_>) {
        for (id, attachments) in self.attachments {
            let Some(earlier) = reader.sink.get::<TargetGroup>(&id) else {
                // The plan may have the group, and have left it out.
                for attachment in attachments {
                    reader.omit(attachment, "a target of a group that is not in the input");
                }
                continue;
            };
            let Value::Known(mut targets) = earlier.targets.clone() else {
                continue;
            };
            take_away(reader, &id, &mut targets);
            let mut found = Ok(());
            for attachment in attachments {
                match target(reader, attachment, None) {
                    Ok(target) if targets.contains(&target) => {}
                    Ok(target) => targets.push(target),
                    Err(hole) => found = Err(hole),
                }
            }
            if let Some(earlier) = reader.sink.get::<TargetGroup>(&id) {
                earlier.targets = found.map_or_else(Value::Any, |()| Value::Known(targets));
            }
        }
        for (id, hole) in self.holes {
            if let Some(earlier) = reader.sink.get::<TargetGroup>(&id) {
                earlier.targets = Value::Any(hole);
            }
        }
    }
}

/// The attributes of that name, in the blocks of that name.
fn attributes<'r>(
    resource: &'r Resource<'_>,
    block: Option<&'r str>,
    name: &'r str,
) -> Vec<Attribute<'r>> {
    match block {
        None => vec![resource.attribute(name)],
        Some(block) => {
            let blocks = resource.attribute(block).items();
            blocks.iter().map(|block| block.field(name)).collect()
        }
    }
}

/// Takes away the targets that the plan deletes or changes.
fn take_away(reader: &mut Reader<'_, '_>, group: &str, targets: &mut Vec<RegisteredTarget>) {
    let plan = reader.plan;
    for former in plan
        .former
        .iter()
        .filter(|one| ATTACHMENTS.contains(&one.of))
    {
        if former.attribute("target_group_arn").text().map(short) != Some(group) {
            continue;
        }
        let port = former.attribute("port").integer();
        let Some(destination) = known(reader, &former.attribute("target_id")) else {
            continue;
        };
        let is_meant = |target: &RegisteredTarget| {
            target.destination == destination
                && port.is_none_or(|port| port == i64::from(target.port))
        };
        targets.retain(|target| !is_meant(target));
    }
}

/// The target of an attachment, or what would tell it; with the type and the port of its group, when
/// the plan has that.
fn target(
    reader: &mut Reader<'_, '_>,
    attachment: &Resource<'_>,
    group: Option<(&str, &Attribute<'_>)>,
) -> Result<RegisteredTarget, Hole> {
    let own = attachment.attribute("port");
    let is_own = own.is_present() || own.is_open();
    let of_group = group.filter(|_| !is_own).map(|(_, port)| port);
    let port = port(reader, of_group.unwrap_or(&own))?;
    let attribute = attachment.attribute("target_id");
    let is_address = group.is_some_and(|(kind, _)| kind == "ip");
    if is_address && attribute.text().is_some() {
        let address = attribute.address(reader.sink);
        let address = address.ok_or_else(|| attribute.hole())?;
        let destination = TargetDestination::Address(address);
        return Ok(RegisteredTarget { destination, port });
    }
    let destination = if attribute.text().is_some() {
        known(reader, &attribute)
    } else {
        referred(reader, &attribute)
    };
    let destination = destination.ok_or_else(|| attribute.hole())?;
    Ok(RegisteredTarget { destination, port })
}

/// What an id or an address that is open is one of.
fn referred(reader: &mut Reader<'_, '_>, attribute: &Attribute<'_>) -> Option<TargetDestination> {
    if let Some(id) = reader.settle(attribute, Thing::LoadBalancer) {
        return balancer_here(reader, &id);
    }
    if let Some(id) = reader.settle(attribute, Thing::Instance) {
        return primary(reader, &id);
    }
    let id = reader.settle(attribute, Thing::NetworkInterface)?;
    interface_here(reader, &id)
}

/// What an id or an address names.
fn known(reader: &mut Reader<'_, '_>, attribute: &Attribute<'_>) -> Option<TargetDestination> {
    let text = attribute.text()?;
    if let Ok(address) = text.parse::<std::net::IpAddr>() {
        return Some(TargetDestination::Address(address.into()));
    }
    match Thing::of_id(text) {
        Some(Thing::LoadBalancer) => balancer_here(reader, short(text)),
        Some(Thing::Instance) => primary(reader, text),
        Some(_) | None => None,
    }
}

fn balancer_here(reader: &mut Reader<'_, '_>, id: &str) -> Option<TargetDestination> {
    let is_here =
        reader.load_balancers.contains_key(id) || reader.sink.get::<LoadBalancer>(id).is_some();
    is_here.then(|| TargetDestination::LoadBalancer(LoadBalancerId::new(id)))
}

fn interface_here(reader: &mut Reader<'_, '_>, id: &str) -> Option<TargetDestination> {
    let is_here = reader.network_interfaces.contains_key(id)
        || reader.sink.get::<model::NetworkInterface>(id).is_some();
    is_here.then(|| TargetDestination::Interface(NetworkInterfaceId::new(id)))
}

/// The primary interface of an instance: of an earlier input's, when it has only one.
fn primary(reader: &mut Reader<'_, '_>, instance: &str) -> Option<TargetDestination> {
    if let Some(interface) = reader.primary_interfaces.get(instance).cloned() {
        return interface_here(reader, &interface);
    }
    let own = Attachment::Ordinary {
        instance: Some(instance.to_owned()),
    };
    let interfaces = reader.sink.draft.network_interfaces.iter();
    let mut own = interfaces.filter(|interface| interface.attachment == own);
    match (own.next(), own.next()) {
        (Some(only), None) => Some(TargetDestination::Interface(only.id.clone())),
        (_, _) => None,
    }
}
