//! Peers of the rules of security groups: blocks, prefix lists, groups.

use std::collections::BTreeSet;

use model::{Family, GroupRule, RulePeer, RuleTraffic, SecurityGroup, SecurityGroupId};

use crate::traced::Traced;

use super::attribute::Attribute;
use super::identity::Thing;
use super::prefix_list::unknown_blocks;
use super::reader::Reader;
use super::slot::Slot;

/// The attributes that name peers: each a list, or a single value.
pub(super) struct Lists<'f> {
    pub(super) ipv4: Attribute<'f>,
    pub(super) ipv6: Attribute<'f>,
    pub(super) prefix_lists: Attribute<'f>,
    pub(super) groups: Attribute<'f>,
    pub(super) arity: Arity,
}

/// How many groups an attribute holds.
#[derive(Clone, Copy)]
pub(super) enum Arity {
    One,
    /// A set, one of several that share an expression and are open.
    Many {
        n_sharing: usize,
    },
}

impl Lists<'_> {
    pub(super) fn peers(&self, reader: &mut Reader<'_, '_>) -> Vec<RulePeer> {
        let mut peers = Vec::new();
        for (blocks, family) in [(&self.ipv4, Family::V4), (&self.ipv6, Family::V6)] {
            for block in one_or_many(blocks) {
                if block.is_unknown() {
                    let list = unknown_blocks(reader, &block, family);
                    peers.push(RulePeer::PrefixList(list));
                }
                peers.extend(block.cidr(reader.sink).map(RulePeer::Cidr));
            }
        }
        for list in one_or_many(&self.prefix_lists) {
            match reader.slot(&list, &[Thing::PrefixList]) {
                Slot::Empty => {}
                Slot::Known(candidate) => {
                    peers.push(RulePeer::PrefixList(candidate.id.as_str().into()));
                }
                Slot::OneOf(_) | Slot::Open => {
                    for family in [Family::V4, Family::V6] {
                        let list = unknown_blocks(reader, &list, family);
                        peers.push(RulePeer::PrefixList(list));
                    }
                }
            }
        }
        peers.extend(self.group_peers(reader));
        peers
    }

    fn group_peers(&self, reader: &mut Reader<'_, '_>) -> Vec<RulePeer> {
        let outside = || vec![RulePeer::OutsideGroup(self.groups.name())];
        let n_sharing = match self.arity {
            Arity::One => {
                return match reader.slot(&self.groups, &[Thing::SecurityGroup]) {
                    Slot::Empty => Vec::new(),
                    Slot::Known(candidate) => vec![group_peer(reader, &candidate.id)],
                    Slot::OneOf(_) | Slot::Open => outside(),
                };
            }
            Arity::Many { n_sharing } => n_sharing,
        };
        if !self.groups.has_unknown() {
            let items = self.groups.items();
            let ids = items.iter().filter_map(Attribute::text);
            return ids.map(|id| group_peer(reader, id)).collect();
        }
        // The inline rules of a group are one expression in the configuration: when several of
        // them leave groups open, which of those it refers to belongs to which cannot be told.
        let found = reader
            .plan
            .candidates(&self.groups, &[Thing::SecurityGroup]);
        if found.list.len() > 1 && n_sharing > 1 && !self.groups.is_written() {
            let attribute = self.groups.name();
            reader.sink.trace(attribute, Traced::OneOf);
            return outside();
        }
        let members = reader.members(&self.groups, Thing::SecurityGroup);
        if !members.is_exact {
            return outside();
        }
        let ids: BTreeSet<_> = members.list.into_iter().map(|member| member.id).collect();
        ids.iter().map(|id| group_peer(reader, id)).collect()
    }
}

/// A list's items; a single value is its own only item, and so is a list that is all open.
fn one_or_many<'f>(attribute: &Attribute<'f>) -> Vec<Attribute<'f>> {
    if attribute.is_list() {
        attribute.items()
    } else {
        vec![attribute.clone()]
    }
}

fn group_peer(reader: &mut Reader<'_, '_>, id: &str) -> RulePeer {
    let is_here = reader.planned_groups.contains(id) && !reader.left_out.contains(id);
    if is_here || reader.sink.get::<SecurityGroup>(id).is_some() {
        RulePeer::Group(SecurityGroupId::new(id))
    } else {
        RulePeer::OutsideGroup(id.to_owned())
    }
}

pub(super) fn with_traffic(traffic: &RuleTraffic, peers: Vec<RulePeer>) -> Vec<GroupRule> {
    let rule = |peer| GroupRule {
        traffic: traffic.clone(),
        peer,
    };
    peers.into_iter().map(rule).collect()
}

/// A rule whose traffic is open: it may admit anything.
pub(super) fn unknown_traffic(
    reader: &mut Reader<'_, '_>,
    attribute: &Attribute<'_>,
) -> Vec<GroupRule> {
    let peers = unknown_peers(reader, attribute);
    with_traffic(&RuleTraffic::All, peers)
}

/// Whatever a rule may name: blocks of both families, and groups.
pub(super) fn unknown_peers(
    reader: &mut Reader<'_, '_>,
    attribute: &Attribute<'_>,
) -> Vec<RulePeer> {
    let lists = [Family::V4, Family::V6].map(|family| unknown_blocks(reader, attribute, family));
    let mut peers: Vec<_> = lists.into_iter().map(RulePeer::PrefixList).collect();
    peers.push(RulePeer::OutsideGroup(attribute.name()));
    peers
}
