//! How often each choice is taken: the one place to tune the generator.
//!
//! The first entry of a table is the plainest, towards which plans shrink.

use model::{
    AclAction, BlockPublicAccess, Exclusion, Family, ListenerProtocol, LoadBalancerKind, Middlebox,
};

/// The primary block of a VPC.
#[derive(Clone, Copy, Debug)]
pub enum VpcBlock {
    /// 10.n.0.0/16, n the VPC's position: peers do not overlap.
    Own,
    /// This one, whatever others have: VPCs overlap.
    Fixed(&'static str),
}

/// The primary block.
pub const VPC_BLOCK: [(usize, VpcBlock); 7] = [
    (70, VpcBlock::Own),
    (8, VpcBlock::Fixed("10.0.0.0/16")), // the same as the first VPC's
    (5, VpcBlock::Fixed("10.0.128.0/17")), // inside of it
    (5, VpcBlock::Fixed("172.31.240.0/20")), // the last /20 of its private range
    (4, VpcBlock::Fixed("192.168.0.0/24")),
    (4, VpcBlock::Fixed("100.64.0.0/16")), // RFC 6598
    (4, VpcBlock::Fixed("198.18.7.0/24")), // private addresses that look public
];

/// A second IPv4 block.
pub const SECOND_BLOCK: [(usize, Option<&str>); 4] = [
    (70, None),
    (10, Some("100.64.128.0/24")),
    (10, Some("10.200.0.0/16")),
    (10, Some("10.0.0.0/17")), // only where the primary block is elsewhere
];

/// IPv6 blocks of a VPC.
#[derive(Clone, Copy, Debug)]
pub enum Ipv6Blocks {
    /// None.
    None,
    /// An Amazon-provided /56.
    Global,
    /// A unique local /56, equal in all VPCs.
    Local,
    /// Both.
    Both,
}

/// IPv6 blocks of a VPC.
pub const IPV6_BLOCKS: [(usize, Ipv6Blocks); 4] = [
    (45, Ipv6Blocks::None),
    (40, Ipv6Blocks::Global),
    (5, Ipv6Blocks::Local),
    (10, Ipv6Blocks::Both),
];

/// Regions: one for nearly all, since references need it.
pub const REGION: [(usize, &str); 2] = [(80, "us-east-1"), (20, "eu-west-1")];

/// The account of a VPC; where a network has the second one, none is unknown.
pub const ACCOUNT: [(usize, Option<&str>); 3] = [
    (40, None),
    (30, Some("111111111111")),
    (30, Some("222222222222")), // names its zones the other way round
];

/// The zone of a subnet by its number, and whether its id is known.
pub const ZONE: [(usize, (Option<usize>, bool)); 5] = [
    (28, (Some(0), false)),
    (14, (Some(1), false)),
    (28, (Some(0), true)),
    (20, (Some(1), true)),
    (10, (None, false)),
];

/// DNS attributes of a VPC: support, hostnames, custom servers.
pub const DNS: [(usize, (bool, bool, bool)); 5] = [
    (60, (true, true, false)),
    (12, (true, false, false)),
    (10, (false, false, false)),
    (10, (true, true, true)),
    (8, (false, true, false)),
];

/// What the input says of the inbound resolver endpoint of a VPC.
#[derive(Clone, Copy, Debug)]
pub enum InboundChoice {
    /// Nothing.
    Unknown,
    /// That there is none.
    Absent,
    /// That there is one, and whether it has DNS64.
    Present(bool),
    /// That some have DNS64 and others have not.
    OneOf,
    /// That there is one.
    Any,
}

/// What the input says of the inbound resolver endpoint of a VPC.
pub const INBOUND: [(usize, InboundChoice); 6] = [
    (34, InboundChoice::Unknown),
    (12, InboundChoice::Absent),
    (20, InboundChoice::Present(false)),
    (22, InboundChoice::Present(true)),
    (6, InboundChoice::OneOf),
    (6, InboundChoice::Any),
];

/// The mode of VPC Block Public Access of a VPC.
#[derive(Clone, Copy, Debug)]
pub enum ModeKind {
    /// This one.
    Known(BlockPublicAccess),
    /// One of these two.
    OneOf([BlockPublicAccess; 2]),
    /// Any.
    Any,
}

/// The mode of VPC Block Public Access of a VPC.
pub const BLOCK_PUBLIC_ACCESS: [(usize, ModeKind); 7] = [
    (58, ModeKind::Known(BlockPublicAccess::Off)), // else little comes to the steps behind
    (11, ModeKind::Known(BlockPublicAccess::Bidirectional)),
    (13, ModeKind::Known(BlockPublicAccess::Ingress)),
    (
        4,
        ModeKind::OneOf([BlockPublicAccess::Off, BlockPublicAccess::Bidirectional]),
    ),
    (
        4,
        ModeKind::OneOf([BlockPublicAccess::Ingress, BlockPublicAccess::Off]),
    ),
    (
        5,
        ModeKind::OneOf([BlockPublicAccess::Bidirectional, BlockPublicAccess::Ingress]),
    ),
    (5, ModeKind::Any),
];

/// The exclusion of a VPC.
pub const VPC_EXCLUSION: [(usize, Option<Exclusion>); 3] = [
    (70, None),
    (12, Some(Exclusion::Bidirectional)),
    (18, Some(Exclusion::Egress)),
];

/// The exclusion of a subnet.
pub const SUBNET_EXCLUSION: [(usize, Option<Exclusion>); 3] = [
    (50, None),
    (25, Some(Exclusion::Bidirectional)),
    (25, Some(Exclusion::Egress)),
];

/// Names of zones, domains of rules and of DNS Firewall; the empty one is every name.
pub const DOMAIN: [(usize, &str); 10] = [
    (20, "example.com"),
    (14, "a.example.com"), // below it, where records stand too
    (14, "amazonaws.com"),
    (8, "us-east-1.amazonaws.com"),
    (12, "ssm.us-east-1.amazonaws.com"), // an endpoint's private name
    (6, "s3.us-east-1.amazonaws.com"),
    (5, "vpce.amazonaws.com"),
    (6, "com"),
    (5, "example.org"),
    (10, ""),
];

/// What a record means.
#[derive(Clone, Copy, Debug)]
pub enum RecordChoice {
    /// Addresses.
    Addresses,
    /// An endpoint.
    Endpoint,
    /// Another name.
    Name,
    /// What is not modelled.
    Unmodelled,
}

/// What a record means.
pub const RECORD: [(usize, RecordChoice); 4] = [
    (45, RecordChoice::Addresses),
    (20, RecordChoice::Endpoint),
    (25, RecordChoice::Name),
    (10, RecordChoice::Unmodelled),
];

/// What a resolver rule does.
#[derive(Clone, Copy, Debug)]
pub enum ResolverChoice {
    /// Forwards out of the input.
    Forward,
    /// Forwards to a VPC.
    ForwardTo,
    /// Forwards no longer.
    System,
    /// What is not modelled.
    Unmodelled,
}

/// What a resolver rule does.
pub const RESOLVER: [(usize, ResolverChoice); 4] = [
    (30, ResolverChoice::Forward),
    (35, ResolverChoice::ForwardTo),
    (25, ResolverChoice::System),
    (10, ResolverChoice::Unmodelled),
];

/// How a subnet or an interface names what it uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// The implied one: the main table, the open ACL.
    Implied,
    /// One by name.
    Known,
    /// One of two.
    OneOf,
    /// Any.
    Any,
}

