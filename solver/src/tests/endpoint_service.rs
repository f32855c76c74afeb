//! Endpoint services: two VPCs with the same blocks, of which one offers a load balancer to the other.

use model::{
    AclAction, Arrival, Engine, GroupRule, ListenerProtocol, NetworkDraft, RulePeer, RuleTraffic,
    Value,
};

use super::build::*;
use crate::Solver;

const FINE: &str = "delivered interface-accepts; reply delivered reply-returns";

/// `a` of VPC v uses an endpoint in the subnet `d` for a service of VPC p, behind which is `server`.
pub(super) fn offered() -> NetworkDraft {
    let mut draft = two_subnets();
    let name = "com.amazonaws.vpce.eu-west-1.vpce-svc-1";
    interface_endpoint(&mut draft, "vpce", name, "e", "10.0.2.60");
    vpc(&mut draft, "p", &["10.0.0.0/16"]);
    subnet(&mut draft, "ps", "p", &["10.0.2.0/24"]);
    interface(&mut draft, "server", "ps", &["10.0.2.10"], &["p-open"]);
    target_group(&mut draft, "tg", &["interface:server>8080"]);
    draft.target_groups[0].preserve_client_address = true;
    nlb(&mut draft, "nlb");
    node(&mut draft, "n", "ps", &["10.0.2.50"]);
    listens(&mut draft, ListenerProtocol::Tcp, 443, &["tg"]);
    endpoint_service(&mut draft, "vpce-svc-1", &["nlb"]);
    zone(&mut draft, "d", "az1");
    zone(&mut draft, "ps", "az1");
    draft
}

#[test]
fn an_endpoint_hands_on_to_a_node() {
    let draft = offered();
    assert_decides(
        draft.clone(),
        &format!(
            "a 10.0.1.10 -> 10.0.2.60 tcp/443 => {FINE}
             a 10.0.1.10 -> 10.0.2.60 tcp/443 pick 1 => {FINE}
             a 10.0.1.10 -> 10.0.2.60 tcp/443 pick 1.1 => {FINE}
             a 10.0.1.10 -> 10.0.2.60 tcp/443 pick 2 => dropped endpoint-service-zone
             a 10.0.1.10 -> 10.0.2.60 tcp/443 pick 1.2 => dropped load-balancer-target
             a 10.0.1.10 -> 10.0.2.60 tcp/80 => {FINE}
             a 10.0.1.10 -> 10.0.2.60 tcp/80 pick 1 => dropped load-balancer-listener
             a 10.0.1.10 -> 10.0.2.60 icmp/8/0 pick 1 => dropped interface-endpoint-protocol"
        ),
    );
    let solver = Solver::load(&valid(draft));
    for (picks, arrival) in [("", "e"), (" pick 1", "n"), (" pick 1.1", "server")] {
        let decision = solver.decide(&flow(&format!("a 10.0.1.10 -> 10.0.2.60 tcp/443{picks}")));
        let arrival = Some(Arrival::Interface(arrival.into()));
        assert_eq!(decision.forward.arrival, arrival, "{picks}");
    }
}

#[test]
fn what_is_not_available_hands_nothing_on() {
    let mut draft = offered();
    draft.vpc_endpoints[0].available = false;
    assert_decides(
        draft,
        "a 10.0.1.10 -> 10.0.2.60 tcp/443 pick 1.1 => dropped interface-endpoint-available",
    );
}

#[test]
fn zones_decide_which_nodes_there_are() {
    let mut draft = offered();
    let line = "a 10.0.1.10 -> 10.0.2.60 tcp/443 pick 1.1 =>";
    let says = |draft: &NetworkDraft, answer: &str| {
        assert_decides(draft.clone(), &format!("{line} {answer}"));
    };
    zone(&mut draft, "ps", "az2");
    says(&draft, "dropped endpoint-service-zone");
    let subnets = &mut draft.subnets;
    let ps = subnets.iter_mut().find(|one| one.id.as_str() == "ps");
    ps.expect("a subnet").zone_id = None;
    says(
        &draft,
        "undetermined endpoint-service-zone; reply delivered reply-returns",
    );
    // Between Regions every node is a candidate.
    zone(&mut draft, "ps", "az2");
    draft.vpcs[1].region = "us-east-1".to_owned();
    says(&draft, FINE);
}

