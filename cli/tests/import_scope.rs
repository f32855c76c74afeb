//! Scopes of AWS's Network Access Analyzer as invariants: those that AWS comes with, the examples of
//! its guide and some of our own, judged on the demo network.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "A test that cannot go on fails."
)]

mod common;

use std::fs;

use common::{Place, Run, network};
use serde_json::Value;

const DEMO: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../fixtures/tokyo-endpoints/describe"
);

/// Imports a scope of `tests/scopes`.
fn import(name: &str) -> Run {
    let scope = format!("{}/tests/scopes/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let place = Place::new();
    fs::copy(scope, place.path("scope.json")).unwrap();
    place.run(&["import-scope", "scope.json"])
}

/// Imports a scope with these entries.
fn import_text(matches: &str, excludes: &str) -> Run {
    let place = Place::new();
    let text = format!("{{\"MatchPaths\": [{matches}], \"ExcludePaths\": [{excludes}]}}");
    fs::write(place.path("scope.json"), text).unwrap();
    place.run(&["import-scope", "scope.json"])
}

/// What an imported file claims: the lines that are no comments.
fn claims(run: &Run) -> String {
    assert_eq!(run.code, 0, "{}", run.err);
    let lines = run.out.lines().filter(|line| !line.starts_with('#'));
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

/// The verdicts of an imported file on a network.
fn verdicts(run: &Run, network: &str) -> Vec<(String, String)> {
    assert_eq!(run.code, 0, "{}", run.err);
    let arguments = ["check", network, "--no-builtin", "--output=json"];
    let judged = Place::with(&run.out).run(&arguments);
    let document: Value =
        serde_json::from_str(&judged.out).unwrap_or_else(|_| panic!("{}", judged.err));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let results = document["results"].as_array().unwrap().iter();
    let results = results.map(|one| (text(&one["name"]), text(&one["verdict"])));
    results.collect()
}

fn owned(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let expected = expected.iter();
    expected
        .map(|(name, verdict)| ((*name).to_owned(), (*verdict).to_owned()))
        .collect()
}

#[test]
fn the_scopes_of_internet_gateways_that_aws_comes_with_are_judged() {
    let ingress = import("all-igw-ingress");
    let expected = "[[never]]\nname = \"nis-0f00000000000000a-match-0\"\nfrom = \"internet\"\nto = \"interface\"\n\
                    traffic = [\"tcp\", \"udp\"]\nfamily = \"ipv4\"";
    assert_eq!(claims(&ingress), expected);
    // The administrators reach the bastion.
    assert_eq!(
        verdicts(&ingress, DEMO),
        owned(&[("nis-0f00000000000000a-match-0", "violated")])
    );
    let small = network("small.toml");
    assert_eq!(
        verdicts(&ingress, &small),
        owned(&[("nis-0f00000000000000a-match-0", "proved")])
    );
    let egress = import("aws-igw-egress");
    assert_eq!(
        verdicts(&egress, DEMO),
        owned(&[("nis-0f00000000000000b-match-0", "violated")])
    );
}

#[test]
fn of_the_scopes_of_vpcs_each_type_that_is_not_said_is_refused() {
    for (name, end, refused) in [
        ("aws-vpc-ingress", "Source", [1, 2, 3, 4].as_slice()),
        ("aws-vpc-egress", "Destination", &[1, 3, 4]),
    ] {
        let run = import(name);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{}", run.err);
        assert_eq!(run.err.matches("error[not-exact]").count(), refused.len());
        for position in refused {
            let place = format!(
                "--> scope.json at /NetworkInsightsAccessScopeContent/MatchPaths/0/{end}/ResourceStatement/ResourceTypes/{position}\n"
            );
            assert!(run.err.contains(&place), "{place}\n{}", run.err);
        }
        let end = format!(
            "error: the scope is not imported ({} errors)\n",
            refused.len()
        );
        assert!(run.err.ends_with(&end), "{}", run.err);
    }
}

#[test]
fn the_examples_of_the_guide_are_judged() {
    let of = |name: &str| verdicts(&import(name), DEMO);
    assert_eq!(
        of("two-subnets"),
        owned(&[("scope-match-0", "proved"), ("scope-match-1", "proved")])
    );
    // The bastion's group, and the database's.
    assert_eq!(
        of("security-group"),
        owned(&[("scope-match-0", "violated"), ("scope-match-1", "proved")])
    );
    // Only the trusted range reaches anything.
    assert_eq!(of("trusted-range"), owned(&[("scope-match-0", "proved")]));
    assert_eq!(
        of("vpc-egress"),
        owned(&[
            ("scope-match-0", "violated"),
            ("scope-match-1-1", "violated")
        ])
    );
}

#[test]
fn the_examples_of_the_guide_that_are_not_said_exactly_are_refused() {
    for (name, pointer, help) in [
        (
            "resource-group",
            "/MatchPaths/0/Destination/ResourceStatement/Resources/0",
            "`instance tag:role=bastion`",
        ),
        (
            "trusted-prefix-list",
            "/ExcludePaths/0/Source/PacketHeaderStatement/SourcePrefixLists",
            "`SourceAddresses`",
        ),
        (
            "egress-trusted-range",
            "/ExcludePaths/0/Destination/PacketHeaderStatement/DestinationAddresses",
            "`to = \"ip:…\"`",
        ),
        (
            "firewall",
            "/ExcludePaths/0/ThroughResources/0/ResourceStatement/ResourceTypes/0",
            "`via = [\"endpoint kind:gwlb id:vpce-…\"]`",
        ),
    ] {
        let run = import(name);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{}", run.err);
        assert!(run.err.starts_with("error[not-exact]: "), "{}", run.err);
        assert!(
            run.err.contains(&format!("scope.json at {pointer}\n")),
            "{}",
            run.err
        );
        assert!(run.err.contains(help), "{}", run.err);
    }
}

#[test]
fn what_paths_may_pass_makes_an_only() {
    let run = import("nat-only");
    assert!(claims(&run).starts_with("[[only]]\n"), "{}", run.out);
    assert!(run.out.contains("\nvia = \"nat-gateway\"\n"), "{}", run.out);
    // The bastion sends by the internet gateway itself.
    assert_eq!(
        verdicts(&run, DEMO),
        owned(&[("scope-match-0", "violated")])
    );
    let without_bastion = import_text(
        &format!("{{\"Source\": {{{ENI}}}, \"Destination\": {{{IGW}}}}}"),
        &format!(
            "{{\"ThroughResources\": [{{{NAT}}}]}},
             {{\"Source\": {{\"ResourceStatement\": {{\"Resources\": [\"sg-0253ce614ab23fcf3\"]}}}}}}"
        ),
    );
    assert_eq!(
        verdicts(&without_bastion, DEMO),
        owned(&[("scope-match-0", "proved")])
    );
    let several = import("several-ways");
    let expected = "scope-match-0-via = [\"nat-gateway id:nat-05770a4dfb15fb056\", \
                    \"load-balancer id:app/web/50dc6c495c0c9188\", \"endpoint id:vpce-0ad67fd559e268ff1\"]";
    assert!(several.out.contains(expected), "{}", several.out);
    assert!(
        several.out.contains("\nvia = \"scope-match-0-via\"\n"),
        "{}",
        several.out
    );
}

#[test]
fn what_is_excluded_is_taken_out_and_nothing_else() {
    let run = import("bastion");
    assert_eq!(verdicts(&run, DEMO), owned(&[("scope-match-0", "proved")]));
    let expected = "# /ExcludePaths/1 takes nothing more out.\n";
    assert!(run.out.contains(expected), "{}", run.out);
    // Another port, or another group, is not the bastion's.
    for (from, to) in [
        ("tcp/22", "tcp/23"),
        ("0253ce614ab23fcf3", "030bf59df6d254481"),
    ] {
        let changed = Run {
            out: run.out.replace(from, to),
            err: String::new(),
            code: 0,
        };
        assert_eq!(
            verdicts(&changed, DEMO),
            owned(&[("scope-match-0", "violated")])
        );
    }
}

const IGW: &str = r#""ResourceStatement": {"ResourceTypes": ["AWS::EC2::InternetGateway"]}"#;
const ENI: &str = r#""ResourceStatement": {"ResourceTypes": ["AWS::EC2::NetworkInterface"]}"#;
const NAT: &str = r#""ResourceStatement": {"ResourceTypes": ["AWS::EC2::NatGateway"]}"#;
const SUBNET: &str = r#""ResourceStatement": {"Resources": ["subnet-1"]}"#;

/// The header statement of one end.
fn header(fields: &str) -> String {
    format!("\"PacketHeaderStatement\": {{{fields}}}")
}

#[test]
fn ports_and_protocols_are_those_with_which_a_flow_arrives() {
    let traffic = |fields: &str| {
        let matched = format!(
            "{{\"Source\": {{{IGW}}}, \"Destination\": {{{}}}}}",
            header(fields)
        );
        let run = import_text(&matched, "");
        let claims = claims(&run);
        let found = claims
            .lines()
            .find_map(|line| line.strip_prefix("traffic = "));
        found.unwrap().to_owned()
    };
    let ports = r#""Protocols": ["tcp"], "DestinationPorts": ["22", "80-443", "443-500"]"#;
    assert_eq!(traffic(ports), "[\"tcp/22\", \"tcp/80-500\"]");
    assert_eq!(traffic(r#""Protocols": ["udp"]"#), "\"udp\"");
    assert_eq!(
        traffic(r#""DestinationPorts": ["22"]"#),
        "[\"tcp/22\", \"udp/22\"]"
    );
    // What is everything is not asked.
    let all = r#""SourceAddresses": ["0.0.0.0/0"], "SourcePorts": ["0-1023", "1024-65535"]"#;
    assert_eq!(traffic(all), "[\"tcp\", \"udp\"]");
}

#[test]
fn a_match_is_cut_by_who_sends_and_where_it_arrives() {
    let matched = format!("{{\"Source\": {{{SUBNET}}}}}");
    let excluded = format!("{{\"Destination\": {{{ENI}}}}}");
    let run = import_text(&matched, &excluded);
    let expected = "to = [\"internet\", \"onprem\", \"endpoint kind:gateway\"]";
    assert!(run.out.contains(expected), "{}", run.out);
    let comment = "# /MatchPaths/0 from interface subnet:subnet-1 to interface: /ExcludePaths/0 leaves nothing of it.";
    assert!(run.out.contains(comment), "{}", run.out);
    // Of other subnets nothing is taken.
    let other = r#"{"Source": {"ResourceStatement": {"Resources": ["subnet-2"]}}}"#;
    let run = import_text(&matched, other);
    assert_eq!(claims(&run).matches("[[").count(), 1, "{}", run.out);
    assert!(!run.out.contains("waive"), "{}", run.out);
    // A group may be on the interfaces of any subnet.
    let group = r#"{"Source": {"ResourceStatement": {"Resources": ["sg-2"]}}}"#;
    let run = import_text(&matched, group);
    assert!(
        run.out.contains("\nfrom = \"interface sg:sg-2\"\n"),
        "{}",
        run.out
    );
}

#[test]
fn addresses_on_the_internet_narrow_who_sends() {
    let of = |addresses: &str| {
        format!(
            "{{{IGW}, {}}}",
            header(&format!("\"SourceAddresses\": [{addresses}]"))
        )
    };
    let run = import_text(
        &format!(
            "{{\"Source\": {}}}",
            of("\"192.0.2.0/24\", \"203.0.113.9\"")
        ),
        &format!("{{\"Source\": {}}}", of("\"192.0.2.0/28\"")),
    );
    let expected = "from = [\"internet ip:192.0.2.0/24 not ip:192.0.2.0/28\", \
                    \"internet ip:203.0.113.9/32 not ip:192.0.2.0/28\"]";
    assert!(run.out.contains(expected), "{}", run.out);
    // Together with a port it is no product of interfaces.
    let excluded = format!(
        "{{\"Source\": {}, \"Destination\": {{{}}}}}",
        of("\"192.0.2.0/28\""),
        header("\"DestinationPorts\": [\"22\"]")
    );
    let run = import_text(&format!("{{\"Source\": {{{IGW}}}}}"), &excluded);
    assert_eq!(run.code, 2, "{}", run.out);
    assert!(run.err.contains("error[not-exact]"), "{}", run.err);
}

#[test]
fn what_is_not_said_exactly_is_refused_with_its_place() {
    let at = |end: &str, fields: &str| {
        let matched = format!("{{\"Source\": {{{SUBNET}}}, \"Destination\": {{{SUBNET}}}}}");
        let with = format!("{{{SUBNET}, {}}}", header(fields));
        import_text(
            &matched.replace(
                &format!("\"{end}\": {{{SUBNET}}}"),
                &format!("\"{end}\": {with}"),
            ),
            "",
        )
    };
    for (end, field, value) in [
        ("Source", "SourceAddresses", "10.0.0.0/8"),
        ("Source", "DestinationAddresses", "10.0.0.0/8"),
        ("Source", "SourcePorts", "53"),
        ("Source", "DestinationPorts", "22"),
        ("Source", "SourcePrefixLists", "pl-1"),
        ("Destination", "SourceAddresses", "10.0.0.0/8"),
        ("Destination", "DestinationAddresses", "10.0.0.0/8"),
        ("Destination", "SourcePorts", "53"),
        ("Destination", "DestinationPrefixLists", "pl-1"),
    ] {
        let run = at(end, &format!("\"{field}\": [\"{value}\"]"));
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{field}");
        let pointer = format!("/MatchPaths/0/{end}/PacketHeaderStatement/{field}\n");
        assert!(run.err.contains("error[not-exact]"), "{}", run.err);
        assert!(run.err.contains(&pointer), "{pointer}{}", run.err);
    }
    for (excluded, what) in [
        (
            format!("{{\"Source\": {{{SUBNET}}}, \"ThroughResources\": [{{{NAT}}}]}}"),
            "what may be passed is said of a part of /MatchPaths/0 only",
        ),
        (
            r#"{"Destination": {"ResourceStatement": {"ResourceTypes": ["AWS::EC2::VPCEndpoint"]}}}"#.to_owned(),
            "the interfaces of endpoints are among those of the match",
        ),
    ] {
        let run = import_text(&format!("{{\"Source\": {{{ENI}}}}}"), &excluded);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{excluded}");
        assert!(run.err.contains(what), "{}", run.err);
    }
}

#[test]
fn the_file_is_written_once_and_read_by_check() {
    let place = Place::new();
    let scope = format!("{}/tests/scopes/bastion.json", env!("CARGO_MANIFEST_DIR"));
    let import = ["import-scope", &scope, "-o", "vpcproof.toml"];
    let run = place.run(&import);
    assert_eq!((run.code, run.out.as_str()), (0, ""), "{}", run.err);
    assert!(run.err.contains("wrote vpcproof.toml"), "{}", run.err);
    let again = place.run(&import);
    assert_eq!(again.code, 2);
    assert!(again.err.contains("cannot be written"), "{}", again.err);
    assert_eq!(place.run(&["check", DEMO, "--no-builtin"]).code, 0);
}
