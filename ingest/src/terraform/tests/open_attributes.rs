//! What plans leave open of what selectors ask for, and of what decides what a resource is.

use model::{NetworkInterface, Subnet, Value, Vpc};
use serde_json::{Map, Value as Json, json};

use super::{IN_MAIN, Outcome, Plan, read, read_over, with_subnet, with_vpc};
use crate::doubt::Touches;
use crate::open::OpenComponent;
use crate::provenance::Kind;

/// The expressions of a subnet of `aws_vpc.main`, with tags that refer to something.
fn expressions() -> Map<String, Json> {
    let of_vpc = json!({"references": ["aws_vpc.main.id", "aws_vpc.main"]});
    let expressions = json!({"vpc_id": of_vpc, "tags": of_vpc});
    expressions.as_object().unwrap().clone()
}

/// A plan with a subnet `aws_subnet.t` that has these tags, and whatever is open of them.
fn with_tags(mut values: Json, mut unknown: Json) -> Plan {
    values["cidr_block"] = json!("10.0.2.0/24");
    unknown["id"] = json!(true);
    unknown["vpc_id"] = json!(true);
    with_subnet().masked("aws_subnet.t", values, unknown, expressions())
}

fn open(outcome: &Outcome) -> OpenComponent {
    let open = outcome.open.of(Kind::Subnet, "aws_subnet.t");
    open.cloned().unwrap_or_default()
}

fn tag(outcome: &Outcome, key: &str) -> Option<String> {
    let subnet: Subnet = outcome.get("aws_subnet.t");
    subnet.tags.get(key).cloned()
}

#[test]
fn a_tag_with_an_open_value_is_open_and_the_others_are_known() {
    let outcome = with_tags(
        json!({"tags": {"Name": "t"}, "tags_all": null}),
        json!({"tags": {"tier": true}, "tags_all": true}),
    )
    .read();
    assert_eq!(tag(&outcome, "Name").as_deref(), Some("t"));
    let open = open(&outcome);
    assert_eq!(open.tags["tier"].attribute(), "aws_subnet.t.tags.tier");
    assert_eq!((open.tags.len(), open.further_tags), (1, None));
    assert_eq!(outcome.assumes("default-tags").len(), 1);
    let ids = outcome.open.of(Kind::Subnet, "aws_subnet.t").unwrap();
    assert_eq!(ids.id.as_ref().unwrap().prefix, "subnet-");
}

#[test]
fn an_open_map_of_tags_may_have_any() {
    let outcome = with_tags(json!({}), json!({"tags": true, "tags_all": true})).read();
    let further = open(&outcome).further_tags.unwrap();
    assert_eq!(further.attribute(), "aws_subnet.t.tags");
    assert!(outcome.open.may_have_tag("whatever"));
}

#[test]
fn a_resource_without_tags_has_none_though_the_provider_leaves_all_of_them_open() {
    let outcome = with_tags(json!({"tags": null}), json!({"tags_all": true})).read();
    let open = open(&outcome);
    assert_eq!((open.tags.len(), open.further_tags), (0, None));
    assert!(outcome.assumes("default-tags").is_empty());
}

#[test]
fn known_tags_show_the_default_ones_of_the_provider() {
    let shown = json!({"cidr_block": "10.0.3.0/24", "tags": {"Name": "s"}, "tags_all": {"Name": "s", "stage": "test"}});
    let outcome = with_tags(
        json!({"tags": {"Name": "t"}}),
        json!({"tags": {"tier": true}, "tags_all": true}),
    )
    .create("aws_subnet.s", shown, IN_MAIN)
    .read();
    assert_eq!(tag(&outcome, "stage").as_deref(), Some("test"));
    assert!(outcome.assumes("default-tags").is_empty());
}

