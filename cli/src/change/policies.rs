//! What the policies of endpoints that both networks have permit before and after.

use std::collections::BTreeSet;

use model::{RequestSet, Value, VpcEndpointId};

use crate::invariant_file::policy::{PolicyStatement, Relation};
use crate::invariant_file::{Selection, Severity};
use crate::judge::{Disagreement, Judge, Reason};
use crate::policy_claim;
use crate::report::VerdictWord;

/// An endpoint whose policy is not the same.
#[derive(Clone, Debug)]
pub(crate) struct PolicyChange {
    pub(crate) endpoint: VpcEndpointId,
    /// What it permits more and less, a line each; none when it permits the same.
    pub(crate) notes: Vec<String>,
    /// What leaves that open.
    pub(crate) reasons: BTreeSet<Reason>,
}

/// Every such endpoint.
///
/// # Errors
///
/// When the engines disagree.
pub(crate) fn changes([before, after]: [&Judge<'_>; 2]) -> Result<Vec<PolicyChange>, Disagreement> {
    let mut changes = Vec::new();
    for (id, endpoint) in before.network.vpc_endpoints() {
        let Some(later) = after.network.vpc_endpoints().get(id) else {
            continue;
        };
        if endpoint.policy == later.policy {
            continue;
        }
        let Value::Known(reference) = &endpoint.policy else {
            let hole = endpoint.policy.hole().cloned();
            changes.push(PolicyChange {
                endpoint: id.clone(),
                notes: Vec::new(),
                reasons: hole.map(Reason::DependsOn).into_iter().collect(),
            });
            continue;
        };
        let statement = PolicyStatement {
            name: format!("the policy of {id}"),
            span: 0..0,
            of: Selection {
                selectors: Vec::new(),
                text: id.to_string(),
            },
            relation: Relation::Equals,
            file: "the policy before".to_owned(),
            reference: reference.clone(),
            set: RequestSet::every(),
            severity: Severity::High,
        };
        let finding = policy_claim::at_each(after, &statement, &BTreeSet::from([id.clone()]))?;
        if finding.verdict != VerdictWord::Proved {
            changes.push(PolicyChange {
                endpoint: id.clone(),
                notes: finding.notes,
                reasons: finding.reasons,
            });
        }
    }
    Ok(changes)
}
