//! The declarative reading of the semantics: constraints on a symbolic packet, decided by z3.
//!
//! Each concept of the model has a module of its name, which says in formulas what its page of the semantics says in
//! sentences. `walk` and `forward` put them in the order of the walk, a tree that branches over the targets of each place
//! where a packet stands, and `reply` in that of the way back; `leg` puts together what happens between relays; `scope` and
//! `claim` say what is asked; `check` asks z3, and `decode` reads its answer. `decide` puts one packet into the same
//! formulas. Names are decided by `resolve` and single requests by `authorize`, an endpoint's policy, and `authorization`,
//! without z3. Sets of requests are cut into classes by `space`, of which z3 chooses for `request`: strings stay outside
//! of its formulas, which are of the logic QF_BV. What the accounts' policies come to is the same in `grant` for both.
//! `arrival` says with which source address a request comes, and `source_class` which of these no policy tells apart.
//!
//! An interface is identified by its address, so that there is one formula for each group, list, table and ACL, and
//! none for each pair of interfaces. What a hole leaves open is a free proposition or a free number.
//!
//! ```
//! use model::{Claim, Engine, Invariant, Origin, Place, Quantifier, Scope, Traffic, TrafficClass, Verdict};
//!
//! let network = model::NetworkDraft::default().validate().expect("no defects");
//! let invariant = Invariant {
//!     name: "nothing-enters".into(),
//!     quantifier: Quantifier::Every,
//!     scope: Scope {
//!         from: vec![Origin::Internet(None)],
//!         to: vec![Place::Cidrs(["10.0.0.0/8".parse()?].into())],
//!         traffic: Traffic {
//!             classes: vec![TrafficClass::Other { protocols: 0..=255 }],
//!         },
//!         families: [model::Family::V4].into(),
//!         relayed: false,
//!         request: None,
//!     },
//!     premise: None,
//!     claim: Claim::Not(Box::new(Claim::Delivered)),
//! };
//! let verdict = solver::Solver::load(&network).check(&invariant);
//! assert_eq!(verdict, Verdict::Holds { witness: None });
//! # Ok::<(), model::InvalidCidr>(())
//! ```

mod account;
mod action;
mod arn;
mod arrival;
mod authorization;
mod authorize;
mod block_public_access;
mod blocks;
mod budget;
mod case;
mod check;
mod choice;
mod claim;
mod client_vpn;
mod condition;
mod context;
mod decide;
mod decimal;
mod decision;
mod decode;
mod dns64;
mod dns_firewall;
mod dns_name;
mod encoder;
mod endpoint_name;
mod endpoint_service;
mod entry;
mod forward;
mod gateway;
mod gateway_load_balancer;
mod grant;
mod hashed;
mod hole;
mod hosted_zone;
mod index;
mod instant;
mod interface_classes;
mod joint;
mod leg;
mod literal;
mod load_balancer;
mod load_balancer_name;
mod middlebox;
mod named;
mod nat64;
mod nat_gateway;
mod network_acl;
mod network_interface;
mod on_premises;
mod opening;
mod path;
mod pattern;
mod peering;
mod pinned;
mod prefix_list;
mod principal;
mod principal_class;
mod ranges;
mod relayed;
mod relevance;
mod reply;
mod request;
mod resolve;
mod resolver_rule;
mod resource;
mod route_table;
mod scope;
mod security_group;
mod source_class;
mod space;
mod string_class;
mod symbolic;
mod transit_gateway;
mod transit_gateway_route_table;
mod transit_gateway_zone;
mod truth;
mod value_class;
mod variable;
pub mod version;
mod vocabulary;
mod vpc_endpoint;
mod walk;
mod workspace;

use std::sync::{Arc, OnceLock};

use model::{
    Asker, Clause, Decision, Engine, Excess, Flow, Invariant, Network, Permission,
    PolicyComparison, PolicyDifference, Request, RequestWay, Resolution, UnknownReason, Verdict,
};

use authorization::Authorization;
pub use budget::Limits;
use index::Index;
use interface_classes::Classes;

/// The engine that proves.
///
/// It holds the network as plain values and can be sent and shared. The terms are built in the thread that asks, on
/// the first question, and kept there for the next ones.
#[derive(Clone, Debug)]
pub struct Solver {
    loaded: Arc<Loaded>,
    limits: Limits,
}

/// A network made ready.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) network: Arc<Network>,
    pub(crate) index: Arc<Index>,
    pub(crate) authorization: Arc<Authorization>,
    /// Its classes of interfaces, once they were asked for.
    pub(crate) classes: OnceLock<Classes>,
}

impl Solver {
    /// The same solver with other limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Decides an invariant by asking about every interface: slow and plain, where [`Engine::check`] lets two
    /// interfaces stand for all that nothing tells apart.
    pub fn check_each(&self, invariant: &Invariant) -> Verdict {
        version::check().map_or_else(unsupported, |_| {
            check::check_each(&self.loaded, &self.limits, invariant)
        })
    }

    /// How many interfaces are asked about when an invariant is decided.
    pub fn n_standing(&self, invariant: &Invariant) -> usize {
        let standing = interface_classes::standing(&self.loaded, invariant);
        let loaded = standing.as_ref().unwrap_or(&self.loaded);
        loaded.network.network_interfaces().len()
    }

    /// The questions that decide an invariant, as SMT-LIB scripts one after the other: each asks for a flow, of one
    /// family and one kind of sender, that would refute an `Every` or show an `Exists`. When all are unsatisfiable
    /// the former is proved, or vacuous, and the latter violated.
    pub fn smt2(&self, invariant: &Invariant) -> String {
        if let Err(unsupported) = version::check() {
            return format!("; not asked: {unsupported}\n");
        }
        check::smt2(&self.loaded, &self.limits, invariant)
    }
}

impl Engine for Solver {
    const NAME: &'static str = "solver";

    fn load(network: &Network) -> Self {
        Self {
            loaded: Arc::new(Loaded {
                network: Arc::new(network.clone()),
                index: Arc::new(Index::new(network)),
                authorization: Arc::new(Authorization::new(network)),
                classes: OnceLock::new(),
            }),
            limits: Limits::default(),
        }
    }

    fn decide(&self, flow: &Flow) -> Decision {
        if version::check().is_err() {
            return decide::open(Clause::TargetUnmodelled);
        }
        let family = flow.packet.family();
        workspace::with_encoder(&self.loaded, family, |encoder| {
            decide::decide(encoder, flow, &self.limits)
        })
    }

    fn resolve(&self, asker: &Asker, name: &str) -> Resolution {
        resolve::resolve(&self.loaded.network, asker, name)
    }

    fn permits(&self, way: &RequestWay, request: &Request) -> Permission {
        self.loaded.authorization.permits(way, request)
    }

    fn compare(&self, comparison: &PolicyComparison) -> PolicyDifference {
        if let Err(unsupported) = version::check() {
            let reason = UnknownReason::OutOfBudget(unsupported.to_string());
            let unknown = Excess::Unknown([reason].into());
            return PolicyDifference {
                added: unknown.clone(),
                removed: unknown,
            };
        }
        request::compare(&self.loaded.authorization, comparison, &self.limits)
    }

    fn check(&self, invariant: &Invariant) -> Verdict {
        version::check().map_or_else(unsupported, |_| {
            check::check(&self.loaded, &self.limits, invariant)
        })
    }
}

fn unsupported(unsupported: version::UnsupportedZ3) -> Verdict {
    let reason = UnknownReason::OutOfBudget(unsupported.to_string());
    Verdict::Unknown {
        reasons: [reason].into(),
    }
}

#[cfg(test)]
mod tests;
