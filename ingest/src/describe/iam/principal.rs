//! `iam get-account-authorization-details`: users and roles with all their policies, and who may assume
//! each role.

use std::collections::{BTreeMap, BTreeSet};

use crate::json::Value as Json;
use model::{
    AccountId, Hole, IamPrincipal, Policy, PrincipalId, ResourceId, ResourcePolicy, Value,
};

use super::super::snapshot::{Snapshot, Whole};
use super::folder::Folders;
use super::{Accounts, Known, account_in, add_once};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::json::Cursor;
use crate::policy::{self, Of};
use crate::sink::Sink;

/// Users or roles, by the fields that have them and what is theirs.
struct Sort {
    list: &'static str,
    inline: &'static str,
    /// Their number in `get-account-summary`.
    number: &'static str,
}

const USERS: Sort = Sort {
    list: "UserDetailList",
    inline: "UserPolicyList",
    number: "Users",
};
const ROLES: Sort = Sort {
    list: "RoleDetailList",
    inline: "RolePolicyList",
    number: "Roles",
};
const GROUPS: &str = "GroupDetailList";

/// Reads the users and roles of each account.
pub(super) fn read(
    snapshot: &Snapshot<'_>,
    folders: &Folders<'_>,
    accounts: &mut Accounts,
    sink: &mut Sink,
) {
    let is_of = |document: &&Whole<'_>| {
        let lists = [USERS.list, ROLES.list, GROUPS];
        lists.iter().any(|list| document.cursor.get(list).is_some())
    };
    let documents: Vec<_> = snapshot.documents.iter().filter(is_of).collect();
    let mut library = Library::gather(&documents, folders, sink);
    let mut read = BTreeMap::new();
    let mut counts = BTreeMap::new();
    for document in &documents {
        for sort in [&USERS, &ROLES] {
            for cursor in document.cursor.list(sort.list, sink) {
                principal(&cursor, sort, &mut library, &mut read, accounts, sink);
            }
        }
        if let Some(account) = account_of(document, folders) {
            let known = Known::at(document.cursor.place());
            accounts.entry(account.to_owned()).or_insert(known);
            let count: &mut Count = counts.entry(account).or_default();
            count.add(document, sink);
        }
    }
    for (account, count) in counts {
        if let Some(known) = accounts.get_mut(account) {
            let summaries = summaries(account, snapshot, folders);
            let has_users = count.has_all(&USERS, &summaries, sink);
            let has_roles = count.has_all(&ROLES, &summaries, sink);
            known.principals_complete = has_users && has_roles;
            if has_roles {
                known.resources_complete.insert("iam".to_owned());
            }
        }
    }
}

/// The account of an output: that of whoever is in it, since a folder may have those of several.
fn account_of<'a>(document: &Whole<'a>, folders: &Folders<'a>) -> Option<&'a str> {
    let lists = [USERS.list, ROLES.list, GROUPS];
    let items = lists
        .iter()
        .filter_map(|list| document.cursor.value().get(list)?.as_array());
    let mut arns = items.flatten().filter_map(|item| item.get("Arn")?.as_str());
    let account = arns.find_map(account_in);
    account.or_else(|| folders.account(document.folder))
}

/// How much of an account its outputs show.
#[derive(Default)]
struct Count<'a> {
    /// The ARNs in each list.
    listed: BTreeMap<&'static str, BTreeSet<&'a str>>,
    is_cut: bool,
}

impl<'a> Count<'a> {
    fn add(&mut self, document: &Whole<'a>, sink: &mut Sink) {
        let cursor = &document.cursor;
        if cursor.flag("IsTruncated", sink) == Some(true) {
            self.is_cut = true;
            let message = "the output is one page of several: `IsTruncated` is true";
            let warning = Diagnostic::warning(cursor.place(), Code::IncompletePage, message);
            let help = "the policies of users and roles that are not there are open; run the call \
                        again without --no-paginate";
            sink.push(warning.help(help));
        }
        for list in [USERS.list, ROLES.list] {
            let items = cursor.value().get(list).and_then(Json::as_array);
            let arns = items.into_iter().flatten();
            let arns = arns.filter_map(|item| item.get("Arn")?.as_str());
            self.listed.entry(list).or_default().extend(arns);
        }
    }

