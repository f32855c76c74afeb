//! Everything of random networks can be taken out, but for what AWS does not delete by itself.

use std::collections::BTreeSet;

use ingest::{Provenance, Resources, Validated};
use model::Network;

use super::thing::Thing;
use super::without::without;
use crate::change::edits::{Kind, components};

const N_NETWORKS: u64 = 60;

fn validated(network: Network) -> Validated {
    Validated {
        network,
        provenance: Provenance::default(),
        diagnostics: Vec::new(),
        inputs: Vec::new(),
        assumptions: Vec::new(),
        unplaced: BTreeSet::new(),
        doubts: BTreeSet::new(),
        unseen_ipv6: BTreeSet::new(),
        bare: std::collections::BTreeMap::new(),
        resources: Resources::default(),
        open: ingest::OpenAttributes::default(),
    }
}

#[test]
fn every_component_can_be_taken_out_with_what_cannot_be_without_it_and_nothing_else() {
    let (mut n_taken, mut n_refused, mut kinds) = (0, 0, BTreeSet::new());
    for seed in 0..N_NETWORKS {
        let whole = validated(proptests::run::world(seed).network);
        let all: BTreeSet<(Kind, String)> = components(&whole.network).into_iter().collect();
        for (kind, id) in &all {
            let left = match without(&whole, &[Thing::Component(*kind, id.clone())]) {
                Ok(left) => left,
                Err(why) => {
                    let is_of_aws =
                        why.contains("AWS does not delete") || why.contains("belongs to");
                    assert!(is_of_aws, "{seed}: {kind:?} {id}: {why}");
                    n_refused += 1;
                    continue;
                }
            };
            n_taken += 1;
            kinds.insert(*kind);
            let mut gone = BTreeSet::from([(*kind, id.clone())]);
            gone.extend(left.along.iter().filter_map(|thing| match thing {
                Thing::Component(kind, id) => Some((*kind, id.clone())),
                Thing::Rule(..) => None,
            }));
            let rest: BTreeSet<_> = components(&left.validated.network).into_iter().collect();
            let wanted: BTreeSet<_> = all.difference(&gone).cloned().collect();
            assert_eq!(rest, wanted, "{seed}: {kind:?} {id}");
            if *kind == Kind::SecurityGroup || *kind == Kind::PrefixList {
                assert_eq!(gone.len(), 1, "{seed}: {kind:?} {id} takes {gone:?} along");
            }
        }
    }
    assert!(
        n_taken > 500 && n_refused > 50 && kinds.len() > 15,
        "{n_taken} {n_refused} {kinds:?}"
    );
}
