//! Route tables of transit gateways: `describe-transit-gateway-route-tables`, and for each table
//! `search-transit-gateway-routes`, `get-transit-gateway-route-table-propagations`,
//! `-associations`; `get-transit-gateway-prefix-list-references`.
//!
//! What a VPC of the input propagates follows from its blocks. What anything else propagates is
//! known only from the routes that the search lists, one for each block: the one in force. Those of
//! a network on premises are the blocks that its attachment propagates; a block that another route
//! wins in every table is not among them, and need not be. Those of anything else stand in the
//! table as if they were static, which they can.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Cidr, PrefixListId, RouteDestination, RuleIndex, TransitGatewayAttachmentId, TransitGatewayId,
    TransitGatewayRoute, TransitGatewayRouteTable, TransitGatewayRouteTableId,
};

use super::passing;
use super::prefix_list;
use super::snapshot::Snapshot;
use super::transit_gateway_attachment::{Attachments, Propagated};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::json::Cursor;
use crate::provenance::Kind;
use crate::sink::Sink;

const ROUTES: &str = "Routes";
const PROPAGATIONS: &str = "TransitGatewayRouteTablePropagations";
const ASSOCIATIONS: &str = "Associations";

/// Reads the tables of some gateways, and says which attachments are associated with them.
pub(super) fn read<'a>(
    snapshot: &Snapshot<'a>,
    gateways: &BTreeSet<&'a str>,
    attachments: &mut Attachments<'a>,
    sink: &mut Sink,
) {
    // What is missing of each table, and the tables of each gateway.
    let mut missing = BTreeMap::new();
    let mut tables: BTreeMap<_, Vec<_>> = BTreeMap::new();
    let mut learned = Learned::new();
    for cursor in snapshot.cursors("TransitGatewayRouteTables") {
        let id = cursor.required_text("TransitGatewayRouteTableId", sink);
        let gateway = cursor.required_text("TransitGatewayId", sink);
        let (Some(id), Some(gateway)) = (id, gateway) else {
            continue;
        };
        if !gateways.contains(gateway) || cursor.text("State", sink) == Some("deleted") {
            continue;
        }
        tables.entry(gateway).or_default().push(id);
        let of_table = snapshot.of_table(ASSOCIATIONS, id);
        for item in of_table.map_or(&[][..], |of_table| &of_table.items) {
            let state = item.text("State", sink);
            if let Some(state @ ("associating" | "disassociating")) = state {
                passing::note(sink, id, state);
            }
            if state.is_none_or(|state| state == "associated")
                && let Some(attachment) = attachments.named(gateway, item, sink)
            {
                attachments.associate(&attachment, id);
            }
        }
        let mut reader = Reader {
            gateway,
            attachments,
            routes: Vec::new(),
            places: Vec::new(),
            listed: BTreeSet::new(),
            learned: Learned::new(),
            is_pending: false,
        };
        reader.routes(snapshot, id, sink);
        reader.references(snapshot, id, sink);
        let propagations = reader.propagations(snapshot, id, sink);
        match what_is_missing(snapshot, id, reader.is_pending) {
            Some(what) => {
                warn(cursor, id, &what, sink);
                missing.insert(id, Some(what));
            }
            None => {
                for (attachment, blocks) in std::mem::take(&mut reader.learned) {
                    learned.entry(attachment).or_default().extend(blocks);
                }
                missing.insert(id, None);
            }
        }
        let (routes, places) = (reader.routes, reader.places);
        let table = TransitGatewayRouteTable {
            id: TransitGatewayRouteTableId::new(id),
            gateway: TransitGatewayId::new(gateway),
            routes,
            propagations,
            tags: cursor.aws_tags("Tags", sink),
        };
        sink.add(table, cursor.place());
        for (position, place) in places.into_iter().enumerate() {
            let index = RuleIndex::Route(position);
            sink.rule(Kind::TransitGatewayRouteTable, id, index, place);
        }
    }
    attachments.learn(learned);
    attachments.open(
        |table| match missing.get(table) {
            Some(missing) => missing.clone(),
            None => Some(format!(
                "routes of {table} (describe-transit-gateway-route-tables)"
            )),
        },
        |gateway| tables.contains_key(gateway),
        |gateway| {
            let of_gateway = tables.get(gateway);
            let lists = |table: &&str| snapshot.of_table(ASSOCIATIONS, table).is_some();
            of_gateway.is_some_and(|tables| tables.iter().all(lists))
        },
    );
}

/// The name of the hole that a table is while something of it is not in the input.
fn what_is_missing(snapshot: &Snapshot<'_>, id: &str, is_pending: bool) -> Option<String> {
    let Some(routes) = snapshot.of_table(ROUTES, id) else {
        return Some(format!(
            "routes of {id} (search-transit-gateway-routes-{id}.json)"
        ));
    };
    if routes.has_more {
        return Some(format!(
            "routes of {id} (search-transit-gateway-routes lists a part of them only)"
        ));
    }
    if is_pending {
        return Some(format!("routes of {id} (one is pending)"));
    }
    if snapshot.of_table(PROPAGATIONS, id).is_none() {
        return Some(format!(
            "propagations of {id} (get-transit-gateway-route-table-propagations-{id}.json)"
        ));
    }
    None
}

fn warn(cursor: &Cursor<'_>, id: &str, what: &str, sink: &mut Sink) {
    let message =
        format!("not everything about transit gateway route table `{id}` is in the input");
    let diagnostic = Diagnostic::warning(cursor.place(), Code::NotDefined, message);
    let help = format!("what it routes is UNKNOWN without the {what}");
    sink.push(diagnostic.help(help));
}

