//! VPC Block Public Access.

use model::{BlockPublicAccess, Exclusion, Hole, Subnet, Value, Vpc};
use serde_json::json;

use super::{Outcome, Plan, with_subnet, with_vpc};
use crate::json::Cursor;
use crate::sink::Sink;

const OPTIONS: &str = "aws_vpc_block_public_access_options.all";
const EXCLUSION: &str = "aws_vpc_block_public_access_exclusion.one";
const OF_VPC: &[(&str, &[&str])] = &[("vpc_id", &["aws_vpc.main.id", "aws_vpc.main"])];
const OF_SUBNET: &[(&str, &[&str])] = &[("subnet_id", &["aws_subnet.a.id", "aws_subnet.a"])];

fn options(plan: Plan, mode: &str) -> Plan {
    let values = json!({ "internet_gateway_block_mode": mode });
    plan.create(OPTIONS, values, &[])
}

fn exclusion(plan: Plan, mode: &str, open: &[(&str, &[&str])]) -> Plan {
    let values = json!({ "internet_gateway_exclusion_mode": mode });
    plan.create(EXCLUSION, values, open)
}

fn mode(outcome: &Outcome) -> Value<BlockPublicAccess> {
    outcome.get::<Vpc>("aws_vpc.main").block_public_access
}

#[test]
fn a_plan_without_options_is_taken_for_off() {
    let outcome = with_vpc().read();
    assert_eq!(mode(&outcome), Value::Known(BlockPublicAccess::Off));
    assert_eq!(
        outcome.assumes("block-public-access-off"),
        [
            "the mode of VPC Block Public Access in `ap-northeast-1` is not in the input: taken to be off"
        ]
    );
}

#[test]
fn options_and_exclusions_are_read() {
    let plan = options(with_subnet(), "block-bidirectional");
    let outcome = exclusion(plan, "allow-egress", OF_SUBNET).read();
    let expected = Value::Known(BlockPublicAccess::Bidirectional);
    assert_eq!(mode(&outcome), expected);
    let subnet: Subnet = outcome.get("aws_subnet.a");
    assert_eq!(subnet.exclusion, Some(Exclusion::Egress));
    assert_eq!(outcome.get::<Vpc>("aws_vpc.main").exclusion, None);
    assert!(outcome.assumes("block-public-access-off").is_empty());
    outcome.network();
    let plan = options(with_subnet(), "block-ingress");
    let outcome = exclusion(plan, "allow-bidirectional", OF_VPC).read();
    let vpc: Vpc = outcome.get("aws_vpc.main");
    assert_eq!(vpc.exclusion, Some(Exclusion::Bidirectional));
    outcome.network();
}

#[test]
fn options_of_another_region_do_not_count() {
    let values = json!({
        "internet_gateway_block_mode": "block-ingress", "aws_region": "us-east-1",
    });
    let outcome = with_vpc().create(OPTIONS, values, &[]).read();
    assert_eq!(mode(&outcome), Value::Known(BlockPublicAccess::Off));
    assert_eq!(outcome.assumes("block-public-access-off").len(), 1);
}

#[test]
fn an_unknown_mode_is_a_hole() {
    let open: &[(&str, &[&str])] = &[("internet_gateway_block_mode", &["var.mode"])];
    let outcome = with_vpc().create(OPTIONS, json!({}), open).read();
    let hole = Hole::new(format!("{OPTIONS}.internet_gateway_block_mode"));
    assert_eq!(mode(&outcome), Value::Any(hole));
    assert!(outcome.assumes("block-public-access-off").is_empty());
    outcome.network();
}

#[test]
fn what_may_be_excluded_has_a_mode_that_may_be_off() {
    let perhaps = |attribute: &str| {
        let modes = vec![BlockPublicAccess::Ingress, BlockPublicAccess::Off];
        Value::OneOf(modes, Hole::new(format!("{EXCLUSION}.{attribute}")))
    };
    // What is excluded is known, how is not.
    let open: &[(&str, &[&str])] = &[
        ("internet_gateway_exclusion_mode", &["var.mode"]),
        ("subnet_id", &["aws_subnet.a.id", "aws_subnet.a"]),
    ];
    let outcome = options(with_subnet(), "block-ingress");
    let outcome = outcome.create(EXCLUSION, json!({}), open).read();
    let expected = perhaps("internet_gateway_exclusion_mode");
    assert_eq!(mode(&outcome), expected);
    let subnet: Subnet = outcome.get("aws_subnet.a");
    assert_eq!(subnet.exclusion, Some(Exclusion::Egress));
    outcome.network();
    // How is known, what is not.
    let open: &[(&str, &[&str])] = &[("subnet_id", &["var.subnet"])];
    let outcome = options(with_subnet(), "block-ingress");
    let outcome = exclusion(outcome, "allow-bidirectional", open).read();
    assert_eq!(mode(&outcome), perhaps("subnet_id"));
    assert_eq!(outcome.get::<Subnet>("aws_subnet.a").exclusion, None);
    outcome.network();
}

