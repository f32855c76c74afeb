//! `explain` and `check --repairs` say what to edit: broken networks, each with the fix of a specialist.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "A test that cannot go on fails."
)]

mod common;

use common::{Place, Run, network};
use serde_json::Value;

fn explain(name: &str, from: &str, to: &str, traffic: &str) -> Run {
    let network = network(&format!("broken/{name}.toml"));
    let mut arguments = vec!["explain", &network, "--from", from, "--to", to];
    if !traffic.is_empty() {
        arguments.extend(["--traffic", traffic]);
    }
    arguments.extend(["--output", "json"]);
    Place::new().run(&arguments)
}

/// The texts of each set of edits, in order.
fn repairs(run: &Run) -> Vec<Vec<String>> {
    let document: Value = serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}", run.err));
    let result = &document["results"][0];
    let Some(repairs) = result["repairs"].as_array() else {
        panic!("no repair: {}", run.out);
    };
    let text = |edit: &Value| edit["text"].as_str().unwrap().to_owned();
    let set = |repair: &Value| {
        let edits = repair["edits"].as_array().unwrap();
        edits.iter().map(text).collect()
    };
    repairs.iter().map(set).collect()
}

#[track_caller]
fn assert_first(name: &str, (from, to): (&str, &str), traffic: &str, fix: &[&str]) {
    let run = explain(name, from, to, traffic);
    let found = repairs(&run);
    assert_eq!(found[0], fix, "of {found:#?}");
}

#[test]
fn a_rule_for_the_endpoints_group() {
    let to = "name:sqs.ap-northeast-1.amazonaws.com";
    let fix = ["add an inbound rule to security group endpoint: allows tcp/443 from app"];
    assert_first("endpoint-group", ("app", to), "tcp/443", &fix);
}

#[test]
fn the_gateway_endpoint_with_the_table_of_the_subnet() {
    let fix = [
        "associate endpoint s3 (com.amazonaws.ap-northeast-1.s3) with route table second: \
         route pl-s3 (com.amazonaws.ap-northeast-1.s3) -> s3",
    ];
    assert_first(
        "endpoint-association",
        ("app", "service:s3"),
        "tcp/443",
        &fix,
    );
}

#[test]
fn the_ports_of_replies_in_the_acl() {
    let fix = ["add to network ACL db: outbound entry 110 allows tcp/1024-65535 to 10.0.1.5/32"];
    assert_first("acl-reply", ("app", "db"), "tcp/5432", &fix);
}

#[test]
fn private_dns_of_the_endpoint() {
    let to = "name:kms.ap-northeast-1.amazonaws.com";
    let fix = ["turn on private DNS of endpoint kms (com.amazonaws.ap-northeast-1.kms)"];
    assert_first("private-dns", ("app", to), "tcp/443", &fix);
}

#[test]
fn the_resolver_of_the_vpc() {
    let to = "name:kms.ap-northeast-1.amazonaws.com";
    let fix = ["turn on enableDnsSupport of VPC main"];
    assert_first("dns-support", ("app", to), "tcp/443", &fix);
}

#[test]
fn the_route_back_of_the_peer() {
    let fix = ["add to route table peer: route 10.0.0.0/16 -> pcx"];
    assert_first("peer-return", ("app", "db"), "tcp/5432", &fix);
}

#[test]
fn the_route_to_the_nat_gateway() {
    let fix = ["add to route table private: route 0.0.0.0/0 -> nat"];
    assert_first("nat-route", ("app", "internet"), "tcp/443", &fix);
}

#[test]
fn a_rule_to_the_prefix_list() {
    let fix = ["add an outbound rule to security group app: \
         allows tcp/443 to pl-s3 (com.amazonaws.ap-northeast-1.s3)"];
    assert_first("egress-list", ("app", "service:s3"), "tcp/443", &fix);
}

#[test]
fn the_peering_that_waits() {
    let fix = ["make peering pcx active"];
    assert_first("peering-pending", ("app", "db"), "tcp/5432", &fix);
}

#[test]
fn the_zone_of_the_attachment() {
    let fix = ["add subnet main-tgw-c to transit gateway attachment main"];
    assert_first("attachment-zone", ("app", "db"), "tcp/5432", &fix);
}

#[test]
fn two_faults_need_two_edits() {
    let fix = [
        "add an outbound rule to security group app: allows tcp/5432 to db",
        "add to network ACL db: inbound entry 90 allows tcp/5432 from 10.0.1.5/32",
    ];
    assert_first("two-faults", ("app", "db"), "tcp/5432", &fix);
}

const CLAIMS: &str = r#"
[[never]]
name = "nobody-writes-to-the-database"
from = "interface id:app"
to   = "interface id:db"
traffic = "tcp/5432"

