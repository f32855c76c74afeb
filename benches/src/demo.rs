//! The network in `fixtures/tokyo-endpoints`, as the AWS CLI describes it, and ten claims about it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use model::{Invariant, Network, Place};

use crate::claims::{
    always, from, gateway_endpoints, internet, never, only, sometimes, tagged, to,
};
use crate::notes::workspace;

/// What [`read`] reads.
pub fn folder() -> PathBuf {
    workspace().join("fixtures/tokyo-endpoints/describe")
}

/// Reads and validates the fixture.
///
/// # Panics
///
/// When `ingest` refuses it, which is a mistake of one of the two.
pub fn read() -> Network {
    let ingested = ingest::read(&[folder()]).unwrap_or_else(|error| panic!("{error}"));
    let validated = ingested.validate();
    validated.unwrap_or_else(|error| panic!("{error}")).network
}

/// The names of the claims, which are those of the benchmarks.
pub const NAMES: [&str; 10] = [
    "never-database-to-internet",
    "never-internet-to-application",
    "never-bastion-to-database",
    "never-consumer-to-database",
    "always-application-to-database",
    "always-application-to-application",
    "always-application-to-monitoring",
    "sometimes-internet-to-bastion",
    "sometimes-application-to-internet",
    "only-s3-by-gateway-endpoint",
];

/// The claims. Of the four mistakes that the fixture's README lists three violate one.
///
/// # Panics
///
/// When a tier has no interface, so that a claim would speak of nothing.
pub fn claims(network: &Network) -> Vec<Invariant> {
    let tier = |tier: &str| {
        let interfaces = tagged(network, tier);
        assert!(!interfaces.is_empty(), "no interface has `tier={tier}`");
        interfaces
    };
    let service = vec![Place::Service("com.amazonaws.ap-northeast-1.s3".into())];
    let monitoring = "monitoring.ap-northeast-1.amazonaws.com";
    let monitoring = vec![Place::Name(monitoring.into())];
    let (application, bastion) = (tier("app"), tier("bastion"));
    let (database, consumer) = (tier("db"), tier("consumer"));
    let [a, b, c, d, e, f, g, h, i, j] = NAMES;
    vec![
        never(a, from(database.clone()), vec![Place::Internet]),
        never(b, internet(), to(application.clone())),
        never(c, from(bastion.clone()), to(database.clone())),
        never(d, from(consumer), to(database.clone())),
        always(e, from(application.clone()), to(database), 5_432),
        always(f, from(application.clone()), to(application.clone()), 8_080),
        always(g, from(application.clone()), monitoring, 443),
        sometimes(h, internet(), to(bastion)),
        sometimes(i, from(application.clone()), vec![Place::Internet]),
        only(j, from(application), service, gateways(network)),
    ]
}

fn gateways(network: &Network) -> BTreeSet<model::ComponentId> {
    let gateways = gateway_endpoints(network);
    assert!(!gateways.is_empty(), "the fixture has a gateway endpoint");
    gateways
}
