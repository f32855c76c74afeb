//! What filters ask of a thing: its tags, ids, kind and place.

use std::collections::{BTreeMap, BTreeSet};

use ingest::provenance::Kind;
use ingest::{OpenAttributes, OpenComponent};
use model::{
    Attachment, Hole, Network, NetworkInterface, SecurityGroupId, Subnet, Tags, Value, Vpc,
};

use super::{Glob, Test};

/// Whether a name is a service's full one rather than its last part.
pub(super) fn is_full_service_name(name: &str) -> bool {
    ["com.amazonaws.", "cn.com.amazonaws.", "aws."]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}

/// Whether an interface is of a workload, load balancers among them: not an endpoint's, not a NAT
/// gateway's.
pub(crate) fn is_workload(interface: &NetworkInterface) -> bool {
    match interface.attachment {
        Attachment::Ordinary { .. } | Attachment::LoadBalancer(_) | Attachment::Other(_) => true,
        Attachment::VpcEndpoint(_) | Attachment::NatGateway(_) => false,
    }
}

/// Whether an interface begins connections (clause `scope`).
pub(crate) fn is_sender(interface: &NetworkInterface) -> bool {
    is_workload(interface) && !matches!(interface.attachment, Attachment::LoadBalancer(_))
}

pub(super) fn kind(attachment: &Attachment) -> &str {
    match attachment {
        Attachment::Ordinary { .. } => "ordinary",
        Attachment::VpcEndpoint(_) => "endpoint",
        Attachment::NatGateway(_) => "nat-gateway",
        Attachment::LoadBalancer(_) => "load-balancer",
        Attachment::Other(kind) => kind,
    }
}

/// Every key of a tag in the network.
pub(super) fn tag_keys(network: &Network) -> BTreeSet<&str> {
    let tables = [
        tags(network.load_balancers(), |one| &one.tags),
        tags(network.endpoint_services(), |one| &one.tags),
        tags(network.vpcs(), |one| &one.tags),
        tags(network.subnets(), |one| &one.tags),
        tags(network.network_interfaces(), |one| &one.tags),
        tags(network.vpc_endpoints(), |one| &one.tags),
        tags(network.nat_gateways(), |one| &one.tags),
        tags(network.transit_gateways(), |one| &one.tags),
        tags(network.virtual_private_gateways(), |one| &one.tags),
    ];
    tables.into_iter().flatten().collect()
}

fn tags<Id, Component>(
    components: &BTreeMap<Id, Component>,
    of: impl Fn(&Component) -> &Tags,
) -> BTreeSet<&str> {
    let keys = components.values().flat_map(|one| of(one).keys());
    keys.map(String::as_str).collect()
}

/// Whether a thing passes a filter or a selector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Passes {
    Yes,
    No,
    /// It depends on these.
    Open(BTreeSet<Hole>),
}

impl Passes {
    fn of(truth: bool) -> Self {
        if truth { Passes::Yes } else { Passes::No }
    }

    /// The truth; where it is none, what it depends on, if anything.
    fn unless_open(truth: bool, open: Option<&Hole>) -> Self {
        match open {
            Some(hole) if !truth => Passes::Open(BTreeSet::from([hole.clone()])),
            Some(_) | None => Passes::of(truth),
        }
    }

    pub(super) fn negated_if(self, is_negated: bool) -> Self {
        match self {
            Passes::Yes if is_negated => Passes::No,
            Passes::No if is_negated => Passes::Yes,
            Passes::Yes | Passes::No | Passes::Open(_) => self,
        }
    }

    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Passes::No, _) | (_, Passes::No) => Passes::No,
            (Passes::Yes, other) => other,
            (open, Passes::Yes) => open,
            (Passes::Open(mut holes), Passes::Open(more)) => {
                holes.extend(more);
                Passes::Open(holes)
            }
        }
    }

    /// Where it does not pass for certain, what else may make it pass.
    fn or(self, other: Self) -> Self {
        self.negated_if(true)
            .and(other.negated_if(true))
            .negated_if(true)
    }
}

