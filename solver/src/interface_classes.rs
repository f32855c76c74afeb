//! Classes of interfaces that nothing tells apart, of which two stand for all.
//!
//! Exchange the addresses of two such interfaces, one for the other, in all packets: the network says of each packet
//! what it said before, because they are in one subnet, have the same groups, and every block that is asked after
//! holds both addresses or none. So a flow has an answer when the one that it becomes has it. The addresses of two
//! of them at most are in one flow: its source, and its destination; no device or relay puts the address of an
//! interface into a packet that nothing names. So every flow becomes one that has to do with the first two of a
//! class, and whatever is asked can be asked of a network without the others.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::{
    Address, AddressValue, Attachment, Claim, Family, Invariant, Middlebox, Network,
    NetworkInterface, NetworkInterfaceId, Origin, Place, Scope, SecurityGroupId, SubnetId, Value,
    VpcId,
};

use crate::Loaded;
use crate::blocks::{Blocks, named};
use crate::claim;
use crate::hashed::{HashMap, HashSet};
use crate::index::Index;

/// How many members stand for a class.
const STANDING: usize = 2;

/// Classes of more interfaces than stand for them, the members in order.
#[derive(Debug)]
pub(crate) struct Classes(Vec<Vec<NetworkInterfaceId>>);

/// What is left out of a network: the known addresses of interfaces for which others stand. No flow that is asked about
/// has them.
#[derive(Debug, Default)]
pub(crate) struct LeftOut {
    /// Private ones, each with the VPC.
    pub(crate) private: Vec<(VpcId, Address)>,
    /// The public ones mapped to them.
    pub(crate) public: Vec<Address>,
}

/// What tells an interface from others.
#[derive(PartialEq, Eq, Hash)]
struct Key<'a> {
    subnet: &'a SubnetId,
    groups: &'a BTreeSet<SecurityGroupId>,
    source_destination_check: bool,
    middlebox: Middlebox,
    addresses: Vec<(Standing, Option<Standing>)>,
}

/// The innermost block that holds an address.
type Standing = (Family, usize);

/// The network in which two of each class stand for all, for an invariant that tells them apart by nothing else; `None`
/// when nobody can be left out.
pub(crate) fn standing(loaded: &Loaded, invariant: &Invariant) -> Option<Arc<Loaded>> {
    // Requests are judged by the addresses from which they come, too.
    let claims = || [Some(&invariant.claim), invariant.premise.as_ref()].into_iter();
    if claims().flatten().any(claim::speaks_of_requests) {
        return None;
    }
    let network = &loaded.network;
    let classes = loaded
        .classes
        .get_or_init(|| Classes::new(network, &loaded.index));
    let left_out = classes.others(network, invariant);
    if left_out.is_empty() {
        return None;
    }
    let reduced = network.without(&left_out);
    let mut index = Index::new(&reduced);
    index.left_out = LeftOut::new(network, &loaded.index, &left_out);
    Some(Arc::new(Loaded {
        network: Arc::new(reduced),
        index: Arc::new(index),
        authorization: Arc::clone(&loaded.authorization),
        classes: Default::default(),
    }))
}

impl LeftOut {
    fn new(network: &Network, index: &Index, interfaces: &BTreeSet<NetworkInterfaceId>) -> Self {
        let mut left_out = Self::default();
        for id in interfaces {
            let interface = network.network_interfaces().get(id);
            for address in interface.into_iter().flat_map(|one| &one.addresses) {
                if let (AddressValue::Known(private), Some(vpc)) =
                    (&address.private, index.vpc_of.get(id))
                {
                    left_out.private.push((vpc.clone(), *private));
                }
                if let Some(AddressValue::Known(public)) = &address.public {
                    left_out.public.push(*public);
                }
            }
        }
        left_out
    }

    /// All of them.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = &Address> {
        let private = self.private.iter().map(|(_, address)| address);
        private.chain(&self.public)
    }
}

impl Classes {
    fn new(network: &Network, index: &Index) -> Self {
        // There an address stands for another one, which the exchange would have to follow.
        if index.has_nat64 || index.has_dns64 {
            return Self(Vec::new());
        }
        let blocks = Blocks::of(network);
        let shared = shared(network);
        let named = named(network);
        let mut classes: HashMap<Key<'_>, Vec<&NetworkInterfaceId>> = HashMap::default();
        for (id, interface) in network.network_interfaces() {
            let key = (!named.contains(id))
                .then(|| Key::of(interface, &blocks, &shared))
                .flatten();
            if let Some(key) = key {
                classes.entry(key).or_default().push(id);
            }
        }
        let large = classes.into_values();
        let large = large.filter(|members| members.len() > STANDING);
        Self(
            large
                .map(|all| all.into_iter().cloned().collect())
                .collect(),
        )
    }

