//! The report as one JSON document. Fields are never removed inside a schema version.

pub(super) mod aws_code;
pub(crate) mod difference;
mod document;
pub(crate) mod matrix;
pub(crate) mod rests;

use ingest::{Collection, Input, Place, Validated};
use model::{Family, Flow, Hop, Permission, Request, RequestWay, Source, Trace, Transport};
use serde::Serialize;

use document::{
    AdviceJson, AssumptionJson, CheckJson, CollectionJson, CostJson, DeclaredJson, DifferenceJson,
    Document, EditJson, EnginesJson, FindingJson, FlowJson, InputJson, KnownJson, MissingJson,
    PartJson, RemarkJson, RepairJson, RestsOnJson, SlotJson, SourceJson, SubjectJson, SummaryJson,
    Tool, TransientJson, WaivedJson, WitnessJson,
};

pub(crate) use document::{HopJson, RequestJson};

use super::{Rendering, path, repair, rule, why};
use crate::cost::Cost;
use crate::invariant_file::request;
use crate::invariant_file::traffic::Shown;
use crate::invariant_file::waive::Origin;
use crate::judge::{Engines, Evidence, Reason};
use crate::repair::{Edit, Purpose};
use crate::report::{Difference, Finding, Kind, Subject};
use crate::session::{self, not_modelled};
use crate::waive::{State, Waived};
use crate::why::{Core, Needs};

/// The version of the document's schema.
pub(crate) const SCHEMA_VERSION: u32 = 1;

/// The document, with a line break at its end.
pub(crate) fn report(rendering: Rendering<'_>) -> String {
    let Rendering { report, validated } = rendering;
    let counts = report.counts();
    let results = report.findings.iter();
    let made = report.assumptions.iter().cloned();
    let made = made.map(|(code, text)| AssumptionJson { code, text });
    let document = Document {
        schema_version: SCHEMA_VERSION,
        tool: tool(),
        inputs: validated.inputs.iter().map(input).collect(),
        assumptions: assumptions(validated, report.asks_names)
            .into_iter()
            .chain(made)
            .collect(),
        not_modelled: remarks(validated),
        results: results.map(|one| finding(one, validated)).collect(),
        built_in: report
            .built_in
            .iter()
            .map(|summary| CheckJson {
                code: summary.code,
                findings: summary.findings,
                undecided: summary.reasons.iter().map(ToString::to_string).collect(),
            })
            .collect(),
        advice: report
            .advice
            .iter()
            .map(|advice| AdviceJson {
                code: advice.code,
                text: advice.text.clone(),
                subject: subject(&advice.subject, validated),
            })
            .collect(),
        summary: SummaryJson {
            proved: counts.proved,
            violated: counts.violated,
            known: counts.known,
            vacuous: counts.vacuous,
            unknown: counts.unknown,
        },
    };
    pretty(&document)
}

/// A value as indented JSON with a line break at its end.
pub(crate) fn pretty(value: &impl Serialize) -> String {
    // Every key is a string and nothing is a non-finite number, so writing does not fail.
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}

fn tool() -> Tool {
    Tool {
        name: "vpcproof",
        version: env!("CARGO_PKG_VERSION"),
        z3: crate::engines::z3_version(),
    }
}

fn input(input: &Input) -> InputJson {
    InputJson {
        path: input.path.clone(),
        kind: input.kind.name(),
        sha256: input.sha256.clone(),
        collected: input.collections.iter().map(collected).collect(),
    }
}

fn collected(collection: &Collection) -> CollectionJson {
    let missing = collection.missing.iter();
    CollectionJson {
        account: collection.account.clone(),
        region: collection.region.clone(),
        started: collection.started.clone(),
        finished: collection.finished.clone(),
        calls: collection.n_calls,
        missing: missing
            .map(|missing| MissingJson {
                call: missing.call.clone(),
                reason: missing.why.clone(),
                times: missing.times,
            })
            .collect(),
    }
}

