//! Hosted zones, resolver rules and DNS Firewall: few names, so that they are each other's parents.

use std::collections::BTreeSet;

use model::{
    Address, AddressValue, DnsFirewallAction, DnsFirewallRule, DnsRecord, DnsTarget, EndpointKind,
    Hole, HostedZone, InboundResolver, ResolverAction, ResolverRule, Tags, Value, VpcEndpointId,
    VpcId,
};
use proptest::sample::Index;

use super::Builder;
use crate::plan::{FirewallPlan, RecordPlan, ResolverRulePlan, ZonePlan};
use crate::pool::{self, choose, once_in, pick};
use crate::swarm::Feature;
use crate::weights::{DOMAIN, RECORD, RESOLVER, RecordChoice, ResolverChoice};

/// What stands in front of a zone's name in a record's.
const LABELS: [&str; 8] = ["", "a.", "*.", "b.a.", "*.a.", "c.b.a.", "b.", "*.b."];
/// Names outside of the zones to which records lead.
const LEADS: [&str; 5] = [
    "ssm.us-east-1.amazonaws.com",
    "s3.us-east-1.amazonaws.com",
    "e0.vpce.amazonaws.com",
    "a.example.com",
    "www.example.org",
];

impl Builder<'_> {
    pub(super) fn names(&mut self) {
        if self.has(Feature::HostedZones) {
            self.hosted_zones();
            self.records();
        }
        if self.has(Feature::ResolverRules) {
            self.resolver_rules();
        }
        if self.has(Feature::DnsFirewall) {
            self.dns_firewall();
        }
    }

    fn two_vpcs(&self, first: &Index, second: &Index) -> BTreeSet<VpcId> {
        let vpcs = [first, second].map(|index| pick(index, &self.draft.vpcs));
        let vpcs = vpcs.into_iter().flatten();
        vpcs.map(|vpc| vpc.id.clone()).collect()
    }

    /// Of zones of one name in one VPC the later gives way, and to the private DNS of endpoints.
    fn hosted_zones(&mut self) {
        let mut taken = BTreeSet::new();
        for endpoint in &self.draft.vpc_endpoints {
            if let EndpointKind::Interface { private_names, .. } = &endpoint.kind {
                let names = private_names.iter();
                let names = names.map(|name| name.strip_prefix("*.").unwrap_or(name));
                taken.extend(names.map(|name| (endpoint.vpc.clone(), name.to_owned())));
            }
        }
        for (position, plan) in self.plan.zones.iter().enumerate() {
            let ZonePlan {
                vpc,
                second,
                name,
                hole,
            } = plan;
            let id = format!("z{position}");
            let name = match choose(name, &DOMAIN) {
                "" => "com",
                name => name,
            };
            let mut vpcs = self.two_vpcs(vpc, second);
            vpcs.retain(|vpc| taken.insert((vpc.clone(), name.to_owned())));
            let open = self.has(Feature::Holes) && once_in(hole, 9);
            self.draft.hosted_zones.push(HostedZone {
                records: if open {
                    Value::Any(Hole::new(format!("records of {id}")))
                } else {
                    Value::Known(Vec::new())
                },
                id: id.as_str().into(),
                name: name.to_owned(),
                vpcs,
                tags: Tags::new(),
            });
        }
    }

    fn records(&mut self) {
        let names = self.plan.records.iter();
        let names: Vec<_> = names
            .filter_map(|plan| {
                let zone = pick(&plan.zone, &self.draft.hosted_zones)?;
                let label = pick(&plan.name, &LABELS)?;
                Some((zone.id.clone(), format!("{label}{}", zone.name)))
            })
            .collect();
        let mut leads: Vec<_> = names.iter().map(|(_, name)| name.clone()).collect();
        leads.extend(LEADS.map(str::to_owned));
        let balancers = self.draft.load_balancers.iter();
        leads.extend(balancers.filter_map(|one| one.name.as_ref().map(|one| one.name.clone())));
        leads.extend(self.inbound_only());
        leads.retain(|name| !name.starts_with('*'));
        for (plan, (zone, name)) in self.plan.records.iter().zip(names) {
            let target = self.record_target(plan, &leads);
            let mut zones = self.draft.hosted_zones.iter_mut();
            let zone = zones.find(|one| one.id == zone);
            if let Some(Value::Known(records)) = zone.map(|zone| &mut zone.records)
                && !records.iter().any(|record| record.name == name)
            {
                records.push(DnsRecord { name, target });
            }
        }
    }

    /// What private DNS for inbound endpoints only answers: to which records lead there more often.
    fn inbound_only(&self) -> Vec<String> {
        let mut names = Vec::new();
        for endpoint in &self.draft.vpc_endpoints {
            if let EndpointKind::Interface {
                private_dns: true,
                private_dns_inbound_only: true,
                private_names,
                ..
            } = &endpoint.kind
            {
                let below = private_names.iter().map(|name| name.replacen('*', "a", 1));
                names.extend(below.flat_map(|name| std::iter::repeat_n(name, 3)));
            }
        }
        names
    }

    fn record_target(&self, plan: &RecordPlan, leads: &[String]) -> DnsTarget {
        match choose(&plan.target, &RECORD) {
            RecordChoice::Addresses => {}
            RecordChoice::Endpoint => {
                let endpoints = &self.draft.vpc_endpoints;
                let ids: Vec<&VpcEndpointId> = endpoints.iter().map(|one| &one.id).collect();
                if let Some(id) = pick(&plan.which, &ids) {
                    return DnsTarget::Endpoint((*id).clone());
                }
            }
            RecordChoice::Name => {
                if let Some(name) = pick(&plan.which, leads) {
                    return DnsTarget::Name(name.clone());
                }
            }
            RecordChoice::Unmodelled => {
                return DnsTarget::Unmodelled("load-balancer".to_owned());
            }
        }
        DnsTarget::Addresses(self.two_addresses(&plan.which, &plan.target))
    }

    /// Addresses of interfaces, and one that nobody has.
    fn two_addresses(&self, first: &Index, second: &Index) -> BTreeSet<Address> {
        let interfaces = self.draft.network_interfaces.iter();
        let addresses = interfaces.flat_map(|interface| &interface.addresses);
        let addresses =
            addresses.flat_map(|address| [Some(&address.private), address.public.as_ref()]);
        let mut known: Vec<_> = addresses
            .filter_map(|address| match address? {
                AddressValue::Known(address) => Some(*address),
                AddressValue::Within(..) => None,
            })
            .collect();
        known.push(pool::address("192.0.2.53"));
        let two = [first, second].map(|index| pick(index, &known).copied());
        two.into_iter().flatten().collect()
    }

    /// The VPCs that rules lead to: above all those with private DNS for inbound endpoints only, and
    /// those of which the input tells whether they have an inbound endpoint.
    fn forwarded_to(&self) -> Vec<VpcId> {
        let vpcs = self.draft.vpcs.iter().flat_map(|vpc| {
            let n = match vpc.inbound_resolver {
                InboundResolver::Unknown => 1,
                InboundResolver::Absent | InboundResolver::Present { .. } => 3,
            };
            std::iter::repeat_n(vpc.id.clone(), n)
        });
        let mut targets: Vec<_> = vpcs.collect();
        for endpoint in &self.draft.vpc_endpoints {
            if let EndpointKind::Interface {
                private_dns: true,
                private_dns_inbound_only: true,
                ..
            } = &endpoint.kind
            {
                targets.extend([(); 6].map(|()| endpoint.vpc.clone()));
            }
        }
        targets
    }

    /// Of rules of one domain in one VPC the later gives way.
    fn resolver_rules(&mut self) {
        let mut taken = BTreeSet::new();
        let targets = self.forwarded_to();
        for (position, plan) in self.plan.resolver_rules.iter().enumerate() {
            let ResolverRulePlan {
                vpc,
                second,
                domain,
                action,
                target,
            } = plan;
            let domain = choose(domain, &DOMAIN);
            let mut vpcs = self.two_vpcs(vpc, second);
            vpcs.retain(|vpc| taken.insert((vpc.clone(), domain)));
            let target = pick(target, &targets).cloned();
            let action = match (choose(action, &RESOLVER), target) {
                (ResolverChoice::ForwardTo, Some(vpc)) => ResolverAction::ForwardTo(vpc),
                (ResolverChoice::Forward | ResolverChoice::ForwardTo, _) => ResolverAction::Forward,
                (ResolverChoice::System, _) => ResolverAction::System,
                (ResolverChoice::Unmodelled, _) => {
                    ResolverAction::Unmodelled("delegate".to_owned())
                }
            };
            self.draft.resolver_rules.push(ResolverRule {
                id: format!("r{position}").as_str().into(),
                domain: domain.to_owned(),
                action,
                vpcs,
                tags: Tags::new(),
            });
        }
    }

    fn dns_firewall(&mut self) {
        let holes = self.has(Feature::Holes);
        let n_vpcs = self.draft.vpcs.len();
        for (position, plan) in self.plan.firewall.iter().enumerate() {
            let FirewallPlan {
                vpc,
                action,
                domain,
                second,
                hole,
            } = plan;
            let own = match choose(domain, &DOMAIN) {
                "" => "*".to_owned(),
                name => name.to_owned(),
            };
            let below = match choose(second, &DOMAIN) {
                "" => "ssm.us-east-1.amazonaws.com".to_owned(),
                name => format!("*.{name}"),
            };
            let domains = BTreeSet::from([own, below]);
            let rule = DnsFirewallRule {
                domains: if holes && once_in(hole, 5) {
                    Value::Any(Hole::new(format!("domains of rule {position}")))
                } else {
                    Value::Known(domains)
                },
                action: match action.index(5) {
                    0 | 1 => DnsFirewallAction::Pass,
                    2 | 3 => DnsFirewallAction::Block,
                    _ => DnsFirewallAction::Override,
                },
            };
            if let Some(vpc) = self.draft.vpcs.get_mut(vpc.index(n_vpcs.max(1))) {
                vpc.dns_firewall.push(rule);
            }
        }
    }
}
