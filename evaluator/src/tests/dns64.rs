//! `dns64` and `inbound-resolver`, and names that are sent to by NAT64 and from premises.

use std::collections::BTreeSet;

use model::{
    Asker, Clause, Engine, Family, Hole, InboundResolver, Invariant, OnPremisesService, Origin,
    Place, ResolverAction, RuleTraffic, Scope, Subnet, Value, Verdict, Vpc,
};

use super::checks::{always, any_tcp, expect, interfaces, never, scope, sometimes, told};
use super::lab::{Lab, cidr, from_cidr};
use super::nat64::translating;
use super::on_premises::virtual_private;
use super::resolve::answered;

const SQS: &str = "sqs.ap-northeast-1.amazonaws.com";

fn subnet<'a>(lab: &'a mut Lab, id: &str) -> &'a mut Subnet {
    let mut subnets = lab.draft.subnets.iter_mut();
    subnets.find(|one| one.id.as_str() == id).expect(id)
}

fn vpc<'a>(lab: &'a mut Lab, id: &str) -> &'a mut Vpc {
    let mut vpcs = lab.draft.vpcs.iter_mut();
    vpcs.find(|one| one.id.as_str() == id).expect(id)
}

fn present(dns64: bool) -> InboundResolver {
    let dns64 = Value::Known(dns64);
    InboundResolver::Present { dns64 }
}

/// `p` in `b`, whose subnet has DNS64 and leads its addresses to a NAT gateway.
fn six() -> Lab {
    let records = [
        "y.example -> 10.0.3.10",
        "six.example -> 2600:1f00:0:2::b",
        "far.example -> 10.0.9.9",
    ];
    translating()
        .hosted_zone("example", &["v"], &records)
        .with(|lab| subnet(lab, "b").dns64 = true)
}

/// IPv6 of `p` to a name.
fn from_p(name: &str) -> Scope {
    Scope {
        families: BTreeSet::from([Family::V6]),
        ..scope(
            interfaces(&["p"]),
            Place::Name(name.into()),
            vec![any_tcp()],
        )
    }
}

fn shut(lab: Lab, interface: &str) -> Lab {
    lab.group("shut", "v", vec![], vec![])
        .with(|lab| lab.interface_mut(interface).groups = Value::Known(["shut".into()].into()))
}

#[test]
fn a_name_means_addresses_of_nat64_besides() {
    let witness = "p: 2600:1f00:0:2::a -> 64:ff9b::a00:30a tcp/443 from port 40000";
    let lab = six();
    expect(&lab, &always(from_p("y.example")), "holds");
    expect(
        &lab,
        &sometimes(from_p("y.example")),
        &format!("holds {witness}"),
    );
    expect(
        &lab,
        &never(from_p("y.example")),
        &format!("violated {witness}"),
    );
    expect(&shut(six(), "y"), &never(from_p("y.example")), "holds");
    // The address itself is meant as before.
    let both = Scope {
        families: BTreeSet::from([Family::V4, Family::V6]),
        ..from_p("y.example")
    };
    expect(&lab, &always(both), "holds");
    // Nobody has the address; its subnet has no DNS64; nothing leads to a NAT gateway.
    expect(&lab, &never(from_p("far.example")), "holds");
    let plain = six().with(|lab| subnet(lab, "b").dns64 = false);
    expect(&plain, &never(from_p("y.example")), "vacuous");
    let unled = six().table("none", "v", &["b"]);
    expect(&unled, &never(from_p("y.example")), "holds");
    expect(
        &unled,
        &always(from_p("y.example")),
        &format!("violated {witness}"),
    );
    // What is of IPv6 is left as it is.
    let v6 = six().interface("z", "b", "v", &["2600:1f00:0:2::b"]);
    expect(
        &v6,
        &sometimes(from_p("six.example")),
        "holds p: 2600:1f00:0:2::a -> 2600:1f00:0:2::b tcp/443 from port 40000",
    );
}

