//! Who makes a request, and which principals a statement means (page policy).

use std::borrow::Cow;

use model::{Hole, PolicyEffect, Principal, PrincipalElement, PrincipalPattern};

use crate::authorize::{Kind, Match};
use crate::opening::OpenPrincipal;

/// What a principal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CallerKind {
    Anonymous,
    Root,
    User,
    Role,
    Session,
    /// Who signs, and is none of these.
    Other,
}

impl CallerKind {
    /// Its `aws:PrincipalType`, when that is known (`context-of-principal`).
    pub(crate) const fn principal_type(self) -> Option<&'static str> {
        match self {
            CallerKind::Anonymous => Some("Anonymous"),
            CallerKind::Root => Some("Account"),
            CallerKind::User => Some("User"),
            CallerKind::Role | CallerKind::Session => Some("AssumedRole"),
            CallerKind::Other => None,
        }
    }
}

/// How the sixth part of the ARN of a service-linked role begins.
const SERVICE_LINKED: &str = "role/aws-service-role/";

/// How that of a session of one does; but so may that of a session of another role.
const OF_SERVICE_LINKED: &str = "assumed-role/AWSServiceRoleFor";

/// Who makes a request.
#[derive(Debug)]
pub(crate) struct Caller<'a> {
    pub(crate) kind: CallerKind,
    /// Empty of the anonymous caller, as is the ARN.
    pub(crate) account: &'a str,
    pub(crate) arn: Cow<'a, str>,
}

impl<'a> Caller<'a> {
    pub(crate) fn new(principal: &'a Principal) -> Self {
        match principal {
            Principal::Anonymous => Caller {
                kind: CallerKind::Anonymous,
                account: "",
                arn: Cow::Borrowed(""),
            },
            Principal::Root { account } => Caller {
                kind: CallerKind::Root,
                account,
                arn: Cow::Owned(format!("arn:aws:iam::{account}:root")),
            },
            Principal::Arn { account, arn } => Caller {
                kind: kind_of(arn),
                account,
                arn: Cow::Borrowed(arn),
            },
        }
    }

    /// What is behind the last slash of its ARN.
    pub(crate) fn name(&self) -> &str {
        name_of(&self.arn)
    }

    /// Whether it is named as sessions of service-linked roles are.
    pub(crate) fn may_be_service_linked(&self) -> bool {
        sixth_part(&self.arn).starts_with(OF_SERVICE_LINKED)
    }

    /// The name of the role that it is, or in whose session it is.
    pub(crate) fn role(&self) -> Option<&str> {
        match self.kind {
            CallerKind::Role => Some(self.name()),
            CallerKind::Session => role_of_session(&self.arn),
            CallerKind::Anonymous | CallerKind::Root | CallerKind::User | CallerKind::Other => None,
        }
    }
}

/// The kind of the principal of an ARN, by its sixth part.
pub(crate) fn kind_of(arn: &str) -> CallerKind {
    let part = sixth_part(arn);
    if part.starts_with("user/") {
        CallerKind::User
    } else if part.starts_with("assumed-role/") {
        CallerKind::Session
    } else if part.starts_with("role/") {
        CallerKind::Role
    } else {
        CallerKind::Other
    }
}

/// Whether an ARN is that of a role of one of AWS's services.
pub(crate) fn is_service_linked(arn: &str) -> bool {
    sixth_part(arn).starts_with(SERVICE_LINKED)
}

fn sixth_part(arn: &str) -> &str {
    arn.splitn(6, ':').nth(5).unwrap_or_default()
}

pub(crate) fn name_of(arn: &str) -> &str {
    arn.rsplit_once('/').map_or(arn, |(_, name)| name)
}

/// The `R` of `assumed-role/R/S`.
fn role_of_session(arn: &str) -> Option<&str> {
    sixth_part(arn).split('/').nth(1)
}

/// The twelve digits of an account that is written as such or as an ARN.
pub(crate) fn account_of(text: &str) -> &str {
    if text.starts_with("arn:") {
        text.split(':').nth(4).unwrap_or(text)
    } else {
        text
    }
}

