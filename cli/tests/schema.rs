//! The published schemas and what is read and written agree.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "A test that cannot go on fails."
)]

mod common;

use common::{Place, network};
use jsonschema::Validator;
use serde_json::{Value, json};

fn schema(name: &str) -> Validator {
    let path = format!("{}/schema/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
}

fn as_json(invariants: &str) -> Value {
    let table: toml::Table = invariants.parse().unwrap();
    serde_json::to_value(table).unwrap()
}

/// The same with dates as strings, which is how editors see them.
fn with_dates(invariants: &str) -> Value {
    as_json(&invariants.replace("= 2027-03-31", "= \"2027-03-31\""))
}

/// What the program says of an invariant file: whether it can be read.
fn is_read(invariants: &str) -> bool {
    let run = Place::with(invariants).run(&["check", &network("small.toml"), "--no-builtin"]);
    run.code != 2
}

/// A plan beside the files that it was made of.
const ELEMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/plans/element");

const CLAIM: &str = "name = \"x\"\nfrom = \"interface\"\nto = \"internet\"\n";

#[test]
fn reports_fit_their_schema() {
    let schema = schema("report.schema.json");
    let invariants = std::fs::read_to_string(network("shop.invariants.toml")).unwrap();
    let place = Place::with(&invariants);
    let (shop, holes) = (network("shop.toml"), network("holes.toml"));
    let unknown = Place::with(
        "[[never]]\nname = \"x\"\nfrom = \"interface tag:tier=app\"\nto = \"interface\"\n",
    );
    let runs = [
        place.run(&["check", &shop, "--output=json"]),
        unknown.run(&["check", &holes, "--output=json"]),
        place.run(&["explain", &shop, "--from=app", "--to=db", "--output=json"]),
        place.run(&[
            "explain",
            &shop,
            "--from=app",
            "--to=service:s3",
            "--output=json",
        ]),
        place.run(&[
            "explain",
            &format!("{ELEMENT}/plan.json"),
            "--hcl",
            ELEMENT,
            "--from=interface",
            "--to=internet",
            "--output=json",
        ]),
    ];
    for run in runs {
        let document: Value = serde_json::from_str(&run.out).unwrap();
        let errors: Vec<String> = schema
            .iter_errors(&document)
            .map(|e| e.to_string())
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
}

#[test]
fn differences_fit_their_schema() {
    let schema = schema("difference.schema.json");
    let place = Place::new();
    let of = |before: &str, after: &str, options: &[&str]| {
        let (before, after) = (network(before), network(after));
        let mut arguments = vec!["diff", before.as_str(), after.as_str(), "--output=json"];
        arguments.extend(options);
        place.run(&arguments)
    };
    let stated = network("change.invariants.toml");
    let runs = [
        of("change.before.toml", "change.after.toml", &["-i", &stated]),
        of("small.toml", "blocked.toml", &[]),
        of("small.toml", "holes.toml", &[]),
    ];
    for run in runs {
        let document: Value = serde_json::from_str(&run.out).unwrap();
        let errors: Vec<String> = schema
            .iter_errors(&document)
            .map(|e| e.to_string())
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
}

#[test]
fn matrices_fit_their_schema() {
    let schema = schema("matrix.schema.json");
    let place = Place::new();
    let (small, holes) = (network("small.toml"), network("holes.toml"));
    for arguments in [
        vec!["matrix", small.as_str()],
        vec!["matrix", holes.as_str(), "--by", "class"],
        vec!["matrix", small.as_str(), "--against", holes.as_str()],
    ] {
        let run = place.run(&[&arguments[..], &["--output=json"]].concat());
        let document: Value = serde_json::from_str(&run.out).unwrap();
        let errors = schema.iter_errors(&document).map(|e| e.to_string());
        let errors: Vec<String> = errors.collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
}

#[test]
fn what_is_read_fits_the_schema_and_what_is_refused_does_not() {
    let schema = schema("vpcproof.toml.schema.json");
    let shop = std::fs::read_to_string(network("shop.invariants.toml")).unwrap();
    assert!(schema.is_valid(&as_json(&shop)));
    let fields = [
        ("never", "claim = \"answered\"", true),
        ("never", "via = \"nat-gateway\"", false),
        (
            "never",
            "traffic = [\"tcp/1-1024\", \"icmp/8/0\", \"protocol/47\", \"any\"]",
            true,
        ),
        ("never", "traffic = []", false),
        ("never", "traffic = \"http\"", false),
        ("never", "source-ports = [\"1-2\", \"4\"]", true),
        ("never", "source-ports = 4", false),
        ("never", "family = \"ipv4\"", true),
        ("never", "family = \"v4\"", false),
        ("never", "severity = \"low\"", true),
        ("never", "severity = \"none\"", false),
        ("never", "vacuous = \"report\"", true),
        ("never", "colour = \"red\"", false),
        (
            "never",
            "request = { action = \"s3:*\", resource = { not = [\"a\"] }, principal = \"*\" }",
            true,
        ),
        ("never", "request = { resource-org = \"o-1\" }", true),
        (
            "never",
            "request = { context = { \"s3:prefix\" = { not = \"a\", absent = false } } }",
            true,
        ),
        (
            "never",
            "request = { resource-org = { ist = \"o-1\" } }",
            false,
        ),
        ("sometimes", "claim = \"delivered\"", true),
        ("sometimes", "via = [\"nat-gateway\"]", true),
        ("only", "via = \"nat-gateway\"", true),
        ("only", "", false),
        ("always", "traffic = \"tcp/443\"\nanswered = false", true),
        ("always", "answered = false", false),
        ("change", "", false),
    ];
    let changes = [
        (
            "opens = [{ from = \"interface\", to = \"internet\", traffic = \"tcp/443\" }]",
            true,
        ),
        ("closes = []\nmoves = []", true),
        ("opens = [{ from = \"interface\" }]", false),
        ("opened = []", false),
    ];
    for (field, expected) in changes {
        let invariants = format!("[[never]]\n{CLAIM}[change]\n{field}\n");
        assert_eq!(
            schema.is_valid(&as_json(&invariants)),
            expected,
            "{invariants}"
        );
        assert_eq!(is_read(&invariants), expected, "{invariants}");
    }
    let waivers = [
        (
            "from = \"interface\"\nreason = \"r\"\nuntil = 2027-03-31",
            true,
        ),
        (
            "to = [\"interface\"]\ntraffic = \"tcp/22\"\nreason = \"r\"",
            true,
        ),
        ("traffic = \"tcp/22\"\nreason = \"r\"", true),
        ("reason = \"r\"", false),
        ("from = \"interface\"", false),
        ("from = \"interface\"\nreason = \" \"", false),
        (
            "form = \"interface\"\nreason = \"r\"\ntraffic = \"any\"",
            false,
        ),
    ];
    for (fields, expected) in waivers {
        let claim = "[[never]]\nname = \"x\"\nfrom = \"interface\"\nto = \"interface\"\n";
        let invariants = format!("{claim}[[waive]]\ninvariant = \"x\"\n{fields}\n");
        let fits = schema.is_valid(&with_dates(&invariants));
        assert_eq!(fits, expected, "schema: {invariants}");
        assert_eq!(is_read(&invariants), expected, "program: {invariants}");
    }
    for (word, field, expected) in fields {
        let invariants = format!("[[{word}]]\n{CLAIM}{field}\n");
        assert_eq!(
            schema.is_valid(&as_json(&invariants)),
            expected,
            "schema: {invariants}"
        );
        assert_eq!(is_read(&invariants), expected, "program: {invariants}");
    }
}

#[test]
fn every_field_of_the_schema_is_a_field_of_the_file() {
    let path = format!(
        "{}/schema/vpcproof.toml.schema.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    for word in ["never", "always", "sometimes", "only"] {
        let properties = &schema["properties"][word]["items"]["properties"];
        let mut fields: Vec<&str> = properties
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        fields.sort_unstable();
        // The program lists its fields in the help of an unknown one when none is near.
        let invariants = format!("[[{word}]]\nzzzzzzzzzz = 1\n");
        let run = Place::with(&invariants).run(&["check", &network("small.toml")]);
        let line = run
            .err
            .lines()
            .find(|line| line.contains("the fields are"))
            .unwrap();
        let mut told: Vec<&str> = line.split('`').skip(1).step_by(2).collect();
        told.sort_unstable();
        assert_eq!(fields, told, "{word}");
    }
    assert_eq!(
        schema["$defs"]["severity"]["enum"],
        json!(["high", "medium", "low"])
    );
}
