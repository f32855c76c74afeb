//! What statements and policies say of a request, as formulas (page policy).

use std::collections::BTreeMap;
use std::ops::Not;

use model::{Hole, PolicyEffect, UnknownReason};

use crate::authorize::Match;
use crate::symbolic::Formula;
use crate::truth::Truth;

/// When something matches, and when it is open and why; otherwise it fails. No two of these hold at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) matches: Formula,
    open: BTreeMap<UnknownReason, Formula>,
}

impl Outcome {
    pub(crate) const fn matching(matches: Formula) -> Self {
        Outcome {
            matches,
            open: BTreeMap::new(),
        }
    }

    pub(crate) fn open(reason: UnknownReason) -> Self {
        Outcome {
            matches: Formula::FALSE,
            open: BTreeMap::from([(reason, Formula::TRUE)]),
        }
    }

    pub(crate) fn constant(answer: Match) -> Self {
        match answer {
            Match::Yes => Outcome::matching(Formula::TRUE),
            Match::No => Outcome::matching(Formula::FALSE),
            Match::Open(hole) => Outcome::open(UnknownReason::DependsOn(hole)),
        }
    }

    pub(crate) fn of_truth(truth: Truth, reason: UnknownReason) -> Self {
        match truth {
            Truth::Yes => Outcome::matching(Formula::TRUE),
            Truth::No => Outcome::matching(Formula::FALSE),
            Truth::Open => Outcome::open(reason),
        }
    }

    fn is_open(&self) -> Formula {
        Formula::any(self.open.values().cloned())
    }

    pub(crate) fn fails(&self) -> Formula {
        !(&self.matches | &self.is_open())
    }

    /// All of these: one that fails counts before one that is open, and the first that is open gives the reason.
    pub(crate) fn all(parts: &[Outcome]) -> Self {
        let fails = Formula::any(parts.iter().map(Outcome::fails));
        let mut open = Reasons::default();
        let mut settled = !&fails;
        for part in parts {
            open.add_where(&settled, &part.open);
            settled = settled & !part.is_open();
        }
        Outcome {
            matches: Formula::all(parts.iter().map(|part| part.matches.clone())),
            open: open.0,
        }
    }

    /// At least one of these: one that matches counts before one that is open, and the first that is open gives the
    /// reason.
    pub(crate) fn any(parts: &[Outcome]) -> Self {
        let none: Vec<Outcome> = parts.iter().map(|part| !part).collect();
        !&Outcome::all(&none)
    }

    /// What is said by one of several: what all of them do, and anything else is open.
    pub(crate) fn agreed(candidates: &[Outcome], hole: &Hole) -> Self {
        let matches = Formula::all(candidates.iter().map(|one| one.matches.clone()));
        let fail = Formula::all(candidates.iter().map(Outcome::fails));
        Outcome::of_rows([
            (Outcome::matching(Formula::TRUE), vec![matches.clone()]),
            (Outcome::matching(Formula::FALSE), vec![fail.clone()]),
            (
                Outcome::open(UnknownReason::DependsOn(hole.clone())),
                vec![!(matches | fail)],
            ),
        ])
    }

    /// The same, but open where it matches.
    pub(crate) fn at_most_open(&self, hole: &Hole) -> Self {
        let mut open = Reasons::default();
        open.add_where(&Formula::TRUE, &self.open);
        let reason = UnknownReason::DependsOn(hole.clone());
        open.add_where(&self.matches, &BTreeMap::from([(reason, Formula::TRUE)]));
        Outcome {
            matches: Formula::FALSE,
            open: open.0,
        }
    }

    /// The same, but open where it matches or is open, for this reason alone.
    pub(crate) fn open_at_best(&self, hole: &Hole) -> Self {
        let reason = UnknownReason::DependsOn(hole.clone());
        let when = &self.matches | &self.is_open();
        Outcome::of_rows([
            (Outcome::open(reason), vec![when.clone()]),
            (Outcome::matching(Formula::FALSE), vec![!when]),
        ])
    }

