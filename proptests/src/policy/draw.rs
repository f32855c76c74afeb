//! Policies, requests and sets from pools of texts that lie close together.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    ActionElement, Condition, ConditionOperator, ConditionTest, ContextKey, KeySet, Patterns,
    Policy, PolicyEffect, PolicyText, Principal, PrincipalElement, PrincipalPattern, PrincipalSet,
    Request, RequestContext, RequestSet, ResourceElement, SetOperator, Statement,
};

use super::member;
use crate::dice::Dice;

use ConditionTest as Test;

/// What a key's values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Arn,
    Number,
    Date,
    Bool,
    Binary,
    Address,
}

/// A key with values that requests bring and values that policies compare with.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    name: &'static str,
    kind: Kind,
    /// Whether requests may bring several values.
    several: bool,
    brought: &'static [&'static str],
    compared: &'static [&'static str],
}

const fn key(
    name: &'static str,
    kind: Kind,
    brought: &'static [&'static str],
    compared: &'static [&'static str],
) -> Key {
    let several = false;
    Key {
        name,
        kind,
        several,
        brought,
        compared,
    }
}

const fn several(key: Key) -> Key {
    Key {
        several: true,
        ..key
    }
}

const TEAMS: &[&str] = &["blue", "Blue", "red", "b*", "", "blue/x"];
const ORGANISATIONS: &[&str] = &["o-1", "o-2", "O-1", "o-"];
const ROLE: &str = "arn:aws:iam::111122223333:role/app";
const ARNS: &[&str] = &[
    ROLE,
    "arn:aws:iam::111122223333:root",
    "arn:aws:iam::444455556666:user/x/ann",
    "arn:aws:sqs:eu-west-1:1:a:b",
    "arn:aws:sqs",
];
const ARN_PATTERNS: &[&str] = &[
    ROLE,
    "arn:aws:iam::*:role/*",
    "arn:aws:iam::111122223333:*",
    "arn:aws:iam::1111*:r*",
    "arn:*:*:*:*:*",
    "arn:aws:iam::111122223333:user/${aws:username}",
    "arn:aws:sqs:*:?:a:*",
    "arn:aws:iam::*",
];

