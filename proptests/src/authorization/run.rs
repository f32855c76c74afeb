//! Asking both engines about worlds.

use evaluator::Evaluator;
use model::{Engine, Place, Request, RequestWay};
use solver::Solver;

use super::{Case, World, reduce};
use crate::policy::run::{self, Sampled, Tally};

/// Both engines judge single requests: effect, clause and hole.
pub fn pointwise(seed: u64, n_requests: usize) -> Tally {
    let case = Case::of_seed(seed, n_requests);
    let network = case.world.network();
    let (evaluator, solver) = (Evaluator::load(&network), Solver::load(&network));
    let mut tally = Tally {
        n_worlds: 1,
        ..Tally::default()
    };
    for (way, request) in &case.asked {
        let one = evaluator.permits(way, request);
        tally.count(&one);
        if one != solver.permits(way, request) {
            tally.keep(disagreement(seed, &case.world, way, request));
        }
    }
    tally
}

fn disagreement(seed: u64, world: &World, way: &RequestWay, request: &Request) -> String {
    let said = |world: &World| {
        let network = world.try_network()?;
        let one = Evaluator::load(&network).permits(way, request);
        let other = Solver::load(&network).permits(way, request);
        Some((run::told(&one), run::told(&other)))
    };
    let small = reduce::reduced(world, |world| {
        said(world).is_some_and(|(one, other)| one != other)
    });
    let (one, other) = said(&small).unwrap_or_default();
    format!(
        "{}way       {way:?}\nrequest   {request}\nevaluator {one}\nsolver    {other}\n",
        shown(seed, &small)
    )
}

/// The tables of a world's accounts, as the native format has them, with the endpoint's policy.
pub fn shown(seed: u64, world: &World) -> String {
    let network = world.try_network();
    let text = network.map_or(String::new(), |network| ingest::native::write(&network));
    let tables = text.split_inclusive("\n\n").filter(|table| {
        let begins = [
            "[account.",
            "[principal.",
            "[resource-policy.",
            "[endpoint.",
        ];
        begins
            .iter()
            .any(|begin| table.trim_start().starts_with(begin))
    });
    let tables: String = tables.collect();
    format!(
        "seed {seed}, endpoint {}\n{}\n",
        world.endpoint,
        tables.trim()
    )
}

/// Both engines judge claims about a set, by the endpoint and over the internet.
pub fn verdicts(seed: u64) -> Tally {
    let case = Case::of_members(seed, 12);
    let network = case.world.network();
    let (evaluator, solver) = (Evaluator::load(&network), Solver::load(&network));
    let mut tally = Tally {
        n_worlds: 1,
        ..Tally::default()
    };
    let ways = [
        (
            case.world.by_endpoint(),
            "client",
            run::at(case.world.endpoint),
        ),
        (World::over_internet(), "far", Place::Internet),
    ];
    let shown = || shown(seed, &case.world);
    for (ways, from, to) in ways {
        let sampled = Sampled {
            ways,
            set: &case.set,
            requests: case.asked.iter().map(|(_, request)| request).collect(),
            shown: &shown,
        };
        for (quantifier, claim) in run::claims() {
            let invariant = run::of_flows(from, to.clone(), &case.set, quantifier, claim);
            sampled.ask(&invariant, &evaluator, &solver, &mut tally);
        }
    }
    tally
}
