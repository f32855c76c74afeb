//! CloudFormation templates, in JSON and YAML, those that CDK synthesizes among them.
//!
//! A template is a small language: parameters, conditions and functions say what properties will be.
//! `world.rs` and `intrinsic.rs` evaluate it; what AWS chooses at deployment stays a reference to a
//! resource, and what nobody can tell is open by a name. `family.rs` then says which property is
//! which attribute of a resource, and the readers of `terraform/` build the network of those: both
//! formats write down the parameters of the same calls of AWS.
//!
//! All templates of a run are read together, so that an import finds its export. Alone a template's
//! resources go by their logical ids; among several, by the name of the file before it.

mod adjust;
mod change_set;
mod dependency;
mod family;
mod identifier;
mod interface;
mod intrinsic;
mod load_balancer;
mod make;
mod open_text;
mod other;
mod outside;
mod parameter;
mod peculiar;
mod policy;
mod record;
mod region;
mod security_group;
mod stack;
mod subnet;
mod subnets;
mod template;
mod term;
mod unmodelled;
mod vet;
mod vetted;
mod world;
pub(crate) mod yaml;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::json::Value as Json;

use crate::doubt::Touches;
use crate::sink::Sink;
use crate::terraform::UNSEEN_IPV6;
use crate::terraform::declared::{self, Declared};

pub(crate) use change_set::{ChangeSet, is_change_set};
pub(crate) use parameter::{Parameters, is_parameters};
pub(crate) use template::Template;

use make::{Making, label};
use template::Written;
use term::Part;
use world::{Spot, Truth, Undecided, World};

/// Whether a document is a template.
pub(crate) fn is_template(value: &Json) -> bool {
    let resources = value.get("Resources").and_then(Json::as_object);
    value.get("AWSTemplateFormatVersion").is_some() || resources.is_some_and(|of| !of.is_empty())
}

/// Reads templates together, and change sets over the network before them.
pub(crate) fn read(mut templates: Vec<Template>, change_sets: &[ChangeSet], sink: &mut Sink) {
    let (n_left_out, assumptions) = (sink.left_out.len(), sink.assumptions.clone());
    if !templates.is_empty() {
        note_new(&templates, sink);
    }
    // What each change set takes away stands before what it makes.
    let n_stacks = templates.len();
    let mut ids = Vec::new();
    for both in change_set::templates(change_sets, sink) {
        ids.push(both.ids);
        templates.extend([both.before, both.after]);
    }
    let templates = templates.as_slice();
    let Some(first) = templates.first() else {
        return;
    };
    for template in templates {
        template.check(sink);
        dependency::check(template, sink);
        vet::template(template, sink);
    }
    let mut world = World::new(templates, region::of(templates, sink));
    let lists = sink.draft.prefix_lists.iter();
    world.earlier_lists = lists.map(|list| list.id.to_string()).collect();
    world.gather_exports();
    let names = names(templates);
    let (mut made, mut former) = (Vec::new(), Vec::new());
    for (stack, template) in templates.iter().enumerate() {
        let name = names.get(stack).map_or("", String::as_str);
        let of_change_set = stack.checked_sub(n_stacks);
        let taken_away = of_change_set.filter(|position| position % 2 == 0);
        let ids = taken_away.and_then(|position| ids.get(position / 2));
        for written in template.resources() {
            match ids {
                Some(ids) => {
                    let id = ids.get(written.id).map(String::as_str);
                    taken(&mut world, stack, written, id, &mut former);
                }
                None => resource(&mut world, stack, written, name, &mut made, sink),
            }
        }
    }
    adjust::together(&world, &mut made, sink);
    guesses(&mut world, templates, sink);
    world.notes(sink);
    let requests = of_requests(&made);
    let has_unseen = |one: &&Declared| {
        let is_known = one
            .values
            .get("ipv6_cidr_block")
            .is_some_and(Json::is_string);
        let has_block = [&one.values, &one.unknown];
        let has_block = has_block
            .iter()
            .any(|of| of.get("ipv6_cidr_block").is_some());
        one.of == "aws_subnet" && has_block && !is_known
    };
    let unseen = made.iter().filter(has_unseen);
    let unseen: Vec<_> = unseen.map(|one| one.address.clone()).collect();
    sink.unseen_ipv6.extend(unseen);
    sink.extend(world.errors);
    if !sink.has_errors() {
        declared::read(&first.file, &made, &former, sink);
    }
    for (component, what) in sink.left_out.split_off(n_left_out) {
        let touches = if requests.contains(&component) {
            Touches::Requests
        } else if what.contains(UNSEEN_IPV6) {
            Touches::Ipv6
        } else {
            Touches::Everything
        };
        sink.no_proof(touches, what);
    }
    let new = sink.assumptions.difference(&assumptions).cloned();
    for assumption in new.collect::<Vec<_>>() {
        if let Some(touches) = doubted(assumption.code) {
            sink.no_proof(touches, assumption.text);
        }
    }
}

