//! What the policies of accounts say: `iam get-account-authorization-details`, the policies of
//! resources, and AWS Organizations.
//!
//! An account is a part of the network when the input has its users and roles, a policy of one of its
//! resources, or the control policies of the account itself; without any of these no policy of an
//! account is asked.

mod folder;
mod organization;
mod principal;
mod resource_policy;

use std::collections::{BTreeMap, BTreeSet};

use model::{Account, AccountId, Organization, Tags};

use super::snapshot::Snapshot;
use crate::diagnostic::Place;
use crate::sink::{Component, Sink};

pub(super) use resource_policy::{REST_APIS, is_rest_api};

use folder::Folders;

/// Reads the accounts, with who and what has policies in them.
pub(super) fn read(snapshot: &Snapshot<'_>, sink: &mut Sink) {
    let folders = Folders::read(snapshot, sink);
    let mut accounts = Accounts::new();
    principal::read(snapshot, &folders, &mut accounts, sink);
    resource_policy::read(snapshot, &folders, &mut accounts, sink);
    organization::mention(snapshot, &mut accounts);
    let organizations = organization::Organizations::read(snapshot, sink);
    for (id, known) in accounts {
        let organization = organizations.of(&id);
        add(&id, known, organization, organizations.id(), sink);
    }
}

/// The accounts of the input, by their ids.
type Accounts = BTreeMap<String, Known>;

/// What is known of an account.
struct Known {
    place: Place,
    principals_complete: bool,
    resources_complete: BTreeSet<String>,
}

impl Known {
    fn at(place: Place) -> Self {
        Self {
            place,
            principals_complete: false,
            resources_complete: BTreeSet::new(),
        }
    }
}

/// Adds an account, or to an account what an earlier input does not say of it.
fn add(
    id: &str,
    known: Known,
    organization: Organization,
    organization_id: Option<String>,
    sink: &mut Sink,
) {
    let Some(earlier) = sink.get::<Account>(id) else {
        let account = Account {
            id: AccountId::new(id),
            organization,
            organization_id,
            principals_complete: known.principals_complete,
            resources_complete: known.resources_complete,
            tags: Tags::new(),
        };
        sink.add(account, known.place);
        return;
    };
    earlier.principals_complete |= known.principals_complete;
    earlier.resources_complete.extend(known.resources_complete);
    if matches!(earlier.organization, Organization::Unknown(_)) {
        earlier.organization = organization;
        earlier.organization_id = organization_id;
    }
}

/// Adds a component, unless an earlier input says the same: IAM is the same in all Regions.
fn add_once<C: Component + PartialEq>(component: C, place: Place, sink: &mut Sink) {
    let earlier = sink.get::<C>(component.id());
    if earlier.is_none_or(|earlier| *earlier != component) {
        sink.add(component, place);
    }
}

/// Says that outputs contradict each other, so that what they say of a policy is open.
fn described_twice(what: &str, sink: &mut Sink) {
    let text =
        format!("`{what}` is described in several folders, not alike: its policies are not known");
    sink.assume("described-twice", text);
}

/// The account in an ARN, when it is one.
fn account_in(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|part| is_account(part))
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// What stands behind a call in the name of a file.
fn behind<'a>(stem: &'a str, call: &str) -> Option<&'a str> {
    let (_, behind) = stem.split_once(call)?;
    Some(behind.trim_start_matches(['-', '_', '.']))
}
