//! Hosted zones and resolver rules.

use model::{HostedZone, InboundResolver, ResolverAction, ResolverRule, Subnet, Value, Vpc};
use serde_json::json;

use super::{IN_MAIN, Outcome, Plan, with_subnet, with_vpc};
use crate::doubt::Touches;

const IN_ZONE: (&str, &[&str]) = (
    "zone_id",
    &["aws_route53_zone.z.zone_id", "aws_route53_zone.z"],
);

/// A VPC with a private zone `example.com`.
fn with_zone() -> Plan {
    with_subnet().masked(
        "aws_route53_zone.z",
        json!({"name": "Example.com", "vpc": [{}], "tags_all": {"Name": "z"}}),
        json!({"id": true, "zone_id": true, "vpc": [{"vpc_id": true}]}),
        serde_json::Map::from_iter([(
            "vpc".to_owned(),
            json!([{"vpc_id": {"references": ["aws_vpc.main.id", "aws_vpc.main"]}}]),
        )]),
    )
}

/// The records as they are written, or the hole.
fn records(outcome: &Outcome) -> Vec<String> {
    match outcome.get::<HostedZone>("aws_route53_zone.z").records {
        Value::Known(records) => records
            .iter()
            .map(|record| format!("{} {:?}", record.name, record.target))
            .collect(),
        Value::OneOf(_, hole) | Value::Any(hole) => vec![format!("({hole})")],
    }
}

#[test]
fn a_zone_has_the_vpcs_of_its_blocks_and_associations() {
    let outcome = with_zone()
        .create("aws_vpc.other", json!({"cidr_block": "10.1.0.0/16"}), &[])
        .create(
            "aws_route53_zone_association.a",
            json!({}),
            &[IN_ZONE, ("vpc_id", &["aws_vpc.other.id", "aws_vpc.other"])],
        )
        .create(
            "aws_route53_zone.public",
            json!({"name": "example.org"}),
            &[],
        )
        .create(
            "aws_route53_record.public",
            json!({"name": "www", "type": "A", "records": ["192.0.2.1"]}),
            &[(
                "zone_id",
                &["aws_route53_zone.public.zone_id", "aws_route53_zone.public"],
            )],
        )
        .read();
    let zone: HostedZone = outcome.get("aws_route53_zone.z");
    assert_eq!(zone.name, "example.com");
    let vpcs: Vec<_> = zone.vpcs.iter().map(ToString::to_string).collect();
    assert_eq!(vpcs, ["aws_vpc.main", "aws_vpc.other"]);
    assert_eq!(outcome.network().hosted_zones().len(), 1);
}

/// A zone `example.com` of some blocks, whose VPCs are known after the apply.
fn with_blocks(references: &[serde_json::Value]) -> Outcome {
    let empty = vec![json!({}); references.len()];
    let unknown = vec![json!({"vpc_id": true}); references.len()];
    let blocks: Vec<_> = references
        .iter()
        .map(|one| json!({"vpc_id": one}))
        .collect();
    with_subnet()
        .create("aws_vpc.other", json!({"cidr_block": "10.1.0.0/16"}), &[])
        .create("aws_vpc.third", json!({"cidr_block": "10.2.0.0/16"}), &[])
        .masked(
            "aws_route53_zone.z",
            json!({"name": "example.com", "vpc": empty, "tags_all": {}}),
            json!({"id": true, "zone_id": true, "vpc": unknown}),
            serde_json::Map::from_iter([("vpc".to_owned(), json!(blocks))]),
        )
        .read()
}

