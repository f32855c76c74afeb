//! Plans that leave open what selectors ask for: small ones whose verdicts were derived by hand from
//! the documents of AWS and of the AWS provider.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "A test that cannot go on fails."
)]

mod common;

use std::fs;

use common::Place;
use serde_json::{Value, json};

/// A resource that a plan creates: its values, what is open, and the expressions behind that.
struct Made {
    address: &'static str,
    values: Value,
    unknown: Value,
    expressions: Value,
}

fn of(address: &str) -> Value {
    json!({"references": [format!("{address}.id"), address]})
}

fn plan(resources: &[Made]) -> Value {
    let (mut planned, mut changes, mut declared) = (Vec::new(), Vec::new(), Vec::new());
    for made in resources {
        let (of, name) = made.address.split_once('.').unwrap();
        let address = made.address;
        let mut unknown = made.unknown.clone();
        unknown["id"] = json!(true);
        planned.push(json!({
            "address": address, "mode": "managed", "type": of, "name": name, "values": made.values,
        }));
        changes.push(json!({
            "address": address,
            "change": {"actions": ["create"], "after_unknown": unknown},
        }));
        declared.push(json!({
            "address": address, "provider_config_key": "aws", "expressions": made.expressions,
        }));
    }
    let region = json!({"constant_value": "eu-west-3"});
    json!({
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": planned}},
        "resource_changes": changes,
        "configuration": {
            "provider_config": {"aws": {"name": "aws", "expressions": {"region": region}}},
            "root_module": {"resources": declared},
        },
    })
}

/// A public subnet, with one group that lets anyone in on port 22 and one that lets nobody in.
fn base(subnet: (Value, Value)) -> Vec<Made> {
    let (mut values, mut unknown) = subnet;
    values["cidr_block"] = json!("10.0.1.0/24");
    values["map_public_ip_on_launch"] = json!(true);
    unknown["vpc_id"] = json!(true);
    let in_vpc = || json!({"vpc_id": of("aws_vpc.main")});
    let anyone = json!({
        "protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"],
        "ipv6_cidr_blocks": ["::/0"],
    });
    let route = json!([{"cidr_block": "0.0.0.0/0"}, {"ipv6_cidr_block": "::/0"}]);
    let by = of("aws_internet_gateway.g");
    vec![
        Made {
            address: "aws_vpc.main",
            values: json!({"cidr_block": "10.0.0.0/16", "tags": {"Name": "main"}, "tags_all": {"Name": "main"}}),
            unknown: json!({"main_route_table_id": true, "ipv6_cidr_block": true, "owner_id": true}),
            expressions: json!({}),
        },
        Made {
            address: "aws_internet_gateway.g",
            values: json!({"tags": null}),
            unknown: json!({"vpc_id": true, "tags_all": true}),
            expressions: in_vpc(),
        },
        Made {
            address: "aws_route_table.r",
            values: json!({"route": route, "tags": null}),
            unknown: json!({"vpc_id": true, "route": [{"gateway_id": true}, {"gateway_id": true}], "tags_all": true}),
            expressions: json!({"vpc_id": of("aws_vpc.main"), "route": [{"gateway_id": by}, {"gateway_id": by}]}),
        },
        Made {
            address: "aws_subnet.s",
            values,
            unknown,
            expressions: json!({
                "vpc_id": of("aws_vpc.main"), "tags": of("aws_vpc.main"),
                "availability_zone": of("data.aws_availability_zones.all"),
                "ipv6_cidr_block": of("aws_vpc.main"),
            }),
        },
        Made {
            address: "aws_route_table_association.a",
            values: json!({}),
            unknown: json!({"subnet_id": true, "route_table_id": true}),
            expressions: json!({"subnet_id": of("aws_subnet.s"), "route_table_id": of("aws_route_table.r")}),
        },
        Made {
            address: "aws_security_group.anyone",
            values: json!({"name": "anyone", "ingress": [anyone], "egress": [], "tags": null}),
            unknown: json!({"vpc_id": true, "tags_all": true}),
            expressions: in_vpc(),
        },
        Made {
            address: "aws_security_group.nobody",
            values: json!({"name": "nobody", "ingress": [], "egress": [], "tags": null}),
            unknown: json!({"vpc_id": true, "tags_all": true}),
            expressions: in_vpc(),
        },
    ]
}

