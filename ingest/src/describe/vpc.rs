//! `describe-vpcs`, `describe-vpc-attribute`, `describe-dhcp-options`, `describe-subnets`.

use std::collections::BTreeMap;

use model::{
    Cidr, Hole, InboundResolver, NetworkAclId, RouteTableId, Subnet, SubnetId, Value, Vpc, VpcId,
};

use super::block_public_access::Account;
use super::route_table::Associations;
use super::snapshot::{Item, Snapshot, Whole};
use crate::diagnostic::{Code, Diagnostic};
use crate::doubt::Touches;
use crate::json::Cursor;
use crate::sink::{Given, Sink};

/// The Region of a VPC of which nothing in the input says it.
const UNKNOWN_REGION: &str = "unknown";
/// What DHCP options call the resolver of the VPC.
const AMAZON_RESOLVER: &str = "AmazonProvidedDNS";

/// What other calls say of VPCs.
struct Surroundings {
    dns_support: BTreeMap<String, bool>,
    dns_hostnames: BTreeMap<String, bool>,
    custom_dns_servers: BTreeMap<String, bool>,
    regions: BTreeMap<String, String>,
}

/// Reads the VPCs.
pub(super) fn read_vpcs(
    snapshot: &Snapshot<'_>,
    associations: &Associations,
    account: &Account<'_>,
    sink: &mut Sink,
) {
    let surroundings = Surroundings {
        dns_support: attribute(snapshot, "EnableDnsSupport", sink),
        dns_hostnames: attribute(snapshot, "EnableDnsHostnames", sink),
        custom_dns_servers: dhcp_options(snapshot, sink),
        regions: regions(snapshot),
    };
    for item in snapshot.items("Vpcs") {
        if let Some(vpc) = vpc(item, &surroundings, associations, account, sink) {
            sink.add(vpc, item.cursor.place());
        }
    }
}

fn vpc(
    item: &Item<'_>,
    surroundings: &Surroundings,
    associations: &Associations,
    account: &Account<'_>,
    sink: &mut Sink,
) -> Option<Vpc> {
    let cursor = &item.cursor;
    let id = cursor.required_text("VpcId", sink)?;
    let cidrs = vpc_cidrs(cursor, sink);
    let Some(main_route_table) = associations.main.get(id) else {
        let message = format!("no route table in the input is the main one of `{id}`");
        let diagnostic = Diagnostic::error(cursor.place(), Code::NotDefined, message);
        sink.push(diagnostic.help("add the output of `describe-route-tables`, without filters"));
        return None;
    };
    let is_default = cursor.flag("IsDefault", sink).unwrap_or(false);
    let dns_support = surroundings.dns_support.get(id).copied();
    let dns_hostnames = surroundings.dns_hostnames.get(id).copied();
    if dns_support.is_none() || dns_hostnames.is_none() {
        let text = format!(
            "the output of `describe-vpc-attribute` for the DNS attributes of `{id}` is not in \
             the input: taken as AWS sets them on creation"
        );
        sink.assume("dns-attributes-default", text);
        sink.dns_by_default.insert(id.to_owned());
        if cursor.is_of_config() {
            // It never is, and what AWS sets is seldom what somebody needs who has endpoints.
            let what = format!(
                "the DNS attributes of `{id}` are not recorded: add the output of \
                 `describe-vpc-attribute`"
            );
            sink.guess_of_config(Touches::Names, what);
        }
    }
    let region = region_of_folder(item.folder);
    let region = region.or_else(|| surroundings.regions.get(id).map(String::as_str));
    let region = region.unwrap_or_else(|| {
        sink.assume(
            "region-unknown",
            format!("the region of `{id}` is not in the input"),
        );
        UNKNOWN_REGION
    });
    Some(Vpc {
        id: VpcId::new(id),
        region: region.to_owned(),
        account: cursor.text("OwnerId", sink).map(str::to_owned),
        cidrs,
        main_route_table: RouteTableId::new(main_route_table),
        dns_support: dns_support.unwrap_or(true),
        dns_hostnames: dns_hostnames.unwrap_or(is_default),
        custom_dns_servers: custom_dns_servers(id, cursor, surroundings, sink),
        // See `resolver_rule.rs`.
        inbound_resolver: InboundResolver::Unknown,
        block_public_access: account.mode(cursor, region, sink),
        exclusion: account.exclusion(id),
        dns_firewall: Vec::new(),
        tags: cursor.aws_tags("Tags", sink),
    })
}

