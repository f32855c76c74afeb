//! The vocabulary of the network formula: propositions, numbers, and the one symbolic packet.
//!
//! Everything here is of the logic QF_BV. A proposition or a number that is known folds away before z3 sees it,
//! so that the formula speaks only of what the packet or a hole decides.

use std::hash::Hash;
use std::ops::{BitAnd, BitOr, Not};

use model::{Family, IcmpFilter, RulePorts, RuleTraffic};
use z3::ast::{BV, Bool};

/// Protocol numbers that have ports or types.
pub(crate) const ICMP: u128 = 1;
pub(crate) const TCP: u128 = 6;
pub(crate) const UDP: u128 = 17;
pub(crate) const ICMPV6: u128 = 58;

/// A proposition about the packet, the sender and the holes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Formula {
    /// True or false whatever the packet.
    Constant(bool),
    /// What z3 has to decide.
    Term(Bool),
}

impl Formula {
    pub(crate) const TRUE: Formula = Formula::Constant(true);
    pub(crate) const FALSE: Formula = Formula::Constant(false);

    /// A free proposition.
    pub(crate) fn free(name: &str) -> Self {
        Formula::Term(Bool::new_const(symbol(name)))
    }

    /// All of these; true when there is none.
    pub(crate) fn all(formulas: impl IntoIterator<Item = Formula>) -> Self {
        let mut terms = Vec::new();
        for formula in formulas {
            match formula {
                Formula::Constant(true) => {}
                Formula::Constant(false) => return Formula::FALSE,
                Formula::Term(term) => terms.push(term),
            }
        }
        match terms.as_slice() {
            [] => Formula::TRUE,
            [term] => Formula::Term(term.clone()),
            several => Formula::Term(Bool::and(several)),
        }
    }

    /// At least one of these; false when there is none.
    pub(crate) fn any(formulas: impl IntoIterator<Item = Formula>) -> Self {
        let mut terms = Vec::new();
        for formula in formulas {
            match formula {
                Formula::Constant(false) => {}
                Formula::Constant(true) => return Formula::TRUE,
                Formula::Term(term) => terms.push(term),
            }
        }
        match terms.as_slice() {
            [] => Formula::FALSE,
            [term] => Formula::Term(term.clone()),
            several => Formula::Term(Bool::or(several)),
        }
    }

    /// As z3 takes it.
    pub(crate) fn to_bool(&self) -> Bool {
        match self {
            Formula::Constant(value) => Bool::from_bool(*value),
            Formula::Term(term) => term.clone(),
        }
    }

    pub(crate) fn is_false(&self) -> bool {
        matches!(self, Formula::Constant(false))
    }
}

impl BitAnd for Formula {
    type Output = Formula;

    fn bitand(self, other: Formula) -> Formula {
        Formula::all([self, other])
    }
}

impl BitAnd for &Formula {
    type Output = Formula;

    fn bitand(self, other: &Formula) -> Formula {
        Formula::all([self.clone(), other.clone()])
    }
}

impl BitOr for Formula {
    type Output = Formula;

    fn bitor(self, other: Formula) -> Formula {
        Formula::any([self, other])
    }
}

impl BitOr for &Formula {
    type Output = Formula;

    fn bitor(self, other: &Formula) -> Formula {
        Formula::any([self.clone(), other.clone()])
    }
}

impl Not for Formula {
    type Output = Formula;

    fn not(self) -> Formula {
        match self {
            Formula::Constant(value) => Formula::Constant(!value),
            Formula::Term(term) => Formula::Term(term.not()),
        }
    }
}

impl Not for &Formula {
    type Output = Formula;

    fn not(self) -> Formula {
        !self.clone()
    }
}

/// A name as z3 takes it. Ids are the input's, and z3's names end at a zero byte; names that need it are escaped so
/// that different ones stay different.
fn symbol(name: &str) -> String {
    if name.contains(['\0', '\\']) {
        name.escape_default().to_string()
    } else {
        name.to_owned()
    }
}

/// An unsigned number of a fixed width: a header field or an address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Number {
    /// A number that is known.
    Known(u128, u32),
    /// What z3 has to choose.
    Term(BV, u32),
}

