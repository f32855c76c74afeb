//! Small networks, and flows written as in `semantics/`.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    AclAction, AclEntry, Address, AddressValue, Attachment, AttachmentKind, AuthorizationRule,
    BlockPublicAccess, Cidr, ClientVpnEndpoint, ClientVpnRoute, DirectConnectAssociation,
    Disposition, DnsFirewallAction, DnsFirewallRule, DnsRecord, DnsTarget, EndpointKind,
    EndpointService, Engine, Family, Flow, GroupRule, Hole, HostedZone, InterfaceAddress,
    InternetGateway, Listener, ListenerProtocol, LoadBalancer, LoadBalancerKind, Middlebox,
    NatGateway, Network, NetworkAcl, NetworkDraft, NetworkInterface, OnPremisesGateway,
    OnPremisesService, Outcome, Packet, Peering, PeeringEnd, Policy, PolicyEffect, PrefixList,
    PrincipalElement, PrincipalPattern, RegisteredTarget, ResolverAction, ResolverRule, Route,
    RouteDestination, RouteOrigin, RouteState, RouteTable, RulePeer, RulePorts, RuleTraffic,
    SecurityGroup, Source, Statement, Subnet, Target, TargetDestination, TargetGroup,
    TransitGateway, TransitGatewayAttachment, TransitGatewayRoute, TransitGatewayRouteTable,
    Transport, Value, VirtualPrivateGateway, Vpc, VpcEndpoint, VpcId,
};

use crate::Evaluator;

pub fn cidr(text: &str) -> Cidr {
    text.parse().expect(text)
}

pub fn address(text: &str) -> Address {
    text.parse::<std::net::IpAddr>().expect(text).into()
}

pub fn tcp(from: u16, to: u16) -> RuleTraffic {
    RuleTraffic::Tcp(RulePorts { from, to })
}

pub fn rule(traffic: RuleTraffic, peer: RulePeer) -> GroupRule {
    GroupRule { traffic, peer }
}

pub fn from_cidr(traffic: RuleTraffic, block: &str) -> GroupRule {
    rule(traffic, RulePeer::Cidr(cidr(block)))
}

pub fn entry(number: u16, action: AclAction, traffic: RuleTraffic, block: &str) -> AclEntry {
    AclEntry {
        number,
        action,
        traffic,
        cidr: cidr(block),
    }
}

pub fn allow(number: u16, traffic: RuleTraffic, block: &str) -> AclEntry {
    entry(number, AclAction::Allow, traffic, block)
}

pub fn deny(number: u16, traffic: RuleTraffic, block: &str) -> AclEntry {
    entry(number, AclAction::Deny, traffic, block)
}

/// A network in the making. Each VPC `v` has a main table `v`, an ACL `v` and a group `v`, of
/// which the latter two allow everything.
#[derive(Clone, Default)]
pub struct Lab {
    pub draft: NetworkDraft,
}

impl Lab {
    pub fn vpc(mut self, id: &str, blocks: &[&str]) -> Self {
        let cidrs: Vec<_> = blocks.iter().map(|block| cidr(block)).collect();
        let local = |cidr: &Cidr| Route {
            destination: Value::Known(RouteDestination::Cidr(*cidr)),
            target: Value::Known(Target::Local),
            origin: RouteOrigin::Static,
            state: RouteState::Active,
        };
        self.draft.route_tables.push(RouteTable {
            id: id.into(),
            vpc: id.into(),
            routes: cidrs.iter().map(local).collect(),
            tags: BTreeMap::new(),
        });
        let everything = || {
            let v4 = allow(1, RuleTraffic::All, "0.0.0.0/0");
            vec![v4, allow(2, RuleTraffic::All, "::/0")]
        };
        self.draft.network_acls.push(NetworkAcl {
            id: id.into(),
            vpc: id.into(),
            ingress: everything(),
            egress: everything(),
            tags: BTreeMap::new(),
        });
        let any = || {
            let v4 = from_cidr(RuleTraffic::All, "0.0.0.0/0");
            vec![v4, from_cidr(RuleTraffic::All, "::/0")]
        };
        self.draft.vpcs.push(Vpc {
            id: id.into(),
            region: "ap-northeast-1".into(),
            account: None,
            cidrs,
            main_route_table: id.into(),
            dns_support: true,
            dns_hostnames: true,
            custom_dns_servers: false,
            inbound_resolver: model::InboundResolver::Unknown,
            block_public_access: Value::Known(BlockPublicAccess::Off),
            exclusion: None,
            dns_firewall: Vec::new(),
            tags: BTreeMap::new(),
        });
        self.group(id, id, any(), any())
    }

