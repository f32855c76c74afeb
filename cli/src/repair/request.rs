//! What to edit so that requests pass: the policy of the endpoint that they go by.
//!
//! As with edits of the network a proposal is a guess, and both engines decide whether it helps: the
//! claim, narrowed to the one flow and with all of its requests, has to be proved with the edits and
//! with no part of them.

use model::{
    ActionElement, Claim, ComponentId, Engine, Invariant, Network, PermissionEffect, Policy,
    PolicyEffect, Quantifier, RequestSet, RequestWay, ResourceElement, Verdict, VpcEndpointId,
};

use super::edit::Edit;
use super::goal::narrow;
use super::search::{EditSet, edited};
use super::{MOST_SHOWN, Purpose, Repair, Repairs, parts};
use crate::change::policies;
use crate::judge::way::way;
use crate::judge::{Disagreement, Evidence, Judge, Ruling};

/// How many sets of edits are tried.
const MOST_TRIES: usize = 200;

/// What makes the requests of a claim pass with the flow that was shown; where the flow does not pass,
/// what opens it.
///
/// # Errors
///
/// When the engines disagree about an edited network.
pub(super) fn find(
    judge: &Judge<'_>,
    invariant: &Invariant,
    evidence: &Evidence,
) -> Result<Repairs, Disagreement> {
    let Some(endpoint) = endpoint(judge, evidence) else {
        return without_request(judge, invariant, evidence);
    };
    let found = judge.network.vpc_endpoints().get(&endpoint);
    let policy = found.and_then(|endpoint| endpoint.policy.known());
    let mut narrowed = invariant.clone();
    let network = judge.network.completed(&evidence.witness.completion);
    let is_narrow = narrow(&mut narrowed.scope, &evidence.witness.flow, &network);
    narrowed.scope.relayed = false;
    let wanted = Wanted::of(&narrowed, evidence);
    let (Some(policy), Some(()), Some(wanted)) = (policy, is_narrow, wanted) else {
        return Ok(only(
            "what the policy of the endpoint says, or what is to pass, is not known",
        ));
    };
    let mut repairs = Repairs::default();
    for set in proposals(&endpoint, policy, &wanted)
        .into_iter()
        .take(MOST_TRIES)
    {
        let has_part = repairs.list.iter().any(|repair: &Repair| {
            let mut edits = repair.edits.iter();
            edits.all(|edit| set.contains(edit))
        });
        if has_part || !seems(&network, &set, &narrowed) {
            continue;
        }
        if repairs.list.len() == MOST_SHOWN {
            let note = format!("more than {MOST_SHOWN} ways were found; the first are shown");
            repairs.notes.push(note);
            break;
        }
        if is_proved(&network, &set, &narrowed)? {
            repairs.list.push(Repair {
                edits: set,
                purpose: Purpose::Permit,
                flow: evidence.witness.flow.clone(),
            });
        }
    }
    if repairs.list.is_empty() {
        let note = "no edit of the endpoint's policy that was tried is enough; the policies of accounts are not \
                    edited";
        repairs.notes.push(note.to_owned());
    }
    Ok(repairs)
}

fn only(note: &str) -> Repairs {
    Repairs {
        list: Vec::new(),
        notes: vec![note.to_owned()],
    }
}

/// The endpoint by which the flow goes, where its request is not permitted.
fn endpoint(judge: &Judge<'_>, evidence: &Evidence) -> Option<VpcEndpointId> {
    match &evidence.permission {
        // Then something else is amiss.
        Some((_, permission)) if permission.effect == PermissionEffect::Permitted => None,
        Some((RequestWay::Endpoint(id, _) | RequestWay::EndpointPolicy(id), _)) => Some(id.clone()),
        Some((RequestWay::Internet(_), _)) => None,
        None => {
            let mut way = way(&evidence.trace, judge.network).into_iter().rev();
            way.find_map(|component| {
                if let ComponentId::VpcEndpoint(id) = component {
                    Some(id)
                } else {
                    None
                }
            })
        }
    }
}

/// What opens the flow, whatever it carries.
fn without_request(
    judge: &Judge<'_>,
    invariant: &Invariant,
    evidence: &Evidence,
) -> Result<Repairs, Disagreement> {
    let is_over_internet = |(way, permission): &(RequestWay, model::Permission)| {
        matches!(way, RequestWay::Internet(_)) && permission.effect != PermissionEffect::Permitted
    };
    if evidence.permission.as_ref().is_some_and(is_over_internet) {
        return Ok(only(
            "the request goes over the internet, by no endpoint; the policies of accounts are not edited",
        ));
    }
    let mut question = invariant.clone();
    question.quantifier = Quantifier::Exists;
    question.scope.relayed = false;
    question.scope.request = None;
    question.claim = of_flows(&question.claim);
    let mut repairs = super::find(judge, &question, Some(evidence))?;
    let note = "this is for the flow; whether its requests are permitted then is not asked";
    repairs.notes.push(note.to_owned());
    Ok(repairs)
}

/// A claim without what it says of requests.
fn of_flows(claim: &Claim) -> Claim {
    match claim {
        Claim::PermittedAll | Claim::PermittedSome => Claim::Delivered,
        Claim::Not(claim) => Claim::Not(Box::new(of_flows(claim))),
        Claim::All(claims) => Claim::All(claims.iter().map(of_flows).collect()),
        Claim::Any(claims) => Claim::Any(claims.iter().map(of_flows).collect()),
        same @ (Claim::Delivered | Claim::Answered | Claim::Traverses(_) | Claim::DecidedBy(_)) => {
            same.clone()
        }
    }
}

