mod account;
mod basics;
mod beyond;
mod block_public_access;
mod client_vpn;
mod config;
mod iam;
mod load_balancers;
mod manifest;
mod mistakes;
mod names;
mod on_premises;
mod organizations;
mod regional_nat_gateways;
mod resource_policies;
mod targets;
mod transit_gateways;
mod unread;

use std::fs;

use model::Network;

use crate::native;
use crate::{Ingested, ReadError, Validated};

/// A directory with these files, read.
fn read(files: &[(&str, &str)]) -> Result<Ingested, ReadError> {
    let directory = tempfile::tempdir().expect("a directory");
    for (name, text) in files {
        let path = directory.path().join(name);
        let folder = path.parent().expect("a folder");
        fs::create_dir_all(folder).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    crate::read(&[directory.path().to_owned()])
}

fn validated(files: &[(&str, &str)]) -> Validated {
    let ingested = read(files).unwrap_or_else(|error| panic!("{error}"));
    ingested
        .validate()
        .unwrap_or_else(|error| panic!("{error}"))
}

/// The errors of reading or validating, with the directory's name taken out.
fn errors(files: &[(&str, &str)]) -> String {
    match read(files).and_then(Ingested::validate) {
        Ok(_) => panic!("the input is wrong"),
        Err(error) => error.to_string(),
    }
}

#[track_caller]
fn assert_says(text: &str, expected: &[&str]) {
    for expected in expected {
        assert!(text.contains(expected), "{expected}\n\nis not in\n\n{text}");
    }
}

fn assumptions(validated: &Validated) -> String {
    let texts = validated
        .assumptions
        .iter()
        .map(|one| format!("{}: {}", one.code, one.text));
    texts.collect::<Vec<_>>().join("\n")
}

fn warnings(validated: &Validated) -> String {
    let texts = validated.diagnostics.iter().map(ToString::to_string);
    texts.collect::<Vec<_>>().join("\n")
}

/// A network of nothing.
const EMPTY: (&str, &str) = ("vpcs.json", r#"{"Vpcs": []}"#);

const VPCS: (&str, &str) = (
    "vpcs.json",
    r#"{"Vpcs": [{"VpcId": "vpc-1", "OwnerId": "111122223333", "CidrBlock": "10.0.0.0/16", "IsDefault": false,
    "DhcpOptionsId": "dopt-1",
    "CidrBlockAssociationSet": [
        {"CidrBlock": "10.0.0.0/16", "CidrBlockState": {"State": "associated"}},
        {"CidrBlock": "10.1.0.0/16", "CidrBlockState": {"State": "associated"}},
        {"CidrBlock": "10.2.0.0/16", "CidrBlockState": {"State": "disassociated"}}],
    "Ipv6CidrBlockAssociationSet": [
        {"Ipv6CidrBlock": "2001:db8::/56", "Ipv6CidrBlockState": {"State": "associated"}},
        {"Ipv6CidrBlock": "2001:db8:1::/56", "Ipv6CidrBlockState": {"State": "failed"}}],
    "Tags": [{"Key": "Name", "Value": "main"}]}]}"#,
);

const LOCAL: &str = r#"{"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "Origin": "CreateRouteTable", "State": "active"},
    {"DestinationCidrBlock": "10.1.0.0/16", "GatewayId": "local", "Origin": "CreateRouteTable", "State": "active"},
    {"DestinationIpv6CidrBlock": "2001:db8::/56", "GatewayId": "local", "Origin": "CreateRouteTable", "State": "active"}"#;

/// The main table with these routes after the local ones, and a subnet's table.
fn route_tables(routes: &str) -> String {
    let routes = if routes.is_empty() {
        LOCAL.to_owned()
    } else {
        format!("{LOCAL}, {routes}")
    };
    format!(
        r#"{{"RouteTables": [{{"RouteTableId": "rtb-1", "VpcId": "vpc-1", "Routes": [{routes}],
        "Associations": [{{"Main": true, "AssociationState": {{"State": "associated"}}}}]}},
        {{"RouteTableId": "rtb-2", "VpcId": "vpc-1", "Routes": [{LOCAL}],
        "Associations": [{{"Main": false, "SubnetId": "subnet-1"}}, {{"Main": false, "SubnetId": "subnet-2", "AssociationState": {{"State": "disassociated"}}}}]}}]}}"#
    )
}

