//! AWS services: the kinds of endpoints that they have, and their names.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::mistake::{Day, Mistake, bundled, parse, twice};
use crate::name::Name;

/// The services that are known; there are more.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Catalogue {
    /// When its statements were gathered.
    pub as_of: Day,
    /// Where from, for those that do not say it themselves.
    pub sources: Vec<String>,
    /// The services.
    #[serde(rename = "service")]
    pub services: Vec<Service>,
}

/// A service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Service {
    /// The last part of its endpoint service's name, as `ecr.api`.
    pub name: String,
    /// What people call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The kinds of endpoints that it has, where no Region says otherwise; none: it is reached over
    /// the internet only. `None` is not known.
    #[serde(rename = "endpoints", skip_serializing_if = "Option::is_none")]
    kinds: Option<BTreeSet<EndpointKind>>,
    /// Its own DNS names; empty when they are not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<Name>,
    /// The TCP ports that it listens on; empty when they are not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<u16>,
    /// Whether an interface endpoint can answer for its own names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_dns: Option<bool>,
    /// The names that private DNS answers, where they are not its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    private_names: Vec<Name>,
    /// Whether an endpoint policy can be attached, where no Region says otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<bool>,
    /// Whose names private DNS takes too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub captures: Option<String>,
    /// A service beside whose endpoint it is worth saying that this one has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice_with: Option<String>,
    /// Who says so, where it is none of the catalogue's sources.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// What is otherwise in some Regions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differs: Vec<Differs>,
    /// What its endpoints do not serve.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<Gap>,
}

/// A kind of endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndpointKind {
    /// A target of routes.
    Gateway,
    /// Network interfaces.
    Interface,
}

/// What is otherwise in some Regions. What is absent is as everywhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Differs {
    /// The Regions.
    pub regions: BTreeSet<String>,
    /// The kinds of endpoints.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoints: Option<BTreeSet<EndpointKind>>,
    /// The names that private DNS answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_names: Option<Vec<Name>>,
    /// Whether an endpoint policy can be attached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<bool>,
    /// When it was so, if that is not the catalogue's day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Day>,
    /// Who says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// Something that a service's endpoints do not serve.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Gap {
    /// What.
    pub what: String,
    /// By which names it is asked for, if they are its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<Name>,
    /// Who says so.
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    as_of: Day,
    #[serde(default)]
    sources: Vec<String>,
    #[serde(rename = "service", default)]
    services: Vec<Spanned<Service>>,
}

impl Service {
    /// A service of which only the name is known.
    pub(crate) fn unknown(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            title: None,
            kinds: None,
            names: Vec::new(),
            ports: Vec::new(),
            private_dns: None,
            private_names: Vec::new(),
            policy: None,
            captures: None,
            advice_with: None,
            source: None,
            differs: Vec::new(),
            gaps: Vec::new(),
        }
    }

    /// The kinds of endpoints that it has in a Region, if that is known.
    pub fn endpoints(&self, region: &str) -> Option<&BTreeSet<EndpointKind>> {
        let own = self.in_region(region, |one| one.endpoints.as_ref());
        own.or(self.kinds.as_ref())
    }

    /// Whether it has endpoints of a kind in a Region.
    pub fn has_endpoint(&self, region: &str, kind: EndpointKind) -> bool {
        let kinds = self.endpoints(region);
        kinds.is_some_and(|kinds| kinds.contains(&kind))
    }

    /// Whether it is known to have no endpoint in a Region.
    pub fn has_no_endpoint(&self, region: &str) -> bool {
        self.endpoints(region).is_some_and(BTreeSet::is_empty)
    }

    /// Whether an endpoint policy can be attached in a Region.
    pub fn policy(&self, region: &str) -> Option<bool> {
        self.in_region(region, |one| one.policy).or(self.policy)
    }

    /// The names that private DNS answers in a Region; empty when they are not known.
    pub fn private_names(&self, region: &str) -> &[Name] {
        let own = self.in_region(region, |one| one.private_names.as_deref());
        match (own, self.private_dns, self.private_names.as_slice()) {
            (Some(names), _, _) => names,
            (None, Some(true), []) => &self.names,
            (None, _, names) => names,
        }
    }

    /// Whether a full DNS name is one of its own.
    pub fn is_named(&self, full: &str) -> bool {
        self.names.iter().any(|name| name.is(full))
    }

    fn in_region<'a, T>(
        &'a self,
        region: &str,
        of: impl Fn(&'a Differs) -> Option<T>,
    ) -> Option<T> {
        let here = self.differs.iter().rev();
        let mut here = here.filter(|one| one.regions.contains(region));
        here.find_map(of)
    }
}

impl Catalogue {
    /// The catalogue that the program comes with.
    pub fn bundled() -> &'static Self {
        static BUNDLED: LazyLock<Catalogue> =
            LazyLock::new(|| bundled(Catalogue::read(include_str!("../data/services.toml"))));
        &BUNDLED
    }

    /// Reads a file of services.
    ///
    /// # Errors
    ///
    /// Its mistakes.
    pub fn read(text: &str) -> Result<Self, Vec<Mistake>> {
        let file: File = parse(text)?;
        let mistakes = twice(&file.services, |service| {
            format!("service `{}`", service.name)
        });
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        Ok(Self {
            as_of: file.as_of,
            sources: file.sources,
            services: file.services.into_iter().map(Spanned::into_inner).collect(),
        })
    }

    /// A service by the last part of its endpoint service's name.
    pub fn service(&self, name: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::{Catalogue, EndpointKind};

    #[test]
    fn the_bundled_catalogue_is_read() {
        let catalogue = Catalogue::read(include_str!("../data/services.toml")).unwrap();
        assert_eq!(&catalogue, Catalogue::bundled());
        assert!(catalogue.services.len() >= 60);
    }

    #[test]
    fn every_statement_of_the_bundled_catalogue_is_well_formed() {
        let catalogue = Catalogue::bundled();
        for service in &catalogue.services {
            let name = &service.name;
            let sources = service.gaps.iter().map(|gap| &gap.source);
            for source in sources.chain(&service.source) {
                assert!(source.starts_with("https://"), "{name}: {source}");
            }
            if let Some(beside) = &service.advice_with {
                assert!(catalogue.service(beside).is_some(), "{name}: {beside}");
            }
            let private = service.private_names("us-east-1");
            let interface = service.has_endpoint("us-east-1", EndpointKind::Interface);
            assert!(
                private.is_empty() || interface,
                "{name} has private names, and no endpoint"
            );
        }
    }

    #[test]
    fn what_differs_in_a_region_is_so_in_that_region_only() {
        let iam = Catalogue::bundled().service("iam").unwrap();
        assert!(iam.has_no_endpoint("eu-west-1"));
        assert!(iam.has_endpoint("us-east-1", EndpointKind::Interface));
    }

    #[test]
    fn what_is_not_known_is_not_guessed() {
        let agent = Catalogue::bundled().service("ecs-agent").unwrap();
        assert!(agent.names.is_empty() && agent.private_names("us-east-1").is_empty());
        assert_eq!(agent.policy("us-east-1"), None);
    }

    #[test]
    fn a_service_that_stands_twice_is_a_mistake() {
        let service = "[[service]]\nname = \"x\"\nendpoints = []\n";
        let text = format!("as-of = 2026-01-31\n{service}{service}");
        let mistakes = Catalogue::read(&text).unwrap_err();
        assert_eq!(mistakes.len(), 1);
        assert_eq!(mistakes[0].message, "service `x` stands twice");
    }
}
