//! What a scope calls components, and what the invariant language calls them.

use ingest::access_scope::Item;
use ingest::{Code, Diagnostic};

use super::Class;

/// Where a component stands on a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Source,
    Destination,
    Through,
}

/// What a component is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    NetworkInterface,
    Instance,
    Subnet,
    Vpc,
    SecurityGroup,
    InternetGateway,
    VirtualPrivateGateway,
    TransitGatewayAttachment,
    Peering,
    Endpoint,
    EndpointService,
    NatGateway,
    LoadBalancer,
    OtherLoadBalancer,
    Firewall,
    ResourceGroup,
}

/// How ids begin; where one beginning begins with another, it stands before it.
const IDS: [(&str, Kind); 12] = [
    ("eni-", Kind::NetworkInterface),
    ("i-", Kind::Instance),
    ("subnet-", Kind::Subnet),
    ("vpc-", Kind::Vpc),
    ("sg-", Kind::SecurityGroup),
    ("igw-", Kind::InternetGateway),
    ("vgw-", Kind::VirtualPrivateGateway),
    ("tgw-attach-", Kind::TransitGatewayAttachment),
    ("pcx-", Kind::Peering),
    ("vpce-svc-", Kind::EndpointService),
    ("vpce-", Kind::Endpoint),
    ("nat-", Kind::NatGateway),
];

/// The types. The guide's list and its example call firewalls differently; it leaves out network
/// interfaces, of which AWS's own scopes speak.
const TYPES: [(&str, Kind); 11] = [
    ("AWS::EC2::NetworkInterface", Kind::NetworkInterface),
    ("AWS::EC2::InternetGateway", Kind::InternetGateway),
    ("AWS::EC2::NatGateway", Kind::NatGateway),
    (
        "AWS::EC2::TransitGatewayAttachment",
        Kind::TransitGatewayAttachment,
    ),
    ("AWS::EC2::VPCEndpoint", Kind::Endpoint),
    ("AWS::EC2::VPCEndpointService", Kind::EndpointService),
    ("AWS::EC2::VPCPeeringConnection", Kind::Peering),
    ("AWS::EC2::VPNGateway", Kind::VirtualPrivateGateway),
    (
        "AWS::ElasticLoadBalancing::LoadBalancer",
        Kind::OtherLoadBalancer,
    ),
    (
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        Kind::OtherLoadBalancer,
    ),
    ("AWS::NetworkFirewall::Firewall", Kind::Firewall),
];
const FIREWALL: &str = "AWS::NetworkFirewall::NetworkFirewall";

/// The selector of a component, with what it is a selector of.
pub(super) fn selector(
    item: &Item,
    is_type: bool,
    role: Role,
) -> Result<(Class, String), Box<Diagnostic>> {
    let text = item.text.as_str();
    let found = if is_type { of_type(text) } else { of_id(text) };
    let Some((kind, id)) = found else {
        let what = if is_type {
            "no type of component that AWS documents for scopes"
        } else {
            "neither an id nor an ARN of a component that AWS documents for scopes"
        };
        let message = format!("`{text}` is {what}");
        let diagnostic = Diagnostic::error(item.place.clone(), Code::InvalidValue, message);
        let types: Vec<&str> = TYPES.iter().map(|(name, _)| *name).collect();
        return Err(Box::new(if is_type {
            diagnostic.help(format!("expected one of `{}`", types.join("`, `")))
        } else {
            diagnostic
                .help("expected one as `vpc-0abc12de` or an ARN; load balancers are named by ARN")
        }));
    };
    let by = |word: &str| id.map_or_else(String::new, |id| format!(" {word}:{id}"));
    let interfaces = |word: &str| Ok((Class::Interfaces, format!("interface{}", by(word))));
    let passed = |base: &str| Ok((Class::Passed, format!("{base}{}", by("id"))));
    let found = match (role, kind) {
        (Role::Source | Role::Destination, Kind::NetworkInterface) => interfaces("id"),
        (Role::Source | Role::Destination, Kind::Instance) => {
            Ok((Class::Interfaces, format!("instance{}", by("id"))))
        }
        (Role::Source | Role::Destination, Kind::Subnet) => interfaces("subnet"),
        (Role::Source | Role::Destination, Kind::Vpc) => interfaces("vpc"),
        (Role::Source | Role::Destination, Kind::SecurityGroup) => interfaces("sg"),
        (Role::Source | Role::Destination, Kind::InternetGateway) if id.is_none() => {
            Ok((Class::Internet, "internet".to_owned()))
        }
        (Role::Destination, Kind::Endpoint) => {
            Ok((Class::Endpoints, format!("endpoint{}", by("id"))))
        }
        (Role::Through, Kind::NatGateway) => passed("nat-gateway"),
        (Role::Through, Kind::Endpoint) => passed("endpoint"),
        (Role::Through, Kind::LoadBalancer) => passed("load-balancer"),
        (Role::Through, Kind::TransitGatewayAttachment) if id.is_none() => {
            passed("transit-gateway")
        }
        (role, kind) => Err(refusal(role, kind)),
    };
    found.map_err(|(code, what, help)| {
        let message = format!("`{text}`: {what}");
        Box::new(Diagnostic::error(item.place.clone(), code, message).help(help))
    })
}

