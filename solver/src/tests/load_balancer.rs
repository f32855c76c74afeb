//! Load balancers: listeners, targets, and what a node sends from its own address.

use model::{
    AclAction, AddressValue, Arrival, Engine, Family, InterfaceAddress, ListenerProtocol,
    NetworkDraft, RuleTraffic, Target, Value,
};

use super::build::*;
use crate::Solver;

/// A Network Load Balancer in front of `b`.
pub(super) fn balanced() -> NetworkDraft {
    let mut draft = two_subnets();
    target_group(&mut draft, "tg", &["interface:b>8080"]);
    nlb(&mut draft, "nlb");
    node(&mut draft, "n1", "s", &["10.0.1.50"]);
    node(&mut draft, "n2", "d", &["10.0.2.50"]);
    listens(&mut draft, ListenerProtocol::Tcp, 80, &["tg"]);
    draft
}

/// A rule for every packet from a block, and everything out.
pub(super) fn admit(draft: &mut NetworkDraft, interface: &str, from: &str) {
    let id = format!("{interface}-only");
    group(draft, &id, "v", vec![rule(RuleTraffic::All, from)], vec![]);
    set_groups(draft, interface, &[&id]);
}

/// An ACL of the subnet `d`.
pub(super) fn narrow(draft: &mut NetworkDraft, entries: Vec<model::AclEntry>) {
    acl(draft, "narrow", "v", entries);
    draft.subnets[1].network_acl = Value::Known("narrow".into());
}

#[test]
fn a_load_balancer_takes_what_it_listens_for() {
    let mut draft = balanced();
    listens(&mut draft, ListenerProtocol::TcpUdp, 53, &[]);
    assert_decides(
        draft,
        "a 10.0.1.10 -> 10.0.1.50 tcp/80 => delivered interface-accepts; reply delivered reply-returns
         a 10.0.1.10 -> 10.0.2.50 tcp/80 => delivered interface-accepts; reply delivered reply-returns
         a 10.0.1.10 -> 10.0.1.50 tcp/81 => dropped load-balancer-listener
         a 10.0.1.10 -> 10.0.1.50 udp/80 => dropped load-balancer-listener
         a 10.0.1.10 -> 10.0.1.50 udp/53 => delivered interface-accepts; reply delivered reply-returns
         a 10.0.1.10 -> 10.0.1.50 tcp/53 => delivered interface-accepts; reply delivered reply-returns
         a 10.0.1.10 -> 10.0.1.50 icmp/8/0 => dropped load-balancer-listener
         a 10.0.1.10 -> 10.0.1.50 tcp/53 pick 1 => dropped load-balancer-target",
    );
}

#[test]
fn listeners_that_are_not_known_are_open() {
    let mut draft = balanced();
    draft.load_balancers[0].listeners = Value::Any(hole("listeners"));
    assert_decides(
        draft.clone(),
        "a 10.0.1.10 -> 10.0.1.50 tcp/81 => undetermined load-balancer-listener; reply delivered reply-returns
         a 10.0.1.10 -> 10.0.1.50 tcp/81 pick 1 => undetermined load-balancer-listener; reply undetermined load-balancer-targets-unknown",
    );
    set_groups(&mut draft, "n1", &[]);
    draft.load_balancers[0].kind = model::LoadBalancerKind::Application;
    assert_decides(
        draft,
        "a 10.0.1.10 -> 10.0.1.50 tcp/81 => dropped security-group-ingress
         a 10.0.1.10 -> 10.0.1.50 tcp/81 pick 1 => dropped security-group-ingress
         a 10.0.1.10 -> 10.0.1.50 udp/81 => dropped load-balancer-listener
         a 10.0.1.10 -> 10.0.2.50 icmp/8/0 pick 1 => delivered interface-accepts; reply delivered reply-returns",
    );
}

#[test]
fn an_application_load_balancer_answers_pings_by_itself() {
    let mut draft = balanced();
    draft.load_balancers[0].kind = model::LoadBalancerKind::Application;
    assert_decides(
        draft,
        "a 10.0.1.10 -> 10.0.1.50 icmp/8/0 => delivered interface-accepts; reply delivered reply-returns
         a 10.0.1.10 -> 10.0.1.50 icmp/8/0 pick 2 => delivered interface-accepts; reply delivered reply-returns
         a 10.0.1.10 -> 10.0.1.50 protocol/47 => dropped load-balancer-listener",
    );
}

