//! Recipes and what AWS gives no endpoint for: the traps that people fall into, as claims and as
//! built-in checks, in a VPC in us-east-1 with the endpoints that each needs.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "A test that cannot go on fails."
)]

mod common;

use common::Place;
use serde_json::Value;

/// A VPC with an application that may send anywhere, and a database that sends nowhere.
const VPC: &str = r#"
[vpc.main]
cidrs = ["10.0.0.0/16"]
region = "us-east-1"
[subnet.app]
cidrs = ["10.0.0.0/24"]
route-table = "app"
[subnet.db]
cidrs = ["10.0.1.0/24"]
[subnet.public]
cidrs = ["10.0.9.0/24"]
route-table = "public"
[security-group.app]
egress = ["all to 0.0.0.0/0"]
[security-group.db]
ingress = ["tcp/5432 from sg:app"]
[security-group.endpoint]
ingress = ["tcp/443 from sg:app"]
[interface.app]
subnet = "app"
addresses = ["10.0.0.10"]
groups = ["app"]
[interface.db]
subnet = "db"
addresses = ["10.0.1.10"]
groups = ["db"]
[prefix-list.pl-s3]
name = "com.amazonaws.us-east-1.s3"
aws-managed = true
entries = ["3.5.0.0/19"]
[internet-gateway.igw]
[route-table.public]
routes = ["0.0.0.0/0 -> internet-gateway:igw"]
[interface.nat]
subnet = "public"
addresses = ["10.0.9.5 public 203.0.113.9"]
[nat-gateway.nat]
interface = "nat"
"#;

const S3: &str = "[endpoint.s3]\nservice = \"com.amazonaws.us-east-1.s3\"\nkind = \"gateway\"\nprefix-lists = [\"pl-s3\"]\n\
                  policy = '{\"Statement\": []}'\n";
const TO_S3: &str = "pl:pl-s3 -> endpoint:s3";
const TO_NAT: &str = "0.0.0.0/0 -> nat-gateway:nat";

/// The network with these routes of the application and these parts.
fn network(routes: &[&str], parts: &[String]) -> String {
    let routes: Vec<String> = routes.iter().map(|route| format!("{route:?}")).collect();
    let table = format!("[route-table.app]\nroutes = [{}]\n", routes.join(", "));
    format!("{VPC}{table}{}", parts.concat())
}

/// An interface endpoint; without names its private DNS is off.
fn endpoint(id: u8, service: &str, names: &[&str]) -> String {
    let private = !names.is_empty();
    format!(
        "[interface.e{id}]\nsubnet = \"app\"\naddresses = [\"10.0.0.{}\"]\ngroups = [\"endpoint\"]\n\
         [endpoint.e{id}]\nservice = \"com.amazonaws.us-east-1.{service}\"\nkind = \"interface\"\n\
         interfaces = [\"e{id}\"]\nprivate-dns = {private}\nprivate-names = {names:?}\n\
         policy = '{{\"Statement\": []}}'\n",
        100 + id
    )
}

fn api() -> String {
    endpoint(1, "ecr.api", &["api.ecr.us-east-1.amazonaws.com"])
}

fn dkr() -> String {
    endpoint(2, "ecr.dkr", &["*.dkr.ecr.us-east-1.amazonaws.com"])
}

fn check(network: &str, claims: &str) -> Value {
    let place = if claims.is_empty() {
        Place::new()
    } else {
        Place::with(claims)
    };
    std::fs::write(place.path("network.toml"), network).unwrap();
    let run = place.run(&["check", "network.toml", "--output=json"]);
    serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}{}", run.out, run.err))
}

/// The names of the findings of one check.
fn findings(document: &Value, code: &str) -> Vec<String> {
    let results = document["results"].as_array().unwrap().iter();
    let results = results.filter(|one| one["code"] == code);
    let names = results.map(|one| one["name"].as_str().unwrap());
    names
        .map(|name| name.trim_start_matches(&format!("{code}: ")).to_owned())
        .collect()
}

