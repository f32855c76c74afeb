//! `recipe:NAME`: the names that one task needs at once.

use std::collections::BTreeSet;

use catalogue::{Catalogue, Recipe, Recipes};
use model::{Network, Vpc, VpcId};

/// The account of names where that of the VPC is not known; such names differ by account only.
const SOME_ACCOUNT: &str = "000000000000";

/// The account that names of a VPC have.
pub(crate) fn account(vpc: &Vpc) -> &str {
    vpc.account.as_deref().unwrap_or(SOME_ACCOUNT)
}

/// The names of a recipe for senders in some VPCs.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// All of them.
    pub(crate) all: BTreeSet<String>,
    /// Those of services without endpoints: an endpoint that answers for one does not serve it.
    pub(crate) public: BTreeSet<String>,
}

/// The recipe of that name.
pub(crate) fn recipe(name: &str) -> Option<&'static Recipe> {
    Recipes::bundled().recipe(name)
}

/// Every recipe's name.
pub(crate) fn recipes() -> impl Iterator<Item = &'static str> {
    Recipes::bundled()
        .recipes
        .iter()
        .map(|one| one.name.as_str())
}

/// The names that a recipe needs where the senders stand.
pub(crate) fn names(recipe: &Recipe, network: &Network, vpcs: &BTreeSet<VpcId>) -> Names {
    let catalogue = Catalogue::bundled();
    let mut names = Names::default();
    for vpc in vpcs.iter().filter_map(|id| network.vpcs().get(id)) {
        for part in recipe.needed() {
            let own = part.names(catalogue).iter();
            let own: BTreeSet<_> = own
                .map(|name| name.expand(&vpc.region, account(vpc)))
                .collect();
            let service = catalogue.service(&part.service);
            if service.is_some_and(|service| service.has_no_endpoint(&vpc.region)) {
                names.public.extend(own.iter().cloned());
            }
            names.all.extend(own);
        }
    }
    names
}
