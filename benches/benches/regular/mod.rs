//! Policies as z3 has them by itself: the strings of a request are z3's strings, and patterns its
//! regular expressions. What the solver's classes are measured against; it knows only what the
//! policies of [`benches::policies`] ask for.
#![allow(
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    reason = "A bench that cannot say a policy has nothing to measure."
)]

use std::collections::BTreeMap;

use model::{
    ActionElement, Condition, ConditionOperator, ConditionTest, ContextKey, Policy, PolicyEffect,
    PolicyText, ResourceElement, Statement,
};
use z3::ast::{Bool, Regexp, String as Text};
use z3::{Params, SatResult, Solver};

/// After this many milliseconds z3 gives up.
pub const TIMEOUT: u32 = 20_000;

/// A request, open in every part.
struct Request {
    action: Text,
    resource: Text,
    keys: BTreeMap<ContextKey, (Bool, Text)>,
}

/// Whether some request is permitted by the one and not by the other; `None` when z3 gives up.
pub fn permits_more(one: &Policy, other: &Policy) -> Option<bool> {
    let mut request = Request {
        action: Text::new_const("action"),
        resource: Text::new_const("resource"),
        keys: BTreeMap::new(),
    };
    let permitted = request.permitted(one);
    let not = request.permitted(other).not();
    let solver = Solver::new();
    let mut params = Params::new();
    params.set_u32("timeout", TIMEOUT);
    solver.set_params(&params);
    solver.assert(permitted);
    solver.assert(not);
    request.principal(&solver);
    match solver.check() {
        SatResult::Sat => Some(true),
        SatResult::Unsat => Some(false),
        SatResult::Unknown => None,
    }
}

impl Request {
    fn key(&mut self, key: &ContextKey) -> (Bool, Text) {
        let name = key.to_string();
        let new = || {
            let present = Bool::new_const(format!("{name} is there"));
            (present, Text::new_const(name.as_str()))
        };
        self.keys.entry(key.clone()).or_insert_with(new).clone()
    }

    /// The caller is anonymous, or a user or role of some account.
    fn principal(&mut self, solver: &Solver) {
        let (signed, arn) = self.key(&ContextKey::new("aws:PrincipalArn"));
        let (of_organization, _) = self.key(&ContextKey::new("aws:PrincipalOrgID"));
        let (told, service) = self.key(&ContextKey::new("aws:PrincipalIsAWSService"));
        let digit = Regexp::range(&'0', &'9');
        let form = Regexp::concat(&[
            &Regexp::literal("arn:aws:iam::"),
            &digit.power(12),
            &Regexp::literal(":"),
            &Regexp::union(&[&Regexp::literal("user/"), &Regexp::literal("role/")]),
            &Regexp::allchar().plus(),
        ]);
        solver.assert(arn.regex_matches(&form));
        solver.assert(of_organization.implies(&signed));
        solver.assert(told.iff(&signed));
        solver.assert(service.eq(Text::from("false")));
    }

    fn permitted(&mut self, policy: &Policy) -> Bool {
        let mut of = |effect: PolicyEffect| {
            let statements = policy.statements.iter();
            let of_effect = statements.filter(|one| one.effect == effect);
            let matching: Vec<_> = of_effect.map(|one| self.matches(one)).collect();
            Bool::or(&matching)
        };
        Bool::and(&[of(PolicyEffect::Allow), of(PolicyEffect::Deny).not()])
    }

    fn matches(&mut self, statement: &Statement) -> Bool {
        let ActionElement::Action(actions) = &statement.action else {
            panic!("these policies have no NotAction");
        };
        let ResourceElement::Resource(resources) = &statement.resource else {
            panic!("these policies have no NotResource");
        };
        // The colons of these patterns tell nothing apart.
        let mut parts = vec![
            self.action.regex_matches(&any_of(actions, &Regexp::full())),
            self.resource
                .regex_matches(&any_of(&known(resources), &Regexp::full())),
        ];
        let conditions = statement.conditions.iter();
        parts.extend(conditions.map(|condition| self.condition(condition)));
        Bool::and(&parts)
    }

    fn condition(&mut self, condition: &Condition) -> Bool {
        let (present, value) = self.key(&condition.key);
        let ConditionOperator::Modelled {
            set: None,
            test,
            if_exists,
        } = condition.operator
        else {
            panic!("these policies have no set operators");
        };
        let values = known(&condition.values);
        let equal = || {
            let equal: Vec<_> = values
                .iter()
                .map(|text| value.eq(Text::from(text.as_str())))
                .collect();
            Bool::or(&equal)
        };
        let holds = match test {
            ConditionTest::StringEquals | ConditionTest::Bool => present.clone() & equal(),
            ConditionTest::StringNotEquals => (present.clone() & equal()).not(),
            ConditionTest::ArnLike => {
                let part = Regexp::allchar().diff(Regexp::literal(":")).star();
                present.clone() & value.regex_matches(&any_of(&values, &part))
            }
            other => panic!("these policies have no {}", other.name()),
        };
        if if_exists {
            present.not() | holds
        } else {
            holds
        }
    }
}

fn known(texts: &[PolicyText]) -> Vec<String> {
    let known = texts.iter().map(|text| match text {
        PolicyText::Known(text) => text.clone(),
        PolicyText::Open(_) => panic!("these policies have no open texts"),
    });
    known.collect()
}

/// Strings that match one of some patterns, in which `*` is the given language.
fn any_of(patterns: &[String], run: &Regexp) -> Regexp {
    let patterns = patterns.iter();
    let patterns: Vec<_> = patterns.map(|pattern| expression(pattern, run)).collect();
    match patterns.as_slice() {
        [] => Regexp::empty(),
        [one] => one.clone(),
        _ => Regexp::union(&patterns.iter().collect::<Vec<_>>()),
    }
}

fn expression(pattern: &str, run: &Regexp) -> Regexp {
    let mut parts = Vec::new();
    for (index, literal) in pattern.split('*').enumerate() {
        if index > 0 {
            parts.push(run.clone());
        }
        parts.push(Regexp::literal(literal));
    }
    Regexp::concat(&parts.iter().collect::<Vec<_>>())
}