/// What is to be permitted, as the claim says it, else as the shown request has it.
struct Wanted {
    actions: Vec<String>,
    resources: Vec<String>,
}

impl Wanted {
    fn of(invariant: &Invariant, evidence: &Evidence) -> Option<Self> {
        let RequestSet {
            actions, resources, ..
        } = invariant.scope.request.as_ref()?;
        let request = evidence.request();
        let or_shown = |patterns: &[String], shown: Option<&String>| {
            if patterns.is_empty() {
                shown.cloned().map(|shown| vec![shown])
            } else {
                Some(patterns.to_vec())
            }
        };
        Some(Self {
            actions: or_shown(&actions.include, request.map(|one| &one.action))?,
            resources: or_shown(&resources.include, request.map(|one| &one.resource))?,
        })
    }
}

/// Sets of edits to try, the smallest first.
fn proposals(endpoint: &VpcEndpointId, policy: &Policy, wanted: &Wanted) -> Vec<EditSet> {
    let mut of_statements: Vec<(Vec<Edit>, Vec<Edit>)> = Vec::new();
    let mut denials = Vec::new();
    for (position, statement) in policy.statements.iter().enumerate() {
        if statement.effect == PolicyEffect::Deny {
            denials.push(Edit::RemoveStatement {
                endpoint: endpoint.clone(),
                statement: position,
            });
            continue;
        }
        let actions = match &statement.action {
            ActionElement::Action(_) => wanted.actions.as_slice(),
            ActionElement::NotAction(_) => &[],
        };
        let resources = match &statement.resource {
            ResourceElement::Resource(_) => wanted.resources.as_slice(),
            ResourceElement::NotResource(_) => &[],
        };
        let action = |action: &String| Edit::AddAction {
            endpoint: endpoint.clone(),
            statement: position,
            action: action.clone(),
        };
        let resource = |resource: &String| Edit::AddResource {
            endpoint: endpoint.clone(),
            statement: position,
            resource: resource.clone(),
        };
        of_statements.push((
            actions.iter().map(action).collect(),
            resources.iter().map(resource).collect(),
        ));
    }
    let mut sets: Vec<EditSet> = Vec::new();
    for (actions, resources) in &of_statements {
        // Any of the resources, any of the actions, then both together.
        let resources = some_of(resources);
        let actions = some_of(actions);
        sets.extend(resources.iter().chain(&actions).cloned());
        for one in &resources {
            sets.extend(actions.iter().map(|other| [one.as_slice(), other].concat()));
        }
    }
    let statement = vec![Edit::AddStatement {
        endpoint: endpoint.clone(),
        actions: wanted.actions.clone(),
        resources: wanted.resources.clone(),
    }];
    let denials = some_of(&denials);
    let mut with_denials: Vec<EditSet> = denials.clone();
    for denial in &denials {
        let others = sets.iter().chain([&statement]);
        with_denials.extend(others.map(|set| [denial.as_slice(), set].concat()));
    }
    sets.push(statement);
    sets.extend(with_denials);
    // A statement more opens the least, and is read last.
    sets.sort_by_key(Vec::len);
    sets
}

/// One of some edits, or two of them, or all.
fn some_of(edits: &[Edit]) -> Vec<EditSet> {
    let mut sets: Vec<EditSet> = edits.iter().map(|edit| vec![edit.clone()]).collect();
    if edits.len() > 2 {
        for (position, one) in edits.iter().enumerate().take(4) {
            let others = edits.iter().skip(position + 1).take(4);
            sets.extend(others.map(|other| vec![one.clone(), other.clone()]));
        }
    }
    if (2..=4).contains(&edits.len()) {
        sets.push(edits.to_vec());
    }
    sets
}

/// Whether the evaluator takes a set for enough.
fn seems(network: &Network, set: &EditSet, invariant: &Invariant) -> bool {
    let network = edited(network, set);
    network.is_some_and(|network| {
        let verdict = evaluator::Evaluator::load(&network).check(invariant);
        matches!(verdict, Verdict::Holds { .. })
    })
}

/// Whether both engines prove the claim with a set, and violate it with every part of it.
fn is_proved(
    network: &Network,
    set: &EditSet,
    invariant: &Invariant,
) -> Result<bool, Disagreement> {
    let Some(with) = edited(network, set) else {
        return Ok(false);
    };
    let judgement = Judge::new(&with).judge(invariant)?;
    if !matches!(judgement.ruling, Ruling::Proved(_)) || judgement.engines.agree != Some(true) {
        return Ok(false);
    }
    for part in parts(set) {
        let Some(with) = edited(network, &part) else {
            continue;
        };
        let judgement = Judge::new(&with).judge(invariant)?;
        if !matches!(judgement.ruling, Ruling::Violated(_)) || judgement.engines.agree != Some(true)
        {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What an endpoint permits with an edit of its policy and not without it.
pub(crate) fn permits_besides(network: &Network, edit: &Edit) -> Option<String> {
    let after = edited(network, std::slice::from_ref(edit))?;
    let judges = [&Judge::new(network), &Judge::new(&after)];
    let changes = policies::changes(judges).ok()?;
    let notes = changes.into_iter().flat_map(|change| change.notes);
    let notes: Vec<String> = notes.collect();
    (!notes.is_empty()).then(|| notes.join("; "))
}