/// The route table of a subnet.
pub const SUBNET_TABLE: [(usize, Naming); 4] = [
    (45, Naming::Implied),
    (47, Naming::Known),
    (5, Naming::OneOf),
    (3, Naming::Any),
];

/// The ACL of a subnet.
pub const SUBNET_ACL: [(usize, Naming); 4] = [
    (46, Naming::Implied),
    (44, Naming::Known),
    (6, Naming::OneOf),
    (4, Naming::Any),
];

/// The groups of an interface: how many, or a hole.
#[derive(Clone, Copy, Debug)]
pub enum Groups {
    /// One.
    One,
    /// Two, which may be the same.
    Two,
    /// None.
    None,
    /// One set or another.
    OneOf,
    /// Any.
    Any,
}

/// The groups of an interface.
pub const GROUPS: [(usize, Groups); 5] = [
    (55, Groups::One),
    (30, Groups::Two),
    (3, Groups::None), // drops everything
    (7, Groups::OneOf),
    (5, Groups::Any),
];

/// What most groups let in besides their rules.
#[derive(Clone, Copy, Debug)]
pub enum BaseRule {
    /// Everything from or to everywhere.
    Everywhere,
    /// All traffic within the private ranges.
    Private,
    /// TCP only.
    Tcp,
    /// Everything within the private ranges, and high ports from everywhere: for replies.
    HighPorts,
    /// Members of the group itself.
    Itself,
    /// Nothing.
    Nothing,
}

