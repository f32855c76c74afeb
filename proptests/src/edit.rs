//! Edits: small changes of a network, as people make them.

use model::{Network, NetworkDraft};

use crate::dice::Dice;

/// A change of one to three parts; `None` when AWS would refuse it.
pub fn edited(network: &Network, dice: &mut Dice) -> Option<Network> {
    let mut draft = network.clone().into_draft();
    for _ in 0..=dice.below(3) {
        edit(&mut draft, dice);
    }
    draft.validate().ok()
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
