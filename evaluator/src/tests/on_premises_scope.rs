use std::collections::BTreeSet;

use model::{
    Claim, ComponentId, Family, OnPremisesService, Origin, Place, Quantifier, RuleTraffic, Value,
};

use super::checks::{always, any_tcp, expect, interfaces, invariant, never, scope, sometimes, to};
use super::lab::{Lab, cidr, from_cidr};
use super::on_premises::virtual_private;
use super::on_premises_transit::transit;

fn from_premises(blocks: Option<&str>) -> Origin {
    Origin::OnPremises {
        blocks: blocks.map(|block| BTreeSet::from([cidr(block)])),
        resolver: None,
    }
}

#[test]
fn senders_on_premises_are_those_of_every_gateway() {
    let scope = |blocks| scope(from_premises(blocks), to(&["x"]), vec![any_tcp()]);
    let lab = virtual_private();
    expect(
        &lab,
        &sometimes(scope(None)),
        "holds on premises by g: 10.1.0.0 -> 10.0.1.10 tcp/443 from port 40000",
    );
    expect(&lab, &always(scope(Some("192.168.0.0/16"))), "holds");
    // Forged sources are nobody's.
    expect(&lab, &always(scope(Some("10.0.0.0/16"))), "vacuous");
    let none = Lab::default()
        .vpc("v", &["10.0.0.0/16"])
        .subnet("a", "v", &["10.0.1.0/24"])
        .interface("x", "a", "v", &["10.0.1.10"]);
    expect(&none, &never(scope(None)), "vacuous");
    // By `b` they come too.
    let both = transit().virtual_private_gateway("g", None, &["192.168.0.0/16"]);
    let there = scope(Some("192.168.0.0/16"));
    expect(
        &both,
        &sometimes(there.clone()),
        "holds on premises by b: 192.168.0.0 -> 10.0.1.10 tcp/443 from port 40000",
    );
    expect(
        &both,
        &always(there),
        "violated on premises by g: 192.168.0.0 -> 10.0.1.10 tcp/443 from port 40000",
    );
}

#[test]
fn one_source_in_a_million_is_found() {
    let rules = vec![from_cidr(RuleTraffic::All, "192.168.77.7/32")];
    let lab = virtual_private()
        .group("h", "v", rules, vec![])
        .with(|lab| {
            lab.interface_mut("x").groups = Value::Known(["h".into()].into());
        });
    let scope = scope(from_premises(None), to(&["x"]), vec![any_tcp()]);
    expect(
        &lab,
        &never(scope),
        "violated on premises by g: 192.168.77.7 -> 10.0.1.10 tcp/443 from port 40000",
    );
}

#[test]
fn on_premises_is_a_place() {
    let place =
        |blocks: Option<&str>| Place::OnPremises(blocks.map(|block| BTreeSet::from([cidr(block)])));
    let scope = |blocks| {
        let mut scope = scope(interfaces(&["x"]), place(blocks), vec![any_tcp()]);
        scope.families = BTreeSet::from([Family::V4]);
        scope
    };
    let lab = virtual_private();
    expect(
        &lab,
        &sometimes(scope(None)),
        "holds x: 10.0.1.10 -> 192.168.0.0 tcp/443 from port 40000",
    );
    expect(&lab, &always(scope(Some("192.168.0.0/16"))), "holds");
    expect(&lab, &never(scope(Some("10.0.0.0/8"))), "holds");
    // Its own address is none of its destinations.
    expect(&lab, &always(scope(Some("10.0.1.10/32"))), "vacuous");
    let through = |id: &str| {
        let id = ComponentId::VirtualPrivateGateway(id.into());
        let mut invariant = invariant(
            Quantifier::Every,
            scope(None),
            Claim::Traverses(vec![BTreeSet::from([id])]),
        );
        invariant.premise = Some(Claim::Delivered);
        invariant
    };
    expect(&lab, &through("g"), "holds");
    let other = lab.virtual_private_gateway("h", None, &["192.168.0.0/16"]);
    expect(
        &other,
        &through("h"),
        "violated x: 10.0.1.10 -> 192.168.0.0 tcp/443 from port 40000",
    );
}

