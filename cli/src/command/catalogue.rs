//! `vpcproof catalogue update`: a catalogue with what AWS says of a Region.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use catalogue::{Catalogue, Day, EndpointKind, Offer};
use clap::Subcommand;
use ingest::endpoint_services::{self, EndpointService, EndpointServices};

use super::console::Console;
use crate::exit::Exit;
use crate::known;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Add what `aws ec2 describe-vpc-endpoint-services` says of a Region.
    Update(Update),
}

#[derive(clap::Args)]
struct Update {
    /// The output of `aws ec2 describe-vpc-endpoint-services`.
    #[arg(value_name = "SERVICES.json")]
    services: PathBuf,

    /// The day on which AWS said it, as 2026-11-26.
    #[arg(long, value_name = "DAY")]
    as_of: Day,

    /// The catalogue to begin with; otherwise the one that the program comes with.
    #[arg(long, value_name = "FILE")]
    catalogue: Option<PathBuf>,

    /// Where to write the catalogue, which may be the file to begin with; otherwise to standard output.
    #[arg(long, value_name = "FILE")]
    into: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments, console: &mut Console) -> Exit {
    let Action::Update(arguments) = &arguments.action;
    match update(arguments, console) {
        Ok(()) => Exit::Proved,
        Err(exit) => exit,
    }
}

fn update(arguments: &Update, console: &mut Console) -> Result<(), Exit> {
    // Both are read before either is refused, so that all errors are in one run.
    let catalogue = match &arguments.catalogue {
        Some(path) => known::read_catalogue(path),
        None => Ok(Catalogue::bundled().clone()),
    };
    let catalogue = catalogue.map_err(|problems| console.problems(&problems));
    let services = endpoint_services::read(&arguments.services);
    let services = services.map_err(|error| {
        console.err(&error.to_string());
        Exit::CouldNotRun
    });
    let (mut catalogue, services) = (catalogue?, services?);
    let source = "aws ec2 describe-vpc-endpoint-services";
    let updated = catalogue.update(&offers(&services), arguments.as_of, source);
    let updated = updated.map_err(|wrong| {
        let file = arguments.services.display();
        for message in wrong {
            console.err(&format!("error[invalid-value]: {message}\n  --> {file}"));
        }
        Exit::CouldNotRun
    })?;
    let text = format!("{}{}", heading(&catalogue), catalogue.write());
    match &arguments.into {
        Some(path) => write(path, &text, console)?,
        None => console.out(&text),
    }
    console.err(&format!(
        "{} new, {} changed, {} as they were known, {} left out since their names do not say their Region",
        updated.new,
        updated.changed,
        updated.same,
        services.left_out.len()
    ));
    Ok(())
}

fn write(path: &Path, text: &str, console: &mut Console) -> Result<(), Exit> {
    fs::write(path, text).map_err(|error| {
        let path = path.display();
        console.err(&format!("error: `{path}` cannot be written: {error}"));
        Exit::CouldNotRun
    })
}

fn heading(catalogue: &Catalogue) -> String {
    format!(
        "# AWS services, brought up to date by `vpcproof catalogue update`; what no `differs` says is as of {}.\n\n",
        catalogue.as_of
    )
}

fn offers(services: &EndpointServices) -> Vec<Offer> {
    let services = services.services.iter();
    services
        .map(|((region, name), service)| Offer {
            region: region.clone(),
            name: name.clone(),
            endpoints: kinds(service),
            private_names: service.private_names.clone(),
            policy: service.policy,
        })
        .collect()
}

fn kinds(service: &EndpointService) -> BTreeSet<EndpointKind> {
    let gateway = service.gateway.then_some(EndpointKind::Gateway);
    let interface = service.interface.then_some(EndpointKind::Interface);
    gateway.into_iter().chain(interface).collect()
}
