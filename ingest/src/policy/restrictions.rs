//! What AWS accepts in no endpoint policy, beyond the IAM language (PL:vpc-endpoints-access).

use model::{
    Condition, ConditionOperator, ConditionTest, Policy, PolicyText, PrincipalElement,
    PrincipalPattern, Statement,
};

/// The most characters of an endpoint policy, white space included.
pub(super) const MOST_CHARACTERS: usize = 20_480;
/// So many characters in a row stand before or behind each wildcard of a string.
const BESIDE_WILDCARD: usize = 6;
/// The global keys whose values are identifiers that AWS makes.
const IDENTIFIERS: [&str; 12] = [
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:ec2instancesourcevpc",
];

/// Everything in a policy that AWS refuses in the place of an endpoint's, a sentence each.
pub(super) fn refused(policy: &Policy, is_gateway: bool) -> Vec<String> {
    let mut refused = Vec::new();
    for (position, statement) in policy.statements.iter().enumerate() {
        let place = match &statement.sid {
            Some(sid) => format!("statement `{sid}`"),
            None => format!("statement {position}"),
        };
        let mut say = |what: String| refused.push(format!("{place}: {what}"));
        if is_gateway && !is_everyone(statement) {
            say(
                "the policy of a gateway endpoint has the principal `*`; conditions on \
                 `aws:PrincipalArn` and its like say who is meant"
                    .to_owned(),
            );
        }
        for condition in &statement.conditions {
            self::condition(condition, &mut say);
        }
    }
    refused
}

fn is_everyone(statement: &Statement) -> bool {
    match &statement.principal {
        PrincipalElement::Principal(patterns) => {
            patterns.as_slice() == [PrincipalPattern::Everyone]
        }
        PrincipalElement::NotPrincipal(_) => false,
    }
}

fn condition(condition: &Condition, say: &mut impl FnMut(String)) {
    let ConditionOperator::Modelled { test, .. } = condition.operator else {
        return;
    };
    let (operator, key) = (&condition.operator, &condition.key);
    let is_identifier = IDENTIFIERS.contains(&key.folded());
    let name = test.name();
    if is_identifier && name.starts_with("Numeric") {
        say(format!(
            "`{operator}` with `{key}`, whose values AWS makes, is not accepted"
        ));
    }
    let has_patterns = matches!(
        test,
        ConditionTest::StringLike | ConditionTest::StringNotLike
    );
    // What is open may make it one that AWS accepts.
    for value in condition.values.iter().filter_map(PolicyText::known) {
        if !value.contains(['*', '?']) {
            continue;
        }
        if is_identifier && has_patterns {
            say(format!(
                "a wildcard in `{value}` with `{key}`, whose values AWS makes, is not accepted"
            ));
        } else if has_patterns && !has_enough_beside(value) {
            say(format!(
                "`{value}` needs {BESIDE_WILDCARD} characters in a row before or behind each wildcard"
            ));
        }
        if name.starts_with("Arn") && mixes_account(value) {
            say(format!(
                "the account of `{value}` is an id or a wildcard, not a mixture"
            ));
        }
    }
}

/// Whether on one side of each run of wildcards there are enough characters without one.
fn has_enough_beside(value: &str) -> bool {
    let parts: Vec<usize> = value
        .split(['*', '?'])
        .map(|part| part.chars().count())
        .collect();
    parts.windows(2).all(|sides| {
        let enough = |side: &usize| *side >= BESIDE_WILDCARD;
        sides.iter().any(enough)
    })
}

fn mixes_account(arn: &str) -> bool {
    let account = arn.split(':').nth(4).unwrap_or_default();
    let has_wildcard = account.contains(['*', '?']);
    has_wildcard && account.chars().any(|one| one.is_ascii_digit())
}
