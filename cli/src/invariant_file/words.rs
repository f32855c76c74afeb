//! Statements from words that are given one by one: on the command line, or in Rust.

use std::collections::BTreeSet;

use model::Family;

use super::claim::{Asked, Selection, Severity, Statement, Word};
use super::traffic;
use crate::problem::{Problem, ProblemCode, SourceText};
use crate::selector::parse::{self, Context, Names};

/// The words of one statement.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    pub(crate) word: Word,
    pub(crate) name: String,
    pub(crate) from: Vec<String>,
    pub(crate) to: Vec<String>,
    pub(crate) traffic: Vec<String>,
    pub(crate) via: Vec<Vec<String>>,
    pub(crate) answered: bool,
    pub(crate) families: BTreeSet<Family>,
}

impl Words {
    pub(crate) fn new(word: Word, from: Vec<String>, to: Vec<String>) -> Self {
        Self {
            word,
            name: format!("{word} from {} to {}", from.join(", "), to.join(", ")),
            from,
            to,
            traffic: Vec::new(),
            via: Vec::new(),
            answered: word == Word::Always,
            families: BTreeSet::from([Family::V4, Family::V6]),
        }
    }

    /// The statement, and the text that the places of its problems refer to.
    ///
    /// # Errors
    ///
    /// Every problem that can be seen without a network.
    pub(crate) fn statement(&self, names: &Names) -> Result<(Statement, SourceText), Vec<Problem>> {
        let source = SourceText::new(&self.name, "");
        let mut problems = Vec::new();
        let mut select = |texts: &[String]| {
            let mut selectors = Vec::new();
            for text in texts {
                // A text of its own, so that columns count from its beginning.
                let source = SourceText::new(format!("`{text}`"), text);
                let context = Context {
                    source: &source,
                    names,
                };
                let span = 0..text.len();
                selectors.extend(parse::parse(text, &span, context, &mut problems));
            }
            Selection {
                selectors,
                text: texts.join(", "),
            }
        };
        let from = select(&self.from);
        let to = select(&self.to);
        let via: Vec<Selection> = self.via.iter().map(|texts| select(texts)).collect();
        let mut classes = Vec::new();
        for text in &self.traffic {
            match traffic::parse(text) {
                Ok(class) => classes.push(class),
                Err(message) => {
                    let source = SourceText::new(format!("`{text}`"), text);
                    problems.push(source.problem(ProblemCode::InvalidTraffic, &(0..0), message));
                }
            }
        }
        let missing = match self.word {
            Word::Always if self.traffic.is_empty() => Some("traffic"),
            Word::Only if self.via.is_empty() => Some("via"),
            Word::Always | Word::Only | Word::Never | Word::Sometimes => None,
        };
        if let Some(field) = missing {
            let message = format!("`{}` lacks `{field}`", self.word);
            problems.push(source.problem(ProblemCode::MissingClaimField, &(0..0), message));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let statement = Statement {
            word: self.word,
            name: self.name.clone(),
            span: 0..0,
            from,
            to,
            traffic: (!classes.is_empty()).then_some(classes),
            source_ports: None,
            families: self.families.clone(),
            via,
            asked: if self.answered {
                Asked::Answered
            } else {
                Asked::Delivered
            },
            request: None,
            severity: Severity::High,
            vacuous_is_error: false,
            waivers: Vec::new(),
        };
        Ok((statement, source))
    }
}
