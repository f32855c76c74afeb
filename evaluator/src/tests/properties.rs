use std::collections::BTreeSet;

use model::{
    Address, Cidr, Clause, EgressOnlyInternetGateway, Engine, Family, Flow, Hole, IcmpFilter,
    Packet, Place, Route, RouteDestination, RouteOrigin, RouteState, RulePeer, RulePorts,
    RuleTraffic, Source, Target, Transport, Value,
};

use super::checks::{all_traffic, always, interfaces, never, scope, sometimes, to};
use super::devices::with_devices;
use super::lab::{Lab, address, cidr, rule};
use crate::Evaluator;
use crate::cells::Cells;
use crate::forward::{self, Sender};
use crate::on_premises::Gateway;
use crate::reply;
use crate::scope::Scope;
use crate::walk::Silent;

/// A generator of numbers that needs no crate: SplitMix64.
pub struct Numbers(pub u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    pub fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }

    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

const BLOCKS: [&str; 26] = [
    "0.0.0.0/0",
    "10.0.0.0/8",
    "10.0.0.0/16",
    "10.0.1.0/24",
    "10.0.1.10/32",
    "10.0.1.8/29",
    "10.1.0.0/16",
    "10.1.1.10/32",
    "10.2.0.0/16",
    "10.2.1.10/32",
    "10.0.2.0/24",
    "8.8.8.0/24",
    "8.8.8.8/32",
    "52.219.0.0/20",
    "203.0.113.0/24",
    "203.0.113.10/32",
    "::/0",
    "2600:1f00::/56",
    "2600:1f00::/64",
    "2600:1f00::a/128",
    "2001:db8::/32",
    "2600:1f01::/56",
    "64:ff9b::/96",
    "64:ff9b::a00:200/120",
    "64:ff9b::808:808/128",
    "64:ff9b::a01:0/112",
];
const PORTS: [u16; 9] = [0, 22, 80, 443, 1023, 1024, 40000, 65534, 65535];

fn traffic(numbers: &mut Numbers) -> RuleTraffic {
    let port = |numbers: &mut Numbers| PORTS[numbers.below(PORTS.len())];
    let ports = |numbers: &mut Numbers| {
        let (one, other) = (port(numbers), port(numbers));
        RulePorts {
            from: one.min(other),
            to: one.max(other),
        }
    };
    let filter = |numbers: &mut Numbers| {
        let icmp_type = (!numbers.one_in(3)).then(|| [0, 3, 8, 128, 129][numbers.below(5)]);
        let code = icmp_type
            .filter(|_| numbers.one_in(2))
            .map(|_| numbers.below(2) as u8);
        IcmpFilter { icmp_type, code }
    };
    match numbers.below(8) {
        0 | 1 => RuleTraffic::All,
        2 | 3 => RuleTraffic::Tcp(ports(numbers)),
        4 => RuleTraffic::Udp(ports(numbers)),
        5 => RuleTraffic::Icmp(filter(numbers)),
        6 => RuleTraffic::Icmpv6(filter(numbers)),
        _ => RuleTraffic::Protocol([6, 47, 58, 132][numbers.below(4)]),
    }
}

pub fn group_rules(numbers: &mut Numbers) -> Vec<model::GroupRule> {
    let n_rules = numbers.below(4);
    let peer = |numbers: &mut Numbers| match numbers.below(8) {
        0 => RulePeer::PrefixList(["known", "managed", "unknown"][numbers.below(3)].into()),
        1 | 2 => RulePeer::Group(["g", "h", "w"][numbers.below(3)].into()),
        3 if numbers.one_in(3) => RulePeer::OutsideGroup("sg-outside".into()),
        _ => RulePeer::Cidr(cidr(numbers.one(&BLOCKS))),
    };
    (0..n_rules)
        .map(|_| rule(traffic(numbers), peer(numbers)))
        .collect()
}

pub fn entries(numbers: &mut Numbers) -> Vec<model::AclEntry> {
    let n_entries = numbers.below(5) as u16;
    let mut entries: Vec<_> = (1..=n_entries)
        .map(|number| {
            let action = if numbers.one_in(3) {
                model::AclAction::Deny
            } else {
                model::AclAction::Allow
            };
            super::lab::entry(number, action, traffic(numbers), numbers.one(&BLOCKS))
        })
        .collect();
    entries.push(super::lab::allow(100, RuleTraffic::All, "0.0.0.0/0"));
    entries
}

