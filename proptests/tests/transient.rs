//! The network that is open where two differ says of flows what holds in each network between the two.

use evaluator::Evaluator;
use ingest::transient::{Matters, Transient, between};
use ingest::{Provenance, Resources, Validated};
use model::{
    AclAction, Claim, Decision, Disposition, Engine, Invariant, Network, NetworkAcl, NetworkAclId,
    NetworkDraft, NetworkInterfaceId, Origin, Place, Quantifier, Route, RouteDestination,
    RouteOrigin, Source, Value, Verdict,
};
use proptests::dice::Dice;
use proptests::generate::World;
use proptests::line;
use proptests::question::{flow, invariant};
use proptests::run;
use rayon::prelude::*;
use solver::Solver;

/// Networks drawn between two.
const DRAWN: usize = 6;

/// A change of one to four parts; `None` when AWS would refuse it.
fn edited(network: &Network, dice: &mut Dice) -> Option<Network> {
    let mut draft = network.clone().into_draft();
    for _ in 0..=dice.below(4) {
        edit(&mut draft, dice);
    }
    draft.validate().ok()
}

fn edit(draft: &mut NetworkDraft, dice: &mut Dice) {
    /// Takes one of some things away.
    fn less<T>(things: &mut Vec<T>, dice: &mut Dice) {
        if !things.is_empty() {
            things.remove(dice.below(things.len()));
        }
    }
    fn any<'a, T>(things: &'a mut [T], dice: &mut Dice) -> Option<&'a mut T> {
        let n = dice.below(things.len());
        things.get_mut(n)
    }
    let is_first = dice.percent(50);
    match dice.below(11) {
        0 | 1 => {
            if let Some(group) = any(&mut draft.security_groups, dice) {
                let rules = if is_first {
                    &mut group.ingress
                } else {
                    &mut group.egress
                };
                less(rules, dice);
            }
        }
        2 | 3 => {
            if let Some(table) = any(&mut draft.route_tables, dice) {
                less(&mut table.routes, dice);
            }
        }
        4 => {
            if let Some(table) = any(&mut draft.route_tables, dice) {
                let other = dice.pick(&table.routes).map(|route| route.target.clone());
                if let (Some(target), Some(route)) = (other, any(&mut table.routes, dice)) {
                    route.target = target;
                }
            }
        }
        5 | 6 => {
            if let Some(acl) = any(&mut draft.network_acls, dice) {
                let entries = if is_first {
                    &mut acl.ingress
                } else {
                    &mut acl.egress
                };
                if dice.percent(50) {
                    less(entries, dice);
                } else if let Some(entry) = any(entries, dice) {
                    entry.action = match entry.action {
                        AclAction::Allow => AclAction::Deny,
                        AclAction::Deny => AclAction::Allow,
                    };
                }
            }
        }
        7 => {
            let n = dice.below(draft.network_interfaces.len());
            let groups = draft.network_interfaces.get(n);
            let groups = groups.map(|one| one.groups.clone());
            if let (Some(groups), Some(one)) = (groups, any(&mut draft.network_interfaces, dice)) {
                one.groups = groups;
            }
        }
        8 => less(&mut draft.network_interfaces, dice),
        9 => {
            let tables = draft.route_tables.clone();
            if let Some(subnet) = any(&mut draft.subnets, dice) {
                let of_vpc = tables.iter().filter(|table| table.vpc == subnet.vpc);
                let of_vpc: Vec<_> = of_vpc.map(|table| table.id.clone()).collect();
                subnet.route_table = dice.pick(&of_vpc).cloned().map(Value::Known);
            }
        }
        _ => {
            let acls = draft.network_acls.clone();
            if let Some(subnet) = any(&mut draft.subnets, dice) {
                let of_vpc = acls.iter().filter(|acl| acl.vpc == subnet.vpc);
                let of_vpc: Vec<_> = of_vpc.map(|acl| acl.id.clone()).collect();
                if let Some(acl) = dice.pick(&of_vpc) {
                    subnet.network_acl = Value::Known(acl.clone());
                }
            }
        }
    }
}

/// What is in both, and of the rest what the dice leave.
fn some<T: Clone + PartialEq>(before: &[T], after: &[T], dice: &mut Dice) -> Vec<T> {
    let mut drawn: Vec<T> = Vec::new();
    for one in before.iter().chain(after) {
        let in_both = before.contains(one) && after.contains(one);
        if !drawn.contains(one) && (in_both || dice.percent(50)) {
            drawn.push(one.clone());
        }
    }
    drawn
}

