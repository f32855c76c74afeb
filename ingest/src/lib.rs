//! Reads foreign formats into a draft of the network, and says where each part came from.
//!
//! [`read`] recognises what it is given by its content, reads all of it whatever mistakes it has,
//! and gives either a draft or every error. [`Ingested::validate`] closes the draft.
//!
//! Nothing is dropped in silence: what has no model yet is a warning that names it, and what was
//! taken for granted is an [`Assumption`].

pub mod access_scope;
pub mod cidr;
mod client_vpn;
mod cloudformation;
mod collection;
pub mod diagnostic;
mod doubt;
pub mod endpoint_services;
pub mod native;
mod network_interface;
mod open;
pub mod policy;
pub mod provenance;
pub mod toml_error;

mod block_public_access;
mod defect;
mod describe;
mod file;
mod inbound_resolver;
mod ip_ranges;
mod json;
mod load_balancer;
mod nearest;
mod on_premises;
mod recognise;
mod records;
mod regional_nat_gateway;
mod resources;
mod sink;
mod terraform;
mod traced;
pub mod transient;
mod vpc_endpoint;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;

use model::{Hole, Network, NetworkDraft, NetworkInterfaceId};

pub use collection::{Collection, Concerns, MissingAnswer};
pub use diagnostic::{Assumption, Code, Diagnostic, Place, Severity, Source};
pub use doubt::{Doubt, DoubtOf, Touches};
pub use open::{OpenAttributes, OpenComponent, OpenId};
pub use provenance::{Kind, Provenance};
pub use recognise::is_terraform_file;
pub use resources::{ResourceChange, Resources};
pub use traced::Traced;

use file::Limits;

/// Reads inputs, each recognised by its content, and layers them left to right.
///
/// # Errors
///
/// Every error of every input, not the first.
pub fn read(paths: &[PathBuf]) -> Result<Ingested, ReadError> {
    read_with(paths, &Options::default())
}

/// What helps to read inputs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Directories with the `.tf` files of which the plans among the inputs were made. For each plan
    /// the first one that fits is taken.
    pub terraform_files: Vec<PathBuf>,
    /// Takes of a plan the state before it, in place of its result.
    pub prior_state: bool,
}

/// Reads inputs as [`read`] does, with what helps to read them.
///
/// # Errors
///
/// Every error of every input, not the first.
pub fn read_with(paths: &[PathBuf], options: &Options) -> Result<Ingested, ReadError> {
    recognise::read(paths, options, Limits::default())
}

/// What was read.
#[derive(Clone, Debug)]
pub struct Ingested {
    /// The network as the inputs have it, not yet checked.
    pub draft: NetworkDraft,
    /// Where each part came from.
    pub provenance: Provenance,
    /// Warnings.
    pub diagnostics: Vec<Diagnostic>,
    /// What was read, in order.
    pub inputs: Vec<Input>,
    /// What was taken for granted, in order and each once.
    pub assumptions: Vec<Assumption>,
    /// What is in the network in a place that is not known, by the attributes that would tell it:
    /// nothing is certain without them.
    pub unplaced: BTreeSet<Hole>,
    /// What no proof may rest on.
    pub doubts: BTreeSet<Doubt>,
    /// The subnets whose blocks of IPv6 are not known.
    pub unseen_ipv6: BTreeSet<String>,
    /// Interfaces that have no public address in the network, and may have one, by what decides it.
    pub bare: BTreeMap<NetworkInterfaceId, Hole>,
    /// What is open of what selectors ask for.
    pub open: OpenAttributes,
    /// The references that plans leave open, by attribute, and how far each was traced.
    pub references: BTreeMap<String, Traced>,
    /// The resources of plans and states, and what the plans do with them.
    pub resources: Resources,
}

/// One input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// The path as the caller named it.
    pub path: String,
    /// What it was recognised as.
    pub kind: InputKind,
    /// The SHA-256 of the file; of a directory that of its sorted list of names and hashes.
    pub sha256: String,
    /// Of a directory, what its manifests say of its recording.
    pub collections: Vec<Collection>,
}

