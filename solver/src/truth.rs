//! Whether something matches, when that may be open.

/// An answer that may be open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Truth {
    Yes,
    No,
    Open,
}

impl Truth {
    /// Whether one of these is: yes if one is, whatever the others; open if one is open.
    pub(crate) fn any(truths: impl Iterator<Item = Truth>) -> Truth {
        let mut any = Truth::No;
        for truth in truths {
            match truth {
                Truth::Yes => return Truth::Yes,
                Truth::Open => any = Truth::Open,
                Truth::No => {}
            }
        }
        any
    }

    /// Whether all of these are.
    pub(crate) fn all(truths: impl Iterator<Item = Truth>) -> Truth {
        !Truth::any(truths.map(|truth| !truth))
    }

    /// The opposite, or the same.
    pub(crate) fn negated(self, negated: bool) -> Truth {
        if negated { !self } else { self }
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Truth::Yes } else { Truth::No }
    }
}

impl std::ops::Not for Truth {
    type Output = Truth;

    fn not(self) -> Truth {
        match self {
            Truth::Yes => Truth::No,
            Truth::No => Truth::Yes,
            Truth::Open => Truth::Open,
        }
    }
}
