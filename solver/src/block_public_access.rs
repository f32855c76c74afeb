//! VPC Block Public Access (`vpc-block-public-access`) as a formula about the subnet of an interface.

use std::collections::BTreeSet;

use model::{BlockPublicAccess, Clause, Exclusion, SubnetId, Value};

use crate::encoder::Encoder;
use crate::hole::unsettled;
use crate::network_interface::Who;
use crate::symbolic::Formula;
use crate::walk::Filter;

/// Between what the packet passes, seen from the VPC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passage {
    /// It comes from the internet.
    Entry,
    /// It leaves, and neither a NAT gateway nor an egress-only gateway has to do with it.
    Direct,
    /// It leaves, sent by a NAT gateway or by an egress-only gateway.
    OutboundOnly,
}

/// What is excluded at the interface's subnet.
struct Excluded {
    everything: Formula,
    egress: Formula,
}

/// What the mode of the account does to the packets of an interface, or to those for it; of the
/// rest, those that are inspected on the way are open where the mode is not certainly off.
pub(crate) fn step(encoder: &Encoder, who: &Who, passage: Passage, inspected: bool) -> Filter {
    let mut filter = by_mode(encoder, who, passage);
    let vpc = encoder.network.vpcs().get(who.vpc());
    let off = Value::Known(BlockPublicAccess::Off);
    if inspected && vpc.is_some_and(|vpc| vpc.block_public_access != off) {
        let clause = Clause::VpcBlockPublicAccess;
        let hole = unsettled(clause, &format!("VPC {}", who.vpc()));
        filter.doubt_when(clause, hole, Formula::TRUE);
    }
    filter
}

/// What the mode and the exclusions say.
fn by_mode(encoder: &Encoder, who: &Who, passage: Passage) -> Filter {
    let mut filter = Filter::passing();
    let Some(vpc) = encoder.network.vpcs().get(who.vpc()) else {
        return filter;
    };
    let excluded = Excluded {
        everything: excluded_by(encoder, who, Exclusion::Bidirectional),
        egress: excluded_by(encoder, who, Exclusion::Egress),
    };
    let blocked = |mode: &BlockPublicAccess| blocked(*mode, passage, &excluded);
    let (possible, hole) = match &vpc.block_public_access {
        Value::Known(mode) => {
            filter.drop_when(blocked(mode));
            return filter;
        }
        Value::OneOf(modes, hole) => (modes.iter().map(blocked).collect(), hole),
        Value::Any(hole) => {
            let modes = [
                BlockPublicAccess::Off,
                BlockPublicAccess::Bidirectional,
                BlockPublicAccess::Ingress,
            ];
            (modes.iter().map(blocked).collect::<Vec<_>>(), hole)
        }
    };
    let in_every = Formula::all(possible.clone());
    let in_some = Formula::any(possible);
    let clause = Clause::VpcBlockPublicAccess;
    filter.doubt_when(clause, hole.clone(), in_some & !&in_every);
    filter.drop_when(in_every);
    filter
}

/// That a mode blocks the passage.
fn blocked(mode: BlockPublicAccess, passage: Passage, excluded: &Excluded) -> Formula {
    let (goes_out, is_direct) = match passage {
        Passage::Entry => (false, true),
        Passage::Direct => (true, true),
        Passage::OutboundOnly => (true, false),
    };
    let stopped = match mode {
        BlockPublicAccess::Off => Formula::FALSE,
        BlockPublicAccess::Bidirectional => {
            !(Formula::Constant(goes_out) & excluded.egress.clone())
        }
        BlockPublicAccess::Ingress => Formula::Constant(is_direct),
    };
    stopped & !&excluded.everything
}

/// That the subnet, or its VPC, has such an exclusion.
fn excluded_by(encoder: &Encoder, who: &Who, exclusion: Exclusion) -> Formula {
    let vpc = encoder.network.vpcs().get(who.vpc());
    let of_vpc = vpc.is_some_and(|vpc| vpc.exclusion == Some(exclusion));
    let subnets = encoder.network.subnets().iter();
    let excluded: BTreeSet<SubnetId> = subnets
        .filter(|(_, subnet)| subnet.vpc == *who.vpc() && subnet.exclusion == Some(exclusion))
        .map(|(id, _)| id.clone())
        .collect();
    Formula::Constant(of_vpc) | encoder.in_subnets(who, &excluded)
}
