//! Networks on premises: selectors, sites, traces and what is shown of gateways.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "A test that cannot go on fails."
)]

mod common;

use common::{Place, Run, network};
use serde_json::{Value, json};

fn check(invariants: &str) -> Run {
    Place::with(invariants).run(&["check", &network("office.toml"), "--no-builtin"])
}

#[track_caller]
fn assert_says(run: &Run, expected: &[&str]) {
    let text = format!("{}{}", run.out, run.err);
    for expected in expected {
        assert!(text.contains(expected), "{expected}\n\n{text}");
    }
}

const CLAIMS: &str = r#"
[onprem]
office = ["192.168.0.0/24", "192.168.7.7"]

[[always]]
name = "the-office-administers-the-application"
from = "onprem:office"
to = "interface tag:tier=app"
traffic = "tcp/22"

[[never]]
name = "no-other-port"
from = "onprem"
to = "interface"
traffic = "tcp/443"

[[only]]
name = "out-by-the-gateway"
from = "interface"
to = "onprem"
via = "virtual-private-gateway name:office vpc:main"

[[sometimes]]
name = "the-application-reaches-the-office"
from = "interface tag:tier=app"
to = "onprem:office"
traffic = "tcp/443"
claim = "answered"
"#;

#[test]
fn claims_speak_of_networks_on_premises_and_their_sites() {
    let run = check(CLAIMS);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert_says(
        &run,
        &[
            "PROVED    the-office-administers-the-application",
            "4 proved, 0 violated, 0 vacuous, 0 unknown",
            "assumed (on-premises-returns): networks on premises answer",
        ],
    );
}

#[test]
fn a_violated_claim_shows_by_which_gateway_it_is() {
    let claim = "[[never]]\nname = \"x\"\nfrom = \"onprem\"\nto = \"interface\"\n";
    let run = check(claim);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    assert_says(
        &run,
        &[
            "flow       on premises by virtual private gateway vgw (office): ",
            "passed        virtual private gateway vgw (office)  [",
        ],
    );
    let place = Place::with(claim);
    let check = ["check", &network("office.toml"), "--output=json"];
    let document: Value = serde_json::from_str(&place.run(&check).out).unwrap();
    let flow = &document["results"][0]["witness"]["flow"];
    assert_eq!(
        (&flow["from"], &flow["gateway"]),
        (&json!("onprem"), &json!("vgw"))
    );
}

