//! Resource control policies: what they are about for certain (`authorization`).

use model::Hole;

use crate::action::{Action, service};
use crate::statement::Match;

/// Whether they are about an action, on a resource of the input or on another.
pub(crate) fn controls(action: &str, on_entry: bool) -> Match {
    let service = service(action);
    if Action::is_controlled(&service) && (on_entry || service != "kms") {
        Match::Holds
    } else {
        Match::Open(Hole::new(format!("resource control policies on {service}")))
    }
}