fn missing(routes: &[&str], parts: &[String]) -> Vec<String> {
    let document = check(&network(routes, parts), "");
    findings(&document, "endpoint-missing-companion")
}

/// The verdict on a claim that the application always reaches something on tcp/443.
fn verdict(network: &str, to: &str) -> String {
    let claim = format!(
        "[[always]]\nname = \"x\"\nfrom = \"interface id:app\"\nto = \"{to}\"\ntraffic = \"tcp/443\"\n"
    );
    let document = check(network, &claim);
    document["results"][0]["verdict"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn images_need_both_endpoints_of_ecr_and_a_way_to_their_layers() {
    let none: [String; 0] = [];
    assert_eq!(missing(&[], &[api(), dkr()]), ["main ecr-pull s3"]); // T37
    let found = missing(&[TO_S3], &[S3.to_owned(), dkr()]);
    assert_eq!(found, ["main ecr-pull ecr.api"]); // T39
    assert_eq!(missing(&[TO_S3], &[S3.to_owned(), api(), dkr()]), none);
    assert_eq!(missing(&[TO_NAT], &[api()]), none);
    assert_eq!(missing(&[], &none), none);
}

#[test]
fn a_registry_whose_private_dns_is_off_is_out_of_reach() {
    let dkr = endpoint(2, "ecr.dkr", &[]);
    let found = missing(&[TO_S3], &[S3.to_owned(), api(), dkr]);
    assert_eq!(found, ["main ecr-pull ecr.dkr"]); // T38
}

#[test]
fn sessions_need_their_channels_too() {
    let ssm = endpoint(3, "ssm", &["ssm.us-east-1.amazonaws.com"]);
    let messages = endpoint(4, "ssmmessages", &["ssmmessages.us-east-1.amazonaws.com"]);
    let found = missing(&[], std::slice::from_ref(&ssm));
    assert_eq!(found, ["main session-manager ssmmessages"]);
    assert!(missing(&[], &[ssm, messages]).is_empty());
}

#[test]
fn a_finding_shows_the_attempt_that_comes_furthest() {
    let document = check(&network(&[], &[api(), dkr()]), "");
    let results = document["results"].as_array().unwrap().iter();
    let mut found = results.filter(|one| one["code"] == "endpoint-missing-companion");
    let found = found.next().unwrap();
    assert_eq!(found["engines"]["agree"], true, "{found:#}");
    let witness = &found["witness"];
    assert_eq!(witness["disposition"], "dropped");
    assert_eq!(witness["decided_by"], "longest-prefix-match");
}

#[test]
fn an_always_to_a_recipe_asks_for_each_of_its_names() {
    let whole = network(&[TO_S3], &[S3.to_owned(), api(), dkr()]);
    assert_eq!(verdict(&whole, "recipe:ecr-pull"), "proved");
    let without_layers = network(&[], &[api(), dkr()]);
    assert_eq!(verdict(&without_layers, "recipe:ecr-pull"), "violated");
    let without_api = network(&[TO_S3], &[S3.to_owned(), dkr()]);
    assert_eq!(verdict(&without_api, "recipe:ecr-pull"), "violated");
    assert_eq!(
        verdict(&without_api, "recipe:ecr-pull-fargate-1.3"),
        "proved"
    );
    for routes in [&[TO_NAT][..], &[TO_NAT, TO_S3]] {
        let outside = network(routes, &[S3.to_owned()]);
        assert_eq!(verdict(&outside, "recipe:ecr-pull"), "proved");
    }
}

#[test]
fn a_name_that_means_public_addresses_is_reached_by_a_way_out_only() {
    let dynamodb = endpoint(5, "dynamodb", &[]);
    let inside = network(&[], &[dynamodb]);
    for name in ["dynamodb", "streams.dynamodb"] {
        let name = format!("name:{name}.us-east-1.amazonaws.com"); // T57, T16
        assert_eq!(verdict(&inside, &name), "violated", "{name}");
        assert_eq!(verdict(&network(&[TO_NAT], &[]), &name), "proved", "{name}");
    }
}

#[test]
fn a_name_that_no_service_is_known_to_have_stays_open() {
    let inside = network(&[], &[]);
    let file_system = "name:fs-0123456789abcdef0.efs.us-east-1.amazonaws.com";
    assert_eq!(verdict(&inside, file_system), "unknown");
}

#[test]
fn private_dns_of_apis_takes_the_names_of_public_ones() {
    let api = endpoint(6, "execute-api", &["*.execute-api.us-east-1.amazonaws.com"]);
    let outside = network(&[TO_NAT], std::slice::from_ref(&api));
    let found = findings(&check(&outside, ""), "endpoint-name-captures");
    assert_eq!(found, ["e6"]); // T48
    assert_eq!(verdict(&outside, "recipe:private-rest-api"), "proved");
    assert_eq!(verdict(&outside, "recipe:http-api"), "violated");
    assert_eq!(
        verdict(&network(&[TO_NAT], &[]), "recipe:http-api"),
        "proved"
    );
    // Where nothing leads out, nothing is lost.
    let inside = network(&[], &[api]);
    assert!(findings(&check(&inside, ""), "endpoint-name-captures").is_empty());
}

#[test]
fn what_has_no_endpoint_needs_a_way_out() {
    let code = "service-needs-internet";
    let login = "shop.auth.us-east-1.amazoncognito.com";
    let claim = |name: &str| {
        format!(
            "[[sometimes]]\nname = \"x\"\nfrom = [\"interface id:app\", \"interface id:db\"]\n\
             to = \"name:{name}\"\ntraffic = \"tcp/443\"\n"
        )
    };
    let found = findings(&check(&network(&[], &[]), &claim(login)), code);
    assert_eq!(found, [format!("main {login}")]); // T63
    // IAM has an endpoint in us-east-1.
    let iam = claim("iam.amazonaws.com");
    assert!(findings(&check(&network(&[], &[]), &iam), code).is_empty());
    let ireland = network(&[], &[]).replace("us-east-1", "eu-west-1");
    let found = findings(&check(&ireland, &iam), code);
    assert_eq!(found, ["main iam.amazonaws.com"]); // T66
}

#[test]
fn an_endpoint_for_user_pools_alone_is_only_advice() {
    let code = "service-needs-internet";
    let pools = endpoint(7, "cognito-idp", &["cognito-idp.us-east-1.amazonaws.com"]);
    let document = check(&network(&[], &[pools]), "");
    assert!(findings(&document, code).is_empty());
    let advice = document["advice"].as_array().unwrap();
    assert!(advice.iter().any(|one| one["code"] == code), "{advice:#?}");
}

#[test]
fn explain_explains_each_name_of_a_recipe() {
    let place = Place::new();
    let network = network(&[TO_S3], &[S3.to_owned(), dkr()]);
    std::fs::write(place.path("network.toml"), network).unwrap();
    let explain = |to: &str| {
        let from = ["explain", "network.toml", "--from", "interface id:app"];
        place.run(&[&from[..], &["--to", to, "--traffic", "tcp/443"]].concat())
    };
    let run = explain("recipe:ecr-pull");
    assert_eq!(run.code, 1, "{}", run.err);
    for text in [
        "BLOCKED  interface id:app -> name:api.ecr.us-east-1.amazonaws.com\n",
        "REACHABLE  interface id:app -> name:000000000000.dkr.ecr.us-east-1.amazonaws.com\n",
        "REACHABLE  interface id:app -> name:prod-us-east-1-starport-layer-bucket.s3.us-east-1.amazonaws.com\n",
    ] {
        assert!(run.out.contains(text), "{text}\n{}", run.out);
    }
    let found = explain("name:sqs.us-east-1.amazonaws.com");
    assert_eq!(found.code, 1, "{}", found.out);
    assert_eq!(explain("recipe:ecr-pull-fargate-1.3").code, 0);
    assert_eq!(explain("recipe:ecr-push").code, 2);
}
