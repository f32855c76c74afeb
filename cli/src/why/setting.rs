//! Settings: what a network says in rules and policies, and the holes that stand for whatever they may say.

use std::collections::BTreeSet;

use model::{
    ClientVpnEndpointId, Family, GroupRule, Hole, HostedZoneId, LoadBalancerId, Network,
    NetworkAclId, NetworkDraft, PrefixList, PrefixListId, PrincipalId, ResourceId, Route,
    RouteDestination, RouteOrigin, RouteState, RouteTableId, RuleIndex, RulePeer, RuleTraffic,
    SecurityGroupId, Target, TargetGroupId, TransitGatewayRouteTableId, Value, VpcEndpointId,
};

/// What the lists are called that stand for any address, and for none. No id of AWS has such a letter.
const ANYTHING: &str = "vpcproof#anything";
const NOTHING: &str = "vpcproof#nothing";

/// Rules or a policy that a person writes as one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Setting {
    /// The entries. It comes before all that names it, and is opened first.
    PrefixList(PrefixListId),
    /// The inbound rules of a group.
    Ingress(SecurityGroupId),
    /// Its outbound rules.
    Egress(SecurityGroupId),
    /// The entries of both directions.
    NetworkAcl(NetworkAclId),
    RouteTable(RouteTableId),
    EndpointPolicy(VpcEndpointId),
    TransitGatewayRouteTable(TransitGatewayRouteTableId),
    /// The records.
    HostedZone(HostedZoneId),
    /// The listeners of a load balancer.
    Listeners(LoadBalancerId),
    /// The registered targets.
    Targets(TargetGroupId),
    /// The authorization rules and routes.
    ClientVpn(ClientVpnEndpointId),
    /// The policies of a user, a role or a session.
    Principal(PrincipalId),
    ResourcePolicy(ResourceId),
}

/// How far a setting may say anything.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Opened {
    Whole,
    /// Of a group: these rules may be any, and any may stand beside them; what is left is there. Of a route table: these
    /// routes may be missing or lead anywhere, and there are no others.
    Rules(BTreeSet<RuleIndex>),
}

/// The settings of a network that are known.
pub(crate) fn all(network: &Network) -> Vec<Setting> {
    let mut all = Vec::new();
    for id in network.security_groups().keys() {
        all.push(Setting::Ingress(id.clone()));
        all.push(Setting::Egress(id.clone()));
    }
    let acls = network.network_acls().keys().cloned();
    all.extend(acls.map(Setting::NetworkAcl));
    let tables = network.route_tables().keys().cloned();
    all.extend(tables.map(Setting::RouteTable));
    for (id, list) in network.prefix_lists() {
        all.extend(known(&list.entries, || Setting::PrefixList(id.clone())));
    }
    for (id, endpoint) in network.vpc_endpoints() {
        let setting = || Setting::EndpointPolicy(id.clone());
        all.extend(known(&endpoint.policy, setting));
    }
    let tables = network.transit_gateway_route_tables().keys().cloned();
    all.extend(tables.map(Setting::TransitGatewayRouteTable));
    for (id, zone) in network.hosted_zones() {
        all.extend(known(&zone.records, || Setting::HostedZone(id.clone())));
    }
    for (id, balancer) in network.load_balancers() {
        let setting = || Setting::Listeners(id.clone());
        all.extend(known(&balancer.listeners, setting));
    }
    for (id, group) in network.target_groups() {
        all.extend(known(&group.targets, || Setting::Targets(id.clone())));
    }
    let endpoints = network.client_vpn_endpoints().keys().cloned();
    all.extend(endpoints.map(Setting::ClientVpn));
    let principals = network.principals().keys().cloned();
    all.extend(principals.map(Setting::Principal));
    for (id, resource) in network.resource_policies() {
        let policy = resource.policy.as_ref();
        let setting = || Setting::ResourcePolicy(id.clone());
        all.extend(policy.and_then(|policy| known(policy, setting)));
    }
    all
}

/// A setting, when what it says is known.
fn known<T>(value: &Value<T>, setting: impl FnOnce() -> Setting) -> Option<Setting> {
    value.known().map(|_| setting())
}

