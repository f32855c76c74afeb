//! The API request that the flow of a line carries.

use std::collections::BTreeSet;

use model::{ContextKey, Request, RequestContext};
use serde_json::{Map, Value};

use super::line::{known, needed};
use crate::invariant_file::request::{PRINCIPALS, principal};

/// The fields of a request.
const FIELDS: [&str; 4] = ["action", "resource", "principal", "context"];

/// Reads a request.
pub(super) fn read(value: &Value) -> Result<Request, String> {
    let Value::Object(object) = value else {
        return Err("`request` is not an object".to_owned());
    };
    let wrong = |error: String| format!("`request`: {error}");
    known(object, &FIELDS).map_err(wrong)?;
    let field = |name: &str| needed(object, name).map_err(wrong);
    let action = field("action")?;
    let is_action = matches!(action.split_once(':'), Some((service, name))
        if !service.is_empty() && !name.is_empty());
    if !is_action || action.contains(['*', '?']) {
        let error = format!("`{action}` is not an action; write one as `s3:GetObject`");
        return Err(wrong(error));
    }
    let named = field("principal")?;
    let Some(principal) = principal(&named) else {
        let error = format!("`{named}` is not a principal; write {PRINCIPALS}");
        return Err(wrong(error));
    };
    Ok(Request {
        action,
        resource: field("resource")?,
        principal,
        context: context(object).map_err(wrong)?,
    })
}

/// The keys that it brings: each with one value or a list of them.
fn context(object: &Map<String, Value>) -> Result<RequestContext, String> {
    let keys = match object.get("context") {
        None => return Ok(RequestContext::new()),
        Some(Value::Object(keys)) => keys,
        Some(_) => return Err("`context` is not an object".to_owned()),
    };
    let mut context = RequestContext::new();
    for (key, value) in keys {
        let wrong = || format!("the values of the key `{key}` are not a string or a list of them");
        let values: Option<BTreeSet<String>> = match value {
            Value::Array(values) => values.iter().map(text).collect(),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Object(_) => text(value).map(|one| BTreeSet::from([one])),
        };
        context.insert(ContextKey::new(key), values.ok_or_else(wrong)?);
    }
    Ok(context)
}

/// A value as policies compare it: numbers and truth values are written out.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
