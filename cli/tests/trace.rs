//! `vpcproof trace`: answers in order, and a bad line in its own place.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "A test that cannot go on fails."
)]

mod common;

use common::{Place, network};
use serde_json::{Value, json};

fn answers(input: &str) -> (i32, Vec<Value>) {
    answers_in("shop.toml", input)
}

fn answers_in(name: &str, input: &str) -> (i32, Vec<Value>) {
    let run = Place::new().run_with(&["trace", &network(name), "--flows", "-"], input, &[]);
    let lines = run
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    (run.code, lines.collect())
}

#[test]
fn a_middlebox_is_on_the_way_and_the_receiver_is_not() {
    let input = r#"{"id":"f1","from":"app","to":"db","protocol":"tcp","destination_port":5432}"#;
    let (code, answers) = answers_in("hub.toml", input);
    assert_eq!(code, 0, "{answers:?}");
    assert_eq!(answers[0]["via"], json!(["tgw", "fw"]));
    assert_eq!(answers[0]["answered"], true);
}

#[test]
fn a_flow_is_answered_with_its_way_and_what_decided() {
    let input = r#"{"id":"f1","from":"app-c","to":"3.5.152.7","protocol":"tcp","destination_port":443}
{"id":"f2","from":"app-a","to":"3.5.152.7","protocol":"tcp","destination_port":443}
{"id":"f3","from":"internet","to":"database","protocol":"tcp","destination_port":5432}
{"id":4,"from":"10.0.1.20","to":"10.0.3.10","protocol":"tcp","destination_port":5432,"source_port":50000}
{"id":"f5","from":"bastion","to":"database","protocol":"tcp","destination_port":5432}
{"id":"f6","from":"app-a","to":"monitoring.ap-northeast-1.amazonaws.com","protocol":"tcp","destination_port":80}
"#;
    let (code, answers) = answers(input);
    let via: Vec<&Value> = answers.iter().map(|answer| &answer["via"]).collect();
    assert_eq!(code, 2, "f3 has no address to send to");
    assert_eq!(*via[0], json!(["nat", "igw"]));
    assert_eq!(*via[1], json!(["s3-gateway"]));
    assert_eq!(
        answers[2]["error"],
        "`database` has no address that the sender can use"
    );
    assert_eq!(answers[3]["id"], 4);
    assert_eq!(answers[3]["answered"], true);
    assert_eq!(answers[4]["disposition"], "dropped");
    let decider = json!({"component": "database", "clause": "network-acl-ingress"});
    assert_eq!(answers[4]["decided_by"], decider);
    assert_eq!(answers[5]["disposition"], "delivered");
    assert_eq!(answers[5]["via"][0], "monitoring");
}

#[test]
fn a_bad_line_is_answered_in_its_place_and_the_others_too() {
    let good =
        r#"{"id":"good","from":"app-a","to":"10.0.3.10","protocol":"tcp","destination_port":5432}"#;
    let bad = [
        ("not json", "the line is not JSON"),
        ("[1]", "the line is not a JSON object"),
        (
            r#"{"id":"x","to":"10.0.3.10","protocol":"udp","destination_port":1}"#,
            "the field `from` is missing",
        ),
        (
            r#"{"id":"x","from":"app-a","to":"10.0.3.10","protocol":"tcp"}"#,
            "the field `destination_port` is missing",
        ),
        (
            r#"{"id":"x","from":"app-a","to":"10.0.3.10","protocol":"tcp","destination_port":70000}"#,
            "`destination_port` is 70000",
        ),
        (
            r#"{"id":"x","from":"app-a","to":"10.0.3.10","protocol":"tcp","dest_port":1}"#,
            "there is no field `dest_port`",
        ),
        (
            r#"{"id":"x","from":"app-a","to":"10.0.3.10","protocol":"icmp","destination_port":1}"#,
            "means nothing with the protocol `icmp`",
        ),
        (
            r#"{"id":"x","from":"app-a","to":"10.0.3.10","protocol":"quic"}"#,
            "`quic` is not a protocol",
        ),
        (
            r#"{"id":"x","from":"app-x","to":"10.0.3.10","protocol":"icmp"}"#,
            "did you mean `app-a`?",
        ),
        (
            r#"{"id":"x","from":"onprem","to":"10.0.3.10","protocol":"icmp"}"#,
            "the network has no gateway to a network on premises",
        ),
        (
            r#"{"id":"x","from":"app-a","to":"2001:db8::1","protocol":"icmp"}"#,
            "no addresses of one family",
        ),
    ];
    let lines: Vec<&str> = bad.iter().flat_map(|(line, _)| [good, *line]).collect();
    let (code, answers) = answers(&lines.join("\n"));
    assert_eq!(code, 2);
    assert_eq!(answers.len(), 2 * bad.len());
    for (pair, (line, expected)) in answers.chunks(2).zip(&bad) {
        assert_eq!(pair[0]["disposition"], "delivered");
        let error = pair[1]["error"].as_str().unwrap();
        assert!(error.contains(expected), "{line}: {error}");
    }
}

