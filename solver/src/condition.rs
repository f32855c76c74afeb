//! Conditions (page condition). Their values are read once, when the network is.

use std::cmp::Ordering;
use std::net::IpAddr;

use model::{Address, Cidr, ConditionOperator, ConditionTest, Hole, PolicyText, SetOperator};

use crate::authorize::Match;
use crate::context::{Brought, Held, Key};
use crate::decimal::Decimal;
use crate::instant::Instant;
use crate::truth::Truth;
use crate::variable::{Manner, Text, any_matches};

/// One condition of a statement.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    pub(crate) key: Key,
    pub(crate) test: Test,
    pub(crate) hole: Hole,
}

/// What a condition asks.
#[derive(Clone, Debug)]
pub(crate) enum Test {
    /// `condition-null`: whether the key is absent, for each value.
    Null(Vec<Option<bool>>),
    Compares(Comparison),
    Unmodelled,
}

/// A comparison with values.
#[derive(Clone, Debug)]
pub(crate) struct Comparison {
    pub(crate) set: Option<SetOperator>,
    if_exists: bool,
    negated: bool,
    pub(crate) values: Values,
}

/// The values of the policy; `None` and `Text::Open` are not of the operator's type.
#[derive(Clone, Debug)]
pub(crate) enum Values {
    Texts(Vec<Text>),
    Arns(Vec<Text>),
    Numbers(Order, Vec<Option<Decimal<'static>>>),
    Dates(Order, Vec<Option<Instant>>),
    Bools(Vec<Option<bool>>),
    Blocks(Vec<Option<Cidr>>),
}

/// How two values of an ordered type are to stand to each other: the request's first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Equal,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl Order {
    const fn holds(self, ordering: Ordering) -> bool {
        match self {
            Order::Equal => ordering.is_eq(),
            Order::Less => ordering.is_lt(),
            Order::AtMost => ordering.is_le(),
            Order::Greater => ordering.is_gt(),
            Order::AtLeast => ordering.is_ge(),
        }
    }
}

impl Condition {
    pub(crate) fn new(condition: &model::Condition, variables: bool) -> Self {
        let test = match &condition.operator {
            ConditionOperator::Unmodelled(_) => Test::Unmodelled,
            ConditionOperator::Modelled {
                set,
                test,
                if_exists,
            } => match values(*test, &condition.values, variables) {
                Some((values, negated)) => Test::Compares(Comparison {
                    set: *set,
                    if_exists: *if_exists,
                    negated,
                    values,
                }),
                None => Test::Null(read(&condition.values, boolean)),
            },
        };
        Condition {
            key: Key::new(&condition.key),
            test,
            hole: hole(condition),
        }
    }

    pub(crate) fn matches(&self, brought: &Brought<'_>) -> Match {
        match self.truth(brought) {
            Truth::Yes => Match::Yes,
            Truth::No => Match::No,
            Truth::Open => Match::Open(self.hole.clone()),
        }
    }

    fn truth(&self, brought: &Brought<'_>) -> Truth {
        let held = brought.held(&self.key);
        match (&self.test, held) {
            (Test::Unmodelled, _) | (_, Held::Open) => Truth::Open,
            (Test::Null(_), Held::One("")) => Truth::Open,
            (Test::Null(values), _) => {
                let is_absent = matches!(held, Held::Absent);
                Truth::any(
                    values.iter().map(|value| {
                        value.map_or(Truth::Open, |absent| (absent == is_absent).into())
                    }),
                )
            }
            (Test::Compares(comparison), Held::Absent) => comparison.of_absent(),
            (Test::Compares(comparison), Held::Address(address)) => comparison.of_address(address),
            (Test::Compares(comparison), Held::One(value)) => match (comparison.set, value) {
                (Some(SetOperator::ForAllValues), "") => Truth::Yes,
                (Some(SetOperator::ForAnyValue), "") => Truth::Open,
                (_, _) => comparison.of_value(value, brought),
            },
            (Test::Compares(comparison), Held::Several(values)) => {
                let mut each = values
                    .iter()
                    .map(|value| comparison.of_value(value, brought));
                match comparison.set {
                    None => Truth::Open,
                    Some(SetOperator::ForAllValues) => Truth::all(&mut each),
                    Some(SetOperator::ForAnyValue) => Truth::any(&mut each),
                }
            }
        }
    }

