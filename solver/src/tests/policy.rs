//! Endpoint policies: single requests, and sets of them in claims.

use model::{
    ActionElement, Claim, Clause, ConditionOperator, ContextKey, Engine, NetworkDraft, Patterns,
    PermissionEffect, Place, Policy, PolicyEffect, PrefixList, Principal, PrincipalElement,
    PrincipalPattern, PrincipalSet, Request, RequestContext, RequestSet, RequestWay,
    ResourceElement, RouteDestination, Statement, Target, UnknownReason, Value, Verdict,
    VpcEndpoint,
};

use super::build::*;
use crate::{Limits, Solver};

pub(super) const S3: &str = "com.amazonaws.eu-west-1.s3";

/// `a` reaches S3 by a gateway endpoint with this policy.
pub(super) fn s3(policy: Value<Policy>) -> NetworkDraft {
    let mut draft = two_subnets();
    draft.prefix_lists.push(PrefixList {
        id: "pl".into(),
        name: S3.to_owned(),
        family: model::Family::V4,
        aws_managed: true,
        entries: Value::Known([block("3.0.0.0/16")].into()),
    });
    draft.vpc_endpoints.push(VpcEndpoint {
        kind: model::EndpointKind::Gateway {
            prefix_lists: ids(&["pl"]),
        },
        policy,
        ..endpoint("vpce", S3)
    });
    let list = RouteDestination::PrefixList("pl".into());
    let route = route(list, Target::GatewayEndpoint("vpce".into()));
    add_route(&mut draft, "v-main", route);
    draft
}

pub(super) fn known(statements: Vec<Statement>) -> Value<Policy> {
    Value::Known(document(statements))
}

pub(super) fn document(statements: Vec<Statement>) -> Policy {
    Policy {
        statements,
        variables: true,
    }
}

pub(super) fn allow_on(action: &str, resource: &str) -> Statement {
    statement(PolicyEffect::Allow, action, resource)
}

pub(super) fn deny_on(action: &str, resource: &str) -> Statement {
    statement(PolicyEffect::Deny, action, resource)
}

fn conditional(mut statement: Statement, operator: &str) -> Statement {
    statement.conditions.push(model::Condition {
        operator: ConditionOperator::new(operator),
        key: ContextKey::new("aws:PrincipalOrgID"),
        values: vec![],
    });
    statement
}

pub(super) fn role() -> Principal {
    Principal::Arn {
        account: "111122223333".to_owned(),
        arn: "arn:aws:iam::111122223333:role/app".to_owned(),
    }
}

pub(super) fn root() -> Principal {
    Principal::Root {
        account: "111122223333".to_owned(),
    }
}

fn request(action: &str, resource: &str, principal: Principal) -> Request {
    Request {
        action: action.to_owned(),
        resource: resource.to_owned(),
        principal,
        context: RequestContext::new(),
    }
}

/// The clause and the hole, or `permitted` and `denied`.
fn says(policy: Value<Policy>, request: &Request) -> (Clause, String) {
    let solver = Solver::load(&valid(s3(policy)));
    let permission = solver.permits(&RequestWay::Endpoint("vpce".into(), None), request);
    let effect = match permission.effect {
        PermissionEffect::Permitted => "permitted".to_owned(),
        PermissionEffect::Denied => "denied".to_owned(),
        PermissionEffect::Undetermined(hole) => hole.to_string(),
    };
    (permission.clause, effect)
}

#[test]
fn the_steps_of_a_policy() {
    let get = request("s3:getobject", "arn:aws:s3:::b/k", role());
    let all = || allow_on("*", "*");
    let no = || deny_on("s3:Get*", "arn:aws:s3:::b/*");
    let maybe = |statement| conditional(statement, "StringResembles");
    for (statements, clause, effect) in [
        (vec![all()], Clause::PolicyAllow, "permitted"),
        (vec![all(), no()], Clause::PolicyExplicitDeny, "denied"),
        (vec![no()], Clause::PolicyExplicitDeny, "denied"),
        (vec![], Clause::PolicyDefaultDeny, "denied"),
        (vec![maybe(no())], Clause::PolicyDefaultDeny, "denied"),
        (
            vec![maybe(all()), maybe(conditional(no(), "NumericResembles"))],
            Clause::PolicyOpen,
            "NumericResembles aws:PrincipalOrgID",
        ),
        (
            vec![maybe(all())],
            Clause::PolicyOpen,
            "StringResembles aws:PrincipalOrgID",
        ),
        (vec![maybe(all()), all()], Clause::PolicyAllow, "permitted"),
        (
            vec![maybe(all()), no()],
            Clause::PolicyExplicitDeny,
            "denied",
        ),
    ] {
        let answer = says(known(statements.clone()), &get);
        assert_eq!(answer, (clause, effect.to_owned()), "{statements:?}");
    }
}

