use model::{
    BlockPublicAccess, Clause, EgressOnlyInternetGateway, Exclusion, Hole, RouteDestination,
    RuleTraffic, Target, Value,
};

use super::lab::{Lab, allow, cidr, tcp};

fn igw() -> Target {
    Target::InternetGateway("i".into())
}

fn nat() -> Target {
    Target::NatGateway("n".into())
}

/// `x` in the public subnet `a`, `p` in the private subnet `b` behind the NAT gateway `n` of `a`.
pub fn three() -> Lab {
    Lab::default()
        .vpc("v", &["10.0.0.0/16", "2600:1f00::/56"])
        .subnet("a", "v", &["10.0.1.0/24", "2600:1f00:0:1::/64"])
        .subnet("b", "v", &["10.0.2.0/24"])
        .internet_gateway("i", Some("v"))
        .interface(
            "x",
            "a",
            "v",
            &["10.0.1.10=203.0.113.10", "2600:1f00:0:1::a", "10.0.1.11"],
        )
        .interface("p", "b", "v", &["10.0.2.10"])
        .nat_gateway("n", "a", "v", &["10.0.1.99=203.0.113.99"])
        .route("v", "0.0.0.0/0", igw())
        .route("v", "::/0", igw())
        .table("private", "v", &["b"])
        .route("private", "0.0.0.0/0", nat())
}

#[test]
fn internet_gateway_attached() {
    let lab = three().with(|lab| lab.draft.internet_gateways[0].vpc = None);
    lab.expect("x 10.0.1.10 -> 8.8.8.8 tcp/443 => dropped internet-gateway-attached");
}

#[test]
fn internet_gateway_private_destination() {
    three().expect(
        "x 10.0.1.10 -> 192.168.0.1 tcp/443 => dropped internet-gateway-private-destination",
    );
    three().expect(
        "x 2600:1f00:0:1::a -> fe80::1 tcp/443 => dropped internet-gateway-private-destination",
    );
}

#[test]
fn internet_gateway_public_address() {
    three().expect("x 10.0.1.11 -> 8.8.8.8 tcp/443 => dropped internet-gateway-public-address");
    three().expect("x 10.0.1.10 -> 8.8.8.8 tcp/443 => delivered internet-gateway-delivers; reply delivered reply-returns");
    three().expect("x 2600:1f00:0:1::a -> 2001:4860::8888 tcp/443 => delivered internet-gateway-delivers; reply delivered reply-returns");
}

#[test]
fn internet_gateway_hairpin() {
    three().expect("x 10.0.1.10 -> 203.0.113.99 tcp/443 => dropped nat-gateway-outbound-only");
    three().expect(
        "internet 203.0.113.99 -> 203.0.113.10 tcp/443 => undetermined internet-gateway-private-source",
    );
}

#[test]
fn internet_gateway_replies_are_judged_by_the_senders_acl() {
    let all = || allow(1, RuleTraffic::All, "0.0.0.0/0");
    let lab = three().acl(
        "m",
        "v",
        &["a"],
        vec![allow(1, tcp(0, 1023), "0.0.0.0/0")],
        vec![all()],
    );
    lab.expect("x 10.0.1.10 -> 8.8.8.8 tcp/443 => delivered internet-gateway-delivers; reply dropped network-acl-ingress");
    lab.passes("x 10.0.1.10 -> 8.8.8.8 tcp/443", Clause::GatewayStateful);
}

#[test]
fn internet_gateway_private_source() {
    three().expect(
        "internet 10.1.1.1 -> 203.0.113.10 tcp/443 => dropped internet-gateway-private-source",
    );
}

#[test]
fn internet_gateway_inbound() {
    three().expect("internet 8.8.8.8 -> 203.0.113.10 tcp/443 => delivered interface-accepts; reply delivered reply-returns");
    three().expect("internet 2001:4860::8888 -> 2600:1f00:0:1::a tcp/443 => delivered interface-accepts; reply delivered reply-returns");
    three().expect("internet 8.8.8.8 -> 203.0.113.11 tcp/443 => dropped internet-gateway-inbound");
    let detached = three().with(|lab| lab.draft.internet_gateways[0].vpc = None);
    detached.expect("internet 8.8.8.8 -> 203.0.113.10 tcp/443 => dropped internet-gateway-inbound");
}

