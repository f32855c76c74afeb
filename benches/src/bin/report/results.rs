//! What criterion wrote, and what the benches noted.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::Problem;
use crate::machine::Machine;
use crate::tables::BATCH;

/// Results further apart than this are not of one run. A run takes minutes.
const ONE_RUN: Duration = Duration::from_secs(2 * 60 * 60);

/// One benchmark: the median of one element, with its confidence interval, in nanoseconds or bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    pub(crate) median: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
    at: SystemTime,
}

/// All of them, by criterion's full id.
#[derive(Debug)]
pub(crate) struct Results {
    measured: BTreeMap<String, Measured>,
    notes: BTreeMap<String, String>,
}

impl Results {
    /// Reads every `new/benchmark.json` below the folder, and the notes.
    pub(crate) fn read(folder: &Path) -> Result<Self, Problem> {
        let mut results = Self {
            measured: BTreeMap::new(),
            notes: BTreeMap::new(),
        };
        if !folder.is_dir() {
            return Err(format!(
                "there are no results in `{}`: run `cargo bench` first",
                folder.display()
            ));
        }
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            for file in list(&folder)? {
                if file.ends_with("new/benchmark.json") {
                    let (id, measured) = measured(&file)?;
                    results.measured.insert(id, measured);
                } else if file.is_dir() {
                    folders.push(file);
                }
            }
        }
        for file in list(&folder.join("once")).unwrap_or_default() {
            results.measured.extend(measured_once(&file)?);
        }
        for file in list(&folder.join("notes")).unwrap_or_default() {
            let bench = file.file_stem().unwrap_or_default().to_string_lossy();
            let notes = json(&file)?;
            for (key, note) in notes.as_object().into_iter().flatten() {
                let note = note.as_str().unwrap_or_default();
                results
                    .notes
                    .insert(format!("{bench}:{key}"), note.to_owned());
            }
        }
        Ok(results)
    }

    /// Whether everything is there, and of one run.
    pub(crate) fn complete(&self, ids: &[String]) -> Result<(), Problem> {
        let missing: Vec<_> = ids
            .iter()
            .filter(|id| !self.measured.contains_key(*id))
            .map(|id| format!("\n  {id}"))
            .collect();
        if !missing.is_empty() {
            return Err(format!(
                "{} results are missing; run `cargo bench` to its end:{}",
                missing.len(),
                missing.concat()
            ));
        }
        let times = || {
            ids.iter()
                .filter_map(|id| Some((self.measured.get(id)?.at, id)))
        };
        if let (Some((first, oldest)), Some((last, newest))) = (times().min(), times().max()) {
            let apart = last.duration_since(first).unwrap_or_default();
            if apart > ONE_RUN {
                return Err(format!(
                    "`{oldest}` was measured {} minutes before `{newest}`, so they are not of one run; run all of `cargo bench` again",
                    apart.as_secs() / 60
                ));
            }
        }
        Ok(())
    }

    pub(crate) fn get(&self, id: &str) -> Result<Measured, Problem> {
        let measured = self.measured.get(id).copied();
        measured.ok_or_else(|| format!("`{id}` is missing; run `cargo bench` to its end"))
    }

    /// Whether a benchmark was measured.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.measured.contains_key(id)
    }

    /// How many times as fast two threads are as one: at worst, by the medians, and at best.
    pub(crate) fn gain(&self, benchmark: &str) -> Result<[f64; 3], Problem> {
        let one = self.get(&format!("{benchmark}/1"))?;
        let two = self.get(&format!("{benchmark}/2"))?;
        Ok([
            one.low / two.high,
            one.median / two.median,
            one.high / two.low,
        ])
    }

    /// What of the arithmetic's gain the batch has.
    pub(crate) fn share_of_gain(&self) -> Result<[f64; 3], Problem> {
        let [low, batch, high] = self.gain(BATCH)?;
        let [least, arithmetic, most] = self.gain("batch/arithmetic")?;
        Ok([low / most, batch / arithmetic, high / least])
    }

    /// What a bench noted, by `bench:key`.
    pub(crate) fn note(&self, key: &str) -> Result<&str, Problem> {
        let note = self.notes.get(key).map(String::as_str);
        note.ok_or_else(|| format!("the note `{key}` is missing; run `cargo bench` to its end"))
    }

    /// The dated record: the raw medians with their intervals, the notes, and where it was.
    pub(crate) fn record(
        &self,
        ids: &[String],
        machine: &Machine,
        date: &str,
    ) -> Result<String, Problem> {
        let mut measured = serde_json::Map::new();
        for id in ids {
            let one = self.get(id)?;
            let interval = [one.low, one.median, one.high];
            measured.insert(id.clone(), json!(interval));
        }
        let versions: BTreeMap<_, _> = machine.versions.iter().cloned().collect();
        let record = json!({
            "date": date,
            "machine": { "cores": machine.n_cores, "cpu": machine.cpu },
            "versions": versions,
            "ns of one element (of memory bytes): low, median, high (95 %, or of all runs)": measured,
            "notes": self.notes,
        });
        let text = serde_json::to_string_pretty(&record).map_err(|error| error.to_string())?;
        Ok(text + "\n")
    }
}

