//! What is more than a table: types that make several resources, properties that mean another
//! attribute, and CloudFormation's own defaults.

use serde_json::{Value as Json, json};

use crate::sink::Sink;
use crate::terraform::declared::Declared;

use super::family::{RECORD, Shape};
use super::make::{Making, at};
use super::template::Written;
use super::term::{Attribute, Part, Term};
use super::world::{Spot, World};

/// Adds the resource of a type that is read, and what it makes besides.
pub(super) fn one(
    world: &World<'_>,
    spot: &Spot,
    written: Written<'_>,
    properties: &Part,
    mut making: Making,
    made: &mut Vec<Declared>,
) {
    match written.of {
        "AWS::EC2::VPC" | "AWS::EC2::Subnet" => pooled_block(world, properties, &mut making),
        "AWS::EC2::VPCPeeringConnection" => accept(properties, &mut making),
        "AWS::EC2::EIPAssociation" => by_address(world, properties, &mut making),
        "AWS::EC2::NetworkInterface" => addresses(world, properties, &mut making),
        "AWS::EC2::Instance" => interfaces(world, spot, written, properties, &mut making, made),
        "AWS::ElasticLoadBalancingV2::LoadBalancer" => balancer(world, properties, &mut making),
        "AWS::ElasticLoadBalancingV2::TargetGroup" => {
            targets(world, spot, written, properties, &mut making, made)
        }
        "AWS::Route53::RecordSet" => record(world, properties, &mut making),
        "AWS::S3::Bucket" => bucket(world, spot, written, properties, &making, made),
        "AWS::IAM::ManagedPolicy" => {
            super::policy::attachments(world, spot, written, properties, &making, made);
        }
        _ => {}
    }
    made.push(making.made());
}

/// The types that make resources of another shape than their own.
const OTHERS: [&str; 6] = [
    "AWS::EC2::SubnetCidrBlock",
    "AWS::EC2::VPCCidrBlock",
    "AWS::EC2::VPCEndpointServicePermissions",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::EC2::VPNGatewayRoutePropagation",
    "AWS::Route53::RecordSetGroup",
];

/// Whether a type is read here though it is no family of its own.
pub(super) fn is_other(of: &str) -> bool {
    OTHERS.contains(&of)
}

/// A block of a subnet, until it is known which subnet that is.
const SUBNET_BLOCK: &str = "subnet block";

