//! `describe-route-tables`.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    EgressOnlyInternetGateway, EndpointKind, Hole, InternetGateway, NatGateway, NetworkInterface,
    Peering, PrefixListId, Route, RouteDestination, RouteOrigin, RouteState, RouteTable,
    RouteTableId, RuleIndex, Target, TransitGateway, Value, VirtualPrivateGateway, Vpc,
    VpcEndpoint, VpcId,
};

use super::passing;
use super::prefix_list;
use super::snapshot::Snapshot;
use crate::diagnostic::{Code, Diagnostic};
use crate::doubt::Touches;
use crate::json::Cursor;
use crate::provenance::Kind;
use crate::sink::Sink;

/// Which tables VPCs, subnets and gateways are associated with.
#[derive(Debug, Default)]
pub(super) struct Associations {
    /// The main table of each VPC.
    pub(super) main: BTreeMap<String, String>,
    /// The explicit table of each subnet that has one.
    pub(super) subnets: BTreeMap<String, String>,
    /// The table of each internet or virtual private gateway that has one (edge association).
    pub(super) gateways: BTreeMap<String, String>,
}

impl Associations {
    /// Reads the associations of all tables.
    pub(super) fn read(snapshot: &Snapshot<'_>, sink: &mut Sink) -> Self {
        let mut associations = Self::default();
        for cursor in snapshot.cursors("RouteTables") {
            // A missing id is reported with the table.
            let mut ignored = Sink::default();
            let table = cursor.text("RouteTableId", &mut ignored);
            let vpc = cursor.text("VpcId", &mut ignored);
            if let (Some(table), Some(vpc)) = (table, vpc) {
                for association in cursor.list("Associations", sink) {
                    associations.add(table, vpc, &association, snapshot, sink);
                }
            }
        }
        associations
    }

    fn add(
        &mut self,
        table: &str,
        vpc: &str,
        association: &Cursor<'_>,
        snapshot: &Snapshot<'_>,
        sink: &mut Sink,
    ) {
        let state = association.get("AssociationState");
        let state = state.and_then(|state| state.text("State", sink));
        if let Some(state) = state.filter(|state| *state != "associated") {
            if matches!(state, "associating" | "disassociating") {
                passing::note(sink, table, state);
            }
            return;
        }
        if association.flag("Main", sink) == Some(true) {
            self.main.insert(vpc.to_owned(), table.to_owned());
        }
        if let Some(subnet) = association.text("SubnetId", sink) {
            self.subnets.insert(subnet.to_owned(), table.to_owned());
        }
        match association.text("GatewayId", sink) {
            Some(gateway)
                if gateway.starts_with("igw-") || snapshot.has("VpnGateways", gateway) =>
            {
                self.gateways.insert(gateway.to_owned(), table.to_owned());
            }
            Some(gateway) => {
                // Nothing comes in by a gateway that is not in the input.
                let what = format!("the route table `{table}` that is associated with it");
                sink.left_out(association.place(), gateway, &what);
            }
            None => {}
        }
        if let Some(pool) = association.text("PublicIpv4Pool", sink) {
            // What is sent to its addresses goes to interfaces by the gateway's table.
            // Source: <https://docs.aws.amazon.com/vpc/latest/userguide/igw-ingress-routing.html>
            let what = format!("{table} (what it does with traffic to the addresses of {pool})");
            sink.unread(Touches::Internet, what, false);
        } else if association.is_of_config()
            && ["SubnetId", "GatewayId"]
                .iter()
                .all(|key| association.get(key).is_none())
            && association.flag("Main", sink) != Some(true)
        {
            let what = format!("what `{table}` is associated with is not recorded");
            sink.not_recorded(Touches::Everything, what);
        }
    }
}

/// Notes what comes in from other networks by what routes lead to and is not read, or that no call
/// describes.
pub(super) fn undescribed(sink: &mut Sink) {
    const KINDS: [&str; 4] = [
        "carrier-gateway",
        "core-network",
        "local-gateway",
        "odb-network",
    ];
    let routes = sink
        .draft
        .route_tables
        .iter()
        .flat_map(|table| &table.routes);
    let gateways = routes.filter_map(|route| match &route.target {
        Value::Known(Target::Unmodelled { kind, id }) => Some((kind, id)),
        Value::Known(_) | Value::OneOf(..) | Value::Any(_) => None,
    });
    let brings = |(kind, id): &(&String, &String)| {
        KINDS.contains(&kind.as_str()) || ["vgw-", "tgw-"].iter().any(|begin| id.starts_with(begin))
    };
    let gateways: BTreeSet<String> = gateways.filter(brings).map(|(_, id)| id.clone()).collect();
    for id in gateways {
        let what = format!("{id} (what comes in by it, which the input does not tell)");
        sink.unread(Touches::OnPremises, what, false);
    }
}

