//! Network ACLs: of one whose entries change the subnets have the widest or the narrowest it may be.
//!
//! What an ACL between the two does to a packet, one of them does: the first entry that matches it is steady, or
//! the widest has it when it allows, and the narrowest when it denies.

use std::collections::BTreeSet;

use model::{AclAction, AclEntry, ComponentId, NetworkAcl, NetworkAclId, RuleIndex};

use super::Merge;
use super::pairs::{Pair, pairs};
use super::resource::Side;
use crate::provenance::Kind;

/// An entry of one of the networks.
struct Sighted<'a> {
    entry: &'a AclEntry,
    is_steady: bool,
    name: String,
}

/// The entries of a direction.
#[derive(Default)]
struct Entries {
    widest: Vec<AclEntry>,
    narrowest: Vec<AclEntry>,
}

impl Merge<'_> {
    pub(super) fn network_acls(&mut self) {
        let [before, after] = self.networks();
        for (id, pair) in pairs(before.network_acls(), after.network_acls()) {
            let acl = pair.latest();
            let mut names = BTreeSet::new();
            let ingress = self.entries(pair, true, &mut names);
            let egress = self.entries(pair, false, &mut names);
            if names.is_empty() {
                self.draft.network_acls.push(acl.clone());
                continue;
            }
            self.draft.network_acls.push(NetworkAcl {
                ingress: ingress.widest,
                egress: egress.widest,
                ..acl.clone()
            });
            let least = NetworkAclId::new(format!("{id}#narrowest"));
            self.draft.network_acls.push(NetworkAcl {
                id: least.clone(),
                ingress: ingress.narrowest,
                egress: egress.narrowest,
                ..acl.clone()
            });
            self.least_acls.insert(id.clone(), (least, names));
        }
    }

    fn entries(
        &self,
        pair: Pair<'_, NetworkAcl>,
        ingress: bool,
        names: &mut BTreeSet<String>,
    ) -> Entries {
        let sides = match pair {
            Pair::Before(one) => vec![self.sight_entries(one, Side::Before, ingress, false)],
            Pair::After(one) => vec![self.sight_entries(one, Side::After, ingress, false)],
            Pair::Both(one, other) => vec![
                self.sight_entries(one, Side::Before, ingress, true),
                self.sight_entries(other, Side::After, ingress, true),
            ],
        };
        let mut all: Vec<&Sighted<'_>> = sides.iter().flatten().collect();
        all.sort_by_key(|sighted| sighted.entry.number);
        let mut entries = Entries::default();
        let mut seen: Vec<&AclEntry> = Vec::new();
        for sighted in all {
            if seen.contains(&sighted.entry) {
                continue;
            }
            seen.push(sighted.entry);
            let in_each = sides.iter().all(|side| {
                side.iter()
                    .any(|one| one.entry == sighted.entry && one.is_steady)
            });
            if !in_each {
                let same = sides.iter().flatten();
                let same = same.filter(|one| one.entry == sighted.entry);
                names.extend(same.map(|one| one.name.clone()));
            }
            let is_allow = sighted.entry.action == AclAction::Allow;
            for (list, has) in [
                (&mut entries.widest, in_each || is_allow),
                (&mut entries.narrowest, in_each || !is_allow),
            ] {
                if has {
                    list.push(sighted.entry.clone());
                }
            }
        }
        // Two entries may have one number, one after the other.
        number(&mut entries.widest);
        number(&mut entries.narrowest);
        entries
    }

    fn sight_entries<'e>(
        &self,
        acl: &'e NetworkAcl,
        side: Side,
        ingress: bool,
        stays: bool,
    ) -> Vec<Sighted<'e>> {
        let component = ComponentId::NetworkAcl(acl.id.clone());
        let owner = (Kind::NetworkAcl, acl.id.as_str(), &component);
        let entries = if ingress { &acl.ingress } else { &acl.egress };
        let sighted = entries.iter().map(|entry| {
            let index = if ingress {
                RuleIndex::IngressEntry(entry.number)
            } else {
                RuleIndex::EgressEntry(entry.number)
            };
            let (is_steady, name) = self.names.steady(side, owner, index, stays);
            Sighted {
                entry,
                is_steady,
                name,
            }
        });
        sighted.collect()
    }
}

/// Numbers entries anew in their order.
fn number(entries: &mut [AclEntry]) {
    for (entry, number) in entries.iter_mut().zip(1..) {
        entry.number = number;
    }
}
