//! The face that tests see: a network, claims with the words of the invariant file, and proofs.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use ingest::{ReadError, Validated};
use model::Family;

use crate::day::today;
use crate::doubt::Doubt;
use crate::invariant_file::lower;
use crate::invariant_file::policy::PolicyStatement;
use crate::invariant_file::words::Words;
use crate::invariant_file::{Statement, Word};
use crate::judge::{Disagreement, Judge};
use crate::policy_claim;
use crate::problem::{Problem, SourceText};
use crate::render::style::Style;
use crate::render::text;
use crate::report::{Finding, VerdictWord};
use crate::selector::parse::Names;
use crate::session;
use crate::waive;

/// Why something is not proved. It displays the report that `vpcproof check` prints.
#[non_exhaustive]
pub enum Error {
    /// The network cannot be read; every reason.
    Unreadable(ReadError),
    /// The claim cannot be read, or does not fit the network; every reason.
    Problems(Vec<Problem>),
    /// The claim is violated, vacuous or unknown.
    NotProved {
        /// The verdict.
        verdict: VerdictWord,
        /// The report for people.
        report: String,
    },
    /// The engines contradict each other: a fault of vpcproof.
    Disagreement(Box<Disagreement>),
    /// The z3 library is not the one that is trusted.
    Solver(String),
}

/// The result of a proof.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Unreadable(error) => error.fmt(formatter),
            Error::Problems(problems) => {
                let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
                formatter.write_str(&texts.join("\n"))
            }
            Error::NotProved { report, .. } => formatter.write_str(report.trim_end()),
            Error::Disagreement(disagreement) => disagreement.fmt(formatter),
            Error::Solver(message) => formatter.write_str(message),
        }
    }
}

/// A test that returns an error prints it so; the report is what a person wants to see there.
impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "\n{self}")
    }
}

impl std::error::Error for Error {}

/// A network that was read and is valid.
#[derive(Clone, Debug)]
pub struct Network {
    pub(crate) validated: Validated,
    closed_world: bool,
}

/// Reads a network: a directory of `describe-*` JSON, a Terraform plan or state, or a native file.
///
/// # Errors
///
/// Every error of the input.
pub fn load(path: impl AsRef<Path>) -> Result<Network> {
    load_all([path])
}

/// Reads several inputs, layered left to right: a snapshot, then the plan that changes it.
///
/// # Errors
///
/// Every error of every input.
pub fn load_all<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Result<Network> {
    solver::version::check().map_err(|error| Error::Solver(error.to_string()))?;
    let paths: Vec<PathBuf> = paths
        .into_iter()
        .map(|path| path.as_ref().to_owned())
        .collect();
    let validated =
        session::open(&paths, &ingest::Options::default()).map_err(Error::Unreadable)?;
    Ok(Network {
        validated,
        closed_world: false,
    })
}

impl Network {
    /// Takes a plan or a template alone for the whole network, as `--closed-world` does.
    #[must_use]
    pub fn closed_world(self) -> Self {
        Self {
            closed_world: true,
            ..self
        }
    }

    /// Proves a claim.
    ///
    /// # Errors
    ///
    /// When it is not proved; the error displays the report.
    pub fn prove(&self, claim: impl Into<Claim>) -> Result<()> {
        let claim: Claim = claim.into();
        let words = claim.words;
        let (statement, source) = words
            .statement(&Names::default())
            .map_err(Error::Problems)?;
        self.prove_statement(&statement, &source)
    }

    pub(crate) fn prove_statement(&self, statement: &Statement, source: &SourceText) -> Result<()> {
        let network = &self.validated.network;
        let open = &self.validated.open;
        let lowered = lower::lower(statement, network, open, source).map_err(Error::Problems)?;
        let plan = waive::plan(statement, &lowered, (network, open), source, today());
        let plan = plan.map_err(Error::Problems)?;
        let judge = Judge::new(network);
        let doubt = Doubt::of(&self.validated, self.closed_world);
        let finding = waive::judge(&judge, statement, &lowered, &plan, &doubt)
            .map_err(|disagreement| Error::Disagreement(Box::new(disagreement)))?;
        self.settle(&finding)?;
        let mut problems = waive::problems(&finding);
        problems.retain(|problem| !problem.code.is_warning());
        if problems.is_empty() {
            return Ok(());
        }
        Err(Error::Problems(problems))
    }

