//! A configuration as what a call prints: keys begin with a capital letter, and the few parts that AWS
//! Config writes otherwise have the shape of the call.

use super::Made;
use super::item::Recorded;
use super::kind::{DHCP_OPTIONS, EXCLUSION, INSTANCE, Kind, OPTIONS};
use crate::diagnostic::{Code, Diagnostic};
use crate::json::{Map, Value, Written, json};
use crate::sink::Sink;

/// The lists of permissions of a group.
const PERMISSIONS: [&str; 2] = ["IpPermissions", "IpPermissionsEgress"];

/// Makes an item of a call of one of AWS Config.
pub(super) fn raise(kind: &'static Kind, recorded: Recorded, sink: &mut Sink) -> Option<Made> {
    let pointer = format!("{}/configuration", recorded.pointer);
    let keys = recorded.configuration.as_object();
    let is_lowered = keys.is_some_and(|fields| {
        fields
            .keys()
            .any(|key| key.starts_with(|first: char| first.is_ascii_lowercase()))
    });
    let written = if is_lowered {
        Written::ByConfigLowered
    } else {
        Written::ByConfig
    };
    let Value::Object(mut fields) = raised(&recorded.configuration) else {
        return None;
    };
    let tags = tags(&recorded, &mut fields, sink)?;
    match kind.of {
        OPTIONS => options(&recorded, &mut fields),
        EXCLUSION => exclusion(&recorded, &mut fields),
        DHCP_OPTIONS => dhcp_options(&mut fields),
        _ => {
            PERMISSIONS
                .iter()
                .for_each(|key| permissions(key, &mut fields));
            status(&mut fields);
        }
    }
    if kind.has_properties || !fields.contains_key(kind.id) {
        fields.insert(kind.id, Value::from(recorded.id.as_str()));
    }
    fields.insert("Tags", tags.clone());
    fields.insert("TagSet", tags);
    let value = match kind.of {
        INSTANCE => {
            fields.insert("InstanceId", Value::from(recorded.id.as_str()));
            json!({ "ReservationId": recorded.id.as_str() }).with("Instances", vec![fields.into()])
        }
        OPTIONS => Value::Object(Map::new()).with("VpcBlockPublicAccessOptions", fields),
        _ => Value::Object(fields),
    };
    Some(Made {
        list: kind.list,
        id_field: kind.id,
        folder: recorded.folder(),
        id: recorded.id,
        value,
        file: recorded.file,
        pointer,
        written,
    })
}

impl Value {
    /// An object with one field more.
    fn with(mut self, key: &str, value: impl Into<Value>) -> Value {
        if let Some(fields) = self.as_object_mut() {
            fields.insert(key, value.into());
        }
        self
    }
}

/// Keys with a capital letter, and a state that is an object with its value as that value.
fn raised(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let raised = fields.iter().map(|(key, value)| {
                let key = capital(key);
                let value = match only_value(value).filter(|_| key == "State") {
                    Some(value) => Value::from(value),
                    None => raised(value),
                };
                (key, value)
            });
            Value::Object(raised.collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(raised).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

fn capital(key: &str) -> String {
    let mut letters = key.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

fn only_value(value: &Value) -> Option<&str> {
    let fields = value.as_object().filter(|fields| fields.len() == 1)?;
    fields
        .get("value")
        .or_else(|| fields.get("Value"))?
        .as_str()
}

/// The tags of the item, or else of its configuration. Selectors ask for them, so that they have to be
/// known.
fn tags(recorded: &Recorded, fields: &mut Map, sink: &mut Sink) -> Option<Value> {
    let own = ["Tags", "TagSet"].map(|key| fields.remove(key));
    if let Some(tags) = &recorded.tags {
        return Some(tags.clone());
    }
    let own = own.into_iter().flatten().find(Value::is_array);
    if own.is_none() {
        let message = format!("the tags of `{}` are not recorded here", recorded.id);
        let error = Diagnostic::error(recorded.place(), Code::MissingField, message);
        let help = "`batch-get-resource-config` does not print them: give a snapshot, or select \
                    `tags` in an advanced query";
        sink.push(error.help(help));
    }
    own
}

/// The blocks of a permission are texts in one list, and objects in another, which older items do not
/// have; lists of prefixes may be texts.
fn permissions(key: &str, fields: &mut Map) {
    let permissions = fields.get_mut(key);
    let Some(Value::Array(permissions)) = permissions else {
        return;
    };
    for permission in permissions.iter_mut().filter_map(Value::as_object_mut) {
        let mut blocks: Vec<Value> = Vec::new();
        for list in ["Ipv4Ranges", "IpRanges"] {
            let Some(Value::Array(items)) = permission.remove(list) else {
                continue;
            };
            for item in items {
                let block = object_of(item, "CidrIp");
                let of = |value: &Value| value.get("CidrIp").cloned();
                if blocks.iter().all(|known| of(known) != of(&block)) {
                    blocks.push(block);
                }
            }
        }
        permission.insert("IpRanges", Value::Array(blocks));
        for (list, field) in [
            ("Ipv6Ranges", "CidrIpv6"),
            ("PrefixListIds", "PrefixListId"),
        ] {
            if let Some(Value::Array(items)) = permission.remove(list) {
                let items = items.into_iter().map(|item| object_of(item, field));
                permission.insert(list, Value::Array(items.collect()));
            }
        }
    }
}

fn object_of(item: Value, field: &str) -> Value {
    if item.is_string() {
        Value::Object(Map::new()).with(field, item)
    } else {
        item
    }
}

/// The status of a peering may be its code alone.
fn status(fields: &mut Map) {
    if let Some(Value::String(code)) = fields.get("Status")
        && fields.contains_key("VpcPeeringConnectionId")
    {
        let code = json!({ "Code": code.as_str() });
        fields.insert("Status", code);
    }
}

fn options(recorded: &Recorded, fields: &mut Map) {
    let account = Value::from(recorded.account.as_str());
    fields.insert("AwsAccountId", account);
    fields.insert("AwsRegion", Value::from(recorded.region.as_str()));
}

fn exclusion(recorded: &Recorded, fields: &mut Map) {
    let of = ["SubnetId", "VpcId"].into_iter();
    let mut of = of.filter_map(|key| fields.get(key)?.as_str().map(str::to_owned));
    if let Some(subject) = of.next() {
        let arn = format!(
            "arn:aws:ec2:{}:{}:excluded/{subject}",
            recorded.region, recorded.account
        );
        fields.insert("ResourceArn", Value::from(arn));
    }
}

/// CloudFormation has a list of servers where the call has pairs of a name and values.
fn dhcp_options(fields: &mut Map) {
    let Some(Value::Array(servers)) = fields.remove("DomainNameServers") else {
        return;
    };
    let values = servers
        .into_iter()
        .map(|server| Value::Object(Map::new()).with("Value", server))
        .collect::<Vec<_>>();
    let servers = json!({ "Key": "domain-name-servers" }).with("Values", values);
    fields.insert("DhcpConfigurations", Value::Array(vec![servers]));
}
