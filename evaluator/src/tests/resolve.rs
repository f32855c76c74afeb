use std::collections::BTreeSet;

use model::{Answer, EndpointKind, EndpointName, Engine, Hole, Value};

use super::lab::Lab;

/// `v` with an interface endpoint `e` of sqs, and `w` without.
fn two() -> Lab {
    Lab::default()
        .vpc("v", &["10.0.0.0/16"])
        .vpc("w", &["10.1.0.0/16"])
        .subnet("a", "v", &["10.0.1.0/24"])
        .interface_endpoint("e", "v", "a", "10.0.1.20")
}

#[track_caller]
fn expect(lab: &Lab, vpc: &str, name: &str, expected: &str) {
    let resolution = lab.load().resolve(&vpc.into(), name);
    let answer = match &resolution.answer {
        Answer::Interfaces(ids) => ids.iter().map(|id| format!(" {id}")).collect(),
        Answer::PublicService(service) => format!(" {service}"),
        Answer::NoAnswer => " nothing".to_owned(),
        Answer::Undetermined(_) => " undetermined".to_owned(),
    };
    assert_eq!(format!("{}{answer}", resolution.clause), expected, "{name}");
}

const SQS: &str = "sqs.ap-northeast-1.amazonaws.com";

#[test]
fn dns_custom_servers() {
    let lab = two().with(|lab| lab.draft.vpcs[0].custom_dns_servers = true);
    expect(&lab, "v", SQS, "dns-custom-servers undetermined");
}

#[test]
fn dns_support() {
    let lab = two().with(|lab| lab.draft.vpcs[0].dns_support = false);
    expect(&lab, "v", SQS, "dns-support nothing");
}

#[test]
fn endpoint_private_dns() {
    expect(
        &two(),
        "v",
        "SQS.ap-northeast-1.amazonaws.com.",
        "endpoint-private-dns e",
    );
    expect(
        &two(),
        "w",
        SQS,
        "service-public-name com.amazonaws.ap-northeast-1.sqs",
    );
    let public = "service-public-name com.amazonaws.ap-northeast-1.sqs";
    expect(
        &two().with(|lab| lab.draft.vpcs[0].dns_hostnames = false),
        "v",
        SQS,
        public,
    );
    expect(
        &two().with(|lab| lab.endpoint_mut("e").available = false),
        "v",
        SQS,
        public,
    );
    let inbound_only = two().with(|lab| match &mut lab.endpoint_mut("e").kind {
        EndpointKind::Interface {
            private_dns_inbound_only,
            ..
        } => *private_dns_inbound_only = true,
        EndpointKind::Gateway { .. }
        | EndpointKind::GatewayLoadBalancer { .. }
        | EndpointKind::Unmodelled(_) => {
            panic!("an interface endpoint")
        }
    });
    expect(&inbound_only, "v", SQS, public);
}

#[test]
fn the_longest_listed_name_decides() {
    let listing = |lab: Lab, id: &str, name: &str| {
        lab.with(|lab| match &mut lab.endpoint_mut(id).kind {
            EndpointKind::Interface { private_names, .. } => {
                *private_names = BTreeSet::from([name.to_owned()]);
            }
            EndpointKind::Gateway { .. }
            | EndpointKind::GatewayLoadBalancer { .. }
            | EndpointKind::Unmodelled(_) => {
                panic!("an interface endpoint")
            }
        })
    };
    let lab = two()
        .interface_endpoint("f", "v", "a", "10.0.1.21")
        .interface_endpoint("g", "v", "a", "10.0.1.22");
    let lab = listing(lab, "e", "*.example.com");
    let lab = listing(lab, "f", "*.a.example.com");
    let lab = listing(lab, "g", "b.a.example.com");
    expect(&lab, "v", "x.example.com", "endpoint-private-dns e");
    expect(&lab, "v", "x.a.example.com", "endpoint-private-dns f");
    expect(&lab, "v", "b.a.example.com", "endpoint-private-dns g");
    expect(&lab, "v", "example.com", "name-unmodelled undetermined");
}

#[test]
fn endpoint_specific_name() {
    let named = |names: Value<BTreeSet<EndpointName>>| {
        two().with(|lab| match &mut lab.endpoint_mut("e").kind {
            EndpointKind::Interface {
                specific_names,
                private_dns,
                ..
            } => {
                *specific_names = names;
                *private_dns = false;
            }
            EndpointKind::Gateway { .. }
            | EndpointKind::GatewayLoadBalancer { .. }
            | EndpointKind::Unmodelled(_) => {
                panic!("an interface endpoint")
            }
        })
    };
    let name = "vpce-1.sqs.ap-northeast-1.vpce.amazonaws.com";
    let lab = named(Value::Known(BTreeSet::from([EndpointName {
        name: name.into(),
        interface: None,
    }])));
    expect(&lab, "v", name, "endpoint-specific-name e");
    expect(&lab, "w", name, "endpoint-specific-name e");
    expect(
        &lab,
        "w",
        "vpce-2.sqs.ap-northeast-1.vpce.amazonaws.com",
        "endpoint-specific-name nothing",
    );
    let unknown = named(Value::Any(Hole::new("names of e")));
    expect(&unknown, "w", name, "endpoint-specific-name undetermined");
}

#[test]
fn service_public_name() {
    expect(
        &two(),
        "w",
        "api.ecr.eu-west-1.amazonaws.com",
        "service-public-name com.amazonaws.eu-west-1.ecr.api",
    );
    expect(
        &two(),
        "w",
        "a.b.s3.eu-west-1.amazonaws.com",
        "service-public-name com.amazonaws.eu-west-1.s3",
    );
    expect(
        &two(),
        "w",
        "s3.us-gov-west-1.amazonaws.com",
        "service-public-name com.amazonaws.us-gov-west-1.s3",
    );
}

#[test]
fn name_unmodelled() {
    for name in [
        "example.com",
        "amazonaws.com",
        "s3.amazonaws.com",
        "s3.nowhere.amazonaws.com",
        ".eu-west-1.amazonaws.com",
    ] {
        expect(&two(), "w", name, "name-unmodelled undetermined");
    }
}
