//! The kinds of attachments that no call describes but those that list them.

use model::{AttachmentKind, Hole, OnPremisesService, Value, Vpc};

use crate::diagnostic::{Code, Diagnostic};
use crate::json::Cursor;
use crate::sink::Sink;

/// The kind of an attachment that only a list names. One of a VPC of the input has to be described,
/// or the VPC would seem to have none.
pub(super) fn undescribed(
    id: &str,
    kind: &str,
    resource: Option<&str>,
    available: bool,
    cursor: &Cursor<'_>,
    sink: &mut Sink,
) -> Option<AttachmentKind> {
    match (kind, resource) {
        ("vpc", Some(vpc)) if sink.get::<Vpc>(vpc).is_some() => {
            let message = format!("attachment `{id}` of VPC `{vpc}` is not described in the input");
            let diagnostic = Diagnostic::error(cursor.place(), Code::NotDefined, message);
            let call = "describe-transit-gateway-vpc-attachments";
            sink.push(diagnostic.help(format!("add the output of `{call}`, without filters")));
            None
        }
        ("vpc", Some(vpc)) => Some(outside_vpc(id, vpc, available, sink)),
        ("peering" | "tgw-peering", _) => {
            outside_gateway(id, sink);
            Some(AttachmentKind::Peering { other: None })
        }
        (kind, _) if let Some(service) = OnPremisesService::from_name(kind) => {
            let hole = format!("prefixes of {id} (search-transit-gateway-routes)");
            let prefixes = Value::Any(Hole::new(hole));
            Some(AttachmentKind::OnPremises { service, prefixes })
        }
        (kind, _) => {
            let what = format!("an attachment of type `{kind}`");
            sink.not_modelled(cursor.place(), id, &what);
            Some(AttachmentKind::Unmodelled(kind.to_owned()))
        }
    }
}

pub(super) fn outside_vpc(id: &str, vpc: &str, available: bool, sink: &mut Sink) -> AttachmentKind {
    if available {
        let text = format!(
            "VPC `{vpc}` of transit gateway attachment `{id}` is not in the input: what happens \
             there is open"
        );
        sink.assume("attached-vpc-outside", text);
    }
    AttachmentKind::Unmodelled("vpc".to_owned())
}

pub(super) fn outside_gateway(id: &str, sink: &mut Sink) {
    let text = format!(
        "the other transit gateway of peering attachment `{id}` is not in the input: what happens \
         there is open"
    );
    sink.assume("peer-transit-gateway-outside", text);
}