#[test]
fn the_blocks_of_a_zone_are_traced_together() {
    let main = json!({"references": ["aws_vpc.main.id", "aws_vpc.main"]});
    let other = json!({"references": ["aws_vpc.other.id", "aws_vpc.other"]});
    let vpcs = |outcome: &Outcome| -> Vec<String> {
        let zone: HostedZone = outcome.get("aws_route53_zone.z");
        zone.vpcs.iter().map(ToString::to_string).collect()
    };
    let outcome = with_blocks(&[main.clone(), other]);
    assert_eq!(vpcs(&outcome), ["aws_vpc.main", "aws_vpc.other"]);
    assert_eq!(records(&outcome), Vec::<String>::new());
    // What cannot be traced may be any VPC, and in each the zone's names are open.
    let outcome = with_blocks(&[main, json!({"references": ["var.vpc"]})]);
    let all = ["aws_vpc.main", "aws_vpc.other", "aws_vpc.third"];
    assert_eq!(vpcs(&outcome), all);
    let hole = "(aws_route53_zone.z.vpc[0].vpc_id)";
    assert_eq!(records(&outcome), [hole]);
}

#[test]
fn records_are_absolute_and_what_is_known_later_is_named() {
    let endpoint = json!({"service_name": "com.amazonaws.ap-northeast-1.ssm", "vpc_endpoint_type": "Interface"});
    let alias = |plan: Plan, name: &str, entry: &str| {
        plan.masked(
            &format!("aws_route53_record.{name}"),
            json!({"name": name, "type": "A", "alias": [{"evaluate_target_health": false}]}),
            json!({"id": true, "zone_id": true, "alias": [{"name": true, "zone_id": true}]}),
            serde_json::Map::from_iter([
                ("zone_id".to_owned(), json!({"references": IN_ZONE.1})),
                (
                    "alias".to_owned(),
                    json!([{"name": {"references": [entry, "aws_vpc_endpoint.e"]}}]),
                ),
            ]),
        )
    };
    let plan = with_zone()
        .create("aws_vpc_endpoint.e", endpoint, IN_MAIN)
        .create(
            "aws_route53_record.a",
            json!({"name": "db", "type": "A", "records": ["10.0.1.5"]}),
            &[IN_ZONE],
        )
        .create(
            "aws_route53_record.a6",
            json!({"name": "DB.example.com", "type": "AAAA", "records": ["2001:db8::5"]}),
            &[IN_ZONE],
        )
        .create(
            "aws_route53_record.apex",
            json!({"name": "", "type": "CNAME", "records": ["db.example.com."]}),
            &[IN_ZONE],
        )
        .create(
            "aws_route53_record.w",
            json!({"name": "w", "type": "A", "records": ["10.0.1.6"], "set_identifier": "a"}),
            &[IN_ZONE],
        )
        .create(
            "aws_route53_record.later",
            json!({"name": "later", "type": "A"}),
            &[
                IN_ZONE,
                ("records", &["aws_instance.x.private_ip", "aws_instance.x"]),
            ],
        );
    let plan = alias(plan, "ssm", "aws_vpc_endpoint.e.dns_entry[0].dns_name");
    let plan = alias(plan, "zonal", "aws_vpc_endpoint.e.dns_entry[1].dns_name");
    let outcome = plan.read();
    assert_eq!(
        records(&outcome),
        [
            "db.example.com Addresses({10.0.1.5, 2001:db8::5})",
            "example.com Name(\"db.example.com\")",
            "later.example.com Unmodelled(\"aws_route53_record.later.records\")",
            "ssm.example.com Endpoint(aws_vpc_endpoint.e)",
            "w.example.com Unmodelled(\"set identifier\")",
            "zonal.example.com Unmodelled(\"aws_route53_record.zonal.alias[0].name\")",
        ]
    );
    outcome.warned();
}

#[test]
fn a_record_without_a_known_name_or_zone_opens_the_records() {
    let name = with_zone()
        .create(
            "aws_route53_record.a",
            json!({"type": "A", "records": ["10.0.1.5"]}),
            &[IN_ZONE, ("name", &["var.name"])],
        )
        .read();
    assert_eq!(records(&name), ["(aws_route53_record.a.name)"]);
    let zone = with_zone()
        .create(
            "aws_route53_record.a",
            json!({"name": "db", "type": "A", "records": ["10.0.1.5"]}),
            &[("zone_id", &["local.zone"])],
        )
        .read();
    assert_eq!(records(&zone), ["(aws_route53_record.a.zone_id)"]);
    let public = with_zone()
        .create(
            "aws_route53_record.a",
            json!({"zone_id": "Z9", "name": "db", "type": "A", "records": ["10.0.1.5"]}),
            &[],
        )
        .read();
    assert_eq!(records(&public), Vec::<String>::new());
    assert_eq!(
        public.messages(),
        [
            "`aws_route53_record.a`: a record of a hosted zone that is not in the input is not modelled"
        ]
    );
}

