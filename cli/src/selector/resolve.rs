//! What selectors mean in a network: senders, places and components.

use std::collections::{BTreeMap, BTreeSet};

use ingest::OpenAttributes;
use ingest::provenance::Kind;
use model::{
    AddressValue, Asker, Cidr, ComponentId, EndpointKind, Hole, InboundResolver, InterfaceAddress,
    Network, NetworkInterfaceId, Origin, Place, PrefixList, Value, Vpc, VpcId,
};

use super::recipe::{self, Names};
use super::subject::{is_full_service_name, is_sender, tag_keys};
use super::{Base, Filter, Glob, Selector, Site, Test};
use crate::asker;
use crate::blocks;
use crate::nearest::suggest;
use crate::on_premises::has_on_premises;
use crate::problem::{Problem, ProblemCode, SourceText};

/// The most blocks that filters by address may leave of the internet.
const MOST_BLOCKS: usize = 4_096;

/// The VPCs in which senders stand.
pub(crate) fn sender_vpcs(origins: &[Origin], network: &Network) -> BTreeSet<VpcId> {
    let mut vpcs = BTreeSet::new();
    for origin in origins {
        let Origin::Interfaces(interfaces) = origin else {
            continue;
        };
        for id in interfaces {
            let interface = network.network_interfaces().get(id);
            let subnet = interface.and_then(|one| network.subnets().get(&one.subnet));
            vpcs.extend(subnet.map(|subnet| subnet.vpc.clone()));
        }
    }
    vpcs
}

/// Reads selectors in one network; gathers every problem that it meets.
pub(crate) struct Resolver<'a> {
    pub(super) network: &'a Network,
    pub(super) open: &'a OpenAttributes,
    source: &'a SourceText,
    pub(crate) problems: Vec<Problem>,
    /// Whether what may be meant is taken for what is meant.
    pub(super) is_wide: bool,
    /// What leaves open whether selectors mean some of the things.
    pub(super) chosen_by: BTreeSet<Hole>,
}

/// Who sends, and what leaves open whether more do.
#[derive(Debug, Default)]
pub(crate) struct Origins {
    pub(crate) origins: Vec<Origin>,
    pub(crate) open: BTreeSet<Hole>,
}

/// Takes blocks in, where not every address is in already.
fn widen(senders: &mut Option<Option<BTreeSet<Cidr>>>, more: impl IntoIterator<Item = Cidr>) {
    if let Some(blocks) = senders.get_or_insert_with(|| Some(BTreeSet::new())) {
        blocks.extend(more);
    }
}

/// Notes what is sent from public addresses of the network itself that lie in blocks: what comes from there
/// was sent by an interface with another address, or through a NAT gateway, which no flow tells.
fn own_public(
    network: &Network,
    cidrs: &[Cidr],
    meant: &BTreeSet<NetworkInterfaceId>,
    open: &mut BTreeSet<Hole>,
) {
    let all = network.network_interfaces();
    let is_whole = all
        .values()
        .filter(|one| is_sender(one))
        .all(|one| meant.contains(&one.id));
    for (id, interface) in all {
        if is_whole || meant.contains(id) {
            continue;
        }
        let public = interface.addresses.iter();
        let public = public.filter_map(|one| match &one.public {
            Some(AddressValue::Known(public)) => Some(*public),
            Some(AddressValue::Within(..)) | None => None,
        });
        let own = public.filter(|one| cidrs.iter().any(|cidr| blocks::holds(*cidr, *one)));
        open.extend(own.map(|one| Hole::new(format!("what {id} sends from {one}"))));
    }
}

/// Where flows go, and what leaves open whether elsewhere too.
#[derive(Debug, Default)]
pub(crate) struct Places {
    pub(crate) places: Vec<Place>,
    pub(crate) open: BTreeSet<Hole>,
    /// Names that are reached over the internet only, whatever they mean.
    pub(crate) public_names: BTreeSet<String>,
}

impl<'a> Resolver<'a> {
    pub(crate) fn new(
        network: &'a Network,
        open: &'a OpenAttributes,
        source: &'a SourceText,
    ) -> Self {
        Self {
            network,
            open,
            source,
            problems: Vec::new(),
            is_wide: false,
            chosen_by: BTreeSet::new(),
        }
    }

    /// Takes from now on what may be meant for what is meant.
    pub(crate) fn widen(&mut self) {
        self.is_wide = true;
    }

