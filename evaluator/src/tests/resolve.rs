use std::collections::BTreeSet;

use model::{
    Answer, DnsFirewallAction, EndpointKind, EndpointName, Engine, Hole, ResolverAction, Value,
};

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
pub(super) fn expect(lab: &Lab, vpc: &str, name: &str, expected: &str) {
    let resolution = lab.load().resolve(&model::Asker::Vpc(vpc.into()), name);
    let answer = answered(&resolution.answer);
    assert_eq!(format!("{}{answer}", resolution.clause), expected, "{name}");
}

pub(super) fn answered(answer: &Answer) -> String {
    match answer {
        Answer::Interfaces(ids) => ids.iter().map(|id| format!(" {id}")).collect(),
        Answer::Addresses(of) => of.iter().map(|address| format!(" {address}")).collect(),
        Answer::PublicService(service) => format!(" {service}"),
        Answer::Dns64(of) => format!(" nat64{}", answered(of)),
        Answer::NoAnswer => " nothing".to_owned(),
        Answer::Undetermined(_) => " undetermined".to_owned(),
    }
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
    for (name, service) in [
        ("s3.us-gov-west-1", "us-gov-west-1.s3"),
        ("a.s3.eu-west-1", "eu-west-1.s3"),
        ("a.b.s3.eu-west-1", "eu-west-1.s3"),
        ("dkr.s3.eu-west-1", "eu-west-1.s3"),
        ("ecr.eu-west-1", "eu-west-1.ecr"),
        ("API.ecr.eu-west-1", "eu-west-1.ecr.api"),
        ("111122223333.dkr.ecr.eu-west-1", "eu-west-1.ecr.dkr"),
        ("execute-api.eu-west-1", "eu-west-1.execute-api"),
        ("a1b2.execute-api.eu-west-1", "eu-west-1.execute-api"),
        ("api.sagemaker.eu-west-1", "eu-west-1.sagemaker.api"),
        ("runtime.sagemaker.eu-west-1", "eu-west-1.sagemaker.runtime"),
        ("streams.dynamodb.eu-west-1", "eu-west-1.dynamodb-streams"),
        ("dynamodb-streams.eu-west-1", "eu-west-1.dynamodb-streams"),
    ] {
        let name = format!("{name}.amazonaws.com");
        let expected = format!("service-public-name com.amazonaws.{service}");
        expect(&two(), "w", &name, &expected);
    }
}

#[test]
fn name_unmodelled() {
    for name in [
        "example.com",
        "amazonaws.com",
        "s3.amazonaws.com",
        "s3.nowhere.amazonaws.com",
        "a.s3.nowhere.amazonaws.com",
        "eu-west-1.amazonaws.com",
        ".eu-west-1.amazonaws.com",
        ".s3.eu-west-1.amazonaws.com",
        ".execute-api.eu-west-1.amazonaws.com",
    ] {
        expect(&two(), "w", name, "name-unmodelled undetermined");
    }
}

#[test]
fn other_names_of_several_labels_belong_to_no_service() {
    for name in [
        "fs-1.efs",
        "api.ssm",
        "sqs.api",
        "s3.dualstack",
        "a.xs3",
        "dkr.ecr",
        "a.b.dkr.ecr",
        "a.api.ecr",
        "a.b.execute-api",
        "a.api.sagemaker",
        "a.runtime.sagemaker",
        "a.sagemaker",
        "a.streams.dynamodb",
        "a.dynamodb",
    ] {
        let name = format!("{name}.eu-west-1.amazonaws.com");
        expect(&two(), "w", &name, "name-unmodelled undetermined");
    }
}

const DB: &str = "db.corp.example";

#[test]
fn dns_firewall() {
    let blocked = "dns-firewall nothing";
    let on = "service-public-name com.amazonaws.ap-northeast-1.sqs";
    let open = "dns-firewall undetermined";
    let two = || two().with(|lab| lab.endpoint_mut("e").available = false);
    let below = "*.ap-northeast-1.amazonaws.com";
    let block = DnsFirewallAction::Block;
    let pass = DnsFirewallAction::Pass;
    expect(&two().firewall(block, &[below]), "v", SQS, blocked);
    expect(&two().firewall(block, &[below]), "w", SQS, on);
    expect(&two().firewall(block, &[SQS]), "v", SQS, blocked);
    expect(&two().firewall(block, &["*"]), "v", SQS, blocked);
    expect(&two().firewall(block, &["amazonaws.com"]), "v", SQS, on);
    expect(
        &two().firewall(block, &["*.sqs.ap-northeast-1.amazonaws.com"]),
        "v",
        SQS,
        on,
    );
    expect(
        &two().firewall(DnsFirewallAction::Override, &["*"]),
        "v",
        SQS,
        open,
    );
    let first = two().firewall(pass, &[SQS]).firewall(block, &["*"]);
    expect(&first, "v", SQS, on);
    expect(&first, "v", DB, blocked);
    // Unknown domains.
    expect(&two().firewall(block, &[]), "v", SQS, open);
    expect(&two().firewall(pass, &[]), "v", SQS, on);
    expect(
        &two().firewall(pass, &[]).firewall(pass, &["*"]),
        "v",
        SQS,
        on,
    );
    expect(
        &two().firewall(pass, &[]).firewall(block, &["x.example"]),
        "v",
        SQS,
        on,
    );
    expect(
        &two().firewall(pass, &[]).firewall(block, &["*"]),
        "v",
        SQS,
        open,
    );
    expect(
        &two().firewall(pass, &[]).firewall(block, &[]),
        "v",
        SQS,
        open,
    );
    expect(
        &two().firewall(pass, &["*"]).firewall(block, &[]),
        "v",
        SQS,
        on,
    );
    let silent = two().firewall(DnsFirewallAction::Override, &["*"]);
    let silent = silent.with(|lab| lab.draft.vpcs[0].dns_support = false);
    expect(&silent, "v", SQS, "dns-support nothing");
}

