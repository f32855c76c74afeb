//! The policies of accounts, asked about single requests.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Account, Engine, Hole, IamPrincipal, Organization, PermissionEffect, Policy, PolicyEffect,
    Principal, PrincipalElement, PrincipalPattern, Request, RequestContext, RequestWay,
    ResourcePolicy, Statement, Value,
};

use super::authorize::{known, when, with_policy};
use super::lab::{Lab, address, allow_everything, statement};

pub const OWN: &str = "111122223333";
pub const OTHER: &str = "222233334444";
pub const LOGS: &str = "arn:aws:s3:::logs";
pub const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/own";

pub fn role(account: &str, name: &str) -> String {
    format!("arn:aws:iam::{account}:role/{name}")
}

pub fn allow(action: &str, resource: &str) -> Statement {
    statement(PolicyEffect::Allow, action, resource)
}

pub fn deny(action: &str, resource: &str) -> Statement {
    statement(PolicyEffect::Deny, action, resource)
}

/// The statement of a resource's policy about a user, a role, a session or an account.
pub fn to(mut statement: Statement, principal: &str) -> Statement {
    let pattern = match principal.strip_prefix("arn:") {
        Some(_) => PrincipalPattern::Arn(principal.into()),
        None => PrincipalPattern::Account(principal.into()),
    };
    statement.principal = PrincipalElement::Principal(vec![pattern]);
    statement
}

/// Endpoints that permit everything, and two accounts: all principals are known of the one, and
/// all of its buckets.
pub fn two_accounts() -> Lab {
    with_policy(Value::Known(allow_everything()))
        .account(OWN, Organization::None)
        .account(OTHER, Organization::None)
}

impl Lab {
    pub fn account(mut self, id: &str, organization: Organization) -> Self {
        self.draft.accounts.push(Account {
            id: id.into(),
            organization,
            organization_id: None,
            principals_complete: id == OWN,
            resources_complete: BTreeSet::from(["s3".into()]),
            tags: BTreeMap::new(),
        });
        self
    }

    /// A user, a role or a session, of which the policies are what its kind has.
    pub fn principal(mut self, arn: &str, policies: Vec<Value<Policy>>) -> Self {
        let is_session = arn.contains(":assumed-role/");
        let (identity_policies, session_policies) = match is_session {
            true => (vec![], policies),
            false => (policies, vec![]),
        };
        self.draft.principals.push(IamPrincipal {
            id: arn.into(),
            identity_policies,
            permissions_boundary: None,
            session_policies,
        });
        self
    }

    /// The last principal under a permissions boundary.
    pub fn bounded(mut self, boundary: Value<Policy>) -> Self {
        let last = self.draft.principals.last_mut().expect("a principal");
        last.permissions_boundary = Some(boundary);
        self
    }

    /// The last resource, another account's.
    pub fn owned_by(mut self, account: &str) -> Self {
        let last = self.draft.resource_policies.last_mut();
        last.expect("a resource").account = account.into();
        self
    }

    /// The last resource may have access control lists.
    pub fn with_lists(mut self) -> Self {
        let last = self.draft.resource_policies.last_mut();
        last.expect("a resource").access_control_lists = true;
        self
    }

    /// The last resource's public access may be blocked.
    pub fn blocked(mut self) -> Self {
        let last = self.draft.resource_policies.last_mut();
        last.expect("a resource").public_access = false;
        self
    }

    pub fn resource(mut self, arn: &str, policy: Option<Value<Policy>>) -> Self {
        self.draft.resource_policies.push(ResourcePolicy {
            id: arn.into(),
            account: OWN.into(),
            policy,
            access_control_lists: false,
            public_access: true,
        });
        self
    }
}

pub fn caller(text: &str) -> Principal {
    match text {
        "anonymous" => Principal::Anonymous,
        arn if arn.starts_with("arn:") => Principal::Arn {
            account: arn.split(':').nth(4).expect("an account").into(),
            arn: arn.into(),
        },
        account => Principal::Root {
            account: account.into(),
        },
    }
}

pub fn asked(action: &str, resource: &str, principal: &str) -> Request {
    Request {
        action: action.into(),
        resource: resource.into(),
        principal: caller(principal),
        context: RequestContext::new(),
    }
}

fn by_endpoint() -> RequestWay {
    RequestWay::Endpoint("s".into(), None)
}

