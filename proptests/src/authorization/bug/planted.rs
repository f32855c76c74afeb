//! What a bug changes, and where it finds the things to change.

use model::{
    ActionElement, IamPrincipal, Organization, Policy, PolicyEffect, Principal, PrincipalElement,
    PrincipalPattern, Request, RequestWay, ResourceElement, ResourcePolicy, Statement, Value,
};

use crate::policy::open_text::known_mut;

use super::super::{Document, World, candidates, draw, pool};

/// A world, and a request in it.
#[derive(Clone, Debug)]
pub struct Planted {
    /// The world.
    pub world: World,
    /// How the request comes.
    pub way: RequestWay,
    /// The request.
    pub request: Request,
}

impl Planted {
    /// The caller's account; empty for the anonymous caller.
    pub(super) fn caller_account(&self) -> String {
        match &self.request.principal {
            Principal::Anonymous => String::new(),
            Principal::Root { account } | Principal::Arn { account, .. } => account.clone(),
        }
    }

    /// The caller's ARN; empty for others than users, roles and sessions.
    pub(super) fn caller_arn(&self) -> String {
        match &self.request.principal {
            Principal::Anonymous | Principal::Root { .. } => String::new(),
            Principal::Arn { arn, .. } => arn.clone(),
        }
    }

    pub(super) fn is_root(&self) -> bool {
        matches!(self.request.principal, Principal::Root { .. })
    }

    pub(super) fn is_user(&self) -> bool {
        self.caller_arn().contains(":user/")
    }

    /// The ARN of the role that the caller is, or of that which it is a session of.
    pub(super) fn role(&self) -> Option<String> {
        let arn = self.caller_arn();
        if arn.contains(":role/") {
            return Some(arn);
        }
        let (_, session) = arn.split_once(":assumed-role/")?;
        let (name, _) = session.split_once('/')?;
        let (account, end) = (self.caller_account(), format!("/{name}"));
        let role = format!("arn:aws:iam::{account}:role/");
        let mut listed = self.world.principals.iter().map(|one| one.id.to_string());
        let found = listed.find(|one| one.starts_with(&role) && one.ends_with(&end));
        Some(found.unwrap_or_else(|| format!("{role}{name}")))
    }

    /// The service of the action, in lower case.
    pub(super) fn service(&self) -> String {
        let (service, _) = self.request.action.split_once(':').unwrap_or_default();
        service.to_lowercase()
    }

    /// The resource in the input that covers the one asked about.
    pub(super) fn entry(&mut self) -> Option<&mut ResourcePolicy> {
        let resource = self.request.resource.clone();
        let covers = |one: &&mut ResourcePolicy| covers(one.id.as_str(), &resource);
        let entries = self.world.resource_policies.iter_mut().filter(covers);
        entries.max_by_key(|one| one.id.as_str().len())
    }

    pub(super) fn owner(&mut self) -> String {
        let caller = self.caller_account();
        let resource = self.request.resource.clone();
        match self.entry() {
            Some(entry) => entry.account.to_string(),
            None if resource == "*" => caller,
            None => pool::account(&resource).to_owned(),
        }
    }

    pub(super) fn is_same_account(&mut self) -> bool {
        self.owner() == self.caller_account()
    }

    /// Whether caller and owner are of two accounts, both of which are known.
    pub(super) fn is_across(&mut self) -> bool {
        let (owner, caller) = (self.owner(), self.caller_account());
        !owner.is_empty() && !caller.is_empty() && owner != caller
    }

    pub(super) fn is_keyed(&self) -> bool {
        let of_key = self.request.resource.contains(":key/");
        of_key || self.service() == "sts" && self.request.resource.contains(":role/")
    }

    /// What the account is in an organization.
    pub(super) fn organization(&mut self, account: &str) -> Option<&mut Organization> {
        let mut accounts = self.world.accounts.iter_mut();
        let found = accounts.find(|one| one.id.as_str() == account);
        found.map(|account| &mut account.organization)
    }

    /// The service control policies of the caller's account.
    pub(super) fn levels(&mut self) -> Option<&mut Vec<Vec<Document>>> {
        let account = self.caller_account();
        match self.organization(&account)? {
            Organization::Member {
                service_control_policies,
                ..
            } => Some(service_control_policies),
            Organization::Unknown(_) | Organization::None | Organization::Management => None,
        }
    }

    /// The resource control policies of an account.
    pub(super) fn controls(&mut self, account: &str) -> Option<&mut Vec<Document>> {
        match self.organization(account)? {
            Organization::Member {
                resource_control_policies,
                ..
            } => Some(resource_control_policies),
            Organization::Unknown(_) | Organization::None | Organization::Management => None,
        }
    }

