//! Plans: flat descriptions of random networks, from which `generate` builds one.
//!
//! A plan is vectors of small structs that refer to each other, and to pools, by
//! [`Index`]. Every plan builds a valid network, so a plan with elements deleted does too, and
//! shrinking is deleting elements and moving indices towards 0, which is the plainest choice of
//! every table in [`crate::weights`].

use std::collections::BTreeSet;

use proptest::arbitrary::any;
use proptest::collection::vec;
use proptest::prop_oneof;
use proptest::sample::Index;
use proptest::strategy::{BoxedStrategy, Just, Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::swarm::{self, Feature};

/// How networks are made; a run takes the three in turn, because each finds what the others miss.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Profile {
    /// Everything at once: what ties and orders need.
    Plain,
    /// Some features switched off: what deep stages need.
    Swarm,
    /// Built around a flow that must pass, and perhaps one link of it broken.
    Pivot,
}

impl Profile {
    /// The three.
    pub const ALL: [Profile; 3] = [Profile::Plain, Profile::Swarm, Profile::Pivot];

    /// The profile of the `n`-th case.
    pub const fn of_case(n: u64) -> Self {
        match n % 3 {
            0 => Profile::Plain,
            1 => Profile::Swarm,
            _ => Profile::Pivot,
        }
    }

    /// Its name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Profile::Plain => "plain",
            Profile::Swarm => "swarm",
            Profile::Pivot => "pivot",
        }
    }
}

/// How large networks become: the most of each part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// VPCs.
    pub vpcs: usize,
    /// Subnets.
    pub subnets: usize,
    /// Interfaces, those of gateways and endpoints not counted.
    pub interfaces: usize,
    /// Security groups, route tables, network ACLs and prefix lists, of each.
    pub tables: usize,
    /// Rules of groups, routes, entries of ACLs and of lists, of each.
    pub rules: usize,
    /// Gateways, NAT gateways, peerings, endpoints and appliances, of each.
    pub gateways: usize,
}

impl Budget {
    /// For a solver that is asked about every flow.
    pub const TINY: Budget = Budget {
        vpcs: 2,
        subnets: 3,
        interfaces: 3,
        tables: 2,
        rules: 5,
        gateways: 2,
    };
    /// For agreement.
    pub const SMALL: Budget = Budget {
        vpcs: 3,
        subnets: 5,
        interfaces: 6,
        tables: 4,
        rules: 12,
        gateways: 3,
    };
    /// For benches.
    pub const WIDE: Budget = Budget {
        vpcs: 8,
        subnets: 40,
        interfaces: 200,
        tables: 30,
        rules: 200,
        gateways: 10,
    };
}

/// A plan.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Which parts the network must not have.
    pub banned: BTreeSet<Feature>,
    /// Whether some addresses are open (`address-hole`): for verdicts, not for single flows.
    pub open_addresses: bool,
    /// The VPCs.
    pub vpcs: Vec<VpcPlan>,
    /// The subnets.
    pub subnets: Vec<SubnetPlan>,
    /// The route tables beside the main ones.
    pub tables: Vec<TablePlan>,
    /// The prefix lists.
    pub lists: Vec<ListPlan>,
    /// Their entries.
    pub list_entries: Vec<ListEntryPlan>,
    /// The groups.
    pub groups: Vec<GroupPlan>,
    /// Their rules.
    pub rules: Vec<RulePlan>,
    /// The network ACLs.
    pub acls: Vec<AclPlan>,
    /// Their entries.
    pub acl_entries: Vec<AclEntryPlan>,
    /// The ordinary interfaces.
    pub interfaces: Vec<InterfacePlan>,
    /// Their further addresses.
    pub addresses: Vec<AddressPlan>,
    /// Internet gateways and egress-only ones.
    pub gateways: Vec<GatewayPlan>,
    /// NAT gateways.
    pub nats: Vec<NatPlan>,
    /// Peerings.
    pub peerings: Vec<PeeringPlan>,
    /// Endpoints.
    pub endpoints: Vec<EndpointPlan>,
    /// Appliances, which routes lead to.
    pub middleboxes: Vec<MiddleboxPlan>,
    /// Transit gateways.
    pub transits: Vec<TransitPlan>,
    /// Their tables beside the first ones.
    pub transit_tables: Vec<TransitTablePlan>,
    /// Their attachments.
    pub attachments: Vec<AttachmentPlan>,
    /// Static routes of their tables.
    pub transit_routes: Vec<TransitRoutePlan>,
    /// Statements of their policies.
    pub statements: Vec<StatementPlan>,
    /// Routes that are not local.
    pub routes: Vec<RoutePlan>,
    /// The flow that must pass.
    pub pivot: Option<PivotPlan>,
    /// Private hosted zones.
    pub zones: Vec<ZonePlan>,
    /// Their records.
    pub records: Vec<RecordPlan>,
    /// Resolver rules.
    pub resolver_rules: Vec<ResolverRulePlan>,
    /// Rules of DNS Firewall.
    pub firewall: Vec<FirewallPlan>,
    /// Virtual private gateways.
    pub virtual_gateways: Vec<VirtualGatewayPlan>,
    /// Associations of Direct Connect gateways.
    pub associations: Vec<AssociationPlan>,
    /// Client VPN endpoints.
    pub client_vpn_endpoints: Vec<ClientVpnPlan>,
    /// Their authorization rules.
    pub client_vpn_rules: Vec<ClientVpnRulePlan>,
    /// Their routes.
    pub client_vpn_routes: Vec<ClientVpnRoutePlan>,
    /// Load balancers.
    pub load_balancers: Vec<LoadBalancerPlan>,
    /// Their listeners.
    pub listeners: Vec<ListenerPlan>,
    /// Target groups.
    pub target_groups: Vec<TargetGroupPlan>,
    /// What is registered in them.
    pub targets: Vec<TargetPlan>,
    /// Endpoint services.
    pub endpoint_services: Vec<EndpointServicePlan>,
}

