//! Tables of the evaluator: flows, lookups, loading, differences and matrices.

use benches::{ESTATES, SIZES};

use super::{BATCH, MATRIX, MS, Plot, ROUTES, RULES, Row, S, STAGES, Table, US, line};

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

pub(super) fn prefix_lookup() -> Table {
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
                ("all-pairs", 1_000) => row.noted(format!("matrix:matrix/all-pairs/{n}")),
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
        about: "Every cell of a matrix by the evaluator, all ports and both ways, on what `vpcproof generate` writes with 20 templates; interfaces are grouped by their security groups. The network is loaded before.",
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