/// What most groups let in besides their rules.
pub const BASE_INGRESS: [(usize, BaseRule); 5] = [
    (100, BaseRule::Everywhere),
    (12, BaseRule::Private),
    (12, BaseRule::Tcp),
    (12, BaseRule::Itself),
    (14, BaseRule::Nothing),
];

/// What most groups let out besides their rules.
pub const BASE_EGRESS: [(usize, BaseRule); 5] = [
    (150, BaseRule::Everywhere),
    (5, BaseRule::Private),
    (7, BaseRule::Tcp),
    (4, BaseRule::Itself),
    (6, BaseRule::Nothing),
];

/// What a custom ACL has besides its entries, at a high number.
pub const BASE_ACL: [(usize, BaseRule); 5] = [
    (58, BaseRule::Everywhere),
    (8, BaseRule::Private),
    (12, BaseRule::Tcp),
    (15, BaseRule::HighPorts),
    (7, BaseRule::Nothing),
];

/// The traffic of a rule.
#[derive(Clone, Copy, Debug)]
pub enum TrafficKind {
    /// Everything.
    All,
    /// TCP with ports.
    Tcp,
    /// UDP with ports.
    Udp,
    /// ICMP with or without type and code.
    Icmp,
    /// ICMPv6.
    Icmpv6,
    /// A protocol by number, one of the four now and then.
    Protocol,
}

/// The traffic of a rule.
pub const TRAFFIC: [(usize, TrafficKind); 6] = [
    (18, TrafficKind::All),
    (40, TrafficKind::Tcp),
    (13, TrafficKind::Udp),
    (15, TrafficKind::Icmp),
    (7, TrafficKind::Icmpv6),
    (7, TrafficKind::Protocol),
];

/// The other end of a rule of a group.
#[derive(Clone, Copy, Debug)]
pub enum PeerKind {
    /// 0.0.0.0/0.
    Everywhere,
    /// ::/0.
    EverywhereIpv6,
    /// A block of the pool.
    Block,
    /// A prefix list.
    PrefixList,
    /// A group.
    Group,
    /// A group that is not in the input.
    OutsideGroup,
}

/// The other end of a rule of a group.
pub const PEER: [(usize, PeerKind); 6] = [
    (14, PeerKind::Everywhere),
    (6, PeerKind::EverywhereIpv6),
    (31, PeerKind::Block),
    (22, PeerKind::PrefixList),
    (22, PeerKind::Group),
    (5, PeerKind::OutsideGroup),
];

/// The action of an entry.
pub const ACTION: [(usize, AclAction); 2] = [(55, AclAction::Allow), (45, AclAction::Deny)];

/// The family of a list.
pub const LIST_FAMILY: [(usize, Family); 2] = [(80, Family::V4), (20, Family::V6)];

/// The entries of a list.
pub const LIST_ENTRIES: [(usize, Naming); 3] = [
    (76, Naming::Known),
    (10, Naming::OneOf),
    (14, Naming::Any), // AWS publishes none in a plan
];

/// Services by the last part of their name.
pub const SERVICE: [(usize, &str); 5] = [
    (40, "s3"),
    (20, "dynamodb"),
    (20, "ssm"),
    (10, "ecr.api"),
    (10, "execute-api"),
];

