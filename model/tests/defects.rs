//! Each defect: a valid draft with one thing broken has that defect, and no other.
#![cfg(test)]

use std::collections::BTreeSet;

use model::*;

fn cidr(text: &str) -> Cidr {
    text.parse().unwrap()
}

fn address(text: &str) -> Address {
    text.parse::<std::net::IpAddr>().unwrap().into()
}

fn route(destination: RouteDestination, target: Target) -> Route {
    Route {
        destination: Value::Known(destination),
        target: Value::Known(target),
        origin: RouteOrigin::Static,
        state: RouteState::Active,
    }
}

fn to(block: &str, target: Target) -> Route {
    route(RouteDestination::Cidr(cidr(block)), target)
}

const ACCOUNT: &str = "111122223333";

fn principal(service: &str, path: &str) -> IamPrincipal {
    IamPrincipal {
        id: format!("arn:aws:{service}::{ACCOUNT}:{path}")
            .as_str()
            .into(),
        identity_policies: Vec::new(),
        permissions_boundary: None,
        session_policies: Vec::new(),
    }
}

fn vpc(id: &str, blocks: &[&str]) -> (Vpc, RouteTable, NetworkAcl) {
    let table = format!("{id}-table");
    let cidrs: Vec<_> = blocks.iter().map(|block| cidr(block)).collect();
    let vpc = Vpc {
        id: id.into(),
        region: "us-east-1".into(),
        account: None,
        cidrs,
        main_route_table: table.as_str().into(),
        dns_support: true,
        dns_hostnames: true,
        custom_dns_servers: false,
        inbound_resolver: model::InboundResolver::Unknown,
        block_public_access: Value::Known(BlockPublicAccess::Off),
        exclusion: None,
        dns_firewall: Vec::new(),
        tags: Tags::new(),
    };
    let table = RouteTable {
        id: table.as_str().into(),
        vpc: id.into(),
        routes: blocks
            .iter()
            .map(|block| to(block, Target::Local))
            .collect(),
        tags: Tags::new(),
    };
    let acl = NetworkAcl {
        id: format!("{id}-acl").as_str().into(),
        vpc: id.into(),
        ingress: vec![entry(100), entry(110)],
        egress: vec![entry(100)],
        tags: Tags::new(),
    };
    (vpc, table, acl)
}

fn entry(number: u16) -> AclEntry {
    AclEntry {
        number,
        action: AclAction::Allow,
        traffic: RuleTraffic::All,
        cidr: cidr("0.0.0.0/0"),
    }
}

fn node(load_balancer: &str) -> Attachment {
    Attachment::LoadBalancer(load_balancer.into())
}

fn load_balancer(id: &str, kind: LoadBalancerKind, interface: &str, group: &str) -> LoadBalancer {
    LoadBalancer {
        id: id.into(),
        kind,
        interfaces: BTreeSet::from([interface.into()]),
        name: None,
        listeners: Value::Known(vec![Listener {
            protocol: ListenerProtocol::Tcp,
            port: 443,
            target_groups: BTreeSet::from([group.into()]),
        }]),
        private_link_ingress: true,
        tags: Tags::new(),
    }
}

fn target_group(id: &str, destination: TargetDestination) -> TargetGroup {
    TargetGroup {
        id: id.into(),
        family: Family::V4,
        preserve_client_address: false,
        cross_zone: true,
        targets: Value::Known(vec![RegisteredTarget {
            destination,
            port: 8080,
        }]),
        tags: Tags::new(),
    }
}

fn listener(draft: &mut NetworkDraft) -> &mut Vec<Listener> {
    let Value::Known(listeners) = &mut draft.load_balancers[0].listeners else {
        panic!("they are known");
    };
    listeners
}

fn subnet(id: &str, vpc: &str, block: &str) -> Subnet {
    Subnet {
        id: id.into(),
        vpc: vpc.into(),
        cidrs: vec![cidr(block)],
        zone: None,
        zone_id: None,
        dns64: false,
        exclusion: None,
        route_table: None,
        network_acl: Value::Known(format!("{vpc}-acl").as_str().into()),
        tags: Tags::new(),
    }
}

