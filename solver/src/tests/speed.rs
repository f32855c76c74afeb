//! How long it takes; the numbers are printed, not judged.

use std::time::Instant;

use model::{
    AclAction, Attachment, Claim, Engine, GroupRule, InternetGateway, NatGateway, NetworkDraft,
    NetworkInterface, Place, Quantifier, RulePeer, RuleTraffic, Target,
};

use super::build::*;
use crate::Solver;

#[test]
fn decisions_per_second_on_a_tiny_network() {
    let mut draft = two_subnets();
    vpc(&mut draft, "w", &["10.1.0.0/16"]);
    subnet(&mut draft, "e", "w", &["10.1.1.0/24"]);
    subnet(&mut draft, "f", "w", &["10.1.2.0/24"]);
    interface(&mut draft, "c", "e", &["10.1.1.10"], &["w-open"]);
    peering(&mut draft, "p", "v", "w");
    add_route(
        &mut draft,
        "v-main",
        to("10.1.0.0/16", Target::Peering("p".into())),
    );
    add_route(
        &mut draft,
        "w-main",
        to("10.0.0.0/16", Target::Peering("p".into())),
    );
    let network = valid(draft);
    let start = Instant::now();
    let solver = Solver::load(&network);
    let flow = flow("a 10.0.1.10 -> 10.1.1.10 tcp/443");
    solver.decide(&flow);
    println!("load and first flow: {:?}", start.elapsed());
    let start = Instant::now();
    for _ in 0..1000 {
        solver.decide(&flow);
    }
    println!("each flow: {:?}", start.elapsed() / 1000);
    let start = Instant::now();
    let claim = every(&["a"], to_interfaces(&["c"]), Claim::Answered);
    println!("{:?}", solver.check(&claim));
    println!("one claim: {:?}", start.elapsed());
}

