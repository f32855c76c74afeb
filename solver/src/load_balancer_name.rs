//! The DNS names of load balancers (page dns).

use std::collections::BTreeSet;

use model::{Address, AddressValue, Answer, Family, Hole, LoadBalancer, Network, NetworkInterface};

use crate::dns_name::DnsName;

/// `load-balancer-name`; nothing when the name is none of a load balancer's.
pub(crate) fn answers(network: &Network, name: &DnsName) -> Option<Answer> {
    let named = network.load_balancers().values().filter_map(|one| {
        let name = one.name.as_ref()?;
        Some((one, name))
    });
    let named: Vec<_> = named.collect();
    let meant = named.iter().filter(|(_, own)| {
        let dualstack = format!("dualstack.{}", own.name);
        *name == DnsName::new(&own.name) || *name == DnsName::new(&dualstack)
    });
    let meant: Vec<_> = meant.collect();
    let is_below = || {
        let mut parents = named.iter().map(|(_, own)| DnsName::new(&own.name));
        parents.any(|parent| name.is_below(&parent))
    };
    let open = || Answer::Undetermined(Hole::new(name.to_string()));
    match meant.as_slice() {
        [] => is_below().then(open),
        [(one, own)] if own.internet_facing => Some(public(network, one)),
        [(one, _)] => Some(Answer::Interfaces(one.interfaces.clone())),
        _ => Some(open()),
    }
}

/// What the name of an internet-facing one means.
fn public(network: &Network, load_balancer: &LoadBalancer) -> Answer {
    let interfaces = network.network_interfaces();
    let nodes = load_balancer.interfaces.iter();
    let nodes = nodes.filter_map(|id| interfaces.get(id));
    let addresses: Result<BTreeSet<Address>, Hole> = nodes.flat_map(addresses).collect();
    match addresses {
        Ok(addresses) => Answer::Addresses(addresses),
        Err(hole) => Answer::Undetermined(hole),
    }
}

/// The addresses by which the internet knows a node: the public one of each IPv4 address, and the IPv6 ones.
fn addresses(node: &NetworkInterface) -> impl Iterator<Item = Result<Address, Hole>> {
    node.addresses.iter().map(|address| {
        let meant = match (family(&address.private), &address.public) {
            (Family::V6, _) => &address.private,
            (Family::V4, Some(public)) => public,
            (Family::V4, None) => return Err(Hole::new(format!("public address of {}", node.id))),
        };
        match meant {
            AddressValue::Known(address) => Ok(*address),
            AddressValue::Within(_, hole) => Err(hole.clone()),
        }
    })
}

const fn family(address: &AddressValue) -> Family {
    match address {
        AddressValue::Known(address) => address.family(),
        AddressValue::Within(block, _) => block.family(),
    }
}
