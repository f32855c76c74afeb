//! What stand-alone resources made and the plan deletes, as an owner that does not change still shows it.

use model::{
    HostedZone, InternetGateway, NetworkAclId, NetworkInterface, PrefixList, RouteTable, Subnet,
    Target, Value, Vpc, VpcEndpoint,
};

use super::*;

const VPC: &str = "vpc-1";

/// A plan of a VPC that exists, with a subnet, and nothing that it changes.
fn with_subnet() -> Plan {
    let vpc = json!({"id": VPC, "cidr_block": "10.0.0.0/16", "main_route_table_id": "rtb-now",
        "default_network_acl_id": "acl-1", "default_security_group_id": "sg-1"});
    let subnet = json!({"id": "subnet-a", "vpc_id": VPC, "cidr_block": "10.0.1.0/24"});
    let plan = Plan::default().existing("aws_vpc.v", vpc);
    plan.existing("aws_subnet.a", subnet)
}

/// The same, with an expression for an attribute of the resource that was put in last.
fn declaring(mut plan: Plan, name: &str) -> Plan {
    let declaration = plan.declarations.last_mut().unwrap();
    declaration["expressions"][name] = json!({"references": ["local.some"]});
    plan
}

#[test]
fn the_main_table_is_the_one_before_the_association() {
    let main = |outcome: &Outcome| outcome.get::<Vpc>(VPC).main_route_table.to_string();
    assert_eq!(main(&with_subnet().read()), "rtb-now");
    let address = "aws_main_route_table_association.m";
    let former = |original: Json| {
        let before = json!({"id": "m", "vpc_id": VPC, "route_table_id": "rtb-now",
            "original_route_table_id": original});
        with_subnet().deleted(address, before).read()
    };
    let outcome = former(json!("rtb-before"));
    assert_eq!(main(&outcome), "rtb-before");
    assert_eq!(outcome.doubts(), []);
    let outcome = former(json!(null));
    assert_eq!(outcome.doubts(), [(Touches::Everything, address, true)]);
}

#[test]
fn a_subnet_without_its_association_has_the_default_acl() {
    let with_acl = || {
        let acl = json!({"id": "acl-2", "vpc_id": VPC, "subnet_ids": ["subnet-a"]});
        with_subnet().existing("aws_network_acl.n", acl)
    };
    let acl = |outcome: Outcome| outcome.get::<Subnet>("subnet-a").network_acl;
    let former = json!({"id": "x", "subnet_id": "subnet-a", "network_acl_id": "acl-2"});
    let address = "aws_network_acl_association.x";
    assert_eq!(acl(with_acl().read()), Value::Known("acl-2".into()));
    let outcome = with_acl().deleted(address, former.clone()).read();
    assert_eq!(acl(outcome), Value::Known("acl-1".into()));
    // Where the ACL asks for it too, there is no telling which comes last.
    let plan = declaring(with_acl(), "subnet_ids").deleted(address, former);
    let either: Vec<NetworkAclId> = vec!["acl-1".into(), "acl-2".into()];
    let hole = Hole::new("aws_network_acl.n.subnet_ids");
    assert_eq!(acl(plan.read()), Value::OneOf(either, hole));
}

#[test]
fn an_endpoint_without_its_policy_permits_all() {
    const NARROW: &str = r#"{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::own/*"}]}"#;
    let with_endpoint = || {
        let endpoint = json!({"id": "vpce-1", "vpc_id": VPC, "policy": NARROW,
            "service_name": "com.amazonaws.ap-northeast-1.s3", "vpc_endpoint_type": "Gateway"});
        with_subnet().existing("aws_vpc_endpoint.s3", endpoint)
    };
    let policy = |outcome: Outcome| outcome.get::<VpcEndpoint>("vpce-1").policy;
    let all = Value::Known(crate::policy::full_access());
    let former = json!({"id": "vpce-1", "vpc_endpoint_id": "vpce-1", "policy": NARROW});
    let address = "aws_vpc_endpoint_policy.s3";
    assert_ne!(policy(with_endpoint().read()), all);
    let outcome = with_endpoint().deleted(address, former.clone()).read();
    assert_eq!(policy(outcome), all);
    let plan = declaring(with_endpoint(), "policy").deleted(address, former);
    assert_eq!(policy(plan.read()), Value::Any(Hole::new(address)));
}

