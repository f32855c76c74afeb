//! Recognising what an input is by its content, and reading it.

mod assembly;
mod environment;
mod unsupported;

pub use unsupported::is_terraform_file;

use std::ffi::OsStr;
use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};

use crate::json::Value;
use toml::de::DeTable;

use crate::cloudformation::{
    self, ChangeSet, Parameters, Template, is_change_set, is_parameters, is_template, yaml,
};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::file::{File, Limits};
use crate::ip_ranges::{IpRanges, is_ip_ranges};
use crate::json::{self, Budget, Cursor};
use crate::sink::Sink;
use crate::{
    Ingested, Input, InputKind, Options, ReadError, describe, native, on_premises, terraform,
};

/// What is expected of an input.
const EXPECTED: &str = "expected a directory of AWS CLI describe-* JSON, a snapshot of AWS Config, a Terraform plan from \
                        `terraform show -json`, a Terraform state, a CloudFormation template (JSON or YAML) or change set, the CDK's `cdk.out`, or a native network file (TOML)";

/// The templates of the run, which are read together once all other inputs are, and what comes behind them.
#[derive(Default)]
struct Templates {
    list: Vec<Template>,
    change_sets: Vec<ChangeSet>,
    /// What says the entries of AWS's prefix lists, when nothing else does.
    ip_ranges: Vec<IpRanges>,
    /// The files of parameters, each with how many templates were named before it.
    parameters: Vec<(usize, Parameters)>,
    /// What says for which account and Region templates are.
    manifests: environment::Manifests,
    /// Whether a file that may be a template could not be read: what parameters are for is not known
    /// then.
    has_failed: bool,
}

impl Templates {
    fn parameters(&mut self, file: &File, value: &Value) -> InputKind {
        let parameters = Parameters::read(file.name.clone(), value);
        self.parameters.push((self.list.len(), parameters));
        InputKind::CloudFormationParameters
    }

    fn read(mut self, sink: &mut Sink) {
        let known = self.parameters.iter().filter(|_| !self.has_failed);
        for (n_before, parameters) in known {
            let from = n_before.saturating_sub(1);
            let end = if *n_before == 0 {
                self.list.len()
            } else {
                *n_before
            };
            let meant = self.list.get_mut(from..end).unwrap_or_default();
            parameters.give(meant, sink);
        }
        cloudformation::read(self.list, &self.change_sets, sink);
        for ip_ranges in &self.ip_ranges {
            ip_ranges.complete(sink);
        }
    }
}

/// Reads all inputs, one after the other, whatever mistakes they have.
pub(crate) fn read(
    paths: &[PathBuf],
    options: &Options,
    limits: Limits,
) -> Result<Ingested, ReadError> {
    let mut sink = Sink::default();
    let mut inputs = Vec::new();
    let mut templates = Templates::default();
    let files = options.terraform_files.iter();
    for directory in files.filter(|directory| !directory.is_dir()) {
        let place = Place::file(directory.display().to_string());
        let error = Diagnostic::error(place, Code::UnreadableFile, "is not a directory");
        sink.push(error.help("give the directory in which `terraform plan` ran"));
    }
    for path in paths {
        if assembly::is_assembly(path) {
            let files = assembly::templates(path);
            if files.is_empty() {
                let place = Place::file(path.display().to_string());
                let message = "the CDK's directory has no template";
                let error = Diagnostic::error(place, Code::EmptyDirectory, message);
                sink.push(error.help("synthesize it again with `cdk synth`"));
            }
            for file in files {
                inputs.extend(read_file(&file, options, limits, &mut templates, &mut sink));
            }
        } else if path.is_dir() {
            inputs.extend(read_directory(path, limits, &mut sink));
        } else {
            inputs.extend(read_file(path, options, limits, &mut templates, &mut sink));
        }
        inputs.append(&mut sink.files);
    }
    let has_plan = inputs
        .iter()
        .any(|input| input.kind == InputKind::TerraformPlan);
    if let (Some(directory), false) = (options.terraform_files.first(), has_plan) {
        let place = Place::file(directory.display().to_string());
        let message = "there is no Terraform plan that the files could be those of";
        let warning = Diagnostic::warning(place, Code::FilesDiffer, message);
        sink.push(warning.help("name the plan, as `terraform show -json` prints it, as an input"));
    }
    templates.read(&mut sink);
    if sink.has_errors() {
        return Err(sink.into_error());
    }
    on_premises::assume(&mut sink);
    let references = sink.take_references();
    Ok(Ingested {
        draft: sink.draft,
        provenance: sink.provenance,
        diagnostics: sink.diagnostics,
        inputs,
        assumptions: sink.assumptions.into_iter().collect(),
        unplaced: sink.unplaced,
        doubts: sink.doubts,
        unseen_ipv6: sink.unseen_ipv6,
        bare: sink.bare,
        open: sink.open,
        references,
        resources: sink.resources,
    })
}

