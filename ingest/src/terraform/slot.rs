//! Slots: what an attribute that holds an id, or a set of ids, names in the model.

use model::{Hole, Value, VpcId};

use crate::load_balancer::short;
use crate::traced::Traced;

use super::attribute::Attribute;
use super::identity::{Thing, VPCS};
use super::plan::Resource;
use super::reader::Reader;
use super::resolve::Candidate;

/// How many things a hole may stand for by name; with more it stands for any at all, since a large
/// plan with many holes would list everything for each of them.
pub(super) const MAX_CANDIDATES: usize = 256;

/// What an attribute that holds an id names.
#[derive(Clone, Debug)]
pub(super) enum Slot {
    /// Nothing: it is not set.
    Empty,
    /// This.
    Known(Candidate),
    /// One of these; at least two.
    OneOf(Vec<Candidate>),
    /// Something that cannot be traced.
    Open,
}

/// What an attribute that holds a set of ids names.
#[derive(Clone, Debug, Default)]
pub(super) struct Members {
    /// The members, or the candidates when that is all that is known.
    pub(super) list: Vec<Candidate>,
    /// Whether the list is the set, rather than what the set may hold.
    pub(super) is_exact: bool,
    /// Whether the attribute is set at all.
    pub(super) is_set: bool,
}

/// Resolving.
impl Reader<'_, '_> {
    /// What an attribute names, of the wanted kinds.
    pub(super) fn slot(&mut self, attribute: &Attribute<'_>, wanted: &[Thing]) -> Slot {
        let slot = self.item(attribute, wanted);
        if attribute.is_reference() {
            let traced = match &slot {
                Slot::Known(_) => Traced::Known,
                Slot::OneOf(_) => Traced::OneOf,
                Slot::Empty | Slot::Open => Traced::Unknown,
            };
            self.sink.trace(attribute.name(), traced);
        }
        slot
    }

    /// The same for an attribute or for one item of it.
    fn item(&mut self, attribute: &Attribute<'_>, wanted: &[Thing]) -> Slot {
        let slot = self.named(attribute, wanted);
        let named = match &slot {
            Slot::Known(candidate) => std::slice::from_ref(candidate),
            Slot::OneOf(list) => list.as_slice(),
            Slot::Empty | Slot::Open => &[],
        };
        if named
            .iter()
            .any(|candidate| self.left_out.contains(&candidate.id))
        {
            return Slot::Open;
        }
        slot
    }

    fn named(&mut self, attribute: &Attribute<'_>, wanted: &[Thing]) -> Slot {
        if let Some(id) = attribute.text() {
            let thing = Thing::of_id(id).filter(|thing| wanted.contains(thing));
            return match thing.or(wanted.first().copied()) {
                Some(thing) => Slot::Known(Candidate {
                    thing,
                    id: short(id).to_owned(),
                    is_paired: false,
                }),
                None => Slot::Open,
            };
        }
        if !attribute.is_open() {
            return Slot::Empty;
        }
        let found = self.plan.candidates(attribute, wanted);
        let mut list = found.list;
        if found.is_blocked && !list.is_empty() {
            self.assume_traced(attribute, &list);
        }
        match (list.pop(), list.is_empty()) {
            (None, _) => Slot::Open,
            (Some(only), true) => Slot::Known(only),
            (Some(last), false) => {
                list.push(last);
                Slot::OneOf(list)
            }
        }
    }

    /// What an attribute names where the model has no room for a hole. One among several is
    /// taken only when it has the same index as the resource itself, and that is an assumption.
    pub(super) fn settle(&mut self, attribute: &Attribute<'_>, wanted: Thing) -> Option<String> {
        match self.slot(attribute, &[wanted]) {
            Slot::Known(candidate) => Some(candidate.id),
            Slot::OneOf(list) => {
                let paired = list.into_iter().find(|candidate| candidate.is_paired)?;
                self.assume_paired(attribute, &paired.id);
                Some(paired.id)
            }
            Slot::Empty | Slot::Open => None,
        }
    }

    /// The VPC of something; without any, the resource is left out.
    pub(super) fn vpc_id(&mut self, attribute: &Attribute<'_>) -> Option<VpcId> {
        self.vpc_id_or(attribute, None)
    }

    /// The VPC of something: as it says, else the one in which it fits, which is an assumption.
    pub(super) fn vpc_id_or(
        &mut self,
        attribute: &Attribute<'_>,
        fitting: Option<VpcId>,
    ) -> Option<VpcId> {
        if let Some(id) = self
            .settle(attribute, Thing::Vpc)
            .or_else(|| self.only_vpc(attribute))
        {
            return Some(VpcId::new(id));
        }
        match fitting.filter(|_| attribute.is_open()) {
            Some(vpc) => {
                let name = attribute.name();
                let text = format!("`{name}` is taken to be `{vpc}`, where the rest of it fits");
                self.sink.assume("vpc-by-fit", text);
                self.sink.trace(name, Traced::Assumed);
                Some(vpc)
            }
            None => {
                self.untraced(attribute);
                None
            }
        }
    }

    /// An id that is not known is the id of something that this plan makes: when that is only one,
    /// it is known after all.
    fn only_vpc(&mut self, attribute: &Attribute<'_>) -> Option<String> {
        let plan = self.plan;
        if !attribute.is_open() || plan.is_declared {
            return None;
        }
        let vpcs = plan.managed(&VPCS);
        let is_new = |vpc: &&&Resource<'_>| vpc.attribute("id").is_unknown();
        let mut new = vpcs.iter().filter(is_new);
        let (Some(only), None) = (new.next(), new.next()) else {
            return None;
        };
        let id = plan.id(only);
        let text = format!(
            "a VPC that is not known and cannot be traced is taken to be `{id}`, the only one that \
             the plan creates"
        );
        self.sink.assume("only-new-vpc", text);
        self.sink.trace(attribute.name(), Traced::Assumed);
        Some(id)
    }