#[test]
fn an_interface_without_an_attachment_has_not_its_group() {
    let instance = || {
        json!({"id": "i-1", "subnet_id": "subnet-a", "primary_network_interface_id": "eni-1",
            "private_ip": "10.0.1.5", "vpc_security_group_ids": ["sg-1", "sg-2"]})
    };
    let interface = || {
        json!({"id": "eni-1", "subnet_id": "subnet-a", "private_ips": ["10.0.1.5"],
            "security_groups": ["sg-1", "sg-2"]})
    };
    let former = json!({"id": "s", "network_interface_id": "eni-1", "security_group_id": "sg-2"});
    let address = "aws_network_interface_sg_attachment.s";
    for (owner, name, values) in [
        ("aws_instance.i", "vpc_security_group_ids", instance()),
        ("aws_network_interface.e", "security_groups", interface()),
    ] {
        let groups = |plan: Plan| plan.read().get::<NetworkInterface>("eni-1").groups;
        let plan = || with_subnet().existing(owner, values.clone());
        assert_eq!(groups(plan()).known().map(BTreeSet::len), Some(2));
        let left = BTreeSet::from(["sg-1".into()]);
        let without = plan().deleted(address, former.clone());
        assert_eq!(groups(without), Value::Known(left));
        let declared = declaring(plan(), name).deleted(address, former.clone());
        assert_eq!(groups(declared), Value::Any(Hole::new(address)));
        let anew = json!({"network_interface_id": "eni-1", "security_group_id": "sg-2"});
        let anew = plan().create("aws_network_interface_sg_attachment.new", anew, &[]);
        let both = groups(anew.deleted(address, former.clone()));
        assert_eq!(both.known().map(BTreeSet::len), Some(2));
    }
}

#[test]
fn a_prefix_list_has_not_the_entries_that_are_deleted() {
    let list = || {
        let list = json!({"id": "pl-1", "name": "l", "address_family": "IPv4",
            "entry": [{"cidr": "10.1.0.0/16"}, {"cidr": "10.2.0.0/16"}]});
        Plan::default().existing("aws_ec2_managed_prefix_list.l", list)
    };
    let entries = |plan: Plan| plan.read().get::<PrefixList>("pl-1").entries;
    let former = json!({"id": "e", "prefix_list_id": "pl-1", "cidr": "10.2.0.0/16"});
    let address = "aws_ec2_managed_prefix_list_entry.e";
    let outcome = entries(list().deleted(address, former.clone()));
    assert_eq!(
        outcome,
        Value::Known(BTreeSet::from(["10.1.0.0/16".parse().unwrap()]))
    );
    let declared = declaring(list(), "entry").deleted(address, former.clone());
    let hole = Hole::new("aws_ec2_managed_prefix_list.l.entry");
    assert_eq!(entries(declared), Value::Any(hole));
    let network = r#"
[prefix-list.pl-1]
name = "l"
entries = ["10.1.0.0/16", "10.2.0.0/16"]
"#;
    let outcome = read_over(network, &Plan::default().deleted(address, former).json());
    let left = outcome.get::<PrefixList>("pl-1").entries;
    assert_eq!(left.known().map(BTreeSet::len), Some(1));
    assert_eq!(outcome.doubts(), []);
}

#[test]
fn an_endpoint_has_no_route_in_a_table_whose_association_is_deleted() {
    let with_endpoint = || {
        let table = json!({"id": "rtb-a", "vpc_id": VPC, "route": []});
        let endpoint = json!({"id": "vpce-1", "vpc_id": VPC, "route_table_ids": ["rtb-a"],
            "service_name": "com.amazonaws.ap-northeast-1.s3", "vpc_endpoint_type": "Gateway"});
        let plan = with_subnet().existing("aws_route_table.a", table);
        plan.existing("aws_vpc_endpoint.s3", endpoint)
    };
    let routes = |plan: Plan| {
        let table: RouteTable = plan.read().get("rtb-a");
        let routes = table.routes.into_iter();
        let to_it =
            routes.filter(|one| matches!(one.target, Value::Known(Target::GatewayEndpoint(_))));
        to_it
            .map(|route| route.destination.known().is_some())
            .collect::<Vec<_>>()
    };
    let former = json!({"id": "x", "vpc_endpoint_id": "vpce-1", "route_table_id": "rtb-a"});
    let address = "aws_vpc_endpoint_route_table_association.x";
    assert_eq!(routes(with_endpoint()), [true]);
    assert_eq!(
        routes(with_endpoint().deleted(address, former.clone())),
        [false; 0]
    );
    let declared = declaring(with_endpoint(), "route_table_ids").deleted(address, former);
    assert_eq!(routes(declared), [false]);
}

