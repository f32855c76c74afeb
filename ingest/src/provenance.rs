//! Provenance: where in the input each component and each rule came from.

use std::collections::BTreeMap;

use model::{ComponentId, RuleIndex};

use crate::diagnostic::Place;

/// The kind of a component, as far as ids are unique within it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A VPC.
    Vpc,
    /// A subnet.
    Subnet,
    /// A route table.
    RouteTable,
    /// A managed prefix list.
    PrefixList,
    /// A security group.
    SecurityGroup,
    /// A network ACL.
    NetworkAcl,
    /// A network interface.
    NetworkInterface,
    /// An internet gateway.
    InternetGateway,
    /// An egress-only internet gateway.
    EgressOnlyInternetGateway,
    /// A NAT gateway.
    NatGateway,
    /// A VPC peering connection.
    Peering,
    /// A VPC endpoint.
    VpcEndpoint,
    /// A virtual private gateway.
    VirtualPrivateGateway,
    /// An association of a Direct Connect gateway.
    DirectConnectAssociation,
    /// A Client VPN endpoint.
    ClientVpnEndpoint,
    /// A load balancer.
    LoadBalancer,
    /// A target group.
    TargetGroup,
    /// An endpoint service.
    EndpointService,
    /// A private hosted zone.
    HostedZone,
    /// A resolver rule.
    ResolverRule,
    /// A transit gateway.
    TransitGateway,
    /// An attachment to a transit gateway.
    TransitGatewayAttachment,
    /// A route table of a transit gateway.
    TransitGatewayRouteTable,
    /// An account.
    Account,
    /// A user, a role or a session.
    Principal,
    /// A resource with its policy.
    ResourcePolicy,
    /// Something that is not modelled.
    Unmodelled,
}

impl Kind {
    /// AWS's words for it, as the messages of [`model::Defect`] have them.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Vpc => "VPC",
            Kind::Subnet => "subnet",
            Kind::RouteTable => "route table",
            Kind::PrefixList => "prefix list",
            Kind::SecurityGroup => "security group",
            Kind::NetworkAcl => "network ACL",
            Kind::NetworkInterface => "network interface",
            Kind::InternetGateway => "internet gateway",
            Kind::EgressOnlyInternetGateway => "egress-only internet gateway",
            Kind::NatGateway => "NAT gateway",
            Kind::Peering => "peering",
            Kind::VpcEndpoint => "endpoint",
            Kind::VirtualPrivateGateway => "virtual private gateway",
            Kind::DirectConnectAssociation => "Direct Connect association",
            Kind::ClientVpnEndpoint => "Client VPN endpoint",
            Kind::LoadBalancer => "load balancer",
            Kind::TargetGroup => "target group",
            Kind::EndpointService => "endpoint service",
            Kind::HostedZone => "hosted zone",
            Kind::ResolverRule => "resolver rule",
            Kind::TransitGateway => "transit gateway",
            Kind::TransitGatewayAttachment => "transit gateway attachment",
            Kind::TransitGatewayRouteTable => "transit gateway route table",
            Kind::Account => "account",
            Kind::Principal => "principal",
            Kind::ResourcePolicy => "resource policy",
            Kind::Unmodelled => "component",
        }
    }
}

/// Where each component and each rule came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    components: BTreeMap<(Kind, String), Origin>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin {
    place: Place,
    rules: BTreeMap<RuleIndex, RuleOrigin>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct RuleOrigin {
    place: Place,
    id: Option<String>,
}

impl Provenance {
    /// Where a component came from; `None` when it is implied, or not there.
    pub fn component(&self, id: &ComponentId) -> Option<&Place> {
        let (kind, id) = key(id)?;
        self.of(kind, id)
    }

    /// Where the component of that kind and id came from.
    pub fn of(&self, kind: Kind, id: &str) -> Option<&Place> {
        let origin = self.components.get(&(kind, id.to_owned()))?;
        Some(&origin.place)
    }

    /// Where a component of whatever kind came from: the first in the order of [`Kind`].
    pub fn named(&self, id: &str) -> Option<&Place> {
        let mut found = self.components.iter();
        let found = found.find(|((_, found), _)| found == id);
        found.map(|(_, origin)| &origin.place)
    }

    /// Where a rule of a component came from.
    pub fn rule(&self, id: &ComponentId, rule: RuleIndex) -> Option<Place> {
        Some(self.rule_origin(id, rule)?.place.clone())
    }

    /// AWS's own id of a rule (`sgr-…`), when the input has it.
    pub fn rule_id(&self, id: &ComponentId, rule: RuleIndex) -> Option<&str> {
        self.rule_origin(id, rule)?.id.as_deref()
    }

    fn rule_origin(&self, id: &ComponentId, rule: RuleIndex) -> Option<&RuleOrigin> {
        let (kind, id) = key(id)?;
        let origin = self.components.get(&(kind, id.to_owned()))?;
        origin.rules.get(&rule)
    }

    /// The ids of a kind, in order.
    pub fn ids(&self, kind: Kind) -> impl Iterator<Item = &str> {
        let of_kind = self.components.keys().filter(move |(of, _)| *of == kind);
        of_kind.map(|(_, id)| id.as_str())
    }

    /// Says where a component came from; what was said of an earlier one of that id is forgotten.
    pub(crate) fn record(&mut self, kind: Kind, id: &str, place: Place) {
        let rules = BTreeMap::new();
        let key = (kind, id.to_owned());
        self.components.insert(key, Origin { place, rules });
    }

    /// Says where a rule of a component that is recorded already came from.
    pub(crate) fn record_rule(&mut self, kind: Kind, id: &str, rule: RuleIndex, place: Place) {
        if let Some(origin) = self.components.get_mut(&(kind, id.to_owned())) {
            let id = None;
            origin.rules.insert(rule, RuleOrigin { place, id });
        }
    }