#[track_caller]
pub fn expect_by(lab: &Lab, way: &RequestWay, request: &[&str; 3], expected: &str) {
    let [action, resource, principal] = request;
    let request = asked(action, resource, principal);
    let permission = lab.load().permits(way, &request);
    let clause = permission.clause;
    let told = match permission.effect {
        PermissionEffect::Permitted => format!("permitted {clause}"),
        PermissionEffect::Denied => format!("denied {clause}"),
        PermissionEffect::Undetermined(hole) => format!("{clause} on {hole}"),
    };
    assert_eq!(told, expected, "{request}");
}

#[track_caller]
pub fn expect(lab: &Lab, request: &[&str; 3], expected: &str) {
    expect_by(lab, &by_endpoint(), request, expected);
}

pub const SAME: [&str; 2] = [
    "permitted authorization-same-account",
    "denied authorization-same-account",
];
pub const CROSS: [&str; 2] = [
    "permitted authorization-cross-account",
    "denied authorization-cross-account",
];

#[test]
fn without_accounts_nothing_is_asked() {
    let lab = with_policy(Value::Known(allow_everything()));
    let request = ["s3:GetObject", LOGS, "anonymous"];
    expect(&lab, &request, "permitted policy-allow");
    let told = "permitted authorization-not-asked";
    expect_by(&lab, &RequestWay::Internet(None), &request, told);
    let own = RequestWay::EndpointPolicy("s".into());
    expect_by(&two_accounts(), &own, &request, "permitted policy-allow");
}

#[test]
fn what_grants_in_one_account() {
    let app = role(OWN, "app");
    let silent = role(OWN, "silent");
    let session = "arn:aws:sts::111122223333:assumed-role/silent/ci";
    let lab = two_accounts()
        .principal(&app, vec![known(vec![allow("s3:Get*", "*")])])
        .principal(&silent, vec![])
        .bounded(known(vec![allow("s3:Put*", "*")]))
        .resource(
            LOGS,
            Some(known(vec![
                to(allow("s3:PutObject", "*"), &silent),
                to(allow("s3:GetObject", "*"), &silent),
                to(allow("s3:DeleteObject", "*"), session),
                to(allow("s3:ListBucket", "*"), OWN),
                allow("s3:GetObjectTagging", "*"),
            ])),
        );
    let [granted, denied] = SAME;
    expect(&lab, &["s3:GetObject", LOGS, &app], granted);
    expect(&lab, &["s3:PutObject", LOGS, &app], denied);
    expect(&lab, &["s3:PutObject", LOGS, &silent], granted);
    expect(&lab, &["s3:GetObject", LOGS, &silent], denied);
    expect(&lab, &["s3:GetObjectTagging", LOGS, &silent], granted);
    expect(&lab, &["s3:ListBucket", LOGS, &app], denied);
    expect(&lab, &["s3:DeleteObject", LOGS, session], granted);
    let open = format!("authorization-open on session of {silent}");
    expect(&lab, &["s3:DeleteObject", LOGS, &silent], &open);
    expect(&lab, &["s3:DeleteObject", LOGS, OWN], granted);
    let anonymous = "permitted authorization-anonymous";
    expect(&lab, &["s3:GetObjectTagging", LOGS, "anonymous"], anonymous);
    let anonymous = "denied authorization-anonymous";
    expect(&lab, &["s3:PutObject", LOGS, "anonymous"], anonymous);
}

#[test]
fn what_grants_a_key() {
    let app = role(OWN, "app");
    let silent = role(OWN, "silent");
    let lab = two_accounts()
        .principal(&app, vec![known(vec![allow("kms:*", "*")])])
        .principal(&silent, vec![])
        .resource(
            KEY,
            Some(known(vec![
                to(allow("kms:Decrypt", "*"), OWN),
                to(allow("kms:Sign", "*"), &silent),
            ])),
        );
    let [granted, denied] = SAME;
    expect(&lab, &["kms:Decrypt", KEY, &app], granted);
    let open = format!("authorization-open on grants of {KEY}");
    expect(&lab, &["KMS:Sign", KEY, &app], &open);
    expect(&lab, &["kms:Sign", KEY, &silent], granted);
    expect(&lab, &["kms:Decrypt", KEY, &silent], &open);
    expect(&lab, &["kms:Decrypt", KEY, OWN], granted);
    expect(&lab, &["kms:Sign", KEY, OWN], &open);
    expect(&lab, &["kms:ListKeys", "*", &silent], denied);
    expect(&lab, &["kms:ListKeys", "*", &app], granted);
}

