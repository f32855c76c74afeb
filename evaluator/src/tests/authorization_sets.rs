//! The policies of accounts, asked about sets of requests.

use std::collections::BTreeSet;

use model::{
    Claim, Engine, Hole, Invariant, Patterns, PermissionEffect, Place, Policy, PrincipalSet,
    Quantifier, RequestSet, RequestWay, RouteDestination, Target, Value, Verdict,
};

use super::authorization::{
    KEY, LOGS, OTHER, OWN, allow, asked, caller, deny, role, to, two_accounts,
};
use super::authorize::{known, when};
use super::canonical_user::{canonical, of};
use super::checks::{any_tcp, interfaces, invariant, scope, told};
use super::lab::{Lab, address};
use super::requests::ask;
use super::unique_id::unique_id;

/// Two subnets: `x` comes to s3 by the gateway endpoint, `y` over a NAT gateway.
pub fn two_subnets() -> Lab {
    two_accounts()
        .subnet("b", "v", &["10.0.2.0/24"])
        .subnet("p", "v", &["10.0.3.0/24"])
        .internet_gateway("i", Some("v"))
        .nat_gateway("n", "p", "v", &["10.0.3.10=203.0.113.10"])
        .interface("x", "a", "v", &["10.0.1.10"])
        .interface("y", "b", "v", &["10.0.2.10"])
        .route_of(
            "v",
            Value::Known(RouteDestination::PrefixList("s3".into())),
            Value::Known(Target::GatewayEndpoint("s".into())),
        )
        .table("b", "v", &["b"])
        .route("b", "0.0.0.0/0", Target::NatGateway("n".into()))
        .table("p", "v", &["p"])
        .route("p", "0.0.0.0/0", Target::InternetGateway("i".into()))
}

pub fn by_endpoint(claim: Claim, set: RequestSet) -> Invariant {
    ask(Quantifier::Every, claim, Some(set))
}

pub fn over_internet(claim: Claim, set: RequestSet) -> Invariant {
    let mut scope = scope(interfaces(&["y"]), Place::Internet, vec![any_tcp()]);
    scope.request = Some(set);
    invariant(Quantifier::Every, scope, claim)
}

pub fn none() -> Claim {
    Claim::Not(Box::new(Claim::PermittedSome))
}

pub fn texts(texts: &[&str]) -> Patterns {
    Patterns {
        include: texts.iter().map(|text| String::from(*text)).collect(),
        exclude: vec![],
    }
}

/// Resources none of which is an access point.
pub fn resources(resources: &[&str]) -> Patterns {
    Patterns {
        exclude: vec!["*accesspoint/*".into()],
        ..texts(resources)
    }
}

pub fn set(actions: &[&str], of: &[&str], callers: &[&str]) -> RequestSet {
    RequestSet {
        actions: texts(actions),
        resources: resources(of),
        principals: PrincipalSet::These(callers.iter().map(|one| caller(one)).collect()),
        ..RequestSet::every()
    }
}

#[track_caller]
pub fn expect(lab: &Lab, invariant: &Invariant, expected: &str) {
    let told = told(&lab.load().check(invariant));
    let told = match told.split_once(' ') {
        Some((verdict @ "violated", _)) => verdict,
        Some(_) | None => told.as_str(),
    };
    assert_eq!(told, expected);
}

/// A bucket whose policy lets nobody in but by the endpoint, and a role that may read it.
fn perimeter() -> Lab {
    let by_other = when(
        deny("s3:*", "*"),
        "StringNotEquals",
        "aws:SourceVpce",
        &["s"],
    );
    let app = vec![known(vec![allow("s3:GetObject", "*")])];
    two_subnets()
        .principal(&role(OWN, "app"), app)
        .resource(LOGS, Some(known(vec![by_other])))
}

#[test]
fn one_role_and_one_bucket_by_two_ways() {
    let app = role(OWN, "app");
    let get = || set(&["s3:GetObject"], &["arn:aws:s3:::logs/*"], &[&app]);
    expect(
        &perimeter(),
        &by_endpoint(Claim::PermittedAll, get()),
        "holds",
    );
    expect(&perimeter(), &over_internet(none(), get()), "holds");
    expect(&perimeter(), &by_endpoint(none(), get()), "violated");
    expect(
        &perimeter(),
        &over_internet(Claim::PermittedAll, get()),
        "violated",
    );
    let any = || RequestSet {
        resources: resources(&["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"]),
        ..RequestSet::every()
    };
    // The root user may always read the bucket's policy.
    expect(&perimeter(), &over_internet(none(), any()), "violated");
    let objects = || RequestSet {
        actions: texts(&["s3:*Object"]),
        ..any()
    };
    expect(&perimeter(), &over_internet(none(), objects()), "holds");
}

