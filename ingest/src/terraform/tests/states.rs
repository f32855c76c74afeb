//! States: as they are stored, and as `terraform show -json` prints them.

use std::path::PathBuf;

use serde_json::{Value as Json, json};

use crate::{Ingested, InputKind, ReadError};

const FOLDER: &str = "../fixtures/states";

fn read(path: &str) -> Ingested {
    crate::read(&[PathBuf::from(path)]).unwrap_or_else(|error| panic!("{error}"))
}

fn read_json(document: &Json) -> Result<Ingested, ReadError> {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("terraform.tfstate");
    std::fs::write(&path, document.to_string()).expect("a file");
    crate::read(&[path])
}

#[test]
fn a_stored_state_is_the_same_network_as_the_shown_one() {
    let shown = read(&format!("{FOLDER}/state.json"));
    let stored = read(&format!("{FOLDER}/terraform.tfstate"));
    assert_eq!(stored.inputs[0].kind, InputKind::TerraformState);
    assert_eq!(stored.draft.vpcs.len(), 2);
    assert_eq!(stored.draft.subnets.len(), 4);
    assert_eq!(stored.draft.network_interfaces.len(), 2);
    assert_eq!(stored.draft, shown.draft);
    assert_eq!(stored.assumptions, shown.assumptions);
    assert_eq!(stored.unplaced, shown.unplaced);
    let said = |ingested: &Ingested| {
        let said = ingested.diagnostics.iter();
        said.map(|one| (one.code, one.message.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(said(&stored), said(&shown));
    stored.validate().unwrap_or_else(|error| panic!("{error}"));
}

fn stored() -> Json {
    let text = std::fs::read_to_string(format!("{FOLDER}/terraform.tfstate"));
    serde_json::from_str(&text.expect("a fixture")).expect("JSON")
}

#[test]
fn a_diagnostic_about_a_stored_state_says_where_and_prints_nothing_masked() {
    let mut state = stored();
    let resources = state["resources"].as_array_mut().expect("a list");
    let group = resources
        .iter_mut()
        .find(|one| one["type"] == "aws_security_group");
    group.expect("a group")["instances"][0]["attributes"]["ingress"][0]["cidr_blocks"] =
        json!(["203.0.113.65/27"]);
    let errors = read_json(&state).expect_err("host bits").to_string();
    assert!(
        errors.contains("terraform.tfstate at /resources/4/instances/0"),
        "{errors}"
    );
    assert!(!errors.contains("203.0.113.65"), "{errors}");
}

#[test]
fn what_is_deposed_is_still_there() {
    let mut state = stored();
    let resources = state["resources"].as_array_mut().expect("a list");
    let gateway = resources
        .iter_mut()
        .find(|one| one["type"] == "aws_vpc_endpoint")
        .expect("an endpoint");
    let mut left_over = gateway["instances"][0].clone();
    left_over["deposed"] = json!("0a1b2c3d");
    left_over["attributes"]["id"] = json!("vpce-0fedcba9876543210");
    let instances = gateway["instances"].as_array_mut().expect("a list");
    instances.push(left_over);
    let n_before = read(&format!("{FOLDER}/terraform.tfstate"))
        .draft
        .vpc_endpoints
        .len();
    let after = read_json(&state).expect("a state");
    assert_eq!(after.draft.vpc_endpoints.len(), n_before + 1);
}

#[test]
fn a_stored_state_that_cannot_be_read_is_an_error_by_name() {
    let says = |state: &Json, expected: &str| {
        let errors = read_json(state).expect_err("an error").to_string();
        assert!(
            errors.contains(expected),
            "{expected}\n\nis not in\n\n{errors}"
        );
    };
    let with = |key: &str, value: Json| {
        let mut state = stored();
        state[key] = value;
        state
    };
    says(
        &with("version", json!(3)),
        "error[unsupported-input]: this is a Terraform state of version 3",
    );
    says(
        &with("version", json!(3)),
        "what `terraform show -json` prints of it",
    );
    says(&with("version", json!("4")), "error[wrong-type]");
    says(
        &with("resources", json!([])),
        "error[empty-file]: the Terraform state is empty",
    );
    says(
        &with("resources", json!(null)),
        "error[missing-field]: field `resources` is missing",
    );
    says(
        &json!({"serial": 1, "lineage": "", "encrypted_data": "x", "encryption_version": "v0"}),
        "error[unsupported-input]: this is an encrypted OpenTofu state",
    );
    let first = |key: &str, value: Json| {
        let mut state = stored();
        state["resources"][1]["instances"][0][key] = value;
        state
    };
    says(
        &first("attributes", json!(null)),
        "error[missing-field]: field `attributes` is missing",
    );
    says(
        &first("attributes_flat", json!({"id": "x"})),
        "is as Terraform 0.11 wrote it",
    );
    says(
        &first("index_key", json!([1])),
        "error[invalid-value]: expected a number or a string",
    );
    let mut state = stored();
    state["resources"][1]["module"] = json!("network");
    says(&state, "`network` is not the address of a module");
    state["resources"][1]["mode"] = json!("ephemeral");
    says(&state, "`ephemeral` is no mode of a resource");
}