/// Reads a directory. One in which nothing fits but Terraform's files is told apart.
fn read_directory(path: &Path, limits: Limits, sink: &mut Sink) -> Option<Input> {
    let n_errors = sink.n_errors();
    let input = describe::read(path, limits, sink);
    let mut entries = fs::read_dir(path).into_iter().flatten().flatten();
    let is_terraform = |entry: DirEntry| is_terraform_file(&entry.path());
    if sink.n_errors() > n_errors && entries.any(is_terraform) {
        let place = Place::file(path.display().to_string());
        unsupported::TERRAFORM_FILES.say(place, sink);
    }
    input
}

fn read_file(
    path: &Path,
    options: &Options,
    limits: Limits,
    templates: &mut Templates,
    sink: &mut Sink,
) -> Option<Input> {
    let mut file = match File::read(path, limits) {
        Ok(file) => file,
        Err(diagnostic) => {
            sink.push(*diagnostic);
            return None;
        }
    };
    if let Some(unsupported) = unsupported::of_file(path, file.text()) {
        unsupported.say(Place::file(file.name), sink);
        return None;
    }
    let kind = match syntax(path, &file) {
        syntax @ (Syntax::Json | Syntax::Yaml) => {
            let kind = match syntax {
                Syntax::Json => read_json(&mut file, options, templates, sink),
                Syntax::Yaml | Syntax::Toml | Syntax::Neither => read_yaml(&file, templates, sink),
            };
            templates.has_failed |= kind.is_none();
            if let (Some(InputKind::CloudFormation), Some(template)) =
                (kind, templates.list.last_mut())
            {
                templates.manifests.give(path, template, limits, sink);
            }
            kind?
        }
        Syntax::Toml if defines_nothing(file.text()) => {
            let place = Place::file(file.name.clone());
            let message = "the file has nothing but comments";
            let diagnostic = Diagnostic::error(place, Code::EmptyFile, message);
            sink.push(diagnostic.help("expected tables such as `[vpc.main]` and `[subnet.app]`"));
            return None;
        }
        Syntax::Toml => {
            native::read_into(file.text(), &file.name, sink);
            InputKind::Native
        }
        Syntax::Neither => {
            unrecognised(&file, "neither JSON, YAML nor TOML", sink);
            return None;
        }
    };
    Some(Input {
        path: file.name.to_string(),
        kind,
        sha256: file.sha256,
        collections: Vec::new(),
    })
}

enum Syntax {
    Json,
    Yaml,
    Toml,
    Neither,
}

/// The syntax of a file: by its name when that says so, since a mistake is then worth explaining,
/// else by its text.
fn syntax(path: &Path, file: &File) -> Syntax {
    let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    let text = file.text().trim_start();
    if extension.eq_ignore_ascii_case("toml") {
        Syntax::Toml
    } else if extension.eq_ignore_ascii_case("json") || text.starts_with('{') {
        Syntax::Json
    } else if ["yaml", "yml"]
        .iter()
        .any(|one| extension.eq_ignore_ascii_case(one))
    {
        Syntax::Yaml
    } else if text.len() <= native::MAX_FILE_BYTES && DeTable::parse(text).is_ok() {
        Syntax::Toml
    } else if is_yaml(text) {
        Syntax::Yaml
    } else {
        Syntax::Neither
    }
}

/// Whether a text without a telling name begins sections of a template.
fn is_yaml(text: &str) -> bool {
    let begins = |line: &str| {
        line.starts_with("Resources:") || line.starts_with("AWSTemplateFormatVersion:")
    };
    text.lines().any(begins)
}

/// Whether a TOML file has only comments. That is no network which happens to have nothing in it:
/// every claim on it would hold.
fn defines_nothing(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim);
    lines.all(|line| line.is_empty() || line.starts_with('#'))
}