    /// The same, with the reasons that the first open one of these has wherever it is open.
    pub(crate) fn by_first_of(&self, parts: &[&Outcome]) -> Self {
        let mut open = Reasons::default();
        let mut rest = self.is_open();
        for part in parts {
            open.add_where(&rest, &part.open);
            rest = rest & !part.is_open();
        }
        open.add_where(&rest, &self.open);
        Outcome {
            matches: self.matches.clone(),
            open: open.0,
        }
    }

    /// What is said where no formula is left to choose.
    pub(crate) fn settled(&self) -> Match {
        let mut open = self.open.iter();
        let reason = open.find(|(_, when)| **when == Formula::TRUE);
        match (&self.matches, reason) {
            (Formula::Constant(true), _) => Match::Yes,
            (_, Some((UnknownReason::DependsOn(hole), _))) => Match::Open(hole.clone()),
            (_, _) => Match::No,
        }
    }

    /// Matching where this holds, and otherwise as it is.
    pub(crate) fn unless(&self, otherwise: &Formula) -> Self {
        Outcome::choose(otherwise, &Outcome::matching(Formula::TRUE), self)
    }

    /// One or another.
    pub(crate) fn choose(when: &Formula, one: &Outcome, other: &Outcome) -> Self {
        let rows = [(one, when.clone()), (other, !when)];
        Outcome::of_rows(rows.map(|(outcome, when)| (outcome.clone(), vec![when])))
    }

    /// What is said under conditions of which no two hold, and where none does.
    pub(crate) fn by_case(
        rows: impl IntoIterator<Item = (Outcome, Formula)>,
        otherwise: &Outcome,
    ) -> Self {
        let mut rows: Vec<_> = rows
            .into_iter()
            .map(|(one, when)| (one, vec![when]))
            .collect();
        let none = !Formula::any(rows.iter().flat_map(|(_, when)| when.iter().cloned()));
        rows.push((otherwise.clone(), vec![none]));
        Outcome::of_rows(rows)
    }

    /// What is said under conditions of which always one holds.
    pub(crate) fn of_rows(rows: impl IntoIterator<Item = (Outcome, Vec<Formula>)>) -> Self {
        let mut open = Reasons::default();
        let mut matches = Vec::new();
        for (outcome, whens) in rows {
            let when = Formula::any(whens);
            open.add_where(&when, &outcome.open);
            matches.push(when & outcome.matches);
        }
        Outcome {
            matches: Formula::any(matches),
            open: open.0,
        }
    }
}

impl Not for &Outcome {
    type Output = Outcome;

    fn not(self) -> Outcome {
        Outcome {
            matches: self.fails(),
            open: self.open.clone(),
        }
    }
}

/// Reasons, and when each is one.
#[derive(Debug, Default)]
struct Reasons(BTreeMap<UnknownReason, Formula>);

impl Reasons {
    fn add_where(&mut self, when: &Formula, reasons: &BTreeMap<UnknownReason, Formula>) {
        for (reason, open) in reasons {
            let here = when & open;
            if !here.is_false() {
                let known = self.0.entry(reason.clone()).or_insert(Formula::FALSE);
                *known = &*known | &here;
            }
        }
    }
}

/// What a policy says: always one of the three.
#[derive(Clone, Debug)]
pub(crate) struct Decision {
    pub(crate) permitted: Formula,
    pub(crate) denied: Formula,
    pub(crate) open: Formula,
    /// Why it is open, wherever it is.
    pub(crate) reasons: BTreeMap<UnknownReason, Formula>,
}

impl Decision {
    /// A policy that is not known.
    pub(crate) fn unknown(hole: &Hole) -> Self {
        let reason = UnknownReason::DependsOn(hole.clone());
        Decision {
            permitted: Formula::FALSE,
            denied: Formula::FALSE,
            open: Formula::TRUE,
            reasons: BTreeMap::from([(reason, Formula::TRUE)]),
        }
    }

