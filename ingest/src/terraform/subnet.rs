//! Subnets: `aws_subnet`, `aws_default_subnet`.

use model::{Cidr, Family, Hole, NetworkAclId, RouteTableId, Subnet, SubnetId, Value, Vpc, VpcId};

use crate::cidr::covers;
use crate::doubt::Touches;

use super::identity::{DefaultPart, SUBNETS};
use super::layers_differ;
use super::plan::Resource;
use super::reader::{Placed, Reader, shelve};

/// What is said of a subnet whose block of IPv6 is not known.
pub(crate) const UNSEEN_IPV6: &str = "IPv6 before its block is known";

/// The attribute that says a subnet's block of IPv6.
const IPV6: &str = "ipv6_cidr_block";

/// Reads them, with the default ACL and the main route table; associations come later.
pub(super) fn read(reader: &mut Reader<'_, '_>) {
    for resource in reader.plan.managed(&SUBNETS) {
        subnet(reader, resource);
    }
}

fn subnet(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) {
    let fitting = fitting_vpc(reader, resource);
    let Some(vpc) = reader.vpc_id_or(&resource.attribute("vpc_id"), fitting) else {
        return;
    };
    let id = SubnetId::new(reader.plan.id(resource));
    let (block, ipv6) = (resource.attribute("cidr_block"), resource.attribute(IPV6));
    let mut cidrs = Vec::new();
    cidrs.extend(block.cidr(reader.sink));
    cidrs.extend(ipv6.cidr(reader.sink));
    cidrs.extend(kept_ipv6(reader, resource, &cidrs));
    if block.is_unknown() {
        reader.unplaced(&block);
        reader.unseen(
            resource,
            "an IPv4 block that is chosen at apply (`cidr_block`)",
        );
    }
    let by_pool = ["ipv6_ipam_pool_id", "ipv6_netmask_length"];
    let by_pool = by_pool.iter().any(|name| {
        let attribute = resource.attribute(name);
        attribute.is_set() || attribute.is_open()
    });
    if ipv6.is_open() || (ipv6.is_unknown() && by_pool) {
        reader.unseen_ipv6(&ipv6);
        reader.sink.unseen_ipv6.insert(id.to_string());
        // It lies in a block of the VPC that is not known either (see `vpc.rs`).
        let name = ipv6.name();
        reader.unseen(resource, &format!("{UNSEEN_IPV6} (`{name}`)"));
    }
    if resource.attribute("map_public_ip_on_launch").flag() == Some(true) {
        reader.public_subnets.insert(id.to_string());
    }
    if resource.attribute("assign_ipv6_address_on_creation").flag() == Some(true) {
        reader.ipv6_subnets.insert(id.to_string());
    }
    let dns64 = resource.attribute("enable_dns64");
    if dns64.is_unknown() {
        let what = "DNS64 before it is known (`enable_dns64`)";
        reader.unread(resource, what, &[Touches::Names]);
    }
    let earlier = reader
        .sink
        .get::<Subnet>(id.as_str())
        .map(|subnet| subnet.clone());
    let subnet = Subnet {
        cidrs,
        zone: resource
            .attribute("availability_zone")
            .text()
            .map(str::to_owned),
        zone_id: resource
            .attribute("availability_zone_id")
            .text()
            .map(str::to_owned),
        // The association may belong to another stack: an earlier input knows it.
        route_table: earlier
            .as_ref()
            .and_then(|subnet| kept_table(reader, subnet)),
        network_acl: match earlier {
            Some(subnet) => subnet.network_acl,
            None => default_acl(reader, &vpc, &id),
        },
        dns64: dns64.flag().unwrap_or(false),
        // See `block_public_access.rs`.
        exclusion: None,
        tags: reader.tags(resource),
        id,
        vpc,
    };
    shelve(&mut reader.subnets, subnet, resource.place(), reader.sink);
}

/// The blocks of IPv6 that only an earlier input has, where the plan leaves that there is none: either may be
/// the younger one (see `layers_differ`), and interfaces may have addresses in them.
fn kept_ipv6(reader: &mut Reader<'_, '_>, resource: &Resource<'_>, said: &[Cidr]) -> Vec<Cidr> {
    let id = reader.plan.id(resource);
    let has_none = said.iter().all(|block| block.family() != Family::V6);
    if !has_none || !layers_differ::leaves(reader.plan, resource, IPV6) {
        return Vec::new();
    }
    let earlier = reader.sink.get::<Subnet>(&id).into_iter();
    let blocks = earlier.flat_map(|subnet| subnet.cidrs.clone());
    let kept: Vec<_> = blocks
        .filter(|block| block.family() == Family::V6)
        .collect();
    if !kept.is_empty() {
        let hole = resource.attribute(IPV6).hole();
        reader.sink.open_attribute(Touches::Ipv6, &hole, true);
        layers_differ::note(reader.sink, &id);
    }
    kept
}

/// The only VPC that has room for the subnet's block.
fn fitting_vpc(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) -> Option<VpcId> {
    let block: Cidr = resource.attribute("cidr_block").text()?.parse().ok()?;
    let has_room = |vpc: &&Placed<Vpc>| {
        let blocks = &vpc.component.cidrs;
        blocks.iter().any(|of| covers(*of, block))
    };
    let mut fitting = reader.vpcs.values().filter(has_room);
    match (fitting.next(), fitting.next()) {
        (Some(only), None) => Some(only.component.id.clone()),
        (_, _) => None,
    }
}

/// The table that an earlier input gave a subnet, unless this plan takes that association away.
fn kept_table(reader: &Reader<'_, '_>, subnet: &Subnet) -> Option<Value<RouteTableId>> {
    let mut former = reader.plan.former.iter();
    let is_taken_away = former.any(|former| {
        former.of == "aws_route_table_association"
            && former.attribute("subnet_id").text() == Some(subnet.id.as_str())
    });
    if is_taken_away {
        None
    } else {
        subnet.route_table.clone()
    }
}

/// The default ACL of the VPC; of a VPC outside the plan there is no telling which that is.
fn default_acl(reader: &mut Reader<'_, '_>, vpc: &VpcId, subnet: &SubnetId) -> Value<NetworkAclId> {
    match reader.plan.vpc(vpc.as_str()) {
        Some(vpc) => Value::Known(NetworkAclId::new(DefaultPart::NetworkAcl.id(vpc))),
        None => Value::Any(Hole::new(format!("network ACL of {subnet}"))),
    }
}
