//! Gateways, NAT gateways, peerings and endpoints.

use model::{
    AclAction, AclEntry, BlockPublicAccess, EgressOnlyInternetGateway, Exclusion, NetworkDraft,
    PeeringEnd, PrefixList, RouteDestination, RuleTraffic, Target, Value, VpcEndpoint,
};

use super::build::*;

const FINE: &str = "delivered interface-accepts; reply delivered reply-returns";
const OUT: &str = "delivered internet-gateway-delivers; reply delivered reply-returns";

/// `a` has a public address and a way out; `b` has neither of its own.
fn public() -> NetworkDraft {
    let mut draft = two_subnets();
    internet_gateway(&mut draft, "v");
    table(&mut draft, "out", "v");
    add_route(
        &mut draft,
        "out",
        to("0.0.0.0/0", Target::InternetGateway("igw".into())),
    );
    draft.subnets[0].route_table = Some(Value::Known("out".into()));
    set_public(&mut draft, "a", "52.0.0.1");
    draft
}

#[test]
fn out_by_an_internet_gateway() {
    let mut draft = public();
    interface(&mut draft, "c", "s", &["10.0.1.11"], &["v-open"]);
    interface(&mut draft, "f", "s", &["10.0.1.12"], &["v-open"]);
    last_interface(&mut draft).source_destination_check = false;
    assert_decides(
        draft,
        &format!(
            "a 10.0.1.10 -> 8.8.8.8 tcp/443 => {OUT}
             a 10.0.1.10 -> 172.16.0.1 tcp/443 => dropped internet-gateway-private-destination
             a 10.0.1.10 -> 224.0.0.1 tcp/443 => dropped internet-gateway-private-destination
             c 10.0.1.11 -> 8.8.8.8 tcp/443 => dropped internet-gateway-public-address
             f 10.0.1.10 -> 8.8.8.8 tcp/443 => delivered internet-gateway-delivers; reply dropped reply-returns
             a 10.0.1.10 -> 52.0.0.1 tcp/443 => {FINE}
             b 10.0.2.10 -> 8.8.8.8 tcp/443 => dropped longest-prefix-match"
        ),
    );
}

#[test]
fn internet_gateway_attached() {
    let mut draft = public();
    draft.internet_gateways[0].vpc = None;
    assert_decides(
        draft,
        "a 10.0.1.10 -> 8.8.8.8 tcp/443 => dropped internet-gateway-attached
         internet 8.8.8.8 -> 52.0.0.1 tcp/443 => dropped internet-gateway-inbound",
    );
}

#[test]
fn in_from_the_internet() {
    let mut draft = public();
    set_public(&mut draft, "b", "52.0.0.2");
    assert_decides(
        draft,
        &format!(
            "internet 8.8.8.8 -> 52.0.0.1 tcp/443 => {FINE}
             internet 10.9.9.9 -> 52.0.0.1 tcp/443 => dropped internet-gateway-private-source
             internet 52.0.0.2 -> 52.0.0.1 tcp/443 => undetermined internet-gateway-private-source; reply undetermined internet-gateway-private-source
             internet 8.8.8.8 -> 52.0.0.9 tcp/443 => dropped internet-gateway-inbound
             internet 8.8.8.8 -> 10.0.1.10 tcp/443 => dropped internet-gateway-inbound
             internet 8.8.8.8 -> 52.0.0.2 tcp/443 => undetermined internet-gateway-unrouted; reply dropped longest-prefix-match"
        ),
    );
}

#[test]
fn internet_gateway_edge_table() {
    let mut draft = public();
    nat_gateway(&mut draft);
    table(&mut draft, "edge", "v");
    let nat = Target::NatGateway("nat".into());
    add_route(&mut draft, "edge", to("10.0.1.8/29", nat));
    draft.internet_gateways[0].edge_route_table = Some("edge".into());
    interface(&mut draft, "e", "s", &["10.0.1.20=52.0.0.3"], &["v-open"]);
    assert_decides(
        draft,
        "a 10.0.1.10 -> 8.8.8.8 tcp/443 => delivered internet-gateway-delivers; reply dropped internet-gateway-edge-table
         e 10.0.1.20 -> 8.8.8.8 tcp/443 => delivered internet-gateway-delivers; reply delivered reply-returns
         internet 8.8.8.8 -> 52.0.0.3 tcp/443 => delivered interface-accepts; reply delivered reply-returns
         internet 8.8.8.8 -> 52.0.0.1 tcp/443 => undetermined internet-gateway-edge-table; reply undetermined internet-gateway-edge-table",
    );
}

