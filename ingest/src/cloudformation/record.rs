//! Records of hosted zones.

use crate::json::json;

use super::family::Shape;
use super::make::{Making, at};
use super::template::{Template, Written};
use super::term::{Attribute, Part, Term};
use super::world::World;

/// The properties by which Route 53 chooses among records of one name.
const ROUTING: [(&str, &str); 7] = [
    ("CidrRoutingConfig", "cidr_routing_policy"),
    ("Failover", "failover_routing_policy"),
    ("GeoLocation", "geolocation_routing_policy"),
    ("GeoProximityLocation", "geoproximity_routing_policy"),
    ("MultiValueAnswer", "multivalue_answer_routing_policy"),
    ("Region", "latency_routing_policy"),
    ("Weight", "weighted_routing_policy"),
];

/// The zone of a record, and how it is chosen.
pub(super) fn record(world: &World<'_>, properties: &Part, making: &mut Making) {
    for (property, attribute) in ROUTING {
        if at(properties, property).term != Term::Absent {
            making.set(attribute, json!([true]));
        }
    }
    let name = at(properties, "HostedZoneName");
    if !making.has("zone_id") && name.term != Term::Absent {
        let stack = making.stack();
        zone_by_name(world, stack, &name, making);
    }
}

/// A zone that is named by its domain: the one of the template, or one that cannot be told.
pub(super) fn zone_by_name(world: &World<'_>, stack: usize, name: &Part, making: &mut Making) {
    let domain = name.term.as_text();
    let zones = world
        .template(stack)
        .map(Template::resources)
        .unwrap_or_default();
    let is_it = |zone: &&Written<'_>| {
        let own = zone
            .body
            .get("Properties")
            .and_then(|of| of.get("Name")?.as_str());
        zone.of == "AWS::Route53::HostedZone"
            && own.is_some()
            && own.map(|own| own.trim_end_matches('.'))
                == domain.as_deref().map(|domain| domain.trim_end_matches('.'))
    };
    let term = match zones.iter().find(is_it) {
        Some(zone) => Term::Of(Attribute {
            stack,
            resource: zone.id.to_owned(),
            name: None,
        }),
        None => Term::Open("the zone of that name".to_owned()),
    };
    let pointer = name.pointer.clone();
    making.take(world, "zone_id", &Part { term, pointer }, Shape::Text);
}
