//! Making resources: a term becomes a value that is known, or the mask and the expression of one
//! that is open.

use crate::json::{Map, Value as Json, json};

use crate::terraform::declared::{Declared, Origin, Origins};

use super::family::{self, Family, Field, Shape};
use super::open_text;
use super::term::{Attribute, Part, Term};
use super::world::{Spot, Undecided, World};

/// The blocks whose readers make something open of what is open as a whole.
const MAY_BE_OPEN: [&str; 5] = [
    "egress",
    "entry",
    "ingress",
    "inline_policy",
    "subnet_mapping",
];

/// An expression that leads nowhere.
fn nowhere() -> Json {
    json!({ "references": ["local.open"] })
}

/// A value in three layers of one shape.
struct Layers {
    value: Json,
    unknown: Json,
    expression: Json,
}

impl Layers {
    fn known(value: Json) -> Layers {
        Layers {
            value,
            unknown: Json::Bool(false),
            expression: Json::Null,
        }
    }

    fn open(expression: Json) -> Layers {
        Layers {
            value: Json::Null,
            unknown: Json::Bool(true),
            expression,
        }
    }
}

/// A resource that is being made.
pub(super) struct Making {
    declared: Declared,
    stack: usize,
    values: Map,
    unknown: Map,
    expressions: Map,
}

impl Making {
    /// Begins a resource.
    pub(super) fn new(
        world: &World<'_>,
        of: &str,
        spot: &Spot,
        address: String,
        label: String,
    ) -> Making {
        let place = world
            .template(spot.stack)
            .map(|template| template.place(&spot.pointer));
        let declared = Declared {
            address,
            label,
            of: of.to_owned(),
            is_data: false,
            values: Json::Null,
            unknown: Json::Null,
            declaration: Json::Null,
            place: place.unwrap_or_else(|| crate::diagnostic::Place::file("")),
            origins: Origins::new(),
        };
        let mut making = Making {
            declared,
            stack: spot.stack,
            values: Map::new(),
            unknown: Map::new(),
            expressions: Map::new(),
        };
        making.compute("id");
        if let Some(region) = world.region_of(spot.stack) {
            making.set("region", Json::from(region));
        }
        making
    }

    /// What it goes by.
    pub(super) fn address(&self) -> &str {
        &self.declared.address
    }

    /// The template that it stands in.
    pub(super) fn stack(&self) -> usize {
        self.stack
    }

    /// Leaves an attribute to AWS, unless it is set.
    pub(super) fn compute(&mut self, name: &str) {
        if !self.values.contains_key(name) && !self.unknown.contains_key(name) {
            self.unknown.insert(name.to_owned(), Json::Bool(true));
        }
    }

    /// Sets an attribute to what is known.
    pub(super) fn set(&mut self, name: &str, value: Json) {
        self.unknown.remove(name);
        self.values.insert(name.to_owned(), value);
    }