#[test]
fn the_reply_from_the_internet_is_judged_by_the_acl() {
    let mut draft = public();
    let entries = vec![entry(1, AclAction::Allow, tcp(443, 443), "0.0.0.0/0")];
    acl(&mut draft, "web", "v", entries);
    draft.subnets[0].network_acl = Value::Known("web".into());
    assert_decides(
        draft,
        &format!(
            "a 10.0.1.10 -> 8.8.8.8 tcp/443>443 => {OUT}
             a 10.0.1.10 -> 8.8.8.8 tcp/443 => delivered internet-gateway-delivers; reply dropped network-acl-ingress
             internet 8.8.8.8 -> 52.0.0.1 tcp/443 => delivered interface-accepts; reply dropped network-acl-egress"
        ),
    );
}

/// IPv6 through an internet gateway (`s`) and an egress-only one (`d`).
fn ipv6() -> NetworkDraft {
    let mut draft = public();
    add_ipv6(&mut draft);
    open_to_ipv6(&mut draft);
    draft
        .egress_only_internet_gateways
        .push(EgressOnlyInternetGateway {
            id: "eigw".into(),
            vpc: "v".into(),
            tags: Default::default(),
        });
    add_route(
        &mut draft,
        "out",
        to("::/0", Target::InternetGateway("igw".into())),
    );
    let egress_only = || Target::EgressOnlyInternetGateway("eigw".into());
    add_route(&mut draft, "v-main", to("::/0", egress_only()));
    add_route(&mut draft, "v-main", to("0.0.0.0/0", egress_only()));
    draft
}

#[test]
fn ipv6_through_gateways() {
    assert_decides(
        ipv6(),
        &format!(
            "a 2600:1::10 -> 2600:2::10 tcp/443 => {FINE}
             a 2600:1::10 -> 2a00::1 tcp/443 => {OUT}
             a 2600:1::10 -> fd00::1 tcp/443 => dropped internet-gateway-private-destination
             b 2600:2::10 -> 2a00::1 tcp/443 => delivered egress-only-internet-gateway; reply delivered reply-returns
             b 10.0.2.10 -> 8.8.8.8 tcp/443 => dropped egress-only-internet-gateway
             b 2600:2::10 -> fd00::1 tcp/443 => dropped internet-gateway-private-destination
             internet 2a00::1 -> 2600:1::10 tcp/443 => {FINE}
             internet 2a00::1 -> 2600:1::11 tcp/443 => dropped internet-gateway-inbound
             internet fd00::1 -> 2600:1::10 tcp/443 => dropped internet-gateway-private-source
             internet 2600:1::99 -> 2600:1::10 tcp/443 => undetermined internet-gateway-private-source; reply undetermined internet-gateway-private-source
             internet 2a00::1 -> 2600:2::10 tcp/443 => undetermined internet-gateway-unrouted; reply dropped reply-returns"
        ),
    );
}

/// `b` goes out by a NAT gateway in the subnet of `a`.
fn with_nat() -> NetworkDraft {
    let mut draft = public();
    nat_gateway(&mut draft);
    add_route(
        &mut draft,
        "v-main",
        to("0.0.0.0/0", Target::NatGateway("nat".into())),
    );
    draft
}

