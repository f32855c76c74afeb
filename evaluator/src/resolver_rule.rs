//! The zones and rules that match a name in a VPC, and which of them decides.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use model::{
    Clause, NetworkInterfaceId, ResolverAction, ResolverRule, ResolverRuleId, VpcEndpointId,
};

use crate::hosted_zone::Zone;
use crate::resolve::below;

/// A resolver rule, its domain in lower case.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) id: ResolverRuleId,
    pub(crate) domain: String,
    pub(crate) action: ResolverAction,
}

impl Rule {
    pub(crate) fn new(rule: &ResolverRule) -> Self {
        Self {
            id: rule.id.clone(),
            domain: rule.domain.to_lowercase(),
            action: rule.action.clone(),
        }
    }
}

/// A private name that an endpoint lists, and the interfaces that it means.
#[derive(Clone, Debug)]
pub(crate) struct PrivateName {
    pub(crate) endpoint: VpcEndpointId,
    pub(crate) name: String,
    pub(crate) inbound_only: bool,
    pub(crate) interfaces: BTreeSet<NetworkInterfaceId>,
}

/// A zone or rule that matches a name.
#[derive(Clone, Debug)]
pub(crate) enum Candidate<'a> {
    Zone(&'a Zone),
    Rule(&'a Rule),
    /// The private names of that spelling.
    Private(&'a str, Vec<&'a PrivateName>),
}

impl Candidate<'_> {
    /// The clause by which it decides when it is chosen.
    pub(crate) fn clause(&self) -> Clause {
        match self {
            Candidate::Zone(_) => Clause::HostedZone,
            Candidate::Private(..) => Clause::EndpointPrivateDns,
            Candidate::Rule(rule) => match rule.action {
                ResolverAction::System => Clause::ResolverRuleSystem,
                ResolverAction::Forward
                | ResolverAction::ForwardTo(_)
                | ResolverAction::Unmodelled(_) => Clause::ResolverRuleForward,
            },
        }
    }

    /// Its name or domain.
    pub(crate) fn spelling(&self) -> &str {
        match self {
            Candidate::Zone(zone) => &zone.name,
            Candidate::Rule(rule) => &rule.domain,
            Candidate::Private(name, _) => name,
        }
    }

    pub(crate) fn n_labels(&self) -> usize {
        let name = self.spelling();
        let name = name.strip_prefix("*.").unwrap_or(name);
        name.split('.').filter(|label| !label.is_empty()).count()
    }

    /// Of one length the greater is chosen: a rule that forwards, another rule, a name without
    /// `*`, one with.
    fn rank(&self) -> u8 {
        match self {
            Candidate::Rule(rule) if forwards(rule) => 3,
            Candidate::Rule(_) => 2,
            Candidate::Zone(_) => 1,
            Candidate::Private(name, _) => u8::from(!name.starts_with("*.")),
        }
    }

    /// Whether a choice after a rule `SYSTEM` leaves it out.
    pub(crate) fn left_out(&self) -> bool {
        match self {
            Candidate::Rule(rule) => forwards(rule) || rule.action == ResolverAction::System,
            Candidate::Zone(_) | Candidate::Private(..) => false,
        }
    }
}

impl fmt::Display for Candidate<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Candidate::Zone(zone) => write!(formatter, "zone {}", zone.id),
            Candidate::Rule(rule) => write!(formatter, "rule {}", rule.id),
            Candidate::Private(_, listed) => {
                let endpoints: Vec<_> = listed.iter().map(|one| one.endpoint.as_str()).collect();
                write!(formatter, "endpoint {}", endpoints.join(", "))
            }
        }
    }
}

fn forwards(rule: &Rule) -> bool {
    match &rule.action {
        ResolverAction::Forward | ResolverAction::ForwardTo(_) => true,
        ResolverAction::System | ResolverAction::Unmodelled(_) => false,
    }
}

/// What may match in a VPC.
#[derive(Clone, Debug, Default)]
pub(crate) struct Candidates {
    pub(crate) zones: Vec<Zone>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) private: Vec<PrivateName>,
    /// Whether both DNS attributes are on, without which only rules match.
    pub(crate) dns_hostnames: bool,
}

impl Candidates {
    /// The *matching* zones and rules.
    pub(crate) fn matching(&self, name: &str, inbound: bool) -> Vec<Candidate<'_>> {
        let at_or_below = |parent: &str| name == parent || below(name, parent);
        let rules = self.rules.iter().filter(|rule| at_or_below(&rule.domain));
        let mut matching: Vec<_> = rules.map(Candidate::Rule).collect();
        if !self.dns_hostnames {
            return matching;
        }
        let zones = self.zones.iter().filter(|zone| at_or_below(&zone.name));
        matching.extend(zones.map(Candidate::Zone));
        let mut private: BTreeMap<&str, Vec<&PrivateName>> = BTreeMap::new();
        for listed in &self.private {
            if lists(&listed.name, name) && (inbound || !listed.inbound_only) {
                private.entry(&listed.name).or_default().push(listed);
            }
        }
        let private = private.into_iter();
        matching.extend(private.map(|(name, listed)| Candidate::Private(name, listed)));
        matching
    }
}

/// Whether a listed name stands for a name.
pub(crate) fn lists(listed: &str, name: &str) -> bool {
    match listed.strip_prefix("*.") {
        Some(parent) => below(name, parent),
        None => listed == name,
    }
}

/// Which of the matching zones and rules decides.
#[derive(Clone, Debug)]
pub(crate) enum Choice<'a> {
    None,
    /// The position of the chosen one.
    One(usize, Candidate<'a>),
    /// The positions of those between which AWS leaves open which decides.
    Open(Vec<usize>),
}

/// `dns-most-specific`.
pub(crate) fn choose<'a>(candidates: &[Candidate<'a>]) -> Choice<'a> {
    let key = |one: &Candidate<'_>| (one.n_labels(), one.rank());
    let Some((position, chosen)) = candidates
        .iter()
        .enumerate()
        .max_by_key(|(_, one)| key(one))
    else {
        return Choice::None;
    };
    let longest = candidates.iter().enumerate();
    let longest = longest.filter(|(_, one)| one.n_labels() == chosen.n_labels());
    let longest: Vec<_> = longest.map(|(position, _)| position).collect();
    match chosen {
        Candidate::Rule(rule) if !forwards(rule) && longest.len() > 1 => Choice::Open(longest),
        Candidate::Rule(_) | Candidate::Zone(_) | Candidate::Private(..) => {
            Choice::One(position, chosen.clone())
        }
    }
}
