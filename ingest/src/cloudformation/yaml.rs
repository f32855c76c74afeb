//! YAML: parsing within limits, with the short forms of functions written out and the line of every
//! value.
//!
//! A template's YAML is JSON with tags: `!Ref X` is `{"Ref": "X"}`. So it is read into JSON, and what
//! evaluates a template need not know in which of the two it was written.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::json::{Map, Value as Json};
use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::json::MAX_DEPTH;

/// The largest file that is read as YAML. AWS takes templates of 1 MB.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>
pub(crate) const MAX_FILE_BYTES: usize = 8 * 1024 * 1024;
/// How many values a document may have, aliases followed: a small text can name a large one often.
const MAX_VALUES: usize = 1_000_000;

/// The tags that are short forms, each with the key that it stands for.
const SHORT_FORMS: [(&str, &str); 22] = [
    ("And", "Fn::And"),
    ("Base64", "Fn::Base64"),
    ("Cidr", "Fn::Cidr"),
    ("Condition", "Condition"),
    ("Contains", "Fn::Contains"),
    ("Equals", "Fn::Equals"),
    ("FindInMap", "Fn::FindInMap"),
    ("GetAZs", "Fn::GetAZs"),
    ("GetAtt", "Fn::GetAtt"),
    ("If", "Fn::If"),
    ("ImportValue", "Fn::ImportValue"),
    ("Join", "Fn::Join"),
    ("Length", "Fn::Length"),
    ("Not", "Fn::Not"),
    ("Or", "Fn::Or"),
    ("Ref", "Ref"),
    ("Select", "Fn::Select"),
    ("Split", "Fn::Split"),
    ("Sub", "Fn::Sub"),
    ("ToJsonString", "Fn::ToJsonString"),
    ("Transform", "Fn::Transform"),
    ("ValueOf", "Fn::ValueOf"),
];

/// The line of each value, by its JSON pointer.
pub(super) type Lines = BTreeMap<String, usize>;

/// A document.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) value: Json,
    pub(super) lines: Lines,
    /// Texts without quotes that versions of YAML read differently, by their pointers.
    pub(super) ambiguous: BTreeMap<String, String>,
}

/// Parses the only document of a file.
pub(crate) fn parse(text: &str, file: &Arc<str>) -> Result<Document, Box<Diagnostic>> {
    if text.len() > MAX_FILE_BYTES {
        let message = format!("the file is larger than {MAX_FILE_BYTES} bytes");
        let error = Diagnostic::error(Place::file(file.clone()), Code::FileTooLarge, message);
        return Err(Box::new(error.help("AWS takes templates of 1 MB")));
    }
    let mut builder = Builder::new(file);
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            // The scanner counts lists in one line by itself.
            if error.info().contains("recursion limit") {
                return builder.too_deep(error.marker().line());
            }
            let message = format!("not valid YAML: {}", error.info());
            let error = builder.error(error.marker().line(), Code::InvalidYaml, message);
            Box::new(error.help("expected a template in YAML, whole and indented with spaces"))
        })?;
        builder.event(event, span)?;
    }
    Ok(Document {
        value: builder.root.unwrap_or(Json::Null),
        lines: builder.lines,
        ambiguous: builder.ambiguous,
    })
}

/// A value of which the inner ones are still to come.
struct Open {
    value: Json,
    /// The key whose value comes next.
    key: Option<String>,
    /// The short form that it is the argument of.
    form: Option<&'static str>,
    anchor: usize,
    line: usize,
    /// How many values there were before it.
    n_before: usize,
}

/// Builds JSON from the parser's events.
struct Builder<'f> {
    file: &'f Arc<str>,
    root: Option<Json>,
    open: Vec<Open>,
    lines: Lines,
    ambiguous: BTreeMap<String, String>,
    anchors: BTreeMap<usize, (Json, usize)>,
    n_values: usize,
}

impl<'f> Builder<'f> {
    fn new(file: &'f Arc<str>) -> Self {
        Self {
            file,
            root: None,
            open: Vec::new(),
            lines: Lines::new(),
            ambiguous: BTreeMap::new(),
            anchors: BTreeMap::new(),
            n_values: 0,
        }
    }