fn routes(numbers: &mut Numbers, table: &str, lab: &mut Lab) {
    let targets = [
        Target::InternetGateway("i".into()),
        Target::NatGateway("n".into()),
        Target::Peering("q".into()),
        Target::GatewayEndpoint("s".into()),
        Target::EgressOnlyInternetGateway("e".into()),
        Target::Unmodelled {
            kind: "transit-gateway".into(),
            id: "t".into(),
        },
    ];
    let mut used = BTreeSet::new();
    for _ in 0..numbers.below(6) {
        let destination = match numbers.below(6) {
            0 => RouteDestination::PrefixList(["known", "managed"][numbers.below(2)].into()),
            _ => RouteDestination::Cidr(cidr(numbers.one(&BLOCKS))),
        };
        if matches!(&destination, RouteDestination::Cidr(cidr) if *cidr == "10.0.0.0/16".parse().unwrap() || *cidr == "2600:1f00::/56".parse().unwrap())
        {
            continue;
        }
        if !used.insert(destination.clone()) {
            continue;
        }
        let hole = || Hole::new("a route");
        lab.table_mut(table).routes.push(Route {
            destination: match numbers.below(12) {
                0 => Value::OneOf(
                    vec![destination, RouteDestination::Cidr(cidr("8.8.8.8/32"))],
                    hole(),
                ),
                _ => Value::Known(destination),
            },
            target: match numbers.below(20) {
                0 => Value::Any(hole()),
                _ => Value::Known(targets[numbers.below(targets.len())].clone()),
            },
            origin: if numbers.one_in(5) {
                RouteOrigin::Propagated
            } else {
                RouteOrigin::Static
            },
            state: if numbers.one_in(10) {
                RouteState::Blackhole
            } else {
                RouteState::Active
            },
        });
    }
}

/// Two peered VPCs, the one with every kind of gateway, and random rules and routes.
pub fn random(seed: u64) -> Lab {
    let numbers = &mut Numbers(seed);
    let mut lab = Lab::default()
        .vpc("v", &["10.0.0.0/16", "2600:1f00::/56"])
        .vpc("w", &["10.1.0.0/16", "2600:1f01::/56"])
        .subnet("a", "v", &["10.0.1.0/24", "2600:1f00::/64"])
        .subnet("b", "v", &["10.0.2.0/24"])
        .subnet("c", "w", &["10.1.1.0/24", "2600:1f01::/64"])
        .list(
            "known",
            false,
            Some(&["8.8.8.0/24", "10.0.1.10/32", "10.0.0.0/8"]),
        )
        .list("managed", true, Some(&["52.219.0.0/20"]))
        .list("unknown", numbers.one_in(2), None)
        .group("g", "v", group_rules(numbers), group_rules(numbers))
        .group("h", "v", group_rules(numbers), group_rules(numbers))
        .interface("x", "a", "g", &["10.0.1.10=203.0.113.10", "2600:1f00::a"])
        .interface("y", "b", "h", &["10.0.2.10"])
        .interface("z", "c", "w", &["10.1.1.10=203.0.113.20", "2600:1f01::a"])
        .interface("u", "a", "v", &["10.0.1.11", "2600:1f00::b"])
        .interface("p", "b", "v", &["10.0.2.12"])
        .internet_gateway("i", (!numbers.one_in(8)).then_some("v"))
        .internet_gateway("j", Some("w"))
        .nat_gateway("n", "a", "v", &["10.0.1.99=203.0.113.99"])
        .peering("q", "v", "w")
        .gateway_endpoint("s", "v", "managed")
        .interface_endpoint("k", "v", "b", "10.0.2.20")
        .with(|lab| {
            lab.draft
                .egress_only_internet_gateways
                .push(EgressOnlyInternetGateway {
                    id: "e".into(),
                    vpc: "v".into(),
                    tags: Default::default(),
                });
        })
        .table("private", "v", &["b"]);
    let acls = [("m", "v", "a"), ("o", "v", "b"), ("r", "w", "c")];
    for (id, vpc, subnet) in acls {
        if numbers.one_in(2) {
            lab = lab.acl(id, vpc, &[subnet], entries(numbers), entries(numbers));
        }
    }
    if numbers.one_in(2) {
        lab = lab
            .route("v", "0.0.0.0/0", Target::InternetGateway("i".into()))
            .route("private", "0.0.0.0/0", Target::NatGateway("n".into()))
            .route("w", "10.0.0.0/16", Target::Peering("q".into()))
            .route("v", "10.1.0.0/16", Target::Peering("q".into()));
    } else {
        routes(numbers, "v", &mut lab);
        routes(numbers, "private", &mut lab);
        lab = lab.route("w", "0.0.0.0/0", Target::Peering("q".into()));
    }
    if numbers.one_in(2) {
        lab = lab.route("w", "203.0.113.0/24", Target::InternetGateway("j".into()));
        lab = lab.route("w", "2600:1f00::/56", Target::InternetGateway("j".into()));
    }
    if numbers.one_in(6) {
        lab.interface_mut("y").groups = Value::Any(Hole::new("groups of y"));
    }
    if numbers.one_in(6) {
        let sets = ["g", "h"].map(|id| BTreeSet::from([id.into()]));
        lab.interface_mut("u").groups = Value::OneOf(sets.into(), Hole::new("groups of u"));
    }
    lab
}

