//! The laws of cores, on random networks: a core suffices whatever the rest says, and nothing of it can be opened.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    AclAction, AclEntry, Cidr, Claim, Family, GroupRule, Invariant, Network, NetworkDraft, Route,
    RouteDestination, RouteOrigin, RouteState, RuleIndex, RulePeer, RuleTraffic, Value,
};
use proptests::dice::Dice;
use proptests::question::invariant::invariant;
use proptests::run;

use super::setting::{Opened, Setting};
use super::{Core, Needs, core, opened_network};
use crate::judge::{Disagreement, Judge, Ruling};

/// How many random networks there are, how many claims of each, and how many networks are drawn for each core.
const N_NETWORKS: u64 = 60;
const N_CLAIMS: usize = 4;
const N_DRAWN: usize = 4;

fn ruling(network: &Network, invariant: &Invariant) -> Ruling {
    Judge::new(network).judge(invariant).unwrap().ruling
}

fn is_proved(network: &Network, invariant: &Invariant) -> bool {
    matches!(ruling(network, invariant), Ruling::Proved(_))
}

fn found(network: &Network, invariant: &Invariant) -> Core {
    let holds = |network: Network| Ok::<_, Disagreement>(is_proved(&network, invariant));
    core(network, holds).unwrap()
}

/// Whether a claim is one that a file can make: none speaks of clauses, of which an open rule has its own.
fn is_of_files(claim: &Claim) -> bool {
    match claim {
        Claim::DecidedBy(_) => false,
        Claim::Not(claim) => is_of_files(claim),
        Claim::All(claims) | Claim::Any(claims) => claims.iter().all(is_of_files),
        Claim::Delivered
        | Claim::Answered
        | Claim::Traverses(_)
        | Claim::PermittedAll
        | Claim::PermittedSome => true,
    }
}

/// The proved claims of random networks with their cores.
fn each(mut law: impl FnMut(&Network, &Invariant, &Core, &mut Dice)) -> usize {
    let mut n_proved = 0;
    for seed in 0..N_NETWORKS {
        let network = run::verdict_network(seed);
        let mut dice = Dice::new(seed);
        for _ in 0..N_CLAIMS {
            let invariant = invariant(&network, &mut dice);
            let claims = invariant.premise.iter().chain([&invariant.claim]);
            if !claims.into_iter().all(is_of_files) || !is_proved(&network, &invariant) {
                continue;
            }
            n_proved += 1;
            law(
                &network,
                &invariant,
                &found(&network, &invariant),
                &mut dice,
            );
        }
    }
    n_proved
}

#[test]
fn a_core_suffices_and_nothing_of_it_can_be_opened() {
    let (mut parts, mut opened) = (0, 0);
    let n_proved = each(|network, invariant, core, _| {
        assert!(!core.is_cut_short, "{core:?}");
        let left = opened_network(network, &core.opened).unwrap();
        assert!(
            is_proved(&left, invariant),
            "{core:?} does not suffice for {invariant:?}"
        );
        opened += core.opened.len();
        for part in &core.parts {
            parts += 1;
            for more in one_more(network, core, &part.setting) {
                if let Some(network) = opened_network(network, &more) {
                    assert!(
                        !is_proved(&network, invariant),
                        "{part:?} of {core:?} is not needed"
                    );
                }
            }
        }
    });
    assert!(
        n_proved > 20 && parts > 20 && opened > 20,
        "{n_proved} proved, {parts} parts, {opened} opened"
    );
}

/// Everything that a core opens, and one thing more of a setting.
fn one_more(network: &Network, core: &Core, setting: &Setting) -> Vec<BTreeMap<Setting, Opened>> {
    let with = |how: Opened| {
        let mut more = core.opened.clone();
        more.insert(setting.clone(), how);
        more
    };
    let open = match core.opened.get(setting) {
        Some(Opened::Rules(open)) => open.clone(),
        Some(Opened::Whole) | None => BTreeSet::new(),
    };
    let kept = setting.rules(network).into_iter();
    let kept = kept.filter(|rule| !open.contains(rule));
    let one = |rule: RuleIndex| {
        let mut open = open.clone();
        open.insert(rule);
        with(Opened::Rules(open))
    };
    let mut all: Vec<_> = kept.map(one).collect();
    all.push(with(Opened::Whole));
    all
}

