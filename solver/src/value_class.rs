//! The values that a key may have, in classes that no operator tells apart.

use std::collections::{BTreeMap, BTreeSet};

use model::{Address, ContextKey, Family, Patterns};

use crate::authorize::Statement;
use crate::budget::Limits;
use crate::condition::{Condition, Test, Values, address};
use crate::context::{Key, Source};
use crate::decimal::Decimal;
use crate::instant::Instant;
use crate::literal::Literals;
use crate::pattern::{self, Pattern, Strings, TooManyStates};
use crate::request::literals_of;
use crate::variable::SPECIAL;

/// A type of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Type {
    Text,
    Arn,
    Number,
    Date,
    Bool,
    Address,
}

impl Type {
    const fn of(values: &Values) -> Self {
        match values {
            Values::Texts(_) => Type::Text,
            Values::Arns(_) => Type::Arn,
            Values::Numbers(..) => Type::Number,
            Values::Dates(..) => Type::Date,
            Values::Bools(_) => Type::Bool,
            Values::Blocks(_) => Type::Address,
        }
    }
}

/// Values that no operator tells apart: one of them, and another one if it is easily found.
#[derive(Clone, Debug)]
pub(crate) struct ValueClass {
    pub(crate) value: String,
    pub(crate) second: Option<String>,
    /// Why it is not known whether there are such values, or what operators say of them.
    pub(crate) limit: Option<String>,
}

/// What the operators of some policies ask of one key.
#[derive(Debug, Default)]
pub(crate) struct Asks {
    types: BTreeSet<Type>,
    patterns: BTreeSet<Pattern>,
    numbers: BTreeSet<Decimal<'static>>,
    dates: BTreeSet<Instant>,
    /// The first address of each block, and the first behind it.
    edges: BTreeSet<Address>,
    /// Whether a set operator asks.
    pub(crate) by_set_operator: bool,
    by_null: bool,
}

/// Values of which none is of the types that are asked for: nothing is known of what is said of them.
fn of_another_type(key: &str) -> ValueClass {
    ValueClass {
        value: "unknown".to_owned(),
        second: None,
        limit: Some(format!(
            "values of another type than is asked for, of {key}"
        )),
    }
}