    fn error(&self, line: usize, code: Code, message: impl Into<String>) -> Diagnostic {
        let place = Place {
            line: Some(line),
            ..Place::file(self.file.clone())
        };
        Diagnostic::error(place, code, message)
    }

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Box<Diagnostic>> {
        let line = span.start.line();
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let form = self.form(tag.as_deref(), line)?;
                let is_text = style != ScalarStyle::Plain
                    || form.is_some()
                    || tag.is_some_and(|tag| tag.is_yaml_core_schema() && tag.suffix == "str");
                self.scalar(&text, is_text, form, anchor, line)
            }
            Event::SequenceStart(anchor, tag) => {
                self.start(Json::Array(Vec::new()), anchor, tag.as_deref(), line)
            }
            Event::MappingStart(anchor, tag) => {
                self.start(Json::Object(Map::new()), anchor, tag.as_deref(), line)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(anchor) => {
                let Some((value, size)) = self.anchors.get(&anchor).cloned() else {
                    let message = "an alias stands inside of what it names";
                    let error = self.error(line, Code::InvalidYaml, message);
                    return Err(Box::new(error.help("write the value out")));
                };
                self.count(size, line)?;
                self.deep(depth(&value), line)?;
                self.add(value, line)
            }
            Event::DocumentStart(_) if self.root.is_some() => {
                let message = "the file has more than one document";
                let error = self.error(line, Code::InvalidYaml, message);
                Err(Box::new(error.help("a template is one document")))
            }
            Event::DocumentStart(_)
            | Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentEnd => Ok(()),
        }
    }

    /// The short form that a tag is; of YAML's own tags, none.
    fn form(
        &self,
        tag: Option<&Tag>,
        line: usize,
    ) -> Result<Option<&'static str>, Box<Diagnostic>> {
        let Some(tag) = tag else { return Ok(None) };
        if tag.is_yaml_core_schema() {
            return Ok(None);
        }
        let mut forms = SHORT_FORMS.iter();
        let known = forms.find(|(short, _)| tag.handle == "!" && *short == tag.suffix);
        match known {
            Some((_, key)) => Ok(Some(key)),
            None => {
                let message = format!("`{tag}` is no function of CloudFormation");
                let error = self.error(line, Code::InvalidYaml, message);
                let close =
                    crate::nearest::nearest(&tag.suffix, SHORT_FORMS.map(|(short, _)| short));
                Err(Box::new(match close {
                    Some(close) => error.help(format!("did you mean `!{close}`?")),
                    None => error.help("expected a short form such as `!Ref` or `!GetAtt`"),
                }))
            }
        }
    }

    fn count(&mut self, more: usize, line: usize) -> Result<(), Box<Diagnostic>> {
        self.n_values = self.n_values.saturating_add(more);
        if self.n_values <= MAX_VALUES {
            return Ok(());
        }
        let message = format!("the file has more than {MAX_VALUES} values");
        let error = self.error(line, Code::FileTooLarge, message);
        Err(Box::new(error.help(
            "aliases are followed, and may make a small file a large one",
        )))
    }

    /// Refuses what would lie deeper than the limit.
    fn deep(&self, more: usize, line: usize) -> Result<(), Box<Diagnostic>> {
        let most = usize::try_from(MAX_DEPTH).unwrap_or(usize::MAX);
        if self.open.len() + more <= most {
            return Ok(());
        }
        Err(self.too_deep(line))
    }

    fn too_deep(&self, line: usize) -> Box<Diagnostic> {
        let message = format!("nested deeper than {MAX_DEPTH} levels");
        let error = self.error(line, Code::NestingTooDeep, message);
        Box::new(error.help("no template is nested like this"))
    }

    fn start(
        &mut self,
        value: Json,
        anchor: usize,
        tag: Option<&Tag>,
        line: usize,
    ) -> Result<(), Box<Diagnostic>> {
        self.deep(1, line)?;
        let form = self.form(tag, line)?;
        self.place(line);
        let n_before = self.n_values;
        self.count(1, line)?;
        self.open.push(Open {
            value,
            key: None,
            form,
            anchor,
            line,
            n_before,
        });
        Ok(())
    }

    fn end(&mut self) -> Result<(), Box<Diagnostic>> {
        let Some(done) = self.open.pop() else {
            return Ok(());
        };
        let value = with_form(done.value, done.form);
        if done.anchor > 0 {
            let size = self.n_values.saturating_sub(done.n_before);
            self.anchors.insert(done.anchor, (value.clone(), size));
        }
        self.add(value, done.line)
    }

    fn scalar(
        &mut self,
        text: &str,
        is_text: bool,
        form: Option<&'static str>,
        anchor: usize,
        line: usize,
    ) -> Result<(), Box<Diagnostic>> {
        self.count(1, line)?;
        let value = if is_text || self.is_key() {
            Json::from(text)
        } else {
            if is_ambiguous(text) {
                self.ambiguous.insert(self.pointer(), text.to_owned());
            }
            plain(text)
        };
        let value = with_form(value, form);
        if anchor > 0 {
            self.anchors.insert(anchor, (value.clone(), 1));
        }
        self.add(value, line)
    }

    /// Whether what comes next is a key.
    fn is_key(&self) -> bool {
        self.open
            .last()
            .is_some_and(|open| open.value.is_object() && open.key.is_none())
    }

    /// Notes the line of what comes next.
    fn place(&mut self, line: usize) {
        if !self.is_key() {
            let pointer = self.pointer();
            self.lines.entry(pointer).or_insert(line);
        }
    }

    /// The pointer of what comes next.
    fn pointer(&self) -> String {
        let mut pointer = String::new();
        for open in &self.open {
            if let Some(form) = open.form {
                pointer.push_str(&format!("/{form}"));
            }
            match (&open.value, &open.key) {
                (_, Some(key)) => pointer.push_str(&format!("/{}", escaped(key))),
                (Json::Array(items), None) => pointer.push_str(&format!("/{}", items.len())),
                (_, None) => {}
            }
        }
        pointer
    }

    /// Puts a value where it belongs.
    fn add(&mut self, value: Json, line: usize) -> Result<(), Box<Diagnostic>> {
        if self.is_key() {
            return self.key(value, line);
        }
        self.place(line);
        let Some(open) = self.open.last_mut() else {
            self.root = Some(value);
            return Ok(());
        };
        match (&mut open.value, open.key.take()) {
            (Json::Array(items), _) => items.push(value),
            (Json::Object(fields), Some(key)) => {
                fields.insert(key, value);
            }
            (Json::Object(_), None)
            | (Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_), _) => {}
        }
        Ok(())
    }

    fn key(&mut self, key: Json, line: usize) -> Result<(), Box<Diagnostic>> {
        let Json::String(key) = key else {
            let error = self.error(line, Code::InvalidYaml, "a key that is no text");
            return Err(Box::new(error.help("expected a name before the colon")));
        };
        if key == "<<" {
            let error = self.error(line, Code::InvalidYaml, "a merge of mappings (`<<`)");
            return Err(Box::new(
                error.help("CloudFormation does not take it: write the keys out"),
            ));
        }
        let open = self.open.last_mut();
        let fields = open.as_ref().and_then(|open| open.value.as_object());
        if fields.is_some_and(|fields| fields.contains_key(&key)) {
            let message = format!("key `{key}` stands twice in one mapping");
            let error = self.error(line, Code::InvalidYaml, message);
            return Err(Box::new(error.help("keep one of the two")));
        }
        if let Some(open) = open {
            open.key = Some(key);
        }
        let pointer = self.pointer();
        self.lines.insert(pointer, line);
        Ok(())
    }
}