#[test]
fn dns_most_specific() {
    let lab = two()
        .hosted_zone("example", &["v"], &["db.corp.example -> 10.0.1.1"])
        .hosted_zone("corp.example", &["v"], &["db.corp.example -> 10.0.1.2"])
        .hosted_zone("db.corp.example", &["w"], &[]);
    expect(&lab, "v", DB, "hosted-zone 10.0.1.2");
    expect(&lab, "w", DB, "hosted-zone nothing");
    expect(&lab, "v", "db.x.example", "hosted-zone nothing");
    expect(&lab, "v", "notexample", "name-unmodelled undetermined");
    let rule = |domain, action| lab.clone().rule(domain, action, &["v"]);
    let forward = "resolver-rule-forward undetermined";
    expect(
        &rule("example", ResolverAction::Forward),
        "v",
        DB,
        "hosted-zone 10.0.1.2",
    );
    expect(
        &rule("corp.example", ResolverAction::Forward),
        "v",
        DB,
        forward,
    );
    expect(
        &rule("db.corp.example", ResolverAction::Forward),
        "v",
        DB,
        forward,
    );
    expect(
        &rule("db.corp.example", ResolverAction::Forward),
        "w",
        DB,
        "hosted-zone nothing",
    );
    let tied = "dns-most-specific undetermined";
    let delegate = || ResolverAction::Unmodelled("delegate".into());
    expect(&rule("corp.example", ResolverAction::System), "v", DB, tied);
    expect(&rule("corp.example", delegate()), "v", DB, tied);
    expect(&rule("db.corp.example", delegate()), "v", DB, forward);
    // Rules match whatever the attributes say; zones do not.
    let nameless = rule("", ResolverAction::Forward);
    let nameless = nameless.with(|lab| lab.draft.vpcs[0].dns_hostnames = false);
    expect(&nameless, "v", DB, forward);
    // The private name of an endpoint is a zone among others.
    let rule = |domain| two().rule(domain, ResolverAction::Forward, &["v"]);
    expect(&rule(""), "v", SQS, "endpoint-private-dns e");
    expect(&rule("amazonaws.com"), "v", SQS, "endpoint-private-dns e");
    expect(&rule(SQS), "v", SQS, forward);
    expect(
        &two().hosted_zone("amazonaws.com", &["v"], &[]),
        "v",
        SQS,
        "endpoint-private-dns e",
    );
    let system = two().rule(SQS, ResolverAction::System, &["v"]);
    expect(&system, "v", SQS, tied);
}

#[test]
fn hosted_zone() {
    let records = [
        "example -> 10.0.1.1",
        "DB.example -> 10.0.1.2",
        "*.example -> 10.0.1.3",
        "*.deep.example -> 10.0.1.4",
        "x.some.example -> 10.0.1.5",
        "e.example -> endpoint e",
        "gone.example -> endpoint f",
        "www.example -> name Db.Example.",
        "aws.example -> name sqs.ap-northeast-1.amazonaws.com",
        "lb.example -> other load-balancer",
    ];
    let lab = two().interface_endpoint("f", "w", "a", "10.0.1.21");
    let lab = lab.with(|lab| {
        lab.endpoint_mut("f").vpc = "v".into();
        lab.endpoint_mut("f").available = false;
        if let EndpointKind::Interface { private_dns, .. } = &mut lab.endpoint_mut("f").kind {
            *private_dns = false;
        }
    });
    let lab = lab.hosted_zone("example", &["v"], &records);
    expect(&lab, "v", "example", "hosted-zone 10.0.1.1");
    expect(&lab, "v", "db.example", "hosted-zone 10.0.1.2");
    expect(&lab, "v", "new.example", "hosted-zone 10.0.1.3");
    expect(&lab, "v", "very.new.example", "hosted-zone 10.0.1.3");
    expect(&lab, "v", "a.db.example", "hosted-zone nothing");
    expect(&lab, "v", "deep.example", "hosted-zone nothing");
    expect(&lab, "v", "a.b.deep.example", "hosted-zone 10.0.1.4");
    expect(&lab, "v", "some.example", "hosted-zone nothing");
    expect(&lab, "v", "y.some.example", "hosted-zone nothing");
    expect(&lab, "v", "y.x.some.example", "hosted-zone nothing");
    expect(&lab, "v", "e.example", "hosted-zone e");
    expect(&lab, "v", "gone.example", "hosted-zone nothing");
    expect(&lab, "v", "www.example", "hosted-zone 10.0.1.2");
    expect(&lab, "v", "aws.example", "endpoint-private-dns e");
    expect(&lab, "v", "lb.example", "hosted-zone undetermined");
    expect(&lab, "w", "db.example", "name-unmodelled undetermined");
    let off = lab
        .clone()
        .with(|lab| lab.draft.vpcs[0].dns_hostnames = false);
    expect(&off, "v", "db.example", "name-unmodelled undetermined");
    let open = lab.with(|lab| lab.draft.hosted_zones[0].records = Value::Any(Hole::new("h")));
    expect(&open, "v", "db.example", "hosted-zone undetermined");
}

