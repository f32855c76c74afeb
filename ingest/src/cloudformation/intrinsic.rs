//! Intrinsic functions: the expressions of a template.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html>

use crate::json::Value as Json;

use crate::diagnostic::Code;

use super::subnets;
use super::template::PROCESSED;
use super::term::{Attribute, Part, Term};
use super::world::{DUMMY, MAX_STEPS, Spot, Truth, World, dummy};
use super::yaml::escaped;

impl World<'_> {
    /// What an expression evaluates to.
    pub(super) fn evaluate(&mut self, json: &Json, spot: &Spot) -> Term {
        if spot.depth == 0 {
            return self.wrong(
                spot,
                "an expression that refers to itself, or is nested too deep",
                "",
            );
        }
        self.n_steps += 1;
        if self.n_steps > MAX_STEPS {
            let spot = Spot::new(spot.stack, "");
            return self.wrong(&spot, "the expressions of the template are too many", "");
        }
        match json {
            Json::Null => Term::Absent,
            Json::String(text) => literal(text),
            Json::Bool(_) | Json::Number(_) => Term::Scalar(json.clone()),
            Json::Array(items) => Term::List(self.parts(items, spot)),
            Json::Object(fields) => {
                let mut entries = fields.iter();
                if let (Some((name, argument)), None) = (entries.next(), entries.next())
                    && is_function(name)
                {
                    return self.function(name, argument, &spot.down(name));
                }
                let field = |(key, value): (&str, &Json)| {
                    let spot = spot.down(key);
                    let term = self.evaluate(value, &spot);
                    let pointer = spot.pointer;
                    (key.to_owned(), Part { term, pointer })
                };
                Term::Map(fields.iter().map(field).collect())
            }
        }
    }

    /// The items of a list; `AWS::NoValue` is none.
    fn parts(&mut self, items: &[Json], spot: &Spot) -> Vec<Part> {
        let mut parts = Vec::new();
        for (position, item) in items.iter().enumerate() {
            let spot = spot.down(position);
            let term = self.evaluate(item, &spot);
            if term != Term::Absent {
                let pointer = spot.pointer;
                parts.push(Part { term, pointer });
            }
        }
        parts
    }

    fn function(&mut self, name: &str, argument: &Json, spot: &Spot) -> Term {
        match name {
            "Ref" => match argument.as_str() {
                Some(name) => self.reference(name, spot),
                None => self.wrong(spot, "`Ref` of what is no name", "expected a name"),
            },
            "Fn::GetAtt" => self.get_attribute(argument, spot),
            "Fn::Sub" => self.substitute(argument, spot),
            "Fn::Join" => self.join(argument, spot),
            "Fn::Select" => self.select(argument, spot),
            "Fn::Split" => self.split(argument, spot),
            "Fn::Cidr" => self.cidr(argument, spot),
            "Fn::GetAZs" => Term::Open("the Availability Zones of the account".to_owned()),
            "Fn::FindInMap" => self.find_in_map(argument, spot),
            "Fn::If" => self.choose(argument, spot),
            "Fn::ImportValue" => self.import(argument, spot),
            // What is encoded is a script, which is not read.
            "Fn::Base64" => Term::Open(name.to_owned()),
            "Fn::Length" => {
                let term = self.evaluate(argument, spot);
                let known = term
                    .items()
                    .map(|items| Term::Scalar(Json::from(items.len())));
                known.unwrap_or_else(|| Term::Open(why(&term, name)))
            }
            "Fn::ToJsonString" => {
                let term = self.evaluate(argument, spot);
                let known = term.json().map(|json| Term::text(json.to_string()));
                known.unwrap_or_else(|| Term::Open(why(&term, name)))
            }
            "Fn::Transform" => Term::Open(format!("Fn::Transform: {PROCESSED}")),
            _ => {
                let message = format!("`{name}` is not a function that has a value here");
                self.wrong(spot, message, "expected one such as `Ref` or `Fn::GetAtt`")
            }
        }
    }

    /// The arguments of a function that takes a list of them.
    fn arguments<'j>(
        &mut self,
        argument: &'j Json,
        n_least: usize,
        spot: &Spot,
    ) -> Option<&'j [Json]> {
        let items = argument.as_array().filter(|items| items.len() >= n_least);
        if items.is_none() {
            let name = spot
                .pointer
                .rsplit('/')
                .next()
                .unwrap_or_default()
                .to_owned();
            let message = format!("`{name}` without its arguments");
            self.wrong(
                spot,
                message,
                &format!("expected a list of {n_least} or more"),
            );
        }
        items.map(Vec::as_slice)
    }

    fn get_attribute(&mut self, argument: &Json, spot: &Spot) -> Term {
        let (resource, name) = match argument {
            Json::String(text) => match text.split_once('.') {
                Some((resource, name)) => (resource.to_owned(), Some(Term::text(name))),
                None => (text.clone(), None),
            },
            Json::Array(items) => {
                let resource = items.first().and_then(Json::as_str).unwrap_or_default();
                let name = items.get(1).map(|name| self.evaluate(name, &spot.down(1)));
                (resource.to_owned(), name)
            }
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => (String::new(), None),
        };
        let Some(name) = name else {
            let help = "expected a resource and an attribute of it, as `Table.Arn`";
            return self.wrong(spot, "`Fn::GetAtt` without an attribute", help);
        };
        match name.as_text() {
            Some(name) => self.attribute(&resource, Some(&name), spot),
            None => Term::Open(why(&name, "Fn::GetAtt")),
        }
    }

    /// An attribute of a resource, or what `Ref` gives of it. What the template says of it is known.
    pub(super) fn attribute(&mut self, resource: &str, name: Option<&str>, spot: &Spot) -> Term {
        let Some(template) = self.template(spot.stack) else {
            return Term::Absent;
        };
        let Some(written) = template.resource(resource) else {
            let message = format!("`{resource}` is not a resource of the template");
            let known = template.resources();
            let close = crate::nearest::nearest(resource, known.iter().map(|one| one.id));
            let help = close.map_or_else(
                || "expected the logical id of a resource".to_owned(),
                |close| format!("did you mean `{close}`?"),
            );
            let error = template
                .error(&spot.pointer, Code::NotDefined, message)
                .help(help);
            self.push(error);
            return Term::Open(resource.to_owned());
        };
        let of = written.of;
        if let Some(known) = super::identifier::known(self, of, resource, name, spot) {
            return known;
        }
        Term::Of(Attribute {
            stack: spot.stack,
            resource: resource.to_owned(),
            name: name.map(str::to_owned),
        })
    }

    /// A property of a resource.
    pub(super) fn property(&mut self, resource: &str, path: &str, spot: &Spot) -> Term {
        let template = self.template(spot.stack);
        let body = template.and_then(|template| template.resource(resource));
        let Some(value) = body.and_then(|of| of.body.get("Properties")?.get(path)) else {
            return Term::Absent;
        };
        let pointer = format!("/Resources/{}/Properties/{path}", escaped(resource));
        self.evaluate(value, &spot.elsewhere(spot.stack, pointer))
    }

    /// `Fn::Sub`: `${Name}`, `${Resource.Attribute}`, and names of its own map.
    fn substitute(&mut self, argument: &Json, spot: &Spot) -> Term {
        let (text, own) = match argument {
            Json::String(text) => (text.as_str(), None),
            Json::Array(items) => {
                let text = items.first().and_then(Json::as_str).unwrap_or_default();
                (text, items.get(1).and_then(Json::as_object))
            }
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => {
                return self.wrong(
                    spot,
                    "`Fn::Sub` of what is no text",
                    "expected a text with `${…}`",
                );
            }
        };
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            pieces.push(Term::text(before));
            let Some((name, after)) = after.split_once('}') else {
                return self.wrong(
                    spot,
                    "a `${` in `Fn::Sub` is not closed",
                    "write `}` behind the name",
                );
            };
            pieces.push(match name.strip_prefix('!') {
                Some(literal) => Term::text(format!("${{{literal}}}")),
                None => match own.and_then(|own| own.get(name.trim())) {
                    Some(value) => self.evaluate(value, &spot.down(1).down(name)),
                    None => self.named(name.trim(), spot),
                },
            });
            rest = after;
        }
        pieces.push(Term::text(rest));
        concatenate(pieces)
    }

    /// What a name in `Fn::Sub` means.
    fn named(&mut self, name: &str, spot: &Spot) -> Term {
        match name.split_once('.') {
            Some((resource, attribute)) => self.attribute(resource, Some(attribute), spot),
            None => self.reference(name, spot),
        }
    }

    fn join(&mut self, argument: &Json, spot: &Spot) -> Term {
        let Some([delimiter, list, ..]) = self.arguments(argument, 2, spot) else {
            return Term::Open("an expression with an error".to_owned());
        };
        let delimiter = delimiter.as_str().unwrap_or_default();
        let list = self.evaluate(list, &spot.down(1));
        let Term::List(items) = list else {
            return Term::Open(why(&list, "Fn::Join"));
        };
        let mut pieces = Vec::new();
        for (position, item) in items.into_iter().enumerate() {
            if position > 0 {
                pieces.push(Term::text(delimiter));
            }
            pieces.push(item.term);
        }
        concatenate(pieces)
    }

    fn select(&mut self, argument: &Json, spot: &Spot) -> Term {
        let Some([index, list, ..]) = self.arguments(argument, 2, spot) else {
            return Term::Open("an expression with an error".to_owned());
        };
        let index = self.evaluate(index, &spot.down(0));
        let n_written = list.as_array().map(Vec::len);
        let list = self.evaluate(list, &spot.down(1));
        let Term::List(items) = &list else {
            return Term::Open(why(&list, "Fn::Select"));
        };
        let Some(position) = index.as_text().and_then(|text| text.parse::<usize>().ok()) else {
            return Term::Open(why(&index, "Fn::Select"));
        };
        if n_written.is_some_and(|n| n != items.len()) {
            // How items that are not there are counted is not documented.
            return Term::Open("`AWS::NoValue` among the items of `Fn::Select`".to_owned());
        }
        match items.get(position) {
            Some(item) => item.term.clone(),
            None => {
                let message = format!("item {position} of a list of {}", items.len());
                self.wrong(spot, message, "items are counted from 0")
            }
        }
    }

    fn split(&mut self, argument: &Json, spot: &Spot) -> Term {
        let Some([delimiter, text, ..]) = self.arguments(argument, 2, spot) else {
            return Term::Open("an expression with an error".to_owned());
        };
        let delimiter = delimiter.as_str().unwrap_or_default();
        let term = self.evaluate(text, &spot.down(1));
        match term.as_text() {
            Some(text) if !delimiter.is_empty() => {
                let items = text.split(delimiter).map(|item| Part {
                    term: Term::text(item),
                    pointer: spot.pointer.clone(),
                });
                Term::List(items.collect())
            }
            Some(_) => self.wrong(
                spot,
                "`Fn::Split` without a delimiter",
                "expected a text to split at",
            ),
            None => Term::Open(why(&term, "Fn::Split")),
        }
    }

    fn cidr(&mut self, argument: &Json, spot: &Spot) -> Term {
        let Some([block, count, bits @ ..]) = self.arguments(argument, 2, spot) else {
            return Term::Open("an expression with an error".to_owned());
        };
        let block = self.evaluate(block, &spot.down(0));
        let count = self.evaluate(count, &spot.down(1));
        let bits = match bits.first() {
            Some(bits) => self.evaluate(bits, &spot.down(2)),
            None => Term::Absent,
        };
        let open = [&block, &count, &bits]
            .into_iter()
            .find_map(|term| term.why_open());
        if let Some(open) = open {
            return Term::Open(open);
        }
        let number = |term: &Term| term.as_text().and_then(|text| text.parse::<u16>().ok());
        let made = subnets::of(
            block.as_text().as_deref().unwrap_or_default(),
            number(&count),
            number(&bits).and_then(|bits| u8::try_from(bits).ok()),
        );
        let Some(made) = made else {
            let help = "expected a block, a number from 1 to 256, and how many bits each part has";
            return self.wrong(spot, "`Fn::Cidr` has no such parts", help);
        };
        let part = |text: String| Part {
            term: Term::text(text),
            pointer: spot.pointer.clone(),
        };
        Term::List(made.into_iter().map(part).collect())
    }

    fn find_in_map(&mut self, argument: &Json, spot: &Spot) -> Term {
        let Some([map, first, second, options @ ..]) = self.arguments(argument, 3, spot) else {
            return Term::Open("an expression with an error".to_owned());
        };
        let mut keys = Vec::new();
        for (position, key) in [map, first, second].into_iter().enumerate() {
            let term = self.evaluate(key, &spot.down(position));
            match term.as_text() {
                Some(text) => keys.push(text),
                None => return Term::Open(why(&term, "Fn::FindInMap")),
            }
        }
        let mut found = self
            .template(spot.stack)
            .and_then(|of| of.value.get("Mappings"));
        for key in &keys {
            found = found.and_then(|map| map.get(key));
        }
        if let Some(found) = found {
            let keys: Vec<_> = keys.iter().map(|key| escaped(key)).collect();
            let pointer = format!("/Mappings/{}", keys.join("/"));
            return self.evaluate(found, &spot.elsewhere(spot.stack, pointer));
        }
        match options
            .first()
            .and_then(|options| options.get("DefaultValue"))
        {
            Some(default) => self.evaluate(default, &spot.down(3).down("DefaultValue")),
            None => {
                let message = format!("there is no `{}` in `Mappings`", keys.join("`, `"));
                self.wrong(spot, message, "expected a map and two keys of it")
            }
        }
    }

    fn choose(&mut self, argument: &Json, spot: &Spot) -> Term {
        let Some([condition, then, otherwise, ..]) = self.arguments(argument, 3, spot) else {
            return Term::Open("an expression with an error".to_owned());
        };
        let name = condition.as_str().unwrap_or_default();
        let why = match self.condition(name, &spot.down(0)) {
            Truth::Yes => return self.evaluate(then, &spot.down(1)),
            Truth::No => return self.evaluate(otherwise, &spot.down(2)),
            Truth::Open(why) => why,
        };
        let then = self.evaluate(then, &spot.down(1));
        let otherwise = self.evaluate(otherwise, &spot.down(2));
        if (then == Term::Absent) != (otherwise == Term::Absent) {
            let why = format!("condition {name}, by {why}");
            self.optional.push((spot.clone(), why));
        }
        either(then, otherwise, format!("condition {name}, by {why}"))
    }

    fn import(&mut self, argument: &Json, spot: &Spot) -> Term {
        let term = self.evaluate(argument, spot);
        let Some(name) = term.as_text() else {
            return Term::Open(format!("the import of {}", why(&term, "Fn::ImportValue")));
        };
        let Some((stack, pointer)) = self.exports.get(&name).cloned() else {
            return Term::Open(format!("export {name}"));
        };
        // An export is one of its account and Region.
        let here = self.region_of(spot.stack).map(str::to_owned);
        if here.as_deref() != self.region_of(stack) || !self.is_one_account(spot.stack, stack) {
            return Term::Open(format!("export {name}"));
        }
        let template = self.template(stack);
        let Some(value) = template.and_then(|of| of.value.pointer(&pointer)) else {
            return Term::Open(format!("export {name}"));
        };
        self.evaluate(value, &spot.elsewhere(stack, pointer))
    }
}

