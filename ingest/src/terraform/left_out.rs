//! What was left out: resources that the model has no room for. What refers to one must not refer to
//! nothing, or the whole plan could not be used for the sake of one resource.

use model::{NetworkDraft, Target, Value};

use crate::doubt::Touches;

use super::attribute::Attribute;
use super::identity::Thing;
use super::plan::Resource;
use super::reader::Reader;

/// What other resources stand in, or belong to.
const PLACES: [Thing; 18] = [
    Thing::Vpc,
    Thing::Subnet,
    Thing::RouteTable,
    Thing::NetworkAcl,
    Thing::SecurityGroup,
    Thing::NetworkInterface,
    Thing::Instance,
    Thing::PrefixList,
    Thing::VpcEndpoint,
    Thing::TransitGateway,
    Thing::TransitGatewayAttachment,
    Thing::TransitGatewayRouteTable,
    Thing::ClientVpnEndpoint,
    Thing::HostedZone,
    Thing::ResolverRule,
    Thing::LoadBalancer,
    Thing::Listener,
    Thing::TargetGroup,
];

impl Reader<'_, '_> {
    /// Leaves a resource out, with a warning that names it.
    pub(super) fn leave_out(&mut self, resource: &Resource<'_>, what: &str) {
        self.left_out.insert(self.plan.id(resource));
        self.omit(resource, what);
    }

    /// Warns of something that is not modelled, and on whose absence no claim of these kinds may rest.
    pub(super) fn unread(&mut self, resource: &Resource<'_>, what: &str, touched: &[Touches]) {
        // Of a template everything is doubted for being left out.
        if self.plan.is_declared || touched.is_empty() {
            self.omit(resource, what);
            return;
        }
        self.not_modelled(resource, what);
        for touches in touched {
            let what = format!("{} ({what})", resource.address);
            self.sink.unread(*touches, what, false);
        }
    }

    /// Warns of something that is read as it was before the change: no claim may rest on it.
    pub(super) fn guessed(&mut self, resource: &Resource<'_>, what: &str) {
        if self.plan.is_declared {
            self.omit(resource, what);
            return;
        }
        self.not_modelled(resource, what);
        let what = format!("{} ({what})", resource.address);
        self.sink.unread(Touches::Everything, what, true);
    }

    /// Leaves a resource out, on whose absence no claim of a kind may rest.
    pub(super) fn leave_out_unread(
        &mut self,
        resource: &Resource<'_>,
        what: &str,
        touches: Touches,
    ) {
        self.left_out.insert(self.plan.id(resource));
        self.unread(resource, what, &[touches]);
    }

    /// Notes that something is in the network in a place that is not known: nothing is certain then.
    pub(super) fn unplaced(&mut self, attribute: &Attribute<'_>) {
        self.sink.unplaced.insert(attribute.hole());
    }

    /// Warns of something that is not seen, where that takes back what it may change.
    pub(super) fn unseen(&mut self, resource: &Resource<'_>, what: &str) {
        // Of a template it is doubted for being left out.
        if self.plan.is_declared {
            self.omit(resource, what);
        } else {
            self.not_modelled(resource, what);
        }
    }

    /// Notes that a block of IPv6 is known only after the apply: what is in it is not seen.
    pub(super) fn unseen_ipv6(&mut self, attribute: &Attribute<'_>) {
        // Of templates the reader of templates says so.
        if !self.plan.is_declared {
            self.sink
                .open_attribute(Touches::Ipv6, &attribute.hole(), false);
        }
    }

    /// Notes that something may belong to any component of an earlier input, of which those of the
    /// plan say nothing.
    pub(super) fn may_be_earlier(&mut self, attribute: &Attribute<'_>) {
        if self.sink.draft != NetworkDraft::default() {
            self.unplaced(attribute);
        }
    }

    /// Leaves the resource of an attribute out, since what it names cannot be traced.
    pub(super) fn untraced(&mut self, attribute: &Attribute<'_>) {
        let name = attribute.name();
        let what = if attribute.is_open() {
            // What belongs to something that was left out itself says nothing more.
            let found = self.plan.candidates(attribute, &PLACES).list;
            if !found.iter().any(|one| self.left_out.contains(&one.id)) {
                self.unplaced(attribute);
            }
            format!("a resource with `{name}` open, which cannot be traced,")
        } else if attribute.text().is_some() {
            format!("a resource whose `{name}` is not modelled itself")
        } else {
            // AWS puts it somewhere, as an instance into a subnet of the default VPC.
            if !self.plan.is_declared {
                self.unplaced(attribute);
            }
            format!("a resource without `{name}`")
        };
        self.leave_out(attribute.resource, &what);
    }
}

/// Makes the routes to what was left out routes to something that is not modelled.
pub(super) fn mend(reader: &mut Reader<'_, '_>) {
    let left_out = &reader.left_out;
    for table in reader.route_tables.values_mut() {
        for route in &mut table.component.routes {
            let targets = match &mut route.target {
                Value::Known(target) => std::slice::from_mut(target),
                Value::OneOf(targets, _) => targets.as_mut_slice(),
                Value::Any(_) => continue,
            };
            for target in targets {
                if let Some((kind, id)) = named(target)
                    && left_out.contains(&id)
                {
                    *target = Target::Unmodelled {
                        kind: kind.to_owned(),
                        id,
                    };
                }
            }
        }
    }
}

/// AWS's word for the kind of a target, and its id.
fn named(target: &Target) -> Option<(&'static str, String)> {
    match target {
        Target::InternetGateway(id) => Some(("internet-gateway", id.to_string())),
        Target::EgressOnlyInternetGateway(id) => {
            Some(("egress-only-internet-gateway", id.to_string()))
        }
        Target::NatGateway(id) => Some(("nat-gateway", id.to_string())),
        Target::Peering(id) => Some(("peering", id.to_string())),
        Target::GatewayEndpoint(id) | Target::GatewayLoadBalancerEndpoint(id) => {
            Some(("endpoint", id.to_string()))
        }
        Target::NetworkInterface(id) => Some(("network-interface", id.to_string())),
        Target::TransitGateway(id) => Some(("transit-gateway", id.to_string())),
        Target::VirtualPrivateGateway(id) => Some(("virtual-private-gateway", id.to_string())),
        Target::Local | Target::Unmodelled { .. } => None,
    }
}
