//! The stage *resolve*: what a client in a VPC is answered for a name.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Answer, Clause, EndpointKind, EndpointName, Hole, Network, NetworkInterfaceId, Resolution,
    Value, VpcEndpoint, VpcId,
};

/// The names that a network answers to.
#[derive(Clone, Debug)]
pub(crate) struct Resolver {
    vpcs: BTreeMap<VpcId, Vpc>,
    /// Names that mean endpoints from every VPC.
    specific: Vec<Listed>,
    /// The names of some endpoint are not known.
    unknown: Option<Hole>,
    regions: BTreeSet<String>,
}

#[derive(Clone, Debug)]
struct Vpc {
    dns_support: bool,
    dns_hostnames: bool,
    custom_dns_servers: bool,
    /// Names that mean endpoints in this VPC.
    private: Vec<Listed>,
}

/// A listed name and the interfaces that it means.
#[derive(Clone, Debug)]
struct Listed {
    name: String,
    interfaces: BTreeSet<NetworkInterfaceId>,
}

impl Resolver {
    pub(crate) fn new(network: &Network) -> Self {
        let mut resolver = Self {
            vpcs: BTreeMap::new(),
            specific: Vec::new(),
            unknown: None,
            regions: BTreeSet::new(),
        };
        for (id, vpc) in network.vpcs() {
            resolver.regions.insert(vpc.region.clone());
            let vpc = Vpc {
                dns_support: vpc.dns_support,
                dns_hostnames: vpc.dns_hostnames,
                custom_dns_servers: vpc.custom_dns_servers,
                private: Vec::new(),
            };
            resolver.vpcs.insert(id.clone(), vpc);
        }
        for endpoint in network.vpc_endpoints().values() {
            resolver.endpoint(endpoint);
        }
        resolver
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
        let answers = endpoint.available && *private_dns && !private_dns_inbound_only;
        if let (true, Some(vpc)) = (answers, self.vpcs.get_mut(&endpoint.vpc)) {
            vpc.private.extend(private_names.iter().map(|name| Listed {
                name: name.to_lowercase(),
                interfaces: interfaces.clone(),
            }));
        }
    }

    /// The steps of `dns.md`, in their order.
    pub(crate) fn resolve(&self, vpc: &VpcId, name: &str) -> Resolution {
        let name = name.to_lowercase();
        let name = name.strip_suffix('.').unwrap_or(&name);
        let unmodelled = || Resolution {
            clause: Clause::NameUnmodelled,
            answer: Answer::Undetermined(Hole::new(format!("what {name} means"))),
        };
        let Some(vpc_of) = self.vpcs.get(vpc) else {
            return unmodelled();
        };
        if vpc_of.custom_dns_servers {
            let hole = Hole::new(format!("what the DNS servers of {vpc} answer"));
            return Resolution {
                clause: Clause::DnsCustomServers,
                answer: Answer::Undetermined(hole),
            };
        }
        if !vpc_of.dns_support {
            return Resolution {
                clause: Clause::DnsSupport,
                answer: Answer::NoAnswer,
            };
        }
        if let Some(answer) = self.specific_name(name) {
            return Resolution {
                clause: Clause::EndpointSpecificName,
                answer,
            };
        }
        let private = best(&vpc_of.private, name).filter(|_| vpc_of.dns_hostnames);
        if let Some(interfaces) = private {
            return Resolution {
                clause: Clause::EndpointPrivateDns,
                answer: Answer::Interfaces(interfaces),
            };
        }
        match self.service(name) {
            Some(service) => Resolution {
                clause: Clause::ServicePublicName,
                answer: Answer::PublicService(service),
            },
            None => unmodelled(),
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
        let labels: Vec<_> = service.split('.').rev().collect();
        let complete = labels.iter().all(|label| !label.is_empty());
        let service = match labels.as_slice() {
            ["s3", _, ..] => String::from("s3"),
            labels => labels.join("."),
        };
        let known = is_region && complete;
        known.then(|| format!("com.amazonaws.{region}.{service}"))
    }
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