/// An entry of a principal element.
#[derive(Clone, Debug)]
pub(crate) enum Entry {
    Everyone,
    Account(String),
    /// A user, a role, or a session; of the last two with the account, and the role's name.
    Arn {
        arn: String,
        account: String,
        role: Option<String>,
        is_session: bool,
    },
    /// Who has a web identity or an assertion, and no role yet.
    Federated,
    /// An account, or a distribution of CloudFront, by an id of which it is not known whose it is.
    CanonicalUser(String),
    /// A user, a role or a session, in the same way.
    UniqueId(String),
    /// Of which a part is open.
    Open(OpenPrincipal),
    Other,
}

impl Entry {
    fn new(pattern: &PrincipalPattern) -> Self {
        match pattern {
            PrincipalPattern::Everyone => Entry::Everyone,
            PrincipalPattern::Account(text) => Entry::Account(account_of(text).to_owned()),
            PrincipalPattern::Arn(arn) => {
                let kind = kind_of(arn);
                let role = match kind {
                    CallerKind::Role => Some(name_of(arn)),
                    CallerKind::Session => role_of_session(arn),
                    CallerKind::Anonymous
                    | CallerKind::Root
                    | CallerKind::User
                    | CallerKind::Other => None,
                };
                Entry::Arn {
                    arn: arn.clone(),
                    account: account_of(arn).to_owned(),
                    role: role.map(str::to_owned),
                    is_session: kind == CallerKind::Session,
                }
            }
            PrincipalPattern::Open(text) => Entry::Open(OpenPrincipal::new(text)),
            PrincipalPattern::Other { kind, value } => match kind.as_str() {
                "CanonicalUser" => Entry::CanonicalUser(value.clone()),
                // What is written there and is neither an account nor an ARN.
                "AWS" => Entry::UniqueId(value.clone()),
                "Federated" => Entry::Federated,
                _ => Entry::Other,
            },
        }
    }

    fn means(&self, kind: Kind, caller: &Caller<'_>) -> bool {
        match self {
            Entry::Everyone => true,
            Entry::Account(_) => {
                self.is_account_of(caller)
                    && (kind == Kind::Other || caller.kind == CallerKind::Root)
            }
            Entry::Arn {
                arn, is_session, ..
            } => match caller.kind {
                CallerKind::Anonymous | CallerKind::Root => false,
                CallerKind::User | CallerKind::Role | CallerKind::Other => *arn == caller.arn,
                CallerKind::Session => {
                    *arn == caller.arn || (!is_session && self.is_role_of(caller))
                }
            },
            Entry::Federated
            | Entry::CanonicalUser(_)
            | Entry::UniqueId(_)
            | Entry::Open(_)
            | Entry::Other => false,
        }
    }

    /// Everyone, or the caller by its own ARN; a role's own ARN is for its sessions too.
    fn is_itself(&self, caller: &Caller<'_>) -> bool {
        match self {
            Entry::Everyone => true,
            Entry::Arn { arn, .. } => match caller.kind {
                CallerKind::Anonymous | CallerKind::Root | CallerKind::Role => false,
                CallerKind::User | CallerKind::Session | CallerKind::Other => *arn == caller.arn,
            },
            Entry::Account(_)
            | Entry::Federated
            | Entry::CanonicalUser(_)
            | Entry::UniqueId(_)
            | Entry::Open(_)
            | Entry::Other => false,
        }
    }

    /// The role that the caller is, or in whose session it is.
    fn is_own_role(&self, caller: &Caller<'_>) -> bool {
        match self {
            Entry::Arn {
                arn, is_session, ..
            } => match caller.kind {
                CallerKind::Role => *arn == caller.arn,
                CallerKind::Session => !is_session && self.is_role_of(caller),
                CallerKind::Anonymous | CallerKind::Root | CallerKind::User | CallerKind::Other => {
                    false
                }
            },
            Entry::Everyone
            | Entry::Account(_)
            | Entry::Federated
            | Entry::CanonicalUser(_)
            | Entry::UniqueId(_)
            | Entry::Open(_)
            | Entry::Other => false,
        }
    }

