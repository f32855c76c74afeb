//! Who sends, as far as waivers can tell it apart: interfaces, and hosts outside by their addresses.

use std::collections::BTreeSet;

use model::{Cidr, Family, NetworkInterfaceId, Origin};

use super::part::partition;
use crate::blocks;

/// Addresses of hosts outside; `None` is every one.
pub(super) type Blocks = Option<BTreeSet<Cidr>>;

/// The most blocks into which waivers may cut one. Beyond that the whole is judged.
const MOST_BLOCKS: usize = 4_096;

/// The senders that a waiver takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Senders {
    pub(super) interfaces: BTreeSet<NetworkInterfaceId>,
    /// `None` is no host on the internet.
    pub(super) internet: Option<Blocks>,
    /// `None` is no host on premises.
    pub(super) on_premises: Option<Blocks>,
}

impl Senders {
    /// What some origins are together. How hosts on premises ask for names is the claim's affair.
    pub(super) fn of(origins: Vec<Origin>) -> Self {
        let mut senders = Senders::default();
        for origin in origins {
            match origin {
                Origin::Interfaces(interfaces) => senders.interfaces.extend(interfaces),
                Origin::Internet(blocks) => widen(&mut senders.internet, blocks),
                Origin::OnPremises { blocks, .. } => widen(&mut senders.on_premises, blocks),
            }
        }
        senders
    }
}

fn widen(blocks: &mut Option<Blocks>, more: Blocks) {
    *blocks = Some(match (blocks.take(), more) {
        (None, more) => more,
        (Some(Some(mut own)), Some(more)) => {
            own.extend(more);
            Some(own)
        }
        (Some(None), _) | (Some(_), None) => None,
    });
}

/// The senders that are taken, and the others.
pub(super) fn split(from: &[Origin], taken: Option<&Senders>) -> (Vec<Origin>, Vec<Origin>) {
    let Some(taken) = taken else {
        return (from.to_vec(), Vec::new());
    };
    let (mut inside, mut outside) = (Vec::new(), Vec::new());
    for origin in from {
        match origin {
            Origin::Interfaces(interfaces) => {
                let (own, others) = partition(interfaces, &taken.interfaces);
                inside.extend(own.map(Origin::Interfaces));
                outside.extend(others.map(Origin::Interfaces));
            }
            Origin::Internet(blocks) => {
                let (own, others) = cut(blocks, taken.internet.as_ref());
                inside.extend(own.map(Origin::Internet));
                outside.extend(others.map(Origin::Internet));
            }
            Origin::OnPremises { blocks, resolver } => {
                let (own, others) = cut(blocks, taken.on_premises.as_ref());
                let of = |blocks| Origin::OnPremises {
                    blocks,
                    resolver: resolver.clone(),
                };
                inside.extend(own.map(of));
                outside.extend(others.map(of));
            }
        }
    }
    (inside, outside)
}

/// The addresses of some blocks that are taken, and the others, each where there are some. The
/// others are all of them where what is left would be too many blocks: more is judged then, not less.
fn cut(whole: &Blocks, taken: Option<&Blocks>) -> (Option<Blocks>, Option<Blocks>) {
    let Some(taken) = taken else {
        return (None, Some(whole.clone()));
    };
    let Some(taken) = taken else {
        return (Some(whole.clone()), None);
    };
    let taken: Vec<Cidr> = taken.iter().copied().collect();
    let (mut inside, mut outside) = (BTreeSet::new(), BTreeSet::new());
    for block in listed(whole) {
        let shared = taken.iter().filter_map(|one| shared(block, *one));
        inside.extend(shared);
        match blocks::without(block, &taken, MOST_BLOCKS) {
            Some(left) => outside.extend(left),
            None => {
                outside.insert(block);
            }
        }
    }
    let some = |blocks: BTreeSet<Cidr>| (!blocks.is_empty()).then_some(Some(blocks));
    (some(inside), some(outside))
}

/// Blocks one by one.
pub(super) fn listed(blocks: &Blocks) -> BTreeSet<Cidr> {
    match blocks {
        Some(blocks) => blocks.clone(),
        None => [Family::V4, Family::V6].map(blocks::everything).into(),
    }
}

/// What two blocks share: one holds the other, or they share nothing.
pub(super) fn shared(one: Cidr, other: Cidr) -> Option<Cidr> {
    if blocks::covers(one, other) {
        Some(other)
    } else {
        blocks::covers(other, one).then_some(one)
    }
}

/// The senders of both; `None` where hosts on premises ask for names in different ways.
pub(super) fn together(one: &[Origin], other: &[Origin]) -> Option<Vec<Origin>> {
    let resolvers = |origins: &[Origin]| -> BTreeSet<_> {
        let of = |origin: &Origin| match origin {
            Origin::OnPremises { resolver, .. } => Some(resolver.clone()),
            Origin::Interfaces(_) | Origin::Internet(_) => None,
        };
        origins.iter().filter_map(of).collect()
    };
    let resolver = &resolvers(one) | &resolvers(other);
    if resolver.len() > 1 {
        return None;
    }
    let Senders {
        interfaces,
        internet,
        on_premises,
    } = Senders::of([one, other].concat());
    let mut origins = Vec::new();
    if !interfaces.is_empty() {
        origins.push(Origin::Interfaces(interfaces));
    }
    origins.extend(internet.map(Origin::Internet));
    origins.extend(on_premises.map(|blocks| Origin::OnPremises {
        blocks,
        resolver: resolver.into_iter().next().flatten(),
    }));
    Some(origins)
}