/// The blocks that attachments of networks on premises propagate.
type Learned = BTreeMap<TransitGatewayAttachmentId, BTreeSet<Cidr>>;

/// Reads one table.
struct Reader<'r, 'a> {
    gateway: &'a str,
    attachments: &'r mut Attachments<'a>,
    routes: Vec<TransitGatewayRoute>,
    places: Vec<Place>,
    /// The attachments that are no VPC's and of which the search lists what they propagate.
    listed: BTreeSet<TransitGatewayAttachmentId>,
    /// What attachments of networks on premises propagate to it.
    learned: Learned,
    is_pending: bool,
}

impl<'a> Reader<'_, 'a> {
    fn routes(&mut self, snapshot: &Snapshot<'a>, id: &str, sink: &mut Sink) {
        let of_table = snapshot.of_table(ROUTES, id);
        for item in of_table.map_or(&[][..], |of_table| &of_table.items) {
            let is_blackhole = match item.text("State", sink) {
                Some("active") | None => false,
                Some("blackhole") => true,
                Some("pending") => {
                    self.is_pending = true;
                    continue;
                }
                // On its way out, or gone.
                Some(_) => continue,
            };
            let ends = if is_blackhole {
                Vec::new()
            } else {
                self.ends(item, sink)
            };
            if item.text("Type", sink) == Some("propagated") && !self.is_listed(&ends, item, sink) {
                continue;
            }
            let target = ends.into_iter().next();
            let destination = match item.text("PrefixListId", sink) {
                Some(list) => self.prefix_list(list, item, sink),
                None => {
                    let block = item.required("DestinationCidrBlock", sink);
                    let block = block.and_then(|block| block.as_cidr(sink));
                    block.map(RouteDestination::Cidr)
                }
            };
            if let Some(destination) = destination {
                self.push(destination, target, item);
            }
        }
    }

    /// The attachments that a route leads to: several are the equal paths of VPN connections.
    fn ends(&mut self, item: &Cursor<'a>, sink: &mut Sink) -> Vec<TransitGatewayAttachmentId> {
        let ends = item.list("TransitGatewayAttachments", sink).into_iter();
        ends.filter_map(|end| self.attachments.named(self.gateway, &end, sink))
            .collect()
    }

    /// Whether a propagated route stands in the table, rather than following from what propagates
    /// to it.
    fn is_listed(
        &mut self,
        ends: &[TransitGatewayAttachmentId],
        item: &Cursor<'_>,
        sink: &mut Sink,
    ) -> bool {
        let mut is_listed = false;
        for end in ends {
            match self.attachments.propagated(end) {
                Propagated::ByVpc => {}
                Propagated::FromOnPremises => {
                    let blocks = self.learned.entry(end.clone()).or_default();
                    blocks.extend(item.cidr("DestinationCidrBlock", sink));
                }
                Propagated::Elsewhere => {
                    self.listed.insert(end.clone());
                    is_listed = true;
                }
            }
        }
        is_listed
    }

    fn prefix_list(
        &self,
        list: &str,
        item: &Cursor<'_>,
        sink: &mut Sink,
    ) -> Option<RouteDestination> {
        // Each entry of a list is a route in the search.
        let destination = RouteDestination::PrefixList(PrefixListId::new(list));
        let mut routes = self.routes.iter();
        let is_new = !routes.any(|route| route.destination == destination);
        (is_new && prefix_list::is_known(list, item, sink)).then_some(destination)
    }

    fn push(
        &mut self,
        destination: RouteDestination,
        target: Option<TransitGatewayAttachmentId>,
        item: &Cursor<'_>,
    ) {
        self.routes.push(TransitGatewayRoute {
            destination,
            target,
        });
        self.places.push(item.place());
    }

    /// The references to prefix lists, which the search shows only where they have entries.
    fn references(&mut self, snapshot: &Snapshot<'a>, id: &str, sink: &mut Sink) {
        for item in snapshot.cursors("TransitGatewayPrefixListReferences") {
            let table = item.required_text("TransitGatewayRouteTableId", sink);
            if table != Some(id) || item.text("State", sink) == Some("deleting") {
                continue;
            }
            let Some(list) = item.required_text("PrefixListId", sink) else {
                continue;
            };
            let Some(destination) = self.prefix_list(list, item, sink) else {
                continue;
            };
            let is_blackhole = item.flag("Blackhole", sink) == Some(true);
            let end = item.get("TransitGatewayAttachment");
            let end = end.filter(|_| !is_blackhole);
            let target = end.and_then(|end| self.attachments.named(self.gateway, &end, sink));
            self.push(destination, target, item);
        }
    }

    fn propagations(
        &mut self,
        snapshot: &Snapshot<'a>,
        id: &str,
        sink: &mut Sink,
    ) -> BTreeSet<TransitGatewayAttachmentId> {
        let mut propagations = BTreeSet::new();
        let of_table = snapshot.of_table(PROPAGATIONS, id);
        for item in of_table.map_or(&[][..], |of_table| &of_table.items) {
            let state = item.text("State", sink);
            if let Some(state @ ("enabling" | "disabling")) = state {
                passing::note(sink, id, state);
            }
            if state.is_none_or(|state| state == "enabled")
                && let Some(attachment) = self.attachments.named(self.gateway, item, sink)
                && !self.listed.contains(&attachment)
            {
                if self.attachments.propagated(&attachment) == Propagated::FromOnPremises {
                    self.learned.entry(attachment.clone()).or_default();
                }
                propagations.insert(attachment);
            }
        }
        // The search may be the younger of the two.
        propagations.extend(self.learned.keys().cloned());
        propagations
    }
}
