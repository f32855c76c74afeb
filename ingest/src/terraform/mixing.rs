//! What is written in two ways at once: a part inside a resource, and another in resources of its own.
//!
//! Terraform lets each of the two take away what the other has made, so that what is there depends on
//! which was applied last. The network has both. Source: the notes of `aws_route_table`,
//! `aws_security_group`, `aws_network_acl`, `aws_vpc_endpoint` and `aws_ec2_managed_prefix_list` in the
//! documents of the AWS provider.

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic};

use super::identity::Thing;
use super::plan::Resource;
use super::reader::Reader;

/// A part of a resource that has two ways of being written.
struct Part {
    /// What it is a part of.
    of: Thing,
    /// The attributes of the resource that hold it.
    inline: &'static [&'static str],
    /// The types that stand for one of it, and of what each names the resource by.
    alone: &'static [&'static str],
    by: &'static str,
}

const PARTS: [Part; 10] = [
    Part {
        of: Thing::RouteTable,
        inline: &["route"],
        alone: &["aws_route"],
        by: "route_table_id",
    },
    Part {
        of: Thing::RouteTable,
        inline: &["propagating_vgws"],
        alone: &["aws_vpn_gateway_route_propagation"],
        by: "route_table_id",
    },
    Part {
        of: Thing::SecurityGroup,
        inline: &["ingress", "egress"],
        alone: &[
            "aws_security_group_rule",
            "aws_vpc_security_group_ingress_rule",
            "aws_vpc_security_group_egress_rule",
        ],
        by: "security_group_id",
    },
    Part {
        of: Thing::NetworkAcl,
        inline: &["ingress", "egress"],
        alone: &["aws_network_acl_rule"],
        by: "network_acl_id",
    },
    Part {
        of: Thing::NetworkAcl,
        inline: &["subnet_ids"],
        alone: &["aws_network_acl_association"],
        by: "network_acl_id",
    },
    Part {
        of: Thing::PrefixList,
        inline: &["entry"],
        alone: &["aws_ec2_managed_prefix_list_entry"],
        by: "prefix_list_id",
    },
    Part {
        of: Thing::VpcEndpoint,
        inline: &["route_table_ids"],
        alone: &["aws_vpc_endpoint_route_table_association"],
        by: "vpc_endpoint_id",
    },
    Part {
        of: Thing::VpcEndpoint,
        inline: &["subnet_ids"],
        alone: &["aws_vpc_endpoint_subnet_association"],
        by: "vpc_endpoint_id",
    },
    Part {
        of: Thing::VpcEndpoint,
        inline: &["security_group_ids"],
        alone: &["aws_vpc_endpoint_security_group_association"],
        by: "vpc_endpoint_id",
    },
    Part {
        of: Thing::VpcEndpoint,
        inline: &["policy"],
        alone: &["aws_vpc_endpoint_policy"],
        by: "vpc_endpoint_id",
    },
];

/// The two generations of stand-alone rules of a group, which are not to be mixed either.
const OLD_RULE: &str = "aws_security_group_rule";
const NEW_RULES: [&str; 2] = [
    "aws_vpc_security_group_egress_rule",
    "aws_vpc_security_group_ingress_rule",
];

/// Warns of each resource once.
pub(super) fn read(reader: &mut Reader<'_, '_>) {
    let plan = reader.plan;
    // CloudFormation only adds and takes away what a resource itself has made.
    if plan.is_declared {
        return;
    }
    for part in &PARTS {
        let mut by_owner: BTreeMap<String, Vec<&Resource<'_>>> = BTreeMap::new();
        for resource in plan.managed(part.alone) {
            if let Some(id) = owner(reader, resource, part) {
                by_owner.entry(id).or_default().push(resource);
            }
        }
        if by_owner.is_empty() {
            continue;
        }
        let owners = plan.resources.iter().filter(|one| !one.is_data);
        for resource in owners.filter(|one| Thing::of(one.of) == Some(part.of)) {
            let Some(alone) = by_owner.get(&plan.id(resource)) else {
                continue;
            };
            let inline = part.inline.iter().find(|name| is_inline(resource, name));
            if let (Some(inline), Some(first)) = (inline, alone.first()) {
                let what = format!("`{inline}` of its own and `{}`", first.address);
                warn(reader, resource, &what);
            }
        }
        for alone in by_owner.values() {
            generations(reader, alone);
        }
    }
}

/// The one resource that a part names.
fn owner(reader: &Reader<'_, '_>, resource: &Resource<'_>, part: &Part) -> Option<String> {
    let attribute = resource.attribute(part.by);
    if let Some(id) = attribute.text() {
        return Some(id.to_owned());
    }
    let mut list = reader
        .plan
        .candidates(&attribute, &[part.of])
        .list
        .into_iter();
    match (list.next(), list.next()) {
        (Some(only), None) => Some(only.id),
        (_, _) => None,
    }
}

/// Whether the configuration sets an attribute. What a new resource has is set by nothing else; an
/// existing one shows what AWS has.
fn is_inline(resource: &Resource<'_>, name: &str) -> bool {
    let attribute = resource.attribute(name);
    resource.is_declared(name)
        || (resource.is_created && attribute.is_set() && !attribute.is_unknown())
}

fn generations(reader: &mut Reader<'_, '_>, alone: &[&Resource<'_>]) {
    let old = alone.iter().find(|one| one.of == OLD_RULE);
    let new = alone.iter().find(|one| NEW_RULES.contains(&one.of));
    if let (Some(old), Some(new)) = (old, new) {
        let what = format!("a rule of another generation beside it, `{}`", new.address);
        warn(reader, old, &what);
    }
}

fn warn(reader: &mut Reader<'_, '_>, resource: &Resource<'_>, what: &str) {
    let message = format!(
        "`{}` has {what}: each may take away what the other makes",
        resource.address
    );
    let warning = Diagnostic::warning(resource.place(), Code::MixedStyles, message);
    reader
        .sink
        .push(warning.help("write them in one way; the network has both"));
}