    pub fn group(
        mut self,
        id: &str,
        vpc: &str,
        ingress: Vec<GroupRule>,
        egress: Vec<GroupRule>,
    ) -> Self {
        self.draft.security_groups.push(SecurityGroup {
            id: id.into(),
            vpc: vpc.into(),
            name: id.into(),
            ingress,
            egress,
            tags: BTreeMap::new(),
        });
        self
    }

    pub fn subnet(mut self, id: &str, vpc: &str, blocks: &[&str]) -> Self {
        self.draft.subnets.push(Subnet {
            id: id.into(),
            vpc: vpc.into(),
            cidrs: blocks.iter().map(|block| cidr(block)).collect(),
            zone: None,
            zone_id: None,
            dns64: false,
            exclusion: None,
            route_table: None,
            network_acl: Value::Known(vpc.into()),
            tags: BTreeMap::new(),
        });
        self
    }

    /// Addresses are written `10.0.0.1` or `10.0.0.1=203.0.113.1` with a public one, and a block
    /// stands for an open address.
    pub fn interface(mut self, id: &str, subnet: &str, group: &str, addresses: &[&str]) -> Self {
        let hole = |text: &str| Hole::new(format!("{id} in {text}"));
        let value = |text: &str| match text.parse() {
            Ok(block) => AddressValue::Within(block, hole(text)),
            Err(_) => AddressValue::Known(address(text)),
        };
        let addresses = addresses.iter().map(|text| match text.split_once('=') {
            Some((private, public)) => InterfaceAddress {
                private: value(private),
                public: Some(value(public)),
            },
            None => InterfaceAddress {
                private: value(text),
                public: None,
            },
        });
        self.draft.network_interfaces.push(NetworkInterface {
            id: id.into(),
            subnet: subnet.into(),
            addresses: addresses.collect(),
            groups: Value::Known(BTreeSet::from([group.into()])),
            source_destination_check: true,
            middlebox: Middlebox::Unknown,
            attachment: Attachment::Ordinary { instance: None },
            tags: BTreeMap::new(),
        });
        self
    }

    pub fn route(self, table: &str, destination: &str, target: Target) -> Self {
        let destination = RouteDestination::Cidr(cidr(destination));
        self.route_of(table, Value::Known(destination), Value::Known(target))
    }

    pub fn route_of(
        mut self,
        table: &str,
        destination: Value<RouteDestination>,
        target: Value<Target>,
    ) -> Self {
        let route = Route {
            destination,
            target,
            origin: RouteOrigin::Static,
            state: RouteState::Active,
        };
        self.table_mut(table).routes.push(route);
        self
    }

    pub fn table(mut self, id: &str, vpc: &str, subnets: &[&str]) -> Self {
        let mut table = self.table_mut(vpc).clone();
        table.id = id.into();
        table
            .routes
            .retain(|route| route.target == Value::Known(Target::Local));
        self.draft.route_tables.push(table);
        for subnet in &mut self.draft.subnets {
            if subnets.contains(&subnet.id.as_str()) {
                subnet.route_table = Some(Value::Known(id.into()));
            }
        }
        self
    }

    pub fn table_mut(&mut self, id: &str) -> &mut RouteTable {
        let mut tables = self.draft.route_tables.iter_mut();
        tables.find(|table| table.id.as_str() == id).expect(id)
    }

