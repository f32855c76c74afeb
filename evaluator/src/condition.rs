//! Conditions of statements: operators with the values that they compare, read once.

use std::cmp::Ordering;

use model::{
    Address, Condition, ConditionOperator, ConditionTest, Hole, PolicyText, Request, SetOperator,
};

use crate::address_block::AddressBlock;
use crate::context::{Key, Path, Values};
use crate::date;
use crate::decimal::Decimal;
use crate::open_text::{known_colons, reach, reach_in_any_case};
use crate::pattern::{Pattern, Symbol};
use crate::scope::Truth;
use crate::statement::Match;
use crate::variable::{Filled, Taken, Template};

/// A condition, ready to be asked.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) key: Key,
    pub(crate) operator: Operator,
    hole: Hole,
}

/// How the key's values are compared.
#[derive(Clone, Debug)]
pub(crate) enum Operator {
    Unmodelled,
    /// Whether the key is to be absent; `None` for another word.
    Null(Vec<Option<bool>>),
    Compare {
        set: Option<SetOperator>,
        if_exists: bool,
        negated: bool,
        values: Comparison,
    },
}

/// A comparison, with the policy's values. A value that is not of the type is `None`.
#[derive(Clone, Debug)]
pub(crate) enum Comparison {
    Text(Reading, Vec<Text>),
    Number(Relation, Vec<Option<Decimal>>),
    Date(Relation, Vec<Option<Decimal>>),
    Bool(Vec<Option<bool>>),
    Address(Vec<Option<AddressBlock>>),
}

/// How a text of a policy is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    Equal,
    AnyCase,
    Like,
    Arn,
}

/// A text of a policy.
#[derive(Clone, Debug)]
pub(crate) enum Text {
    Fixed(Option<Pattern>),
    Variable(Template),
    /// With openings: it may match what this does; `None` where it may match everything.
    Open(Option<Pattern>),
}

/// How numbers and dates are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    Equal,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl Reading {
    /// `None` when the text is not of the type.
    pub(crate) fn pattern(self, symbols: &[Symbol]) -> Option<Pattern> {
        match self {
            Reading::Equal => Some(Pattern::equal(symbols)),
            Reading::AnyCase => Some(Pattern::any_case(symbols)),
            Reading::Like => Some(Pattern::like(symbols)),
            Reading::Arn => Pattern::arn(symbols),
        }
    }

    fn has(self, text: &str) -> bool {
        match self {
            Reading::Equal | Reading::AnyCase | Reading::Like => true,
            Reading::Arn => text.matches(':').count() >= 5,
        }
    }
}

impl Relation {
    const fn holds(self, ordering: Ordering) -> bool {
        match self {
            Relation::Equal => ordering.is_eq(),
            Relation::Less => ordering.is_lt(),
            Relation::AtMost => ordering.is_le(),
            Relation::Greater => ordering.is_gt(),
            Relation::AtLeast => ordering.is_ge(),
        }
    }
}

