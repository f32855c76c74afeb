//! ARNs of resources, as far as authorization asks about their parts (page authorization).

use crate::pattern::{Pattern, Token};

/// The parts of an ARN of which something follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arn<'a> {
    /// The third.
    pub(crate) service: &'a str,
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
            account: parts.nth(1)?,
            name: parts.next()?,
        })
    }

    pub(crate) fn is(self, sort: Sort) -> bool {
        self.service == sort.service && self.name.starts_with(sort.front)
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
        with_parts(&exactly(self.service), &[Token::PART], &exactly(self.front))
    }
}

/// The ARNs with these third and fifth parts.
pub(crate) fn of_service_and_account(service: &[Token], account: &[Token]) -> Pattern {
    with_parts(service, account, &[])
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

/// The ARNs with these third and fifth parts, whose sixth begins so.
fn with_parts(service: &[Token], account: &[Token], front: &[Token]) -> Pattern {
    let any: &[Token] = &[Token::PART];
    let mut tokens = Vec::new();
    for part in [any, any, service, any, account] {
        tokens.extend(part);
        tokens.push(Token::Exactly(':'));
    }
    tokens.extend(front);
    tokens.push(Token::ANY);
    Pattern::new(tokens)
}
