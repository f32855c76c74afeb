//! Writing a network as a native file.

use std::collections::BTreeSet;
use std::fmt::Display;

use model::{
    Account, Attachment, AttachmentKind, BlockPublicAccess, Cidr, ClientVpnEndpoint,
    DirectConnectAssociation, EndpointKind, EndpointService, Exclusion, Family, HostedZone,
    IamPrincipal, InternetGateway, LoadBalancer, Middlebox, NatGateway, Network, NetworkAcl,
    NetworkInterface, OnPremisesGateway, Organization, Peering, PeeringEnd, Policy, PrefixList,
    ResolverRule, ResourcePolicy, RouteTable, RouteTableId, SecurityGroup, Subnet, Tags,
    TargetGroup, TransitGatewayAttachment, TransitGatewayId, TransitGatewayRouteTable, Value,
    VirtualPrivateGateway, Vpc, VpcEndpoint, VpcId,
};

use super::client_vpn::{write_route as write_client_vpn_route, write_rule};
use super::dns::{
    write_firewall_rule, write_inbound_resolver, write_records, write_resolver_action,
};
use super::load_balancer::{write_kind, write_listener, write_target};
use super::rules::{
    Side, write_acl_entry, write_address, write_endpoint_name, write_group_rule, write_route,
    write_transit_gateway_route, write_value,
};
use super::text::{key, quoted, write_middlebox};
use super::{DEFAULT_REGION, implied_routes, is_local, main_route_table, open_acl, open_acl_name};
use crate::block_public_access;
use crate::policy::{self, Of};

/// The longest line; a longer array gets a line for each item.
const MAX_LINE: usize = 100;

/// Writes a network; what the reader implies is left out.
pub fn write(network: &Network) -> String {
    let mut writer = Writer {
        network,
        only_vpc: network.vpcs().len() == 1,
        only_transit_gateway: network.transit_gateways().len() == 1,
        text: String::new(),
        kind: "",
    };
    network.vpcs().values().for_each(|one| writer.vpc(one));
    network
        .subnets()
        .values()
        .for_each(|one| writer.subnet(one));
    let route_tables = network.route_tables().values();
    route_tables.for_each(|one| writer.route_table(one));
    let prefix_lists = network.prefix_lists().values();
    prefix_lists.for_each(|one| writer.prefix_list(one));
    let groups = network.security_groups().values();
    groups.for_each(|one| writer.security_group(one));
    let acls = network.network_acls().values();
    acls.for_each(|one| writer.network_acl(one));
    let interfaces = network.network_interfaces().values();
    interfaces.for_each(|one| writer.interface(one));
    let gateways = network.internet_gateways().values();
    gateways.for_each(|one| writer.internet_gateway(one));
    for gateway in network.egress_only_internet_gateways().values() {
        writer.component("egress-only-internet-gateway", &gateway.id);
        writer.vpc_of(&gateway.vpc);
        writer.tags(&gateway.tags);
    }
    let gateways = network.virtual_private_gateways().values();
    gateways.for_each(|one| writer.virtual_private_gateway(one));
    let associations = network.direct_connect_associations().values();
    associations.for_each(|one| writer.direct_connect_association(one));
    let accounts = network.accounts().values();
    accounts.for_each(|one| writer.account(one));
    let principals = network.principals().values();
    principals.for_each(|one| writer.principal(one));
    let resources = network.resource_policies().values();
    resources.for_each(|one| writer.resource_policy(one));
    let endpoints = network.client_vpn_endpoints().values();
    endpoints.for_each(|one| writer.client_vpn_endpoint(one));
    let nats = network.nat_gateways().values();
    nats.for_each(|one| writer.nat_gateway(one));
    network
        .peerings()
        .values()
        .for_each(|one| writer.peering(one));
    let endpoints = network.vpc_endpoints().values();
    endpoints.for_each(|one| writer.endpoint(one));
    let load_balancers = network.load_balancers().values();
    load_balancers.for_each(|one| writer.load_balancer(one));
    let groups = network.target_groups().values();
    groups.for_each(|one| writer.target_group(one));
    let services = network.endpoint_services().values();
    services.for_each(|one| writer.endpoint_service(one));
    let zones = network.hosted_zones().values();
    zones.for_each(|one| writer.hosted_zone(one));
    let rules = network.resolver_rules().values();
    rules.for_each(|one| writer.resolver_rule(one));
    for gateway in network.transit_gateways().values() {
        writer.component("transit-gateway", &gateway.id);
        let referencing = gateway.security_group_referencing;
        writer.flag("security-group-referencing", referencing, false);
        writer.tags(&gateway.tags);
    }
    let attachments = network.transit_gateway_attachments().values();
    attachments.for_each(|one| writer.transit_gateway_attachment(one));
    let tables = network.transit_gateway_route_tables().values();
    tables.for_each(|one| writer.transit_gateway_route_table(one));
    writer.text
}

