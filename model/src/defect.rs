//! Defects: everything that can be wrong with a draft. All are found in one run.

use std::fmt;

use crate::address::Address;
use crate::cidr::Cidr;

/// Something wrong with a draft: a reference that leads nowhere, or a state that AWS refuses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Defect {
    /// Two components of a kind have one id.
    DuplicateId {
        /// The id.
        id: String,
    },
    /// A component uses another that is not there.
    NotDefined {
        /// The kind of what is used, in AWS's words.
        kind: &'static str,
        /// Its id.
        id: String,
        /// Who uses it.
        user: String,
    },
    /// A component uses another that belongs to another VPC.
    OtherVpc {
        /// The kind of what is used.
        kind: &'static str,
        /// Its id.
        id: String,
        /// Who uses it.
        user: String,
    },
    /// Two blocks of one VPC overlap.
    VpcBlocksOverlap {
        /// The VPC.
        vpc: String,
    },
    /// Two VPCs have public IPv6 blocks that overlap.
    GlobalBlocksOverlap {
        /// One VPC.
        vpc: String,
        /// The other.
        other: String,
    },
    /// A subnet's block is not inside its VPC's.
    SubnetOutsideVpc {
        /// The subnet.
        subnet: String,
        /// The block.
        cidr: Cidr,
    },
    /// A subnet has two IPv4 blocks.
    SubnetTwoIpv4Blocks {
        /// The subnet.
        subnet: String,
    },
    /// Two subnets of a VPC overlap.
    SubnetsOverlap {
        /// One.
        subnet: String,
        /// The other.
        other: String,
    },
    /// A private address is not inside its subnet.
    AddressOutsideSubnet {
        /// The interface.
        interface: String,
        /// The address.
        address: String,
    },
    /// Two interfaces of a VPC have one private address, or two of the network one public address.
    DuplicateAddress {
        /// The address.
        address: Address,
        /// One interface.
        interface: String,
        /// The other.
        other: String,
    },
    /// A public address is mapped to an IPv6 address, or is itself one.
    PublicAddressNotIpv4 {
        /// The interface.
        interface: String,
    },
    /// Two entries of one direction have one number, or a number is not in 1 to 32766.
    EntryNumber {
        /// The ACL.
        network_acl: String,
        /// The number.
        number: u16,
    },
    /// A port range ends before it begins.
    PortsReversed {
        /// The group or ACL.
        component: String,
    },
    /// A code of ICMP is given without a type.
    CodeWithoutType {
        /// The group or ACL.
        component: String,
    },
    /// An entry of a prefix list is of the other family.
    PrefixListFamily {
        /// The list.
        prefix_list: String,
        /// The entry.
        cidr: Cidr,
    },
    /// Two static routes of a table have one destination.
    DuplicateRoute {
        /// The table.
        route_table: String,
        /// The destination.
        destination: String,
    },
    /// A table lacks the local route of a block of its VPC.
    LocalRouteMissing {
        /// The table.
        route_table: String,
        /// The block.
        cidr: Cidr,
    },
    /// A local route is not for a block of the VPC.
    LocalRouteElsewhere {
        /// The table.
        route_table: String,
    },
    /// An open value has fewer than two candidates.
    TooFewCandidates {
        /// The hole.
        hole: String,
    },
    /// A VPC has two internet gateways.
    TwoInternetGateways {
        /// The VPC.
        vpc: String,
    },
    /// A VPC has two virtual private gateways.
    TwoVirtualPrivateGateways {
        /// The VPC.
        vpc: String,
    },
    /// A peering joins VPCs whose blocks overlap.
    PeeringOverlap {
        /// The peering.
        peering: String,
    },
    /// A peering joins a VPC with itself, or two VPCs that are not in the network, or a pair that
    /// another active one joins.
    PeeringPair {
        /// The peering.
        peering: String,
    },
    /// An interface does not say that it belongs to the NAT gateway, endpoint or load balancer that claims it, or
    /// the other way round, or stands in another subnet or VPC.
    AttachmentMismatch {
        /// The interface.
        interface: String,
        /// The NAT gateway, endpoint or load balancer.
        owner: String,
    },
    /// Two hosted zones of one name are associated with one VPC, or one of an endpoint's private
    /// names is also the name of such a zone.
    ZoneTwice {
        /// One zone.
        zone: String,
        /// The other zone, or the endpoint.
        other: String,
    },
    /// A record is outside of its zone, a second one for its name, or means no address.
    ZoneRecord {
        /// The zone.
        zone: String,
        /// The record's name.
        record: String,
    },
    /// Two resolver rules of one domain are associated with one VPC.
    ResolverRuleTwice {
        /// One rule.
        rule: String,
        /// The other.
        other: String,
    },
    /// A component of one transit gateway uses another one's.
    OtherTransitGateway {
        /// The kind of what is used.
        kind: &'static str,
        /// Its id.
        id: String,
        /// Who uses it.
        user: String,
    },
    /// A VPC has two available attachments to one transit gateway.
    TwoAttachments {
        /// One attachment.
        attachment: String,
        /// The other.
        other: String,
    },
    /// An attachment of a VPC has no subnet, or two in one zone.
    AttachmentZones {
        /// The attachment.
        attachment: String,
    },
    /// Two attachments do not agree that they are the ends of one peering of two transit gateways.
    TransitGatewayPeering {
        /// The attachment.
        attachment: String,
    },
    /// An interface cannot be one of a Client VPN endpoint.
    ClientVpnInterface {
        /// The Client VPN endpoint.
        client_vpn_endpoint: String,
        /// The interface.
        interface: String,
    },
    /// An association of a Direct Connect gateway names an attachment of another kind.
    DirectConnectGateway {
        /// The association.
        association: String,
        /// The attachment.
        attachment: String,
    },
    /// A load balancer has no interface.
    LoadBalancerNodes {
        /// The load balancer.
        load_balancer: String,
    },
    /// Two listeners of a load balancer take one packet, or an Application Load Balancer listens for UDP.
    ListenerPort {
        /// The load balancer.
        load_balancer: String,
        /// The port.
        port: u16,
    },
    /// A target group of an Application Load Balancer preserves client addresses.
    PreservesClientAddress {
        /// The group.
        target_group: String,
        /// The load balancer.
        load_balancer: String,
    },
    /// A registered target is of the other family, or a load balancer that is none of type Application.
    RegisteredTarget {
        /// The group.
        target_group: String,
        /// The target.
        target: String,
    },
    /// A load balancer of an endpoint service is not of type Network.
    EndpointServiceLoadBalancer {
        /// The service.
        service: String,
        /// The load balancer.
        load_balancer: String,
    },
    /// Two endpoint services have one name, or one load balancer.
    TwoEndpointServices {
        /// The name or load balancer.
        of: String,
        /// One service.
        service: String,
        /// The other.
        other: String,
    },
    /// An account's id is not twelve digits.
    AccountId {
        /// The account.
        account: String,
    },
    /// A principal's ARN is none of a user, a role or a session of a role, or it has a policy of a
    /// kind that such a principal cannot have.
    PrincipalForm {
        /// The principal.
        principal: String,
    },
    /// Two roles of one account have one name.
    RoleNameTwice {
        /// One role.
        role: String,
        /// The other.
        other: String,
    },
    /// A NAT gateway's interface has no IPv4 address.
    NatGatewayWithoutAddress {
        /// The NAT gateway.
        nat_gateway: String,
    },
}

