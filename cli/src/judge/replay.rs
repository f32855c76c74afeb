//! Replay: each engine decides the other's witness, and the claim is read off the trace.

use evaluator::Evaluator;
use model::{Claim, Decision, Engine, Invariant, Network, Outcome, Quantifier, Verdict, Witness};
use solver::Solver;

use super::truth::{Case, permission};
use super::{Disagreement, Evidence, Judge};

impl Judge<'_> {
    /// The witness with its trace.
    pub(crate) fn evidence(&self, witness: Witness) -> Evidence {
        if witness.completion.addresses.is_empty() {
            return evidence_on(self.network, &self.evaluator, witness);
        }
        let network = self.network.completed(&witness.completion);
        evidence_on(&network, &Evaluator::load(&network), witness)
    }

    /// That both engines decide a witness alike, and that it shows what it should.
    pub(super) fn confirm(
        &self,
        invariant: &Invariant,
        verdict: &Verdict,
        witness: &Witness,
    ) -> Result<(), Disagreement> {
        if witness.completion.addresses.is_empty() {
            let engines = (&self.evaluator, &self.solver);
            return replay(invariant, verdict, witness, self.network, engines);
        }
        let network = self.network.completed(&witness.completion);
        let (evaluator, solver) = (Evaluator::load(&network), Solver::load(&network));
        replay(invariant, verdict, witness, &network, (&evaluator, &solver))
    }
}

/// A witness with its trace in a network without open addresses.
pub(crate) fn evidence_on(network: &Network, evaluator: &Evaluator, witness: Witness) -> Evidence {
    let trace = evaluator.trace(&witness.flow);
    let request = witness.request.as_ref();
    let permission = request.and_then(|request| permission(&trace, request, network, evaluator));
    Evidence {
        witness,
        trace,
        permission,
    }
}

fn replay(
    invariant: &Invariant,
    verdict: &Verdict,
    witness: &Witness,
    network: &Network,
    (evaluator, solver): (&Evaluator, &Solver),
) -> Result<(), Disagreement> {
    let trace = evaluator.trace(&witness.flow);
    let decision = solver.decide(&witness.flow);
    let disagreement = |about: &str, evaluator: String, solver: String| Disagreement {
        name: invariant.name.to_string(),
        about: format!("{about} {}{}", witness.flow, chosen(witness)),
        evaluator,
        solver,
    };
    if trace.decision != decision {
        let (evaluator, solver) = (told(&trace.decision), told(&decision));
        return Err(disagreement("the flow", evaluator, solver));
    }
    if let Some(request) = &witness.request {
        let by_evaluator = permission(&trace, request, network, evaluator);
        let by_solver = permission(&trace, request, network, solver);
        if by_evaluator != by_solver {
            let told = |permission| format!("{permission:?}");
            let (evaluator, solver) = (told(by_evaluator), told(by_solver));
            return Err(disagreement("the request of", evaluator, solver));
        }
    }
    let case = Case {
        trace: &trace,
        request: witness.request.as_ref(),
        scope: &invariant.scope,
        network,
        engine: evaluator,
    };
    let wanted = match invariant.quantifier {
        Quantifier::Every => Claim::Not(Box::new(invariant.claim.clone())),
        Quantifier::Exists => invariant.claim.clone(),
    };
    let premise = invariant.premise.iter().cloned();
    let shown = Claim::All(premise.chain([wanted]).collect());
    if case.shows(&shown) == Some(false) {
        let said = format!("the verdict is {}", super::word(verdict));
        let traced = format!("the witness does not show it: {}", told(&trace.decision));
        return Err(disagreement("what is shown by", traced, said));
    }
    Ok(())
}

fn told(decision: &Decision) -> String {
    let outcome = |outcome: &Outcome| format!("{} by {}", outcome.disposition, outcome.clause);
    let forward = outcome(&decision.forward);
    match &decision.reply {
        None => forward,
        Some(reply) => format!("{forward}; reply {}", outcome(reply)),
    }
}

/// The addresses that a witness has for open ones.
fn chosen(witness: &Witness) -> String {
    let slots = witness.completion.addresses.iter();
    let chosen = slots.map(|(slot, address)| {
        let kind = if slot.public {
            "public address"
        } else {
            "address"
        };
        format!(
            ", with {kind} {address} of {} at {}",
            slot.interface, slot.position
        )
    });
    chosen.collect()
}
