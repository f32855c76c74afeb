//! The components of a native file but endpoints, each from its table.

use std::collections::BTreeSet;

use model::{
    Attachment, BlockPublicAccess, Cidr, DirectConnectAssociation, EgressOnlyInternetGateway,
    Exclusion, Family, InternetGateway, Middlebox, NatGateway, NetworkAcl, NetworkInterface,
    NetworkInterfaceId, OnPremisesGateway, Peering, PeeringEnd, PrefixList, RouteTable,
    RouteTableId, RuleIndex, SecurityGroup, Subnet, Value, VirtualPrivateGateway, Vpc, VpcId,
};

use super::dns;
use super::read::{Defaults, tables};
use super::rules::{self, Side};
use super::table::{Item, Table};
use super::text::{self, Wrong};
use super::{DEFAULT_REGION, implied_routes, is_local, main_route_table, open_acl_name};
use crate::block_public_access;
use crate::diagnostic::{Code, Diagnostic};
use crate::provenance::Kind;
use crate::sink::Sink;

pub(super) fn vpc(
    id: &str,
    table: &Table<'_>,
    defaults: &mut Defaults,
    sink: &mut Sink,
) -> Option<Vpc> {
    let id = VpcId::new(id);
    let cidrs: Vec<_> = table.parsed("cidrs", sink, text::cidr);
    defaults.cidrs.insert(id.clone(), cidrs.clone());
    let main_route_table = match table.text("main-route-table", sink) {
        Some(named) => RouteTableId::new(named),
        None => {
            defaults.main_tables.insert(id.clone());
            RouteTableId::new(main_route_table(&id))
        }
    };
    let region = table.text("region", sink).unwrap_or(DEFAULT_REGION);
    let firewall = table.items("dns-firewall", sink);
    let firewall = firewall
        .iter()
        .filter_map(|item| dns::firewall_rule(item, sink));
    let dns_firewall = firewall.collect();
    Some(Vpc {
        region: region.to_owned(),
        account: table.text("account", sink).map(str::to_owned),
        cidrs,
        main_route_table,
        dns_support: table.flag("dns-support", true, sink),
        dns_hostnames: table.flag("dns-hostnames", true, sink),
        custom_dns_servers: table.flag("custom-dns-servers", false, sink),
        inbound_resolver: dns::inbound_resolver(table, sink)?,
        block_public_access: match table.get("block-public-access") {
            Some(item) => item.value(sink, |item, sink| item.parsed(sink, mode))?,
            None => Value::Known(BlockPublicAccess::Off),
        },
        exclusion: exclusion(table, sink),
        dns_firewall,
        tags: table.tags(sink),
        id,
    })
}

fn mode(text: &str) -> Result<BlockPublicAccess, Wrong> {
    let expected = block_public_access::MODES;
    block_public_access::mode(text).ok_or_else(|| format!("`{text}` is not {expected}"))
}

fn exclusion(table: &Table<'_>, sink: &mut Sink) -> Option<Exclusion> {
    let expected = block_public_access::EXCLUSIONS;
    let read = |text: &str| {
        block_public_access::exclusion(text).ok_or_else(|| format!("`{text}` is not {expected}"))
    };
    table.get("exclusion")?.parsed(sink, read)
}

/// The VPC that a table names, or the only one.
pub(super) fn vpc_of(table: &Table<'_>, defaults: &Defaults, sink: &mut Sink) -> Option<VpcId> {
    if let Some(item) = table.get("vpc") {
        return item.text(sink).map(VpcId::new);
    }
    if defaults.vpc.is_none() {
        let message = "key `vpc` is missing";
        let diagnostic = Diagnostic::error(table.place(), Code::MissingField, message);
        sink.push(diagnostic.help("it may be left out only in a file of exactly one VPC"));
    }
    defaults.vpc.clone()
}

pub(super) fn subnet(
    id: &str,
    table: &Table<'_>,
    defaults: &mut Defaults,
    sink: &mut Sink,
) -> Option<Subnet> {
    let vpc = vpc_of(table, defaults, sink);
    let route_table = table
        .get("route-table")
        .and_then(|item| item.value(sink, |item, sink| item.text(sink).map(Into::into)));
    let network_acl = match (table.get("network-acl"), &vpc) {
        (Some(item), _) => item.value(sink, |item, sink| item.text(sink).map(Into::into)),
        (None, Some(vpc)) => {
            defaults.open_acls.insert(vpc.clone());
            Some(Value::Known(open_acl_name(vpc).as_str().into()))
        }
        (None, None) => None,
    };
    let subnet = Subnet {
        id: id.into(),
        vpc: vpc?,
        cidrs: table.parsed("cidrs", sink, text::cidr),
        zone: table.text("zone", sink).map(str::to_owned),
        zone_id: table.text("zone-id", sink).map(str::to_owned),
        route_table,
        network_acl: network_acl?,
        dns64: table.flag("dns64", false, sink),
        exclusion: exclusion(table, sink),
        tags: table.tags(sink),
    };
    Some(subnet)
}

