//! `manifest.json` of `collect.sh`: what was asked of an account and a Region, and how it ended.

use std::collections::{BTreeMap, BTreeSet};

use super::directory::Document;
use crate::collection::{Collection, Concerns, MissingAnswer};
use crate::diagnostic::{Code, Diagnostic};
use crate::json::Cursor;
use crate::sink::Sink;

/// The only version of the manifest's shape.
const SCHEMA_VERSION: i64 = 1;
/// What stands for a call where a collection did not end.
const UNFINISHED: &str = "collect.sh";

/// The calls that only claims about names depend on. What `describe-vpc-endpoint-services` says is
/// which names an endpoint answers.
const OF_NAMES: &[&str] = &[
    "ec2 describe-vpc-endpoint-services",
    "route53 get-hosted-zone",
    "route53 list-hosted-zones",
    "route53 list-hosted-zones-by-vpc",
    "route53resolver list-firewall-rule-group-associations",
    "route53resolver list-resolver-endpoint-ip-addresses",
    "route53resolver list-resolver-endpoints",
    "route53resolver list-resolver-rule-associations",
    "route53resolver list-resolver-rules",
];

/// Without the users and roles of an account its policies are not asked at all.
const OF_REQUESTS: &str = "iam get-account-authorization-details";

/// The calls whose answer, when it is missing, is a hole for each thing that it would be about, or
/// would only name what is not modelled. That another folder has an answer changes nothing about it.
const OPEN: &[&str] = &[
    "ec2 describe-carrier-gateways",
    "ec2 describe-network-acls",
    "ec2 describe-vpc-endpoint-service-permissions",
    "ec2 get-managed-prefix-list-entries",
    "ec2 get-transit-gateway-route-table-associations",
    "ec2 get-transit-gateway-route-table-propagations",
    "ec2 search-transit-gateway-routes",
    "elb describe-load-balancers",
    "elbv2 describe-listeners",
    "elbv2 describe-load-balancer-attributes",
    "elbv2 describe-rules",
    "elbv2 describe-target-group-attributes",
    "elbv2 describe-target-health",
    "iam get-account-summary",
    "route53 list-resource-record-sets",
    "route53resolver list-firewall-domain-lists",
    "route53resolver list-firewall-domains",
    "route53resolver list-firewall-rules",
    "sts get-caller-identity",
];

/// The services of which only policies of resources and of organizations are asked: one that is
/// missing is open, since the account itself is known.
const OPEN_SERVICES: &[&str] = &[
    "apigateway",
    "dynamodb",
    "ecr",
    "kms",
    "lambda",
    "organizations",
    "s3api",
    "s3control",
    "secretsmanager",
    "sns",
    "sqs",
];

/// Whether a document is a manifest, rather than the output of a call.
pub(super) fn is_manifest(document: &Document) -> bool {
    let has = |key| document.value.get(key).is_some();
    has("schema_version") && has("calls") && has("started")
}

/// Reads the manifests, and says what was not answered.
pub(super) fn read(
    manifests: &[Document],
    documents: &[Document],
    sink: &mut Sink,
) -> Vec<Collection> {
    let names: BTreeSet<_> = documents.iter().map(|one| one.name.as_str()).collect();
    let mut collections = Vec::new();
    for document in manifests {
        let cursor = Cursor::new(&document.value, &document.file);
        if let Some(collection) = collection(document, &cursor, &names, sink) {
            say(&collection, &cursor, sink);
            collections.push(collection);
        }
    }
    collections.sort();
    collections
}

