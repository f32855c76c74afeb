//! What the policies of the caller's and of the owner's accounts do with a request (page authorization).
//!
//! Each part says something with three values; how they come together is the same for one request, of which all is
//! known, and for a set, of which z3 chooses.

use model::{Hole, PolicyEffect, UnknownReason, Value};

use crate::account::Part;
use crate::authorize::{Policy, Statement};
use crate::decision::{Decision, Outcome};
use crate::principal::Naming;
use crate::symbolic::Formula;

/// A part that may deny and allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    ServiceControl,
    ResourceControl,
    Resource,
    Identity,
    Boundary,
    Session,
}

/// What is asked of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    Denies,
    Allows(Naming),
}

impl Ask {
    /// Whether what the part says is so. What a statement says is told by the caller.
    pub(crate) fn of(
        self,
        part: &Part<'_>,
        says: &dyn Fn(&Statement, Naming) -> Outcome,
    ) -> Outcome {
        let levels = match part {
            Part::Known(levels) => levels,
            Part::Open(hole) => return Outcome::open(UnknownReason::DependsOn(hole.clone())),
        };
        let (effect, naming) = match self {
            Ask::Denies => (PolicyEffect::Deny, Naming::ANYHOW),
            Ask::Allows(naming) => (PolicyEffect::Allow, naming),
        };
        let levels = levels.iter().map(|level| {
            let documents = level.iter();
            let documents = documents.map(|one| document(one, effect, naming, says));
            Outcome::any(&documents.collect::<Vec<_>>())
        });
        let levels: Vec<Outcome> = levels.collect();
        match effect {
            PolicyEffect::Deny => Outcome::any(&levels),
            PolicyEffect::Allow => Outcome::all(&levels),
        }
    }
}

/// Whether a document denies, or allows.
fn document(
    policy: &Value<Policy>,
    effect: PolicyEffect,
    naming: Naming,
    says: &dyn Fn(&Statement, Naming) -> Outcome,
) -> Outcome {
    let of = |policy: &Policy| {
        let statements = policy.statements.iter();
        let statements = statements.filter(|statement| statement.effect == effect);
        let statements = statements.map(|statement| says(statement, naming));
        Outcome::any(&statements.collect::<Vec<_>>())
    };
    match policy {
        Value::Known(policy) => of(policy),
        Value::OneOf(policies, hole) => {
            Outcome::agreed(&policies.iter().map(of).collect::<Vec<_>>(), hole)
        }
        Value::Any(hole) => Outcome::open(UnknownReason::DependsOn(hole.clone())),
    }
}

/// What else counts, beside what the parts say.
pub(crate) struct Case {
    pub(crate) is_anonymous: Formula,
    pub(crate) is_root: Formula,
    /// The caller is a service-linked role, or a session of one.
    pub(crate) is_service_linked: Formula,
    /// The caller and the owner are of one account.
    pub(crate) is_same: Formula,
    /// The policy of the key or role itself must allow.
    pub(crate) is_keyed: Formula,
    /// A Deny of the bucket's policy does not stop its account's root user, if it is the caller.
    pub(crate) is_of_bucket: Formula,
    /// The owner is not known.
    pub(crate) is_owner_open: Vec<(Hole, Formula)>,
    /// Whether resource control policies deny the action for certain; if not, what is open. One of these always holds.
    pub(crate) controls: Vec<(Option<Hole>, Formula)>,
}

impl Case {
    /// What a statement says that may be a resource control policy's.
    pub(crate) fn controlled(&self, name: Name, statement: Outcome) -> Outcome {
        if name != Name::ResourceControl {
            return statement;
        }
        let rows = self.controls.iter().map(|(hole, when)| {
            let here = hole.as_ref().map(|hole| statement.at_most_open(hole));
            (
                here.unwrap_or_else(|| statement.clone()),
                vec![when.clone()],
            )
        });
        Outcome::of_rows(rows)
    }
}

/// What all parts say.
pub(crate) struct Said {
    denies: Outcome,
    /// The service control policies allow.
    control: Outcome,
    grant: Outcome,
}

