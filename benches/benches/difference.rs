//! What does it cost to tell what one changed rule of a group changes for every flow of an estate?
#![allow(
    clippy::expect_used,
    reason = "a measurement of something else than what is meant stops"
)]

use std::hint::black_box;
use std::time::Duration;

use benches::{ESTATES, Estate};
use criterion::{BenchmarkId, Criterion};
use evaluator::Evaluator;
use model::{Engine, GroupRule, Network, RulePeer, RulePorts, RuleTraffic, Scope};

/// The network with a rule more in the group that most interfaces have.
fn changed(network: &Network) -> Network {
    let mut draft = network.clone().into_draft();
    let of = |group: &model::SecurityGroupId| {
        let interfaces = network.network_interfaces().values();
        let members = interfaces.filter(|interface| {
            let groups = interface.groups.known();
            groups.is_some_and(|groups| groups.contains(group))
        });
        members.count()
    };
    let widest = draft
        .security_groups
        .iter_mut()
        .max_by_key(|group| of(&group.id));
    widest
        .expect("an estate has groups")
        .ingress
        .push(GroupRule {
            traffic: RuleTraffic::Tcp(RulePorts {
                from: 8443,
                to: 8443,
            }),
            peer: RulePeer::Cidr("10.0.0.0/8".parse().expect("a block")),
        });
    draft.validate().expect("a rule more is valid")
}

fn one_rule(criterion: &mut Criterion, estate: &Estate) {
    let mut group = criterion.benchmark_group(estate.group("difference"));
    for &n_interfaces in estate.compared {
        let network = estate.network(n_interfaces);
        let after = changed(&network);
        let scopes = [Scope::every(&network), Scope::every(&after)];
        let (before, after) = (Evaluator::load(&network), Evaluator::load(&after));
        let difference = before.difference(&after, [&scopes[0], &scopes[1]], &[]);
        assert!(!difference.exhausted, "the budget is enough");
        assert!(!difference.classes.is_empty(), "the rule opens something");
        group.bench_function(BenchmarkId::new("one-rule", n_interfaces), |bencher| {
            bencher.iter(|| black_box(before.difference(&after, [&scopes[0], &scopes[1]], &[])));
        });
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .measurement_time(Duration::from_secs(10))
        .configure_from_args();
    for estate in &ESTATES {
        one_rule(&mut criterion, estate);
    }
    criterion.final_summary();
}
