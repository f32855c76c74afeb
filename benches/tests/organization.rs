//! The network of an organization has everything, and flows pass everything that it has.

use std::collections::BTreeSet;

use benches::organization::{claims, flows::flows, network};
use benches::{SIZES, answer};
use evaluator::Evaluator;
use model::{
    Arrival, Asker, Clause, ComponentId, Disposition, Effect, Engine, Flow, Hop, Network, Source,
};
use solver::Solver;

const SEED: u64 = 1;
const N_FLOWS: usize = 20_000;

/// The names of the component maps that are empty. The draft is taken apart, so that a map that
/// the model gains cannot be forgotten here.
fn missing(network: Network) -> Vec<&'static str> {
    macro_rules! empty {
        ($($field:ident),* $(,)?) => {{
            let model::NetworkDraft { $($field),* } = network.into_draft();
            let sizes = [$((stringify!($field), $field.len())),*];
            let empty = sizes.into_iter().filter(|(_, size)| *size == 0);
            empty.map(|(name, _)| name).collect()
        }};
    }
    empty!(
        vpcs,
        subnets,
        route_tables,
        prefix_lists,
        security_groups,
        network_acls,
        network_interfaces,
        internet_gateways,
        egress_only_internet_gateways,
        nat_gateways,
        peerings,
        vpc_endpoints,
        load_balancers,
        target_groups,
        endpoint_services,
        hosted_zones,
        resolver_rules,
        transit_gateways,
        transit_gateway_attachments,
        transit_gateway_route_tables,
        virtual_private_gateways,
        direct_connect_associations,
        client_vpn_endpoints,
    )
}

#[test]
fn an_organization_has_every_kind_of_component_at_every_size() {
    for n in SIZES {
        let network = network(n);
        let members = network.network_interfaces().values();
        let members = members.filter(|one| one.tags.contains_key("environment"));
        assert_eq!(members.count(), n);
        assert_eq!(missing(network), Vec::<&str>::new());
    }
}

/// What some flow has to pass both ways: places that it comes from and goes to, kinds of
/// components, clauses of such as no step names, endpoints by the words of their ids.
const PASSED: [&str; 47] = [
    "from internet",
    "from vpn",
    "from far",
    "from data",
    "from direct-connect",
    "from branches",
    "from vgw-0",
    "to app",
    "to db",
    "to web",
    "to front",
    "to orders",
    "to tools",
    "to sqs",
    "to far",
    "to data",
    "to s3",
    "to dynamodb",
    "to internet",
    "to direct-connect",
    "to branches",
    "to vgw-0",
    "security group",
    "network ACL",
    "route table",
    "internet gateway",
    "egress-only internet gateway",
    "NAT gateway",
    "peering",
    "firewall",
    "sqs",
    "s3",
    "dynamodb",
    "endpoint service",
    "load balancer",
    "target group",
    "transit gateway",
    "attachment",
    "route table of a transit gateway",
    "virtual private gateway",
    "on premises",
    "security-group-prefix-list",
    "client-vpn-authorization",
    "client-vpn-route",
    "direct-connect-allowed-prefix",
    "internet-gateway-edge-table",
    "endpoint-service-hands-on",
];

/// What a delivered flow has passed, in a word.
fn kind(component: &ComponentId) -> &str {
    match component {
        ComponentId::NetworkInterface(_) => "network interface",
        ComponentId::SecurityGroup(_) => "security group",
        ComponentId::NetworkAcl(_) => "network ACL",
        ComponentId::Subnet(_) => "subnet",
        ComponentId::Vpc(_) => "VPC",
        ComponentId::RouteTable(_) => "route table",
        ComponentId::InternetGateway(_) => "internet gateway",
        ComponentId::EgressOnlyInternetGateway(_) => "egress-only internet gateway",
        ComponentId::NatGateway(_) => "NAT gateway",
        ComponentId::Peering(_) => "peering",
        ComponentId::VpcEndpoint(id) => id.as_str().split('-').next().unwrap_or_default(),
        ComponentId::EndpointService(_) => "endpoint service",
        ComponentId::LoadBalancer(_) => "load balancer",
        ComponentId::TargetGroup(_) => "target group",
        ComponentId::TransitGateway(_) => "transit gateway",
        ComponentId::TransitGatewayAttachment(_) => "attachment",
        ComponentId::TransitGatewayRouteTable(_) => "route table of a transit gateway",
        ComponentId::VirtualPrivateGateway(_) => "virtual private gateway",
        ComponentId::Internet => "internet",
        ComponentId::OnPremises => "on premises",
        ComponentId::Unmodelled(_) => "unmodelled",
    }
}

