//! `vpcproof rests-on`: what becomes of proved claims without a component or a rule.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "A test that cannot go on fails."
)]

mod common;

use common::{Place, Run, network};
use serde_json::Value;

const DEMO: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../fixtures/tokyo-endpoints/describe"
);
const PLAN: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../fixtures/tokyo-endpoints/plan.json"
);
const CLAIMS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../fixtures/tokyo-endpoints/vpcproof.toml"
);

fn small(resource: &str, options: &[&str]) -> Run {
    let (of, claims) = (network("small.toml"), network("small.invariants.toml"));
    let mut arguments = vec!["rests-on", of.as_str(), resource, "-i", claims.as_str()];
    arguments.extend(options);
    Place::new().run(&arguments)
}

fn demo(resource: &str, options: &[&str]) -> Run {
    let arguments = ["rests-on", DEMO, resource, "-i", CLAIMS];
    Place::new().run(&[&arguments, options].concat())
}

fn own(wanted: &[(&str, &str)]) -> Vec<(String, String)> {
    let own = |(name, verdict): &(&str, &str)| ((*name).to_owned(), (*verdict).to_owned());
    wanted.iter().map(own).collect()
}

/// The claims that rest on it, with the verdict without it.
fn resting(run: &Run) -> Vec<(String, String)> {
    let document: Value = serde_json::from_str(&run.out).unwrap();
    let claims = document["claims"].as_array().unwrap().iter();
    let resting = claims.filter(|claim| claim["rests"] == true);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    resting
        .map(|claim| (text(&claim["name"]), text(&claim["without"])))
        .collect()
}

#[test]
fn a_deny_entry_that_is_the_only_barrier_carries_its_claim() {
    let run = demo("acl-08ea6012db4964071: inbound entry 90", &[]);
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(run.out.contains("VIOLATED  bastion-stays-off-the-database"));
    assert!(
        run.out
            .contains("PROVED    app-reaches-database: still, without it")
    );
    assert!(
        run.out
            .contains("1 of 7 proved claims rests on it: 1 violated without it")
    );
    // The path is that of the network that is left, and so are its places.
    assert!(
        run.out
            .contains("inbound entry 100 allows tcp/5432 from 10.0.0.0/16")
    );
    assert!(run.out.contains("/NetworkAcls/2/Entries/5"));
}

#[test]
fn a_rule_may_be_named_by_its_id_and_the_places_of_those_behind_it_stay_right() {
    let run = demo("sgr-00d19a4209df10c25", &[]);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    assert!(
        run.out
            .contains("VIOLATED  administrators-reach-the-bastion")
    );
}

#[test]
fn every_spelling_of_a_rule_means_it() {
    let spellings = [
        "db: allows tcp/5432 from app",
        "db tcp/5432 from app",
        "security group db: allows tcp/5432 from app",
        "Security  Group db: inbound rule 0",
        "security-group:db inbound rule 0",
    ];
    let wanted = [("app-reaches-database", "violated")];
    for spelling in spellings {
        let run = small(spelling, &["--output=json"]);
        assert_eq!(run.code, 1, "{spelling}: {}", run.err);
        assert_eq!(resting(&run), own(&wanted), "{spelling}");
    }
}

#[test]
fn a_terraform_address_means_the_rule_that_the_resource_makes() {
    let options = ["--closed-world", "--output=json"];
    let of_rule = "aws_vpc_security_group_ingress_rule.database_app";
    let run =
        Place::new().run(&[&["rests-on", PLAN, of_rule, "-i", CLAIMS], &options[..]].concat());
    assert_eq!(run.code, 1, "{}", run.err);
    assert_eq!(resting(&run), own(&[("app-reaches-database", "violated")]));
    let document: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(
        document["without"][0]["component"],
        "aws_security_group.database"
    );
}