#[test]
fn what_arrives_elsewhere_carries_every_request() {
    let lab = perimeter();
    let scope = scope(
        interfaces(&["y"]),
        super::checks::to(&["x"]),
        vec![any_tcp()],
    );
    let all = invariant(Quantifier::Every, scope, Claim::PermittedAll);
    expect(&lab, &all, "holds");
}

#[test]
fn callers_that_are_not_listed() {
    let lab = perimeter();
    let of = |account: &str| RequestSet {
        actions: texts(&["s3:PutObject"]),
        resources: resources(&["arn:aws:s3:::logs/*"]),
        principals: PrincipalSet::OfAccounts(BTreeSet::from([account.into()])),
        ..RequestSet::every()
    };
    // The root user may, and nobody else of an account whose principals are all known.
    expect(&lab, &by_endpoint(Claim::PermittedAll, of(OWN)), "violated");
    expect(&lab, &by_endpoint(none(), of(OWN)), "violated");
    expect(&lab, &by_endpoint(none(), of(OTHER)), "holds");
    let open = lab.with(|lab| {
        let statement = to(allow("s3:PutObject", "*"), OTHER);
        let bucket = lab.draft.resource_policies.last_mut().expect("a bucket");
        bucket.policy = Some(known(vec![statement]));
    });
    let told = told(&open.load().check(&by_endpoint(
        Claim::PermittedAll,
        RequestSet {
            principals: PrincipalSet::These(vec![caller(&role(OTHER, "somebody"))]),
            ..of(OTHER)
        },
    )));
    let expected = format!("unknown on policies of {}", role(OTHER, "somebody"));
    assert_eq!(told, expected);
}

#[test]
fn a_hole_in_a_document_is_a_reason() {
    let app = role(OWN, "app");
    let lab = two_subnets()
        .principal(&app, vec![Value::Any(Hole::new("inline policy of app"))])
        .resource(LOGS, None);
    let get = set(&["s3:GetObject"], &[LOGS], &[&app]);
    let expected = "unknown on inline policy of app";
    expect(&lab, &by_endpoint(none(), get.clone()), expected);
    expect(&lab, &over_internet(none(), get), expected);
}

/// Roles that each may use one bucket, by a condition on a tag.
fn many(roles: usize, buckets: usize) -> Lab {
    let mut lab = two_subnets();
    for number in 0..roles {
        let bucket = format!("arn:aws:s3:::bucket-{}", number % buckets);
        let get = allow("s3:Get*", &format!("{bucket}/*"));
        let get = when(get, "StringEquals", "aws:PrincipalTag/team", &["red"]);
        let own = vec![known(vec![get, allow("s3:ListBucket", &bucket)])];
        lab = lab.principal(&role(OWN, &format!("r{number}")), own);
    }
    for number in 0..buckets {
        let bucket = format!("arn:aws:s3:::bucket-{number}");
        let reader = role(OWN, &format!("r{}", number + 1));
        let statements = vec![
            to(allow("s3:PutObject", &format!("{bucket}/in/*")), &reader),
            when(
                deny("s3:*", "*"),
                "StringNotEquals",
                "aws:SourceVpce",
                &["s"],
            ),
        ];
        lab = lab.resource(&bucket, Some(known(statements)));
    }
    lab
}

#[test]
fn several_roles_and_buckets() {
    let lab = many(5, 3);
    let of = |actions: &[&str]| RequestSet {
        actions: texts(actions),
        resources: resources(&["arn:aws:s3:::bucket-*"]),
        principals: PrincipalSet::Every,
        ..RequestSet::every()
    };
    let put = by_endpoint(none(), of(&["s3:PutObject"]));
    expect(&lab, &put, "violated");
    let only = |bucket: &str, callers: &[&str]| set(&["s3:PutObject"], &[bucket], callers);
    let own = only("arn:aws:s3:::bucket-1/in/a", &[&role(OWN, "r2")]);
    expect(&lab, &by_endpoint(Claim::PermittedAll, own), "holds");
    let others = ["r0", "r1", "r3", "r4"].map(|name| role(OWN, name));
    let others: Vec<&str> = others.iter().map(String::as_str).collect();
    let own = only("arn:aws:s3:::bucket-1/*", &others);
    expect(&lab, &by_endpoint(none(), own), "holds");
}

