//! Reducing a network to the little that shows the point: delta debugging on its draft.
//!
//! A step removes or simplifies one thing, and what then leads nowhere. It is kept when the draft
//! is still valid and the point is still shown.

mod cascade;
mod client_vpn;
mod relay;

use std::collections::BTreeSet;

use model::{
    AttachmentKind, BlockPublicAccess, Cidr, EndpointKind, InboundResolver, Middlebox, Network,
    NetworkDraft, RouteDestination, RouteState, RulePeer, RuleTraffic, Target, Value, VpcEndpoint,
};

use crate::pool;

/// The most networks that are tried; each one costs the question again.
pub const MOST_STEPS: usize = 4_000;

/// Reduces a network while `shows` holds of it.
pub fn reduce(network: &Network, mut shows: impl FnMut(&Network) -> bool) -> Network {
    let mut smallest = network.clone();
    let mut n_steps = 0;
    loop {
        let mut progress = false;
        // From behind, so that positions in front keep their meaning.
        let mut position = candidates(&smallest.clone().into_draft()).len();
        while position > 0 && n_steps < MOST_STEPS {
            position -= 1;
            let draft = smallest.clone().into_draft();
            let edits = candidates(&draft);
            let Some(edit) = edits.get(position) else {
                continue;
            };
            let mut smaller = draft;
            edit.apply(&mut smaller);
            cascade::cascade(&mut smaller);
            let Ok(smaller) = smaller.validate() else {
                continue;
            };
            n_steps += 1;
            if smaller != smallest && shows(&smaller) {
                smallest = smaller;
                progress = true;
            }
        }
        if !progress || n_steps >= MOST_STEPS {
            return smallest;
        }
    }
}

/// How many components, rules, routes and entries a network has, the implied ones not counted.
pub fn size(network: &Network) -> usize {
    let routes = network.route_tables().values().map(|table| {
        let local = |route: &&model::Route| route.target.known() == Some(&Target::Local);
        table.routes.len() - table.routes.iter().filter(local).count()
    });
    let rules = network.security_groups().values();
    let rules = rules.map(|group| group.ingress.len() + group.egress.len());
    let acls = network.network_acls().values();
    let entries = acls.map(|acl| {
        if acl.id.as_str().ends_with("-open") {
            0
        } else {
            acl.ingress.len() + acl.egress.len()
        }
    });
    network.vpcs().len()
        + network.subnets().len()
        + network.network_interfaces().len()
        + network.prefix_lists().len()
        + network.internet_gateways().len()
        + network.egress_only_internet_gateways().len()
        + network.nat_gateways().len()
        + network.peerings().len()
        + network.vpc_endpoints().len()
        + names(network)
        + relay::parts(network)
        + network.transit_gateways().len()
        + network.virtual_private_gateways().len()
        + client_vpn::parts(network)
        + network.transit_gateway_attachments().len()
        + network.transit_gateway_route_tables().len()
        + transit_routes(network)
        + routes.sum::<usize>()
        + rules.sum::<usize>()
        + entries.sum::<usize>()
}

/// How many zones, records and rules there are.
fn names(network: &Network) -> usize {
    let zones = network.hosted_zones().values();
    let records = zones.map(|zone| 1 + zone.records.known().map_or(0, Vec::len));
    let vpcs = network.vpcs().values();
    let firewall = vpcs.map(|vpc| vpc.dns_firewall.len());
    network.resolver_rules().len() + records.sum::<usize>() + firewall.sum::<usize>()
}

/// The static routes and the propagations of the tables of transit gateways.
fn transit_routes(network: &Network) -> usize {
    let tables = network.transit_gateway_route_tables().values();
    let parts = tables.map(|table| table.routes.len() + table.propagations.len());
    parts.sum()
}

