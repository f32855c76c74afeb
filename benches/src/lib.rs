//! Inputs of fixed seed and named size for the measurements.
//!
//! [`estate`] draws VPCs as owners draw them around endpoints: a public subnet with NAT and
//! internet gateway, private subnets of which only one has the gateway endpoint, an interface
//! endpoint, a database subnet behind an ACL, and a chain of peerings. Everything follows from the
//! size and the seed, so that two runs on two machines measure the same work.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "this crate runs under tests and benches only, where stopping is the right answer"
)]

pub mod answer;
pub mod baseline;
pub mod claims;
pub mod demo;
pub mod filters;
pub mod generated;
pub mod notes;
pub mod once;
pub mod organization;
pub mod policies;
pub mod prefixes;
pub mod program;
pub mod random;
pub mod terraform_plan;

use std::fmt::Write;

use model::{
    Address, AddressValue, Flow, Invariant, Network, NetworkDraft, Packet, Source, Transport,
};

use random::SplitMix64;

/// How many interfaces a VPC of the estate has at most.
const INTERFACES_PER_VPC: usize = 100;

/// The sizes that growth is measured over: how many interfaces an estate has.
pub const SIZES: [usize; 3] = [10, 100, 1_000];

/// A family of networks that differ in nothing but their size, and what is asked of them.
pub struct Estate {
    /// What stands behind the names of its groups of benchmarks.
    suffix: &'static str,
    /// The network of so many interfaces, as a native file.
    pub text: fn(usize) -> String,
    /// So many flows of a seed.
    pub flows: fn(&Network, usize, u64) -> Vec<Flow>,
    /// Ten claims about it.
    pub claims: fn(&Network) -> Vec<Invariant>,
    /// The sizes at which the evaluator's budget is enough for a difference.
    pub compared: &'static [usize],
}

impl Estate {
    /// The name of a group of benchmarks about it.
    pub fn group(&self, of: &str) -> String {
        format!("{of}{}", self.suffix)
    }

    /// The network of so many interfaces.
    pub fn network(&self, n_interfaces: usize) -> Network {
        validated(&(self.text)(n_interfaces))
    }
}

/// VPCs of few kinds of components, and an organization with all of them.
pub const ESTATES: [Estate; 2] = [
    Estate {
        suffix: "",
        text: estate_text,
        flows,
        claims: claims::ten,
        compared: &SIZES,
    },
    Estate {
        suffix: "-organization",
        text: organization::text,
        flows: organization::flows::flows,
        claims: organization::claims::ten,
        compared: &[10, 100],
    },
];

/// A network of `n_interfaces` ordinary interfaces, in VPCs of at most a hundred each.
pub fn estate(n_interfaces: usize) -> Network {
    validated(&estate_text(n_interfaces))
}

/// The estate as a native network file.
pub fn estate_text(n_interfaces: usize) -> String {
    let mut text = String::new();
    let n_vpcs = n_interfaces.div_ceil(INTERFACES_PER_VPC);
    for vpc in 0..n_vpcs {
        let in_vpc = (n_interfaces - vpc * INTERFACES_PER_VPC).min(INTERFACES_PER_VPC);
        draw_vpc(&mut text, vpc, vpc + 1 < n_vpcs, in_vpc);
    }
    text
}

/// The draft that a native network file of this crate says.
///
/// # Panics
///
/// When the reader refuses it, which is a mistake of this crate.
pub fn drafted(text: &str) -> NetworkDraft {
    let read = ingest::native::read(text, "drawn.toml");
    let (draft, ..) = read.unwrap_or_else(|errors| panic!("{errors:#?}"));
    draft
}

/// The network that a native network file of this crate says.
///
/// # Panics
///
/// When it has defects, which is a mistake of this crate.
pub fn validated(text: &str) -> Network {
    let validated = drafted(text).validate();
    validated.unwrap_or_else(|defects| panic!("{defects:#?}"))
}