#[test]
fn internet_gateway_edge_table() {
    // With nothing but the local route it changes nothing.
    let lab = three().edge_table("i", "edge", "v");
    lab.expect("internet 8.8.8.8 -> 203.0.113.10 tcp/443 => delivered interface-accepts; reply delivered reply-returns");
    lab.passes(
        "internet 8.8.8.8 -> 203.0.113.10 tcp/443",
        Clause::InternetGatewayEdgeTable,
    );
    lab.expect("x 10.0.1.10 -> 8.8.8.8 tcp/443 => delivered internet-gateway-delivers; reply delivered reply-returns");
    let lab = lab.route("edge", "10.0.1.0/24", nat());
    lab.expect("internet 8.8.8.8 -> 203.0.113.10 tcp/443 => undetermined internet-gateway-edge-table; reply undetermined internet-gateway-edge-table");
    lab.expect("x 10.0.1.10 -> 8.8.8.8 tcp/443 => delivered internet-gateway-delivers; reply dropped internet-gateway-edge-table");
    let lab = three()
        .edge_table("i", "edge", "v")
        .route("edge", "10.0.1.0/24", igw());
    lab.expect("internet 8.8.8.8 -> 203.0.113.10 tcp/443 => undetermined route-inside-vpc; reply undetermined route-inside-vpc");
}

#[test]
fn internet_gateway_unrouted() {
    let lab = three().table("bare", "v", &["a"]);
    lab.expect("internet 8.8.8.8 -> 203.0.113.10 tcp/443 => undetermined internet-gateway-unrouted; reply dropped longest-prefix-match");
    // An open filter: what certainly drops behind it decides.
    let closed = lab.group("none", "v", vec![], vec![]).interface(
        "z",
        "a",
        "none",
        &["10.0.1.50=203.0.113.50"],
    );
    closed.expect("internet 8.8.8.8 -> 203.0.113.50 tcp/443 => dropped security-group-ingress");
}

#[test]
fn a_reference_never_matches_what_came_from_the_internet() {
    let by_group = super::lab::rule(RuleTraffic::All, model::RulePeer::Group("v".into()));
    let lab = three().group("g", "v", vec![by_group], vec![]).interface(
        "z",
        "a",
        "g",
        &["10.0.1.50=203.0.113.50"],
    );
    lab.expect("internet 8.8.8.8 -> 203.0.113.50 tcp/443 => dropped security-group-ingress");
    lab.expect("x 10.0.1.10 -> 10.0.1.50 tcp/443 => delivered interface-accepts");
}

#[test]
fn egress_only_internet_gateway() {
    let lab = three().with(|lab| {
        lab.draft
            .egress_only_internet_gateways
            .push(EgressOnlyInternetGateway {
                id: "e".into(),
                vpc: "v".into(),
                tags: Default::default(),
            });
    });
    let lab = lab
        .table("out", "v", &["a"])
        .route("out", "::/0", Target::EgressOnlyInternetGateway("e".into()))
        .route(
            "out",
            "0.0.0.0/0",
            Target::EgressOnlyInternetGateway("e".into()),
        );
    lab.expect("x 2600:1f00:0:1::a -> 2001:4860::8888 tcp/443 => delivered egress-only-internet-gateway; reply delivered reply-returns");
    lab.expect("x 10.0.1.10 -> 8.8.8.8 tcp/443 => dropped egress-only-internet-gateway");
    lab.expect(
        "x 2600:1f00:0:1::a -> fe80::1 tcp/443 => dropped internet-gateway-private-destination",
    );
    lab.expect("x 2600:1f00:0:1::a -> 2600:1f00:0:9::1 tcp/443 => dropped address-owner");
}

#[test]
fn nat_gateway_translates_and_back() {
    three().expect("p 10.0.2.10 -> 8.8.8.8 tcp/443 => delivered internet-gateway-delivers; reply delivered reply-returns");
    three().expect("p 10.0.2.10 -> 8.8.8.8 icmp/8/0 => delivered internet-gateway-delivers; reply delivered reply-returns");
    three().passes(
        "p 10.0.2.10 -> 8.8.8.8 tcp/443",
        Clause::NatGatewayTranslates,
    );
}

#[test]
fn nat_gateway_available() {
    let lab = three().with(|lab| lab.draft.nat_gateways[0].available = false);
    lab.expect("p 10.0.2.10 -> 8.8.8.8 tcp/443 => dropped nat-gateway-available");
}

#[test]
fn nat_gateway_protocol() {
    three().expect("p 10.0.2.10 -> 8.8.8.8 protocol/47 => dropped nat-gateway-protocol");
    let v6 = three()
        .table("six", "v", &["a"])
        .route("six", "::/0", nat());
    v6.expect("x 2600:1f00:0:1::a -> 2001:4860::8888 tcp/443 => dropped nat-gateway-protocol");
    v6.expect("x 2600:1f00:0:1::a -> 64:ff9b::808:808 protocol/47 => dropped nat-gateway-protocol");
}

