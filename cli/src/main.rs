//! The `vpcproof` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    vpcproof::command::run().into()
}
