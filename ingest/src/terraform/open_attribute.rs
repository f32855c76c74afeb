//! What a plan leaves open of what selectors ask for: tags, zones, accounts, names and ids.
//!
//! A thing that a selector may mean or not, by an attribute that is known only after the apply, must
//! not be taken for one that it does not mean.

use model::Hole;

use crate::doubt::Touches;
use crate::open::{OpenComponent, OpenId};
use crate::provenance::Kind;

use super::further_tag::{self, instance_of};
use super::identity::{LOAD_BALANCERS, SUBNETS, VPCS};
use super::kept_tags;
use super::plan::Resource;
use super::reader::{Reader, Shelf};
use super::unmodelled::is_read;

/// The resource types whose components selectors ask for by tags of their own.
const TAGGED: [(&[&str], Kind); 8] = [
    (&VPCS, Kind::Vpc),
    (&SUBNETS, Kind::Subnet),
    (&["aws_nat_gateway"], Kind::NatGateway),
    (&["aws_vpc_endpoint"], Kind::VpcEndpoint),
    (&LOAD_BALANCERS, Kind::LoadBalancer),
    (&["aws_vpc_endpoint_service"], Kind::EndpointService),
    (&["aws_ec2_transit_gateway"], Kind::TransitGateway),
    (&["aws_vpn_gateway"], Kind::VirtualPrivateGateway),
];

/// Flags, words and numbers for which the readers take the default of the provider when they are
/// open, and which claims they may change.
const TAKEN: [(&str, Touches); 36] = [
    ("appliance_mode_support", Touches::Everything),
    ("assign_ipv6_address_on_creation", Touches::Ipv6),
    ("associate_public_ip_address", Touches::Everything),
    ("authorize_all_groups", Touches::Everything),
    ("auto_accept", Touches::Everything),
    ("availability_mode", Touches::Everything),
    ("blackhole", Touches::Everything),
    ("connectivity_type", Touches::Everything),
    ("default_route_table_association", Touches::Everything),
    ("default_route_table_propagation", Touches::Everything),
    ("direction", Touches::Names),
    ("enable_dns64", Touches::Names),
    ("enable_dns_hostnames", Touches::Names),
    ("enable_dns_support", Touches::Names),
    (
        "enforce_security_group_inbound_rules_on_private_link_traffic",
        Touches::Everything,
    ),
    ("interface_type", Touches::Everything),
    ("internal", Touches::Everything),
    ("ip_address_type", Touches::Everything),
    ("ipv6_address_count", Touches::Everything),
    ("ipv6_addresses", Touches::Everything),
    ("ipv6_support", Touches::Everything),
    ("load_balancer_type", Touches::Everything),
    ("map_public_ip_on_launch", Touches::Everything),
    ("preserve_client_ip", Touches::Everything),
    ("private_dns_enabled", Touches::Names),
    ("private_ips_count", Touches::Everything),
    // Which region a resource of provider version 6 is in, it may say itself.
    ("region", Touches::Everything),
    ("rule_type", Touches::Names),
    ("security_group_referencing_support", Touches::Everything),
    ("self", Touches::Everything),
    ("source_dest_check", Touches::Everything),
    ("static_routes_only", Touches::Everything),
    ("target_type", Touches::Everything),
    (
        "transit_gateway_default_route_table_association",
        Touches::Everything,
    ),
    (
        "transit_gateway_default_route_table_propagation",
        Touches::Everything,
    ),
    ("vpc_endpoint_type", Touches::Everything),
];

/// Notes all of it. What a template leaves open is vetted where it is read.
pub(super) fn read(reader: &mut Reader<'_, '_>) {
    ids(reader);
    if reader.plan.is_declared {
        return;
    }
    let plan = reader.plan;
    for resource in plan.resources.iter().filter(|one| is_read(one)) {
        for (name, touches) in TAKEN {
            let attribute = resource.attribute(name);
            if attribute.is_open() {
                reader.sink.open_attribute(touches, &attribute.hole(), true);
            }
        }
        // The direction of an entry: elsewhere the attribute holds rules.
        let egress = resource.attribute("egress");
        if resource.of == "aws_network_acl_rule" && egress.is_open() {
            let hole = egress.hole();
            reader.sink.open_attribute(Touches::Everything, &hole, true);
        }
    }
    for (types, kind) in TAGGED {
        for resource in plan.managed(types) {
            component(reader, resource, kind, &plan.id(resource));
        }
    }
    for resource in plan.managed(&["aws_ec2_managed_prefix_list"]) {
        let name = resource.attribute("name");
        if name.is_unknown() {
            reader.open(Kind::PrefixList, &plan.id(resource)).name = Some(name.hole());
        }
    }
    interfaces(reader);
    kept_tags::read(reader);
    further_tag::read(reader);
}

