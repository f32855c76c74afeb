//! The stage *resolve*: what who asks for a name is answered.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Answer, Asker, Clause, DnsTarget, EndpointKind, EndpointName, Hole, InboundResolver, Network,
    NetworkInterfaceId, Resolution, ResolverAction, SubnetId, Value, VpcEndpoint, VpcEndpointId,
    VpcId,
};

use crate::dns_firewall::{DnsFirewall, Filtered};
use crate::dns64::Dns64;
use crate::hosted_zone::{Found, Zone};
use crate::load_balancer_name::LoadBalancerNames;
use crate::named::{Asked, Fate};
use crate::resolver_rule::{Candidate, Candidates, Choice, PrivateName, Rule, choose};

/// How often one query is asked from the beginning again (`dns-limit`).
const MAX_ASKED_AGAIN: usize = 4;

/// No DNS64 in a place.
static OFF: Value<bool> = Value::Known(false);

/// The names that a network answers to.
#[derive(Clone, Debug)]
pub(crate) struct Resolver {
    vpcs: BTreeMap<VpcId, Vpc>,
    subnets: BTreeMap<SubnetId, Subnet>,
    /// The interfaces of available interface endpoints.
    endpoints: BTreeMap<VpcEndpointId, BTreeSet<NetworkInterfaceId>>,
    /// Names that mean endpoints from every VPC.
    specific: Vec<Listed>,
    /// The names of some endpoint are not known.
    unknown: Option<Hole>,
    load_balancers: LoadBalancerNames,
    regions: BTreeSet<String>,
    dns64: Dns64,
}

#[derive(Clone, Debug)]
struct Subnet {
    vpc: VpcId,
    dns64: Value<bool>,
}

#[derive(Clone, Debug)]
struct Vpc {
    dns_support: bool,
    custom_dns_servers: bool,
    inbound_resolver: InboundResolver,
    dns_firewall: DnsFirewall,
    candidates: Candidates,
}

/// A listed name and the interfaces that it means.
#[derive(Clone, Debug)]
struct Listed {
    name: String,
    interfaces: BTreeSet<NetworkInterfaceId>,
}

/// A name asked in a VPC.
#[derive(Clone, Copy)]
struct Query<'a> {
    vpc: &'a VpcId,
    name: &'a str,
    /// It came through an inbound resolver endpoint.
    inbound: bool,
    /// Whether its place has DNS64.
    dns64: &'a Value<bool>,
}

impl Resolver {
    pub(crate) fn new(network: &Network) -> Self {
        let mut resolver = Self {
            vpcs: BTreeMap::new(),
            subnets: network
                .subnets()
                .iter()
                .map(|(id, subnet)| {
                    let vpc = subnet.vpc.clone();
                    let dns64 = Value::Known(subnet.dns64);
                    (id.clone(), Subnet { vpc, dns64 })
                })
                .collect(),
            endpoints: BTreeMap::new(),
            specific: Vec::new(),
            unknown: None,
            load_balancers: LoadBalancerNames::new(network),
            regions: BTreeSet::new(),
            dns64: Dns64::new(network),
        };
        for (id, vpc) in network.vpcs() {
            resolver.regions.insert(vpc.region.clone());
            let candidates = Candidates {
                dns_hostnames: vpc.dns_hostnames,
                ..Candidates::default()
            };
            let vpc = Vpc {
                dns_support: vpc.dns_support,
                custom_dns_servers: vpc.custom_dns_servers,
                inbound_resolver: vpc.inbound_resolver.clone(),
                dns_firewall: DnsFirewall::new(&vpc.dns_firewall),
                candidates,
            };
            resolver.vpcs.insert(id.clone(), vpc);
        }
        for endpoint in network.vpc_endpoints().values() {
            resolver.endpoint(endpoint);
        }
        for zone in network.hosted_zones().values() {
            for vpc in resolver.named(&zone.vpcs) {
                vpc.candidates.zones.push(Zone::new(zone));
            }
        }
        for rule in network.resolver_rules().values() {
            for vpc in resolver.named(&rule.vpcs) {
                vpc.candidates.rules.push(Rule::new(rule));
            }
        }
        resolver
    }

