//! Doubts: what an input does not have, or has by a guess, and which verdicts that takes back.

mod bare;

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};

use ingest::{Collection, Concerns, DoubtOf, MissingAnswer, OpenAttributes, Touches, Validated};
use model::{Family, Hole, Network, NetworkInterfaceId, Origin, Scope};

use crate::builtin;
use crate::invariant_file::{Statement, Word};
use crate::ipv6;
use crate::judge::Reason;
use crate::report::{Finding, VerdictWord};
use crate::selector::Selector;
use crate::session::{asks_name, is_plan_alone};

/// What may change what holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Doubts {
    /// What may be there besides, or be otherwise: no proof rests on its absence.
    pub(crate) absent: Vec<Reason>,
    /// What the network has by a guess: nothing is certain then.
    pub(crate) guessed: Vec<Reason>,
}

impl Doubts {
    /// All of them.
    pub(crate) fn all(self) -> Vec<Reason> {
        let Doubts { absent, guessed } = self;
        absent.into_iter().chain(guessed).collect()
    }
}

/// What an input does not have of the network, so that what follows from its absence is no proof.
pub(crate) struct Doubt<'a> {
    /// Whether it is a plan without the network that it changes.
    pub(crate) plan_alone: bool,
    /// What a collection did not get, and where.
    missing: Vec<(&'a Collection, &'a MissingAnswer)>,
    /// What stands in a place of the network that is not known.
    unplaced: &'a BTreeSet<Hole>,
    /// What of templates is not vetted, what of plans is open, what AWS Config did not record.
    unvetted: &'a BTreeSet<ingest::Doubt>,
    /// The subnets whose blocks of IPv6 are not known.
    unseen_ipv6: &'a BTreeSet<String>,
    /// The interfaces that have no public address in the network, and may have one.
    bare: &'a BTreeMap<NetworkInterfaceId, Hole>,
    open: &'a OpenAttributes,
    network: &'a Network,
}

impl<'a> Doubt<'a> {
    pub(crate) fn of(validated: &'a Validated, closed_world: bool) -> Self {
        let collections = validated.inputs.iter().flat_map(|input| &input.collections);
        let missing = collections.flat_map(|collection| {
            let missing = collection.missing.iter();
            missing.map(move |missing| (collection, missing))
        });
        Self {
            plan_alone: is_plan_alone(validated) && !closed_world,
            missing: missing.collect(),
            unplaced: &validated.unplaced,
            unvetted: &validated.doubts,
            unseen_ipv6: &validated.unseen_ipv6,
            bare: &validated.bare,
            open: &validated.open,
            network: &validated.network,
        }
    }

    /// Whether something that is not in the network has a tag of this key.
    fn is_tag_outside(&self, key: &str) -> bool {
        self.open.outside_with_tag(key).next().is_some()
    }

    /// Takes back what a claim about policies says.
    pub(crate) fn of_policy(&self, finding: &mut Finding) {
        let of_flows = [
            Touches::Names,
            Touches::Ipv6,
            Touches::Interfaces,
            Touches::Internet,
            Touches::OnPremises,
            Touches::Permission,
        ];
        let touched = |touches| !of_flows.contains(&touches);
        let missing = self.reasons_where(|concerns| concerns == Concerns::All, touched);
        take_back(finding, false, missing);
    }

    /// Takes back what is told of a flow, whatever it is: what the input does not have may open a
    /// way and may close one.
    pub(crate) fn of_explained(&self, finding: &mut Finding, statement: &Statement, scope: &Scope) {
        let doubts = self.reasons_for(statement, scope, finding);
        let told = finding.verdict;
        take_back(finding, true, doubts);
        if finding.verdict != told {
            // They say for certain what was taken back.
            finding.notes.clear();
        }
    }

    /// Everything that may change what a name means.
    pub(crate) fn of_names(&self) -> Vec<Reason> {
        let concerned = |concerns| matches!(concerns, Concerns::All | Concerns::Names);
        let touched = |touches| matches!(touches, Touches::Everything | Touches::Names);
        self.reasons_where(concerned, touched).all()
    }

    /// What may change what a built-in check finds.
    pub(crate) fn of_check(&self, code: &str) -> Doubts {
        let is_of = |codes: &[&str]| codes.contains(&code);
        let concerned = |concerns| match concerns {
            Concerns::All => true,
            Concerns::Names => is_of(&builtin::OF_NAMES),
            Concerns::Requests => is_of(&builtin::OF_REQUESTS),
            Concerns::Nothing => false,
        };
        let touched = |touches| match touches {
            Touches::Everything => true,
            Touches::Ipv6 | Touches::Interfaces | Touches::Internet | Touches::OnPremises => {
                is_of(&builtin::OF_PACKETS)
            }
            Touches::Requests => is_of(&builtin::OF_REQUESTS),
            Touches::Names => is_of(&builtin::OF_NAMES),
            Touches::Zones | Touches::ZoneIds => {
                is_of(&builtin::OF_ZONES) && !self.network.endpoint_services().is_empty()
            }
            Touches::Tags | Touches::TagsOfAws | Touches::Accounts | Touches::Permission => false,
        };
        let mut doubts = self.reasons_where(concerned, touched);
        if is_of(&builtin::OF_PACKETS) {
            doubts.guessed.extend(self.any_bare());
        }
        doubts
    }

    /// What the network has by a guess.
    pub(crate) fn guessed(&self) -> Vec<Reason> {
        let mut guessed = self.reasons_where(|_| false, |_| true).guessed;
        guessed.extend(self.any_bare());
        guessed
    }

    /// What decides which interfaces have public addresses, for what is not asked about some of them.
    fn any_bare(&self) -> impl Iterator<Item = Reason> {
        self.bare.values().cloned().map(Reason::DependsOn)
    }

