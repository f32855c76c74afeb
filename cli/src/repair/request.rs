//! What to edit so that requests pass: the policies of the endpoint that they go by, of the caller, of the
//! resource, and of the accounts of both.
//!
//! As with edits of the network a proposal is a guess, and both engines decide whether it helps: the
//! claim, narrowed to the one flow and with all of its requests, has to be proved with the edits and
//! with no part of them.

use std::collections::BTreeSet;

use model::{
    ActionElement, Claim, ComponentId, Engine, Invariant, Network, PermissionEffect, Policy,
    PolicyEffect, Principal, PrincipalSet, Quantifier, RequestSet, RequestWay, ResourceElement,
    Verdict, VpcEndpointId,
};

use super::edit::Edit;
use super::goal::narrow;
use super::policy_of::PolicyOf;
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
    let Some(endpoint) = way_of(judge, evidence) else {
        return without_request(judge, invariant, evidence);
    };
    let mut narrowed = invariant.clone();
    let network = judge.network.completed(&evidence.witness.completion);
    let is_narrow = narrow(&mut narrowed.scope, &evidence.witness.flow, &network);
    narrowed.scope.relayed = false;
    let wanted = Wanted::of(&narrowed, evidence);
    let (Some(()), Some(wanted)) = (is_narrow, wanted) else {
        return Ok(only("what is to pass is not known"));
    };
    let mut policies: Vec<PolicyOf> = endpoint.map(PolicyOf::Endpoint).into_iter().collect();
    if !network.accounts().is_empty() {
        policies.extend(wanted.policies(&network));
    }
    let mut repairs = Repairs::default();
    let proposals = proposals(&network, &policies, &wanted);
    let is_cut = proposals.len() > MOST_TRIES;
    for set in proposals.into_iter().take(MOST_TRIES) {
        let has_part = repairs.list.iter().any(|repair: &Repair| {
            let mut edits = repair.edits.iter();
            edits.all(|edit| set.contains(edit))
        });
        if has_part || !seems(&network, &set, &narrowed, evidence) {
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
        let note = "no edit of the policies of the endpoint, the caller, the resource and their accounts that was \
                    tried is enough";
        repairs.notes.push(note.to_owned());
    }
    if is_cut {
        let note = format!("not all was tried: at most {MOST_TRIES} sets of edits are");
        repairs.notes.push(note);
    }
    Ok(repairs)
}

fn only(note: &str) -> Repairs {
    Repairs {
        list: Vec::new(),
        notes: vec![note.to_owned()],
    }
}