    /// Whether an attribute is set.
    pub(super) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name) || self.expressions.contains_key(name)
    }

    /// Leaves an attribute open, with what would settle it.
    pub(super) fn open(&mut self, world: &World<'_>, name: &str, why: &str, pointer: &str) {
        let part = Part {
            term: Term::Open(why.to_owned()),
            pointer: pointer.to_owned(),
        };
        self.take(world, name, &part, Shape::Text);
    }

    /// Takes an attribute from a term.
    pub(super) fn take(&mut self, world: &World<'_>, name: &str, part: &Part, shape: Shape) {
        let Some(layers) = self.layers(world, name, part, shape) else {
            return;
        };
        self.values.insert(name.to_owned(), layers.value);
        self.unknown.insert(name.to_owned(), layers.unknown);
        if !layers.expression.is_null() {
            self.expressions.insert(name.to_owned(), layers.expression);
        }
    }

    /// Takes each field that the properties have.
    pub(super) fn take_fields(&mut self, world: &World<'_>, properties: &Part, fields: &[Field]) {
        for (property, attribute, shape) in fields {
            self.take(world, attribute, &at(properties, property), *shape);
        }
    }

    /// Adds a block to an attribute that holds several, with all of its parts.
    pub(super) fn add_block(
        &mut self,
        world: &World<'_>,
        name: &str,
        item: &Part,
        fields: &[Field],
    ) {
        let position = self
            .values
            .get(name)
            .and_then(Json::as_array)
            .map_or(0, Vec::len);
        let path = format!("{name}/{position}");
        let layers = self.block(world, &path, item, fields);
        for (map, layer) in [
            (&mut self.values, layers.value),
            (&mut self.unknown, layers.unknown),
            (&mut self.expressions, layers.expression),
        ] {
            let mut items = match map.remove(name) {
                Some(Json::Array(items)) => items,
                Some(_) | None => Vec::new(),
            };
            items.push(layer);
            map.insert(name, Json::Array(items));
        }
    }

    /// The resource.
    pub(super) fn made(self) -> Declared {
        let expressions = Json::Object(self.expressions);
        Declared {
            values: Json::Object(self.values),
            unknown: Json::Object(self.unknown),
            declaration: json!({ "expressions": expressions }),
            ..self.declared
        }
    }

    fn layers(
        &mut self,
        world: &World<'_>,
        path: &str,
        part: &Part,
        shape: Shape,
    ) -> Option<Layers> {
        if part.term == Term::Absent {
            return None;
        }
        self.remember(world, path, part);
        Some(match shape {
            Shape::Text => self.text(world, path, &part.term),
            Shape::Listed => list(vec![self.text(world, &format!("{path}/0"), &part.term)]),
            Shape::Word => {
                if part.term.why_open().is_some() {
                    self.undecided(world, part, "");
                }
                self.text(world, path, &part.term)
            }
            Shape::Flag => match part.term.as_text().as_deref() {
                // `PrivateDnsOnlyForInboundResolverEndpoint` has words for them.
                Some("true" | "OnlyInboundResolver") => Layers::known(Json::Bool(true)),
                Some("false" | "AllResolvers") => Layers::known(Json::Bool(false)),
                other => {
                    let why = other.map(|other| format!("is `{other}`, which is no boolean"));
                    self.undecided(world, part, why.as_deref().unwrap_or("is no boolean"));
                    Layers::open(nowhere())
                }
            },
            Shape::Policy => match (part.term.as_text(), part.term.json()) {
                (Some(text), _) => Layers::known(Json::from(text)),
                (None, Some(json)) => Layers::known(Json::from(json.to_string())),
                // Beside what is open altogether stands what is known of it.
                (None, None) => Layers {
                    value: open_text::document(world, &part.term).unwrap_or(Json::Null),
                    ..Layers::open(nowhere())
                },
            },
            Shape::Tags => Layers::known(tags(&part.term)),
            Shape::Block(fields) => {
                if matches!(part.term, Term::Map(_)) {
                    let path = format!("{path}/0");
                    list(vec![self.block(world, &path, part, fields)])
                } else {
                    self.open_blocks(world, path, part)
                }
            }
            Shape::Blocks(fields) => match part.term.items() {
                Some(items) => {
                    let blocks = items.iter().enumerate().map(|(position, item)| {
                        let path = format!("{path}/{position}");
                        self.block(world, &path, item, fields)
                    });
                    list(blocks.collect())
                }
                None => self.open_blocks(world, path, part),
            },
        })
    }

    /// Takes a property that decides what the resource is, and is open, or wrong.
    fn undecided(&self, world: &World<'_>, part: &Part, wrong: &str) {
        let why = part.term.why_open();
        let mut undecided = world.undecided.borrow_mut();
        undecided.push(Undecided {
            spot: Spot::new(self.stack, part.pointer.as_str()),
            address: self.declared.address.clone(),
            of: self.declared.of.clone(),
            is_open: why.is_some(),
            why: why.unwrap_or_else(|| wrong.to_owned()),
        });
    }

    /// Blocks of which nobody can tell how many there are.
    fn open_blocks(&self, world: &World<'_>, path: &str, part: &Part) -> Layers {
        if !MAY_BE_OPEN.contains(&path) {
            self.undecided(world, part, "is not of its kind");
        }
        Layers::open(nowhere())
    }

    /// A block, with each field that it has.
    fn block(&mut self, world: &World<'_>, path: &str, part: &Part, fields: &[Field]) -> Layers {
        self.remember(world, path, part);
        let (mut value, mut unknown, mut expression) = (Map::new(), Map::new(), Map::new());
        for (property, attribute, shape) in fields {
            let field = at(part, property);
            let path = format!("{path}/{attribute}");
            if let Some(layers) = self.layers(world, &path, &field, *shape) {
                let name = (*attribute).to_owned();
                value.insert(name.clone(), layers.value);
                unknown.insert(name.clone(), layers.unknown);
                expression.insert(name, layers.expression);
            }
        }
        Layers {
            value: Json::Object(value),
            unknown: Json::Object(unknown),
            expression: Json::Object(expression),
        }
    }

    fn text(&mut self, world: &World<'_>, path: &str, term: &Term) -> Layers {
        match term {
            Term::List(items) => {
                let items = items.iter().enumerate().map(|(position, item)| {
                    let path = format!("{path}/{position}");
                    self.remember(world, &path, item);
                    self.text(world, &path, &item.term)
                });
                list(items.collect())
            }
            Term::Of(attribute) => Layers::open(expression(world, std::slice::from_ref(attribute))),
            Term::OneOf(list) => Layers::open(expression(world, list)),
            Term::Scalar(_) => {
                let text = term.as_text();
                Layers::known(text.map_or(Json::Null, Json::from))
            }
            Term::Absent => Layers::known(Json::Null),
            Term::Map(_) | Term::Joined(..) | Term::Open(_) => Layers::open(nowhere()),
        }
    }

    /// Remembers what an attribute is called in the template. What is open is called by what would
    /// settle it too.
    fn remember(&mut self, world: &World<'_>, path: &str, part: &Part) {
        let Some(template) = world.template(self.stack) else {
            return;
        };
        let mut name = property(&part.pointer);
        if let Term::Joined(_, why) | Term::Open(why) = &part.term {
            name = format!("{name} ({why})");
        } else if let (Term::Map(_), Some(why)) = (&part.term, part.term.why_open()) {
            name = format!("{name} ({why})");
        }
        let place = template.place(&part.pointer);
        let origin = Origin { name, place };
        self.declared.origins.insert(path.to_owned(), origin);
    }
}

