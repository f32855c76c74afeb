//! Instances that are deleted, and the addresses that are taken from those that stay.

use std::collections::BTreeSet;

use model::{Address, AddressValue, Attachment, NetworkInterface, NetworkInterfaceId};

use super::super::interface::declared_interfaces;
use super::super::plan::Resource;
use super::super::reader::Reader;
use super::doubt_of;

/// Gathers the interfaces that go with an instance. One that it was made with goes; one that was attached
/// to it stays, unless it is told to go, and what it does without an instance is not certain.
/// Source: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterfaceAttachment.html>
pub(super) fn interfaces(
    reader: &mut Reader<'_, '_>,
    former: &Resource<'_>,
    id: &str,
    gone: &mut BTreeSet<String>,
) {
    let attachment = Attachment::Ordinary {
        instance: Some(id.to_owned()),
    };
    let attached = reader.sink.draft.network_interfaces.iter();
    let attached = attached.filter(|one| one.attachment == attachment);
    let attached: Vec<String> = attached.map(|one| one.id.to_string()).collect();
    let kept = attached_anew(reader);
    for interface in &attached {
        if kept.contains(interface.as_str()) {
            continue;
        }
        if goes(former, interface, attached.len()) {
            gone.insert(interface.clone());
            continue;
        }
        if let Some(interface) = reader.sink.get::<NetworkInterface>(interface) {
            interface.attachment = Attachment::Ordinary { instance: None };
        }
        doubt_of(reader, former);
    }
}

/// Whether an interface of a deleted instance is deleted with it.
fn goes(former: &Resource<'_>, interface: &str, n_attached: usize) -> bool {
    let declared = declared_interfaces(former);
    if declared.is_empty() {
        let primary = former.attribute("primary_network_interface_id");
        return primary
            .text()
            .map_or(n_attached == 1, |own| own == interface);
    }
    ["primary_network_interface", "network_interface"]
        .iter()
        .flat_map(|name| former.attribute(name).items())
        .any(|block| {
            block.field("network_interface_id").text() == Some(interface)
                && block.field("delete_on_termination").flag() == Some(true)
        })
}

/// The interfaces that instances of the plan have by its saying so.
fn attached_anew<'p>(reader: &Reader<'p, '_>) -> BTreeSet<&'p str> {
    let plan = reader.plan;
    let instances = plan.managed(&["aws_instance"]).into_iter();
    let declared = instances.flat_map(declared_interfaces);
    let attachments = plan.managed(&["aws_network_interface_attachment"]);
    let attachments = attachments.into_iter();
    let alone = attachments.map(|one| one.attribute("network_interface_id"));
    let named = declared.chain(alone);
    named.filter_map(|attribute| attribute.text()).collect()
}

/// Takes a public address from interfaces; whose primary address had it, when they are of instances.
pub(super) fn take_public<'i>(
    interfaces: impl Iterator<Item = &'i mut NetworkInterface>,
    public: Address,
) -> Vec<String> {
    let mut released = Vec::new();
    for interface in interfaces {
        let is_of_instance = matches!(
            interface.attachment,
            Attachment::Ordinary { instance: Some(_) }
        );
        for (position, address) in interface.addresses.iter_mut().enumerate() {
            if address.public == Some(AddressValue::Known(public)) {
                address.public = None;
                if position == 0 && is_of_instance {
                    released.push(interface.id.to_string());
                }
            }
        }
    }
    released
}

/// Says of instances which are left without a public address that AWS may give them a new one: it does
/// where it gave one at launch, which no input says, unless the instance has another interface.
/// Source: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html>
pub(in super::super) fn released(reader: &mut Reader<'_, '_>) {
    for (id, by) in std::mem::take(&mut reader.released) {
        let planned = &reader.network_interfaces;
        let earlier = reader.sink.draft.network_interfaces.iter();
        let earlier = earlier.filter(|one| !planned.contains_key(one.id.as_str()));
        let planned = planned.values().map(|placed| &placed.component);
        let all: Vec<&NetworkInterface> = planned.chain(earlier).collect();
        let Some(interface) = all.iter().find(|one| one.id.as_str() == id) else {
            continue;
        };
        let of_instance = all
            .iter()
            .filter(|one| one.attachment == interface.attachment);
        let is_alone = of_instance.count() == 1;
        let primary = interface.addresses.first();
        if is_alone && primary.is_some_and(|address| address.public.is_none()) {
            reader.sink.bare.insert(NetworkInterfaceId::new(id), by);
        }
    }
}
