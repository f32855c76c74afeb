//! Authorization: what the policies of the caller's and of the owner's accounts do with a request,
//! beside the endpoint's.

use model::{Clause, Hole, Permission, PermissionEffect, Principal, Request, Value};

use crate::account::{Accounts, Called, Caller, Documents, Owner};
use crate::authorize::EndpointPolicy;
use crate::context::{INTERNET, Path};
use crate::grant::Grant;
use crate::index::DocumentIndex;
use crate::said::{Reason, Said};
use crate::statement::Voice;

/// A caller and what it calls.
pub(crate) struct Case<'a> {
    pub(crate) caller: &'a Caller<'a>,
    pub(crate) called: Called<'a>,
}

/// What an action is, as far as it has been chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Action {
    /// Whether the policy of a key or role itself must allow it.
    pub(crate) is_keyed: Option<bool>,
    /// Whether no Deny of a bucket's policy stops the root user.
    pub(crate) is_of_bucket_policy: Option<bool>,
}

/// What begins actions that the policy of a key or role itself must allow.
pub(crate) const KEYED: [&str; 2] = ["kms:", "sts:AssumeRole"];

/// What a root user may always do with its own bucket's policy.
pub(crate) const OF_BUCKET_POLICY: [&str; 3] = [
    "s3:GetBucketPolicy",
    "s3:PutBucketPolicy",
    "s3:DeleteBucketPolicy",
];

/// What accounts do with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Judgement<R> {
    Permitted(Clause),
    Denied(Clause),
    Open(R),
    Undecided,
}

/// What a document says.
pub(crate) type Ask<'a, R> = &'a dyn Fn(DocumentIndex, Voice) -> Said<R>;

impl Action {
    pub(crate) fn new(action: &str) -> Self {
        let begins = |begin: &&str| {
            let own = action.get(..begin.len());
            own.is_some_and(|own| own.eq_ignore_ascii_case(begin))
        };
        let mut of_bucket_policy = OF_BUCKET_POLICY.iter();
        Self {
            is_keyed: Some(KEYED.iter().any(begins)),
            is_of_bucket_policy: Some(of_bucket_policy.any(|one| one.eq_ignore_ascii_case(action))),
        }
    }
}

impl Action {
    /// What all of some actions are.
    pub(crate) fn alike(actions: &[Self]) -> Self {
        let alike = |what: fn(&Self) -> Option<bool>| {
            let first = actions.first().and_then(what);
            first.filter(|_| actions.iter().all(|one| what(one) == first))
        };
        Self {
            is_keyed: alike(|one| one.is_keyed),
            is_of_bucket_policy: alike(|one| one.is_of_bucket_policy),
        }
    }
}

impl Accounts {
    /// The steps of `authorization.md` in their order, for a request that comes by an endpoint or,
    /// where there is none, over the internet.
    pub(crate) fn permits(&self, by: Option<&EndpointPolicy>, request: &Request) -> Permission {
        let own = by.map(|endpoint| endpoint.permits(request));
        let own = match own {
            Some(own) if own.effect == PermissionEffect::Denied => return own,
            own => own.filter(|own| own.effect != PermissionEffect::Permitted),
        };
        let path = by.map_or(&INTERNET, |endpoint| &endpoint.path);
        let permission = |clause, effect| Permission { clause, effect };
        let open = |hole| {
            let effect = PermissionEffect::Undetermined(hole);
            permission(Clause::AuthorizationOpen, effect)
        };
        match (self.judge(request, path), own) {
            (Judgement::Denied(clause), _) => permission(clause, PermissionEffect::Denied),
            (_, Some(own)) => own,
            (Judgement::Open(hole), None) => open(hole),
            (Judgement::Permitted(clause), None) => permission(clause, PermissionEffect::Permitted),
            // Of one request everything is decided.
            (Judgement::Undecided, None) => open(Hole::new("policies of accounts")),
        }
    }

    fn judge(&self, request: &Request, path: &Path) -> Judgement<Hole> {
        let caller = self.caller(&request.principal);
        let case = Case {
            called: self.called(&caller, &request.resource),
            caller: &caller,
        };
        case.judge(
            Action::new(&request.action),
            &|document, voice| match &self.documents[document] {
                Value::Known(policy) => policy.says(voice, request, path),
                Value::OneOf(policies, hole) => {
                    let each = policies.iter();
                    let each = each.map(|policy| policy.says(voice, request, path));
                    Said::agreed(each, hole.clone())
                }
                Value::Any(hole) => Said::Open(hole.clone()),
            },
        )
    }
}