/// Routes of which no two static ones have one destination.
fn routes(before: &[Route], after: &[Route], dice: &mut Dice) -> Vec<Route> {
    let mut drawn: Vec<Route> = Vec::new();
    for route in some(before, after, dice) {
        let same = |other: &Route| {
            let known: Option<&RouteDestination> = route.destination.known();
            route.origin == RouteOrigin::Static
                && other.origin == RouteOrigin::Static
                && known.is_some()
                && known == other.destination.known()
        };
        if !drawn.iter().any(same) {
            drawn.push(route);
        }
    }
    drawn
}

/// A network between two, with each thing that differs as in the one or the other, or not there.
fn drawn(before: &Network, after: &Network, dice: &mut Dice) -> Option<Network> {
    let (old, mut draft) = (before.clone().into_draft(), after.clone().into_draft());
    for table in &mut draft.route_tables {
        let old = old.route_tables.iter().find(|old| old.id == table.id)?;
        table.routes = routes(&old.routes, &table.routes, dice);
    }
    for group in &mut draft.security_groups {
        let old = old.security_groups.iter().find(|old| old.id == group.id)?;
        group.ingress = some(&old.ingress, &group.ingress, dice);
        group.egress = some(&old.egress, &group.egress, dice);
    }
    for acl in &mut draft.network_acls {
        let old = old.network_acls.iter().find(|old| old.id == acl.id)?;
        for (old, entries) in [
            (&old.ingress, &mut acl.ingress),
            (&old.egress, &mut acl.egress),
        ] {
            *entries = some(old, entries, dice);
            let mut numbers = std::collections::BTreeSet::new();
            entries.retain(|entry| numbers.insert(entry.number));
        }
    }
    let acls = draft.network_acls.clone();
    for subnet in &mut draft.subnets {
        let old = old.subnets.iter().find(|old| old.id == subnet.id)?;
        if old.route_table != subnet.route_table {
            let all = [old.route_table.clone(), subnet.route_table.clone(), None];
            subnet.route_table = dice.pick(&all).cloned()?;
        }
        if old.network_acl != subnet.network_acl {
            let of_vpc = acls.iter().filter(|acl| acl.vpc == subnet.vpc);
            let mut all: Vec<_> = of_vpc.map(|acl| Value::Known(acl.id.clone())).collect();
            all.extend([old.network_acl.clone(), subnet.network_acl.clone()]);
            subnet.network_acl = dice.pick(&all).cloned()?;
        }
    }
    let new = std::mem::take(&mut draft.network_interfaces);
    for mut interface in new.iter().cloned() {
        match old
            .network_interfaces
            .iter()
            .find(|old| old.id == interface.id)
        {
            Some(old) if dice.percent(50) => interface.groups = old.groups.clone(),
            None if dice.percent(50) => continue,
            Some(_) | None => {}
        }
        draft.network_interfaces.push(interface);
    }
    for interface in &old.network_interfaces {
        if !new.iter().any(|new| new.id == interface.id) && dice.percent(50) {
            draft.network_interfaces.push(interface.clone());
        }
    }
    draft.validate().ok()
}

fn validated(network: &Network) -> Validated {
    Validated {
        network: network.clone(),
        provenance: Provenance::default(),
        diagnostics: Vec::new(),
        inputs: Vec::new(),
        assumptions: Vec::new(),
        unplaced: Default::default(),
        doubts: Default::default(),
        unseen_ipv6: Default::default(),
        bare: Default::default(),
        open: Default::default(),
        resources: Resources::default(),
    }
}

struct Case {
    transient: Transient,
    /// The networks before and after, and some between them.
    networks: Vec<Network>,
}

/// The network with an ACL in each VPC that nothing uses: one that a subnet may have between two associations.
fn with_spare_acls(network: Network) -> Option<Network> {
    let mut draft = network.into_draft();
    let spare = draft.vpcs.iter().map(|vpc| NetworkAcl {
        id: NetworkAclId::new(format!("spare of {}", vpc.id)),
        vpc: vpc.id.clone(),
        ingress: Vec::new(),
        egress: Vec::new(),
        tags: Default::default(),
    });
    let spare: Vec<_> = spare.collect();
    draft.network_acls.extend(spare);
    draft.validate().ok()
}

