//! Target groups and their targets: `aws_lb_target_group`, `aws_lb_target_group_attachment`.
//!
//! Groups in which Auto Scaling or ECS registers targets, and those in which the plan registers none,
//! have open ones, unless an earlier input has them.

mod registered;

use std::collections::{BTreeMap, BTreeSet};

use model::{Family, Hole, LoadBalancer, LoadBalancerKind, TargetGroup, TargetGroupId, Value};

use crate::load_balancer::{AS_LOAD_BALANCER, LAMBDA, preserves};

use super::attribute::Attribute;
use super::identity::{LOAD_BALANCERS, TARGET_GROUPS};
use super::plan::Resource;
use super::reader::{Reader, shelve};

use registered::Registered;

/// Reads the groups, then what is registered in them.
pub(super) fn read(reader: &mut Reader<'_, '_>) {
    let cross_zone = CrossZone::new(reader);
    let plan = reader.plan;
    let mut registered = Registered::read(reader);
    for resource in plan.managed(&TARGET_GROUPS) {
        target_group(reader, resource, &cross_zone, &mut registered);
    }
    registered.finish(reader);
}

fn target_group(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    cross_zone: &CrossZone,
    registered: &mut Registered<'_>,
) {
    let id = reader.plan.id(resource);
    let target_type = resource.attribute("target_type");
    let protocol = resource.attribute("protocol");
    if protocol.text() == Some("GENEVE") {
        let what = "a target group of a Gateway Load Balancer";
        reader.leave_out(resource, what);
        return;
    }
    let family = match resource.attribute("ip_address_type").text() {
        Some("ipv6") => Family::V6,
        Some(_) | None => Family::V4,
    };
    let earlier = reader.sink.get::<TargetGroup>(&id).cloned();
    let earlier = earlier.as_ref();
    let kind = target_type.text().unwrap_or("instance");
    let preserve = preserve(&resource.attribute("preserve_client_ip"), &protocol, kind);
    let zones = cross_zone.of(reader, resource, &id, earlier);
    let targets = if target_type.is_open() {
        Value::Any(target_type.hole())
    } else if kind == LAMBDA {
        reader.omit(resource, "a Lambda function as a target");
        registered.forget(&id);
        Value::Known(Vec::new())
    } else {
        let earlier = earlier.map(|earlier| &earlier.targets);
        registered.targets(reader, resource, kind, earlier)
    };
    let (preserve_client_address, cross_zone, targets) = match (preserve, zones) {
        (Ok(preserve), Ok(zones)) => (preserve, zones, targets),
        // The network has no hole for these, so that the targets are one.
        (Err(hole), _) | (_, Err(hole)) if kind != LAMBDA => (false, false, Value::Any(hole)),
        (_, _) => (false, true, targets),
    };
    let group = TargetGroup {
        id: TargetGroupId::new(id),
        family,
        preserve_client_address,
        cross_zone,
        targets,
        tags: reader.tags(resource),
    };
    let place = resource.place();
    shelve(&mut reader.target_groups, group, place, reader.sink);
}

/// Whether targets see the client's address. What nobody set has its default.
fn preserve(attribute: &Attribute<'_>, protocol: &Attribute<'_>, kind: &str) -> Result<bool, Hole> {
    let Some(protocol_text) = protocol.text() else {
        return if kind == LAMBDA {
            Ok(false)
        } else {
            Err(protocol.hole())
        };
    };
    if attribute.is_open() {
        return Err(attribute.hole());
    }
    let switch = attribute.text().map(|text| text == "true");
    let switch = switch.or(attribute.flag());
    Ok(preserves(protocol_text, kind, switch))
}

/// What the load balancers that use each group say of zones.
struct CrossZone {
    /// The load balancers that use each group.
    users: BTreeMap<String, BTreeSet<String>>,
    /// Whether each is cross-zone by itself, or what would tell.
    balancers: BTreeMap<String, Result<bool, Hole>>,
}

impl CrossZone {
    fn new(reader: &Reader<'_, '_>) -> Self {
        let mut found = Self {
            users: BTreeMap::new(),
            balancers: BTreeMap::new(),
        };
        let planned = reader.load_balancers.values().map(|one| &one.component);
        let earlier = &reader.sink.draft.load_balancers;
        let is_replaced = |one: &&LoadBalancer| reader.load_balancers.contains_key(one.id.as_str());
        for balancer in planned.chain(earlier.iter().filter(|one| !is_replaced(one))) {
            found.add(balancer);
        }
        for resource in reader.plan.managed(&LOAD_BALANCERS) {
            let attribute = resource.attribute("enable_cross_zone_load_balancing");
            let own = found.balancers.get_mut(&reader.plan.id(resource));
            if let Some(own @ Err(_)) = own {
                *own = if attribute.is_open() {
                    Err(attribute.hole())
                } else {
                    Ok(attribute.flag().unwrap_or(false))
                };
            }
        }
        found
    }

    fn add(&mut self, balancer: &LoadBalancer) {
        let id = balancer.id.to_string();
        for listener in balancer.listeners.known().into_iter().flatten() {
            for group in &listener.target_groups {
                let users = self.users.entry(group.to_string()).or_default();
                users.insert(id.clone());
            }
        }
        let by_itself = match balancer.kind {
            LoadBalancerKind::Application => Ok(true),
            LoadBalancerKind::Network => Err(Hole::new(format!("cross-zone of {id}"))),
        };
        self.balancers.insert(id, by_itself);
    }

    /// Whether zones do not matter to a group.
    fn of(
        &self,
        reader: &mut Reader<'_, '_>,
        resource: &Resource<'_>,
        id: &str,
        earlier: Option<&TargetGroup>,
    ) -> Result<bool, Hole> {
        let attribute = resource.attribute("load_balancing_cross_zone_enabled");
        match attribute.text() {
            None if attribute.is_open() => return Err(attribute.hole()),
            Some("true") => return Ok(true),
            Some("false") => return Ok(false),
            Some(AS_LOAD_BALANCER) | None => {}
            Some(_) => {
                let expected = "`true`, `false` or `use_load_balancer_configuration`";
                reader.invalid(&attribute, expected);
                return Err(attribute.hole());
            }
        }
        let users = self.users.get(id).into_iter().flatten();
        let mut answers = BTreeSet::new();
        for user in users {
            match (self.balancers.get(user), earlier) {
                (Some(Ok(answer)), _) => answers.insert(*answer),
                (Some(Err(_)) | None, Some(earlier)) => answers.insert(earlier.cross_zone),
                (Some(Err(hole)), None) => return Err(hole.clone()),
                (None, None) => return Err(attribute.hole()),
            };
        }
        match (answers.pop_first(), answers.is_empty()) {
            (answer, true) => Ok(answer.unwrap_or(false)),
            (_, false) => Err(attribute.hole()),
        }
    }
}
