//! Claims to names that mean addresses of NAT64, and those from premises that ask an inbound resolver endpoint.

use model::{
    AddressValue, Claim, Family, InboundResolver, Invariant, NetworkDraft, Origin, Place,
    PrefixList, Value, Verdict,
};

use super::build::*;
use super::names::{
    assert_means, endpoint_in, firewall, resolver_rule, to_name, vpc_mut, zone as hosted_zone,
};
use super::nat64_verdict::by_nat64;
use super::verdict::{PROVED, check, depends_on, exists, not, violated};

/// `b` reaches the internet by NAT64 only, and is in a subnet with DNS64; `a` is in one without.
fn with_dns64() -> NetworkDraft {
    let mut draft = by_nat64();
    let subnet = draft.subnets.iter_mut();
    let mut subnet = subnet.filter(|subnet| subnet.id.as_str() == "d");
    subnet.next().expect("a subnet").dns64 = true;
    let lines = [
        "www.z -> 8.8.8.8",
        "both.z -> 8.8.8.8, 2a00::8",
        "own.z -> 10.0.2.10",
    ];
    hosted_zone(&mut draft, "z", &["v"], &lines);
    draft
}

fn without_dns64() -> NetworkDraft {
    let mut draft = with_dns64();
    draft.subnets.iter_mut().for_each(|one| one.dns64 = false);
    draft
}

fn by_ipv6(mut invariant: Invariant) -> Invariant {
    invariant.scope.families = [Family::V6].into();
    invariant
}

fn never(name: &str) -> Invariant {
    every(&["b"], to_name(name), not(Claim::Delivered))
}

fn destination(verdict: Verdict) -> String {
    let witness = violated(verdict);
    witness.flow.packet.destination().to_string()
}

#[test]
fn what_is_answered_in_several_places() {
    let mut draft = with_dns64();
    for (id, block, dns64) in [
        ("w", "10.1.0.0/16", Value::Known(true)),
        ("x", "10.2.0.0/16", Value::Any(hole("which endpoint"))),
        ("plain", "10.3.0.0/16", Value::Known(false)),
    ] {
        vpc(&mut draft, id, &[block]);
        vpc_mut(&mut draft, id).inbound_resolver = InboundResolver::Present { dns64 };
    }
    vpc(&mut draft, "none", &["10.4.0.0/16"]);
    vpc_mut(&mut draft, "none").inbound_resolver = InboundResolver::Absent;
    firewall(&mut draft, "w", &["block blocked.plain"]);
    hosted_zone(&mut draft, "plain", &["plain"], &["www.plain -> 9.9.9.9"]);
    hosted_zone(&mut draft, "w", &["w"], &["www.w -> name:www.plain"]);
    for (domain, action, from) in [
        ("plain", "forward:plain", "w"),
        ("plain", "forward:w", "x"),
        ("w", "forward:w", "v"),
        ("z", "forward:v", "plain"),
        ("none", "forward:none", "v"),
    ] {
        resolver_rule(&mut draft, domain, action, from);
    }
    assert_means(
        draft,
        "subnet:d www.z => nat64 addresses 8.8.8.8 dns64
         subnet:s www.z => addresses 8.8.8.8 hosted-zone
         v www.z => addresses 8.8.8.8 hosted-zone
         inbound:v www.z => addresses 8.8.8.8 hosted-zone
         inbound:plain www.z => addresses 8.8.8.8 hosted-zone
         subnet:d both.z => addresses 8.8.8.8 2a00::8 hosted-zone
         inbound:w www.plain => undetermined dns64
         w www.plain => addresses 9.9.9.9 hosted-zone
         inbound:w blocked.plain => no-answer dns-firewall
         inbound:x www.plain => undetermined dns64
         x www.plain => undetermined dns64
         subnet:d www.w => undetermined dns64
         v www.w => undetermined dns64
         v none => no-answer inbound-resolver
         subnet:d sub.none => no-answer inbound-resolver
         inbound:none www.z => no-answer inbound-resolver
         none www.z => undetermined name-unmodelled
         inbound:nowhere www.z => undetermined name-unmodelled
         subnet:nowhere www.z => undetermined name-unmodelled",
    );
}

#[test]
fn a_name_is_reached_by_nat64() {
    let standing = "64:ff9b::808:808";
    assert_eq!(destination(check(with_dns64(), &never("www.z"))), standing);
    assert_eq!(check(without_dns64(), &never("www.z")), PROVED);
    assert_eq!(check(with_dns64(), &never("both.z")), PROVED);
    let answered = || every(&["b"], to_name("www.z"), Claim::Answered);
    assert_eq!(check(with_dns64(), &by_ipv6(answered())), PROVED);
    // The address itself is of the scope, too.
    assert_eq!(destination(check(with_dns64(), &answered())), "8.8.8.8");
    let Verdict::Holds {
        witness: Some(found),
    } = check(with_dns64(), &exists(answered()))
    else {
        panic!("a witness");
    };
    assert_eq!(found.flow.packet.destination(), address(standing));
    let found = check(without_dns64(), &by_ipv6(exists(answered())));
    assert_eq!(found, Verdict::Vacuous);
    // What stands for a sender's own address is no address of the sender.
    violated(check(with_dns64(), &by_ipv6(never("own.z"))));
}

#[test]
fn each_sender_asks_in_its_subnet() {
    let from = |names: &[&str]| by_ipv6(every(names, to_name("www.z"), not(Claim::Delivered)));
    assert_eq!(check(with_dns64(), &from(&["a"])), Verdict::Vacuous);
    let witness = violated(check(with_dns64(), &from(&["a", "b"])));
    assert_eq!(witness.flow.packet.source(), address("2600:2::10"));
}

