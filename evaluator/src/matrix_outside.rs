//! What interfaces send outside, and what hosts outside send to them.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use model::{Address, Hole};

use crate::address::{is_public, public_edges};
use crate::atoms::{AddressCuts, free};
use crate::cells::Cells;
use crate::extents::TransportCell;
use crate::forward::{Arrived, Sender};
use crate::index::{InterfaceIndex, SubnetIndex};
use crate::interface_classes::Classes;
use crate::matrix_answers::{Answers, Outcome, Spread, fates};
use crate::scope::{Held, Truth, Whence};
use crate::sight::Sight;

/// Answers by their pairs of addresses, in the order in which they are asked.
pub(crate) type Told = Vec<((Address, Address), Answers)>;

/// What is told in several completions: cells of addresses may be others in each, so that certain is
/// what is so of all of them in all.
pub(crate) fn in_all(completions: &[Told], chosen: &[Hole]) -> Outcome {
    let mut outcome = Outcome::default();
    for family in crate::address::FAMILIES {
        let of_family = |told: &Told| {
            let pairs = told.iter().filter(|((from, _), _)| from.family() == family);
            pairs
                .map(|(_, answers)| Spread::from(answers.clone()))
                .reduce(|mut all, one| {
                    all.add(&one);
                    all
                })
        };
        let spreads: Vec<_> = completions.iter().filter_map(of_family).collect();
        let Some((first, others)) = spreads.split_first() else {
            continue;
        };
        let mut every = first.every.clone();
        for other in others {
            every = every.intersection(&other.every);
        }
        let some: Vec<_> = spreads.iter().map(|spread| spread.some.clone()).collect();
        let some = Answers::in_all(&some, chosen);
        outcome.add(family, &Spread { every, some });
    }
    outcome
}

/// Cuts destinations at what the scope asks, and not at each public address of the network: those of
/// classes stand for them.
pub(crate) fn cut_by_classes(cells: &mut Cells<'_>) {
    let mut cuts = AddressCuts::default();
    cells.scope.cut_destinations(&mut cuts);
    public_edges().for_each(|cidr| cuts.block(cidr));
    cells.everywhere = cuts;
}

/// Addresses of interfaces that stand for those of their classes.
pub(crate) struct Owners {
    private: Vec<(Address, InterfaceIndex)>,
    public: Vec<Address>,
    /// Those of them in the scope that are met from each subnet, once they are asked for.
    met: BTreeMap<SubnetIndex, OnceLock<Vec<Address>>>,
}

impl Owners {
    pub(crate) fn new(cells: &Cells<'_>, classes: &Classes) -> Self {
        let mut owners = Self {
            private: Vec::new(),
            public: Vec::new(),
            met: BTreeMap::new(),
        };
        for class in 0..classes.members.len() {
            // What the first does not send to itself another one tells.
            for index in classes.asked(class).into_iter().flatten() {
                let subnet = cells.network.interfaces[index].subnet;
                owners.met.entry(subnet).or_default();
                for (private, public) in &cells.network.interfaces[index].addresses {
                    owners.private.extend(private.map(|own| (own, index)));
                    owners.public.extend(public);
                }
            }
        }
        owners
    }

    /// Those in the scope that packets from a subnet can meet.
    fn met<'o>(&'o self, cells: &Cells<'_>, subnet: SubnetIndex, sight: &Sight) -> &'o [Address] {
        let Some(met) = self.met.get(&subnet) else {
            // Only interfaces of a class send.
            return &[];
        };
        met.get_or_init(|| {
            let network = cells.network;
            let near =
                |owner: &InterfaceIndex| sight.vpcs.contains(&network.interfaces[*owner].vpc);
            let private = self.private.iter().filter(|(_, owner)| near(owner));
            let private = private.map(|(private, _)| private);
            let whence = Whence::Subnet(subnet);
            let all = private.chain(&self.public).copied();
            all.filter(|host| cells.scope.holds_from(whence, *host))
                .collect()
        })
    }
}

/// What an interface sends to the places of a scope.
pub(crate) fn sent_out(
    cells: &Cells<'_>,
    owners: &Owners,
    index: InterfaceIndex,
    n_walks: &mut u64,
) -> Told {
    let network = cells.network;
    let interface = &network.interfaces[index];
    let mut told = Told::new();
    let Some(sight) = cells.sight(interface.subnet) else {
        // Only senders whose subnet was looked from are asked.
        return told;
    };
    let sender = Sender::Interface(index);
    let sender_cuts = cells.sender_cuts(interface, sight);
    for source in interface.private_addresses() {
        let mut known = std::collections::BTreeMap::new();
        for to in destinations(cells, owners, (index, source), sight) {
            let Some(held) = cells.scope.held(sender, source, to) else {
                continue;
            };
            let receivers = cells.receivers(sight, to);
            let transports = known.entry(receivers.alike.clone()).or_insert_with(|| {
                let cuts = cells.cuts_to(&receivers, &sender_cuts);
                cuts.extents()
            });
            let answers = ask(
                cells,
                sender,
                (source, to),
                transports,
                n_walks,
                |arrived| allows(&held, arrived),
            );
            told.push(((source, to), answers));
        }
    }
    told
}

