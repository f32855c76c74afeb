//! Verdicts: the answer to an invariant.

use std::collections::BTreeSet;

use crate::flow::Flow;
use crate::hole::{Completion, Hole};
use crate::request::Request;

/// The answer to an invariant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It holds in every completion; for `Exists` with a flow that shows it.
    Holds {
        /// The flow, for `Exists`.
        witness: Option<Witness>,
    },
    /// It does not hold, in any completion; for `Every` with a flow that shows it.
    Violated {
        /// The flow, for `Every`.
        counterexample: Option<Witness>,
    },
    /// It speaks of no flow.
    Vacuous,
    /// It is not known.
    Unknown {
        /// Why not, at least one reason.
        reasons: BTreeSet<UnknownReason>,
    },
}

/// A flow that shows a verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// The flow.
    pub flow: Flow,
    /// The request that it carries, where the claim speaks of one.
    pub request: Option<Request>,
    /// The addresses that were open in the input; the verdict holds for any others too.
    pub completion: Completion,
}

/// Why a verdict is unknown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UnknownReason {
    /// It depends on a hole, on something not modelled, or on what AWS does not document.
    DependsOn(Hole),
    /// A named limit was reached.
    OutOfBudget(String),
}
