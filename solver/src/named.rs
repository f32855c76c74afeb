//! Destinations by name (page scope, *to a name*): who asks, and which packets are to what is answered.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{Answer, Asker, Family, NetworkInterfaceId, Origin, Scope, VpcId};

use crate::encoder::Encoder;
use crate::nat64;
use crate::ranges::Ranges;
use crate::resolve;
use crate::scope::{self, Arrivals, Destinations};
use crate::symbolic::{Formula, Number};
use crate::walk::Sender;

/// The destinations that a name means to a sender, with the arrivals that they allow. The place has this number.
pub(crate) fn held(
    encoder: &mut Encoder,
    scope: &Scope,
    sender: &Sender,
    (number, name): (usize, &str),
) -> Vec<(Destinations, Arrivals)> {
    let network = Arc::clone(&encoder.network);
    let askers = askers(encoder, scope, sender).into_iter().enumerate();
    let parts = askers.flat_map(|(position, (asker, asks))| {
        let answer = resolve::resolve(&network, &asker, name).answer;
        let open = format!("place {number}.{position} allows it");
        let parts = meant(encoder, answer, &open).into_iter();
        parts.map(move |(destinations, arrivals)| (destinations.when(&asks), arrivals))
    });
    parts.collect()
}

/// Who asks for names for a sender, and of which of its packets.
fn askers(encoder: &Encoder, scope: &Scope, sender: &Sender) -> Vec<(Asker, Formula)> {
    match sender {
        Sender::Vpc(vpc) => inside(encoder, vpc),
        Sender::OnPremises(_) => on_premises(encoder, scope, sender),
        Sender::Interface(_) | Sender::Internet => Vec::new(),
    }
}

/// The interfaces of a VPC: their subnets differ in nothing but DNS64.
fn inside(encoder: &Encoder, vpc: &VpcId) -> Vec<(Asker, Formula)> {
    let subnets = encoder.network.subnets().iter();
    let with_dns64 = subnets.filter(|(_, subnet)| subnet.vpc == *vpc && subnet.dns64);
    let with_dns64: Vec<_> = with_dns64.map(|(id, _)| id).collect();
    let source = &encoder.packet.source;
    let asks_there = encoder
        .subnet_blocks(with_dns64.iter().copied())
        .hold(source);
    let elsewhere = (Asker::Vpc(vpc.clone()), !&asks_there);
    let one = with_dns64.into_iter().take(1);
    let there = one.map(|id| (Asker::Subnet(id.clone()), asks_there.clone()));
    there.chain([elsewhere]).collect()
}

/// Hosts on premises, by each resolver that an origin which holds their address names.
fn on_premises(encoder: &Encoder, scope: &Scope, sender: &Sender) -> Vec<(Asker, Formula)> {
    let mut askers: BTreeMap<&VpcId, Vec<Formula>> = BTreeMap::new();
    for origin in &scope.from {
        match origin {
            Origin::OnPremises {
                resolver: Some(vpc),
                ..
            } => {
                let comes = scope::comes(encoder, origin, sender);
                askers.entry(vpc).or_default().push(comes);
            }
            Origin::OnPremises { resolver: None, .. }
            | Origin::Interfaces(_)
            | Origin::Internet(_) => {}
        }
    }
    let askers = askers.into_iter();
    let askers = askers.map(|(vpc, comes)| (Asker::Inbound(vpc.clone()), Formula::any(comes)));
    askers.collect()
}

/// The destinations that an answer means. Where it is undetermined, whether an arrival is allowed has the name `open`.
fn meant(encoder: &mut Encoder, answer: Answer, open: &str) -> Vec<(Destinations, Arrivals)> {
    let destination = &encoder.packet.destination;
    match answer {
        Answer::Interfaces(interfaces) => {
            let private = encoder.private_addresses(&interfaces).hold(destination);
            let meant = Destinations::certain(private);
            vec![(meant, Arrivals::Interfaces(interfaces))]
        }
        Answer::Addresses(addresses) => {
            let addresses = Ranges::of_addresses(encoder.family, &addresses);
            let meant = Destinations::certain(addresses.hold(destination));
            vec![(meant, Arrivals::Anywhere)]
        }
        Answer::PublicService(service) => {
            let meant = scope::public_addresses(encoder, &service);
            vec![(meant, Arrivals::NotAtInterfaces)]
        }
        Answer::Dns64(of) => {
            let mut parts = standing(encoder, &of, open);
            parts.extend(meant(encoder, *of, open));
            parts
        }
        Answer::NoAnswer => Vec::new(),
        Answer::Undetermined(hole) => {
            let meant = Destinations {
                certain: Formula::FALSE,
                possible: vec![(hole, Formula::TRUE)],
            };
            vec![(meant, Arrivals::Open(Formula::free(open)))]
        }
    }
}

/// The IPv6 addresses that stand for the IPv4 ones of an answer.
fn standing(encoder: &mut Encoder, of: &Answer, open: &str) -> Vec<(Destinations, Arrivals)> {
    let packet = encoder.packet.clone();
    if packet.family == Family::V4 {
        return Vec::new();
    }
    let anyone = Number::Known(0, 32);
    let parts = encoder.on_leg(&nat64::translated(&packet, anyone), |encoder| match of {
        Answer::Interfaces(interfaces) => {
            let arrivals = Arrivals::Interfaces(interfaces.clone());
            vec![(by_value(encoder, interfaces), arrivals)]
        }
        Answer::Addresses(_)
        | Answer::PublicService(_)
        | Answer::Dns64(_)
        | Answer::NoAnswer
        | Answer::Undetermined(_) => meant(encoder, of.clone(), open),
    });
    let stands = nat64::holds(&packet.destination);
    let parts = parts.into_iter();
    let parts = parts.map(|(destinations, arrivals)| (destinations.when(&stands), arrivals));
    parts.collect()
}

/// The private addresses of interfaces, for packets that are named by what stands for them: it is the same in every
/// completion, so that an open address is a hole.
fn by_value(encoder: &Encoder, interfaces: &BTreeSet<NetworkInterfaceId>) -> Destinations {
    let destination = &encoder.packet.destination;
    let slots = interfaces.iter().filter_map(|id| encoder.private.get(id));
    let known = slots.flatten().filter_map(|(_, number)| match number {
        Number::Known(value, _) => Some((*value, *value)),
        Number::Term(..) => None,
    });
    let open = encoder.open.all.iter();
    let open = open.filter(|open| !open.slot.public && interfaces.contains(&open.slot.interface));
    Destinations {
        certain: Ranges::new(encoder.family, known).hold(destination),
        possible: open
            .map(|open| (open.hole.clone(), open.number.equals(destination)))
            .collect(),
    }
}