    /// Whether all users or roles are there: as many as the account is said to have. A list that
    /// `--filter` left out is empty, so that an empty one says nothing by itself.
    fn has_all(&self, sort: &Sort, summaries: &[Summary<'_>], sink: &mut Sink) -> bool {
        let listed = self.listed.get(sort.list).map_or(0, BTreeSet::len);
        let counts = summaries.iter().filter_map(|summary| {
            let number = summary.map.get(sort.number)?.as_u64()?;
            Some((number, summary))
        });
        let Some((number, summary)) = counts.max_by_key(|(number, _)| *number) else {
            return !self.is_cut && listed > 0;
        };
        let is_short = usize::try_from(number).map_or(true, |number| listed < number);
        if is_short && !self.is_cut {
            let key = sort.number;
            let message = format!(
                "`{key}` is {number}, and the details of {listed} are in the input: one page of several, \
                 or filtered"
            );
            let warning = Diagnostic::warning(summary.place.clone(), Code::IncompletePage, message);
            let help = "the policies of users and roles that are not there are open; run \
                        get-account-authorization-details again without --max-items and --filter";
            sink.push(warning.help(help));
        }
        !self.is_cut && !is_short
    }
}

/// An output of `get-account-summary`.
struct Summary<'a> {
    map: &'a Json,
    place: Place,
}

/// The outputs of `get-account-summary` of an account.
fn summaries<'a>(
    account: &str,
    snapshot: &Snapshot<'a>,
    folders: &Folders<'a>,
) -> Vec<Summary<'a>> {
    let documents = snapshot.documents.iter();
    let own = documents.filter(|document| folders.account(document.folder) == Some(account));
    let summary = |document: &Whole<'a>| {
        let map = document.cursor.value().get("SummaryMap")?;
        let place = document.cursor.place();
        Some(Summary { map, place })
    };
    own.filter_map(summary).collect()
}

/// What is said of an ARN so far, and in which words.
type Read<'a> = BTreeMap<&'a str, &'a Json>;

fn principal<'a>(
    cursor: &Cursor<'a>,
    sort: &Sort,
    library: &mut Library<'a>,
    read: &mut Read<'a>,
    accounts: &mut Accounts,
    sink: &mut Sink,
) {
    let Some(arn) = cursor.required("Arn", sink) else {
        return;
    };
    let Some(id) = arn.as_text(sink) else {
        return;
    };
    let Some(account) = account_in(id) else {
        arn.error(sink, Code::InvalidValue, format!("`{id}` has no account"));
        return;
    };
    if is_repeated(id, cursor, read, sink) {
        return;
    }
    accounts
        .entry(account.to_owned())
        .or_insert_with(|| Known::at(cursor.place()));
    let mut policies = inline(cursor, sort.inline, sink);
    policies.extend(library.attached(cursor, sink));
    for group in cursor.texts("GroupList", sink) {
        policies.extend(library.of_group(account, group, sink));
    }
    let boundary = cursor.get("PermissionsBoundary");
    let boundary = boundary.and_then(|of| of.required_text("PermissionsBoundaryArn", sink));
    let component = IamPrincipal {
        id: PrincipalId::new(id),
        identity_policies: policies,
        permissions_boundary: boundary.map(|arn| library.managed(arn, sink)),
        session_policies: Vec::new(),
    };
    add_once(component, cursor.place(), sink);
    if sort.list == ROLES.list {
        add_trust(cursor, id, account, sink);
    }
}

/// Whether another folder has it: IAM is the same in all Regions.
fn is_repeated<'a>(id: &'a str, cursor: &Cursor<'a>, read: &mut Read<'a>, sink: &mut Sink) -> bool {
    let Some(other) = read.get(id) else {
        read.insert(id, cursor.value());
        return false;
    };
    if OF_POLICIES
        .iter()
        .any(|key| other.get(key) != cursor.value().get(key))
    {
        super::described_twice(id, sink);
        open(id, sink);
    }
    true
}

/// The fields of a user or role that say what policies there are; others change with each use.
const OF_POLICIES: [&str; 6] = [
    USERS.inline,
    ROLES.inline,
    "AttachedManagedPolicies",
    "GroupList",
    "PermissionsBoundary",
    "AssumeRolePolicyDocument",
];

/// Opens the policies of a user or role that was added.
fn open(id: &str, sink: &mut Sink) {
    let any = || Value::Any(Hole::new(format!("policies of {id}")));
    if let Some(principal) = sink.get::<IamPrincipal>(id) {
        principal.identity_policies = vec![any()];
        principal.permissions_boundary = Some(any());
    }
    if let Some(role) = sink.get::<ResourcePolicy>(id) {
        role.policy = Some(any());
    }
}

/// A role as what is assumed.
fn add_trust(cursor: &Cursor<'_>, id: &str, account: &str, sink: &mut Sink) {
    let document = cursor.get("AssumeRolePolicyDocument");
    let read = document.and_then(|document| policy::read_inside(&document, Of::Itself, sink));
    let hole = Hole::new(format!("trust policy of {id}"));
    let component = ResourcePolicy {
        id: ResourceId::new(id),
        account: AccountId::new(account),
        policy: Some(read.map_or(Value::Any(hole), Value::Known)),
        access_control_lists: false,
        public_access: true,
    };
    add_once(component, cursor.place(), sink);
}

