//! VPCs: `aws_vpc`, `aws_default_vpc`, their further blocks, and the route table, ACL and group that
//! AWS makes with each.

use model::{
    AclAction, AclEntry, BlockPublicAccess, Cidr, Family, GroupRule, NetworkAcl, NetworkAclId,
    RouteTableId, RulePeer, RuleTraffic, SecurityGroup, SecurityGroupId, Tags, Value, Vpc, VpcId,
};

use crate::cidr::everywhere;
use crate::diagnostic::Place;

use super::adopted;
use super::attribute::Attribute;
use super::identity::{DefaultPart, Thing, VPCS};
use super::main_route_table::{self, main_route_table};
use super::plan::Resource;
use super::reader::{Reader, shelve};
use super::subnet::UNSEEN_IPV6;
use super::{region, route_table};

/// The block that AWS gives to every default VPC; a plan that adopts one does not say it.
const DEFAULT_VPC_BLOCK: &str = "172.31.0.0/16";
/// The number of the only entry of a default ACL for each family.
const DEFAULT_ENTRIES: [(u16, Family); 2] = [(100, Family::V4), (101, Family::V6)];

/// Reads them.
pub(super) fn read(reader: &mut Reader<'_, '_>) {
    for resource in reader.plan.managed(&VPCS) {
        vpc(reader, resource);
    }
    adopted::default_vpcs(reader);
    main_route_table::of_earlier(reader);
    for resource in reader
        .plan
        .managed(&["aws_vpc_ipv4_cidr_block_association"])
    {
        further_block(reader, resource, "cidr_block");
    }
    for resource in reader
        .plan
        .managed(&["aws_vpc_ipv6_cidr_block_association"])
    {
        further_block(reader, resource, "ipv6_cidr_block");
    }
    for resource in reader.plan.managed(&["aws_vpc_dhcp_options_association"]) {
        dhcp_options(reader, resource);
    }
}

fn vpc(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) {
    let id = VpcId::new(reader.plan.id(resource));
    let mut cidrs = Vec::new();
    let block = resource.attribute("cidr_block");
    cidrs.extend(block.cidr(reader.sink));
    if block.is_unknown() {
        if resource.of == "aws_default_vpc" {
            cidrs.extend(DEFAULT_VPC_BLOCK.parse::<Cidr>().ok());
        } else {
            reader.unplaced(&block);
            reader.unseen(
                resource,
                "an IPv4 block that is chosen at apply (`cidr_block`)",
            );
        }
    }
    let ipv6 = resource.attribute("ipv6_cidr_block");
    cidrs.extend(ipv6.cidr(reader.sink));
    let flag = resource.attribute("assign_generated_ipv6_cidr_block");
    let will_have_ipv6 = flag.flag() == Some(true)
        || flag.is_open()
        || ipv6.is_open()
        || ["ipv6_ipam_pool_id", "ipv6_netmask_length"]
            .iter()
            .any(|name| {
                let attribute = resource.attribute(name);
                attribute.is_set() || attribute.is_open()
            });
    if ipv6.is_unknown() && will_have_ipv6 {
        unknown_ipv6_block(reader, &ipv6, &id);
    }
    if ipv6.text().is_some() {
        reader.vpcs_with_ipv6.insert(id.to_string());
    }
    let region = region::of(reader.plan, resource);
    if region.is_none() {
        let text = format!("the region of `{id}` is not in the input and taken for no known one");
        reader.sink.assume("region-unknown", text);
    }
    // What belongs to another stack an earlier input knows: further blocks, DHCP options, DNS Firewall,
    // an inbound resolver (see `resolver_rule.rs`).
    let earlier = reader.sink.get::<Vpc>(id.as_str()).cloned();
    let is_changed = reader.plan.former_of(resource).is_some();
    for block in earlier.iter().flat_map(|earlier| &earlier.cidrs) {
        let is_kept = block.family() == Family::V4 || !is_changed;
        if is_kept && !cidrs.contains(block) {
            cidrs.push(*block);
        }
    }
    cidrs.sort_by_key(|cidr| cidr.family());
    let by_options = own_options(reader, resource, &id, earlier.is_none());
    let earlier = earlier.as_ref();
    let vpc = Vpc {
        id: id.clone(),
        region: region.unwrap_or_else(|| region::UNKNOWN.to_owned()),
        account: region::account(resource),
        cidrs,
        main_route_table: RouteTableId::new(main_route_table(reader, resource)),
        dns_support: resource
            .attribute("enable_dns_support")
            .flag()
            .unwrap_or(true),
        // Of the default VPC AWS switches both on.
        dns_hostnames: resource
            .attribute("enable_dns_hostnames")
            .flag()
            .unwrap_or(resource.of == "aws_default_vpc"),
        custom_dns_servers: by_options
            .or(earlier.map(|earlier| earlier.custom_dns_servers))
            .unwrap_or(false),
        inbound_resolver: earlier
            .map(|earlier| earlier.inbound_resolver.clone())
            .unwrap_or_default(),
        // Both are told apart later, in `block_public_access.rs`.
        block_public_access: Value::Known(BlockPublicAccess::Off),
        exclusion: None,
        dns_firewall: earlier
            .map(|earlier| earlier.dns_firewall.clone())
            .unwrap_or_default(),
        tags: reader.tags(resource),
    };
    shelve(&mut reader.vpcs, vpc, resource.place(), reader.sink);
}

