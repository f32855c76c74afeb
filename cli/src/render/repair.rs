//! Edits for people: what to change, and how much wider that is than the one flow.

use ingest::Validated;
use model::{
    AclAction, AclEntry, ComponentId, GroupRule, Network, Route, RouteDestination, RouteOrigin,
    RouteState, RouteTableId, RuleIndex, RulePeer, SecurityGroupId, SubnetId, Target, Value,
};

use super::style::Style;
use super::{names, path, rule};
use crate::repair::{Edit, PolicyOf, Purpose, Repairs, Side, permits_besides};

/// The lines of the repairs of a finding, indented.
pub(crate) fn lines(repairs: &Repairs, validated: &Validated, style: Style) -> Vec<String> {
    let mut lines = Vec::new();
    let network = &validated.network;
    for (number, repair) in repairs.list.iter().enumerate() {
        if number == 0 {
            let purpose = match repair.purpose {
                Purpose::Permit => format!(
                    "let the requests of the claim pass with {}",
                    repair.flow.packet
                ),
                Purpose::Open => format!("open {}", repair.flow.packet),
                Purpose::Hold => "make the claim hold".to_owned(),
            };
            lines.push(format!(
                "  to {purpose}, one of these; each is proved, and no part of it suffices:"
            ));
        }
        for (position, edit) in repair.edits.iter().enumerate() {
            let mark = if position == 0 {
                format!("{:>4}", number + 1)
            } else {
                " and".to_owned()
            };
            lines.push(style.strong(&format!("  {mark}  {}", told(network, edit))));
            let place = path::place(&validated.provenance, &component(edit), None);
            lines.extend(place.map(|place| style.faint(&format!("          --> {place}"))));
            let wider = wider(network, edit);
            lines.extend(wider.map(|text| format!("          opens besides: {text}")));
        }
    }
    let notes = repairs.notes.iter();
    lines.extend(notes.map(|note| format!("  to mend it: {note}")));
    lines
}

/// What an edit changes.
pub(crate) fn component(edit: &Edit) -> ComponentId {
    match edit {
        Edit::EnableDnsSupport(id) | Edit::EnableDnsHostnames(id) => ComponentId::Vpc(id.clone()),
        Edit::EnablePrivateDns(id) => ComponentId::VpcEndpoint(id.clone()),
        Edit::AddGroupRule { group, .. } => ComponentId::SecurityGroup(group.clone()),
        Edit::AddAclEntry { acl, .. } => ComponentId::NetworkAcl(acl.clone()),
        Edit::SetRoute { table, .. } => ComponentId::RouteTable(table.clone()),
        Edit::AssociateRouteTable { subnet, .. } => ComponentId::Subnet(subnet.clone()),
        Edit::AttachInternetGateway { gateway, .. } => {
            ComponentId::InternetGateway(gateway.clone())
        }
        Edit::AcceptPeering(id) => ComponentId::Peering(id.clone()),
        Edit::AttachSubnet { attachment, .. } => {
            ComponentId::TransitGatewayAttachment(attachment.clone())
        }
        Edit::DisableSourceDestinationCheck(id) => ComponentId::NetworkInterface(id.clone()),
        Edit::ExcludeSubnet(id) => ComponentId::Subnet(id.clone()),
        Edit::AddAction { of, .. }
        | Edit::AddResource { of, .. }
        | Edit::AddStatement { of, .. }
        | Edit::RemoveStatement { of, .. } => match of {
            PolicyOf::Endpoint(id) => ComponentId::VpcEndpoint(id.clone()),
            PolicyOf::Identity(..)
            | PolicyOf::Boundary(_)
            | PolicyOf::Resource(_)
            | PolicyOf::ServiceControl(..)
            | PolicyOf::ResourceControl(..) => ComponentId::Unmodelled(of.told()),
        },
        Edit::RemoveGroupRule { group, .. } => ComponentId::SecurityGroup(group.clone()),
        Edit::RemoveRoute { table, .. } => ComponentId::RouteTable(table.clone()),
    }
}

