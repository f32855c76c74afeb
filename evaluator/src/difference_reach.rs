//! How far a change can reach, so that flows are not asked which it cannot touch.
//!
//! A flow's answer can change only where one of its walks asks something that has changed. Of
//! rules, entries and routes it is known who asks them: they are asked at the places in a sender's
//! sight and by the receiver. Any other change may reach everything.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Address, Hole, Network, NetworkAclId, NetworkInterface, NetworkInterfaceId, PrefixListId,
    RouteDestination, RouteTableId, RulePeer, SecurityGroupId, Subnet, SubnetId, Value,
    VpcEndpoint,
};

use crate::Evaluator;
use crate::compiled::Compiled;
use crate::difference_behind::Relays;
use crate::difference_cells::Unit;
use crate::index::{GroupSetIndex, InterfaceIndex, SubnetIndex};
use crate::interface_classes::{Edges, Lens};
use crate::sight::Sight;

/// What a change can reach.
pub(crate) struct Reach<'a> {
    /// `None` is everything.
    within: Option<Within>,
    /// What tells senders apart; `None` takes each for itself.
    alike: Option<Likeness<'a>>,
}

/// Where a change is asked.
struct Within {
    /// Subnets whose route table or ACL changes, in each network.
    places: [BTreeSet<SubnetIndex>; 2],
    /// Interfaces whose groups' rules change.
    interfaces: BTreeSet<NetworkInterfaceId>,
    /// The same in each network.
    indices: [BTreeSet<InterfaceIndex>; 2],
    /// The addresses of the interfaces that receive by something that changes.
    addresses: BTreeSet<Address>,
}

/// What tells senders apart in each network.
struct Likeness<'a> {
    edges: [Edges<'a>; 2],
    /// Interfaces that are the same in both networks.
    unchanged: BTreeSet<NetworkInterfaceId>,
}

/// What tells a sender apart in a network: where it stands, its groups, the blocks of its addresses,
/// and which of them it sends from.
type SenderKey = (SubnetIndex, GroupSetIndex, Vec<u32>, usize);

/// Senders of which nothing can tell one from the other.
#[derive(Debug)]
pub(crate) struct Units {
    pub(crate) all: Vec<Unit>,
    /// Those that stand for all: the first, and another one to send to the first.
    pub(crate) asked: Vec<Unit>,
}

impl<'a> Reach<'a> {
    /// Whatever the change is, everything is asked.
    pub(crate) const fn everywhere() -> Self {
        Self {
            within: None,
            alike: None,
        }
    }

    pub(crate) fn new(before: &'a Evaluator, after: &'a Evaluator) -> Self {
        let networks = [&before.network, &after.network];
        let compiled = [&before.compiled, &after.compiled];
        let unchanged = networks[0].network_interfaces().iter();
        let unchanged = unchanged.filter(|(id, interface)| {
            let other = networks[1].network_interfaces().get(*id);
            other.is_some_and(|other| is_same_interface(interface, other))
        });
        let edges = [before, after].map(|evaluator| {
            let lens = Lens {
                network: &evaluator.network,
                compiled: &evaluator.compiled,
            };
            Edges::new(lens, None)
        });
        Self {
            within: within(networks, compiled),
            alike: Some(Likeness {
                edges,
                unchanged: unchanged.map(|(id, _)| id.clone()).collect(),
            }),
        }
    }

    /// The destinations to which an interface's packets can be touched by the change; `None` is
    /// all.
    pub(crate) fn touched(
        &self,
        id: &NetworkInterfaceId,
        sights: [Option<&Sight>; 2],
    ) -> Option<&BTreeSet<Address>> {
        let within = self.within.as_ref()?;
        if within.interfaces.contains(id) {
            return None;
        }
        self.touched_from(sights)
    }

    /// The same for senders of which only is known what their packets can meet.
    pub(crate) fn touched_from(&self, sights: [Option<&Sight>; 2]) -> Option<&BTreeSet<Address>> {
        let within = self.within.as_ref()?;
        let met = sights.iter().zip(&within.places).zip(&within.indices);
        let mut met = met.filter_map(|((sight, places), interfaces)| {
            sight.map(|sight| (sight, places, interfaces))
        });
        let meets = met.any(|(sight, places, interfaces)| {
            !sight.places.is_disjoint(places) || !sight.middleboxes.is_disjoint(interfaces)
        });
        (!meets).then_some(&within.addresses)
    }

