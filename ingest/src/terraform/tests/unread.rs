//! Plans over the network of an earlier input: what the plan does not say, that one does, and what neither
//! does is open.

use model::{AddressValue, NetworkInterface, Value, Vpc};

use super::*;

const NETWORK: &str = r#"
[vpc.vpc-1]
region = "eu-west-1"
cidrs = ["10.0.0.0/16", "10.7.0.0/16"]
main-route-table = "rtb-main"
custom-dns-servers = true
[subnet.subnet-a]
cidrs = ["10.0.1.0/24"]
network-acl = "acl-1"
[route-table.rtb-main]
[network-acl.acl-1]
[security-group.sg-1]
[interface.eni-1]
subnet = "subnet-a"
addresses = ["10.0.1.5 public 192.0.2.5", "10.0.1.6 public 192.0.2.6"]
groups = ["sg-1"]
instance = "i-1"
"#;

fn over(plan: Plan) -> Outcome {
    let outcome = read_over(NETWORK, &plan.json());
    outcome.draft.clone().validate().expect("it is valid");
    outcome
}

/// The only interface that is not in the network before.
fn new_interface(outcome: &Outcome) -> NetworkInterface {
    let all = outcome.draft.network_interfaces.iter();
    let mut new = all.filter(|one| one.id.as_str() != "eni-1");
    new.next().expect("there is a new one").clone()
}

fn instance(more: Json, open: &[(&str, &[&str])]) -> Outcome {
    let mut values = json!({"subnet_id": "subnet-a"});
    let more = more.as_object().unwrap().clone();
    values.as_object_mut().unwrap().extend(more);
    let computed: &[(&str, &[&str])] = &[("public_ip", &[]), ("private_ip", &[])];
    over(Plan::default().create("aws_instance.web", values, &[computed, open].concat()))
}

#[test]
fn whether_a_subnet_gives_public_addresses_is_said_by_it_or_open() {
    let groups = json!({"vpc_security_group_ids": ["sg-1"]});
    let outcome = instance(groups.clone(), &[]);
    assert_eq!(
        outcome.unplaced(),
        ["aws_instance.web.associate_public_ip_address"]
    );
    let mut settled = groups;
    settled["associate_public_ip_address"] = json!(false);
    let outcome = instance(settled, &[]);
    assert_eq!(outcome.unplaced(), [""; 0]);
    let public = &new_interface(&outcome).addresses[0].public;
    assert_eq!(*public, None);
}

#[test]
fn what_a_subnet_gave_before_it_gives_to_new_instances() {
    for (gives, expected) in [(true, true), (false, false)] {
        let mut sink = Sink::default();
        crate::native::read_into(NETWORK, &Arc::from("network.toml"), &mut sink);
        let given = crate::sink::Given {
            public: Some(gives),
            ipv6: Some(false),
        };
        sink.given.insert("subnet-a".to_owned(), given);
        let values = json!({"subnet_id": "subnet-a", "vpc_security_group_ids": ["sg-1"]});
        let plan = Plan::default().create("aws_instance.web", values, &[("public_ip", &[])]);
        read_into(&plan.json(), &mut sink);
        let outcome = outcome(sink);
        assert_eq!(outcome.unplaced(), [""; 0]);
        let public = &new_interface(&outcome).addresses[0].public;
        assert_eq!(public.is_some(), expected);
    }
}

#[test]
fn the_groups_of_an_instance_may_be_those_of_its_launch_template() {
    let mut values =
        json!({"associate_public_ip_address": false, "launch_template": [{"id": "lt-1"}]});
    let outcome = instance(values.clone(), &[("vpc_security_group_ids", &[])]);
    assert_eq!(outcome.unplaced(), ["aws_instance.web.launch_template"]);
    assert!(matches!(new_interface(&outcome).groups, Value::Any(_)));
    values["vpc_security_group_ids"] = json!(["sg-1"]);
    let outcome = instance(values, &[]);
    assert_eq!(outcome.unplaced(), [""; 0]);
    assert!(matches!(new_interface(&outcome).groups, Value::Known(_)));
}

#[test]
fn the_older_attribute_names_groups_too() {
    let computed: &[(&str, &[&str])] = &[("vpc_security_group_ids", &[])];
    let values =
        |group: &str| json!({"associate_public_ip_address": false, "security_groups": [group]});
    let outcome = instance(values("sg-1"), computed);
    let groups = new_interface(&outcome).groups;
    assert_eq!(groups, Value::Known(["sg-1".into()].into()));
    let outcome = instance(values("web"), computed);
    assert!(matches!(new_interface(&outcome).groups, Value::Any(_)));
}