fn list(folder: &Path) -> Result<Vec<PathBuf>, Problem> {
    let failed = |error| format!("could not read `{}`: {error}", folder.display());
    let entries = fs::read_dir(folder).map_err(failed)?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    paths.collect::<Result<_, _>>().map_err(failed)
}

fn json(file: &Path) -> Result<Value, Problem> {
    let text = fs::read_to_string(file);
    let text = text.map_err(|error| format!("could not read `{}`: {error}", file.display()))?;
    let read = serde_json::from_str(&text);
    read.map_err(|error| format!("`{}` is not what criterion writes: {error}", file.display()))
}

/// What `benches::once` wrote: a few runs each, of which all are told.
fn measured_once(file: &Path) -> Result<Vec<(String, Measured)>, Problem> {
    let wrong = || format!("`{}` is not what the benches write", file.display());
    let at = fs::metadata(file).and_then(|file| file.modified());
    let at = at.map_err(|error| format!("could not read `{}`: {error}", file.display()))?;
    let mut all = Vec::new();
    for (id, runs) in json(file)?.as_object().into_iter().flatten() {
        let runs = runs.as_array().into_iter().flatten();
        let mut runs: Vec<f64> = runs.filter_map(Value::as_f64).collect();
        runs.sort_by(f64::total_cmp);
        let measured = Measured {
            median: *runs.get(runs.len() / 2).ok_or_else(wrong)?,
            low: *runs.first().ok_or_else(wrong)?,
            high: *runs.last().ok_or_else(wrong)?,
            at,
        };
        all.push((id.clone(), measured));
    }
    Ok(all)
}

/// The benchmark whose `benchmark.json` this is, and its estimates beside it.
fn measured(file: &Path) -> Result<(String, Measured), Problem> {
    let benchmark = json(file)?;
    let file = file.with_file_name("estimates.json");
    let estimates = json(&file)?;
    let number = |pointer| estimates.pointer(pointer).and_then(Value::as_f64);
    let elements = benchmark.pointer("/throughput/Elements");
    let elements = elements.and_then(Value::as_f64).unwrap_or(1.0);
    let read = || {
        let measured = Measured {
            median: number("/median/point_estimate")? / elements,
            low: number("/median/confidence_interval/lower_bound")? / elements,
            high: number("/median/confidence_interval/upper_bound")? / elements,
            at: fs::metadata(&file).and_then(|file| file.modified()).ok()?,
        };
        let id = benchmark.get("full_id").and_then(Value::as_str)?;
        Some((id.to_owned(), measured))
    };
    read().ok_or_else(|| format!("`{}` is not what criterion writes", file.display()))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Results of these medians, each with an interval of one per cent about it.
    pub(crate) fn of(medians: &[(String, f64)], notes: &[(String, &str)]) -> Results {
        let measured = medians.iter().map(|(id, median)| {
            let measured = Measured {
                median: *median,
                low: 0.99 * median,
                high: 1.01 * median,
                at: SystemTime::UNIX_EPOCH,
            };
            (id.clone(), measured)
        });
        let notes = notes.iter();
        Results {
            measured: measured.collect(),
            notes: notes
                .map(|(key, note)| (key.clone(), (*note).to_owned()))
                .collect(),
        }
    }

    #[test]
    fn missing_results_are_named() {
        let results = of(&[("there".to_owned(), 1.0)], &[]);
        let problem = results.complete(&["there".to_owned(), "absent".to_owned()]);
        assert!(problem.is_err_and(|problem| problem.ends_with("\n  absent")));
    }

    #[test]
    fn results_of_two_runs_are_not_compared() {
        let mut results = of(&[("old".to_owned(), 1.0), ("new".to_owned(), 1.0)], &[]);
        let ids = ["old".to_owned(), "new".to_owned()];
        assert_eq!(results.complete(&ids), Ok(()));
        if let Some(measured) = results.measured.get_mut("new") {
            measured.at += 2 * ONE_RUN;
        }
        assert!(results.complete(&ids).is_err());
    }
}