fn passes(hops: &[Hop]) -> impl Iterator<Item = String> {
    let kinds = hops.iter().map(|hop| kind(&hop.component).to_owned());
    let clauses = hops.iter().filter(|hop| hop.effect != Effect::Dropped);
    kinds.chain(clauses.map(|hop| hop.clause.name().to_owned()))
}

fn source(flow: &Flow) -> String {
    match &flow.source {
        Source::Interface(id) => {
            let tier = id.as_str().split('-').next();
            format!("from {}", tier.unwrap_or_default())
        }
        Source::Internet => "from internet".to_owned(),
        Source::OnPremises(gateway) => format!("from {gateway}"),
    }
}

fn arrival(arrival: &Arrival) -> String {
    match arrival {
        Arrival::Interface(id) => {
            let tier = id.as_str().split('-').next();
            format!("to {}", tier.unwrap_or_default())
        }
        Arrival::Internet => "to internet".to_owned(),
        Arrival::GatewayEndpoint(id) => {
            let service = id.as_str().split('-').next();
            format!("to {}", service.unwrap_or_default())
        }
        Arrival::OnPremises(gateway) => format!("to {gateway}"),
        Arrival::AmazonService => "to Amazon's service".to_owned(),
    }
}

/// What delivered flows have passed, where they came from and where they went.
fn seen(network: &Network) -> BTreeSet<String> {
    let evaluator = Evaluator::load(network);
    let mut seen = BTreeSet::new();
    for flow in flows(network, N_FLOWS, SEED) {
        let trace = evaluator.trace(&flow);
        let reply = trace.decision.reply.as_ref();
        if reply.is_none_or(|reply| reply.disposition != Disposition::Delivered) {
            continue;
        }
        seen.extend(passes(&trace.forward).chain(passes(&trace.reply)));
        seen.insert(source(&flow));
        seen.extend(trace.decision.forward.arrival.as_ref().map(arrival));
    }
    seen
}

#[test]
fn flows_are_answered_through_everything() {
    let seen = seen(&network(100));
    let missing = PASSED.iter().filter(|one| !seen.contains(**one));
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<&&str>::new());
}

/// Names, and the clauses by which a client in the first spoke learns what they mean.
const NAMES: [(&str, Clause); 7] = [
    ("data.corp.example", Clause::HostedZone),
    ("orders-0.corp.example", Clause::HostedZone),
    (
        "vpce-0.sqs.us-east-1.vpce.amazonaws.com",
        Clause::EndpointSpecificName,
    ),
    ("tools.shared.example", Clause::HostedZone),
    ("mail.premises.example", Clause::ResolverRuleForward),
    ("sqs.us-east-1.amazonaws.com", Clause::EndpointPrivateDns),
    (
        "front-0.us-east-1.elb.amazonaws.com",
        Clause::LoadBalancerName,
    ),
];

#[test]
fn names_are_resolved_by_everything_that_knows_some() {
    let network = network(10);
    let evaluator = Evaluator::load(&network);
    for (name, clause) in NAMES {
        assert_eq!(
            evaluator.resolve(&Asker::Vpc("v0".into()), name).clause,
            clause,
            "{name}"
        );
    }
}

#[test]
fn the_engines_agree_on_mixed_flows() {
    let network = network(100);
    let (evaluator, solver) = (Evaluator::load(&network), Solver::load(&network));
    for flow in flows(&network, 200, SEED) {
        assert_eq!(evaluator.decide(&flow), solver.decide(&flow), "{flow}");
    }
}

/// The verdicts of [`claims::ten`].
const VERDICTS: [&str; 10] = [
    "holds", "holds", "violated", "holds", "holds", "holds", "holds", "holds", "violated", "holds",
];

#[test]
fn the_engines_agree_on_the_ten_claims() {
    let network = network(10);
    let (evaluator, solver) = (Evaluator::load(&network), Solver::load(&network));
    for (claim, verdict) in claims::ten(&network).iter().zip(VERDICTS) {
        for found in [evaluator.check(claim), solver.check(claim)] {
            assert_eq!(answer::word(&found), verdict, "{}", claim.name);
        }
    }
}
