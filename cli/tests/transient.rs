//! `check --transient`: what holds while a plan is applied, beside what holds once it is.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "A test that cannot go on fails."
)]

mod common;

use common::{Place, Run, network};
use serde_json::{Value, json};

fn plan(name: &str) -> String {
    format!(
        "{}/../fixtures/plans/{name}/plan.json",
        env!("CARGO_MANIFEST_DIR")
    )
}

fn run(name: &str, invariants: &str, options: &[&str]) -> Run {
    let plan = plan(name);
    let mut arguments = vec!["check", plan.as_str(), "--no-builtin", "--closed-world"];
    arguments.extend(options);
    Place::with(invariants).run(&arguments)
}

/// Of each claim its name, its verdict after the change and while it is applied, and what the latter depends on.
fn verdicts(name: &str, invariants: &str) -> Vec<(String, String, String, Vec<String>)> {
    let run = run(name, invariants, &["--transient", "--output=json"]);
    let document: Value =
        serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}{}", run.out, run.err));
    let results = document["results"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let verdicts = results.iter().map(|result| {
        let during = &result["transient"];
        let weaker = if during["after"] == "violated" || during["during"] == "violated" {
            "violated"
        } else if during["after"] == "unknown" || during["during"] == "unknown" {
            "unknown"
        } else {
            during["after"].as_str().unwrap()
        };
        assert_eq!(result["verdict"], weaker, "{result:#}");
        let reasons = during["reasons"].as_array().unwrap();
        (
            text(&result["name"]),
            text(&during["after"]),
            text(&during["during"]),
            reasons.iter().map(text).collect(),
        )
    });
    verdicts.collect()
}

fn assert_verdicts(name: &str, invariants: &str, expected: &[(&str, &str, &str, &[&str])]) {
    let found = verdicts(name, invariants);
    let expected: Vec<_> = expected
        .iter()
        .map(|(name, after, during, reasons)| {
            let reasons = reasons.iter().map(|reason| (*reason).to_owned());
            (
                (*name).to_owned(),
                (*after).to_owned(),
                (*during).to_owned(),
                reasons.collect::<Vec<_>>(),
            )
        })
        .collect();
    assert_eq!(found, expected, "{found:#?}");
}

fn claim(word: &str, name: &str, from: &str, to: &str, traffic: &str) -> String {
    format!(
        "[[{word}]]\nname = \"{name}\"\nfrom = \"{from}\"\nto = \"{to}\"\ntraffic = \"{traffic}\"\n"
    )
}

const APP: &str = "interface tag:tier=app";
const DATABASE: &str = "interface tag:tier=database";

/// The application has the old group or the new one, which both let it send; the database lets it in by its block all
/// the time, and by its group only where that is the one it has.
#[test]
fn a_group_that_is_made_anew_leaves_open_what_refers_to_it() {
    let invariants = [
        claim("always", "by-block", APP, DATABASE, "tcp/5432"),
        claim("always", "by-group", APP, DATABASE, "tcp/6432"),
        claim("never", "private", "internet", DATABASE, "any"),
        claim("never", "no-ssh", "any", DATABASE, "tcp/22"),
        claim("sometimes", "some", APP, DATABASE, "any"),
        claim("always", "ssh", APP, DATABASE, "tcp/22"),
    ];
    let database = "it depends on aws_security_group.database while the change is applied";
    assert_verdicts(
        "swap-group",
        &invariants.concat(),
        &[
            ("by-block", "proved", "proved", &[]),
            ("by-group", "proved", "unknown", &[database]),
            ("private", "proved", "proved", &[]),
            ("no-ssh", "proved", "proved", &[]),
            ("some", "proved", "proved", &[]),
            ("ssh", "violated", "violated", &[]),
        ],
    );
}

/// Both networks have the route, and there is one between them that does not.
#[test]
fn a_route_that_another_resource_makes_is_missing_in_between() {
    let invariants = [
        claim("always", "out", APP, "internet", "tcp/443"),
        claim("never", "in", "internet", APP, "any"),
        claim("never", "no-udp", APP, "internet", "udp"),
        claim("always", "inside", APP, APP, "tcp/8080"),
        claim("sometimes", "some", APP, "internet", "any"),
    ];
    let routes = "it depends on aws_route.first, aws_route.second while the change is applied";
    assert_verdicts(
        "swap-route",
        &invariants.concat(),
        &[
            ("out", "proved", "unknown", &[routes]),
            ("in", "proved", "proved", &[]),
            ("no-udp", "proved", "proved", &[]),
            ("inside", "proved", "proved", &[]),
            ("some", "proved", "unknown", &[routes]),
        ],
    );
}

