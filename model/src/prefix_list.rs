//! Managed prefix lists.

use std::collections::BTreeSet;

use crate::address::Family;
use crate::cidr::Cidr;
use crate::hole::Value;
use crate::id::PrefixListId;

/// A managed prefix list, the customer's or AWS's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrefixList {
    /// Its id.
    pub id: PrefixListId,
    /// Its name; of an AWS-managed one the service's, as `com.amazonaws.ap-northeast-1.s3`.
    pub name: String,
    /// The one family of all its entries.
    pub family: Family,
    /// Whether AWS owns it; such a list never holds a private range.
    pub aws_managed: bool,
    /// The entries.
    pub entries: Value<BTreeSet<Cidr>>,
}