pub(super) fn route_tables(root: &Table<'_>, defaults: &Defaults, sink: &mut Sink) {
    for (id, table) in tables(root, "route-table", sink) {
        let vpc = vpc_of(&table, defaults, sink);
        let mut routes = Vec::new();
        let mut places = Vec::new();
        for item in table.items("routes", sink) {
            if let Some(route) = rules::route(&item, sink) {
                routes.push(route);
                places.push(item.place());
            }
        }
        let cidrs = vpc.as_ref().and_then(|vpc| defaults.cidrs.get(vpc));
        let mut n_implied = 0;
        if let Some(cidrs) = cidrs
            && !routes.iter().any(is_local)
        {
            let implied = implied_routes(cidrs, &routes);
            n_implied = implied.len();
            routes.splice(0..0, implied);
        }
        let tags = table.tags(sink);
        let place = table.place();
        table.finish(sink);
        let Some(vpc) = vpc else { continue };
        let id = RouteTableId::new(id);
        let name = id.to_string();
        sink.add(
            RouteTable {
                id,
                vpc,
                routes,
                tags,
            },
            place,
        );
        for (position, place) in places.into_iter().enumerate() {
            let index = RuleIndex::Route(n_implied + position);
            sink.rule(Kind::RouteTable, &name, index, place);
        }
    }
}

pub(super) fn prefix_list(
    id: &str,
    table: &Table<'_>,
    _: &mut Defaults,
    sink: &mut Sink,
) -> Option<PrefixList> {
    let family = table.get("family");
    let family = family.map_or(Some(Family::V4), |item| item.parsed(sink, self::family));
    let entries = table.get("entries");
    let entries = entries.map_or_else(
        || Some(Value::Known(BTreeSet::new())),
        |item| blocks(&item, sink),
    );
    let name = table.text("name", sink).unwrap_or(id);
    let aws_managed = table.flag("aws-managed", false, sink);
    Some(PrefixList {
        id: id.into(),
        name: name.to_owned(),
        family: family?,
        aws_managed,
        entries: entries?,
    })
}

/// A set of blocks that may be open.
pub(super) fn blocks(item: &Item<'_>, sink: &mut Sink) -> Option<Value<BTreeSet<Cidr>>> {
    item.value(sink, |item, sink| {
        let items = item.items(sink);
        let n_items = items.len();
        let cidrs = items.iter();
        let cidrs: Vec<_> = cidrs
            .filter_map(|item| item.parsed(sink, text::cidr))
            .collect();
        (cidrs.len() == n_items).then(|| cidrs.into_iter().collect())
    })
}

pub(super) fn family(text: &str) -> Result<Family, Wrong> {
    match text {
        "ipv4" => Ok(Family::V4),
        "ipv6" => Ok(Family::V6),
        _ => Err(format!("`{text}` is not `ipv4` or `ipv6`")),
    }
}

pub(super) fn security_groups(root: &Table<'_>, defaults: &Defaults, sink: &mut Sink) {
    for (id, table) in tables(root, "security-group", sink) {
        let vpc = vpc_of(&table, defaults, sink);
        let mut places = Vec::new();
        let mut read = |key, side, index: fn(usize) -> RuleIndex, sink: &mut Sink| {
            let mut rules = Vec::new();
            for item in table.items(key, sink) {
                if let Some(rule) = item.parsed(sink, |text| rules::group_rule(text, side)) {
                    places.push((index(rules.len()), item.place()));
                    rules.push(rule);
                }
            }
            rules
        };
        let ingress = read("ingress", Side::Ingress, RuleIndex::IngressRule, sink);
        let egress = read("egress", Side::Egress, RuleIndex::EgressRule, sink);
        let name = table.text("name", sink).unwrap_or(id).to_owned();
        let tags = table.tags(sink);
        let place = table.place();
        table.finish(sink);
        let Some(vpc) = vpc else { continue };
        let group = SecurityGroup {
            id: id.into(),
            vpc,
            name,
            ingress,
            egress,
            tags,
        };
        sink.add(group, place);
        for (index, place) in places {
            sink.rule(Kind::SecurityGroup, id, index, place);
        }
    }
}