#[test]
fn out_by_a_nat_gateway() {
    let mut draft = with_nat();
    interface(&mut draft, "f", "d", &["10.0.2.12"], &["v-open"]);
    last_interface(&mut draft).source_destination_check = false;
    assert_decides(
        draft,
        &format!(
            "b 10.0.2.10 -> 8.8.8.8 tcp/443 => {OUT}
             b 10.0.2.10 -> 8.8.8.8 icmp/8/0 => {OUT}
             b 10.0.2.10 -> 8.8.8.8 protocol/47 => dropped nat-gateway-protocol
             f 172.16.0.1 -> 8.8.8.8 tcp/443 => dropped nat-gateway-source
             a 10.0.1.10 -> 10.0.1.200 tcp/443 => dropped nat-gateway-outbound-only
             b 10.0.2.10 -> 10.0.1.200 tcp/443 => dropped nat-gateway-outbound-only
             internet 8.8.8.8 -> 52.0.0.200 tcp/443 => dropped nat-gateway-outbound-only
             nat-if 10.0.1.200 -> 8.8.8.8 tcp/443 => dropped nat-gateway-outbound-only
             b 10.0.2.10 -> 172.16.0.1 tcp/443 => dropped internet-gateway-private-destination"
        ),
    );
    let mut draft = with_nat();
    draft.nat_gateways[0].available = false;
    assert_decides(
        draft,
        "b 10.0.2.10 -> 8.8.8.8 tcp/443 => dropped nat-gateway-available",
    );
}

#[test]
fn nat_gateway_chain_and_endpoint() {
    let mut draft = with_nat();
    draft.subnets[0].route_table = None;
    assert_decides(
        draft,
        "b 10.0.2.10 -> 8.8.8.8 tcp/443 => dropped nat-gateway-chain",
    );
    let mut draft = with_nat();
    gateway_endpoint(&mut draft);
    add_route(&mut draft, "out", to_s3());
    assert_decides(
        draft,
        "b 10.0.2.10 -> 3.0.0.1 tcp/443 => undetermined nat-gateway-to-endpoint; reply undetermined nat-gateway-to-endpoint",
    );
}

fn nat_acl(ingress: Vec<AclEntry>, egress: Vec<AclEntry>) -> NetworkDraft {
    let mut draft = with_nat();
    acl(&mut draft, "nat-acl", "v", ingress);
    draft.network_acls.last_mut().expect("one").egress = egress;
    draft.subnets[0].network_acl = Value::Known("nat-acl".into());
    draft
}

#[test]
fn nat_gateway_source_port() {
    let web = |number| entry(number, AclAction::Allow, tcp(443, 443), "0.0.0.0/0");
    let ports = |from, to| entry(2, AclAction::Allow, tcp(from, to), "8.0.0.0/8");
    let all = || vec![allow(1, "0.0.0.0/0")];
    for (ingress, reply) in [
        (vec![web(1), ports(1024, 65535)], "delivered reply-returns"),
        (
            vec![web(1), ports(1025, 65535)],
            "undetermined nat-gateway-source-port",
        ),
        (
            vec![web(1), ports(1024, 65534)],
            "undetermined nat-gateway-source-port",
        ),
        (
            vec![web(1), ports(40000, 40000)],
            "undetermined nat-gateway-source-port",
        ),
        (vec![web(1), ports(0, 1023)], "dropped network-acl-ingress"),
        (vec![web(1)], "dropped network-acl-ingress"),
    ] {
        assert_decides(
            nat_acl(ingress, all()),
            &format!(
                "b 10.0.2.10 -> 8.8.8.8 tcp/443 => delivered internet-gateway-delivers; reply {reply}"
            ),
        );
    }
    let only_in = vec![allow(1, "8.0.0.0/8")];
    assert_decides(
        nat_acl(only_in, all()),
        "b 10.0.2.10 -> 8.8.8.8 tcp/443 => dropped network-acl-ingress",
    );
    let only_out = vec![allow(1, "8.0.0.0/8")];
    assert_decides(
        nat_acl(all(), only_out),
        "b 10.0.2.10 -> 8.8.8.8 tcp/443 => delivered internet-gateway-delivers; reply dropped network-acl-egress",
    );
}

/// VPCs v and w over a peering, and `c` in w.
fn peered() -> NetworkDraft {
    let mut draft = with_nat();
    vpc(&mut draft, "w", &["10.1.0.0/16"]);
    subnet(&mut draft, "e", "w", &["10.1.1.0/24"]);
    interface(&mut draft, "c", "e", &["10.1.1.10"], &["w-open"]);
    peering(&mut draft, "p", "v", "w");
    for (table, block) in [("v-main", "10.1.0.0/16"), ("w-main", "10.0.0.0/16")] {
        add_route(&mut draft, table, to(block, Target::Peering("p".into())));
    }
    draft
}

