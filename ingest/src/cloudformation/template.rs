//! The template: its sections, and where each value of it stands.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::json::{Map, Value as Json};

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::sink::Sink;

use super::yaml::{Document, Lines};

/// How many resources one template may have. AWS takes 500; a processed one may be given in parts.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>
const MAX_RESOURCES: usize = 5000;

/// The template of a stack.
#[derive(Debug)]
pub(crate) struct Template {
    pub(super) file: Arc<str>,
    pub(super) value: Json,
    pub(super) lines: Lines,
    /// Texts without quotes that versions of YAML read differently, by their pointers.
    ambiguous: BTreeMap<String, String>,
    /// The values of parameters that were given with it.
    pub(super) given: BTreeMap<String, Json>,
    /// Where resources stand in a file that is no template, by their pointers in one.
    pub(super) places: BTreeMap<String, String>,
}

/// A resource as it is written.
#[derive(Clone, Copy)]
pub(super) struct Written<'t> {
    pub(super) id: &'t str,
    pub(super) of: &'t str,
    pub(super) body: &'t Json,
}

impl Template {
    /// A template in JSON.
    pub(crate) fn json(file: Arc<str>, value: Json) -> Template {
        let lines = Lines::new();
        let document = Document {
            value,
            lines,
            ambiguous: BTreeMap::new(),
        };
        Self::yaml(file, document)
    }

    /// A template in YAML.
    pub(crate) fn yaml(file: Arc<str>, document: Document) -> Template {
        Template {
            file,
            value: document.value,
            lines: document.lines,
            ambiguous: document.ambiguous,
            given: BTreeMap::new(),
            places: BTreeMap::new(),
        }
    }

    /// Gives a parameter a value, which a file of parameters may replace.
    pub(crate) fn give(&mut self, parameter: &str, value: String) {
        self.given.insert(parameter.to_owned(), Json::String(value));
    }

    /// The texts that versions of YAML read differently, where they may matter.
    pub(super) fn ambiguous(&self) -> impl Iterator<Item = (&String, &String)> {
        self.ambiguous.iter().filter(|(pointer, _)| {
            let steps: Vec<_> = pointer.split('/').skip(1).collect();
            match steps.as_slice() {
                ["Conditions" | "Mappings", ..] => true,
                ["Parameters", _, last] => *last == "Default",
                ["Resources", _, section, ..] => *section == "Properties",
                _ => false,
            }
        })
    }

    /// Where the value of a pointer stands: in YAML, the line of the nearest value that was written.
    pub(super) fn place(&self, pointer: &str) -> Place {
        let mut written = pointer;
        let line = loop {
            if let Some(line) = self.lines.get(written) {
                break Some(*line);
            }
            match written.rsplit_once('/') {
                Some((above, _)) => written = above,
                None => break None,
            }
        };
        let elsewhere = self.places.iter().find_map(|(from, to)| {
            let rest = pointer.strip_prefix(from.as_str())?;
            (rest.is_empty() || rest.starts_with('/')).then(|| format!("{to}{rest}"))
        });
        Place {
            file: self.file.clone(),
            pointer: Some(elsewhere.unwrap_or_else(|| pointer.to_owned())),
            line,
            source: None,
        }
    }

    /// An error at a pointer.
    pub(super) fn error(
        &self,
        pointer: &str,
        code: Code,
        message: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic::error(self.place(pointer), code, message)
    }

    /// A section of the template; none when it is not there.
    pub(super) fn section(&self, name: &str) -> Option<&Map> {
        self.value.get(name)?.as_object()
    }

    /// An entry of a section.
    pub(super) fn entry(&self, section: &str, name: &str) -> Option<&Json> {
        self.section(section)?.get(name)
    }

    /// A resource.
    pub(super) fn resource(&self, id: &str) -> Option<Written<'_>> {
        let (id, body) = self.section("Resources")?.get_key_value(id)?;
        let of = body.get("Type")?.as_str()?;
        Some(Written { id, of, body })
    }

    /// The resources, in the order of their ids.
    pub(super) fn resources(&self) -> Vec<Written<'_>> {
        let ids = self.section("Resources").into_iter().flatten();
        ids.filter_map(|(id, _)| self.resource(id)).collect()
    }

    /// Checks the shape of the sections; what is wrong is an error each.
    pub(super) fn check(&self, sink: &mut Sink) {
        for name in [
            "Parameters",
            "Mappings",
            "Conditions",
            "Resources",
            "Outputs",
        ] {
            let is_wrong = self.value.get(name).is_some_and(|of| !of.is_object());
            if is_wrong {
                let message = format!("`{name}` is not an object");
                sink.push(self.error(&format!("/{name}"), Code::WrongType, message));
            }
        }
        let Some(resources) = self.section("Resources") else {
            return;
        };
        if resources.len() > MAX_RESOURCES {
            let message = format!("the template has more than {MAX_RESOURCES} resources");
            sink.push(self.error("/Resources", Code::FileTooLarge, message));
        }
        for (id, body) in resources {
            self.check_resource(id, body, sink);
        }
        self.check_transforms(sink);
    }

    fn check_resource(&self, id: &str, body: &Json, sink: &mut Sink) {
        let pointer = format!("/Resources/{}", super::yaml::escaped(id));
        if id.starts_with("Fn::ForEach") || id == "Fn::Transform" {
            let message = format!("`{id}` makes resources when the template is processed");
            sink.push(
                self.error(&pointer, Code::InvalidValue, message)
                    .help(PROCESSED),
            );
            return;
        }
        if !id.chars().all(|letter| letter.is_ascii_alphanumeric()) || id.is_empty() {
            let message = format!("`{id}` is not a logical id");
            let error = self.error(&pointer, Code::InvalidValue, message);
            sink.push(error.help("expected letters and digits"));
        }
        if body.get("Type").and_then(Json::as_str).is_none() {
            let message = format!("resource `{id}` has no `Type`");
            let error = self.error(&pointer, Code::MissingField, message);
            sink.push(error.help("expected a type such as `AWS::EC2::VPC`"));
        }
        if body.get("Properties").is_some_and(|of| !of.is_object()) {
            let message = format!("the properties of `{id}` are not an object");
            sink.push(self.error(&format!("{pointer}/Properties"), Code::WrongType, message));
        }
    }

    /// A macro may change everything, so that what is written is not what is made.
    fn check_transforms(&self, sink: &mut Sink) {
        let names: Vec<_> = match self.value.get("Transform") {
            Some(Json::Array(items)) => items.iter().collect(),
            Some(one) => vec![one],
            None => return,
        };
        for name in names {
            match name.as_str() {
                Some("AWS::LanguageExtensions") => {}
                Some(serverless) if serverless.starts_with("AWS::Serverless") => {
                    let component = format!("{} Transform", self.file);
                    let what = "what `AWS::Serverless` makes beside the resources that are written";
                    sink.left_out(self.place("/Transform"), &component, what);
                }
                name => {
                    let name = name.unwrap_or("a macro with parameters");
                    let message = format!("`{name}` changes the template when it is processed");
                    let error = self.error("/Transform", Code::InvalidValue, message);
                    sink.push(error.help(PROCESSED));
                }
            }
        }
    }
}

/// What to do about a macro.
pub(super) const PROCESSED: &str = "give the processed template: `aws cloudformation get-template \
                                    --template-stage Processed`";
