//! Endpoints with their interfaces, names and policies.

use std::collections::BTreeSet;

use model::{
    ActionElement, AddressValue, Attachment, EndpointKind, EndpointName, Family, Hole,
    InterfaceAddress, Middlebox, NetworkInterface, NetworkInterfaceId, Policy, PolicyEffect,
    PolicyText, PrincipalElement, PrincipalPattern, ResourceElement, Statement, Subnet, Tags,
    Value, Vpc, VpcEndpoint,
};

use super::Builder;
use crate::dice::Dice;
use crate::plan::{EndpointPlan, StatementPlan};
use crate::policy::draw;
use crate::pool::{choose, once_in, pick};
use crate::swarm::Feature;
use crate::weights::{ENDPOINT, EndpointChoice, MIDDLEBOX, Naming, POLICY, SERVICE};

/// Patterns of actions.
const ACTIONS: [&str; 8] = [
    "*",
    "s3:*",
    "s3:GetObject",
    "s3:Get*",
    "S3:P?tObject",
    "ssm:*",
    "s3:*Object",
    "?3:*",
];
/// Patterns of resources: a `*` at the end of a segment, and one that is not.
const RESOURCES: [&str; 8] = [
    "*",
    "arn:aws:s3:::logs/*",
    "arn:aws:s3:::logs",
    "arn:aws:s3:::l*s/a",
    "arn:aws:s3:*:logs/?",
    "arn:aws:*",
    "arn:aws:s3:::*",
    "arn:aws:dynamodb:*:111122223333:table/*",
];
const ROLE: &str = "arn:aws:iam::111122223333:role/app";
const ACCOUNT: &str = "111122223333";