#[test]
fn what_grants_between_accounts() {
    let app = role(OTHER, "app");
    let silent = role(OTHER, "silent");
    let lab = two_accounts()
        .principal(&app, vec![known(vec![allow("s3:*", "*")])])
        .principal(&silent, vec![])
        .resource(
            LOGS,
            Some(known(vec![
                to(allow("s3:PutObject", "*"), &app),
                to(allow("s3:GetObject", "*"), OTHER),
            ])),
        );
    let [granted, denied] = CROSS;
    let object = "arn:aws:s3:::logs/a";
    expect(&lab, &["s3:PutObject", object, &app], granted);
    expect(&lab, &["s3:GetObject", object, &app], granted);
    expect(&lab, &["s3:ListBucket", LOGS, &app], denied);
    expect(&lab, &["s3:GetObject", object, &silent], denied);
    expect(&lab, &["s3:GetObject", object, OTHER], granted);
    expect(&lab, &["s3:PutObject", object, OTHER], denied);
    let open = "authorization-open on policies of account 444455556666";
    expect(&lab, &["s3:PutObject", object, "444455556666"], denied);
    let listed = role("444455556666", "app");
    expect(&lab, &["s3:PutObject", object, &listed], denied);
    let queue = "arn:aws:sqs:eu-west-1:444455556666:q";
    let own = role(OTHER, "own");
    let lab = lab.principal(&own, vec![known(vec![allow("sqs:*", "*")])]);
    expect(&lab, &["sqs:SendMessage", queue, &own], open);
}

#[test]
fn who_denies_first() {
    let app = role(OWN, "app");
    let everything = || known(vec![allow("*", "*")]);
    let with = |levels: Vec<Vec<Value<Policy>>>, controls: Vec<Value<Policy>>| {
        with_policy(Value::Known(allow_everything()))
            .account(
                OWN,
                Organization::Member {
                    service_control_policies: levels,
                    resource_control_policies: controls,
                },
            )
            .principal(&app, vec![everything()])
            .resource(LOGS, Some(known(vec![deny("s3:*BucketPolicy", "*")])))
    };
    let denied = "denied authorization-explicit-deny";
    let lab = with(vec![], vec![]);
    expect(&lab, &["s3:GetBucketPolicy", LOGS, &app], denied);
    expect(&lab, &["s3:GetBucketPolicy", LOGS, OWN], SAME[0]);
    let lab = with(vec![vec![everything()], vec![]], vec![]);
    let level = "denied authorization-service-control-policy";
    expect(&lab, &["s3:GetObject", LOGS, OWN], level);
    let linked = role(OWN, "aws-service-role/x/y");
    expect(&lab, &["s3:GetObject", LOGS, &linked], SAME[1]);
    let lab = with(vec![], vec![known(vec![deny("*", "*")])]);
    expect(&lab, &["S3:GetObject", LOGS, &app], denied);
    expect(&lab, &["s3:GetObject", "*", &app], SAME[0]);
    let open = "authorization-open on resource control policies on events";
    expect(&lab, &["Events:Put", LOGS, &app], open);
    let hole = || Value::Any(Hole::new("the level"));
    let lab = with(vec![vec![hole()]], vec![known(vec![deny("s3:*", "*")])]);
    expect(&lab, &["s3:GetObject", LOGS, &app], denied);
    expect(
        &lab,
        &["sqs:List", "*", &app],
        "authorization-open on the level",
    );
}

#[test]
fn a_document_that_is_one_of_several_says_what_all_say() {
    let app = role(OWN, "app");
    let candidates = [
        vec![allow("s3:GetObject", "*"), deny("s3:PutObject", "*")],
        vec![allow("s3:Get*", "*"), deny("s3:PutObject", "*")],
    ];
    let candidates = candidates.map(super::authorize::policy).to_vec();
    let either = Value::OneOf(candidates, Hole::new("either"));
    let lab = two_accounts().principal(&app, vec![either]);
    let lab = lab.resource(LOGS, None);
    expect(&lab, &["s3:GetObject", LOGS, &app], SAME[0]);
    let open = "authorization-open on either";
    expect(&lab, &["s3:GetBucketAcl", LOGS, &app], open);
    expect(&lab, &["s3:ListBucket", LOGS, &app], SAME[1]);
    let denied = "denied authorization-explicit-deny";
    expect(&lab, &["s3:PutObject", LOGS, &app], denied);
}