pub fn random_address(numbers: &mut Numbers, family: Family) -> Address {
    loop {
        let block: Cidr = cidr(numbers.one(&BLOCKS));
        let found = match numbers.below(4) {
            0 => address(numbers.one(&[
                "10.0.1.10",
                "10.0.1.11",
                "10.0.2.10",
                "10.0.2.12",
                "10.0.2.20",
                "10.1.1.10",
                "10.0.1.99",
                "203.0.113.10",
                "203.0.113.99",
                "203.0.113.20",
                "2600:1f01::a",
                "8.8.8.8",
                "52.219.1.1",
                "169.254.169.254",
                "10.0.0.2",
                "2600:1f00::a",
                "2600:1f00::b",
                "2001:4860::1",
                "fd00:ec2::254",
                "64:ff9b::1",
                "64:ff9b::a00:20a",
                "64:ff9b::a00:20c",
                "64:ff9b::a01:10a",
                "64:ff9b::808:808",
                "64:ff9b::cb00:710a",
                "10.0.1.1",
                "fe80::1",
                "192.168.1.1",
                "10.9.0.9",
            ])),
            1 => block.base(),
            2 => crate::address::last(block),
            _ => Address::from_bits(
                block.family(),
                block.bits() | u128::from(numbers.next() & 0xff),
            ),
        };
        if found.family() == family {
            return found;
        }
    }
}

pub fn random_transport(numbers: &mut Numbers) -> Transport {
    let port = |numbers: &mut Numbers| match numbers.below(3) {
        0 => numbers.next() as u16,
        _ => PORTS[numbers.below(PORTS.len())].wrapping_add(numbers.below(2) as u16),
    };
    let byte = |numbers: &mut Numbers| match numbers.below(2) {
        0 => numbers.next() as u8,
        _ => [0, 1, 3, 8, 9, 128, 129][numbers.below(7)],
    };
    match numbers.below(6) {
        0 | 1 => Transport::Tcp {
            source_port: port(numbers),
            destination_port: port(numbers),
        },
        2 => Transport::Udp {
            source_port: port(numbers),
            destination_port: port(numbers),
        },
        3 => Transport::Icmp {
            icmp_type: byte(numbers),
            code: byte(numbers),
        },
        4 => Transport::Icmpv6 {
            icmp_type: byte(numbers),
            code: byte(numbers),
        },
        _ => Transport::other(byte(numbers)).unwrap_or(Transport::Icmp {
            icmp_type: 8,
            code: 0,
        }),
    }
}

/// Where classes of sources of requests may begin.
pub fn told() -> Vec<Address> {
    let told = [
        "8.8.8.9",
        "10.0.1.11",
        "10.0.2.0",
        "10.9.0.0",
        "52.219.1.0",
        "192.168.1.2",
        "203.0.113.20",
        "203.0.113.99",
        "2001:4860::2",
        "2600:1f00::b",
    ];
    told.map(address).into()
}