/// Adds what a type of another shape makes.
pub(super) fn other(
    world: &World<'_>,
    spot: &Spot,
    written: Written<'_>,
    address: &str,
    properties: &Part,
    made: &mut Vec<Declared>,
) {
    let begin = |of: &'static str, suffix: &str| {
        let address = format!("{address}{suffix}");
        let label = format!("{}{suffix}", super::make::label(spot.stack, written.id));
        Making::new(world, of, spot, address, label)
    };
    let texts = |making: &mut Making, fields: &[(&'static str, &'static str)]| {
        for (property, attribute) in fields {
            making.take(world, attribute, &at(properties, property), Shape::Text);
        }
    };
    match written.of {
        "AWS::EC2::SubnetCidrBlock" => {
            let mut block = begin(SUBNET_BLOCK, "");
            texts(
                &mut block,
                &[
                    ("SubnetId", "subnet_id"),
                    ("Ipv6CidrBlock", "ipv6_cidr_block"),
                ],
            );
            if !block.has("ipv6_cidr_block") {
                block.open(
                    world,
                    "ipv6_cidr_block",
                    "chosen at deployment",
                    &properties.pointer,
                );
            }
            made.push(block.made());
        }
        "AWS::EC2::VPCCidrBlock" => {
            let is_ipv4 = ["CidrBlock", "Ipv4IpamPoolId"]
                .iter()
                .any(|name| at(properties, name).term != Term::Absent);
            let (of, attribute, property) = if is_ipv4 {
                (
                    "aws_vpc_ipv4_cidr_block_association",
                    "cidr_block",
                    "CidrBlock",
                )
            } else {
                (
                    "aws_vpc_ipv6_cidr_block_association",
                    "ipv6_cidr_block",
                    "Ipv6CidrBlock",
                )
            };
            let mut block = begin(of, "");
            texts(&mut block, &[("VpcId", "vpc_id"), (property, attribute)]);
            block.compute(attribute);
            made.push(block.made());
        }
        "AWS::EC2::VPCGatewayAttachment" => {
            let gateways = [
                (
                    "InternetGatewayId",
                    "aws_internet_gateway_attachment",
                    "internet_gateway_id",
                ),
                (
                    "VpnGatewayId",
                    "aws_vpn_gateway_attachment",
                    "vpn_gateway_id",
                ),
            ];
            for (property, of, attribute) in gateways {
                if at(properties, property).term != Term::Absent {
                    let mut attachment = begin(of, "");
                    texts(
                        &mut attachment,
                        &[("VpcId", "vpc_id"), (property, attribute)],
                    );
                    made.push(attachment.made());
                }
            }
        }
        "AWS::EC2::VPCEndpointServicePermissions" => {
            for (position, principal) in items(&at(properties, "AllowedPrincipals"))
                .iter()
                .enumerate()
            {
                let mut allowed = begin(
                    "aws_vpc_endpoint_service_allowed_principal",
                    &format!("[{position}]"),
                );
                texts(&mut allowed, &[("ServiceId", "vpc_endpoint_service_id")]);
                allowed.take(world, "principal_arn", principal, Shape::Text);
                made.push(allowed.made());
            }
        }
        "AWS::EC2::VPNGatewayRoutePropagation" => {
            for (position, table) in items(&at(properties, "RouteTableIds")).iter().enumerate() {
                let mut propagation = begin(
                    "aws_vpn_gateway_route_propagation",
                    &format!("[{position}]"),
                );
                texts(&mut propagation, &[("VpnGatewayId", "vpn_gateway_id")]);
                propagation.take(world, "route_table_id", table, Shape::Text);
                made.push(propagation.made());
            }
        }
        "AWS::Route53::RecordSetGroup" => {
            for (position, set) in items(&at(properties, "RecordSets")).iter().enumerate() {
                let mut one = begin("aws_route53_record", &format!("[{position}]"));
                texts(&mut one, &[("HostedZoneId", "zone_id")]);
                one.take_fields(world, set, &RECORD);
                record(world, set, &mut one);
                if !one.has("zone_id") {
                    zone_by_name(
                        world,
                        spot.stack,
                        &at(properties, "HostedZoneName"),
                        &mut one,
                    );
                }
                made.push(one.made());
            }
        }
        _ => {}
    }
}

/// The items of a list; one that is open is one item.
pub(super) fn items(list: &Part) -> Vec<Part> {
    match &list.term {
        Term::List(items) => items.clone(),
        Term::Absent => Vec::new(),
        Term::Scalar(_) | Term::Map(_) | Term::Of(_) | Term::OneOf(_) | Term::Open(_) => {
            vec![list.clone()]
        }
    }
}

/// A block that comes from a pool of addresses is chosen at deployment.
fn pooled_block(world: &World<'_>, properties: &Part, making: &mut Making) {
    if !making.has("cidr_block") && at(properties, "Ipv4IpamPoolId").term != Term::Absent {
        making.open(
            world,
            "cidr_block",
            "chosen from a pool",
            &properties.pointer,
        );
    }
    if !making.has("ipv6_cidr_block") && at(properties, "Ipv6IpamPoolId").term != Term::Absent {
        making.open(
            world,
            "ipv6_cidr_block",
            "chosen from a pool",
            &properties.pointer,
        );
    }
}

/// CloudFormation accepts a peering in one account, and in another by the role that is given.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/peer-with-vpc-in-another-account.html>
fn accept(properties: &Part, making: &mut Making) {
    let is_own = at(properties, "PeerOwnerId").term == Term::Absent;
    if is_own || at(properties, "PeerRoleArn").term != Term::Absent {
        making.set("auto_accept", Json::Bool(true));
    }
}

/// An Elastic IP may be named by its address, which is what `Ref` gives of it.
fn by_address(world: &World<'_>, properties: &Part, making: &mut Making) {
    let address = at(properties, "EIP");
    if making.has("allocation_id") {
        return;
    }
    if let Term::Of(elastic) = &address.term {
        let term = Term::Of(Attribute {
            name: Some("AllocationId".to_owned()),
            ..elastic.clone()
        });
        let part = Part { term, ..address };
        making.take(world, "allocation_id", &part, Shape::Text);
    } else {
        making.take(world, "public_ip", &address, Shape::Text);
    }
}

