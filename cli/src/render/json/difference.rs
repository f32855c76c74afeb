//! What a change changes, as one JSON document. Fields are never removed inside a schema version.

use std::collections::BTreeMap;

use evaluator::{ChangeKind, Course, HandedOn, Received, Returned, Senders};
use model::{Address, Arrival, Asker, Trace};
use serde::Serialize;

use super::document::{AssumptionJson, FlowJson, HopJson, InputJson, SourceJson, Tool};
use super::{SCHEMA_VERSION, assumptions, flow, hops, input, pretty, source, tool};
use crate::change::cause::Cause;
use crate::change::confirm::Confirmed;
use crate::change::edits::Edit;
use crate::change::policies::Of;
use crate::change::ranges::cidrs;
use crate::change::{Change, Class, Witness};
use crate::render::difference::{DifferenceRendering, count, word};
use crate::render::{class, edit, resolution};

#[derive(Serialize)]
struct Document {
    schema_version: u32,
    tool: Tool,
    before: SideJson,
    after: SideJson,
    classes: Vec<ClassJson>,
    names: Vec<NameJson>,
    policies: Vec<PolicyJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<StatedJson>,
    open_in_both: Vec<String>,
    doubts: Vec<String>,
    summary: BTreeMap<&'static str, usize>,
}

#[derive(Serialize)]
struct SideJson {
    inputs: Vec<InputJson>,
    assumptions: Vec<AssumptionJson>,
}

#[derive(Serialize)]
struct ClassJson {
    change: &'static str,
    from: SendersJson,
    to: Vec<String>,
    traffic: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    handed_on: Option<Vec<PlaceJson>>,
    before: CourseJson,
    after: CourseJson,
    confirmed: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmed_flows: Option<usize>,
    holes: Vec<String>,
    causes: Option<Vec<EditJson>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    requests: Vec<RequestChangeJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    witness: Option<WitnessJson>,
}

/// Where relays hand flows on to.
#[derive(Serialize)]
struct PlaceJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    interface: Option<String>,
    address: String,
    traffic: String,
}

#[derive(Serialize)]
struct RequestChangeJson {
    request: String,
    change: &'static str,
}

#[derive(Serialize)]
struct SendersJson {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    gateway: Option<String>,
    /// The interfaces with their addresses, or the blocks of hosts outside.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    interfaces: BTreeMap<String, Vec<String>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    blocks: Vec<String>,
}

#[derive(Serialize)]
struct CourseJson {
    request: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    by: Vec<String>,
}

#[derive(Serialize)]
struct EditJson {
    kind: &'static str,
    id: String,
    what: &'static str,
    rules: Vec<RuleJson>,
}

#[derive(Serialize)]
struct RuleJson {
    what: &'static str,
    rule: String,
    source: Option<SourceJson>,
}

#[derive(Serialize)]
struct WitnessJson {
    flow: FlowJson,
    before: TraceJson,
    after: TraceJson,
}

#[derive(Serialize)]
struct TraceJson {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    picks: Vec<u16>,
    disposition: String,
    decided_by: &'static str,
    forward: Vec<HopJson>,
    reply: Vec<HopJson>,
}

#[derive(Serialize)]
struct NameJson {
    name: String,
    asked_in: String,
    before: AnswerJson,
    after: AnswerJson,
}

#[derive(Serialize)]
struct AnswerJson {
    answer: String,
    clause: &'static str,
}

#[derive(Serialize)]
struct PolicyJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    endpoint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<String>,
    notes: Vec<String>,
    reasons: Vec<String>,
}

#[derive(Serialize)]
struct StatedJson {
    verdict: &'static str,
    /// The positions of classes that no entry states.
    more: Vec<usize>,
    /// The entries that do not happen.
    less: Vec<String>,
}

/// The document, with a line break at its end.
pub(crate) fn report(rendering: DifferenceRendering<'_>) -> String {
    let change = rendering.change;
    let [before, after] = rendering.validated;
    let side = |validated: &ingest::Validated| SideJson {
        inputs: validated.inputs.iter().map(input).collect(),
        assumptions: assumptions(validated, true),
    };
    let stated = change.stated.as_ref().map(|stated| StatedJson {
        verdict: stated.verdict.name(),
        more: stated.more.keys().copied().collect(),
        less: stated
            .less
            .iter()
            .map(|entry| format!("{} {}", entry.does.name(), entry.sentence))
            .collect(),
    });
    pretty(&Document {
        schema_version: SCHEMA_VERSION,
        tool: tool(),
        before: side(before),
        after: side(after),
        classes: change
            .classes
            .iter()
            .map(|one| class_json(one, rendering))
            .collect(),
        names: names(rendering),
        policies: change
            .policies
            .iter()
            .map(|policy| PolicyJson {
                endpoint: match &policy.of {
                    Of::Endpoint(id) => Some(id.to_string()),
                    Of::Document(_) => None,
                },
                of: match &policy.of {
                    Of::Endpoint(_) => None,
                    Of::Document(name) => Some(name.clone()),
                },
                notes: policy.notes.clone(),
                reasons: policy.reasons.iter().map(ToString::to_string).collect(),
            })
            .collect(),
        change: stated,
        open_in_both: change
            .open_in_both
            .iter()
            .map(ToString::to_string)
            .collect(),
        doubts: change.doubts.iter().map(ToString::to_string).collect(),
        summary: summary(change),
    })
}

fn summary(change: &Change) -> BTreeMap<&'static str, usize> {
    let kinds = [
        ChangeKind::Opened,
        ChangeKind::Closed,
        ChangeKind::Moved,
        ChangeKind::ReplyOpened,
        ChangeKind::ReplyClosed,
        ChangeKind::Undetermined,
    ];
    let classes = kinds.map(|kind| (word(kind), count(change, kind)));
    let others = [
        ("names", change.names.len()),
        ("policies", change.policies.len()),
    ];
    classes.into_iter().chain(others).collect()
}

