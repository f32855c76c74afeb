//! Recipes: what one task needs at once.

use std::sync::LazyLock;

use serde::Deserialize;
use toml::Spanned;

use crate::mistake::{Day, Mistake, bundled, parse, twice};
use crate::name::Name;
use crate::service::Catalogue;

/// The recipes that are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipes {
    /// The recipes, in the file's order.
    pub recipes: Vec<Recipe>,
}

/// A task that needs several names.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Its name in invariant files.
    pub name: String,
    /// What the task is.
    pub title: String,
    /// Who says so.
    pub source: String,
    /// What else to know.
    #[serde(default)]
    pub notes: Vec<String>,
    /// What it needs.
    #[serde(rename = "part")]
    pub parts: Vec<Part>,
}

/// One service that a recipe needs.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The service, by its name in the catalogue.
    pub service: String,
    /// DNS names, where they are not the service's own.
    #[serde(default)]
    names: Vec<Name>,
    /// Whether an endpoint of the service shows that the recipe is meant in its VPC.
    #[serde(default)]
    pub tells: bool,
    /// When it is needed; `None` is always.
    pub when: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    #[serde(rename = "as-of")]
    _as_of: Day,
    #[serde(rename = "recipe")]
    recipes: Vec<Spanned<Recipe>>,
}

impl Recipes {
    /// The recipes that the program comes with.
    pub fn bundled() -> &'static Self {
        static BUNDLED: LazyLock<Recipes> =
            LazyLock::new(|| bundled(Recipes::read(include_str!("../data/recipes.toml"))));
        &BUNDLED
    }

    fn read(text: &str) -> Result<Self, Vec<Mistake>> {
        let File { recipes, .. } = parse(text)?;
        let mistakes = twice(&recipes, |recipe| format!("recipe `{}`", recipe.name));
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let recipes = recipes.into_iter().map(Spanned::into_inner).collect();
        Ok(Self { recipes })
    }

    /// A recipe by its name.
    pub fn recipe(&self, name: &str) -> Option<&Recipe> {
        self.recipes.iter().find(|recipe| recipe.name == name)
    }
}

impl Recipe {
    /// The parts that are needed in every case.
    pub fn needed(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(|part| part.when.is_none())
    }
}

impl Part {
    /// The names that have to be reached.
    pub fn names<'a>(&'a self, catalogue: &'a Catalogue) -> &'a [Name] {
        match (self.names.as_slice(), catalogue.service(&self.service)) {
            ([], Some(service)) => &service.names,
            (names, _) => names,
        }
    }

    /// The port at which they have to be.
    pub fn port(&self, catalogue: &Catalogue) -> Option<u16> {
        let service = catalogue.service(&self.service)?;
        service.ports.first().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::Recipes;
    use crate::Catalogue;

    #[test]
    fn the_bundled_recipes_are_read() {
        let recipes = Recipes::read(include_str!("../data/recipes.toml")).unwrap();
        assert_eq!(&recipes, Recipes::bundled());
        assert!(recipes.recipe("ecr-pull").is_some());
    }

    #[test]
    fn every_part_of_a_recipe_has_a_service_with_names_and_a_port() {
        let catalogue = Catalogue::bundled();
        for recipe in &Recipes::bundled().recipes {
            assert!(recipe.source.starts_with("https://"), "{}", recipe.name);
            assert!(recipe.needed().count() > 0, "{}", recipe.name);
            for part in &recipe.parts {
                assert!(catalogue.service(&part.service).is_some(), "{part:?}");
                assert!(!part.names(catalogue).is_empty(), "{part:?}");
                assert!(part.port(catalogue).is_some(), "{part:?}");
            }
        }
    }
}