#[test]
fn a_network_load_balancer_without_groups_filters_nothing() {
    let mut draft = balanced();
    set_groups(&mut draft, "n1", &[]);
    assert_decides(
        draft.clone(),
        "a 10.0.1.10 -> 10.0.1.50 tcp/80 => delivered interface-accepts; reply delivered reply-returns
         a 10.0.1.10 -> 10.0.1.50 tcp/80 pick 1 => delivered interface-accepts; reply delivered reply-returns
         n1 10.0.1.50 -> 10.0.2.10 tcp/80 => delivered interface-accepts; reply delivered reply-returns",
    );
    draft.load_balancers[0].kind = model::LoadBalancerKind::Application;
    assert_decides(
        draft.clone(),
        "a 10.0.1.10 -> 10.0.1.50 tcp/80 => dropped security-group-ingress
         n1 10.0.1.50 -> 10.0.2.10 tcp/80 => dropped security-group-egress",
    );
    draft.load_balancers[0].kind = model::LoadBalancerKind::Network;
    let sets = vec![ids(&[]), ids(&["v-open"])];
    interface_mut(&mut draft, "n1").groups = Value::OneOf(sets, hole("groups"));
    assert_decides(
        draft.clone(),
        "a 10.0.1.10 -> 10.0.1.50 tcp/80 pick 1 => delivered interface-accepts; reply delivered reply-returns",
    );
    interface_mut(&mut draft, "n1").groups = Value::Any(hole("groups"));
    assert_decides(
        draft,
        "a 10.0.1.10 -> 10.0.1.50 tcp/80 => undetermined security-groups-unknown; reply delivered reply-returns",
    );
}

#[test]
fn a_pick_hands_on_to_a_candidate() {
    let mut draft = balanced();
    target_group(
        &mut draft,
        "another",
        &["address:10.0.2.77>80", "interface:a>80"],
    );
    listens(
        &mut draft,
        ListenerProtocol::Tcp,
        443,
        &["tg", "another", "none"],
    );
    target_group(&mut draft, "none", &[]);
    assert_decides(
        draft.clone(),
        "a 10.0.1.10 -> 10.0.1.50 tcp/80 pick 1 => delivered interface-accepts; reply delivered reply-returns
         a 10.0.1.10 -> 10.0.1.50 tcp/80 pick 2 => dropped load-balancer-target
         a 10.0.1.10 -> 10.0.1.50 tcp/80 pick 1.1 => delivered interface-accepts; reply delivered reply-returns
         a 10.0.1.10 -> 10.0.2.10 tcp/80 pick 1 => delivered interface-accepts; reply delivered reply-returns
         a 10.0.1.10 -> 10.0.1.50 tcp/443 pick 1 => dropped address-owner
         a 10.0.1.10 -> 10.0.1.50 tcp/443 pick 3 => delivered interface-accepts; reply delivered reply-returns
         a 10.0.1.10 -> 10.0.1.50 tcp/443 pick 4 => dropped load-balancer-target
         a 10.0.1.10 -> 10.0.1.50 udp/80 pick 1 => dropped load-balancer-listener",
    );
    let solver = Solver::load(&valid(draft));
    for (picks, arrival) in [("", "n1"), (" pick 2", "a"), (" pick 3", "b")] {
        let decision = solver.decide(&flow(&format!("a 10.0.1.10 -> 10.0.1.50 tcp/443{picks}")));
        let arrival = Some(Arrival::Interface(arrival.into()));
        assert_eq!(decision.forward.arrival, arrival, "{picks}");
        let back = decision.reply.expect("a reply").arrival;
        assert_eq!(back, Some(Arrival::Interface("a".into())));
    }
}

#[test]
fn targets_that_are_not_known_are_open() {
    let mut draft = balanced();
    draft.target_groups[0].targets = Value::Any(hole("targets"));
    assert_decides(
        draft,
        "a 10.0.1.10 -> 10.0.1.50 tcp/80 => delivered interface-accepts; reply delivered reply-returns
         a 10.0.1.10 -> 10.0.1.50 tcp/80 pick 1 => undetermined load-balancer-targets-unknown; reply undetermined load-balancer-targets-unknown
         a 10.0.1.10 -> 10.0.1.50 tcp/81 pick 1 => dropped load-balancer-listener",
    );
}

