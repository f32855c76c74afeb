//! Answers to which addresses that stand for IPv4 ones are added (page dns).

use model::{
    AddressValue, Answer, Clause, Family, Hole, InboundResolver, Network, Resolution, Subnet,
    Value, Vpc,
};

use crate::resolve::{Query, answer};

/// The places in which a query is asked: that of the client, and one more with each rule that forwards it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Places<'a> {
    last: Place<'a>,
    /// One before the last has DNS64, or may have it.
    before: bool,
}

/// Whether a place has DNS64.
#[derive(Clone, Copy, Debug)]
enum Place<'a> {
    With,
    Without,
    Open(&'a Hole),
}

impl<'a> Places<'a> {
    /// A client in a VPC, whose subnet matters when it is one.
    pub(crate) fn of_client(subnet: Option<&Subnet>) -> Self {
        let has = subnet.is_some_and(|subnet| subnet.dns64);
        Places {
            last: if has { Place::With } else { Place::Without },
            before: false,
        }
    }

    /// A client outside, by the inbound resolver endpoint of a VPC.
    pub(crate) const fn of_inbound(vpc: &'a Vpc) -> Self {
        Places {
            last: Place::of_inbound(vpc),
            before: false,
        }
    }

    /// These, and then the inbound resolver endpoint of a VPC.
    pub(crate) const fn then(self, vpc: &'a Vpc) -> Self {
        Places {
            last: Place::of_inbound(vpc),
            before: self.before || self.last.may_have(),
        }
    }
}

impl<'a> Place<'a> {
    const fn of_inbound(vpc: &'a Vpc) -> Self {
        match &vpc.inbound_resolver {
            InboundResolver::Present { dns64 } => match dns64 {
                Value::Known(true) => Place::With,
                Value::Known(false) => Place::Without,
                Value::OneOf(_, hole) | Value::Any(hole) => Place::Open(hole),
            },
            InboundResolver::Unknown | InboundResolver::Absent => Place::Without,
        }
    }

    const fn may_have(self) -> bool {
        match self {
            Place::With | Place::Open(_) => true,
            Place::Without => false,
        }
    }
}

/// `dns64`: what an answer becomes. One that comes back from another place has passed there, and what is of IPv4 alone
/// after that comes from places without DNS64: it stays as it is wherever else it passes.
pub(crate) fn passed(query: &Query<'_>, resolution: Resolution) -> Resolution {
    if !is_of_ipv4_alone(query.network, &resolution.answer) {
        return resolution;
    }
    let own = |own| answer(Clause::Dns64, own);
    match query.places.last {
        Place::With => own(Answer::Dns64(Box::new(resolution.answer))),
        Place::Open(hole) => own(Answer::Undetermined(hole.clone())),
        Place::Without if query.places.before => {
            let hole = format!("whether DNS64 adds to what {} is answered", query.name);
            own(Answer::Undetermined(Hole::new(hole)))
        }
        Place::Without => resolution,
    }
}

/// Whether an answer means some IPv4 address and no IPv6 one.
fn is_of_ipv4_alone(network: &Network, answer: &Answer) -> bool {
    let families: Vec<Family> = match answer {
        Answer::Interfaces(interfaces) => {
            let all = network.network_interfaces();
            let interfaces = interfaces.iter().filter_map(|id| all.get(id));
            let addresses = interfaces.flat_map(|interface| &interface.addresses);
            addresses.map(|one| family(&one.private)).collect()
        }
        Answer::Addresses(addresses) => addresses.iter().map(|one| one.family()).collect(),
        Answer::PublicService(service) => {
            let lists = network.prefix_lists().values();
            let own = lists.filter(|list| list.name == *service);
            own.map(|list| list.family).chain([Family::V4]).collect()
        }
        Answer::Dns64(_) | Answer::NoAnswer | Answer::Undetermined(_) => Vec::new(),
    };
    !families.is_empty() && families.iter().all(|family| *family == Family::V4)
}

const fn family(address: &AddressValue) -> Family {
    match address {
        AddressValue::Known(address) => address.family(),
        AddressValue::Within(block, _) => block.family(),
    }
}

/// Whether some answer may have such addresses.
pub(crate) fn is_possible(network: &Network) -> bool {
    let mut subnets = network.subnets().values();
    let mut vpcs = network.vpcs().values();
    subnets.any(|subnet| subnet.dns64) || vpcs.any(|vpc| Place::of_inbound(vpc).may_have())
}