pub(super) fn network_acls(root: &Table<'_>, defaults: &Defaults, sink: &mut Sink) {
    for (id, table) in tables(root, "network-acl", sink) {
        let vpc = vpc_of(&table, defaults, sink);
        let mut places = Vec::new();
        let mut read = |key, side, index: fn(u16) -> RuleIndex, sink: &mut Sink| {
            let mut entries = Vec::new();
            for item in table.items(key, sink) {
                if let Some(entry) = item.parsed(sink, |text| rules::acl_entry(text, side)) {
                    places.push((index(entry.number), item.place()));
                    entries.push(entry);
                }
            }
            entries
        };
        let ingress = read("ingress", Side::Ingress, RuleIndex::IngressEntry, sink);
        let egress = read("egress", Side::Egress, RuleIndex::EgressEntry, sink);
        let tags = table.tags(sink);
        let place = table.place();
        table.finish(sink);
        let Some(vpc) = vpc else { continue };
        let acl = NetworkAcl {
            id: id.into(),
            vpc,
            ingress,
            egress,
            tags,
        };
        sink.add(acl, place);
        for (index, place) in places {
            sink.rule(Kind::NetworkAcl, id, index, place);
        }
    }
}

pub(super) fn interface(
    id: &str,
    table: &Table<'_>,
    defaults: &mut Defaults,
    sink: &mut Sink,
) -> Option<NetworkInterface> {
    let id = NetworkInterfaceId::new(id);
    let subnet = table
        .required("subnet", sink)
        .and_then(|item| item.text(sink));
    let addresses = table.items("addresses", sink);
    let addresses = addresses
        .iter()
        .filter_map(|item| rules::address(item, sink));
    let addresses = addresses.collect();
    let groups = table.get("groups").map_or_else(
        || Some(Value::Known(BTreeSet::new())),
        |item| item.value(sink, ids),
    );
    let source_destination_check = table.flag("source-destination-check", true, sink);
    let middlebox = middlebox(table, sink);
    let instance = table.text("instance", sink).map(str::to_owned);
    let attachment = match table.get("attachment") {
        None => Some(Attachment::Ordinary { instance }),
        Some(item) if instance.is_some() => {
            let message = "`attachment` and `instance` exclude each other";
            item.wrong(sink, message.to_owned());
            None
        }
        Some(item) => item.parsed(sink, self::attachment),
    };
    let tags = table.tags(sink);
    let subnet = subnet?.into();
    defaults.subnets.insert(id.clone(), subnet);
    let subnet = defaults.subnets.get(&id)?.clone();
    Some(NetworkInterface {
        id,
        subnet,
        addresses,
        groups: groups?,
        source_destination_check,
        middlebox: middlebox?,
        attachment: attachment?,
        tags,
    })
}

/// What the appliance of an interface or an endpoint is stated to do.
pub(super) fn middlebox(table: &Table<'_>, sink: &mut Sink) -> Option<Middlebox> {
    table
        .get("middlebox")
        .map_or(Some(Middlebox::Unknown), |item| {
            item.parsed(sink, text::middlebox)
        })
}

fn attachment(text: &str) -> Result<Attachment, Wrong> {
    match text.split_once(':') {
        Some(("nat-gateway", id)) => Ok(Attachment::NatGateway(id.into())),
        Some(("endpoint", id)) => Ok(Attachment::VpcEndpoint(id.into())),
        Some(("load-balancer", id)) => Ok(Attachment::LoadBalancer(id.into())),
        Some(("other", kind)) => Ok(Attachment::Other(kind.to_owned())),
        Some(_) | None => Err(format!(
            "`{text}` is not like `nat-gateway:nat`, `endpoint:vpce`, `load-balancer:alb` or \
             `other:api_gateway_managed`"
        )),
    }
}

/// A set of ids.
pub(super) fn ids<Id: Ord + for<'i> From<&'i str>>(
    item: &Item<'_>,
    sink: &mut Sink,
) -> Option<BTreeSet<Id>> {
    let items = item.items(sink);
    let ids = items.iter().map(|item| item.text(sink).map(Id::from));
    ids.collect()
}

/// The VPC that a gateway is attached to, if any.
#[expect(
    clippy::option_option,
    reason = "Detached is a state of a gateway; what could not be read is none."
)]
fn attached_to(table: &Table<'_>, defaults: &Defaults, sink: &mut Sink) -> Option<Option<VpcId>> {
    if table.flag("attached", true, sink) {
        vpc_of(table, defaults, sink).map(Some)
    } else {
        Some(None)
    }
}

