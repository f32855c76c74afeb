//! Indices: ids become positions when a network is loaded, so that a walk compares no string.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::marker::PhantomData;
use std::ops::Index;

use foldhash::fast::RandomState;
use model::Hole;
use model::{
    EgressOnlyInternetGatewayId, EndpointServiceId, InternetGatewayId, LoadBalancerId,
    NatGatewayId, Network, NetworkAclId, NetworkInterfaceId, PeeringId, PrefixListId, RouteTableId,
    SecurityGroupId, SubnetId, TargetGroupId, TransitGatewayAttachmentId, TransitGatewayId,
    TransitGatewayRouteTableId, VirtualPrivateGatewayId, VpcEndpointId, VpcId,
};

/// A position among the things of one kind.
pub(crate) trait Position: Copy {
    fn new(position: usize) -> Self;
    fn position(self) -> usize;
}

macro_rules! indices {
    ($($name:ident,)*) => {$(
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) struct $name(u32);

        impl Position for $name {
            #[inline]
            fn new(position: usize) -> Self {
                // A network of more than 2^32 things of a kind does not fit into memory.
                Self(u32::try_from(position).unwrap_or(u32::MAX))
            }

            #[inline]
            fn position(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

indices! {
    VpcIndex, SubnetIndex, RouteTableIndex, PrefixListIndex, GroupIndex, GroupSetIndex,
    NetworkAclIndex, InterfaceIndex, InternetGatewayIndex, EgressOnlyIndex, NatGatewayIndex,
    PeeringIndex, EndpointIndex, TransitGatewayIndex, AttachmentIndex, TransitTableIndex,
    VirtualPrivateIndex, LoadBalancerIndex, TargetGroupIndex, EndpointServiceIndex, HoleIndex,
    UnmodelledIndex, ClientVpnIndex, DocumentIndex,
}

/// The things of one kind by position.
#[derive(Clone, Debug)]
pub(crate) struct Arena<I, T> {
    items: Vec<T>,
    index: PhantomData<I>,
}

impl<I: Position, T> Arena<I, T> {
    pub(crate) fn new() -> Self {
        Self::from_iter([])
    }

    pub(crate) fn push(&mut self, item: T) -> I {
        self.items.push(item);
        I::new(self.items.len() - 1)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (I, &T)> {
        let items = self.items.iter().enumerate();
        items.map(|(position, item)| (I::new(position), item))
    }
}

impl<I, T> FromIterator<T> for Arena<I, T> {
    fn from_iter<Items: IntoIterator<Item = T>>(items: Items) -> Self {
        Self {
            items: items.into_iter().collect(),
            index: PhantomData,
        }
    }
}

impl<I: Position, T> Index<I> for Arena<I, T> {
    type Output = T;

    #[inline]
    #[expect(
        clippy::indexing_slicing,
        reason = "an index is only made for a thing that is in the arena"
    )]
    fn index(&self, index: I) -> &T {
        &self.items[index.position()]
    }
}

/// The ids of one kind in ascending order; a thing's index is its id's position.
#[derive(Clone, Debug)]
pub(crate) struct Ids<I, Id> {
    ids: Arena<I, Id>,
    indices: HashMap<Id, I, RandomState>,
}

impl<I: Position, Id: Hash + Eq + Clone> Ids<I, Id> {
    fn new<'a>(ids: impl Iterator<Item = &'a Id>) -> Self
    where
        Id: 'a,
    {
        let ids: Arena<I, Id> = ids.cloned().collect();
        let indices = ids.iter().map(|(index, id)| (id.clone(), index)).collect();
        Self { ids, indices }
    }

    /// The index of an id that may not be in the network.
    #[inline]
    pub(crate) fn find(&self, id: &Id) -> Option<I> {
        self.indices.get(id).copied()
    }

    /// The index of an id that another component of the network names, so that validation has
    /// found it there.
    pub(crate) fn index(&self, id: &Id) -> I {
        self.find(id).unwrap_or(I::new(0))
    }

    /// The id.
    pub(crate) fn id(&self, index: I) -> &Id {
        &self.ids[index]
    }

    /// All of them.
    pub(crate) fn indices(&self) -> impl Iterator<Item = I> + use<I, Id> {
        (0..self.ids.items.len()).map(I::new)
    }
}

/// The ids of a network.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    pub(crate) vpcs: Ids<VpcIndex, VpcId>,
    pub(crate) subnets: Ids<SubnetIndex, SubnetId>,
    pub(crate) route_tables: Ids<RouteTableIndex, RouteTableId>,
    pub(crate) prefix_lists: Ids<PrefixListIndex, PrefixListId>,
    pub(crate) groups: Ids<GroupIndex, SecurityGroupId>,
    pub(crate) network_acls: Ids<NetworkAclIndex, NetworkAclId>,
    pub(crate) interfaces: Ids<InterfaceIndex, NetworkInterfaceId>,
    pub(crate) internet_gateways: Ids<InternetGatewayIndex, InternetGatewayId>,
    pub(crate) egress_only: Ids<EgressOnlyIndex, EgressOnlyInternetGatewayId>,
    pub(crate) nat_gateways: Ids<NatGatewayIndex, NatGatewayId>,
    pub(crate) peerings: Ids<PeeringIndex, PeeringId>,
    pub(crate) endpoints: Ids<EndpointIndex, VpcEndpointId>,
    pub(crate) transit_gateways: Ids<TransitGatewayIndex, TransitGatewayId>,
    pub(crate) attachments: Ids<AttachmentIndex, TransitGatewayAttachmentId>,
    pub(crate) transit_tables: Ids<TransitTableIndex, TransitGatewayRouteTableId>,
    pub(crate) virtual_private: Ids<VirtualPrivateIndex, VirtualPrivateGatewayId>,
    pub(crate) load_balancers: Ids<LoadBalancerIndex, LoadBalancerId>,
    pub(crate) target_groups: Ids<TargetGroupIndex, TargetGroupId>,
    pub(crate) endpoint_services: Ids<EndpointServiceIndex, EndpointServiceId>,
}

impl Names {
    pub(crate) fn new(network: &Network) -> Self {
        Self {
            vpcs: Ids::new(network.vpcs().keys()),
            subnets: Ids::new(network.subnets().keys()),
            route_tables: Ids::new(network.route_tables().keys()),
            prefix_lists: Ids::new(network.prefix_lists().keys()),
            groups: Ids::new(network.security_groups().keys()),
            network_acls: Ids::new(network.network_acls().keys()),
            interfaces: Ids::new(network.network_interfaces().keys()),
            internet_gateways: Ids::new(network.internet_gateways().keys()),
            egress_only: Ids::new(network.egress_only_internet_gateways().keys()),
            nat_gateways: Ids::new(network.nat_gateways().keys()),
            peerings: Ids::new(network.peerings().keys()),
            endpoints: Ids::new(network.vpc_endpoints().keys()),
            transit_gateways: Ids::new(network.transit_gateways().keys()),
            attachments: Ids::new(network.transit_gateway_attachments().keys()),
            transit_tables: Ids::new(network.transit_gateway_route_tables().keys()),
            virtual_private: Ids::new(network.virtual_private_gateways().keys()),
            load_balancers: Ids::new(network.load_balancers().keys()),
            target_groups: Ids::new(network.target_groups().keys()),
            endpoint_services: Ids::new(network.endpoint_services().keys()),
        }
    }
}

/// A word, of which only matters whether it is another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word(usize);

/// Words that were met so far.
#[derive(Debug, Default)]
pub(crate) struct Words(BTreeMap<String, Word>);

impl Words {
    pub(crate) fn word(&mut self, text: &str) -> Word {
        let next = Word(self.0.len());
        *self.0.entry(text.to_owned()).or_insert(next)
    }
}

/// Every hole of a network, and every open question that the semantics leaves about it.
#[derive(Clone, Debug)]
pub(crate) struct Holes {
    holes: Arena<HoleIndex, Hole>,
}

impl Holes {
    pub(crate) fn new() -> Self {
        Self {
            holes: Arena::new(),
        }
    }

    /// Takes a hole of the input.
    pub(crate) fn keep(&mut self, hole: &Hole) -> HoleIndex {
        self.holes.push(hole.clone())
    }

    /// Names an open question that the input cannot close.
    pub(crate) fn open(&mut self, question: impl AsRef<str>) -> HoleIndex {
        self.holes.push(Hole::new(question))
    }

    pub(crate) fn hole(&self, index: HoleIndex) -> &Hole {
        &self.holes[index]
    }
}