fn assumptions(validated: &Validated, asks_names: bool) -> Vec<AssumptionJson> {
    let assumptions = session::assumptions(validated, asks_names);
    let assumptions = assumptions.map(|one| AssumptionJson {
        code: one.code,
        text: one.text.clone(),
    });
    assumptions.collect()
}

fn remarks(validated: &Validated) -> Vec<RemarkJson> {
    let remarks = not_modelled(validated).map(|diagnostic| RemarkJson {
        message: diagnostic.message.clone(),
        source: source(diagnostic.place.clone()),
    });
    remarks.collect()
}

fn finding(finding: &Finding, validated: &Validated) -> FindingJson {
    let (kind, code) = match finding.kind {
        Kind::Claim(word) => (word.name(), None),
        Kind::Policy => ("policy", None),
        Kind::BuiltIn(code) => ("built-in", Some(code)),
    };
    let holes = finding.reasons.iter().filter_map(|reason| match reason {
        Reason::DependsOn(hole) => Some(hole.attribute().to_owned()),
        Reason::OutOfBudget(_)
        | Reason::PlanAlone
        | Reason::Missing(_)
        | Reason::Template(_)
        | Reason::Config(_) => None,
    });
    FindingJson {
        name: finding.name.clone(),
        kind,
        code,
        verdict: finding.verdict.name(),
        severity: finding.severity.name(),
        claim: finding.sentence.clone(),
        waived: finding.waived.iter().map(waived).collect(),
        known: finding.known.as_ref().map(|known| KnownJson {
            reason: known.reason.clone(),
            until: known.until.map(|until| until.to_string()),
        }),
        notes: finding.notes.clone(),
        subjects: finding
            .subjects
            .iter()
            .map(|one| subject(one, validated))
            .collect(),
        witness: finding
            .evidence
            .as_ref()
            .map(|evidence| witness(evidence, validated)),
        request: finding.request.as_ref().map(|one| request(one, None)),
        differs_at: finding.difference.map(|difference| match difference {
            Difference::Step(direction, step) => DifferenceJson {
                direction: match direction {
                    model::Direction::Forward => "forward",
                    model::Direction::Reply => "reply",
                },
                step: Some(step),
            },
            Difference::Policy => DifferenceJson {
                direction: "authorization",
                step: None,
            },
        }),
        costs: finding.costs.iter().map(cost).collect(),
        repairs: repairs(finding, validated),
        repair_notes: finding.repairs.notes.clone(),
        transient: finding.during.as_ref().map(|during| TransientJson {
            after: during.after.name(),
            during: during.during.name(),
            reasons: during.reasons.iter().map(ToString::to_string).collect(),
        }),
        rests_on: finding.why.as_ref().map(|core| rests_on(core, validated)),
        holes: holes.collect(),
        reasons: finding.reasons.iter().map(ToString::to_string).collect(),
        assumptions: finding.assumptions.clone(),
        engines: engines(finding.engines),
    }
}

/// What a proof rests on.
fn rests_on(core: &Core, validated: &Validated) -> RestsOnJson {
    let parts = core.parts.iter().map(|part| {
        let (needs, rules) = match &part.needs {
            Needs::All => ("all", Vec::new()),
            Needs::Rules(rules) => ("rules", rules.iter().copied().collect()),
            Needs::Only(rules) => ("no-others", rules.iter().copied().collect()),
        };
        PartJson {
            component: why::id(&part.setting),
            setting: why::word(&part.setting),
            needs,
            rules: rules.into_iter().map(rule::index).collect(),
            text: why::told(part, validated),
            source: why::place(part, validated).map(source),
        }
    });
    RestsOnJson {
        parts: parts.collect(),
        minimal: !core.is_cut_short,
        questions: core.n_questions,
    }
}

