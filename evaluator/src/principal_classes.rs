//! Principals of a set: one of every class that policies can tell apart.

use std::collections::BTreeSet;

use model::{Principal, PrincipalElement, PrincipalPattern, PrincipalSet, RequestSet};

use crate::open_text::{names_user_or_role, reach};
use crate::pattern::{But, Language, Pattern, Token};
use crate::principal::{account, account_of, role_of};

/// The partitions of AWS, in which ARNs begin.
const PARTITIONS: [&str; 3] = ["aws", "aws-cn", "aws-us-gov"];

/// Patterns of ARNs by which principals are told apart; a root user's is that of its account.
#[derive(Clone, Debug, Default)]
pub(crate) struct PrincipalPatterns {
    patterns: BTreeSet<Pattern>,
    /// Accounts that are spoken of.
    accounts: BTreeSet<String>,
}

fn text(text: &str) -> impl Iterator<Item = Token> + '_ {
    text.chars().map(Token::Char)
}

/// Any run but of colons.
const RUN: Token = Token::Run(But::COLON);
const ANY: Token = Token::Run(But::NOTHING);

impl PrincipalPatterns {
    /// Tells principals apart by their ARN.
    pub(crate) fn arn(&mut self, pattern: Pattern) {
        self.patterns.insert(pattern);
    }

    /// Tells service-linked roles from others.
    pub(crate) fn service_linked(&mut self) {
        let begin = text("arn:").chain([RUN]).chain(text(":iam::")).chain([RUN]);
        let tokens = begin.chain(text(":role/aws-service-role/")).chain([ANY]);
        self.patterns.insert(Pattern::new(tokens.collect()));
    }

    /// Tells the principals of one account from others.
    pub(crate) fn account(&mut self, account: &str) {
        self.accounts.insert(account.to_owned());
        self.accounts_like(&Pattern::text(account));
    }

    /// Tells principals apart by their account.
    pub(crate) fn accounts_like(&mut self, pattern: &Pattern) {
        let Some(within) = pattern.within(But::COLON) else {
            return;
        };
        let tokens = text("arn:").chain([RUN]).chain(text(":iam::"));
        let tokens = tokens.chain(within).chain(text(":")).chain([ANY]);
        self.patterns.insert(Pattern::new(tokens.collect()));
    }

    /// Tells root users apart by their account.
    pub(crate) fn root_users(&mut self, pattern: &Pattern) {
        if let Some(within) = pattern.within(But::COLON) {
            let tokens = text("arn:aws:iam::").chain(within).chain(text(":root"));
            self.patterns.insert(Pattern::new(tokens.collect()));
        }
    }

    /// Tells users apart by what is behind the last slash.
    pub(crate) fn usernames(&mut self, pattern: &Pattern) {
        let slash = But {
            slash: true,
            ..But::NOTHING
        };
        if let Some(within) = pattern.within(slash) {
            self.named(&[RUN], "user/", &within);
        }
        // A name that ends with a slash has nothing behind it.
        self.named(&[RUN], "user/", &[]);
    }

    /// Tells those apart whose name, behind the last slash, is such.
    fn named(&mut self, account: &[Token], kind: &str, name: &[Token]) {
        let begin = text("arn:").chain([RUN]).chain(text(":iam::"));
        let begin = begin.chain(account.iter().copied()).chain(text(":"));
        let begin: Vec<Token> = begin.chain(text(kind)).collect();
        for path in [vec![], vec![ANY, Token::Char('/')]] {
            let tokens = begin.iter().copied().chain(path);
            let tokens = tokens.chain(name.iter().copied());
            self.patterns.insert(Pattern::new(tokens.collect()));
        }
    }

    /// Tells principals apart as an element does.
    pub(crate) fn element(&mut self, element: &PrincipalElement) {
        let (PrincipalElement::Principal(patterns) | PrincipalElement::NotPrincipal(patterns)) =
            element;
        for pattern in patterns {
            match pattern {
                PrincipalPattern::Account(of) => self.account(account_of(of)),
                PrincipalPattern::Arn(arn) => {
                    self.patterns.insert(Pattern::text(arn));
                    if let Some((account, role)) = role_of(arn) {
                        let account: Vec<Token> = text(account).collect();
                        let role: Vec<Token> = text(role).collect();
                        self.named(&account, "role/", &role);
                    }
                }
                PrincipalPattern::Open(open) if names_user_or_role(open) => {
                    self.patterns.insert(reach(open));
                }
                PrincipalPattern::Everyone
                | PrincipalPattern::Open(_)
                | PrincipalPattern::Other { .. } => {}
            }
        }
    }

