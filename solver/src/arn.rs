//! ARNs of resources, as far as authorization asks about their parts (page authorization).

use crate::pattern::{Pattern, Token};

/// The parts of an ARN of which something follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arn<'a> {
    text: &'a str,
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

/// The third part of the ARNs of buckets and of objects.
pub(crate) const S3: &str = "s3";

/// That of the ARNs of APIs.
pub(crate) const API: &str = "execute-api";

/// The third parts of the ARNs of access points.
const OF_ACCESS_POINTS: [&str; 4] = [S3, "s3express", "s3-object-lambda", "s3-outposts"];

/// What is in the sixth part of them.
const ACCESS_POINT: &str = "accesspoint/";

/// The services whose policies stand at the resources that are called.
const AT_THE_CALLED: [&str; 7] = [S3, "sqs", "sns", "kms", "iam", "secretsmanager", "dynamodb"];

pub(crate) const KEY: Sort = Sort {
    service: "kms",
    front: "key/",
};

pub(crate) const ALIAS: Sort = Sort {
    service: "kms",
    front: "alias/",
};

pub(crate) const REPOSITORY: Sort = Sort {
    service: "ecr",
    front: "repository/",
};

pub(crate) const ROLE: Sort = Sort {
    service: "iam",
    front: "role/",
};

impl<'a> Arn<'a> {
    /// Nothing of what is no ARN (`condition-arn`).
    pub(crate) fn new(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        Some(Arn {
            text,
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
        self.service == S3 && is_of_nobody && !self.text.contains('/')
    }

    /// An object whose key is like the name of an access point has an ARN without an account.
    pub(crate) fn is_access_point(self) -> bool {
        let is_of_service = OF_ACCESS_POINTS.contains(&self.service);
        is_of_service && !self.account.is_empty() && self.name.contains(ACCESS_POINT)
    }

    /// What stands between this resource and those that its policy is for too; `None` when there are none.
    pub(crate) fn behind(self) -> Option<&'static str> {
        match self.service {
            S3 | API => Some("/"),
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

/// The ARNs of buckets and of objects, and what has a slash; so, the buckets are told apart.
pub(crate) fn buckets() -> [Pattern; 2] {
    let slash = [Token::ANY, Token::Exactly('/'), Token::ANY];
    [
        with_parts([&exactly(S3), &[], &[]], &[Token::ANY]),
        Pattern::new(slash.to_vec()),
    ]
}

/// The ARNs of access points.
pub(crate) fn access_points() -> impl Iterator<Item = Pattern> {
    let name = [vec![Token::ANY], exactly(ACCESS_POINT), vec![Token::ANY]].concat();
    let account = [Token::One { not: Some(':') }, Token::PART];
    let services = OF_ACCESS_POINTS.iter();
    services.map(move |service| with_parts([&exactly(service), &[Token::PART], &account], &name))
}

/// Whether the policies of a service stand at the resources that are called.
pub(crate) fn is_at_the_called(service: &str) -> bool {
    AT_THE_CALLED.contains(&service)
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
