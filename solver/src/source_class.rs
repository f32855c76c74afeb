//! Classes of source addresses that the conditions in sight of a way do not tell apart (`context-of-path`).

use model::{Address, Family};

use crate::authorize::Statement;
use crate::condition::{Condition, Test};
use crate::context::{KeyOfWay, Source};
use crate::ranges::Ranges;
use crate::symbolic::{Formula, Number};

/// Into more classes than these the addresses of one way are not cut.
const MOST_CLASSES: usize = 64;

/// That there would be more.
pub(crate) struct TooManyClasses;

/// Addresses of both families.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SourceClass {
    v4: Ranges,
    v6: Ranges,
}

impl SourceClass {
    /// The classes, when a condition asks for the address; none when no condition does.
    pub(crate) fn of<'s>(
        statements: impl Iterator<Item = &'s Statement>,
        key: KeyOfWay,
    ) -> Result<Vec<SourceClass>, TooManyClasses> {
        let conditions = statements.flat_map(|statement| &statement.conditions);
        let mut asked = conditions
            .filter(|condition| asks(condition, key))
            .peekable();
        if asked.peek().is_none() {
            return Ok(Vec::new());
        }
        let mut classes = vec![SourceClass {
            v4: Ranges::all(Family::V4),
            v6: Ranges::all(Family::V6),
        }];
        let mut known: Vec<SourceClass> = Vec::new();
        for set in asked.filter_map(SourceClass::of_blocks) {
            if known.contains(&set) {
                continue;
            }
            let parts = classes.iter();
            let parts = parts.flat_map(|class| [class.and(&set), class.minus(&set)]);
            classes = parts.filter(|part| part.first().is_some()).collect();
            if classes.len() > MOST_CLASSES {
                return Err(TooManyClasses);
            }
            known.push(set);
        }
        Ok(classes)
    }

    /// The addresses for which a condition asks.
    fn of_blocks(condition: &Condition) -> Option<Self> {
        let blocks: Vec<_> = condition.blocks()?.collect();
        Some(SourceClass {
            v4: Ranges::of_blocks(Family::V4, blocks.iter().copied()),
            v6: Ranges::of_blocks(Family::V6, blocks.iter().copied()),
        })
    }

    fn and(&self, other: &SourceClass) -> Self {
        SourceClass {
            v4: self.v4.and(&other.v4),
            v6: self.v6.and(&other.v6),
        }
    }

    fn minus(&self, other: &SourceClass) -> Self {
        SourceClass {
            v4: self.v4.minus(&other.v4),
            v6: self.v6.minus(&other.v6),
        }
    }

    /// The address that stands for all.
    pub(crate) fn first(&self) -> Option<Address> {
        [(Family::V4, &self.v4), (Family::V6, &self.v6)]
            .into_iter()
            .find_map(|(family, ranges)| {
                let (first, _) = ranges.iter().next()?;
                Some(Address::from_bits(family, first))
            })
    }

    /// That it has an address of a family.
    pub(crate) fn holds(&self, family: Family, address: &Number) -> Formula {
        match family {
            Family::V4 => self.v4.hold(address),
            Family::V6 => self.v6.hold(address),
        }
    }
}

/// Whether what a condition says depends on the address, or on that there is one.
fn asks(condition: &Condition, key: KeyOfWay) -> bool {
    let is_decided = condition.blocks().is_some() || matches!(condition.test, Test::Null(_));
    condition.key.source == Source::OfWay(key) && is_decided
}