#[test]
fn over_a_peering() {
    let mut draft = peered();
    interface(&mut draft, "f", "d", &["10.0.2.12"], &["v-open"]);
    last_interface(&mut draft).source_destination_check = false;
    add_route(
        &mut draft,
        "w-main",
        to("0.0.0.0/0", Target::Peering("p".into())),
    );
    assert_decides(
        draft,
        &format!(
            "b 10.0.2.10 -> 10.1.1.10 tcp/443 => {FINE}
             b 10.0.2.10 -> 10.1.1.11 tcp/443 => dropped address-owner
             f 10.9.9.9 -> 10.1.1.10 tcp/443 => dropped peering-addresses
             c 10.1.1.10 -> 8.8.8.8 tcp/443 => dropped peering-addresses
             c 10.1.1.10 -> 10.0.1.10 tcp/443 => delivered interface-accepts; reply dropped reply-returns"
        ),
    );
    let mut draft = peered();
    draft.peerings[0].active = false;
    assert_decides(
        draft,
        "b 10.0.2.10 -> 10.1.1.10 tcp/443 => dropped peering-active",
    );
    let mut draft = peered();
    draft.peerings[0].accepter = PeeringEnd::Outside("far".to_owned());
    draft.route_tables.retain(|one| one.id.as_str() != "w-main");
    draft.vpcs.retain(|one| one.id.as_str() != "w");
    draft.subnets.retain(|one| one.vpc.as_str() != "w");
    draft.network_acls.retain(|one| one.vpc.as_str() != "w");
    draft.security_groups.retain(|one| one.vpc.as_str() != "w");
    draft
        .network_interfaces
        .retain(|one| one.id.as_str() != "c");
    assert_decides(
        draft,
        "b 10.0.2.10 -> 10.1.1.10 tcp/443 => undetermined peering-outside; reply undetermined peering-outside",
    );
}

#[test]
fn nat_gateway_return_to_sender() {
    let mut draft = peered();
    // The client reaches the peering through the NAT gateway only, and w has no route back.
    let tables = &mut draft.route_tables;
    for table in tables.iter_mut() {
        table
            .routes
            .retain(|one| one.target.known() != Some(&Target::Peering("p".into())));
    }
    add_route(
        &mut draft,
        "out",
        to("10.1.0.0/16", Target::Peering("p".into())),
    );
    assert_decides(
        draft.clone(),
        &format!("b 10.0.2.10 -> 10.1.1.10 tcp/443 => {FINE}"),
    );
    acl(
        &mut draft,
        "low",
        "w",
        vec![entry(1, AclAction::Allow, tcp(0, 30000), "0.0.0.0/0")],
    );
    draft.subnets[2].network_acl = Value::Known("low".into());
    assert_decides(
        draft,
        "b 10.0.2.10 -> 10.1.1.10 tcp/443 => delivered interface-accepts; reply undetermined nat-gateway-source-port",
    );
}

fn gateway_endpoint(draft: &mut NetworkDraft) {
    draft.prefix_lists.push(PrefixList {
        id: "pl-s3".into(),
        name: "com.amazonaws.eu-west-1.s3".to_owned(),
        family: model::Family::V4,
        aws_managed: true,
        entries: Value::Known([block("3.0.0.0/16")].into()),
    });
    draft.vpc_endpoints.push(VpcEndpoint {
        kind: model::EndpointKind::Gateway {
            prefix_lists: ids(&["pl-s3"]),
        },
        ..endpoint("vpce-s3", "com.amazonaws.eu-west-1.s3")
    });
}

fn to_s3() -> model::Route {
    route(
        RouteDestination::PrefixList("pl-s3".into()),
        Target::GatewayEndpoint("vpce-s3".into()),
    )
}