    /// Whether values with several spellings are compared by what they mean.
    pub(crate) const fn compares_by_meaning(&self) -> bool {
        matches!(
            &self.test,
            Test::Compares(Comparison {
                values: Values::Numbers(..) | Values::Dates(..) | Values::Blocks(_),
                ..
            })
        )
    }

    pub(crate) const fn compares_bools(&self) -> bool {
        matches!(
            &self.test,
            Test::Compares(Comparison {
                values: Values::Bools(_),
                ..
            })
        )
    }

    /// The blocks with which addresses are compared; none when the condition asks otherwise.
    pub(crate) fn blocks(&self) -> Option<impl Iterator<Item = &Cidr>> {
        match &self.test {
            Test::Compares(Comparison {
                values: Values::Blocks(blocks),
                ..
            }) => Some(blocks.iter().flatten()),
            Test::Compares(_) | Test::Null(_) | Test::Unmodelled => None,
        }
    }

    /// The texts with which strings are compared.
    pub(crate) fn texts(&self) -> &[Text] {
        match &self.test {
            Test::Compares(Comparison {
                values: Values::Texts(texts) | Values::Arns(texts),
                ..
            }) => texts,
            Test::Compares(_) | Test::Null(_) | Test::Unmodelled => &[],
        }
    }
}

impl Comparison {
    /// `condition-absent-key`, and `condition-set-operator`.
    pub(crate) const fn of_absent(&self) -> Truth {
        match (self.set, self.if_exists) {
            (Some(SetOperator::ForAllValues), _) => Truth::Yes,
            (Some(SetOperator::ForAnyValue), true) => Truth::Open,
            (Some(SetOperator::ForAnyValue), false) => Truth::No,
            (None, true) => Truth::Yes,
            (None, false) => {
                if self.negated {
                    Truth::Yes
                } else {
                    Truth::No
                }
            }
        }
    }

    /// The test of one value (`condition-several-values`).
    pub(crate) fn of_value(&self, value: &str, brought: &Brought<'_>) -> Truth {
        self.values.hold(value, brought).negated(self.negated)
    }

    /// The test of an address that is not a text (`context-of-path`).
    fn of_address(&self, address: Address) -> Truth {
        match &self.values {
            Values::Blocks(blocks) => any_holds(blocks, Some(address)).negated(self.negated),
            Values::Texts(_)
            | Values::Arns(_)
            | Values::Numbers(..)
            | Values::Dates(..)
            | Values::Bools(_) => Truth::Open,
        }
    }
}

impl Values {
    /// Whether one of the policy's values is matched.
    fn hold(&self, value: &str, brought: &Brought<'_>) -> Truth {
        match self {
            Values::Texts(texts) => any_matches(texts, value, brought),
            Values::Arns(texts) => {
                if value.bytes().filter(|byte| *byte == b':').count() < 5 {
                    return Truth::Open;
                }
                any_matches(texts, value, brought)
            }
            Values::Numbers(order, numbers) => {
                let own = Decimal::parse(value);
                Truth::any(numbers.iter().map(|number| {
                    let ordering = own.as_ref().zip(number.as_ref());
                    compared(ordering.map(|(own, number)| order.holds(own.cmp(number))))
                }))
            }
            Values::Dates(order, dates) => {
                let own = Instant::parse(value);
                Truth::any(dates.iter().map(|date| {
                    let ordering = own.as_ref().zip(date.as_ref());
                    compared(ordering.map(|(own, date)| order.holds(own.cmp(date))))
                }))
            }
            Values::Bools(bools) => {
                let own = boolean(value);
                Truth::any(
                    bools
                        .iter()
                        .map(|asked| compared(own.zip(*asked).map(|(own, asked)| own == asked))),
                )
            }
            Values::Blocks(blocks) => any_holds(blocks, address(value)),
        }
    }
}

/// Whether a value of the policy is matched, which is open when one of the two is not of the operator's type.
fn compared(asked: Option<bool>) -> Truth {
    asked.map_or(Truth::Open, Truth::from)
}

