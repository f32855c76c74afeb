use std::collections::BTreeSet;

use model::{Clause, Hole, IcmpFilter, RulePeer, RuleTraffic, Value};

use super::lab::{Lab, from_cidr, rule, tcp};

/// `x` of the VPC's open group sends to `y` of the group `g`.
fn one(ingress: Vec<model::GroupRule>) -> Lab {
    Lab::default()
        .vpc("v", &["10.0.0.0/16", "2600:1f00::/56"])
        .subnet("a", "v", &["10.0.1.0/24", "2600:1f00::/64"])
        .group("g", "v", ingress, vec![])
        .interface("x", "a", "v", &["10.0.1.10", "2600:1f00::a"])
        .interface("y", "a", "g", &["10.0.1.20", "2600:1f00::b"])
}

#[test]
fn security_group_ingress() {
    one(vec![]).expect("x 10.0.1.10 -> 10.0.1.20 tcp/443 => dropped security-group-ingress");
}

#[test]
fn security_group_egress_and_statefulness() {
    let lab = one(vec![from_cidr(RuleTraffic::All, "10.0.1.10/32")]);
    lab.expect("y 10.0.1.20 -> 10.0.1.10 tcp/443 => dropped security-group-egress");
    // The reply of `y` passes although `g` sends nothing.
    lab.expect("x 10.0.1.10 -> 10.0.1.20 tcp/443 => delivered interface-accepts; reply delivered reply-returns");
    lab.passes(
        "x 10.0.1.10 -> 10.0.1.20 tcp/443",
        Clause::SecurityGroupStateful,
    );
}

#[test]
fn security_group_cidr_and_traffic() {
    let lab = one(vec![from_cidr(tcp(80, 443), "10.0.1.10/31")]);
    lab.passes("x 10.0.1.10 -> 10.0.1.20 tcp/80", Clause::SecurityGroupCidr);
    lab.expect("x 10.0.1.10 -> 10.0.1.20 tcp/443 => delivered interface-accepts");
    lab.expect("x 10.0.1.10 -> 10.0.1.20 tcp/444 => dropped security-group-ingress");
    lab.expect("x 10.0.1.10 -> 10.0.1.20 udp/443 => dropped security-group-ingress");
    lab.expect("x 2600:1f00::a -> 2600:1f00::b tcp/443 => dropped security-group-ingress");
    let lab = one(vec![from_cidr(RuleTraffic::Protocol(6), "0.0.0.0/0")]);
    lab.expect("x 10.0.1.10 -> 10.0.1.20 tcp/444 => delivered interface-accepts");
    let filter = IcmpFilter {
        icmp_type: Some(8),
        code: None,
    };
    let lab = one(vec![from_cidr(RuleTraffic::Icmp(filter), "0.0.0.0/0")]);
    lab.expect("x 10.0.1.10 -> 10.0.1.20 icmp/8/3 => delivered interface-accepts");
    lab.expect("x 10.0.1.10 -> 10.0.1.20 icmp/0/0 => dropped security-group-ingress");
}

#[test]
fn security_group_prefix_list() {
    let by_list = |managed, entries: Option<&[&str]>| {
        one(vec![rule(tcp(443, 443), RulePeer::PrefixList("l".into()))]).list("l", managed, entries)
    };
    let lab = by_list(false, Some(&["10.0.1.10/32"]));
    lab.passes(
        "x 10.0.1.10 -> 10.0.1.20 tcp/443",
        Clause::SecurityGroupPrefixList,
    );
    by_list(false, Some(&["10.0.1.11/32"]))
        .expect("x 10.0.1.10 -> 10.0.1.20 tcp/443 => dropped security-group-ingress");
    let unknown = by_list(false, None);
    unknown.expect("x 10.0.1.10 -> 10.0.1.20 tcp/443 => undetermined security-group-prefix-list; reply delivered reply-returns");
    unknown.expect("x 10.0.1.10 -> 10.0.1.20 tcp/444 => dropped security-group-ingress");
    unknown.expect("x 2600:1f00::a -> 2600:1f00::b tcp/443 => dropped security-group-ingress");
    by_list(true, None)
        .expect("x 10.0.1.10 -> 10.0.1.20 tcp/443 => dropped security-group-ingress");
}

