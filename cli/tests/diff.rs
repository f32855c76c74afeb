//! `vpcproof diff`: what a change changes, why, and whether it is the change that was stated.
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

/// Runs `diff` on the network of `change.before.toml` and what some replacements make of it.
fn after(edits: &[(&str, &str)], options: &[&str]) -> Run {
    edited("change.before.toml", edits, options)
}

/// Runs `diff` on a network and what some replacements make of it.
fn edited(file: &str, edits: &[(&str, &str)], options: &[&str]) -> Run {
    let place = Place::new();
    let before = network(file);
    let mut text = fs::read_to_string(&before).unwrap();
    for (from, to) in edits {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    let path = place.path("after.toml");
    fs::write(&path, text).unwrap();
    let mut arguments = vec!["diff", before.as_str(), path.to_str().unwrap()];
    arguments.extend(options);
    place.run(&arguments)
}

fn json(edits: &[(&str, &str)], options: &[&str]) -> Value {
    let options: Vec<&str> = options.iter().copied().chain(["--output=json"]).collect();
    let run = after(edits, &options);
    serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}{}", run.out, run.err))
}

fn kinds(document: &Value) -> Vec<&str> {
    let classes = document["classes"].as_array().unwrap();
    classes
        .iter()
        .map(|class| class["change"].as_str().unwrap())
        .collect()
}

const ENDPOINT: (&str, &str) = (
    "[route-table.private-c]\nvpc = \"main\"\nroutes = [\"0.0.0.0/0 -> nat-gateway:nat\"]",
    "[route-table.private-c]\nvpc = \"main\"\nroutes = [\"0.0.0.0/0 -> nat-gateway:nat\", \"pl:pl-s3 -> endpoint:s3\"]",
);
const WIDER: (&str, &str) = ("198.51.100.0/25", "198.51.100.0/24");