/// A text as it is written. A dynamic reference is read from elsewhere at deployment.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html>
/// What a change set has in the place of a value that is not known yet.
const AFTER_APPLY: &str = "{{changeSet:KNOWN_AFTER_APPLY}}";

/// What CloudFormation shows in the place of the value of a parameter with `NoEcho`.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html>
pub(super) const MASK: &str = "****";

fn literal(text: &str) -> Term {
    if text.contains("{{resolve:") {
        Term::Open(format!("dynamic reference {text}"))
    } else if text.contains(AFTER_APPLY) {
        Term::Open("known when the change set is executed".to_owned())
    } else if text.contains(MASK) {
        Term::Open("a value that CloudFormation does not show".to_owned())
    } else if dummy(text) {
        Term::Open(format!("{DUMMY} (`{text}`)"))
    } else {
        Term::text(text)
    }
}

fn is_function(name: &str) -> bool {
    name == "Ref" || name.starts_with("Fn::")
}

fn why(term: &Term, function: &str) -> String {
    term.why_open()
        .unwrap_or_else(|| format!("{function} of what is not of its kind"))
}

/// One of two terms: which, a condition that is open decides.
fn either(then: Term, otherwise: Term, why: String) -> Term {
    if then == otherwise {
        return then;
    }
    let mut list = Vec::new();
    for term in [then, otherwise] {
        match term {
            Term::Of(attribute) => list.push(attribute),
            Term::OneOf(attributes) => list.extend(attributes),
            Term::Absent
            | Term::Scalar(_)
            | Term::List(_)
            | Term::Map(_)
            | Term::Joined(..)
            | Term::Open(_) => return Term::Open(why),
        }
    }
    list.sort();
    list.dedup();
    Term::OneOf(list)
}

