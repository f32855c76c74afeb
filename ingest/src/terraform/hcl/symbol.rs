//! Symbols: values of the configuration, in which what is known only after the apply has a name.

use std::collections::BTreeMap;

use crate::json::{Map, Value as Json};

use super::super::reference::Call;

/// The largest whole number, on either side of zero: what JSON, Terraform and this reader agree about.
const MAX_NUMBER: i64 = 1 << 53;

/// The attributes of AWS's provider that end in `_id` and are numbers.
const NUMBERS: [&str; 6] = [
    "application_version_id",
    "default_version_id",
    "revocation_id",
    "transaction_id",
    "virtual_network_id",
    "vlan_id",
];

/// The data sources with an attribute that is a list of texts: what else a plan shows as an array may
/// be a set.
const LISTS: [(&str, &str); 9] = [
    ("aws_availability_zones", "names"),
    ("aws_availability_zones", "zone_ids"),
    ("aws_instances", "ids"),
    ("aws_network_interfaces", "ids"),
    ("aws_prefix_list", "cidr_blocks"),
    ("aws_route_tables", "ids"),
    ("aws_security_groups", "ids"),
    ("aws_subnets", "ids"),
    ("aws_vpcs", "ids"),
];

/// A value. Whether a list is a tuple, and a map an object, is not kept: where that makes a
/// difference the value is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Symbol {
    Null,
    Bool(bool),
    /// A whole number of at most 53 bits; any other one is open.
    Number(i64),
    Text(String),
    /// A list or a tuple.
    List(Vec<Symbol>),
    /// A set. Known texts and known numbers are in Terraform's order, anything else in none.
    Set(Vec<Symbol>),
    /// A map or an object.
    Map(BTreeMap<String, Symbol>),
    /// A whole instance of a resource, by its position in the plan.
    Resource(usize),
    /// A whole instance of a module.
    Module(Vec<Call>),
    /// An attribute that the plan leaves open.
    Attribute(Name),
    /// Texts, one after the other, not all of them known.
    Template(Vec<Symbol>),
    /// The JSON text of a value with something in it that is not known.
    Document(Box<Symbol>),
    /// What is certainly not there, as an item behind the end of a list: `try` goes on.
    Missing,
    /// What cannot be told.
    Open,
}

/// The name of a value that the plan leaves open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Name {
    /// The position of the resource in the plan.
    pub(in super::super) resource: usize,
    /// The attribute.
    pub(in super::super) attribute: String,
    /// Whether it is certainly a text.
    pub(super) is_text: bool,
}

impl Symbol {
    /// A text of the files. Terraform composes characters that Unicode can write in two ways; what has
    /// any beyond ASCII is open.
    pub(super) fn literal(text: &str) -> Symbol {
        if text.is_ascii() {
            Symbol::text(text)
        } else {
            Symbol::Open
        }
    }

    /// A whole number, unless it is too large.
    pub(super) fn number(number: Option<i64>) -> Symbol {
        let is_exact = |number: &i64| (-MAX_NUMBER..=MAX_NUMBER).contains(number);
        number.filter(is_exact).map_or(Symbol::Open, Symbol::Number)
    }

    /// A number that counts something.
    pub(super) fn count(count: usize) -> Symbol {
        Symbol::number(i64::try_from(count).ok())
    }

    /// A text.
    pub(super) fn text(text: &str) -> Symbol {
        Symbol::Text(text.to_owned())
    }

    /// Whether nothing in it is left open.
    pub(super) fn is_known(&self) -> bool {
        match self {
            Symbol::Null | Symbol::Bool(_) | Symbol::Number(_) | Symbol::Text(_) => true,
            Symbol::List(items) | Symbol::Set(items) => items.iter().all(Symbol::is_known),
            Symbol::Map(fields) => fields.values().all(Symbol::is_known),
            Symbol::Resource(_)
            | Symbol::Module(_)
            | Symbol::Attribute(_)
            | Symbol::Template(_)
            | Symbol::Document(_)
            | Symbol::Missing
            | Symbol::Open => false,
        }
    }

