//! Selectors: sets of things by kind, tag and name, as `interface tag:tier=app`.
//!
//! A selector is a kind followed by filters, all of which have to hold; a list of selectors means
//! the union. [`parse`](parse::parse) reads one, [`Resolver`] says what it means in a network.

mod found;
mod glob;
pub(crate) mod parse;
pub(crate) mod recipe;
mod resolve;
pub(crate) mod subject;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use model::Cidr;

pub(crate) use glob::Glob;
pub(crate) use resolve::{Resolver, sender_vpcs};
pub(crate) use subject::{is_sender, is_workload, short_service_name};

/// A set of things by kind and filters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    pub(crate) base: Base,
    pub(crate) filters: Vec<Filter>,
    /// Where it stands in the text that it was read from.
    pub(crate) span: Range<usize>,
}

impl Selector {
    /// The same wherever it stands.
    pub(crate) fn without_place(&self) -> Self {
        let mut one = self.clone();
        one.span = 0..0;
        for filter in &mut one.filters {
            filter.span = 0..0;
        }
        one
    }

    /// Whether tags or names decide what it means.
    pub(crate) fn chooses_by_tags(&self) -> bool {
        let is_named = match &self.base {
            // A site asks for names in a VPC that is named.
            Base::OnPremises(site) => site.is_some(),
            Base::PrefixList(_) => true,
            Base::Internet
            | Base::Any
            | Base::Interface
            | Base::Instance
            | Base::Subnet
            | Base::Vpc
            | Base::Endpoint
            | Base::EndpointService
            | Base::LoadBalancer
            | Base::NatGateway
            | Base::TransitGateway
            | Base::VirtualPrivateGateway
            | Base::Service(_)
            | Base::Name(_)
            | Base::Ip(_)
            | Base::Recipe(_) => false,
        };
        let by_tag = |filter: &Filter| match &filter.test {
            Test::Tag { .. } | Test::Name(_) | Test::Vpc(_) | Test::Subnet(_) => true,
            Test::Id(_)
            | Test::Kind(_)
            | Test::Zone(_)
            | Test::Service(_)
            | Test::Account(_)
            | Test::SecurityGroup(_)
            | Test::Ip(_) => false,
        };
        is_named || self.filters.iter().any(by_tag)
    }

    /// The keys of the tags that it asks for.
    pub(crate) fn tag_keys(&self) -> impl Iterator<Item = &str> {
        self.filters.iter().filter_map(|filter| match &filter.test {
            Test::Tag { key, .. } => Some(key.as_str()),
            Test::Name(_) => Some("Name"),
            Test::Id(_)
            | Test::Kind(_)
            | Test::Vpc(_)
            | Test::Subnet(_)
            | Test::SecurityGroup(_)
            | Test::Ip(_)
            | Test::Zone(_)
            | Test::Service(_)
            | Test::Account(_) => None,
        })
    }

    /// Whether tags that AWS itself gives decide what it means.
    pub(crate) fn chooses_by_tags_of_aws(&self) -> bool {
        self.filters
            .iter()
            .any(|filter| matches!(&filter.test, Test::Tag { key, .. } if key.starts_with("aws:")))
    }

    /// Whether security groups decide what it means.
    pub(crate) fn chooses_by_groups(&self) -> bool {
        let mut tests = self.filters.iter().map(|filter| &filter.test);
        tests.any(|test| matches!(test, Test::SecurityGroup(_)))
    }

    /// Whether it may mean an interface that is nowhere in the input, by where it is or by its groups.
    /// One of a tag or a name that it asks for is told of otherwise, and a new one has no known id.
    pub(crate) fn chooses_by_place(&self) -> bool {
        let is_chosen_itself = |filter: &Filter| {
            let by_itself = matches!(
                filter.test,
                Test::Tag { .. } | Test::Name(_) | Test::Id(_) | Test::Kind(_)
            );
            by_itself && !filter.negated
        };
        match &self.base {
            Base::Any | Base::Subnet | Base::Vpc | Base::Ip(_) | Base::PrefixList(_) => true,
            Base::Interface | Base::Instance => !self.filters.iter().any(is_chosen_itself),
            Base::Internet
            | Base::OnPremises(_)
            | Base::Endpoint
            | Base::EndpointService
            | Base::LoadBalancer
            | Base::NatGateway
            | Base::TransitGateway
            | Base::VirtualPrivateGateway
            | Base::Service(_)
            | Base::Name(_)
            | Base::Recipe(_) => false,
        }
    }

