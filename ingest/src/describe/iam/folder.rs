//! Which account and partition the outputs in a folder are of.

use std::collections::{BTreeMap, BTreeSet};

use super::super::snapshot::Snapshot;
use super::super::vpc::region_of_folder;
use super::{account_in, is_account};
use crate::sink::Sink;

/// The accounts and partitions that the outputs in each folder name as the caller's own.
pub(super) struct Folders<'a> {
    accounts: BTreeMap<&'a str, BTreeSet<&'a str>>,
    partitions: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

impl<'a> Folders<'a> {
    /// Reads `get-caller-identity`, and whose users and roles are listed.
    pub(super) fn read(snapshot: &Snapshot<'a>, sink: &mut Sink) -> Self {
        let mut folders = Self {
            accounts: BTreeMap::new(),
            partitions: BTreeMap::new(),
        };
        for document in &snapshot.documents {
            let cursor = &document.cursor;
            if let (Some(account), Some(arn)) = (cursor.get("Account"), cursor.get("Arn")) {
                let account = account.as_text(sink).filter(|text| is_account(text));
                folders.say(document.folder, account, arn.as_text(sink));
            }
            for key in ["UserDetailList", "RoleDetailList"] {
                let list = cursor.value().get(key).and_then(|list| list.as_array());
                for item in list.into_iter().flatten() {
                    let arn = item.get("Arn").and_then(|arn| arn.as_str());
                    folders.say(document.folder, arn.and_then(account_in), arn);
                }
            }
        }
        folders
    }

    fn say(&mut self, folder: &'a str, account: Option<&'a str>, arn: Option<&'a str>) {
        let accounts = self.accounts.entry(folder).or_default();
        accounts.extend(account);
        let partition = arn.and_then(|arn| arn.split(':').nth(1));
        let partitions = self.partitions.entry(folder).or_default();
        partitions.extend(partition);
    }

    /// The account of a folder: the one whose outputs are there, or that the folder is called after;
    /// of a folder that is called after a Region else that of the folder around it. Another one may
    /// stand for another account. Outputs of several accounts in one folder leave open whose the others
    /// there are.
    pub(super) fn account(&self, folder: &'a str) -> Option<&'a str> {
        for folder in around(folder) {
            let said = self.accounts.get(folder).filter(|said| !said.is_empty());
            if said.is_some() {
                return only(said);
            }
            if let Some(name) = folder.rsplit('/').next().filter(|name| is_account(name)) {
                return Some(name);
            }
            self.region(folder)?;
        }
        None
    }

    /// The Region that a folder is called after.
    pub(super) fn region(&self, folder: &'a str) -> Option<&'a str> {
        region_of_folder(folder)
    }

    /// The partition of a folder.
    pub(super) fn partition(&self, folder: &'a str) -> &'a str {
        match self
            .region(folder)
            .and_then(|region| region.split('-').next())
        {
            Some("cn") => return "aws-cn",
            Some("us") if folder.contains("us-gov-") => return "aws-us-gov",
            Some(_) | None => {}
        }
        let said = around(folder).find_map(|folder| only(self.partitions.get(folder)));
        said.unwrap_or("aws")
    }
}

/// A folder, the one around it, and so on.
fn around(folder: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(folder), |folder| match folder.rsplit_once('/') {
        Some((outer, _)) => Some(outer),
        None => (!folder.is_empty()).then_some(""),
    })
}

fn only<'a>(set: Option<&BTreeSet<&'a str>>) -> Option<&'a str> {
    let mut items = set?.iter();
    match (items.next(), items.next()) {
        (Some(only), None) => Some(only),
        (_, _) => None,
    }
}
