//! The goals, by the work that they are about.

use benches::program::N_RECORDS;

use super::Aim::{AtLeast, AtMost, Below};
use super::{Goal, Measure};
use crate::page::SCALING;
use crate::tables::{BATCH, FLOWS, MS, S};

/// All goals.
pub(super) fn all() -> Vec<Goal> {
    let all = [
        lookups(),
        groups(),
        flows(),
        sets(),
        pairs(),
        claims(),
        growth(),
    ];
    all.into_iter().flatten().collect()
}

fn lookups() -> Vec<Goal> {
    let families = [
        ("prefix-lookup", "IPv4", 5.0),
        ("prefix-lookup-ipv6", "IPv6", 8.0),
    ];
    let mut goals = Vec::new();
    for (group, family, wide) in families {
        for n in [5, 50, 1_000, 20_000] {
            let id = |what: &str| format!("{group}/{what}/{n}");
            let others = ["prefix-trie", "poptrie", "iptrie"].map(id).into();
            let measure = Measure::Faster(id("evaluator"), others);
            let aim = AtLeast(if n == 5 { 1.0 } else { wide });
            let work =
                format!("prefix lookup, {n} prefixes, {family}: faster than the fastest crate");
            goals.push(Goal::new(work, measure, aim).because(LOOKUPS));
        }
    }
    goals
}

const LOOKUPS: &str = "The goal is for wide vectors, and 3 × for the processor of any age that this build is for: choosing functions by the processor is unsafe code in the crate that does it, which is forbidden. A lookup is a table by leading bits, seldom a second one, eight keys compared at once, and the value; four or sixteen keys in place of eight were tried and are slower.";

const GROUPS: &str = "A decision finds the row of rules that match the client by a lookup, about half of the time. A row knows which of its rules takes a port first; choosing by protocol, comparing the cuts of the row and telling the rule is the other half, with ten rules as with a thousand. The scan takes 0.3 ns a rule, since the compiler makes vectors of it.";

const WALKS: &str = "A walk asks every clause in its order and finds rows of rules by addresses at each end, where precomputed rows for each pair of classes would be loaded. Of its samples two fifths are in the walk itself, with what it copies from step to step, a quarter where it arrives, a quarter in groups, and a seventh in lookups of addresses. Answers by pairs of classes are what the matrix does; for single flows they are not kept.";

const REPLAY: &str = "A fifth of the samples are reading fields; the others are spread over lookups of addresses, walks, the names of components, and counting alike causes: what the model refuses is walked a second time with all its steps, to name the cause. Keeping causes by what was refused is not tried.";

const PAIRS: &str = "Each pair of places is walked once, and of each pair of classes what groups let pass is put in afterwards; in the whole program at 100,000 interfaces that is a tenth of the samples, comparing names and ids an eighth, and new pages a quarter. Rows of bits for each class of ports are not built.";

const EQUALITY: &str = "Both sets are made in the time, from 1,000 and from 2,000 rules, and that is nearly all of it: to compare them is to compare two numbers.";

const LARGE: &str = "An input of more than 1,250,000 JSON objects is refused, so that no small text takes all memory, and a million interfaces have seven times as many, 1.65 million rules twice. A million interfaces in nine directories had taken 6.1 GB when they were ended after 200 s.";

const EXPOSURE: &str = "It is 261 claims, one for each security group, one after the other on one core: 0.6 s each. Where that time goes was not profiled.";

const ONE_EDIT: &str = "Everything is loaded and asked again, of which loading is a seventh: senders and receivers are asked by two of each class, and what is left is spread over cutting the destinations of those in each of a hundred VPCs, looking ids up, and memory. The evaluator keeps no verdict; `check --watch` does, and judges again only what an edit can touch.";

fn groups() -> Vec<Goal> {
    let id = |what: &str, n: usize| format!("group-decision/{what}/{n}");
    let scan = || vec![id("linear-scan", 1_000)];
    let faster = |what| Measure::Faster(id(what, 1_000), scan());
    vec![
        Goal::new(
            "group decision, 1,000 rules: faster than a linear scan",
            faster("evaluator"),
            AtLeast(30.0),
        )
        .because(GROUPS),
        Goal::new(
            "group decision, 1,000 rules: as long as with 10",
            Measure::Times(id("evaluator", 1_000), id("evaluator", 10)),
            AtMost(2.0),
        )
        .because(GROUPS),
        Goal::new(
            "group decision, 1,000 rules, endpoints classified: faster than a linear scan",
            faster("classified"),
            AtLeast(300.0),
        )
        .because(GROUPS),
    ]
}

fn flows() -> Vec<Goal> {
    let mut goals = vec![
        Goal::new(
            "one warm flow in one VPC, 10,000 interfaces, the request alone: as long as nine independent loads",
            Measure::Times("flow/request/10000".into(), "flow/nine-loads/10000".into()),
            AtMost(2.0),
        )
        .because(WALKS),
        Goal::new(
            "one warm flow in one VPC, 10,000 interfaces, both ways",
            Measure::Time("flow/both-ways/10000".into()),
            AtMost(60.0),
        )
        .because(WALKS),
    ];
    goals.extend(FLOWS.iter().map(|(name, by)| {
        let work = format!("one warm flow by {by}, both ways");
        Goal::new(
            work,
            Measure::Time(format!("flow/{name}/1000")),
            AtMost(300.0),
        )
        .because(WALKS)
    }));
    goals.extend([
        Goal::new(
            "batch of a million flows, one core",
            Measure::MillionsASecond(format!("{BATCH}/1"), 1.0),
            AtLeast(10.0),
        )
        .because(WALKS),
        Goal::new(
            "batch of a million flows, a second core: of the gain of arithmetic",
            Measure::ShareOfGain,
            AtLeast(SCALING),
        ),
        Goal::new(
            "`replay` of a million records of text, one core, from file to answer",
            Measure::MillionsASecond(
                format!("program/replay-one-core/{N_RECORDS}"),
                N_RECORDS as f64,
            ),
            AtLeast(3.0),
        )
        .because(REPLAY),
    ]);
    goals
}

