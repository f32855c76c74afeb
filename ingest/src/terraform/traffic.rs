//! Traffic of rules and entries: the provider's protocol, ports, and ICMP type and code.

use model::{IcmpFilter, RulePorts, RuleTraffic};

use super::attribute::Attribute;
use super::reader::Reader;

const EXPECTED_PROTOCOL: &str = "`-1`, `tcp`, `udp`, `icmp`, `icmpv6`, or a protocol's number";

/// A direction of rules and entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// What comes in.
    Ingress,
    /// What goes out.
    Egress,
}

impl Side {
    /// Both, each with the name of its attribute.
    pub(super) const BOTH: [(Side, &'static str); 2] =
        [(Side::Ingress, "ingress"), (Side::Egress, "egress")];
}

/// The attributes that say which traffic a rule or entry is for.
pub(super) struct Fields<'a> {
    pub(super) protocol: Attribute<'a>,
    pub(super) from: Attribute<'a>,
    pub(super) to: Attribute<'a>,
    /// ICMP type and code, where they have attributes of their own; else they stand in the ports.
    pub(super) icmp: Option<(Attribute<'a>, Attribute<'a>)>,
}

impl Fields<'_> {
    /// The traffic; `None` when it is open, or, with an error, when it is wrong.
    pub(super) fn read(&self, reader: &mut Reader<'_, '_>) -> Option<RuleTraffic> {
        let (icmp_type, code) = match &self.icmp {
            Some((icmp_type, code)) => (icmp_type, code),
            None => (&self.from, &self.to),
        };
        // In entries of ACLs the provider sends a 0 for what is not written; in rules of groups both stand
        // in the ports, and what is not written is all.
        // Source: <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/network_acl_rule>
        let absent = (self.icmp.is_some() && !reader.plan.is_declared).then_some(0);
        let protocol = self.protocol(reader)?;
        let traffic = match protocol {
            None => RuleTraffic::All,
            Some(6) => RuleTraffic::Tcp(self.ports(reader)?),
            Some(17) => RuleTraffic::Udp(self.ports(reader)?),
            Some(1) => RuleTraffic::Icmp(icmp(reader, icmp_type, code, absent)?),
            Some(58) => RuleTraffic::Icmpv6(icmp(reader, icmp_type, code, absent)?),
            Some(number) => RuleTraffic::Protocol(number),
        };
        Some(traffic)
    }

    /// The number of the protocol; the inner `None` is every protocol.
    fn protocol(&self, reader: &mut Reader<'_, '_>) -> Option<Option<u8>> {
        if self.protocol.is_unknown() {
            return None;
        }
        let text = self.protocol.text().map(str::to_ascii_lowercase);
        let number = match text.as_deref() {
            Some("-1" | "all") => return Some(None),
            Some("tcp") => Some(6),
            Some("udp") => Some(17),
            Some("icmp") => Some(1),
            Some("icmpv6") => Some(58),
            Some("gre") => Some(47),
            Some("esp") => Some(50),
            Some("ah") => Some(51),
            Some("sctp") => Some(132),
            _ => self
                .protocol
                .integer()
                .and_then(|number| u8::try_from(number).ok()),
        };
        match (number, self.protocol.integer()) {
            (Some(number), _) => Some(Some(number)),
            (None, Some(-1)) => Some(None),
            (None, _) => {
                reader.invalid(&self.protocol, EXPECTED_PROTOCOL);
                None
            }
        }
    }

    fn ports(&self, reader: &mut Reader<'_, '_>) -> Option<RulePorts> {
        if self.from.is_unknown() || self.to.is_unknown() {
            return None;
        }
        match (self.from.integer(), self.to.integer()) {
            // No ports, and AWS's -1, are all of them.
            (None | Some(-1), None | Some(-1)) => Some(RulePorts::ALL),
            (from, to) => {
                let from = port(reader, &self.from, from);
                let to = port(reader, &self.to, to);
                Some(RulePorts {
                    from: from?,
                    to: to?,
                })
            }
        }
    }
}

fn port(reader: &mut Reader<'_, '_>, attribute: &Attribute<'_>, port: Option<i64>) -> Option<u16> {
    let port = port.and_then(|port| u16::try_from(port).ok());
    if port.is_none() {
        reader.invalid(attribute, "a port, 0 to 65535");
    }
    port
}

fn icmp(
    reader: &mut Reader<'_, '_>,
    icmp_type: &Attribute<'_>,
    code: &Attribute<'_>,
    absent: Option<u8>,
) -> Option<IcmpFilter> {
    if icmp_type.is_unknown() || code.is_unknown() {
        return None;
    }
    let mut number = |attribute: &Attribute<'_>| match attribute.integer() {
        None => Some(absent),
        Some(-1) => Some(None),
        Some(number) => {
            let number = u8::try_from(number).ok();
            if number.is_none() {
                reader.invalid(attribute, "an ICMP type or code, -1 to 255");
            }
            number.map(Some)
        }
    };
    let (icmp_type, code) = (number(icmp_type), number(code));
    let filter = IcmpFilter {
        icmp_type: icmp_type?,
        code: code?,
    };
    // Without a type there is no code: the provider leaves a 0 there.
    Some(match filter.icmp_type {
        Some(_) => filter,
        None => IcmpFilter {
            icmp_type: None,
            code: None,
        },
    })
}
