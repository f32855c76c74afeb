//! Building networks from plans, concept by concept, in the order in which things need each other.
//!
//! Building is total: every index wraps, every clash is resolved by a fixed rule (mostly: the later
//! one gives way), and what a plan says of something that is not there is left out.

mod client_vpn;
mod dns;
mod endpoint;
mod filter;
mod gateway;
mod interface;
mod load_balancer;
mod middlebox;
mod on_premises;
mod pivot;
mod route_table;
mod transit;
mod vpc;

use std::collections::BTreeSet;

use model::{
    Address, AddressValue, Cidr, Family, Flow, Network, NetworkDraft, NetworkInterface, RouteTable,
    Subnet, Vpc, VpcId,
};

use crate::plan::Plan;
use crate::pool;
use crate::swarm::Feature;

/// A network with the flow that it was built around.
#[derive(Clone, Debug)]
pub struct World {
    /// The network.
    pub network: Network,
    /// The flow that passes, unless its way was broken.
    pub pivot: Option<Flow>,
}

/// Builds the network of a plan.
///
/// # Panics
///
/// When the draft has a defect: then the generator is wrong, and no test can be believed.
#[expect(
    clippy::panic,
    reason = "A generator that is not total has to be mended at once."
)]
pub fn world(plan: &Plan) -> World {
    let (draft, pivot) = draft(plan);
    match draft.validate() {
        Ok(network) => World { network, pivot },
        Err(defects) => {
            let defects: Vec<_> = defects.iter().map(ToString::to_string).collect();
            panic!("the generator is not total: {}", defects.join("; "))
        }
    }
}

/// Builds the draft of a plan, and the flow that it was built around.
pub fn draft(plan: &Plan) -> (NetworkDraft, Option<Flow>) {
    let mut builder = Builder {
        plan,
        draft: NetworkDraft::default(),
        taken: BTreeSet::new(),
        blocks: Vec::new(),
        n_public: 0,
    };
    builder.vpcs();
    builder.accounts();
    builder.tables();
    builder.empty_filters();
    builder.subnets();
    builder.interfaces();
    builder.gateways();
    builder.nats();
    builder.peerings();
    builder.endpoints();
    builder.client_vpn_endpoints();
    builder.load_balancers();
    builder.middleboxes();
    builder.transits();
    builder.virtual_gateways();
    builder.collect_blocks();
    builder.associations();
    builder.client_vpn_rules();
    builder.list_entries();
    builder.group_rules();
    builder.acl_entries();
    builder.routes();
    builder.device_routes();
    builder.transit_routes();
    builder.routes_to_premises();
    builder.policies();
    builder.names();
    let pivot = builder.pivot();
    (builder.draft, pivot)
}

struct Builder<'p> {
    plan: &'p Plan,
    draft: NetworkDraft,
    /// The private addresses that are given away.
    taken: BTreeSet<(VpcId, Address)>,
    /// The pool of blocks: what occurs in the network, its relatives, and what is special.
    blocks: Vec<Cidr>,
    /// How many public addresses are given away.
    n_public: u32,
}

impl Builder<'_> {
    fn has(&self, feature: Feature) -> bool {
        !self.plan.banned.contains(&feature)
    }

    fn vpc(&self, id: &VpcId) -> Option<&Vpc> {
        self.draft.vpcs.iter().find(|vpc| vpc.id == *id)
    }

    fn subnet_of(&self, interface: &NetworkInterface) -> Option<&Subnet> {
        let mut subnets = self.draft.subnets.iter();
        subnets.find(|subnet| subnet.id == interface.subnet)
    }

    fn vpc_of(&self, interface: &NetworkInterface) -> Option<VpcId> {
        self.subnet_of(interface).map(|subnet| subnet.vpc.clone())
    }

    /// The tables of a VPC, its main one first.
    fn tables_of(&self, vpc: &VpcId) -> Vec<&RouteTable> {
        let tables = self.draft.route_tables.iter();
        tables.filter(|table| table.vpc == *vpc).collect()
    }

    /// A free public IPv4 address.
    fn public_address(&mut self) -> AddressValue {
        self.n_public += 1;
        let block = pool::cidr("198.51.100.0/24");
        AddressValue::Known(pool::offset(block, i64::from(self.n_public)))
    }

    /// Fills the pool with what occurs so far.
    fn collect_blocks(&mut self) {
        let mut blocks: Vec<Cidr> = Vec::new();
        let vpcs = self.draft.vpcs.iter().flat_map(|vpc| vpc.cidrs.iter());
        let subnets = self
            .draft
            .subnets
            .iter()
            .flat_map(|subnet| subnet.cidrs.iter());
        for cidr in vpcs.chain(subnets) {
            blocks.extend(pool::relatives(*cidr));
        }
        let addresses = self.draft.network_interfaces.iter();
        for address in addresses.flat_map(|interface| &interface.addresses) {
            for value in [Some(&address.private), address.public.as_ref()] {
                if let Some(AddressValue::Known(address)) = value {
                    let width = address.family().width();
                    blocks.push(Cidr::host(*address));
                    blocks.push(pool::around(*address, width - 1));
                    blocks.push(pool::around(*address, width - 3));
                }
            }
        }
        blocks.extend(self.known_premises());
        blocks.extend(pool::PUBLIC_V4.map(pool::cidr));
        blocks.extend(pool::PUBLIC_V6.map(pool::cidr));
        blocks.extend(pool::SPECIAL.map(pool::cidr));
        if !self.has(Feature::Ipv6) {
            blocks.retain(|cidr| cidr.family() == Family::V4);
        }
        self.blocks = blocks;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Budget, Profile};

    #[test]
    fn every_plan_builds_a_valid_network() {
        for seed in 0..600 {
            let plan = Plan::from_seed(Profile::of_case(seed), Budget::SMALL, seed);
            let _ = world(&plan);
            let _ = world(&plan.with_open_addresses());
        }
        for seed in 0..6 {
            let plan = Plan::from_seed(Profile::of_case(seed), Budget::WIDE, seed);
            let _ = world(&plan);
        }
    }

    #[test]
    fn a_seed_means_one_network() {
        let plan = || Plan::from_seed(Profile::Pivot, Budget::SMALL, 7);
        assert_eq!(world(&plan()).network, world(&plan()).network);
    }
}
