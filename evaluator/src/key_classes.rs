//! Values of one context key in a set of requests: one choice of every class that policies can
//! tell apart.

use std::collections::{BTreeMap, BTreeSet};

use model::{Family, KeySet};

use crate::address_block::AddressBlock;
use crate::condition::{Asked, Comparison, Operator, Reading, read_bool};
use crate::date;
use crate::decimal::Decimal;
use crate::pattern::{But, Language, Pattern, Token};
use crate::scope::Truth;

/// How many classes of values a key may have that takes several at a time.
const VALUES_AT_A_TIME: usize = 10;

/// Values that look like what somebody would send.
const ARNS: [&str; 1] = ["arn:aws:s3:::bucket-of-somebody-else"];
const TYPED: [&str; 6] = [
    "198.51.100.7",
    "2001:db8::7",
    "2026-01-01T00:00:00Z",
    "12345",
    "1",
    "0",
];

/// The limit on values that are not of the type of the operators that ask for them.
const OTHER_TYPE: &str = "values of a key that are of another type";

/// A class of what a key may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyClass {
    /// One choice of it; empty is absent.
    pub(crate) values: BTreeSet<String>,
    /// Whether all others of the class are like it.
    pub(crate) certain: bool,
    /// Whether a variable may take it: its values are told apart by their texts, not by what the
    /// texts mean.
    pub(crate) is_told: bool,
}

/// Everything that policies ask of one key.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asks<'a> {
    pub(crate) conditions: Vec<&'a Asked>,
    /// Conditions that only tell what the values are.
    pub(crate) elsewhere: Vec<&'a Asked>,
    /// Patterns by which its values are told apart.
    pub(crate) patterns: BTreeSet<Pattern>,
    /// Whether it may have the empty string as its value.
    pub(crate) may_be_empty: bool,
    /// What its values have none of.
    pub(crate) but: But,
    /// Whether it may have several values.
    pub(crate) several: bool,
}

/// What the values are, since operators compare them so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Type {
    Text,
    Arn,
    Bool,
    Number,
    Date,
    Address,
}

impl Type {
    /// What a condition compares; `None` when it does not ask for the values.
    pub(crate) const fn of(condition: &Asked) -> Option<Self> {
        match &condition.operator {
            Operator::Unmodelled | Operator::Null(_) => None,
            Operator::Compare { values, .. } => Some(match values {
                Comparison::Text(Reading::Arn, _) => Type::Arn,
                Comparison::Text(Reading::Equal | Reading::AnyCase | Reading::Like, _) => {
                    Type::Text
                }
                Comparison::Number(..) => Type::Number,
                Comparison::Date(..) => Type::Date,
                Comparison::Bool(_) => Type::Bool,
                Comparison::Address(_) => Type::Address,
            }),
        }
    }

    fn has(self, text: &str) -> bool {
        match self {
            Type::Text => true,
            Type::Arn => Pattern::any_arn().matches(text),
            Type::Bool => read_bool(text).is_some(),
            Type::Number => Decimal::read(text).is_some(),
            Type::Date => date::read(text).is_some(),
            Type::Address => AddressBlock::read_address(text).is_some(),
        }
    }
}

/// A class of single values: one of them, and another where there is one.
#[derive(Clone, Debug)]
struct Single {
    text: String,
    twin: Option<String>,
    certain: bool,
    is_told: bool,
}

