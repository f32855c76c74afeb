//! Planted bugs among accounts: for each rule of the page, the mistake that one makes.
//!
//! An engine that makes the mistake is the right one, asked about a changed world or request.

mod grant;
mod part;
mod planted;
mod request;

use evaluator::Evaluator;
use model::{Clause, Engine, PermissionEffect};

use super::Case;
pub use planted::Planted;

/// A planted bug.
#[derive(Clone, Copy, Debug)]
pub struct Bug {
    /// What is done wrong.
    pub name: &'static str,
    /// The clause that it violates.
    pub clause: Clause,
    change: fn(&mut Planted),
    /// Whether the hole alone shows it.
    by_hole: bool,
}

const fn bug(name: &'static str, clause: Clause, change: fn(&mut Planted)) -> Bug {
    Bug {
        name,
        clause,
        change,
        by_hole: false,
    }
}

const fn of_hole(name: &'static str, change: fn(&mut Planted)) -> Bug {
    Bug {
        by_hole: true,
        ..bug(name, Clause::AuthorizationOpen, change)
    }
}

impl Bug {
    /// Whether some request of a case shows it.
    pub fn is_seen(&self, case: &Case) -> bool {
        let right = Evaluator::load(&case.world.network());
        case.asked.iter().any(|(way, request)| {
            let mut planted = Planted {
                world: case.world.clone(),
                way: way.clone(),
                request: request.clone(),
            };
            (self.change)(&mut planted);
            let is_same_world = planted.world == case.world;
            if is_same_world && (&planted.way, &planted.request) == (way, request) {
                return false;
            }
            let ask = |engine: &Evaluator| engine.permits(&planted.way, &planted.request).effect;
            let wrong = if is_same_world {
                ask(&right)
            } else {
                let network = planted.world.try_network();
                match network.map(|network| ask(&Evaluator::load(&network))) {
                    Some(wrong) => wrong,
                    None => return false,
                }
            };
            let right = right.permits(way, request).effect;
            if self.by_hole {
                wrong != right
            } else {
                rank(&wrong) != rank(&right)
            }
        })
    }
}

/// How much an effect permits: none, open, all.
pub const fn rank(effect: &PermissionEffect) -> u8 {
    match effect {
        PermissionEffect::Denied => 0,
        PermissionEffect::Undetermined(_) => 1,
        PermissionEffect::Permitted => 2,
    }
}

/// Every planted bug.
pub fn bugs() -> impl Iterator<Item = &'static Bug> {
    let of_parts = part::BUGS.iter();
    of_parts.chain(grant::BUGS).chain(request::BUGS)
}
