//! Source addresses of requests, cut into classes that policies cannot tell apart
//! (`context-of-path`).

use std::collections::{BTreeMap, BTreeSet};

use model::Address;

use crate::address::{FAMILIES, above};
use crate::address_block::AddressBlock;
use crate::authorize::CompiledPolicy;
use crate::condition::{Asked, Comparison, Operator};
use crate::context::Key;

/// How many classes there may be on one way: each is judged for itself.
const CLASSES: usize = 256;

/// The classes of the addresses of one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SourceClasses {
    pub(crate) key: Key,
    /// Where a class begins, in ascending order, and which one.
    starts: Vec<(Address, usize)>,
    /// One address of each class.
    representatives: Vec<Address>,
}

impl SourceClasses {
    /// Cuts at the blocks of conditions on a key; `None` when no condition depends on what its
    /// address is, and `Err` names the limit that was reached.
    pub(crate) fn new<'p>(
        key: Key,
        policies: impl IntoIterator<Item = &'p CompiledPolicy>,
    ) -> Result<Option<Self>, &'static str> {
        let statements = policies.into_iter().flat_map(|one| &one.statements);
        let conditions = statements.flat_map(|one| &one.conditions);
        let lists: BTreeSet<_> = conditions
            .filter(|one| one.key == key)
            .filter_map(blocks)
            .collect();
        if lists.is_empty() {
            return Ok(None);
        }
        let mut edges: BTreeSet<_> = FAMILIES.map(|family| Address::from_bits(family, 0)).into();
        for block in lists.iter().flatten() {
            edges.insert(Address::from_bits(block.family, block.first));
            edges.extend(above(Address::from_bits(block.family, block.last), 1));
        }
        let mut classes = Self {
            key,
            starts: Vec::new(),
            representatives: Vec::new(),
        };
        let mut known: BTreeMap<Vec<bool>, usize> = BTreeMap::new();
        for edge in edges {
            let holds = |blocks: &Vec<AddressBlock>| blocks.iter().any(|block| block.holds(edge));
            let class = *known
                .entry(lists.iter().map(holds).collect())
                .or_insert_with(|| {
                    classes.representatives.push(edge);
                    classes.representatives.len() - 1
                });
            if classes.representatives.len() > CLASSES {
                return Err("classes of source addresses");
            }
            if classes.starts.last().is_none_or(|(_, last)| *last != class) {
                classes.starts.push((edge, class));
            }
        }
        Ok(Some(classes))
    }

    /// The class of an address.
    pub(crate) fn of(&self, address: Address) -> usize {
        let behind = self.starts.partition_point(|(start, _)| *start <= address);
        let start = behind.checked_sub(1).and_then(|last| self.starts.get(last));
        start.map_or(0, |(_, class)| *class)
    }

    /// Where classes begin.
    pub(crate) fn starts(&self) -> impl Iterator<Item = Address> {
        self.starts.iter().map(|(start, _)| *start)
    }

    /// One address of each class.
    pub(crate) fn representatives(&self) -> &[Address] {
        &self.representatives
    }
}

/// The blocks of a condition that depends on what the address is, or on that there is one.
fn blocks(condition: &Asked) -> Option<Vec<AddressBlock>> {
    match &condition.operator {
        Operator::Compare {
            values: Comparison::Address(blocks),
            ..
        } => Some(blocks.iter().copied().flatten().collect()),
        Operator::Null(_) => Some(Vec::new()),
        // Whatever the address is they are open.
        Operator::Compare {
            values:
                Comparison::Text(..)
                | Comparison::Number(..)
                | Comparison::Date(..)
                | Comparison::Bool(_),
            ..
        }
        | Operator::Unmodelled => None,
    }
}