#[test]
fn resolver_rule_forward() {
    let inbound_only = |lab: Lab| {
        lab.with(|lab| {
            if let EndpointKind::Interface {
                private_dns_inbound_only,
                ..
            } = &mut lab.endpoint_mut("e").kind
            {
                *private_dns_inbound_only = true;
            }
        })
    };
    let to_v = ResolverAction::ForwardTo("v".into());
    let lab = two().rule("", to_v, &["w"]);
    expect(&lab, "w", SQS, "endpoint-private-dns e");
    expect(
        &inbound_only(lab.clone()),
        "w",
        SQS,
        "endpoint-private-dns e",
    );
    let public = "service-public-name com.amazonaws.ap-northeast-1.sqs";
    expect(&inbound_only(lab.clone()), "v", SQS, public);
    // DHCP options are for clients, the other attributes for the resolver.
    let custom = lab
        .clone()
        .with(|lab| lab.draft.vpcs[0].custom_dns_servers = true);
    expect(&custom, "w", SQS, "endpoint-private-dns e");
    let silent = lab
        .clone()
        .with(|lab| lab.draft.vpcs[0].dns_support = false);
    expect(&silent, "w", SQS, "dns-support nothing");
    let blocked = lab.firewall(DnsFirewallAction::Block, &["*"]);
    expect(&blocked, "w", SQS, "dns-firewall nothing");
}

#[test]
fn resolver_rule_system() {
    let lab = two()
        .rule("", ResolverAction::Forward, &["v"])
        .rule("x.corp.example", ResolverAction::System, &["v"])
        .rule("amazonaws.com", ResolverAction::System, &["v"]);
    expect(&lab, "v", DB, "resolver-rule-forward undetermined");
    expect(
        &lab,
        "v",
        "a.x.corp.example",
        "name-unmodelled undetermined",
    );
    expect(
        &lab,
        "v",
        "sqs.eu-west-1.amazonaws.com",
        "service-public-name com.amazonaws.eu-west-1.sqs",
    );
    expect(&lab, "v", SQS, "endpoint-private-dns e");
    let zoned = lab.hosted_zone("corp.example", &["v"], &["*.corp.example -> 10.0.1.9"]);
    expect(&zoned, "v", "a.x.corp.example", "hosted-zone 10.0.1.9");
    let delegate = ResolverAction::Unmodelled("delegate".into());
    let delegated = zoned.rule("corp.example", delegate, &["v"]);
    expect(
        &delegated,
        "v",
        "a.x.corp.example",
        "dns-most-specific undetermined",
    );
}

#[test]
fn dns_limit() {
    let records = [
        "a0.example -> 10.0.1.9",
        "a1.example -> name a0.example",
        "a2.example -> name a1.example",
        "a3.example -> name a2.example",
        "a4.example -> name a3.example",
        "a5.example -> name a4.example",
        "loop.example -> name loop.example",
    ];
    let lab = two().hosted_zone("example", &["v"], &records);
    expect(&lab, "v", "a4.example", "hosted-zone 10.0.1.9");
    expect(&lab, "v", "a5.example", "dns-limit undetermined");
    expect(&lab, "v", "loop.example", "dns-limit undetermined");
    let looped = two().rule("", ResolverAction::ForwardTo("v".into()), &["v", "w"]);
    expect(&looped, "v", DB, "dns-limit undetermined");
    expect(&looped, "w", DB, "dns-limit undetermined");
    // A rule SYSTEM asks nothing anew.
    let system = lab.rule("a0.example", ResolverAction::System, &["v"]);
    expect(&system, "v", "a4.example", "hosted-zone 10.0.1.9");
}
