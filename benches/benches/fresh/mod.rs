//! Solvers that are asked their first question, as in a process that has just started.

use benches::estate;
use model::{Engine, Flow, Network};
use solver::Solver;

/// Loads solvers, and clears away what the last one left.
///
/// A thread keeps the terms of a solver until another one is asked after it is gone. Without this
/// the time of a claim would include the clearing away of the claim before.
pub struct Fresh {
    sweeper: Solver,
    flow: Flow,
}

impl Fresh {
    /// Nothing is loaded yet.
    pub fn new() -> Self {
        let network = estate(1);
        let flow = benches::flows(&network, 1, 1).remove(0);
        Self {
            sweeper: Solver::load(&network),
            flow,
        }
    }

    /// A solver that was not asked yet, and nothing left of others.
    pub fn load(&self, network: &Network) -> Solver {
        let _decision = self.sweeper.decide(&self.flow);
        Solver::load(network)
    }
}