#[test]
fn an_instance_has_not_the_address_that_is_taken_from_it() {
    let instance = json!({"id": "i-1", "subnet_id": "subnet-a", "private_ip": "10.0.1.5",
        "primary_network_interface_id": "eni-1", "public_ip": "198.51.100.9",
        "vpc_security_group_ids": ["sg-1"]});
    let public = |plan: Plan| {
        let interface: NetworkInterface = plan.read().get("eni-1");
        interface.addresses[0].public.is_some()
    };
    let plan = || with_subnet().existing("aws_instance.i", instance.clone());
    assert!(public(plan()));
    let association =
        json!({"id": "x", "allocation_id": "eipalloc-1", "public_ip": "198.51.100.9"});
    assert!(!public(
        plan().deleted("aws_eip_association.x", association)
    ));
    let elastic =
        |of: &str| json!({"id": "eipalloc-1", "public_ip": "198.51.100.9", "instance": of});
    assert!(!public(plan().deleted("aws_eip.e", elastic("i-1"))));
    let moved = plan().updated("aws_eip.e", elastic("i-1"), elastic(""), &[]);
    assert!(!public(moved));
    let tagged = plan().updated("aws_eip.e", elastic("i-1"), elastic("i-1"), &[]);
    assert!(public(tagged));
}

#[test]
fn a_gateway_without_its_attachment_is_detached() {
    let gateway = json!({"id": "igw-1", "vpc_id": VPC});
    let plan = || with_subnet().existing("aws_internet_gateway.i", gateway.clone());
    let vpc = |plan: Plan| plan.read().get::<InternetGateway>("igw-1").vpc;
    let former = json!({"id": "igw-1:vpc-1", "internet_gateway_id": "igw-1", "vpc_id": VPC});
    assert!(vpc(plan()).is_some());
    assert!(vpc(plan().deleted("aws_internet_gateway_attachment.a", former)).is_none());
}

#[test]
fn a_zone_is_not_that_of_a_vpc_whose_association_is_deleted() {
    let zone = json!({"id": "Z1", "name": "example.com", "vpc": [{"vpc_id": VPC}]});
    let plan = || with_subnet().existing("aws_route53_zone.z", zone.clone());
    let vpcs = |plan: Plan| plan.read().get::<HostedZone>("Z1").vpcs.len();
    let former = json!({"id": "Z1:vpc-1", "zone_id": "Z1", "vpc_id": VPC});
    assert_eq!(vpcs(plan()), 1);
    assert_eq!(
        vpcs(plan().deleted("aws_route53_zone_association.a", former)),
        0
    );
}

#[test]
fn of_what_an_owner_shows_of_other_parts_nothing_is_certain() {
    let endpoint = json!({"id": "vpce-1", "vpc_id": VPC, "subnet_ids": ["subnet-a"],
        "service_name": "com.amazonaws.ap-northeast-1.sqs", "vpc_endpoint_type": "Interface",
        "security_group_ids": ["sg-1"], "private_dns_enabled": true});
    let gateway = json!({"id": "vgw-1", "vpc_id": VPC});
    let interface = json!({"id": "eni-1", "subnet_id": "subnet-a", "private_ips": ["10.0.1.5"]});
    for (owner, values, address, key) in [
        (
            "aws_vpc_endpoint.q",
            &endpoint,
            "aws_vpc_endpoint_subnet_association.x",
            "vpc_endpoint_id",
        ),
        (
            "aws_vpc_endpoint.q",
            &endpoint,
            "aws_vpc_endpoint_security_group_association.x",
            "vpc_endpoint_id",
        ),
        (
            "aws_vpc_endpoint.q",
            &endpoint,
            "aws_vpc_endpoint_private_dns.x",
            "vpc_endpoint_id",
        ),
        (
            "aws_vpn_gateway.g",
            &gateway,
            "aws_vpn_gateway_attachment.x",
            "vpn_gateway_id",
        ),
        (
            "aws_network_interface.e",
            &interface,
            "aws_network_interface_attachment.x",
            "network_interface_id",
        ),
    ] {
        let former = json!({"id": "x", key: values["id"]});
        let plan = with_subnet().existing(owner, values.clone());
        let outcome = plan.deleted(address, former.clone()).read();
        assert_eq!(outcome.doubts(), [(Touches::Everything, address, true)]);
        // Of an owner that is not there either it says nothing.
        let outcome = with_subnet().deleted(address, former).read();
        assert_eq!(outcome.doubts(), []);
    }
}
