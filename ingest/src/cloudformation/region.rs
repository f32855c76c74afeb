//! The region of the templates, when something says it.

use std::collections::BTreeSet;

use crate::json::Value as Json;

use crate::sink::Sink;

use super::template::Template;

/// The region of the templates that none is given for: as given for others, else that of the network which an earlier input has, else the only one that
/// the templates name.
pub(super) fn of(templates: &[Template], sink: &mut Sink) -> Option<String> {
    let given = templates
        .iter()
        .filter_map(|one| one.given.get("AWS::Region")?.as_str());
    let given: BTreeSet<String> = given.map(str::to_owned).collect();
    if !given.is_empty() {
        return only(given);
    }
    let earlier = sink.draft.vpcs.iter().map(|vpc| vpc.region.clone());
    let found = only(earlier.collect()).or_else(|| {
        let mut named = BTreeSet::new();
        for template in templates {
            for section in ["Parameters", "Resources"] {
                if let Some(section) = template.value.get(section) {
                    gather(section, &mut named);
                }
            }
        }
        only(named)
    });
    if let Some(region) = &found {
        let text =
            format!("the templates are taken to be for `{region}`, which nothing else names");
        sink.assume("template-region", text);
    }
    found
}

fn only(set: BTreeSet<String>) -> Option<String> {
    let mut set = set.into_iter();
    match (set.next(), set.next()) {
        (Some(only), None) => Some(only),
        (_, _) => None,
    }
}

/// The regions in the names of zones and of AWS's services.
fn gather(json: &Json, found: &mut BTreeSet<String>) {
    match json {
        Json::String(text) => found.extend(text.split(',').filter_map(|name| in_name(name.trim()))),
        Json::Array(items) => items.iter().for_each(|item| gather(item, found)),
        Json::Object(fields) => fields.values().for_each(|field| gather(field, found)),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

/// How the names of regions begin.
const AREAS: [&str; 11] = [
    "af", "ap", "ca", "cn", "eu", "il", "me", "mx", "sa", "us", "eusc",
];

fn in_name(text: &str) -> Option<String> {
    let name = match text.strip_prefix("com.amazonaws.") {
        Some(rest) => rest.split('.').next().unwrap_or_default(),
        None => text.strip_suffix(|letter: char| letter.is_ascii_lowercase())?,
    };
    let mut parts = name.split('-');
    let (area, rest): (_, Vec<_>) = (parts.next()?, parts.collect());
    let is_area = AREAS.contains(&area);
    let (number, words) = rest.split_last()?;
    let is_number = number.len() == 1 && number.chars().all(|digit| digit.is_ascii_digit());
    let is_word = |word: &&str| word.len() > 2 && word.chars().all(|one| one.is_ascii_lowercase());
    let is_region = is_area && is_number && !words.is_empty() && words.iter().all(is_word);
    is_region.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::in_name;

    #[test]
    fn regions_are_found_in_the_names_of_zones_and_services() {
        assert_eq!(
            in_name("ap-northeast-1a").as_deref(),
            Some("ap-northeast-1")
        );
        assert_eq!(
            in_name("com.amazonaws.eu-west-3.s3").as_deref(),
            Some("eu-west-3")
        );
        assert_eq!(in_name("com.amazonaws.vpce.x"), None);
        assert_eq!(in_name("my-service-1a"), None);
        assert_eq!(in_name("tcp"), None);
    }
}
