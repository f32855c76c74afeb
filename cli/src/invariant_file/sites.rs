//! The sites of the networks on premises: `[onprem]` names blocks, as `office = ["10.200.0.0/16"]`, or
//! says besides how the site asks for names.

use std::collections::{BTreeMap, BTreeSet};

use model::Cidr;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fields::Notes;
use crate::problem::ProblemCode;
use crate::selector::{SitePlace, parse};

/// The part of the file.
const PART: &str = "onprem";
/// The fields of a site that is a table.
const FIELDS: [&str; 2] = ["blocks", "resolves-in"];

/// Reads the sites.
pub(super) fn read(document: &DeTable<'_>, notes: &mut Notes<'_>) -> BTreeMap<String, SitePlace> {
    let mut sites = BTreeMap::new();
    let part = document.iter().find(|(key, _)| key.get_ref() == PART);
    let table = part.and_then(|(_, value)| notes.table(value, PART));
    for (key, value) in table.into_iter().flatten() {
        let name = key.get_ref().to_string();
        let place = match value.get_ref().as_table() {
            Some(table) => place(&name, table, notes),
            None => SitePlace {
                blocks: blocks(value, &name, notes),
                resolves_in: None,
            },
        };
        sites.insert(name, place);
    }
    sites
}

/// `{ blocks = ["10.200.0.0/16"], resolves-in = "hub" }`.
fn place(name: &str, table: &DeTable<'_>, notes: &mut Notes<'_>) -> SitePlace {
    notes.only_known(table, &FIELDS, "a site");
    let field = |field: &str| table.iter().find(|(key, _)| key.get_ref() == field);
    let blocks = match field("blocks") {
        Some((_, value)) => blocks(value, "blocks", notes),
        None => {
            let span = table.iter().next().map_or(0..0, |(key, _)| key.span());
            let message = format!("the site `{name}` has no `blocks`");
            notes.push(ProblemCode::MissingClaimField, &span, message, None);
            BTreeSet::new()
        }
    };
    let resolves_in = field("resolves-in");
    let resolves_in = resolves_in.and_then(|(_, value)| notes.string(value, "resolves-in"));
    SitePlace {
        blocks,
        resolves_in: resolves_in.map(|(text, _)| text),
    }
}

fn blocks(value: &Spanned<DeValue<'_>>, field: &str, notes: &mut Notes<'_>) -> BTreeSet<Cidr> {
    let mut blocks = BTreeSet::new();
    for (text, span) in notes.strings(value, field) {
        match parse::cidr(&text) {
            Ok(block) => {
                blocks.insert(block);
            }
            Err(message) => {
                notes.push(ProblemCode::InvalidFieldValue, &span, message, None);
            }
        }
    }
    blocks
}
