//! A matrix as one JSON document. Fields are never removed inside a schema version.

use std::collections::BTreeMap;

use evaluator::FamilyTraffic;
use model::{Family, Origin, Place, TrafficClass};
use serde::Serialize;

use super::document::{AssumptionJson, InputJson, RemarkJson, Tool};
use super::{SCHEMA_VERSION, assumptions, input, pretty, remarks, tool};
use crate::matrix::Told;
use crate::matrix::ends::End;
use crate::render::class::traffic_texts;
use crate::render::matrix::{MatrixRendering, changed, positioned};

#[derive(Serialize)]
struct Document {
    schema_version: u32,
    tool: Tool,
    by: String,
    networks: Vec<Vec<InputJson>>,
    assumptions: Vec<AssumptionJson>,
    not_modelled: Vec<RemarkJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    matrix: Option<MatrixJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changed: Option<Vec<ChangedJson>>,
    doubts: Vec<String>,
}

#[derive(Serialize)]
struct MatrixJson {
    rows: Vec<EndJson>,
    columns: Vec<EndJson>,
    cells: Vec<PartJson>,
    summary: SummaryJson,
}

#[derive(Serialize)]
struct SummaryJson {
    pairs: u64,
    connected: u64,
}

#[derive(Serialize)]
struct EndJson {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    interfaces: Option<Vec<String>>,
}

#[derive(Serialize)]
struct PartJson {
    from: Vec<String>,
    to: Vec<String>,
    pairs: u64,
    connected: u64,
    families: BTreeMap<&'static str, TrafficJson>,
}

#[derive(Serialize)]
struct TrafficJson {
    every: Vec<String>,
    some: Vec<String>,
    unanswered: Vec<String>,
    undetermined: BTreeMap<String, Vec<String>>,
}

#[derive(Serialize)]
struct ChangedJson {
    from: Vec<String>,
    to: Vec<String>,
    was: Vec<String>,
    is: Vec<String>,
}

/// The document, with a line break at its end.
pub(crate) fn report(rendering: MatrixRendering<'_>) -> String {
    let (matrix, changed) = match rendering.told {
        [before, after, ..] => {
            let changed = changed(before, after);
            let parts = changed.parts.iter().map(|part| ChangedJson {
                from: positioned(&changed.rows, &part.rows),
                to: positioned(&changed.columns, &part.columns),
                was: part.content.0.clone(),
                is: part.content.1.clone(),
            });
            (None, Some(parts.collect()))
        }
        [told] => (Some(matrix(told)), None),
        [] => (None, None),
    };
    let inputs = rendering.validated.iter();
    pretty(&Document {
        schema_version: SCHEMA_VERSION,
        tool: tool(),
        by: rendering.by.text(),
        networks: inputs
            .map(|one| one.inputs.iter().map(input).collect())
            .collect(),
        assumptions: rendering
            .validated
            .iter()
            .flat_map(|one| assumptions(one, rendering.asks_names))
            .collect(),
        not_modelled: rendering.validated.iter().flat_map(remarks).collect(),
        matrix,
        changed,
        doubts: rendering.doubts.iter().map(ToString::to_string).collect(),
    })
}

fn matrix(told: &Told) -> MatrixJson {
    let rows = told.ends.rows.iter().map(|end| {
        let ids = match &end.of {
            Origin::Interfaces(ids) => Some(ids.iter().map(ToString::to_string).collect()),
            Origin::Internet(_) | Origin::OnPremises { .. } => None,
        };
        named(end, ids)
    });
    let columns = told.ends.columns.iter().map(|end| {
        let ids = match &end.of {
            Place::Interfaces { interfaces, .. } => {
                Some(interfaces.iter().map(ToString::to_string).collect())
            }
            Place::Internet
            | Place::OnPremises(_)
            | Place::Cidrs(_)
            | Place::Service(_)
            | Place::GatewayEndpoints(_)
            | Place::Name(_) => None,
        };
        named(end, ids)
    });
    let (pairs, connected) = told.counts(told.cells());
    let cells = told.parts().into_iter().filter_map(|part| {
        let (pairs, connected) = told.counts(part.cells());
        let traffic = told.matrix.traffics.get(part.content)?;
        let families = traffic.families.iter();
        Some(PartJson {
            from: names(&told.ends.rows, &part.rows),
            to: names(&told.ends.columns, &part.columns),
            pairs,
            connected,
            families: families
                .map(|(family, of)| (family_key(*family), of_family(of)))
                .collect(),
        })
    });
    MatrixJson {
        rows: rows.collect(),
        columns: columns.collect(),
        cells: cells.collect(),
        summary: SummaryJson { pairs, connected },
    }
}

fn named<T>(end: &End<T>, interfaces: Option<Vec<String>>) -> EndJson {
    EndJson {
        name: end.label.clone(),
        interfaces,
    }
}

fn names<T>(ends: &[End<T>], positions: &[usize]) -> Vec<String> {
    let ends = positions.iter().filter_map(|position| ends.get(*position));
    ends.map(|end| end.label.clone()).collect()
}

const fn family_key(family: Family) -> &'static str {
    match family {
        Family::V4 => "ipv4",
        Family::V6 => "ipv6",
    }
}

fn of_family(of: &FamilyTraffic) -> TrafficJson {
    let texts = |classes: &[TrafficClass]| traffic_texts(classes);
    TrafficJson {
        every: texts(&of.every),
        some: texts(&of.only_some),
        unanswered: texts(&of.unanswered),
        undetermined: of
            .undetermined
            .iter()
            .map(|(hole, classes)| (hole.to_string(), texts(classes)))
            .collect(),
    }
}