/// The endpoint by which the flow goes, or that it goes by none, over the internet; nothing where its
/// request is permitted, or it does not come to a service.
fn way_of(judge: &Judge<'_>, evidence: &Evidence) -> Option<Option<VpcEndpointId>> {
    match &evidence.permission {
        // Then something else is amiss.
        Some((_, permission)) if permission.effect == PermissionEffect::Permitted => None,
        Some((RequestWay::Endpoint(id, _) | RequestWay::EndpointPolicy(id), _)) => {
            Some(Some(id.clone()))
        }
        Some((RequestWay::Internet(_), _)) => Some(None),
        None => {
            let mut way = way(&evidence.trace, judge.network).into_iter().rev();
            way.find_map(|component| {
                if let ComponentId::VpcEndpoint(id) = component {
                    Some(Some(id))
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
    callers: Vec<String>,
    actions: Vec<String>,
    resources: Vec<String>,
}

impl Wanted {
    fn of(invariant: &Invariant, evidence: &Evidence) -> Option<Self> {
        let RequestSet {
            actions,
            resources,
            principals,
            ..
        } = invariant.scope.request.as_ref()?;
        let request = evidence.request();
        let or_shown = |patterns: &[String], shown: Option<&String>| {
            if patterns.is_empty() {
                shown.cloned().map(|shown| vec![shown])
            } else {
                Some(patterns.to_vec())
            }
        };
        let arn = |principal: &Principal| match principal {
            Principal::Arn { arn, .. } => Some(arn.clone()),
            Principal::Anonymous | Principal::Root { .. } => None,
        };
        let callers = match principals {
            PrincipalSet::These(these) => these.iter().filter_map(arn).collect(),
            PrincipalSet::Every | PrincipalSet::OfAccounts(_) | PrincipalSet::NotOfAccounts(_) => {
                let shown = request.and_then(|request| arn(&request.principal));
                shown.into_iter().collect()
            }
        };
        Some(Self {
            callers,
            actions: or_shown(&actions.include, request.map(|one| &one.action))?,
            resources: or_shown(&resources.include, request.map(|one| &one.resource))?,
        })
    }

    /// The policies of accounts that may decide.
    fn policies(&self, network: &Network) -> BTreeSet<PolicyOf> {
        let callers: Vec<Option<&str>> = match self.callers.as_slice() {
            [] => vec![None],
            callers => callers.iter().map(|one| Some(one.as_str())).collect(),
        };
        let mut all = BTreeSet::new();
        for caller in callers {
            for resource in &self.resources {
                all.extend(PolicyOf::of_request(network, caller, resource));
            }
        }
        all
    }
}

/// Sets of edits to try, the smallest first: of one policy, or of two or three of them together.
fn proposals(network: &Network, policies: &[PolicyOf], wanted: &Wanted) -> Vec<EditSet> {
    let of_each = policies.iter().filter_map(|of| {
        let policy = of.known(network)?;
        Some(of_policy(of, &policy, wanted))
    });
    let of_each: Vec<Vec<EditSet>> = of_each.collect();
    let mut all: Vec<EditSet> = of_each.concat();
    let joined = |set: &EditSet, others: &[Vec<EditSet>]| -> Vec<EditSet> {
        let others = others.iter().flatten().filter(|other| other.len() == 1);
        others
            .map(|other| [set.as_slice(), other].concat())
            .collect()
    };
    for (position, sets) in of_each.iter().enumerate() {
        let behind = of_each.get(position + 1..).unwrap_or_default();
        for set in sets.iter().filter(|set| set.len() == 1) {
            let pairs = joined(set, behind);
            all.extend(pairs);
        }
    }
    // A statement more opens the least, and is read last.
    all.sort_by_key(Vec::len);
    all
}

/// Sets of edits of one policy.
fn of_policy(of: &PolicyOf, policy: &Policy, wanted: &Wanted) -> Vec<EditSet> {
    let mut of_statements: Vec<(Vec<Edit>, Vec<Edit>)> = Vec::new();
    let mut denials = Vec::new();
    for (position, statement) in policy.statements.iter().enumerate() {
        if statement.effect == PolicyEffect::Deny {
            denials.push(Edit::RemoveStatement {
                of: of.clone(),
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
            of: of.clone(),
            statement: position,
            action: action.clone(),
        };
        let resource = |resource: &String| Edit::AddResource {
            of: of.clone(),
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
    let callers = match of {
        PolicyOf::Resource(_) => wanted.callers.clone(),
        PolicyOf::Endpoint(_)
        | PolicyOf::Identity(..)
        | PolicyOf::Boundary(_)
        | PolicyOf::ServiceControl(..)
        | PolicyOf::ResourceControl(..) => Vec::new(),
    };
    // To let everybody in is nobody's repair of a resource, and a resource control policy only denies.
    let can_allow = match of {
        PolicyOf::Resource(_) => !callers.is_empty(),
        PolicyOf::ResourceControl(..) => false,
        PolicyOf::Endpoint(_)
        | PolicyOf::Identity(..)
        | PolicyOf::Boundary(_)
        | PolicyOf::ServiceControl(..) => true,
    };
    let statement = vec![Edit::AddStatement {
        of: of.clone(),
        callers,
        actions: wanted.actions.clone(),
        resources: wanted.resources.clone(),
    }];
    let statement = can_allow.then_some(statement);
    let denials = some_of(&denials);
    let mut with_denials: Vec<EditSet> = denials.clone();
    for denial in &denials {
        let others = sets.iter().chain(&statement);
        with_denials.extend(others.map(|set| [denial.as_slice(), set].concat()));
    }
    sets.extend(statement);
    sets.extend(with_denials);
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
fn seems(network: &Network, set: &EditSet, invariant: &Invariant, evidence: &Evidence) -> bool {
    let Some(network) = edited(network, set) else {
        return false;
    };
    let evaluator = evaluator::Evaluator::load(&network);
    // Where all requests have to pass, the one that was shown has to, and that is soon said.
    if let (Quantifier::Every, Some(request), Some((way, _))) = (
        invariant.quantifier,
        evidence.request(),
        &evidence.permission,
    ) && evaluator.permits(way, request).effect != PermissionEffect::Permitted
    {
        return false;
    }
    matches!(evaluator.check(invariant), Verdict::Holds { .. })
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

/// What a policy permits with an edit of it and not without it.
pub(crate) fn permits_besides(network: &Network, edit: &Edit) -> Option<String> {
    let after = edited(network, std::slice::from_ref(edit))?;
    let judges = [&Judge::new(network), &Judge::new(&after)];
    let changes = policies::changes(judges).ok()?;
    let notes = changes.into_iter().flat_map(|change| change.notes);
    let notes: Vec<String> = notes.collect();
    (!notes.is_empty()).then(|| notes.join("; "))
}