#[test]
fn a_network_does_not_differ_from_itself() {
    let run = after(&[], &["--fail-on", "any"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let summary = "0 opened, 0 closed, 0 moved, 0 reply-opened, 0 reply-closed, 0 undetermined; \
                   0 names, 0 policies\n";
    assert_eq!(run.out, summary);
}

#[test]
fn an_endpoint_in_a_table_moves_flows_to_the_service() {
    let document = json(&[ENDPOINT], &["--traffic", "tcp/443"]);
    assert_eq!(kinds(&document), ["moved"], "{document:#}");
    let class = &document["classes"][0];
    assert_eq!(class["from"]["interfaces"]["app-c"][0], "10.0.2.20");
    assert_eq!(class["from"]["interfaces"].as_object().unwrap().len(), 1);
    assert_eq!(
        class["to"],
        serde_json::json!(["3.5.152.0/21", "52.219.0.0/20"])
    );
    assert_eq!(class["before"]["by"], serde_json::json!(["nat", "igw"]));
    assert_eq!(class["after"]["by"], serde_json::json!(["s3"]));
    assert_eq!(class["confirmed"], "proved");
    let cause = &class["causes"][0];
    assert_eq!(cause["id"], "private-c");
    assert_eq!(cause["rules"][0]["what"], "added");
}

#[test]
fn a_wider_entry_of_a_prefix_list_shows_what_it_opens_and_its_cause() {
    let document = json(&[WIDER], &[]);
    assert_eq!(kinds(&document), ["opened"], "{document:#}");
    let class = &document["classes"][0];
    assert_eq!(class["from"]["kind"], "internet");
    assert_eq!(
        class["from"]["blocks"],
        serde_json::json!(["198.51.100.128/25"])
    );
    assert_eq!(class["to"], serde_json::json!(["203.0.113.20/32"]));
    assert_eq!(class["traffic"], serde_json::json!(["tcp/22"]));
    assert_eq!(class["confirmed"], "proved");
    assert_eq!(class["causes"][0]["kind"], "prefix list");
    assert_eq!(class["causes"][0]["id"], "pl-offices");
    assert_eq!(class["witness"]["before"]["disposition"], "dropped");
    assert_eq!(class["witness"]["after"]["disposition"], "delivered");
}

#[test]
fn what_fails_is_what_is_asked_to_fail() {
    let code = |edits: &[(&str, &str)], options: &[&str]| after(edits, options).code;
    assert_eq!(code(&[WIDER], &[]), 0);
    assert_eq!(code(&[WIDER], &["--fail-on", "closes"]), 0);
    assert_eq!(code(&[WIDER], &["--fail-on", "opens"]), 1);
    assert_eq!(code(&[ENDPOINT], &["--fail-on", "moves"]), 1);
    assert_eq!(
        code(&[ENDPOINT], &["--fail-on", "closes", "--fail-on", "any"]),
        1
    );
    assert_eq!(
        code(
            &[WIDER],
            &["--fail-on", "opens", "--to", "interface id:app-a"]
        ),
        0
    );
}

/// Nothing comes back in to the subnet whose table gets the endpoint.
const MUTE: (&str, &str) = (
    "[subnet.private-c]\n",
    "[network-acl.mute]\nvpc = \"main\"\negress = [\"100 allow all to 0.0.0.0/0\"]\n\n\
     [subnet.private-c]\nnetwork-acl = \"mute\"\n",
);

#[test]
fn a_request_that_moves_and_loses_its_reply_is_closed_too() {
    let options = ["--from", "interface id:app-c", "--to", "service:s3"];
    let code = |fail_on: &str| {
        let options: Vec<&str> = options.into_iter().chain(["--fail-on", fail_on]).collect();
        let run = after(&[ENDPOINT, MUTE], &options);
        assert!(
            run.out.contains("1 moved, 0 reply-opened, 0 reply-closed"),
            "{}",
            run.out
        );
        run.code
    };
    assert_eq!(code("moves"), 1);
    assert_eq!(code("closes"), 1);
    assert_eq!(code("opens"), 0);
    // An entry that says of it that it moves does not say that its replies are lost, and those of others.
    let others = "{ from = \"interface id:bastion\", to = \"interface id:app-c\" }";
    let stated = |entries: &str| {
        let place = Place::with(&format!("[change]\n{entries}"));
        let file = place.path("vpcproof.toml");
        after(&[ENDPOINT, MUTE], &["-i", file.to_str().unwrap()])
    };
    let loses = |to: &str| {
        format!("{MOVES}closes = [{others}, {{ from = \"interface id:app-c\", to = \"{to}\" }}]\n")
    };
    let run = stated(&loses("ip:203.0.113.99/32"));
    assert_eq!(run.code, 1, "{}", run.out);
    assert!(run.out.contains("more       reply-closed"), "{}", run.out);
    let run = stated(&loses("any"));
    assert_eq!(run.code, 0, "{}", run.out);
}

fn stated(invariants: &str) -> Run {
    let place = Place::with(invariants);
    let (before, after) = (network("change.before.toml"), network("change.after.toml"));
    let file = place.path("vpcproof.toml");
    place.run(&["diff", &before, &after, "-i", file.to_str().unwrap()])
}

const MOVES: &str = "moves = [{ from = \"interface id:app-c\", to = \"service:s3\" }]\n";
const OPENS: &str = "opens = [{ from = \"prefix-list:offices\", to = \"interface id:bastion\", traffic = \"tcp/22\" }]\n";

#[test]
fn exactly_the_stated_change_is_proved() {
    let run = stated(&format!("[change]\n{MOVES}{OPENS}"));
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains("PROVED    [change]"), "{}", run.out);
}

#[test]
fn a_change_that_does_more_is_violated() {
    let run = stated(&format!("[change]\n{MOVES}"));
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    assert!(run.out.contains("VIOLATED  [change]"), "{}", run.out);
    assert!(run.out.contains("more       opened tcp/22"), "{}", run.out);
    // A part of what is opened is more than nothing of it.
    let narrow = OPENS.replace("prefix-list:offices", "ip:198.51.100.200/32");
    let run = stated(&format!("[change]\n{MOVES}{narrow}"));
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
}

#[test]
fn a_change_that_does_less_is_violated() {
    let closes = "closes = [{ from = \"interface id:app-a\", to = \"internet\" }]\n";
    let run = stated(&format!("[change]\n{MOVES}{OPENS}{closes}"));
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    assert!(
        run.out
            .contains("less       closes from `interface id:app-a`"),
        "{}",
        run.out
    );
}

#[test]
fn mistakes_in_a_stated_change_have_their_places() {
    let run = stated("[change]\nopens = [{ from = \"interface\" }]\nopened = []\n");
    assert_eq!(run.code, 2);
    for text in [
        "`opens` lacks the field `to`",
        "vpcproof.toml:2",
        "no field `opened`",
        "vpcproof.toml:3",
    ] {
        assert!(run.err.contains(text), "{text}\n{}", run.err);
    }
}

#[test]
fn a_stated_change_speaks_of_every_flow() {
    let (before, after) = (network("change.before.toml"), network("change.after.toml"));
    let file = network("change.invariants.toml");
    let run = Place::new().run(&["diff", &before, &after, "-i", &file, "--from", "internet"]);
    assert_eq!(run.code, 2, "{}{}", run.out, run.err);
}

/// Nothing is proved of a change while something is open.
#[test]
fn a_stated_change_is_not_proved_of_what_is_open() {
    let place = Place::with(&format!("[change]\n{MOVES}{OPENS}"));
    let file = place.path("vpcproof.toml").display().to_string();
    let open = |name: &str| {
        let text = fs::read_to_string(network(name)).unwrap();
        let egress = "egress = [\"tcp/22 to sg:app\"]";
        assert!(text.contains(egress));
        let open = "[interface.other]\nsubnet = \"public\"\n\
                    addresses = [\"10.0.0.21 public 203.0.113.21\"]\n\
                    groups = { any = \"groups of other\" }\n\n[endpoint.s3]";
        let path = place.path(name);
        fs::write(&path, text.replace("[endpoint.s3]", open)).unwrap();
        path.display().to_string()
    };
    let (before, after) = (open("change.before.toml"), open("change.after.toml"));
    let run = place.run(&["diff", &before, &after, "-i", &file]);
    assert_eq!(run.code, 3, "{}{}", run.out, run.err);
    assert!(run.out.contains("UNKNOWN   [change]"), "{}", run.out);
    let told = "undetermined before and after alike: groups of other";
    assert!(run.out.contains(told), "{}", run.out);
}

#[test]
fn check_leaves_a_stated_change_alone() {
    let place = Place::with(&format!("[change]\n{MOVES}"));
    let before = network("change.before.toml");
    let run = place.run(&["check", &before]);
    assert!(run.code < 2, "{}{}", run.out, run.err);
    let run = place.run(&["check", &before, "--no-builtin"]);
    assert_eq!(run.code, 2, "{}{}", run.out, run.err);
}

#[test]
fn a_new_interface_is_a_source_and_a_destination() {
    let new = (
        "[endpoint.s3]",
        "[interface.app-d]\nsubnet = \"private-c\"\naddresses = [\"10.0.2.21\"]\ngroups = [\"app\"]\n\n[endpoint.s3]",
    );
    let document = json(&[new], &[]);
    let classes = document["classes"].as_array().unwrap();
    let sends = |class: &&Value| class["from"]["interfaces"]["app-d"].is_array();
    let receives = |class: &&Value| class["to"] == serde_json::json!(["10.0.2.21/32"]);
    assert!(classes.iter().any(|class| sends(&class)), "{document:#}");
    assert!(classes.iter().any(|class| receives(&class)), "{document:#}");
    for class in classes {
        assert_eq!(class["change"], "opened");
        assert_eq!(class["causes"][0]["id"], "app-d", "{document:#}");
    }
}

#[test]
fn an_open_value_makes_the_difference_undetermined_by_name() {
    let open = (
        "entries = [\"198.51.100.0/25\"]",
        "entries = { any = \"entries of pl-offices\" }",
    );
    let run = after(&[open], &[]);
    assert_eq!(run.code, 3, "{}{}", run.out, run.err);
    assert!(run.out.contains("entries of pl-offices"), "{}", run.out);
}

#[test]
fn names_and_policies_that_change_are_told() {
    let zone = (
        "[endpoint.s3]",
        "[hosted-zone.corp]\nname = \"corp\"\nvpcs = [\"main\"]\nrecords = [\"db.corp -> 10.0.1.20\"]\n\n[endpoint.s3]",
    );
    let policy = (
        "prefix-lists = [\"pl-s3\"]",
        "prefix-lists = [\"pl-s3\"]\npolicy = '{\"Statement\": [{\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"s3:GetObject\", \"Resource\": \"*\"}]}'",
    );
    let run = after(&[zone, policy], &["--fail-on", "any"]);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    for text in [
        "NAME      db.corp in VPC main",
        "POLICY    endpoint s3",
        "it does not permit",
    ] {
        assert!(run.out.contains(text), "{text}\n{}", run.out);
    }
}

#[test]
fn a_plan_alone_is_its_state_against_its_result() {
    let plan = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../fixtures/tokyo-endpoints/plan.json"
    );
    let run = Place::new().run(&[
        "diff",
        plan,
        "--traffic",
        "tcp/443",
        "--from",
        "internet",
        "--output=json",
    ]);
    assert_ne!(run.code, 2, "{}", run.err);
    let document: Value = serde_json::from_str(&run.out).unwrap();
    // It makes everything, so that nothing is closed.
    assert!(
        kinds(&document)
            .iter()
            .all(|kind| ["opened", "undetermined"].contains(kind))
    );
    let doubts = document["doubts"].to_string();
    assert!(doubts.contains("plan or template alone"), "{doubts}");
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let (before, after) = (network("change.before.toml"), network("change.after.toml"));
    let [one, other] = [(); 2].map(|()| Place::new().run(&["diff", &before, &after]));
    assert_eq!(one.out, other.out);
}