/// Whether one of the policy's blocks holds an address.
fn any_holds(blocks: &[Option<Cidr>], address: Option<Address>) -> Truth {
    let holds = |block: &Option<Cidr>| {
        let both = address.zip(*block);
        compared(both.map(|(address, block)| is_within(address, block)))
    };
    Truth::any(blocks.iter().map(holds))
}

/// The values of a test, and whether it is negated; `None` of `Null`.
fn values(test: ConditionTest, texts: &[PolicyText], variables: bool) -> Option<(Values, bool)> {
    use ConditionTest as Is;
    let compared = |manner, variables| {
        let compared = texts.iter().map(|text| Text::new(text, manner, variables));
        compared.collect()
    };
    let of_texts = |manner| Values::Texts(compared(manner, variables));
    let number = |text: &str| Decimal::parse(text).map(Decimal::into_owned);
    let numbers = |order| Values::Numbers(order, read(texts, number));
    let dates = |order| Values::Dates(order, read(texts, Instant::parse));
    let blocks = || Values::Blocks(read(texts, block));
    let (values, negated) = match test {
        Is::StringEquals => (of_texts(Manner::Equals), false),
        Is::StringNotEquals => (of_texts(Manner::Equals), true),
        Is::StringEqualsIgnoreCase => (of_texts(Manner::IgnoringCase), false),
        Is::StringNotEqualsIgnoreCase => (of_texts(Manner::IgnoringCase), true),
        Is::StringLike => (of_texts(Manner::Like), false),
        Is::StringNotLike => (of_texts(Manner::Like), true),
        Is::NumericEquals => (numbers(Order::Equal), false),
        Is::NumericNotEquals => (numbers(Order::Equal), true),
        Is::NumericLessThan => (numbers(Order::Less), false),
        Is::NumericLessThanEquals => (numbers(Order::AtMost), false),
        Is::NumericGreaterThan => (numbers(Order::Greater), false),
        Is::NumericGreaterThanEquals => (numbers(Order::AtLeast), false),
        Is::DateEquals => (dates(Order::Equal), false),
        Is::DateNotEquals => (dates(Order::Equal), true),
        Is::DateLessThan => (dates(Order::Less), false),
        Is::DateLessThanEquals => (dates(Order::AtMost), false),
        Is::DateGreaterThan => (dates(Order::Greater), false),
        Is::DateGreaterThanEquals => (dates(Order::AtLeast), false),
        Is::Bool => (Values::Bools(read(texts, boolean)), false),
        Is::BinaryEquals => (Values::Texts(compared(Manner::Equals, false)), false),
        Is::IpAddress => (blocks(), false),
        Is::NotIpAddress => (blocks(), true),
        Is::ArnEquals | Is::ArnLike => (Values::Arns(compared(Manner::Arn, variables)), false),
        Is::ArnNotEquals | Is::ArnNotLike => (Values::Arns(compared(Manner::Arn, variables)), true),
        Is::Null => return None,
    };
    Some((values, negated))
}

/// The values of a type; `None` of one that is not of it, or of which a part is open.
fn read<T>(texts: &[PolicyText], of_type: impl Fn(&str) -> Option<T>) -> Vec<Option<T>> {
    let read = texts.iter().map(|text| of_type(text.known()?));
    read.collect()
}

/// What leaves a condition open.
fn hole(condition: &model::Condition) -> Hole {
    for value in &condition.values {
        if let PolicyText::Open(open) = value {
            return open.hole().clone();
        }
    }
    Hole::new(format!("{} {}", condition.operator, condition.key))
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

pub(crate) fn address(text: &str) -> Option<Address> {
    text.parse::<IpAddr>().ok().map(Address::from)
}

/// A block, or one address.
fn block(text: &str) -> Option<Cidr> {
    let block = text.parse().ok();
    block.or_else(|| address(text).map(Cidr::host))
}

/// `condition-ip-address`.
fn is_within(address: Address, block: Cidr) -> bool {
    let n_host_bits = u32::from(block.family().width().saturating_sub(block.prefix_len()));
    let network = |bits: u128| bits.checked_shr(n_host_bits).unwrap_or(0);
    address.family() == block.family() && network(address.bits()) == network(block.bits())
}
