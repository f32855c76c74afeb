//! What of single types needs more than a list to be vetted.

use crate::json::Value as Json;

use crate::doubt::Touches;
use crate::sink::Sink;

use super::adjust::items;
use super::make::at;
use super::term::{Attribute, Part, Term};
use super::vet::Site;
use super::vetted;
use super::world::World;

/// Vets what is peculiar to a type.
pub(super) fn resource(site: &Site<'_, '_, '_>, sink: &mut Sink) {
    match site.written.of {
        "AWS::EC2::Subnet" => zone(site, sink),
        "AWS::EC2::Instance" => instance(site, sink),
        "AWS::EC2::NetworkInterface" => interface(site, sink),
        "AWS::EC2::VPCPeeringConnection" => peering(site, sink),
        "AWS::EC2::VPCDHCPOptionsAssociation" => options(site, sink),
        "AWS::EC2::VPCEndpoint" => endpoint(site, sink),
        "AWS::EC2::PrefixList" => name_of_list(site, sink),
        "AWS::ElasticLoadBalancingV2::LoadBalancer" => {
            attributes(site, "LoadBalancerAttributes", &OF_LOAD_BALANCERS, sink)
        }
        "AWS::ElasticLoadBalancingV2::TargetGroup" => {
            attributes(site, "TargetGroupAttributes", &OF_TARGET_GROUPS, sink);
        }
        "Custom::VpcRestrictDefaultSG" => default_group(site, sink),
        _ => {}
    }
}

/// Whether a term names only resources of a type that the templates make.
fn is_made_here(site: &Site<'_, '_, '_>, term: &Term, of: &str) -> bool {
    let is_it = |attribute: &Attribute| {
        let template = site.world.template(attribute.stack);
        let written = template.and_then(|template| template.resource(&attribute.resource));
        written.is_some_and(|written| written.of == of)
    };
    match term {
        Term::Of(attribute) => is_it(attribute),
        Term::OneOf(list) => list.iter().all(is_it),
        Term::Absent
        | Term::Scalar(_)
        | Term::List(_)
        | Term::Map(_)
        | Term::Joined(..)
        | Term::Open(_) => false,
    }
}

/// Claims may choose by zone, by both of its names.
fn zone(site: &Site<'_, '_, '_>, sink: &mut Sink) {
    let names = [
        ("AvailabilityZone", Touches::Zones),
        ("AvailabilityZoneId", Touches::ZoneIds),
    ];
    for (name, touches) in names {
        let zone = site.at(name);
        if zone.term.as_text().is_none() {
            let why = zone.term.why_open();
            let why = why.map_or_else(String::new, |why| format!(" ({why})"));
            let what = format!("is not known{why}");
            site.doubt(touches, name, &zone.pointer, &what, sink);
        }
    }
}

fn instance(site: &Site<'_, '_, '_>, sink: &mut Sink) {
    launch_template(site, sink);
    let list = site.at("NetworkInterfaces");
    let interfaces = items(&list);
    if interfaces.is_empty() {
        placed(site, site.properties, "", sink);
    }
    if interfaces.len() > 1 {
        let what = "are several, of which no proof is made";
        site.doubt(
            Touches::Everything,
            "NetworkInterfaces",
            &list.pointer,
            what,
            sink,
        );
    }
    for item in &interfaces {
        if at(item, "NetworkInterfaceId").term == Term::Absent {
            placed(site, item, "NetworkInterfaces.", sink);
        }
        if at(item, "DeviceIndex").term.as_text().is_none() {
            let what = "is not known";
            let name = "NetworkInterfaces.DeviceIndex";
            site.doubt(Touches::Everything, name, &item.pointer, what, sink);
        }
    }
}

/// What a launch template may set that changes neither the network nor what claims choose by.
const OF_LAUNCH_TEMPLATES: [&str; 14] = [
    "BlockDeviceMappings",
    "CpuOptions",
    "CreditSpecification",
    "DisableApiStop",
    "DisableApiTermination",
    "EbsOptimized",
    "EnclaveOptions",
    "IamInstanceProfile",
    "ImageId",
    "InstanceType",
    "KeyName",
    "MetadataOptions",
    "Monitoring",
    "UserData",
];

/// An instance has what it does not say itself from its launch template, of which a stack that is
/// deployed has several versions. Only the last one is what the templates say.
fn launch_template(site: &Site<'_, '_, '_>, sink: &mut Sink) {
    let from = site.at("LaunchTemplate");
    if from.term != Term::Absent && !sets_nothing(site, &from) {
        let what = "is not known to leave interfaces, groups and tags as they are: only the last \
                    version of one in the templates is read";
        let pointer = &from.pointer;
        site.doubt(Touches::Everything, "LaunchTemplate", pointer, what, sink);
    }
}

