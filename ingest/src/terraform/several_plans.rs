//! Plans one after the other: what an earlier plan adds to something by a resource of its own, or takes
//! from it, a later one does not show that lists the thing as it was. Read in this order, the later plan
//! would take it back, which no apply does.

use super::identity::NETWORK_ACLS;
use super::reader::Reader;
use crate::doubt::Touches;
use model::Hole;

/// The types that stand for a part of something, and the attributes that name what their part is taken
/// for in its own resource.
const PARTS: [(&str, &[&str]); 21] = [
    ("aws_ec2_managed_prefix_list_entry", &["prefix_list_id"]),
    ("aws_internet_gateway_attachment", &["internet_gateway_id"]),
    ("aws_main_route_table_association", &["vpc_id"]),
    (
        "aws_network_acl_association",
        &["network_acl_id", "subnet_id"],
    ),
    ("aws_network_acl_rule", &["network_acl_id"]),
    (
        "aws_network_interface_attachment",
        &["network_interface_id"],
    ),
    (
        "aws_network_interface_sg_attachment",
        &["network_interface_id"],
    ),
    ("aws_route", &["route_table_id"]),
    ("aws_route53_zone_association", &["zone_id"]),
    ("aws_security_group_rule", &["security_group_id"]),
    ("aws_vpc_dhcp_options_association", &["vpc_id"]),
    ("aws_vpc_endpoint_policy", &["vpc_endpoint_id"]),
    ("aws_vpc_endpoint_private_dns", &["vpc_endpoint_id"]),
    (
        "aws_vpc_endpoint_route_table_association",
        &["vpc_endpoint_id", "route_table_id"],
    ),
    (
        "aws_vpc_endpoint_security_group_association",
        &["vpc_endpoint_id"],
    ),
    ("aws_vpc_endpoint_subnet_association", &["vpc_endpoint_id"]),
    ("aws_vpc_ipv4_cidr_block_association", &["vpc_id"]),
    ("aws_vpc_security_group_egress_rule", &["security_group_id"]),
    (
        "aws_vpc_security_group_ingress_rule",
        &["security_group_id"],
    ),
    ("aws_vpn_gateway_attachment", &["vpn_gateway_id"]),
    ("aws_vpn_gateway_route_propagation", &["route_table_id"]),
];

/// The types by which a plan accepts what another one asks for, and the attributes that name it.
const ACCEPTERS: [(&str, &str); 3] = [
    (
        "aws_ec2_transit_gateway_peering_attachment_accepter",
        "transit_gateway_attachment_id",
    ),
    ("aws_vpc_endpoint_connection_accepter", "vpc_endpoint_id"),
    (
        "aws_vpc_peering_connection_accepter",
        "vpc_peering_connection_id",
    ),
];

/// Says that nothing is certain of what this plan lists, and an earlier plan changes by another resource.
pub(super) fn read(reader: &mut Reader<'_, '_>) {
    let plan = reader.plan;
    if reader.sink.changed_by_plans.is_empty() {
        return;
    }
    for resource in plan.resources.iter().filter(|one| !one.is_data) {
        let mut ids = vec![plan.id(resource)];
        if NETWORK_ACLS.contains(&resource.of) {
            let subnets = resource.attribute("subnet_ids").items();
            ids.extend(subnets.iter().filter_map(|id| Some(id.text()?.to_owned())));
        }
        for id in ids {
            if let Some(by) = reader.sink.changed_by_plans.get(&id) {
                let listed = resource.address;
                let hole = Hole::new(format!(
                    "{by} of a plan before, since {listed} is listed as it was without it: name \
                     that plan behind this one, or plan this one again once that is applied"
                ));
                reader.sink.open_attribute(Touches::Everything, &hole, true);
            }
        }
    }
}

/// Notes what this plan changes by resources of their own.
pub(super) fn note(reader: &mut Reader<'_, '_>) {
    let plan = reader.plan;
    let made = plan.resources.iter();
    let made = made.filter(|one| !one.is_data && one.is_created && !plan.is_declared);
    for resource in made.chain(&plan.former) {
        let Some((_, names)) = PARTS.iter().find(|(of, _)| *of == resource.of) else {
            continue;
        };
        for name in *names {
            if let Some(id) = resource.attribute(name).text() {
                let changed = &mut reader.sink.changed_by_plans;
                changed.insert(id.to_owned(), resource.address.to_owned());
            }
        }
    }
    accepted(reader);
}

/// Notes what this plan accepts, which a later one may list as it waited.
fn accepted(reader: &mut Reader<'_, '_>) {
    for (of, name) in ACCEPTERS {
        for resource in reader.plan.managed(&[of]) {
            let declines = of == "aws_vpc_peering_connection_accepter"
                && resource.attribute("auto_accept").flag() != Some(true);
            if let Some(id) = resource.attribute(name).text().filter(|_| !declines) {
                reader.sink.accepted_by_plans.insert(id.to_owned());
            }
        }
    }
}