    fn named(&mut self, vpcs: &BTreeSet<VpcId>) -> impl Iterator<Item = &mut Vpc> {
        let all = self.vpcs.iter_mut();
        all.filter_map(|(id, vpc)| vpcs.contains(id).then_some(vpc))
    }

    fn endpoint(&mut self, endpoint: &VpcEndpoint) {
        let EndpointKind::Interface {
            interfaces,
            private_dns,
            private_dns_inbound_only,
            private_names,
            specific_names,
        } = &endpoint.kind
        else {
            return;
        };
        match specific_names {
            Value::Known(names) => {
                let listed = |name: &EndpointName| Listed {
                    name: name.name.to_lowercase(),
                    interfaces: match &name.interface {
                        Some(one) => BTreeSet::from([one.clone()]),
                        None => interfaces.clone(),
                    },
                };
                self.specific.extend(names.iter().map(listed));
            }
            Value::OneOf(_, hole) | Value::Any(hole) => {
                self.unknown.get_or_insert_with(|| hole.clone());
            }
        }
        if !endpoint.available {
            return;
        }
        let id = endpoint.id.clone();
        self.endpoints.insert(id, interfaces.clone());
        if let (true, Some(vpc)) = (*private_dns, self.vpcs.get_mut(&endpoint.vpc)) {
            let listed = |name: &String| PrivateName {
                endpoint: endpoint.id.clone(),
                name: name.to_lowercase(),
                inbound_only: *private_dns_inbound_only,
                interfaces: interfaces.clone(),
            };
            vpc.candidates
                .private
                .extend(private_names.iter().map(listed));
        }
    }

    /// What the name means to who asks for it.
    pub(crate) fn resolve(&self, asker: &Asker, name: &str) -> Resolution {
        self.asked(asker, name).0
    }

    /// The same, with every step from the beginning.
    pub(crate) fn asked(&self, asker: &Asker, name: &str) -> (Resolution, Vec<Asked>) {
        let mut asked = Vec::new();
        let (vpc, inbound, dns64) = match asker {
            Asker::Vpc(vpc) => (vpc, false, &OFF),
            Asker::Subnet(subnet) => match self.subnets.get(subnet) {
                Some(subnet) => (&subnet.vpc, false, &subnet.dns64),
                None => return (unmodelled(name), asked),
            },
            Asker::Inbound(vpc) => (vpc, true, self.inbound_dns64(vpc)),
        };
        let query = Query {
            vpc,
            name,
            inbound,
            dns64,
        };
        let resolution = self.ask(query, &mut asked);
        (self.dns64.add(resolution, &asked), asked)
    }

    /// Whether the inbound resolver endpoint of a VPC has DNS64.
    fn inbound_dns64(&self, vpc: &VpcId) -> &Value<bool> {
        match self.vpcs.get(vpc).map(|vpc| &vpc.inbound_resolver) {
            Some(InboundResolver::Present { dns64 }) => dns64,
            Some(InboundResolver::Unknown | InboundResolver::Absent) | None => &OFF,
        }
    }

    /// The steps of `dns.md` but the last one, in their order.
    fn ask(&self, query: Query<'_>, asked: &mut Vec<Asked>) -> Resolution {
        let name = query.name.to_lowercase();
        let name = name.strip_suffix('.').unwrap_or(&name);
        let query = Query { name, ..query };
        if asked.len() > MAX_ASKED_AGAIN {
            let hole = format!("what {name} means: too many names lead to it");
            return undetermined(Clause::DnsLimit, hole);
        }
        asked.push(Asked::new(query.vpc, name, query.inbound, query.dns64));
        let Some(vpc) = self.vpcs.get(query.vpc) else {
            return unmodelled(name);
        };
        if query.inbound && vpc.inbound_resolver == InboundResolver::Absent {
            return no_answer(Clause::InboundResolver);
        }
        if vpc.custom_dns_servers && !query.inbound {
            let hole = format!("what the DNS servers of {} answer", query.vpc);
            return undetermined(Clause::DnsCustomServers, hole);
        }
        if !vpc.dns_support {
            return no_answer(Clause::DnsSupport);
        }
        let (filtered, rule) = vpc.dns_firewall.filter(name);
        if let Some(asked) = asked.last_mut() {
            asked.firewall_rule = rule;
        }
        match filtered {
            Filtered::On => {}
            Filtered::Blocked => return no_answer(Clause::DnsFirewall),
            Filtered::Open(hole) => return open(Clause::DnsFirewall, hole),
        }
        let matching = vpc.candidates.matching(name, query.inbound);
        self.choose(query, matching, asked)
    }

