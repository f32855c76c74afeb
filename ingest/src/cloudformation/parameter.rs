//! Files of parameters: the values that a stack is made with.
//!
//! A file given behind a template is for that template; one before the first is for all of them. It
//! may give pseudo parameters too: a template does not say its region.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::json::Value as Json;

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::sink::Sink;

use super::template::Template;

/// The values in a file.
#[derive(Debug)]
pub(crate) struct Parameters {
    file: Arc<str>,
    values: BTreeMap<String, Json>,
}

/// Whether a document is a file of parameters: the list that the AWS CLI takes, `{"Parameters": {…}}`
/// as CodePipeline takes it, or an object of names and values.
pub(crate) fn is_parameters(value: &Json) -> bool {
    match value {
        Json::Array(items) => {
            !items.is_empty() && items.iter().all(|one| one.get("ParameterKey").is_some())
        }
        Json::Object(fields) => match fields.get("Parameters") {
            Some(Json::Object(values)) => values.values().all(is_value),
            Some(_) => false,
            None => {
                !fields.is_empty()
                    && fields
                        .iter()
                        .all(|(name, value)| is_name(name) && is_value(value))
            }
        },
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => false,
    }
}

fn is_value(value: &Json) -> bool {
    value.is_string() || value.is_number() || value.is_boolean()
}

fn is_name(name: &str) -> bool {
    let name = name.strip_prefix("AWS::").unwrap_or(name);
    !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric())
}

impl Parameters {
    /// Reads a file; a value that is not there (`UsePreviousValue`) stays the one that the stack has,
    /// which is not known.
    pub(crate) fn read(file: Arc<str>, value: &Json) -> Parameters {
        let mut values = BTreeMap::new();
        match value {
            Json::Array(items) => {
                for item in items {
                    let name = item.get("ParameterKey").and_then(Json::as_str);
                    if let Some(name) = name {
                        let value = item.get("ParameterValue");
                        values.insert(name.to_owned(), value.cloned().unwrap_or(Json::Null));
                    }
                }
            }
            Json::Object(fields) => {
                let inner = fields.get("Parameters").and_then(Json::as_object);
                let fields = inner.unwrap_or(fields).iter();
                values.extend(fields.map(|(name, value)| (name.to_owned(), value.clone())));
            }
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
        }
        Parameters { file, values }
    }

    /// Gives the values to templates. A name that none of them has is an error.
    pub(crate) fn give(&self, templates: &mut [Template], sink: &mut Sink) {
        if templates.is_empty() {
            let error = Diagnostic::error(
                Place::file(self.file.clone()),
                Code::UnrecognisedInput,
                "this is a file of parameters without a template",
            );
            sink.push(error.help("name the CloudFormation template before it"));
            return;
        }
        for (name, value) in &self.values {
            let mut is_taken = name.starts_with("AWS::");
            for template in templates.iter_mut() {
                if name.starts_with("AWS::") || template.entry("Parameters", name).is_some() {
                    is_taken = true;
                    template.given.insert(name.clone(), value.clone());
                }
            }
            if !is_taken {
                let place = Place::file(self.file.clone());
                let message = format!("no template has a parameter `{name}`");
                sink.push(
                    Diagnostic::error(place, Code::NotDefined, message)
                        .help("a file of parameters is for the template that is named before it"),
                );
            }
        }
    }
}
