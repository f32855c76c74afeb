//! The endpoints of a native file.

use std::collections::BTreeSet;

use model::{EndpointKind, NetworkInterfaceId, PrefixListId, Value, VpcEndpoint};

use super::account;
use super::components::{ids, middlebox, vpc_of};
use super::read::Defaults;
use super::rules;
use super::table::{Item, Table};
use crate::policy::{self, Of};
use crate::sink::Sink;

pub(super) fn endpoint(
    id: &str,
    table: &Table<'_>,
    defaults: &mut Defaults,
    sink: &mut Sink,
) -> Option<VpcEndpoint> {
    let vpc = vpc_of(table, defaults, sink);
    let service = table.required("service", sink);
    let service = service.and_then(|item| item.text(sink));
    let kind = table.required("kind", sink);
    let kind = kind.and_then(|item| endpoint_kind(&item, table, sink));
    let policy = table.get("policy").map_or_else(
        || Some(Value::Known(policy::full_access())),
        |item| account::policy(&item, Of::Resource, sink),
    );
    let available = table.flag("available", true, sink);
    let tags = table.tags(sink);
    Some(VpcEndpoint {
        id: id.into(),
        vpc: vpc?,
        service: service?.to_owned(),
        available,
        kind: kind?,
        policy: policy?,
        tags,
    })
}

fn endpoint_kind(item: &Item<'_>, table: &Table<'_>, sink: &mut Sink) -> Option<EndpointKind> {
    let text = item.text(sink)?;
    if let Some(kind) = text.strip_prefix("unmodelled:") {
        return Some(EndpointKind::Unmodelled(kind.to_owned()));
    }
    match text {
        "gateway" => {
            let prefix_lists = table.get("prefix-lists");
            let prefix_lists: Option<BTreeSet<PrefixListId>> =
                prefix_lists.map_or_else(|| Some(BTreeSet::new()), |item| ids(&item, sink));
            let prefix_lists = prefix_lists?;
            Some(EndpointKind::Gateway { prefix_lists })
        }
        "interface" => {
            let interfaces = table.get("interfaces");
            let interfaces: Option<BTreeSet<NetworkInterfaceId>> =
                interfaces.map_or_else(|| Some(BTreeSet::new()), |item| ids(&item, sink));
            let names = |items: Vec<Item<'_>>, sink: &mut Sink| {
                let names = items.iter().map(|item| rules::endpoint_name(item, sink));
                names.collect::<Option<BTreeSet<_>>>()
            };
            let specific_names = table.get("specific-names").map_or_else(
                || Some(Value::Known(BTreeSet::new())),
                |item| item.value(sink, |item, sink| names(item.items(sink), sink)),
            );
            let private_names = table.parsed("private-names", sink, |name| Ok(name.to_owned()));
            let private_dns = table.flag("private-dns", false, sink);
            let private_dns_inbound_only = table.flag("private-dns-inbound-only", false, sink);
            Some(EndpointKind::Interface {
                interfaces: interfaces?,
                private_dns,
                private_dns_inbound_only,
                private_names,
                specific_names: specific_names?,
            })
        }
        "gateway-load-balancer" => {
            let subnet = table.required("subnet", sink);
            let subnet = subnet.and_then(|item| item.text(sink));
            let middlebox = middlebox(table, sink);
            Some(EndpointKind::GatewayLoadBalancer {
                subnet: subnet?.into(),
                middlebox: middlebox?,
            })
        }
        _ => {
            let message = format!(
                "`{text}` is not `gateway`, `interface`, `gateway-load-balancer` or like \
                 `unmodelled:Resource`"
            );
            item.wrong(sink, message);
            None
        }
    }
}