#[test]
fn what_goes_along_and_what_is_left_behind_is_told() {
    let run = demo("nat-05770a4dfb15fb056", &[]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(
        run.out
            .contains("goes too   NAT gateway interface eni-0ad82fa45108ad11c")
    );
    assert!(
        run.out
            .contains("route 0.0.0.0/0 -> nat-05770a4dfb15fb056 is a blackhole")
    );
    assert!(run.out.contains("none of 7 proved claims rests on it"));
    let run = small("security group app", &["--output=json"]);
    let document: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(
        document["along"][0]["text"],
        "security group db: allows tcp/5432 from app"
    );
    assert_eq!(
        document["changed"][0],
        "interface app (app-1) has no security group"
    );
    let wanted = [
        ("app-reaches-database", "violated"),
        ("s3-only-by-gateway-endpoint", "vacuous"),
    ];
    assert_eq!(resting(&run), own(&wanted));
}

#[test]
fn a_vpc_takes_everything_in_it_along_though_kinds_share_ids() {
    let run = small("vpc main", &["--output=json"]);
    assert_eq!(run.code, 3, "{}", run.err);
    assert_eq!(resting(&run).len(), 4);
}

#[test]
fn without_its_acl_a_subnet_has_one_of_which_nothing_is_known() {
    let run = demo("acl-08ea6012db4964071", &["--output=json"]);
    assert_eq!(run.code, 3, "{}", run.err);
    let wanted = [
        ("app-reaches-database", "unknown"),
        ("bastion-stays-off-the-database", "unknown"),
        ("consumers-reach-database", "unknown"),
    ];
    assert_eq!(resting(&run), own(&wanted));
}

#[test]
fn a_claim_whose_selector_names_what_is_gone_is_unknown() {
    let run = demo("admin", &["--output=json"]);
    assert_eq!(run.code, 3, "{}", run.err);
    let document: Value = serde_json::from_str(&run.out).unwrap();
    let mut claims = document["claims"].as_array().unwrap().iter();
    let of = claims.find(|one| one["name"] == "administrators-reach-the-bastion");
    assert_eq!(
        of.unwrap()["problems"][0],
        "the network has no prefix list `admin`"
    );
}

#[test]
fn what_cannot_be_asked_says_what_can() {
    let cases = [
        (small("app", &[]), "`app` names 2 things"),
        (
            small("app", &[]),
            "`security group app`, `interface app (app-1)`",
        ),
        (small("dbb", &[]), "did you mean `db`?"),
        (
            small("db: tcp/5433 from app", &[]),
            "its rules are `db: allows tcp/5432 from app`",
        ),
        (
            small("main-main", &[]),
            "is the main route table of VPC main, which AWS does not delete",
        ),
        (
            small("route-table:private 10.0.0.0/16", &[]),
            "nobody delete the local route",
        ),
        (
            demo("eni-0ad82fa45108ad11c", &[]),
            "ask about `nat-05770a4dfb15fb056`",
        ),
        (
            demo("sgr-00d19a4209df10c26", &[]),
            "did you mean `sgr-00d19a4209df10c25`?",
        ),
    ];
    for (run, wanted) in cases {
        assert_eq!(run.code, 2, "{}", run.out);
        assert!(run.err.contains(wanted), "{wanted}: {}", run.err);
    }
    let run = Place::new().run(&["rests-on", &network("small.toml"), "db"]);
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("there is no vpcproof.toml here"),
        "{}",
        run.err
    );
    let run = Place::new().run(&["rests-on", &network("small.toml")]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("<RESOURCE>"), "{}", run.err);
}

#[test]
fn what_is_told_fits_its_schema() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/rests-on.schema.json");
    let text = std::fs::read_to_string(path).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap();
    let of_json = ["--output=json"];
    let runs = [
        demo("acl-08ea6012db4964071", &of_json),
        demo("admin", &of_json),
        demo("nat-05770a4dfb15fb056", &of_json),
        small("interface db", &of_json),
    ];
    for run in runs {
        let document: Value = serde_json::from_str(&run.out).unwrap();
        let errors: Vec<_> = schema
            .iter_errors(&document)
            .map(|one| one.to_string())
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
}

fn why(of: &str, claims: &str, options: &[&str]) -> Run {
    let arguments = ["check", of, "-i", claims, "--no-builtin", "--why"];
    Place::new().run(&[&arguments, options].concat())
}

/// The parts on which a claim rests, as text.
fn parts(run: &Run, claim: &str) -> Vec<String> {
    let document: Value = serde_json::from_str(&run.out).unwrap();
    let mut results = document["results"].as_array().unwrap().iter();
    let result = results.find(|one| one["name"] == claim).unwrap();
    assert_eq!(result["rests_on"]["minimal"], true);
    let parts = result["rests_on"]["parts"].as_array().unwrap().iter();
    parts
        .map(|part| part["text"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_proof_names_the_rules_that_it_needs_and_no_others() {
    let claims = network("small.invariants.toml");
    let run = why(&network("small.toml"), &claims, &["--output=json"]);
    assert_eq!(run.code, 0, "{}", run.err);
    // Without a public address nothing comes from the internet, whatever rules say.
    assert!(parts(&run, "database-is-private").is_empty());
    let of_app = parts(&run, "app-reaches-database");
    let needed = [
        "security group db: allows tcp/5432 from app",
        "security group app: allows all traffic to 0.0.0.0/0",
        "network ACL main-open: its entries, and no others",
    ];
    for part in needed {
        assert!(of_app.iter().any(|one| one == part), "{part}: {of_app:#?}");
    }
    // The gateway endpoint's policy matters for requests only.
    let policy = "endpoint s3 (com.amazonaws.eu-west-1.s3): its policy".to_owned();
    assert!(parts(&run, "no-foreign-buckets").contains(&policy));
    assert!(!parts(&run, "s3-only-by-gateway-endpoint").contains(&policy));
}

#[test]
fn the_only_barrier_is_what_a_proof_rests_on() {
    let run = why(DEMO, CLAIMS, &["--output=json"]);
    assert_eq!(run.code, 1, "{}", run.err);
    let of_bastion = parts(&run, "bastion-stays-off-the-database");
    let acl = "network ACL acl-08ea6012db4964071 (database): its entries, and no others";
    assert!(of_bastion.iter().any(|one| one == acl), "{of_bastion:#?}");
    // The group admits the bastion, so that nothing rests on it.
    assert!(
        !of_bastion
            .iter()
            .any(|one| one.starts_with("security group"))
    );
}

#[test]
fn what_a_proof_rests_on_fits_the_schema_and_is_told_of_proofs_only() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/report.schema.json");
    let text = std::fs::read_to_string(path).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap();
    let run = why(DEMO, CLAIMS, &["--output=json"]);
    let document: Value = serde_json::from_str(&run.out).unwrap();
    let errors: Vec<_> = schema
        .iter_errors(&document)
        .map(|one| one.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    for result in document["results"].as_array().unwrap() {
        let is_proved = result["verdict"] == "proved";
        assert_eq!(
            result.get("rests_on").is_some(),
            is_proved,
            "{}",
            result["name"]
        );
    }
}