/// The word of an edit for machines.
pub(crate) const fn word(edit: &Edit) -> &'static str {
    match edit {
        Edit::EnableDnsSupport(_) => "enable-dns-support",
        Edit::EnableDnsHostnames(_) => "enable-dns-hostnames",
        Edit::EnablePrivateDns(_) => "enable-private-dns",
        Edit::AddGroupRule { .. } => "add-group-rule",
        Edit::AddAclEntry { .. } => "add-acl-entry",
        Edit::SetRoute { .. } => "set-route",
        Edit::AssociateRouteTable { .. } => "associate-route-table",
        Edit::AttachInternetGateway { .. } => "attach-internet-gateway",
        Edit::AcceptPeering(_) => "accept-peering",
        Edit::AttachSubnet { .. } => "attach-subnet",
        Edit::DisableSourceDestinationCheck(_) => "disable-source-destination-check",
        Edit::ExcludeSubnet(_) => "exclude-subnet",
        Edit::AddAction { .. } => "add-action",
        Edit::AddResource { .. } => "add-resource",
        Edit::AddStatement { .. } => "add-statement",
        Edit::RemoveStatement { .. } => "remove-statement",
        Edit::RemoveGroupRule { .. } => "remove-group-rule",
        Edit::RemoveRoute { .. } => "remove-route",
    }
}

/// An edit as one line, in the imperative.
pub(crate) fn told(network: &Network, edit: &Edit) -> String {
    let what = names::component(network, &component(edit));
    match edit {
        Edit::EnableDnsSupport(_) => format!("turn on enableDnsSupport of {what}"),
        Edit::EnableDnsHostnames(_) => format!("turn on enableDnsHostnames of {what}"),
        Edit::EnablePrivateDns(_) => format!("turn on private DNS of {what}"),
        Edit::AddGroupRule {
            side,
            traffic,
            peer,
            ..
        } => {
            let (list, way) = match side {
                Side::Inbound => ("an inbound", "from"),
                Side::Outbound => ("an outbound", "to"),
            };
            let rule = GroupRule {
                traffic: traffic.clone(),
                peer: peer.clone(),
            };
            let rule = rule::group_rule(network, &rule, way);
            format!("add {list} rule to {what}: {rule}")
        }
        Edit::AddAclEntry {
            side,
            number,
            traffic,
            cidr,
            ..
        } => {
            let (list, way) = match side {
                Side::Inbound => ("inbound", "from"),
                Side::Outbound => ("outbound", "to"),
            };
            let entry = AclEntry {
                number: *number,
                action: AclAction::Allow,
                traffic: traffic.clone(),
                cidr: *cidr,
            };
            format!("add to {what}: {}", rule::acl_entry(&entry, way, list))
        }
        Edit::SetRoute {
            table,
            destination,
            target,
        } => set_route(network, &what, (table, destination, target)),
        Edit::AssociateRouteTable { table, .. } => {
            let table = names::component(network, &ComponentId::RouteTable(table.clone()));
            format!("associate {what} with {table}")
        }
        Edit::AttachInternetGateway { vpc, .. } => {
            let vpc = names::component(network, &ComponentId::Vpc(vpc.clone()));
            format!("attach {what} to {vpc}")
        }
        Edit::AcceptPeering(_) => format!("make {what} active"),
        Edit::AttachSubnet { subnet, .. } => {
            let subnet = names::component(network, &ComponentId::Subnet(subnet.clone()));
            format!("add {subnet} to {what}")
        }
        Edit::DisableSourceDestinationCheck(_) => {
            format!("turn off the source/destination check of {what}")
        }
        Edit::ExcludeSubnet(_) => format!(
            "exclude {what} from VPC Block Public Access in both directions (allow-bidirectional)"
        ),
        Edit::AddAction {
            of,
            statement,
            action,
        } => {
            let statement = told_statement(network, of, *statement);
            let policy = told_policy(of, &what);
            format!("add to {statement} of {policy} the action {action}")
        }
        Edit::AddResource {
            of,
            statement,
            resource,
        } => {
            let statement = told_statement(network, of, *statement);
            let policy = told_policy(of, &what);
            format!("add to {statement} of {policy} the resource {resource}")
        }
        Edit::AddStatement {
            of,
            callers,
            actions,
            resources,
        } => {
            let to = match of {
                PolicyOf::Endpoint(_) => " to everybody".to_owned(),
                PolicyOf::Resource(_) => format!(" to {}", callers.join(", ")),
                PolicyOf::Identity(..)
                | PolicyOf::Boundary(_)
                | PolicyOf::ServiceControl(..)
                | PolicyOf::ResourceControl(..) => String::new(),
            };
            format!(
                "add to {} a statement that allows {} on {}{to}",
                told_policy(of, &what),
                actions.join(", "),
                resources.join(", ")
            )
        }
        Edit::RemoveStatement { of, statement } => {
            let statement = told_statement(network, of, *statement);
            let policy = told_policy(of, &what);
            format!("take out of {policy}: {statement}, which denies")
        }
        Edit::RemoveGroupRule { side, position, .. } => {
            let index = match side {
                Side::Inbound => RuleIndex::IngressRule(*position),
                Side::Outbound => RuleIndex::EgressRule(*position),
            };
            removed(network, edit, index)
        }
        Edit::RemoveRoute { position, .. } => removed(network, edit, RuleIndex::Route(*position)),
    }
}

