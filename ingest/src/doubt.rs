//! Doubts: what of an input is read, or left unread, in a way that no proof may rest on.

/// What of an input a proof must not rest on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Doubt {
    /// What it is and where it stands, in words; of a plan the attribute that would settle it.
    pub what: String,
    /// Which claims it may change.
    pub touches: Touches,
    /// What it is of.
    pub of: DoubtOf,
    /// Whether the network has something in its place that may not be so: then a violation is no more
    /// certain than a proof.
    pub is_guess: bool,
}

/// What a doubt is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DoubtOf {
    /// A CloudFormation template.
    Template,
    /// An attribute of a Terraform plan.
    Plan,
    /// What AWS Config recorded.
    Config,
    /// A resource or a component that is not read, or not all of it.
    Unread,
}

/// Which claims a doubt may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Touches {
    /// All.
    Everything,
    /// Those about requests.
    Requests,
    /// Those that requests are permitted. An endpoint alone says for certain only that one is not.
    Permission,
    /// Those about what names mean.
    Names,
    /// Those about IPv6.
    Ipv6,
    /// Those that choose interfaces by where they are, or all of them: there may be more.
    Interfaces,
    /// Those about what hosts on the internet send.
    Internet,
    /// Those about what hosts on premises send, and in networks that are not in the input.
    OnPremises,
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