fn allows<'h>(held: &'h Held<'_>, arrived: Arrived) -> (Truth, Option<&'h Hole>) {
    (held.allows(arrived), held.hole())
}

/// One destination in the scope of every cell that an interface's packets can tell apart.
fn destinations(
    cells: &Cells<'_>,
    owners: &Owners,
    (index, source): (InterfaceIndex, Address),
    sight: &Sight,
) -> Vec<Address> {
    let network = cells.network;
    let interface = &network.interfaces[index];
    let family = source.family();
    let whence = Whence::Subnet(interface.subnet);
    let cuts = cells.cuts_but_owners(interface, sight, family);
    let in_scope = |host: &Address| cells.scope.holds_from(whence, *host);
    let own = cuts.hosts.iter().copied();
    let own: Vec<Address> = own.filter(in_scope).collect();
    let met = owners.met(cells, interface.subnet, sight);
    let hosts = own.iter().chain(met).copied();
    let mut all: Vec<_> = hosts.filter(|host| host.family() == family).collect();
    // An interface's own address stands for none of these.
    let is_owned = |address: Address| {
        let mut vpcs = sight.vpcs.iter();
        network.public_addresses.at(address).is_some()
            || vpcs.any(|vpc| network.vpcs[*vpc].owners.at(address).is_some())
    };
    for (first, end) in cuts.cells(family) {
        // A place holds all of a cell or nothing, but for public addresses of the network.
        if !in_scope(&first) && network.public_addresses.at(first).is_none() {
            continue;
        }
        let taken = |one| is_owned(one) || own.contains(&one);
        all.extend(free(first, end, taken).filter(in_scope));
    }
    all.sort();
    all.dedup();
    all
}

/// What hosts on the internet send to an interface. To an address without a public one they can send
/// nothing.
pub(crate) fn from_internet(
    cells: &Cells<'_>,
    receiver: InterfaceIndex,
    n_walks: &mut u64,
) -> Told {
    let network = cells.network;
    let mut told = Told::new();
    for (private, public) in &network.interfaces[receiver].addresses {
        let to = match private {
            Some(Address::V4(_)) => *public,
            Some(Address::V6(_)) => private.filter(|own| is_public(*own)),
            None => None,
        };
        let Some(to) = to else {
            told.extend(private.map(|own| ((own, own), Answers::default())));
            continue;
        };
        let (sources, cuts) = cells.internet_cuts(to);
        let transports = cuts.extents();
        let own = |address| network.public_addresses.at(address).is_some();
        for (first, end) in sources.cells(to.family()) {
            let source = free(first, end, own);
            let sends = |source: &Address| cells.scope.sends_from(Sender::Internet, *source);
            let Some(source) = source.filter(sends) else {
                continue;
            };
            let answers = ask(
                cells,
                Sender::Internet,
                (source, to),
                &transports,
                n_walks,
                |arrived| is_at(arrived, receiver),
            );
            told.push(((source, to), answers));
        }
    }
    told
}

/// What hosts on premises send to an interface, by each of the gateways.
pub(crate) fn from_premises(
    cells: &Cells<'_>,
    receiver: InterfaceIndex,
    n_walks: &mut u64,
) -> Told {
    let mut told = Told::new();
    for (gateway, from) in &cells.gateways {
        let sender = Sender::OnPremises(*gateway);
        for to in cells.network.interfaces[receiver].private_addresses() {
            let (mut sources, cuts) = cells.on_premises_cuts(from, to);
            // Nobody sends to himself.
            sources.host(to);
            let transports = cuts.extents();
            let sources = sources.representatives(to.family()).into_iter();
            let sends = |source: &Address| *source != to && cells.scope.sends_from(sender, *source);
            for source in sources.filter(sends) {
                let pair = (source, to);
                let answers = ask(cells, sender, pair, &transports, n_walks, |arrived| {
                    is_at(arrived, receiver)
                });
                told.push((pair, answers));
            }
        }
    }
    told
}

fn is_at<'h>(arrived: Arrived, receiver: InterfaceIndex) -> (Truth, Option<&'h Hole>) {
    let is_there = matches!(arrived, Arrived::Interface(index, _) if index == receiver);
    (if is_there { Truth::True } else { Truth::False }, None)
}

fn ask<'a>(
    cells: &'a Cells<'_>,
    sender: Sender,
    ends: (Address, Address),
    transports: &[TransportCell],
    n_walks: &mut u64,
    allows: impl Fn(Arrived) -> (Truth, Option<&'a Hole>),
) -> Answers {
    let fates = fates(cells.network, sender, ends, transports, allows, n_walks);
    let classes = transports.iter().map(|cell| &cell.all);
    Answers::new(classes.zip(fates))
}
