//! What a change consists of: the components that are added, removed or altered, each of which can
//! be applied without the others.

use std::collections::BTreeSet;

use model::{ComponentId, Network, NetworkDraft};

/// One component that is not the same in both networks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Edit {
    pub(crate) kind: Kind,
    /// Its id.
    pub(crate) id: String,
    pub(crate) what: What,
}

/// What becomes of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    Added,
    Removed,
    Altered,
}

impl What {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            What::Added => "added",
            What::Removed => "removed",
            What::Altered => "changed",
        }
    }
}

macro_rules! kinds {
    ($($variant:ident $field:ident $word:literal,)*) => {
        /// The kind of a component.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Kind {
            $($variant,)*
        }

        impl Kind {
            /// AWS's word for it.
            pub(crate) const fn word(self) -> &'static str {
                match self {
                    $(Kind::$variant => $word,)*
                }
            }
        }

        /// Every component of a network, in order.
        pub(crate) fn components(network: &Network) -> Vec<(Kind, String)> {
            let mut components = Vec::new();
            $(components.extend(network.$field().keys().map(|id| (Kind::$variant, id.to_string())));)*
            components
        }

        /// Every component of a draft.
        pub(crate) fn drafted(draft: &NetworkDraft) -> Vec<(Kind, String)> {
            let mut components = Vec::new();
            $(components.extend(draft.$field.iter().map(|one| (Kind::$variant, one.id.to_string())));)*
            components
        }

        /// Takes components out of a draft, and nothing else.
        pub(crate) fn take_out(draft: &mut NetworkDraft, gone: &BTreeSet<(Kind, String)>) {
            $(draft.$field.retain(|one| !gone.contains(&(Kind::$variant, one.id.to_string())));)*
        }

        /// Everything that differs between two networks, in order.
        pub(crate) fn edits(before: &Network, after: &Network) -> Vec<Edit> {
            let mut edits = Vec::new();
            $(
                let ids: BTreeSet<_> = before.$field().keys().chain(after.$field().keys()).collect();
                for id in ids {
                    let what = match (before.$field().get(id), after.$field().get(id)) {
                        (None, _) => What::Added,
                        (Some(_), None) => What::Removed,
                        (Some(one), Some(other)) if one != other => What::Altered,
                        (Some(_), Some(_)) => continue,
                    };
                    edits.push(Edit { kind: Kind::$variant, id: id.to_string(), what });
                }
            )*
            edits
        }

        /// The first network with some of the edits that lead to the second; `None` where AWS would
        /// not take these alone.
        pub(crate) fn apply<'e>(
            edits: impl Iterator<Item = &'e Edit>,
            before: &Network,
            after: &Network,
        ) -> Option<Network> {
            let mut draft: NetworkDraft = before.clone().into_draft();
            for edit in edits {
                match edit.kind {
                    $(Kind::$variant => {
                        draft.$field.retain(|one| one.id.to_string() != edit.id);
                        let mut others = after.$field().values();
                        draft.$field.extend(others.find(|one| one.id.to_string() == edit.id).cloned());
                    })*
                }
            }
            draft.validate().ok()
        }
    };
}

kinds! {
    Vpc vpcs "VPC",
    Subnet subnets "subnet",
    RouteTable route_tables "route table",
    PrefixList prefix_lists "prefix list",
    SecurityGroup security_groups "security group",
    NetworkAcl network_acls "network ACL",
    NetworkInterface network_interfaces "interface",
    InternetGateway internet_gateways "internet gateway",
    EgressOnlyInternetGateway egress_only_internet_gateways "egress-only internet gateway",
    NatGateway nat_gateways "NAT gateway",
    Peering peerings "peering",
    VpcEndpoint vpc_endpoints "endpoint",
    LoadBalancer load_balancers "load balancer",
    TargetGroup target_groups "target group",
    EndpointService endpoint_services "endpoint service",
    HostedZone hosted_zones "hosted zone",
    ResolverRule resolver_rules "resolver rule",
    TransitGateway transit_gateways "transit gateway",
    TransitGatewayAttachment transit_gateway_attachments "transit gateway attachment",
    TransitGatewayRouteTable transit_gateway_route_tables "transit gateway route table",
    VirtualPrivateGateway virtual_private_gateways "virtual private gateway",
    DirectConnectAssociation direct_connect_associations "Direct Connect association",
    ClientVpnEndpoint client_vpn_endpoints "Client VPN endpoint",
    Account accounts "account",
    IamPrincipal principals "principal",
    ResourcePolicy resource_policies "resource policy",
}

impl Edit {
    /// The component as traces name it; `None` of a kind that takes no step.
    pub(crate) fn component(&self) -> Option<ComponentId> {
        self.kind.component(&self.id)
    }
}

impl Kind {
    /// A component of this kind as traces name it; `None` of a kind that takes no step.
    pub(crate) fn component(self, id: &str) -> Option<ComponentId> {
        match self {
            Kind::Vpc => Some(ComponentId::Vpc(id.into())),
            Kind::Subnet => Some(ComponentId::Subnet(id.into())),
            Kind::RouteTable => Some(ComponentId::RouteTable(id.into())),
            Kind::SecurityGroup => Some(ComponentId::SecurityGroup(id.into())),
            Kind::NetworkAcl => Some(ComponentId::NetworkAcl(id.into())),
            Kind::NetworkInterface => Some(ComponentId::NetworkInterface(id.into())),
            Kind::InternetGateway => Some(ComponentId::InternetGateway(id.into())),
            Kind::EgressOnlyInternetGateway => {
                Some(ComponentId::EgressOnlyInternetGateway(id.into()))
            }
            Kind::NatGateway => Some(ComponentId::NatGateway(id.into())),
            Kind::Peering => Some(ComponentId::Peering(id.into())),
            Kind::VpcEndpoint => Some(ComponentId::VpcEndpoint(id.into())),
            Kind::LoadBalancer => Some(ComponentId::LoadBalancer(id.into())),
            Kind::TargetGroup => Some(ComponentId::TargetGroup(id.into())),
            Kind::EndpointService => Some(ComponentId::EndpointService(id.into())),
            Kind::TransitGateway => Some(ComponentId::TransitGateway(id.into())),
            Kind::TransitGatewayAttachment => {
                Some(ComponentId::TransitGatewayAttachment(id.into()))
            }
            Kind::TransitGatewayRouteTable => {
                Some(ComponentId::TransitGatewayRouteTable(id.into()))
            }
            Kind::VirtualPrivateGateway => Some(ComponentId::VirtualPrivateGateway(id.into())),
            Kind::PrefixList
            | Kind::HostedZone
            | Kind::ResolverRule
            | Kind::DirectConnectAssociation
            | Kind::ClientVpnEndpoint
            | Kind::Account
            | Kind::IamPrincipal
            | Kind::ResourcePolicy => None,
        }
    }
}
