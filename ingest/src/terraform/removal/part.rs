//! Parts of what stays: routes, rules, entries, associations, public addresses.

use model::{
    Attachment, ComponentId, Hole, NetworkAcl, NetworkInterface, PrefixList, RouteDestination,
    RouteOrigin, RuleIndex, SecurityGroup, Target, Value, Vpc, VpcEndpoint,
};

use super::super::plan::Resource;
use super::super::reader::Reader;
use super::super::security_group;
use super::super::traffic::Side;
use super::{
    detach, disassociate, doubt, instance, is_gone, leads_to_endpoint, leave_edge, open_acl,
    take_routes,
};
use crate::policy;

/// Takes a part out of what it is a part of; whether the resource is such a part.
pub(super) fn take(reader: &mut Reader<'_, '_>, former: &Resource<'_>, is_gone: bool) -> bool {
    let text = |name: &str| former.attribute(name).text().map(str::to_owned);
    match former.of {
        "aws_route" => route(reader, former),
        "aws_security_group_rule"
        | "aws_vpc_security_group_ingress_rule"
        | "aws_vpc_security_group_egress_rule" => rule(reader, former),
        "aws_network_acl_rule" => entry(reader, former),
        "aws_route_table_association" => association(reader, former, is_gone),
        "aws_main_route_table_association" if is_gone => {
            let vpc = text("vpc_id");
            let vpc = vpc.and_then(|vpc| reader.sink.get::<Vpc>(&vpc));
            match (vpc, text("original_route_table_id")) {
                (Some(vpc), Some(original)) => vpc.main_route_table = original.as_str().into(),
                (Some(_), None) => doubt(reader, former),
                (None, _) => {}
            }
        }
        "aws_network_acl_association" if is_gone => {
            if let Some(subnet) = text("subnet_id") {
                open_acl(reader, |one| one.id.as_str() == subnet);
            }
        }
        "aws_eip" | "aws_eip_association" => {
            if gives_up_address(reader, former) {
                public_address(reader, former);
            }
        }
        "aws_ec2_managed_prefix_list_entry" => prefix(reader, former),
        "aws_vpn_gateway_route_propagation" => propagation(reader, former),
        "aws_vpc_endpoint_policy" if is_gone => {
            let endpoint = text("vpc_endpoint_id");
            if let Some(endpoint) = endpoint.and_then(|id| reader.sink.get::<VpcEndpoint>(&id)) {
                endpoint.policy = Value::Known(policy::full_access());
            }
        }
        "aws_vpc_endpoint_route_table_association" => {
            if let (Some(endpoint), Some(table)) = (text("vpc_endpoint_id"), text("route_table_id"))
            {
                take_routes(reader, |id, route| {
                    id == table && leads_to_endpoint(route, &endpoint)
                });
            }
        }
        "aws_vpc_endpoint_security_group_association" if is_gone => ungroup(reader, former),
        "aws_network_interface_sg_attachment" => {
            let interface = text("network_interface_id");
            let interface = interface.and_then(|id| reader.sink.get::<NetworkInterface>(&id));
            let group = text("security_group_id");
            if let (Some(interface), Some(group)) = (interface, group)
                && let Value::Known(groups) = &mut interface.groups
                && !groups.remove(&group.as_str().into())
            {
                // What is read is not the network that the plan found.
                doubt(reader, former);
            }
        }
        "aws_internet_gateway_attachment" => {
            if let Some(id) = text("internet_gateway_id") {
                detach(reader, &id);
            }
        }
        _ => return false,
    }
    true
}

/// Leaves a subnet to the main table of its VPC, and a gateway without a table for what comes in by it.
fn association(reader: &mut Reader<'_, '_>, former: &Resource<'_>, is_gone: bool) {
    let text = |name: &str| former.attribute(name).text().map(str::to_owned);
    match (
        text("route_table_id"),
        text("subnet_id"),
        text("gateway_id"),
    ) {
        (Some(table), Some(subnet), _) => disassociate(reader, |one| {
            one.id.as_str() == subnet
                && one.route_table.as_ref().and_then(Value::known) == Some(&table.as_str().into())
        }),
        (Some(table), None, Some(gateway)) => leave_edge(reader, &gateway, &table),
        (Some(_), None, None) | (None, _, _) if is_gone => doubt(reader, former),
        (Some(_), None, None) | (None, _, _) => {}
    }
}

/// Takes the routes out of a table that a gateway propagates to it no more.
fn propagation(reader: &mut Reader<'_, '_>, former: &Resource<'_>) {
    let text = |name: &str| former.attribute(name).text().map(str::to_owned);
    let (Some(table), Some(gateway)) = (text("route_table_id"), text("vpn_gateway_id")) else {
        return;
    };
    let target = Target::VirtualPrivateGateway(gateway.as_str().into());
    take_routes(reader, |id, route| {
        id == table
            && route.origin == RouteOrigin::Propagated
            && route.target.known() == Some(&target)
    });
}

/// Whether the public address of a resource is taken from what has it.
pub(super) fn gives_up_address(reader: &Reader<'_, '_>, former: &Resource<'_>) -> bool {
    former.of == "aws_eip_association" || is_gone(reader, former) || is_moved(reader, former)
}