/// A network that says something else wherever that is open.
fn drawn(network: &Network, core: &Core, dice: &mut Dice) -> Option<Network> {
    let mut drawn = None;
    for (setting, how) in &core.opened {
        if dice.percent(70) {
            let mut draft = drawn.as_ref().unwrap_or(network).clone().into_draft();
            say_otherwise(&mut draft, setting, how, dice);
            // What AWS would refuse is left as it was.
            drawn = draft.validate().ok().or(drawn);
        }
    }
    drawn
}

fn everywhere() -> [Cidr; 2] {
    ["0.0.0.0/0", "::/0"].map(|block| block.parse().unwrap())
}

fn say_otherwise(draft: &mut NetworkDraft, setting: &Setting, how: &Opened, dice: &mut Dice) {
    let is_open = |rule: RuleIndex| match how {
        Opened::Whole => true,
        Opened::Rules(open) => open.contains(&rule),
    };
    match setting {
        Setting::Ingress(id) | Setting::Egress(id) => {
            let is_ingress = matches!(setting, Setting::Ingress(_));
            let groups = draft.security_groups.iter_mut();
            for group in groups.filter(|group| group.id == *id) {
                let (rules, index): (_, fn(usize) -> RuleIndex) = if is_ingress {
                    (&mut group.ingress, RuleIndex::IngressRule)
                } else {
                    (&mut group.egress, RuleIndex::EgressRule)
                };
                let mut position = 0;
                rules.retain(|_| {
                    position += 1;
                    !is_open(index(position - 1)) || dice.percent(50)
                });
                if dice.percent(50) {
                    rules.extend(everywhere().map(|block| GroupRule {
                        traffic: RuleTraffic::All,
                        peer: RulePeer::Cidr(block),
                    }));
                }
            }
        }
        Setting::NetworkAcl(id) => {
            for acl in draft.network_acls.iter_mut().filter(|acl| acl.id == *id) {
                for entries in [&mut acl.ingress, &mut acl.egress] {
                    entries.retain(|_| dice.percent(30));
                    if dice.percent(50) {
                        entries.clear();
                        let numbers = [1, 2].into_iter().zip(everywhere());
                        entries.extend(numbers.map(|(number, cidr)| AclEntry {
                            number,
                            action: AclAction::Allow,
                            traffic: RuleTraffic::All,
                            cidr,
                        }));
                    }
                }
            }
        }
        Setting::RouteTable(id) => reroute(draft, id, how, dice),
        Setting::PrefixList(id) => {
            let lists = draft.prefix_lists.iter_mut();
            for list in lists.filter(|list| list.id == *id) {
                let mut entries: BTreeSet<Cidr> = list
                    .entries
                    .known()
                    .into_iter()
                    .flatten()
                    .copied()
                    .collect();
                entries.retain(|_| dice.percent(50));
                if !list.aws_managed && dice.percent(50) {
                    let [four, six] = everywhere();
                    entries.insert(match list.family {
                        Family::V4 => four,
                        Family::V6 => six,
                    });
                }
                list.entries = Value::Known(entries);
            }
        }
        Setting::HostedZone(id) => {
            for zone in draft.hosted_zones.iter_mut().filter(|zone| zone.id == *id) {
                zone.records = Value::Known(Vec::new());
            }
        }
        Setting::Listeners(id) => {
            for balancer in draft.load_balancers.iter_mut().filter(|one| one.id == *id) {
                balancer.listeners = Value::Known(Vec::new());
            }
        }
        Setting::Targets(id) => {
            for group in draft.target_groups.iter_mut().filter(|one| one.id == *id) {
                group.targets = Value::Known(Vec::new());
            }
        }
        Setting::ClientVpn(id) => {
            let endpoints = draft.client_vpn_endpoints.iter_mut();
            for endpoint in endpoints.filter(|one| one.id == *id) {
                endpoint.routes = Value::Known(BTreeSet::new());
            }
        }
        Setting::TransitGatewayRouteTable(id) => {
            let tables = draft.transit_gateway_route_tables.iter_mut();
            for table in tables.filter(|table| table.id == *id) {
                table.routes.retain(|_| dice.percent(50));
                table.propagations.retain(|_| dice.percent(50));
            }
        }
        Setting::EndpointPolicy(id) => {
            let others: Vec<_> = draft
                .vpc_endpoints
                .iter()
                .map(|one| one.policy.clone())
                .collect();
            let endpoints = draft.vpc_endpoints.iter_mut();
            for endpoint in endpoints.filter(|one| one.id == *id) {
                if let Some(policy) = dice.pick(&others) {
                    endpoint.policy = policy.clone();
                }
            }
        }
        Setting::Principal(_) | Setting::ResourcePolicy(_) => {}
    }
}

