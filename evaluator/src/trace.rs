//! Indices become ids again: outcomes and steps as the model names them.

use model::{Address, Arrival, ComponentId, Decision, Disposition, Effect, Hop};

use crate::compiled::Compiled;
use crate::forward::{Arrived, Outcome, Request};
use crate::walk::{Component, End, Step, StepEffect};

impl Compiled {
    pub(crate) fn decision(&self, request: &Request, reply: Option<Outcome>) -> Decision {
        let arrival = match request.outcome.end {
            End::Delivered => {
                let arrived = request.last.arrived;
                arrived.map(|arrived| self.arrival(arrived))
            }
            End::Dropped | End::Undetermined(_) => None,
        };
        let source = arrival.as_ref().and_then(|_| self.arriving_source(request));
        Decision {
            forward: outcome(request.outcome, arrival, source),
            reply: reply.map(|reply| outcome(reply, self.reply_arrival(request, reply), None)),
        }
    }

    pub(crate) fn arrival(&self, arrived: Arrived) -> Arrival {
        match arrived {
            Arrived::AmazonService => Arrival::AmazonService,
            Arrived::Interface(index, _) => {
                Arrival::Interface(self.names.interfaces.id(index).clone())
            }
            Arrived::Internet(_) => Arrival::Internet,
            Arrived::GatewayEndpoint(index) => {
                Arrival::GatewayEndpoint(self.names.endpoints.id(index).clone())
            }
            Arrived::OnPremises(gateway) => Arrival::OnPremises(self.names.gateway_id(gateway)),
        }
    }

    /// A delivered reply is where the request came from.
    fn reply_arrival(&self, request: &Request, reply: Outcome) -> Option<Arrival> {
        use crate::forward::Sender;
        match (reply.end, request.first().sender) {
            (End::Delivered, Sender::Interface(index)) => {
                Some(Arrival::Interface(self.names.interfaces.id(index).clone()))
            }
            (End::Delivered, Sender::Internet) => Some(Arrival::Internet),
            (End::Delivered, Sender::OnPremises(gateway)) => {
                Some(Arrival::OnPremises(self.names.gateway_id(gateway)))
            }
            (End::Delivered, Sender::Nobody) | (End::Dropped | End::Undetermined(_), _) => None,
        }
    }

    pub(crate) fn hops(&self, steps: &[Step]) -> Vec<Hop> {
        let hop = |step: &Step| Hop {
            packet: step.packet,
            component: self.component(step.component),
            rule: step.rule,
            clause: step.clause,
            effect: match step.effect {
                StepEffect::Passed => Effect::Passed,
                StepEffect::Delivered => Effect::Delivered,
                StepEffect::Dropped => Effect::Dropped,
                StepEffect::Undetermined(hole) => {
                    Effect::Undetermined(self.holes.hole(hole).clone())
                }
            },
        };
        steps.iter().map(hop).collect()
    }

    pub(crate) fn component(&self, component: Component) -> ComponentId {
        let names = &self.names;
        match component {
            Component::Interface(index) => {
                ComponentId::NetworkInterface(names.interfaces.id(index).clone())
            }
            Component::Group(index) => ComponentId::SecurityGroup(names.groups.id(index).clone()),
            Component::NetworkAcl(index) => {
                ComponentId::NetworkAcl(names.network_acls.id(index).clone())
            }
            Component::Subnet(index) => ComponentId::Subnet(names.subnets.id(index).clone()),
            Component::Vpc(index) => ComponentId::Vpc(names.vpcs.id(index).clone()),
            Component::RouteTable(index) => {
                ComponentId::RouteTable(names.route_tables.id(index).clone())
            }
            Component::InternetGateway(index) => {
                ComponentId::InternetGateway(names.internet_gateways.id(index).clone())
            }
            Component::EgressOnly(index) => {
                let id = names.egress_only.id(index).clone();
                ComponentId::EgressOnlyInternetGateway(id)
            }
            Component::NatGateway(index) => {
                ComponentId::NatGateway(names.nat_gateways.id(index).clone())
            }
            Component::Peering(index) => ComponentId::Peering(names.peerings.id(index).clone()),
            Component::Endpoint(index) => {
                ComponentId::VpcEndpoint(names.endpoints.id(index).clone())
            }
            Component::TransitGateway(index) => {
                ComponentId::TransitGateway(names.transit_gateways.id(index).clone())
            }
            Component::Attachment(index) => {
                ComponentId::TransitGatewayAttachment(names.attachments.id(index).clone())
            }
            Component::TransitTable(index) => {
                ComponentId::TransitGatewayRouteTable(names.transit_tables.id(index).clone())
            }
            Component::VirtualPrivate(index) => {
                ComponentId::VirtualPrivateGateway(names.virtual_private.id(index).clone())
            }
            Component::LoadBalancer(index) => {
                ComponentId::LoadBalancer(names.load_balancers.id(index).clone())
            }
            Component::TargetGroup(index) => {
                ComponentId::TargetGroup(names.target_groups.id(index).clone())
            }
            Component::EndpointService(index) => {
                ComponentId::EndpointService(names.endpoint_services.id(index).clone())
            }
            Component::Internet => ComponentId::Internet,
            Component::OnPremises => ComponentId::OnPremises,
            Component::Unmodelled(index) => ComponentId::Unmodelled(self.unmodelled[index].clone()),
        }
    }
}

fn outcome(outcome: Outcome, arrival: Option<Arrival>, source: Option<Address>) -> model::Outcome {
    model::Outcome {
        disposition: match outcome.end {
            End::Delivered => Disposition::Delivered,
            End::Dropped => Disposition::Dropped,
            End::Undetermined(_) => Disposition::Undetermined,
        },
        clause: outcome.clause,
        arrival,
        source,
    }
}
