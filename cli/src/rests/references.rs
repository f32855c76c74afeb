//! References to what is gone: which rules go with it, and what becomes of what can be without it.

use std::collections::BTreeSet;

use model::{
    AttachmentKind, ComponentId, DnsTarget, EndpointKind, GroupRule, Hole, Network, NetworkDraft,
    Route, RouteDestination, RouteOrigin, RouteState, RuleIndex, RulePeer, Subnet, Target,
    TargetDestination, Value,
};

use crate::change::edits::Kind;
use crate::render::{names, rule};

type Gone = BTreeSet<(Kind, String)>;

pub(super) fn is_gone(gone: &Gone, kind: Kind, id: &impl ToString) -> bool {
    gone.contains(&(kind, id.to_string()))
}

/// The rules that AWS takes out together with components, or that say nothing without them.
pub(super) fn rules(network: &Network, gone: &Gone) -> BTreeSet<(ComponentId, RuleIndex)> {
    let mut rules = BTreeSet::new();
    for (id, table) in network.route_tables() {
        if is_gone(gone, Kind::RouteTable, id) {
            continue;
        }
        let component = ComponentId::RouteTable(id.clone());
        let routes = table.routes.iter().enumerate();
        let out = routes.filter(|(_, route)| goes(route, gone));
        rules.extend(out.map(|(position, _)| (component.clone(), RuleIndex::Route(position))));
    }
    for (id, table) in network.transit_gateway_route_tables() {
        if is_gone(gone, Kind::TransitGatewayRouteTable, id) {
            continue;
        }
        let component = ComponentId::TransitGatewayRouteTable(id.clone());
        let routes = table.routes.iter().enumerate();
        let out = routes.filter(|(_, route)| is_of_gone_list(&route.destination, gone));
        rules.extend(out.map(|(position, _)| (component.clone(), RuleIndex::Route(position))));
    }
    for (id, group) in network.security_groups() {
        if is_gone(gone, Kind::SecurityGroup, id) {
            continue;
        }
        let component = ComponentId::SecurityGroup(id.clone());
        let goes = |(_, rule): &(usize, &GroupRule)| match &rule.peer {
            RulePeer::PrefixList(list) => is_gone(gone, Kind::PrefixList, list),
            RulePeer::Group(group) => is_gone(gone, Kind::SecurityGroup, group),
            RulePeer::Cidr(_) | RulePeer::OutsideGroup(_) => false,
        };
        let ingress = group.ingress.iter().enumerate().filter(goes);
        let ingress = ingress.map(|(position, _)| RuleIndex::IngressRule(position));
        let egress = group.egress.iter().enumerate().filter(goes);
        let egress = egress.map(|(position, _)| RuleIndex::EgressRule(position));
        rules.extend(ingress.chain(egress).map(|rule| (component.clone(), rule)));
    }
    rules
}

/// Whether a route is taken out with what it is for, or leads to: a gateway endpoint takes its routes with it, and
/// what is propagated goes with what propagates it.
fn goes(route: &Route, gone: &Gone) -> bool {
    let of_list = route.destination.known();
    if of_list.is_some_and(|destination| is_of_gone_list(destination, gone)) {
        return true;
    }
    let Some(target) = route.target.known() else {
        return false;
    };
    let takes_along = match target {
        Target::GatewayEndpoint(_) => true,
        Target::Local
        | Target::InternetGateway(_)
        | Target::EgressOnlyInternetGateway(_)
        | Target::NatGateway(_)
        | Target::Peering(_)
        | Target::NetworkInterface(_)
        | Target::GatewayLoadBalancerEndpoint(_)
        | Target::TransitGateway(_)
        | Target::VirtualPrivateGateway(_)
        | Target::Unmodelled { .. } => route.origin == RouteOrigin::Propagated,
    };
    takes_along && leads_to_gone(target, gone).is_some()
}