fn class_json(class: &Class, rendering: DifferenceRendering<'_>) -> ClassJson {
    let of = &class.of;
    let ways = of.change.ways.clone().unwrap_or_default();
    let [one, other] = ways.map(|way| way.iter().map(ToString::to_string).collect());
    let (confirmed, confirmed_flows) = match &class.confirmed {
        Confirmed::Whole => ("proved", None),
        Confirmed::Flows(n) => ("flows", Some(*n)),
        Confirmed::Open(_) => ("open", None),
    };
    ClassJson {
        change: word(class.kind()),
        from: senders(&of.from),
        to: blocks(&of.to),
        traffic: of
            .traffic
            .iter()
            .map(|one| class::traffic(std::slice::from_ref(one)))
            .collect(),
        handed_on: handed_on(&of.handed_on),
        before: course(&of.change.before, one),
        after: course(&of.change.after, other),
        confirmed,
        confirmed_flows,
        holes: of.change.holes().iter().map(ToString::to_string).collect(),
        causes: match &class.cause {
            Cause::Edits(edits) => {
                Some(edits.iter().map(|one| edit_json(one, rendering)).collect())
            }
            Cause::Whole | Cause::OutOfBudget => None,
        },
        requests: class
            .requests
            .iter()
            .map(|one| RequestChangeJson {
                request: one.request.to_string(),
                change: if one.is_opened { "opened" } else { "closed" },
            })
            .collect(),
        witness: class.witness.as_ref().map(|one| witness(one, rendering)),
    }
}

fn blocks(ranges: &[(Address, Address)]) -> Vec<String> {
    match cidrs(ranges) {
        Some(blocks) => blocks.iter().map(ToString::to_string).collect(),
        None => ranges
            .iter()
            .map(|(first, end)| format!("{first}-{end}"))
            .collect(),
    }
}

fn handed_on(handed_on: &HandedOn) -> Option<Vec<PlaceJson>> {
    let places = match handed_on {
        HandedOn::No => return None,
        HandedOn::Anywhere => return Some(Vec::new()),
        HandedOn::To(places) => places,
    };
    let place = |place: &Received| PlaceJson {
        interface: match &place.at {
            Arrival::Interface(id) => Some(id.to_string()),
            Arrival::Internet
            | Arrival::GatewayEndpoint(_)
            | Arrival::OnPremises(_)
            | Arrival::AmazonService => None,
        },
        address: place.to.to_string(),
        traffic: class::port(place.port),
    };
    Some(places.iter().map(place).collect())
}

fn senders(senders: &Senders) -> SendersJson {
    let (kind, gateway, interfaces, ranges) = match senders {
        Senders::Interfaces(interfaces) => {
            let own = interfaces.iter().map(|(id, own)| {
                (
                    id.to_string(),
                    own.iter().map(ToString::to_string).collect(),
                )
            });
            ("interfaces", None, own.collect(), Vec::new())
        }
        Senders::Internet(ranges) => ("internet", None, BTreeMap::new(), blocks(ranges)),
        Senders::OnPremises(gateway, ranges) => {
            let gateway = Some(gateway.to_string());
            ("onprem", gateway, BTreeMap::new(), blocks(ranges))
        }
    };
    SendersJson {
        kind,
        gateway,
        interfaces,
        blocks: ranges,
    }
}

fn course(course: &Course, by: Vec<String>) -> CourseJson {
    let (request, reply) = match course {
        Course::Dropped => ("dropped", None),
        Course::Undetermined(_) => ("undetermined", None),
        Course::Delivered(returned) => (
            "delivered",
            Some(match returned {
                Returned::Yes => "delivered",
                Returned::No => "dropped",
                Returned::Undetermined(_) => "undetermined",
            }),
        ),
    };
    CourseJson { request, reply, by }
}

fn edit_json(one: &Edit, rendering: DifferenceRendering<'_>) -> EditJson {
    let lines = edit::lines(one, rendering.validated).into_iter();
    EditJson {
        kind: one.kind.word(),
        id: one.id.clone(),
        what: one.what.name(),
        rules: lines
            .map(|line| RuleJson {
                what: if line.is_added { "added" } else { "removed" },
                rule: line.text,
                source: line.place.map(source),
            })
            .collect(),
    }
}

fn witness(shown: &Witness, rendering: DifferenceRendering<'_>) -> WitnessJson {
    let [before, after] = rendering.validated;
    let [one, other] = &shown.traces;
    let trace = |trace: &Trace, validated| TraceJson {
        picks: trace.flow.picks.clone(),
        disposition: trace.decision.forward.disposition.to_string(),
        decided_by: trace.decision.forward.clause.name(),
        forward: hops(&trace.forward, validated),
        reply: hops(&trace.reply, validated),
    };
    WitnessJson {
        flow: flow(&shown.flow),
        before: trace(one, before),
        after: trace(other, after),
    }
}

fn names(rendering: DifferenceRendering<'_>) -> Vec<NameJson> {
    let [before, after] = rendering.networks();
    let answer = |network, resolution: &model::Resolution| AnswerJson {
        answer: resolution::answer(network, &resolution.answer),
        clause: resolution.clause.name(),
    };
    let names = rendering.change.names.iter();
    let name = names.map(|name| NameJson {
        name: name.name.clone(),
        asked_in: match &name.asker {
            Asker::Vpc(id) | Asker::Inbound(id) => id.to_string(),
            Asker::Subnet(id) => id.to_string(),
        },
        before: answer(before, &name.before),
        after: answer(after, &name.after),
    });
    name.collect()
}