/// `true` and `false`, in lower case.
pub(crate) fn read_bool(text: &str) -> Option<bool> {
    match text {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// A test without its negation.
enum Plain {
    Text(Reading),
    Number(Relation),
    Date(Relation),
    Bool,
    /// Compared as text, in which there are no variables.
    Binary,
    Address,
    Null,
}

/// What a test compares, and whether it is negated.
const fn plain(test: ConditionTest) -> (Plain, bool) {
    use ConditionTest as Test;
    match test {
        Test::StringEquals => (Plain::Text(Reading::Equal), false),
        Test::StringNotEquals => (Plain::Text(Reading::Equal), true),
        Test::StringEqualsIgnoreCase => (Plain::Text(Reading::AnyCase), false),
        Test::StringNotEqualsIgnoreCase => (Plain::Text(Reading::AnyCase), true),
        Test::StringLike => (Plain::Text(Reading::Like), false),
        Test::StringNotLike => (Plain::Text(Reading::Like), true),
        Test::NumericEquals => (Plain::Number(Relation::Equal), false),
        Test::NumericNotEquals => (Plain::Number(Relation::Equal), true),
        Test::NumericLessThan => (Plain::Number(Relation::Less), false),
        Test::NumericLessThanEquals => (Plain::Number(Relation::AtMost), false),
        Test::NumericGreaterThan => (Plain::Number(Relation::Greater), false),
        Test::NumericGreaterThanEquals => (Plain::Number(Relation::AtLeast), false),
        Test::DateEquals => (Plain::Date(Relation::Equal), false),
        Test::DateNotEquals => (Plain::Date(Relation::Equal), true),
        Test::DateLessThan => (Plain::Date(Relation::Less), false),
        Test::DateLessThanEquals => (Plain::Date(Relation::AtMost), false),
        Test::DateGreaterThan => (Plain::Date(Relation::Greater), false),
        Test::DateGreaterThanEquals => (Plain::Date(Relation::AtLeast), false),
        Test::Bool => (Plain::Bool, false),
        Test::BinaryEquals => (Plain::Binary, false),
        Test::IpAddress => (Plain::Address, false),
        Test::NotIpAddress => (Plain::Address, true),
        Test::ArnEquals | Test::ArnLike => (Plain::Text(Reading::Arn), false),
        Test::ArnNotEquals | Test::ArnNotLike => (Plain::Text(Reading::Arn), true),
        Test::Null => (Plain::Null, false),
    }
}

impl Asked {
    pub(crate) fn new(condition: &Condition, variables: bool) -> Self {
        let operator = match &condition.operator {
            ConditionOperator::Unmodelled(_) => Operator::Unmodelled,
            ConditionOperator::Modelled {
                set,
                test,
                if_exists,
            } => operator(*test, *set, *if_exists, &condition.values, variables),
        };
        Self {
            key: Key::new(&condition.key),
            operator,
            hole: hole(condition),
        }
    }

    /// Whether it tells the empty string from other values by its being the only one.
    pub(crate) const fn is_of_presence(&self) -> bool {
        match &self.operator {
            Operator::Compare { set, .. } => set.is_some(),
            Operator::Null(_) => true,
            Operator::Unmodelled => false,
        }
    }

    /// Whether it has a set operator.
    pub(crate) const fn is_of_set(&self) -> bool {
        match &self.operator {
            Operator::Compare { set, .. } => set.is_some(),
            Operator::Unmodelled | Operator::Null(_) => false,
        }
    }

    pub(crate) const fn hole(&self) -> &Hole {
        &self.hole
    }

    /// The patterns of texts without variables.
    pub(crate) fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        self.texts().filter_map(|(_, text)| match text {
            Text::Fixed(pattern) | Text::Open(pattern) => pattern.as_ref(),
            Text::Variable(_) => None,
        })
    }

    /// The texts with variables.
    pub(crate) fn templates(&self) -> impl Iterator<Item = (Reading, &Template)> {
        self.texts().filter_map(|(reading, text)| match text {
            Text::Fixed(_) | Text::Open(_) => None,
            Text::Variable(template) => Some((reading, template)),
        })
    }

    fn texts(&self) -> impl Iterator<Item = (Reading, &Text)> {
        let texts = match &self.operator {
            Operator::Compare {
                values: Comparison::Text(reading, texts),
                ..
            } => Some((*reading, texts)),
            Operator::Compare {
                values:
                    Comparison::Number(..)
                    | Comparison::Date(..)
                    | Comparison::Bool(_)
                    | Comparison::Address(_),
                ..
            }
            | Operator::Unmodelled
            | Operator::Null(_) => None,
        };
        let texts = texts.into_iter();
        texts.flat_map(|(reading, texts)| texts.iter().map(move |text| (reading, text)))
    }

    /// Whether a request fulfils it; `take` tells what variables stand for.
    pub(crate) fn matches(
        &self,
        request: &Request,
        path: &Path,
        take: &dyn Fn(&Key) -> Taken,
    ) -> Match {
        let values = self.key.values(request, path);
        match self.truth(&values, take) {
            Truth::True => Match::Holds,
            Truth::False => Match::Fails,
            Truth::Open => Match::Open(self.hole.clone()),
        }
    }

    /// Whether one value fulfils it, where no variable has a say.
    pub(crate) fn of_value(&self, value: &str) -> Truth {
        self.truth(&Values::One(value.into()), &|_| Taken::Open)
    }

    fn truth(&self, values: &Values<'_>, take: &dyn Fn(&Key) -> Taken) -> Truth {
        let (set, if_exists, negated, comparison) = match (&self.operator, values) {
            (Operator::Unmodelled, _) | (_, Values::Open) => return Truth::Open,
            // Whether such a key is there is not written.
            (Operator::Null(_), Values::One(only)) if only.is_empty() => return Truth::Open,
            (Operator::Null(absent), values) => {
                let is_absent = *values == Values::Absent;
                return any(absent.iter().map(|absent| {
                    absent.map_or(Truth::Open, |absent| Truth::of(absent == is_absent))
                }));
            }
            (
                Operator::Compare {
                    set,
                    if_exists,
                    negated,
                    values,
                },
                _,
            ) => (*set, *if_exists, *negated, values),
        };
        let plain = |truth: Truth| if negated { truth.not() } else { truth };
        let test = |value: &str| plain(comparison.truth(value, take));
        match (set, values) {
            (Some(SetOperator::ForAllValues), Values::Absent) => Truth::True,
            (Some(SetOperator::ForAnyValue), Values::Absent) if if_exists => Truth::Open,
            (Some(SetOperator::ForAnyValue), Values::Absent) => Truth::False,
            (None, Values::Absent) => Truth::of(if_exists || negated),
            (Some(SetOperator::ForAllValues), Values::One(only)) if only.is_empty() => Truth::True,
            (Some(SetOperator::ForAnyValue), Values::One(only)) if only.is_empty() => Truth::Open,
            (_, Values::One(value)) => test(value),
            (_, Values::Address(address)) => plain(comparison.of_address(*address)),
            (Some(SetOperator::ForAllValues), Values::Several(values)) => {
                let truths = values.iter().map(|value| test(value));
                truths.min().unwrap_or(Truth::True)
            }
            (Some(SetOperator::ForAnyValue), Values::Several(values)) => {
                any(values.iter().map(|value| test(value)))
            }
            (None, Values::Several(_)) | (_, Values::Open) => Truth::Open,
        }
    }
}

fn any(truths: impl Iterator<Item = Truth>) -> Truth {
    truths.max().unwrap_or(Truth::False)
}

fn operator(
    test: ConditionTest,
    set: Option<SetOperator>,
    if_exists: bool,
    values: &[PolicyText],
    variables: bool,
) -> Operator {
    let (plain, negated) = plain(test);
    let decimals = |read: fn(&str) -> Option<Decimal>| -> Vec<_> {
        known(values).map(|value| read(value?)).collect()
    };
    let bools = || known(values).map(|value| read_bool(value?)).collect();
    let comparison = match plain {
        Plain::Null => return Operator::Null(bools()),
        Plain::Text(reading) => Comparison::Text(reading, texts(reading, values, variables)),
        Plain::Binary => Comparison::Text(Reading::Equal, texts(Reading::Equal, values, false)),
        Plain::Number(relation) => Comparison::Number(relation, decimals(Decimal::read)),
        Plain::Date(relation) => Comparison::Date(relation, decimals(date::read)),
        Plain::Bool => Comparison::Bool(bools()),
        Plain::Address => {
            let blocks = known(values).map(|value| AddressBlock::read(value?));
            Comparison::Address(blocks.collect())
        }
    };
    Operator::Compare {
        set,
        if_exists,
        negated,
        values: comparison,
    }
}

/// What leaves a condition open: the first opening in its values if there is one.
fn hole(condition: &Condition) -> Hole {
    let mut openings = condition.values.iter().filter_map(PolicyText::open);
    openings.next().map_or_else(
        || Hole::new(format!("{} {}", condition.operator, condition.key)),
        |open| open.hole().clone(),
    )
}

/// The values; `None` of one with openings.
fn known(values: &[PolicyText]) -> impl Iterator<Item = Option<&str>> {
    values.iter().map(|value| value.known().map(String::as_str))
}

fn texts(reading: Reading, values: &[PolicyText], variables: bool) -> Vec<Text> {
    let texts = values.iter().map(|value| match value {
        PolicyText::Known(value) => {
            let template = Template::new(value, variables);
            match template.fixed() {
                Some(symbols) => Text::Fixed(reading.pattern(&symbols)),
                None => Text::Variable(template),
            }
        }
        PolicyText::Open(open) => Text::Open(match reading {
            Reading::Equal | Reading::Like => Some(reach(open)),
            Reading::AnyCase => Some(reach_in_any_case(open)),
            // With fewer colons it may be no ARN, and then it is open what it matches.
            Reading::Arn => (known_colons(open) >= 5).then(|| reach(open)),
        }),
    });
    texts.collect()
}

impl Comparison {
    /// Whether one of the policy's values matches a value of the request.
    fn truth(&self, value: &str, take: &dyn Fn(&Key) -> Taken) -> Truth {
        match self {
            Comparison::Text(reading, texts) => {
                let is_of_type = reading.has(value);
                let truth = any(texts.iter().map(|text| {
                    let truth = text.truth(*reading, value, take);
                    if is_of_type { truth } else { Truth::Open }
                }));
                // What a match counts beside a value without its variable is not written.
                let beside_absent = || texts.iter().any(|text| text.lacks(take));
                if truth == Truth::True && beside_absent() {
                    Truth::Open
                } else {
                    truth
                }
            }
            Comparison::Number(relation, numbers) => {
                let value = Decimal::read(value);
                compare(value.as_ref(), numbers, |value, number| {
                    relation.holds(value.cmp(number))
                })
            }
            Comparison::Date(relation, dates) => {
                let value = date::read(value);
                compare(value.as_ref(), dates, |value, date| {
                    relation.holds(value.cmp(date))
                })
            }
            Comparison::Bool(bools) => {
                let value = read_bool(value);
                compare(value.as_ref(), bools, |value, bool| value == bool)
            }
            Comparison::Address(blocks) => {
                let value = AddressBlock::read_address(value);
                compare(value.as_ref(), blocks, |value, block| block.holds(*value))
            }
        }
    }

    /// The same for the address from which a request comes: how others than operators of
    /// addresses compare that is not written.
    fn of_address(&self, address: Address) -> Truth {
        match self {
            Comparison::Address(blocks) => compare(Some(&address), blocks, |address, block| {
                block.holds(*address)
            }),
            Comparison::Text(..)
            | Comparison::Number(..)
            | Comparison::Date(..)
            | Comparison::Bool(_) => Truth::Open,
        }
    }
}

/// Whether some comparison of values that are of the type holds; the others are open.
fn compare<V, P>(
    value: Option<&V>,
    of_policy: &[Option<P>],
    holds: impl Fn(&V, &P) -> bool,
) -> Truth {
    any(of_policy.iter().map(|of_policy| match (value, of_policy) {
        (Some(value), Some(of_policy)) => Truth::of(holds(value, of_policy)),
        (None, _) | (_, None) => Truth::Open,
    }))
}

impl Text {
    /// Whether a variable in it stands for nothing.
    fn lacks(&self, take: &dyn Fn(&Key) -> Taken) -> bool {
        match self {
            Text::Fixed(_) | Text::Open(_) => false,
            Text::Variable(template) => template.lacks(take),
        }
    }

    fn truth(&self, reading: Reading, value: &str, take: &dyn Fn(&Key) -> Taken) -> Truth {
        let matches = |pattern: Option<&Pattern>| {
            pattern.map_or(Truth::Open, |pattern| Truth::of(pattern.matches(value)))
        };
        match self {
            Text::Fixed(pattern) => matches(pattern.as_ref()),
            Text::Open(Some(reach)) if !reach.matches(value) => Truth::False,
            Text::Open(_) => Truth::Open,
            Text::Variable(template) => match template.fill(take) {
                Filled::Symbols(symbols) => matches(reading.pattern(&symbols).as_ref()),
                Filled::Nothing => Truth::False,
                Filled::Open => Truth::Open,
            },
        }
    }
}
