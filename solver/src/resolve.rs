//! What a name means in a VPC (page dns).

use std::collections::BTreeSet;

use model::{
    Answer, Clause, EndpointKind, EndpointName, Hole, Network, NetworkInterfaceId, Resolution,
    Value, Vpc, VpcEndpoint, VpcId,
};

/// The suffix of every endpoint-specific name.
const SPECIFIC: &str = ".vpce.amazonaws.com";

/// What a client in the VPC is answered.
pub(crate) fn resolve(network: &Network, vpc: &VpcId, name: &str) -> Resolution {
    let name = name.strip_suffix('.').unwrap_or(name).to_lowercase();
    let unmodelled = || {
        answer(
            Clause::NameUnmodelled,
            Answer::Undetermined(Hole::new(&name)),
        )
    };
    let Some(vpc) = network.vpcs().get(vpc) else {
        return unmodelled();
    };
    if vpc.custom_dns_servers {
        let hole = Hole::new(format!("DHCP options of {}", vpc.id));
        return answer(Clause::DnsCustomServers, Answer::Undetermined(hole));
    }
    if !vpc.dns_support {
        return answer(Clause::DnsSupport, Answer::NoAnswer);
    }
    if let Some(specific) = specific(network, &name) {
        return answer(Clause::EndpointSpecificName, specific);
    }
    if let Some(private) = private(network, vpc, &name) {
        return answer(Clause::EndpointPrivateDns, Answer::Interfaces(private));
    }
    match service(&name) {
        Some(service) => answer(Clause::ServicePublicName, Answer::PublicService(service)),
        None => unmodelled(),
    }
}

const fn answer(clause: Clause, answer: Answer) -> Resolution {
    Resolution { clause, answer }
}

/// Whether a listed name stands for a name, and how well: a longer one is better, and one without `*`.
fn stands_for(listed: &str, name: &str) -> Option<(usize, bool)> {
    let matches = match listed.strip_prefix('*') {
        Some(suffix) if suffix.starts_with('.') => name.ends_with(suffix),
        Some(_) | None => listed == name,
    };
    matches.then_some((listed.len(), !listed.starts_with('*')))
}

/// What the best of the listed names that stand for a name mean together.
fn best<'a>(
    name: &str,
    listed: impl Iterator<Item = (&'a str, BTreeSet<NetworkInterfaceId>)> + Clone,
) -> Option<BTreeSet<NetworkInterfaceId>> {
    let rank = |text: &str| stands_for(text, name);
    let best = listed.clone().filter_map(|(text, _)| rank(text)).max()?;
    let meant = listed.filter(|(text, _)| rank(text) == Some(best));
    Some(meant.flat_map(|(_, interfaces)| interfaces).collect())
}

/// `endpoint-specific-name`.
fn specific(network: &Network, name: &str) -> Option<Answer> {
    let mut listed: Vec<(&EndpointName, BTreeSet<NetworkInterfaceId>)> = Vec::new();
    let mut unknown = None;
    for endpoint in network.vpc_endpoints().values() {
        let EndpointKind::Interface {
            interfaces,
            specific_names,
            ..
        } = &endpoint.kind
        else {
            continue;
        };
        match specific_names {
            Value::Known(names) => listed.extend(names.iter().map(|name| {
                let meant = match &name.interface {
                    Some(one) => BTreeSet::from([one.clone()]),
                    None => interfaces.clone(),
                };
                (name, meant)
            })),
            Value::OneOf(_, hole) | Value::Any(hole) => {
                unknown.get_or_insert(hole);
            }
        }
    }
    let listed = listed
        .iter()
        .map(|(listed, meant)| (listed.name.as_str(), meant.clone()));
    if let Some(meant) = best(name, listed) {
        return Some(Answer::Interfaces(meant));
    }
    name.ends_with(SPECIFIC).then(|| match unknown {
        Some(hole) => Answer::Undetermined(hole.clone()),
        None => Answer::NoAnswer,
    })
}

/// `endpoint-private-dns`; nothing when no endpoint answers.
fn private(network: &Network, vpc: &Vpc, name: &str) -> Option<BTreeSet<NetworkInterfaceId>> {
    if !vpc.dns_hostnames {
        return None;
    }
    let here = |endpoint: &&VpcEndpoint| endpoint.vpc == vpc.id && endpoint.available;
    let endpoints = network.vpc_endpoints().values().filter(here);
    let listed = endpoints.flat_map(|endpoint| match &endpoint.kind {
        EndpointKind::Interface {
            interfaces,
            private_dns: true,
            private_dns_inbound_only: false,
            private_names,
            ..
        } => private_names
            .iter()
            .map(|name| (name.as_str(), interfaces.clone()))
            .collect(),
        EndpointKind::Interface { .. }
        | EndpointKind::Gateway { .. }
        | EndpointKind::GatewayLoadBalancer { .. }
        | EndpointKind::Unmodelled(_) => Vec::new(),
    });
    best(name, listed)
}

/// The service whose default name this is, by its full name (`service-public-name`).
fn service(name: &str) -> Option<String> {
    let name = name.strip_suffix(".amazonaws.com")?;
    let (labels, region) = name.rsplit_once('.')?;
    if !is_region(region) || labels.split('.').any(str::is_empty) {
        return None;
    }
    // Of s3 every name below the default one is a bucket's.
    if labels == "s3" || labels.ends_with(".s3") {
        return Some(format!("com.amazonaws.{region}.s3"));
    }
    let service: Vec<&str> = labels.split('.').rev().collect();
    Some(format!("com.amazonaws.{region}.{}", service.join(".")))
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
