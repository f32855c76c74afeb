//! References, prefix lists and unknown groups.

use model::{GroupRule, PeeringId, PrefixList, RulePeer, RuleTraffic, Target, Value};

use super::build::*;

const FINE: &str = "delivered interface-accepts; reply delivered reply-returns";

fn from(peer: RulePeer) -> GroupRule {
    GroupRule {
        traffic: RuleTraffic::All,
        peer,
    }
}

#[test]
fn a_reference_matches_the_addresses_of_the_carriers() {
    let mut draft = two_subnets();
    group(&mut draft, "front", "v", vec![], vec![]);
    let rules = vec![from(RulePeer::Group("front".into()))];
    group(&mut draft, "back", "v", rules, vec![]);
    set_groups(&mut draft, "a", &["v-open", "front"]);
    set_groups(&mut draft, "b", &["back"]);
    interface(&mut draft, "c", "s", &["10.0.1.11"], &["v-open"]);
    interface(&mut draft, "d", "d", &["10.0.2.11"], &["v-open", "front"]);
    assert_decides(
        draft,
        &format!(
            "a 10.0.1.10 -> 10.0.2.10 tcp/443 => {FINE}
             d 10.0.2.11 -> 10.0.2.10 tcp/443 => {FINE}
             c 10.0.1.11 -> 10.0.2.10 tcp/443 => dropped security-group-ingress"
        ),
    );
}

#[test]
fn an_outbound_reference_looks_at_the_destination_only() {
    let mut draft = two_subnets();
    group(&mut draft, "back", "v", vec![], vec![]);
    let rules = vec![from(RulePeer::Group("back".into()))];
    group(&mut draft, "front", "v", vec![], rules);
    set_groups(&mut draft, "a", &["front"]);
    set_groups(&mut draft, "b", &["v-open", "back"]);
    interface(&mut draft, "c", "d", &["10.0.2.11"], &["v-open"]);
    assert_decides(
        draft,
        &format!(
            "a 10.0.1.10 -> 10.0.2.10 tcp/443 => {FINE}
             a 10.0.1.10 -> 10.0.2.11 tcp/443 => dropped security-group-egress"
        ),
    );
}

/// VPCs v and w, peered; `c` of w is let in to `b` of v by a reference to a group of w.
fn peered(region: &str) -> model::NetworkDraft {
    let mut draft = two_subnets();
    vpc(&mut draft, "w", &["10.1.0.0/16"]);
    draft.vpcs[1].region = region.to_owned();
    subnet(&mut draft, "e", "w", &["10.1.1.0/24"]);
    peering(&mut draft, "p", "v", "w");
    let over = || Target::Peering(PeeringId::from("p"));
    add_route(&mut draft, "v-main", to("10.1.0.0/16", over()));
    add_route(&mut draft, "w-main", to("10.0.0.0/16", over()));
    group(&mut draft, "far", "w", vec![], vec![]);
    interface(&mut draft, "c", "e", &["10.1.1.10"], &["w-open", "far"]);
    let rules = vec![from(RulePeer::Group("far".into()))];
    group(&mut draft, "near", "v", rules, vec![]);
    set_groups(&mut draft, "b", &["near"]);
    draft
}

#[test]
fn a_reference_reaches_over_a_peering_of_one_region() {
    assert_decides(
        peered("eu-west-1"),
        &format!("c 10.1.1.10 -> 10.0.2.10 tcp/443 => {FINE}"),
    );
    assert_decides(
        peered("us-east-1"),
        "c 10.1.1.10 -> 10.0.2.10 tcp/443 => dropped security-group-ingress",
    );
}

#[test]
fn a_reference_to_a_far_group_does_not_match_from_the_own_vpc() {
    let mut draft = peered("eu-west-1");
    // An interface of v that carries the far group: its packets come by the local route, not over the peering.
    set_groups(&mut draft, "a", &["v-open", "far"]);
    assert_decides(
        draft,
        "a 10.0.1.10 -> 10.0.2.10 tcp/443 => dropped security-group-ingress",
    );
}

fn list(draft: &mut model::NetworkDraft, id: &str, aws_managed: bool, known: Option<&[&str]>) {
    draft.prefix_lists.push(PrefixList {
        id: id.into(),
        name: id.to_owned(),
        family: model::Family::V4,
        aws_managed,
        entries: match known {
            Some(entries) => Value::Known(entries.iter().map(|text| block(text)).collect()),
            None => Value::Any(hole("entries")),
        },
    });
}

