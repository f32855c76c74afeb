//! Flows of every kind through the network of an organization.

use model::{
    Address, AddressValue, Flow, Network, NetworkInterfaceId, OnPremisesGateway, Packet, Source,
    Transport,
};

use crate::random::SplitMix64;

/// Hosts on the internet, two of them at services with a gateway endpoint.
const OUTSIDE: [Address; 5] = [
    Address::V4(0x34d8_0001),
    Address::V4(0x345e_0001),
    Address::V4(0x0808_0808),
    Address::V4(0x0305_0001),
    Address::V6(0x2600_1f00_0000_0000_0000_0000_0000_0001),
];

/// Hosts on premises, each behind another gateway, and that gateway.
const PREMISES: [(Address, &str, bool); 4] = [
    (Address::V4(0xac10_0005), "direct-connect", true),
    (Address::V4(0xc0a8_0005), "branches", true),
    (Address::V4(0xc612_0005), "data", false),
    (Address::V4(0xc613_0005), "vgw-0", false),
];

/// Ports that some rule names, and one that none does.
const PORTS: [u16; 9] = [22, 443, 5432, 8080, 8081, 8085, 8443, 9090, 61_000];

/// What flows are drawn from.
struct Pool {
    /// Interfaces with one of their addresses.
    inside: Vec<(NetworkInterfaceId, Address)>,
    /// The public addresses of interfaces.
    public: Vec<Address>,
}

fn known(value: &AddressValue) -> Option<Address> {
    match value {
        AddressValue::Known(address) => Some(*address),
        AddressValue::Within(..) => None,
    }
}

impl Pool {
    fn of(network: &Network) -> Self {
        let (mut inside, mut public) = (Vec::new(), Vec::new());
        for interface in network.network_interfaces().values() {
            for address in &interface.addresses {
                let private = known(&address.private);
                inside.extend(private.map(|private| (interface.id.clone(), private)));
                let mapped = address.public.as_ref().and_then(known);
                public
                    .extend(mapped.or(private.filter(|private| matches!(private, Address::V6(_)))));
            }
        }
        Self { inside, public }
    }

    /// A sender with its address, and a destination that is at times of another family.
    fn ends(&self, random: &mut SplitMix64) -> (Source, Address, Address) {
        let inside = |random: &mut SplitMix64| pick(&self.inside, random);
        let (outside, premises) = (pick(&OUTSIDE, random), pick(&PREMISES, random));
        let (host, gateway, transit) = premises;
        match random.below(10) {
            0..=5 => {
                let (sender, address) = inside(random);
                (Source::Interface(sender), address, inside(random).1)
            }
            6 => {
                let (sender, address) = inside(random);
                (Source::Interface(sender), address, outside)
            }
            7 => {
                let (sender, address) = inside(random);
                (Source::Interface(sender), address, host)
            }
            8 => (Source::Internet, outside, pick(&self.public, random)),
            _ => {
                let gateway = if transit {
                    OnPremisesGateway::Transit(gateway.into())
                } else {
                    OnPremisesGateway::VirtualPrivate(gateway.into())
                };
                (Source::OnPremises(gateway), host, inside(random).1)
            }
        }
    }
}

fn pick<T: Clone>(from: &[T], random: &mut SplitMix64) -> T {
    let position = random.below(from.len());
    from.get(position)
        .cloned()
        .expect("a position below the length")
}

/// `n` flows of TCP: from and to interfaces, the internet and premises; half of them are handed on
/// by a relay, if they come to one.
///
/// # Panics
///
/// When the network has no interface with a public address.
pub fn flows(network: &Network, n: usize, seed: u64) -> Vec<Flow> {
    let mut random = SplitMix64::new(seed);
    let pool = Pool::of(network);
    let drawn = std::iter::repeat_with(|| {
        let (source, from, to) = pool.ends(&mut random);
        let transport = Transport::Tcp {
            source_port: 40_000,
            destination_port: pick(&PORTS, &mut random),
        };
        let picks = vec![1; random.below(2) * 2];
        let packet = Packet::new(from, to, transport)?;
        Some(Flow {
            source,
            packet,
            picks,
        })
    });
    drawn.flatten().take(n).collect()
}
