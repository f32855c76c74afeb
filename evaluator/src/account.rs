//! Accounts with the documents of their policies, and which of them are about a caller
//! (`authorization`).

use std::collections::{BTreeMap, BTreeSet};

use model::{ContextKey, Hole, IamPrincipal, Network, Policy, Principal, Value};

use crate::action::has_known_policies;
use crate::authorize::{CompiledPolicy, candidates, several};
use crate::called::Resource;
use crate::index::{Arena, DocumentIndex};
use crate::principal::{Kind, kind, name, role_of};

/// The accounts of a network that has some.
#[derive(Clone, Debug)]
pub(crate) struct Accounts {
    pub(crate) documents: Arena<DocumentIndex, Value<CompiledPolicy>>,
    pub(crate) accounts: BTreeMap<String, Account>,
    /// By their ARNs.
    pub(crate) principals: BTreeMap<String, Own>,
    /// By their ARNs.
    pub(crate) resources: BTreeMap<String, Resource>,
    /// Keys of services that set operators ask for in any document.
    pub(crate) several: BTreeSet<ContextKey>,
}

/// An account.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    organization: Organization,
    principals_complete: bool,
    /// Services of which all resources with policies are listed.
    resources_complete: BTreeSet<String>,
    /// The ARNs of its roles, by their names.
    roles: BTreeMap<String, String>,
}

/// What limits an account from outside.
#[derive(Clone, Debug)]
enum Organization {
    Unknown(Hole),
    Free,
    Member {
        levels: Vec<Vec<DocumentIndex>>,
        controls: Vec<DocumentIndex>,
    },
}

/// The documents of a user, a role or a session.
#[derive(Clone, Debug)]
pub(crate) struct Own {
    identity: Vec<DocumentIndex>,
    boundary: Vec<DocumentIndex>,
    session: Vec<DocumentIndex>,
}

/// Documents that count together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Documents<'a> {
    These(&'a [DocumentIndex]),
    /// Which ones the input does not say.
    Open(Hole),
}

/// Who calls, with the documents that are about the caller.
#[derive(Clone, Debug)]
pub(crate) struct Caller<'a> {
    pub(crate) principal: &'a Principal,
    pub(crate) account: Option<&'a str>,
    pub(crate) linked: ServiceLinked,
    /// The service control policies of each level; no level is no limit.
    pub(crate) levels: Vec<Documents<'a>>,
    pub(crate) identity: Documents<'a>,
    /// None is no limit, and of a session neither.
    pub(crate) boundary: Documents<'a>,
    pub(crate) session: Documents<'a>,
}

/// Whether a caller is a service-linked role, which service control policies and resource control
/// policies do not limit.
#[derive(Clone, Debug)]
pub(crate) enum ServiceLinked {
    No,
    Yes,
    /// Its role is not in the input.
    Perhaps(Hole),
}

/// No documents at all.
pub(crate) const NONE: Documents<'static> = Documents::These(&[]);

/// The hole of an account that is not in the input.
pub(crate) fn of_account(account: &str) -> Hole {
    Hole::new(format!("policies of account {account}"))
}

impl Accounts {
    /// `None` when the network has no account.
    pub(crate) fn new(network: &Network) -> Option<Self> {
        let mut documents = Arena::new();
        let mut keep = |policy: &Value<Policy>| documents.push(CompiledPolicy::of(policy, false));
        let accounts = network.accounts().iter().map(|(id, account)| {
            let account = Account {
                organization: Organization::new(&account.organization, &mut keep),
                principals_complete: account.principals_complete,
                resources_complete: account.resources_complete.clone(),
                roles: BTreeMap::new(),
            };
            (id.to_string(), account)
        });
        let mut accounts: BTreeMap<String, Account> = accounts.collect();
        let principals = network.principals().iter();
        let principals = principals.map(|(id, own)| (id.to_string(), Own::new(own, &mut keep)));
        let principals: BTreeMap<String, Own> = principals.collect();
        for arn in principals.keys() {
            let of = crate::principal::account(arn);
            let principal = Principal::Arn {
                account: of.to_owned(),
                arn: arn.clone(),
            };
            if let (Kind::Role, Some(account)) = (kind(&principal), accounts.get_mut(of)) {
                account.roles.insert(name(arn).to_owned(), arn.clone());
            }
        }
        let resources = network.resource_policies().iter();
        let resources = resources.map(|(id, own)| (id.to_string(), Resource::new(own, &mut keep)));
        let resources = resources.collect();
        let all = documents.iter().flat_map(|(_, one)| candidates(one));
        let several = several(all);
        (!accounts.is_empty()).then_some(Self {
            documents,
            accounts,
            principals,
            resources,
            several,
        })
    }

    /// The documents that are about a caller.
    pub(crate) fn caller<'a>(&'a self, principal: &'a Principal) -> Caller<'a> {
        let account = match principal {
            Principal::Anonymous => None,
            Principal::Root { account } | Principal::Arn { account, .. } => Some(account.as_str()),
        };
        let levels = account.map_or(Vec::new(), |account| self.levels(account));
        let linked = self.linked(principal);
        let [identity, boundary, session] = match principal {
            Principal::Anonymous | Principal::Root { .. } => [NONE, NONE, NONE],
            Principal::Arn { account, arn } => self.own(principal, account, arn),
        };
        Caller {
            principal,
            account,
            levels: linked.limits(levels),
            linked,
            identity,
            boundary,
            session,
        }
    }

    /// The role of the input that a session is of.
    fn role(&self, session: &str) -> Option<&str> {
        let (account, role) = role_of(session)?;
        let role = self.accounts.get(account)?.roles.get(role)?;
        Some(role)
    }

