//! Sets of security groups, compiled and interned by what interfaces carry.

use std::collections::{BTreeMap, BTreeSet};

use model::{Address, Cidr, Clause, Family, GroupRule, Network, RulePeer, SecurityGroupId};

use crate::address::{FAMILIES, is_public, public_edges};
use crate::address_map::{AddressMap, ExactMap};
use crate::compiled::Open;
use crate::index::{
    Arena, GroupSetIndex, HoleIndex, Holes, LoadBalancerIndex, Names, PeeringIndex,
    PrefixListIndex, VpcIndex,
};
use crate::load_balancer;
use crate::peering::{End, Peering};
use crate::prefix_list::PrefixList;
use crate::rule_row::{Row, RowRule};
use crate::security_group::{GroupSet, Member, Reference, Relation, Rules};

/// The groups of every interface, and the interned sets.
pub(crate) struct Groups {
    pub(crate) sets: Arena<GroupSetIndex, GroupSet>,
    pub(crate) of_interfaces: Vec<Open<GroupSetIndex>>,
}

pub(crate) fn compile(
    network: &Network,
    names: &Names,
    holes: &mut Holes,
    prefix_lists: &Arena<PrefixListIndex, PrefixList>,
    peerings: &Arena<PeeringIndex, Peering>,
) -> Groups {
    let mut outside = BTreeMap::new();
    for group in network.security_groups().values() {
        for rule in group.ingress.iter().chain(&group.egress) {
            if let RulePeer::OutsideGroup(name) = &rule.peer {
                let hole = || holes.open(format!("the interfaces of {name}"));
                outside.entry(name.as_str()).or_insert_with(hole);
            }
        }
    }
    let mut carried = Vec::new();
    for interface in network.network_interfaces().values() {
        let groups = Open::new(&interface.groups, holes, Clone::clone);
        let vpc = network.subnets().get(&interface.subnet);
        let vpc = vpc.map(|subnet| names.vpcs.index(&subnet.vpc));
        let open = load_balancer::of_node(network, names, interface);
        carried.push((vpc, groups, open));
    }
    let mut compiler = Compiler {
        network,
        names,
        prefix_lists,
        peerings,
        outside,
        members: members(network, &carried),
        transit: !network.transit_gateways().is_empty(),
        sets: Arena::new(),
        interned: BTreeMap::new(),
    };
    let of_interfaces = carried
        .iter()
        .map(|(vpc, groups, node)| match groups {
            Open::Known(set) => Open::Known(compiler.set(*vpc, set, *node)),
            Open::OneOf(sets, hole) => {
                let sets = sets.iter().map(|set| compiler.set(*vpc, set, *node));
                Open::OneOf(sets.collect(), *hole)
            }
            Open::Any(hole) => Open::Any(*hole),
        })
        .collect();
    Groups {
        sets: compiler.sets,
        of_interfaces,
    }
}

/// The VPC and the groups of an interface, and the Network Load Balancer that it is a node of.
type Carried = (
    Option<VpcIndex>,
    Open<BTreeSet<SecurityGroupId>>,
    Option<LoadBalancerIndex>,
);

/// The private addresses of the interfaces that carry, or may carry, each referenced group.
fn members(network: &Network, carried: &[Carried]) -> BTreeMap<SecurityGroupId, ExactMap<Member>> {
    let groups = network.security_groups().values();
    let rules = groups.flat_map(|group| group.ingress.iter().chain(&group.egress));
    let referenced: BTreeSet<_> = rules
        .filter_map(|rule| match &rule.peer {
            RulePeer::Group(group) => Some(group),
            RulePeer::Cidr(_) | RulePeer::PrefixList(_) | RulePeer::OutsideGroup(_) => None,
        })
        .collect();
    let mut members: BTreeMap<&SecurityGroupId, Vec<(Address, Member)>> = referenced
        .iter()
        .map(|group| (*group, Vec::new()))
        .collect();
    for (interface, (_, groups, _)) in network.network_interfaces().values().zip(carried) {
        let possible: BTreeSet<_> = match groups {
            Open::Known(set) => set.iter().collect(),
            Open::OneOf(sets, _) => sets.iter().flatten().collect(),
            Open::Any(_) => referenced.clone(),
        };
        for group in possible {
            let (Some(members), Some(member)) = (members.get_mut(group), membership(groups, group))
            else {
                continue;
            };
            let known = interface
                .addresses
                .iter()
                .filter_map(|address| match &address.private {
                    model::AddressValue::Known(address) => Some((*address, member)),
                    model::AddressValue::Within(..) => None,
                });
            members.extend(known);
        }
    }
    let members = members.into_iter().map(|(group, mut members)| {
        // VPCs may have equal addresses; who certainly carries the group comes first.
        members.sort_by_key(|(_, member)| *member);
        (group.clone(), ExactMap::build(members))
    });
    members.collect()
}

