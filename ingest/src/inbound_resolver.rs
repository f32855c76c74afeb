//! What snapshots and plans share about inbound resolver endpoints.

use std::collections::BTreeSet;

use model::{Hole, Value, VpcId};

/// Whether the inbound endpoints of a VPC answer with DNS64: open when they differ.
pub(crate) fn one_answer(vpc: &VpcId, mut answers: BTreeSet<bool>) -> Value<bool> {
    match (answers.pop_first(), answers.is_empty()) {
        (Some(only), true) => Value::Known(only),
        (Some(_), false) => Value::Any(Hole::new(format!(
            "which inbound resolver endpoint of {vpc} is asked"
        ))),
        (None, _) => Value::Known(false),
    }
}