/// What the resource's policy allows in each way, and what the caller's own policies do.
struct Allows {
    directly: Outcome,
    as_role: Outcome,
    as_account: Outcome,
    identity: Outcome,
    boundary: Outcome,
    session: Outcome,
}

impl Said {
    pub(crate) fn new(case: &Case, of: &dyn Fn(Name, Ask) -> Outcome) -> Self {
        let nothing = Outcome::matching(Formula::FALSE);
        let unless = |when: &Formula, name| Outcome::choose(when, &nothing, &of(name, Ask::Denies));
        let is_spared = &(&case.is_root & &case.is_same) & &case.is_of_bucket;
        let denies = [
            of(Name::ServiceControl, Ask::Denies),
            unless(&case.is_service_linked, Name::ResourceControl),
            unless(&is_spared, Name::Resource),
            of(Name::Identity, Ask::Denies),
            of(Name::Boundary, Ask::Denies),
            of(Name::Session, Ask::Denies),
        ];
        let allows = |name| of(name, Ask::Allows(Naming::ANYHOW));
        let in_way = |naming| of(Name::Resource, Ask::Allows(naming));
        let each = Allows {
            directly: in_way(Naming::Directly),
            as_role: in_way(Naming::AsRole),
            as_account: in_way(Naming::AsAccount),
            identity: allows(Name::Identity),
            boundary: allows(Name::Boundary),
            session: allows(Name::Session),
        };
        Said {
            denies: Outcome::any(&denies),
            control: allows(Name::ServiceControl),
            grant: each.grant(case),
        }
    }

    /// What comes of it, behind what the endpoint's policy says.
    pub(crate) fn behind(&self, policy: &Decision) -> Decision {
        Decision::of_accounts(policy, &self.denies, &[&self.control, &self.grant])
    }

    pub(crate) const fn denies(&self) -> &Outcome {
        &self.denies
    }

    pub(crate) const fn control(&self) -> &Outcome {
        &self.control
    }

    pub(crate) const fn grant(&self) -> &Outcome {
        &self.grant
    }
}

impl Allows {
    /// The grant G.
    fn grant(&self, case: &Case) -> Outcome {
        let any = |parts: &[&Outcome]| Outcome::any(&cloned(parts));
        let limited = |granted: Outcome| {
            Outcome::all(&[granted, self.boundary.clone(), self.session.clone()])
        };
        let (directly, as_role, as_account) = (&self.directly, &self.as_role, &self.as_account);
        let own = limited(any(&[&self.identity, as_role]));
        let by_account = Outcome::all(&cloned(&[&self.identity, as_account]));
        let own_keyed = limited(any(&[as_role, &by_account]));
        let in_any_way = any(&[directly, as_role, as_account]);
        let across = limited(Outcome::all(&cloned(&[&self.identity, &in_any_way])));

        let by_root = any(&[directly, as_account]);
        let everything = Outcome::matching(Formula::TRUE);
        let within = Outcome::choose(
            &case.is_keyed,
            &any(&[directly, &own_keyed]),
            &any(&[directly, &own]),
        );
        let root_within = Outcome::choose(&case.is_keyed, &by_root, &everything);
        let same = Outcome::choose(&case.is_root, &root_within, &within);
        let other = Outcome::choose(&case.is_root, &by_root, &across);
        let signed = Outcome::choose(&case.is_same, &same, &other);
        let granted = Outcome::choose(&case.is_anonymous, directly, &signed);
        let granted = granted.by_first_of(&[
            directly,
            as_role,
            as_account,
            &self.identity,
            &self.boundary,
            &self.session,
        ]);
        let open = case.is_owner_open.iter().map(|(hole, when)| {
            let reason = UnknownReason::DependsOn(hole.clone());
            (Outcome::open(reason), vec![when.clone()])
        });
        let is_owner_open = case.is_owner_open.iter().map(|(_, when)| when.clone());
        let is_known = !Formula::any(is_owner_open);
        Outcome::of_rows(open.chain([(granted, vec![is_known])]))
    }
}

fn cloned(parts: &[&Outcome]) -> Vec<Outcome> {
    parts.iter().map(|part| (*part).clone()).collect()
}