/// An instance in the subnet, with one of the groups.
fn instance(address: &'static str, group: &str, values: Value, mut unknown: Value) -> Made {
    for name in [
        "subnet_id",
        "private_ip",
        "public_ip",
        "vpc_security_group_ids",
    ] {
        unknown[name] = json!(true);
    }
    let mut expressions = json!({
        "subnet_id": of("aws_subnet.s"), "vpc_security_group_ids": of(group),
    });
    if !unknown["tags"].is_null() {
        expressions["tags"] = of("aws_vpc.main");
    }
    Made {
        address,
        values,
        unknown,
        expressions,
    }
}

fn tagged(address: &'static str, group: &str, tier: &str) -> Made {
    let tags = json!({ "tier": tier });
    instance(
        address,
        group,
        json!({"tags": tags, "tags_all": tags}),
        json!({}),
    )
}

const ANYONE: &str = "aws_security_group.anyone";
const NOBODY: &str = "aws_security_group.nobody";
/// A subnet of which all is known that selectors ask for.
fn known() -> (Value, Value) {
    let values = json!({
        "tags": {"Name": "s"}, "tags_all": {"Name": "s"}, "availability_zone": "eu-west-3a",
        "availability_zone_id": "euw3-az1",
    });
    (values, json!({}))
}

/// The verdict on a claim and its reasons.
fn verdict(resources: &[Made], claim: &str) -> (String, String) {
    let place = Place::with(&format!("{claim}\nname = 'a'\n"));
    fs::write(place.path("plan.json"), plan(resources).to_string()).unwrap();
    let run = place.run(&[
        "check",
        "--no-builtin",
        "--closed-world",
        "--output=json",
        "plan.json",
    ]);
    let document: Value = serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}", run.err));
    let result = &document["results"][0];
    let reasons = result["reasons"].to_string();
    (result["verdict"].as_str().unwrap().to_owned(), reasons)
}

#[track_caller]
fn assert_verdict(resources: &[Made], claim: &str, expected: &str) {
    let (found, reasons) = verdict(resources, claim);
    assert_eq!(found, expected, "{claim}\n{reasons}");
}

#[track_caller]
fn assert_unknown(resources: &[Made], claim: &str, by: &str) {
    let (found, reasons) = verdict(resources, claim);
    assert_eq!(found, "unknown", "{claim}\n{reasons}");
    assert!(reasons.contains(by), "{claim}\n{reasons}");
}

/// The network in which the tags of the instance that anyone reaches are these.
fn with_database(values: Value, unknown: Value) -> Vec<Made> {
    let mut resources = base(known());
    resources.push(tagged("aws_instance.app", NOBODY, "app"));
    resources.push(tagged("aws_instance.other", NOBODY, "db"));
    resources.push(instance("aws_instance.db", ANYONE, values, unknown));
    resources
}

const NEVER: &str = "[[never]]\nfrom = 'internet'\nto = 'instance tag:tier=db'";
const NEVER_OTHERS: &str = "[[never]]\nfrom = 'internet'\nto = 'instance not tag:tier=app'";
const SOMETIMES: &str =
    "[[sometimes]]\nfrom = 'internet'\nto = 'instance tag:tier=db'\ntraffic = 'tcp/22'";
const ALWAYS: &str =
    "[[always]]\nfrom = 'internet'\nto = 'instance tag:tier=web'\ntraffic = 'tcp/22'";
const ONLY: &str =
    "[[only]]\nfrom = 'internet'\nto = 'instance tag:tier=db'\nvia = ['instance tag:tier=app']";

