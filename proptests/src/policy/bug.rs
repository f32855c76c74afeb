//! Planted bugs of the third stage: for each operator and each rule, the mistake that one makes.
//!
//! An engine that makes the mistake is the right one, asked about a changed policy or request.

use std::collections::BTreeSet;

use evaluator::Evaluator;
use model::{
    ActionElement, Clause, Condition, ConditionOperator, ConditionTest, ContextKey, Engine,
    OpenText, Policy, PolicyEffect, PolicyText, Principal, PrincipalElement, PrincipalPattern,
    Request, ResourceElement, SetOperator, Statement, TextPiece, Value,
};

use super::open_text::{self, known_mut};
use super::{Case, network};

use ConditionTest as Test;

/// A planted bug.
#[derive(Clone, Copy, Debug)]
pub struct Bug {
    /// What is done wrong.
    pub name: &'static str,
    /// The clause that it violates.
    pub clause: Clause,
    change: fn(&mut Policy, &mut Request),
}

impl Bug {
    /// Whether some request of a case shows it.
    pub fn is_seen(&self, case: &Case) -> bool {
        let right = Evaluator::load(&network(case.endpoint, Value::Known(case.policy.clone())));
        case.requests.iter().any(|request| {
            let (mut policy, mut changed) = (case.policy.clone(), request.clone());
            (self.change)(&mut policy, &mut changed);
            let is_same_policy = policy == case.policy;
            if is_same_policy && changed == *request {
                return false;
            }
            let wrong = if is_same_policy {
                right.permits(&case.way(request), &changed)
            } else {
                let wrong = Evaluator::load(&network(case.endpoint, Value::Known(policy)));
                wrong.permits(&case.way(request), &changed)
            };
            wrong.effect != right.permits(&case.way(request), request).effect
        })
    }
}

const fn bug(name: &'static str, clause: Clause, change: fn(&mut Policy, &mut Request)) -> Bug {
    Bug {
        name,
        clause,
        change,
    }
}

fn each_statement(policy: &mut Policy, change: impl Fn(&mut Statement)) {
    policy.statements.iter_mut().for_each(change);
}

fn each_condition(policy: &mut Policy, change: impl Fn(&mut Condition)) {
    each_statement(policy, |statement| {
        statement.conditions.iter_mut().for_each(&change);
    });
}

/// Changes the tests of conditions.
fn each_test(policy: &mut Policy, change: impl Fn(Test) -> Test) {
    each_condition(policy, |condition| {
        if let ConditionOperator::Modelled { test, .. } = &mut condition.operator {
            *test = change(*test);
        }
    });
}

/// Takes one test for another.
fn taken_for(policy: &mut Policy, one: Test, other: Test) {
    each_test(policy, |test| if test == one { other } else { test });
}

const fn is_negated(test: Test) -> bool {
    matches!(
        test,
        Test::StringNotEquals
            | Test::StringNotEqualsIgnoreCase
            | Test::StringNotLike
            | Test::NumericNotEquals
            | Test::DateNotEquals
            | Test::NotIpAddress
            | Test::ArnNotEquals
            | Test::ArnNotLike
    )
}

/// Adds, for the conditions that are meant, another one that must hold beside it.
fn beside(policy: &mut Policy, meant: impl Fn(&Condition) -> Option<Condition>) {
    each_statement(policy, |statement| {
        let more: Vec<_> = statement.conditions.iter().filter_map(&meant).collect();
        statement.conditions.extend(more);
    });
}

fn null(key: &ContextKey, absent: bool) -> Condition {
    Condition {
        operator: ConditionOperator::Modelled {
            set: None,
            test: Test::Null,
            if_exists: false,
        },
        key: key.clone(),
        values: vec![absent.to_string().into()],
    }
}

