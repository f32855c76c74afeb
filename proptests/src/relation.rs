//! Laws of one engine: how the answer must change, or not, when the network does.
//!
//! They need no second engine, so they see faults that both engines have in common. Each law is one
//! function; above it stands the law as an equation, its precondition, and why that is needed.
//! `D(n, f)` is the decision on flow f in network n; `≤` orders dropped < undetermined < delivered.

mod completions;
mod filters;
mod holes;
mod premises;
mod routes;
mod verdicts;
mod whole;

pub use completions::{a_verdict_holds_in_every_completion, with_guessed_values};
pub use filters::{
    a_duplicated_rule_changes_nothing, a_group_rule_more_delivers_no_less,
    a_rule_split_in_halves_changes_nothing, a_shadowed_entry_changes_nothing,
    an_acl_allow_delivers_no_less, an_acl_deny_delivers_no_more, ports_split_in_two_change_nothing,
    renumbered_entries_change_nothing, with_open_acls_no_acl_drops,
};
pub use holes::a_determined_answer_holds_in_every_completion;
pub use premises::{
    a_known_block_more_delivers_no_less, a_known_block_split_in_halves_changes_nothing,
};
pub use routes::{
    a_route_changes_only_flows_in_its_block, a_route_split_in_halves_changes_nothing,
};
pub use verdicts::{
    a_narrower_scope_keeps_every, a_scope_is_the_sum_of_its_parts, every_is_not_exists_not,
};
pub use whole::{
    a_disconnected_vpc_changes_nothing, families_do_not_mix, order_carries_no_meaning,
    renaming_changes_nothing, unused_components_change_nothing,
};

use model::{Decision, Disposition, Engine, Flow, Network, NetworkDraft};

use crate::agreement;
use crate::dice::Dice;
use crate::generate::World;
use crate::line;
use crate::plan::{Budget, Plan, Profile};
use crate::question::flow;

/// A network and what is asked of it, for one trial of a law.
#[derive(Clone, Debug)]
pub struct Case {
    /// The network.
    pub world: World,
    /// Flows.
    pub flows: Vec<Flow>,
    /// For further choices.
    pub dice: Dice,
}

impl Case {
    /// The case of a seed.
    pub fn of_seed(seed: u64) -> Self {
        let plan = Plan::from_seed(Profile::of_case(seed), Budget::TINY, seed);
        let world = crate::generate::world(&plan);
        let mut dice = Dice::new(seed);
        Self {
            flows: flow::flows(&world, 12, &mut dice),
            world,
            dice,
        }
    }
}

/// What came of a trial.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// How often the law said something; a law that never does is not tested.
    pub n_exercised: u64,
    /// The first time that it was broken.
    pub broken: Option<String>,
}

impl Checked {
    /// Adds another trial.
    #[must_use]
    pub fn and(self, other: Checked) -> Checked {
        Checked {
            n_exercised: self.n_exercised + other.n_exercised,
            broken: self.broken.or(other.broken),
        }
    }
}

/// A law of an engine.
pub type Law = fn(&Case) -> Checked;

/// A changed network; `None` when AWS would refuse the change.
fn changed(network: &Network, change: impl FnOnce(&mut NetworkDraft)) -> Option<Network> {
    let mut draft = network.clone().into_draft();
    change(&mut draft);
    draft.validate().ok()
}

/// Compares the decisions on each flow before and after; `holds` says whether they may be so, and
/// `None` that the law says nothing of this flow.
fn compare<E: Engine>(
    before: &Network,
    after: Option<Network>,
    flows: &[Flow],
    holds: impl Fn(&Flow, &Decision, &Decision) -> Option<bool>,
) -> Checked {
    let Some(after) = after else {
        return Checked::default();
    };
    let (first, second) = (E::load(before), E::load(&after));
    let mut checked = Checked::default();
    for flow in flows {
        let (one, other) = (first.decide(flow), second.decide(flow));
        match holds(flow, &one, &other) {
            None => {}
            Some(true) => checked.n_exercised += 1,
            Some(false) => {
                checked.n_exercised += 1;
                let (before, after) =
                    (ingest::native::write(before), ingest::native::write(&after));
                let broken = format!(
                    "{}\n  before: {}\n   after: {}\n\nbefore\n{before}\nafter\n{after}",
                    line::flow_text(flow),
                    agreement::decision_text(&one),
                    agreement::decision_text(&other),
                );
                checked.broken = checked.broken.or(Some(broken));
            }
        }
    }
    checked
}

/// The decisions are the same.
fn same<E: Engine>(before: &Network, after: Option<Network>, flows: &[Flow]) -> Checked {
    compare::<E>(before, after, flows, |_, one, other| Some(one == other))
}

const fn rank(disposition: Disposition) -> u8 {
    match disposition {
        Disposition::Dropped => 0,
        Disposition::Undetermined => 1,
        Disposition::Delivered => 2,
    }
}

/// The second is not below the first, forward; and back, where both requests are delivered.
fn grows(one: &Decision, other: &Decision) -> Option<bool> {
    let forward = rank(one.forward.disposition) <= rank(other.forward.disposition);
    let delivered = one.forward.disposition == Disposition::Delivered;
    let arrives = !delivered || one.forward.arrival == other.forward.arrival;
    let back = match (&one.reply, &other.reply) {
        (Some(one), Some(other)) if delivered => rank(one.disposition) <= rank(other.disposition),
        (_, _) => true,
    };
    Some(forward && arrives && back)
}
