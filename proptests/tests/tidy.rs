//! What the rest of the cross-check rests on: pages and clauses correspond, every clause is shown by
//! an example, the book lists every trap as the pages show it, and the two engines share nothing but
//! the model's types.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "A test stops where something is wrong."
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use model::{Clause, Disposition};
use proptests::line::{Expected, Line};
use proptests::page::{self, Page};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn pages() -> Vec<Page> {
    page::pages().unwrap_or_else(|wrongs| panic!("{}", wrongs.join("\n")))
}

/// Clauses that decide no example, and why: they name a step that lets the packet on, and what
/// decides is the step behind.
const NEVER_DECIDE: [(Clause, &str); 32] = [
    (Clause::SecurityGroupCidr, "names the rule that admitted"),
    (
        Clause::SecurityGroupReference,
        "names the rule that admitted",
    ),
    (Clause::SecurityGroupStateful, "lets every reply on"),
    (Clause::SameSubnet, "goes on with the arrival"),
    (
        Clause::RouteTieBreak,
        "chooses a route, whose target decides",
    ),
    (
        Clause::PropagatedInsideVpc,
        "leaves out a route, and another is chosen",
    ),
    (Clause::LocalRoute, "goes on with the arrival"),
    (
        Clause::InternetGatewayHairpin,
        "goes on from the internet, and the second leg decides",
    ),
    (Clause::GatewayStateful, "lets every reply on"),
    (Clause::OnPremisesReturns, "lets every reply on"),
    (
        Clause::NatGatewayTranslates,
        "goes on with the translated packet",
    ),
    (
        Clause::EndpointServiceHandsOn,
        "goes on at the load balancer",
    ),
    (Clause::LoadBalancerUnfiltered, "lets everything on"),
    (Clause::LoadBalancerReturns, "lets every reply on"),
    (
        Clause::NatGatewayNat64,
        "goes on with the translated packet",
    ),
    (
        Clause::NatGatewayReturnToSender,
        "goes on behind the NAT gateway",
    ),
    (
        Clause::ResolverRuleSystem,
        "leaves out the rules that forward, and another choice is made",
    ),
    (Clause::PolicyVariable, "says whether a statement matches"),
    (Clause::ConditionAllHold, "says whether a statement matches"),
    (
        Clause::ConditionSeveralValues,
        "says whether a statement matches",
    ),
    (
        Clause::ConditionAbsentKey,
        "says whether a statement matches",
    ),
    (Clause::ConditionString, "says whether a statement matches"),
    (Clause::ConditionArn, "says whether a statement matches"),
    (Clause::ConditionNumeric, "says whether a statement matches"),
    (Clause::ConditionDate, "says whether a statement matches"),
    (Clause::ConditionBool, "says whether a statement matches"),
    (Clause::ConditionBinary, "says whether a statement matches"),
    (
        Clause::ConditionIpAddress,
        "says whether a statement matches",
    ),
    (Clause::ConditionNull, "says whether a statement matches"),
    (
        Clause::ConditionSetOperator,
        "says whether a statement matches",
    ),
    (
        Clause::ContextOfPrincipal,
        "says whether a statement matches",
    ),
    (Clause::ContextOfPath, "says whether a statement matches"),
];

#[test]
fn every_clause_has_one_heading_and_every_heading_is_a_clause() {
    let mut headings: BTreeMap<String, usize> = BTreeMap::new();
    for page in pages() {
        for clause in page.clauses {
            *headings.entry(clause).or_default() += 1;
        }
    }
    let names: BTreeSet<_> = Clause::ALL.iter().map(|clause| clause.name()).collect();
    let known: BTreeSet<_> = headings.keys().map(String::as_str).collect();
    assert_eq!(names, known, "clauses and headings");
    let twice: Vec<_> = headings.iter().filter(|(_, n)| **n > 1).collect();
    assert!(twice.is_empty(), "headings that occur twice: {twice:?}");
}

#[test]
fn every_clause_has_examples_and_decides_one() {
    let mut beneath: BTreeSet<String> = BTreeSet::new();
    let mut deciding: BTreeSet<Clause> = BTreeSet::new();
    for example in pages().into_iter().flat_map(|page| page.examples) {
        beneath.insert(example.heading);
        deciding.insert(example.line.clause());
        if let Line::Flow(line) = &example.line {
            deciding.extend(line.reply.map(|reply| reply.clause));
        }
    }
    let exceptions: BTreeSet<_> = NEVER_DECIDE.iter().map(|(clause, _)| *clause).collect();
    for clause in Clause::ALL {
        assert!(
            beneath.contains(clause.name()),
            "{clause} has no example beneath it"
        );
        let decides = deciding.contains(clause);
        let excepted = exceptions.contains(clause);
        assert!(decides || excepted, "{clause} decides no example");
        assert!(
            !(decides && excepted),
            "{clause} decides an example and is listed as an exception"
        );
    }
}