    /// The same for hosts on the internet, whose packets meet their receiver only.
    pub(crate) fn touched_from_outside(&self) -> Option<&BTreeSet<Address>> {
        self.within.as_ref().map(|within| &within.addresses)
    }

    /// Whether the change is asked of what relays hand on, wherever they do.
    pub(crate) fn touches_relays(&self, networks: [&Compiled; 2], relays: &Relays) -> bool {
        let Some(within) = &self.within else {
            return true;
        };
        let met = networks.iter().zip(&within.places).zip(&within.indices);
        let mut met = met.map(|((network, places), interfaces)| (*network, places, interfaces));
        let is_met = met.any(|(network, places, interfaces)| {
            let all = network.interfaces.iter();
            let mut all = all.filter(|(index, _)| network.is_relay(*index));
            all.any(|(index, interface)| {
                let sight = Sight::from_subnet(network, interface.subnet);
                interfaces.contains(&index)
                    || !sight.places.is_disjoint(places)
                    || !sight.middleboxes.is_disjoint(interfaces)
            })
        });
        is_met || !relays.candidates.is_disjoint(&within.addresses)
    }

    /// Senders together that nothing can tell apart.
    pub(crate) fn units<Key: Ord>(
        &self,
        units: BTreeSet<Unit>,
        marks: impl Fn(&Unit) -> Key,
    ) -> Vec<Units> {
        let mut alike: BTreeMap<_, Vec<Unit>> = BTreeMap::new();
        let mut alone = Vec::new();
        for unit in units {
            match self.alike.as_ref().and_then(|like| like.key(&unit)) {
                Some(key) => alike.entry((key, marks(&unit))).or_default().push(unit),
                None => alone.push(vec![unit]),
            }
        }
        let all = alone.into_iter().chain(alike.into_values());
        let units = |all: Vec<Unit>| Units {
            asked: all.iter().take(2).cloned().collect(),
            all,
        };
        all.map(units).collect()
    }
}

impl Likeness<'_> {
    /// What tells a sender from others, where nothing else does.
    fn key(&self, unit: &Unit) -> Option<[SenderKey; 2]> {
        let [before, after] = &self.edges;
        if !self.unchanged.contains(&unit.id) {
            return None;
        }
        Some([key(unit, before)?, key(unit, after)?])
    }
}

fn key(unit: &Unit, edges: &Edges<'_>) -> Option<SenderKey> {
    let network = edges.lens.compiled;
    let index = network.names.interfaces.find(&unit.id)?;
    let interface = &network.interfaces[index];
    let (groups, ranks) = edges.plain(index, interface)?;
    let mut addresses = interface.addresses.iter();
    let position = addresses.position(|(private, _)| *private == Some(unit.source))?;
    Some((interface.subnet, groups, ranks, position))
}

/// Whether two interfaces are the same but for their tags.
fn is_same_interface(one: &NetworkInterface, other: &NetworkInterface) -> bool {
    let tagged = NetworkInterface {
        tags: other.tags.clone(),
        ..one.clone()
    };
    tagged == *other
}

/// Whether the components of a kind are the same in both networks.
macro_rules! are_same {
    ($networks:ident, $($kind:ident),*) => {
        $($networks[0].$kind() == $networks[1].$kind())&&*
    };
}