/// The addresses of an interface, the primary one first.
fn addresses(world: &World<'_>, properties: &Part, making: &mut Making) {
    for (list, inner, attribute) in [
        ("PrivateIpAddresses", "PrivateIpAddress", "private_ips"),
        ("Ipv6Addresses", "Ipv6Address", "ipv6_addresses"),
    ] {
        let addresses = at(properties, list);
        if let Term::List(listed) = &addresses.term {
            let listed = listed.iter().map(|one| at(one, inner)).collect();
            let part = Part {
                term: Term::List(listed),
                pointer: addresses.pointer.clone(),
            };
            making.take(world, attribute, &part, Shape::Text);
        } else {
            making.take(world, attribute, &addresses, Shape::Text);
        }
    }
}

/// The interfaces of an instance: those that are named, and those that are made with it. The first
/// one made is the instance's own; each further one is an interface of its own.
fn interfaces(
    world: &World<'_>,
    spot: &Spot,
    written: Written<'_>,
    properties: &Part,
    making: &mut Making,
    made: &mut Vec<Declared>,
) {
    addresses(world, properties, making);
    let list = at(properties, "NetworkInterfaces");
    if let Term::Open(why) = &list.term {
        making.open(world, "network_interface", why, &list.pointer);
        return;
    }
    for (position, item) in items(&list).iter().enumerate() {
        if at(item, "NetworkInterfaceId").term != Term::Absent {
            let fields = [
                ("NetworkInterfaceId", "network_interface_id", Shape::Text),
                ("DeviceIndex", "device_index", Shape::Word),
            ];
            making.add_block(world, "network_interface", item, &fields);
        } else if at(item, "DeviceIndex")
            .term
            .as_text()
            .is_none_or(|index| index == "0")
        {
            making.take_fields(world, item, &MADE_WITH);
            making.take(
                world,
                "vpc_security_group_ids",
                &at(item, "GroupSet"),
                Shape::Text,
            );
            making.take(
                world,
                "associate_public_ip_address",
                &at(item, "AssociatePublicIpAddress"),
                Shape::Flag,
            );
            addresses(world, item, making);
        } else {
            let suffix = format!("#eni[{position}]");
            let label = format!("{}_{position}", super::make::label(spot.stack, written.id));
            let address = format!("{}{suffix}", making.address());
            let mut own = Making::new(world, "aws_network_interface", spot, address, label);
            own.take_fields(world, item, &MADE_WITH);
            own.take(world, "security_groups", &at(item, "GroupSet"), Shape::Text);
            addresses(world, item, &mut own);
            made.push(own.made());
        }
    }
}

/// The properties of an interface that is made with its instance.
const MADE_WITH: [super::family::Field; 3] = [
    ("SubnetId", "subnet_id", Shape::Text),
    ("PrivateIpAddress", "private_ip", Shape::Text),
    ("Ipv6AddressCount", "ipv6_address_count", Shape::Word),
];

/// A load balancer faces the internet unless it says otherwise.
fn balancer(world: &World<'_>, properties: &Part, making: &mut Making) {
    let scheme = at(properties, "Scheme");
    match scheme.term.as_text().as_deref() {
        Some("internal") => making.set("internal", Json::Bool(true)),
        Some(_) => making.set("internal", Json::Bool(false)),
        None if scheme.term == Term::Absent => making.set("internal", Json::Bool(false)),
        None => making.take(world, "internal", &scheme, Shape::Word),
    }
    let option = option(
        &at(properties, "LoadBalancerAttributes"),
        "load_balancing.cross_zone.enabled",
    );
    making.take(
        world,
        "enable_cross_zone_load_balancing",
        &option,
        Shape::Flag,
    );
}

/// A value in a list of keys and values.
fn option(list: &Part, key: &str) -> Part {
    if let Term::List(options) = &list.term {
        let found = options
            .iter()
            .find(|one| at(one, "Key").term == Term::text(key));
        return found.map_or_else(
            || Part {
                term: Term::Absent,
                pointer: list.pointer.clone(),
            },
            |found| at(found, "Value"),
        );
    }
    list.clone()
}