    pub fn acl(
        mut self,
        id: &str,
        vpc: &str,
        subnets: &[&str],
        ingress: Vec<AclEntry>,
        egress: Vec<AclEntry>,
    ) -> Self {
        self.draft.network_acls.push(NetworkAcl {
            id: id.into(),
            vpc: vpc.into(),
            ingress,
            egress,
            tags: BTreeMap::new(),
        });
        for subnet in &mut self.draft.subnets {
            if subnets.contains(&subnet.id.as_str()) {
                subnet.network_acl = Value::Known(id.into());
            }
        }
        self
    }

    pub fn list(mut self, id: &str, aws_managed: bool, entries: Option<&[&str]>) -> Self {
        let name = match aws_managed {
            true => format!("com.amazonaws.ap-northeast-1.{id}"),
            false => id.to_owned(),
        };
        self.draft.prefix_lists.push(PrefixList {
            id: id.into(),
            name,
            family: Family::V4,
            aws_managed,
            entries: match entries {
                Some(entries) => Value::Known(entries.iter().map(|entry| cidr(entry)).collect()),
                None => Value::Any(Hole::new(format!("entries of {id}"))),
            },
        });
        self
    }

    pub fn internet_gateway(mut self, id: &str, vpc: Option<&str>) -> Self {
        self.draft.internet_gateways.push(InternetGateway {
            id: id.into(),
            vpc: vpc.map(Into::into),
            edge_route_table: None,
            tags: BTreeMap::new(),
        });
        self
    }

    /// The table `id` of a VPC as the edge table of a gateway.
    pub fn edge_table(self, gateway: &str, id: &str, vpc: &str) -> Self {
        let mut lab = self.table(id, vpc, &[]);
        let mut gateways = lab.draft.internet_gateways.iter_mut();
        let found = gateways.find(|found| found.id.as_str() == gateway);
        found.expect(gateway).edge_route_table = Some(id.into());
        lab
    }

    /// An interface whose check is off, as the target of routes.
    pub fn appliance(
        self,
        id: &str,
        subnet: &str,
        group: &str,
        addresses: &[&str],
        middlebox: Middlebox,
    ) -> Self {
        let mut lab = self.interface(id, subnet, group, addresses);
        let interface = lab.interface_mut(id);
        interface.source_destination_check = false;
        interface.middlebox = middlebox;
        lab
    }

    pub fn gateway_load_balancer_endpoint(
        mut self,
        id: &str,
        vpc: &str,
        subnet: &str,
        middlebox: Middlebox,
    ) -> Self {
        self.draft.vpc_endpoints.push(VpcEndpoint {
            id: id.into(),
            vpc: vpc.into(),
            service: "com.amazonaws.vpce.ap-northeast-1.vpce-svc-0".into(),
            available: true,
            kind: EndpointKind::GatewayLoadBalancer {
                subnet: subnet.into(),
                middlebox,
            },
            policy: Value::Known(allow_everything()),
            tags: BTreeMap::new(),
        });
        self
    }

    pub fn zone(mut self, subnet: &str, name: &str) -> Self {
        let mut subnets = self.draft.subnets.iter_mut();
        let found = subnets.find(|found| found.id.as_str() == subnet);
        found.expect(subnet).zone = Some(name.into());
        self
    }

    /// A transit gateway `id` with a table `id`.
    pub fn transit_gateway(mut self, id: &str) -> Self {
        self.draft.transit_gateways.push(TransitGateway {
            id: id.into(),
            security_group_referencing: false,
            tags: BTreeMap::new(),
        });
        self.transit_table(id, id)
    }

    pub fn transit_table(mut self, id: &str, gateway: &str) -> Self {
        let table = TransitGatewayRouteTable {
            id: id.into(),
            gateway: gateway.into(),
            routes: Vec::new(),
            propagations: BTreeSet::new(),
            tags: BTreeMap::new(),
        };
        self.draft.transit_gateway_route_tables.push(table);
        self
    }