#[test]
fn interfaces_are_arrived_at_by_nat64() {
    let lab = six().interface_endpoint("e", "v", "c", "10.0.3.20");
    expect(&lab, &always(from_p(SQS)), "holds");
    expect(
        &lab,
        &sometimes(from_p(SQS)),
        "holds p: 2600:1f00:0:2::a -> 64:ff9b::a00:314 tcp/443 from port 40000",
    );
    let unknown = |lab: &Lab, invariant: Invariant| {
        let verdict = lab.load().check(&invariant);
        let is_unknown = matches!(verdict, Verdict::Unknown { .. });
        assert!(is_unknown, "{}", told(&verdict));
    };
    // Where its address is open, it is which flows are meant, with NAT64 on their way or without.
    let open = six().interface_endpoint("e", "v", "c", "10.0.3.128/25");
    unknown(&open, sometimes(from_p(SQS)));
    unknown(&open, never(from_p(SQS)));
    expect(&open, &always(from_p(SQS)), "holds");
    let unled = open.table("none", "v", &["b"]);
    unknown(&unled, always(from_p(SQS)));
    expect(&unled, &never(from_p(SQS)), "holds");
}

#[test]
fn a_service_is_reached_by_nat64() {
    let listed = six().list("sqs", true, Some(&["52.219.0.0/20"]));
    expect(&listed, &always(from_p(SQS)), "holds");
    expect(
        &listed,
        &never(from_p(SQS)),
        "violated p: 2600:1f00:0:2::a -> 64:ff9b::34db:0 tcp/443 from port 40000",
    );
    let hole = "unknown on public addresses of com.amazonaws.ap-northeast-1.sqs";
    expect(&six(), &sometimes(from_p(SQS)), hole);
    expect(&six(), &never(from_p(SQS)), hole);
    let unled = six().table("none", "v", &["b"]);
    expect(&unled, &never(from_p(SQS)), "holds");
    expect(&unled, &always(from_p(SQS)), hole);
}

#[test]
fn what_dns64_adds_to_a_forwarded_answer_is_open() {
    let lab = |inbound: InboundResolver| {
        six()
            .vpc("hub", &["10.1.0.0/16"])
            .hosted_zone("hub.example", &["hub"], &["y.hub.example -> 10.0.3.10"])
            .rule(
                "hub.example",
                ResolverAction::ForwardTo("hub".into()),
                &["v"],
            )
            .with(|lab| vpc(lab, "hub").inbound_resolver = inbound)
    };
    let name = "y.hub.example";
    expect(&lab(present(true)), &always(from_p(name)), "holds");
    let hole =
        "unknown on whether DNS64 adds to what y.hub.example is answered, which is forwarded";
    for without in [InboundResolver::Unknown, present(false)] {
        expect(&lab(without), &never(from_p(name)), hole);
    }
    let dns64 = Value::Any(Hole::new("its endpoints"));
    let either = InboundResolver::Present { dns64 };
    expect(
        &lab(either),
        &never(from_p(name)),
        "unknown on its endpoints",
    );
    let deaf = lab(InboundResolver::Absent);
    expect(&deaf, &never(from_p(name)), "vacuous");
}

#[test]
fn a_trace_tells_the_places() {
    let lab = six()
        .vpc("hub", &["10.1.0.0/16"])
        .hosted_zone("hub.example", &["hub"], &["y.hub.example -> 10.0.3.10"])
        .rule(
            "hub.example",
            ResolverAction::ForwardTo("hub".into()),
            &["v"],
        )
        .with(|lab| vpc(lab, "hub").inbound_resolver = present(true));
    let trace = lab
        .load()
        .trace_name(&Asker::Subnet("a".into()), "y.hub.example");
    assert_eq!(trace.resolution.clause, Clause::Dns64);
    assert_eq!(answered(&trace.resolution.answer), " nat64 10.0.3.10");
    let places: Vec<_> = trace
        .asked
        .iter()
        .map(|one| (one.inbound, &one.dns64))
        .collect();
    let (off, on) = (Value::Known(false), Value::Known(true));
    assert_eq!(places, [(false, &off), (true, &on)]);
}

/// From premises, whose hosts ask by a VPC's inbound resolver endpoint or send to no name.
fn premises(block: &str, resolver: Option<&str>) -> Origin {
    Origin::OnPremises {
        blocks: Some(BTreeSet::from([cidr(block)])),
        resolver: resolver.map(Into::into),
    }
}

fn from_premises(block: &str, resolver: Option<&str>, name: &str) -> Scope {
    scope(
        premises(block, resolver),
        Place::Name(name.into()),
        vec![any_tcp()],
    )
}

/// `v` and `w` answer differently for one name.
fn split() -> Lab {
    let here = ["x.example -> 10.0.1.10"];
    virtual_private()
        .hosted_zone("example", &["v"], &here)
        .hosted_zone(
            "elsewhere.example",
            &["w"],
            &["x.elsewhere.example -> 10.0.1.10"],
        )
}