fn interface(id: &str, subnet: &str, private: &str, attachment: Attachment) -> NetworkInterface {
    NetworkInterface {
        id: id.into(),
        subnet: subnet.into(),
        addresses: vec![InterfaceAddress {
            private: AddressValue::Known(address(private)),
            public: None,
        }],
        groups: Value::Known(BTreeSet::from(["group".into()])),
        middlebox: Middlebox::Unknown,
        source_destination_check: true,
        attachment,
        tags: Tags::new(),
    }
}

fn ordinary() -> Attachment {
    Attachment::Ordinary { instance: None }
}

fn transit_gateway(id: &str) -> TransitGateway {
    TransitGateway {
        id: id.into(),
        security_group_referencing: false,
        tags: Tags::new(),
    }
}

fn attachment(id: &str, gateway: &str, kind: AttachmentKind) -> TransitGatewayAttachment {
    TransitGatewayAttachment {
        id: id.into(),
        gateway: gateway.into(),
        available: true,
        kind,
        association: None,
        tags: Tags::new(),
    }
}

fn peered(other: &str) -> AttachmentKind {
    AttachmentKind::Peering {
        other: Some(other.into()),
    }
}

/// Two peered VPCs with one of everything.
fn valid() -> NetworkDraft {
    let (main, mut main_table, main_acl) = vpc("main", &["10.0.0.0/16", "2001:db8::/56"]);
    let (other, other_table, other_acl) = vpc("other", &["10.1.0.0/16", "2001:db8:1::/56"]);
    main_table.routes.extend([
        to("0.0.0.0/0", Target::NatGateway("nat".into())),
        to("10.1.0.0/16", Target::Peering("pcx".into())),
        to("192.0.2.0/24", Target::InternetGateway("igw".into())),
        to("::/0", Target::EgressOnlyInternetGateway("eigw".into())),
        route(
            RouteDestination::PrefixList("s3".into()),
            Target::GatewayEndpoint("s3".into()),
        ),
    ]);
    let client_vpn = Attachment::Other("client_vpn_endpoint".to_owned());
    let nat = Attachment::NatGateway("nat".into());
    let endpoint = Attachment::VpcEndpoint("sqs".into());
    let policy = Policy {
        statements: Vec::new(),
        variables: false,
    };
    let vpc_endpoint = |id: &str, kind| VpcEndpoint {
        id: id.into(),
        vpc: "main".into(),
        service: format!("com.amazonaws.us-east-1.{id}"),
        available: true,
        kind,
        policy: Value::Known(policy.clone()),
        tags: Tags::new(),
    };
    NetworkDraft {
        vpcs: vec![main, other],
        subnets: vec![
            subnet("app", "main", "10.0.1.0/24"),
            subnet("db", "main", "10.0.2.0/24"),
            subnet("far", "other", "10.1.1.0/24"),
        ],
        route_tables: vec![main_table, other_table],
        prefix_lists: vec![PrefixList {
            id: "s3".into(),
            name: "com.amazonaws.us-east-1.s3".into(),
            family: Family::V4,
            aws_managed: true,
            entries: Value::Known(BTreeSet::from([cidr("52.219.0.0/20")])),
        }],
        security_groups: vec![SecurityGroup {
            id: "group".into(),
            vpc: "main".into(),
            name: "group".into(),
            ingress: vec![GroupRule {
                traffic: RuleTraffic::Tcp(RulePorts { from: 1, to: 2 }),
                peer: RulePeer::Group("group".into()),
            }],
            egress: vec![GroupRule {
                traffic: RuleTraffic::All,
                peer: RulePeer::PrefixList("s3".into()),
            }],
            tags: Tags::new(),
        }],
        network_acls: vec![main_acl, other_acl],
        network_interfaces: vec![
            interface("web", "app", "10.0.1.5", ordinary()),
            interface("store", "db", "10.0.2.5", ordinary()),
            interface("nat-eni", "app", "10.0.1.6", nat),
            interface("sqs-eni", "app", "10.0.1.7", endpoint),
            interface("alb-eni", "app", "10.0.1.8", node("alb")),
            interface("nlb-eni", "app", "10.0.1.9", node("nlb")),
            interface("vpn-eni", "app", "10.0.1.10", client_vpn),
        ],
        load_balancers: vec![
            load_balancer("alb", LoadBalancerKind::Application, "alb-eni", "web"),
            load_balancer("nlb", LoadBalancerKind::Network, "nlb-eni", "front"),
        ],
        target_groups: vec![
            target_group("web", TargetDestination::Interface("web".into())),
            target_group("front", TargetDestination::LoadBalancer("alb".into())),
        ],
        endpoint_services: vec![EndpointService {
            id: "vpce-svc".into(),
            name: "com.amazonaws.vpce.us-east-1.vpce-svc".into(),
            load_balancers: BTreeSet::from(["nlb".into()]),
            allowed_principals: Value::Known(BTreeSet::new()),
            acceptance_required: Value::Known(true),
            tags: Tags::new(),
        }],
        transit_gateways: vec![transit_gateway("tgw"), transit_gateway("far-tgw")],
        transit_gateway_attachments: vec![
            attachment(
                "attached",
                "tgw",
                AttachmentKind::Vpc {
                    vpc: "main".into(),
                    subnets: BTreeSet::from(["app".into()]),
                    appliance_mode: false,
                    ipv6_support: false,
                    security_group_referencing: false,
                },
            ),
            attachment("near-end", "tgw", peered("far-end")),
            attachment("far-end", "far-tgw", peered("near-end")),
        ],
        transit_gateway_route_tables: vec![TransitGatewayRouteTable {
            id: "transit".into(),
            gateway: "tgw".into(),
            routes: vec![TransitGatewayRoute {
                destination: RouteDestination::Cidr(cidr("10.0.0.0/8")),
                target: Some("attached".into()),
            }],
            propagations: BTreeSet::from(["attached".into()]),
            tags: Tags::new(),
        }],
        hosted_zones: vec![HostedZone {
            id: "zone".into(),
            name: "example.com".into(),
            vpcs: BTreeSet::from(["main".into()]),
            records: Value::Known(vec![DnsRecord {
                name: "db.example.com".into(),
                target: DnsTarget::Name("example.com".into()),
            }]),
            tags: Tags::new(),
        }],
        resolver_rules: vec![ResolverRule {
            id: "rule".into(),
            domain: "corp.example".into(),
            action: ResolverAction::Forward,
            vpcs: BTreeSet::from(["main".into()]),
            tags: Tags::new(),
        }],
        internet_gateways: vec![InternetGateway {
            id: "igw".into(),
            vpc: Some("main".into()),
            edge_route_table: None,
            tags: Tags::new(),
        }],
        virtual_private_gateways: vec![VirtualPrivateGateway {
            id: "vgw".into(),
            vpc: Some("main".into()),
            edge_route_table: None,
            prefixes: Value::Known(BTreeSet::from([cidr("192.168.0.0/16")])),
            tags: Tags::new(),
        }],
        direct_connect_associations: vec![DirectConnectAssociation {
            id: "dx".into(),
            gateway: OnPremisesGateway::VirtualPrivate("vgw".into()),
            allowed_prefixes: Value::Known(BTreeSet::from([cidr("10.0.0.0/16")])),
            other_ways: false,
            tags: Tags::new(),
        }],
        client_vpn_endpoints: vec![ClientVpnEndpoint {
            id: "cvpn".into(),
            interfaces: BTreeSet::from(["vpn-eni".into()]),
            authorization_rules: Value::Known(BTreeSet::new()),
            routes: Value::Known(BTreeSet::from([ClientVpnRoute {
                destination: cidr("10.0.0.0/16"),
                subnet: Some("app".into()),
            }])),
            tags: Tags::new(),
        }],
        egress_only_internet_gateways: vec![EgressOnlyInternetGateway {
            id: "eigw".into(),
            vpc: "main".into(),
            tags: Tags::new(),
        }],
        nat_gateways: vec![NatGateway {
            id: "nat".into(),
            subnet: "app".into(),
            interface: "nat-eni".into(),
            available: true,
            tags: Tags::new(),
        }],
        peerings: vec![Peering {
            id: "pcx".into(),
            requester: PeeringEnd::Vpc("main".into()),
            accepter: PeeringEnd::Vpc("other".into()),
            active: true,
            tags: Tags::new(),
        }],
        vpc_endpoints: vec![
            vpc_endpoint(
                "s3",
                EndpointKind::Gateway {
                    prefix_lists: BTreeSet::from(["s3".into()]),
                },
            ),
            vpc_endpoint(
                "sqs",
                EndpointKind::Interface {
                    interfaces: BTreeSet::from(["sqs-eni".into()]),
                    private_dns: true,
                    private_dns_inbound_only: false,
                    private_names: BTreeSet::new(),
                    specific_names: Value::Known(BTreeSet::new()),
                },
            ),
        ],
        accounts: vec![Account {
            id: ACCOUNT.into(),
            organization: Organization::None,
            organization_id: None,
            principals_complete: false,
            resources_complete: BTreeSet::new(),
            tags: Tags::new(),
        }],
        principals: vec![
            principal("iam", "user/ann"),
            principal("iam", "role/team/app"),
            principal("sts", "assumed-role/app/ci"),
        ],
        resource_policies: vec![ResourcePolicy {
            id: "arn:aws:s3:::logs".into(),
            account: ACCOUNT.into(),
            policy: Some(Value::Known(policy)),
            access_control_lists: false,
            public_access: true,
        }],
    }
}

