//! States in the form in which Terraform stores them, as in `terraform.tfstate`: what is in them is what
//! `terraform show -json` prints of them, block by block instead of instance by instance.
//!
//! Source: <https://developer.hashicorp.com/terraform/internals/json-format#state-representation> for
//! what is shown; the stored form is version 4, which Terraform 0.12 and later and OpenTofu write.

use crate::json::Value as Json;

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::json::Cursor;
use crate::sink::Sink;

use super::plan::MAX_MODULE_DEPTH;
use super::reference::{Call, Key, calls};

/// The version of the form that is read.
const VERSION: i64 = 4;

/// One instance of a resource or data source.
pub(super) struct Stored<'a> {
    pub(super) address: String,
    pub(super) of: &'a str,
    pub(super) name: &'a str,
    pub(super) is_data: bool,
    pub(super) module: Vec<Call>,
    pub(super) key: Option<Key>,
    pub(super) values: &'a Json,
    /// Which attributes are masked. One of which any part is masked is so as a whole.
    pub(super) sensitive: Json,
    pub(super) place: Place,
}

/// Whether a document is a state as it is stored, of whatever version.
pub(crate) fn is_stored(document: &Json) -> bool {
    let has = |key: &str| document.get(key).is_some();
    has("serial") && (has("lineage") || has("resources") || has("modules"))
}

/// The instances of a state; `None`, and an error, when it is not one that can be read.
pub(super) fn instances<'a>(document: &Cursor<'a>, sink: &mut Sink) -> Option<Vec<Stored<'a>>> {
    if document.get("encrypted_data").is_some() {
        let message = "this is an encrypted OpenTofu state";
        let error = Diagnostic::error(document.place(), Code::UnsupportedInput, message);
        sink.push(error.help("decrypt it: give what `tofu show -json` prints"));
        return None;
    }
    let version = document.required("version", sink)?.as_integer(sink)?;
    if version != VERSION {
        let message = format!("this is a Terraform state of version {version}");
        let error = Diagnostic::error(document.place(), Code::UnsupportedInput, message);
        let help =
            format!("version {VERSION} is read; give what `terraform show -json` prints of it");
        sink.push(error.help(help));
        return None;
    }
    let resources = document.required("resources", sink)?.as_list(sink);
    let mut stored = Vec::new();
    for resource in resources {
        block(&resource, &mut stored, sink);
    }
    if stored.is_empty() && !sink.has_errors() {
        let message = "the Terraform state is empty";
        let error = Diagnostic::error(document.place(), Code::EmptyFile, message);
        sink.push(
            error.help("`terraform apply` writes what it made; a backend keeps it elsewhere"),
        );
        return None;
    }
    Some(stored)
}

/// The instances of a block. What stands in a state twice under one address is deposed: a left-over
/// of a replacement, which is there as long as the state has it.
fn block<'a>(resource: &Cursor<'a>, stored: &mut Vec<Stored<'a>>, sink: &mut Sink) {
    let of = resource.required_text("type", sink);
    let name = resource.required_text("name", sink);
    let mode = resource.required_text("mode", sink);
    let (Some(of), Some(name), Some(mode)) = (of, name, mode) else {
        return;
    };
    let is_data = match mode {
        "managed" => false,
        "data" => true,
        _ => {
            let message = format!("`{mode}` is no mode of a resource");
            resource.error(sink, Code::InvalidValue, message);
            return;
        }
    };
    let address = resource.text("module", sink).unwrap_or_default();
    let module = calls(address).filter(|module| module.len() <= MAX_MODULE_DEPTH);
    let Some(module) = module else {
        let message = format!("`{address}` is not the address of a module");
        resource.error(sink, Code::InvalidValue, message);
        return;
    };
    let dot = if address.is_empty() { "" } else { "." };
    let data = if is_data { "data." } else { "" };
    let instances = resource.required("instances", sink);
    for instance in instances.map_or_else(Vec::new, |list| list.as_list(sink)) {
        let index = instance.get("index_key");
        let key = index.as_ref().and_then(|index| Key::of(index.value()));
        if let (Some(index), None) = (&index, &key) {
            index.error(sink, Code::InvalidValue, "expected a number or a string");
            continue;
        }
        if instance.get("attributes_flat").is_some() {
            let message = format!("`{of}.{name}` is as Terraform 0.11 wrote it");
            let error = Diagnostic::error(instance.place(), Code::UnsupportedInput, message);
            sink.push(error.help("give what `terraform show -json` prints of the state"));
            continue;
        }
        let Some(values) = instance.required("attributes", sink) else {
            continue;
        };
        let index = key.as_ref().map(Key::to_string).unwrap_or_default();
        stored.push(Stored {
            address: format!("{address}{dot}{data}{of}.{name}{index}"),
            of,
            name,
            is_data,
            module: module.clone(),
            key,
            values: values.value(),
            sensitive: sensitive(&instance, sink),
            place: instance.place(),
        });
    }
}

/// A list of paths, each a list of steps, as a mask.
fn sensitive(instance: &Cursor<'_>, sink: &mut Sink) -> Json {
    let mut mask = crate::json::Map::new();
    for path in instance.list("sensitive_attributes", sink) {
        let steps = path.as_list(sink);
        let first = steps.first().and_then(|first| first.text("value", sink));
        if let Some(attribute) = first {
            mask.insert(attribute.to_owned(), Json::Bool(true));
        }
    }
    Json::Object(mask)
}
