//! Filters as sets against what the filters decide, packet by packet.

use model::{
    AclAction, AclEntry, Address, Family, IcmpFilter, Packet, RouteDestination, RulePeer,
    RulePorts, RuleTraffic, Target, Transport,
};

use super::lab::{Lab, address, cidr, rule};
use super::properties::{Numbers, random_address, random_transport};
use crate::compiled::Compiled;
use crate::filter_sets::FilterSets;
use crate::filters_as_sets::Direction;
use crate::index::GroupSetIndex;
use crate::network_acl::Side;
use crate::packet_set::PacketSets;
use crate::security_group::Came;
use crate::walk::Filter;

const BLOCKS: [&str; 12] = [
    "0.0.0.0/0",
    "::/0",
    "10.0.0.0/8",
    "10.0.1.0/24",
    "10.0.1.0/25",
    "10.0.1.10/32",
    "10.0.2.0/23",
    "8.8.8.0/24",
    "8.8.8.8/32",
    "2600:1f00::/40",
    "2600:1f00:0:1::/64",
    "2600:1f00:0:1::a/128",
];

pub fn traffic(numbers: &mut Numbers) -> RuleTraffic {
    let ports = [0, 22, 80, 443, 1_024, 5_432, 65_535];
    let ends = [0, 1].map(|_| ports[numbers.below(7)]);
    let ports = RulePorts {
        from: ends[0].min(ends[1]),
        to: ends[0].max(ends[1]),
    };
    let types = [0, 8, 128, 129];
    let icmp_type = (!numbers.one_in(3)).then(|| types[numbers.below(4)]);
    let code = icmp_type.and_then(|_| numbers.one_in(2).then(|| numbers.below(2) as u8));
    let messages = IcmpFilter { icmp_type, code };
    match numbers.below(9) {
        0 => RuleTraffic::All,
        1..=3 => RuleTraffic::Tcp(ports),
        4 | 5 => RuleTraffic::Udp(ports),
        6 => RuleTraffic::Icmp(messages),
        7 => RuleTraffic::Icmpv6(messages),
        _ => RuleTraffic::Protocol([47, 50, 2][numbers.below(3)]),
    }
}

pub fn many_entries(numbers: &mut Numbers, n: u16) -> Vec<AclEntry> {
    let numbered = (1..=n).map(|number| AclEntry {
        number,
        action: match numbers.one_in(3) {
            true => AclAction::Deny,
            false => AclAction::Allow,
        },
        traffic: traffic(numbers),
        cidr: cidr(numbers.one(&BLOCKS)),
    });
    numbered.collect()
}

/// One interface behind an ACL and a group of random lines, some with groups and prefix lists.
fn filtered(seed: u64) -> Lab {
    let numbers = &mut Numbers(seed + 12_000_000);
    let n_entries = [0, 3, 15, 16, 17, 60][numbers.below(6)];
    let sides = [0, 1].map(|_| many_entries(numbers, n_entries));
    let [inbound, outbound] = sides;
    let group_rules = |numbers: &mut Numbers| {
        let n_rules = numbers.below(20);
        let rules = (0..n_rules).map(|_| {
            let peer = match numbers.below(6) {
                0 => RulePeer::Group("g".into()),
                1 => RulePeer::PrefixList("known".into()),
                2 if numbers.one_in(5) => RulePeer::PrefixList("open".into()),
                _ => RulePeer::Cidr(cidr(numbers.one(&BLOCKS))),
            };
            rule(traffic(numbers), peer)
        });
        rules.collect::<Vec<_>>()
    };
    let (ingress, egress) = (group_rules(numbers), group_rules(numbers));
    Lab::default()
        .vpc("v", &["10.0.0.0/16", "2600:1f00::/56"])
        .list("known", false, Some(&["8.8.8.0/24", "10.0.1.0/24"]))
        .list("open", false, None)
        .group("g", "v", ingress, egress)
        .subnet("a", "v", &["10.0.1.0/24", "2600:1f00:0:1::/64"])
        .interface("x", "a", "g", &["10.0.1.10", "2600:1f00:0:1::a"])
        .interface("y", "a", "g", &["10.0.1.11"])
        .acl("n", "v", &["a"], inbound, outbound)
}

fn far(numbers: &mut Numbers) -> Address {
    let family = [Family::V4, Family::V6][numbers.below(2)];
    match numbers.one_in(3) {
        true => random_address(numbers, family),
        false => {
            let near = [
                "10.0.1.10",
                "10.0.1.11",
                "10.0.1.128",
                "10.0.3.1",
                "8.8.8.8",
                "8.8.8.9",
            ];
            let near_v6 = [
                "2600:1f00:0:1::a",
                "2600:1f00:0:1::b",
                "2600:1f00:0:2::",
                "::1",
            ];
            match family {
                Family::V4 => address(numbers.one(&near)),
                Family::V6 => address(numbers.one(&near_v6)),
            }
        }
    }
}

