//! Formats that are known and not read: what they are, and what to give instead.

use std::path::Path;

use crate::json::Value;

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::sink::Sink;

/// What a file is, and what to give instead.
pub(super) struct Unsupported {
    pub(super) what: &'static str,
    pub(super) instead: &'static str,
}

impl Unsupported {
    /// Says so.
    pub(super) fn say(&self, place: Place, sink: &mut Sink) {
        let message = format!("this is {}", self.what);
        let error = Diagnostic::error(place, Code::UnsupportedInput, message);
        sink.push(error.help(self.instead));
    }
}

/// What to give instead of what does not say how the network will be.
const SNAPSHOT: &str =
    "give a directory of AWS CLI describe-* JSON, as `collect.sh` records it from the account";
const PLAN: &str = "`terraform plan -out plan && terraform show -json plan > plan.json` makes what \
                    is read; its directory goes behind `--hcl`";

/// The words with which Terraform and OpenTofu begin to show a plan.
const TOLD: [&str; 2] = [
    "Terraform will perform the following actions:",
    "OpenTofu will perform the following actions:",
];

/// How many lines are looked at for these words.
const MAX_LINES: usize = 1000;

/// The files of which Terraform makes a plan.
pub(super) const TERRAFORM_FILES: Unsupported = Unsupported {
    what: "what a Terraform plan is made of, and not the plan",
    instead: PLAN,
};

/// Whether a file is one of those of which Terraform or OpenTofu makes a plan, by its name.
pub fn is_terraform_file(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy());
    let endings = [".tf", ".tf.json", ".tofu", ".tofu.json"];
    name.is_some_and(|name| endings.iter().any(|ending| name.ends_with(ending)))
}

/// A file by its name, or a text that is no document.
pub(super) fn of_file(path: &Path, text: &str) -> Option<Unsupported> {
    if is_terraform_file(path) {
        return Some(TERRAFORM_FILES);
    }
    let text = text.trim_start();
    let is_log = text.starts_with("{\"@level\"");
    let mut lines = text.lines().take(MAX_LINES);
    let is_told = lines.any(|line| TOLD.contains(&line.trim_end()));
    (is_log || is_told).then_some(Unsupported {
        what: "what `terraform plan` says while it runs",
        instead: PLAN,
    })
}

/// A document. A file of a template's parameters may have keys of any name, but no value with parts.
pub(super) fn of_json(value: &Value) -> Option<Unsupported> {
    let has = |key: &str| value.get(key).is_some();
    let has_parts = |pointer: &str| {
        let part = value.pointer(pointer);
        part.is_some_and(|part| part.is_object() || part.is_array())
    };
    let (what, instead) = if has("encrypted_data") && has("encryption_version") {
        (
            "an encrypted OpenTofu plan or state",
            "decrypt it: give what `tofu show -json` prints",
        )
    } else if has_parts("/steps") && (has("changeSummary") || has("config")) {
        ("a Pulumi preview", SNAPSHOT)
    } else if has_parts("/deployment/manifest") || has_parts("/deployment/resources") {
        ("a Pulumi stack", SNAPSHOT)
    } else if has("TemplateBody") && has_parts("/StagesAvailable") {
        (
            "a CloudFormation template in the answer of a call",
            "give the template alone: add `--query TemplateBody` to the call",
        )
    } else if has_parts("/resource") || has_parts("/terraform") {
        (TERRAFORM_FILES.what, TERRAFORM_FILES.instead)
    } else {
        return None;
    };
    Some(Unsupported { what, instead })
}
