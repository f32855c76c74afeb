//! The document: which resources change, how, and what their properties are before and after.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic};
use crate::json::{self, Budget, Cursor, Value as Json};
use crate::sink::Sink;

use super::ChangeSet;

/// What happens to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Add,
    /// `is_kept`: the stack gives it up, and it stays.
    Remove {
        is_kept: bool,
    },
    Modify(Replacement),
    /// Only CloudFormation's own books change.
    Nothing,
}

/// Whether a new resource takes the place of one that is modified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Replacement {
    No,
    Yes { is_kept: bool },
    Maybe,
}

/// One change.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) logical: String,
    pub(super) physical: Option<String>,
    pub(super) of: String,
    pub(super) action: Action,
    pub(super) before: Option<Json>,
    pub(super) after: Option<Json>,
    /// The properties for which it may be replaced, as far as the change set lists them.
    pub(super) replacing: BTreeSet<String>,
    /// The change set of a nested stack.
    pub(super) nested: Option<String>,
    pub(super) pointer: String,
}

/// What to run where the properties are not told.
const WITH_VALUES: &str = "run `aws cloudformation describe-change-set --include-property-values \
                           --change-set-name NAME --stack-name STACK`";

/// The type of a nested stack.
pub(super) const STACK: &str = "AWS::CloudFormation::Stack";

/// Whether a document is a change set.
pub(crate) fn is_change_set(value: &Json) -> bool {
    let has = |key: &str| value.get(key).is_some();
    value.get("Changes").is_some_and(Json::is_array) && (has("ChangeSetId") || has("ChangeSetName"))
}

impl Change {
    /// The resource as a template writes it.
    pub(super) fn body(&self, context: Option<&Json>) -> Json {
        let mut body = context
            .and_then(Json::as_object)
            .cloned()
            .unwrap_or_default();
        // What they name need not change, and so need not be here.
        for name in ["Condition", "DependsOn"] {
            body.remove(name);
        }
        body.insert("Type", Json::from(self.of.as_str()));
        Json::Object(body)
    }
}

impl ChangeSet {
    /// Reads a change set; what of it is missing is an error.
    pub(crate) fn read(file: Arc<str>, value: &Json, sink: &mut Sink) -> ChangeSet {
        let cursor = Cursor::new(value, &file);
        is_whole(&cursor, sink);
        let budget = Budget::default();
        let changes = cursor.list("Changes", sink);
        let changes: Vec<_> = changes
            .iter()
            .filter_map(|item| change(item, &budget, sink))
            .collect();
        let stack = cursor.text("StackId", sink).unwrap_or_default();
        let mut parts = stack.split(':').skip(3);
        let mut part = || parts.next().filter(|part| !part.is_empty());
        let (region, account) = (part(), part());
        ChangeSet {
            id: cursor.text("ChangeSetId", sink).map(str::to_owned),
            account: account.map(str::to_owned),
            region: region.map(str::to_owned),
            changes,
            file: file.clone(),
        }
    }
}

/// Whether all of it is there, and still to be done.
fn is_whole(cursor: &Cursor<'_>, sink: &mut Sink) {
    if let Some(token) = cursor.get("NextToken") {
        let message = "the change set is one page of several: it has a `NextToken`";
        let error = Diagnostic::error(token.place(), Code::IncompletePage, message);
        sink.push(error.help("run the call again without --max-items and --no-paginate"));
    }
    if let Some(status) = cursor.get("Status")
        && status.value().as_str() != Some("CREATE_COMPLETE")
    {
        let message = format!(
            "the change set is not complete: its status is {}",
            status.value()
        );
        let error = Diagnostic::error(status.place(), Code::InvalidValue, message);
        sink.push(error.help("expected `CREATE_COMPLETE`: wait, or create it again"));
    }
    if let Some(status) = cursor.get("ExecutionStatus")
        && status
            .value()
            .as_str()
            .is_some_and(|status| status.starts_with("EXECUTE_"))
    {
        let message = format!("the change set is executed already: {}", status.value());
        let error = Diagnostic::error(status.place(), Code::InvalidValue, message);
        sink.push(error.help("record the network again, and leave the change set out"));
    }
}

