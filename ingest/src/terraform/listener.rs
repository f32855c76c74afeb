//! Listeners and their rules: `aws_lb_listener`, `aws_lb_listener_rule`.
//!
//! What an earlier input has of a load balancer stays, but for the ports that the plan speaks of. Of
//! those, groups that the plan does not make stay too: a rule of another stack may forward to them.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Family, Hole, Listener, ListenerProtocol, LoadBalancer, LoadBalancerKind, Port, Tags,
    TargetGroup, TargetGroupId, Value,
};

use crate::load_balancer::{listener_protocol, short};

use super::attribute::Attribute;
use super::identity::{TARGET_GROUPS, Thing};
use super::plan::Resource;
use super::reader::{Reader, shelve};
use super::slot::Slot;

const LISTENERS: [&str; 2] = ["aws_lb_listener", "aws_alb_listener"];
const RULES: [&str; 2] = ["aws_lb_listener_rule", "aws_alb_listener_rule"];

/// The groups to which something forwards, or what would tell them.
type Groups = Result<BTreeSet<TargetGroupId>, Hole>;

/// Reads the listeners into their load balancers.
pub(super) fn read(reader: &mut Reader<'_, '_>) {
    take_away(reader);
    let plan = reader.plan;
    let mut rules = rules(reader);
    for resource in plan.managed(&LISTENERS) {
        let of_rules = rules.remove(&plan.id(resource));
        listener(reader, resource, of_rules.unwrap_or(Ok(BTreeSet::new())));
    }
    for (id, groups) in rules {
        further(reader, &id, groups);
    }
    complete(reader);
}

/// The load balancer, in the plan or in an earlier input.
fn balancer_mut<'r>(reader: &'r mut Reader<'_, '_>, id: &str) -> Option<&'r mut LoadBalancer> {
    match reader.load_balancers.get_mut(id) {
        Some(balancer) => Some(&mut balancer.component),
        None => reader.sink.get::<LoadBalancer>(id),
    }
}

fn open(reader: &mut Reader<'_, '_>, id: &str, hole: Hole) {
    if let Some(balancer) = balancer_mut(reader, id) {
        balancer.listeners = Value::Any(hole);
    }
}

/// Takes away the listeners that the plan deletes or changes.
fn take_away(reader: &mut Reader<'_, '_>) {
    let plan = reader.plan;
    for former in plan.former.iter().filter(|one| LISTENERS.contains(&one.of)) {
        let balancer = former.attribute("load_balancer_arn");
        let port = former.attribute("port").integer();
        let protocol = former.attribute("protocol");
        let protocol = protocol.text().and_then(listener_protocol);
        let found = balancer
            .text()
            .and_then(|arn| balancer_mut(reader, short(arn)));
        if let Some(Value::Known(listeners)) = found.map(|found| &mut found.listeners) {
            listeners
                .retain(|one| Some(i64::from(one.port)) != port || Some(one.protocol) != protocol);
        }
    }
}

/// The groups to which the rules of each listener forward.
fn rules(reader: &mut Reader<'_, '_>) -> BTreeMap<String, Groups> {
    let mut found: BTreeMap<String, Groups> = BTreeMap::new();
    for resource in reader.plan.managed(&RULES) {
        let attribute = resource.attribute("listener_arn");
        let (listeners, groups) = match reader.slot(&attribute, &[Thing::Listener]) {
            Slot::Known(listener) => {
                let groups = forwards(reader, &resource.attribute("action"));
                (vec![listener], groups)
            }
            Slot::OneOf(list) => (list, Err(attribute.hole())),
            Slot::Empty | Slot::Open => {
                reader.untraced(&attribute);
                continue;
            }
        };
        for listener in listeners {
            let of_listener = found.entry(listener.id).or_insert(Ok(BTreeSet::new()));
            join(of_listener, groups.clone());
        }
    }
    found
}

fn join(groups: &mut Groups, more: Groups) {
    match (groups.as_mut(), more) {
        (Ok(groups), Ok(more)) => groups.extend(more),
        (Ok(_), Err(hole)) => *groups = Err(hole),
        (Err(_), _) => {}
    }
}

/// The groups to which actions forward. Blocks of one kind share their references, so that several
/// open ones name all that are referred to, when these are as many.
fn forwards(reader: &mut Reader<'_, '_>, actions: &Attribute<'_>) -> Groups {
    if actions.is_unknown() {
        return Err(actions.hole());
    }
    let mut arns = Vec::new();
    for action in actions.items() {
        arns.push(action.field("target_group_arn"));
        let forward = action.field("forward");
        if forward.is_unknown() {
            return Err(forward.hole());
        }
        for forward in forward.items() {
            let groups = forward.field("target_group");
            if groups.is_unknown() {
                return Err(groups.hole());
            }
            arns.extend(groups.items().iter().map(|group| group.field("arn")));
        }
    }
    let mut groups = BTreeSet::new();
    let mut candidates = BTreeSet::new();
    let mut open = Vec::new();
    for arn in &arns {
        match reader.slot(arn, &[Thing::TargetGroup]) {
            Slot::Known(group) => {
                groups.insert(TargetGroupId::new(group.id));
            }
            Slot::OneOf(list) => {
                open.push(arn);
                let ids = list.iter().map(|group| TargetGroupId::new(&group.id));
                candidates.extend(ids);
            }
            Slot::Empty if !arn.is_unknown() => {}
            Slot::Empty | Slot::Open => return Err(arn.hole()),
        }
    }
    match open.first() {
        Some(first) if candidates.len() != open.len() => Err(first.hole()),
        Some(_) | None => {
            groups.extend(candidates);
            Ok(groups)
        }
    }
}

