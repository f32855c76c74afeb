//! The reader: the plan, what was built from it so far, and the words for what cannot be built.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Account, Cidr, ClientVpnEndpoint, DirectConnectAssociation, EgressOnlyInternetGateway,
    EndpointService, Family, Hole, HostedZone, IamPrincipal, InternetGateway, LoadBalancer,
    NatGateway, NetworkAcl, NetworkInterface, Peering, PrefixList, ResolverRule, ResourcePolicy,
    RouteTable, RuleIndex, SecurityGroup, Subnet, TargetGroup, TransitGateway,
    TransitGatewayAttachment, TransitGatewayRouteTable, Value, VirtualPrivateGateway, Vpc,
    VpcEndpoint, VpcId,
};

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::open::OpenComponent;
use crate::provenance::Kind;
use crate::sink::{Component, Sink};

use super::attribute::Attribute;
use super::identity::{DefaultPart, SECURITY_GROUPS, VPCS};
use super::plan::{Plan, Resource};
use super::tags::{self, DefaultTags};

/// A component and where it and its rules came from.
pub(super) struct Placed<C> {
    pub(super) component: C,
    pub(super) place: Place,
    pub(super) rules: BTreeMap<RuleIndex, Place>,
}

/// The components of a kind by id.
pub(super) type Shelf<C> = BTreeMap<String, Placed<C>>;

/// What is read so far. It goes into the sink at the end, since one component may come from
/// several resources.
pub(super) struct Reader<'a, 's> {
    pub(super) plan: &'a Plan<'a>,
    pub(super) sink: &'s mut Sink,
    pub(super) vpcs: Shelf<Vpc>,
    pub(super) subnets: Shelf<Subnet>,
    pub(super) route_tables: Shelf<RouteTable>,
    pub(super) prefix_lists: Shelf<PrefixList>,
    pub(super) security_groups: Shelf<SecurityGroup>,
    pub(super) network_acls: Shelf<NetworkAcl>,
    pub(super) network_interfaces: Shelf<NetworkInterface>,
    pub(super) internet_gateways: Shelf<InternetGateway>,
    pub(super) egress_only_internet_gateways: Shelf<EgressOnlyInternetGateway>,
    pub(super) virtual_private_gateways: Shelf<VirtualPrivateGateway>,
    pub(super) direct_connect_associations: Shelf<DirectConnectAssociation>,
    pub(super) client_vpn_endpoints: Shelf<ClientVpnEndpoint>,
    pub(super) nat_gateways: Shelf<NatGateway>,
    pub(super) peerings: Shelf<Peering>,
    pub(super) vpc_endpoints: Shelf<VpcEndpoint>,
    pub(super) load_balancers: Shelf<LoadBalancer>,
    pub(super) target_groups: Shelf<TargetGroup>,
    pub(super) endpoint_services: Shelf<EndpointService>,
    pub(super) hosted_zones: Shelf<HostedZone>,
    pub(super) resolver_rules: Shelf<ResolverRule>,
    pub(super) transit_gateways: Shelf<TransitGateway>,
    pub(super) transit_gateway_attachments: Shelf<TransitGatewayAttachment>,
    pub(super) transit_gateway_route_tables: Shelf<TransitGatewayRouteTable>,
    pub(super) accounts: Shelf<Account>,
    pub(super) principals: Shelf<IamPrincipal>,
    pub(super) resource_policies: Shelf<ResourcePolicy>,
    /// The transit gateways of which a part cannot be told.
    pub(super) given_up: BTreeSet<String>,
    /// The VPCs that have or will have an IPv6 block, known or not.
    pub(super) vpcs_with_ipv6: BTreeSet<String>,
    /// The network ACLs with an entry that is open, and what would close it.
    pub(super) open_acls: BTreeMap<String, Hole>,
    /// The peerings of which an end is open.
    pub(super) open_peerings: BTreeMap<String, Hole>,
    /// The subnets that were given a network ACL.
    pub(super) subnets_with_acl: BTreeSet<String>,
    /// The subnets in which an instance gets a public address unless it says otherwise.
    pub(super) public_subnets: BTreeSet<String>,
    /// The subnets in which an interface gets an IPv6 address unless it says otherwise.
    pub(super) ipv6_subnets: BTreeSet<String>,
    /// The ids of the groups of the plan, the default ones of its VPCs among them.
    pub(super) planned_groups: BTreeSet<String>,
    /// The ids of the resources that were left out.
    pub(super) left_out: BTreeSet<String>,
    /// The primary interface of each instance.
    pub(super) primary_interfaces: BTreeMap<String, String>,
    /// The interfaces of instances whose public address is taken away, and by what.
    pub(super) released: BTreeMap<String, Hole>,
    /// The virtual private gateways of an earlier input that know other blocks now, and what they knew.
    pub(super) changed_prefixes: BTreeMap<String, Value<BTreeSet<Cidr>>>,
    /// The default tags of each provider.
    pub(super) default_tags: BTreeMap<String, DefaultTags>,
    /// What is open of what selectors ask for, by component.
    pub(super) open: BTreeMap<(Kind, String), OpenComponent>,
}