struct Writer<'a> {
    network: &'a Network,
    only_vpc: bool,
    only_transit_gateway: bool,
    text: String,
    kind: &'static str,
}

/// Lines.
impl Writer<'_> {
    /// The header of a component; kinds are set apart by an empty line.
    fn component(&mut self, kind: &'static str, id: &impl Display) {
        if !self.text.is_empty() && self.kind != kind {
            self.text.push('\n');
        }
        self.kind = kind;
        let id = key(&id.to_string());
        self.text.push_str(&format!("[{kind}.{id}]\n"));
    }

    fn line(&mut self, key: &str, value: &str) {
        self.text.push_str(&format!("{key} = {value}\n"));
    }

    fn string(&mut self, key: &str, value: &str) {
        self.line(key, &quoted(value));
    }

    fn flag(&mut self, key: &str, value: bool, default: bool) {
        if value != default {
            self.line(key, if value { "true" } else { "false" });
        }
    }

    /// An array, when it is not empty.
    fn array(&mut self, key: &str, items: &[String]) {
        if items.is_empty() {
            return;
        }
        let one_line = list(items);
        if key.len() + " = ".len() + one_line.len() <= MAX_LINE {
            self.line(key, &one_line);
        } else {
            self.line(key, &format!("[\n    {},\n]", items.join(",\n    ")));
        }
    }

    /// Items that may be open, when they are not known to be none.
    fn items<C, T>(&mut self, key: &str, value: &Value<C>, write: impl Fn(&T) -> String)
    where
        for<'c> &'c C: IntoIterator<Item = &'c T>,
        T: 'static,
    {
        let items = |all: &C| all.into_iter().map(&write).collect::<Vec<_>>();
        match value {
            Value::Known(all) => self.array(key, &items(all)),
            Value::OneOf(..) | Value::Any(_) => {
                let text = write_value(value, |all| list(&items(all)));
                self.line(key, &text);
            }
        }
    }

    /// Blocks that may be none.
    fn prefixes(&mut self, key: &str, prefixes: &Value<BTreeSet<Cidr>>) {
        let text = write_value(prefixes, |set| {
            list(
                &set.iter()
                    .map(|cidr| quoted(&cidr.to_string()))
                    .collect::<Vec<_>>(),
            )
        });
        self.line(key, &text);
    }

    fn exclusion(&mut self, exclusion: Option<Exclusion>) {
        if let Some(exclusion) = exclusion {
            let name = block_public_access::exclusion_name(exclusion);
            self.string("exclusion", name);
        }
    }

    fn vpc_of(&mut self, vpc: &VpcId) {
        if !self.only_vpc {
            self.string("vpc", vpc.as_str());
        }
    }

    fn transit_gateway_of(&mut self, gateway: &TransitGatewayId) {
        if !self.only_transit_gateway {
            self.string("gateway", gateway.as_str());
        }
    }

    fn middlebox(&mut self, middlebox: Middlebox) {
        if let Some(stated) = write_middlebox(middlebox) {
            self.string("middlebox", stated);
        }
    }

    fn tags(&mut self, tags: &Tags) {
        if !tags.is_empty() {
            let tags: Vec<_> = tags
                .iter()
                .map(|(name, value)| format!("{} = {}", key(name), quoted(value)))
                .collect();
            self.line("tags", &format!("{{ {} }}", tags.join(", ")));
        }
    }
}