impl Defect {
    /// The kebab-case code that documents and scripts use.
    pub const fn code(&self) -> &'static str {
        match self {
            Defect::DuplicateId { .. } => "duplicate-id",
            Defect::NotDefined { .. } => "not-defined",
            Defect::OtherVpc { .. } => "other-vpc",
            Defect::VpcBlocksOverlap { .. } => "vpc-blocks-overlap",
            Defect::GlobalBlocksOverlap { .. } => "global-blocks-overlap",
            Defect::SubnetOutsideVpc { .. } => "subnet-outside-vpc",
            Defect::SubnetTwoIpv4Blocks { .. } => "subnet-two-ipv4-blocks",
            Defect::SubnetsOverlap { .. } => "subnets-overlap",
            Defect::AddressOutsideSubnet { .. } => "address-outside-subnet",
            Defect::DuplicateAddress { .. } => "duplicate-address",
            Defect::PublicAddressNotIpv4 { .. } => "public-address-not-ipv4",
            Defect::EntryNumber { .. } => "entry-number",
            Defect::PortsReversed { .. } => "ports-reversed",
            Defect::CodeWithoutType { .. } => "code-without-type",
            Defect::PrefixListFamily { .. } => "prefix-list-family",
            Defect::DuplicateRoute { .. } => "duplicate-route",
            Defect::LocalRouteMissing { .. } => "local-route-missing",
            Defect::LocalRouteElsewhere { .. } => "local-route-elsewhere",
            Defect::TooFewCandidates { .. } => "too-few-candidates",
            Defect::TwoInternetGateways { .. } => "two-internet-gateways",
            Defect::TwoVirtualPrivateGateways { .. } => "two-virtual-private-gateways",
            Defect::PeeringOverlap { .. } => "peering-overlap",
            Defect::PeeringPair { .. } => "peering-pair",
            Defect::AttachmentMismatch { .. } => "attachment-mismatch",
            Defect::ZoneTwice { .. } => "zone-twice",
            Defect::ZoneRecord { .. } => "zone-record",
            Defect::ResolverRuleTwice { .. } => "resolver-rule-twice",
            Defect::OtherTransitGateway { .. } => "other-transit-gateway",
            Defect::TwoAttachments { .. } => "two-attachments",
            Defect::AttachmentZones { .. } => "attachment-zones",
            Defect::TransitGatewayPeering { .. } => "transit-gateway-peering",
            Defect::ClientVpnInterface { .. } => "client-vpn-interface",
            Defect::DirectConnectGateway { .. } => "direct-connect-gateway",
            Defect::LoadBalancerNodes { .. } => "load-balancer-nodes",
            Defect::ListenerPort { .. } => "listener-port",
            Defect::PreservesClientAddress { .. } => "preserves-client-address",
            Defect::RegisteredTarget { .. } => "registered-target",
            Defect::EndpointServiceLoadBalancer { .. } => "endpoint-service-load-balancer",
            Defect::TwoEndpointServices { .. } => "two-endpoint-services",
            Defect::AccountId { .. } => "account-id",
            Defect::PrincipalForm { .. } => "principal-form",
            Defect::RoleNameTwice { .. } => "role-name-twice",
            Defect::NatGatewayWithoutAddress { .. } => "nat-gateway-without-address",
        }
    }

    /// The id of the component to look at first.
    pub fn component(&self) -> &str {
        match self {
            Defect::DuplicateId { id } => id,
            Defect::NotDefined { user, .. }
            | Defect::OtherVpc { user, .. }
            | Defect::OtherTransitGateway { user, .. } => user,
            Defect::TwoAttachments { attachment, .. }
            | Defect::AttachmentZones { attachment }
            | Defect::TransitGatewayPeering { attachment } => attachment,
            Defect::VpcBlocksOverlap { vpc }
            | Defect::GlobalBlocksOverlap { vpc, .. }
            | Defect::TwoInternetGateways { vpc }
            | Defect::TwoVirtualPrivateGateways { vpc } => vpc,
            Defect::SubnetOutsideVpc { subnet, .. }
            | Defect::SubnetTwoIpv4Blocks { subnet }
            | Defect::SubnetsOverlap { subnet, .. } => subnet,
            Defect::AddressOutsideSubnet { interface, .. }
            | Defect::DuplicateAddress { interface, .. }
            | Defect::PublicAddressNotIpv4 { interface }
            | Defect::AttachmentMismatch { interface, .. } => interface,
            Defect::EntryNumber { network_acl, .. } => network_acl,
            Defect::PortsReversed { component } | Defect::CodeWithoutType { component } => {
                component
            }
            Defect::PrefixListFamily { prefix_list, .. } => prefix_list,
            Defect::DuplicateRoute { route_table, .. }
            | Defect::LocalRouteMissing { route_table, .. }
            | Defect::LocalRouteElsewhere { route_table } => route_table,
            Defect::TooFewCandidates { hole } => hole,
            Defect::PeeringOverlap { peering } | Defect::PeeringPair { peering } => peering,
            Defect::ZoneTwice { zone, .. } | Defect::ZoneRecord { zone, .. } => zone,
            Defect::ResolverRuleTwice { rule, .. } => rule,
            Defect::ClientVpnInterface {
                client_vpn_endpoint,
                ..
            } => client_vpn_endpoint,
            Defect::DirectConnectGateway { association, .. } => association,
            Defect::LoadBalancerNodes { load_balancer } => load_balancer,
            Defect::ListenerPort { load_balancer, .. } => load_balancer,
            Defect::PreservesClientAddress { target_group, .. } => target_group,
            Defect::RegisteredTarget { target_group, .. } => target_group,
            Defect::EndpointServiceLoadBalancer { service, .. } => service,
            Defect::TwoEndpointServices { service, .. } => service,
            Defect::AccountId { account } => account,
            Defect::PrincipalForm { principal } => principal,
            Defect::RoleNameTwice { role, .. } => role,
            Defect::NatGatewayWithoutAddress { nat_gateway } => nat_gateway,
        }
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Defect::DuplicateId { id } => write!(formatter, "`{id}` is defined more than once"),
            Defect::NotDefined { kind, id, user } => {
                write!(
                    formatter,
                    "{kind} `{id}` is used by `{user}` but is not defined"
                )
            }
            Defect::OtherVpc { kind, id, user } => write!(
                formatter,
                "{kind} `{id}` is used by `{user}` but belongs to another VPC"
            ),
            Defect::VpcBlocksOverlap { vpc } => {
                write!(formatter, "blocks of VPC `{vpc}` overlap")
            }
            Defect::GlobalBlocksOverlap { vpc, other } => write!(
                formatter,
                "IPv6 blocks of VPCs `{vpc}` and `{other}` overlap"
            ),
            Defect::SubnetOutsideVpc { subnet, cidr } => {
                write!(
                    formatter,
                    "block `{cidr}` of subnet `{subnet}` is not inside its VPC"
                )
            }
            Defect::SubnetTwoIpv4Blocks { subnet } => {
                write!(formatter, "subnet `{subnet}` has more than one IPv4 block")
            }
            Defect::SubnetsOverlap { subnet, other } => {
                write!(formatter, "subnets `{subnet}` and `{other}` overlap")
            }
            Defect::AddressOutsideSubnet { interface, address } => write!(
                formatter,
                "address `{address}` of interface `{interface}` is not inside its subnet"
            ),
            Defect::DuplicateAddress {
                address,
                interface,
                other,
            } => write!(
                formatter,
                "interfaces `{interface}` and `{other}` both have address `{address}`"
            ),
            Defect::PublicAddressNotIpv4 { interface } => write!(
                formatter,
                "interface `{interface}` maps a public address that is not IPv4 to IPv4"
            ),
            Defect::EntryNumber {
                network_acl,
                number,
            } => write!(
                formatter,
                "entry number {number} of network ACL `{network_acl}` is used twice in one \
                 direction or is not in 1 to 32766"
            ),
            Defect::PortsReversed { component } => {
                write!(
                    formatter,
                    "a port range of `{component}` ends before it begins"
                )
            }
            Defect::CodeWithoutType { component } => {
                write!(
                    formatter,
                    "a rule of `{component}` gives an ICMP code without a type"
                )
            }
            Defect::PrefixListFamily { prefix_list, cidr } => write!(
                formatter,
                "entry `{cidr}` of prefix list `{prefix_list}` is of the other address family"
            ),
            Defect::DuplicateRoute {
                route_table,
                destination,
            } => write!(
                formatter,
                "route table `{route_table}` has two static routes for `{destination}`"
            ),
            Defect::LocalRouteMissing { route_table, cidr } => write!(
                formatter,
                "route table `{route_table}` lacks the local route for block `{cidr}` of its VPC"
            ),
            Defect::LocalRouteElsewhere { route_table } => write!(
                formatter,
                "a local route of route table `{route_table}` is not for a block of its VPC"
            ),
            Defect::TooFewCandidates { hole } => {
                write!(formatter, "`{hole}` has fewer than two candidates")
            }
            Defect::TwoInternetGateways { vpc } => {
                write!(formatter, "VPC `{vpc}` has more than one internet gateway")
            }
            Defect::TwoVirtualPrivateGateways { vpc } => write!(
                formatter,
                "VPC `{vpc}` has more than one virtual private gateway"
            ),
            Defect::PeeringOverlap { peering } => {
                write!(
                    formatter,
                    "peering `{peering}` joins VPCs whose blocks overlap"
                )
            }
            Defect::PeeringPair { peering } => write!(
                formatter,
                "peering `{peering}` does not join two different VPCs, at least one of them \
                 defined, that no other active peering joins"
            ),
            Defect::AttachmentMismatch { interface, owner } => write!(
                formatter,
                "interface `{interface}` and `{owner}` do not agree that they belong together"
            ),
            Defect::ZoneTwice { zone, other } => write!(
                formatter,
                "hosted zone `{zone}` and `{other}` have one name in one VPC"
            ),
            Defect::ZoneRecord { zone, record } => write!(
                formatter,
                "record `{record}` of hosted zone `{zone}` is outside of it, there twice or without an address"
            ),
            Defect::ResolverRuleTwice { rule, other } => write!(
                formatter,
                "resolver rules `{rule}` and `{other}` have one domain in one VPC"
            ),
            Defect::OtherTransitGateway { kind, id, user } => write!(
                formatter,
                "{kind} `{id}` is used by `{user}` but belongs to another transit gateway"
            ),
            Defect::TwoAttachments { attachment, other } => write!(
                formatter,
                "attachments `{attachment}` and `{other}` attach one VPC to one transit gateway"
            ),
            Defect::AttachmentZones { attachment } => write!(
                formatter,
                "attachment `{attachment}` does not have one subnet in each of its zones"
            ),
            Defect::TransitGatewayPeering { attachment } => write!(
                formatter,
                "attachment `{attachment}` and the other end of its peering do not agree that \
                 they belong together"
            ),
            Defect::ClientVpnInterface {
                client_vpn_endpoint,
                interface,
            } => write!(
                formatter,
                "interface `{interface}` cannot be one of Client VPN endpoint `{client_vpn_endpoint}`: \
                 it belongs to something else, or its source/destination check is off"
            ),
            Defect::DirectConnectGateway {
                association,
                attachment,
            } => write!(
                formatter,
                "association `{association}` cannot be one of attachment `{attachment}`, which does \
                 not lead to a Direct Connect gateway"
            ),
            Defect::LoadBalancerNodes { load_balancer } => write!(
                formatter,
                "load balancer `{load_balancer}` has no interface"
            ),
            Defect::ListenerPort {
                load_balancer,
                port,
            } => write!(
                formatter,
                "port {port} of load balancer `{load_balancer}` has a listener that it cannot have, or two"
            ),
            Defect::PreservesClientAddress {
                target_group,
                load_balancer,
            } => write!(
                formatter,
                "target group `{target_group}` preserves client addresses, which Application Load Balancer `{load_balancer}` cannot"
            ),
            Defect::RegisteredTarget {
                target_group,
                target,
            } => write!(
                formatter,
                "target group `{target_group}` cannot have target `{target}`: it is of another address \
                 family, or no Application Load Balancer"
            ),
            Defect::EndpointServiceLoadBalancer {
                service,
                load_balancer,
            } => write!(
                formatter,
                "endpoint service `{service}` cannot have load balancer `{load_balancer}`, which is not of type Network"
            ),
            Defect::TwoEndpointServices { of, service, other } => write!(
                formatter,
                "endpoint services `{service}` and `{other}` both have `{of}`"
            ),
            Defect::AccountId { account } => {
                write!(formatter, "account `{account}` is not of twelve digits")
            }
            Defect::PrincipalForm { principal } => write!(
                formatter,
                "principal `{principal}` is no ARN of a user, a role or a session, or has policies \
                 that such a principal cannot have"
            ),
            Defect::RoleNameTwice { role, other } => write!(
                formatter,
                "roles `{role}` and `{other}` have one name in one account"
            ),
            Defect::NatGatewayWithoutAddress { nat_gateway } => {
                write!(formatter, "NAT gateway `{nat_gateway}` has no IPv4 address")
            }
        }
    }
}
