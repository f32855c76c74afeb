//! What a set of requests is cut by: the statements in sight, and what authorization asks besides.

use std::collections::{BTreeMap, HashSet};

use model::{ContextKey, Principal, PrincipalSet, RequestSet};

use crate::account::{Accounts, Part};
use crate::action;
use crate::authorize::{Statement, statements};
use crate::pattern::{Pattern, Token};
use crate::principal::{Caller, CallerKind, account_of, kind_of};
use crate::principal_class;
use crate::value_class::Asks;

/// What tells requests apart.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary<'a> {
    pub(crate) statements: Vec<&'a Statement>,
    pub(crate) actions: Vec<Pattern>,
    pub(crate) resources: Vec<Pattern>,
    pub(crate) principals: Vec<Pattern>,
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
        let mut seen = HashSet::new();
        for part in of_callers.chain(of_entries).chain(of_owners) {
            let documents = match part {
                Part::Known(levels) => levels,
                Part::Open(_) => &[],
            };
            let all = documents.iter().flatten().flat_map(statements);
            let new = all.filter(|one| seen.insert(std::ptr::from_ref(*one)));
            self.statements.extend(new);
        }
        self.actions = action::patterns();
        self.resources = resources.patterns(accounts);
        self.principals = principal_patterns(accounts, &callers);
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

/// What tells callers apart.
fn principal_patterns(accounts: &Accounts, callers: &[Principal]) -> Vec<Pattern> {
    let of_accounts = accounts.ids().map(Pattern::exactly);
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
        let owners = owners.filter(|account| may_be(&arns(&[Token::PART], &exactly(account))));
        Resources {
            entries: entries.collect(),
            owners: owners.collect(),
        }
    }

    /// What tells resources apart.
    fn patterns(&self, accounts: &Accounts) -> Vec<Pattern> {
        let any = [Token::PART];
        let mut patterns = vec![
            Pattern::exactly("*"),
            arns(&any, &any),
            arns(&any, &[]),
            arns(&exactly("s3"), &any),
        ];
        for account in &self.owners {
            let owner = exactly(account);
            patterns.push(arns(&any, &owner));
            let services = accounts.complete_services(account);
            patterns.extend(services.map(|service| arns(&exactly(service), &owner)));
        }
        patterns.extend(self.entries.iter().flat_map(|arn| covered(arn)));
        patterns
    }
}

fn exactly(text: &str) -> Vec<Token> {
    Pattern::exactly(text).tokens().to_vec()
}

/// A resource, and what continues it behind a slash.
fn covered(arn: &str) -> [Pattern; 2] {
    let behind = [exactly(arn), vec![Token::Exactly('/'), Token::ANY]];
    [Pattern::exactly(arn), Pattern::new(behind.concat())]
}

/// The ARNs with these third and fifth parts.
fn arns(service: &[Token], owner: &[Token]) -> Pattern {
    let any: &[Token] = &[Token::PART];
    let mut tokens = Vec::new();
    for part in [any, any, service, any, owner] {
        tokens.extend(part);
        tokens.push(Token::Exactly(':'));
    }
    tokens.push(Token::ANY);
    Pattern::new(tokens)
}
