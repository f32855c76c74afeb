//! Resources with their policies, and which documents are about what a caller calls
//! (`authorization`).

use std::sync::LazyLock;

use model::{
    Hole, Policy, PolicyEffect, PrincipalElement, PrincipalPattern, ResourcePolicy, Value,
};

use crate::account::{Accounts, Caller, Documents, NONE, of_account};
use crate::index::DocumentIndex;
use crate::open_text::may_be_everyone;
use crate::pattern::{Pattern, Symbol};

/// A resource of the input.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    pub(crate) arn: String,
    account: String,
    policy: Vec<DocumentIndex>,
    pub(crate) bucket: Bucket,
    /// Whether it is an API: a private one, which with a policy may have an authorizer too.
    is_api: bool,
}

/// What AWS knows of an entry of S3 beside its policy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bucket {
    /// Whether access control lists may grant too.
    pub(crate) may_list: bool,
    /// Whether Block Public Access may take back what its policy grants to others.
    pub(crate) may_block: bool,
}

/// Whose a resource is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner<'a> {
    Nobody,
    Account(&'a str),
    Unknown,
}

/// What is called, with the documents that are about the resource.
#[derive(Clone, Debug)]
pub(crate) struct Called<'a> {
    pub(crate) resource: &'a str,
    form: Option<Form>,
    pub(crate) owner: Owner<'a>,
    /// The resource of the input that covers it.
    pub(crate) entry: Option<&'a Resource>,
    /// The resource control policies.
    pub(crate) controls: Documents<'a>,
    pub(crate) policy: Documents<'a>,
}

/// Kinds of resources that are told by the third and the sixth part of their ARN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Key,
    Alias,
    Role,
    AccessPoint,
    Repository,
}

impl Form {
    const ALL: [Self; 5] = [
        Form::Key,
        Form::Alias,
        Form::Role,
        Form::AccessPoint,
        Form::Repository,
    ];

    const fn arns(self) -> &'static [&'static str] {
        match self {
            Form::Key => &["*:*:kms:*:*:key/*"],
            Form::Alias => &["*:*:kms:*:*:alias/*"],
            Form::Role => &["*:*:iam:*:*:role/*"],
            Form::Repository => &["*:*:ecr:*:*:repository/*"],
            Form::AccessPoint => &[
                "*:*:s3:*:?*:*accesspoint/*",
                "*:*:s3express:*:?*:*accesspoint/*",
                "*:*:s3-object-lambda:*:?*:*accesspoint/*",
                "*:*:s3-outposts:*:?*:*accesspoint/*",
            ],
        }
    }

    fn of(resource: &str) -> Option<Self> {
        let mut forms = FORMS.iter();
        let form = forms.find(|(_, pattern)| pattern.matches(resource));
        form.map(|(form, _)| *form)
    }
}

/// The patterns of all forms.
static FORMS: LazyLock<Vec<(Form, Pattern)>> = LazyLock::new(|| {
    let arns = Form::ALL.into_iter().flat_map(|form| {
        let arns = form.arns().iter();
        arns.map(move |arn| (form, Symbol::written(arn)))
    });
    let patterns = arns.filter_map(|(form, arn)| Some((form, Pattern::arn(&arn)?)));
    patterns.collect()
});

/// What stands between the ARN of an entry and what continues it; `None` where it covers nothing
/// but itself.
fn continues(entry: &str) -> Option<&'static str> {
    match entry.split(':').nth(2)? {
        "s3" | "execute-api" => Some("/"),
        "dynamodb" => Some("/index/"),
        _ => None,
    }
}

/// Patterns that tell kinds of resources apart.
pub(crate) fn kinds() -> impl Iterator<Item = Pattern> {
    FORMS.iter().map(|(_, pattern)| pattern.clone())
}

/// The fifth part of an ARN.
fn owner(resource: &str) -> Owner<'_> {
    let parts: Vec<&str> = resource.splitn(6, ':').collect();
    match parts.as_slice() {
        [_, _, _, _, account, _] if !account.is_empty() => Owner::Account(account),
        [..] => Owner::Unknown,
    }
}

impl Accounts {
    /// The entry that covers a resource: the longest of those whose ARN it is, or which it
    /// continues in the way of their service.
    fn covering(&self, resource: &str) -> Option<&Resource> {
        let slashes = resource.rmatch_indices('/').filter_map(|(at, _)| {
            let (entry, rest) = resource.split_at_checked(at)?;
            let behind = continues(entry)?;
            rest.starts_with(behind).then_some(entry)
        });
        let mut entries = [resource].into_iter().chain(slashes);
        entries.find_map(|entry| self.resources.get(entry))
    }