    fn is_account_of(&self, caller: &Caller<'_>) -> bool {
        match self {
            Entry::Account(account) => {
                caller.kind != CallerKind::Anonymous && account == caller.account
            }
            Entry::Everyone
            | Entry::Arn { .. }
            | Entry::Federated
            | Entry::CanonicalUser(_)
            | Entry::UniqueId(_)
            | Entry::Open(_)
            | Entry::Other => false,
        }
    }

    /// A session of the role that the caller is.
    fn is_session_of(&self, caller: &Caller<'_>) -> bool {
        match self {
            Entry::Arn { is_session, .. } => {
                *is_session && caller.kind == CallerKind::Role && self.is_role_of(caller)
            }
            Entry::Everyone
            | Entry::Account(_)
            | Entry::Federated
            | Entry::CanonicalUser(_)
            | Entry::UniqueId(_)
            | Entry::Open(_)
            | Entry::Other => false,
        }
    }

    /// The hole that an id is of which it is not known whether it is the caller's, who signs.
    fn may_mean(&self, caller: &Caller<'_>) -> Option<String> {
        match self {
            Entry::CanonicalUser(id) => Some(format!("account of {id}")),
            Entry::UniqueId(id) => {
                let has_none = caller.kind == CallerKind::Root;
                (!has_none).then(|| format!("principal {id}"))
            }
            Entry::Everyone
            | Entry::Account(_)
            | Entry::Arn { .. }
            | Entry::Federated
            | Entry::Open(_)
            | Entry::Other => None,
        }
    }

    fn is_role_of(&self, caller: &Caller<'_>) -> bool {
        match self {
            Entry::Arn { account, role, .. } => {
                account == caller.account && role.is_some() && role.as_deref() == caller.role()
            }
            Entry::Everyone
            | Entry::Account(_)
            | Entry::Federated
            | Entry::CanonicalUser(_)
            | Entry::UniqueId(_)
            | Entry::Open(_)
            | Entry::Other => false,
        }
    }
}

/// How a principal element is to have the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Naming {
    /// In any way, in the policy of such an endpoint or of anything else (page policy).
    AtAll(Kind),
    /// For itself (page authorization, *the resource's policy allows*).
    Directly,
    /// As the role that it is, or in whose session it is.
    AsRole,
    /// As one of its account's principals.
    AsAccount,
}

impl Naming {
    /// In any way, in a policy that is no endpoint's.
    pub(crate) const ANYHOW: Naming = Naming::AtAll(Kind::Other);
}

/// A statement's principal element.
#[derive(Clone, Debug)]
pub(crate) struct Principals {
    pub(crate) entries: Vec<Entry>,
    not: bool,
    effect: PolicyEffect,
}

impl Principals {
    pub(crate) fn new(element: &PrincipalElement, effect: PolicyEffect) -> Self {
        let (patterns, not) = match element {
            PrincipalElement::Principal(patterns) => (patterns, false),
            PrincipalElement::NotPrincipal(patterns) => (patterns, true),
        };
        Principals {
            entries: patterns.iter().map(Entry::new).collect(),
            not,
            effect,
        }
    }

    pub(crate) fn matches(&self, naming: Naming, caller: &Caller<'_>) -> Match {
        match (naming, self.not, self.effect) {
            (Naming::AtAll(kind), true, PolicyEffect::Deny) => self.not_among(kind, caller),
            (Naming::AtAll(_) | Naming::Directly, true, _) => {
                Match::Open(Hole::new("Allow with NotPrincipal"))
            }
            (Naming::AtAll(kind), false, _) => {
                self.among(caller, |entry| entry.means(kind, caller))
            }
            (Naming::Directly, false, _) => self.among(caller, |entry| entry.is_itself(caller)),
            (Naming::AsRole, false, _) => {
                let is_own = self.has(|entry| entry.is_own_role(caller));
                self.or_opening(is_own.into(), |open| open.may_be_own_role(caller))
            }
            (Naming::AsAccount, false, _) => {
                let is_own = self.has(|entry| entry.is_account_of(caller));
                self.or_opening(is_own.into(), |open| open.may_be_account_of(caller))
            }
            (Naming::AsRole | Naming::AsAccount, true, _) => Match::No,
        }
    }

