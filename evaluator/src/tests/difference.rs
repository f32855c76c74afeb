//! Differences: laws on random networks and random changes of them.

use model::{
    Address, Engine, Family, Flow, Network, NetworkDraft, Packet, Scope, Source, TrafficClass,
    Transport,
};

use super::devices::with_devices;
use super::lab::{Lab, from_cidr, read_flow};
use super::properties::{Numbers, random, random_address, random_transport};
use crate::difference::{Change, Course, Difference, FlowClass, HandedOn, Senders};
use crate::region::{are_holding, is_in};
use crate::{ChangeKind, Evaluator};

/// Whether a class of flows that no relay hands on holds one.
fn holds(class: &FlowClass, flow: &Flow) -> bool {
    class.handed_on == HandedOn::No && holds_sent(class, flow)
}

/// Whether a class holds a flow by how it is sent.
pub(super) fn holds_sent(class: &FlowClass, flow: &Flow) -> bool {
    let packet = flow.packet;
    let sends = match (&class.from, &flow.source) {
        (Senders::Interfaces(interfaces), Source::Interface(id)) => interfaces
            .get(id)
            .is_some_and(|own| own.contains(&packet.source())),
        (Senders::Internet(ranges), Source::Internet) => are_holding(ranges, packet.source()),
        (Senders::OnPremises(by, ranges), Source::OnPremises(gateway)) => {
            by == gateway && are_holding(ranges, packet.source())
        }
        _ => false,
    };
    let mut traffic = class.traffic.iter();
    sends
        && are_holding(&class.to, packet.destination())
        && traffic.any(|class| is_in(class, packet.transport()))
}

/// Another network with some parts of the second.
fn mixed(numbers: &mut Numbers, one: &NetworkDraft, other: &NetworkDraft) -> Option<Network> {
    let mut draft = one.clone();
    let mut parts = Numbers(numbers.0 ^ 0x5555);
    let mut take = |part: usize, draft: &mut NetworkDraft| match part {
        0 => draft.security_groups = other.security_groups.clone(),
        1 => draft.route_tables = other.route_tables.clone(),
        2 => {
            draft.network_acls = other.network_acls.clone();
            draft.subnets = other.subnets.clone();
        }
        3 => draft.network_interfaces = other.network_interfaces.clone(),
        4 => draft.prefix_lists = other.prefix_lists.clone(),
        5 => {
            draft.network_interfaces.retain(|one| one.id != "u".into());
        }
        6 => draft.internet_gateways = other.internet_gateways.clone(),
        7 => {
            let group = numbers.below(draft.security_groups.len().max(1));
            if let Some(group) = draft.security_groups.get_mut(group) {
                group.ingress.pop();
            }
        }
        8 => {
            let table = numbers.below(draft.route_tables.len().max(1));
            if let Some(table) = draft.route_tables.get_mut(table) {
                table.routes.pop();
            }
        }
        _ => {
            let acl = numbers.below(draft.network_acls.len().max(1));
            if let Some(acl) = draft.network_acls.get_mut(acl) {
                acl.egress.pop();
            }
        }
    };
    for _ in 0..=parts.below(2) {
        take(parts.below(10), &mut draft);
    }
    draft.validate().ok()
}

pub(super) struct Pair {
    pub(super) seed: u64,
    pub(super) before: Evaluator,
    pub(super) after: Evaluator,
    pub(super) scopes: [Scope; 2],
}

impl Pair {
    pub(super) fn new(seed: u64, before: &Network, after: &Network) -> Self {
        Self {
            seed,
            before: Evaluator::load(before),
            after: Evaluator::load(after),
            scopes: [Scope::every(before), Scope::every(after)],
        }
    }

    pub(super) fn difference(&self) -> Difference {
        let [one, other] = &self.scopes;
        self.before.difference(&self.after, [one, other], &[])
    }

    pub(super) fn everywhere(&self) -> Difference {
        let [one, other] = &self.scopes;
        self.before
            .difference_everywhere(&self.after, [one, other], &[])
    }
}

fn pairs(n: u64) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for seed in 0..n {
        let (one, other) = match seed % 3 {
            0 => (with_devices(seed), with_devices(seed + 1000)),
            _ => (random(seed), random(seed + 1000)),
        };
        let mut numbers = Numbers(seed);
        let before = one.network();
        if let Some(after) = mixed(&mut numbers, &one.draft, &other.draft) {
            pairs.push(Pair::new(seed, &before, &after));
        }
    }
    assert!(pairs.len() as u64 > n / 2, "most changes are valid");
    pairs
}

