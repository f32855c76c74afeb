//! Random networks with relays: no random flow may gainsay a verdict.

use std::collections::BTreeSet;

use model::{
    Address, Claim, ComponentId, Engine, Family, Hole, Invariant, LoadBalancerKind,
    OnPremisesGateway, Origin, Packet, Place, Quantifier, Scope, Source, Target, TrafficClass,
    Transport, Value, Verdict,
};

use super::checks::{all_traffic, interfaces, invariant, scope, to};
use super::client_vpn::clients;
use super::direct_connect::associations;
use super::lab::{Lab, address, cidr};
use super::properties::{Numbers, entries, group_rules};
use super::relayed::relayed;
use crate::Evaluator;
use crate::check::Found;
use crate::claim::{self, Target as Wanted};
use crate::forward::Sender;
use crate::scope::Truth;

const LISTENED: [u16; 3] = [443, 80, 8080];
pub const RELAYS: [&str; 7] = [
    "10.0.1.100",
    "203.0.113.100",
    "10.0.2.100",
    "10.0.2.101",
    "203.0.113.101",
    "10.0.2.20",
    "10.0.1.50",
];

fn targets(numbers: &mut Numbers, own: &str) -> Vec<String> {
    let pool = [
        "x",
        "y",
        "c",
        "10.0.3.10",
        "10.0.1.99",
        "10.1.1.10",
        "10.0.2.100",
        "8.8.8.8",
        "203.0.113.10",
        "203.0.113.101",
        "10.0.2.20",
        "lb l",
    ];
    let n_targets = 1 + numbers.below(3);
    let all = (0..n_targets).map(|_| {
        let to = numbers.one(&pool);
        let port = LISTENED[numbers.below(3)];
        let to = if own == "l" && to.starts_with("lb") {
            "x"
        } else {
            to
        };
        format!("{to}:{port}")
    });
    all.collect()
}

fn groups(numbers: &mut Numbers, lab: Lab, load_balancer: &str) -> Lab {
    let mut lab = lab;
    let n_groups = 1 + numbers.below(2);
    for position in 0..n_groups {
        let id = format!("{load_balancer}-{position}");
        let targets = targets(numbers, load_balancer);
        let targets: Vec<_> = targets.iter().map(String::as_str).collect();
        lab = lab.target_group(&id, Family::V4, &targets);
        let group = lab.target_group_mut(&id);
        group.cross_zone = !numbers.one_in(3);
        group.preserve_client_address = load_balancer != "l" && numbers.one_in(2);
        if numbers.one_in(12) {
            group.targets = Value::Any(Hole::new("targets"));
        }
    }
    let ids: Vec<_> = (0..n_groups)
        .map(|position| format!("{load_balancer}-{position}"))
        .collect();
    for port in LISTENED {
        if !numbers.one_in(3) {
            let id = ids[numbers.below(ids.len())].as_str();
            lab = lab.listener(load_balancer, port, &[id]);
        }
    }
    lab
}

