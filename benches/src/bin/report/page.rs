//! The page of the book, and its drawings.

use std::fmt::Write;

use benches::answer::UNANSWERED;

use crate::Problem;
use crate::goals;
use crate::machine::Machine;
use crate::plot::{Point, draw};
use crate::results::{Measured, Results};
use crate::tables::{BATCH, Plot, Row, Table, all};

/// What two threads have to gain at least, of what the arithmetic gains.
pub(crate) const SCALING: f64 = 0.95;

/// The page in Markdown.
pub(crate) fn page(results: &Results, machine: &Machine, date: &str) -> Result<String, Problem> {
    let (n_cores, cpu, versions) = (machine.n_cores, &machine.cpu, machine.versions());
    let mut page = format!(
        "# Benchmarks\n\n\
         Written by `cargo run --release -p vpcproof-benches --bin report -- --measure --large`; the raw medians are in `benches/record/{date}.json`.\n\n\
         - Date: {date}\n- Machine: {n_cores} cores, {cpu}\n- Versions: {versions}\n\n\
         Inputs are of fixed seed and named size: estates of 10, 100 and 1,000 interfaces besides those of NAT gateways and endpoints, drawn by `benches/src/lib.rs`. \
         A time is the median, and behind it the interval that holds it with a confidence of 95 %. A reference is measured in the same run; `0.50 ×` takes half its time. \
         A goal is met when the whole interval is on its side, and *not certain* when it lies inside.\n"
    );
    goals::write(&mut page, results)?;
    for table in all() {
        write_table(&mut page, results, &table)?;
        if table.rows.iter().any(|row| row.id.starts_with(BATCH)) {
            page.push_str(&scaling(results, n_cores)?);
        }
        if let Some(Plot { name, title, .. }) = table.plot {
            let _ = write!(page, "\n![{title}](benchmarks/{name}.svg)\n");
        }
    }
    Ok(page)
}

/// Each drawing, by its name.
pub(crate) fn plots(results: &Results) -> Result<Vec<(&'static str, String)>, Problem> {
    let mut drawn = Vec::new();
    for plot in all().into_iter().filter_map(|table| table.plot) {
        let mut lines = Vec::new();
        for (name, ids) in plot.lines {
            let mut points = Vec::new();
            for (size, id) in ids {
                let measured = results.get(&id)?;
                points.push(Point {
                    size: size as f64,
                    low_ns: measured.low,
                    median_ns: measured.median,
                    high_ns: measured.high,
                });
            }
            lines.push((name, points));
        }
        drawn.push((plot.name, draw(plot.title, plot.sizes_of, &lines)));
    }
    Ok(drawn)
}

fn write_table(page: &mut String, results: &Results, table: &Table) -> Result<(), Problem> {
    let any = |has: fn(&Row) -> bool| table.rows.iter().any(has);
    let mut columns = vec!["what", "median", "95 %"];
    let compares = any(|row| !row.references.is_empty());
    let has_goals = any(|row| row.below_ns.is_some());
    let notes = any(|row| row.note.is_some());
    columns.extend(compares.then_some("against"));
    columns.extend(has_goals.then_some(["goal", "met"]).into_iter().flatten());
    columns.extend(notes.then_some("seen"));

    let (heading, about) = (table.heading, table.about);
    let _ = write!(page, "\n## {heading}\n\n{about}\n\n");
    line(page, &columns);
    line(page, &vec!["---"; columns.len()]);
    for row in &table.rows {
        let measured = results.get(&row.id)?;
        let interval = format!("{} to {}", time(measured.low), time(measured.high));
        let mut cells = vec![row.what.clone(), time(measured.median), interval];
        let note = row.note.as_ref().map(|key| results.note(key)).transpose()?;
        if compares {
            cells.push(against(row, measured, results)?);
        }
        if has_goals {
            let goal = row.below_ns.map(|ns| format!("below {}", time(ns)));
            let met = row.below_ns.map(|ns| met(ns, measured, note));
            cells.extend([goal.unwrap_or_default(), met.unwrap_or_default().to_owned()]);
        }
        if notes {
            cells.push(note.unwrap_or_default().to_owned());
        }
        line(page, &cells);
    }
    Ok(())
}

pub(crate) fn line(page: &mut String, cells: &[impl AsRef<str>]) {
    for cell in cells {
        let _ = write!(page, "| {} ", cell.as_ref());
    }
    page.push_str("|\n");
}

fn against(row: &Row, measured: Measured, results: &Results) -> Result<String, Problem> {
    let mut ratios = Vec::new();
    for (name, id) in &row.references {
        let ratio = measured.median / results.get(id)?.median;
        ratios.push(format!("{} × {name}", digits(ratio)));
    }
    Ok(ratios.join(", "))
}

/// Whether a goal is met. A claim without an answer meets none, however soon it gave up.
fn met(below_ns: f64, measured: Measured, note: Option<&str>) -> &'static str {
    if note.is_some_and(|note| note.contains(UNANSWERED)) {
        "no, not answered"
    } else {
        judged(measured.high < below_ns, measured.low >= below_ns)
    }
}

