//! What stands beyond the model, and has to be named: endpoints of VPC Lattice, Cloud WAN, Outposts,
//! Wavelength.

use super::*;
use crate::doubt::Touches;

#[test]
fn endpoints_of_lattice_are_there_and_not_modelled() {
    let endpoints = (
        "endpoints.json",
        r#"{"VpcEndpoints": [
        {"VpcEndpointId": "vpce-r", "VpcId": "vpc-1", "State": "available", "VpcEndpointType": "Resource", "ResourceConfigurationArn": "arn:aws:vpc-lattice:us-east-1:1:resourceconfiguration/rcfg-1", "NetworkInterfaceIds": ["eni-r"], "SubnetIds": ["subnet-1"]},
        {"VpcEndpointId": "vpce-n", "VpcId": "vpc-1", "State": "Available", "VpcEndpointType": "ServiceNetwork", "ServiceNetworkArn": "arn:aws:vpc-lattice:us-east-1:1:servicenetwork/sn-1", "SubnetIds": ["subnet-1"]}]}"#,
    );
    let read = with(&[endpoints]);
    assert_says(
        &native(&read.network),
        &[
            "[endpoint.vpce-r]\nservice = \"\"\nkind = \"unmodelled:Resource\"\n",
            "kind = \"unmodelled:ServiceNetwork\"\n",
        ],
    );
    assert_says(
        &warnings(&read),
        &[
            "`vpce-r`: an endpoint of type `Resource` is not modelled",
            "`vpce-n`: an endpoint of type `ServiceNetwork` is not modelled",
        ],
    );
    // What they take arrives elsewhere.
    let doubted = read
        .doubts
        .iter()
        .map(|doubt| (doubt.touches, doubt.is_guess));
    let doubted: Vec<_> = doubted.collect();
    assert_eq!(doubted, [(Touches::Everything, false); 2]);
}

#[test]
fn a_subnet_of_an_outpost_is_one_whose_local_gateway_is_not_modelled() {
    let (_, subnets) = SUBNETS;
    let outpost =
        r#""SubnetId": "subnet-1", "OutpostArn": "arn:aws:outposts:us-east-1:1:outpost/op-1""#;
    let subnets = subnets.replacen(r#""SubnetId": "subnet-1""#, outpost, 1);
    let tables = route_tables(
        r#"{"DestinationCidrBlock": "172.16.0.0/12", "LocalGatewayId": "lgw-1", "State": "active"},
        {"DestinationCidrBlock": "0.0.0.0/0", "CarrierGatewayId": "cagw-1", "State": "active"},
        {"DestinationCidrBlock": "192.168.0.0/16", "CoreNetworkArn": "arn:aws:networkmanager::1:core-network/c", "State": "active"}"#,
    );
    let read = with(&[(SUBNETS.0, &subnets), ("tables.json", &tables)]);
    assert!(read.network.subnets().contains_key(&"subnet-1".into()));
    assert_says(
        &native(&read.network),
        &[
            "172.16.0.0/12 -> unmodelled:local-gateway:lgw-1",
            "0.0.0.0/0 -> unmodelled:carrier-gateway:cagw-1",
            "192.168.0.0/16 -> unmodelled:core-network:arn:aws:networkmanager::1:core-network/c",
        ],
    );
}

#[test]
fn dns64_of_a_subnet_is_read() {
    let (_, subnets) = SUBNETS;
    let on = r#""SubnetId": "subnet-1", "EnableDns64": true"#;
    let subnets = subnets.replacen(r#""SubnetId": "subnet-1""#, on, 1);
    let read = with(&[(SUBNETS.0, &subnets)]);
    let dns64 = |id: &str| read.network.subnets()[&id.into()].dns64;
    assert_eq!([dns64("subnet-1"), dns64("subnet-2")], [true, false]);
}