pub fn random(seed: u64) -> Lab {
    let numbers = &mut Numbers(seed);
    let mut lab = Lab::default()
        .vpc("v", &["10.0.0.0/16"])
        .subnet("a", "v", &["10.0.1.0/24"])
        .subnet("b", "v", &["10.0.2.0/24"])
        .subnet("d", "v", &["10.0.3.0/24"])
        .vpc("w", &["10.0.0.0/16"])
        .subnet("f", "w", &["10.0.1.0/24"])
        .list("known", false, Some(&["10.0.1.0/24"]))
        .list("managed", true, Some(&["52.219.0.0/20"]))
        .list("unknown", true, None)
        .group("g", "v", vec![], vec![])
        .group("h", "v", vec![], vec![])
        .internet_gateway("i", Some("v"))
        .route("v", "0.0.0.0/0", Target::InternetGateway("i".into()))
        .virtual_private_gateway("p", Some("v"), &["172.16.0.0/16"])
        .route(
            "v",
            "172.16.0.0/16",
            Target::VirtualPrivateGateway("p".into()),
        )
        .interface("c", "a", "v", &["10.0.1.10=203.0.113.10"])
        .interface("x", "b", "v", &["10.0.2.10"])
        .interface("y", "d", "v", &["10.0.3.10"])
        .interface("z", "f", "w", &["10.0.1.10"]);
    let node = LoadBalancerKind::Network;
    lab = lab
        .load_balancer(
            "n",
            node,
            &[
                ("a", "v", "10.0.1.100=203.0.113.100"),
                ("b", "v", "10.0.2.100"),
            ],
        )
        .load_balancer(
            "l",
            LoadBalancerKind::Application,
            &[("b", "v", "10.0.2.101=203.0.113.101")],
        )
        .load_balancer("s", node, &[("f", "w", "10.0.1.50")])
        .interface_endpoint("e", "v", "b", "10.0.2.20")
        .endpoint_service("service", &["s"])
        .with(|lab| lab.endpoint_mut("e").service = "service".into());
    for id in ["n", "l", "s"] {
        lab = groups(numbers, lab, id);
    }
    for (id, subnet) in [("acl-a", "a"), ("acl-b", "b"), ("acl-d", "d")] {
        if numbers.one_in(4) {
            lab = lab.acl(id, "v", &[subnet], entries(numbers), entries(numbers));
        }
    }
    for position in [2, 3] {
        let group = &mut lab.draft.security_groups[position];
        (group.ingress, group.egress) = (group_rules(numbers), group_rules(numbers));
    }
    for id in ["c", "x", "y", "n-a", "n-b", "l-b", "e"] {
        let group = ["v", "v", "v", "v", "v", "v", "g", "h", ""][numbers.below(9)];
        let groups = &mut lab.interface_mut(id).groups;
        *groups = match group {
            "" if numbers.one_in(4) => Value::Any(Hole::new("groups")),
            "" => Value::Known(BTreeSet::new()),
            id => Value::Known(BTreeSet::from([id.into()])),
        };
    }
    for subnet in ["a", "b", "d", "f"] {
        if !numbers.one_in(4) {
            lab = lab.zone(subnet, ["one", "two"][numbers.below(2)]);
        }
    }
    if numbers.one_in(3) {
        let blocks = ["10.0.0.0/16", "10.0.1.0/24", "10.0.2.100/31", "0.0.0.0/0"];
        lab = clients(numbers, lab, &["y"], &["d", "a"], &blocks);
    }
    if numbers.one_in(4) {
        let gateway = OnPremisesGateway::VirtualPrivate("p".into());
        lab = associations(numbers, lab, gateway, &["10.0.0.0/16", "10.0.1.0/24"]);
    }
    lab
}

fn question(numbers: &mut Numbers) -> Invariant {
    let from = match numbers.below(4) {
        0 => Origin::Internet(None),
        1 => Origin::OnPremises {
            blocks: None,
            resolver: None,
        },
        _ => interfaces(&["c", "y"]),
    };
    let place = match numbers.below(6) {
        0 => Place::Cidrs(BTreeSet::from([cidr("10.0.2.0/24")])),
        1 => to(&["l-b", "n-b"]),
        2 => to(&["z", "s-f"]),
        3 => to(&["y"]),
        _ => to(&["x"]),
    };
    let classes = match numbers.below(3) {
        0 => all_traffic(),
        _ => {
            let port = LISTENED[numbers.below(3)];
            vec![TrafficClass::Tcp {
                source_ports: 0..=u16::MAX,
                destination_ports: port..=port,
            }]
        }
    };
    let load_balancer = BTreeSet::from([ComponentId::LoadBalancer("l".into())]);
    let claim = match numbers.below(4) {
        0 => Claim::Not(Box::new(Claim::Delivered)),
        1 => Claim::Answered,
        2 => Claim::Not(Box::new(Claim::Answered)),
        _ => Claim::Traverses(vec![load_balancer]),
    };
    let scope: Scope = relayed(scope(from, place, classes));
    invariant(Quantifier::Every, scope, claim)
}

