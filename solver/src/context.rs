//! What a request has of a key: from its context, from its principal, or from the way
//! (`context-of-principal`, `context-of-path`).

use std::collections::BTreeSet;

use model::{Address, ContextKey, RequestContext};

use crate::literal::Literals;
use crate::path::{Path, Told};
use crate::principal::{Caller, CallerKind};

/// Where the values of a key come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The ARN of the principal.
    PrincipalArn,
    PrincipalAccount,
    /// The same, but absent of who does not sign.
    CallerAccount,
    PrincipalType,
    Username,
    /// `false` of everyone who signs.
    IsService,
    /// `false` of everyone who signs; of the others it is not known.
    ViaService,
    /// The account of a root user, `anonymous` of who does not sign; else the context.
    UserId,
    /// The context, of users, roles and sessions.
    PrincipalTag,
    /// The context, of everyone who signs.
    OfSigned,
    /// The way.
    OfWay(KeyOfWay),
    /// Never there.
    Absent,
    /// Never known.
    Unknown,
    /// The request's context.
    Context,
}

/// A key that the way has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyOfWay {
    Endpoint,
    Vpc,
    /// The source address by an endpoint.
    VpcSourceIp,
    /// The source address over the internet.
    SourceIp,
    Account,
    Organization,
    OrganizationPaths,
    VpcArn,
}

/// A key, and where its values come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) name: ContextKey,
    pub(crate) source: Source,
}

impl Key {
    pub(crate) fn new(name: &ContextKey) -> Self {
        let source = match name.folded() {
            "aws:principalarn" => Source::PrincipalArn,
            "aws:principalaccount" => Source::PrincipalAccount,
            "kms:calleraccount" => Source::CallerAccount,
            "aws:principaltype" => Source::PrincipalType,
            "aws:username" => Source::Username,
            "aws:principalisawsservice" => Source::IsService,
            "aws:viaawsservice" => Source::ViaService,
            "aws:userid" => Source::UserId,
            "aws:principalorgid" | "aws:principalorgpaths" => Source::OfSigned,
            "aws:sourcevpce" => Source::OfWay(KeyOfWay::Endpoint),
            "aws:sourcevpc" => Source::OfWay(KeyOfWay::Vpc),
            "aws:vpcsourceip" => Source::OfWay(KeyOfWay::VpcSourceIp),
            "aws:sourceip" => Source::OfWay(KeyOfWay::SourceIp),
            "aws:vpceaccount" => Source::OfWay(KeyOfWay::Account),
            "aws:vpceorgid" => Source::OfWay(KeyOfWay::Organization),
            "aws:vpceorgpaths" => Source::OfWay(KeyOfWay::OrganizationPaths),
            "aws:sourcevpcarn" => Source::OfWay(KeyOfWay::VpcArn),
            "aws:calledvia"
            | "aws:calledviafirst"
            | "aws:calledvialast"
            | "aws:sourceaccount"
            | "aws:sourcearn"
            | "aws:sourceorgid"
            | "aws:sourceorgpaths"
            | "aws:principalservicename"
            | "aws:principalservicenameslist" => Source::Absent,
            "aws:sourceowner"
            | "s3:dataaccesspointaccount"
            | "s3:dataaccesspointarn"
            | "s3:accesspointnetworkorigin" => Source::Unknown,
            folded if folded.starts_with("aws:principaltag/") => Source::PrincipalTag,
            _ => Source::Context,
        };
        Key {
            name: name.clone(),
            source,
        }
    }

    /// Whether the values, if any, are the request's own.
    pub(crate) const fn is_free(&self) -> bool {
        match self.source {
            Source::UserId | Source::PrincipalTag | Source::OfSigned | Source::Context => true,
            Source::PrincipalArn
            | Source::PrincipalAccount
            | Source::CallerAccount
            | Source::PrincipalType
            | Source::Username
            | Source::IsService
            | Source::ViaService
            | Source::OfWay(_)
            | Source::Absent
            | Source::Unknown => false,
        }
    }

    /// Whether what a request has depends on who makes it.
    pub(crate) const fn is_of_principal(&self) -> bool {
        match self.source {
            Source::PrincipalArn
            | Source::PrincipalAccount
            | Source::CallerAccount
            | Source::PrincipalType
            | Source::Username
            | Source::IsService
            | Source::ViaService
            | Source::UserId
            | Source::PrincipalTag
            | Source::OfSigned => true,
            Source::OfWay(_) | Source::Absent | Source::Unknown | Source::Context => false,
        }
    }
}

/// Keys of AWS's that may have several values, in lower case (page policy, *sets of requests*).
const SEVERAL_VALUES: [&str; 9] = [
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

/// Whether a key is among those that AWS gives several values.
pub(crate) fn is_multivalued(name: &ContextKey) -> bool {
    SEVERAL_VALUES.contains(&name.folded())
}

/// The way by which a request comes. The source is the address with which its packets arrive, where it is known.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way<'a> {
    Endpoint {
        path: &'a Path,
        source: Option<Address>,
    },
    Internet {
        source: Option<Address>,
    },
}

