//! `vpcproof replay`: records of the demo network, whose verdicts were derived by hand from its rules and
//! AWS's page of flow log records.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "A test that cannot go on fails."
)]

mod common;

use std::fs;
use std::io::Write;

use common::{Place, Run};
use serde_json::Value;

const APP: &str = "eni-00caabc1082a6bec7 10.0.1.4";
const DATABASE: &str = "eni-06e0c57cf3b3efa9b 10.0.3.10";
const BASTION: &str = "eni-066afdf9d58343439 10.0.0.4";

/// A record of TCP at the interface of one end: to it, or from it.
fn record(
    (own, comes): (&str, bool),
    own_port: u16,
    other: &str,
    port: u16,
    action: &str,
) -> String {
    let (interface, address) = own.split_once(' ').unwrap();
    let ends = if comes {
        format!("{other} {address} {port} {own_port}")
    } else {
        format!("{address} {other} {own_port} {port}")
    };
    format!("2 123456789012 {interface} {ends} 6 20 4249 1764230400 1764230460 {action} OK\n")
}

fn replay(log: &[u8], options: &[&str]) -> Run {
    let place = Place::new();
    fs::write(place.path("flow.log"), log).unwrap();
    let describe = format!(
        "{}/../fixtures/tokyo-endpoints/describe",
        env!("CARGO_MANIFEST_DIR")
    );
    let mut arguments = vec!["replay", &describe, "--logs", "flow.log"];
    arguments.extend(options);
    place.run(&arguments)
}

/// What becomes of one record, and why.
fn outcome(record: &str) -> String {
    let run = replay(record.as_bytes(), &["--output=json"]);
    let document: Value = serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}", run.err));
    match document["groups"].as_array().unwrap().as_slice() {
        [] if document["agree"] == 1 => "agrees".to_owned(),
        [group] => format!(
            "{}: {}",
            group["outcome"].as_str().unwrap(),
            group["because"].as_str().unwrap()
        ),
        _ => panic!("{document:#}"),
    }
}

#[test]
fn a_request_is_accepted_and_rejected_by_the_groups_at_the_interface() {
    let to_database = |port, action| record((DATABASE, true), port, "10.0.1.4", 40000, action);
    assert_eq!(outcome(&to_database(5432, "ACCEPT")), "agrees");
    assert_eq!(outcome(&to_database(80, "REJECT")), "agrees");
    let passes = "differs: the filters of eni-06e0c57cf3b3efa9b let it pass";
    assert_eq!(outcome(&to_database(5432, "REJECT")), passes);
    let from_app = |action| record((APP, false), 40000, "10.0.3.10", 5432, action);
    assert_eq!(outcome(&from_app("ACCEPT")), "agrees");
    let passes = "differs: the filters of eni-00caabc1082a6bec7 let it pass";
    assert_eq!(outcome(&from_app("REJECT")), passes);
}

#[test]
fn a_reply_passes_groups_that_let_no_request_pass() {
    // The database may open no connection, but answer.
    let answers = record((DATABASE, false), 5432, "10.0.1.4", 40000, "ACCEPT");
    assert_eq!(outcome(&answers), "agrees");
    let asks = record((DATABASE, false), 40000, "10.0.1.4", 443, "ACCEPT");
    let told = outcome(&asks);
    assert!(
        told.starts_with("differs: ") && told.contains("[security-group-egress]"),
        "{told}"
    );
}

#[test]
fn what_comes_from_the_internet_goes_to_the_public_address() {
    // Administrators are 198.51.100.0/24.
    let from = |other: &str, action| record((BASTION, true), 22, other, 40000, action);
    assert_eq!(outcome(&from("198.51.100.7", "ACCEPT")), "agrees");
    assert_eq!(outcome(&from("203.0.113.99", "REJECT")), "agrees");
    let told = outcome(&from("203.0.113.99", "ACCEPT"));
    assert!(
        told.contains("rejects it  [security-group-ingress]"),
        "{told}"
    );
}

#[test]
fn what_a_record_or_the_input_does_not_tell_is_not_judged() {
    let elsewhere = record(("eni-1 10.9.9.9", true), 22, "10.0.1.4", 40000, "ACCEPT");
    assert_eq!(
        outcome(&elsewhere),
        "not-judged: the interface is not in the input"
    );
    let ping = record((BASTION, true), 0, "198.51.100.7", 0, "REJECT").replace(" 6 ", " 1 ");
    let told = "not-judged: a record of ICMP does not have its type";
    assert_eq!(outcome(&ping), told);
    let of_others =
        record((BASTION, true), 22, "10.0.1.4", 40000, "ACCEPT").replace("10.0.0.4", "10.0.9.9");
    assert!(outcome(&of_others).starts_with("not-judged: the interface hands on"));
}

#[test]
fn flags_tell_who_began() {
    let format = "interface-id srcaddr dstaddr srcport dstport protocol action tcp-flags\n";
    let one = |flags| {
        format!("{format}eni-06e0c57cf3b3efa9b 10.0.3.10 10.0.1.4 5432 40000 6 ACCEPT {flags}\n")
    };
    assert_eq!(outcome(&one(0)), "agrees");
    assert_eq!(outcome(&one(18)), "agrees");
    let told = outcome(&one(2));
    assert!(told.contains("[security-group-egress]"), "{told}");
}

#[test]
fn the_report_counts_alike_records_and_shows_the_first() {
    let good = record((APP, false), 40000, "10.0.3.10", 5432, "ACCEPT");
    let bad = record((APP, false), 40001, "10.0.3.10", 5432, "REJECT");
    let none = "2 123456789012 eni-1 - - - - - - - 1431280876 1431280934 - NODATA\n";
    let log = format!("{good}{none}{bad}{bad}nonsense\n");
    let expected = [
        "DIFFERS    2 REJECT records: the filters of eni-00caabc1082a6bec7 let it pass\n  first      flow.log:3  2 ",
        "UNREADABLE 1 line: it has more or fewer fields than the format\n  first      flow.log:5  nonsense\n",
        "\n1 agree, 2 differ, 0 unknown, 0 not judged; 1 without data, 1 unreadable\n",
    ];
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(log.as_bytes()).unwrap();
    for log in [log.into_bytes(), packed.finish().unwrap()] {
        let run = replay(&log, &[]);
        assert_eq!(run.code, 1, "{}", run.err);
        for text in expected {
            assert!(run.out.contains(text), "{text}\n{}", run.out);
        }
    }
}

#[test]
fn the_exit_code_says_how_the_run_ended() {
    let good = record((APP, false), 40000, "10.0.3.10", 5432, "ACCEPT");
    assert_eq!(replay(good.as_bytes(), &[]).code, 0);
    assert_eq!(replay(format!("{good}nonsense\n").as_bytes(), &[]).code, 2);
    let run = replay(good.as_bytes(), &["--format", "${srcaddr} ${srcaddress}"]);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert!(
        run.err.contains("the format lacks `interface-id`"),
        "{}",
        run.err
    );
    let run = Place::new().run(&["replay", "nowhere", "--logs", "nothing.log"]);
    assert_eq!(run.code, 2);
    for name in ["nowhere", "nothing.log"] {
        assert!(run.err.contains(name), "{}", run.err);
    }
    let broken = [&[0x1f, 0x8b, 8, 0][..], &[0xff; 40]].concat();
    let run = replay(&broken, &[]);
    assert_eq!(run.code, 2, "{}", run.out);
    assert!(run.err.contains("`flow.log` cannot be read"), "{}", run.err);
}
