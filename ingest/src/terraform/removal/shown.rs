//! What stand-alone resources made and the change takes away, as an owner that the change leaves as it is
//! still shows it. An owner that asks for it itself may get it back, before or after.

use std::collections::BTreeSet;

use model::{Hole, NetworkInterface, SecurityGroupId, Value};

use super::super::plan::{Plan, Resource};
use super::super::reader::Reader;
use super::{doubt_of, instance, is_gone, part};
use crate::doubt::Touches;

/// The type that attaches an interface to an instance.
const ATTACHMENT: &str = "aws_network_interface_attachment";

/// The types whose parts cannot be taken out of what their owner shows, each with the attribute that
/// names the owner, and the owner's type.
const UNTOLD: [(&str, &str, &str); 8] = [
    (
        "aws_ec2_transit_gateway_peering_attachment_accepter",
        "transit_gateway_attachment_id",
        "aws_ec2_transit_gateway_peering_attachment",
    ),
    (
        "aws_ec2_transit_gateway_vpc_attachment_accepter",
        "transit_gateway_attachment_id",
        "aws_ec2_transit_gateway_vpc_attachment",
    ),
    (ATTACHMENT, "network_interface_id", "aws_network_interface"),
    (
        "aws_vpc_endpoint_connection_accepter",
        "vpc_endpoint_id",
        "aws_vpc_endpoint",
    ),
    (
        "aws_vpc_endpoint_private_dns",
        "vpc_endpoint_id",
        "aws_vpc_endpoint",
    ),
    (
        "aws_vpc_endpoint_security_group_association",
        "vpc_endpoint_id",
        "aws_vpc_endpoint",
    ),
    (
        "aws_vpc_endpoint_subnet_association",
        "vpc_endpoint_id",
        "aws_vpc_endpoint",
    ),
    (
        "aws_vpn_gateway_attachment",
        "vpn_gateway_id",
        "aws_vpn_gateway",
    ),
];

/// The parts of an owner that the change takes away, or writes anew, by their type. `names` are the
/// attributes that name the owner and the part.
pub(in super::super) fn taken<'p>(
    plan: &'p Plan<'p>,
    of: &str,
    [owner, part]: [&str; 2],
    id: &str,
) -> BTreeSet<&'p str> {
    let former = plan.former.iter().chain(&plan.deposed);
    let former = former.filter(|former| former.of == of);
    let of_owner = former.filter(|former| text(former, owner) == Some(id));
    of_owner.filter_map(|former| text(former, part)).collect()
}

fn text<'p>(resource: &'p Resource<'p>, name: &str) -> Option<&'p str> {
    resource.raw(name).0.and_then(crate::json::Value::as_str)
}

/// The resource that stood for the policy of an endpoint, when the change takes it away.
pub(in super::super) fn former_policy<'p>(
    reader: &Reader<'p, '_>,
    endpoint: &Resource<'_>,
) -> Option<&'p str> {
    let plan = reader.plan;
    let id = plan.id(endpoint);
    let mut former = plan.former.iter();
    let of_it = former.find(|former| {
        former.of == "aws_vpc_endpoint_policy" && text(former, "vpc_endpoint_id") == Some(&id)
    });
    of_it.map(|former| former.address)
}

/// Whether an update writes a list anew in which a part stands that the change takes away as a resource of
/// its own: then it may be there in the end. A list that stays as it is Terraform does not write.
pub(in super::super) fn is_written_anew(
    reader: &mut Reader<'_, '_>,
    owner: &Resource<'_>,
    list: &str,
) -> bool {
    let former = reader.plan.former_of(owner);
    let is_anew = former.is_some_and(|former| former.raw(list).0 != owner.raw(list).0);
    if is_anew {
        let hole = owner.attribute(list).hole();
        reader.sink.open_attribute(Touches::Everything, &hole, true);
    }
    is_anew
}

/// Takes groups and public addresses from the interfaces of the plan.
pub(in super::super) fn take_from_interfaces(reader: &mut Reader<'_, '_>) {
    let plan = reader.plan;
    for former in &plan.former {
        match former.of {
            "aws_network_interface_sg_attachment" => group(reader, former),
            "aws_eip" | "aws_eip_association" if part::gives_up_address(reader, former) => {
                public_address(reader, former);
            }
            _ => {}
        }
    }
}

fn group(reader: &mut Reader<'_, '_>, former: &Resource<'_>) {
    let (Some(id), Some(group)) = (
        text(former, "network_interface_id"),
        text(former, "security_group_id"),
    ) else {
        return;
    };
    let plan = reader.plan;
    let own = plan.made(&["aws_network_interface"], id);
    let primary = |one: &&&Resource<'_>| text(one, "primary_network_interface_id") == Some(id);
    let instance = || {
        plan.managed(&["aws_instance"])
            .iter()
            .find(primary)
            .copied()
    };
    let is_declared = own.or_else(instance).is_some_and(|owner| {
        owner.is_declared("security_groups") || owner.is_declared("vpc_security_group_ids")
    });
    let Some(interface) = reader.network_interfaces.get_mut(id) else {
        return;
    };
    let groups = &mut interface.component.groups;
    if let Value::Known(known) = groups
        && known.remove(&SecurityGroupId::new(group))
        && is_declared
    {
        *groups = Value::Any(Hole::new(former.address));
    }
}

fn public_address(reader: &mut Reader<'_, '_>, former: &Resource<'_>) {
    let Some(public) = former.attribute("public_ip").address(reader.sink) else {
        return;
    };
    let interfaces = reader.network_interfaces.values_mut();
    let interfaces = interfaces.map(|placed| &mut placed.component);
    for id in instance::take_public(interfaces, public) {
        reader.released.insert(id, Hole::new(former.address));
    }
}

/// Says of what owners of the plan show of other parts that it may be there no more; and of an interface
/// without its instance, also of one that an earlier input has: the tags of the instance are among its
/// own, and nothing tells them apart.
pub(super) fn doubt(reader: &mut Reader<'_, '_>) {
    let plan = reader.plan;
    for former in &plan.former {
        let Some((_, key, owner)) = UNTOLD.iter().find(|(of, _, _)| *of == former.of) else {
            continue;
        };
        let Some(id) = text(former, key) else {
            continue;
        };
        let is_there = plan.made(&[owner], id).is_some()
            || (former.of == ATTACHMENT && reader.sink.get::<NetworkInterface>(id).is_some());
        let is_told = is_attached_anew(plan, id) || goes_too(reader, id);
        if is_there && is_gone(reader, former) && !is_told {
            doubt_of(reader, former);
        }
    }
}

fn is_attached_anew(plan: &Plan<'_>, interface: &str) -> bool {
    let attachments = plan.managed(&[ATTACHMENT]);
    let mut named = attachments
        .iter()
        .filter_map(|one| text(one, "network_interface_id"));
    named.any(|id| id == interface)
}

/// Whether the change deletes the interface itself.
fn goes_too(reader: &Reader<'_, '_>, interface: &str) -> bool {
    let mut former = reader.plan.former.iter();
    former.any(|one| {
        one.of == "aws_network_interface"
            && text(one, "id") == Some(interface)
            && is_gone(reader, one)
    })
}
