//! The built-in checks on a network that has one fault for each, and on those without a fault.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "A test that cannot go on fails."
)]

mod common;

use common::{Place, network};
use serde_json::Value;

fn document(network: &str) -> Value {
    let run = Place::new().run(&["check", network, "--output=json"]);
    serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}{}", run.out, run.err))
}

/// The findings by name, with their severities.
fn findings(document: &Value) -> Vec<(String, String)> {
    let results = document["results"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    results
        .map(|one| (text(&one["name"]), text(&one["severity"])))
        .collect()
}

#[test]
fn each_fault_is_found_once() {
    let document = document(&network("shop.toml"));
    let expected = [
        ("world-open: bastion inbound rule 0", "high"),
        (
            "endpoint-bypassed: private-c com.amazonaws.ap-northeast-1.s3",
            "medium",
        ),
        (
            "endpoint-bypassed: public com.amazonaws.ap-northeast-1.s3",
            "medium",
        ),
        ("endpoint-unreachable: monitoring", "high"),
        ("endpoint-policy-open: monitoring", "low"),
        ("endpoint-policy-open: s3-gateway", "medium"),
        (
            "endpoint-other-vpc: consumers com.amazonaws.ap-northeast-1.s3",
            "high",
        ),
        (
            "nat-pays-for-free: main com.amazonaws.ap-northeast-1.s3",
            "low",
        ),
        ("reply-blocked: public route 1", "medium"),
        ("rule-shadowed: database inbound entry 120", "medium"),
    ];
    let expected: Vec<(String, String)> = expected
        .iter()
        .map(|(name, severity)| ((*name).into(), (*severity).into()))
        .collect();
    assert_eq!(findings(&document), expected);
}

#[test]
fn a_finding_about_packets_has_a_witness_that_both_engines_confirm() {
    let document = document(&network("shop.toml"));
    for finding in document["results"].as_array().unwrap() {
        let code = finding["code"].as_str().unwrap();
        if [
            "world-open",
            "endpoint-bypassed",
            "endpoint-other-vpc",
            "nat-pays-for-free",
            "reply-blocked",
        ]
        .contains(&code)
        {
            assert!(finding["witness"]["forward"].is_array(), "{finding:#}");
            assert_eq!(finding["engines"]["agree"], true, "{finding:#}");
        }
    }
}

#[test]
fn the_group_that_lacks_the_rule_is_named() {
    let run = Place::new().run(&["check", &network("shop.toml")]);
    let note = "no rule of security group monitoring admits tcp/443 from 10.0.1.20";
    assert!(run.out.contains(note), "{}", run.out);
}

#[test]
fn a_network_without_faults_has_no_findings() {
    assert_eq!(findings(&document(&network("small.toml"))), []);
}

fn changed(change: impl Fn(String) -> String) -> Value {
    let text = std::fs::read_to_string(network("small.toml")).unwrap();
    let place = Place::new();
    let path = place.path("changed.toml");
    std::fs::write(&path, change(text)).unwrap();
    document(&path.display().to_string())
}

#[test]
fn a_route_to_a_target_that_is_gone_is_found_with_a_flow() {
    let document = changed(|text| {
        let routes = r#"routes = ["pl:pl-s3 -> endpoint:s3", "172.16.0.0/12 -> unmodelled:transit-gateway:tgw-1 blackhole"]"#;
        text.replace(r#"routes = ["pl:pl-s3 -> endpoint:s3"]"#, routes)
    });
    let found = findings(&document);
    assert_eq!(
        found,
        [(
            "route-blackhole: private route 2".to_owned(),
            "medium".to_owned()
        )]
    );
    assert_eq!(
        document["results"][0]["witness"]["decided_by"],
        "route-blackhole"
    );
}

#[test]
fn an_s3_interface_endpoint_beside_a_gateway_endpoint_is_only_advice() {
    let interface_endpoint = |service: &str| {
        format!(
            "[endpoint.extra]\nservice = \"com.amazonaws.eu-west-1.{service}\"\nkind = \"interface\"\n\
             interfaces = [\"extra\"]\npolicy = '{{\"Statement\": []}}'\n[interface.extra]\n\
             subnet = \"private\"\naddresses = [\"10.0.1.99\"]\ngroups = [\"open\"]\n\
             [security-group.open]\ningress = [\"tcp/443 from 10.0.0.0/16\"]\n"
        )
    };
    let s3 = changed(|text| text + &interface_endpoint("s3"));
    assert_eq!(findings(&s3), []);
    assert_eq!(s3["advice"][0]["code"], "endpoint-name-public");
    let kms = changed(|text| text + &interface_endpoint("kms"));
    let expected = (
        "endpoint-name-public: extra".to_owned(),
        "medium".to_owned(),
    );
    assert_eq!(findings(&kms), [expected]);
    assert_eq!(
        findings(&changed(|text| text + &interface_endpoint("dynamodb"))),
        []
    );
}

#[test]
fn a_port_that_is_open_to_an_office_only_is_not_open_to_the_world() {
    let bastion = |source: &str| {
        format!(
            "[internet-gateway.igw]\n[route-table.public]\nroutes = [\"0.0.0.0/0 -> internet-gateway:igw\"]\n\
             [subnet.public]\ncidrs = [\"10.0.9.0/24\"]\nroute-table = \"public\"\n\
             [security-group.ssh]\ningress = [\"tcp/22 from {source}\"]\n[interface.bastion]\n\
             subnet = \"public\"\naddresses = [\"10.0.9.9 public 203.0.113.9\"]\ngroups = [\"ssh\"]\n"
        )
    };
    assert_eq!(
        findings(&changed(|text| text + &bastion("198.51.100.0/24"))),
        []
    );
    for wide in ["0.0.0.0/0", "128.0.0.0/1"] {
        let found = findings(&changed(|text| text + &bastion(wide)));
        let expected = (
            "world-open: ssh inbound rule 0".to_owned(),
            "high".to_owned(),
        );
        assert_eq!(found, [expected], "{wide}");
    }
}

#[test]
fn a_network_acl_that_drops_the_reply_is_found_once() {
    let document = changed(|text| {
        let acl = "[network-acl.db]\ningress = [\"100 allow tcp/5432 from 10.0.0.0/16\"]\n\
                   egress = [\"100 allow tcp/5432 to 10.0.0.0/16\"]\n";
        text.replace(
            "tags = { class = \"database\" }",
            "network-acl = \"db\"\ntags = { class = \"database\" }",
        ) + acl
    });
    let found = findings(&document);
    assert_eq!(
        found,
        [("reply-blocked: db".to_owned(), "medium".to_owned())]
    );
}