/// A flow of a pair that is in scope: nobody sends to himself, and the internet from no address of
/// either network.
fn random_flow(numbers: &mut Numbers, pair: &Pair) -> Option<Flow> {
    let both = [&pair.before, &pair.after];
    let family = [Family::V4, Family::V4, Family::V6][numbers.below(3)];
    let destination = random_address(numbers, family);
    let transport = random_transport(numbers);
    let ids: Vec<_> = both
        .iter()
        .flat_map(|one| one.network.network_interfaces().keys().cloned())
        .collect();
    let gateways: Vec<_> = both
        .iter()
        .flat_map(|one| {
            let gateways = one.compiled.gateways();
            gateways.map(|gateway| one.compiled.names.gateway_id(gateway))
        })
        .collect();
    let (source, from) = match numbers.below(6) {
        0 => (Source::Internet, random_address(numbers, family)),
        1 if !gateways.is_empty() => {
            let gateway = gateways[numbers.below(gateways.len())].clone();
            (Source::OnPremises(gateway), random_address(numbers, family))
        }
        _ => {
            let id = ids[numbers.below(ids.len())].clone();
            let mut own: Vec<Address> = Vec::new();
            for one in both {
                let scope = one.scope_of(&pair.scopes[0]);
                let found = one.compiled.names.interfaces.find(&id);
                let found = found.filter(|index| scope.interfaces.contains(index));
                own.extend(found.into_iter().flat_map(|index| {
                    one.compiled.interfaces[index]
                        .private_addresses()
                        .collect::<Vec<_>>()
                }));
            }
            own.retain(|own| own.family() == family);
            if own.is_empty() {
                return None;
            }
            (Source::Interface(id), own[numbers.below(own.len())])
        }
    };
    let flow = Flow::new(source, Packet::new(from, destination, transport)?);
    is_in_scope(pair, &flow).then_some(flow)
}

pub(super) fn is_in_scope(pair: &Pair, flow: &Flow) -> bool {
    let both = [&pair.before, &pair.after];
    let (from, to) = (flow.packet.source(), flow.packet.destination());
    match &flow.source {
        Source::Interface(id) => both.iter().all(|one| {
            let interface = one.network.network_interfaces().get(id);
            let index = interface.and_then(|_| one.compiled.names.interfaces.find(id));
            index.is_none_or(|index| {
                let mut own = one.compiled.interfaces[index].addresses.iter();
                own.all(|(private, public)| *private != Some(to) && *public != Some(to))
            })
        }),
        Source::Internet => both
            .iter()
            .zip(&pair.scopes)
            .all(|(one, scope)| one.scope_of(scope).is_internet(from)),
        Source::OnPremises(gateway) => {
            from != to
                && both.iter().zip(&pair.scopes).any(|(one, scope)| {
                    let sender = one.sender(&Source::OnPremises(gateway.clone())).0;
                    one.scope_of(scope).sends_from(sender, from)
                })
        }
    }
}