/// The kind of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum InputKind {
    /// A directory of AWS CLI `describe-*` JSON.
    Describe,
    /// What AWS Config recorded.
    Config,
    /// A Terraform plan, from `terraform show -json`.
    TerraformPlan,
    /// A Terraform state, from `terraform show -json` or as it is stored.
    TerraformState,
    /// The `.tf` files of a plan, in a directory.
    TerraformFiles,
    /// A CloudFormation template, in JSON or YAML.
    CloudFormation,
    /// A CloudFormation change set.
    ChangeSet,
    /// The parameters of a CloudFormation template.
    CloudFormationParameters,
    /// The manifest of the CDK beside templates, which says for which account and Region they are.
    CdkManifest,
    /// AWS's `ip-ranges.json`.
    IpRanges,
    /// A native network file.
    Native,
}

impl InputKind {
    /// The kebab-case name that reports use.
    pub const fn name(self) -> &'static str {
        match self {
            InputKind::Describe => "describe",
            InputKind::Config => "aws-config",
            InputKind::TerraformPlan => "terraform-plan",
            InputKind::TerraformState => "terraform-state",
            InputKind::TerraformFiles => "terraform-files",
            InputKind::CloudFormation => "cloudformation",
            InputKind::ChangeSet => "cloudformation-change-set",
            InputKind::CloudFormationParameters => "cloudformation-parameters",
            InputKind::CdkManifest => "cdk-manifest",
            InputKind::IpRanges => "aws-ip-ranges",
            InputKind::Native => "native",
        }
    }
}

/// A valid network and what was read with it.
#[derive(Clone, Debug)]
pub struct Validated {
    /// The network.
    pub network: Network,
    /// Where each part came from.
    pub provenance: Provenance,
    /// Warnings.
    pub diagnostics: Vec<Diagnostic>,
    /// What was read, in order.
    pub inputs: Vec<Input>,
    /// What was taken for granted, in order and each once.
    pub assumptions: Vec<Assumption>,
    /// What is in the network in a place that is not known, by the attributes that would tell it:
    /// nothing is certain without them.
    pub unplaced: BTreeSet<Hole>,
    /// What no proof may rest on.
    pub doubts: BTreeSet<Doubt>,
    /// The subnets whose blocks of IPv6 are not known.
    pub unseen_ipv6: BTreeSet<String>,
    /// Interfaces that have no public address in the network, and may have one, by what decides it.
    pub bare: BTreeMap<NetworkInterfaceId, Hole>,
    /// The resources of plans and states, and what the plans do with them.
    pub resources: Resources,
    /// What is open of what selectors ask for.
    pub open: OpenAttributes,
}

/// The inputs cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// Every error of the run and the warnings before them.
    pub diagnostics: Vec<Diagnostic>,
    /// How many errors more there are than [`MAX_ERRORS`].
    pub n_more: usize,
}

/// The most errors that one run reports: who has more has one mistake many times.
pub const MAX_ERRORS: usize = 1000;

impl fmt::Display for ReadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let errors = self.diagnostics.iter().filter(|one| one.is_error());
        for (position, error) in errors.enumerate() {
            if position > 0 {
                formatter.write_str("\n")?;
            }
            write!(formatter, "{error}")?;
        }
        match self.n_more {
            0 => Ok(()),
            n_more => write!(formatter, "\nand {n_more} more errors"),
        }
    }
}

impl std::error::Error for ReadError {}

impl Ingested {
    /// Checks the draft and closes the world.
    ///
    /// # Errors
    ///
    /// Every defect, at the place that its component came from.
    pub fn validate(self) -> Result<Validated, ReadError> {
        let mut diagnostics = self.diagnostics;
        match self.draft.validate() {
            Ok(network) => Ok(Validated {
                network,
                provenance: self.provenance,
                diagnostics,
                inputs: self.inputs,
                assumptions: self.assumptions,
                unplaced: self.unplaced,
                doubts: self.doubts,
                unseen_ipv6: self.unseen_ipv6,
                bare: self.bare,
                resources: self.resources,
                open: self.open,
            }),
            Err(defects) => {
                let file = self.inputs.first().map_or("", |input| input.path.as_str());
                let shown = defects.iter().take(MAX_ERRORS);
                diagnostics.extend(defect::explain(shown, &self.provenance, file));
                let n_more = defects.len().saturating_sub(MAX_ERRORS);
                Err(ReadError {
                    diagnostics,
                    n_more,
                })
            }
        }
    }
}