/// Takes a group from the interfaces of an endpoint. AWS leaves none without a group.
fn ungroup(reader: &mut Reader<'_, '_>, former: &Resource<'_>) {
    let replaces = former.attribute("replace_default_association").flag() == Some(true);
    let endpoint = former.attribute("vpc_endpoint_id").text();
    let group = former.attribute("security_group_id").text();
    let (Some(endpoint), Some(group), false) = (endpoint, group, replaces) else {
        doubt(reader, former);
        return;
    };
    let own = Attachment::VpcEndpoint(endpoint.into());
    let interfaces = reader.sink.draft.network_interfaces.iter_mut();
    let (mut is_there, mut is_bare) = (true, false);
    for interface in interfaces.filter(|one| one.attachment == own) {
        if let Value::Known(groups) = &mut interface.groups {
            is_there &= groups.remove(&group.into());
            is_bare |= groups.is_empty();
        }
    }
    let is_last = is_bare && reader.plan.managed(&[former.of]).is_empty();
    if !is_there || is_last {
        doubt(reader, former);
    }
}

/// Whether an Elastic IP is put to another use.
fn is_moved(reader: &Reader<'_, '_>, former: &Resource<'_>) -> bool {
    let id = former.attribute("id");
    let after = id.text().and_then(|id| reader.plan.made(&[former.of], id));
    ["instance", "network_interface"].iter().any(|name| {
        let before = former.attribute(name);
        after.is_none_or(|after| {
            let after = after.attribute(name);
            after.is_open() || after.text() != before.text()
        })
    })
}

/// Takes a public address from the interface that has it.
fn public_address(reader: &mut Reader<'_, '_>, former: &Resource<'_>) {
    let Some(public) = former.attribute("public_ip").address(reader.sink) else {
        doubt(reader, former);
        return;
    };
    let interfaces = reader.sink.draft.network_interfaces.iter_mut();
    for id in instance::take_public(interfaces, public) {
        reader.released.insert(id, Hole::new(former.address));
    }
}

/// Takes a block out of a prefix list.
fn prefix(reader: &mut Reader<'_, '_>, former: &Resource<'_>) {
    let list = former.attribute("prefix_list_id");
    let block = former.attribute("cidr").cidr(reader.sink);
    let list = list.text().and_then(|id| reader.sink.get::<PrefixList>(id));
    if let (Some(list), Some(block)) = (list, block)
        && let Value::Known(entries) = &mut list.entries
    {
        entries.remove(&block);
    }
}

/// The tables whose routes the plan lists itself are built anew.
fn route(reader: &mut Reader<'_, '_>, former: &Resource<'_>) {
    let Some(table) = former.attribute("route_table_id").text() else {
        return;
    };
    let blocks = ["destination_cidr_block", "destination_ipv6_cidr_block"];
    let set = |name: &&&str| {
        let text = former.attribute(name);
        text.text().is_some_and(|text| !text.is_empty())
    };
    let destination = match blocks.iter().find(set) {
        Some(name) => former
            .attribute(name)
            .cidr(reader.sink)
            .map(RouteDestination::Cidr),
        None => former
            .attribute("destination_prefix_list_id")
            .text()
            .map(|list| RouteDestination::PrefixList(list.into())),
    };
    let Some(destination) = destination else {
        doubt(reader, former);
        return;
    };
    take_routes(reader, |id, route| {
        id == table
            && route.origin == RouteOrigin::Static
            && route.destination.known() == Some(&destination)
            && route.target.known() != Some(&Target::Local)
    });
}

/// Takes the rules of a resource out of a group. Where the group does not have one, the earlier input
/// is not the network that the plan changes.
fn rule(reader: &mut Reader<'_, '_>, former: &Resource<'_>) {
    let Some(id) = former
        .attribute("security_group_id")
        .text()
        .map(str::to_owned)
    else {
        return;
    };
    let rules = security_group::standing_alone(reader, former, &id);
    let Some(group) = reader.sink.get::<SecurityGroup>(&id) else {
        return;
    };
    let mut taken = Vec::new();
    let mut is_whole = !rules.is_empty();
    for (side, rule) in rules {
        let of_side = match side {
            Side::Ingress => &mut group.ingress,
            Side::Egress => &mut group.egress,
        };
        match of_side.iter().position(|one| *one == rule) {
            Some(position) => {
                of_side.remove(position);
                taken.push(match side {
                    Side::Ingress => RuleIndex::IngressRule(position),
                    Side::Egress => RuleIndex::EgressRule(position),
                });
            }
            None => is_whole = false,
        }
    }
    let component = ComponentId::SecurityGroup(id.as_str().into());
    for index in taken {
        reader.sink.provenance.forget_rule(&component, index);
    }
    if !is_whole && !reader.planned_groups.contains(&id) {
        doubt(reader, former);
    }
}

fn entry(reader: &mut Reader<'_, '_>, former: &Resource<'_>) {
    let is_egress = former.attribute("egress").flag() == Some(true);
    let number = former.attribute("rule_number").integer();
    let number = number.and_then(|number| u16::try_from(number).ok());
    let acl = former.attribute("network_acl_id");
    let acl = acl.text().and_then(|id| reader.sink.get::<NetworkAcl>(id));
    let (Some(acl), Some(number)) = (acl, number) else {
        return;
    };
    let (entries, index) = if is_egress {
        (&mut acl.egress, RuleIndex::EgressEntry(number))
    } else {
        (&mut acl.ingress, RuleIndex::IngressEntry(number))
    };
    entries.retain(|entry| entry.number != number);
    let component = ComponentId::NetworkAcl(acl.id.clone());
    reader.sink.provenance.forget_rule(&component, index);
}
