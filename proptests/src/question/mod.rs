//! Questions about a network: flows, names, requests and invariants, drawn from what is in it.

pub mod cell;
pub mod flow;
pub mod invariant;
pub mod name;
mod premises;
pub(crate) mod relay;
pub mod request;
