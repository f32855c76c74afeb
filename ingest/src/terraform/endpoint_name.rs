//! Names of interface endpoints: the service's own, which private DNS answers, and the endpoint's.

use std::collections::{BTreeMap, BTreeSet};

use model::{EndpointName, NetworkInterfaceId, Value};

use crate::vpc_endpoint;

use super::attribute::Attribute;
use super::plan::Resource;
use super::reader::Reader;

/// How the endpoint's own names begin; a `*.` may stand before it.
const SPECIFIC: &str = "vpce-";

/// The names that private DNS answers: those that an applied endpoint lists, else the default
/// names of the service.
pub(super) fn private(resource: &Resource<'_>, service: &str) -> BTreeSet<String> {
    let listed = listed(resource)
        .into_iter()
        .filter(|name| !is_specific(name));
    let mut names: BTreeSet<_> = listed
        .filter(|name| !name.contains("com.amazonaws"))
        .collect();
    if names.is_empty() {
        names = default_names(service);
    }
    names
}

/// The default names of a service of AWS. Of any other the name is its provider's to say.
fn default_names(service: &str) -> BTreeSet<String> {
    let Some((region, service)) = service
        .strip_prefix("com.amazonaws.")
        .and_then(|rest| rest.split_once('.'))
        .filter(|(region, _)| *region != "vpce")
    else {
        return BTreeSet::new();
    };
    vpc_endpoint::default_names(region, service)
}

/// The endpoint's own names: known once it is applied.
pub(super) fn specific(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    interfaces: &BTreeMap<String, NetworkInterfaceId>,
) -> Value<BTreeSet<EndpointName>> {
    let entries = resource.attribute("dns_entry");
    if entries.has_unknown() || !entries.is_present() {
        return Value::Any(entries.hole());
    }
    let mut zones = BTreeMap::new();
    for (subnet, interface) in interfaces {
        if let Some(zone) = reader.subnet(subnet).and_then(|subnet| subnet.zone.clone()) {
            zones.insert(zone, interface.clone());
        }
    }
    let names = listed(resource)
        .into_iter()
        .filter(|name| is_specific(name));
    let named = names.map(|name| {
        let label = name
            .split('.')
            .find(|label| label.starts_with(SPECIFIC))
            .unwrap_or_default();
        let zone = zones
            .iter()
            .find(|(zone, _)| label.ends_with(&format!("-{zone}")));
        let interface = zone.map(|(_, interface)| interface.clone());
        EndpointName { name, interface }
    });
    Value::Known(named.collect())
}

fn is_specific(name: &str) -> bool {
    name.strip_prefix("*.")
        .unwrap_or(name)
        .starts_with(SPECIFIC)
}

fn listed(resource: &Resource<'_>) -> Vec<String> {
    let entries = resource.attribute("dns_entry").items();
    let names = entries.iter().map(|entry| entry.field("dns_name"));
    names
        .filter_map(|name: Attribute<'_>| Some(name.text()?.to_ascii_lowercase()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(service: &str) -> Vec<String> {
        default_names(service).into_iter().collect()
    }

    #[test]
    fn a_service_has_its_default_name_in_its_region() {
        let found = names("com.amazonaws.eu-west-1.monitoring");
        assert_eq!(found, ["monitoring.eu-west-1.amazonaws.com"]);
    }

    #[test]
    fn the_labels_of_a_service_come_in_reverse_order() {
        assert_eq!(
            names("com.amazonaws.eu-west-1.ecr.api"),
            ["api.ecr.eu-west-1.amazonaws.com"]
        );
    }

    #[test]
    fn some_services_are_called_otherwise() {
        let found = names("com.amazonaws.eu-west-1.kinesis-streams");
        assert_eq!(found, ["kinesis.eu-west-1.amazonaws.com"]);
    }

    #[test]
    fn buckets_registries_and_apis_are_below_the_name() {
        let found = names("com.amazonaws.eu-west-1.s3");
        assert_eq!(
            found,
            ["*.s3.eu-west-1.amazonaws.com", "s3.eu-west-1.amazonaws.com"]
        );
        let found = names("com.amazonaws.eu-west-1.execute-api");
        assert_eq!(found, ["*.execute-api.eu-west-1.amazonaws.com"]);
    }

    #[test]
    fn the_name_of_a_service_of_others_is_not_made_up() {
        assert!(names("com.amazonaws.vpce.eu-west-1.vpce-svc-0a").is_empty());
    }
}