/// One step: a part of the draft by its position, and what becomes of it.
#[derive(Clone, Copy, Debug)]
enum Edit {
    Vpc(usize),
    Mode(usize),
    VpcExclusion(usize),
    SubnetExclusion(usize),
    Dns64(usize),
    InboundResolver(usize),
    SecondBlock(usize, usize),
    Subnet(usize),
    SubnetBlock(usize, usize),
    MainTable(usize),
    OpenAcl(usize),
    Table(usize),
    Route(usize, usize),
    /// The target becomes one that is not modelled: then its gateway is not needed any more.
    Elsewhere(usize, usize),
    /// The same, and a blackhole: a route that has to drop needs no gateway that does not work.
    Gone(usize, usize),
    LocalRoute(usize, usize),
    KnownRoute(usize, usize),
    ActiveRoute(usize, usize),
    List(usize),
    ListEntry(usize, usize),
    Group(usize),
    GroupRule(usize, bool, usize),
    WideRule(usize, bool, usize),
    Acl(usize),
    AclEntry(usize, bool, usize),
    WideEntry(usize, bool, usize),
    Interface(usize),
    Address(usize, usize),
    Public(usize, usize),
    Groups(usize),
    Check(usize),
    InternetGateway(usize),
    EgressOnly(usize),
    Nat(usize),
    Peering(usize),
    Endpoint(usize),
    EdgeTable(usize),
    Zone(usize),
    Forwards(usize),
    EndpointForwards(usize),
    Transit(usize),
    Attachment(usize),
    AttachmentSubnet(usize, usize),
    Association(usize),
    Flags(usize),
    TransitTable(usize),
    TransitRoute(usize, usize),
    Propagation(usize, usize),
    VirtualGateway(usize),
    VirtualGatewayTable(usize),
    VirtualGatewayBlock(usize, usize),
    AttachmentBlock(usize, usize),
    ClientVpn(usize),
    ClientVpnInterface(usize, usize),
    ClientVpnRule(usize, usize),
    ClientVpnRoute(usize, usize),
    DirectConnect(usize),
    AllowedPrefix(usize, usize),
    OtherWays(usize),
    LoadBalancer(usize),
    Node(usize, usize),
    Listener(usize, usize),
    ListenerGroup(usize, usize, usize),
    KnownListeners(usize),
    Enforced(usize),
    TargetGroup(usize),
    Registered(usize, usize),
    ByAddress(usize, usize),
    KnownTargets(usize),
    Translated(usize),
    CrossZone(usize),
    Service(usize),
    Offered(usize, usize),
    Policy(usize),
    Statement(usize, usize),
    HostedZone(usize),
    Record(usize, usize),
    ResolverRule(usize),
    FirewallRule(usize, usize),
}