/// A thing that filters ask about.
pub(super) struct Subject<'a> {
    pub(super) tags: &'a Tags,
    pub(super) id: &'a str,
    pub(super) second_id: Option<&'a str>,
    pub(super) kind: &'a str,
    pub(super) vpc: Option<&'a Vpc>,
    pub(super) subnet: Option<&'a Subnet>,
    pub(super) service: Option<&'a str>,
    /// The security groups that it has, and what is open of groups.
    pub(super) groups: Option<(&'a Value<BTreeSet<SecurityGroupId>>, &'a OpenAttributes)>,
    /// What is open of it.
    pub(super) own: Option<&'a OpenComponent>,
    /// What is open of its VPC.
    pub(super) of_vpc: Option<&'a OpenComponent>,
    /// What is open of its subnet.
    pub(super) of_subnet: Option<&'a OpenComponent>,
}

impl<'a> Subject<'a> {
    pub(super) fn new(tags: &'a Tags, id: &'a str, open: Option<&'a OpenComponent>) -> Self {
        Self {
            tags,
            id,
            second_id: None,
            kind: "",
            vpc: None,
            subnet: None,
            service: None,
            groups: None,
            own: open,
            of_vpc: None,
            of_subnet: None,
        }
    }

    /// The thing in a VPC.
    pub(super) fn within(self, vpc: Option<&'a Vpc>, open: &'a OpenAttributes) -> Self {
        Self {
            vpc,
            of_vpc: vpc.and_then(|vpc| open.of(Kind::Vpc, vpc.id.as_str())),
            ..self
        }
    }

    /// The thing in a subnet.
    pub(super) fn at(
        self,
        network: &'a Network,
        open: &'a OpenAttributes,
        subnet: Option<&'a Subnet>,
    ) -> Self {
        let vpc = subnet.and_then(|subnet| network.vpcs().get(&subnet.vpc));
        Self {
            subnet,
            of_subnet: subnet.and_then(|subnet| open.of(Kind::Subnet, subnet.id.as_str())),
            ..self.within(vpc, open)
        }
    }

    pub(super) fn passes(&self, test: &Test) -> Passes {
        match test {
            Test::Tag { key, value } => tag(self.tags, self.own, key, value),
            Test::Name(glob) => tag(self.tags, self.own, "Name", glob),
            Test::Id(glob) => self.by_id(glob),
            Test::Kind(kind) => {
                let open = self.own.and_then(|open| open.service.as_ref());
                Passes::unless_open(self.kind == kind, open)
            }
            Test::Vpc(glob) => self.vpc.map_or(Passes::No, |vpc| {
                id(glob, vpc.id.as_str(), self.of_vpc).or(tag(&vpc.tags, self.of_vpc, "Name", glob))
            }),
            Test::Subnet(glob) => self.subnet.map_or(Passes::No, |subnet| {
                let named = tag(&subnet.tags, self.of_subnet, "Name", glob);
                id(glob, subnet.id.as_str(), self.of_subnet).or(named)
            }),
            Test::SecurityGroup(glob) => self
                .groups
                .map_or(Passes::No, |(value, open)| has_group(value, glob, open)),
            // It narrows the internet, of which there is no list.
            Test::Ip(_) => Passes::No,
            Test::Zone(glob) => self
                .subnet
                .map_or(Passes::No, |subnet| zone(glob, subnet, self.of_subnet)),
            Test::Service(name) => {
                let is_of = self.service.is_some_and(|service| {
                    if is_full_service_name(name) {
                        service == name
                    } else {
                        short_service_name(service) == name
                    }
                });
                let open = self.own.and_then(|open| open.service.as_ref());
                Passes::unless_open(is_of, open)
            }
            Test::Account(glob) => self.vpc.map_or(Passes::No, |vpc| {
                let account = vpc.account.as_deref();
                let open = self.of_vpc.and_then(|open| open.account.as_ref());
                Passes::unless_open(account.is_some_and(|found| glob.matches(found)), open)
            }),
        }
    }