/// Pieces of text, one behind the other. The name of an endpoint service ends in the id of the
/// service, whatever stands before it.
fn concatenate(pieces: Vec<Term>) -> Term {
    let mut pieces: Vec<_> = pieces
        .into_iter()
        .filter(|piece| *piece != Term::text(""))
        .collect();
    if pieces.len() == 1 {
        let only = pieces.pop();
        return only.map_or(Term::Absent, |only| match only.as_text() {
            Some(text) => literal(&text),
            None => only,
        });
    }
    let begins_service = pieces
        .first()
        .and_then(Term::as_text)
        .is_some_and(|first| first.starts_with("com.amazonaws.vpce."));
    if let (true, Some(Term::Of(service))) = (begins_service, pieces.last())
        && service
            .name
            .as_deref()
            .is_none_or(|name| name == "ServiceId")
    {
        return Term::Of(Attribute {
            name: Some("ServiceName".to_owned()),
            ..service.clone()
        });
    }
    let mut text = String::new();
    let mut open = None;
    for piece in &pieces {
        match piece.as_text() {
            Some(more) => text.push_str(&more),
            None => open = open.or_else(|| Some(why(piece, "a text"))),
        }
    }
    let Some(why) = open else {
        return literal(&text);
    };
    // What is read from elsewhere, or nobody will have, makes more than its own piece open.
    if matches!(literal(&text), Term::Open(_)) {
        return Term::Open(why);
    }
    let mut joined = Vec::new();
    for piece in pieces {
        if let Term::Joined(inner, _) = piece {
            joined.extend(inner);
        } else {
            joined.push(piece);
        }
    }
    Term::Joined(joined, why)
}
