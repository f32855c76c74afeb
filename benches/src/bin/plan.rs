//! Writes a Terraform plan of a size, to measure the program as a whole with.
//!
//! ```text
//! cargo run --release -p vpcproof-benches --bin plan -- 5000 [--flat] > plan.json
//! ```

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the plan is what it prints"
)]

use std::env;
use std::process::ExitCode;

use benches::terraform_plan::{Shape, plan};

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let shape = match arguments.get(1).map(String::as_str) {
        None => Some(Shape::Modules),
        Some("--flat") => Some(Shape::Flat),
        Some(_) => None,
    };
    let size = arguments.first().and_then(|size| size.parse().ok());
    let (Some(shape), Some(n_resources), true) = (shape, size, arguments.len() < 3) else {
        eprintln!("expected the number of resources, and `--flat` or nothing");
        return ExitCode::from(2);
    };
    println!("{}", plan(n_resources, shape));
    ExitCode::SUCCESS
}