    pub(crate) fn prove_policy(
        &self,
        statement: &PolicyStatement,
        source: &SourceText,
    ) -> Result<()> {
        let network = &self.validated.network;
        let open = &self.validated.open;
        let endpoints =
            policy_claim::endpoints(statement, network, open, source).map_err(Error::Problems)?;
        let mut finding = policy_claim::judge(&Judge::new(network), statement, &endpoints)
            .map_err(|disagreement| Error::Disagreement(Box::new(disagreement)))?;
        Doubt::of(&self.validated, self.closed_world).of_policy(&mut finding);
        self.settle(&finding)
    }

    fn settle(&self, finding: &Finding) -> Result<()> {
        if finding.verdict == VerdictWord::Proved {
            return Ok(());
        }
        let report = text::finding(finding, &self.validated, Style::PLAIN).join("\n");
        Err(Error::NotProved {
            verdict: finding.verdict,
            report,
        })
    }
}

/// A set of things, in the words of selectors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    texts: Vec<String>,
}

impl Set {
    fn new(base: impl Into<String>) -> Self {
        Self {
            texts: vec![base.into()],
        }
    }

    fn filter(mut self, word: &str, value: &str) -> Self {
        for text in &mut self.texts {
            text.push_str(&format!(" {word}:{value}"));
        }
        self
    }

    fn quoted(self, word: &str, value: &str) -> Self {
        let quote = if value.contains('\'') { '"' } else { '\'' };
        self.filter(word, &format!("{quote}{value}{quote}"))
    }

    /// Those with this tag; `*` and `?` in the value are wildcards.
    #[must_use]
    pub fn tag(self, key: &str, value: &str) -> Self {
        self.quoted("tag", &format!("{key}={value}"))
    }

    /// Those with this name (the tag `Name`).
    #[must_use]
    pub fn name(self, name: &str) -> Self {
        self.quoted("name", name)
    }

    /// Those with this id.
    #[must_use]
    pub fn id(self, id: &str) -> Self {
        self.quoted("id", id)
    }

    /// Those in the VPC of this name or id.
    #[must_use]
    pub fn vpc(self, vpc: &str) -> Self {
        self.quoted("vpc", vpc)
    }

    /// Those in this zone, by its name or id.
    #[must_use]
    pub fn az(self, zone: &str) -> Self {
        self.quoted("az", zone)
    }

    /// Of interfaces, instances and NAT gateways, those in the subnet of this name or id.
    #[must_use]
    pub fn subnet(self, subnet: &str) -> Self {
        self.quoted("subnet", subnet)
    }

    /// Of interfaces and instances, those that have the security group of this id.
    ///
    /// ```
    /// use vpcproof::{always, interfaces, internet, never};
    ///
    /// # fn main() -> vpcproof::Result<()> {
    /// let network = vpcproof::load("tests/networks/small.toml")?;
    /// let (app, db) = (interfaces().subnet("private"), interfaces().security_group("db"));
    /// network.prove(always(app, db.clone(), "tcp/5432"))?;
    /// network.prove(never(internet().ip("198.51.100.0/24"), db))?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn security_group(self, id: &str) -> Self {
        self.quoted("sg", id)
    }

    /// Of the internet as the sender, the hosts with an address of this block.
    #[must_use]
    pub fn ip(self, block: &str) -> Self {
        self.quoted("ip", block)
    }

    /// Of endpoints, the gateway endpoints for a service.
    #[must_use]
    pub fn gateway(self, service: &str) -> Self {
        self.filter("kind", "gateway").quoted("service", service)
    }

    /// Of endpoints, the interface endpoints for a service.
    #[must_use]
    pub fn interface(self, service: &str) -> Self {
        self.filter("kind", "interface").quoted("service", service)
    }

    /// These and those.
    #[must_use]
    pub fn or(mut self, other: Set) -> Self {
        self.texts.extend(other.texts);
        self
    }
}