pub(crate) const fn judged(surely: bool, surely_not: bool) -> &'static str {
    match (surely, surely_not) {
        (true, _) => "yes",
        (false, true) => "no",
        (false, false) => "not certain",
    }
}

/// What two threads gain, and what they could.
fn scaling(results: &Results, n_cores: usize) -> Result<String, Problem> {
    if n_cores < 2 {
        return Ok(
            "\nOn one core a second thread has nothing to give, so its goal is not judged.\n"
                .to_owned(),
        );
    }
    let gain = |benchmark| results.gain(benchmark).map(|gain| gain[1]);
    let (batch, arithmetic) = (gain(BATCH)?, gain("batch/arithmetic")?);
    let [worst, ratio, best] = results.share_of_gain()?;
    let met = judged(worst >= SCALING, best < SCALING);
    Ok(format!(
        "\nTwo threads decide the batch {batch:.2} times as fast as one; the arithmetic gains {arithmetic:.2}. \
         The batch has {ratio:.2} of that gain ({worst:.2} to {best:.2}); the goal is at least {SCALING:.2}: {met}.\n"
    ))
}

/// A time in the unit that suits it, with three digits.
pub(crate) fn time(ns: f64) -> String {
    let units = [(1e9, "s"), (1e6, "ms"), (1e3, "µs")];
    let unit = units.into_iter().find(|(size, _)| ns >= 0.9995 * size);
    let (size, unit) = unit.unwrap_or((1.0, "ns"));
    format!("{} {unit}", digits(ns / size))
}

/// Three significant digits, and a whole number above.
pub(crate) fn digits(number: f64) -> String {
    // After rounding, so that 0.9999 has the digits of 1.
    let rounded = format!("{number:.2e}");
    let exponent = rounded
        .split_once('e')
        .map(|(_, exponent)| exponent.parse());
    let exponent: i32 = exponent.and_then(Result::ok).unwrap_or(0);
    let behind = usize::try_from(2 - exponent).unwrap_or(0).min(4);
    format!("{number:.behind$}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::tests::of;

    fn everything(ns: f64) -> Results {
        let rows = || all().into_iter().flat_map(|table| table.rows);
        let ids = all().into_iter().flat_map(|table| table.ids());
        let ids = ids.chain(goals::ids());
        let notes = rows().filter_map(|row| Some((row.note?, "holds")));
        of(
            &ids.map(|id| (id, ns)).collect::<Vec<_>>(),
            &notes.collect::<Vec<_>>(),
        )
    }

    fn machine() -> Machine {
        Machine {
            n_cores: 2,
            cpu: "some CPU".to_owned(),
            versions: vec![("rustc", "1.95.0".to_owned())],
        }
    }

    #[test]
    fn a_page_needs_every_result() {
        let page = |results: Results| page(&results, &machine(), "2026-01-31");
        assert!(page(everything(10.0)).is_ok());
        assert!(page(of(&[], &[])).is_err());
        assert!(plots(&of(&[], &[])).is_err());
    }

    #[test]
    fn a_plot_shows_results_of_its_table_only() {
        for table in all() {
            let ids = table.ids();
            let lines = table.plot.iter().flat_map(|plot| &plot.lines);
            for (_, points) in lines {
                assert!(points.iter().all(|(_, id)| ids.contains(id)));
            }
        }
    }

    #[test]
    fn goals_are_judged_by_the_whole_interval() {
        let measured = |ns: f64| of(&[("one".to_owned(), ns)], &[]).get("one").unwrap();
        assert_eq!(met(1_000.0, measured(900.0), None), "yes");
        assert_eq!(met(1_000.0, measured(999.0), None), "not certain");
        assert_eq!(met(1_000.0, measured(2_000.0), None), "no");
        assert_eq!(
            met(1_000.0, measured(9.0), Some("9 holds, 1 unanswered")),
            "no, not answered"
        );
    }

    #[test]
    fn times_have_three_digits() {
        let shown = [0.5, 12.34, 999.9, 1_234.5, 43_210_000.0, 9.87e9].map(time);
        let expected = [
            "0.500 ns", "12.3 ns", "1.00 µs", "1.23 µs", "43.2 ms", "9.87 s",
        ];
        assert_eq!(shown.each_ref().map(String::as_str), expected);
    }

    #[test]
    fn scaling_is_a_ratio_of_gains() {
        let medians = [
            (format!("{BATCH}/1"), 100.0),
            (format!("{BATCH}/2"), 55.0),
            ("batch/arithmetic/1".to_owned(), 100.0),
            ("batch/arithmetic/2".to_owned(), 50.0),
        ];
        let said = scaling(&of(&medians, &[]), 2).unwrap();
        assert!(said.contains("0.91 of that gain"), "{said}");
        assert!(said.ends_with("no.\n"), "{said}");
    }
}