#[test]
fn a_claim_that_chooses_by_an_open_tag_is_unknown_by_its_name() {
    let open = || {
        let unknown = json!({"tags": {"tier": true}, "tags_all": true});
        with_database(json!({"tags": {"Name": "db"}}), unknown)
    };
    let by = "aws_instance.db.tags.tier";
    for claim in [NEVER, NEVER_OTHERS, SOMETIMES, ONLY] {
        assert_unknown(&open(), claim, by);
    }
    let whole = with_database(json!({}), json!({"tags": true, "tags_all": true}));
    assert_unknown(&whole, NEVER, "aws_instance.db.tags");
    // That another tag of it is not known does not matter.
    let name = "[[never]]\nfrom = 'internet'\nto = 'instance name:db'";
    assert_verdict(&open(), name, "violated");
}

#[test]
fn a_tag_that_is_known_beside_an_open_one_is_known() {
    let unknown = json!({"tags": {"vpc": true}, "tags_all": true});
    let database = with_database(json!({"tags": {"tier": "db"}}), unknown.clone());
    assert_verdict(&database, NEVER, "violated");
    assert_verdict(&database, SOMETIMES, "proved");
    let web = with_database(json!({"tags": {"tier": "web"}}), unknown);
    assert_verdict(&web, NEVER, "proved");
    assert_verdict(&web, ALWAYS, "proved");
}

#[test]
fn a_claim_that_holds_with_and_without_the_thing_is_proved() {
    let unknown = json!({"tags": {"tier": true}, "tags_all": true});
    let database = || with_database(json!({"tags": {"Name": "db"}}), unknown.clone());
    let traffic = |claim: &str| format!("{claim}\ntraffic = 'tcp/5432'");
    assert_verdict(&database(), &traffic(NEVER), "proved");
    // Nobody knows whether it speaks of anything.
    assert_unknown(&database(), ALWAYS, "aws_instance.db.tags.tier");
}

#[test]
fn a_resource_without_tags_is_not_chosen_by_one() {
    let without = with_database(json!({"tags": null}), json!({"tags_all": true}));
    assert_verdict(&without, NEVER, "proved");
    assert_verdict(&without, NEVER_OTHERS, "violated");
}

#[test]
fn a_claim_that_chooses_by_an_open_zone_is_unknown_by_its_name() {
    let (mut values, _) = known();
    values["availability_zone"] = Value::Null;
    values["availability_zone_id"] = Value::Null;
    let unknown = json!({"availability_zone": true, "availability_zone_id": true});
    let mut resources = base((values, unknown));
    resources.push(tagged("aws_instance.db", ANYONE, "db"));
    let of_zone = |zone| format!("[[never]]\nfrom = 'internet'\nto = 'subnet az:{zone}'");
    let by = "aws_subnet.s.availability_zone";
    assert_unknown(&resources, &of_zone("eu-west-3b"), by);
    assert_unknown(
        &resources,
        &of_zone("euw3-az1"),
        "aws_subnet.s.availability_zone_id",
    );
    let mut resources = base(known());
    resources.push(tagged("aws_instance.db", ANYONE, "db"));
    assert_verdict(&resources, &of_zone("eu-west-3b"), "vacuous");
    assert_verdict(&resources, &of_zone("eu-west-3a"), "violated");
}

#[test]
fn a_claim_that_chooses_by_an_open_id_or_account_is_unknown() {
    let mut resources = base(known());
    resources.push(tagged("aws_instance.db", ANYONE, "db"));
    let to = |to| format!("[[never]]\nfrom = 'internet'\nto = '{to}'");
    assert_unknown(&resources, &to("subnet id:subnet-*"), "aws_subnet.s.id");
    assert_unknown(&resources, &to("instance id:i-*"), "aws_instance.db.id");
    let by = "aws_vpc.main.owner_id";
    assert_unknown(&resources, &to("subnet account:111122223333"), by);
    assert_verdict(&resources, &to("instance id:aws_instance.db*"), "violated");
    assert_verdict(
        &resources,
        &to("instance id:i-0123456789abcdef0"),
        "vacuous",
    );
}

