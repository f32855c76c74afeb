//! Where the settings of a network begin to treat flows differently: hints for the classes of a
//! baseline. No verdict rests on them.

use std::collections::BTreeSet;

use model::{
    Address, Cidr, IcmpFilter, Network, RouteDestination, RulePeer, RulePorts, RuleTraffic, Value,
};

use super::senders::{Blocks, listed, shared};
use crate::blocks;

/// The most blocks into which one is cut.
const MOST_BLOCKS: usize = 64;

/// The first numbers of ranges, and the blocks, of the settings of a network.
#[derive(Clone, Debug, Default)]
pub(super) struct Bounds {
    pub(super) ports: BTreeSet<u128>,
    pub(super) source_ports: BTreeSet<u128>,
    pub(super) types: BTreeSet<u128>,
    pub(super) codes: BTreeSet<u128>,
    pub(super) protocols: BTreeSet<u128>,
    pub(super) blocks: BTreeSet<Cidr>,
}

impl Bounds {
    pub(super) fn of(network: &Network) -> Self {
        let mut bounds = Bounds::default();
        for group in network.security_groups().values() {
            for rule in group.ingress.iter().chain(&group.egress) {
                bounds.rule(&rule.traffic, false);
                match &rule.peer {
                    RulePeer::Cidr(cidr) => {
                        bounds.blocks.insert(*cidr);
                    }
                    RulePeer::PrefixList(_) | RulePeer::Group(_) | RulePeer::OutsideGroup(_) => {}
                }
            }
        }
        for acl in network.network_acls().values() {
            for entry in acl.ingress.iter().chain(&acl.egress) {
                // Replies go to the port of the sender.
                bounds.rule(&entry.traffic, true);
                bounds.blocks.insert(entry.cidr);
            }
        }
        for list in network.prefix_lists().values() {
            bounds
                .blocks
                .extend(known(&list.entries).into_iter().flatten());
        }
        for table in network.route_tables().values() {
            for route in &table.routes {
                if let Some(RouteDestination::Cidr(cidr)) = known(&route.destination) {
                    bounds.blocks.insert(*cidr);
                }
            }
        }
        for balancer in network.load_balancers().values() {
            for listener in known(&balancer.listeners).into_iter().flatten() {
                bounds.range(listener.port, listener.port, false);
            }
        }
        for group in network.target_groups().values() {
            for target in known(&group.targets).into_iter().flatten() {
                bounds.range(target.port, target.port, false);
            }
        }
        bounds
    }

    fn rule(&mut self, traffic: &RuleTraffic, is_of_acl: bool) {
        match traffic {
            RuleTraffic::All => {}
            RuleTraffic::Tcp(RulePorts { from, to }) | RuleTraffic::Udp(RulePorts { from, to }) => {
                self.range(*from, *to, is_of_acl);
            }
            RuleTraffic::Icmp(IcmpFilter { icmp_type, code })
            | RuleTraffic::Icmpv6(IcmpFilter { icmp_type, code }) => {
                let around = |number: &u8| [u128::from(*number), u128::from(*number) + 1];
                self.types.extend(icmp_type.iter().flat_map(around));
                self.codes.extend(code.iter().flat_map(around));
            }
            RuleTraffic::Protocol(number) => {
                let number = u128::from(*number);
                self.protocols.extend([number, number + 1]);
            }
        }
    }

    fn range(&mut self, first: u16, last: u16, with_source: bool) {
        let ends = [u128::from(first), u128::from(last) + 1];
        self.ports.extend(ends);
        if with_source {
            self.source_ports.extend(ends);
        }
    }

    /// The addresses around one that the settings treat as it, among some.
    pub(super) fn around(&self, address: Address, within: &Blocks) -> BTreeSet<Cidr> {
        let all = blocks::everything(address.family());
        let holding = self.blocks.iter().chain([&all]).copied();
        let holding = holding.filter(|block| blocks::holds(*block, address));
        let narrowest = holding.max_by_key(|block| block.prefix_len());
        let narrowest = narrowest.unwrap_or(all);
        let inside = self.blocks.iter().copied();
        let inside = inside.filter(|block| !blocks::holds(*block, address));
        let inside: Vec<Cidr> = inside.collect();
        let left = blocks::without(narrowest, &inside, MOST_BLOCKS);
        let left = left.unwrap_or_else(|| vec![narrowest]);
        let within = listed(within);
        let both = left.iter().flat_map(|one| {
            let shared = within.iter().filter_map(|other| shared(*one, *other));
            shared.collect::<Vec<_>>()
        });
        both.collect()
    }

    /// The parts of some addresses that the settings may treat in their own ways.
    pub(super) fn parts(&self, of: &Blocks) -> Vec<BTreeSet<Cidr>> {
        let of = listed(of);
        let own: Vec<Cidr> = self.blocks.iter().copied().collect();
        let inside = |block: &&Cidr| of.iter().any(|one| blocks::covers(*one, **block));
        let parts = own.iter().filter(inside);
        let mut parts: Vec<BTreeSet<Cidr>> = parts.map(|block| [*block].into()).collect();
        let others = of.iter().filter_map(|one| {
            let is_inside = |other: &&Cidr| *other != one && blocks::covers(*one, **other);
            let inside: Vec<Cidr> = own.iter().filter(is_inside).copied().collect();
            blocks::without(*one, &inside, MOST_BLOCKS)
        });
        let others: BTreeSet<Cidr> = others.flatten().collect();
        parts.extend((!others.is_empty()).then_some(others));
        parts
    }
}

fn known<T>(value: &Value<T>) -> Option<&T> {
    match value {
        Value::Known(value) => Some(value),
        Value::OneOf(_, _) | Value::Any(_) => None,
    }
}