/// A flow of a class: any address of its ranges, any transport of its traffic.
pub(super) fn flow_of(numbers: &mut Numbers, class: &FlowClass) -> Option<Flow> {
    let mut within = |(first, end): (Address, Address)| {
        let bits = match numbers.below(3) {
            0 => first.bits(),
            1 => end.bits(),
            _ => {
                let size = (end.bits() - first.bits()).saturating_add(1);
                first.bits() + u128::from(numbers.below(usize::MAX) as u64) % size
            }
        };
        Address::from_bits(first.family(), bits)
    };
    let to = within(class.to[class.to.len() / 2]);
    let of_family = |ranges: &Vec<(Address, Address)>| {
        let mut ranges = ranges.iter();
        ranges
            .find(|range| range.0.family() == to.family())
            .copied()
    };
    let (source, from) = match &class.from {
        Senders::Interfaces(interfaces) => {
            let mut units = interfaces
                .iter()
                .flat_map(|(id, own)| own.iter().map(move |own| (id, *own)));
            let (id, own) = units.find(|(_, own)| own.family() == to.family())?;
            (Source::Interface(id.clone()), own)
        }
        Senders::Internet(ranges) => (Source::Internet, within(of_family(ranges)?)),
        Senders::OnPremises(by, ranges) => {
            (Source::OnPremises(by.clone()), within(of_family(ranges)?))
        }
    };
    let traffic = &class.traffic[numbers.below(class.traffic.len())];
    let transport = match traffic {
        TrafficClass::Tcp {
            source_ports,
            destination_ports,
        } => Transport::Tcp {
            source_port: *[source_ports.start(), source_ports.end()][numbers.below(2)],
            destination_port: *[destination_ports.start(), destination_ports.end()]
                [numbers.below(2)],
        },
        TrafficClass::Udp {
            source_ports,
            destination_ports,
        } => Transport::Udp {
            source_port: *[source_ports.start(), source_ports.end()][numbers.below(2)],
            destination_port: *[destination_ports.start(), destination_ports.end()]
                [numbers.below(2)],
        },
        TrafficClass::Icmp { types, codes } => Transport::Icmp {
            icmp_type: *[types.start(), types.end()][numbers.below(2)],
            code: *[codes.start(), codes.end()][numbers.below(2)],
        },
        TrafficClass::Icmpv6 { types, codes } => Transport::Icmpv6 {
            icmp_type: *[types.start(), types.end()][numbers.below(2)],
            code: *[codes.start(), codes.end()][numbers.below(2)],
        },
        TrafficClass::Other { protocols } => {
            Transport::other(*[protocols.start(), protocols.end()][numbers.below(2)])?
        }
    };
    Some(Flow::new(source, Packet::new(from, to, transport)?))
}

fn assert_told(pair: &Pair, difference: &Difference, flow: &Flow) -> bool {
    let change = pair.before.change(&pair.after, flow);
    let classes = difference.classes.iter();
    let holding: Vec<_> = classes.filter(|class| holds(class, flow)).collect();
    let told: Vec<&Change> = holding.iter().map(|class| &class.change).collect();
    assert_eq!(
        told,
        change.iter().collect::<Vec<_>>(),
        "network {}: {flow}",
        pair.seed
    );
    change.is_some()
}

/// A flow is in exactly one class when what becomes of it changes, and in none when nothing does.
#[test]
fn a_flow_is_in_a_class_exactly_when_its_answer_differs() {
    let (mut n_changed, mut n_same) = (0, 0);
    for pair in pairs(60) {
        let difference = pair.difference();
        assert!(!difference.exhausted);
        let numbers = &mut Numbers(pair.seed);
        for _ in 0..400 {
            if let Some(flow) = random_flow(numbers, &pair) {
                match assert_told(&pair, &difference, &flow) {
                    true => n_changed += 1,
                    false => n_same += 1,
                }
            }
        }
        for class in &difference.classes {
            for flow in class.flows.iter().take(20) {
                assert!(is_in_scope(&pair, flow), "{flow}");
                assert!(assert_told(&pair, &difference, flow), "{flow}");
            }
            for _ in 0..5 {
                let flow = flow_of(numbers, class);
                let flow = flow.filter(|flow| is_in_scope(&pair, flow));
                if let Some(flow) = flow {
                    assert!(assert_told(&pair, &difference, &flow), "{flow}");
                    n_changed += 1;
                }
            }
        }
    }
    assert!(n_changed > 500 && n_same > 5000, "{n_changed} {n_same}");
}

/// Where the change can reach is all that has to be asked.
#[test]
fn what_is_not_reached_does_not_change() {
    let mut n_classes = 0;
    for pair in pairs(60) {
        let (difference, plain) = (pair.difference(), pair.everywhere());
        for (one, other) in [(&difference, &plain), (&plain, &difference)] {
            for class in &one.classes {
                for flow in &class.flows {
                    let others = other.classes.iter();
                    let told: Vec<_> = others.filter(|other| holds(other, flow)).collect();
                    assert_eq!(told.len(), 1, "network {}: {flow}", pair.seed);
                    assert_eq!(
                        told[0].change, class.change,
                        "network {}: {flow}",
                        pair.seed
                    );
                }
                n_classes += 1;
            }
        }
    }
    assert!(n_classes > 100, "{n_classes}");
}

/// The difference of a network and itself is empty, whatever is open in it.
#[test]
fn a_network_does_not_differ_from_itself() {
    for seed in 0..20 {
        let network = random(seed).network();
        let pair = Pair::new(seed, &network, &network);
        assert_eq!(pair.everywhere().classes, [], "{seed}");
        assert_eq!(pair.difference().classes, [], "{seed}");
    }
}