#[test]
fn what_the_input_leaves_out_is_open() {
    let app = role(OWN, "app");
    let get = || known(vec![allow("*", "*")]);
    let lab = two_accounts()
        .principal(&app, vec![get()])
        .resource("arn:aws:s3:::hidden", Some(Value::Any(Hole::new("hidden"))))
        .resource(LOGS, Some(known(vec![allow("s3:*", "*")])));
    let get = "s3:GetObject";
    let open = |hole: &str| format!("authorization-open on {hole}");
    let hidden = "arn:aws:s3:::hidden/a";
    expect(&lab, &[get, hidden, &app], &open("hidden"));
    let owner = "arn:aws:s3:::else/a";
    expect(
        &lab,
        &[get, owner, &app],
        &open("owner of arn:aws:s3:::else/a"),
    );
    let word = "bucket";
    expect(&lab, &[get, word, "anonymous"], &open("owner of bucket"));
    let queue = "arn:aws:sqs:eu-west-1:111122223333:q";
    let policy = format!("policy of {queue}");
    expect(&lab, &["sqs:Send", queue, &app], &open(&policy));
    let unlisted = role(OTHER, "unlisted");
    let policies = format!("policies of {unlisted}");
    expect(&lab, &[get, LOGS, &unlisted], &open(&policies));
    expect(&lab, &[get, LOGS, &role(OWN, "unlisted")], SAME[0]);
    let other = "arn:aws:sts::111122223333:federated-user/ann";
    let policies = format!("policies of {other}");
    expect(&lab, &[get, LOGS, other], &open(&policies));
}

#[test]
fn over_the_internet_there_is_no_endpoint() {
    let app = role(OWN, "app");
    let keys = |operator: &str, key: &str, value: &str| {
        let statement = when(allow("s3:*", "*"), operator, key, &[value]);
        two_accounts()
            .principal(&app, vec![known(vec![statement])])
            .resource(LOGS, None)
    };
    let request = ["s3:GetObject", LOGS, app.as_str()];
    let lab = keys("StringEquals", "aws:SourceVpce", "s");
    expect(&lab, &request, SAME[0]);
    expect_by(&lab, &RequestWay::Internet(None), &request, SAME[1]);
    let lab = keys("IpAddress", "aws:SourceIp", "203.0.113.0/24");
    expect(&lab, &request, SAME[1]);
    let open = "authorization-open on IpAddress aws:SourceIp";
    expect_by(&lab, &RequestWay::Internet(None), &request, open);
    let lab = keys("Null", "aws:VpceAccount", "true");
    let open = "authorization-open on Null aws:VpceAccount";
    expect(&lab, &request, open);
    expect_by(&lab, &RequestWay::Internet(None), &request, SAME[0]);
}

#[test]
fn keys_that_follow_from_the_owner_of_an_endpoint() {
    let app = role(OWN, "app");
    let keys = |operator: &str, key: &str, value: &str| {
        let statement = when(allow("s3:*", "*"), operator, key, &[value]);
        let mut lab = two_accounts()
            .principal(&app, vec![known(vec![statement])])
            .resource(LOGS, None);
        lab.draft.vpcs[0].account = Some(OWN.into());
        lab
    };
    let request = ["s3:GetObject", LOGS, app.as_str()];
    let sqs = RequestWay::Endpoint("e".into(), None);
    let lab = keys("StringEquals", "aws:VpceAccount", OWN);
    expect(&lab, &request, SAME[0]);
    expect_by(&lab, &RequestWay::Internet(None), &request, SAME[1]);
    let open = "authorization-open on StringEquals aws:VpceAccount";
    expect_by(&lab, &sqs, &request, open);
    let lab = keys("Null", "aws:VpceOrgID", "true");
    expect(&lab, &request, SAME[0]);
    expect_by(&lab, &sqs, &request, SAME[0]);
    let mut lab = keys("StringEquals", "aws:VpceOrgID", "o-own");
    lab.draft.accounts[0].organization = Organization::Management;
    let open = "authorization-open on StringEquals aws:VpceOrgID";
    expect(&lab, &request, open);
    lab.draft.accounts[0].organization_id = Some("o-own".into());
    expect(&lab, &request, SAME[0]);
    let arn = "arn:aws:ec2:ap-northeast-1:111122223333:vpc/v";
    let mut lab = keys("ArnEquals", "aws:SourceVpcArn", arn);
    expect(&lab, &request, SAME[0]);
    let open = "authorization-open on ArnEquals aws:SourceVpcArn";
    expect_by(&lab, &sqs, &request, open);
    lab.draft.vpcs[0].account = None;
    expect(&lab, &request, open);
    lab.draft.vpcs[0].account = Some(OWN.into());
    for (region, told) in [("us-gov-west-1", SAME[1]), ("us-iso-east-1", open)] {
        lab.draft.vpcs[0].region = region.into();
        expect(&lab, &request, told);
    }
}

