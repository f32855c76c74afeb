//! What the documents of accounts, principals and resources say before and after.
//!
//! What a document does is a function of which of its statements match: those that allow and those
//! that deny, each with its principals. So the statements of each effect and of each principal are
//! compared alone, as policies that allow everybody; where these permit the same requests, the
//! documents mean the same in every request, whatever the others say.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    BlockPublicAccess, Cidr, Condition, ContextKey, EndpointKind, Hole, InboundResolver, Network,
    NetworkDraft, Policy, PolicyEffect, PolicyText, PrincipalElement, PrincipalPattern, RequestSet,
    ResourceElement, Route, RouteDestination, RouteOrigin, RouteState, RouteTable, RouteTableId,
    Statement, Tags, Target, Value, Vpc, VpcEndpoint, VpcEndpointId, VpcId,
};

use super::holders::{Part, beside};
use super::policies::{Of, PolicyChange};
use crate::judge::{Disagreement, Judge, Reason};
use crate::policy_claim::{Difference, differences};
use crate::policy_difference::Side;

/// The endpoint whose policy stands for statements.
const STAND_IN: &str = "vpcproof-compared";
/// What stands before a key that follows from the way, so that it is free: any way may give it any value.
const OF_WAY: &str = "way:";
/// The keys that differ from way to way (`context-of-path`).
const KEYS_OF_WAY: [&str; 8] = [
    "aws:sourcevpce",
    "aws:sourcevpc",
    "aws:vpcsourceip",
    "aws:sourceip",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "aws:sourcevpcarn",
];

/// Of which statements something is said: their effect, and whom they mean.
type Key = (PolicyEffect, bool, Option<PrincipalPattern>);

/// Every part of an account, a principal or a resource that does not say the same.
///
/// # Errors
///
/// When the engines disagree.
pub(super) fn changes(networks: [&Network; 2]) -> Result<Vec<PolicyChange>, Disagreement> {
    let [one, other] = networks;
    let (before, after) = (beside(one, other), beside(other, one));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut changes = Vec::new();
    for name in names {
        let (one, other) = (before.get(name), after.get(name));
        if one == other {
            continue;
        }
        let mut change = PolicyChange {
            of: Of::Document(name.clone()),
            notes: Vec::new(),
            reasons: BTreeSet::new(),
        };
        match (one, other) {
            (Some(one), Some(other)) => compare(name, [one, other], &mut change)?,
            (_, None) | (None, _) => {
                let word = if other.is_none() { "after" } else { "before" };
                let text = format!("{name}, of which the input says nothing {word} the change");
                change.reasons.insert(Reason::DependsOn(Hole::new(text)));
            }
        }
        if !(change.notes.is_empty() && change.reasons.is_empty()) {
            changes.push(change);
        }
    }
    Ok(changes)
}

fn compare(
    name: &str,
    [before, after]: [&Part; 2],
    change: &mut PolicyChange,
) -> Result<(), Disagreement> {
    let depends = |what: &str| Reason::DependsOn(Hole::new(format!("{name}: {what}")));
    if before.facts != after.facts {
        let what = format!("{} before, {} after", before.facts, after.facts);
        change.reasons.insert(depends(&what));
    }
    let (one, other) = match (known(before), known(after)) {
        (Ok(one), Ok(other)) => (one, other),
        (one, other) => {
            let holes = [one.err(), other.err()].into_iter().flatten();
            change.reasons.extend(holes.map(Reason::DependsOn));
            return Ok(());
        }
    };
    let keys: BTreeSet<&Key> = one.keys().chain(other.keys()).collect();
    for key in keys {
        let nothing = Vec::new();
        let [one, other] = [&one, &other].map(|side| side.get(key).unwrap_or(&nothing));
        if one == other {
            continue;
        }
        let Some([one, other]) = policies([one, other]) else {
            let what = "documents of both versions of the language, which are not compared";
            change.reasons.insert(depends(what));
            continue;
        };
        let set = RequestSet {
            principals: before.callers.clone(),
            ..RequestSet::every()
        };
        let found = of_statements(name, [one, other], set)?;
        for difference in found {
            match difference {
                Difference::Some(side, request, classes) => {
                    let does = does(key, side);
                    let classes = classes.map(|classes| classes.to_string());
                    let told = classes.unwrap_or_else(|| request.to_string());
                    change
                        .notes
                        .push(format!("{does} {told}").replace(OF_WAY, "aws:"));
                }
                Difference::Unknown(reasons) => change.reasons.extend(reasons),
            }
        }
    }
    Ok(())
}

/// What a document does more, or less.
fn does((effect, is_inverted, principal): &Key, side: Side) -> String {
    let verb = match (effect, side) {
        (PolicyEffect::Allow, Side::Added) => "allows",
        (PolicyEffect::Allow, Side::Removed) => "does not allow any more",
        (PolicyEffect::Deny, Side::Added) => "denies",
        (PolicyEffect::Deny, Side::Removed) => "does not deny any more",
    };
    let whom = match principal {
        None => String::new(),
        Some(PrincipalPattern::Everyone) => " everybody".to_owned(),
        Some(PrincipalPattern::Account(account)) => format!(" account {account}"),
        Some(PrincipalPattern::Arn(arn)) => format!(" {arn}"),
        Some(PrincipalPattern::Open(_)) => " a principal of which a part is open".to_owned(),
        Some(PrincipalPattern::Other { kind, value }) => format!(" {kind} {value}"),
    };
    let but = if *is_inverted && principal.is_some() {
        " all but"
    } else {
        ""
    };
    format!("{verb}{but}{whom}:")
}

