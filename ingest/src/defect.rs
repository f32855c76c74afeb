//! Defects of a draft, at the places that their components came from.

use model::Defect;

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::nearest::nearest;
use crate::provenance::{Kind, Provenance};

/// A defect as a diagnostic; `file` is named when the component has no place of its own.
pub(crate) fn explain(defect: &Defect, provenance: &Provenance, file: &str) -> Diagnostic {
    let id = defect.component();
    let place = kinds(defect)
        .iter()
        .find_map(|kind| provenance.of(*kind, id))
        .or_else(|| provenance.named(id));
    let place = place.cloned().unwrap_or_else(|| Place::file(file));
    let code = Code::of_defect(defect);
    let diagnostic = Diagnostic::error(place, code, defect.to_string());
    match suggestion(defect, provenance) {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

/// The nearest id to one that is not there.
fn suggestion(defect: &Defect, provenance: &Provenance) -> Option<String> {
    let Defect::NotDefined { kind, id, .. } = defect else {
        return None;
    };
    let kind = kind_of(kind)?;
    let found = nearest(id, provenance.ids(kind))?;
    Some(format!("did you mean `{found}`"))
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
        "egress-only internet gateway" => Kind::EgressOnlyInternetGateway,
        "NAT gateway" => Kind::NatGateway,
        "peering" => Kind::Peering,
        "endpoint" | "gateway endpoint" | "Gateway Load Balancer endpoint" => Kind::VpcEndpoint,
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
        | Defect::TwoInternetGateways { .. } => &[Kind::Vpc],
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
        Defect::NatGatewayWithoutAddress { .. } => &[Kind::NatGateway],
        Defect::DuplicateId { .. } | Defect::TooFewCandidates { .. } => &[],
    }
}

/// Who uses things of a kind.
fn users(kind: &str) -> &'static [Kind] {
    match kind_of(kind) {
        Some(Kind::RouteTable) => &[Kind::Subnet, Kind::Vpc, Kind::InternetGateway],
        Some(Kind::NetworkAcl) => &[Kind::Subnet],
        Some(Kind::Subnet) => &[
            Kind::NetworkInterface,
            Kind::NatGateway,
            Kind::VpcEndpoint,
            Kind::TransitGatewayAttachment,
        ],
        Some(Kind::SecurityGroup) => &[Kind::NetworkInterface, Kind::SecurityGroup],
        Some(Kind::NetworkInterface) => &[Kind::NatGateway, Kind::VpcEndpoint, Kind::RouteTable],
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
            Kind::Peering,
            Kind::VpcEndpoint,
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
        ],
        Some(Kind::TransitGatewayRouteTable) => &[Kind::TransitGatewayAttachment],
        Some(
            Kind::InternetGateway
            | Kind::EgressOnlyInternetGateway
            | Kind::NatGateway
            | Kind::Peering
            | Kind::VpcEndpoint,
        ) => &[Kind::RouteTable],
        Some(Kind::Unmodelled) | None => &[],
    }
}
