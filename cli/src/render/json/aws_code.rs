//! The explanation codes of AWS's Reachability Analyzer, where one says what a clause says.
//!
//! <https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html>, as of 2026-11-26. It
//! follows requests only, so that what drops a reply has no code.

use model::{Clause, Disposition, Trace};

const CODES: &[(Clause, &str)] = &[
    (Clause::SourceCheck, "ENI_SOURCE_DEST_CHECK_RESTRICTION"),
    (Clause::SecurityGroupEgress, "ENI_SG_RULES_MISMATCH"),
    (Clause::SecurityGroupIngress, "ENI_SG_RULES_MISMATCH"),
    (Clause::NetworkAclEgress, "SUBNET_ACL_RESTRICTION"),
    (Clause::NetworkAclIngress, "SUBNET_ACL_RESTRICTION"),
    (Clause::LongestPrefixMatch, "NO_ROUTE_TO_DESTINATION"),
    (Clause::RouteBlackhole, "BAD_STATE_ROUTE"),
    (Clause::InternetGatewayAttached, "UNASSOCIATED_COMPONENT"),
    (
        Clause::InternetGatewayPublicAddress,
        "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS",
    ),
    (
        Clause::InternetGatewayInbound,
        "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS",
    ),
    (
        Clause::VpcBlockPublicAccess,
        "VPC_BLOCK_PUBLIC_ACCESS_ENABLED",
    ),
    (Clause::NatGatewayAvailable, "BAD_STATE"),
    (Clause::NatGatewaySource, "NGW_REQUIRES_SOURCE_IN_VPC"),
    (Clause::NatGatewayProtocol, "PROTOCOL_RESTRICTION"),
    (Clause::PeeringActive, "BAD_STATE"),
    (Clause::PeeringAddresses, "PCX_REQUIRES_ADDRESS_IN_VPC_CIDR"),
    (Clause::GatewayEndpointAvailable, "BAD_STATE"),
    (
        Clause::GatewayEndpointProtocol,
        "VPCE_GATEWAY_PROTOCOL_RESTRICTION",
    ),
    (Clause::InterfaceEndpointAvailable, "BAD_STATE"),
    (Clause::InterfaceEndpointProtocol, "PROTOCOL_RESTRICTION"),
    (
        Clause::EndpointServiceZone,
        "VPCE_SERVICE_NOT_INSTALLED_IN_AZ",
    ),
    (Clause::LoadBalancerListener, "ELBV2_LISTENERS_MISMATCH"),
    (Clause::MiddleboxCheck, "ENI_SOURCE_DEST_CHECK_RESTRICTION"),
    (Clause::TransitGatewayZone, "TGW_ATTACH_VPC_AZ_RESTRICTION"),
    (
        Clause::TransitGatewayAssociation,
        "TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION",
    ),
    (Clause::TransitGatewayBlackhole, "TGW_RTB_BAD_STATE_ROUTE"),
];

