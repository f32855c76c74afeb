//! Networks in which one part is large and the rest is as small as it can be: a route table, a
//! security group, a network ACL. Beside the network stands what is in that part, for a reference.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use model::{Address, Cidr, Flow, Network, NetworkInterfaceId, Packet, Source, Transport};

use crate::random::SplitMix64;
use crate::validated;

/// All that is drawn lies in here: public, and nobody's in these networks.
const POOL: (u32, u8) = (0x1400_0000, 6);

/// The public address of the one interface, 198.51.100.10.
const PUBLIC: Address = Address::V4(0xc633_640a);

/// Its private address, 10.0.0.10.
const PRIVATE: Address = Address::V4(0x0a00_000a);

/// A rule or an entry for TCP.
#[derive(Clone, Debug)]
pub struct DrawnRule {
    /// The other end.
    pub cidr: Cidr,
    /// The destination ports.
    pub ports: RangeInclusive<u16>,
    /// Whether it allows; a group's always do.
    pub allows: bool,
}

/// A block of the pool, half of them inside one that was drawn before, as tables and groups have.
fn block(random: &mut SplitMix64, before: &[Cidr], lengths: RangeInclusive<u8>) -> Cidr {
    let outer = before.get(random.below(2 * before.len().max(1)));
    let outer = outer.filter(|cidr| cidr.prefix_len() < *lengths.end());
    let (base, outer_len) = outer.map_or(POOL, |cidr| (cidr.bits() as u32, cidr.prefix_len()));
    let shortest = (outer_len + 1).max(*lengths.start());
    let length = shortest + random.below(usize::from(lengths.end() - shortest) + 1) as u8;
    let bits = (base | host(random, outer_len)) & (u32::MAX << (32 - u32::from(length)));
    Cidr::new(Address::V4(bits), length).expect("the host bits are masked off")
}

/// Random bits behind a prefix.
fn host(random: &mut SplitMix64, prefix_len: u8) -> u32 {
    let mask = u32::MAX.checked_shr(prefix_len.into()).unwrap_or(0);
    random.next_u64() as u32 & mask
}

/// An address inside a block; the whole of IPv4 stands for the pool.
fn inside(random: &mut SplitMix64, cidr: Cidr) -> u32 {
    match cidr.prefix_len() {
        0 => POOL.0 | host(random, POOL.1),
        length => cidr.bits() as u32 | host(random, length),
    }
}

/// `n` routes besides the local one, the default route among them. A route's target is its
/// position; even ones lead to the internet gateway, odd ones are blackholes.
pub fn routes(n: usize, seed: u64) -> Vec<(Cidr, u32)> {
    let mut random = SplitMix64::new(seed);
    let mut drawn = vec!["0.0.0.0/0".parse().expect("a block")];
    let mut known: BTreeSet<Cidr> = drawn.iter().copied().collect();
    while drawn.len() < n {
        let cidr = block(&mut random, drawn.get(1..).unwrap_or(&[]), 10..=28);
        if known.insert(cidr) {
            drawn.push(cidr);
        }
    }
    drawn.into_iter().zip(0..).collect()
}

/// Addresses inside the routes' blocks.
pub fn destinations(routes: &[(Cidr, u32)], n: usize, seed: u64) -> Vec<u32> {
    let mut random = SplitMix64::new(seed);
    let draw = |_| {
        let (cidr, _) = routes[random.below(routes.len())];
        inside(&mut random, cidr)
    };
    (0..n).map(draw).collect()
}

/// `n` rules of different blocks and ports; every third denies when `denies` is set.
pub fn rules(n: usize, denies: bool, seed: u64) -> Vec<DrawnRule> {
    let mut random = SplitMix64::new(seed);
    let mut blocks = Vec::new();
    let draw = |position| {
        let cidr = block(&mut random, &blocks, 12..=32);
        blocks.push(cidr);
        let first = [22, 80, 443, 1_024, 5_432, 8_080][random.below(6)];
        let last = first + [0, 0, 0, 10, 1_000][random.below(5)];
        DrawnRule {
            cidr,
            ports: first..=last,
            allows: !(denies && position % 3 == 2),
        }
    };
    (0..n).map(draw).collect()
}

/// Addresses and ports of clients, half of them inside a rule.
pub fn clients(rules: &[DrawnRule], n: usize, seed: u64) -> Vec<(u32, u16)> {
    let mut random = SplitMix64::new(seed);
    let draw = |_| {
        if random.below(2) == 0 {
            let port = u16::try_from(random.below(65_536)).expect("below the number of ports");
            return (POOL.0 | host(&mut random, POOL.1), port);
        }
        let rule = &rules[random.below(rules.len())];
        let span = usize::from(rule.ports.end() - rule.ports.start());
        let port = rule.ports.start() + random.below(span + 1) as u16;
        (inside(&mut random, rule.cidr), port)
    };
    (0..n).map(draw).collect()
}

/// One interface in a subnet with these routes; everything else lets everything pass.
pub fn network_of_routes(routes: &[(Cidr, u32)]) -> Network {
    let routes = routes.iter().map(|(cidr, target)| {
        let state = if target % 2 == 0 { "" } else { " blackhole" };
        format!("\"{cidr} -> internet-gateway:igw{state}\"")
    });
    network(&routes.collect::<Vec<_>>().join(","), "", OPEN_GROUP)
}

/// One interface, open to the internet but for a group with these rules.
pub fn network_of_group(rules: &[DrawnRule]) -> Network {
    let rules = rules.iter().map(|rule| format!("\"{}\"", written(rule)));
    let group = format!(
        "ingress = [{}]\negress = []",
        rules.collect::<Vec<_>>().join(",")
    );
    network(DEFAULT_ROUTE, "", &group)
}

