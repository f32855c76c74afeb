//! CIDR blocks in canonical form: no bit is set behind the prefix.
//!
//! There is no `contains` here. What a block covers is semantics, and each engine does its own
//! mask arithmetic.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use crate::address::{Address, Family};

/// A canonical IPv4 or IPv6 block.
///
/// ```
/// let cidr: model::Cidr = "10.0.0.0/16".parse()?;
/// assert_eq!((cidr.bits(), cidr.prefix_len()), (0x0a00_0000, 16));
/// assert_eq!("10.0.0.1/16".parse::<model::Cidr>(), Err(model::InvalidCidr::HostBits));
/// # Ok::<(), model::InvalidCidr>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cidr {
    base: Address,
    prefix_len: u8,
}

/// Why something is not a CIDR block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidCidr {
    /// It is not of the form `address/length`.
    Syntax,
    /// The length exceeds 32 (IPv4) or 128 (IPv6).
    PrefixLength,
    /// A bit behind the prefix is set.
    HostBits,
}

impl fmt::Display for InvalidCidr {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            InvalidCidr::Syntax => "not a CIDR block; expected `address/length`",
            InvalidCidr::PrefixLength => "the prefix length exceeds 32 (IPv4) or 128 (IPv6)",
            InvalidCidr::HostBits => "bits are set behind the prefix length",
        })
    }
}

impl std::error::Error for InvalidCidr {}

impl Cidr {
    /// The block that starts at `base`.
    ///
    /// # Errors
    ///
    /// When the length is too large for the family, or `base` has host bits set.
    pub fn new(base: Address, prefix_len: u8) -> Result<Self, InvalidCidr> {
        let width = base.family().width();
        if prefix_len > width {
            return Err(InvalidCidr::PrefixLength);
        }
        let host_bits = u32::from(width - prefix_len);
        let host_mask = 1_u128
            .checked_shl(host_bits)
            .map_or(u128::MAX, |bit| bit - 1);
        if base.bits() & host_mask != 0 {
            return Err(InvalidCidr::HostBits);
        }
        Ok(Self { base, prefix_len })
    }

    /// The block of exactly one address: a /32 or a /128.
    pub const fn host(address: Address) -> Self {
        Self {
            base: address,
            prefix_len: address.family().width(),
        }
    }

    /// The first address.
    pub const fn base(self) -> Address {
        self.base
    }

    /// The first address as a host-order integer.
    pub const fn bits(self) -> u128 {
        self.base.bits()
    }

    /// How many leading bits are fixed: 0 to 32, or 0 to 128.
    pub const fn prefix_len(self) -> u8 {
        self.prefix_len
    }

    /// The family.
    pub const fn family(self) -> Family {
        self.base.family()
    }

    /// Whether the blocks share an address; for validation only, engines do their own.
    pub(crate) fn overlaps(self, other: Cidr) -> bool {
        let shorter = self.prefix_len.min(other.prefix_len);
        self.family() == other.family()
            && (self.bits() ^ other.bits())
                .checked_shr(u32::from(self.family().width() - shorter))
                .unwrap_or(0)
                == 0
    }

    /// Whether `other` lies wholly in this block; for validation only.
    pub(crate) fn covers(self, other: Cidr) -> bool {
        self.prefix_len <= other.prefix_len && self.overlaps(other)
    }
}

impl FromStr for Cidr {
    type Err = InvalidCidr;

    fn from_str(text: &str) -> Result<Self, InvalidCidr> {
        let (address, length) = text.split_once('/').ok_or(InvalidCidr::Syntax)?;
        let address: IpAddr = address.parse().map_err(|_| InvalidCidr::Syntax)?;
        if length.is_empty() || !length.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(InvalidCidr::Syntax);
        }
        let prefix_len = length.parse().map_err(|_| InvalidCidr::PrefixLength)?;
        Self::new(address.into(), prefix_len)
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.base, self.prefix_len)
    }
}

impl fmt::Debug for Cidr {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}
