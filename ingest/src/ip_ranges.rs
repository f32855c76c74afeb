//! AWS's `ip-ranges.json`: the public addresses of its services, by Region.
//!
//! Plans, templates and AWS Config do not have the entries of the prefix lists that AWS owns. Who names
//! this file among the inputs takes those of S3 and DynamoDB from it, where nothing else says them; each
//! report lists that as an assumption, since AWS promises nowhere that list and file are equal.
//!
//! Source: <https://docs.aws.amazon.com/vpc/latest/userguide/aws-ip-ranges.html>

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{Cidr, Family, Value};

use crate::diagnostic::{Code, Diagnostic};
use crate::json::{Cursor, Value as Json};
use crate::sink::Sink;

/// The services of gateway endpoints, as the names of prefix lists and the file have them.
///
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html>
const SERVICES: [(&str, &str); 2] = [("s3", "S3"), ("dynamodb", "DYNAMODB")];

/// One file.
#[derive(Debug)]
pub(crate) struct IpRanges {
    file: Arc<str>,
    /// When AWS published it, as `2026-11-20`.
    day: String,
    /// By service and Region.
    blocks: BTreeMap<(String, String), BTreeSet<Cidr>>,
}

/// Whether a document is such a file.
pub(crate) fn is_ip_ranges(value: &Json) -> bool {
    let has = |key: &str| value.get(key).is_some();
    has("syncToken") && has("createDate") && value.get("prefixes").is_some_and(Json::is_array)
}

impl IpRanges {
    /// Reads a file.
    pub(crate) fn read(file: Arc<str>, value: &Json, sink: &mut Sink) -> Option<IpRanges> {
        let cursor = Cursor::new(value, &file);
        let day = day(&cursor, sink)?;
        let mut blocks: BTreeMap<(String, String), BTreeSet<Cidr>> = BTreeMap::new();
        for prefix in cursor.list("prefixes", sink) {
            let service = prefix.required_text("service", sink);
            let region = prefix.required_text("region", sink);
            let (Some(service), Some(region)) = (service, region) else {
                continue;
            };
            if SERVICES.iter().any(|(_, known)| *known == service) {
                let block = prefix.required("ip_prefix", sink);
                let block = block.and_then(|block| block.as_cidr(sink));
                let key = (service.to_owned(), region.to_owned());
                blocks.entry(key).or_default().extend(block);
            }
        }
        Some(IpRanges { file, day, blocks })
    }

    /// The blocks of the service that a list of AWS's is named after.
    fn of(&self, list: &str) -> Option<&BTreeSet<Cidr>> {
        let (region, name) = list.strip_prefix("com.amazonaws.")?.split_once('.')?;
        let (_, service) = SERVICES.iter().find(|(known, _)| *known == name)?;
        self.blocks.get(&((*service).to_owned(), region.to_owned()))
    }

    /// Gives the lists of AWS's whose entries nothing says the blocks of their service.
    pub(crate) fn complete(&self, sink: &mut Sink) {
        let mut assumed = Vec::new();
        for list in &mut sink.draft.prefix_lists {
            let is_open = matches!(list.entries, Value::Any(_));
            let blocks = self.of(&list.name);
            if let (true, true, Family::V4, Some(blocks)) =
                (is_open, list.aws_managed, list.family, blocks)
            {
                list.entries = Value::Known(blocks.clone());
                assumed.push(format!(
                    "the entries of `{}` ({}) are the blocks of its service in `{}`, which AWS published on {}: AWS \
                     does not say that they are the same",
                    list.id, list.name, self.file, self.day
                ));
            }
        }
        for text in assumed {
            sink.assume("prefix-lists-of-ip-ranges", text);
        }
    }
}

/// The day of `2026-11-20-18-05-11`.
fn day(cursor: &Cursor<'_>, sink: &mut Sink) -> Option<String> {
    let field = cursor.required("createDate", sink)?;
    let text = field.as_text(sink)?;
    let shape: String = text
        .chars()
        .map(|letter| if letter.is_ascii_digit() { '0' } else { letter })
        .collect();
    if shape == "0000-00-00-00-00-00" {
        return text.get(..10).map(str::to_owned);
    }
    let message = format!("`{text}` is not a time like `2026-11-20-18-05-11`");
    let error = Diagnostic::error(field.place(), Code::InvalidValue, message);
    sink.push(error.help("fetch the file from https://ip-ranges.amazonaws.com/ip-ranges.json"));
    None
}

#[cfg(test)]
mod tests;
