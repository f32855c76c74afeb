//! Proves what can reach what in an AWS network: the library face of the `vpcproof` command.
//!
//! A test says what it expects in the words of the invariant file, and fails with the report that
//! `vpcproof check` prints:
//!
//! ```
//! use vpcproof::{always, endpoint, interfaces, internet, never, only, service, subnets};
//!
//! # fn main() -> vpcproof::Result<()> {
//! let network = vpcproof::load("tests/networks/small.toml")?;
//! network.prove(never(internet(), interfaces().tag("tier", "db")))?;
//! network.prove(always(
//!     interfaces().tag("tier", "app"),
//!     interfaces().tag("tier", "db"),
//!     "tcp/5432",
//! ))?;
//! network.prove(
//!     only(subnets().tag("class", "private"), service("s3")).via(endpoint().gateway("s3")),
//! )?;
//! # Ok(())
//! # }
//! ```
//!
//! [`test_main!`] makes every claim of a file a test of its own.

mod access_scope;
mod asker;
mod blocks;
mod boxes;
mod builtin;
mod change;
#[doc(hidden)]
pub mod command;
mod cost;
mod day;
mod doubt;
mod engines;
#[doc(hidden)]
pub mod exit;
mod face;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod generate;
mod harness;
mod holes;
#[cfg(any(test, fuzzing))]
mod hostile;
mod invariant_file;
mod ipv6;
mod judge;
mod known;
mod matrix;
mod miss;
mod nearest;
mod on_premises;
mod policy_claim;
mod policy_difference;
mod problem;
mod public_names;
mod render;
mod repair;
mod replay;
mod report;
mod rests;
mod reuse;
mod selector;
mod session;
mod text_file;
mod transient;
mod waive;
mod watch;
mod why;
mod workers;

pub use face::{
    Claim, Error, Network, Only, Result, Set, always, any, endpoint, instances, interfaces,
    internet, ip, load, load_all, name, nat_gateways, never, on_premises, only, prefix_list,
    recipe, select, service, sometimes, subnets, virtual_private_gateways, vpcs,
};
pub use harness::run_tests;
pub use judge::Disagreement;
pub use problem::{Problem, ProblemCode};
pub use report::VerdictWord;
