//! What a snapshot has that is not modelled: named, one warning for each thing.

use super::iam::{REST_APIS, is_rest_api};
use super::snapshot::{Item, Snapshot};
use crate::sink::Sink;

/// Lists that change nothing about what can reach what.
const WITHOUT_EFFECT: &[&str] = &[
    "AccountAttributes",
    "Accounts",
    "AvailabilityZones",
    "Children",
    "CustomerGateways",
    "FlowLogs",
    "Images",
    "InstanceStatuses",
    "KeyPairs",
    "OrganizationalUnits",
    "Regions",
    "SecurityGroupVpcAssociations",
    "ServiceNames",
    "Snapshots",
    "Tags",
    "Volumes",
];

/// Warns of every item that no other module reads.
pub(super) fn read(snapshot: &Snapshot<'_>, sink: &mut Sink) {
    for (key, items) in snapshot.unread() {
        if WITHOUT_EFFECT.contains(&key) {
            continue;
        }
        let items = items.iter();
        for item in items.filter(|item| key != REST_APIS || !is_rest_api(item.cursor.value())) {
            let place = item.cursor.place();
            let id = identify(key, item);
            sink.left_out(place, &id, &format!("an item of `{key}`"));
        }
    }
}

/// The id of an item of an unknown list: the field named after the list, else any that looks like
/// an id, else its position.
fn identify(key: &str, item: &Item<'_>) -> String {
    let value = item.cursor.value();
    if let Some(text) = value.as_str() {
        return text.to_owned();
    }
    let singular = key.strip_suffix("ies").map(|stem| format!("{stem}y"));
    let singular = singular.unwrap_or_else(|| key.strip_suffix('s').unwrap_or(key).to_owned());
    let named = value
        .get(&format!("{singular}Id"))
        .and_then(|id| id.as_str());
    let any = || {
        let fields = value.as_object()?;
        ["Id", "Arn", "Name"].iter().find_map(|end| {
            let mut fields = fields.iter();
            fields.find_map(|(field, value)| {
                let is_id = field.ends_with(end) && field != "OwnerId";
                value.as_str().filter(|_| is_id)
            })
        })
    };
    match named.or_else(any) {
        Some(id) => id.to_owned(),
        None => format!("{key}{}", item.cursor.pointer()),
    }
}
