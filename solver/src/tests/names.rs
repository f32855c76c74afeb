//! What names mean: each line `asker name => answer clause` is derived from the clauses of dns.md and their sources.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Answer, Asker, Claim, DnsFirewallAction, DnsFirewallRule, DnsRecord, DnsTarget, EndpointKind,
    EndpointName, Engine, HostedZone, NetworkDraft, Place, Resolution, ResolverAction,
    ResolverRule, Value, Verdict, Vpc, VpcEndpoint,
};

use super::build::*;
use super::verdict::{PROVED, check, depends_on, exists, not, violated};
use crate::Solver;

/// VPC `v` with the subnets `s` and `d` and the interfaces `a` and `b`; VPCs `w`, `x` and `plain`.
fn four_vpcs() -> NetworkDraft {
    let mut draft = two_subnets();
    vpc(&mut draft, "w", &["10.1.0.0/16"]);
    vpc(&mut draft, "x", &["10.2.0.0/16"]);
    vpc(&mut draft, "plain", &["10.3.0.0/16"]);
    draft
}

pub(super) fn vpc_mut<'a>(draft: &'a mut NetworkDraft, id: &str) -> &'a mut Vpc {
    let found = draft.vpcs.iter_mut().find(|vpc| vpc.id.as_str() == id);
    found.expect("a VPC")
}

/// `10.0.0.1, 10.0.0.2`, `name:other.example`, `endpoint:id`, `unmodelled:word`.
fn target(text: &str) -> DnsTarget {
    match text.split_once(':') {
        Some(("name", name)) => DnsTarget::Name(name.to_owned()),
        Some(("endpoint", id)) => DnsTarget::Endpoint(id.into()),
        Some(("unmodelled", word)) => DnsTarget::Unmodelled(word.to_owned()),
        Some(_) | None => DnsTarget::Addresses(text.split(", ").map(address).collect()),
    }
}

/// Records `name -> target`.
fn records(lines: &[&str]) -> Vec<DnsRecord> {
    let record = |line: &&str| {
        let (name, meant) = line.split_once(" -> ").expect("name -> target");
        DnsRecord {
            name: name.to_owned(),
            target: target(meant),
        }
    };
    lines.iter().map(record).collect()
}

pub(super) fn zone(draft: &mut NetworkDraft, name: &str, vpcs: &[&str], lines: &[&str]) {
    draft.hosted_zones.push(HostedZone {
        id: name.into(),
        name: name.to_owned(),
        vpcs: ids(vpcs),
        records: Value::Known(records(lines)),
        tags: BTreeMap::new(),
    });
}

/// A rule that is called by its domain and VPC: `forward`, `system`, `delegate`, or `forward:vpc`.
pub(super) fn resolver_rule(draft: &mut NetworkDraft, domain: &str, action: &str, vpc: &str) {
    let action = match action.split_once(':') {
        Some((_, vpc)) => ResolverAction::ForwardTo(vpc.into()),
        None if action == "forward" => ResolverAction::Forward,
        None if action == "system" => ResolverAction::System,
        None => ResolverAction::Unmodelled(action.to_owned()),
    };
    draft.resolver_rules.push(ResolverRule {
        id: format!("{domain} in {vpc}").as_str().into(),
        domain: domain.to_owned(),
        action,
        vpcs: ids(&[vpc]),
        tags: BTreeMap::new(),
    });
}

/// Rules `pass a.example, *.b.example`; the domains `?` are not known.
pub(super) fn firewall(draft: &mut NetworkDraft, vpc: &str, rules: &[&str]) {
    let rule = |line: &&str| {
        let (action, domains) = line.split_once(' ').expect("action and domains");
        DnsFirewallRule {
            domains: match domains {
                "?" => Value::Any(hole("domains")),
                known => Value::Known(known.split(", ").map(str::to_owned).collect()),
            },
            action: match action {
                "pass" => DnsFirewallAction::Pass,
                "block" => DnsFirewallAction::Block,
                "override" => DnsFirewallAction::Override,
                other => panic!("action {other}"),
            },
        }
    };
    vpc_mut(draft, vpc).dns_firewall = rules.iter().map(rule).collect();
}