fn sets_nothing(site: &Site<'_, '_, '_>, from: &Part) -> bool {
    let Term::Of(version) = at(from, "Version").term else {
        return false;
    };
    let template = site.world.template(version.stack);
    let Some(written) = template.and_then(|of| of.resource(&version.resource)) else {
        return false;
    };
    let is_of_it = match at(from, "LaunchTemplateId").term {
        Term::Of(id) => id.stack == version.stack && id.resource == version.resource,
        Term::Absent => {
            let name = written.body.pointer("/Properties/LaunchTemplateName");
            let name = name.and_then(Json::as_str);
            name.is_some() && at(from, "LaunchTemplateName").term.as_text().as_deref() == name
        }
        Term::Scalar(_)
        | Term::List(_)
        | Term::Map(_)
        | Term::OneOf(_)
        | Term::Joined(..)
        | Term::Open(_) => false,
    };
    let data = written.body.pointer("/Properties/LaunchTemplateData");
    let data = data.and_then(Json::as_object);
    let is_vetted = |name: &str| OF_LAUNCH_TEMPLATES.contains(&name);
    written.of == "AWS::EC2::LaunchTemplate"
        && version.name.as_deref() == Some("LatestVersionNumber")
        && is_of_it
        && data.is_some_and(|data| data.keys().all(is_vetted))
}

/// An interface that is made with its instance: what a subnet that the templates do not make gives
/// to it is not read.
fn placed(site: &Site<'_, '_, '_>, part: &Part, before: &str, sink: &mut Sink) {
    let subnet = at(part, "SubnetId");
    if is_made_here(site, &subnet.term, "AWS::EC2::Subnet") {
        return;
    }
    let public = at(part, "AssociatePublicIpAddress");
    if public.term.as_text().is_none() {
        let what = "is in no subnet of the templates, so that whether it gives public addresses is \
                    not known: say `AssociatePublicIpAddress`";
        let name = format!("{before}SubnetId");
        site.doubt(Touches::Everything, &name, &subnet.pointer, what, sink);
    }
    ipv6_of_outside(site, &subnet, &format!("{before}SubnetId"), sink);
}

fn interface(site: &Site<'_, '_, '_>, sink: &mut Sink) {
    let subnet = site.at("SubnetId");
    if !is_made_here(site, &subnet.term, "AWS::EC2::Subnet") {
        ipv6_of_outside(site, &subnet, "SubnetId", sink);
    }
    let one = site.at("PrivateIpAddress");
    if one.term != Term::Absent && site.at("PrivateIpAddresses").term != Term::Absent {
        let what = "stands beside a list of addresses";
        site.doubt(
            Touches::Everything,
            "PrivateIpAddress",
            &one.pointer,
            what,
            sink,
        );
    }
    for item in items(&site.at("PrivateIpAddresses")) {
        let primary = at(&item, "Primary").term;
        if primary != Term::Absent && primary.as_text().is_none() {
            let what = "is not known";
            let name = "PrivateIpAddresses.Primary";
            site.doubt(Touches::Everything, name, &item.pointer, what, sink);
        }
    }
}

fn ipv6_of_outside(site: &Site<'_, '_, '_>, subnet: &Part, name: &str, sink: &mut Sink) {
    let what =
        "is in no subnet of the templates, so that whether it gives IPv6 addresses is not known";
    site.doubt(Touches::Ipv6, name, &subnet.pointer, what, sink);
}

/// In one account CloudFormation accepts a peering, and in another with a role. Whether the account
/// that is named is the same one is not known.
fn peering(site: &Site<'_, '_, '_>, sink: &mut Sink) {
    let owner = site.at("PeerOwnerId");
    if owner.term != Term::Absent && site.at("PeerRoleArn").term == Term::Absent {
        let what = "is an account of which nothing says whether it accepts the peering";
        let pointer = &owner.pointer;
        site.doubt(Touches::Everything, "PeerOwnerId", pointer, what, sink);
    }
}

/// The options of a VPC that is there already are not changed by the readers.
fn options(site: &Site<'_, '_, '_>, sink: &mut Sink) {
    let vpc = site.at("VpcId");
    if !is_made_here(site, &vpc.term, "AWS::EC2::VPC") {
        let what = "is no VPC of the templates, and what its new DHCP options say is not read";
        site.doubt(Touches::Everything, "VpcId", &vpc.pointer, what, sink);
    }
}

