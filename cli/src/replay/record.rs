//! The records of flow logs: lines of fields with a space between them.

use std::net::IpAddr;

use model::{Address, Transport};

/// The fields of the [default format](https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html#flow-logs-default).
const DEFAULT: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol \
                       packets bytes start end action log-status";
/// What stands in a field that has no value.
const NONE: &str = "-";

/// Which field of a line is what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Format {
    n_fields: usize,
    interface: usize,
    source: usize,
    destination: usize,
    source_port: usize,
    destination_port: usize,
    protocol: usize,
    action: usize,
    status: Option<usize>,
    tcp_flags: Option<usize>,
}

/// A record of packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Record<'a> {
    pub(crate) interface: &'a str,
    pub(crate) source: Address,
    pub(crate) destination: Address,
    /// `None` of ICMP: a record does not have its type.
    pub(crate) transport: Option<Transport>,
    pub(crate) is_accepted: bool,
    /// Whether they began a connection, or answered the beginning of one.
    pub(crate) begins: Option<bool>,
}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    /// The names of the fields of the lines behind it.
    Header,
    /// That nothing was recorded, or not all.
    NoData,
    Record(Record<'a>),
}

/// Why a line is no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Unreadable {
    NotText,
    Fields,
    Address,
    Port,
    Protocol,
    Action,
    Status,
}

impl Unreadable {
    /// In words.
    pub(crate) const fn told(self) -> &'static str {
        match self {
            Unreadable::NotText => "it is not text in UTF-8",
            Unreadable::Fields => "it has more or fewer fields than the format",
            Unreadable::Address => {
                "`srcaddr` or `dstaddr` is no address, or they are of two families"
            }
            Unreadable::Port => "`srcport` or `dstport` is no port",
            Unreadable::Protocol => "`protocol` is no number of a protocol",
            Unreadable::Action => "`action` is neither ACCEPT nor REJECT",
            Unreadable::Status => "`log-status` is none of OK, NODATA and SKIPDATA",
        }
    }
}

impl Default for Format {
    fn default() -> Self {
        Self {
            n_fields: 14,
            interface: 2,
            source: 3,
            destination: 4,
            source_port: 5,
            destination_port: 6,
            protocol: 7,
            action: 12,
            status: Some(13),
            tcp_flags: None,
        }
    }
}

impl Format {
    /// Reads the names of the fields, as a header has them (`version account-id …`) or as
    /// `create-flow-logs --log-format` does (`${version} ${account-id} …`).
    ///
    /// # Errors
    ///
    /// The fields that are missing.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let names = text.split_ascii_whitespace();
        let bare = |name: &'_ str| {
            let name = name
                .strip_prefix("${")
                .and_then(|name| name.strip_suffix('}'));
            name.map(str::to_owned)
        };
        let names: Vec<String> = names
            .map(|name| bare(name).unwrap_or_else(|| name.to_owned()))
            .collect();
        let at = |field: &str| names.iter().position(|name| name == field);
        let mut missing = Vec::new();
        let mut needed = |field: &'static str| {
            at(field).unwrap_or_else(|| {
                missing.push(format!("`{field}`"));
                0
            })
        };
        let format = Self {
            n_fields: names.len(),
            interface: needed("interface-id"),
            source: needed("srcaddr"),
            destination: needed("dstaddr"),
            source_port: needed("srcport"),
            destination_port: needed("dstport"),
            protocol: needed("protocol"),
            action: needed("action"),
            status: at("log-status"),
            tcp_flags: at("tcp-flags"),
        };
        if missing.is_empty() {
            return Ok(format);
        }
        Err(format!(
            "the format lacks {}; the default one is `{DEFAULT}`",
            missing.join(", ")
        ))
    }

    /// Whether a line has names of fields instead of values.
    pub(crate) fn is_header(line: &str) -> bool {
        line.split_ascii_whitespace()
            .any(|name| name == "interface-id")
    }

    /// Reads a line.
    ///
    /// # Errors
    ///
    /// Why it is no record.
    pub(crate) fn read<'a>(&self, line: &'a [u8]) -> Result<Line<'a>, Unreadable> {
        let line = str::from_utf8(line).map_err(|_| Unreadable::NotText)?;
        let mut fields: Vec<&str> = Vec::with_capacity(self.n_fields + 1);
        fields.extend(line.split_ascii_whitespace());
        if fields.len() == self.n_fields + 1 && fields.first().is_some_and(|one| is_time(one)) {
            // What CloudWatch Logs exports has the time of each event before it.
            fields.remove(0);
        }
        if fields.len() != self.n_fields {
            return Err(if Self::is_header(line) {
                return Ok(Line::Header);
            } else {
                Unreadable::Fields
            });
        }
        let field = |at: usize| fields.get(at).copied().unwrap_or(NONE);
        match self.status.map_or("OK", field) {
            "OK" => {}
            "NODATA" | "SKIPDATA" => return Ok(Line::NoData),
            "log-status" => return Ok(Line::Header),
            _ => return Err(Unreadable::Status),
        }
        if field(self.interface) == "interface-id" {
            return Ok(Line::Header);
        }
        let address = |at| {
            let address: Result<IpAddr, _> = field(at).parse();
            address.map(Address::from).map_err(|_| Unreadable::Address)
        };
        let (source, destination) = (address(self.source)?, address(self.destination)?);
        if source.family() != destination.family() {
            return Err(Unreadable::Address);
        }
        let flags = self.tcp_flags.and_then(|at| field(at).parse().ok());
        Ok(Line::Record(Record {
            interface: field(self.interface),
            source,
            destination,
            transport: self.transport(&field)?,
            is_accepted: match field(self.action) {
                "ACCEPT" => true,
                "REJECT" => false,
                _ => return Err(Unreadable::Action),
            },
            begins: flags.and_then(begins),
        }))
    }

    fn transport<'a>(
        &self,
        field: &impl Fn(usize) -> &'a str,
    ) -> Result<Option<Transport>, Unreadable> {
        let port = |at| field(at).parse().map_err(|_| Unreadable::Port);
        let protocol: u8 = field(self.protocol)
            .parse()
            .map_err(|_| Unreadable::Protocol)?;
        Ok(match protocol {
            6 => Some(Transport::Tcp {
                source_port: port(self.source_port)?,
                destination_port: port(self.destination_port)?,
            }),
            17 => Some(Transport::Udp {
                source_port: port(self.source_port)?,
                destination_port: port(self.destination_port)?,
            }),
            other => Transport::other(other),
        })
    }
}

