//! The compact strings of native files: names, numbers, blocks, traffic, peers, targets.
//!
//! For each kind of string there is a reader and a writer. A writer gives the one canonical form;
//! an id that a compact string cannot hold is written as a table instead.

use std::net::IpAddr;

use crate::cidr::expected;
use model::{
    Address, AddressValue, Cidr, Hole, IcmpFilter, InvalidCidr, Middlebox, RouteDestination,
    RulePeer, RulePorts, RuleTraffic, Target, TransitGatewayAttachmentId,
};

/// What is wrong with a string.
pub(super) type Wrong = String;

/// A key as TOML writes it: bare when it can be.
pub(super) fn key(name: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if !name.is_empty() && name.bytes().all(bare) {
        name.to_owned()
    } else {
        quoted(name)
    }
}

/// A string as TOML writes it.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            control if control.is_control() => {
                quoted.push_str(&format!("\\u{:04X}", u32::from(control)));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// A DNS name as the model has it: in lower case, without the final dot.
pub(super) fn dns_name(text: &str) -> String {
    let name = text.to_lowercase();
    name.strip_suffix('.').unwrap_or(&name).to_owned()
}

/// A number in decimal digits and nothing else.
pub(super) fn number<N: std::str::FromStr>(text: &str, what: &str) -> Result<N, Wrong> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = if digits { text.parse().ok() } else { None };
    number.ok_or_else(|| format!("`{text}` is not {what}"))
}

/// A block.
pub(super) fn cidr(text: &str) -> Result<Cidr, Wrong> {
    text.parse().map_err(|error| match error {
        InvalidCidr::HostBits => format!("`{text}`: {error}, {}", expected(text, error)),
        InvalidCidr::PrefixLength | InvalidCidr::Syntax => format!("`{text}`: {error}"),
    })
}

/// An address.
pub(super) fn address(text: &str) -> Result<Address, Wrong> {
    let address: Result<IpAddr, _> = text.parse();
    address
        .map(Address::from)
        .map_err(|_| format!("`{text}` is not an address like `10.0.1.5` or `2001:db8::5`"))
}

/// `10.0.1.5`, or `within 10.0.1.0/24 (hole)`.
pub(super) fn address_value(text: &str) -> Result<AddressValue, Wrong> {
    let Some(within) = text.strip_prefix("within ") else {
        return Ok(AddressValue::Known(address(text)?));
    };
    let wrong = || format!("`{text}` is not like `within 10.0.1.0/24 (name of the hole)`");
    let (block, hole) = within.split_once(" (").ok_or_else(wrong)?;
    let hole = hole.strip_suffix(')').ok_or_else(wrong)?;
    Ok(AddressValue::Within(cidr(block)?, Hole::new(hole)))
}

pub(super) fn write_address_value(value: &AddressValue) -> String {
    match value {
        AddressValue::Known(address) => address.to_string(),
        AddressValue::Within(cidr, hole) => format!("within {cidr} ({hole})"),
    }
}

/// `all`, `tcp`, `tcp/443`, `tcp/22-23`, `icmp`, `icmp/8/*`, `protocol/47`.
pub(super) fn traffic(text: &str) -> Result<RuleTraffic, Wrong> {
    let (protocol, rest) = match text.split_once('/') {
        Some((protocol, rest)) => (protocol, Some(rest)),
        None => (text, None),
    };
    match (protocol, rest) {
        ("all", None) => Ok(RuleTraffic::All),
        ("tcp", ports) => Ok(RuleTraffic::Tcp(self::ports(ports)?)),
        ("udp", ports) => Ok(RuleTraffic::Udp(self::ports(ports)?)),
        ("icmp", filter) => Ok(RuleTraffic::Icmp(icmp(filter)?)),
        ("icmpv6", filter) => Ok(RuleTraffic::Icmpv6(icmp(filter)?)),
        ("protocol", Some(protocol)) => {
            let protocol = number(protocol, "a protocol number (0 to 255)")?;
            Ok(RuleTraffic::Protocol(protocol))
        }
        _ => Err(format!(
            "`{text}` is not traffic like `all`, `tcp/443`, `udp/53`, `icmp/8/*` or `protocol/47`"
        )),
    }
}

