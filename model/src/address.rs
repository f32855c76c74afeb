//! Addresses: an integer and its family, without any arithmetic.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The address family. IPv4 and IPv6 are separate worlds: nothing of one ever matches the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// IPv4, 32 bits.
    V4,
    /// IPv6, 128 bits.
    V6,
}

impl Family {
    /// How many bits an address of this family has: 32 or 128.
    pub const fn width(self) -> u8 {
        match self {
            Family::V4 => 32,
            Family::V6 => 128,
        }
    }
}

/// One IPv4 or IPv6 address as a host-order integer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Address {
    /// An IPv4 address; 10.0.0.1 is `0x0a00_0001`.
    V4(u32),
    /// An IPv6 address.
    V6(u128),
}

impl Address {
    /// The family.
    pub const fn family(self) -> Family {
        match self {
            Address::V4(_) => Family::V4,
            Address::V6(_) => Family::V6,
        }
    }

    /// The bits as a host-order integer; an IPv4 address fills the low 32.
    pub const fn bits(self) -> u128 {
        match self {
            Address::V4(bits) => bits as u128,
            Address::V6(bits) => bits,
        }
    }

    /// The address of `family` with these bits; of an IPv4 address only the low 32 are kept.
    pub const fn from_bits(family: Family, bits: u128) -> Self {
        match family {
            Family::V4 => Address::V4(bits as u32),
            Family::V6 => Address::V6(bits),
        }
    }
}

impl From<IpAddr> for Address {
    fn from(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Address::V4(address.to_bits()),
            IpAddr::V6(address) => Address::V6(address.to_bits()),
        }
    }
}

impl From<Address> for IpAddr {
    fn from(address: Address) -> Self {
        match address {
            Address::V4(bits) => IpAddr::V4(Ipv4Addr::from_bits(bits)),
            Address::V6(bits) => IpAddr::V6(Ipv6Addr::from_bits(bits)),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        IpAddr::from(*self).fmt(formatter)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}
