//! Accounts, their principals and their resources, with the policies that they have (page authorization). All of it is
//! read once, when the network is.

use std::collections::{BTreeMap, BTreeSet};

use model::{ContextKey, Hole, IamPrincipal, Network, Organization, Value};

use crate::arn::{self, Arn, Sort};
use crate::authorize::{Match, Policy, statements};
use crate::entry::Entry;
use crate::principal::{Caller, CallerKind, account_of, is_service_linked, kind_of, name_of};
use crate::value_class::Asks;

/// The documents of one part in levels, each of which is to allow. Without any level nothing is denied and everything
/// is allowed.
pub(crate) type Levels = Vec<Vec<Value<Policy>>>;

/// No limit.
static EVERYTHING: Levels = Vec::new();

/// One level that allows nothing.
static NOTHING: [Vec<Value<Policy>>; 1] = [Vec::new()];

/// What the input says of one part.
#[derive(Clone, Debug)]
pub(crate) enum Part<'a> {
    Known(&'a [Vec<Value<Policy>>]),
    /// It may deny, and may allow.
    Open(Hole),
}

impl Part<'_> {
    fn everything() -> Self {
        Part::Known(&EVERYTHING)
    }

    fn nothing() -> Self {
        Part::Known(&NOTHING)
    }

    /// Whether it certainly denies nothing and allows everything.
    fn is_nothing(&self) -> bool {
        match self {
            Part::Known(levels) => levels.is_empty(),
            Part::Open(_) => false,
        }
    }

    /// Whether the other part is of the same documents, or open for the same reason.
    pub(crate) fn is(&self, other: &Part<'_>) -> bool {
        match (self, other) {
            (Part::Known(one), Part::Known(other)) => std::ptr::eq(*one, *other),
            (Part::Open(one), Part::Open(other)) => one == other,
            (Part::Known(_), Part::Open(_)) | (Part::Open(_), Part::Known(_)) => false,
        }
    }
}

/// What follows from the caller.
#[derive(Debug)]
pub(crate) struct OfCaller<'a> {
    pub(crate) kind: CallerKind,
    /// Whether it is a role of one of AWS's services, or in a session of one.
    service_linked: Match,
    pub(crate) service_control: Part<'a>,
    pub(crate) identity: Part<'a>,
    pub(crate) boundary: Part<'a>,
    pub(crate) session: Part<'a>,
}

/// The parts that follow from the resource.
#[derive(Debug)]
pub(crate) struct OfResource<'a> {
    resource: &'a str,
    /// The listed resource that it is, or whose policy is for it too.
    entry: Option<&'a Entry>,
    pub(crate) owner: Owner<'a>,
    pub(crate) resource_control: Part<'a>,
    pub(crate) policy: Part<'a>,
}

/// Whose a resource is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Owner<'a> {
    Caller,
    Account(&'a str),
    Unknown(Hole),
}

/// The accounts of a network.
#[derive(Debug, Default)]
pub(crate) struct Accounts {
    accounts: BTreeMap<String, Account>,
    /// Users, roles and sessions by their ARN.
    principals: BTreeMap<String, Principal>,
    /// The ARN of a role by its account and name.
    roles: BTreeMap<(String, String), String>,
    resources: BTreeMap<String, Entry>,
    /// What all documents together ask of each key.
    asks: BTreeMap<ContextKey, Asks>,
}

#[derive(Debug)]
struct Account {
    member: Member,
    is_principals_complete: bool,
    resources_complete: BTreeSet<String>,
}

/// What limits an account's principals and its resources.
#[derive(Debug)]
enum Member {
    Unknown(Hole),
    Known {
        service_control: Levels,
        resource_control: Levels,
    },
}

#[derive(Debug)]
struct Principal {
    identity: Levels,
    boundary: Levels,
    session: Levels,
}

pub(crate) fn read_all(policies: &[Value<model::Policy>]) -> Vec<Value<Policy>> {
    policies.iter().map(Policy::read).collect()
}

/// One level, or none where there is no policy.
fn limit(policies: &[Value<model::Policy>]) -> Levels {
    let level = Some(read_all(policies)).filter(|level| !level.is_empty());
    level.into_iter().collect()
}

