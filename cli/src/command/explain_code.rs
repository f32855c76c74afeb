//! `vpcproof explain-code`: what a code means.

use model::Clause;

use super::console::Console;
use crate::builtin::TEXTS;
use crate::exit::Exit;
use crate::nearest::suggest;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// A built-in check, a code of an error, remark or assumption, or a clause; without one, all are listed.
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

/// The page of the book that has every code of an error, a remark and an assumption.
const REMARKS: &str = include_str!("../../../docs/src/bad-input.md");

/// The pages of the written semantics.
const SEMANTICS: [&str; 22] = [
    include_str!("../../../model/semantics/authorization.md"),
    include_str!("../../../model/semantics/condition.md"),
    include_str!("../../../model/semantics/client_vpn.md"),
    include_str!("../../../model/semantics/dns.md"),
    include_str!("../../../model/semantics/endpoint_service.md"),
    include_str!("../../../model/semantics/gateway.md"),
    include_str!("../../../model/semantics/gateway_load_balancer.md"),
    include_str!("../../../model/semantics/load_balancer.md"),
    include_str!("../../../model/semantics/middlebox.md"),
    include_str!("../../../model/semantics/nat_gateway.md"),
    include_str!("../../../model/semantics/network_acl.md"),
    include_str!("../../../model/semantics/network_interface.md"),
    include_str!("../../../model/semantics/on_premises.md"),
    include_str!("../../../model/semantics/peering.md"),
    include_str!("../../../model/semantics/policy.md"),
    include_str!("../../../model/semantics/route_table.md"),
    include_str!("../../../model/semantics/scope.md"),
    include_str!("../../../model/semantics/security_group.md"),
    include_str!("../../../model/semantics/transit_gateway.md"),
    include_str!("../../../model/semantics/vpc_endpoint.md"),
    include_str!("../../../model/semantics/walk.md"),
    include_str!("../../../model/semantics/README.md"),
];

/// Every code.
fn codes() -> impl Iterator<Item = &'static str> {
    let checks = TEXTS.iter().map(|(code, _)| *code);
    let clauses = Clause::ALL.iter().map(|clause| clause.name());
    checks.chain(remarks()).chain(clauses)
}

/// The headings of the page, which the tests of the book hold to the codes.
fn remarks() -> impl Iterator<Item = &'static str> {
    REMARKS.lines().filter_map(|line| line.strip_prefix("### "))
}

fn explain(code: &str) -> Option<String> {
    if let Some((_, text)) = TEXTS.iter().find(|(name, _)| *name == code) {
        return Some(format!(
            "A built-in check of `vpcproof check`.\n\n{}",
            wrap(text)
        ));
    }
    if let Some(section) = section(REMARKS, code) {
        return Some(format!("An error, a remark or an assumption.\n\n{section}"));
    }
    let clause = Clause::from_name(code)?;
    let section = SEMANTICS
        .iter()
        .find_map(|page| section(page, clause.name()))?;
    // Behind the sentence and its source stand the examples.
    let sentence = section.split("\n```").next().unwrap_or(section).trim_end();
    Some(format!(
        "A clause of the written semantics, by which steps of a path are decided.\n\n{sentence}"
    ))
}

/// What a page says under a heading.
fn section<'a>(page: &'a str, heading: &str) -> Option<&'a str> {
    let (_, below) = page.split_once(&format!("\n### {heading}\n"))?;
    let end = below.find("\n#").unwrap_or(below.len());
    below.get(..end).map(str::trim)
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
    section("errors, remarks and assumptions", remarks().collect());
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