fn owned(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// An interface endpoint with private DNS, whose one interface is in the VPC and has the endpoint's id and `-if`.
pub(super) fn endpoint_in(draft: &mut NetworkDraft, id: &str, vpc: &str, private: &[&str]) {
    let number = draft.vpc_endpoints.len() + 50;
    let second = match vpc {
        "v" => 0,
        "w" => 1,
        "x" => 2,
        other => panic!("VPC {other}"),
    };
    let own = format!("{id}-if");
    let net = format!("{id}-net");
    subnet(draft, &net, vpc, &[&format!("10.{second}.{number}.0/24")]);
    interface_endpoint(
        draft,
        id,
        &format!("service.{id}"),
        &own,
        &format!("10.{second}.{number}.5"),
    );
    let interface = last_interface(draft);
    interface.subnet = net.as_str().into();
    interface.groups = Value::Known(ids(&[&format!("{vpc}-open")]));
    let endpoint = draft.vpc_endpoints.last_mut().expect("an endpoint");
    endpoint.vpc = vpc.into();
    set_private(endpoint, private);
}

fn set_private(endpoint: &mut VpcEndpoint, names: &[&str]) {
    if let EndpointKind::Interface { private_names, .. } = &mut endpoint.kind {
        *private_names = owned(names);
    }
}

fn inbound_only(endpoint: &mut VpcEndpoint) {
    if let EndpointKind::Interface {
        private_dns_inbound_only,
        ..
    } = &mut endpoint.kind
    {
        *private_dns_inbound_only = true;
    }
}

/// Names that an endpoint lists as its own: `name`, or `name -> interface`.
fn set_specific(endpoint: &mut VpcEndpoint, lines: &[&str]) {
    let name = |line: &&str| match line.split_once(" -> ") {
        Some((name, one)) => EndpointName {
            name: name.to_owned(),
            interface: Some(one.into()),
        },
        None => EndpointName {
            name: (*line).to_owned(),
            interface: None,
        },
    };
    if let EndpointKind::Interface { specific_names, .. } = &mut endpoint.kind {
        *specific_names = Value::Known(lines.iter().map(name).collect());
    }
}

fn last_endpoint(draft: &mut NetworkDraft) -> &mut VpcEndpoint {
    draft.vpc_endpoints.last_mut().expect("an endpoint")
}

fn words<T: ToString>(kind: &str, all: &BTreeSet<T>) -> String {
    let all = all.iter().map(ToString::to_string);
    [kind.to_owned()]
        .into_iter()
        .chain(all)
        .collect::<Vec<_>>()
        .join(" ")
}

fn said(resolution: &Resolution) -> String {
    format!("{} {}", answer_said(&resolution.answer), resolution.clause)
}

fn answer_said(answer: &Answer) -> String {
    match answer {
        Answer::Interfaces(interfaces) => words("interfaces", interfaces),
        Answer::Addresses(addresses) => words("addresses", addresses),
        Answer::PublicService(service) => format!("service {service}"),
        Answer::Dns64(of) => format!("nat64 {}", answer_said(of)),
        Answer::NoAnswer => "no-answer".to_owned(),
        Answer::Undetermined(_) => "undetermined".to_owned(),
    }
}

pub(super) fn assert_means(draft: NetworkDraft, lines: &str) {
    let solver = Solver::load(&valid(draft));
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (question, answer) = line.split_once("=>").expect("question => answer");
        let (asker, name) = question.trim().split_once(' ').expect("asker and name");
        let asker = match asker.split_once(':') {
            Some(("subnet", subnet)) => Asker::Subnet(subnet.into()),
            Some(("inbound", vpc)) => Asker::Inbound(vpc.into()),
            Some((kind, _)) => panic!("asker {kind}"),
            None => Asker::Vpc(asker.into()),
        };
        let resolution = solver.resolve(&asker, name.trim());
        assert_eq!(said(&resolution), answer.trim(), "{question}");
    }
}

#[test]
fn names_are_compared_in_lower_case_without_a_final_dot() {
    let mut draft = four_vpcs();
    zone(
        &mut draft,
        "z.example",
        &["v"],
        &["db.z.example -> 10.0.0.1"],
    );
    resolver_rule(&mut draft, "far.example", "forward", "v");
    firewall(&mut draft, "v", &["block bad.example, *.evil.example"]);
    assert_means(
        draft,
        "v DB.z.Example. => addresses 10.0.0.1 hosted-zone
         v WWW.Far.Example. => undetermined resolver-rule-forward
         v BAD.example. => no-answer dns-firewall
         v A.Evil.EXAMPLE. => no-answer dns-firewall
         v Ssm.eu-west-1.AMAZONAWS.com. => service com.amazonaws.eu-west-1.ssm service-public-name",
    );
}

#[test]
fn a_zone_matches_its_name_and_what_is_below_in_its_vpcs_with_both_attributes() {
    let mut draft = four_vpcs();
    let lines = ["z.example -> 10.0.0.1", "a.b.z.example -> 10.0.0.2"];
    zone(&mut draft, "z.example", &["v", "w", "x"], &lines);
    vpc_mut(&mut draft, "w").dns_hostnames = false;
    vpc_mut(&mut draft, "x").dns_support = false;
    assert_means(
        draft,
        "v z.example => addresses 10.0.0.1 hosted-zone
         v a.b.z.example => addresses 10.0.0.2 hosted-zone
         v c.z.example => no-answer hosted-zone
         v az.example => undetermined name-unmodelled
         v example => undetermined name-unmodelled
         w z.example => undetermined name-unmodelled
         x z.example => no-answer dns-support
         plain z.example => undetermined name-unmodelled",
    );
}

#[test]
fn only_the_most_specific_zone_is_asked() {
    let mut draft = four_vpcs();
    let lines = ["www.dev.example -> 10.0.0.1", "*.example -> 10.0.0.2"];
    zone(&mut draft, "example", &["v"], &lines);
    zone(
        &mut draft,
        "dev.example",
        &["v"],
        &["db.dev.example -> 10.0.0.3"],
    );
    zone(&mut draft, "amazonaws.com", &["v"], &[]);
    assert_means(
        draft,
        "v db.dev.example => addresses 10.0.0.3 hosted-zone
         v www.dev.example => no-answer hosted-zone
         v dev.example => no-answer hosted-zone
         v www.example => addresses 10.0.0.2 hosted-zone
         v s3.eu-west-1.amazonaws.com => no-answer hosted-zone
         v vpce-1.ssm.eu-west-1.vpce.amazonaws.com => no-answer hosted-zone",
    );
}