fn is_of_gone_list(destination: &RouteDestination, gone: &Gone) -> bool {
    match destination {
        RouteDestination::PrefixList(list) => is_gone(gone, Kind::PrefixList, list),
        RouteDestination::Cidr(_) => false,
    }
}

/// The target as one of which nothing is known, when it is gone.
fn leads_to_gone(target: &Target, gone: &Gone) -> Option<Target> {
    let (kind, id) = match target {
        Target::Local | Target::Unmodelled { .. } => return None,
        Target::InternetGateway(id) => (Kind::InternetGateway, id.to_string()),
        Target::EgressOnlyInternetGateway(id) => (Kind::EgressOnlyInternetGateway, id.to_string()),
        Target::NatGateway(id) => (Kind::NatGateway, id.to_string()),
        Target::Peering(id) => (Kind::Peering, id.to_string()),
        Target::GatewayEndpoint(id) | Target::GatewayLoadBalancerEndpoint(id) => {
            (Kind::VpcEndpoint, id.to_string())
        }
        Target::NetworkInterface(id) => (Kind::NetworkInterface, id.to_string()),
        Target::TransitGateway(id) => (Kind::TransitGateway, id.to_string()),
        Target::VirtualPrivateGateway(id) => (Kind::VirtualPrivateGateway, id.to_string()),
    };
    is_gone(gone, kind, &id).then(|| Target::Unmodelled {
        kind: kind.word().to_owned(),
        id,
    })
}

/// Takes references to what is gone out of what can be without them; says what becomes of it.
pub(super) fn settle(draft: &mut NetworkDraft, network: &Network, gone: &Gone) -> Vec<String> {
    let mut changed = Vec::new();
    routes(draft, network, gone, &mut changed);
    subnets(draft, network, gone, &mut changed);
    interfaces(draft, network, gone, &mut changed);
    gateways(draft, gone);
    relays(draft, gone);
    transit(draft, gone);
    names_of(draft, gone);
    changed
}

/// A route whose target is gone stays as a blackhole.
fn routes(draft: &mut NetworkDraft, network: &Network, gone: &Gone, changed: &mut Vec<String>) {
    for table in &mut draft.route_tables {
        let component = ComponentId::RouteTable(table.id.clone());
        let vpc = network.vpcs().get(&table.vpc);
        for route in &mut table.routes {
            let text = rule::route(network, route);
            match &mut route.target {
                Value::Known(target) => {
                    if let Some(left) = leads_to_gone(target, gone) {
                        // A local route whose target was replaced is one still.
                        let is_local = match route.destination.known() {
                            Some(RouteDestination::Cidr(cidr)) => {
                                vpc.is_some_and(|vpc| vpc.cidrs.contains(cidr))
                            }
                            Some(RouteDestination::PrefixList(_)) | None => false,
                        };
                        *target = if is_local { Target::Local } else { left };
                        if route.state == RouteState::Active {
                            let table = names::component(network, &component);
                            changed.push(format!("{table}: {text} is a blackhole"));
                        }
                        route.state = RouteState::Blackhole;
                    }
                }
                Value::OneOf(targets, hole) => {
                    if targets.iter().any(|one| leads_to_gone(one, gone).is_some()) {
                        route.target = Value::Any(hole.clone());
                    }
                }
                Value::Any(_) => {}
            }
            if let Value::OneOf(destinations, hole) = &route.destination
                && destinations.iter().any(|one| is_of_gone_list(one, gone))
            {
                route.destination = Value::Any(hole.clone());
            }
        }
    }
}

