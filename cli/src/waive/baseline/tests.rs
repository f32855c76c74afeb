//! The laws of baselines, on random networks.

use std::collections::BTreeSet;

use ingest::Validated;
use model::Network;

use super::{Recorded, record};
use crate::doubt::Doubt;
use crate::invariant_file::lower::lower;
use crate::invariant_file::{self, InvariantFile, baseline};
use crate::judge::Judge;
use crate::problem::SourceText;
use crate::report::{Finding, VerdictWord};
use crate::waive::{self, State};

const N_NETWORKS: u64 = 20;
pub(super) const TODAY: &str = "2026-11-27";
const CLAIMS: &str = r#"
[group]
even = "interface tag:half=even"
[onprem]
office = ["10.200.0.0/16"]
[[never]]
name = "nothing-arrives"
from = "any"
to = "interface"
[[never]]
name = "nothing-is-answered"
from = ["internet ip:0.0.0.0/1", "even"]
to = "interface tag:half=odd"
claim = "answered"
[[always]]
name = "the-web-is-answered"
from = "interface"
to = "even"
traffic = ["tcp/443", "icmp/8"]
[[only]]
name = "out-by-nat"
from = "interface"
to = "internet"
via = "nat-gateway"
"#;

/// A random network whose interfaces have names and tags.
fn named(seed: u64) -> Network {
    let mut draft = proptests::run::world(seed).network.into_draft();
    for (position, interface) in draft.network_interfaces.iter_mut().enumerate() {
        let half = if position % 2 == 0 { "even" } else { "odd" };
        let tags = [
            ("Name", format!("host-{position}")),
            ("half", half.to_owned()),
        ];
        let tags = tags.map(|(key, value)| (key.to_owned(), value));
        interface.tags.extend(tags);
    }
    draft.validate().unwrap()
}

pub(super) fn read(network: &Network) -> Validated {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("network.toml");
    std::fs::write(&path, ingest::native::write(network)).unwrap();
    ingest::read(&[path]).unwrap().validate().unwrap()
}

fn file() -> InvariantFile {
    invariant_file::read_text("vpcproof.toml", CLAIMS).unwrap()
}

fn recorded(validated: &Validated, file: &InvariantFile) -> Option<Recorded> {
    let today = TODAY.parse().unwrap();
    record(validated, file, (true, today), |_| {}).ok()
}

/// What is found of each claim with a baseline.
fn judged(validated: &Validated, text: &str) -> Vec<Finding> {
    let mut file = file();
    let source = SourceText::new("baseline.toml", text);
    let warnings = baseline::read_source(&source, &mut file).unwrap();
    assert_eq!(warnings, []);
    let judge = Judge::new(&validated.network);
    let doubt = Doubt::of(validated, true);
    let network = (&validated.network, &validated.open);
    let each = file.statements.iter().map(|statement| {
        let source = &file.source;
        let lowered = lower(statement, network.0, network.1, source).unwrap();
        let today = TODAY.parse().unwrap();
        let plan = waive::plan(statement, &lowered, network, source, today);
        let plan = plan.unwrap_or_else(|problems| panic!("{}\n{text}", problems[0]));
        waive::judge(&judge, statement, &lowered, &plan, &doubt).unwrap()
    });
    each.collect()
}

fn tables(text: &str) -> Vec<&str> {
    text.split("\n\n").skip(1).collect()
}

#[test]
fn a_baseline_covers_all_that_is_violated_and_each_entry_is_needed() {
    let (mut n_entries, mut n_wider, mut n_missed) = (0, 0, 0);
    let mut claims = BTreeSet::new();
    for seed in 0..N_NETWORKS {
        let validated = read(&named(seed));
        let file = file();
        // A network with one kind of things lacks the tag that a claim asks for.
        let Some(first) = recorded(&validated, &file) else {
            continue;
        };
        assert_eq!(first.left_out, Vec::<String>::new(), "network {seed}");
        let again = recorded(&validated, &file).unwrap();
        assert_eq!(first.text, again.text, "network {seed}");
        for finding in judged(&validated, &first.text) {
            let told = || {
                format!(
                    "network {seed}: {} {}\n{}",
                    finding.name, finding.verdict, first.text
                )
            };
            assert_ne!(finding.verdict, VerdictWord::Violated, "{}", told());
            for one in &finding.waived {
                match &one.state {
                    State::Used => {}
                    State::Wider(_) => n_wider += 1,
                    State::Unused | State::Undecided | State::Expired | State::TooWide => {
                        panic!("{:?} {}", one.state, told())
                    }
                }
                n_entries += 1;
                claims.insert(finding.name.clone());
            }
        }
        // Without one of its entries something is violated, and by a flow of that entry.
        let all = tables(&first.text);
        for left_out in 0..all.len().min(3) {
            let mut fewer = all.clone();
            let gone = fewer.remove(left_out);
            let text = format!("# fewer\n\n{}", fewer.join("\n\n"));
            let found = judged(&validated, &text);
            let violated = found
                .iter()
                .filter(|finding| finding.verdict == VerdictWord::Violated);
            let names: Vec<&str> = violated.map(|finding| finding.name.as_str()).collect();
            let is_of = names.len() == 1 && gone.contains(&format!("invariant = \"{}\"", names[0]));
            assert!(is_of, "network {seed}: {names:?} without\n{gone}");
            n_missed += 1;
        }
    }
    assert!(
        n_entries > 40 && n_missed > 15,
        "{n_entries} entries, {n_missed} left out"
    );
    assert!(claims.len() == 4, "{claims:?}");
    // Most entries say what is violated and nothing else.
    assert!(
        n_wider * 5 < n_entries,
        "{n_wider} of {n_entries} are wider"
    );
}
