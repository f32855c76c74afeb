//! `vpcproof explain-code`: what a code means.

use model::Clause;

use super::console::Console;
use crate::builtin::TEXTS;
use crate::exit::Exit;
use crate::nearest::suggest;
use crate::problem::ProblemCode;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// A built-in check, a code of an error or warning, or a clause; without one, all are listed.
    code: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, console: &mut Console) -> Exit {
    let Some(code) = &arguments.code else {
        console.out(&list());
        return Exit::Proved;
    };
    match explain(code) {
        Some(text) => {
            console.out(&format!("{code}\n\n{text}\n"));
            Exit::Proved
        }
        None => {
            let mut message = format!("error: there is no code `{code}`");
            if let Some(help) = suggest(code, codes(), "codes") {
                message.push_str(&format!("\n  help: {help}"));
            }
            console.err(&message);
            Exit::CouldNotRun
        }
    }
}

/// Every code.
fn codes() -> impl Iterator<Item = &'static str> {
    let checks = TEXTS.iter().map(|(code, _)| *code);
    let problems = ProblemCode::ALL.iter().map(|code| code.name());
    let read = ingest::Code::ALL.iter().map(|code| code.name());
    let clauses = Clause::ALL.iter().map(|clause| clause.name());
    checks.chain(problems).chain(read).chain(clauses)
}

fn explain(code: &str) -> Option<String> {
    if let Some((_, text)) = TEXTS.iter().find(|(name, _)| *name == code) {
        return Some(format!(
            "A built-in check of `vpcproof check`.\n\n{}",
            wrap(text)
        ));
    }
    if let Some(problem) = ProblemCode::ALL.iter().find(|one| one.name() == code) {
        let text = problem.text();
        return Some(format!(
            "An error in the invariant file or in a selector.\n\n{text}"
        ));
    }
    if ingest::Code::ALL.iter().any(|one| one.name() == code) {
        return Some(
            "A remark of the readers of networks; the page *Bad input* of the book has it under \
             this name."
                .to_owned(),
        );
    }
    Clause::from_name(code).map(|clause| {
        format!(
            "A clause of the written semantics, by which steps of a path are decided. The chapter \
             *Semantics*\nof the book has it under the heading `{clause}`, with its source and \
             examples that are run."
        )
    })
}

fn list() -> String {
    let mut text = String::new();
    let mut section = |title: &str, codes: Vec<&str>| {
        text.push_str(&format!("{title}\n"));
        for code in codes {
            text.push_str(&format!("  {code}\n"));
        }
    };
    section(
        "built-in checks",
        TEXTS.iter().map(|(code, _)| *code).collect(),
    );
    section(
        "errors in the invariant file",
        ProblemCode::ALL.iter().map(|code| code.name()).collect(),
    );
    section(
        "remarks on inputs",
        ingest::Code::ALL.iter().map(|code| code.name()).collect(),
    );
    section(
        "clauses",
        Clause::ALL.iter().map(|clause| clause.name()).collect(),
    );
    text
}

/// A text in lines of at most 80 letters.
fn wrap(text: &str) -> String {
    const WIDTH: usize = 80;
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) | None => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}