fn ports(text: Option<&str>) -> Result<RulePorts, Wrong> {
    let Some(text) = text else {
        return Ok(RulePorts::ALL);
    };
    let port = |text| number(text, "a port (0 to 65535)");
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    let ports = RulePorts {
        from: port(from)?,
        to: port(to)?,
    };
    if ports.from > ports.to {
        return Err(format!("ports `{text}` end before they begin"));
    }
    Ok(ports)
}

fn icmp(text: Option<&str>) -> Result<IcmpFilter, Wrong> {
    let (icmp_type, code) = match text {
        None => ("*", "*"),
        Some(text) => text.split_once('/').unwrap_or((text, "*")),
    };
    let part = |text, what| match text {
        "*" => Ok(None),
        text => number(text, what).map(Some),
    };
    Ok(IcmpFilter {
        icmp_type: part(icmp_type, "an ICMP type (0 to 255, or *)")?,
        code: part(code, "an ICMP code (0 to 255, or *)")?,
    })
}

pub(super) fn write_traffic(traffic: &RuleTraffic) -> String {
    match traffic {
        RuleTraffic::All => "all".to_owned(),
        RuleTraffic::Tcp(ports) => write_ports("tcp", *ports),
        RuleTraffic::Udp(ports) => write_ports("udp", *ports),
        RuleTraffic::Icmp(filter) => write_icmp("icmp", *filter),
        RuleTraffic::Icmpv6(filter) => write_icmp("icmpv6", *filter),
        RuleTraffic::Protocol(number) => format!("protocol/{number}"),
    }
}

fn write_ports(protocol: &str, ports: RulePorts) -> String {
    let RulePorts { from, to } = ports;
    if ports == RulePorts::ALL {
        protocol.to_owned()
    } else if from == to {
        format!("{protocol}/{from}")
    } else {
        format!("{protocol}/{from}-{to}")
    }
}

fn write_icmp(protocol: &str, filter: IcmpFilter) -> String {
    let part = |part: Option<u8>| part.map_or_else(|| "*".to_owned(), |part| part.to_string());
    match (filter.icmp_type, filter.code) {
        (None, None) => protocol.to_owned(),
        (icmp_type, code) => format!("{protocol}/{}/{}", part(icmp_type), part(code)),
    }
}

/// A block, `sg:group`, `pl:list` or `outside-sg:name`.
pub(super) fn peer(text: &str) -> Result<RulePeer, Wrong> {
    Ok(match text.split_once(':') {
        Some(("sg", id)) => RulePeer::Group(id.into()),
        Some(("pl", id)) => RulePeer::PrefixList(id.into()),
        Some(("outside-sg", name)) => RulePeer::OutsideGroup(name.to_owned()),
        Some(_) | None => RulePeer::Cidr(cidr(text)?),
    })
}

pub(super) fn write_peer(peer: &RulePeer) -> String {
    match peer {
        RulePeer::Cidr(cidr) => cidr.to_string(),
        RulePeer::PrefixList(id) => format!("pl:{id}"),
        RulePeer::Group(id) => format!("sg:{id}"),
        RulePeer::OutsideGroup(name) => format!("outside-sg:{name}"),
    }
}

/// A block or `pl:list`.
pub(super) fn destination(text: &str) -> Result<RouteDestination, Wrong> {
    Ok(match text.strip_prefix("pl:") {
        Some(id) => RouteDestination::PrefixList(id.into()),
        None => RouteDestination::Cidr(cidr(text)?),
    })
}

pub(super) fn write_destination(destination: &RouteDestination) -> String {
    match destination {
        RouteDestination::Cidr(cidr) => cidr.to_string(),
        RouteDestination::PrefixList(id) => format!("pl:{id}"),
    }
}

