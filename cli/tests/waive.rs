//! Waivers: what is judged without them, what is said of them, and how the run ends.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "A test that cannot go on fails."
)]

mod common;

use common::{Place, Run, network};
use serde_json::{Value, json};

/// Judges claims of the legacy network on a day.
fn run(invariants: &str, today: &str, options: &[&str]) -> Run {
    let legacy = network("legacy.toml");
    let mut arguments = vec!["check", &legacy, "--no-builtin", "--today", today];
    arguments.extend(options);
    Place::with(invariants).run(&arguments)
}

fn example(options: &[&str]) -> Run {
    let invariants = std::fs::read_to_string(network("legacy.invariants.toml")).unwrap();
    run(&invariants, "2026-11-27", options)
}

#[test]
fn the_report_says_under_each_claim_what_is_waived_and_why() {
    let run = example(&[]);
    assert_eq!(run.code, 1, "{}", run.err);
    let expected = [
        "PROVED    no-ssh-to-the-databases  (without what 1 waiver waives)\n  \
         waived     from `batch`, until 2027-03-31: legacy batch, moves in Q1\n",
        "VIOLATED  batch-stays-off-the-databases  (high)  (without what 2 waivers waive)\n  \
         never      no flow from `batch` to `db` is delivered\n  \
         waived     to `db name:orders`, without end: it writes orders until the queue is there\n  \
         waived     with tcp/22, until 2026-11-27: it reads dumps\n  \
         flow       batch (batch-1): 10.0.2.10 -> 10.0.3.11 tcp/5432",
        "PROVED    app-reaches-the-databases  (without what 1 waiver waives)\n  \
         unused     to `db name:stock`, until 2027-01-31: stock is being moved; nothing is violated there\n",
        "PROVED    clients-send-no-mail  (no waiver of it counts)\n  \
         expired    from `app`, until 2026-06-30: until the new relay is there; it does not count\n",
        "VIOLATED  batch-does-not-query  (high)  (no waiver of it counts)\n",
        "  too wide   from `batch`, without end: everybody knows; it leaves nothing and does not count\n",
    ];
    for text in expected {
        assert!(run.out.contains(text), "{text}\n{}", run.out);
    }
    for text in [
        "warning[unused-waiver]: ",
        "error[expired-waiver]: ",
        "error[waiver-too-wide]: ",
    ] {
        assert_eq!(run.err.matches(text).count(), 1, "{text}\n{}", run.err);
    }
}

#[test]
fn json_has_every_waiver_with_its_state() {
    let run = example(&["--output=json"]);
    let document: Value = serde_json::from_str(&run.out).unwrap();
    let schema = format!("{}/schema/report.schema.json", env!("CARGO_MANIFEST_DIR"));
    let schema = serde_json::from_str(&std::fs::read_to_string(schema).unwrap()).unwrap();
    assert!(jsonschema::is_valid(&schema, &document));
    let results = document["results"].as_array().unwrap();
    let states: Vec<Vec<&str>> = results
        .iter()
        .map(|result| {
            let waived = result["waived"].as_array().unwrap().iter();
            waived.map(|one| one["state"].as_str().unwrap()).collect()
        })
        .collect();
    let expected: [&[&str]; 5] = [
        &["used"],
        &["used", "used"],
        &["unused"],
        &["expired"],
        &["too-wide"],
    ];
    assert_eq!(states, expected);
    let expected = json!({
        "from": "batch", "reason": "legacy batch, moves in Q1", "until": "2027-03-31", "state": "used",
    });
    assert_eq!(results[0]["waived"][0], expected);
    assert_eq!(results[1]["waived"][0]["until"], Value::Null);
}

const SSH: &str = "[[never]]\nname = \"x\"\nfrom = \"interface\"\nto = \"interface tag:tier=db\"\ntraffic = \"tcp/22\"\n";

fn waive(fields: &str) -> String {
    format!("[[waive]]\ninvariant = \"x\"\nreason = \"r\"\n{fields}\n")
}

#[test]
fn an_expired_waiver_fails_the_run_although_the_claim_is_proved_without_it() {
    let claim = SSH.replace("tcp/22", "tcp/25");
    let text = format!(
        "{claim}{}",
        waive("traffic = \"tcp/25\"\nfrom = \"subnet name:batch\"\nuntil = 2026-11-26")
    );
    let before = run(&text, "2026-11-26", &[]);
    assert_eq!(before.code, 0, "{}", before.err);
    let after = run(&text, "2026-11-27", &[]);
    assert_eq!(after.code, 2, "{}", after.err);
    assert!(
        after
            .out
            .starts_with("PROVED    x  (no waiver of it counts)\n"),
        "{}",
        after.out
    );
}

#[test]
fn what_an_expired_waiver_hid_is_violated_again() {
    let text = format!(
        "{SSH}{}",
        waive("from = \"subnet name:batch\"\nuntil = 2026-11-26")
    );
    assert_eq!(run(&text, "2026-11-26", &[]).code, 0);
    assert_eq!(run(&text, "2026-11-27", &[]).code, 1);
}

#[test]
fn a_waiver_hides_no_more_than_it_says() {
    let cases = [
        // Whose flows are these: batch-1 to both databases on port 22.
        ("from = \"subnet name:batch\"", 0),
        ("from = \"interface name:app-1\"", 1),
        ("to = \"interface tag:tier=db name:orders\"", 1),
        ("to = \"interface tag:tier=db name:stock\"", 1),
        (
            "from = \"subnet name:batch\"\nto = \"interface name:orders\"",
            1,
        ),
        (
            "from = \"subnet name:batch\"\nto = \"interface tag:tier=db\"",
            0,
        ),
        ("from = \"subnet name:batch\"\ntraffic = \"tcp/23\"", 1),
        ("from = \"subnet name:batch\"\ntraffic = \"tcp/20-22\"", 0),
        ("from = \"interface name:app-1\"\ntraffic = \"tcp/22\"", 1),
    ];
    for (fields, expected) in cases {
        let run = run(&format!("{SSH}{}", waive(fields)), "2026-11-27", &[]);
        assert_eq!(run.code, expected, "{fields}\n{}{}", run.out, run.err);
    }
    let both = [
        waive("to = \"interface name:orders\"\nfrom = \"subnet name:batch\""),
        waive("to = \"interface name:stock\"\nfrom = \"subnet name:batch\""),
    ];
    let run = run(&format!("{SSH}{}", both.concat()), "2026-11-27", &[]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
}

#[test]
fn waivers_that_leave_nothing_do_not_count() {
    let halves = [
        waive("to = \"interface name:orders\""),
        waive("to = \"interface name:stock\""),
    ];
    for waivers in [
        waive("from = \"interface\""),
        waive("traffic = \"tcp\""),
        halves.concat(),
    ] {
        let run = run(&format!("{SSH}{waivers}"), "2026-11-27", &[]);
        assert_eq!(run.code, 1, "{}", run.out);
        assert!(run.err.contains("error[waiver-too-wide]"), "{}", run.err);
    }
}

#[test]
fn each_part_that_waivers_leave_is_written_as_smt() {
    let text = format!(
        "{SSH}{}",
        waive("from = \"subnet name:batch\"\nto = \"interface name:orders\"")
    );
    let place = Place::with(&text);
    let legacy = network("legacy.toml");
    let run = place.run(&["check", &legacy, "--no-builtin", "--emit-smt=smt"]);
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(place.path("smt/x.smt2").is_file() && place.path("smt/x_.smt2").is_file());
}