impl Builder<'_> {
    pub(super) fn endpoints(&mut self) {
        for (position, plan) in self.plan.endpoints.iter().enumerate() {
            let Some(vpc) = pick(&plan.vpc, &self.draft.vpcs).cloned() else {
                continue;
            };
            let id = format!("e{position}");
            let service = choose(&plan.service, &SERVICE);
            let kind = match choose(&plan.kind, &ENDPOINT) {
                EndpointChoice::Gateway if self.has(Feature::GatewayEndpoints) => {
                    self.gateway_endpoint(plan)
                }
                EndpointChoice::Interface if self.has(Feature::InterfaceEndpoints) => {
                    self.interface_endpoint(&id, &vpc, service, plan)
                }
                EndpointChoice::GatewayLoadBalancer if self.has(Feature::GatewayLoadBalancers) => {
                    let place = self.load_balancer_subnet(&id, &vpc, plan);
                    match place {
                        Some(subnet) => EndpointKind::GatewayLoadBalancer {
                            subnet: subnet.id,
                            middlebox: choose(&plan.second, &MIDDLEBOX),
                        },
                        None => EndpointKind::Unmodelled("Resource".to_owned()),
                    }
                }
                EndpointChoice::Gateway
                | EndpointChoice::Interface
                | EndpointChoice::GatewayLoadBalancer => {
                    // Kept, so that plans and endpoints have the same positions.
                    EndpointKind::Unmodelled("Resource".to_owned())
                }
                EndpointChoice::Unmodelled => EndpointKind::Unmodelled("ServiceNetwork".to_owned()),
            };
            self.draft.vpc_endpoints.push(VpcEndpoint {
                id: id.as_str().into(),
                service: format!("com.amazonaws.{}.{service}", vpc.region),
                vpc: vpc.id,
                available: !(self.has(Feature::Broken) && once_in(&plan.state, 7)),
                kind,
                policy: Value::Known(full_access()),
                tags: Tags::new(),
            });
        }
    }

    /// The subnet of a Gateway Load Balancer endpoint.
    fn load_balancer_subnet(&mut self, id: &str, vpc: &Vpc, plan: &EndpointPlan) -> Option<Subnet> {
        let subnets = self.draft.subnets.iter().filter(|one| one.vpc == vpc.id);
        let near = pick(&plan.first, &subnets.collect::<Vec<_>>()).map(|one| (**one).clone());
        match near {
            Some(near) => self.device_subnet(id, &near, &plan.policy),
            None => self.add_subnet(&format!("{id}-net"), &vpc.id, [None, None]),
        }
    }

    fn gateway_endpoint(&self, plan: &EndpointPlan) -> EndpointKind {
        let lists = &self.draft.prefix_lists;
        let lists: Vec<_> = lists.iter().filter(|list| list.aws_managed).collect();
        let chosen = [&plan.first, &plan.second].map(|index| pick(index, &lists));
        let chosen = chosen.into_iter().flatten();
        EndpointKind::Gateway {
            prefix_lists: chosen.map(|list| list.id.clone()).collect(),
        }
    }

    fn interface_endpoint(
        &mut self,
        id: &str,
        vpc: &Vpc,
        service: &str,
        plan: &EndpointPlan,
    ) -> EndpointKind {
        let mut interfaces = BTreeSet::new();
        for (number, index) in [&plan.first, &plan.second].into_iter().enumerate() {
            let subnets = self
                .draft
                .subnets
                .iter()
                .filter(|subnet| subnet.vpc == vpc.id);
            let subnets: Vec<_> = subnets.cloned().collect();
            let Some(subnet) = pick(index, &subnets) else {
                continue;
            };
            let addresses = [Family::V4, Family::V6].into_iter().filter_map(|family| {
                self.new_address(subnet, family, index)
                    .map(|private| InterfaceAddress {
                        private: AddressValue::Known(private),
                        public: None,
                    })
            });
            let addresses = addresses.collect();
            let groups = self.draft.security_groups.iter();
            let groups: Vec<_> = groups.filter(|group| group.vpc == vpc.id).collect();
            let group = pick(&plan.group, &groups).map(|group| group.id.clone());
            let interface = NetworkInterfaceId::new(format!("{id}-{number}"));
            self.draft.network_interfaces.push(NetworkInterface {
                id: interface.clone(),
                subnet: subnet.id.clone(),
                addresses,
                groups: Value::Known(group.into_iter().collect()),
                source_destination_check: true,
                middlebox: Middlebox::Unknown,
                attachment: Attachment::VpcEndpoint(id.into()),
                tags: Tags::new(),
            });
            interfaces.insert(interface);
        }
        let host = match service.split_once('.') {
            Some((first, second)) => format!("{second}.{first}"),
            None => service.to_owned(),
        };
        let private_name = format!("{host}.{}.amazonaws.com", vpc.region);
        EndpointKind::Interface {
            specific_names: self.specific_names(id, &interfaces, plan),
            interfaces,
            private_dns: plan.dns.index(3) < 2,
            private_dns_inbound_only: once_in(&plan.group, 6),
            private_names: match plan.names.index(3) {
                0 => [private_name].into(),
                1 => [format!("*.{private_name}"), private_name].into(),
                _ => [format!("*.{private_name}")].into(),
            },
        }
    }

    fn specific_names(
        &self,
        id: &str,
        interfaces: &BTreeSet<NetworkInterfaceId>,
        plan: &EndpointPlan,
    ) -> Value<BTreeSet<EndpointName>> {
        if self.has(Feature::Holes) && once_in(&plan.names, 8) {
            return Value::Any(Hole::new(format!("names of {id}")));
        }
        let name = format!("{id}.vpce.amazonaws.com");
        let all = [name.clone(), format!("*.{name}")].map(|name| EndpointName {
            name,
            interface: None,
        });
        let zonal = interfaces.iter().map(|interface| EndpointName {
            name: format!("{interface}-zone.vpce.amazonaws.com"),
            interface: Some(interface.clone()),
        });
        Value::Known(all.into_iter().chain(zonal).collect())
    }

    pub(super) fn policies(&mut self) {
        let n_endpoints = self.draft.vpc_endpoints.len();
        if n_endpoints == 0 {
            return;
        }
        let mut written = vec![Vec::new(); n_endpoints];
        for plan in &self.plan.statements {
            if let Some(statements) = written.get_mut(plan.endpoint.index(n_endpoints)) {
                statements.push(self.statement(plan));
            }
        }
        let holes = self.has(Feature::Holes);
        let parts = self
            .draft
            .vpc_endpoints
            .iter_mut()
            .zip(&self.plan.endpoints);
        for ((endpoint, plan), statements) in parts.zip(written) {
            let hole = Hole::new(format!("policy of {}", endpoint.id));
            let policy = Policy {
                statements,
                variables: false,
            };
            endpoint.policy = match choose(&plan.policy, &POLICY) {
                Naming::OneOf if holes => Value::OneOf(vec![policy, full_access()], hole),
                Naming::Any if holes => Value::Any(hole),
                Naming::Known => Value::Known(policy),
                Naming::Implied | Naming::OneOf | Naming::Any => continue,
            };
        }
    }

    fn statement(&self, plan: &StatementPlan) -> Statement {
        let text = |index, pool: &[&str]| {
            let text = pick(index, pool).copied().unwrap_or("*");
            vec![text.to_owned()]
        };
        let other = |kind: &str, value: &str| PrincipalPattern::Other {
            kind: kind.to_owned(),
            value: value.to_owned(),
        };
        let pattern = match plan.principal.index(7) {
            0..=2 => PrincipalPattern::Everyone,
            3 => PrincipalPattern::Account(ACCOUNT.to_owned()),
            4 => PrincipalPattern::Arn(ROLE.to_owned()),
            5 => PrincipalPattern::Arn(format!("{ROLE}2")),
            _ => other("Service", "ec2.amazonaws.com"),
        };
        let (action, resource) = (
            text(&plan.action, &ACTIONS),
            text(&plan.resource, &RESOURCES)
                .into_iter()
                .map(PolicyText::from)
                .collect(),
        );
        let conditional = self.has(Feature::Conditions) && once_in(&plan.condition, 5);
        let keys = draw::of_networks();
        let drawn = u64::try_from(plan.condition.index(1 << 20)).unwrap_or(0);
        let mut dice = Dice::new(drawn);
        let key = dice.pick(&keys).copied().filter(|_| conditional);
        let conditions = key.map(|key| draw::condition(&key, &mut dice));
        Statement {
            sid: None,
            effect: if plan.effect.index(3) < 2 {
                PolicyEffect::Allow
            } else {
                PolicyEffect::Deny
            },
            principal: if once_in(&plan.condition, 9) {
                PrincipalElement::NotPrincipal(vec![pattern])
            } else {
                PrincipalElement::Principal(vec![pattern])
            },
            action: if once_in(&plan.effect, 8) {
                ActionElement::NotAction(action)
            } else {
                ActionElement::Action(action)
            },
            resource: if once_in(&plan.principal, 9) {
                ResourceElement::NotResource(resource)
            } else {
                ResourceElement::Resource(resource)
            },
            conditions: conditions.into_iter().collect(),
        }
    }
}

/// The policy that AWS gives an endpoint.
pub(super) fn full_access() -> Policy {
    Policy {
        statements: vec![Statement {
            sid: None,
            effect: PolicyEffect::Allow,
            principal: PrincipalElement::Principal(vec![PrincipalPattern::Everyone]),
            action: ActionElement::Action(vec!["*".to_owned()]),
            resource: ResourceElement::Resource(vec!["*".into()]),
            conditions: Vec::new(),
        }],
        variables: false,
    }
}