    /// What left open, since this was last asked, whether selectors mean some of the things.
    pub(crate) fn take_chosen_by(&mut self) -> BTreeSet<Hole> {
        std::mem::take(&mut self.chosen_by)
    }

    /// The selectors as senders.
    pub(crate) fn origins(&mut self, selectors: &[Selector]) -> Origins {
        let mut interfaces = BTreeSet::new();
        let mut internet: Option<Option<BTreeSet<Cidr>>> = None;
        let mut on_premises: Option<Option<BTreeSet<Cidr>>> = None;
        // Sites that say how they ask for names, by the VPC that they ask in.
        let mut asking: BTreeMap<VpcId, BTreeSet<Cidr>> = BTreeMap::new();
        let mut open = BTreeSet::new();
        for selector in selectors {
            self.names(selector);
            match &selector.base {
                Base::Internet if selector.filters.is_empty() => internet = Some(None),
                Base::Internet => widen(&mut internet, self.blocks_of(selector)),
                Base::OnPremises(None) => on_premises = Some(None),
                Base::OnPremises(Some(site)) => {
                    let blocks = site.place.blocks.iter().copied();
                    match self.resolver_of(site, selector) {
                        Some(vpc) => asking.entry(vpc).or_default().extend(blocks),
                        None => widen(&mut on_premises, blocks),
                    }
                }
                Base::Any => {
                    internet = Some(None);
                    on_premises = Some(None);
                    interfaces.extend(self.network.network_interfaces().keys().cloned());
                }
                Base::Interface | Base::Instance | Base::Subnet | Base::Vpc => {
                    interfaces.extend(self.interfaces(selector));
                }
                Base::Ip(cidr) => {
                    self.interfaces_in(&[*cidr], &mut interfaces, &mut open);
                    own_public(self.network, &[*cidr], &interfaces, &mut open);
                    widen(&mut internet, [*cidr]);
                    widen(&mut on_premises, blocks::private_parts(*cidr));
                }
                Base::PrefixList(name) => {
                    let entries = self.entries(name, selector, &mut open);
                    self.interfaces_in(&entries, &mut interfaces, &mut open);
                    own_public(self.network, &entries, &interfaces, &mut open);
                    let private = entries.iter().flat_map(|cidr| blocks::private_parts(*cidr));
                    widen(&mut on_premises, private);
                    widen(&mut internet, entries.iter().copied());
                }
                Base::VirtualPrivateGateway => {
                    self.begins_nothing(selector, "hosts behind it are `onprem`");
                }
                Base::EndpointService | Base::LoadBalancer => {
                    let help = "`from` is its clients: what it hands on belongs to their flows";
                    self.begins_nothing(selector, help);
                }
                Base::Endpoint
                | Base::NatGateway
                | Base::TransitGateway
                | Base::Service(_)
                | Base::Name(_)
                | Base::Recipe(_) => {
                    self.begins_nothing(selector, "`from` is what sends the first packet");
                }
            }
        }
        let mut origins = Vec::new();
        if !interfaces.is_empty() {
            origins.push(Origin::Interfaces(interfaces));
        }
        origins.extend(internet.map(Origin::Internet));
        let on_premises = on_premises.filter(|_| has_on_premises(self.network));
        let is_some = |blocks: &Option<BTreeSet<Cidr>>| blocks.as_ref() != Some(&BTreeSet::new());
        let on_premises = on_premises.filter(is_some);
        origins.extend(on_premises.map(|blocks| Origin::OnPremises {
            blocks,
            resolver: None,
        }));
        if has_on_premises(self.network) {
            origins.extend(asking.into_iter().map(|(vpc, blocks)| Origin::OnPremises {
                blocks: Some(blocks),
                resolver: Some(vpc),
            }));
        }
        Origins { origins, open }
    }

