//! Sample flows of a scope, and the one that comes furthest: what to show when nothing passes.

use std::collections::BTreeSet;

use evaluator::Evaluator;
use model::{
    Address, AddressValue, Answer, Asker, Cidr, Completion, Effect, EndpointKind, Engine, Family,
    Flow, Network, NetworkInterface, NetworkInterfaceId, Origin, Packet, Place, Scope, Source,
    Trace, Traffic, TrafficClass, Transport, Value, Witness,
};

use crate::asker;
use crate::blocks;
use crate::judge::replay::evidence_on;
use crate::judge::{Evidence, Judge};
use crate::on_premises;

/// How many senders, and how many destinations of each, are tried.
const MOST_SENDERS: usize = 32;
const MOST_DESTINATIONS: usize = 16;

/// The port that a sample client sends from, when it may.
const CLIENT_PORT: u16 = 40000;

/// Hosts on the internet that samples use, if nobody in the network has them.
const OUTSIDE_V4: [u32; 3] = [0xc633_6407, 0xcb00_7107, 0xc000_0207];
const OUTSIDE_V6: u128 = 0x2001_0db8_ffff_ffff_0000_0000_0000_0007;

/// 64:ff9b::/96, whose addresses stand for those of IPv4.
const NAT64: u128 = 0x0064_ff9b << 96;

/// Of some flows of the scope, the one that takes the most steps before it is dropped.
pub(crate) fn nearest_miss(judge: &Judge<'_>, scope: &Scope) -> Option<Evidence> {
    let completion = completion(judge);
    let network = judge.network.completed(&completion);
    let evaluator = Evaluator::load(&network);
    let mut best: Option<(usize, Evidence)> = None;
    for flow in samples(&judge.evaluator, &network, scope) {
        let witness = Witness {
            flow,
            request: None,
            completion: completion.clone(),
        };
        let evidence = evidence_on(&network, &evaluator, witness);
        let steps = steps(&evidence.trace);
        if best.as_ref().is_none_or(|(most, _)| steps > *most) {
            best = Some((steps, evidence));
        }
    }
    best.map(|(_, evidence)| evidence)
}

/// How far a flow and its reply come.
pub(crate) fn steps(trace: &Trace) -> usize {
    let hops = trace.forward.iter().chain(&trace.reply);
    hops.filter(|hop| matches!(hop.effect, Effect::Passed | Effect::Delivered))
        .count()
}

/// Values for the open addresses of the network.
pub(crate) fn completion(judge: &Judge<'_>) -> Completion {
    judge.evaluator.completion().clone()
}

/// Some flows of a scope, of every sender and place one at least where there is one.
pub(crate) fn samples(evaluator: &Evaluator, network: &Network, scope: &Scope) -> Vec<Flow> {
    let mut flows = Vec::new();
    for (source, address) in senders(network, scope) {
        let Some(transport) = transport(&scope.traffic, address.family()) else {
            continue;
        };
        let mut destinations: Vec<Address> = Vec::new();
        let askers = asker::of_source(&scope.from, network, &source, address);
        for place in &scope.to {
            destinations.extend(addresses(evaluator, network, place, &source, &askers));
        }
        let fits = |to: &&Address| to.family() == address.family() && **to != address;
        for destination in destinations.iter().filter(fits).take(MOST_DESTINATIONS) {
            let packet = Packet::new(address, *destination, transport);
            let source = source.clone();
            flows.extend(packet.map(|packet| Flow::new(source, packet)));
        }
    }
    flows
}