    /// The interfaces for which others stand when an invariant is asked, which may tell members apart.
    fn others(&self, network: &Network, invariant: &Invariant) -> BTreeSet<NetworkInterfaceId> {
        let scope = &invariant.scope;
        let sets: Vec<_> = asked(scope).collect();
        let blocks = Blocks::of_scope(scope);
        let mut named = HashSet::default();
        passed(&invariant.claim, &mut named);
        invariant
            .premise
            .iter()
            .for_each(|one| passed(one, &mut named));
        let mut others = BTreeSet::new();
        for members in &self.0 {
            let mut standing: HashMap<(Vec<bool>, Vec<usize>), usize> = HashMap::default();
            for id in members.iter().filter(|id| !named.contains(id)) {
                let interface = network.network_interfaces().get(id);
                let addresses = interface.into_iter().flat_map(known);
                let innermost = addresses.map(|one| blocks.innermost(one));
                let is_in = sets.iter().map(|set| set.contains(id));
                let n_alike = standing.entry((is_in.collect(), innermost.collect()));
                let n_alike = n_alike.or_default();
                *n_alike += 1;
                if *n_alike > STANDING {
                    others.insert(id.clone());
                }
            }
        }
        others
    }
}

impl<'a> Key<'a> {
    /// Nothing for an interface that does more than to send and to receive, or of which something is open.
    fn of(
        interface: &'a NetworkInterface,
        blocks: &Blocks,
        shared: &HashSet<Address>,
    ) -> Option<Self> {
        let NetworkInterface {
            id: _,
            subnet,
            addresses,
            groups,
            source_destination_check,
            middlebox,
            attachment,
            tags: _,
        } = interface;
        let (Value::Known(groups), Attachment::Ordinary { .. }) = (groups, attachment) else {
            return None;
        };
        let standing = |value: &AddressValue| match value {
            AddressValue::Known(address) => {
                (!shared.contains(address)).then(|| (address.family(), blocks.innermost(*address)))
            }
            // A witness gives every open address of the network a value.
            AddressValue::Within(..) => None,
        };
        let addresses = addresses.iter().map(|address| {
            let public = address.public.as_ref();
            Some((
                standing(&address.private)?,
                match public {
                    Some(public) => Some(standing(public)?),
                    None => None,
                },
            ))
        });
        Some(Self {
            subnet,
            groups,
            source_destination_check: *source_destination_check,
            middlebox: *middlebox,
            addresses: addresses.collect::<Option<_>>()?,
        })
    }
}

/// The known addresses of an interface, in order.
fn known(interface: &NetworkInterface) -> impl Iterator<Item = Address> {
    let values = interface.addresses.iter().flat_map(|address| {
        let private = std::iter::once(&address.private);
        private.chain(&address.public)
    });
    values.filter_map(|value| match value {
        AddressValue::Known(address) => Some(*address),
        AddressValue::Within(..) => None,
    })
}

/// Addresses that more than one interface has, in whatever VPC.
fn shared(network: &Network) -> HashSet<Address> {
    let mut seen = HashSet::default();
    let all = network.network_interfaces().values().flat_map(known);
    all.filter(|address| !seen.insert(*address)).collect()
}

/// The sets of interfaces by which a scope tells some from others.
fn asked(scope: &Scope) -> impl Iterator<Item = &BTreeSet<NetworkInterfaceId>> {
    let from = scope.from.iter().filter_map(|origin| match origin {
        Origin::Interfaces(interfaces) => Some(interfaces),
        Origin::Internet(_) | Origin::OnPremises { .. } => None,
    });
    let to = scope.to.iter().filter_map(|place| match place {
        Place::Interfaces { interfaces, .. } => Some(interfaces),
        Place::Internet
        | Place::OnPremises(_)
        | Place::Cidrs(_)
        | Place::Service(_)
        | Place::GatewayEndpoints(_)
        | Place::Name(_) => None,
    });
    from.chain(to)
}

/// The interfaces of which a claim asks whether a request passes them.
fn passed<'a>(claim: &'a Claim, interfaces: &mut HashSet<&'a NetworkInterfaceId>) {
    match claim {
        Claim::Traverses(sets) => {
            interfaces.extend(sets.iter().flatten().filter_map(claim::interface));
        }
        Claim::Not(claim) => passed(claim, interfaces),
        Claim::All(claims) | Claim::Any(claims) => {
            claims.iter().for_each(|claim| passed(claim, interfaces));
        }
        Claim::Delivered
        | Claim::Answered
        | Claim::PermittedAll
        | Claim::PermittedSome
        | Claim::DecidedBy(_) => {}
    }
}