fn membership(groups: &Open<BTreeSet<SecurityGroupId>>, group: &SecurityGroupId) -> Option<Member> {
    match groups {
        Open::Known(set) => set.contains(group).then_some(Member::Carries),
        Open::OneOf(sets, hole) => {
            let n_carrying = sets.iter().filter(|set| set.contains(group)).count();
            match n_carrying {
                0 => None,
                n if n == sets.len() => Some(Member::Carries),
                _ => Some(Member::MayCarry(*hole)),
            }
        }
        Open::Any(hole) => Some(Member::MayCarry(*hole)),
    }
}

struct Compiler<'a> {
    network: &'a Network,
    names: &'a Names,
    prefix_lists: &'a Arena<PrefixListIndex, PrefixList>,
    peerings: &'a Arena<PeeringIndex, Peering>,
    outside: BTreeMap<&'a str, HoleIndex>,
    members: BTreeMap<SecurityGroupId, ExactMap<Member>>,
    /// Whether there are transit gateways, over which references may hold.
    transit: bool,
    sets: Arena<GroupSetIndex, GroupSet>,
    interned: BTreeMap<Carrying, GroupSetIndex>,
}

/// The VPC in which a set of groups is carried, and the load balancer that it does not filter.
type Carrying = (
    Option<VpcIndex>,
    BTreeSet<SecurityGroupId>,
    Option<LoadBalancerIndex>,
);