    /// An attachment that is associated with the gateway's own table.
    fn attachment(mut self, id: &str, gateway: &str, kind: AttachmentKind) -> Self {
        let attachment = TransitGatewayAttachment {
            id: id.into(),
            gateway: gateway.into(),
            available: true,
            kind,
            association: Some(Value::Known(gateway.into())),
            tags: BTreeMap::new(),
        };
        self.draft.transit_gateway_attachments.push(attachment);
        self
    }

    /// Attaches a VPC, and propagates it to the gateway's own table.
    pub fn attach(self, id: &str, gateway: &str, vpc: &str, subnets: &[&str]) -> Self {
        let kind = AttachmentKind::Vpc {
            vpc: vpc.into(),
            subnets: subnets.iter().map(|id| (*id).into()).collect(),
            appliance_mode: false,
            ipv6_support: false,
            security_group_referencing: false,
        };
        self.attachment(id, gateway, kind).propagate(id, gateway)
    }

    pub fn propagate(mut self, id: &str, table: &str) -> Self {
        self.transit_table_mut(table).propagations.insert(id.into());
        self
    }

    /// Attaches something that is not modelled.
    pub fn attach_unmodelled(self, id: &str, gateway: &str) -> Self {
        self.attachment(id, gateway, AttachmentKind::Unmodelled("vpn".into()))
    }

    /// Attaches a network on premises, and propagates it to the gateway's own table. Its blocks
    /// are not known when there are none.
    pub fn attach_on_premises(
        self,
        id: &str,
        gateway: &str,
        service: OnPremisesService,
        blocks: &[&str],
    ) -> Self {
        let prefixes = on_premises_blocks(id, blocks);
        let kind = AttachmentKind::OnPremises { service, prefixes };
        self.attachment(id, gateway, kind).propagate(id, gateway)
    }

    /// A virtual private gateway; its blocks are not known when there are none.
    pub fn virtual_private_gateway(mut self, id: &str, vpc: Option<&str>, blocks: &[&str]) -> Self {
        let gateway = VirtualPrivateGateway {
            id: id.into(),
            vpc: vpc.map(Into::into),
            edge_route_table: None,
            prefixes: on_premises_blocks(id, blocks),
            tags: BTreeMap::new(),
        };
        self.draft.virtual_private_gateways.push(gateway);
        self
    }

    /// What a Direct Connect gateway advertises to the premises beyond a gateway; the allowed
    /// prefixes are not known when there are none.
    pub fn association(
        mut self,
        id: &str,
        gateway: OnPremisesGateway,
        allowed_prefixes: &[&str],
    ) -> Self {
        let association = DirectConnectAssociation {
            id: id.into(),
            gateway,
            allowed_prefixes: match allowed_prefixes {
                [] => Value::Any(Hole::new(format!("allowed prefixes of {id}"))),
                _ => Value::Known(allowed_prefixes.iter().map(|block| cidr(block)).collect()),
            },
            other_ways: false,
            tags: BTreeMap::new(),
        };
        self.draft.direct_connect_associations.push(association);
        self
    }

    pub fn association_mut(&mut self, id: &str) -> &mut DirectConnectAssociation {
        let mut found = self.draft.direct_connect_associations.iter_mut();
        found.find(|one| one.id.as_str() == id).expect(id)
    }

    /// A Client VPN endpoint `id` with rules like `10.0.0.0/8 all`, `10.0.0.0/8 admins`, and
    /// routes like `10.0.0.0/8 subnet`, `10.0.0.0/8 local`.
    pub fn client_vpn(
        mut self,
        id: &str,
        interfaces: &[&str],
        rules: &[&str],
        routes: &[&str],
    ) -> Self {
        for interface in interfaces {
            let attachment = Attachment::Other("client_vpn_endpoint".to_owned());
            self.interface_mut(interface).attachment = attachment;
        }
        let rule = |text: &&str| {
            let (block, group) = text.split_once(' ').expect(text);
            AuthorizationRule {
                destination: cidr(block),
                group: Some(group.to_owned()).filter(|group| group != "all"),
            }
        };
        let route = |text: &&str| {
            let (block, target) = text.split_once(' ').expect(text);
            ClientVpnRoute {
                destination: cidr(block),
                subnet: (target != "local").then(|| target.into()),
            }
        };
        self.draft.client_vpn_endpoints.push(ClientVpnEndpoint {
            id: id.into(),
            interfaces: interfaces.iter().map(|id| (*id).into()).collect(),
            authorization_rules: Value::Known(rules.iter().map(rule).collect()),
            routes: Value::Known(routes.iter().map(route).collect()),
            tags: BTreeMap::new(),
        });
        self
    }

