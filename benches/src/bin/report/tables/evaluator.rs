//! Tables of the evaluator: flows, lookups, loading, differences and matrices.

use benches::{ESTATES, SIZES};

use super::{BATCH, FLOWS, MATRIX, MS, Plot, ROUTES, RULES, Row, S, STAGES, Table, US, line};

pub(super) fn walk() -> Table {
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

pub(super) fn batch() -> Table {
    let of = |threads: &'static str, n: usize| {
        let batch = Row::new(
            format!("`decide_all` of a million flows, {threads}"),
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
        about: "A million mixed flows in an estate of 1,000 interfaces; the time is that of one flow, and of one round of the arithmetic. The arithmetic is two independent loops that touch no memory: what they gain by a second thread is what this machine had to give in this run.",
        rows: [of("one thread", 1), of("two threads", 2)]
            .into_iter()
            .flatten()
            .collect(),
        plot: None,
    }
}

pub(super) fn flow() -> Table {
    let n = 10_000;
    let mut rows = vec![
        Row::new(
            "the request alone, 10,000 interfaces",
            format!("flow/request/{n}"),
        )
        .against("nine loads", format!("flow/nine-loads/{n}"))
        .noted(format!("flow:request/{n}")),
        Row::new(
            "both ways, 10,000 interfaces",
            format!("flow/both-ways/{n}"),
        )
        .below(60.0)
        .noted(format!("flow:both-ways/{n}")),
        Row::new("nine independent loads", format!("flow/nine-loads/{n}")),
    ];
    rows.extend(FLOWS.map(|(name, by)| {
        Row::new(format!("by {by}, both ways"), format!("flow/{name}/1000"))
            .below(300.0)
            .noted(format!("flow:{name}/1000"))
    }));
    Table {
        heading: "One warm flow",
        about: "Flows inside one VPC of what `vpcproof generate` writes, between interfaces of which 10,000 are in the network, from senders that are looked up before: a request that the receiver's groups drop, which is the last thing asked of it, and one that is answered. A floor beside them: nine loads that do not wait for each other, at random places of a megabyte. And flows of the organization that cross what lies between VPCs, and between them and services, by their traces.",
        rows,
        plot: None,
    }
}

const CRATES: [&str; 3] = ["prefix-trie", "poptrie", "iptrie"];

pub(super) fn prefix_lookup(family: &'static str, group: &'static str) -> Table {
    let row = |n: usize| {
        let row = Row::new(format!("{n} routes"), format!("{group}/evaluator/{n}"));
        let row = CRATES.iter().fold(row, |row, name| {
            row.against(name, format!("{group}/{name}/{n}"))
        });
        row.noted(format!("prefix_lookup:{group}/{n}"))
    };
    let is_v4 = family == "IPv4";
    let line = |name| line(name, &format!("{group}/{name}"), ROUTES);
    Table {
        heading: if is_v4 {
            "Prefix lookup"
        } else {
            "Prefix lookup, IPv6"
        },
        about: if is_v4 {
            "Which route of a table takes a destination, by `Evaluator::routes`, beside general crates that find the longest prefix; the evaluator also tells the clause, and what is dropped or open. 8,192 addresses inside the table's blocks, each looked up by itself, without waiting for the one before; the time is that of one. The build is for any processor of its kind, without wider vectors or `popcnt`, which the crates would gain by as well."
        } else {
            "The same with IPv6."
        },
        rows: ROUTES.map(row).into(),
        plot: Some(Plot {
            name: group,
            title: if is_v4 {
                "Lookups of a prefix, IPv4"
            } else {
                "Lookups of a prefix, IPv6"
            },
            sizes_of: "routes of the table",
            lines: ["evaluator"].into_iter().chain(CRATES).map(line).collect(),
        }),
    }
}

pub(super) fn group_decision() -> Table {
    let row = |what: &str, name: &str, n: usize| {
        Row::new(
            format!("{what}, {n} rules"),
            format!("group-decision/{name}/{n}"),
        )
        .against("linear scan", format!("group-decision/linear-scan/{n}"))
        .noted(format!("filters:group-decision/{n}"))
    };
    let of = |n| {
        [
            row("decision", "evaluator", n),
            row("decision of a class", "classified", n),
        ]
    };
    let line = |name| line(name, &format!("group-decision/{name}"), RULES);
    Table {
        heading: "Decisions of security groups",
        about: "What the groups of an interface say of a packet from the internet, by `Evaluator::groups`, with the rule that admits it; the same where the client's class is known, as it is of interfaces; and a scan of the rules until one matches.",
        rows: RULES.into_iter().flat_map(of).collect(),
        plot: Some(Plot {
            name: "group-decision",
            title: "Decisions of security groups",
            sizes_of: "rules of the group",
            lines: ["evaluator", "classified", "linear-scan"].map(line).into(),
        }),
    }
}

pub(super) fn scale() -> Table {
    let row = |what: &str, name: &str| Row::new(what, format!("scale/{name}/100000"));
    Table {
        heading: "A hundred thousand interfaces",
        about: "Runs that take too long for many samples: the middle one of a few, and all of them behind it. What is there with `--large` only is in the table of goals.",
        rows: vec![
            row(
                "from the internet, 500 templates a VPC, evaluator",
                "from-internet-500-templates",
            )
            .below(S),
            row("from the internet, solver", "solver-from-internet")
                .below(40.0 * S)
                .noted("scale:solver-from-internet/100000"),
            row(
                "the plain walk of four ports of a pair",
                "plain-walk-of-a-pair",
            ),
        ],
        plot: None,
    }
}

pub(super) fn one_edit() -> Table {
    let row = |what: &str, name: &str| Row::new(what, format!("one-edit/{name}/10000"));
    Table {
        heading: "One edit",
        about: "A rule more in a group of one VPC of an estate of 10,000 interfaces, and all ten claims again by the evaluator, which is loaded anew.",
        rows: vec![
            row("ten claims after one edit", "ten-claims")
                .below(10.0 * MS)
                .noted("one_edit:ten-claims/10000"),
            row("of this, loading", "load"),
        ],
        plot: None,
    }
}

pub(super) fn filter(heading: &'static str, about: &'static str, name: &'static str) -> Table {
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

pub(super) fn load() -> Table {
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

pub(super) fn difference() -> Table {
    let rows = ESTATES.iter().flat_map(|estate| {
        let group = estate.group("difference");
        estate.compared.iter().map(move |n| {
            let what = format!("`{group}`, {n} interfaces");
            Row::new(what, format!("{group}/one-rule/{n}"))
        })
    });
    Table {
        heading: "What a change changes",
        about: "Every flow that one more rule in the widest group opens, as classes, by the evaluator; the networks are loaded before. For 1,000 interfaces of the organization its budget is not enough.",
        rows: rows.collect(),
        plot: None,
    }
}

pub(super) fn matrix() -> Table {
    let kinds = [
        ("load", "reading, validating and loading"),
        ("all-pairs", "all pairs"),
        ("from-internet", "from the internet"),
        ("to-internet", "to the internet"),
        ("classes", "classes of interfaces"),
    ];
    let rows = kinds.into_iter().flat_map(|(name, what)| {
        MATRIX.map(|n| {
            let row = Row::new(
                format!("{what}, {n} interfaces"),
                format!("matrix/{name}/{n}"),
            );
            match (name, n) {
                ("all-pairs", 1_000 | 10_000) => row.noted(format!("matrix:matrix/all-pairs/{n}")),
                ("all-pairs", 13_000) => row
                    .noted(format!("matrix:matrix/all-pairs/{n}"))
                    .below(50.0 * MS),
                ("all-pairs", _) => row
                    .noted(format!("matrix:matrix/all-pairs/{n}"))
                    .below(200.0 * MS),
                ("from-internet", 100_000) => row.below(S),
                _ => row,
            }
        })
    });
    Table {
        heading: "Who reaches whom",
        about: "Every cell of a matrix by the evaluator, all ports and both ways, on what `vpcproof generate` writes with 20 templates; interfaces are grouped by their security groups. The network is loaded before, by itself.",
        rows: rows.collect(),
        plot: Some(Plot {
            name: "matrix",
            title: "Who reaches whom",
            sizes_of: "interfaces of the network",
            lines: kinds
                .map(|(name, what)| line(what, &format!("matrix/{name}"), MATRIX))
                .into(),
        }),
    }
}
