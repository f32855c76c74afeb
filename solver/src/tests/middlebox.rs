//! Middleboxes, and how the reply comes back through them.

use model::{
    AclAction, Claim, ComponentId, GroupRule, Middlebox, NetworkDraft, Quantifier, RulePeer,
    RuleTraffic, Target, Verdict,
};

use super::build::*;
use crate::Solver;
use model::Engine;

/// `a` and `b` of two subnets, and between them `fw` of a third, in both directions.
fn between() -> NetworkDraft {
    let mut draft = two_subnets();
    subnet(&mut draft, "m", "v", &["10.0.3.0/24"]);
    let fw = appliance(&mut draft, "fw", "m", "10.0.3.10");
    route_by(&mut draft, "s", &[("10.0.2.0/24", fw.clone())]);
    route_by(&mut draft, "d", &[("10.0.1.0/24", fw)]);
    draft
}

const FINE: &str = "delivered interface-accepts; reply delivered reply-returns";
const FLOW: &str = "a 10.0.1.10 -> 10.0.2.10 tcp/443";

fn decides(draft: NetworkDraft, answer: &str) {
    assert_decides(draft, &format!("{FLOW} => {answer}"));
}

#[test]
fn what_forwards_lets_on_in_both_directions() {
    decides(between(), FINE);
}

#[test]
fn middlebox_check() {
    let mut draft = between();
    interface_mut(&mut draft, "fw").source_destination_check = true;
    assert_decides(
        draft,
        &format!(
            "{FLOW} => dropped middlebox-check
             a 10.0.1.10 -> 10.0.3.10 tcp/443 => {FINE}"
        ),
    );
}

#[test]
fn what_is_for_the_appliance_itself_comes_to_no_device() {
    let mut draft = between();
    let fw = Target::NetworkInterface("fw".into());
    route_by(&mut draft, "s", &[("10.0.3.0/24", fw)]);
    interface_mut(&mut draft, "fw").middlebox = Middlebox::Unknown;
    assert_decides(
        draft,
        &format!(
            "a 10.0.1.10 -> 10.0.3.10 tcp/443 => {FINE}
             fw 10.0.3.10 -> 10.0.1.10 tcp/443 => {FINE}
             a 10.0.1.10 -> 10.0.3.11 tcp/443 => undetermined middlebox-forwards; reply undetermined middlebox-forwards"
        ),
    );
}

#[test]
fn middlebox_forwards() {
    let mut draft = between();
    interface_mut(&mut draft, "fw").middlebox = Middlebox::Unknown;
    decides(
        draft.clone(),
        "undetermined middlebox-forwards; reply undetermined middlebox-forwards",
    );
    interface_mut(&mut draft, "fw").middlebox = Middlebox::Inspects;
    decides(
        draft.clone(),
        "undetermined middlebox-forwards; reply delivered reply-returns",
    );
    // A certain drop behind the undetermined filter decides.
    set_groups(&mut draft, "b", &[]);
    decides(draft, "dropped security-group-ingress");
}

#[test]
fn the_groups_of_the_appliance_are_asked_in_both_directions() {
    let mut draft = between();
    let all = rule(RuleTraffic::All, "0.0.0.0/0");
    group(&mut draft, "deaf", "v", vec![], vec![all.clone()]);
    group(&mut draft, "mute", "v", vec![all], vec![]);
    set_groups(&mut draft, "fw", &["deaf"]);
    decides(draft.clone(), "dropped security-group-ingress");
    set_groups(&mut draft, "fw", &["mute"]);
    decides(draft, "dropped security-group-egress");
}

#[test]
fn a_reference_matches_at_the_appliance_and_not_behind_it() {
    let mut draft = between();
    let all = rule(RuleTraffic::All, "0.0.0.0/0");
    let from_open = GroupRule {
        traffic: RuleTraffic::All,
        peer: RulePeer::Group("v-open".into()),
    };
    group(&mut draft, "near", "v", vec![from_open], vec![all]);
    set_groups(&mut draft, "fw", &["near"]);
    decides(draft.clone(), FINE);
    set_groups(&mut draft, "b", &["near"]);
    decides(draft, "dropped security-group-ingress");
}

#[test]
fn a_reply_that_goes_another_way_is_asymmetric() {
    let mut draft = between();
    let d = draft.subnets.iter_mut().find(|one| one.id.as_str() == "d");
    d.expect("a subnet").route_table = None;
    decides(
        draft,
        "delivered interface-accepts; reply undetermined reply-asymmetric",
    );
}

