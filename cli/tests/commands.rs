//! The other commands: `explain`, `show`, `init`, `explain-code`, `completions`, `man`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "A test that cannot go on fails."
)]

mod common;

use common::{Place, network};

fn explain(from: &str, to: &str, traffic: &str) -> common::Run {
    let network = network("shop.toml");
    let arguments = [
        "explain",
        &network,
        "--from",
        from,
        "--to",
        to,
        "--traffic",
        traffic,
    ];
    Place::new().run(&arguments)
}

#[test]
fn a_path_is_shown_both_ways() {
    let run = explain("app-c", "interface tag:tier=db", "tcp/5432");
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(
        run.out
            .starts_with("REACHABLE  app-c -> interface tag:tier=db\n"),
        "{}",
        run.out
    );
    for text in [
        "  path\n",
        "  reply\n",
        "security-group-stateful",
        "reply-returns",
    ] {
        assert!(run.out.contains(text), "{text}\n{}", run.out);
    }
}

#[test]
fn what_blocks_is_named_with_its_place() {
    let run = explain("bastion", "10.0.3.10", "tcp/5432");
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    let rule = "network ACL database: inbound entry 90 denies tcp/5432 from 10.0.0.0/24";
    assert!(run.out.contains(rule), "{}", run.out);
    assert!(
        run.out
            .contains("shop.toml:83 at network-acl.database.ingress[0]"),
        "{}",
        run.out
    );
}

#[test]
fn a_request_whose_reply_is_lost_is_told_apart() {
    let run = explain("consumer", "bastion", "tcp/22");
    assert_eq!(run.code, 1);
    assert!(
        run.out
            .contains("a request arrives, but no reply comes back"),
        "{}",
        run.out
    );
}

#[test]
fn a_destination_without_a_public_address_is_blocked_for_a_stated_reason() {
    let run = explain("internet", "interface tag:tier=db", "tcp/5432");
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    assert!(run.out.contains("internet-gateway-inbound"), "{}", run.out);
}

#[test]
fn a_selector_that_means_nothing_is_an_error_with_the_nearest_name() {
    let run = explain("interfase", "internet", "tcp/443");
    assert_eq!(run.code, 2);
    assert!(run.err.contains("did you mean `interface`?"), "{}", run.err);
    let run = explain("interface tag:teir=app", "internet", "tcp/443");
    assert!(run.err.contains("did you mean `tier`?"), "{}", run.err);
}

#[test]
fn show_puts_what_is_open_first() {
    let run = Place::new().run(&["show", &network("holes.toml")]);
    let first = "open (1)\n  aws_instance.app.vpc_security_group_ids\n";
    assert!(run.out.starts_with(first), "{}", run.out);
    assert!(run.out.contains("VPC main 10.0.0.0/16"), "{}", run.out);
    let json = Place::new().run(&["show", &network("holes.toml"), "--output=json"]);
    let document: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(document["components"]["vpcs"], serde_json::json!(["main"]));
}

#[test]
fn the_starter_file_is_one_that_check_reads() {
    for name in ["small.toml", "shop.toml", "holes.toml"] {
        let place = Place::new();
        let network = network(name);
        let printed = place.run(&["init", &network]);
        assert_eq!(printed.code, 0);
        let written = place.run(&["init", &network, "--out", "vpcproof.toml"]);
        assert_eq!(written.code, 0, "{}", written.err);
        assert!(common::has(&place.path("vpcproof.toml"), &printed.out));
        assert_eq!(
            place
                .run(&["init", &network, "--out", "vpcproof.toml"])
                .code,
            2
        );
        let run = place.run(&["check", &network, "--no-builtin"]);
        assert_ne!(run.code, 2, "{}", run.err);
    }
}

