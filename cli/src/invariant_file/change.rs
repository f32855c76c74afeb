//! `[change]`: what a change of the network is meant to do.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::claim::Statement;
use super::fields::Notes;
use crate::change::stated::Does;

/// What a change does to the flows of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ChangeEntry {
    pub(crate) does: Does,
    pub(crate) statement: Statement,
}

/// The fields of an entry.
pub(super) const FIELDS: [&str; 4] = ["from", "to", "traffic", "family"];

/// Reads the table, each entry with `entry`.
pub(super) fn read(
    value: &Spanned<DeValue<'_>>,
    notes: &mut Notes<'_>,
    entry: impl Fn(&DeTable<'_>, Range<usize>, Does, &mut Notes<'_>) -> Option<Statement>,
) -> Vec<ChangeEntry> {
    let mut entries = Vec::new();
    let Some(table) = notes.table(value, "change") else {
        return entries;
    };
    let known = Does::ALL.map(Does::name);
    notes.only_known(table, &known, "`[change]`");
    for does in Does::ALL {
        let found = table.iter().find(|(key, _)| key.get_ref() == does.name());
        let Some((_, value)) = found else { continue };
        let Some(items) = value.get_ref().as_array() else {
            notes.wrong(value, does.name(), "a list of tables with `from` and `to`");
            continue;
        };
        for item in items.iter() {
            if let Some(table) = notes.table(item, does.name()) {
                let statement = entry(table, item.span(), does, notes);
                entries.extend(statement.map(|statement| ChangeEntry { does, statement }));
            }
        }
    }
    entries
}
