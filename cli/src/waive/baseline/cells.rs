//! The least classes that entries tell apart, and what of places they say.

use std::collections::BTreeSet;

use model::{Address, AddressValue, Network, NetworkInterfaceId, Origin, Place, Traffic};

use super::super::bounds::Bounds;
use super::super::part::Part;
use super::super::traffic;

/// The most cells of a class that are asked one by one.
const MOST_CELLS: usize = 64;

/// The interfaces that some places are; `None` where one is another place.
pub(super) fn receivers(to: &[Place]) -> Option<BTreeSet<NetworkInterfaceId>> {
    let mut all = BTreeSet::new();
    for place in to {
        let Place::Interfaces { interfaces, .. } = place else {
            return None;
        };
        all.extend(interfaces.iter().cloned());
    }
    Some(all)
}

/// The least classes that make up a class; `None` of too many.
pub(super) fn cells(class: &Part, bounds: &Bounds) -> Option<Vec<Part>> {
    let mut from = Vec::new();
    for origin in &class.from {
        match origin {
            Origin::Interfaces(all) => {
                let one = |id: &NetworkInterfaceId| Origin::Interfaces([id.clone()].into());
                from.extend(all.iter().map(one));
            }
            Origin::Internet(blocks) => {
                let parts = bounds.parts(blocks).into_iter();
                from.extend(parts.map(|part| Origin::Internet(Some(part))));
            }
            Origin::OnPremises { .. } => from.push(origin.clone()),
        }
    }
    let to: Vec<Vec<Place>> = match receivers(&class.to) {
        None => vec![class.to.clone()],
        Some(all) => {
            let each = all
                .iter()
                .map(|id| narrowed(&class.to, &[id.clone()].into()));
            each.collect()
        }
    };
    let pieces = traffic::pieces(&class.traffic, bounds);
    let n_cells = [to.len(), pieces.len(), class.families.len()];
    let n_cells = n_cells
        .iter()
        .try_fold(from.len(), |n, more| n.checked_mul(*more))?;
    // Of no cells nothing follows.
    if n_cells == 0 || n_cells > MOST_CELLS {
        return None;
    }
    let mut cells = Vec::new();
    for origin in &from {
        for to in &to {
            for piece in &pieces {
                cells.extend(class.families.iter().map(|family| Part {
                    from: vec![origin.clone()],
                    to: to.clone(),
                    traffic: Traffic {
                        classes: vec![piece.clone()],
                    },
                    families: BTreeSet::from([*family]),
                    request: class.request.clone(),
                }));
            }
        }
    }
    Some(cells)
}

/// Places, with only these interfaces of theirs.
pub(super) fn narrowed(to: &[Place], own: &BTreeSet<NetworkInterfaceId>) -> Vec<Place> {
    let each = to.iter().filter_map(|place| match place {
        Place::Interfaces {
            interfaces,
            public_from_inside,
        } => {
            let interfaces = interfaces & own;
            let is_some = !interfaces.is_empty();
            is_some.then_some(Place::Interfaces {
                interfaces,
                public_from_inside: *public_from_inside,
            })
        }
        Place::Internet
        | Place::OnPremises(_)
        | Place::Cidrs(_)
        | Place::Service(_)
        | Place::GatewayEndpoints(_)
        | Place::Name(_) => Some(place.clone()),
    });
    each.collect()
}

/// Those interfaces that have an address.
pub(super) fn having(
    network: &Network,
    among: &BTreeSet<NetworkInterfaceId>,
    address: Address,
) -> BTreeSet<NetworkInterfaceId> {
    let is = |value: &AddressValue| match value {
        AddressValue::Known(known) => *known == address,
        AddressValue::Within(_, _) => false,
    };
    let has = |id: &&NetworkInterfaceId| {
        let interface = network.network_interfaces().get(*id);
        let mut addresses = interface.into_iter().flat_map(|one| &one.addresses);
        addresses.any(|one| is(&one.private) || one.public.as_ref().is_some_and(is))
    };
    among.iter().filter(has).cloned().collect()
}