/// A block that Amazon picks at apply. It cannot be a hole: everything about IPv6 in the VPC - its
/// local route, the blocks of its subnets, the addresses in them - would stand on a base address
/// that nobody knows, and a block is not what a `Value` of the model ranges over. So the VPC is
/// read without it, and what that leaves out is named.
fn unknown_ipv6_block(reader: &mut Reader<'_, '_>, attribute: &Attribute<'_>, vpc: &VpcId) {
    reader.vpcs_with_ipv6.insert(vpc.to_string());
    let name = attribute.name();
    let what = format!("{UNSEEN_IPV6} (`{name}`)");
    reader
        .sink
        .not_modelled(attribute.place(), vpc.as_str(), &what);
    let text = format!("`{name}` is known only after apply: no IPv6 address of `{vpc}` is seen");
    reader.sink.assume("ipv6-block-unknown", text);
    reader.unseen_ipv6(attribute);
}

fn further_block(reader: &mut Reader<'_, '_>, resource: &Resource<'_>, name: &str) {
    let Some(vpc) = reader.vpc_id(&resource.attribute("vpc_id")) else {
        return;
    };
    let block = resource.attribute(name);
    if block.is_unknown() {
        if name == "ipv6_cidr_block" {
            unknown_ipv6_block(reader, &block, &vpc);
        } else {
            reader.unplaced(&block);
            reader.unseen(
                resource,
                "an IPv4 block that is chosen at apply (`cidr_block`)",
            );
        }
        return;
    }
    let Some(cidr) = block.cidr(reader.sink) else {
        return;
    };
    if cidr.family() == Family::V6 {
        reader.vpcs_with_ipv6.insert(vpc.to_string());
    }
    let found = match reader.vpcs.get_mut(vpc.as_str()) {
        Some(vpc) => Some(&mut vpc.component),
        None => reader.sink.get::<Vpc>(vpc.as_str()),
    };
    match found {
        Some(vpc) if !vpc.cidrs.contains(&cidr) => {
            vpc.cidrs.push(cidr);
            // IPv4 blocks come first.
            vpc.cidrs.sort_by_key(|cidr| cidr.family());
        }
        Some(_) => {}
        None => reader.omit(resource, "a block of a VPC that is not in the input"),
    }
}

/// Whether the DHCP options that a VPC has already name other resolvers than Amazon's, if the plan has
/// them.
fn own_options(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    vpc: &VpcId,
    is_first: bool,
) -> Option<bool> {
    let attribute = resource.attribute("dhcp_options_id");
    let options = attribute.text()?;
    let is_custom = names_others(reader, options);
    if is_custom.is_none() && is_first && options != "default" {
        let text = format!("the DHCP options `{options}` of `{vpc}` are taken to be AWS's own");
        reader.sink.assume("default-unchanged", text);
    }
    is_custom
}

/// Whether a set of DHCP options of the plan names other resolvers than Amazon's.
fn names_others(reader: &Reader<'_, '_>, options: &str) -> Option<bool> {
    let plan = reader.plan;
    let sets = plan.managed(&["aws_vpc_dhcp_options"]);
    let own = sets.into_iter().find(|set| plan.id(set) == options);
    let read = plan.data("aws_vpc_dhcp_options").into_iter().find(|set| {
        let ids = ["dhcp_options_id", "id"];
        ids.iter()
            .any(|name| set.attribute(name).text() == Some(options))
    });
    let servers = own.or(read)?.attribute("domain_name_servers");
    let items = servers.items();
    let is_amazon = |one: &Attribute<'_>| one.text() == Some("AmazonProvidedDNS");
    Some(servers.has_unknown() || !items.iter().all(is_amazon))
}