macro_rules! elements {
    ($($(#[$doc:meta])* $name:ident($strategy:ident, $n:literal) { $($field:ident,)* })*) => {$(
        $(#[$doc])*
        ///
        /// Each field picks from a table or a pool of the same name.
        #[derive(Clone, Debug)]
        pub struct $name {
            $(
                #[expect(missing_docs, reason = "A field is the choice that it is named after.")]
                pub $field: Index,
            )*
        }

        fn $strategy() -> impl Strategy<Value = $name> + Clone {
            any::<[Index; $n]>().prop_map(|[$($field,)*]| $name { $($field,)* })
        }
    )*};
}

elements! {
    /// A VPC.
    VpcPlan(vpc, 9) {
        cidr, second, ipv6, region, dns, account, block_public_access, exclusion, inbound,
    }
    /// A subnet.
    SubnetPlan(subnet, 10) { vpc, block, slot, ipv6, table, acl, which, zone, exclusion, dns64, }
    /// A route table.
    TablePlan(table, 1) { vpc, }
    /// A prefix list.
    ListPlan(list, 4) { family, managed, entries, service, }
    /// An entry of a list.
    ListEntryPlan(list_entry, 2) { list, block, }
    /// A group with the rules that most groups have.
    GroupPlan(group, 3) { vpc, ingress, egress, }
    /// A rule.
    RulePlan(rule, 7) { group, direction, traffic, from_port, to_port, peer, block, }
    /// A network ACL.
    AclPlan(acl, 3) { vpc, ingress, egress, }
    /// An entry of an ACL.
    AclEntryPlan(acl_entry, 9) {
        acl, direction, number, action, traffic, from_port, to_port, peer, block,
    }
    /// An interface and its first address.
    InterfacePlan(interface, 9) {
        subnet, host, public, ipv6, groups, first, second, check, attachment,
    }
    /// A further address of an interface.
    AddressPlan(address, 4) { interface, family, host, public, }
    /// An internet gateway or an egress-only one.
    GatewayPlan(gateway, 4) { kind, vpc, edge, table, }
    /// A NAT gateway with its interface.
    NatPlan(nat, 4) { subnet, host, public, state, }
    /// A peering.
    PeeringPlan(peering, 4) { requester, accepter, outside, state, }
    /// An endpoint with its interfaces.
    EndpointPlan(endpoint, 10) {
        kind, vpc, service, state, policy, first, second, group, dns, names,
    }
    /// An appliance with its interface, and two subnets between which it stands.
    MiddleboxPlan(middlebox, 9) { subnet, host, place, stated, check, group, one, other, route, }
    /// A transit gateway with its first table.
    TransitPlan(transit, 1) { referencing, }
    /// A table of a transit gateway.
    TransitTablePlan(transit_table, 1) { gateway, }
    /// An attachment.
    AttachmentPlan(attachment, 12) {
        gateway, kind, vpc, first, second, association, which, propagation, flags, referencing,
        state, routes,
    }
    /// A static route of a transit gateway.
    TransitRoutePlan(transit_route, 5) { table, destination, block, list, target, }
    /// A statement of a policy.
    StatementPlan(statement, 6) { endpoint, effect, principal, action, resource, condition, }
    /// A route.
    RoutePlan(route, 9) {
        table, destination, block, list, target, which, origin, state, hole,
    }
    /// A private hosted zone.
    ZonePlan(zone, 4) { vpc, second, name, hole, }
    /// A record of a zone.
    RecordPlan(record, 4) { zone, name, target, which, }
    /// A resolver rule.
    ResolverRulePlan(resolver_rule, 5) { vpc, second, domain, action, target, }
    /// A rule of DNS Firewall.
    FirewallPlan(firewall, 5) { vpc, action, domain, second, hole, }
    /// A virtual private gateway.
    VirtualGatewayPlan(virtual_gateway, 7) { vpc, state, table, first, second, prefixes, routes, }
    /// An association of a Direct Connect gateway.
    AssociationPlan(association, 6) { gateway, block, first, second, known, other_ways, }
    /// A Client VPN endpoint with its interfaces.
    ClientVpnPlan(client_vpn, 8) {
        first, second, host, group, rules, routes, known_rules, known_routes,
    }
    /// An authorization rule of a Client VPN endpoint.
    ClientVpnRulePlan(client_vpn_rule, 4) { endpoint, block, which, group, }
    /// A route of a Client VPN endpoint.
    ClientVpnRoutePlan(client_vpn_route, 4) { endpoint, block, which, target, }
    /// A load balancer with its nodes.
    LoadBalancerPlan(load_balancer, 10) {
        kind, first, second, host, groups, group, public, ingress, hole, name,
    }
    /// A listener of a load balancer.
    ListenerPlan(listener, 6) { load_balancer, protocol, port, first, second, third, }
    /// A target group.
    TargetGroupPlan(target_group, 4) { family, preserve, cross_zone, hole, }
    /// A registered target.
    TargetPlan(target, 4) { group, kind, which, port, }
    /// An endpoint service, and two endpoints for its name.
    EndpointServicePlan(endpoint_service, 5) { first, second, endpoint, other, open, }
    /// The flow that must pass, and what is broken of its way.
    PivotPlan(pivot, 8) { kind, from, to, port, peer, narrow, reference, fault, }
}

/// Mostly few, sometimes many: most networks are small.
fn few<S: Strategy + Clone + 'static>(
    element: S,
    at_least: usize,
    at_most: usize,
) -> BoxedStrategy<Vec<S::Value>>
where
    S::Value: Clone,
{
    let middle = at_least.max(at_most.div_ceil(2));
    prop_oneof![
        2 => vec(element.clone(), at_least..=middle),
        1 => vec(element, middle..=at_most.max(middle)),
    ]
    .boxed()
}

/// Plans of a profile.
pub fn plans(profile: Profile, budget: Budget) -> BoxedStrategy<Plan> {
    let Budget {
        vpcs,
        subnets,
        interfaces,
        tables,
        rules,
        gateways,
    } = budget;
    let banned = match profile {
        Profile::Plain => Just(BTreeSet::new()).boxed(),
        Profile::Swarm | Profile::Pivot => swarm::banned().boxed(),
    };
    let pivot = match profile {
        Profile::Plain | Profile::Swarm => Just(None).boxed(),
        Profile::Pivot => pivot().prop_map(Some).boxed(),
    };
    // What a way needs is there more often than not.
    let least = usize::from(profile == Profile::Pivot);
    let places = (
        vec(vpc(), (1 + least).min(vpcs)..=vpcs),
        few(subnet(), 2, subnets),
        few(table(), 0, tables),
        few(interface(), 2, interfaces),
        few(address(), 0, interfaces),
    );
    let filters = (
        few(list(), least, tables),
        few(list_entry(), least, rules),
        few(group(), 1, tables),
        few(rule(), 0, rules),
        few(acl(), 0, tables),
        few(acl_entry(), 0, rules),
    );
    let ways = (
        few(gateway(), 0, gateways + 1),
        few(nat(), least, gateways),
        few(peering(), least, gateways),
        few(endpoint(), least, gateways),
        few(statement(), 0, rules),
        few(route(), 0, rules),
    );
    let names = (
        few(zone(), 0, gateways),
        few(record(), 0, rules),
        few(resolver_rule(), 0, gateways),
        few(firewall(), 0, gateways),
    );
    let devices = (
        few(middlebox(), 0, gateways),
        vec(transit(), 0..=2),
        few(transit_table(), 0, tables),
        few(attachment(), 1, vpcs + gateways),
        few(transit_route(), 0, rules),
    );
    let premises = (
        few(virtual_gateway(), 0, gateways),
        few(association(), 0, gateways),
    );
    let clients = (
        few(client_vpn(), 0, gateways.min(2)),
        few(client_vpn_rule(), 0, rules),
        few(client_vpn_route(), 0, rules),
    );
    let relays = (
        few(load_balancer(), 0, gateways),
        few(listener(), 1, gateways * 2),
        few(target_group(), 1, gateways),
        few(target(), 1, gateways * 3),
        few(endpoint_service(), 0, gateways.min(2)),
    );
    (
        banned, places, filters, ways, devices, pivot, names, premises, relays, clients,
    )
        .prop_map(|parts| {
            let (banned, places, filters, ways, devices, pivot, names, premises, relays, clients) =
                parts;
            let (virtual_gateways, associations) = premises;
            let (client_vpn_endpoints, client_vpn_rules, client_vpn_routes) = clients;
            let (vpcs, subnets, tables, interfaces, addresses) = places;
            let (lists, list_entries, groups, rules, acls, acl_entries) = filters;
            let (gateways, nats, peerings, endpoints, statements, routes) = ways;
            let (zones, records, resolver_rules, firewall) = names;
            let (middleboxes, transits, transit_tables, attachments, transit_routes) = devices;
            let (load_balancers, listeners, target_groups, targets, endpoint_services) = relays;
            Plan {
                banned,
                open_addresses: false,
                vpcs,
                subnets,
                tables,
                lists,
                list_entries,
                groups,
                rules,
                acls,
                acl_entries,
                interfaces,
                addresses,
                gateways,
                nats,
                peerings,
                endpoints,
                middleboxes,
                transits,
                transit_tables,
                attachments,
                transit_routes,
                statements,
                routes,
                pivot,
                zones,
                records,
                resolver_rules,
                firewall,
                virtual_gateways,
                associations,
                client_vpn_endpoints,
                client_vpn_rules,
                client_vpn_routes,
                load_balancers,
                listeners,
                target_groups,
                targets,
                endpoint_services,
            }
        })
        .boxed()
}

impl Plan {
    /// The plan of a seed, the same on every machine.
    pub fn from_seed(profile: Profile, budget: Budget, seed: u64) -> Plan {
        let mut bytes = [0; 32];
        for (byte, value) in bytes.iter_mut().zip(seed.to_le_bytes()) {
            *byte = value;
        }
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        plans(profile, budget)
            .new_tree(&mut runner)
            .map(|tree| tree.current())
            .unwrap_or_else(|_| Plan::empty())
    }

    /// The same plan, some of whose addresses are open.
    #[must_use]
    pub fn with_open_addresses(mut self) -> Plan {
        self.open_addresses = true;
        self
    }

    /// The same plan without holes.
    #[must_use]
    pub fn without_holes(mut self) -> Plan {
        self.banned.insert(Feature::Holes);
        self
    }

    fn empty() -> Plan {
        Plan {
            banned: BTreeSet::new(),
            open_addresses: false,
            vpcs: Vec::new(),
            subnets: Vec::new(),
            tables: Vec::new(),
            lists: Vec::new(),
            list_entries: Vec::new(),
            groups: Vec::new(),
            rules: Vec::new(),
            acls: Vec::new(),
            acl_entries: Vec::new(),
            interfaces: Vec::new(),
            addresses: Vec::new(),
            gateways: Vec::new(),
            nats: Vec::new(),
            peerings: Vec::new(),
            endpoints: Vec::new(),
            middleboxes: Vec::new(),
            transits: Vec::new(),
            transit_tables: Vec::new(),
            attachments: Vec::new(),
            transit_routes: Vec::new(),
            statements: Vec::new(),
            routes: Vec::new(),
            pivot: None,
            zones: Vec::new(),
            records: Vec::new(),
            resolver_rules: Vec::new(),
            firewall: Vec::new(),
            virtual_gateways: Vec::new(),
            associations: Vec::new(),
            client_vpn_endpoints: Vec::new(),
            client_vpn_rules: Vec::new(),
            client_vpn_routes: Vec::new(),
            load_balancers: Vec::new(),
            listeners: Vec::new(),
            target_groups: Vec::new(),
            targets: Vec::new(),
            endpoint_services: Vec::new(),
        }
    }
}
