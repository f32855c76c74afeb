//! The commands. Only this module and its children print.

mod baseline;
mod catalogue;
mod check;
mod complete;
mod console;
mod diff;
mod explain;
mod explain_code;
mod explain_name;
mod generate;
mod import_scope;
mod init;
mod input;
mod matrix;
mod output;
mod replay;
mod rests_on;
mod show;
pub(crate) mod trace;
mod watch;

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::exit::Exit;
use console::Console;

/// Proves what can reach what in an AWS network, before a change is applied.
///
/// A NETWORK is a path, recognised by its content: a directory of AWS CLI `describe-*` JSON, what
/// AWS Config recorded, a Terraform plan or state from `terraform show -json`, a CloudFormation
/// template (JSON or YAML), the parameters of one, a change set, AWS's `ip-ranges.json`, or a native
/// network file (TOML). Several are layered left to right; templates and change sets come last.
///
/// Exit code: 0 all proved, 1 something violated, 2 could not run, 3 something unknown.
#[derive(Parser)]
#[command(name = "vpcproof", version, about, long_about, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,

    /// When to colour; NO_COLOR and CLICOLOR_FORCE are heeded too.
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    color: Color,
}

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[derive(Subcommand)]
enum Command {
    /// Do all invariants hold, and do the built-in checks find nothing?
    Check(check::Arguments),
    /// Which flows does a change open, close or re-route, and is it the change that was stated?
    Diff(diff::Arguments),
    /// The path from A to B hop by hop, or the first rule that blocks it.
    Explain(explain::Arguments),
    /// Which proved claims rest on a component or a rule: what becomes of them without it.
    RestsOn(rests_on::Arguments),
    /// Who reaches whom, on what: all pairs, in groups.
    Matrix(matrix::Arguments),
    /// Decide many concrete flows: JSON lines in, JSON lines out.
    Trace(trace::Arguments),
    /// Do recorded VPC Flow Logs agree with the model?
    Replay(replay::Arguments),
    /// The network as understood; what is open or not modelled first.
    Show(show::Arguments),
    /// Write a starter vpcproof.toml made from the network's tags.
    Init(init::Arguments),
    /// Turn a scope of AWS's Network Access Analyzer into invariants.
    ImportScope(import_scope::Arguments),
    /// Bring the catalogue of AWS services up to date.
    Catalogue(catalogue::Arguments),
    /// Write a snapshot of any size, for measurements that anyone can repeat.
    Generate(generate::Arguments),
    /// What a code of a check, diagnostic or clause means.
    ExplainCode(explain_code::Arguments),
    /// Print the completions of a shell.
    Completions(complete::Completions),
    /// Print the manual page.
    Man,
}

/// The networks that a command reads.
#[derive(clap::Args)]
pub(crate) struct Networks {
    /// What to read: a directory of describe-* JSON, a snapshot of AWS Config, a Terraform plan or state, a CloudFormation
    /// template with its file of parameters behind it, a change set, the CDK's `cdk.out`, AWS's `ip-ranges.json`, a native
    /// TOML file; several are layered, from the left.
    #[arg(required = true, value_name = "NETWORK")]
    networks: Vec<PathBuf>,

    /// The `.tf` files that a plan was made of, which say what the plan leaves out; with several
    /// plans, once for each.
    #[arg(long, value_name = "DIR")]
    hcl: Vec<PathBuf>,

    /// Whether plans stand for the state before them.
    #[arg(skip)]
    prior_state: bool,
}

/// Runs the command line.
pub fn run() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors: clap prints them to standard output.
            let printed = error.print();
            return match (error.exit_code(), printed) {
                (0, Ok(())) => Exit::Proved,
                (_, _) => Exit::CouldNotRun,
            };
        }
    };
    let mut console = Console::new(cli.color);
    match cli.command {
        Command::Check(arguments) => check::run(&arguments, &mut console),
        Command::Diff(arguments) => diff::run(&arguments, &mut console),
        Command::Explain(arguments) => explain::run(&arguments, &mut console),
        Command::RestsOn(arguments) => rests_on::run(&arguments, &mut console),
        Command::Matrix(arguments) => matrix::run(&arguments, &mut console),
        Command::Trace(arguments) => trace::run(&arguments, &mut console),
        Command::Replay(arguments) => replay::run(&arguments, &mut console),
        Command::Show(arguments) => show::run(&arguments, &mut console),
        Command::Init(arguments) => init::run(&arguments, &mut console),
        Command::ImportScope(arguments) => import_scope::run(&arguments, &mut console),
        Command::Catalogue(arguments) => catalogue::run(&arguments, &mut console),
        Command::Generate(arguments) => generate::run(&arguments, &mut console),
        Command::ExplainCode(arguments) => explain_code::run(&arguments, &mut console),
        Command::Completions(arguments) => complete::completions(&arguments, &mut console),
        Command::Man => complete::man(&mut console),
    }
}
