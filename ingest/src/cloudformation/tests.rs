//! Tests: small templates made here, and the demo network.

mod cdk;
mod change_set_parts;
mod change_sets;
mod defaults;
mod demo;
mod doubts;
mod expressions;
mod mistakes;
mod several;

use std::fs;

use crate::{Ingested, ReadError};

/// Reads files of these names and texts, in their order.
fn read(files: &[(&str, &str)]) -> Result<Ingested, ReadError> {
    let directory = tempfile::tempdir().unwrap();
    let write = |(name, text): &(&str, &str)| {
        let path = directory.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let paths: Vec<_> = files.iter().map(write).collect();
    crate::read(&paths)
}

/// Reads a template.
#[track_caller]
fn template(text: &str) -> Ingested {
    read(&[("template.yaml", text)]).unwrap_or_else(|error| panic!("{error}"))
}

/// The errors of a template, as text.
#[track_caller]
fn errors(text: &str) -> String {
    read(&[("template.yaml", text)])
        .expect_err("the template is wrong")
        .to_string()
}

/// A VPC `Main`, and what stands below it in `Resources`.
fn with_vpc(more: &str) -> String {
    format!(
        "Resources:
  Main:
    Type: AWS::EC2::VPC
    Properties:
      CidrBlock: 10.0.0.0/16
{more}"
    )
}

/// The value of a tag of the VPC `Main` that is written as an expression.
#[track_caller]
fn tag(sections: &str, expression: &str) -> Option<String> {
    let text = format!(
        "{sections}
Resources:
  Main:
    Type: AWS::EC2::VPC
    Properties:
      CidrBlock: 10.0.0.0/16
      Tags:
        - Key: value
          Value: {expression}
"
    );
    let ingested = template(&text);
    ingested.draft.vpcs[0].tags.get("value").cloned()
}

/// The warnings, as text.
fn warnings(ingested: &Ingested) -> String {
    let texts = ingested.diagnostics.iter().map(ToString::to_string);
    texts.collect::<Vec<_>>().join("\n")
}