/// The primary block, the other IPv4 blocks, the IPv6 blocks; those that are associated.
fn vpc_cidrs(cursor: &Cursor<'_>, sink: &mut Sink) -> Vec<Cidr> {
    let mut cidrs: Vec<Cidr> = Vec::new();
    cidrs.extend(cursor.cidr("CidrBlock", sink));
    let mut others = associated(
        cursor,
        "CidrBlockAssociationSet",
        "CidrBlock",
        "CidrBlockState",
        sink,
    );
    others.retain(|cidr| !cidrs.contains(cidr));
    cidrs.extend(others);
    cidrs.extend(ipv6_cidrs(cursor, sink));
    cidrs
}

fn ipv6_cidrs(cursor: &Cursor<'_>, sink: &mut Sink) -> Vec<Cidr> {
    associated(
        cursor,
        "Ipv6CidrBlockAssociationSet",
        "Ipv6CidrBlock",
        "Ipv6CidrBlockState",
        sink,
    )
}

fn associated(
    cursor: &Cursor<'_>,
    set: &str,
    block: &str,
    state: &str,
    sink: &mut Sink,
) -> Vec<Cidr> {
    let mut cidrs = Vec::new();
    for association in cursor.list(set, sink) {
        let state = association.get(state);
        let state = state.and_then(|state| state.text("State", sink));
        if state.is_none_or(|state| state == "associated") {
            cidrs.extend(association.cidr(block, sink));
        }
    }
    cidrs
}

/// One attribute of `describe-vpc-attribute` by VPC.
fn attribute(snapshot: &Snapshot<'_>, key: &str, sink: &mut Sink) -> BTreeMap<String, bool> {
    let mut values = BTreeMap::new();
    for Whole {
        cursor: document, ..
    } in &snapshot.documents
    {
        let Some(attribute) = document.get(key) else {
            continue;
        };
        let vpc = document.required_text("VpcId", sink);
        let value = attribute.required("Value", sink);
        let value = value.and_then(|value| value.as_flag(sink));
        if let (Some(vpc), Some(value)) = (vpc, value) {
            values.insert(vpc.to_owned(), value);
        }
    }
    values
}

/// Whether DHCP options name other resolvers than Amazon's.
fn dhcp_options(snapshot: &Snapshot<'_>, sink: &mut Sink) -> BTreeMap<String, bool> {
    let mut custom = BTreeMap::new();
    for cursor in snapshot.cursors("DhcpOptions") {
        let Some(id) = cursor.required_text("DhcpOptionsId", sink) else {
            continue;
        };
        let mut others = false;
        for configuration in cursor.list("DhcpConfigurations", sink) {
            if configuration.text("Key", sink) != Some("domain-name-servers") {
                continue;
            }
            for value in configuration.list("Values", sink) {
                let server = value.required_text("Value", sink);
                others |= server.is_some_and(|server| server != AMAZON_RESOLVER);
            }
        }
        custom.insert(id.to_owned(), others);
    }
    custom
}

fn custom_dns_servers(
    vpc: &str,
    cursor: &Cursor<'_>,
    surroundings: &Surroundings,
    sink: &mut Sink,
) -> bool {
    let options = cursor.text("DhcpOptionsId", sink).unwrap_or("default");
    if let Some(custom) = surroundings.custom_dns_servers.get(options) {
        return *custom;
    }
    if options != "default" {
        let text = format!(
            "DHCP options `{options}` of `{vpc}` are not in the input: taken to name Amazon's \
             resolver"
        );
        sink.assume("dhcp-options-default", text);
    }
    false
}