/// What a change opens, the change back closes.
#[test]
fn a_change_back_mirrors_the_change() {
    let mut n_classes = 0;
    for pair in pairs(30) {
        let [one, other] = &pair.scopes;
        let back = pair.after.difference(&pair.before, [other, one], &[]);
        let there = pair.difference();
        assert_eq!(there.classes.len(), back.classes.len(), "{}", pair.seed);
        for class in &there.classes {
            let change = Change {
                before: class.change.after.clone(),
                after: class.change.before.clone(),
                ways: class.change.ways.clone().map(|[one, other]| [other, one]),
            };
            let mut classes = back.classes.iter();
            let mirrored = classes.any(|other| {
                other.change == change
                    && (&other.from, &other.to, &other.traffic)
                        == (&class.from, &class.to, &class.traffic)
            });
            assert!(mirrored, "network {}: {class:?}", pair.seed);
            n_classes += 1;
        }
    }
    assert!(n_classes > 50, "{n_classes}");
}

/// A rule that is taken away closes what only it admitted, from everybody at once.
#[test]
fn a_rule_less_is_one_class() {
    let lab = Lab::default()
        .vpc("v", &["10.0.0.0/16"])
        .subnet("a", "v", &["10.0.1.0/24"])
        .group(
            "g",
            "v",
            vec![from_cidr(super::lab::tcp(443, 443), "10.0.0.0/16")],
            vec![from_cidr(model::RuleTraffic::All, "0.0.0.0/0")],
        )
        .interface("x", "a", "g", &["10.0.1.10"])
        .interface("y", "a", "g", &["10.0.1.11"])
        .interface("z", "a", "g", &["10.0.1.12"]);
    let before = lab.network();
    let mut draft = lab.draft.clone();
    let mut groups = draft.security_groups.iter_mut();
    groups
        .find(|group| group.id == "g".into())
        .unwrap()
        .ingress
        .clear();
    let pair = Pair::new(0, &before, &draft.validate().unwrap());
    let classes = pair.difference().classes;
    assert_eq!(classes.len(), 1, "{classes:#?}");
    let class = &classes[0];
    assert_eq!(class.change.kind(), ChangeKind::Closed);
    assert_eq!(class.change.after, Course::Dropped);
    assert_eq!(
        class.to,
        [("10.0.1.10", "10.0.1.12")]
            .map(|(one, other)| (super::lab::address(one), super::lab::address(other)))
    );
    let flow = read_flow("x 10.0.1.10 -> 10.0.1.11 tcp/443");
    assert!(holds(class, &flow));
}

/// Senders of one subnet with one group are apart where a rule names the public address of one.
#[test]
fn a_rule_for_one_public_address_is_of_its_owner_only() {
    let all = || vec![from_cidr(model::RuleTraffic::All, "0.0.0.0/0")];
    let lab = Lab::default()
        .vpc("v", &["10.0.0.0/16"])
        .internet_gateway("i", Some("v"))
        .subnet("a", "v", &["10.0.1.0/24"])
        .table("t", "v", &["a"])
        .route("t", "0.0.0.0/0", model::Target::InternetGateway("i".into()))
        .group("clients", "v", vec![], all())
        .group("servers", "v", vec![], all())
        .interface("x", "a", "clients", &["10.0.1.10=52.0.0.1"])
        .interface("y", "a", "clients", &["10.0.1.11=52.0.0.2"])
        .interface("z", "a", "servers", &["10.0.1.12=52.0.0.9"]);
    for (host, owner) in [("52.0.0.1/32", "x"), ("52.0.0.2/32", "y")] {
        let mut draft = lab.draft.clone();
        let mut groups = draft.security_groups.iter_mut();
        let servers = groups.find(|group| group.id == "servers".into()).unwrap();
        let rule = from_cidr(super::lab::tcp(443, 443), host);
        servers.ingress.push(rule);
        let pair = Pair::new(0, &lab.network(), &draft.validate().unwrap());
        let classes = pair.difference().classes;
        let senders = classes.iter().filter_map(|class| match &class.from {
            Senders::Interfaces(interfaces) => Some(interfaces.keys().cloned()),
            Senders::Internet(_) | Senders::OnPremises(..) => None,
        });
        let senders: Vec<_> = senders.flatten().collect();
        assert_eq!(senders, [owner.into()], "{classes:#?}");
    }
}
