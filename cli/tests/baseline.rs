//! Baselines: what is violated when one is made is let be, and what is new fails.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "A test that cannot go on fails."
)]

mod common;

use std::fs;
use std::path::PathBuf;

use common::{Place, Run, network};
use serde_json::Value;

const CLAIMS: &str = r#"
[group]
app   = "interface tag:tier=app"
batch = "subnet name:batch"
db    = "interface tag:tier=db"

[[never]]
name = "the-databases-are-closed"
from = "any"
to   = "db"

[[always]]
name    = "app-reaches-its-database"
from    = "app"
to      = "db"
traffic = "tcp/5430-5440"
"#;

/// The legacy network with a baseline of it.
fn adopted(claims: &str) -> Place {
    let place = Place::with(claims);
    fs::copy(network("legacy.toml"), place.path("network.toml")).unwrap();
    let made = check(&place, "--create-baseline=baseline.toml", &[]);
    assert_eq!(made.code, 0, "{}{}", made.out, made.err);
    place
}

fn check(place: &Place, baseline: &str, options: &[&str]) -> Run {
    let mut arguments = vec!["check", "network.toml", "--no-builtin", baseline];
    arguments.extend(["--today", "2026-11-27"]);
    arguments.extend(options);
    place.run(&arguments)
}

/// With the network changed.
fn changed(place: &Place, from: &str, to: &str) -> Run {
    let path = place.path("network.toml");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(&path, text.replace(from, to)).unwrap();
    check(place, "--baseline=baseline.toml", &[])
}

fn baseline(place: &Place) -> String {
    fs::read_to_string(place.path("baseline.toml")).unwrap()
}