    /// Whether it, or a part of it, cannot be told.
    pub(super) fn is_open(&self) -> bool {
        match self {
            Symbol::Open | Symbol::Missing => true,
            Symbol::List(items) | Symbol::Set(items) | Symbol::Template(items) => {
                items.iter().any(Symbol::is_open)
            }
            Symbol::Map(fields) => fields.values().any(Symbol::is_open),
            Symbol::Document(inner) => inner.is_open(),
            Symbol::Null
            | Symbol::Bool(_)
            | Symbol::Number(_)
            | Symbol::Text(_)
            | Symbol::Resource(_)
            | Symbol::Module(_)
            | Symbol::Attribute(_) => false,
        }
    }

    /// How many parts it has.
    pub(super) fn size(&self) -> usize {
        let inner = match self {
            Symbol::List(items) | Symbol::Set(items) | Symbol::Template(items) => {
                items.iter().map(Symbol::size).sum()
            }
            Symbol::Map(fields) => fields.values().map(Symbol::size).sum(),
            Symbol::Document(inner) => inner.size(),
            Symbol::Text(text) => text.len() / 64,
            Symbol::Null
            | Symbol::Bool(_)
            | Symbol::Number(_)
            | Symbol::Resource(_)
            | Symbol::Module(_)
            | Symbol::Attribute(_)
            | Symbol::Missing
            | Symbol::Open => 0,
        };
        inner + 1
    }

    /// The text of a known scalar, as Terraform converts it.
    pub(super) fn as_text(&self) -> Option<String> {
        match self {
            Symbol::Text(text) => Some(text.clone()),
            Symbol::Bool(flag) => Some(flag.to_string()),
            Symbol::Number(number) => Some(number.to_string()),
            Symbol::Null
            | Symbol::List(_)
            | Symbol::Set(_)
            | Symbol::Map(_)
            | Symbol::Resource(_)
            | Symbol::Module(_)
            | Symbol::Attribute(_)
            | Symbol::Template(_)
            | Symbol::Document(_)
            | Symbol::Missing
            | Symbol::Open => None,
        }
    }

    /// The number of a known scalar: a text is one when it is what Terraform writes for that number.
    pub(super) fn as_number(&self) -> Option<i64> {
        if let Symbol::Number(number) = self {
            return Some(*number);
        }
        let text = self.as_text()?;
        let number = Symbol::number(text.parse().ok());
        if let Symbol::Number(number) = number
            && number.to_string() == text
        {
            return Some(number);
        }
        None
    }

    /// A number that counts something.
    pub(super) fn as_index(&self) -> Option<usize> {
        usize::try_from(self.as_number()?).ok()
    }

