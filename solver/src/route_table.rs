//! Route choice (page route_table; walk, *route choice*).
//!
//! A route is chosen iff it matches and nothing better does: no longer prefix, and none of a better kind at its own.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use model::{
    Cidr, Clause, Family, Hole, PrefixList, PrefixListId, Route, RouteDestination, RouteOrigin,
    RouteState, RouteTable, RouteTableId, Target, Value,
};

use crate::encoder::Encoder;
use crate::hole;
use crate::network_acl::guarded;
use crate::network_interface::Who;
use crate::ranges::{Ranges, block_holds, covers, ends};
use crate::symbolic::{Formula, Number};

/// How the choice for an address ends; exactly one of these is true.
#[derive(Clone, Debug)]
pub(crate) struct Choice<T = Target> {
    /// Undetermined.
    pub(crate) ended: Vec<(Clause, Hole, Formula)>,
    /// Dropped.
    pub(crate) dropped: Vec<(Clause, Formula)>,
    /// Sent to a target.
    pub(crate) to: BTreeMap<T, Chosen>,
}

/// When a target is chosen.
#[derive(Clone, Debug)]
pub(crate) struct Chosen {
    pub(crate) when: Formula,
    /// It is chosen for no address outside of these.
    pub(crate) addresses: Ranges,
}

impl<T> Default for Choice<T> {
    fn default() -> Self {
        Self {
            ended: Vec::new(),
            dropped: Vec::new(),
            to: BTreeMap::new(),
        }
    }
}

impl<T: Ord> Choice<T> {
    /// That the choice is this target.
    pub(crate) fn is(&self, target: &T) -> Formula {
        let chosen = self.to.get(target);
        chosen.map_or(Formula::FALSE, |chosen| chosen.when.clone())
    }

    /// The targets together: each is chosen when one of the parts with its name says so.
    pub(crate) fn gather(&mut self, family: Family, parts: Vec<(T, Chosen)>) {
        let mut by_target: BTreeMap<T, Vec<Chosen>> = BTreeMap::new();
        for (target, chosen) in parts {
            by_target.entry(target).or_default().push(chosen);
        }
        self.to.extend(by_target.into_iter().map(|(target, parts)| {
            let addresses = parts.iter().flat_map(|chosen| chosen.addresses.iter());
            let addresses = Ranges::new(family, addresses);
            let when = Formula::any(parts.into_iter().map(|chosen| chosen.when));
            (target, Chosen { when, addresses })
        }));
    }
}

/// The choice in the table of the subnet of an interface.
pub(crate) fn choose(encoder: &mut Encoder, who: &Who, address: &Number) -> Choice {
    let index = Arc::clone(&encoder.index);
    let mut merged = Choice::default();
    let Some(within) = index.vpcs.get(who.vpc()) else {
        return merged;
    };
    let mut to = Vec::new();
    for (table, here) in guarded(encoder, who, &within.tables) {
        match table {
            Value::Known(table) => {
                let choice = choice(encoder, &table, address);
                let ended = choice.ended.iter();
                let ended = ended.map(|(clause, hole, when)| (*clause, hole.clone(), &here & when));
                merged.ended.extend(ended);
                let dropped = choice.dropped.iter();
                let dropped = dropped.map(|(clause, when)| (*clause, &here & when));
                merged.dropped.extend(dropped);
                for (target, chosen) in &choice.to {
                    let chosen = Chosen {
                        when: &here & &chosen.when,
                        addresses: chosen.addresses.clone(),
                    };
                    to.push((target.clone(), chosen));
                }
            }
            Value::OneOf(_, hole) | Value::Any(hole) => {
                merged.ended.push((Clause::RouteUnknown, hole, here));
            }
        }
    }
    merged.gather(encoder.family, to);
    merged
}