/// The network in which the VPC has a block of IPv6 that is not known, and the interface an address
/// in it, if the subnet gives it one.
fn with_ipv6(subnet: bool) -> Vec<Made> {
    let (values, unknown) = known();
    let (mut values, mut unknown) = (values, unknown);
    values["map_public_ip_on_launch"] = json!(false);
    if subnet {
        values["assign_ipv6_address_on_creation"] = json!(true);
        unknown["ipv6_cidr_block"] = json!(true);
    }
    let mut resources = base((values, unknown));
    resources[0].values["assign_generated_ipv6_cidr_block"] = json!(true);
    resources[3].values["map_public_ip_on_launch"] = json!(false);
    let tags = json!({"tags": {"tier": "db"}, "tags_all": {"tier": "db"}});
    resources.push(instance(
        "aws_instance.db",
        ANYONE,
        tags,
        json!({"ipv6_addresses": true}),
    ));
    resources
}

#[test]
fn an_open_block_of_ipv6_takes_back_what_it_may_change() {
    let by = "aws_vpc.main.ipv6_cidr_block";
    assert_unknown(&with_ipv6(true), NEVER, by);
    assert_unknown(&with_ipv6(true), SOMETIMES, by);
    let only = ONLY.replace("instance tag:tier=app", "instance tag:tier=db");
    assert_unknown(&with_ipv6(true), &only, by);
    // A flow over IPv4 is one whatever becomes of IPv6.
    let mut public = with_ipv6(true);
    public[3].values["map_public_ip_on_launch"] = json!(true);
    assert_verdict(&public, NEVER, "violated");
    assert_verdict(&public, SOMETIMES, "proved");
    let ipv4 = format!("{NEVER}\nfamily = 'ipv4'");
    assert_verdict(&with_ipv6(true), &ipv4, "proved");
    // A subnet without such a block has no such address.
    assert_verdict(&with_ipv6(false), NEVER, "proved");
}

#[test]
fn explain_does_not_say_for_certain_what_an_open_attribute_may_change() {
    let place = Place::new();
    let unknown = json!({"tags": {"tier": true}, "tags_all": true});
    let resources = with_database(json!({"tags": {"Name": "db"}}), unknown);
    fs::write(place.path("plan.json"), plan(&resources).to_string()).unwrap();
    let explain = |to: &str| {
        let run = place.run(&[
            "explain",
            "--from=internet",
            "--to",
            to,
            "--traffic=tcp/22",
            "plan.json",
        ]);
        (run.code, run.out + &run.err)
    };
    let (code, text) = explain("instance tag:tier=db");
    assert!(text.starts_with("UNKNOWN"), "{text}");
    assert!(text.contains("aws_instance.db.tags.tier"), "{text}");
    assert_eq!(code, 3);
    let (code, text) = explain("instance name:db");
    assert!(
        text.starts_with("REACHABLE") || text.starts_with("BLOCKED"),
        "{text}"
    );
    assert_ne!(code, 3);
}

/// A claim with a waiver of the instances that a selector means.
fn waiving(to: &str, claim: &str) -> String {
    format!("[[waive]]\ninvariant = 'a'\nreason = 'r'\nto = '{to}'\n{claim}")
}

#[test]
fn a_waiver_that_chooses_by_an_open_tag_neither_excuses_nor_accuses() {
    let unknown = json!({"tags": {"legacy": true}, "tags_all": true});
    let open = || with_database(json!({"tags": {"tier": "db"}}), unknown.clone());
    let legacy = waiving("instance tag:legacy=yes", NEVER);
    assert_unknown(&open(), &legacy, "aws_instance.db.tags.legacy");
    // Nothing that the waiver may mean is in the way of the verdict.
    let mut another = open();
    another.push(tagged("aws_instance.another", ANYONE, "db"));
    assert_verdict(&another, &legacy, "violated");
    let udp = format!("{legacy}\ntraffic = 'udp'");
    assert_verdict(&open(), &udp, "proved");

    let known = json!({"tags": {"tier": "db", "legacy": "yes"}});
    let known = with_database(known, json!({"tags_all": true}));
    assert_verdict(&known, &legacy, "proved");
}