    /// The documents that are about what a caller calls.
    pub(crate) fn called<'a>(&'a self, caller: &Caller<'a>, resource: &'a str) -> Called<'a> {
        let entry = Some(resource).filter(|one| *one != "*");
        let entry = entry.and_then(|resource| self.covering(resource));
        let owner = match entry {
            Some(entry) => Owner::Account(&entry.account),
            None if resource == "*" => caller.account.map_or(Owner::Nobody, Owner::Account),
            None => owner(resource),
        };
        let (controls, policy) = match owner {
            _ if resource == "*" => (NONE, NONE),
            Owner::Nobody => (NONE, NONE),
            Owner::Unknown => {
                let open = Documents::Open(Hole::new(format!("owner of {resource}")));
                (open.clone(), open)
            }
            Owner::Account(id) => self.of_owner(id, entry, resource),
        };
        let form = Form::of(resource);
        Called {
            resource,
            form,
            owner,
            entry,
            controls: caller.linked.controls(controls),
            policy: match policy {
                Documents::These(_) if form == Some(Form::AccessPoint) => {
                    Documents::Open(Hole::new(format!("bucket of {resource}")))
                }
                policy @ (Documents::These(_) | Documents::Open(_)) => policy,
            },
        }
    }

    /// The resource control policies of an owner, and the policy of what it owns.
    fn of_owner<'a>(
        &'a self,
        id: &str,
        entry: Option<&'a Resource>,
        resource: &str,
    ) -> (Documents<'a>, Documents<'a>) {
        let Some(account) = self.accounts.get(id) else {
            let open = Documents::Open(of_account(id));
            return (open.clone(), open);
        };
        let policy = match entry {
            Some(entry) => Documents::These(&entry.policy),
            None if account.lists(resource) => NONE,
            None => Documents::Open(Hole::new(format!("policy of {resource}"))),
        };
        (account.controls(), policy)
    }
}

impl Called<'_> {
    /// Whether it is a key.
    pub(crate) fn is_key(&self) -> bool {
        self.form == Some(Form::Key)
    }

    /// Whether it is a key's other name.
    pub(crate) fn is_alias(&self) -> bool {
        self.form == Some(Form::Alias)
    }

    /// Whether it is a repository of images, about which its registry has a policy too.
    pub(crate) fn is_repository(&self) -> bool {
        self.form == Some(Form::Repository)
    }

    /// Whether it is a role.
    pub(crate) fn is_role(&self) -> bool {
        self.form == Some(Form::Role)
    }

    /// The API of the input that covers it.
    pub(crate) fn api(&self) -> Option<&Resource> {
        self.entry.filter(|entry| entry.is_api)
    }

    /// Whether it is a bucket.
    pub(crate) fn is_bucket(&self) -> bool {
        let parts: Vec<&str> = self.resource.splitn(6, ':').collect();
        match parts.as_slice() {
            ["arn", _, "s3", "", "", name] => !name.contains('/'),
            [..] => false,
        }
    }
}

impl Resource {
    pub(crate) fn new(
        resource: &ResourcePolicy,
        keep: &mut impl FnMut(&Value<Policy>) -> DocumentIndex,
    ) -> Self {
        Self {
            arn: resource.id.to_string(),
            account: resource.account.to_string(),
            policy: resource.policy.iter().map(keep).collect(),
            bucket: Bucket::new(resource),
            is_api: resource.id.as_str().split(':').nth(2) == Some("execute-api"),
        }
    }

    pub(crate) fn has_policy(&self) -> bool {
        !self.policy.is_empty()
    }

    /// The ARNs that it covers.
    pub(crate) fn covered(&self) -> impl Iterator<Item = Pattern> {
        let behind = continues(&self.arn);
        let behind = behind.map(|behind| Pattern::beginning(&format!("{}{behind}", self.arn)));
        [Pattern::text(&self.arn)].into_iter().chain(behind)
    }
}

impl Bucket {
    fn new(resource: &ResourcePolicy) -> Self {
        let is_of_s3 = resource.id.as_str().split(':').nth(2) == Some("s3");
        let is_public = resource.policy.as_ref().is_some_and(may_list_everyone);
        Self {
            may_list: is_of_s3 && resource.access_control_lists,
            may_block: is_of_s3 && !resource.public_access && is_public,
        }
    }
}

/// Whether a policy may have an Allow that lists everyone.
fn may_list_everyone(policy: &Value<Policy>) -> bool {
    let policies = match policy {
        Value::Known(policy) => std::slice::from_ref(policy),
        Value::OneOf(policies, _) => policies.as_slice(),
        Value::Any(_) => return true,
    };
    let mut statements = policies.iter().flat_map(|policy| &policy.statements);
    statements.any(|one| match (one.effect, &one.principal) {
        (PolicyEffect::Allow, PrincipalElement::Principal(patterns)) => {
            patterns.iter().any(|pattern| match pattern {
                PrincipalPattern::Everyone => true,
                PrincipalPattern::Open(open) => may_be_everyone(open),
                PrincipalPattern::Account(_)
                | PrincipalPattern::Arn(_)
                | PrincipalPattern::Other { .. } => false,
            })
        }
        (PolicyEffect::Allow, PrincipalElement::NotPrincipal(_)) | (PolicyEffect::Deny, _) => false,
    })
}
