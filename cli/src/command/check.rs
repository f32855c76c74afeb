//! `vpcproof check`.

use std::collections::BTreeSet;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use catalogue::Day;
use clap::ValueEnum;
use ingest::Validated;
use solver::Solver;

use super::Networks;
use super::baseline::Asked;
use super::console::Console;
use super::output::{self, Format, Output, Outputs};
use super::watch;
use crate::day;
use crate::exit::Exit;
use crate::invariant_file::{self, InvariantFile, lower};
use crate::judge::Judge;
use crate::known::Known;
use crate::render::{Rendering, json, text};
use crate::repair;
use crate::report::{Kind, Report, UnknownIs, VerdictWord};
use crate::rests::{self, Terms, World};
use crate::reuse;
use crate::session::{self, Failure, Options};
use crate::transient;
use crate::waive;
use crate::watch::news::{self, Verdicts};
use crate::why;
use model::Engine;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(super) networks: Networks,

    /// The invariant file; otherwise vpcproof.toml, looked for upwards from here.
    #[arg(short, long, value_name = "FILE")]
    pub(super) invariants: Option<PathBuf>,

    /// Leave the built-in checks out.
    #[arg(long)]
    no_builtin: bool,

    /// Prices, as in catalogue/data/prices.toml, that replace those of the same component and Region.
    #[arg(long, value_name = "FILE")]
    pub(super) prices: Option<PathBuf>,

    /// Services, as in catalogue/data/services.toml, that replace those of the same name.
    #[arg(long, value_name = "FILE")]
    pub(super) catalogue: Option<PathBuf>,

    #[command(flatten)]
    pub(super) outputs: Outputs,

    /// Say of each violated claim of the file what to edit so that it holds for the flow shown.
    #[arg(long)]
    repairs: bool,

    /// Say of each proved claim of the file on which rules and policies it rests: it stays proved whatever all
    /// others say, and none of these can be left out.
    #[arg(long)]
    why: bool,

    /// Write each claim as SMT-LIB into this directory, for any other solver to check.
    #[arg(long, value_name = "DIR")]
    emit_smt: Option<PathBuf>,

    /// Judge each claim of the file also for every network that can exist while a plan is applied, in
    /// any order and stopped anywhere; the verdict is the weaker one.
    #[arg(long)]
    transient: bool,

    /// What a claim that is neither proved nor violated means for the exit code.
    #[arg(long, value_enum, default_value_t, value_name = "WHAT")]
    unknown: Unknown,

    /// Take a plan or a template alone for the whole network.
    #[arg(long)]
    closed_world: bool,

    /// Write what is violated today into this baseline, and judge the claims and checks without it.
    #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
    create_baseline: Option<PathBuf>,

    /// Judge the claims and checks without what this baseline says, so that only what is new fails; entries that
    /// nothing violates any more, or that are wider than what does, are told.
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,

    /// The day by which waivers end, as 2026-11-26; otherwise that of the clock, in UTC.
    #[arg(long, value_name = "DAY")]
    today: Option<Day>,

    /// How many claims and built-in checks are judged at a time; otherwise as many as there are cores.
    #[arg(short, long, value_name = "N")]
    jobs: Option<NonZeroUsize>,

    /// Check again whenever something that was read changes, until Ctrl-C.
    #[arg(short, long, conflicts_with = "create_baseline")]
    watch: bool,
}

/// A run, for the one after it.
pub(super) struct Past {
    verdicts: Verdicts,
    run: reuse::Past,
}