#[test]
fn an_instance_without_a_subnet_is_in_some() {
    let values = json!({"vpc_security_group_ids": ["sg-1"]});
    let plan = Plan::default().create("aws_instance.web", values, &[("subnet_id", &[])]);
    assert_eq!(over(plan).unplaced(), ["aws_instance.web.subnet_id"]);
}

#[test]
fn an_interface_keeps_its_public_addresses() {
    let values = json!({"id": "eni-1", "subnet_id": "subnet-a", "private_ip": "10.0.1.5",
        "private_ips": ["10.0.1.5", "10.0.1.6"], "security_groups": ["sg-1"]});
    let outcome = over(Plan::default().existing("aws_network_interface.a", values));
    let interface: NetworkInterface = outcome.get("eni-1");
    let public = interface.addresses.iter().map(|one| one.public.clone());
    let expected = ["192.0.2.5", "192.0.2.6"].map(|one| {
        Some(AddressValue::Known(
            one.parse::<std::net::IpAddr>().unwrap().into(),
        ))
    });
    assert_eq!(public.collect::<Vec<_>>(), expected);
}

#[test]
fn delegated_prefixes_are_addresses_of_an_interface() {
    let values = |more: Json| {
        let mut values = json!({"subnet_id": "subnet-a", "private_ips": ["10.0.1.9"],
            "security_groups": ["sg-1"]});
        let more = more.as_object().unwrap().clone();
        values.as_object_mut().unwrap().extend(more);
        values
    };
    let name = "aws_network_interface.a";
    let known = values(json!({"ipv4_prefixes": ["10.0.1.32/28"]}));
    let outcome = over(Plan::default().create(name, known, &[]));
    let addresses = new_interface(&outcome).addresses;
    assert_eq!(addresses.len(), 17);
    let last = "10.0.1.47".parse::<std::net::IpAddr>().unwrap().into();
    assert_eq!(addresses[16].private, AddressValue::Known(last));
    let chosen = values(json!({"ipv4_prefix_count": 1}));
    let outcome = over(Plan::default().create(name, chosen, &[("ipv4_prefixes", &[])]));
    assert_eq!(outcome.unplaced(), [format!("{name}.ipv4_prefix_count")]);
    let none = over(Plan::default().create(name, values(json!({})), &[("ipv4_prefixes", &[])]));
    assert_eq!(none.unplaced(), [""; 0]);
    let of_ipv6 = values(json!({"ipv6_prefix_count": 1}));
    let outcome = over(Plan::default().create(name, of_ipv6, &[("ipv6_prefixes", &[])]));
    assert_eq!(
        outcome.doubts(),
        [(
            Touches::Ipv6,
            "aws_network_interface.a.ipv6_prefixes",
            false
        )]
    );
    assert!(outcome.unseen_ipv6.contains("subnet-a"));
}

#[test]
fn a_vpc_keeps_its_further_blocks_and_its_resolvers() {
    let values = json!({"id": "vpc-1", "cidr_block": "10.0.0.0/16", "dhcp_options_id": "dopt-1",
        "main_route_table_id": "rtb-main", "default_route_table_id": "rtb-main", "default_network_acl_id": "acl-1",
        "default_security_group_id": "sg-1"});
    let outcome = over(Plan::default().existing("aws_vpc.main", values.clone()));
    let vpc: Vpc = outcome.get("vpc-1");
    assert_eq!(vpc.cidrs.len(), 2);
    assert!(vpc.custom_dns_servers);
    assert_eq!(outcome.assumes("default-unchanged"), [""; 0]);
    let of_amazon = json!({"id": "dopt-1", "domain_name_servers": ["AmazonProvidedDNS"]});
    let plan = Plan::default().existing("aws_vpc.main", values.clone());
    let outcome = over(plan.existing("aws_vpc_dhcp_options.d", of_amazon));
    assert!(!outcome.get::<Vpc>("vpc-1").custom_dns_servers);
    let alone = Plan::default().existing("aws_vpc.main", values).read();
    let assumed = alone.assumes("default-unchanged");
    assert!(
        assumed.iter().any(|one| one.contains("dopt-1")),
        "{assumed:?}"
    );
}