/// The choice in a table, built once for each address.
pub(crate) fn choice(encoder: &mut Encoder, table: &RouteTableId, address: &Number) -> Rc<Choice> {
    let key = (table.clone(), address.clone());
    if let Some(known) = encoder.choices.get(&key) {
        return Rc::clone(known);
    }
    let network = Arc::clone(&encoder.network);
    let table = network.route_tables().get(table);
    let choice = table.map_or_else(Choice::default, |table| {
        Table::new(encoder, table, address).choice()
    });
    let choice = Rc::new(choice);
    encoder.choices.insert(key, Rc::clone(&choice));
    choice
}

/// The routes that compete at one prefix.
#[derive(Default)]
struct AtPrefix {
    /// The best kind among them.
    rank: Option<Rank>,
    /// The positions of the routes of that kind.
    best: Vec<usize>,
    /// Whether only propagated routes are here, which never take an address of the VPC.
    may_be_left_out: bool,
}

/// `route-tie-break`, the better kind first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Static,
    PrefixList,
    Propagated,
}

/// One table with one address to choose for.
struct Table<'a> {
    encoder: &'a Encoder,
    table: &'a RouteTable,
    address: &'a Number,
    /// The address is of the VPC.
    of_vpc: Formula,
    /// The candidates by prefix; a prefix sorts before those inside it.
    prefixes: BTreeMap<Cidr, AtPrefix>,
    /// No choice has been made yet.
    rest: Formula,
    choice: Choice,
}

impl<'a> Table<'a> {
    fn new(encoder: &'a Encoder, table: &'a RouteTable, address: &'a Number) -> Self {
        let mut prefixes: BTreeMap<Cidr, AtPrefix> = BTreeMap::new();
        for (position, route) in table.routes.iter().enumerate() {
            for (block, rank) in competing(encoder, route) {
                let at = prefixes.entry(block).or_default();
                if at.rank.is_none_or(|best| rank < best) {
                    at.rank = Some(rank);
                    at.best.clear();
                }
                if at.rank == Some(rank) && !at.best.contains(&position) {
                    at.best.push(position);
                }
                at.may_be_left_out = at.rank == Some(Rank::Propagated);
            }
        }
        Self {
            encoder,
            table,
            address,
            of_vpc: encoder.of_vpc(&table.vpc, address),
            prefixes,
            rest: Formula::TRUE,
            choice: Choice::default(),
        }
    }

    fn choice(mut self) -> Choice {
        let reserved = match self.encoder.family {
            Family::V4 => self.address.starts_with(0xa9fe_a800, 22),
            Family::V6 => self.address.starts_with(0xfd00_0ec2 << 96, 32),
        };
        self.drop(Clause::RouteReservedRange, reserved);
        for (clause, hole, may_take) in self.open_candidates() {
            self.end(clause, hole, may_take);
        }
        let candidate = Formula::any(self.prefixes.keys().map(|at| self.candidate(*at)));
        self.drop(Clause::LongestPrefixMatch, !candidate);
        self.winners();
        self.choice
    }

    fn drop(&mut self, clause: Clause, when: Formula) {
        self.choice.dropped.push((clause, &self.rest & &when));
        self.rest = &self.rest & &!when;
    }

    fn end(&mut self, clause: Clause, hole: Hole, when: Formula) {
        if !when.is_false() {
            self.choice.ended.push((clause, hole, &self.rest & &when));
            self.rest = &self.rest & &!when;
        }
    }

    /// That some route is a candidate at this prefix (`propagated-inside-vpc`).
    fn candidate(&self, prefix: Cidr) -> Formula {
        let holds = block_holds(prefix, self.address);
        let left_out = self.prefixes.get(&prefix).map(|at| at.may_be_left_out);
        match left_out {
            None => Formula::FALSE,
            Some(false) => holds,
            Some(true) => holds & !&self.of_vpc,
        }
    }

    /// That some candidate inside the block is longer than the block.
    fn longer(&self, block: Cidr) -> Formula {
        let inside = self.inside(block).into_iter();
        Formula::any(inside.map(|(prefix, _)| self.candidate(prefix)))
    }

