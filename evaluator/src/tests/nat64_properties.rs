//! Random networks with NAT64: no random flow may gainsay a verdict of relayed flows.

use std::collections::BTreeSet;

use model::{
    Claim, ComponentId, Engine, Family, Hole, Invariant, LoadBalancerKind, Packet, Place,
    Quantifier, Source, Target, Transport, Value, Verdict,
};

use super::checks::{all_traffic, any_tcp, interfaces, invariant, scope, to};
use super::client_vpn::clients;
use super::lab::{Lab, address, cidr};
use super::nat64::written;
use super::properties::{Numbers, entries, group_rules};
use super::relayed::relayed;
use crate::Evaluator;
use crate::check::Found;
use crate::claim::{self, Target as Wanted};
use crate::scope::Truth;

pub fn random(seed: u64) -> Lab {
    let numbers = &mut Numbers(seed);
    let mut lab = Lab::default()
        .vpc("v", &["10.0.0.0/16", "2600:1f00::/56"])
        .vpc("w", &["10.1.0.0/16"])
        .subnet("a", "v", &["10.0.1.0/24"])
        .subnet("b", "v", &["10.0.2.0/24", "2600:1f00::/64"])
        .subnet("d", "w", &["10.1.1.0/24"])
        .list("known", false, Some(&["8.8.8.0/24", "10.0.0.0/8"]))
        .list("managed", true, Some(&["52.219.0.0/20"]))
        .list("unknown", true, None)
        .group("g", "v", group_rules(numbers), group_rules(numbers))
        .group("h", "v", group_rules(numbers), group_rules(numbers))
        .interface("p", "b", "v", &["10.0.2.10", "2600:1f00::a"])
        .interface("x", "a", "v", &["10.0.1.10"])
        .interface("z", "d", "w", &["10.1.1.10"])
        .internet_gateway("i", Some("v"))
        .peering("q", "v", "w")
        .load_balancer("l", LoadBalancerKind::Network, &[("a", "v", "10.0.1.100")])
        .target_group("t", Family::V4, &["x:80"])
        .listener("l", 443, &["t"])
        .table("public", "v", &["a"])
        .table("private", "v", &["b"]);
    let addresses: &[&str] = match numbers.below(4) {
        0 => &["10.0.1.99=203.0.113.99"],
        1 => &["10.0.1.99", "10.0.1.98"],
        _ => &["10.0.1.99"],
    };
    lab = lab.nat_gateway("n", "a", "v", addresses);
    for block in ["0.0.0.0/0", "8.8.8.0/24", "10.1.0.0/16", "52.219.0.0/20"] {
        let target = match numbers.below(5) {
            0 | 1 => Target::InternetGateway("i".into()),
            2 => Target::Peering("q".into()),
            3 => Target::NatGateway("n".into()),
            _ => continue,
        };
        lab = lab.route("public", block, target);
    }
    for block in ["64:ff9b::/96", "::/0", "64:ff9b::a00:0/104"] {
        if numbers.one_in(2) {
            lab = lab.route("private", block, Target::NatGateway("n".into()));
        }
    }
    for (id, subnet) in [("acl-a", "a"), ("acl-b", "b")] {
        if numbers.one_in(3) {
            let mut open = || {
                let mut all = entries(numbers);
                all.push(super::lab::allow(101, model::RuleTraffic::All, "::/0"));
                all
            };
            lab = lab.acl(id, "v", &[subnet], open(), open());
        }
    }
    for id in ["p", "x", "l-a"] {
        let group = ["v", "v", "g", "h"][numbers.below(4)];
        lab.interface_mut(id).groups = Value::Known(BTreeSet::from([group.into()]));
    }
    if numbers.one_in(8) {
        lab.interface_mut("x").groups = Value::Any(Hole::new("groups of x"));
    }
    if numbers.one_in(3) {
        let blocks = [
            "64:ff9b::/96",
            "64:ff9b::a00:0/104",
            "64:ff9b::808:808/128",
            "64:ff9b::a00:164/128",
            "::/0",
        ];
        let client = ["p", "p", "x"][numbers.below(3)];
        let subnets = if client == "p" {
            ["b", "a"]
        } else {
            ["a", "b"]
        };
        lab = clients(numbers, lab, &[client], &subnets, &blocks);
    }
    lab
}

