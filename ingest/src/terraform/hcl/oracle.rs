//! What Terraform itself made of the same files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::json::{Value as Json, json};

use crate::json::Cursor;
use crate::sink::Sink;

use super::super::plan::Plan;
use super::evaluate::Evaluator;
use super::files::Sources;
use super::symbol::Symbol;
use super::{block, fit, merge};

/// How many of the expressions of `fixtures/expressions` come out at least.
const MIN_EQUAL: usize = 350;

/// The functions that are known.
const NAMES: [&str; 45] = [
    "cidrhost",
    "cidrsubnet",
    "coalesce",
    "coalescelist",
    "compact",
    "concat",
    "contains",
    "distinct",
    "element",
    "endswith",
    "flatten",
    "format",
    "index",
    "join",
    "jsonencode",
    "keys",
    "length",
    "lookup",
    "lower",
    "max",
    "merge",
    "min",
    "nonsensitive",
    "one",
    "range",
    "replace",
    "reverse",
    "sensitive",
    "setproduct",
    "setunion",
    "slice",
    "sort",
    "split",
    "startswith",
    "tolist",
    "tomap",
    "tonumber",
    "toset",
    "tostring",
    "trimprefix",
    "trimsuffix",
    "try",
    "upper",
    "values",
    "zipmap",
];

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures")
}

fn json(path: &Path) -> Json {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Evaluates the files of a directory beside a plan of them.
fn evaluated<T>(directory: &Path, plan: &str, look: impl FnOnce(&Evaluator<'_, '_>) -> T) -> T {
    let document = json(&directory.join(plan));
    let name = plan.into();
    let cursor = Cursor::new(&document, &name);
    let plan = Plan::open(&cursor, &mut Sink::default()).unwrap();
    let sources = Sources::read(directory, plan.configuration);
    look(&Evaluator::new(&plan, &sources))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Answer {
    Equal,
    Open,
    Other,
}

/// Compares with what there was after the apply.
struct Applied<'p> {
    plan: &'p Plan<'p>,
    values: BTreeMap<String, Json>,
}

impl Applied<'_> {
    fn value(&self, symbol: &Symbol) -> Option<Json> {
        if let Symbol::Attribute(name) = symbol {
            let resource = &self.plan.resources[name.resource];
            return Some(self.values[resource.address][&name.attribute].clone());
        }
        let Symbol::Template(parts) = symbol else {
            return symbol.json();
        };
        let text = |part| match self.value(part) {
            Some(Json::String(text)) => text,
            other => panic!("{other:?}"),
        };
        Some(Json::String(parts.iter().map(text).collect()))
    }

    fn answer(&self, symbol: &Symbol, applied: &Json) -> Answer {
        let worst = |answers: &mut dyn Iterator<Item = Answer>| answers.max();
        let of_items = |items: &[Symbol], applied: &[Json]| {
            let mut pairs = items
                .iter()
                .zip(applied)
                .map(|(item, of)| self.answer(item, of));
            worst(&mut pairs).unwrap_or(Answer::Equal)
        };
        match (symbol, applied) {
            (Symbol::Open | Symbol::Resource(_) | Symbol::Module(_), _) => Answer::Open,
            (Symbol::List(items), Json::Array(applied)) if items.len() == applied.len() => {
                of_items(items, applied)
            }
            (Symbol::Set(items), Json::Array(applied)) if symbol.items().is_some() => {
                if items.len() == applied.len() {
                    of_items(items, applied)
                } else {
                    Answer::Other
                }
            }
            // Members may be the same after the apply, and are in any order.
            (Symbol::Set(items), Json::Array(applied)) => {
                let has = |one: &Json| {
                    items
                        .iter()
                        .any(|item| self.answer(item, one) < Answer::Other)
                };
                if applied.iter().all(has) {
                    Answer::Open
                } else {
                    Answer::Other
                }
            }
            (Symbol::Map(fields), Json::Object(applied)) if fields.keys().eq(applied.keys()) => {
                let mut pairs = fields
                    .iter()
                    .map(|(key, field)| self.answer(field, applied.get(key).unwrap()));
                worst(&mut pairs).unwrap_or(Answer::Equal)
            }
            (Symbol::Document(inner), Json::String(applied)) => {
                self.answer(inner, &serde_json::from_str(applied).unwrap())
            }
            (symbol, applied) if self.value(symbol).as_ref() == Some(applied) => Answer::Equal,
            (_, _) => Answer::Other,
        }
    }
}