/// The zone and the names of RFC 4592, section 2.2.1 (without its delegation).
#[test]
fn wildcards_are_those_of_the_rfc() {
    let mut draft = four_vpcs();
    let lines = [
        "example -> 192.0.2.9",
        "*.example -> 192.0.2.8",
        "sub.*.example -> 192.0.2.7",
        "host1.example -> 192.0.2.1",
        "_ssh._tcp.host1.example -> 192.0.2.2",
        "_ssh._tcp.host2.example -> 192.0.2.3",
    ];
    zone(&mut draft, "example", &["v"], &lines);
    assert_means(
        draft,
        "v host3.example => addresses 192.0.2.8 hosted-zone
         v foo.bar.example => addresses 192.0.2.8 hosted-zone
         v example => addresses 192.0.2.9 hosted-zone
         v host1.example => addresses 192.0.2.1 hosted-zone
         v sub.*.example => addresses 192.0.2.7 hosted-zone
         v *.example => addresses 192.0.2.8 hosted-zone
         v _telnet._tcp.host1.example => no-answer hosted-zone
         v host2.example => no-answer hosted-zone
         v x.host1.example => no-answer hosted-zone
         v ghost.*.example => no-answer hosted-zone",
    );
}

#[test]
fn a_wildcard_takes_the_shorter_one_away() {
    let mut draft = four_vpcs();
    let lines = [
        "*.z.example -> 10.0.0.1",
        "*.b.z.example -> 10.0.0.2",
        "db.z.example -> 10.0.0.3",
    ];
    zone(&mut draft, "z.example", &["v"], &lines);
    assert_means(
        draft,
        "v a.z.example => addresses 10.0.0.1 hosted-zone
         v a.c.z.example => addresses 10.0.0.1 hosted-zone
         v a.xb.z.example => addresses 10.0.0.1 hosted-zone
         v a.b.z.example => addresses 10.0.0.2 hosted-zone
         v c.a.b.z.example => addresses 10.0.0.2 hosted-zone
         v b.z.example => no-answer hosted-zone
         v a.db.z.example => no-answer hosted-zone
         v xdb.z.example => addresses 10.0.0.1 hosted-zone
         v z.example => no-answer hosted-zone",
    );
}

#[test]
fn what_records_mean() {
    let mut draft = four_vpcs();
    endpoint_in(&mut draft, "here", "v", &["kms.eu-west-1.amazonaws.com"]);
    endpoint_in(&mut draft, "there", "w", &[]);
    endpoint_in(&mut draft, "pending", "v", &[]);
    last_endpoint(&mut draft).available = false;
    draft.vpc_endpoints.push(VpcEndpoint {
        kind: EndpointKind::Gateway {
            prefix_lists: BTreeSet::new(),
        },
        ..endpoint("gateway", "com.amazonaws.eu-west-1.s3")
    });
    draft.vpc_endpoints.push(endpoint("other", "service.other"));
    let lines = [
        "two.z -> 10.0.0.1, 2600::1",
        "here.z -> endpoint:here",
        "there.z -> endpoint:there",
        "pending.z -> endpoint:pending",
        "gateway.z -> endpoint:gateway",
        "other.z -> endpoint:other",
        "lb.z -> unmodelled:load-balancer",
        "alias.z -> name:two.z",
        "kms.z -> name:kms.eu-west-1.amazonaws.com",
        "ec2.z -> name:ec2.eu-west-1.amazonaws.com",
        "out.z -> name:www.example.com",
        "off.z -> name:no.z",
        "*.wild.z -> name:two.z",
    ];
    zone(&mut draft, "z", &["v"], &lines);
    assert_means(
        draft,
        "v two.z => addresses 10.0.0.1 2600::1 hosted-zone
         v here.z => interfaces here-if hosted-zone
         v there.z => interfaces there-if hosted-zone
         v pending.z => no-answer hosted-zone
         v gateway.z => no-answer hosted-zone
         v other.z => no-answer hosted-zone
         v lb.z => undetermined hosted-zone
         v alias.z => addresses 10.0.0.1 2600::1 hosted-zone
         v kms.z => interfaces here-if endpoint-private-dns
         v ec2.z => service com.amazonaws.eu-west-1.ec2 service-public-name
         v out.z => undetermined name-unmodelled
         v off.z => no-answer hosted-zone
         v a.b.wild.z => addresses 10.0.0.1 2600::1 hosted-zone",
    );
}

#[test]
fn a_zone_whose_records_are_not_known_is_open() {
    let mut draft = four_vpcs();
    zone(&mut draft, "any.z", &["v"], &[]);
    draft.hosted_zones[0].records = Value::Any(hole("records"));
    zone(&mut draft, "some.z", &["v"], &[]);
    let same = records(&["a.some.z -> 10.0.0.1"]);
    let other = records(&["a.some.z -> 10.0.0.1", "b.some.z -> 10.0.0.2"]);
    draft.hosted_zones[1].records = Value::OneOf(vec![same, other], hole("records"));
    assert_means(
        draft,
        "v any.z => undetermined hosted-zone
         v a.any.z => undetermined hosted-zone
         v b.some.z => undetermined hosted-zone
         v c.z => undetermined name-unmodelled",
    );
}

