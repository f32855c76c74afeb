//! What the networks of an apply differ in besides: components of other kinds, and what plans do that no two networks
//! show.

use std::collections::{BTreeMap, BTreeSet};

use model::{Hole, NatGateway, PrefixList, Tags, Value, Vpc};

use super::pairs::{Pair, pairs};
use super::resource::{Names, Side, hole};
use super::{Matters, Merge};
use crate::Validated;
use crate::provenance::Kind;
use crate::resources::ResourceChange;

/// Calls a macro with every kind of component: its field, and its kind.
macro_rules! every_kind {
    ($with:ident) => {
        $with! {
            vpcs: Vpc, subnets: Subnet, route_tables: RouteTable, prefix_lists: PrefixList,
            security_groups: SecurityGroup, network_acls: NetworkAcl,
            network_interfaces: NetworkInterface, internet_gateways: InternetGateway,
            egress_only_internet_gateways: EgressOnlyInternetGateway, nat_gateways: NatGateway,
            peerings: Peering, vpc_endpoints: VpcEndpoint, load_balancers: LoadBalancer,
            target_groups: TargetGroup, endpoint_services: EndpointService,
            hosted_zones: HostedZone, resolver_rules: ResolverRule,
            transit_gateways: TransitGateway,
            transit_gateway_attachments: TransitGatewayAttachment,
            transit_gateway_route_tables: TransitGatewayRouteTable,
            virtual_private_gateways: VirtualPrivateGateway,
            direct_connect_associations: DirectConnectAssociation,
            client_vpn_endpoints: ClientVpnEndpoint, accounts: Account, principals: Principal,
            resource_policies: ResourcePolicy,
        }
    };
}

/// Everything that the networks differ in, by name.
pub(super) fn changed(before: &Validated, after: &Validated, names: &Names<'_>) -> BTreeSet<Hole> {
    let mut changed = BTreeSet::new();
    macro_rules! compare {
        ($($field:ident: $kind:ident,)*) => {$(
            for (id, pair) in pairs(before.network.$field(), after.network.$field()) {
                let is_same = match pair {
                    Pair::Both(one, other) => one == other,
                    Pair::Before(_) | Pair::After(_) => false,
                };
                if !is_same {
                    changed.insert(names.hole(Kind::$kind, id.as_str()));
                }
            }
        )*};
    }
    every_kind!(compare);
    changed
}

/// Resources that make rules and routes: which of these may be missing, their places tell.
const RULES: [&str; 6] = [
    "aws_route",
    "aws_security_group_rule",
    "aws_vpc_security_group_ingress_rule",
    "aws_vpc_security_group_egress_rule",
    "aws_network_acl_rule",
    "aws_vpc_endpoint_route_table_association",
];

/// Resources with a component of their own, which has another id when it is made anew, and those that belong to
/// nothing but such a component.
const COMPONENTS: [&str; 15] = [
    "aws_vpc",
    "aws_subnet",
    "aws_route_table",
    "aws_security_group",
    "aws_network_acl",
    "aws_network_interface",
    "aws_internet_gateway",
    "aws_egress_only_internet_gateway",
    "aws_nat_gateway",
    "aws_ec2_managed_prefix_list",
    "aws_vpc_endpoint",
    "aws_vpc_peering_connection",
    "aws_vpc_peering_connection_accepter",
    "aws_vpc_peering_connection_options",
    "aws_eip",
];

/// How the types begin of which a resource may change what a packet meets.
const OF_NETWORKS: [&str; 20] = [
    "aws_vpc",
    "aws_route",
    "aws_main_route",
    "aws_network",
    "aws_subnet",
    "aws_default_",
    "aws_internet_gateway",
    "aws_egress",
    "aws_nat",
    "aws_eip",
    "aws_security_group",
    "aws_lb",
    "aws_alb",
    "aws_elb",
    "aws_ec2_",
    "aws_vpn",
    "aws_customer_gateway",
    "aws_dx",
    "aws_prefix_list",
    "aws_organizations",
];

/// How the types begin of which a resource may change what a request meets.
const OF_REQUESTS: [&str; 7] = [
    "aws_iam_",
    "aws_s3_",
    "aws_kms_",
    "aws_sqs_",
    "aws_sns_",
    "aws_secretsmanager_",
    "aws_vpc_endpoint_policy",
];

