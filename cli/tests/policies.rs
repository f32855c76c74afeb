//! Claims about policies, and the ready policies.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "A test that cannot go on fails."
)]

mod common;

use std::fs;

use common::{Place, network};

fn ready() -> Vec<(String, String)> {
    let directory = format!("{}/../policies", env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<_> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let read = |path: &std::path::PathBuf| {
        let service = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (service, fs::read_to_string(path).unwrap())
    };
    files.iter().map(read).collect()
}

fn write(place: &Place, name: &str, text: &str) {
    fs::write(place.path(name), text).unwrap();
}

/// A network with one endpoint and its policy.
fn around(service: &str, policy: &str) -> String {
    format!(
        "[vpc.main]\ncidrs = [\"10.0.0.0/16\"]\n[endpoint.e]\n\
         service = \"com.amazonaws.eu-west-1.{service}\"\nkind = \"gateway\"\npolicy = '''\n{policy}'''\n"
    )
}

/// What the program says of one claim about the endpoint's policy.
fn judged(place: &Place, service: &str, policy: &str, claim: &str) -> common::Run {
    write(place, "network.toml", &around(service, policy));
    write(
        place,
        "vpcproof.toml",
        &format!("[[policy]]\nname = \"x\"\nof = \"endpoint\"\n{claim}\n"),
    );
    place.run(&["check", "network.toml", "--no-builtin"])
}

#[test]
fn the_ready_policies_let_nothing_foreign_through_and_let_their_own_through() {
    let files = ready();
    assert!(files.len() >= 5);
    for (service, policy) in files {
        let place = Place::with("");
        write(&place, "ready.json", &policy);
        let same = judged(&place, &service, &policy, "equals = \"ready.json\"");
        assert_eq!(same.code, 0, "{service}: {}{}", same.out, same.err);

        // Nothing is permitted of identities and resources that are both foreign; what S3's
        // exceptions are about is left out.
        let nothing = r#"{"Statement": []}"#;
        write(&place, "nothing.json", nothing);
        let foreign = "within = \"nothing.json\"\nrequest = { principal-org = { not = \"o-exampleorgid\" }, \
                       resource-org = { not = \"o-exampleorgid\" }, action = { not = [\"s3:GetObject\", \"s3:PutObject\"] } }";
        let run = judged(&place, &service, &policy, foreign);
        assert_eq!(run.code, 0, "{service}: {}{}", run.out, run.err);

        let own = "within = \"nothing.json\"\nrequest = { principal-org = \"o-exampleorgid\", resource-org = \"o-exampleorgid\" }";
        let run = judged(&place, &service, &policy, own);
        assert_eq!(run.code, 1, "{service}: {}{}", run.out, run.err);
        assert!(run.out.contains("because    it permits"), "{}", run.out);
    }
}

#[test]
fn a_wider_policy_is_shown_by_a_request() {
    let place = Place::with("");
    let allow = |action: &str| {
        format!(
            r#"{{"Statement": {{"Effect": "Allow", "Principal": "*", "Action": "{action}", "Resource": "*"}}}}"#
        )
    };
    write(&place, "get.json", &allow("s3:Get*"));
    let wider = judged(&place, "s3", &allow("s3:*"), "within = \"get.json\"");
    assert_eq!(wider.code, 1);
    let narrower = judged(
        &place,
        "s3",
        &allow("s3:GetObject"),
        "within = \"get.json\"",
    );
    assert_eq!(narrower.code, 0, "{}", narrower.out);
    let unequal = judged(
        &place,
        "s3",
        &allow("s3:GetObject"),
        "equals = \"get.json\"",
    );
    assert_eq!(unequal.code, 1);
    assert!(
        unequal.out.contains("it does not permit s3:"),
        "{}",
        unequal.out
    );
    let json = place.run(&["check", "network.toml", "--no-builtin", "--output=json"]);
    let document: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(document["results"][0]["kind"], "policy");
    assert!(document["results"][0]["request"]["action"].is_string());
}

#[test]
fn what_is_wrong_with_a_claim_about_a_policy_is_told_at_its_place() {
    let place = Place::with("");
    write(
        &place,
        "broken.json",
        "{\"Statement\": [{\"Effect\": \"Maybe\"}]}",
    );
    for (claim, expected) in [
        (
            "within = \"none.json\"",
            "error[unreadable-policy]: `none.json`: cannot be read",
        ),
        (
            "within = \"broken.json\"",
            "`Effect` is `Maybe`, expected `Allow` or `Deny`",
        ),
        (
            "",
            "`[[policy]]` has one of the fields `within` and `equals`",
        ),
        (
            "within = \"broken.json\"\nequals = \"broken.json\"",
            "`[[policy]]` has one of the fields `within` and `equals`",
        ),
        (
            "withing = \"broken.json\"",
            "`[[policy]]` has no field `withing`",
        ),
    ] {
        let run = judged(&place, "s3", "{\"Statement\": []}", claim);
        assert_eq!(run.code, 2, "{claim}: {}", run.out);
        assert!(run.err.contains(expected), "{claim}: {}", run.err);
    }
    write(
        &place,
        "vpcproof.toml",
        "[[policy]]\nname = \"x\"\nof = \"interface\"\nwithin = \"get.json\"\n",
    );
    write(&place, "get.json", "{\"Statement\": []}");
    let run = place.run(&["check", &network("small.toml"), "--no-builtin"]);
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("which has no endpoint policy"),
        "{}",
        run.err
    );
}

