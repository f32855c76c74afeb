//! What counts for a request's authorization beside what the statements say (page authorization).

use std::collections::BTreeMap;

use model::{Hole, UnknownReason};

use crate::account::{OfCaller, OfResource, Part};
use crate::action;
use crate::authorize::Statement;
use crate::decision::Outcome;
use crate::grant::{Ask, Name};
use crate::principal::{CallerKind, Naming};
use crate::symbolic::Formula;

/// What a request may be made of, and when it is; of one request, one of each.
pub(crate) struct Parts<'p> {
    pub(crate) callers: Vec<(&'p OfCaller<'p>, Formula)>,
    pub(crate) actions: Vec<(&'p str, Formula)>,
    pub(crate) resources: Vec<(&'p OfResource<'p>, Formula)>,
    /// Who calls is of the account that owns.
    pub(crate) is_same: Formula,
}

/// When something is so, beside what the parts say. Each list has what is open, and when; never two
/// different ones of one list.
pub(crate) struct Case {
    /// Policies of accounts are asked at all (`authorization-not-asked`).
    pub(crate) is_asked: Formula,
    /// The parts say nothing of the action.
    pub(crate) is_unsaid: Formula,
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
    /// The resource is an API's that grants nothing.
    pub(crate) is_closed: Formula,
    /// Nothing grants this to another account.
    pub(crate) is_never_across: Formula,
    /// The resource is listed with a policy, which is about such actions.
    pub(crate) has_policy: Formula,
    /// Service control policies limit the action in part, and it is a root user that calls.
    limits: Vec<(Hole, Formula)>,
    /// What the resource's policy denies the caller, a root user, is not known to be denied.
    pub(crate) spared_roots: Vec<(Hole, Formula)>,
    /// Resource control policies do not deny the action for certain.
    controls: Vec<(Hole, Formula)>,
    /// Resource control policies may deny, or it is a service-linked role that calls.
    pub(crate) roles: Vec<(Hole, Formula)>,
    pub(crate) owners: Vec<(Hole, Formula)>,
    /// The action is granted by other rules than the table's.
    pub(crate) permissions: Vec<(Hole, Formula)>,
    /// More than policies decides about the resource.
    pub(crate) besides: Vec<(Hole, Formula)>,
    /// What is called is an API, or something like it, that is not listed.
    pub(crate) authorizations: Vec<(Hole, Formula)>,
    /// It is not known what the service grants to the caller, who does not sign.
    pub(crate) unknown_unsigned: Vec<(Hole, Formula)>,
    /// The resource is an alias of a key.
    pub(crate) keys: Vec<(Hole, Formula)>,
    /// The resource is a repository, about which its registry has a policy too.
    pub(crate) registries: Vec<(Hole, Formula)>,
    /// The resource is a key, which may grant by more than its policy.
    pub(crate) grants: Vec<(Hole, Formula)>,
    /// It is not known whether the service's resources grant to who does not sign.
    pub(crate) unsigned: Vec<(Hole, Formula)>,
    /// What the resource's policy grants to others may be blocked.
    pub(crate) blocks: Vec<(Hole, Formula)>,
    /// It is not known whether the resource grants to other accounts.
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
        let is_anonymous = caller(|caller| caller.kind == CallerKind::Anonymous);
        let (is_role, is_of_roles) = (resource(OfResource::is_role), action(action::is_of_roles));
        let is_policy_of_others = &is_role & &!&is_of_roles;
        let (is_any, is_bucket) = (
            resource(OfResource::is_any),
            resource(OfResource::is_bucket),
        );
        let is_of_bucket = &action(action::is_of_bucket_policy) & &is_bucket;
        let is_owner_root = &is_root & &parts.is_same;
        let is_identity = &action(action::is_caller_identity) & &(&is_any & &!&is_anonymous);
        let roles = holes(&parts.callers, |caller| caller.role_hole());
        let of_queues = &is_owner_root & &action(action::is_of_queues);
        let unsigned = of_actions(action::unknown_unsigned_hole);
        let of_buckets = only_where(&of_actions(action::bucket_across_hole), &is_bucket);
        let apis = of_resources(OfResource::authorization_hole);
        let of_roots = only_where(&of_actions(action::root_permission_hole), &is_root);
        let of_sessions = only_where(&of_actions(action::session_permission_hole), &is_any);
        Case {
            is_asked: !is_identity,
            is_unsaid: action(action::is_unsaid),
            is_same: parts.is_same.clone(),
            is_keyed: resource(OfResource::is_key) | (is_role & is_of_roles),
            is_spared_of_control: caller(OfCaller::is_service_linked)
                | !action(action::is_controlled),
            is_spared_of_policy: is_owner_root & is_of_bucket,
            is_closed: resource(OfResource::is_closed),
            is_never_across: action(action::is_never_across),
            has_policy: resource(OfResource::has_policy) & !&is_policy_of_others,
            is_policy_of_others,
            limits: only_where(&of_actions(action::limit_hole), &is_root),
            spared_roots: only_where(&of_resources(OfResource::root_hole), &of_queues),
            controls: of_actions(action::control_hole),
            roles: only_where(&roles, &resource(OfResource::is_controlled)),
            owners: of_resources(OfResource::owner_hole),
            permissions: [of_actions(action::permission_hole), of_roots, of_sessions].concat(),
            besides: of_resources(OfResource::beside_hole),
            authorizations: only_where(&apis, &action(action::is_of_apis)),
            unknown_unsigned: only_where(&unsigned, &is_anonymous),
            keys: of_resources(OfResource::key_hole),
            registries: of_resources(OfResource::registry_hole),
            grants: of_resources(OfResource::grants_hole),
            unsigned: of_actions(action::unsigned_hole),
            blocks: of_resources(OfResource::block_hole),
            across: [of_actions(action::across_hole), of_buckets].concat(),
            within: of_actions(action::within_hole),
            is_root,
            is_anonymous,
        }
    }

    /// What a part says.
    pub(crate) fn part(
        &self,
        name: Name,
        ask: Ask,
        part: &Part<'_>,
        says: &dyn Fn(&Statement, Naming) -> Outcome,
    ) -> Outcome {
        let said = ask.of(part, &|statement, naming| {
            let said = says(statement, naming);
            match name {
                Name::ResourceControl => at_most_open_where(&self.controls, &said),
                Name::ServiceControl
                | Name::Resource
                | Name::Identity
                | Name::Boundary
                | Name::Session => said,
            }
        });
        let is_known = matches!(part, Part::Known(_));
        if !is_known || name != Name::ServiceControl {
            return said;
        }
        let rows = self.limits.iter().map(|(hole, when)| {
            let limited = match ask {
                Ask::Denies => said.open_at_best(hole),
                // A level that does not allow for certain is open.
                Ask::Allows(_) => !&(!&said).open_at_best(hole),
            };
            (limited, when.clone())
        });
        Outcome::by_case(rows, &said)
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

/// Open, where it matches and one of these holds.
pub(crate) fn at_most_open_where(holes: &[(Hole, Formula)], said: &Outcome) -> Outcome {
    let rows = holes.iter();
    let rows = rows.map(|(hole, when)| (said.at_most_open(hole), when.clone()));
    Outcome::by_case(rows, said)
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
