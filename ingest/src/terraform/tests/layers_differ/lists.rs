//! Lists by which a resource says in what others it stands, where the plan changes or leaves them.

use model::{NetworkAclId, Target};

use super::*;

/// Two subnets and two tables, of which the plans below have none.
const NETWORK: &str = r#"
[vpc.vpc-1]
region = "ap-northeast-1"
cidrs = ["10.0.0.0/16", "2001:db8::/56"]
main-route-table = "rtb-a"
[prefix-list.pl-s3]
name = "com.amazonaws.ap-northeast-1.s3"
aws-managed = true
entries = ["3.5.64.0/21"]
[endpoint.vpce-1]
service = "com.amazonaws.ap-northeast-1.s3"
kind = "gateway"
prefix-lists = ["pl-s3"]
[route-table.rtb-a]
routes = ["pl:pl-s3 -> endpoint:vpce-1"]
[route-table.rtb-b]
[network-acl.acl-1]
[network-acl.acl-2]
[subnet.subnet-a]
cidrs = ["10.0.1.0/24", "2001:db8::/64"]
network-acl = "acl-1"
[subnet.subnet-b]
cidrs = ["10.0.2.0/24"]
network-acl = "acl-2"
"#;

fn endpoint(tables: &[&str]) -> Json {
    json!({"id": "vpce-1", "vpc_id": "vpc-1", "vpc_endpoint_type": "Gateway", "state": "available",
        "service_name": "com.amazonaws.ap-northeast-1.s3", "prefix_list_id": "pl-s3",
        "route_table_ids": tables})
}

/// The targets of the routes in a table to the endpoint, and of those that are open.
fn targets(outcome: &Outcome, table: &str) -> Vec<bool> {
    let table: RouteTable = outcome.get(table);
    let is_known = |route: &Route| match &route.target {
        Value::Known(Target::GatewayEndpoint(_)) => Some(true),
        Value::Known(_) | Value::OneOf(..) => None,
        Value::Any(_) => Some(false),
    };
    table.routes.iter().filter_map(is_known).collect()
}

fn guesses(outcome: &Outcome) -> Vec<&str> {
    let doubts = outcome.doubts().into_iter();
    let guesses = doubts.filter(|(_, _, guess)| *guess);
    guesses.map(|(_, what, _)| what).collect()
}

const ENDPOINT: &str = "aws_vpc_endpoint.e";

#[test]
fn a_route_in_a_table_that_the_endpoint_does_not_list_may_lead_elsewhere() {
    let kept = |tables: &[&str]| {
        read_over(
            NETWORK,
            &Plan::default().existing(ENDPOINT, endpoint(tables)).json(),
        )
    };
    let alike = kept(&["rtb-a"]);
    assert_eq!((targets(&alike, "rtb-a"), noted(&alike)), (vec![true], 0));
    let unlisted = kept(&[]);
    assert_eq!(
        (targets(&unlisted, "rtb-a"), noted(&unlisted)),
        (vec![false], 1)
    );
    let changed = |before: &[&str], after: &[&str]| {
        let plan = Plan::default().updated(ENDPOINT, endpoint(before), endpoint(after), &[]);
        read_over(NETWORK, &plan.json())
    };
    let unlisted = changed(&[], &["rtb-b"]);
    assert_eq!(
        (targets(&unlisted, "rtb-a"), noted(&unlisted)),
        (vec![false], 1)
    );
    assert_eq!(targets(&unlisted, "rtb-b"), [true]);
    let left = changed(&["rtb-a"], &["rtb-b"]);
    assert_eq!((targets(&left, "rtb-a"), noted(&left)), (vec![], 0));
}

/// The provider adds the tables that are new to the list: those that were in it before are as they are.
#[test]
fn a_table_that_the_endpoint_had_before_the_plan_may_not_be_its_own_any_more() {
    let changed = |before: &[&str], after: &[&str]| {
        let plan = Plan::default().updated(ENDPOINT, endpoint(before), endpoint(after), &[]);
        read_over(NETWORK, &plan.json())
    };
    let outcome = changed(&["rtb-a", "rtb-b"], &["rtb-b"]);
    assert_eq!(guesses(&outcome), ["aws_vpc_endpoint.e.route_table_ids"]);
    assert_eq!(guesses(&changed(&["rtb-a"], &["rtb-a", "rtb-b"])), [""; 0]);
}

fn acl(subnets: &[&str]) -> Json {
    json!({"id": "acl-1", "vpc_id": "vpc-1", "ingress": [], "egress": [], "subnet_ids": subnets})
}

const ACL: &str = "aws_network_acl.a";

