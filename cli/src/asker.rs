//! As whom the senders of a scope ask for names.

use std::collections::BTreeSet;

use model::{Address, Asker, Network, NetworkInterfaceId, Origin, Source, Subnet, VpcId};

use crate::blocks;

/// As whom the senders ask, each once.
pub(crate) fn of_origins(origins: &[Origin], network: &Network) -> BTreeSet<Asker> {
    let mut askers = BTreeSet::new();
    for origin in origins {
        match origin {
            Origin::Interfaces(interfaces) => {
                askers.extend(interfaces.iter().filter_map(|id| inside(network, id)));
            }
            Origin::OnPremises { resolver, .. } => {
                askers.extend(resolver.clone().map(Asker::Inbound));
            }
            Origin::Internet(_) => {}
        }
    }
    askers
}

/// As whom one sender may ask: a host on premises by each origin that has its address.
pub(crate) fn of_source(
    origins: &[Origin],
    network: &Network,
    source: &Source,
    address: Address,
) -> BTreeSet<Asker> {
    match source {
        Source::Interface(id) => inside(network, id).into_iter().collect(),
        Source::Internet => BTreeSet::new(),
        Source::OnPremises(_) => {
            let resolvers = origins.iter().filter_map(|origin| match origin {
                Origin::OnPremises { blocks, resolver } => {
                    let mut parts = blocks.iter().flatten();
                    let holds =
                        blocks.is_none() || parts.any(|block| blocks::holds(*block, address));
                    resolver.clone().filter(|_| holds)
                }
                Origin::Interfaces(_) | Origin::Internet(_) => None,
            });
            resolvers.map(Asker::Inbound).collect()
        }
    }
}

/// As whom an interface asks.
pub(crate) fn inside(network: &Network, id: &NetworkInterfaceId) -> Option<Asker> {
    let interface = network.network_interfaces().get(id)?;
    let subnet = network.subnets().get(&interface.subnet)?;
    Some(of_subnet(subnet))
}

/// As whom the clients of a subnet ask.
pub(crate) fn of_subnet(subnet: &Subnet) -> Asker {
    if subnet.dns64 {
        Asker::Subnet(subnet.id.clone())
    } else {
        Asker::Vpc(subnet.vpc.clone())
    }
}

/// The VPC in which a name is asked first.
pub(crate) fn vpc(network: &Network, asker: &Asker) -> Option<VpcId> {
    match asker {
        Asker::Vpc(vpc) | Asker::Inbound(vpc) => Some(vpc.clone()),
        Asker::Subnet(id) => network.subnets().get(id).map(|subnet| subnet.vpc.clone()),
    }
}

/// Where a name is asked, as in `it means nothing in main`.
pub(crate) fn place(asker: &Asker) -> String {
    match asker {
        Asker::Vpc(vpc) => format!("in {vpc}"),
        Asker::Subnet(subnet) => format!("in {subnet}"),
        Asker::Inbound(vpc) => format!("through the inbound resolver endpoint of {vpc}"),
    }
}
