//! Tables of the whole program.

use benches::program::{N_RECORDS, change};

use super::{MS, Row, S, Table};

pub(super) fn plans() -> Table {
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

pub(super) fn program() -> Table {
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
    let below = Some(200.0 * MS);
    push(
        "`matrix`, from the internet, 1,000 interfaces",
        "matrix-from-internet/1000".into(),
        below,
    );
    push(
        "`matrix`, from all to all, 1,000 interfaces",
        "matrix/1000".into(),
        below,
    );
    let replay = format!("replay/{N_RECORDS}");
    push("`replay` of a million records", replay, None);
    let replay = format!("replay-one-core/{N_RECORDS}");
    push(
        "`replay` of a million records, one core",
        replay,
        Some(S / 3.0),
    );
    Table {
        heading: "The whole program",
        about: "One process of the release build, from the snapshot's files to the answer, on what `vpcproof generate` writes; both engines.",
        rows,
        plot: None,
    }
}
