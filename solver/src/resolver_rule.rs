//! Resolver rules (page dns).

use model::{Answer, Clause, Hole, Resolution, ResolverAction, ResolverRule};

use crate::resolve::{Query, answer};

/// Whether a rule forwards, to whatever resolvers.
pub(crate) const fn forwards(rule: &ResolverRule) -> bool {
    match &rule.action {
        ResolverAction::Forward | ResolverAction::ForwardTo(_) => true,
        ResolverAction::System | ResolverAction::Unmodelled(_) => false,
    }
}

/// Whether a rule is left when a rule `SYSTEM` has the choice made again.
pub(crate) const fn outlasts_system(rule: &ResolverRule) -> bool {
    match &rule.action {
        ResolverAction::Unmodelled(_) => true,
        ResolverAction::Forward | ResolverAction::ForwardTo(_) | ResolverAction::System => false,
    }
}

/// `resolver-rule-forward`, `resolver-rule-system`: what a chosen rule answers; nothing when the choice is to be made
/// again without the rules that do not outlast it.
pub(crate) fn answers(query: &Query<'_>, rule: &ResolverRule) -> Option<Resolution> {
    let undetermined = |what: &str| {
        let hole = Hole::new(format!("{what} of resolver rule {}", rule.id));
        answer(Clause::ResolverRuleForward, Answer::Undetermined(hole))
    };
    match &rule.action {
        ResolverAction::Forward => Some(undetermined("target resolvers")),
        ResolverAction::ForwardTo(vpc) => Some(match query.network.vpcs().get(vpc) {
            Some(vpc) => query.forwarded(vpc),
            None => undetermined("target resolvers"),
        }),
        ResolverAction::System => None,
        ResolverAction::Unmodelled(what) => Some(undetermined(what)),
    }
}