#[test]
fn every_code_is_explained() {
    let place = Place::new();
    let list = place.run(&["explain-code"]).out;
    for code in list.lines().filter_map(|line| line.strip_prefix("  ")) {
        let run = place.run(&["explain-code", code]);
        assert_eq!(run.code, 0, "{code}");
        assert!(run.out.starts_with(&format!("{code}\n\n")), "{code}");
    }
    let unknown = place.run(&["explain-code", "endpoint-bypased"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.err.contains("did you mean `endpoint-bypassed`?"));
}

#[test]
fn completions_and_the_manual_name_the_commands() {
    let place = Place::new();
    assert!(
        place
            .run(&["completions", "bash"])
            .out
            .contains("explain-code")
    );
    assert!(place.run(&["man"]).out.contains(".TH vpcproof"));
    assert_eq!(place.run(&["--version"]).code, 0);
}

/// Each engine words an open question as it likes; that is no disagreement.
#[test]
fn an_unmodelled_name_is_unknown_and_no_disagreement() {
    let place = Place::with(
        "[[always]]\nname = \"web\"\nfrom = \"interface\"\nto = \"name:www.example.com\"\n\
         traffic = \"tcp/443\"\n",
    );
    let run = place.run(&["check", &network("shop.toml"), "--no-builtin"]);
    assert_eq!(run.code, 3, "{}{}", run.out, run.err);
    assert!(run.out.contains("www.example.com"), "{}", run.out);
}

#[test]
fn blocked_public_access_is_told_with_its_mode_and_exclusions() {
    let network = network("blocked.toml");
    let run = Place::new().run(&["show", &network]);
    for text in [
        "  VPC Block Public Access block-ingress, exclusion allow-egress\n",
        "    exclusion allow-bidirectional\n",
        "open (1)\n  mode of the other account\n",
    ] {
        assert!(run.out.contains(text), "{text}\n{}", run.out);
    }
    let explain = |from| {
        let arguments = [
            "explain",
            &network,
            "--from",
            from,
            "--to",
            "203.0.113.9",
            "--traffic",
            "tcp/443",
        ];
        Place::new().run(&arguments).out
    };
    let blocked = "dropped       subnet closed: VPC Block Public Access is block-ingress; its VPC has the exclusion allow-egress  [vpc-block-public-access]";
    let doubtful = "undetermined  subnet doubtful; it depends on mode of the other account  [vpc-block-public-access]";
    for (from, text) in [
        ("closed", blocked),
        ("free", "REACHABLE"),
        ("doubtful", doubtful),
    ] {
        let out = explain(from);
        assert!(out.contains(text), "{text}\n{out}");
    }
}

/// A path can be asked for beside a broken file, but not with its groups.
#[test]
fn an_invariant_file_that_explain_cannot_read_is_told() {
    let network = network("blocked.toml");
    let explain = |place: &Place| {
        let arguments = ["explain", &network, "--from", "free", "--to", "203.0.113.9"];
        place.run(&arguments)
    };
    let told = "warning: no group of `";
    let broken = explain(&Place::with("[group]\napp = 1\n"));
    assert!(broken.err.contains(told), "{}", broken.err);
    assert!(broken.err.contains("help: `vpcproof check` tells them"));
    assert!(broken.out.contains("REACHABLE"), "{}", broken.out);
    let sound = "[group]\napp = \"interface\"\n[[never]]\nname = \"a\"\nfrom = \"app\"\nto = \"internet\"\n";
    for place in [Place::with(sound), Place::new()] {
        let run = explain(&place);
        assert!(!run.err.contains(told), "{}", run.err);
    }
}

#[test]
fn show_has_transit_gateways_with_their_attachments_and_tables() {
    let run = Place::with("").run(&["show", &network("hub.toml")]);
    assert_eq!(run.code, 0, "{}", run.err);
    for text in [
        "transit gateway tgw (hub)\n",
        "  transit gateway attachment data: VPC data in transit, routed by all\n",
        "  transit gateway route table all\n    route 10.9.0.0/16 -> blackhole\n    what data propagates\n",
        "route 10.2.0.0/16 -> tgw",
        "groups open, a middlebox that forwards",
    ] {
        assert!(run.out.contains(text), "{text}\n{}", run.out);
    }
}

/// The lines of what a path costs.
fn costs(network: &str, from: &str, to: &str, more: &[&str]) -> Vec<String> {
    let mut arguments = vec!["explain", network, "--from", from, "--to", to];
    arguments.extend(more);
    let run = Place::new().run(&arguments);
    let lines = run.out.lines();
    let costs = lines.filter_map(|line| line.strip_prefix("  costs      "));
    costs.map(str::to_owned).collect()
}

#[test]
fn a_path_says_what_it_costs() {
    let shop = network("shop.toml");
    let by_nat = costs(
        &shop,
        "instance name:app-c",
        "service:s3",
        &["--traffic=tcp/443"],
    );
    let expected =
        "NAT gateway nat (main): $0.062 per gigabyte (ap-northeast-1, 2026-09-23); https://";
    assert!(by_nat[0].starts_with(expected), "{by_nat:?}");
    let by_endpoint = costs(
        &shop,
        "instance name:app-a",
        "service:s3",
        &["--traffic=tcp/443"],
    );
    let expected = "endpoint s3-gateway: nothing (2026-11-26); ";
    assert!(by_endpoint[0].starts_with(expected), "{by_endpoint:?}");
    assert_eq!((by_nat.len(), by_endpoint.len()), (1, 1));
}

#[test]
fn a_price_that_is_not_known_is_not_guessed() {
    let hub = std::fs::read_to_string(network("hub.toml")).unwrap();
    let place = Place::new();
    let path = place.path("hub.toml");
    let shown = path.display().to_string();
    for (region, expected) in [
        ("us-east-1", "$0.02 per gigabyte (us-east-1, "),
        ("eu-south-2", "its price in eu-south-2 is not known"),
    ] {
        let vpc = format!("region = \"{region}\"\ncidrs = [\"10.");
        let hub = hub.replace(
            "[vpc.spoke]\ncidrs = [\"10.",
            &format!("[vpc.spoke]\n{vpc}"),
        );
        let hub = hub.replace("[vpc.data]\ncidrs = [\"10.", &format!("[vpc.data]\n{vpc}"));
        std::fs::write(&path, hub).unwrap();
        let found = costs(&shown, "interface id:app", "interface id:db", &[]);
        let expected = format!("transit gateway tgw (hub): {expected}");
        assert!(
            found.len() == 1 && found[0].starts_with(&expected),
            "{found:?}"
        );
    }
}

#[test]
fn a_file_of_prices_replaces_those_of_the_program() {
    let place = Place::new();
    let path = place.path("prices.toml");
    let prices = "[[price]]\ncomponent = \"nat-gateway\"\nregion = \"ap-northeast-1\"\n\
                  per-gigabyte-usd = 0.04\nas-of = 2026-04-01\nsource = \"our agreement\"\n";
    std::fs::write(&path, prices).unwrap();
    let prices = ["--traffic=tcp/443", "--prices", &path.display().to_string()];
    let found = costs(
        &network("shop.toml"),
        "instance name:app-c",
        "service:s3",
        &prices,
    );
    let expected =
        "NAT gateway nat (main): $0.04 per gigabyte (ap-northeast-1, 2026-04-01); our agreement";
    assert_eq!(found, [expected]);
}
