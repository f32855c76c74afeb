use std::collections::BTreeSet;

use model::{Address, Claim, Origin, Place, Quantifier, RulePeer, RuleTraffic, Target};

use super::checks::{always, any_tcp, expect, interfaces, invariant, never, scope, sometimes, to};
use super::lab::{Lab, cidr, from_cidr, rule, tcp};

/// `x` is known, and `y` is somewhere in its subnet `b`, where `rules` let it be reached.
fn two(rules: Vec<model::GroupRule>) -> Lab {
    Lab::default()
        .vpc("v", &["10.0.0.0/16"])
        .subnet("a", "v", &["10.0.1.0/24"])
        .subnet("b", "v", &["10.0.2.0/24"])
        .group(
            "g",
            "v",
            rules,
            vec![from_cidr(RuleTraffic::All, "0.0.0.0/0")],
        )
        .interface("x", "a", "g", &["10.0.1.10"])
        .interface("y", "b", "g", &["10.0.2.0/24"])
}

#[test]
fn the_chosen_address_is_one_that_aws_can_assign() {
    let lab = two(vec![]).interface("z", "b", "g", &["10.0.2.0/24", "10.0.2.254"]);
    let evaluator = lab.load();
    let chosen: BTreeSet<_> = evaluator.completion().addresses.values().copied().collect();
    assert_eq!(chosen.len(), 2, "{chosen:?}");
    for address in chosen {
        let last = address.bits() & 0xff;
        assert!((4..254).contains(&last), "{address}");
    }
    assert_eq!(evaluator.completion(), lab.load().completion());
}

/// Of a subnet's half only the edge that is the subnet's own cannot be assigned.
#[test]
fn a_block_narrower_than_the_subnet_has_no_edges_of_its_own() {
    let from_half = |rules| {
        let lab = two(rules).interface("z", "b", "g", &["10.0.2.0/25"]);
        let scope = scope(interfaces(&["z"]), to(&["x"]), vec![any_tcp()]);
        (lab, scope)
    };
    let (lab, last) = from_half(vec![from_cidr(RuleTraffic::All, "10.0.2.127/32")]);
    expect(
        &lab,
        &never(last),
        "unknown on y in 10.0.2.0/24 on z in 10.0.2.0/25",
    );
    let (lab, fourth) = from_half(vec![from_cidr(RuleTraffic::All, "10.0.2.3/32")]);
    expect(&lab, &never(fourth), "holds");
}

#[test]
fn a_public_address_is_no_address_of_a_vpc() {
    let lab = two(vec![]).interface("z", "b", "g", &["10.0.2.9=0.0.0.0/0"]);
    let evaluator = lab.load();
    let slots = evaluator.completion().addresses.iter();
    let public: Vec<_> = slots
        .filter(|(slot, _)| slot.public)
        .map(|(_, address)| *address)
        .collect();
    assert_eq!(public, [Address::V4(0xcb00_71fe)]);
}

#[test]
fn one_completion_stands_for_all_when_no_block_tells_them_apart() {
    let scope = || scope(interfaces(&["x"]), to(&["y"]), vec![any_tcp()]);
    let lab = two(vec![from_cidr(tcp(443, 443), "10.0.0.0/8")]);
    expect(
        &lab,
        &never(scope()),
        "violated x: 10.0.1.10 -> 10.0.2.254 tcp/443 from port 40000",
    );
    expect(
        &lab,
        &sometimes(scope()),
        "holds x: 10.0.1.10 -> 10.0.2.254 tcp/443 from port 40000",
    );
    expect(&two(vec![]), &never(scope()), "holds");
}

#[test]
fn a_block_inside_the_open_one_tells_completions_apart() {
    let back = |block: &str| {
        let scope = scope(interfaces(&["y"]), to(&["x"]), vec![any_tcp()]);
        let lab = two(vec![from_cidr(RuleTraffic::All, block)]);
        (lab, scope)
    };
    // Only one half of the subnet is let in: it depends on where `y` is.
    let (lab, scope) = back("10.0.2.0/25");
    expect(&lab, &always(scope.clone()), "unknown on y in 10.0.2.0/24");
    expect(&lab, &never(scope), "unknown on y in 10.0.2.0/24");
    let (lab, scope) = back("10.0.2.0/24");
    expect(&lab, &always(scope), "holds");
    // Both halves are let in by rules of their own: every completion agrees.
    let halves = ["10.0.2.0/25", "10.0.2.128/25"].map(|half| from_cidr(tcp(443, 443), half));
    let lab = two(halves.into());
    let scope = super::checks::scope(interfaces(&["y"]), to(&["x"]), vec![any_tcp()]);
    expect(
        &lab,
        &never(scope),
        "violated y: 10.0.2.127 -> 10.0.1.10 tcp/443 from port 40000",
    );
}