#[test]
fn a_valid_draft_has_no_defect_and_comes_back_from_its_network() {
    let network = valid().validate().unwrap();
    assert_eq!(network.clone().into_draft().validate(), Ok(network));
}

/// Gives the draft a regional NAT gateway, in a subnet of its own.
fn regional(draft: &mut NetworkDraft) {
    let attachment = Attachment::NatGateway("regional".into());
    let interface = interface("regional", "regional", "169.254.0.4", attachment);
    draft.network_interfaces.push(interface);
    draft
        .subnets
        .push(subnet("regional", "main", "169.254.0.0/24"));
    draft.nat_gateways.push(NatGateway {
        id: "regional".into(),
        subnet: "regional".into(),
        interface: "regional".into(),
        available: true,
        tags: Tags::new(),
    });
}

#[test]
fn a_regional_nat_gateway_has_a_link_local_subnet() {
    let mut draft = valid();
    regional(&mut draft);
    assert!(draft.validate().is_ok());
}

/// Breaks one thing, and expects these codes in this order.
macro_rules! breaking {
    ($($law:ident: |$draft:ident| $break:expr => [$($code:literal),+];)*) => {$(
        #[test]
        fn $law() {
            let mut $draft = valid();
            $break;
            let defects = $draft.validate().unwrap_err();
            let codes: Vec<_> = defects.iter().map(Defect::code).collect();
            assert_eq!(codes, [$($code),+], "{defects:?}");
        }
    )*};
}

