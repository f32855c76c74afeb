//! What `check --watch` looks at, and what it says of a run beside its report.

pub(crate) mod files;
pub(crate) mod news;
