//! Texts that variables may stand for, as far as classes of requests tell them from others.

use std::collections::{BTreeMap, BTreeSet};

use crate::context::{Key, Path};
use crate::pattern::Symbol;
use crate::variable::{Filled, Taken, Template};

/// In how many ways the variables of one text may be filled.
const FILLINGS: usize = 1_000;

/// For each key that stands in a variable, texts each of which is a class of its own.
#[derive(Clone, Debug, Default)]
pub(crate) struct KnownTexts {
    keys: BTreeMap<Key, BTreeSet<String>>,
}

impl KnownTexts {
    pub(crate) fn add(&mut self, key: &Key, texts: impl IntoIterator<Item = String>) {
        self.keys.entry(key.clone()).or_default().extend(texts);
    }

    pub(crate) fn of(&self, key: &Key) -> impl Iterator<Item = &String> {
        self.keys.get(key).into_iter().flatten()
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &Key> {
        self.keys.keys()
    }

    pub(crate) fn has(&self, key: &Key, text: &str) -> bool {
        self.keys.get(key).is_some_and(|texts| texts.contains(text))
    }

    /// What follows from the way, or is one of few words.
    pub(crate) fn add_given(&mut self, key: &Key, path: &Path) {
        let by = path.by.as_ref();
        let of_way = match key {
            Key::SourceVpce => by.map(|by| by.endpoint.clone()),
            Key::SourceVpc => by.map(|by| by.vpc.clone()),
            Key::SourceVpcArn => by.and_then(|by| by.vpc_arn.text()),
            Key::VpceAccount => by.and_then(|by| by.account.text()),
            Key::VpceOrgId => by.and_then(|by| by.organization.text()),
            Key::PrincipalArn
            | Key::PrincipalAccount
            | Key::CallerAccount
            | Key::PrincipalType
            | Key::Username
            | Key::PrincipalIsService
            | Key::ViaService
            | Key::UserId(_)
            | Key::PrincipalTag(_)
            | Key::Signed(_)
            | Key::VpceOrgPaths
            | Key::VpcSourceIp
            | Key::SourceIp
            | Key::NeverThere
            | Key::AlwaysOpen
            | Key::Free(_) => None,
        };
        self.add(key, of_way);
        let words: &[&str] = match key {
            Key::PrincipalAccount => &["anonymous"],
            Key::PrincipalType => &["Anonymous", "Account", "User", "AssumedRole"],
            Key::PrincipalIsService | Key::ViaService => &["false"],
            Key::UserId(_) => &["anonymous"],
            Key::PrincipalArn
            | Key::CallerAccount
            | Key::Username
            | Key::PrincipalTag(_)
            | Key::Signed(_)
            | Key::SourceVpce
            | Key::SourceVpc
            | Key::SourceVpcArn
            | Key::VpceAccount
            | Key::VpceOrgId
            | Key::VpceOrgPaths
            | Key::VpcSourceIp
            | Key::SourceIp
            | Key::NeverThere
            | Key::AlwaysOpen
            | Key::Free(_) => &[],
        };
        self.add(key, words.iter().map(|word| String::from(*word)));
    }

    /// Everything that a template may stand for with known texts. `None` when there is too much.
    pub(crate) fn fillings(&self, template: &Template) -> Option<Vec<Vec<Symbol>>> {
        let mut fillings: Vec<BTreeMap<&Key, Option<&String>>> = vec![BTreeMap::new()];
        let keys: BTreeSet<&Key> = template.keys().collect();
        for key in keys {
            let texts: Vec<_> = self.of(key).map(Some).chain([None]).collect();
            if fillings.len() * texts.len() > FILLINGS {
                return None;
            }
            let more = fillings.iter().flat_map(|filling| {
                texts.iter().map(move |text| {
                    let mut filling = filling.clone();
                    filling.insert(key, *text);
                    filling
                })
            });
            fillings = more.collect();
        }
        let filled = fillings.iter().map(|filling| {
            template.fill(|key| match filling.get(key).copied().flatten() {
                Some(text) => Taken::Text(text.clone()),
                None => Taken::Absent,
            })
        });
        let symbols = filled.filter_map(|filled| match filled {
            Filled::Symbols(symbols) => Some(symbols),
            Filled::Nothing | Filled::Open => None,
        });
        Some(symbols.collect())
    }
}