#[test]
fn nat_gateway_source() {
    let lab = three().with(|lab| lab.interface_mut("p").source_destination_check = false);
    lab.expect("p 10.9.2.10 -> 8.8.8.8 tcp/443 => dropped nat-gateway-source");
    // The client's address is another's, or nobody's: the reply does not come home.
    lab.expect("p 10.0.2.11 -> 8.8.8.8 tcp/443 => delivered internet-gateway-delivers; reply dropped reply-returns");
}

#[test]
fn nat_gateway_chain() {
    let own = three()
        .table("loop", "v", &["a"])
        .route("loop", "0.0.0.0/0", nat());
    own.expect("p 10.0.2.10 -> 8.8.8.8 tcp/443 => dropped nat-gateway-chain");
    let other = three()
        .nat_gateway("o", "a", "v", &["10.0.1.98"])
        .table("chain", "v", &["a"])
        .route("chain", "0.0.0.0/0", Target::NatGateway("o".into()));
    other.expect("p 10.0.2.10 -> 8.8.8.8 tcp/443 => undetermined nat-gateway-chain; reply undetermined nat-gateway-chain");
}

#[test]
fn nat_gateway_to_endpoint() {
    let lab = three()
        .list("s3", true, Some(&["52.219.0.0/20"]))
        .gateway_endpoint("s", "v", "s3")
        .route("v", "52.219.0.0/20", Target::GatewayEndpoint("s".into()));
    lab.expect("p 10.0.2.10 -> 52.219.1.1 tcp/443 => undetermined nat-gateway-to-endpoint");
}

#[test]
fn nat_gateway_source_port() {
    let all = || allow(1, RuleTraffic::All, "0.0.0.0/0");
    let ports = |from, to| {
        three().acl(
            "m",
            "v",
            &["a"],
            vec![
                allow(1, RuleTraffic::All, "10.0.0.0/16"),
                allow(2, tcp(from, to), "0.0.0.0/0"),
            ],
            vec![all()],
        )
    };
    let flow = "p 10.0.2.10 -> 8.8.8.8 tcp/443 => delivered internet-gateway-delivers; reply";
    ports(1024, 65535).expect(&format!("{flow} delivered reply-returns"));
    ports(1025, 65535).expect(&format!("{flow} undetermined nat-gateway-source-port"));
    ports(1024, 65534).expect(&format!("{flow} undetermined nat-gateway-source-port"));
    ports(0, 1023).expect(&format!("{flow} dropped network-acl-ingress"));
}

#[test]
fn nat_gateway_outbound_only() {
    three().expect("n 10.0.1.99 -> 8.8.8.8 tcp/443 => dropped nat-gateway-outbound-only");
    three().expect("x 10.0.1.10 -> 10.0.1.99 tcp/443 => dropped nat-gateway-outbound-only");
    three().expect("internet 8.8.8.8 -> 203.0.113.99 tcp/443 => dropped nat-gateway-outbound-only");
}

#[test]
fn an_open_filter_before_an_open_end_names_the_request_and_the_end_names_the_reply() {
    let lab = three().with(|lab| {
        lab.interface_mut("x").groups = Value::Any(Hole::new("groups of x"));
    });
    let lab = lab
        .edge_table("i", "edge", "v")
        .route("edge", "10.0.1.0/24", nat());
    lab.expect("x 10.0.1.10 -> 203.0.113.10 tcp/443 => undetermined security-groups-unknown; reply undetermined internet-gateway-edge-table");
}

/// The same, with an egress-only gateway for the IPv6 of `a`, under a mode.
fn under(mode: Value<BlockPublicAccess>) -> Lab {
    three().with(|lab| {
        let gateways = &mut lab.draft.egress_only_internet_gateways;
        gateways.push(EgressOnlyInternetGateway {
            id: "e".into(),
            vpc: "v".into(),
            tags: Default::default(),
        });
        let target = Target::EgressOnlyInternetGateway("e".into());
        let everywhere = Value::Known(RouteDestination::Cidr(cidr("::/0")));
        let tables = lab.draft.route_tables.iter_mut();
        let mut routes = tables.flat_map(|table| &mut table.routes);
        let route = routes.find(|route| route.destination == everywhere);
        route.expect("the route of IPv6").target = Value::Known(target);
        lab.draft.vpcs[0].block_public_access = mode;
    })
}

const DIRECT: &str = "x 10.0.1.10 -> 8.8.8.8 tcp/443 =>";
const EGRESS_ONLY: &str = "x 2600:1f00:0:1::a -> 2001:4860::8888 tcp/443 =>";
const BEHIND_NAT: &str = "p 10.0.2.10 -> 8.8.8.8 tcp/443 =>";
const INBOUND: &str = "internet 8.8.8.8 -> 203.0.113.10 tcp/443 =>";
const BLOCKED: &str = "dropped vpc-block-public-access";
const OPEN: &str = "undetermined vpc-block-public-access; reply delivered reply-returns";
const OUT: &str = "delivered internet-gateway-delivers; reply delivered reply-returns";
const OUT_V6: &str = "delivered egress-only-internet-gateway; reply delivered reply-returns";
const IN: &str = "delivered interface-accepts; reply delivered reply-returns";