#[test]
fn a_policy_that_is_open() {
    let get = request("s3:GetObject", "arn:aws:s3:::b/k", role());
    let all = || document(vec![allow_on("*", "*")]);
    let none = || document(vec![]);
    let one_of = |policies| Value::OneOf(policies, hole("the policy"));
    assert_eq!(
        says(Value::Any(hole("it")), &get),
        (Clause::PolicyUnknown, "it".to_owned())
    );
    let differ = says(one_of(vec![all(), none()]), &get);
    assert_eq!(differ, (Clause::PolicyUnknown, "the policy".to_owned()));
    let agree = says(one_of(vec![all(), all()]), &get);
    assert_eq!(agree, (Clause::PolicyAllow, "permitted".to_owned()));
}

#[test]
fn an_account_means_its_root_at_a_gateway_endpoint() {
    let mut account = allow_on("*", "*");
    let pattern = PrincipalPattern::Account("111122223333".to_owned());
    account.principal = PrincipalElement::Principal(vec![pattern]);
    let ask = |principal| {
        says(
            known(vec![account.clone()]),
            &request("s3:Get", "r", principal),
        )
    };
    assert_eq!(ask(root()).1, "permitted");
    assert_eq!(ask(role()).1, "denied");
    assert_eq!(ask(Principal::Anonymous).1, "denied");
}

#[test]
fn what_a_negated_element_does_not_match() {
    let mut statement = allow_on("*", "*");
    statement.action = ActionElement::NotAction(vec!["s3:Put*".to_owned()]);
    statement.resource = ResourceElement::NotResource(vec!["arn:aws:s3:::secret/*".into()]);
    let ask = |action, resource, principal| {
        says(
            known(vec![statement.clone()]),
            &request(action, resource, principal),
        )
        .1
    };
    assert_eq!(ask("s3:GetObject", "arn:aws:s3:::b/k", root()), "permitted");
    assert_eq!(ask("S3:PUTObject", "arn:aws:s3:::b/k", root()), "denied");
    assert_eq!(
        ask("s3:GetObject", "arn:aws:s3:::secret/k", root()),
        "denied"
    );
}

#[test]
fn what_not_principal_denies() {
    let arn = PrincipalPattern::Arn("arn:aws:iam::111122223333:role/app".to_owned());
    let but = |mut statement: Statement| {
        statement.principal = PrincipalElement::NotPrincipal(vec![arn.clone()]);
        statement
    };
    let policy = || known(vec![but(deny_on("*", "*")), allow_on("*", "*")]);
    let ask = |principal| says(policy(), &request("s3:Get", "r", principal)).1;
    assert_eq!(ask(root()), "denied");
    assert_eq!(ask(Principal::Anonymous), "denied");
    let boundary = "permissions boundary of arn:aws:iam::111122223333:role/app";
    assert_eq!(ask(role()), boundary);
    let allowed = says(
        known(vec![but(allow_on("*", "*"))]),
        &request("s3:Get", "r", root()),
    );
    assert_eq!(allowed.1, "Allow with NotPrincipal");
}

pub(super) fn set(actions: &[&str], resources: &[&str]) -> RequestSet {
    let patterns = |texts: &[&str]| Patterns {
        include: texts.iter().map(|text| (*text).to_owned()).collect(),
        exclude: vec![],
    };
    RequestSet {
        actions: patterns(actions),
        resources: patterns(resources),
        principals: PrincipalSet::These(vec![role()]),
        ..RequestSet::every()
    }
}

pub(super) fn claim(set: RequestSet, claim: Claim) -> model::Invariant {
    let mut invariant = every(&["a"], Place::Service(S3.to_owned()), claim);
    invariant.scope.request = Some(set);
    invariant
}

pub(super) fn check(policy: Value<Policy>, invariant: &model::Invariant) -> Verdict {
    Solver::load(&valid(s3(policy))).check(invariant)
}

pub(super) fn witness(verdict: Verdict) -> Request {
    let Verdict::Violated {
        counterexample: Some(witness),
    } = verdict
    else {
        panic!("{verdict:?}");
    };
    witness.request.expect("a request")
}

pub(super) const PROVED: Verdict = Verdict::Holds { witness: None };

