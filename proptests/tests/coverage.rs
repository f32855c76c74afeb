//! The generator reaches every clause in every way that the clause has, in each profile; and enough
//! of what it asks is delivered that more than refusals are compared.

use std::fs;
use std::path::{Path, PathBuf};

use proptests::pairs::Pairs;
use proptests::run;

/// Networks and flows of one run; the evaluator answers them in seconds.
const N_NETWORKS: u64 = 48_000;
const N_FLOWS: usize = 16;
/// The fewest hits of a cell.
const LEAST: u64 = 50;
/// The fewest flows of a pair of components.
const LEAST_OF_PAIR: u64 = 15;
/// Where the book has the pairs.
const MARKS: [&str; 2] = ["<!-- pairs -->\n\n", "\n<!-- end of pairs -->"];

/// ∀ clause, direction, effect: the cell is reachable ⇔ it is met, ≥ 50 times and in every profile.
#[test]
fn every_reachable_cell_is_met_and_no_other() {
    let tally = run::cases(0, N_NETWORKS, |seed| run::exercise(seed, N_FLOWS));
    println!("{}", tally.coverage.table());
    println!("delivered: {} %", tally.delivered_percent());
    println!("{}", tally.losses_table());
    let gaps = tally.coverage.gaps(LEAST);
    assert!(gaps.is_empty(), "{}", gaps.join("\n"));
    let gaps = tally.pairs.gaps(LEAST_OF_PAIR);
    if std::env::var_os("VPCPROOF_RECORD").is_some() {
        let page = fs::read_to_string(page_path()).unwrap();
        fs::write(page_path(), recorded(&page, &tally.pairs).unwrap()).unwrap();
    }
    assert!(gaps.is_empty(), "{}", gaps.join("\n"));
    let delivered = tally.delivered_percent();
    assert!(
        (33..=70).contains(&delivered),
        "{delivered} % are delivered"
    );
}

/// The page of the book with these pairs in place of its own.
fn recorded(page: &str, pairs: &Pairs) -> Option<String> {
    let [begin, end] = MARKS;
    let (before, _) = page.split_once(begin)?;
    let (_, after) = page.split_once(end)?;
    let table = pairs.table();
    Some(format!("{before}{begin}{table}\n{end}{after}"))
}

fn page_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/src/cross-check.md")
}
