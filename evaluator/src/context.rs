//! The context of a request: where the values of each key come from (`context-of-principal`,
//! `context-of-path`).

use std::borrow::Cow;
use std::collections::BTreeSet;

use model::{ContextKey, Principal, Request};

use crate::principal::{Kind, kind, name};

/// A context key, by what its values follow from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    PrincipalArn,
    PrincipalAccount,
    /// As the principal's account, but not there when nobody signed the request.
    CallerAccount,
    PrincipalType,
    Username,
    PrincipalIsService,
    ViaService,
    UserId(ContextKey),
    /// Of the request, for users, roles and sessions.
    PrincipalTag(ContextKey),
    /// Of the request, unless nobody signed it.
    Signed(ContextKey),
    SourceVpce,
    SourceVpc,
    /// Open over the internet, and never there by an endpoint.
    SourceIp,
    /// Never there, whatever the way.
    NeverThere,
    /// Open by an endpoint, and not there over the internet.
    OfEndpoint,
    /// Open, whatever the request.
    AlwaysOpen,
    /// Of the request.
    Free(ContextKey),
}

/// The values of a key in a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Values<'a> {
    Absent,
    One(Cow<'a, str>),
    Several(&'a BTreeSet<String>),
    Open,
}

/// The way by which requests come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    /// The endpoint; `None` over the internet.
    pub(crate) by: Option<By>,
    /// Keys of services that set operators ask for, in any policy that is asked: they may have
    /// several values.
    pub(crate) several: BTreeSet<ContextKey>,
}

/// The endpoint of a way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct By {
    pub(crate) endpoint: String,
    pub(crate) vpc: String,
}

/// The way over the internet, without any policy.
pub(crate) static INTERNET: Path = Path {
    by: None,
    several: BTreeSet::new(),
};

impl Path {
    fn of_endpoint(&self, text: impl FnOnce(&By) -> &String) -> Values<'_> {
        let by = self.by.as_ref();
        by.map_or(Values::Absent, |by| Values::One(Cow::Borrowed(text(by))))
    }
}

/// Keys with several values, beside those of services that set operators ask for
/// (`IAM:reference_policies_condition-single-vs-multi-valued-context-keys`).
const SEVERAL: [&str; 9] = [
    "aws:calledvia",
    "aws:principalorgpaths",
    "aws:principalservicenameslist",
    "aws:resourceorgpaths",
    "aws:sourceorgpaths",
    "aws:tagkeys",
    "aws:vpceorgpaths",
    "dynamodb:attributes",
    "dynamodb:leadingkeys",
];

/// Whether a key may have several values, whatever policies ask.
pub(crate) fn is_several(key: &ContextKey) -> bool {
    SEVERAL.contains(&key.folded())
}

impl Key {
    pub(crate) fn new(key: &ContextKey) -> Self {
        match key.folded() {
            "aws:principalarn" => Key::PrincipalArn,
            "aws:principalaccount" => Key::PrincipalAccount,
            "kms:calleraccount" => Key::CallerAccount,
            "aws:principaltype" => Key::PrincipalType,
            "aws:username" => Key::Username,
            "aws:principalisawsservice" => Key::PrincipalIsService,
            "aws:viaawsservice" => Key::ViaService,
            "aws:userid" => Key::UserId(key.clone()),
            "aws:principalorgid" | "aws:principalorgpaths" => Key::Signed(key.clone()),
            "aws:sourcevpce" => Key::SourceVpce,
            "aws:sourcevpc" => Key::SourceVpc,
            "aws:sourceip" => Key::SourceIp,
            "aws:calledvia"
            | "aws:calledviafirst"
            | "aws:calledvialast"
            | "aws:principalservicename"
            | "aws:principalservicenameslist"
            | "aws:sourceaccount"
            | "aws:sourcearn"
            | "aws:sourceorgid"
            | "aws:sourceorgpaths" => Key::NeverThere,
            "aws:vpcsourceip" | "aws:sourcevpcarn" | "aws:vpceaccount" | "aws:vpceorgid"
            | "aws:vpceorgpaths" => Key::OfEndpoint,
            "aws:sourceowner"
            | "s3:dataaccesspointaccount"
            | "s3:dataaccesspointarn"
            | "s3:accesspointnetworkorigin" => Key::AlwaysOpen,
            other if other.starts_with("aws:principaltag/") => Key::PrincipalTag(key.clone()),
            _ => Key::Free(key.clone()),
        }
    }

    /// The key of the request's context that it may take its values from.
    pub(crate) const fn of_request(&self) -> Option<&ContextKey> {
        match self {
            Key::UserId(key) | Key::PrincipalTag(key) | Key::Signed(key) | Key::Free(key) => {
                Some(key)
            }
            Key::PrincipalArn
            | Key::PrincipalAccount
            | Key::CallerAccount
            | Key::PrincipalType
            | Key::Username
            | Key::PrincipalIsService
            | Key::ViaService
            | Key::SourceVpce
            | Key::SourceVpc
            | Key::SourceIp
            | Key::NeverThere
            | Key::OfEndpoint
            | Key::AlwaysOpen => None,
        }
    }