impl Asks<'_> {
    fn types(&self) -> BTreeSet<Type> {
        let conditions = self.conditions.iter().chain(&self.elsewhere);
        conditions.filter_map(|one| Type::of(one)).collect()
    }

    /// The classes that a set leaves; `Err` names the limit that was reached.
    pub(crate) fn classes(
        &self,
        set: Option<&KeySet>,
        plausible: &str,
    ) -> Result<Vec<KeyClass>, &'static str> {
        let absent = set.is_none_or(|set| set.absent);
        let singles = match set.map(|set| &set.values) {
            Some(None) => Vec::new(),
            Some(Some(patterns)) => {
                self.singles(&patterns.include, &patterns.exclude, plausible)?
            }
            None => self.singles(&[], &[], plausible)?,
        };
        // Where nothing is of the types, nothing can be said of what the key may hold.
        if singles.is_empty() && set.is_none_or(|set| set.values.is_some()) {
            return Err(OTHER_TYPE);
        }
        let mut classes: Vec<KeyClass> = Vec::new();
        classes.extend(absent.then(|| KeyClass {
            values: BTreeSet::new(),
            certain: true,
            is_told: true,
        }));
        if self.several {
            classes.extend(self.sets(singles)?);
        } else {
            classes.extend(singles.into_iter().map(|single| KeyClass {
                values: BTreeSet::from([single.text]),
                certain: single.certain,
                is_told: single.is_told,
            }));
        }
        Ok(classes)
    }

    fn singles(
        &self,
        include: &[String],
        exclude: &[String],
        plausible: &str,
    ) -> Result<Vec<Single>, &'static str> {
        let types = self.types();
        let patterns = |texts: &[String]| texts.iter().map(|text| Pattern::plain(text)).collect();
        let first = (!self.may_be_empty).then_some(Token::One(self.but));
        let tokens = first.into_iter().chain([Token::Run(self.but)]);
        let mut language = Language {
            groups: vec![vec![Pattern::new(tokens.collect())]],
            excluded: patterns(exclude),
        };
        if !include.is_empty() {
            language.groups.push(patterns(include));
        }
        let is_value = |text: &String| types.iter().all(|one| one.has(text)) && language.has(text);
        let certain = |text: String| Single {
            text,
            twin: None,
            certain: true,
            is_told: true,
        };
        let is_finite = !include.is_empty() && !include.iter().any(|one| one.contains(['*', '?']));
        if is_finite || types.contains(&Type::Bool) {
            let bools = ["true", "false"].map(String::from);
            let texts = if is_finite { include } else { &bools };
            // A text that means nothing to an operator leaves open what is said of it.
            let is_other = |text: &&String| !is_value(text) && !exclude.contains(text);
            if is_finite && texts.iter().any(|text| is_other(&text)) {
                return Err(OTHER_TYPE);
            }
            let texts: BTreeSet<_> = texts.iter().filter(|text| is_value(text)).collect();
            return Ok(texts.into_iter().cloned().map(certain).collect());
        }
        let typed: Vec<_> = types
            .iter()
            .filter(|one| !matches!(one, Type::Text | Type::Arn))
            .collect();
        match typed.as_slice() {
            [] => self.texts(&mut language, &types, plausible),
            [of] if types.len() == 1 => {
                let classes = match of {
                    Type::Number => self.numbers(),
                    Type::Date => self.dates(),
                    Type::Address | Type::Text | Type::Arn | Type::Bool => self.addresses(),
                };
                let kept = classes.into_iter().map(|spellings| {
                    let mut spellings = spellings.into_iter().filter(is_value);
                    let text = spellings.next().ok_or("values of a key")?;
                    let twin = spellings.next();
                    Ok(Single {
                        text,
                        twin,
                        certain: true,
                        is_told: false,
                    })
                });
                kept.collect()
            }
            [..] => {
                // Only single values are like themselves to operators of several types.
                let only = self.patterns.iter().filter_map(Pattern::only);
                let typed = [self.numbers(), self.dates(), self.addresses()];
                let typed = typed
                    .into_iter()
                    .flatten()
                    .filter_map(|all| all.into_iter().next());
                let texts = only.chain(typed).chain(TYPED.map(String::from));
                let texts: BTreeSet<_> = texts.filter(is_value).collect();
                let texts = texts.into_iter();
                let mut singles: Vec<_> = texts.map(certain).collect();
                let other = singles.first().cloned();
                singles.extend(other.map(|single| Single {
                    certain: false,
                    ..single
                }));
                Ok(singles)
            }
        }
    }

    /// Classes of texts, by the patterns.
    fn texts(
        &self,
        language: &mut Language,
        types: &BTreeSet<Type>,
        plausible: &str,
    ) -> Result<Vec<Single>, &'static str> {
        if types.contains(&Type::Arn) {
            language.groups.push(vec![Pattern::any_arn()]);
        }
        let plausible: Vec<&str> = [plausible].into_iter().chain(ARNS).collect();
        let limit = "states of string patterns";
        let texts = language.texts(&self.patterns, &plausible).ok_or(limit)?;
        let mut twins: BTreeMap<Vec<bool>, String> = BTreeMap::new();
        let class = |text: &str| -> Vec<bool> {
            self.patterns.iter().map(|one| one.matches(text)).collect()
        };
        if self.several {
            // Another one of each class is found where the first is told from it.
            let mut told = self.patterns.clone();
            told.extend(texts.iter().map(|text| Pattern::text(text)));
            let all = language.texts(&told, &[]).ok_or(limit)?;
            let others = all.into_iter().filter(|text| !texts.contains(text));
            twins.extend(others.map(|text| (class(&text), text)));
        }
        let singles = texts.into_iter().map(|text| Single {
            twin: twins.remove(&class(&text)),
            text,
            certain: true,
            is_told: true,
        });
        Ok(singles.collect())
    }

    /// What conditions compare the key with.
    fn compared(&self) -> impl Iterator<Item = &Comparison> {
        self.conditions
            .iter()
            .filter_map(|one| match &one.operator {
                Operator::Compare { values, .. } => Some(values),
                Operator::Unmodelled | Operator::Null(_) => None,
            })
    }

    /// The points that numbers or dates are compared with, in order.
    fn points(&self) -> Vec<Decimal> {
        let mut points = BTreeSet::new();
        for comparison in self.compared() {
            match comparison {
                Comparison::Number(_, values) | Comparison::Date(_, values) => {
                    points.extend(values.iter().flatten().cloned());
                }
                Comparison::Text(..) | Comparison::Bool(_) | Comparison::Address(_) => {}
            }
        }
        points.into_iter().collect()
    }

    /// The points and the gaps between them, each with several spellings.
    fn numbers(&self) -> Vec<Vec<String>> {
        let points = self.points();
        let gaps = points.windows(2).filter_map(|pair| match pair {
            [low, high] => Some(low.between(high)),
            _ => None,
        });
        let ends = match (points.first(), points.last()) {
            (Some(first), Some(last)) => [Some(last.above()), Some(first.below())],
            (_, _) => [Decimal::read("1"), None],
        };
        let numbers: Vec<_> = gaps.chain(ends.into_iter().flatten()).collect();
        let numbers = points.iter().cloned().chain(numbers);
        numbers.map(|number| spellings(&number)).collect()
    }

    fn dates(&self) -> Vec<Vec<String>> {
        let points = self.points();
        let gaps = points.windows(2).filter_map(|pair| match pair {
            [low, high] => Some(low.between(high)),
            _ => None,
        });
        let day = |point: &Decimal, days: i64| {
            let second = point.to_string();
            let second: i64 = second.split('.').next()?.parse().ok()?;
            second.checked_add(days * 86_400)
        };
        let ends = match (points.first(), points.last()) {
            (Some(first), Some(last)) => {
                let above =
                    day(last, 2).map_or_else(|| last.above(), |at| Decimal::seconds(at, ""));
                let below = day(first, -2).map(|at| Decimal::seconds(at, ""));
                [Some(above), below]
            }
            (_, _) => [date::read(TYPED[2]), None],
        };
        let dates: Vec<_> = gaps.chain(ends.into_iter().flatten()).collect();
        let dates = points.iter().cloned().chain(dates);
        let written = dates.filter_map(|point| {
            let digits = point.whole().filter(|second| *second >= 10_000);
            let digits = digits.map(|second| second.to_string());
            let date = date::written(&point)?;
            let zero = format!("{}.0Z", date.trim_end_matches('Z'));
            let zero = date::read(&zero).is_some().then_some(zero);
            Some([Some(date), digits, zero].into_iter().flatten().collect())
        });
        written.collect()
    }

    /// The intervals between the edges of the blocks.
    fn addresses(&self) -> Vec<Vec<String>> {
        let mut blocks = Vec::new();
        for comparison in self.compared() {
            match comparison {
                Comparison::Address(values) => blocks.extend(values.iter().flatten().copied()),
                Comparison::Text(..)
                | Comparison::Bool(_)
                | Comparison::Number(..)
                | Comparison::Date(..) => {}
            }
        }
        let intervals = [Family::V4, Family::V6].map(|family| {
            let last = match family {
                Family::V4 => u128::from(u32::MAX),
                Family::V6 => u128::MAX,
            };
            let mut cuts = BTreeSet::from([0]);
            for block in blocks.iter().filter(|block| block.family == family) {
                cuts.insert(block.first);
                cuts.extend(block.last.checked_add(1).filter(|cut| *cut <= last));
            }
            let cuts: Vec<u128> = cuts.into_iter().collect();
            let ends = cuts.iter().skip(1).map(|cut| cut - 1).chain([last]);
            let intervals = cuts.iter().zip(ends);
            let intervals = intervals.map(|(first, last)| AddressBlock {
                family,
                first: *first,
                last,
            });
            intervals.collect::<Vec<_>>()
        });
        let intervals = intervals.into_iter().flatten();
        intervals.map(addresses_of).collect()
    }

    /// The classes of several values at a time.
    fn sets(&self, singles: Vec<Single>) -> Result<Vec<KeyClass>, &'static str> {
        let mut conditions = self.conditions.iter();
        let apart = conditions.any(|one| one.templates().next().is_some());
        let mut groups: Vec<(Vec<Truth>, Vec<Single>)> = Vec::new();
        for single in singles {
            let conditions = self.conditions.iter();
            let class: Vec<_> = conditions.map(|one| one.of_value(&single.text)).collect();
            let like = |(other, _): &&mut (Vec<Truth>, _)| *other == class && !apart;
            match groups.iter_mut().find(like) {
                Some((_, group)) => group.push(single),
                None => groups.push((class, vec![single])),
            }
        }
        if groups.len() > VALUES_AT_A_TIME {
            return Err("values of a key that are there at a time");
        }
        let groups: Vec<_> = groups.into_iter().map(|(_, group)| group).collect();
        let mut choices: Vec<u32> = (1..1_u32 << groups.len()).collect();
        choices.sort_by_key(|choice| (choice.count_ones(), *choice));
        let chosen = choices.into_iter().map(|choice| {
            let groups = groups.iter().zip(0..);
            let firsts = groups.filter(|(_, number)| choice & (1 << number) != 0);
            let firsts: Vec<_> = firsts.filter_map(|(group, _)| group.first()).collect();
            class_of(
                firsts.iter().map(|single| &single.text),
                firsts.iter().copied(),
            )
        });
        let pairs = groups.iter().filter_map(|group| {
            let (first, second) = (group.first()?, group.get(1));
            let twin = second.map(|second| &second.text).or(first.twin.as_ref())?;
            Some(class_of([&first.text, twin].into_iter(), group.iter()))
        });
        let chosen: Vec<_> = chosen.collect();
        Ok(chosen.into_iter().chain(pairs).collect())
    }
}