fn candidates(draft: &NetworkDraft) -> Vec<Edit> {
    let mut edits = Vec::new();
    for (n, acl) in draft.network_acls.iter().enumerate() {
        edits.extend(
            (0..acl.ingress.len())
                .flat_map(|k| [Edit::WideEntry(n, true, k), Edit::AclEntry(n, true, k)]),
        );
        edits.extend(
            (0..acl.egress.len())
                .flat_map(|k| [Edit::WideEntry(n, false, k), Edit::AclEntry(n, false, k)]),
        );
        edits.push(Edit::Acl(n));
    }
    for (n, group) in draft.security_groups.iter().enumerate() {
        edits.extend(
            (0..group.ingress.len())
                .flat_map(|k| [Edit::WideRule(n, true, k), Edit::GroupRule(n, true, k)]),
        );
        edits.extend(
            (0..group.egress.len())
                .flat_map(|k| [Edit::WideRule(n, false, k), Edit::GroupRule(n, false, k)]),
        );
        edits.push(Edit::Group(n));
    }
    for (n, list) in draft.prefix_lists.iter().enumerate() {
        let n_entries = list
            .entries
            .known()
            .map_or(0, std::collections::BTreeSet::len);
        edits.extend((0..n_entries).map(|k| Edit::ListEntry(n, k)));
        edits.push(Edit::List(n));
    }
    for (n, table) in draft.route_tables.iter().enumerate() {
        edits.extend((0..table.routes.len()).flat_map(|k| {
            [
                Edit::Gone(n, k),
                Edit::Elsewhere(n, k),
                Edit::ActiveRoute(n, k),
                Edit::KnownRoute(n, k),
                Edit::LocalRoute(n, k),
                Edit::Route(n, k),
            ]
        }));
        edits.push(Edit::Table(n));
    }
    for (n, endpoint) in draft.vpc_endpoints.iter().enumerate() {
        let n_statements = endpoint
            .policy
            .known()
            .map_or(0, |one| one.statements.len());
        edits.extend((0..n_statements).map(|k| Edit::Statement(n, k)));
        edits.extend([
            Edit::EndpointForwards(n),
            Edit::Policy(n),
            Edit::Endpoint(n),
        ]);
    }
    for (n, zone) in draft.hosted_zones.iter().enumerate() {
        let n_records = zone.records.known().map_or(0, Vec::len);
        edits.extend((0..n_records).map(|k| Edit::Record(n, k)));
        edits.push(Edit::HostedZone(n));
    }
    edits.extend((0..draft.resolver_rules.len()).map(Edit::ResolverRule));
    for (n, vpc) in draft.vpcs.iter().enumerate() {
        edits.extend((0..vpc.dns_firewall.len()).map(|k| Edit::FirewallRule(n, k)));
    }
    edits.extend(relay::candidates(draft));
    edits.extend((0..draft.peerings.len()).map(Edit::Peering));
    edits.extend((0..draft.nat_gateways.len()).map(Edit::Nat));
    edits.extend((0..draft.egress_only_internet_gateways.len()).map(Edit::EgressOnly));
    edits.extend((0..draft.internet_gateways.len()).map(Edit::EdgeTable));
    edits.extend((0..draft.internet_gateways.len()).map(Edit::InternetGateway));
    for (n, table) in draft.transit_gateway_route_tables.iter().enumerate() {
        edits.extend((0..table.routes.len()).map(|k| Edit::TransitRoute(n, k)));
        edits.extend((0..table.propagations.len()).map(|k| Edit::Propagation(n, k)));
        edits.push(Edit::TransitTable(n));
    }
    for (n, attachment) in draft.transit_gateway_attachments.iter().enumerate() {
        if let AttachmentKind::Vpc { subnets, .. } = &attachment.kind {
            edits.extend((0..subnets.len()).map(|k| Edit::AttachmentSubnet(n, k)));
        }
        if let AttachmentKind::OnPremises { prefixes, .. } = &attachment.kind {
            edits.extend(blocks(prefixes).map(|k| Edit::AttachmentBlock(n, k)));
        }
        edits.extend([Edit::Association(n), Edit::Flags(n), Edit::Attachment(n)]);
    }
    edits.extend((0..draft.transit_gateways.len()).map(Edit::Transit));
    for (n, gateway) in draft.virtual_private_gateways.iter().enumerate() {
        edits.extend(blocks(&gateway.prefixes).map(|k| Edit::VirtualGatewayBlock(n, k)));
        edits.extend([Edit::VirtualGatewayTable(n), Edit::VirtualGateway(n)]);
    }
    edits.extend(client_vpn::edits(draft));
    for (n, interface) in draft.network_interfaces.iter().enumerate() {
        let n_addresses = interface.addresses.len();
        edits.extend((0..n_addresses).flat_map(|k| [Edit::Public(n, k), Edit::Address(n, k)]));
        edits.extend([
            Edit::Groups(n),
            Edit::Forwards(n),
            Edit::Check(n),
            Edit::Interface(n),
        ]);
    }
    for (n, subnet) in draft.subnets.iter().enumerate() {
        edits.extend((0..subnet.cidrs.len()).map(|k| Edit::SubnetBlock(n, k)));
        edits.extend([
            Edit::SubnetExclusion(n),
            Edit::Dns64(n),
            Edit::Zone(n),
            Edit::MainTable(n),
            Edit::OpenAcl(n),
            Edit::Subnet(n),
        ]);
    }
    for (n, vpc) in draft.vpcs.iter().enumerate() {
        edits.extend((0..vpc.cidrs.len()).map(|k| Edit::SecondBlock(n, k)));
        edits.extend([
            Edit::VpcExclusion(n),
            Edit::Mode(n),
            Edit::InboundResolver(n),
            Edit::Vpc(n),
        ]);
    }
    edits
}