/// Reads the route tables.
pub(super) fn read(snapshot: &Snapshot<'_>, sink: &mut Sink) {
    let mut warned = BTreeSet::new();
    for cursor in snapshot.cursors("RouteTables") {
        let id = cursor.required_text("RouteTableId", sink);
        let vpc = cursor.required_text("VpcId", sink);
        let (Some(id), Some(vpc)) = (id, vpc) else {
            continue;
        };
        let mut routes = Vec::new();
        let mut places = Vec::new();
        for item in cursor.list("Routes", sink) {
            if let Some(route) = route(&item, snapshot, &mut warned, sink) {
                routes.push(route);
                places.push(item.place());
            }
        }
        restore_local(&mut routes, vpc, sink);
        let table = RouteTable {
            id: RouteTableId::new(id),
            vpc: VpcId::new(vpc),
            routes,
            tags: cursor.aws_tags("Tags", sink),
        };
        sink.add(table, cursor.place());
        for (position, place) in places.into_iter().enumerate() {
            let index = RuleIndex::Route(position);
            sink.rule(Kind::RouteTable, id, index, place);
        }
    }
}

/// A table has a route for each block of its VPC. Where one whose target is not modelled, or gone,
/// is in the place of the local route, the local one is put back, and behind all the routes one
/// that is not known.
fn restore_local(routes: &mut Vec<Route>, vpc: &str, sink: &mut Sink) {
    let blocks = sink.get::<Vpc>(vpc).map(|vpc| vpc.cidrs.clone());
    let mut open = Vec::new();
    for route in routes.iter_mut() {
        if let Some(RouteDestination::Cidr(block)) = route.destination.known()
            && blocks.iter().flatten().any(|one| one == block)
            && let Some(Target::Unmodelled { id, .. }) = route.target.known()
            && route.origin == RouteOrigin::Static
        {
            let hole = Hole::new(format!("what `{id}` is"));
            route.target = Value::Known(Target::Local);
            route.state = RouteState::Active;
            open.push(Route {
                destination: Value::Any(hole.clone()),
                target: Value::Any(hole),
                origin: RouteOrigin::Static,
                state: RouteState::Active,
            });
        }
    }
    routes.extend(open);
}

fn route(
    cursor: &Cursor<'_>,
    snapshot: &Snapshot<'_>,
    warned: &mut BTreeSet<String>,
    sink: &mut Sink,
) -> Option<Route> {
    let destination = destination(cursor, sink);
    let origin = match cursor.text("Origin", sink) {
        Some("CreateRouteTable" | "CreateRoute") | None => Some(RouteOrigin::Static),
        Some("EnableVgwRoutePropagation" | "Advertisement") => Some(RouteOrigin::Propagated),
        Some(other) => {
            let message = format!("route origin `{other}` is not known");
            let diagnostic = Diagnostic::error(cursor.place(), Code::InvalidValue, message);
            let help = "expected `CreateRouteTable`, `CreateRoute`, `EnableVgwRoutePropagation` \
                        or `Advertisement`";
            sink.push(diagnostic.help(help));
            None
        }
    };
    let (state, unknown_state) = match cursor.text("State", sink) {
        Some("active") | None => (RouteState::Active, None),
        Some("blackhole") => (RouteState::Blackhole, None),
        Some(other) => (RouteState::Active, Some(other)),
    };
    let target = target(cursor, state, snapshot, sink);
    let target = match (target, unknown_state) {
        (Some(_), Some(state)) => Some(Target::Unmodelled {
            kind: format!("{state}-route"),
            id: cursor.pointer().to_owned(),
        }),
        (target, _) => target,
    };
    if let Some(Target::Unmodelled { kind, id }) = &target
        && warned.insert(id.clone())
    {
        let what = format!("a route target of kind `{kind}`");
        sink.not_modelled(cursor.place(), id, &what);
    }
    Some(Route {
        destination: Value::Known(destination?),
        target: Value::Known(target?),
        origin: origin?,
        state,
    })
}