    /// Everything that the input does not have and that may change what holds.
    pub(crate) fn reasons(&self) -> Vec<Reason> {
        let concerned = |concerns| concerns != Concerns::Nothing;
        let mut reasons = self.reasons_where(concerned, |_| true).all();
        reasons.extend(self.any_bare());
        reasons.extend(self.plan_alone.then_some(Reason::PlanAlone));
        reasons
    }

    /// What is not in the input and may change what was found of a statement.
    pub(crate) fn reasons_for(
        &self,
        statement: &Statement,
        scope: &Scope,
        finding: &Finding,
    ) -> Doubts {
        let permits = match statement.word {
            Word::Always | Word::Sometimes => finding.verdict == VerdictWord::Proved,
            Word::Never | Word::Only => false,
        };
        let concerned = |concerns| match concerns {
            Concerns::All => true,
            Concerns::Names => asks_name(scope),
            Concerns::Requests => scope.request.is_some(),
            Concerns::Nothing => false,
        };
        let via = statement.via.iter();
        // What a waiver takes out of the claim has to be certain as well.
        let waivers = statement.waivers.iter();
        let waived = waivers.flat_map(|waiver| waiver.from.iter().chain(&waiver.to));
        let ends = [&statement.from, &statement.to];
        let all = ends.into_iter().chain(via).chain(waived);
        let selectors: Vec<&Selector> = all.flat_map(|list| &list.selectors).collect();
        // It takes a walk through the network, and many doubts ask.
        let ipv6_may_change =
            LazyCell::new(|| ipv6::may_change(scope, self.network, self.unseen_ipv6));
        let touched = |touches| match touches {
            Touches::Everything => true,
            Touches::Requests => scope.request.is_some(),
            Touches::Permission => permits && scope.request.is_some(),
            Touches::Names => asks_name(scope),
            Touches::Ipv6 => !shows_ipv4(finding, statement.word) && *ipv6_may_change,
            Touches::Interfaces => selectors.iter().any(|one| {
                let mut keys = one.tag_keys();
                one.chooses_by_place() || keys.any(|key| self.is_tag_outside(key))
            }),
            Touches::Internet => {
                let is_internet = |origin: &Origin| matches!(origin, Origin::Internet(_));
                scope.from.iter().any(is_internet)
            }
            Touches::OnPremises => {
                let mut from = statement.from.selectors.iter();
                let mut to = statement.to.selectors.iter();
                from.any(Selector::may_be_on_premises) || to.any(Selector::is_on_premises)
            }
            Touches::Tags => selectors.iter().any(|one| one.chooses_by_tags()),
            Touches::TagsOfAws => selectors.iter().any(|one| one.chooses_by_tags_of_aws()),
            Touches::Accounts => selectors.iter().any(|one| one.chooses_by_accounts()),
            Touches::Zones => selectors.iter().any(|one| one.chooses_by_zones()),
            Touches::ZoneIds => selectors.iter().any(|one| one.chooses_by_zone_ids()),
        };
        let mut doubts = self.reasons_where(concerned, touched);
        let bare = bare::reasons(self.bare, self.network, statement.word, scope, finding);
        doubts.guessed.extend(bare);
        doubts
    }

    fn reasons_where(
        &self,
        may_change: impl Fn(Concerns) -> bool,
        touched: impl Fn(Touches) -> bool,
    ) -> Doubts {
        let missing = self.missing.iter();
        let missing = missing.filter(|(_, missing)| may_change(missing.concerns));
        let missing = missing.map(|(collection, missing)| {
            Reason::Missing(format!("{} ({})", missing.told(), collection.place()))
        });
        let unplaced = self.unplaced.iter().cloned().map(Reason::DependsOn);
        let reason = |doubt: &ingest::Doubt| match doubt.of {
            DoubtOf::Template => Reason::Template(doubt.what.clone()),
            DoubtOf::Plan | DoubtOf::Unread => Reason::DependsOn(Hole::new(&doubt.what)),
            DoubtOf::Config => Reason::Config(doubt.what.clone()),
        };
        let touching = self.unvetted.iter().filter(|doubt| touched(doubt.touches));
        let (guesses, others): (Vec<_>, Vec<_>) = touching.partition(|doubt| doubt.is_guess);
        let others = others.into_iter().map(reason);
        Doubts {
            absent: missing.chain(unplaced).chain(others).collect(),
            guessed: guesses.into_iter().map(reason).collect(),
        }
    }
}

/// Whether a flow over IPv4 shows a verdict on a claim of this kind.
fn shows_ipv4(finding: &Finding, word: Word) -> bool {
    let shown = match word {
        Word::Always | Word::Never | Word::Only => VerdictWord::Violated,
        Word::Sometimes => VerdictWord::Proved,
    };
    let packet = finding
        .evidence
        .as_ref()
        .map(|evidence| evidence.witness.flow.packet);
    finding.verdict == shown
        && packet.is_some_and(|packet| packet.destination().family() == Family::V4)
}

/// Makes a verdict UNKNOWN for the answers that are missing, when it is a proof or rests on absence,
/// and for a guess in any case.
pub(crate) fn take_back(finding: &mut Finding, is_absence: bool, doubts: Doubts) {
    let Doubts { absent, guessed } = doubts;
    let is_doubted =
        is_absence || matches!(finding.verdict, VerdictWord::Proved | VerdictWord::Vacuous);
    if is_doubted && !absent.is_empty() {
        finding.reasons.extend(absent);
        finding.verdict = VerdictWord::Unknown;
    }
    if !guessed.is_empty() {
        finding.reasons.extend(guessed);
        finding.verdict = VerdictWord::Unknown;
        // What shows it may not be so.
        finding.evidence = None;
        finding.difference = None;
    }
}
