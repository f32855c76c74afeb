//! Plans as versions 4, 5 and 6 of the provider write them. They are made by hand, from the provider's
//! documents: of versions 4 and 6 no plan of Terraform's own is at hand.
//!
//! Source: <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/version-5-upgrade>,
//! <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/version-6-upgrade>

use model::{Attachment, EndpointKind, NetworkInterface, Value, Vpc, VpcEndpoint};

use super::*;

/// A VPC and a subnet that are there, as a version writes them.
fn place(version: u8) -> Plan {
    let mut vpc = json!({"id": "vpc-1", "cidr_block": "10.0.0.0/16", "enable_dns_support": true,
        "enable_dns_hostnames": false, "default_security_group_id": "sg-0"});
    let mut subnet = json!({"id": "subnet-1", "vpc_id": "vpc-1", "cidr_block": "10.0.1.0/24"});
    match version {
        4 => {
            vpc["enable_classiclink"] = json!(false);
            vpc["enable_classiclink_dns_support"] = json!(false);
        }
        6 => {
            vpc["region"] = json!("ap-northeast-1");
            subnet["region"] = json!("ap-northeast-1");
        }
        _ => {}
    }
    Plan::default()
        .existing("aws_vpc.main", vpc)
        .existing("aws_subnet.a", subnet)
}

/// An instance that is there, with the interface that AWS made with it.
fn instance(version: u8) -> Json {
    let mut instance = json!({"id": "i-1", "subnet_id": "subnet-1", "private_ip": "10.0.1.4", "public_ip": "",
        "primary_network_interface_id": "eni-1", "vpc_security_group_ids": ["sg-0"], "ipv6_addresses": [],
        "secondary_private_ips": [], "source_dest_check": true, "network_interface": []});
    match version {
        4 | 5 => instance["cpu_core_count"] = json!(1),
        _ => {
            instance["region"] = json!("ap-northeast-1");
            instance["primary_network_interface"] =
                json!([{"network_interface_id": "eni-1", "delete_on_termination": true}]);
        }
    }
    instance
}

#[test]
fn an_instance_has_its_interface_in_each_version() {
    let elastic = |version: u8| {
        let mut address = json!({"id": "eipalloc-1", "allocation_id": "eipalloc-1", "public_ip": "203.0.113.5",
            "instance": "i-1", "network_interface": "eni-1", "domain": "vpc"});
        match version {
            4 | 5 => address["vpc"] = json!(true),
            _ => address["region"] = json!("ap-northeast-1"),
        }
        address
    };
    let networks = [4, 5, 6].map(|version| {
        let outcome = place(version)
            .existing("aws_instance.i", instance(version))
            .existing("aws_eip.e", elastic(version))
            .read();
        let interface: NetworkInterface = outcome.get("eni-1");
        let owner = Some("i-1".to_owned());
        assert_eq!(
            interface.attachment,
            Attachment::Ordinary { instance: owner }
        );
        assert!(interface.addresses[0].public.is_some(), "{version}");
        assert_eq!(outcome.draft.vpcs[0].region, "ap-northeast-1");
        outcome.network();
        outcome.draft
    });
    let [four, five, six] = networks;
    assert_eq!((&four, &six), (&five, &five));
}

#[test]
fn an_interface_of_another_input_is_not_the_instances_own() {
    let network = r#"
[vpc.vpc-1]
region = "ap-northeast-1"
cidrs = ["10.0.0.0/16"]
main-route-table = "rtb-1"
[route-table.rtb-1]
[security-group.sg-0]
[security-group.sg-1]
[subnet.subnet-1]
cidrs = ["10.0.1.0/24"]
[interface.eni-1]
subnet = "subnet-1"
addresses = ["10.0.1.4"]
groups = ["sg-1"]
"#;
    let with = |goes_with_it: bool| {
        let mut instance = instance(6);
        instance["primary_network_interface"] =
            json!([{"network_interface_id": "eni-1", "delete_on_termination": goes_with_it}]);
        let plan = Plan::default().existing("aws_instance.i", instance);
        let interface: NetworkInterface = read_over(network, &plan.json()).get("eni-1");
        interface.groups == Value::Known(BTreeSet::from(["sg-1".into()]))
    };
    assert!(with(false));
    assert!(!with(true));
}