breaking! {
    two_subnets_of_one_id_are_a_defect: |draft| {
        let twin = subnet("far", "other", "10.1.2.0/24");
        draft.subnets.push(twin)
    } => ["duplicate-id"];
    a_missing_vpc_is_named_by_each_of_its_users: |draft| {
        draft.internet_gateways[0].vpc = Some("gone".into())
    } => ["not-defined"];
    a_missing_group_is_a_defect_of_the_interface: |draft| {
        draft.network_interfaces[0].groups = Value::Known(BTreeSet::from(["gone".into()]))
    } => ["not-defined"];
    a_missing_candidate_is_a_defect_too: |draft| {
        draft.subnets[0].route_table = Some(Value::OneOf(
            vec!["main-table".into(), "gone".into()],
            Hole::new("association"),
        ))
    } => ["not-defined"];
    a_subnet_cannot_use_a_table_of_another_vpc: |draft| {
        draft.subnets[0].route_table = Some(Value::Known("other-table".into()))
    } => ["other-vpc"];
    a_table_cannot_use_a_peering_of_other_vpcs: |draft| {
        draft.peerings[0].requester = PeeringEnd::Outside("third".into())
    } => ["other-vpc"];
    blocks_of_a_vpc_do_not_overlap: |draft| {
        draft.vpcs[0].cidrs.push(cidr("10.0.128.0/17"));
        draft.route_tables[0].routes.push(to("10.0.128.0/17", Target::Local))
    } => ["vpc-blocks-overlap"];
    public_ipv6_blocks_are_there_once: |draft| {
        draft.peerings.clear();
        draft.route_tables[0].routes.remove(3);
        draft.vpcs[1].cidrs[1] = cidr("2001:db8::/56");
        draft.route_tables[1].routes[1] = to("2001:db8::/56", Target::Local)
    } => ["global-blocks-overlap"];
    a_subnet_lies_inside_its_vpc: |draft| {
        draft.subnets[2].cidrs = vec![cidr("10.2.1.0/24")]
    } => ["subnet-outside-vpc"];
    only_a_nat_gateway_has_a_link_local_subnet: |draft| {
        draft.subnets[2].cidrs = vec![cidr("169.254.1.0/24")]
    } => ["subnet-outside-vpc"];
    a_link_local_subnet_has_nothing_but_a_nat_gateway: |draft| {
        regional(&mut draft);
        draft.network_interfaces.push(interface("beside", "regional", "169.254.0.5", ordinary()))
    } => ["subnet-outside-vpc"];
    a_nat_gateway_does_not_take_a_subnet_of_elsewhere: |draft| {
        regional(&mut draft);
        let Some(subnet) = draft.subnets.last_mut() else { return };
        subnet.cidrs.push(cidr("2001:db8:9::/64"))
    } => ["subnet-outside-vpc"];
    a_subnet_has_one_ipv4_block: |draft| {
        draft.subnets[2].cidrs.push(cidr("10.1.2.0/24"))
    } => ["subnet-two-ipv4-blocks"];
    subnets_do_not_overlap: |draft| {
        draft.subnets.push(subnet("twin", "main", "10.0.2.128/25"))
    } => ["subnets-overlap"];
    an_address_lies_inside_its_subnet: |draft| {
        draft.network_interfaces[1].addresses[0].private = AddressValue::Known(address("10.0.3.5"))
    } => ["address-outside-subnet"];
    an_open_address_lies_inside_its_subnet: |draft| {
        draft.network_interfaces[1].addresses[0].private =
            AddressValue::Within(cidr("10.0.2.0/23"), Hole::new("private_ip"))
    } => ["address-outside-subnet"];
    a_private_address_is_there_once_in_a_vpc: |draft| {
        draft.network_interfaces[2].addresses[0].private = AddressValue::Known(address("10.0.1.5"))
    } => ["duplicate-address"];
    a_public_address_belongs_to_ipv4: |draft| {
        draft.network_interfaces[0].addresses[0].public =
            Some(AddressValue::Known(address("2001:db8::1")))
    } => ["public-address-not-ipv4"];
    an_entry_number_is_there_once: |draft| {
        draft.network_acls[0].ingress[1].number = 100
    } => ["entry-number"];
    an_entry_number_is_below_the_final_one: |draft| {
        draft.network_acls[0].ingress[1].number = 32767
    } => ["entry-number"];
    ports_go_upwards: |draft| {
        draft.security_groups[0].ingress[0].traffic =
            RuleTraffic::Udp(RulePorts { from: 2, to: 1 })
    } => ["ports-reversed"];
    a_code_needs_a_type: |draft| {
        draft.network_acls[0].egress[0].traffic =
            RuleTraffic::Icmp(IcmpFilter { icmp_type: None, code: Some(0) })
    } => ["code-without-type"];
    a_prefix_list_has_one_family: |draft| {
        draft.prefix_lists[0].family = Family::V6
    } => ["prefix-list-family"];
    a_destination_has_one_static_route: |draft| {
        draft.route_tables[0].routes.push(to("0.0.0.0/0", Target::InternetGateway("igw".into())))
    } => ["duplicate-route"];
    every_block_has_its_local_route: |draft| {
        draft.route_tables[1].routes.remove(0)
    } => ["local-route-missing"];
    a_local_route_is_for_a_block: |draft| {
        draft.route_tables[1].routes.push(to("10.9.0.0/16", Target::Local))
    } => ["local-route-elsewhere"];
    a_choice_has_two_candidates: |draft| {
        draft.subnets[0].network_acl =
            Value::OneOf(vec!["main-acl".into()], Hole::new("network_acl_id"))
    } => ["too-few-candidates"];
    a_vpc_has_one_internet_gateway: |draft| {
        let mut twin = draft.internet_gateways[0].clone();
        twin.id = "twin".into();
        draft.internet_gateways.push(twin)
    } => ["two-internet-gateways"];
    a_vpc_has_one_virtual_private_gateway: |draft| {
        let mut twin = draft.virtual_private_gateways[0].clone();
        twin.id = "twin".into();
        draft.virtual_private_gateways.push(twin)
    } => ["two-virtual-private-gateways"];
    a_virtual_private_gateway_s_vpc_is_defined: |draft| {
        draft.virtual_private_gateways[0].vpc = Some("gone".into())
    } => ["not-defined"];
    a_virtual_private_gateway_s_table_is_its_vpc_s: |draft| {
        draft.virtual_private_gateways[0].edge_route_table = Some("other-table".into())
    } => ["other-vpc"];
    a_route_to_a_virtual_private_gateway_names_a_defined_one: |draft| {
        let target = Target::VirtualPrivateGateway("gone".into());
        draft.route_tables[0].routes.push(to("192.168.0.0/16", target))
    } => ["not-defined"];
    an_association_s_gateway_is_defined: |draft| {
        draft.direct_connect_associations[0].gateway =
            OnPremisesGateway::VirtualPrivate("gone".into())
    } => ["not-defined"];
    an_association_s_attachment_is_defined: |draft| {
        draft.direct_connect_associations[0].gateway = OnPremisesGateway::Transit("gone".into())
    } => ["not-defined"];
    allowed_prefixes_have_two_candidates: |draft| {
        draft.direct_connect_associations[0].allowed_prefixes =
            Value::OneOf(vec![BTreeSet::new()], Hole::new("allowed prefixes"))
    } => ["too-few-candidates"];
    a_client_vpn_endpoint_s_interface_is_defined: |draft| {
        draft.client_vpn_endpoints[0].interfaces.insert("gone".into());
    } => ["not-defined"];
    a_client_vpn_endpoint_s_interface_belongs_to_nothing_else: |draft| {
        draft.client_vpn_endpoints[0].interfaces.insert("nat-eni".into());
    } => ["client-vpn-interface"];
    a_client_vpn_endpoint_s_interface_checks: |draft| {
        let mut interfaces = draft.network_interfaces.iter_mut();
        let interface = interfaces.find(|one| one.id == "vpn-eni".into()).unwrap();
        interface.source_destination_check = false
    } => ["client-vpn-interface"];
    an_interface_is_of_one_client_vpn_endpoint: |draft| {
        let mut twin = draft.client_vpn_endpoints[0].clone();
        twin.id = "twin".into();
        draft.client_vpn_endpoints.push(twin)
    } => ["client-vpn-interface"];
    a_client_vpn_route_s_subnet_is_defined: |draft| {
        draft.client_vpn_endpoints[0].routes = Value::Known(BTreeSet::from([ClientVpnRoute {
            destination: cidr("10.0.0.0/16"),
            subnet: Some("gone".into()),
        }]))
    } => ["not-defined"];
    peered_blocks_do_not_overlap: |draft| {
        draft.vpcs[1].cidrs[0] = cidr("10.0.0.0/15");
        draft.route_tables[1].routes[0] = to("10.0.0.0/15", Target::Local)
    } => ["peering-overlap"];
    a_pair_of_vpcs_has_one_active_peering: |draft| {
        let mut twin = draft.peerings[0].clone();
        twin.id = "twin".into();
        draft.peerings.push(twin)
    } => ["peering-pair"];
    an_interface_and_its_owner_agree: |draft| {
        draft.network_interfaces[3].attachment = ordinary()
    } => ["attachment-mismatch"];
    a_nat_gateway_stands_in_the_subnet_of_its_interface: |draft| {
        draft.nat_gateways[0].subnet = "db".into()
    } => ["attachment-mismatch"];
    a_transit_gateway_uses_its_own_tables: |draft| {
        draft.transit_gateway_attachments[2].association = Some(Value::Known("transit".into()))
    } => ["other-transit-gateway"];
    a_vpc_is_attached_once: |draft| {
        let mut twin = draft.transit_gateway_attachments[0].clone();
        twin.id = "twin".into();
        draft.transit_gateway_attachments.push(twin)
    } => ["two-attachments"];
    an_attachment_has_a_subnet_in_each_zone: |draft| {
        let AttachmentKind::Vpc { subnets, .. } = &mut draft.transit_gateway_attachments[0].kind
        else {
            panic!("it attaches a VPC");
        };
        subnets.clear()
    } => ["attachment-zones"];
    both_ends_of_a_peering_of_transit_gateways_agree: |draft| {
        draft.transit_gateway_attachments[2].kind = AttachmentKind::Peering { other: None }
    } => ["transit-gateway-peering"];
    a_table_of_a_transit_gateway_has_one_route_for_a_destination: |draft| {
        let twin = draft.transit_gateway_route_tables[0].routes[0].clone();
        draft.transit_gateway_route_tables[0].routes.push(twin)
    } => ["duplicate-route"];
    a_replaced_local_route_is_not_missing_but_another_target_is_none: |draft| {
        draft.route_tables[0].routes[0].target = Value::Known(Target::TransitGateway("tgw".into()))
    } => ["local-route-missing"];
    a_vpc_has_one_zone_of_a_name: |draft| {
        let mut twin = draft.hosted_zones[0].clone();
        twin.id = "twin".into();
        draft.hosted_zones.push(twin)
    } => ["zone-twice"];
    a_record_is_inside_of_its_zone: |draft| {
        draft.hosted_zones[0].name = "b.example.com".into()
    } => ["zone-record"];
    a_vpc_has_one_resolver_rule_of_a_domain: |draft| {
        let mut twin = draft.resolver_rules[0].clone();
        twin.id = "twin".into();
        draft.resolver_rules.push(twin)
    } => ["resolver-rule-twice"];
    a_load_balancer_has_nodes: |draft| {
        draft.load_balancers[0].interfaces.clear()
    } => ["attachment-mismatch", "load-balancer-nodes"];
    a_node_says_that_it_is_one: |draft| {
        draft.network_interfaces[4].attachment = ordinary()
    } => ["attachment-mismatch"];
    nodes_stand_in_one_vpc: |draft| {
        draft.network_interfaces.push(interface("twin", "far", "10.1.1.10", node("alb")));
        draft.load_balancers[0].interfaces.insert("twin".into())
    } => ["other-vpc"];
    a_port_has_one_listener: |draft| {
        let twin = listener(&mut draft)[0].clone();
        listener(&mut draft).push(twin)
    } => ["listener-port"];
    an_application_load_balancer_listens_for_tcp: |draft| {
        listener(&mut draft)[0].protocol = ListenerProtocol::TcpUdp
    } => ["listener-port"];
    a_missing_target_group_is_a_defect: |draft| {
        listener(&mut draft)[0].target_groups.insert("gone".into())
    } => ["not-defined"];
    an_application_load_balancer_keeps_no_address: |draft| {
        draft.target_groups[0].preserve_client_address = true
    } => ["preserves-client-address"];
    a_target_is_of_the_family_of_its_group: |draft| {
        draft.target_groups[0].targets = Value::Known(vec![RegisteredTarget {
            destination: TargetDestination::Address(address("2001:db8::1")),
            port: 443,
        }])
    } => ["registered-target"];
    a_missing_target_is_a_defect: |draft| {
        draft.target_groups[0] = target_group("web", TargetDestination::Interface("gone".into()))
    } => ["not-defined"];
    a_target_is_no_network_load_balancer: |draft| {
        draft.target_groups[1] = target_group("front", TargetDestination::LoadBalancer("nlb".into()))
    } => ["registered-target"];
    a_service_offers_network_load_balancers: |draft| {
        draft.endpoint_services[0].load_balancers.insert("alb".into())
    } => ["endpoint-service-load-balancer"];
    a_load_balancer_is_offered_once: |draft| {
        let mut twin = draft.endpoint_services[0].clone();
        twin.id = "twin".into();
        twin.name = "another".into();
        draft.endpoint_services.push(twin)
    } => ["two-endpoint-services"];
    a_service_has_a_name_of_its_own: |draft| {
        let mut twin = draft.endpoint_services[0].clone();
        twin.id = "twin".into();
        twin.load_balancers.clear();
        draft.endpoint_services.push(twin)
    } => ["two-endpoint-services"];
    a_nat_gateway_has_an_address: |draft| {
        draft.network_interfaces[2].addresses.clear()
    } => ["nat-gateway-without-address"];
    an_account_has_twelve_digits: |draft| {
        let mut other = draft.accounts[0].clone();
        other.id = "11112222333".into();
        draft.accounts.push(other);
    } => ["account-id"];
    a_principal_is_a_user_a_role_or_a_session: |draft| {
        draft.principals.push(principal("iam", "group/all"));
    } => ["principal-form"];
    a_session_has_no_policies_of_its_role: |draft| {
        draft.principals[2].permissions_boundary = Some(Value::Any(Hole::new("boundary")));
    } => ["principal-form"];
    a_role_has_no_session_policies: |draft| {
        draft.principals[1].session_policies = vec![Value::Any(Hole::new("session"))];
    } => ["principal-form"];
    a_roles_name_is_its_own: |draft| {
        draft.principals.push(principal("iam", "role/app"));
    } => ["role-name-twice"];
    a_principal_has_an_account: |draft| {
        draft.principals[0].id = "arn:aws:iam::444455556666:user/ann".into();
    } => ["not-defined"];
    a_resource_has_an_account: |draft| {
        draft.resource_policies[0].account = "444455556666".into();
    } => ["not-defined"];
    candidates_of_a_policy_are_several: |draft| {
        let one = Value::OneOf(Vec::new(), Hole::new("policy"));
        draft.principals[0].identity_policies = vec![one];
    } => ["too-few-candidates"];
}

