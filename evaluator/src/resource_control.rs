//! Resource control policies: what they are about for certain (`authorization`).

use model::Hole;

use crate::action::{Action, service};
use crate::statement::Match;

/// Whether they are about an action: not about all services, nor about keys that AWS manages.
pub(crate) fn controls(action: &str) -> Match {
    let service = service(action);
    if Action::is_controlled(&service) {
        Match::Holds
    } else {
        Match::Open(Hole::new(format!("resource control policies on {service}")))
    }
}
