//! The sites of the networks on premises: `[onprem]` names blocks, as `office = ["10.200.0.0/16"]`.

use std::collections::{BTreeMap, BTreeSet};

use model::Cidr;
use toml::de::DeTable;

use super::fields::Notes;
use crate::problem::ProblemCode;
use crate::selector::parse;

/// The part of the file.
const PART: &str = "onprem";

/// Reads the sites with their blocks.
pub(super) fn read(
    document: &DeTable<'_>,
    notes: &mut Notes<'_>,
) -> BTreeMap<String, BTreeSet<Cidr>> {
    let mut sites = BTreeMap::new();
    let part = document.iter().find(|(key, _)| key.get_ref() == PART);
    let table = part.and_then(|(_, value)| notes.table(value, PART));
    for (key, value) in table.into_iter().flatten() {
        let name = key.get_ref().to_string();
        let mut blocks = BTreeSet::new();
        for (text, span) in notes.strings(value, &name) {
            match parse::cidr(&text) {
                Ok(block) => {
                    blocks.insert(block);
                }
                Err(message) => {
                    notes.push(ProblemCode::InvalidFieldValue, &span, message, None);
                }
            }
        }
        sites.insert(name, blocks);
    }
    sites
}