/// Every key.
pub const KEYS: [Key; 21] = [
    key(
        "aws:PrincipalOrgID",
        Kind::Text,
        ORGANISATIONS,
        &["o-1", "o-2", "o-*", "O-1"],
    ),
    key(
        "aws:ResourceOrgID",
        Kind::Text,
        ORGANISATIONS,
        &["o-1", "o-?", "${aws:PrincipalOrgID}"],
    ),
    key(
        "aws:PrincipalTag/team",
        Kind::Text,
        TEAMS,
        &["blue", "b*", "?lue", "red"],
    ),
    key(
        "aws:ResourceTag/team",
        Kind::Text,
        TEAMS,
        &[
            "${aws:PrincipalTag/team}",
            "${aws:PrincipalTag/team, 'blue'}",
            "blue",
            "b${*}",
        ],
    ),
    key(
        "s3:prefix",
        Kind::Text,
        &["home/ann/a", "home/", "home", "a:b:z", "az"],
        &["home/${aws:username}/*", "home/?*", "a*z", "home/*", "*"],
    ),
    key(
        "aws:PrincipalAccount",
        Kind::Text,
        &["111122223333"],
        &["111122223333", "anonymous", "1111*", "????????????"],
    ),
    key(
        "aws:PrincipalType",
        Kind::Text,
        &["User"],
        &["User", "AssumedRole", "A*"],
    ),
    key("aws:username", Kind::Text, &["ann"], &["ann", "a??", "*"]),
    key(
        "aws:SourceVpce",
        Kind::Text,
        &["x"],
        &["g", "i", "?", "vpce-*"],
    ),
    key(
        "aws:SourceVpc",
        Kind::Text,
        &["x"],
        &["main", "m*", "other"],
    ),
    several(key(
        "aws:TagKeys",
        Kind::Text,
        &["env", "cost", "owner", ""],
        &["env", "cost*", "c*", "owner"],
    )),
    several(key(
        "aws:PrincipalOrgPaths",
        Kind::Text,
        &["o-1/r-1/", "o-1/r-2/", "o-2/r-1/"],
        &["o-1/*", "o-1/r-1/", "o-?/r-1/*"],
    )),
    several(key(
        "dynamodb:LeadingKeys",
        Kind::Text,
        &["ann", "bob", "a:b"],
        &["ann", "${aws:username}", "b*"],
    )),
    key("aws:PrincipalArn", Kind::Arn, ARNS, ARN_PATTERNS),
    key("s3:source", Kind::Arn, ARNS, ARN_PATTERNS),
    key(
        "s3:max-keys",
        Kind::Number,
        &["10", "10.0", "9.99", "-1", "0", "ten", "10.00000000001"],
        &["10", "2.5", "-1", "0.0", "ten"],
    ),
    key(
        "aws:CurrentTime",
        Kind::Date,
        &[
            "2026-01-01T00:00:00Z",
            "2026-01-01T01:00:00+01:00",
            "2025-12-31T23:59:59.9Z",
            "1767225600",
            "2026-02-30T00:00:00Z",
            "2026",
        ],
        &[
            "2026-01-01T00:00:00Z",
            "2025-12-31T23:59Z",
            "1767225600",
            "2026-01",
        ],
    ),
    key(
        "aws:SecureTransport",
        Kind::Bool,
        &["true", "false", "True"],
        &["true", "false", "yes"],
    ),
    key(
        "aws:ViaAWSService",
        Kind::Bool,
        &["true"],
        &["true", "false"],
    ),
    key(
        "s3:blob",
        Kind::Binary,
        &["QQ==", "qq=="],
        &["QQ==", "Qg=="],
    ),
    key(
        "s3:address",
        Kind::Address,
        &["10.0.0.0", "10.255.255.255", "11.0.0.0", "2001:db8::1", "x"],
        &[
            "10.0.0.0/8",
            "10.0.0.0",
            "2001:db8::/32",
            "0.0.0.0/0",
            "10.0.0.0/33",
        ],
    ),
];

/// Keys whose value follows from the way or is open; they are brought in vain.
const OF_WAY: [Key; 8] = [
    key(
        "kms:CallerAccount",
        Kind::Text,
        &["444455556666"],
        &["111122223333", "*"],
    ),
    key("aws:SourceOwner", Kind::Text, &["x"], &["x", "*"]),
    key("aws:CalledViaFirst", Kind::Text, &["x"], &["x", "athena*"]),
    key(
        "aws:VpceAccount",
        Kind::Text,
        &["x", "111122223333"],
        &["111122223333", "444455556666", "*"],
    ),
    key("aws:VpceOrgID", Kind::Text, &["o-1"], &["o-1", "o-2", "*"]),
    key(
        "aws:SourceVpcArn",
        Kind::Arn,
        &["arn:aws:ec2:eu-west-1:111122223333:vpc/x"],
        &[
            "arn:aws:ec2:eu-west-1:111122223333:vpc/main",
            "arn:aws:ec2:*:444455556666:vpc/*",
            "arn:aws:ec2:eu-west-?:111122223333:vpc/x",
        ],
    ),
    key(
        "aws:SourceIp",
        Kind::Address,
        &["198.51.100.7"],
        &[
            "198.51.100.0/24",
            "198.51.100.4/31",
            "198.51.100.6",
            "2001:db8::/32",
            "0.0.0.0/0",
            "x",
        ],
    ),
    key(
        "aws:VpcSourceIp",
        Kind::Address,
        &["10.0.1.5"],
        &[
            "10.0.0.0/16",
            "10.0.1.6/31",
            "10.0.1.5",
            "10.0.1.6",
            "2001:db8::/32",
        ],
    ),
];

