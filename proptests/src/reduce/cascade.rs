//! What leads nowhere once a thing is gone.

use model::{
    AclAction, AddressValue, Attachment, AttachmentKind, DnsTarget, EndpointKind, NetworkDraft,
    PeeringEnd, ResolverAction, RouteDestination, RulePeer, RuleTraffic, Target, Value,
};

use super::{client_vpn, relay};
use crate::pool;

/// Removes what leads nowhere, in the order in which things need each other.
pub(super) fn cascade(draft: &mut NetworkDraft) {
    let vpcs: Vec<_> = draft.vpcs.iter().map(|one| one.id.clone()).collect();
    draft.route_tables.retain(|one| vpcs.contains(&one.vpc));
    draft.network_acls.retain(|one| vpcs.contains(&one.vpc));
    draft.security_groups.retain(|one| vpcs.contains(&one.vpc));
    draft
        .egress_only_internet_gateways
        .retain(|one| vpcs.contains(&one.vpc));
    draft
        .internet_gateways
        .retain(|one| one.vpc.as_ref().is_none_or(|vpc| vpcs.contains(vpc)));
    draft
        .virtual_private_gateways
        .retain(|one| one.vpc.as_ref().is_none_or(|vpc| vpcs.contains(vpc)));
    draft.vpc_endpoints.retain(|one| vpcs.contains(&one.vpc));
    for zone in &mut draft.hosted_zones {
        zone.vpcs.retain(|vpc| vpcs.contains(vpc));
        if let Value::Known(records) = &mut zone.records {
            let endpoints = &draft.vpc_endpoints;
            records.retain(|record| match &record.target {
                DnsTarget::Endpoint(id) => endpoints.iter().any(|one| one.id == *id),
                DnsTarget::Addresses(_) | DnsTarget::Name(_) | DnsTarget::Unmodelled(_) => true,
            });
        }
    }
    for rule in &mut draft.resolver_rules {
        rule.vpcs.retain(|vpc| vpcs.contains(vpc));
    }
    draft.resolver_rules.retain(|rule| match &rule.action {
        ResolverAction::ForwardTo(vpc) => vpcs.contains(vpc),
        ResolverAction::Forward | ResolverAction::System | ResolverAction::Unmodelled(_) => true,
    });
    draft.peerings.retain(|one| {
        [&one.requester, &one.accepter]
            .into_iter()
            .all(|end| match end {
                PeeringEnd::Vpc(vpc) => vpcs.contains(vpc),
                PeeringEnd::Outside(_) => true,
            })
    });
    draft
        .subnets
        .retain(|one| vpcs.contains(&one.vpc) && !one.cidrs.is_empty());
    let tables: Vec<_> = draft
        .route_tables
        .iter()
        .map(|one| one.id.clone())
        .collect();
    let mut acls: Vec<_> = draft
        .network_acls
        .iter()
        .map(|one| one.id.clone())
        .collect();
    let of_internet = draft.internet_gateways.iter_mut();
    let of_internet = of_internet.map(|one| &mut one.edge_route_table);
    let of_premises = draft.virtual_private_gateways.iter_mut();
    let of_premises = of_premises.map(|one| &mut one.edge_route_table);
    for edge in of_internet.chain(of_premises) {
        *edge = edge.take().filter(|id| tables.contains(id));
    }
    for subnet in &mut draft.subnets {
        if let Some(Value::Known(id)) = &subnet.route_table
            && !tables.contains(id)
        {
            subnet.route_table = None;
        }
        if let Value::Known(id) = &subnet.network_acl
            && !acls.contains(id)
        {
            let open = model::NetworkAclId::new(format!("{}-open", subnet.vpc));
            if !acls.contains(&open) {
                acls.push(open.clone());
                draft.network_acls.push(open_acl(&open, &subnet.vpc));
            }
            subnet.network_acl = Value::Known(open);
        }
    }
    let subnets: Vec<_> = draft.subnets.iter().map(|one| one.id.clone()).collect();
    draft.vpc_endpoints.retain(|one| match &one.kind {
        EndpointKind::GatewayLoadBalancer { subnet, .. } => subnets.contains(subnet),
        EndpointKind::Gateway { .. }
        | EndpointKind::Interface { .. }
        | EndpointKind::Unmodelled(_) => true,
    });
    transits(draft, &subnets);
    interfaces(draft, &subnets);
    client_vpn::cascade(draft, &subnets);
    let groups: Vec<_> = draft
        .security_groups
        .iter()
        .map(|one| one.id.clone())
        .collect();
    let lists: Vec<_> = draft
        .prefix_lists
        .iter()
        .map(|one| one.id.clone())
        .collect();
    for group in &mut draft.security_groups {
        for rules in [&mut group.ingress, &mut group.egress] {
            rules.retain(|rule| match &rule.peer {
                RulePeer::Group(id) => groups.contains(id),
                RulePeer::PrefixList(id) => lists.contains(id),
                RulePeer::Cidr(_) | RulePeer::OutsideGroup(_) => true,
            });
        }
    }
    for endpoint in &mut draft.vpc_endpoints {
        if let EndpointKind::Gateway { prefix_lists } = &mut endpoint.kind {
            prefix_lists.retain(|id| lists.contains(id));
        }
    }
    routes(draft);
}