#[test]
fn a_site_asks_for_names_in_a_vpc_of_the_network() {
    let claim = |resolves_in: &str| {
        let site = format!(r#"{{ blocks = "192.168.0.0/24", resolves-in = "{resolves_in}" }}"#);
        format!(
            "[onprem]\noffice = {site}\n[[never]]\nname = \"x\"\nfrom = \"onprem:office\"\nto = \"interface\"\ntraffic = \"tcp/443\"\n"
        )
    };
    let run = check(&claim("main"));
    assert_ne!(run.code, 2, "{}{}", run.out, run.err);
    let run = check(&claim("mian"));
    assert_eq!(run.code, 2);
    let expected = "error[unknown-name]: the site `office`: the network has no VPC `mian`";
    assert_says(&run, &[expected, "did you mean `main`?"]);
    let run = check("[onprem]\noffice = { resolves-in = \"main\", vpc = \"main\" }\n");
    assert_says(
        &run,
        &[
            "the site `office` has no `blocks`",
            "a site has no field `vpc`",
        ],
    );
}

#[test]
fn a_site_that_is_not_there_is_an_error_with_the_nearest_name() {
    let sites = "[onprem]\noffice = \"192.168.0.0/24\"\n";
    let claim = |from: &str| {
        format!("{sites}[[never]]\nname = \"x\"\nfrom = \"{from}\"\nto = \"interface\"\n")
    };
    let run = check(&claim("onprem:ofice"));
    assert_eq!(run.code, 2);
    assert_says(
        &run,
        &[
            "error[unknown-group]: `ofice` is no site of this file's `[onprem]`",
            "did you mean `office`?",
        ],
    );
    let run = check(&claim("onprem tag:tier=app"));
    assert_says(&run, &["`onprem` is not narrowed by `tag:`"]);
    let run = check(&claim("virtual-private-gateway"));
    assert_says(&run, &["`virtual-private-gateway` begins no connection"]);
    let run = check("[onprem]\noffice = \"192.168.0.1/24\"\n");
    assert_says(
        &run,
        &["error[invalid-field-value]: `192.168.0.1/24`: bits are set behind the prefix length"],
    );
}

#[test]
fn without_a_gateway_nothing_is_on_premises() {
    for (from, to) in [("onprem", "interface"), ("interface", "onprem")] {
        let claim = format!("[[never]]\nname = \"x\"\nfrom = \"{from}\"\nto = \"{to}\"\n");
        let run = Place::with(&claim).run(&["check", &network("small.toml"), "--no-builtin"]);
        assert_says(&run, &["VACUOUS   x"]);
        assert!(!run.out.contains("on-premises-returns"), "{}", run.out);
    }
}

#[test]
fn private_addresses_that_are_nobody_s_are_on_premises() {
    let claim = |word: &str, block: &str| {
        format!(
            "[[{word}]]\nname = \"x\"\nfrom = \"ip:{block}\"\nto = \"interface\"\ntraffic = \"tcp/22\"\n"
        )
    };
    assert_says(
        &check(&claim("sometimes", "192.168.3.0/24")),
        &["PROVED    x"],
    );
    assert_says(
        &check(&claim("sometimes", "198.51.100.0/24")),
        &["VACUOUS   x"],
    );
}

fn traced(networks: &[&str], lines: &[&str]) -> (i32, Vec<Value>) {
    let networks: Vec<String> = networks.iter().map(|name| network(name)).collect();
    let mut arguments = vec!["trace"];
    arguments.extend(networks.iter().map(String::as_str));
    arguments.extend(["--flows", "-"]);
    let run = Place::new().run_with(&arguments, &lines.join("\n"), &[]);
    let answers = run
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    (run.code, answers.collect())
}

fn line(from: &str, to: &str, more: &str) -> String {
    format!(r#"{{"from":"{from}","to":"{to}","protocol":"tcp","destination_port":22{more}}}"#)
}

#[test]
fn flows_come_from_on_premises_by_the_only_gateway_or_the_one_that_is_named() {
    let lines = [
        line("onprem", "app", ""),
        line("vgw", "app", r#","source_ip":"192.168.1.1""#),
        line("192.168.1.1", "app", ""),
        line(
            "onprem",
            "app",
            r#","source_ip":"172.16.0.1","gateway":"vgw""#,
        ),
        line("app", "172.16.0.1", ""),
        line("app", "192.168.1.1", ""),
    ];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let (code, answers) = traced(&["office.toml"], &lines);
    assert_eq!(code, 0, "{answers:#?}");
    for answer in &answers[..3] {
        assert_eq!(answer["disposition"], "delivered");
        assert_eq!(answer["answered"], true);
        assert_eq!(answer["via"], json!(["vgw"]));
    }
    assert_eq!(answers[3]["disposition"], "dropped");
    let unknown = json!({"component": "vgw", "clause": "virtual-private-gateway-route"});
    assert_eq!(answers[4]["decided_by"], unknown);
    let arrives = json!({"component": "vgw", "clause": "on-premises-delivers"});
    assert_eq!(answers[5]["decided_by"], arrives);
    assert_eq!(answers[5]["via"], json!(["vgw"]));
}

#[test]
fn of_several_gateways_one_is_named() {
    let lines = [
        line("onprem", "app", ""),
        line(
            "onprem",
            "far",
            r#","gateway":"branch","source_ip":"10.20.0.1""#,
        ),
        line("far", "10.20.0.1", ""),
        line("onprem", "app", r#","gateway":"vgv""#),
        line("app", "10.0.2.10", r#","gateway":"vgw""#),
    ];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let (code, answers) = traced(&["office.toml", "branch.toml"], &lines);
    assert_eq!(code, 2);
    let error = |index: usize| answers[index]["error"].as_str().unwrap();
    assert!(
        error(0).contains("name one of them as `gateway`: vgw, branch"),
        "{}",
        error(0)
    );
    for answer in &answers[1..3] {
        assert_eq!(answer["answered"], true, "{answer:#}");
        assert_eq!(answer["via"], json!(["tgw"]));
    }
    assert!(error(3).contains("did you mean `vgw`?"), "{}", error(3));
    assert!(error(4).contains("is not on premises"), "{}", error(4));
    let (_, answers) = traced(&["small.toml"], &[lines[0]]);
    let none = "the network has no gateway to a network on premises";
    assert_eq!(answers[0]["error"], none);
}

#[test]
fn a_path_from_on_premises_is_explained() {
    let explain = |to: &str, traffic: &str| {
        let arguments = [
            "explain",
            &network("office.toml"),
            "--from=onprem",
            to,
            traffic,
        ];
        Place::new().run(&arguments)
    };
    let run = explain("--to=app", "--traffic=tcp/22");
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert_says(
        &run,
        &[
            "on premises by virtual private gateway vgw (office)",
            "assumed (on-premises-returns)",
        ],
    );
    let run = explain("--to=db", "--traffic=tcp/22");
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    assert_says(&run, &["a request arrives, but no reply comes back"]);
}

#[test]
fn gateways_are_shown_with_the_blocks_that_they_know() {
    let run = Place::new().run(&["show", &network("office.toml"), &network("branch.toml")]);
    assert_says(
        &run,
        &[
            "virtual private gateway vgw (office) to 192.168.0.0/16",
            "transit gateway attachment branch: on premises by vpn, with 10.20.0.0/16, routed by hub",
            "route 192.168.0.0/16 -> vgw, propagated",
        ],
    );
    let text = std::fs::read_to_string(network("office.toml")).unwrap();
    let place = Place::new();
    let open = text.replace(
        r#"["192.168.0.0/16"]"#,
        r#"{ any = "what the office announces" }"#,
    );
    std::fs::write(place.path("open.toml"), open).unwrap();
    let run = place.run(&["show", "open.toml"]);
    assert!(
        run.out
            .starts_with("open (1)\n  what the office announces\n"),
        "{}",
        run.out
    );
    let run = place.run(&["init", "open.toml"]);
    assert_says(&run, &["# [onprem]\n# office = [\"10.200.0.0/16\"]\n"]);
}