#[test]
fn what_an_earlier_input_says_stands_until_the_plan_says_otherwise() {
    let existing = || {
        let values = json!({"id": "vpc-1", "cidr_block": "10.0.0.0/16"});
        Plan::default().existing("aws_vpc.main", values)
    };
    let of = |plan: Plan| {
        let mut sink = Sink::default();
        let file = std::sync::Arc::from("plan.json");
        let mode = json!({"internet_gateway_block_mode": "block-ingress"});
        let exclusion =
            json!({"vpc_id": "vpc-1", "internet_gateway_exclusion_mode": "allow-egress"});
        let before = existing()
            .existing(OPTIONS, mode)
            .existing(EXCLUSION, exclusion)
            .json()
            .into();
        super::super::read(Cursor::new(&before, &file), &[], &mut sink);
        sink.assumptions.clear();
        super::super::read(Cursor::new(&plan.json().into(), &file), &[], &mut sink);
        let assumed = sink.assumptions.iter().map(|one| one.code);
        assert!(
            !assumed
                .collect::<Vec<_>>()
                .contains(&"block-public-access-off")
        );
        let vpc = sink.get::<Vpc>("vpc-1").expect("the VPC").clone();
        (vpc.block_public_access, vpc.exclusion)
    };
    let ingress = Value::Known(BlockPublicAccess::Ingress);
    assert_eq!(of(existing()), (ingress.clone(), Some(Exclusion::Egress)));
    // The VPC itself need not be in the plan.
    let both = options(Plan::default(), "block-bidirectional");
    let expected = Value::Known(BlockPublicAccess::Bidirectional);
    assert_eq!(of(both), (expected, Some(Exclusion::Egress)));
    // What the plan leaves as it is may be older than the input before.
    let both = json!({"internet_gateway_block_mode": "block-bidirectional"});
    let hole = Value::Any(Hole::new(format!("{OPTIONS}.internet_gateway_block_mode")));
    for plan in [Plan::default(), existing()] {
        let stale = plan.existing(OPTIONS, both.clone());
        assert_eq!(of(stale), (hole.clone(), Some(Exclusion::Egress)));
    }
    let gone = json!({"internet_gateway_block_mode": "block-ingress"});
    let off = existing().deleted(OPTIONS, gone);
    let expected = Value::Known(BlockPublicAccess::Off);
    assert_eq!(of(off), (expected, Some(Exclusion::Egress)));
    let gone = json!({"vpc_id": "vpc-1", "internet_gateway_exclusion_mode": "allow-egress"});
    assert_eq!(of(existing().deleted(EXCLUSION, gone)), (ingress, None));
}

/// That an input says no mode is no other mode.
#[test]
fn a_mode_that_was_taken_for_off_does_not_differ() {
    let existing = || {
        let values = json!({"id": "vpc-1", "cidr_block": "10.0.0.0/16"});
        Plan::default().existing("aws_vpc.main", values)
    };
    let mode = json!({"internet_gateway_block_mode": "block-bidirectional"});
    let file = std::sync::Arc::from("plan.json");
    let mut sink = Sink::default();
    let mut of = |plan: Plan| {
        super::super::read(Cursor::new(&plan.json().into(), &file), &[], &mut sink);
        let vpc = sink.get::<Vpc>("vpc-1").expect("the VPC").clone();
        vpc.block_public_access
    };
    assert_eq!(of(existing()), Value::Known(BlockPublicAccess::Off));
    let expected = Value::Known(BlockPublicAccess::Bidirectional);
    let with_mode = || existing().existing(OPTIONS, mode.clone());
    assert_eq!(of(with_mode()), expected);
    // Now it is told.
    let off = json!({"internet_gateway_block_mode": "off"});
    let hole = Hole::new(format!("{OPTIONS}.internet_gateway_block_mode"));
    assert_eq!(of(existing().existing(OPTIONS, off)), Value::Any(hole));
}

#[test]
fn what_is_not_a_mode_is_an_error() {
    let outcome = exclusion(options(with_vpc(), "on"), "all", OF_VPC).read();
    assert_eq!(
        outcome.messages(),
        [
            "`aws_vpc_block_public_access_options.all.internet_gateway_block_mode` is `on`",
            "`aws_vpc_block_public_access_exclusion.one.internet_gateway_exclusion_mode` is `all`",
        ]
    );
}