fn transits(draft: &mut NetworkDraft, of_vpcs: &[model::SubnetId]) {
    let NetworkDraft {
        transit_gateways,
        transit_gateway_attachments: attachments,
        transit_gateway_route_tables: tables,
        prefix_lists,
        ..
    } = draft;
    let there = |id| transit_gateways.iter().any(|one| one.id == id);
    tables.retain(|one| there(one.gateway.clone()));
    attachments.retain_mut(|one| match &mut one.kind {
        AttachmentKind::Vpc { subnets, .. } => {
            subnets.retain(|id| of_vpcs.contains(id));
            there(one.gateway.clone()) && !subnets.is_empty()
        }
        AttachmentKind::Peering { .. }
        | AttachmentKind::OnPremises { .. }
        | AttachmentKind::Unmodelled(_) => there(one.gateway.clone()),
    });
    let ids: Vec<_> = attachments.iter().map(|one| one.id.clone()).collect();
    for one in attachments.iter_mut() {
        if let AttachmentKind::Peering { other } = &mut one.kind {
            *other = other.take().filter(|id| ids.contains(id));
        }
        if let Some(Value::Known(id)) = &one.association
            && !tables.iter().any(|table| table.id == *id)
        {
            one.association = None;
        }
    }
    for table in tables {
        table.propagations.retain(|id| ids.contains(id));
        table.routes.retain(|route| {
            let list = match &route.destination {
                RouteDestination::PrefixList(id) => prefix_lists.iter().any(|one| one.id == *id),
                RouteDestination::Cidr(_) => true,
            };
            list && route.target.as_ref().is_none_or(|id| ids.contains(id))
        });
    }
}

