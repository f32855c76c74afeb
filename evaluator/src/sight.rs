//! What packets from a place can meet: every subnet, table and appliance on any of their ways.

use std::collections::BTreeSet;

use crate::compiled::Compiled;
use crate::index::{
    AttachmentIndex, InterfaceIndex, RouteTableIndex, SubnetIndex, TransitTableIndex, VpcIndex,
};
use crate::on_premises::Gateway;
use crate::peering::End;
use crate::route_table::Target;
use crate::transit_gateway::Attached;

/// What packets from a place can meet, forward or back.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sight {
    /// Where they may stand, and by which subnets they pass transit gateways.
    pub(crate) places: BTreeSet<SubnetIndex>,
    /// Where they may arrive.
    pub(crate) vpcs: BTreeSet<VpcIndex>,
    pub(crate) middleboxes: BTreeSet<InterfaceIndex>,
    pub(crate) transit_tables: BTreeSet<TransitTableIndex>,
    /// By which they may be handed over to networks on premises.
    pub(crate) gateways: BTreeSet<Gateway>,
    /// By whose gateways they may leave for the internet.
    pub(crate) exits: BTreeSet<VpcIndex>,
}

impl Sight {
    /// From a subnet.
    pub(crate) fn from_subnet(network: &Compiled, subnet: SubnetIndex) -> Self {
        let mut seer = Seer::new(network);
        seer.coming.push(subnet);
        seer.look()
    }

    /// From the edge table of an internet gateway of a VPC.
    pub(crate) fn from_edge(network: &Compiled, vpc: VpcIndex, table: RouteTableIndex) -> Self {
        let mut seer = Seer::new(network);
        seer.sight.vpcs.insert(vpc);
        seer.table(vpc, table);
        seer.look()
    }

    /// From on premises by a gateway.
    pub(crate) fn from_gateway(network: &Compiled, gateway: Gateway) -> Self {
        let mut seer = Seer::new(network);
        match gateway {
            // They arrive in its VPC.
            Gateway::VirtualPrivate(index) => {
                seer.sight.vpcs.extend(network.virtual_private[index].vpc);
                // Or they go on to another site.
                seer.sight.gateways.insert(gateway);
                seer.sight
            }
            Gateway::Transit(attachment) => {
                seer.transit(attachment);
                seer.look()
            }
        }
    }
}

struct Seer<'a> {
    network: &'a Compiled,
    sight: Sight,
    coming: Vec<SubnetIndex>,
    entered: BTreeSet<AttachmentIndex>,
}

impl<'a> Seer<'a> {
    fn new(network: &'a Compiled) -> Self {
        Self {
            network,
            sight: Sight::default(),
            coming: Vec::new(),
            entered: BTreeSet::new(),
        }
    }

    /// Follows every route of every place; each place is looked at once.
    fn look(mut self) -> Sight {
        while let Some(subnet) = self.coming.pop() {
            if !self.sight.places.insert(subnet) {
                continue;
            }
            let place = &self.network.subnets[subnet];
            self.sight.vpcs.insert(place.vpc);
            if let Ok(table) = place.route_table {
                self.table(place.vpc, table);
            }
        }
        self.peered();
        self.sight
    }

    fn table(&mut self, vpc: VpcIndex, table: RouteTableIndex) {
        let network = self.network;
        for target in network.route_tables[table].targets() {
            match target {
                // Where they leave the network, or arrive, nothing more is met.
                Target::Local | Target::GatewayEndpoint(_) | Target::Peering(_) => {}
                // Unless they come back.
                Target::InternetGateway(_) | Target::EgressOnly(_) => {
                    self.sight.exits.insert(vpc);
                }
                Target::NatGateway(index) => self.coming.push(network.nat_gateways[*index].subnet),
                Target::NetworkInterface(index) => {
                    self.sight.middleboxes.insert(*index);
                    self.coming.push(network.interfaces[*index].subnet);
                }
                Target::GatewayLoadBalancer(index) => {
                    let appliances = network.endpoints[*index].appliances;
                    self.coming
                        .extend(appliances.map(|appliances| appliances.subnet));
                }
                Target::TransitGateway(index) => {
                    let attachment = network.transit_gateways[*index].attachment(vpc);
                    if let Some(attachment) = attachment {
                        self.transit(attachment);
                    }
                }
                Target::VirtualPrivate(index) => {
                    self.sight.gateways.insert(Gateway::VirtualPrivate(*index));
                }
            }
        }
    }

    /// Into a transit gateway by an attachment.
    fn transit(&mut self, attachment: AttachmentIndex) {
        let network = self.network;
        let mut coming = vec![attachment];
        while let Some(attachment) = coming.pop() {
            if !self.entered.insert(attachment) {
                continue;
            }
            let entered = &network.attachments[attachment];
            // Requests and replies alike are routed by what they come in by.
            self.coming.extend(entered.subnets());
            let Some(Ok(table)) = entered.association else {
                continue;
            };
            self.sight.transit_tables.insert(table);
            for left in network.transit_tables[table].targets() {
                coming.push(*left);
                match &network.attachments[*left].attached {
                    Attached::Peering(Ok(other)) => coming.push(*other),
                    Attached::OnPremises(_) => {
                        self.sight.gateways.insert(Gateway::Transit(*left));
                    }
                    Attached::Vpc { .. } | Attached::Peering(Err(_)) | Attached::Unmodelled(_) => {}
                }
            }
        }
    }

    /// Adds the VPCs that are peered with those where packets may stand.
    fn peered(&mut self) {
        let own = self.sight.vpcs.clone();
        for (_, peering) in self.network.peerings.iter() {
            for vpc in &own {
                let is_own = |end: &End| matches!(end, End::Vpc(of) if of == vpc);
                if let (true, End::Vpc(other)) =
                    (peering.ends.iter().any(is_own), peering.other(*vpc))
                {
                    self.sight.vpcs.insert(other);
                }
            }
        }
    }
}