/// A list is the AWS CLI's form of parameters; YAML has them as an object too.
fn read_yaml(file: &File, templates: &mut Templates, sink: &mut Sink) -> Option<InputKind> {
    let document = match yaml::parse(file.text(), &file.name) {
        Ok(document) => document,
        Err(diagnostic) => {
            sink.push(*diagnostic);
            return None;
        }
    };
    if is_template(&document.value) {
        templates
            .list
            .push(Template::yaml(file.name.clone(), document));
        return Some(InputKind::CloudFormation);
    }
    if is_parameters(&document.value) {
        return Some(templates.parameters(file, &document.value));
    }
    unrecognised(file, "YAML that is no CloudFormation template", sink);
    None
}

/// Reads what a plan has found, in place of what it makes of it.
fn prior_state(document: &Cursor<'_>, sink: &mut Sink) -> Option<InputKind> {
    let Some(prior) = document.get("prior_state") else {
        let message = "the plan has no prior state";
        let error = Diagnostic::error(document.place(), Code::MissingField, message);
        sink.push(error.help("give the network before the change as well"));
        return None;
    };
    terraform::read(prior, &[], sink);
    Some(InputKind::TerraformState)
}

fn read_json(
    file: &mut File,
    options: &Options,
    templates: &mut Templates,
    sink: &mut Sink,
) -> Option<InputKind> {
    let budget = Budget::default();
    // Of the state before a plan only that of data sources is kept, unless it is what is asked for.
    let parsed = if terraform::is_shown(file.text()) && !options.prior_state {
        json::parse_part(file.text(), &file.name, &budget, terraform::Kept::Document)
    } else {
        json::parse(file.text(), &file.name, &budget)
    };
    let value = match parsed {
        Ok(value) => value,
        Err(diagnostic) => {
            sink.push(*diagnostic);
            return None;
        }
    };
    // Nobody needs both, and a large plan is large twice.
    file.text = String::new();
    let has = |key: &str| value.get(key).is_some();
    if has("format_version") {
        let planned = has("planned_values") || has("resource_changes");
        if !planned && !has("values") {
            let message = "the Terraform state is empty";
            let diagnostic =
                Diagnostic::error(Place::file(file.name.clone()), Code::EmptyFile, message);
            let help = "`terraform show -json` prints this where there is no state";
            sink.push(diagnostic.help(help));
            return None;
        }
        let document = Cursor::new(&value, &file.name);
        if planned && options.prior_state {
            return prior_state(&document, sink);
        }
        terraform::read(document, &options.terraform_files, sink);
        return Some(if planned {
            InputKind::TerraformPlan
        } else {
            InputKind::TerraformState
        });
    }
    if terraform::is_stored(&value) {
        terraform::read_stored(&Cursor::new(&value, &file.name), sink);
        return Some(InputKind::TerraformState);
    }
    if is_template(&value) {
        templates
            .list
            .push(Template::json(file.name.clone(), value));
        return Some(InputKind::CloudFormation);
    }
    if describe::is_config(&value) {
        describe::read_config(file, value, sink);
        return Some(InputKind::Config);
    }
    if is_ip_ranges(&value) {
        let ip_ranges = IpRanges::read(file.name.clone(), &value, sink)?;
        templates.ip_ranges.push(ip_ranges);
        return Some(InputKind::IpRanges);
    }
    if is_change_set(&value) {
        let change_set = ChangeSet::read(file.name.clone(), &value, sink);
        templates.change_sets.push(change_set);
        return Some(InputKind::ChangeSet);
    }
    if let Some(unsupported) = unsupported::of_json(&value) {
        unsupported.say(Place::file(file.name.clone()), sink);
        return None;
    }
    if is_parameters(&value) {
        return Some(templates.parameters(file, &value));
    }
    let what = if describe::is_page(&value) {
        "one file of AWS CLI output, not the directory that holds it"
    } else if let Value::Object(object) = &value
        && object.is_empty()
    {
        "an empty JSON object"
    } else {
        "JSON of no kind that is known"
    };
    unrecognised(file, what, sink);
    None
}

fn unrecognised(file: &File, what: &str, sink: &mut Sink) {
    let message = format!("this is {what}");
    let place = Place::file(file.name.clone());
    sink.push(Diagnostic::error(place, Code::UnrecognisedInput, message).help(EXPECTED));
}

#[cfg(test)]
mod tests;