    /// The truth of a known scalar.
    pub(super) fn as_flag(&self) -> Option<bool> {
        match self.as_text()?.as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// The items of a list, or of a set whose order is known.
    pub(super) fn items(&self) -> Option<&[Symbol]> {
        self.members().filter(|items| {
            let is_list = matches!(self, Symbol::List(_));
            is_list || items.len() < 2 || are_ordered(items)
        })
    }

    /// The items of a list, and not of a set.
    pub(super) fn list(&self) -> Option<&[Symbol]> {
        self.members().filter(|_| matches!(self, Symbol::List(_)))
    }

    /// The items of a list or a set, in whatever order.
    pub(super) fn members(&self) -> Option<&[Symbol]> {
        if let Symbol::List(items) | Symbol::Set(items) = self {
            Some(items)
        } else {
            None
        }
    }

    /// A set of some members. Terraform orders texts by their bytes and numbers by size; others are in
    /// an order that is not documented.
    pub(super) fn set(items: impl IntoIterator<Item = Symbol>) -> Symbol {
        let mut members: Vec<Symbol> = Vec::new();
        for item in items {
            if !members.contains(&item) {
                members.push(item);
            }
        }
        if are_ordered(&members) {
            members.sort_by_key(|member| (member.as_number_only(), member.as_text()));
        }
        Symbol::Set(members)
    }

    fn as_number_only(&self) -> Option<i64> {
        if let Symbol::Number(number) = self {
            Some(*number)
        } else {
            None
        }
    }

    /// A known value as JSON.
    pub(super) fn json(&self) -> Option<Json> {
        Some(match self {
            Symbol::Null => Json::Null,
            Symbol::Bool(flag) => Json::Bool(*flag),
            Symbol::Number(number) => Json::from(*number),
            Symbol::Text(text) => Json::String(text.clone()),
            Symbol::List(items) | Symbol::Set(items) => {
                let items: Option<Vec<_>> = items.iter().map(Symbol::json).collect();
                Json::Array(items?)
            }
            Symbol::Map(fields) => {
                let field = |(key, value): (&String, &Symbol)| Some((key.clone(), value.json()?));
                let fields: Option<Map> = fields.iter().map(field).collect();
                Json::Object(fields?)
            }
            Symbol::Resource(_)
            | Symbol::Module(_)
            | Symbol::Attribute(_)
            | Symbol::Template(_)
            | Symbol::Document(_)
            | Symbol::Missing
            | Symbol::Open => return None,
        })
    }

    /// What an attribute of the plan is, of a resource or data source of a type.
    pub(super) fn of_plan(
        of: &str,
        value: Option<&Json>,
        unknown: Option<&Json>,
        name: Name,
    ) -> Symbol {
        let is_known = |json: &Json| !json.is_array() && !json.is_object();
        match (value, unknown) {
            (_, Some(Json::Bool(true))) => Symbol::Attribute(name),
            (Some(Json::Array(items)), None | Some(Json::Bool(false) | Json::Array(_)))
                if LISTS.contains(&(of, &name.attribute)) && items.iter().all(Json::is_string) =>
            {
                Symbol::List(items.iter().map(Symbol::of_json).collect())
            }
            (Some(Json::Object(fields)), unknown) => {
                let masked = |key: &str| unknown.and_then(|unknown| unknown.get(key)).is_some();
                let field = |(key, value): (&str, &Json)| {
                    let is_plain = is_known(value) && !masked(key);
                    let value = if is_plain {
                        Symbol::of_json(value)
                    } else {
                        Symbol::Open
                    };
                    (key.to_owned(), value)
                };
                let all = fields.iter().map(field).collect();
                // A key that the plan does not know yet may be one of an empty object too.
                let keys = unknown.and_then(Json::as_object);
                let is_whole =
                    keys.is_none_or(|keys| keys.keys().all(|key| fields.contains_key(key)));
                if is_whole {
                    Symbol::Map(all)
                } else {
                    Symbol::Open
                }
            }
            (Some(scalar), None | Some(Json::Bool(false))) if is_known(scalar) => {
                Symbol::of_json(scalar)
            }
            (_, _) => Symbol::Open,
        }
    }

    /// A known value from JSON.
    pub(super) fn of_json(json: &Json) -> Symbol {
        match json {
            Json::Null => Symbol::Null,
            Json::Bool(flag) => Symbol::Bool(*flag),
            Json::Number(number) => Symbol::number(number.as_i64()),
            Json::String(text) => Symbol::text(text),
            Json::Array(items) => Symbol::List(items.iter().map(Symbol::of_json).collect()),
            Json::Object(fields) => {
                let field = |(key, value): (&str, &Json)| (key.to_owned(), Symbol::of_json(value));
                Symbol::Map(fields.iter().map(field).collect())
            }
        }
    }
}

impl Name {
    /// The name of an attribute of a resource of a type.
    pub(super) fn new(resource: usize, of: &str, attribute: &str) -> Name {
        let is_text = match of.split('_').next() {
            Some("aws") => {
                let last = attribute.rsplit('_').next().unwrap_or_default();
                let is_id = ["id", "arn"].contains(&last) && !NUMBERS.contains(&attribute);
                is_id || ["cidr_block", "private_ip", "public_ip"].contains(&attribute)
            }
            Some("terraform") => attribute == "id",
            Some(_) | None => false,
        };
        Name {
            resource,
            attribute: attribute.to_owned(),
            is_text,
        }
    }
}

/// Whether Terraform's order of the members of a set is one that is documented.
fn are_ordered(members: &[Symbol]) -> bool {
    let all = |is: fn(&Symbol) -> bool| members.iter().all(is);
    all(|member| matches!(member, Symbol::Text(_)))
        || all(|member| matches!(member, Symbol::Number(_)))
}
