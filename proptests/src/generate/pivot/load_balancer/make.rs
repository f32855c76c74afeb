//! The relays of a way: nodes of load balancers, and the endpoint of a consumer.

use super::*;

impl Builder<'_> {
    /// A node, in a subnet of its own, or in the receiver's or the client's.
    pub(super) fn node(
        &mut self,
        position: usize,
        receiver: &Place,
        client: &Place,
        kind: LoadBalancerKind,
        filters: bool,
        dice: &mut Dice,
    ) -> Option<Place> {
        let id = format!("lb-of-pivot{position}");
        let place = if client.vpc == receiver.vpc && dice.percent(50) {
            client
        } else {
            receiver
        };
        let near = self
            .draft
            .subnets
            .iter()
            .find(|one| one.id == place.subnet)?
            .clone();
        let subnet = if dice.percent(70) {
            let zone = self.zone_of(&receiver.subnet);
            self.add_subnet(&format!("{id}-net"), &receiver.vpc, zone)?
        } else {
            near
        };
        let host = &self.plan.pivot.as_ref()?.from;
        let families: &[Family] = match dice.below(10) {
            0..=2 => &[Family::V4],
            3 | 4 => &[Family::V4, Family::V4],
            _ => &[Family::V4, Family::V6],
        };
        let mut addresses = Vec::new();
        for family in families {
            let private = self.new_address(&subnet, *family, host);
            addresses.extend(private.map(|private| InterfaceAddress {
                private: AddressValue::Known(private),
                public: None,
            }));
        }
        let AddressValue::Known(address @ Address::V4(_)) = addresses.first()?.private else {
            return None;
        };
        let group = filters.then(|| self.relay_group(&format!("{id}-group"), &subnet.vpc));
        let node = NetworkInterfaceId::new(format!("{id}-node"));
        self.draft.network_interfaces.push(NetworkInterface {
            id: node.clone(),
            subnet: subnet.id.clone(),
            addresses,
            groups: Value::Known(group.into_iter().collect()),
            source_destination_check: true,
            middlebox: Middlebox::Unknown,
            attachment: Attachment::LoadBalancer(LoadBalancerId::new(&id)),
            tags: Tags::new(),
        });
        self.draft.load_balancers.push(LoadBalancer {
            name: None,
            id: LoadBalancerId::new(&id),
            kind,
            interfaces: [node.clone()].into(),
            listeners: Value::Known(Vec::new()),
            private_link_ingress: dice.percent(70),
            tags: Tags::new(),
        });
        self.known_table(&subnet.id)?;
        Some(Place {
            interface: node,
            address,
            subnet: subnet.id,
            vpc: subnet.vpc,
        })
    }

    /// A group without rules.
    fn relay_group(&mut self, id: &str, vpc: &VpcId) -> SecurityGroupId {
        self.draft.security_groups.push(SecurityGroup {
            id: SecurityGroupId::new(id),
            vpc: vpc.clone(),
            name: id.to_owned(),
            ingress: Vec::new(),
            egress: Vec::new(),
            tags: Tags::new(),
        });
        SecurityGroupId::new(id)
    }

    /// The endpoint of the client's VPC for a service of the first balancer.
    pub(super) fn consumer(
        &mut self,
        client: &Place,
        first: &Balancer,
        broken: Broken,
        dice: &mut Dice,
    ) -> Option<Place> {
        let name = "com.amazonaws.vpce.us-east-1.vpce-svc-of-pivot".to_owned();
        let provider = first.node.vpc.clone();
        let elsewhere = provider != client.vpc && dice.percent(50) && self.has(Feature::Zones);
        let there = if elsewhere {
            // Another account names its zones otherwise, so that names say nothing.
            self.other_account(&client.vpc, &provider)?;
            let [zone, _] = self.zone_of_chain(&first.node);
            [zone, None]
        } else if broken == Broken::Zone && dice.percent(60) {
            let number =
                usize::from(self.zone_of(&first.node.subnet)[0].as_deref() == Some("us-east-1a"));
            Self::zone_names(self.vpc(&client.vpc)?, number, dice.percent(50))
        } else {
            self.zone_of(&first.node.subnet)
        };
        let subnet = self.add_subnet("e-of-service-net", &client.vpc, there)?;
        let host = &self.plan.pivot.as_ref()?.to;
        let address = self.new_address(&subnet, Family::V4, host)?;
        let group = self.relay_group("e-of-service-group", &client.vpc);
        let interface = NetworkInterfaceId::new("e-of-service-eni");
        self.draft.network_interfaces.push(NetworkInterface {
            id: interface.clone(),
            subnet: subnet.id.clone(),
            addresses: vec![InterfaceAddress {
                private: AddressValue::Known(address),
                public: None,
            }],
            groups: Value::Known([group].into()),
            source_destination_check: true,
            middlebox: Middlebox::Unknown,
            attachment: Attachment::VpcEndpoint("e-of-service".into()),
            tags: Tags::new(),
        });
        self.draft.vpc_endpoints.push(VpcEndpoint {
            id: "e-of-service".into(),
            vpc: client.vpc.clone(),
            service: name.clone(),
            available: broken != Broken::Available,
            kind: EndpointKind::Interface {
                interfaces: [interface.clone()].into(),
                private_dns: false,
                private_dns_inbound_only: false,
                private_names: BTreeSet::new(),
                specific_names: Value::Known(BTreeSet::new()),
            },
            policy: Value::Known(full_access()),
            tags: Tags::new(),
        });
        let mut load_balancers = BTreeSet::from([LoadBalancerId::new(format!(
            "lb-of-pivot{}",
            first.position
        ))]);
        if dice.percent(40) {
            load_balancers.extend(self.other_balancer(&provider));
        }
        self.draft.endpoint_services.push(EndpointService {
            id: EndpointServiceId::new("svc-of-pivot"),
            name,
            load_balancers,
            allowed_principals: Value::Known(BTreeSet::new()),
            acceptance_required: Value::Known(true),
            tags: Tags::new(),
        });
        Some(Place {
            interface,
            address,
            subnet: subnet.id,
            vpc: subnet.vpc,
        })
    }

    /// A Network Load Balancer of a VPC that is not the way's, and of no service.
    fn other_balancer(&self, vpc: &VpcId) -> Option<LoadBalancerId> {
        let mut balancers = self.draft.load_balancers.iter().filter(|one| {
            let of_way = one.id.as_str().starts_with("lb-of-pivot");
            let mut services = self.draft.endpoint_services.iter();
            let offered = services.any(|service| service.load_balancers.contains(&one.id));
            one.kind == LoadBalancerKind::Network && !of_way && !offered
        });
        let found = balancers.find(|one| {
            let mut interfaces = self.draft.network_interfaces.iter();
            let node = interfaces.find(|node| one.interfaces.contains(&node.id));
            node.and_then(|node| self.vpc_of(node)).as_ref() == Some(vpc)
        });
        found.map(|one| one.id.clone())
    }

    /// A second node of a load balancer, which nothing reaches.
    pub(super) fn second_node(&mut self, position: usize, node: &Place) -> Option<()> {
        let id = format!("lb-of-pivot{position}");
        let zone = self.zone_of(&node.subnet);
        let subnet = self.add_subnet(&format!("{id}-other-net"), &node.vpc, zone)?;
        let host = &self.plan.pivot.as_ref()?.from;
        let address = self.new_address(&subnet, Family::V4, host)?;
        let group = self.relay_group(&format!("{id}-other-group"), &node.vpc);
        let other = NetworkInterfaceId::new(format!("{id}-other"));
        self.draft.network_interfaces.push(NetworkInterface {
            id: other.clone(),
            subnet: subnet.id,
            addresses: vec![InterfaceAddress {
                private: AddressValue::Known(address),
                public: None,
            }],
            groups: Value::Known([group].into()),
            source_destination_check: true,
            middlebox: Middlebox::Unknown,
            attachment: Attachment::LoadBalancer(LoadBalancerId::new(&id)),
            tags: Tags::new(),
        });
        let mut balancers = self.draft.load_balancers.iter_mut();
        let balancer = balancers.find(|one| one.id.as_str() == id)?;
        balancer.interfaces.insert(other);
        Some(())
    }
}