fn senders(network: &Network, scope: &Scope) -> Vec<(Source, Address)> {
    let mut senders = Vec::new();
    for origin in &scope.from {
        match origin {
            Origin::Interfaces(ids) => {
                let found = ids
                    .iter()
                    .filter_map(|id| network.network_interfaces().get(id));
                for interface in found.filter(|one| crate::selector::is_sender(one)) {
                    for address in private_addresses(interface) {
                        senders.push((Source::Interface(interface.id.clone()), address));
                    }
                }
            }
            Origin::Internet(None) => {
                let hosts = [Family::V4, Family::V6].map(|family| outside(network, family));
                let hosts = hosts.into_iter().flatten();
                senders.extend(hosts.map(|host| (Source::Internet, host)));
            }
            Origin::Internet(Some(blocks)) => {
                let hosts = blocks
                    .iter()
                    .map(|block| (Source::Internet, sample(network, *block)));
                senders.extend(hosts);
            }
            Origin::OnPremises { blocks, .. } => {
                for gateway in on_premises::gateways(network) {
                    let hosts = on_premises::hosts(network, &gateway, blocks.as_ref());
                    let source = Source::OnPremises(gateway);
                    senders.extend(hosts.into_iter().map(|host| (source.clone(), host)));
                }
            }
        }
    }
    senders.retain(|(_, address)| scope.families.contains(&address.family()));
    senders.truncate(MOST_SENDERS);
    senders
}

/// The known private addresses of an interface.
pub(crate) fn private_addresses(interface: &NetworkInterface) -> impl Iterator<Item = Address> {
    interface
        .addresses
        .iter()
        .filter_map(|address| known(&address.private))
}

/// The addresses at which the internet finds an interface.
pub(crate) fn public_addresses(interface: &NetworkInterface) -> Vec<Address> {
    let mut found = Vec::new();
    for address in &interface.addresses {
        found.extend(address.public.as_ref().and_then(known));
        let own = known(&address.private);
        found.extend(own.filter(|address| address.family() == Family::V6));
    }
    found
}

fn known(value: &AddressValue) -> Option<Address> {
    match value {
        AddressValue::Known(address) => Some(*address),
        AddressValue::Within(..) => None,
    }
}

/// Addresses of a place that a sender can use.
fn addresses(
    evaluator: &Evaluator,
    network: &Network,
    place: &Place,
    source: &Source,
    askers: &BTreeSet<Asker>,
) -> Vec<Address> {
    match place {
        Place::Interfaces { interfaces, .. } => of_interfaces(network, interfaces, source),
        Place::Internet => {
            let families = [Family::V4, Family::V6];
            families
                .into_iter()
                .filter_map(|family| outside(network, family))
                .collect()
        }
        Place::OnPremises(Some(cidrs)) => cidrs.iter().map(|cidr| sample(network, *cidr)).collect(),
        Place::OnPremises(None) => on_premises::gateways(network)
            .flat_map(|gateway| on_premises::hosts(network, &gateway, None))
            .collect(),
        Place::Cidrs(cidrs) => cidrs.iter().map(|cidr| sample(network, *cidr)).collect(),
        Place::Service(service) => {
            let mut found = service_addresses(network, service);
            let endpoints = network.vpc_endpoints().values();
            for endpoint in endpoints.filter(|endpoint| endpoint.service == *service) {
                if let EndpointKind::Interface { interfaces, .. } = &endpoint.kind {
                    found.extend(of_interfaces(network, interfaces, source));
                }
            }
            found
        }
        Place::GatewayEndpoints(ids) => {
            let endpoints = ids.iter().filter_map(|id| network.vpc_endpoints().get(id));
            let mut found = Vec::new();
            for endpoint in endpoints {
                found.extend(service_addresses(network, &endpoint.service));
            }
            found
        }
        Place::Name(name) => {
            let mut found = Vec::new();
            for asker in askers {
                let answer = evaluator.resolve(asker, name).answer;
                found.extend(of_answer(network, &answer, source));
            }
            found
        }
    }
}

/// The addresses that an answer means to a sender; none when it is open.
pub(crate) fn of_answer(network: &Network, answer: &Answer, source: &Source) -> Vec<Address> {
    match answer {
        Answer::Interfaces(interfaces) => of_interfaces(network, interfaces, source),
        Answer::Addresses(addresses) => addresses.iter().copied().collect(),
        Answer::PublicService(service) => service_addresses(network, service),
        Answer::Dns64(of) => {
            let mut found = of_answer(network, of, source);
            let of_ipv4 = found.iter().filter(|one| one.family() == Family::V4);
            let mapped: Vec<_> = of_ipv4
                .map(|one| Address::from_bits(Family::V6, NAT64 | one.bits()))
                .collect();
            found.extend(mapped);
            found
        }
        Answer::NoAnswer | Answer::Undetermined(_) => Vec::new(),
    }
}

