//! What a claim speaks of while a change is applied: everything that is in scope in some of the networks, and what is
//! in all of them.

use std::collections::BTreeSet;

use model::{Claim, ComponentId, Network, NetworkInterfaceId, Origin, Place};

use super::Apply;
use crate::invariant_file::lower::Lowered;

impl Apply<'_> {
    /// A claim of what is in scope in some of the networks, and of what is in all of them. Nothing when they differ in
    /// which components it asks flows to pass.
    pub(super) fn scopes(&self, after: &Lowered, others: &[Lowered]) -> Option<[Lowered; 2]> {
        let mut widest = after.clone();
        let mut narrowest = after.clone();
        for other in others {
            let claim = self.claim(&other.invariant.claim, &widest.invariant.claim)?;
            widest.invariant.claim = claim;
            widest.open.extend(other.open.iter().cloned());
            let names = other.public_names.iter().cloned();
            widest.public_names.extend(names);
            let (other, scope) = (&other.invariant.scope, &mut widest.invariant.scope);
            for origin in &other.from {
                if !scope.from.contains(origin) {
                    scope.from.push(origin.clone());
                }
            }
            for place in &other.to {
                if !scope.to.contains(place) {
                    scope.to.push(place.clone());
                }
            }
            let scope = &mut narrowest.invariant.scope;
            let of_both = |origin: &Origin| common_origin(origin, &other.from);
            scope.from = scope.from.iter().filter_map(of_both).collect();
            let of_both = |place: &Place| common_place(place, &other.to);
            scope.to = scope.to.iter().filter_map(of_both).collect();
        }
        narrowest.invariant.claim = widest.invariant.claim.clone();
        narrowest.open.clone_from(&widest.open);
        narrowest.public_names.clone_from(&widest.public_names);
        Some([widest, narrowest])
    }

    /// The claim with the components that flows pass in either network. One that is in both has to be meant in both.
    fn claim(&self, before: &Claim, after: &Claim) -> Option<Claim> {
        let all = |before: &[Claim], after: &[Claim]| -> Option<Vec<Claim>> {
            let pairs = before.iter().zip(after);
            pairs.map(|(one, other)| self.claim(one, other)).collect()
        };
        Some(match (before, after) {
            (one, other) if one == other => other.clone(),
            (Claim::Traverses(one), Claim::Traverses(other)) if one.len() == other.len() => {
                let steps = one.iter().zip(other).map(|(one, other)| {
                    let mut changed = one.symmetric_difference(other);
                    let is_clear = changed.all(|component| !self.stays(component));
                    is_clear.then(|| one.union(other).cloned().collect())
                });
                Claim::Traverses(steps.collect::<Option<_>>()?)
            }
            (Claim::All(one), Claim::All(other)) if one.len() == other.len() => {
                Claim::All(all(one, other)?)
            }
            (Claim::Any(one), Claim::Any(other)) if one.len() == other.len() => {
                Claim::Any(all(one, other)?)
            }
            (Claim::Not(one), Claim::Not(other)) => Claim::Not(Box::new(self.claim(one, other)?)),
            (_, _) => return None,
        })
    }

    /// Whether a component that flows may be asked to pass is in both networks, as far as that can be told.
    fn stays(&self, component: &ComponentId) -> bool {
        let [before, after] = self.networks;
        match component {
            ComponentId::VpcEndpoint(id) => {
                before.vpc_endpoints().contains_key(id) && after.vpc_endpoints().contains_key(id)
            }
            ComponentId::NatGateway(id) => {
                before.nat_gateways().contains_key(id) && after.nat_gateways().contains_key(id)
            }
            ComponentId::NetworkInterface(id) => {
                let has = |network: &Network| network.network_interfaces().contains_key(id);
                has(before) && has(after)
            }
            ComponentId::SecurityGroup(_)
            | ComponentId::NetworkAcl(_)
            | ComponentId::Subnet(_)
            | ComponentId::Vpc(_)
            | ComponentId::RouteTable(_)
            | ComponentId::InternetGateway(_)
            | ComponentId::EgressOnlyInternetGateway(_)
            | ComponentId::Peering(_)
            | ComponentId::LoadBalancer(_)
            | ComponentId::TargetGroup(_)
            | ComponentId::EndpointService(_)
            | ComponentId::VirtualPrivateGateway(_)
            | ComponentId::TransitGateway(_)
            | ComponentId::TransitGatewayAttachment(_)
            | ComponentId::TransitGatewayRouteTable(_)
            | ComponentId::Internet
            | ComponentId::OnPremises
            | ComponentId::Unmodelled(_) => true,
        }
    }
}

/// The claim of no flow.
pub(super) fn nothing(of: &Lowered) -> Lowered {
    let mut nothing = of.clone();
    nothing.invariant.scope.from.clear();
    nothing.invariant.scope.to.clear();
    nothing.open.clear();
    nothing
}

fn common_origin(origin: &Origin, others: &[Origin]) -> Option<Origin> {
    let Origin::Interfaces(interfaces) = origin else {
        return others.contains(origin).then(|| origin.clone());
    };
    let others = senders(others).flatten().cloned().collect();
    let common: BTreeSet<_> = interfaces.intersection(&others).cloned().collect();
    (!common.is_empty()).then_some(Origin::Interfaces(common))
}

fn common_place(place: &Place, others: &[Place]) -> Option<Place> {
    let Place::Interfaces {
        interfaces,
        public_from_inside,
    } = place
    else {
        return others.contains(place).then(|| place.clone());
    };
    let others = receivers(others).flatten().cloned().collect();
    let common: BTreeSet<_> = interfaces.intersection(&others).cloned().collect();
    (!common.is_empty()).then_some(Place::Interfaces {
        interfaces: common,
        public_from_inside: *public_from_inside,
    })
}

/// The interfaces among senders.
pub(crate) fn senders(origins: &[Origin]) -> impl Iterator<Item = &BTreeSet<NetworkInterfaceId>> {
    origins.iter().filter_map(|origin| match origin {
        Origin::Interfaces(interfaces) => Some(interfaces),
        Origin::Internet(_) | Origin::OnPremises { .. } => None,
    })
}

/// The interfaces among places.
pub(crate) fn receivers(places: &[Place]) -> impl Iterator<Item = &BTreeSet<NetworkInterfaceId>> {
    places.iter().filter_map(|place| match place {
        Place::Interfaces { interfaces, .. } => Some(interfaces),
        Place::Internet
        | Place::OnPremises(_)
        | Place::Cidrs(_)
        | Place::Service(_)
        | Place::GatewayEndpoints(_)
        | Place::Name(_) => None,
    })
}
