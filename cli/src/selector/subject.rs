//! What filters ask of a thing: its tags, ids, kind and place.

use std::collections::{BTreeMap, BTreeSet};

use model::{Attachment, Network, NetworkInterface, Subnet, Tags, Vpc};

use super::Test;

/// Whether a name is a service's full one rather than its last part.
pub(super) fn is_full_service_name(name: &str) -> bool {
    ["com.amazonaws.", "cn.com.amazonaws.", "aws."]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}

/// Whether an interface is of a workload, load balancers among them: not an endpoint's, not a NAT
/// gateway's.
pub(crate) fn is_workload(interface: &NetworkInterface) -> bool {
    match interface.attachment {
        Attachment::Ordinary { .. } | Attachment::LoadBalancer(_) | Attachment::Other(_) => true,
        Attachment::VpcEndpoint(_) | Attachment::NatGateway(_) => false,
    }
}

/// Whether an interface begins connections (clause `scope`).
pub(crate) fn is_sender(interface: &NetworkInterface) -> bool {
    is_workload(interface) && !matches!(interface.attachment, Attachment::LoadBalancer(_))
}

pub(super) fn kind(attachment: &Attachment) -> &str {
    match attachment {
        Attachment::Ordinary { .. } => "ordinary",
        Attachment::VpcEndpoint(_) => "endpoint",
        Attachment::NatGateway(_) => "nat-gateway",
        Attachment::LoadBalancer(_) => "load-balancer",
        Attachment::Other(kind) => kind,
    }
}

/// Every key of a tag in the network.
pub(super) fn tag_keys(network: &Network) -> BTreeSet<&str> {
    let tables = [
        tags(network.load_balancers(), |one| &one.tags),
        tags(network.endpoint_services(), |one| &one.tags),
        tags(network.vpcs(), |one| &one.tags),
        tags(network.subnets(), |one| &one.tags),
        tags(network.network_interfaces(), |one| &one.tags),
        tags(network.vpc_endpoints(), |one| &one.tags),
        tags(network.nat_gateways(), |one| &one.tags),
        tags(network.transit_gateways(), |one| &one.tags),
        tags(network.virtual_private_gateways(), |one| &one.tags),
    ];
    tables.into_iter().flatten().collect()
}

fn tags<Id, Component>(
    components: &BTreeMap<Id, Component>,
    of: impl Fn(&Component) -> &Tags,
) -> BTreeSet<&str> {
    let keys = components.values().flat_map(|one| of(one).keys());
    keys.map(String::as_str).collect()
}

/// A thing that filters ask about.
pub(super) struct Subject<'a> {
    pub(super) tags: &'a Tags,
    pub(super) id: &'a str,
    pub(super) second_id: Option<&'a str>,
    pub(super) kind: &'a str,
    pub(super) vpc: Option<&'a Vpc>,
    pub(super) subnet: Option<&'a Subnet>,
    pub(super) service: Option<&'a str>,
}

impl<'a> Subject<'a> {
    pub(super) fn new(tags: &'a Tags, id: &'a str) -> Self {
        Self {
            tags,
            id,
            second_id: None,
            kind: "",
            vpc: None,
            subnet: None,
            service: None,
        }
    }

    pub(super) fn at(self, network: &'a Network, subnet: Option<&'a Subnet>) -> Self {
        let vpc = subnet.and_then(|subnet| network.vpcs().get(&subnet.vpc));
        Self {
            vpc,
            subnet,
            ..self
        }
    }

    pub(super) fn passes(&self, test: &Test) -> bool {
        match test {
            Test::Tag { key, value } => {
                self.tags.get(key).is_some_and(|found| value.matches(found))
            }
            Test::Name(glob) => self.tags.get("Name").is_some_and(|name| glob.matches(name)),
            Test::Id(glob) => {
                glob.matches(self.id) || self.second_id.is_some_and(|id| glob.matches(id))
            }
            Test::Kind(kind) => self.kind == kind,
            Test::Vpc(glob) => self.vpc.is_some_and(|vpc| {
                let name = vpc.tags.get("Name");
                glob.matches(vpc.id.as_str()) || name.is_some_and(|name| glob.matches(name))
            }),
            Test::Zone(glob) => self.subnet.is_some_and(|subnet| {
                let zones = [&subnet.zone, &subnet.zone_id];
                zones.into_iter().flatten().any(|zone| glob.matches(zone))
            }),
            Test::Service(name) => self.service.is_some_and(|service| {
                if is_full_service_name(name) {
                    service == name
                } else {
                    short_service_name(service) == name
                }
            }),
            Test::Account(glob) => self
                .vpc
                .and_then(|vpc| vpc.account.as_deref())
                .is_some_and(|account| glob.matches(account)),
        }
    }
}

/// The last part of a service's full name: `s3` of `com.amazonaws.ap-northeast-1.s3`.
pub(crate) fn short_service_name(service: &str) -> &str {
    let rest = service
        .split_once("amazonaws.")
        .map_or(service, |(_, rest)| rest);
    rest.split_once('.').map_or(rest, |(_, short)| short)
}
