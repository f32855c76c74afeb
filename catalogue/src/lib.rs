//! What is known of AWS beside the network: services with their endpoints and names, recipes that
//! need several of them, and prices. All of it is data with a date and sources, in `data/`.
//!
//! Nothing here decides what packets do, and nothing is guessed: what no source says is `None`.
//!
//! ```
//! let catalogue = catalogue::Catalogue::bundled();
//! let ecr = catalogue.service("ecr.api").unwrap();
//! assert_eq!(ecr.names[0].expand("eu-west-1", "111122223333"), "api.ecr.eu-west-1.amazonaws.com");
//! assert!(catalogue.service("iam").unwrap().has_no_endpoint("eu-west-1"));
//! ```

mod mistake;
mod name;
mod price;
mod recipe;
mod service;
mod update;

pub use mistake::{Day, Mistake};
pub use name::Name;
pub use price::{Component, Price, Prices};
pub use recipe::{Part, Recipe, Recipes};
pub use service::{Catalogue, Differs, EndpointKind, Gap, Service};
pub use update::{Offer, Updated};
