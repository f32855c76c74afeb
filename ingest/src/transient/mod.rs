//! The networks that can exist while a change is applied, as one network with holes.
//!
//! While a change is applied every resource is as before or as after, independently of the others: what is updated
//! has the old or the new attributes, what is created or deleted is there or not, what is replaced is absent, old,
//! new or both. [`between`] makes of the network before and the network after one in which that is open. It holds
//! open more than can exist, never less: what is proved of it holds all the time, and a flow that is certain in it is
//! delivered, or dropped, all the time.
//!
//! Open routes, group sets and ACLs say it where the model has such holes. What it cannot say is an [`Unsteady`] change
//! of which nothing is proved.
//!
//! A resource that is updated in several calls is taken for one that has the old or the new value of each of its
//! attributes; what AWS does in the middle of one call is not looked at.

mod network_acl;
mod network_interface;
mod other;
mod pairs;
mod resource;
mod route_table;
mod security_group;
mod subnet;
mod vpc_endpoint;

use std::collections::{BTreeMap, BTreeSet};

use model::{Hole, NatGatewayId, Network, NetworkDraft, NetworkInterfaceId};

use crate::Validated;
use resource::Names;

/// The networks of an apply.
#[derive(Clone, Debug)]
pub struct Transient {
    /// All of them. An interface that may be missing lets nothing pass for certain.
    pub validated: Validated,
    /// Those in which every interface that is created or deleted is there: for claims of what an interface does
    /// when it is there.
    pub all_there: Network,
    /// What is created or deleted, and so an end of flows in some of them only.
    pub passing: BTreeMap<NetworkInterfaceId, Hole>,
    /// Of these, what may have no public address though it is there.
    pub bare: BTreeMap<NetworkInterfaceId, Hole>,
    /// What changes in a way that the networks do not show.
    pub unsteady: BTreeSet<Unsteady>,
}

/// A change that no proof may rest on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unsteady {
    /// What changes.
    pub hole: Hole,
    /// Which claims it may change.
    pub matters: Matters,
}

/// Which claims an unsteady change may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Matters {
    /// All.
    Always,
    /// Those about names.
    ForNames,
    /// Those about requests and policies.
    ForRequests,
}

/// The networks between two, by what the inputs say of both and the plans among them do.
pub fn between(before: &Validated, after: &Validated) -> Transient {
    let mut merge = Merge::new(before, after);
    merge.other();
    merge.route_tables();
    merge.security_groups();
    merge.network_acls();
    merge.subnets();
    merge.network_interfaces();
    merge.vpc_endpoints();
    merge.finish()
}

/// The network that is being made of two.
struct Merge<'a> {
    before: &'a Validated,
    after: &'a Validated,
    names: Names<'a>,
    draft: NetworkDraft,
    unsteady: BTreeSet<Unsteady>,
    /// The tables as they were merged, for subnets between two of them.
    tables: BTreeMap<model::RouteTableId, Vec<route_table::Sighted>>,
    /// Of each group with rules that change the one that has them.
    changing_groups: BTreeMap<model::SecurityGroupId, (model::SecurityGroupId, BTreeSet<String>)>,
    /// Of each ACL with entries that change the one that admits the least.
    least_acls: BTreeMap<model::NetworkAclId, (model::NetworkAclId, BTreeSet<String>)>,
    passing: BTreeMap<NetworkInterfaceId, Hole>,
    bare: BTreeMap<NetworkInterfaceId, Hole>,
    /// The NAT gateways that work until the change deletes them, and stand in the network after it.
    idle: BTreeMap<NatGatewayId, Hole>,
}

impl<'a> Merge<'a> {
    fn new(before: &'a Validated, after: &'a Validated) -> Self {
        Self {
            before,
            after,
            names: Names::new(before, after),
            draft: NetworkDraft::default(),
            unsteady: BTreeSet::new(),
            tables: BTreeMap::new(),
            changing_groups: BTreeMap::new(),
            least_acls: BTreeMap::new(),
            passing: BTreeMap::new(),
            bare: BTreeMap::new(),
            idle: BTreeMap::new(),
        }
    }

    const fn networks(&self) -> [&'a Network; 2] {
        [&self.before.network, &self.after.network]
    }

    fn give_up(&mut self, hole: Hole, matters: Matters) {
        self.unsteady.insert(Unsteady { hole, matters });
    }

    /// Closes the network. One that cannot be, such as one with two subnets of one block, is given up as a whole.
    fn finish(mut self) -> Transient {
        let there = self.draft.clone();
        network_interface::may_be_missing(&mut self.draft, &self.passing);
        let networks = (self.draft.validate(), there.validate());
        let (network, all_there) = match networks {
            (Ok(network), Ok(all_there)) => (network, all_there),
            (_, _) => {
                let mut changed = other::changed(self.before, self.after, &self.names);
                // Rules that go and come back leave both networks the same.
                changed.insert(resource::hole(["what does not fit together"]));
                let all = changed.into_iter().map(|hole| Unsteady {
                    hole,
                    matters: Matters::Always,
                });
                self.unsteady.extend(all);
                let after = &self.after.network;
                (after.clone(), after.clone())
            }
        };
        let both = [self.before, self.after];
        let mut validated = self.after.clone();
        validated.network = network;
        for side in both {
            validated.unplaced.extend(side.unplaced.iter().cloned());
            validated.doubts.extend(side.doubts.iter().cloned());
            let unseen = side.unseen_ipv6.iter().cloned();
            validated.unseen_ipv6.extend(unseen);
            let bare = side.bare.iter();
            let bare = bare.map(|(id, hole)| (id.clone(), hole.clone()));
            validated.bare.extend(bare);
        }
        validated.open = validated.open.or(&self.before.open);
        let known: BTreeSet<_> = validated.assumptions.iter().cloned().collect();
        let more = self.before.assumptions.iter();
        let more = more.filter(|one| !known.contains(one)).cloned();
        validated.assumptions.extend(more);
        Transient {
            validated,
            all_there,
            passing: self.passing,
            bare: self.bare,
            unsteady: self.unsteady,
        }
    }
}