#[test]
fn private_names_are_zones_of_available_endpoints_with_private_dns() {
    let mut draft = four_vpcs();
    let names = ["kms.aws.example", "*.api.aws.example", "a.api.aws.example"];
    endpoint_in(&mut draft, "one", "v", &names);
    endpoint_in(&mut draft, "two", "v", &["kms.aws.example"]);
    endpoint_in(
        &mut draft,
        "pending",
        "v",
        &["kms.aws.example", "p.aws.example"],
    );
    last_endpoint(&mut draft).available = false;
    endpoint_in(&mut draft, "s3", "v", &["s3.aws.example"]);
    inbound_only(last_endpoint(&mut draft));
    endpoint_in(&mut draft, "off", "v", &["off.aws.example"]);
    if let EndpointKind::Interface { private_dns, .. } = &mut last_endpoint(&mut draft).kind {
        *private_dns = false;
    }
    endpoint_in(&mut draft, "nameless", "w", &["kms.aws.example"]);
    vpc_mut(&mut draft, "w").dns_hostnames = false;
    zone(
        &mut draft,
        "aws.example",
        &["v"],
        &["x.aws.example -> 10.0.0.1"],
    );
    zone(&mut draft, "b.api.aws.example", &["v"], &[]);
    assert_means(
        draft,
        "v kms.aws.example => interfaces one-if two-if endpoint-private-dns
         v a.kms.aws.example => no-answer hosted-zone
         v c.api.aws.example => interfaces one-if endpoint-private-dns
         v d.c.api.aws.example => interfaces one-if endpoint-private-dns
         v api.aws.example => no-answer hosted-zone
         v b.api.aws.example => no-answer hosted-zone
         v x.b.api.aws.example => no-answer hosted-zone
         v a.api.aws.example => interfaces one-if endpoint-private-dns
         v p.aws.example => no-answer hosted-zone
         v s3.aws.example => no-answer hosted-zone
         v off.aws.example => no-answer hosted-zone
         v x.aws.example => addresses 10.0.0.1 hosted-zone
         w kms.aws.example => undetermined name-unmodelled",
    );
}

#[test]
fn the_name_that_equals_is_longer_than_the_one_with_a_star() {
    let mut draft = four_vpcs();
    endpoint_in(&mut draft, "all", "v", &["*.api.example"]);
    endpoint_in(&mut draft, "one", "v", &["v1.api.example"]);
    assert_means(
        draft,
        "v v1.api.example => interfaces one-if endpoint-private-dns
         v v2.api.example => interfaces all-if endpoint-private-dns
         v a.v1.api.example => interfaces all-if endpoint-private-dns",
    );
}

#[test]
fn a_rule_that_forwards_wins_at_one_length_and_loses_to_what_is_longer() {
    let mut draft = four_vpcs();
    endpoint_in(
        &mut draft,
        "ssm",
        "v",
        &["ssm.aws.example", "*.api.aws.example"],
    );
    zone(
        &mut draft,
        "z.example",
        &["v"],
        &["a.z.example -> 10.0.0.1"],
    );
    zone(
        &mut draft,
        "dev.z.example",
        &["v"],
        &["a.dev.z.example -> 10.0.0.2"],
    );
    resolver_rule(&mut draft, "", "forward", "v");
    resolver_rule(&mut draft, "aws.example", "forward", "v");
    resolver_rule(&mut draft, "z.example", "forward", "v");
    resolver_rule(&mut draft, "api.aws.example", "forward", "v");
    resolver_rule(&mut draft, "example.com", "forward", "plain");
    vpc_mut(&mut draft, "plain").dns_hostnames = false;
    assert_means(
        draft,
        "v ssm.aws.example => interfaces ssm-if endpoint-private-dns
         v kms.aws.example => undetermined resolver-rule-forward
         v x.api.aws.example => undetermined resolver-rule-forward
         v a.z.example => undetermined resolver-rule-forward
         v z.example => undetermined resolver-rule-forward
         v a.dev.z.example => addresses 10.0.0.2 hosted-zone
         v s3.eu-west-1.amazonaws.com => undetermined resolver-rule-forward
         v x.vpce.amazonaws.com => undetermined resolver-rule-forward
         v . => undetermined resolver-rule-forward
         plain www.example.com => undetermined resolver-rule-forward
         plain example.com => undetermined resolver-rule-forward
         plain www-example.com => undetermined name-unmodelled
         plain com => undetermined name-unmodelled
         w www.example.com => undetermined name-unmodelled",
    );
}

#[test]
fn a_rule_for_a_private_name_itself_takes_it_away() {
    let mut draft = four_vpcs();
    endpoint_in(&mut draft, "ssm", "v", &["ssm.aws.example"]);
    resolver_rule(&mut draft, "ssm.aws.example", "forward", "v");
    endpoint_in(&mut draft, "kms", "w", &["kms.aws.example"]);
    resolver_rule(&mut draft, "kms.aws.example", "system", "w");
    assert_means(
        draft,
        "v ssm.aws.example => undetermined resolver-rule-forward
         w kms.aws.example => undetermined dns-most-specific
         w a.kms.aws.example => undetermined name-unmodelled",
    );
}

