//! Load balancers whose targets see the client's address.

use model::{
    AclAction, GroupRule, ListenerProtocol, NetworkDraft, RulePeer, RuleTraffic, Target, Value,
};

use super::build::*;
use super::load_balancer::{admit, balanced, narrow};

const FINE: &str = "delivered interface-accepts; reply delivered reply-returns";

fn preserving() -> NetworkDraft {
    let mut draft = balanced();
    draft.target_groups[0].preserve_client_address = true;
    draft
}

fn to_b(draft: &NetworkDraft, answer: &str) {
    let line = format!("a 10.0.1.10 -> 10.0.1.50 tcp/80 pick 1 => {answer}");
    assert_decides(draft.clone(), &line);
}

#[test]
fn a_target_sees_the_client() {
    let mut draft = preserving();
    admit(&mut draft, "b", "10.0.1.10/32");
    to_b(&draft, FINE);
    admit(&mut draft, "a", "10.0.1.50/32");
    group(
        &mut draft,
        "node",
        "v",
        vec![rule(RuleTraffic::All, "10.0.1.50/32")],
        vec![],
    );
    set_groups(&mut draft, "a", &["v-open"]);
    set_groups(&mut draft, "b", &["node"]);
    to_b(&draft, "dropped security-group-ingress");
}

#[test]
fn references_mean_the_groups_of_the_node() {
    let mut draft = preserving();
    for name in ["nodes", "clients"] {
        let everything = vec![rule(RuleTraffic::All, "0.0.0.0/0")];
        group(&mut draft, name, "v", everything.clone(), everything);
        let refers = GroupRule {
            traffic: RuleTraffic::All,
            peer: RulePeer::Group(name.into()),
        };
        group(
            &mut draft,
            &format!("from-{name}"),
            "v",
            vec![refers],
            vec![],
        );
    }
    let outside = GroupRule {
        traffic: RuleTraffic::All,
        peer: RulePeer::OutsideGroup("sg-elsewhere".to_owned()),
    };
    group(&mut draft, "from-outside", "v", vec![outside], vec![]);
    set_groups(&mut draft, "a", &["clients"]);
    set_groups(&mut draft, "n1", &["nodes"]);
    for (group, answer) in [
        ("from-nodes", FINE),
        ("from-clients", "dropped security-group-ingress"),
        ("from-outside", "dropped security-group-ingress"),
    ] {
        set_groups(&mut draft, "b", &[group]);
        to_b(&draft, answer);
    }
    interface_mut(&mut draft, "n1").groups = Value::Any(hole("groups"));
    for group in ["from-nodes", "from-clients", "from-outside"] {
        set_groups(&mut draft, "b", &[group]);
        to_b(
            &draft,
            "undetermined security-groups-unknown; reply delivered reply-returns",
        );
    }
    set_groups(&mut draft, "n1", &[]);
    set_groups(&mut draft, "b", &["from-nodes"]);
    to_b(&draft, "dropped security-group-ingress");
}

#[test]
fn no_hairpin() {
    let mut draft = preserving();
    interface_endpoint(
        &mut draft,
        "vpce",
        "com.amazonaws.eu-west-1.kms",
        "k",
        "10.0.2.60",
    );
    target_group(
        &mut draft,
        "hairpin",
        &[
            "interface:a>80",
            "address:10.0.2.60>443",
            "address:10.0.2.50>80",
            "interface:b>80",
        ],
    );
    draft.target_groups[1].preserve_client_address = true;
    listens(&mut draft, ListenerProtocol::Tcp, 81, &["hairpin"]);
    assert_decides(
        draft,
        &format!(
            "a 10.0.1.10 -> 10.0.1.50 tcp/81 pick 1 => dropped load-balancer-preserves
             b 10.0.2.10 -> 10.0.1.50 tcp/81 pick 1 => {FINE}
             a 10.0.1.10 -> 10.0.1.50 tcp/81 pick 2 => dropped load-balancer-preserves
             a 10.0.1.10 -> 10.0.1.50 tcp/81 pick 3 => dropped load-balancer-preserves
             a 10.0.1.10 -> 10.0.1.50 tcp/81 pick 4 => {FINE}
             b 10.0.2.10 -> 10.0.1.50 tcp/81 pick 4 => dropped load-balancer-preserves"
        ),
    );
}

