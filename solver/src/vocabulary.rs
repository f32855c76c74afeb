//! What a set of requests is cut by: the statements in sight, and what authorization asks besides.

use std::collections::{BTreeMap, BTreeSet};

use model::{ContextKey, Principal, PrincipalSet, RequestSet};

use crate::account::{Accounts, Part};
use crate::action;
use crate::arn::{self, Arn, covered, exactly, of_service_and_account};
use crate::authorize::{Statement, statements};
use crate::hashed::HashSet;
use crate::pattern::{Pattern, Token};
use crate::principal::{Caller, CallerKind, account_of, kind_of};
use crate::principal_class;
use crate::value_class::Asks;

/// What tells requests apart.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary<'a> {
    pub(crate) statements: Vec<&'a Statement>,
    /// Groups of which it counts whether one matches.
    pub(crate) actions: Vec<Vec<Pattern>>,
    pub(crate) resources: Vec<Pattern>,
    pub(crate) principals: Vec<Pattern>,
    /// The accounts that are told apart from all others, as callers' and as owners of resources.
    pub(crate) accounts: BTreeSet<String>,
    /// What documents ask of keys that are not in sight.
    pub(crate) kinds: Option<&'a BTreeMap<ContextKey, Asks>>,
}

impl<'a> Vocabulary<'a> {
    /// Only statements.
    pub(crate) fn of(statements: impl Iterator<Item = &'a Statement>) -> Self {
        Vocabulary {
            statements: statements.collect(),
            ..Vocabulary::default()
        }
    }

    /// With the accounts' policies, as far as requests of the set meet them.
    pub(crate) fn with_accounts(mut self, accounts: &'a Accounts, set: &RequestSet) -> Self {
        let callers = callers(accounts, &set.principals);
        let resources = Resources::new(accounts, set);
        let of_callers = callers.iter().flat_map(|principal| {
            let of = accounts.of_caller(&Caller::new(principal));
            [of.service_control, of.identity, of.boundary, of.session]
        });
        let of_entries = resources.entries.iter().flat_map(|entry| {
            let of = accounts.of_resource(entry);
            [of.resource_control, of.policy]
        });
        let of_owners = resources.owners.iter();
        let of_owners = of_owners.map(|account| accounts.resource_control(account));
        let mut seen = HashSet::default();
        for part in of_callers.chain(of_entries).chain(of_owners) {
            let documents = match part {
                Part::Known(levels) => levels,
                Part::Open(_) => &[],
            };
            let all = documents.iter().flatten().flat_map(statements);
            let new = all.filter(|one| seen.insert(std::ptr::from_ref(*one)));
            self.statements.extend(new);
        }
        let all = accounts.ids().map(str::to_owned);
        self.accounts = all.chain(named_accounts(set)).collect();
        self.actions = action::patterns();
        self.resources = resources.patterns(accounts, &self.accounts);
        self.principals = principal_patterns(&self.accounts, &callers);
        self.kinds = Some(accounts.asks());
        self
    }
}

/// Those of the set that have policies of their own: the users and roles that are listed, and one of each account, as
/// are those that are not.
fn callers(accounts: &Accounts, set: &PrincipalSet) -> Vec<Principal> {
    let is_in = |account: &str| match set {
        PrincipalSet::Every | PrincipalSet::These(_) => true,
        PrincipalSet::OfAccounts(these) => these.contains(account),
        PrincipalSet::NotOfAccounts(others) => !others.contains(account),
    };
    if let PrincipalSet::These(these) = set {
        return these.clone();
    }
    let listed = accounts.principals();
    let listed = listed.filter(|arn| kind_of(arn) != CallerKind::Session);
    let listed = listed.map(|arn| Principal::Arn {
        account: account_of(arn).to_owned(),
        arn: arn.to_owned(),
    });
    let roots = accounts.ids().map(|account| Principal::Root {
        account: account.to_owned(),
    });
    let all = roots.chain(listed);
    all.filter(|one| is_in(Caller::new(one).account)).collect()
}

/// The accounts that a set names, of its principals and in its resources.
fn named_accounts(set: &RequestSet) -> BTreeSet<String> {
    let mut accounts: BTreeSet<String> = match &set.principals {
        PrincipalSet::These(these) => {
            let callers = these.iter().map(Caller::new);
            callers.map(|caller| caller.account.to_owned()).collect()
        }
        PrincipalSet::OfAccounts(these) => these.clone(),
        PrincipalSet::Every | PrincipalSet::NotOfAccounts(_) => BTreeSet::new(),
    };
    let resources = set.resources.include.iter();
    let owners = resources.filter_map(|text| Arn::new(text).map(|arn| arn.account.to_owned()));
    accounts.extend(owners);
    accounts.retain(|account| !account.is_empty() && !account.contains(['*', '?']));
    accounts
}

/// What tells callers apart.
fn principal_patterns(accounts: &BTreeSet<String>, callers: &[Principal]) -> Vec<Pattern> {
    let of_accounts = accounts.iter().map(|account| Pattern::exactly(account));
    let of_accounts = of_accounts.map(|account| principal_class::of_account(&account));
    let service_linked = Pattern::plain("arn:*:iam::*:role/aws-service-role/*");
    let arns = callers.iter().filter_map(|principal| match principal {
        Principal::Arn { arn, .. } => Some(Pattern::exactly(arn)),
        Principal::Anonymous | Principal::Root { .. } => None,
    });
    of_accounts.chain([service_linked]).chain(arns).collect()
}

/// The resources of a set that have policies of their own.
struct Resources<'a> {
    entries: Vec<&'a str>,
    /// The accounts that may own others.
    owners: Vec<&'a str>,
}

impl<'a> Resources<'a> {
    fn new(accounts: &'a Accounts, set: &RequestSet) -> Self {
        let include = set.resources.include.iter();
        let include: Vec<Pattern> = include.map(|text| Pattern::plain(text)).collect();
        let may_be =
            |one: &Pattern| include.is_empty() || include.iter().any(|some| some.meets(one));
        let entries = accounts.resources();
        let entries = entries.filter(|arn| covered(arn).iter().any(may_be));
        let owners = accounts.ids();
        let owners = owners.filter(|account| may_be(&of_account(account)));
        Resources {
            entries: entries.collect(),
            owners: owners.collect(),
        }
    }

    /// What tells resources apart, with the accounts that are to be.
    fn patterns(&self, accounts: &Accounts, told_apart: &BTreeSet<String>) -> Vec<Pattern> {
        let any = [Token::PART];
        let mut patterns = vec![
            Pattern::exactly("*"),
            of_service_and_account(&any, &any),
            of_service_and_account(&any, &[]),
            arn::KEY.pattern(),
            arn::ALIAS.pattern(),
            arn::REPOSITORY.pattern(),
            arn::ROLE.pattern(),
        ];
        patterns.extend(arn::buckets());
        patterns.extend(arn::access_points());
        patterns.extend(told_apart.iter().map(|account| of_account(account)));
        for account in &self.owners {
            let services = accounts.complete_services(account);
            patterns.extend(
                services
                    .map(|service| of_service_and_account(&exactly(service), &exactly(account))),
            );
        }
        patterns.extend(self.entries.iter().flat_map(|arn| covered(arn)));
        patterns
    }
}

/// The resources whose ARNs name an account.
fn of_account(account: &str) -> Pattern {
    of_service_and_account(&[Token::PART], &exactly(account))
}
