//! `describe-vpc-peering-connections`.

use model::{Peering, PeeringEnd, PeeringId, Vpc};

use super::snapshot::Snapshot;
use crate::json::Cursor;
use crate::sink::Sink;

/// Reads the peering connections that join a VPC of the input.
pub(super) fn read(snapshot: &Snapshot<'_>, sink: &mut Sink) {
    for cursor in snapshot.cursors("VpcPeeringConnections") {
        let id = cursor.required_text("VpcPeeringConnectionId", sink);
        let status = cursor.required("Status", sink);
        let status = status.and_then(|status| status.required_text("Code", sink));
        let requester = end(cursor, "RequesterVpcInfo", sink);
        let accepter = end(cursor, "AccepterVpcInfo", sink);
        let (Some(id), Some(status), Some(requester), Some(accepter)) =
            (id, status, requester, accepter)
        else {
            continue;
        };
        let outside = |end: &PeeringEnd| matches!(end, PeeringEnd::Outside(_));
        if outside(&requester) && outside(&accepter) {
            // What is left of a deleted one, or between VPCs that a filter left out.
            let what = "a peering between VPCs that are not in the input";
            sink.not_modelled(cursor.place(), id, what);
            continue;
        }
        let active = status == "active";
        if active {
            for end in [&requester, &accepter] {
                if let PeeringEnd::Outside(vpc) = end {
                    let text = format!(
                        "peer VPC `{vpc}` of `{id}` is not in the input: what happens there is open"
                    );
                    sink.assume("peer-vpc-outside", text);
                }
            }
        }
        let peering = Peering {
            id: PeeringId::new(id),
            requester,
            accepter,
            active,
            tags: cursor.aws_tags("Tags", sink),
        };
        sink.add(peering, cursor.place());
    }
}

fn end(cursor: &Cursor<'_>, key: &str, sink: &mut Sink) -> Option<PeeringEnd> {
    let vpc = cursor.required(key, sink)?.required_text("VpcId", sink)?;
    Some(if sink.get::<Vpc>(vpc).is_some() {
        PeeringEnd::Vpc(vpc.into())
    } else {
        PeeringEnd::Outside(vpc.to_owned())
    })
}