fn waived(Waived { waiver, state }: &Waived) -> WaivedJson {
    let classes = waiver.traffic.iter().flatten();
    let ports = waiver.source_ports.iter().flatten();
    let families = waiver.families.iter().flatten();
    WaivedJson {
        of: waiver.of.as_ref().map(|of| of.text.clone()),
        from: waiver.from.as_ref().map(|from| from.text.clone()),
        to: waiver.to.as_ref().map(|to| to.text.clone()),
        traffic: classes.map(ToString::to_string).collect(),
        source_ports: ports.map(|ports| Shown(ports).to_string()).collect(),
        families: families
            .map(|family| match family {
                Family::V4 => "ipv4",
                Family::V6 => "ipv6",
            })
            .collect(),
        request: waiver.request.as_ref().map(request::told),
        reason: waiver.reason.clone(),
        until: waiver.until.map(|until| until.to_string()),
        state: state.name(),
        wider: match state {
            State::Wider(part) => Some(part.clone()),
            State::Used | State::Unused | State::Undecided | State::Expired | State::TooWide => {
                None
            }
        },
        baseline: waiver.origin == Origin::Baseline,
    }
}

/// What would open the question of a finding.
fn repairs(finding: &Finding, validated: &Validated) -> Vec<RepairJson> {
    let edited = |edit: &Edit| {
        let component = repair::component(edit);
        EditJson {
            edit: repair::word(edit),
            text: repair::told(&validated.network, edit),
            opens_besides: repair::wider(&validated.network, edit),
            source: path::place(&validated.provenance, &component, None).map(source),
            component: component.to_string(),
        }
    };
    let repairs = finding.repairs.list.iter();
    let repairs = repairs.map(|one| RepairJson {
        edits: one.edits.iter().map(edited).collect(),
        purpose: match one.purpose {
            Purpose::Open => "open",
            Purpose::Permit => "permit",
            Purpose::Hold => "hold",
        },
        flow: flow(&one.flow),
    });
    repairs.collect()
}

fn cost(cost: &Cost) -> CostJson {
    let price = cost.price.as_ref();
    CostJson {
        component: cost.component.to_string(),
        region: cost.region.clone(),
        per_gigabyte_usd: price.map(|price| price.per_gigabyte_usd),
        as_of: price.map(|price| price.as_of.to_string()),
        source: price.map(|price| price.source.clone()),
    }
}

fn engines(engines: Option<Engines>) -> EnginesJson {
    let ms = |duration: std::time::Duration| u64::try_from(duration.as_millis()).ok();
    EnginesJson {
        solver_ms: engines.and_then(|engines| ms(engines.solver)),
        evaluator_ms: engines.and_then(|engines| ms(engines.evaluator)),
        agree: engines.and_then(|engines| engines.agree),
    }
}

fn subject(subject: &Subject, validated: &Validated) -> SubjectJson {
    let network = &validated.network;
    let text = |index| rule::rule(network, &subject.component, index);
    SubjectJson {
        component: subject.component.to_string(),
        rule: subject.rule.and_then(text),
        source: path::place(&validated.provenance, &subject.component, subject.rule).map(source),
    }
}

fn witness(evidence: &Evidence, validated: &Validated) -> WitnessJson {
    let Trace {
        forward,
        reply,
        decision,
        ..
    } = &evidence.trace;
    let slots = evidence.witness.completion.addresses.iter();
    WitnessJson {
        flow: flow(&evidence.witness.flow),
        disposition: decision.forward.disposition.to_string(),
        decided_by: decision.forward.clause.name(),
        aws_code: aws_code::of(&evidence.trace),
        forward: hops(forward, validated),
        reply: hops(reply, validated),
        request: evidence
            .request()
            .map(|one| request(one, evidence.permission.as_ref())),
        completion: slots
            .map(|(slot, address)| SlotJson {
                interface: slot.interface.to_string(),
                position: slot.position,
                public: slot.public,
                address: address.to_string(),
            })
            .collect(),
    }
}