/// The destination of a route.
#[derive(Clone, Copy, Debug)]
pub enum DestinationKind {
    /// 0.0.0.0/0.
    Default,
    /// ::/0.
    DefaultIpv6,
    /// A block of another VPC, or part of it.
    OtherVpc,
    /// Public blocks and their relatives.
    Public,
    /// A prefix list.
    PrefixList,
    /// Where another route of the table goes to: a tie.
    Tie,
    /// Any block of the pool, the VPC's own among them.
    Pool,
    /// Blocks that a clause treats apart.
    Special,
}

/// The destination of a route.
pub const DESTINATION: [(usize, DestinationKind); 8] = [
    (27, DestinationKind::Default),
    (9, DestinationKind::DefaultIpv6),
    (16, DestinationKind::OtherVpc),
    (10, DestinationKind::Public),
    (16, DestinationKind::PrefixList),
    (11, DestinationKind::Tie),
    (7, DestinationKind::Pool),
    (4, DestinationKind::Special),
];

/// The target of a route; where there is none of the kind, another one is taken.
#[derive(Clone, Copy, Debug)]
pub enum TargetKind {
    /// What carries the destination, when something does.
    Fitting,
    /// Any that the table may have.
    Any,
    /// One that is not modelled.
    Unmodelled,
}

/// The target of a route.
pub const TARGET: [(usize, TargetKind); 3] = [
    (72, TargetKind::Fitting),
    (20, TargetKind::Any),
    (8, TargetKind::Unmodelled),
];

/// What of a route is not known.
#[derive(Clone, Copy, Debug)]
pub enum RouteHole {
    /// Nothing.
    None,
    /// The destination is one of two.
    DestinationOneOf,
    /// The destination is any.
    DestinationAny,
    /// The target is one of two.
    TargetOneOf,
    /// The target is any.
    TargetAny,
}

/// What of a route is not known.
pub const ROUTE_HOLE: [(usize, RouteHole); 5] = [
    (90, RouteHole::None),
    (3, RouteHole::DestinationOneOf),
    (2, RouteHole::DestinationAny),
    (3, RouteHole::TargetOneOf),
    (2, RouteHole::TargetAny),
];

/// The kind of a gateway.
pub const INTERNET_GATEWAY: [(usize, bool); 2] = [(70, true), (30, false)];

/// The kind of an endpoint.
#[derive(Clone, Copy, Debug)]
pub enum EndpointChoice {
    /// A gateway endpoint.
    Gateway,
    /// An interface endpoint.
    Interface,
    /// A Gateway Load Balancer endpoint.
    GatewayLoadBalancer,
    /// Another.
    Unmodelled,
}

/// The kind of an endpoint.
pub const ENDPOINT: [(usize, EndpointChoice); 4] = [
    (43, EndpointChoice::Gateway),
    (37, EndpointChoice::Interface),
    (15, EndpointChoice::GatewayLoadBalancer),
    (5, EndpointChoice::Unmodelled),
];

/// What an appliance is stated to do.
pub const MIDDLEBOX: [(usize, Middlebox); 3] = [
    (65, Middlebox::Forwards),
    (20, Middlebox::Inspects),
    (15, Middlebox::Unknown),
];

/// The route table of an internet gateway.
#[derive(Clone, Copy, Debug)]
pub enum EdgeTable {
    /// None.
    None,
    /// One of its own, which leads to the devices of its VPC.
    Own,
    /// One of the VPC's others, with whatever routes.
    OfSubnets,
}

/// The route table of an internet gateway.
pub const EDGE_TABLE: [(usize, EdgeTable); 3] = [
    (58, EdgeTable::None),
    (36, EdgeTable::Own),
    (6, EdgeTable::OfSubnets),
];

/// What leads through a device.
#[derive(Clone, Copy, Debug)]
pub enum Through {
    /// The routes of two subnets to each other.
    Both,
    /// The route of one to the other.
    OneWay,
    /// The default routes of one.
    Everywhere,
    /// What was the local route.
    Local,
    /// The same, and a NAT gateway of the VPC takes its place.
    LocalByNat,
}

