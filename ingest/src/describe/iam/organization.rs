//! AWS Organizations: `list-parents`, `list-roots`, `list-policies-for-target`, `describe-policy` and
//! `describe-organization`.
//!
//! No output names what it was asked about, so that the names of the files of `list-parents` and
//! `list-policies-for-target` end with its id.

use std::collections::{BTreeMap, BTreeSet};

use model::{Hole, Organization, Policy, Value};

use super::super::snapshot::Snapshot;
use super::{Accounts, Known, account_in, behind, is_account};
use crate::diagnostic::{Code, Diagnostic};
use crate::json::Cursor;
use crate::policy::{self, Of};
use crate::sink::Sink;

const PARENTS: &str = "list-parents";
const ATTACHED: &str = "list-policies-for-target";
/// How many levels an organization has at most: the root, five of units, and the account.
const MAX_LEVELS: usize = 7;
/// AWS's own policies, which no call has to describe: the one allows everything, and the other, which
/// cannot be detached, denies nothing.
const ALLOWS_ALL: &str = "p-FullAWSAccess";
const DENIES_NONE: &str = "p-RCPFullAWSAccess";

/// A type of control policy.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Type {
    OfServices,
    OfResources,
}

impl Type {
    fn named(name: &str) -> Option<Self> {
        match name {
            "SERVICE_CONTROL_POLICY" => Some(Type::OfServices),
            "RESOURCE_CONTROL_POLICY" => Some(Type::OfResources),
            _ => None,
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Type::OfServices => "service control policies",
            Type::OfResources => "resource control policies",
        }
    }

    const fn of(self) -> Of {
        match self {
            Type::OfServices => Of::Identity,
            Type::OfResources => Of::Resource,
        }
    }
}

/// Takes the accounts whose own control policies are in the input for accounts of the network.
pub(super) fn mention(snapshot: &Snapshot<'_>, accounts: &mut Accounts) {
    for document in &snapshot.documents {
        let target = behind(document.stem, ATTACHED).and_then(target);
        if let Some(account) = target.filter(|target| is_account(target)) {
            let known = Known::at(document.cursor.place());
            accounts.entry(account.to_owned()).or_insert(known);
        }
    }
}

/// The id of a root, a unit or an account at the end of a name.
fn target(behind: &str) -> Option<&str> {
    let words = behind.split(['_', '.']).next_back()?;
    let position = ["ou-", "r-"].iter().find_map(|prefix| {
        let whole = words.starts_with(prefix).then_some(0);
        let inner = || Some(words.find(&format!("-{prefix}"))? + 1);
        whole.or_else(inner)
    });
    let last = words.rsplit('-').next().filter(|last| is_account(last));
    match position {
        Some(position) => words.get(position..),
        None => last,
    }
}

/// What outputs say of something, by its id; nothing where they contradict each other.
type Said<K, V> = BTreeMap<K, Option<V>>;

/// What the input says of organizations.
pub(super) struct Organizations<'a> {
    managements: BTreeSet<&'a str>,
    /// The ids of all organizations that outputs speak of.
    ids: BTreeSet<&'a str>,
    parents: Said<&'a str, &'a str>,
    /// The types of policies that are in use, by root.
    types: Said<&'a str, BTreeSet<Type>>,
    attached: Said<(&'a str, Type), BTreeSet<&'a str>>,
    policies: Said<&'a str, Policy>,
}

impl<'a> Organizations<'a> {
    /// Reads all outputs.
    pub(super) fn read(snapshot: &Snapshot<'a>, sink: &mut Sink) -> Self {
        let mut organizations = Self {
            managements: BTreeSet::new(),
            ids: BTreeSet::new(),
            parents: BTreeMap::new(),
            types: BTreeMap::new(),
            attached: BTreeMap::new(),
            policies: BTreeMap::new(),
        };
        for document in &snapshot.documents {
            let cursor = &document.cursor;
            if let Some(organization) = cursor.get("Organization") {
                let management = organization.text("MasterAccountId", sink);
                organizations.managements.extend(management);
                organizations.ids.extend(organization.text("Id", sink));
            }
            for root in cursor.list("Roots", sink) {
                organizations.add_root(&root, sink);
            }
            if let Some(parents) = cursor.get("Parents") {
                organizations.add_parents(document.stem, &parents, sink);
            }
            if let Some(child) = behind(document.stem, ATTACHED) {
                organizations.add_attached(child, cursor, sink);
            }
            if let Some(policy) = cursor.get("Policy") {
                organizations.add_policy(&policy, sink);
            }
        }
        organizations
    }

    /// A root, whose ARN has the management account and the organization.
    fn add_root(&mut self, root: &Cursor<'a>, sink: &mut Sink) {
        let Some(id) = root.required_text("Id", sink) else {
            return;
        };
        let management = root.text("Arn", sink).and_then(account_in);
        self.managements.extend(management);
        let path = root.text("Arn", sink).and_then(|arn| arn.split(':').nth(5));
        self.ids
            .extend(path.and_then(|path| path.split('/').nth(1)));
        let mut types = BTreeSet::new();
        for one in root.list("PolicyTypes", sink) {
            let name = one.required_text("Type", sink);
            match one.text("Status", sink) {
                Some("ENABLED") => types.extend(name.and_then(Type::named)),
                // Whether it is in use already, or still, is not said.
                _ => return,
            }
        }
        say(&mut self.types, id, types, id, sink);
    }

