//! Verdicts about flows that relays hand on.

use std::collections::BTreeSet;

use model::{
    AddressValue, Claim, Clause, ComponentId, Family, InterfaceAddress, Invariant,
    ListenerProtocol, NetworkDraft, Origin, Place, Target, Value, Verdict,
};

use super::build::*;
use super::endpoint_service::offered;
use super::load_balancer::{admit, balanced};
use super::verdict::{PROVED, check, depends_on, exists, not, on_port, violated};

/// An internet-facing Network Load Balancer in front of `b`, which no route leads to.
fn facing() -> NetworkDraft {
    let mut draft = balanced();
    internet_gateway(&mut draft, "v");
    let igw = Target::InternetGateway("igw".into());
    route_by(&mut draft, "s", &[("0.0.0.0/0", igw)]);
    set_public(&mut draft, "n1", "52.0.0.50");
    draft
}

fn relayed(mut invariant: Invariant) -> Invariant {
    invariant.scope.relayed = true;
    invariant
}

fn from_internet(claim: Claim) -> Invariant {
    every_from_internet(to_interfaces(&["b"]), claim)
}

fn by(id: ComponentId) -> Claim {
    Claim::Traverses(vec![BTreeSet::from([id])])
}

#[test]
fn the_internet_reaches_a_target() {
    let never = || from_internet(not(Claim::Delivered));
    // Nobody on the internet can address it.
    assert_eq!(check(facing(), &never()), Verdict::Vacuous);
    let witness = violated(check(facing(), &relayed(never())));
    assert_eq!(
        witness.flow.to_string(),
        "internet: 203.0.113.10 -> 52.0.0.50 tcp/80 from port 40000 pick 1"
    );
    let answered = from_internet(not(Claim::Answered));
    violated(check(facing(), &relayed(answered)));
    // Traffic is judged as it is received.
    violated(check(facing(), &relayed(on_port(never(), 8080))));
    assert_eq!(
        check(facing(), &relayed(on_port(never(), 80))),
        Verdict::Vacuous
    );
    let mut other_family = relayed(never());
    other_family.scope.families = BTreeSet::from([Family::V6]);
    assert_eq!(check(facing(), &other_family), Verdict::Vacuous);
}

#[test]
fn a_block_of_the_target_is_a_place_too() {
    let place = |text: &str| Place::Cidrs(BTreeSet::from([block(text)]));
    let never = |text| relayed(every_from_internet(place(text), not(Claim::Delivered)));
    violated(check(facing(), &never("10.0.2.10/32")));
    assert_eq!(check(facing(), &never("10.0.2.11/32")), PROVED);
    // The address that the client uses is none of the received packet.
    let own = relayed(exists(every_from_internet(
        place("52.0.0.50/32"),
        Claim::Traverses(vec![BTreeSet::from([ComponentId::NetworkInterface(
            "b".into(),
        )])]),
    )));
    let Verdict::Violated { .. } = check(facing(), &own) else {
        panic!("nothing arrives at b there");
    };
}

#[test]
fn what_a_relayed_flow_traverses() {
    let through = |id| relayed(from_internet(by(id)));
    let nlb = || ComponentId::LoadBalancer("nlb".into());
    assert_eq!(check(facing(), &through(nlb())), PROVED);
    let node = ComponentId::NetworkInterface("n1".into());
    assert_eq!(check(facing(), &through(node)), PROVED);
    let igw = ComponentId::InternetGateway("igw".into());
    let all = [igw, nlb(), ComponentId::NetworkInterface("b".into())];
    let in_order = Claim::Traverses(all.iter().map(|id| [id.clone()].into()).collect());
    assert_eq!(check(facing(), &relayed(from_internet(in_order))), PROVED);
    let reversed = all.iter().rev().map(|id| [id.clone()].into()).collect();
    violated(check(
        facing(),
        &relayed(from_internet(Claim::Traverses(reversed))),
    ));
    // Another load balancer has another way.
    let mut draft = facing();
    target_group(&mut draft, "other", &["interface:b>8080"]);
    nlb_of_its_own(&mut draft);
    let witness = violated(check(draft, &through(nlb())));
    assert_eq!(witness.flow.packet.destination(), address("52.0.0.51"));
}

fn nlb_of_its_own(draft: &mut NetworkDraft) {
    nlb(draft, "second");
    node(draft, "m", "s", &["10.0.1.51=52.0.0.51"]);
    listens(draft, ListenerProtocol::Tcp, 80, &["other"]);
}

