//! One line: a flow as the user names it.

use model::{MOST_PICKS, Request, Transport};
use serde_json::{Map, Value};

use super::request;
use crate::nearest::suggest;

/// The fields of a line.
const FIELDS: [&str; 12] = [
    "id",
    "from",
    "gateway",
    "source_ip",
    "to",
    "protocol",
    "source_port",
    "destination_port",
    "icmp_type",
    "icmp_code",
    "picks",
    "request",
];
/// The port that a client sends from when the line does not say.
const CLIENT_PORT: u16 = 40000;

/// A flow whose ends are still texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) from: String,
    /// Of a sender on premises, the gateway by which it sends.
    pub(super) gateway: Option<String>,
    pub(super) source_ip: Option<String>,
    pub(super) to: String,
    pub(super) transport: Transport,
    /// To which of their candidates relays hand it on.
    pub(super) picks: Vec<u16>,
    /// The API request that it carries.
    pub(super) request: Option<Request>,
}

/// Reads a line: its id, whatever else is wrong, and the flow.
pub(super) fn read(line: &[u8]) -> (Value, Result<Line, String>) {
    let object = match serde_json::from_slice::<Value>(line) {
        Ok(Value::Object(object)) => object,
        Ok(_) => return (Value::Null, Err("the line is not a JSON object".to_owned())),
        Err(error) => return (Value::Null, Err(not_json(&error))),
    };
    let id = object.get("id").cloned().unwrap_or(Value::Null);
    (id, flow(&object))
}

fn not_json(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or_default();
    let column = error.column();
    if text.starts_with("recursion limit") {
        // `serde_json` counts and refuses.
        return format!("the line is nested deeper than 128 levels, at column {column}");
    }
    format!("the line is not JSON: {text}, at column {column}")
}

fn flow(object: &Map<String, Value>) -> Result<Line, String> {
    known(object, &FIELDS)?;
    Ok(Line {
        from: needed(object, "from")?,
        gateway: text(object, "gateway")?,
        source_ip: text(object, "source_ip")?,
        to: needed(object, "to")?,
        transport: transport(object)?,
        picks: picks(object)?,
        request: object.get("request").map(request::read).transpose()?,
    })
}

/// Refuses fields of other names.
pub(super) fn known(object: &Map<String, Value>, fields: &[&str]) -> Result<(), String> {
    let Some(key) = object.keys().find(|key| !fields.contains(&key.as_str())) else {
        return Ok(());
    };
    let help = suggest(key, fields.iter().copied(), "fields").unwrap_or_default();
    Err(format!("there is no field `{key}`; {help}"))
}

fn text(object: &Map<String, Value>, field: &str) -> Result<Option<String>, String> {
    match object.get(field) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("`{field}` is not a string")),
    }
}

pub(super) fn needed(object: &Map<String, Value>, field: &str) -> Result<String, String> {
    text(object, field)?.ok_or_else(|| format!("the field `{field}` is missing"))
}

fn number<T: TryFrom<u64>>(object: &Map<String, Value>, field: &str) -> Result<Option<T>, String> {
    let Some(value) = object.get(field) else {
        return Ok(None);
    };
    let number = value.as_u64().and_then(|number| T::try_from(number).ok());
    number
        .map(Some)
        .ok_or_else(|| format!("`{field}` is {value}, which is not a number of its range"))
}

fn picks(object: &Map<String, Value>) -> Result<Vec<u16>, String> {
    let wrong = || format!("`picks` is not a list of at most {MOST_PICKS} numbers from 1 on");
    let picks = match object.get("picks") {
        None => return Ok(Vec::new()),
        Some(Value::Array(picks)) if picks.len() <= MOST_PICKS => picks,
        Some(_) => return Err(wrong()),
    };
    let numbers = picks.iter().map(|pick| {
        let number = pick.as_u64().and_then(|number| u16::try_from(number).ok());
        number.filter(|number| *number > 0)
    });
    numbers.collect::<Option<_>>().ok_or_else(wrong)
}

fn transport(object: &Map<String, Value>) -> Result<Transport, String> {
    let protocol = match object.get("protocol") {
        None => return Err("the field `protocol` is missing".to_owned()),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(_) => return Err("`protocol` is neither a string nor a number".to_owned()),
    };
    let has_ports = ["tcp", "6", "udp", "17"].contains(&protocol.as_str());
    let has_types = ["icmp", "1", "icmpv6", "58"].contains(&protocol.as_str());
    for (fields, wanted) in [
        (["source_port", "destination_port"], has_ports),
        (["icmp_type", "icmp_code"], has_types),
    ] {
        if let Some(field) = fields
            .into_iter()
            .find(|field| !wanted && object.contains_key(*field))
        {
            return Err(format!(
                "`{field}` means nothing with the protocol `{protocol}`"
            ));
        }
    }
    let ports = || -> Result<(u16, u16), String> {
        let destination = number(object, "destination_port")?;
        let destination =
            destination.ok_or_else(|| "the field `destination_port` is missing".to_owned())?;
        Ok((
            number(object, "source_port")?.unwrap_or(CLIENT_PORT),
            destination,
        ))
    };
    let types = |echo: u8| -> Result<(u8, u8), String> {
        let icmp_type = number(object, "icmp_type")?.unwrap_or(echo);
        Ok((icmp_type, number(object, "icmp_code")?.unwrap_or(0)))
    };
    match protocol.as_str() {
        "tcp" | "6" => ports().map(|(source_port, destination_port)| Transport::Tcp {
            source_port,
            destination_port,
        }),
        "udp" | "17" => ports().map(|(source_port, destination_port)| Transport::Udp {
            source_port,
            destination_port,
        }),
        "icmp" | "1" => types(8).map(|(icmp_type, code)| Transport::Icmp { icmp_type, code }),
        "icmpv6" | "58" => {
            types(128).map(|(icmp_type, code)| Transport::Icmpv6 { icmp_type, code })
        }
        other => other
            .parse()
            .ok()
            .and_then(Transport::other)
            .ok_or_else(|| {
                format!(
                    "`{other}` is not a protocol; write `tcp`, `udp`, `icmp`, `icmpv6` or a number"
                )
            }),
    }
}