    /// A place without a policy.
    pub(crate) const fn everything() -> Self {
        Decision {
            permitted: Formula::TRUE,
            denied: Formula::FALSE,
            open: Formula::FALSE,
            reasons: BTreeMap::new(),
        }
    }

    /// The steps from `policy-explicit-deny` to `policy-default-deny`.
    pub(crate) fn of_policy(statements: &[(PolicyEffect, Outcome)]) -> Self {
        let of = |wanted| {
            let statements = statements.iter();
            let those = statements.filter(move |(effect, _)| *effect == wanted);
            those.map(|(_, outcome)| outcome)
        };
        let matches = |wanted| Formula::any(of(wanted).map(|one| one.matches.clone()));
        let first_open = |wanted| {
            let mut open = Reasons::default();
            let mut none_before = Formula::TRUE;
            for statement in of(wanted) {
                open.add_where(&none_before, &statement.open);
                none_before = none_before & !statement.is_open();
            }
            (!none_before, open.0)
        };
        let (denies, allows) = (matches(PolicyEffect::Deny), matches(PolicyEffect::Allow));
        let (may_deny, deny_reasons) = first_open(PolicyEffect::Deny);
        let (may_allow, allow_reasons) = first_open(PolicyEffect::Allow);
        let by_deny = !&denies & (&may_deny & &(&allows | &may_allow));
        let by_allow = !&denies & !&may_deny & (&may_allow & &!&allows);
        let mut reasons = Reasons::default();
        reasons.add_where(&by_deny, &deny_reasons);
        reasons.add_where(&by_allow, &allow_reasons);
        let permitted = !&denies & !&may_deny & allows;
        let open = by_deny | by_allow;
        Decision {
            denied: !(&permitted | &open),
            permitted,
            open,
            reasons: reasons.0,
        }
    }

    /// The steps from `authorization-explicit-deny` on, behind those of the endpoint's policy.
    pub(crate) fn of_accounts(policy: &Decision, denies: &Outcome, others: &[&Outcome]) -> Self {
        let allow = Formula::all(others.iter().map(|one| one.matches.clone()));
        let permitted = &policy.permitted & &(denies.fails() & allow);
        let refuse = Formula::any(others.iter().map(|one| one.fails()));
        let denied = &policy.denied | &(&denies.matches | &refuse);
        let open = !(&permitted | &denied);
        let mut reasons = Reasons::default();
        reasons.add_where(&open, &policy.reasons);
        let mut rest = &open & &!&policy.open;
        for part in std::iter::once(denies).chain(others.iter().copied()) {
            reasons.add_where(&rest, &part.open);
            rest = rest & !part.is_open();
        }
        Decision {
            permitted,
            denied,
            open,
            reasons: reasons.0,
        }
    }

    /// A policy that is one of several (`policy-unknown`).
    pub(crate) fn of_several(policies: &[Decision], hole: &Hole) -> Self {
        let all = |part: fn(&Decision) -> &Formula| {
            Formula::all(policies.iter().map(|policy| part(policy).clone()))
        };
        let permitted = all(|policy| &policy.permitted);
        let denied = all(|policy| &policy.denied);
        let open = !(&permitted | &denied);
        let mut reasons = Reasons::default();
        if let Some(first) = policies.first() {
            // The same hole in all of them is their common answer.
            for reason in first.reasons.keys() {
                let in_each = policies.iter().map(|policy| {
                    let open = policy.reasons.get(reason);
                    open.cloned().unwrap_or(Formula::FALSE)
                });
                let common = BTreeMap::from([(reason.clone(), Formula::all(in_each))]);
                reasons.add_where(&open, &common);
            }
        }
        let agreed = Formula::any(reasons.0.values().cloned());
        let own = BTreeMap::from([(UnknownReason::DependsOn(hole.clone()), open.clone())]);
        reasons.add_where(&!agreed, &own);
        Decision {
            permitted,
            denied,
            open,
            reasons: reasons.0,
        }
    }
}
