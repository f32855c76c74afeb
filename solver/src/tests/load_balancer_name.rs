//! What the DNS names of load balancers mean, and claims about flows to them.

use model::{
    AddressValue, Claim, Listener, ListenerProtocol, LoadBalancerName, NetworkDraft, Target, Value,
};

use super::build::*;
use super::names::{self, assert_means, to_name};
use super::verdict::{PROVED, check, depends_on, not, violated};

/// Names the load balancer that was added last.
fn name(draft: &mut NetworkDraft, text: &str, internet_facing: bool) {
    let of = draft.load_balancers.last_mut().expect("a load balancer");
    of.name = Some(LoadBalancerName {
        name: text.to_owned(),
        internet_facing,
    });
}

const INNER: &str = "inner-1.elb.amazonaws.com";
const OUTER: &str = "outer-2.elb.amazonaws.com";

/// An internal one with a node in each subnet, and one that faces the internet, whose second node has IPv6 only.
fn balanced() -> NetworkDraft {
    let mut draft = two_subnets();
    vpc(&mut draft, "plain", &["10.3.0.0/16"]);
    add_ipv6(&mut draft);
    open_to_ipv6(&mut draft);
    internet_gateway(&mut draft, "v");
    let igw = || Target::InternetGateway("igw".into());
    add_route(&mut draft, "v-main", to("0.0.0.0/0", igw()));
    set_public(&mut draft, "a", "52.0.0.1");
    alb(&mut draft, "inner");
    node(&mut draft, "i1", "s", &["10.0.1.20=52.0.0.20"]);
    node(&mut draft, "i2", "d", &["10.0.2.20"]);
    name(&mut draft, INNER, false);
    nlb(&mut draft, "outer");
    node(&mut draft, "o1", "s", &["10.0.1.30=52.0.0.30"]);
    node(&mut draft, "o2", "d", &["2600:2::30"]);
    name(&mut draft, OUTER, true);
    for position in [0, 1] {
        let listener = Listener {
            protocol: ListenerProtocol::Tcp,
            port: 443,
            target_groups: [].into(),
        };
        draft.load_balancers[position].listeners = Value::Known(vec![listener]);
    }
    draft
}

#[test]
fn a_name_means_the_nodes_in_every_vpc() {
    let mut draft = balanced();
    alb(&mut draft, "nameless");
    node(&mut draft, "n1", "s", &["10.0.1.40"]);
    assert_means(
        draft,
        "v inner-1.elb.amazonaws.com => interfaces i1 i2 load-balancer-name
         plain DualStack.Inner-1.elb.amazonaws.com. => interfaces i1 i2 load-balancer-name
         v outer-2.elb.amazonaws.com => addresses 52.0.0.30 2600:2::30 load-balancer-name
         plain dualstack.outer-2.elb.amazonaws.com => addresses 52.0.0.30 2600:2::30 load-balancer-name
         v az1.outer-2.elb.amazonaws.com => undetermined load-balancer-name
         v dualstack.dualstack.inner-1.elb.amazonaws.com => undetermined load-balancer-name
         v xinner-1.elb.amazonaws.com => undetermined name-unmodelled
         v elb.amazonaws.com => undetermined name-unmodelled",
    );
}

#[test]
fn an_address_that_is_not_known_leaves_a_name_open() {
    let open = "v outer-2.elb.amazonaws.com => undetermined load-balancer-name";
    let known = "v outer-2.elb.amazonaws.com => addresses 52.0.0.30 2600:2::30 load-balancer-name";
    let mut draft = balanced();
    interface_mut(&mut draft, "o1").addresses[0].public = None;
    assert_means(draft, open);

    let within = |text: &str| AddressValue::Within(block(text), hole("an address"));
    let mut draft = balanced();
    interface_mut(&mut draft, "o1").addresses[0].public = Some(within("52.0.0.0/24"));
    assert_means(draft, open);

    let mut draft = balanced();
    interface_mut(&mut draft, "o2").addresses[0].private = within("2600:2::/64");
    assert_means(draft, open);

    // The private address of a public one is not what it means; an internal one's name means the nodes.
    let mut draft = balanced();
    interface_mut(&mut draft, "o1").addresses[0].private = within("10.0.1.0/24");
    interface_mut(&mut draft, "i1").addresses[0].private = within("10.0.1.0/24");
    let inner = "v inner-1.elb.amazonaws.com => interfaces i1 i2 load-balancer-name";
    assert_means(draft, &format!("{known}\n{inner}"));
}

#[test]
fn one_name_of_two_load_balancers_is_open() {
    let mut draft = balanced();
    alb(&mut draft, "twin");
    node(&mut draft, "t1", "s", &["10.0.1.50"]);
    name(&mut draft, INNER, false);
    assert_means(
        draft,
        "v inner-1.elb.amazonaws.com => undetermined load-balancer-name
         v dualstack.inner-1.elb.amazonaws.com => undetermined load-balancer-name",
    );
}

#[test]
fn a_zone_comes_first_and_may_lead_to_a_name() {
    let mut draft = balanced();
    names::zone(&mut draft, OUTER, &["v"], &[]);
    names::zone(
        &mut draft,
        "z",
        &["v"],
        &[&format!("www.z -> name:{INNER}")],
    );
    assert_means(
        draft,
        "v outer-2.elb.amazonaws.com => no-answer hosted-zone
         v www.z => interfaces i1 i2 load-balancer-name
         plain outer-2.elb.amazonaws.com => addresses 52.0.0.30 2600:2::30 load-balancer-name",
    );
}

#[test]
fn claims_about_flows_to_a_load_balancer_by_name() {
    let draft = balanced();
    let claim = |name: &str, claim| {
        let mut invariant = every(&["a"], to_name(name), claim);
        invariant.scope.traffic = tcp_traffic(443..=443);
        invariant
    };
    assert_eq!(
        check(draft.clone(), &claim(INNER, Claim::Delivered)),
        PROVED
    );
    let found = violated(check(draft.clone(), &claim(INNER, not(Claim::Delivered))));
    let destination = found.flow.packet.destination();
    let private = ["10.0.1.20", "10.0.2.20"].map(address);
    assert!(private.contains(&destination), "{destination:?}");

    // By the public address, and by IPv6 inside of the VPC.
    assert_eq!(
        check(draft.clone(), &claim(OUTER, Claim::Delivered)),
        PROVED
    );
    let mut closed = draft.clone();
    let https = vec![rule(tcp(443, 443), "10.0.0.0/8")];
    group(&mut closed, "inside", "v", https, vec![]);
    set_groups(&mut closed, "o1", &["inside"]);
    let lost = violated(check(closed, &claim(OUTER, Claim::Delivered)));
    assert_eq!(lost.flow.packet.destination(), address("52.0.0.30"));

    let zonal = format!("az1.{OUTER}");
    let open = check(draft, &claim(&zonal, Claim::Delivered));
    assert!(depends_on(&open).contains(&zonal.as_str()), "{open:?}");
}
