//! The pages of the written semantics: headings, networks, and the examples beneath them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::{Network, NetworkDraft};

use crate::line::{self, Line};

/// A page of `model/semantics`.
#[derive(Clone, Debug)]
pub struct Page {
    /// The file's name without `.md`.
    pub name: String,
    /// The clauses: each `###` heading, in order.
    pub clauses: Vec<String>,
    /// The examples, in order.
    pub examples: Vec<Example>,
    /// The networks that validation refuses, in order.
    pub refusals: Vec<Refusal>,
}

/// One line of a block, with the network that it speaks of.
#[derive(Clone, Debug)]
pub struct Example {
    /// The file and the line.
    pub place: String,
    /// The nearest heading above it.
    pub heading: String,
    /// The line as it is written.
    pub text: String,
    /// The nearest network above it.
    pub network: Arc<Network>,
    /// The question and the answer.
    pub line: Line,
    /// The traps that it shows: `# T12` or `# T12, T13: why` behind it.
    pub traps: Vec<String>,
}

/// A network that AWS would not let anyone build.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The file and the line.
    pub place: String,
    /// The nearest heading above it.
    pub heading: String,
    /// The native network.
    pub text: String,
    /// The code of the defect that it has.
    pub code: String,
    /// The traps that it shows, as remarks in it say.
    pub traps: Vec<String>,
}

impl Refusal {
    /// Validates the network and compares.
    ///
    /// # Errors
    ///
    /// When it cannot be read, has no defect, or has one of another code.
    pub fn check(&self) -> Result<(), String> {
        let draft = draft(&self.text, &self.place)?;
        let Err(defects) = draft.validate() else {
            return Err(format!("expected {}\n   found no defect", self.code));
        };
        let found: Vec<_> = defects.iter().map(model::Defect::code).collect();
        if found.iter().all(|code| *code == self.code) {
            Ok(())
        } else {
            Err(format!(
                "expected {}\n   found {}",
                self.code,
                found.join(", ")
            ))
        }
    }
}

/// Where the pages are.
pub fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../model/semantics")
}

/// Reads every page but the README, in the order of their names.
///
/// # Errors
///
/// Everything that is wrong with any of them.
pub fn pages() -> Result<Vec<Page>, Vec<String>> {
    let entries = fs::read_dir(directory()).map_err(|error| vec![error.to_string()])?;
    let mut paths: Vec<_> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .filter(|path| path.file_stem().is_some_and(|stem| stem != "README"))
        .collect();
    paths.sort();
    let mut pages = Vec::new();
    let mut wrongs = Vec::new();
    for path in paths {
        let name = path
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned());
        let name = name.unwrap_or_default();
        match fs::read_to_string(&path) {
            Ok(text) => pages.push(page(&name, &text, &mut wrongs)),
            Err(error) => wrongs.push(format!("{name}.md: {error}")),
        }
    }
    if wrongs.is_empty() {
        Ok(pages)
    } else {
        Err(wrongs)
    }
}

/// Reads one page; what is wrong with it goes to `wrongs`.
pub fn page(name: &str, text: &str, wrongs: &mut Vec<String>) -> Page {
    let mut page = Page {
        name: name.to_owned(),
        clauses: Vec::new(),
        examples: Vec::new(),
        refusals: Vec::new(),
    };
    let mut heading = String::new();
    let mut network = None;
    let mut lines = text.lines().zip(1..);
    while let Some((text, number)) = lines.next() {
        if let Some(clause) = text.strip_prefix("### ") {
            page.clauses.push(clause.trim().to_owned());
        }
        if text.starts_with('#') {
            heading = text.trim_start_matches('#').trim().to_owned();
        }
        let Some(kind) = text.strip_prefix("```") else {
            continue;
        };
        let block: Vec<_> = lines
            .by_ref()
            .take_while(|(text, _)| !text.starts_with("```"))
            .collect();
        let whole = || -> String { block.iter().map(|(text, _)| format!("{text}\n")).collect() };
        if let Some(code) = kind.strip_prefix("refused ") {
            page.refusals.push(Refusal {
                place: format!("{name}.md:{number}"),
                heading: heading.clone(),
                text: whole(),
                code: code.trim().to_owned(),
                traps: block.iter().flat_map(|(text, _)| traps(text)).collect(),
            });
        }
        match kind {
            "toml" => {
                let text = whole();
                match self::network(&text, &format!("{name}.md:{number}")) {
                    Ok(valid) => network = Some(Arc::new(valid)),
                    Err(wrong) => wrongs.push(wrong),
                }
            }
            "flows" | "names" | "requests" => {
                for (text, number) in block {
                    let place = format!("{name}.md:{number}");
                    let example = example(kind, text, &place, &heading, network.as_ref());
                    match example {
                        Ok(example) => page.examples.extend(example),
                        Err(wrong) => wrongs.push(format!("{place}: {wrong}")),
                    }
                }
            }
            _ => {}
        }
    }
    page
}

fn example(
    kind: &str,
    text: &str,
    place: &str,
    heading: &str,
    network: Option<&Arc<Network>>,
) -> Result<Option<Example>, line::Wrong> {
    let traps = traps(text);
    let text = text.split('#').next().unwrap_or_default().trim();
    if text.is_empty() {
        return Ok(None);
    }
    let network = network.ok_or_else(|| "no network stands above this line".to_owned())?;
    let line = match kind {
        "flows" => Line::Flow(line::flow_line(text, network)?),
        "names" => Line::Name(line::name_line(text)?),
        _ => Line::Request(line::request_line(text)?),
    };
    Ok(Some(Example {
        place: place.to_owned(),
        heading: heading.to_owned(),
        text: text.to_owned(),
        network: network.clone(),
        line,
        traps,
    }))
}

/// The traps that begin a line's remark: `T12` and `T148b` in `… # T12, T148b: why`.
fn traps(text: &str) -> Vec<String> {
    let remark = text.split_once('#').map(|(_, remark)| remark);
    let words = remark.unwrap_or_default().split([',', ' ', ':']);
    words
        .filter(|word| !word.is_empty())
        .map_while(|word| {
            let number = word.strip_prefix('T')?.trim_end_matches(['b', 'c']);
            let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| word.to_owned())
        })
        .collect()
}

/// Reads a native network and closes it.
///
/// # Errors
///
/// Every mistake, in one text.
pub fn network(text: &str, file: &str) -> Result<Network, String> {
    draft(text, file)?.validate().map_err(|defects| {
        let lines: Vec<_> = defects.iter().map(ToString::to_string).collect();
        format!("{file}: {}", lines.join("\n  "))
    })
}

/// Reads a native network without validating it.
///
/// # Errors
///
/// Every mistake of the text.
pub fn draft(text: &str, file: &str) -> Result<NetworkDraft, String> {
    let diagnostics = |diagnostics: Vec<ingest::Diagnostic>| {
        let lines: Vec<_> = diagnostics.iter().map(ToString::to_string).collect();
        format!("{file}: {}", lines.join("\n  "))
    };
    let (draft, _, _) = ingest::native::read(text, file).map_err(diagnostics)?;
    Ok(draft)
}