#[test]
fn addresses_that_follow_from_the_way() {
    let app = role(OWN, "app");
    let keys = |operator: &str, key: &str, value: &str| {
        let statement = when(allow("s3:*", "*"), operator, key, &[value]);
        two_accounts()
            .principal(&app, vec![known(vec![statement])])
            .resource(LOGS, None)
    };
    let request = ["s3:GetObject", LOGS, app.as_str()];
    let from = |text: &str| Some(address(text));
    let by_endpoint = |text: &str| RequestWay::Endpoint("s".into(), from(text));
    let over_internet = |text: &str| RequestWay::Internet(from(text));
    for operator in ["IpAddress", "IpAddressIfExists", "ForAnyValue:IpAddress"] {
        let lab = keys(operator, "aws:VpcSourceIp", "10.0.0.0/9");
        expect_by(&lab, &by_endpoint("10.127.255.255"), &request, SAME[0]);
        expect_by(&lab, &by_endpoint("10.128.0.0"), &request, SAME[1]);
        expect_by(&lab, &by_endpoint("fd00::1"), &request, SAME[1]);
        let lab = keys(operator, "aws:SourceIp", "2001:db8::/32");
        expect_by(&lab, &over_internet("2001:db8::1"), &request, SAME[0]);
        expect_by(&lab, &over_internet("2001:db9::1"), &request, SAME[1]);
    }
    let lab = keys("NotIpAddress", "aws:SourceIp", "203.0.113.0/24");
    expect_by(&lab, &over_internet("203.0.113.9"), &request, SAME[1]);
    expect_by(&lab, &over_internet("203.0.114.0"), &request, SAME[0]);
    expect_by(&lab, &by_endpoint("203.0.113.9"), &request, SAME[0]);
    let lab = keys("Null", "aws:VpcSourceIp", "false");
    expect_by(&lab, &by_endpoint("10.0.1.10"), &request, SAME[0]);
    expect_by(&lab, &over_internet("10.0.1.10"), &request, SAME[1]);
    let lab = keys("StringLike", "aws:SourceIp", "*");
    let open = "authorization-open on StringLike aws:SourceIp";
    expect_by(&lab, &over_internet("203.0.113.9"), &request, open);
    let own = RequestWay::EndpointPolicy("s".into());
    let mut lab = two_accounts();
    let statement = when(allow("*", "*"), "IpAddress", "aws:VpcSourceIp", &["::/0"]);
    lab.endpoint_mut("s").policy = known(vec![statement]);
    let open = "policy-open on IpAddress aws:VpcSourceIp";
    expect_by(&lab, &own, &request, open);
}

#[test]
fn the_longest_resource_that_covers_another_counts() {
    let app = role(OWN, "app");
    let lab = two_accounts()
        .principal(&app, vec![known(vec![allow("s3:*", "*")])])
        .resource(LOGS, Some(known(vec![deny("s3:*", "*")])))
        .resource("arn:aws:s3:::logs/own", None);
    let denied = "denied authorization-explicit-deny";
    expect(&lab, &["s3:GetObject", "arn:aws:s3:::logs/a", &app], denied);
    let own = "arn:aws:s3:::logs/own/a";
    expect(&lab, &["s3:GetObject", own, &app], SAME[0]);
    let longer = "arn:aws:s3:::logs-of-others";
    let open = format!("authorization-open on owner of {longer}");
    expect(&lab, &["s3:GetObject", longer, &app], &open);
}
