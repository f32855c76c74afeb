//! Functions of addresses: `cidrsubnet` and `cidrhost`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::symbol::Symbol;

/// The value of a call, when it is one of these and everything is known.
pub(super) fn call(name: &str, arguments: &[Symbol]) -> Option<Symbol> {
    match (name, arguments) {
        ("cidrsubnet", [block, more, index]) => {
            let block = Block::of(&block.as_text()?)?;
            let more = u32::try_from(more.as_index()?).ok()?;
            let part = block.part(more, index.as_index()? as u128)?;
            Some(Symbol::Text(part))
        }
        ("cidrhost", [block, index]) => {
            let block = Block::of(&block.as_text()?)?;
            let address = block.host(index.as_index()? as u128)?;
            Some(Symbol::Text(address))
        }
        _ => None,
    }
}

struct Block {
    bits: u128,
    length: u32,
    width: u32,
}

impl Block {
    fn of(text: &str) -> Option<Block> {
        let (address, digits) = text.split_once('/')?;
        let length: u32 = digits.parse().ok()?;
        (length.to_string() == digits).then_some(())?;
        let (bits, width) = match address.parse().ok()? {
            IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
            // What holds an address of version 4 is written in more than one way.
            IpAddr::V6(address) if address.to_ipv4().is_some() => return None,
            IpAddr::V6(address) => (u128::from(address), 128),
        };
        let n_free = width_left(width, length)?;
        let bits = bits
            .checked_shr(n_free)
            .unwrap_or(0)
            .checked_shl(n_free)
            .unwrap_or(0);
        Some(Block {
            bits,
            length,
            width,
        })
    }

    /// The part of an index. Terraform has taken at most 32 more bits from the beginning.
    fn part(&self, more: u32, index: u128) -> Option<String> {
        (more <= 32).then_some(())?;
        let length = self.length.checked_add(more)?;
        let n_free = width_left(self.width, length)?;
        let fits = index.checked_shr(more).unwrap_or(0) == 0;
        let bits = self.bits | index.checked_shl(n_free)?;
        fits.then_some(())?;
        Some(format!("{}/{length}", self.address(bits)?))
    }

    /// The address of an index.
    fn host(&self, index: u128) -> Option<String> {
        let n_free = width_left(self.width, self.length)?;
        let fits = index.checked_shr(n_free).unwrap_or(0) == 0;
        fits.then_some(())?;
        Some(self.address(self.bits | index)?.to_string())
    }

    fn address(&self, bits: u128) -> Option<IpAddr> {
        Some(if self.width == 32 {
            IpAddr::V4(Ipv4Addr::from(u32::try_from(bits).ok()?))
        } else {
            IpAddr::V6(Ipv6Addr::from(bits))
        })
    }
}

fn width_left(width: u32, length: u32) -> Option<u32> {
    width.checked_sub(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, arguments: &[&str]) -> Option<String> {
        let arguments: Vec<_> = arguments.iter().map(|text| Symbol::text(text)).collect();
        call(name, &arguments)?.as_text()
    }

    #[test]
    fn blocks_are_cut_as_the_documentation_of_terraform_says() {
        let cases = [
            (
                "cidrsubnet",
                vec!["172.16.0.0/12", "4", "2"],
                "172.18.0.0/16",
            ),
            (
                "cidrsubnet",
                vec!["10.1.2.0/24", "4", "15"],
                "10.1.2.240/28",
            ),
            (
                "cidrsubnet",
                vec!["fd00:fd12:3456:7890::/56", "16", "162"],
                "fd00:fd12:3456:7800:a200::/72",
            ),
            ("cidrhost", vec!["10.12.112.0/20", "16"], "10.12.112.16"),
        ];
        for (name, arguments, expected) in cases {
            assert_eq!(of(name, &arguments).as_deref(), Some(expected));
        }
        assert_eq!(of("cidrsubnet", &["10.0.0.0/24", "2", "4"]), None);
        assert_eq!(of("cidrsubnet", &["10.0.0.0/24", "9", "0"]), None);
        assert_eq!(of("cidrhost", &["10.0.0.0/24", "256"]), None);
        assert_eq!(of("cidrsubnet", &["::ffff:10.0.0.0/112", "8", "1"]), None);
    }
}
