//! Recorded VPC Flow Logs against the model: would the filters at the interface have said so?
//!
//! A record says of packets that came to an interface, or left it, whether the security groups and the
//! network ACL there let them pass
//! ([flow log records](https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html)). It does
//! not say whether they were requests or replies, so that it agrees with the model when it does as
//! either of them.

mod model;
mod record;
mod tally;

pub(crate) use model::{Replayer, Says};
pub(crate) use record::{Format, Line};
pub(crate) use tally::{Cause, Group, Seen, Tally};