const SUBNETS: (&str, &str) = (
    "subnets.json",
    r#"{"Subnets": [
    {"SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.0.1.0/24", "AvailabilityZone": "eu-west-1a", "AvailabilityZoneId": "euw1-az3",
     "SubnetArn": "arn:aws:ec2:eu-west-1:111122223333:subnet/subnet-1",
     "Ipv6CidrBlockAssociationSet": [{"Ipv6CidrBlock": "2001:db8::/64", "Ipv6CidrBlockState": {"State": "associated"}}]},
    {"SubnetId": "subnet-2", "VpcId": "vpc-1", "CidrBlock": "10.0.2.0/24", "AvailabilityZone": "eu-west-1b"}]}"#,
);

const ACLS: (&str, &str) = (
    "acls.json",
    r#"{"NetworkAcls": [{"NetworkAclId": "acl-1", "VpcId": "vpc-1", "Associations": [{"SubnetId": "subnet-1", "NetworkAclId": "acl-1"}],
    "Entries": [
        {"RuleNumber": 100, "Egress": true, "Protocol": "-1", "RuleAction": "allow", "CidrBlock": "0.0.0.0/0"},
        {"RuleNumber": 32767, "Egress": true, "Protocol": "-1", "RuleAction": "deny", "CidrBlock": "0.0.0.0/0"},
        {"RuleNumber": 32768, "Egress": false, "Protocol": "-1", "RuleAction": "deny", "Ipv6CidrBlock": "::/0"},
        {"RuleNumber": 90, "Egress": false, "Protocol": "6", "RuleAction": "deny", "CidrBlock": "10.0.0.0/24", "PortRange": {"From": 22, "To": 23}},
        {"RuleNumber": 91, "Egress": false, "Protocol": "1", "RuleAction": "allow", "CidrBlock": "10.0.0.0/24", "IcmpTypeCode": {"Type": 8, "Code": -1}},
        {"RuleNumber": 92, "Egress": false, "Protocol": "58", "RuleAction": "allow", "Ipv6CidrBlock": "::/0", "IcmpTypeCode": {"Type": 128, "Code": 0}},
        {"RuleNumber": 93, "Egress": false, "Protocol": "58", "RuleAction": "allow", "CidrBlock": "0.0.0.0/0", "IcmpTypeCode": {"Type": 128, "Code": 0}},
        {"RuleNumber": 94, "Egress": false, "Protocol": "47", "RuleAction": "allow", "CidrBlock": "0.0.0.0/0"}]}]}"#,
);

/// A VPC with two subnets, and these files.
fn with(files: &[(&str, &str)]) -> Validated {
    let tables = route_tables("");
    let mut all = vec![VPCS, SUBNETS, ("tables.json", tables.as_str()), ACLS];
    all.retain(|(name, _)| !files.iter().any(|(other, _)| other == name));
    all.extend(files);
    validated(&all)
}

fn errors_with(files: &[(&str, &str)]) -> String {
    let tables = route_tables("");
    let mut all = vec![VPCS, SUBNETS, ("tables.json", tables.as_str()), ACLS];
    all.retain(|(name, _)| !files.iter().any(|(other, _)| other == name));
    all.extend(files);
    errors(&all)
}

/// The native form, in which a whole network is easy to compare.
fn native(network: &Network) -> String {
    native::write(network)
}

const INTERFACES: (&str, &str) = (
    "interfaces.json",
    r#"{"NetworkInterfaces": [
    {"NetworkInterfaceId": "eni-1", "SubnetId": "subnet-1", "InterfaceType": "interface", "SourceDestCheck": false,
     "Attachment": {"InstanceId": "i-1", "DeviceIndex": 0}, "Groups": [], "TagSet": [{"Key": "tier", "Value": "app"}],
     "PrivateIpAddress": "10.0.1.5",
     "PrivateIpAddresses": [
        {"Primary": false, "PrivateIpAddress": "10.0.1.6"},
        {"Primary": true, "PrivateIpAddress": "10.0.1.5", "Association": {"PublicIp": "198.51.100.5"}}],
     "Ipv6Addresses": [{"Ipv6Address": "2001:db8::5"}]},
    {"NetworkInterfaceId": "eni-nat", "SubnetId": "subnet-1", "InterfaceType": "nat_gateway", "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.1.7"}]},
    {"NetworkInterfaceId": "eni-e", "SubnetId": "subnet-2", "InterfaceType": "vpc_endpoint", "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.2.8"}]},
    {"NetworkInterfaceId": "eni-lb", "SubnetId": "subnet-2", "InterfaceType": "network_load_balancer", "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.2.9"}], "Ipv4Prefixes": [{"Ipv4Prefix": "10.0.2.16/28"}]}]}"#,
);