    /// By its own id, or its second one: of an interface that of its instance.
    fn by_id(&self, glob: &Glob) -> Passes {
        let own = id(glob, self.id, self.own);
        let Some(second) = self.second_id else {
            return own;
        };
        let named = self.own.and_then(|open| open.name.as_ref());
        let second_is = Passes::unless_open(glob.matches(second), named);
        let is_new = self.own.is_some_and(|open| open.id.is_some());
        let is_pattern = glob.literal().is_none() && glob.may_begin_with("i-");
        let is_instance = is_new && is_pattern && !second.starts_with("i-");
        let hole = is_instance.then(|| Hole::new(format!("{second}.id")));
        own.or(second_is)
            .or(Passes::unless_open(false, hole.as_ref()))
    }
}

/// By one of its security groups.
fn has_group(
    value: &Value<BTreeSet<SecurityGroupId>>,
    glob: &Glob,
    open: &OpenAttributes,
) -> Passes {
    let among = |groups: &BTreeSet<SecurityGroupId>| {
        let each = groups.iter().map(|group| {
            let open = open.of(Kind::SecurityGroup, group.as_str());
            id(glob, group.as_str(), open)
        });
        each.fold(Passes::No, Passes::or)
    };
    match value {
        Value::Known(groups) => among(groups),
        Value::OneOf(candidates, hole) => {
            let mut each = candidates.iter().map(among);
            let first = each.next();
            match first {
                Some(first) if each.all(|other| other == first) => first,
                Some(_) | None => Passes::Open(BTreeSet::from([hole.clone()])),
            }
        }
        Value::Any(hole) => Passes::Open(BTreeSet::from([hole.clone()])),
    }
}

/// By a tag.
fn tag(tags: &Tags, open: Option<&OpenComponent>, key: &str, value: &Glob) -> Passes {
    let found = tags.get(key);
    if let Some(hole) = open.and_then(|open| open.tags.get(key)) {
        return Passes::Open(BTreeSet::from([hole.clone()]));
    }
    let further = open.and_then(|open| open.further_tags.as_ref());
    let of_instance = open.and_then(|open| open.instance_tags.get(key));
    match found {
        Some(found) => {
            let mut values = std::iter::once(found).chain(of_instance);
            Passes::of(values.any(|one| value.matches(one)))
        }
        None => Passes::unless_open(false, further),
    }
}

/// By an id. AWS will choose one of its own for what is new; only a pattern can mean that.
fn id(glob: &Glob, id: &str, open: Option<&OpenComponent>) -> Passes {
    let open = open.and_then(|open| open.id.as_ref());
    let open = open.filter(|open| glob.literal().is_none() && glob.may_begin_with(open.prefix));
    Passes::unless_open(glob.matches(id), open.map(|open| &open.hole))
}

/// By the name or the id of a zone.
fn zone(glob: &Glob, subnet: &Subnet, open: Option<&OpenComponent>) -> Passes {
    let zones = [&subnet.zone, &subnet.zone_id];
    let mut known = zones.into_iter().flatten();
    let is_in = known.any(|zone| glob.matches(zone));
    let by_name = open.and_then(|open| open.zone.as_ref());
    let by_name = by_name.filter(|_| !glob.is_zone_id());
    let by_id = open.and_then(|open| open.zone_id.as_ref());
    let by_id = by_id.filter(|_| glob.may_be_zone_id());
    Passes::unless_open(is_in, by_name.or(by_id))
}

/// The last part of a service's full name: `s3` of `com.amazonaws.ap-northeast-1.s3`.
pub(crate) fn short_service_name(service: &str) -> &str {
    let rest = service
        .split_once("amazonaws.")
        .map_or(service, |(_, rest)| rest);
    rest.split_once('.').map_or(rest, |(_, short)| short)
}