#[test]
fn all_defects_are_found_in_one_run() {
    let mut draft = valid();
    draft.network_acls[0].ingress[1].number = 100;
    draft.prefix_lists[0].family = Family::V6;
    draft.nat_gateways[0].subnet = "gone".into();
    let found: BTreeSet<_> = draft.validate().unwrap_err().into_iter().collect();
    assert!(found.len() >= 3, "{found:?}");
}

#[test]
fn every_clause_is_found_by_its_name() {
    for clause in Clause::ALL {
        assert_eq!(Clause::from_name(clause.name()), Some(*clause));
    }
}

#[test]
fn a_cidr_prints_as_it_is_read() {
    for text in [
        "0.0.0.0/0",
        "10.0.0.0/16",
        "10.0.0.1/32",
        "::/0",
        "2001:db8::/56",
        "::1/128",
    ] {
        assert_eq!(cidr(text).to_string(), text);
    }
    for (text, error) in [
        ("10.0.0.0", InvalidCidr::Syntax),
        ("10.0.0.0/", InvalidCidr::Syntax),
        ("10.0.0.0/+8", InvalidCidr::Syntax),
        ("10.0.0.0/33", InvalidCidr::PrefixLength),
        ("::/999", InvalidCidr::PrefixLength),
        ("10.0.0.1/31", InvalidCidr::HostBits),
        ("128.0.0.0/0", InvalidCidr::HostBits),
    ] {
        assert_eq!(text.parse::<Cidr>(), Err(error), "{text}");
    }
}