/// The same rules with every block in two halves, in another order.
pub fn halved(rules: &[DrawnRule]) -> Vec<DrawnRule> {
    let halves = rules.iter().rev().flat_map(|rule| {
        let length = rule.cidr.prefix_len() + 1;
        let half = |bits: u32| Cidr::new(Address::V4(bits), length).ok();
        let base = rule.cidr.bits() as u32;
        let upper = 1_u32
            .checked_shl(u32::from(32 - length.min(32)))
            .unwrap_or(0);
        let cidrs = match length > 32 {
            true => vec![rule.cidr],
            false => [half(base), half(base | upper)]
                .into_iter()
                .flatten()
                .collect(),
        };
        cidrs.into_iter().map(|cidr| DrawnRule {
            cidr,
            ..rule.clone()
        })
    });
    halves.collect()
}

/// One interface, open to the internet but for an ACL with these entries.
pub fn network_of_acl(rules: &[DrawnRule]) -> Network {
    network_of_acl_and_group(rules, "all from 0.0.0.0/0")
}

/// The same, but for a group with one rule as it is written.
pub fn network_of_acl_and_group(rules: &[DrawnRule], admitted: &str) -> Network {
    let entries = rules.iter().zip(1..).map(|(rule, number)| {
        let action = if rule.allows { "allow" } else { "deny" };
        format!("\"{number} {action} {}\"", written(rule))
    });
    let acl = format!(
        "[network-acl.many]\ningress = [{}]\negress = [\"100 allow all to 0.0.0.0/0\"]\n",
        entries.collect::<Vec<_>>().join(",")
    );
    let group = format!("ingress = [\"{admitted}\"]\negress = [\"all to 0.0.0.0/0\"]");
    network(DEFAULT_ROUTE, &acl, &group)
}

const DEFAULT_ROUTE: &str = "\"0.0.0.0/0 -> internet-gateway:igw\"";
const OPEN_GROUP: &str = "ingress = [\"all from 0.0.0.0/0\"]\negress = [\"all to 0.0.0.0/0\"]";

fn written(rule: &DrawnRule) -> String {
    let (first, last) = (rule.ports.start(), rule.ports.end());
    format!("tcp/{first}-{last} from {}", rule.cidr)
}

fn network(routes: &str, acl: &str, group: &str) -> Network {
    let use_acl = if acl.is_empty() {
        ""
    } else {
        "network-acl = \"many\"\n"
    };
    validated(&format!(
        r#"[vpc.main]
cidrs = ["10.0.0.0/16"]
[internet-gateway.igw]
vpc = "main"
[route-table.many]
routes = [{routes}]
{acl}[subnet.one]
cidrs = ["10.0.0.0/24"]
route-table = "many"
{use_acl}[security-group.many]
{group}
[interface.one]
subnet = "one"
addresses = ["10.0.0.10 public 198.51.100.10"]
groups = ["many"]
"#
    ))
}

/// A flow from the interface to an address.
pub fn flow_to(destination: u32) -> Flow {
    let destination = Address::V4(destination);
    flow(
        Source::Interface(NetworkInterfaceId::new("one")),
        PRIVATE,
        destination,
        443,
    )
}

/// A flow from an address on the internet to a port of the interface.
pub fn flow_from((address, port): (u32, u16)) -> Flow {
    flow(Source::Internet, Address::V4(address), PUBLIC, port)
}

fn flow(source: Source, from: Address, to: Address, destination_port: u16) -> Flow {
    let transport = Transport::Tcp {
        source_port: 40_000,
        destination_port,
    };
    let packet = Packet::new(from, to, transport).expect("all addresses are IPv4");
    Flow::new(source, packet)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::{LinearScan, RuleScan};

    #[test]
    fn a_table_has_the_routes_it_is_named_by_and_the_local_one() {
        for n in [5, 50, 1_000] {
            let network = network_of_routes(&routes(n, 1));
            let table = network
                .route_tables()
                .values()
                .find(|table| table.id.as_str() == "many");
            assert_eq!(table.map(|table| table.routes.len()), Some(n + 1));
        }
    }

    #[test]
    fn both_kinds_of_targets_are_found() {
        for n in [5, 50, 1_000] {
            let routes = routes(n, 1);
            let scan = LinearScan::new(&routes);
            let found = destinations(&routes, 1_000, 2).into_iter();
            let odd = found.filter(|one| scan.find(*one).is_some_and(|target| target % 2 == 1));
            assert!((100..=900).contains(&odd.count()), "{n}");
        }
    }

    #[test]
    fn halved_rules_admit_the_same() {
        let rules = rules(100, false, 1);
        let halves = halved(&rules);
        assert!(
            halves.len() > 150 && halves.len() <= 200,
            "{}",
            halves.len()
        );
        let (one, other) = (RuleScan::new(&rules), RuleScan::new(&halves));
        for (address, port) in clients(&rules, 2_000, 3) {
            assert_eq!(one.admits(address, port), other.admits(address, port));
        }
    }

    #[test]
    fn rules_admit_some_clients_and_not_others() {
        for (n, denies) in [(10, false), (1_000, false), (10, true), (1_000, true)] {
            let rules = rules(n, denies, 1);
            let scan = RuleScan::new(&rules);
            let clients = clients(&rules, 1_000, 2).into_iter();
            let admitted = clients.filter(|(address, port)| scan.admits(*address, *port));
            assert!((100..=900).contains(&admitted.count()), "{n} {denies}");
            let _ = (network_of_group(&rules[..3]), network_of_acl(&rules));
        }
    }
}
