//! Blocks: what is wrong with one, which one was meant, and which holds which.

use std::net::IpAddr;

use model::{Address, Cidr, Family, InvalidCidr};

/// What was expected in the place of `text`, which is no block: the canonical one when only host
/// bits are set.
pub fn expected(text: &str, error: InvalidCidr) -> String {
    match (error, canonical(text)) {
        (InvalidCidr::HostBits, Some(cidr)) => format!("expected `{cidr}`"),
        (_, _) => "expected a block like `10.0.0.0/16` or `2001:db8::/56`".to_owned(),
    }
}

/// The block of every address of a family.
pub(crate) fn everywhere(family: Family) -> Option<Cidr> {
    Cidr::new(Address::from_bits(family, 0), 0).ok()
}

/// Whether a block holds all of another.
pub(crate) fn covers(outer: Cidr, inner: Cidr) -> bool {
    let host_bits = outer.family().width() - outer.prefix_len();
    outer.family() == inner.family()
        && outer.prefix_len() <= inner.prefix_len()
        && (outer.bits() ^ inner.bits())
            .checked_shr(u32::from(host_bits))
            .unwrap_or(0)
            == 0
}

fn canonical(text: &str) -> Option<Cidr> {
    let (base, length) = text.split_once('/')?;
    let base: Address = base.parse::<IpAddr>().ok()?.into();
    let length: u8 = length.parse().ok()?;
    let host_bits = u32::from(base.family().width().checked_sub(length)?);
    let kept = u128::MAX.checked_shl(host_bits).unwrap_or(0);
    let base = Address::from_bits(base.family(), base.bits() & kept);
    Cidr::new(base, length).ok()
}
