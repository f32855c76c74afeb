use model::{
    Address, Clause, ComponentId, Flow, Packet, RouteDestination, RouteState, RuleIndex,
    RuleTraffic, Source, Target, Transport, Value,
};

use super::lab::{Lab, address, cidr, from_cidr, tcp};
use crate::{Admission, Evaluator, RouteChoice};

/// `x` in a subnet with nested routes, one of which is a blackhole, behind a group of three rules.
fn lab() -> Lab {
    let igw = || Target::InternetGateway("i".into());
    Lab::default()
        .vpc("v", &["10.0.0.0/16"])
        .group(
            "g",
            "v",
            vec![
                from_cidr(tcp(22, 22), "20.1.0.0/16"),
                from_cidr(tcp(20, 30), "20.0.0.0/8"),
                from_cidr(tcp(443, 443), "0.0.0.0/0"),
            ],
            vec![from_cidr(RuleTraffic::All, "0.0.0.0/0")],
        )
        .subnet("a", "v", &["10.0.1.0/24"])
        .interface("x", "a", "g", &["10.0.1.10=203.0.113.10"])
        .internet_gateway("i", Some("v"))
        .route("v", "0.0.0.0/0", igw())
        .route("v", "20.0.0.0/8", igw())
        .route("v", "20.1.0.0/16", igw())
        .with(|lab| {
            let block = Value::Known(RouteDestination::Cidr(cidr("20.0.0.0/8")));
            let routes = &mut lab.table_mut("v").routes;
            let route = routes.iter_mut().find(|route| route.destination == block);
            route.unwrap().state = RouteState::Blackhole;
        })
}

/// The addresses at the edges of all blocks, and beside them.
fn probes() -> impl Iterator<Item = Address> {
    let edges = [
        "0.0.0.0",
        "10.0.0.0",
        "10.0.1.10",
        "20.0.0.0",
        "20.1.0.0",
        "20.2.0.0",
        "21.0.0.0",
        "224.0.0.0",
    ];
    edges.into_iter().flat_map(|edge| {
        let bits = address(edge).bits() as u32;
        [bits.wrapping_sub(1), bits, bits.wrapping_add(1)].map(Address::V4)
    })
}

fn packet(from: Address, to: Address, port: u16) -> Packet {
    let transport = Transport::Tcp {
        source_port: 40_000,
        destination_port: port,
    };
    Packet::new(from, to, transport).unwrap()
}

/// The rule by which a walk passes or drops at a component, and the clause.
fn step(
    evaluator: &Evaluator,
    flow: &Flow,
    is_it: impl Fn(&ComponentId) -> bool,
) -> Option<(Option<RuleIndex>, Clause)> {
    let hops = evaluator.trace(flow).forward;
    let hop = hops.into_iter().find(|hop| is_it(&hop.component))?;
    Some((hop.rule, hop.clause))
}

#[test]
fn a_route_is_chosen_as_a_walk_chooses_it() {
    let evaluator = lab().load();
    let routes = evaluator.routes(&"v".into()).unwrap();
    let (mut n_taken, mut n_dropped) = (0, 0);
    for to in probes() {
        let source = Source::Interface("x".into());
        let flow = Flow::new(source, packet(address("10.0.1.10"), to, 443));
        let is_table = |id: &ComponentId| matches!(id, ComponentId::RouteTable(_));
        let Some((rule, clause)) = step(&evaluator, &flow, is_table) else {
            continue;
        };
        match routes.choose(to) {
            RouteChoice::Taken {
                clause: by,
                route: own,
            } => {
                assert_eq!((Some(RuleIndex::Route(own)), by), (rule, clause), "{to}");
                n_taken += 1;
            }
            RouteChoice::Dropped {
                clause: by,
                route: own,
            } => {
                assert_eq!((own.map(RuleIndex::Route), by), (rule, clause), "{to}");
                n_dropped += 1;
            }
            RouteChoice::Open { .. } => panic!("nothing is open: {to}"),
        }
    }
    assert!(n_taken > 10 && n_dropped > 0, "{n_taken} {n_dropped}");
    assert!(evaluator.routes(&"nowhere".into()).is_none());
}

#[test]
fn groups_admit_what_they_admit_on_a_walk_and_name_the_same_rule() {
    let evaluator = lab().load();
    let groups = evaluator.groups(&"x".into()).unwrap();
    let (mut n_admitted, mut n_refused) = (0, 0);
    for from in probes().filter(|from| from.bits() >> 24 > 10 && from.bits() >> 24 < 224) {
        for port in [19, 20, 22, 30, 31, 443] {
            let packet = packet(from, address("203.0.113.10"), port);
            let flow = Flow::new(Source::Internet, packet);
            let is_group = |id: &ComponentId| {
                matches!(
                    id,
                    ComponentId::SecurityGroup(_) | ComponentId::NetworkInterface(_)
                )
            };
            let walked = step(&evaluator, &flow, is_group).unwrap();
            let class = groups.class(from);
            let admission = groups.admit(from, packet.transport());
            assert_eq!(groups.admit_class(class, packet.transport()), admission);
            match admission {
                Admission::Admitted {
                    clause,
                    group,
                    rule,
                } => {
                    assert_eq!(
                        walked,
                        (Some(RuleIndex::IngressRule(rule)), clause),
                        "{flow}"
                    );
                    assert_eq!(group.as_str(), "g");
                    n_admitted += 1;
                }
                Admission::Refused => {
                    assert_eq!(walked, (None, Clause::SecurityGroupIngress), "{flow}");
                    n_refused += 1;
                }
                Admission::Open(clause) => panic!("nothing is open: {clause:?}"),
            }
        }
    }
    assert!(
        n_admitted > 20 && n_refused > 20,
        "{n_admitted} {n_refused}"
    );
    assert!(evaluator.groups(&"nobody".into()).is_none());
}
