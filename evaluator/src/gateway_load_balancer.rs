//! Gateway Load Balancer endpoints.

use std::ops::ControlFlow;

use model::{Clause, EndpointKind, Middlebox, VpcEndpoint};

use crate::forward::Forward;
use crate::index::{EgressOnlyIndex, EndpointIndex, HoleIndex, Holes, Names, SubnetIndex};
use crate::network_acl::Side;
use crate::walk::{Component, Ending, Recorder};
use crate::way::Device;

/// The appliances behind an endpoint, and where the endpoint stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Appliances {
    pub(crate) subnet: SubnetIndex,
    /// What they let on, unless they forward everything.
    inspect: Option<HoleIndex>,
}

/// The appliances of an endpoint, when it is of this kind.
pub(crate) fn appliances(
    endpoint: &VpcEndpoint,
    names: &Names,
    holes: &mut Holes,
) -> Option<Appliances> {
    let EndpointKind::GatewayLoadBalancer { subnet, middlebox } = &endpoint.kind else {
        return None;
    };
    Some(Appliances {
        subnet: names.subnets.index(subnet),
        inspect: match middlebox {
            Middlebox::Forwards => None,
            Middlebox::Inspects | Middlebox::Unknown => {
                let question = format!("what the appliances behind {} let pass", endpoint.id);
                Some(holes.open(question))
            }
        },
    })
}

impl<R: Recorder> Forward<'_, R> {
    /// A Gateway Load Balancer endpoint as the target of a route.
    pub(crate) fn gateway_load_balancer(&mut self, index: EndpointIndex) -> ControlFlow<Ending> {
        let endpoint = &self.walk.network.endpoints[index];
        let component = Component::Endpoint(index);
        let device = Device::GatewayLoadBalancer(index);
        self.comes_to(component, |passed| passed == device)?;
        let clause = Clause::GatewayLoadBalancerEndpointAvailable;
        // Validation lets routes lead to endpoints of this kind only.
        let Some(appliances) = endpoint.appliances.filter(|_| endpoint.available) else {
            return self.walk.drop(component, None, clause);
        };
        self.walk.pass(component, None, clause);
        self.walk.network_acl(appliances.subnet, Side::In)?;
        self.way.push(device);
        let clause = Clause::GatewayLoadBalancerEndpointInspects;
        match appliances.inspect {
            None => self.walk.pass(component, None, clause),
            Some(hole) => self.walk.filter_open(component, None, clause, hole),
        }
        self.onward(appliances.subnet)
    }

    /// A route to an egress-only internet gateway, of an IPv6 packet that was inspected.
    pub(crate) fn inspected_egress_only(&mut self, index: EgressOnlyIndex) -> ControlFlow<Ending> {
        let clause = Clause::GatewayLoadBalancerEndpointEgressOnly;
        self.walk.drop(Component::EgressOnly(index), None, clause)
    }
}
