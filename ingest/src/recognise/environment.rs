//! For which account and Region the CDK synthesized a template: the manifest beside it says so, as
//! [`aws://ACCOUNT/REGION`](https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.cx_api.EnvironmentUtils.html).
//!
//! An application that is not bound to an environment has `unknown-account` and `unknown-region` there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::cloudformation::Template;
use crate::diagnostic::{Code, Diagnostic};
use crate::file::{File, Limits};
use crate::json::{self, Budget, Cursor, Value};
use crate::sink::Sink;
use crate::{Input, InputKind};

use super::assembly;

/// How the CDK writes what it does not know.
const UNKNOWN: [&str; 2] = ["unknown-account", "unknown-region"];

/// A manifest, of which each environment is read when its template is.
struct Manifest {
    file: File,
    value: Value,
    /// Whether it is among the inputs already.
    is_listed: bool,
}

/// The manifests that were read, by directory; nothing of one with a mistake, which was told.
#[derive(Default)]
pub(super) struct Manifests {
    read: BTreeMap<PathBuf, Option<Manifest>>,
}

impl Manifests {
    /// Gives a template its account and Region, as far as a manifest beside it says them.
    pub(super) fn give(
        &mut self,
        path: &Path,
        template: &mut Template,
        limits: Limits,
        sink: &mut Sink,
    ) {
        let directory = path.parent().filter(|one| assembly::is_assembly(one));
        let (Some(directory), Some(name)) = (directory, path.file_name()) else {
            return;
        };
        let read = self.read.entry(directory.to_owned());
        let read = read.or_insert_with(|| Manifest::read(directory, limits, sink));
        let (Some(manifest), Some(name)) = (read, name.to_str()) else {
            return;
        };
        let Some(parts) = environment(&manifest.value, &manifest.file.name, name, sink) else {
            return;
        };
        let parts = ["AWS::AccountId", "AWS::Region"].into_iter().zip(parts);
        for (parameter, value) in parts.filter(|(_, value)| !UNKNOWN.contains(&value.as_str())) {
            template.give(parameter, value);
            if !std::mem::replace(&mut manifest.is_listed, true) {
                sink.files.push(Input {
                    path: manifest.file.name.to_string(),
                    kind: InputKind::CdkManifest,
                    sha256: manifest.file.sha256.clone(),
                    collections: Vec::new(),
                });
            }
        }
    }
}

impl Manifest {
    fn read(directory: &Path, limits: Limits, sink: &mut Sink) -> Option<Self> {
        let file = File::read(&directory.join("manifest.json"), limits);
        let read = file.and_then(|file| {
            let value = json::parse(&file.text, &file.name, &Budget::default())?;
            Ok(Manifest {
                file,
                value,
                is_listed: false,
            })
        });
        match read {
            Ok(manifest) => Some(manifest),
            Err(diagnostic) => {
                sink.push(*diagnostic);
                None
            }
        }
    }
}

/// The account and the Region of the stack that a template makes.
fn environment(
    manifest: &Value,
    file: &std::sync::Arc<str>,
    template: &str,
    sink: &mut Sink,
) -> Option<[String; 2]> {
    let artifacts = manifest.get("artifacts").and_then(Value::as_object)?;
    let is_of = |artifact: &Value| {
        let properties = artifact.get("properties");
        let of = properties.and_then(|properties| properties.get("templateFile"));
        of.and_then(Value::as_str) == Some(template)
    };
    let (name, artifact) = artifacts.iter().find(|(_, artifact)| is_of(artifact))?;
    let written = artifact.get("environment")?.as_str()?;
    let parts = written.strip_prefix("aws://");
    let parts = parts.and_then(|parts| parts.split_once('/'));
    let is_whole = |(account, region): &(&str, &str)| {
        !account.is_empty() && !region.is_empty() && !region.contains('/')
    };
    match parts.filter(is_whole) {
        Some((account, region)) => Some([account.to_owned(), region.to_owned()]),
        None => {
            let document = Cursor::new(manifest, file);
            let place = document.get("artifacts").and_then(|all| all.get(name));
            let place = place.and_then(|one| one.get("environment"));
            let place = place.map_or_else(|| document.place(), |one| one.place());
            let message = format!("the environment of the stack is `{written}`");
            let error = Diagnostic::error(place, Code::InvalidValue, message);
            sink.push(error.help("expected `aws://ACCOUNT/REGION`, as `cdk synth` writes it"));
            None
        }
    }
}
