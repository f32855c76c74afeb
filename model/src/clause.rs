//! Clauses: one variant for each named sentence of `semantics/`.

use std::fmt;

macro_rules! clauses {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// A sentence of the written semantics, by which a step is decided.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Clause {
            $($(#[$doc])* $variant,)*
        }

        impl Clause {
            /// Every clause, in the order of the walk.
            pub const ALL: &'static [Clause] = &[$(Clause::$variant,)*];

            /// The one name that prose, traces and tests use.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Clause::$variant => $name,)*
                }
            }

            /// The clause of that name.
            pub fn from_name(name: &str) -> Option<Clause> {
                match name {
                    $($name => Some(Clause::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

clauses! {
    /// A client may send where a rule lets it.
    ClientVpnAuthorization = "client-vpn-authorization",
    /// What a client sends leaves where the endpoint's route leads.
    ClientVpnRoute = "client-vpn-route",
    /// An interface sends only from its own addresses.
    SourceCheck = "source-check",
    /// An address of a VPC that no interface has is nowhere.
    AddressOwner = "address-owner",
    /// What is sent to a Client VPN endpoint.
    ClientVpnInbound = "client-vpn-inbound",
    /// The interface that has the destination address takes the packet.
    InterfaceAccepts = "interface-accepts",
    /// Amazon's own services in a VPC are reached without any filter.
    AmazonServiceUnfiltered = "amazon-service-unfiltered",
    /// Some rule of some group has to admit what is sent.
    SecurityGroupEgress = "security-group-egress",
    /// Some rule of some group has to admit what comes in.
    SecurityGroupIngress = "security-group-ingress",
    /// A rule with a block.
    SecurityGroupCidr = "security-group-cidr",
    /// A rule with a prefix list.
    SecurityGroupPrefixList = "security-group-prefix-list",
    /// A rule with a group.
    SecurityGroupReference = "security-group-reference",
    /// A rule with a group that is not in the input.
    SecurityGroupOutsideReference = "security-group-outside-reference",
    /// The groups of an interface are not known.
    SecurityGroupsUnknown = "security-groups-unknown",
    /// Replies pass whatever the rules say.
    SecurityGroupStateful = "security-group-stateful",
    /// What leaves a subnet is judged by the first matching entry.
    NetworkAclEgress = "network-acl-egress",
    /// What enters a subnet is judged by the first matching entry.
    NetworkAclIngress = "network-acl-ingress",
    /// The ACL of a subnet is not known.
    NetworkAclUnknown = "network-acl-unknown",
    /// Inside a subnet nothing is routed, and no ACL is asked.
    SameSubnet = "same-subnet",
    /// Nothing is forwarded to AWS's reserved ranges.
    RouteReservedRange = "route-reserved-range",
    /// The longest matching prefix is selected.
    LongestPrefixMatch = "longest-prefix-match",
    /// At one length static beats prefix list beats propagated.
    RouteTieBreak = "route-tie-break",
    /// A propagated route never beats the local one.
    PropagatedInsideVpc = "propagated-inside-vpc",
    /// Two routes of one rank to different targets.
    RouteAmbiguous = "route-ambiguous",
    /// A route more specific than the local one.
    RouteInsideVpc = "route-inside-vpc",
    /// A list whose entries are not known may take the packet.
    PrefixListEntriesUnknown = "prefix-list-entries-unknown",
    /// A route, or the table itself, is not known.
    RouteUnknown = "route-unknown",
    /// The selected route's target is gone.
    RouteBlackhole = "route-blackhole",
    /// The selected route's target is not modelled.
    TargetUnmodelled = "target-unmodelled",
    /// The local route delivers inside the VPC.
    LocalRoute = "local-route",
    /// An internet gateway serves the VPC that it is attached to.
    InternetGatewayAttached = "internet-gateway-attached",
    /// The account keeps its subnets from the internet.
    VpcBlockPublicAccess = "vpc-block-public-access",
    /// Private destinations do not leave.
    InternetGatewayPrivateDestination = "internet-gateway-private-destination",
    /// Only an address with a public one leaves.
    InternetGatewayPublicAddress = "internet-gateway-public-address",
    /// From one public address of the network to another.
    InternetGatewayHairpin = "internet-gateway-hairpin",
    /// What leaves the gateway is on the internet.
    InternetGatewayDelivers = "internet-gateway-delivers",
    /// Private sources do not come in.
    InternetGatewayPrivateSource = "internet-gateway-private-source",
    /// What comes in must be for a public address of the gateway's VPC.
    InternetGatewayInbound = "internet-gateway-inbound",
    /// A gateway with a route table of its own.
    InternetGatewayEdgeTable = "internet-gateway-edge-table",
    /// Into a subnet that has no route back to the gateway.
    InternetGatewayUnrouted = "internet-gateway-unrouted",
    /// An egress-only gateway lets IPv6 out.
    EgressOnlyInternetGateway = "egress-only-internet-gateway",
    /// Replies pass the gateways that the request passed.
    GatewayStateful = "gateway-stateful",
    /// A NAT gateway works when available.
    NatGatewayAvailable = "nat-gateway-available",
    /// It serves its own VPC.
    NatGatewaySource = "nat-gateway-source",
    /// It carries TCP, UDP and ICMP.
    NatGatewayProtocol = "nat-gateway-protocol",
    /// It sends from its own address and looks up again.
    NatGatewayTranslates = "nat-gateway-translates",
    /// From which of its addresses it sends is not known.
    NatGatewayAddress = "nat-gateway-address",
    /// It turns IPv6 into IPv4.
    NatGatewayNat64 = "nat-gateway-nat64",
    /// It sends to itself or to another NAT gateway.
    NatGatewayChain = "nat-gateway-chain",
    /// It sends to a gateway endpoint.
    NatGatewayToEndpoint = "nat-gateway-to-endpoint",
    /// The port that it chose is not known.
    NatGatewaySourcePort = "nat-gateway-source-port",
    /// Nothing can be sent to it.
    NatGatewayOutboundOnly = "nat-gateway-outbound-only",
    /// Replies to it over a peering need no route.
    NatGatewayReturnToSender = "nat-gateway-return-to-sender",
    /// A peering connection works when active.
    PeeringActive = "peering-active",
    /// It joins the two VPCs' own addresses, and nothing else.
    PeeringAddresses = "peering-addresses",
    /// The other VPC is not in the input.
    PeeringOutside = "peering-outside",
    /// A gateway endpoint works when available.
    GatewayEndpointAvailable = "gateway-endpoint-available",
    /// It serves its own VPC's addresses.
    GatewayEndpointOwnVpc = "gateway-endpoint-own-vpc",
    /// It carries TCP and echo.
    GatewayEndpointProtocol = "gateway-endpoint-protocol",
    /// It delivers to its service.
    GatewayEndpointDelivers = "gateway-endpoint-delivers",
    /// An endpoint never begins.
    InterfaceEndpointConsumerInitiated = "interface-endpoint-consumer-initiated",
    /// An interface endpoint works when available.
    InterfaceEndpointAvailable = "interface-endpoint-available",
    /// It carries TCP and UDP.
    InterfaceEndpointProtocol = "interface-endpoint-protocol",
    /// An endpoint hands on to a load balancer of its service.
    EndpointServiceHandsOn = "endpoint-service-hands-on",
    /// Whether its zone has the node is not known.
    EndpointServiceZone = "endpoint-service-zone",
    /// A load balancer takes what it listens for.
    LoadBalancerListener = "load-balancer-listener",
    /// A Network Load Balancer without groups filters nothing.
    LoadBalancerUnfiltered = "load-balancer-unfiltered",
    /// It hands on to a registered target.
    LoadBalancerTarget = "load-balancer-target",
    /// Which targets it has is not known.
    LoadBalancerTargetsUnknown = "load-balancer-targets-unknown",
    /// It sends from its own address.
    LoadBalancerTranslates = "load-balancer-translates",
    /// The port that it chose is not known.
    LoadBalancerSourcePort = "load-balancer-source-port",
    /// It keeps the client's address.
    LoadBalancerPreserves = "load-balancer-preserves",
    /// The reply passes the load balancer.
    LoadBalancerReturns = "load-balancer-returns",
    /// At most four relays hand a request on.
    LoadBalancerLimit = "load-balancer-limit",
    /// An interface that checks takes what is its own.
    MiddleboxCheck = "middlebox-check",
    /// What an appliance does with a packet.
    MiddleboxForwards = "middlebox-forwards",
    /// A Gateway Load Balancer endpoint works when available.
    GatewayLoadBalancerEndpointAvailable = "gateway-load-balancer-endpoint-available",
    /// Its appliances let a packet on, or not.
    GatewayLoadBalancerEndpointInspects = "gateway-load-balancer-endpoint-inspects",
    /// What was inspected does not leave by an egress-only gateway.
    GatewayLoadBalancerEndpointEgressOnly = "gateway-load-balancer-endpoint-egress-only",
    /// A transit gateway joins its available attachments.
    TransitGatewayAttached = "transit-gateway-attached",
    /// An attachment has one subnet in each of its zones.
    TransitGatewayZone = "transit-gateway-zone",
    /// An attachment's table routes what comes in by it.
    TransitGatewayAssociation = "transit-gateway-association",
    /// The choice in a transit gateway's table.
    TransitGatewayRoute = "transit-gateway-route",
    /// AWS does not say which route it takes.
    TransitGatewayAmbiguous = "transit-gateway-ambiguous",
    /// A blackhole route of a transit gateway drops.
    TransitGatewayBlackhole = "transit-gateway-blackhole",
    /// What is attached is not modelled.
    TransitGatewayUnmodelled = "transit-gateway-unmodelled",
    /// A virtual private gateway serves the VPC that it is attached to.
    VirtualPrivateGatewayAttached = "virtual-private-gateway-attached",
    /// It carries its own VPC's addresses.
    VirtualPrivateGatewaySource = "virtual-private-gateway-source",
    /// It forwards to the blocks that it knows.
    VirtualPrivateGatewayRoute = "virtual-private-gateway-route",
    /// What comes in must be for its own VPC's addresses.
    VirtualPrivateGatewayInbound = "virtual-private-gateway-inbound",
    /// A virtual private gateway with a route table of its own.
    VirtualPrivateGatewayEdgeTable = "virtual-private-gateway-edge-table",
    /// From on premises with an address of a VPC.
    OnPremisesSource = "on-premises-source",
    /// Networks on premises may send on what is not theirs.
    OnPremisesTransit = "on-premises-transit",
    /// What is handed over is on premises.
    OnPremisesDelivers = "on-premises-delivers",
    /// The reply comes by the gateway that took the request.
    OnPremisesReturns = "on-premises-returns",
    /// Premises send where an association advertises.
    DirectConnectAllowedPrefix = "direct-connect-allowed-prefix",
    /// A packet goes round.
    WayLoop = "way-loop",
    /// A way has at most six devices.
    WayLimit = "way-limit",
    /// A reply that would go another way.
    ReplyAsymmetric = "reply-asymmetric",
    /// A reply has to come back to where the request left.
    ReplyReturns = "reply-returns",
    /// A query that comes by an inbound resolver endpoint is asked in the VPC of that.
    InboundResolver = "inbound-resolver",
    /// Without the attribute nothing is answered.
    DnsSupport = "dns-support",
    /// Other resolvers answer what they like.
    DnsCustomServers = "dns-custom-servers",
    /// DNS Firewall comes first.
    DnsFirewall = "dns-firewall",
    /// The most specific zone or rule decides.
    DnsMostSpecific = "dns-most-specific",
    /// A zone answers, or nobody.
    HostedZone = "hosted-zone",
    /// Another resolver is asked.
    ResolverRuleForward = "resolver-rule-forward",
    /// No other resolver is asked.
    ResolverRuleSystem = "resolver-rule-system",
    /// Names that lead to names.
    DnsLimit = "dns-limit",
    /// An endpoint's own name means its interfaces, everywhere.
    EndpointSpecificName = "endpoint-specific-name",
    /// A load balancer's name means its nodes.
    LoadBalancerName = "load-balancer-name",
    /// With private DNS the service's name means the endpoint.
    EndpointPrivateDns = "endpoint-private-dns",
    /// Otherwise it means the service's public addresses.
    ServicePublicName = "service-public-name",
    /// With DNS64 IPv4 addresses mean addresses of NAT64 besides.
    Dns64 = "dns64",
    /// What any other name means is not modelled.
    NameUnmodelled = "name-unmodelled",
    /// A matching Deny decides.
    PolicyExplicitDeny = "policy-explicit-deny",
    /// A matching Allow permits.
    PolicyAllow = "policy-allow",
    /// What no statement allows is denied.
    PolicyDefaultDeny = "policy-default-deny",
    /// A part of a statement decides, which is open.
    PolicyOpen = "policy-open",
    /// The policy is not known.
    PolicyUnknown = "policy-unknown",
    /// The input has no account.
    AuthorizationNotAsked = "authorization-not-asked",
    /// A Deny beside the endpoint's policy decides.
    AuthorizationExplicitDeny = "authorization-explicit-deny",
    /// A service control policy does not allow.
    AuthorizationServiceControlPolicy = "authorization-service-control-policy",
    /// What grants a request that is not signed.
    AuthorizationAnonymous = "authorization-anonymous",
    /// What grants a request within an account.
    AuthorizationSameAccount = "authorization-same-account",
    /// What grants a request between accounts.
    AuthorizationCrossAccount = "authorization-cross-account",
    /// What is not known of the accounts' policies decides.
    AuthorizationOpen = "authorization-open",
    /// What a variable in a policy stands for.
    PolicyVariable = "policy-variable",
    /// Every condition of a statement must match.
    ConditionAllHold = "condition-all-hold",
    /// Several values in a policy or in a request.
    ConditionSeveralValues = "condition-several-values",
    /// What conditions say of a key that is absent.
    ConditionAbsentKey = "condition-absent-key",
    /// `StringEquals`, `StringLike` and their kin.
    ConditionString = "condition-string",
    /// `ArnLike` and its kin.
    ConditionArn = "condition-arn",
    /// `NumericEquals` and its kin.
    ConditionNumeric = "condition-numeric",
    /// `DateEquals` and its kin.
    ConditionDate = "condition-date",
    /// `Bool`.
    ConditionBool = "condition-bool",
    /// `BinaryEquals`.
    ConditionBinary = "condition-binary",
    /// `IpAddress` and `NotIpAddress`.
    ConditionIpAddress = "condition-ip-address",
    /// `Null`.
    ConditionNull = "condition-null",
    /// `ForAllValues` and `ForAnyValue`.
    ConditionSetOperator = "condition-set-operator",
    /// The keys that follow from the principal.
    ContextOfPrincipal = "context-of-principal",
    /// The keys that follow from the way.
    ContextOfPath = "context-of-path",
}

impl fmt::Display for Clause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