    pub fn client_vpn_mut(&mut self, id: &str) -> &mut ClientVpnEndpoint {
        let mut found = self.draft.client_vpn_endpoints.iter_mut();
        found.find(|one| one.id.as_str() == id).expect(id)
    }

    pub fn virtual_private_mut(&mut self, id: &str) -> &mut VirtualPrivateGateway {
        let mut gateways = self.draft.virtual_private_gateways.iter_mut();
        gateways.find(|found| found.id.as_str() == id).expect(id)
    }

    /// Peers two transit gateways by an attachment of each.
    pub fn peer_transit(self, one: (&str, &str), other: (&str, &str)) -> Self {
        let end = |id: &str| AttachmentKind::Peering {
            other: Some(id.into()),
        };
        let lab = self.attachment(one.0, one.1, end(other.0));
        lab.attachment(other.0, other.1, end(one.0))
    }

    /// A static route of a transit gateway's table; `None` is a blackhole.
    pub fn transit_route(self, table: &str, block: &str, attachment: Option<&str>) -> Self {
        self.transit_route_of(table, RouteDestination::Cidr(cidr(block)), attachment)
    }

    pub fn transit_route_of(
        mut self,
        table: &str,
        destination: RouteDestination,
        attachment: Option<&str>,
    ) -> Self {
        let target = attachment.map(Into::into);
        let route = TransitGatewayRoute {
            destination,
            target,
        };
        self.transit_table_mut(table).routes.push(route);
        self
    }

    pub fn transit_table_mut(&mut self, id: &str) -> &mut TransitGatewayRouteTable {
        let mut tables = self.draft.transit_gateway_route_tables.iter_mut();
        tables.find(|table| table.id.as_str() == id).expect(id)
    }

    pub fn attachment_mut(&mut self, id: &str) -> &mut TransitGatewayAttachment {
        let mut attachments = self.draft.transit_gateway_attachments.iter_mut();
        attachments.find(|found| found.id.as_str() == id).expect(id)
    }

    /// A NAT gateway `id` with an interface `id`.
    pub fn nat_gateway(self, id: &str, subnet: &str, group: &str, addresses: &[&str]) -> Self {
        let mut lab = self.interface(id, subnet, group, addresses);
        lab.interface_mut(id).attachment = Attachment::NatGateway(id.into());
        lab.draft.nat_gateways.push(NatGateway {
            id: id.into(),
            subnet: subnet.into(),
            interface: id.into(),
            available: true,
            tags: BTreeMap::new(),
        });
        lab
    }

    pub fn peering(mut self, id: &str, requester: &str, accepter: &str) -> Self {
        let known = |id: &str| self.draft.vpcs.iter().any(|vpc| vpc.id.as_str() == id);
        let end = |id: &str| match known(id) {
            true => PeeringEnd::Vpc(id.into()),
            false => PeeringEnd::Outside(id.into()),
        };
        let peering = Peering {
            id: id.into(),
            requester: end(requester),
            accepter: end(accepter),
            active: true,
            tags: BTreeMap::new(),
        };
        self.draft.peerings.push(peering);
        self
    }

    pub fn gateway_endpoint(mut self, id: &str, vpc: &str, list: &str) -> Self {
        self.draft.vpc_endpoints.push(VpcEndpoint {
            id: id.into(),
            vpc: vpc.into(),
            service: "com.amazonaws.ap-northeast-1.s3".into(),
            available: true,
            kind: EndpointKind::Gateway {
                prefix_lists: BTreeSet::from([list.into()]),
            },
            policy: Value::Known(allow_everything()),
            tags: BTreeMap::new(),
        });
        self
    }