    /// The user or role whose policies count for the caller.
    pub(super) fn own(&mut self) -> Option<&mut IamPrincipal> {
        let arn = self.role().unwrap_or_else(|| self.caller_arn());
        let mut principals = self.world.principals.iter_mut();
        principals.find(|one| one.id.as_str() == arn)
    }

    /// The session that the caller is, when it is listed.
    pub(super) fn session(&mut self) -> Option<&mut IamPrincipal> {
        let arn = self.caller_arn();
        let mut principals = self.world.principals.iter_mut();
        principals.find(|one| one.id.as_str() == arn && arn.contains(":assumed-role/"))
    }

    /// Changes the principals that the Allow statements of the resource's policy list.
    pub(super) fn each_granted(&mut self, change: impl Fn(&mut Vec<PrincipalPattern>)) {
        let document = self.entry().and_then(|entry| entry.policy.as_mut());
        for policy in document.map(candidates).into_iter().flatten() {
            for statement in &mut policy.statements {
                if statement.effect == PolicyEffect::Allow
                    && let PrincipalElement::Principal(patterns) = &mut statement.principal
                {
                    change(patterns);
                }
            }
        }
    }

    /// Adds statements to the resource's policy, in whatever it may be.
    pub(super) fn add_to_entry(&mut self, statements: &[Statement]) {
        let Some(entry) = self.entry() else { return };
        let none = Policy {
            statements: Vec::new(),
            variables: true,
        };
        let document = entry.policy.get_or_insert(Value::Known(none));
        for policy in candidates(document) {
            policy.statements.extend_from_slice(statements);
        }
    }

    /// Renames in the ARNs of resources: the request's, those of the input, and in policies.
    pub(super) fn rename_resource(&mut self, from: &str, to: &str) {
        self.request.resource = self.request.resource.replace(from, to);
        for entry in &mut self.world.resource_policies {
            entry.id = entry.id.as_str().replace(from, to).as_str().into();
        }
        self.world.each_policy(|policy| {
            for statement in &mut policy.statements {
                match &mut statement.resource {
                    ResourceElement::Resource(patterns)
                    | ResourceElement::NotResource(patterns) => {
                        patterns
                            .iter_mut()
                            .filter_map(known_mut)
                            .for_each(|text| *text = text.replace(from, to));
                    }
                }
            }
        });
    }

    /// Renames in what policies say of actions, and in the request's.
    pub(super) fn rename_action(&mut self, from: &str, to: &str) {
        let renamed = |text: &str| {
            let begin = text.get(..from.len());
            match begin.filter(|begin| begin.eq_ignore_ascii_case(from)) {
                Some(_) => format!("{to}{}", text.get(from.len()..).unwrap_or_default()),
                None => text.to_owned(),
            }
        };
        self.request.action = renamed(&self.request.action);
        self.world.each_policy(|policy| {
            for statement in &mut policy.statements {
                match &mut statement.action {
                    ActionElement::Action(patterns) | ActionElement::NotAction(patterns) => {
                        patterns.iter_mut().for_each(|text| *text = renamed(text));
                    }
                }
            }
        });
    }
}

/// Whether an entry covers a resource.
fn covers(entry: &str, resource: &str) -> bool {
    let behind = match entry.split(':').nth(2) {
        Some("s3" | "execute-api") => "/",
        Some("dynamodb") => "/index/",
        Some(_) | None => return entry == resource,
    };
    let continued = resource.strip_prefix(entry);
    continued.is_some_and(|rest| rest.is_empty() || rest.starts_with(behind))
}

/// An Allow of everything, for some principals.
pub(super) fn allow(principals: Vec<PrincipalPattern>) -> Statement {
    let mut statement = draw::everything();
    statement.principal = PrincipalElement::Principal(principals);
    statement
}

/// The Deny statements of documents, as far as these are known.
pub(super) fn denies(documents: &[Document]) -> Vec<Statement> {
    let policies = documents.iter().filter_map(Value::known);
    let statements = policies.flat_map(|policy| &policy.statements);
    let denies = statements.filter(|one| one.effect == PolicyEffect::Deny);
    denies.cloned().collect()
}

/// Drops the Deny statements of a document.
pub(super) fn drop_denies(document: &mut Document) {
    for policy in candidates(document) {
        policy
            .statements
            .retain(|one| one.effect == PolicyEffect::Allow);
    }
}
