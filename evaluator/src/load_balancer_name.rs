//! The DNS names of load balancers.

use std::collections::BTreeSet;

use model::{Address, AddressValue, Answer, Hole, InterfaceAddress, LoadBalancer, Network};

use crate::resolve::below;

/// The names that load balancers have.
#[derive(Clone, Debug)]
pub(crate) struct LoadBalancerNames {
    named: Vec<Named>,
}

#[derive(Clone, Debug)]
struct Named {
    name: String,
    answer: Answer,
}

impl LoadBalancerNames {
    pub(crate) fn new(network: &Network) -> Self {
        let load_balancers = network.load_balancers().values();
        let named = load_balancers.filter_map(|one| {
            let name = one.name.as_ref()?;
            let answer = match name.internet_facing {
                true => public(network, one),
                false => Answer::Interfaces(one.interfaces.clone()),
            };
            let name = name.name.to_lowercase();
            Some(Named { name, answer })
        });
        Self {
            named: named.collect(),
        }
    }

    /// `load-balancer-name`; `None` when it has nothing to do with the name.
    pub(crate) fn find(&self, name: &str) -> Option<Answer> {
        let plain = name.strip_prefix("dualstack.");
        let means = |one: &&Named| one.name == name || Some(one.name.as_str()) == plain;
        let mut meant = self.named.iter().filter(means);
        match (meant.next(), meant.next()) {
            (Some(one), None) => Some(one.answer.clone()),
            (Some(_), Some(_)) => {
                let hole = format!("which load balancer {name} means");
                Some(Answer::Undetermined(Hole::new(hole)))
            }
            (None, _) => {
                let mut named = self.named.iter();
                let is_below = named.any(|one| below(name, &one.name));
                let hole = || Hole::new(format!("what {name} means"));
                is_below.then(|| Answer::Undetermined(hole()))
            }
        }
    }
}

/// What the name of an internet-facing one means.
fn public(network: &Network, load_balancer: &LoadBalancer) -> Answer {
    let mut addresses = BTreeSet::new();
    for address in addresses_of(network, load_balancer) {
        match meant(address) {
            Some(AddressValue::Known(address)) => {
                addresses.insert(*address);
            }
            Some(AddressValue::Within(_, hole)) => return Answer::Undetermined(hole.clone()),
            None => {
                let hole = format!("public addresses of {}", load_balancer.id);
                return Answer::Undetermined(Hole::new(hole));
            }
        }
    }
    Answer::Addresses(addresses)
}

/// Of an address of a node, that by which the internet means it.
fn meant(address: &InterfaceAddress) -> Option<&AddressValue> {
    let is_v6 = match &address.private {
        AddressValue::Known(Address::V6(_)) => true,
        AddressValue::Known(Address::V4(_)) => false,
        AddressValue::Within(block, _) => matches!(block.base(), Address::V6(_)),
    };
    match is_v6 {
        true => Some(&address.private),
        false => address.public.as_ref(),
    }
}

fn addresses_of<'a>(
    network: &'a Network,
    load_balancer: &'a LoadBalancer,
) -> impl Iterator<Item = &'a InterfaceAddress> {
    let nodes = load_balancer.interfaces.iter();
    let nodes = nodes.filter_map(|id| network.network_interfaces().get(id));
    nodes.flat_map(|node| &node.addresses)
}

/// The addresses that names of internet-facing load balancers are known to mean.
pub(crate) fn public_addresses(network: &Network) -> impl Iterator<Item = Address> {
    let load_balancers = network.load_balancers().values();
    let facing = load_balancers.filter(|one| {
        let name = one.name.as_ref();
        name.is_some_and(|name| name.internet_facing)
    });
    let addresses = facing.flat_map(|one| addresses_of(network, one));
    addresses.filter_map(|address| match meant(address)? {
        AddressValue::Known(address) => Some(*address),
        AddressValue::Within(..) => None,
    })
}