    /// An interface endpoint `id` with an interface `id`.
    pub fn interface_endpoint(self, id: &str, vpc: &str, subnet: &str, address: &str) -> Self {
        let mut lab = self.interface(id, subnet, vpc, &[address]);
        lab.interface_mut(id).attachment = Attachment::VpcEndpoint(id.into());
        lab.draft.vpc_endpoints.push(VpcEndpoint {
            id: id.into(),
            vpc: vpc.into(),
            service: "com.amazonaws.ap-northeast-1.sqs".into(),
            available: true,
            kind: EndpointKind::Interface {
                interfaces: BTreeSet::from([id.into()]),
                private_dns: true,
                private_dns_inbound_only: false,
                private_names: BTreeSet::from(["sqs.ap-northeast-1.amazonaws.com".to_owned()]),
                specific_names: Value::Known(BTreeSet::new()),
            },
            policy: Value::Known(allow_everything()),
            tags: BTreeMap::new(),
        });
        lab
    }

    /// A load balancer `id` with a node `id-s` for every subnet `s`, its group and its address;
    /// without a group when that is empty.
    pub fn load_balancer(
        self,
        id: &str,
        kind: LoadBalancerKind,
        nodes: &[(&str, &str, &str)],
    ) -> Self {
        let mut lab = self;
        let mut interfaces = BTreeSet::new();
        for (subnet, group, address) in nodes {
            let node = format!("{id}-{subnet}");
            lab = lab.interface(&node, subnet, group, &[address]);
            let interface = lab.interface_mut(&node);
            interface.attachment = Attachment::LoadBalancer(id.into());
            if group.is_empty() {
                interface.groups = Value::Known(BTreeSet::new());
            }
            interfaces.insert(node.as_str().into());
        }
        lab.draft.load_balancers.push(LoadBalancer {
            name: None,
            id: id.into(),
            kind,
            interfaces,
            listeners: Value::Known(Vec::new()),
            private_link_ingress: true,
            tags: BTreeMap::new(),
        });
        lab
    }

    pub fn load_balancer_mut(&mut self, id: &str) -> &mut LoadBalancer {
        let mut found = self.draft.load_balancers.iter_mut();
        found.find(|one| one.id.as_str() == id).expect(id)
    }

    /// A listener of both protocols, or of TCP alone at an Application Load Balancer.
    pub fn listener(mut self, load_balancer: &str, port: u16, groups: &[&str]) -> Self {
        let found = self.load_balancer_mut(load_balancer);
        let listener = Listener {
            protocol: match found.kind {
                LoadBalancerKind::Application => ListenerProtocol::Tcp,
                LoadBalancerKind::Network => ListenerProtocol::TcpUdp,
            },
            port,
            target_groups: groups.iter().map(|id| (*id).into()).collect(),
        };
        if let Value::Known(listeners) = &mut found.listeners {
            listeners.push(listener);
        }
        self
    }

    /// A cross-zone group with targets like `x:80`, `10.0.1.9:80`, `lb alb:80`.
    pub fn target_group(mut self, id: &str, family: Family, targets: &[&str]) -> Self {
        let target = |text: &&str| {
            let (to, port) = text.rsplit_once(':').expect(text);
            let destination = match (to.strip_prefix("lb "), to.parse::<std::net::IpAddr>()) {
                (Some(id), _) => TargetDestination::LoadBalancer(id.into()),
                (None, Ok(address)) => TargetDestination::Address(address.into()),
                (None, Err(_)) => TargetDestination::Interface(to.into()),
            };
            RegisteredTarget {
                destination,
                port: port.parse().expect(text),
            }
        };
        self.draft.target_groups.push(TargetGroup {
            id: id.into(),
            family,
            preserve_client_address: false,
            cross_zone: true,
            targets: Value::Known(targets.iter().map(target).collect()),
            tags: BTreeMap::new(),
        });
        self
    }

