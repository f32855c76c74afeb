//! Traffic in a claim: `tcp/443`, `udp/53`, `icmp/8/0`, `protocol/47`, `any`.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use model::{PortRange, Traffic, TrafficClass};

/// The numbers of the protocols that have words of their own.
const NAMED_PROTOCOLS: [(u8, &str); 4] = [(1, "icmp"), (6, "tcp"), (17, "udp"), (58, "icmpv6")];

/// A class of packets as a claim writes it; the ports of the sender are said elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Any,
    Tcp(PortRange),
    Udp(PortRange),
    Icmp(Types),
    Icmpv6(Types),
    Protocol(RangeInclusive<u8>),
}

/// Types and codes of ICMP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Types {
    pub(crate) types: RangeInclusive<u8>,
    pub(crate) codes: RangeInclusive<u8>,
}

impl Class {
    /// A class of the model, without the ports of its sender.
    pub(crate) fn of(class: &TrafficClass) -> Self {
        let kinds = |types: &RangeInclusive<u8>, codes: &RangeInclusive<u8>| Types {
            types: types.clone(),
            codes: codes.clone(),
        };
        match class {
            TrafficClass::Tcp {
                destination_ports, ..
            } => Class::Tcp(destination_ports.clone()),
            TrafficClass::Udp {
                destination_ports, ..
            } => Class::Udp(destination_ports.clone()),
            TrafficClass::Icmp { types, codes } => Class::Icmp(kinds(types, codes)),
            TrafficClass::Icmpv6 { types, codes } => Class::Icmpv6(kinds(types, codes)),
            TrafficClass::Other { protocols } => Class::Protocol(protocols.clone()),
        }
    }
}

/// Reads one class.
///
/// # Errors
///
/// What is wrong with it, as one sentence.
pub(crate) fn parse(text: &str) -> Result<Class, String> {
    let mut parts = text.split('/');
    let word = parts.next().unwrap_or("");
    let rest: Vec<&str> = parts.collect();
    match (word, rest.as_slice()) {
        ("any", []) => Ok(Class::Any),
        ("tcp", []) => Ok(Class::Tcp(0..=u16::MAX)),
        ("udp", []) => Ok(Class::Udp(0..=u16::MAX)),
        ("tcp", [ports]) => ports_of(ports).map(Class::Tcp),
        ("udp", [ports]) => ports_of(ports).map(Class::Udp),
        ("icmp", rest) => types(rest).map(Class::Icmp),
        ("icmpv6", rest) => types(rest).map(Class::Icmpv6),
        ("protocol", [number]) => {
            let numbers = range::<u8>(number, "a protocol number (0 to 255)")?;
            let named = NAMED_PROTOCOLS
                .iter()
                .find(|(named, _)| numbers.contains(named));
            match named {
                Some((named, word)) if numbers.start() == numbers.end() => {
                    Err(format!("protocol {named} is `{word}`"))
                }
                Some((named, word)) => Err(format!(
                    "`{text}` holds protocol {named}, which is `{word}`: write `any`, or the ranges around it"
                )),
                None => Ok(Class::Protocol(numbers)),
            }
        }
        _ => Err(format!(
            "`{text}` is not traffic; write `tcp/443`, `tcp/1-1024`, `udp/53`, `icmp/8/0`, `icmpv6`, `protocol/47` or `any`"
        )),
    }
}

/// Whether a protocol has a word of its own.
pub(crate) fn is_named(protocol: u8) -> bool {
    NAMED_PROTOCOLS.iter().any(|(named, _)| *named == protocol)
}

/// Reads a port or a range of ports.
pub(crate) fn ports_of(text: &str) -> Result<PortRange, String> {
    range(text, "a port (0 to 65535)")
}

fn types(rest: &[&str]) -> Result<Types, String> {
    const ALL: RangeInclusive<u8> = 0..=u8::MAX;
    const TYPE: &str = "an ICMP type (0 to 255)";
    const CODE: &str = "an ICMP code (0 to 255)";
    let (types, codes) = match rest {
        [] => (ALL, ALL),
        [kind] => (range(kind, TYPE)?, ALL),
        [kind, code] => (range(kind, TYPE)?, range(code, CODE)?),
        _ => return Err("a type and a code at most, as `icmp/8/0`".to_owned()),
    };
    Ok(Types { types, codes })
}

