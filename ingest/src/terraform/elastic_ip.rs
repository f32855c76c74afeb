//! What Elastic IPs are mapped to: `aws_eip`, `aws_eip_association`.

use model::{Attachment, NetworkInterface};

use crate::provenance::Kind;

use super::address::{self, public_value};
use super::attribute::Attribute;
use super::identity::Thing;
use super::layers_differ;
use super::plan::{Plan, Resource};
use super::reader::Reader;

/// Reads what Elastic IPs are mapped to.
pub(super) fn read(reader: &mut Reader<'_, '_>) {
    let plan = reader.plan;
    for resource in plan.managed(&["aws_eip"]) {
        let public = resource.attribute("public_ip");
        let ends = Ends {
            interface: resource.attribute("network_interface"),
            instance: resource.attribute("instance"),
            private: resource.attribute("associate_with_private_ip"),
        };
        elastic_ip(reader, resource, &public, &ends);
    }
    for resource in plan.managed(&["aws_eip_association"]) {
        let own = resource.attribute("public_ip");
        let elastic = reader.settle(&resource.attribute("allocation_id"), Thing::ElasticIp);
        let found = elastic.and_then(|id| plan.made(&["aws_eip"], &id));
        let public = found.map(|one| one.attribute("public_ip"));
        let ends = Ends {
            interface: resource.attribute("network_interface_id"),
            instance: resource.attribute("instance_id"),
            private: resource.attribute("private_ip_address"),
        };
        let public = if own.text().is_some() {
            own
        } else {
            public.unwrap_or(own)
        };
        elastic_ip(reader, resource, &public, &ends);
    }
}

/// The primary interface of an instance of the plan; of one that only an earlier input has, the only one
/// that is attached to it.
fn primary_interface(reader: &Reader<'_, '_>, instance: &str) -> Option<String> {
    if let Some(interface) = reader.primary_interfaces.get(instance) {
        return Some(interface.clone());
    }
    let attachment = Attachment::Ordinary {
        instance: Some(instance.to_owned()),
    };
    let all = reader.sink.draft.network_interfaces.iter();
    let mut attached = all.filter(|one| one.attachment == attachment);
    match (attached.next(), attached.next()) {
        (Some(only), None) => Some(only.id.to_string()),
        (_, _) => None,
    }
}

/// The attributes that say what an Elastic IP is mapped to.
struct Ends<'f> {
    interface: Attribute<'f>,
    instance: Attribute<'f>,
    private: Attribute<'f>,
}

/// Whether the change maps a public address by an association of its own, or ends one: an `aws_eip` shows
/// where it was.
fn is_moved(plan: &Plan<'_>, public: &Attribute<'_>) -> bool {
    let id = plan.id(public.resource);
    let all = plan.resources.iter().chain(&plan.former);
    let mut associations = all.filter(|one| one.of == "aws_eip_association");
    associations.any(|one| {
        let is_of_it = one.attribute("allocation_id").text() == Some(&id)
            || one.attribute("public_ip").text() == public.text();
        is_of_it && !layers_differ::is_unchanged(plan, one)
    })
}

fn elastic_ip(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    public: &Attribute<'_>,
    ends: &Ends<'_>,
) {
    let is_set = |end: &Attribute<'_>| end.text().is_some() || end.is_open();
    let interface = if is_set(&ends.interface) {
        reader.settle(&ends.interface, Thing::NetworkInterface)
    } else if is_set(&ends.instance) {
        let instance = reader.settle(&ends.instance, Thing::Instance);
        instance.and_then(|instance| primary_interface(reader, &instance))
    } else {
        return;
    };
    let private = ends.private.address(reader.sink);
    let Some(value) = public_value(reader, public) else {
        return;
    };
    let is_left = layers_differ::may_be_gone(reader, resource, Kind::NetworkInterface);
    let earlier = interface
        .as_ref()
        .filter(|_| is_left && !is_moved(reader.plan, public));
    let earlier = earlier.and_then(|id| reader.sink.get::<NetworkInterface>(id));
    let is_gone = earlier.is_some_and(|earlier| {
        let mut addresses = earlier.addresses.iter();
        !addresses.any(|one| one.public.as_ref() == Some(&value))
    });
    if is_gone {
        let what = "an Elastic IP that the input before does not show where it is left";
        reader.guessed(resource, what);
    }
    let found = interface
        .as_ref()
        .and_then(|id| match reader.network_interfaces.get_mut(id) {
            Some(interface) => Some(&mut interface.component),
            None => reader.sink.get::<NetworkInterface>(id),
        });
    match found {
        Some(interface) => {
            if !address::map(&mut interface.addresses, private, value) {
                let what = "an Elastic IP of an address that its interface does not show";
                reader.guessed(public.resource, what);
            }
        }
        None => {
            let resource = public.resource;
            reader.unplaced(public);
            reader.omit(
                resource,
                "an Elastic IP of an interface that cannot be traced",
            );
        }
    }
}