/// The positions of known blocks.
fn blocks(prefixes: &Value<BTreeSet<Cidr>>) -> std::ops::Range<usize> {
    0..prefixes.known().map_or(0, BTreeSet::len)
}

/// Leaves out what is at a position, if the set is known.
fn fewer<T: Ord + Clone>(set: &mut Value<BTreeSet<T>>, k: usize) {
    if let Value::Known(known) = set {
        without(known, k);
    }
}

/// Leaves out what is at a position.
fn without<T: Ord + Clone>(from: &mut BTreeSet<T>, position: usize) {
    let gone = from.iter().nth(position).cloned();
    from.retain(|one| Some(one) != gone.as_ref());
}

fn remove<T>(from: &mut Vec<T>, position: usize) {
    if position < from.len() {
        from.remove(position);
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "Each of these functions makes its own kinds of edits and leaves the others to the next."
)]
impl Edit {
    fn apply(self, draft: &mut NetworkDraft) {
        match self {
            Edit::Vpc(_)
            | Edit::Mode(_)
            | Edit::VpcExclusion(_)
            | Edit::SubnetExclusion(_)
            | Edit::Dns64(_)
            | Edit::InboundResolver(_)
            | Edit::SecondBlock(..)
            | Edit::Subnet(_)
            | Edit::SubnetBlock(..)
            | Edit::Zone(_)
            | Edit::MainTable(_)
            | Edit::OpenAcl(_) => self.of_places(draft),
            Edit::Table(_)
            | Edit::Route(..)
            | Edit::Elsewhere(..)
            | Edit::Gone(..)
            | Edit::KnownRoute(..)
            | Edit::LocalRoute(..)
            | Edit::ActiveRoute(..)
            | Edit::List(_)
            | Edit::ListEntry(..) => self.of_routes(draft),
            Edit::Group(_)
            | Edit::GroupRule(..)
            | Edit::WideRule(..)
            | Edit::Acl(_)
            | Edit::AclEntry(..)
            | Edit::WideEntry(..) => self.of_filters(draft),
            Edit::Interface(_)
            | Edit::Address(..)
            | Edit::Public(..)
            | Edit::Groups(_)
            | Edit::Forwards(_)
            | Edit::Check(_) => self.of_interfaces(draft),
            Edit::InternetGateway(n) => remove(&mut draft.internet_gateways, n),
            Edit::EdgeTable(n) => {
                if let Some(gateway) = draft.internet_gateways.get_mut(n) {
                    gateway.edge_route_table = None;
                }
            }
            Edit::EndpointForwards(n) => {
                if let Some(VpcEndpoint {
                    kind: EndpointKind::GatewayLoadBalancer { middlebox, .. },
                    ..
                }) = draft.vpc_endpoints.get_mut(n)
                {
                    *middlebox = Middlebox::Forwards;
                }
            }
            Edit::Transit(_)
            | Edit::Attachment(_)
            | Edit::AttachmentSubnet(..)
            | Edit::Association(_)
            | Edit::Flags(_)
            | Edit::TransitTable(_)
            | Edit::TransitRoute(..)
            | Edit::Propagation(..)
            | Edit::AttachmentBlock(..) => self.of_transits(draft),
            Edit::LoadBalancer(_)
            | Edit::Node(..)
            | Edit::Listener(..)
            | Edit::ListenerGroup(..)
            | Edit::KnownListeners(_)
            | Edit::Enforced(_)
            | Edit::Service(_)
            | Edit::Offered(..) => self.of_load_balancers(draft),
            Edit::TargetGroup(_)
            | Edit::Registered(..)
            | Edit::ByAddress(..)
            | Edit::KnownTargets(_)
            | Edit::Translated(_)
            | Edit::CrossZone(_) => self.of_target_groups(draft),
            Edit::ClientVpn(_)
            | Edit::ClientVpnInterface(..)
            | Edit::ClientVpnRule(..)
            | Edit::ClientVpnRoute(..)
            | Edit::DirectConnect(_)
            | Edit::AllowedPrefix(..)
            | Edit::OtherWays(_) => self.of_clients(draft),
            Edit::VirtualGateway(n) => remove(&mut draft.virtual_private_gateways, n),
            Edit::VirtualGatewayTable(n) | Edit::VirtualGatewayBlock(n, _) => {
                let Some(gateway) = draft.virtual_private_gateways.get_mut(n) else {
                    return;
                };
                if let Edit::VirtualGatewayBlock(_, k) = self {
                    fewer(&mut gateway.prefixes, k);
                } else {
                    gateway.edge_route_table = None;
                }
            }
            Edit::EgressOnly(n) => remove(&mut draft.egress_only_internet_gateways, n),
            Edit::Nat(n) => remove(&mut draft.nat_gateways, n),
            Edit::Peering(n) => remove(&mut draft.peerings, n),
            Edit::Endpoint(n) => remove(&mut draft.vpc_endpoints, n),
            Edit::HostedZone(n) => remove(&mut draft.hosted_zones, n),
            Edit::Record(n, k) => {
                let zone = draft.hosted_zones.get_mut(n);
                if let Some(Value::Known(records)) = zone.map(|zone| &mut zone.records) {
                    remove(records, k);
                }
            }
            Edit::ResolverRule(n) => remove(&mut draft.resolver_rules, n),
            Edit::FirewallRule(n, k) => {
                if let Some(vpc) = draft.vpcs.get_mut(n) {
                    remove(&mut vpc.dns_firewall, k);
                }
            }
            Edit::Policy(n) | Edit::Statement(n, _) => {
                let Some(endpoint) = draft.vpc_endpoints.get_mut(n) else {
                    return;
                };
                if let (Edit::Statement(_, k), Value::Known(policy)) = (self, &mut endpoint.policy)
                {
                    remove(&mut policy.statements, k);
                } else {
                    endpoint.policy = Value::Known(model::Policy {
                        statements: Vec::new(),
                        variables: false,
                    });
                }
            }
        }
    }

