//! Authorization: what the policies of the caller's and of the owner's accounts do with a request,
//! beside the endpoint's.

use model::{Clause, Hole, Permission, PermissionEffect, Principal, Request, Value};

use crate::account::{Accounts, Caller, Documents, NONE};
use crate::action::{Action, Rule};
use crate::authorize::{EndpointPolicy, NOT_ASKED};
use crate::beside::open;
use crate::called::{Called, Owner};
use crate::context::Path;
use crate::grant::Grant;
use crate::index::DocumentIndex;
use crate::said::{Reason, Said};
use crate::statement::Voice;

/// A caller and what it calls.
pub(crate) struct Case<'a> {
    pub(crate) caller: &'a Caller<'a>,
    pub(crate) called: Called<'a>,
}

/// Of whom caller and owner are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Between {
    /// The caller is anonymous.
    Nobody,
    OneAccount,
    TwoAccounts,
}

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

impl Accounts {
    /// The steps of `authorization.md` in their order, for a request that comes by an endpoint or,
    /// where there is none, over the internet.
    pub(crate) fn permits(
        &self,
        by: Option<&EndpointPolicy>,
        path: &Path,
        request: &Request,
    ) -> Permission {
        let own = by.map(|endpoint| endpoint.permits(path, request));
        let action = Action::new(&request.action);
        if action.is_not_asked(&request.principal, &request.resource) {
            return own.unwrap_or(NOT_ASKED);
        }
        let own = match own {
            Some(own) if own.effect == PermissionEffect::Denied => return own,
            own => own.filter(|own| own.effect != PermissionEffect::Permitted),
        };
        let permission = |clause, effect| Permission { clause, effect };
        let undetermined = |hole| {
            let effect = PermissionEffect::Undetermined(hole);
            permission(Clause::AuthorizationOpen, effect)
        };
        match (self.judge(request, &action, path), own) {
            (Judgement::Denied(clause), _) => permission(clause, PermissionEffect::Denied),
            (_, Some(own)) => own,
            (Judgement::Open(hole), None) => undetermined(hole),
            (Judgement::Permitted(clause), None) => permission(clause, PermissionEffect::Permitted),
            // Of one request everything is decided.
            (Judgement::Undecided, None) => undetermined(Hole::new("policies of accounts")),
        }
    }

    fn judge(&self, request: &Request, action: &Action, path: &Path) -> Judgement<Hole> {
        let caller = self.caller(&request.principal);
        let case = Case {
            called: self.called(&caller, &request.resource),
            caller: &caller,
        };
        case.judge(action, &|document, voice| match &self.documents[document] {
            Value::Known(policy) => policy.says(voice, request, path),
            Value::OneOf(policies, hole) => {
                let each = policies.iter();
                let each = each.map(|policy| policy.says(voice, request, path));
                Said::agreed(each, hole.clone())
            }
            Value::Any(hole) => Said::Open(hole.clone()),
        })
    }
}

/// What documents say together.
pub(crate) fn together<R: Reason>(
    documents: &Documents<'_>,
    voice: Voice,
    ask: Ask<'_, R>,
) -> Said<R> {
    match documents {
        Documents::These(these) => Said::any(these.iter().map(|one| ask(*one, voice))),
        Documents::Open(hole) => Said::Open(R::of(hole)),
    }
}

