//! What a proof rests on: rules and policies, as far as each is needed, with which a claim stays proved whatever all
//! others say, and none of which can be left out.
//!
//! The others are opened: each becomes a hole of the network, which may hold any value, and both engines judge the claim
//! again. So that what is left suffices is not read off a proof; it is a verdict of its own. As a network with more
//! holes has more completions, what could not be opened once cannot be opened later either, and one pass leaves a set
//! of which nothing more can be opened.

pub(crate) mod setting;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use model::{ComponentId, Network, NetworkDraft, RuleIndex};

use setting::{Opened, Setting};

/// How many networks are judged for one claim.
pub(crate) const MOST_QUESTIONS: usize = 200;

/// What a proof rests on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Core {
    pub(crate) parts: Vec<Part>,
    /// What may say anything.
    pub(crate) opened: BTreeMap<Setting, Opened>,
    /// How many networks were judged.
    pub(crate) n_questions: usize,
    /// Whether the limit ended the search: then less may suffice.
    pub(crate) is_cut_short: bool,
}

/// A setting on which a proof rests, and how far.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Part {
    pub(crate) setting: Setting,
    pub(crate) needs: Needs,
}

/// How far a proof needs a setting.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Needs {
    /// All that it says.
    All,
    /// These rules, whatever it says besides.
    Rules(BTreeSet<RuleIndex>),
    /// That it has no other rules than it has, and that these are as they are; the others may be missing or lead
    /// anywhere.
    Only(BTreeSet<RuleIndex>),
}

/// Finds what a claim rests on that is proved; `holds` judges it on another network.
///
/// # Errors
///
/// Those of `holds`.
pub(crate) fn core<E>(
    network: &Network,
    holds: impl FnMut(Network) -> Result<bool, E>,
) -> Result<Core, E> {
    let mut search = Search {
        network,
        holds,
        core: Core::default(),
    };
    let settings = setting::all(network);
    let whole: Vec<_> = settings
        .iter()
        .map(|one| (one.clone(), Open::Whole))
        .collect();
    search.open(&whole)?;
    for setting in &settings {
        if !search.is_whole(setting) {
            search.refine(setting)?;
        }
    }
    let mut core = search.core;
    let left = settings
        .iter()
        .filter(|one| !matches!(core.opened.get(*one), Some(Opened::Whole)));
    core.parts = left
        .map(|setting| Part {
            setting: setting.clone(),
            needs: needs(network, setting, core.opened.get(setting)),
        })
        .collect();
    Ok(core)
}

/// One thing to open.
#[derive(Clone, Debug)]
enum Open {
    /// All of a setting.
    Whole,
    /// That a group has no other rules than it has.
    Besides,
    /// A rule.
    Rule(RuleIndex),
}

struct Search<'a, F> {
    network: &'a Network,
    holds: F,
    core: Core,
}

impl<E, F: FnMut(Network) -> Result<bool, E>> Search<'_, F> {
    /// Opens as many of some things as the claim stays proved with: all, or else each half by itself.
    fn open(&mut self, things: &[(Setting, Open)]) -> Result<(), E> {
        if things.is_empty() || self.core.is_cut_short {
            return Ok(());
        }
        let mut opened = self.core.opened.clone();
        for (setting, open) in things {
            add(&mut opened, setting, open);
        }
        if self.ask(&opened)? {
            self.core.opened = opened;
            return Ok(());
        }
        if things.len() > 1 {
            let (one, other) = things.split_at(things.len() / 2);
            self.open(one)?;
            self.open(other)?;
        }
        Ok(())
    }

    fn ask(&mut self, opened: &BTreeMap<Setting, Opened>) -> Result<bool, E> {
        if self.core.n_questions == MOST_QUESTIONS {
            self.core.is_cut_short = true;
            return Ok(false);
        }
        // What cannot be opened so stays as it is.
        let Some(network) = opened_network(self.network, opened) else {
            return Ok(false);
        };
        self.core.n_questions += 1;
        (self.holds)(network)
    }

    fn is_whole(&self, setting: &Setting) -> bool {
        matches!(self.core.opened.get(setting), Some(Opened::Whole))
    }

    /// Opens what can be of a setting that is needed.
    fn refine(&mut self, setting: &Setting) -> Result<(), E> {
        let rules = setting.rules(self.network).into_iter();
        let rules: Vec<_> = rules
            .map(|rule| (setting.clone(), Open::Rule(rule)))
            .collect();
        match setting {
            Setting::Ingress(_) | Setting::Egress(_) => {
                // A rule that may be any other may stand beside those that are.
                self.open(&[(setting.clone(), Open::Besides)])?;
                if self.core.opened.contains_key(setting) {
                    self.open(&rules)?;
                }
                Ok(())
            }
            Setting::RouteTable(_) => self.open(&rules),
            Setting::NetworkAcl(_)
            | Setting::PrefixList(_)
            | Setting::EndpointPolicy(_)
            | Setting::TransitGatewayRouteTable(_)
            | Setting::HostedZone(_)
            | Setting::Listeners(_)
            | Setting::Targets(_)
            | Setting::ClientVpn(_)
            | Setting::Principal(_)
            | Setting::ResourcePolicy(_) => Ok(()),
        }
    }
}

