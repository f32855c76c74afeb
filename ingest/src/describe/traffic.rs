//! Protocols, ports and ICMP types, as groups and ACLs write them.

use model::{IcmpFilter, RulePorts, RuleTraffic};

use crate::diagnostic::{Code, Diagnostic};
use crate::json::Cursor;
use crate::sink::Sink;

/// A protocol of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    All,
    Tcp,
    Udp,
    Icmp,
    Icmpv6,
    Other(u8),
}

/// Reads a protocol by its number or, as groups print it, by its name.
pub(super) fn protocol(cursor: &Cursor<'_>, key: &str, sink: &mut Sink) -> Option<Protocol> {
    let field = cursor.required(key, sink)?;
    let text = field.as_text(sink)?;
    match text.to_ascii_lowercase().as_str() {
        "-1" | "all" => Some(Protocol::All),
        "tcp" | "6" => Some(Protocol::Tcp),
        "udp" | "17" => Some(Protocol::Udp),
        "icmp" | "1" => Some(Protocol::Icmp),
        "icmpv6" | "58" => Some(Protocol::Icmpv6),
        number => match number.parse() {
            Ok(number) => Some(Protocol::Other(number)),
            Err(_) => {
                let message = format!("protocol `{text}` is not known");
                let diagnostic = Diagnostic::error(field.place(), Code::InvalidValue, message);
                let help = "expected -1, tcp, udp, icmp, icmpv6 or a number from 0 to 255";
                sink.push(diagnostic.help(help));
                None
            }
        },
    }
}

/// Two numbers of a rule and where they are missing: ports, or a type and a code.
pub(super) struct Numbers<'c, 'a> {
    pub(super) cursor: &'c Cursor<'a>,
    /// The object with the two, when it is not the rule itself.
    pub(super) within: Option<&'static str>,
    pub(super) from: &'static str,
    pub(super) to: &'static str,
}

impl<'a> Numbers<'_, 'a> {
    fn object(&self) -> Option<Cursor<'a>> {
        match self.within {
            Some(key) => self.cursor.get(key),
            None => self
                .cursor
                .get(self.from)
                .is_some()
                .then(|| self.cursor.clone()),
        }
    }

    /// The destination ports, which TCP and UDP need.
    pub(super) fn ports(&self, sink: &mut Sink) -> Option<RulePorts> {
        let Some(object) = self.object() else {
            let key = self.within.unwrap_or(self.from);
            self.cursor.required(key, sink);
            return None;
        };
        let from = self.number(&object, self.from, "a port", sink);
        let to = self.number(&object, self.to, "a port", sink);
        Some(RulePorts {
            from: from?,
            to: to?,
        })
    }

    /// The type and code; -1, and both missing, mean all.
    pub(super) fn icmp(&self, sink: &mut Sink) -> Option<IcmpFilter> {
        let all = IcmpFilter {
            icmp_type: None,
            code: None,
        };
        let Some(object) = self.object() else {
            return Some(all);
        };
        let mut part = |key, what| match object.get(key) {
            Some(field) if field.value().as_i64() == Some(-1) => Some(None),
            Some(_) => self.number(&object, key, what, sink).map(Some),
            None => Some(None),
        };
        let icmp_type = part(self.from, "an ICMP type");
        let code = part(self.to, "an ICMP code");
        Some(IcmpFilter {
            icmp_type: icmp_type?,
            code: code?,
        })
    }

    fn number<N: TryFrom<i64>>(
        &self,
        object: &Cursor<'_>,
        key: &str,
        what: &str,
        sink: &mut Sink,
    ) -> Option<N> {
        let field = object.required(key, sink)?;
        let number = field.as_integer(sink)?;
        let converted = N::try_from(number).ok();
        if converted.is_none() {
            let message = format!("{number} is not {what}");
            field.error(sink, Code::InvalidValue, message);
        }
        converted
    }
}

/// The traffic of a rule.
pub(super) fn traffic(
    protocol: Protocol,
    ports: &Numbers<'_, '_>,
    icmp: &Numbers<'_, '_>,
    sink: &mut Sink,
) -> Option<RuleTraffic> {
    Some(match protocol {
        Protocol::All => RuleTraffic::All,
        Protocol::Tcp => RuleTraffic::Tcp(ports.ports(sink)?),
        Protocol::Udp => RuleTraffic::Udp(ports.ports(sink)?),
        Protocol::Icmp => RuleTraffic::Icmp(icmp.icmp(sink)?),
        Protocol::Icmpv6 => RuleTraffic::Icmpv6(icmp.icmp(sink)?),
        Protocol::Other(number) => RuleTraffic::Protocol(number),
    })
}