/// The block of version 6 for what `network_interface` said before.
#[test]
fn a_new_instance_names_its_primary_interface() {
    let references = ["aws_network_interface.n.id", "aws_network_interface.n"];
    let mut expressions = Map::new();
    let block = json!([{"network_interface_id": {"references": references}}]);
    expressions.insert("primary_network_interface".to_owned(), block);
    let unknown = json!({"id": true, "subnet_id": true, "private_ip": true, "network_interface": true,
        "primary_network_interface": [{"network_interface_id": true, "delete_on_termination": true}]});
    let values = json!({"region": "ap-northeast-1", "primary_network_interface": [{}], "tags_all": {"tier": "db"}});
    let outcome = place(6)
        .create(
            "aws_network_interface.n",
            json!({"private_ips": ["10.0.1.10"], "subnet_id": "subnet-1", "security_groups": ["sg-0"]}),
            &[],
        )
        .masked("aws_instance.i", values, unknown, expressions)
        .read();
    let interface: NetworkInterface = outcome.get("aws_network_interface.n");
    let instance = Some("aws_instance.i".to_owned());
    assert_eq!(interface.attachment, Attachment::Ordinary { instance });
    assert_eq!(interface.tags["tier"], "db");
    assert_eq!(outcome.draft.network_interfaces.len(), 1);
    outcome.network();
}

#[test]
fn an_interface_in_a_secondary_subnet_is_named() {
    let mut instance = instance(6);
    instance["secondary_network_interface"] =
        json!([{"secondary_subnet_id": "ss-1", "network_card_index": 1}]);
    let outcome = place(6).existing("aws_instance.i", instance).read();
    assert_eq!(
        outcome.messages(),
        ["`aws_instance.i`: an interface in a secondary subnet is not modelled"]
    );
    let hole = "aws_instance.i.secondary_network_interface";
    assert_eq!(outcome.doubts(), [(Touches::Everything, hole, false)]);
}

/// The provider is configured for one region, and a resource may be in another.
#[test]
fn each_resource_of_version_6_is_in_its_own_region() {
    let vpc = |id: &str, block: &str, region: &str| json!({"id": id, "cidr_block": block, "region": region, "default_security_group_id": format!("sg-{id}")});
    let outcome = Plan::default()
        .existing(
            "aws_vpc.here",
            vpc("vpc-1", "10.0.0.0/16", "ap-northeast-1"),
        )
        .existing("aws_vpc.there", vpc("vpc-2", "10.1.0.0/16", "eu-west-3"))
        .read();
    let region = |id: &str| outcome.get::<Vpc>(id).region;
    assert_eq!(
        [region("vpc-1"), region("vpc-2")],
        ["ap-northeast-1", "eu-west-3"]
    );
    assert_eq!(outcome.doubts(), []);
}

#[test]
fn a_region_that_is_open_is_not_that_of_the_provider() {
    let open: &[(&str, &[&str])] = &[
        ("region", &["data.aws_ssm_parameter.region.value"]),
        ("main_route_table_id", &[]),
        ("default_route_table_id", &[]),
        ("ipv6_cidr_block", &[]),
    ];
    let block = json!({"cidr_block": "10.0.0.0/16"});
    let outcome = Plan::default()
        .create("aws_vpc.main", block.clone(), open)
        .read();
    assert_eq!(outcome.get::<Vpc>("aws_vpc.main").region, "unknown");
    assert_eq!(
        outcome.doubts(),
        [(Touches::Everything, "aws_vpc.main.region", true)]
    );
    // What nobody sets is the provider's, whether the plan says so already or not.
    let unset: Vec<(&str, &[&str])> = open
        .iter()
        .map(|(name, references)| match *name {
            "region" => (*name, &[] as &[&str]),
            _ => (*name, *references),
        })
        .collect();
    let outcome = Plan::default().create("aws_vpc.main", block, &unset).read();
    assert_eq!(outcome.get::<Vpc>("aws_vpc.main").region, "ap-northeast-1");
    assert_eq!(outcome.doubts(), []);
}

/// An endpoint for a service of another region: its names are that region's.
#[test]
fn an_endpoint_across_regions_has_the_names_of_the_service() {
    let endpoint = json!({"id": "vpce-1", "vpc_id": "vpc-1", "service_name": "com.amazonaws.eu-west-3.sqs",
        "service_region": "eu-west-3", "region": "ap-northeast-1", "vpc_endpoint_type": "Interface",
        "subnet_ids": ["subnet-1"], "security_group_ids": ["sg-0"], "private_dns_enabled": true,
        "dns_entry": [], "state": "available"});
    let outcome = place(6).existing("aws_vpc_endpoint.e", endpoint).read();
    let EndpointKind::Interface { private_names, .. } = outcome.get::<VpcEndpoint>("vpce-1").kind
    else {
        panic!("it is an interface endpoint");
    };
    let names: Vec<_> = private_names.into_iter().collect();
    assert_eq!(names, ["sqs.eu-west-3.amazonaws.com"]);
}
