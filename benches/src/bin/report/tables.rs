//! Which results the page shows, beside which, and against which goals.

use benches::claims::KINDS;
use benches::program::{N_RECORDS, change};
use benches::{ESTATES, SIZES, demo, organization};

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

const US: f64 = 1e3;
const MS: f64 = 1e6;
const S: f64 = 1e9;

const ROUTES: [usize; 3] = [5, 50, 1_000];
const RULES: [usize; 3] = [10, 100, 1_000];

/// The flows of the batch; the name of the benchmark has it too.
pub(crate) const BATCH: &str = "batch/decide-all-100000";

/// All tables, in the order of the page.
pub(crate) fn all() -> Vec<Table> {
    vec![
        walk(),
        batch(),
        prefix_lookup(),
        filter(
            "Security groups",
            "Clients on the internet ask for a port of an interface whose group has so many inbound rules; half of them fall inside a rule. The time is that of the whole walk, both ways, in a network where nothing else grows; the scan answers only whether a rule admits the packet. Both agree on each client.",
            "security-group",
        ),
        filter(
            "Network ACLs",
            "The same with numbered entries, every third of which denies; the first that matches decides.",
            "network-acl",
        ),
        load(),
        claims(),
        engines(),
        organization(),
        organization_claims(),
        policies(),
        demo_claims(),
        difference(),
        plans(),
        program(),
    ]
}

fn walk() -> Table {
    let mut rows = Vec::new();
    for n in SIZES {
        let what = format!("`decide`, request and reply delivered, {n} interfaces");
        rows.push(Row::new(what, format!("walk/decide-answered/{n}")).below(US));
    }
    for n in SIZES {
        let what = format!("`decide`, mixed flows, {n} interfaces");
        let row = Row::new(what, format!("walk/decide-mixed/{n}"));
        rows.push(row.noted(format!("walk:walk/answered/{n}")));
    }
    for n in SIZES {
        let what = format!("`trace`, request and reply delivered, {n} interfaces");
        let row = Row::new(what, format!("walk/trace-answered/{n}"));
        rows.push(row.against("`decide`", format!("walk/decide-answered/{n}")));
    }
    Table {
        heading: "One flow",
        about: "The evaluator walks 1,024 flows again and again, so that everything it needs is warm; the time is that of one flow. `decide` answers, `trace` also tells every step.",
        rows,
        plot: Some(Plot {
            name: "walk",
            title: "One flow, walked both ways",
            sizes_of: "interfaces of the network",
            lines: vec![
                line("decide, answered", "walk/decide-answered", SIZES),
                line("decide, mixed", "walk/decide-mixed", SIZES),
                line("trace, answered", "walk/trace-answered", SIZES),
            ],
        }),
    }
}

fn batch() -> Table {
    let of = |threads: &'static str, n: usize| {
        let batch = Row::new(
            format!("`decide_all` of 100,000 flows, {threads}"),
            format!("{BATCH}/{n}"),
        );
        let arithmetic = Row::new(
            format!("arithmetic, {threads}"),
            format!("batch/arithmetic/{n}"),
        );
        [batch, arithmetic]
    };
    Table {
        heading: "A batch of flows",
        about: "100,000 mixed flows in an estate of 1,000 interfaces; the time is that of one flow, and of one round of the arithmetic. The arithmetic is two independent loops that touch no memory: what they gain by a second thread is what this machine had to give in this run.",
        rows: [of("one thread", 1), of("two threads", 2)]
            .into_iter()
            .flatten()
            .collect(),
        plot: None,
    }
}

