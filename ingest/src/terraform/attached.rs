//! Interfaces that the plan attaches to instances, where an earlier input has them.

use std::collections::BTreeMap;

use model::{Attachment, Hole, NetworkInterface, RouteState, Tags, Target};

use super::reader::Reader;
use crate::provenance::Kind;

/// Gives interfaces that only an earlier input has the instances of the plan, and their tags. Routes to
/// what was attached to nothing are blackholes no more.
pub(super) fn read(reader: &mut Reader<'_, '_>, owners: &BTreeMap<String, (String, Tags)>) {
    for (id, (owner, tags)) in owners {
        let Some(earlier) = reader.sink.get::<NetworkInterface>(id) else {
            continue;
        };
        let Attachment::Ordinary { instance } = &earlier.attachment else {
            continue;
        };
        let before = instance.clone();
        if !reader.network_interfaces.contains_key(id) {
            give(reader, id, owner, tags);
        }
        if before.is_none() {
            revive(reader, id);
        }
    }
}

/// The tags of the instance that it had are not told apart from its own: which it keeps is open.
fn give(reader: &mut Reader<'_, '_>, id: &str, owner: &str, tags: &Tags) {
    let Some(interface) = reader.sink.get::<NetworkInterface>(id) else {
        return;
    };
    let now = Attachment::Ordinary {
        instance: Some(owner.to_owned()),
    };
    let nobody = Attachment::Ordinary { instance: None };
    let before = std::mem::replace(&mut interface.attachment, now.clone());
    let is_moved = before != nobody && before != now;
    let shown = interface.tags.iter();
    let open = shown.filter(|(key, value)| match tags.get(*key) {
        Some(of_owner) => of_owner != *value,
        None => is_moved,
    });
    let open: Vec<String> = open.map(|(key, _)| key.clone()).collect();
    for (key, value) in tags {
        let own = interface.tags.entry(key.clone());
        own.or_insert_with(|| value.clone());
    }
    let hole = Hole::new(format!("tags of {id}"));
    let component = reader.open(Kind::NetworkInterface, id);
    for key in open {
        component.tags.entry(key).or_insert(hole.clone());
    }
}

fn revive(reader: &mut Reader<'_, '_>, id: &str) {
    let planned = reader.route_tables.values_mut();
    let planned = planned.map(|placed| &mut placed.component);
    let tables = planned.chain(&mut reader.sink.draft.route_tables);
    for route in tables.flat_map(|table| &mut table.routes) {
        if matches!(route.target.known(), Some(Target::NetworkInterface(of)) if of.as_str() == id) {
            route.state = RouteState::Active;
        }
    }
}