/// The addresses by which a sender finds some interfaces.
pub(crate) fn of_interfaces(
    network: &Network,
    ids: &BTreeSet<NetworkInterfaceId>,
    source: &Source,
) -> Vec<Address> {
    let found = ids
        .iter()
        .filter_map(|id| network.network_interfaces().get(id));
    let mut addresses = Vec::new();
    for interface in found {
        match source {
            Source::Interface(_) | Source::OnPremises(_) => {
                addresses.extend(private_addresses(interface));
            }
            Source::Internet => addresses.extend(public_addresses(interface)),
        }
    }
    addresses
}

/// One address of each known entry of a service's prefix lists.
pub(crate) fn service_addresses(network: &Network, service: &str) -> Vec<Address> {
    let lists = network.prefix_lists().values();
    let mut found = Vec::new();
    for list in lists.filter(|list| list.name == service) {
        if let Value::Known(entries) = &list.entries {
            found.extend(entries.iter().map(|entry| sample(network, *entry)));
        }
    }
    found
}

/// A host on the internet that nobody in the network is.
pub(crate) fn outside(network: &Network, family: Family) -> Option<Address> {
    let hosts = match family {
        Family::V4 => OUTSIDE_V4.map(Address::V4).to_vec(),
        Family::V6 => vec![Address::V6(OUTSIDE_V6)],
    };
    hosts.into_iter().find(|host| !is_own(network, *host))
}

/// Whether an address belongs to the network.
pub(crate) fn is_own(network: &Network, address: Address) -> bool {
    let mut vpcs = network.vpcs().values();
    let mut interfaces = network.network_interfaces().values();
    vpcs.any(|vpc| vpc.cidrs.iter().any(|cidr| blocks::holds(*cidr, address)))
        || interfaces.any(|interface| public_addresses(interface).contains(&address))
}

/// An address of a block: a host on the internet where it has one, else the first that a host
/// can have.
pub(crate) fn sample(network: &Network, cidr: Cidr) -> Address {
    if let Some(host) = outside(network, cidr.family())
        && blocks::holds(cidr, host)
    {
        return host;
    }
    let family = cidr.family();
    if family.width() - cidr.prefix_len() < 2 {
        return cidr.base();
    }
    Address::from_bits(family, cidr.bits() | 1)
}

/// One transport of the traffic that a packet of this family may have.
fn transport(traffic: &Traffic, family: Family) -> Option<Transport> {
    let client = |ports: &model::PortRange| {
        if ports.contains(&CLIENT_PORT) {
            CLIENT_PORT
        } else {
            *ports.start()
        }
    };
    traffic.classes.iter().find_map(|class| match class {
        TrafficClass::Tcp {
            source_ports,
            destination_ports,
        } => Some(Transport::Tcp {
            source_port: client(source_ports),
            destination_port: *destination_ports.start(),
        }),
        TrafficClass::Udp {
            source_ports,
            destination_ports,
        } => Some(Transport::Udp {
            source_port: client(source_ports),
            destination_port: *destination_ports.start(),
        }),
        TrafficClass::Icmp { types, codes } => (family == Family::V4).then(|| Transport::Icmp {
            icmp_type: if types.contains(&8) {
                8
            } else {
                *types.start()
            },
            code: *codes.start(),
        }),
        TrafficClass::Icmpv6 { types, codes } => {
            (family == Family::V6).then(|| Transport::Icmpv6 {
                icmp_type: if types.contains(&128) {
                    128
                } else {
                    *types.start()
                },
                code: *codes.start(),
            })
        }
        TrafficClass::Other { protocols } => protocols.clone().find_map(Transport::other),
    })
}