#[test]
fn a_zone_beside_another_rule_of_its_length_is_open() {
    let mut draft = four_vpcs();
    for (domain, action) in [("s.example", "system"), ("d.example", "delegate")] {
        zone(&mut draft, domain, &["v"], &[]);
        resolver_rule(&mut draft, domain, action, "v");
    }
    let deeper = "deep.s.example";
    zone(&mut draft, deeper, &["v"], &["deep.s.example -> 10.0.0.1"]);
    resolver_rule(&mut draft, "alone.example", "delegate", "v");
    assert_means(
        draft,
        "v s.example => undetermined dns-most-specific
         v www.s.example => undetermined dns-most-specific
         v d.example => undetermined dns-most-specific
         v deep.s.example => addresses 10.0.0.1 hosted-zone
         v www.alone.example => undetermined resolver-rule-forward",
    );
}

#[test]
fn a_system_rule_has_the_choice_made_again_among_the_others() {
    let mut draft = four_vpcs();
    endpoint_in(&mut draft, "ssm", "v", &["*.aws.example"]);
    zone(
        &mut draft,
        "corp.example",
        &["v"],
        &["a.in.corp.example -> 10.0.0.1"],
    );
    zone(&mut draft, "both.example", &["v"], &[]);
    for (domain, action) in [
        ("", "forward"),
        ("corp.example", "forward:w"),
        ("in.corp.example", "system"),
        ("sub.in.corp.example", "system"),
        ("in.aws.example", "system"),
        ("delegated.example", "delegate"),
        ("in.delegated.example", "system"),
        ("both.example", "delegate"),
        ("in.both.example", "system"),
        ("amazonaws.com", "system"),
    ] {
        resolver_rule(&mut draft, domain, action, "v");
    }
    assert_means(
        draft,
        "v a.in.corp.example => addresses 10.0.0.1 hosted-zone
         v b.in.corp.example => no-answer hosted-zone
         v x.sub.in.corp.example => no-answer hosted-zone
         v x.in.aws.example => interfaces ssm-if endpoint-private-dns
         v x.in.delegated.example => undetermined resolver-rule-forward
         v x.in.both.example => undetermined dns-most-specific
         v kms.eu-west-1.amazonaws.com => service com.amazonaws.eu-west-1.kms service-public-name
         v x.vpce.amazonaws.com => no-answer endpoint-specific-name
         v www.amazonaws.com => undetermined name-unmodelled
         v www.example => undetermined resolver-rule-forward",
    );
}

/// `v` forwards `example` to `w`, whose DHCP options name other resolvers.
fn forwarding() -> NetworkDraft {
    let mut draft = four_vpcs();
    resolver_rule(&mut draft, "example", "forward:w", "v");
    vpc_mut(&mut draft, "w").custom_dns_servers = true;
    draft
}

#[test]
fn an_inbound_endpoint_answers_with_the_view_of_its_vpc() {
    let mut draft = forwarding();
    endpoint_in(&mut draft, "s3", "w", &["s3.example", "*.s3.example"]);
    inbound_only(last_endpoint(&mut draft));
    endpoint_in(&mut draft, "x-s3", "x", &["s3.far.example"]);
    inbound_only(last_endpoint(&mut draft));
    let lines = [
        "db.z.example -> 10.1.0.1",
        "alias.z.example -> name:s3.example",
        "far.z.example -> name:s3.far.example",
    ];
    zone(&mut draft, "z.example", &["w"], &lines);
    zone(
        &mut draft,
        "y.example",
        &["v"],
        &["db.y.example -> 10.0.0.9"],
    );
    resolver_rule(&mut draft, "far.example", "forward:x", "w");
    resolver_rule(&mut draft, "out.example", "forward", "w");
    firewall(&mut draft, "w", &["block bad.example"]);
    vpc_mut(&mut draft, "x").custom_dns_servers = true;
    assert_means(
        draft,
        "v s3.example => interfaces s3-if endpoint-private-dns
         v bucket.s3.example => interfaces s3-if endpoint-private-dns
         v db.z.example => addresses 10.1.0.1 hosted-zone
         v no.z.example => no-answer hosted-zone
         v alias.z.example => interfaces s3-if endpoint-private-dns
         v far.z.example => interfaces x-s3-if endpoint-private-dns
         v s3.far.example => interfaces x-s3-if endpoint-private-dns
         v www.out.example => undetermined resolver-rule-forward
         v bad.example => no-answer dns-firewall
         v db.y.example => addresses 10.0.0.9 hosted-zone
         v www.example => undetermined name-unmodelled
         w s3.example => undetermined dns-custom-servers",
    );
}

#[test]
fn the_attributes_of_both_vpcs_count_for_a_forwarded_query() {
    let mut draft = forwarding();
    zone(
        &mut draft,
        "z.example",
        &["w"],
        &["db.z.example -> 10.1.0.1"],
    );
    vpc_mut(&mut draft, "v").dns_hostnames = false;
    let mut nameless = draft.clone();
    vpc_mut(&mut nameless, "w").dns_hostnames = false;
    let mut silent = draft.clone();
    vpc_mut(&mut silent, "w").dns_support = false;
    let mut custom = draft.clone();
    vpc_mut(&mut custom, "v").custom_dns_servers = true;
    let mut guarded = draft.clone();
    firewall(&mut guarded, "v", &["block *"]);
    for (draft, answer) in [
        (draft, "addresses 10.1.0.1 hosted-zone"),
        (nameless, "undetermined name-unmodelled"),
        (silent, "no-answer dns-support"),
        (custom, "undetermined dns-custom-servers"),
        (guarded, "no-answer dns-firewall"),
    ] {
        assert_means(draft, &format!("v db.z.example => {answer}"));
    }
}