#[test]
fn a_block_that_the_address_cannot_be_in_tells_nothing_apart() {
    // The first four addresses of a subnet, and an address that is another's.
    let rules = ["10.0.2.0/30", "10.0.2.9/32"].map(|block| from_cidr(RuleTraffic::All, block));
    let lab = two(rules.into()).interface("z", "b", "v", &["10.0.2.9"]);
    let scope = scope(interfaces(&["y"]), to(&["x"]), vec![any_tcp()]);
    expect(&lab, &never(scope), "holds");
}

#[test]
fn references_follow_an_open_address() {
    let lab = two(vec![rule(RuleTraffic::All, RulePeer::Group("g".into()))]);
    let scope = scope(interfaces(&["y"]), to(&["x"]), vec![any_tcp()]);
    expect(&lab, &always(scope), "holds");
}

#[test]
fn an_open_public_address_does_not_hide_the_internet() {
    let lab = two(vec![from_cidr(tcp(443, 443), "8.8.8.0/24")])
        .interface("z", "a", "g", &["10.0.1.20=0.0.0.0/0"])
        .internet_gateway("i", Some("v"))
        .route("v", "0.0.0.0/0", Target::InternetGateway("i".into()));
    let out = scope(interfaces(&["z"]), Place::Internet, vec![any_tcp()]);
    expect(
        &lab,
        &sometimes(out),
        "holds z: 10.0.1.20 -> 8.8.8.8 tcp/443 from port 40000",
    );
    let into = scope(Origin::Internet(None), to(&["z"]), vec![any_tcp()]);
    expect(
        &lab,
        &never(into),
        "violated internet: 8.8.8.8 -> 203.0.113.254 tcp/443 from port 40000",
    );
}

#[test]
fn a_flow_to_a_value_that_an_open_address_may_take_is_not_one_flow() {
    // Nobody has the one address asked about, unless `y` does.
    let lab = two(vec![from_cidr(RuleTraffic::All, "10.0.0.0/8")]);
    let place = Place::Cidrs(BTreeSet::from([cidr("10.0.2.77/32")]));
    let scope = scope(interfaces(&["x"]), place, vec![any_tcp()]);
    let nobody = invariant(Quantifier::Every, scope, Claim::Delivered);
    expect(&lab, &nobody, "unknown on y in 10.0.2.0/24");
}

#[test]
fn a_block_without_room_is_unknown() {
    let lab = two(vec![]).interface("z", "b", "g", &["10.0.2.0/30"]);
    let scope = scope(interfaces(&["x"]), to(&["y"]), vec![any_tcp()]);
    expect(&lab, &never(scope), "unknown on z in 10.0.2.0/30");
}

#[test]
fn too_many_completions_are_a_limit() {
    let rules = (0..7).map(|n| from_cidr(tcp(n, n), &format!("10.0.2.{}/28", n * 32)));
    let mut lab = two(rules.collect());
    for n in 0..3 {
        lab = lab.interface(&format!("z{n}"), "b", "g", &["10.0.2.0/24"]);
    }
    let scope = scope(interfaces(&["x"]), to(&["y"]), vec![any_tcp()]);
    expect(
        &lab,
        &never(scope),
        "unknown out of completions of open addresses",
    );
}

#[test]
fn open_addresses_of_two_vpcs_may_be_equal_where_that_matters() {
    // A group of `v` on an interface of `w`, whose addresses are those of `v`.
    let lab = two(vec![rule(RuleTraffic::All, RulePeer::Group("f".into()))])
        .vpc("w", &["10.0.0.0/16"])
        .subnet("c", "w", &["10.0.2.0/24"])
        .group("f", "v", vec![], vec![])
        .interface("z", "c", "f", &["10.0.2.0/24"]);
    let scope = scope(interfaces(&["y"]), to(&["x"]), vec![any_tcp()]);
    expect(
        &lab,
        &never(scope),
        "unknown on y in 10.0.2.0/24 on z in 10.0.2.0/24",
    );
}

/// A large plan has more open addresses than a thread has room for calls, one inside of the other.
#[test]
fn ten_thousand_open_addresses_have_a_completion() {
    let mut lab = Lab::default();
    for vpc in 0..40 {
        let id = format!("v{vpc}");
        let block = format!("10.{vpc}.0.0/16");
        lab = lab.vpc(&id, &[&block]).subnet(&id, &id, &[&block]);
        for number in 0..250 {
            lab = lab.interface(&format!("{id}-{number}"), &id, &id, &[&block]);
        }
    }
    let lab = lab.interface("x", "v0", "v0", &["10.0.1.10"]);
    let apart = scope(interfaces(&["x"]), to(&["v1-0"]), vec![any_tcp()]);
    expect(&lab, &never(apart), "holds");
}