const ACTIONS: [&str; 6] = [
    "s3:GetObject",
    "S3:getobject",
    "s3:PutObject",
    "s3:ListBucket",
    "s3:Get",
    "sqs:SendMessage",
];
const ACTION_PATTERNS: [&str; 8] = [
    "*",
    "s3:*",
    "s3:Get*",
    "s3:?etObject",
    "S3:*Object",
    "s3:GetObject",
    "sqs:*",
    "s3:PutObject",
];
const RESOURCES: [&str; 11] = [
    "arn:aws:s3:::10",
    "arn:aws:s3:::home",
    "arn:aws:s3:::home/ann/x",
    "arn:aws:s3:::home/blue",
    "arn:aws:s3:::home/",
    "arn:aws:s3:::HOME/x",
    "arn:aws:s3:::h:e/x",
    "arn:aws:s3:::home/a:b/x",
    "arn:aws:sqs:eu-west-1:111122223333:queue",
    "arn:aws:s3:::${aws:username}",
    "*",
];
const RESOURCE_PATTERNS: [&str; 13] = [
    "arn:aws:s3:::${s3:max-keys}",
    "*",
    "*",
    "arn:aws:s3:::home",
    "arn:aws:s3:::home/*",
    "arn:aws:s3:::h*e/x",
    "arn:aws:s3:::home/*/x",
    "arn:aws:s3:::home/?*",
    "arn:aws:s3:::home/${aws:username}/*",
    "arn:aws:s3:::home/${aws:PrincipalTag/team, 'blue'}",
    "arn:aws:s3:::${aws:username}",
    "arn:aws:sqs:*:${aws:PrincipalAccount}:queue",
    "arn:aws:sqs:*:*:*",
];
const ACCOUNTS: [&str; 2] = ["111122223333", "444455556666"];

/// A few keys, so that statements and requests speak of the same.
pub fn keys(dice: &mut Dice) -> Vec<Key> {
    let n = 1 + dice.below(4);
    let all: Vec<Key> = KEYS.iter().chain(&OF_WAY).copied().collect();
    let drawn = (0..n).filter_map(|_| dice.pick(&all).copied());
    let mut keys: Vec<Key> = drawn.collect();
    keys.sort_by_key(|key| key.name);
    keys.dedup_by_key(|key| key.name);
    keys
}

/// The keys that the policies of whole networks ask for.
pub fn of_networks() -> Vec<Key> {
    named(&[
        "aws:PrincipalOrgID",
        "aws:SourceVpce",
        "aws:SecureTransport",
        "aws:TagKeys",
        "aws:PrincipalArn",
    ])
}

/// A few keys for the policies of accounts: any, and often those that tell ways and callers apart.
pub fn of_accounts(dice: &mut Dice) -> Vec<Key> {
    let often = named(&[
        "aws:SourceVpce",
        "aws:PrincipalArn",
        "aws:PrincipalAccount",
        "aws:SourceIp",
        "aws:VpcSourceIp",
        "aws:CalledViaFirst",
        "aws:VpceAccount",
        "aws:VpceOrgID",
        "aws:SourceVpcArn",
        "kms:CallerAccount",
    ]);
    let mut keys = if dice.percent(50) {
        keys(dice)
    } else {
        Vec::new()
    };
    keys.extend(dice.pick(&often).copied());
    keys.extend(dice.pick(&often).copied());
    keys.sort_by_key(|key| key.name);
    keys.dedup_by_key(|key| key.name);
    keys
}

/// The key that tells the principals of one account apart.
pub fn of_caller() -> Vec<Key> {
    named(&["aws:PrincipalArn"])
}

fn named(names: &[&str]) -> Vec<Key> {
    let all = KEYS.iter().chain(&OF_WAY);
    let named = all.filter(|key| names.contains(&key.name));
    named.copied().collect()
}

/// A policy of up to four statements.
pub fn policy(keys: &[Key], dice: &mut Dice) -> Policy {
    let n = 1 + dice.below(4);
    Policy {
        statements: (0..n).map(|_| statement(keys, dice)).collect(),
        variables: dice.percent(85),
    }
}