impl Merge<'_> {
    /// The components that are open as a whole, or not at all.
    pub(super) fn other(&mut self) {
        self.idle();
        self.vpcs();
        self.prefix_lists();
        self.gateways();
        self.by_kind();
        self.resources();
        self.lingering();
    }

    fn vpcs(&mut self) {
        let [before, after] = self.networks();
        for (id, pair) in pairs(before.vpcs(), after.vpcs()) {
            if let Pair::Both(one, other) = pair {
                let hole = self.names.hole(Kind::Vpc, id.as_str());
                let without_names = |vpc: &Vpc| Vpc {
                    dns_support: false,
                    dns_hostnames: false,
                    custom_dns_servers: false,
                    inbound_resolver: model::InboundResolver::Unknown,
                    dns_firewall: Vec::new(),
                    tags: Tags::new(),
                    ..vpc.clone()
                };
                let without_tags = |vpc: &Vpc| Vpc {
                    tags: Tags::new(),
                    ..vpc.clone()
                };
                if without_names(one) != without_names(other) {
                    self.give_up(hole, Matters::Always);
                } else if without_tags(one) != without_tags(other) {
                    self.give_up(hole, Matters::ForNames);
                }
            }
            self.draft.vpcs.push(pair.latest().clone());
        }
    }

    /// A list whose entries change is open.
    fn prefix_lists(&mut self) {
        let [before, after] = self.networks();
        for (id, pair) in pairs(before.prefix_lists(), after.prefix_lists()) {
            let mut list = pair.latest().clone();
            if let Pair::Both(one, other) = pair {
                let hole = self.names.hole(Kind::PrefixList, id.as_str());
                if one.entries != other.entries {
                    list.entries = Value::Any(hole.clone());
                }
                let plain = |list: &PrefixList| PrefixList {
                    entries: Value::Any(hole.clone()),
                    ..list.clone()
                };
                if plain(one) != plain(other) {
                    self.give_up(hole.clone(), Matters::Always);
                }
            }
            self.draft.prefix_lists.push(list);
        }
    }

    /// The NAT gateways that are deleted and do nothing else before: routes to them may lead to one that
    /// works, or be blackholes.
    fn idle(&mut self) {
        let [before, after] = self.networks();
        for (id, pair) in pairs(before.nat_gateways(), after.nat_gateways()) {
            let Pair::Both(one, other) = pair else {
                continue;
            };
            let stopped = NatGateway {
                available: false,
                tags: other.tags.clone(),
                ..one.clone()
            };
            let address = self
                .names
                .address(Side::Before, Kind::NatGateway, id.as_str());
            let is_gone = address.is_some_and(|address| self.names.is_gone(address));
            if is_gone && stopped == *other {
                let hole = self.names.hole(Kind::NatGateway, id.as_str());
                self.passing.insert(one.interface.clone(), hole.clone());
                self.idle.insert(id.clone(), hole);
            }
        }
    }

    /// Gateways are there when routes lead to them, which are open where they may not be.
    fn gateways(&mut self) {
        let networks = self.networks();
        let idle: BTreeSet<String> = self.idle.keys().map(ToString::to_string).collect();
        macro_rules! keep {
            ($($field:ident: $kind:ident,)*) => {$({
                let [before, after] = networks;
                for (id, pair) in pairs(before.$field(), after.$field()) {
                    if let Pair::Both(one, other) = pair {
                        let mut one = one.clone();
                        one.tags.clone_from(&other.tags);
                        if one != *other && !idle.contains(id.as_str()) {
                            let hole = self.names.hole(Kind::$kind, id.as_str());
                            self.give_up(hole, Matters::Always);
                        }
                    }
                    self.draft.$field.push(pair.latest().clone());
                }
            })*};
        }
        keep! {
            internet_gateways: InternetGateway,
            egress_only_internet_gateways: EgressOnlyInternetGateway,
            nat_gateways: NatGateway,
            peerings: Peering,
        }
    }

    /// Kinds of which a change is not looked into.
    fn by_kind(&mut self) {
        let networks = self.networks();
        macro_rules! keep {
            ($matters:expr; $($field:ident: $kind:ident,)*) => {$({
                let [before, after] = networks;
                let kept = kept(before.$field(), after.$field(), $matters);
                for (id, component, is_same) in kept {
                    if !is_same {
                        let hole = self.names.hole(Kind::$kind, &id);
                        self.give_up(hole, $matters);
                    }
                    self.draft.$field.extend(component);
                }
            })*};
        }
        keep! {
            Matters::Always;
            load_balancers: LoadBalancer,
            target_groups: TargetGroup,
            endpoint_services: EndpointService,
            transit_gateways: TransitGateway,
            transit_gateway_attachments: TransitGatewayAttachment,
            transit_gateway_route_tables: TransitGatewayRouteTable,
            virtual_private_gateways: VirtualPrivateGateway,
            direct_connect_associations: DirectConnectAssociation,
            client_vpn_endpoints: ClientVpnEndpoint,
        }
        keep! {
            Matters::ForNames;
            hosted_zones: HostedZone,
            resolver_rules: ResolverRule,
        }
        keep! {
            Matters::ForRequests;
            accounts: Account,
            principals: Principal,
            resource_policies: ResourcePolicy,
        }
    }

    /// What the plans do that no two networks show, such as an association that goes and comes back.
    fn resources(&mut self) {
        let named = |change: &ResourceChange| hole([&change.address]);
        for change in self.names.deposed().collect::<Vec<_>>() {
            if let Some(matters) = matters(&change.of) {
                self.give_up(named(change), matters);
            }
        }
        let all: Vec<_> = self.names.changes(|_| true).collect();
        let both = |of: &str| {
            let mut same = all.iter().filter(|change| change.of == of);
            let is_made = same.clone().any(|change| change.is_made);
            is_made && same.any(|change| change.is_gone)
        };
        for change in all.iter().filter(|change| change.is_made || change.is_gone) {
            let of = change.of.as_str();
            let is_instance = of == "aws_instance";
            if RULES.contains(&of) || COMPONENTS.contains(&of) || is_instance {
                continue;
            }
            let Some(matters) = matters(of) else { continue };
            let is_shown = of == "aws_route_table_association" || matters == Matters::ForRequests;
            if !is_shown || both(of) {
                self.give_up(named(change), matters);
            }
        }
    }

    /// What a plan deletes and the network after still has, since another input shows it.
    fn lingering(&mut self) {
        let (before, after) = (self.before, self.after);
        let idle = self.idle.keys().map(ToString::to_string);
        let passing = self.passing.keys().map(ToString::to_string);
        let idle: BTreeSet<String> = idle.chain(passing).collect();
        let mut lingering = Vec::new();
        macro_rules! look {
            ($($field:ident: $kind:ident,)*) => {$(
                for id in before.network.$field().keys() {
                    let address = self.names.address(Side::Before, Kind::$kind, id.as_str());
                    let is_gone = address.is_some_and(|address| self.names.is_gone(address));
                    let is_shown = after.network.$field().contains_key(id);
                    if is_gone && is_shown && !idle.contains(&id.to_string()) {
                        lingering.push(self.names.hole(Kind::$kind, id.as_str()));
                    }
                }
            )*};
        }
        every_kind!(look);
        for hole in lingering {
            self.give_up(hole, Matters::Always);
        }
    }
}

/// Which claims a resource of a type may change.
fn matters(of: &str) -> Option<Matters> {
    let begins = |starts: &[&str]| starts.iter().any(|start| of.starts_with(start));
    if begins(&OF_REQUESTS) {
        Some(Matters::ForRequests)
    } else if of.starts_with("aws_route53_") {
        Some(Matters::ForNames)
    } else {
        begins(&OF_NETWORKS).then_some(Matters::Always)
    }
}

/// The components of a kind, each with its id and whether both networks have the same. Where only names or requests
/// depend on it, what is deleted is left out.
fn kept<Id: Ord + ToString, Component: Clone + PartialEq>(
    before: &BTreeMap<Id, Component>,
    after: &BTreeMap<Id, Component>,
    matters: Matters,
) -> Vec<(String, Option<Component>, bool)> {
    let all = pairs(before, after).into_iter();
    let kept = all.map(|(id, pair)| {
        let (component, is_same) = match pair {
            Pair::Both(one, other) => (Some(other), one == other),
            Pair::After(other) => (Some(other), false),
            Pair::Before(one) => ((matters == Matters::Always).then_some(one), false),
        };
        (id.to_string(), component.cloned(), is_same)
    });
    kept.collect()
}