    /// The VPC by whose inbound resolver endpoint a site asks for names: by its id, or its name.
    fn resolver_of(&mut self, site: &Site, selector: &Selector) -> Option<VpcId> {
        let wanted = site.place.resolves_in.as_deref()?;
        let named = |vpc: &&Vpc| {
            vpc.id.as_str() == wanted || vpc.tags.get("Name").is_some_and(|name| name == wanted)
        };
        let mut found = self.network.vpcs().values().filter(named);
        let (first, another) = (found.next(), found.next());
        let (message, help) = match (first, another) {
            (Some(vpc), None) if vpc.inbound_resolver == InboundResolver::Absent => {
                let message = format!("`{wanted}` has no inbound resolver endpoint to ask");
                let help = "name the VPC to whose inbound endpoint the site forwards";
                (message, Some(help.to_owned()))
            }
            (Some(vpc), None) => return Some(vpc.id.clone()),
            (Some(_), Some(_)) => {
                let message = format!("`{wanted}` is the name of several VPCs");
                (message, Some("write the id of one".to_owned()))
            }
            (None, _) => {
                let ids = self.network.vpcs().keys().map(VpcId::as_str);
                let message = format!("the network has no VPC `{wanted}`");
                (message, suggest(wanted, ids, "VPCs"))
            }
        };
        let message = format!("the site `{}`: {message}", site.name);
        let code = ProblemCode::UnknownName;
        let problem = self.source.problem(code, &selector.span, message);
        self.problems.push(problem.help(help));
        None
    }

    fn begins_nothing(&mut self, selector: &Selector, help: &str) {
        let message = format!("`{}` begins no connection", selector.base);
        self.push(selector, message, help);
    }

    fn interfaces_in(
        &self,
        cidrs: &[Cidr],
        interfaces: &mut BTreeSet<NetworkInterfaceId>,
        open: &mut BTreeSet<Hole>,
    ) {
        for (id, interface) in self.network.network_interfaces() {
            for InterfaceAddress { private, .. } in &interface.addresses {
                match private {
                    AddressValue::Known(address) => {
                        if cidrs.iter().any(|cidr| blocks::holds(*cidr, *address)) {
                            interfaces.insert(id.clone());
                        }
                    }
                    AddressValue::Within(within, hole) => {
                        if cidrs.iter().any(|cidr| blocks::covers(*cidr, *within)) {
                            interfaces.insert(id.clone());
                        } else if cidrs.iter().any(|cidr| blocks::overlap(*cidr, *within)) {
                            open.insert(hole.clone());
                        }
                    }
                }
            }
        }
    }

    /// The selectors as destinations of some senders.
    pub(crate) fn places(
        &mut self,
        selectors: &[Selector],
        senders: &[Origin],
        public_from_inside: bool,
    ) -> Places {
        let mut interfaces = BTreeSet::new();
        let mut endpoints = BTreeSet::new();
        let mut cidrs = BTreeSet::new();
        let mut places = Vec::new();
        let mut open = BTreeSet::new();
        let mut public_names = BTreeSet::new();
        for selector in selectors {
            self.names(selector);
            match &selector.base {
                Base::Internet => {
                    if !selector.filters.is_empty() {
                        let message = "`internet` is narrowed by `ip:` where it sends only";
                        let help = "`ip:` alone is the addresses of a block, wherever they lead";
                        self.push(selector, message, help);
                    }
                    places.push(Place::Internet);
                }
                Base::OnPremises(site) => {
                    let blocks = site.as_ref().map(|site| site.place.blocks.clone());
                    let place = Place::OnPremises(blocks);
                    places.extend(has_on_premises(self.network).then_some(place));
                }
                Base::Any => cidrs.extend([
                    blocks::everything(model::Family::V4),
                    blocks::everything(model::Family::V6),
                ]),
                Base::Interface | Base::Instance | Base::Subnet | Base::Vpc => {
                    interfaces.extend(self.interfaces(selector));
                }
                Base::NatGateway => {
                    let found = self.nat_gateways(selector).into_iter();
                    interfaces.extend(found.map(|nat| nat.interface.clone()));
                }
                Base::LoadBalancer => {
                    let found = self.load_balancers(selector).into_iter();
                    interfaces.extend(found.flat_map(|one| one.interfaces.iter().cloned()));
                }
                Base::Endpoint | Base::EndpointService => {
                    let of_services = selector.base == Base::EndpointService;
                    let found = if of_services {
                        self.endpoints_of_services(selector)
                    } else {
                        self.endpoints(selector)
                    };
                    for endpoint in found {
                        match &endpoint.kind {
                            EndpointKind::Gateway { .. } => {
                                endpoints.insert(endpoint.id.clone());
                            }
                            EndpointKind::Interface {
                                interfaces: own, ..
                            } => {
                                interfaces.extend(own.iter().cloned());
                            }
                            // It hands packets on; none is for it.
                            EndpointKind::GatewayLoadBalancer { .. } => {}
                            EndpointKind::Unmodelled(_) => {
                                let name = format!("what {} does with packets", endpoint.id);
                                open.insert(Hole::new(name));
                            }
                        }
                    }
                }
                Base::TransitGateway | Base::VirtualPrivateGateway => {
                    let message = format!("no connection ends at a `{}`", selector.base);
                    let help = "`via` takes what connections pass; hosts on premises are `onprem`";
                    self.push(selector, message, help);
                }
                Base::Service(name) => {
                    let names = self.service_names(name);
                    places.extend(names.into_iter().map(Place::Service));
                }
                Base::Name(name) => places.push(Place::Name(name.clone())),
                Base::Recipe(name) => {
                    let names = self.recipe(name, selector, senders);
                    places.extend(names.all.into_iter().map(Place::Name));
                    public_names.extend(names.public);
                }
                Base::Ip(cidr) => {
                    cidrs.insert(*cidr);
                }
                Base::PrefixList(name) => cidrs.extend(self.entries(name, selector, &mut open)),
            }
        }
        if !interfaces.is_empty() {
            places.push(Place::Interfaces {
                interfaces,
                public_from_inside,
            });
        }
        if !endpoints.is_empty() {
            places.push(Place::GatewayEndpoints(endpoints));
        }
        if !cidrs.is_empty() {
            places.push(Place::Cidrs(cidrs));
        }
        Places {
            places,
            open,
            public_names,
        }
    }

