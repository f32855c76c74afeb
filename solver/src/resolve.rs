//! What a name means to who asks (page dns).

use std::collections::BTreeSet;

use model::{
    Answer, Asker, Clause, Hole, HostedZone, InboundResolver, Network, NetworkInterfaceId,
    Resolution, ResolverRule, Vpc,
};

use crate::dns_name::DnsName;
use crate::dns64::{self, Places};
use crate::{dns_firewall, endpoint_name, hosted_zone, load_balancer_name, resolver_rule};

/// How often more one query is asked from the beginning (`dns-limit`).
const ASKED_AGAIN: usize = 4;

/// What who asks is answered.
pub(crate) fn resolve(network: &Network, asker: &Asker, name: &str) -> Resolution {
    let name = DnsName::new(name);
    Query::first(network, asker, &name).map_or_else(|| unmodelled(&name), |query| query.ask())
}

/// An answer by a clause.
pub(crate) const fn answer(clause: Clause, answer: Answer) -> Resolution {
    Resolution { clause, answer }
}

fn unmodelled(name: &DnsName) -> Resolution {
    let hole = Hole::new(name.to_string());
    answer(Clause::NameUnmodelled, Answer::Undetermined(hole))
}

/// A name that is asked in a VPC.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Query<'a> {
    pub(crate) network: &'a Network,
    pub(crate) vpc: &'a Vpc,
    pub(crate) name: &'a DnsName,
    /// It *comes by the inbound resolver endpoint* of the VPC (`inbound-resolver`).
    pub(crate) inbound: bool,
    pub(crate) places: Places<'a>,
    asked_again: usize,
}

/// A zone or rule that matches a query.
#[derive(Clone, Copy, Debug)]
struct Matching<'a> {
    /// The labels of its name.
    length: usize,
    what: ZoneOrRule<'a>,
}