#[test]
fn a_waiver_takes_what_a_claim_may_mean_by_an_open_tag() {
    let unknown = json!({"tags": {"tier": true}, "tags_all": true});
    let open = with_database(json!({"tags": {"Name": "db"}}), unknown);
    assert_unknown(&open, NEVER, "aws_instance.db.tags.tier");
    assert_verdict(&open, &waiving("instance name:db", NEVER), "proved");
    // Whether it leaves anything that the claim speaks of is not known.
    let others = waiving("instance id:aws_instance.other", NEVER);
    assert_unknown(&open, &others, "aws_instance.db.tags.tier");
}

/// An instance that sends to SQS by an endpoint with a policy, and a queue, perhaps with one.
fn with_queue(has_policy: bool) -> Vec<Made> {
    const SENDS: &str = r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}}"#;
    const DENIES: &str = r#"{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*"}}"#;
    let everywhere = |ports: u16| json!([{"protocol": "tcp", "from_port": ports, "to_port": ports, "cidr_blocks": ["0.0.0.0/0"]}]);
    let mut resources = base(known());
    resources[5].values["ingress"] = everywhere(443);
    resources[6].values["egress"] = everywhere(443);
    resources.push(tagged("aws_instance.app", NOBODY, "app"));
    resources.push(Made {
        address: "aws_vpc_endpoint.sqs",
        values: json!({
            "service_name": "com.amazonaws.eu-west-3.sqs", "vpc_endpoint_type": "Interface",
            "policy": SENDS, "tags": null, "private_dns_enabled": true,
        }),
        unknown: json!({"vpc_id": true, "subnet_ids": true, "security_group_ids": true, "tags_all": true}),
        expressions: json!({
            "vpc_id": of("aws_vpc.main"), "subnet_ids": of("aws_subnet.s"),
            "security_group_ids": of(ANYONE),
        }),
    });
    resources.push(Made {
        address: "aws_sqs_queue.jobs",
        values: json!({"name": "jobs", "tags": null}),
        unknown: json!({"arn": true, "policy": true, "url": true, "tags_all": true}),
        expressions: json!({}),
    });
    if has_policy {
        resources.push(Made {
            address: "aws_sqs_queue_policy.jobs",
            values: json!({"policy": DENIES}),
            unknown: json!({"queue_url": true}),
            expressions: json!({"queue_url": of("aws_sqs_queue.jobs")}),
        });
    }
    resources
}

#[test]
fn that_a_request_is_permitted_is_not_proved_beside_a_policy_that_is_not_asked() {
    let claim = |word: &str, action: &str| {
        format!(
            "[[{word}]]\nfrom = 'instance tag:tier=app'\nto = 'endpoint kind:interface'\n\
             traffic = 'tcp/443'\nrequest = {{ action = '{action}' }}"
        )
    };
    let by = "aws_sqs_queue.jobs.policy";
    let sends = |word| claim(word, "sqs:SendMessage");
    assert_verdict(&with_queue(false), &sends("sometimes"), "proved");
    assert_unknown(&with_queue(true), &sends("sometimes"), by);
    // What the endpoint denies nobody permits, and what it permits is nobody else's to excuse.
    let receives = |word| claim(word, "sqs:ReceiveMessage");
    assert_verdict(&with_queue(true), &receives("never"), "proved");
    assert_verdict(&with_queue(true), &receives("sometimes"), "violated");
    assert_verdict(&with_queue(true), &sends("never"), "violated");
}

#[test]
fn an_open_tag_leaves_a_claim_open_while_the_change_is_applied() {
    let open = with_database(
        json!({"tags": {"Name": "db"}}),
        json!({"tags": {"tier": true}, "tags_all": true}),
    );
    let place = Place::with(&format!("{NEVER}\nname = 'a'\n"));
    let mut plan = plan(&open);
    plan["prior_state"] = json!({"format_version": "1.0", "values": {"root_module": {}}});
    fs::write(place.path("plan.json"), plan.to_string()).unwrap();
    let run = place.run(&[
        "check",
        "--no-builtin",
        "--closed-world",
        "--transient",
        "--output=json",
        "plan.json",
    ]);
    let document: Value = serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}", run.err));
    let during = &document["results"][0]["transient"];
    assert_eq!(during["during"], "unknown", "{during:#}");
    let reasons = during["reasons"].to_string();
    assert!(reasons.contains("aws_instance.db.tags.tier"), "{reasons}");
}

