//! Which results the page shows, beside which, and against which goals.

mod claims;
mod evaluator;
mod program;
mod sets;

/// A table of times, and a drawing of their growth.
pub(crate) struct Table {
    pub(crate) heading: &'static str,
    /// What is measured, in a paragraph.
    pub(crate) about: &'static str,
    pub(crate) rows: Vec<Row>,
    pub(crate) plot: Option<Plot>,
}

/// One benchmark.
pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) id: String,
    /// What it is compared with: a name and a benchmark of the same run.
    pub(crate) references: Vec<(&'static str, String)>,
    /// The time that the median has to stay below.
    pub(crate) below_ns: Option<f64>,
    /// The bench's note on it, as `bench:key`.
    pub(crate) note: Option<String>,
}

/// Times over sizes, both on logarithmic axes.
pub(crate) struct Plot {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) sizes_of: &'static str,
    /// A name for each line, and a benchmark for each size.
    pub(crate) lines: Vec<(&'static str, Vec<(usize, String)>)>,
}

impl Table {
    /// Every benchmark that it needs.
    pub(crate) fn ids(&self) -> Vec<String> {
        let of_row = |row: &Row| {
            let references = row.references.iter().map(|(_, id)| id.clone());
            references.chain([row.id.clone()]).collect::<Vec<_>>()
        };
        self.rows.iter().flat_map(of_row).collect()
    }
}

impl Row {
    fn new(what: impl Into<String>, id: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            id: id.into(),
            references: Vec::new(),
            below_ns: None,
            note: None,
        }
    }

    fn against(mut self, name: &'static str, id: impl Into<String>) -> Self {
        self.references.push((name, id.into()));
        self
    }

    const fn below(mut self, ns: f64) -> Self {
        self.below_ns = Some(ns);
        self
    }

    fn noted(mut self, key: impl Into<String>) -> Self {
        self.note = Some(key.into());
        self
    }
}

fn line(
    name: &'static str,
    benchmark: &str,
    sizes: impl IntoIterator<Item = usize>,
) -> (&'static str, Vec<(usize, String)>) {
    let point = |size| (size, format!("{benchmark}/{size}"));
    (name, sizes.into_iter().map(point).collect())
}

pub(crate) const US: f64 = 1e3;
pub(crate) const MS: f64 = 1e6;
pub(crate) const S: f64 = 1e9;

const ROUTES: [usize; 4] = [5, 50, 1_000, 20_000];
const RULES: [usize; 3] = [10, 100, 1_000];

/// The flows of the batch; the name of the benchmark has it too.
pub(crate) const BATCH: &str = "batch/decide-all-1000000";

/// Flows across what lies between VPCs, and between them and services.
pub(crate) const FLOWS: [(&str, &str); 3] = [
    ("by-transit-gateway", "a transit gateway"),
    ("by-nat-gateway", "a NAT gateway"),
    ("by-endpoint", "an endpoint"),
];

/// How many interfaces the networks of matrices have.
const MATRIX: [usize; 4] = [1_000, 10_000, 13_000, 100_000];

const STAGES: [(&str, &str); 4] = [
    ("read-native", "reading native TOML"),
    ("validate", "validating"),
    ("evaluator", "loading the evaluator"),
    ("solver", "loading the solver"),
];

/// All tables, in the order of the page.
pub(crate) fn all() -> Vec<Table> {
    vec![
        evaluator::walk(),
        evaluator::flow(),
        evaluator::batch(),
        evaluator::prefix_lookup("IPv4", "prefix-lookup"),
        evaluator::prefix_lookup("IPv6", "prefix-lookup-ipv6"),
        evaluator::group_decision(),
        evaluator::filter(
            "Security groups",
            "Clients on the internet ask for a port of an interface whose group has so many inbound rules; half of them fall inside a rule. The time is that of the whole walk, both ways, in a network where nothing else grows; the scan answers only whether a rule admits the packet. Both agree on each client.",
            "security-group",
        ),
        evaluator::filter(
            "Network ACLs",
            "The same with numbered entries, every third of which denies; the first that matches decides.",
            "network-acl",
        ),
        sets::sets(),
        evaluator::load(),
        claims::claims(),
        claims::engines(),
        claims::organization(),
        claims::organization_claims(),
        claims::policies(),
        claims::demo_claims(),
        evaluator::difference(),
        evaluator::matrix(),
        evaluator::scale(),
        evaluator::one_edit(),
        program::plans(),
        program::program(),
    ]
}
