//! What counts for a request's authorization beside what the statements say (page authorization).

use std::collections::BTreeMap;

use model::{Hole, UnknownReason};

use crate::account::{OfCaller, OfResource};
use crate::action;
use crate::decision::Outcome;
use crate::grant::Name;
use crate::principal::CallerKind;
use crate::symbolic::Formula;

/// What a request may be made of, and when it is; of one request, one of each.
pub(crate) struct Parts<'p> {
    pub(crate) callers: Vec<(&'p OfCaller<'p>, Formula)>,
    pub(crate) actions: Vec<(&'p str, Formula)>,
    pub(crate) resources: Vec<(&'p OfResource<'p>, Formula)>,
    /// Who calls is of the account that owns.
    pub(crate) is_same: Formula,
}

/// When something is so, beside what the parts say. Each list has what is open, and when; never two of one list.
pub(crate) struct Case {
    pub(crate) is_asked: Formula,
    pub(crate) is_anonymous: Formula,
    pub(crate) is_root: Formula,
    /// The caller and the owner are of one account; of two, when the caller has one, otherwise.
    pub(crate) is_same: Formula,
    /// The policy of the key or role itself must allow.
    pub(crate) is_keyed: Formula,
    /// Resource control policies deny nothing.
    pub(crate) is_spared_of_control: Formula,
    /// The resource's policy denies nothing.
    pub(crate) is_spared_of_policy: Formula,
    /// The resource has a policy that is not about such actions.
    pub(crate) is_policy_of_others: Formula,
    /// Nothing grants this to another account.
    pub(crate) is_never_across: Formula,
    /// The resource is listed with a policy, which is about such actions.
    pub(crate) has_policy: Formula,
    /// Resource control policies do not deny the action for certain.
    pub(crate) controls: Vec<(Hole, Formula)>,
    /// Resource control policies may deny, or it is a service-linked role that calls.
    pub(crate) roles: Vec<(Hole, Formula)>,
    pub(crate) owners: Vec<(Hole, Formula)>,
    /// The action is granted by other rules than the table's.
    pub(crate) permissions: Vec<(Hole, Formula)>,
    /// More than policies decides about the resource.
    pub(crate) besides: Vec<(Hole, Formula)>,
    /// The resource is a key, which may grant by more than its policy.
    pub(crate) grants: Vec<(Hole, Formula)>,
    /// It is not known whether the service's resources grant to who does not sign.
    pub(crate) unsigned: Vec<(Hole, Formula)>,
    /// What the resource's policy grants to others may be blocked.
    pub(crate) blocks: Vec<(Hole, Formula)>,
    /// It is not known whether the service's resources grant to other accounts.
    pub(crate) across: Vec<(Hole, Formula)>,
    /// It is not known whether one Allow is enough for the service within an account.
    pub(crate) within: Vec<(Hole, Formula)>,
}

impl Case {
    pub(crate) fn new<'p>(parts: &Parts<'p>) -> Self {
        let caller = |is: fn(&OfCaller<'p>) -> bool| when(&parts.callers, |of| is(of));
        let action = |is: fn(&str) -> bool| when(&parts.actions, |action| is(action));
        let resource = |is: fn(&OfResource<'p>) -> bool| when(&parts.resources, |of| is(of));
        let of_actions = |of: fn(&str) -> Option<Hole>| holes(&parts.actions, |action| of(action));
        let of_resources =
            |of: fn(&OfResource<'p>) -> Option<Hole>| holes(&parts.resources, |one| of(one));

        let is_root = caller(|caller| caller.kind == CallerKind::Root);
        let (is_role, is_of_roles) = (resource(OfResource::is_role), action(action::is_of_roles));
        let is_policy_of_others = &is_role & &!&is_of_roles;
        let is_of_bucket = action(action::is_of_bucket_policy) & resource(OfResource::is_bucket);
        let roles = holes(&parts.callers, |caller| caller.role_hole());
        let of_roots = only_where(&of_actions(action::root_permission_hole), &is_root);
        Case {
            is_asked: action(action::is_asked),
            is_anonymous: caller(|caller| caller.kind == CallerKind::Anonymous),
            is_same: parts.is_same.clone(),
            is_keyed: resource(OfResource::is_key) | (is_role & is_of_roles),
            is_spared_of_control: caller(OfCaller::is_service_linked)
                | !action(action::is_controlled),
            is_spared_of_policy: &(&is_root & &parts.is_same) & &is_of_bucket,
            is_never_across: action(action::is_never_across),
            has_policy: resource(OfResource::has_policy) & !&is_policy_of_others,
            is_policy_of_others,
            is_root,
            controls: of_actions(action::control_hole),
            roles: only_where(&roles, &resource(OfResource::is_controlled)),
            owners: of_resources(OfResource::owner_hole),
            permissions: [of_actions(action::permission_hole), of_roots].concat(),
            besides: of_resources(OfResource::beside_hole),
            grants: of_resources(OfResource::grants_hole),
            unsigned: of_actions(action::unsigned_hole),
            blocks: of_resources(OfResource::block_hole),
            across: of_actions(action::across_hole),
            within: of_actions(action::within_hole),
        }
    }

    /// What a statement says that may be a resource control policy's.
    pub(crate) fn controlled(&self, name: Name, statement: Outcome) -> Outcome {
        if name != Name::ResourceControl {
            return statement;
        }
        let controls = self.controls.iter();
        let rows = controls.map(|(hole, when)| (statement.at_most_open(hole), when.clone()));
        Outcome::by_case(rows, &statement)
    }
}

/// Open where one of these holds.
pub(crate) fn open_where(holes: &[(Hole, Formula)], otherwise: &Outcome) -> Outcome {
    let rows = holes.iter().map(|(hole, when)| {
        let reason = UnknownReason::DependsOn(hole.clone());
        (Outcome::open(reason), when.clone())
    });
    Outcome::by_case(rows, otherwise)
}

/// The same holes, only where this holds.
pub(crate) fn only_where(holes: &[(Hole, Formula)], also: &Formula) -> Vec<(Hole, Formula)> {
    let holes = holes.iter();
    holes
        .map(|(hole, when)| (hole.clone(), when & also))
        .collect()
}

fn when<T>(all: &[(T, Formula)], is: impl Fn(&T) -> bool) -> Formula {
    let those = all.iter().filter(|(one, _)| is(one));
    Formula::any(those.map(|(_, when)| when.clone()))
}

fn holes<T>(all: &[(T, Formula)], of: impl Fn(&T) -> Option<Hole>) -> Vec<(Hole, Formula)> {
    let mut holes: BTreeMap<Hole, Vec<Formula>> = BTreeMap::new();
    for (one, when) in all {
        if let Some(hole) = of(one) {
            holes.entry(hole).or_default().push(when.clone());
        }
    }
    let holes = holes.into_iter();
    holes
        .map(|(hole, whens)| (hole, Formula::any(whens)))
        .collect()
}
