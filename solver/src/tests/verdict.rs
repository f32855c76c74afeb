//! Verdicts: each quantifier, each place, each kind of hole.

use std::collections::BTreeSet;

use model::{
    AclAction, Claim, Clause, ComponentId, Engine, Family, Invariant, NetworkDraft, Place,
    Quantifier, RuleTraffic, Target, TrafficClass, UnknownReason, Value, Verdict, Witness,
};

use super::build::*;
use crate::{Limits, Solver};

pub(super) fn check(draft: NetworkDraft, invariant: &Invariant) -> Verdict {
    Solver::load(&valid(draft)).check(invariant)
}

pub(super) fn not(claim: Claim) -> Claim {
    Claim::Not(Box::new(claim))
}

pub(super) fn exists(mut invariant: Invariant) -> Invariant {
    invariant.quantifier = Quantifier::Exists;
    invariant
}

pub(super) fn on_port(mut invariant: Invariant, port: u16) -> Invariant {
    invariant.scope.traffic = tcp_traffic(port..=port);
    invariant
}

pub(super) const PROVED: Verdict = Verdict::Holds { witness: None };
const NOWHERE: Verdict = Verdict::Violated {
    counterexample: None,
};

pub(super) fn violated(verdict: Verdict) -> Witness {
    let Verdict::Violated {
        counterexample: Some(witness),
    } = verdict
    else {
        panic!("{verdict:?}");
    };
    witness
}

fn shown(verdict: Verdict) -> Witness {
    let Verdict::Holds {
        witness: Some(witness),
    } = verdict
    else {
        panic!("{verdict:?}");
    };
    witness
}

pub(super) fn depends_on(verdict: &Verdict) -> Vec<&str> {
    let Verdict::Unknown { reasons } = verdict else {
        panic!("{verdict:?}");
    };
    reasons
        .iter()
        .map(|reason| match reason {
            UnknownReason::DependsOn(hole) => hole.attribute(),
            UnknownReason::OutOfBudget(limit) => limit,
        })
        .collect()
}

/// `b` lets in the web from the first half of the subnet of `a`.
pub(super) fn web() -> NetworkDraft {
    let mut draft = two_subnets();
    let rules = vec![rule(tcp(443, 443), "10.0.1.0/25")];
    group(&mut draft, "web", "v", rules, vec![]);
    set_groups(&mut draft, "b", &["web"]);
    interface(&mut draft, "far", "s", &["10.0.1.200"], &["v-open"]);
    draft
}

#[test]
fn every_flow() {
    let claim = every(&["a"], to_interfaces(&["b"]), Claim::Answered);
    assert_eq!(check(web(), &on_port(claim.clone(), 443)), PROVED);
    let witness = violated(check(web(), &claim));
    assert_eq!(witness.flow.source, model::Source::Interface("a".into()));
    assert!(witness.completion.addresses.is_empty());

    let claim = every(&["far", "a"], to_interfaces(&["b"]), Claim::Delivered);
    let witness = violated(check(web(), &on_port(claim, 443)));
    assert_eq!(
        witness.flow.to_string(),
        "far: 10.0.1.200 -> 10.0.2.10 tcp/443 from port 40000"
    );
}

#[test]
fn some_flow() {
    let claim = exists(every(
        &["a", "far"],
        to_interfaces(&["b"]),
        Claim::Delivered,
    ));
    let witness = shown(check(web(), &claim));
    assert_eq!(
        witness.flow.to_string(),
        "a: 10.0.1.10 -> 10.0.2.10 tcp/443 from port 40000"
    );
    assert_eq!(check(web(), &on_port(claim, 80)), NOWHERE);
}

#[test]
fn vacuous_when_nothing_is_spoken_of() {
    let mut claim = every(&["b"], to_interfaces(&["b"]), not(Claim::Delivered));
    assert_eq!(check(web(), &claim), Verdict::Vacuous);
    claim.scope.to = vec![to_interfaces(&["a"])];
    claim.scope.families = BTreeSet::from([Family::V6]);
    assert_eq!(check(web(), &claim), Verdict::Vacuous);
    assert_eq!(check(web(), &exists(claim.clone())), Verdict::Vacuous);
    claim.scope.families = BTreeSet::from([Family::V4]);
    assert_eq!(check(web(), &claim), PROVED);
    claim.premise = Some(Claim::Delivered);
    assert_eq!(check(web(), &claim), Verdict::Vacuous);
}