#[test]
fn an_alias_of_a_client_is_no_query_of_an_inbound_endpoint() {
    let mut draft = four_vpcs();
    endpoint_in(&mut draft, "s3", "v", &["s3.eu-west-1.amazonaws.com"]);
    inbound_only(last_endpoint(&mut draft));
    let lines = ["s3.z.example -> name:s3.eu-west-1.amazonaws.com"];
    zone(&mut draft, "z.example", &["v"], &lines);
    resolver_rule(&mut draft, "z.example", "forward:v", "w");
    assert_means(
        draft,
        "v s3.z.example => service com.amazonaws.eu-west-1.s3 service-public-name
         w s3.z.example => interfaces s3-if endpoint-private-dns",
    );
}

#[test]
fn one_query_is_asked_four_times_more() {
    let mut draft = four_vpcs();
    let lines = [
        "a0.z -> 10.0.0.1",
        "a1.z -> name:a0.z",
        "a2.z -> name:a1.z",
        "a3.z -> name:a2.z",
        "a4.z -> name:a3.z",
        "a5.z -> name:a4.z",
        "b3.z -> name:b2.z",
        "b2.z -> name:b1.z",
        "b1.z -> name:b0.z",
        "b0.z -> name:y",
        "round.z -> name:round.z",
    ];
    zone(&mut draft, "z", &["v"], &lines);
    // Forwarding counts, and `SYSTEM` does not.
    resolver_rule(&mut draft, "z", "forward:v", "w");
    resolver_rule(&mut draft, "y", "system", "v");
    resolver_rule(&mut draft, "loop", "forward:x", "x");
    assert_means(
        draft,
        "v a4.z => addresses 10.0.0.1 hosted-zone
         v a5.z => undetermined dns-limit
         v round.z => undetermined dns-limit
         v b3.z => undetermined name-unmodelled
         w a3.z => addresses 10.0.0.1 hosted-zone
         w a4.z => undetermined dns-limit
         x loop => undetermined dns-limit
         x a.loop => undetermined dns-limit",
    );
}

#[test]
fn what_needs_more_is_not_asked_even_where_nothing_is_answered() {
    let mut draft = four_vpcs();
    let lines = [
        "a1.z -> name:bad.example",
        "a2.z -> name:a1.z",
        "a3.z -> name:a2.z",
        "a4.z -> name:a3.z",
        "a5.z -> name:a4.z",
    ];
    zone(&mut draft, "z", &["v"], &lines);
    firewall(&mut draft, "v", &["block bad.example"]);
    assert_means(
        draft,
        "v a4.z => no-answer dns-firewall
         v a5.z => undetermined dns-limit",
    );
}

#[test]
fn firewall_domains() {
    let mut draft = four_vpcs();
    let rules = [
        "pass good.example, *.fine.example",
        "override o.example",
        "block *",
    ];
    firewall(&mut draft, "v", &rules);
    firewall(&mut draft, "w", &["block *.bad.example", "pass *"]);
    assert_means(
        draft,
        "v good.example => undetermined name-unmodelled
         v www.good.example => no-answer dns-firewall
         v xgood.example => no-answer dns-firewall
         v a.b.fine.example => undetermined name-unmodelled
         v fine.example => no-answer dns-firewall
         v xfine.example => no-answer dns-firewall
         v o.example => undetermined dns-firewall
         v . => no-answer dns-firewall
         w x.bad.example => no-answer dns-firewall
         w bad.example => undetermined name-unmodelled
         w kms.eu-west-1.amazonaws.com => service com.amazonaws.eu-west-1.kms service-public-name",
    );
}

#[test]
fn firewall_rules_decide_in_order() {
    let on = "undetermined name-unmodelled";
    let blocked = "no-answer dns-firewall";
    let open = "undetermined dns-firewall";
    for (rules, answer) in [
        (vec![], on),
        (vec!["block other.example"], on),
        (vec!["pass n.example", "block n.example"], on),
        (vec!["block n.example", "pass n.example"], blocked),
        (vec!["override n.example", "block n.example"], open),
        (vec!["block n.example", "override n.example"], blocked),
        (vec!["pass n.example", "block ?"], on),
        (vec!["block n.example", "pass ?"], blocked),
        (vec!["pass other.example", "block n.example"], blocked),
    ] {
        let mut draft = four_vpcs();
        firewall(&mut draft, "v", &rules);
        assert_means(draft, &format!("v n.example => {answer}"));
    }
}

#[test]
fn a_firewall_rule_whose_domains_are_not_known_is_open_unless_it_makes_no_difference() {
    let on = "undetermined name-unmodelled";
    let open = "undetermined dns-firewall";
    for (rules, answer) in [
        (vec!["pass ?"], on),
        (vec!["pass ?", "pass n.example", "block *"], on),
        (vec!["pass ?", "pass ?", "block other.example"], on),
        (vec!["pass ?", "block n.example"], open),
        (vec!["pass ?", "override n.example"], open),
        (vec!["pass ?", "block ?"], open),
        (vec!["pass ?", "block ?", "pass *"], open),
        (vec!["block ?"], open),
        (vec!["block ?", "block *"], open),
        (vec!["block ?", "pass n.example"], open),
        (vec!["override ?"], open),
    ] {
        let mut draft = four_vpcs();
        firewall(&mut draft, "v", &rules);
        assert_means(draft, &format!("v n.example => {answer}"));
    }
}