fn add(opened: &mut BTreeMap<Setting, Opened>, setting: &Setting, open: &Open) {
    let now = opened
        .entry(setting.clone())
        .or_insert_with(|| Opened::Rules(BTreeSet::new()));
    match (open, now) {
        (Open::Whole, now) => *now = Opened::Whole,
        (Open::Rule(rule), Opened::Rules(rules)) => {
            rules.insert(*rule);
        }
        (Open::Besides, Opened::Rules(_)) | (Open::Rule(_) | Open::Besides, Opened::Whole) => {}
    }
}

fn needs(network: &Network, setting: &Setting, opened: Option<&Opened>) -> Needs {
    let Some(Opened::Rules(open)) = opened else {
        return Needs::All;
    };
    let rules = setting.rules(network).into_iter();
    let kept: BTreeSet<_> = rules.filter(|rule| !open.contains(rule)).collect();
    match setting {
        Setting::Ingress(_) | Setting::Egress(_) => Needs::Rules(kept),
        Setting::RouteTable(_)
        | Setting::NetworkAcl(_)
        | Setting::PrefixList(_)
        | Setting::EndpointPolicy(_)
        | Setting::TransitGatewayRouteTable(_)
        | Setting::HostedZone(_)
        | Setting::Listeners(_)
        | Setting::Targets(_)
        | Setting::ClientVpn(_)
        | Setting::Principal(_)
        | Setting::ResourcePolicy(_) => Needs::Only(kept),
    }
}

/// The network in which these settings may say anything, as far as they are opened; `None` when the model cannot say it.
pub(crate) fn opened_network(
    network: &Network,
    opened: &BTreeMap<Setting, Opened>,
) -> Option<Network> {
    let mut draft: NetworkDraft = network.clone().into_draft();
    for (setting, how) in opened {
        setting.open(&mut draft, network, how);
    }
    draft.validate().ok()
}

impl Setting {
    /// The component whose setting it is, as traces name it; `None` of a kind that takes no step.
    pub(crate) fn component(&self) -> Option<ComponentId> {
        match self {
            Setting::Ingress(id) | Setting::Egress(id) => {
                Some(ComponentId::SecurityGroup(id.clone()))
            }
            Setting::NetworkAcl(id) => Some(ComponentId::NetworkAcl(id.clone())),
            Setting::RouteTable(id) => Some(ComponentId::RouteTable(id.clone())),
            Setting::EndpointPolicy(id) => Some(ComponentId::VpcEndpoint(id.clone())),
            Setting::TransitGatewayRouteTable(id) => {
                Some(ComponentId::TransitGatewayRouteTable(id.clone()))
            }
            Setting::Listeners(id) => Some(ComponentId::LoadBalancer(id.clone())),
            Setting::Targets(id) => Some(ComponentId::TargetGroup(id.clone())),
            Setting::PrefixList(_)
            | Setting::HostedZone(_)
            | Setting::ClientVpn(_)
            | Setting::Principal(_)
            | Setting::ResourcePolicy(_) => None,
        }
    }
}