/// Takes open routes away, or leads them where another route of the VPC leads.
fn reroute(draft: &mut NetworkDraft, id: &model::RouteTableId, how: &Opened, dice: &mut Dice) {
    let vpc = draft.route_tables.iter().find(|table| table.id == *id);
    let vpc = vpc.map(|table| table.vpc.clone());
    let of_vpc = draft
        .route_tables
        .iter()
        .filter(|table| Some(&table.vpc) == vpc.as_ref());
    let all: Vec<Route> = of_vpc.flat_map(|table| table.routes.clone()).collect();
    for table in draft
        .route_tables
        .iter_mut()
        .filter(|table| table.id == *id)
    {
        let mut left = Vec::new();
        for (position, route) in table.routes.iter().enumerate() {
            let is_local = route.target.known() == Some(&model::Target::Local);
            let is_open = match how {
                Opened::Whole => !is_local,
                Opened::Rules(open) => open.contains(&RuleIndex::Route(position)),
            };
            let mut route = route.clone();
            if is_open {
                if dice.percent(40) {
                    continue;
                }
                if let Some(other) = dice.pick(&all).filter(|_| dice.percent(60)) {
                    route.target = other.target.clone();
                }
            }
            left.push(route);
        }
        if *how == Opened::Whole
            && let Some(other) = dice.pick(&all).cloned()
            && let Some(block) = dice.pick(&["0.0.0.0/1", "128.0.0.0/1", "::/1", "10.0.0.0/30"])
        {
            left.push(Route {
                destination: Value::Known(RouteDestination::Cidr(block.parse().unwrap())),
                target: other.target,
                origin: RouteOrigin::Static,
                state: RouteState::Active,
            });
        }
        table.routes = left;
    }
}

#[test]
fn a_claim_is_proved_whatever_says_otherwise_that_is_not_in_its_core() {
    let (mut n_drawn, mut n_proved) = (0, 0);
    each(|network, invariant, core, dice| {
        for _ in 0..N_DRAWN {
            let Some(drawn) = drawn(network, core, dice) else {
                continue;
            };
            n_drawn += 1;
            match ruling(&drawn, invariant) {
                Ruling::Proved(_) => n_proved += 1,
                // What a scope speaks of may depend on a prefix list.
                Ruling::Vacuous => {}
                other @ (Ruling::Violated(_) | Ruling::Unknown(_)) => {
                    panic!("{invariant:?} has the core {core:?}, and then {other:?}: {drawn:#?}")
                }
            }
        }
    });
    assert!(n_proved > 100 && n_drawn > 100, "{n_proved} of {n_drawn}");
}

#[test]
fn the_search_says_when_its_limit_ends_it() {
    // Every part of a claim that nothing may open is asked for by itself; there are more than may be asked.
    let mut draft = run::verdict_network(2).into_draft();
    let of = draft.security_groups.first().cloned().unwrap();
    for number in 0..super::MOST_QUESTIONS {
        let mut other = of.clone();
        other.id = format!("sg-{number}").as_str().into();
        draft.security_groups.push(other);
    }
    let network = draft.validate().unwrap();
    let found = core(&network, |_| Ok::<_, Disagreement>(false)).unwrap();
    assert!(found.is_cut_short);
    assert_eq!(found.n_questions, super::MOST_QUESTIONS);
    assert!(found.opened.is_empty());
    assert!(found.parts.iter().all(|part| part.needs == Needs::All));
}