fn case(network: Network, dice: &mut Dice) -> Option<Case> {
    let network = with_spare_acls(network)?;
    let other = edited(&network, dice)?;
    let [before, after] = if dice.percent(50) {
        [network, other]
    } else {
        [other, network]
    };
    let transient = between(&validated(&before), &validated(&after));
    let mut unsteady = transient.unsteady.iter();
    if unsteady.any(|one| one.matters == Matters::Always) {
        return None;
    }
    let between = (0..DRAWN).filter_map(|_| drawn(&before, &after, dice));
    let mut networks: Vec<_> = between.collect();
    networks.extend([before, after]);
    Some(Case {
        transient,
        networks,
    })
}

/// What is decided, and who gets it.
fn told(decision: &Decision) -> [Option<(Disposition, String)>; 2] {
    [Some(&decision.forward), decision.reply.as_ref()].map(|outcome| {
        let outcome = outcome?;
        Some((outcome.disposition, format!("{:?}", outcome.arrival)))
    })
}

/// Whether what is certain in the transient network is so in one of those it stands for.
fn keeps(transient: &Decision, drawn: &Decision) -> bool {
    let [request, reply] = told(transient);
    let [drawn_request, drawn_reply] = told(drawn);
    let open = |one: &Option<(Disposition, String)>| {
        one.as_ref()
            .is_none_or(|(disposition, _)| *disposition == Disposition::Undetermined)
    };
    (open(&request) || request == drawn_request)
        && (open(&request) || open(&reply) || reply == drawn_reply)
}

/// D(T, f) determined ⇒ D(n, f) = D(T, f), for both engines on T and every drawn n between the two networks that T is
/// made of; the flow's sender is in n. Where every interface is in n, the same of the network in which all are.
#[test]
fn what_is_certain_of_a_flow_is_so_in_each_network_between() {
    let first = run::first_seed();
    let seeds = (first..first + 400 * run::scale()).into_par_iter();
    let counts = seeds.filter_map(|seed| {
        let mut dice = Dice::new(seed);
        let network = run::world(seed).network;
        let network = network.completed(Evaluator::load(&network).completion());
        let case = case(network, &mut dice)?;
        let transient = &case.transient.validated.network;
        let (evaluator, all_there) = (
            Evaluator::load(transient),
            Evaluator::load(&case.transient.all_there),
        );
        let solver = Solver::load(transient);
        let world = World {
            network: case.transient.all_there.clone(),
            pivot: None,
        };
        let mut counts = [0_u64; 3];
        for network in &case.networks {
            let has_all = case.transient.passing.keys();
            let has_all = has_all
                .filter(|id| !network.network_interfaces().contains_key(*id))
                .count()
                == 0;
            let drawn = Evaluator::load(network);
            // Flows to what is not there are told apart too.
            for (n, flow) in flow::flows(&world, 12, &mut dice).into_iter().enumerate() {
                let is_there = match &flow.source {
                    Source::Interface(id) => network.network_interfaces().contains_key(id),
                    Source::Internet | Source::OnPremises(_) => true,
                };
                if !is_there {
                    continue;
                }
                let passes = |flow: &model::Flow| match &flow.source {
                    Source::Interface(id) => case.transient.passing.contains_key(id),
                    Source::Internet | Source::OnPremises(_) => false,
                };
                let decided = drawn.decide(&flow);
                let shown = |decision: &Decision| {
                    format!(
                        "seed {seed}: {}\n{decision:?}\n{decided:?}",
                        line::flow_text(&flow)
                    )
                };
                let by_evaluator = all_there.decide(&flow);
                if has_all {
                    assert!(keeps(&by_evaluator, &decided), "{}", shown(&by_evaluator));
                }
                if passes(&flow) {
                    continue;
                }
                let by_evaluator = evaluator.decide(&flow);
                assert!(keeps(&by_evaluator, &decided), "{}", shown(&by_evaluator));
                counts[0] += u64::from(by_evaluator.forward.disposition == Disposition::Delivered);
                counts[1] += u64::from(by_evaluator.forward.disposition == Disposition::Dropped);
                counts[2] +=
                    u64::from(by_evaluator.forward.disposition == Disposition::Undetermined);
                // The solver takes longer.
                if n < 2 {
                    let by_solver = solver.decide(&flow);
                    assert!(keeps(&by_solver, &decided), "{}", shown(&by_solver));
                }
            }
        }
        Some(counts)
    });
    let counts = counts.reduce(
        || [0; 3],
        |one, other| std::array::from_fn(|n| one[n] + other[n]),
    );
    println!("delivered, dropped, undetermined: {counts:?}");
    assert!(counts.iter().all(|n| *n > 1_000), "{counts:?}");
}