fn prefix_lookup() -> Table {
    let row = |n: usize| {
        Row::new(
            format!("{n} routes"),
            format!("prefix-lookup/evaluator-walk/{n}"),
        )
        .against("`prefix-trie`", format!("prefix-lookup/prefix-trie/{n}"))
        .against("linear scan", format!("prefix-lookup/linear-scan/{n}"))
        .noted(format!("prefix_lookup:checked/{n}"))
    };
    Table {
        heading: "Prefix lookup",
        about: "The evaluator offers no lookup by itself, so its time is that of a walk that the choice of a route ends: source check, security group, ACL, route. The crate `prefix-trie` and the scan of all routes only look the prefix up, so a ratio above one is not a slower lookup; what tells is how the time grows.",
        rows: ROUTES.map(row).into(),
        plot: Some(Plot {
            name: "prefix-lookup",
            title: "A walk to the choice of a route, and lookups alone",
            sizes_of: "routes of the table",
            lines: vec![
                line("evaluator's walk", "prefix-lookup/evaluator-walk", ROUTES),
                line("prefix-trie", "prefix-lookup/prefix-trie", ROUTES),
                line("linear scan", "prefix-lookup/linear-scan", ROUTES),
            ],
        }),
    }
}

fn filter(heading: &'static str, about: &'static str, name: &'static str) -> Table {
    let row = |n: usize| {
        Row::new(format!("{n} rules"), format!("{name}/evaluator-walk/{n}"))
            .against("linear scan", format!("{name}/linear-scan/{n}"))
            .noted(format!("filters:{name}/{n}"))
    };
    Table {
        heading,
        about,
        rows: RULES.map(row).into(),
        plot: Some(Plot {
            name,
            title: "A walk through a filter, and a scan of its rules",
            sizes_of: "rules of the filter",
            lines: vec![
                line("evaluator's walk", &format!("{name}/evaluator-walk"), RULES),
                line("linear scan", &format!("{name}/linear-scan"), RULES),
            ],
        }),
    }
}

const STAGES: [(&str, &str); 4] = [
    ("read-native", "reading native TOML"),
    ("validate", "validating"),
    ("evaluator", "loading the evaluator"),
    ("solver", "loading the solver"),
];

fn load() -> Table {
    let rows = STAGES.iter().flat_map(|(stage, what)| {
        SIZES.map(|n| {
            Row::new(
                format!("{what}, {n} interfaces"),
                format!("load/{stage}/{n}"),
            )
        })
    });
    Table {
        heading: "From a file to an engine",
        about: "Each stage by itself. What the solver encodes only when it is asked is in the times of the claims.",
        rows: rows.collect(),
        plot: Some(Plot {
            name: "load",
            title: "From a file to an engine",
            sizes_of: "interfaces of the network",
            lines: STAGES
                .map(|(stage, what)| line(what, &format!("load/{stage}"), SIZES))
                .into(),
        }),
    }
}

fn claims() -> Table {
    let one = KINDS.iter().flat_map(|kind| {
        SIZES.map(|n| {
            let what = format!("`{kind}`, {n} interfaces");
            let row = Row::new(what, format!("claim/{kind}/{n}"));
            row.noted(format!("claims:{kind}/{n}"))
        })
    });
    let ten = SIZES.map(|n| {
        let what = format!("ten claims, loading included, {n} interfaces");
        let row = Row::new(what, format!("ten-claims/load-and-check/{n}"));
        let row = row.noted(format!("ten_claims:ten-claims/load-and-check/{n}"));
        if n == 1_000 { row.below(10.0 * S) } else { row }
    });
    let mut lines: Vec<_> = KINDS
        .map(|kind| line(kind, &format!("claim/{kind}"), SIZES))
        .into();
    lines.push(line(
        "ten, with loading",
        "ten-claims/load-and-check",
        SIZES,
    ));
    Table {
        heading: "Claims by the solver",
        about: "A single claim is the first that a newly loaded solver is asked, loading left out. The ten are asked one after the other of one solver, loading included, as `vpcproof check` does.",
        rows: one.chain(ten).collect(),
        plot: Some(Plot {
            name: "claims",
            title: "Claims by the solver",
            sizes_of: "interfaces of the network",
            lines,
        }),
    }
}