/// Both ends of every clause are shown: where flows are asked beneath it, some is delivered and some
/// is not, unless the clause has one outcome only.
#[test]
fn examples_show_both_outcomes() {
    /// These deliver, or let on, whatever they are asked.
    const ONE_SIDED: [Clause; 4] = [
        Clause::InternetGatewayDelivers,
        Clause::GatewayStateful,
        Clause::PeeringOutside,
        Clause::NatGatewayOutboundOnly,
    ];
    for clause in Clause::ALL
        .iter()
        .filter(|clause| !ONE_SIDED.contains(clause))
    {
        let mut outcomes = BTreeSet::new();
        for example in pages().into_iter().flat_map(|page| page.examples) {
            if example.heading == clause.name() {
                match example.line {
                    Line::Flow(line) => {
                        outcomes.insert(line.forward.disposition.to_string());
                        outcomes.extend(line.reply.map(|reply| reply.disposition.to_string()));
                    }
                    Line::Name(line) => {
                        outcomes.insert(format!("{} {}", line.answer, line.clause));
                    }
                    Line::Request(line) => {
                        outcomes.insert(format!("{} {}", line.effect, line.clause));
                    }
                }
            }
        }
        assert!(
            outcomes.len() > 1,
            "{clause} is shown with one outcome: {outcomes:?}"
        );
    }
}

