//! Addresses of interfaces: the plan's where it knows them, else holes.

use model::{Address, AddressValue, Family, InterfaceAddress};

use crate::cidr::everywhere;

use super::attribute::Attribute;
use super::reader::Reader;

/// How many addresses of an interface are read; AWS allows fewer on any type of instance.
const MAX_ADDRESSES: usize = 256;

/// A private address: as known, else some address of the subnet. `None` when the subnet has no
/// block of that family that is known.
pub(super) fn private_address(
    reader: &mut Reader<'_, '_>,
    attribute: &Attribute<'_>,
    subnet: &str,
    family: Family,
) -> Option<AddressValue> {
    if let Some(address) = attribute.address(reader.sink) {
        return Some(AddressValue::Known(address));
    }
    let block = reader.subnet_block(subnet, family)?;
    Some(AddressValue::Within(block, attribute.hole()))
}

/// A public address: as known, else a hole.
pub(super) fn public_value(
    reader: &mut Reader<'_, '_>,
    attribute: &Attribute<'_>,
) -> Option<AddressValue> {
    match attribute.address(reader.sink) {
        Some(address) => Some(AddressValue::Known(address)),
        None => public_hole(attribute),
    }
}

/// Some public address.
pub(super) fn public_hole(attribute: &Attribute<'_>) -> Option<AddressValue> {
    Some(AddressValue::Within(
        everywhere(Family::V4)?,
        attribute.hole(),
    ))
}

/// The attributes that say which addresses an interface has.
pub(super) struct Fields<'f> {
    /// The first private IPv4 address.
    pub(super) primary: Attribute<'f>,
    /// The private IPv4 addresses, all or the further ones.
    pub(super) ipv4: Attribute<'f>,
    /// How many further private IPv4 addresses AWS is to choose.
    pub(super) n_more_ipv4: Option<Attribute<'f>>,
    /// The IPv6 addresses.
    pub(super) ipv6: Attribute<'f>,
    /// How many IPv6 addresses AWS is to choose.
    pub(super) n_ipv6: Attribute<'f>,
}

impl Fields<'_> {
    /// The addresses, the primary one first, none with a public address yet.
    pub(super) fn read(&self, reader: &mut Reader<'_, '_>, subnet: &str) -> Vec<InterfaceAddress> {
        let mut values = self.ipv4(reader, subnet);
        values.extend(self.ipv6(reader, subnet));
        values.truncate(MAX_ADDRESSES);
        let address = |private| InterfaceAddress {
            private,
            public: None,
        };
        values.into_iter().map(address).collect()
    }

    fn ipv4(&self, reader: &mut Reader<'_, '_>, subnet: &str) -> Vec<AddressValue> {
        let mut listed = Vec::new();
        for item in self.ipv4.items() {
            listed.extend(private_address(reader, &item, subnet, Family::V4));
        }
        let mut values = Vec::new();
        // The list may hold the primary address too, or it may hold only that one.
        match self.primary.address(reader.sink) {
            Some(primary) => values.push(AddressValue::Known(primary)),
            None if listed.is_empty() => {
                let primary = if self.ipv4.is_open() {
                    &self.ipv4
                } else {
                    &self.primary
                };
                values.extend(private_address(reader, primary, subnet, Family::V4));
            }
            None if self.primary.is_unknown() && self.n_more_ipv4.is_none() => {
                values.extend(private_address(reader, &self.primary, subnet, Family::V4));
            }
            None => {}
        }
        for value in listed {
            if !values.contains(&value) {
                values.push(value);
            }
        }
        let n_more = self
            .n_more_ipv4
            .as_ref()
            .and_then(Attribute::integer)
            .unwrap_or_default();
        let n_more = count(n_more);
        for missing in values.len()..=n_more {
            let item = self.ipv4.at(missing);
            values.extend(private_address(reader, &item, subnet, Family::V4));
        }
        values
    }

    fn ipv6(&self, reader: &mut Reader<'_, '_>, subnet: &str) -> Vec<AddressValue> {
        let mut values = Vec::new();
        for item in self.ipv6.items() {
            values.extend(private_address(reader, &item, subnet, Family::V6));
        }
        if self.ipv6.is_present() && !self.ipv6.has_unknown() && !self.ipv6.items().is_empty() {
            return values;
        }
        let by_plan = reader.ipv6_subnets.contains(subnet);
        let given = self.n_ipv6.integer().filter(|_| !self.n_ipv6.is_unknown());
        let is_earlier = !reader.subnets.contains_key(subnet) && !reader.plan.is_declared;
        let by_earlier = reader.sink.given.get(subnet).and_then(|one| one.ipv6);
        if is_earlier && given.is_none() && by_earlier.is_none() && self.ipv6.is_unknown() {
            reader.unplaced(&self.ipv6);
        }
        let by_subnet = i64::from(by_plan || (is_earlier && by_earlier.unwrap_or(false)));
        // An interface that exists has the addresses that it shows, whatever the subnet gives new
        // ones.
        let is_new = self.ipv6.is_unknown() || !self.ipv6.is_present();
        let n_addresses = given.unwrap_or(if is_new { by_subnet } else { 0 });
        for missing in values.len()..count(n_addresses) {
            let item = self.ipv6.at(missing);
            values.extend(private_address(reader, &item, subnet, Family::V6));
        }
        values
    }
}

fn count(number: i64) -> usize {
    usize::try_from(number)
        .unwrap_or_default()
        .min(MAX_ADDRESSES)
}

/// Maps a public address to a private one: the one asked for, else the first of IPv4. Whether there is
/// such a private address.
pub(super) fn map(
    addresses: &mut [InterfaceAddress],
    private: Option<Address>,
    public: AddressValue,
) -> bool {
    let is_meant = |address: &&mut InterfaceAddress| match (&address.private, private) {
        (AddressValue::Known(known), Some(private)) => *known == private,
        (AddressValue::Within(..), Some(_)) => false,
        (AddressValue::Known(known), None) => known.family() == Family::V4,
        (AddressValue::Within(block, _), None) => block.family() == Family::V4,
    };
    let found = addresses.iter_mut().find(is_meant);
    let is_there = found.is_some();
    if let Some(address) = found {
        address.public = Some(public);
    }
    is_there
}