/// Notes that the stacks of templates are taken to be new.
fn note_new(templates: &[Template], sink: &mut Sink) {
    if !sink.draft.vpcs.is_empty() {
        stack::check(templates, sink);
        let text =
            "what the templates make is taken to be new: the network before them has none of it";
        sink.assume("template-new", text);
    } else if let Some(first) = templates.first() {
        let file = &first.file;
        let text = format!("`{file}` is a template alone: what lies outside it is not seen");
        sink.assume("template-alone", text);
    }
}

/// What decides what a resource is, and is open: the resource is made as if it were not set, which is
/// a guess. What is wrong there is an error.
fn guesses(world: &mut World<'_>, templates: &[Template], sink: &mut Sink) {
    // One open list is open in each of its properties.
    let mut open: BTreeMap<(Touches, String, String), BTreeSet<String>> = BTreeMap::new();
    for Undecided {
        spot,
        address,
        of,
        is_open,
        why,
    } in world.undecided.take()
    {
        let name = make::property(&spot.pointer);
        if !is_open {
            world.wrong(&spot, format!("`{name}` {why}"), GIVE);
            continue;
        }
        let resource = spot
            .pointer
            .split("/Properties/")
            .next()
            .unwrap_or_default();
        let place = templates
            .get(spot.stack)
            .map(|template| template.place(resource));
        let place = place.map(|place| place.to_string()).unwrap_or_default();
        let key = (touched_by(&of, &name), place, why);
        let names = open.entry(key).or_default();
        names.insert(format!("`{address}.{name}`"));
    }
    for ((touches, place, why), names) in open {
        let names: Vec<_> = names.into_iter().collect();
        let what = format!("{} ({place}) depends on {why}", names.join(", "));
        sink.guess(touches, what);
    }
}

/// Which claims a property may change that decides what a resource is.
fn touched_by(of: &str, property: &str) -> Touches {
    const OF_NAMES: [&str; 4] = [
        "EnableDns64",
        "EnableDnsHostnames",
        "EnableDnsSupport",
        "PrivateDnsEnabled",
    ];
    let is_of_names = of.starts_with("aws_route53_")
        || property.starts_with("DnsOptions.")
        || OF_NAMES.contains(&property);
    if is_of_names {
        Touches::Names
    } else {
        Touches::Everything
    }
}

/// What an assumption of the readers may change. Those that are not doubted are made of every kind
/// of input, or say no more than a report says.
fn doubted(code: &str) -> Option<Touches> {
    const TAKEN: [&str; 8] = [
        "block-public-access-off",
        "change-set-network",
        "no-dynamic-policies",
        "template-alone",
        "template-defaults",
        "template-new",
        "template-region",
        "template-tags",
    ];
    match code {
        "ipv6-block-unknown" => Some(Touches::Ipv6),
        code if TAKEN.contains(&code) => None,
        _ => Some(Touches::Everything),
    }
}

/// The addresses of what is made and has a part in requests only.
fn of_requests(made: &[Declared]) -> BTreeSet<String> {
    const STARTS: [&str; 7] = [
        "aws_caller_identity",
        "aws_iam_",
        "aws_kms_",
        "aws_s3_",
        "aws_secretsmanager_",
        "aws_sns_",
        "aws_sqs_",
    ];
    let is_one = |one: &&Declared| STARTS.iter().any(|start| one.of.starts_with(start));
    let mut found: BTreeMap<&str, bool> = BTreeMap::new();
    for one in made {
        let known = found.entry(&one.address).or_insert(true);
        *known &= is_one(&one);
    }
    let only = found.into_iter().filter(|(_, is_one)| *is_one);
    only.map(|(address, _)| address.to_owned()).collect()
}