fn flow(flow: &Flow) -> FlowJson {
    let (source, packet) = (&flow.source, flow.packet);
    let (from, gateway) = match source {
        Source::Interface(_) | Source::Internet => (source.to_string(), None),
        Source::OnPremises(gateway) => ("onprem".to_owned(), Some(gateway.to_string())),
    };
    let mut json = FlowJson {
        from,
        gateway,
        source_ip: packet.source().to_string(),
        destination_ip: packet.destination().to_string(),
        protocol: String::new(),
        source_port: None,
        destination_port: None,
        icmp_type: None,
        icmp_code: None,
        picks: flow.picks.clone(),
    };
    match packet.transport() {
        Transport::Tcp {
            source_port,
            destination_port,
        } => {
            json.protocol = "tcp".to_owned();
            json.source_port = Some(source_port);
            json.destination_port = Some(destination_port);
        }
        Transport::Udp {
            source_port,
            destination_port,
        } => {
            json.protocol = "udp".to_owned();
            json.source_port = Some(source_port);
            json.destination_port = Some(destination_port);
        }
        Transport::Icmp { icmp_type, code } => {
            json.protocol = "icmp".to_owned();
            json.icmp_type = Some(icmp_type);
            json.icmp_code = Some(code);
        }
        Transport::Icmpv6 { icmp_type, code } => {
            json.protocol = "icmpv6".to_owned();
            json.icmp_type = Some(icmp_type);
            json.icmp_code = Some(code);
        }
        Transport::Other(protocol) => json.protocol = protocol.number().to_string(),
    }
    json
}

/// The steps of one direction.
pub(crate) fn hops(hops: &[Hop], validated: &Validated) -> Vec<HopJson> {
    hops.iter().map(|one| hop(one, validated)).collect()
}

fn hop(hop: &Hop, validated: &Validated) -> HopJson {
    let network = &validated.network;
    let provenance = &validated.provenance;
    let rule_id = hop
        .rule
        .and_then(|index| provenance.rule_id(&hop.component, index));
    HopJson {
        component: hop.component.to_string(),
        clause: hop.clause.name(),
        effect: path::effect(&hop.effect),
        hole: match &hop.effect {
            model::Effect::Undetermined(hole) => Some(hole.attribute().to_owned()),
            model::Effect::Passed | model::Effect::Delivered | model::Effect::Dropped => None,
        },
        rule: hop
            .rule
            .and_then(|index| rule::rule(network, &hop.component, index)),
        rule_id: rule_id.map(str::to_owned),
        source: path::place(provenance, &hop.component, hop.rule).map(source),
    }
}

fn source(place: Place) -> SourceJson {
    SourceJson {
        file: place.file.to_string(),
        pointer: place.pointer,
        line: place.line,
        declared: place.source.map(|source| DeclaredJson {
            file: source.file.to_string(),
            line: source.line,
        }),
    }
}

/// A request, with what became of it where that was asked.
pub(crate) fn request(
    request: &Request,
    permission: Option<&(RequestWay, Permission)>,
) -> RequestJson {
    let principal = match &request.principal {
        model::Principal::Anonymous => "anonymous".to_owned(),
        model::Principal::Root { account } => format!("arn:aws:iam::{account}:root"),
        model::Principal::Arn { arn, .. } => arn.clone(),
    };
    RequestJson {
        action: request.action.clone(),
        resource: request.resource.clone(),
        principal,
        context: request
            .context
            .iter()
            .map(|(key, values)| (key.to_string(), values.iter().cloned().collect()))
            .collect(),
        endpoint: permission
            .and_then(|(way, _)| path::endpoint_of(way))
            .map(ToString::to_string),
        effect: permission.map(|(_, permission)| path::permission_word(permission)),
        clause: permission.map(|(_, permission)| permission.clause.name()),
    }
}