fn collection(
    document: &Document,
    cursor: &Cursor<'_>,
    names: &BTreeSet<&str>,
    sink: &mut Sink,
) -> Option<Collection> {
    let version = cursor.required("schema_version", sink)?;
    if version.as_integer(sink)? != SCHEMA_VERSION {
        let message = "the manifest is of a version that is not known";
        let diagnostic = Diagnostic::error(version.place(), Code::InvalidValue, message);
        sink.push(diagnostic.help(format!("expected {SCHEMA_VERSION}: collect again")));
        return None;
    }
    let started = time(cursor.required("started", sink), sink);
    let account = cursor.required_text("account", sink);
    let calls = cursor.required("calls", sink);
    let finished = cursor.get("finished").map(|field| time(Some(field), sink));
    let (started, account) = (started?, account?);
    let calls = calls?.as_list(sink);
    let mut missing = Missing::new();
    if finished.is_none() {
        let why = "it was interrupted before all calls were made".to_owned();
        missing.insert((UNFINISHED.to_owned(), why), 1);
    }
    for call in &calls {
        if let Some(of_call) = missing_answer(call, document.folder(), names, sink) {
            *missing.entry(of_call).or_default() += 1;
        }
    }
    Some(Collection {
        started,
        finished: finished.flatten(),
        account: account.to_owned(),
        region: cursor.text("region", sink).map(str::to_owned),
        n_calls: calls.len(),
        missing: missing.into_iter().map(missing_answers).collect(),
    })
}

/// How often each call ended in which way.
type Missing = BTreeMap<(String, String), usize>;

fn missing_answers(((call, why), times): ((String, String), usize)) -> MissingAnswer {
    MissingAnswer {
        concerns: concerns(&call),
        call,
        why,
        times,
    }
}

/// A call that was not answered, and why: it failed, or its answer is not there any more.
fn missing_answer(
    call: &Cursor<'_>,
    folder: &str,
    names: &BTreeSet<&str>,
    sink: &mut Sink,
) -> Option<(String, String)> {
    let name = call.required_text("name", sink);
    let of = call.required_text("call", sink);
    let status = call.required("status", sink);
    let (name, of, status) = (name?, of?, status?);
    match status.as_text(sink)? {
        "none" => None,
        "complete" => {
            let file = match folder {
                "" => format!("{name}.json"),
                folder => format!("{folder}/{name}.json"),
            };
            let is_kept = call.flag("kept", sink) != Some(false);
            let is_gone = is_kept && !names.contains(file.as_str());
            is_gone.then(|| (of.to_owned(), format!("`{name}.json` is not there")))
        }
        "failed" => {
            let why = call.text("error", sink).unwrap_or("no reason is given");
            Some((of.to_owned(), why.to_owned()))
        }
        other => {
            let message = format!("`{other}` is not `complete`, `none` or `failed`");
            status.error(sink, Code::InvalidValue, message);
            None
        }
    }
}

/// A time as `2026-11-26T12:00:00Z`, which reports quote.
fn time(field: Option<Cursor<'_>>, sink: &mut Sink) -> Option<String> {
    let field = field?;
    let text = field.as_text(sink)?;
    let shape: String = text
        .chars()
        .map(|letter| if letter.is_ascii_digit() { '0' } else { letter })
        .collect();
    if shape != "0000-00-00T00:00:00Z" {
        let message = format!("`{text}` is not a time like `2026-11-26T12:00:00Z`");
        field.error(sink, Code::InvalidValue, message);
        return None;
    }
    Some(text.to_owned())
}

fn concerns(call: &str) -> Concerns {
    let service = call.split(' ').next().unwrap_or_default();
    if call == OF_REQUESTS {
        Concerns::Requests
    } else if OF_NAMES.contains(&call) {
        Concerns::Names
    } else if OPEN.contains(&call) || OPEN_SERVICES.contains(&service) {
        Concerns::Nothing
    } else {
        Concerns::All
    }
}

/// Names each answer that is missing, as a warning and, for every report, as an assumption.
fn say(collection: &Collection, cursor: &Cursor<'_>, sink: &mut Sink) {
    let place = collection.place();
    for missing in &collection.missing {
        let told = missing.told();
        let (help, taken) = match missing.concerns {
            Concerns::All => ("no claim is PROVED without it", "taken as empty"),
            Concerns::Names => (
                "no claim about a name is PROVED without it",
                "taken as empty",
            ),
            Concerns::Requests => (
                "no claim about a request is PROVED without it",
                "taken as empty",
            ),
            Concerns::Nothing => ("what it would say is open", "left open"),
        };
        let message = format!("{told} ({place})");
        let warning = Diagnostic::warning(cursor.place(), Code::CallFailed, message);
        sink.push(warning.help(format!("{help}; run collect.sh again")));
        let text = format!("{told} ({place}); what it would say is {taken}");
        sink.assume("call-failed", text);
    }
}
