//! What accounts, principals and resources with policies must keep.

use std::collections::BTreeMap;

use super::Finder;
use crate::account::{IamPrincipal, Organization};
use crate::defect::Defect;

impl Finder<'_> {
    pub(super) fn accounts(&mut self) {
        for (id, account) in self.network.accounts() {
            if !is_account(id.as_str()) {
                self.defects.push(Defect::AccountId {
                    account: id.to_string(),
                });
            }
            match &account.organization {
                Organization::Unknown(_) | Organization::None | Organization::Management => {}
                Organization::Member {
                    service_control_policies,
                    resource_control_policies,
                } => {
                    let of_services = service_control_policies.iter().flatten();
                    for policy in of_services.chain(resource_control_policies) {
                        self.candidates(policy);
                    }
                }
            }
        }
        self.principals();
        for (id, resource) in self.network.resource_policies() {
            let found = self.network.accounts().get(&resource.account);
            self.uses(id, "account", &resource.account, found.map(|_| None), None);
            if let Some(policy) = &resource.policy {
                self.candidates(policy);
            }
        }
    }

    fn principals(&mut self) {
        let mut roles = BTreeMap::new();
        for (id, principal) in self.network.principals() {
            let Some(form) = Form::of(id.as_str()).filter(|form| form.may_have(principal)) else {
                self.defects.push(Defect::PrincipalForm {
                    principal: id.to_string(),
                });
                continue;
            };
            let account = form.account.into();
            let found = self.network.accounts().get(&account);
            self.uses(id, "account", &account, found.map(|_| None), None);
            let name = (form.account, form.name);
            if let Some(other) = (form.kind == Kind::Role)
                .then(|| roles.insert(name, id))
                .flatten()
            {
                self.defects.push(Defect::RoleNameTwice {
                    role: id.to_string(),
                    other: other.to_string(),
                });
            }
            let policies = principal.identity_policies.iter();
            let policies = policies.chain(&principal.permissions_boundary);
            for policy in policies.chain(&principal.session_policies) {
                self.candidates(policy);
            }
        }
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// What a principal's ARN says.
struct Form<'a> {
    kind: Kind,
    account: &'a str,
    /// Behind the last slash.
    name: &'a str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    User,
    Role,
    Session,
}

impl<'a> Form<'a> {
    fn of(arn: &'a str) -> Option<Self> {
        let mut parts = arn.splitn(6, ':');
        let (begin, _, service, region) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let (account, path) = (parts.next()?, parts.next()?);
        let (kind, below) = path.split_once('/')?;
        let kind = match (service, kind) {
            ("iam", "user") => Kind::User,
            ("iam", "role") => Kind::Role,
            ("sts", "assumed-role") => Kind::Session,
            (_, _) => return None,
        };
        let name = below.rsplit('/').next()?;
        let is_named =
            !name.is_empty() && (kind != Kind::Session || below.matches('/').count() == 1);
        (begin == "arn" && region.is_empty() && is_account(account) && is_named).then_some(Form {
            kind,
            account,
            name,
        })
    }

    fn may_have(&self, principal: &IamPrincipal) -> bool {
        match self.kind {
            Kind::User | Kind::Role => principal.session_policies.is_empty(),
            Kind::Session => {
                principal.identity_policies.is_empty() && principal.permissions_boundary.is_none()
            }
        }
    }
}