/// How deep a value is. What an alias names was within the limit itself.
fn depth(value: &Json) -> usize {
    match value {
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => 0,
        Json::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Json::Object(fields) => 1 + fields.values().map(depth).max().unwrap_or(0),
    }
}

fn with_form(value: Json, form: Option<&'static str>) -> Json {
    match form {
        None => value,
        Some(form) => {
            let mut fields = Map::new();
            fields.insert(form.to_owned(), value);
            Json::Object(fields)
        }
    }
}

/// A key in a JSON pointer.
pub(super) fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Whether YAML 1.1, which CloudFormation takes, reads a text without quotes as a boolean, or as a
/// number of another value than it seems: `0777` is 511, and `1:30` is 90.
///
/// Source: <https://yaml.org/type/int.html> and <https://yaml.org/type/bool.html>
fn is_ambiguous(text: &str) -> bool {
    const WORDS: [&str; 6] = ["y", "n", "yes", "no", "on", "off"];
    let digits = text.trim_start_matches(['+', '-']);
    let is_of = |text: &str, letters: &str| {
        !text.is_empty() && text.chars().all(|letter| letters.contains(letter))
    };
    let is_octal = digits.len() > 1 && digits.starts_with('0') && is_of(digits, "01234567_");
    let is_other = ["0x", "0b", "0o"].iter().any(|start| {
        digits
            .strip_prefix(start)
            .is_some_and(|rest| is_of(&rest.to_ascii_lowercase(), "0123456789abcdef_"))
    });
    let is_grouped = digits.contains('_')
        && digits.starts_with(|first: char| first.is_ascii_digit())
        && is_of(digits, "0123456789_.");
    let is_sixty =
        digits.contains(':') && digits.split(':').all(|part| is_of(part, "0123456789_."));
    let is_signed = text.starts_with('+') && is_of(digits, "0123456789");
    // `1.10` is printed as `1.1`, and `1e3` as `1000`.
    let is_float = text.parse::<f64>().is_ok_and(|number| {
        let is_written_as_it_is = number.to_string() == text;
        text.contains(|one: char| one.is_ascii_digit()) && !is_written_as_it_is
    });
    let is_no_number = [".inf", ".nan"].contains(&digits.to_ascii_lowercase().as_str());
    WORDS.contains(&text.to_ascii_lowercase().as_str())
        || is_float
        || is_no_number
        || is_octal
        || is_other
        || is_grouped
        || is_sixty
        || is_signed
}

/// What a text without quotes means. A number stays one only when it is written as one is printed:
/// `0123` may be an account, and `10.0` a version.
fn plain(text: &str) -> Json {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Json::Null,
        "true" | "True" | "TRUE" => Json::Bool(true),
        "false" | "False" | "FALSE" => Json::Bool(false),
        _ => match text.parse::<i64>() {
            Ok(number) if number.to_string() == text => Json::from(number),
            Ok(_) | Err(_) => Json::from(text),
        },
    }
}
