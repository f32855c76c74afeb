//! Holes: what the input leaves open, as data.
//!
//! A plan leaves ids, addresses and whole policies "known after apply", and AWS owns the entries
//! of its managed prefix lists. A *completion* gives every hole a value. A claim is proved only
//! when it holds in every completion.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::address::Address;
use crate::cidr::Cidr;
use crate::id::NetworkInterfaceId;

/// The name of a hole: the attribute which, once known, closes it, as
/// `aws_instance.app[0].private_ip` or `entries of pl-61a54008`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hole(Arc<str>);

impl Hole {
    /// Names the attribute that would settle it.
    pub fn new(attribute: impl AsRef<str>) -> Self {
        Self(Arc::from(attribute.as_ref()))
    }

    /// The attribute that would settle it.
    pub fn attribute(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Hole {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A value that the input may leave open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<T> {
    /// The input says it.
    Known(T),
    /// It is one of these; at least two.
    OneOf(Vec<T>, Hole),
    /// It may be anything of its type.
    Any(Hole),
}

impl<T> Value<T> {
    /// The value when it is known.
    pub const fn known(&self) -> Option<&T> {
        match self {
            Value::Known(value) => Some(value),
            Value::OneOf(..) | Value::Any(_) => None,
        }
    }

    /// The hole when the value is open.
    pub const fn hole(&self) -> Option<&Hole> {
        match self {
            Value::Known(_) => None,
            Value::OneOf(_, hole) | Value::Any(hole) => Some(hole),
        }
    }
}

/// An address that the input may leave open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddressValue {
    /// The input says it.
    Known(Address),
    /// Some address of this block that AWS can assign, and that no other interface of the VPC has
    /// (clause `address-hole`).
    Within(Cidr, Hole),
}

/// Which of an interface's addresses: the position in [`crate::NetworkInterface::addresses`], and
/// whether its private or its public address is meant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AddressSlot {
    /// The interface.
    pub interface: NetworkInterfaceId,
    /// The position in its list of addresses.
    pub position: usize,
    /// The public address mapped to it, rather than the private one.
    pub public: bool,
}

/// A value for every open address of a network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// The address chosen for each slot that is open.
    pub addresses: BTreeMap<AddressSlot, Address>,
}
