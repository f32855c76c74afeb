//! Interfaces of their own, and those that are made with instances.

use crate::terraform::declared::Declared;

use super::adjust::items;
use super::family::{Field, Shape};
use super::make::{Making, at, label};
use super::template::Written;
use super::term::{Part, Term};
use super::world::{Spot, World};

/// The addresses of an interface, the primary one first.
pub(super) fn addresses(world: &World<'_>, properties: &Part, making: &mut Making) {
    for (list, inner, attribute) in [
        ("PrivateIpAddresses", "PrivateIpAddress", "private_ips"),
        ("Ipv6Addresses", "Ipv6Address", "ipv6_addresses"),
    ] {
        let addresses = at(properties, list);
        if let Term::List(listed) = &addresses.term {
            // The primary one comes first, wherever it stands.
            let is_primary =
                |one: &&Part| at(one, "Primary").term.as_text().as_deref() == Some("true");
            let (primary, others): (Vec<&Part>, Vec<&Part>) = listed.iter().partition(is_primary);
            let listed = primary.into_iter().chain(others);
            let listed = listed.map(|one| at(one, inner)).collect();
            let part = Part {
                term: Term::List(listed),
                pointer: addresses.pointer.clone(),
            };
            making.take(world, attribute, &part, Shape::Text);
        } else {
            making.take(world, attribute, &addresses, Shape::Text);
        }
    }
}

/// The interfaces of an instance: those that are named, and those that are made with it. The first
/// one made is the instance's own; each further one is an interface of its own.
pub(super) fn interfaces(
    world: &World<'_>,
    spot: &Spot,
    written: Written<'_>,
    properties: &Part,
    making: &mut Making,
    made: &mut Vec<Declared>,
) {
    addresses(world, properties, making);
    let list = at(properties, "NetworkInterfaces");
    if let Term::Joined(_, why) | Term::Open(why) = &list.term {
        making.open(world, "network_interface", why, &list.pointer);
        return;
    }
    for (position, item) in items(&list).iter().enumerate() {
        if at(item, "NetworkInterfaceId").term != Term::Absent {
            let fields = [
                ("NetworkInterfaceId", "network_interface_id", Shape::Text),
                ("DeviceIndex", "device_index", Shape::Word),
            ];
            making.add_block(world, "network_interface", item, &fields);
        } else if at(item, "DeviceIndex")
            .term
            .as_text()
            .is_none_or(|index| index == "0")
        {
            making.take_fields(world, item, &MADE_WITH);
            making.take(
                world,
                "vpc_security_group_ids",
                &at(item, "GroupSet"),
                Shape::Text,
            );
            making.take(
                world,
                "associate_public_ip_address",
                &at(item, "AssociatePublicIpAddress"),
                Shape::Flag,
            );
            addresses(world, item, making);
        } else {
            let suffix = format!("#eni[{position}]");
            let label = format!("{}_{position}", label(spot.stack, written.id));
            let address = format!("{}{suffix}", making.address());
            let mut own = Making::new(world, "aws_network_interface", spot, address, label);
            own.take_fields(world, item, &MADE_WITH);
            own.take(world, "security_groups", &at(item, "GroupSet"), Shape::Text);
            addresses(world, item, &mut own);
            made.push(own.made());
        }
    }
}

/// The properties of an interface that is made with its instance.
const MADE_WITH: [Field; 3] = [
    ("SubnetId", "subnet_id", Shape::Text),
    ("PrivateIpAddress", "private_ip", Shape::Text),
    ("Ipv6AddressCount", "ipv6_address_count", Shape::Word),
];
