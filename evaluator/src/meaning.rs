//! Names of a scope: which destinations they mean to who asks for them, and where those may
//! arrive.

use std::collections::{BTreeMap, BTreeSet};

use model::{Address, Asker, Hole, Network, Origin, SubnetId, VpcId};

use crate::address::{behind_nat64, public_edges};
use crate::atoms::AddressCuts;
use crate::index::SubnetIndex;
use crate::places::{Addresses, Owners};
use crate::scope::{Allowed, Whence, is_among};

/// Who asks for the names of a scope.
pub(crate) struct Askers {
    /// The subnets of the interfaces that send.
    pub(crate) subnets: BTreeSet<SubnetId>,
    /// The VPCs whose inbound resolver endpoints hosts on premises ask.
    pub(crate) resolvers: BTreeSet<VpcId>,
}

impl Askers {
    pub(crate) fn new(network: &Network, scope: &model::Scope) -> Self {
        let (mut subnets, mut resolvers) = (BTreeSet::new(), BTreeSet::new());
        for origin in &scope.from {
            match origin {
                Origin::Interfaces(ids) => {
                    let all = network.network_interfaces();
                    let own = ids.iter().filter_map(|id| all.get(id));
                    subnets.extend(own.map(|interface| interface.subnet.clone()));
                }
                Origin::OnPremises { resolver, .. } => resolvers.extend(resolver.clone()),
                Origin::Internet(_) => {}
            }
        }
        Self { subnets, resolvers }
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = Asker> {
        let subnets = self.subnets.iter().cloned().map(Asker::Subnet);
        subnets.chain(self.resolvers.iter().cloned().map(Asker::Inbound))
    }
}

/// What a name means to each who asks for it.
pub(crate) struct Meanings {
    /// In each subnet.
    pub(crate) inside: BTreeMap<SubnetIndex, Meaning>,
    /// By the inbound resolver endpoint of each VPC.
    pub(crate) outside: BTreeMap<VpcId, Meaning>,
}

/// The hosts on premises of one origin.
pub(crate) struct Hosts {
    /// `None` is every address.
    pub(crate) blocks: Option<Vec<model::Cidr>>,
    /// The VPC whose inbound resolver endpoint they ask for names.
    pub(crate) resolver: Option<VpcId>,
}

impl Meanings {
    /// What it means to a sender.
    pub(crate) fn to<'s>(
        &'s self,
        whence: Whence,
        on_premises: &'s [Hosts],
    ) -> impl Iterator<Item = &'s Meaning> {
        let (subnet, host) = match whence {
            Whence::Subnet(subnet) => (Some(subnet), None),
            Whence::OnPremises(source) => (None, Some(source)),
            Whence::Internet => (None, None),
        };
        let inside = subnet.and_then(|subnet| self.inside.get(&subnet));
        let outside = host.map(|source| {
            let sends = move |hosts: &&Hosts| {
                source.is_none_or(|source| is_among(hosts.blocks.as_deref(), source))
            };
            let resolvers = on_premises.iter().filter(sends);
            let resolvers = resolvers.filter_map(|hosts| hosts.resolver.as_ref());
            resolvers.filter_map(|vpc| self.outside.get(vpc))
        });
        inside.into_iter().chain(outside.into_iter().flatten())
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Meaning> {
        self.inside.values().chain(self.outside.values())
    }
}

pub(crate) enum Meaning {
    Interfaces(Owners),
    /// Of a hosted zone's record.
    Addresses(BTreeSet<Address>),
    Service(Addresses),
    /// That one, and the addresses of NAT64 for its IPv4 addresses.
    Dns64(Box<Meaning>),
    Nothing,
    Open(Hole),
}

impl Meaning {
    /// Visits what it allows, if it means the destination.
    pub(crate) fn visit<'s>(
        &'s self,
        destination: Address,
        visit: &mut impl FnMut(Allowed<'s>, Option<&'s Hole>),
    ) {
        match self {
            Meaning::Interfaces(owners) => {
                if let Some(of) = owners.at(destination) {
                    visit(Allowed::Interfaces(of), None);
                }
            }
            Meaning::Addresses(addresses) => {
                if addresses.contains(&destination) {
                    visit(Allowed::Anywhere, None);
                }
            }
            Meaning::Service(addresses) => {
                if let Some(hole) = addresses.hold(destination) {
                    visit(Allowed::AnywhereButInterfaces, hole);
                }
            }
            Meaning::Dns64(of) => {
                let behind = behind_nat64(destination);
                of.visit(behind.unwrap_or(destination), visit);
            }
            Meaning::Open(hole) => visit(Allowed::Open, Some(hole)),
            Meaning::Nothing => {}
        }
    }

    /// Cuts wherever what it means begins or ends.
    pub(crate) fn cut(&self, cuts: &mut AddressCuts) {
        match self {
            Meaning::Interfaces(owners) => owners.cut(cuts),
            Meaning::Addresses(addresses) => {
                addresses.iter().for_each(|address| cuts.host(*address));
            }
            Meaning::Service(addresses) => {
                addresses.known.iter().for_each(|cidr| cuts.block(*cidr));
            }
            Meaning::Dns64(of) => {
                let mut own = AddressCuts::default();
                of.cut(&mut own);
                // Unknown addresses of a service are public ones.
                public_edges().for_each(|cidr| own.block(cidr));
                cuts.extend(&own);
                cuts.extend(&own.before_nat64());
            }
            Meaning::Nothing | Meaning::Open(_) => {}
        }
    }
}