#[test]
fn a_rule_that_forwards_to_an_inbound_endpoint_leads_to_its_vpc() {
    let associate = |plan: Plan, rule: &str| {
        let rule_id = [format!("{rule}.id"), rule.to_owned()];
        let rule_id = [rule_id[0].as_str(), rule_id[1].as_str()];
        plan.create(
            &format!(
                "aws_route53_resolver_rule_association.{}",
                rule.rsplit('.').next().unwrap()
            ),
            json!({}),
            &[IN_MAIN[0], ("resolver_rule_id", &rule_id)],
        )
    };
    let rule = |of: &str, domain: &str, targets: serde_json::Value| json!({"rule_type": of, "domain_name": domain, "target_ip": targets});
    let plan = with_subnet()
        .masked(
            "aws_route53_resolver_endpoint.in",
            json!({"direction": "INBOUND", "ip_address": [{"ip": "10.0.1.20"}]}),
            json!({"id": true, "ip_address": [{"subnet_id": true}]}),
            serde_json::Map::from_iter([(
                "ip_address".to_owned(),
                json!([{"subnet_id": {"references": ["aws_subnet.a.id", "aws_subnet.a"]}}]),
            )]),
        )
        .create(
            "aws_route53_resolver_rule.out",
            rule("FORWARD", "corp.example", json!([{"ip": "192.0.2.1"}])),
            &[],
        )
        .create(
            "aws_route53_resolver_rule.in",
            rule("FORWARD", "hub.example", json!([{"ip": "10.0.1.20"}])),
            &[],
        )
        .create(
            "aws_route53_resolver_rule.s",
            rule("SYSTEM", ".", json!([])),
            &[],
        )
        .create(
            "aws_route53_resolver_rule.d",
            rule("DELEGATE", "d.example", json!([])),
            &[],
        );
    let plan = ["out", "in", "s", "d"].iter().fold(plan, |plan, name| {
        associate(plan, &format!("aws_route53_resolver_rule.{name}"))
    });
    let outcome = plan.read();
    let rule = |name: &str| {
        let rule: ResolverRule = outcome.get(&format!("aws_route53_resolver_rule.{name}"));
        (rule.domain, rule.action, rule.vpcs.len())
    };
    assert_eq!(
        rule("out"),
        ("corp.example".to_owned(), ResolverAction::Forward, 1)
    );
    let to = ResolverAction::ForwardTo("aws_vpc.main".into());
    assert_eq!(rule("in"), ("hub.example".to_owned(), to, 1));
    let main: Vpc = outcome.get("aws_vpc.main");
    let dns64 = Value::Known(false);
    assert_eq!(main.inbound_resolver, InboundResolver::Present { dns64 });
    assert_eq!(rule("s"), (String::new(), ResolverAction::System, 1));
    let delegate = ResolverAction::Unmodelled("delegate".to_owned());
    assert_eq!(rule("d"), ("d.example".to_owned(), delegate, 1));
    outcome.warned();
}