impl Asks {
    /// Of which types statements ask for each key, and whether for several values; not for which values.
    pub(crate) fn kinds<'s>(
        statements: impl Iterator<Item = &'s Statement>,
    ) -> BTreeMap<ContextKey, Asks> {
        let mut kinds: BTreeMap<ContextKey, Asks> = BTreeMap::new();
        for condition in statements.flat_map(|statement| &statement.conditions) {
            let asks = kinds.entry(condition.key.name.clone()).or_default();
            asks.add_kind(condition);
        }
        kinds
    }

    /// Adds what others ask, but not for which values.
    pub(crate) fn join_kind(&mut self, others: &Asks) {
        self.types.extend(&others.types);
        self.by_set_operator |= others.by_set_operator;
        self.by_null |= others.by_null;
    }

    fn add_kind(&mut self, condition: &Condition) {
        match &condition.test {
            Test::Compares(comparison) => {
                self.by_set_operator |= comparison.set.is_some();
                self.types.insert(Type::of(&comparison.values));
            }
            Test::Null(_) => self.by_null = true,
            Test::Unmodelled => {}
        }
    }

    pub(crate) fn add(
        &mut self,
        condition: &Condition,
        literals: &Literals,
    ) -> Result<(), TooManyStates> {
        self.add_kind(condition);
        let values = match &condition.test {
            Test::Compares(comparison) => &comparison.values,
            Test::Null(_) | Test::Unmodelled => return Ok(()),
        };
        match values {
            Values::Texts(_) | Values::Arns(_) | Values::Bools(_) => {}
            Values::Numbers(_, numbers) => self.numbers.extend(numbers.iter().flatten().cloned()),
            Values::Dates(_, dates) => self.dates.extend(dates.iter().flatten().cloned()),
            Values::Blocks(blocks) => {
                for block in blocks.iter().flatten() {
                    let n_host_bits = block.family().width().saturating_sub(block.prefix_len());
                    let behind = 1_u128
                        .checked_shl(u32::from(n_host_bits))
                        .and_then(|size| moved(block.base(), size));
                    self.edges
                        .extend([Some(block.base()), behind].into_iter().flatten());
                }
            }
        }
        for text in condition.texts() {
            self.patterns.extend(literals.patterns(text)?);
        }
        Ok(())
    }

    pub(crate) fn add_literals<'a>(&mut self, values: impl Iterator<Item = &'a String>) {
        self.patterns
            .extend(values.map(|value| Pattern::exactly(value)));
    }

    /// The classes of the values that a key may have, when it has one.
    pub(crate) fn classes(
        &self,
        name: &ContextKey,
        allowed: &Patterns,
        limits: &Limits,
    ) -> Result<Vec<ValueClass>, TooManyStates> {
        let key = name.folded();
        let without = never_in(name);
        let member = Member::new(allowed);
        if let Some(values) = literals_of(allowed) {
            let is_other = |value: &&String| !self.is_typed(value) || value.contains(without);
            // A value that means nothing to an operator leaves open what is said of it.
            if values.is_empty() || values.iter().any(|value| is_other(&value)) {
                return Ok(vec![of_another_type(key)]);
            }
            return Ok(values.into_iter().map(ValueClass::certain).collect());
        }
        let classes = self.of_types(key, &member, without, limits)?;
        Ok(if classes.is_empty() {
            vec![of_another_type(key)]
        } else {
            classes
        })
    }

    /// The classes of the values of the types that are asked for.
    fn of_types(
        &self,
        key: &str,
        member: &Member,
        without: &[char],
        limits: &Limits,
    ) -> Result<Vec<ValueClass>, TooManyStates> {
        let types: Vec<Type> = self.types.iter().copied().collect();
        match types.as_slice() {
            [] | [Type::Text] | [Type::Arn] | [Type::Text, Type::Arn] => {
                self.strings(member, without, limits)
            }
            [Type::Bool] | [Type::Text, Type::Bool] => {
                let values = ["true", "false"].into_iter().map(str::to_owned);
                let values = values.filter(|value| member.has(value));
                Ok(values.map(ValueClass::certain).collect())
            }
            [Type::Number] => Ok(member.spelled(key, points(&self.numbers))),
            [Type::Date] => Ok(member.spelled(key, moments(&self.dates))),
            [Type::Address] => Ok(member.spelled(key, self.addresses())),
            _ => Ok(vec![ValueClass {
                value: "unknown".to_owned(),
                second: None,
                limit: Some(format!("operators of several types ask for {key}")),
            }]),
        }
    }

    /// Whether a value is of every type that is asked for.
    fn is_typed(&self, value: &str) -> bool {
        (self.may_be_empty() || !value.is_empty())
            && self.types.iter().all(|asked| match asked {
                Type::Text => true,
                Type::Arn => value.matches(':').count() >= 5,
                Type::Number => Decimal::parse(value).is_some(),
                Type::Date => Instant::parse(value).is_some(),
                Type::Bool => matches!(value, "true" | "false"),
                Type::Address => address(value).is_some(),
            })
    }

    const fn may_be_empty(&self) -> bool {
        !self.by_set_operator && !self.by_null
    }

    fn strings(
        &self,
        member: &Member,
        without: &[char],
        limits: &Limits,
    ) -> Result<Vec<ValueClass>, TooManyStates> {
        let is_arn = self.types.contains(&Type::Arn);
        let arn = Pattern::plain("*:*:*:*:*:*");
        let asked: Vec<Pattern> = self.patterns.iter().cloned().chain([arn]).collect();
        let empty = (!self.may_be_empty()).then(|| Pattern::exactly(""));
        let exclude: Vec<_> = member.exclude.iter().cloned().chain(empty).collect();
        let strings = Strings {
            include: &member.include,
            exclude: &exclude,
            without,
            readable: Pattern::plain(if is_arn {
                "arn:aws:?*:*:*:?*"
            } else {
                "*other"
            }),
        };
        let found = pattern::pairs(&strings, &asked, limits.most_states)?.into_iter();
        let found = found.filter(|(accepts, _)| !is_arn || accepts.last() == Some(&true));
        let classes = found.map(|(_, (value, second))| ValueClass {
            value,
            second,
            limit: None,
        });
        Ok(classes.collect())
    }

    fn addresses(&self) -> Vec<Vec<String>> {
        let mut classes = Vec::new();
        for family in [Family::V4, Family::V6] {
            let zero = Address::from_bits(family, 0);
            let known = match family {
                Family::V4 => Address::V4(0xcb00_710a),
                Family::V6 => Address::V6(0x2001_0db8_u128 << 96 | 0x10),
            };
            let edges = self.edges.iter().filter(|edge| edge.family() == family);
            let firsts: BTreeSet<Address> = edges.copied().chain([zero]).collect();
            for (number, first) in firsts.iter().enumerate() {
                let behind = firsts.iter().nth(number + 1);
                let is_here =
                    |one: &Address| one >= first && behind.is_none_or(|behind| one < behind);
                let candidates = [Some(known), Some(*first), moved(*first, 1)];
                let mut here: Vec<_> = candidates.into_iter().flatten().filter(is_here).collect();
                let mut seen = BTreeSet::new();
                here.retain(|address| seen.insert(*address));
                classes.push(here.into_iter().flat_map(spellings).collect());
            }
        }
        classes
    }
}