fn rust_files(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// Whatever both engines call is invisible to the comparison, so the model judges nothing.
#[test]
fn the_model_has_no_semantic_verb() {
    let verbs = [
        "contains", "matches", "lookup", "allows", "admits", "permits", "covers", "overlaps",
    ];
    for file in rust_files(&root().join("model/src")) {
        let text = fs::read_to_string(&file).unwrap();
        for (line, number) in text.lines().zip(1..) {
            for verb in verbs {
                let public = line.trim_start().strip_prefix("pub fn ");
                let public = public.or(line.trim_start().strip_prefix("pub const fn "));
                let named = public.is_some_and(|rest| rest.starts_with(verb));
                assert!(!named, "{}:{number}: {line}", file.display());
            }
        }
    }
}

/// The names of a manifest's dependencies, those of tests not counted.
fn dependencies(crate_name: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(root().join(crate_name).join("Cargo.toml")).unwrap();
    let table: toml::Table = text.parse().unwrap();
    let dependencies = table.get("dependencies").and_then(toml::Value::as_table);
    dependencies
        .into_iter()
        .flat_map(|table| table.keys().cloned())
        .collect()
}

#[test]
fn the_engines_share_nothing_but_the_model() {
    let evaluator = dependencies("evaluator");
    let solver = dependencies("solver");
    let shared: Vec<_> = evaluator.intersection(&solver).collect();
    assert_eq!(shared, ["model"]);
    assert_eq!(dependencies("model"), BTreeSet::new());
}

/// Neither engine knows the other one, nor what reads formats.
#[test]
fn no_engine_mentions_the_other() {
    for (engine, others) in [
        ("evaluator", ["solver", "ingest", "vpcproof_solver"]),
        ("solver", ["evaluator", "ingest", "vpcproof_evaluator"]),
    ] {
        for file in rust_files(&root().join(engine).join("src")) {
            let text = fs::read_to_string(&file).unwrap().to_lowercase();
            // A `resolver` is not a solver; z3's own class is called `z3::Solver`.
            let text = text.replace("resolver", "").replace("z3::solver", "");
            for other in others {
                let mentioned = text.contains(&format!("the {other}"))
                    || text.contains(&format!("{other}::"))
                    || text.contains(&format!("use {other}"));
                let own = engine == "solver" && other.ends_with("solver");
                assert!(!mentioned || own, "{} mentions `{other}`", file.display());
            }
        }
    }
}

/// What is shown of a trap: answers, and the places of the headings beneath which they stand.
#[derive(Debug, Default, PartialEq, Eq)]
struct Shown {
    answers: BTreeSet<String>,
    places: BTreeSet<String>,
}

/// An answer as the book's table of traps writes it: without a reply that returns, or that ends as
/// the request does.
fn answer(line: &Line) -> String {
    const RETURNED: Expected = Expected {
        disposition: Disposition::Delivered,
        clause: Clause::ReplyReturns,
    };
    match line {
        Line::Flow(line) => match line.reply {
            Some(reply) if reply != line.forward && reply != RETURNED => {
                format!("{}; reply {reply}", line.forward)
            }
            _ => line.forward.to_string(),
        },
        Line::Name(line) => format!("{} {}", line.answer, line.clause),
        Line::Request(line) => format!("{} {}", line.effect, line.clause),
    }
}

/// The address of a heading in the book.
fn place(page: &str, heading: &str) -> String {
    let letters = heading.chars().filter_map(|letter| match letter {
        ' ' => Some('-'),
        '-' | '_' => Some(letter),
        _ => letter
            .is_alphanumeric()
            .then(|| letter.to_ascii_lowercase()),
    });
    format!("semantics/{page}.md#{}", letters.collect::<String>())
}

fn traps_of_pages(pages: &[Page]) -> BTreeMap<String, Shown> {
    let mut shown: BTreeMap<String, Shown> = BTreeMap::new();
    for page in pages {
        let examples = page.examples.iter().map(|example| {
            let answer = answer(&example.line);
            (&example.traps, answer, &example.heading)
        });
        let refusals = page.refusals.iter().map(|refusal| {
            let answer = format!("refused {}", refusal.code);
            (&refusal.traps, answer, &refusal.heading)
        });
        for (traps, answer, heading) in examples.chain(refusals) {
            for trap in traps {
                let shown = shown.entry(trap.clone()).or_default();
                shown.answers.insert(answer.clone());
                shown.places.insert(place(&page.name, heading));
            }
        }
    }
    shown
}

/// What is wrong with the book's table of traps.
fn wrongs_of_table(table: &str, shown: &BTreeMap<String, Shown>) -> Vec<String> {
    let mut wrongs = Vec::new();
    let mut rows = BTreeSet::new();
    for row in table.lines().filter(|line| line.starts_with("| T")) {
        let cells: Vec<_> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [trap, _, _, answers, places] = cells.as_slice() else {
            wrongs.push(format!("not five cells: {row}"));
            continue;
        };
        let quoted = answers.split('`').skip(1).step_by(2);
        let links = places
            .split("](")
            .skip(1)
            .filter_map(|link| link.split(')').next());
        let row = Shown {
            answers: quoted.map(str::to_owned).collect(),
            places: links.map(str::to_owned).collect(),
        };
        if !rows.insert((*trap).to_owned()) {
            wrongs.push(format!("{trap} has two rows"));
        }
        let expressed = shown.get(*trap);
        if expressed.unwrap_or(&Shown::default()) != &row {
            wrongs.push(format!(
                "{trap}: the row says {row:?},\n  the pages {expressed:?}"
            ));
        }
        if expressed.is_none() && !places.starts_with("not expressed: ") {
            wrongs.push(format!("{trap}: no page shows it, and no reason is given"));
        }
    }
    let without = shown.keys().filter(|trap| !rows.contains(*trap));
    wrongs.extend(without.map(|trap| format!("{trap} has no row")));
    wrongs
}

fn table_of_traps() -> String {
    fs::read_to_string(root().join("docs/src/traps.md")).unwrap()
}

/// A row says what the marked lines of the pages say, all of it and nothing else; every mark has a
/// row, and a row without a mark has a reason.
#[test]
fn the_book_lists_every_trap_as_the_pages_show_it() {
    let shown = traps_of_pages(&pages());
    assert!(shown.len() > 80, "only {} are marked", shown.len());
    let wrongs = wrongs_of_table(&table_of_traps(), &shown);
    assert!(wrongs.is_empty(), "{}", wrongs.join("\n"));
}

/// Whatever is changed in the table is noticed.
#[test]
fn the_list_of_traps_can_be_wrong() {
    let shown = traps_of_pages(&pages());
    let table = table_of_traps();
    let rows = table.lines().filter(|line| !line.starts_with("| T01 "));
    let without: String = rows.map(|line| format!("{line}\n")).collect();
    let broken = [
        format!("{without}| T01 | a | b | none | not expressed: why |\n"),
        format!("{table}| T01 | a | b | none | not expressed: why |\n"),
        format!("{table}| T999 | a | b | none | because |\n"),
        format!("{table}| T999 | a | b | `dropped way-loop` | not expressed: why |\n"),
        format!("{table}| T999 | a | b | none | [walk](semantics/walk.md#way-loop) |\n"),
        table.replacen("`dropped longest-prefix-match`", "`dropped way-loop`", 1),
        table.replacen("#t01-another-region", "#t02-another-region", 1),
        table.replacen("semantics/traps.md", "semantics/walk.md", 1),
        table.replacen("| T06 |", "| T07 |", 1),
        without,
    ];
    for broken in broken {
        assert_ne!(broken, table);
        assert!(!wrongs_of_table(&broken, &shown).is_empty(), "{broken}");
    }
}
