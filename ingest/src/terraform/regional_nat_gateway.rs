//! Regional NAT gateways: the `aws_nat_gateway` with that `availability_mode`.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    AddressValue, Cidr, InternetGateway, InternetGatewayId, Route, RouteDestination, RouteOrigin,
    RouteState, RouteTable, RouteTableId, Subnet, Target, Value, Vpc, VpcId,
};

use crate::cidr::everywhere;
use crate::regional_nat_gateway::{RegionalNatGateway, Surroundings, WITHOUT_TABLE, several};

use super::address::public_value;
use super::attribute::Attribute;
use super::identity::{self, Thing};
use super::plan::Resource;
use super::reader::{Reader, shelve};
use super::route_table;

/// Whether a NAT gateway serves a whole VPC rather than standing in a subnet.
pub(super) fn is_regional(resource: &Resource<'_>) -> bool {
    resource.attribute("availability_mode").text() == Some("regional")
}

/// Reads them when all that is around them is there; nothing else sees the subnets that are made
/// for them.
pub(super) fn read(reader: &mut Reader<'_, '_>) {
    let gateways = reader.plan.managed(&["aws_nat_gateway"]).into_iter();
    for resource in gateways.filter(|resource| is_regional(resource)) {
        let Some(vpc) = reader.vpc_id(&resource.attribute("vpc_id")) else {
            continue;
        };
        if let Err(what) = gateway(reader, resource, &vpc) {
            reader.leave_out(resource, what);
        }
    }
}

/// Reads one, or says why it is left out.
fn gateway(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    vpc: &VpcId,
) -> Result<(), &'static str> {
    let id = reader.plan.id(resource);
    let place = resource.place();
    let block = block(reader, resource, vpc)?;
    let gateway = RegionalNatGateway {
        vpc: vpc.clone(),
        route_table: route_table(reader, resource, vpc)?,
        public: public(reader, resource),
        block,
        available: true,
        tags: reader.tags(resource),
        id: id.clone(),
    };
    let is_known = resource.attribute("id").text().is_some();
    let parts = gateway.parts(|part| {
        if is_known {
            // As a snapshot names them, of which they take the place.
            id.clone()
        } else {
            format!("{id}#{part}")
        }
    });
    shelve(
        &mut reader.subnets,
        parts.subnet,
        place.clone(),
        reader.sink,
    );
    let (acls, interfaces) = (&mut reader.network_acls, &mut reader.network_interfaces);
    shelve(acls, parts.network_acl, place.clone(), reader.sink);
    shelve(interfaces, parts.interface, place.clone(), reader.sink);
    shelve(&mut reader.nat_gateways, parts.gateway, place, reader.sink);
    Ok(())
}

/// The block for its addresses.
fn block(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    vpc: &VpcId,
) -> Result<Cidr, &'static str> {
    let id = reader.plan.id(resource);
    let draft = &reader.sink.draft;
    let planned = reader.vpcs.get(vpc.as_str()).map(|vpc| &vpc.component);
    let found: Option<&Vpc> = planned.or_else(|| draft.vpcs.iter().find(|one| one.id == *vpc));
    let Some(found) = found else {
        return Err("a regional NAT gateway of a VPC that is not in the input");
    };
    let planned = reader.subnets.values().map(|subnet| &subnet.component);
    let mut subnets: BTreeMap<&str, &Subnet> = BTreeMap::new();
    // Of one id the last counts, which is the plan's.
    for subnet in draft.subnets.iter().chain(planned) {
        subnets.insert(subnet.id.as_str(), subnet);
    }
    // Its own, as an earlier input has it.
    subnets.remove(id.as_str());
    subnets.retain(|_, subnet| subnet.vpc == *vpc);
    let surroundings = Surroundings {
        vpc: found,
        subnets,
        internet_gateway: internet_gateway(reader, vpc),
    };
    surroundings.block(zones(resource).as_ref())
}

/// The internet gateway of a VPC.
fn internet_gateway<'r>(reader: &'r Reader<'_, '_>, vpc: &VpcId) -> Option<&'r InternetGateway> {
    let shelf = &reader.internet_gateways;
    let earlier = reader.sink.draft.internet_gateways.iter();
    let earlier = earlier.filter(|gateway| !shelf.contains_key(gateway.id.as_str()));
    let planned = shelf.values().map(|gateway| &gateway.component);
    let mut gateways = planned.chain(earlier);
    gateways.find(|gateway| gateway.vpc.as_ref() == Some(vpc))
}

