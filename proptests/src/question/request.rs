//! Requests at the edge of the patterns that the generated policies have.

use std::collections::{BTreeMap, BTreeSet};

use model::{Network, Patterns, Principal, PrincipalSet, Request, RequestSet, RequestWay};

use crate::dice::Dice;
use crate::policy::draw;

const ACTIONS: [&str; 7] = [
    "s3:GetObject",
    "S3:getobject",
    "s3:PutObject",
    "s3:PtObject",
    "s3:ListBucket",
    "ssm:GetParameter",
    "x3:Any",
];
const RESOURCES: [&str; 9] = [
    "arn:aws:s3:::logs",
    "arn:aws:s3:::logs/a",
    "arn:aws:s3:::logs/a:b",
    "arn:aws:s3:::LOGS/a",
    "arn:aws:s3:::l:s/a",
    "arn:aws:s3:eu-west-1:1:logs/?",
    "arn:aws:dynamodb:eu-west-1:111122223333:table/t",
    "arn:aws:dynamodb:a:b:111122223333:table/t",
    "*",
];
const ACCOUNT: &str = "111122223333";

fn principals() -> [Principal; 4] {
    let role = |name: &str| Principal::Arn {
        account: ACCOUNT.to_owned(),
        arn: format!("arn:aws:iam::{ACCOUNT}:role/{name}"),
    };
    let account = ACCOUNT.to_owned();
    [
        role("app"),
        role("app2"),
        Principal::Root { account },
        Principal::Anonymous,
    ]
}

/// An endpoint and a request.
pub fn question(network: &Network, dice: &mut Dice) -> Option<(RequestWay, Request)> {
    let endpoints: Vec<_> = network.vpc_endpoints().keys().collect();
    let endpoint = (*dice.pick(&endpoints)?).clone();
    let request = Request {
        action: (*dice.pick(&ACTIONS)?).to_owned(),
        resource: (*dice.pick(&RESOURCES)?).to_owned(),
        principal: dice.pick(&principals())?.clone(),
        context: draw::context(&draw::of_networks(), dice),
    };
    Some((RequestWay::Endpoint(endpoint, None), request))
}

/// A set of requests for an invariant.
pub fn set(dice: &mut Dice) -> RequestSet {
    let mut patterns = |pool: &[&str]| {
        let mut some = |percent| {
            let text = dice.percent(percent).then(|| dice.pick(pool)).flatten();
            text.map(|text| (*text).to_owned()).into_iter().collect()
        };
        Patterns {
            include: some(80),
            exclude: some(15),
        }
    };
    let actions = patterns(&["s3:*", "s3:GetObject", "s3:Get*", "*", "ssm:GetParameter"]);
    let resources = patterns(&[
        "arn:aws:s3:::logs/*",
        "*",
        "arn:aws:s3:::logs/a",
        "arn:aws:s3:::?*",
    ]);
    let principals = principals();
    RequestSet {
        actions,
        resources,
        principals: match dice.pick(&principals) {
            Some(one) if dice.percent(70) => PrincipalSet::These(vec![one.clone()]),
            Some(_) | None => PrincipalSet::Every,
        },
        without: match dice.pick(&principals) {
            Some(one) if dice.percent(25) => BTreeSet::from([one.clone()]),
            Some(_) | None => BTreeSet::new(),
        },
        context: BTreeMap::new(),
    }
}
