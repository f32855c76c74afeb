//! Every regression of the corpus, asked of each engine: one trial for each, named after what was
//! wrong.

use libtest_mimic::{Arguments, Failed, Trial};
use model::Engine;
use proptests::corpus::{self, Regression};

fn main() {
    let arguments = Arguments::from_args();
    let trials = match corpus::regressions() {
        Ok(regressions) => regressions
            .into_iter()
            .flat_map(|regression| {
                [
                    trial::<evaluator::Evaluator>(regression.clone()),
                    trial::<solver::Solver>(regression),
                ]
            })
            .collect(),
        Err(wrongs) => vec![Trial::test("corpus can be read", move || {
            Err(Failed::from(wrongs.join("\n")))
        })],
    };
    libtest_mimic::run(&arguments, trials).exit();
}

fn trial<E: Engine + 'static>(regression: Regression) -> Trial {
    let name = format!("{} {}", E::NAME, regression.name);
    Trial::test(name, move || regression.check::<E>().map_err(Failed::from))
}