/// What databases and Auto Scaling groups have in a VPC is in no plan.
#[test]
fn a_tag_of_what_has_no_interfaces_yet_is_told() {
    let mut resources = base(known());
    let group = || json!({"vpc_security_group_ids": of("aws_security_group.nobody")});
    resources.push(Made {
        address: "aws_db_instance.main",
        values: json!({"tags": {"role": "db"}, "tags_all": {"role": "db"}}),
        unknown: json!({"vpc_security_group_ids": true}),
        expressions: group(),
    });
    resources.push(Made {
        address: "aws_autoscaling_group.web",
        values: json!({"tag": [{"key": "role", "value": "web", "propagate_at_launch": true}]}),
        unknown: json!({"vpc_zone_identifier": true}),
        expressions: json!({"vpc_zone_identifier": of("aws_subnet.s")}),
    });
    let place =
        Place::with("[[never]]\nname = 'a'\nfrom = 'internet'\nto = 'interface tag:role=db'\n");
    fs::write(place.path("plan.json"), plan(&resources).to_string()).unwrap();
    let run = place.run(&["check", "--no-builtin", "--closed-world", "plan.json"]);
    let expected =
        "help: `aws_autoscaling_group.web`, `aws_db_instance.main` have it, but no interfaces yet";
    assert!(run.err.contains(expected), "{}", run.err);
}

/// A plan may leave thousands of addresses open; a flow has few of them.
#[test]
fn of_open_addresses_those_are_told_that_the_flow_has() {
    let mut resources = base(known());
    resources.push(tagged("aws_instance.reached", ANYONE, "app"));
    resources.push(tagged("aws_instance.other", NOBODY, "other"));
    let place = Place::with(
        "[[never]]\nname = 'a'\nfrom = 'internet'\nto = 'interface tag:tier=app'\nfamily = 'ipv4'\n",
    );
    fs::write(place.path("plan.json"), plan(&resources).to_string()).unwrap();
    let run = place.run(&["check", "--no-builtin", "--closed-world", "plan.json"]);
    assert!(run.out.starts_with("VIOLATED"), "{}{}", run.out, run.err);
    let told: Vec<&str> = run
        .out
        .lines()
        .filter(|line| line.contains("which is open"))
        .collect();
    assert!(!told.is_empty(), "{}", run.out);
    assert!(
        told.iter()
            .all(|line| line.contains("of aws_instance.reached#eni")),
        "{told:?}"
    );
    assert!(
        run.out
            .contains("more open addresses, which no packet on the path has"),
        "{}",
        run.out
    );
}

/// Of what an interface sends by a public address that AWS will choose, a claim about a block says nothing.
#[test]
fn that_no_new_public_address_lies_in_a_block_that_sends_is_assumed() {
    let assumes = |claim: &str, resources: &[Made]| {
        let place = Place::with(&format!("{claim}\nname = 'a'\n"));
        fs::write(place.path("plan.json"), plan(resources).to_string()).unwrap();
        let run = place.run(&["check", "--no-builtin", "--closed-world", "plan.json"]);
        run.out.contains("(public-addresses-elsewhere)")
    };
    let tags = json!({"tier": "db"});
    let public = |is_public: bool| json!({"associate_public_ip_address": is_public, "tags": tags, "tags_all": tags});
    let mut resources = base(known());
    resources.push(instance(
        "aws_instance.app",
        NOBODY,
        public(false),
        json!({}),
    ));
    let of_block = "[[never]]\nfrom = 'ip:203.0.113.0/24'\nto = 'instance tag:tier=db'";
    assert!(!assumes(of_block, &resources));
    resources.push(instance(
        "aws_instance.web",
        ANYONE,
        public(true),
        json!({}),
    ));
    assert!(assumes(of_block, &resources));
    assert!(!assumes(NEVER, &resources));
}