/// Hosts on the internet.
pub fn internet() -> Set {
    Set::new("internet")
}

/// Hosts on premises, behind VPN connections and Direct Connect.
pub fn on_premises() -> Set {
    Set::new("onprem")
}

/// Everything.
pub fn any() -> Set {
    Set::new("any")
}

/// Network interfaces.
pub fn interfaces() -> Set {
    Set::new("interface")
}

/// Instances, by their interfaces.
pub fn instances() -> Set {
    Set::new("instance")
}

/// Subnets, by the interfaces in them.
pub fn subnets() -> Set {
    Set::new("subnet")
}

/// VPCs, by the interfaces in them.
pub fn vpcs() -> Set {
    Set::new("vpc")
}

/// VPC endpoints.
pub fn endpoint() -> Set {
    Set::new("endpoint")
}

/// NAT gateways.
pub fn nat_gateways() -> Set {
    Set::new("nat-gateway")
}

/// Virtual private gateways.
pub fn virtual_private_gateways() -> Set {
    Set::new("virtual-private-gateway")
}

/// An AWS service, by the last part of its name or the whole of it.
pub fn service(name: &str) -> Set {
    Set::new(format!("service:'{name}'"))
}

/// A DNS name, resolved where the sender stands.
pub fn name(name: &str) -> Set {
    Set::new(format!("name:'{name}'"))
}

/// What one task needs at once, by the name of its recipe.
pub fn recipe(name: &str) -> Set {
    Set::new(format!("recipe:'{name}'"))
}

/// A block of addresses, or one address.
pub fn ip(cidr: &str) -> Set {
    Set::new(format!("ip:'{cidr}'"))
}

/// The entries of a prefix list, by its name or id.
pub fn prefix_list(name: &str) -> Set {
    Set::new(format!("prefix-list:'{name}'"))
}

/// Any selector, as the invariant file has it.
pub fn select(selector: &str) -> Set {
    Set::new(selector)
}

/// A claim.
#[derive(Clone, Debug)]
pub struct Claim {
    words: Words,
}

/// `only` before it is said what the flows pass.
#[derive(Clone, Debug)]
pub struct Only {
    from: Set,
    to: Set,
}

/// No flow is delivered.
pub fn never(from: Set, to: Set) -> Claim {
    Claim::new(Word::Never, from, to)
}

/// Every flow is delivered, and answered; the traffic has to be said.
pub fn always(from: Set, to: Set, traffic: &str) -> Claim {
    Claim::new(Word::Always, from, to).traffic(traffic)
}

/// At least one flow is delivered.
pub fn sometimes(from: Set, to: Set) -> Claim {
    Claim::new(Word::Sometimes, from, to)
}

/// Every delivered flow passes what [`Only::via`] says.
pub fn only(from: Set, to: Set) -> Only {
    Only { from, to }
}

impl Only {
    /// What every delivered flow passes.
    pub fn via(self, set: Set) -> Claim {
        Claim::new(Word::Only, self.from, self.to).via(set)
    }
}

impl Claim {
    fn new(word: Word, from: Set, to: Set) -> Self {
        Self {
            words: Words::new(word, from.texts, to.texts),
        }
    }

    /// The name in reports.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.words.name);
        self
    }

    /// Of these flows only those with such traffic, as `tcp/443`; several are a union.
    #[must_use]
    pub fn traffic(mut self, traffic: &str) -> Self {
        self.words.traffic.push(traffic.to_owned());
        self
    }

    /// What flows pass, after what was said before.
    #[must_use]
    pub fn via(mut self, set: Set) -> Self {
        self.words.via.push(set.texts);
        self
    }

    /// Whether the reply is asked for too.
    #[must_use]
    pub fn answered(mut self, answered: bool) -> Self {
        self.words.answered = answered;
        self
    }

    /// Only IPv4, or only IPv6.
    #[must_use]
    pub fn family(mut self, family: Family) -> Self {
        self.words.families = BTreeSet::from([family]);
        self
    }
}
