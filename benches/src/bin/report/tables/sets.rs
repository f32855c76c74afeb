//! The table of questions about whole filters.

use super::{MS, Row, Table};

pub(super) fn sets() -> Table {
    let rows = vec![
        Row::new(
            "does a group of 1,000 rules let in anything of a box",
            "sets-box-1000/set",
        )
        .against(
            "z3, incremental (goal 5,000 ×)",
            "sets-box-1000/z3-incremental",
        )
        .noted("sets:box"),
        Row::new(
            "do two groups of 1,000 and 2,000 rules let in the same, both sets made",
            "sets-equal-1000/set",
        )
        .against("z3 (goal 500 ×)", "sets-equal-1000/z3")
        .noted("sets:equal"),
        Row::new("an ACL of 1,000 lines as a set", "sets-acl-1000/set")
            .against("oxidd, BDD (goal 3 ×)", "sets-acl-1000/oxidd-bdd")
            .noted("sets:acl"),
        Row::new(
            "a packet for the last of 15,000 random lines",
            "sets-last-15000/set",
        )
        .against("z3 (goal 900 ms)", "sets-last-15000/z3")
        .below(50.0 * MS)
        .noted("sets:last"),
        Row::new("the same by z3", "sets-last-15000/z3")
            .below(900.0 * MS)
            .noted("sets:last"),
        Row::new(
            "nothing from the internet is answered behind an ACL of 1,000 lines, by the evaluator",
            "sets-claim/evaluator/1000",
        )
        .noted("sets:claim/1000"),
        Row::new(
            "the same behind an ACL of 15,000 lines",
            "sets-claim/evaluator/15000",
        )
        .noted("sets:claim/15000"),
    ];
    Table {
        heading: "Filters as sets of packets",
        about: "What a filter lets pass is one set of packets, made of what the walk asks. The references answer the same question about the same lines in the same run, and every answer is compared before it is timed; equality includes the making of both sets, a claim is about any traffic and asks for replies.",
        rows,
        plot: None,
    }
}