fn list(items: &[String]) -> String {
    format!("[{}]", items.join(", "))
}

fn cidrs(cidrs: &[Cidr]) -> Vec<String> {
    cidrs.iter().map(|cidr| quoted(&cidr.to_string())).collect()
}

/// Components.
impl Writer<'_> {
    fn vpc(&mut self, vpc: &Vpc) {
        self.component("vpc", &vpc.id);
        if vpc.region != DEFAULT_REGION {
            self.string("region", &vpc.region);
        }
        if let Some(account) = &vpc.account {
            self.string("account", account);
        }
        self.array("cidrs", &cidrs(&vpc.cidrs));
        if vpc.main_route_table.as_str() != main_route_table(&vpc.id) {
            self.string("main-route-table", vpc.main_route_table.as_str());
        }
        self.flag("dns-support", vpc.dns_support, true);
        self.flag("dns-hostnames", vpc.dns_hostnames, true);
        self.flag("custom-dns-servers", vpc.custom_dns_servers, false);
        for (key, value) in write_inbound_resolver(&vpc.inbound_resolver) {
            self.line(key, &value);
        }
        if vpc.block_public_access != Value::Known(BlockPublicAccess::Off) {
            let mode = write_value(&vpc.block_public_access, |mode| {
                quoted(block_public_access::mode_name(*mode))
            });
            self.line("block-public-access", &mode);
        }
        self.exclusion(vpc.exclusion);
        let firewall: Vec<_> = vpc.dns_firewall.iter().map(write_firewall_rule).collect();
        self.array("dns-firewall", &firewall);
        self.tags(&vpc.tags);
    }

    fn subnet(&mut self, subnet: &Subnet) {
        self.component("subnet", &subnet.id);
        self.vpc_of(&subnet.vpc);
        self.array("cidrs", &cidrs(&subnet.cidrs));
        if let Some(zone) = &subnet.zone {
            self.string("zone", zone);
        }
        if let Some(zone_id) = &subnet.zone_id {
            self.string("zone-id", zone_id);
        }
        if let Some(table) = &subnet.route_table {
            let table = write_value(table, |id| quoted(id.as_str()));
            self.line("route-table", &table);
        }
        if !names_open_acl(subnet) {
            let acl = write_value(&subnet.network_acl, |id| quoted(id.as_str()));
            self.line("network-acl", &acl);
        }
        self.flag("dns64", subnet.dns64, false);
        self.exclusion(subnet.exclusion);
        self.tags(&subnet.tags);
    }

    fn route_table(&mut self, table: &RouteTable) {
        let vpc = self.network.vpcs().get(&table.vpc);
        let local = vpc.map_or_else(Vec::new, |vpc| implied_routes(&vpc.cidrs, &table.routes));
        let own = match table.routes.strip_prefix(local.as_slice()) {
            Some(rest) if !rest.iter().any(is_local) => rest,
            Some(_) | None => table.routes.as_slice(),
        };
        let is_main = vpc.is_some_and(|vpc| {
            vpc.main_route_table == table.id && table.id.as_str() == main_route_table(&vpc.id)
        });
        if is_main && table.routes == local && table.tags.is_empty() {
            return;
        }
        self.component("route-table", &table.id);
        self.vpc_of(&table.vpc);
        let routes: Vec<_> = own.iter().map(write_route).collect();
        self.array("routes", &routes);
        self.tags(&table.tags);
    }

    fn prefix_list(&mut self, list: &PrefixList) {
        self.component("prefix-list", &list.id);
        if list.name != list.id.as_str() {
            self.string("name", &list.name);
        }
        if list.family == Family::V6 {
            self.string("family", "ipv6");
        }
        self.flag("aws-managed", list.aws_managed, false);
        self.items("entries", &list.entries, |cidr| quoted(&cidr.to_string()));
    }

    fn security_group(&mut self, group: &SecurityGroup) {
        self.component("security-group", &group.id);
        self.vpc_of(&group.vpc);
        if group.name != group.id.as_str() {
            self.string("name", &group.name);
        }
        for (key, side, rules) in [
            ("ingress", Side::Ingress, &group.ingress),
            ("egress", Side::Egress, &group.egress),
        ] {
            let rules: Vec<_> = rules
                .iter()
                .map(|rule| write_group_rule(rule, side))
                .collect();
            self.array(key, &rules);
        }
        self.tags(&group.tags);
    }

    fn network_acl(&mut self, acl: &NetworkAcl) {
        let mut subnets = self.network.subnets().values();
        if *acl == open_acl(&acl.vpc)
            && subnets.any(|subnet| subnet.vpc == acl.vpc && names_open_acl(subnet))
        {
            return;
        }
        self.component("network-acl", &acl.id);
        self.vpc_of(&acl.vpc);
        for (key, side, entries) in [
            ("ingress", Side::Ingress, &acl.ingress),
            ("egress", Side::Egress, &acl.egress),
        ] {
            let entries: Vec<_> = entries
                .iter()
                .map(|entry| write_acl_entry(entry, side))
                .collect();
            self.array(key, &entries);
        }
        self.tags(&acl.tags);
    }

    fn interface(&mut self, interface: &NetworkInterface) {
        self.component("interface", &interface.id);
        self.string("subnet", interface.subnet.as_str());
        let addresses: Vec<_> = interface.addresses.iter().map(write_address).collect();
        self.array("addresses", &addresses);
        self.items("groups", &interface.groups, |id| quoted(id.as_str()));
        let check = interface.source_destination_check;
        self.flag("source-destination-check", check, true);
        self.middlebox(interface.middlebox);
        match &interface.attachment {
            Attachment::Ordinary { instance: None } => {}
            Attachment::Ordinary {
                instance: Some(instance),
            } => self.string("instance", instance),
            // Their owners claim them: a valid network agrees with itself.
            Attachment::VpcEndpoint(_)
            | Attachment::NatGateway(_)
            | Attachment::LoadBalancer(_) => {}
            Attachment::Other(kind) => self.string("attachment", &format!("other:{kind}")),
        }
        self.tags(&interface.tags);
    }

    fn internet_gateway(&mut self, gateway: &InternetGateway) {
        self.component("internet-gateway", &gateway.id);
        self.attached_to(gateway.vpc.as_ref(), gateway.edge_route_table.as_ref());
        self.tags(&gateway.tags);
    }

    fn attached_to(&mut self, vpc: Option<&VpcId>, edge_route_table: Option<&RouteTableId>) {
        match vpc {
            Some(vpc) => self.vpc_of(vpc),
            None => self.line("attached", "false"),
        }
        if let Some(table) = edge_route_table {
            self.string("edge-route-table", table.as_str());
        }
    }

    fn virtual_private_gateway(&mut self, gateway: &VirtualPrivateGateway) {
        self.component("virtual-private-gateway", &gateway.id);
        self.attached_to(gateway.vpc.as_ref(), gateway.edge_route_table.as_ref());
        self.prefixes("prefixes", &gateway.prefixes);
        self.tags(&gateway.tags);
    }

    fn direct_connect_association(&mut self, association: &DirectConnectAssociation) {
        self.component("direct-connect-association", &association.id);
        let gateway = match &association.gateway {
            OnPremisesGateway::VirtualPrivate(id) => format!("virtual-private-gateway:{id}"),
            OnPremisesGateway::Transit(id) => format!("attachment:{id}"),
        };
        self.string("gateway", &gateway);
        self.prefixes("allowed-prefixes", &association.allowed_prefixes);
        self.flag("other-ways", association.other_ways, false);
        self.tags(&association.tags);
    }

    fn account(&mut self, account: &Account) {
        self.component("account", &account.id);
        match &account.organization {
            Organization::None => {}
            Organization::Unknown(hole) => {
                let hole = quoted(hole.attribute());
                self.line("organization", &format!("{{ any = {hole} }}"));
            }
            Organization::Management => self.flag("management", true, false),
            Organization::Member {
                service_control_policies,
                resource_control_policies,
            } => {
                let levels = service_control_policies.iter();
                let levels: Vec<_> = levels
                    .map(|level| list(&policies(level, Of::Identity)))
                    .collect();
                self.line("service-control-policies", &list(&levels));
                let of_resources = policies(resource_control_policies, Of::Resource);
                self.line("resource-control-policies", &list(&of_resources));
            }
        }
        if let Some(id) = &account.organization_id {
            self.string("organization-id", id);
        }
        self.flag("principals-complete", account.principals_complete, false);
        let services = account.resources_complete.iter();
        let services: Vec<_> = services.map(|name| quoted(name)).collect();
        if !services.is_empty() {
            self.line("resources-complete", &list(&services));
        }
        self.tags(&account.tags);
    }

    fn principal(&mut self, principal: &IamPrincipal) {
        self.component("principal", &principal.id);
        self.policies("identity-policies", &principal.identity_policies);
        if let Some(policy) = &principal.permissions_boundary {
            self.line("permissions-boundary", &write_policy(policy, Of::Identity));
        }
        self.policies("session-policies", &principal.session_policies);
    }

    fn policies(&mut self, key: &str, own: &[Value<Policy>]) {
        if !own.is_empty() {
            self.line(key, &list(&policies(own, Of::Identity)));
        }
    }

    fn resource_policy(&mut self, resource: &ResourcePolicy) {
        self.component("resource-policy", &resource.id);
        self.string("account", resource.account.as_str());
        if let Some(policy) = &resource.policy {
            self.line("policy", &write_policy(policy, Of::Resource));
        }
        self.flag("access-control-lists", resource.access_control_lists, false);
        self.flag("public-access", resource.public_access, true);
    }

    fn client_vpn_endpoint(&mut self, endpoint: &ClientVpnEndpoint) {
        self.component("client-vpn-endpoint", &endpoint.id);
        let interfaces = endpoint.interfaces.iter();
        let interfaces: Vec<_> = interfaces.map(|id| quoted(id.as_str())).collect();
        self.line("interfaces", &list(&interfaces));
        let rules = &endpoint.authorization_rules;
        self.items("authorization-rules", rules, write_rule);
        self.items("routes", &endpoint.routes, write_client_vpn_route);
        self.tags(&endpoint.tags);
    }

    fn nat_gateway(&mut self, nat: &NatGateway) {
        self.component("nat-gateway", &nat.id);
        self.string("interface", nat.interface.as_str());
        self.flag("available", nat.available, true);
        self.tags(&nat.tags);
    }

    fn peering(&mut self, peering: &Peering) {
        self.component("peering", &peering.id);
        for (key, end) in [
            ("requester", &peering.requester),
            ("accepter", &peering.accepter),
        ] {
            match end {
                PeeringEnd::Vpc(vpc) => self.string(key, vpc.as_str()),
                PeeringEnd::Outside(id) => {
                    self.line(key, &format!("{{ outside = {} }}", quoted(id)));
                }
            }
        }
        self.flag("active", peering.active, true);
        self.tags(&peering.tags);
    }

    fn endpoint(&mut self, endpoint: &VpcEndpoint) {
        self.component("endpoint", &endpoint.id);
        self.vpc_of(&endpoint.vpc);
        self.string("service", &endpoint.service);
        match &endpoint.kind {
            EndpointKind::Gateway { prefix_lists } => {
                self.string("kind", "gateway");
                let lists: Vec<_> = prefix_lists.iter().map(|id| quoted(id.as_str())).collect();
                self.array("prefix-lists", &lists);
            }
            EndpointKind::Interface {
                interfaces,
                private_dns,
                private_dns_inbound_only,
                private_names,
                specific_names,
            } => {
                self.string("kind", "interface");
                let interfaces: Vec<_> = interfaces.iter().map(|id| quoted(id.as_str())).collect();
                self.array("interfaces", &interfaces);
                self.flag("private-dns", *private_dns, false);
                self.flag("private-dns-inbound-only", *private_dns_inbound_only, false);
                let names: Vec<_> = private_names.iter().map(|name| quoted(name)).collect();
                self.array("private-names", &names);
                self.items("specific-names", specific_names, write_endpoint_name);
            }
            EndpointKind::GatewayLoadBalancer { subnet, middlebox } => {
                self.string("kind", "gateway-load-balancer");
                self.string("subnet", subnet.as_str());
                self.middlebox(*middlebox);
            }
            EndpointKind::Unmodelled(kind) => {
                self.string("kind", &format!("unmodelled:{kind}"));
            }
        }
        if endpoint.policy != Value::Known(policy::full_access()) {
            self.line("policy", &write_policy(&endpoint.policy, Of::Resource));
        }
        self.flag("available", endpoint.available, true);
        self.tags(&endpoint.tags);
    }

    fn load_balancer(&mut self, load_balancer: &LoadBalancer) {
        self.component("load-balancer", &load_balancer.id);
        self.string("kind", write_kind(load_balancer.kind));
        let interfaces = load_balancer.interfaces.iter();
        let interfaces: Vec<_> = interfaces.map(|id| quoted(id.as_str())).collect();
        self.array("interfaces", &interfaces);
        if let Some(name) = &load_balancer.name {
            self.string("dns-name", &name.name);
            self.flag("internet-facing", name.internet_facing, false);
        }
        self.items("listeners", &load_balancer.listeners, write_listener);
        self.flag(
            "private-link-ingress",
            load_balancer.private_link_ingress,
            true,
        );
        self.tags(&load_balancer.tags);
    }

    fn target_group(&mut self, group: &TargetGroup) {
        self.component("target-group", &group.id);
        if group.family == Family::V6 {
            self.string("family", "ipv6");
        }
        let preserves = group.preserve_client_address;
        self.flag("preserve-client-address", preserves, false);
        self.flag("cross-zone", group.cross_zone, false);
        self.items("targets", &group.targets, write_target);
        self.tags(&group.tags);
    }

    fn endpoint_service(&mut self, service: &EndpointService) {
        self.component("endpoint-service", &service.id);
        self.string("name", &service.name);
        let load_balancers = service.load_balancers.iter();
        let load_balancers: Vec<_> = load_balancers.map(|id| quoted(id.as_str())).collect();
        self.array("load-balancers", &load_balancers);
        let principals = &service.allowed_principals;
        self.items("allowed-principals", principals, |principal| {
            quoted(principal)
        });
        if service.acceptance_required != Value::Known(true) {
            let required = write_value(&service.acceptance_required, bool::to_string);
            self.line("acceptance-required", &required);
        }
        self.tags(&service.tags);
    }

    fn transit_gateway_attachment(&mut self, attachment: &TransitGatewayAttachment) {
        self.component("transit-gateway-attachment", &attachment.id);
        self.transit_gateway_of(&attachment.gateway);
        match &attachment.kind {
            AttachmentKind::Vpc {
                vpc,
                subnets,
                appliance_mode,
                ipv6_support,
                security_group_referencing: referencing,
            } => {
                self.vpc_of(vpc);
                let subnets: Vec<_> = subnets.iter().map(|id| quoted(id.as_str())).collect();
                self.array("subnets", &subnets);
                self.flag("appliance-mode", *appliance_mode, false);
                self.flag("ipv6-support", *ipv6_support, false);
                self.flag("security-group-referencing", *referencing, false);
            }
            AttachmentKind::Peering { other: Some(other) } => self.string("peer", other.as_str()),
            AttachmentKind::Peering { other: None } => self.line("peer", "{ outside = true }"),
            AttachmentKind::OnPremises { service, prefixes } => {
                self.string("on-premises", service.name());
                self.prefixes("prefixes", prefixes);
            }
            AttachmentKind::Unmodelled(kind) => self.string("kind", kind),
        }
        if let Some(table) = &attachment.association {
            let table = write_value(table, |id| quoted(id.as_str()));
            self.line("association", &table);
        }
        self.flag("available", attachment.available, true);
        self.tags(&attachment.tags);
    }

    fn transit_gateway_route_table(&mut self, table: &TransitGatewayRouteTable) {
        self.component("transit-gateway-route-table", &table.id);
        self.transit_gateway_of(&table.gateway);
        let routes: Vec<_> = table
            .routes
            .iter()
            .map(write_transit_gateway_route)
            .collect();
        self.array("routes", &routes);
        let propagations = table.propagations.iter().map(|id| quoted(id.as_str()));
        self.array("propagations", &propagations.collect::<Vec<_>>());
        self.tags(&table.tags);
    }
}