/// What the program says of a statement about a public bucket, which also lists a federated user.
fn of_a_public_bucket(statement: &str) -> common::Run {
    let policy = r#"{"Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::open/*"},
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:sts::111122223333:federated-user/bob"}, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::open/*"}
    ]}"#;
    let accounts = format!(
        "[account.111122223333]\nprincipals-complete = true\n[account.222233334444]\nresources-complete = [\"s3\"]\n\
         [resource-policy.\"arn:aws:s3:::open\"]\naccount = \"222233334444\"\npublic-access = true\npolicy = '''{policy}'''\n"
    );
    let place = Place::with("");
    let small = fs::read_to_string(network("accounts.toml")).unwrap();
    let (network, _) = small.split_once("[account.").unwrap();
    write(&place, "network.toml", &format!("{network}{accounts}"));
    write(&place, "vpcproof.toml", statement);
    place.run(&["check", "network.toml", "--no-builtin"])
}

#[test]
fn requests_past_the_network_and_of_federated_users_are_not_proved_absent() {
    let statement = |from: &str, action: &str, more: &str| {
        format!(
            "[[never]]\nname = \"x\"\nfrom = \"{from}\"\nto = \"service:s3\"\ntraffic = \"tcp/443\"\n\
             request = {{ action = \"{action}\", resource = \"arn:aws:s3:::open/*\"{more} }}\n"
        )
    };
    let (read, write) = ("s3:GetObject", "s3:PutObject");
    let task = "interface id:task-behind-endpoint";
    let inside = of_a_public_bucket(&statement(task, read, ""));
    assert_eq!(inside.code, 1, "{}{}", inside.out, inside.err);
    let outside = of_a_public_bucket(&statement("internet", read, ""));
    assert_eq!(outside.code, 3, "{}{}", outside.out, outside.err);
    let past = "requests that hosts on the internet send past the network";
    assert!(outside.out.contains(past), "{}", outside.out);
    let to_blocks = |from: &str, to: &str| {
        let to = format!("to = \"{to}\"");
        let statement = statement(from, read, "").replace("to = \"service:s3\"", &to);
        of_a_public_bucket(&statement)
    };
    for to in ["ip:3.5.64.0/21", "ip:0.0.0.0/0", "any"] {
        let run = to_blocks("ip:203.0.113.9/32", to);
        assert!(run.out.contains(past), "{to}: {}{}", run.out, run.err);
    }
    let private = to_blocks("ip:172.16.0.0/16", "service:s3");
    assert!(
        !private.out.contains(past),
        "{}{}",
        private.out,
        private.err
    );

    let bob = "requests of arn:aws:sts::111122223333:federated-user/bob";
    let of_account = ", principal-account = \"111122223333\"";
    let anyone = of_a_public_bucket(&statement(task, write, of_account));
    assert_eq!(anyone.code, 3, "{}{}", anyone.out, anyone.err);
    assert!(anyone.out.contains(bob), "{}", anyone.out);
    let anonymous = ", principal = \"anonymous\"";
    let anonymous = of_a_public_bucket(&statement(task, write, anonymous));
    assert_eq!(anonymous.code, 0, "{}{}", anonymous.out, anonymous.err);
}

