//! What was aimed at, and whether it is reached: one row for each goal.

mod rows;

use std::fmt::Write;

use crate::Problem;
use crate::page::{digits, judged, line, time};
use crate::results::Results;

/// A goal.
struct Goal {
    work: String,
    measure: Measure,
    aim: Aim,
    /// Why it is missed, for as long as it is: what the profile shows.
    why: &'static str,
}

/// What is compared with the goal; benchmarks by their ids.
enum Measure {
    Time(String),
    Memory(String),
    /// How many times faster the first is than the fastest of the others.
    Faster(String, Vec<String>),
    /// How many times as long the first takes as the second.
    Times(String, String),
    /// Millions a second, when one run has so many.
    MillionsASecond(String, f64),
    /// What of the gain of arithmetic a second thread gives to the batch.
    ShareOfGain,
    /// How many times faster the first is than so many of the second.
    FasterThanMany(String, String, f64),
    /// The exponent of growth over the sizes.
    Exponent(Vec<(usize, String)>),
}

#[derive(Clone, Copy)]
enum Aim {
    Below(f64),
    AtMost(f64),
    AtLeast(f64),
}

impl Goal {
    fn new(work: impl Into<String>, measure: Measure, aim: Aim) -> Self {
        Self {
            work: work.into(),
            measure,
            aim,
            why: "",
        }
    }

    const fn because(mut self, why: &'static str) -> Self {
        self.why = why;
        self
    }

    fn ids(&self) -> Vec<String> {
        match &self.measure {
            Measure::Time(id) | Measure::Memory(id) | Measure::MillionsASecond(id, _) => {
                vec![id.clone()]
            }
            Measure::Faster(own, others) => others.iter().chain([own]).cloned().collect(),
            Measure::Times(one, other) | Measure::FasterThanMany(one, other, _) => {
                vec![one.clone(), other.clone()]
            }
            // The table of the batch has them.
            Measure::ShareOfGain => Vec::new(),
            Measure::Exponent(points) => points.iter().map(|(_, id)| id.clone()).collect(),
        }
    }

    /// The number that the goal is about: at least, by the medians, and at most.
    fn measured(&self, results: &Results) -> Result<[f64; 3], Problem> {
        let of = |id: &str| {
            let one = results.get(id)?;
            Ok::<_, Problem>([one.low, one.median, one.high])
        };
        let over =
            |[a, b, c]: [f64; 3], [low, median, high]: [f64; 3]| [a / high, b / median, c / low];
        match &self.measure {
            Measure::Time(id) | Measure::Memory(id) => of(id),
            Measure::Faster(own, others) => {
                let others: Vec<_> = others.iter().map(|id| of(id)).collect::<Result<_, _>>()?;
                let fastest = others
                    .into_iter()
                    .min_by(|one, two| one[1].total_cmp(&two[1]));
                let fastest = fastest.ok_or("there is nothing to compare with")?;
                Ok(over(fastest, of(own)?))
            }
            Measure::Times(one, other) => Ok(over(of(one)?, of(other)?)),
            Measure::MillionsASecond(id, n) => Ok(over([1e3 * n; 3], of(id)?)),
            Measure::ShareOfGain => results.share_of_gain(),
            Measure::FasterThanMany(own, one, n) => Ok(over(of(one)?.map(|ns| ns * n), of(own)?)),
            Measure::Exponent(points) => exponent(points, &of),
        }
    }

    fn shown(&self, value: f64) -> String {
        match &self.measure {
            Measure::Time(_) => time(value),
            Measure::Memory(_) => format!("{} GB", digits(value / 1e9)),
            Measure::Faster(..) | Measure::Times(..) | Measure::FasterThanMany(..) => {
                format!("{} ×", digits(value))
            }
            Measure::MillionsASecond(..) => format!("{} M/s", digits(value)),
            Measure::ShareOfGain | Measure::Exponent(_) => digits(value),
        }
    }
}