#[test]
fn the_default_tags_of_the_configuration_are_below_those_of_the_resource() {
    let with_defaults = |tags: Json| {
        let mut plan = with_tags(
            json!({"tags": {"Name": "t"}}),
            json!({"tags": {"tier": true}, "tags_all": true}),
        )
        .json();
        let expressions = &mut plan["configuration"]["provider_config"]["aws"]["expressions"];
        expressions["default_tags"] = json!([{ "tags": tags }]);
        read(&plan)
    };
    let constant = json!({"constant_value": {"Name": "other", "stage": "test", "tier": "web"}});
    let outcome = with_defaults(constant);
    assert_eq!(tag(&outcome, "Name").as_deref(), Some("t"));
    assert_eq!(tag(&outcome, "stage").as_deref(), Some("test"));
    assert_eq!(tag(&outcome, "tier"), None);
    assert!(open(&outcome).further_tags.is_none());
    // Nothing shows what an expression comes to.
    let outcome = with_defaults(json!({"references": ["local.tags"]}));
    let further = open(&outcome).further_tags.unwrap();
    assert_eq!(further.attribute(), "aws_subnet.t.tags_all");
}

#[test]
fn an_interface_has_the_open_tags_of_its_instance() {
    let values = json!({"tags": {"Name": "i"}, "tags_all": null});
    let mut expressions = expressions();
    expressions.insert(
        "subnet_id".to_owned(),
        json!({"references": ["aws_subnet.a.id", "aws_subnet.a"]}),
    );
    let unknown = json!({
        "id": true, "subnet_id": true, "private_ip": true, "tags": {"tier": true}, "tags_all": true,
    });
    let outcome = with_subnet()
        .masked("aws_instance.i", values, unknown, expressions)
        .read();
    let interface: NetworkInterface = outcome.get("aws_instance.i#eni");
    assert_eq!(interface.tags["Name"], "i");
    let id = "aws_instance.i#eni";
    let open = outcome.open.of(Kind::NetworkInterface, id).unwrap();
    assert_eq!(open.tags["tier"].attribute(), "aws_instance.i.tags.tier");
}

#[test]
fn a_tag_of_a_resource_of_its_own_is_a_tag() {
    const OF: (&str, &[&str]) = ("resource_id", &["aws_subnet.a.id", "aws_subnet.a"]);
    let outcome = with_subnet()
        .create(
            "aws_ec2_tag.t",
            json!({"key": "tier", "value": "db"}),
            &[OF],
        )
        .read();
    let subnet: Subnet = outcome.get("aws_subnet.a");
    assert_eq!(subnet.tags["tier"], "db");
    let value: (&str, &[&str]) = ("value", &["aws_vpc.main.id", "aws_vpc.main"]);
    let outcome = with_subnet()
        .create("aws_ec2_tag.t", json!({"key": "tier"}), &[OF, value])
        .read();
    let open = outcome.open.of(Kind::Subnet, "aws_subnet.a").unwrap();
    assert_eq!(open.tags["tier"].attribute(), "aws_ec2_tag.t.value");
}

const SNAPSHOT: &str = r#"
[vpc.vpc-1]
region = "ap-northeast-1"
cidrs = ["10.0.0.0/16"]
main-route-table = "rtb-1"

[route-table.rtb-1]
vpc = "vpc-1"

[network-acl.acl-1]
vpc = "vpc-1"

[subnet.subnet-1]
vpc = "vpc-1"
cidrs = ["10.0.1.0/24"]
network-acl = "acl-1"
tags = { Name = "a", tier = "db" }
"#;

#[test]
fn tags_of_their_own_reach_what_an_earlier_input_has() {
    let tag = json!({"resource_id": "subnet-1", "key": "zone", "value": "inner"});
    let plan = Plan::default().create("aws_ec2_tag.t", tag, &[]).json();
    let outcome = read_over(SNAPSHOT, &plan);
    assert_eq!(outcome.get::<Subnet>("subnet-1").tags["zone"], "inner");
    let tag = json!({"resource_id": "subnet-1", "key": "tier", "value": "db"});
    let plan = Plan::default().deleted("aws_ec2_tag.t", tag).json();
    let outcome = read_over(SNAPSHOT, &plan);
    assert_eq!(outcome.get::<Subnet>("subnet-1").tags.get("tier"), None);
}

