//! The demo network as templates, beside what Terraform's plan says of it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::{Ingested, InputKind};

const CDK: &str = "cdk/Tokyo.template.json";

fn read(name: &str) -> Ingested {
    let path = format!(
        "{}/../fixtures/tokyo-endpoints/{name}",
        env!("CARGO_MANIFEST_DIR")
    );
    crate::read(&[PathBuf::from(path)]).unwrap_or_else(|error| panic!("{error}"))
}

/// How many rules, routes or addresses each component of a name has.
fn shape(ingested: &Ingested) -> BTreeMap<String, (usize, usize)> {
    let mut shape = BTreeMap::new();
    let draft = &ingested.draft;
    for table in &draft.route_tables {
        let name = table.tags.get("Name").map_or("", String::as_str);
        *shape.entry(format!("table {name}")).or_default() = (table.routes.len(), 0);
    }
    for acl in &draft.network_acls {
        let name = acl.tags.get("Name").map_or("", String::as_str);
        *shape.entry(format!("acl {name}")).or_default() = (acl.ingress.len(), acl.egress.len());
    }
    for group in &draft.security_groups {
        let counts = (group.ingress.len(), group.egress.len());
        *shape.entry(format!("group {}", group.name)).or_default() = counts;
    }
    for interface in &draft.network_interfaces {
        let name = interface.tags.get("Name").map_or("", String::as_str);
        let public = interface
            .addresses
            .iter()
            .filter(|one| one.public.is_some());
        // Several have no name.
        let counts = shape.entry(format!("interface {name}")).or_default();
        counts.0 += interface.addresses.len();
        counts.1 += public.count();
    }
    for endpoint in &draft.vpc_endpoints {
        let known = usize::from(endpoint.policy.known().is_some());
        *shape
            .entry(format!("endpoint {}", endpoint.tags["Name"]))
            .or_default() = (known, 0);
    }
    shape
}

#[test]
fn the_templates_say_what_the_plan_says() {
    let plan = read("plan.json");
    let mut expected = shape(&plan);
    // A template has to admit something out, or AWS admits everything; and AWS adds a second rule.
    for (name, n_out) in [
        ("database", 1),
        ("s3-endpoint", 1),
        ("monitoring-endpoint", 1),
    ] {
        expected.get_mut(&format!("group {name}")).unwrap().1 = n_out;
    }
    for name in ["template.yaml", "template.json", CDK] {
        let ingested = read(name);
        assert_eq!(ingested.inputs[0].kind, InputKind::CloudFormation);
        let mut shape = shape(&ingested);
        if name == CDK {
            // The app takes the rules from the default groups.
            let rules = shape.insert("group default".to_owned(), expected["group default"]);
            assert_eq!(rules, Some((0, 0)));
        }
        assert_eq!(shape, expected, "{name}");
        let count = |of: &Ingested| {
            (
                of.draft.vpcs.len(),
                of.draft.subnets.len(),
                of.draft.network_interfaces.len(),
            )
        };
        assert_eq!(count(&ingested), count(&plan));
        assert!(ingested.validate().is_ok());
    }
}

#[test]
fn holes_and_places_are_told_in_the_words_of_the_template() {
    let ingested = read("template.yaml");
    let holes: Vec<_> = ingested
        .draft
        .network_interfaces
        .iter()
        .flat_map(|one| &one.addresses)
        .filter_map(|one| match &one.private {
            model::AddressValue::Within(_, hole) => Some(hole.attribute().to_owned()),
            model::AddressValue::Known(_) => None,
        })
        .collect();
    assert!(holes.contains(&"AppA.PrivateIp".to_owned()), "{holes:?}");
    let provenance = &ingested.provenance;
    let place = provenance
        .of(crate::Kind::VpcEndpoint, "S3Gateway")
        .unwrap();
    assert_eq!(place.pointer.as_deref(), Some("/Resources/S3Gateway"));
    assert!(place.line.is_some_and(|line| line > 1));
}