fn draw_vpc(text: &mut String, k: usize, peered_with_next: bool, n_interfaces: usize) {
    let mut peers = String::new();
    if peered_with_next {
        let next = k + 1;
        writeln!(
            text,
            "[peering.pcx-{k}]\nrequester = \"v{k}\"\naccepter = \"v{next}\""
        )
        .unwrap();
        write!(peers, r#", "10.{next}.0.0/16 -> peering:pcx-{k}""#).unwrap();
    }
    if k > 0 {
        let last = k - 1;
        write!(peers, r#", "10.{last}.0.0/16 -> peering:pcx-{last}""#).unwrap();
    }
    if k == 0 {
        text.push_str(
            "[prefix-list.s3]\nname = \"com.amazonaws.us-east-1.s3\"\naws-managed = true\n\
             entries = [\"52.216.0.0/15\", \"54.231.0.0/16\", \"3.5.0.0/19\"]\n",
        );
    }
    write!(
        text,
        r#"
[vpc.v{k}]
cidrs = ["10.{k}.0.0/16"]
[internet-gateway.igw-{k}]
vpc = "v{k}"
[nat-gateway.nat-{k}]
subnet = "public-{k}"
interface = "nat-{k}"
[interface.nat-{k}]
subnet = "public-{k}"
addresses = ["10.{k}.0.10 public 198.51.{k}.10"]
groups = []
[endpoint.s3-{k}]
vpc = "v{k}"
service = "com.amazonaws.us-east-1.s3"
kind = "gateway"
prefix-lists = ["s3"]
[endpoint.sqs-{k}]
vpc = "v{k}"
service = "com.amazonaws.us-east-1.sqs"
kind = "interface"
private-dns = true
private-names = ["sqs.us-east-1.amazonaws.com"]
interfaces = ["sqs-{k}"]
[interface.sqs-{k}]
subnet = "private-a-{k}"
addresses = ["10.{k}.16.5"]
groups = ["endpoint-{k}"]
[subnet.public-{k}]
vpc = "v{k}"
cidrs = ["10.{k}.0.0/20"]
route-table = "public-{k}"
[subnet.private-a-{k}]
vpc = "v{k}"
cidrs = ["10.{k}.16.0/20"]
route-table = "private-a-{k}"
[subnet.private-c-{k}]
vpc = "v{k}"
cidrs = ["10.{k}.32.0/20"]
route-table = "private-c-{k}"
[subnet.db-{k}]
vpc = "v{k}"
cidrs = ["10.{k}.48.0/20"]
route-table = "db-{k}"
network-acl = "db-{k}"
[route-table.public-{k}]
vpc = "v{k}"
routes = ["0.0.0.0/0 -> internet-gateway:igw-{k}"{peers}]
[route-table.private-a-{k}]
vpc = "v{k}"
routes = ["0.0.0.0/0 -> nat-gateway:nat-{k}", "pl:s3 -> endpoint:s3-{k}"{peers}]
[route-table.private-c-{k}]
vpc = "v{k}"
routes = ["0.0.0.0/0 -> nat-gateway:nat-{k}"{peers}]
[route-table.db-{k}]
vpc = "v{k}"
routes = ["192.0.2.0/24 -> nat-gateway:nat-{k}"{peers}]
[network-acl.db-{k}]
vpc = "v{k}"
ingress = ["90 deny tcp/5432 from 10.{k}.0.0/20", "100 allow tcp/5432 from 10.{k}.0.0/16", "110 allow tcp/5432 from 10.0.0.0/8"]
egress = ["100 allow tcp/1024-65535 to 10.0.0.0/8"]
[security-group.web-{k}]
vpc = "v{k}"
ingress = ["tcp/443 from 0.0.0.0/0", "tcp/22 from 192.0.2.0/24"]
egress = ["all to 0.0.0.0/0"]
[security-group.app-{k}]
vpc = "v{k}"
ingress = ["tcp/8080 from sg:web-{k}", "tcp/8080-8090 from sg:app-{k}"]
egress = ["all to 0.0.0.0/0"]
[security-group.db-{k}]
vpc = "v{k}"
ingress = ["tcp/5432 from sg:app-{k}"]
egress = []
[security-group.endpoint-{k}]
vpc = "v{k}"
ingress = ["tcp/443 from 10.{k}.0.0/16"]
egress = []
"#
    )
    .unwrap();
    for i in 0..n_interfaces {
        draw_interface(text, k, i);
    }
}

/// Of ten interfaces two are in the public subnet, six are applications, two are databases.
fn draw_interface(text: &mut String, k: usize, i: usize) {
    let (tier, subnet, third) = match i % 10 {
        0 | 1 => ("web", "public", 1),
        2..=4 => ("app", "private-a", 17),
        5..=7 => ("app", "private-c", 33),
        _ => ("db", "db", 49),
    };
    let host = 10 + i;
    let public = if tier == "web" {
        format!(" public 203.0.{k}.{host}")
    } else {
        String::new()
    };
    write!(
        text,
        "[interface.{tier}-{k}-{i}]\nsubnet = \"{subnet}-{k}\"\n\
         addresses = [\"10.{k}.{third}.{host}{public}\"]\ngroups = [\"{tier}-{k}\"]\n\
         tags = {{ tier = \"{tier}\" }}\n"
    )
    .unwrap();
}

/// `n` flows between the network's interfaces, to services and to the internet, half of them on
/// ports that some rule names.
///
/// # Panics
///
/// When the network has no interface.
pub fn flows(network: &Network, n: usize, seed: u64) -> Vec<Flow> {
    let mut random = SplitMix64::new(seed);
    let known: Vec<_> = network
        .network_interfaces()
        .values()
        .filter_map(|interface| {
            let address = interface.addresses.first()?;
            match address.private {
                AddressValue::Known(address) => Some((interface.id.clone(), address)),
                AddressValue::Within(..) => None,
            }
        })
        .collect();
    let outside = [0x34d8_0001, 0x0808_0808, 0x0305_0001, 0xc000_0201].map(Address::V4);
    let ports = [22, 80, 443, 5432, 8080, 8085];
    (0..n)
        .map(|_| {
            let (source, address) = known[random.below(known.len())].clone();
            let destination = if random.below(4) == 0 {
                outside[random.below(outside.len())]
            } else {
                known[random.below(known.len())].1
            };
            let destination_port = if random.below(2) == 0 {
                ports[random.below(ports.len())]
            } else {
                u16::try_from(random.below(65_536)).expect("below the number of ports")
            };
            let transport = Transport::Tcp {
                source_port: 40_000,
                destination_port,
            };
            let packet = Packet::new(address, destination, transport);
            let packet = packet.expect("all addresses are IPv4");
            Flow::new(Source::Interface(source), packet)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estate_has_the_size_it_is_named_by() {
        for n in [10, 100, 1_000] {
            let network = estate(n);
            let drawn = network.network_interfaces().values();
            assert_eq!(drawn.filter(|one| one.tags.contains_key("tier")).count(), n);
        }
    }

    #[test]
    fn flows_follow_from_the_seed() {
        let network = estate(10);
        assert_eq!(flows(&network, 50, 1), flows(&network, 50, 1));
        assert_ne!(flows(&network, 50, 1), flows(&network, 50, 2));
    }
}