#[test]
fn zones_and_accounts_are_open_until_they_are_known() {
    let zone: &[(&str, &[&str])] = &[
        IN_MAIN[0],
        ("availability_zone", &[]),
        ("availability_zone_id", &[]),
    ];
    let outcome = with_vpc()
        .create("aws_subnet.t", json!({"cidr_block": "10.0.2.0/24"}), zone)
        .read();
    let open = open(&outcome);
    let zone = open.zone.unwrap();
    assert_eq!(zone.attribute(), "aws_subnet.t.availability_zone");
    assert!(open.zone_id.is_some());
    let vpc = outcome.open.of(Kind::Vpc, "aws_vpc.main").unwrap();
    let account = vpc.account.as_ref().unwrap();
    assert_eq!(account.attribute(), "aws_vpc.main.owner_id");
}

#[test]
fn an_open_flag_is_a_guess() {
    let flag: &[(&str, &[&str])] = &[("enable_dns_support", &["aws_vpc.other.id"])];
    let outcome = Plan::default()
        .create("aws_vpc.main", json!({"cidr_block": "10.0.0.0/16"}), flag)
        .read();
    let expected = (Touches::Names, "aws_vpc.main.enable_dns_support", true);
    assert_eq!(outcome.doubts(), [expected]);
    // What nobody set has the default of the provider.
    let flag: &[(&str, &[&str])] = &[("enable_dns_support", &[])];
    let outcome = Plan::default()
        .create("aws_vpc.main", json!({"cidr_block": "10.0.0.0/16"}), flag)
        .read();
    assert_eq!(outcome.doubts(), []);
}

#[test]
fn an_open_block_of_ipv4_stands_in_no_place_that_is_known() {
    let block: &[(&str, &[&str])] = &[IN_MAIN[0], ("cidr_block", &["aws_vpc_ipam.a.id"])];
    let outcome = with_vpc().create("aws_subnet.t", json!({}), block).read();
    assert_eq!(outcome.unplaced(), ["aws_subnet.t.cidr_block"]);
}

#[test]
fn an_open_block_of_ipv6_is_doubted_by_its_attribute() {
    let values = json!({"cidr_block": "10.0.0.0/16", "assign_generated_ipv6_cidr_block": true});
    let block: &[(&str, &[&str])] = &[
        IN_MAIN[0],
        (
            "ipv6_cidr_block",
            &["aws_vpc.main.ipv6_cidr_block", "aws_vpc.main"],
        ),
    ];
    let outcome = Plan::default()
        .create("aws_vpc.main", values, &[("ipv6_cidr_block", &[])])
        .create("aws_subnet.t", json!({"cidr_block": "10.0.2.0/24"}), block)
        .read();
    let expected = [
        (Touches::Ipv6, "aws_subnet.t.ipv6_cidr_block", false),
        (Touches::Ipv6, "aws_vpc.main.ipv6_cidr_block", false),
    ];
    assert_eq!(outcome.doubts(), expected);
    let unseen: Vec<_> = outcome.unseen_ipv6.iter().collect();
    assert_eq!(unseen, ["aws_subnet.t"]);
}

/// Options with these servers for the VPC of the snapshot.
fn options(servers: &Json) -> Plan {
    let options = [(
        "dhcp_options_id",
        &["aws_vpc_dhcp_options.o.id", "aws_vpc_dhcp_options.o"] as &[&str],
    )];
    Plan::default()
        .create(
            "aws_vpc_dhcp_options.o",
            json!({"domain_name_servers": servers}),
            &[],
        )
        .create(
            "aws_vpc_dhcp_options_association.a",
            json!({"vpc_id": "vpc-1"}),
            &options,
        )
}

#[test]
fn dhcp_options_reach_a_vpc_of_an_earlier_input() {
    for (servers, is_custom) in [
        (json!(["10.0.0.9"]), true),
        (json!(["AmazonProvidedDNS"]), false),
    ] {
        let outcome = read_over(SNAPSHOT, &options(&servers).json());
        let vpc: Vpc = outcome.get("vpc-1");
        assert_eq!(vpc.custom_dns_servers, is_custom, "{servers}");
        assert!(outcome.diagnostics.is_empty(), "{:#?}", outcome.messages());
    }
}