impl Setting {
    /// The rules that can be opened one by one.
    pub(crate) fn rules(&self, network: &Network) -> Vec<RuleIndex> {
        match self {
            Setting::Ingress(id) => {
                let group = network.security_groups().get(id);
                let n_rules = group.map_or(0, |group| group.ingress.len());
                (0..n_rules).map(RuleIndex::IngressRule).collect()
            }
            Setting::Egress(id) => {
                let group = network.security_groups().get(id);
                let n_rules = group.map_or(0, |group| group.egress.len());
                (0..n_rules).map(RuleIndex::EgressRule).collect()
            }
            Setting::RouteTable(id) => {
                let routes = network.route_tables().get(id).map(|table| &table.routes);
                let routes = routes.into_iter().flatten().enumerate();
                let own = routes.filter(|(_, route)| !is_local(route));
                own.map(|(position, _)| RuleIndex::Route(position))
                    .collect()
            }
            Setting::NetworkAcl(_)
            | Setting::PrefixList(_)
            | Setting::EndpointPolicy(_)
            | Setting::TransitGatewayRouteTable(_)
            | Setting::HostedZone(_)
            | Setting::Listeners(_)
            | Setting::Targets(_)
            | Setting::ClientVpn(_)
            | Setting::Principal(_)
            | Setting::ResourcePolicy(_) => Vec::new(),
        }
    }

    /// Lets it say anything, as far as that is asked.
    pub(super) fn open(&self, draft: &mut NetworkDraft, network: &Network, how: &Opened) {
        match self {
            Setting::Ingress(id) | Setting::Egress(id) => self.open_group(draft, id, how),
            Setting::RouteTable(id) => open_table(draft, network, id, how),
            Setting::NetworkAcl(id) => open_acl(draft, id),
            Setting::TransitGatewayRouteTable(id) => open_transit(draft, id),
            Setting::PrefixList(id) => {
                for list in draft.prefix_lists.iter_mut().filter(|one| one.id == *id) {
                    list.entries = Value::Any(hole(format!("entries of {id}")));
                }
            }
            Setting::EndpointPolicy(id) => {
                for endpoint in draft.vpc_endpoints.iter_mut().filter(|one| one.id == *id) {
                    endpoint.policy = Value::Any(hole(format!("policy of {id}")));
                }
            }
            Setting::HostedZone(id) => {
                for zone in draft.hosted_zones.iter_mut().filter(|one| one.id == *id) {
                    zone.records = Value::Any(hole(format!("records of {id}")));
                }
            }
            Setting::Listeners(id) => {
                for balancer in draft.load_balancers.iter_mut().filter(|one| one.id == *id) {
                    balancer.listeners = Value::Any(hole(format!("listeners of {id}")));
                }
            }
            Setting::Targets(id) => {
                for group in draft.target_groups.iter_mut().filter(|one| one.id == *id) {
                    group.targets = Value::Any(hole(format!("targets of {id}")));
                }
            }
            Setting::ClientVpn(id) => {
                let endpoints = draft.client_vpn_endpoints.iter_mut();
                for endpoint in endpoints.filter(|one| one.id == *id) {
                    let rules = hole(format!("authorization rules of {id}"));
                    endpoint.authorization_rules = Value::Any(rules);
                    endpoint.routes = Value::Any(hole(format!("routes of {id}")));
                }
            }
            Setting::Principal(id) => {
                for principal in draft.principals.iter_mut().filter(|one| one.id == *id) {
                    let any = || Value::Any(hole(format!("policies of {id}")));
                    // Without a policy it may have one.
                    principal.identity_policies = vec![any()];
                    let others = principal.session_policies.iter_mut();
                    for policy in others.chain(principal.permissions_boundary.as_mut()) {
                        *policy = any();
                    }
                }
            }
            Setting::ResourcePolicy(id) => {
                let resources = draft.resource_policies.iter_mut();
                for resource in resources.filter(|one| one.id == *id) {
                    let policy = Value::Any(hole(format!("policy of {id}")));
                    resource.policy = Some(policy);
                }
            }
        }
    }

    fn open_group(&self, draft: &mut NetworkDraft, id: &SecurityGroupId, how: &Opened) {
        let is_ingress = matches!(self, Setting::Ingress(_));
        let side = if is_ingress { "inbound" } else { "outbound" };
        let hole = hole(format!("{side} rules of {id}"));
        for group in draft.security_groups.iter_mut().filter(|one| one.id == *id) {
            let rules = if is_ingress {
                &mut group.ingress
            } else {
                &mut group.egress
            };
            let index = |position| {
                if is_ingress {
                    RuleIndex::IngressRule(position)
                } else {
                    RuleIndex::EgressRule(position)
                }
            };
            let is_open = |position| match how {
                Opened::Whole => true,
                Opened::Rules(open) => open.contains(&index(position)),
            };
            let all = std::mem::take(rules).into_iter().enumerate();
            let left = all.filter(|(position, _)| !is_open(*position));
            rules.extend(left.map(|(_, rule)| rule));
            // A rule says one family; a list of customers may hold any block of its own.
            for (family, name) in [(Family::V4, "4"), (Family::V6, "6")] {
                let list = PrefixListId::new(format!("{ANYTHING} {side} {id} {name}"));
                rules.push(GroupRule {
                    traffic: RuleTraffic::All,
                    peer: RulePeer::PrefixList(list.clone()),
                });
                draft.prefix_lists.push(PrefixList {
                    name: list.to_string(),
                    id: list,
                    family,
                    aws_managed: false,
                    entries: Value::Any(hole.clone()),
                });
            }
        }
    }
}

