//! Authorization of sets of requests in claims.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use model::{
    Claim, Engine, Invariant, NetworkDraft, Organization, Patterns, PermissionEffect, Place,
    Policy, Principal, PrincipalSet, Request, RequestContext, RequestSet, RequestWay, Statement,
    Target, UnknownReason, Value, Verdict, Witness,
};

use super::account::*;
use super::build::*;
use super::compare::Dice;
use super::condition::{on, with};
use super::policy::*;
use crate::pattern::Pattern;
use crate::request::{Judged, Requests};
use crate::{Limits, Solver};

const OBJECTS: &str = "arn:aws:s3:::logs/*";

/// `a` reaches S3 by an endpoint, and `b` over a NAT gateway.
pub(super) fn two_ways() -> NetworkDraft {
    let mut draft = s3(known(vec![allow_on("*", "*")]));
    draft.route_tables[0].routes.pop();
    internet_gateway(&mut draft, "v");
    nat_gateway(&mut draft);
    subnet(&mut draft, "e", "v", &["10.0.3.0/24"]);
    interface(&mut draft, "c", "e", &["10.0.3.10"], &["v-open"]);
    table(&mut draft, "by-endpoint", "v");
    table(&mut draft, "by-nat", "v");
    let list = model::RouteDestination::PrefixList("pl".into());
    add_route(
        &mut draft,
        "by-endpoint",
        route(list, Target::GatewayEndpoint("vpce".into())),
    );
    add_route(
        &mut draft,
        "by-nat",
        to("0.0.0.0/0", Target::NatGateway("nat".into())),
    );
    add_route(
        &mut draft,
        "v-main",
        to("0.0.0.0/0", Target::InternetGateway("igw".into())),
    );
    for (id, table) in [("e", "by-endpoint"), ("d", "by-nat")] {
        let mut subnets = draft.subnets.iter_mut();
        let subnet = subnets
            .find(|subnet| subnet.id.as_str() == id)
            .expect("a subnet");
        subnet.route_table = Some(Value::Known(table.into()));
    }
    account(&mut draft, OWN);
    account(&mut draft, PARTNER);
    draft
}

/// One role, and one bucket that is only for what comes by the endpoint.
pub(super) fn one_role() -> NetworkDraft {
    let mut draft = two_ways();
    principal(&mut draft, &own("role/app"), vec![allow_on("s3:Get*", "*")]);
    let elsewhere = on(
        deny_on("s3:*", "*"),
        "StringNotEquals",
        "aws:SourceVpce",
        &["vpce"],
    );
    let bucket = Some(known(vec![elsewhere]));
    resource(&mut draft, "arn:aws:s3:::logs", OWN, bucket);
    draft
}

pub(super) fn asked(actions: &[&str], resources: &[&str], principals: PrincipalSet) -> RequestSet {
    RequestSet {
        principals,
        ..set(actions, resources)
    }
}

pub(super) fn these(callers: &[&str]) -> PrincipalSet {
    PrincipalSet::These(callers.iter().map(|one| who(one)).collect())
}

/// The claim about what an interface sends to S3.
pub(super) fn ask(draft: &NetworkDraft, from: &str, set: RequestSet, claim: Claim) -> Verdict {
    let mut invariant: Invariant = every(&[from], Place::Service(S3.to_owned()), claim);
    invariant.scope.request = Some(set);
    Solver::load(&valid(draft.clone())).check(&invariant)
}

pub(super) fn never() -> Claim {
    Claim::Not(Box::new(Claim::PermittedSome))
}

pub(super) fn violated(verdict: Verdict) -> Request {
    let Verdict::Violated {
        counterexample: Some(Witness { request, .. }),
    } = verdict
    else {
        panic!("{verdict:?}");
    };
    request.expect("a request")
}

