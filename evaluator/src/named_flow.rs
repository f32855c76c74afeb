//! Flows by name: how one flow is followed through completions in which addresses differ.

use model::{Address, AddressSlot, Completion, Packet, PermissionEffect, Request, Source};

use crate::Evaluator;
use crate::address::behind_nat64;
use crate::check::{Found, Question};
use crate::forward::Sender;
use crate::scope::Truth;

/// A flow as it is named through completions in which addresses differ.
pub(crate) struct Named {
    source: Source,
    /// The position of the sending address; of a host outside its value.
    from: Result<usize, Address>,
    /// The open address that is the destination, or the value.
    to: Result<AddressSlot, Address>,
    packet: Packet,
    picks: Vec<u16>,
    is_relayed: bool,
}

impl Question<'_> {
    /// Names a flow; `None` when two open addresses would be meant.
    pub(crate) fn name(&self, found: &Found, completion: &Completion) -> Option<Named> {
        let (sender, packet) = (found.sender, found.packet);
        let from = match sender {
            Sender::Interface(index) => {
                let addresses = &self.network.interfaces[index].addresses;
                let own = Some(packet.source());
                Ok(addresses.iter().position(|(private, _)| *private == own)?)
            }
            Sender::Internet | Sender::OnPremises(_) | Sender::Nobody => Err(packet.source()),
        };
        let mut slots = completion.addresses.iter();
        let is_destination = |(_, address): &(_, &Address)| **address == packet.destination();
        let slot = slots.by_ref().find(is_destination).map(|(slot, _)| slot);
        if slots.any(|slot| is_destination(&slot)) {
            return None;
        }
        Some(Named {
            source: self.source(sender),
            from,
            to: slot.cloned().ok_or(packet.destination()),
            packet,
            picks: found.picks.clone(),
            is_relayed: found.is_relayed,
        })
    }

    /// Whether the flow of that name is certainly the one looked for here too.
    pub(crate) fn is_found(&self, named: &Named, completion: &Completion) -> bool {
        let wanted = self.find(named, completion).and_then(|flow| {
            let target = self.target;
            self.judge(&flow, |judged| target.judge(judged).1)
        });
        wanted == Some(Truth::True)
    }

    /// The flow of that name here, if it can be sent.
    pub(crate) fn find(&self, named: &Named, completion: &Completion) -> Option<Found> {
        let sender = match &named.source {
            Source::Internet => Sender::Internet,
            Source::OnPremises(gateway) => Sender::OnPremises(self.network.gateway(gateway)?),
            Source::Interface(id) => Sender::Interface(self.network.names.interfaces.find(id)?),
        };
        let from = match (named.from, sender) {
            (Ok(position), Sender::Interface(index)) => {
                let addresses = &self.network.interfaces[index].addresses;
                addresses.get(position).and_then(|(private, _)| *private)
            }
            (Err(value), _) => Some(value).filter(|value| self.scope.sends_from(sender, *value)),
            (Ok(_), Sender::Internet | Sender::OnPremises(_) | Sender::Nobody) => None,
        };
        let to = match &named.to {
            Ok(slot) => completion.addresses.get(slot).copied(),
            // A value names another flow where an open address takes it.
            Err(value) => {
                let behind = behind_nat64(*value);
                let names = |taken: &Address| taken == value || Some(*taken) == behind;
                let taken = completion.addresses.values().any(names);
                Some(*value).filter(|_| !taken)
            }
        };
        Some(Found {
            sender,
            packet: Packet::new(from?, to?, named.packet.transport())?,
            picks: named.picks.clone(),
            is_relayed: named.is_relayed,
        })
    }
}

impl Evaluator {
    /// Whether the request that goes with a flow in one completion goes with it in all of them:
    /// wherever it arrives, as much is done with the request.
    pub(crate) fn is_by_one_request(
        &self,
        found: (&Question<'_>, &Completion),
        questions: &[(Question<'_>, &Completion)],
        named: &Named,
    ) -> bool {
        let all = questions.iter();
        let all = all.map(|(question, completion)| (question, *completion));
        let mut first: Option<(Request, PermissionEffect)> = None;
        for (question, completion) in [found].into_iter().chain(all) {
            let flow = question.find(named, completion);
            let carried = flow.and_then(|flow| {
                question.judge(&flow, |judged| {
                    Some((judged.request_way()?, question.request(judged)?))
                })?
            });
            let Some((way, request)) = carried else {
                continue;
            };
            let effect = |request: &Request| self.policies.permits(&way, request).effect;
            match &first {
                Some((first, wanted)) if effect(first) != *wanted => return false,
                Some(_) => {}
                None => first = Some((request.clone(), effect(&request))),
            }
        }
        true
    }
}