/// With the condition there has to be a value.
fn must_exist(policy: &mut Policy, meant: impl Fn(Option<SetOperator>, Test, bool) -> bool) {
    beside(policy, |condition| match condition.operator {
        ConditionOperator::Modelled {
            set,
            test,
            if_exists,
        } if test != Test::Null && meant(set, test, if_exists) => Some(null(&condition.key, false)),
        ConditionOperator::Modelled { .. } | ConditionOperator::Unmodelled(_) => None,
    });
}

fn each_value(policy: &mut Policy, change: impl Fn(&mut String)) {
    each_condition(policy, |condition| {
        condition
            .values
            .iter_mut()
            .filter_map(known_mut)
            .for_each(&change);
    });
}

/// The resources that are known.
fn resources(statement: &mut Statement) -> impl Iterator<Item = &mut String> {
    let (ResourceElement::Resource(patterns) | ResourceElement::NotResource(patterns)) =
        &mut statement.resource;
    patterns.iter_mut().filter_map(known_mut)
}

/// Brings a key in the place of those that follow from the rest: renames it in the policy, so that
/// the context's own value counts.
fn from_context(policy: &mut Policy, request: &mut Request, name: &str) {
    let key = ContextKey::new(name);
    let own = ContextKey::new(&format!("own:{name}"));
    each_condition(policy, |condition| {
        if condition.key == key {
            condition.key = own.clone();
        }
    });
    if let Some(values) = request.context.remove(&key) {
        request.context.insert(own, values);
    }
}

/// A text with `*` in the place of its openings.
fn pattern(open: &OpenText) -> PolicyText {
    let pieces = open.pieces().iter().map(|piece| match piece {
        TextPiece::Known(text) => text.as_str(),
        TextPiece::Any(_) | TextPiece::Part(_) => "*",
    });
    PolicyText::Known(pieces.collect())
}

/// Drops the principals of a kind that are listed.
fn without(policy: &mut Policy, dropped: &str) {
    each_statement(policy, |one| {
        if let PrincipalElement::Principal(patterns) = &mut one.principal {
            patterns.retain(
                |one| !matches!(one, PrincipalPattern::Other { kind, .. } if kind == dropped),
            );
        }
    });
}

