//! Limits of a question to z3, and its three answers.

use z3::ast::{Ast, BV, Bool};
use z3::{Model, Params, SatResult, Solver};

/// What a question may cost. Whatever reaches a limit is answered `Unknown` by the limit's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long z3 may take for one question.
    pub timeout_ms: u32,
    /// How many of z3's own resource units one question may use; the same on every machine. 0 is no limit.
    pub rlimit: u32,
    /// How many flows are tried as the witness of one verdict.
    pub most_flows: usize,
    /// How many joint states of request patterns are looked at.
    pub most_states: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            timeout_ms: 60_000,
            rlimit: 0,
            most_flows: 16,
            most_states: 50_000,
        }
    }
}

/// z3's answer. `Unsat` and `Unknown` are never the same.
#[derive(Debug)]
pub(crate) enum Asked {
    /// There is one, and this is it.
    Sat(Model),
    /// There is none.
    Unsat,
    /// z3 gave up, for this reason.
    Unknown(String),
}

/// A solver for the network formula, with these limits and fixed seeds.
pub(crate) fn solver(limits: &Limits) -> Solver {
    // The pinned z3 knows this logic; without it the general solver would answer the same, later.
    let solver = Solver::new_for_logic("QF_BV").unwrap_or_default();
    limit(&solver, limits);
    solver
}

/// Sets the limits of the next questions.
pub(crate) fn limit(solver: &Solver, limits: &Limits) {
    let mut params = Params::new();
    params.set_u32("timeout", limits.timeout_ms);
    params.set_u32("rlimit", limits.rlimit);
    params.set_u32("random_seed", 0);
    solver.set_params(&params);
}

/// Asks under assumptions.
pub(crate) fn check(solver: &Solver, assumptions: &[Bool]) -> Asked {
    let unknown = |reason: Option<String>| {
        let reason = reason.unwrap_or_else(|| "no reason given".to_owned());
        Asked::Unknown(format!("z3 gave up: {reason}"))
    };
    match solver.check_assumptions(assumptions) {
        SatResult::Sat => match solver.get_model() {
            Some(model) => Asked::Sat(model),
            None => unknown(Some("it has no model".to_owned())),
        },
        SatResult::Unsat => Asked::Unsat,
        SatResult::Unknown => unknown(solver.get_reason_unknown()),
    }
}

/// The value of a numeral of up to 128 bits.
pub(crate) fn value(numeral: &BV) -> Option<u128> {
    if let Some(value) = numeral.as_u64() {
        return Some(u128::from(value));
    }
    let half = |high, low| numeral.extract(high, low).simplify().as_u64();
    let width = numeral.get_size();
    let high = half(width.checked_sub(1)?, 64)?;
    let low = half(63, 0)?;
    Some(u128::from(high) << 64 | u128::from(low))
}