impl Account {
    fn new(account: &model::Account) -> Self {
        let member = match &account.organization {
            Organization::Unknown(hole) => Member::Unknown(hole.clone()),
            Organization::None | Organization::Management => Member::Known {
                service_control: Vec::new(),
                resource_control: Vec::new(),
            },
            Organization::Member {
                service_control_policies,
                resource_control_policies,
            } => Member::Known {
                service_control: service_control_policies
                    .iter()
                    .map(|level| read_all(level))
                    .collect(),
                resource_control: limit(resource_control_policies),
            },
        };
        Account {
            member,
            is_principals_complete: account.principals_complete,
            resources_complete: account.resources_complete.clone(),
        }
    }
}

impl Principal {
    fn new(principal: &IamPrincipal) -> Self {
        Principal {
            identity: vec![read_all(&principal.identity_policies)],
            boundary: limit(principal.permissions_boundary.as_slice()),
            session: limit(&principal.session_policies),
        }
    }
}

impl Accounts {
    pub(crate) fn new(network: &Network) -> Self {
        let accounts = network.accounts().iter();
        let principals = network.principals().iter();
        let resources = network.resource_policies().iter();
        let roles = network.principals().keys().map(|id| id.as_str());
        let roles = roles.filter(|arn| kind_of(arn) == CallerKind::Role);
        let by_name = |arn: &str| {
            let name = (account_of(arn).to_owned(), name_of(arn).to_owned());
            (name, arn.to_owned())
        };
        let mut accounts = Accounts {
            accounts: accounts
                .map(|(id, account)| (id.to_string(), Account::new(account)))
                .collect(),
            principals: principals
                .map(|(id, principal)| (id.to_string(), Principal::new(principal)))
                .collect(),
            roles: roles.map(by_name).collect(),
            resources: resources
                .map(|(id, resource)| (id.to_string(), Entry::new(resource)))
                .collect(),
            asks: BTreeMap::new(),
        };
        accounts.asks = Asks::kinds(accounts.documents().flat_map(statements));
        accounts
    }

    /// Whether there is none (`authorization-not-asked`).
    pub(crate) fn is_empty(&self) -> bool {
        self.accounts.is_empty()
    }

    /// What all documents together ask of each key.
    pub(crate) const fn asks(&self) -> &BTreeMap<ContextKey, Asks> {
        &self.asks
    }