/// A copy of the demo's snapshot with one file changed.
fn demo(file: &str, change: impl Fn(&mut Value)) -> (Place, String, String) {
    let before = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../fixtures/tokyo-endpoints/describe"
    );
    let place = Place::new();
    let after = place.path("describe");
    fs::create_dir(&after).unwrap();
    for entry in fs::read_dir(before).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, after.join(path.file_name().unwrap())).unwrap();
    }
    let path = after.join(file);
    let mut value: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    change(&mut value);
    fs::write(&path, value.to_string()).unwrap();
    let after = after.display().to_string();
    (place, before.to_owned(), after)
}

#[test]
fn in_the_demo_an_endpoint_in_a_table_moves_what_went_to_s3_by_nat() {
    let (place, before, after) = demo("describe-route-tables.json", |value| {
        let tables = value["RouteTables"].as_array_mut().unwrap();
        let table = tables
            .iter_mut()
            .find(|table| table["RouteTableId"] == "rtb-012407caa7466f99a")
            .unwrap();
        table["Routes"]
            .as_array_mut()
            .unwrap()
            .push(serde_json::json!({
                "DestinationPrefixListId": "pl-61a54008",
                "GatewayId": "vpce-087f0426277103ac4",
                "Origin": "CreateRoute",
                "State": "active",
            }));
    });
    let run = place.run(&[
        "diff",
        &before,
        &after,
        "--traffic",
        "tcp/443",
        "--output=json",
    ]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let document: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(kinds(&document), ["moved"], "{document:#}");
    let class = &document["classes"][0];
    let after = serde_json::json!(["vpce-087f0426277103ac4"]);
    assert_eq!(class["after"]["by"], after);
    assert_eq!(class["before"]["by"][0], "nat-05770a4dfb15fb056");
    assert_eq!(class["causes"][0]["id"], "rtb-012407caa7466f99a");
    assert_eq!(class["confirmed"], "proved");
}

#[test]
fn in_the_demo_a_wider_entry_of_a_prefix_list_opens_what_it_admits() {
    let file = "get-managed-prefix-list-entries-pl-0944170f964eaaf35.json";
    let (place, before, after) = demo(file, |value| {
        value["Entries"][0]["Cidr"] = "198.51.100.0/23".into();
    });
    let run = place.run(&["diff", &before, &after, "--fail-on=opens", "--output=json"]);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    let document: Value = serde_json::from_str(&run.out).unwrap();
    for class in document["classes"].as_array().unwrap() {
        assert_eq!(class["change"], "opened");
        assert_eq!(class["causes"][0]["id"], "pl-0944170f964eaaf35");
        assert_eq!(
            class["from"]["blocks"],
            serde_json::json!(["198.51.101.0/24"])
        );
    }
}

#[test]
fn layers_make_a_side() {
    let (before, after) = (network("change.before.toml"), network("change.after.toml"));
    let run = Place::new().run(&["diff", "--before", &before, "--after", &after]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains("1 opened, 0 closed"), "{}", run.out);
    let run = Place::new().run(&["diff", "--before", &before]);
    assert_eq!(run.code, 2);
}

/// A forgotten second network passes no gate.
#[test]
fn one_network_that_is_no_plan_is_compared_with_nothing() {
    let before = network("change.before.toml");
    let run = Place::new().run(&["diff", &before, "--fail-on", "any"]);
    assert_eq!(run.code, 2, "{}", run.out);
    assert!(
        run.err.contains("no other to compare it with"),
        "{}",
        run.err
    );
}

/// The policies that `diff` tells of the network with accounts, and what some replacement makes of it.
fn documents(from: &str, to: &str) -> (Vec<Value>, Run) {
    let place = Place::new();
    let before = network("accounts.toml");
    let text = fs::read_to_string(&before).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(place.path("after.toml"), text.replace(from, to)).unwrap();
    let run = place.run(&["diff", &before, "after.toml", "--output=json"]);
    let document: Value = serde_json::from_str(&run.out).unwrap();
    let schema = format!(
        "{}/schema/difference.schema.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let schema = serde_json::from_str(&fs::read_to_string(schema).unwrap()).unwrap();
    assert!(jsonschema::is_valid(&schema, &document), "{document:#}");
    assert_eq!(document["classes"].as_array().unwrap().len(), 0);
    (document["policies"].as_array().unwrap().clone(), run)
}

const TASK: &str = "arn:aws:iam::111122223333:role/task";

#[test]
fn the_requests_that_a_document_allows_more_and_less_are_told() {
    let before =
        r#""Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::ledger/*""#;
    let after = before.replace("s3:PutObject", "s3:DeleteObject");
    let (told, run) = documents(before, &after);
    assert_eq!(told.len(), 1, "{told:#?}");
    assert_eq!(told[0]["of"], format!("identity-based policies of {TASK}"));
    let notes = [
        "allows: s3:DeleteObject on arn:aws:s3:::ledger/*; nothing else",
        "does not allow any more: s3:PutObject on arn:aws:s3:::ledger/*; nothing else",
    ];
    assert_eq!(told[0]["notes"], serde_json::json!(notes));
    // Nothing else differs, and so nothing is left open.
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
}

#[test]
fn the_same_said_otherwise_is_no_change() {
    let before = r#""Action": ["s3:GetObject", "s3:PutObject"]"#;
    let after = r#""Action": ["S3:putobject", "s3:GetObject", "s3:GetObject"]"#;
    let (told, run) = documents(before, after);
    assert_eq!(told, Vec::<Value>::new());
    assert_eq!(run.code, 0, "{}", run.out);
}

#[test]
fn what_a_document_denies_of_a_way_is_told() {
    let before = r#""Condition": {"StringNotEquals": {"aws:SourceVpce": "s3"}}"#;
    let after = r#""Condition": {"StringNotEquals": {"aws:SourceVpce": ["s3", "other"]}}"#;
    let (told, _) = documents(before, after);
    assert_eq!(told[0]["of"], "policy of arn:aws:s3:::ledger");
    let note = told[0]["notes"][0].as_str().unwrap();
    let begins = "does not deny any more everybody: s3:* on arn:aws:s3:::ledger";
    assert!(note.starts_with(begins), "{note}");
    assert_eq!(told[0]["notes"].as_array().unwrap().len(), 1, "{told:#?}");
}

#[test]
fn boundaries_and_what_is_not_listed_are_told() {
    let text = fs::read_to_string(network("accounts.toml")).unwrap();
    let begin = text.find("permissions-boundary").unwrap();
    let end = begin + text[begin..].find("]}'''").unwrap() + "]}'''".len();
    let (told, _) = documents(&text[begin..end], "");
    assert_eq!(
        told[0]["of"],
        "permissions boundary of arn:aws:iam::111122223333:role/audit"
    );
    let note = told[0]["notes"][0].as_str().unwrap();
    assert!(note.starts_with("allows: "), "{note}");
    let (told, run) = documents("principals-complete = true", "principals-complete = false");
    assert_eq!(
        told[0]["of"],
        "place in AWS Organizations of account 111122223333"
    );
    assert_eq!(run.code, 3, "{}", run.out);
}

#[test]
fn a_selector_that_means_nothing_in_either_network_is_no_answer() {
    for option in ["--from", "--to"] {
        let run = after(&[WIDER], &[option, "interface id:nobody"]);
        assert_eq!(run.code, 2, "{}", run.out);
        let text = format!("error: `{option}` means nothing in either network\n");
        assert!(run.err.contains(&text), "{}", run.err);
    }
}

/// The task behind NAT gets the endpoint: the bucket denied what did not come by it.
#[test]
fn requests_that_pass_only_on_the_new_way_are_told() {
    let place = Place::new();
    let before = network("accounts.toml");
    let text = fs::read_to_string(&before).unwrap();
    let routes = "routes = [\"0.0.0.0/0 -> nat-gateway:nat\"]";
    assert!(text.contains(routes));
    let more = "routes = [\"0.0.0.0/0 -> nat-gateway:nat\", \"pl:s3 -> endpoint:s3\"]";
    fs::write(place.path("after.toml"), text.replace(routes, more)).unwrap();
    let run = place.run(&["diff", &before, "after.toml", "--fail-on", "opens"]);
    let told = "  request    s3:PutObject on arn:aws:s3:::ledger/object by \
                arn:aws:iam::111122223333:role/task: denied before, permitted after\n";
    assert!(run.out.contains("MOVED"), "{}", run.out);
    assert!(run.out.contains(told), "{}", run.out);
    assert_eq!(run.code, 1, "{}", run.out);
    let back = place.run(&["diff", "after.toml", &before, "--fail-on", "closes"]);
    assert!(
        back.out.contains("permitted before, denied after"),
        "{}",
        back.out
    );
    assert_eq!(back.code, 1, "{}", back.out);
}

/// What the second listener hands on to another application.
const TO_ADMIN: (&str, &str) = ("tcp/8443 -> shop", "tcp/8443 -> admin");

#[test]
fn what_a_load_balancer_hands_on_is_compared() {
    let run = edited("relay.toml", &[TO_ADMIN], &["--output=json"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let document: Value = serde_json::from_str(&run.out).unwrap();
    // The load balancer takes what it took; only where it hands it on to changes.
    assert_eq!(kinds(&document), ["opened", "closed"], "{document:#}");
    let place = |interface: &str, address: &str, traffic: &str| serde_json::json!([{"interface": interface, "address": address, "traffic": traffic}]);
    for (class, expected) in [
        (
            &document["classes"][0],
            place("admin", "10.0.3.6", "tcp/8081"),
        ),
        (
            &document["classes"][1],
            place("shop", "10.0.3.5", "tcp/8080"),
        ),
    ] {
        assert_eq!(class["handed_on"], expected, "{class:#}");
        assert_eq!(
            class["from"]["interfaces"],
            serde_json::json!({"client": ["10.0.1.5"]})
        );
        assert_eq!(class["to"], serde_json::json!(["10.0.2.4/32"]));
        assert_eq!(class["traffic"], serde_json::json!(["tcp/8443"]));
        assert_eq!(class["causes"].as_array().unwrap().len(), 1, "{class:#}");
        assert_eq!(class["causes"][0]["kind"], "load balancer");
        let expected = match class["change"].as_str() {
            Some("opened") => ("dropped", "delivered"),
            _ => ("delivered", "dropped"),
        };
        let courses = (&class["before"]["request"], &class["after"]["request"]);
        assert_eq!(
            courses,
            (&expected.0.into(), &expected.1.into()),
            "{class:#}"
        );
    }
    assert_eq!(document["doubts"], serde_json::json!([]), "{document:#}");
    let text = edited("relay.toml", &[TO_ADMIN], &[]).out;
    assert!(text.contains("handed on  to admin on tcp/8081"), "{text}");
}

#[test]
fn what_is_opened_behind_a_load_balancer_fails_what_may_not_open() {
    let code = |options: &[&str]| edited("relay.toml", &[TO_ADMIN], options).code;
    assert_eq!(code(&["--fail-on", "opens"]), 1);
    assert_eq!(code(&["--fail-on", "closes"]), 1);
    assert_eq!(code(&["--fail-on", "moves"]), 0);
    // Flows that are handed on are asked for by where they are received.
    let opens_to = |to: &str| code(&["--fail-on", "opens", "--to", to]);
    assert_eq!(opens_to("interface id:admin"), 1);
    assert_eq!(opens_to("interface id:shop"), 0);
    assert_eq!(opens_to("interface id:alb"), 0);
    assert_eq!(code(&["--fail-on", "opens", "--traffic", "tcp/8081"]), 1);
    assert_eq!(code(&["--fail-on", "opens", "--traffic", "tcp/8443"]), 0);
}

#[test]
fn a_stated_change_speaks_of_what_a_load_balancer_hands_on() {
    let stated = |entries: &str| {
        let place = Place::with(&format!("[change]\n{entries}"));
        let file = place.path("vpcproof.toml");
        edited("relay.toml", &[TO_ADMIN], &["-i", file.to_str().unwrap()])
    };
    let entry = |to: &str, traffic: &str| {
        format!(
            "[{{ from = \"interface id:client\", to = \"interface id:{to}\", traffic = \"{traffic}\" }}]\n"
        )
    };
    let closes = format!("closes = {}", entry("shop", "tcp/8080"));
    let run = stated(&format!("opens = {}{closes}", entry("admin", "tcp/8081")));
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains("PROVED    [change]"), "{}", run.out);
    // By what the client sends it is not meant, and what is left out is more.
    let run = stated(&format!("opens = {}{closes}", entry("admin", "tcp/8443")));
    assert_eq!(run.code, 1, "{}", run.out);
    let run = stated(&closes);
    assert_eq!(run.code, 1, "{}", run.out);
    let more = "more       opened tcp/8443 from client to alb, handed on to admin on tcp/8081";
    assert!(run.out.contains(more), "{}", run.out);
}
