//! Resolver rules: `aws_route53_resolver_rule`, `_rule_association`, `_endpoint`.

use std::collections::{BTreeMap, BTreeSet};

use model::{Address, InboundResolver, ResolverAction, ResolverRule, ResolverRuleId, Vpc, VpcId};

use crate::doubt::Touches;
use crate::inbound_resolver::one_answer;
use crate::records::dns_name;

use super::attribute::Attribute;
use super::hosted_zone::vpc_here;
use super::identity::Thing;
use super::plan::Resource;
use super::reader::{Reader, shelve};

/// The inbound endpoints of the plan.
#[derive(Default)]
struct Inbound {
    /// The VPC of each, by its id.
    endpoints: BTreeMap<String, VpcId>,
    /// The VPC of each address that is known.
    addresses: BTreeMap<Address, VpcId>,
}

/// Reads them.
pub(super) fn read(reader: &mut Reader<'_, '_>) {
    let inbound = inbound(reader);
    for resource in reader.plan.managed(&["aws_route53_resolver_rule"]) {
        rule(reader, resource, &inbound);
    }
    for resource in reader
        .plan
        .managed(&["aws_route53_resolver_rule_association"])
    {
        let (rule, vpc) = (
            resource.attribute("resolver_rule_id"),
            resource.attribute("vpc_id"),
        );
        let Some(id) = reader.settle(&rule, Thing::ResolverRule) else {
            reader.may_apply(&rule);
            reader.untraced(&rule);
            continue;
        };
        if vpc.is_open() && reader.settle(&vpc, Thing::Vpc).is_none() {
            reader.may_apply(&vpc);
        }
        let Some(vpc) = vpc_here(reader, &vpc) else {
            continue;
        };
        let rule = match reader.resolver_rules.get_mut(&id) {
            Some(rule) => Some(&mut rule.component),
            None => reader.sink.get::<ResolverRule>(&id),
        };
        match rule {
            Some(rule) => {
                rule.vpcs.insert(vpc);
            }
            None => reader.unread(
                resource,
                "a resolver rule that is not in the input",
                &[Touches::Names],
            ),
        }
    }
}

fn inbound(reader: &mut Reader<'_, '_>) -> Inbound {
    let mut inbound = Inbound::default();
    let mut dns64 = BTreeMap::new();
    for resource in reader.plan.managed(&["aws_route53_resolver_endpoint"]) {
        if resource.attribute("direction").text() != Some("INBOUND") {
            continue;
        }
        for block in resource.attribute("ip_address").items() {
            let subnet = reader.settle(&block.field("subnet_id"), Thing::Subnet);
            let subnet = subnet.and_then(|id| reader.subnet(&id));
            let Some(vpc) = subnet.map(|subnet| subnet.vpc.clone()) else {
                continue;
            };
            let address = block.field("ip").address(reader.sink);
            inbound
                .addresses
                .extend(address.map(|one| (one, vpc.clone())));
            let answers: &mut BTreeSet<_> = dns64.entry(vpc.clone()).or_default();
            answers.insert(resource.attribute("dns64_enabled").flag().unwrap_or(false));
            inbound.endpoints.insert(reader.plan.id(resource), vpc);
        }
    }
    for (vpc, answers) in dns64 {
        let resolver = InboundResolver::Present {
            dns64: one_answer(&vpc, answers),
        };
        let vpc = match reader.vpcs.get_mut(vpc.as_str()) {
            Some(vpc) => Some(&mut vpc.component),
            None => reader.sink.get::<Vpc>(vpc.as_str()),
        };
        if let Some(vpc) = vpc {
            vpc.inbound_resolver = resolver;
        }
    }
    inbound
}

impl Reader<'_, '_> {
    /// Notes that a rule may apply to what names mean, or not: what they mean without it is a guess.
    fn may_apply(&mut self, attribute: &Attribute<'_>) {
        if !attribute.is_open() {
            return;
        }
        if self.plan.is_declared {
            let place = attribute.place();
            let what = format!(
                "`{}` ({place}) decides which rule of names applies",
                attribute.name()
            );
            self.sink.guess(Touches::Names, what);
        } else {
            self.sink
                .open_attribute(Touches::Names, &attribute.hole(), true);
        }
    }
}

fn rule(reader: &mut Reader<'_, '_>, resource: &Resource<'_>, inbound: &Inbound) {
    let domain = resource.attribute("domain_name");
    let Some(domain) = domain.text() else {
        reader.may_apply(&domain);
        let what = "a resolver rule whose domain is not known";
        reader.leave_out_unread(resource, what, Touches::Names);
        return;
    };
    let id = reader.plan.id(resource);
    let action = match resource.attribute("rule_type").text() {
        Some("FORWARD") => forward(reader, resource, inbound),
        Some("SYSTEM") => ResolverAction::System,
        other => {
            let other = other.unwrap_or("rule").to_lowercase();
            reader.not_modelled(resource, &format!("a resolver rule of type {other}"));
            ResolverAction::Unmodelled(other)
        }
    };
    let earlier = reader.sink.get::<ResolverRule>(&id);
    let rule = ResolverRule {
        domain: dns_name(domain),
        action,
        vpcs: earlier.map(|rule| rule.vpcs.clone()).unwrap_or_default(),
        tags: reader.tags(resource),
        id: ResolverRuleId::new(id),
    };
    shelve(
        &mut reader.resolver_rules,
        rule,
        resource.place(),
        reader.sink,
    );
}

/// A rule whose targets are all inbound endpoints of one VPC leads there.
fn forward(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    inbound: &Inbound,
) -> ResolverAction {
    let mut vpcs = BTreeSet::new();
    for target in resource.attribute("target_ip").items() {
        let ip = target.field("ip");
        let vpc = match ip.address(reader.sink) {
            Some(address) => inbound.addresses.get(&address),
            None => {
                let endpoint = reader.settle(&ip, Thing::ResolverEndpoint);
                endpoint.and_then(|id| inbound.endpoints.get(&id))
            }
        };
        match vpc {
            Some(vpc) => vpcs.insert(vpc.clone()),
            None => return ResolverAction::Forward,
        };
    }
    match (vpcs.pop_first(), vpcs.is_empty()) {
        (Some(vpc), true) => ResolverAction::ForwardTo(vpc),
        (Some(_) | None, _) => ResolverAction::Forward,
    }
}
