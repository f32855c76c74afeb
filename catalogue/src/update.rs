//! Bringing a catalogue up to date with what AWS says of a Region.

use std::collections::BTreeSet;

use crate::mistake::Day;
use crate::name::Name;
use crate::service::{Catalogue, Differs, EndpointKind, Service};

/// What AWS says of one service in one Region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The Region.
    pub region: String,
    /// The last part of its endpoint service's name.
    pub name: String,
    /// The kinds of endpoints.
    pub endpoints: BTreeSet<EndpointKind>,
    /// The full names that private DNS answers; empty when AWS names none.
    pub private_names: BTreeSet<String>,
    /// Whether an endpoint policy can be attached.
    pub policy: Option<bool>,
}

/// How many services an update brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Updated {
    /// That were not listed.
    pub new: usize,
    /// Of which something was not known, or otherwise.
    pub changed: usize,
    /// As they were known.
    pub same: usize,
}

impl Catalogue {
    /// Takes what AWS says. Of services that it does not name nothing is said: the output may have
    /// been filtered.
    ///
    /// # Errors
    ///
    /// Names that are none.
    pub fn update(
        &mut self,
        offers: &[Offer],
        as_of: Day,
        source: &str,
    ) -> Result<Updated, Vec<String>> {
        let mut updated = Updated::default();
        let mut wrong = Vec::new();
        for offer in offers {
            let names = offer.private_names.iter();
            let names = names.map(|name| Name::of_region(name, &offer.region));
            let names: Result<Vec<Name>, String> = names.collect();
            match names {
                Ok(names) => self.take(offer, names, (as_of, source), &mut updated),
                Err(error) => wrong.push(format!("{} in {}: {error}", offer.name, offer.region)),
            }
        }
        if wrong.is_empty() {
            Ok(updated)
        } else {
            Err(wrong)
        }
    }

    fn take(
        &mut self,
        offer: &Offer,
        names: Vec<Name>,
        (as_of, source): (Day, &str),
        updated: &mut Updated,
    ) {
        let position = self.services.iter().position(|one| one.name == offer.name);
        let is_new = position.is_none();
        let position = position.unwrap_or(self.services.len());
        if is_new {
            self.services.push(Service::unknown(&offer.name));
        }
        let Some(service) = self.services.get_mut(position) else {
            return;
        };
        let region = offer.region.as_str();
        let same = service.endpoints(region) == Some(&offer.endpoints)
            && (names.is_empty() || service.private_names(region) == names)
            && (offer.policy.is_none() || service.policy(region) == offer.policy);
        match (is_new, same) {
            (true, _) => updated.new += 1,
            (false, true) => updated.same += 1,
            (false, false) => updated.changed += 1,
        }
        if same && !is_new {
            return;
        }
        service.differs.push(Differs {
            regions: BTreeSet::from([offer.region.clone()]),
            endpoints: Some(offer.endpoints.clone()),
            private_names: (!names.is_empty()).then_some(names),
            policy: offer.policy,
            as_of: Some(as_of),
            source: Some(source.to_owned()),
        });
    }

    /// This catalogue, and of the other the services that it does not list.
    #[must_use]
    pub fn before(mut self, other: &Self) -> Self {
        for service in &other.services {
            if self.service(&service.name).is_none() {
                self.services.push(service.clone());
            }
        }
        self
    }

    /// The catalogue as a file that [`Catalogue::read`] reads.
    pub fn write(&self) -> String {
        // Its keys are strings and its tables stand last, so writing does not fail.
        toml::to_string_pretty(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Offer, Updated};
    use crate::{Catalogue, Day, EndpointKind};

    fn offer(name: &str, private: &str, policy: bool) -> Offer {
        Offer {
            region: "us-west-2".to_owned(),
            name: name.to_owned(),
            endpoints: BTreeSet::from([EndpointKind::Interface]),
            private_names: BTreeSet::from([private.to_owned()]),
            policy: Some(policy),
        }
    }

    fn day() -> Day {
        "2026-11-26".parse().unwrap()
    }

    #[test]
    fn what_is_new_and_what_differs_is_taken_for_its_region() {
        let mut catalogue = Catalogue::bundled().clone();
        let offers = [
            offer("kms", "kms.us-west-2.amazonaws.com", true),
            offer("ssm", "ssm.us-west-2.amazonaws.com", true),
            offer("braket", "braket.us-west-2.amazonaws.com", true),
        ];
        let updated = catalogue.update(&offers, day(), "describe").unwrap();
        let (new, changed, same) = (1, 1, 1);
        assert_eq!(updated, Updated { new, changed, same });
        let ssm = catalogue.service("ssm").unwrap();
        assert_eq!(
            (ssm.policy("us-west-2"), ssm.policy("eu-west-1")),
            (Some(true), None)
        );
        let braket = catalogue.service("braket").unwrap();
        assert!(braket.endpoints("us-west-2").is_some());
        assert_eq!(braket.endpoints("eu-west-1"), None);
        let names = braket.private_names("us-west-2");
        assert_eq!(
            names[0].expand("us-west-2", ""),
            "braket.us-west-2.amazonaws.com"
        );
        let again = catalogue.update(&offers, day(), "describe").unwrap();
        assert_eq!((again.new, again.changed, again.same), (0, 0, 3));
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut catalogue = Catalogue::bundled().clone();
        let offers = [offer("braket", "*.braket.us-west-2.amazonaws.com", false)];
        catalogue.update(&offers, day(), "describe").unwrap();
        assert_eq!(Catalogue::read(&catalogue.write()), Ok(catalogue));
    }

    #[test]
    fn a_name_that_is_none_is_told() {
        let mut catalogue = Catalogue::bundled().clone();
        let offers = [offer("braket", "not a name", true)];
        let wrong = catalogue.update(&offers, day(), "describe").unwrap_err();
        assert!(
            wrong[0].starts_with("braket in us-west-2: `not a name`"),
            "{wrong:?}"
        );
    }
}
