//! Edits: what a person can change in a network, as plain data, and the change itself.

use model::{
    AclAction, AclEntry, ActionElement, AttachmentKind, EndpointKind, Exclusion, GroupRule,
    InternetGatewayId, NetworkAclId, NetworkDraft, NetworkInterfaceId, PeeringId, PolicyEffect,
    PolicyText, PrincipalElement, PrincipalPattern, ResourceElement, Route, RouteDestination,
    RouteOrigin, RouteState, RouteTableId, RulePeer, RuleTraffic, SecurityGroupId, Statement,
    SubnetId, Target, TransitGatewayAttachmentId, Value, VpcEndpointId, VpcId,
};

use super::policy_of::PolicyOf;

/// Which of the two lists of a group or an ACL is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Side {
    Inbound,
    Outbound,
}

/// One change of one component.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Edit {
    /// Turn on `enableDnsSupport`.
    EnableDnsSupport(VpcId),
    /// Turn on `enableDnsHostnames`.
    EnableDnsHostnames(VpcId),
    /// Turn on private DNS of an interface endpoint.
    EnablePrivateDns(VpcEndpointId),
    AddGroupRule {
        group: SecurityGroupId,
        side: Side,
        traffic: RuleTraffic,
        peer: RulePeer,
    },
    /// An entry that allows, at a number that is free.
    AddAclEntry {
        acl: NetworkAclId,
        side: Side,
        number: u16,
        traffic: RuleTraffic,
        cidr: model::Cidr,
    },
    /// A static route, in place of the one with the same destination where there is one.
    SetRoute {
        table: RouteTableId,
        destination: RouteDestination,
        target: Target,
    },
    AssociateRouteTable {
        subnet: SubnetId,
        table: RouteTableId,
    },
    AttachInternetGateway {
        gateway: InternetGatewayId,
        vpc: VpcId,
    },
    /// Bring a peering connection into the state `active`.
    AcceptPeering(PeeringId),
    /// Give an attachment of a VPC to a transit gateway a subnet more, in a zone where it has none.
    AttachSubnet {
        attachment: TransitGatewayAttachmentId,
        subnet: SubnetId,
    },
    /// Let an interface send and take packets that are not its own.
    DisableSourceDestinationCheck(NetworkInterfaceId),
    /// Exclude a subnet from VPC Block Public Access, in both directions.
    ExcludeSubnet(SubnetId),
    /// Let a statement of a policy allow this action too; statements by their position.
    AddAction {
        of: PolicyOf,
        statement: usize,
        action: String,
    },
    /// Let it allow this resource too.
    AddResource {
        of: PolicyOf,
        statement: usize,
        resource: String,
    },
    /// A statement that allows these actions on these resources: everybody, or where a resource's policy
    /// says whom, these.
    AddStatement {
        of: PolicyOf,
        callers: Vec<String>,
        actions: Vec<String>,
        resources: Vec<String>,
    },
    /// Take out a statement that denies.
    RemoveStatement { of: PolicyOf, statement: usize },
    /// Take out a rule of a group, by its position.
    RemoveGroupRule {
        group: SecurityGroupId,
        side: Side,
        position: usize,
    },
    /// Take out a route, by its position.
    RemoveRoute {
        table: RouteTableId,
        position: usize,
    },
}