#[test]
fn a_premise_narrows_the_flows() {
    let mut claim = every(
        &["a"],
        to_interfaces(&["b"]),
        Claim::DecidedBy(Clause::InterfaceAccepts),
    );
    violated(check(web(), &claim));
    claim.premise = Some(Claim::Delivered);
    assert_eq!(check(web(), &claim), PROVED);
    claim.premise = Some(not(Claim::Delivered));
    claim.claim = Claim::DecidedBy(Clause::SecurityGroupIngress);
    assert_eq!(check(web(), &claim), PROVED);
}

#[test]
fn connectives() {
    let delivered = || Claim::Delivered;
    let by_group = || Claim::DecidedBy(Clause::SecurityGroupIngress);
    let any = Claim::Any(vec![delivered(), by_group()]);
    assert_eq!(
        check(web(), &every(&["a"], to_interfaces(&["b"]), any)),
        PROVED
    );
    let both = Claim::All(vec![delivered(), by_group()]);
    let both = exists(every(&["a"], to_interfaces(&["b"]), both));
    assert_eq!(check(web(), &both), NOWHERE);
}

#[test]
fn a_stateless_acl_stops_the_reply() {
    let mut draft = web();
    let narrow = vec![entry(1, AclAction::Allow, tcp(443, 443), "0.0.0.0/0")];
    acl(&mut draft, "narrow", "v", narrow);
    draft.subnets[1].network_acl = Value::Known("narrow".into());
    let delivered = on_port(every(&["a"], to_interfaces(&["b"]), Claim::Delivered), 443);
    assert_eq!(check(draft.clone(), &delivered), PROVED);
    let answered = on_port(every(&["a"], to_interfaces(&["b"]), Claim::Answered), 443);
    violated(check(draft, &answered));
}

/// `a` is open to the internet, `b` goes out by a NAT gateway.
fn online() -> NetworkDraft {
    let mut draft = two_subnets();
    internet_gateway(&mut draft, "v");
    table(&mut draft, "out", "v");
    let igw = Target::InternetGateway("igw".into());
    add_route(&mut draft, "out", to("0.0.0.0/0", igw));
    draft.subnets[0].route_table = Some(Value::Known("out".into()));
    set_public(&mut draft, "a", "52.0.0.1");
    nat_gateway(&mut draft);
    add_route(
        &mut draft,
        "v-main",
        to("0.0.0.0/0", Target::NatGateway("nat".into())),
    );
    draft
}

#[test]
fn from_the_internet() {
    let never = every_from_internet(to_interfaces(&["a", "b"]), not(Claim::Answered));
    let witness = violated(check(online(), &never));
    assert_eq!(
        witness.flow.to_string(),
        "internet: 203.0.113.10 -> 52.0.0.1 tcp/443 from port 40000"
    );
    let never = every_from_internet(to_interfaces(&["b"]), not(Claim::Delivered));
    assert_eq!(check(online(), &never), Verdict::Vacuous);
    let mut claim = every_from_internet(to_interfaces(&["a"]), Claim::Answered);
    assert_eq!(check(online(), &claim), PROVED);
    let blocks = Some(BTreeSet::from([block("10.0.0.0/8")]));
    claim.scope.from = vec![model::Origin::Internet(blocks)];
    assert_eq!(check(online(), &claim), Verdict::Vacuous);
}