/// `local`, `nat-gateway:nat`, `unmodelled:core-network:cwan-1`. An endpoint is a gateway endpoint
/// until the whole file is read.
pub(super) fn target(text: &str) -> Result<Target, Wrong> {
    let (kind, id) = text.split_once(':').unwrap_or((text, ""));
    match kind {
        "local" if text == "local" => Ok(Target::Local),
        "internet-gateway" => Ok(Target::InternetGateway(id.into())),
        "egress-only-internet-gateway" => Ok(Target::EgressOnlyInternetGateway(id.into())),
        "nat-gateway" => Ok(Target::NatGateway(id.into())),
        "peering" => Ok(Target::Peering(id.into())),
        "endpoint" => Ok(Target::GatewayEndpoint(id.into())),
        "interface" => Ok(Target::NetworkInterface(id.into())),
        "transit-gateway" => Ok(Target::TransitGateway(id.into())),
        "virtual-private-gateway" => Ok(Target::VirtualPrivateGateway(id.into())),
        "unmodelled" => {
            let (kind, id) = id
                .split_once(':')
                .ok_or_else(|| format!("`{text}` is not like `unmodelled:core-network:cwan-1`"))?;
            Ok(Target::Unmodelled {
                kind: kind.to_owned(),
                id: id.to_owned(),
            })
        }
        _ => Err(format!(
            "`{text}` is not a target like `local`, `internet-gateway:igw`, \
             `egress-only-internet-gateway:eigw`, `nat-gateway:nat`, `peering:pcx`, \
             `endpoint:vpce`, `interface:eni`, `transit-gateway:tgw`, \
             `virtual-private-gateway:vgw` or `unmodelled:core-network:cwan-1`"
        )),
    }
}

pub(super) fn write_target(target: &Target) -> String {
    match target {
        Target::Local => "local".to_owned(),
        Target::InternetGateway(id) => format!("internet-gateway:{id}"),
        Target::EgressOnlyInternetGateway(id) => format!("egress-only-internet-gateway:{id}"),
        Target::NatGateway(id) => format!("nat-gateway:{id}"),
        Target::Peering(id) => format!("peering:{id}"),
        Target::GatewayEndpoint(id) | Target::GatewayLoadBalancerEndpoint(id) => {
            format!("endpoint:{id}")
        }
        Target::NetworkInterface(id) => format!("interface:{id}"),
        Target::TransitGateway(id) => format!("transit-gateway:{id}"),
        Target::VirtualPrivateGateway(id) => format!("virtual-private-gateway:{id}"),
        Target::Unmodelled { kind, id } => format!("unmodelled:{kind}:{id}"),
    }
}

/// `attachment:a`, or `blackhole`.
pub(super) fn transit_gateway_target(
    text: &str,
) -> Result<Option<TransitGatewayAttachmentId>, Wrong> {
    match text.split_once(':') {
        Some(("attachment", id)) => Ok(Some(id.into())),
        None if text == "blackhole" => Ok(None),
        Some(_) | None => Err(format!(
            "`{text}` is not a target like `attachment:a` or `blackhole`"
        )),
    }
}

pub(super) fn write_transit_gateway_target(target: Option<&TransitGatewayAttachmentId>) -> String {
    target.map_or_else(|| "blackhole".to_owned(), |id| format!("attachment:{id}"))
}

/// `forwards` or `inspects`; nothing is written of one that is not known.
pub(super) fn middlebox(text: &str) -> Result<Middlebox, Wrong> {
    match text {
        "forwards" => Ok(Middlebox::Forwards),
        "inspects" => Ok(Middlebox::Inspects),
        _ => Err(format!("`{text}` is not `forwards` or `inspects`")),
    }
}

pub(super) const fn write_middlebox(middlebox: Middlebox) -> Option<&'static str> {
    match middlebox {
        Middlebox::Unknown => None,
        Middlebox::Forwards => Some("forwards"),
        Middlebox::Inspects => Some("inspects"),
    }
}