    pub fn target_group_mut(&mut self, id: &str) -> &mut TargetGroup {
        let mut found = self.draft.target_groups.iter_mut();
        found.find(|one| one.id.as_str() == id).expect(id)
    }

    /// An endpoint service named as itself.
    pub fn endpoint_service(mut self, id: &str, load_balancers: &[&str]) -> Self {
        self.draft.endpoint_services.push(EndpointService {
            id: id.into(),
            name: id.into(),
            load_balancers: load_balancers.iter().map(|id| (*id).into()).collect(),
            allowed_principals: Value::Known(BTreeSet::new()),
            acceptance_required: Value::Known(true),
            tags: BTreeMap::new(),
        });
        self
    }

    /// A hosted zone `z` named `z` with records like `db.z -> 10.0.1.5`, `api.z -> endpoint e`,
    /// `www.z -> name db.z`, `lb.z -> other load-balancer`.
    pub fn hosted_zone(mut self, name: &str, vpcs: &[&str], records: &[&str]) -> Self {
        let record = |text: &&str| {
            let (name, target) = text.split_once(" -> ").expect(text);
            let target = match target.split_once(' ') {
                None => DnsTarget::Addresses(BTreeSet::from([address(target)])),
                Some(("endpoint", id)) => DnsTarget::Endpoint(id.into()),
                Some(("name", name)) => DnsTarget::Name(name.into()),
                Some((_, what)) => DnsTarget::Unmodelled(what.into()),
            };
            DnsRecord {
                name: name.into(),
                target,
            }
        };
        self.draft.hosted_zones.push(HostedZone {
            id: name.into(),
            name: name.into(),
            vpcs: vpcs.iter().map(|id| VpcId::from(*id)).collect(),
            records: Value::Known(records.iter().map(record).collect()),
            tags: BTreeMap::new(),
        });
        self
    }

    /// A resolver rule named as its domain.
    pub fn rule(mut self, domain: &str, action: ResolverAction, vpcs: &[&str]) -> Self {
        self.draft.resolver_rules.push(ResolverRule {
            id: format!("rule-{domain}").as_str().into(),
            domain: domain.into(),
            action,
            vpcs: vpcs.iter().map(|id| VpcId::from(*id)).collect(),
            tags: BTreeMap::new(),
        });
        self
    }

    /// A rule of DNS Firewall; its domains are not known when there are none.
    pub fn firewall(mut self, action: DnsFirewallAction, domains: &[&str]) -> Self {
        let domains = if domains.is_empty() {
            Value::Any(Hole::new("domains"))
        } else {
            Value::Known(domains.iter().map(|&domain| domain.to_owned()).collect())
        };
        let rule = DnsFirewallRule { domains, action };
        self.draft.vpcs[0].dns_firewall.push(rule);
        self
    }

    pub fn endpoint_mut(&mut self, id: &str) -> &mut VpcEndpoint {
        let mut endpoints = self.draft.vpc_endpoints.iter_mut();
        endpoints
            .find(|endpoint| endpoint.id.as_str() == id)
            .expect(id)
    }

    pub fn interface_mut(&mut self, id: &str) -> &mut NetworkInterface {
        let mut interfaces = self.draft.network_interfaces.iter_mut();
        interfaces
            .find(|interface| interface.id.as_str() == id)
            .expect(id)
    }

    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    pub fn network(&self) -> Network {
        self.draft.clone().validate().expect("a valid network")
    }

    pub fn load(&self) -> Evaluator {
        Evaluator::load(&self.network())
    }

    /// Asserts one line as in the examples of `semantics/`.
    #[track_caller]
    pub fn expect(&self, line: &str) {
        let (flow, expected) = line.split_once("=>").expect(line);
        let flow = read_flow(flow);
        let evaluator = self.load();
        let trace = evaluator.trace(&flow);
        assert_eq!(
            evaluator.decide(&flow),
            trace.decision,
            "decide and trace differ"
        );
        let mut told = outcome(&trace.decision.forward);
        if let Some(reply) = trace
            .decision
            .reply
            .as_ref()
            .filter(|_| expected.contains(';'))
        {
            told = format!("{told}; reply {}", outcome(reply));
        }
        let expected = expected.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(told, expected, "{flow}\n{trace:#?}");
    }