/// A subnet falls back to the main route table, and to the default network ACL.
fn subnets(draft: &mut NetworkDraft, network: &Network, gone: &Gone, changed: &mut Vec<String>) {
    let told = |subnet: &Subnet| names::component(network, &ComponentId::Subnet(subnet.id.clone()));
    for subnet in &mut draft.subnets {
        let of_gone = |id: &model::RouteTableId| is_gone(gone, Kind::RouteTable, id);
        match &subnet.route_table {
            Some(Value::Known(table)) if of_gone(table) => {
                let subnet_text = told(subnet);
                let main = network.vpcs().get(&subnet.vpc).map(|vpc| {
                    let main = ComponentId::RouteTable(vpc.main_route_table.clone());
                    names::component(network, &main)
                });
                let main = main.unwrap_or_default();
                changed.push(format!("{subnet_text} uses the main {main}"));
                subnet.route_table = None;
            }
            Some(Value::OneOf(tables, hole)) if tables.iter().any(of_gone) => {
                subnet.route_table = Some(Value::Any(hole.clone()));
            }
            Some(Value::Known(_) | Value::OneOf(..) | Value::Any(_)) | None => {}
        }
        let of_gone = |id: &model::NetworkAclId| is_gone(gone, Kind::NetworkAcl, id);
        match &subnet.network_acl {
            Value::Known(acl) if of_gone(acl) => {
                // Which one is the default one, and what it says, no input tells for certain.
                let hole = format!(
                    "the default network ACL, which {} has without {acl}",
                    subnet.id
                );
                changed.push(format!(
                    "{} uses the default network ACL, which is open",
                    told(subnet)
                ));
                subnet.network_acl = Value::Any(Hole::new(hole));
            }
            Value::OneOf(acls, hole) if acls.iter().any(of_gone) => {
                subnet.network_acl = Value::Any(hole.clone());
            }
            Value::Known(_) | Value::OneOf(..) | Value::Any(_) => {}
        }
    }
}

fn interfaces(draft: &mut NetworkDraft, network: &Network, gone: &Gone, changed: &mut Vec<String>) {
    for interface in &mut draft.network_interfaces {
        let before = interface.groups.clone();
        each(&mut interface.groups, |groups| {
            groups.retain(|group| !is_gone(gone, Kind::SecurityGroup, group));
        });
        if interface.groups != before {
            let text = names::interface(network, &interface.id);
            let without = match interface.groups.known() {
                Some(groups) if groups.is_empty() => "has no security group",
                Some(_) | None => "has only its other security groups",
            };
            changed.push(format!("interface {text} {without}"));
        }
    }
    for endpoint in &mut draft.vpc_endpoints {
        match &mut endpoint.kind {
            EndpointKind::Gateway { prefix_lists } => {
                prefix_lists.retain(|list| !is_gone(gone, Kind::PrefixList, list));
            }
            EndpointKind::Interface {
                interfaces,
                specific_names,
                ..
            } => {
                interfaces.retain(|id| !is_gone(gone, Kind::NetworkInterface, id));
                each(specific_names, |names| {
                    names.retain(|name| {
                        let interface = name.interface.as_ref();
                        !interface.is_some_and(|id| is_gone(gone, Kind::NetworkInterface, id))
                    });
                });
            }
            EndpointKind::GatewayLoadBalancer { .. } | EndpointKind::Unmodelled(_) => {}
        }
    }
}

fn gateways(draft: &mut NetworkDraft, gone: &Gone) {
    let of_table = |table: &model::RouteTableId| is_gone(gone, Kind::RouteTable, table);
    let of_vpc = |vpc: &model::VpcId| is_gone(gone, Kind::Vpc, vpc);
    for gateway in &mut draft.internet_gateways {
        gateway.edge_route_table.take_if(|table| of_table(table));
        gateway.vpc.take_if(|vpc| of_vpc(vpc));
    }
    for gateway in &mut draft.virtual_private_gateways {
        gateway.edge_route_table.take_if(|table| of_table(table));
        gateway.vpc.take_if(|vpc| of_vpc(vpc));
    }
}