/// The characters that the values of a key do not have (page policy, *sets of requests*).
fn never_in(name: &ContextKey) -> &'static [char] {
    match Key::new(name).source {
        Source::PrincipalTag => &SPECIAL,
        Source::PrincipalArn
        | Source::PrincipalAccount
        | Source::CallerAccount
        | Source::PrincipalType
        | Source::Username
        | Source::IsService
        | Source::ViaService
        | Source::UserId
        | Source::OfSigned
        | Source::OfWay(_)
        | Source::Absent
        | Source::Unknown
        | Source::Context => &[],
    }
}

impl ValueClass {
    fn certain(value: String) -> Self {
        ValueClass {
            value,
            second: None,
            limit: None,
        }
    }
}

/// The strings of a key's patterns.
struct Member {
    include: Vec<Pattern>,
    exclude: Vec<Pattern>,
}

impl Member {
    fn new(allowed: &Patterns) -> Self {
        let read = |texts: &[String]| texts.iter().map(|text| Pattern::plain(text)).collect();
        Member {
            include: read(&allowed.include),
            exclude: read(&allowed.exclude),
        }
    }

    fn has(&self, value: &str) -> bool {
        let one = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.matches(value));
        (self.include.is_empty() || one(&self.include)) && !one(&self.exclude)
    }

    fn has_all(&self) -> bool {
        self.include.is_empty() && self.exclude.is_empty()
    }

    /// A class for each list of spellings, of which those are taken that the patterns have.
    fn spelled(&self, key: &str, classes: Vec<Vec<String>>) -> Vec<ValueClass> {
        let class = |spellings: Vec<String>| {
            let first = spellings.first()?.clone();
            let mut own = spellings.into_iter().filter(|value| self.has(value));
            let (value, second) = (own.next(), own.next());
            // Where patterns choose among the spellings, there may be others than those that were tried.
            let is_sure = value.is_some() && (second.is_some() || self.has_all());
            let limit = format!("patterns of values that are no strings, of {key}");
            Some(ValueClass {
                value: value.unwrap_or(first),
                second,
                limit: (!is_sure).then_some(limit),
            })
        };
        classes.into_iter().filter_map(class).collect()
    }
}

/// Numbers and the gaps between them, each with several spellings.
fn points(numbers: &BTreeSet<Decimal<'static>>) -> Vec<Vec<String>> {
    let mut classes = Vec::new();
    let mut before: Option<&Decimal<'_>> = None;
    for number in numbers {
        classes.push(before.map_or_else(|| number.below(), |before| before.until(number)));
        classes.push(number.to_string());
        before = Some(number);
    }
    classes.push(before.map_or_else(|| "1".to_owned(), Decimal::above));
    let spellings = |number: String| {
        let point = if number.contains('.') { "" } else { "." };
        let longer = ["0", "00", "000"].map(|zeros| format!("{number}{point}{zeros}"));
        [number].into_iter().chain(longer).collect()
    };
    classes.into_iter().map(spellings).collect()
}

/// Points in time and the gaps between them.
fn moments(dates: &BTreeSet<Instant>) -> Vec<Vec<String>> {
    let mut classes = Vec::new();
    let mut before: Option<&Instant> = None;
    for date in dates {
        classes.push(match before {
            None => date.before(),
            Some(before) => before.until(date),
        });
        classes.push(date.spelled());
        before = Some(date);
    }
    classes.push(match before {
        None => Some("2026-01-01T00:00:00Z".to_owned()),
        Some(before) => before.after(),
    });
    let spellings = |date: String| {
        let same = match date.strip_suffix('Z') {
            Some(local) => format!("{local}+00:00"),
            None => format!("0{date}"),
        };
        vec![date, same]
    };
    classes.into_iter().flatten().map(spellings).collect()
}

/// An address as it is usually written; of IPv6 also with all of its digits.
fn spellings(address: Address) -> impl Iterator<Item = String> {
    let in_full = match address {
        Address::V4(_) => None,
        Address::V6(bits) => {
            let parts = std::net::Ipv6Addr::from_bits(bits).segments();
            let parts = parts.map(|part| format!("{part:04x}"));
            Some(parts.join(":"))
        }
    };
    [address.to_string()].into_iter().chain(in_full)
}

/// The address behind another one by so many.
fn moved(address: Address, by: u128) -> Option<Address> {
    let family = address.family();
    let bits = address.bits().checked_add(by)?;
    let last = u128::MAX.checked_shr(128_u32.saturating_sub(family.width().into()));
    (bits <= last?).then(|| Address::from_bits(family, bits))
}