/// The first entry in order that holds the address and the packet, of those that the input has.
fn decided(entries: &[AclEntry], transport: Transport, far: Address) -> bool {
    let mut entries: Vec<_> = entries.iter().collect();
    entries.sort_by_key(|entry| entry.number);
    let mut holding = entries.into_iter().filter(|entry| {
        let holds_far = crate::address::holds(entry.cidr, far);
        let any_icmpv6 = matches!(entry.traffic, RuleTraffic::Icmpv6(_))
            && entry.cidr.family() == Family::V4
            && transport.protocol() == 58;
        holds_far
            && (any_icmpv6 || crate::traffic_extent::Extent::of(&entry.traffic).holds(transport))
    });
    holding
        .next()
        .is_some_and(|entry| entry.action == AclAction::Allow)
}

struct Compared {
    n_acls: usize,
    n_groups: usize,
    n_open: usize,
    n_passing: usize,
}

fn compare(seed: u64, compared: &mut Compared) {
    let lab = filtered(seed);
    let evaluator = lab.load();
    let network: &Compiled = &evaluator.compiled;
    let (mut filters, mut sets) = (FilterSets::default(), PacketSets::new());
    let numbers = &mut Numbers(seed + 13_000_000);
    let acl = network.names.network_acls.find(&"n".into()).expect("n");
    let x = network.names.interfaces.find(&"x".into()).expect("x");
    let groups: GroupSetIndex = network.interfaces[x].groups.candidates()[0];
    let drafted = &lab
        .draft
        .network_acls
        .iter()
        .find(|acl| acl.id.as_str() == "n")
        .expect("n");
    let directions = [Direction::Inbound, Direction::Outbound];
    let whole_acls = directions.map(|one| evaluator.network_acl_set(&mut sets, &"n".into(), one));
    let whole_groups = directions.map(|one| evaluator.groups_set(&mut sets, &"x".into(), one));
    for _ in 0..400 {
        let (far, transport) = (far(numbers), random_transport(numbers));
        for ((side, drafted), whole) in [(Side::In, &drafted.ingress), (Side::Out, &drafted.egress)]
            .into_iter()
            .zip(whole_acls)
        {
            let passes = network.network_acls[acl]
                .entries(side)
                .decide(transport, far)
                .0;
            let shown = format!("{side:?} {transport} {far} with seed {seed}");
            assert_eq!(passes, decided(drafted, transport, far), "{shown}");
            let set = filters.network_acl(network, (acl, side), far);
            assert_eq!(
                filters.sets.holds_transport(set, transport),
                passes,
                "{shown}"
            );
            let near = Address::from_bits(far.family(), 7);
            let ends = if side == Side::In {
                (far, near)
            } else {
                (near, far)
            };
            let packet = Packet::new(ends.0, ends.1, transport).expect("one family");
            assert_eq!(sets.contains(whole.expect("n"), packet), passes, "{shown}");
            compared.n_acls += 2;
            compared.n_passing += usize::from(passes);
        }
        for (came, whole) in [
            (Some(Came::Inside), whole_groups[0]),
            (None, whole_groups[1]),
        ] {
            let filter = network.group_sets[groups].decides(transport, far, came);
            let shown = format!("{came:?} {transport} {far} with seed {seed}");
            match filters.groups(network, groups, far, came) {
                Some(set) => {
                    let passes = filters.sets.holds_transport(set, transport);
                    assert_eq!(Filter::of(passes), filter, "{shown}");
                    compared.n_groups += 1;
                    compared.n_passing += usize::from(passes);
                }
                None => compared.n_open += 1,
            }
            if let Some(whole) = whole {
                let near = Address::from_bits(far.family(), 7);
                let ends = if came.is_some() {
                    (far, near)
                } else {
                    (near, far)
                };
                let packet = Packet::new(ends.0, ends.1, transport).expect("one family");
                assert_eq!(Filter::of(sets.contains(whole, packet)), filter, "{shown}");
                compared.n_groups += 1;
            }
        }
    }
}