#[test]
fn fifty_roles_and_twenty_buckets_end_in_seconds() {
    let lab = many(50, 20).load();
    let began = std::time::Instant::now();
    let told = |invariant: &Invariant| told(&lab.check(invariant));
    let put = RequestSet {
        actions: texts(&["s3:Put*"]),
        resources: resources(&["arn:aws:s3:::bucket-*/out/*"]),
        principals: PrincipalSet::OfAccounts(BTreeSet::from([OTHER.into()])),
        ..RequestSet::every()
    };
    let told_of = told(&by_endpoint(none(), put));
    assert!(!told_of.contains("out of"), "{told_of}");
    println!("one account: {:?}", began.elapsed());
    let began = std::time::Instant::now();
    let told_of = told(&over_internet(Claim::PermittedAll, RequestSet::every()));
    assert!(told_of.starts_with("violated"), "{told_of}");
    println!("every request: {:?}", began.elapsed());
    // Generous, since other tests run beside it.
    assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
}

#[test]
fn what_aws_knows_more_tells_actions_apart() {
    let app = role(OWN, "app");
    let lab = two_subnets()
        .principal(&app, vec![known(vec![allow("events:*", "*")])])
        .resource(LOGS, None)
        .resource(BUS, Some(known(vec![to(allow("s3:Put*", "*"), &app)])));
    let of = |action: &str, resource: &str| set(&[action], &[resource], &[&app]);
    let all = |set: RequestSet| by_endpoint(Claim::PermittedAll, set);
    // Whoever signs may ask who it is, of nothing in particular.
    let identity = |action: &str| by_endpoint(none(), of(action, "?"));
    expect(&lab, &identity("sts:*"), "violated");
    expect(&lab, &identity("sts:GetCallerIdentity"), "violated");
    expect(&lab, &all(of("sts:GetCallerIdentity", LOGS)), "violated");
    expect(&lab, &all(of("sts:*", LOGS)), "violated");
    let token = "unknown on permission for sts:getsessiontoken";
    expect(&lab, &all(of("sts:GetSessionToken", LOGS)), token);
    expect(&lab, &by_endpoint(none(), of("s3:*", LOGS)), "holds");
    let within = "unknown on events within an account";
    expect(&lab, &all(of("events:PutEvents", BUS)), within);
    let key = format!("unknown on policy of {KEY}");
    expect(&lab, &all(of("s3:*", KEY)), &key);
}

#[test]
fn what_aws_decides_beside_policies_tells_requests_apart() {
    let app = role(OWN, "app");
    let public = || Some(known(vec![allow("*", "*")]));
    let lab = two_subnets()
        .principal(&app, vec![known(vec![allow("*", "*")])])
        .resource(LOGS, None)
        .resource("arn:aws:s3:::listed", None)
        .with_lists()
        .resource(KEY, public())
        .resource(&app, public())
        .resource(API, public());
    let all = |set: RequestSet| by_endpoint(Claim::PermittedAll, set);
    let by_app = |action: &str, resource: &str| set(&[action], &[resource], &[&app]);
    expect(&lab, &all(by_app("s3:*", LOGS)), "holds");
    let lists = "unknown on access control lists of arn:aws:s3:::listed";
    let listed = ["arn:aws:s3:::listed", "arn:aws:s3:::listed/*"];
    expect(&lab, &all(set(&["s3:*"], &listed, &[&app])), lists);
    let both = by_app("s3:Get*", "arn:aws:s3:::l*");
    expect(&lab, &by_endpoint(none(), both), "violated");
    let beside = format!("unknown on authorization of {API}");
    expect(&lab, &all(by_app("execute-api:*", API)), &beside);
    let permissions = "unknown on permission for iam:changepassword \
        on permission for iam:getaccountpasswordpolicy";
    expect(&lab, &all(by_app("iam:*", LOGS)), permissions);
    let sign_up = by_app("cognito-idp:SignUp", LOGS);
    let permission = "unknown on permission for cognito-idp:signup";
    expect(&lab, &all(sign_up), permission);
    let assume = |action: &str, caller: &str| set(&[action], &[&app], &[caller]);
    expect(&lab, &all(assume("sts:AssumeRole", &app)), "holds");
    let permission = "unknown on permission for sts:assumerole";
    expect(&lab, &all(assume("sts:AssumeRole*", OWN)), permission);
    let unsigned = |action: &str| set(&[action], &[KEY], &["anonymous"]);
    let signature = "unknown on kms without a signature";
    expect(&lab, &all(unsigned("kms:Sign")), signature);
    expect(&lab, &all(unsigned("sqs:Send*")), "holds");
}