#[test]
fn one_of_several_lists_of_domains_is_not_known() {
    let mut draft = four_vpcs();
    firewall(&mut draft, "v", &["block n.example"]);
    let both = vec![owned(&["n.example"]), owned(&["*"])];
    vpc_mut(&mut draft, "v").dns_firewall[0].domains = Value::OneOf(both, hole("domains"));
    assert_means(draft, "v n.example => undetermined dns-firewall");
}

#[test]
fn the_firewall_is_asked_after_the_attributes_and_before_zones_and_rules() {
    let mut draft = four_vpcs();
    zone(
        &mut draft,
        "z.example",
        &["v"],
        &["bad.z.example -> 10.0.0.1"],
    );
    resolver_rule(&mut draft, "f.example", "forward", "v");
    for vpc in ["v", "w", "x"] {
        firewall(&mut draft, vpc, &["block *"]);
    }
    vpc_mut(&mut draft, "w").custom_dns_servers = true;
    vpc_mut(&mut draft, "w").dns_support = false;
    vpc_mut(&mut draft, "x").dns_support = false;
    assert_means(
        draft,
        "v bad.z.example => no-answer dns-firewall
         v f.example => no-answer dns-firewall
         v x.vpce.amazonaws.com => no-answer dns-firewall
         w n.example => undetermined dns-custom-servers
         x n.example => no-answer dns-support",
    );
}

#[test]
fn default_names_of_services() {
    let lines = [
        ("ssm", "ssm"),
        ("ecr", "ecr"),
        ("dynamodb-streams", "dynamodb-streams"),
        ("s3", "s3"),
        ("bucket.s3", "s3"),
        ("my.own.bucket.s3", "s3"),
        ("a.execute-api.s3", "s3"),
        ("execute-api", "execute-api"),
        ("a1b2.execute-api", "execute-api"),
        ("s3.execute-api", "execute-api"),
        ("a.b.execute-api", ""),
        ("api.ecr", "ecr.api"),
        ("a.api.ecr", ""),
        ("111122223333.dkr.ecr", "ecr.dkr"),
        ("api.dkr.ecr", "ecr.dkr"),
        ("dkr.ecr", ""),
        ("a.b.dkr.ecr", ""),
        ("api.sagemaker", "sagemaker.api"),
        ("runtime.sagemaker", "sagemaker.runtime"),
        ("a.runtime.sagemaker", ""),
        ("other.sagemaker", ""),
        ("streams.dynamodb", "dynamodb-streams"),
        ("a.streams.dynamodb", ""),
        ("api.dynamodb", ""),
        // Neither a mount target nor a database is a service.
        ("fs-1.efs", ""),
        ("db.a1b2.rds", ""),
        ("api.ssm", ""),
        ("s3.bucket", ""),
        ("buckets3", "buckets3"),
        (".s3", ""),
        ("a..s3", ""),
        (".execute-api", ""),
        (".dkr.ecr", ""),
    ];
    for region in ["eu-west-1", "us-gov-east-1"] {
        let lines = lines.map(|(before, service)| match service {
            "" => format!("v {before}.{region}.amazonaws.com => undetermined name-unmodelled\n"),
            service => format!(
                "v {before}.{region}.amazonaws.com => service com.amazonaws.{region}.{service} service-public-name\n"
            ),
        });
        assert_means(four_vpcs(), &lines.concat());
    }
    assert_means(
        four_vpcs(),
        "v API.ECR.eu-west-1.amazonaws.com. => service com.amazonaws.eu-west-1.ecr.api service-public-name
         v s3.amazonaws.com => undetermined name-unmodelled
         v bucket.s3.dualstack.amazonaws.com => undetermined name-unmodelled
         v bucket.s3.eu-west-1.amazonaws.com.cn => undetermined name-unmodelled",
    );
}

#[test]
fn endpoint_specific_names_are_public_names() {
    let mut draft = four_vpcs();
    endpoint_in(&mut draft, "one", "v", &[]);
    let names = [
        "vpce-1.kms.eu-west-1.vpce.amazonaws.com",
        "*.vpce-1.kms.eu-west-1.vpce.amazonaws.com",
        "zonal.vpce-1.kms.eu-west-1.vpce.amazonaws.com -> one-if",
    ];
    set_specific(last_endpoint(&mut draft), &names);
    let own = subnet_of(&draft, "one-if");
    interface(&mut draft, "two-if", &own, &["10.0.50.6"], &["v-open"]);
    last_interface(&mut draft).attachment = model::Attachment::VpcEndpoint("one".into());
    if let EndpointKind::Interface { interfaces, .. } = &mut last_endpoint(&mut draft).kind {
        interfaces.insert("two-if".into());
    }
    resolver_rule(&mut draft, "vpce.amazonaws.com", "forward", "w");
    zone(&mut draft, "amazonaws.com", &["x"], &[]);
    assert_means(
        draft.clone(),
        "plain vpce-1.kms.eu-west-1.vpce.amazonaws.com => interfaces one-if two-if endpoint-specific-name
         plain a.vpce-1.kms.eu-west-1.vpce.amazonaws.com => interfaces one-if two-if endpoint-specific-name
         plain zonal.vpce-1.kms.eu-west-1.vpce.amazonaws.com => interfaces one-if endpoint-specific-name
         plain vpce-2.kms.eu-west-1.vpce.amazonaws.com => no-answer endpoint-specific-name
         plain vpce.amazonaws.com => undetermined name-unmodelled
         w vpce-1.kms.eu-west-1.vpce.amazonaws.com => undetermined resolver-rule-forward
         x vpce-1.kms.eu-west-1.vpce.amazonaws.com => no-answer hosted-zone",
    );
    endpoint_in(&mut draft, "open", "v", &[]);
    if let EndpointKind::Interface { specific_names, .. } = &mut last_endpoint(&mut draft).kind {
        *specific_names = Value::Any(hole("dns_entry"));
    }
    assert_means(
        draft,
        "plain vpce-1.kms.eu-west-1.vpce.amazonaws.com => interfaces one-if two-if endpoint-specific-name
         plain vpce-2.kms.eu-west-1.vpce.amazonaws.com => undetermined endpoint-specific-name",
    );
}

