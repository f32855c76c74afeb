//! States that pass by themselves. What is in one is read as if it did nothing, or as if it stayed as it is,
//! and by now it may be otherwise.

use super::snapshot::Snapshot;
use crate::doubt::Touches;
use crate::json::Cursor;
use crate::sink::Sink;

/// What passes: the list and the id of its items, where they say their state, and which states pass.
struct Passing {
    list: &'static str,
    id: &'static str,
    state: &'static [&'static str],
    states: &'static [&'static str],
}

/// Source: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayAttachment.html>
const ATTACHMENT: &[&str] = &[
    "initiating",
    "initiatingRequest",
    "pending",
    "rollingBack",
    "modifying",
    "deleting",
    "rejecting",
    "failing",
];

/// Source: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcCidrBlockState.html>
const ASSOCIATION: &[&str] = &["associating", "disassociating", "failing"];

/// Sources: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcPeeringConnectionStateReason.html>,
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGateway.html>,
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayRouteTable.html>,
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpnConnection.html>,
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ManagedPrefixList.html>,
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterfaceAttachment.html>.
const PASSING: [Passing; 12] = [
    Passing {
        list: "VpcPeeringConnections",
        id: "VpcPeeringConnectionId",
        state: &["Status", "Code"],
        states: &["initiating-request", "provisioning", "deleting"],
    },
    Passing {
        list: "TransitGateways",
        id: "TransitGatewayId",
        state: &["State"],
        states: &["pending", "modifying", "deleting"],
    },
    Passing {
        list: "TransitGatewayVpcAttachments",
        id: "TransitGatewayAttachmentId",
        state: &["State"],
        states: ATTACHMENT,
    },
    Passing {
        list: "TransitGatewayPeeringAttachments",
        id: "TransitGatewayAttachmentId",
        state: &["State"],
        states: ATTACHMENT,
    },
    Passing {
        list: "TransitGatewayAttachments",
        id: "TransitGatewayAttachmentId",
        state: &["State"],
        states: ATTACHMENT,
    },
    Passing {
        list: "TransitGatewayAttachments",
        id: "TransitGatewayAttachmentId",
        state: &["Association", "State"],
        states: ASSOCIATION,
    },
    Passing {
        list: "TransitGatewayRouteTables",
        id: "TransitGatewayRouteTableId",
        state: &["State"],
        states: &["pending", "deleting"],
    },
    Passing {
        list: "Vpcs",
        id: "VpcId",
        state: &["CidrBlockAssociationSet", "CidrBlockState", "State"],
        states: ASSOCIATION,
    },
    Passing {
        list: "Vpcs",
        id: "VpcId",
        state: &["Ipv6CidrBlockAssociationSet", "Ipv6CidrBlockState", "State"],
        states: ASSOCIATION,
    },
    Passing {
        list: "Subnets",
        id: "SubnetId",
        state: &["Ipv6CidrBlockAssociationSet", "Ipv6CidrBlockState", "State"],
        states: ASSOCIATION,
    },
    Passing {
        list: "PrefixLists",
        id: "PrefixListId",
        state: &["State"],
        states: &[
            "create-in-progress",
            "modify-in-progress",
            "restore-in-progress",
            "delete-in-progress",
        ],
    },
    Passing {
        list: "VpnConnections",
        id: "VpnConnectionId",
        state: &["State"],
        states: &["pending", "modifying", "deleting"],
    },
];

/// Notes what is in a state that passes.
pub(super) fn read(snapshot: &Snapshot<'_>, sink: &mut Sink) {
    for passing in &PASSING {
        for cursor in snapshot.cursors(passing.list) {
            let id = cursor.text(passing.id, sink).unwrap_or(passing.list);
            for state in states(cursor, passing.state, sink) {
                if passing.states.contains(&state) {
                    note(sink, id, state);
                }
            }
        }
    }
}

/// The words at the end of a path, through objects and lists.
fn states<'a>(cursor: &Cursor<'a>, path: &[&str], sink: &mut Sink) -> Vec<&'a str> {
    let Some((first, rest)) = path.split_first() else {
        return Vec::new();
    };
    if rest.is_empty() {
        return cursor.text(first, sink).into_iter().collect();
    }
    let is_list = cursor
        .get(first)
        .is_some_and(|field| field.value().as_array().is_some());
    let below: Vec<Cursor<'a>> = if is_list {
        cursor.list(first, sink)
    } else {
        cursor.get(first).into_iter().collect()
    };
    let states = below.iter().map(|field| states(field, rest, sink));
    states.flatten().collect()
}

/// Says that nothing is certain of what is in a state that passes by itself.
pub(super) fn note(sink: &mut Sink, id: &str, state: &str) {
    let what = format!("{id} (which is `{state}`, so that it may be otherwise by now)");
    sink.unread(Touches::Everything, what, true);
}