impl Past {
    /// How many claims and built-in checks were judged, and how many there are.
    pub(super) fn n_judged(&self) -> [usize; 2] {
        let judged = &self.run.judged;
        let all = judged.claims.len() + judged.policies.len() + judged.checks.len();
        [judged.n_anew, all]
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Unknown {
    /// Exit code 3.
    #[default]
    Fail,
    /// Exit code 0, with a warning.
    Warn,
    /// Exit code 0.
    Ignore,
}

pub(crate) fn run(arguments: &Arguments, console: &mut Console) -> Exit {
    if arguments.watch && !watch::is_unattended() {
        return watch::run(arguments, console);
    }
    if arguments.watch {
        console.err("warning: `--watch` is left out, since CI is set: the job would never end");
    }
    match once(arguments, console, None) {
        Ok((exit, _)) | Err(exit) => exit,
    }
}

/// Checks once; `past` is the run before it.
pub(super) fn once(
    arguments: &Arguments,
    console: &mut Console,
    past: Option<&Past>,
) -> Result<(Exit, Past), Exit> {
    let outputs = arguments
        .outputs
        .get()
        .map_err(|message| console.error(&message))?;
    // All are read before one is refused, so that all errors are in one run.
    let file = invariants(arguments, console);
    let known = Known::with(arguments.prices.as_deref(), arguments.catalogue.as_deref());
    let known = known.map_err(|problems| console.problems(&problems));
    let validated = console.read_for_solver(&arguments.networks);
    let before = before(arguments, console);
    let (mut file, known, validated, before) = (file?, known?, validated?, before?);
    if arguments.transient {
        let is_plan = |input: &ingest::Input| input.kind == ingest::InputKind::TerraformPlan;
        let message = if !validated.inputs.iter().any(is_plan) {
            Some(
                "`--transient` needs to know what is changed\n  help: give a Terraform plan, which has \
                 the state before it",
            )
        } else if file.is_none() {
            Some(
                "`--transient` is about the claims of an invariant file, and there is none\n  help: \
                 `vpcproof init NETWORK` writes a starter file",
            )
        } else {
            None
        };
        if let Some(message) = message {
            return Err(console.error(message));
        }
    }
    let options = Options {
        built_in: !arguments.no_builtin,
        closed_world: arguments.closed_world,
        today: arguments.today.unwrap_or_else(day::today),
        jobs: arguments.jobs,
    };
    let warnings = {
        let asked = Asked {
            create: arguments.create_baseline.as_deref(),
            read: arguments.baseline.as_deref(),
            closed_world: options.closed_world,
            today: options.today,
        };
        super::baseline::with(asked, &validated, file.as_mut(), console)?
    };
    let before_now = past.map(|past| &past.run);
    let each = |what: &str| console.progress(what);
    let checked = session::check(&validated, file.as_ref(), &known, options, before_now, each);
    let (mut report, judged) = checked.map_err(|failure| console.failure(&failure))?;
    if let (Some(before), Some(file)) = (&before, &file) {
        let both = [before, &validated];
        let each = |what: &str| console.progress(what);
        let how = (arguments.closed_world, arguments.jobs);
        transient::judge(&mut report, both, file, how, each)
            .map_err(|disagreement| console.failure(&disagreement.into()))?;
    }
    if let Some(path) = &arguments.create_baseline {
        super::baseline::complete(path, &report, file.as_mut(), console)?;
    }
    let entries = file.as_ref().map_or(&[][..], |file| &file.known);
    let of_known = waive::known::apply(&mut report, entries, options.today);
    if arguments.repairs {
        repairs(&mut report, &validated).map_err(|failure| console.failure(&failure))?;
    }
    if let (true, Some(file)) = (arguments.why, &file) {
        let terms = Terms {
            source: &file.source,
            closed_world: options.closed_world,
            today: options.today,
        };
        let each = |what: &str| console.progress(what);
        why(&mut report, &validated, file, terms, each)
            .map_err(|failure| console.failure(&failure))?;
    }
    if let (Some(directory), Some(file)) = (&arguments.emit_smt, &file) {
        let written = emit_smt(directory, file, &validated, options.today);
        written.map_err(|message| console.error(&message))?;
    }
    let rendering = Rendering {
        report: &report,
        validated: &validated,
    };
    let verdicts = Verdicts::of(&report);
    if let Some(past) = past {
        let style = console.style;
        let is_text = |one: &Output| one.path.is_none() && one.format == Format::Text;
        let told = news::told(&past.verdicts, &verdicts, style);
        if outputs.iter().any(is_text) {
            console.out(&told);
        } else {
            console.err(told.trim_end());
        }
    }
    output::write(&outputs, console, |format, style| match format {
        Format::Text => text::report(rendering, style),
        Format::Json => json::report(rendering),
    })?;
    let of_waivers = report.findings.iter().flat_map(waive::problems);
    for problem in warnings.into_iter().chain(of_waivers).chain(of_known) {
        console.err(&problem.to_string());
    }
    let unknown_is = match arguments.unknown {
        Unknown::Fail => UnknownIs::Fail,
        Unknown::Warn => UnknownIs::Warn,
        Unknown::Ignore => UnknownIs::Ignore,
    };
    let unknown = report.counts().unknown;
    if unknown > 0 && unknown_is == UnknownIs::Warn {
        let claims = if unknown == 1 {
            "claim is"
        } else {
            "claims are"
        };
        console.err(&format!(
            "warning: {unknown} {claims} neither proved nor violated"
        ));
    }
    let exit = report.exit(unknown_is);
    let run = reuse::Past {
        validated,
        closed_world: options.closed_world,
        judged,
    };
    Ok((exit, Past { verdicts, run }))
}

/// The network before the plans, when it is asked for.
fn before(arguments: &Arguments, console: &mut Console) -> Result<Option<Validated>, Exit> {
    let before = Networks {
        networks: arguments.networks.networks.clone(),
        hcl: Vec::new(),
        prior_state: true,
    };
    let before = arguments.transient.then(|| console.read_silently(&before));
    before.transpose()
}

/// The invariant file that was named, or the one found upwards; none is fine as long as the
/// built-in checks run.
fn invariants(arguments: &Arguments, console: &mut Console) -> Result<Option<InvariantFile>, Exit> {
    let found = invariant_file::named_or_found(arguments.invariants.as_deref());
    match found {
        Some(path) => match invariant_file::read(&path) {
            Ok(file) if arguments.no_builtin && file.names().next().is_none() => {
                console.err(&format!(
                    "error: there is nothing to check: `{}` has no claim, and `--no-builtin`\n  \
                     help: `vpcproof diff` judges its `[change]`",
                    path.display()
                ));
                Err(Exit::CouldNotRun)
            }
            Ok(file) => Ok(Some(file)),
            Err(problems) => Err(console.problems(&problems)),
        },
        None if arguments.no_builtin => {
            console.err(
                "error: there is nothing to check: no vpcproof.toml here or above, and \
                 `--no-builtin`\n  help: `vpcproof init NETWORK` writes a starter file",
            );
            Err(Exit::CouldNotRun)
        }
        None => Ok(None),
    }
}

/// Adds to each violated claim of the file what would mend it.
fn repairs(report: &mut Report, validated: &Validated) -> Result<(), Failure> {
    let judge = Judge::new(&validated.network);
    for finding in &mut report.findings {
        let Kind::Claim(word) = finding.kind else {
            continue;
        };
        let (Some(evidence), Some(invariant)) = (&finding.evidence, &finding.invariant) else {
            continue;
        };
        if finding.verdict != VerdictWord::Violated {
            continue;
        }
        let found = repair::of_claim(&judge, word, invariant, evidence);
        finding.repairs = found.map_err(Failure::from)?;
    }
    Ok(())
}

/// Adds to each proved claim of the file what it rests on.
fn why(
    report: &mut Report,
    validated: &Validated,
    file: &InvariantFile,
    terms: Terms<'_>,
    mut each: impl FnMut(&str),
) -> Result<(), Failure> {
    let of_file = report.findings.iter_mut().filter(|one| match one.kind {
        Kind::Claim(_) | Kind::Policy => true,
        Kind::BuiltIn(_) => false,
    });
    // Findings of claims come in the order of the file.
    for (finding, claim) in of_file.zip(rests::claims(file)) {
        if finding.verdict != VerdictWord::Proved {
            continue;
        }
        let name = finding.name.clone();
        let core = why::core(&validated.network, |network| {
            each(&name);
            let opened = Validated {
                network,
                ..validated.clone()
            };
            match World::new(&opened, terms).judge(claim) {
                Ok(finding) => Ok(finding.verdict == VerdictWord::Proved),
                // What its selectors mean is not known any more.
                Err(Failure::Problems(_)) => Ok(false),
                Err(failure @ Failure::Disagreement(_)) => Err(failure),
            }
        })?;
        finding.why = Some(core);
    }
    Ok(())
}

/// Writes each claim; of one with waivers, each part that they leave.
fn emit_smt(
    directory: &Path,
    file: &InvariantFile,
    validated: &Validated,
    today: Day,
) -> Result<(), String> {
    let told = |path: &Path, error: std::io::Error| {
        format!("`{}` cannot be written: {error}", path.display())
    };
    fs::create_dir_all(directory).map_err(|error| told(directory, error))?;
    let solver = Solver::load(&validated.network);
    let mut taken = BTreeSet::new();
    for statement in &file.statements {
        // The claims were lowered before they were judged, so this one can be lowered again.
        let Validated { network, open, .. } = validated;
        let source = &file.source;
        let Ok(lowered) = lower::lower(statement, network, open, source) else {
            continue;
        };
        let Ok(plan) = waive::plan(statement, &lowered, (network, open), source, today) else {
            continue;
        };
        // Waivers that leave nothing do not count.
        let whole = plan.rest.is_empty().then_some(lowered.strongest());
        for invariant in plan.rest.iter().chain(whole) {
            let mut name = file_name(&statement.name);
            while !taken.insert(name.clone()) {
                name.push('_');
            }
            let path = directory.join(format!("{name}.smt2"));
            fs::write(&path, solver.smt2(invariant)).map_err(|error| told(&path, error))?;
        }
    }
    Ok(())
}

/// A name as a file's: whatever is not a letter, a digit, `-`, `_` or `.` becomes `_`.
fn file_name(name: &str) -> String {
    let keep = |letter: char| letter.is_alphanumeric() || ['-', '_'].contains(&letter);
    name.chars()
        .map(|letter| if keep(letter) { letter } else { '_' })
        .collect()
}