#[test]
fn security_group_prefix_list() {
    let mut draft = two_subnets();
    list(&mut draft, "known", false, Some(&["10.0.1.0/28"]));
    list(&mut draft, "own", false, None);
    list(&mut draft, "aws", true, None);
    for name in ["known", "own", "aws"] {
        let rules = vec![from(RulePeer::PrefixList(name.into()))];
        group(&mut draft, name, "v", rules.clone(), rules);
    }
    set_groups(&mut draft, "b", &["known"]);
    interface(&mut draft, "c", "s", &["10.0.1.40"], &["v-open"]);
    interface(&mut draft, "d", "d", &["10.0.2.11"], &["own"]);
    interface(&mut draft, "e", "d", &["10.0.2.12"], &["aws"]);
    interface(
        &mut draft,
        "f",
        "d",
        &["10.0.2.13"],
        &["aws", "own", "v-open"],
    );
    assert_decides(
        draft,
        &format!(
            "a 10.0.1.10 -> 10.0.2.10 tcp/443 => {FINE}
             c 10.0.1.40 -> 10.0.2.10 tcp/443 => dropped security-group-ingress
             a 10.0.1.10 -> 10.0.2.11 tcp/443 => undetermined security-group-prefix-list; reply delivered reply-returns
             a 10.0.1.10 -> 10.0.2.12 tcp/443 => dropped security-group-ingress
             a 10.0.1.10 -> 10.0.2.13 tcp/443 => {FINE}
             e 10.0.2.12 -> 52.1.1.1 tcp/443 => dropped longest-prefix-match
             e 10.0.2.12 -> 10.0.1.10 tcp/443 => dropped security-group-egress"
        ),
    );
}

#[test]
fn security_group_outside_reference() {
    let mut draft = two_subnets();
    let rules = vec![from(RulePeer::OutsideGroup("sg-else".to_owned()))];
    group(&mut draft, "else", "v", rules.clone(), rules);
    set_groups(&mut draft, "b", &["else"]);
    interface(&mut draft, "g", "d", &["10.0.2.11=52.0.0.1"], &["else"]);
    internet_gateway(&mut draft, "v");
    add_route(
        &mut draft,
        "v-main",
        to("0.0.0.0/0", Target::InternetGateway("igw".into())),
    );
    assert_decides(
        draft,
        "a 10.0.1.10 -> 10.0.2.10 tcp/443 => undetermined security-group-outside-reference; reply delivered reply-returns
         internet 8.8.8.8 -> 52.0.0.1 tcp/443 => dropped security-group-ingress
         b 10.0.2.10 -> 8.8.8.8 tcp/443 => dropped security-group-egress",
    );
}

#[test]
fn security_groups_unknown() {
    let mut draft = two_subnets();
    group(
        &mut draft,
        "web",
        "v",
        vec![rule(tcp(443, 443), "0.0.0.0/0")],
        vec![],
    );
    group(&mut draft, "none", "v", vec![], vec![]);
    let sets = vec![ids(&["web"]), ids(&["v-open"])];
    interface_mut(&mut draft, "b").groups = Value::OneOf(sets, hole("groups of b"));
    interface(&mut draft, "x", "d", &["10.0.2.11"], &[]);
    last_interface(&mut draft).groups = Value::Any(hole("groups of x"));
    let rules = vec![from(RulePeer::Group("none".into()))];
    group(&mut draft, "peers", "v", rules, vec![]);
    interface(&mut draft, "y", "d", &["10.0.2.12"], &["peers"]);
    assert_decides(
        draft,
        &format!(
            "a 10.0.1.10 -> 10.0.2.10 tcp/443 => {FINE}
             a 10.0.1.10 -> 10.0.2.10 tcp/80 => undetermined security-groups-unknown; reply delivered reply-returns
             a 10.0.1.10 -> 10.0.2.11 tcp/80 => undetermined security-groups-unknown; reply delivered reply-returns
             a 10.0.1.10 -> 10.0.2.12 tcp/80 => dropped security-group-ingress
             x 10.0.2.11 -> 10.0.2.12 tcp/80 => undetermined security-groups-unknown; reply delivered reply-returns
             x 10.0.2.11 -> 10.0.2.99 tcp/80 => dropped address-owner"
        ),
    );
}

#[test]
fn a_possible_carrier_may_be_let_in() {
    let mut draft = two_subnets();
    group(&mut draft, "front", "v", vec![], vec![]);
    let rules = vec![from(RulePeer::Group("front".into()))];
    group(&mut draft, "back", "v", rules, vec![]);
    set_groups(&mut draft, "b", &["back"]);
    let sets = vec![ids(&["v-open", "front"]), ids(&["v-open"])];
    interface_mut(&mut draft, "a").groups = Value::OneOf(sets, hole("groups of a"));
    assert_decides(
        draft,
        "a 10.0.1.10 -> 10.0.2.10 tcp/443 => undetermined security-groups-unknown; reply delivered reply-returns",
    );
}
