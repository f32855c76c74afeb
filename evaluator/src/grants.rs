//! What grants a request: the table of callers and owners, and what AWS knows more than policies
//! (`authorization`).

use model::Principal;

use crate::account::Documents;
use crate::action::Action;
use crate::authorization::{Ask, Between, Case, limit, together};
use crate::beside::{open, without_signature};
use crate::called::Resource;
use crate::grant::Grant;
use crate::said::{Reason, Said};
use crate::statement::Voice;

/// What a grant follows from.
struct Grants<R> {
    directly: Said<R>,
    as_role: Said<R>,
    as_account: Said<R>,
    identity: Said<R>,
    boundary: Said<R>,
    session: Said<R>,
}

impl Case<'_> {
    /// Whether the request is granted.
    pub(crate) fn grant<R: Reason>(&self, action: &Action, ask: Ask<'_, R>) -> Said<R> {
        if let Some(said) = self.decided_beside(action) {
            return said;
        }
        let grants = Grants::new(self, action, ask);
        match grants.said(self, self.is_keyed(action)) {
            Said::Undecided => Said::Undecided,
            Said::Holds => self.unless_more_is_asked(&grants, action),
            Said::Fails | Said::Open(_) if self.may_have_grants() => {
                open(format!("grants of {}", self.called.resource))
            }
            Said::Fails => Said::Fails,
            // Whether it decides or not.
            Said::Open(reason) => Said::Open(grants.first_open().unwrap_or(reason)),
        }
    }

    /// Whether the policy of a key or role itself must allow the request.
    fn is_keyed(&self, action: &Action) -> bool {
        self.called.is_key() || self.called.is_role() && action.service == "sts"
    }

    /// Whether grants of a key may let the caller use it.
    fn may_have_grants(&self) -> bool {
        self.called.is_key() && self.between() != Between::Nobody
    }

    /// Whether what policies grant is granted indeed.
    fn unless_more_is_asked<R: Reason>(&self, grants: &Grants<R>, action: &Action) -> Said<R> {
        let is_blocked = |entry: &&Resource| entry.bucket.may_block;
        let blocked = self.called.entry.filter(is_blocked);
        match (self.between(), blocked) {
            (Between::Nobody, _) if !action.needs_no_signature() => without_signature(action),
            (Between::Nobody | Between::TwoAccounts, Some(entry)) => {
                open(format!("Block Public Access of {}", entry.arn))
            }
            (Between::TwoAccounts, None) if !action.crosses_accounts(self.called.is_bucket()) => {
                open(format!("{} across accounts", action.service))
            }
            (Between::OneAccount, _) if self.may_ask_two(action) => match grants.both() {
                Said::Fails | Said::Open(_) => {
                    open(format!("{} within an account", action.service))
                }
                both @ (Said::Holds | Said::Undecided) => both,
            },
            (Between::Nobody | Between::OneAccount | Between::TwoAccounts, _) => Said::Holds,
        }
    }

    /// Whether, within an account, more than one Allow may be asked for.
    fn may_ask_two(&self, action: &Action) -> bool {
        let has_policy = *self.policy(action) != Documents::These(&[]);
        !self.is_by_root() && has_policy && !self.is_keyed(action) && !action.asks_one()
    }
}

impl<R: Reason> Grants<R> {
    fn new(case: &Case<'_>, action: &Action, ask: Ask<'_, R>) -> Self {
        let policy = |grant| together(case.policy(action), Voice::Grants(grant), ask);
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
        let is_same = case.between() == Between::OneAccount;
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

    /// Whether the resource's policy and the caller's own both allow.
    fn both(&self) -> Said<R> {
        let limits = self.boundary.and(&self.session);
        let of_resource = self.directly.or(&self.as_role.and(&limits));
        of_resource.and(&self.identity.and(&limits))
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
