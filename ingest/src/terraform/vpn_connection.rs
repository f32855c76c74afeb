//! VPN connections: `aws_vpn_connection` and its static routes.

use std::collections::{BTreeMap, BTreeSet};

use model::{Cidr, Hole, Value};

use super::identity::Thing;
use super::on_premises::may_name;
use super::plan::Resource;
use super::reader::Reader;
use super::slot::Slot;

const CONNECTION: &str = "aws_vpn_connection";
const ROUTE: &str = "aws_vpn_connection_route";

/// The connections of the plan by their ids, with the blocks that each states.
pub(super) struct Connections<'a> {
    list: BTreeMap<String, (&'a Resource<'a>, Value<BTreeSet<Cidr>>)>,
    /// A new static route of a connection that is not in the plan.
    foreign_route: Option<&'a Resource<'a>>,
}

impl<'a> Connections<'a> {
    /// Reads them.
    pub(super) fn read(reader: &mut Reader<'a, '_>) -> Self {
        let plan = reader.plan;
        let mut list = BTreeMap::new();
        for resource in plan.managed(&[CONNECTION]) {
            let blocks = stated(reader, resource);
            list.insert(plan.id(resource), (resource, blocks));
        }
        let mut foreign_route = None;
        for resource in plan.managed(&[ROUTE]) {
            let attribute = resource.attribute("vpn_connection_id");
            let block = resource.attribute("destination_cidr_block");
            let slot = reader.slot(&attribute, &[Thing::VpnConnection]);
            let known = block.cidr(reader.sink);
            let is_of = |id: &str| match &slot {
                Slot::Known(candidate) => candidate.id == id,
                Slot::OneOf(several) => several.iter().any(|one| one.id == id),
                Slot::Open | Slot::Empty => true,
            };
            let is_foreign = match &slot {
                Slot::Known(candidate) => !list.contains_key(&candidate.id),
                Slot::Open | Slot::Empty => true,
                Slot::OneOf(_) => false,
            };
            if is_foreign && resource.is_created {
                foreign_route = Some(resource);
            }
            for (_, (_, blocks)) in list.iter_mut().filter(|(id, _)| is_of(id)) {
                match (blocks, &slot, known) {
                    (Value::Known(blocks), Slot::Known(_), Some(block)) => {
                        blocks.insert(block);
                    }
                    (blocks @ Value::Known(_), Slot::Known(_), None) => {
                        *blocks = Value::Any(block.hole());
                    }
                    (blocks @ Value::Known(_), Slot::OneOf(_) | Slot::Open | Slot::Empty, _) => {
                        *blocks = Value::Any(attribute.hole());
                    }
                    (Value::OneOf(..) | Value::Any(_), _, _) => {}
                }
            }
        }
        Self {
            list,
            foreign_route,
        }
    }

    /// The blocks that the connections of a virtual private gateway state, `None` without any; or
    /// what leaves them open. What an earlier input knows holds for connections that exist.
    pub(super) fn of(
        &self,
        reader: &mut Reader<'_, '_>,
        gateway: &str,
        is_known_before: bool,
    ) -> Result<Option<BTreeSet<Cidr>>, Hole> {
        if is_known_before && let Some(hole) = self.taken_away(reader, gateway) {
            return Err(hole);
        }
        // No input says which gateway such a connection is of.
        if is_known_before && let Some(route) = self.foreign_route {
            let hole = format!("prefixes of {gateway} (with {})", route.address);
            return Err(Hole::new(hole));
        }
        let mut all = None;
        for (resource, blocks) in self.list.values() {
            let attribute = resource.attribute("vpn_gateway_id");
            if !may_name(reader, &attribute, gateway) {
                continue;
            }
            let exists = resource.attribute("id").text().is_some();
            let is_certain = reader.settle(&attribute, Thing::VpnGateway).is_some();
            match blocks {
                _ if !is_certain => return Err(attribute.hole()),
                Value::Known(blocks) => all.get_or_insert_with(BTreeSet::new).extend(blocks),
                Value::OneOf(..) | Value::Any(_) if exists && is_known_before => {}
                Value::OneOf(_, hole) | Value::Any(hole) => return Err(hole.clone()),
            }
        }
        Ok(all)
    }

    /// What leaves the blocks of a gateway open because the change takes a connection, or a static
    /// route, away.
    fn taken_away(&self, reader: &Reader<'_, '_>, gateway: &str) -> Option<Hole> {
        let former = reader.plan.former.iter().find(|former| {
            let of = match former.of {
                CONNECTION if self.list.contains_key(&reader.plan.id(former)) => return false,
                CONNECTION => former.attribute("vpn_gateway_id").text(),
                ROUTE => {
                    let connection = former.attribute("vpn_connection_id");
                    let found = connection.text().and_then(|id| self.list.get(id));
                    found.and_then(|(one, _)| one.attribute("vpn_gateway_id").text())
                }
                _ => return false,
            };
            // Of a route whose connection is not in the plan the gateway cannot be told.
            of.is_none_or(|of| of == gateway)
        })?;
        let hole = format!("prefixes of {gateway} (without {})", former.address);
        Some(Hole::new(hole))
    }
}

/// The static routes that a connection itself shows; a hole when it learns others by BGP.
pub(super) fn stated(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
) -> Value<BTreeSet<Cidr>> {
    if resource.attribute("static_routes_only").flag() != Some(true) {
        let hole = format!("what {} learns by BGP", resource.address);
        return Value::Any(Hole::new(hole));
    }
    let mut blocks = BTreeSet::new();
    for route in resource.attribute("routes").items() {
        let block = route.field("destination_cidr_block");
        blocks.extend(block.cidr(reader.sink));
    }
    Value::Known(blocks)
}
