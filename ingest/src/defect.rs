//! Defects of a draft, at the places that their components came from.

use model::Defect;

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::nearest::nearest;
use crate::provenance::{Kind, Provenance};

/// How many times the nearest id is looked for: each time every id is compared.
const MAX_SUGGESTIONS: usize = 100;
/// How many ids are compared.
const MAX_CANDIDATES: usize = 5000;

/// Defects as diagnostics; `file` is named when a component has no place of its own.
pub(crate) fn explain<'a>(
    defects: impl Iterator<Item = &'a Defect>,
    provenance: &Provenance,
    file: &str,
) -> Vec<Diagnostic> {
    let mut suggestions = MAX_SUGGESTIONS;
    defects
        .map(|defect| {
            let diagnostic = placed(defect, provenance, file);
            let Defect::NotDefined { kind, id, .. } = defect else {
                return diagnostic;
            };
            let nearest = match suggestions.checked_sub(1) {
                Some(left) => {
                    suggestions = left;
                    suggestion(kind, id, provenance)
                }
                None => None,
            };
            diagnostic.help(match nearest {
                Some(nearest) => format!("did you mean `{nearest}`"),
                None => "define it, or add the input that has it".to_owned(),
            })
        })
        .collect()
}

fn placed(defect: &Defect, provenance: &Provenance, file: &str) -> Diagnostic {
    let id = defect.component();
    let place = kinds(defect)
        .iter()
        .find_map(|kind| provenance.of(*kind, id))
        .or_else(|| provenance.named(id));
    let place = place.cloned().unwrap_or_else(|| Place::file(file));
    let code = Code::of_defect(defect);
    Diagnostic::error(place, code, defect.to_string())
}

/// The nearest id to one that is not there.
fn suggestion<'a>(kind: &str, id: &str, provenance: &'a Provenance) -> Option<&'a str> {
    let ids = provenance.ids(kind_of(kind)?);
    nearest(id, ids.take(MAX_CANDIDATES))
}

fn kind_of(name: &str) -> Option<Kind> {
    Some(match name {
        "VPC" => Kind::Vpc,
        "subnet" => Kind::Subnet,
        "route table" => Kind::RouteTable,
        "prefix list" => Kind::PrefixList,
        "security group" => Kind::SecurityGroup,
        "network ACL" => Kind::NetworkAcl,
        "network interface" => Kind::NetworkInterface,
        "internet gateway" => Kind::InternetGateway,
        "virtual private gateway" => Kind::VirtualPrivateGateway,
        "Direct Connect association" => Kind::DirectConnectAssociation,
        "Client VPN endpoint" => Kind::ClientVpnEndpoint,
        "account" => Kind::Account,
        "egress-only internet gateway" => Kind::EgressOnlyInternetGateway,
        "NAT gateway" => Kind::NatGateway,
        "peering" => Kind::Peering,
        "endpoint" | "gateway endpoint" | "Gateway Load Balancer endpoint" => Kind::VpcEndpoint,
        "load balancer" => Kind::LoadBalancer,
        "target group" => Kind::TargetGroup,
        "endpoint service" => Kind::EndpointService,
        "transit gateway" => Kind::TransitGateway,
        "transit gateway attachment" => Kind::TransitGatewayAttachment,
        "transit gateway route table" => Kind::TransitGatewayRouteTable,
        _ => return None,
    })
}