/// Building.
impl<'a, 's> Reader<'a, 's> {
    pub(super) fn new(plan: &'a Plan<'a>, sink: &'s mut Sink) -> Self {
        Self {
            plan,
            sink,
            vpcs: Shelf::new(),
            subnets: Shelf::new(),
            route_tables: Shelf::new(),
            prefix_lists: Shelf::new(),
            security_groups: Shelf::new(),
            network_acls: Shelf::new(),
            network_interfaces: Shelf::new(),
            internet_gateways: Shelf::new(),
            egress_only_internet_gateways: Shelf::new(),
            virtual_private_gateways: Shelf::new(),
            direct_connect_associations: Shelf::new(),
            client_vpn_endpoints: Shelf::new(),
            nat_gateways: Shelf::new(),
            peerings: Shelf::new(),
            vpc_endpoints: Shelf::new(),
            load_balancers: Shelf::new(),
            target_groups: Shelf::new(),
            endpoint_services: Shelf::new(),
            hosted_zones: Shelf::new(),
            resolver_rules: Shelf::new(),
            transit_gateways: Shelf::new(),
            transit_gateway_attachments: Shelf::new(),
            transit_gateway_route_tables: Shelf::new(),
            accounts: Shelf::new(),
            principals: Shelf::new(),
            resource_policies: Shelf::new(),
            given_up: BTreeSet::new(),
            vpcs_with_ipv6: BTreeSet::new(),
            open_acls: BTreeMap::new(),
            open_peerings: BTreeMap::new(),
            subnets_with_acl: BTreeSet::new(),
            public_subnets: BTreeSet::new(),
            ipv6_subnets: BTreeSet::new(),
            planned_groups: planned_groups(plan),
            left_out: BTreeSet::new(),
            primary_interfaces: BTreeMap::new(),
            released: BTreeMap::new(),
            changed_prefixes: BTreeMap::new(),
            default_tags: tags::defaults(plan),
            open: BTreeMap::new(),
        }
    }

