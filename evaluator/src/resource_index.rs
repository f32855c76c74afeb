//! Finding the statements of a policy that may be about a resource, by how their resources begin.

use std::collections::{BTreeSet, HashMap};

use crate::pattern::Pattern;
use crate::resource_element::{Resources, Written};

/// The place of a statement in its policy.
type Place = usize;

/// Statements by the texts with which their resources begin. A resource is asked about once for
/// each length of such a text, and not once for each statement.
#[derive(Clone, Debug, Default)]
pub(crate) struct ResourceIndex {
    by_head: HashMap<Box<str>, Vec<Place>>,
    /// The lengths of the texts, in bytes, in ascending order.
    lengths: Vec<usize>,
    /// Those that any resource may be meant by.
    always: Vec<Place>,
}

impl ResourceIndex {
    pub(crate) fn new<'a>(elements: impl Iterator<Item = &'a Resources>) -> Self {
        let mut index = Self::default();
        for (place, element) in elements.enumerate() {
            match heads(element) {
                Some(heads) => {
                    for head in heads {
                        index.by_head.entry(head.into()).or_default().push(place);
                    }
                }
                None => index.always.push(place),
            }
        }
        let lengths: BTreeSet<usize> = index.by_head.keys().map(|head| head.len()).collect();
        index.lengths = lengths.into_iter().collect();
        index
    }

    /// The places of the statements that may be about a resource, in ascending order.
    pub(crate) fn places(&self, resource: &str) -> Vec<Place> {
        // Room for a statement or two of each length: a second allocation is felt here.
        let room = self.always.len() + 2 * self.lengths.len();
        let mut places = Vec::with_capacity(room);
        places.extend_from_slice(&self.always);
        for length in &self.lengths {
            let Some(head) = resource.get(..*length) else {
                // It is shorter, or no text that it begins with is so long.
                continue;
            };
            places.extend(self.by_head.get(head).into_iter().flatten());
        }
        places.sort_unstable();
        places.dedup();
        places
    }
}

/// How what an element means begins; `None` when it says what is not meant, or has variables.
fn heads(element: &Resources) -> Option<BTreeSet<&str>> {
    let patterns = element
        .patterns
        .iter()
        .map(|pattern| match &pattern.written {
            Written::Fixed(reading) => Some(reading.patterns().map(Pattern::head)),
            Written::Variable(_) => None,
        });
    let heads = patterns.collect::<Option<Vec<_>>>()?;
    element.plain.then(|| heads.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use model::ResourceElement;

    use super::*;

    fn index(elements: &[ResourceElement]) -> ResourceIndex {
        let elements = elements.iter().map(|element| Resources::new(element, true));
        let elements: Vec<Resources> = elements.collect();
        ResourceIndex::new(elements.iter())
    }

    fn resource(texts: &[&str]) -> ResourceElement {
        ResourceElement::Resource(texts.iter().map(|text| (*text).into()).collect())
    }

    #[test]
    fn statements_are_found_by_how_their_resources_begin() {
        let other = ResourceElement::NotResource(vec!["arn:aws:s3:::a".into()]);
        let index = index(&[
            resource(&["arn:aws:s3:::a/*", "arn:aws:s3:::a"]),
            other,
            resource(&["arn:aws:s3:::ab/*/x"]),
            resource(&["*"]),
            resource(&["arn:aws:s3:::${aws:username}"]),
        ]);
        assert_eq!(index.places("arn:aws:s3:::a"), [0, 1, 3, 4]);
        assert_eq!(index.places("arn:aws:s3:::a/b"), [0, 1, 3, 4]);
        assert_eq!(index.places("arn:aws:s3:::ab/b"), [0, 1, 2, 3, 4]);
        assert_eq!(index.places("arn:aws:s3:::ü"), [1, 3, 4]);
        assert_eq!(index.places("*"), [1, 3, 4]);
    }
}