fn inline(cursor: &Cursor<'_>, key: &str, sink: &mut Sink) -> Vec<Value<Policy>> {
    let mut policies = Vec::new();
    for item in cursor.list(key, sink) {
        let Some(document) = item.required("PolicyDocument", sink) else {
            continue;
        };
        let read = policy::read_inside(&document, Of::Identity, sink);
        policies.extend(read.map(Value::Known));
    }
    policies
}

/// What is described, by its id; nothing where outputs contradict each other.
type Described<'a, K> = BTreeMap<K, Option<Cursor<'a>>>;

/// The managed policies and the groups of the input.
struct Library<'a> {
    managed: Described<'a, &'a str>,
    groups: Described<'a, (&'a str, &'a str)>,
    read: BTreeMap<String, Value<Policy>>,
}

impl<'a> Library<'a> {
    fn gather(documents: &[&Whole<'a>], folders: &Folders<'a>, sink: &mut Sink) -> Self {
        let mut managed = BTreeMap::new();
        let mut groups = BTreeMap::new();
        for document in documents {
            for policy in document.cursor.list("Policies", sink) {
                if let Some(arn) = policy.required_text("Arn", sink) {
                    let fields = ["DefaultVersionId", "PolicyVersionList"];
                    describe(&mut managed, arn, policy, &fields, arn, sink);
                }
            }
            let Some(account) = account_of(document, folders) else {
                continue;
            };
            for group in document.cursor.list(GROUPS, sink) {
                if let Some(name) = group.required_text("GroupName", sink) {
                    let fields = ["GroupPolicyList", "AttachedManagedPolicies"];
                    describe(&mut groups, (account, name), group, &fields, name, sink);
                }
            }
        }
        Self {
            managed,
            groups,
            read: BTreeMap::new(),
        }
    }

    /// The managed policies that are attached to a user, a group or a role.
    fn attached(&mut self, cursor: &Cursor<'a>, sink: &mut Sink) -> Vec<Value<Policy>> {
        let items = cursor.list("AttachedManagedPolicies", sink);
        let arns: Vec<_> = items
            .iter()
            .filter_map(|item| item.required_text("PolicyArn", sink))
            .collect();
        arns.into_iter()
            .map(|arn| self.managed(arn, sink))
            .collect()
    }

    /// A managed policy; open when the output leaves it out.
    fn managed(&mut self, arn: &str, sink: &mut Sink) -> Value<Policy> {
        if let Some(policy) = self.read.get(arn) {
            return policy.clone();
        }
        let versions = self.managed.get(arn).and_then(Option::as_ref);
        let read = versions.and_then(|policy| default_version(policy, sink));
        let hole = Hole::new(format!("policy {arn}"));
        let policy = read.map_or(Value::Any(hole), Value::Known);
        if let Value::Known(known) = &policy {
            let described = &mut sink.managed_policies;
            described.insert(arn.to_owned(), known.clone());
        }
        self.read.insert(arn.to_owned(), policy.clone());
        policy
    }

    fn of_group(&mut self, account: &str, name: &str, sink: &mut Sink) -> Vec<Value<Policy>> {
        let Some(group) = self.groups.get(&(account, name)).cloned().flatten() else {
            let hole = format!("policies of group {name} of {account}");
            return vec![Value::Any(Hole::new(hole))];
        };
        let mut policies = inline(&group, "GroupPolicyList", sink);
        policies.extend(self.attached(&group, sink));
        policies
    }
}

/// Notes what describes something; two are alike when they say the same in some fields.
fn describe<'a, K: Ord>(
    described: &mut Described<'a, K>,
    key: K,
    cursor: Cursor<'a>,
    fields: &[&str],
    what: &str,
    sink: &mut Sink,
) {
    let Some(earlier) = described.get_mut(&key) else {
        described.insert(key, Some(cursor));
        return;
    };
    let value = cursor.value();
    let is_alike = |other: &Cursor<'_>| {
        let mut fields = fields.iter();
        fields.all(|field| other.value().get(field) == value.get(field))
    };
    if !earlier.as_ref().is_some_and(is_alike) {
        *earlier = None;
        super::described_twice(what, sink);
    }
}

/// The version of a managed policy that is in force.
fn default_version(policy: &Cursor<'_>, sink: &mut Sink) -> Option<Policy> {
    let name = policy.text("DefaultVersionId", sink);
    let versions = policy.list("PolicyVersionList", sink);
    let is_default = |version: &&Cursor<'_>| {
        let field = |key| version.value().get(key);
        let flag = field("IsDefaultVersion").and_then(Json::as_bool);
        flag.unwrap_or_else(|| name.is_some() && field("VersionId").and_then(Json::as_str) == name)
    };
    let version = versions.iter().find(is_default)?;
    policy::read_inside(&version.get("Document")?, Of::Identity, sink)
}