    /// Every account.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.accounts.keys().map(String::as_str)
    }

    /// The services of which an account's resources with policies are all known.
    pub(crate) fn complete_services(&self, account: &str) -> impl Iterator<Item = &str> {
        let account = self.accounts.get(account).into_iter();
        account.flat_map(Account::complete_services)
    }

    /// The users, roles and sessions that are listed.
    pub(crate) fn principals(&self) -> impl Iterator<Item = &str> {
        self.principals.keys().map(String::as_str)
    }

    /// The resources that are listed.
    pub(crate) fn resources(&self) -> impl Iterator<Item = &str> {
        self.resources.keys().map(String::as_str)
    }

    /// Every document.
    fn documents(&self) -> impl Iterator<Item = &Value<Policy>> {
        let of_accounts = self.accounts.values().flat_map(Account::levels);
        let of_principals = self.principals.values().flat_map(|principal| {
            let Principal {
                identity,
                boundary,
                session,
            } = principal;
            [identity, boundary, session]
        });
        let of_resources = self.resources.values().map(|resource| &resource.policy);
        let levels = of_accounts.chain(of_principals).chain(of_resources);
        levels.flatten().flatten()
    }

    /// The policies that a caller has.
    pub(crate) fn of_caller(&self, caller: &Caller<'_>) -> OfCaller<'_> {
        let [identity, boundary, session] = self.own(caller);
        let service_linked = self.service_linked(caller);
        OfCaller {
            kind: caller.kind,
            service_control: self.service_control(caller, &service_linked),
            service_linked,
            identity,
            boundary,
            session,
        }
    }

    /// Whether a caller is a service-linked role, or in a session of one. A session is by its role; where that is not
    /// listed, its name leaves open what it is.
    fn service_linked(&self, caller: &Caller<'_>) -> Match {
        let role = match caller.kind {
            CallerKind::Role => Some(&*caller.arn),
            CallerKind::Session => self.role_of(caller),
            CallerKind::Anonymous | CallerKind::Root | CallerKind::User | CallerKind::Other => None,
        };
        match role {
            Some(role) => is_service_linked(role).into(),
            None if caller.may_be_service_linked() => {
                Match::Open(Hole::new(format!("role of {}", caller.arn)))
            }
            None => Match::No,
        }
    }

    fn service_control(&self, caller: &Caller<'_>, service_linked: &Match) -> Part<'_> {
        if caller.kind == CallerKind::Anonymous {
            return Part::everything();
        }
        let of_account = self.service_control_of(caller.account);
        match service_linked {
            Match::Yes => Part::everything(),
            Match::Open(hole) if !of_account.is_nothing() => Part::Open(hole.clone()),
            Match::Open(_) | Match::No => of_account,
        }
    }

    fn service_control_of(&self, account: &str) -> Part<'_> {
        match self.accounts.get(account).map(|account| &account.member) {
            None => Part::Open(of_account(account)),
            Some(Member::Unknown(hole)) => Part::Open(hole.clone()),
            Some(Member::Known {
                service_control, ..
            }) => Part::Known(service_control),
        }
    }

    /// Identity-based policies, permissions boundary and session policies.
    fn own(&self, caller: &Caller<'_>) -> [Part<'_>; 3] {
        let open = |hole: Hole| std::array::from_fn(|_| Part::Open(hole.clone()));
        let found = match caller.kind {
            CallerKind::Anonymous => {
                return [Part::nothing(), Part::everything(), Part::everything()];
            }
            CallerKind::Root => return std::array::from_fn(|_| Part::everything()),
            CallerKind::User | CallerKind::Role => Some(&*caller.arn),
            CallerKind::Session => self.role_of(caller),
            CallerKind::Other => None,
        };
        let Some(account) = self.accounts.get(caller.account) else {
            return open(of_account(caller.account));
        };
        let found = found.and_then(|arn| self.principals.get(arn));
        let is_known = account.is_principals_complete && caller.kind != CallerKind::Other;
        let (identity, boundary) = match found {
            Some(found) => (Part::Known(&found.identity), Part::Known(&found.boundary)),
            None if is_known => (Part::nothing(), Part::everything()),
            None => return open(Hole::new(format!("policies of {}", caller.arn))),
        };
        let session = self.principals.get(&*caller.arn);
        let session = session.filter(|_| caller.kind == CallerKind::Session);
        let session = session.map_or_else(Part::everything, |one| Part::Known(&one.session));
        [identity, boundary, session]
    }

    /// The ARN of the role in whose session a caller is.
    fn role_of(&self, caller: &Caller<'_>) -> Option<&str> {
        let name = (caller.account.to_owned(), caller.role()?.to_owned());
        self.roles.get(&name).map(String::as_str)
    }

    /// The policies that are on a resource.
    pub(crate) fn of_resource<'a>(&'a self, resource: &'a str) -> OfResource<'a> {
        let entry = self.entry(resource);
        let account = match (entry, Arn::new(resource)) {
            (Some(entry), _) => Some(&*entry.account),
            (None, Some(arn)) => Some(arn.account).filter(|account| !account.is_empty()),
            (None, None) => None,
        };
        let (owner, resource_control, policy) = match account {
            _ if resource == "*" => (Owner::Caller, Part::everything(), Part::nothing()),
            Some(account) => (
                Owner::Account(account),
                self.resource_control(account),
                self.policy(resource, account, entry),
            ),
            None => {
                let hole = Hole::new(format!("owner of {resource}"));
                let open = Part::Open(hole.clone());
                (Owner::Unknown(hole), open.clone(), open)
            }
        };
        OfResource {
            resource,
            entry,
            owner,
            resource_control,
            policy,
        }
    }

    /// The policy of a resource of an account.
    fn policy<'a>(&'a self, resource: &str, owner: &str, entry: Option<&'a Entry>) -> Part<'a> {
        let Some(owner) = self.accounts.get(owner) else {
            return Part::Open(of_account(owner));
        };
        let arn = Arn::new(resource);
        let is_listed = |arn: Arn<'_>| owner.complete_services().any(|one| one == arn.service);
        let open = |what: &str| Part::Open(Hole::new(format!("{what} of {resource}")));
        match entry {
            None if !arn.is_some_and(is_listed) => open("policy"),
            _ if arn.is_some_and(Arn::is_access_point) => open("bucket"),
            Some(entry) => Part::Known(&entry.policy),
            None => Part::nothing(),
        }
    }

    /// The entry that covers a resource, the longest where there are several.
    fn entry(&self, resource: &str) -> Option<&Entry> {
        let shorter = resource.rmatch_indices('/').filter_map(|(slash, _)| {
            let (arn, rest) = resource.split_at_checked(slash)?;
            let behind = Arn::new(arn)?.behind()?;
            rest.starts_with(behind).then_some(arn)
        });
        let mut covering = std::iter::once(resource).chain(shorter);
        covering.find_map(|arn| self.resources.get(arn))
    }

    pub(crate) fn resource_control(&self, owner: &str) -> Part<'_> {
        match self.accounts.get(owner).map(|account| &account.member) {
            None => Part::Open(of_account(owner)),
            Some(Member::Unknown(hole)) => Part::Open(hole.clone()),
            Some(Member::Known {
                resource_control, ..
            }) => Part::Known(resource_control),
        }
    }
}