/// Whether documents allow, where none at all is no limit.
pub(crate) fn limit<R: Reason>(documents: &Documents<'_>, ask: Ask<'_, R>) -> Said<R> {
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
    pub(crate) fn judge<R: Reason>(&self, action: &Action, ask: Ask<'_, R>) -> Judgement<R> {
        if action.is_not_asked(self.caller.principal, self.called.resource) {
            return Judgement::Permitted(Clause::AuthorizationNotAsked);
        }
        let (denied, levels) = if action.rule == Rule::Unsaid {
            (Said::Fails, Said::Holds)
        } else {
            let denied = Said::any(self.denials(action, ask));
            (denied, self.levels_allow(action, ask))
        };
        if matches!(denied, Said::Holds) {
            return Judgement::Denied(Clause::AuthorizationExplicitDeny);
        }
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
        match self.between() {
            Between::Nobody => Clause::AuthorizationAnonymous,
            Between::OneAccount => Clause::AuthorizationSameAccount,
            Between::TwoAccounts => Clause::AuthorizationCrossAccount,
        }
    }

    pub(crate) fn between(&self) -> Between {
        match self.caller.account {
            None => Between::Nobody,
            Some(account) if self.called.owner == Owner::Account(account) => Between::OneAccount,
            Some(_) => Between::TwoAccounts,
        }
    }

    /// The resource's policy, for an action: that of a role is about who assumes it.
    pub(crate) fn policy(&self, action: &Action) -> &Documents<'_> {
        if self.called.is_role() && action.service != "sts" {
            &NONE
        } else {
            &self.called.policy
        }
    }

    /// Whether every level of service control policies allows.
    fn levels_allow<R: Reason>(&self, action: &Action, ask: Ask<'_, R>) -> Said<R> {
        let levels = self.caller.levels.iter();
        Said::all(levels.map(|level| {
            match (
                together(level, Voice::Allows, ask),
                self.in_part(level, action),
            ) {
                (Said::Fails | Said::Open(_), Some(hole)) => Said::Open(R::of(&hole)),
                (said, _) => said,
            }
        }))
    }

    /// Whether a level of service control policies denies.
    fn level_denies<R: Reason>(
        &self,
        level: &Documents<'_>,
        action: &Action,
        ask: Ask<'_, R>,
    ) -> Said<R> {
        match (
            together(level, Voice::Denies, ask),
            self.in_part(level, action),
        ) {
            (Said::Holds | Said::Open(_), Some(hole)) => Said::Open(R::of(&hole)),
            (said, _) => said,
        }
    }

    /// What leaves open how a known level limits the caller, if it does in part.
    fn in_part(&self, level: &Documents<'_>, action: &Action) -> Option<Hole> {
        match level {
            Documents::These(_) => action.limited_in_part(self.caller.principal),
            Documents::Open(_) => None,
        }
    }

    /// Whether the resource's policy denies; of some of that the owner's root user is free, or may
    /// be.
    fn policy_denies<R: Reason>(&self, action: &Action, ask: Ask<'_, R>) -> Said<R> {
        let is_owners_root = self.is_by_root() && self.between() == Between::OneAccount;
        let is_free = action.rule == Rule::BucketPolicy && self.called.is_bucket();
        if is_owners_root && is_free {
            return Said::Fails;
        }
        match together(self.policy(action), Voice::Denies, ask) {
            Said::Holds if is_owners_root && action.service == "sqs" => {
                open(format!("root user of {}", self.called.resource))
            }
            denies @ (Said::Fails | Said::Holds | Said::Open(_) | Said::Undecided) => denies,
        }
    }

    pub(crate) fn is_by_root(&self) -> bool {
        matches!(self.caller.principal, Principal::Root { .. })
    }

    /// Whether each part denies, in their order.
    fn denials<'a, R: Reason>(
        &'a self,
        action: &'a Action,
        ask: Ask<'a, R>,
    ) -> impl Iterator<Item = Said<R>> + 'a {
        let Caller {
            levels,
            identity,
            boundary,
            session,
            ..
        } = self.caller;
        let levels = levels.iter();
        let levels = levels.map(move |level| self.level_denies(level, action, ask));
        let controls = (action.rule != Rule::Uncontrolled)
            .then(|| together(&self.called.controls, Voice::Controls, ask));
        let of_resource = controls
            .into_iter()
            .chain([self.policy_denies(action, ask)]);
        let own = [identity, boundary, session].into_iter();
        let own = own.map(move |documents| together(documents, Voice::Denies, ask));
        levels.chain(of_resource).chain(own)
    }
}