#[test]
fn a_difference_is_told_as_classes_of_requests() {
    let place = Place::with("");
    let statement = |effect: &str, actions: &str, resource: &str| {
        format!(
            r#"{{"Effect": "{effect}", "Principal": "*", "Action": {actions}, "Resource": "{resource}"}}"#
        )
    };
    let policy = |statements: &[String]| format!(r#"{{"Statement": [{}]}}"#, statements.join(","));
    let own = statement(
        "Allow",
        r#"["s3:Get*", "s3:PutObject"]"#,
        "arn:aws:s3:::own/*",
    );
    let other = statement("Allow", r#"["s3:PutObject"]"#, "arn:aws:s3:::other/*");
    let any = statement("Allow", r#"["sqs:*"]"#, "*");
    let read = statement("Allow", r#"["s3:GetObject"]"#, "arn:aws:s3:::own/*");
    let send = statement("Allow", r#"["sqs:SendMessage"]"#, "*");
    write(&place, "reference.json", &policy(&[read, send]));
    let wider = policy(&[own, other, any]);
    let run = judged(&place, "s3", &wider, "within = \"reference.json\"");
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    let line = run.out.lines().find(|line| line.contains("in all"));
    let all = "in all, it permits s3:Get* but for s3:GetObject on arn:aws:s3:::own/*; \
               s3:PutObject on arn:aws:s3:::other/*; s3:PutObject on arn:aws:s3:::own/*; \
               sqs:* but for sqs:SendMessage on *; nothing else";
    let parts: Vec<&str> = all.split("; ").collect();
    for part in parts {
        let part = part.trim_start_matches("in all, it permits ");
        assert!(line.unwrap().contains(part), "{part}: {}", run.out);
    }
}

/// Whoever sends to a load balancer in front of an endpoint is not the one whom the endpoint hears.
#[test]
fn requests_that_a_load_balancer_hands_on_are_not_proved_to_pass() {
    let network = r#"
[vpc.v]
cidrs = ["10.0.0.0/16"]
[subnet.s]
vpc = "v"
cidrs = ["10.0.7.0/24"]
[security-group.g]
vpc = "v"
ingress = ["all from 0.0.0.0/0"]
egress = ["all to 0.0.0.0/0"]
[interface.client]
subnet = "s"
addresses = ["10.0.7.20"]
groups = ["g"]
[interface.lbif]
subnet = "s"
addresses = ["10.0.7.30"]
groups = ["g"]
[interface.eif]
subnet = "s"
addresses = ["10.0.7.10"]
groups = ["g"]
[endpoint.e]
kind = "interface"
service = "com.amazonaws.eu-west-1.sqs"
interfaces = ["eif"]
policy = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}'
[load-balancer.lb]
kind = "network"
interfaces = ["lbif"]
listeners = ["tcp/443 -> tg"]
[target-group.tg]
targets = ["10.0.7.10:443"]
cross-zone = true
preserve-client-address = false
"#;
    let claim = |word: &str, to: &str| {
        format!(
            "[[{word}]]\nname = \"x\"\nfrom = \"interface id:client\"\nto = \"{to}\"\n\
             traffic = \"tcp/443\"\nrequest = {{ action = \"sqs:SendMessage\" }}\n"
        )
    };
    let judged = |word: &str, to: &str| {
        let place = Place::with(&claim(word, to));
        write(&place, "network.toml", network);
        place.run(&["check", "network.toml", "--no-builtin"])
    };
    for word in ["always", "sometimes"] {
        let direct = judged(word, "endpoint id:e");
        assert_eq!(direct.code, 0, "{word}: {}{}", direct.out, direct.err);
        let handed_on = judged(word, "load-balancer id:lb");
        assert_eq!(
            handed_on.code, 3,
            "{word}: {}{}",
            handed_on.out, handed_on.err
        );
        let why = "requests that lb hands on";
        assert!(handed_on.out.contains(why), "{}", handed_on.out);
    }
}