/// The targets that are registered in a group, each as a resource of its own.
fn targets(
    world: &World<'_>,
    spot: &Spot,
    written: Written<'_>,
    properties: &Part,
    making: &mut Making,
    made: &mut Vec<Declared>,
) {
    let attributes = at(properties, "TargetGroupAttributes");
    for (key, attribute) in [
        ("preserve_client_ip.enabled", "preserve_client_ip"),
        (
            "load_balancing.cross_zone.enabled",
            "load_balancing_cross_zone_enabled",
        ),
    ] {
        making.take(world, attribute, &option(&attributes, key), Shape::Word);
    }
    for (position, target) in items(&at(properties, "Targets")).iter().enumerate() {
        let address = format!("{}[{position}]", making.address());
        let label = format!("{}_{position}", super::make::label(spot.stack, written.id));
        let mut attachment = Making::new(
            world,
            "aws_lb_target_group_attachment",
            spot,
            address,
            label,
        );
        let group = Part {
            term: Term::Of(Attribute {
                stack: spot.stack,
                resource: written.id.to_owned(),
                name: None,
            }),
            pointer: target.pointer.clone(),
        };
        attachment.take(world, "target_group_arn", &group, Shape::Text);
        attachment.take(world, "target_id", &at(target, "Id"), Shape::Text);
        attachment.take(world, "port", &at(target, "Port"), Shape::Text);
        made.push(attachment.made());
    }
}

/// What a bucket says of its access control lists and of public access stands in the provider's
/// resources of their own.
fn bucket(
    world: &World<'_>,
    spot: &Spot,
    written: Written<'_>,
    properties: &Part,
    making: &Making,
    made: &mut Vec<Declared>,
) {
    let parts = [
        ("OwnershipControls", "aws_s3_bucket_ownership_controls"),
        (
            "PublicAccessBlockConfiguration",
            "aws_s3_bucket_public_access_block",
        ),
    ];
    for (property, of) in parts {
        let part = at(properties, property);
        if part.term == Term::Absent {
            continue;
        }
        let label = format!("{}_{of}", super::make::label(spot.stack, written.id));
        let address = format!("{}.{property}", making.address());
        let mut making = Making::new(world, of, spot, address, label);
        let own = Part {
            term: Term::Of(Attribute {
                stack: spot.stack,
                resource: written.id.to_owned(),
                name: None,
            }),
            pointer: part.pointer.clone(),
        };
        making.take(world, "bucket", &own, Shape::Text);
        let ownership: &[super::family::Field] =
            &[("ObjectOwnership", "object_ownership", Shape::Text)];
        making.take(world, "rule", &at(&part, "Rules"), Shape::Blocks(ownership));
        let restricts = at(&part, "RestrictPublicBuckets");
        if restricts.term == Term::Absent {
            making.set("restrict_public_buckets", Json::Bool(false));
        }
        making.take(world, "restrict_public_buckets", &restricts, Shape::Flag);
        made.push(making.made());
    }
}

/// The properties by which Route 53 chooses among records of one name.
const ROUTING: [(&str, &str); 7] = [
    ("CidrRoutingConfig", "cidr_routing_policy"),
    ("Failover", "failover_routing_policy"),
    ("GeoLocation", "geolocation_routing_policy"),
    ("GeoProximityLocation", "geoproximity_routing_policy"),
    ("MultiValueAnswer", "multivalue_answer_routing_policy"),
    ("Region", "latency_routing_policy"),
    ("Weight", "weighted_routing_policy"),
];

/// The zone of a record, and how it is chosen.
fn record(world: &World<'_>, properties: &Part, making: &mut Making) {
    for (property, attribute) in ROUTING {
        if at(properties, property).term != Term::Absent {
            making.set(attribute, json!([true]));
        }
    }
    let name = at(properties, "HostedZoneName");
    if !making.has("zone_id") && name.term != Term::Absent {
        let stack = making.stack();
        zone_by_name(world, stack, &name, making);
    }
}

/// A zone that is named by its domain: the one of the template, or one that cannot be told.
fn zone_by_name(world: &World<'_>, stack: usize, name: &Part, making: &mut Making) {
    let domain = name.term.as_text();
    let zones = world
        .template(stack)
        .map(super::Template::resources)
        .unwrap_or_default();
    let is_it = |zone: &&Written<'_>| {
        let own = zone
            .body
            .get("Properties")
            .and_then(|of| of.get("Name")?.as_str());
        zone.of == "AWS::Route53::HostedZone"
            && own.is_some()
            && own.map(|own| own.trim_end_matches('.'))
                == domain.as_deref().map(|domain| domain.trim_end_matches('.'))
    };
    let term = match zones.iter().find(is_it) {
        Some(zone) => Term::Of(Attribute {
            stack,
            resource: zone.id.to_owned(),
            name: None,
        }),
        None => Term::Open("the zone of that name".to_owned()),
    };
    let pointer = name.pointer.clone();
    making.take(world, "zone_id", &Part { term, pointer }, Shape::Text);
}