/// Every planted bug.
pub const BUGS: &[Bug] = &[
    bug(
        "an Allow after a Deny wins",
        Clause::PolicyExplicitDeny,
        |policy, _| {
            let last = policy
                .statements
                .iter()
                .rposition(|one| one.effect == PolicyEffect::Allow);
            if let Some(last) = last {
                let (mut before, after) =
                    (policy.statements.clone(), policy.statements.split_off(last));
                before.truncate(last);
                before.retain(|one| one.effect == PolicyEffect::Allow);
                policy.statements = before.into_iter().chain(after).collect();
            }
        },
    ),
    bug(
        "conditions are ignored",
        Clause::ConditionAllHold,
        |policy, _| {
            each_statement(policy, |one| one.conditions.clear());
        },
    ),
    bug(
        "only the first condition is asked",
        Clause::ConditionAllHold,
        |policy, _| {
            each_statement(policy, |one| one.conditions.truncate(1));
        },
    ),
    bug(
        "an open condition holds",
        Clause::PolicyOpen,
        |policy, _| {
            each_statement(policy, |one| {
                one.conditions
                    .retain(|one| !matches!(one.operator, ConditionOperator::Unmodelled(_)));
            });
        },
    ),
    bug(
        "an unknown operator fails",
        Clause::PolicyOpen,
        |policy, _| {
            policy.statements.retain(|one| {
                let mut conditions = one.conditions.iter();
                !conditions.any(|one| matches!(one.operator, ConditionOperator::Unmodelled(_)))
            });
        },
    ),
    bug(
        "only the first value of a policy counts",
        Clause::ConditionSeveralValues,
        |policy, _| {
            each_condition(policy, |one| one.values.truncate(1));
        },
    ),
    bug(
        "negated values combine as or",
        Clause::ConditionSeveralValues,
        |policy, _| {
            each_condition(policy, |one| {
                if let ConditionOperator::Modelled { test, .. } = one.operator
                    && is_negated(test)
                {
                    one.values.truncate(1);
                }
            });
        },
    ),
    bug(
        "of several values of a request one is asked",
        Clause::ConditionSeveralValues,
        |_, request| {
            for values in request.context.values_mut() {
                let first = values.first().cloned();
                *values = first.into_iter().collect();
            }
        },
    ),
    bug(
        "an absent key makes a negated test fail",
        Clause::ConditionAbsentKey,
        |policy, _| {
            must_exist(policy, |set, test, if_exists| {
                set.is_none() && is_negated(test) && !if_exists
            });
        },
    ),
    bug(
        "IfExists is ignored",
        Clause::ConditionAbsentKey,
        |policy, _| {
            each_condition(policy, |one| {
                if let ConditionOperator::Modelled { if_exists, .. } = &mut one.operator {
                    *if_exists = false;
                }
            });
        },
    ),
    bug(
        "every test has IfExists",
        Clause::ConditionAbsentKey,
        |policy, _| {
            each_condition(policy, |one| {
                if let ConditionOperator::Modelled {
                    if_exists, test, ..
                } = &mut one.operator
                    && *test != Test::Null
                {
                    *if_exists = true;
                }
            });
        },
    ),
    bug(
        "an empty string is a value",
        Clause::ConditionAbsentKey,
        |_, request| {
            for values in request.context.values_mut() {
                if values.len() == 1 && values.contains("") {
                    *values = BTreeSet::from(["\u{1}".to_owned()]);
                }
            }
        },
    ),
    bug(
        "StringEquals is StringLike",
        Clause::ConditionString,
        |policy, _| {
            taken_for(policy, Test::StringEquals, Test::StringLike);
        },
    ),
    bug(
        "StringLike is StringEquals",
        Clause::ConditionString,
        |policy, _| {
            taken_for(policy, Test::StringLike, Test::StringEquals);
        },
    ),
    bug(
        "StringNotLike is StringLike",
        Clause::ConditionString,
        |policy, _| {
            taken_for(policy, Test::StringNotLike, Test::StringLike);
        },
    ),
    bug(
        "StringNotEquals is StringNotLike",
        Clause::ConditionString,
        |policy, _| {
            taken_for(policy, Test::StringNotEquals, Test::StringNotLike);
        },
    ),
    bug(
        "StringEquals has no case",
        Clause::ConditionString,
        |policy, _| {
            taken_for(policy, Test::StringEquals, Test::StringEqualsIgnoreCase);
        },
    ),
    bug(
        "StringEqualsIgnoreCase has case",
        Clause::ConditionString,
        |policy, _| {
            taken_for(policy, Test::StringEqualsIgnoreCase, Test::StringEquals);
        },
    ),
    bug(
        "StringNotEqualsIgnoreCase has case",
        Clause::ConditionString,
        |policy, _| {
            taken_for(
                policy,
                Test::StringNotEqualsIgnoreCase,
                Test::StringNotEquals,
            );
        },
    ),
    bug("`?` is any run", Clause::ConditionString, |policy, _| {
        each_condition(policy, |one| {
            if let ConditionOperator::Modelled {
                test: Test::StringLike | Test::StringNotLike,
                ..
            } = one.operator
            {
                for value in one.values.iter_mut().filter_map(known_mut) {
                    *value = value.replace('?', "*");
                }
            }
        });
    }),
    bug(
        "ArnLike is StringLike",
        Clause::ConditionArn,
        |policy, _| {
            taken_for(policy, Test::ArnLike, Test::StringLike);
        },
    ),
    bug(
        "ArnEquals is StringEquals",
        Clause::ConditionArn,
        |policy, _| {
            taken_for(policy, Test::ArnEquals, Test::StringEquals);
        },
    ),
    bug(
        "ArnNotLike is ArnLike",
        Clause::ConditionArn,
        |policy, _| {
            taken_for(policy, Test::ArnNotLike, Test::ArnLike);
        },
    ),
    bug(
        "ArnNotEquals is StringNotEquals",
        Clause::ConditionArn,
        |policy, _| {
            taken_for(policy, Test::ArnNotEquals, Test::StringNotEquals);
        },
    ),
    bug(
        "numbers are compared as texts",
        Clause::ConditionNumeric,
        |policy, _| {
            taken_for(policy, Test::NumericEquals, Test::StringEquals);
        },
    ),
    bug(
        "NumericNotEquals compares texts",
        Clause::ConditionNumeric,
        |policy, _| {
            taken_for(policy, Test::NumericNotEquals, Test::StringNotEquals);
        },
    ),
    bug(
        "NumericLessThan has its bound",
        Clause::ConditionNumeric,
        |policy, _| {
            taken_for(policy, Test::NumericLessThan, Test::NumericLessThanEquals);
        },
    ),
    bug(
        "NumericLessThanEquals lacks its bound",
        Clause::ConditionNumeric,
        |policy, _| {
            taken_for(policy, Test::NumericLessThanEquals, Test::NumericLessThan);
        },
    ),
    bug(
        "NumericGreaterThan has its bound",
        Clause::ConditionNumeric,
        |policy, _| {
            taken_for(
                policy,
                Test::NumericGreaterThan,
                Test::NumericGreaterThanEquals,
            );
        },
    ),
    bug(
        "NumericGreaterThanEquals is NumericLessThanEquals",
        Clause::ConditionNumeric,
        |policy, _| {
            taken_for(
                policy,
                Test::NumericGreaterThanEquals,
                Test::NumericLessThanEquals,
            );
        },
    ),
    bug(
        "dates are compared as texts",
        Clause::ConditionDate,
        |policy, _| {
            taken_for(policy, Test::DateEquals, Test::StringEquals);
        },
    ),
    bug(
        "DateNotEquals compares texts",
        Clause::ConditionDate,
        |policy, _| {
            taken_for(policy, Test::DateNotEquals, Test::StringNotEquals);
        },
    ),
    bug(
        "DateLessThan has its bound",
        Clause::ConditionDate,
        |policy, _| {
            taken_for(policy, Test::DateLessThan, Test::DateLessThanEquals);
        },
    ),
    bug(
        "DateLessThanEquals lacks its bound",
        Clause::ConditionDate,
        |policy, _| {
            taken_for(policy, Test::DateLessThanEquals, Test::DateLessThan);
        },
    ),
    bug(
        "DateGreaterThan has its bound",
        Clause::ConditionDate,
        |policy, _| {
            taken_for(policy, Test::DateGreaterThan, Test::DateGreaterThanEquals);
        },
    ),
    bug(
        "DateGreaterThanEquals lacks its bound",
        Clause::ConditionDate,
        |policy, _| {
            taken_for(policy, Test::DateGreaterThanEquals, Test::DateGreaterThan);
        },
    ),
    bug(
        "offsets of dates are ignored",
        Clause::ConditionDate,
        |_, request| {
            let key = ContextKey::new("aws:CurrentTime");
            if let Some(values) = request.context.get_mut(&key) {
                *values = values
                    .iter()
                    .map(|value| value.replace("+01:00", "Z"))
                    .collect();
            }
        },
    ),
    bug("Bool false is true", Clause::ConditionBool, |policy, _| {
        each_condition(policy, |one| {
            if let ConditionOperator::Modelled {
                test: Test::Bool, ..
            } = one.operator
            {
                for value in one.values.iter_mut().filter_map(known_mut) {
                    *value = value.replace("false", "true");
                }
            }
        });
    }),
    bug(
        "BinaryEquals has no case",
        Clause::ConditionBinary,
        |policy, _| {
            taken_for(policy, Test::BinaryEquals, Test::StringEqualsIgnoreCase);
        },
    ),
    bug(
        "addresses are compared as texts",
        Clause::ConditionIpAddress,
        |policy, _| {
            taken_for(policy, Test::IpAddress, Test::StringEquals);
        },
    ),
    bug(
        "NotIpAddress is IpAddress",
        Clause::ConditionIpAddress,
        |policy, _| {
            taken_for(policy, Test::NotIpAddress, Test::IpAddress);
        },
    ),
    bug(
        "an address without a length is a block of 24",
        Clause::ConditionIpAddress,
        |policy, _| {
            each_value(policy, |value| {
                if value == "10.0.0.0" {
                    value.push_str("/8");
                }
            });
        },
    ),
    bug(
        "Null is the wrong way round",
        Clause::ConditionNull,
        |policy, _| {
            each_condition(policy, |one| {
                if let ConditionOperator::Modelled {
                    test: Test::Null, ..
                } = one.operator
                {
                    for value in one.values.iter_mut().filter_map(known_mut) {
                        *value = match value.as_str() {
                            "true" => "false".to_owned(),
                            "false" => "true".to_owned(),
                            other => other.to_owned(),
                        };
                    }
                }
            });
        },
    ),
    bug(
        "ForAllValues fails on an absent key",
        Clause::ConditionSetOperator,
        |policy, _| {
            must_exist(policy, |set, _, _| set == Some(SetOperator::ForAllValues));
        },
    ),
    bug(
        "ForAnyValue is ForAllValues",
        Clause::ConditionSetOperator,
        |policy, _| {
            each_condition(policy, |one| {
                if let ConditionOperator::Modelled { set: Some(set), .. } = &mut one.operator {
                    *set = SetOperator::ForAllValues;
                }
            });
        },
    ),
    bug(
        "ForAllValues is ForAnyValue",
        Clause::ConditionSetOperator,
        |policy, _| {
            each_condition(policy, |one| {
                if let ConditionOperator::Modelled { set: Some(set), .. } = &mut one.operator {
                    *set = SetOperator::ForAnyValue;
                }
            });
        },
    ),
    bug(
        "ForAnyValue with a negated test holds on an absent key",
        Clause::ConditionSetOperator,
        |policy, _| {
            each_condition(policy, |one| {
                if let ConditionOperator::Modelled { set, test, .. } = &mut one.operator
                    && *set == Some(SetOperator::ForAnyValue)
                    && is_negated(*test)
                {
                    *set = None;
                }
            });
        },
    ),
    bug("variables are text", Clause::PolicyVariable, |policy, _| {
        policy.variables = false
    }),
    bug("text is variables", Clause::PolicyVariable, |policy, _| {
        policy.variables = true
    }),
    bug(
        "a default is ignored",
        Clause::PolicyVariable,
        |policy, _| {
            let strip = |text: &mut String| *text = text.replace(", 'blue'", "");
            each_value(policy, strip);
            each_statement(policy, |one| resources(one).for_each(strip));
        },
    ),
    bug(
        "an absent variable is the empty string",
        Clause::PolicyVariable,
        |policy, _| {
            let fill = |text: &mut String| {
                *text = text
                    .replace("${aws:username}", "${aws:username, ''}")
                    .replace("${aws:PrincipalTag/team}", "${aws:PrincipalTag/team, ''}");
            };
            each_value(policy, fill);
            each_statement(policy, |one| resources(one).for_each(fill));
        },
    ),
    bug(
        "`${*}` is a wildcard",
        Clause::PolicyVariable,
        |policy, _| {
            each_value(policy, |text| *text = text.replace("${*}", "*"));
        },
    ),
    bug(
        "aws:PrincipalArn is brought",
        Clause::ContextOfPrincipal,
        |policy, request| {
            from_context(policy, request, "aws:PrincipalArn");
        },
    ),
    bug(
        "aws:PrincipalAccount is brought",
        Clause::ContextOfPrincipal,
        |policy, request| {
            from_context(policy, request, "aws:PrincipalAccount");
        },
    ),
    bug(
        "aws:PrincipalType is brought",
        Clause::ContextOfPrincipal,
        |policy, request| {
            from_context(policy, request, "aws:PrincipalType");
        },
    ),
    bug(
        "aws:ViaAWSService is brought",
        Clause::ContextOfPrincipal,
        |policy, request| {
            from_context(policy, request, "aws:ViaAWSService");
        },
    ),
    bug(
        "the anonymous caller has an organization",
        Clause::ContextOfPrincipal,
        |_, request| {
            if request.principal == Principal::Anonymous
                && request
                    .context
                    .contains_key(&ContextKey::new("aws:PrincipalOrgID"))
            {
                let account = "999988887777".to_owned();
                request.principal = Principal::Root { account };
            }
        },
    ),
    bug(
        "aws:SourceVpce is brought",
        Clause::ContextOfPath,
        |policy, request| {
            from_context(policy, request, "aws:SourceVpce");
        },
    ),
    bug(
        "aws:SourceVpc is brought",
        Clause::ContextOfPath,
        |policy, request| {
            from_context(policy, request, "aws:SourceVpc");
        },
    ),
    bug(
        "aws:SourceIp is brought",
        Clause::ContextOfPath,
        |policy, request| {
            from_context(policy, request, "aws:SourceIp");
        },
    ),
    bug(
        "aws:VpcSourceIp is brought",
        Clause::ContextOfPath,
        |policy, request| {
            from_context(policy, request, "aws:VpcSourceIp");
        },
    ),
    bug(
        "aws:VpceAccount is brought",
        Clause::ContextOfPath,
        |policy, request| {
            from_context(policy, request, "aws:VpceAccount");
        },
    ),
    bug(
        "aws:SourceVpcArn is brought",
        Clause::ContextOfPath,
        |policy, request| {
            from_context(policy, request, "aws:SourceVpcArn");
        },
    ),
    bug(
        "aws:VpcSourceIp is the address of the neighbour",
        Clause::ContextOfPath,
        |policy, _| {
            each_condition(policy, |condition| {
                if condition.key == ContextKey::new("aws:VpcSourceIp") {
                    for value in condition.values.iter_mut().filter_map(known_mut) {
                        *value = value.replace("10.0.1.6", "10.0.1.5");
                    }
                }
            });
        },
    ),
    bug(
        "NotPrincipal is Principal",
        Clause::PolicyAllow,
        |policy, _| {
            each_statement(policy, |one| {
                if let PrincipalElement::NotPrincipal(patterns) = &one.principal {
                    one.principal = PrincipalElement::Principal(patterns.clone());
                }
            });
        },
    ),
    bug(
        "NotPrincipal with a principal's ARN excepts it",
        Clause::PolicyOpen,
        |policy, request| {
            let principal = request.principal.clone();
            policy
                .statements
                .retain(|one| match (&one.principal, &principal) {
                    (PrincipalElement::NotPrincipal(patterns), Principal::Arn { arn, .. }) => {
                        let mut patterns = patterns.iter();
                        !patterns.any(
                            |pattern| matches!(pattern, PrincipalPattern::Arn(text) if text == arn),
                        )
                    }
                    _ => true,
                });
        },
    ),
    bug(
        "a role's ARN is not its sessions'",
        Clause::PolicyAllow,
        |_, request| {
            if let Principal::Arn { arn, .. } = &mut request.principal
                && arn.contains(":assumed-role/")
            {
                *arn = arn.replace(":assumed-role/app/", ":assumed-role/app-x/");
            }
        },
    ),
    bug(
        "an account means its root user only",
        Clause::PolicyAllow,
        |policy, request| {
            if let Principal::Arn { .. } = &request.principal {
                each_statement(policy, |one| {
                    if let PrincipalElement::Principal(patterns) = &mut one.principal {
                        patterns.retain(|one| !matches!(one, PrincipalPattern::Account(_)));
                    }
                });
            }
        },
    ),
    bug(
        "a canonical user is nobody",
        Clause::PolicyOpen,
        |policy, _| without(policy, "CanonicalUser"),
    ),
    bug("a unique id is nobody", Clause::PolicyOpen, |policy, _| {
        without(policy, "AWS");
    }),
    bug(
        "kms:CallerAccount is brought",
        Clause::ContextOfPrincipal,
        |policy, request| from_context(policy, request, "kms:CallerAccount"),
    ),
    bug(
        "aws:SourceOwner is brought",
        Clause::ContextOfPrincipal,
        |policy, request| from_context(policy, request, "aws:SourceOwner"),
    ),
    bug(
        "colons part the keys of objects",
        Clause::PolicyOpen,
        |policy, request| {
            let other = |text: &str| text.replace("arn:aws:s3:::", "arn:aws:own:::");
            request.resource = other(&request.resource);
            each_statement(policy, |one| {
                for text in resources(one) {
                    *text = other(text);
                }
            });
        },
    ),
    bug("NotAction is Action", Clause::PolicyAllow, |policy, _| {
        each_statement(policy, |one| {
            if let ActionElement::NotAction(patterns) = &one.action {
                one.action = ActionElement::Action(patterns.clone());
            }
        });
    }),
    bug(
        "NotResource is Resource",
        Clause::PolicyAllow,
        |policy, _| {
            each_statement(policy, |one| {
                if let ResourceElement::NotResource(patterns) = &one.resource {
                    one.resource = ResourceElement::Resource(patterns.clone());
                }
            });
        },
    ),
    bug(
        "NotResource means no variable without a value",
        Clause::PolicyVariable,
        |policy, request| {
            let key = "s3:max-keys";
            let variable = format!("${{{key}}}");
            if !policy.variables || request.context.contains_key(&ContextKey::new(key)) {
                return;
            }
            each_statement(policy, |one| {
                if let ResourceElement::NotResource(patterns) = &mut one.resource {
                    patterns.retain(|pattern| {
                        pattern.known().is_none_or(|text| !text.contains(&variable))
                    });
                }
            });
        },
    ),
    bug(
        "an open text matches what it may match",
        Clause::PolicyOpen,
        |policy, _| open_text::replace(policy, &mut |open| Some(pattern(open))),
    ),
    bug(
        "an open text of a Deny matches what it may match",
        Clause::PolicyOpen,
        |policy, _| {
            each_statement(policy, |one| {
                if one.effect == PolicyEffect::Deny {
                    open_text::replace_in(one, &mut |open| Some(pattern(open)));
                }
            });
        },
    ),
    bug(
        "an open text is what is written",
        Clause::PolicyOpen,
        |policy, _| open_text::replace(policy, &mut |open| Some(open.to_string().into())),
    ),
    bug(
        "an opening that is a part of a text has colons",
        Clause::PolicyOpen,
        |policy, _| {
            open_text::replace(policy, &mut |open| {
                let pieces = open.pieces().iter().map(|piece| match piece {
                    TextPiece::Part(hole) => TextPiece::Any(hole.clone()),
                    piece @ (TextPiece::Known(_) | TextPiece::Any(_)) => piece.clone(),
                });
                OpenText::new(pieces.collect()).map(PolicyText::Open)
            });
        },
    ),
    bug(
        "an open principal is nobody",
        Clause::PolicyOpen,
        |policy, _| {
            each_statement(policy, |one| {
                let (PrincipalElement::Principal(patterns)
                | PrincipalElement::NotPrincipal(patterns)) = &mut one.principal;
                patterns.retain(|one| !matches!(one, PrincipalPattern::Open(_)));
            });
        },
    ),
    bug(
        "an open principal is not the anonymous caller",
        Clause::PolicyOpen,
        |policy, request| {
            if request.principal == Principal::Anonymous {
                each_statement(policy, |one| {
                    if let PrincipalElement::Principal(patterns) = &mut one.principal {
                        patterns.retain(|one| !matches!(one, PrincipalPattern::Open(_)));
                    }
                });
            }
        },
    ),
    bug(
        "resources have no case",
        Clause::PolicyAllow,
        |policy, request| {
            request.resource = request.resource.to_lowercase();
            each_statement(policy, |one| {
                for text in resources(one) {
                    if !text.contains('$') {
                        *text = text.to_lowercase();
                    }
                }
            });
        },
    ),
];