impl Compiler<'_> {
    fn set(
        &mut self,
        vpc: Option<VpcIndex>,
        set: &BTreeSet<SecurityGroupId>,
        node: Option<LoadBalancerIndex>,
    ) -> GroupSetIndex {
        let unfiltered = node.filter(|_| set.is_empty());
        let key = (vpc, set.clone(), unfiltered);
        if let Some(index) = self.interned.get(&key) {
            return *index;
        }
        let groups = set.iter().map(|id| self.names.groups.index(id));
        let compiled = GroupSet {
            groups: groups.collect(),
            unfiltered,
            ingress: self.rules(vpc, set, self.transit, |group| &group.ingress),
            egress: self.rules(vpc, set, false, |group| &group.egress),
        };
        let index = self.sets.push(compiled);
        self.interned.insert(key, index);
        index
    }

    fn rules(
        &self,
        vpc: Option<VpcIndex>,
        set: &BTreeSet<SecurityGroupId>,
        transit: bool,
        direction: impl Fn(&model::SecurityGroup) -> &[GroupRule],
    ) -> Rules {
        let mut places = Vec::new();
        let mut references = Vec::new();
        let mut drafts = Vec::new();
        let mut traffic = BTreeSet::new();
        let groups = set
            .iter()
            .filter_map(|id| Some((id, self.network.security_groups().get(id)?)));
        let rules = groups.flat_map(|(id, group)| {
            let index = self.names.groups.index(id);
            let rules = (0..).zip(direction(group));
            rules.map(move |(position, rule)| ((index, position), rule))
        });
        for (order, (place, rule)) in (0..).zip(rules) {
            places.push(place);
            traffic.insert(rule.traffic.clone());
            match &rule.peer {
                RulePeer::Cidr(_) | RulePeer::PrefixList(_) | RulePeer::OutsideGroup(_) => {
                    drafts.push(self.draft(order, rule));
                }
                RulePeer::Group(group) => {
                    references.extend(self.reference(order, rule, vpc, (group, transit)));
                }
            }
        }
        let (rows_by_address, rows) = rows(&drafts);
        Rules {
            rows_by_address,
            rows,
            references,
            places,
            traffic,
        }
    }

    /// A rule whose peer is a matter of addresses alone.
    fn draft(&self, order: u32, rule: &GroupRule) -> Draft {
        let (clause, hole, cidrs, only) = match &rule.peer {
            RulePeer::PrefixList(list) => {
                let list = &self.prefix_lists[self.names.prefix_lists.index(list)];
                let (hole, cidrs) = match &list.entries {
                    Ok(cidrs) => (None, cidrs.clone()),
                    Err(hole) => (Some(*hole), everything(list.family)),
                };
                // An AWS-managed list never holds an address that is not public.
                let public = list.aws_managed && hole.is_some();
                let only = if public { Only::Public } else { Only::All };
                (Clause::SecurityGroupPrefixList, hole, cidrs, only)
            }
            RulePeer::OutsideGroup(name) => {
                let hole = self.outside.get(name.as_str()).copied();
                let cidrs = FAMILIES.map(everything).concat();
                let clause = Clause::SecurityGroupOutsideReference;
                (clause, hole, cidrs, Only::NotPublicV4)
            }
            RulePeer::Cidr(cidr) => {
                let clause = Clause::SecurityGroupCidr;
                (clause, None, vec![*cidr], Only::All)
            }
            // A reference is no matter of addresses; it matches nothing here.
            RulePeer::Group(_) => (Clause::SecurityGroupReference, None, Vec::new(), Only::All),
        };
        let traffic = rule.traffic.clone();
        Draft {
            rule: RowRule {
                order,
                traffic,
                clause,
                hole,
            },
            cidrs,
            only,
        }
    }

    /// A rule with a group of the network, unless it is stale; whether references over transit
    /// gateways hold is only known when a packet comes.
    fn reference(
        &self,
        order: u32,
        rule: &GroupRule,
        vpc: Option<VpcIndex>,
        (group, transit): (&SecurityGroupId, bool),
    ) -> Option<Reference> {
        let of = &self.network.security_groups().get(group)?.vpc;
        Some(Reference {
            order,
            group: self.names.groups.index(group),
            traffic: rule.traffic.clone(),
            relation: self.relation(vpc?, self.names.vpcs.index(of), transit)?,
            members: self.members.get(group)?.clone(),
        })
    }

    fn relation(&self, own: VpcIndex, other: VpcIndex, transit: bool) -> Option<Relation> {
        if own == other {
            return Some(Relation::Own);
        }
        let joins = |peering: &Peering| {
            let is_own = |end: &End| matches!(end, End::Vpc(vpc) if *vpc == own);
            let leads = matches!(peering.other(own), End::Vpc(vpc) if vpc == other);
            peering.active && peering.same_region && peering.ends.iter().any(is_own) && leads
        };
        let mut peerings = self.peerings.iter();
        let peering = peerings.find(|(_, peering)| joins(peering));
        let peering = peering.map(|(index, _)| index);
        (transit || peering.is_some()).then_some(Relation::Other(other, peering))
    }
}

/// A rule on its way into the rows.
struct Draft {
    rule: RowRule,
    cidrs: Vec<Cidr>,
    only: Only,
}

/// To which of the addresses in its blocks a rule is limited.
#[derive(Clone, Copy)]
enum Only {
    All,
    Public,
    NotPublicV4,
}

impl Only {
    fn includes(self, address: Address) -> bool {
        match self {
            Only::All => true,
            Only::Public => is_public(address),
            Only::NotPublicV4 => address.family() == Family::V6 || !is_public(address),
        }
    }
}

/// Cuts the addresses into intervals on which the same rules match, and interns the rows.
fn rows(drafts: &[Draft]) -> (AddressMap<u32>, Vec<Row>) {
    let mut blocks: Vec<_> = public_edges().map(|cidr| (cidr, None)).collect();
    for draft in drafts {
        blocks.extend(draft.cidrs.iter().map(|cidr| (*cidr, Some(draft))));
    }
    let mut rows = Vec::new();
    let mut interned = BTreeMap::new();
    let rows_by_address = AddressMap::build(&blocks, |address, holding| {
        let drafts = holding.iter().filter_map(|(_, draft)| *draft);
        let mut row: Vec<_> = drafts
            .filter(|draft| draft.only.includes(address))
            .map(|draft| draft.rule.clone())
            .collect();
        row.sort();
        row.dedup();
        *interned.entry(row.clone()).or_insert_with(|| {
            rows.push(Row::new(row));
            u32::try_from(rows.len() - 1).unwrap_or(u32::MAX)
        })
    });
    (rows_by_address, rows)
}

fn everything(family: Family) -> Vec<Cidr> {
    let zero = Address::from_bits(family, 0);
    Cidr::new(zero, 0).into_iter().collect()
}
