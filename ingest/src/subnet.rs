//! What snapshots and plans share about subnets.

/// What is said of a subnet with DNS64 on.
pub(crate) const DNS64: &str = "what DNS64 makes of names with IPv4 addresses only";
