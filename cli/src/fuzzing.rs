//! Doors for the fuzz targets in `fuzz/`; no other build has them.

use std::path::Path;
use std::sync::OnceLock;

use ingest::Validated;

use crate::command::trace::Tracer;
use crate::day;
use crate::hostile;
use crate::invariant_file::{self, lower};
use crate::replay::Replayer;
use crate::session;
use crate::waive;

/// The network that invariant files and flows are about.
const NETWORK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/networks/shop.toml");

#[expect(
    clippy::expect_used,
    reason = "A fuzz target without its network cannot run."
)]
fn network() -> &'static Validated {
    static VALIDATED: OnceLock<Validated> = OnceLock::new();
    VALIDATED.get_or_init(|| {
        session::open(
            &[Path::new(NETWORK).to_owned()],
            &ingest::Options::default(),
        )
        .expect("the network")
    })
}

/// Reads an invariant file and finds in the network what its selectors mean. What cannot be used
/// says why.
pub fn invariant_file(text: &str) {
    match invariant_file::read_text("vpcproof.toml", text) {
        Ok(file) => {
            for statement in &file.statements {
                let Validated { network, open, .. } = network();
                let source = &file.source;
                let plan = lower::lower(statement, network, open, source).and_then(|lowered| {
                    waive::plan(statement, &lowered, (network, open), source, day::today())
                });
                if let Err(problems) = plan {
                    assert!(!problems.is_empty(), "it failed without a word");
                }
            }
        }
        Err(problems) => assert!(!problems.is_empty(), "it failed without a word"),
    }
}

/// Answers a line of `trace --flows`.
pub fn flow_line(line: &[u8]) -> String {
    static TRACER: OnceLock<Tracer<'static>> = OnceLock::new();
    let (Ok(answer) | Err(answer)) = TRACER.get_or_init(|| Tracer::new(network())).answer(line);
    answer
}

/// Reads a Network Access Scope. What it says as claims is an invariant file; what cannot be said says
/// why.
pub fn access_scope(path: &Path) {
    hostile::access_scope(path);
}

/// Reads a flow log, and judges its records.
pub fn flow_log(bytes: &[u8]) {
    static REPLAYER: OnceLock<Replayer> = OnceLock::new();
    let replayer = REPLAYER.get_or_init(|| Replayer::new(&network().network));
    hostile::flow_log(bytes, replayer);
}