/// Whether packets with these flags, joined, began a connection: SYN without ACK did, and SYN with ACK
/// is the answer to that. ACK is recorded beside SYN only.
const fn begins(flags: u8) -> Option<bool> {
    const SYN: u8 = 2;
    const SYN_ACK: u8 = 18;
    match flags & SYN_ACK {
        SYN => Some(true),
        SYN_ACK => Some(false),
        _ => None,
    }
}

/// Whether a field is a time as `2026-11-27T08:00:00.000Z`.
fn is_time(field: &str) -> bool {
    field.ends_with('Z') && field.as_bytes().get(10) == Some(&b'T')
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCEPTED: &str = "2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 \
                            6 20 4249 1418530010 1418530070 ACCEPT OK";

    fn address(text: &str) -> Address {
        Address::from(text.parse::<IpAddr>().unwrap())
    }

    /// The first example of AWS's page of examples.
    fn accepted() -> Record<'static> {
        Record {
            interface: "eni-1235b8ca123456789",
            source: address("172.31.16.139"),
            destination: address("172.31.16.21"),
            transport: Some(Transport::Tcp {
                source_port: 20641,
                destination_port: 22,
            }),
            is_accepted: true,
            begins: None,
        }
    }

    #[test]
    fn the_default_format_is_the_one_that_is_written_out() {
        assert_eq!(Format::parse(DEFAULT), Ok(Format::default()));
        let read = Format::default().read(ACCEPTED.as_bytes());
        assert_eq!(read, Ok(Line::Record(accepted())));
        assert_eq!(Format::default().read(DEFAULT.as_bytes()), Ok(Line::Header));
    }

    #[test]
    fn an_export_of_cloudwatch_has_the_time_before_each_record() {
        let line = format!("2026-11-27T08:00:00.000Z {ACCEPTED}");
        let read = Format::default().read(line.as_bytes());
        assert_eq!(read, Ok(Line::Record(accepted())));
    }

    #[test]
    fn fields_of_a_custom_format_may_stand_anywhere() {
        let format = Format::parse(
            "${action} ${tcp-flags} ${dstport} ${srcport} ${protocol} ${dstaddr} ${srcaddr} ${interface-id}",
        );
        let format = format.unwrap();
        let line = "REJECT 2 22 20641 6 172.31.16.21 172.31.16.139 eni-1235b8ca123456789";
        let expected = Record {
            is_accepted: false,
            begins: Some(true),
            ..accepted()
        };
        assert_eq!(format.read(line.as_bytes()), Ok(Line::Record(expected)));
        let answer = line.replacen(" 2 ", " 19 ", 1);
        let Ok(Line::Record(read)) = format.read(answer.as_bytes()) else {
            panic!()
        };
        assert_eq!(read.begins, Some(false));
    }

    #[test]
    fn a_format_without_what_decides_is_refused() {
        let told = Format::parse("${version} ${interface-id} ${srcaddr}").unwrap_err();
        let expected = "the format lacks `dstaddr`, `srcport`, `dstport`, `protocol`, `action`; ";
        assert!(told.starts_with(expected), "{told}");
    }

    #[test]
    fn intervals_without_records_and_lines_that_are_none_are_told_apart() {
        let read = |line: &str| {
            Format::default()
                .read(line.as_bytes())
                .map(|line| line == Line::NoData)
        };
        for status in ["NODATA", "SKIPDATA"] {
            let line =
                format!("2 123456789010 eni-1 - - - - - - - 1431280876 1431280934 - {status}");
            assert_eq!(read(&line), Ok(true));
        }
        for (from, to, expected) in [
            ("172.31.16.139", "172.31.16", Unreadable::Address),
            ("172.31.16.139", "2001:db8::1", Unreadable::Address),
            (" 22 ", " 70000 ", Unreadable::Port),
            (" 6 ", " 256 ", Unreadable::Protocol),
            ("ACCEPT", "accept", Unreadable::Action),
            ("OK", "KO", Unreadable::Status),
            (" 4249", "", Unreadable::Fields),
        ] {
            assert_eq!(read(&ACCEPTED.replacen(from, to, 1)), Err(expected), "{to}");
        }
        assert_eq!(Format::default().read(b"\xff"), Err(Unreadable::NotText));
    }
}
