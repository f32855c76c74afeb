//! Prefix lists: their known entries, and what may be in those that are not known.

use model::{Cidr, Hole, PrefixListId, Value};

use crate::encoder::Encoder;
use crate::symbolic::{Formula, Number};

/// The entries of a list when they are known, none otherwise.
pub(crate) fn entries<'a>(
    encoder: &'a Encoder,
    list: &PrefixListId,
) -> impl Iterator<Item = Cidr> + use<'a> {
    let list = encoder.network.prefix_lists().get(list);
    let entries = list.and_then(|list| match &list.entries {
        Value::Known(entries) => Some(entries),
        Value::OneOf(..) | Value::Any(_) => None,
    });
    entries.into_iter().flatten().copied()
}

/// What a rule's prefix list says of a peer.
pub(crate) enum Listed {
    /// That it holds it.
    Known(Formula),
    /// That it may, and what would tell.
    Open(Hole, Formula),
}

/// `security-group-prefix-list`.
pub(crate) fn listed(encoder: &Encoder, list: &PrefixListId, peer: &Number) -> Listed {
    let Some(list) = encoder.network.prefix_lists().get(list) else {
        return Listed::Known(Formula::FALSE);
    };
    match &list.entries {
        Value::Known(entries) => Listed::Known(encoder.in_blocks(entries, peer)),
        Value::OneOf(_, hole) | Value::Any(hole) => {
            let may = if list.family != encoder.family {
                Formula::FALSE
            } else if list.aws_managed {
                encoder.is_public(peer)
            } else {
                Formula::TRUE
            };
            Listed::Open(hole.clone(), may)
        }
    }
}