impl<'a> Way<'a> {
    fn held(self, key: KeyOfWay) -> Held<'a> {
        match self {
            Way::Endpoint { path, source } => match key {
                KeyOfWay::Endpoint => Held::One(&path.endpoint),
                KeyOfWay::Vpc => Held::One(&path.vpc),
                KeyOfWay::VpcSourceIp => source.map_or(Held::Open, Held::Address),
                KeyOfWay::SourceIp => Held::Absent,
                KeyOfWay::Account => told(&path.account),
                KeyOfWay::Organization => told(&path.organization),
                KeyOfWay::OrganizationPaths => Held::Open,
                KeyOfWay::VpcArn => told(&path.vpc_arn),
            },
            Way::Internet { source } => match key {
                KeyOfWay::SourceIp => source.map_or(Held::Open, Held::Address),
                KeyOfWay::Endpoint
                | KeyOfWay::Vpc
                | KeyOfWay::VpcSourceIp
                | KeyOfWay::Account
                | KeyOfWay::Organization
                | KeyOfWay::OrganizationPaths
                | KeyOfWay::VpcArn => Held::Absent,
            },
        }
    }

    /// The value that every request which comes so has of a key, if any.
    pub(crate) fn value(self, key: KeyOfWay) -> Option<&'a str> {
        match self.held(key) {
            Held::One(value) => Some(value),
            Held::Absent | Held::Several(_) | Held::Address(_) | Held::Open => None,
        }
    }

    /// The key that has the source address.
    pub(crate) const fn key_of_source(self) -> KeyOfWay {
        match self {
            Way::Endpoint { .. } => KeyOfWay::VpcSourceIp,
            Way::Internet { .. } => KeyOfWay::SourceIp,
        }
    }
}

fn told(told: &Told) -> Held<'_> {
    match told {
        Told::Absent => Held::Absent,
        Told::One(value) => Held::One(value),
        Told::Open => Held::Open,
    }
}

/// What a request has of a key.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Held<'a> {
    Absent,
    One(&'a str),
    Several(&'a BTreeSet<String>),
    /// An address that is not a text: only the operators of addresses compare it.
    Address(Address),
    Open,
}

/// All that conditions and variables ask of a request.
#[derive(Debug)]
pub(crate) struct Brought<'a> {
    pub(crate) caller: Caller<'a>,
    pub(crate) context: &'a RequestContext,
    pub(crate) way: Way<'a>,
    /// Where it stands for a class of requests: the values of variables that the whole class has.
    pub(crate) literals: Option<&'a Literals>,
}

impl Brought<'_> {
    /// What a variable takes.
    pub(crate) fn taken(&self, key: &Key) -> Held<'_> {
        if is_multivalued(&key.name) {
            return Held::Open;
        }
        match (self.held(key), self.literals) {
            (Held::Address(_), _) => Held::Open,
            (Held::One(value), Some(literals)) if !literals.is_one(key, value) => Held::Open,
            (held, _) => held,
        }
    }

    /// What the request has of a key.
    pub(crate) fn held(&self, key: &Key) -> Held<'_> {
        let signed = match self.caller.kind {
            CallerKind::Anonymous => None,
            CallerKind::Root
            | CallerKind::User
            | CallerKind::Role
            | CallerKind::Session
            | CallerKind::Other => Some(&self.caller),
        };
        match key.source {
            Source::PrincipalArn => match self.caller.kind {
                CallerKind::Session | CallerKind::Other => Held::Open,
                CallerKind::Anonymous | CallerKind::Root | CallerKind::User | CallerKind::Role => {
                    one(signed.map(|caller| &*caller.arn))
                }
            },
            Source::PrincipalAccount => {
                Held::One(signed.map_or("anonymous", |caller| caller.account))
            }
            Source::CallerAccount => one(signed.map(|caller| caller.account)),
            Source::PrincipalType => match self.caller.kind.principal_type() {
                Some(name) => Held::One(name),
                None => Held::Open,
            },
            Source::Username => match self.caller.kind {
                CallerKind::User => one(Some(self.caller.name())),
                CallerKind::Other => Held::Open,
                CallerKind::Anonymous
                | CallerKind::Root
                | CallerKind::Role
                | CallerKind::Session => Held::Absent,
            },
            Source::IsService => one(signed.map(|_| "false")),
            Source::ViaService => signed.map_or(Held::Open, |_| Held::One("false")),
            Source::UserId => match self.caller.kind {
                CallerKind::Anonymous => Held::One("anonymous"),
                CallerKind::Root => Held::One(self.caller.account),
                CallerKind::User | CallerKind::Role | CallerKind::Session | CallerKind::Other => {
                    self.own(&key.name)
                }
            },
            Source::PrincipalTag if self.caller.kind == CallerKind::Root => Held::Absent,
            Source::PrincipalTag | Source::OfSigned if signed.is_none() => Held::Absent,
            Source::PrincipalTag | Source::OfSigned | Source::Context => self.own(&key.name),
            Source::OfWay(key) => self.way.held(key),
            Source::Absent => Held::Absent,
            Source::Unknown => Held::Open,
        }
    }

    /// What its context has.
    fn own(&self, name: &ContextKey) -> Held<'_> {
        let Some(values) = self.context.get(name) else {
            return Held::Absent;
        };
        let mut all = values.iter();
        match (all.next(), all.next()) {
            (None, _) => Held::Absent,
            (Some(value), None) => Held::One(value),
            (Some(_), Some(_)) => Held::Several(values),
        }
    }
}

fn one(value: Option<&str>) -> Held<'_> {
    value.map_or(Held::Absent, Held::One)
}
