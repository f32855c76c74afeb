//! The region of a resource. A plan has it in the configuration of the provider, or not at all.

use std::collections::BTreeSet;

use crate::json::Value as Json;

use super::plan::{Plan, Resource};

/// How a region is written when there is no telling.
pub(super) const UNKNOWN: &str = "unknown";

/// The region of a resource: its own attribute, the one of its provider, the one in its ARN, or
/// else the only one that any name in the plan has. From version 6 of the provider each resource may
/// be in a region of its own; one that is open is not that of its provider.
///
/// Source: <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/enhanced-region-support>
pub(super) fn of(plan: &Plan<'_>, resource: &Resource<'_>) -> Option<String> {
    let own = resource.attribute("region");
    if own.text().is_some() || own.is_open() {
        return own.text().map(str::to_owned);
    }
    let provider = resource
        .declaration
        .and_then(|of| of.get("provider_config_key")?.as_str());
    if let Some(region) = provider.and_then(|key| of_provider(plan, key)) {
        return Some(region);
    }
    let arn = resource.attribute("arn");
    if let Some(region) = arn.text().and_then(|arn| arn_part(arn, 3)) {
        return Some(region);
    }
    // What stands in the names is the region of some of its instances only.
    if provider.is_some_and(|key| plan.is_repeated(key)) {
        return None;
    }
    let mut named = plan.regions(|| named(plan)).iter();
    match (named.next(), named.next()) {
        (Some(only), None) => Some(only.clone()),
        (_, _) => None,
    }
}

/// The account that owns a resource.
pub(super) fn account(resource: &Resource<'_>) -> Option<String> {
    if let Some(owner) = resource.attribute("owner_id").text() {
        return Some(owner.to_owned());
    }
    arn_part(resource.attribute("arn").text()?, 4)
}

fn arn_part(arn: &str, position: usize) -> Option<String> {
    let part = arn.split(':').nth(position)?;
    (!part.is_empty()).then(|| part.to_owned())
}

fn of_provider(plan: &Plan<'_>, key: &str) -> Option<String> {
    let provider = plan.configuration?.get("provider_config")?.get(key)?;
    let region = provider.get("expressions")?.get("region")?;
    if let Some(region) = region.get("constant_value") {
        return region.as_str().map(str::to_owned);
    }
    // The provider is configured in the root module, so a variable there has its value.
    let variable = region.get("references")?.as_array()?.first()?.as_str()?;
    let value = plan
        .variables?
        .get(variable.strip_prefix("var.")?)?
        .get("value")?;
    // The plan lists what an expression refers to, and not what it does with that.
    value
        .as_str()
        .filter(|text| is_region(text))
        .map(str::to_owned)
}

fn is_region(text: &str) -> bool {
    text.contains('-') && text.ends_with(|digit: char| digit.is_ascii_digit())
}

/// The regions in the names of zones, services and ARNs.
fn named(plan: &Plan<'_>) -> BTreeSet<String> {
    let mut regions = BTreeSet::new();
    for resource in &plan.resources {
        if let Some(zone) = resource.attribute("availability_zone").text() {
            regions.extend(region_of_zone(zone));
        }
        if let Some(service) = resource.attribute("service_name").text() {
            regions.extend(region_of_service(service));
        }
        if let Some(arn) = resource.attribute("arn").text() {
            regions.extend(arn_part(arn, 3));
        }
    }
    // An unset region of the provider shows in none of these when nothing has a zone.
    regions.extend(only_constant(plan));
    regions
}

fn only_constant(plan: &Plan<'_>) -> Option<String> {
    let providers = plan.configuration?.get("provider_config")?.as_object()?;
    let aws = |provider: &&Json| provider.get("name").and_then(Json::as_str) == Some("aws");
    let mut keys = providers.iter().filter(|(_, provider)| aws(provider));
    match (keys.next(), keys.next()) {
        (Some((key, _)), None) => of_provider(plan, key),
        (_, _) => None,
    }
}

fn region_of_zone(zone: &str) -> Option<String> {
    let region = zone.strip_suffix(|letter: char| letter.is_ascii_lowercase())?;
    region
        .ends_with(|digit: char| digit.is_ascii_digit())
        .then(|| region.to_owned())
}

/// The region in `com.amazonaws.<region>.<service>`.
pub(super) fn region_of_service(service: &str) -> Option<String> {
    let mut parts = service
        .split('.')
        .skip_while(|part| *part != "amazonaws")
        .skip(1);
    let region = parts.find(|part| *part != "vpce")?;
    is_region(region).then(|| region.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_found_in_names() {
        assert_eq!(
            region_of_zone("ap-northeast-1a").as_deref(),
            Some("ap-northeast-1")
        );
        assert_eq!(region_of_zone("apne1-az4"), None);
        let region = region_of_service("com.amazonaws.eu-west-3.ecr.api");
        assert_eq!(region.as_deref(), Some("eu-west-3"));
        let region = region_of_service("com.amazonaws.vpce.us-east-1.vpce-svc-0a");
        assert_eq!(region.as_deref(), Some("us-east-1"));
        assert_eq!(
            region_of_service("com.amazonaws.s3-global.accesspoint"),
            None
        );
    }
}