/// A policy; the component is in the names of the network.
fn told_policy(of: &PolicyOf, component: &str) -> String {
    match of {
        PolicyOf::Endpoint(_) => format!("the policy of {component}"),
        PolicyOf::Identity(..)
        | PolicyOf::Boundary(_)
        | PolicyOf::Resource(_)
        | PolicyOf::ServiceControl(..)
        | PolicyOf::ResourceControl(..) => of.told(),
    }
}

/// A statement of a policy by its `Sid`, else by its position.
fn told_statement(network: &Network, of: &PolicyOf, position: usize) -> String {
    let policy = of.known(network);
    let statement = policy.and_then(|policy| policy.statements.get(position).cloned());
    match statement.and_then(|statement| statement.sid) {
        Some(sid) => format!("statement `{sid}`"),
        None => format!("statement {}", position + 1),
    }
}

fn removed(network: &Network, edit: &Edit, index: RuleIndex) -> String {
    let component = component(edit);
    let text = rule::rule(network, &component, index).unwrap_or_else(|| rule::index(index));
    format!(
        "take out of {}: {text}",
        names::component(network, &component)
    )
}

fn set_route(
    network: &Network,
    what: &str,
    (table, destination, target): (&RouteTableId, &RouteDestination, &Target),
) -> String {
    let route = Route {
        destination: Value::Known(destination.clone()),
        target: Value::Known(target.clone()),
        origin: RouteOrigin::Static,
        state: RouteState::Active,
    };
    let text = rule::route(network, &route);
    if let Target::GatewayEndpoint(id) = target {
        let endpoint = names::component(network, &ComponentId::VpcEndpoint(id.clone()));
        return format!("associate {endpoint} with {what}: {text}");
    }
    let routes = network.route_tables().get(table).map(|table| &table.routes);
    let is_replaced = |route: &&Route| {
        route.origin == RouteOrigin::Static && route.destination.known() == Some(destination)
    };
    match routes.and_then(|routes| routes.iter().find(is_replaced)) {
        Some(old) => format!("in {what}, replace {} by {text}", rule::route(network, old)),
        None => format!("add to {what}: {text}"),
    }
}

