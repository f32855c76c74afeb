//! What the policies of the caller's and of the owner's accounts do with a request (page authorization).
//!
//! Each part says something with three values; how they come together is the same for one request, of which all is
//! known, and for a set, of which z3 chooses.

use model::{Hole, PolicyEffect, UnknownReason, Value};

use crate::account::Part;
use crate::authorize::{Policy, Statement};
use crate::case::{Case, at_most_open_where, only_where, open_where};
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
        let statements = statements.map(|statement| said(statement, naming, says));
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

/// What a statement says. Whether one that names the caller's account, and asks `aws:PrincipalArn`, allows directly
/// too, AWS's documents tell both ways.
fn said(
    statement: &Statement,
    naming: Naming,
    says: &dyn Fn(&Statement, Naming) -> Outcome,
) -> Outcome {
    let itself = says(statement, naming);
    if naming != Naming::Directly || !statement.names_account_and_asks_arn() {
        return itself;
    }
    let hole = Hole::new("aws:PrincipalArn beside an account");
    let beside = says(statement, Naming::AsAccount).open_at_best(&hole);
    Outcome::any(&[itself, beside])
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
        let unless = |when: &Formula, said| Outcome::choose(when, &nothing, &said);
        let policy = |ask| unless(&case.is_policy_of_others, of(Name::Resource, ask));
        let by_policy = at_most_open_where(&case.spared_roots, &policy(Ask::Denies));
        let control = open_where(&case.roles, &of(Name::ResourceControl, Ask::Denies));
        let denies = [
            of(Name::ServiceControl, Ask::Denies),
            unless(&case.is_spared_of_control, control),
            unless(&case.is_spared_of_policy, by_policy),
            of(Name::Identity, Ask::Denies),
            of(Name::Boundary, Ask::Denies),
            of(Name::Session, Ask::Denies),
        ];
        let allows = |name| of(name, Ask::Allows(Naming::ANYHOW));
        let in_way = |naming| policy(Ask::Allows(naming));
        let each = Allows {
            directly: in_way(Naming::Directly),
            as_role: in_way(Naming::AsRole),
            as_account: in_way(Naming::AsAccount),
            identity: allows(Name::Identity),
            boundary: allows(Name::Boundary),
            session: allows(Name::Session),
        };
        let is_unasked = !&case.is_asked;
        let is_silent = &is_unasked | &case.is_unsaid;
        Said {
            denies: unless(&is_silent, Outcome::any(&denies)),
            control: allows(Name::ServiceControl).unless(&is_silent),
            // Of an action of which the parts say nothing, the grant knows by itself that it is open.
            grant: each.grant(case).unless(&is_unasked),
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
    /// The grant G: what the table says, and what AWS knows more, the first rule last.
    fn grant(&self, case: &Case) -> Outcome {
        let table = self.table(case);
        let is_other = &!&case.is_same & &!&case.is_anonymous;
        let granted = self.where_granted(case, &table, &is_other);
        let is_short = &!&table.matches & &!&case.is_anonymous;
        let granted = open_where(&only_where(&case.grants, &is_short), &granted);
        let granted = open_where(&case.registries, &granted);
        let granted = open_where(&case.keys, &granted);
        let granted = open_where(&case.unknown_unsigned, &granted);
        let is_never_across = &!&case.is_same & &case.is_never_across;
        let granted = refused_where(&is_never_across, &granted);
        let granted = open_where(&case.besides, &granted);
        let granted = open_where(&case.authorizations, &granted);
        let granted = refused_where(&case.is_closed, &granted);
        let granted = open_where(&case.permissions, &granted);
        open_where(&case.owners, &granted)
    }

    /// What the table grants, where AWS may not.
    fn where_granted(&self, case: &Case, table: &Outcome, is_other: &Formula) -> Outcome {
        let is_own = &case.is_same & &!(&case.is_root | &case.is_keyed);
        let by_one = &is_own & &(&case.has_policy & &!self.by_both());
        let within = only_where(&case.within, &(&table.matches & &by_one));
        let across = only_where(&case.across, &(&table.matches & is_other));
        let blocks = only_where(&case.blocks, &(&table.matches & &!&case.is_same));
        let unsigned = only_where(&case.unsigned, &(&table.matches & &case.is_anonymous));
        let granted = open_where(&within, table);
        let granted = open_where(&across, &granted);
        let granted = open_where(&blocks, &granted);
        open_where(&unsigned, &granted)
    }

    /// The resource's policy alone, and the caller's alone, certainly allow.
    fn by_both(&self) -> Formula {
        let limits = &self.boundary.matches & &self.session.matches;
        let by_resource = &self.directly.matches | &(&self.as_role.matches & &limits);
        let by_caller = &self.identity.matches & &limits;
        by_resource & by_caller
    }

    /// What the table says.
    fn table(&self, case: &Case) -> Outcome {
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
        granted.by_first_of(&[
            directly,
            as_role,
            as_account,
            &self.identity,
            &self.boundary,
            &self.session,
        ])
    }
}

/// Failing where this holds.
fn refused_where(when: &Formula, otherwise: &Outcome) -> Outcome {
    Outcome::choose(when, &Outcome::matching(Formula::FALSE), otherwise)
}

fn cloned(parts: &[&Outcome]) -> Vec<Outcome> {
    parts.iter().map(|part| (*part).clone()).collect()
}
