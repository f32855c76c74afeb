//! The generator reaches every clause in every way that the clause has, in each profile; and enough
//! of what it asks is delivered that more than refusals are compared.

use proptests::run;

/// Networks and flows of one run; the evaluator answers them in seconds.
const N_NETWORKS: u64 = 48_000;
const N_FLOWS: usize = 16;
/// The fewest hits of a cell.
const LEAST: u64 = 50;

/// ∀ clause, direction, effect: the cell is reachable ⇔ it is met, ≥ 50 times and in every profile.
#[test]
fn every_reachable_cell_is_met_and_no_other() {
    let tally = run::cases(0, N_NETWORKS, |seed| run::exercise(seed, N_FLOWS));
    println!("{}", tally.coverage.table());
    println!("delivered: {} %", tally.delivered_percent());
    let gaps = tally.coverage.gaps(LEAST);
    assert!(gaps.is_empty(), "{}", gaps.join("\n"));
    let delivered = tally.delivered_percent();
    assert!(
        (30..=70).contains(&delivered),
        "{delivered} % are delivered"
    );
}
