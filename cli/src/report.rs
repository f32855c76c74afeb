//! What a run found: one finding for each claim, and for each fault that a built-in check names.

use std::collections::BTreeSet;
use std::fmt;

use model::{ComponentId, Direction, Invariant, Request, RuleIndex};

use crate::cost::Cost;
use crate::exit::Exit;
use crate::invariant_file::known::KnownFinding;
use crate::invariant_file::{Severity, Word};
use crate::judge::{Engines, Evidence, Reason};
use crate::repair::Repairs;
use crate::transient::During;
use crate::waive::Waived;
use crate::why::Core;

/// The verdict on a claim, as reports word it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum VerdictWord {
    /// It holds for every flow in scope and every completion of what the input leaves open.
    Proved,
    /// A witness shows that it does not.
    Violated,
    /// It speaks of no flow.
    Vacuous,
    /// It is not known, for a named reason.
    Unknown,
}

impl VerdictWord {
    /// The word as JSON has it.
    pub const fn name(self) -> &'static str {
        match self {
            VerdictWord::Proved => "proved",
            VerdictWord::Violated => "violated",
            VerdictWord::Vacuous => "vacuous",
            VerdictWord::Unknown => "unknown",
        }
    }
}

impl fmt::Display for VerdictWord {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name().to_uppercase())
    }
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Claim(Word),
    Policy,
    BuiltIn(&'static str),
}

/// Where a trace first differs from what the claim says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Difference {
    /// A step of the request or of the reply.
    Step(Direction, usize),
    /// The endpoint's policy.
    Policy,
}

/// A component, or one of its rules.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Subject {
    pub(crate) component: ComponentId,
    pub(crate) rule: Option<RuleIndex>,
}

/// The answer to one claim.
#[derive(Clone, Debug)]
pub struct Finding {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) verdict: VerdictWord,
    pub(crate) severity: Severity,
    /// The claim, or what is wrong, as one sentence in the user's own names.
    pub(crate) sentence: String,
    /// More on it, a line each.
    pub(crate) notes: Vec<String>,
    /// What the finding is about, when it is no flow.
    pub(crate) subjects: Vec<Subject>,
    pub(crate) evidence: Option<Box<Evidence>>,
    /// The request that two policies treat differently.
    pub(crate) request: Option<Request>,
    /// Of a claim about policies, the digest of all that decides it, where the input says that.
    pub(crate) pinned: Option<String>,
    pub(crate) difference: Option<Difference>,
    /// What the way of the evidence costs, where that is part of the answer.
    pub(crate) costs: Vec<Cost>,
    /// What would open a question that no flow satisfies.
    pub(crate) repairs: Repairs,
    pub(crate) reasons: BTreeSet<Reason>,
    pub(crate) assumptions: Vec<String>,
    pub(crate) engines: Option<Engines>,
    pub(crate) vacuous_is_error: bool,
    /// How it fares while the change is applied, when that was asked.
    pub(crate) during: Option<During>,
    /// Of a claim about flows, what was judged; with waivers, the part of it that decides.
    pub(crate) invariant: Option<Box<Invariant>>,
    /// The waivers of the claim, in the order of the file.
    pub(crate) waived: Vec<Waived>,
    /// The entry of a baseline that lets it be as a whole.
    pub(crate) known: Option<KnownFinding>,
    /// What the proof rests on, when that was asked.
    pub(crate) why: Option<Core>,
}

impl Finding {
    /// A finding that nothing is known of yet.
    pub(crate) fn new(name: String, kind: Kind, severity: Severity, sentence: String) -> Self {
        Self {
            name,
            kind,
            verdict: VerdictWord::Unknown,
            severity,
            sentence,
            notes: Vec::new(),
            subjects: Vec::new(),
            evidence: None,
            request: None,
            pinned: None,
            difference: None,
            costs: Vec::new(),
            repairs: Repairs::default(),
            reasons: BTreeSet::new(),
            assumptions: Vec::new(),
            engines: None,
            vacuous_is_error: false,
            during: None,
            invariant: None,
            waived: Vec::new(),
            known: None,
            why: None,
        }
    }
}

/// How one built-in check went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CheckSummary {
    pub(crate) code: &'static str,
    pub(crate) findings: usize,
    /// Why some of it could not be decided.
    pub(crate) reasons: BTreeSet<Reason>,
}

/// Something worth knowing that is no fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Advice {
    pub(crate) code: &'static str,
    pub(crate) text: String,
    pub(crate) subject: Subject,
}

/// Everything that a run found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub(crate) findings: Vec<Finding>,
    pub(crate) built_in: Vec<CheckSummary>,
    pub(crate) advice: Vec<Advice>,
    /// Assumptions of the command, besides those of the readers: code and sentence.
    pub(crate) assumptions: Vec<(&'static str, String)>,
    /// Whether something in it depends on what a name means.
    pub(crate) asks_names: bool,
}

/// How many findings have each verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) proved: usize,
    pub(crate) violated: usize,
    /// Those of the violated ones that a baseline lets be as a whole.
    pub(crate) known: usize,
    pub(crate) vacuous: usize,
    pub(crate) unknown: usize,
}

/// What an unknown verdict means for the exit code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownIs {
    /// Exit code 3.
    #[default]
    Fail,
    /// Exit code 0 and a warning.
    Warn,
    /// Exit code 0.
    Ignore,
}

impl Report {
    pub(crate) fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for finding in &self.findings {
            match finding.verdict {
                VerdictWord::Proved => counts.proved += 1,
                VerdictWord::Violated => {
                    counts.violated += 1;
                    counts.known += usize::from(finding.known.is_some());
                }
                VerdictWord::Vacuous => counts.vacuous += 1,
                VerdictWord::Unknown => counts.unknown += 1,
            }
        }
        counts
    }

    /// The exit code of a run with this report.
    pub(crate) fn exit(&self, unknown_is: UnknownIs) -> Exit {
        let any = |test: &dyn Fn(&Finding) -> bool| self.findings.iter().any(test);
        if any(&|finding| finding.verdict == VerdictWord::Violated && finding.known.is_none()) {
            return Exit::Violated;
        }
        let does_not_count = |finding: &Finding| {
            let mut waived = finding.waived.iter();
            waived.any(|one| !one.state.counts())
        };
        if any(&does_not_count) {
            return Exit::CouldNotRun;
        }
        let vacuous =
            any(&|finding| finding.verdict == VerdictWord::Vacuous && finding.vacuous_is_error);
        let unknown = any(&|finding| finding.verdict == VerdictWord::Unknown);
        if vacuous || (unknown && unknown_is == UnknownIs::Fail) {
            return Exit::Undecided;
        }
        Exit::Proved
    }
}