/// What leads through a device.
pub const THROUGH: [(usize, Through); 5] = [
    (38, Through::Both),
    (10, Through::OneWay),
    (38, Through::Everywhere),
    (9, Through::Local),
    (5, Through::LocalByNat),
];

/// What an attachment to a transit gateway attaches.
#[derive(Clone, Copy, Debug)]
pub enum AttachmentChoice {
    /// A VPC.
    Vpc,
    /// Another transit gateway of the network.
    Peering,
    /// One that is not in the input.
    Outside,
    /// A network on premises.
    OnPremises,
    /// What is not modelled.
    Unmodelled,
}

/// What an attachment to a transit gateway attaches.
pub const ATTACHMENT: [(usize, AttachmentChoice); 5] = [
    (68, AttachmentChoice::Vpc),
    (12, AttachmentChoice::Peering),
    (4, AttachmentChoice::Outside),
    (12, AttachmentChoice::OnPremises),
    (4, AttachmentChoice::Unmodelled),
];

/// A block on premises.
#[derive(Clone, Copy, Debug)]
pub enum PremisesBlock {
    /// One of the pool.
    Pool,
    /// One of the pool, or a relative.
    Relative,
    /// A block of a VPC, or a relative: both have the address.
    OfVpc,
}

/// A block on premises.
pub const PREMISES_BLOCK: [(usize, PremisesBlock); 3] = [
    (66, PremisesBlock::Pool),
    (20, PremisesBlock::Relative),
    (14, PremisesBlock::OfVpc),
];

/// What a gateway knows to lie on premises; by `Implied` nothing.
pub const PREFIXES: [(usize, Naming); 4] = [
    (83, Naming::Known),
    (4, Naming::Implied),
    (6, Naming::OneOf),
    (7, Naming::Any), // one of them leaves open what a transit gateway chooses
];

/// The table of an attachment; by `Implied` none is associated.
pub const ASSOCIATION: [(usize, Naming); 4] = [
    (84, Naming::Known),
    (6, Naming::Implied),
    (5, Naming::OneOf),
    (5, Naming::Any),
];

/// The destination of a static route of a transit gateway.
#[derive(Clone, Copy, Debug)]
pub enum TransitDestination {
    /// A block of the attached VPC.
    Attached,
    /// A relative of a block of a VPC.
    Part,
    /// A block of a subnet.
    Subnet,
    /// 0.0.0.0/0.
    Default,
    /// ::/0.
    DefaultIpv6,
    /// A prefix list.
    PrefixList,
    /// Any block of the pool.
    Pool,
}

/// The destination of a static route of a transit gateway.
pub const TRANSIT_DESTINATION: [(usize, TransitDestination); 7] = [
    (35, TransitDestination::Attached),
    (12, TransitDestination::Part),
    (8, TransitDestination::Subnet),
    (18, TransitDestination::Default),
    (5, TransitDestination::DefaultIpv6),
    (14, TransitDestination::PrefixList),
    (8, TransitDestination::Pool),
];

/// What an association of a Direct Connect gateway allows.
#[derive(Clone, Copy, Debug)]
pub enum Allowed {
    /// The blocks of a VPC.
    Vpc,
    /// A block that holds one of them.
    Around,
    /// The halves of one.
    Halves,
    /// A block of a subnet.
    Subnet,
    /// Any block of the pool.
    Pool,
    /// Everything.
    Everywhere,
}

/// What an association of a Direct Connect gateway allows.
pub const ALLOWED: [(usize, Allowed); 6] = [
    (42, Allowed::Vpc),
    (18, Allowed::Around),
    (12, Allowed::Halves),
    (14, Allowed::Subnet), // inside of the block that it would have to hold
    (7, Allowed::Pool),
    (8, Allowed::Everywhere),
];

/// Whether that is known; by `Implied` nothing is allowed.
pub const ALLOWED_KNOWN: [(usize, Naming); 4] = [
    (80, Naming::Known),
    (6, Naming::Implied),
    (7, Naming::OneOf),
    (7, Naming::Any),
];

/// For what a Client VPN endpoint has a rule for all, or routes by each of its subnets.
#[derive(Clone, Copy, Debug)]
pub enum ClientVpnBase {
    /// Everything.
    Everywhere,
    /// The blocks of its VPC.
    Vpc,
    /// Nothing.
    Nothing,
}