#[test]
fn to_the_internet_by_which_way() {
    let answered = every(&["a", "b"], Place::Internet, Claim::Answered);
    assert_eq!(check(online(), &answered), PROVED);
    let nat = || BTreeSet::from([ComponentId::NatGateway("nat".into())]);
    let igw = || BTreeSet::from([ComponentId::InternetGateway("igw".into())]);
    let by = |names: &[&str], way| every(names, Place::Internet, Claim::Traverses(way));
    assert_eq!(check(online(), &by(&["b"], vec![nat(), igw()])), PROVED);
    violated(check(online(), &by(&["b"], vec![igw(), nat()])));
    violated(check(online(), &by(&["b"], vec![igw(), igw()])));
    violated(check(online(), &by(&["a", "b"], vec![nat()])));
    assert_eq!(check(online(), &by(&["a", "b"], vec![igw()])), PROVED);
}

#[test]
fn to_blocks_and_back_to_oneself() {
    let cidrs = |text: &str| Place::Cidrs(BTreeSet::from([block(text)]));
    let claim = |text| every(&["a"], cidrs(text), Claim::Delivered);
    assert_eq!(check(online(), &claim("10.0.2.10/32")), PROVED);
    assert_eq!(check(online(), &claim("10.0.1.10/32")), Verdict::Vacuous);
    assert_eq!(check(online(), &claim("10.0.0.2/32")), PROVED);
    violated(check(online(), &claim("10.0.2.10/31")));
}

#[test]
fn the_way_ends_at_an_endpoint_and_its_interface() {
    let mut draft = online();
    interface_endpoint(
        &mut draft,
        "vpce",
        "com.amazonaws.eu-west-1.kms",
        "k",
        "10.0.2.50",
    );
    let endpoint = || BTreeSet::from([ComponentId::VpcEndpoint("vpce".into())]);
    let at = |id: &str| BTreeSet::from([ComponentId::NetworkInterface(id.into())]);
    let by = |way| every(&["a"], to_interfaces(&["k"]), Claim::Traverses(way));
    assert_eq!(check(draft.clone(), &by(vec![endpoint(), at("k")])), PROVED);
    assert_eq!(check(draft.clone(), &by(vec![endpoint()])), PROVED);
    violated(check(draft.clone(), &by(vec![at("k"), endpoint()])));
    violated(check(draft.clone(), &by(vec![at("b")])));
    // A private address of an endpoint's interface is the service's, as its public addresses are, which are open.
    let service = Place::Service("com.amazonaws.eu-west-1.kms".to_owned());
    let claim = every(&["a"], service, Claim::Traverses(vec![endpoint()]));
    assert_eq!(
        depends_on(&check(draft, &claim)),
        ["public addresses of com.amazonaws.eu-west-1.kms"]
    );
}

#[test]
fn an_unknown_acl_is_named() {
    let mut draft = web();
    draft.subnets[1].network_acl = Value::Any(hole("aws_subnet.d.acl"));
    let claim = on_port(every(&["a"], to_interfaces(&["b"]), Claim::Delivered), 443);
    assert_eq!(
        depends_on(&check(draft.clone(), &claim)),
        ["aws_subnet.d.acl"]
    );
    assert_eq!(
        depends_on(&check(draft.clone(), &exists(claim))),
        ["aws_subnet.d.acl"]
    );
    // What a group drops is dropped whatever the ACL.
    let never = on_port(
        every(&["a"], to_interfaces(&["b"]), not(Claim::Delivered)),
        80,
    );
    assert_eq!(check(draft.clone(), &never), PROVED);
    let violated_anyway = every(&["a"], to_interfaces(&["b"]), Claim::Delivered);
    violated(check(draft, &violated_anyway));
}

#[test]
fn an_unmodelled_target_is_named_and_may_do_anything() {
    let mut draft = web();
    let target = Target::Unmodelled {
        kind: "transit-gateway".to_owned(),
        id: "tgw-1".to_owned(),
    };
    add_route(&mut draft, "v-main", to("0.0.0.0/0", target));
    let place = || Place::Cidrs(BTreeSet::from([block("172.16.0.0/12")]));
    let named = ["target-unmodelled at transit-gateway tgw-1"];
    let component = ComponentId::NatGateway("nat".into());
    for claim in [
        Claim::Delivered,
        Claim::Answered,
        Claim::Traverses(vec![BTreeSet::from([component])]),
        Claim::DecidedBy(Clause::AddressOwner),
        Claim::PermittedAll,
        Claim::PermittedSome,
    ] {
        for claim in [claim.clone(), not(claim)] {
            let claim = every(&["a"], place(), claim);
            assert_eq!(depends_on(&check(draft.clone(), &claim)), named);
            assert_eq!(depends_on(&check(draft.clone(), &exists(claim))), named);
        }
    }
}

