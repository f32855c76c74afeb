//! Doubts: what of an input is read, or left unread, in a way that no proof may rest on.

/// What of an input a proof must not rest on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Doubt {
    /// What it is and where it stands, in words.
    pub what: String,
    /// Which claims it may change.
    pub touches: Touches,
}

/// Which claims a doubt may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Touches {
    /// All.
    Everything,
    /// Those about requests.
    Requests,
    /// Those about IPv6.
    Ipv6,
    /// Those that choose by tags or names.
    Tags,
    /// Those that choose by the tags that AWS itself gives, which begin with `aws:`.
    TagsOfAws,
    /// Those that choose by accounts.
    Accounts,
    /// Those that choose by zones.
    Zones,
    /// Those that choose by the ids of zones.
    ZoneIds,
}
