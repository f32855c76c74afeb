//! Tables of claims, by the solver and by both engines.

use benches::claims::KINDS;
use benches::{ESTATES, SIZES, demo, organization};

use super::{MS, Plot, Row, S, STAGES, Table, US, line};

pub(super) fn claims() -> Table {
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

pub(super) fn engines() -> Table {
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
pub(super) fn organization() -> Table {
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

pub(super) fn organization_claims() -> Table {
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

pub(super) fn policies() -> Table {
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

pub(super) fn demo_claims() -> Table {
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