/// What an edit opens besides the one flow, in numbers; `None` where it is as narrow as can be.
pub(crate) fn wider(network: &Network, edit: &Edit) -> Option<String> {
    match edit {
        Edit::AddGroupRule {
            group, side, peer, ..
        } => rule_wider(network, group, *side, peer),
        Edit::AddAclEntry { acl, .. } => {
            let subnets = network.subnets().values();
            let with = subnets.filter(|one| one.network_acl.known() == Some(acl));
            Some(format!(
                "the same traffic of every interface in {}",
                counted(with.count(), "subnet")
            ))
        }
        Edit::SetRoute { table, .. } => {
            let subnets = network.subnets().values();
            let with = subnets.filter(|one| uses(network, &one.id, table));
            Some(format!(
                "the same destinations for every sender in {}",
                counted(with.count(), "subnet")
            ))
        }
        Edit::AssociateRouteTable { table, .. } => {
            let routes = network
                .route_tables()
                .get(table)
                .map(|one| one.routes.len());
            Some(format!(
                "all that the {} of the table lead to, and what the old one led to is lost",
                counted(routes.unwrap_or_default(), "route")
            ))
        }
        Edit::AttachInternetGateway { .. } => {
            Some("every route of the VPC that leads to it".to_owned())
        }
        Edit::AcceptPeering(_) => Some("every route of both VPCs that leads to it".to_owned()),
        Edit::AttachSubnet { .. } => {
            Some("the transit gateway, for every subnet of the zone with a route to it".to_owned())
        }
        Edit::EnableDnsSupport(_) | Edit::EnableDnsHostnames(_) | Edit::EnablePrivateDns(_) => {
            Some("the names get new meanings for every client of the VPC".to_owned())
        }
        Edit::ExcludeSubnet(_) => {
            Some("the internet, for every interface of the subnet".to_owned())
        }
        Edit::DisableSourceDestinationCheck(_) => {
            Some("packets of any address by this interface".to_owned())
        }
        Edit::AddAction { .. }
        | Edit::AddResource { .. }
        | Edit::AddStatement { .. }
        | Edit::RemoveStatement { .. } => permits_besides(network, edit),
        Edit::RemoveGroupRule { .. } | Edit::RemoveRoute { .. } => None,
    }
}

/// How many interfaces carry a group on one side, and how many the other side names.
fn rule_wider(
    network: &Network,
    group: &SecurityGroupId,
    side: Side,
    peer: &RulePeer,
) -> Option<String> {
    let carriers = |group: &SecurityGroupId| {
        let interfaces = network.network_interfaces().values();
        let with = interfaces.filter(|one| {
            let groups = one.groups.known();
            groups.is_some_and(|groups| groups.contains(group))
        });
        with.count()
    };
    let own = carriers(group);
    let peers = match peer {
        RulePeer::Cidr(_) => "one address".to_owned(),
        RulePeer::PrefixList(_) => "every address of the list".to_owned(),
        RulePeer::Group(id) => counted(carriers(id), "interface"),
        RulePeer::OutsideGroup(_) => "another account's interfaces".to_owned(),
    };
    if own == 1 && (matches!(peer, RulePeer::Cidr(_)) || peers == "1 interface") {
        return None;
    }
    let own = counted(own, "interface");
    Some(match side {
        Side::Inbound => format!("the same traffic from {peers} to {own}"),
        Side::Outbound => format!("the same traffic from {own} to {peers}"),
    })
}

fn uses(network: &Network, subnet: &SubnetId, table: &RouteTableId) -> bool {
    let Some(subnet) = network.subnets().get(subnet) else {
        return false;
    };
    let vpc = network.vpcs().get(&subnet.vpc);
    match &subnet.route_table {
        Some(own) => own.known() == Some(table),
        None => vpc.is_some_and(|vpc| vpc.main_route_table == *table),
    }
}

fn counted(number: usize, what: &str) -> String {
    if number == 1 {
        format!("1 {what}")
    } else {
        format!("{number} {what}s")
    }
}