    /// What a set names. References without a function or a condition between them are taken for
    /// its members, all of them, and when they are several that is an assumption.
    pub(super) fn members(&mut self, attribute: &Attribute<'_>, wanted: Thing) -> Members {
        let members = self.set(attribute, wanted);
        if attribute.is_reference() {
            let traced = match (members.is_exact && members.is_set, members.list.is_empty()) {
                (true, _) => Traced::Known,
                (false, false) => Traced::OneOf,
                (false, true) => Traced::Unknown,
            };
            self.sink.trace(attribute.name(), traced);
        }
        members
    }

    fn set(&mut self, attribute: &Attribute<'_>, wanted: Thing) -> Members {
        if attribute.is_unknown() {
            if !attribute.is_open() {
                return Members::default();
            }
            let mut found = self.plan.candidates(attribute, &[wanted]);
            if found.is_chosen && found.list.iter().any(|candidate| candidate.is_paired) {
                found.list.retain(|candidate| candidate.is_paired);
                found.is_chosen = false;
                for candidate in &found.list {
                    self.assume_paired(attribute, &candidate.id);
                }
            }
            let n_candidates = found.list.len();
            found
                .list
                .retain(|candidate| !self.left_out.contains(&candidate.id));
            let is_whole = found.list.len() == n_candidates && n_candidates > 0;
            let is_exact = is_whole && !found.is_blurred && !found.is_chosen;
            if is_exact {
                self.assume_members(attribute, &found.list);
            }
            return Members {
                list: found.list,
                is_exact,
                is_set: true,
            };
        }
        let items = attribute.items();
        let mut members = Members {
            list: Vec::new(),
            is_exact: true,
            is_set: attribute.is_present(),
        };
        let mut n_open = 0_usize;
        for item in &items {
            match self.item(item, &[wanted]) {
                Slot::Known(candidate) => members.list.push(candidate),
                Slot::OneOf(list) => {
                    n_open += 1;
                    members.list.extend(list);
                }
                Slot::Open => members.is_exact = false,
                // Null in a list is how a plan writes an item that it leaves open.
                Slot::Empty => members.is_exact &= !item.is_unknown(),
            }
        }
        members.list.sort();
        members.list.dedup();
        // As many candidates as places: each is in one of them.
        if n_open > 0 && !attribute.is_written() {
            members.is_exact &= members.list.len() == items.len();
            if members.is_exact {
                self.assume_members(attribute, &members.list);
            }
        }
        members
    }

    fn assume_paired(&mut self, attribute: &Attribute<'_>, id: &str) {
        let name = attribute.name();
        let text = format!("`{name}` is taken to be `{id}`, which has the same index");
        self.sink.assume("paired-by-index", text);
        if attribute.is_reference() {
            self.sink.trace(name, Traced::Assumed);
        }
    }

    /// What leads nowhere may only be a condition, as in `local.create ? aws_vpc.main[0].id : null`,
    /// which is how modules are written; or it may be another candidate.
    fn assume_traced(&mut self, attribute: &Attribute<'_>, list: &[Candidate]) {
        let ids: Vec<_> = list.iter().map(|one| format!("`{}`", one.id)).collect();
        let text = format!(
            "`{}` is taken to be {}, though its expression also has parts that cannot be traced",
            attribute.name(),
            ids.join(" or ")
        );
        self.sink.assume("reference-partly-traced", text);
        self.sink.doubt(attribute.name());
    }

    fn assume_members(&mut self, attribute: &Attribute<'_>, list: &[Candidate]) {
        if list.len() < 2 {
            return;
        }
        let ids: Vec<_> = list.iter().map(|one| format!("`{}`", one.id)).collect();
        let text = format!(
            "`{}` is taken to hold all that its expression refers to: {}",
            attribute.name(),
            ids.join(", ")
        );
        self.sink.assume("reference-members", text);
        self.sink.doubt(attribute.name());
    }

    /// A value of the model from a slot: `None` when the attribute is not set. What cannot be
    /// traced is one of `fallback`.
    pub(super) fn value<T>(
        &mut self,
        slot: Slot,
        hole: Hole,
        fallback: impl FnOnce(&Self) -> Vec<String>,
        make: impl Fn(&str) -> T,
    ) -> Option<Value<T>> {
        let ids: Vec<String> = match slot {
            Slot::Empty => return None,
            Slot::Known(candidate) => return Some(Value::Known(make(&candidate.id))),
            Slot::OneOf(list) => list.into_iter().map(|candidate| candidate.id).collect(),
            Slot::Open => fallback(self),
        };
        if ids.len() > MAX_CANDIDATES {
            return Some(Value::Any(hole));
        }
        Some(one_of(ids.iter().map(|id| make(id)).collect(), hole))
    }
}

/// One of some values: any at all when there are none.
pub(super) fn one_of<T>(mut values: Vec<T>, hole: Hole) -> Value<T> {
    match (values.pop(), values.is_empty()) {
        (None, _) => Value::Any(hole),
        (Some(only), true) => Value::Known(only),
        (Some(last), false) => {
            values.push(last);
            Value::OneOf(values, hole)
        }
    }
}
