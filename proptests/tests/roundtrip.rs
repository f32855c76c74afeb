//! What is written is read back: the corpus, and every counterexample that is shown, rests on it.

use proptests::page;
use proptests::run;
use rayon::prelude::*;

/// ∀ network n: read(write(n)) = n.
#[test]
fn a_native_file_reads_back() {
    let first = run::first_seed();
    (first..first + 1_500 * run::scale())
        .into_par_iter()
        .for_each(|seed| {
            for network in [run::world(seed).network, run::verdict_network(seed)] {
                let text = ingest::native::write(&network);
                match page::network(&text, "written") {
                    Ok(read) => assert!(read == network, "seed {seed}\n{text}"),
                    Err(wrong) => panic!("seed {seed}\n{wrong}\n{text}"),
                }
            }
        });
}