/// The slope of log time over log size: the least squares of the medians, and between the ends.
fn exponent(
    points: &[(usize, String)],
    of: &impl Fn(&str) -> Result<[f64; 3], Problem>,
) -> Result<[f64; 3], Problem> {
    let mut logs = Vec::new();
    for (size, id) in points {
        logs.push(((*size as f64).ln(), of(id)?.map(f64::ln)));
    }
    let (Some(first), Some(last)) = (logs.first(), logs.last()) else {
        return Err("growth needs sizes".to_owned());
    };
    let apart = last.0 - first.0;
    let n = logs.len() as f64;
    let mean = |of: fn(&(f64, [f64; 3])) -> f64| logs.iter().map(of).sum::<f64>() / n;
    let (size, took) = (mean(|log| log.0), mean(|log| log.1[1]));
    let (mut both, mut squares) = (0.0, 0.0);
    for log in &logs {
        both += (log.0 - size) * (log.1[1] - took);
        squares += (log.0 - size).powi(2);
    }
    let slope = both / squares;
    let low = (last.1[0] - first.1[2]) / apart;
    let high = (last.1[2] - first.1[0]) / apart;
    Ok([low.min(slope), slope, high.max(slope)])
}

impl Aim {
    fn told(self, shown: impl Fn(f64) -> String) -> String {
        match self {
            Aim::Below(value) => format!("below {}", shown(value)),
            Aim::AtMost(value) => format!("at most {}", shown(value)),
            Aim::AtLeast(value) => format!("at least {}", shown(value)),
        }
    }

    fn met(self, [low, _, high]: [f64; 3]) -> &'static str {
        match self {
            Aim::Below(value) => judged(high < value, low >= value),
            Aim::AtMost(value) => judged(high <= value, low > value),
            Aim::AtLeast(value) => judged(low >= value, high < value),
        }
    }

    /// How many times too much, or too little.
    fn missed_by(self, median: f64) -> f64 {
        match self {
            Aim::Below(value) | Aim::AtMost(value) => median / value,
            Aim::AtLeast(value) => value / median,
        }
    }
}

/// Every benchmark that goals need.
pub(crate) fn ids() -> impl Iterator<Item = String> {
    rows::all().into_iter().flat_map(|goal| goal.ids())
}

/// Whether it is measured with `--large` only.
pub(crate) fn is_large(id: &str) -> bool {
    id.starts_with("large/")
}