#[test]
fn a_node_hands_on_inside_its_zone() {
    let mut draft = balanced();
    draft.target_groups[0].cross_zone = false;
    assert_decides(
        draft.clone(),
        "a 10.0.1.10 -> 10.0.1.50 tcp/80 pick 1 => undetermined load-balancer-target; reply delivered reply-returns
         a 10.0.1.10 -> 10.0.2.50 tcp/80 pick 1 => delivered interface-accepts; reply delivered reply-returns",
    );
    zone(&mut draft, "s", "az1");
    zone(&mut draft, "d", "az2");
    let another = ["address:10.0.2.10>8080", "address:172.16.0.1>80"];
    target_group(&mut draft, "another", &another);
    draft.target_groups[1].cross_zone = false;
    listens(&mut draft, ListenerProtocol::Tcp, 81, &["another"]);
    assert_decides(
        draft.clone(),
        "a 10.0.1.10 -> 10.0.1.50 tcp/80 pick 1 => dropped load-balancer-target
         a 10.0.1.10 -> 10.0.2.50 tcp/80 pick 1 => delivered interface-accepts; reply delivered reply-returns
         a 10.0.1.10 -> 10.0.1.50 tcp/81 pick 1 => dropped longest-prefix-match
         a 10.0.1.10 -> 10.0.1.50 tcp/81 pick 2 => dropped load-balancer-target
         a 10.0.1.10 -> 10.0.2.50 tcp/81 pick 1 => delivered interface-accepts; reply delivered reply-returns",
    );
    draft.target_groups[0].cross_zone = true;
    assert_decides(
        draft,
        "a 10.0.1.10 -> 10.0.1.50 tcp/80 pick 1 => delivered interface-accepts; reply delivered reply-returns",
    );
}

#[test]
fn a_target_sees_the_node() {
    let mut draft = balanced();
    admit(&mut draft, "b", "10.0.1.50/32");
    assert_decides(
        draft.clone(),
        "a 10.0.1.10 -> 10.0.1.50 tcp/80 pick 1 => delivered interface-accepts; reply delivered reply-returns
         a 10.0.1.10 -> 10.0.2.50 tcp/80 pick 1 => dropped security-group-ingress
         a 10.0.1.10 -> 10.0.2.10 tcp/80 => dropped security-group-ingress",
    );
    // It is the target's port, and the node's groups are asked, of which rules may speak.
    let from_nodes = model::RulePeer::Group("nodes".into());
    let refers = model::GroupRule {
        traffic: tcp(8080, 8080),
        peer: from_nodes,
    };
    let everything = vec![rule(RuleTraffic::All, "0.0.0.0/0")];
    group(&mut draft, "nodes", "v", everything.clone(), everything);
    group(&mut draft, "back", "v", vec![refers], vec![]);
    set_groups(&mut draft, "b", &["back"]);
    set_groups(&mut draft, "n1", &["nodes"]);
    assert_decides(
        draft.clone(),
        "a 10.0.1.10 -> 10.0.1.50 tcp/80 pick 1 => delivered interface-accepts; reply delivered reply-returns
         a 10.0.1.10 -> 10.0.2.50 tcp/80 pick 1 => dropped security-group-ingress",
    );
    draft.security_groups.last_mut().expect("a group").ingress[0].traffic = tcp(80, 80);
    assert_decides(
        draft.clone(),
        "a 10.0.1.10 -> 10.0.1.50 tcp/80 pick 1 => dropped security-group-ingress",
    );
    group(
        &mut draft,
        "mute",
        "v",
        vec![rule(RuleTraffic::All, "0.0.0.0/0")],
        vec![],
    );
    set_groups(&mut draft, "n1", &["mute"]);
    assert_decides(
        draft,
        "a 10.0.1.10 -> 10.0.1.50 tcp/80 => delivered interface-accepts; reply delivered reply-returns
         a 10.0.1.10 -> 10.0.1.50 tcp/80 pick 1 => dropped security-group-egress",
    );
}