/// The same but for one change.
pub fn edited(policy: &Policy, keys: &[Key], dice: &mut Dice) -> Policy {
    let mut edited = policy.clone();
    let at = dice.below(edited.statements.len());
    match dice.below(4) {
        0 => edited.statements.push(statement(keys, dice)),
        1 => {
            edited.statements.remove(at);
        }
        2 => {
            let new = statement(keys, dice);
            if let Some(one) = edited.statements.get_mut(at) {
                *one = new;
            }
        }
        _ => {
            let new = conditions(keys, dice);
            if let Some(one) = edited.statements.get_mut(at) {
                one.conditions = new;
            }
        }
    }
    edited
}

fn statement(keys: &[Key], dice: &mut Dice) -> Statement {
    let mut texts = |pool: &[&str]| {
        let n = 1 + usize::from(dice.percent(25));
        let drawn = (0..n).filter_map(|_| dice.pick(pool).map(|text| (*text).to_owned()));
        drawn.collect::<Vec<_>>()
    };
    let action = texts(&ACTION_PATTERNS);
    let resource = texts(&RESOURCE_PATTERNS).into_iter();
    let resource = resource.map(PolicyText::from).collect();
    Statement {
        sid: None,
        effect: if dice.percent(70) {
            PolicyEffect::Allow
        } else {
            PolicyEffect::Deny
        },
        principal: principal_element(dice),
        action: if dice.percent(85) {
            ActionElement::Action(action)
        } else {
            ActionElement::NotAction(action)
        },
        resource: if dice.percent(85) {
            ResourceElement::Resource(resource)
        } else {
            ResourceElement::NotResource(resource)
        },
        conditions: conditions(keys, dice),
    }
}

fn principal_element(dice: &mut Dice) -> PrincipalElement {
    if dice.percent(80) {
        return PrincipalElement::Principal(vec![PrincipalPattern::Everyone]);
    }
    let pool = [
        PrincipalPattern::Everyone,
        PrincipalPattern::Account("111122223333".to_owned()),
        PrincipalPattern::Arn(ROLE.to_owned()),
        PrincipalPattern::Arn("arn:aws:iam::111122223333:role/x/app".to_owned()),
        PrincipalPattern::Arn("arn:aws:iam::444455556666:user/x/ann".to_owned()),
        PrincipalPattern::Arn("arn:aws:sts::111122223333:assumed-role/app/one".to_owned()),
        PrincipalPattern::Other {
            kind: "Service".to_owned(),
            value: "ec2.amazonaws.com".to_owned(),
        },
        PrincipalPattern::Other {
            kind: "AWS".to_owned(),
            value: "AROAEXAMPLE".to_owned(),
        },
        PrincipalPattern::Other {
            kind: "CanonicalUser".to_owned(),
            value: "79a59df9".to_owned(),
        },
    ];
    let n = 1 + dice.below(2);
    let drawn = (0..n).filter_map(|_| dice.pick(&pool).cloned()).collect();
    if dice.percent(75) {
        PrincipalElement::Principal(drawn)
    } else {
        PrincipalElement::NotPrincipal(drawn)
    }
}

/// Up to three conditions.
pub fn conditions(keys: &[Key], dice: &mut Dice) -> Vec<Condition> {
    let n = dice
        .choose(&[(30, 0), (45, 1), (20, 2), (5, 3)])
        .unwrap_or(0);
    let drawn = (0..n).filter_map(|_| dice.pick(keys).copied());
    let drawn: Vec<Key> = drawn.collect();
    drawn.iter().map(|key| condition(key, dice)).collect()
}

