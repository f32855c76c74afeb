//! Load balancers and the targets of target groups.

use crate::json::Value as Json;

use crate::terraform::declared::Declared;

use super::adjust::items;
use super::family::Shape;
use super::make::{Making, at, label};
use super::template::Written;
use super::term::{Part, Term};
use super::world::{Spot, World};

/// A load balancer faces the internet unless it says otherwise.
pub(super) fn balancer(world: &World<'_>, properties: &Part, making: &mut Making) {
    let scheme = at(properties, "Scheme");
    match scheme.term.as_text().as_deref() {
        Some("internal") => making.set("internal", Json::Bool(true)),
        Some(_) => making.set("internal", Json::Bool(false)),
        None if scheme.term == Term::Absent => making.set("internal", Json::Bool(false)),
        None => making.take(world, "internal", &scheme, Shape::Word),
    }
    let option = option(
        &at(properties, "LoadBalancerAttributes"),
        "load_balancing.cross_zone.enabled",
    );
    making.take(
        world,
        "enable_cross_zone_load_balancing",
        &option,
        Shape::Flag,
    );
}

/// A value in a list of keys and values.
fn option(list: &Part, key: &str) -> Part {
    if let Term::List(options) = &list.term {
        let mut all = options
            .iter()
            .filter(|one| at(one, "Key").term == Term::text(key));
        let found = all.next();
        if all.next().is_some() {
            return Part {
                term: Term::Open(format!("`{key}`, which stands twice")),
                pointer: list.pointer.clone(),
            };
        }
        return found.map_or_else(
            || Part {
                term: Term::Absent,
                pointer: list.pointer.clone(),
            },
            |found| at(found, "Value"),
        );
    }
    list.clone()
}

/// The targets that are registered in a group, each as a resource of its own.
pub(super) fn targets(
    world: &World<'_>,
    spot: &Spot,
    written: Written<'_>,
    properties: &Part,
    making: &mut Making,
    made: &mut Vec<Declared>,
) {
    let attributes = at(properties, "TargetGroupAttributes");
    for (key, attribute) in [
        ("preserve_client_ip.enabled", "preserve_client_ip"),
        (
            "load_balancing.cross_zone.enabled",
            "load_balancing_cross_zone_enabled",
        ),
    ] {
        making.take(world, attribute, &option(&attributes, key), Shape::Word);
    }
    for (position, target) in items(&at(properties, "Targets")).iter().enumerate() {
        let address = format!("{}[{position}]", making.address());
        let label = format!("{}_{position}", label(spot.stack, written.id));
        let mut attachment = Making::new(
            world,
            "aws_lb_target_group_attachment",
            spot,
            address,
            label,
        );
        let group = Part::to_resource(spot.stack, written.id, &target.pointer);
        attachment.take(world, "target_group_arn", &group, Shape::Text);
        attachment.take(world, "target_id", &at(target, "Id"), Shape::Text);
        attachment.take(world, "port", &at(target, "Port"), Shape::Text);
        made.push(attachment.made());
    }
}