#[test]
fn by_a_gateway_endpoint() {
    let mut draft = two_subnets();
    gateway_endpoint(&mut draft);
    add_route(&mut draft, "v-main", to_s3());
    interface(&mut draft, "f", "d", &["10.0.2.12"], &["v-open"]);
    last_interface(&mut draft).source_destination_check = false;
    let fine = "delivered gateway-endpoint-delivers; reply delivered reply-returns";
    assert_decides(
        draft.clone(),
        &format!(
            "a 10.0.1.10 -> 3.0.0.1 tcp/443 => {fine}
             a 10.0.1.10 -> 3.0.0.1 icmp/8/0 => {fine}
             a 10.0.1.10 -> 3.0.0.1 icmp/8/1 => dropped gateway-endpoint-protocol
             a 10.0.1.10 -> 3.0.0.1 udp/443 => dropped gateway-endpoint-protocol
             a 10.0.1.10 -> 3.1.0.1 tcp/443 => dropped longest-prefix-match
             f 172.16.0.1 -> 3.0.0.1 tcp/443 => dropped gateway-endpoint-own-vpc"
        ),
    );
    draft.vpc_endpoints[0].available = false;
    assert_decides(
        draft,
        "a 10.0.1.10 -> 3.0.0.1 tcp/443 => dropped gateway-endpoint-available",
    );
}

#[test]
fn at_an_interface_endpoint() {
    let mut draft = two_subnets();
    interface_endpoint(
        &mut draft,
        "vpce-kms",
        "com.amazonaws.eu-west-1.kms",
        "k",
        "10.0.2.50",
    );
    assert_decides(
        draft.clone(),
        &format!(
            "a 10.0.1.10 -> 10.0.2.50 tcp/443 => {FINE}
             a 10.0.1.10 -> 10.0.2.50 udp/443 => {FINE}
             a 10.0.1.10 -> 10.0.2.50 icmp/8/0 => dropped interface-endpoint-protocol
             k 10.0.2.50 -> 10.0.1.10 tcp/443 => dropped interface-endpoint-consumer-initiated"
        ),
    );
    draft.vpc_endpoints[0].available = false;
    assert_decides(
        draft,
        "a 10.0.1.10 -> 10.0.2.50 tcp/443 => dropped interface-endpoint-available",
    );
}

#[test]
fn a_certain_drop_behind_an_undetermined_filter_decides() {
    let mut draft = public();
    draft.subnets[0].network_acl = Value::Any(hole("the ACL"));
    group(
        &mut draft,
        "none",
        "v",
        vec![],
        vec![rule(RuleTraffic::All, "0.0.0.0/0")],
    );
    set_groups(&mut draft, "b", &["none"]);
    assert_decides(
        draft,
        "a 10.0.1.10 -> 10.0.2.10 tcp/443 => dropped security-group-ingress
         a 10.0.1.10 -> 8.8.8.8 tcp/443 => undetermined network-acl-unknown; reply undetermined network-acl-unknown
         a 10.0.1.10 -> 52.0.0.1 tcp/443 => undetermined network-acl-unknown; reply undetermined network-acl-unknown
         a 10.0.1.10 -> 172.16.1.1 tcp/443 => dropped internet-gateway-private-destination",
    );
}

/// `a` and `x` (excluded from the mode for what goes out) have a way out in `s` and `o`, `c` goes by an egress-only
/// gateway from `d`, and `b` in `d` by the NAT gateway of `s`.
fn blocked(mode: Value<BlockPublicAccess>) -> NetworkDraft {
    let mut draft = with_nat();
    add_ipv6(&mut draft);
    open_to_ipv6(&mut draft);
    subnet(&mut draft, "o", "v", &["10.0.3.0/24"]);
    draft.subnets[2].route_table = Some(Value::Known("out".into()));
    draft.subnets[2].exclusion = Some(Exclusion::Egress);
    interface(&mut draft, "x", "o", &["10.0.3.10=52.0.0.3"], &["v-open"]);
    let gateway = EgressOnlyInternetGateway {
        id: "eigw".into(),
        vpc: "v".into(),
        tags: Default::default(),
    };
    draft.egress_only_internet_gateways.push(gateway);
    let target = Target::EgressOnlyInternetGateway("eigw".into());
    add_route(&mut draft, "out", to("::/0", target));
    draft.vpcs[0].block_public_access = mode;
    draft
}

const BLOCKED: &str = "dropped vpc-block-public-access";
const DOUBTFUL: &str = "undetermined vpc-block-public-access; reply delivered reply-returns";
const OUT_V6: &str = "delivered egress-only-internet-gateway; reply delivered reply-returns";