fn class_of<'a>(
    values: impl Iterator<Item = &'a String>,
    of: impl Iterator<Item = &'a Single>,
) -> KeyClass {
    let (mut certain, mut is_told) = (true, true);
    for single in of {
        certain &= single.certain;
        is_told &= single.is_told;
    }
    KeyClass {
        values: values.cloned().collect(),
        certain,
        is_told,
    }
}

fn spellings(number: &Decimal) -> Vec<String> {
    let text = number.to_string();
    let point = if text.contains('.') { "" } else { "." };
    let zeros = (1..8).map(|zeros| format!("{text}{point}{}", "0".repeat(zeros)));
    [text.clone()].into_iter().chain(zeros).collect()
}

/// Some addresses of an interval.
fn addresses_of(interval: AddressBlock) -> Vec<String> {
    let plausible = TYPED
        .iter()
        .filter_map(|text| AddressBlock::read_address(text));
    let plausible = plausible.filter(|address| interval.holds(*address));
    let bits = [0, 1, 2, 3].map(|step| interval.first.checked_add(step));
    let bits = bits.into_iter().flatten().chain([interval.last]);
    let bits = bits.filter(|bits| *bits <= interval.last);
    let first = bits.map(|bits| model::Address::from_bits(interval.family, bits));
    let mut texts: Vec<String> = Vec::new();
    for address in plausible.chain(first) {
        let text = address.to_string();
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
}