    /// `dns-most-specific`, and what the chosen one says.
    fn choose(
        &self,
        query: Query<'_>,
        mut candidates: Vec<Candidate<'_>>,
        asked: &mut Vec<Asked>,
    ) -> Resolution {
        let choice = choose(&candidates);
        let (chosen, candidate) = match choice {
            Choice::None => return self.public(query.name),
            Choice::Open(between) => {
                let names = between.iter().filter_map(|one| candidates.get(*one));
                let names: Vec<_> = names.map(|one| one.to_string()).collect();
                let hole = format!("whether {} answers for {}", names.join(" or "), query.name);
                for (position, candidate) in candidates.iter().enumerate() {
                    let tied = between.contains(&position);
                    let fate = if tied { Fate::Tied } else { Fate::LessSpecific };
                    note(asked, candidate, fate);
                }
                return undetermined(Clause::DnsMostSpecific, hole);
            }
            Choice::One(position, candidate) => (position, candidate),
        };
        let system = candidate.clause() == Clause::ResolverRuleSystem;
        for (position, one) in candidates.iter().enumerate() {
            let fate = match position == chosen {
                true => Fate::Chosen,
                false if system && one.left_out() => Fate::LeftOut,
                false if system => continue,
                false if one.n_labels() == candidate.n_labels() => Fate::Outranked,
                false => Fate::LessSpecific,
            };
            note(asked, one, fate);
        }
        match candidate {
            Candidate::Zone(zone) => self.zone(query, zone, asked),
            Candidate::Private(_, listed) => {
                let interfaces = listed.iter().flat_map(|one| one.interfaces.clone());
                Resolution {
                    clause: Clause::EndpointPrivateDns,
                    answer: Answer::Interfaces(interfaces.collect()),
                }
            }
            Candidate::Rule(rule) => match &rule.action {
                ResolverAction::System => {
                    candidates.retain(|one| !one.left_out());
                    self.choose(query, candidates, asked)
                }
                ResolverAction::Forward => {
                    let what = "what the resolvers that rule";
                    let hole = format!("{what} {} forwards to answer for {}", rule.id, query.name);
                    undetermined(Clause::ResolverRuleForward, hole)
                }
                ResolverAction::ForwardTo(vpc) => {
                    let query = Query {
                        vpc,
                        inbound: true,
                        dns64: self.inbound_dns64(vpc),
                        ..query
                    };
                    self.ask(query, asked)
                }
                ResolverAction::Unmodelled(what) => {
                    let hole = format!("what rule {} ({what}) answers", rule.id);
                    undetermined(Clause::ResolverRuleForward, hole)
                }
            },
        }
    }

    /// `hosted-zone`.
    fn zone(&self, query: Query<'_>, zone: &Zone, asked: &mut Vec<Asked>) -> Resolution {
        let clause = Clause::HostedZone;
        let answer = |answer| Resolution { clause, answer };
        match zone.find(query.name) {
            Found::Nothing => no_answer(clause),
            Found::Open(hole) => open(clause, hole.clone()),
            Found::Record(DnsTarget::Addresses(addresses)) => {
                answer(Answer::Addresses(addresses.clone()))
            }
            Found::Record(DnsTarget::Endpoint(id)) => match self.endpoints.get(id) {
                Some(interfaces) if !interfaces.is_empty() => {
                    answer(Answer::Interfaces(interfaces.clone()))
                }
                Some(_) | None => no_answer(clause),
            },
            Found::Record(DnsTarget::Name(name)) => self.ask(Query { name, ..query }, asked),
            Found::Record(DnsTarget::Unmodelled(what)) => {
                let hole = format!("what {} means ({what} in zone {})", query.name, zone.id);
                undetermined(clause, hole)
            }
        }
    }

