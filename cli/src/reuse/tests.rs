//! What is kept is what both engines say anew: random networks, random edits, random claims.

use std::fs;

use evaluator::Evaluator;
use model::{
    Claim, Engine, Family, GroupRule, Invariant, InvariantName, Network, NetworkDraft, Origin,
    Place, Quantifier, RulePeer, RuleTraffic, Scope, Traffic, TrafficClass,
};
use proptests::dice::Dice;
use proptests::edit::edited;
use proptests::question::invariant::invariant;
use proptests::run;

use super::Difference;
use crate::blocks;
use crate::judge::{Judge, Ruling};
use crate::session;
use crate::workers;

/// How many random networks there are, and how many claims of each.
const N_NETWORKS: u64 = 240;
const N_CLAIMS: usize = 24;
/// How many of those that would not be kept are judged.
const N_OTHERS: usize = 2;

/// What came of some cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    /// Claims that were asked about.
    asked: usize,
    /// Those that would be kept.
    kept: usize,
    /// Verdicts that an edit changed.
    changed: usize,
}

impl Tally {
    fn and(self, other: Tally) -> Tally {
        Tally {
            asked: self.asked + other.asked,
            kept: self.kept + other.kept,
            changed: self.changed + other.changed,
        }
    }
}

const fn word(ruling: &Ruling) -> &'static str {
    match ruling {
        Ruling::Proved(_) => "proved",
        Ruling::Violated(_) => "violated",
        Ruling::Vacuous => "vacuous",
        Ruling::Unknown(_) => "unknown",
    }
}

/// Judges claims in two networks; those that would be kept have to come out alike.
fn compare(seed: u64, networks: [&Network; 2], claims: &[Invariant]) -> Tally {
    let difference = Difference::new(networks);
    if difference.changes.is_none() {
        return Tally::default();
    }
    let judges = networks.map(Judge::new);
    let mut tally = Tally::default();
    let mut others = 0;
    for claim in claims {
        tally.asked += 1;
        let is_kept = difference.is_outside(&[claim]);
        others += usize::from(!is_kept);
        if !is_kept && others > N_OTHERS {
            continue;
        }
        let [before, after] = judges
            .each_ref()
            .map(|judge| word(&judge.judge(claim).unwrap().ruling));
        // What is not known is always judged again.
        let is_kept = is_kept && before != "unknown";
        tally.kept += usize::from(is_kept);
        tally.changed += usize::from(before != after);
        assert!(
            !is_kept || before == after,
            "seed {seed}: {before}, and {after} after {:?}\n{claim:?}",
            difference.changes
        );
    }
    tally
}

/// Closes a group, or opens it.
fn with_other_rules(network: &Network, dice: &mut Dice) -> Option<Network> {
    let mut draft = network.clone().into_draft();
    let n = dice.below(draft.security_groups.len());
    let group = draft.security_groups.get_mut(n)?;
    let opens = dice.percent(50);
    for rules in [&mut group.ingress, &mut group.egress] {
        rules.clear();
        if opens {
            rules.push(GroupRule {
                traffic: RuleTraffic::All,
                peer: RulePeer::Cidr(blocks::everything(Family::V4)),
            });
        }
    }
    draft.validate().ok()
}

fn all(case: impl Fn(u64) -> Tally + Sync) -> Tally {
    let seeds: Vec<u64> = (0..N_NETWORKS).collect();
    let cores = workers::number(None, seeds.len(), &empty());
    let tallies = workers::in_order(&seeds, cores, |seed| Ok::<_, ()>(case(*seed)), |_| ());
    let tallies = tallies.unwrap();
    tallies.into_iter().fold(Tally::default(), Tally::and)
}

fn empty() -> Network {
    NetworkDraft::default().validate().unwrap()
}

#[test]
fn what_is_kept_on_random_networks_is_judged_alike_anew() {
    let tally = all(|seed| {
        let network = run::world(seed).network;
        // An open address may be anyone's, so that there is little that it cannot touch.
        let network = network.completed(Evaluator::load(&network).completion());
        let mut dice = Dice::new(seed);
        let after = if seed % 3 == 0 {
            edited(&network, &mut dice)
        } else {
            with_other_rules(&network, &mut dice)
        };
        let Some(after) = after else {
            return Tally::default();
        };
        // Lowering gives claims about interfaces that are there, before and after.
        let claims = (0..N_CLAIMS).map(|_| invariant(&network, &mut dice));
        let claims = claims.filter(|claim| is_of(&after, claim));
        let claims: Vec<Invariant> = claims.collect();
        compare(seed, [&network, &after], &claims)
    });
    println!("{tally:?}");
    assert!(tally.kept > 120, "few are kept: {tally:?}");
    assert!(tally.changed > 0, "no edit matters: {tally:?}");
}

fn is_of(network: &Network, claim: &Invariant) -> bool {
    let there = |id| network.network_interfaces().contains_key(id);
    let from = claim.scope.from.iter().all(|origin| match origin {
        Origin::Interfaces(ids) => ids.iter().all(there),
        Origin::Internet(_) | Origin::OnPremises { .. } => true,
    });
    let to = claim.scope.to.iter().all(|place| match place {
        Place::Interfaces { interfaces, .. } => interfaces.iter().all(there),
        Place::Internet
        | Place::OnPremises(_)
        | Place::Cidrs(_)
        | Place::Service(_)
        | Place::GatewayEndpoints(_)
        | Place::Name(_) => true,
    });
    from && to
}

/// Four private VPCs, some of which a peering or a transit gateway joins: each number is a choice.
const N_CHOICES: usize = 25;