#[test]
fn dns64_of_a_subnet_is_read_and_named_when_it_is_not_known() {
    let subnet = json!({"cidr_block": "10.0.9.0/24", "vpc_id": "vpc-1"});
    let vpc: (&str, &[&str]) = ("vpc_id", &["aws_vpc.main.id", "aws_vpc.main"]);
    let mut on = subnet.clone();
    on["enable_dns64"] = json!(true);
    let outcome = with_vpc().create("aws_subnet.six", on, &[vpc]).read();
    assert!(outcome.get::<Subnet>("aws_subnet.six").dns64);
    assert!(outcome.messages().is_empty(), "{:?}", outcome.messages());
    let open = with_vpc().create(
        "aws_subnet.six",
        subnet,
        &[vpc, ("enable_dns64", &["var.dns64"])],
    );
    assert_eq!(
        open.read().messages(),
        ["`aws_subnet.six`: DNS64 before it is known (`enable_dns64`) is not modelled"]
    );
}

#[test]
fn records_of_other_types_and_wildcards_stay() {
    let network = |records: &str| {
        format!(
            "[vpc.vpc-1]\nregion = \"eu-west-1\"\ncidrs = [\"10.0.0.0/16\"]\n[hosted-zone.Z1]\n\
             name = \"corp.internal\"\nrecords = [{records}]\n"
        )
    };
    let read = |earlier: &str, sets: &[(&str, &str, &str)]| {
        let mut plan = Plan::default();
        for (position, (name, of, value)) in sets.iter().enumerate() {
            let record = json!({"zone_id": "Z1", "name": name, "type": of, "records": [value]});
            plan = plan.create(&format!("aws_route53_record.r{position}"), record, &[]);
        }
        let outcome = super::read_over(&network(earlier), &plan.json());
        let Value::Known(records) = outcome.get::<HostedZone>("Z1").records else {
            panic!("they are known");
        };
        let told = records
            .iter()
            .map(|one| format!("{} {:?}", one.name, one.target));
        told.collect::<Vec<_>>()
    };
    let addresses = |list: &str| format!("db.corp.internal Addresses({{{list}}})");
    let one = "\"db.corp.internal -> 10.0.2.10\"";
    let (v4, v6) = (("db", "A", "10.0.2.11"), ("db", "AAAA", "2001:db8::1"));
    assert_eq!(read(one, &[v6]), [addresses("10.0.2.10, 2001:db8::1")]);
    assert_eq!(read(one, &[v4]), [addresses("10.0.2.11")]);
    let both = "\"db.corp.internal -> 10.0.2.10, 2001:db8::9\"";
    assert_eq!(read(both, &[v4]), [addresses("10.0.2.11, 2001:db8::9")]);
    assert_eq!(read(both, &[v4, v6]), [addresses("10.0.2.11, 2001:db8::1")]);
    assert_eq!(read(one, &[("db", "TXT", "x")]), [addresses("10.0.2.10")]);
    // An alias may be of either type.
    let alias = "\"db.corp.internal -> name:x.corp.internal\"";
    let several = "db.corp.internal Unmodelled(\"records of several kinds\")";
    assert_eq!(read(alias, &[v4]), [several]);
    // A name that exists hides a wildcard, and a new wildcard is hidden by names that are not seen.
    let wild = "\"*.corp.internal -> 10.0.2.10\"";
    let hidden = read(wild, &[("x", "TXT", "y")]);
    assert_eq!(hidden[1], "x.corp.internal Unmodelled(\"TXT\")");
    let new = read(one, &[("*", "A", "10.0.2.10")]);
    assert_eq!(new[1], "*.corp.internal Unmodelled(\"new wildcard\")");
}

#[test]
fn a_zone_that_no_input_has_may_be_of_any_name() {
    let associate = |zone: &str| {
        let one = json!({"zone_id": zone, "vpc_id": "vpc-1"});
        let plan = Plan::default().create("aws_route53_zone_association.a", one, &[]);
        let network = "[vpc.vpc-1]\nregion = \"eu-west-1\"\ncidrs = [\"10.0.0.0/16\"]\n\
                       [hosted-zone.Z1]\nname = \"corp.internal\"\n";
        super::read_over(network, &plan.json())
    };
    assert_eq!(associate("Z1").doubts(), []);
    let doubt = (
        Touches::Names,
        "aws_route53_zone_association.a.zone_id",
        true,
    );
    assert_eq!(associate("Z9").doubts(), [doubt]);
}
