//! Which load balancer or target group a file is about whose output does not say so: the file's name
//! has its name, or the last part of its ARN, behind the call's.

use std::collections::BTreeMap;

use super::super::snapshot::{Item, OfSubject, Snapshot};
use crate::json::Cursor;
use crate::load_balancer::short;
use crate::sink::Sink;

/// The attributes of something, by their keys.
pub(in super::super) type Attributes<'a> = BTreeMap<&'a str, &'a str>;

/// The attributes that a call lists, by the id of their subject.
pub(in super::super) fn attributes<'a>(
    snapshot: &Snapshot<'a>,
    call: &str,
    list: &str,
    sink: &mut Sink,
) -> BTreeMap<String, Attributes<'a>> {
    let mut found: BTreeMap<_, Attributes<'a>> = BTreeMap::new();
    for of_subject in snapshot.of_subjects(call) {
        let Some(id) = find(of_subject, snapshot, list, sink) else {
            continue;
        };
        let attributes = found.entry(id.to_owned()).or_default();
        for attribute in of_subject.cursor.as_list(sink) {
            let key = attribute.required_text("Key", sink);
            let value = attribute.text("Value", sink);
            attributes.extend(key.zip(value));
        }
    }
    found
}

/// The id of the load balancer or target group that a file is about. Names are unique in a Region:
/// one in the file's own folder is meant, or else the only one of that name.
pub(in super::super) fn find<'a>(
    of_subject: &OfSubject<'a>,
    snapshot: &Snapshot<'a>,
    list: &str,
    sink: &mut Sink,
) -> Option<&'a str> {
    let OfSubject {
        subject, folder, ..
    } = of_subject;
    let items = snapshot.items(list).iter();
    let named: Vec<(&Item<'a>, &'a str)> = items
        .filter_map(|item| {
            let id = id(&item.cursor)?;
            is_named(id, subject).then_some((item, id))
        })
        .collect();
    let mut near = named.iter().filter(|(item, _)| item.folder == *folder);
    let found = match (near.next(), near.next(), named.as_slice()) {
        (Some((_, id)), None, _) | (None, _, [(_, id)]) => Some(*id),
        (_, _, _) => None,
    };
    if found.is_none() {
        let one = if named.is_empty() { "none" } else { "several" };
        let what = format!("what a file says of `{subject}`, which {one} of `{list}` is called,");
        sink.left_out(of_subject.cursor.place(), subject, &what);
    }
    found
}

fn id<'a>(cursor: &Cursor<'a>) -> Option<&'a str> {
    let arns = ["LoadBalancerArn", "TargetGroupArn"];
    let arn = arns.iter().find_map(|key| cursor.value().get(key));
    arn?.as_str().map(short)
}

/// Whether an id is `app/<subject>/<hash>`, or that with the hash, or whole with hyphens.
fn is_named(id: &str, subject: &str) -> bool {
    let mut parts = id.rsplit('/');
    let (Some(hash), Some(name)) = (parts.next(), parts.next()) else {
        return false;
    };
    let whole = id.replace('/', "-");
    [name, hash, &format!("{name}-{hash}"), &whole].contains(&subject)
}
