//! The document's shape, in the order in which its fields are written.

use std::collections::BTreeMap;

use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Document {
    pub(super) schema_version: u32,
    pub(super) tool: Tool,
    pub(super) inputs: Vec<InputJson>,
    pub(super) assumptions: Vec<AssumptionJson>,
    pub(super) not_modelled: Vec<RemarkJson>,
    pub(super) results: Vec<FindingJson>,
    pub(super) built_in: Vec<CheckJson>,
    pub(super) advice: Vec<AdviceJson>,
    pub(super) summary: SummaryJson,
}

/// Who wrote the document.
#[derive(Serialize)]
pub(crate) struct Tool {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
    pub(super) z3: String,
}

#[derive(Serialize)]
pub(super) struct InputJson {
    pub(super) path: String,
    pub(super) kind: &'static str,
    pub(super) sha256: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) collected: Vec<CollectionJson>,
}

#[derive(Serialize)]
pub(super) struct CollectionJson {
    pub(super) account: String,
    pub(super) region: Option<String>,
    pub(super) started: String,
    pub(super) finished: Option<String>,
    pub(super) calls: usize,
    pub(super) missing: Vec<MissingJson>,
}

#[derive(Serialize)]
pub(super) struct MissingJson {
    pub(super) call: String,
    pub(super) reason: String,
    pub(super) times: usize,
}

#[derive(Serialize)]
pub(super) struct AssumptionJson {
    pub(super) code: &'static str,
    pub(super) text: String,
}

#[derive(Serialize)]
pub(super) struct RemarkJson {
    pub(super) message: String,
    pub(super) source: SourceJson,
}

#[derive(Serialize)]
pub(super) struct FindingJson {
    pub(super) name: String,
    pub(super) kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<&'static str>,
    pub(super) verdict: &'static str,
    pub(super) severity: &'static str,
    pub(super) claim: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) waived: Vec<WaivedJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) known: Option<KnownJson>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) notes: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) subjects: Vec<SubjectJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) witness: Option<WitnessJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) request: Option<RequestJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) differs_at: Option<DifferenceJson>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) costs: Vec<CostJson>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) repairs: Vec<RepairJson>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) repair_notes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) transient: Option<TransientJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rests_on: Option<RestsOnJson>,
    pub(super) holes: Vec<String>,
    pub(super) reasons: Vec<String>,
    pub(super) assumptions: Vec<String>,
    pub(super) engines: EnginesJson,
}

/// The verdicts on the network after a change and on those while it is applied.
#[derive(Serialize)]
pub(super) struct TransientJson {
    pub(super) after: &'static str,
    pub(super) during: &'static str,
    pub(super) reasons: Vec<String>,
}

/// What a proof rests on.
#[derive(Serialize)]
pub(super) struct RestsOnJson {
    pub(super) parts: Vec<PartJson>,
    /// Whether none of the parts can be left out.
    pub(super) minimal: bool,
    pub(super) questions: usize,
}

#[derive(Serialize)]
pub(super) struct PartJson {
    pub(super) component: String,
    pub(super) setting: &'static str,
    pub(super) needs: &'static str,
    pub(super) rules: Vec<String>,
    pub(super) text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<SourceJson>,
}

/// A waiver of the claim; `until` is `null` when it has no end.
#[derive(Serialize)]
pub(super) struct WaivedJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) of: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) to: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) traffic: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) source_ports: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) families: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) request: Option<String>,
    pub(super) reason: String,
    pub(super) until: Option<String>,
    pub(super) state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) wider: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) baseline: bool,
}

/// Edits that open a flow, or make a claim hold, together.
#[derive(Serialize)]
pub(super) struct RepairJson {
    pub(super) edits: Vec<EditJson>,
    pub(super) purpose: &'static str,
    pub(super) flow: FlowJson,
}

#[derive(Serialize)]
pub(super) struct EditJson {
    pub(super) edit: &'static str,
    pub(super) component: String,
    pub(super) text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) opens_besides: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<SourceJson>,
}

#[derive(Serialize)]
pub(super) struct SubjectJson {
    pub(super) component: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rule: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<SourceJson>,
}

#[derive(Serialize)]
pub(super) struct WitnessJson {
    pub(super) flow: FlowJson,
    pub(super) disposition: String,
    pub(super) decided_by: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) aws_code: Option<&'static str>,
    pub(super) forward: Vec<HopJson>,
    pub(super) reply: Vec<HopJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) request: Option<RequestJson>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) completion: Vec<SlotJson>,
}

#[derive(Serialize)]
pub(super) struct FlowJson {
    pub(super) from: String,
    /// Of a sender on premises, the gateway by which it sends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) gateway: Option<String>,
    pub(super) source_ip: String,
    pub(super) destination_ip: String,
    pub(super) protocol: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source_port: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) destination_port: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) icmp_type: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) icmp_code: Option<u8>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) picks: Vec<u16>,
}

/// One step of a path.
#[derive(Serialize)]
pub(crate) struct HopJson {
    pub(super) component: String,
    pub(super) clause: &'static str,
    pub(super) effect: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hole: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rule: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rule_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<SourceJson>,
}

/// A place in an input.
#[derive(Serialize)]
pub(crate) struct SourceJson {
    pub(super) file: String,
    pub(super) pointer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) declared: Option<DeclaredJson>,
}

#[derive(Serialize)]
pub(super) struct DeclaredJson {
    pub(super) file: String,
    pub(super) line: usize,
}

#[derive(Serialize)]
pub(crate) struct RequestJson {
    pub(super) action: String,
    pub(super) resource: String,
    pub(super) principal: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) context: BTreeMap<String, Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) endpoint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) effect: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) clause: Option<&'static str>,
}

#[derive(Serialize)]
pub(super) struct SlotJson {
    pub(super) interface: String,
    pub(super) position: usize,
    pub(super) public: bool,
    pub(super) address: String,
}

#[derive(Serialize)]
pub(super) struct DifferenceJson {
    pub(super) direction: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) step: Option<usize>,
}

/// What a component of the witness's way costs; `null` where it is not known.
#[derive(Serialize)]
pub(super) struct CostJson {
    pub(super) component: String,
    pub(super) region: String,
    pub(super) per_gigabyte_usd: Option<f64>,
    pub(super) as_of: Option<String>,
    pub(super) source: Option<String>,
}

#[derive(Serialize)]
pub(super) struct EnginesJson {
    pub(super) solver_ms: Option<u64>,
    pub(super) evaluator_ms: Option<u64>,
    pub(super) agree: Option<bool>,
}

#[derive(Serialize)]
pub(super) struct CheckJson {
    pub(super) code: &'static str,
    pub(super) findings: usize,
    pub(super) undecided: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct AdviceJson {
    pub(super) code: &'static str,
    pub(super) text: String,
    pub(super) subject: SubjectJson,
}

#[derive(Serialize)]
pub(super) struct KnownJson {
    pub(super) reason: String,
    pub(super) until: Option<String>,
}

#[derive(Serialize)]
pub(super) struct SummaryJson {
    pub(super) proved: usize,
    pub(super) violated: usize,
    pub(super) known: usize,
    pub(super) vacuous: usize,
    pub(super) unknown: usize,
}