impl Edit {
    /// Changes the draft. An edit of a component that is not there changes nothing, and so is of
    /// no help.
    pub(crate) fn apply(&self, draft: &mut NetworkDraft) {
        match self {
            Edit::EnableDnsSupport(id) => {
                let vpcs = draft.vpcs.iter_mut();
                for vpc in vpcs.filter(|one| one.id == *id) {
                    vpc.dns_support = true;
                }
            }
            Edit::EnableDnsHostnames(id) => {
                let vpcs = draft.vpcs.iter_mut();
                for vpc in vpcs.filter(|one| one.id == *id) {
                    vpc.dns_hostnames = true;
                }
            }
            Edit::EnablePrivateDns(id) => enable_private_dns(draft, id),
            Edit::AddGroupRule {
                group,
                side,
                traffic,
                peer,
            } => {
                let groups = draft.security_groups.iter_mut();
                for one in groups.filter(|one| one.id == *group) {
                    let rules = match side {
                        Side::Inbound => &mut one.ingress,
                        Side::Outbound => &mut one.egress,
                    };
                    rules.push(GroupRule {
                        traffic: traffic.clone(),
                        peer: peer.clone(),
                    });
                }
            }
            Edit::AddAclEntry {
                acl,
                side,
                number,
                traffic,
                cidr,
            } => {
                let acls = draft.network_acls.iter_mut();
                for one in acls.filter(|one| one.id == *acl) {
                    let entries = match side {
                        Side::Inbound => &mut one.ingress,
                        Side::Outbound => &mut one.egress,
                    };
                    entries.push(AclEntry {
                        number: *number,
                        action: AclAction::Allow,
                        traffic: traffic.clone(),
                        cidr: *cidr,
                    });
                }
            }
            Edit::SetRoute {
                table,
                destination,
                target,
            } => set_route(draft, table, destination, target),
            Edit::AssociateRouteTable { subnet, table } => {
                let subnets = draft.subnets.iter_mut();
                for one in subnets.filter(|one| one.id == *subnet) {
                    one.route_table = Some(Value::Known(table.clone()));
                }
            }
            Edit::AttachInternetGateway { gateway, vpc } => {
                let gateways = draft.internet_gateways.iter_mut();
                for one in gateways.filter(|one| one.id == *gateway) {
                    one.vpc = Some(vpc.clone());
                }
            }
            Edit::AcceptPeering(id) => {
                let peerings = draft.peerings.iter_mut();
                for peering in peerings.filter(|one| one.id == *id) {
                    peering.active = true;
                }
            }
            Edit::AttachSubnet { attachment, subnet } => {
                let attachments = draft.transit_gateway_attachments.iter_mut();
                for one in attachments.filter(|one| one.id == *attachment) {
                    match &mut one.kind {
                        AttachmentKind::Vpc { subnets, .. } => {
                            subnets.insert(subnet.clone());
                        }
                        AttachmentKind::Peering { .. }
                        | AttachmentKind::OnPremises { .. }
                        | AttachmentKind::Unmodelled(_) => {}
                    }
                }
            }
            Edit::DisableSourceDestinationCheck(id) => {
                let interfaces = draft.network_interfaces.iter_mut();
                for interface in interfaces.filter(|one| one.id == *id) {
                    interface.source_destination_check = false;
                }
            }
            Edit::ExcludeSubnet(id) => {
                let subnets = draft.subnets.iter_mut();
                for subnet in subnets.filter(|one| one.id == *id) {
                    subnet.exclusion = Some(Exclusion::Bidirectional);
                }
            }
            Edit::AddAction {
                of,
                statement,
                action,
            } => of.change(draft, |policy| {
                let found = policy.statements.get_mut(*statement);
                match found.map(|one| &mut one.action) {
                    Some(ActionElement::Action(actions)) => actions.push(action.clone()),
                    Some(ActionElement::NotAction(_)) | None => {}
                }
            }),
            Edit::AddResource {
                of,
                statement,
                resource,
            } => of.change(draft, |policy| {
                let found = policy.statements.get_mut(*statement);
                match found.map(|one| &mut one.resource) {
                    Some(ResourceElement::Resource(resources)) => {
                        resources.push(PolicyText::Known(resource.clone()));
                    }
                    Some(ResourceElement::NotResource(_)) | None => {}
                }
            }),
            Edit::AddStatement {
                of,
                callers,
                actions,
                resources,
            } => of.change(draft, |policy| {
                let resources = resources.iter().cloned().map(PolicyText::Known);
                let principals = match callers.as_slice() {
                    [] => vec![PrincipalPattern::Everyone],
                    callers => callers.iter().cloned().map(PrincipalPattern::Arn).collect(),
                };
                policy.statements.push(Statement {
                    sid: None,
                    effect: PolicyEffect::Allow,
                    principal: PrincipalElement::Principal(principals),
                    action: ActionElement::Action(actions.clone()),
                    resource: ResourceElement::Resource(resources.collect()),
                    conditions: Vec::new(),
                });
            }),
            Edit::RemoveStatement { of, statement } => of.change(draft, |policy| {
                if *statement < policy.statements.len() {
                    policy.statements.remove(*statement);
                }
            }),
            Edit::RemoveGroupRule {
                group,
                side,
                position,
            } => {
                let groups = draft.security_groups.iter_mut();
                for one in groups.filter(|one| one.id == *group) {
                    let rules = match side {
                        Side::Inbound => &mut one.ingress,
                        Side::Outbound => &mut one.egress,
                    };
                    if *position < rules.len() {
                        rules.remove(*position);
                    }
                }
            }
            Edit::RemoveRoute { table, position } => {
                let tables = draft.route_tables.iter_mut();
                for one in tables.filter(|one| one.id == *table) {
                    if *position < one.routes.len() {
                        one.routes.remove(*position);
                    }
                }
            }
        }
    }
}

fn enable_private_dns(draft: &mut NetworkDraft, id: &VpcEndpointId) {
    let endpoints = draft.vpc_endpoints.iter_mut();
    for endpoint in endpoints.filter(|one| one.id == *id) {
        match &mut endpoint.kind {
            EndpointKind::Interface { private_dns, .. } => *private_dns = true,
            EndpointKind::Gateway { .. }
            | EndpointKind::GatewayLoadBalancer { .. }
            | EndpointKind::Unmodelled(_) => {}
        }
    }
}

fn set_route(
    draft: &mut NetworkDraft,
    table: &RouteTableId,
    destination: &RouteDestination,
    target: &Target,
) {
    let tables = draft.route_tables.iter_mut();
    for one in tables.filter(|one| one.id == *table) {
        let is_replaced = |route: &Route| {
            route.origin == RouteOrigin::Static && route.destination.known() == Some(destination)
        };
        let route = Route {
            destination: Value::Known(destination.clone()),
            target: Value::Known(target.clone()),
            origin: RouteOrigin::Static,
            state: RouteState::Active,
        };
        match one.routes.iter_mut().find(|route| is_replaced(route)) {
            Some(replaced) => *replaced = route,
            None => one.routes.push(route),
        }
    }
}
