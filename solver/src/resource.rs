//! Resource elements of statements (page policy).

use model::{Hole, PolicyText, ResourceElement};

use crate::arn;
use crate::authorize::Match;
use crate::context::Brought;
use crate::truth::Truth;
use crate::variable::{Manner, Text};

/// A statement's resource element.
#[derive(Clone, Debug)]
pub(crate) struct Resources {
    pub(crate) patterns: Vec<ResourcePattern>,
    not: bool,
}

/// A pattern of it.
#[derive(Clone, Debug)]
pub(crate) struct ResourcePattern {
    /// What certainly matches.
    pub(crate) strict: Text,
    /// What may match, where that is more: whether the colons of an object's key part segments is not known.
    pub(crate) loose: Option<Text>,
    hole: Hole,
}

impl Resources {
    pub(crate) fn new(element: &ResourceElement, variables: bool) -> Self {
        let (patterns, not) = match element {
            ResourceElement::Resource(patterns) => (patterns, false),
            ResourceElement::NotResource(patterns) => (patterns, true),
        };
        let patterns = patterns.iter();
        Resources {
            patterns: patterns
                .map(|text| ResourcePattern::new(text, variables))
                .collect(),
            not,
        }
    }

    pub(crate) fn matches(&self, resource: &str, brought: &Brought<'_>) -> Match {
        let mut first_open = None;
        for pattern in &self.patterns {
            // A statement whose variable has no value may be invalid, which of what is meant makes no
            // difference, and of what is not meant it does.
            let may_be_invalid = self.not && pattern.strict.is_without_value(brought);
            let matches = match may_be_invalid {
                true => Truth::Open,
                false => pattern.matches(resource, brought),
            };
            match matches {
                Truth::Yes if self.not => return Match::No,
                Truth::Yes => return Match::Yes,
                Truth::No => {}
                Truth::Open => {
                    first_open.get_or_insert(&pattern.hole);
                }
            }
        }
        match first_open {
            Some(hole) => Match::Open(hole.clone()),
            None if self.not => Match::Yes,
            None => Match::No,
        }
    }

    /// The patterns as they certainly match; of each, the loose one has the same variables.
    pub(crate) fn strict(&self) -> impl Iterator<Item = &Text> {
        self.patterns.iter().map(|pattern| &pattern.strict)
    }
}

impl ResourcePattern {
    fn new(text: &PolicyText, variables: bool) -> Self {
        let strict = Text::new(text, Manner::Resource, variables);
        let loose = text
            .known()
            .is_some_and(|text| may_be_of_objects(text))
            .then(|| Text::new(text, Manner::LooseResource, variables))
            .filter(|loose| *loose != strict);
        ResourcePattern {
            loose,
            strict,
            hole: match text {
                PolicyText::Known(text) => Hole::new(format!("resource {text}")),
                PolicyText::Open(open) => open.hole().clone(),
            },
        }
    }

    fn matches(&self, resource: &str, brought: &Brought<'_>) -> Truth {
        let strict = self.strict.matches(resource, brought);
        match (strict, &self.loose) {
            (Truth::No, Some(loose)) => match loose.matches(resource, brought) {
                Truth::Yes | Truth::Open => Truth::Open,
                Truth::No => Truth::No,
            },
            (truth @ (Truth::Yes | Truth::No | Truth::Open), _) => truth,
        }
    }
}

/// Whether a pattern's third segment may be that of objects.
fn may_be_of_objects(text: &str) -> bool {
    let service = text.split(':').nth(2);
    service.is_some_and(|service| service == arn::S3 || service.contains(['*', '?']))
}