/// DHCP options that name other resolvers than Amazon's.
fn dhcp_options(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) {
    let Some(vpc) = reader.vpc_id(&resource.attribute("vpc_id")) else {
        return;
    };
    let attribute = resource.attribute("dhcp_options_id");
    let options = reader.settle(&attribute, Thing::DhcpOptions);
    let named = options.as_deref();
    let is_custom = match named.and_then(|options| names_others(reader, options)) {
        Some(is_custom) => is_custom,
        // With the word `default` a VPC has no set at all, and what its hosts ask for names then is
        // not documented (AssociateDhcpOptions). Nor is it known by a set that is not in the input.
        None => {
            if options.as_deref() != Some("default") {
                reader.omit(resource, "a set of DHCP options that is not in the input");
            }
            true
        }
    };
    let found = match reader.vpcs.get_mut(vpc.as_str()) {
        Some(vpc) => Some(&mut vpc.component),
        None => reader.sink.get::<Vpc>(vpc.as_str()),
    };
    match found {
        Some(vpc) => vpc.custom_dns_servers = is_custom,
        None => reader.omit(resource, "DHCP options of a VPC that is not in the input"),
    }
}

/// The parts that AWS makes with each VPC, where no resource adopts them. Of a VPC that this plan
/// creates they are what AWS documents; of one that exists already they may have been changed.
pub(super) fn defaults(reader: &mut Reader<'_, '_>) {
    for resource in reader.plan.managed(&VPCS) {
        let id = VpcId::new(reader.plan.id(resource));
        let is_new = resource.attribute("id").is_unknown();
        let place = resource.place();
        let mut tables = vec![DefaultPart::RouteTable.id(resource)];
        let main = reader
            .vpcs
            .get(id.as_str())
            .map(|vpc| &vpc.component.main_route_table);
        tables.extend(main.map(ToString::to_string));
        tables.dedup();
        for table in tables {
            if !reader.route_tables.contains_key(&table) && known_before(reader, &table, is_new) {
                assume_default(reader, is_new, "main route table", &table, &id);
                route_table::implied(reader, &table, &id, place.clone());
            }
        }
        let acl = DefaultPart::NetworkAcl.id(resource);
        if !reader.network_acls.contains_key(&acl) && reader.sink.get::<NetworkAcl>(&acl).is_none()
        {
            assume_default(reader, is_new, "default network ACL", &acl, &id);
            implied_acl(reader, &acl, &id, place.clone());
        }
        let group = DefaultPart::SecurityGroup.id(resource);
        if !reader.security_groups.contains_key(&group)
            && reader.sink.get::<SecurityGroup>(&group).is_none()
        {
            assume_default(reader, is_new, "default security group", &group, &id);
            implied_group(reader, &group, &id, place);
        }
    }
}

/// Whether a table has to be implied: not when an earlier input has it.
fn known_before(reader: &mut Reader<'_, '_>, table: &str, is_new: bool) -> bool {
    is_new || reader.sink.get::<model::RouteTable>(table).is_none()
}

fn assume_default(reader: &mut Reader<'_, '_>, is_new: bool, what: &str, part: &str, vpc: &VpcId) {
    if !is_new {
        let text = format!("{what} `{part}` of `{vpc}` is taken to be as AWS made it");
        reader.sink.assume("default-unchanged", text);
    }
}

fn implied_acl(reader: &mut Reader<'_, '_>, id: &str, vpc: &VpcId, place: Place) {
    let has_ipv6 = reader.vpcs_with_ipv6.contains(vpc.as_str());
    let entries = DEFAULT_ENTRIES.iter();
    let entries: Vec<_> = entries
        .filter(|(_, family)| *family == Family::V4 || has_ipv6)
        .filter_map(|(number, family)| {
            Some(AclEntry {
                number: *number,
                action: AclAction::Allow,
                traffic: RuleTraffic::All,
                cidr: everywhere(*family)?,
            })
        })
        .collect();
    let acl = NetworkAcl {
        id: NetworkAclId::new(id),
        vpc: vpc.clone(),
        ingress: entries.clone(),
        egress: entries,
        tags: Tags::new(),
    };
    shelve(&mut reader.network_acls, acl, place, reader.sink);
}

fn implied_group(reader: &mut Reader<'_, '_>, id: &str, vpc: &VpcId, place: Place) {
    let id = SecurityGroupId::new(id);
    let has_ipv6 = reader.vpcs_with_ipv6.contains(vpc.as_str());
    let families = [Family::V4, Family::V6].into_iter();
    let egress = families
        .filter(|family| *family == Family::V4 || has_ipv6)
        .filter_map(everywhere)
        .map(|cidr| GroupRule {
            traffic: RuleTraffic::All,
            peer: RulePeer::Cidr(cidr),
        });
    let group = SecurityGroup {
        id: id.clone(),
        vpc: vpc.clone(),
        name: "default".to_owned(),
        ingress: vec![GroupRule {
            traffic: RuleTraffic::All,
            peer: RulePeer::Group(id),
        }],
        egress: egress.collect(),
        tags: Tags::new(),
    };
    shelve(&mut reader.security_groups, group, place, reader.sink);
}