    /// Asserts that a clause stands among the steps.
    #[track_caller]
    pub fn passes(&self, flow: &str, clause: model::Clause) {
        let trace = self.load().trace(&read_flow(flow));
        let mut steps = trace.forward.iter().chain(&trace.reply);
        assert!(steps.any(|hop| hop.clause == clause), "{trace:#?}");
    }
}

fn outcome(outcome: &Outcome) -> String {
    assert_eq!(
        outcome.arrival.is_some(),
        outcome.disposition == Disposition::Delivered
    );
    format!("{} {}", outcome.disposition, outcome.clause)
}

pub fn allow_everything() -> Policy {
    Policy {
        statements: vec![statement(PolicyEffect::Allow, "*", "*")],
        variables: true,
    }
}

pub fn statement(effect: PolicyEffect, action: &str, resource: &str) -> Statement {
    Statement {
        sid: None,
        effect,
        principal: PrincipalElement::Principal(vec![PrincipalPattern::Everyone]),
        action: model::ActionElement::Action(vec![action.into()]),
        resource: model::ResourceElement::Resource(vec![resource.into()]),
        conditions: Vec::new(),
    }
}

fn on_premises_blocks(id: &str, blocks: &[&str]) -> Value<BTreeSet<Cidr>> {
    match blocks {
        [] => Value::Any(Hole::new(format!("blocks beyond {id}"))),
        _ => Value::Known(blocks.iter().map(|block| cidr(block)).collect()),
    }
}

/// `x 10.0.0.1 -> 10.0.0.2 tcp/443`, perhaps with ` pick 1.2` behind it; hosts on premises are `beyond:g`, by a virtual private
/// gateway, and `over:b`, by an attachment.
pub fn read_flow(text: &str) -> Flow {
    let (text, picks) = text.split_once(" pick ").unwrap_or((text, ""));
    let picks = picks
        .split('.')
        .map(str::trim)
        .filter(|one| !one.is_empty());
    let words: Vec<_> = text.split_whitespace().collect();
    let [sender, source, "->", destination, traffic] = words[..] else {
        panic!("not a flow: {text}");
    };
    let transport = read_transport(traffic);
    Flow {
        source: match sender {
            "internet" => Source::Internet,
            id => match id.split_once(':') {
                Some(("beyond", id)) => {
                    Source::OnPremises(OnPremisesGateway::VirtualPrivate(id.into()))
                }
                Some((_, id)) => Source::OnPremises(OnPremisesGateway::Transit(id.into())),
                None => Source::Interface(id.into()),
            },
        },
        packet: Packet::new(address(source), address(destination), transport).expect(text),
        picks: picks.map(|pick| pick.parse().expect(text)).collect(),
    }
}

fn read_transport(text: &str) -> Transport {
    let number = |text: &str| text.parse::<u16>().expect(text);
    let byte = |text: &str| text.parse::<u8>().expect(text);
    let words: Vec<_> = text.split('/').collect();
    let ports = |ports: &str| match ports.split_once('>') {
        Some((source, destination)) => (number(source), number(destination)),
        None => (40000, number(ports)),
    };
    match words[..] {
        ["tcp", both] => Transport::Tcp {
            source_port: ports(both).0,
            destination_port: ports(both).1,
        },
        ["udp", both] => Transport::Udp {
            source_port: ports(both).0,
            destination_port: ports(both).1,
        },
        ["icmp", icmp_type, code] => Transport::Icmp {
            icmp_type: byte(icmp_type),
            code: byte(code),
        },
        ["icmpv6", icmp_type, code] => Transport::Icmpv6 {
            icmp_type: byte(icmp_type),
            code: byte(code),
        },
        ["protocol", number] => Transport::other(byte(number)).expect(text),
        _ => panic!("not a transport: {text}"),
    }
}