    fn linked(&self, principal: &Principal) -> ServiceLinked {
        let Principal::Arn { arn, .. } = principal else {
            return ServiceLinked::No;
        };
        let role = match kind(principal) {
            Kind::Session => self.role(arn),
            Kind::Anonymous | Kind::Root | Kind::User | Kind::Role | Kind::Other => {
                Some(arn.as_str())
            }
        };
        match role {
            Some(role) if sixth_begins(role, "role/aws-service-role/") => ServiceLinked::Yes,
            None if sixth_begins(arn, "assumed-role/AWSServiceRoleFor") => {
                ServiceLinked::Perhaps(Hole::new(format!("role of {arn}")))
            }
            Some(_) | None => ServiceLinked::No,
        }
    }

    fn levels<'a>(&'a self, account: &str) -> Vec<Documents<'a>> {
        match self.accounts.get(account).map(|one| &one.organization) {
            None => vec![Documents::Open(of_account(account))],
            Some(Organization::Unknown(hole)) => vec![Documents::Open(hole.clone())],
            Some(Organization::Free) => Vec::new(),
            Some(Organization::Member { levels, .. }) => {
                levels.iter().map(|one| Documents::These(one)).collect()
            }
        }
    }

    /// Identity-based policies, boundary and session policies of a user, a role or a session.
    fn own<'a>(&'a self, principal: &Principal, account: &str, arn: &str) -> [Documents<'a>; 3] {
        let open = |hole: Hole| [(); 3].map(|()| Documents::Open(hole.clone()));
        let of_arn = || open(Hole::new(format!("policies of {arn}")));
        let Some(of) = self.accounts.get(account) else {
            return open(of_account(account));
        };
        let own = match kind(principal) {
            Kind::User | Kind::Role => self.principals.get(arn),
            Kind::Session if role_of(arn).is_none() => return of_arn(),
            Kind::Session => self.role(arn).and_then(|role| self.principals.get(role)),
            Kind::Anonymous | Kind::Root | Kind::Other => return of_arn(),
        };
        if own.is_none() && !of.principals_complete {
            return of_arn();
        }
        let session = self.principals.get(arn);
        [
            own.map_or(NONE, |own| Documents::These(&own.identity)),
            own.map_or(NONE, |own| Documents::These(&own.boundary)),
            session.map_or(NONE, |own| Documents::These(&own.session)),
        ]
    }
}

/// Whether the sixth part of an ARN begins in some way.
fn sixth_begins(arn: &str, begin: &str) -> bool {
    let part = arn.splitn(6, ':').nth(5);
    part.is_some_and(|part| part.starts_with(begin))
}

impl ServiceLinked {
    /// The levels that limit a caller's account, as they limit the caller.
    fn limits<'a>(&self, levels: Vec<Documents<'a>>) -> Vec<Documents<'a>> {
        match self {
            ServiceLinked::No => levels,
            ServiceLinked::Yes => Vec::new(),
            ServiceLinked::Perhaps(_) if levels.is_empty() => levels,
            ServiceLinked::Perhaps(hole) => vec![Documents::Open(hole.clone())],
        }
    }

    /// The resource control policies of an owner, as they limit the caller.
    pub(crate) fn controls<'a>(&self, controls: Documents<'a>) -> Documents<'a> {
        match self {
            ServiceLinked::No => controls,
            ServiceLinked::Yes => NONE,
            ServiceLinked::Perhaps(_) if controls == NONE => NONE,
            ServiceLinked::Perhaps(hole) => Documents::Open(hole.clone()),
        }
    }
}

impl Account {
    /// Its resource control policies.
    pub(crate) fn controls(&self) -> Documents<'_> {
        match &self.organization {
            Organization::Unknown(hole) => Documents::Open(hole.clone()),
            Organization::Free => NONE,
            Organization::Member { controls, .. } => Documents::These(controls),
        }
    }

    /// Whether all policies that may be about an ARN are listed, by its third part.
    pub(crate) fn lists(&self, resource: &str) -> bool {
        let service = resource.split(':').nth(2);
        service.is_some_and(|service| self.lists_service(service))
    }

    fn lists_service(&self, service: &str) -> bool {
        has_known_policies(service) && self.resources_complete.contains(service)
    }

    /// The services of which all policies are listed.
    pub(crate) fn listed_services(&self) -> impl Iterator<Item = &str> {
        let services = self.resources_complete.iter().map(String::as_str);
        services.filter(|service| self.lists_service(service))
    }
}

impl Organization {
    fn new(
        organization: &model::Organization,
        keep: &mut impl FnMut(&Value<Policy>) -> DocumentIndex,
    ) -> Self {
        match organization {
            model::Organization::Unknown(hole) => Organization::Unknown(hole.clone()),
            model::Organization::None | model::Organization::Management => Organization::Free,
            model::Organization::Member {
                service_control_policies,
                resource_control_policies,
            } => {
                let levels = service_control_policies.iter();
                let levels = levels.map(|level| level.iter().map(&mut *keep).collect());
                Organization::Member {
                    levels: levels.collect(),
                    controls: resource_control_policies.iter().map(keep).collect(),
                }
            }
        }
    }
}

impl Own {
    fn new(
        principal: &IamPrincipal,
        keep: &mut impl FnMut(&Value<Policy>) -> DocumentIndex,
    ) -> Self {
        let boundary = principal.permissions_boundary.iter();
        Self {
            identity: principal.identity_policies.iter().map(&mut *keep).collect(),
            boundary: boundary.map(&mut *keep).collect(),
            session: principal.session_policies.iter().map(keep).collect(),
        }
    }
}