/// The code of what drops the request of a trace.
pub(in crate::render) fn of(trace: &Trace) -> Option<&'static str> {
    let forward = &trace.decision.forward;
    if forward.disposition != Disposition::Dropped {
        return None;
    }
    let mut codes = CODES.iter();
    let found = codes.find(|(clause, _)| *clause == forward.clause);
    found.map(|(_, code)| *code)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::CODES;

    /// The codes that AWS publishes, of its sections *Path is not reachable* and *Configuration*.
    const PUBLISHED: &str = "\
        BAD_STATE BAD_STATE_ATTACHMENT BAD_STATE_ROUTE BAD_STATE_VPN CANNOT_ROUTE \
        ELB_ACL_RESTRICTION ELB_INSTALLED_AZ_RESTRICTION ELB_LISTENER_PORT_RESTRICTION \
        ELB_LISTENERS_MISMATCH ELB_NOT_CROSSZONE ELBV2_LISTENER_HAS_NO_TG \
        ELBV2_LISTENER_PORT_RESTRICTION ELBV2_LISTENER_REQUIRES_TG_ACCEPT \
        ELBV2_LISTENERS_MISMATCH ELBV2_NO_TARGETS_IN_AZ ELBV2_SOURCE_ADDRESS_PRESERVATION \
        ENI_ADDRESS_RESTRICTION ENI_SG_RULES_MISMATCH ENI_SOURCE_DEST_CHECK_RESTRICTION \
        FIREWALL_RULES_RESTRICTION GATEWAY_REJECTS_SPOOFED_TRAFFIC \
        GWLB_DESTINATION_PORT_RESTRICTION GWLB_PROTOCOL_RESTRICTION HIGHER_PRIORITY_ROUTE \
        IGW_DESTINATION_ADDRESS_IN_VPC_CIDRS IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS \
        IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS IGW_NAT_REFLECTION \
        IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS \
        IGW_SOURCE_ADDRESS_NOT_IN_RFC1918_INGRESS IGW_SOURCE_ADDRESS_NOT_IN_RFC6598_INGRESS \
        INGRESS_RTB_NO_PUBLIC_IP INGRESS_RTB_TRAFFIC_REDIRECTION MORE_SPECIFIC_ROUTE \
        NGW_DEST_ADDRESS_PRESERVATION NGW_REQUIRES_SOURCE_IN_VPC NGW_SOURCE_ADDRESS_REASSIGN \
        NO_POSSIBLE_DESTINATION NO_ROUTE_TO_DESTINATION PCX_REQUIRES_ADDRESS_IN_VPC_CIDR \
        PROTOCOL_RESTRICTION REGIONAL_NGW_ROUTE_AZ_RESTRICTION REMAP_EPHEMERAL_PORT \
        SG_HAS_NO_RULES SG_REFERENCES_NOT_PRESERVED SG_REFERENCING_SUPPORT \
        SUBNET_ACL_RESTRICTION TARGET_ADDRESS_RESTRICTION TARGET_PORT_RESTRICTION \
        TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION TGW_ATTACH_VPC_AZ_RESTRICTION TGW_BAD_STATE_VPN \
        TGW_ROUTE_AZ_RESTRICTION TGW_RTB_BAD_STATE_ROUTE TGW_RTB_CANNOT_ROUTE \
        TGW_RTB_HIGHER_PRIORITY_ROUTE TGW_RTB_MORE_SPECIFIC_ROUTE \
        TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT TGW_RTB_ROUTES_ARE_UNKNOWN UNKNOWN_DESTINATION \
        UNKNOWN_PEERED_SGS UNKNOWN_RESOURCE VGW_PRIVATE_IP_ASSOCIATION_FOR_EGRESS \
        VGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS VPC_BLOCK_PUBLIC_ACCESS_ENABLED \
        VPC_LOCAL_ROUTE_CIDR_RESTRICTION VPCE_GATEWAY_EGRESS_SOURCE_ADDRESS_RESTRICTION \
        VPCE_GATEWAY_PROTOCOL_RESTRICTION VPCE_INTRA_VPC_TRAFFIC \
        VPCE_SERVICE_NOT_INSTALLED_IN_AZ DISCONNECTED_VPCS NO_PATH NO_SOURCE_OR_DESTINATION \
        UNASSOCIATED_COMPONENT UNSUPPORTED_COMPONENT";

    #[test]
    fn every_code_is_one_that_aws_publishes() {
        let published: BTreeSet<&str> = PUBLISHED.split_whitespace().collect();
        for (clause, code) in CODES {
            assert!(published.contains(code), "{code} of {clause}");
        }
    }

    #[test]
    fn a_clause_has_one_code() {
        let clauses: BTreeSet<_> = CODES.iter().map(|(clause, _)| clause).collect();
        assert_eq!(clauses.len(), CODES.len());
    }
}