pub(super) fn virtual_private_gateway(
    id: &str,
    table: &Table<'_>,
    defaults: &mut Defaults,
    sink: &mut Sink,
) -> Option<VirtualPrivateGateway> {
    let vpc = attached_to(table, defaults, sink);
    let edge_route_table = table.text("edge-route-table", sink).map(Into::into);
    let prefixes = table.required("prefixes", sink);
    let prefixes = prefixes.and_then(|item| blocks(&item, sink));
    let tags = table.tags(sink);
    Some(VirtualPrivateGateway {
        id: id.into(),
        vpc: vpc?,
        edge_route_table,
        prefixes: prefixes?,
        tags,
    })
}

pub(super) fn direct_connect_association(
    id: &str,
    table: &Table<'_>,
    _: &mut Defaults,
    sink: &mut Sink,
) -> Option<DirectConnectAssociation> {
    let gateway = table.required("gateway", sink);
    let gateway = gateway.and_then(|item| item.parsed(sink, on_premises_gateway));
    let prefixes = table.required("allowed-prefixes", sink);
    let prefixes = prefixes.and_then(|item| blocks(&item, sink));
    let other_ways = table.flag("other-ways", false, sink);
    let tags = table.tags(sink);
    Some(DirectConnectAssociation {
        id: id.into(),
        gateway: gateway?,
        allowed_prefixes: prefixes?,
        other_ways,
        tags,
    })
}

fn on_premises_gateway(text: &str) -> Result<OnPremisesGateway, Wrong> {
    match text.split_once(':') {
        Some(("virtual-private-gateway", id)) => Ok(OnPremisesGateway::VirtualPrivate(id.into())),
        Some(("attachment", id)) => Ok(OnPremisesGateway::Transit(id.into())),
        Some(_) | None => Err(format!(
            "`{text}` is not like `virtual-private-gateway:vgw` or `attachment:dx`"
        )),
    }
}

pub(super) fn internet_gateway(
    id: &str,
    table: &Table<'_>,
    defaults: &mut Defaults,
    sink: &mut Sink,
) -> Option<InternetGateway> {
    Some(InternetGateway {
        id: id.into(),
        vpc: attached_to(table, defaults, sink)?,
        edge_route_table: table.text("edge-route-table", sink).map(Into::into),
        tags: table.tags(sink),
    })
}

pub(super) fn egress_only_internet_gateway(
    id: &str,
    table: &Table<'_>,
    defaults: &mut Defaults,
    sink: &mut Sink,
) -> Option<EgressOnlyInternetGateway> {
    let vpc = vpc_of(table, defaults, sink);
    let tags = table.tags(sink);
    Some(EgressOnlyInternetGateway {
        id: id.into(),
        vpc: vpc?,
        tags,
    })
}

pub(super) fn nat_gateway(
    id: &str,
    table: &Table<'_>,
    defaults: &mut Defaults,
    sink: &mut Sink,
) -> Option<NatGateway> {
    let interface = table.required("interface", sink);
    let interface = interface.and_then(|item| item.text(sink));
    let interface = interface.map(NetworkInterfaceId::from);
    let implied = interface.as_ref().and_then(|id| defaults.subnets.get(id));
    let subnet = match (table.get("subnet"), implied) {
        (Some(item), _) => item.text(sink).map(Into::into),
        (None, Some(subnet)) => Some(subnet.clone()),
        (None, None) => {
            if let Some(interface) = &interface {
                let message = format!("interface `{interface}` is not defined");
                sink.error(table.place(), Code::NotDefined, message);
            }
            None
        }
    };
    let available = table.flag("available", true, sink);
    let tags = table.tags(sink);
    Some(NatGateway {
        id: id.into(),
        subnet: subnet?,
        interface: interface?,
        available,
        tags,
    })
}

pub(super) fn peering(
    id: &str,
    table: &Table<'_>,
    _: &mut Defaults,
    sink: &mut Sink,
) -> Option<Peering> {
    let requester = table.required("requester", sink);
    let requester = requester.and_then(|item| peering_end(&item, sink));
    let accepter = table.required("accepter", sink);
    let accepter = accepter.and_then(|item| peering_end(&item, sink));
    let active = table.flag("active", true, sink);
    let tags = table.tags(sink);
    Some(Peering {
        id: id.into(),
        requester: requester?,
        accepter: accepter?,
        active,
        tags,
    })
}

/// A VPC's id, or `{ outside = "vpc-…" }`.
fn peering_end(item: &Item<'_>, sink: &mut Sink) -> Option<PeeringEnd> {
    if !item.is_table() {
        return Some(PeeringEnd::Vpc(item.text(sink)?.into()));
    }
    let table = item.table(sink)?;
    let outside = table.required("outside", sink);
    let outside = outside.and_then(|item| item.text(sink));
    table.finish(sink);
    Some(PeeringEnd::Outside(outside?.to_owned()))
}
