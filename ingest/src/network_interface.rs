//! What inputs of every kind say of network interfaces.

use model::{Address, AddressValue, Cidr, Family, InterfaceAddress};

/// The length of the prefixes of IPv4 that AWS delegates to interfaces: 16 addresses.
const LENGTH: u8 = 28;

/// The addresses of a prefix of IPv4 that is delegated to an interface, which are its own.
/// Source: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-prefix-eni.html>
pub(crate) fn delegated(prefix: Cidr) -> Vec<InterfaceAddress> {
    if prefix.family() != Family::V4 || prefix.prefix_len() < LENGTH {
        return Vec::new();
    }
    let own = |private| InterfaceAddress {
        private: AddressValue::Known(private),
        public: None,
    };
    let width = u32::from(Family::V4.width() - prefix.prefix_len());
    let bits = prefix.base().bits();
    let all = (0..1_u128 << width).map(|offset| Address::from_bits(Family::V4, bits + offset));
    all.map(own).collect()
}