#[derive(Clone, Copy, Debug)]
enum ZoneOrRule<'a> {
    Hosted(&'a HostedZone),
    PrivateName(&'a BTreeSet<NetworkInterfaceId>),
    Rule(&'a ResolverRule),
}

impl Matching<'_> {
    /// `dns-most-specific`: that the other is not chosen beside it.
    fn beats(&self, other: &Self) -> bool {
        let forwards = |one: &Self| match one.what {
            ZoneOrRule::Rule(rule) => resolver_rule::forwards(rule),
            ZoneOrRule::Hosted(_) | ZoneOrRule::PrivateName(_) => false,
        };
        let wins_tie = self.length == other.length && forwards(self) && !forwards(other);
        self.length > other.length || wins_tie
    }

    /// Whether it is left when a rule `SYSTEM` has the choice made again.
    const fn outlasts_system(&self) -> bool {
        match self.what {
            ZoneOrRule::Rule(rule) => resolver_rule::outlasts_system(rule),
            ZoneOrRule::Hosted(_) | ZoneOrRule::PrivateName(_) => true,
        }
    }
}

impl<'a> Query<'a> {
    /// As who asks begins; nothing for one who is nowhere in the network.
    fn first(network: &'a Network, asker: &'a Asker, name: &'a DnsName) -> Option<Self> {
        let vpc = |id| network.vpcs().get(id);
        let (vpc, inbound, places) = match asker {
            Asker::Vpc(id) => (vpc(id)?, false, Places::of_client(None)),
            Asker::Subnet(id) => {
                let subnet = network.subnets().get(id)?;
                (vpc(&subnet.vpc)?, false, Places::of_client(Some(subnet)))
            }
            Asker::Inbound(id) => {
                let vpc = vpc(id)?;
                (vpc, true, Places::of_inbound(vpc))
            }
        };
        Some(Query {
            network,
            vpc,
            name,
            inbound,
            places,
            asked_again: 0,
        })
    }

    /// What is answered.
    fn ask(&self) -> Resolution {
        dns64::passed(self, self.asked())
    }

    /// What is answered before it passes `dns64`.
    fn asked(&self) -> Resolution {
        let vpc = self.vpc;
        if self.inbound && vpc.inbound_resolver == InboundResolver::Absent {
            return answer(Clause::InboundResolver, Answer::NoAnswer);
        }
        if vpc.custom_dns_servers && !self.inbound {
            let hole = Hole::new(format!("DHCP options of {}", vpc.id));
            return answer(Clause::DnsCustomServers, Answer::Undetermined(hole));
        }
        if !vpc.dns_support {
            return answer(Clause::DnsSupport, Answer::NoAnswer);
        }
        match dns_firewall::stops(vpc, self.name) {
            Some(stopped) => stopped,
            None => self.choose(&self.matching()),
        }
    }

    /// What is answered when the query leads to another name.
    pub(crate) fn led_to(&self, name: &DnsName) -> Resolution {
        Query { name, ..*self }.ask_again()
    }

    /// What is answered when the query is forwarded to the inbound resolver endpoint of a VPC.
    pub(crate) fn forwarded(&self, vpc: &Vpc) -> Resolution {
        let query = Query {
            vpc,
            inbound: true,
            places: self.places.then(vpc),
            ..*self
        };
        query.ask_again()
    }

    /// `dns-limit`: what is answered when what has been asked led to this.
    fn ask_again(self) -> Resolution {
        if self.asked_again == ASKED_AGAIN {
            let hole = Hole::new(format!("what {} leads to", self.name));
            return answer(Clause::DnsLimit, Answer::Undetermined(hole));
        }
        let query = Query {
            asked_again: self.asked_again + 1,
            ..self
        };
        query.ask()
    }

    /// The zones and rules that match.
    fn matching(&self) -> Vec<Matching<'a>> {
        let (vpc, name) = (self.vpc, self.name);
        let rules = self.network.resolver_rules().values();
        let rules = rules.filter(|rule| rule.vpcs.contains(&vpc.id));
        let rules = rules.map(|rule| (DnsName::new(&rule.domain), ZoneOrRule::Rule(rule)));
        // Zones need both attributes; that `enableDnsSupport` is on, `dns-support` has said before.
        let zones = self.network.hosted_zones().values();
        let zones = zones.filter(|zone| vpc.dns_hostnames && zone.vpcs.contains(&vpc.id));
        let zones = zones.map(|zone| (DnsName::new(&zone.name), ZoneOrRule::Hosted(zone)));
        let parents = rules.chain(zones).filter(|(own, _)| name.is_within(own));
        let parents = parents.map(|(own, what)| (own.length(), what));
        let private = endpoint_name::private(self).filter(|_| vpc.dns_hostnames);
        let private =
            private.map(|(listed, meant)| (listed.length(), ZoneOrRule::PrivateName(meant)));
        let all = parents.chain(private);
        all.map(|(length, what)| Matching { length, what })
            .collect()
    }

    /// What those that no other one beats answer.
    fn choose(&self, matching: &[Matching<'a>]) -> Resolution {
        let beaten = |one: &Matching<'_>| matching.iter().any(|other| other.beats(one));
        let chosen = || matching.iter().filter(|one| !beaten(one));
        let rule = chosen().find_map(|one| match one.what {
            ZoneOrRule::Rule(rule) => Some(rule),
            ZoneOrRule::Hosted(_) | ZoneOrRule::PrivateName(_) => None,
        });
        let zone = chosen().find_map(|one| match one.what {
            ZoneOrRule::Hosted(zone) => Some(zone),
            ZoneOrRule::PrivateName(_) | ZoneOrRule::Rule(_) => None,
        });
        let private: Vec<_> = chosen()
            .filter_map(|one| match one.what {
                ZoneOrRule::PrivateName(interfaces) => Some(interfaces),
                ZoneOrRule::Hosted(_) | ZoneOrRule::Rule(_) => None,
            })
            .collect();
        match (rule, zone) {
            (Some(rule), None) if private.is_empty() => resolver_rule::answers(self, rule)
                .unwrap_or_else(|| self.choose_after_system(matching)),
            (Some(rule), _) => {
                let hole = Hole::new(format!(
                    "whether resolver rule {} or a zone decides",
                    rule.id
                ));
                answer(Clause::DnsMostSpecific, Answer::Undetermined(hole))
            }
            (None, Some(zone)) => hosted_zone::answers(self, zone),
            (None, None) if private.is_empty() => self.public(),
            (None, None) => {
                let interfaces = private.into_iter().flatten().cloned();
                let meant = Answer::Interfaces(interfaces.collect());
                answer(Clause::EndpointPrivateDns, meant)
            }
        }
    }

    /// `resolver-rule-system`.
    fn choose_after_system(&self, matching: &[Matching<'a>]) -> Resolution {
        let left = matching.iter().filter(|one| one.outlasts_system());
        let left: Vec<_> = left.copied().collect();
        self.choose(&left)
    }

    /// The public name.
    fn public(&self) -> Resolution {
        if let Some(specific) = endpoint_name::specific(self.network, self.name) {
            return answer(Clause::EndpointSpecificName, specific);
        }
        if let Some(meant) = load_balancer_name::answers(self.network, self.name) {
            return answer(Clause::LoadBalancerName, meant);
        }
        match service(&self.name.to_string()) {
            Some(service) => answer(Clause::ServicePublicName, Answer::PublicService(service)),
            None => unmodelled(self.name),
        }
    }
}

/// The service whose default name this is, by its full name (`service-public-name`).
fn service(name: &str) -> Option<String> {
    let name = name.strip_suffix(".amazonaws.com")?;
    let (name, region) = name.rsplit_once('.')?;
    let labels: Vec<&str> = name.split('.').collect();
    if !is_region(region) || labels.iter().any(|label| label.is_empty()) {
        return None;
    }
    let service = match labels.as_slice() {
        [service] => service,
        [.., "s3"] => "s3",
        [_, "execute-api"] => "execute-api",
        ["api", "ecr"] => "ecr.api",
        [_, "dkr", "ecr"] => "ecr.dkr",
        ["api", "sagemaker"] => "sagemaker.api",
        ["runtime", "sagemaker"] => "sagemaker.runtime",
        ["streams", "dynamodb"] => "dynamodb-streams",
        // Many a name belongs to a resource with a private address.
        _ => return None,
    };
    Some(format!("com.amazonaws.{region}.{service}"))
}

/// A Region is named like `ap-northeast-1`.
fn is_region(label: &str) -> bool {
    let mut parts = label.split('-');
    let number = parts.next_back().unwrap_or_default();
    let words: Vec<&str> = parts.collect();
    let letters =
        |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    words.len() >= 2
        && words.iter().all(letters)
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
}