    /// The selectors as components that a way passes.
    pub(crate) fn components(&mut self, selectors: &[Selector]) -> BTreeSet<ComponentId> {
        let mut components = BTreeSet::new();
        for selector in selectors {
            self.names(selector);
            match &selector.base {
                Base::Endpoint => {
                    let found = self.endpoints(selector);
                    let ids = found.into_iter().map(|endpoint| endpoint.id.clone());
                    components.extend(ids.map(ComponentId::VpcEndpoint));
                }
                Base::EndpointService => {
                    let found = self.endpoints_of_services(selector).into_iter();
                    let ids = found.map(|endpoint| endpoint.id.clone());
                    components.extend(ids.map(ComponentId::VpcEndpoint));
                }
                Base::LoadBalancer => {
                    let found = self.load_balancers(selector).into_iter();
                    components.extend(found.map(|one| ComponentId::LoadBalancer(one.id.clone())));
                }
                Base::NatGateway => {
                    let found = self.nat_gateways(selector).into_iter();
                    components.extend(found.map(|nat| ComponentId::NatGateway(nat.id.clone())));
                }
                Base::TransitGateway => {
                    let found = self.transit_gateways(selector).into_iter();
                    components.extend(found.map(ComponentId::TransitGateway));
                }
                Base::VirtualPrivateGateway => {
                    let found = self.virtual_private_gateways(selector).into_iter();
                    components.extend(found.map(ComponentId::VirtualPrivateGateway));
                }
                Base::Interface | Base::Instance => {
                    let found = self.interfaces(selector).into_iter();
                    components.extend(found.map(ComponentId::NetworkInterface));
                }
                Base::Service(name) => {
                    let message = "a way passes an endpoint of a service, not the service";
                    let help = format!("write `endpoint service:{name}`");
                    self.push(selector, message, help);
                }
                Base::Internet
                | Base::OnPremises(_)
                | Base::Any
                | Base::Subnet
                | Base::Vpc
                | Base::Name(_)
                | Base::Ip(_)
                | Base::PrefixList(_)
                | Base::Recipe(_) => {
                    let message = format!("a way does not pass `{}`", selector.base);
                    let help = "`via` takes endpoints, load balancers, NAT gateways, transit and \
                                virtual private gateways, interfaces and instances";
                    self.push(selector, message, help);
                }
            }
        }
        components
    }

    /// The IPv4 and IPv6 blocks that filters by address leave of everything.
    fn blocks_of(&mut self, selector: &Selector) -> Vec<Cidr> {
        let (mut left, mut taken) = (
            vec![
                blocks::everything(model::Family::V4),
                blocks::everything(model::Family::V6),
            ],
            Vec::new(),
        );
        for filter in &selector.filters {
            match &filter.test {
                Test::Ip(cidr) if filter.negated => taken.push(*cidr),
                Test::Ip(cidr) => {
                    let shared = left.iter().filter(|one| blocks::overlap(**one, *cidr));
                    let smaller = |one: &Cidr| {
                        if blocks::covers(*one, *cidr) {
                            *cidr
                        } else {
                            *one
                        }
                    };
                    left = shared.map(smaller).collect();
                }
                Test::Tag { .. }
                | Test::Name(_)
                | Test::Id(_)
                | Test::Kind(_)
                | Test::Vpc(_)
                | Test::Subnet(_)
                | Test::SecurityGroup(_)
                | Test::Zone(_)
                | Test::Service(_)
                | Test::Account(_) => {}
            }
        }
        let mut found = Vec::new();
        for block in left {
            match blocks::without(block, &taken, MOST_BLOCKS) {
                Some(parts) => found.extend(parts),
                None => {
                    let message = format!("the filters leave more than {MOST_BLOCKS} blocks");
                    self.push(selector, message, "take fewer and larger blocks out");
                }
            }
        }
        found
    }