fn question(numbers: &mut Numbers) -> Invariant {
    let place = match numbers.below(6) {
        0 => Place::Internet,
        1 => Place::Cidrs(BTreeSet::from([cidr("10.0.0.0/8")])),
        2 => Place::Cidrs(BTreeSet::from([cidr("8.8.8.8/32"), cidr("10.0.1.8/29")])),
        3 => to(&["z"]),
        4 => Place::Service("com.amazonaws.ap-northeast-1.managed".into()),
        _ => to(&["x"]),
    };
    let classes = match numbers.one_in(2) {
        true => all_traffic(),
        false => vec![any_tcp()],
    };
    let claim = match numbers.below(4) {
        0 => Claim::Not(Box::new(Claim::Delivered)),
        1 => Claim::Answered,
        2 => Claim::Not(Box::new(Claim::Answered)),
        _ => Claim::Traverses(vec![BTreeSet::from([ComponentId::LoadBalancer(
            "l".into(),
        )])]),
    };
    let scope = relayed(scope(interfaces(&["p"]), place, classes));
    invariant(Quantifier::Every, scope, claim)
}

fn flow(evaluator: &Evaluator, numbers: &mut Numbers) -> Found {
    let to = numbers.one(&[
        "10.0.1.10",
        "10.0.1.11",
        "10.0.1.100",
        "10.1.1.10",
        "10.0.2.10",
        "8.8.8.8",
        "8.8.8.9",
        "52.219.1.1",
        "203.0.113.99",
        "1.2.3.4",
        "10.0.1.99",
        "172.16.0.1",
        "169.254.169.254",
    ]);
    let ports = [0, 22, 80, 443, 1024, 40000, 65535];
    let source_port = ports[numbers.below(7)];
    let destination_port = ports[numbers.below(7)];
    let transport = match numbers.below(4) {
        0 => Transport::Icmpv6 {
            icmp_type: 128,
            code: numbers.below(2) as u8,
        },
        1 => Transport::Udp {
            source_port,
            destination_port,
        },
        _ => Transport::Tcp {
            source_port,
            destination_port,
        },
    };
    let source = Source::Interface("p".into());
    let to = address(&written(to));
    Found {
        sender: evaluator.sender(&source).0,
        packet: Packet::new(address("2600:1f00::a"), to, transport).expect("one family"),
        picks: (0..numbers.below(2)).map(|_| 1).collect(),
        is_relayed: true,
    }
}

#[test]
fn verdicts_hold_for_random_flows_by_nat64() {
    let (mut n_true, mut n_open, mut n_proved) = (0, 0, 0);
    for seed in 0..600 {
        let evaluator = random(seed).load();
        let numbers = &mut Numbers(seed + 1_000_000);
        for _ in 0..4 {
            let invariant = question(numbers);
            let verdict = evaluator.check(&invariant);
            n_proved += usize::from(verdict == Verdict::Holds { witness: None });
            let wanted = Wanted {
                premise: None,
                claim: claim::Claim::new(&invariant.claim, &evaluator.compiled.names),
                quantifier: Quantifier::Every,
            };
            let permissions = evaluator.permissions(&invariant, &wanted);
            let permissions = permissions.ok().flatten().expect("no requests");
            let (network, compiled) = (&evaluator.network, &evaluator.compiled);
            let asked = evaluator.question(network, compiled, &wanted, &permissions, &invariant);
            for _ in 0..400 {
                let found = flow(&evaluator, numbers);
                let told = asked.judge(&found, |judged| asked.target.judge(judged));
                let Some((spoken, wanted)) = told else {
                    continue;
                };
                let shown = format!("network {seed}: {invariant:#?} {found:?} {verdict:?}");
                let violated = matches!(verdict, Verdict::Violated { .. });
                let unknown = matches!(verdict, Verdict::Unknown { .. });
                match wanted {
                    Truth::True => assert!(violated, "{shown}"),
                    Truth::Open => assert!(violated || unknown, "{shown}"),
                    Truth::False => {}
                }
                let vacuous = verdict == Verdict::Vacuous;
                assert!(spoken == Truth::False || !vacuous, "{shown}");
                n_true += usize::from(wanted == Truth::True);
                n_open += usize::from(wanted == Truth::Open);
            }
        }
    }
    assert!(n_true > 1_000, "{n_true}");
    assert!(n_open > 1_000, "{n_open}");
    assert!(n_proved > 100, "{n_proved}");
}