    /// The addresses for which the block may be the longest.
    fn addresses(&self, block: Cidr) -> Ranges {
        let inside = self.inside(block).into_iter();
        let taken = inside.filter(|(_, may_be_left_out)| !may_be_left_out);
        let taken = taken.map(|(prefix, _)| ends(prefix));
        let family = self.encoder.family;
        Ranges::new(family, [ends(block)]).minus(&Ranges::new(family, taken))
    }

    /// The prefixes longer than the block and inside of it, and whether they may be left out. Of those inside others
    /// only the outermost is needed, unless the outermost may be left out where the inner is not.
    fn inside(&self, block: Cidr) -> Vec<(Cidr, bool)> {
        let mut outermost: Option<Cidr> = None;
        let mut found = Vec::new();
        let from = self.prefixes.range(block..);
        for (prefix, at) in from.take_while(|(prefix, _)| covers(block, **prefix)) {
            if *prefix == block || outermost.is_some_and(|outer| covers(outer, *prefix)) {
                continue;
            }
            if !at.may_be_left_out {
                outermost = Some(*prefix);
            }
            found.push((*prefix, at.may_be_left_out));
        }
        found
    }

    /// The routes that could take the address from the winner, and when (`prefix-list-entries-unknown`, then
    /// `route-unknown`).
    fn open_candidates(&self) -> Vec<(Clause, Hole, Formula)> {
        let mut lists = Vec::new();
        let mut routes = Vec::new();
        for route in &self.table.routes {
            let takes = match route.origin {
                RouteOrigin::Static => Formula::TRUE,
                RouteOrigin::Propagated => !&self.of_vpc,
            };
            match &route.destination {
                Value::Known(RouteDestination::Cidr(_)) => {}
                Value::Known(RouteDestination::PrefixList(list)) => {
                    if let Some((hole, may)) = self.open_list(list) {
                        let clause = Clause::PrefixListEntriesUnknown;
                        lists.push((clause, hole, takes & may));
                    }
                }
                Value::OneOf(destinations, hole) => {
                    let may = destinations.iter().map(|one| self.may_be_longest(one));
                    let may = takes & Formula::any(may);
                    routes.push((Clause::RouteUnknown, hole.clone(), may));
                }
                Value::Any(hole) => routes.push((Clause::RouteUnknown, hole.clone(), takes)),
            }
        }
        lists.append(&mut routes);
        lists
    }

    fn list(&self, list: &PrefixListId) -> Option<&PrefixList> {
        let found = self.encoder.network.prefix_lists().get(list)?;
        (found.family == self.encoder.family).then_some(found)
    }

    fn open_list(&self, list: &PrefixListId) -> Option<(Hole, Formula)> {
        let list = self.list(list)?;
        let hole = list.entries.hole()?;
        let statics = self.prefixes.iter().filter(|(prefix, at)| {
            prefix.prefix_len() == prefix.family().width() && at.rank == Some(Rank::Static)
        });
        let full = Formula::any(statics.map(|(prefix, _)| block_holds(*prefix, self.address)));
        let may = if list.aws_managed {
            !full & self.encoder.is_public(self.address) & !&self.of_vpc
        } else {
            !full
        };
        Some((hole.clone(), may))
    }

    /// That a destination, were it the route's, would match with a length that no candidate exceeds.
    fn may_be_longest(&self, destination: &RouteDestination) -> Formula {
        let unbeaten = |block: &Cidr| block_holds(*block, self.address) & !self.longer(*block);
        match destination {
            RouteDestination::Cidr(block) => unbeaten(block),
            RouteDestination::PrefixList(list) => match self.list(list) {
                None => Formula::FALSE,
                Some(list) => match &list.entries {
                    Value::Known(entries) => Formula::any(entries.iter().map(unbeaten)),
                    Value::OneOf(..) | Value::Any(_) => Formula::TRUE,
                },
            },
        }
    }

