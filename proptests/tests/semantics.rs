//! Every example of the written semantics, asked of each engine: one trial for each.

use libtest_mimic::{Arguments, Failed, Trial};
use model::Engine;
use proptests::page::{self, Example};

fn main() {
    let arguments = Arguments::from_args();
    let trials = match page::pages() {
        Ok(pages) => pages
            .into_iter()
            .flat_map(|page| page.examples)
            .flat_map(|example| {
                [
                    trial::<evaluator::Evaluator>(example.clone()),
                    trial::<solver::Solver>(example),
                ]
            })
            .collect(),
        Err(wrongs) => vec![Trial::test("pages can be read", move || {
            Err(Failed::from(wrongs.join("\n")))
        })],
    };
    libtest_mimic::run(&arguments, trials).exit();
}

fn trial<E: Engine>(example: Example) -> Trial {
    let name = format!("{} {} {}", E::NAME, example.heading, example.place);
    Trial::test(name, move || {
        let engine = E::load(&example.network);
        let checked = example.line.check(&engine);
        checked.map_err(|wrong| Failed::from(format!("{}\n{wrong}", example.text)))
    })
}