/// Why a component is not said, and what to do.
fn refusal(role: Role, kind: Kind) -> (Code, &'static str, &'static str) {
    const ELSEWHERE: &str = "see AWS's guide, \"Resource statements\"";
    const BEHIND: &str =
        "write a claim from, or to, what lies behind it, as `interface vpc:VPC` or `onprem`";
    let not_exact = |what, help| (Code::NotExact, what, help);
    let refused = |what| (Code::InvalidValue, what, ELSEWHERE);
    match (role, kind) {
        (
            Role::Through,
            Kind::NetworkInterface
            | Kind::Instance
            | Kind::Subnet
            | Kind::Vpc
            | Kind::SecurityGroup
            | Kind::InternetGateway
            | Kind::VirtualPrivateGateway,
        ) => refused("AWS takes it as source and destination only"),
        (
            Role::Source | Role::Destination,
            Kind::NatGateway | Kind::LoadBalancer | Kind::OtherLoadBalancer | Kind::Firewall,
        ) => refused("AWS takes it in `ThroughResources` only"),
        (_, Kind::InternetGateway) => not_exact(
            "`internet` begins and ends at every internet gateway, not at one",
            "write the type `AWS::EC2::InternetGateway`, and the gateway's VPC at the other end",
        ),
        (_, Kind::VirtualPrivateGateway) => not_exact(
            "`onprem` lies behind virtual private gateways and behind transit gateways, and cannot be narrowed to the former",
            "write a claim with `onprem` if you mean both",
        ),
        (Role::Source, Kind::Endpoint) => not_exact(
            "an endpoint begins no connection",
            "write a claim from the clients, to the endpoint or to what it leads to",
        ),
        (Role::Through, Kind::TransitGatewayAttachment) => not_exact(
            "`via` names transit gateways, not their attachments",
            "write a claim with `via = \"transit-gateway id:tgw-…\"` if any of its attachments will do",
        ),
        (Role::Through, Kind::Peering) => not_exact(
            "`via` does not name peering connections",
            "write the two VPCs as `Source` and `Destination`",
        ),
        (Role::Source, Kind::EndpointService)
        | (_, Kind::TransitGatewayAttachment | Kind::Peering) => not_exact(
            "claims speak of whole flows, which neither begin nor end there",
            BEHIND,
        ),
        (_, Kind::EndpointService) => not_exact(
            "what uses an endpoint service may stand outside of the network",
            "write the endpoints that use it, by their ids",
        ),
        (_, Kind::ResourceGroup) => not_exact(
            "what is in a resource group only AWS knows",
            "write a claim with the tags that it asks for, as `instance tag:role=bastion`",
        ),
        (_, Kind::Firewall) => not_exact(
            "`via` does not name firewalls, but their endpoints",
            "write a claim with `via = [\"endpoint kind:gwlb id:vpce-…\"]`",
        ),
        (_, Kind::OtherLoadBalancer) => not_exact(
            "`load-balancer` is Application and Network Load Balancers, by ARN",
            "write their ARNs; of Gateway Load Balancers, the endpoints",
        ),
        (
            _,
            Kind::NetworkInterface
            | Kind::Instance
            | Kind::Subnet
            | Kind::Vpc
            | Kind::SecurityGroup
            | Kind::Endpoint
            | Kind::NatGateway
            | Kind::LoadBalancer,
        ) => refused("AWS does not take it here"),
    }
}

fn of_type(text: &str) -> Option<(Kind, Option<&str>)> {
    if text == FIREWALL {
        return Some((Kind::Firewall, None));
    }
    let found = TYPES.iter().find(|(name, _)| *name == text);
    found.map(|(_, kind)| (*kind, None))
}

fn of_id(text: &str) -> Option<(Kind, Option<&str>)> {
    let Some(arn) = text.strip_prefix("arn:") else {
        return of_plain_id(text);
    };
    let mut parts = arn.splitn(5, ':');
    let service = parts.nth(1)?;
    let resource = parts.nth(2)?;
    match service {
        "ec2" => {
            let (_, id) = resource.split_once('/')?;
            of_plain_id(id)
        }
        "elasticloadbalancing" => {
            let id = resource.strip_prefix("loadbalancer/")?;
            let is_named = is_plain(id);
            let kind = match id.split_once('/') {
                Some(("app" | "net", _)) => Kind::LoadBalancer,
                Some(_) | None => Kind::OtherLoadBalancer,
            };
            is_named.then_some((kind, Some(id)))
        }
        "network-firewall" => Some((Kind::Firewall, Some(resource))),
        "resource-groups" => Some((Kind::ResourceGroup, Some(resource))),
        _ => None,
    }
}

fn of_plain_id(id: &str) -> Option<(Kind, Option<&str>)> {
    let (start, kind) = IDS.iter().find(|(start, _)| id.starts_with(start))?;
    let is_id = id.len() > start.len() && is_plain(id) && !id.contains('/');
    is_id.then_some((*kind, Some(id)))
}

/// Whether a text stands in a selector and in TOML as it is.
fn is_plain(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || [b'-', b'/'].contains(&byte);
    !text.is_empty() && text.bytes().all(fits)
}
