//! The protocols and ports of a strip.

use std::sync::OnceLock;

use model::{Traffic, Transport};

use crate::atoms::TransportCuts;

/// Up to how many cells each is looked at for itself; asking for sets takes as long as for about so many.
const FEW: usize = 256;

/// Protocols and ports, and where they are told apart.
#[derive(Clone, Debug)]
pub(crate) struct Transports {
    pub(crate) cuts: TransportCuts,
    pub(crate) traffic: Traffic,
    /// One of each cell, once they are asked for.
    each: OnceLock<Vec<Transport>>,
}

impl Transports {
    pub(crate) fn new(cuts: TransportCuts, traffic: &Traffic) -> Self {
        Self {
            cuts,
            traffic: traffic.clone(),
            each: OnceLock::new(),
        }
    }

    /// Whether each is looked at for itself.
    pub(crate) fn are_few(&self) -> bool {
        self.each.get().is_some() || self.cuts.n_cells(&self.traffic) <= FEW
    }

    /// One of each cell, in order.
    pub(crate) fn each(&self) -> &[Transport] {
        self.each
            .get_or_init(|| self.cuts.representatives(&self.traffic))
    }
}