#[test]
fn acls_on_the_leg_of_a_node() {
    let mut draft = balanced();
    let in_only = vec![entry(1, AclAction::Allow, tcp(8080, 8080), "10.0.1.50/32")];
    narrow(&mut draft, in_only.clone());
    let only = draft.network_acls.last_mut().expect("an ACL");
    only.egress.clear();
    let question = "a 10.0.1.10 -> 10.0.1.50 tcp/80 pick 1 =>";
    let says = |draft: &NetworkDraft, answer: &str| {
        assert_decides(draft.clone(), &format!("{question} {answer}"));
    };
    says(
        &draft,
        "delivered interface-accepts; reply dropped network-acl-egress",
    );
    let with = |more| [in_only.clone(), vec![more]].concat();
    let all_ports = entry(2, AclAction::Allow, tcp(1024, 65535), "10.0.1.50/32");
    acl(&mut draft, "all-ports", "v", with(all_ports));
    draft.subnets[1].network_acl = Value::Known("all-ports".into());
    says(
        &draft,
        "delivered interface-accepts; reply delivered reply-returns",
    );
    // The client's port stands for another one.
    let one_port = entry(2, AclAction::Allow, tcp(40000, 40000), "10.0.1.50/32");
    acl(&mut draft, "one-port", "v", with(one_port));
    draft.subnets[1].network_acl = Value::Known("one-port".into());
    says(
        &draft,
        "delivered interface-accepts; reply undetermined load-balancer-source-port",
    );
    acl(&mut draft, "closed", "v", vec![]);
    draft.subnets[1].network_acl = Value::Known("closed".into());
    says(&draft, "dropped network-acl-ingress");
}

#[test]
fn the_reply_goes_on_over_the_leg_before() {
    let mut draft = balanced();
    // A client elsewhere, to whose ACL the node's answer does not come.
    subnet(&mut draft, "c", "v", &["10.0.3.0/24"]);
    interface(&mut draft, "client", "c", &["10.0.3.10"], &["v-open"]);
    let question = "client 10.0.3.10 -> 10.0.1.50 tcp/80";
    let fine = "delivered interface-accepts; reply delivered reply-returns";
    assert_decides(
        draft.clone(),
        &format!("{question} => {fine}\n{question} pick 1 => {fine}"),
    );
    let deaf = vec![
        entry(1, AclAction::Deny, tcp(40000, 40000), "0.0.0.0/0"),
        allow(2, "0.0.0.0/0"),
    ];
    acl(&mut draft, "deaf", "v", deaf);
    draft.subnets[2].network_acl = Value::Known("deaf".into());
    let lost = "delivered interface-accepts; reply dropped network-acl-ingress";
    assert_decides(
        draft,
        &format!("{question} => {lost}\n{question} pick 1 => {lost}"),
    );
}

#[test]
fn a_load_balancer_of_the_internet_has_private_targets() {
    let mut draft = balanced();
    internet_gateway(&mut draft, "v");
    let igw = Target::InternetGateway("igw".into());
    route_by(&mut draft, "s", &[("0.0.0.0/0", igw)]);
    set_public(&mut draft, "n1", "52.0.0.50");
    let fine = "delivered interface-accepts; reply delivered reply-returns";
    let lines = format!(
        "internet 8.8.8.8 -> 52.0.0.50 tcp/80 => {fine}
         internet 8.8.8.8 -> 52.0.0.50 tcp/80 pick 1 => {fine}
         internet 8.8.8.8 -> 52.0.0.50 tcp/81 pick 1 => dropped load-balancer-listener
         internet 8.8.8.8 -> 52.0.0.50 tcp/80 pick 2 => dropped load-balancer-target"
    );
    assert_decides(draft.clone(), &lines);
    // Targets that see the client are in private subnets too.
    draft.target_groups[0].preserve_client_address = true;
    assert_decides(draft, &lines);
}

#[test]
fn relays_in_a_row_and_the_limit() {
    let mut draft = two_subnets();
    for number in 1..=5 {
        let id = format!("l{number}");
        let next = format!("address:10.0.2.{}>80", 51 + number);
        target_group(&mut draft, &id, &[&next]);
        nlb(&mut draft, &id);
        let private = format!("10.0.2.{}", 50 + number);
        node(&mut draft, &format!("n{number}"), "d", &[&private]);
        listens(&mut draft, ListenerProtocol::Tcp, 80, &[&id]);
    }
    let fine = "delivered interface-accepts; reply delivered reply-returns";
    assert_decides(
        draft.clone(),
        &format!(
            "a 10.0.1.10 -> 10.0.2.51 tcp/80 pick 1.1.1 => {fine}
             a 10.0.1.10 -> 10.0.2.51 tcp/80 pick 1.1.1.2 => dropped load-balancer-target
             a 10.0.1.10 -> 10.0.2.51 tcp/80 pick 1.2.1.1 => dropped load-balancer-target
             a 10.0.1.10 -> 10.0.2.51 tcp/80 pick 1.1.1.1 => undetermined load-balancer-limit; reply undetermined load-balancer-limit
             a 10.0.1.10 -> 10.0.2.52 tcp/80 pick 1.1.1.1 => dropped address-owner"
        ),
    );
    let decision =
        Solver::load(&valid(draft)).decide(&flow("a 10.0.1.10 -> 10.0.2.51 tcp/80 pick 1.1.1"));
    let arrival = Some(Arrival::Interface("n4".into()));
    assert_eq!(decision.forward.arrival, arrival);
}