/// Names.
impl Writer<'_> {
    fn hosted_zone(&mut self, zone: &HostedZone) {
        self.component("hosted-zone", &zone.id);
        self.string("name", &zone.name);
        self.vpcs_of(&zone.vpcs);
        match &zone.records {
            Value::Known(records) => self.array("records", &write_records(records)),
            Value::OneOf(..) | Value::Any(_) => {
                let records = write_value(&zone.records, |records| list(&write_records(records)));
                self.line("records", &records);
            }
        }
        self.tags(&zone.tags);
    }

    fn resolver_rule(&mut self, rule: &ResolverRule) {
        self.component("resolver-rule", &rule.id);
        let domain = if rule.domain.is_empty() {
            "."
        } else {
            &rule.domain
        };
        self.string("domain", domain);
        let (action, forward_to) = write_resolver_action(&rule.action);
        self.string("action", &action);
        if let Some(vpc) = forward_to {
            self.string("forward-to", vpc.as_str());
        }
        self.vpcs_of(&rule.vpcs);
        self.tags(&rule.tags);
    }

    /// The VPCs of a zone or rule; the only one is left out.
    fn vpcs_of(&mut self, vpcs: &BTreeSet<VpcId>) {
        if !self.only_vpc || vpcs.is_empty() {
            let vpcs: Vec<_> = vpcs.iter().map(|vpc| quoted(vpc.as_str())).collect();
            self.line("vpcs", &list(&vpcs));
        }
    }
}

/// Whether a subnet has the network ACL of one that names none.
fn names_open_acl(subnet: &Subnet) -> bool {
    let open = open_acl_name(&subnet.vpc);
    let acl = subnet.network_acl.known();
    acl.is_some_and(|acl| acl.as_str() == open)
}

fn policies(policies: &[Value<Policy>], of: Of) -> Vec<String> {
    let policies = policies.iter();
    policies.map(|policy| write_policy(policy, of)).collect()
}

fn write_policy(policy: &Value<Policy>, of: Of) -> String {
    write_value(policy, |policy| literal(&policy::write_of(policy, of)))
}

/// JSON as a literal string, where that can hold it.
fn literal(json: &str) -> String {
    if json.contains('\'') || json.chars().any(char::is_control) {
        quoted(json)
    } else {
        format!("'{json}'")
    }
}
