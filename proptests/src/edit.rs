//! Edits: small changes of a network, as people make them.

use model::{Network, NetworkDraft, Value};

use crate::dice::Dice;

/// A change of one to three parts; `None` when AWS would refuse it.
pub fn edited(network: &Network, dice: &mut Dice) -> Option<Network> {
    let mut draft = network.clone().into_draft();
    for _ in 0..=dice.below(3) {
        edit(&mut draft, dice);
    }
    draft.validate().ok()
}

/// The same of load balancers: their listeners, and the targets of their groups.
pub fn edited_at_relays(network: &Network, dice: &mut Dice) -> Option<Network> {
    let mut draft = network.clone().into_draft();
    for _ in 0..=dice.below(2) {
        edit_at_relays(&mut draft, dice);
    }
    if dice.percent(30) {
        edit(&mut draft, dice);
    }
    draft.validate().ok()
}

fn edit_at_relays(draft: &mut NetworkDraft, dice: &mut Dice) {
    let (one, other) = (
        dice.below(draft.target_groups.len()),
        dice.below(draft.target_groups.len()),
    );
    let another = draft.target_groups.get(other).cloned();
    let (Some(group), Some(another)) = (draft.target_groups.get_mut(one), another) else {
        return;
    };
    match dice.below(4) {
        0 if group.family == another.family => group.targets = another.targets,
        0 | 1 => {
            if let Value::Known(targets) = &mut group.targets {
                targets.pop();
            }
        }
        2 => group.cross_zone = !group.cross_zone,
        _ => {
            let n = dice.below(draft.load_balancers.len());
            let load_balancer = draft.load_balancers.get_mut(n);
            if let Some(Value::Known(listeners)) =
                load_balancer.map(|load_balancer| &mut load_balancer.listeners)
            {
                listeners.pop();
            }
        }
    }
}

fn edit(draft: &mut NetworkDraft, dice: &mut Dice) {
    /// Takes one of some things away.
    fn less<T>(things: &mut Vec<T>, dice: &mut Dice) {
        if !things.is_empty() {
            things.remove(dice.below(things.len()));
        }
    }
    match dice.below(9) {
        0 => {
            let n = dice.below(draft.security_groups.len());
            if let Some(group) = draft.security_groups.get_mut(n) {
                less(&mut group.ingress, dice);
            }
        }
        1 => {
            let n = dice.below(draft.security_groups.len());
            if let Some(group) = draft.security_groups.get_mut(n) {
                less(&mut group.egress, dice);
            }
        }
        2 => {
            let n = dice.below(draft.route_tables.len());
            if let Some(table) = draft.route_tables.get_mut(n) {
                less(&mut table.routes, dice);
            }
        }
        3 => {
            let n = dice.below(draft.network_acls.len());
            if let Some(acl) = draft.network_acls.get_mut(n) {
                let entries = if dice.percent(50) {
                    &mut acl.ingress
                } else {
                    &mut acl.egress
                };
                less(entries, dice);
            }
        }
        4 => {
            // The rules of one group for those of another.
            let (one, other) = (
                dice.below(draft.security_groups.len()),
                dice.below(draft.security_groups.len()),
            );
            let rules = draft
                .security_groups
                .get(other)
                .map(|group| group.ingress.clone());
            if let (Some(rules), Some(group)) = (rules, draft.security_groups.get_mut(one)) {
                group.ingress = rules;
            }
        }
        5 => {
            let (one, other) = (
                dice.below(draft.network_interfaces.len()),
                dice.below(draft.network_interfaces.len()),
            );
            let groups = draft
                .network_interfaces
                .get(other)
                .map(|one| one.groups.clone());
            if let (Some(groups), Some(interface)) = (groups, draft.network_interfaces.get_mut(one))
            {
                interface.groups = groups;
            }
        }
        6 => less(&mut draft.network_interfaces, dice),
        7 => less(&mut draft.peerings, dice),
        _ => {
            let n = dice.below(draft.transit_gateway_route_tables.len());
            if let Some(table) = draft.transit_gateway_route_tables.get_mut(n) {
                less(&mut table.routes, dice);
            }
        }
    }
}
