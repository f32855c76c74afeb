//! The example network of `fixtures/tokyo-endpoints`, as `./demo` judges it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "A test that cannot go on fails."
)]

mod common;

use std::fmt::Write as _;
use std::io::Write as _;

use common::Place;
use serde_json::{Value, json};

/// The template that the CDK makes of its app.
const CDK: &str = "cdk/Tokyo.template.json";

fn fixture(name: &str) -> String {
    format!(
        "{}/../fixtures/tokyo-endpoints/{name}",
        env!("CARGO_MANIFEST_DIR")
    )
}

fn verdicts(arguments: &[&str]) -> Vec<(String, String)> {
    let invariants = fixture("vpcproof.toml");
    let mut all = vec!["check", "-i", &invariants, "--output=json", "--no-builtin"];
    all.extend(arguments);
    let run = Place::new().run(&all);
    let document: Value = serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}", run.err));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let results = document["results"].as_array().unwrap().iter();
    results
        .map(|one| (text(&one["name"]), text(&one["verdict"])))
        .collect()
}

const EXPECTED: [(&str, &str); 10] = [
    ("database-is-private", "proved"),
    ("app-reaches-database", "proved"),
    ("bastion-stays-off-the-database", "proved"),
    ("consumers-reach-database", "proved"),
    ("database-opens-no-connection", "proved"),
    ("administrators-reach-the-bastion", "proved"),
    ("s3-only-by-gateway-endpoint", "violated"),
    ("no-foreign-buckets", "violated"),
    ("app-reaches-monitoring", "violated"),
    ("consumers-cannot-use-the-gateway-endpoint", "proved"),
];

fn owned(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected
        .iter()
        .map(|(name, verdict)| ((*name).to_owned(), (*verdict).to_owned()))
        .collect()
}

#[test]
fn the_snapshot_and_the_state_are_judged_as_the_readme_says() {
    assert_eq!(verdicts(&[&fixture("describe")]), owned(&EXPECTED));
    assert_eq!(verdicts(&[&fixture("state.json")]), owned(&EXPECTED));
}

#[test]
fn a_plan_alone_proves_no_absence_unless_it_is_said_to_be_the_whole_world() {
    let open = verdicts(&[&fixture("plan.json")]);
    for (name, verdict) in &open {
        let is_absence = ["database-is-private", "bastion-stays-off-the-database"];
        if is_absence.contains(&name.as_str()) {
            assert_eq!(verdict, "unknown", "{name}");
        }
    }
    let closed = verdicts(&[&fixture("plan.json"), "--closed-world"]);
    assert_eq!(
        closed[0],
        ("database-is-private".to_owned(), "proved".to_owned())
    );
    assert_eq!(
        closed[2],
        (
            "bastion-stays-off-the-database".to_owned(),
            "proved".to_owned()
        )
    );
}

/// A snapshot with nothing in it but AWS's own prefix lists: a template does not know them.
fn prefix_lists() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let path = fixture("describe/describe-managed-prefix-lists.json");
    let mut lists: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let lists_of_aws = lists["PrefixLists"].as_array_mut().unwrap();
    lists_of_aws.retain(|list| list["OwnerId"] == "AWS");
    let mut ids: Vec<_> = lists_of_aws
        .iter()
        .map(|list| list["PrefixListId"].clone())
        .collect();
    let name = directory.path().join("describe-managed-prefix-lists.json");
    std::fs::write(name, lists.to_string()).unwrap();
    while let Some(id) = ids.pop() {
        let name = format!(
            "get-managed-prefix-list-entries-{}.json",
            id.as_str().unwrap()
        );
        let from = fixture(&format!("describe/{name}"));
        std::fs::copy(from, directory.path().join(name)).unwrap();
    }
    directory
}

#[test]
fn the_templates_are_judged_as_the_plan_is() {
    let expected = owned(&EXPECTED);
    let lists = prefix_lists();
    let lists = lists.path().to_str().unwrap();
    for name in ["template.yaml", "template.json", CDK] {
        let path = fixture(name);
        let alone = verdicts(&[&path, "--closed-world"]);
        for (found, expected) in alone.iter().zip(&expected) {
            assert!(
                found.1 == "unknown" || found == expected,
                "{name}: {found:?}"
            );
        }
        for verdict in ["proved", "violated"] {
            assert!(alone.iter().any(|one| one.1 == verdict), "{alone:?}");
        }
        let whole = verdicts(&[lists, &path, "--closed-world"]);
        assert_eq!(whole, expected, "{name}");
        // Without it, the rest of the account is not seen.
        let open = verdicts(&[lists, &path]);
        for (found, expected) in open.iter().zip(&expected) {
            let is_never = expected.0 != "app-reaches-database" && expected.1 == "proved";
            assert!(
                found == expected || (is_never && found.1 == "unknown"),
                "{found:?}"
            );
        }
    }
}

/// What AWS Config recorded of the network, packed as it is delivered, with AWS's prefix lists beside
/// it or without, and with the outputs of calls.
fn config(has_lists: bool, calls: &[&str]) -> tempfile::TempDir {
    let made = if has_lists {
        prefix_lists()
    } else {
        tempfile::tempdir().unwrap()
    };
    let describe = fixture("describe");
    let snapshot = common::config::snapshot(describe.as_ref());
    let file = std::fs::File::create(made.path().join("snapshot.json.gz")).unwrap();
    let mut packed = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    packed.write_all(snapshot.to_string().as_bytes()).unwrap();
    packed.finish().unwrap();
    for entry in std::fs::read_dir(&describe).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if calls.iter().any(|call| name.starts_with(call)) {
            std::fs::copy(format!("{describe}/{name}"), made.path().join(name)).unwrap();
        }
    }
    made
}