#[test]
fn every_request_of_a_set() {
    let policy = || {
        known(vec![
            allow_on("s3:Get*", "arn:aws:s3:::ours/*"),
            deny_on("*", "arn:aws:s3:::ours/secret*"),
        ])
    };
    let all = |actions, resources| claim(set(actions, resources), Claim::PermittedAll);
    let ours = all(&["s3:GetObject"], &["arn:aws:s3:::ours/public/*"]);
    assert_eq!(check(policy(), &ours), PROVED);
    let denied = witness(check(
        policy(),
        &all(&["s3:GetObject"], &["arn:aws:s3:::ours/*"]),
    ));
    assert_eq!(denied.action, "s3:GetObject");
    assert!(
        denied.resource.starts_with("arn:aws:s3:::ours/secret"),
        "{denied}"
    );
    let denied = witness(check(policy(), &all(&["s3:*"], &["arn:aws:s3:::ours/x"])));
    assert!(!denied.action.starts_with("s3:get"), "{denied}");
}

#[test]
fn some_request_of_a_set() {
    let policy = || known(vec![allow_on("s3:Get*", "arn:aws:s3:::ours/*")]);
    let never = |actions, resources| {
        let some = Claim::Not(Box::new(Claim::PermittedSome));
        claim(set(actions, resources), some)
    };
    let mut others = set(&["s3:*"], &[]);
    others.resources.exclude = vec!["arn:aws:s3:::ours/*".to_owned()];
    let others = claim(others, Claim::Not(Box::new(Claim::PermittedSome)));
    assert_eq!(check(policy(), &others), PROVED);
    let permitted = witness(check(policy(), &never(&["s3:*"], &[])));
    assert!(permitted.action.starts_with("s3:get"), "{permitted}");
    assert!(
        permitted.resource.starts_with("arn:aws:s3:::ours/"),
        "{permitted}"
    );
}

#[test]
fn a_condition_is_named() {
    let policy = known(vec![conditional(allow_on("*", "*"), "StringResembles")]);
    let ours = claim(set(&["s3:GetObject"], &[]), Claim::PermittedAll);
    let hole = hole("StringResembles aws:PrincipalOrgID");
    let unknown = Verdict::Unknown {
        reasons: [UnknownReason::DependsOn(hole)].into(),
    };
    assert_eq!(check(policy, &ours), unknown);
}

#[test]
fn what_has_no_name_behind_a_service_is_no_request() {
    let policy = || known(vec![allow_on("sts*", "*")]);
    let mut unnamed = set(&["sts*"], &[]);
    unnamed.actions.exclude = vec!["sts*:?*".to_owned()];
    let unnamed = claim(unnamed, Claim::PermittedAll);
    assert_eq!(check(policy(), &unnamed), Verdict::Vacuous);
    let never = Claim::Not(Box::new(Claim::PermittedSome));
    let permitted = witness(check(policy(), &claim(set(&["sts*"], &[]), never)));
    assert!(permitted.action.contains(':'), "{permitted}");
}

#[test]
fn a_set_without_requests_is_vacuous_and_a_limit_unknown() {
    let policy = || known(vec![allow_on("*a*b*c*", "*")]);
    let mut none = set(&["s3:Get"], &[]);
    none.actions.exclude = vec!["s3:*".to_owned()];
    let none = claim(none, Claim::PermittedAll);
    assert_eq!(check(policy(), &none), Verdict::Vacuous);
    let limits = Limits {
        most_states: 3,
        ..Limits::default()
    };
    let solver = Solver::load(&valid(s3(policy()))).with_limits(limits);
    let verdict = solver.check(&claim(set(&["s3:*"], &["x"]), Claim::PermittedAll));
    assert!(matches!(verdict, Verdict::Unknown { .. }), "{verdict:?}");
}

#[test]
fn a_flow_past_the_endpoint_carries_every_request() {
    let mut draft = s3(known(vec![]));
    draft.route_tables[0].routes.pop();
    internet_gateway(&mut draft, "v");
    set_public(&mut draft, "a", "52.0.0.1");
    add_route(
        &mut draft,
        "v-main",
        to("0.0.0.0/0", Target::InternetGateway("igw".into())),
    );
    let ours = claim(set(&["s3:GetObject"], &[]), Claim::PermittedAll);
    assert_eq!(Solver::load(&valid(draft)).check(&ours), PROVED);
}

#[test]
fn a_request_of_no_particular_kind_still_looks_like_one() {
    let mut every = set(&[], &[]);
    every.principals = PrincipalSet::Every;
    let denied = witness(check(known(vec![]), &claim(every, Claim::PermittedAll)));
    assert_eq!(
        (denied.action.as_str(), denied.resource.as_str()),
        ("x:x", "arn:aws:x:::x")
    );
}