fn joined(choices: &[usize]) -> Network {
    let choice = |at: usize, percent: usize| choices[at] < percent;
    let mut text = String::new();
    let mut say = |line: String| {
        text.push_str(&line);
        text.push('\n');
    };
    let pairs = [(0, 1), (1, 2), (0, 2)];
    for (n, (one, other)) in pairs.iter().enumerate() {
        if choice(n, 50) {
            let active = choice(3 + n, 75);
            say(format!(
                "[peering.p{one}{other}]\nrequester = \"v{one}\"\naccepter = \"v{other}\"\nactive = {active}"
            ));
        }
    }
    let hub = choice(6, 60);
    if hub {
        say("[transit-gateway.hub]".to_owned());
        for vpc in [2, 3] {
            say(format!(
                "[transit-gateway-attachment.a{vpc}]\nvpc = \"v{vpc}\"\nsubnets = [\"s{vpc}\"]\nassociation = \"hub\""
            ));
        }
        let routes: Vec<String> = [2, 3]
            .into_iter()
            .filter(|vpc| choice(5 + vpc, 75))
            .map(|vpc| format!("\"10.{vpc}.0.0/16 -> attachment:a{vpc}\""))
            .collect();
        say(format!(
            "[transit-gateway-route-table.hub]\nroutes = [{}]",
            routes.join(", ")
        ));
    }
    for vpc in 0..4 {
        let mut routes = Vec::new();
        for (n, (one, other)) in pairs.iter().enumerate() {
            for (own, far) in [(one, other), (other, one)] {
                if *own == vpc && choice(n, 50) && choice(9 + vpc, 80) {
                    routes.push(format!("\"10.{far}.0.0/16 -> peering:p{one}{other}\""));
                }
            }
        }
        if hub && vpc >= 2 && choice(9 + vpc, 80) {
            routes.push(format!("\"10.{}.0.0/16 -> transit-gateway:hub\"", 5 - vpc));
        }
        let acl = if choice(13 + vpc, 20) {
            "deny"
        } else {
            "allow"
        };
        let peer = if choice(17 + vpc, 50) {
            "10.0.0.0/8"
        } else {
            "10.0.0.0/16"
        };
        let other = if choice(21 + vpc, 50) {
            "10.0.0.0/8"
        } else {
            "10.3.0.0/16"
        };
        say(format!(
            "[vpc.v{vpc}]\ncidrs = [\"10.{vpc}.0.0/16\"]\n\
             [route-table.r{vpc}]\nvpc = \"v{vpc}\"\nroutes = [{}]\n\
             [network-acl.n{vpc}]\nvpc = \"v{vpc}\"\ningress = [\"100 {acl} tcp/443 from 0.0.0.0/0\", \"200 allow all from 0.0.0.0/0\"]\n\
             egress = [\"100 allow all to 0.0.0.0/0\"]\n\
             [subnet.s{vpc}]\nvpc = \"v{vpc}\"\ncidrs = [\"10.{vpc}.1.0/24\"]\nroute-table = \"r{vpc}\"\nnetwork-acl = \"n{vpc}\"\n\
             [security-group.g{vpc}]\nvpc = \"v{vpc}\"\ningress = [\"tcp/443 from {peer}\"]\negress = [\"all to 0.0.0.0/0\"]\n\
             [security-group.h{vpc}]\nvpc = \"v{vpc}\"\ningress = [\"tcp/443 from {other}\"]\negress = [\"all to 0.0.0.0/0\"]\n\
             [interface.i{vpc}]\nsubnet = \"s{vpc}\"\naddresses = [\"10.{vpc}.1.10\"]\ngroups = [\"g{vpc}\"]\n\
             [interface.j{vpc}]\nsubnet = \"s{vpc}\"\naddresses = [\"10.{vpc}.1.11\"]\ngroups = [\"h{vpc}\"]",
            routes.join(", ")
        ));
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("network.toml");
    fs::write(&path, text).unwrap();
    let read = session::open(&[path], &ingest::Options::default());
    read.unwrap().network
}

fn some_flow(from: &str, to: &str) -> Invariant {
    Invariant {
        name: InvariantName::new(format!("{from}-{to}")),
        quantifier: Quantifier::Exists,
        scope: Scope {
            from: vec![Origin::Interfaces([from.into()].into())],
            to: vec![Place::Interfaces {
                interfaces: [to.into()].into(),
                public_from_inside: false,
            }],
            traffic: Traffic {
                classes: vec![TrafficClass::Tcp {
                    source_ports: 1024..=u16::MAX,
                    destination_ports: 443..=443,
                }],
            },
            families: [Family::V4].into(),
            relayed: false,
            request: None,
        },
        premise: None,
        claim: Claim::Answered,
    }
}

#[test]
fn what_is_kept_where_vpcs_are_joined_is_judged_alike_anew() {
    let claims = [("i0", "i1"), ("i1", "j2"), ("i2", "i3"), ("i0", "j0")];
    let claims = claims.map(|(from, to)| some_flow(from, to));
    let tally = all(|seed| {
        let mut dice = Dice::new(seed);
        let mut choices: Vec<usize> = (0..N_CHOICES).map(|_| dice.below(100)).collect();
        let before = joined(&choices);
        let edited = dice.below(N_CHOICES);
        // The other one of its two meanings, mostly.
        choices[edited] = 99 - choices[edited];
        compare(seed, [&before, &joined(&choices)], &claims)
    });
    println!("{tally:?}");
    assert!(tally.kept * 4 > tally.asked, "few are kept: {tally:?}");
    assert!(tally.changed > 0, "no edit matters: {tally:?}");
}
