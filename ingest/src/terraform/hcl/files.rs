//! Files: the `.tf` files of the modules of a plan, and what they declare.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::json::Value as Json;
use hcl_edit::expr::Expression;
use hcl_edit::parser::parse_body;
use hcl_edit::structure::{Block, Body};
use hcl_edit::{Ident, Span};

use crate::diagnostic::Source;
use crate::file::{File, Limits, sha256};

/// The largest file: who writes more by hand has not written it by hand.
const MAX_FILE_BYTES: u64 = 4 * 1024 * 1024;
/// The most files of all modules together.
const MAX_FILES: usize = 10_000;
/// What Terraform notes of the modules that it has fetched.
const MANIFEST: &str = ".terraform/modules/modules.json";

/// The modules of a configuration, each by the names of the calls that lead to it.
#[derive(Default)]
pub(super) struct Sources {
    pub(super) modules: BTreeMap<Vec<String>, Module>,
    /// What keeps them from being read whole.
    pub(super) troubles: Vec<String>,
    digests: BTreeMap<String, String>,
}

/// What the files of a module declare.
#[derive(Default)]
pub(super) struct Module {
    /// Resources and data sources, by address, as `aws_vpc.main` or `data.aws_vpc.main`.
    pub(super) blocks: BTreeMap<String, Declared>,
    pub(super) calls: BTreeMap<String, Declared>,
    pub(super) locals: BTreeMap<String, Expression>,
    pub(super) outputs: BTreeMap<String, Expression>,
    pub(super) variables: BTreeMap<String, Body>,
    directory: PathBuf,
}

/// A block and where it stands.
pub(super) struct Declared {
    pub(super) body: Body,
    pub(super) source: Source,
}

impl Sources {
    /// Reads the root module, and the modules that `configuration` says it calls.
    pub(super) fn read(directory: &Path, configuration: Option<&Json>) -> Sources {
        let mut sources = Sources::default();
        let manifest = manifest(directory);
        let root = configuration.and_then(|of| of.get("root_module"));
        let mut waiting = vec![(Vec::new(), directory.to_owned(), root)];
        while let Some((names, directory, declaration)) = waiting.pop() {
            let calls = declaration.and_then(|of| of.get("module_calls")?.as_object());
            for (name, call) in calls.into_iter().flatten() {
                let mut names: Vec<String> = names.clone();
                names.push(name.to_owned());
                let source = call
                    .get("source")
                    .and_then(Json::as_str)
                    .unwrap_or_default();
                let found = if source.starts_with("./") || source.starts_with("../") {
                    Some(directory.join(source))
                } else {
                    manifest.get(&names.join(".")).cloned()
                };
                if let Some(found) = found {
                    waiting.push((names, found, call.get("module")));
                }
            }
            sources.module(names, directory);
        }
        sources
    }

    /// The digest of what was read: of the names of the files and their digests.
    pub(super) fn sha256(&self) -> String {
        let line = |(name, digest): (&String, &String)| format!("{digest}  {name}\n");
        sha256(self.digests.iter().map(line).collect::<String>().as_bytes())
    }

    fn module(&mut self, names: Vec<String>, directory: PathBuf) {
        let mut module = Module {
            directory,
            ..Module::default()
        };
        let listing = std::fs::read_dir(&module.directory);
        let mut paths: Vec<_> = match listing {
            Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
            Err(error) => {
                let directory = module.directory.display();
                self.troubles
                    .push(format!("`{directory}` cannot be read: {error}"));
                return;
            }
        };
        paths.sort();
        for path in paths {
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
                let path = path.display();
                self.troubles.push(format!("`{path}` has no name in UTF-8"));
                continue;
            };
            // Terraform passes over what is hidden.
            if name.starts_with('.') {
                continue;
            }
            let is_other = |suffix: &&str| name.ends_with(*suffix);
            let other = [".tf.json", "_override.tf", ".tofu", ".tofu.json"];
            if name == "override.tf" || other.iter().any(is_other) {
                let path = path.display();
                self.troubles
                    .push(format!("`{path}` is of a kind that is not read"));
            } else if name.ends_with(".tf") && path.is_file() {
                self.file(&path, &mut module);
            }
        }
        self.modules.insert(names, module);
    }

    fn file(&mut self, path: &Path, module: &mut Module) {
        if self.digests.len() >= MAX_FILES {
            self.troubles
                .push(format!("there are more than {MAX_FILES} files"));
            return;
        }
        let limits = Limits {
            file_bytes: MAX_FILE_BYTES,
        };
        // An empty file declares nothing, and that is no trouble.
        let Ok(file) = File::read(path, limits) else {
            if path.metadata().is_ok_and(|of| of.len() > 2) {
                self.troubles
                    .push(format!("`{}` cannot be read", path.display()));
            }
            return;
        };
        match parse_body(file.text()) {
            Ok(body) => module.take(body, &file),
            Err(error) => {
                let (line, message) = (error.location().line(), error.message());
                let trouble = format!("`{}:{line}` cannot be parsed: {message}", file.name);
                self.troubles.push(trouble);
            }
        }
        self.digests.insert(file.name.to_string(), file.sha256);
    }
}

impl Module {
    fn take(&mut self, body: Body, file: &File) {
        for block in body.into_blocks() {
            let label = |position: usize| block.labels.get(position).map(|label| label.as_str());
            let declared = |block: &Block| Declared {
                source: source(block, file),
                body: block.body.clone(),
            };
            match (block.ident.as_str(), label(0), label(1)) {
                ("resource", Some(of), Some(name)) => {
                    self.blocks.insert(format!("{of}.{name}"), declared(&block));
                }
                ("data", Some(of), Some(name)) => {
                    let address = format!("data.{of}.{name}");
                    self.blocks.insert(address, declared(&block));
                }
                ("module", Some(name), None) => {
                    self.calls.insert(name.to_owned(), declared(&block));
                }
                ("output", Some(name), None) => {
                    let value = block.body.get_attribute("value");
                    let value = value.map(|value| (name.to_owned(), value.value.clone()));
                    self.outputs.extend(value);
                }
                ("variable", Some(name), None) => {
                    self.variables.insert(name.to_owned(), block.body);
                }
                ("locals", None, None) => {
                    let local = |one: &hcl_edit::structure::Attribute| {
                        (Ident::as_str(&one.key).to_owned(), one.value.clone())
                    };
                    self.locals.extend(block.body.attributes().map(local));
                }
                // `provider`, `terraform`, `moved` and so on name no value.
                (_, _, _) => {}
            }
        }
    }
}

fn source(block: &Block, file: &File) -> Source {
    let start = block.span().map_or(0, |span| span.start);
    let before = file.text().as_bytes().iter().take(start);
    Source {
        file: file.name.clone(),
        line: 1 + before.filter(|byte| **byte == b'\n').count(),
    }
}

/// The directories of the modules that Terraform has fetched, by the names of the calls.
fn manifest(root: &Path) -> BTreeMap<String, PathBuf> {
    let text = std::fs::read_to_string(root.join(MANIFEST)).unwrap_or_default();
    let json: Json = serde_json::from_str(&text).unwrap_or_default();
    let modules = json.get("Modules").and_then(Json::as_array);
    let module = |module: &Json| {
        let text = |key: &str| module.get(key).and_then(Json::as_str);
        Some((text("Key")?.to_owned(), root.join(text("Dir")?)))
    };
    modules.into_iter().flatten().filter_map(module).collect()
}

/// A file name to show.
pub(super) fn shown(directory: &Path) -> Arc<str> {
    directory.display().to_string().into()
}
