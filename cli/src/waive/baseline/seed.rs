//! The least class around a flow that violates a claim, as an entry can say it.

use std::collections::BTreeSet;

use model::{Address, Cidr, NetworkInterfaceId, Origin, Packet, RequestSet, Source, Traffic};

use super::super::part::Part;
use super::super::senders::{listed, shared};
use super::super::{request_sets, traffic};
use super::cells::{having, narrowed, receivers};
use super::grow::Grower;
use super::requests;
use crate::blocks;
use crate::invariant_file::Word;
use crate::judge::Evidence;

impl Grower<'_> {
    /// A class with the requests that violate the claim whichever of its flows carries them.
    pub(super) fn with_requests(
        &self,
        seed: Part,
        evidence: &Evidence,
        sent: Packet,
    ) -> Option<Part> {
        let whole = self.claim.scope.request.as_ref()?;
        let with = |request: &RequestSet| Part {
            request: Some(request.clone()),
            ..seed.clone()
        };
        let is_all = |request: &RequestSet| self.is_all(&with(request), sent);
        let taken = requests::around(evidence.request(), whole, &self.texts, &is_all)?;
        let own = request_sets::split(whole, &taken).ok()?.taken?;
        Some(with(&own))
    }

    /// The sender of a flow, as far as an entry can say it.
    pub(super) fn sender(&self, part: &Part, evidence: &Evidence) -> Vec<Origin> {
        let flow = &evidence.trace.flow;
        let address = flow.packet.source();
        let mut from = Vec::new();
        for origin in &part.from {
            match (&flow.source, origin) {
                (Source::Interface(id), Origin::Interfaces(all)) if all.contains(id) => {
                    from.push(Origin::Interfaces([id.clone()].into()));
                }
                (Source::Internet, Origin::Internet(within)) => {
                    let around = self.bounds.around(address, within);
                    if !around.is_empty() {
                        from.push(Origin::Internet(Some(around)));
                    }
                }
                (Source::OnPremises(_), Origin::OnPremises { blocks, resolver }) => {
                    from.push(Origin::OnPremises {
                        blocks: self.site(address, blocks.as_ref()),
                        resolver: resolver.clone(),
                    });
                }
                (
                    Source::Interface(_) | Source::Internet | Source::OnPremises(_),
                    Origin::Interfaces(_) | Origin::Internet(_) | Origin::OnPremises { .. },
                ) => {}
            }
        }
        if from.is_empty() {
            from.clone_from(&part.from);
        }
        from
    }

    /// The addresses of the site that has one, among some; those where no site has it.
    fn site(&self, address: Address, within: Option<&BTreeSet<Cidr>>) -> Option<BTreeSet<Cidr>> {
        let within = within.cloned();
        let has =
            |blocks: &BTreeSet<Cidr>| blocks.iter().any(|block| blocks::holds(*block, address));
        let mut sites = self.names.sites.values();
        let Some(site) = sites.find(|site| has(&site.blocks)) else {
            return within;
        };
        let all = listed(&within);
        let shared = site.blocks.iter().flat_map(|one| {
            let shared = all.iter().filter_map(|other| shared(*one, *other));
            shared.collect::<Vec<_>>()
        });
        Some(shared.collect())
    }

    /// The least class around a packet.
    pub(super) fn seed(
        &self,
        part: &Part,
        from: &[Origin],
        packet: Packet,
        arrival: Option<&NetworkInterfaceId>,
        evidence: &Evidence,
    ) -> Option<Part> {
        if !part.families.contains(&packet.family()) {
            return None;
        }
        let pieces = traffic::pieces(&part.traffic, &self.bounds);
        let piece = pieces
            .into_iter()
            .find(|class| traffic::holds(class, packet.transport()))?;
        let to = match receivers(&part.to) {
            None => part.to.clone(),
            Some(all) => {
                let completion = &evidence.witness.completion;
                let network = self.judge.network.completed(completion);
                let by_address = || having(&network, &all, packet.destination());
                // What `always` asks goes to an address, whoever has it.
                let at = arrival.filter(|id| self.word != Word::Always && all.contains(*id));
                let own = at.map_or_else(by_address, |id| [id.clone()].into());
                narrowed(&part.to, &own)
            }
        };
        let is_nowhere = to.is_empty();
        (!is_nowhere).then(|| Part {
            from: from.to_vec(),
            to,
            traffic: Traffic {
                classes: vec![piece],
            },
            families: BTreeSet::from([packet.family()]),
            request: part.request.clone(),
        })
    }
}
