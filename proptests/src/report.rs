//! What a person is shown of a disagreement: the reduced network, the flow, both answers, the steps.

use evaluator::Evaluator;
use model::{Engine, Flow, Hop, Network, OnPremisesGateway, Source};

use crate::agreement::{self, Disagreement};
use crate::corpus;
use crate::line::{self, Expected, FlowLine};
use crate::reduce;
use crate::run::Found;

/// Reduces a disagreement of two engines, and tells it.
pub fn found<A: Engine, B: Engine>(seed: u64, found: &Disagreement) -> Found {
    let network = reduced::<A, B>(found);
    let flow = &found.flow;
    let (one, other) = (
        A::load(&network).decide(flow),
        B::load(&network).decide(flow),
    );
    let text = format!(
        "{}\n{}\n{:>12}: {}\n{:>12}: {}\n\nsteps of the evaluator\n{}",
        ingest::native::write(&network),
        line::flow_text(flow),
        A::NAME,
        agreement::decision_text(&one),
        B::NAME,
        agreement::decision_text(&other),
        steps(&network, flow),
    );
    let expected = FlowLine {
        flow: flow.clone(),
        forward: Expected::from(&one.forward),
        reply: one.reply.as_ref().map(Expected::from),
    };
    let sentence = format!(
        "The {} says this, the {} {}; judge by the clauses who is right.",
        A::NAME,
        B::NAME,
        line::decision_text(&other)
    );
    Found {
        seed,
        answers: String::new(),
        text,
        file: Some(corpus::write(&sentence, &network, &[expected.to_string()])),
    }
}

/// Reduces a disagreement on a name or a request, and tells it.
pub fn words(
    seed: u64,
    network: &Network,
    question: &str,
    ask: impl Fn(&Network) -> [String; 2],
) -> Found {
    let before = ask(network);
    let small = reduce::reduce(network, |smaller| ask(smaller) == before);
    let [one, other] = before;
    let network = ingest::native::write(&small);
    Found {
        seed,
        answers: String::new(),
        text: format!("{network}\n{question}\n  {one}\n  {other}\n"),
        file: None,
    }
}

/// Whether a network has the gateway by which a sender on premises sends: what a sender does that is
/// not there is not written.
fn has_gateway(network: &Network, source: &Source) -> bool {
    match source {
        Source::Interface(_) | Source::Internet => true,
        Source::OnPremises(OnPremisesGateway::VirtualPrivate(id)) => {
            network.virtual_private_gateways().contains_key(id)
        }
        Source::OnPremises(OnPremisesGateway::Transit(id)) => {
            network.transit_gateway_attachments().contains_key(id)
        }
    }
}

/// The smallest network that shows a disagreement of the same kind.
pub fn reduced<A: Engine, B: Engine>(found: &Disagreement) -> Network {
    let flows = [found.flow.clone()];
    reduce::reduce(&found.network, |network| {
        let again = agreement::disagreement::<A, B>(network, &flows);
        has_gateway(network, &found.flow.source)
            && again.is_some_and(|again| again.distance == found.distance)
    })
}

/// The evaluator's steps of a flow, forward and back.
pub fn steps(network: &Network, flow: &Flow) -> String {
    let trace = Evaluator::load(network).trace(flow);
    let lines = |hops: &[Hop], way: &str| {
        let lines = hops.iter().map(|hop| {
            let rule = hop
                .rule
                .map_or_else(String::new, |rule| format!(" {rule:?}"));
            let (component, clause) = (&hop.component, hop.clause);
            format!(
                "  {way} {component}{rule}: {clause} {:?} ({})\n",
                hop.effect, hop.packet
            )
        });
        lines.collect::<String>()
    };
    lines(&trace.forward, "->") + &lines(&trace.reply, "<-")
}