#[test]
fn an_application_load_balancer_behind_a_network_one() {
    let mut draft = two_subnets();
    target_group(&mut draft, "web", &["interface:b>8080"]);
    alb(&mut draft, "alb");
    node(&mut draft, "a1", "s", &["10.0.1.61"]);
    node(&mut draft, "a2", "d", &["10.0.2.61"]);
    listens(&mut draft, ListenerProtocol::Tcp, 443, &["web"]);
    target_group(&mut draft, "front", &["alb:alb>443"]);
    nlb(&mut draft, "nlb");
    node(&mut draft, "n1", "s", &["10.0.1.50"]);
    listens(&mut draft, ListenerProtocol::Tcp, 80, &["front"]);
    admit(&mut draft, "b", "10.0.2.61/32");
    let fine = "delivered interface-accepts; reply delivered reply-returns";
    let lines = format!(
        "a 10.0.1.10 -> 10.0.1.50 tcp/80 pick 1 => {fine}
         a 10.0.1.10 -> 10.0.1.50 tcp/80 pick 3 => dropped load-balancer-target
         a 10.0.1.10 -> 10.0.1.50 tcp/80 pick 1.1 => dropped security-group-ingress
         a 10.0.1.10 -> 10.0.1.50 tcp/80 pick 2.1 => {fine}
         a 10.0.1.10 -> 10.0.1.50 tcp/80 pick 2.2 => dropped load-balancer-target"
    );
    assert_decides(draft.clone(), &lines);
    draft.target_groups[1].preserve_client_address = true;
    assert_decides(draft, &lines);
}

#[test]
fn the_family_may_change_at_a_node() {
    let mut draft = balanced();
    add_ipv6(&mut draft);
    open_to_ipv6(&mut draft);
    let six = InterfaceAddress {
        private: AddressValue::Known(address("2600:1::50")),
        public: None,
    };
    interface_mut(&mut draft, "n1").addresses.push(six);
    target_group(&mut draft, "six", &["interface:b>8080"]);
    draft.target_groups[1].family = Family::V6;
    listens(&mut draft, ListenerProtocol::Tcp, 81, &["six"]);
    let fine = "delivered interface-accepts; reply delivered reply-returns";
    assert_decides(
        draft.clone(),
        &format!(
            "a 2600:1::10 -> 2600:1::50 tcp/80 pick 1 => {fine}
             a 2600:1::10 -> 2600:1::50 tcp/81 pick 1 => {fine}
             a 10.0.1.10 -> 10.0.1.50 tcp/81 pick 1 => {fine}
             a 10.0.1.10 -> 10.0.2.50 tcp/81 pick 1 => dropped load-balancer-translates"
        ),
    );
    // The leg's own family is judged.
    admit(&mut draft, "b", "10.0.1.50/32");
    assert_decides(
        draft,
        &format!(
            "a 2600:1::10 -> 2600:1::50 tcp/80 pick 1 => {fine}
             a 10.0.1.10 -> 10.0.1.50 tcp/81 pick 1 => dropped security-group-ingress"
        ),
    );
}

#[test]
fn an_open_target_is_its_own_receiver() {
    let mut draft = balanced();
    for id in ["b", "n1"] {
        let subnet = if id == "b" {
            "10.0.2.0/24"
        } else {
            "10.0.1.0/24"
        };
        interface_mut(&mut draft, id).addresses[0].private =
            AddressValue::Within(block(subnet), hole(id));
    }
    interface(&mut draft, "other", "d", &["10.0.2.99"], &[]);
    let fine = "delivered interface-accepts; reply delivered reply-returns";
    assert_decides(
        draft,
        &format!("a 10.0.1.10 -> 10.0.2.50 tcp/80 pick 1 => {fine}"),
    );
}
