//! Listeners and their rules.

use std::collections::{BTreeMap, BTreeSet};

use model::{Hole, Listener, LoadBalancerKind, Port, TargetGroupId, Value};

use super::super::snapshot::{LISTENERS, Snapshot};
use super::subject;
use crate::diagnostic::Code;
use crate::json::Cursor;
use crate::load_balancer::{is_of, listener_protocol, short};
use crate::sink::Sink;

/// The listeners of each load balancer, as far as the calls were recorded.
#[derive(Debug, Default)]
pub(super) struct Listeners {
    of_balancers: BTreeMap<String, Vec<Found>>,
}

#[derive(Debug)]
struct Found {
    listener: Listener,
    /// Whether its rules are in the input.
    has_rules: bool,
}

type Groups = BTreeSet<TargetGroupId>;

impl Listeners {
    pub(super) fn read(snapshot: &Snapshot<'_>, sink: &mut Sink) -> Self {
        let mut listeners = Self::default();
        // A load balancer without any has its file all the same.
        for of_subject in snapshot.of_subjects(LISTENERS) {
            let is_empty = of_subject.cursor.as_list(sink).is_empty();
            let found =
                is_empty.then(|| subject::find(of_subject, snapshot, "LoadBalancers", sink));
            if let Some(Some(id)) = found {
                listeners.of_balancers.entry(id.to_owned()).or_default();
            }
        }
        let rules = rules(snapshot, sink);
        for cursor in snapshot.cursors("Listeners") {
            listeners.add(cursor, &rules, sink);
        }
        listeners
    }

    fn add(&mut self, cursor: &Cursor<'_>, rules: &BTreeMap<String, Groups>, sink: &mut Sink) {
        let Some(arn) = cursor.required_text("ListenerArn", sink) else {
            return;
        };
        if !is_of(arn, "listener") {
            // Global Accelerator has listeners too.
            sink.left_out(cursor.place(), arn, "an item of `Listeners`");
            return;
        }
        let Some(balancer) = cursor.required_text("LoadBalancerArn", sink) else {
            return;
        };
        let of_rules = rules.get(arn);
        let Some(listener) = listener(cursor, of_rules, sink) else {
            return;
        };
        let balancer = short(balancer).to_owned();
        self.of_balancers.entry(balancer).or_default().push(Found {
            listener,
            has_rules: of_rules.is_some(),
        });
    }

    /// Takes the listeners of a load balancer; a hole says which call is missing.
    pub(super) fn of(&mut self, id: &str, kind: LoadBalancerKind) -> Value<Vec<Listener>> {
        let hole = |call: &str| Value::Any(Hole::new(format!("listeners of {id} (elbv2 {call})")));
        let Some(found) = self.of_balancers.remove(id) else {
            return hole("describe-listeners");
        };
        let has_rules = match kind {
            LoadBalancerKind::Application => found.iter().all(|one| one.has_rules),
            LoadBalancerKind::Network => true,
        };
        if !has_rules {
            return hole("describe-rules");
        }
        Value::Known(found.into_iter().map(|one| one.listener).collect())
    }
}

/// The listener; a Gateway Load Balancer's, which has no port, is none.
fn listener(cursor: &Cursor<'_>, rules: Option<&Groups>, sink: &mut Sink) -> Option<Listener> {
    let mut target_groups = rules.cloned().unwrap_or_default();
    for action in cursor.list("DefaultActions", sink) {
        forwards(&action, &mut target_groups, sink);
    }
    let protocol = match cursor.get("Protocol") {
        None => None,
        Some(field) => Some((field.as_text(sink)?, field)),
    };
    let protocol = match protocol {
        None | Some(("GENEVE", _)) if cursor.get("Port").is_none() => return None,
        None => {
            cursor.required("Protocol", sink);
            return None;
        }
        Some((text, field)) => {
            let protocol = listener_protocol(text);
            if protocol.is_none() {
                let message = format!("`{text}` is not a protocol of listeners");
                field.error(sink, Code::InvalidValue, message);
            }
            protocol?
        }
    };
    Some(Listener {
        protocol,
        port: port(&cursor.required("Port", sink)?, sink)?,
        target_groups,
    })
}

/// A port.
pub(in super::super) fn port(field: &Cursor<'_>, sink: &mut Sink) -> Option<Port> {
    let number = field.as_integer(sink)?;
    let port = Port::try_from(number).ok();
    if port.is_none() {
        let message = format!("`{number}` is not a port");
        field.error(sink, Code::InvalidValue, message);
    }
    port
}

/// The groups to which the rules of each listener forward, by its ARN.
fn rules(snapshot: &Snapshot<'_>, sink: &mut Sink) -> BTreeMap<String, Groups> {
    let mut rules: BTreeMap<String, Groups> = BTreeMap::new();
    for cursor in snapshot.cursors("Rules") {
        let Some(arn) = cursor
            .text("RuleArn", sink)
            .filter(|arn| is_of(arn, "listener-rule"))
        else {
            // EventBridge, among others, has rules too.
            let arn = ["RuleArn", "Arn", "Name"]
                .iter()
                .find_map(|key| cursor.text(key, sink));
            let pointer = format!("Rules{}", cursor.pointer());
            let id = arn.unwrap_or(&pointer);
            sink.left_out(cursor.place(), id, "an item of `Rules`");
            continue;
        };
        let (listener, _) = arn.rsplit_once('/').unwrap_or((arn, ""));
        let listener = listener.replacen(":listener-rule/", ":listener/", 1);
        let groups = rules.entry(listener).or_default();
        for action in cursor.list("Actions", sink) {
            forwards(&action, groups, sink);
        }
    }
    rules
}

/// Adds the groups to which an action forwards. One group is written in both of these ways.
fn forwards(action: &Cursor<'_>, groups: &mut Groups, sink: &mut Sink) {
    let mut arns = Vec::new();
    arns.extend(action.text("TargetGroupArn", sink));
    if let Some(config) = action.get("ForwardConfig") {
        for group in config.list("TargetGroups", sink) {
            arns.extend(group.required_text("TargetGroupArn", sink));
        }
    }
    groups.extend(arns.into_iter().map(|arn| TargetGroupId::new(short(arn))));
}