/// What only all resources together say.
pub(super) fn together(world: &World<'_>, made: &mut Vec<Declared>, sink: &mut Sink) {
    egress(made);
    blocks_of_subnets(made, sink);
    super::outside::lists(world, made);
    super::outside::account(world, made);
}

/// A group without rules for what goes out admits everything: AWS adds two rules. When rules stand
/// in resources of their own, AWS's documents do not say whether the two stay.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html>
fn egress(made: &mut [Declared]) {
    const RULE: &str = "aws_vpc_security_group_egress_rule";
    let rules = made.iter().filter(|one| one.of == RULE);
    let named: Vec<Option<String>> = rules
        .map(|rule| {
            let references = rule
                .declaration
                .pointer("/expressions/security_group_id/references")?;
            let [only] = references.as_array()?.as_slice() else {
                return None;
            };
            only.as_str().map(str::to_owned)
        })
        .collect();
    for group in made.iter_mut().filter(|one| one.of == "aws_security_group") {
        let own = group.values.get("egress");
        if own.is_some_and(|rules| rules.as_array().is_none_or(|rules| !rules.is_empty())) {
            continue;
        }
        let own = format!("aws_security_group.{}.id", group.label);
        let is_uncertain = named.iter().any(|name| {
            name.as_ref()
                .is_none_or(|name| *name == own || name == "local.open")
        });
        default_egress(group, is_uncertain);
    }
}

fn default_egress(group: &mut Declared, is_uncertain: bool) {
    let (value, unknown) = if is_uncertain {
        let open = json!({"cidr_blocks": [true], "ipv6_cidr_blocks": [true]});
        (
            json!({"protocol": "-1", "cidr_blocks": [null], "ipv6_cidr_blocks": [null]}),
            open,
        )
    } else {
        let all = json!({
            "protocol": "-1",
            "cidr_blocks": ["0.0.0.0/0"],
            "ipv6_cidr_blocks": ["::/0"],
        });
        (all, json!({}))
    };
    if let (Some(values), Some(mask)) =
        (group.values.as_object_mut(), group.unknown.as_object_mut())
    {
        values.insert("egress".to_owned(), json!([value]));
        mask.insert("egress".to_owned(), json!([unknown]));
    }
    let origin = crate::terraform::declared::Origin {
        name: "SecurityGroupEgress (whether AWS's own rules stay)".to_owned(),
        place: group.place.clone(),
    };
    group.origins.insert("egress".to_owned(), origin);
}

/// Gives subnets the blocks that stand in resources of their own.
fn blocks_of_subnets(made: &mut Vec<Declared>, sink: &mut Sink) {
    let (blocks, rest): (Vec<_>, Vec<_>) = std::mem::take(made)
        .into_iter()
        .partition(|one| one.of == SUBNET_BLOCK);
    *made = rest;
    for block in blocks {
        let reference = block
            .declaration
            .pointer("/expressions/subnet_id/references/0");
        let reference = reference.and_then(Json::as_str).unwrap_or_default();
        let subnet = made.iter_mut().find(|one| {
            one.of == "aws_subnet" && format!("aws_subnet.{}.id", one.label) == reference
        });
        let Some(subnet) = subnet else {
            let what = "a block of a subnet that is not in the templates";
            sink.left_out(block.place, &block.address, what);
            continue;
        };
        for (to, from) in [
            (&mut subnet.values, &block.values),
            (&mut subnet.unknown, &block.unknown),
        ] {
            if let (Some(to), Some(value)) = (to.as_object_mut(), from.get("ipv6_cidr_block")) {
                to.insert("ipv6_cidr_block".to_owned(), value.clone());
            }
        }
        let expression = block.declaration.pointer("/expressions/ipv6_cidr_block");
        let expressions = subnet.declaration.pointer_mut("/expressions");
        if let (Some(expression), Some(to)) =
            (expression, expressions.and_then(Json::as_object_mut))
        {
            to.insert("ipv6_cidr_block".to_owned(), expression.clone());
        }
        let origin = crate::terraform::declared::Origin {
            name: format!("Ipv6CidrBlock (by {})", block.address),
            place: block.place,
        };
        subnet.origins.insert("ipv6_cidr_block".to_owned(), origin);
    }
}
