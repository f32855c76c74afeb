//! `Fn::Cidr`: the first parts of a block.

use std::net::IpAddr;

use model::{Cidr, Family};

/// The most parts that can be asked for.
const MOST_PARTS: u16 = 256;

/// The first `count` parts of a block, each of so many bits for its hosts; of an IPv6 block 64, when
/// it is not said.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-cidr.html>
pub(super) fn of(block: &str, count: Option<u16>, bits: Option<u8>) -> Option<Vec<String>> {
    let block: Cidr = block.parse().ok()?;
    let count = u128::from(count.filter(|count| *count <= MOST_PARTS)?);
    let (length, bits) = match block.family() {
        Family::V4 => (32_u8, bits?),
        Family::V6 => (128, bits.unwrap_or(64)),
    };
    let prefix = length
        .checked_sub(bits)
        .filter(|prefix| *prefix >= block.prefix_len())?;
    let n_parts = 1_u128.checked_shl(u32::from(prefix - block.prefix_len()));
    if count == 0 || n_parts.is_some_and(|n_parts| count > n_parts) {
        return None;
    }
    let (address, _) = block
        .to_string()
        .split_once('/')
        .map(|(address, length)| (address.to_owned(), length.to_owned()))?;
    let part = |position: u128| {
        let step = position.checked_shl(u32::from(bits))?;
        let address = match address.parse::<IpAddr>().ok()? {
            IpAddr::V4(address) => {
                let bits = u128::from(u32::from(address)).checked_add(step)?;
                IpAddr::V4(u32::try_from(bits).ok()?.into())
            }
            IpAddr::V6(address) => IpAddr::V6(u128::from(address).checked_add(step)?.into()),
        };
        Some(format!("{address}/{prefix}"))
    };
    (0..count).map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn the_parts_of_a_block_lie_one_behind_the_other() {
        let parts = of("10.0.0.0/16", Some(3), Some(8)).unwrap();
        assert_eq!(parts, ["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"]);
        let parts = of("2001:db8::/56", Some(2), None).unwrap();
        assert_eq!(parts, ["2001:db8::/64", "2001:db8:0:1::/64"]);
    }

    #[test]
    fn there_may_be_as_many_parts_as_the_function_gives() {
        let parts = of("10.0.0.0/16", Some(256), Some(8)).unwrap();
        assert_eq!(parts.last().unwrap(), "10.0.255.0/24");
        assert!(of("10.0.0.0/15", Some(257), Some(8)).is_none());
    }

    #[test]
    fn there_are_no_more_parts_than_fit() {
        assert!(of("10.0.0.0/24", Some(2), Some(8)).is_none());
        assert!(of("10.0.0.0/24", Some(1), Some(9)).is_none());
        assert!(of("10.0.0.0/24", Some(0), Some(4)).is_none());
    }
}