/// A condition on a key.
pub fn condition(key: &Key, dice: &mut Dice) -> Condition {
    if dice.percent(12) {
        let value = dice.choose(&[(45, "true"), (45, "false"), (10, "maybe")]);
        return Condition {
            operator: operator(Test::Null, None, false),
            key: ContextKey::new(key.name),
            values: value.into_iter().map(PolicyText::from).collect(),
        };
    }
    let kind = if dice.percent(92) {
        key.kind
    } else {
        // Compared as what it is not.
        Kind::Text
    };
    let test = dice.pick(tests(kind)).copied().unwrap_or(Test::StringLike);
    let sets = if key.several { 80 } else { 8 };
    let set = dice.percent(sets).then(|| dice.pick(&SetOperator::ALL));
    let n = 1 + usize::from(dice.percent(30));
    let values = (0..n).filter_map(|_| dice.pick(key.compared).map(|text| (*text).into()));
    let values = values.collect();
    Condition {
        operator: if dice.percent(2) {
            ConditionOperator::new("StringResembles")
        } else {
            operator(test, set.flatten().copied(), dice.percent(20))
        },
        key: ContextKey::new(key.name),
        values,
    }
}

const fn operator(
    test: ConditionTest,
    set: Option<SetOperator>,
    if_exists: bool,
) -> ConditionOperator {
    ConditionOperator::Modelled {
        set,
        test,
        if_exists,
    }
}

const fn tests(kind: Kind) -> &'static [ConditionTest] {
    match kind {
        Kind::Text => &[
            Test::StringEquals,
            Test::StringNotEquals,
            Test::StringEqualsIgnoreCase,
            Test::StringNotEqualsIgnoreCase,
            Test::StringLike,
            Test::StringLike,
            Test::StringNotLike,
        ],
        Kind::Arn => &[
            Test::ArnLike,
            Test::ArnEquals,
            Test::ArnNotLike,
            Test::ArnNotEquals,
            Test::StringLike,
        ],
        Kind::Number => &[
            Test::NumericEquals,
            Test::NumericNotEquals,
            Test::NumericLessThan,
            Test::NumericLessThanEquals,
            Test::NumericGreaterThan,
            Test::NumericGreaterThanEquals,
        ],
        Kind::Date => &[
            Test::DateEquals,
            Test::DateNotEquals,
            Test::DateLessThan,
            Test::DateLessThanEquals,
            Test::DateGreaterThan,
            Test::DateGreaterThanEquals,
        ],
        Kind::Bool => &[Test::Bool],
        Kind::Binary => &[Test::BinaryEquals],
        Kind::Address => &[Test::IpAddress, Test::NotIpAddress],
    }
}

/// The principals that requests are made by.
fn principals() -> [Principal; 9] {
    let of = |account: &str, arn: &str| Principal::Arn {
        account: account.to_owned(),
        arn: arn.to_owned(),
    };
    let [one, other] = ACCOUNTS;
    let root = |account: &str| Principal::Root {
        account: account.to_owned(),
    };
    [
        Principal::Anonymous,
        root(one),
        root(other),
        of(one, ROLE),
        of(one, "arn:aws:iam::111122223333:role/x/app"),
        of(other, "arn:aws:iam::444455556666:user/x/ann"),
        of(one, "arn:aws:iam::111122223333:user/ann"),
        of(one, "arn:aws:sts::111122223333:assumed-role/app/one"),
        of(one, "arn:aws:sts::111122223333:assumed-role/app/two"),
    ]
}

/// A request that brings some of the keys.
pub fn request(keys: &[Key], dice: &mut Dice) -> Request {
    let text = |pool: &[&str], dice: &mut Dice| {
        let text = dice.pick(pool).copied().unwrap_or_default();
        text.to_owned()
    };
    let mut request = Request {
        action: text(&ACTIONS, dice),
        resource: text(&RESOURCES, dice),
        principal: dice
            .pick(&principals())
            .cloned()
            .unwrap_or(Principal::Anonymous),
        context: BTreeMap::new(),
    };
    // Variables ask for keys that no condition names.
    let of_variables = KEYS.iter().filter(|key| key.name.contains("PrincipalTag"));
    let keys: Vec<Key> = keys.iter().chain(of_variables).copied().collect();
    request.context = context(&keys, dice);
    request
}