    fn add_parents(&mut self, stem: &'a str, parents: &Cursor<'a>, sink: &mut Sink) {
        let Some(child) = behind(stem, PARENTS).and_then(target) else {
            unnamed(parents, PARENTS, sink);
            return;
        };
        for parent in parents.as_list(sink) {
            if let Some(id) = parent.required_text("Id", sink) {
                say(&mut self.parents, child, id, child, sink);
            }
        }
    }

    fn add_attached(&mut self, behind: &'a str, cursor: &Cursor<'a>, sink: &mut Sink) {
        let Some(target) = target(behind) else {
            unnamed(cursor, ATTACHED, sink);
            return;
        };
        let mut attached: BTreeMap<Type, BTreeSet<&str>> = BTreeMap::new();
        for policy in cursor.list("Policies", sink) {
            let id = policy.required_text("Id", sink);
            let name = policy.required_text("Type", sink);
            if let (Some(id), Some(of)) = (id, name.and_then(Type::named)) {
                attached.entry(of).or_default().insert(id);
            }
        }
        for (of, ids) in attached {
            say(&mut self.attached, (target, of), ids, target, sink);
        }
    }

    /// A policy with its content; other services have outputs of the same key without one.
    fn add_policy(&mut self, policy: &Cursor<'a>, sink: &mut Sink) {
        let (Some(summary), Some(content)) = (policy.get("PolicySummary"), policy.get("Content"))
        else {
            return;
        };
        let id = summary.required_text("Id", sink);
        let name = summary.required_text("Type", sink);
        let (Some(id), Some(of)) = (id, name.and_then(Type::named)) else {
            return;
        };
        if let Some(read) = policy::read_inside(&content, of.of(), sink) {
            say(&mut self.policies, id, read, id, sink);
        }
    }

    /// The id of the organization, where the input has only one.
    pub(super) fn id(&self) -> Option<String> {
        let mut ids = self.ids.iter();
        let id = ids.next()?;
        ids.next().is_none().then(|| (*id).to_owned())
    }

    /// What an account is; a part that is missing leaves that open.
    pub(super) fn of(&self, account: &str) -> Organization {
        if self.managements.contains(account) {
            return Organization::Management;
        }
        let member = self.member(account);
        member.unwrap_or_else(|missing| Organization::Unknown(Hole::new(missing)))
    }

    /// A member, with the policies of all levels from the root to the account.
    fn member(&self, account: &str) -> Result<Organization, String> {
        let levels = self.levels(account)?;
        let root = levels.first().copied().unwrap_or(account);
        let missing = || format!("types of policies of {root} (list-roots)");
        let types = self.types.get(root).and_then(Option::as_ref);
        let types = types.ok_or_else(missing)?;
        let mut service_control_policies = Vec::new();
        let mut resource_control_policies = Vec::new();
        for level in levels {
            if types.contains(&Type::OfServices) {
                service_control_policies.push(self.attached(level, Type::OfServices)?);
            }
            if types.contains(&Type::OfResources) {
                resource_control_policies.extend(self.attached(level, Type::OfResources)?);
            }
        }
        Ok(Organization::Member {
            service_control_policies,
            resource_control_policies,
        })
    }

    /// The ids from the root to an account.
    fn levels<'s>(&'s self, account: &'s str) -> Result<Vec<&'s str>, String> {
        let mut levels = vec![account];
        let mut top = account;
        while !top.starts_with("r-") {
            let missing = || format!("parent of {top} (list-parents)");
            let parent = self.parents.get(top).copied().flatten();
            top = parent.ok_or_else(missing)?;
            levels.push(top);
            if levels.len() > MAX_LEVELS {
                return Err(format!("parents of {account} (list-parents)"));
            }
        }
        levels.reverse();
        Ok(levels)
    }

    /// The policies of one level. A type that is in use has one at least everywhere, so that none is
    /// an output that is missing.
    fn attached(&self, level: &str, of: Type) -> Result<Vec<Value<Policy>>, String> {
        let missing = || format!("{} of {level} ({ATTACHED})", of.words());
        let ids = self.attached.get(&(level, of)).and_then(Option::as_ref);
        let ids = ids.ok_or_else(missing)?;
        let ids = ids.iter().filter(|id| **id != DENIES_NONE);
        Ok(ids.map(|id| self.policy(id)).collect())
    }

    fn policy(&self, id: &str) -> Value<Policy> {
        match self.policies.get(id) {
            Some(Some(policy)) => Value::Known(policy.clone()),
            None if id == ALLOWS_ALL => Value::Known(policy::full_access()),
            Some(None) | None => Value::Any(Hole::new(format!("policy {id} (describe-policy)"))),
        }
    }
}

/// Notes what an output says. Which of two that are not alike is so now is not known.
fn say<K: Ord, V: PartialEq>(said: &mut Said<K, V>, key: K, value: V, what: &str, sink: &mut Sink) {
    let Some(earlier) = said.get_mut(&key) else {
        said.insert(key, Some(value));
        return;
    };
    if earlier.as_ref() != Some(&value) {
        *earlier = None;
        super::described_twice(what, sink);
    }
}

fn unnamed(cursor: &Cursor<'_>, call: &str, sink: &mut Sink) {
    let message = "the file's name does not say what this is of";
    let diagnostic = Diagnostic::error(cursor.place(), Code::MissingField, message);
    let help = format!("name it `{call}-<id of a root, a unit or an account>.json`");
    sink.push(diagnostic.help(help));
}