/// For what a Client VPN endpoint has a rule for all, or routes by each of its subnets.
pub const CLIENT_VPN_BASE: [(usize, ClientVpnBase); 3] = [
    (76, ClientVpnBase::Everywhere),
    (19, ClientVpnBase::Vpc),
    (5, ClientVpnBase::Nothing),
];

/// Whether rules and routes of a Client VPN endpoint are known.
pub const CLIENT_VPN_KNOWN: [(usize, Naming); 3] =
    [(88, Naming::Known), (6, Naming::OneOf), (6, Naming::Any)];

/// The block of a rule or route of a Client VPN endpoint.
#[derive(Clone, Copy, Debug)]
pub enum ClientVpnBlock {
    /// One of a subnet of its VPC.
    Subnet,
    /// Any of the pool.
    Pool,
    /// Link-local addresses.
    LinkLocal,
}

/// The block of a rule or route of a Client VPN endpoint.
pub const CLIENT_VPN_BLOCK: [(usize, ClientVpnBlock); 3] = [
    (52, ClientVpnBlock::Subnet),
    (43, ClientVpnBlock::Pool),
    (5, ClientVpnBlock::LinkLocal),
];

/// The target of a route of a Client VPN endpoint.
#[derive(Clone, Copy, Debug)]
pub enum ClientVpnTarget {
    /// One of its own subnets.
    Own,
    /// Any subnet of its VPC.
    OfVpc,
    /// Its other clients.
    Local,
}

/// The target of a route of a Client VPN endpoint.
pub const CLIENT_VPN_TARGET: [(usize, ClientVpnTarget); 3] = [
    (60, ClientVpnTarget::Own),
    (20, ClientVpnTarget::OfVpc),
    (20, ClientVpnTarget::Local),
];

/// The DNS name of a load balancer.
#[derive(Clone, Copy, Debug)]
pub enum BalancerName {
    /// Its own.
    Own,
    /// One that others may have, too.
    Shared,
    /// None that the input says.
    None,
}

/// The DNS name of a load balancer.
pub const BALANCER_NAME: [(usize, BalancerName); 3] = [
    (70, BalancerName::Own),
    (15, BalancerName::Shared),
    (15, BalancerName::None),
];

/// The type of a load balancer.
pub const LOAD_BALANCER: [(usize, LoadBalancerKind); 2] = [
    (68, LoadBalancerKind::Network), // more differs behind it
    (32, LoadBalancerKind::Application),
];

/// The groups of a Network Load Balancer's nodes.
pub const NODE_GROUPS: [(usize, Groups); 5] = [
    (40, Groups::One),
    (12, Groups::Two),
    (38, Groups::None), // filters nothing
    (5, Groups::OneOf),
    (5, Groups::Any),
];

/// What a listener of a Network Load Balancer takes.
pub const LISTENER: [(usize, ListenerProtocol); 3] = [
    (55, ListenerProtocol::Tcp),
    (20, ListenerProtocol::Udp),
    (25, ListenerProtocol::TcpUdp),
];

/// Listeners and targets that are not known.
pub const RELAY_HOLE: [(usize, Naming); 3] =
    [(84, Naming::Known), (8, Naming::OneOf), (8, Naming::Any)];

/// A registered target.
#[derive(Clone, Copy, Debug)]
pub enum RegisteredChoice {
    /// An instance.
    Interface,
    /// An address of an interface of whatever VPC.
    Address,
    /// An address on premises.
    Premises,
    /// An address of a relay.
    Relay,
    /// An address that nothing has.
    Nowhere,
    /// An Application Load Balancer.
    LoadBalancer,
}

/// A registered target.
pub const REGISTERED: [(usize, RegisteredChoice); 6] = [
    (40, RegisteredChoice::Interface),
    (24, RegisteredChoice::Address),
    (8, RegisteredChoice::Premises),
    (10, RegisteredChoice::Relay),
    (4, RegisteredChoice::Nowhere),
    (14, RegisteredChoice::LoadBalancer),
];