    fn of_places(self, draft: &mut NetworkDraft) {
        match self {
            Edit::Vpc(n) => remove(&mut draft.vpcs, n),
            Edit::Mode(n) => {
                if let Some(vpc) = draft.vpcs.get_mut(n) {
                    vpc.block_public_access = Value::Known(BlockPublicAccess::Off);
                }
            }
            Edit::VpcExclusion(n) => {
                if let Some(vpc) = draft.vpcs.get_mut(n) {
                    vpc.exclusion = None;
                }
            }
            Edit::Dns64(n) => {
                if let Some(subnet) = draft.subnets.get_mut(n) {
                    subnet.dns64 = false;
                }
            }
            Edit::InboundResolver(n) => {
                if let Some(vpc) = draft.vpcs.get_mut(n) {
                    vpc.inbound_resolver = InboundResolver::Unknown;
                }
            }
            Edit::SubnetExclusion(n) => {
                if let Some(subnet) = draft.subnets.get_mut(n) {
                    subnet.exclusion = None;
                }
            }
            Edit::SecondBlock(n, k) => {
                let Some(vpc) = draft.vpcs.get_mut(n) else {
                    return;
                };
                let Some(block) = vpc.cidrs.get(k).copied() else {
                    return;
                };
                vpc.cidrs.remove(k);
                let gone = Value::Known(RouteDestination::Cidr(block));
                for table in draft
                    .route_tables
                    .iter_mut()
                    .filter(|one| one.vpc == vpc.id)
                {
                    table.routes.retain(|route| {
                        route.destination != gone || route.target.known() != Some(&Target::Local)
                    });
                }
                for subnet in draft.subnets.iter_mut().filter(|one| one.vpc == vpc.id) {
                    subnet.cidrs.retain(|cidr| !pool::overlap(*cidr, block));
                }
            }
            Edit::Subnet(n) => remove(&mut draft.subnets, n),
            Edit::SubnetBlock(n, k) => {
                if let Some(subnet) = draft.subnets.get_mut(n) {
                    remove(&mut subnet.cidrs, k);
                }
            }
            Edit::Zone(n) => {
                if let Some(subnet) = draft.subnets.get_mut(n) {
                    (subnet.zone, subnet.zone_id) = (None, None);
                }
            }
            Edit::MainTable(n) => {
                if let Some(subnet) = draft.subnets.get_mut(n) {
                    subnet.route_table = None;
                }
            }
            Edit::OpenAcl(n) => {
                if let Some(subnet) = draft.subnets.get_mut(n) {
                    let id = model::NetworkAclId::new(format!("{}-open", subnet.vpc));
                    subnet.network_acl = Value::Known(id);
                }
            }
            _ => {}
        }
    }

