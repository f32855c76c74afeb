//! `vpcproof generate`: a snapshot of any size, for measurements that anyone can repeat.

use std::io;
use std::path::PathBuf;

use super::console::Console;
use crate::exit::Exit;
use crate::generate::{self, MOST_INTERFACES, MOST_SUBNETS, MOST_VPCS, Size};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The directory to write to, which must not be there yet.
    #[arg(value_name = "DIR")]
    into: PathBuf,

    /// How many interfaces there are, besides those of NAT gateways and endpoints.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_INTERFACES)))]
    interfaces: u32,

    /// How many kinds of interfaces each VPC has: those of one kind have the same security group.
    #[arg(long, value_name = "K", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=500))]
    templates: u16,

    /// How many VPCs there are; otherwise as many as the interfaces fill.
    #[arg(long, value_name = "V", value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_VPCS)))]
    vpcs: Option<u32>,

    /// How many subnets each VPC has: every second one is private.
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u16).range(2..=i64::from(MOST_SUBNETS)))]
    subnets: u16,

    /// How many further inbound rules each security group has.
    #[arg(long, value_name = "R", default_value_t = 0, value_parser = clap::value_parser!(u16).range(0..=1000))]
    rules: u16,

    /// What chance is made of: the same numbers give the same bytes.
    #[arg(long, value_name = "S", default_value_t = 0)]
    seed: u64,
}

pub(crate) fn run(arguments: &Arguments, console: &mut Console) -> Exit {
    let size = Size {
        interfaces: arguments.interfaces,
        templates: arguments.templates,
        vpcs: arguments.vpcs,
        subnets: arguments.subnets,
        rules: arguments.rules,
        seed: arguments.seed,
    };
    if let Some(problem) = size.problem() {
        console.err(&format!("error: {problem}"));
        return Exit::CouldNotRun;
    }
    let into = arguments.into.display();
    match generate::write(size, &arguments.into) {
        Ok(()) => {
            console.err(&format!(
                "wrote {into}; read it with `vpcproof show {into}`"
            ));
            Exit::Proved
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            console.err(&format!(
                "error: `{into}` is there already: name a new directory"
            ));
            Exit::CouldNotRun
        }
        Err(error) => {
            console.err(&format!("error: `{into}` cannot be written: {error}"));
            Exit::CouldNotRun
        }
    }
}