pub(super) fn unknown(verdict: Verdict) -> BTreeSet<String> {
    let Verdict::Unknown { reasons } = verdict else {
        panic!("{verdict:?}");
    };
    let reasons = reasons.into_iter().map(|reason| match reason {
        UnknownReason::DependsOn(hole) => hole.to_string(),
        UnknownReason::OutOfBudget(limit) => limit,
    });
    reasons.collect()
}

#[test]
fn one_role_and_one_bucket_by_the_endpoint_and_over_the_internet() {
    let gets = || asked(&["s3:Get*"], &[OBJECTS], these(&[&own("role/app")]));
    let draft = one_role();
    assert_eq!(ask(&draft, "c", gets(), Claim::PermittedAll), PROVED);
    assert_eq!(ask(&draft, "b", gets(), never()), PROVED);
    let denied = violated(ask(&draft, "b", gets(), Claim::PermittedAll));
    assert!(
        denied.action.to_lowercase().starts_with("s3:get"),
        "{denied}"
    );
    let all = asked(&["s3:*"], &[OBJECTS], these(&[&own("role/app")]));
    let denied = violated(ask(&draft, "c", all, Claim::PermittedAll));
    assert!(
        !denied.action.to_lowercase().starts_with("s3:get"),
        "{denied}"
    );
}

#[test]
fn callers_that_are_not_listed_are_permitted_nothing() {
    let draft = one_role();
    let mut others = asked(
        &["s3:*"],
        &[OBJECTS],
        PrincipalSet::OfAccounts([OWN.to_owned()].into()),
    );
    let permitted = violated(ask(&draft, "c", others.clone(), never()));
    let is_root = permitted.principal == who(&format!("root:{OWN}"));
    assert!(
        is_root || permitted.principal == who(&own("role/app")),
        "{permitted}"
    );

    others.principals = these(&[&own("role/other"), &own("user/app"), &own("role/x/app")]);
    assert_eq!(ask(&draft, "c", others, never()), PROVED);
    let of_partner = PrincipalSet::OfAccounts([PARTNER.to_owned()].into());
    let partners = asked(&["s3:*"], &[OBJECTS], of_partner);
    assert_eq!(ask(&draft, "c", partners, never()), PROVED);
    let everyone = asked(
        &["s3:*"],
        &[OBJECTS],
        PrincipalSet::NotOfAccounts([OWN.to_owned()].into()),
    );
    assert_eq!(ask(&draft, "c", everyone, never()), PROVED);
}

#[test]
fn an_account_that_is_not_there_is_open() {
    let mut draft = one_role();
    let foreign = by(allow_on("s3:PutObject", "*"), FOREIGN);
    draft.resource_policies[0].policy = Some(known(vec![foreign]));
    let puts = asked(&["s3:Put*"], &[OBJECTS], these(&[&of(FOREIGN, "role/x")]));
    let reasons = unknown(ask(&draft, "c", puts.clone(), never()));
    assert_eq!(reasons, [format!("policies of account {FOREIGN}")].into());
    let denied = violated(ask(&draft, "c", puts, Claim::PermittedAll));
    assert_ne!(denied.action, "s3:putobject");
}

#[test]
fn a_hole_in_one_document_is_named() {
    let mut draft = one_role();
    let app = || these(&[&own("role/app")]);
    last_principal(&mut draft)
        .identity_policies
        .push(Value::Any(hole("inline policy of app")));
    let gets = asked(&["s3:Get*"], &[OBJECTS], app());
    let open = [String::from("inline policy of app")].into();
    assert_eq!(
        unknown(ask(&draft, "c", gets.clone(), Claim::PermittedAll)),
        open
    );
    assert_eq!(ask(&draft, "b", gets, never()), PROVED);
    let unlisted = asked(&["s3:Get*"], &["arn:aws:s3:::other/a"], app());
    let open = [String::from("owner of arn:aws:s3:::other/a")].into();
    assert_eq!(
        unknown(ask(&draft, "c", unlisted, Claim::PermittedAll)),
        open
    );
}

