//! Policies of the IAM language, as far as endpoint policies need it.

use crate::condition::Condition;
use crate::policy_text::{OpenText, PolicyText};

/// A policy document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The statements, in the document's order, which carries no meaning.
    pub statements: Vec<Statement>,
    /// Whether `${…}` in resources and conditions is a variable, as from version `2012-10-17` on;
    /// otherwise it is text (clause `policy-variable`).
    pub variables: bool,
}

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The optional `Sid`.
    pub sid: Option<String>,
    /// What a match means.
    pub effect: PolicyEffect,
    /// Who.
    pub principal: PrincipalElement,
    /// Which actions.
    pub action: ActionElement,
    /// Which resources.
    pub resource: ResourceElement,
    /// What else must hold, in the document's order, which carries no meaning.
    pub conditions: Vec<Condition>,
}

/// What a matching statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PolicyEffect {
    /// Allows, unless a statement denies.
    Allow,
    /// Denies, whatever else allows.
    Deny,
}

/// `Principal` or `NotPrincipal`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrincipalElement {
    /// One of these.
    Principal(Vec<PrincipalPattern>),
    /// None of these.
    NotPrincipal(Vec<PrincipalPattern>),
}

/// One value of a principal element.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PrincipalPattern {
    /// `*`, or `"AWS": "*"`: everyone, anonymous included.
    Everyone,
    /// An account: a twelve-digit id, or its `:root` ARN.
    Account(String),
    /// A user, role or session by its full ARN.
    Arn(String),
    /// Anything of the kind `AWS`, of which a part is open.
    Open(OpenText),
    /// `Service`, `Federated` or `CanonicalUser` with its value.
    Other {
        /// The key.
        kind: String,
        /// The value.
        value: String,
    },
}

/// `Action` or `NotAction`: patterns `service:Name` with `*` and `?`, in any case of letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActionElement {
    /// One of these.
    Action(Vec<String>),
    /// None of these.
    NotAction(Vec<String>),
}

/// `Resource` or `NotResource`: ARN patterns with `*` and `?`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResourceElement {
    /// One of these.
    Resource(Vec<PolicyText>),
    /// None of these.
    NotResource(Vec<PolicyText>),
}
