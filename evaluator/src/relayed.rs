//! Relayed flows of a scope (`semantics/scope.md`): every pick that leads to a place is tried.

use std::sync::atomic::{AtomicUsize, Ordering};

use model::{Family, MOST_PICKS, Packet, Transport};
use rayon::prelude::*;

use crate::cells::{Cells, Strip};
use crate::check::{CHUNK, Found, Question, Tally};
use crate::claim::Judged;
use crate::forward::{self, Arrived, Request, Sender};
use crate::knock::Knock;
use crate::leads::{AtRelay, Leads};
use crate::leg::{Begin, n_relays};
use crate::nat64::behind;
use crate::scope::{Held, Truth};
use crate::walk::{End, Silent};

impl Question<'_> {
    /// Tries every relayed flow; whether the budget was reached before the end.
    pub(crate) fn ask_relayed(&self, budget: &mut u64) -> (Tally, bool) {
        let mut tally = Tally::default();
        let Some(leads) = &self.leads else {
            return (tally, false);
        };
        if !leads.is_empty() {
            let first_legs = leads.first_legs(&self.invariant.scope);
            let cells = self.cells(&first_legs);
            let (found, exhausted) = self.ask_cells(leads, &cells.relaying(leads), budget);
            tally = found;
            if exhausted || tally.found.is_some() {
                return (tally, exhausted);
            }
        }
        let Some(first_legs) = self.to_nat64(leads) else {
            return (tally, false);
        };
        let cells = self.cells(&first_legs);
        let (found, exhausted) = self.ask_cells(leads, &cells.translating(leads), budget);
        (tally.then(found), exhausted)
    }

    fn ask_cells(&self, leads: &Leads, cells: &Cells<'_>, budget: &mut u64) -> (Tally, bool) {
        let mut tally = Tally::default();
        for seeds in cells.seeds().chunks(CHUNK) {
            let strips: Vec<Strip> = seeds
                .par_iter()
                .flat_map_iter(|seed| cells.strips(seed))
                .collect();
            let first_found = AtomicUsize::new(usize::MAX);
            let affordable = *budget;
            let tried: Vec<_> = strips
                .par_iter()
                .enumerate()
                .map(|(position, strip)| {
                    let mut try_one = Trial {
                        question: self,
                        leads,
                        strip,
                        affordable,
                        n_walks: 0,
                        tally: Tally::default(),
                    };
                    try_one.strip(position, &first_found);
                    (try_one.tally, try_one.n_walks)
                })
                .collect();
            for (found, n_walks) in tried {
                if n_walks > *budget {
                    return (tally, true);
                }
                *budget -= n_walks;
                tally = tally.then(found);
                if tally.found.is_some() {
                    // What else there is depends on how far other threads came.
                    tally.holes.clear();
                    return (tally, false);
                }
            }
        }
        (tally, false)
    }

    /// The place of the scope at which a request was received that makes it a relayed flow of the
    /// scope; `None` when it is none.
    pub(crate) fn held_relayed(&self, request: &Request) -> Option<Held<'_>> {
        let leads = self.leads.as_ref()?;
        let sent = request.first().sent;
        let is_relayed = n_relays(&request.earlier) > 0;
        let is_counted = is_relayed || request.is_translated();
        match (request.ending.end, request.last.arrived) {
            (End::Dropped, _) => None,
            (End::Delivered, Some(arrived)) if is_counted => self.held_received(request, arrived),
            (End::Delivered, _) => None,
            // It may have come to some relay, or to any place behind those that it has passed.
            (End::Undetermined(_), _) => {
                let of_v4 = self.invariant.scope.families.contains(&Family::V4);
                let translated = behind(sent).filter(|_| of_v4);
                let may_translate = translated.is_some_and(|behind| self.is_asked(behind));
                let may = is_relayed || may_translate || leads.may_lead(sent.transport());
                may.then(Held::open)
            }
        }
    }

    /// The same for one that was delivered behind a relay or NAT64.
    fn held_received(&self, request: &Request, arrived: Arrived) -> Option<Held<'_>> {
        let first = request.first();
        let received = request.last.received;
        let families = &self.invariant.scope.families;
        if !families.contains(&received.family()) || !self.is_asked(received.transport()) {
            return None;
        }
        let own = (first.sender, first.sent.source());
        let held = self.scope.received_of(own, received, arrived);
        let is_relayed = n_relays(&request.earlier) > 0;
        held.or_else(|| match is_relayed {
            true => None,
            false => self
                .scope
                .received_by_nat64(received.destination(), arrived),
        })
    }

    /// Whether a packet that is received so is in a class of the scope.
    fn is_asked(&self, transport: Transport) -> bool {
        let mut classes = self.invariant.scope.traffic.classes.iter();
        classes.any(|class| Knock::is_received_in(transport, class))
    }

    /// Whether a sender's relayed flows may be sent so.
    pub(crate) fn is_sent_relayed(&self, flow: &Found) -> bool {
        let Some(leads) = &self.leads else {
            return false;
        };
        let (sender, packet) = (flow.sender, flow.packet);
        let to = packet.destination();
        if behind(packet).is_some() {
            return match sender {
                Sender::Interface(index) => !self.scope.is_own(index, to),
                Sender::OnPremises(_) => packet.source() != to,
                Sender::Internet | Sender::Nobody => false,
            };
        }
        if flow.picks.is_empty() {
            return false;
        }
        match sender {
            Sender::Interface(index) => {
                !self.scope.is_own(index, to) && leads.inside_relays().any(|relay| relay == to)
            }
            Sender::Internet => leads.internet_relays().contains(&to),
            Sender::OnPremises(_) => {
                packet.source() != to && leads.on_premises_relays().contains(&to)
            }
            Sender::Nobody => false,
        }
    }

    /// How many picks a request that was delivered at a relay may be given next, as far as they
    /// lead to a place.
    fn n_picks(&self, leads: &Leads, request: &Request) -> u16 {
        let n_taken = n_relays(&request.earlier);
        let relay = match (request.ending.end, request.last.arrived) {
            (End::Delivered, Some(Arrived::Interface(index, _))) => index,
            _ => return 0,
        };
        let received = request.last.received;
        let Some(knock) = Knock::of(received.transport()) else {
            return 0;
        };
        let at = AtRelay {
            relay,
            knock,
            by_service: matches!(request.last.begin, Begin::Service(_)),
        };
        let n_left = MOST_PICKS.saturating_sub(n_taken);
        if !self.network.is_relay(relay) || !leads.may_lead_from(at, n_left) {
            return 0;
        }
        let n_candidates = self.network.n_candidates(relay, received);
        u16::try_from(n_candidates).unwrap_or(u16::MAX)
    }
}