    /// Steps 7 to 9.
    fn winners(&mut self) {
        let table = self.table;
        let mut ambiguous = Vec::new();
        let mut winners: Vec<(&Route, Formula, Ranges)> = Vec::new();
        for (prefix, at) in &self.prefixes {
            let here = self.candidate(*prefix) & !self.longer(*prefix);
            let mut best = at.best.iter().filter_map(|one| table.routes.get(*one));
            let Some(route) = best.next() else { continue };
            let same = |other: &Route| other.target == route.target && other.state == route.state;
            if best.all(same) {
                winners.push((route, here, self.addresses(*prefix)));
            } else {
                ambiguous.push(here);
            }
        }
        let place = format!("route table {}", table.id);
        let hole = hole::unsettled(Clause::RouteAmbiguous, &place);
        self.end(Clause::RouteAmbiguous, hole, Formula::any(ambiguous));

        // Most winners have nothing of the VPC, whose local routes are longer.
        let of_vpc = self.encoder.blocks_of_vpc(&table.vpc);
        let other = winners.iter().filter(|(route, _, addresses)| {
            !may_be_inside_vpc(route) && !addresses.and(&of_vpc).is_empty()
        });
        let other = Formula::any(other.map(|(_, here, _)| here.clone())) & self.of_vpc.clone();
        let hole = hole::unsettled(Clause::RouteInsideVpc, &place);
        self.end(Clause::RouteInsideVpc, hole, other);

        let mut to = Vec::new();
        for (route, here, addresses) in winners {
            let chosen = &self.rest & &here;
            match (route.state, &route.target) {
                (RouteState::Blackhole, _) => {
                    self.choice.dropped.push((Clause::RouteBlackhole, chosen));
                }
                (RouteState::Active, Value::OneOf(_, hole) | Value::Any(hole)) => {
                    let ended = (Clause::RouteUnknown, hole.clone(), chosen);
                    self.choice.ended.push(ended);
                }
                (RouteState::Active, Value::Known(Target::Unmodelled { kind, id })) => {
                    let place = format!("{kind} {id}");
                    let hole = hole::unsettled(Clause::TargetUnmodelled, &place);
                    let ended = (Clause::TargetUnmodelled, hole, chosen);
                    self.choice.ended.push(ended);
                }
                (RouteState::Active, Value::Known(target)) => {
                    let when = chosen;
                    let chosen = Chosen { when, addresses };
                    to.push((target.clone(), chosen));
                }
            }
        }
        self.choice.gather(self.encoder.family, to);
    }
}

/// The targets that may take an address of the VPC (`route-inside-vpc`).
fn may_be_inside_vpc(route: &Route) -> bool {
    match route.target.known() {
        Some(
            Target::Local
            | Target::NatGateway(_)
            | Target::NetworkInterface(_)
            | Target::GatewayLoadBalancerEndpoint(_),
        ) => true,
        Some(
            Target::InternetGateway(_)
            | Target::EgressOnlyInternetGateway(_)
            | Target::Peering(_)
            | Target::GatewayEndpoint(_)
            | Target::TransitGateway(_)
            | Target::VirtualPrivateGateway(_)
            | Target::Unmodelled { .. },
        )
        | None => false,
    }
}

/// The blocks at which a route whose destination is known competes, and its kind.
fn competing(encoder: &Encoder, route: &Route) -> Vec<(Cidr, Rank)> {
    let rank = |of_static| match route.origin {
        RouteOrigin::Static => of_static,
        RouteOrigin::Propagated => Rank::Propagated,
    };
    let blocks = match &route.destination {
        Value::Known(RouteDestination::Cidr(block)) => vec![(*block, rank(Rank::Static))],
        Value::Known(RouteDestination::PrefixList(list)) => {
            crate::prefix_list::entries(encoder, list)
                .map(|block| (block, rank(Rank::PrefixList)))
                .collect()
        }
        Value::OneOf(..) | Value::Any(_) => Vec::new(),
    };
    let of_family = |(block, _): &(Cidr, Rank)| block.family() == encoder.family;
    blocks.into_iter().filter(of_family).collect()
}