[[always]]
name = "the-database-answers"
from = "interface id:app"
to   = "interface id:db"
traffic = "tcp/5432"
"#;

/// What `check --repairs` proposes for a claim of a broken network, or that nothing is.
fn of_claim(name: &str, claim: &str) -> Vec<(String, String)> {
    let network = network(&format!("broken/{name}.toml"));
    let place = Place::with(CLAIMS);
    let run = place.run(&[
        "check",
        &network,
        "--no-builtin",
        "--repairs",
        "--output=json",
    ]);
    let document: Value = serde_json::from_str(&run.out).unwrap();
    let mut results = document["results"].as_array().unwrap().iter();
    let result = results.find(|result| result["name"] == claim).unwrap();
    let repairs = result["repairs"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let one = |repair: &Value| (text(&repair["purpose"]), text(&repair["edits"][0]["text"]));
    repairs.iter().map(one).collect()
}

#[test]
fn a_violated_claim_shows_what_would_restore_it() {
    let opened = "add to network ACL db: outbound entry 110 allows tcp/1024-65535 to 10.0.1.5/32";
    let found = of_claim("acl-reply", "the-database-answers");
    assert_eq!(found, [("open".to_owned(), opened.to_owned())]);
    let closed = [
        "take out of security group app: allows all traffic to 0.0.0.0/0",
        "take out of security group db: allows tcp/5432 from app",
    ];
    let found = of_claim("acl-reply", "nobody-writes-to-the-database");
    assert_eq!(
        found,
        closed.map(|text| ("hold".to_owned(), text.to_owned()))
    );
    assert_eq!(of_claim("two-faults", "nobody-writes-to-the-database"), []);
}

/// The sets of edits that `check --repairs` has for one claim about requests of an application behind
/// the endpoint of `broken/endpoint-policy.toml`.
fn of_requests(word: &str, request: &str, change: (&str, &str)) -> (Vec<Vec<String>>, Run) {
    let path = network("broken/endpoint-policy.toml");
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains(change.0), "{}", change.0);
    let claim = format!(
        "[[{word}]]\nname = \"x\"\nfrom = \"interface\"\nto = \"endpoint kind:gateway service:s3\"\n\
         traffic = \"tcp/443\"\nrequest = {request}\n"
    );
    let place = Place::with(&claim);
    std::fs::write(place.path("network.toml"), text.replace(change.0, change.1)).unwrap();
    let arguments = [
        "check",
        "network.toml",
        "--no-builtin",
        "--repairs",
        "--output=json",
    ];
    let run = place.run(&arguments);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    let document: Value = serde_json::from_str(&run.out).unwrap();
    let schema = format!("{}/schema/report.schema.json", env!("CARGO_MANIFEST_DIR"));
    let schema = serde_json::from_str(&std::fs::read_to_string(schema).unwrap()).unwrap();
    assert!(jsonschema::is_valid(&schema, &document));
    let found = if document["results"][0]["repairs"].is_null() {
        Vec::new()
    } else {
        repairs(&run)
    };
    (found, run)
}

const UNCHANGED: (&str, &str) = ("", "");

#[test]
fn the_objects_of_the_bucket_in_the_policy_of_the_endpoint() {
    let request = "{ action = \"s3:GetObject\", resource = \"arn:aws:s3:::ours/*\" }";
    let (found, run) = of_requests("always", request, UNCHANGED);
    let fix = "add to statement `Ours` of the policy of endpoint s3 (com.amazonaws.ap-northeast-1.s3) the resource \
               arn:aws:s3:::ours/*";
    assert_eq!(found[0], [fix], "{found:#?}");
    // The whole statement anew comes behind.
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[1][0].contains("a statement that allows s3:GetObject on arn:aws:s3:::ours/*"));
    let document: Value = serde_json::from_str(&run.out).unwrap();
    let repair = &document["results"][0]["repairs"][0];
    assert_eq!(repair["purpose"], "permit");
    let besides = repair["edits"][0]["opens_besides"].as_str().unwrap();
    assert!(
        besides.contains("s3:GetObject on arn:aws:s3:::ours/*"),
        "{besides}"
    );
}

#[test]
fn an_action_and_a_resource_where_both_are_missing() {
    let request = "{ action = \"s3:PutObject\", resource = \"arn:aws:s3:::ours/*\" }";
    let (found, _) = of_requests("always", request, UNCHANGED);
    let both = found.iter().find(|set| set.len() == 2);
    let both = both.unwrap_or_else(|| panic!("{found:#?}"));
    assert!(
        both[0].ends_with("the resource arn:aws:s3:::ours/*"),
        "{both:?}"
    );
    assert!(both[1].ends_with("the action s3:PutObject"), "{both:?}");
}

