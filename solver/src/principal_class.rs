//! The principals of a set, in classes that no statement tells apart.
//!
//! The users, roles and root users are one set of strings, their ARNs. What a statement asks of an account or of a
//! user's name is a pattern of the ARN.

use std::collections::BTreeSet;

use model::{Principal, PrincipalSet, RequestSet};

use crate::authorize::Statement;
use crate::budget::Limits;
use crate::condition::{Condition, Test, Values};
use crate::context::Source;
use crate::literal::Literals;
use crate::pattern::{self, Pattern, Strings, Token, TooManyStates};
use crate::principal::{CallerKind, Entry, account_of};
use crate::variable::SPECIAL;
use crate::vocabulary::Vocabulary;

/// Principals of the set such that each other one of it is like one of these in all that is asked.
pub(crate) fn principals(
    vocabulary: &Vocabulary<'_>,
    set: &RequestSet,
    literals: &Literals,
    limits: &Limits,
) -> Result<Vec<Principal>, TooManyStates> {
    let is_of = |principal: &&Principal| !set.without.contains(*principal);
    let (include, mut exclude, anonymous) = match &set.principals {
        PrincipalSet::These(these) => return Ok(these.iter().filter(is_of).cloned().collect()),
        PrincipalSet::Every => (arns(&[Token::Digit; 12]), Vec::new(), true),
        PrincipalSet::OfAccounts(accounts) => {
            let of = |account: &String| arns(Pattern::exactly(account).tokens());
            (accounts.iter().flat_map(of).collect(), Vec::new(), false)
        }
        PrincipalSet::NotOfAccounts(accounts) => {
            let of = |account: &String| of_account(&Pattern::exactly(account));
            let others = accounts.iter().map(of).collect();
            (arns(&[Token::Digit; 12]), others, true)
        }
    };
    let mut principals = Vec::new();
    if anonymous && is_of(&&Principal::Anonymous) {
        principals.push(Principal::Anonymous);
    }
    exclude.extend(set.without.iter().filter_map(|principal| match principal {
        Principal::Anonymous => None,
        Principal::Root { account } => Some(root_of(&Pattern::exactly(account))),
        Principal::Arn { arn, .. } => Some(Pattern::exactly(arn)),
    }));
    // No include is every string, and no account is no principal.
    if include.is_empty() {
        return Ok(principals);
    }
    let mut asked = asked(&vocabulary.statements, literals)?;
    asked.extend(vocabulary.principals.iter().cloned());
    let strings = Strings {
        include: &include,
        exclude: &exclude,
        without: &SPECIAL,
        readable: Pattern::plain("arn:aws:iam::*:*/*other"),
    };
    let asked: Vec<Pattern> = asked.into_iter().collect();
    for arn in pattern::combinations(&strings, &asked, limits.most_states)?.into_values() {
        let account = account_of(&arn).to_owned();
        principals.push(if arn.ends_with(":root") && !arn.contains('/') {
            Principal::Root { account }
        } else {
            Principal::Arn { account, arn }
        });
    }
    Ok(principals)
}

/// The ARNs of the users, the roles and the root user of accounts.
fn arns(account: &[Token]) -> Vec<Pattern> {
    let pattern = |partition: &str, resource: &str, name: &[Token]| {
        let front = Pattern::exactly(&format!("arn:{partition}:iam::"));
        let behind = Pattern::exactly(resource);
        let parts = [front.tokens(), account, behind.tokens(), name];
        Pattern::new(parts.concat())
    };
    let mut arns = vec![pattern("aws", ":root", &[])];
    for partition in ["aws", "aws-cn", "aws-us-gov"] {
        for resource in [":role/", ":user/"] {
            arns.push(pattern(
                partition,
                resource,
                &[Token::One { not: None }, Token::ANY],
            ));
        }
    }
    arns
}

/// All that statements ask of an ARN.
fn asked(
    statements: &[&Statement],
    literals: &Literals,
) -> Result<BTreeSet<Pattern>, TooManyStates> {
    let mut asked = BTreeSet::from([
        named(&Pattern::new(vec![Token::ANY])),
        Pattern::plain("arn:*:iam::*:root"),
    ]);
    let sources = [
        ("aws:PrincipalArn", Source::PrincipalArn),
        ("aws:PrincipalAccount", Source::PrincipalAccount),
        ("kms:CallerAccount", Source::CallerAccount),
        ("aws:username", Source::Username),
        ("aws:userid", Source::UserId),
    ];
    for (name, source) in sources {
        let name = name.into();
        let values = literals.of(&name).map(|value| Pattern::exactly(value));
        asked.extend(values.filter_map(|value| of_arn(source, &value)));
    }
    for statement in statements {
        asked.extend(statement.principals.entries.iter().flat_map(of_entry));
        for condition in &statement.conditions {
            for text in condition.texts() {
                let patterns = literals.patterns(text)?.into_iter();
                asked.extend(patterns.filter_map(|value| of_arn(condition.key.source, &value)));
            }
        }
    }
    Ok(asked)
}