#[test]
fn an_unknown_membership_is_named_and_a_known_one_is_asked() {
    let mut draft = one_role();
    let gets = || asked(&["s3:Get*"], &[OBJECTS], these(&[&own("role/app")]));
    account_mut(&mut draft, OWN).organization = Organization::Unknown(hole("organization"));
    let open = [String::from("organization")].into();
    assert_eq!(unknown(ask(&draft, "c", gets(), Claim::PermittedAll)), open);
    account_mut(&mut draft, OWN).organization = member(
        vec![allow_on("*", "*")],
        vec![deny_on("s3:GetObjectAcl", "*")],
    );
    let denied = violated(ask(&draft, "c", gets(), Claim::PermittedAll));
    assert_eq!(denied.action.to_lowercase(), "s3:getobjectacl");
}

#[test]
fn a_flow_to_another_interface_carries_every_request() {
    let mut invariant = every(&["c"], to_interfaces(&["b"]), Claim::PermittedAll);
    invariant.scope.request = Some(asked(&[], &[], PrincipalSet::Every));
    let draft = one_role();
    assert_eq!(Solver::load(&valid(draft)).check(&invariant), PROVED);
}

#[test]
fn several_roles_and_buckets_are_told_apart() {
    let mut draft = two_ways();
    for name in ["a", "b"] {
        let arn = format!("arn:aws:s3:::bucket-{name}");
        let statements = vec![allow_on("s3:*", &format!("{arn}/*"))];
        principal(&mut draft, &own(&format!("role/{name}")), statements);
        resource(&mut draft, &arn, OWN, None);
    }
    let shared = by(allow_on("s3:GetObject", "*"), &own("role/a"));
    draft.resource_policies[1].policy = Some(known(vec![shared]));
    let roles = || these(&[&own("role/a"), &own("role/b")]);
    let set = |action: &str, resource: &str| asked(&[action], &[resource], roles());
    let permitted = violated(ask(
        &draft,
        "c",
        set("s3:Put*", "arn:aws:s3:::bucket-a/*"),
        never(),
    ));
    assert_eq!(permitted.principal, who(&own("role/a")));
    let gets = set("s3:GetObject", "arn:aws:s3:::bucket-b/*");
    assert_eq!(ask(&draft, "c", gets, Claim::PermittedAll), PROVED);
    let denied = violated(ask(
        &draft,
        "c",
        set("s3:Put*", "arn:aws:s3:::bucket-b/*"),
        Claim::PermittedAll,
    ));
    assert_eq!(denied.principal, who(&own("role/a")));
}

#[test]
fn a_document_that_is_not_in_sight_tells_the_type_of_a_key() {
    let mut draft = one_role();
    let limited = on(
        allow_on("*", "*"),
        "NumericLessThan",
        "s3:max-keys",
        &["10"],
    );
    let gets = asked(&["s3:Get*"], &[OBJECTS], these(&[&own("role/app")]));
    let gets = with(gets, "s3:max-keys", Some(&["ten"]), false);
    assert_eq!(ask(&draft, "c", gets.clone(), Claim::PermittedAll), PROVED);
    principal(&mut draft, &own("role/other"), vec![limited]);
    let reasons = unknown(ask(&draft, "c", gets, Claim::PermittedAll));
    let limit = "values of another type than is asked for, of s3:max-keys";
    assert_eq!(reasons, [limit.to_owned()].into());
}

#[test]
fn too_many_roles_and_buckets_are_a_limit_with_a_name() {
    let limits = Limits {
        most_states: 300,
        ..Limits::default()
    };
    let solver = Solver::load(&valid(many(50, 20))).with_limits(limits);
    let mut invariant = every(&["c"], Place::Service(S3.to_owned()), Claim::PermittedAll);
    invariant.scope.request = Some(asked(&["s3:*"], &[], PrincipalSet::Every));
    let limit = "too many combinations of request patterns".to_owned();
    let limit = Verdict::Unknown {
        reasons: [UnknownReason::OutOfBudget(limit)].into(),
    };
    assert_eq!(solver.check(&invariant), limit);
}

