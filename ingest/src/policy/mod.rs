//! Policies of the IAM language: JSON text to [`model::Policy`] and back.

mod open_text;
mod read;
mod restrictions;
mod write;

use std::borrow::Cow;

use model::Policy;

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::json::{self, Budget, Cursor};
use crate::sink::Sink;

pub use write::write;
pub(crate) use write::write_of;

/// Reads a policy. `place` is where the text stands; when that is a field of a larger document,
/// the messages say where in the policy.
///
/// # Errors
///
/// Every mistake in it, not the first.
///
/// ```
/// let place = ingest::Place::file("policy.json");
/// let text = r#"{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}"#;
/// let errors = ingest::policy::read(text, &place).unwrap_err();
/// assert!(errors[0].message.contains("`Principal`"));
/// ```
pub fn read(text: &str, place: &Place) -> Result<Policy, Vec<Diagnostic>> {
    read_text(text, Of::Resource, place)
}

/// Reads the policy of an endpoint; its mistakes go to the sink, and so does, as a warning, what AWS
/// refuses there.
pub(crate) fn read_of_endpoint(
    text: &str,
    place: &Place,
    is_gateway: bool,
    sink: &mut Sink,
) -> Option<Policy> {
    let mut refuse = |what: String| {
        let message = format!("AWS refuses this endpoint policy: {what}");
        let warning = Diagnostic::warning(place.clone(), Code::RefusedPolicy, message);
        sink.push(warning);
    };
    let characters = text.chars().count();
    let most = restrictions::MOST_CHARACTERS;
    if characters > most {
        refuse(format!("it has {characters} characters, more than {most}"));
    }
    match read(text, place) {
        Ok(policy) => {
            let refused = restrictions::refused(&policy, is_gateway);
            refused.into_iter().for_each(refuse);
            Some(policy)
        }
        Err(errors) => {
            sink.extend(errors);
            None
        }
    }
}

/// Reads a policy inside a JSON document: an object, or one text, in which AWS's own interface escapes
/// what a URL cannot have, and API Gateway what a string of JSON cannot.
pub(crate) fn read_inside(cursor: &Cursor<'_>, of: Of, sink: &mut Sink) -> Option<Policy> {
    let read = if cursor.value().is_object() {
        let mut own = Sink::default();
        match read::document(cursor, Dialect::Iam(of), &mut own) {
            Some(policy) if !own.has_errors() => Ok(policy),
            Some(_) | None => {
                let invalid = |error| Diagnostic {
                    code: Code::InvalidPolicy,
                    ..error
                };
                Err(own.diagnostics.into_iter().map(invalid).collect())
            }
        }
    } else {
        read_text(&unescaped(cursor.as_text(sink)?), of, &cursor.place())
    };
    read.map_err(|errors| sink.extend(errors)).ok()
}

/// Reads a policy that is one text.
pub(crate) fn read_text(text: &str, of: Of, place: &Place) -> Result<Policy, Vec<Diagnostic>> {
    let value = json::parse(text, &place.file, &Budget::default())
        .map_err(|error| vec![placed(*error, place)])?;
    document(&Cursor::new(&value, &place.file), place, Dialect::Iam(of))
}

/// The JSON text of a policy, which begins with `%7B` or `{\"` when it is escaped.
fn unescaped(text: &str) -> Cow<'_, str> {
    let begin = text.trim_start();
    if begin.starts_with('%') {
        return Cow::Owned(percent_decoded(begin));
    }
    let is_quoted = begin.strip_prefix('{').map(str::trim_start);
    if is_quoted.is_some_and(|rest| rest.starts_with('\\')) {
        let quoted = format!("\"{begin}\"");
        if let Ok(text) = serde_json::from_str(&quoted) {
            return Cow::Owned(text);
        }
    }
    Cow::Borrowed(text)
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let escaped = (*first == b'%')
            .then(|| behind.split_at_checked(2))
            .flatten();
        let byte = escaped.and_then(|(digits, behind)| {
            let digits = std::str::from_utf8(digits).ok()?;
            Some((u8::from_str_radix(digits, 16).ok()?, behind))
        });
        let (byte, behind) = byte.unwrap_or((*first, behind));
        bytes.push(byte);
        rest = behind;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads the policy of a native file, in which the writer may have listed what one JSON object
