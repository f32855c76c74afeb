//! Types that make resources of another shape than their own: one for each item of a list, or one of
//! several types.

use crate::terraform::declared::Declared;

use super::adjust::items;
use super::family::{RECORD, Shape};
use super::make::{Making, at, label};
use super::record::{record, zone_by_name};
use super::subnet;
use super::template::Written;
use super::term::{Part, Term};
use super::world::{Spot, World};

const TYPES: [&str; 6] = [
    "AWS::EC2::SubnetCidrBlock",
    "AWS::EC2::VPCCidrBlock",
    "AWS::EC2::VPCEndpointServicePermissions",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::EC2::VPNGatewayRoutePropagation",
    "AWS::Route53::RecordSetGroup",
];

/// Whether a type is read here.
pub(super) fn is_read(of: &str) -> bool {
    TYPES.contains(&of)
}

/// What is written, and where.
struct Site<'w, 't> {
    world: &'w World<'t>,
    spot: &'w Spot,
    written: Written<'w>,
    address: &'w str,
    properties: &'w Part,
}

/// Adds what a type makes.
pub(super) fn read(
    world: &World<'_>,
    spot: &Spot,
    written: Written<'_>,
    address: &str,
    properties: &Part,
    made: &mut Vec<Declared>,
) {
    let site = Site {
        world,
        spot,
        written,
        address,
        properties,
    };
    made.extend(match written.of {
        "AWS::EC2::SubnetCidrBlock" => vec![site.subnet_block()],
        "AWS::EC2::VPCCidrBlock" => vec![site.vpc_block()],
        "AWS::EC2::VPCGatewayAttachment" => site.attachments(),
        "AWS::EC2::VPCEndpointServicePermissions" => site.each(
            ("AllowedPrincipals", "principal_arn"),
            ("ServiceId", "vpc_endpoint_service_id"),
            "aws_vpc_endpoint_service_allowed_principal",
        ),
        "AWS::EC2::VPNGatewayRoutePropagation" => site.each(
            ("RouteTableIds", "route_table_id"),
            ("VpnGatewayId", "vpn_gateway_id"),
            "aws_vpn_gateway_route_propagation",
        ),
        "AWS::Route53::RecordSetGroup" => site.records(),
        _ => Vec::new(),
    });
}

impl Site<'_, '_> {
    fn begin(&self, of: &str, suffix: &str) -> Making {
        let address = format!("{}{suffix}", self.address);
        let label = format!("{}{suffix}", label(self.spot.stack, self.written.id));
        Making::new(self.world, of, self.spot, address, label)
    }

    fn take(&self, making: &mut Making, (property, attribute): (&str, &str)) {
        let part = at(self.properties, property);
        making.take(self.world, attribute, &part, Shape::Text);
    }

    fn has(&self, property: &str) -> bool {
        at(self.properties, property).term != Term::Absent
    }

    fn subnet_block(&self) -> Declared {
        const BLOCK: &str = "ipv6_cidr_block";
        let mut block = self.begin(subnet::BLOCK, "");
        self.take(&mut block, ("SubnetId", "subnet_id"));
        self.take(&mut block, ("Ipv6CidrBlock", BLOCK));
        if !block.has(BLOCK) {
            let pointer = &self.properties.pointer;
            block.open(self.world, BLOCK, "chosen at deployment", pointer);
        }
        block.made()
    }

    fn vpc_block(&self) -> Declared {
        let (of, property, attribute) = if self.has("CidrBlock") || self.has("Ipv4IpamPoolId") {
            (
                "aws_vpc_ipv4_cidr_block_association",
                "CidrBlock",
                "cidr_block",
            )
        } else {
            (
                "aws_vpc_ipv6_cidr_block_association",
                "Ipv6CidrBlock",
                "ipv6_cidr_block",
            )
        };
        let mut block = self.begin(of, "");
        self.take(&mut block, ("VpcId", "vpc_id"));
        self.take(&mut block, (property, attribute));
        block.compute(attribute);
        block.made()
    }

    /// Of an internet gateway, or of a virtual private gateway.
    fn attachments(&self) -> Vec<Declared> {
        let gateways = [
            (
                "InternetGatewayId",
                "internet_gateway_id",
                "aws_internet_gateway_attachment",
            ),
            (
                "VpnGatewayId",
                "vpn_gateway_id",
                "aws_vpn_gateway_attachment",
            ),
        ];
        let written = gateways.iter().filter(|(property, ..)| self.has(property));
        let attachment = |(property, attribute, of): &(&str, &str, &str)| {
            let mut attachment = self.begin(of, "");
            self.take(&mut attachment, ("VpcId", "vpc_id"));
            self.take(&mut attachment, (property, attribute));
            attachment.made()
        };
        written.map(attachment).collect()
    }

    /// One for each item of a list, with what they share.
    fn each(&self, list: (&str, &str), shared: (&str, &str), of: &str) -> Vec<Declared> {
        let items = items(&at(self.properties, list.0));
        let one = |(position, item): (usize, &Part)| {
            let mut one = self.begin(of, &format!("[{position}]"));
            self.take(&mut one, shared);
            one.take(self.world, list.1, item, Shape::Text);
            one.made()
        };
        items.iter().enumerate().map(one).collect()
    }

    fn records(&self) -> Vec<Declared> {
        let sets = items(&at(self.properties, "RecordSets"));
        let one = |(position, set): (usize, &Part)| {
            let mut one = self.begin("aws_route53_record", &format!("[{position}]"));
            self.take(&mut one, ("HostedZoneId", "zone_id"));
            one.take_fields(self.world, set, &RECORD);
            record(self.world, set, &mut one);
            if !one.has("zone_id") {
                let name = at(self.properties, "HostedZoneName");
                zone_by_name(self.world, self.spot.stack, &name, &mut one);
            }
            one.made()
        };
        sets.iter().enumerate().map(one).collect()
    }
}
