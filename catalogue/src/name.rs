//! DNS names with parts that depend on where they are asked.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The label that stands where the caller may choose any.
const ANY: &str = "any";

/// A DNS name in which `{region}`, `{account}` and `{any}` stand for what they say; `*.` in front
/// stands for every name below.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

impl TryFrom<String> for Name {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let plain = fill(&text, "r", "0", ANY);
        let labels = plain.strip_prefix("*.").unwrap_or(&plain).split('.');
        let fits = |label: &str| {
            let letters = |byte: u8| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || [b'-', b'_'].contains(&byte)
            };
            (1..=63).contains(&label.len()) && label.bytes().all(letters)
        };
        if plain.len() <= 253 && labels.clone().count() > 1 && labels.clone().all(fits) {
            Ok(Self(text))
        } else {
            Err(format!(
                "`{text}` is not a DNS name in lower case with `{{region}}`, `{{account}}` or `{{any}}`"
            ))
        }
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Name {
    /// The name in a Region and account; one of many, where the caller may choose a label.
    pub fn expand(&self, region: &str, account: &str) -> String {
        fill(&self.0, region, account, ANY)
    }

    /// The name as people are told it, with `*` where the caller may choose a label.
    pub fn shown(&self, region: &str, account: &str) -> String {
        fill(&self.0, region, account, "*")
    }

    /// The name that stands for a full one of some Region, with the Region put back as it was.
    pub fn of_region(full: &str, region: &str) -> Result<Self, String> {
        let labels = full.split('.');
        let labels = labels.map(|label| if label == region { "{region}" } else { label });
        labels.collect::<Vec<_>>().join(".").try_into()
    }

    /// Whether a full name is this one in some Region and account.
    pub fn is(&self, full: &str) -> bool {
        let (own, full): (Vec<_>, Vec<_>) =
            (self.0.split('.').collect(), full.split('.').collect());
        let same = |(own, full): (&&str, &&str)| own == full || own.starts_with('{');
        own.len() == full.len() && own.iter().zip(&full).all(same)
    }
}

fn fill(text: &str, region: &str, account: &str, any: &str) -> String {
    let text = text.replace("{region}", region);
    text.replace("{account}", account).replace("{any}", any)
}

#[cfg(test)]
mod tests {
    use super::Name;

    fn name(text: &str) -> Name {
        Name::try_from(text.to_owned()).unwrap()
    }

    #[test]
    fn parts_in_braces_are_filled_in() {
        let registry = name("{account}.dkr.ecr.{region}.amazonaws.com");
        let expected = "111122223333.dkr.ecr.eu-west-1.amazonaws.com";
        assert_eq!(registry.expand("eu-west-1", "111122223333"), expected);
        assert!(registry.is(expected));
        assert!(!registry.is("dkr.ecr.eu-west-1.amazonaws.com"));
        let api = name("{any}.execute-api.{region}.amazonaws.com");
        assert_eq!(
            api.shown("eu-west-1", ""),
            "*.execute-api.eu-west-1.amazonaws.com"
        );
    }

    #[test]
    fn a_full_name_loses_its_region() {
        let found = Name::of_region("kinesis.us-east-1.amazonaws.com", "us-east-1");
        assert_eq!(found, Ok(name("kinesis.{region}.amazonaws.com")));
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for text in [
            "",
            "com",
            "a..b",
            "A.example",
            "{regoin}.example.com",
            "a b.example",
        ] {
            assert!(Name::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