#[test]
fn dhcp_options_of_nobody_knows_what_leave_names_open() {
    let values = json!({"vpc_id": "vpc-1", "dhcp_options_id": "dopt-9"});
    let plan = Plan::default().create("aws_vpc_dhcp_options_association.a", values, &[]);
    let outcome = read_over(SNAPSHOT, &plan.json());
    assert!(outcome.get::<Vpc>("vpc-1").custom_dns_servers);
    assert!(outcome.messages()[0].contains("a set of DHCP options that is not in the input"));
    let values = json!({"vpc_id": "vpc-2", "dhcp_options_id": "default"});
    let plan = Plan::default().create("aws_vpc_dhcp_options_association.a", values, &[]);
    let told = read_over(SNAPSHOT, &plan.json()).messages();
    assert!(
        told[0].contains("DHCP options of a VPC that is not in the input"),
        "{told:?}"
    );
}

#[test]
fn of_two_network_acls_of_one_subnet_nobody_knows_which_stays() {
    const OF: (&str, &[&str]) = ("subnet_id", &["aws_subnet.a.id", "aws_subnet.a"]);
    let one: &[(&str, &[&str])] = &[
        OF,
        (
            "network_acl_id",
            &["aws_network_acl.one.id", "aws_network_acl.one"],
        ),
    ];
    let other: &[(&str, &[&str])] = &[
        OF,
        (
            "network_acl_id",
            &["aws_network_acl.other.id", "aws_network_acl.other"],
        ),
    ];
    let outcome = with_subnet()
        .create("aws_network_acl.one", json!({}), IN_MAIN)
        .create("aws_network_acl.other", json!({}), IN_MAIN)
        .create("aws_network_acl_association.one", json!({}), one)
        .create("aws_network_acl_association.other", json!({}), other)
        .read();
    let subnet: Subnet = outcome.get("aws_subnet.a");
    let Value::OneOf(acls, hole) = subnet.network_acl else {
        panic!("{:?}", subnet.network_acl)
    };
    let hole = hole.attribute();
    assert_eq!(
        (acls.len(), hole),
        (2, "aws_network_acl_association.other.subnet_id")
    );
}

#[test]
fn an_association_takes_a_subnet_from_the_acl_that_had_it_before() {
    let own: &[(&str, &[&str])] = &[(
        "network_acl_id",
        &["aws_network_acl.new.id", "aws_network_acl.new"],
    )];
    let before = json!({"id": "acl-1", "vpc_id": "vpc-1", "subnet_ids": ["subnet-1"]});
    let new: &[(&str, &[&str])] = &[];
    let plan = Plan::default()
        .existing("aws_network_acl.before", before)
        .create("aws_network_acl.new", json!({"vpc_id": "vpc-1"}), new)
        .create(
            "aws_network_acl_association.a",
            json!({"subnet_id": "subnet-1"}),
            own,
        );
    let outcome = read_over(SNAPSHOT, &plan.json());
    let subnet: Subnet = outcome.get("subnet-1");
    assert_eq!(
        subnet.network_acl,
        Value::Known("aws_network_acl.new".into())
    );
}

#[test]
fn a_peering_with_an_open_end_leads_nobody_knows_where() {
    const BY: (&str, &[&str]) = (
        "vpc_peering_connection_id",
        &[
            "aws_vpc_peering_connection.p.id",
            "aws_vpc_peering_connection.p",
        ],
    );
    let ends: &[(&str, &[&str])] = &[IN_MAIN[0], ("peer_vpc_id", &["local.other"])];
    let far = json!({"cidr_block": "10.9.0.0/16"});
    let in_far: &[(&str, &[&str])] = &[
        (
            "route_table_id",
            &["aws_route_table.far.id", "aws_route_table.far"],
        ),
        BY,
    ];
    let of_far: &[(&str, &[&str])] = &[("vpc_id", &["aws_vpc.far.id", "aws_vpc.far"])];
    let route = json!({"destination_cidr_block": "10.0.0.0/16"});
    let outcome = with_vpc()
        .create("aws_vpc.far", far, &[])
        .create("aws_route_table.far", json!({}), of_far)
        .create("aws_vpc_peering_connection.p", json!({}), ends)
        .create("aws_route.r", route, in_far)
        .read();
    let network = outcome.warned();
    let table = &network.route_tables()[&"aws_route_table.far".into()];
    let hole = table
        .routes
        .iter()
        .find_map(|route| route.target.hole())
        .unwrap();
    assert_eq!(hole.attribute(), "aws_vpc_peering_connection.p.peer_vpc_id");
}