/// What is new may be missing, and what is taken away may still be there; what neither touches is proved.
#[test]
fn a_network_that_grows_keeps_what_does_not_depend_on_it() {
    let new = "interface id:aws_network_interface.app[1]";
    let invariants = [
        claim("never", "private", "internet", DATABASE, "any"),
        claim("always", "database", APP, DATABASE, "tcp/5432"),
        claim("always", "pool", APP, DATABASE, "tcp/6432"),
        claim("never", "no-ssh", "any", DATABASE, "tcp/22"),
        claim("never", "stays-inside", DATABASE, "internet", "any"),
        claim("sometimes", "some", APP, DATABASE, "tcp/5432"),
        claim("sometimes", "new", new, DATABASE, "tcp/5432"),
        claim("never", "no-udp", APP, DATABASE, "udp"),
    ];
    let rules = "it depends on aws_vpc_security_group_ingress_rule.more[\"22\"], \
                 aws_vpc_security_group_ingress_rule.more[\"6432\"] while the change is applied";
    let entry = "it depends on aws_network_acl_rule.no_ssh while the change is applied";
    let interface = "it depends on aws_network_interface.app[1] while the change is applied";
    assert_verdicts(
        "grow",
        &invariants.concat(),
        &[
            ("private", "proved", "proved", &[]),
            ("database", "proved", "proved", &[]),
            ("pool", "proved", "unknown", &[rules]),
            ("no-ssh", "proved", "unknown", &[entry, rules]),
            ("stays-inside", "proved", "proved", &[]),
            ("some", "proved", "proved", &[]),
            ("new", "proved", "unknown", &[interface]),
            ("no-udp", "proved", "proved", &[]),
        ],
    );
}

#[test]
fn the_report_says_what_holds_after_the_change_and_what_meanwhile() {
    let invariants = claim("always", "out", APP, "internet", "tcp/443")
        + &claim("always", "inside", APP, APP, "tcp/8080");
    let run = self::run("swap-route", &invariants, &["--transient"]);
    assert_eq!(run.code, 3, "{}{}", run.out, run.err);
    let said = [
        "UNKNOWN   out\n",
        "  after      PROVED, once the change is applied\n",
        "  meanwhile  UNKNOWN: not in every network there is then, as far as can be told\n",
        "  because    it depends on aws_route.first, aws_route.second while the change is applied\n",
        "PROVED    inside\n",
        "assumed (transient): ",
        "1 proved, 0 violated, 0 vacuous, 1 unknown; not proved while the change is applied: out\n",
    ];
    for text in said {
        assert!(run.out.contains(text), "{text}\n{}", run.out);
    }
    let run = self::run("swap-route", &invariants, &[]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(!run.out.contains("meanwhile"), "{}", run.out);
}

#[test]
fn it_needs_a_plan_and_claims() {
    let place = Place::with(&claim("always", "x", "interface", "internet", "tcp/443"));
    let run = place.run(&["check", &network("small.toml"), "--transient"]);
    assert_eq!((run.code, run.out.as_str()), (2, ""), "{}", run.err);
    assert!(run.err.contains("give a Terraform plan"), "{}", run.err);
    let run = Place::new().run(&["check", &plan("swap-route"), "--transient"]);
    assert_eq!((run.code, run.out.as_str()), (2, ""), "{}", run.err);
    assert!(run.err.contains("there is none"), "{}", run.err);
}

#[test]
fn a_report_fits_its_schema() {
    let path = format!("{}/schema/report.schema.json", env!("CARGO_MANIFEST_DIR"));
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let invariants = claim("always", "out", APP, "internet", "tcp/443");
    let run = run("swap-route", &invariants, &["--transient", "--output=json"]);
    let document: Value = serde_json::from_str(&run.out).unwrap();
    let errors: Vec<_> = schema
        .iter_errors(&document)
        .map(|error| error.to_string())
        .collect();
    assert_eq!(errors, Vec::<String>::new());
    let during = &document["results"][0]["transient"];
    assert_eq!(during["after"], json!("proved"));
    assert_eq!(during["during"], json!("unknown"));
}

/// A waiver excuses what is violated once the change is applied; what it excuses meanwhile is not asked.
#[test]
fn waivers_are_not_judged_while_the_change_is_applied() {
    let waive = |name: &str| {
        format!("[[waive]]\ninvariant = \"{name}\"\ntraffic = \"tcp/5432\"\nreason = \"r\"\n")
    };
    let invariants = [
        claim("never", "no-database", APP, DATABASE, "tcp/5432-6431"),
        waive("no-database"),
        claim("never", "no-udp", APP, DATABASE, "udp"),
    ];
    let waivers =
        "it depends on what the waivers of `no-database` waive while the change is applied";
    assert_verdicts(
        "grow",
        &invariants.concat(),
        &[
            ("no-database", "proved", "unknown", &[waivers]),
            ("no-udp", "proved", "proved", &[]),
        ],
    );
}
