//! Classes of flows in the user's names: who sends, to what, with which traffic.

use std::collections::{BTreeMap, BTreeSet};

use evaluator::{HandedOn, Knock, Senders};
use ingest::OpenAttributes;
use model::{Address, AddressValue, ComponentId, Network, NetworkInterfaceId, TrafficClass};

use super::names;
use crate::blocks;
use crate::change::ranges::cidrs;
use crate::problem::SourceText;
use crate::selector::Resolver;
use crate::selector::parse::Names;

/// How many things are listed by name.
const MOST_LISTED: usize = 8;

/// What people call things of two networks.
pub(crate) struct Labels<'a> {
    networks: [&'a Network; 2],
    /// The groups of the invariant file, as interfaces.
    groups: Vec<(String, BTreeSet<NetworkInterfaceId>)>,
    owners: BTreeMap<Address, BTreeSet<NetworkInterfaceId>>,
    /// The entries of prefix lists.
    lists: Vec<(String, BTreeSet<model::Cidr>)>,
}

impl<'a> Labels<'a> {
    pub(crate) fn new(networks: [&'a Network; 2], names: &Names) -> Self {
        let mut owners: BTreeMap<Address, BTreeSet<NetworkInterfaceId>> = BTreeMap::new();
        let mut lists = Vec::new();
        for network in networks {
            for interface in network.network_interfaces().values() {
                for address in &interface.addresses {
                    for value in [Some(&address.private), address.public.as_ref()] {
                        if let Some(AddressValue::Known(address)) = value {
                            owners
                                .entry(*address)
                                .or_default()
                                .insert(interface.id.clone());
                        }
                    }
                }
            }
            for list in network.prefix_lists().values() {
                if let Some(entries) = list.entries.known() {
                    lists.push((
                        format!("prefix list {} ({})", list.id, list.name),
                        entries.clone(),
                    ));
                }
            }
        }
        let source = SourceText::new("groups", "");
        // Groups are names for what is told; what may belong to one is told by itself.
        let open = OpenAttributes::default();
        let groups = names.groups.iter().map(|(name, selectors)| {
            let mut interfaces = BTreeSet::new();
            for network in networks {
                let mut resolver = Resolver::new(network, &open, &source);
                for origin in resolver.origins(selectors).origins {
                    match origin {
                        model::Origin::Interfaces(ids) => interfaces.extend(ids),
                        model::Origin::Internet(_) | model::Origin::OnPremises { .. } => {}
                    }
                }
            }
            (name.clone(), interfaces)
        });
        Self {
            networks,
            groups: groups
                .filter(|(_, interfaces)| !interfaces.is_empty())
                .collect(),
            owners,
            lists,
        }
    }

    /// Who sends.
    pub(crate) fn senders(&self, senders: &Senders) -> String {
        match senders {
            Senders::Interfaces(interfaces) => {
                self.interfaces(&interfaces.keys().cloned().collect())
            }
            Senders::Internet(ranges) => format!("the internet{}", of(ranges)),
            Senders::OnPremises(gateway, ranges) => {
                let by = names::gateway(self.networks[1], gateway);
                format!("on premises by {by}{}", of(ranges))
            }
        }
    }

    /// To what.
    pub(crate) fn destinations(&self, ranges: &[(Address, Address)]) -> String {
        let blocks = cidrs(ranges);
        let listed = blocks.as_ref().and_then(|blocks| {
            let mut lists = self.lists.iter();
            lists.find(|(_, entries)| entries == blocks)
        });
        if let Some((name, _)) = listed {
            return name.clone();
        }
        let mut interfaces = BTreeSet::new();
        let mut rest = Vec::new();
        for range in ranges {
            match self.owned(*range) {
                Some(owners) => interfaces.extend(owners),
                None => rest.push(*range),
            }
        }
        let mut parts = Vec::new();
        if !interfaces.is_empty() {
            parts.push(self.interfaces(&interfaces));
        }
        if !rest.is_empty() {
            parts.push(blocks_text(&rest));
        }
        parts.join(", ")
    }

    /// Where relays hand flows on to; nothing where they do not.
    pub(crate) fn handed_on(&self, handed_on: &HandedOn) -> Option<String> {
        let places = match handed_on {
            HandedOn::No => return None,
            HandedOn::Anywhere => return Some("it is open to what".to_owned()),
            HandedOn::To(places) => places,
        };
        let mut by_port: BTreeMap<Knock, Vec<(Address, Address)>> = BTreeMap::new();
        for place in places {
            let ranges = by_port.entry(place.port).or_default();
            ranges.push((place.to, place.to));
        }
        let parts = by_port.iter().map(|(knock, ranges)| {
            let to = self.destinations(ranges);
            format!("{to} on {}", port(*knock))
        });
        Some(parts.collect::<Vec<_>>().join("; "))
    }

    /// The interfaces to which every address of a range belongs.
    fn owned(&self, (first, end): (Address, Address)) -> Option<BTreeSet<NetworkInterfaceId>> {
        let within = || self.owners.range(first..=end);
        let size = (end.bits() - first.bits()).checked_add(1)?;
        (within().count() as u128 == size).then(|| {
            within()
                .flat_map(|(_, owners)| owners.iter().cloned())
                .collect()
        })
    }

    fn interfaces(&self, ids: &BTreeSet<NetworkInterfaceId>) -> String {
        if let Some((name, _)) = self.groups.iter().find(|(_, of)| of == ids) {
            return format!("{name} ({})", counted(ids.len()));
        }
        if ids.len() > 1
            && let Some(place) = self.place(ids)
        {
            return format!("{place} ({})", counted(ids.len()));
        }
        let named = ids.iter().map(|id| {
            let known = self.networks.iter().rev();
            let mut known = known.filter(|network| network.network_interfaces().contains_key(id));
            known
                .next()
                .map_or_else(|| id.to_string(), |network| names::interface(network, id))
        });
        listed(named.collect())
    }

    /// The security group, subnet or VPC all of whose interfaces these are.
    fn place(&self, ids: &BTreeSet<NetworkInterfaceId>) -> Option<String> {
        let [_, network] = self.networks;
        let mut places: BTreeMap<(u8, ComponentId), BTreeSet<NetworkInterfaceId>> = BTreeMap::new();
        for interface in network.network_interfaces().values() {
            if !crate::selector::subject::is_sender(interface) {
                continue;
            }
            let subnet = network.subnets().get(&interface.subnet);
            let groups = interface.groups.known().into_iter().flatten();
            let of = groups.map(|group| (0, ComponentId::SecurityGroup(group.clone())));
            let of_subnet = subnet.map(|subnet| (1, ComponentId::Subnet(subnet.id.clone())));
            let of_vpc = subnet.map(|subnet| (2, ComponentId::Vpc(subnet.vpc.clone())));
            for place in of.chain(of_subnet).chain(of_vpc) {
                places
                    .entry(place)
                    .or_default()
                    .insert(interface.id.clone());
            }
        }
        let found = places.into_iter().find(|(_, of)| of == ids);
        found.map(|((_, place), _)| format!("all of {}", names::component(network, &place)))
    }
}

fn counted(n: usize) -> String {
    if n == 1 {
        "1 interface".to_owned()
    } else {
        format!("{n} interfaces")
    }
}

fn listed(mut texts: Vec<String>) -> String {
    let n_more = texts.len().saturating_sub(MOST_LISTED);
    texts.truncate(MOST_LISTED);
    let mut text = texts.join(", ");
    if n_more > 0 {
        text.push_str(&format!(" and {n_more} more"));
    }
    text
}

/// Where senders outside are, unless anywhere.
fn of(ranges: &[(Address, Address)]) -> String {
    let families: BTreeSet<_> = ranges.iter().map(|(first, _)| first.family()).collect();
    let is_most = |(first, end): &(Address, Address)| {
        let width = u32::from(first.family().width());
        end.bits() - first.bits() >= 1_u128 << (width - 4)
    };
    // The addresses that are not public leave gaps everywhere.
    if families.iter().all(|family| {
        ranges
            .iter()
            .any(|range| range.0.family() == *family && is_most(range))
    }) {
        let words: Vec<&str> = families
            .iter()
            .map(|family| match family {
                model::Family::V4 => "IPv4",
                model::Family::V6 => "IPv6",
            })
            .collect();
        return format!(" ({})", words.join(" and "));
    }
    format!(" ({})", blocks_text(ranges))
}

/// Ranges as blocks, or as ranges where that is shorter.
fn blocks_text(ranges: &[(Address, Address)]) -> String {
    let whole = |family| {
        let block = blocks::everything(family);
        let end = blocks::range(block);
        ranges.iter().any(|(first, last)| {
            first.family() == family && first.bits() == *end.start() && last.bits() == *end.end()
        })
    };
    if whole(model::Family::V4) && whole(model::Family::V6) {
        return "every address".to_owned();
    }
    let texts = ranges.iter().map(|range| match cidrs(&[*range]) {
        Some(blocks) if blocks.len() <= 2 => {
            let blocks: Vec<String> = blocks
                .iter()
                .map(|block| {
                    let host = block.prefix_len() == block.family().width();
                    if host {
                        block.base().to_string()
                    } else {
                        block.to_string()
                    }
                })
                .collect();
            blocks.join(", ")
        }
        Some(_) | None => format!("{}-{}", range.0, range.1),
    });
    listed(texts.collect())
}

/// What a relay hands on to, as the invariant file writes it.
pub(crate) fn port(knock: Knock) -> String {
    match knock {
        Knock::Tcp(port) => format!("tcp/{port}"),
        Knock::Udp(port) => format!("udp/{port}"),
    }
}

/// Traffic as the invariant file writes it.
pub(crate) fn traffic(classes: &[TrafficClass]) -> String {
    listed(traffic_texts(classes))
}

/// The same class by class, however many there are; all of it is one text.
pub(crate) fn traffic_texts(classes: &[TrafficClass]) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for class in classes {
        let text = match class {
            TrafficClass::Tcp {
                source_ports,
                destination_ports,
            } => format!(
                "tcp{}{}",
                range(destination_ports, u16::MAX),
                from(source_ports)
            ),
            TrafficClass::Udp {
                source_ports,
                destination_ports,
            } => format!(
                "udp{}{}",
                range(destination_ports, u16::MAX),
                from(source_ports)
            ),
            TrafficClass::Icmp { types, codes } => icmp("icmp", types, codes),
            TrafficClass::Icmpv6 { types, codes } => icmp("icmpv6", types, codes),
            TrafficClass::Other { protocols } if *protocols == (0..=u8::MAX) => {
                "every other protocol".to_owned()
            }
            TrafficClass::Other { protocols } => format!("protocol{}", range(protocols, u8::MAX)),
        };
        texts.push(text);
    }
    if texts == ["tcp", "udp", "icmp", "icmpv6", "every other protocol"] {
        return vec!["all traffic".to_owned()];
    }
    texts
}

fn range<N: Copy + PartialEq + std::fmt::Display + From<u8>>(
    of: &std::ops::RangeInclusive<N>,
    last: N,
) -> String {
    match (*of.start(), *of.end()) {
        (from, to) if from == to => format!("/{from}"),
        (from, to) if from == N::from(0) && to == last => String::new(),
        (from, to) => format!("/{from}-{to}"),
    }
}

fn from(ports: &model::PortRange) -> String {
    match range(ports, u16::MAX).strip_prefix('/') {
        None => String::new(),
        Some(ports) if ports.contains('-') => format!(" from ports {ports}"),
        Some(port) => format!(" from port {port}"),
    }
}

fn icmp(
    word: &str,
    types: &std::ops::RangeInclusive<u8>,
    codes: &std::ops::RangeInclusive<u8>,
) -> String {
    let (types, codes) = (range(types, u8::MAX), range(codes, u8::MAX));
    match (types.as_str(), codes.as_str()) {
        (_, "") => format!("{word}{types}"),
        ("", _) => format!("{word}/0-255{codes}"),
        (_, _) => format!("{word}{types}{codes}"),
    }
}