    fn of_routes(self, draft: &mut NetworkDraft) {
        match self {
            Edit::Table(n) => remove(&mut draft.route_tables, n),
            Edit::Route(n, k)
            | Edit::Elsewhere(n, k)
            | Edit::Gone(n, k)
            | Edit::KnownRoute(n, k)
            | Edit::LocalRoute(n, k)
            | Edit::ActiveRoute(n, k) => {
                let Some(table) = draft.route_tables.get_mut(n) else {
                    return;
                };
                if let Edit::Route(..) = self {
                    return remove(&mut table.routes, k);
                }
                let Some(route) = table.routes.get_mut(k) else {
                    return;
                };
                if let Edit::ActiveRoute(..) = self {
                    route.state = RouteState::Active;
                } else if let Edit::Elsewhere(..) | Edit::Gone(..) = self {
                    // Only once, or it would go to and fro with the edit that makes routes active.
                    let gateway = !matches!(
                        route.target.known(),
                        Some(Target::Local | Target::Unmodelled { .. })
                    );
                    if gateway {
                        route.target = Value::Known(Target::Unmodelled {
                            kind: "core-network".to_owned(),
                            id: "elsewhere".to_owned(),
                        });
                    }
                    if gateway && matches!(self, Edit::Gone(..)) {
                        route.state = RouteState::Blackhole;
                    }
                } else if let Edit::LocalRoute(..) = self {
                    // Only of the VPC's own blocks; elsewhere the draft is refused.
                    route.target = Value::Known(Target::Local);
                } else {
                    first(&mut route.destination);
                    first(&mut route.target);
                }
            }
            Edit::List(n) => remove(&mut draft.prefix_lists, n),
            Edit::ListEntry(n, k) => {
                let list = draft.prefix_lists.get_mut(n);
                if let Some(Value::Known(entries)) = list.map(|list| &mut list.entries) {
                    let gone = entries.iter().nth(k).copied();
                    entries.retain(|entry| Some(*entry) != gone);
                }
            }
            _ => {}
        }
    }

    fn of_filters(self, draft: &mut NetworkDraft) {
        match self {
            Edit::Group(n) => remove(&mut draft.security_groups, n),
            Edit::GroupRule(n, inbound, k) | Edit::WideRule(n, inbound, k) => {
                let Some(group) = draft.security_groups.get_mut(n) else {
                    return;
                };
                let rules = if inbound {
                    &mut group.ingress
                } else {
                    &mut group.egress
                };
                if let Edit::GroupRule(..) = self {
                    return remove(rules, k);
                }
                if let Some(rule) = rules.get_mut(k) {
                    rule.traffic = RuleTraffic::All;
                    if let RulePeer::Cidr(cidr) = &mut rule.peer {
                        *cidr = pool::around(cidr.base(), 0);
                    }
                }
            }
            Edit::Acl(n) => remove(&mut draft.network_acls, n),
            Edit::AclEntry(n, inbound, k) | Edit::WideEntry(n, inbound, k) => {
                let Some(acl) = draft.network_acls.get_mut(n) else {
                    return;
                };
                if acl.id.as_str().ends_with("-open") {
                    return;
                }
                let entries = if inbound {
                    &mut acl.ingress
                } else {
                    &mut acl.egress
                };
                if let Edit::AclEntry(..) = self {
                    return remove(entries, k);
                }
                if let Some(entry) = entries.get_mut(k) {
                    entry.traffic = RuleTraffic::All;
                    entry.cidr = pool::around(entry.cidr.base(), 0);
                }
            }
            _ => {}
        }
    }