fn endpoint(site: &Site<'_, '_, '_>, sink: &mut Sink) {
    let service = site.at("ServiceName");
    // One of a service that the templates make is named after the service.
    let is_here = is_made_here(site, &service.term, "AWS::EC2::VPCEndpointService");
    if service.term.as_text().is_none() && !is_here {
        let what = "is not known";
        let pointer = &service.pointer;
        site.doubt(Touches::Everything, "ServiceName", pointer, what, sink);
    }
    let kind = site.at("VpcEndpointType").term.as_text();
    let subnets = site.at("SubnetIds");
    if kind.is_some_and(|kind| kind != "Gateway") && items(&subnets).is_empty() {
        let what = "are not written, and which interfaces the endpoint has is not known";
        let pointer = &subnets.pointer;
        site.doubt(Touches::Everything, "SubnetIds", pointer, what, sink);
    }
}

/// Claims may name a list.
fn name_of_list(site: &Site<'_, '_, '_>, sink: &mut Sink) {
    let name = site.at("PrefixListName");
    if name.term.as_text().is_none() {
        let what = "is not known";
        site.doubt(Touches::Tags, "PrefixListName", &name.pointer, what, sink);
    }
}

/// The attributes of load balancers that are read, or change nothing about who reaches what.
const OF_LOAD_BALANCERS: [&str; 14] = [
    "access_logs.s3.bucket",
    "access_logs.s3.enabled",
    "access_logs.s3.prefix",
    "client_keep_alive.seconds",
    "connection_logs.s3.bucket",
    "connection_logs.s3.enabled",
    "connection_logs.s3.prefix",
    "deletion_protection.enabled",
    "idle_timeout.timeout_seconds",
    "load_balancing.cross_zone.enabled",
    "routing.http.drop_invalid_header_fields.enabled",
    "routing.http2.enabled",
    "routing.http.xff_header_processing.mode",
    "zonal_shift.config.enabled",
];

/// The same of target groups.
const OF_TARGET_GROUPS: [&str; 11] = [
    "deregistration_delay.connection_termination.enabled",
    "deregistration_delay.timeout_seconds",
    "load_balancing.algorithm.type",
    "load_balancing.cross_zone.enabled",
    "preserve_client_ip.enabled",
    "proxy_protocol_v2.enabled",
    "slow_start.duration_seconds",
    "stickiness.enabled",
    "stickiness.lb_cookie.duration_seconds",
    "stickiness.type",
    "stickiness.app_cookie.cookie_name",
];

fn attributes(site: &Site<'_, '_, '_>, list: &str, vetted: &[&str], sink: &mut Sink) {
    for item in items(&site.at(list)) {
        let key = at(&item, "Key").term.as_text();
        if key
            .as_deref()
            .is_none_or(|key| key.is_empty() || !vetted.contains(&key))
        {
            let what = match key {
                Some(key) => format!("has `{key}`, which is not read"),
                None => "is not known".to_owned(),
            };
            site.doubt(Touches::Everything, list, &item.pointer, &what, sink);
        }
    }
}

/// CDK's resource takes away AWS's rules of IPv4 only, and names the group that it takes them from.
fn default_group(site: &Site<'_, '_, '_>, sink: &mut Sink) {
    let group = site.at("DefaultSecurityGroupId");
    let is_default = match &group.term {
        Term::Of(attribute) => attribute.name.as_deref() == Some("DefaultSecurityGroup"),
        Term::Absent
        | Term::Scalar(_)
        | Term::List(_)
        | Term::Map(_)
        | Term::OneOf(_)
        | Term::Joined(..)
        | Term::Open(_) => false,
    };
    if !is_default || !vetted::is_made_by_cdk(site.written) {
        let what = "is the work of a custom resource that is not known to be CDK's";
        let pointer = &group.pointer;
        site.doubt(
            Touches::Everything,
            "DefaultSecurityGroupId",
            pointer,
            what,
            sink,
        );
    }
    if !is_default || has_ipv6_blocks(site.world) {
        let what = "is freed of AWS's rules for IPv4; whether those for IPv6 stay is not known";
        let pointer = &group.pointer;
        site.doubt(Touches::Ipv6, "DefaultSecurityGroupId", pointer, what, sink);
    }
}

/// Whether some VPC of the templates may have a block of IPv6. Without one AWS adds no rule for IPv6
/// to its default group.
///
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html>
fn has_ipv6_blocks(world: &World<'_>) -> bool {
    let resources = world
        .templates
        .iter()
        .flat_map(|template| template.resources());
    let mut types = resources.map(|written| written.of);
    types.any(|of| of == "AWS::EC2::VPCCidrBlock")
}