/// Writes the table of goals.
pub(crate) fn write(page: &mut String, results: &Results) -> Result<(), Problem> {
    page.push_str("\n## Goals\n\nWhat was aimed at, and how far off it is where it is missed. The tables below have the times.\n\n");
    line(
        page,
        &["work", "measured", "goal", "met", "missed by", "why"],
    );
    line(page, &["---"; 6]);
    let (mut n_met, mut n_missed, mut n_left) = (0, 0, 0);
    for goal in rows::all() {
        let aim = goal.aim.told(|value| goal.shown(value));
        let is_there = goal.ids().iter().all(|id| !is_large(id) || results.has(id));
        let (measured, met) = match is_there {
            true => {
                let measured = goal.measured(results)?;
                (Some(measured[1]), goal.aim.met(measured))
            }
            false => (None, "not measured: `--large`"),
        };
        let is_missed = measured.is_some() && met != "yes";
        match (measured, is_missed) {
            (Some(_), true) => n_missed += 1,
            (Some(_), false) => n_met += 1,
            (None, _) => n_left += 1,
        }
        let by = measured
            .filter(|_| is_missed)
            .map(|value| goal.aim.missed_by(value));
        let by = by.map_or(String::new(), |by| format!("{} ×", digits(by)));
        let is_open = is_missed || measured.is_none();
        let why = if is_open { goal.why } else { "" };
        let shown = measured.map_or(String::new(), |value| goal.shown(value));
        line(page, &[&goal.work, &shown, &aim, met, &by, why]);
    }
    let _ = write!(
        page,
        "\n{n_met} are met, {n_missed} are not, or not for certain, and {n_left} are not measured.\n"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::tests::of;

    fn one(measure: Measure, aim: Aim, medians: &[(&str, f64)]) -> (f64, &'static str) {
        let medians: Vec<_> = medians
            .iter()
            .map(|(id, ns)| ((*id).to_owned(), *ns))
            .collect();
        let measured = Goal::new("work", measure, aim)
            .measured(&of(&medians, &[]))
            .unwrap();
        (measured[1], aim.met(measured))
    }

    #[test]
    fn a_ratio_is_to_the_fastest_of_the_others() {
        let measure = || Measure::Faster("own".into(), vec!["slow".into(), "fast".into()]);
        let medians = [("own", 2.0), ("slow", 50.0), ("fast", 10.0)];
        assert_eq!(one(measure(), Aim::AtLeast(4.0), &medians), (5.0, "yes"));
        assert_eq!(
            one(measure(), Aim::AtLeast(5.0), &medians),
            (5.0, "not certain")
        );
        assert_eq!(one(measure(), Aim::AtLeast(8.0), &medians), (5.0, "no"));
    }

    #[test]
    fn rates_and_extrapolations_are_of_the_whole() {
        let medians = [("run", 5e8), ("pair", 100.0)];
        let rate = Measure::MillionsASecond("run".into(), 1e6);
        assert_eq!(one(rate, Aim::AtLeast(3.0), &medians), (2.0, "no"));
        let many = Measure::FasterThanMany("run".into(), "pair".into(), 1e10);
        assert_eq!(one(many, Aim::AtLeast(1_000.0), &medians), (2_000.0, "yes"));
    }

    #[test]
    fn an_exponent_is_the_slope_of_logarithms() {
        let points = |exponent: f64| {
            let sizes = [1_000_usize, 10_000, 100_000];
            let measure = Measure::Exponent(sizes.map(|n| (n, n.to_string())).into());
            let medians = sizes.map(|n| (n.to_string(), (n as f64).powf(exponent)));
            Goal::new("growth", measure, Aim::AtMost(1.0))
                .measured(&of(&medians, &[]))
                .unwrap()
        };
        for exponent in [0.5, 1.0, 2.0] {
            assert!((points(exponent)[1] - exponent).abs() < 1e-9);
        }
        assert_eq!(Aim::AtMost(1.0).met(points(0.9)), "yes");
        assert_eq!(Aim::AtMost(1.0).met(points(1.2)), "no");
    }

    #[test]
    fn what_is_missed_says_by_how_much() {
        assert!((Aim::AtLeast(10.0).missed_by(2.0) - 5.0).abs() < 1e-9);
        assert!((Aim::Below(10.0).missed_by(20.0) - 2.0).abs() < 1e-9);
    }

    #[test]
    fn the_table_tells_what_is_met_what_is_missed_and_what_was_not_measured() {
        let small = ids().filter(|id| !is_large(id)).map(|id| (id, 1e9));
        let batch = ["batch/arithmetic/1", "batch/arithmetic/2"].into_iter();
        let batch = batch.map(|id| (id.to_owned(), 1e9));
        let batch = batch.chain([1, 2].map(|n| (format!("{}/{n}", crate::tables::BATCH), 1e9)));
        let medians: Vec<_> = small.chain(batch).collect();
        let mut page = String::new();
        write(&mut page, &of(&medians, &[])).unwrap();
        let row = |work: &str| {
            page.lines()
                .find(|line| line.contains(work))
                .unwrap()
                .to_owned()
        };
        assert!(
            row("one edit in a network")
                .contains("| 1.00 s | below 10.0 ms | no | 100 × | Everything")
        );
        assert!(row("ten claims on 10000").contains("| below 10.0 s | yes |  |  |"));
        assert!(row("500 VPCs").contains("not measured: `--large`"));
    }
}
