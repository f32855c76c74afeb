//! Every example of the written semantics, asked of each engine: one trial for each; and every
//! network that has to be refused.

use libtest_mimic::{Arguments, Failed, Trial};
use model::Engine;
use proptests::page::{self, Example, Page, Refusal};

fn main() {
    let arguments = Arguments::from_args();
    let trials = match page::pages() {
        Ok(pages) => pages.into_iter().flat_map(trials).collect(),
        Err(wrongs) => vec![Trial::test("pages can be read", move || {
            Err(Failed::from(wrongs.join("\n")))
        })],
    };
    libtest_mimic::run(&arguments, trials).exit();
}

fn trials(page: Page) -> Vec<Trial> {
    let examples = page.examples.into_iter().flat_map(|example| {
        [
            trial::<evaluator::Evaluator>(example.clone()),
            trial::<solver::Solver>(example),
        ]
    });
    let refusals = page.refusals.into_iter().map(refusal);
    examples.chain(refusals).collect()
}

fn trial<E: Engine>(example: Example) -> Trial {
    let name = format!("{} {} {}", E::NAME, example.heading, example.place);
    Trial::test(name, move || {
        let engine = E::load(&example.network);
        let checked = example.line.check(&engine);
        checked.map_err(|wrong| Failed::from(format!("{}\n{wrong}", example.text)))
    })
}

fn refusal(refusal: Refusal) -> Trial {
    let name = format!("validation {} {}", refusal.heading, refusal.place);
    Trial::test(name, move || refusal.check().map_err(Failed::from))
}