/// What AWS Config records of neither endpoints nor names.
const BESIDE: [&str; 2] = ["describe-vpc-attribute", "describe-vpc-endpoints"];

#[test]
fn what_aws_config_recorded_is_judged_as_the_calls_are_where_it_says_enough() {
    let expected = owned(&EXPECTED);
    for (has_lists, calls, n_unknown) in [
        (false, &BESIDE[..0], 4),
        (true, &BESIDE[..0], 2),
        (true, &BESIDE[..], 0),
    ] {
        let made = config(has_lists, calls);
        let found = verdicts(&[made.path().to_str().unwrap()]);
        let unknown = found.iter().filter(|one| one.1 == "unknown").count();
        for (found, expected) in found.iter().zip(&expected) {
            assert!(found.1 == "unknown" || found == expected, "{found:?}");
        }
        assert_eq!(unknown, n_unknown, "{found:?}");
    }
}

#[test]
fn the_built_in_checks_find_in_the_plan_what_they_find_after_the_apply() {
    let codes = |name: &str| {
        let run = Place::new().run(&["check", &fixture(name), "--output=json"]);
        let document: Value =
            serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}", run.err));
        let results = document["results"].as_array().unwrap().iter();
        let codes = results.map(|one| one["code"].as_str().unwrap().to_owned());
        codes.collect::<Vec<String>>()
    };
    let expected = [
        "endpoint-bypassed",
        "endpoint-bypassed",
        "endpoint-unreachable",
        "endpoint-policy-open",
        "endpoint-policy-open",
        "endpoint-other-vpc",
        "nat-pays-for-free",
        "rule-shadowed",
    ];
    assert_eq!(codes("describe"), expected);
    assert_eq!(codes("plan.json"), expected);
}

const PAGE: &str = "/../docs/src/plans.md";
const BEGIN: &str = "<!-- forms: begin -->";
const END: &str = "<!-- forms: end -->";

/// The plan as it would be with everything in a module that is called for each of one name.
fn in_a_module() -> Value {
    let mut plan: Value =
        serde_json::from_slice(&std::fs::read(fixture("plan.json")).unwrap()).unwrap();
    let module = "module.network[\"tokyo\"]";
    let inside = |of: &mut Value| {
        let address = of["address"].as_str().unwrap();
        of["address"] = format!("{module}.{address}").into();
    };
    let mut planned = plan["planned_values"]["root_module"]["resources"].take();
    planned.as_array_mut().unwrap().iter_mut().for_each(inside);
    let child = json!({ "address": module, "resources": planned });
    plan["planned_values"] = json!({ "root_module": { "child_modules": [child] } });
    for change in plan["resource_changes"].as_array_mut().unwrap() {
        inside(change);
        change["module_address"] = module.into();
    }
    let declared = plan["configuration"]["root_module"].take();
    let call = json!({
        "source": "./network",
        "for_each_expression": { "references": ["var.networks"] },
        "module": declared,
    });
    plan["configuration"]["root_module"] =
        json!({ "module_calls": { "network": call }, "variables": { "networks": {} } });
    plan
}

/// The table of the book is what the forms of the demo give; `VPCPROOF_RECORD=1` writes it anew.
#[test]
fn the_forms_of_the_demo_are_judged_as_the_book_says() {
    let made = tempfile::tempdir().unwrap();
    let module = made.path().join("plan.json");
    std::fs::write(&module, in_a_module().to_string()).unwrap();
    let module = module.to_str().unwrap();
    let lists = prefix_lists();
    let lists = lists.path().to_str().unwrap();
    let [snapshot, state, plan, template, files, cdk] = [
        "describe",
        "state.json",
        "plan.json",
        "template.yaml",
        "",
        CDK,
    ]
    .map(fixture);
    let configs = [config(false, &[]), config(true, &[])];
    let [config, config_with_lists] = [0, 1].map(|at| configs[at].path().to_str().unwrap());
    let forms: [(&str, &[&str]); 11] = [
        ("snapshot", &[&snapshot]),
        ("AWS Config", &[config]),
        ("AWS Config and AWS's prefix lists", &[config_with_lists]),
        ("state", &[&state]),
        ("plan", &[&plan]),
        ("plan, `--closed-world`", &[&plan, "--closed-world"]),
        (
            "plan of a module with `for_each`, `--closed-world`",
            &[module, "--closed-world"],
        ),
        ("plan, `--hcl`", &[&plan, "--hcl", &files]),
        ("template, `--closed-world`", &[&template, "--closed-world"]),
        (
            "AWS's prefix lists and template, `--closed-world`",
            &[lists, &template, "--closed-world"],
        ),
        (
            "AWS's prefix lists and CDK's template, `--closed-world`",
            &[lists, &cdk, "--closed-world"],
        ),
    ];
    let found = forms.map(|(_, arguments)| verdicts(arguments));
    assert_eq!(found[5], found[6], "a module changes nothing");
    let names = forms.map(|(name, _)| name).join(" | ");
    let mut table = format!("| claim | {names} |\n|---|{}\n", "---|".repeat(forms.len()));
    for (position, (claim, _)) in EXPECTED.iter().enumerate() {
        let cells = found.iter().map(|form| form[position].1.as_str());
        let cells = cells.collect::<Vec<_>>().join(" | ");
        writeln!(table, "| `{claim}` | {cells} |").unwrap();
    }
    let path = format!("{}{PAGE}", env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (recorded, after) = rest.split_once(END).unwrap();
    if std::env::var_os("VPCPROOF_RECORD").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}\n\n{table}\n{END}{after}")).unwrap();
    } else {
        assert_eq!(recorded.trim(), table.trim(), "VPCPROOF_RECORD=1 writes it");
    }
}
