//! Resource elements of statements: what is meant for certain, and what perhaps.

use model::{Hole, PolicyText, ResourceElement};

use crate::context::Key;
use crate::open_text::reach;
use crate::pattern::{Pattern, Symbol};
use crate::scope::Truth;
use crate::statement::Match;
use crate::variable::{Filled, Taken, Template};

/// A resource element.
#[derive(Clone, Debug)]
pub(crate) struct Resources {
    pub(crate) patterns: Vec<ResourcePattern>,
    /// Whether matching one of them, rather than none, is a match.
    pub(crate) plain: bool,
}

/// A resource of a policy.
#[derive(Clone, Debug)]
pub(crate) struct ResourcePattern {
    pub(crate) written: Written,
    /// What leaves open whether it matches.
    hole: Hole,
}

/// How a resource is written.
#[derive(Clone, Debug)]
pub(crate) enum Written {
    Fixed(ResourceReading),
    Variable(Template),
}

/// A resource of a policy without variables.
#[derive(Clone, Debug)]
pub(crate) struct ResourceReading {
    strict: Pattern,
    /// What may match too, if that is more: whether the colons of an object's key part segments is
    /// not written.
    loose: Option<Pattern>,
}

impl ResourceReading {
    pub(crate) fn new(symbols: &[Symbol]) -> Self {
        let strict = Pattern::resource(symbols);
        let loose = behind_key(symbols).map(|key| Pattern::resource_with_key(symbols, key));
        Self {
            loose: loose.filter(|loose| *loose != strict),
            strict,
        }
    }

    /// Of a text with openings: nothing for certain, and perhaps what a pattern does.
    fn at_best_open(reach: Pattern) -> Self {
        Self {
            strict: Pattern::nothing(),
            loose: Some(reach),
        }
    }

    fn truth(&self, resource: &str) -> Truth {
        let matches_loosely = |loose: &Pattern| loose.matches(resource);
        if self.strict.matches(resource) {
            Truth::True
        } else if self.loose.as_ref().is_some_and(matches_loosely) {
            Truth::Open
        } else {
            Truth::False
        }
    }

    /// The patterns by which it tells resources apart.
    pub(crate) fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        [&self.strict].into_iter().chain(&self.loose)
    }

    pub(crate) fn into_patterns(self) -> impl Iterator<Item = Pattern> {
        [self.strict].into_iter().chain(self.loose)
    }
}

/// Where the key of an object begins in a pattern that may be of objects.
fn behind_key(symbols: &[Symbol]) -> Option<usize> {
    let parts: Vec<&[Symbol]> = symbols.splitn(6, |one| one.char() == ':').collect();
    let [_, _, service, _, _, sixth] = parts.as_slice() else {
        return None;
    };
    let is_wild = |one: &Symbol| matches!(one, Symbol::Written('*' | '?'));
    let is_s3 = || service.iter().map(|one| one.char()).eq("s3".chars());
    let may_be_s3 = service.iter().any(is_wild) || is_s3();
    let slash = sixth.iter().position(|one| one.char() == '/');
    let key = slash.map(|slash| symbols.len() - sixth.len() + slash + 1);
    key.filter(|_| may_be_s3)
}

impl ResourcePattern {
    fn new(text: &PolicyText, variables: bool) -> Self {
        match text {
            PolicyText::Known(text) => Self::known(text, variables),
            PolicyText::Open(open) => Self {
                written: Written::Fixed(ResourceReading::at_best_open(reach(open))),
                hole: open.hole().clone(),
            },
        }
    }

    fn known(text: &str, variables: bool) -> Self {
        let template = Template::of_resource(text, variables);
        Self {
            written: match template.fixed() {
                Some(symbols) => Written::Fixed(ResourceReading::new(&symbols)),
                None => Written::Variable(template),
            },
            hole: Hole::new(format!("resource {text}")),
        }
    }

    /// Whether it means the resource; `plain` tells that the element says what is meant.
    fn truth(&self, resource: &str, plain: bool, take: &dyn Fn(&Key) -> Taken) -> Truth {
        match &self.written {
            Written::Fixed(reading) => reading.truth(resource),
            Written::Variable(template) => match template.fill(take) {
                Filled::Symbols(symbols) => ResourceReading::new(&symbols).truth(resource),
                Filled::Nothing if plain => Truth::False,
                // Its statement may be invalid, so that nothing at all is meant.
                Filled::Nothing | Filled::Open => Truth::Open,
            },
        }
    }
}

impl Resources {
    pub(crate) fn new(element: &ResourceElement, variables: bool) -> Self {
        let (texts, plain) = match element {
            ResourceElement::Resource(texts) => (texts, true),
            ResourceElement::NotResource(texts) => (texts, false),
        };
        let patterns = texts.iter();
        Self {
            patterns: patterns
                .map(|text| ResourcePattern::new(text, variables))
                .collect(),
            plain,
        }
    }

    /// What has variables in it.
    pub(crate) fn templates(&self) -> impl Iterator<Item = &Template> {
        self.patterns.iter().filter_map(|one| match &one.written {
            Written::Fixed(_) => None,
            Written::Variable(template) => Some(template),
        })
    }

    pub(crate) fn matches(&self, resource: &str, take: &dyn Fn(&Key) -> Taken) -> Match {
        let mut open = None;
        for pattern in &self.patterns {
            match pattern.truth(resource, self.plain, take) {
                Truth::True if self.plain => return Match::Holds,
                Truth::True => return Match::Fails,
                Truth::Open => {
                    open.get_or_insert(&pattern.hole);
                }
                Truth::False => {}
            }
        }
        match open {
            Some(hole) => Match::Open(hole.clone()),
            None if self.plain => Match::Fails,
            None => Match::Holds,
        }
    }
}