impl Number {
    /// A free number.
    pub(crate) fn free(name: &str, width: u32) -> Self {
        Number::Term(BV::new_const(symbol(name), width), width)
    }

    /// One number or another.
    pub(crate) fn choose(when: &Formula, one: &Number, other: &Number) -> Number {
        match when {
            Formula::Constant(true) => one.clone(),
            Formula::Constant(false) => other.clone(),
            Formula::Term(when) => {
                Number::Term(when.ite(&one.to_bv(), &other.to_bv()), one.width())
            }
        }
    }

    /// How many bits it has.
    pub(crate) const fn width(&self) -> u32 {
        match self {
            Number::Known(_, width) | Number::Term(_, width) => *width,
        }
    }

    /// As z3 takes it.
    pub(crate) fn to_bv(&self) -> BV {
        match self {
            Number::Known(value, width) => numeral(*value, *width),
            Number::Term(term, _) => term.clone(),
        }
    }

    /// That it is this value.
    pub(crate) fn is(&self, value: u128) -> Formula {
        match self {
            Number::Known(known, _) => Formula::Constant(*known == value),
            Number::Term(term, width) => Formula::Term(term.eq(numeral(value, *width))),
        }
    }

    /// That both are the same.
    pub(crate) fn equals(&self, other: &Number) -> Formula {
        match (self, other) {
            (number, Number::Known(value, _)) | (Number::Known(value, _), number) => {
                number.is(*value)
            }
            (Number::Term(one, _), Number::Term(other, _)) => {
                if one == other {
                    Formula::TRUE
                } else {
                    Formula::Term(one.eq(other))
                }
            }
        }
    }

    /// That its first `length` bits are those of `bits`. An equality of extracted bits, never a mask: that is what
    /// the SAT engine reads best.
    pub(crate) fn starts_with(&self, bits: u128, length: u32) -> Formula {
        let dropped = self.width().saturating_sub(length);
        let prefix = shifted(bits, dropped);
        match self {
            _ if length == 0 => Formula::TRUE,
            Number::Known(known, _) => Formula::Constant(shifted(*known, dropped) == prefix),
            Number::Term(term, width) => {
                let high = term.extract(width.saturating_sub(1), dropped);
                Formula::Term(high.eq(numeral(prefix, length)))
            }
        }
    }

    /// Its last bits.
    pub(crate) fn low(&self, width: u32) -> Number {
        match self {
            Number::Known(known, _) => Number::Known(known & greatest(width), width),
            Number::Term(term, _) => Number::Term(term.extract(width.saturating_sub(1), 0), width),
        }
    }

    /// That it lies between these, both included.
    pub(crate) fn within(&self, first: u128, last: u128) -> Formula {
        match self {
            Number::Known(known, _) => Formula::Constant(first <= *known && *known <= last),
            Number::Term(term, width) => {
                if first == last {
                    return self.is(first);
                }
                let from = if first == 0 {
                    Formula::TRUE
                } else {
                    Formula::Term(term.bvuge(numeral(first, *width)))
                };
                let to = if last >= greatest(*width) {
                    Formula::TRUE
                } else {
                    Formula::Term(term.bvule(numeral(last, *width)))
                };
                from & to
            }
        }
    }
}

/// The greatest number of a width.
pub(crate) const fn greatest(width: u32) -> u128 {
    match u128::MAX.checked_shr(128_u32.saturating_sub(width)) {
        Some(greatest) => greatest,
        None => 0,
    }
}

fn shifted(bits: u128, by: u32) -> u128 {
    bits.checked_shr(by).unwrap_or(0)
}

fn numeral(value: u128, width: u32) -> BV {
    match u64::try_from(value) {
        Ok(value) => BV::from_u64(value, width),
        // The bindings take at most 64 bits at once, so a wider numeral is two of them.
        Err(_) => {
            let high = BV::from_u64(shifted(value, 64) as u64, width.saturating_sub(64));
            high.concat(BV::from_u64(value as u64, 64)).simplified()
        }
    }
}

/// Folding what is only there because of how a numeral is built.
trait Simplified {
    fn simplified(self) -> Self;
}

