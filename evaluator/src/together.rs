//! Packets that differ in protocol and ports only, and that walk alike.
//!
//! Addresses choose routes and receivers; of protocols and ports only filters ask, and a few devices.
//! So one packet is walked, and of the others is asked at each filter whether it answers them alike:
//! those of which all do so are where the one is, and need no walk of their own. A walk then tells of a
//! set of protocols and ports, exactly, however many the rules tell apart (after VeriFlow, Khurshid et
//! al., NSDI 2013, whose classes are those of all rules on the way).

use model::Transport;

use crate::exchange::Exchange;
use crate::walk::{About, Recorder, Step};

/// What has not been walked yet, and is walked one by one with those that walk alike.
pub(crate) trait Unwalked {
    /// Those that walk alike.
    type With: Recorder;

    /// The next one to walk, and with whom it begins.
    fn take(&mut self) -> Option<(Transport, Self::With)>;

    /// Takes away it and those that are still with it at the end of its walk.
    fn walked(&mut self, with: Self::With);
}

/// What has not been walked yet, in order.
pub(crate) struct Left(Vec<Member>);

/// One of the packets.
#[derive(Clone, Copy)]
struct Member {
    position: usize,
    sent: Transport,
    /// What its protocol and ports have become.
    now: Transport,
}

/// Those that are where the walked one is.
#[derive(Default)]
pub(crate) struct Together(Vec<Member>);

impl Left {
    pub(crate) fn new(sent: impl IntoIterator<Item = Transport>) -> Self {
        let members = sent.into_iter().enumerate();
        let members = members.map(|(position, sent)| Member {
            position,
            sent,
            now: sent,
        });
        Self(members.collect())
    }

    /// The next one to walk, and with whom it begins.
    pub(crate) fn take(&mut self) -> Option<(usize, Transport, Together)> {
        let (first, others) = self.0.split_first()?;
        let taken = (first.position, first.sent, Together(others.to_vec()));
        self.0.remove(0);
        Some(taken)
    }

    /// Takes away those that are still with one at the end of its walk, and tells which.
    pub(crate) fn walked(&mut self, with: &Together) -> Vec<usize> {
        let mut with = with.0.iter().map(|member| member.position).peekable();
        let mut positions = Vec::new();
        self.0.retain(|member| {
            let is_walked = with.next_if_eq(&member.position).is_some();
            positions.extend(is_walked.then_some(member.position));
            !is_walked
        });
        positions
    }
}

impl Unwalked for Left {
    type With = Together;

    fn take(&mut self) -> Option<(Transport, Together)> {
        let (_, sent, together) = self.take()?;
        Some((sent, together))
    }

    fn walked(&mut self, with: Together) {
        Left::walked(self, &with);
    }
}

impl Together {
    /// Those that are with it once more, at the beginning of another walk.
    pub(crate) fn again(mut self) -> Self {
        for member in &mut self.0 {
            member.now = member.sent;
        }
        self
    }
}

impl Recorder for Together {
    #[inline]
    fn record(&mut self, _: Step) {}

    #[inline]
    fn asked(&mut self, _: About<'_>, is_same: impl Fn(Transport) -> bool) {
        self.0.retain(|member| is_same(member.now));
    }

    #[inline]
    fn exchanged(&mut self, exchange: Exchange) {
        for member in &mut self.0 {
            member.now = exchange.of(member.now);
        }
    }

    #[inline]
    fn restored(&mut self, reply: Exchange) {
        for member in &mut self.0 {
            member.now = reply.of(member.sent);
        }
    }
}