#[test]
fn the_groups_of_the_node_see_the_client() {
    let mut draft = offered();
    let line = "a 10.0.1.10 -> 10.0.2.60 tcp/443 pick 1.1 =>";
    let says = |draft: &NetworkDraft, answer: &str| {
        assert_decides(draft.clone(), &format!("{line} {answer}"));
    };
    let out = || vec![rule(RuleTraffic::All, "0.0.0.0/0")];
    let of_client = vec![rule(tcp(443, 443), "10.0.1.10/32")];
    group(&mut draft, "of-client", "p", of_client, out());
    let of_endpoint = vec![rule(tcp(443, 443), "10.0.2.60/32")];
    group(&mut draft, "of-endpoint", "p", of_endpoint, out());
    let named = [
        RulePeer::Group("p-open".into()),
        RulePeer::OutsideGroup("sg-1".to_owned()),
    ];
    let named = named.map(|peer| GroupRule {
        traffic: RuleTraffic::All,
        peer,
    });
    group(&mut draft, "named", "p", named.to_vec(), out());
    set_groups(&mut draft, "n", &["of-client"]);
    says(&draft, FINE);
    for group in ["of-endpoint", "named"] {
        set_groups(&mut draft, "n", &[group]);
        says(&draft, "dropped security-group-ingress");
    }
    draft.load_balancers[0].private_link_ingress = false;
    says(&draft, FINE);
    draft.load_balancers[0].private_link_ingress = true;
    set_groups(&mut draft, "n", &[]);
    says(&draft, FINE);
}

#[test]
fn targets_see_the_node_and_no_acl_stands_before_it() {
    let mut draft = offered();
    let line = "a 10.0.1.10 -> 10.0.2.60 tcp/443 pick 1.1 =>";
    let of_node = vec![rule(tcp(8080, 8080), "10.0.2.50/32")];
    group(&mut draft, "of-node", "p", of_node, vec![]);
    set_groups(&mut draft, "server", &["of-node"]);
    acl(&mut draft, "closed", "p", vec![]);
    let ps = draft.subnets.iter_mut().find(|one| one.id.as_str() == "ps");
    ps.expect("a subnet").network_acl = Value::Known("closed".into());
    assert_decides(draft.clone(), &format!("{line} {FINE}"));
    // On the consumer's side ACLs are asked as always.
    let narrow = vec![entry(1, AclAction::Allow, tcp(443, 443), "0.0.0.0/0")];
    acl(&mut draft, "narrow", "v", narrow);
    draft.subnets[1].network_acl = Value::Known("narrow".into());
    assert_decides(
        draft,
        &format!("{line} delivered interface-accepts; reply dropped network-acl-egress"),
    );
}

#[test]
fn several_load_balancers_are_candidates_in_order() {
    let mut draft = offered();
    nlb(&mut draft, "another");
    subnet(&mut draft, "pt", "p", &["10.0.3.0/24"]);
    zone(&mut draft, "pt", "az1");
    node(&mut draft, "x", "pt", &["10.0.3.50"]);
    listens(&mut draft, ListenerProtocol::Tcp, 80, &[]);
    draft.endpoint_services[0].load_balancers = ids(&["nlb", "another"]);
    assert_decides(
        draft,
        &format!(
            "a 10.0.1.10 -> 10.0.2.60 tcp/443 pick 1 => dropped load-balancer-listener
             a 10.0.1.10 -> 10.0.2.60 tcp/80 pick 1 => {FINE}
             a 10.0.1.10 -> 10.0.2.60 tcp/443 pick 2.1 => {FINE}"
        ),
    );
}
