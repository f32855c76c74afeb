//! VPC Block Public Access: what the mode of the account does at each subnet.

use std::ops::ControlFlow;

use model::{BlockPublicAccess, Clause, Exclusion, Network, Subnet, Value};

use crate::forward::Forward;
use crate::index::{HoleIndex, Holes, SubnetIndex};
use crate::walk::{Component, Ending, Filter, Recorder};

/// How a packet crosses from a subnet to the internet, or from there to a subnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Crossing {
    /// In by an internet gateway.
    In,
    /// Out by an internet gateway, as its sender sent it.
    Out,
    /// Out by an internet gateway, from a NAT gateway.
    OutOfNat,
    /// Out by an egress-only internet gateway.
    EgressOnly,
}

/// What becomes of each crossing at a subnet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Crossings {
    inward: Filter,
    outward: Filter,
    out_of_nat: Filter,
    egress_only: Filter,
    /// What becomes of inspected packets, where the mode may be on.
    inspected: Option<HoleIndex>,
}

impl Crossings {
    const fn at(self, crossing: Crossing) -> Filter {
        match crossing {
            Crossing::In => self.inward,
            Crossing::Out => self.outward,
            Crossing::OutOfNat => self.out_of_nat,
            Crossing::EgressOnly => self.egress_only,
        }
    }
}

/// Every mode that there is.
const MODES: [BlockPublicAccess; 3] = [
    BlockPublicAccess::Off,
    BlockPublicAccess::Bidirectional,
    BlockPublicAccess::Ingress,
];

pub(crate) fn compile(network: &Network, subnet: &Subnet, holes: &mut Holes) -> Crossings {
    let Some(vpc) = network.vpcs().get(&subnet.vpc) else {
        // A valid subnet has a VPC; one that had none would have no gateway either.
        return Crossings {
            inward: Filter::Passes,
            outward: Filter::Passes,
            out_of_nat: Filter::Passes,
            egress_only: Filter::Passes,
            inspected: None,
        };
    };
    let exclusions = [vpc.exclusion, subnet.exclusion];
    let mut filter = |crossing| {
        let lets = |mode: &BlockPublicAccess| lets(*mode, exclusions, crossing);
        let modes = match &vpc.block_public_access {
            Value::Known(mode) => std::slice::from_ref(mode),
            Value::OneOf(modes, _) => modes,
            Value::Any(_) => &MODES,
        };
        if modes.iter().all(lets) {
            return Filter::Passes;
        }
        match vpc.block_public_access.hole() {
            Some(hole) if modes.iter().any(lets) => {
                Filter::Open(Clause::VpcBlockPublicAccess, holes.keep(hole))
            }
            Some(_) | None => Filter::Drops,
        }
    };
    let crossings = Crossings {
        inward: filter(Crossing::In),
        outward: filter(Crossing::Out),
        out_of_nat: filter(Crossing::OutOfNat),
        egress_only: filter(Crossing::EgressOnly),
        inspected: None,
    };
    let off = vpc.block_public_access == Value::Known(BlockPublicAccess::Off);
    let question = || holes.open(format!("whether {} lets inspected packets out", subnet.vpc));
    Crossings {
        inspected: (!off).then(question),
        ..crossings
    }
}

/// Whether a mode lets a crossing pass at a subnet with these exclusions, its VPC's and its own.
fn lets(mode: BlockPublicAccess, exclusions: [Option<Exclusion>; 2], crossing: Crossing) -> bool {
    if exclusions.contains(&Some(Exclusion::Bidirectional)) {
        return true;
    }
    match (mode, crossing) {
        (BlockPublicAccess::Off, _) => true,
        (BlockPublicAccess::Bidirectional, Crossing::In) => false,
        (
            BlockPublicAccess::Bidirectional,
            Crossing::Out | Crossing::OutOfNat | Crossing::EgressOnly,
        ) => exclusions.contains(&Some(Exclusion::Egress)),
        (BlockPublicAccess::Ingress, Crossing::In | Crossing::Out) => false,
        (BlockPublicAccess::Ingress, Crossing::OutOfNat | Crossing::EgressOnly) => true,
    }
}

impl<R: Recorder> Forward<'_, R> {
    /// `vpc-block-public-access`, asked of a subnet by a gateway. What passes is one of the
    /// gateway's steps; what does not is told of the subnet, by whose exclusions it is decided.
    pub(crate) fn block_public_access(
        &mut self,
        gateway: Component,
        subnet: SubnetIndex,
        crossing: Crossing,
        is_inspected: bool,
    ) -> ControlFlow<Ending> {
        let asked = Component::Subnet(subnet);
        let clause = Clause::VpcBlockPublicAccess;
        let crossings = self.walk.network.subnets[subnet].crossings;
        match crossings.at(crossing) {
            Filter::Drops => return self.walk.drop(asked, None, clause),
            Filter::Open(clause, hole) => self.walk.filter_open(asked, None, clause, hole),
            Filter::Passes => match crossings.inspected.filter(|_| is_inspected) {
                Some(hole) => self.walk.filter_open(asked, None, clause, hole),
                None => self.walk.pass(gateway, None, clause),
            },
        }
        ControlFlow::Continue(())
    }
}
