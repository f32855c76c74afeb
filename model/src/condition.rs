//! Conditions of policies, and the context that a request brings for them.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::policy_text::PolicyText;

/// One key of one operator in a statement's `Condition`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Condition {
    /// How the key's values are compared.
    pub operator: ConditionOperator,
    /// The key.
    pub key: ContextKey,
    /// What they are compared with, as it is written.
    pub values: Vec<PolicyText>,
}

/// A condition operator.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConditionOperator {
    /// One of AWS's.
    Modelled {
        /// `ForAllValues:` or `ForAnyValue:` before it.
        set: Option<SetOperator>,
        /// The comparison.
        test: ConditionTest,
        /// `IfExists` behind it.
        if_exists: bool,
    },
    /// Any other text in its place.
    Unmodelled(String),
}

/// How several values of a key count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SetOperator {
    /// `ForAllValues`.
    ForAllValues,
    /// `ForAnyValue`.
    ForAnyValue,
}

impl SetOperator {
    /// Both, in AWS's order.
    pub const ALL: [SetOperator; 2] = [SetOperator::ForAllValues, SetOperator::ForAnyValue];

    /// AWS's word.
    pub const fn name(self) -> &'static str {
        match self {
            SetOperator::ForAllValues => "ForAllValues",
            SetOperator::ForAnyValue => "ForAnyValue",
        }
    }
}

macro_rules! condition_tests {
    ($($test:ident)*) => {
        /// A comparison, by AWS's name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[expect(missing_docs, reason = "the names are AWS's")]
        pub enum ConditionTest { $($test),* }

        impl ConditionTest {
            /// Every one, in AWS's order.
            pub const ALL: &'static [ConditionTest] = &[$(ConditionTest::$test),*];

            /// AWS's name.
            pub const fn name(self) -> &'static str {
                match self { $(ConditionTest::$test => stringify!($test)),* }
            }
        }
    };
}

condition_tests! {
    StringEquals StringNotEquals StringEqualsIgnoreCase StringNotEqualsIgnoreCase
    StringLike StringNotLike
    NumericEquals NumericNotEquals NumericLessThan NumericLessThanEquals
    NumericGreaterThan NumericGreaterThanEquals
    DateEquals DateNotEquals DateLessThan DateLessThanEquals DateGreaterThan DateGreaterThanEquals
    Bool BinaryEquals
    IpAddress NotIpAddress
    ArnEquals ArnLike ArnNotEquals ArnNotLike
    Null
}

impl ConditionOperator {
    /// Reads the text of an operator, as `ForAnyValue:StringLikeIfExists`.
    pub fn new(text: &str) -> Self {
        let parts = || {
            let (set, rest) = match text.split_once(':') {
                Some((set, rest)) => {
                    let known = SetOperator::ALL.into_iter().find(|one| one.name() == set);
                    (Some(known?), rest)
                }
                None => (None, text),
            };
            let (name, if_exists) = match rest.strip_suffix("IfExists") {
                Some(name) => (name, true),
                None => (rest, false),
            };
            let mut tests = ConditionTest::ALL.iter();
            let test = *tests.find(|test| test.name() == name)?;
            // `Null` asks for existence itself.
            let is_plain = set.is_none() && !if_exists;
            (is_plain || test != ConditionTest::Null).then_some(ConditionOperator::Modelled {
                set,
                test,
                if_exists,
            })
        };
        parts().unwrap_or_else(|| ConditionOperator::Unmodelled(text.to_owned()))
    }
}

impl fmt::Display for ConditionOperator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConditionOperator::Modelled {
                set,
                test,
                if_exists,
            } => {
                if let Some(set) = set {
                    write!(formatter, "{}:", set.name())?;
                }
                formatter.write_str(test.name())?;
                formatter.write_str(if *if_exists { "IfExists" } else { "" })
            }
            ConditionOperator::Unmodelled(text) => formatter.write_str(text),
        }
    }
}

/// The name of a context key, as `aws:PrincipalOrgID`; the case of its letters carries no meaning.
#[derive(Clone, Debug)]
pub struct ContextKey {
    spelled: String,
    folded: String,
}

impl ContextKey {
    /// A key by its name, in any case of letters.
    pub fn new(name: &str) -> Self {
        Self {
            spelled: name.to_owned(),
            folded: name.to_lowercase(),
        }
    }

    /// The name in lower case, by which keys are the same.
    pub fn folded(&self) -> &str {
        &self.folded
    }
}

impl From<&str> for ContextKey {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

impl PartialEq for ContextKey {
    fn eq(&self, other: &Self) -> bool {
        self.folded == other.folded
    }
}

impl Eq for ContextKey {}

impl PartialOrd for ContextKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ContextKey {
    fn cmp(&self, other: &Self) -> Ordering {
        self.folded.cmp(&other.folded)
    }
}

impl fmt::Display for ContextKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.spelled)
    }
}

/// The context of a request: the values of each key that is there. A key without values is not
/// there (clause `condition-absent-key`).
pub type RequestContext = BTreeMap<ContextKey, BTreeSet<String>>;