/// What documents say together.
fn together<R: Reason>(documents: &Documents<'_>, voice: Voice, ask: Ask<'_, R>) -> Said<R> {
    match documents {
        Documents::These(these) => Said::any(these.iter().map(|one| ask(*one, voice))),
        Documents::Open(hole) => Said::Open(R::of(hole)),
    }
}

/// Whether documents allow, where none at all is no limit.
fn limit<R: Reason>(documents: &Documents<'_>, ask: Ask<'_, R>) -> Said<R> {
    match documents {
        Documents::These([]) => Said::Holds,
        Documents::These(_) | Documents::Open(_) => together(documents, Voice::Allows, ask),
    }
}

impl Case<'_> {
    /// Everything that documents are asked, what may grant first.
    pub(crate) fn asks(&self) -> Vec<(DocumentIndex, Voice)> {
        let (caller, called) = (self.caller, &self.called);
        let grants = [Grant::Directly, Grant::AsRole, Grant::AsAccount];
        let grants = grants.map(|grant| (&called.policy, Voice::Grants(grant)));
        let own = [&caller.identity, &caller.boundary, &caller.session];
        let limits = own.into_iter().chain(&caller.levels);
        let allows = limits.clone().map(|one| (one, Voice::Allows));
        let denies = limits.chain([&called.policy]);
        let denies = denies.map(|one| (one, Voice::Denies));
        let asks = grants.into_iter().chain(allows).chain(denies);
        let asks = asks.chain([(&called.controls, Voice::Controls)]);
        let asks = asks.flat_map(|(documents, voice)| {
            let these = match documents {
                Documents::These(these) => *these,
                Documents::Open(_) => &[],
            };
            these.iter().map(move |document| (*document, voice))
        });
        asks.collect()
    }

    /// What is done with requests of an action.
    pub(crate) fn judge<R: Reason>(&self, action: Action, ask: Ask<'_, R>) -> Judgement<R> {
        let denied = Said::any(self.denials(action, ask));
        if matches!(denied, Said::Holds) {
            return Judgement::Denied(Clause::AuthorizationExplicitDeny);
        }
        let levels = self.caller.levels.iter();
        let levels = Said::all(levels.map(|level| together(level, Voice::Allows, ask)));
        if matches!(levels, Said::Fails) {
            return Judgement::Denied(Clause::AuthorizationServiceControlPolicy);
        }
        let grant = self.grant(action, ask);
        let clause = self.clause();
        match (grant, denied, levels) {
            (Said::Fails, _, _) => Judgement::Denied(clause),
            (Said::Undecided, _, _) | (_, Said::Undecided, _) | (_, _, Said::Undecided) => {
                Judgement::Undecided
            }
            (_, Said::Open(reason), _)
            | (_, _, Said::Open(reason))
            | (Said::Open(reason), _, _) => Judgement::Open(reason),
            (Said::Holds, _, _) => Judgement::Permitted(clause),
        }
    }

    /// What grants, or does not.
    fn clause(&self) -> Clause {
        match (self.caller.principal, self.caller.account) {
            (Principal::Anonymous, _) | (_, None) => Clause::AuthorizationAnonymous,
            (Principal::Root { .. } | Principal::Arn { .. }, Some(account)) => {
                if self.called.owner == Owner::Account(account) {
                    Clause::AuthorizationSameAccount
                } else {
                    Clause::AuthorizationCrossAccount
                }
            }
        }
    }

    /// Whether each part denies, in their order.
    fn denials<R: Reason>(&self, action: Action, ask: Ask<'_, R>) -> impl Iterator<Item = Said<R>> {
        let Caller {
            levels,
            identity,
            boundary,
            session,
            ..
        } = self.caller;
        let denies = move |documents: &Documents<'_>| together(documents, Voice::Denies, ask);
        let levels = levels.iter().map(denies);
        let of_resource = [
            together(&self.called.controls, Voice::Controls, ask),
            self.unless_exempt(denies(&self.called.policy), action),
        ];
        let own = [identity, boundary, session].into_iter().map(denies);
        levels.chain(of_resource).chain(own)
    }

    /// What a Deny of the resource's policy does: nothing, where a bucket's root user asks for its
    /// policy.
    fn unless_exempt<R: Reason>(&self, denied: Said<R>, action: Action) -> Said<R> {
        let is_root = match self.caller.principal {
            Principal::Root { account } => self.called.owner == Owner::Account(account),
            Principal::Anonymous | Principal::Arn { .. } => false,
        };
        match action.is_of_bucket_policy {
            _ if !(is_root && self.called.is_bucket) => denied,
            Some(true) => Said::Fails,
            Some(false) => denied,
            None if matches!(denied, Said::Fails) => denied,
            None => Said::Undecided,
        }
    }

    /// Whether the request is granted.
    fn grant<R: Reason>(&self, action: Action, ask: Ask<'_, R>) -> Said<R> {
        if self.called.owner == Owner::Unknown {
            let hole = Hole::new(format!("owner of {}", self.called.resource));
            return Said::Open(R::of(&hole));
        }
        let grants = Grants::new(self, ask);
        let is_keyed = match action.is_keyed {
            _ if self.called.resource == "*" => Some(false),
            is_keyed => is_keyed,
        };
        let granted = match is_keyed {
            Some(is_keyed) => grants.said(self, is_keyed),
            None => match (grants.said(self, true), grants.said(self, false)) {
                (Said::Open(reason), Said::Open(_)) => Said::Open(reason),
                (one, other) if one == other => one,
                (_, _) => Said::Undecided,
            },
        };
        match granted {
            // Whether it decides or not.
            Said::Open(reason) => Said::Open(grants.first_open().unwrap_or(reason)),
            Said::Fails | Said::Holds | Said::Undecided => granted,
        }
    }
}