fn destination(cursor: &Cursor<'_>, sink: &mut Sink) -> Option<RouteDestination> {
    let blocks = ["DestinationCidrBlock", "DestinationIpv6CidrBlock"];
    if let Some(block) = blocks.iter().find_map(|key| cursor.get(key)) {
        return block.as_cidr(sink).map(RouteDestination::Cidr);
    }
    let Some(list) = cursor.get("DestinationPrefixListId") else {
        let message = "the route has no destination";
        let diagnostic = Diagnostic::error(cursor.place(), Code::MissingField, message);
        let help = "expected `DestinationCidrBlock`, `DestinationIpv6CidrBlock` or \
                    `DestinationPrefixListId`";
        sink.push(diagnostic.help(help));
        return None;
    };
    let id = list.as_text(sink)?;
    let known = prefix_list::is_known(id, &list, sink);
    known.then(|| RouteDestination::PrefixList(PrefixListId::new(id)))
}

/// The fields for targets that are not modelled, and AWS's words for them.
const UNMODELLED: [(&str, &str); 4] = [
    ("CarrierGatewayId", "carrier-gateway"),
    ("LocalGatewayId", "local-gateway"),
    ("CoreNetworkArn", "core-network"),
    ("OdbNetworkArn", "odb-network"),
];

fn target(
    cursor: &Cursor<'_>,
    state: RouteState,
    snapshot: &Snapshot<'_>,
    sink: &mut Sink,
) -> Option<Target> {
    let mut finder = Finder {
        state,
        snapshot,
        sink,
    };
    if let Some(field) = cursor.get("GatewayId") {
        return finder.gateway(&field);
    }
    if let Some(field) = cursor.get("NatGatewayId") {
        return finder.nat_gateway(&field);
    }
    if let Some(field) = cursor.get("VpcPeeringConnectionId") {
        return finder.peering(&field);
    }
    if let Some(field) = cursor.get("EgressOnlyInternetGatewayId") {
        return finder.egress_only_internet_gateway(&field);
    }
    // Both stand in a route to an instance.
    let interface = cursor.get("NetworkInterfaceId");
    if let Some(field) = interface.or_else(|| cursor.get("InstanceId")) {
        return finder.network_interface(&field);
    }
    if let Some(field) = cursor.get("TransitGatewayId") {
        return finder.transit_gateway(&field);
    }
    for (key, kind) in UNMODELLED {
        if let Some(field) = cursor.get(key) {
            return field.as_text(sink).map(|id| unmodelled(kind, id));
        }
    }
    if cursor.is_of_config() {
        // Not every target has a field in what it records.
        return Some(unmodelled("unrecorded", cursor.pointer()));
    }
    let message = "the route has no target that is known";
    let diagnostic = Diagnostic::error(cursor.place(), Code::MissingField, message);
    sink.push(diagnostic.help("expected a field such as `GatewayId` or `NatGatewayId`"));
    None
}

fn unmodelled(kind: &str, id: &str) -> Target {
    Target::Unmodelled {
        kind: kind.to_owned(),
        id: id.to_owned(),
    }
}

/// Finds the target of one route in the snapshot.
struct Finder<'f, 's> {
    state: RouteState,
    snapshot: &'f Snapshot<'s>,
    sink: &'f mut Sink,
}

impl Finder<'_, '_> {
    /// A target that is not modelled but has to be in a list, or be gone.
    fn there_or_gone(
        &mut self,
        field: &Cursor<'_>,
        kind: &str,
        list: &str,
        call: &str,
    ) -> Option<Target> {
        let id = field.as_text(self.sink)?;
        let there = self.snapshot.has(list, id);
        if !there && self.state == RouteState::Active {
            let message = format!("the route's target `{id}` is not in the input");
            let diagnostic = Diagnostic::error(field.place(), Code::NotDefined, message);
            self.sink
                .push(diagnostic.help(format!("add the output of `{call}`, without filters")));
            return None;
        }
        Some(unmodelled(kind, id))
    }

