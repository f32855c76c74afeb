//! The network of an organization, which has every kind of component that the model knows.
//!
//! It is read from text like any other file: a hub of the network account with Client VPN, shared
//! tools and the transit gateway; a VPC of data with a virtual private gateway; a VPC of another
//! Region behind a second transit gateway; and spokes of fifty interfaces each, whose traffic with the
//! internet passes Gateway Load Balancer endpoints. Even spokes are production, odd ones development.

use model::Network;

use crate::validated;

pub mod claims;
pub mod flows;
mod shared;
mod spoke;

/// How many interfaces of tiers a spoke has at most.
const INTERFACES_PER_SPOKE: usize = 50;

/// A network with `n_interfaces` in the tiers of its spokes, besides those of the shared VPCs and
/// of gateways, endpoints and load balancers.
pub fn network(n_interfaces: usize) -> Network {
    validated(&text(n_interfaces))
}

/// The network as a native file.
pub fn text(n_interfaces: usize) -> String {
    let n_spokes = n_interfaces.div_ceil(INTERFACES_PER_SPOKE);
    let mut text = String::new();
    shared::draw(&mut text, n_spokes);
    for k in 0..n_spokes {
        let left = n_interfaces - k * INTERFACES_PER_SPOKE;
        spoke::draw(&mut text, k, left.min(INTERFACES_PER_SPOKE));
    }
    text
}

/// The route table of the transit gateway by which a spoke sends.
const fn environment(k: usize) -> &'static str {
    if k.is_multiple_of(2) {
        "production"
    } else {
        "development"
    }
}
