//! `describe-network-acls`.

use model::{
    AclAction, AclEntry, Family, IcmpFilter, NetworkAcl, NetworkAclId, RuleIndex, RuleTraffic,
    VpcId,
};

use super::snapshot::Snapshot;
use super::traffic::{self, Numbers, Protocol};
use crate::diagnostic::{Code, Place};
use crate::json::Cursor;
use crate::provenance::Kind;
use crate::sink::Sink;

/// The largest number of an entry; AWS's final `*` entries have larger ones.
const MAX_NUMBER: i64 = 32766;

/// Reads the network ACLs.
pub(super) fn read(snapshot: &Snapshot<'_>, sink: &mut Sink) {
    for cursor in snapshot.cursors("NetworkAcls") {
        let id = cursor.required_text("NetworkAclId", sink);
        let vpc = cursor.required_text("VpcId", sink);
        let (Some(id), Some(vpc)) = (id, vpc) else {
            continue;
        };
        let mut acl = NetworkAcl {
            id: NetworkAclId::new(id),
            vpc: VpcId::new(vpc),
            ingress: Vec::new(),
            egress: Vec::new(),
            tags: cursor.aws_tags("Tags", sink),
        };
        let mut places: Vec<(RuleIndex, Place)> = Vec::new();
        for item in cursor.list("Entries", sink) {
            let egress = item.required("Egress", sink);
            let egress = egress.and_then(|egress| egress.as_flag(sink));
            let (Some(egress), Some(entry)) = (egress, entry(&item, sink)) else {
                continue;
            };
            if egress {
                places.push((RuleIndex::EgressEntry(entry.number), item.place()));
                acl.egress.push(entry);
            } else {
                places.push((RuleIndex::IngressEntry(entry.number), item.place()));
                acl.ingress.push(entry);
            }
        }
        sink.add(acl, cursor.place());
        for (index, place) in places {
            sink.rule(Kind::NetworkAcl, id, index, place);
        }
    }
}

/// An entry; `None` for a final one too.
fn entry(cursor: &Cursor<'_>, sink: &mut Sink) -> Option<AclEntry> {
    let number = cursor.required("RuleNumber", sink)?;
    let value = number.as_integer(sink)?;
    if value > MAX_NUMBER {
        return None;
    }
    let Ok(number) = u16::try_from(value) else {
        let message = format!("{value} is not an entry number");
        number.error(sink, Code::InvalidValue, message);
        return None;
    };
    let action = match cursor.required_text("RuleAction", sink)? {
        "allow" => AclAction::Allow,
        "deny" => AclAction::Deny,
        other => {
            let message = format!("`RuleAction` is `{other}`, expected `allow` or `deny`");
            cursor.error(sink, Code::InvalidValue, message);
            return None;
        }
    };
    let cidr = match cursor.get("Ipv6CidrBlock") {
        Some(field) => field.as_cidr(sink),
        None => cursor.required("CidrBlock", sink)?.as_cidr(sink),
    }?;
    let protocol = traffic::protocol(cursor, "Protocol", sink)?;
    let ports = Numbers {
        cursor,
        within: Some("PortRange"),
        from: "From",
        to: "To",
    };
    let icmp = Numbers {
        cursor,
        within: Some("IcmpTypeCode"),
        from: "Type",
        to: "Code",
    };
    let traffic = if protocol == Protocol::Icmpv6 && cidr.family() == Family::V4 {
        // Whatever types are given, AWS takes all with an IPv4 block.
        RuleTraffic::Icmpv6(IcmpFilter {
            icmp_type: None,
            code: None,
        })
    } else {
        traffic::traffic(protocol, &ports, &icmp, sink)?
    };
    Some(AclEntry {
        number,
        action,
        traffic,
        cidr,
    })
}