#[test]
fn a_statement_that_denies_has_to_go() {
    let request = "{ action = \"s3:DeleteObject\", resource = \"arn:aws:s3:::ours/*\" }";
    let all = ("\"s3:GetObject\", \"s3:ListBucket\"", "\"s3:*\"");
    let (found, _) = of_requests("always", request, all);
    let denial = "take out of the policy of endpoint s3 (com.amazonaws.ap-northeast-1.s3): statement `NoDeletion`, which denies";
    // The objects are missing too.
    assert!(
        found[0].contains(&denial.to_owned()) && found[0].len() == 2,
        "{found:#?}"
    );
    let objects = (
        "\"arn:aws:s3:::ours\"",
        "[\"arn:aws:s3:::ours\", \"arn:aws:s3:::ours/*\"]",
    );
    let action = "\"s3:GetObject\", \"s3:ListBucket\"";
    let path = network("broken/endpoint-policy.toml");
    assert!(std::fs::read_to_string(path).unwrap().contains(action));
    let (found, _) = of_requests("sometimes", request, objects);
    assert!(found[0].contains(&denial.to_owned()), "{found:#?}");
}

#[test]
fn of_requests_that_do_not_arrive_the_flow_is_opened() {
    let request = "{ action = \"s3:GetObject\", resource = \"arn:aws:s3:::ours/*\" }";
    let closed = (
        "egress = [\"all to 0.0.0.0/0\"]",
        "egress = [\"udp/53 to 0.0.0.0/0\"]",
    );
    let (found, run) = of_requests("always", request, closed);
    let fix = "add an outbound rule to security group app: allows tcp/443 to pl-s3 (com.amazonaws.ap-northeast-1.s3)";
    assert_eq!(found[0], [fix]);
    let note = "this is for the flow; whether its requests are permitted then is not asked";
    assert!(run.out.contains(note), "{}", run.out);
}

/// The sets of edits for one claim about the network with accounts, after some replacement.
fn of_accounts(claim: &str, from: &str, to: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(network("accounts.toml")).unwrap();
    assert!(text.contains(from), "{from}");
    let place = Place::with(claim);
    std::fs::write(place.path("network.toml"), text.replace(from, to)).unwrap();
    let arguments = [
        "check",
        "network.toml",
        "--no-builtin",
        "--repairs",
        "--output=json",
    ];
    let run = place.run(&arguments);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    repairs(&run)
}

fn of_task(from: &str, action: &str) -> String {
    format!(
        "[[always]]\nname = \"x\"\nfrom = \"interface id:{from}\"\nto = \"service:s3\"\ntraffic = \"tcp/443\"\n\
         request = {{ action = \"{action}\", resource = \"arn:aws:s3:::ledger/*\", principal = \
         \"arn:aws:iam::111122223333:role/task\" }}\n"
    )
}

#[test]
fn an_action_in_the_policy_of_the_role() {
    let found = of_accounts(&of_task("task-behind-endpoint", "s3:DeleteObject"), "", "");
    let role = "identity-based policy 1 of arn:aws:iam::111122223333:role/task";
    let fix = format!("add to statement 1 of {role} the action s3:DeleteObject");
    assert_eq!(found[0], [fix], "{found:#?}");
    // Or the policy of the bucket allows the role.
    let fix = "add to the policy of arn:aws:s3:::ledger a statement that allows s3:DeleteObject on \
               arn:aws:s3:::ledger/* to arn:aws:iam::111122223333:role/task";
    assert!(found.contains(&vec![fix.to_owned()]), "{found:#?}");
}

#[test]
fn what_a_bucket_denies_over_the_internet() {
    let found = of_accounts(&of_task("task-behind-nat", "s3:PutObject"), "", "");
    let fix = "take out of the policy of arn:aws:s3:::ledger: statement 1, which denies";
    assert_eq!(found, [[fix]], "{found:#?}");
}

#[test]
fn a_boundary_and_a_policy_that_both_lack_an_action() {
    let claim = of_task("task-behind-endpoint", "s3:PutObjectTagging");
    let claim = claim.replace("role/task", "role/audit");
    let policy = "{\"Effect\": \"Allow\", \"Action\": \"s3:*\", \"Resource\": \"*\"}";
    let narrow = policy.replace("s3:*", "s3:ListBucket");
    let found = of_accounts(&claim, policy, &narrow);
    let both = [
        "add to statement 1 of identity-based policy 1 of arn:aws:iam::111122223333:role/audit the action \
         s3:PutObjectTagging",
        "add to statement 1 of the permissions boundary of arn:aws:iam::111122223333:role/audit the action \
         s3:PutObjectTagging",
    ];
    let has_both = |set: &Vec<String>| both.iter().all(|text| set.contains(&(*text).to_owned()));
    assert!(
        found.iter().any(|set| set.len() == 2 && has_both(set)),
        "{found:#?}"
    );
}
