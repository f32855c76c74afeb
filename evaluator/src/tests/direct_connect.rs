use std::collections::BTreeSet;

use model::{
    AttachmentKind, Claim, Clause, Family, OnPremisesGateway, OnPremisesService, Origin, Place,
    Quantifier, Scope,
};

use super::checks::{always, any_tcp, expect, interfaces, invariant, never, scope, sometimes, to};
use super::lab::{Lab, cidr};
use super::on_premises::virtual_private;
use super::on_premises_transit::transit;
use super::properties::Numbers;

/// Some associations of a gateway with some of these blocks.
pub fn associations(
    numbers: &mut Numbers,
    lab: Lab,
    gateway: OnPremisesGateway,
    blocks: &[&str],
) -> Lab {
    let mut lab = lab;
    for position in 0..numbers.below(3) {
        let id = format!("{gateway} {position}");
        let n_blocks = numbers.below(8);
        let allowed: Vec<_> = (0..n_blocks).map(|_| numbers.one(blocks)).collect();
        lab = lab.association(&id, gateway.clone(), &allowed);
        lab.association_mut(&id).other_ways = numbers.one_in(6);
    }
    lab
}

fn virtual_private_gateway() -> OnPremisesGateway {
    OnPremisesGateway::VirtualPrivate("g".into())
}

/// `x` beyond whose gateway are such allowed prefixes.
fn allowing(prefixes: &[&str]) -> Lab {
    virtual_private().association("dx", virtual_private_gateway(), prefixes)
}

/// The same behind a transit gateway.
fn over_transit(prefixes: &[&str]) -> Lab {
    let lab = transit().with(|lab| match &mut lab.attachment_mut("b").kind {
        AttachmentKind::OnPremises { service, .. } => {
            *service = OnPremisesService::DirectConnectGateway;
        }
        AttachmentKind::Vpc { .. }
        | AttachmentKind::Peering { .. }
        | AttachmentKind::Unmodelled(_) => panic!("an attachment on premises"),
    });
    lab.association("dx", OnPremisesGateway::Transit("b".into()), prefixes)
}

fn premises(block: &str, place: Place) -> Scope {
    let from = Origin::OnPremises {
        blocks: Some(BTreeSet::from([cidr(block)])),
        resolver: None,
    };
    scope(from, place, vec![any_tcp()])
}

fn to_x() -> Scope {
    premises("192.168.0.0/16", to(&["x"]))
}

const HOLE: &str = "unknown on allowed prefixes of dx";

#[test]
fn premises_reach_blocks_that_one_prefix_holds() {
    for whole in ["10.0.0.0/16", "10.0.0.0/8"] {
        expect(&allowing(&[whole]), &always(to_x()), "holds");
    }
    // Part of a block is not advertised, and two halves are no whole.
    for part in [&["10.0.1.0/24"][..], &["10.0.0.0/17", "10.0.128.0/17"]] {
        expect(&allowing(part), &never(to_x()), "holds");
        let clause = Claim::DecidedBy(Clause::DirectConnectAllowedPrefix);
        let decided = invariant(Quantifier::Every, to_x(), clause);
        expect(&allowing(part), &decided, "holds");
    }
    // Two associations say more than one.
    let both = allowing(&["10.9.0.0/16"]);
    let both = both.association("dx-2", virtual_private_gateway(), &["10.0.0.0/16"]);
    expect(&both, &always(to_x()), "holds");
}

#[test]
fn what_else_may_advertise_is_open() {
    for asked in [always(to_x()), never(to_x()), sometimes(to_x())] {
        expect(&allowing(&[]), &asked, HOLE);
    }
    let known = allowing(&[]).association("dx-2", virtual_private_gateway(), &["10.0.0.0/16"]);
    expect(&known, &always(to_x()), "holds");
    let ways = allowing(&["10.9.0.0/16"]).with(|lab| lab.association_mut("dx").other_ways = true);
    expect(
        &ways,
        &never(to_x()),
        "unknown on what other ways advertise to premises beyond g",
    );
}

#[test]
fn prefixes_of_an_attachment_are_advertised_as_they_are() {
    let from = |place| premises("192.168.0.0/16", place);
    let part = over_transit(&["10.0.1.0/24"]);
    expect(&part, &always(from(to(&["x"]))), "holds");
    expect(&part, &never(from(to(&["y"]))), "holds");
    let blocks = Place::Cidrs(BTreeSet::from([cidr("10.0.0.0/15")]));
    expect(
        &over_transit(&["10.1.1.10/32"]),
        &sometimes(from(blocks)),
        "holds on premises by b: 192.168.0.0 -> 10.1.1.10 tcp/443 from port 40000",
    );
    expect(&over_transit(&[]), &always(from(to(&["y"]))), HOLE);
    // By another attachment they are not asked.
    let vpn = OnPremisesService::Vpn;
    let other =
        over_transit(&["10.0.1.0/24"]).attach_on_premises("c", "t", vpn, &["172.16.0.0/12"]);
    let to_y = premises("172.16.0.0/12", to(&["y"]));
    expect(
        &other,
        &sometimes(to_y),
        "holds on premises by c: 172.16.0.0 -> 10.1.1.10 tcp/443 from port 40000",
    );
}

#[test]
fn an_open_address_is_tried_on_both_sides_of_a_prefix() {
    let lab = over_transit(&["10.0.1.0/25"]).interface("z", "a", "v", &["10.0.1.0/24"]);
    let to_z = premises("192.168.0.0/16", to(&["z"]));
    expect(&lab, &never(to_z.clone()), "unknown on z in 10.0.1.0/24");
    expect(&lab, &sometimes(to_z), "unknown on z in 10.0.1.0/24");
}

#[test]
fn what_is_sent_to_premises_is_not_asked() {
    let part = allowing(&["10.9.0.0/16"]);
    let place = Place::OnPremises(Some(BTreeSet::from([cidr("192.168.0.0/16")])));
    let mut out = scope(interfaces(&["x"]), place, vec![any_tcp()]);
    out.families = BTreeSet::from([Family::V4]);
    let answered = invariant(Quantifier::Every, out, Claim::Answered);
    expect(&part, &answered, "holds");
}