/// The zones that it serves, by name or id, when AWS does not see to all of them.
fn zones(resource: &Resource<'_>) -> Option<BTreeSet<String>> {
    let given = resource.attribute("availability_zone_address");
    let is_manual = match resource.attribute("auto_provision_zones").text() {
        Some(word) => word != "enabled",
        None => !given.items().is_empty() || given.is_open(),
    };
    if !is_manual {
        return None;
    }
    let mut zones = BTreeSet::new();
    for item in given.items() {
        for name in ["availability_zone", "availability_zone_id"] {
            zones.extend(item.field(name).text().map(str::to_owned));
        }
    }
    Some(zones)
}

/// Its route table: the one in the input; of a gateway that the plan creates the one that AWS makes,
/// when nothing else is put into it.
fn route_table(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    vpc: &VpcId,
) -> Result<RouteTableId, &'static str> {
    let id = identity::table_of_nat_gateway(resource);
    if !resource.attribute("id").is_unknown() {
        let planned = reader.route_tables.get(&id).map(|table| &table.component);
        let earlier = reader.sink.get::<RouteTable>(&id).map(|table| &*table);
        let is_there = planned.or(earlier).is_some_and(|table| table.vpc == *vpc);
        return is_there.then(|| RouteTableId::new(id)).ok_or(WITHOUT_TABLE);
    }
    if is_changed(reader, &id) {
        return Err("a regional NAT gateway whose route table is changed by other resources");
    }
    let gateway = internet_gateway(reader, vpc).map(|gateway| gateway.id.clone());
    let gateway = gateway.ok_or("a regional NAT gateway in a VPC without an internet gateway")?;
    route_table::implied(reader, &id, vpc, resource.place());
    if let Some(table) = reader.route_tables.get_mut(&id) {
        table.component.routes.extend(default_route(gateway));
    }
    Ok(RouteTableId::new(id))
}

fn default_route(gateway: InternetGatewayId) -> Option<Route> {
    let destination = RouteDestination::Cidr(everywhere(model::Family::V4)?);
    Some(Route {
        destination: Value::Known(destination),
        target: Value::Known(Target::InternetGateway(gateway)),
        origin: RouteOrigin::Static,
        state: RouteState::Active,
    })
}

/// The attributes by which resources change or use a route table.
const USES: [(&str, &str); 6] = [
    ("aws_main_route_table_association", "route_table_id"),
    ("aws_route", "route_table_id"),
    ("aws_route_table_association", "route_table_id"),
    ("aws_vpc_endpoint", "route_table_ids"),
    ("aws_vpc_endpoint_route_table_association", "route_table_id"),
    ("aws_vpn_gateway_route_propagation", "route_table_id"),
];

/// Whether a resource may change or use the table that AWS makes.
fn is_changed(reader: &Reader<'_, '_>, table: &str) -> bool {
    let plan = reader.plan;
    USES.iter().any(|(of, name)| {
        let users = plan.managed(&[of]).into_iter();
        users.map(|user| user.attribute(name)).any(|attribute| {
            // A table that is known is not one that AWS has yet to make.
            let tables = plan.candidates(&attribute, &[Thing::RouteTable]).list;
            let is_named = tables.iter().any(|candidate| candidate.id == table);
            attribute.has_unknown() && (is_named || (tables.is_empty() && attribute.is_open()))
        })
    })
}

/// Its public addresses: those that it has, or else the Elastic IPs that it is given.
fn public(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) -> Vec<AddressValue> {
    let own = resource.attribute("regional_nat_gateway_address");
    let mut public: Vec<AddressValue> = Vec::new();
    for item in own.items() {
        let address = item.field("public_ip").address(reader.sink);
        public.extend(address.map(AddressValue::Known));
    }
    if public.is_empty() {
        let given = resource.attribute("availability_zone_address").items();
        let given = given
            .iter()
            .flat_map(|item| item.field("allocation_ids").items());
        for allocation in given.collect::<Vec<_>>() {
            public.extend(elastic_ip(reader, &allocation));
        }
    }
    several(public, |position| {
        own.at(position).field("public_ip").hole()
    })
}

/// The address of an Elastic IP that the plan has.
fn elastic_ip(reader: &mut Reader<'_, '_>, allocation: &Attribute<'_>) -> Option<AddressValue> {
    let elastic = reader.settle(allocation, Thing::ElasticIp)?;
    let plan = reader.plan;
    let found = plan.made(&["aws_eip"], &elastic)?;
    public_value(reader, &found.attribute("public_ip"))
}
