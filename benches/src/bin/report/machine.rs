//! Where and with what it was measured. Of the machine only what a reader needs to judge a time.

use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};
use std::{env, fs, thread};

use benches::notes::workspace;

use crate::Problem;

/// The machine and the versions.
#[derive(Debug)]
pub(crate) struct Machine {
    pub(crate) n_cores: usize,
    pub(crate) cpu: String,
    /// What was used, with its version.
    pub(crate) versions: Vec<(&'static str, String)>,
}

impl Machine {
    pub(crate) fn this() -> Result<Self, Problem> {
        let cores = thread::available_parallelism();
        let lock = fs::read_to_string(workspace().join("Cargo.lock"));
        let lock = lock.map_err(|error| format!("could not read `Cargo.lock`: {error}"))?;
        let mut versions = vec![
            ("vpcproof", env!("CARGO_PKG_VERSION").to_owned()),
            ("rustc", rustc()?),
        ];
        for package in [
            "z3",
            "rayon",
            "criterion",
            "prefix-trie",
            "poptrie",
            "iptrie",
        ] {
            let name = if package == "z3" {
                "z3 (bindings)"
            } else {
                package
            };
            versions.push((name, locked(&lock, package)?));
        }
        let z3 = fs::read_to_string(workspace().join(".z3/version"));
        let z3 = z3.map_err(|error| format!("could not read the version of z3: {error}"))?;
        versions.push(("z3 (library)", z3.trim().to_owned()));
        Ok(Self {
            n_cores: cores.map_err(|error| error.to_string())?.get(),
            cpu: cpu()?,
            versions,
        })
    }

    /// As `rustc 1.95.0, z3 …`.
    pub(crate) fn versions(&self) -> String {
        let versions = self.versions.iter();
        let versions: Vec<_> = versions
            .map(|(name, version)| format!("{name} {version}"))
            .collect();
        versions.join(", ")
    }
}

fn cpu() -> Result<String, Problem> {
    if let Ok(text) = fs::read_to_string("/proc/cpuinfo") {
        let model = text.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            (key.trim() == "model name").then(|| value.trim().to_owned())
        });
        return Ok(model.unwrap_or_else(|| env::consts::ARCH.to_owned()));
    }
    said("sysctl", &["-n", "machdep.cpu.brand_string"])
}

fn rustc() -> Result<String, Problem> {
    let said = said("rustc", &["--version"])?;
    let version = said.split(' ').nth(1);
    version
        .map(str::to_owned)
        .ok_or_else(|| format!("`{said}` is no version of rustc"))
}

fn said(program: &str, arguments: &[&str]) -> Result<String, Problem> {
    let output = Command::new(program).args(arguments).output();
    let output = output.map_err(|error| format!("could not run `{program}`: {error}"))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The version of a package in the lock file.
fn locked(lock: &str, package: &str) -> Result<String, Problem> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    lines
        .nth(1)
        .and_then(|line| line.strip_prefix("version = \"")?.strip_suffix('"'))
        .map(str::to_owned)
        .ok_or_else(|| format!("`{package}` is not in `Cargo.lock`"))
}

/// A date as the record is named by.
pub(crate) fn date(text: String) -> Result<String, Problem> {
    let shape: String = text
        .chars()
        .map(|one| if one.is_ascii_digit() { '0' } else { one })
        .collect();
    if shape == "0000-00-00" {
        Ok(text)
    } else {
        Err(format!("`{text}` is not a date like `2026-01-31`"))
    }
}

/// The day in UTC by the system's clock.
pub(crate) fn today() -> Result<String, Problem> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let seconds = since.map_err(|error| error.to_string())?.as_secs();
    Ok(civil(seconds / 86_400))
}

/// The day so many days behind 1970-01-01 (Hinnant, *chrono-compatible low-level date algorithms*).
fn civil(days: u64) -> String {
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = year + 400 * era + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_become_dates_over_leap_days() {
        assert_eq!(civil(0), "1970-01-01");
        assert_eq!(civil(19_782), "2024-02-29");
        assert_eq!(civil(19_783), "2024-03-01");
        assert_eq!(civil(20_453), "2025-12-31");
    }

    #[test]
    fn a_date_that_would_lead_out_of_the_record_is_refused() {
        assert!(date("../../2026".to_owned()).is_err());
        assert_eq!(date("2026-01-31".to_owned()).as_deref(), Ok("2026-01-31"));
    }

    #[test]
    fn versions_are_those_of_the_lock_file() {
        let lock = "[[package]]\nname = \"z3-sys\"\nversion = \"1\"\n[[package]]\nname = \"z3\"\nversion = \"0.22.0\"\n";
        assert_eq!(locked(lock, "z3").as_deref(), Ok("0.22.0"));
        assert!(locked(lock, "rayon").is_err());
    }
}