#[test]
fn what_limits_service_linked_roles_and_keys_is_open_in_sets() {
    let app = role(OWN, "app");
    let public = || Some(known(vec![allow("*", "*")]));
    let mut lab = two_subnets()
        .principal(&app, vec![])
        .resource(LOGS, public())
        .resource(KEY, public());
    lab.draft.accounts[0].organization = model::Organization::Member {
        service_control_policies: vec![],
        resource_control_policies: vec![known(vec![deny("*", "*")])],
    };
    let all = |action: &str, resource: &str, caller: &str| {
        by_endpoint(Claim::PermittedAll, set(&[action], &[resource], &[caller]))
    };
    let linked = "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForY/s";
    let perhaps = format!("unknown on role of {linked}");
    expect(&lab, &all("s3:Get*", LOGS, linked), &perhaps);
    expect(&lab, &all("s3:Get*", LOGS, &app), "violated");
    let kms = "unknown on resource control policies on kms";
    expect(&lab, &all("kms:*Key", KEY, &app), kms);
    expect(&lab, &all("kms:RetireGrant", KEY, &app), "holds");
}

#[test]
fn a_canonical_user_may_be_any_account_of_a_set() {
    let listed = of(allow("s3:Put*", "*"), &[canonical("79a5")]);
    let lab = two_subnets()
        .principal(&role(OWN, "app"), vec![])
        .resource(LOGS, Some(known(vec![listed.clone()])));
    let put = |principals: PrincipalSet| RequestSet {
        actions: texts(&["s3:PutObject"]),
        resources: resources(&["arn:aws:s3:::logs/*"]),
        principals,
        ..RequestSet::every()
    };
    let anonymous = put(PrincipalSet::These(vec![caller("anonymous")]));
    expect(&lab, &by_endpoint(none(), anonymous.clone()), "holds");
    let app = put(PrincipalSet::These(vec![caller(&role(OWN, "app"))]));
    let perhaps = "unknown on account of 79a5";
    expect(&lab, &by_endpoint(none(), app.clone()), perhaps);
    expect(
        &lab,
        &over_internet(Claim::PermittedAll, app.clone()),
        perhaps,
    );
    // The endpoint's policy alone, without accounts.
    let mut alone = two_subnets();
    alone.draft.accounts.clear();
    alone.endpoint_mut("s").policy = known(vec![listed]);
    expect(&alone, &by_endpoint(none(), anonymous), "holds");
    expect(&alone, &by_endpoint(none(), app), perhaps);
    let own = put(PrincipalSet::OfAccounts(BTreeSet::from([OWN.into()])));
    expect(&alone, &by_endpoint(Claim::PermittedAll, own), perhaps);
}

