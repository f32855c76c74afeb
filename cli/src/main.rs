//! The `vpcproof` command.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Reading a large snapshot is mostly taking and giving back small pieces of memory.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    vpcproof::command::run().into()
}
