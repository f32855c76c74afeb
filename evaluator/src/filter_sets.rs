//! What filters let pass, as sets of protocols and ports: each is made once, of what the filter itself was
//! compiled to.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use model::{Address, Transport};

use crate::atoms::TransportCuts;
use crate::compiled::Compiled;
use crate::exchange::Exchange;
use crate::index::{GroupSetIndex, NetworkAclIndex};
use crate::network_acl::Side;
use crate::packet_set::{PacketBox, PacketSet, PacketSets};
use crate::security_group::{Came, GroupSet};
use crate::walk::About;

/// How many nodes are kept before everything is made anew.
const MOST_NODES: usize = 2_000_000;

/// Which groups, whether inbound, the row of rules for the peer, and which references hold.
type AskedGroups = (GroupSetIndex, bool, u32, Vec<u32>);

/// Sets of protocols and ports, and those that filters let pass.
#[derive(Clone, Debug, Default)]
pub(crate) struct FilterSets {
    pub(crate) sets: PacketSets,
    network_acls: HashMap<(NetworkAclIndex, Side, u32), PacketSet, RandomState>,
    groups: HashMap<AskedGroups, Option<PacketSet>, RandomState>,
    before: HashMap<(Exchange, PacketSet), PacketSet, RandomState>,
}

impl FilterSets {
    /// Nothing is known of filters yet; sets are made among these.
    pub(crate) fn new(sets: PacketSets) -> Self {
        Self {
            sets,
            ..Self::default()
        }
    }

    /// Whether so much is known that it is time to forget.
    pub(crate) fn is_full(&self) -> bool {
        self.sets.n_nodes() > MOST_NODES
    }

    /// All that are answered like one of them; nothing where it is not followed what they are asked.
    pub(crate) fn alike(
        &mut self,
        network: &Compiled,
        about: About<'_>,
        one: Transport,
        is_same: impl Fn(Transport) -> bool,
    ) -> Option<PacketSet> {
        let passing = match about {
            About::NetworkAcl(index, side, far) => {
                Some(self.network_acl(network, (index, side), far))
            }
            About::Groups(set, peer, came) => self.groups(network, set, peer, came),
            About::Cuts(_) => None,
            About::Itself => return None,
        };
        if let Some(passing) = passing {
            return Some(match self.sets.holds_transport(passing, one) {
                true => passing,
                false => self.sets.complement(passing),
            });
        }
        let mut cuts = TransportCuts::new();
        match about {
            About::Cuts(add) => add(&mut cuts),
            About::Groups(set, _, came) => {
                let rules = network.group_sets[set].rules(came).traffic();
                rules.for_each(|traffic| cuts.request(traffic));
            }
            About::NetworkAcl(..) | About::Itself => return None,
        }
        let cells = cuts.extents().into_iter();
        let same = cells.filter(|cell| is_same(cell.one));
        let boxes: Vec<_> = same
            .flat_map(|cell| PacketBox::ALL.traffic(&cell.all))
            .collect();
        Some(self.sets.of_boxes(&boxes))
    }

    /// What becomes something of a set.
    pub(crate) fn before(&mut self, exchange: Exchange, set: PacketSet) -> PacketSet {
        let sets = &mut self.sets;
        let known = self.before.entry((exchange, set));
        *known.or_insert_with(|| exchange.before(sets, set))
    }

    /// What an ACL lets pass to or from an address.
    pub(crate) fn network_acl(
        &mut self,
        network: &Compiled,
        (index, side): (NetworkAclIndex, Side),
        far: Address,
    ) -> PacketSet {
        let entries = network.network_acls[index].entries(side);
        let sets = &mut self.sets;
        let known = self.network_acls.entry((index, side, entries.place(far)));
        *known.or_insert_with(|| {
            let holding = entries.holding(far).into_iter();
            let lines = holding.map(|entry| {
                let traffic = PacketBox::ALL.rule_traffic(&entry.traffic);
                (traffic, entry.allows)
            });
            sets.first_match(&lines.collect::<Vec<_>>())
        })
    }

    /// What groups let pass to a peer, or from one whose packets came so; nothing where that is open, or
    /// not a matter of the peer's address.
    pub(crate) fn groups(
        &mut self,
        network: &Compiled,
        set: GroupSetIndex,
        peer: Address,
        came: Option<Came>,
    ) -> Option<PacketSet> {
        let groups = &network.group_sets[set];
        let (row, references) = groups.telling(peer, came)?;
        let sets = &mut self.sets;
        let known = self.groups.entry((set, came.is_some(), row, references));
        let (.., references) = known.key().clone();
        *known.or_insert_with(|| admitted(sets, groups, came, row, &references))
    }
}

/// What the rules of a row and references that hold admit together; nothing where a rule is open.
fn admitted(
    sets: &mut PacketSets,
    groups: &GroupSet,
    came: Option<Came>,
    row: u32,
    references: &[u32],
) -> Option<PacketSet> {
    let rules = groups.rules(came);
    let row = rules.rows.get(row as usize)?.rules();
    if row.iter().any(|rule| rule.hole.is_some()) {
        return None;
    }
    let references = references
        .iter()
        .filter_map(|position| rules.references.get(*position as usize));
    let traffic = row.iter().map(|rule| &rule.traffic);
    let traffic = traffic.chain(references.map(|reference| &reference.traffic));
    let boxes: Vec<_> = traffic
        .map(|one| PacketBox::ALL.rule_traffic(one))
        .collect();
    Some(sets.of_boxes(&boxes))
}
