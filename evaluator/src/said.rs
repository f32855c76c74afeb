//! What is said of requests: true, false, or open for a reason; and while a search goes on, not
//! decided yet.

use model::{Hole, UnknownReason};

use crate::statement::Match;

/// A truth of four values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said<R> {
    Fails,
    Holds,
    Open(R),
    /// A further choice decides; it never is of one request.
    Undecided,
}

/// Why something is open.
pub(crate) trait Reason: Clone + PartialEq {
    fn of(hole: &Hole) -> Self;
}

impl Reason for Hole {
    fn of(hole: &Hole) -> Self {
        hole.clone()
    }
}

impl Reason for UnknownReason {
    fn of(hole: &Hole) -> Self {
        UnknownReason::DependsOn(hole.clone())
    }
}

impl From<Match> for Said<Hole> {
    fn from(matched: Match) -> Self {
        match matched {
            Match::Fails => Said::Fails,
            Match::Holds => Said::Holds,
            Match::Open(hole) => Said::Open(hole),
        }
    }
}

impl<R: Clone> Said<R> {
    /// Whether one of them holds; what is open has the reason of the first.
    pub(crate) fn any(each: impl IntoIterator<Item = Said<R>>) -> Self {
        let mut all = Said::Fails;
        for one in each {
            match (&one, &all) {
                (Said::Holds, _) => return Said::Holds,
                (Said::Undecided, _) | (Said::Open(_), Said::Fails) => all = one,
                (Said::Fails | Said::Open(_), _) => {}
            }
        }
        all
    }

    /// Whether all of them hold; what is open has the reason of the first.
    pub(crate) fn all(each: impl IntoIterator<Item = Said<R>>) -> Self {
        let mut all = Said::Holds;
        for one in each {
            match (&one, &all) {
                (Said::Fails, _) => return Said::Fails,
                (Said::Undecided, _) | (Said::Open(_), Said::Holds) => all = one,
                (Said::Holds | Said::Open(_), _) => {}
            }
        }
        all
    }

    pub(crate) fn or(&self, other: &Self) -> Self {
        Self::any([self.clone(), other.clone()])
    }

    pub(crate) fn and(&self, other: &Self) -> Self {
        Self::all([self.clone(), other.clone()])
    }

    /// Of a document that is one of several, what all of them do; `hole` is that of the document.
    pub(crate) fn agreed(each: impl IntoIterator<Item = Said<R>>, hole: R) -> Self {
        let mut agreed: Option<Said<R>> = None;
        for one in each {
            match (&one, &agreed) {
                (Said::Open(_), _)
                | (Said::Holds, Some(Said::Fails))
                | (Said::Fails, Some(Said::Holds)) => return Said::Open(hole),
                (Said::Undecided, _) | (_, None) => agreed = Some(one),
                (Said::Holds | Said::Fails, Some(_)) => {}
            }
        }
        agreed.unwrap_or(Said::Open(hole))
    }
}