fn interfaces(draft: &mut NetworkDraft, subnets: &[model::SubnetId]) {
    let NetworkDraft {
        network_interfaces,
        nat_gateways,
        vpc_endpoints,
        load_balancers,
        ..
    } = draft;
    network_interfaces.retain(|interface| {
        subnets.contains(&interface.subnet)
            && match &interface.attachment {
                Attachment::NatGateway(id) => nat_gateways.iter().any(|nat| nat.id == *id),
                Attachment::VpcEndpoint(id) => vpc_endpoints.iter().any(|one| one.id == *id),
                Attachment::LoadBalancer(id) => load_balancers
                    .iter()
                    .any(|one| one.id == *id && one.interfaces.contains(&interface.id)),
                Attachment::Ordinary { .. } | Attachment::Other(_) => true,
            }
    });
    let ids: Vec<_> = network_interfaces
        .iter()
        .map(|one| one.id.clone())
        .collect();
    nat_gateways.retain(|nat| ids.contains(&nat.interface));
    for endpoint in vpc_endpoints.iter_mut() {
        if let EndpointKind::Interface { interfaces, .. } = &mut endpoint.kind {
            interfaces.retain(|id| ids.contains(id));
        }
    }
    relay::cascade(draft, &ids);
    let NetworkDraft {
        network_interfaces,
        security_groups,
        ..
    } = draft;
    let blocks: Vec<_> = draft
        .subnets
        .iter()
        .map(|one| (&one.id, &one.cidrs))
        .collect();
    for interface in network_interfaces {
        let of_subnet = blocks.iter().find(|(id, _)| **id == interface.subnet);
        let cidrs = of_subnet
            .map(|(_, cidrs)| cidrs.as_slice())
            .unwrap_or_default();
        interface.addresses.retain(|address| {
            let base = match &address.private {
                AddressValue::Known(address) => *address,
                AddressValue::Within(cidr, _) => cidr.base(),
            };
            cidrs.iter().any(|cidr| pool::holds(*cidr, base))
        });
        if let Value::Known(groups) = &mut interface.groups {
            groups.retain(|id| security_groups.iter().any(|group| group.id == *id));
        }
    }
}

fn routes(draft: &mut NetworkDraft) {
    let NetworkDraft {
        route_tables,
        prefix_lists,
        internet_gateways,
        egress_only_internet_gateways,
        nat_gateways,
        peerings,
        vpc_endpoints,
        network_interfaces,
        transit_gateways,
        virtual_private_gateways,
        vpcs,
        ..
    } = draft;
    let there = |target: &Target| match target {
        Target::Local | Target::Unmodelled { .. } => true,
        Target::InternetGateway(id) => internet_gateways.iter().any(|one| one.id == *id),
        Target::EgressOnlyInternetGateway(id) => egress_only_internet_gateways
            .iter()
            .any(|one| one.id == *id),
        Target::NatGateway(id) => nat_gateways.iter().any(|one| one.id == *id),
        Target::Peering(id) => peerings.iter().any(|one| one.id == *id),
        Target::NetworkInterface(id) => network_interfaces.iter().any(|one| one.id == *id),
        Target::TransitGateway(id) => transit_gateways.iter().any(|one| one.id == *id),
        Target::VirtualPrivateGateway(id) => {
            virtual_private_gateways.iter().any(|one| one.id == *id)
        }
        Target::GatewayEndpoint(id) | Target::GatewayLoadBalancerEndpoint(id) => {
            vpc_endpoints.iter().any(|one| one.id == *id)
        }
    };
    for table in route_tables {
        let own = vpcs.iter().find(|vpc| vpc.id == table.vpc);
        let own = own.map_or(&[][..], |vpc| &vpc.cidrs);
        for route in &mut table.routes {
            // What took the place of a local route gives it back.
            if let Some(RouteDestination::Cidr(cidr)) = route.destination.known()
                && own.contains(cidr)
                && !route.target.known().is_none_or(there)
            {
                route.target = Value::Known(Target::Local);
            }
        }
        table.routes.retain(|route| {
            let list = match route.destination.known() {
                Some(RouteDestination::PrefixList(id)) => {
                    prefix_lists.iter().any(|list| list.id == *id)
                }
                Some(RouteDestination::Cidr(_)) | None => true,
            };
            list && route.target.known().is_none_or(there)
        });
    }
}

fn open_acl(id: &model::NetworkAclId, vpc: &model::VpcId) -> model::NetworkAcl {
    let entry = |number, cidr| model::AclEntry {
        number,
        action: AclAction::Allow,
        traffic: RuleTraffic::All,
        cidr: pool::cidr(cidr),
    };
    let entries = vec![entry(100, "0.0.0.0/0"), entry(101, "::/0")];
    model::NetworkAcl {
        id: id.clone(),
        vpc: vpc.clone(),
        ingress: entries.clone(),
        egress: entries,
        tags: model::Tags::new(),
    }
}