/// Numbers that look like random ones.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(self.0 >> 33).expect("a small number") % sides
    }

    fn one_of<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.roll(of.len())]
    }

    fn some<'a>(&mut self, of: &[&'a str]) -> Vec<&'a str> {
        let mut some: Vec<&str> = of.iter().copied().filter(|_| self.roll(2) == 0).collect();
        if some.is_empty() {
            some.push(self.one_of(of));
        }
        some
    }

    fn policy(&mut self, principals: &[&str]) -> Value<Policy> {
        let count = 1 + self.roll(3);
        let statements = (0..count).map(|_| {
            let actions = ["*", "s3:Get*", "s3:PutObject", "kms:*", "s3:*", "sts:*"];
            let action = self.one_of(&actions);
            let resources = ["*", "*", LOGS, "arn:aws:s3:::logs/*", "arn:aws:kms:*", KEYS];
            let resource = self.one_of(&resources);
            let statement = match self.roll(4) {
                0 => deny(action, resource),
                _ => allow(action, resource),
            };
            let statement = match self.roll(10) {
                4 => when(statement, "StringEquals", "aws:SourceOwner", &[OWN]),
                2 => when(statement, "StringLike", "aws:PrincipalArn", &["*role/a*"]),
                0 => when(statement, "StringEquals", "aws:SourceVpce", &["s"]),
                3 => when(statement, "StringEquals", "kms:CallerAccount", &[OWN]),
                1 => when(statement, "IpAddress", "aws:SourceIp", &["203.0.113.0/24"]),
                6 => when(statement, "NotIpAddress", "aws:SourceIp", &["203.0.113.10"]),
                7 => when(statement, "IpAddress", "aws:VpcSourceIp", &["10.0.1.0/28"]),
                8 => when(statement, "Null", "aws:VpcSourceIp", &["true"]),
                9 => when(statement, "StringLike", "aws:VpcSourceIp", &["10.*"]),
                _ => statement,
            };
            match principals {
                [] => statement,
                [..] if self.roll(5) == 0 => statement,
                [..] if self.roll(5) == 0 => of(statement, &[canonical("79a5")]),
                [..] if self.roll(6) == 0 => of(statement, &[unique_id("AIDA1")]),
                [..] => to(statement, self.one_of(principals)),
            }
        });
        let statements = statements.collect();
        match self.roll(8) {
            0 => Value::Any(Hole::new("a document")),
            _ => known(statements),
        }
    }
}

const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/app/one";
const TABLE: &str = "arn:aws:dynamodb:eu-west-1:111122223333:table/t";
const BUS: &str = "arn:aws:events:eu-west-1:111122223333:event-bus/b";
const KEYS: &str = "arn:aws:s3:::logs/*a";
const QUEUE: &str = "arn:aws:sqs:eu-west-1:111122223333:q";
const PRIVATE: &str = "arn:aws:execute-api:eu-west-1:111122223333:private";
const API: &str = "arn:aws:execute-api:eu-west-1:111122223333:api";
const LINKED: &str = "arn:aws:sts::222233334444:assumed-role/AWSServiceRoleForY/s";
const FOREIGN: &str = "arn:aws:kms:eu-west-1:222233334444:key/b";

fn random(dice: &mut Dice) -> Lab {
    let app = role(OWN, "app");
    let other = role(OTHER, "app");
    let named = [app.as_str(), &other, SESSION, OWN, OTHER];
    let mut lab = two_subnets()
        .principal(&app, vec![dice.policy(&[])])
        .principal(&other, vec![dice.policy(&[])])
        .principal(SESSION, vec![dice.policy(&[])])
        .resource(LOGS, Some(dice.policy(&named)));
    if dice.roll(2) == 0 {
        lab = lab.with_lists();
    }
    if dice.roll(2) == 0 {
        lab = lab.blocked();
    }
    for arn in [KEY, TABLE, BUS, API, QUEUE, &app] {
        lab = lab.resource(arn, Some(dice.policy(&named)));
    }
    lab = lab.resource(PRIVATE, None);
    for service in ["kms", "events"] {
        if dice.roll(2) == 0 {
            let listed = &mut lab.draft.accounts[0].resources_complete;
            listed.insert(service.into());
        }
    }
    let member = dice.roll(2);
    lab.draft.accounts[member].organization = model::Organization::Member {
        service_control_policies: vec![vec![dice.policy(&[])]],
        resource_control_policies: vec![dice.policy(&[])],
    };
    lab.endpoint_mut("s").policy = dice.policy(&[]);
    lab
}

/// What the members of a set say, as the verdict on a claim tells it which some break.
fn of_members(effects: &[PermissionEffect], breaks: &PermissionEffect) -> &'static str {
    let open = |effect: &PermissionEffect| matches!(effect, PermissionEffect::Undetermined(_));
    if effects.contains(breaks) {
        "violated"
    } else if effects.iter().any(open) {
        "unknown"
    } else {
        "holds"
    }
}