fn subnet_of(draft: &NetworkDraft, interface: &str) -> String {
    let interfaces = draft.network_interfaces.iter();
    let mut found = interfaces.filter(|one| one.id.as_str() == interface);
    found.next().expect("an interface").subnet.to_string()
}

pub(super) fn to_name(name: &str) -> Place {
    Place::Name(name.to_owned())
}

#[test]
fn flows_to_a_name_go_to_the_addresses_of_its_record() {
    let mut draft = two_subnets();
    let lines = [
        "b.z -> 10.0.2.10, 2600::9",
        "both.z -> 10.0.1.10, 10.0.2.10",
        "own.z -> 10.0.1.10",
        "nobody.z -> 10.0.2.10, 10.0.2.11",
        "far.z -> name:b.z",
        "lb.z -> unmodelled:load-balancer",
    ];
    zone(&mut draft, "z", &["v"], &lines);
    let claim = |name: &str, claim| every(&["a"], to_name(name), claim);
    for name in ["b.z", "both.z", "far.z"] {
        let verdict = check(draft.clone(), &claim(name, Claim::Delivered));
        assert_eq!(verdict, PROVED, "{name}");
    }
    let found = violated(check(draft.clone(), &claim("b.z", not(Claim::Delivered))));
    assert_eq!(found.flow.packet.destination(), address("10.0.2.10"));
    // A sender's own address is no destination.
    let none = ["own.z", "no.z"];
    for name in none {
        let verdict = check(draft.clone(), &claim(name, Claim::Delivered));
        assert_eq!(verdict, Verdict::Vacuous, "{name}");
    }
    let found = violated(check(draft.clone(), &claim("nobody.z", Claim::Delivered)));
    assert_eq!(found.flow.packet.destination(), address("10.0.2.11"));
    let open = check(draft, &claim("lb.z", Claim::Delivered));
    let open = depends_on(&open);
    assert!(open.iter().any(|hole| hole.contains("lb.z")), "{open:?}");
}

#[test]
fn addresses_of_a_record_arrive_anywhere() {
    let mut draft = two_subnets();
    internet_gateway(&mut draft, "v");
    set_public(&mut draft, "a", "52.0.0.1");
    let igw = || model::Target::InternetGateway("igw".into());
    add_route(&mut draft, "v-main", to("0.0.0.0/0", igw()));
    let lines = ["n.z -> 10.0.2.10, 8.8.8.8", "six.z -> 2600:2::10"];
    zone(&mut draft, "z", &["v"], &lines);
    add_ipv6(&mut draft);
    open_to_ipv6(&mut draft);
    let claim = |name: &str| every(&["a"], to_name(name), Claim::Delivered);
    assert_eq!(check(draft.clone(), &claim("n.z")), PROVED);
    assert_eq!(check(draft.clone(), &claim("six.z")), PROVED);
    let at_six = exists(claim("six.z"));
    let Verdict::Holds {
        witness: Some(found),
    } = check(draft, &at_six)
    else {
        panic!("a witness");
    };
    assert_eq!(found.flow.packet.destination(), address("2600:2::10"));
}

#[test]
fn a_name_is_asked_in_the_sender_s_vpc() {
    let mut draft = two_subnets();
    vpc(&mut draft, "w", &["10.1.0.0/16"]);
    subnet(&mut draft, "e", "w", &["10.1.1.0/24"]);
    interface(&mut draft, "c", "e", &["10.1.1.10"], &["w-open"]);
    zone(&mut draft, "z", &["v"], &["b.z -> 10.0.2.10"]);
    resolver_rule(&mut draft, "z", "forward:v", "w");
    let claim = |names: &[&str], claim| every(names, to_name("b.z"), claim);
    assert_eq!(
        check(draft.clone(), &claim(&["a"], Claim::Delivered)),
        PROVED
    );
    // The answer is the same by the rule, but there is no way.
    let from_w = claim(&["c"], not(Claim::Delivered));
    assert_eq!(check(draft.clone(), &from_w), PROVED);
    draft.resolver_rules.clear();
    let verdict = check(draft, &from_w);
    assert_eq!(depends_on(&verdict), ["b.z"]);
}
