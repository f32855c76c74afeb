//! Vetting: what of a template is not on the vetted list takes back proofs, by name.

use std::collections::BTreeSet;

use crate::json::Value as Json;
use model::NetworkDraft;

use crate::doubt::Touches;
use crate::sink::Sink;

use super::family::{self, Field, Shape};
use super::make::{at, property};
use super::peculiar;
use super::template::{Template, Written};
use super::term::{Part, Term};
use super::vetted::{self, ATTRIBUTES, Vetted};
use super::world::{Spot, World};
use super::yaml::escaped;

/// The sections that say what is made, or nothing at all. `Rules` only refuse parameters.
const SECTIONS: [&str; 10] = [
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Mappings",
    "Metadata",
    "Outputs",
    "Parameters",
    "Resources",
    "Rules",
    "Transform",
];

/// Lists whose readers make a hole of what is open, of the whole and of an item.
const MAY_BE_OPEN: [&str; 3] = ["Entries", "SecurityGroupEgress", "SecurityGroupIngress"];

/// Vets what a template has beside its resources.
pub(super) fn template(template: &Template, sink: &mut Sink) {
    let sections = template.value.as_object().into_iter().flatten();
    for (name, _) in sections.filter(|(name, _)| !SECTIONS.contains(name)) {
        let place = template.place(&format!("/{}", escaped(name)));
        let what = format!("`{name}` ({place}) is a section of the template that is not read");
        sink.no_proof(Touches::Everything, what);
    }
    transforms(template, &template.value, "", sink);
    for (pointer, text) in template.ambiguous() {
        let place = template.place(pointer);
        let what = format!(
            "`{text}` ({place}) stands without quotes, and YAML's versions differ about what it means"
        );
        sink.no_proof(Touches::Everything, what);
    }
}