    /// Whether it has an account; what a `NotPrincipal` lists it does not have.
    pub(crate) fn has_account(&self) -> bool {
        !self.not && self.has(|entry| matches!(entry, Entry::Account(_)))
    }

    /// Whether it may have everyone, in the same way.
    pub(crate) fn may_have_everyone(&self) -> bool {
        let is_everyone = |entry: &Entry| match entry {
            Entry::Everyone => true,
            Entry::Open(open) => open.may_be_everyone(),
            Entry::Account(_)
            | Entry::Arn { .. }
            | Entry::Federated
            | Entry::CanonicalUser(_)
            | Entry::UniqueId(_)
            | Entry::Other => false,
        };
        !self.not && self.has(is_everyone)
    }

    fn has(&self, is: impl Fn(&Entry) -> bool) -> bool {
        self.entries.iter().any(is)
    }

    /// Whether an entry means the caller, or leaves open whether it does.
    fn among(&self, caller: &Caller<'_>, means: impl Fn(&Entry) -> bool) -> Match {
        if self.has(means) {
            return Match::Yes;
        }
        let hole = if caller.kind == CallerKind::Anonymous {
            let is_federated = self.has(|entry| matches!(entry, Entry::Federated));
            is_federated.then(|| "federated caller".to_owned())
        } else if self.has(|entry| entry.is_session_of(caller)) {
            Some(format!("session of {}", caller.arn))
        } else {
            let mut entries = self.entries.iter();
            entries.find_map(|entry| entry.may_mean(caller))
        };
        let known = hole.map_or(Match::No, |hole| Match::Open(Hole::new(hole)));
        self.or_opening(known, |open| open.may_mean(caller))
    }

    /// What is known, or open where that fails and an entry of which a part is open may be what is asked for.
    fn or_opening(&self, known: Match, may_be: impl Fn(&OpenPrincipal) -> bool) -> Match {
        match (known, self.opening(may_be)) {
            (Match::No, Some(open)) => open,
            (known, _) => known,
        }
    }

    /// Open by the first entry of which a part is open that may be what is asked for.
    fn opening(&self, may_be: impl Fn(&OpenPrincipal) -> bool) -> Option<Match> {
        let openings = self.entries.iter().filter_map(|entry| match entry {
            Entry::Open(open) => Some(open),
            Entry::Everyone
            | Entry::Account(_)
            | Entry::Arn { .. }
            | Entry::Federated
            | Entry::CanonicalUser(_)
            | Entry::UniqueId(_)
            | Entry::Other => None,
        });
        let mut those = openings.filter(|open| may_be(open));
        those.next().map(|open| Match::Open(Hole::new(&open.hole)))
    }

    /// `NotPrincipal` with `Deny`.
    fn not_among(&self, kind: Kind, caller: &Caller<'_>) -> Match {
        if self.has(|entry| matches!(entry, Entry::Everyone)) {
            return Match::No;
        }
        let of_account = self.has(|entry| entry.is_account_of(caller));
        let known = match caller.kind {
            CallerKind::Anonymous => Match::Yes,
            CallerKind::Root if of_account => Match::No,
            CallerKind::Root => Match::Yes,
            CallerKind::User | CallerKind::Role | CallerKind::Session | CallerKind::Other => {
                let listed = |entry: &Entry| {
                    let means = entry.means(kind, caller) || entry.is_session_of(caller);
                    means || entry.may_mean(caller).is_some()
                };
                if of_account || self.has(listed) {
                    Match::Open(Hole::new(format!("permissions boundary of {}", caller.arn)))
                } else {
                    Match::Yes
                }
            }
        };
        // What may be listed may be spared.
        match known {
            Match::Yes => self.opening(|open| open.may_mean(caller)).unwrap_or(known),
            Match::No | Match::Open(_) => known,
        }
    }
}