const ENDPOINTS: (&str, &str) = (
    "endpoints.json",
    r#"{"VpcEndpoints": [
    {"VpcEndpointId": "vpce-1", "VpcEndpointType": "Interface", "VpcId": "vpc-1", "ServiceName": "com.amazonaws.eu-west-1.sqs", "State": "Available",
     "NetworkInterfaceIds": ["eni-e"], "PrivateDnsEnabled": true, "DnsOptions": {"PrivateDnsOnlyForInboundResolverEndpoint": true},
     "PolicyDocument": "{\"Statement\": {\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"sqs:*\", \"Resource\": \"*\"}}",
     "DnsEntries": [{"DnsName": "vpce-1-x.sqs.eu-west-1.vpce.amazonaws.com"}, {"DnsName": "vpce-1-x-EU-west-1b.sqs.eu-west-1.vpce.amazonaws.com"}, {"DnsName": "SQS.eu-west-1.amazonaws.com"}]},
    {"VpcEndpointId": "vpce-2", "VpcEndpointType": "Gateway", "VpcId": "vpc-1", "ServiceName": "com.amazonaws.eu-west-1.s3", "State": "available"},
    {"VpcEndpointId": "vpce-3", "VpcEndpointType": "GatewayLoadBalancer", "VpcId": "vpc-1", "ServiceName": "com.amazonaws.vpce.x", "State": "available", "SubnetIds": ["subnet-2"]},
    {"VpcEndpointId": "vpce-4", "VpcEndpointType": "Interface", "VpcId": "vpc-1", "ServiceName": "com.amazonaws.eu-west-1.ecr.dkr", "State": "pending", "PrivateDnsEnabled": true}]}"#,
);

const NATS: (&str, &str) = (
    "nats.json",
    r#"{"NatGateways": [
    {"NatGatewayId": "nat-1", "SubnetId": "subnet-1", "State": "available", "ConnectivityType": "private", "NatGatewayAddresses": [{"NetworkInterfaceId": "eni-nat", "IsPrimary": true}]},
    {"NatGatewayId": "nat-2", "SubnetId": "subnet-1", "State": "deleted", "NatGatewayAddresses": [{"NetworkInterfaceId": "eni-gone"}]},
    {"NatGatewayId": "nat-3", "VpcId": "vpc-1", "State": "available", "AvailabilityMode": "regional"}]}"#,
);

const LISTS: (&str, &str) = (
    "lists.json",
    r#"{"PrefixLists": [
    {"PrefixListId": "pl-s3", "PrefixListName": "com.amazonaws.eu-west-1.s3", "AddressFamily": "IPv4", "OwnerId": "AWS"},
    {"PrefixListId": "pl-s6", "PrefixListName": "com.amazonaws.eu-west-1.s3", "AddressFamily": "IPv6", "OwnerId": "AWS"},
    {"PrefixListId": "pl-x", "PrefixListName": "old", "AddressFamily": "IPv4", "OwnerId": "AWS", "State": "delete-complete"}]}"#,
);

const GATEWAYS: (&str, &str) = (
    "gateways.json",
    r#"{"InternetGateways": [{"InternetGatewayId": "igw-1", "Attachments": [{"VpcId": "vpc-1", "State": "available"}]}, {"InternetGatewayId": "igw-2", "Attachments": []}]}"#,
);

const EGRESS: (&str, &str) = (
    "egress.json",
    r#"{"EgressOnlyInternetGateways": [{"EgressOnlyInternetGatewayId": "eigw-1", "Attachments": [{"VpcId": "vpc-1", "State": "attached"}]}]}"#,
);

const PEERINGS: (&str, &str) = (
    "peerings.json",
    r#"{"VpcPeeringConnections": [
    {"VpcPeeringConnectionId": "pcx-1", "Status": {"Code": "active"}, "RequesterVpcInfo": {"VpcId": "vpc-1"}, "AccepterVpcInfo": {"VpcId": "vpc-9"}},
    {"VpcPeeringConnectionId": "pcx-2", "Status": {"Code": "deleted"}, "RequesterVpcInfo": {"VpcId": "vpc-8"}, "AccepterVpcInfo": {"VpcId": "vpc-9"}}]}"#,
);