/// Notes each `Fn::Transform` and `Fn::ForEach`, wherever it stands: what stands beside it may be
/// changed too.
fn transforms(template: &Template, json: &Json, pointer: &str, sink: &mut Sink) {
    match json {
        Json::Array(items) => {
            for (position, item) in items.iter().enumerate() {
                transforms(template, item, &format!("{pointer}/{position}"), sink);
            }
        }
        Json::Object(fields) => {
            for (name, value) in fields {
                let below = format!("{pointer}/{}", escaped(name));
                let is_mixed = name.starts_with("Fn::") && fields.len() > 1;
                if name == "Fn::Transform" || name.starts_with("Fn::ForEach") || is_mixed {
                    let place = template.place(&below);
                    let what = format!("`{name}` ({place}) changes what stands around it");
                    sink.no_proof(Touches::Everything, what);
                }
                transforms(template, value, &below, sink);
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

/// A resource, and what its properties were evaluated to.
pub(super) struct Site<'s, 'w, 't> {
    pub(super) world: &'w World<'t>,
    pub(super) spot: &'s Spot,
    pub(super) written: Written<'s>,
    pub(super) address: &'s str,
    pub(super) properties: &'s Part,
}

/// Vets a resource that is made. `optional` are the places where a condition that is open decides
/// whether anything stands there at all.
pub(super) fn resource(site: &Site<'_, '_, '_>, optional: &[(Spot, String)], sink: &mut Sink) {
    let attributes = site.written.body.as_object().into_iter().flatten();
    for (name, _) in attributes.filter(|(name, _)| !ATTRIBUTES.contains(name)) {
        let pointer = format!("{}/{}", site.spot.pointer, escaped(name));
        let what = "is an attribute of a resource that is not read";
        site.doubt(Touches::Everything, name, &pointer, what, sink);
    }
    if site
        .written
        .body
        .get("Condition")
        .is_some_and(|of| !of.is_string())
    {
        let pointer = format!("{}/Condition", site.spot.pointer);
        let what = "is not the name of a condition";
        site.doubt(Touches::Everything, "Condition", &pointer, what, sink);
    }
    if vetted::is_harmless(site.written) || vetted::is_tool_of_cdk(site.written) {
        return;
    }
    let Some(vetted) = vetted::of(site.written.of) else {
        let of = site.written.of;
        let touches = if of.starts_with("AWS::IAM::") {
            Touches::Requests
        } else {
            Touches::Everything
        };
        let what = format!("is of the type {of}, which is not read");
        return site.doubt(touches, "", &site.spot.pointer, &what, sink);
    };
    let Term::Map(_) = &site.properties.term else {
        let pointer = &site.properties.pointer;
        let what = "are not written as they will be";
        return site.doubt(vetted.touches, "Properties", pointer, what, sink);
    };
    let list = List::of(vetted);
    site.walk(&list, site.properties, "", sink);
    for (spot, why) in optional {
        let path = plain(&property(&spot.pointer));
        let is_own = spot.pointer.starts_with(&site.properties.pointer);
        if !(is_own && list.is_idle(&path)) {
            let name = property(&spot.pointer);
            let what = format!("is there or not, by {why}");
            let touches = list.touches(&path);
            site.doubt(touches, &name, &spot.pointer, &what, sink);
        }
    }
    peculiar::resource(site, sink);
}

/// A path without the positions in lists: `Rules[0].Port` is `Rules.Port`.
fn plain(path: &str) -> String {
    let mut plain = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('[') {
        plain.push_str(before);
        rest = after.split_once(']').map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    plain
}

/// The vetted paths of a type.
struct List {
    touches: Touches,
    paths: BTreeSet<String>,
    tags: BTreeSet<&'static str>,
    idle: &'static [&'static str],
}

impl List {
    fn of(vetted: &Vetted) -> List {
        let mut paths: BTreeSet<String> = BTreeSet::new();
        let mut tags = BTreeSet::new();
        let family = family::of(vetted.of);
        if let Some(family) = family {
            gather(family.fields, "", &mut paths);
            let is_tags = |field: &&Field| matches!(field.2, Shape::Tags);
            tags.extend(family.fields.iter().filter(is_tags).map(|field| field.0));
        }
        let further = vetted.read.iter().chain(vetted.idle);
        paths.extend(further.map(|path| (*path).to_owned()));
        List {
            touches: vetted.touches,
            paths,
            tags,
            idle: vetted.idle,
        }
    }

    /// Whether what is at a path, or lies around it, has no effect.
    fn is_idle(&self, path: &str) -> bool {
        self.idle.iter().any(|idle| {
            path.strip_prefix(idle)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }

    fn touches(&self, path: &str) -> Touches {
        let first = path.split('.').next().unwrap_or_default();
        if self.tags.contains(first) {
            self.touches_of_tags()
        } else {
            self.touches
        }
    }

    /// Policies may ask for tags too.
    fn touches_of_tags(&self) -> Touches {
        match self.touches {
            Touches::Requests => Touches::Requests,
            Touches::Everything
            | Touches::Names
            | Touches::Permission
            | Touches::Ipv6
            | Touches::Interfaces
            | Touches::Internet
            | Touches::OnPremises
            | Touches::Tags
            | Touches::TagsOfAws
            | Touches::Accounts
            | Touches::Zones
            | Touches::ZoneIds => Touches::Tags,
        }
    }

    /// Whether all of a path is vetted, or with this value only.
    fn has(&self, path: &str, value: &Term) -> bool {
        let text = value.as_text();
        let with_value = text.map(|text| format!("{path}={text}"));
        self.paths.contains(path) || with_value.is_some_and(|path| self.paths.contains(&path))
    }

    /// Whether something within a path is vetted.
    fn has_within(&self, path: &str) -> bool {
        let start = format!("{path}.");
        self.paths.iter().any(|one| one.starts_with(&start))
    }
}

/// Whether a list stands in the place of one value, by the name of a property or among the items of
/// a list.
fn is_misplaced_list(name: &str, term: &Term) -> bool {
    const LISTS: [&str; 3] = ["Entries", "GroupSet", "PolicyDocument"];
    let is_plural = name.ends_with('s') && !name.ends_with("ss");
    let Term::List(items) = term else {
        return false;
    };
    let is_nested = items.iter().any(|item| matches!(item.term, Term::List(_)));
    is_nested || !(is_plural || LISTS.contains(&name))
}

/// Why a term, or an item of it, is none that the templates make and none that is written.
fn open(term: &Term) -> Option<&str> {
    match term {
        Term::Joined(_, why) | Term::Open(why) => Some(why),
        Term::List(items) => items.iter().find_map(|item| open(&item.term)),
        Term::Absent | Term::Scalar(_) | Term::Map(_) | Term::Of(_) | Term::OneOf(_) => None,
    }
}

/// The paths of the properties that a family reads.
fn gather(fields: &[Field], before: &str, paths: &mut BTreeSet<String>) {
    for (name, _, shape) in fields {
        let path = format!("{before}{name}");
        match shape {
            Shape::Block(inner) | Shape::Blocks(inner) => {
                gather(inner, &format!("{path}."), paths);
            }
            Shape::Text
            | Shape::Word
            | Shape::Listed
            | Shape::Flag
            | Shape::Policy
            | Shape::Tags => {
                paths.insert(path);
            }
        }
    }
}

impl Site<'_, '_, '_> {
    /// Takes back proofs for a property, by its name and place.
    pub(super) fn doubt(
        &self,
        touches: Touches,
        name: &str,
        pointer: &str,
        what: &str,
        sink: &mut Sink,
    ) {
        let Some(template) = self.world.template(self.spot.stack) else {
            return;
        };
        let place = template.place(pointer);
        let dot = if name.is_empty() { "" } else { "." };
        let address = self.address;
        sink.no_proof(touches, format!("`{address}{dot}{name}` ({place}) {what}"));
    }

    /// A property of the resource.
    pub(super) fn at(&self, path: &str) -> Part {
        at(self.properties, path)
    }

    fn walk(&self, list: &List, part: &Part, path: &str, sink: &mut Sink) {
        let Term::Map(fields) = &part.term else {
            // A hole is made of what is open there.
            let may_be_open = MAY_BE_OPEN.contains(&path)
                && matches!(part.term, Term::Joined(..) | Term::Open(_));
            if !may_be_open && part.term != Term::Absent {
                let name = property(&part.pointer);
                let what = "is not written as it will be";
                self.doubt(list.touches, &name, &part.pointer, what, sink);
            }
            return;
        };
        for (name, field) in fields {
            let path = if path.is_empty() {
                name.clone()
            } else {
                format!("{path}.{name}")
            };
            if field.term == Term::Absent {
                continue;
            }
            if list.tags.contains(path.as_str()) {
                self.tags(list.touches_of_tags(), field, sink);
            } else if list.has(&path, &field.term) {
                if is_misplaced_list(name, &field.term) {
                    let name = property(&field.pointer);
                    let what = "is a list where one value belongs";
                    self.doubt(list.touches, &name, &field.pointer, what, sink);
                }
                self.reference(list, &path, field, sink);
            } else if list.has_within(&path) {
                match &field.term {
                    Term::List(items) => {
                        for item in items {
                            self.walk(list, item, &path, sink);
                        }
                    }
                    Term::Absent
                    | Term::Scalar(_)
                    | Term::Map(_)
                    | Term::Of(_)
                    | Term::OneOf(_)
                    | Term::Joined(..)
                    | Term::Open(_) => self.walk(list, field, &path, sink),
                }
            } else {
                let name = property(&field.pointer);
                let value = field.term.as_text().filter(|_| list.is_conditional(&path));
                let what = match value {
                    Some(value) => format!("is `{value}`, which is not read"),
                    None => "is a property that is not read".to_owned(),
                };
                self.doubt(list.touches, &name, &field.pointer, &what, sink);
            }
        }
    }

    /// What belongs to something that is not known may belong to what an earlier input has, of which
    /// the readers of resources do not think.
    fn reference(&self, list: &List, path: &str, part: &Part, sink: &mut Sink) {
        const ENDS: [&str; 7] = ["Arn", "Arns", "EIP", "Id", "Ids", "Subnets", "VPCs"];
        // These make a hole in what they stand in.
        const PEERS: [&str; 6] = [
            "DestinationPrefixListId",
            "DestinationSecurityGroupId",
            "GroupSet",
            "SecurityGroupIds",
            "SourcePrefixListId",
            "SourceSecurityGroupId",
        ];
        // An open target of a route may be anything that a target may be.
        const OF_ROUTES: [&str; 2] = ["DestinationPrefixListId", "RouteTableId"];
        let name = path.rsplit('.').next().unwrap_or_default();
        let is_target = self.written.of == "AWS::EC2::Route" && !OF_ROUTES.contains(&name);
        let is_reference =
            ENDS.iter().any(|end| name.ends_with(end)) && !PEERS.contains(&name) && !is_target;
        let open = open(&part.term).filter(|_| is_reference && !list.is_idle(path));
        if let Some(why) = open.filter(|_| sink.draft != NetworkDraft::default()) {
            let name = property(&part.pointer);
            let what = format!("is not known ({why}), and may be of the network before");
            self.doubt(list.touches, &name, &part.pointer, &what, sink);
        }
    }

    /// Tags have to be known, since claims choose by them.
    fn tags(&self, touches: Touches, tags: &Part, sink: &mut Sink) {
        let Term::List(items) = &tags.term else {
            let what = "are tags that are not known";
            return self.doubt(touches, "Tags", &tags.pointer, what, sink);
        };
        for item in items {
            let (key, value) = (at(item, "Key"), at(item, "Value"));
            let is_known = key.term.as_text().is_some() && value.term.as_text().is_some();
            if !is_known {
                let name = property(&item.pointer);
                let why = [&value, &key]
                    .iter()
                    .find_map(|part| part.term.why_open())
                    .or_else(|| item.term.why_open());
                let what = match why {
                    Some(why) => format!("is a tag that is not known ({why})"),
                    None => "is a tag that is not known".to_owned(),
                };
                self.doubt(touches, &name, &item.pointer, &what, sink);
            }
        }
    }
}

impl List {
    /// Whether a path is vetted with some value.
    fn is_conditional(&self, path: &str) -> bool {
        let start = format!("{path}=");
        self.paths.iter().any(|one| one.starts_with(&start))
    }
}
