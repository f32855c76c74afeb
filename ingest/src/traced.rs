//! References: how far those that a plan leaves open could be traced.

/// How far a reference was traced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Traced {
    /// It leads nowhere.
    Unknown,
    /// To several things, of which it names one, or some.
    OneOf,
    /// To what it is taken to name, which is an assumption of the report.
    Assumed,
    /// To what it names.
    Known,
}
