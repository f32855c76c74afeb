//! `describe-managed-prefix-lists`, `describe-prefix-lists`, `get-managed-prefix-list-entries`.

use std::collections::{BTreeMap, BTreeSet};

use model::{Cidr, Family, Hole, PrefixList, PrefixListId, Value};

use super::snapshot::Snapshot;
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::doubt::Touches;
use crate::json::Cursor;
use crate::sink::Sink;

type Entries = BTreeMap<String, BTreeSet<Cidr>>;

/// Reads the prefix lists. Both calls print them under one key: `describe-prefix-lists` knows
/// only AWS's own, with their blocks, the other all of them, without.
pub(super) fn read(snapshot: &Snapshot<'_>, sink: &mut Sink) {
    let mut entries = entries(snapshot, sink);
    let mut managed = Vec::new();
    let mut only_blocks = Vec::new();
    for cursor in snapshot.cursors("PrefixLists") {
        if cursor.get("Cidrs").is_none() {
            managed.push(cursor);
            continue;
        }
        only_blocks.push(cursor);
        let id = cursor.required_text("PrefixListId", sink);
        let mut blocks = BTreeSet::new();
        for block in cursor.list("Cidrs", sink) {
            blocks.extend(block.as_cidr(sink));
        }
        if let Some(id) = id {
            entries.entry(id.to_owned()).or_insert(blocks);
        }
    }
    for cursor in managed {
        prefix_list(cursor, &entries, sink);
    }
    for cursor in only_blocks {
        let id = cursor.text("PrefixListId", sink);
        if id.is_some_and(|id| sink.get::<PrefixList>(id).is_none()) {
            prefix_list(cursor, &entries, sink);
        }
    }
    not_recorded(snapshot, sink);
}

/// AWS Config does not record the lists that AWS owns. Those that its items name are there, with
/// entries that are not known; one to which a route to a gateway endpoint leads is that of its service.
fn not_recorded(snapshot: &Snapshot<'_>, sink: &mut Sink) {
    let services: BTreeMap<_, _> = snapshot
        .cursors("VpcEndpoints")
        .filter_map(|endpoint| {
            Some((
                text(endpoint, "VpcEndpointId")?,
                text(endpoint, "ServiceName")?,
            ))
        })
        .collect();
    let mut named: BTreeMap<&str, (Option<&str>, Place)> = BTreeMap::new();
    let of_config = |key| snapshot.cursors(key).filter(|cursor| cursor.is_of_config());
    for table in of_config("RouteTables") {
        for route in table.list("Routes", &mut Sink::default()) {
            let target = text(&route, "GatewayId");
            let service = target.and_then(|target| services.get(target).copied());
            if let Some(id) = text(&route, "DestinationPrefixListId") {
                let known = named.entry(id).or_insert_with(|| (None, route.place()));
                known.0 = known.0.or(service);
            }
        }
    }
    for group in of_config("SecurityGroups") {
        for key in ["IpPermissions", "IpPermissionsEgress"] {
            for permission in group.list(key, &mut Sink::default()) {
                for list in permission.list("PrefixListIds", &mut Sink::default()) {
                    if let Some(id) = text(&list, "PrefixListId") {
                        named.entry(id).or_insert_with(|| (None, list.place()));
                    }
                }
            }
        }
    }
    for (id, (service, place)) in named {
        if sink.get::<PrefixList>(id).is_some() {
            continue;
        }
        let name = service.unwrap_or(id);
        sink.not_recorded(
            Touches::Ipv6,
            format!("the address family of `{id}` is not recorded"),
        );
        let list = PrefixList {
            id: PrefixListId::new(id),
            name: name.to_owned(),
            family: Family::V4,
            aws_managed: service.is_some(),
            entries: Value::Any(Hole::new(format!("entries of {id} ({name})"))),
        };
        sink.add(list, place);
    }
}

fn text<'a>(cursor: &Cursor<'a>, key: &str) -> Option<&'a str> {
    cursor.value().get(key).and_then(|field| field.as_str())
}

/// The entries by the id of their list, which stands in the file's name.
fn entries(snapshot: &Snapshot<'_>, sink: &mut Sink) -> Entries {
    let mut entries = Entries::new();
    for (stem, cursor) in snapshot.named("Entries") {
        let Some(position) = stem.find("pl-") else {
            let message = "the file's name does not say which prefix list has these entries";
            let diagnostic = Diagnostic::error(cursor.place(), Code::MissingField, message);
            let help = "name it `get-managed-prefix-list-entries-<prefix list id>.json`";
            sink.push(diagnostic.help(help));
            continue;
        };
        let id = stem.get(position..).unwrap_or_default();
        let blocks = entries.entry(id.to_owned()).or_default();
        for entry in cursor.as_list(sink) {
            let block = entry.required("Cidr", sink);
            blocks.extend(block.and_then(|block| block.as_cidr(sink)));
        }
    }
    entries
}

fn prefix_list(cursor: &Cursor<'_>, entries: &Entries, sink: &mut Sink) {
    let id = cursor.required_text("PrefixListId", sink);
    let name = cursor.required_text("PrefixListName", sink);
    let (Some(id), Some(name)) = (id, name) else {
        return;
    };
    if cursor.text("State", sink) == Some("delete-complete") {
        return;
    }
    let blocks = entries.get(id);
    let first = blocks.and_then(|blocks| blocks.first());
    let family = match cursor.get("AddressFamily") {
        Some(field) => match field.as_text(sink) {
            Some("IPv4") => Family::V4,
            Some("IPv6") => Family::V6,
            Some(other) => {
                let message = format!("address family `{other}` is not `IPv4` or `IPv6`");
                field.error(sink, Code::InvalidValue, message);
                return;
            }
            None => return,
        },
        // `describe-prefix-lists` does not say it.
        None => first.map_or(Family::V4, |first| first.family()),
    };
    // That call lists AWS's own and does not say so.
    let aws_managed = cursor
        .text("OwnerId", sink)
        .is_none_or(|owner| owner == "AWS");
    let entries = match blocks {
        Some(blocks) => Value::Known(blocks.clone()),
        None => Value::Any(Hole::new(format!("entries of {id} ({name})"))),
    };
    let list = PrefixList {
        id: PrefixListId::new(id),
        name: name.to_owned(),
        family,
        aws_managed,
        entries,
    };
    sink.add(list, cursor.place());
}

/// Whether a prefix list that a rule or a route names is there; if not, that is an error.
pub(super) fn is_known(id: &str, cursor: &Cursor<'_>, sink: &mut Sink) -> bool {
    let known = sink.get::<PrefixList>(id).is_some();
    if !known {
        let message = format!("prefix list `{id}` is used here but is not in the input");
        let diagnostic = Diagnostic::error(cursor.place(), Code::NotDefined, message);
        sink.push(diagnostic.help("add the output of `describe-managed-prefix-lists`"));
    }
    known
}