/// Where a change is asked; `None` where that is not known.
fn within(networks: [&Network; 2], compiled: [&Compiled; 2]) -> Option<Within> {
    // Names, accounts and policies are asked by no packet.
    let is_known = are_same!(
        networks,
        vpcs,
        internet_gateways,
        egress_only_internet_gateways,
        nat_gateways,
        peerings,
        load_balancers,
        target_groups,
        endpoint_services,
        transit_gateways,
        transit_gateway_attachments,
        transit_gateway_route_tables,
        virtual_private_gateways,
        direct_connect_associations,
        client_vpn_endpoints
    );
    let has_edge_table = networks.iter().any(|network| {
        let mut gateways = network.internet_gateways().values();
        gateways.any(|gateway| gateway.edge_route_table.is_some())
    });
    let has_nat64 = compiled.iter().any(|network| network.nat64);
    if !is_known || has_edge_table || has_nat64 || !are_same_but_rules(networks) {
        return None;
    }
    let lists = changed_lists(networks);
    if networks
        .iter()
        .any(|network| is_listed_on_the_way(network, &lists))
    {
        return None;
    }
    let groups = changed_groups(networks, &lists);
    let tables = changed_tables(networks, &lists);
    let acls = changed_acls(networks);
    let places = networks.map(|network| changed_subnets(network, networks, &tables, &acls));
    let mut interfaces = BTreeSet::new();
    let mut addresses = BTreeSet::new();
    for (network, compiled) in networks.iter().zip(compiled) {
        for (id, interface) in network.network_interfaces() {
            let is_ruled = match &interface.groups {
                Value::Known(own) => !own.is_disjoint(&groups),
                Value::OneOf(sets, _) => sets.iter().any(|own| !own.is_disjoint(&groups)),
                Value::Any(_) => !groups.is_empty(),
            };
            if is_ruled {
                interfaces.insert(id.clone());
            }
            if is_ruled
                || places
                    .iter()
                    .any(|places| places.contains(&interface.subnet))
            {
                let index = compiled.names.interfaces.find(id);
                let own = index.map(|index| &compiled.interfaces[index].addresses);
                let own = own.into_iter().flatten();
                addresses.extend(
                    own.flat_map(|(private, public)| [*private, *public])
                        .flatten(),
                );
            }
        }
    }
    let [before, after] = compiled;
    let found = |network: &Compiled| {
        let names = &network.names.interfaces;
        interfaces.iter().filter_map(|id| names.find(id)).collect()
    };
    let indices = [found(before), found(after)];
    let [earlier, later] = places;
    let place = |network: &Compiled, places: BTreeSet<SubnetId>| {
        let names = &network.names.subnets;
        places.iter().filter_map(|id| names.find(id)).collect()
    };
    Some(Within {
        places: [place(before, earlier), place(after, later)],
        interfaces,
        indices,
        addresses,
    })
}

/// Whether interfaces, endpoints, subnets and groups are the same, but for tags, policies, tables,
/// ACLs and rules.
fn are_same_but_rules([before, after]: [&Network; 2]) -> bool {
    let endpoint = |endpoint: &VpcEndpoint| VpcEndpoint {
        policy: Value::Any(Hole::new("")),
        tags: Default::default(),
        ..endpoint.clone()
    };
    let endpoints = before.vpc_endpoints().values().map(endpoint);
    let interfaces = before.network_interfaces().values();
    let groups = before.security_groups().values();
    let other_groups = after.security_groups().values();
    let subnet = |subnet: &Subnet| Subnet {
        route_table: None,
        network_acl: Value::Known(NetworkAclId::from("")),
        tags: Default::default(),
        ..subnet.clone()
    };
    let subnets = before.subnets().values().map(subnet);
    endpoints.eq(after.vpc_endpoints().values().map(endpoint))
        && before.network_interfaces().len() == after.network_interfaces().len()
        && interfaces.into_iter().all(|interface| {
            let other = after.network_interfaces().get(&interface.id);
            other.is_some_and(|other| is_same_interface(interface, other))
        })
        && groups
            .map(|group| (&group.id, &group.vpc))
            .eq(other_groups.map(|group| (&group.id, &group.vpc)))
        && subnets.eq(after.subnets().values().map(subnet))
}

/// Ids of what is not the same in both networks, by what of it counts.
fn changed<'n, Id: Ord + Clone + 'n, T: 'n, Key: PartialEq>(
    one: impl Iterator<Item = (&'n Id, &'n T)>,
    other: impl Iterator<Item = (&'n Id, &'n T)>,
    key: impl Fn(&'n T) -> Key,
) -> BTreeSet<Id> {
    let others: BTreeMap<&Id, &T> = other.collect();
    let mut same = BTreeSet::new();
    let mut all: BTreeSet<&Id> = others.keys().copied().collect();
    for (id, of) in one {
        all.insert(id);
        if others.get(id).is_some_and(|other| key(of) == key(other)) {
            same.insert(id);
        }
    }
    all.difference(&same).map(|id| (*id).clone()).collect()
}