/// What load balancers hand on to, and endpoint services.
fn relays(draft: &mut NetworkDraft, gone: &Gone) {
    for balancer in &mut draft.load_balancers {
        let interfaces = &mut balancer.interfaces;
        interfaces.retain(|id| !is_gone(gone, Kind::NetworkInterface, id));
        each(&mut balancer.listeners, |listeners| {
            for listener in listeners {
                let groups = &mut listener.target_groups;
                groups.retain(|id| !is_gone(gone, Kind::TargetGroup, id));
            }
        });
    }
    for group in &mut draft.target_groups {
        each(&mut group.targets, |targets| {
            targets.retain(|target| match &target.destination {
                TargetDestination::Interface(id) => !is_gone(gone, Kind::NetworkInterface, id),
                TargetDestination::LoadBalancer(id) => !is_gone(gone, Kind::LoadBalancer, id),
                TargetDestination::Address(_) => true,
            });
        });
    }
    for service in &mut draft.endpoint_services {
        let balancers = &mut service.load_balancers;
        balancers.retain(|id| !is_gone(gone, Kind::LoadBalancer, id));
    }
}

fn transit(draft: &mut NetworkDraft, gone: &Gone) {
    let of_attachment =
        |id: &model::TransitGatewayAttachmentId| is_gone(gone, Kind::TransitGatewayAttachment, id);
    for attachment in &mut draft.transit_gateway_attachments {
        let of_table = |id: &model::TransitGatewayRouteTableId| {
            is_gone(gone, Kind::TransitGatewayRouteTable, id)
        };
        match &attachment.association {
            Some(Value::Known(table)) if of_table(table) => attachment.association = None,
            Some(Value::OneOf(tables, hole)) if tables.iter().any(of_table) => {
                attachment.association = Some(Value::Any(hole.clone()));
            }
            Some(Value::Known(_) | Value::OneOf(..) | Value::Any(_)) | None => {}
        }
        match &mut attachment.kind {
            AttachmentKind::Vpc { subnets, .. } => {
                subnets.retain(|id| !is_gone(gone, Kind::Subnet, id));
            }
            AttachmentKind::Peering { .. }
            | AttachmentKind::OnPremises { .. }
            | AttachmentKind::Unmodelled(_) => {}
        }
    }
    for table in &mut draft.transit_gateway_route_tables {
        table.propagations.retain(|id| !of_attachment(id));
        for route in &mut table.routes {
            // Without a target it is a blackhole.
            route.target.take_if(|target| of_attachment(target));
        }
    }
}

fn names_of(draft: &mut NetworkDraft, gone: &Gone) {
    for zone in &mut draft.hosted_zones {
        zone.vpcs.retain(|id| !is_gone(gone, Kind::Vpc, id));
        each(&mut zone.records, |records| {
            for record in records {
                if let DnsTarget::Endpoint(id) = &record.target
                    && is_gone(gone, Kind::VpcEndpoint, id)
                {
                    let what = format!("an alias of {id}, which is gone");
                    record.target = DnsTarget::Unmodelled(what);
                }
            }
        });
    }
    for rule in &mut draft.resolver_rules {
        rule.vpcs.retain(|id| !is_gone(gone, Kind::Vpc, id));
    }
}

/// Changes whatever a value may be.
fn each<T: PartialEq>(value: &mut Value<T>, change: impl Fn(&mut T)) {
    match value {
        Value::Known(one) => change(one),
        Value::OneOf(candidates, hole) => {
            for one in candidates.iter_mut() {
                change(one);
            }
            // Candidates that differed in what is gone are one.
            let hole = hole.clone();
            let mut different: Vec<T> = Vec::new();
            for one in candidates.drain(..) {
                if !different.contains(&one) {
                    different.push(one);
                }
            }
            *value = match different.len() {
                1 => match different.pop() {
                    Some(only) => Value::Known(only),
                    None => Value::Any(hole),
                },
                _ => Value::OneOf(different, hole),
            };
        }
        Value::Any(_) => {}
    }
}
