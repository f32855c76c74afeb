//! `vpcproof completions` and `vpcproof man`.

use clap::CommandFactory;
use clap_complete::Shell;

use super::Cli;
use super::console::Console;
use crate::exit::Exit;

#[derive(clap::Args)]
pub(crate) struct Completions {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

pub(crate) fn completions(arguments: &Completions, console: &mut Console) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(
        arguments.shell,
        &mut Cli::command(),
        "vpcproof",
        &mut script,
    );
    console.out(&String::from_utf8_lossy(&script));
    Exit::Proved
}

pub(crate) fn man(console: &mut Console) -> Exit {
    let mut page = Vec::new();
    if let Err(error) = clap_mangen::Man::new(Cli::command()).render(&mut page) {
        console.err(&format!("error: the manual page cannot be made: {error}"));
        return Exit::CouldNotRun;
    }
    console.out(&String::from_utf8_lossy(&page));
    Exit::Proved
}
