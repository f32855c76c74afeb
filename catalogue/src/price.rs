//! Prices of what traffic passes, by Region.

use std::fmt;

use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::mistake::{Day, Mistake, bundled, parse, twice};

/// The Region of a price that holds where there is no other.
const ANY_REGION: &str = "any";

/// The prices that are known.
#[derive(Clone, Debug, PartialEq)]
pub struct Prices {
    prices: Vec<Price>,
}

/// What one component costs in one Region.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Price {
    /// The component.
    pub component: Component,
    /// The Region; `any` for those that have no price of their own.
    pub region: String,
    /// US dollars for each gigabyte that it processes.
    pub per_gigabyte_usd: f64,
    /// US dollars for each hour: of an endpoint and a NAT gateway in each zone, of a transit
    /// gateway for each attachment.
    pub per_hour_usd: Option<f64>,
    /// When it was so.
    pub as_of: Day,
    /// Who says so.
    pub source: String,
}

/// A component with a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Component {
    /// A NAT gateway.
    NatGateway,
    /// A transit gateway.
    TransitGateway,
    /// An interface endpoint.
    InterfaceEndpoint,
    /// A gateway endpoint.
    GatewayEndpoint,
    /// A Gateway Load Balancer endpoint.
    GatewayLoadBalancerEndpoint,
}

impl fmt::Display for Component {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Component::NatGateway => "NAT gateway",
            Component::TransitGateway => "transit gateway",
            Component::InterfaceEndpoint => "interface endpoint",
            Component::GatewayEndpoint => "gateway endpoint",
            Component::GatewayLoadBalancerEndpoint => "Gateway Load Balancer endpoint",
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "price", default)]
    prices: Vec<Spanned<Price>>,
}

impl Prices {
    /// The prices that the program comes with.
    pub fn bundled() -> Self {
        bundled(Self::read(include_str!("../data/prices.toml")))
    }

    /// Reads a file of prices.
    ///
    /// # Errors
    ///
    /// Its mistakes.
    pub fn read(text: &str) -> Result<Self, Vec<Mistake>> {
        let File { prices } = parse(text)?;
        let mut mistakes = twice(&prices, |price| {
            format!("a price of a {} in `{}`", price.component, price.region)
        });
        for price in &prices {
            let Price {
                per_gigabyte_usd,
                per_hour_usd,
                ..
            } = price.get_ref();
            let amounts = [Some(*per_gigabyte_usd), *per_hour_usd];
            if let Some(amount) = amounts.into_iter().flatten().find(|one| !is_amount(*one)) {
                let message = format!("a price of {amount} US dollars is none");
                let span = price.span();
                mistakes.push(Mistake { span, message });
            }
        }
        mistakes.sort_by_key(|mistake| mistake.span.start);
        if mistakes.is_empty() {
            let prices = prices.into_iter().map(Spanned::into_inner).collect();
            Ok(Self { prices })
        } else {
            Err(mistakes)
        }
    }

    /// These prices, and of the others those of other components and Regions.
    #[must_use]
    pub fn before(mut self, others: Self) -> Self {
        for price in others.prices {
            let same =
                |own: &Price| (own.component, &own.region) == (price.component, &price.region);
            if !self.prices.iter().any(same) {
                self.prices.push(price);
            }
        }
        self
    }

    /// The price of a component in a Region.
    pub fn of(&self, component: Component, region: &str) -> Option<&Price> {
        let find = |region: &str| {
            let mut prices = self.prices.iter();
            prices.find(|price| price.component == component && price.region == region)
        };
        find(region).or_else(|| find(ANY_REGION))
    }
}

fn is_amount(amount: f64) -> bool {
    amount.is_finite() && amount >= 0.0
}

#[cfg(test)]
mod tests {
    use super::{Component, Prices};

    const NAT: &str = "[[price]]\ncomponent = \"nat-gateway\"\nregion = \"us-east-1\"\n\
                       per-gigabyte-usd = 0.02\nas-of = 2026-01-31\nsource = \"our agreement\"\n";

    #[test]
    fn the_bundled_prices_are_read() {
        let prices = Prices::read(include_str!("../data/prices.toml")).unwrap();
        assert_eq!(prices, Prices::bundled());
        assert!(
            prices
                .prices
                .iter()
                .all(|price| price.source.starts_with("https://"))
        );
        let free = prices.of(Component::GatewayEndpoint, "eu-south-2").unwrap();
        assert_eq!(free.per_gigabyte_usd, 0.0);
    }

    #[test]
    fn a_file_replaces_the_prices_that_it_has() {
        let prices = Prices::read(NAT).unwrap().before(Prices::bundled());
        let nat = prices.of(Component::NatGateway, "us-east-1").unwrap();
        assert_eq!(
            (nat.per_gigabyte_usd, nat.source.as_str()),
            (0.02, "our agreement")
        );
        let tokyo = prices.of(Component::NatGateway, "ap-northeast-1").unwrap();
        assert_eq!(tokyo.per_gigabyte_usd, 0.062);
        assert!(prices.of(Component::NatGateway, "eu-south-2").is_none());
    }

    #[test]
    fn every_price_that_is_none_and_every_second_one_is_a_mistake() {
        let text = format!("{NAT}{}", NAT.replace("0.02", "-1.0"));
        let mistakes = Prices::read(&text).unwrap_err();
        let messages: Vec<_> = mistakes.iter().map(|one| one.message.as_str()).collect();
        let expected = [
            "a price of a NAT gateway in `us-east-1` stands twice",
            "a price of -1 US dollars is none",
        ];
        assert_eq!(messages, expected);
        assert!(Prices::read(&NAT.replace("source", "sauce")).is_err());
        assert!(Prices::read(&NAT.replace("2026-01-31", "2026-01-31T10:00:00")).is_err());
    }
}
