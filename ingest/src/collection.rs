//! Collections: of which account and Region a snapshot was recorded, when, and what was not answered.

/// What the manifest beside some answers says of their recording.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Collection {
    /// When the first call was made: nothing in the answers is older.
    pub started: String,
    /// When the last call ended; `None` when not all of them were made.
    pub finished: Option<String>,
    /// The account.
    pub account: String,
    /// The Region; `None` for the calls that are the same in all.
    pub region: Option<String>,
    /// How many calls were made.
    pub n_calls: usize,
    /// What was not answered.
    pub missing: Vec<MissingAnswer>,
}

/// An answer that a collection did not get.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MissingAnswer {
    /// The call, as `ec2 describe-vpcs`.
    pub call: String,
    /// Why: AWS's name of the error, or a few words.
    pub why: String,
    /// How often, of calls about one thing each.
    pub times: usize,
    /// What the readers take for granted without it.
    pub concerns: Concerns,
}

/// Which verdicts an answer that is missing may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Concerns {
    /// Those of all claims.
    All,
    /// Those of claims about what a name means.
    Names,
    /// Those of claims about requests.
    Requests,
    /// None: without it the readers leave open what it would say.
    Nothing,
}

impl Collection {
    /// The account and the Region, in words.
    pub fn place(&self) -> String {
        let account = &self.account;
        match &self.region {
            Some(region) => format!("account {account}, region {region}"),
            None => format!("account {account}"),
        }
    }
}

impl MissingAnswer {
    /// What is missing and why, in words.
    pub fn told(&self) -> String {
        let Self {
            call, why, times, ..
        } = self;
        match times {
            1 => format!("`{call}` failed: {why}"),
            times => format!("`{call}` failed {times} times: {why}"),
        }
    }
}