impl Account {
    /// The services of which all resources with policies are known.
    fn complete_services(&self) -> impl Iterator<Item = &str> {
        let services = self.resources_complete.iter().map(String::as_str);
        services.filter(|service| arn::is_at_the_called(service))
    }

    fn levels(&self) -> impl Iterator<Item = &Levels> {
        let known = match &self.member {
            Member::Unknown(_) => None,
            Member::Known {
                service_control,
                resource_control,
            } => Some([service_control, resource_control]),
        };
        known.into_iter().flatten()
    }
}

fn of_account(account: &str) -> Hole {
    Hole::new(format!("policies of account {account}"))
}

impl OfCaller<'_> {
    pub(crate) fn is_service_linked(&self) -> bool {
        self.service_linked == Match::Yes
    }

    /// That it is not known whether it is.
    pub(crate) fn role_hole(&self) -> Option<Hole> {
        match &self.service_linked {
            Match::Open(hole) => Some(hole.clone()),
            Match::Yes | Match::No => None,
        }
    }
}

impl OfResource<'_> {
    fn is(&self, sort: Sort) -> bool {
        Arn::new(self.resource).is_some_and(|arn| arn.is(sort))
    }

    pub(crate) fn is_key(&self) -> bool {
        self.is(arn::KEY)
    }

    pub(crate) fn is_role(&self) -> bool {
        self.is(arn::ROLE)
    }

    pub(crate) fn is_bucket(&self) -> bool {
        Arn::new(self.resource).is_some_and(Arn::is_bucket)
    }

    /// Whether it is `*`.
    pub(crate) fn is_any(&self) -> bool {
        self.owner == Owner::Caller
    }

    /// Whether it is covered by an entry of an API that has no policy.
    pub(crate) fn is_closed(&self) -> bool {
        self.entry
            .is_some_and(|entry| entry.is_api && !entry.has_policy())
    }

    /// Whether resource control policies may deny what is asked of it.
    pub(crate) fn is_controlled(&self) -> bool {
        !self.resource_control.is_nothing()
    }

    pub(crate) fn has_policy(&self) -> bool {
        self.entry.is_some_and(Entry::has_policy)
    }

    /// That its owner is not known.
    pub(crate) fn owner_hole(&self) -> Option<Hole> {
        match &self.owner {
            Owner::Unknown(hole) => Some(hole.clone()),
            Owner::Caller | Owner::Account(_) => None,
        }
    }

    /// What decides about what the called API or service is, where no entry of an API covers it.
    pub(crate) fn authorization_hole(&self) -> Option<Hole> {
        let is_listed = self.entry.is_some_and(|entry| entry.is_api);
        (!is_listed).then(|| Hole::new(format!("authorization of {}", self.resource)))
    }

    /// Which key it is, if it is an alias of one.
    pub(crate) fn key_hole(&self) -> Option<Hole> {
        self.is(arn::ALIAS)
            .then(|| Hole::new(format!("key of {}", self.resource)))
    }

    /// What else is asked about it, if it is a repository: the policy of the whole registry.
    pub(crate) fn registry_hole(&self) -> Option<Hole> {
        self.is(arn::REPOSITORY)
            .then(|| Hole::new(format!("registry policy of {}", self.resource)))
    }

    /// What its policy denies the owner's root user, if it has one.
    pub(crate) fn root_hole(&self) -> Option<Hole> {
        self.has_policy()
            .then(|| Hole::new(format!("root user of {}", self.resource)))
    }

    /// What decides beside its policy.
    pub(crate) fn beside_hole(&self) -> Option<Hole> {
        self.entry.and_then(|entry| entry.beside.clone())
    }

    /// What may grant beside its policy, if it is a key.
    pub(crate) fn grants_hole(&self) -> Option<Hole> {
        self.is_key()
            .then(|| Hole::new(format!("grants of {}", self.resource)))
    }

    /// What may block that its policy grants to others.
    pub(crate) fn block_hole(&self) -> Option<Hole> {
        self.entry.and_then(|entry| entry.block.clone())
    }
}
