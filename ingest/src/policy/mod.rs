//! Policies of the IAM language: JSON text to [`model::Policy`] and back.

mod read;
mod write;

use model::{Hole, Policy, Value};

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::json::{self, Budget, Cursor};
use crate::sink::Sink;

pub use write::write;

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
    let file = place.file.clone();
    let value = json::parse(text, &file, &Budget::default())
        .map_err(|error| vec![placed(*error, place)])?;
    let document = Document::read(&Cursor::new(&value, &file), place, Dialect::Iam)?;
    Ok(document.policy)
}

/// Reads the policy of an endpoint from JSON text; what it cannot say is a hole, and named.
pub(crate) fn read_endpoint_policy(
    text: &str,
    place: &Place,
    endpoint: &str,
    sink: &mut Sink,
) -> Option<Value<Policy>> {
    let value = match json::parse(text, &place.file, &Budget::default()) {
        Ok(value) => value,
        Err(error) => {
            sink.push(placed(*error, place));
            return None;
        }
    };
    match Document::read(&Cursor::new(&value, &place.file), place, Dialect::Iam) {
        Ok(document) => Some(document.endpoint_policy(place, endpoint, sink)),
        Err(errors) => {
            sink.extend(errors);
            None
        }
    }
}

/// Reads the policy of a native file, in which the writer may have listed what one JSON object
/// cannot hold in order.
pub(crate) fn read_native(text: &str, place: &Place) -> Result<Policy, Vec<Diagnostic>> {
    let value = json::parse(text, &place.file, &Budget::default())
        .map_err(|error| vec![placed(*error, place)])?;
    let cursor = Cursor::new(&value, &place.file);
    Ok(Document::read(&cursor, place, Dialect::Native)?.policy)
}

/// AWS's default endpoint policy: everything is allowed.
pub(crate) fn full_access() -> Policy {
    Policy {
        statements: vec![model::Statement {
            sid: None,
            effect: model::PolicyEffect::Allow,
            principal: model::PrincipalElement::Principal(vec![model::PrincipalPattern::Everyone]),
            action: model::ActionElement::Action(vec!["*".to_owned()]),
            resource: model::ResourceElement::Resource(vec!["*".to_owned()]),
            conditions: Vec::new(),
        }],
    }
}

/// Which documents are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    /// The IAM language.
    Iam,
    /// The same, and `Principal` and `Condition` may be lists of what they are otherwise.
    Native,
}

/// A policy and the variables in it.
struct Document {
    policy: Policy,
    variables: Vec<String>,
}

impl Document {
    fn read(
        cursor: &Cursor<'_>,
        place: &Place,
        dialect: Dialect,
    ) -> Result<Document, Vec<Diagnostic>> {
        let mut sink = Sink::default();
        let document = read::document(cursor, dialect, &mut sink);
        match document {
            Some(document) if !sink.has_errors() => Ok(document),
            Some(_) | None => {
                let errors = sink.diagnostics.into_iter();
                Err(errors.map(|error| placed(error, place)).collect())
            }
        }
    }

    /// Variables in actions and resources have no model; a policy with one is a hole.
    fn endpoint_policy(self, place: &Place, endpoint: &str, sink: &mut Sink) -> Value<Policy> {
        let Some(variable) = self.variables.first() else {
            return Value::Known(self.policy);
        };
        let what = format!("the policy variable `{variable}` in its policy");
        sink.not_modelled(place.clone(), endpoint, &what);
        Value::Any(Hole::new(format!(
            "value of {variable} in the policy of {endpoint}"
        )))
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