impl Reader<'_, '_> {
    pub(super) fn open(&mut self, kind: Kind, id: &str) -> &mut OpenComponent {
        self.open.entry((kind, id.to_owned())).or_default()
    }
}

fn component(reader: &mut Reader<'_, '_>, resource: &Resource<'_>, kind: Kind, id: &str) {
    reader.assume_default_tags(resource);
    let tags = reader.own_tags(resource);
    let hole = |name| {
        let attribute = resource.attribute(name);
        attribute.is_unknown().then(|| attribute.hole())
    };
    let (zone, zone_id) = (hole("availability_zone"), hole("availability_zone_id"));
    let service = if kind == Kind::VpcEndpoint {
        hole("service_name").filter(|_| is_without_service(reader, id))
    } else if kind == Kind::LoadBalancer {
        let of_type = resource.attribute("load_balancer_type");
        of_type.is_open().then(|| of_type.hole())
    } else {
        None
    };
    let name = hole("service_name").filter(|_| kind == Kind::EndpointService);
    let is_owned = reader
        .vpcs
        .get(id)
        .is_some_and(|vpc| vpc.component.account.is_some());
    let open = reader.open(kind, id);
    open.tags.extend(tags.open);
    open.further_tags = tags.further;
    open.name = name;
    open.service = service;
    if kind == Kind::Subnet {
        open.zone = zone;
        open.zone_id = zone_id;
    }
    if kind == Kind::Vpc && !is_owned {
        open.account = Some(resource.attribute("owner_id").hole());
    }
}

fn is_without_service(reader: &Reader<'_, '_>, id: &str) -> bool {
    let endpoint = reader.vpc_endpoints.get(id);
    endpoint.is_some_and(|endpoint| endpoint.component.service.is_empty())
}

/// The interfaces, which have the tags of the instances that they belong to below their own.
fn interfaces(reader: &mut Reader<'_, '_>) {
    let plan = reader.plan;
    let all = reader
        .network_interfaces
        .iter()
        .map(|(id, one)| (id.clone(), instance_of(&one.component).map(str::to_owned)));
    let all: Vec<(String, Option<String>)> = all.collect();
    for (id, instance) in all {
        let own = plan.made(&["aws_network_interface"], &id);
        let instance = instance.and_then(|of| plan.made(&["aws_instance"], &of));
        let mut open = OpenComponent::default();
        if let Some(instance) = instance {
            reader.assume_default_tags(instance);
            let tags = reader.own_tags(instance);
            open.tags = tags.open;
            open.further_tags = tags.further;
        }
        if let Some(own) = own {
            reader.assume_default_tags(own);
            let tags = reader.own_tags(own);
            open.tags.extend(tags.open);
            open.further_tags = tags.further.or(open.further_tags);
        }
        let known = reader.open(Kind::NetworkInterface, &id);
        known.tags = open.tags;
        known.further_tags = open.further_tags;
    }
}

/// The ids that AWS will choose: the component goes by its address until then.
fn ids(reader: &mut Reader<'_, '_>) {
    let mut found = Vec::new();
    gather(&reader.vpcs, Kind::Vpc, "vpc-", &mut found);
    gather(&reader.subnets, Kind::Subnet, "subnet-", &mut found);
    gather(
        &reader.network_interfaces,
        Kind::NetworkInterface,
        "eni-",
        &mut found,
    );
    gather(&reader.nat_gateways, Kind::NatGateway, "nat-", &mut found);
    gather(
        &reader.vpc_endpoints,
        Kind::VpcEndpoint,
        "vpce-",
        &mut found,
    );
    gather(
        &reader.endpoint_services,
        Kind::EndpointService,
        "vpce-svc-",
        &mut found,
    );
    gather(
        &reader.transit_gateways,
        Kind::TransitGateway,
        "tgw-",
        &mut found,
    );
    let gateways = &reader.virtual_private_gateways;
    gather(gateways, Kind::VirtualPrivateGateway, "vgw-", &mut found);
    for (kind, id, prefix) in found {
        let hole = Hole::new(format!("{id}.id"));
        reader.open(kind, &id).id = Some(OpenId { prefix, hole });
    }
}

fn gather<C>(
    shelf: &Shelf<C>,
    kind: Kind,
    prefix: &'static str,
    found: &mut Vec<(Kind, String, &'static str)>,
) {
    let open = shelf.keys().filter(|id| !id.starts_with(prefix));
    found.extend(open.map(|id| (kind, id.clone(), prefix)));
}