#[test]
fn the_acl_of_the_appliances_subnet_is_asked_four_times() {
    for (number, answer) in [
        (0, "dropped network-acl-ingress"),
        (1, "dropped network-acl-egress"),
        (
            2,
            "delivered interface-accepts; reply dropped network-acl-ingress",
        ),
        (
            3,
            "delivered interface-accepts; reply dropped network-acl-egress",
        ),
    ] {
        let mut draft = between();
        acl(&mut draft, "m-acl", "v", vec![allow(100, "0.0.0.0/0")]);
        let there = entry(10, AclAction::Deny, tcp(443, 443), "0.0.0.0/0");
        let back = entry(10, AclAction::Deny, tcp(40000, 40000), "0.0.0.0/0");
        let m_acl = draft.network_acls.last_mut().expect("an ACL");
        match number {
            0 => m_acl.ingress.push(there),
            1 => m_acl.egress.push(there),
            2 => m_acl.ingress.push(back),
            _ => m_acl.egress.push(back),
        }
        let m = draft.subnets.iter_mut().find(|one| one.id.as_str() == "m");
        m.expect("a subnet").network_acl = model::Value::Known("m-acl".into());
        decides(draft, answer);
    }
}

#[test]
fn way_loop_and_way_limit() {
    let mut draft = between();
    subnet(&mut draft, "m2", "v", &["10.0.4.0/24"]);
    let second = appliance(&mut draft, "fw2", "m2", "10.0.4.10");
    let first = Target::NetworkInterface("fw".into());
    route_by(&mut draft, "m", &[("10.0.2.0/24", second)]);
    decides(
        draft.clone(),
        "delivered interface-accepts; reply undetermined reply-asymmetric",
    );
    route_by(&mut draft, "m2", &[("10.0.2.0/24", first)]);
    decides(draft, "dropped way-loop");

    // Six appliances in a row are passed, the seventh is not.
    for (length, answer) in [
        (6, FINE),
        (7, "undetermined way-limit; reply undetermined way-limit"),
    ] {
        let mut draft = two_subnets();
        for number in 0..length {
            let id = format!("m{number}");
            let block = format!("10.0.{}.0/24", 10 + number);
            subnet(&mut draft, &id, "v", &[&block]);
            let address = format!("10.0.{}.10", 10 + number);
            appliance(&mut draft, &format!("fw{number}"), &id, &address);
        }
        let fw = |number: usize| Target::NetworkInterface(format!("fw{number}").as_str().into());
        route_by(&mut draft, "s", &[("10.0.2.0/24", fw(0))]);
        route_by(&mut draft, "d", &[("10.0.1.0/24", fw(length - 1))]);
        for number in 0..length {
            let id = format!("m{number}");
            if number + 1 < length {
                route_by(&mut draft, &id, &[("10.0.2.0/24", fw(number + 1))]);
            }
            if number > 0 {
                route_by(&mut draft, &id, &[("10.0.1.0/24", fw(number - 1))]);
            }
        }
        decides(draft, answer);
    }
}

#[test]
fn a_nat_gateway_inside_of_the_vpc_is_answered_through() {
    let mut draft = two_subnets();
    nat_gateway(&mut draft);
    subnet(&mut draft, "t", "v", &["10.0.3.0/24"]);
    interface(&mut draft, "c", "t", &["10.0.3.10"], &["v-open"]);
    let nat = Target::NatGateway("nat".into());
    route_by(
        &mut draft,
        "d",
        &[("10.0.3.0/24", nat.clone()), ("10.0.1.0/24", nat)],
    );
    assert_decides(
        draft,
        &format!(
            "b 10.0.2.10 -> 10.0.3.10 tcp/443 => {FINE}
             b 10.0.2.10 -> 10.0.1.10 tcp/443 => {FINE}"
        ),
    );
}

#[test]
fn a_way_is_traversed_in_order() {
    let traverses = |ids: &[&str]| {
        let sets = ids
            .iter()
            .map(|id| [ComponentId::NetworkInterface((*id).into())].into());
        let claim = Claim::Traverses(sets.collect());
        let mut invariant = every(&["a"], to_interfaces(&["b"]), claim);
        invariant.quantifier = Quantifier::Every;
        Solver::load(&valid(between())).check(&invariant)
    };
    let proved = Verdict::Holds { witness: None };
    assert_eq!(traverses(&["fw"]), proved);
    assert_eq!(traverses(&["fw", "b"]), proved);
    assert!(matches!(traverses(&["b", "fw"]), Verdict::Violated { .. }));
}