    fn gateway(&mut self, field: &Cursor<'_>) -> Option<Target> {
        let id = field.as_text(self.sink)?;
        if id == "local" {
            return Some(Target::Local);
        }
        match id.split('-').next() {
            Some("igw") => {
                if self.sink.get::<InternetGateway>(id).is_some() {
                    return Some(Target::InternetGateway(id.into()));
                }
                let call = "describe-internet-gateways";
                self.there_or_gone(field, "internet-gateway", "InternetGateways", call)
            }
            Some("vpce") => self.endpoint(field, id),
            Some("vgw") => Some(match self.sink.get::<VirtualPrivateGateway>(id) {
                Some(_) => Target::VirtualPrivateGateway(id.into()),
                None => unmodelled("virtual-private-gateway", id),
            }),
            _ => Some(unmodelled("gateway", id)),
        }
    }

    fn endpoint(&mut self, field: &Cursor<'_>, id: &str) -> Option<Target> {
        let endpoint = self.sink.get::<VpcEndpoint>(id);
        let kind = match endpoint.map(|endpoint| &endpoint.kind) {
            Some(EndpointKind::Gateway { .. }) => {
                return Some(Target::GatewayEndpoint(id.into()));
            }
            Some(EndpointKind::GatewayLoadBalancer { .. }) => {
                return Some(Target::GatewayLoadBalancerEndpoint(id.into()));
            }
            Some(EndpointKind::Unmodelled(kind)) => format!("{kind} endpoint"),
            Some(EndpointKind::Interface { .. }) => "interface endpoint".to_owned(),
            None => "endpoint".to_owned(),
        };
        self.there_or_gone(field, &kind, "VpcEndpoints", "describe-vpc-endpoints")
    }

    fn nat_gateway(&mut self, field: &Cursor<'_>) -> Option<Target> {
        let id = field.as_text(self.sink)?;
        if self.sink.get::<NatGateway>(id).is_some() {
            return Some(Target::NatGateway(id.into()));
        }
        self.there_or_gone(field, "nat-gateway", "NatGateways", "describe-nat-gateways")
    }

    fn peering(&mut self, field: &Cursor<'_>) -> Option<Target> {
        let id = field.as_text(self.sink)?;
        if self.sink.get::<Peering>(id).is_some() {
            return Some(Target::Peering(id.into()));
        }
        let call = "describe-vpc-peering-connections";
        self.there_or_gone(field, "peering", "VpcPeeringConnections", call)
    }

    fn egress_only_internet_gateway(&mut self, field: &Cursor<'_>) -> Option<Target> {
        let id = field.as_text(self.sink)?;
        if self.sink.get::<EgressOnlyInternetGateway>(id).is_some() {
            return Some(Target::EgressOnlyInternetGateway(id.into()));
        }
        let kind = "egress-only-internet-gateway";
        let call = "describe-egress-only-internet-gateways";
        self.there_or_gone(field, kind, "EgressOnlyInternetGateways", call)
    }

    fn network_interface(&mut self, field: &Cursor<'_>) -> Option<Target> {
        let id = field.as_text(self.sink)?;
        let primary = primary_interface(self.snapshot, id);
        let interface = primary.unwrap_or(id);
        if self.sink.get::<NetworkInterface>(interface).is_some() {
            return Some(Target::NetworkInterface(interface.into()));
        }
        if id.starts_with("i-") {
            return Some(unmodelled("network-interface", id));
        }
        let call = "describe-network-interfaces";
        self.there_or_gone(field, "network-interface", "NetworkInterfaces", call)
    }

    /// One of another account may be in no list; then it is not modelled.
    fn transit_gateway(&mut self, field: &Cursor<'_>) -> Option<Target> {
        let id = field.as_text(self.sink)?;
        Some(match self.sink.get::<TransitGateway>(id) {
            Some(_) => Target::TransitGateway(id.into()),
            None => unmodelled("transit-gateway", id),
        })
    }
}

/// The primary interface of an instance.
fn primary_interface<'a>(snapshot: &Snapshot<'a>, instance: &str) -> Option<&'a str> {
    let mut interfaces = snapshot.cursors("NetworkInterfaces");
    let interface = interfaces.find(|interface| {
        let attachment = interface.value().get("Attachment");
        attachment.is_some_and(|attachment| {
            let of = attachment.get("InstanceId").and_then(|id| id.as_str());
            let index = attachment
                .get("DeviceIndex")
                .and_then(|index| index.as_u64());
            let card = attachment.get("NetworkCardIndex");
            let card = card.and_then(|card| card.as_u64());
            of == Some(instance) && index == Some(0) && card.is_none_or(|card| card == 0)
        })
    })?;
    interface.value().get("NetworkInterfaceId")?.as_str()
}