/// Which kinds the component of a defect may be of: an id is unique only within its kind.
fn kinds(defect: &Defect) -> &'static [Kind] {
    match defect {
        Defect::NotDefined { kind, .. }
        | Defect::OtherVpc { kind, .. }
        | Defect::OtherTransitGateway { kind, .. } => users(kind),
        Defect::TwoAttachments { .. }
        | Defect::AttachmentZones { .. }
        | Defect::TransitGatewayPeering { .. } => &[Kind::TransitGatewayAttachment],
        Defect::VpcBlocksOverlap { .. }
        | Defect::GlobalBlocksOverlap { .. }
        | Defect::TwoInternetGateways { .. }
        | Defect::TwoVirtualPrivateGateways { .. } => &[Kind::Vpc],
        Defect::SubnetOutsideVpc { .. }
        | Defect::SubnetTwoIpv4Blocks { .. }
        | Defect::SubnetsOverlap { .. } => &[Kind::Subnet],
        Defect::AddressOutsideSubnet { .. }
        | Defect::DuplicateAddress { .. }
        | Defect::PublicAddressNotIpv4 { .. }
        | Defect::AttachmentMismatch { .. } => &[Kind::NetworkInterface],
        Defect::EntryNumber { .. } => &[Kind::NetworkAcl],
        Defect::PortsReversed { .. } | Defect::CodeWithoutType { .. } => {
            &[Kind::SecurityGroup, Kind::NetworkAcl]
        }
        Defect::PrefixListFamily { .. } => &[Kind::PrefixList],
        Defect::DuplicateRoute { .. }
        | Defect::LocalRouteMissing { .. }
        | Defect::LocalRouteElsewhere { .. } => &[Kind::RouteTable, Kind::TransitGatewayRouteTable],
        Defect::PeeringOverlap { .. } | Defect::PeeringPair { .. } => &[Kind::Peering],
        Defect::ZoneTwice { .. } | Defect::ZoneRecord { .. } => &[Kind::HostedZone],
        Defect::ResolverRuleTwice { .. } => &[Kind::ResolverRule],
        Defect::ClientVpnInterface { .. } => &[Kind::ClientVpnEndpoint],
        Defect::DirectConnectGateway { .. } => &[Kind::DirectConnectAssociation],
        Defect::AccountId { .. } => &[Kind::Account],
        Defect::PrincipalForm { .. } | Defect::RoleNameTwice { .. } => &[Kind::Principal],
        Defect::NatGatewayWithoutAddress { .. } => &[Kind::NatGateway],
        Defect::LoadBalancerNodes { .. } | Defect::ListenerPort { .. } => &[Kind::LoadBalancer],
        Defect::PreservesClientAddress { .. } | Defect::RegisteredTarget { .. } => {
            &[Kind::TargetGroup]
        }
        Defect::EndpointServiceLoadBalancer { .. } | Defect::TwoEndpointServices { .. } => {
            &[Kind::EndpointService]
        }
        Defect::DuplicateId { .. } | Defect::TooFewCandidates { .. } => &[],
    }
}

/// Who uses things of a kind.
fn users(kind: &str) -> &'static [Kind] {
    match kind_of(kind) {
        Some(Kind::RouteTable) => &[
            Kind::Subnet,
            Kind::Vpc,
            Kind::InternetGateway,
            Kind::VirtualPrivateGateway,
        ],
        Some(Kind::NetworkAcl) => &[Kind::Subnet],
        Some(Kind::Subnet) => &[
            Kind::NetworkInterface,
            Kind::NatGateway,
            Kind::VpcEndpoint,
            Kind::TransitGatewayAttachment,
            Kind::ClientVpnEndpoint,
        ],
        Some(Kind::SecurityGroup) => &[Kind::NetworkInterface, Kind::SecurityGroup],
        Some(Kind::NetworkInterface) => &[
            Kind::NatGateway,
            Kind::VpcEndpoint,
            Kind::RouteTable,
            Kind::LoadBalancer,
            Kind::TargetGroup,
            Kind::ClientVpnEndpoint,
        ],
        Some(Kind::LoadBalancer) => &[Kind::TargetGroup, Kind::EndpointService],
        Some(Kind::TargetGroup) => &[Kind::LoadBalancer],
        Some(Kind::PrefixList) => &[
            Kind::RouteTable,
            Kind::SecurityGroup,
            Kind::VpcEndpoint,
            Kind::TransitGatewayRouteTable,
        ],
        Some(Kind::Vpc) => &[
            Kind::Subnet,
            Kind::RouteTable,
            Kind::SecurityGroup,
            Kind::NetworkAcl,
            Kind::InternetGateway,
            Kind::EgressOnlyInternetGateway,
            Kind::VirtualPrivateGateway,
            Kind::Peering,
            Kind::VpcEndpoint,
            Kind::HostedZone,
            Kind::ResolverRule,
            Kind::TransitGatewayAttachment,
        ],
        Some(Kind::TransitGateway) => &[
            Kind::RouteTable,
            Kind::TransitGatewayAttachment,
            Kind::TransitGatewayRouteTable,
        ],
        Some(Kind::TransitGatewayAttachment) => &[
            Kind::TransitGatewayRouteTable,
            Kind::TransitGatewayAttachment,
            Kind::DirectConnectAssociation,
        ],
        Some(Kind::TransitGatewayRouteTable) => &[Kind::TransitGatewayAttachment],
        Some(
            Kind::InternetGateway
            | Kind::EgressOnlyInternetGateway
            | Kind::NatGateway
            | Kind::Peering,
        ) => &[Kind::RouteTable],
        Some(Kind::VirtualPrivateGateway) => &[Kind::RouteTable, Kind::DirectConnectAssociation],
        Some(Kind::VpcEndpoint) => &[Kind::RouteTable, Kind::HostedZone],
        Some(Kind::Account) => &[Kind::Principal, Kind::ResourcePolicy],
        Some(
            Kind::Principal
            | Kind::ResourcePolicy
            | Kind::EndpointService
            | Kind::HostedZone
            | Kind::ResolverRule
            | Kind::DirectConnectAssociation
            | Kind::ClientVpnEndpoint
            | Kind::Unmodelled,
        )
        | None => &[],
    }
}