/// Whether a claim is one of those that invariant files make, of flows whose ends are in every network.
fn is_asked(invariant: &Invariant, transient: &Transient) -> bool {
    fn plain(claim: &Claim) -> bool {
        match claim {
            Claim::Delivered | Claim::Answered | Claim::Traverses(_) => true,
            Claim::PermittedAll | Claim::PermittedSome | Claim::DecidedBy(_) => false,
            Claim::Not(claim) => plain(claim),
            Claim::All(claims) | Claim::Any(claims) => claims.iter().all(plain),
        }
    }
    let stay = |ids: &std::collections::BTreeSet<NetworkInterfaceId>| {
        ids.iter().all(|id| !transient.passing.contains_key(id))
    };
    let from = invariant.scope.from.iter().all(|origin| match origin {
        Origin::Interfaces(ids) => stay(ids),
        Origin::Internet(_) | Origin::OnPremises { .. } => true,
    });
    let to = invariant.scope.to.iter().all(|place| match place {
        Place::Interfaces { interfaces, .. } => stay(interfaces),
        Place::Name(_) => false,
        Place::Internet
        | Place::OnPremises(_)
        | Place::Cidrs(_)
        | Place::Service(_)
        | Place::GatewayEndpoints(_) => true,
    });
    let premise = invariant.premise.as_ref();
    from && to && plain(&invariant.claim) && premise.is_none_or(plain)
}

/// V(T, i) definite ⇒ V(n, i), by the evaluator, is the same or not known, for every drawn n between the two networks
/// that T is made of. A premise that no flow satisfies there makes a claim of every flow vacuous, and no more.
#[test]
fn a_verdict_holds_in_each_network_between() {
    let first = run::first_seed();
    let seeds = (first..first + 150 * run::scale()).into_par_iter();
    let counts = seeds.filter_map(|seed| {
        let mut dice = Dice::new(seed);
        let network = run::verdict_network(seed);
        let case = case(network, &mut dice)?;
        let transient = &case.transient.validated.network;
        let (evaluator, solver) = (run::evaluator(transient), run::solver(transient));
        let mut counts = [0_u64; 3];
        for _ in 0..3 {
            let invariant = invariant::invariant(&case.networks[0], &mut dice);
            if !is_asked(&invariant, &case.transient) {
                continue;
            }
            for verdict in [evaluator.check(&invariant), solver.check(&invariant)] {
                counts[match &verdict {
                    Verdict::Holds { .. } => 0,
                    Verdict::Violated { .. } => 1,
                    Verdict::Vacuous | Verdict::Unknown { .. } => 2,
                }] += 1;
                for network in &case.networks {
                    let drawn = run::evaluator(network).check(&invariant);
                    let agrees = match (&verdict, &drawn) {
                        (Verdict::Unknown { .. }, _) | (_, Verdict::Unknown { .. }) => true,
                        (Verdict::Holds { .. }, Verdict::Vacuous) => {
                            invariant.quantifier == Quantifier::Every
                        }
                        (Verdict::Violated { .. }, Verdict::Vacuous) => {
                            invariant.quantifier == Quantifier::Exists
                        }
                        (Verdict::Holds { .. }, Verdict::Holds { .. })
                        | (Verdict::Violated { .. }, Verdict::Violated { .. })
                        | (Verdict::Vacuous, Verdict::Vacuous) => true,
                        (Verdict::Holds { .. }, Verdict::Violated { .. })
                        | (Verdict::Violated { .. }, Verdict::Holds { .. })
                        | (Verdict::Vacuous, Verdict::Holds { .. } | Verdict::Violated { .. }) => {
                            false
                        }
                    };
                    assert!(
                        agrees,
                        "seed {seed}: {invariant:#?}\n{verdict:?}\n{drawn:?}"
                    );
                }
            }
        }
        Some(counts)
    });
    let counts = counts.reduce(
        || [0; 3],
        |one, other| std::array::from_fn(|n| one[n] + other[n]),
    );
    println!("holds, violated, open or vacuous: {counts:?}");
    assert!(counts.iter().all(|n| *n > 20), "{counts:?}");
}