/// cannot hold in order.
pub(crate) fn read_native(text: &str, of: Of, place: &Place) -> Result<Policy, Vec<Diagnostic>> {
    let value = json::parse(text, &place.file, &Budget::default())
        .map_err(|error| vec![placed(*error, place)])?;
    let cursor = Cursor::new(&value, &place.file);
    document(&cursor, place, Dialect::Native(of))
}

/// A text with openings as [`read_planned`] reads it.
pub(crate) fn open_text(text: &model::OpenText) -> crate::json::Value {
    open_text::write(text)
}

/// Reads a policy of which a plan or a template leaves parts open, where its texts are JSON of
/// [`open_text`]. `None` when it cannot be read so, as when what is open is an action.
pub(crate) fn read_planned(value: &crate::json::Value, of: Of, place: &Place) -> Option<Policy> {
    let cursor = Cursor::new(value, &place.file);
    document(&cursor, place, Dialect::Planned(of)).ok()
}

/// AWS's default endpoint policy: everything is allowed.
pub fn full_access() -> Policy {
    Policy {
        statements: vec![model::Statement {
            sid: None,
            effect: model::PolicyEffect::Allow,
            principal: model::PrincipalElement::Principal(vec![model::PrincipalPattern::Everyone]),
            action: model::ActionElement::Action(vec!["*".to_owned()]),
            resource: model::ResourceElement::Resource(vec!["*".into()]),
            conditions: Vec::new(),
        }],
        variables: false,
    }
}

/// What a policy is attached to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    /// A resource or an endpoint: it says whom it means.
    Resource,
    /// A role as what is assumed, or a repository of ECR: it may leave out the resource, which is the
    /// role or the repository itself. Source: ECR:repository-policy-examples
    Itself,
    /// A user, a group, a role, a session or an account: it has no `Principal`.
    Identity,
}

/// What the policy of a resource, given by its ARN, is attached to.
pub(crate) fn of_resource(arn: &str) -> Of {
    let mut parts = arn.splitn(6, ':').skip(2);
    let service = parts.next().unwrap_or_default();
    let what = parts.nth(2).unwrap_or_default();
    match service {
        "iam" if what.starts_with("role/") => Of::Itself,
        "ecr" if what.starts_with("repository/") => Of::Itself,
        _ => Of::Resource,
    }
}

/// Which documents are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    /// The IAM language.
    Iam(Of),
    /// The same, and `Principal` and `Condition` may be lists of what they are otherwise, and texts
    /// may have openings.
    Native(Of),
    /// The IAM language with openings, which the reader of a plan or a template has put there.
    Planned(Of),
}

impl Dialect {
    const fn of(self) -> Of {
        match self {
            Dialect::Iam(of) | Dialect::Native(of) | Dialect::Planned(of) => of,
        }
    }
}

fn document(
    cursor: &Cursor<'_>,
    place: &Place,
    dialect: Dialect,
) -> Result<Policy, Vec<Diagnostic>> {
    let mut sink = Sink::default();
    let policy = read::document(cursor, dialect, &mut sink);
    match policy {
        Some(policy) if !sink.has_errors() => Ok(policy),
        Some(_) | None => {
            let errors = sink.diagnostics.into_iter();
            Err(errors.map(|error| placed(error, place)).collect())
        }
    }
}

/// An error inside a policy, at the place of the whole.
fn placed(error: Diagnostic, place: &Place) -> Diagnostic {
    let Some(_) = &place.pointer else {
        return Diagnostic {
            code: Code::InvalidPolicy,
            ..error
        };
    };
    let message = match (&error.place.pointer, error.place.line) {
        (Some(pointer), _) if !pointer.is_empty() => {
            format!("the policy at `{pointer}`: {}", error.message)
        }
        (_, Some(line)) => format!("line {line} of the policy: {}", error.message),
        (_, None) => format!("the policy: {}", error.message),
    };
    let help = if error.code == Code::InvalidJson {
        Some("expected the whole JSON text of a policy".to_owned())
    } else {
        error.help.clone()
    };
    Diagnostic {
        code: Code::InvalidPolicy,
        place: place.clone(),
        message,
        help,
        ..error
    }
}

#[cfg(test)]
mod tests;