/// The load balancer as a way for the flows that are spoken of without it.
#[test]
fn direct_and_relayed_flows_are_both_spoken_of() {
    let mut draft = balanced();
    let only_nlb = |relays| {
        let mut claim = every(
            &["a"],
            to_interfaces(&["b"]),
            by(ComponentId::LoadBalancer("nlb".into())),
        );
        claim.premise = Some(Claim::Delivered);
        claim.scope.relayed = relays;
        claim
    };
    let witness = violated(check(draft.clone(), &only_nlb(true)));
    assert_eq!(witness.flow.picks, Vec::<u16>::new());
    admit(&mut draft, "b", "10.0.1.50/32");
    assert_eq!(check(draft.clone(), &only_nlb(false)), Verdict::Vacuous);
    assert_eq!(check(draft.clone(), &only_nlb(true)), PROVED);
    let reaches = |relays| {
        let mut claim = exists(every(&["a"], to_interfaces(&["b"]), Claim::Answered));
        claim.scope.relayed = relays;
        claim
    };
    let Verdict::Violated { .. } = check(draft.clone(), &reaches(false)) else {
        panic!("directly it does not");
    };
    let Verdict::Holds {
        witness: Some(witness),
    } = check(draft, &reaches(true))
    else {
        panic!("over the load balancer it does");
    };
    assert_eq!(witness.flow.picks, [1]);
}

#[test]
fn that_all_arrive_is_true_of_relayed_flows() {
    let all = every(&["a"], to_interfaces(&["b"]), Claim::Delivered);
    assert_eq!(check(balanced(), &all), PROVED);
    assert_eq!(check(balanced(), &relayed(all)), PROVED);
}

#[test]
fn a_target_behind_an_endpoint_service() {
    let never = || every(&["a"], to_interfaces(&["server"]), not(Claim::Answered));
    // The same address of the own VPC is another interface.
    assert_eq!(check(offered(), &never()), PROVED);
    let witness = violated(check(offered(), &relayed(never())));
    assert_eq!(witness.flow.picks, [1, 1]);
    assert_eq!(witness.flow.packet.destination(), address("10.0.2.60"));
    let mut only = relayed(every(
        &["a"],
        to_interfaces(&["server"]),
        Claim::Traverses(vec![
            [ComponentId::VpcEndpoint("vpce".into())].into(),
            [ComponentId::NetworkInterface("e".into())].into(),
            [ComponentId::LoadBalancer("nlb".into())].into(),
        ]),
    ));
    only.premise = Some(Claim::Delivered);
    assert_eq!(check(offered(), &only), PROVED);
    // The node is a place where a relayed flow may arrive.
    let to_node = relayed(every(&["a"], to_interfaces(&["n"]), not(Claim::Delivered)));
    assert_eq!(violated(check(offered(), &to_node)).flow.picks, [1]);
}

#[test]
fn zones_that_are_not_comparable_are_named() {
    let mut draft = balanced();
    draft.target_groups[0].cross_zone = false;
    admit(&mut draft, "b", "10.0.1.50/32");
    let never = relayed(every(&["a"], to_interfaces(&["b"]), not(Claim::Delivered)));
    assert_eq!(
        depends_on(&check(draft.clone(), &never)),
        ["load-balancer-target at target group tg"]
    );
    zone(&mut draft, "s", "az1");
    zone(&mut draft, "d", "az2");
    assert_eq!(check(draft, &never), PROVED);
}

#[test]
fn unknown_targets_are_named() {
    let mut draft = facing();
    draft.target_groups[0].targets = Value::Any(hole("targets"));
    let never = relayed(from_internet(not(Claim::Delivered)));
    assert_eq!(depends_on(&check(draft.clone(), &never)), ["targets"]);
    let some = relayed(exists(from_internet(Claim::Delivered)));
    assert_eq!(depends_on(&check(draft.clone(), &some)), ["targets"]);
    draft.load_balancers[0].listeners = Value::Any(hole("listeners"));
    assert_eq!(depends_on(&check(draft, &never)), ["listeners"]);
}

#[test]
fn a_client_that_the_target_sees() {
    let mut draft = facing();
    draft.target_groups[0].preserve_client_address = true;
    admit(&mut draft, "b", "8.8.8.0/24");
    let mut never = relayed(from_internet(not(Claim::Answered)));
    let witness = violated(check(draft.clone(), &never));
    assert!(
        witness
            .flow
            .packet
            .source()
            .to_string()
            .starts_with("8.8.8.")
    );
    let blocks = Some(BTreeSet::from([block("9.0.0.0/8")]));
    never.scope.from = vec![Origin::Internet(blocks)];
    assert_eq!(check(draft, &never), Verdict::Vacuous);
}