#[test]
fn security_group_reference() {
    let lab = one(vec![rule(RuleTraffic::All, RulePeer::Group("v".into()))]);
    lab.passes(
        "x 10.0.1.10 -> 10.0.1.20 tcp/443",
        Clause::SecurityGroupReference,
    );
    lab.expect("x 2600:1f00::a -> 2600:1f00::b tcp/443 => delivered interface-accepts");
    one(vec![rule(RuleTraffic::All, RulePeer::Group("g".into()))])
        .expect("x 10.0.1.10 -> 10.0.1.20 tcp/443 => dropped security-group-ingress");
}

#[test]
fn security_group_outside_reference() {
    let lab = one(vec![rule(
        tcp(443, 443),
        RulePeer::OutsideGroup("sg-1".into()),
    )]);
    lab.expect("x 10.0.1.10 -> 10.0.1.20 tcp/443 => undetermined security-group-outside-reference");
    lab.expect("x 10.0.1.10 -> 10.0.1.20 tcp/444 => dropped security-group-ingress");
    lab.expect(
        "x 2600:1f00::a -> 2600:1f00::b tcp/443 => undetermined security-group-outside-reference",
    );
    let both = one(vec![
        rule(tcp(443, 443), RulePeer::OutsideGroup("sg-1".into())),
        from_cidr(RuleTraffic::All, "10.0.0.0/8"),
    ]);
    both.expect("x 10.0.1.10 -> 10.0.1.20 tcp/443 => delivered interface-accepts");
}

#[test]
fn security_groups_unknown() {
    let hole = || Hole::new("groups of y");
    let unknown = |sets: Option<Vec<&str>>| {
        one(vec![]).with(|lab| {
            lab.interface_mut("y").groups = match sets {
                None => Value::Any(hole()),
                Some(sets) => Value::OneOf(
                    sets.into_iter()
                        .map(|set| BTreeSet::from([set.into()]))
                        .collect(),
                    hole(),
                ),
            }
        })
    };
    let flow = "x 10.0.1.10 -> 10.0.1.20 tcp/443 =>";
    unknown(None).expect(&format!("{flow} undetermined security-groups-unknown"));
    unknown(Some(vec!["v", "g"])).expect(&format!("{flow} undetermined security-groups-unknown"));
    unknown(Some(vec!["v", "v"])).expect(&format!("{flow} delivered interface-accepts"));
    unknown(Some(vec!["g", "g"])).expect(&format!("{flow} dropped security-group-ingress"));
}

#[test]
fn an_interface_of_unknown_groups_may_carry_the_referenced_one() {
    let lab = one(vec![rule(RuleTraffic::All, RulePeer::Group("v".into()))]);
    let any = lab.clone().with(|lab| {
        lab.interface_mut("x").groups = Value::Any(Hole::new("groups of x"));
    });
    any.expect("x 10.0.1.10 -> 10.0.1.20 tcp/443 => undetermined security-groups-unknown");
    let all = lab.with(|lab| {
        let sets = [&["v"][..], &["v", "g"]];
        let sets = sets.map(|set| set.iter().map(|id| (*id).into()).collect());
        lab.interface_mut("x").groups = Value::OneOf(sets.into(), Hole::new("groups of x"));
    });
    all.expect("x 10.0.1.10 -> 10.0.1.20 tcp/443 => delivered interface-accepts");
}

#[test]
fn a_later_certain_drop_decides_over_an_open_filter() {
    let lab = one(vec![]).with(|lab| {
        lab.interface_mut("x").groups = Value::Any(Hole::new("groups of x"));
    });
    lab.expect("x 10.0.1.10 -> 10.0.1.20 tcp/443 => dropped security-group-ingress");
}