/// What becomes of: `a` out, in to `a`, `a` by the egress-only gateway, `b` by the NAT gateway, `x` out, in to `x`.
#[track_caller]
fn assert_ways(draft: NetworkDraft, answers: [&str; 6]) {
    let [
        out,
        inbound,
        egress_only,
        behind_nat,
        excluded_out,
        excluded_in,
    ] = answers;
    assert_decides(
        draft,
        &format!(
            "a 10.0.1.10 -> 8.8.8.8 tcp/443 => {out}
             internet 8.8.8.8 -> 52.0.0.1 tcp/443 => {inbound}
             a 2600:1::10 -> 2a00::1 tcp/443 => {egress_only}
             b 10.0.2.10 -> 8.8.8.8 tcp/443 => {behind_nat}
             x 10.0.3.10 -> 8.8.8.8 tcp/443 => {excluded_out}
             internet 8.8.8.8 -> 52.0.0.3 tcp/443 => {excluded_in}"
        ),
    );
}

#[test]
fn vpc_block_public_access_by_mode() {
    let blocked = |mode| blocked(Value::Known(mode));
    let off = blocked(BlockPublicAccess::Off);
    assert_ways(off, [OUT, FINE, OUT_V6, OUT, OUT, FINE]);
    let both = blocked(BlockPublicAccess::Bidirectional);
    let answers = [BLOCKED, BLOCKED, BLOCKED, BLOCKED, OUT, BLOCKED];
    assert_ways(both, answers);
    let ingress = blocked(BlockPublicAccess::Ingress);
    let answers = [BLOCKED, BLOCKED, OUT_V6, OUT, BLOCKED, BLOCKED];
    assert_ways(ingress, answers);
}

#[test]
fn vpc_block_public_access_with_exclusions() {
    for mode in [BlockPublicAccess::Bidirectional, BlockPublicAccess::Ingress] {
        let mut draft = blocked(Value::Known(mode));
        draft.vpcs[0].exclusion = Some(Exclusion::Bidirectional);
        assert_ways(draft, [OUT, FINE, OUT_V6, OUT, OUT, FINE]);
    }
    let mut draft = blocked(Value::Known(BlockPublicAccess::Bidirectional));
    draft.vpcs[0].exclusion = Some(Exclusion::Egress);
    draft.subnets[2].exclusion = Some(Exclusion::Bidirectional);
    assert_ways(draft, [OUT, BLOCKED, OUT_V6, OUT, OUT, FINE]);
    // The client's subnet does not speak for what its NAT gateway sends.
    let mut draft = blocked(Value::Known(BlockPublicAccess::Bidirectional));
    draft.subnets[1].exclusion = Some(Exclusion::Bidirectional);
    let answers = [BLOCKED, BLOCKED, BLOCKED, BLOCKED, OUT, BLOCKED];
    assert_ways(draft, answers);
}

#[test]
fn vpc_block_public_access_that_is_not_known() {
    let any = || blocked(Value::Any(hole("mode")));
    let answers = [DOUBTFUL, DOUBTFUL, DOUBTFUL, DOUBTFUL, DOUBTFUL, DOUBTFUL];
    assert_ways(any(), answers);
    let modes = vec![BlockPublicAccess::Ingress, BlockPublicAccess::Bidirectional];
    let on = blocked(Value::OneOf(modes, hole("mode")));
    let answers = [BLOCKED, BLOCKED, DOUBTFUL, DOUBTFUL, DOUBTFUL, BLOCKED];
    assert_ways(on, answers);
    let modes = vec![BlockPublicAccess::Off, BlockPublicAccess::Bidirectional];
    let perhaps = blocked(Value::OneOf(modes, hole("mode")));
    let answers = [DOUBTFUL, DOUBTFUL, DOUBTFUL, DOUBTFUL, OUT, DOUBTFUL];
    assert_ways(perhaps, answers);
    // What certainly drops behind it decides.
    assert_decides(
        any(),
        "a 10.0.1.10 -> 172.16.0.1 tcp/443 => dropped internet-gateway-private-destination
         internet 8.8.8.8 -> 52.0.0.200 tcp/443 => dropped nat-gateway-outbound-only",
    );
    assert_decides(
        blocked(Value::Known(BlockPublicAccess::Ingress)),
        "internet 8.8.8.8 -> 52.0.0.200 tcp/443 => dropped vpc-block-public-access",
    );
}