/// Ten VPCs of ten subnets of ten interfaces, a hub that all are peered to, and everything on the way out.
fn large() -> NetworkDraft {
    let mut draft = NetworkDraft::default();
    for v in 0..10 {
        let id = format!("v{v}");
        vpc(&mut draft, &id, &[&format!("10.{v}.0.0/16")]);
        for tier in ["web", "app", "db"] {
            let before = match tier {
                "web" => None,
                "app" => Some("web"),
                _ => Some("app"),
            };
            let mut ingress: Vec<GroupRule> = (0..10)
                .map(|n| rule(tcp(22, 22), &format!("10.{n}.9.0/24")))
                .collect();
            ingress.push(match before {
                None => rule(tcp(443, 443), "0.0.0.0/0"),
                Some(before) => GroupRule {
                    traffic: tcp(8080, 8090),
                    peer: RulePeer::Group(format!("v{v}-{before}").as_str().into()),
                },
            });
            let egress = vec![rule(RuleTraffic::All, "0.0.0.0/0")];
            group(&mut draft, &format!("v{v}-{tier}"), &id, ingress, egress);
        }
        for s in 0..10 {
            let sid = format!("v{v}-s{s}");
            subnet(&mut draft, &sid, &id, &[&format!("10.{v}.{s}.0/24")]);
            for i in 0..10 {
                let tier = ["web", "app", "db"][(s + i) % 3];
                let public = if s == 0 {
                    format!("=52.{v}.{s}.{i}")
                } else {
                    String::new()
                };
                let address = format!(
                    "10.{v}.{s}.{}{public}",
                    10 + (i * 23 + s * 31 + v * 17) % 180
                );
                interface(
                    &mut draft,
                    &format!("v{v}-s{s}-i{i}"),
                    &sid,
                    &[&address],
                    &[&format!("v{v}-{tier}")],
                );
            }
        }
        draft.internet_gateways.push(InternetGateway {
            id: format!("igw{v}").as_str().into(),
            vpc: Some(id.as_str().into()),
            edge_route_table: None,
            tags: Default::default(),
        });
        let nat = format!("nat{v}");
        draft.network_interfaces.push(NetworkInterface {
            id: format!("{nat}-if").as_str().into(),
            subnet: format!("v{v}-s0").as_str().into(),
            addresses: vec![model::InterfaceAddress {
                private: model::AddressValue::Known(address(&format!("10.{v}.0.200"))),
                public: Some(model::AddressValue::Known(address(&format!(
                    "52.{v}.0.200"
                )))),
            }],
            groups: model::Value::Known(Default::default()),
            source_destination_check: false,
            middlebox: model::Middlebox::Unknown,
            attachment: Attachment::NatGateway(nat.as_str().into()),
            tags: Default::default(),
        });
        draft.nat_gateways.push(NatGateway {
            id: nat.as_str().into(),
            subnet: format!("v{v}-s0").as_str().into(),
            interface: format!("{nat}-if").as_str().into(),
            available: true,
            tags: Default::default(),
        });
        table(&mut draft, &format!("v{v}-public"), &id);
        add_route(
            &mut draft,
            &format!("v{v}-public"),
            to(
                "0.0.0.0/0",
                Target::InternetGateway(format!("igw{v}").as_str().into()),
            ),
        );
        add_route(
            &mut draft,
            &format!("v{v}-main"),
            to("0.0.0.0/0", Target::NatGateway(nat.as_str().into())),
        );
        let position = draft.subnets.len() - 10;
        draft.subnets[position].route_table =
            Some(model::Value::Known(format!("v{v}-public").as_str().into()));
        acl(
            &mut draft,
            &format!("v{v}-acl"),
            &id,
            vec![
                entry(10, AclAction::Deny, tcp(23, 23), "0.0.0.0/0"),
                entry(20, AclAction::Deny, RuleTraffic::All, "203.0.113.0/24"),
                allow(30, "10.0.0.0/8"),
                entry(40, AclAction::Allow, tcp(443, 443), "0.0.0.0/0"),
                entry(50, AclAction::Allow, tcp(1024, 65535), "0.0.0.0/0"),
            ],
        );
        for s in draft.subnets.iter_mut().skip(position + 5) {
            s.network_acl = model::Value::Known(format!("v{v}-acl").as_str().into());
        }
    }
    for v in 1..10 {
        let id = format!("p{v}");
        peering(&mut draft, &id, "v0", &format!("v{v}"));
        for (here, there) in [(0, v), (v, 0)] {
            for kind in ["main", "public"] {
                add_route(
                    &mut draft,
                    &format!("v{here}-{kind}"),
                    to(
                        &format!("10.{there}.0.0/16"),
                        Target::Peering(id.as_str().into()),
                    ),
                );
            }
        }
    }
    draft
}

#[test]
fn ten_claims_about_a_thousand_interfaces() {
    let network = valid(large());
    let all = |tier: usize| -> Vec<String> {
        (0..1000)
            .map(|n| (n / 100, n / 10 % 10, n % 10))
            .filter(|(_, s, i)| (s + i) % 3 == tier)
            .map(|(v, s, i)| format!("v{v}-s{s}-i{i}"))
            .collect()
    };
    let (web, app, db) = (all(0), all(1), all(2));
    fn names(list: &[String]) -> Vec<&str> {
        list.iter().map(String::as_str).collect()
    }
    let (web, app, db) = (names(&web), names(&app), names(&db));
    let start = Instant::now();
    let solver = Solver::load(&network);
    println!("load: {:?}", start.elapsed());
    let not = |claim| Claim::Not(Box::new(claim));
    let traffic = |mut invariant: model::Invariant, port| {
        invariant.scope.traffic = tcp_traffic(port..=port);
        invariant
    };
    let mut claims = vec![
        (
            "internet never to db",
            every_from_internet(to_interfaces(&db), not(Claim::Delivered)),
        ),
        (
            "web never to db 8080",
            traffic(every(&web, to_interfaces(&db), not(Claim::Delivered)), 8080),
        ),
        (
            "app to db answered 8080",
            traffic(every(&app, to_interfaces(&db), Claim::Answered), 8080),
        ),
        (
            "web to app anything",
            every(&web, to_interfaces(&app), not(Claim::Delivered)),
        ),
        (
            "db out by nat",
            every(&db, Place::Internet, Claim::Delivered),
        ),
        (
            "db out is answered",
            every(&db, Place::Internet, Claim::Answered),
        ),
        (
            "internet to web 443",
            traffic(
                every_from_internet(to_interfaces(&web), Claim::Answered),
                443,
            ),
        ),
        (
            "internet to app",
            every_from_internet(to_interfaces(&app), not(Claim::Delivered)),
        ),
        (
            "telnet",
            traffic(every(&web, to_interfaces(&web), not(Claim::Delivered)), 23),
        ),
    ];
    let mut some = every(&app, to_interfaces(&db), Claim::Answered);
    some.quantifier = Quantifier::Exists;
    claims.push(("some app to db", some));
    let start = Instant::now();
    for (name, invariant) in claims {
        let start = Instant::now();
        let verdict = solver.check(&invariant);
        let text = format!("{verdict:?}");
        let verdict: String = text.chars().take(200).collect();
        println!("{name}: {:?} {verdict}", start.elapsed());
    }
    println!("ten claims: {:?}", start.elapsed());
}

