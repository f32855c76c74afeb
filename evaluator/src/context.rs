//! The context of a request: where the values of each key come from (`context-of-principal`,
//! `context-of-path`).

use std::borrow::Cow;
use std::collections::BTreeSet;

use model::{Address, ContextKey, Principal, Request};

use crate::endpoint_owner::By;
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
    SourceVpcArn,
    VpceAccount,
    VpceOrgId,
    /// Open by an endpoint, and not there over the internet.
    VpceOrgPaths,
    /// An address, by an endpoint.
    VpcSourceIp,
    /// An address, over the internet.
    SourceIp,
    /// Never there, whatever the way.
    NeverThere,
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
    /// One that only operators of addresses compare.
    Address(Address),
    Open,
}

/// The way by which requests come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    /// The endpoint; `None` over the internet.
    pub(crate) by: Option<By>,
    /// The source address of their packets where they arrive, when that is said.
    pub(crate) source: Option<Address>,
    /// Keys of services that set operators ask for, in any policy that is asked: they may have
    /// several values.
    pub(crate) several: BTreeSet<ContextKey>,
}

/// The way over the internet, without any policy.
pub(crate) static INTERNET: Path = Path {
    by: None,
    source: None,
    several: BTreeSet::new(),
};

impl Path {
    /// The same for requests from an address.
    pub(crate) fn from(&self, source: Option<Address>) -> Cow<'_, Self> {
        if source == self.source {
            return Cow::Borrowed(self);
        }
        Cow::Owned(Self {
            source,
            ..self.clone()
        })
    }

    fn of_endpoint<'a>(&'a self, values: impl FnOnce(&'a By) -> Values<'a>) -> Values<'a> {
        self.by.as_ref().map_or(Values::Absent, values)
    }

    fn address(&self) -> Values<'_> {
        self.source.map_or(Values::Open, Values::Address)
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
            "aws:sourcevpcarn" => Key::SourceVpcArn,
            "aws:vpceaccount" => Key::VpceAccount,
            "aws:vpceorgid" => Key::VpceOrgId,
            "aws:vpceorgpaths" => Key::VpceOrgPaths,
            "aws:vpcsourceip" => Key::VpcSourceIp,
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
            | Key::SourceVpcArn
            | Key::VpceAccount
            | Key::VpceOrgId
            | Key::VpceOrgPaths
            | Key::VpcSourceIp
            | Key::SourceIp
            | Key::NeverThere
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
            | Key::SourceVpcArn
            | Key::VpceAccount
            | Key::VpceOrgId
            | Key::VpceOrgPaths
            | Key::VpcSourceIp
            | Key::SourceIp
            | Key::NeverThere
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
            Key::SourceVpce => path.of_endpoint(|by| Values::One(Cow::Borrowed(&by.endpoint))),
            Key::SourceVpc => path.of_endpoint(|by| Values::One(Cow::Borrowed(&by.vpc))),
            Key::SourceVpcArn => path.of_endpoint(|by| by.vpc_arn.values()),
            Key::VpceAccount => path.of_endpoint(|by| by.account.values()),
            Key::VpceOrgId => path.of_endpoint(|by| by.organization.values()),
            Key::VpceOrgPaths => path.of_endpoint(|_| Values::Open),
            Key::VpcSourceIp => path.of_endpoint(|_| path.address()),
            Key::SourceIp => match path.by {
                Some(_) => Values::Absent,
                None => path.address(),
            },
            Key::NeverThere => Values::Absent,
            Key::AlwaysOpen => Values::Open,
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
