//! The part of a walk that goes where a question asks is the whole walk, for what goes there: what is left out is what
//! no such packet meets.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::{
    AddressValue, Claim, Engine, Family, InterfaceAddress, NetworkDraft, Place, Scope, Target,
};
use z3::SatResult;

use super::build::*;
use super::verdict::{PROVED, check, depends_on, not, on_port, violated};
use crate::Solver;
use crate::encoder::Encoder;
use crate::index::Index;
use crate::scope;
use crate::symbolic::Formula;
use crate::walk::{Picks, Sender, Subject, Walk};

/// Three VPCs behind internet gateways, each with an interface whose public address is known, one whose addresses are
/// open, and one that has none; the first two are peered.
fn three() -> NetworkDraft {
    let mut draft = NetworkDraft::default();
    for (number, id) in ["u", "v", "w"].into_iter().enumerate() {
        vpc(&mut draft, id, &[&format!("10.{number}.0.0/16")]);
        let subnet_id = format!("{id}-s");
        subnet(
            &mut draft,
            &subnet_id,
            id,
            &[&format!("10.{number}.1.0/24")],
        );
        let groups = [format!("{id}-open")];
        let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
        let known = format!("10.{number}.1.10=52.0.{number}.10");
        interface(
            &mut draft,
            &format!("{id}-known"),
            &subnet_id,
            &[&known],
            &groups,
        );
        let hidden = format!("10.{number}.1.11");
        interface(
            &mut draft,
            &format!("{id}-hidden"),
            &subnet_id,
            &[&hidden],
            &groups,
        );
        interface(&mut draft, &format!("{id}-open"), &subnet_id, &[], &groups);
        last_interface(&mut draft).addresses.push(InterfaceAddress {
            private: AddressValue::Within(
                block(&format!("10.{number}.1.0/24")),
                hole(&format!("{id}.private")),
            ),
            public: Some(AddressValue::Within(
                block(["0.0.0.0/0", "52.0.0.0/8", "8.0.0.0/6"][number]),
                hole(&format!("{id}.public")),
            )),
        });
        let gateway = format!("{id}-igw");
        draft.internet_gateways.push(model::InternetGateway {
            id: gateway.as_str().into(),
            vpc: Some(id.into()),
            edge_route_table: None,
            tags: Default::default(),
        });
        let out = Target::InternetGateway(gateway.as_str().into());
        add_route(&mut draft, &format!("{id}-main"), to("0.0.0.0/0", out));
    }
    peering(&mut draft, "p", "u", "v");
    let over = || Target::Peering("p".into());
    add_route(&mut draft, "u-main", to("10.1.0.0/16", over()));
    add_route(&mut draft, "v-main", to("10.0.0.0/16", over()));
    draft
}

fn scope_to(to: Vec<Place>) -> Scope {
    Scope {
        to,
        ..every(&[], Place::Internet, not(Claim::Delivered)).scope
    }
}

fn blocks(texts: &[&str]) -> Place {
    Place::Cidrs(texts.iter().map(|text| block(text)).collect())
}

/// The ways to end, by what they come to: dropped, undetermined, delivered.
fn endings(walk: &Walk) -> [Formula; 3] {
    let endings = &walk.endings;
    [
        Formula::any(endings.dropped.iter().map(|(_, when)| when.clone())),
        Formula::any(endings.ended.iter().map(|end| end.step.when.clone())),
        Formula::any(endings.leaves.iter().map(|leaf| leaf.here.clone())),
    ]
}

fn count(walk: &Walk) -> usize {
    walk.endings.count()
}

