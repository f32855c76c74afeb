//! What decides a request whatever policies grant: the first of the rules beside the table of
//! callers and owners (`authorization`).

use model::Hole;

use crate::action::Action;
use crate::authorization::{Between, Case};
use crate::called::Owner;
use crate::said::{Reason, Said};

pub(crate) fn open<R: Reason>(hole: String) -> Said<R> {
    Said::Open(R::of(&Hole::new(hole)))
}

impl Case<'_> {
    /// What the first rule says that applies before anything is granted.
    pub(crate) fn decided_beside<R: Reason>(&self, action: &Action) -> Option<Said<R>> {
        let Case { caller, called } = self;
        let permission = || {
            let hole = action.permission(caller.principal, called.resource);
            hole.map(|hole| Said::Open(R::of(&hole)))
        };
        self.of_nobody_known()
            .or_else(permission)
            .or_else(|| self.authorized_else(action))
            .or_else(|| self.listed())
            .or_else(|| self.of_owner_only(action))
            .or_else(|| self.unsigned(action))
            .or_else(|| self.of_alias())
            .or_else(|| self.of_repository())
    }

    fn of_nobody_known<R: Reason>(&self) -> Option<Said<R>> {
        let is_unknown = self.called.owner == Owner::Unknown;
        is_unknown.then(|| open(format!("owner of {}", self.called.resource)))
    }

    /// APIs and services that have authorizers; without a policy a private API lets nobody in.
    fn authorized_else<R: Reason>(&self, action: &Action) -> Option<Said<R>> {
        let of = |what: &str| Some(open(format!("authorization of {what}")));
        match self.called.api() {
            Some(api) if api.has_policy() => of(&api.arn),
            Some(_) => Some(Said::Fails),
            None if action.asks_authorization() => of(self.called.resource),
            None => None,
        }
    }

    /// Access control lists.
    fn listed<R: Reason>(&self) -> Option<Said<R>> {
        let entry = self.called.entry.filter(|entry| entry.bucket.may_list);
        entry.map(|entry| open(format!("access control lists of {}", entry.arn)))
    }

    fn of_owner_only<R: Reason>(&self, action: &Action) -> Option<Said<R>> {
        let is_others = action.is_owners() && self.between() != Between::OneAccount;
        is_others.then_some(Said::Fails)
    }

    fn unsigned<R: Reason>(&self, action: &Action) -> Option<Said<R>> {
        let is_open = self.between() == Between::Nobody && !action.is_known_unsigned();
        is_open.then(|| without_signature(action))
    }

    /// An alias is of a key that the request does not name.
    fn of_alias<R: Reason>(&self) -> Option<Said<R>> {
        let is_alias = self.called.is_alias();
        is_alias.then(|| open(format!("key of {}", self.called.resource)))
    }

    /// The policy of the registry may permit what that of the repository does not, and deny.
    fn of_repository<R: Reason>(&self) -> Option<Said<R>> {
        let is_repository = self.called.is_repository();
        is_repository.then(|| open(format!("registry policy of {}", self.called.resource)))
    }
}

pub(crate) fn without_signature<R: Reason>(action: &Action) -> Said<R> {
    open(format!("{} without a signature", action.service))
}
