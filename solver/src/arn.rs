//! ARNs of resources, as far as authorization asks about their parts (page authorization).

use crate::pattern::{Pattern, Token};

/// The parts of an ARN of which something follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arn<'a> {
    /// The third.
    pub(crate) service: &'a str,
    /// The fourth; empty where it names no Region.
    region: &'a str,
    /// The fifth; empty where it names no account.
    pub(crate) account: &'a str,
    /// The sixth.
    name: &'a str,
}

/// A kind of resources, told by the third part, and by how the sixth begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sort {
    service: &'static str,
    front: &'static str,
}

/// The third part of buckets' ARNs.
const BUCKETS: &str = "s3";

pub(crate) const KEY: Sort = Sort {
    service: "kms",
    front: "key/",
};

pub(crate) const ROLE: Sort = Sort {
    service: "iam",
    front: "role/",
};

pub(crate) const ACCESS_POINT: Sort = Sort {
    service: "s3",
    front: "accesspoint/",
};

impl<'a> Arn<'a> {
    /// Nothing of what is no ARN (`condition-arn`).
    pub(crate) fn new(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        Some(Arn {
            service: parts.nth(2)?,
            region: parts.next()?,
            account: parts.next()?,
            name: parts.next()?,
        })
    }

    pub(crate) fn is(self, sort: Sort) -> bool {
        self.service == sort.service && self.name.starts_with(sort.front)
    }

    pub(crate) fn is_bucket(self) -> bool {
        let is_of_nobody = self.region.is_empty() && self.account.is_empty();
        self.service == BUCKETS && is_of_nobody && !self.name.contains('/')
    }

    /// What stands between this resource and those that its policy is for too; `None` when there are none.
    pub(crate) fn behind(self) -> Option<&'static str> {
        match self.service {
            "s3" | "execute-api" => Some("/"),
            "dynamodb" => Some("/index/"),
            _ => None,
        }
    }
}

impl Sort {
    /// Its resources.
    pub(crate) fn pattern(self) -> Pattern {
        let any: &[Token] = &[Token::PART];
        let name = [exactly(self.front), vec![Token::ANY]].concat();
        with_parts([&exactly(self.service), any, any], &name)
    }
}

/// The ARNs with these third and fifth parts.
pub(crate) fn of_service_and_account(service: &[Token], account: &[Token]) -> Pattern {
    with_parts([service, &[Token::PART], account], &[Token::ANY])
}

/// The ARNs of buckets.
pub(crate) fn buckets() -> Pattern {
    let without_slash = [Token::Run { not: Some('/') }];
    with_parts([&exactly(BUCKETS), &[], &[]], &without_slash)
}

/// A resource, and those that its policy is for too.
pub(crate) fn covered(arn: &str) -> Vec<Pattern> {
    let behind = Arn::new(arn).and_then(Arn::behind);
    let others = behind.map(|behind| {
        let tokens = [exactly(arn), exactly(behind), vec![Token::ANY]];
        Pattern::new(tokens.concat())
    });
    std::iter::once(Pattern::exactly(arn))
        .chain(others)
        .collect()
}

pub(crate) fn exactly(text: &str) -> Vec<Token> {
    Pattern::exactly(text).tokens().to_vec()
}

/// The ARNs with these parts from the third to the fifth, and such a sixth.
fn with_parts([service, region, account]: [&[Token]; 3], name: &[Token]) -> Pattern {
    let any: &[Token] = &[Token::PART];
    let mut tokens = Vec::new();
    for part in [any, any, service, region, account] {
        tokens.extend(part);
        tokens.push(Token::Exactly(':'));
    }
    tokens.extend(name);
    Pattern::new(tokens)
}