fn listener(reader: &mut Reader<'_, '_>, resource: &Resource<'_>, of_rules: Groups) {
    let attribute = resource.attribute("load_balancer_arn");
    let balancer = match reader.slot(&attribute, &[Thing::LoadBalancer]) {
        Slot::Known(balancer) => balancer.id,
        Slot::OneOf(list) => {
            for balancer in list {
                open(reader, &balancer.id, attribute.hole());
            }
            return;
        }
        Slot::Empty | Slot::Open => {
            reader.untraced(&attribute);
            return;
        }
    };
    let Some(kind) = balancer_mut(reader, &balancer).map(|balancer| balancer.kind) else {
        let what = "a listener of a load balancer that is not in the input";
        reader.leave_out(resource, what);
        return;
    };
    let mut groups = forwards(reader, &resource.attribute("default_action"));
    join(&mut groups, of_rules);
    let protocol = protocol(reader, resource, kind);
    let port = port(reader, &resource.attribute("port"));
    match (protocol, port, groups) {
        (Ok(protocol), Ok(port), Ok(target_groups)) => {
            let listener = Listener {
                protocol,
                port,
                target_groups,
            };
            put(reader, &balancer, listener);
        }
        (Err(hole), _, _) | (_, Err(hole), _) | (_, _, Err(hole)) => open(reader, &balancer, hole),
    }
}

/// An Application Load Balancer listens for TCP, whatever it speaks then.
fn protocol(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    kind: LoadBalancerKind,
) -> Result<ListenerProtocol, Hole> {
    let attribute = resource.attribute("protocol");
    let Some(text) = attribute.text() else {
        return match kind {
            LoadBalancerKind::Application => Ok(ListenerProtocol::Tcp),
            LoadBalancerKind::Network => Err(attribute.hole()),
        };
    };
    listener_protocol(text).ok_or_else(|| {
        reader.invalid(&attribute, "a protocol of listeners, as `HTTPS` or `TCP`");
        attribute.hole()
    })
}

/// A port; a hole when it is not known.
pub(super) fn port(reader: &mut Reader<'_, '_>, attribute: &Attribute<'_>) -> Result<Port, Hole> {
    let port = attribute.integer().map(Port::try_from);
    if let Some(Ok(port)) = port {
        return Ok(port);
    }
    if attribute.is_present() {
        reader.invalid(attribute, "a port");
    }
    Err(attribute.hole())
}

/// Puts a listener in the place of those that an earlier input has at its port.
fn put(reader: &mut Reader<'_, '_>, balancer: &str, mut listener: Listener) {
    let plan = reader.plan;
    let groups = plan.managed(&TARGET_GROUPS);
    let own: BTreeSet<_> = groups.iter().map(|group| plan.id(group)).collect();
    let is_new = reader.sink.get::<LoadBalancer>(balancer).is_none();
    let Some(found) = balancer_mut(reader, balancer) else {
        return;
    };
    let unlistened = Value::Any(super::load_balancer::unlistened(&found.id));
    if is_new && found.listeners == unlistened {
        found.listeners = Value::Known(Vec::new());
    }
    let Value::Known(listeners) = &mut found.listeners else {
        return;
    };
    if !is_new {
        let at_port =
            |one: &Listener| one.port == listener.port && one.protocol == listener.protocol;
        let (earlier, others) = std::mem::take(listeners)
            .into_iter()
            .partition::<Vec<_>, _>(at_port);
        *listeners = others;
        let groups = earlier.into_iter().flat_map(|one| one.target_groups);
        listener
            .target_groups
            .extend(groups.filter(|group| !own.contains(group.as_str())));
    }
    listeners.push(listener);
}

/// Rules of a listener that is not in the plan. An earlier input does not tell its port.
fn further(reader: &mut Reader<'_, '_>, listener: &str, groups: Groups) {
    let named = listener
        .strip_prefix("listener/")
        .and_then(|name| name.rsplit_once('/'));
    if let Some((balancer, _)) = named {
        let names_none = groups.as_ref().is_ok_and(BTreeSet::is_empty);
        if !names_none {
            open(reader, balancer, Hole::new(format!("rules of {listener}")));
        }
    }
}

/// Adds the groups that listeners forward to and no input has, with open targets.
fn complete(reader: &mut Reader<'_, '_>) {
    let plan = reader.plan;
    let groups = plan.managed(&TARGET_GROUPS);
    let planned: BTreeSet<_> = groups.iter().map(|group| plan.id(group)).collect();
    let balancers = reader.load_balancers.values();
    let mut used = BTreeMap::new();
    for balancer in balancers {
        for listener in balancer.component.listeners.known().into_iter().flatten() {
            for group in &listener.target_groups {
                used.insert(group.clone(), balancer.place.clone());
            }
        }
    }
    for balancer in &reader.sink.draft.load_balancers {
        let place = reader
            .sink
            .provenance
            .of(crate::Kind::LoadBalancer, balancer.id.as_str());
        for listener in balancer.listeners.known().into_iter().flatten() {
            for group in &listener.target_groups {
                let place = place
                    .cloned()
                    .unwrap_or_else(|| crate::Place::file(plan.file()));
                used.entry(group.clone()).or_insert(place);
            }
        }
    }
    for (id, place) in used {
        if planned.contains(id.as_str()) || reader.sink.get::<TargetGroup>(id.as_str()).is_some() {
            continue;
        }
        let hole = Hole::new(format!("targets of {id}, which is not in the input"));
        let group = TargetGroup {
            id,
            family: Family::V4,
            preserve_client_address: false,
            cross_zone: false,
            targets: Value::Any(hole),
            tags: Tags::new(),
        };
        shelve(&mut reader.target_groups, group, place, reader.sink);
    }
}
