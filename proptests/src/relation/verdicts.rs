//! Laws of verdicts.

use model::{Claim, Engine, Family, Invariant, PortRange, Quantifier, TrafficClass, Verdict};

use super::{Case, Checked};
use crate::question::invariant;
use crate::run::Kind;

fn kind(engine: &impl Engine, invariant: &Invariant) -> Kind {
    Kind::of(&engine.check(invariant))
}

fn broken(case: &Case, invariant: &Invariant, what: String) -> Option<String> {
    let network = ingest::native::write(&case.world.network);
    Some(format!("{what}\n{invariant:?}\n{network}"))
}

/// `every(c) = ¬exists(¬c)`, where neither is unknown.
pub fn every_is_not_exists_not<E: Engine>(case: &Case) -> Checked {
    let mut dice = case.dice.clone();
    let mut every = invariant::invariant(&case.world.network, &mut dice);
    every.quantifier = Quantifier::Every;
    let mut exists = every.clone();
    exists.quantifier = Quantifier::Exists;
    exists.claim = Claim::Not(Box::new(every.claim.clone()));
    let engine = E::load(&case.world.network);
    let kinds = (kind(&engine, &every), kind(&engine, &exists));
    let holds = match kinds {
        (Kind::Unknown, _) | (_, Kind::Unknown) => return Checked::default(),
        (Kind::Holds, other) => other == Kind::Violated,
        (Kind::Violated, other) => other == Kind::Holds,
        (Kind::Vacuous, other) => other == Kind::Vacuous,
    };
    let what = || format!("every(c) is {:?}, exists(not c) is {:?}", kinds.0, kinds.1);
    Checked {
        n_exercised: 1,
        broken: if holds {
            None
        } else {
            broken(case, &every, what())
        },
    }
}

/// The lower and the upper part of a class of traffic with two or more destination ports.
fn parts(class: &TrafficClass) -> Option<[TrafficClass; 2]> {
    let halves = |ports: &PortRange| {
        let middle = ports.start().midpoint(*ports.end());
        (ports.start() < ports.end()).then(|| [*ports.start()..=middle, middle + 1..=*ports.end()])
    };
    match class {
        TrafficClass::Tcp {
            source_ports,
            destination_ports,
        } => Some(halves(destination_ports)?.map(|ports| TrafficClass::Tcp {
            source_ports: source_ports.clone(),
            destination_ports: ports,
        })),
        TrafficClass::Udp {
            source_ports,
            destination_ports,
        } => Some(halves(destination_ports)?.map(|ports| TrafficClass::Udp {
            source_ports: source_ports.clone(),
            destination_ports: ports,
        })),
        TrafficClass::Icmp { .. } | TrafficClass::Icmpv6 { .. } | TrafficClass::Other { .. } => {
            None
        }
    }
}

/// Two scopes that together are one: by ports, or by families.
fn split(whole: &Invariant) -> Option<[Invariant; 2]> {
    let with = |change: &dyn Fn(&mut Invariant)| {
        let mut part = whole.clone();
        change(&mut part);
        part
    };
    if whole.scope.families.len() == 2 {
        return Some(
            [Family::V4, Family::V6]
                .map(|family| with(&|part: &mut Invariant| part.scope.families = [family].into())),
        );
    }
    let (first, rest) = whole.scope.traffic.classes.split_first()?;
    let [lower, upper] = parts(first)?;
    let lower = with(&|part: &mut Invariant| part.scope.traffic.classes = vec![lower.clone()]);
    let upper = with(&|part: &mut Invariant| {
        part.scope.traffic.classes = rest.iter().chain([&upper]).cloned().collect();
    });
    Some([lower, upper])
}

/// `every over s₁ ∪ s₂ holds ⇔ over both`, `exists over s₁ ∪ s₂ holds ⇔ over one`, where none is
/// unknown; a vacuous part says nothing.
pub fn a_scope_is_the_sum_of_its_parts<E: Engine>(case: &Case) -> Checked {
    let mut dice = case.dice.clone();
    let whole = invariant::invariant(&case.world.network, &mut dice);
    let Some(parts) = split(&whole) else {
        return Checked::default();
    };
    let engine = E::load(&case.world.network);
    let of_whole = kind(&engine, &whole);
    let of_parts = parts.map(|part| kind(&engine, &part));
    if of_whole == Kind::Unknown || of_parts.contains(&Kind::Unknown) {
        return Checked::default();
    }
    let deciding = match whole.quantifier {
        Quantifier::Every => Kind::Violated,
        Quantifier::Exists => Kind::Holds,
    };
    let other = match whole.quantifier {
        Quantifier::Every => Kind::Holds,
        Quantifier::Exists => Kind::Violated,
    };
    let expected = if of_parts.contains(&deciding) {
        deciding
    } else if of_parts.contains(&other) {
        other
    } else {
        Kind::Vacuous
    };
    let what = || format!("the whole is {of_whole:?}, the parts are {of_parts:?}");
    Checked {
        n_exercised: 1,
        broken: if expected == of_whole {
            None
        } else {
            broken(case, &whole, what())
        },
    }
}

/// `every over s holds, s' ⊆ s ⇒ every over s' holds or is vacuous`.
pub fn a_narrower_scope_keeps_every<E: Engine>(case: &Case) -> Checked {
    let mut dice = case.dice.clone();
    let mut whole = invariant::invariant(&case.world.network, &mut dice);
    whole.quantifier = Quantifier::Every;
    let Some([narrow, _]) = split(&whole) else {
        return Checked::default();
    };
    let engine = E::load(&case.world.network);
    if !matches!(engine.check(&whole), Verdict::Holds { .. }) {
        return Checked::default();
    }
    let kept = kind(&engine, &narrow);
    let holds = matches!(kept, Kind::Holds | Kind::Vacuous);
    Checked {
        n_exercised: 1,
        broken: if holds {
            None
        } else {
            broken(case, &narrow, format!("{kept:?}"))
        },
    }
}