/// The statements of a part by what they do and whom they mean, each with whether it has variables.
fn known(part: &Part) -> Result<BTreeMap<Key, Vec<(bool, Statement)>>, Hole> {
    let mut keyed: BTreeMap<Key, Vec<(bool, Statement)>> = BTreeMap::new();
    for document in &part.documents {
        let policy = match document {
            Value::Known(policy) => policy,
            Value::OneOf(_, hole) | Value::Any(hole) => return Err(hole.clone()),
        };
        for statement in &policy.statements {
            let mut alone = statement.clone();
            alone.effect = PolicyEffect::Allow;
            alone.sid = None;
            alone.principal = PrincipalElement::Principal(vec![PrincipalPattern::Everyone]);
            let (is_inverted, patterns) = match &statement.principal {
                PrincipalElement::Principal(patterns) => (false, patterns.clone()),
                PrincipalElement::NotPrincipal(patterns) => (true, patterns.clone()),
            };
            // `NotPrincipal` of several is not that of each.
            if is_inverted && patterns.len() != 1 {
                return Err(Hole::new(format!(
                    "{}: `NotPrincipal` of several, which is not compared",
                    part.name
                )));
            }
            for pattern in patterns {
                let whom = part.has_principals.then_some(pattern);
                let key = (statement.effect, is_inverted, whom);
                let of = keyed.entry(key).or_default();
                of.push((policy.variables, alone.clone()));
            }
        }
    }
    Ok(keyed)
}

/// Statements of each side as a policy; `None` where a side has them of two versions, or a variable takes
/// what follows from the way.
fn policies(sides: [&Vec<(bool, Statement)>; 2]) -> Option<[Policy; 2]> {
    let [one, other] = sides.map(|side| {
        let variables = side.first().is_some_and(|(variables, _)| *variables);
        let is_one = side.iter().all(|(other, _)| *other == variables);
        let statements: Option<Vec<Statement>> =
            side.iter().map(|(_, statement)| freed(statement)).collect();
        is_one.then_some(())?;
        Some(Policy {
            statements: statements?,
            variables,
        })
    });
    Some([one?, other?])
}

/// A statement whose keys do not follow from the way.
fn freed(statement: &Statement) -> Option<Statement> {
    let mut freed = statement.clone();
    freed.conditions = freed.conditions.into_iter().map(free).collect();
    let resources = match &freed.resource {
        ResourceElement::Resource(texts) | ResourceElement::NotResource(texts) => texts,
    };
    let of_conditions = freed.conditions.iter().flat_map(|one| &one.values);
    let mut texts = resources.iter().chain(of_conditions);
    let takes_way = |text: &PolicyText| {
        let text = format!("{text:?}").to_lowercase();
        KEYS_OF_WAY
            .iter()
            .any(|key| text.contains(&format!("${{{key}")))
    };
    (!texts.any(takes_way)).then_some(freed)
}

fn free(condition: Condition) -> Condition {
    let name = condition.key.to_string();
    let folded = name.to_lowercase();
    if !KEYS_OF_WAY.contains(&folded.as_str()) {
        return condition;
    }
    let name = name.get("aws:".len()..).unwrap_or_default();
    Condition {
        key: ContextKey::new(&format!("{OF_WAY}{name}")),
        ..condition
    }
}

/// What the later statements match more and less.
fn of_statements(
    name: &str,
    [before, after]: [Policy; 2],
    set: RequestSet,
) -> Result<Vec<Difference>, Disagreement> {
    let id = VpcEndpointId::new(STAND_IN);
    let Some(network) = stand_in(&id, after) else {
        let limit = format!("{name} is not compared");
        return Ok(vec![Difference::Unknown(BTreeSet::from([
            Reason::OutOfBudget(limit),
        ]))]);
    };
    differences(&Judge::new(&network), name, &id, before, set)
}

/// A network with one endpoint that has this policy.
fn stand_in(id: &VpcEndpointId, policy: Policy) -> Option<Network> {
    let cidr: Cidr = "10.0.0.0/16".parse().ok()?;
    let (vpc, table) = (VpcId::new(STAND_IN), RouteTableId::new(STAND_IN));
    let local = Route {
        destination: Value::Known(RouteDestination::Cidr(cidr)),
        target: Value::Known(Target::Local),
        origin: RouteOrigin::Static,
        state: RouteState::Active,
    };
    let draft = NetworkDraft {
        vpcs: vec![Vpc {
            id: vpc.clone(),
            region: "eu-west-1".to_owned(),
            account: None,
            cidrs: vec![cidr],
            main_route_table: table.clone(),
            dns_support: true,
            dns_hostnames: true,
            custom_dns_servers: false,
            inbound_resolver: InboundResolver::Absent,
            block_public_access: Value::Known(BlockPublicAccess::Off),
            exclusion: None,
            dns_firewall: Vec::new(),
            tags: Tags::new(),
        }],
        route_tables: vec![RouteTable {
            id: table,
            vpc: vpc.clone(),
            routes: vec![local],
            tags: Tags::new(),
        }],
        vpc_endpoints: vec![VpcEndpoint {
            id: id.clone(),
            vpc,
            service: "com.amazonaws.eu-west-1.s3".to_owned(),
            available: true,
            kind: EndpointKind::Gateway {
                prefix_lists: BTreeSet::new(),
            },
            policy: Value::Known(policy),
            tags: Tags::new(),
        }],
        ..NetworkDraft::default()
    };
    draft.validate().ok()
}