const ACTIONS: [&str; 20] = [
    "s3:GetObject",
    "s3:PutObject",
    "s3:GetBucketPolicy",
    "kms:Sign",
    "sts:AssumeRole",
    "sts:TagSession",
    "sqs:SendMessage",
    "events:PutRule",
    "none",
    "kms:Decrypt",
    "kms:RetireGrant",
    "sts:GetCallerIdentity",
    "sts:GetSessionToken",
    "sqs:DeleteQueue",
    "sns:Publish",
    "dynamodb:GetItem",
    "execute-api:Invoke",
    "iam:ChangePassword",
    "cognito-idp:ListUsers",
    "secretsmanager:GetSecretValue",
];
const RESOURCES: [&str; 22] = [
    "*",
    "arn:aws:s3:::b",
    "arn:aws:s3:::b/a",
    "arn:aws:s3:::b/in",
    "arn:aws:s3:::b/in/a",
    "arn:aws:s3:::p/in",
    "arn:aws:s3:::other",
    "arn:aws:s3::111122223333:other",
    "arn:aws:kms:eu-west-1:111122223333:key/k",
    "arn:aws:sqs:eu-west-1:222233334444:q",
    "arn:aws:sqs:eu-west-1:444455556666:q",
    "no-arn",
    "arn:aws:iam::111122223333:role/app",
    "arn:aws:iam::222233334444:role/other",
    "arn:aws:kms:eu-west-1:222233334444:key/k",
    "arn:aws:s3:eu-west-1:111122223333:accesspoint/p",
    "arn:aws:dynamodb:eu-west-1:222233334444:table/t/index/i",
    "arn:aws:dynamodb:eu-west-1:222233334444:table/t/stream/s",
    "arn:aws:events:eu-west-1:111122223333:event-bus/b",
    "arn:aws:sqs:eu-west-1:555566667777:q",
    "arn:aws:execute-api:eu-west-1:111122223333:api/prod",
    "arn:aws:secretsmanager:eu-west-1:111122223333:secret:s",
];
const CALLERS: [&str; 18] = [
    "anonymous",
    "root:111122223333",
    "root:222233334444",
    "root:444455556666",
    "arn:aws:iam::111122223333:user/ann",
    "arn:aws:iam::111122223333:user/bob",
    "arn:aws:iam::111122223333:role/app",
    "arn:aws:iam::111122223333:role/x/deep",
    "arn:aws:iam::111122223333:role/deep",
    "arn:aws:iam::111122223333:role/aws-service-role/x/y",
    "arn:aws:iam::222233334444:role/app",
    "arn:aws-cn:iam::222233334444:role/other",
    "arn:aws:iam::444455556666:role/app",
    "arn:aws:sts::111122223333:assumed-role/app/s",
    "arn:aws:sts::111122223333:assumed-role/deep/s",
    "arn:aws:sts::222233334444:assumed-role/AWSServiceRoleForX/s",
    "arn:aws:sts::111122223333:federated-user/bob",
    "arn:aws:iam::555566667777:user/one",
];