#[test]
fn it_has_to_go_straight() {
    let mut draft = preserving();
    let firewall = appliance(&mut draft, "fw", "s", "10.0.1.70");
    route_by(&mut draft, "s", &[("10.0.2.0/25", firewall)]);
    to_b(&draft, "dropped load-balancer-preserves");
    // The target itself is no device on the way.
    let mut draft = preserving();
    route_by(
        &mut draft,
        "s",
        &[("10.0.2.0/25", Target::NetworkInterface("b".into()))],
    );
    to_b(&draft, FINE);

    let mut draft = preserving();
    target_group(
        &mut draft,
        "far",
        &["address:10.1.0.10>80", "address:8.8.8.8>80"],
    );
    draft.target_groups[1].preserve_client_address = true;
    listens(&mut draft, ListenerProtocol::Tcp, 81, &["far"]);
    vpc(&mut draft, "w", &["10.1.0.0/16"]);
    peering(&mut draft, "p", "v", "w");
    internet_gateway(&mut draft, "v");
    let routes = [
        ("10.1.0.0/16", Target::Peering("p".into())),
        ("0.0.0.0/0", Target::InternetGateway("igw".into())),
    ];
    route_by(&mut draft, "s", &routes);
    assert_decides(
        draft,
        "a 10.0.1.10 -> 10.0.1.50 tcp/81 pick 1 => undetermined load-balancer-preserves; reply undetermined load-balancer-preserves
         a 10.0.1.10 -> 10.0.1.50 tcp/81 pick 2 => dropped load-balancer-preserves
         a 10.0.1.10 -> 10.0.2.50 tcp/81 pick 2 => dropped longest-prefix-match",
    );
}

#[test]
fn the_reply_comes_back_to_the_node_by_itself() {
    let mut draft = preserving();
    // The route back to the client is not asked.
    route_by(&mut draft, "d", &[]);
    let firewall = appliance(&mut draft, "fw", "s", "10.0.1.70");
    route_by(&mut draft, "d", &[("10.0.1.0/28", firewall)]);
    to_b(&draft, FINE);
    // The ACL of the target's subnet is, with the port of the client.
    let taken = entry(1, AclAction::Allow, tcp(8080, 8080), "10.0.1.10/32");
    let one_port = entry(2, AclAction::Allow, tcp(40000, 40000), "10.0.1.10/32");
    narrow(&mut draft, vec![taken.clone(), one_port]);
    to_b(&draft, FINE);
    draft.network_acls.retain(|acl| acl.id.as_str() != "narrow");
    narrow(&mut draft, vec![taken]);
    to_b(
        &draft,
        "delivered interface-accepts; reply dropped network-acl-egress",
    );
}

#[test]
fn the_acl_of_the_node_is_asked_on_the_way_back() {
    let mut draft = preserving();
    subnet(&mut draft, "q", "v", &["10.0.3.0/24"]);
    node(&mut draft, "n3", "q", &["10.0.3.50"]);
    acl(&mut draft, "one-way", "v", vec![allow(2, "0.0.0.0/0")]);
    let deaf = entry(1, AclAction::Deny, RuleTraffic::All, "10.0.2.10/32");
    let one_way = draft.network_acls.last_mut().expect("an ACL");
    one_way.ingress.push(deaf);
    let answer = "delivered interface-accepts; reply dropped network-acl-ingress";
    draft.subnets[2].network_acl = Value::Known("one-way".into());
    assert_decides(
        draft,
        &format!("a 10.0.1.10 -> 10.0.3.50 tcp/80 pick 1 => {answer}"),
    );
}

#[test]
fn neither_acl_is_asked_inside_one_subnet() {
    let mut draft = preserving();
    let entries = vec![entry(1, AclAction::Allow, tcp(80, 80), "10.0.1.10/32"), {
        // The answer to the client, from the node's own port.
        entry(2, AclAction::Allow, tcp(40000, 40000), "10.0.1.10/32")
    }];
    narrow(&mut draft, entries);
    assert_decides(
        draft,
        &format!("a 10.0.1.10 -> 10.0.2.50 tcp/80 pick 1 => {FINE}"),
    );
}

#[test]
fn a_node_behind_another_one_is_the_client() {
    let mut draft = preserving();
    target_group(&mut draft, "first", &["address:10.0.1.50>80"]);
    nlb(&mut draft, "front");
    node(&mut draft, "f", "s", &["10.0.1.40"]);
    listens(&mut draft, ListenerProtocol::Tcp, 80, &["first"]);
    admit(&mut draft, "b", "10.0.1.40/32");
    let line = "a 10.0.1.10 -> 10.0.1.40 tcp/80 pick 1.1 =>";
    assert_decides(draft.clone(), &format!("{line} {FINE}"));
    // Its port is one that it chose.
    let taken = entry(1, AclAction::Allow, tcp(8080, 8080), "10.0.1.40/32");
    let one_port = entry(2, AclAction::Allow, tcp(40000, 40000), "10.0.1.40/32");
    narrow(&mut draft, vec![taken, one_port]);
    assert_decides(
        draft,
        &format!(
            "{line} delivered interface-accepts; reply undetermined load-balancer-source-port"
        ),
    );
}