    /// Forgets a rule that is taken out of its component: the places of those behind it move up, as the rules do.
    pub fn forget_rule(&mut self, id: &ComponentId, rule: RuleIndex) {
        let Some((kind, id)) = key(id) else { return };
        let Some(origin) = self.components.get_mut(&(kind, id.to_owned())) else {
            return;
        };
        let rules = std::mem::take(&mut origin.rules).into_iter();
        let left = rules.filter(|(other, _)| *other != rule);
        origin.rules = left
            .map(|(other, place)| (moved_up(other, rule), place))
            .collect();
    }

    /// Gives a recorded rule AWS's own id.
    pub(crate) fn name_rule(&mut self, kind: Kind, id: &str, rule: RuleIndex, rule_id: &str) {
        let origin = self.components.get_mut(&(kind, id.to_owned()));
        if let Some(rule) = origin.and_then(|origin| origin.rules.get_mut(&rule)) {
            rule.id = Some(rule_id.to_owned());
        }
    }
}

/// Which rule one is when another of its component is gone: entries of ACLs go by their numbers.
const fn moved_up(rule: RuleIndex, gone: RuleIndex) -> RuleIndex {
    match (rule, gone) {
        (RuleIndex::Route(own), RuleIndex::Route(gone)) if own > gone => RuleIndex::Route(own - 1),
        (RuleIndex::IngressRule(own), RuleIndex::IngressRule(gone)) if own > gone => {
            RuleIndex::IngressRule(own - 1)
        }
        (RuleIndex::EgressRule(own), RuleIndex::EgressRule(gone)) if own > gone => {
            RuleIndex::EgressRule(own - 1)
        }
        (own, _) => own,
    }
}

fn key(id: &ComponentId) -> Option<(Kind, &str)> {
    Some(match id {
        ComponentId::NetworkInterface(id) => (Kind::NetworkInterface, id.as_str()),
        ComponentId::SecurityGroup(id) => (Kind::SecurityGroup, id.as_str()),
        ComponentId::NetworkAcl(id) => (Kind::NetworkAcl, id.as_str()),
        ComponentId::Subnet(id) => (Kind::Subnet, id.as_str()),
        ComponentId::Vpc(id) => (Kind::Vpc, id.as_str()),
        ComponentId::RouteTable(id) => (Kind::RouteTable, id.as_str()),
        ComponentId::InternetGateway(id) => (Kind::InternetGateway, id.as_str()),
        ComponentId::EgressOnlyInternetGateway(id) => {
            (Kind::EgressOnlyInternetGateway, id.as_str())
        }
        ComponentId::NatGateway(id) => (Kind::NatGateway, id.as_str()),
        ComponentId::Peering(id) => (Kind::Peering, id.as_str()),
        ComponentId::VpcEndpoint(id) => (Kind::VpcEndpoint, id.as_str()),
        ComponentId::LoadBalancer(id) => (Kind::LoadBalancer, id.as_str()),
        ComponentId::TargetGroup(id) => (Kind::TargetGroup, id.as_str()),
        ComponentId::EndpointService(id) => (Kind::EndpointService, id.as_str()),
        ComponentId::VirtualPrivateGateway(id) => (Kind::VirtualPrivateGateway, id.as_str()),
        ComponentId::TransitGateway(id) => (Kind::TransitGateway, id.as_str()),
        ComponentId::TransitGatewayAttachment(id) => (Kind::TransitGatewayAttachment, id.as_str()),
        ComponentId::TransitGatewayRouteTable(id) => (Kind::TransitGatewayRouteTable, id.as_str()),
        ComponentId::Internet | ComponentId::OnPremises => return None,
        ComponentId::Unmodelled(id) => (Kind::Unmodelled, id.as_str()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_places_behind_a_forgotten_rule_move_up_and_those_of_entries_stay() {
        let place = |pointer: &str| Place {
            file: "network.json".into(),
            pointer: Some(pointer.to_owned()),
            line: None,
            source: None,
        };
        let mut provenance = Provenance::default();
        provenance.record(Kind::SecurityGroup, "sg-1", place("/0"));
        for position in 0..3 {
            let rule = RuleIndex::IngressRule(position);
            let at = place(&format!("/0/{position}"));
            provenance.record_rule(Kind::SecurityGroup, "sg-1", rule, at);
        }
        let egress = RuleIndex::EgressRule(1);
        provenance.record_rule(Kind::SecurityGroup, "sg-1", egress, place("/1/1"));
        let group = ComponentId::SecurityGroup("sg-1".into());
        provenance.forget_rule(&group, RuleIndex::IngressRule(1));
        let at = |rule| provenance.rule(&group, rule);
        assert_eq!(at(RuleIndex::IngressRule(0)), Some(place("/0/0")));
        assert_eq!(at(RuleIndex::IngressRule(1)), Some(place("/0/2")));
        assert_eq!(at(RuleIndex::IngressRule(2)), None);
        assert_eq!(at(egress), Some(place("/1/1")));

        let mut provenance = Provenance::default();
        provenance.record(Kind::NetworkAcl, "acl-1", place("/0"));
        for number in [90, 100] {
            let rule = RuleIndex::IngressEntry(number);
            let at = place(&format!("/0/{number}"));
            provenance.record_rule(Kind::NetworkAcl, "acl-1", rule, at);
        }
        let acl = ComponentId::NetworkAcl("acl-1".into());
        provenance.forget_rule(&acl, RuleIndex::IngressEntry(90));
        let at = |rule| provenance.rule(&acl, rule);
        assert_eq!(at(RuleIndex::IngressEntry(90)), None);
        assert_eq!(at(RuleIndex::IngressEntry(100)), Some(place("/0/100")));
    }
}
