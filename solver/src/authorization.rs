//! Whether a request is authorized (page authorization): by the endpoint's policy, and by those of the accounts.

use model::{Clause, Network, Permission, PermissionEffect, Request, RequestWay};

use crate::account::{Accounts, OfCaller, OfResource, Owner, Part};
use crate::authorize::{self, Endpoint, Endpoints, Match, undetermined};
use crate::case::{Case, Parts};
use crate::context::{Brought, Way};
use crate::decision::Outcome;
use crate::grant::{Ask, Name, Said};
use crate::principal::{Caller, CallerKind};
use crate::symbolic::Formula;

/// All policies of a network.
#[derive(Debug)]
pub(crate) struct Authorization {
    pub(crate) endpoints: Endpoints,
    pub(crate) accounts: Accounts,
}

/// A request with what follows from its caller and from its resource.
struct Asked<'a> {
    action: String,
    resource: &'a str,
    brought: Brought<'a>,
    of_caller: OfCaller<'a>,
    of_resource: OfResource<'a>,
}

impl Authorization {
    pub(crate) fn new(network: &Network) -> Self {
        Authorization {
            endpoints: authorize::endpoints(network),
            accounts: Accounts::new(network),
        }
    }

    /// Whether a request that comes so is authorized.
    pub(crate) fn permits(&self, way: &RequestWay, request: &Request) -> Permission {
        let by_policy = |id, source| authorize::permits(&self.endpoints, id, source, request);
        let policy = match way {
            RequestWay::EndpointPolicy(id) => return by_policy(id, None),
            RequestWay::Endpoint(id, source) => by_policy(id, *source),
            RequestWay::Internet(_) => permitted(Clause::AuthorizationNotAsked),
        };
        let is_denied = policy.effect == PermissionEffect::Denied;
        if self.accounts.is_empty() || is_denied {
            return policy;
        }
        Asked::new(&self.accounts, self.way(way), request).answer(policy)
    }

    /// The endpoint by which a request comes.
    pub(crate) fn endpoint(&self, way: &RequestWay) -> Option<&Endpoint> {
        match way {
            RequestWay::Endpoint(id, _) | RequestWay::EndpointPolicy(id) => self.endpoints.get(id),
            RequestWay::Internet(_) => None,
        }
    }

    /// The way as conditions ask about it.
    pub(crate) fn way(&self, way: &RequestWay) -> Way<'_> {
        let source = match way {
            RequestWay::Endpoint(_, source) | RequestWay::Internet(source) => *source,
            RequestWay::EndpointPolicy(_) => None,
        };
        let by_endpoint = self.endpoint(way).map(|endpoint| endpoint.way(source));
        by_endpoint.unwrap_or(Way::Internet { source })
    }
}

impl<'a> Asked<'a> {
    fn new(accounts: &'a Accounts, way: Way<'a>, request: &'a Request) -> Self {
        let brought = Brought {
            caller: Caller::new(&request.principal),
            context: &request.context,
            way,
            literals: None,
        };
        Asked {
            action: request.action.to_ascii_lowercase(),
            resource: &request.resource,
            of_caller: accounts.of_caller(&brought.caller),
            of_resource: accounts.of_resource(&request.resource),
            brought,
        }
    }

    /// The steps behind what an endpoint's policy says, which does not deny.
    fn answer(&self, policy: Permission) -> Permission {
        let case = self.case();
        if case.is_asked.is_false() {
            return policy;
        }
        let said = Said::new(&case, &|name, ask| self.part(&case, name, ask));
        if said.denies().settled() == Match::Yes {
            return denied(Clause::AuthorizationExplicitDeny);
        }
        if said.control().settled() == Match::No {
            return denied(Clause::AuthorizationServiceControlPolicy);
        }
        let grant = self.clause();
        if said.grant().settled() == Match::No {
            return denied(grant);
        }
        if policy.effect != PermissionEffect::Permitted {
            return policy;
        }
        for part in [said.denies(), said.control(), said.grant()] {
            if let Match::Open(hole) = part.settled() {
                return undetermined(Clause::AuthorizationOpen, hole);
            }
        }
        permitted(grant)
    }

    fn part(&self, case: &Case, name: Name, ask: Ask) -> Outcome {
        let part = self.of_caller.part(name).or(self.of_resource.part(name));
        let Some(part) = part else {
            return Outcome::matching(Formula::FALSE);
        };
        case.part(name, ask, part, &|statement, naming| {
            let answer = statement.matches(naming, &self.action, self.resource, &self.brought);
            Outcome::constant(answer)
        })
    }

    fn case(&self) -> Case {
        let is_anonymous = self.of_caller.kind == CallerKind::Anonymous;
        Case::new(&Parts {
            callers: vec![(&self.of_caller, Formula::TRUE)],
            actions: vec![(&self.action, Formula::TRUE)],
            resources: vec![(&self.of_resource, Formula::TRUE)],
            is_same: Formula::Constant(!is_anonymous && self.is_same()),
        })
    }

    fn is_same(&self) -> bool {
        match self.of_resource.owner {
            Owner::Caller => true,
            Owner::Account(account) => account == self.brought.caller.account,
            Owner::Unknown(_) => false,
        }
    }

    /// The clause of the grant.
    fn clause(&self) -> Clause {
        if self.brought.caller.kind == CallerKind::Anonymous {
            Clause::AuthorizationAnonymous
        } else if self.is_same() {
            Clause::AuthorizationSameAccount
        } else {
            Clause::AuthorizationCrossAccount
        }
    }
}

impl<'a> OfCaller<'a> {
    /// The part of that name; none of those that follow from the resource.
    pub(crate) const fn part(&self, name: Name) -> Option<&Part<'a>> {
        match name {
            Name::ServiceControl => Some(&self.service_control),
            Name::Identity => Some(&self.identity),
            Name::Boundary => Some(&self.boundary),
            Name::Session => Some(&self.session),
            Name::ResourceControl | Name::Resource => None,
        }
    }
}

impl<'a> OfResource<'a> {
    /// The part of that name; none of those that follow from the caller.
    pub(crate) const fn part(&self, name: Name) -> Option<&Part<'a>> {
        match name {
            Name::ResourceControl => Some(&self.resource_control),
            Name::Resource => Some(&self.policy),
            Name::ServiceControl | Name::Identity | Name::Boundary | Name::Session => None,
        }
    }
}

const fn permitted(clause: Clause) -> Permission {
    Permission {
        clause,
        effect: PermissionEffect::Permitted,
    }
}

const fn denied(clause: Clause) -> Permission {
    Permission {
        clause,
        effect: PermissionEffect::Denied,
    }
}