/// The policy of an endpoint.
pub const POLICY: [(usize, Naming); 4] = [
    (40, Naming::Implied), // everything is allowed
    (48, Naming::Known),
    (7, Naming::OneOf),
    (5, Naming::Any),
];

/// The way of the flow that must pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To an interface of the VPC.
    Local,
    /// To an interface of a peered VPC.
    Peering,
    /// To the internet by an internet gateway.
    Internet,
    /// To the internet by a NAT gateway.
    Nat,
    /// To a peered VPC by a NAT gateway.
    NatPeering,
    /// To a service by a gateway endpoint.
    GatewayEndpoint,
    /// From IPv6 by a NAT gateway, to the internet or into the VPC.
    Nat64,
    /// Out to a public address of the network itself.
    Hairpin,
    /// To a service by a NAT gateway whose own table leads to a gateway endpoint.
    NatEndpoint,
    /// To the internet by an egress-only gateway.
    EgressOnly,
    /// From the internet.
    FromInternet,
    /// Through one appliance after another, to an interface of the VPC.
    Row,
    /// Through a Gateway Load Balancer endpoint, to the internet or from there.
    LoadBalancer,
    /// Over a transit gateway, to an interface of another VPC.
    Transit,
    /// Over a transit gateway, to the internet by a NAT gateway of another VPC.
    CentralEgress,
    /// Over a transit gateway, twice, to an interface of another VPC, by an appliance of a third.
    Inspection,
    /// Over devices in any order.
    Chain,
    /// The same, or over none, to a network on premises.
    ToOnPremises,
    /// From a network on premises.
    FromOnPremises,
    /// Through a load balancer, to a target.
    Target,
    /// Through one load balancer after another, mostly a Network and an Application one.
    Relays,
    /// By an endpoint service and its load balancer, to a target.
    EndpointService,
    /// To a load balancer over one component, and from there over another one.
    Across,
}

/// The way of the flow that must pass.
pub const WAY: [(usize, Way); 23] = [
    (9, Way::Local),
    (10, Way::Peering),
    (6, Way::Internet),
    (9, Way::Nat),
    (11, Way::NatPeering), // needs the most, and is possible least often
    (9, Way::Nat64),
    (9, Way::Hairpin),
    (7, Way::GatewayEndpoint),
    (4, Way::NatEndpoint),
    (7, Way::EgressOnly),
    (4, Way::FromInternet),
    (9, Way::Row),
    (9, Way::LoadBalancer),
    (26, Way::Transit),
    (6, Way::CentralEgress),
    (7, Way::Inspection),
    (14, Way::Chain),
    (11, Way::ToOnPremises),
    (36, Way::FromOnPremises), // needs an attachment's subnets to be unlike in each way
    (40, Way::Target),
    (11, Way::Relays),
    (18, Way::EndpointService),
    (33, Way::Across),
];

/// What is broken of that way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// The outbound rule of the sender's group is gone.
    Egress,
    /// The inbound rule of the receiver's group is gone.
    Ingress,
    /// The port is just outside of the rules.
    Port,
    /// An entry before the others denies at the sender's subnet, outbound.
    AclOut,
    /// The same, inbound: it drops replies.
    AclBack,
    /// The route is a blackhole.
    Blackhole,
    /// The gateway, peering or endpoint does not work.
    Target,
    /// The source is an address of nobody, and the sender does not check.
    Spoof,
    /// The ACL of the NAT gateway's subnet lets only high ports back in.
    ReturnPorts,
    /// The account blocks public access, without an exclusion.
    PublicAccess,
    /// One of the things that only ways over devices have.
    Link,
}

/// What is broken of that way.
pub const FAULT: [(usize, Fault); 12] = [
    (72, Fault::None),
    (5, Fault::Egress),
    (5, Fault::Ingress),
    (5, Fault::Port),
    (5, Fault::AclOut),
    (5, Fault::AclBack),
    (5, Fault::Blackhole),
    (5, Fault::Target),
    (6, Fault::Spoof),
    (9, Fault::ReturnPorts), // of NAT gateways only
    (5, Fault::PublicAccess),
    (9, Fault::Link),
];