/// What becomes of the four ways between the VPC and the internet.
#[track_caller]
fn expect_ways(lab: &Lab, direct: &str, egress_only: &str, behind_nat: &str, inbound: &str) {
    lab.expect(&format!("{DIRECT} {direct}"));
    lab.expect(&format!("{EGRESS_ONLY} {egress_only}"));
    lab.expect(&format!("{BEHIND_NAT} {behind_nat}"));
    lab.expect(&format!("{INBOUND} {inbound}"));
}

#[test]
fn each_mode_blocks_its_ways() {
    let under = |mode| under(Value::Known(mode));
    expect_ways(&under(BlockPublicAccess::Off), OUT, OUT_V6, OUT, IN);
    let both = under(BlockPublicAccess::Bidirectional);
    expect_ways(&both, BLOCKED, BLOCKED, BLOCKED, BLOCKED);
    let ingress = under(BlockPublicAccess::Ingress);
    expect_ways(&ingress, BLOCKED, OUT_V6, OUT, BLOCKED);
    ingress.passes(
        "p 10.0.2.10 -> 8.8.8.8 tcp/443",
        Clause::VpcBlockPublicAccess,
    );
}

#[test]
fn exclusions_of_the_vpc_and_the_subnet_add_up() {
    let with = |mode, vpc, subnet| {
        under(Value::Known(mode)).with(|lab| {
            lab.draft.vpcs[0].exclusion = vpc;
            lab.draft.subnets[0].exclusion = subnet;
        })
    };
    let (all, out) = (Some(Exclusion::Bidirectional), Some(Exclusion::Egress));
    for (vpc, subnet) in [(all, None), (None, all), (all, out), (out, all)] {
        for mode in [BlockPublicAccess::Bidirectional, BlockPublicAccess::Ingress] {
            expect_ways(&with(mode, vpc, subnet), OUT, OUT_V6, OUT, IN);
        }
    }
    for (vpc, subnet) in [(out, None), (None, out), (out, out)] {
        let both = with(BlockPublicAccess::Bidirectional, vpc, subnet);
        expect_ways(&both, OUT, OUT_V6, OUT, BLOCKED);
        let ingress = with(BlockPublicAccess::Ingress, vpc, subnet);
        expect_ways(&ingress, BLOCKED, OUT_V6, OUT, BLOCKED);
    }
}

#[test]
fn the_subnet_of_the_nat_gateway_is_asked_not_its_clients() {
    let lab = under(Value::Known(BlockPublicAccess::Bidirectional))
        .with(|lab| lab.draft.subnets[1].exclusion = Some(Exclusion::Bidirectional));
    lab.expect(&format!("{BEHIND_NAT} {BLOCKED}"));
}

#[test]
fn a_mode_that_is_not_known_decides_only_where_all_agree() {
    let hole = || Hole::new("mode");
    let any = || under(Value::Any(hole()));
    expect_ways(&any(), OPEN, OPEN, OPEN, OPEN);
    let out = any().with(|lab| lab.draft.subnets[0].exclusion = Some(Exclusion::Egress));
    expect_ways(&out, OPEN, OUT_V6, OUT, OPEN);
    let all = any().with(|lab| lab.draft.vpcs[0].exclusion = Some(Exclusion::Bidirectional));
    expect_ways(&all, OUT, OUT_V6, OUT, IN);
    let modes = vec![BlockPublicAccess::Bidirectional, BlockPublicAccess::Ingress];
    let blocked = under(Value::OneOf(modes, hole()));
    expect_ways(&blocked, BLOCKED, OPEN, OPEN, BLOCKED);
}

#[test]
fn what_certainly_drops_behind_an_unknown_mode_decides() {
    let any = || under(Value::Any(Hole::new("mode")));
    any().expect(
        "x 10.0.1.10 -> 192.168.0.1 tcp/443 => dropped internet-gateway-private-destination",
    );
    any().expect("internet 8.8.8.8 -> 203.0.113.99 tcp/443 => dropped nat-gateway-outbound-only");
    let both = under(Value::Known(BlockPublicAccess::Bidirectional));
    both.expect("internet 8.8.8.8 -> 203.0.113.99 tcp/443 => dropped vpc-block-public-access");
    both.expect(
        "internet 10.1.1.1 -> 203.0.113.10 tcp/443 => dropped internet-gateway-private-source",
    );
}