/// Random accounts, their policies, and sets of requests.
impl Dice {
    fn of_accounts(&mut self, has_principals: bool) -> Statement {
        let actions = [
            "*",
            "s3:*",
            "s3:Get*",
            "kms:*",
            "sts:Assume*",
            "sqs:*",
            "*:Put*",
        ];
        let resources = [
            "*",
            "*",
            "arn:aws:s3:::b/*",
            "arn:aws:s3:::*",
            "arn:aws:*:*:1*:*",
        ];
        let resource = self.one(&resources);
        let mut statement = match self.below(3) {
            0 => deny_on(self.one(&actions[1..]), resource),
            _ => allow_on(self.one(&actions), resource),
        };
        if has_principals {
            let who = ["*", OWN, PARTNER, "federated", "canonical"];
            let pick = self.below(who.len() + CALLERS.len() - 4);
            let who = who.iter().chain(&CALLERS[4..]).nth(pick).expect("one");
            let not = if self.below(6) == 0 { "!" } else { "" };
            statement = by(statement, &format!("{not}{who}"));
        }
        let conditions = [
            ("StringEquals", "aws:SourceVpce", "vpce"),
            ("Null", "aws:SourceVpce", "true"),
            ("StringNotEquals", "aws:PrincipalAccount", OWN),
            ("StringEquals", "aws:PrincipalOrgID", "o-1"),
            ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/*"),
            ("IpAddress", "aws:SourceIp", "203.0.113.0/24"),
            ("StringResembles", "aws:RequestedRegion", "here"),
            ("ForAnyValue:StringEquals", "s3:tags", "one"),
        ];
        if self.below(2) == 0 {
            let (operator, key, value) = self.one(&conditions);
            statement = on(statement, operator, key, &[value]);
        }
        statement
    }

    fn policy(&mut self, has_principals: bool) -> Value<Policy> {
        let draw = |dice: &mut Dice| {
            let count = dice.below(3) + 1;
            let statements = (0..count).map(|_| dice.of_accounts(has_principals));
            document(statements.collect())
        };
        match self.below(8) {
            0 => Value::Any(hole("a document")),
            1 => Value::OneOf(vec![draw(self), draw(self)], hole("one of two")),
            _ => Value::Known(draw(self)),
        }
    }

    fn policies(&mut self) -> Vec<Value<Policy>> {
        (0..self.below(3)).map(|_| self.policy(false)).collect()
    }

    fn accounts(&mut self) -> NetworkDraft {
        let mut draft = s3(known(vec![allow_on("*", "*"), self.of_accounts(true)]));
        for id in [OWN, PARTNER] {
            account(&mut draft, id);
            let organization = match self.below(5) {
                0 => Organization::Unknown(hole("organization")),
                1 => Organization::Management,
                2 => Organization::None,
                _ => Organization::Member {
                    service_control_policies: (0..self.below(3)).map(|_| self.policies()).collect(),
                    resource_control_policies: (0..self.below(2))
                        .map(|_| self.policy(true))
                        .collect(),
                },
            };
            let found = account_mut(&mut draft, id);
            found.organization = organization;
            found.principals_complete = self.below(2) == 0;
            if self.below(2) == 0 {
                found.resources_complete.insert("sqs".to_owned());
            }
        }
        for arn in [4, 6, 7, 10, 13].map(|number| CALLERS[number]) {
            if self.below(3) > 0 {
                principal(&mut draft, arn, vec![]);
                let (own, boundary) = (self.policies(), self.below(4) == 0);
                let boundary = boundary.then(|| self.policy(false));
                let last = last_principal(&mut draft);
                if arn.contains(":assumed-role/") {
                    last.session_policies = own;
                } else {
                    (last.identity_policies, last.permissions_boundary) = (own, boundary);
                }
            }
        }
        for (arn, owner) in [
            (RESOURCES[1], OWN),
            (RESOURCES[3], OWN),
            (RESOURCES[8], OWN),
            ("arn:aws:s3:::p", PARTNER),
            (RESOURCES[12], OWN),
            (RESOURCES[15], OWN),
            ("arn:aws:dynamodb:eu-west-1:222233334444:table/t", PARTNER),
            (RESOURCES[18], OWN),
            ("arn:aws:execute-api:eu-west-1:111122223333:api", OWN),
            (RESOURCES[21], OWN),
        ] {
            if self.below(4) > 0 {
                let policy = (self.below(4) > 0).then(|| self.policy(true));
                resource(&mut draft, arn, owner, policy);
                let last = last_resource(&mut draft);
                last.access_control_lists = self.below(4) == 0;
                last.public_access = self.below(3) > 0;
            }
        }
        draft
    }

    fn asked(&mut self) -> RequestSet {
        let principals = match self.below(4) {
            0 => PrincipalSet::Every,
            1 => PrincipalSet::OfAccounts([OWN.to_owned()].into()),
            2 => PrincipalSet::NotOfAccounts([OWN.to_owned()].into()),
            _ => these(&[self.one(&CALLERS), self.one(&CALLERS)]),
        };
        let actions = self.one(&[
            &["s3:*"][..],
            &[],
            &["kms:*", "sts:*"],
            &["s3:GetObject"],
            &["sqs:*", "events:*", "dynamodb:*"],
            &[
                "cognito-idp:*",
                "iam:*",
                "execute-api:*",
                "secretsmanager:*",
            ],
        ]);
        let resources: &[&[&str]] = &[
            &[],
            &["arn:aws:s3:::b/*"],
            &["*"],
            &["arn:aws:sqs:*"],
            &["arn:aws:sqs:eu-west-1:444455556666:q"],
            &["arn:aws:iam:*", "arn:aws:kms:*"],
            &["arn:aws:dynamodb:*", "arn:aws:events:*"],
            &["arn:aws:execute-api:*", "arn:aws:secretsmanager:*"],
            &["arn:aws:s3:::b/in*"],
        ];
        asked(actions, self.one(resources), principals)
    }

    fn member(&mut self) -> Request {
        let mut context = RequestContext::new();
        for (key, value) in [
            ("aws:PrincipalOrgID", "o-1"),
            ("aws:PrincipalOrgID", "o-2"),
            ("s3:tags", "one"),
            ("s3:tags", "two"),
        ] {
            if self.below(2) == 0 {
                let values = if key == "s3:tags" {
                    context.remove(&key.into())
                } else {
                    None
                };
                let mut values: BTreeSet<String> = values.unwrap_or_default();
                values.insert(value.to_owned());
                context.insert(key.into(), values);
            }
        }
        Request {
            action: self.one(&ACTIONS).to_owned(),
            resource: self.one(&RESOURCES).to_owned(),
            principal: who(self.one(&CALLERS)),
            context,
        }
    }
}

fn is_in(request: &Request, set: &RequestSet) -> bool {
    let one = |patterns: &Patterns, text: &str, read: fn(&str) -> Pattern| {
        let mut include = patterns.include.iter();
        patterns.include.is_empty() || include.any(|pattern| read(pattern).matches(text))
    };
    let (account, is_session) = match &request.principal {
        Principal::Anonymous => ("", false),
        Principal::Root { account } => (account.as_str(), false),
        Principal::Arn { account, arn } => (account.as_str(), arn.contains(":sts:")),
    };
    let has_principal = match &set.principals {
        PrincipalSet::These(these) => these.contains(&request.principal),
        PrincipalSet::Every => !is_session,
        PrincipalSet::OfAccounts(accounts) => !is_session && accounts.contains(account),
        PrincipalSet::NotOfAccounts(accounts) => !is_session && !accounts.contains(account),
    };
    let action = request.action.to_lowercase();
    has_principal
        && one(&set.actions, &action, Pattern::any_case)
        && one(&set.resources, &request.resource, Pattern::plain)
}

#[test]
fn what_is_said_of_a_set_is_true_of_its_members() {
    let mut dice = Dice(11);
    let mut n_certain = BTreeMap::new();
    for _ in 0..40 {
        let draft = dice.accounts();
        let solver = Solver::load(&valid(draft.clone()));
        let set = dice.asked();
        let requests = Requests::new(&solver.loaded.authorization, Some(&set), &Limits::default());
        let members: Vec<Request> = (0..1_000)
            .map(|_| dice.member())
            .filter(|one| is_in(one, &set))
            .collect();
        for (way, judged) in requests.expect("no limit").ways {
            let judged = judged.expect("no limit");
            assert_true(&solver, &way, &judged, &members, &draft);
            for certain in [judged.all(), judged.some().map(|some| !some)] {
                *n_certain.entry(certain).or_insert(0) += 1;
            }
        }
    }
    assert!(
        n_certain.len() == 3 && n_certain.values().all(|count| *count > 1),
        "{n_certain:?}"
    );
}

fn assert_true(
    solver: &Solver,
    way: &RequestWay,
    judged: &Judged,
    members: &[Request],
    draft: &NetworkDraft,
) {
    let limits = judged
        .open()
        .into_iter()
        .filter(|one| matches!(one, UnknownReason::OutOfBudget(_)));
    assert_eq!(limits.count(), 0, "{judged:?}");
    let effect = |request: &Request| solver.permits(way, request).effect;
    if let Some(request) = &judged.permitted {
        assert_eq!(effect(request), PermissionEffect::Permitted, "{request}");
    }
    if let Some(request) = &judged.denied {
        assert_eq!(effect(request), PermissionEffect::Denied, "{request}");
    }
    for request in members {
        let is_known = match effect(request) {
            PermissionEffect::Permitted => judged.permitted.is_some(),
            PermissionEffect::Denied => judged.denied.is_some(),
            PermissionEffect::Undetermined(_) => {
                !judged.may_permit.is_empty() && !judged.may_deny.is_empty()
            }
        };
        assert!(
            is_known,
            "{way:?} {request}: {:?}\n{judged:#?}\n{:#?}\n{:#?}\n{:#?}\n{:#?}",
            effect(request),
            draft.accounts,
            draft.principals,
            draft.resource_policies,
            draft.vpc_endpoints
        );
    }
}

/// `n_roles` roles, each of which may use one of `n_buckets` buckets, whose policies name all of them.
fn many(n_roles: usize, n_buckets: usize) -> NetworkDraft {
    let mut draft = two_ways();
    let bucket = |number: usize| format!("arn:aws:s3:::bucket-{number}");
    let role = |number: usize| own(&format!("role/role-{number}"));
    for number in 0..n_roles {
        let own_bucket = bucket(number % n_buckets);
        let statements = vec![
            allow_on("s3:Get*", &format!("{own_bucket}/*")),
            allow_on("s3:ListBucket", &own_bucket),
            on(
                allow_on("s3:Put*", &format!("{own_bucket}/in/*")),
                "StringEquals",
                "aws:PrincipalTag/team",
                &["a"],
            ),
        ];
        principal(&mut draft, &role(number), statements);
    }
    for number in 0..n_buckets {
        let users = (0..n_roles).filter(|role| role % n_buckets == number);
        let granted = users.map(|user| {
            by(
                allow_on("s3:DeleteObject", &format!("{}/*", bucket(number))),
                &role(user),
            )
        });
        let elsewhere = on(
            deny_on("s3:*", "*"),
            "StringNotEquals",
            "aws:SourceVpce",
            &["vpce"],
        );
        let statements = granted.chain([elsewhere]).collect();
        resource(&mut draft, &bucket(number), OWN, Some(known(statements)));
    }
    draft
}

#[test]
fn many_roles_and_buckets_take_seconds_and_one_of_each_little() {
    let draft = many(50, 20);
    let timed = |set: RequestSet, claim: Claim| {
        let start = Instant::now();
        let verdict = ask(&draft, "c", set, claim);
        println!("{:?}", start.elapsed());
        verdict
    };
    let one = || {
        asked(
            &["s3:Get*"],
            &["arn:aws:s3:::bucket-3/*"],
            these(&[&own("role/role-3")]),
        )
    };
    assert_eq!(timed(one(), Claim::PermittedAll), PROVED);
    let permitted = violated(timed(RequestSet::every(), never()));
    assert!(permitted.action.contains(':'), "{permitted}");
    let buckets = asked(&["s3:*"], &["arn:aws:s3:::bucket-*"], PrincipalSet::Every);
    violated(timed(buckets, Claim::PermittedAll));
}