fn flow(evaluator: &Evaluator, numbers: &mut Numbers, invariant: &Invariant) -> Found {
    let beyond = OnPremisesGateway::VirtualPrivate("p".into());
    let (sender, sources): (_, &[&str]) = match (&invariant.scope.from[..], numbers.below(2)) {
        ([Origin::Interfaces(_)], 0) => (Source::Interface("c".into()), &["10.0.1.10"]),
        ([Origin::Interfaces(_)], _) => (Source::Interface("y".into()), &["10.0.3.10"]),
        ([Origin::OnPremises { .. }], _) => {
            let sources = &["172.16.0.1", "172.16.9.9", "8.8.8.8", "192.168.0.1"];
            (Source::OnPremises(beyond), sources)
        }
        _ => {
            let sources = &["8.8.8.8", "52.219.0.1", "1.2.3.4", "198.51.100.1"];
            (Source::Internet, sources)
        }
    };
    let source = numbers.one(sources);
    let source_port = [0, 22, 1023, 1024, 40000, 65535][numbers.below(6)];
    let destination_port = LISTENED[numbers.below(3)];
    let transport = match numbers.one_in(3) {
        true => Transport::Udp {
            source_port,
            destination_port,
        },
        false => Transport::Tcp {
            source_port,
            destination_port,
        },
    };
    let to: Address = address(numbers.one(&RELAYS));
    let n_picks = 1 + numbers.below(3);
    Found {
        sender: evaluator.sender(&sender).0,
        packet: Packet::new(address(source), to, transport).expect("one family"),
        picks: (0..n_picks).map(|_| 1 + numbers.below(3) as u16).collect(),
        is_relayed: true,
    }
}

/// PROVED, VACUOUS and UNKNOWN are not gainsaid by any flow, and what a flow shows is found.
#[test]
fn verdicts_hold_for_random_relayed_flows() {
    let (mut n_true, mut n_open, mut n_proved) = (0, 0, 0);
    for seed in 0..400 {
        let evaluator = random(seed).load();
        let numbers = &mut Numbers(seed + 1_000_000);
        for _ in 0..3 {
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
            let asked = evaluator.question(
                &evaluator.network,
                &evaluator.compiled,
                &wanted,
                &permissions,
                &invariant,
            );
            for _ in 0..1500 {
                let found = flow(&evaluator, numbers, &invariant);
                let source = found.packet.source();
                let outside = !matches!(found.sender, Sender::Interface(_));
                if outside && !asked.scope.sends_from(found.sender, source) {
                    continue;
                }
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

/// decide(f) = trace(f).decision, whatever is picked.
#[test]
fn flows_with_picks_are_decided_as_they_are_traced() {
    let mut n_long = 0;
    for seed in 0..200 {
        let evaluator = random(seed).load();
        let numbers = &mut Numbers(seed + 2_000_000);
        for _ in 0..300 {
            let invariant = question(numbers);
            let found = flow(&evaluator, numbers, &invariant);
            let source = asked_source(&evaluator, found.sender);
            let flow = model::Flow {
                source,
                packet: found.packet,
                picks: found.picks,
            };
            let trace = evaluator.trace(&flow);
            assert_eq!(evaluator.decide(&flow), trace.decision, "{flow}");
            let accepted = trace.forward.iter();
            let n_accepted = accepted.filter(|hop| hop.clause == model::Clause::InterfaceAccepts);
            n_long += usize::from(n_accepted.count() > 2);
        }
    }
    assert!(n_long > 50, "{n_long}");
}

fn asked_source(evaluator: &Evaluator, sender: Sender) -> Source {
    let names = &evaluator.compiled.names;
    match sender {
        Sender::Interface(index) => Source::Interface(names.interfaces.id(index).clone()),
        Sender::OnPremises(gateway) => Source::OnPremises(names.gateway_id(gateway)),
        Sender::Internet | Sender::Nobody => Source::Internet,
    }
}