const OFFICE: &str = "192.168.0.0/16";

#[test]
fn hosts_on_premises_ask_by_an_inbound_resolver_endpoint() {
    let lab = split();
    let witness = "on premises by g: 192.168.0.0 -> 10.0.1.10 tcp/443 from port 40000";
    let asked = |resolver| from_premises(OFFICE, resolver, "x.example");
    expect(&lab, &always(asked(Some("v"))), "holds");
    expect(
        &lab,
        &sometimes(asked(Some("v"))),
        &format!("holds {witness}"),
    );
    expect(
        &lab,
        &never(asked(Some("v"))),
        &format!("violated {witness}"),
    );
    // Nobody says how they ask; there it is not known; and what is known to have no endpoint.
    expect(&lab, &never(asked(None)), "vacuous");
    expect(
        &lab,
        &never(asked(Some("w"))),
        "unknown on packets of g between its sites on what x.example means",
    );
    let deaf = split().with(|lab| vpc(lab, "v").inbound_resolver = InboundResolver::Absent);
    expect(&deaf, &never(asked(Some("v"))), "vacuous");
}

#[test]
fn private_dns_for_inbound_endpoints_only_is_for_premises() {
    let lab = virtual_private()
        .interface_endpoint("e", "v", "a", "10.0.1.20")
        .with(|lab| {
            if let model::EndpointKind::Interface {
                private_dns_inbound_only,
                ..
            } = &mut lab.endpoint_mut("e").kind
            {
                *private_dns_inbound_only = true;
            }
        });
    expect(
        &lab,
        &always(from_premises(OFFICE, Some("v"), SQS)),
        "holds",
    );
    let inside = scope(interfaces(&["x"]), Place::Name(SQS.into()), vec![any_tcp()]);
    let hole = "unknown on public addresses of com.amazonaws.ap-northeast-1.sqs";
    expect(&lab, &always(inside), hole);
}

#[test]
fn each_host_asks_as_the_origins_say_that_hold_its_address() {
    let lab = split();
    let of = |origins: &[(&str, Option<&str>)], name: &str| {
        let origins = origins.iter().map(|(block, of)| premises(block, *of));
        Scope {
            from: origins.collect(),
            ..from_premises(OFFICE, None, name)
        }
    };
    let one = [("192.168.0.0/17", None), ("192.168.128.0/17", Some("v"))];
    expect(
        &lab,
        &sometimes(of(&one, "x.example")),
        "holds on premises by g: 192.168.128.0 -> 10.0.1.10 tcp/443 from port 40000",
    );
    // By any of theirs.
    let both = [(OFFICE, Some("w")), ("192.168.77.7/32", Some("v"))];
    let both = of(&both, "x.elsewhere.example");
    expect(
        &lab,
        &sometimes(both),
        "holds on premises by g: 192.168.0.0 -> 10.0.1.10 tcp/443 from port 40000",
    );
    let guarded = vec![from_cidr(RuleTraffic::All, "192.168.77.7/32")];
    let lab = lab
        .group("h", "v", guarded, vec![])
        .with(|lab| lab.interface_mut("x").groups = Value::Known(["h".into()].into()));
    let apart = [("192.168.0.0/17", None), ("192.168.77.7/32", Some("v"))];
    expect(&lab, &always(of(&apart, "x.example")), "holds");
}

#[test]
fn hosts_on_premises_are_translated_by_the_endpoints_dns64() {
    let lab = six()
        .transit_gateway("t")
        .attach_on_premises("office", "t", OnPremisesService::Vpn, &["2600:1f77::/32"])
        .attach("v-t", "t", "v", &["b"])
        .with(|lab| {
            let attachment = lab.attachment_mut("v-t");
            if let model::AttachmentKind::Vpc { ipv6_support, .. } = &mut attachment.kind {
                *ipv6_support = true;
            }
            vpc(lab, "v").inbound_resolver = present(true);
        })
        .transit_route("t", "64:ff9b::/96", Some("v-t"));
    let asked = || from_premises("2600:1f77::/32", Some("v"), "y.example");
    expect(
        &lab,
        &sometimes(asked()),
        "holds on premises by office: 2600:1f77:: -> 64:ff9b::a00:30a tcp/443 from port 40000",
    );
    // The DNS64 of subnets is nothing to them.
    let without = lab.with(|lab| vpc(lab, "v").inbound_resolver = present(false));
    expect(&without, &never(asked()), "vacuous");
}