#[test]
fn what_goes_there_ends_as_in_the_whole_walk() {
    let network = Arc::new(valid(three()));
    let index = Arc::new(Index::new(&network));
    let mut encoder = Encoder::new(&network, &index, Family::V4);
    let senders = [
        Sender::Internet,
        Sender::Vpc("u".into()),
        Sender::Interface("w-open".into()),
    ];
    let scopes = [
        vec![blocks(&["10.0.1.11/32"])],
        vec![blocks(&["52.0.0.10/32", "10.1.0.0/16"])],
        vec![blocks(&["8.0.0.0/8"])],
        vec![blocks(&["52.0.2.0/24", "9.9.9.9/32"]), Place::Internet],
        vec![to_interfaces(&["v-open", "u-hidden"])],
        vec![blocks(&["224.0.0.0/4"]), to_interfaces(&["w-known"])],
        vec![Place::OnPremises(Some(BTreeSet::from([block(
            "192.168.0.0/16",
        )])))],
    ];
    let mut smaller = 0;
    for sender in senders {
        let subject = Subject {
            picks: Picks::None,
            sender,
        };
        let whole = encoder.walk(&subject);
        for to in &scopes {
            let scope = scope_to(to.clone());
            let reach = scope::reach(&encoder, &scope, &subject).expect("it is said where");
            let goes_there = reach.destinations.hold(&encoder.packet.destination);
            let is_own = encoder.of_network(&encoder.packet.destination);
            let goes_there = if reach.is_foreign {
                goes_there & !is_own
            } else {
                goes_there
            };
            let part = encoder.walk_to(&subject, reach);
            smaller += usize::from(count(&part) < count(&whole));
            for (one, other) in endings(&whole).iter().zip(&endings(&part)) {
                let solver = encoder.solver(&Default::default());
                solver.assert(goes_there.to_bool());
                solver.assert(one.to_bool().xor(other.to_bool()));
                assert_eq!(solver.check(), SatResult::Unsat, "{subject:?} {to:?}");
            }
        }
    }
    assert!(smaller >= 10, "only {smaller} walks were smaller");
}

/// An open public address is none that a VPC's block holds, nor a private one.
#[test]
fn what_the_internet_sends_to_a_private_address_enters_no_vpc() {
    let network = Arc::new(valid(three()));
    let index = Arc::new(Index::new(&network));
    let mut encoder = Encoder::new(&network, &index, Family::V4);
    let subject = Subject {
        picks: Picks::None,
        sender: Sender::Internet,
    };
    let scope = scope_to(vec![blocks(&["10.0.1.11/32"])]);
    let reach = scope::reach(&encoder, &scope, &subject).expect("it is said where");
    let walk = encoder.walk_to(&subject, reach);
    assert_eq!(walk.endings.leaves.len(), 0);
    assert_eq!(
        count(&walk),
        3,
        "of its source, of its destination, and what is open of its source"
    );
}

#[test]
fn a_claim_about_a_block_is_decided_where_open_addresses_may_lie_in_it() {
    let from_internet =
        |to: &[&str]| on_port(every_from_internet(blocks(to), not(Claim::Delivered)), 443);
    assert_eq!(check(three(), &from_internet(&["10.0.1.11/32"])), PROVED);
    violated(check(three(), &from_internet(&["52.0.1.10/32"])));
    // Of the open public addresses only that of `u` may lie there.
    let elsewhere = check(three(), &from_internet(&["13.1.2.3/32"]));
    assert_eq!(depends_on(&elsewhere), ["u.public"]);
}

/// What stands for addresses of the network is said of sources and of destinations, always in one order.
#[test]
fn the_script_of_a_claim_is_the_same_each_time() {
    let script = || {
        let claim = every_from_internet(Place::Internet, not(Claim::Delivered));
        Solver::load(&valid(three())).smt2(&claim)
    };
    // Each thread has names of its own for what is new.
    let scripts = (0..8).map(|_| std::thread::spawn(script).join().expect("a script"));
    let scripts: BTreeSet<String> = scripts.collect();
    assert_eq!(scripts.len(), 1);
    assert!(
        scripts
            .iter()
            .all(|script| script.contains("of the network"))
    );
}
