//! Client VPN endpoints with their interfaces, rules and routes: blocks inside of blocks, so that the
//! longest decides.

use std::collections::BTreeSet;

use model::{
    AddressValue, Attachment, AuthorizationRule, Cidr, ClientVpnEndpoint, ClientVpnEndpointId,
    ClientVpnRoute, Family, Hole, InterfaceAddress, Middlebox, NetworkInterface,
    NetworkInterfaceId, Subnet, SubnetId, Tags, Value, VpcId,
};

use super::Builder;
use crate::plan::{ClientVpnPlan, ClientVpnRoutePlan, ClientVpnRulePlan};
use crate::pool::{self, choose, pick};
use crate::swarm::Feature;
use crate::weights::{
    CLIENT_VPN_BASE, CLIENT_VPN_BLOCK, CLIENT_VPN_KNOWN, CLIENT_VPN_TARGET, ClientVpnBase,
    ClientVpnBlock, ClientVpnTarget, Naming,
};

/// Groups of users.
const USERS: [Option<&str>; 4] = [None, Some("admins"), None, Some("partners")];

impl Builder<'_> {
    /// The endpoints with their interfaces; the later rules and routes need the pool of blocks.
    pub(super) fn client_vpn_endpoints(&mut self) {
        if !self.has(Feature::ClientVpn) {
            return;
        }
        for (position, plan) in self.plan.client_vpn_endpoints.iter().enumerate() {
            let id = format!("cvpn{position}");
            let interfaces = self.client_vpn_interfaces(&id, plan);
            self.draft.client_vpn_endpoints.push(ClientVpnEndpoint {
                id: ClientVpnEndpointId::new(&id),
                interfaces,
                authorization_rules: Value::Known(BTreeSet::new()),
                routes: Value::Known(BTreeSet::new()),
                tags: Tags::new(),
            });
        }
    }

    /// One interface, or one in each of two subnets.
    fn client_vpn_interfaces(
        &mut self,
        id: &str,
        plan: &ClientVpnPlan,
    ) -> BTreeSet<NetworkInterfaceId> {
        let Some(first) = pick(&plan.first, &self.draft.subnets).cloned() else {
            return BTreeSet::new();
        };
        let others = self.draft.subnets.iter();
        let others = others.filter(|one| one.vpc == first.vpc && one.id != first.id);
        let second = pick(&plan.second, &others.collect::<Vec<_>>()).map(|one| (**one).clone());
        let second = second.filter(|_| pool::fine(&plan.second, 3) > 0);
        let mut interfaces = BTreeSet::new();
        for (number, subnet) in [Some(first), second].into_iter().flatten().enumerate() {
            let interface = self.client_vpn_interface(&format!("{id}-{number}"), &subnet, plan);
            interfaces.insert(interface.id.clone());
            self.draft.network_interfaces.push(interface);
        }
        interfaces
    }

    fn client_vpn_interface(
        &mut self,
        id: &str,
        subnet: &Subnet,
        plan: &ClientVpnPlan,
    ) -> NetworkInterface {
        let mut addresses = Vec::new();
        for family in [Family::V4, Family::V6] {
            let address = self.new_address(subnet, family, &plan.host);
            addresses.extend(address.map(|private| InterfaceAddress {
                private: AddressValue::Known(private),
                public: None,
            }));
        }
        let groups = self.draft.security_groups.iter();
        let own: Vec<_> = groups.filter(|group| group.vpc == subnet.vpc).collect();
        let group = pick(&plan.group, &own).map(|group| group.id.clone());
        NetworkInterface {
            id: NetworkInterfaceId::new(id),
            subnet: subnet.id.clone(),
            addresses,
            groups: Value::Known(group.into_iter().collect()),
            source_destination_check: true,
            middlebox: Middlebox::Unknown,
            attachment: Attachment::Other("client_vpn".to_owned()),
            tags: Tags::new(),
        }
    }

    /// What every endpoint has by its base, then single rules and routes, then what is not known.
    pub(super) fn client_vpn_rules(&mut self) {
        let plans = &self.plan.client_vpn_endpoints;
        for (position, plan) in plans.iter().enumerate() {
            let Some(place) = self.client_vpn_place(position) else {
                continue;
            };
            let blocks = self.base_blocks(&place.vpc, choose(&plan.rules, &CLIENT_VPN_BASE));
            let mut rules: BTreeSet<_> = blocks.into_iter().map(for_all).collect();
            let own_rules = self.plan.client_vpn_rules.iter();
            let own_rules = own_rules.filter(|one| one.endpoint.index(plans.len()) == position);
            rules.extend(own_rules.map(|one| self.client_vpn_rule(&place, one)));
            let blocks = self.base_blocks(&place.vpc, choose(&plan.routes, &CLIENT_VPN_BASE));
            let every = |block: Cidr| place.subnets.iter().map(move |one| route(block, Some(one)));
            let mut routes: BTreeSet<_> = blocks.into_iter().flat_map(every).collect();
            let own_routes = self.plan.client_vpn_routes.iter();
            let own_routes = own_routes.filter(|one| one.endpoint.index(plans.len()) == position);
            routes.extend(own_routes.map(|one| self.client_vpn_route(&place, one)));
            let holes = self.has(Feature::Holes);
            let open = |what: &str| holes.then(|| Hole::new(format!("{what} of cvpn{position}")));
            let rules_hole = open("authorization rules");
            let routes_hole = open("routes");
            let Some(endpoint) = self.draft.client_vpn_endpoints.get_mut(position) else {
                return;
            };
            let naming = choose(&plan.known_rules, &CLIENT_VPN_KNOWN);
            endpoint.authorization_rules = value(rules, naming, rules_hole);
            let naming = choose(&plan.known_routes, &CLIENT_VPN_KNOWN);
            endpoint.routes = value(routes, naming, routes_hole);
        }
    }

    fn client_vpn_place(&self, position: usize) -> Option<ClientVpnPlace> {
        let endpoint = self.draft.client_vpn_endpoints.get(position)?;
        let interfaces = self.draft.network_interfaces.iter();
        let own = interfaces.filter(|one| endpoint.interfaces.contains(&one.id));
        let own: Vec<_> = own.collect();
        Some(ClientVpnPlace {
            vpc: self.vpc_of(own.first()?)?,
            subnets: own.iter().map(|one| one.subnet.clone()).collect(),
        })
    }

    fn base_blocks(&self, vpc: &VpcId, base: ClientVpnBase) -> Vec<Cidr> {
        match base {
            ClientVpnBase::Everywhere => ["0.0.0.0/0", "::/0"].map(pool::cidr).to_vec(),
            ClientVpnBase::Vpc => {
                let vpc = self.vpc(vpc);
                vpc.map(|vpc| vpc.cidrs.clone()).unwrap_or_default()
            }
            ClientVpnBase::Nothing => Vec::new(),
        }
    }

    fn client_vpn_rule(
        &self,
        place: &ClientVpnPlace,
        plan: &ClientVpnRulePlan,
    ) -> AuthorizationRule {
        let group = pick(&plan.group, &USERS).copied().flatten();
        AuthorizationRule {
            destination: self.client_vpn_block(place, &plan.block, &plan.which),
            group: group.map(str::to_owned),
        }
    }

    fn client_vpn_route(
        &self,
        place: &ClientVpnPlace,
        plan: &ClientVpnRoutePlan,
    ) -> ClientVpnRoute {
        let of_vpc = self.draft.subnets.iter();
        let of_vpc = of_vpc.filter(|one| one.vpc == place.vpc);
        let others: Vec<_> = of_vpc.map(|one| &one.id).collect();
        let own: Vec<_> = place.subnets.iter().collect();
        let subnet = match choose(&plan.target, &CLIENT_VPN_TARGET) {
            ClientVpnTarget::Own => pick(&plan.which, &own).copied(),
            ClientVpnTarget::OfVpc => pick(&plan.which, &others).copied(),
            ClientVpnTarget::Local => None,
        };
        route(
            self.client_vpn_block(place, &plan.block, &plan.which),
            subnet,
        )
    }

    fn client_vpn_block(
        &self,
        place: &ClientVpnPlace,
        block: &proptest::sample::Index,
        which: &proptest::sample::Index,
    ) -> Cidr {
        let of_subnets = self.draft.subnets.iter();
        let of_subnets = of_subnets.filter(|one| one.vpc == place.vpc);
        let blocks = match choose(block, &CLIENT_VPN_BLOCK) {
            ClientVpnBlock::Subnet => of_subnets.flat_map(|one| one.cidrs.clone()).collect(),
            ClientVpnBlock::Pool => self.blocks.clone(),
            ClientVpnBlock::LinkLocal => vec![pool::cidr("169.254.0.0/16")],
        };
        // Later digits, since the first ones pick targets.
        let chosen = blocks.get(pool::fine(which, blocks.len().max(1)));
        chosen.copied().unwrap_or(pool::cidr("0.0.0.0/0"))
    }
}

/// Where an endpoint stands.
struct ClientVpnPlace {
    vpc: VpcId,
    subnets: BTreeSet<SubnetId>,
}

fn for_all(destination: Cidr) -> AuthorizationRule {
    AuthorizationRule {
        destination,
        group: None,
    }
}

fn route(destination: Cidr, subnet: Option<&SubnetId>) -> ClientVpnRoute {
    ClientVpnRoute {
        destination,
        subnet: subnet.cloned(),
    }
}

fn value<T: Ord>(known: BTreeSet<T>, naming: Naming, hole: Option<Hole>) -> Value<BTreeSet<T>> {
    match (naming, hole) {
        (Naming::OneOf, Some(hole)) => Value::OneOf(vec![known, BTreeSet::new()], hole),
        (Naming::Any, Some(hole)) => Value::Any(hole),
        (Naming::Known | Naming::Implied, _) | (Naming::OneOf | Naming::Any, None) => {
            Value::Known(known)
        }
    }
}