    /// Whether it means hosts on premises.
    pub(crate) const fn is_on_premises(&self) -> bool {
        matches!(self.base, Base::OnPremises(_))
    }

    /// Whether hosts on premises may be among what it means.
    pub(crate) fn may_be_on_premises(&self) -> bool {
        match &self.base {
            Base::Any | Base::OnPremises(_) | Base::Ip(_) | Base::PrefixList(_) => true,
            Base::Internet
            | Base::Interface
            | Base::Instance
            | Base::Subnet
            | Base::Vpc
            | Base::Endpoint
            | Base::EndpointService
            | Base::LoadBalancer
            | Base::NatGateway
            | Base::TransitGateway
            | Base::VirtualPrivateGateway
            | Base::Service(_)
            | Base::Name(_)
            | Base::Recipe(_) => false,
        }
    }

    /// Whether accounts decide what it means.
    pub(crate) fn chooses_by_accounts(&self) -> bool {
        let mut tests = self.filters.iter().map(|filter| &filter.test);
        tests.any(|test| matches!(test, Test::Account(_)))
    }

    /// Whether zones decide what it means.
    pub(crate) fn chooses_by_zones(&self) -> bool {
        self.zones().next().is_some()
    }

    /// Whether the ids of zones may decide what it means: `apne1-az4` is one, and no name of a zone has
    /// an `az` in it.
    pub(crate) fn chooses_by_zone_ids(&self) -> bool {
        self.zones()
            .any(|glob| glob.literal().is_none_or(|zone| zone.contains("az")))
    }

    fn zones(&self) -> impl Iterator<Item = &Glob> {
        self.filters.iter().filter_map(|filter| match &filter.test {
            Test::Zone(glob) => Some(glob),
            Test::Tag { .. }
            | Test::Name(_)
            | Test::Id(_)
            | Test::Kind(_)
            | Test::Vpc(_)
            | Test::Subnet(_)
            | Test::SecurityGroup(_)
            | Test::Ip(_)
            | Test::Service(_)
            | Test::Account(_) => None,
        })
    }
}

/// What a selector begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Base {
    Internet,
    /// Networks on premises, or a site of them.
    OnPremises(Option<Site>),
    Any,
    Interface,
    Instance,
    Subnet,
    Vpc,
    Endpoint,
    EndpointService,
    LoadBalancer,
    NatGateway,
    TransitGateway,
    VirtualPrivateGateway,
    Service(String),
    Name(String),
    Ip(Cidr),
    PrefixList(String),
    Recipe(String),
}

/// A part of the networks on premises that the invariant file names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Site {
    pub(crate) name: String,
    pub(crate) place: SitePlace,
}

/// Where a site is, and how it asks for names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SitePlace {
    pub(crate) blocks: BTreeSet<Cidr>,
    /// The id or name of the VPC whose inbound resolver endpoint it asks, as the file says it.
    pub(crate) resolves_in: Option<String>,
}

/// A condition on the things of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Filter {
    pub(crate) negated: bool,
    pub(crate) test: Test,
    pub(crate) span: Range<usize>,
}

/// What a filter asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Test {
    Tag {
        key: String,
        value: Glob,
    },
    Name(Glob),
    Id(Glob),
    Kind(String),
    Vpc(Glob),
    Subnet(Glob),
    /// A security group that an interface has, by its id.
    SecurityGroup(Glob),
    /// A block of addresses.
    Ip(Cidr),
    Zone(Glob),
    Service(String),
    Account(Glob),
}