    fn of_interfaces(self, draft: &mut NetworkDraft) {
        let (Edit::Interface(n)
        | Edit::Address(n, _)
        | Edit::Public(n, _)
        | Edit::Groups(n)
        | Edit::Forwards(n)
        | Edit::Check(n)) = self
        else {
            return;
        };
        if let Edit::Interface(_) = self {
            return remove(&mut draft.network_interfaces, n);
        }
        let Some(interface) = draft.network_interfaces.get_mut(n) else {
            return;
        };
        match self {
            Edit::Address(_, k) => remove(&mut interface.addresses, k),
            Edit::Public(_, k) => {
                if let Some(address) = interface.addresses.get_mut(k) {
                    address.public = None;
                }
            }
            Edit::Groups(_) => {
                let fewer = interface.groups.known().filter(|groups| groups.len() > 1);
                let fewer = fewer.and_then(|groups| groups.iter().next()).cloned();
                first(&mut interface.groups);
                if let Some(group) = fewer {
                    interface.groups = Value::Known([group].into());
                }
            }
            Edit::Forwards(_) => interface.middlebox = Middlebox::Forwards,
            _ => interface.source_destination_check = true,
        }
    }

    fn of_transits(self, draft: &mut NetworkDraft) {
        match self {
            Edit::Transit(n) => remove(&mut draft.transit_gateways, n),
            Edit::TransitTable(n) => remove(&mut draft.transit_gateway_route_tables, n),
            Edit::TransitRoute(n, k) | Edit::Propagation(n, k) => {
                let Some(table) = draft.transit_gateway_route_tables.get_mut(n) else {
                    return;
                };
                if let Edit::TransitRoute(..) = self {
                    return remove(&mut table.routes, k);
                }
                let gone = table.propagations.iter().nth(k).cloned();
                table.propagations.retain(|one| Some(one) != gone.as_ref());
            }
            Edit::Attachment(n) => remove(&mut draft.transit_gateway_attachments, n),
            Edit::AttachmentBlock(n, k) => {
                let attachment = draft.transit_gateway_attachments.get_mut(n);
                if let Some(AttachmentKind::OnPremises { prefixes, .. }) =
                    attachment.map(|one| &mut one.kind)
                {
                    fewer(prefixes, k);
                }
            }
            Edit::AttachmentSubnet(n, _) | Edit::Association(n) | Edit::Flags(n) => {
                let Some(attachment) = draft.transit_gateway_attachments.get_mut(n) else {
                    return;
                };
                if let Edit::Association(_) = self {
                    if let Some(tables) = &mut attachment.association {
                        first(tables);
                    }
                    return;
                }
                let AttachmentKind::Vpc {
                    subnets,
                    appliance_mode,
                    ipv6_support,
                    security_group_referencing,
                    ..
                } = &mut attachment.kind
                else {
                    return;
                };
                if let Edit::AttachmentSubnet(_, k) = self {
                    let gone = subnets.iter().nth(k).cloned();
                    subnets.retain(|one| Some(one) != gone.as_ref());
                } else {
                    (*appliance_mode, *ipv6_support) = (false, false);
                    *security_group_referencing = false;
                }
            }
            _ => {}
        }
    }
}

/// The first candidate of an open value.
fn first<T: Clone>(value: &mut Value<T>) {
    if let Value::OneOf(values, _) = value
        && let Some(first) = values.first()
    {
        *value = Value::Known(first.clone());
    }
}