    fn push(&mut self, selector: &Selector, message: impl Into<String>, help: impl Into<String>) {
        let code = ProblemCode::InvalidSelector;
        let problem = self.source.problem(code, &selector.span, message);
        self.problems.push(problem.help(Some(help)));
    }

    /// As whom the things of the selectors ask for names.
    pub(crate) fn askers(&mut self, selectors: &[Selector]) -> BTreeSet<Asker> {
        let mut inside = BTreeSet::new();
        for selector in selectors {
            self.names(selector);
            if selector.base == Base::Vpc {
                let all = self.network.vpcs().values();
                let found = all.filter(|vpc| {
                    let subject = self.of_vpc(vpc);
                    self.keep(selector, &subject)
                });
                inside.extend(found.map(|vpc| Asker::Vpc(vpc.id.clone())));
            } else if selector.base == Base::Subnet {
                let all = self.network.subnets().values();
                let found = all.filter(|subnet| {
                    let subject = self.of_subnet(subnet);
                    self.keep(selector, &subject)
                });
                inside.extend(found.map(asker::of_subnet));
            }
        }
        let senders = self.origins(selectors);
        let mut askers = asker::of_origins(&senders.origins, self.network);
        askers.append(&mut inside);
        askers
    }

    /// The full names of a service: of each Region of the network, when the name is a short one.
    pub(crate) fn service_names(&self, name: &str) -> BTreeSet<String> {
        if is_full_service_name(name) {
            return BTreeSet::from([name.to_owned()]);
        }
        let vpcs = self.network.vpcs().values();
        vpcs.map(|vpc| format!("com.amazonaws.{}.{name}", vpc.region))
            .collect()
    }

    /// The names of a recipe, which are of the one Region in which the senders stand.
    fn recipe(&mut self, name: &str, selector: &Selector, senders: &[Origin]) -> Names {
        let Some(found) = recipe::recipe(name) else {
            let message = format!("there is no recipe `{name}`");
            let code = ProblemCode::InvalidSelector;
            let problem = self.source.problem(code, &selector.span, message);
            let help = suggest(name, recipe::recipes(), "recipes");
            self.problems.push(problem.help(help));
            return Names::default();
        };
        let vpcs = sender_vpcs(senders, self.network);
        let known = vpcs.iter().filter_map(|id| self.network.vpcs().get(id));
        let regions: BTreeSet<&str> = known.map(|vpc| vpc.region.as_str()).collect();
        if regions.len() > 1 {
            let regions: Vec<&str> = regions.into_iter().collect();
            let message = format!("`from` has senders in {}", regions.join(" and "));
            let help = "a recipe's names are of one Region; write a claim for each";
            self.push(selector, message, help);
            return Names::default();
        }
        recipe::names(found, self.network, &vpcs)
    }

    /// The entries of the prefix lists of that name or id.
    fn entries(&mut self, name: &str, selector: &Selector, open: &mut BTreeSet<Hole>) -> Vec<Cidr> {
        let mut found: Vec<&PrefixList> = Vec::new();
        for list in self.network.prefix_lists().values() {
            let id = list.id.as_str();
            let unnamed = self.open.of(Kind::PrefixList, id);
            if list.name == name || id == name {
                found.push(list);
            } else if let Some(hole) = unnamed.and_then(|open| open.name.clone()) {
                self.chosen_by.insert(hole);
                found.extend(self.is_wide.then_some(list));
            }
        }
        if found.is_empty() && !self.open.may_be_named(Kind::PrefixList) {
            let names = self.network.prefix_lists().values();
            let names = names.map(|list| list.name.as_str());
            let help = suggest(name, names, "prefix lists");
            let message = format!("the network has no prefix list `{name}`");
            let code = ProblemCode::UnknownName;
            let problem = self.source.problem(code, &selector.span, message);
            self.problems.push(problem.help(help));
        }
        let mut entries = Vec::new();
        for list in found {
            match &list.entries {
                Value::Known(known) => entries.extend(known.iter().copied()),
                Value::OneOf(_, hole) | Value::Any(hole) => {
                    open.insert(hole.clone());
                }
            }
        }
        entries
    }