fn resources(module: &Json, found: &mut BTreeMap<String, Json>) {
    for resource in module["resources"].as_array().into_iter().flatten() {
        let address = resource["address"].as_str().unwrap().to_owned();
        found.insert(address, resource["values"].clone());
    }
    for child in module["child_modules"].as_array().into_iter().flatten() {
        resources(child, found);
    }
}

/// Each output of the expressions, with its text and how it came out.
fn answers() -> Vec<(String, Symbol, Json, Answer)> {
    let directory = fixtures().join("expressions");
    let state = json(&directory.join("applied.json"));
    let mut values = BTreeMap::new();
    resources(&state["values"]["root_module"], &mut values);
    let outputs = state["values"]["outputs"].as_object().unwrap();
    evaluated(&directory, "planned.json", |evaluator| {
        assert_eq!(fit::misfits(evaluator), Vec::<String>::new());
        let plan = evaluator.plan;
        let applied = Applied { plan, values };
        let module = evaluator.module(&[]).unwrap();
        let answer = |(name, expression): (&String, &hcl_edit::expr::Expression)| {
            let symbol = evaluator.output(&[], name, 0);
            // An output that is null is not in a state.
            let value = outputs
                .get(name)
                .map_or(Json::Null, |output| output["value"].clone());
            let answer = applied.answer(&symbol, &value);
            (expression.to_string(), symbol, value, answer)
        };
        module.outputs.iter().map(answer).collect()
    })
}

#[test]
fn an_expression_gives_what_terraform_gives_or_nothing() {
    let answers = answers();
    let of = |wanted: Answer| answers.iter().filter(move |(.., answer)| *answer == wanted);
    for (text, symbol, value, _) in of(Answer::Other) {
        println!("other: {text} gives {symbol:?}, and Terraform gives {value}");
    }
    for (text, ..) in of(Answer::Open) {
        println!("open: {text}");
    }
    let counts = [Answer::Equal, Answer::Open, Answer::Other].map(|wanted| of(wanted).count());
    println!("equal, open, other: {counts:?}");
    assert_eq!(counts[2], 0);
    assert!(counts[0] >= MIN_EQUAL);
}

/// Every function that is known gives something in one of the expressions.
#[test]
fn every_function_is_compared_with_terraforms() {
    let answers = answers();
    for name in NAMES {
        let call = format!("{name}(");
        let is_compared = |(text, _, _, answer): &&(String, Symbol, Json, Answer)| {
            text.contains(&call) && *answer == Answer::Equal
        };
        assert!(answers.iter().any(|answer| is_compared(&answer)), "{name}");
    }
}

#[test]
fn the_book_lists_the_functions() {
    let page = fs::read_to_string(fixtures().join("../docs/src/plans.md")).unwrap();
    let line = page.lines().find(|line| line.starts_with("> `cidrhost`"));
    let listed: Vec<_> = line.unwrap().split('`').skip(1).step_by(2).collect();
    assert_eq!(listed, NAMES);
}

/// Whatever a plan knows, its files say too, or nothing.
#[test]
fn what_a_plan_knows_its_files_do_not_deny() {
    let folders = [fixtures(), fixtures().join("plans")];
    let mut counts = BTreeMap::new();
    let mut others = Vec::new();
    for folder in folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap())
    {
        let folder = folder.unwrap().path();
        if !folder.join("plan.json").exists() {
            continue;
        }
        evaluated(&folder, "plan.json", |evaluator| {
            for resource in &evaluator.plan.resources {
                let files = evaluator.module(&resource.module).unwrap();
                let Some(declared) = files.blocks.get(&resource.block) else {
                    continue;
                };
                for (name, symbol) in block::attributes(evaluator, resource, declared) {
                    let (value, unknown) = resource.raw(&name);
                    if unknown.is_some_and(|unknown| *unknown != json!(false)) {
                        continue;
                    }
                    let answer = if !merge::fits(value, None, &symbol) {
                        others.push(format!(
                            "{}.{name}: {symbol:?}, {value:?}",
                            resource.address
                        ));
                        Answer::Other
                    } else if symbol.is_open() {
                        Answer::Open
                    } else {
                        Answer::Equal
                    };
                    *counts.entry(answer).or_insert(0) += 1;
                }
            }
        });
    }
    println!("{counts:?}");
    assert_eq!(others, Vec::<String>::new());
    assert!(counts[&Answer::Equal] > 500);
}
