//! How a name got its meaning: every query that was asked, and what became of each zone and rule.

use std::collections::BTreeSet;

use model::{
    Asker, Clause, EndpointKind, HostedZoneId, Network, Resolution, ResolverRuleId, Value,
    VpcEndpointId, VpcId,
};

use crate::Evaluator;
use crate::resolve::below;
use crate::resolver_rule::{Candidate, lists};

/// How a name got its meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameTrace {
    /// What who asks is answered.
    pub resolution: Resolution,
    /// What was asked from the beginning, in order: the client's query first, then those to which
    /// records and rules led.
    pub asked: Vec<Asked>,
}

/// A query asked from the beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The VPC whose resolver is asked.
    pub vpc: VpcId,
    /// The name, in lower case and without a final dot.
    pub name: String,
    /// Whether it came through an inbound resolver endpoint.
    pub inbound: bool,
    /// Whether the place in which it was asked has DNS64: the subnet of the client, or the inbound
    /// resolver endpoint.
    pub dns64: Value<bool>,
    /// The position of the rule of DNS Firewall that decided, if one did.
    pub firewall_rule: Option<usize>,
    /// The zones and rules whose names match, those of other VPCs too.
    pub candidates: Vec<NameCandidate>,
}

/// A zone or rule, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameCandidate {
    /// Which.
    pub by: NamedBy,
    /// Its name or domain, empty for every name.
    pub name: String,
    /// The clause by which it decides when it is chosen.
    pub clause: Clause,
    /// What became of it.
    pub fate: Fate,
}

/// What a name can be found in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamedBy {
    /// A private hosted zone.
    HostedZone(HostedZoneId),
    /// A resolver rule.
    ResolverRule(ResolverRuleId),
    /// The private DNS of interface endpoints.
    Endpoints(BTreeSet<VpcEndpointId>),
}

/// What became of a zone or rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It decides; a rule `SYSTEM` that another choice is made without forwarding rules.
    Chosen,
    /// Another is longer.
    LessSpecific,
    /// Another of its length comes first.
    Outranked,
    /// AWS leaves open whether it or another of its length decides.
    Tied,
    /// A rule `SYSTEM` left it out.
    LeftOut,
    /// It is not associated with the VPC, or an endpoint of another VPC.
    OtherVpc,
    /// The DNS attributes of the VPC are not both on.
    AttributesOff,
    /// The endpoint is not available.
    NotAvailable,
    /// The endpoint's private DNS is off.
    PrivateDnsOff,
    /// The endpoint's private DNS is for inbound resolver endpoints only.
    InboundOnly,
    /// The query was decided before zones and rules.
    NotAsked,
}

impl Asked {
    pub(crate) fn new(vpc: &VpcId, name: &str, inbound: bool, dns64: &Value<bool>) -> Self {
        Self {
            vpc: vpc.clone(),
            name: name.to_owned(),
            inbound,
            dns64: dns64.clone(),
            firewall_rule: None,
            candidates: Vec::new(),
        }
    }

    pub(crate) fn candidate(&mut self, candidate: &Candidate<'_>, fate: Fate) {
        let by = match candidate {
            Candidate::Zone(zone) => NamedBy::HostedZone(zone.id.clone()),
            Candidate::Rule(rule) => NamedBy::ResolverRule(rule.id.clone()),
            Candidate::Private(_, listed) => {
                let endpoints = listed.iter().map(|one| one.endpoint.clone());
                NamedBy::Endpoints(endpoints.collect())
            }
        };
        self.candidates.push(NameCandidate {
            by,
            name: candidate.spelling().to_owned(),
            clause: candidate.clause(),
            fate,
        });
    }

    /// Adds those that were not even matched, and why.
    fn others(&mut self, network: &Network) {
        let on = network.vpcs().get(&self.vpc);
        let on = on.is_some_and(|vpc| vpc.dns_support && vpc.dns_hostnames);
        let attributes = if on {
            Fate::NotAsked
        } else {
            Fate::AttributesOff
        };
        let at_or_below = |parent: &str| self.name == parent || below(&self.name, parent);
        let mut others = Vec::new();
        for (id, zone) in network.hosted_zones() {
            let own = zone.vpcs.contains(&self.vpc);
            if at_or_below(&zone.name.to_lowercase()) {
                others.push(NameCandidate {
                    by: NamedBy::HostedZone(id.clone()),
                    name: zone.name.clone(),
                    clause: Clause::HostedZone,
                    fate: if own { attributes } else { Fate::OtherVpc },
                });
            }
        }
        for (id, rule) in network.resolver_rules() {
            let own = rule.vpcs.contains(&self.vpc);
            if at_or_below(&rule.domain.to_lowercase()) {
                others.push(NameCandidate {
                    by: NamedBy::ResolverRule(id.clone()),
                    name: rule.domain.clone(),
                    clause: match rule.action {
                        model::ResolverAction::System => Clause::ResolverRuleSystem,
                        model::ResolverAction::Forward
                        | model::ResolverAction::ForwardTo(_)
                        | model::ResolverAction::Unmodelled(_) => Clause::ResolverRuleForward,
                    },
                    fate: if own { Fate::NotAsked } else { Fate::OtherVpc },
                });
            }
        }
        for endpoint in network.vpc_endpoints().values() {
            others.extend(self.unmatched(endpoint, attributes));
        }
        let known = |other: &NameCandidate| self.candidates.iter().any(|one| same(one, other));
        others.retain(|other| !known(other));
        self.candidates.extend(others);
    }

    fn unmatched(&self, endpoint: &model::VpcEndpoint, attributes: Fate) -> Option<NameCandidate> {
        let EndpointKind::Interface {
            private_dns,
            private_dns_inbound_only,
            private_names,
            ..
        } = &endpoint.kind
        else {
            return None;
        };
        let mut names = private_names.iter();
        let name = names.find(|name| lists(&name.to_lowercase(), &self.name))?;
        let fate = if endpoint.vpc != self.vpc {
            Fate::OtherVpc
        } else if !endpoint.available {
            Fate::NotAvailable
        } else if !private_dns {
            Fate::PrivateDnsOff
        } else if *private_dns_inbound_only && !self.inbound {
            Fate::InboundOnly
        } else {
            attributes
        };
        Some(NameCandidate {
            by: NamedBy::Endpoints(BTreeSet::from([endpoint.id.clone()])),
            name: name.clone(),
            clause: Clause::EndpointPrivateDns,
            fate,
        })
    }
}

fn same(one: &NameCandidate, other: &NameCandidate) -> bool {
    match (&one.by, &other.by) {
        (NamedBy::Endpoints(one), NamedBy::Endpoints(other)) => one.is_superset(other),
        (one, other) => one == other,
    }
}

impl Evaluator {
    /// What who asks for a name is answered, and what became of every zone and rule that
    /// has to do with it.
    pub fn trace_name(&self, asker: &Asker, name: &str) -> NameTrace {
        let (resolution, mut asked) = self.resolver.asked(asker, name);
        asked.iter_mut().for_each(|one| one.others(&self.source));
        NameTrace { resolution, asked }
    }
}
