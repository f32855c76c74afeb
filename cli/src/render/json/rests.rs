//! What rests on a component or a rule, as one JSON document. Fields are never removed inside a schema version.

use ingest::Validated;
use serde::Serialize;

use super::document::{AssumptionJson, FindingJson, InputJson, RemarkJson, SourceJson, Tool};
use super::{SCHEMA_VERSION, assumptions, finding, input, pretty, remarks, source, tool};
use crate::render::rests::{Counts, RestsRendering};
use crate::rests::thing::Thing;
use crate::rests::{Resting, Without};

#[derive(Serialize)]
struct Document {
    schema_version: u32,
    tool: Tool,
    inputs: Vec<InputJson>,
    assumptions: Vec<AssumptionJson>,
    not_modelled: Vec<RemarkJson>,
    asked: String,
    without: Vec<ThingJson>,
    /// What goes along.
    along: Vec<ThingJson>,
    /// What becomes of what is left.
    changed: Vec<String>,
    claims: Vec<ClaimJson>,
    summary: SummaryJson,
}

#[derive(Serialize)]
struct ThingJson {
    component: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<SourceJson>,
}

#[derive(Serialize)]
struct ClaimJson {
    name: String,
    rests: bool,
    before: &'static str,
    /// Absent where the claim is not proved with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    without: Option<&'static str>,
    /// What its selectors lack without it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<FindingJson>,
}

#[derive(Serialize)]
struct SummaryJson {
    resting: usize,
    still_proved: usize,
    violated: usize,
    vacuous: usize,
    unknown: usize,
    not_proved_before: usize,
}

/// The document, with a line break at its end.
pub(crate) fn report(rendering: RestsRendering<'_>) -> String {
    let RestsRendering {
        validated,
        asked,
        things,
        left,
        claims,
    } = rendering;
    let counts = Counts::of(claims);
    let asks_names = claims.iter().any(|claim| claim.asks_names);
    let all = |things: &[Thing]| {
        let things = things.iter().map(|one| thing(one, validated));
        things.collect()
    };
    pretty(&Document {
        schema_version: SCHEMA_VERSION,
        tool: tool(),
        inputs: validated.inputs.iter().map(input).collect(),
        assumptions: assumptions(validated, asks_names),
        not_modelled: remarks(validated),
        asked: asked.to_owned(),
        without: all(things),
        along: all(&left.along),
        changed: left.changed.clone(),
        claims: claims
            .iter()
            .map(|one| claim(one, &left.validated))
            .collect(),
        summary: SummaryJson {
            resting: counts.resting(),
            still_proved: counts.still_proved,
            violated: counts.violated,
            vacuous: counts.vacuous,
            unknown: counts.unknown + counts.unreadable,
            not_proved_before: counts.not_proved_before,
        },
    })
}

fn thing(thing: &Thing, validated: &Validated) -> ThingJson {
    let (component, rule) = match thing {
        Thing::Component(_, id) => (id.clone(), None),
        Thing::Rule(component, index) => (
            component.to_string(),
            Some(crate::render::rule::index(*index)),
        ),
    };
    ThingJson {
        component,
        rule,
        text: thing.told(validated),
        source: thing.place(validated).map(source),
    }
}

fn claim(claim: &Resting, left: &Validated) -> ClaimJson {
    let mut json = ClaimJson {
        name: claim.name.clone(),
        rests: claim.rests(),
        before: claim.before.name(),
        without: None,
        problems: Vec::new(),
        result: None,
    };
    match &claim.without {
        None => {}
        Some(Without::Judged(judged)) => {
            json.without = Some(judged.verdict.name());
            json.result = Some(finding(judged, left));
        }
        Some(Without::Unreadable(problems)) => {
            json.without = Some("unknown");
            let problems = problems.iter().map(|problem| problem.message.clone());
            json.problems = problems.collect();
        }
    }
    json
}
