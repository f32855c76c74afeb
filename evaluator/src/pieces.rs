//! What accounts tell apart of the requests of a set, and which documents have a say in some.

use std::collections::BTreeSet;

use model::{Principal, PrincipalSet, RequestSet};

use crate::account::Accounts;
use crate::action;
use crate::authorization::Case;
use crate::authorize::candidates;
use crate::called::{self, Resource};
use crate::dimensions::{Apart, RESOURCES, language};
use crate::index::DocumentIndex;
use crate::pattern::Pattern;
use crate::statement::Voice;

/// The documents that have a say, and what tells requests apart beside them.
#[derive(Debug)]
pub(crate) struct Pieces<'a> {
    pub(crate) asked: BTreeSet<(DocumentIndex, Voice)>,
    pub(crate) apart: Apart<'a>,
}

impl<'a> Pieces<'a> {
    /// `Err` names the limit that was reached.
    pub(crate) fn new(set: &RequestSet, accounts: &'a Accounts) -> Result<Self, &'static str> {
        let mut apart = apart(accounts);
        let limit = "states of string patterns";
        let principals = apart.principals.clone();
        let principals = principals.principals(set).ok_or(limit)?;
        let resources = language(&set.resources, Pattern::plain);
        let resources = resources.texts(&apart.resources, &RESOURCES).ok_or(limit)?;
        let mut asked = BTreeSet::new();
        for principal in &principals {
            let caller = accounts.caller(principal);
            for resource in &resources {
                let called = accounts.called(&caller, resource);
                let caller = &caller;
                asked.extend(Case { caller, called }.asks());
            }
        }
        if !matches!(set.principals, PrincipalSet::These(_)) {
            apart.name(&principals, accounts);
        }
        Ok(Self { asked, apart })
    }
}

impl Apart<'_> {
    /// Notes the principals and accounts of the input that are among some callers.
    fn name(&mut self, callers: &[Principal], accounts: &Accounts) {
        for caller in callers {
            match caller {
                Principal::Anonymous => {}
                Principal::Root { account } => {
                    let known = accounts.accounts.get_key_value(account);
                    self.accounts
                        .extend(known.map(|(account, _)| account.clone()));
                }
                Principal::Arn { account, arn } => {
                    let known = accounts.accounts.get_key_value(account);
                    self.accounts
                        .extend(known.map(|(account, _)| account.clone()));
                    let known = accounts.principals.get_key_value(arn);
                    self.arns.extend(known.map(|(arn, _)| arn.clone()));
                }
            }
        }
    }
}

fn apart(accounts: &Accounts) -> Apart<'_> {
    let mut apart = Apart::default();
    apart.actions.extend(action::patterns());
    for arn in accounts.principals.keys() {
        apart.principals.arn(Pattern::text(arn));
    }
    apart.principals.service_linked();
    let resources = &mut apart.resources;
    resources.insert(Pattern::text("*"));
    resources.insert(Pattern::any_arn());
    resources.insert(Pattern::arns_of("", None));
    for (id, account) in &accounts.accounts {
        apart.principals.account(id);
        resources.insert(Pattern::arns_of(id, None));
        let services = account.listed_services();
        resources.extend(services.map(|service| Pattern::arns_of(id, Some(service))));
    }
    resources.extend(called::kinds());
    resources.extend(accounts.resources.values().flat_map(Resource::covered));
    let documents = accounts.documents.iter();
    let policies = documents.flat_map(|(_, document)| candidates(document));
    let statements = policies.flat_map(|policy| &policy.statements);
    apart.typing = statements.flat_map(|one| &one.conditions).collect();
    apart
}