/// What a request brings of some keys.
pub fn context(keys: &[Key], dice: &mut Dice) -> RequestContext {
    let mut context = RequestContext::new();
    for key in keys {
        if dice.percent(30) {
            continue;
        }
        let most = if key.several || dice.percent(4) { 3 } else { 1 };
        let n = 1 + dice.below(most);
        let values = (0..n).filter_map(|_| dice.pick(key.brought).map(|text| (*text).to_owned()));
        context.insert(ContextKey::new(key.name), values.collect());
    }
    context
}

/// A set of requests.
pub fn set(keys: &[Key], dice: &mut Dice) -> RequestSet {
    let patterns = |pool: &[&str], percent: usize, dice: &mut Dice| {
        let mut some = |percent| {
            let text = dice.percent(percent).then(|| dice.pick(pool)).flatten();
            text.map(|text| (*text).to_owned()).into_iter().collect()
        };
        Patterns {
            include: some(percent),
            exclude: some(10),
        }
    };
    let accounts = |dice: &mut Dice| {
        let one = dice.pick(&ACCOUNTS).copied();
        one.into_iter().map(str::to_owned).collect()
    };
    RequestSet {
        actions: patterns(&ACTION_PATTERNS, 60, dice),
        resources: patterns(
            &["*", "arn:aws:s3:::home/*", "arn:aws:s3:::home", "*:*/?"],
            60,
            dice,
        ),
        principals: match dice.below(4) {
            0 => PrincipalSet::Every,
            1 => PrincipalSet::OfAccounts(accounts(dice)),
            2 => PrincipalSet::NotOfAccounts(accounts(dice)),
            _ => PrincipalSet::These(dice.pick(&principals()).into_iter().cloned().collect()),
        },
        without: BTreeSet::new(),
        context: context_of_set(keys, dice),
    }
}

/// One or two principals that a set leaves out, or none.
pub fn without(dice: &mut Dice) -> BTreeSet<Principal> {
    let n = if dice.percent(40) {
        1 + dice.below(2)
    } else {
        0
    };
    let mut all = principals().to_vec();
    all.retain(|one| !member::is_session(one));
    (0..n).filter_map(|_| dice.pick(&all).cloned()).collect()
}

/// What a set says of some keys, those left out that follow from the principal or the way.
pub fn context_of_set(keys: &[Key], dice: &mut Dice) -> BTreeMap<ContextKey, KeySet> {
    let mut context = BTreeMap::new();
    let derived = [
        "aws:PrincipalA",
        "aws:PrincipalType",
        "aws:username",
        "aws:Source",
        "aws:CalledVia",
        "aws:Vpce",
    ];
    let is_derived = |key: &&Key| {
        let name = key.name;
        derived.iter().any(|start| name.starts_with(start))
            || name.contains("Via")
            || name.contains("VpcS")
    };
    let free: Vec<&Key> = keys.iter().filter(|key| !is_derived(key)).collect();
    for key in free {
        let one = |dice: &mut Dice| {
            let text = dice.pick(key.brought).copied().unwrap_or_default();
            vec![text.to_owned()]
        };
        let start = |text: &String| text.chars().take(1).chain(['*']).collect::<String>();
        let keys = match dice.below(7) {
            6 => KeySet {
                values: Some(Patterns {
                    include: one(dice).iter().map(start).collect(),
                    exclude: Vec::new(),
                }),
                absent: dice.percent(30),
            },
            0 => KeySet {
                values: None,
                absent: true,
            },
            1 => KeySet {
                values: Some(Patterns {
                    include: one(dice),
                    exclude: Vec::new(),
                }),
                absent: dice.percent(30),
            },
            2 => KeySet {
                values: Some(Patterns {
                    include: Vec::new(),
                    exclude: one(dice),
                }),
                absent: dice.percent(70),
            },
            _ => continue,
        };
        context.insert(ContextKey::new(key.name), keys);
    }
    context
}