    /// Whether its values depend on the principal.
    pub(crate) const fn follows_from_principal(&self) -> bool {
        match self {
            Key::PrincipalArn
            | Key::PrincipalAccount
            | Key::CallerAccount
            | Key::PrincipalType
            | Key::Username
            | Key::PrincipalIsService
            | Key::ViaService
            | Key::UserId(_)
            | Key::PrincipalTag(_)
            | Key::Signed(_) => true,
            Key::SourceVpce
            | Key::SourceVpc
            | Key::SourceIp
            | Key::NeverThere
            | Key::OfEndpoint
            | Key::AlwaysOpen
            | Key::Free(_) => false,
        }
    }

    /// What a request says of it.
    pub(crate) fn values<'a>(&self, request: &'a Request, path: &'a Path) -> Values<'a> {
        let principal = &request.principal;
        let fixed = |text: &'static str| Values::One(Cow::Borrowed(text));
        match self {
            Key::PrincipalArn => principal_arn(principal),
            Key::PrincipalAccount => match principal {
                Principal::Anonymous => fixed("anonymous"),
                Principal::Root { account } | Principal::Arn { account, .. } => {
                    Values::One(Cow::Borrowed(account))
                }
            },
            Key::CallerAccount => match principal {
                Principal::Anonymous => Values::Absent,
                Principal::Root { account } | Principal::Arn { account, .. } => {
                    Values::One(Cow::Borrowed(account))
                }
            },
            Key::PrincipalType => match kind(principal) {
                Kind::Anonymous => fixed("Anonymous"),
                Kind::Root => fixed("Account"),
                Kind::User => fixed("User"),
                Kind::Role | Kind::Session => fixed("AssumedRole"),
                Kind::Other => Values::Open,
            },
            Key::Username => username(principal),
            Key::PrincipalIsService => match principal {
                Principal::Anonymous => Values::Absent,
                Principal::Root { .. } | Principal::Arn { .. } => fixed("false"),
            },
            Key::ViaService => match principal {
                Principal::Anonymous => Values::Open,
                Principal::Root { .. } | Principal::Arn { .. } => fixed("false"),
            },
            Key::UserId(key) => match principal {
                Principal::Anonymous => fixed("anonymous"),
                Principal::Root { account } => Values::One(Cow::Borrowed(account)),
                Principal::Arn { .. } => of_request(request, key),
            },
            Key::PrincipalTag(key) => match principal {
                Principal::Anonymous | Principal::Root { .. } => Values::Absent,
                Principal::Arn { .. } => of_request(request, key),
            },
            Key::Signed(key) => match principal {
                Principal::Anonymous => Values::Absent,
                Principal::Root { .. } | Principal::Arn { .. } => of_request(request, key),
            },
            Key::SourceVpce => path.of_endpoint(|by| &by.endpoint),
            Key::SourceVpc => path.of_endpoint(|by| &by.vpc),
            Key::SourceIp => match path.by {
                Some(_) => Values::Absent,
                None => Values::Open,
            },
            Key::NeverThere => Values::Absent,
            Key::AlwaysOpen => Values::Open,
            Key::OfEndpoint => match path.by {
                Some(_) => Values::Open,
                None => Values::Absent,
            },
            Key::Free(key) => of_request(request, key),
        }
    }
}

fn of_request<'a>(request: &'a Request, key: &ContextKey) -> Values<'a> {
    let Some(values) = request.context.get(key) else {
        return Values::Absent;
    };
    let mut each = values.iter();
    match (each.next(), each.next()) {
        (None, _) => Values::Absent,
        (Some(only), None) => Values::One(Cow::Borrowed(only)),
        (Some(_), Some(_)) => Values::Several(values),
    }
}

fn principal_arn(principal: &Principal) -> Values<'_> {
    match principal {
        Principal::Anonymous => Values::Absent,
        Principal::Root { account } => {
            Values::One(Cow::Owned(format!("arn:aws:iam::{account}:root")))
        }
        Principal::Arn { arn, .. } => match kind(principal) {
            // It has the role's path, which the session's ARN lacks.
            Kind::Session | Kind::Other => Values::Open,
            Kind::Anonymous | Kind::Root | Kind::User | Kind::Role => {
                Values::One(Cow::Borrowed(arn))
            }
        },
    }
}

fn username(principal: &Principal) -> Values<'_> {
    match (kind(principal), principal) {
        (Kind::User, Principal::Arn { arn, .. }) => Values::One(Cow::Borrowed(name(arn))),
        (Kind::Other, _) => Values::Open,
        (_, Principal::Anonymous | Principal::Root { .. } | Principal::Arn { .. }) => {
            Values::Absent
        }
    }
}