impl Base {
    /// The kinds that filters may narrow, by their words.
    pub(crate) const KINDS: [(&'static str, Base); 13] = [
        ("internet", Base::Internet),
        ("onprem", Base::OnPremises(None)),
        ("any", Base::Any),
        ("interface", Base::Interface),
        ("instance", Base::Instance),
        ("subnet", Base::Subnet),
        ("vpc", Base::Vpc),
        ("endpoint", Base::Endpoint),
        ("endpoint-service", Base::EndpointService),
        ("load-balancer", Base::LoadBalancer),
        ("nat-gateway", Base::NatGateway),
        ("transit-gateway", Base::TransitGateway),
        ("virtual-private-gateway", Base::VirtualPrivateGateway),
    ];

    /// Whether a filter of this word narrows it.
    pub(crate) fn takes(&self, filter: &str) -> bool {
        const OF_ALL: [&str; 3] = ["tag", "name", "id"];
        const PLACED: [&str; 2] = ["vpc", "account"];
        let more: &[&str] = match self {
            Base::Interface => &["kind", "az", "subnet", "sg"],
            Base::Instance => &["az", "subnet", "sg"],
            Base::Subnet => &["az"],
            Base::NatGateway => &["az", "subnet"],
            Base::Vpc | Base::VirtualPrivateGateway => &[],
            Base::Endpoint => &["kind", "service"],
            Base::LoadBalancer => &["kind"],
            // They stand in no VPC.
            Base::EndpointService | Base::TransitGateway => return OF_ALL.contains(&filter),
            Base::Internet => return filter == "ip",
            Base::OnPremises(_)
            | Base::Any
            | Base::Service(_)
            | Base::Name(_)
            | Base::Ip(_)
            | Base::PrefixList(_)
            | Base::Recipe(_) => return false,
        };
        OF_ALL.contains(&filter) || PLACED.contains(&filter) || more.contains(&filter)
    }
}

impl fmt::Display for Base {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Base::Internet => formatter.write_str("internet"),
            Base::OnPremises(None) => formatter.write_str("onprem"),
            Base::OnPremises(Some(site)) => write!(formatter, "onprem:{}", site.name),
            Base::Any => formatter.write_str("any"),
            Base::Interface => formatter.write_str("interface"),
            Base::Instance => formatter.write_str("instance"),
            Base::Subnet => formatter.write_str("subnet"),
            Base::Vpc => formatter.write_str("vpc"),
            Base::Endpoint => formatter.write_str("endpoint"),
            Base::EndpointService => formatter.write_str("endpoint-service"),
            Base::LoadBalancer => formatter.write_str("load-balancer"),
            Base::NatGateway => formatter.write_str("nat-gateway"),
            Base::TransitGateway => formatter.write_str("transit-gateway"),
            Base::VirtualPrivateGateway => formatter.write_str("virtual-private-gateway"),
            Base::Service(name) => write!(formatter, "service:{name}"),
            Base::Name(name) => write!(formatter, "name:{name}"),
            Base::Ip(cidr) => write!(formatter, "ip:{cidr}"),
            Base::PrefixList(name) => write!(formatter, "prefix-list:{name}"),
            Base::Recipe(name) => write!(formatter, "recipe:{name}"),
        }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.negated {
            formatter.write_str("not ")?;
        }
        match &self.test {
            Test::Tag { key, value } => write!(formatter, "tag:{key}={value}"),
            Test::Name(value) => write!(formatter, "name:{value}"),
            Test::Id(value) => write!(formatter, "id:{value}"),
            Test::Kind(value) => write!(formatter, "kind:{value}"),
            Test::Vpc(value) => write!(formatter, "vpc:{value}"),
            Test::Subnet(value) => write!(formatter, "subnet:{value}"),
            Test::SecurityGroup(value) => write!(formatter, "sg:{value}"),
            Test::Ip(cidr) => write!(formatter, "ip:{cidr}"),
            Test::Zone(value) => write!(formatter, "az:{value}"),
            Test::Service(value) => write!(formatter, "service:{value}"),
            Test::Account(value) => write!(formatter, "account:{value}"),
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.base.fmt(formatter)?;
        for filter in &self.filters {
            write!(formatter, " {filter}")?;
        }
        Ok(())
    }
}