#[test]
fn undetermined_replies_matter_to_answers_only() {
    let mut draft = online();
    table(&mut draft, "edge", "v");
    let mut open = to("10.0.1.0/24", Target::Local);
    open.destination = model::Value::Any(hole("edge.destination"));
    add_route(&mut draft, "edge", open);
    draft.internet_gateways[0].edge_route_table = Some("edge".into());
    let claim = |claim| every(&["a"], Place::Internet, claim);
    assert_eq!(check(draft.clone(), &claim(Claim::Delivered)), PROVED);
    assert_eq!(
        depends_on(&check(draft, &claim(Claim::Answered))),
        ["edge.destination"]
    );
}

#[test]
fn a_name_that_is_not_modelled_may_mean_anything() {
    let claim = every(
        &["a"],
        Place::Name("www.example.com".to_owned()),
        Claim::Delivered,
    );
    let verdict = check(web(), &claim);
    assert!(
        depends_on(&verdict).contains(&"www.example.com"),
        "{verdict:?}"
    );
    let silent = every(
        &["a"],
        Place::Name("x.vpce.amazonaws.com".to_owned()),
        Claim::Delivered,
    );
    assert_eq!(check(web(), &silent), Verdict::Vacuous);
}

#[test]
fn classes_of_traffic_are_apart() {
    let mut draft = two_subnets();
    let rules = vec![rule(RuleTraffic::Protocol(47), "0.0.0.0/0")];
    group(&mut draft, "gre", "v", rules, vec![]);
    set_groups(&mut draft, "b", &["gre"]);
    let mut claim = exists(every(&["a"], to_interfaces(&["b"]), Claim::Delivered));
    assert_eq!(check(draft.clone(), &claim), NOWHERE);
    claim.scope.traffic.classes = vec![TrafficClass::Other { protocols: 1..=58 }];
    let witness = shown(check(draft.clone(), &claim));
    assert_eq!(witness.flow.packet.transport(), transport("protocol/47"));
    claim.scope.traffic.classes = vec![TrafficClass::Icmp {
        types: 0..=255,
        codes: 0..=255,
    }];
    assert_eq!(check(draft, &claim), NOWHERE);
}

#[test]
fn a_limit_is_an_answer() {
    let limits = Limits {
        rlimit: 1,
        ..Limits::default()
    };
    let solver = Solver::load(&valid(online())).with_limits(limits);
    let claim = every(&["a", "b"], Place::Internet, Claim::Answered);
    let verdict = solver.check(&claim);
    let reasons = depends_on(&verdict);
    assert!(reasons[0].starts_with("z3 gave up"), "{reasons:?}");
}

#[test]
fn the_same_question_has_the_same_answer_again_and_in_another_thread() {
    let network = valid(online());
    let solver = Solver::load(&network);
    let claim = every_from_internet(to_interfaces(&["a"]), not(Claim::Answered));
    let first = solver.check(&claim);
    assert_eq!(Solver::load(&network).check(&claim), first);
    let other = std::thread::spawn(move || solver.check(&claim));
    assert_eq!(other.join().expect("no panic"), first);
}

#[test]
fn a_question_is_readable_as_smt_lib() {
    let solver = Solver::load(&valid(web()));
    let claim = every(&["a"], to_interfaces(&["b"]), Claim::Delivered);
    let text = solver.smt2(&claim);
    assert!(text.contains("(set-logic QF_BV)"), "{text}");
    let asked = z3::Solver::new_for_logic("QF_BV").expect("a known logic");
    asked.from_string(text.replace("(set-logic QF_BV)", ""));
    assert_eq!(asked.check(), z3::SatResult::Sat);
}