#[test]
fn a_set_says_what_its_members_say() {
    let mut dice = Dice(187);
    let unlisted = [
        role(OWN, "nobody"),
        role(OTHER, "nobody"),
        role("333344445555", "x"),
    ];
    let app = [role(OWN, "app"), role(OTHER, "app")];
    let callers = app.iter().chain(&unlisted).map(String::as_str);
    let callers: Vec<&str> = callers
        .chain([SESSION, LINKED, OWN, OTHER, "anonymous"])
        .collect();
    let actions = [
        "s3:GetObject",
        "s3:PutObject",
        "kms:Sign",
        "s3:GetBucketPolicy",
        "sqs:Send",
        "sqs:ListQueues",
        "kms:Decrypt",
        "kms:RetireGrant",
        "sts:AssumeRole",
        "sts:GetCallerIdentity",
        "sts:GetSessionToken",
        "events:PutEvents",
        "execute-api:Invoke",
        "iam:ChangePassword",
        "cognito-idp:SignUp",
        "s3:ListBucket",
        "sts:AssumeRoleWithSAML",
        "sns:Unsubscribe",
        "support:CreateCase",
        "ec2:ResetAddressAttribute",
        "vpc-lattice-svcs:Invoke",
        "dynamodb:GetItem",
        "dynamodb:TagResource",
    ];
    let resources = [
        LOGS,
        "arn:aws:s3:::logs/a",
        KEY,
        "arn:aws:sqs:eu-west-1:222233334444:q",
        "arn:aws:dynamodb:eu-west-1:111122223333:table/t/index/i",
        BUS,
        FOREIGN,
        "arn:aws:execute-api:eu-west-1:111122223333:api/prod/GET/x",
        &app[0],
        "arn:aws:s3:eu-west-1:111122223333:accesspoint/p",
        "arn:aws:s3-outposts:eu-west-1:111122223333:outpost/o/accesspoint/p",
        "arn:aws:s3:::logs/:a",
        "arn:aws:kms:eu-west-1:111122223333:alias/a",
        "arn:aws:events:eu-west-1:111122223333:event-bus/c",
        "arn:aws:execute-api:eu-west-1:111122223333:private/prod/GET/x",
        QUEUE,
        TABLE,
    ];
    for _ in 0..120 {
        let lab = random(&mut dice);
        let evaluator = lab.load();
        let (actions, resources) = (dice.some(&actions), dice.some(&resources));
        let callers = dice.some(&callers);
        let requests = actions.iter().flat_map(|action| {
            let resources = resources.iter();
            resources.flat_map(|resource| {
                let callers = callers.iter();
                callers.map(|caller| asked(action, resource, caller))
            })
        });
        let requests: Vec<_> = requests.collect();
        let ways = [
            (
                RequestWay::Endpoint("s".into(), Some(address("10.0.1.10"))),
                by_endpoint as fn(Claim, RequestSet) -> Invariant,
            ),
            (
                RequestWay::Internet(Some(address("203.0.113.10"))),
                over_internet,
            ),
        ];
        for (way, invariant) in ways {
            let effects = requests
                .iter()
                .map(|one| evaluator.permits(&way, one).effect);
            let effects: Vec<_> = effects.collect();
            let claims = [
                (Claim::PermittedAll, PermissionEffect::Denied),
                (none(), PermissionEffect::Permitted),
            ];
            for (claim, breaks) in claims {
                let asked = invariant(claim, set(&actions, &resources, &callers));
                let told = match evaluator.check(&asked) {
                    Verdict::Holds { .. } => "holds",
                    Verdict::Violated { counterexample } => {
                        let request = counterexample.and_then(|one| one.request);
                        let request = request.expect("a request");
                        let is_like = |one: &model::Request| {
                            // The case of an action's letters carries no meaning.
                            let is_action = one.action.eq_ignore_ascii_case(&request.action);
                            is_action
                                && (&one.resource, &one.principal)
                                    == (&request.resource, &request.principal)
                        };
                        assert!(requests.iter().any(is_like), "{request}");
                        assert_eq!(evaluator.permits(&way, &request).effect, breaks);
                        "violated"
                    }
                    Verdict::Unknown { .. } => "unknown",
                    Verdict::Vacuous => "vacuous",
                };
                assert_eq!(
                    told,
                    of_members(&effects, &breaks),
                    "{way:?} {actions:?} {resources:?} {callers:?}"
                );
            }
        }
    }
}