#[test]
fn what_comes_in_passes_the_virtual_private_gateway_first() {
    let sets = [
        ComponentId::VirtualPrivateGateway("g".into()),
        ComponentId::NetworkInterface("x".into()),
    ];
    let sets = sets.map(|id| BTreeSet::from([id]));
    let scope = scope(
        from_premises(Some("192.168.0.0/16")),
        to(&["x"]),
        vec![any_tcp()],
    );
    let law = invariant(Quantifier::Every, scope, Claim::Traverses(sets.into()));
    expect(&virtual_private(), &law, "holds");
}

#[test]
fn a_public_address_means_no_interface_on_premises() {
    let place = Place::Interfaces {
        interfaces: BTreeSet::from(["o".into()]),
        public_from_inside: true,
    };
    let lab = virtual_private()
        .subnet("p", "v", &["10.0.4.0/24"])
        .interface("o", "p", "v", &["10.0.4.9=203.0.113.9"]);
    let asked = scope(
        from_premises(Some("192.168.0.0/16")),
        place,
        vec![any_tcp()],
    );
    expect(&lab, &always(asked), "holds");
}

#[test]
fn replies_are_cut_where_the_gateway_knows_blocks() {
    // The route leads there for more than the gateway knows.
    let lab = virtual_private().with(|lab| {
        let known = BTreeSet::from([cidr("192.168.7.0/24")]);
        lab.virtual_private_mut("g").prefixes = Value::Known(known);
    });
    let scope = scope(
        from_premises(Some("192.168.0.0/16")),
        to(&["x"]),
        vec![any_tcp()],
    );
    let some = invariant(Quantifier::Exists, scope.clone(), Claim::Answered);
    expect(
        &lab,
        &some,
        "holds on premises by g: 192.168.7.0 -> 10.0.1.10 tcp/443 from port 40000",
    );
    let every = invariant(Quantifier::Every, scope, Claim::Answered);
    expect(
        &lab,
        &every,
        "violated on premises by g: 192.168.0.0 -> 10.0.1.10 tcp/443 from port 40000",
    );
}

#[test]
fn senders_on_premises_are_followed_through_completions() {
    let rules = |block| vec![from_cidr(RuleTraffic::All, block)];
    let lab = |block| {
        let lab = virtual_private().group("h", "v", rules(block), rules("0.0.0.0/0"));
        lab.interface("y", "a", "h", &["10.0.1.0/24"])
    };
    let to_y = scope(
        from_premises(Some("192.168.0.0/16")),
        to(&["y"]),
        vec![any_tcp()],
    );
    expect(&lab("192.168.0.0/16"), &always(to_y.clone()), "holds");
    // Rules for halves of the subnet tell the completions apart.
    let halves = lab("192.168.3.0/24").group("k", "v", rules("10.0.1.0/25"), vec![]);
    let halves = halves.interface("z", "a", "k", &["10.0.1.9"]);
    expect(
        &halves,
        &never(to_y),
        "violated on premises by g: 192.168.3.0 -> 10.0.1.127 tcp/443 from port 40000",
    );
}

#[test]
fn a_host_on_premises_sends_to_no_address_of_its_own() {
    let block = |block: &str| Place::OnPremises(Some(BTreeSet::from([cidr(block)])));
    let service = OnPremisesService::Connect;
    let lab = transit().attach_on_premises("cn", "t", service, &["172.16.0.0/12"]);
    let asked = |from, to| {
        let mut asked = scope(from_premises(Some(from)), block(to), vec![any_tcp()]);
        asked.families = BTreeSet::from([Family::V4]);
        asked
    };
    let own = asked("172.16.0.9/32", "172.16.0.9/32");
    expect(&lab, &always(own), "vacuous");
    // The one sender is the first address that is sent to; and the other way round.
    let flows = [
        ("172.16.0.0/32", "172.16.0.0 -> 172.16.0.1"),
        ("172.16.0.0/31", "172.16.0.1 -> 172.16.0.0"),
    ];
    for (from, flow) in flows {
        let told = format!("holds on premises by b: {flow} tcp/443 from port 40000");
        expect(&lab, &sometimes(asked(from, "172.16.0.0/31")), &told);
    }
}
