//! Addresses in conditions (`condition-ip-address`).

use std::net::IpAddr;

use model::{Address, Cidr, Family};

/// The addresses of a block, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct AddressBlock {
    pub(crate) family: Family,
    pub(crate) first: u128,
    pub(crate) last: u128,
}

impl AddressBlock {
    /// Reads a block or an address.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let cidr = match text.contains('/') {
            true => text.parse().ok()?,
            false => Cidr::host(Self::read_address(text)?),
        };
        let free = cidr.family().width() - cidr.prefix_len();
        let host = 1_u128.checked_shl(u32::from(free));
        let host = host.map_or(u128::MAX, |size| size - 1);
        Some(Self {
            family: cidr.family(),
            first: cidr.bits(),
            last: cidr.bits() | host,
        })
    }

    pub(crate) fn read_address(text: &str) -> Option<Address> {
        text.parse::<IpAddr>().ok().map(Address::from)
    }

    pub(crate) fn holds(self, address: Address) -> bool {
        let bits = address.bits();
        address.family() == self.family && self.first <= bits && bits <= self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_has_no_address_of_the_other_family() {
        let holds = |block: &str, address: &str| {
            let block = AddressBlock::read(block).expect("a block");
            block.holds(AddressBlock::read_address(address).expect("an address"))
        };
        assert!(holds("10.0.0.0/8", "10.255.255.255"));
        assert!(!holds("10.0.0.0/8", "11.0.0.0"));
        assert!(holds("0.0.0.0/0", "255.255.255.255"));
        assert!(!holds("::/0", "10.0.0.1"));
        assert!(holds("192.0.2.1", "192.0.2.1"));
        assert_eq!(AddressBlock::read("10.0.0.1/8"), None);
        assert_eq!(AddressBlock::read_address("10.0.0.0/8"), None);
    }
}