#[test]
fn an_interface_is_reached_by_what_stands_for_its_address() {
    let mut draft = with_dns64();
    endpoint_in(&mut draft, "e", "v", &["e.service"]);
    let claim = by_ipv6(never("e.service"));
    let found = destination(check(draft.clone(), &claim));
    assert_eq!(found, "64:ff9b::a00:3205");
    // Named by another value than its own, an open address is a hole.
    let within = AddressValue::Within(block("10.0.50.0/24"), hole("address of e"));
    interface_mut(&mut draft, "e-if").addresses[0].private = within;
    assert_eq!(depends_on(&check(draft.clone(), &claim)), ["address of e"]);
    draft.route_tables.iter_mut().for_each(|table| {
        let nat = |route: &model::Route| {
            matches!(route.target.known(), Some(model::Target::NatGateway(_)))
        };
        table.routes.retain(|route| !nat(route));
    });
    assert_eq!(check(draft, &claim), PROVED);
}

#[test]
fn a_service_is_reached_at_what_stands_for_its_addresses() {
    let service = "com.amazonaws.eu-west-1.s3";
    let claim = by_ipv6(never("s3.eu-west-1.amazonaws.com"));
    let mut draft = with_dns64();
    let verdict = check(draft.clone(), &claim);
    assert_eq!(
        depends_on(&verdict),
        [format!("public addresses of {service}")]
    );
    let mut list = |id: &str, family, entries: &str| {
        draft.prefix_lists.push(PrefixList {
            id: id.into(),
            name: service.to_owned(),
            family,
            aws_managed: true,
            entries: Value::Known([block(entries)].into()),
        });
        draft.clone()
    };
    let found = destination(check(list("four", Family::V4, "52.9.0.0/24"), &claim));
    assert!(found.starts_with("64:ff9b::3409:"), "{found}");
    let with_ipv6 = list("six", Family::V6, "2a00:9::/32");
    assert_eq!(check(with_ipv6, &claim), PROVED);
}

#[test]
fn an_open_answer_leaves_the_scope_open() {
    let mut draft = with_dns64();
    vpc(&mut draft, "w", &["10.1.0.0/16"]);
    hosted_zone(&mut draft, "far", &["w"], &["www.far -> 8.8.8.8"]);
    resolver_rule(&mut draft, "far", "forward:w", "v");
    let claim = |from| every(&[from], to_name("www.far"), not(Claim::Delivered));
    let verdict = check(draft.clone(), &claim("b"));
    let open = depends_on(&verdict);
    assert_eq!(open, ["whether DNS64 adds to what www.far is answered"]);
    // Where no place has DNS64 nothing is open; there is no way for this one.
    assert_eq!(check(draft, &claim("a")), PROVED);
}

/// Hosts on premises in these blocks, each with the VPC that they ask.
fn from_premises(origins: &[(&str, Option<&str>)], place: Place, claim: Claim) -> Invariant {
    let mut invariant = every_from_on_premises(place, claim);
    let origin = |(from, resolver): &(&str, Option<&str>)| Origin::OnPremises {
        blocks: Some([block(from)].into()),
        resolver: resolver.map(Into::into),
    };
    invariant.scope.from = origins.iter().map(origin).collect();
    invariant
}

#[test]
fn hosts_on_premises_ask_the_resolver_of_their_origin() {
    const ONE: &str = "192.168.1.0/24";
    const OTHER: &str = "192.168.2.0/24";
    let mut draft = two_subnets();
    virtual_private_gateway(&mut draft, "g", "v", &["192.168.0.0/16"]);
    group(&mut draft, "closed", "v", Vec::new(), Vec::new());
    set_groups(&mut draft, "a", &["closed"]);
    vpc(&mut draft, "w", &["10.1.0.0/16"]);
    hosted_zone(&mut draft, "z", &["v"], &["n.z -> 10.0.2.10"]);
    let delivered = |origins: &[_], draft: &NetworkDraft| {
        let claim = from_premises(origins, to_name("n.z"), Claim::Delivered);
        check(draft.clone(), &claim)
    };
    assert_eq!(delivered(&[(ONE, None)], &draft), Verdict::Vacuous);
    assert_eq!(delivered(&[(ONE, Some("v"))], &draft), PROVED);
    let both = [(ONE, None), (OTHER, Some("v"))];
    assert_eq!(delivered(&both, &draft), PROVED);
    let never = from_premises(&both, to_name("n.z"), not(Claim::Delivered));
    let witness = violated(check(draft.clone(), &never));
    let source = witness.flow.packet.source().to_string();
    assert!(source.starts_with("192.168.2."), "{source}");

    // Another resolver says otherwise, to those who ask it.
    draft.hosted_zones.push(model::HostedZone {
        id: "z of w".into(),
        vpcs: ids(&["w"]),
        ..draft.hosted_zones[0].clone()
    });
    let records = &mut draft.hosted_zones[1].records;
    if let Value::Known(records) = records {
        records[0].target = model::DnsTarget::Addresses([address("10.0.1.10")].into());
    }
    let each = [(ONE, Some("v")), (OTHER, Some("w"))];
    let witness = violated(delivered(&each, &draft));
    assert_eq!(witness.flow.packet.destination(), address("10.0.1.10"));
    let source = witness.flow.packet.source().to_string();
    assert!(source.starts_with("192.168.2."), "{source}");
    // One address in two origins sends to what either says.
    let same = [(ONE, Some("v")), (ONE, Some("w"))];
    violated(delivered(&same, &draft));
    let never = from_premises(&same, to_name("n.z"), not(Claim::Delivered));
    violated(check(draft.clone(), &never));
    vpc_mut(&mut draft, "w").inbound_resolver = InboundResolver::Absent;
    assert_eq!(delivered(&each, &draft), PROVED);
}