#[test]
fn what_a_resource_has_in_a_vpc_may_be_anywhere_and_changes() {
    let values = |group: &str| json!({"id": "db", "vpc_security_group_ids": [group]});
    let what = "aws_db_instance.db (what an aws_db_instance has in a VPC)";
    let doubts = |plan: Plan| {
        let outcome = over(plan);
        let doubts = outcome.doubts().into_iter();
        let doubts = doubts.map(|(touches, of, is_guess)| (touches, of.to_owned(), is_guess));
        doubts.collect::<Vec<_>>()
    };
    let name = "aws_db_instance.db";
    // The network before has its interfaces.
    assert_eq!(doubts(Plan::default().existing(name, values("sg-1"))), []);
    let new = doubts(Plan::default().create(name, values("sg-1"), &[]));
    assert_eq!(new, [(Touches::Interfaces, what.to_owned(), false)]);
    let moved = doubts(Plan::default().updated(name, values("sg-2"), values("sg-1"), &[]));
    assert_eq!(moved, [(Touches::Everything, what.to_owned(), true)]);
    let mut renamed = values("sg-1");
    renamed["engine_version"] = json!("16");
    assert_eq!(
        doubts(Plan::default().updated(name, values("sg-1"), renamed, &[])),
        []
    );
    let mut public = values("sg-1");
    public["publicly_accessible"] = json!(true);
    let public = doubts(Plan::default().updated(name, values("sg-1"), public, &[]));
    assert_eq!(public, [(Touches::Everything, what.to_owned(), true)]);
    // Nor has another plan, or a state, before it.
    let mut sink = Sink::default();
    read_into(&with_subnet().json(), &mut sink);
    let plan = Plan::default().existing(name, values("sg-1"));
    read_into(&plan.json(), &mut sink);
    let told = outcome(sink);
    assert_eq!(told.doubts(), [(Touches::Interfaces, what, false)]);
    // A plan alone has them not.
    let alone = Plan::default().existing(name, values("sg-1")).read();
    assert_eq!(alone.doubts(), [(Touches::Interfaces, what, false)]);
}

#[test]
fn other_makers_of_networks_are_doubted() {
    for of in [
        "awscc_ec2_security_group_ingress",
        "aws_cloudformation_stack",
    ] {
        let name = format!("{of}.x");
        let what = format!("{name} (what an {of} makes in a network)");
        let outcome = over(Plan::default().create(&name, json!({}), &[]));
        assert_eq!(
            outcome.doubts(),
            [(Touches::Everything, what.as_str(), false)]
        );
        let outcome = over(Plan::default().existing(&name, json!({"id": "x"})));
        assert_eq!(outcome.doubts(), []);
        let before = json!({"id": "x"});
        let outcome = over(Plan::default().updated(&name, before.clone(), before, &[]));
        assert_eq!(
            outcome.doubts(),
            [(Touches::Everything, what.as_str(), true)]
        );
    }
    let accelerator =
        Plan::default().create("aws_globalaccelerator_endpoint_group.g", json!({}), &[]);
    let outcome = over(accelerator);
    let touched: Vec<_> = outcome
        .doubts()
        .iter()
        .map(|(touches, ..)| *touches)
        .collect();
    assert_eq!(touched, [Touches::Internet]);
}

#[test]
fn the_mode_of_public_access_is_of_one_account_and_region() {
    let values = json!({"internet_gateway_block_mode": "block-bidirectional"});
    let name = "aws_vpc_block_public_access_options.o";
    let outcome = over(Plan::default().create(name, values.clone(), &[]));
    assert_eq!(outcome.doubts(), []);
    let with = |providers: serde_json::Value| {
        let mut plan = Plan::default().create(name, values.clone(), &[]).json();
        plan["configuration"]["provider_config"] = providers;
        plan["variables"] = json!({"region": {"value": "eu-west-1"}, "stage": {"value": "test"}});
        read_over(NETWORK, &plan)
    };
    let by = |references: &[&str]| json!({"region": {"references": references}});
    let own = json!({"name": "aws", "expressions": by(&["var.region"])});
    assert_eq!(with(json!({"aws": own})).doubts(), []);
    // Another one, one whose Region is not told, and several with one key by the `for_each` of OpenTofu.
    for providers in [
        json!({"aws": own, "aws.dr": {"name": "aws", "alias": "dr"}}),
        json!({"aws": {"name": "aws"}}),
        json!({"aws": {"name": "aws", "expressions": by(&["var.stage"])}}),
        json!({"aws": {"name": "aws", "expressions": by(&["var.region", "each.value.region"])}}),
        json!({"aws": {"name": "aws", "expressions": by(&["each.key"])}}),
    ] {
        assert!(matches!(
            with(providers).doubts()[..],
            [(Touches::Everything, _, true)]
        ));
    }
}

