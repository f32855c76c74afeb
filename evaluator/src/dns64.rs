//! DNS64: what a resolver adds to an answer of IPv4 alone.

use std::collections::BTreeSet;

use model::{
    Address, AddressValue, Answer, Clause, Family, Hole, Network, NetworkInterfaceId, Resolution,
    Value,
};

use crate::named::Asked;

/// What tells whether an answer is of IPv4 alone.
#[derive(Clone, Debug)]
pub(crate) struct Dns64 {
    /// The interfaces with private addresses of IPv4.
    of_v4: BTreeSet<NetworkInterfaceId>,
    of_v6: BTreeSet<NetworkInterfaceId>,
    /// The services with public addresses of IPv6.
    services_of_v6: BTreeSet<String>,
}

impl Dns64 {
    pub(crate) fn new(network: &Network) -> Self {
        let of = |family: Family| {
            let interfaces = network.network_interfaces().iter();
            let has = interfaces.filter(move |(_, interface)| {
                let mut addresses = interface.addresses.iter();
                addresses.any(|address| family_of(&address.private) == family)
            });
            has.map(|(id, _)| id.clone()).collect()
        };
        let lists = network.prefix_lists().values();
        let lists = lists.filter(|list| list.family == Family::V6);
        Self {
            of_v4: of(Family::V4),
            of_v6: of(Family::V6),
            services_of_v6: lists.map(|list| list.name.clone()).collect(),
        }
    }

    /// `dns64`: an answer, with what the places add to it in which it was asked for.
    pub(crate) fn add(&self, resolution: Resolution, asked: &[Asked]) -> Resolution {
        let Some((last, earlier)) = asked.split_last() else {
            return resolution;
        };
        if !self.is_of_v4_alone(&resolution.answer) {
            return resolution;
        }
        let answer = match &last.dns64 {
            Value::Known(true) => Answer::Dns64(Box::new(resolution.answer)),
            Value::OneOf(_, hole) | Value::Any(hole) => Answer::Undetermined(hole.clone()),
            Value::Known(false) => {
                // A name that a record means is asked in the same place, so these have others.
                let mut others = earlier
                    .iter()
                    .filter(|one| one.dns64 != Value::Known(false));
                let Some(other) = others.next() else {
                    return resolution;
                };
                let hole = format!("whether DNS64 adds to what {} is answered", other.name);
                Answer::Undetermined(Hole::new(format!("{hole}, which is forwarded")))
            }
        };
        Resolution {
            clause: Clause::Dns64,
            answer,
        }
    }

    fn is_of_v4_alone(&self, answer: &Answer) -> bool {
        match answer {
            Answer::Interfaces(ids) => {
                ids.iter().any(|id| self.of_v4.contains(id))
                    && !ids.iter().any(|id| self.of_v6.contains(id))
            }
            Answer::Addresses(addresses) => {
                let is_v4 = |address: &Address| address.family() == Family::V4;
                !addresses.is_empty() && addresses.iter().all(is_v4)
            }
            Answer::PublicService(service) => !self.services_of_v6.contains(service),
            Answer::Dns64(_) | Answer::NoAnswer | Answer::Undetermined(_) => false,
        }
    }
}

fn family_of(value: &AddressValue) -> Family {
    match value {
        AddressValue::Known(address) => address.family(),
        AddressValue::Within(block, _) => block.family(),
    }
}