fn change(item: &Cursor<'_>, budget: &Budget, sink: &mut Sink) -> Option<Change> {
    let of_resource = item.required("ResourceChange", sink)?;
    let cursor = &of_resource;
    let logical = cursor.required_text("LogicalResourceId", sink);
    let of = cursor.required_text("ResourceType", sink);
    let action = action(cursor, sink);
    let (logical, of, action) = (logical?, of?, action?);
    let nested = cursor.text("ChangeSetId", sink).map(str::to_owned);
    let has_nested = of == STACK && nested.is_some();
    let action = if has_nested { Action::Nothing } else { action };
    let (needs_before, needs_after) = match action {
        Action::Add => (false, true),
        Action::Remove { is_kept } => (!is_kept, false),
        Action::Modify(_) => (true, true),
        Action::Nothing => (false, false),
    };
    let before = context(cursor, "BeforeContext", needs_before, budget, sink);
    let after = context(cursor, "AfterContext", needs_after, budget, sink);
    let action = match action {
        Action::Remove { is_kept: false } => Action::Remove {
            is_kept: is_retained(cursor, before.as_ref(), "DeletionPolicy"),
        },
        Action::Modify(Replacement::Yes { is_kept: false }) => {
            let is_kept = is_retained(cursor, before.as_ref(), "UpdateReplacePolicy");
            Action::Modify(Replacement::Yes { is_kept })
        }
        Action::Add | Action::Remove { .. } | Action::Modify(_) | Action::Nothing => action,
    };
    Some(Change {
        logical: logical.to_owned(),
        physical: cursor.text("PhysicalResourceId", sink).map(str::to_owned),
        of: of.to_owned(),
        action,
        before,
        after,
        replacing: replacing(cursor, sink),
        nested: nested.filter(|_| of == STACK),
        pointer: cursor.pointer().to_owned(),
    })
}

fn replacing(cursor: &Cursor<'_>, sink: &mut Sink) -> BTreeSet<String> {
    let details = cursor.list("Details", sink).into_iter();
    let targets: Vec<_> = details.filter_map(|detail| detail.get("Target")).collect();
    let mut names = BTreeSet::new();
    for target in targets {
        let is_kept = target.text("RequiresRecreation", sink) == Some("Never");
        let name = target.text("Name", sink).filter(|_| !is_kept);
        names.extend(name.map(str::to_owned));
    }
    names
}

fn action(cursor: &Cursor<'_>, sink: &mut Sink) -> Option<Action> {
    let field = cursor.required("Action", sink)?;
    let replacement = cursor.text("Replacement", sink);
    Some(match field.as_text(sink)? {
        "Add" => Action::Add,
        "Remove" => Action::Remove { is_kept: false },
        "Import" | "SyncWithActual" => Action::Nothing,
        "Modify" => Action::Modify(match replacement {
            Some("False") | None => Replacement::No,
            Some("True") => Replacement::Yes { is_kept: false },
            Some(_) => Replacement::Maybe,
        }),
        "Dynamic" => {
            let message = "CloudFormation cannot tell what the change set does with this resource";
            let error = Diagnostic::error(field.place(), Code::InvalidValue, message);
            sink.push(error.help("create the change set again with `--include-nested-stacks`"));
            return None;
        }
        other => {
            let message = format!("action `{other}` is not known");
            let error = Diagnostic::error(field.place(), Code::InvalidValue, message);
            let help =
                "expected `Add`, `Modify`, `Remove`, `Import`, `Dynamic` or `SyncWithActual`";
            sink.push(error.help(help));
            return None;
        }
    })
}

/// What a resource is before or after the change, which stands as JSON in a text.
fn context(
    cursor: &Cursor<'_>,
    key: &str,
    is_needed: bool,
    budget: &Budget,
    sink: &mut Sink,
) -> Option<Json> {
    let Some(field) = cursor.get(key) else {
        if is_needed {
            let message =
                format!("the change set does not say the properties: there is no `{key}`");
            let error = Diagnostic::error(cursor.place(), Code::MissingField, message);
            sink.push(error.help(WITH_VALUES));
        }
        return None;
    };
    let text = field.as_text(sink)?;
    let place = field.place();
    match json::parse(text, &place.file, budget) {
        Ok(value) if value.is_object() => Some(value),
        Ok(_) => {
            field.error(sink, Code::WrongType, "expected an object in a text");
            None
        }
        Err(diagnostic) => {
            sink.push(Diagnostic {
                place,
                ..*diagnostic
            });
            None
        }
    }
}

/// Whether the stack gives a resource up without deleting it.
fn is_retained(cursor: &Cursor<'_>, before: Option<&Json>, policy: &str) -> bool {
    let action = cursor.value().get("PolicyAction").and_then(Json::as_str);
    let policy = before
        .and_then(|before| before.get(policy))
        .and_then(Json::as_str);
    match action {
        Some(action) => matches!(action, "Retain" | "ReplaceAndRetain"),
        None => matches!(policy, Some("Retain")),
    }
}