/// A property, or one in it: `PortRange.From`.
pub(super) fn at(properties: &Part, path: &str) -> Part {
    let mut found = properties.clone();
    for name in path.split('.') {
        found = found.term.field(name, &found.pointer);
    }
    found
}

/// The name of a property in a message: `/Resources/Rule/Properties/Ports/0/From` is `Ports[0].From`.
pub(super) fn property(pointer: &str) -> String {
    let path = pointer
        .split_once("/Properties/")
        .map_or("", |(_, path)| path);
    let mut name = String::new();
    for step in path.split('/') {
        if step.starts_with("Fn::") || step == "Ref" {
            break;
        }
        if step.parse::<usize>().is_ok() {
            name.push_str(&format!("[{step}]"));
        } else {
            if !name.is_empty() {
                name.push('.');
            }
            name.push_str(step);
        }
    }
    name
}

fn list(items: Vec<Layers>) -> Layers {
    let (mut value, mut unknown, mut expression) = (Vec::new(), Vec::new(), Vec::new());
    for item in items {
        value.push(item.value);
        unknown.push(item.unknown);
        expression.push(item.expression);
    }
    Layers {
        value: Json::Array(value),
        unknown: Json::Array(unknown),
        expression: Json::Array(expression),
    }
}

/// The tags whose values are known.
fn tags(term: &Term) -> Json {
    let mut tags = Map::new();
    if let Term::List(items) = term {
        for item in items {
            let text = |name| item.term.field(name, "").term.as_text();
            if let (Some(key), Some(value)) = (text("Key"), text("Value")) {
                tags.insert(key, Json::from(value));
            }
        }
    }
    Json::Object(tags)
}

/// The expression that names attributes of resources; one that names what is not read leads nowhere.
fn expression(world: &World<'_>, attributes: &[Attribute]) -> Json {
    let mut references = Vec::new();
    for attribute in attributes {
        match reference(world, attribute) {
            Some(reference) => references.push(reference),
            None => return nowhere(),
        }
    }
    json!({ "references": references })
}

fn reference(world: &World<'_>, attribute: &Attribute) -> Option<String> {
    let template = world.template(attribute.stack)?;
    let written = template.resource(&attribute.resource)?;
    let family = family::of(written.of)?;
    let name = match attribute.name.as_deref() {
        None => family.reference.to_owned(),
        Some(name) => provider_name(family, name),
    };
    let label = label(attribute.stack, &attribute.resource);
    Some(format!("{}.{label}.{name}", family.makes))
}

/// What expressions call a resource: unlike its address it has no dots.
pub(super) fn label(stack: usize, resource: &str) -> String {
    format!("s{stack}_{resource}")
}

/// What the provider calls an attribute that `Fn::GetAtt` gives.
fn provider_name(family: &Family, name: &str) -> String {
    if name == family.own {
        let id = match family.reference {
            "public_ip" => "allocation_id",
            reference => reference,
        };
        return id.to_owned();
    }
    let known = match name {
        "DefaultSecurityGroup" => "default_security_group_id",
        "DefaultNetworkAcl" => "default_network_acl_id",
        "Arn" => "arn",
        "DNSName" => "dns_name",
        "CanonicalHostedZoneID" => "zone_id",
        "DnsEntries" => "dns_entry",
        "PrimaryPrivateIpAddress" | "PrivateIp" => "private_ip",
        "ServiceName" => "service_name",
        "VpcId" => "vpc_id",
        "PolicyArn" => "arn",
        _ => "not_known",
    };
    known.to_owned()
}