/// Everything that a claim can depend on, as text.
pub fn signature(
    evaluator: &Evaluator,
    scope: &Scope<'_>,
    sender: Sender,
    packet: Packet,
) -> String {
    let held = scope.held(sender, packet.source(), packet.destination());
    let (request, Silent) = forward::walk(&evaluator.compiled, Silent, sender, packet, &[]);
    let (reply, Silent) = reply::walk(&evaluator.compiled, Silent, &request);
    let (outcome, arrived, way) = (request.outcome, request.last.arrived, request.last.way);
    // No claim sees these two, but with them a cell cannot be covered up by another.
    let protocol = std::mem::discriminant(&packet.transport());
    let network = &evaluator.compiled;
    // Only the first two VPCs are always looked at, and from there.
    let near = |vpc| network.vpcs.iter().take(2).any(|(index, _)| index == vpc);
    let mut vpcs = network.vpcs.iter().take(2);
    let to = match sender {
        Sender::Interface(index) if near(network.interfaces[index].vpc) => {
            vpcs.find_map(|(_, vpc)| vpc.owners.at(packet.destination()))
        }
        Sender::OnPremises(Gateway::VirtualPrivate(index)) => {
            let vpc = network.virtual_private[index].vpc;
            vpc.and_then(|vpc| network.vpcs[vpc].owners.at(packet.destination()))
        }
        Sender::Interface(_) | Sender::OnPremises(Gateway::Transit(_)) => None,
        Sender::Internet | Sender::Nobody => network.public_addresses.at(packet.destination()),
    };
    let source = arrived.and_then(|_| network.arriving_source(&request));
    let class = source.map(|source| told().iter().filter(|start| **start <= source).count());
    format!("{held:?} {outcome:?} {arrived:?} {way:?} {reply:?} {protocol:?} {to:?} {class:?}")
}

/// The cells of a sender show everything that any packet of it can show: for every packet p in
/// scope there is a representative r with signature(p) = signature(r).
#[test]
fn every_packet_has_a_representative() {
    let mut n_compared = 0;
    let mut seen = BTreeSet::new();
    let networks = (0..150).map(|seed| (seed, random(seed)));
    let with_devices = (0..70).map(|seed| (seed, with_devices(seed)));
    let senders = ["x", "y", "z", "u", "p", "f", "s", "sh"];
    for (seed, lab) in networks.chain(with_devices) {
        let evaluator = lab.load();
        let everything = ["0.0.0.0/0", "::/0"].map(cidr);
        let mut asked = scope(
            interfaces(&senders),
            Place::Cidrs(everything.into()),
            all_traffic(),
        );
        asked.from.push(model::Origin::Internet(None));
        asked.to.push(to(&["x", "y", "k"]));
        asked.to.push(Place::Internet);
        asked.to.push(Place::Service(
            "com.amazonaws.ap-northeast-1.managed".into(),
        ));
        let looked_up = Scope::new(
            &asked,
            &evaluator.network,
            &evaluator.compiled,
            &evaluator.resolver,
        );
        let cells = Cells::new(&evaluator.compiled, &looked_up, &asked, true, told());
        let mut signatures = BTreeSet::new();
        for strip in cells.seeds().iter().flat_map(|seed| cells.strips(seed)) {
            for transport in strip.transports.each() {
                let packet =
                    Packet::new(strip.source, strip.destination, *transport).expect("one family");
                let told = signature(&evaluator, &looked_up, strip.sender, packet);
                let source = (strip.sender != Sender::Internet).then_some(strip.source);
                signatures.insert((strip.sender, source, told));
            }
        }
        let numbers = &mut Numbers(seed + 1_000_000);
        for _ in 0..3000 {
            let family = if numbers.one_in(3) {
                Family::V6
            } else {
                Family::V4
            };
            let n_known = if lab.draft.transit_gateways.is_empty() {
                5
            } else {
                7
            };
            let (sender, source) = match numbers.below(n_known + 1) {
                0 => (Sender::Internet, random_address(numbers, family)),
                n => {
                    let id = senders[n - 1];
                    let index = evaluator
                        .compiled
                        .names
                        .interfaces
                        .find(&id.into())
                        .expect(id);
                    let own: Vec<_> = evaluator.compiled.interfaces[index]
                        .private_addresses()
                        .collect();
                    (Sender::Interface(index), own[numbers.below(own.len())])
                }
            };
            if sender == Sender::Internet && !looked_up.sends_from(sender, source) {
                continue;
            }
            let destination = random_address(numbers, source.family());
            if looked_up.held(sender, source, destination).is_none() {
                continue;
            }
            let packet =
                Packet::new(source, destination, random_transport(numbers)).expect("one family");
            let told = signature(&evaluator, &looked_up, sender, packet);
            let own = (sender != Sender::Internet).then_some(source);
            assert!(
                signatures.contains(&(sender, own, told.clone())),
                "network {seed}: {packet}: {told}"
            );
            seen.insert(told);
            n_compared += 1;
        }
    }
    assert!(n_compared > 100_000, "{n_compared}");
    assert!(seen.len() > 100, "{}", seen.len());
}

