//! What is kept of a plan: it says everything up to four times over, and most of that is read once.

use crate::json::{Fields, Part, Value};

/// How every plan and state begins that `terraform show -json` prints, but for white space.
const BEGIN: &str = "{\"format_version\"";

/// A part of a plan or state as `terraform show -json` prints it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// The document.
    Document,
    /// The list of changes, and one of them.
    Changes,
    /// What one changes.
    Change,
    /// The state before, of which data sources alone are read.
    Prior,
    /// What is kept as it is.
    Whole,
}

/// Whether a text is such a document, by its first key.
pub(crate) fn is_shown(text: &str) -> bool {
    let mut text = text.chars().filter(|letter| !letter.is_whitespace());
    BEGIN.chars().all(|letter| text.next() == Some(letter))
}

impl Part for Kept {
    fn below(self, key: &str, before: &Fields) -> Option<Kept> {
        match self {
            Kept::Whole => Some(Kept::Whole),
            Kept::Document => match key {
                "resource_changes" => Some(Kept::Changes),
                "prior_state" => Some(Kept::Prior),
                "resource_drift" | "relevant_attributes" | "output_changes" | "checks" => None,
                _ => Some(Kept::Whole),
            },
            Kept::Changes if key == "change" => Some(Kept::Change),
            Kept::Changes => Some(Kept::Whole),
            // `planned_values` has what comes after. What stays has no former values that are read.
            Kept::Change => match key {
                "after" | "after_sensitive" | "before_sensitive" => None,
                "before" if is_kept_or_made(before) => None,
                _ => Some(Kept::Whole),
            },
            Kept::Prior => match (key, before.get("mode").and_then(Value::as_str)) {
                ("values" | "sensitive_values", Some("managed")) => None,
                ("values" | "sensitive_values", Some(_)) => Some(Kept::Whole),
                _ => Some(Kept::Prior),
            },
        }
    }
}

/// Whether the actions before a value are known, and take nothing away.
fn is_kept_or_made(before: &Fields) -> bool {
    let actions = before.get("actions").and_then(Value::as_array);
    actions.is_some_and(|actions| {
        let mut actions = actions.iter();
        actions.all(|action| matches!(action.as_str(), Some("no-op" | "create" | "read")))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::json::{Budget, parse_part};

    #[test]
    fn a_plan_is_told_by_its_first_key() {
        assert!(is_shown("{\n \"format_version\": \"1.2\"}"));
        assert!(!is_shown("{\"a\": 1, \"format_version\": \"1.2\"}"));
        assert!(!is_shown("{\"format"));
    }

    /// The fields of a resource in one part of a plan may have any name.
    #[test]
    fn what_is_read_once_is_kept_once() {
        let resource = |mode: &str| json!({"mode": mode, "values": {"values": {"after": 1}}});
        let change = |actions: &[&str]| {
            json!({"address": "a", "after": 0, "change": {"actions": actions, "after": 1,
                "after_sensitive": true, "after_unknown": {"after": true}, "before": {"x": 1}}})
        };
        let plan = json!({
            "format_version": "1.2",
            "planned_values": {"root_module": {"resources": [resource("managed")]}},
            "prior_state": {"values": {"root_module": {"resources": [resource("managed"), resource("data")]}}},
            "relevant_attributes": [1],
            "resource_changes": [change(&["no-op"]), change(&["delete", "create"]), change(&["forget"])],
            "resource_drift": [change(&["update"])],
        });
        let text = plan.to_string();
        let parsed = parse_part(&text, &"plan".into(), &Budget::default(), Kept::Document);
        let mut expected = plan;
        let fields = expected.as_object_mut().expect("an object");
        fields.remove("relevant_attributes");
        fields.remove("resource_drift");
        let prior = expected.pointer_mut("/prior_state/values/root_module/resources/0");
        prior
            .and_then(serde_json::Value::as_object_mut)
            .expect("one")
            .remove("values");
        for position in 0..3 {
            let change = expected.pointer_mut(&format!("/resource_changes/{position}/change"));
            let change = change
                .and_then(serde_json::Value::as_object_mut)
                .expect("a change");
            change.remove("after");
            change.remove("after_sensitive");
            if position == 0 {
                change.remove("before");
            }
        }
        assert_eq!(parsed.expect("a plan"), expected.into());
    }
}
