//! The network: a draft as an importer gathers it, and the valid, closed world made of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::account::{Account, IamPrincipal, ResourcePolicy};
use crate::address::Address;
use crate::client_vpn::ClientVpnEndpoint;
use crate::defect::Defect;
use crate::dns::{HostedZone, ResolverRule};
use crate::endpoint_service::EndpointService;
use crate::gateway::{EgressOnlyInternetGateway, InternetGateway, NatGateway};
use crate::hole::{AddressSlot, AddressValue, Completion};
use crate::id::{
    AccountId, ClientVpnEndpointId, DirectConnectAssociationId, EgressOnlyInternetGatewayId,
    EndpointServiceId, HostedZoneId, InternetGatewayId, LoadBalancerId, NatGatewayId, NetworkAclId,
    NetworkInterfaceId, PeeringId, PrefixListId, PrincipalId, ResolverRuleId, ResourceId,
    RouteTableId, SecurityGroupId, SubnetId, TargetGroupId, TransitGatewayAttachmentId,
    TransitGatewayId, TransitGatewayRouteTableId, VirtualPrivateGatewayId, VpcEndpointId, VpcId,
};
use crate::load_balancer::{LoadBalancer, TargetGroup};
use crate::network_acl::NetworkAcl;
use crate::network_interface::NetworkInterface;
use crate::on_premises::{DirectConnectAssociation, VirtualPrivateGateway};
use crate::peering::Peering;
use crate::prefix_list::PrefixList;
use crate::route_table::RouteTable;
use crate::security_group::SecurityGroup;
use crate::transit_gateway::{TransitGateway, TransitGatewayAttachment, TransitGatewayRouteTable};
use crate::validate;
use crate::vpc::{Subnet, Vpc};
use crate::vpc_endpoint::VpcEndpoint;