#[test]
fn a_subnet_that_the_acl_does_not_list_may_have_another_one() {
    let of = |plan: Plan| {
        let outcome = read_over(NETWORK, &plan.json());
        let acl = outcome.get::<Subnet>("subnet-a").network_acl;
        (acl, noted(&outcome))
    };
    let known = Value::Known(NetworkAclId::new("acl-1"));
    assert_eq!(
        of(Plan::default().existing(ACL, acl(&["subnet-a"]))),
        (known.clone(), 0)
    );
    let open = Value::Any(Hole::new("aws_network_acl.a.subnet_ids"));
    assert_eq!(of(Plan::default().existing(ACL, acl(&[]))), (open, 1));
    // An association of its own says so.
    let association = json!({"id": "x", "network_acl_id": "acl-1", "subnet_id": "subnet-a"});
    let plan = Plan::default().existing(ACL, acl(&[]));
    let plan = plan.existing("aws_network_acl_association.a", association);
    assert_eq!(of(plan), (known, 0));
}

#[test]
fn a_subnet_that_the_acl_had_before_the_plan_may_not_be_its_own_any_more() {
    let plan = |before: &[&str], after: &[&str]| {
        let plan = Plan::default().updated(ACL, acl(before), acl(after), &[]);
        read_over(NETWORK, &plan.json())
    };
    let all = ["subnet-a", "subnet-b"];
    assert_eq!(
        guesses(&plan(&["subnet-b"], &all)),
        ["aws_network_acl.a.subnet_ids"]
    );
    assert_eq!(guesses(&plan(&["subnet-a"], &all)), [""; 0]);
}

/// A block that was given to the subnet by hand, or that it has no more.
#[test]
fn a_subnet_may_have_the_ipv6_that_only_the_earlier_input_has() {
    let subnet = |block: &str| json!({"id": "subnet-a", "vpc_id": "vpc-1", "cidr_block": "10.0.1.0/24", "ipv6_cidr_block": block});
    let (address, block) = ("aws_subnet.a", "2001:db8::/64");
    let of = |plan: Plan| {
        let outcome = read_over(NETWORK, &plan.json());
        let n_blocks = outcome.get::<Subnet>("subnet-a").cidrs.len();
        let ipv6 = outcome
            .doubts()
            .into_iter()
            .filter(|(touches, ..)| *touches == Touches::Ipv6);
        (n_blocks, ipv6.count(), noted(&outcome))
    };
    assert_eq!(of(Plan::default().existing(address, subnet(""))), (2, 1, 1));
    assert_eq!(
        of(Plan::default().existing(address, subnet(block))),
        (2, 0, 0)
    );
    // One that the plan takes away is gone.
    let plan = Plan::default().updated(address, subnet(block), subnet(""), &[]);
    assert_eq!(of(plan), (1, 0, 0));
}

/// An instance to which somebody, as the plugin of a cluster, gave a further address.
#[test]
fn an_instance_keeps_the_address_that_only_the_earlier_input_has() {
    let network = format!(
        "{NETWORK}[security-group.sg-1]\n[interface.eni-1]\nsubnet = \"subnet-a\"\ninstance = \"i-1\"\n\
         addresses = [\"10.0.1.9\", \"10.0.1.10\"]\ngroups = [\"sg-1\"]\n"
    );
    let instance = |further: &[&str], tag: &str| {
        json!({"id": "i-1", "subnet_id": "subnet-a", "primary_network_interface_id": "eni-1",
            "private_ip": "10.0.1.9", "secondary_private_ips": further, "public_ip": "",
            "vpc_security_group_ids": ["sg-1"], "tags": {"a": tag}})
    };
    let address = "aws_instance.i";
    let of = |plan: Plan| {
        let outcome = read_over(&network, &plan.json());
        let n_addresses = outcome.get::<NetworkInterface>("eni-1").addresses.len();
        let guesses = guesses(&outcome).into_iter().map(str::to_owned);
        (n_addresses, guesses.collect::<Vec<_>>())
    };
    assert_eq!(
        of(Plan::default().existing(address, instance(&[], ""))),
        (2, vec![])
    );
    let tagged = Plan::default().updated(address, instance(&[], ""), instance(&[], "b"), &[]);
    assert_eq!(of(tagged), (2, vec![]));
    // What the plan says of the further ones goes by those that it knows.
    let more = instance(&["10.0.1.11"], "");
    let (_, open) = of(Plan::default().updated(address, instance(&[], ""), more, &[]));
    assert_eq!(open, ["aws_instance.i.secondary_private_ips"]);
}