    /// Puts everything into the sink, in place of what an earlier input said of it.
    pub(super) fn finish(self) -> &'s mut Sink {
        let sink = self.sink;
        let mut open = self.open;
        pour(self.vpcs, &mut open, sink);
        pour(self.subnets, &mut open, sink);
        pour(self.route_tables, &mut open, sink);
        pour(self.prefix_lists, &mut open, sink);
        pour(self.security_groups, &mut open, sink);
        pour(self.network_acls, &mut open, sink);
        pour(self.network_interfaces, &mut open, sink);
        pour(self.internet_gateways, &mut open, sink);
        pour(self.egress_only_internet_gateways, &mut open, sink);
        pour(self.virtual_private_gateways, &mut open, sink);
        pour(self.direct_connect_associations, &mut open, sink);
        pour(self.client_vpn_endpoints, &mut open, sink);
        pour(self.nat_gateways, &mut open, sink);
        pour(self.peerings, &mut open, sink);
        pour(self.vpc_endpoints, &mut open, sink);
        pour(self.load_balancers, &mut open, sink);
        pour(self.target_groups, &mut open, sink);
        pour(self.endpoint_services, &mut open, sink);
        pour(self.hosted_zones, &mut open, sink);
        pour(self.resolver_rules, &mut open, sink);
        pour(self.transit_gateways, &mut open, sink);
        pour(self.transit_gateway_attachments, &mut open, sink);
        pour(self.transit_gateway_route_tables, &mut open, sink);
        pour(self.accounts, &mut open, sink);
        pour(self.principals, &mut open, sink);
        pour(self.resource_policies, &mut open, sink);
        // Of what only an earlier input has, as far as this one changes it.
        for ((kind, id), open) in open {
            sink.open.set(kind, &id, open);
        }
        sink
    }

    /// The blocks of a VPC of the plan, or of an earlier input.
    pub(super) fn vpc_blocks(&mut self, vpc: &VpcId) -> Option<Vec<Cidr>> {
        if let Some(vpc) = self.vpcs.get(vpc.as_str()) {
            return Some(vpc.component.cidrs.clone());
        }
        let vpc = self.sink.get::<Vpc>(vpc.as_str())?;
        Some(vpc.cidrs.clone())
    }

    /// A subnet of the plan, or of an earlier input.
    pub(super) fn subnet(&mut self, id: &str) -> Option<&Subnet> {
        match self.subnets.get(id) {
            Some(subnet) => Some(&subnet.component),
            None => self.sink.get::<Subnet>(id).map(|subnet| &*subnet),
        }
    }

    /// The block of a family of a subnet.
    pub(super) fn subnet_block(&mut self, id: &str, family: Family) -> Option<Cidr> {
        let subnet = self.subnet(id)?;
        let of_family = |cidr: &&Cidr| cidr.family() == family;
        subnet.cidrs.iter().find(of_family).copied()
    }
}

fn planned_groups(plan: &Plan<'_>) -> BTreeSet<String> {
    let groups = plan.managed(&SECURITY_GROUPS).into_iter();
    let vpcs = plan.managed(&VPCS).into_iter();
    let defaults = vpcs.map(|vpc| DefaultPart::SecurityGroup.id(vpc));
    groups.map(|group| plan.id(group)).chain(defaults).collect()
}

/// Puts a component on its shelf; a second one of its id is an error.
pub(super) fn shelve<C: Component>(
    shelf: &mut Shelf<C>,
    component: C,
    place: Place,
    sink: &mut Sink,
) {
    let id = component.id().to_owned();
    if let Some(first) = shelf.get(&id) {
        let message = format!(
            "{} `{id}` is defined more than once (first at {})",
            C::KIND.name(),
            first.place
        );
        let diagnostic = Diagnostic::error(place, Code::DuplicateId, message);
        sink.push(diagnostic.help("remove one of the two"));
        return;
    }
    let rules = BTreeMap::new();
    let placed = Placed {
        component,
        place,
        rules,
    };
    shelf.insert(id, placed);
}

fn pour<C: Component>(
    shelf: Shelf<C>,
    open: &mut BTreeMap<(Kind, String), OpenComponent>,
    sink: &mut Sink,
) {
    for (id, placed) in shelf {
        let open = open.remove(&(C::KIND, id.clone())).unwrap_or_default();
        sink.open.set(C::KIND, &id, open);
        sink.replace(placed.component, placed.place);
        for (rule, place) in placed.rules {
            sink.rule(C::KIND, &id, rule, place);
        }
    }
}

/// Saying what cannot be built.
impl Reader<'_, '_> {
    /// Warns that something about a resource is not modelled, and that the network has no way to
    /// say so.
    pub(super) fn omit(&mut self, resource: &Resource<'_>, what: &str) {
        self.sink.left_out(resource.place(), resource.address, what);
    }

    /// Warns that something about a resource is not modelled, which the network says too.
    pub(super) fn not_modelled(&mut self, resource: &Resource<'_>, what: &str) {
        self.sink
            .not_modelled(resource.place(), resource.address, what);
    }

    /// Takes an error about an attribute's value.
    pub(super) fn invalid(&mut self, attribute: &Attribute<'_>, expected: &str) {
        let value = match (attribute.is_sensitive(), attribute.text()) {
            (false, Some(text)) => format!(" is `{text}`"),
            _ => " is not what is expected".to_owned(),
        };
        let message = format!("`{}`{value}", attribute.name());
        let diagnostic = Diagnostic::error(attribute.place(), Code::InvalidValue, message);
        self.sink
            .push(diagnostic.help(format!("expected {expected}")));
    }
}