/// decide(f) = trace(f).decision.
#[test]
fn decide_and_trace_are_one() {
    let ids = ["x", "y", "z", "u", "p", "n", "k", "nobody"];
    let networks = (0..60).map(|seed| (seed, random(seed)));
    let with_devices = (0..60).map(|seed| (seed, with_devices(seed)));
    for (seed, lab) in networks.chain(with_devices) {
        let evaluator = lab.load();
        let numbers = &mut Numbers(seed);
        let flows: Vec<_> = (0..500)
            .map(|_| {
                let family = if numbers.one_in(3) {
                    Family::V6
                } else {
                    Family::V4
                };
                let (source, destination) = (
                    random_address(numbers, family),
                    random_address(numbers, family),
                );
                let packet = Packet::new(source, destination, random_transport(numbers));
                let source = match numbers.below(ids.len() + 1) {
                    n if n == ids.len() => Source::Internet,
                    n => Source::Interface(ids[n].into()),
                };
                Flow::new(source, packet.expect("one family"))
            })
            .collect();
        let decisions = evaluator.decide_all(&flows);
        for (flow, decision) in flows.iter().zip(decisions) {
            assert_eq!(evaluator.decide(flow), decision);
            assert_eq!(evaluator.trace(flow).decision, decision, "{flow}");
        }
    }
}

/// check on one thread = check on two.
#[test]
fn verdicts_do_not_depend_on_threads() {
    let pool = |n_threads| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(n_threads)
            .build()
            .expect("a pool")
    };
    for seed in 0..40 {
        let evaluator = random(seed).load();
        let mut asked = scope(
            interfaces(&["x", "y", "z", "u", "p"]),
            to(&["x", "y", "z", "u", "p"]),
            all_traffic(),
        );
        asked.from.push(model::Origin::Internet(None));
        asked.to.push(Place::Internet);
        for invariant in [
            never(asked.clone()),
            always(asked.clone()),
            sometimes(asked.clone()),
        ] {
            let one = pool(1).install(|| evaluator.check(&invariant));
            let two = pool(2).install(|| evaluator.check(&invariant));
            assert_eq!(one, two, "network {seed}");
        }
    }
}

/// The networks with devices show every clause about them.
#[test]
fn devices_are_met() {
    let mut met = BTreeSet::new();
    let mut longest = 0;
    let mut answered = 0;
    for seed in 0..150 {
        let evaluator = with_devices(seed).load();
        let numbers = &mut Numbers(seed);
        for _ in 0..1000 {
            let family = [Family::V4, Family::V4, Family::V6][numbers.below(3)];
            let id = numbers.one(&["x", "y", "z", "u", "s"]);
            let index = evaluator.compiled.names.interfaces.find(&id.into());
            let index = index.expect(id);
            let interface = &evaluator.compiled.interfaces[index];
            let Some(source) = interface
                .private_addresses()
                .find(|address| address.family() == family)
            else {
                continue;
            };
            let packet = Packet::new(
                source,
                random_address(numbers, family),
                random_transport(numbers),
            );
            let packet = packet.expect("one family");
            let network = &evaluator.compiled;
            let (request, Silent) =
                forward::walk(network, Silent, Sender::Interface(index), packet, &[]);
            let (reply, Silent) = reply::walk(network, Silent, &request);
            met.insert(request.ending.clause);
            met.insert(request.outcome.clause);
            met.extend(reply.map(|reply| reply.clause));
            longest = longest.max(request.last.way.devices().count());
            let delivered = reply.is_some_and(|reply| reply.end == crate::walk::End::Delivered);
            answered += usize::from(delivered && !request.last.way.is_empty());
        }
    }
    let wanted = [
        Clause::MiddleboxForwards,
        Clause::GatewayLoadBalancerEndpointInspects,
        Clause::GatewayLoadBalancerEndpointEgressOnly,
        Clause::TransitGatewayAttached,
        Clause::TransitGatewayZone,
        Clause::TransitGatewayAssociation,
        Clause::TransitGatewayRoute,
        Clause::TransitGatewayBlackhole,
        Clause::TransitGatewayUnmodelled,
        Clause::WayLoop,
        Clause::ReplyAsymmetric,
        Clause::InternetGatewayEdgeTable,
    ];
    for clause in wanted {
        assert!(met.contains(&clause), "{clause}");
    }
    assert!(longest >= 3, "{longest}");
    assert!(answered > 300, "{answered}");
}