/// What a grant follows from.
struct Grants<R> {
    directly: Said<R>,
    as_role: Said<R>,
    as_account: Said<R>,
    identity: Said<R>,
    boundary: Said<R>,
    session: Said<R>,
}

impl<R: Reason> Grants<R> {
    fn new(case: &Case<'_>, ask: Ask<'_, R>) -> Self {
        let policy = |grant| together(&case.called.policy, Voice::Grants(grant), ask);
        let caller = case.caller;
        Self {
            directly: policy(Grant::Directly),
            as_role: policy(Grant::AsRole),
            as_account: policy(Grant::AsAccount),
            identity: together(&caller.identity, Voice::Allows, ask),
            boundary: limit(&caller.boundary, ask),
            session: limit(&caller.session, ask),
        }
    }

    /// The rows and columns of the table.
    fn said(&self, case: &Case<'_>, is_keyed: bool) -> Said<R> {
        let is_same = match (case.caller.account, case.called.owner) {
            (Some(account), Owner::Account(owner)) => account == owner,
            (_, Owner::Nobody | Owner::Unknown) | (None, _) => false,
        };
        let limits = self.boundary.and(&self.session);
        let by_account = self.directly.or(&self.as_account);
        match (case.caller.principal, is_same, is_keyed) {
            (Principal::Anonymous, _, _) => self.directly.clone(),
            (Principal::Root { .. }, true, false) => Said::Holds,
            (Principal::Root { .. }, true, true) | (Principal::Root { .. }, false, _) => by_account,
            (Principal::Arn { .. }, true, false) => {
                let own = self.identity.or(&self.as_role);
                self.directly.or(&own.and(&limits))
            }
            (Principal::Arn { .. }, true, true) => {
                let own = self.as_role.or(&self.identity.and(&self.as_account));
                self.directly.or(&own.and(&limits))
            }
            (Principal::Arn { .. }, false, _) => {
                let of_resource = by_account.or(&self.as_role);
                self.identity.and(&limits).and(&of_resource)
            }
        }
    }

    fn first_open(&self) -> Option<R> {
        let of_resource = [&self.directly, &self.as_role, &self.as_account];
        let own = [&self.identity, &self.boundary, &self.session];
        of_resource
            .into_iter()
            .chain(own)
            .find_map(|one| match one {
                Said::Open(reason) => Some(reason.clone()),
                Said::Fails | Said::Holds | Said::Undecided => None,
            })
    }
}