#[test]
fn filters_let_pass_what_they_decide() {
    let mut compared = Compared {
        n_acls: 0,
        n_groups: 0,
        n_open: 0,
        n_passing: 0,
    };
    (0..250).for_each(|seed| compare(seed, &mut compared));
    let Compared {
        n_acls,
        n_groups,
        n_open,
        n_passing,
    } = compared;
    assert!(
        n_acls >= 200_000 && n_groups >= 200_000,
        "{n_acls} and {n_groups}"
    );
    assert!(
        n_open > 1_000 && n_passing > 50_000,
        "{n_open} open, {n_passing} passing"
    );
}

#[test]
fn a_prefix_list_holds_its_blocks() {
    let evaluator = filtered(1).load();
    let sets = &mut PacketSets::new();
    let set = evaluator
        .prefix_list_set(sets, &"known".into())
        .expect("known");
    for (to, is_in) in [
        ("8.8.8.0", true),
        ("8.8.8.255", true),
        ("8.8.9.0", false),
        ("8.8.7.255", false),
        ("10.0.1.10", true),
        ("10.0.2.0", false),
    ] {
        let transport = Transport::Icmp {
            icmp_type: 8,
            code: 0,
        };
        let packet = Packet::new(address("192.0.2.1"), address(to), transport).expect("one family");
        assert_eq!(sets.contains(set, packet), is_in, "{to}");
    }
    assert_eq!(evaluator.prefix_list_set(sets, &"open".into()), None);
    assert_eq!(evaluator.prefix_list_set(sets, &"none".into()), None);
}

/// Of every destination the route whose set it is in is the one that the walk takes.
#[test]
fn routes_are_chosen_for_their_sets() {
    let mut n_compared = 0;
    for seed in 0..100 {
        let lab = super::properties::random(seed);
        let evaluator = lab.load();
        let numbers = &mut Numbers(seed + 14_000_000);
        let network = &evaluator.compiled;
        for (subnet, one) in network.subnets.iter() {
            let Ok(table) = one.route_table else { continue };
            let id = network.names.route_tables.id(table);
            let sets = &mut PacketSets::new();
            let routes = evaluator.route_sets(sets, id);
            for _ in 0..50 {
                let family = [Family::V4, Family::V6][numbers.below(2)];
                let to = random_address(numbers, family);
                let from = Address::from_bits(family, 7);
                let transport = random_transport(numbers);
                let packet = Packet::new(from, to, transport).expect("one family");
                let of = routes.iter().filter(|(_, set)| sets.contains(*set, packet));
                let of: Vec<_> = of.map(|(route, _)| *route).collect();
                let chosen = chosen(network.choose(subnet, to));
                assert_eq!(
                    of,
                    Vec::from_iter(chosen),
                    "{packet} in {id} with seed {seed}"
                );
                n_compared += 1;
            }
        }
    }
    assert!(n_compared > 10_000, "{n_compared}");
}

fn chosen(choice: crate::route_table::Choice) -> Option<usize> {
    use crate::route_table::Choice;
    let rule = match choice {
        Choice::Chosen { rule, .. } => Some(rule),
        Choice::Dropped { rule, .. } | Choice::Open { rule, .. } => rule,
    };
    rule.map(|rule| rule as usize)
}

/// A route that a longer one wholly covers is chosen for nothing.
#[test]
fn the_longest_prefix_has_its_destinations() {
    let target = || Target::InternetGateway("i".into());
    let lab = filtered(2)
        .internet_gateway("i", Some("v"))
        .table("t", "v", &["a"])
        .route("t", "0.0.0.0/0", target())
        .route("t", "8.8.8.0/24", target());
    let table = &lab
        .draft
        .route_tables
        .iter()
        .find(|table| table.id.as_str() == "t")
        .expect("t");
    let position = |block: &str| {
        let is_it = |route: &model::Route| {
            route.destination == model::Value::Known(RouteDestination::Cidr(cidr(block)))
        };
        table.routes.iter().position(is_it).expect(block)
    };
    let (every, longer) = (position("0.0.0.0/0"), position("8.8.8.0/24"));
    let sets = &mut PacketSets::new();
    let routes = lab.load().route_sets(sets, &"t".into());
    let count = |route| {
        let (_, set) = routes
            .iter()
            .find(|(one, _)| *one == route)
            .expect("a route");
        let pairs = crate::packet_set::PacketBox::ALL.from(cidr("192.0.2.1/32"));
        let mut ping = sets.clone();
        let box_set = ping.of_box(&pairs.transport(1, Some((8, 8)), Some((0, 0))));
        let both = ping.intersection(*set, box_set);
        ping.count(both).to_u128().expect("few")
    };
    assert_eq!(count(longer), 256);
    assert!(
        count(every) < (1 << 32) - 256,
        "the VPC's own block and others are taken out"
    );
}