/// What a pattern of a key's value says of the ARN from which the key follows.
fn of_arn(source: Source, value: &Pattern) -> Option<Pattern> {
    match source {
        Source::PrincipalArn => Some(value.clone()),
        Source::PrincipalAccount | Source::CallerAccount => Some(of_account(value)),
        Source::Username => Some(named(value)),
        Source::UserId => Some(root_of(value)),
        Source::PrincipalType
        | Source::IsService
        | Source::ViaService
        | Source::PrincipalTag
        | Source::OfSigned
        | Source::OfWay(_)
        | Source::Absent
        | Source::Unknown
        | Source::Context => None,
    }
}

/// What an entry of a principal element asks.
fn of_entry(entry: &Entry) -> Vec<Pattern> {
    match entry {
        Entry::Everyone
        | Entry::Federated
        | Entry::CanonicalUser(_)
        | Entry::UniqueId(_)
        | Entry::Other => Vec::new(),
        Entry::Open(open) => open.arns.iter().cloned().collect(),
        Entry::Account(account) => vec![of_account(&Pattern::exactly(account))],
        Entry::Arn {
            arn,
            account,
            role,
            is_session,
        } => {
            let mut patterns = vec![
                Pattern::exactly(arn),
                of_account(&Pattern::exactly(account)),
            ];
            if let Some(role) = role.as_ref().filter(|_| *is_session) {
                let front = Pattern::exactly(&format!(":iam::{account}:role"));
                let behind = Pattern::exactly(&format!("/{role}"));
                patterns.push(arn_of(&[front.tokens(), &[Token::ANY], behind.tokens()]));
            }
            patterns
        }
    }
}

/// The ARNs of an account that matches.
pub(crate) fn of_account(account: &Pattern) -> Pattern {
    let within = without(account, ':');
    let (front, behind) = (Pattern::exactly(":iam::"), Pattern::exactly(":"));
    arn_of(&[front.tokens(), &within, behind.tokens(), &[Token::ANY]])
}

/// The ARNs of the root users of accounts that match.
fn root_of(account: &Pattern) -> Pattern {
    let within = without(account, ':');
    let (front, behind) = (Pattern::exactly(":iam::"), Pattern::exactly(":root"));
    arn_of(&[front.tokens(), &within, behind.tokens()])
}

/// The ARNs of users whose name, behind the last slash, matches.
fn named(name: &Pattern) -> Pattern {
    let within = without(name, '/');
    let (front, user) = (Pattern::exactly(":iam::"), Pattern::exactly(":user"));
    let slash = [Token::ANY, Token::Exactly('/')];
    arn_of(&[
        front.tokens(),
        &[Token::PART],
        user.tokens(),
        &slash,
        &within,
    ])
}

fn arn_of(parts: &[&[Token]]) -> Pattern {
    let mut tokens = Pattern::exactly("arn:").tokens().to_vec();
    tokens.push(Token::PART);
    tokens.extend(parts.iter().copied().flatten());
    Pattern::new(tokens)
}

/// The tokens of a pattern of strings that do not have a character.
fn without(pattern: &Pattern, character: char) -> Vec<Token> {
    let not = Some(character);
    let tokens = pattern.tokens().iter().map(|token| match token {
        Token::Run { .. } => Token::Run { not },
        Token::One { .. } => Token::One { not },
        Token::Exactly(_) | Token::AnyCase(_) | Token::Digit => *token,
    });
    tokens.collect()
}

/// Whether a condition compares what follows from the principal in a way that the classes do not tell apart.
pub(crate) fn is_beyond(condition: &Condition, caller: CallerKind) -> bool {
    let is_own = match condition.key.source {
        Source::PrincipalAccount | Source::CallerAccount | Source::Username => true,
        Source::UserId => caller == CallerKind::Root,
        Source::PrincipalArn
        | Source::PrincipalType
        | Source::IsService
        | Source::ViaService
        | Source::PrincipalTag
        | Source::OfSigned
        | Source::OfWay(_)
        | Source::Absent
        | Source::Unknown
        | Source::Context => false,
    };
    let is_typed = match &condition.test {
        Test::Compares(comparison) => match comparison.values {
            Values::Texts(_) => false,
            Values::Arns(_)
            | Values::Numbers(..)
            | Values::Dates(..)
            | Values::Bools(_)
            | Values::Blocks(_) => true,
        },
        Test::Null(_) | Test::Unmodelled => false,
    };
    is_own && is_typed
}