    /// One principal of every class of those of a set of requests. `None` when there are too many.
    pub(crate) fn principals(mut self, set: &RequestSet) -> Option<Vec<Principal>> {
        let is_left = |principal: &Principal| !set.without.contains(principal);
        let nobody = Some(Principal::Anonymous).filter(is_left);
        let (nobody, mut language) = match &set.principals {
            PrincipalSet::These(principals) => {
                let left = principals.iter().filter(|one| is_left(one));
                return Some(left.cloned().collect());
            }
            PrincipalSet::Every => (nobody, signed(&[vec![Token::Digit; 12]])),
            PrincipalSet::OfAccounts(accounts) => {
                let accounts: Vec<_> = accounts.iter().collect();
                let texts = accounts.iter().map(|account| text(account).collect());
                let language = signed(&texts.collect::<Vec<_>>());
                self.accounts.extend(accounts.into_iter().cloned());
                (None, language)
            }
            PrincipalSet::NotOfAccounts(accounts) => {
                let mut language = signed(&[vec![Token::Digit; 12]]);
                let excluded = accounts.iter().map(|account| {
                    let tokens = text("arn:").chain([RUN]).chain(text(":iam::"));
                    let tokens = tokens.chain(text(account)).chain(text(":")).chain([ANY]);
                    Pattern::new(tokens.collect())
                });
                language.excluded = excluded.collect();
                (nobody, language)
            }
        };
        language
            .excluded
            .extend(set.without.iter().filter_map(arn_of));
        for kind in ["user/", "role/", "root"] {
            let tokens = text("arn:").chain([RUN]).chain(text(":iam::")).chain([RUN]);
            let tokens = tokens.chain(text(":")).chain(text(kind)).chain([ANY]);
            self.patterns.insert(Pattern::new(tokens.collect()));
        }
        let others = (1..=9).rev().map(|digit: u32| digit.to_string().repeat(12));
        let accounts = self.accounts.iter().cloned().chain(others);
        let plausible = accounts.flat_map(|account| {
            let kinds = ["role/somebody", "root", "user/somebody"];
            kinds.map(|kind| format!("arn:aws:iam::{account}:{kind}"))
        });
        let plausible: Vec<_> = plausible.collect();
        let plausible: Vec<_> = plausible.iter().map(String::as_str).collect();
        let texts = language.texts(&self.patterns, &plausible)?;
        let signed = texts.into_iter().map(|arn| {
            let account = account(&arn).to_owned();
            if arn.splitn(6, ':').nth(5) == Some("root") {
                Principal::Root { account }
            } else {
                Principal::Arn { account, arn }
            }
        });
        Some(nobody.into_iter().chain(signed).collect())
    }
}

/// The ARN of a principal, as [`signed`] has it.
fn arn_of(principal: &Principal) -> Option<Pattern> {
    match principal {
        Principal::Anonymous => None,
        Principal::Root { account } => Some(Pattern::text(&format!("arn:aws:iam::{account}:root"))),
        Principal::Arn { arn, .. } => Some(Pattern::text(arn)),
    }
}

/// The root users, users and roles of accounts.
fn signed(accounts: &[Vec<Token>]) -> Language {
    let mut shapes = Vec::new();
    for account in accounts {
        let mut shape = |partition: &str, kind: &str, name: &[Token]| {
            let begin = text("arn:").chain(text(partition)).chain(text(":iam::"));
            let account = account.iter().copied().chain(text(":"));
            let tokens = begin.chain(account).chain(text(kind));
            let tokens = tokens.chain(name.iter().copied());
            shapes.push(Pattern::new(tokens.collect()));
        };
        let name = [Token::One(But::SIGN), Token::Run(But::SIGN)];
        for partition in PARTITIONS {
            shape(partition, "user/", &name);
            shape(partition, "role/", &name);
        }
        shape("aws", "root", &[]);
    }
    Language {
        groups: vec![shapes],
        excluded: Vec::new(),
    }
}