#[test]
fn a_prefix_list_may_have_entries_that_a_plan_does_not_show() {
    let name = "aws_ec2_managed_prefix_list.l";
    let values = json!({"name": "l", "address_family": "IPv4", "max_entries": 5});
    let outcome = over(Plan::default().create(name, values.clone(), &[("entry", &[])]));
    let list: model::PrefixList = outcome.get(name);
    assert!(matches!(list.entries, Value::Any(_)));
    let entry = json!({"cidr": "10.0.0.0/8"});
    let plan = Plan::default().create(name, values, &[("entry", &[])]);
    let of_list: &[(&str, &[&str])] = &[(
        "prefix_list_id",
        &["aws_ec2_managed_prefix_list.l.id", name],
    )];
    let outcome = over(plan.create("aws_ec2_managed_prefix_list_entry.e", entry, of_list));
    let list: model::PrefixList = outcome.get(name);
    assert_eq!(list.entries.known().unwrap().len(), 1);
}

#[test]
fn an_input_without_a_vpc_is_no_network_before_a_plan() {
    let lists = "[prefix-list.pl-s3]\nname = \"com.amazonaws.eu-west-1.s3\"\naws-managed = true\nentries = [\"3.5.64.0/21\"]\n";
    let plan = Plan::default().create("aws_vpc.main", json!({"cidr_block": "10.0.0.0/16"}), &[]);
    assert_eq!(
        read_over(lists, &plan.json()).assumes("plan-alone").len(),
        1
    );
    let plan = Plan::default().create("aws_vpc.main", json!({"cidr_block": "10.0.0.0/16"}), &[]);
    assert_eq!(over(plan).assumes("plan-alone").len(), 0);
}

/// What `-target`, OpenTofu's `-exclude` and `-refresh-only` leave out is in the state before alone.
#[test]
fn what_a_plan_says_nothing_of_stays_and_is_not_seen() {
    let plan = |names: &[&str]| {
        let values = json!({"id": "vpc-1", "cidr_block": "10.0.0.0/16"});
        let mut plan = Plan::default().existing("aws_vpc.main", values.clone());
        for name in ["aws_vpc.main"].iter().chain(names) {
            let mut resource = super::identity(name);
            resource["values"] = values.clone();
            plan.data.push(resource);
        }
        plan
    };
    assert_eq!(plan(&[]).read().doubts(), []);
    assert_eq!(plan(&["random_id.x"]).read().doubts(), []);
    let left_out = ["random_id.x", "aws_instance.a[\"b.c\"]", "aws_subnet.a"];
    let what = "aws_instance.a[\"b.c\"] and 1 more of the state, which the plan says nothing of (`-target`, `-exclude` or \
                `-refresh-only`): give the state or a snapshot before it";
    let outcome = plan(&left_out).read();
    assert_eq!(outcome.doubts(), [(Touches::Everything, what, true)]);
    assert_eq!(over(plan(&left_out)).doubts(), []);
}

#[test]
fn what_an_endpoint_of_lattice_hands_on_is_not_read() {
    for kind in ["Resource", "ServiceNetwork"] {
        let values = json!({"vpc_id": "vpc-1", "vpc_endpoint_type": kind});
        let outcome = over(Plan::default().create("aws_vpc_endpoint.l", values, &[]));
        let what =
            format!("aws_vpc_endpoint.l (an endpoint of type {kind}, and what it hands on,)");
        assert_eq!(
            outcome.doubts(),
            [(Touches::Everything, what.as_str(), false)]
        );
    }
}

#[test]
fn an_elastic_ip_of_an_instance_of_the_earlier_input_is_mapped_to_its_only_interface() {
    let elastic = |instance: &str| {
        let values = json!({"instance": instance});
        over(Plan::default().create("aws_eip.e", values, &[("public_ip", &[])]))
    };
    let outcome = elastic("i-1");
    let interface: NetworkInterface = outcome.get("eni-1");
    let public = interface.addresses[0].public.clone();
    assert!(
        matches!(public, Some(AddressValue::Within(..))),
        "{public:?}"
    );
    assert_eq!(outcome.unplaced(), [""; 0]);
    assert_eq!(elastic("i-2").unplaced(), ["aws_eip.e.public_ip"]);
}