fn range<T: FromStr + PartialOrd>(text: &str, what: &str) -> Result<RangeInclusive<T>, String> {
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = if digits { text.parse().ok() } else { None };
        number.ok_or_else(|| format!("`{text}` is not {what}"))
    };
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (number(first)?, number(last)?);
    if first > last {
        return Err(format!("the range `{text}` ends before it begins"));
    }
    Ok(first..=last)
}

/// The model's traffic of some classes, from these ports of the sender.
pub(crate) fn lower(classes: &[Class], source_ports: &[PortRange]) -> Traffic {
    let mut lowered = Vec::new();
    for class in classes {
        match class {
            Class::Any => lowered.extend(everything(source_ports)),
            Class::Tcp(ports) => lowered.extend(tcp(ports, source_ports)),
            Class::Udp(ports) => lowered.extend(udp(ports, source_ports)),
            Class::Icmp(types) => lowered.push(TrafficClass::Icmp {
                types: types.types.clone(),
                codes: types.codes.clone(),
            }),
            Class::Icmpv6(types) => lowered.push(TrafficClass::Icmpv6 {
                types: types.types.clone(),
                codes: types.codes.clone(),
            }),
            Class::Protocol(numbers) => lowered.push(TrafficClass::Other {
                protocols: numbers.clone(),
            }),
        }
    }
    Traffic { classes: lowered }
}

fn tcp(ports: &PortRange, source_ports: &[PortRange]) -> Vec<TrafficClass> {
    let class = |source_ports: &PortRange| TrafficClass::Tcp {
        source_ports: source_ports.clone(),
        destination_ports: ports.clone(),
    };
    source_ports.iter().map(class).collect()
}

fn udp(ports: &PortRange, source_ports: &[PortRange]) -> Vec<TrafficClass> {
    let class = |source_ports: &PortRange| TrafficClass::Udp {
        source_ports: source_ports.clone(),
        destination_ports: ports.clone(),
    };
    source_ports.iter().map(class).collect()
}

fn everything(source_ports: &[PortRange]) -> Vec<TrafficClass> {
    let mut classes = tcp(&(0..=u16::MAX), source_ports);
    classes.extend(udp(&(0..=u16::MAX), source_ports));
    classes.extend([
        TrafficClass::Icmp {
            types: 0..=u8::MAX,
            codes: 0..=u8::MAX,
        },
        TrafficClass::Icmpv6 {
            types: 0..=u8::MAX,
            codes: 0..=u8::MAX,
        },
        TrafficClass::Other {
            protocols: 0..=u8::MAX,
        },
    ]);
    classes
}

impl fmt::Display for Class {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Class::Any => formatter.write_str("any traffic"),
            Class::Tcp(ports) => write!(formatter, "tcp/{}", Shown(ports)),
            Class::Udp(ports) => write!(formatter, "udp/{}", Shown(ports)),
            Class::Icmp(types) => write!(formatter, "icmp{types}"),
            Class::Icmpv6(types) => write!(formatter, "icmpv6{types}"),
            Class::Protocol(numbers) => write!(formatter, "protocol/{}", Shown(numbers)),
        }
    }
}

impl fmt::Display for Types {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = 0..=u8::MAX;
        match (self.types == all, self.codes == all) {
            (true, true) => Ok(()),
            (_, true) => write!(formatter, "/{}", Shown(&self.types)),
            (_, false) => {
                let codes = Shown(&self.codes);
                write!(formatter, "/{}/{codes}", Shown(&self.types))
            }
        }
    }
}

/// A range as users write it.
pub(crate) struct Shown<'a, T>(pub(crate) &'a RangeInclusive<T>);

impl<T: fmt::Display + PartialEq> fmt::Display for Shown<'_, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last) = (self.0.start(), self.0.end());
        if first == last {
            first.fmt(formatter)
        } else {
            write!(formatter, "{first}-{last}")
        }
    }
}