    /// What the name means where no zone or rule of the VPC matches it.
    fn public(&self, name: &str) -> Resolution {
        if let Some(answer) = self.specific_name(name) {
            return Resolution {
                clause: Clause::EndpointSpecificName,
                answer,
            };
        }
        if let Some(answer) = self.load_balancers.find(name) {
            return Resolution {
                clause: Clause::LoadBalancerName,
                answer,
            };
        }
        match self.service(name) {
            Some(service) => Resolution {
                clause: Clause::ServicePublicName,
                answer: Answer::PublicService(service),
            },
            None => unmodelled(name),
        }
    }

    fn specific_name(&self, name: &str) -> Option<Answer> {
        if let Some(interfaces) = best(&self.specific, name) {
            return Some(Answer::Interfaces(interfaces));
        }
        name.ends_with(".vpce.amazonaws.com")
            .then(|| match &self.unknown {
                Some(hole) => Answer::Undetermined(hole.clone()),
                None => Answer::NoAnswer,
            })
    }

    /// The service whose default name this is.
    fn service(&self, name: &str) -> Option<String> {
        let name = name.strip_suffix(".amazonaws.com")?;
        let (service, region) = name.rsplit_once('.')?;
        let is_region = self.regions.contains(region) || looks_like_region(region);
        let service = service_of(service).filter(|_| is_region)?;
        Some(format!("com.amazonaws.{region}.{service}"))
    }
}

/// The part `<service>` of the service with this default name before its Region.
fn service_of(name: &str) -> Option<&str> {
    let labels: Vec<_> = name.split('.').collect();
    if labels.iter().any(|label| label.is_empty()) {
        return None;
    }
    match labels.as_slice() {
        [service] => Some(service),
        [_, .., "s3"] => Some("s3"),
        [_, "execute-api"] => Some("execute-api"),
        ["api", "ecr"] => Some("ecr.api"),
        [_, "dkr", "ecr"] => Some("ecr.dkr"),
        ["api", "sagemaker"] => Some("sagemaker.api"),
        ["runtime", "sagemaker"] => Some("sagemaker.runtime"),
        ["streams", "dynamodb"] => Some("dynamodb-streams"),
        _ => None,
    }
}

fn unmodelled(name: &str) -> Resolution {
    undetermined(Clause::NameUnmodelled, format!("what {name} means"))
}

fn undetermined(clause: Clause, hole: String) -> Resolution {
    open(clause, Hole::new(hole))
}

fn open(clause: Clause, hole: Hole) -> Resolution {
    Resolution {
        clause,
        answer: Answer::Undetermined(hole),
    }
}

fn no_answer(clause: Clause) -> Resolution {
    Resolution {
        clause,
        answer: Answer::NoAnswer,
    }
}

/// Says what became of a candidate of the last query.
fn note(asked: &mut [Asked], candidate: &Candidate<'_>, fate: Fate) {
    if let Some(asked) = asked.last_mut() {
        asked.candidate(candidate, fate);
    }
}

/// Whether a name is truly below another.
pub(crate) fn below(name: &str, parent: &str) -> bool {
    let rest = name.strip_suffix(parent);
    parent.is_empty() || rest.is_some_and(|rest| rest.ends_with('.'))
}

/// Of the listed names that match the longest decides, one without `*` before one with.
fn best(listed: &[Listed], name: &str) -> Option<BTreeSet<NetworkInterfaceId>> {
    let rank = |one: &Listed| match one.name.strip_prefix('*') {
        Some(tail) => name.ends_with(tail).then_some((false, tail.len())),
        None => (one.name == name).then_some((true, name.len())),
    };
    let longest = listed.iter().filter_map(rank).max()?;
    let deciding = listed.iter().filter(|one| rank(one) == Some(longest));
    Some(deciding.flat_map(|one| one.interfaces.clone()).collect())
}

/// Whether a label has the form of a Region's name, as `ap-northeast-1`.
fn looks_like_region(label: &str) -> bool {
    let mut parts = label.split('-');
    let letters =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let last = parts.next_back();
    let first = parts.next();
    let middle: Vec<_> = parts.collect();
    last.is_some_and(digits)
        && first.is_some_and(letters)
        && !middle.is_empty()
        && middle.into_iter().all(letters)
}
