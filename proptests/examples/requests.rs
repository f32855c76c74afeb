//! Policies of endpoints with single requests, as JSON lines for another program that evaluates
//! policies (`oracle/README.md`).
//!
//! ```text
//! cargo run -p vpcproof-proptests --example requests -- 1000 [SEED]
//! ```

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "This program is a source of lines for another one."
)]

use evaluator::Evaluator;
use model::{
    ActionElement, Condition, Engine, Policy, PolicyEffect, Principal, PrincipalElement,
    PrincipalPattern, Request, RequestWay, ResourceElement, Statement, Value,
};
use proptests::line;
use proptests::policy::{Case, network, open_text};
use serde_json::{Value as Json, json};

const REQUESTS: usize = 16;

fn main() {
    let mut numbers = std::env::args().skip(1).map(|word| word.parse().unwrap());
    let (n, first): (u64, u64) = (numbers.next().unwrap_or(1_000), numbers.next().unwrap_or(0));
    for seed in first..first + n {
        let case = Case::of_seed(seed, REQUESTS);
        // What an open text is no other program knows.
        if open_text::is_open(&case.policy) {
            continue;
        }
        for policy in parts(&case.policy).chain([case.policy.clone()]) {
            println!("{}", judged(seed, &case, &policy));
        }
    }
}

/// A policy with each part of a statement by itself, so that a difference has a name.
fn parts(policy: &Policy) -> impl Iterator<Item = Policy> {
    let by_itself = |conditions: Vec<Condition>| Statement {
        sid: None,
        effect: PolicyEffect::Allow,
        principal: PrincipalElement::Principal(vec![PrincipalPattern::Everyone]),
        action: ActionElement::Action(vec!["*".to_owned()]),
        resource: ResourceElement::Resource(vec!["*".into()]),
        conditions,
    };
    let each = policy.statements.iter().flat_map(move |statement| {
        let conditions = statement.conditions.iter();
        let conditions = conditions.map(move |one| by_itself(vec![one.clone()]));
        let principal = Statement {
            principal: statement.principal.clone(),
            ..by_itself(Vec::new())
        };
        let action = Statement {
            action: statement.action.clone(),
            ..by_itself(Vec::new())
        };
        let resource = Statement {
            resource: statement.resource.clone(),
            ..by_itself(Vec::new())
        };
        conditions.chain([principal, action, resource])
    });
    each.map(|statement| Policy {
        statements: vec![statement],
        variables: policy.variables,
    })
}

fn judged(seed: u64, case: &Case, policy: &Policy) -> Json {
    let around = network(case.endpoint, Value::Known(policy.clone()));
    let evaluator = Evaluator::load(&around);
    let requests = case.requests.iter().map(|request| {
        let way = case.way(request);
        let answer = evaluator.permits(&way, request);
        json!({
            "request": written(request),
            "source": source(&way),
            "effect": line::effect_text(&answer.effect),
            "clause": answer.clause.name(),
        })
    });
    json!({
        "seed": seed,
        "endpoint": case.endpoint,
        "policy": ingest::policy::write(policy),
        "requests": requests.collect::<Vec<_>>(),
    })
}

fn source(way: &RequestWay) -> Json {
    match way {
        RequestWay::Endpoint(_, source) | RequestWay::Internet(source) => {
            json!(source.map(|address| address.to_string()))
        }
        RequestWay::EndpointPolicy(_) => Json::Null,
    }
}

fn written(request: &Request) -> Json {
    let principal = match &request.principal {
        Principal::Anonymous => Json::Null,
        Principal::Root { account } => json!(format!("arn:aws:iam::{account}:root")),
        Principal::Arn { arn, .. } => json!(arn),
    };
    let context = request.context.iter();
    let context = context.map(|(key, values)| (key.to_string(), json!(values)));
    json!({
        "action": request.action,
        "resource": request.resource,
        "principal": principal,
        "context": context.collect::<serde_json::Map<_, _>>(),
    })
}