impl Simplified for BV {
    fn simplified(self) -> Self {
        z3::ast::Ast::simplify(&self)
    }
}

/// What follows the IP header: every field at once, of which the protocol says which mean something.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Transport {
    pub(crate) protocol: Number,
    pub(crate) source_port: Number,
    pub(crate) destination_port: Number,
    pub(crate) icmp_type: Number,
    pub(crate) code: Number,
}

/// A packet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Packet {
    pub(crate) family: Family,
    pub(crate) source: Number,
    pub(crate) destination: Number,
    pub(crate) transport: Transport,
}

impl Packet {
    /// The symbolic packet of a family, as its sender sends it.
    pub(crate) fn symbolic(family: Family) -> Self {
        let width = u32::from(family.width());
        let prefix = match family {
            Family::V4 => "v4",
            Family::V6 => "v6",
        };
        let field = |name: &str, width| Number::free(&format!("{prefix}.{name}"), width);
        Packet {
            family,
            source: field("source", width),
            destination: field("destination", width),
            transport: Transport {
                protocol: field("protocol", 8),
                source_port: field("source_port", 16),
                destination_port: field("destination_port", 16),
                icmp_type: field("icmp_type", 8),
                code: field("code", 8),
            },
        }
    }

    /// The reply to it (walk, *the reply*).
    pub(crate) fn reply(&self) -> Packet {
        let transport = &self.transport;
        Packet {
            family: self.family,
            source: self.destination.clone(),
            destination: self.source.clone(),
            transport: Transport {
                protocol: transport.protocol.clone(),
                source_port: transport.destination_port.clone(),
                destination_port: transport.source_port.clone(),
                icmp_type: transport.reply_type(),
                code: transport.code.clone(),
            },
        }
    }
}

impl Transport {
    /// An echo request (8, or 128 of ICMPv6) is answered by an echo reply (0, 129).
    fn reply_type(&self) -> Number {
        let answer = |protocol, request, reply: u8, otherwise: &BV| {
            let echo = self.protocol.is(protocol) & self.icmp_type.is(request);
            match echo {
                Formula::Constant(true) => BV::from_u64(u64::from(reply), 8),
                Formula::Constant(false) => otherwise.clone(),
                Formula::Term(echo) => echo.ite(&BV::from_u64(u64::from(reply), 8), otherwise),
            }
        };
        let other = self.icmp_type.to_bv();
        let other = answer(ICMPV6, 128, 129, &other);
        Number::Term(answer(ICMP, 8, 0, &other), 8)
    }

    /// That the protocol is this one.
    pub(crate) fn is_protocol(&self, protocol: u128) -> Formula {
        self.protocol.is(protocol)
    }

    /// TCP or UDP.
    pub(crate) fn has_ports(&self) -> Formula {
        self.is_protocol(TCP) | self.is_protocol(UDP)
    }

    /// That a rule's traffic matches (page security_group): destination ports, ICMP type and code.
    pub(crate) fn matches(&self, traffic: &RuleTraffic) -> Formula {
        match traffic {
            RuleTraffic::All => Formula::TRUE,
            RuleTraffic::Tcp(ports) => self.is_protocol(TCP) & self.to_port(*ports),
            RuleTraffic::Udp(ports) => self.is_protocol(UDP) & self.to_port(*ports),
            RuleTraffic::Icmp(filter) => self.is_protocol(ICMP) & self.of_type(*filter),
            RuleTraffic::Icmpv6(filter) => self.is_protocol(ICMPV6) & self.of_type(*filter),
            RuleTraffic::Protocol(number) => self.is_protocol(u128::from(*number)),
        }
    }

    fn to_port(&self, ports: RulePorts) -> Formula {
        self.destination_port
            .within(u128::from(ports.from), u128::from(ports.to))
    }

    fn of_type(&self, filter: IcmpFilter) -> Formula {
        let equal = |field: &Number, value: Option<u8>| match value {
            None => Formula::TRUE,
            Some(value) => field.is(u128::from(value)),
        };
        equal(&self.icmp_type, filter.icmp_type) & equal(&self.code, filter.code)
    }
}