fn engines() -> Table {
    let rows = KINDS.iter().flat_map(|kind| {
        SIZES.map(|n| {
            let what = format!("`{kind}`, {n} interfaces, evaluator");
            let evaluator = Row::new(what, format!("engines/{kind}-evaluator/{n}"))
                .noted(format!("engines:{kind}-evaluator/{n}"));
            let what = format!("`{kind}`, {n} interfaces, solver");
            let solver = Row::new(what, format!("engines/{kind}-solver/{n}"))
                .against("evaluator", format!("engines/{kind}-evaluator/{n}"))
                .noted(format!("engines:{kind}-solver/{n}"));
            [evaluator, solver]
        })
    });
    Table {
        heading: "One claim, two engines",
        about: "The same claim of both, loading left out. The evaluator tries a flow of every cell; the solver reasons about all of them.",
        rows: rows.flatten().collect(),
        plot: None,
    }
}

/// The organization beside the simpler estate of the same size, from the file to ten claims.
fn organization() -> Table {
    let [simple, organization] = ESTATES.map(|estate| move |name: &str| estate.group(name));
    let mut rows = Vec::new();
    let mut push = |what: String, group: &str, name: String, below: Option<f64>| {
        let reference = format!("{}/{name}", simple(group));
        let row = Row::new(what, format!("{}/{name}", organization(group)));
        let row = row.against("simpler estate", reference);
        rows.push(below.into_iter().fold(row, Row::below));
    };
    for (stage, what) in STAGES {
        for n in SIZES {
            let below = (n == 1_000).then_some(S);
            let what = format!("{what}, {n} interfaces");
            push(what, "load", format!("{stage}/{n}"), below);
        }
    }
    for (name, what) in [
        ("decide-answered", "`decide`, request and reply delivered"),
        ("decide-mixed", "`decide`, mixed flows"),
        ("trace-answered", "`trace`, request and reply delivered"),
    ] {
        for n in SIZES {
            push(
                format!("{what}, {n} interfaces"),
                "walk",
                format!("{name}/{n}"),
                None,
            );
        }
    }
    for n in SIZES {
        let below = (n == 1_000).then_some(10.0 * S);
        let what = format!("ten claims by the solver, loading included, {n} interfaces");
        push(what, "ten-claims", format!("load-and-check/{n}"), below);
    }
    Table {
        heading: "An organization",
        about: "The same stages with a network of every component that the model has, drawn by `benches/src/organization.rs`: spokes of fifty interfaces, whose ways to the internet pass Gateway Load Balancer endpoints, around a hub with Client VPN, premises and transit gateways. `simpler estate` is the network of as many interfaces of the tables above.",
        rows,
        plot: Some(Plot {
            name: "organization",
            title: "From a file to an engine, every component",
            sizes_of: "interfaces of the network",
            lines: STAGES
                .map(|(stage, what)| line(what, &format!("load-organization/{stage}"), SIZES))
                .into(),
        }),
    }
}

fn organization_claims() -> Table {
    let rows = organization::claims::NAMES.iter().flat_map(|name| {
        SIZES.map(|n| {
            let evaluator = format!("organization/{name}-evaluator/{n}");
            let row = Row::new(format!("`{name}`, {n} interfaces, evaluator"), &evaluator)
                .noted(format!("organization:{name}-evaluator/{n}"));
            let what = format!("`{name}`, {n} interfaces, solver");
            let solver = Row::new(what, format!("organization/{name}-solver/{n}"))
                .against("evaluator", evaluator)
                .noted(format!("organization:{name}-solver/{n}"));
            [row, solver]
        })
    });
    Table {
        heading: "Claims about an organization",
        about: "Each is the first that an engine is asked, loading left out.",
        rows: rows.flatten().collect(),
        plot: None,
    }
}