#[test]
fn two_relays_in_a_row() {
    let mut draft = two_subnets();
    target_group(&mut draft, "web", &["interface:b>8080"]);
    alb(&mut draft, "alb");
    node(&mut draft, "a1", "d", &["10.0.2.61"]);
    listens(&mut draft, ListenerProtocol::Tcp, 443, &["web"]);
    target_group(&mut draft, "front", &["alb:alb>443"]);
    nlb(&mut draft, "nlb");
    node(&mut draft, "n1", "s", &["10.0.1.50"]);
    listens(&mut draft, ListenerProtocol::Tcp, 80, &["front"]);
    admit(&mut draft, "b", "10.0.2.61/32");
    admit(&mut draft, "a1", "10.0.1.50/32");
    let out = model::GroupRule {
        ..rule(model::RuleTraffic::All, "0.0.0.0/0")
    };
    draft
        .security_groups
        .last_mut()
        .expect("a group")
        .egress
        .push(out);
    let never = relayed(every(&["a"], to_interfaces(&["b"]), not(Claim::Answered)));
    assert_eq!(violated(check(draft.clone(), &never)).flow.picks, [1, 1]);
    let both = [
        ComponentId::LoadBalancer("nlb".into()),
        ComponentId::LoadBalancer("alb".into()),
    ];
    let both = both.map(|id| BTreeSet::from([id])).to_vec();
    let mut only = relayed(every(&["a"], to_interfaces(&["b"]), Claim::Traverses(both)));
    only.premise = Some(Claim::Delivered);
    assert_eq!(check(draft, &only), PROVED);
}

#[test]
fn the_clause_of_the_last_leg_decides() {
    let clause = Claim::DecidedBy(Clause::InterfaceAccepts);
    assert_eq!(check(facing(), &relayed(from_internet(clause))), PROVED);
}

#[test]
fn relays_and_targets_with_open_addresses() {
    let mut draft = facing();
    for (id, within) in [("b", "10.0.2.0/24"), ("n1", "10.0.1.0/24")] {
        interface_mut(&mut draft, id).addresses[0].private =
            AddressValue::Within(block(within), hole(&format!("{id}.private_ip")));
    }
    let never = relayed(from_internet(not(Claim::Answered)));
    let witness = violated(check(draft.clone(), &never));
    assert_eq!(witness.flow.picks, [1]);
    assert_eq!(witness.completion.addresses.len(), 2);
    // A rule that admits only some of the node's addresses leaves it open.
    let mut half = draft.clone();
    admit(&mut half, "b", "10.0.1.0/25");
    assert_eq!(
        depends_on(&check(half, &never)),
        ["b.private_ip", "n1.private_ip"]
    );
    // One of the other family is open too.
    interface_mut(&mut draft, "b").addresses.clear();
    draft.vpcs[0].cidrs.push(block("2600::/16"));
    for table in &mut draft.route_tables {
        table.routes.push(local(block("2600::/16")));
    }
    draft.subnets[1].cidrs.push(block("2600:2::/64"));
    draft.subnets[0].cidrs.push(block("2600:1::/64"));
    open_to_ipv6(&mut draft);
    for (id, within) in [("b", "2600:2::/64"), ("n1", "2600:1::/64")] {
        interface_mut(&mut draft, id)
            .addresses
            .push(InterfaceAddress {
                private: AddressValue::Within(block(within), hole(&format!("{id}.ipv6"))),
                public: None,
            });
    }
    draft.target_groups[0].family = Family::V6;
    let witness = violated(check(draft, &never));
    assert_eq!(witness.flow.picks, [1]);
    assert_eq!(witness.completion.addresses.len(), 3);
}

#[test]
fn many_relays_that_lead_to_each_other_are_a_limit() {
    let mut draft = two_subnets();
    let all: Vec<String> = (1..=40)
        .map(|number| format!("address:10.0.2.{}>80", 50 + number))
        .collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    target_group(&mut draft, "all", &all);
    for number in 1..=40 {
        nlb(&mut draft, &format!("l{number}"));
        node(
            &mut draft,
            &format!("n{number}"),
            "d",
            &[&format!("10.0.2.{}", 50 + number)],
        );
        listens(&mut draft, ListenerProtocol::Tcp, 80, &["all"]);
    }
    set_groups(&mut draft, "b", &[]);
    let never = relayed(every(&["a"], to_interfaces(&["b"]), not(Claim::Delivered)));
    let reasons = check(draft.clone(), &never);
    assert_eq!(
        depends_on(&reasons),
        ["relays can hand requests on in too many ways"]
    );
    assert_decides(
        draft,
        "a 10.0.1.10 -> 10.0.2.51 tcp/80 pick 40.1.7 => delivered interface-accepts; reply delivered reply-returns",
    );
}