    /// That the names in filters are names of the network.
    fn names(&mut self, selector: &Selector) {
        for filter in &selector.filters {
            match &filter.test {
                Test::Tag { key, .. } => self.tag_key(key, filter),
                Test::Vpc(glob) => self.vpc(glob, filter),
                Test::Kind(kind) if selector.base == Base::Endpoint => {
                    self.endpoint_kind(kind, filter);
                }
                Test::Kind(kind) if selector.base == Base::LoadBalancer => {
                    self.load_balancer_kind(kind, filter);
                }
                Test::Kind(_)
                | Test::Name(_)
                | Test::Id(_)
                | Test::Subnet(_)
                | Test::SecurityGroup(_)
                | Test::Ip(_)
                | Test::Zone(_)
                | Test::Service(_)
                | Test::Account(_) => {}
            }
        }
    }

    fn tag_key(&mut self, key: &str, filter: &Filter) {
        let keys = tag_keys(self.network);
        if !keys.contains(key) && !self.open.may_have_tag(key) {
            let help = self.made_later(key);
            let help = help.or_else(|| suggest(key, keys, "tag keys of the network"));
            let message = format!("nothing in the network has the tag `{key}`");
            let code = ProblemCode::UnknownTagKey;
            let problem = self.source.problem(code, &filter.span, message);
            self.problems.push(problem.help(help));
        }
    }

    /// What has the tag and is no part of the network.
    fn made_later(&self, key: &str) -> Option<String> {
        const MOST: usize = 3;
        let all: Vec<&str> = self.open.outside_with_tag(key).collect();
        let first: Vec<String> = all
            .iter()
            .take(MOST)
            .map(|one| format!("`{one}`"))
            .collect();
        let more = match all.len().saturating_sub(MOST) {
            0 => String::new(),
            n_more => format!(" and {n_more} more"),
        };
        let has = if all.len() == 1 { "has" } else { "have" };
        (!all.is_empty()).then(|| {
            format!(
                "{}{more} {has} it, but no interfaces yet: AWS makes those of databases, of Auto Scaling groups and \
                 of other services later, and no plan or template tells them; a snapshot after the change does",
                first.join(", ")
            )
        })
    }

    fn vpc(&mut self, glob: &Glob, filter: &Filter) {
        let vpcs = self.network.vpcs().values();
        let names: Vec<&str> = vpcs
            .flat_map(|vpc| {
                let name = vpc.tags.get("Name").map(String::as_str);
                name.into_iter().chain([vpc.id.as_str()])
            })
            .collect();
        if let Some(literal) = glob.literal()
            && !names.contains(&literal)
            && !self.open.may_be_named(Kind::Vpc)
        {
            let help = suggest(literal, names, "VPCs");
            let message = format!("the network has no VPC `{literal}`");
            let code = ProblemCode::UnknownName;
            let problem = self.source.problem(code, &filter.span, message);
            self.problems.push(problem.help(help));
        }
    }

    fn load_balancer_kind(&mut self, kind: &str, filter: &Filter) {
        const KINDS: [&str; 2] = ["application", "network"];
        if !KINDS.contains(&kind) {
            let message = format!("there are no load balancers of `kind:{kind}`");
            let code = ProblemCode::InvalidSelector;
            let problem = self.source.problem(code, &filter.span, message);
            let help = suggest(kind, KINDS, "kinds of load balancers");
            self.problems.push(problem.help(help));
        }
    }

    fn endpoint_kind(&mut self, kind: &str, filter: &Filter) {
        const MODELLED: [&str; 3] = ["gateway", "interface", "gwlb"];
        const LATER: [&str; 2] = ["resource", "service-network"];
        if LATER.contains(&kind) {
            let message = format!("endpoints of `kind:{kind}` are not modelled yet");
            let code = ProblemCode::NotModelledYet;
            let problem = self.source.problem(code, &filter.span, message);
            self.problems.push(problem);
        } else if !MODELLED.contains(&kind) {
            let message = format!("there are no endpoints of `kind:{kind}`");
            let code = ProblemCode::InvalidSelector;
            let problem = self.source.problem(code, &filter.span, message);
            let help = suggest(kind, MODELLED, "kinds of endpoints");
            self.problems.push(problem.help(help));
        }
    }
}