/// The Region of an `account/region` folder.
pub(super) fn region_of_folder(folder: &str) -> Option<&str> {
    let name = folder.rsplit('/').next()?;
    let (area, rest) = name.split_once('-')?;
    let (_, number) = rest.rsplit_once('-')?;
    let is_region = (2..=4).contains(&area.len())
        && area.bytes().all(|byte| byte.is_ascii_lowercase())
        && number.bytes().all(|byte| byte.is_ascii_digit());
    (is_region && !number.is_empty()).then_some(name)
}

/// The Regions that ARNs of subnets and groups name, by VPC.
fn regions(snapshot: &Snapshot<'_>) -> BTreeMap<String, String> {
    let mut regions = BTreeMap::new();
    let arns = [
        ("Subnets", "SubnetArn"),
        ("SecurityGroups", "SecurityGroupArn"),
    ];
    for (key, arn) in arns {
        for cursor in snapshot.cursors(key) {
            let text = |key| cursor.value().get(key).and_then(|field| field.as_str());
            let region = text(arn).and_then(|arn| arn.split(':').nth(3));
            if let (Some(vpc), Some(region)) = (text("VpcId"), region) {
                let region = region.to_owned();
                regions.entry(vpc.to_owned()).or_insert(region);
            }
        }
    }
    regions
}

/// Reads the subnets.
pub(super) fn read_subnets(
    snapshot: &Snapshot<'_>,
    associations: &Associations,
    account: &Account<'_>,
    sink: &mut Sink,
) {
    let acls = acls(snapshot, sink);
    for cursor in snapshot.cursors("Subnets") {
        let id = cursor.required_text("SubnetId", sink);
        let vpc = cursor.required_text("VpcId", sink);
        let (Some(id), Some(vpc)) = (id, vpc) else {
            continue;
        };
        let mut cidrs = Vec::new();
        cidrs.extend(cursor.cidr("CidrBlock", sink));
        cidrs.extend(ipv6_cidrs(cursor, sink));
        let route_table = associations.subnets.get(id).map(RouteTableId::new);
        let network_acl = match acls.get(id) {
            Some(acl) => Value::Known(NetworkAclId::new(acl)),
            None => Value::Any(Hole::new(format!("network ACL of {id}"))),
        };
        if cursor.is_of_config() && cursor.get("EnableDns64").is_none() {
            let what = "`EnableDns64` of subnets is not recorded: add `describe-subnets`";
            sink.not_recorded(Touches::Names, what);
        }
        let given = Given {
            public: cursor.flag("MapPublicIpOnLaunch", sink),
            ipv6: cursor.flag("AssignIpv6AddressOnCreation", sink),
        };
        sink.given.insert(id.to_owned(), given);
        let zone = cursor.text("AvailabilityZone", sink);
        let zone_id = cursor.text("AvailabilityZoneId", sink);
        let subnet = Subnet {
            id: SubnetId::new(id),
            vpc: VpcId::new(vpc),
            cidrs,
            zone: zone.map(str::to_owned),
            zone_id: zone_id.map(str::to_owned),
            route_table: route_table.map(Value::Known),
            network_acl,
            dns64: cursor.flag("EnableDns64", sink).unwrap_or(false),
            exclusion: account.exclusion(id),
            tags: cursor.aws_tags("Tags", sink),
        };
        sink.add(subnet, cursor.place());
    }
}

/// The network ACL of each subnet.
fn acls(snapshot: &Snapshot<'_>, sink: &mut Sink) -> BTreeMap<String, String> {
    let mut acls = BTreeMap::new();
    for cursor in snapshot.cursors("NetworkAcls") {
        let Some(id) = cursor.text("NetworkAclId", sink) else {
            continue;
        };
        for association in cursor.list("Associations", sink) {
            if let Some(subnet) = association.required_text("SubnetId", sink) {
                acls.insert(subnet.to_owned(), id.to_owned());
            }
        }
    }
    acls
}
