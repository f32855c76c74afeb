//! The policies that edits change: of endpoints, and of accounts, principals and resources.

use model::{
    AccountId, Network, NetworkDraft, Organization, Policy, PrincipalId, ResourceId, Value,
    VpcEndpointId,
};

/// A policy of the network.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PolicyOf {
    Endpoint(VpcEndpointId),
    /// An identity-based policy by its position; behind the last one, another.
    Identity(PrincipalId, usize),
    Boundary(PrincipalId),
    /// The policy of a resource, or one for a resource that has none.
    Resource(ResourceId),
    /// A service control policy by its level and its position there.
    ServiceControl(AccountId, usize, usize),
    /// A resource control policy by its position.
    ResourceControl(AccountId, usize),
}

impl PolicyOf {
    /// What it says, where that is known; nothing where there is none yet.
    pub(crate) fn known(&self, network: &Network) -> Option<Policy> {
        let nothing = || Policy {
            statements: Vec::new(),
            variables: true,
        };
        let known = |value: Option<&Value<Policy>>| value.and_then(Value::known).cloned();
        match self {
            PolicyOf::Endpoint(id) => known(network.vpc_endpoints().get(id).map(|one| &one.policy)),
            PolicyOf::Identity(id, position) => {
                let principal = network.principals().get(id)?;
                let all = &principal.identity_policies;
                if *position == all.len() {
                    return Some(nothing());
                }
                known(all.get(*position))
            }
            PolicyOf::Boundary(id) => {
                let principal = network.principals().get(id)?;
                known(principal.permissions_boundary.as_ref())
            }
            PolicyOf::Resource(id) => match &network.resource_policies().get(id)?.policy {
                None => Some(nothing()),
                policy @ Some(_) => known(policy.as_ref()),
            },
            PolicyOf::ServiceControl(id, level, position) => {
                let (levels, _) = organization(&network.accounts().get(id)?.organization)?;
                known(levels.get(*level)?.get(*position))
            }
            PolicyOf::ResourceControl(id, position) => {
                let (_, all) = organization(&network.accounts().get(id)?.organization)?;
                known(all.get(*position))
            }
        }
    }

    /// Changes it, where it is known.
    pub(super) fn change(&self, draft: &mut NetworkDraft, change: impl FnOnce(&mut Policy)) {
        let Some(value) = self.find(draft) else {
            return;
        };
        match value {
            Value::Known(policy) => change(policy),
            Value::OneOf(..) | Value::Any(_) => {}
        }
    }

    fn find<'d>(&self, draft: &'d mut NetworkDraft) -> Option<&'d mut Value<Policy>> {
        let nothing = || {
            Value::Known(Policy {
                statements: Vec::new(),
                variables: true,
            })
        };
        match self {
            PolicyOf::Endpoint(id) => {
                let mut all = draft.vpc_endpoints.iter_mut();
                all.find(|one| one.id == *id).map(|one| &mut one.policy)
            }
            PolicyOf::Identity(id, position) => {
                let mut all = draft.principals.iter_mut();
                let principal = all.find(|one| one.id == *id)?;
                if *position == principal.identity_policies.len() {
                    principal.identity_policies.push(nothing());
                }
                principal.identity_policies.get_mut(*position)
            }
            PolicyOf::Boundary(id) => {
                let mut all = draft.principals.iter_mut();
                let principal = all.find(|one| one.id == *id)?;
                principal.permissions_boundary.as_mut()
            }
            PolicyOf::Resource(id) => {
                let mut all = draft.resource_policies.iter_mut();
                let resource = all.find(|one| one.id == *id)?;
                Some(resource.policy.get_or_insert_with(nothing))
            }
            PolicyOf::ServiceControl(id, level, position) => {
                let mut all = draft.accounts.iter_mut();
                let account = all.find(|one| one.id == *id)?;
                match &mut account.organization {
                    Organization::Member {
                        service_control_policies,
                        ..
                    } => service_control_policies.get_mut(*level)?.get_mut(*position),
                    Organization::Unknown(_) | Organization::None | Organization::Management => {
                        None
                    }
                }
            }
            PolicyOf::ResourceControl(id, position) => {
                let mut all = draft.accounts.iter_mut();
                let account = all.find(|one| one.id == *id)?;
                match &mut account.organization {
                    Organization::Member {
                        resource_control_policies,
                        ..
                    } => resource_control_policies.get_mut(*position),
                    Organization::Unknown(_) | Organization::None | Organization::Management => {
                        None
                    }
                }
            }
        }
    }

    /// Those of accounts that may decide a request of a caller on a resource.
    pub(super) fn of_request(network: &Network, caller: Option<&str>, resource: &str) -> Vec<Self> {
        let mut all = Vec::new();
        let part = |arn: &str, position| arn.split(':').nth(position).map(str::to_owned);
        if let Some(arn) = caller {
            let id = PrincipalId::new(arn);
            if let Some(principal) = network.principals().get(&id) {
                let n = principal.identity_policies.len();
                all.extend((0..=n).map(|position| PolicyOf::Identity(id.clone(), position)));
                all.extend(
                    principal
                        .permissions_boundary
                        .is_some()
                        .then(|| PolicyOf::Boundary(id.clone())),
                );
            }
            let account = AccountId::new(part(arn, 4).unwrap_or_default());
            let found = network.accounts().get(&account);
            if let Some((levels, _)) = found.and_then(|one| organization(&one.organization)) {
                for (level, documents) in levels.iter().enumerate() {
                    let each = (0..documents.len())
                        .map(|position| PolicyOf::ServiceControl(account.clone(), level, position));
                    all.extend(each);
                }
            }
        }
        // A bucket stands for its objects too.
        let covers = |id: &str| {
            let rest = resource.strip_prefix(id);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let entries = network.resource_policies().values();
        for entry in entries.filter(|entry| covers(entry.id.as_str())) {
            all.push(PolicyOf::Resource(entry.id.clone()));
            let owner = network.accounts().get(&entry.account);
            if let Some((_, documents)) = owner.and_then(|one| organization(&one.organization)) {
                let each = (0..documents.len())
                    .map(|position| PolicyOf::ResourceControl(entry.account.clone(), position));
                all.extend(each);
            }
        }
        all
    }

    /// In words, of an account's.
    pub(crate) fn told(&self) -> String {
        match self {
            PolicyOf::Endpoint(id) => format!("the policy of endpoint {id}"),
            PolicyOf::Identity(id, position) => {
                format!("identity-based policy {} of {id}", position + 1)
            }
            PolicyOf::Boundary(id) => format!("the permissions boundary of {id}"),
            PolicyOf::Resource(id) => format!("the policy of {id}"),
            PolicyOf::ServiceControl(id, level, position) => format!(
                "service control policy {} of level {} of account {id}",
                position + 1,
                level + 1
            ),
            PolicyOf::ResourceControl(id, position) => {
                format!("resource control policy {} of account {id}", position + 1)
            }
        }
    }
}

/// The service control policies of each level, and the resource control policies.
type Policies<'a> = (&'a [Vec<Value<Policy>>], &'a [Value<Policy>]);

fn organization(organization: &Organization) -> Option<Policies<'_>> {
    match organization {
        Organization::Member {
            service_control_policies,
            resource_control_policies,
        } => Some((service_control_policies, resource_control_policies)),
        Organization::Unknown(_) | Organization::None | Organization::Management => None,
    }
}