#[test]
fn claims_about_a_plan_whose_addresses_are_all_open() {
    let mut draft = large();
    for interface in &mut draft.network_interfaces {
        let name = interface.id.to_string();
        let subnet = draft
            .subnets
            .iter()
            .find(|one| one.id == interface.subnet)
            .expect("a subnet");
        let hole = hole(&format!("{name}.private_ip"));
        interface.addresses[0].private = model::AddressValue::Within(subnet.cidrs[0], hole);
    }
    let network = valid(draft);
    let solver = Solver::load(&network);
    let names: Vec<String> = (0..1000)
        .map(|n| format!("v{}-s{}-i{}", n / 100, n / 10 % 10, n % 10))
        .filter(|name| name.starts_with("v3"))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let claim = every(&names, Place::Internet, Claim::Answered);
    let start = Instant::now();
    let text = format!("{:?}", solver.check(&claim));
    let text: String = text.chars().take(150).collect();
    println!("open: {:?} {text}", start.elapsed());
}

/// In each of ten VPCs two internet-facing load balancers with five nodes and twenty targets.
#[test]
fn claims_about_relayed_flows() {
    let mut draft = large();
    for v in 0..10 {
        for number in 0..2 {
            let id = format!("v{v}-nlb{number}");
            let targets: Vec<String> = (0..20)
                .map(|t| format!("interface:v{v}-s{}-i{}>8080", t % 10, t / 10))
                .collect();
            let targets: Vec<&str> = targets.iter().map(String::as_str).collect();
            target_group(&mut draft, &id, &targets);
            draft
                .target_groups
                .last_mut()
                .expect("one")
                .preserve_client_address = number == 1;
            nlb(&mut draft, &id);
            for n in 0..5 {
                let public = if n == 0 {
                    format!("=53.{v}.0.{number}")
                } else {
                    String::new()
                };
                let address = format!("10.{v}.{n}.{}{public}", 210 + number);
                let node_id = format!("{id}-{n}");
                node(&mut draft, &node_id, &format!("v{v}-s{n}"), &[&address]);
            }
            listens(&mut draft, model::ListenerProtocol::Tcp, 443, &[&id]);
        }
    }
    let start = Instant::now();
    let solver = Solver::load(&valid(draft));
    let to = to_interfaces(&["v3-s1-i0", "v3-s2-i1", "v4-s2-i1"]);
    for (name, mut claim) in [
        (
            "one vpc",
            every(&["v3-s9-i9"], to.clone(), Claim::Delivered),
        ),
        ("internet", every_from_internet(to, Claim::Answered)),
    ] {
        claim.claim = Claim::Not(Box::new(claim.claim));
        claim.scope.relayed = true;
        let verdict = format!("{:?}", solver.check(&claim));
        let verdict: String = verdict.chars().take(200).collect();
        println!("{name}: {:?} {verdict}", start.elapsed());
    }
}