#[test]
fn a_baseline_says_in_the_users_names_what_is_violated() {
    let place = adopted(CLAIMS);
    let expected = r#"# A baseline of vpcproof, made on 2026-11-27: what violated the claims of the invariant file then.
# `vpcproof check --baseline` waives it, and whatever else violates them fails. Delete what is mended.

[[waive]]
invariant = "the-databases-are-closed"
from = "batch"
to = "db"
traffic = "tcp/22"
family = "ipv4"

[[waive]]
invariant = "the-databases-are-closed"
from = ["app", "batch"]
to = "db"
traffic = "tcp/5432"
family = "ipv4"

[[waive]]
invariant = "app-reaches-its-database"
from = "app"
to = "db"
traffic = ["tcp/5430-5431", "tcp/5433-5440"]
family = "ipv4"
"#;
    assert_eq!(baseline(&place), expected);
    let run = check(&place, "--baseline=baseline.toml", &[]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert_eq!(run.err, "");
    let line = "PROVED    the-databases-are-closed  (without what 2 waivers waive)\n  \
                baseline   2 entries of it waive what was violated before\n";
    assert!(run.out.contains(line), "{}", run.out);
}

#[test]
fn another_port_and_another_sender_are_violated() {
    const RULES: &str = "\"tcp/22 from sg:batch\"";
    for (rules, shown) in [
        (
            "\"tcp/22-23 from sg:batch\"",
            "10.0.2.10 -> 10.0.3.10 tcp/23",
        ),
        (
            "\"tcp/22 from sg:batch\", \"tcp/22 from sg:app\"",
            "10.0.1.10 -> 10.0.3.10 tcp/22",
        ),
    ] {
        let run = changed(&adopted(CLAIMS), RULES, rules);
        assert_eq!(run.code, 1, "{}", run.out);
        assert!(run.out.contains(shown), "{shown}\n{}", run.out);
        assert!(run.out.contains("VIOLATED  the-databases-are-closed"));
        assert!(run.out.contains("PROVED    app-reaches-its-database"));
    }
}

#[test]
fn a_new_host_with_the_same_names_is_of_the_same_class() {
    let place = adopted(CLAIMS);
    let path = place.path("network.toml");
    let text = fs::read_to_string(&path).unwrap();
    let text = text.replace("10.0.2.10", "10.0.2.77");
    let text = text.replace("interface.batch", "interface.batch-of-another-apply");
    fs::write(&path, text).unwrap();
    let run = check(&place, "--baseline=baseline.toml", &[]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
}

#[test]
fn what_is_mended_is_told() {
    let gone = changed(&adopted(CLAIMS), ", \"tcp/22 from sg:batch\"", "");
    assert_eq!(gone.code, 0, "{}", gone.out);
    let text = "warning[unused-waiver]: nothing is violated in what a waiver of `the-databases-are-closed` waives: \
                from `batch` to `db` with tcp/22 over IPv4\n  --> baseline.toml:4:1\n";
    assert!(gone.err.contains(text), "{}", gone.err);
    // Of two senders on one port one is left.
    let half = changed(&adopted(CLAIMS), "\"tcp/5432 from sg:batch\", ", "");
    assert_eq!(half.code, 0, "{}", half.out);
    let text = "warning[baseline-wider]: an entry of the baseline says more of `the-databases-are-closed` than is \
                violated: nothing from interface batch (batch-1)\n  --> baseline.toml:11:1\n";
    assert!(half.err.contains(text), "{}", half.err);
}

#[test]
fn an_entry_that_names_what_is_gone_is_unused() {
    let place = adopted(CLAIMS);
    let text = baseline(&place).replace("from = \"batch\"", "from = \"interface tag:gone=yes\"");
    fs::write(place.path("baseline.toml"), text).unwrap();
    let run = check(&place, "--baseline=baseline.toml", &[]);
    assert_eq!(run.code, 1, "{}", run.out);
    assert!(run.err.contains("warning[unused-waiver]"), "{}", run.err);
    let renamed = CLAIMS.replace("app-reaches-its-database", "app-reaches");
    fs::write(place.path("vpcproof.toml"), renamed).unwrap();
    let run = check(&place, "--baseline=baseline.toml", &[]);
    let text = "warning[unused-waiver]: the invariant file has no claim `app-reaches-its-database` any more";
    assert!(run.err.contains(text), "{}", run.err);
}

#[test]
fn an_entry_may_have_an_end() {
    let place = adopted(CLAIMS);
    let ended = baseline(&place).replace(
        "traffic = \"tcp/22\"",
        "traffic = \"tcp/22\"\nuntil = 2026-11-26",
    );
    fs::write(place.path("baseline.toml"), ended).unwrap();
    let run = check(&place, "--baseline=baseline.toml", &[]);
    assert_eq!(run.code, 1, "{}", run.out);
    assert!(run.err.contains("error[expired-waiver]"), "{}", run.err);
}

#[test]
fn a_claim_that_is_violated_as_a_whole_is_vacuous_beside_its_baseline() {
    let claims = "[[always]]\nname = \"x\"\nfrom = \"interface tag:tier=app\"\nto = \"interface tag:tier=db\"\n\
                  traffic = \"tcp/80\"\nvacuous = \"error\"\n";
    let place = adopted(claims);
    let run = check(&place, "--baseline=baseline.toml", &[]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let text = "  because    all that it speaks of is in the baseline\n";
    assert!(run.out.contains(text), "{}", run.out);
}

#[test]
fn waivers_of_the_file_stay_out_of_the_baseline() {
    let waiver = "\n[[waive]]\ninvariant = \"the-databases-are-closed\"\ntraffic = \"tcp/5432\"\nreason = \"r\"\n";
    let place = adopted(&format!("{CLAIMS}{waiver}"));
    assert!(
        !baseline(&place).contains("\"tcp/5432\""),
        "{}",
        baseline(&place)
    );
    assert_eq!(check(&place, "--baseline=baseline.toml", &[]).code, 0);
}

#[test]
fn json_tells_the_entries_of_a_baseline() {
    let place = adopted(CLAIMS);
    let run = check(&place, "--baseline=baseline.toml", &["--output=json"]);
    let document: Value = serde_json::from_str(&run.out).unwrap();
    let schema = format!("{}/schema/report.schema.json", env!("CARGO_MANIFEST_DIR"));
    let schema = serde_json::from_str(&fs::read_to_string(schema).unwrap()).unwrap();
    assert!(jsonschema::is_valid(&schema, &document));
    let waived = &document["results"][0]["waived"][0];
    assert_eq!(waived["baseline"], true);
    assert_eq!(waived["state"], "used");
    assert_eq!(waived["families"][0], "ipv4");
}

#[test]
fn requests_of_flows_are_let_be_and_others_fail() {
    let place = Place::new();
    for name in ["shop.toml", "shop.invariants.toml"] {
        fs::copy(network(name), place.path(name)).unwrap();
    }
    let check = |flag: &str| {
        let claims = "shop.invariants.toml";
        place.run(&["check", "shop.toml", "-i", claims, "--no-builtin", flag])
    };
    let made = check("--create-baseline=b.toml");
    assert_eq!(made.code, 0, "{}{}", made.out, made.err);
    let text = fs::read_to_string(place.path("b.toml")).unwrap();
    // Of two hosts one has a route to the endpoint; all requests of the claim pass.
    let entry = "[[waive]]\ninvariant = \"no-foreign-buckets\"\nfrom = \"interface name:app-a\"\n";
    assert!(
        text.contains(entry) && !text.contains("request = "),
        "{text}"
    );
    assert_eq!(check("--baseline=b.toml").code, 0);
}

/// The perimeter network with a policy at its open endpoint, and one claim about requests in two ways.
fn perimeter(policy: &str) -> Place {
    let place = Place::new();
    let text = fs::read_to_string(network("perimeter.toml")).unwrap();
    fs::write(place.path("network.toml"), text).unwrap();
    set_policy(&place, policy);
    fs::write(place.path("reference.json"), READS_OURS).unwrap();
    let claims = r#"
[[policy]]
name   = "not-wider"
of     = "endpoint name:open"
within = "reference.json"
[[never]]
name    = "nothing-is-deleted"
from    = "interface name:app-open"
to      = "endpoint name:open"
traffic = "tcp/443"
request = { action = "s3:Delete*" }
"#;
    fs::write(place.path("vpcproof.toml"), claims).unwrap();
    place
}

const READS_OURS: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::ours/*"}]}"#;
const WRITES_OURS: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":["s3:GetObject","s3:DeleteObject"],"Resource":"arn:aws:s3:::ours/*"}]}"#;

/// Gives the open endpoint a policy.
fn set_policy(place: &Place, policy: &str) {
    let path = place.path("network.toml");
    let text = fs::read_to_string(&path).unwrap();
    let begins = text.find("[endpoint.open]").unwrap();
    let (before, own) = text.split_at(begins);
    let (own, behind) = own.split_at(own.find("\n[").unwrap());
    let lines = own.lines().filter(|line| !line.starts_with("policy = "));
    let own: Vec<&str> = lines.collect();
    let own = own.join("\n");
    fs::write(
        &path,
        format!("{before}{own}\npolicy = '{policy}'\n{behind}"),
    )
    .unwrap();
}

#[test]
fn policies_and_requests_are_let_be_as_they_are_and_not_when_they_grow() {
    let place = perimeter(WRITES_OURS);
    let made = check(&place, "--create-baseline=baseline.toml", &[]);
    assert_eq!(made.code, 0, "{}{}", made.out, made.err);
    let text = baseline(&place);
    let entry = "[[waive]]\ninvariant = \"not-wider\"\nrequest = { action = \"s3:DeleteObject\", resource = \"arn:aws:s3:::ours/*\" }\n";
    assert!(text.contains(entry), "{text}");
    let entry = "request = { action = \"s3:DeleteObject\", resource = \"arn:aws:s3:::ours/*\" }\n\n[[waive]]\ninvariant = \"not-wider\"";
    assert!(text.contains(entry), "{text}");
    let run = check(&place, "--baseline=baseline.toml", &[]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert_eq!(
        run.out.matches("1 entry of it waives").count(),
        2,
        "{}",
        run.out
    );
    // Less is let be, and told.
    set_policy(&place, READS_OURS);
    let run = check(&place, "--baseline=baseline.toml", &[]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert_eq!(
        run.err.matches("warning[unused-waiver]").count(),
        2,
        "{}",
        run.err
    );
    // Another bucket, and another action, are new.
    for (new, n_violated) in [
        (WRITES_OURS.replace("ours/*", "*"), 2),
        (WRITES_OURS.replace("s3:GetObject", "s3:PutObject"), 1),
        (WRITES_OURS.replace("s3:DeleteObject", "s3:Delete*"), 2),
    ] {
        set_policy(&place, &new);
        let run = check(&place, "--baseline=baseline.toml", &[]);
        assert_eq!(run.code, 1, "{new}\n{}", run.out);
        assert_eq!(
            run.out.matches("VIOLATED").count(),
            n_violated,
            "{new}\n{}",
            run.out
        );
    }
}

#[test]
fn only_a_baseline_takes_requests_of_policies() {
    let place = perimeter(WRITES_OURS);
    let claims = fs::read_to_string(place.path("vpcproof.toml")).unwrap();
    let waiver = |text: &str| {
        let text = format!("{claims}\n[[waive]]\nreason = \"r\"\n{text}\n");
        fs::write(place.path("vpcproof.toml"), text).unwrap();
        place.run(&["check", "network.toml", "--no-builtin"])
    };
    let run = waiver("invariant = \"not-wider\"\nrequest = { action = \"s3:DeleteObject\" }");
    assert!(
        run.err
            .contains("error[not-waivable]: nothing of `not-wider`"),
        "{}",
        run.err
    );
    let run = waiver("invariant = \"nothing-is-deleted\"\nof = \"endpoint name:open\"");
    assert!(
        run.err.contains("error[not-waivable]: `of` is nothing of"),
        "{}",
        run.err
    );
    let run = waiver(
        "invariant = \"nothing-is-deleted\"\nrequest = { context = { \"aws:TagKeys\" = \"team\" } }",
    );
    assert!(
        run.err
            .contains("error[not-waivable]: the requests of a waiver"),
        "{}",
        run.err
    );
    let run =
        waiver("invariant = \"nothing-is-deleted\"\nrequest = { action = \"s3:DeleteObject\" }");
    assert!(
        run.out
            .contains("PROVED    nothing-is-deleted  (without what 1 waiver waives)"),
        "{}",
        run.out
    );
}

#[test]
fn on_recorded_networks_nothing_is_left() {
    for name in ["tokyo-endpoints", "frankfurt-hub"] {
        let fixture: PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", "fixtures", name]
            .iter()
            .collect();
        let [describe, claims] =
            ["describe", "vpcproof.toml"].map(|one| fixture.join(one).display().to_string());
        let place = Place::new();
        let arguments = [
            "check",
            &describe,
            "-i",
            &claims,
            "--no-builtin",
            "--unknown=ignore",
        ];
        let made = place.run(&[arguments.as_slice(), &["--create-baseline=b.toml"]].concat());
        let run = place.run(&[arguments.as_slice(), &["--baseline=b.toml"]].concat());
        assert_eq!(made.out, run.out);
        assert_eq!(run.out.matches("VIOLATED").count(), 0, "{}", run.out);
        let is_id = |text: &str| text.contains("eni-") || text.contains("10.");
        let text = fs::read_to_string(place.path("b.toml")).unwrap();
        assert!(!is_id(&text), "{text}");
        assert!(!run.err.contains("unused"), "{}", run.err);
    }
}

#[test]
fn a_file_that_is_no_baseline_is_not_written_over() {
    let place = adopted(CLAIMS);
    let again = check(&place, "--create-baseline=baseline.toml", &[]);
    assert_eq!(again.code, 0, "{}", again.err);
    let run = check(&place, "--create-baseline=vpcproof.toml", &[]);
    assert_eq!(run.code, 2);
    let text =
        "error: `vpcproof.toml` is there already, and is no baseline\n  help: give another name\n";
    assert_eq!(run.err, text);
    assert_eq!(
        fs::read_to_string(place.path("vpcproof.toml")).unwrap(),
        CLAIMS
    );
}

#[test]
fn a_wrong_baseline_is_refused() {
    let place = adopted(CLAIMS);
    for (text, told) in [
        (
            "[[never]]\nname = \"x\"\n",
            "error[invalid-baseline]: a baseline has no part `never`",
        ),
        ("[[waive]\n", "error[invalid-baseline]: "),
        (
            "[[known]]\nfinding = \"x\"\nkind = \"never\"\n",
            "error[invalid-field-value]: `kind` cannot be `never`",
        ),
        (
            "[[known]]\nfinding = \"x\"\nkind = \"built-in\"\n",
            "error[missing-claim-field]: `[[known]]` lacks the field `found`",
        ),
        (
            "[[waive]]\nfrom = \"app\"\n",
            "error[missing-claim-field]: `[[waive]]` lacks the field `invariant`",
        ),
        (
            "[[waive]]\ninvariant = \"the-databases-are-closed\"\nfrom = \"nobody\"\n",
            "error[unknown-group]: ",
        ),
        (
            "[[waive]]\ninvariant = \"the-databases-are-closed\"\nto = \"internet\"\n",
            "error[invalid-selector]: `to` of a waiver cannot be `internet`",
        ),
    ] {
        fs::write(place.path("wrong.toml"), text).unwrap();
        let run = check(&place, "--baseline=wrong.toml", &[]);
        assert_eq!(run.code, 2, "{text}");
        assert!(run.err.contains(told), "{told}\n{}", run.err);
    }
    let run = check(&place, "--baseline=nowhere.toml", &[]);
    assert!(
        run.err.contains("error[invalid-baseline]: cannot be read"),
        "{}",
        run.err
    );
    let both = check(&place, "--baseline=a.toml", &["--create-baseline=b.toml"]);
    assert_eq!(both.code, 2);
    let place = Place::new();
    fs::copy(network("legacy.toml"), place.path("network.toml")).unwrap();
    let run = place.run(&["check", "network.toml", "--baseline=b.toml"]);
    assert_eq!(run.code, 2);
    assert!(
        run.err
            .contains("a baseline is of the claims of an invariant file"),
        "{}",
        run.err
    );
}

/// Two hosts with public addresses, of which one is open, and one host without.
const PUBLIC: &str = r#"
[vpc.main]
cidrs = ["10.0.0.0/16"]
[internet-gateway.main]
vpc = "main"
[route-table.public]
routes = ["0.0.0.0/0 -> internet-gateway:main"]
[subnet.public]
cidrs = ["10.0.1.0/24"]
route-table = "public"
[security-group.open]
ingress = ["tcp/443 from 0.0.0.0/0", "tcp/22 from 198.51.100.0/24"]
[security-group.closed]
ingress = ["tcp/443 from 10.0.0.0/16"]
[interface.one]
subnet = "public"
addresses = ["10.0.1.10 public 44.0.0.1"]
groups = ["open"]
tags = { Name = "one" }
[interface.two]
subnet = "public"
addresses = ["10.0.1.11 public 44.0.0.2"]
groups = ["closed"]
tags = { Name = "two" }
[interface.three]
subnet = "public"
addresses = ["10.0.1.12"]
groups = ["open"]
tags = { Name = "three" }
"#;

#[test]
fn a_sometimes_is_let_be_as_a_whole_until_it_holds() {
    let claims = "[[sometimes]]\nname = \"web\"\nfrom = \"interface tag:tier=app\"\n\
                  to = \"interface tag:tier=db\"\ntraffic = \"tcp/80\"\n";
    let place = adopted(claims);
    let entry = "[[known]]\nfinding = \"web\"\nkind = \"sometimes\"\n";
    assert!(baseline(&place).ends_with(entry), "{}", baseline(&place));
    let run = check(&place, "--baseline=baseline.toml", &["--output=json"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let document: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(document["results"][0]["verdict"], "violated");
    assert_eq!(document["results"][0]["known"]["until"], Value::Null);
    assert_eq!(document["summary"]["known"], 1);
    let ended = format!("{}until = 2026-11-26\n", baseline(&place));
    fs::write(place.path("ended.toml"), ended).unwrap();
    let run = check(&place, "--baseline=ended.toml", &[]);
    assert_eq!(run.code, 1, "{}", run.out);
    let text = "error[expired-waiver]: the entry of `web` ended on 2026-11-26 and does not count";
    assert!(run.err.contains(text), "{}", run.err);
    // Another claim of that name is not meant.
    let never = claims
        .replace("sometimes", "never")
        .replace("tcp/80", "tcp/5432");
    fs::write(place.path("vpcproof.toml"), never).unwrap();
    let run = check(&place, "--baseline=baseline.toml", &[]);
    assert_eq!(run.code, 1, "{}", run.out);
    fs::write(
        place.path("vpcproof.toml"),
        claims.replace("tcp/80", "tcp/5432"),
    )
    .unwrap();
    let run = check(&place, "--baseline=baseline.toml", &[]);
    assert_eq!(run.code, 0, "{}", run.out);
    let text = "warning[unused-waiver]: `web` is no violated `[[sometimes]]` any more";
    assert!(run.err.contains(text), "{}", run.err);
}

#[test]
fn what_built_in_checks_find_is_let_be_while_it_is_the_same() {
    let place = Place::with(
        "[[never]]\nname = \"x\"\nfrom = \"internet\"\nto = \"interface name:three\"\n",
    );
    let open = PUBLIC.replace("tcp/22 from 198.51.100.0/24", "tcp/22 from 0.0.0.0/0");
    fs::write(place.path("network.toml"), &open).unwrap();
    let check = |option| place.run(&["check", "network.toml", option]);
    assert_eq!(check("--unknown=fail").code, 1);
    let made = check("--create-baseline=b.toml");
    assert_eq!(made.code, 0, "{}{}", made.out, made.err);
    let run = check("--baseline=b.toml");
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains("in the baseline)"), "{}", run.out);
    assert_eq!(run.err, "");
    for (rules, is_new) in [
        (
            "\"tcp/22 from 0.0.0.0/0\", \"tcp/3389 from 0.0.0.0/0\"",
            true,
        ),
        ("\"tcp/22 from 10.0.0.0/16\"", false),
    ] {
        let text = open.replace("\"tcp/22 from 0.0.0.0/0\"", rules);
        fs::write(place.path("network.toml"), text).unwrap();
        let run = check("--baseline=b.toml");
        assert_eq!(run.code, i32::from(is_new), "{}{}", run.out, run.err);
        assert_eq!(
            run.err.contains("is not found any more"),
            !is_new,
            "{}",
            run.err
        );
    }
}

#[test]
fn of_the_internet_only_the_blocks_that_reach_something_are_taken() {
    let place = Place::with("[[never]]\nname = \"x\"\nfrom = \"internet\"\nto = \"interface\"\n");
    fs::write(place.path("network.toml"), PUBLIC).unwrap();
    let made = check(&place, "--create-baseline=baseline.toml", &[]);
    assert_eq!(made.code, 0, "{}{}", made.out, made.err);
    assert_eq!(made.err, "wrote baseline.toml with 2 entries\n");
    let entries = [
        "[[waive]]\ninvariant = \"x\"\nfrom = \"internet ip:198.51.100.0/24\"\nto = \"interface name:one\"\n\
         traffic = \"tcp/22\"\nfamily = \"ipv4\"\n",
        "[[waive]]\ninvariant = \"x\"\nfrom = \"internet\"\nto = \"interface name:one\"\n\
         traffic = \"tcp/443\"\nfamily = \"ipv4\"\n",
    ];
    for entry in entries {
        assert!(baseline(&place).contains(entry), "{}", baseline(&place));
    }
    let wider = changed(
        &place,
        "tcp/22 from 198.51.100.0/24",
        "tcp/22 from 198.51.0.0/16",
    );
    assert_eq!(wider.code, 1, "{}", wider.out);
    let narrower = changed(
        &place,
        "tcp/22 from 198.51.0.0/16",
        "tcp/22 from 198.51.100.0/25",
    );
    assert_eq!(narrower.code, 0, "{}", narrower.out);
    let text = "than is violated: nothing from 198.51.100.128/25 of the internet\n";
    assert!(narrower.err.contains(text), "{}", narrower.err);
}