/// What stands before the logical ids of each template: nothing when it is the only one, else the
/// name of its file, or all of its path when two files have one name.
fn names(templates: &[Template]) -> Vec<String> {
    let files: BTreeSet<_> = templates.iter().map(|one| &one.file).collect();
    if files.len() < 2 {
        return vec![String::new(); templates.len()];
    }
    let stem = |template: &Template| {
        let name = Path::new(&*template.file).file_name();
        let name = name.map_or_else(
            || template.file.to_string(),
            |name| name.to_string_lossy().into_owned(),
        );
        name.split('.').next().unwrap_or_default().to_owned()
    };
    let stems: Vec<_> = templates.iter().map(stem).collect();
    let unique: BTreeSet<_> = stems.iter().collect();
    if unique.len() == files.len() {
        return stems.iter().map(|stem| format!("{stem}.")).collect();
    }
    templates
        .iter()
        .map(|one| format!("{}.", one.file))
        .collect()
}

/// Makes what one resource was that a change set takes away.
fn taken(
    world: &mut World<'_>,
    stack: usize,
    written: Written<'_>,
    id: Option<&str>,
    former: &mut Vec<Declared>,
) {
    let spot = Spot::new(stack, format!("/Resources/{}", yaml::escaped(written.id)));
    let address = written.id.to_owned();
    let properties = spot.down("Properties");
    let body = written.body.get("Properties");
    let term = body.map_or(term::Term::Map(Vec::new()), |body| {
        world.evaluate(body, &properties)
    });
    let part = Part {
        term,
        pointer: properties.pointer,
    };
    let n_former = former.len();
    if other::is_read(written.of) {
        other::read(world, &spot, written, &address, &part, former);
    } else if let Some(family) = family::of(written.of) {
        let label = label(stack, written.id);
        let mut making = Making::new(world, family.makes, &spot, address, label);
        making.take_fields(world, &part, family.fields);
        let mut made = Vec::new();
        adjust::one(world, &spot, written, &part, making, &mut made);
        former.extend(made.into_iter().filter(|one| one.of == family.makes));
    }
    for one in former.iter_mut().skip(n_former) {
        one.identify(id);
        if written.of == "AWS::EC2::EIP" {
            // `Ref` gives its address.
            one.set("public_ip", id);
        }
    }
}

/// Makes what one resource of a template is.
fn resource(
    world: &mut World<'_>,
    stack: usize,
    written: Written<'_>,
    name: &str,
    made: &mut Vec<Declared>,
    sink: &mut Sink,
) {
    let pointer = format!("/Resources/{}", yaml::escaped(written.id));
    let spot = Spot::new(stack, pointer);
    let address = format!("{name}{}", written.id);
    let condition = written.body.get("Condition").and_then(Json::as_str);
    let exists = match condition {
        None => Truth::Yes,
        Some(condition) => world.condition(condition, &spot.down("Condition")),
    };
    let family = family::of(written.of);
    match exists {
        Truth::No => return,
        Truth::Open(why)
            if family.is_some()
                || other::is_read(written.of)
                || policy::matters(written)
                || unmodelled::matters(written) =>
        {
            undecided(world, &spot, &address, &why);
            return;
        }
        Truth::Open(_) | Truth::Yes => {}
    }
    let properties = spot.down("Properties");
    world.optional.clear();
    let term = written
        .body
        .get("Properties")
        .map_or(term::Term::Map(Vec::new()), |body| {
            world.evaluate(body, &properties)
        });
    let part = Part {
        term,
        pointer: properties.pointer,
    };
    let site = vet::Site {
        world: &*world,
        spot: &spot,
        written,
        address: &address,
        properties: &part,
    };
    vet::resource(&site, &world.optional, sink);
    if other::is_read(written.of) {
        other::read(world, &spot, written, &address, &part, made);
        return;
    }
    if policy::is_read(written.of) {
        policy::read(world, &spot, written, &address, &part, made);
        return;
    }
    let Some(family) = family else {
        policy::unread(world, &spot, written, &address, made);
        unmodelled::name(world, &spot, written, &address, sink);
        return;
    };
    unmodelled::name(world, &spot, written, &address, sink);
    let mut making = Making::new(
        world,
        family.makes,
        &spot,
        address,
        label(stack, written.id),
    );
    making.take_fields(world, &part, family.fields);
    for name in family.computed {
        making.compute(name);
    }
    adjust::one(world, &spot, written, &part, making, made);
}

/// What to do about what cannot be left open.
const GIVE: &str = "give the value in a file of parameters behind the template";

/// A resource of which nobody can tell whether it is made. The network with it and the one without
/// are two; no verdict is right for both.
fn undecided(world: &mut World<'_>, spot: &Spot, address: &str, why: &str) {
    let message =
        format!("whether `{address}` is made is not known: its condition depends on {why}");
    world.wrong(&spot.down("Condition"), message, GIVE);
}

#[cfg(test)]
mod tests;