#[test]
fn answers_keep_the_order_of_thousands_of_lines() {
    let line = |id: u32| {
        format!(
            "{{\"id\":{id},\"from\":\"app-a\",\"to\":\"10.0.3.10\",\"protocol\":\"tcp\",\"destination_port\":{}}}\n",
            id % 65536
        )
    };
    let input: String = (0..9000).map(line).collect();
    let (code, answers) = answers(&input);
    assert_eq!(code, 0);
    let ids: Vec<u64> = answers
        .iter()
        .map(|answer| answer["id"].as_u64().unwrap())
        .collect();
    assert_eq!(ids, (0..9000).collect::<Vec<u64>>());
    let delivered: Vec<u64> = answers
        .iter()
        .filter(|answer| answer["disposition"] == "delivered")
        .map(|answer| answer["id"].as_u64().unwrap())
        .collect();
    assert_eq!(delivered, [5432]);
}

#[test]
fn a_request_is_judged_by_the_way_that_its_flow_takes() {
    let flow = |from: &str, request: &Value| {
        let flow = json!({"id": from, "from": from, "to": "3.5.64.9", "protocol": "tcp", "destination_port": 443, "request": request});
        format!("{flow}\n")
    };
    let write = json!({
        "action": "s3:PutObject",
        "resource": "arn:aws:s3:::ledger/2026",
        "principal": "arn:aws:iam::111122223333:role/task",
        "context": {"aws:SecureTransport": true},
    });
    let unlisted = json!({
        "action": "s3:PutObject",
        "resource": "arn:aws:s3:::elsewhere/2026",
        "principal": "arn:aws:iam::111122223333:role/task",
    });
    let input = [
        flow("task-behind-endpoint", &write),
        flow("task-behind-nat", &write),
        flow("task-behind-nat", &unlisted),
        flow("task-behind-nat", &json!({"action": "PutObject"})),
        flow(
            "task-behind-nat",
            &json!({"action": "s3:PutObject", "resource": "*", "principal": "role/task"}),
        ),
    ];
    let (code, answers) = answers_in("accounts.toml", &input.concat());
    assert_eq!(code, 2, "two lines are wrong");
    assert_eq!(answers[0]["via"], json!(["s3"]));
    assert_eq!(answers[0]["request"]["effect"], "permitted");
    assert_eq!(
        answers[0]["request"]["clause"],
        "authorization-same-account"
    );
    assert_eq!(answers[1]["via"], json!(["nat", "igw"]));
    assert_eq!(answers[1]["disposition"], "delivered");
    assert_eq!(answers[1]["request"]["effect"], "denied");
    assert_eq!(
        answers[1]["request"]["clause"],
        "authorization-explicit-deny"
    );
    assert_eq!(answers[2]["request"]["effect"], "undetermined");
    assert_eq!(
        answers[2]["holes"],
        json!(["owner of arn:aws:s3:::elsewhere/2026"])
    );
    let errors = [&answers[3]["error"], &answers[4]["error"]];
    assert_eq!(
        *errors[0],
        "`request`: `PutObject` is not an action; write one as `s3:GetObject`"
    );
    assert_eq!(
        *errors[1],
        "`request`: `role/task` is not a principal; write `anonymous`, an account of twelve digits for its root user, or the ARN of a user or role"
    );
}