/// A subnet with an ACL that may say anything has an ACL that may be any.
fn open_acl(draft: &mut NetworkDraft, id: &NetworkAclId) {
    for subnet in &mut draft.subnets {
        let has = match &subnet.network_acl {
            Value::Known(acl) => acl == id,
            Value::OneOf(acls, _) => acls.contains(id),
            Value::Any(_) => false,
        };
        if has {
            subnet.network_acl = Value::Any(hole(format!("entries of {id}")));
        }
    }
}

fn open_table(draft: &mut NetworkDraft, network: &Network, id: &RouteTableId, how: &Opened) {
    let hole = hole(format!("routes of {id}"));
    let mut needs_nothing = false;
    let open_lists = draft.prefix_lists.iter();
    let open_lists = open_lists.filter(|list| matches!(list.entries, Value::Any(_)));
    let open_lists: BTreeSet<_> = open_lists.map(|list| list.id.clone()).collect();
    let lists_anything = |destination: &RouteDestination| match destination {
        RouteDestination::PrefixList(list) => open_lists.contains(list),
        RouteDestination::Cidr(_) => false,
    };
    for table in draft.route_tables.iter_mut().filter(|one| one.id == *id) {
        match how {
            Opened::Whole => {
                // AWS keeps a route for each block of the VPC; a longer one may beat it anywhere in the block.
                let vpc = network.vpcs().get(&table.vpc);
                let is_of_vpc = |route: &Route| match route.destination.known() {
                    Some(RouteDestination::Cidr(cidr)) => {
                        vpc.is_some_and(|vpc| vpc.cidrs.contains(cidr))
                    }
                    Some(RouteDestination::PrefixList(_)) | None => false,
                };
                table.routes.retain(is_of_vpc);
                table.routes.push(Route {
                    destination: Value::Any(hole.clone()),
                    target: Value::Any(hole.clone()),
                    origin: RouteOrigin::Static,
                    state: RouteState::Active,
                });
            }
            Opened::Rules(open) => {
                let routes = table.routes.iter_mut().enumerate();
                let open =
                    routes.filter(|(position, _)| open.contains(&RuleIndex::Route(*position)));
                for (_, route) in open {
                    // A list that may say anything may be empty, and then the route is as good as missing.
                    if let Value::Known(destination) = &route.destination
                        && !lists_anything(destination)
                    {
                        let nothing = RouteDestination::PrefixList(PrefixListId::new(NOTHING));
                        let may = vec![destination.clone(), nothing];
                        route.destination = Value::OneOf(may, hole.clone());
                        needs_nothing = true;
                    }
                    route.target = Value::Any(hole.clone());
                    route.state = RouteState::Active;
                }
            }
        }
    }
    let nothing = PrefixListId::new(NOTHING);
    if needs_nothing && !draft.prefix_lists.iter().any(|one| one.id == nothing) {
        draft.prefix_lists.push(PrefixList {
            name: NOTHING.to_owned(),
            id: nothing,
            family: Family::V4,
            aws_managed: false,
            entries: Value::Known(BTreeSet::new()),
        });
    }
}

/// What comes in by an attachment to a table that may say anything is routed by a table that may be any.
fn open_transit(draft: &mut NetworkDraft, id: &TransitGatewayRouteTableId) {
    for attachment in &mut draft.transit_gateway_attachments {
        let has = match &attachment.association {
            Some(Value::Known(table)) => table == id,
            Some(Value::OneOf(tables, _)) => tables.contains(id),
            Some(Value::Any(_)) | None => false,
        };
        if has {
            attachment.association = Some(Value::Any(hole(format!("routes of {id}"))));
        }
    }
}

fn is_local(route: &Route) -> bool {
    route.target.known() == Some(&Target::Local)
}

fn hole(attribute: String) -> Hole {
    Hole::new(attribute)
}
