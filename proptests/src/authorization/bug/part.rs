//! Mistakes about the parts that may deny and allow.

use model::{Clause, Organization, PrincipalElement, PrincipalPattern, Value};

use super::super::{draw, pool};
use super::planted::{Planted, denies, drop_denies};
use super::{Bug, bug, of_hole};

const SERVICE_LINKED: [(&str, &str); 2] = [
    ("role/aws-service-role/", "role/service/"),
    ("assumed-role/AWSServiceRoleFor", "assumed-role/RoleFor"),
];
const CONTROLLED: [&str; 5] = ["s3", "sts", "kms", "sqs", "secretsmanager"];

pub(super) const BUGS: &[Bug] = &[
    bug(
        "service control policies are not asked",
        Clause::AuthorizationServiceControlPolicy,
        |planted| {
            if let Some(levels) = planted.levels() {
                levels.clear();
            }
        },
    ),
    bug(
        "service control policies do not limit the root user",
        Clause::AuthorizationServiceControlPolicy,
        |planted| {
            let is_root = planted.is_root();
            if let Some(levels) = planted.levels().filter(|_| is_root) {
                levels.clear();
            }
        },
    ),
    bug(
        "one level that allows is enough",
        Clause::AuthorizationServiceControlPolicy,
        |planted| {
            if let Some(levels) = planted.levels().filter(|levels| !levels.is_empty()) {
                *levels = vec![levels.drain(..).flatten().collect()];
            }
        },
    ),
    bug(
        "no level at all allows nothing",
        Clause::AuthorizationServiceControlPolicy,
        |planted| {
            if let Some(levels) = planted.levels().filter(|levels| levels.is_empty()) {
                levels.push(Vec::new());
            }
        },
    ),
    bug(
        "the management account is limited",
        Clause::AuthorizationServiceControlPolicy,
        |planted| {
            let account = planted.caller_account();
            if let Some(organization) = planted.organization(&account)
                && *organization == Organization::Management
            {
                *organization = Organization::Member {
                    service_control_policies: vec![Vec::new()],
                    resource_control_policies: Vec::new(),
                };
            }
        },
    ),
    bug(
        "a service-linked role is limited",
        Clause::AuthorizationServiceControlPolicy,
        |planted| {
            for (from, to) in SERVICE_LINKED {
                rename_principals(planted, from, to);
            }
        },
    ),
    bug(
        "a Deny of a service control policy is ignored",
        Clause::AuthorizationExplicitDeny,
        |planted| {
            if let Some(levels) = planted.levels() {
                levels.iter_mut().flatten().for_each(drop_denies);
            }
        },
    ),
    bug(
        "resource control policies are not asked",
        Clause::AuthorizationExplicitDeny,
        |planted| {
            let owner = planted.owner();
            if let Some(controls) = planted.controls(&owner) {
                controls.clear();
            }
        },
    ),
    bug(
        "resource control policies are those of the caller's account",
        Clause::AuthorizationExplicitDeny,
        |planted| {
            let (caller, owner) = (planted.caller_account(), planted.owner());
            let of_caller = planted.controls(&caller).cloned().unwrap_or_default();
            if let Some(controls) = planted.controls(&owner) {
                *controls = of_caller;
            }
        },
    ),
    bug(
        "resource control policies are asked about `*`",
        Clause::AuthorizationExplicitDeny,
        |planted| {
            let account = planted.caller_account();
            let controls = planted.controls(&account).cloned().unwrap_or_default();
            if planted.request.resource == "*"
                && let Some(levels) = planted.levels()
            {
                let mut policy = draw::full();
                policy.statements.extend(denies(&controls));
                levels.push(vec![Value::Known(policy)]);
            }
        },
    ),
    bug(
        "resource control policies are certain for every service",
        Clause::AuthorizationOpen,
        |planted| {
            if !CONTROLLED.contains(&planted.service().as_str()) {
                deny_as_resource(planted);
            }
        },
    ),
    bug(
        "resource control policies are about some services only",
        Clause::AuthorizationOpen,
        |planted| {
            let owner = planted.owner();
            let is_controlled = CONTROLLED.contains(&planted.service().as_str());
            if let Some(controls) = planted.controls(&owner).filter(|_| !is_controlled) {
                controls.clear();
            }
        },
    ),
    bug(
        "resource control policies stop kms:RetireGrant",
        Clause::AuthorizationExplicitDeny,
        |planted| {
            if planted.request.action == "kms:RetireGrant" {
                deny_as_resource(planted);
            }
        },
    ),
    bug(
        "a Deny of the resource's policy is ignored",
        Clause::AuthorizationExplicitDeny,
        |planted| {
            if let Some(document) = planted.entry().and_then(|entry| entry.policy.as_mut()) {
                drop_denies(document);
            }
        },
    ),
    bug(
        "a Deny of a bucket's policy stops its root user from mending it",
        Clause::AuthorizationExplicitDeny,
        |planted| {
            if planted.is_root() && planted.request.action.ends_with("BucketPolicy") {
                planted.request.action.push('x');
            }
        },
    ),
    bug(
        "a Deny of an identity-based policy is ignored",
        Clause::AuthorizationExplicitDeny,
        |planted| {
            if let Some(own) = planted.own() {
                own.identity_policies.iter_mut().for_each(drop_denies);
            }
        },
    ),
    bug(
        "a Deny of a boundary is ignored",
        Clause::AuthorizationExplicitDeny,
        |planted| {
            if let Some(own) = planted.own() {
                own.permissions_boundary.iter_mut().for_each(drop_denies);
            }
        },
    ),
    bug(
        "a Deny of a session policy is ignored",
        Clause::AuthorizationExplicitDeny,
        |planted| {
            if let Some(session) = planted.session() {
                session.session_policies.iter_mut().for_each(drop_denies);
            }
        },
    ),
    bug(
        "a session takes the policies of another account's role",
        Clause::AuthorizationSameAccount,
        |planted| {
            let account = planted.caller_account();
            let mut principals = planted.world.principals.iter();
            let other = principals.find(|one| {
                let arn = one.id.as_str();
                arn.ends_with(":role/app") && pool::account(arn) != account
            });
            let other = other.cloned();
            let is_session = planted.caller_arn().contains(":assumed-role/app/");
            if let (Some(own), Some(other), true) = (planted.own(), other, is_session) {
                own.identity_policies = other.identity_policies;
                own.permissions_boundary = other.permissions_boundary;
            }
        },
    ),
    bug(
        "session policies are ignored",
        Clause::AuthorizationSameAccount,
        |planted| {
            if let Some(session) = planted.session() {
                session.session_policies.clear();
            }
        },
    ),
    bug(
        "a session has no boundary",
        Clause::AuthorizationSameAccount,
        |planted| {
            let is_session = planted.caller_arn().contains(":assumed-role/");
            if let Some(own) = planted.own().filter(|_| is_session) {
                own.permissions_boundary = None;
            }
        },
    ),
    bug(
        "a principal that is not listed has no policies",
        Clause::AuthorizationOpen,
        |planted| {
            for account in &mut planted.world.accounts {
                account.principals_complete = true;
            }
        },
    ),
    bug(
        "a principal that is not listed may have policies, though all are",
        Clause::AuthorizationOpen,
        |planted| {
            for account in &mut planted.world.accounts {
                account.principals_complete = false;
            }
        },
    ),
    bug(
        "a resource that is not listed has no policy",
        Clause::AuthorizationOpen,
        |planted| {
            for account in &mut planted.world.accounts {
                account.resources_complete = pool::SERVICES.map(str::to_owned).into();
            }
        },
    ),
    bug(
        "a resource that is not listed may have a policy, though all are",
        Clause::AuthorizationOpen,
        |planted| {
            for account in &mut planted.world.accounts {
                account.resources_complete.clear();
            }
        },
    ),
    bug(
        "an account whose organization is not known is in none",
        Clause::AuthorizationOpen,
        |planted| {
            for account in &mut planted.world.accounts {
                if let Organization::Unknown(_) = account.organization {
                    account.organization = Organization::None;
                }
            }
        },
    ),
    bug(
        "a document that is not known says nothing",
        Clause::AuthorizationOpen,
        |planted| {
            for document in planted.world.documents_mut() {
                if let Value::Any(_) = document {
                    let mut nothing = draw::full();
                    nothing.statements.clear();
                    *document = Value::Known(nothing);
                }
            }
        },
    ),
    bug(
        "of several documents the first is meant",
        Clause::AuthorizationOpen,
        |planted| {
            for document in planted.world.documents_mut() {
                if let Value::OneOf(policies, _) = document
                    && let [first, ..] = policies.as_slice()
                {
                    *document = Value::Known(first.clone());
                }
            }
        },
    ),
    of_hole("the hole is that of the last document", |planted| {
        if let Some(own) = planted.own() {
            own.identity_policies.reverse();
        }
    }),
    of_hole("the hole is that of the last level", |planted| {
        if let Some(levels) = planted.levels() {
            levels.reverse();
        }
    }),
    of_hole("the hole is that of the last statement", |planted| {
        planted
            .world
            .each_policy(|policy| policy.statements.reverse());
    }),
];

/// Lets the resource's own policy deny what the owner's resource control policies do.
fn deny_as_resource(planted: &mut Planted) {
    let owner = planted.owner();
    let controls = planted.controls(&owner).cloned().unwrap_or_default();
    planted.add_to_entry(&denies(&controls));
}

/// Renames principals, in the request, the list and the principal elements.
fn rename_principals(planted: &mut Planted, from: &str, to: &str) {
    let arn = planted.caller_arn();
    if !arn.contains(from) {
        return;
    }
    planted.request.principal = pool::principal(&arn.replace(from, to));
    for principal in &mut planted.world.principals {
        principal.id = principal.id.as_str().replace(from, to).as_str().into();
    }
    planted.world.each_policy(|policy| {
        for statement in &mut policy.statements {
            match &mut statement.principal {
                PrincipalElement::Principal(patterns)
                | PrincipalElement::NotPrincipal(patterns) => {
                    for pattern in patterns {
                        if let PrincipalPattern::Arn(arn) = pattern {
                            *arn = arn.replace(from, to);
                        }
                    }
                }
            }
        }
    });
}