fn policies() -> Table {
    let mut rows = vec![
        Row::new("one request, 20 statements", "policies/request/20").below(US),
        Row::new("one request, 100 statements", "policies/request/100").below(US),
    ];
    let pairs = [
        ("20-statements", "two policies of 20 statements", 100.0 * MS),
        ("widest", "two policies of 20,480 characters", S),
    ];
    for (name, what, below) in pairs {
        let evaluator = format!("policies/compare-evaluator/{name}");
        let row = Row::new(format!("{what}, evaluator"), evaluator.clone()).below(below);
        rows.push(row.noted(format!("policies:compare-evaluator/{name}")));
        let row = Row::new(
            format!("{what}, solver"),
            format!("policies/compare-solver/{name}"),
        );
        let row = row.against("evaluator", evaluator).below(below);
        rows.push(row.noted(format!("policies:compare-solver/{name}")));
    }
    Table {
        heading: "Policies",
        about: "A request is judged by the evaluator; it is one of the last statement, so that each is looked at. Two policies are compared over every request, both ways; the second lacks one statement of the first. For the solver the comparison is the first question.",
        rows,
        plot: None,
    }
}

fn demo_claims() -> Table {
    let mut rows = vec![
        Row::new("reading and validating the snapshot", "demo/read-describe"),
        Row::new("loading the solver", "demo/load-solver"),
    ];
    rows.extend(demo::NAMES.map(|name| {
        let row = Row::new(format!("`{name}`"), format!("demo/{name}"));
        row.below(50.0 * MS).noted(format!("demo:{name}"))
    }));
    Table {
        heading: "The demo network",
        about: "Ten claims about `fixtures/tokyo-endpoints/describe`, each the first that a newly loaded solver is asked.",
        rows,
        plot: None,
    }
}

fn difference() -> Table {
    let rows = ESTATES.iter().flat_map(|estate| {
        let group = estate.group("difference");
        SIZES.map(|n| {
            let what = format!("`{group}`, {n} interfaces");
            Row::new(what, format!("{group}/one-rule/{n}"))
        })
    });
    Table {
        heading: "What a change changes",
        about: "Every flow that one more rule in the widest group opens, as classes, by the evaluator; the networks are loaded before.",
        rows: rows.collect(),
        plot: None,
    }
}

fn plans() -> Table {
    let rows = [500, 5_000, 20_000].into_iter().flat_map(|n| {
        ["modules", "flat"].map(|shape| {
            let row = Row::new(
                format!("{n} resources, {shape}"),
                format!("load-plan/{shape}/{n}"),
            );
            if n == 5_000 { row.below(5.0 * S) } else { row }
        })
    });
    Table {
        heading: "Terraform plans",
        about: "From the file to the draft of a network, without an engine.",
        rows: rows.collect(),
        plot: None,
    }
}

fn program() -> Table {
    let mut rows = Vec::new();
    let mut push = |what: &str, name: String, below: Option<f64>| {
        let row = Row::new(what, format!("program/{name}")).noted(format!("program:{name}"));
        rows.push(below.into_iter().fold(row, Row::below));
    };
    push("`show`, 1,000 interfaces", "show/1000".into(), None);
    let below = Some(200.0 * MS);
    push(
        "`explain` of a blocked pair, 1,000 interfaces",
        "explain-blocked/1000".into(),
        below,
    );
    for kind in change::KINDS {
        let what = format!("`diff` of 1,000 interfaces, {kind}");
        push(&what, format!("diff-{kind}/1000"), Some(2.0 * S));
    }
    push(
        "`check`, ten claims, 1,000 interfaces",
        "ten-claims/1000".into(),
        Some(S),
    );
    push(
        "`check`, ten claims, 10,000 interfaces",
        "ten-claims/10000".into(),
        Some(10.0 * S),
    );
    let replay = format!("replay/{N_RECORDS}");
    push("`replay` of a million records", replay, Some(S / 3.0));
    Table {
        heading: "The whole program",
        about: "One process of the release build, from the snapshot's files to the answer, on what `vpcproof generate` writes; both engines.",
        rows,
        plot: None,
    }
}