macro_rules! network {
    ($($(#[$doc:meta])* $field:ident: $id:ident => $component:ident,)*) => {
        /// What an importer gathered, in any order, with whatever mistakes the input has.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct NetworkDraft {
            $($(#[$doc])* pub $field: Vec<$component>,)*
        }

        /// A valid network: every reference leads somewhere, every id is there once, and every
        /// rule that AWS enforces on creation, as far as [`Defect`] lists them, is kept. It is
        /// closed: what is not in it does not exist, unless a hole says otherwise.
        ///
        /// Clones share their components, so that each engine has a network of its own that takes no room.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Network {
            $($field: Arc<BTreeMap<$id, $component>>,)*
        }

        impl NetworkDraft {
            /// Checks everything and closes the world.
            ///
            /// # Errors
            ///
            /// All defects, not the first.
            pub fn validate(self) -> Result<Network, Vec<Defect>> {
                let mut defects = Vec::new();
                $(let $field = keyed(self.$field, |component| component.id.clone(), &mut defects);)*
                let network = Network { $($field: Arc::new($field),)* };
                validate::find(&network, &mut defects);
                if defects.is_empty() { Ok(network) } else { Err(defects) }
            }
        }

        impl Network {
            $($(#[$doc])* pub fn $field(&self) -> &BTreeMap<$id, $component> {
                &self.$field
            })*

            /// The draft again, for whoever wants to change it; components in the order of ids.
            pub fn into_draft(self) -> NetworkDraft {
                NetworkDraft { $($field: Arc::unwrap_or_clone(self.$field).into_values().collect(),)* }
            }
        }
    };
}

network! {
    /// The VPCs.
    vpcs: VpcId => Vpc,
    /// The subnets.
    subnets: SubnetId => Subnet,
    /// The route tables.
    route_tables: RouteTableId => RouteTable,
    /// The managed prefix lists.
    prefix_lists: PrefixListId => PrefixList,
    /// The security groups.
    security_groups: SecurityGroupId => SecurityGroup,
    /// The network ACLs.
    network_acls: NetworkAclId => NetworkAcl,
    /// The network interfaces.
    network_interfaces: NetworkInterfaceId => NetworkInterface,
    /// The internet gateways.
    internet_gateways: InternetGatewayId => InternetGateway,
    /// The egress-only internet gateways.
    egress_only_internet_gateways: EgressOnlyInternetGatewayId => EgressOnlyInternetGateway,
    /// The NAT gateways.
    nat_gateways: NatGatewayId => NatGateway,
    /// The VPC peering connections.
    peerings: PeeringId => Peering,
    /// The VPC endpoints.
    vpc_endpoints: VpcEndpointId => VpcEndpoint,
    /// The load balancers.
    load_balancers: LoadBalancerId => LoadBalancer,
    /// The target groups.
    target_groups: TargetGroupId => TargetGroup,
    /// The endpoint services.
    endpoint_services: EndpointServiceId => EndpointService,
    /// The private hosted zones.
    hosted_zones: HostedZoneId => HostedZone,
    /// The resolver rules.
    resolver_rules: ResolverRuleId => ResolverRule,
    /// The transit gateways.
    transit_gateways: TransitGatewayId => TransitGateway,
    /// The attachments to transit gateways.
    transit_gateway_attachments: TransitGatewayAttachmentId => TransitGatewayAttachment,
    /// The route tables of transit gateways.
    transit_gateway_route_tables: TransitGatewayRouteTableId => TransitGatewayRouteTable,
    /// The virtual private gateways.
    virtual_private_gateways: VirtualPrivateGatewayId => VirtualPrivateGateway,
    /// The associations of Direct Connect gateways.
    direct_connect_associations: DirectConnectAssociationId => DirectConnectAssociation,
    /// The Client VPN endpoints.
    client_vpn_endpoints: ClientVpnEndpointId => ClientVpnEndpoint,
    /// The accounts whose policies are known.
    accounts: AccountId => Account,
    /// Users, roles and sessions with their policies.
    principals: PrincipalId => IamPrincipal,
    /// Resources with their policies.
    resource_policies: ResourceId => ResourcePolicy,
}

fn keyed<Id: Ord + ToString, Component>(
    components: Vec<Component>,
    id: impl Fn(&Component) -> Id,
    defects: &mut Vec<Defect>,
) -> BTreeMap<Id, Component> {
    let mut by_id = BTreeMap::new();
    for component in components {
        let id = id(&component);
        let name = id.to_string();
        if by_id.insert(id, component).is_some() {
            defects.push(Defect::DuplicateId { id: name });
        }
    }
    by_id
}

impl Network {
    /// The open addresses, in order.
    pub fn open_addresses(&self) -> Vec<AddressSlot> {
        let mut slots = Vec::new();
        for (id, interface) in self.network_interfaces() {
            for (position, address) in interface.addresses.iter().enumerate() {
                let mut push = |value: &AddressValue, public| {
                    if let AddressValue::Within(..) = value {
                        slots.push(AddressSlot {
                            interface: id.clone(),
                            position,
                            public,
                        });
                    }
                };
                push(&address.private, false);
                if let Some(value) = &address.public {
                    push(value, true);
                }
            }
        }
        slots
    }

    /// The network with the open addresses that the completion names put in. It does not ask
    /// whether AWS could assign them: an engine that chooses them does.
    pub fn completed(&self, completion: &Completion) -> Network {
        let mut network = self.clone();
        for (slot, address) in &completion.addresses {
            if let Some(value) = network.slot(slot) {
                *value = AddressValue::Known(*address);
            }
        }
        network
    }

    /// The network without these interfaces. It does not ask whether something names them: an
    /// engine that leaves them out does.
    pub fn without(&self, interfaces: &BTreeSet<NetworkInterfaceId>) -> Network {
        let all = self.network_interfaces.iter();
        let left = all.filter(|(id, _)| !interfaces.contains(*id));
        let left = left.map(|(id, interface)| (id.clone(), interface.clone()));
        Network {
            network_interfaces: Arc::new(left.collect()),
            ..self.clone()
        }
    }

    /// The known value of a slot.
    pub fn address(&self, slot: &AddressSlot) -> Option<Address> {
        let interface = self.network_interfaces.get(&slot.interface)?;
        let address = interface.addresses.get(slot.position)?;
        let value = if slot.public {
            address.public.as_ref()?
        } else {
            &address.private
        };
        match value {
            AddressValue::Known(address) => Some(*address),
            AddressValue::Within(..) => None,
        }
    }

    fn slot(&mut self, slot: &AddressSlot) -> Option<&mut AddressValue> {
        let interfaces = Arc::make_mut(&mut self.network_interfaces);
        let interface = interfaces.get_mut(&slot.interface)?;
        let address = interface.addresses.get_mut(slot.position)?;
        if slot.public {
            address.public.as_mut()
        } else {
            Some(&mut address.private)
        }
    }
}