fn sets() -> Vec<Goal> {
    let program = |work: &str, name: &str, below| {
        Goal::new(work, Measure::Time(format!("program/{name}")), Below(below))
    };
    let set = |work: &str, of: &str, reference: &str, times| {
        let id = |what: &str| format!("sets-{of}/{what}");
        let measure = Measure::Faster(id("set"), vec![id(reference)]);
        Goal::new(work, measure, AtLeast(times))
    };
    let line = |work: &str, by: &str, below| {
        let measure = Measure::Time(format!("sets-last-15000/{by}"));
        Goal::new(work, measure, Below(below))
    };
    vec![
        set(
            "one box question on a group of 1,000 rules: faster than z3's incremental answer",
            "box-1000",
            "z3-incremental",
            5_000.0,
        ),
        set(
            "equality of two groups of 1,000 rules, both sets made: faster than z3",
            "equal-1000",
            "z3",
            500.0,
        )
        .because(EQUALITY),
        set(
            "a first-match ACL of 1,000 lines as a set: faster than the best BDD crate",
            "acl-1000",
            "oxidd-bdd",
            3.0,
        ),
        line(
            "15,000-line random ACL, a packet for the last line, by sets",
            "set",
            50.0 * MS,
        ),
        line(
            "15,000-line random ACL, a packet for the last line, by z3",
            "z3",
            900.0 * MS,
        ),
        program(
            "1,000 interfaces in 2 subnets, from JSON on disk, whole program: from the internet to all",
            "matrix-from-internet/1000",
            200.0 * MS,
        ),
        program(
            "1,000 interfaces in 2 subnets, from JSON on disk, whole program: from all to all",
            "matrix/1000",
            200.0 * MS,
        ),
        Goal::new(
            "100,000 interfaces, every open path from the internet, evaluator",
            Measure::Time("matrix/from-internet/100000".into()),
            Below(S),
        ),
        Goal::new(
            "the same with 500 templates a VPC, so that very many paths differ, evaluator",
            Measure::Time("scale/from-internet-500-templates/100000".into()),
            Below(S),
        ),
        Goal::new(
            "100,000 interfaces, every open path from the internet, solver",
            Measure::Time("scale/solver-from-internet/100000".into()),
            Below(40.0 * S),
        )
        .because(EXPOSURE),
    ]
}

fn pairs() -> Vec<Goal> {
    let all = |n: usize| format!("matrix/all-pairs/{n}");
    let large = |name: &str| format!("large/{name}");
    let time = |work: &str, id: String, below| {
        Goal::new(work, Measure::Time(id), Below(below)).because(PAIRS)
    };
    let memory = |work: &str, id: String| {
        let measure = Measure::Memory(format!("{id}/memory"));
        Goal::new(work, measure, Below(4e9)).because(LARGE)
    };
    vec![
        time("all pairs, 13,000 interfaces", all(13_000), 50.0 * MS),
        time("all pairs, 100,000 interfaces", all(100_000), 200.0 * MS),
        Goal::new(
            "all pairs, 100,000 interfaces: faster than the plain walk of each pair",
            Measure::FasterThanMany(
                all(100_000),
                "scale/plain-walk-of-a-pair/100000".into(),
                1e10,
            ),
            AtLeast(50_000.0),
        )
        .because(PAIRS),
        time(
            "all pairs, 1,000,000 interfaces, whole program",
            large("matrix/1000000"),
            3.0 * S,
        )
        .because(LARGE),
        memory("the same, memory", large("matrix/1000000")),
        time(
            "all pairs, 500 VPCs, 10,000 subnets, 1.5 M rules, whole program",
            large("matrix-500-vpcs"),
            60.0 * S,
        )
        .because(LARGE),
        memory("the same, memory", large("matrix-500-vpcs")),
    ]
}

fn claims() -> Vec<Goal> {
    let ten = |n: usize, below| {
        let work = format!("ten claims on {n} interfaces, whole program, both engines");
        Goal::new(
            work,
            Measure::Time(format!("program/ten-claims/{n}")),
            Below(below),
        )
    };
    vec![
        ten(1_000, S),
        ten(10_000, 10.0 * S),
        Goal::new(
            "one edit in a network of 10,000 interfaces, all claims again by the evaluator",
            Measure::Time("one-edit/ten-claims/10000".into()),
            Below(10.0 * MS),
        )
        .because(ONE_EDIT),
    ]
}

fn growth() -> Vec<Goal> {
    let works = [
        ("load", "reading, validating and loading"),
        ("from-internet", "every open path from the internet"),
        ("all-pairs", "all pairs"),
    ];
    let goal = |(name, work): (&str, &str)| {
        let sizes = [1_000, 10_000, 100_000];
        let points = sizes.map(|n| (n, format!("matrix/{name}/{n}")));
        let work = format!("exponent of growth from 1,000 to 100,000 interfaces: {work}");
        Goal::new(work, Measure::Exponent(points.into()), AtMost(1.0))
    };
    works.map(goal).into()
}