fn changed_lists([before, after]: [&Network; 2]) -> BTreeSet<PrefixListId> {
    let one = before.prefix_lists().iter();
    changed(one, after.prefix_lists().iter(), |list| list)
}

/// Whether a list stands where more than a subnet asks for it.
fn is_listed_on_the_way(network: &Network, lists: &BTreeSet<PrefixListId>) -> bool {
    let tables = network.transit_gateway_route_tables().values();
    let mut routes = tables.flat_map(|table| &table.routes);
    routes.any(|route| is_listed(&route.destination, lists))
}

fn is_listed(destination: &RouteDestination, lists: &BTreeSet<PrefixListId>) -> bool {
    match destination {
        RouteDestination::PrefixList(id) => lists.contains(id),
        RouteDestination::Cidr(_) => false,
    }
}

fn changed_groups(
    [before, after]: [&Network; 2],
    lists: &BTreeSet<PrefixListId>,
) -> BTreeSet<SecurityGroupId> {
    let one = before.security_groups().iter();
    let mut groups = changed(one, after.security_groups().iter(), |group| {
        (&group.ingress, &group.egress)
    });
    for (id, group) in before
        .security_groups()
        .iter()
        .chain(after.security_groups())
    {
        let mut rules = group.ingress.iter().chain(&group.egress);
        if rules.any(|rule| match &rule.peer {
            RulePeer::PrefixList(id) => lists.contains(id),
            RulePeer::Cidr(_) | RulePeer::Group(_) | RulePeer::OutsideGroup(_) => false,
        }) {
            groups.insert(id.clone());
        }
    }
    groups
}

fn changed_tables(
    [before, after]: [&Network; 2],
    lists: &BTreeSet<PrefixListId>,
) -> BTreeSet<RouteTableId> {
    let one = before.route_tables().iter();
    let mut tables = changed(one, after.route_tables().iter(), |table| &table.routes);
    for (id, table) in before.route_tables().iter().chain(after.route_tables()) {
        if table.routes.iter().any(|route| match &route.destination {
            Value::Known(destination) => is_listed(destination, lists),
            Value::OneOf(destinations, _) => destinations.iter().any(|one| is_listed(one, lists)),
            Value::Any(_) => false,
        }) {
            tables.insert(id.clone());
        }
    }
    tables
}

fn changed_acls([before, after]: [&Network; 2]) -> BTreeSet<NetworkAclId> {
    let one = before.network_acls().iter();
    changed(one, after.network_acls().iter(), |acl| {
        (&acl.ingress, &acl.egress)
    })
}

/// The subnets of a network whose table or ACL changes.
fn changed_subnets(
    network: &Network,
    [before, after]: [&Network; 2],
    tables: &BTreeSet<RouteTableId>,
    acls: &BTreeSet<NetworkAclId>,
) -> BTreeSet<SubnetId> {
    let one = before.subnets().iter();
    let mut places = changed(one, after.subnets().iter(), |subnet| {
        (&subnet.route_table, &subnet.network_acl)
    });
    let is_main = |subnet: &Subnet| {
        let vpc = network.vpcs().get(&subnet.vpc);
        vpc.is_some_and(|vpc| tables.contains(&vpc.main_route_table))
    };
    for (id, subnet) in network.subnets() {
        let is_routed = match &subnet.route_table {
            None => is_main(subnet),
            Some(Value::Known(table)) => tables.contains(table),
            Some(Value::OneOf(of, _)) => of.iter().any(|table| tables.contains(table)),
            Some(Value::Any(_)) => !tables.is_empty(),
        };
        let is_filtered = match &subnet.network_acl {
            Value::Known(acl) => acls.contains(acl),
            Value::OneOf(of, _) => of.iter().any(|acl| acls.contains(acl)),
            Value::Any(_) => !acls.is_empty(),
        };
        if is_routed || is_filtered {
            places.insert(id.clone());
        }
    }
    places
}