/// The flows between one source and one relay's address.
struct Trial<'a> {
    question: &'a Question<'a>,
    leads: &'a Leads,
    strip: &'a Strip,
    affordable: u64,
    n_walks: u64,
    tally: Tally,
}

impl Trial<'_> {
    fn strip(&mut self, position: usize, first_found: &AtomicUsize) {
        let strip = self.strip;
        for transport in strip.transports.each() {
            if first_found.load(Ordering::Relaxed) < position {
                return;
            }
            let Some(packet) = Packet::new(strip.source, strip.destination, *transport) else {
                continue;
            };
            // The picks that are still to be tried, the next one last.
            let mut coming = vec![Vec::new()];
            while let Some(picks) = coming.pop() {
                self.n_walks += 1;
                if self.n_walks > self.affordable {
                    return;
                }
                let n_picks = self.flow(packet, &picks);
                if self.tally.found.is_some() {
                    first_found.fetch_min(position, Ordering::Relaxed);
                    return;
                }
                let next = (1..=n_picks).rev();
                coming.extend(next.map(|pick| {
                    let mut longer = picks.clone();
                    longer.push(pick);
                    longer
                }));
            }
        }
    }

    /// Judges a flow; how many picks it may be given besides.
    fn flow(&mut self, packet: Packet, picks: &[u16]) -> u16 {
        let question = self.question;
        let network = question.network;
        let sender = self.strip.sender;
        let (request, Silent) = forward::walk(network, Silent, sender, packet, picks);
        let (reply, Silent) = question.reply(Silent, &request);
        // Without a pick, what does not come to a relay stands for the same flow with one.
        if let Some(held) = question.held_relayed(&request) {
            let judged = Judged {
                network,
                permissions: question.permissions,
                held: &held,
                request: &request,
                is_relayed: true,
                reply,
            };
            let (spoken, wanted) = question.target.judge(&judged);
            self.tally.spoken |= spoken != Truth::False;
            match wanted {
                Truth::False => {}
                Truth::Open => {
                    self.tally.possible = true;
                    judged.holes(&mut self.tally.holes, &mut self.tally.limits);
                }
                Truth::True if question.is_named(packet) => {
                    self.tally.found = Some(Found {
                        sender,
                        packet,
                        picks: picks.to_vec(),
                        is_relayed: true,
                    });
                }
                Truth::True => question.is_unnamed(&mut self.tally),
            }
        }
        question.n_picks(self.leads, &request)
    }
}
