//! Coverage: how often each clause was met, by direction and by what it did. Steps are counted, not
//! lines of code, so the table says whether the *semantics* is exercised.

use std::collections::BTreeMap;

use evaluator::{Fate, NameTrace};
use model::{Answer, Clause, Direction, Effect, Hop, Permission, PermissionEffect, Trace};

use crate::plan::Profile;

/// What a step did, without the hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Did {
    /// It let the packet on.
    Passed,
    /// It delivered it.
    Delivered,
    /// It dropped it.
    Dropped,
    /// It may do either.
    Undetermined,
}

impl Did {
    /// The four.
    pub const ALL: [Did; 4] = [Did::Passed, Did::Delivered, Did::Dropped, Did::Undetermined];

    const fn of(effect: &Effect) -> Self {
        match effect {
            Effect::Passed => Did::Passed,
            Effect::Delivered => Did::Delivered,
            Effect::Dropped => Did::Dropped,
            Effect::Undetermined(_) => Did::Undetermined,
        }
    }

    const fn letter(self) -> char {
        match self {
            Did::Passed => 'p',
            Did::Delivered => 'd',
            Did::Dropped => 'x',
            Did::Undetermined => 'u',
        }
    }
}

/// A cell of the matrix.
pub type Cell = (Clause, Direction, Did);

/// The matrix: hits by cell and profile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    cells: BTreeMap<(Cell, Profile), u64>,
}

impl Coverage {
    /// Counts every step of a trace.
    pub fn count(&mut self, profile: Profile, trace: &Trace) {
        let forward = trace.forward.iter().map(|hop| (hop, Direction::Forward));
        let reply = trace.reply.iter().map(|hop| (hop, Direction::Reply));
        for (hop, direction) in forward.chain(reply) {
            self.hit(profile, cell(hop, direction));
        }
    }

    /// Counts the answer to a name, and the zones and rules on the way to it.
    pub fn count_name(&mut self, profile: Profile, trace: &NameTrace) {
        let resolution = &trace.resolution;
        let candidates = trace.asked.iter().flat_map(|asked| &asked.candidates);
        let chosen = candidates.filter(|candidate| candidate.fate == Fate::Chosen);
        let mut passed: Vec<_> = chosen.map(|candidate| candidate.clause).collect();
        if passed.last() == Some(&resolution.clause) {
            passed.pop();
        }
        for clause in passed {
            self.hit(profile, (clause, Direction::Forward, Did::Passed));
        }
        let did = match resolution.answer {
            Answer::Interfaces(_)
            | Answer::Addresses(_)
            | Answer::PublicService(_)
            | Answer::Dns64(_) => Did::Delivered,
            Answer::NoAnswer => Did::Dropped,
            Answer::Undetermined(_) => Did::Undetermined,
        };
        self.hit(profile, (resolution.clause, Direction::Forward, did));
    }

    /// Counts the answer to a request.
    pub fn count_request(&mut self, profile: Profile, permission: &Permission) {
        let did = match permission.effect {
            PermissionEffect::Permitted => Did::Delivered,
            PermissionEffect::Denied => Did::Dropped,
            PermissionEffect::Undetermined(_) => Did::Undetermined,
        };
        self.hit(profile, (permission.clause, Direction::Forward, did));
    }

    /// Counts one hit.
    pub fn hit(&mut self, profile: Profile, cell: Cell) {
        *self.cells.entry((cell, profile)).or_default() += 1;
    }

    /// Adds another matrix.
    pub fn merge(&mut self, other: Coverage) {
        for (cell, hits) in other.cells {
            *self.cells.entry(cell).or_default() += hits;
        }
    }

    /// The hits of a cell in a profile.
    pub fn hits(&self, cell: Cell, profile: Profile) -> u64 {
        self.cells.get(&(cell, profile)).copied().unwrap_or(0)
    }

    /// The hits of a cell.
    pub fn total(&self, cell: Cell) -> u64 {
        Profile::ALL
            .iter()
            .map(|profile| self.hits(cell, *profile))
            .sum()
    }

    /// What is wrong with a matrix: cells that must be met and were met less than `least` times,
    /// or never in some profile, and cells that cannot occur and did.
    pub fn gaps(&self, least: u64) -> Vec<String> {
        let mut gaps = Vec::new();
        for cell in all_cells() {
            let (total, expected) = (self.total(cell), expected(cell));
            let of_profiles = Profile::ALL.map(|profile| self.hits(cell, profile));
            let name = cell_text(cell);
            if expected && total < least {
                gaps.push(format!("{name}: {total} hits, fewer than {least}"));
            } else if expected && of_profiles.contains(&0) && !pivot_only(cell.0) {
                gaps.push(format!("{name}: never in one profile {of_profiles:?}"));
            } else if !expected && total > 0 {
                gaps.push(format!("{name}: {total} hits of a cell that cannot occur"));
            }
        }
        gaps
    }

    /// The matrix as a table, one line for each clause that was met.
    pub fn table(&self) -> String {
        let mut table = format!("{:<38}", "clause");
        let columns = || {
            [Direction::Forward, Direction::Reply]
                .into_iter()
                .flat_map(|direction| Did::ALL.map(|did| (direction, did)))
        };
        for (direction, did) in columns() {
            let arrow = match direction {
                Direction::Forward => "->",
                Direction::Reply => "<-",
            };
            table += &format!("{:>8}", format!("{arrow}{}", did.letter()));
        }
        for clause in Clause::ALL {
            let cells: Vec<_> = columns()
                .map(|(direction, did)| (*clause, direction, did))
                .collect();
            if cells
                .iter()
                .all(|cell| self.total(*cell) == 0 && !expected(*cell))
            {
                continue;
            }
            table += &format!("\n{:<38}", clause.name());
            for cell in cells {
                let text = match (self.total(cell), expected(cell)) {
                    (0, false) => "·".to_owned(),
                    (0, true) => "EMPTY".to_owned(),
                    (hits, _) => hits.to_string(),
                };
                table += &format!("{text:>8}");
            }
        }
        table
    }
}

fn cell(hop: &Hop, direction: Direction) -> Cell {
    (hop.clause, direction, Did::of(&hop.effect))
}

fn cell_text((clause, direction, did): Cell) -> String {
    format!("{clause} {direction:?} {did:?}")
}

fn all_cells() -> impl Iterator<Item = Cell> {
    Clause::ALL.iter().flat_map(|clause| {
        [Direction::Forward, Direction::Reply]
            .into_iter()
            .flat_map(move |direction| Did::ALL.map(|did| (*clause, direction, did)))
    })
}

/// Whether a clause does something that a trace or an answer shows.
pub(crate) const fn is_shown(clause: Clause) -> bool {
    let (forward, reply) = reachable(clause);
    !forward.is_empty() || !reply.is_empty()
}

fn expected((clause, direction, did): Cell) -> bool {
    let (forward, reply) = reachable(clause);
    let letters = match direction {
        Direction::Forward => forward,
        Direction::Reply => reply,
    };
    letters.contains(did.letter())
}

/// Clauses that need four things in a row, behind a NAT gateway, a load balancer or a transit
/// gateway, or seven appliances: only networks that are built around such a way meet them often enough to be counted
/// on.
const fn pivot_only(clause: Clause) -> bool {
    matches!(
        clause,
        Clause::NatGatewayToEndpoint
            | Clause::NatGatewaySourcePort
            | Clause::NatGatewayReturnToSender
            | Clause::WayLimit
            | Clause::GatewayLoadBalancerEndpointEgressOnly
            | Clause::TransitGatewayAttached
            | Clause::TransitGatewayZone
            | Clause::TransitGatewayAssociation
            | Clause::TransitGatewayRoute
            | Clause::TransitGatewayAmbiguous
            | Clause::TransitGatewayBlackhole
            | Clause::TransitGatewayUnmodelled
            | Clause::LoadBalancerLimit
            | Clause::LoadBalancerSourcePort
    )
}

/// What a clause can do to a request, and to a reply: let it on (`p`), `d`eliver, drop (`x`), leave it
/// `u`ndetermined. Names that mean something and requests that are permitted count as delivered;
/// names without an answer and denied requests as dropped.
///
/// What is not listed cannot occur, for one of three reasons: the clause stands in one direction
/// only; it names a passing step only (the rule or the route that was chosen), and what fails is
/// reported by the clause of the filter or of the choice; or it has one outcome by its sentence.
const fn reachable(clause: Clause) -> (&'static str, &'static str) {
    match clause {
        // What the sender and the receiver do.
        Clause::ClientVpnAuthorization | Clause::ClientVpnRoute => ("pxu", ""),
        Clause::ClientVpnInbound => ("u", ""),
        Clause::SourceCheck => ("px", ""),
        // In a reply the wrong owner is reported by `reply-returns`.
        Clause::AddressOwner => ("x", ""),
        // At a relay the request goes on.
        Clause::InterfaceAccepts => ("pd", ""),
        Clause::AmazonServiceUnfiltered => ("d", ""),
        // Passes by these names only when all of several possible sets of groups agree.
        Clause::SecurityGroupEgress | Clause::SecurityGroupIngress => ("px", ""),
        Clause::SecurityGroupCidr | Clause::SecurityGroupReference => ("p", ""),
        Clause::SecurityGroupPrefixList => ("pu", ""),
        Clause::SecurityGroupOutsideReference | Clause::SecurityGroupsUnknown => ("u", ""),
        Clause::SecurityGroupStateful => ("", "p"),
        Clause::NetworkAclEgress | Clause::NetworkAclIngress => ("px", "px"),
        Clause::NetworkAclUnknown => ("u", "u"),
        // The reply inside of a subnet asks nothing.
        Clause::SameSubnet => ("p", ""),
        // The choice of a route. A return choice is not followed, so only its outcome is a step.
        Clause::RouteReservedRange | Clause::RouteBlackhole => ("x", "x"),
        Clause::LongestPrefixMatch => ("px", "px"),
        Clause::RouteTieBreak | Clause::PropagatedInsideVpc => ("p", "p"),
        Clause::RouteAmbiguous
        | Clause::RouteInsideVpc
        | Clause::PrefixListEntriesUnknown
        | Clause::RouteUnknown
        | Clause::TargetUnmodelled => ("u", "u"),
        Clause::LocalRoute => ("p", ""),
        // Gateways.
        Clause::InternetGatewayAttached
        | Clause::InternetGatewayPrivateDestination
        | Clause::InternetGatewayPublicAddress
        | Clause::InternetGatewayInbound => ("px", ""),
        Clause::InternetGatewayPrivateSource => ("pxu", ""),
        // What comes back in goes on.
        Clause::InternetGatewayHairpin => ("p", ""),
        Clause::InternetGatewayUnrouted => ("pu", ""),
        // Stateful: a reply is not asked about.
        Clause::VpcBlockPublicAccess => ("pxu", ""),
        Clause::InternetGatewayDelivers => ("d", ""),
        // A reply that the edge table does not lead back is dropped, whatever it leads to.
        Clause::InternetGatewayEdgeTable => ("pu", "x"),
        Clause::EgressOnlyInternetGateway => ("dx", ""),
        Clause::GatewayStateful => ("", "p"),
        Clause::NatGatewayAvailable | Clause::NatGatewaySource | Clause::NatGatewayProtocol => {
            ("px", "")
        }
        Clause::NatGatewayTranslates | Clause::NatGatewayNat64 => ("p", ""),
        Clause::NatGatewayAddress => ("u", ""),
        Clause::NatGatewayChain => ("xu", ""),
        Clause::NatGatewayToEndpoint => ("u", ""),
        Clause::NatGatewaySourcePort => ("", "u"),
        Clause::NatGatewayOutboundOnly => ("x", ""),
        Clause::NatGatewayReturnToSender => ("", "p"),
        Clause::PeeringActive | Clause::PeeringAddresses => ("px", ""),
        Clause::PeeringOutside => ("u", ""),
        // Endpoints.
        Clause::GatewayEndpointAvailable
        | Clause::GatewayEndpointOwnVpc
        | Clause::GatewayEndpointProtocol
        | Clause::InterfaceEndpointAvailable
        | Clause::InterfaceEndpointProtocol => ("px", ""),
        Clause::GatewayEndpointDelivers => ("d", ""),
        Clause::InterfaceEndpointConsumerInitiated => ("x", ""),
        // Relays.
        Clause::LoadBalancerListener => ("pxu", ""),
        Clause::LoadBalancerUnfiltered => ("p", ""),
        Clause::LoadBalancerLimit | Clause::LoadBalancerTargetsUnknown => ("u", ""),
        Clause::LoadBalancerTarget | Clause::EndpointServiceZone => ("pxu", ""),
        Clause::LoadBalancerTranslates => ("px", ""),
        Clause::LoadBalancerSourcePort => ("", "u"),
        Clause::LoadBalancerPreserves => ("pxu", ""),
        Clause::LoadBalancerReturns => ("", "p"),
        Clause::EndpointServiceHandsOn => ("p", "p"),
        // Devices on the way.
        Clause::MiddleboxCheck => ("px", ""),
        Clause::MiddleboxForwards => ("pu", ""),
        Clause::GatewayLoadBalancerEndpointAvailable => ("px", ""),
        Clause::GatewayLoadBalancerEndpointInspects => ("pu", ""),
        Clause::GatewayLoadBalancerEndpointEgressOnly => ("x", ""),
        Clause::TransitGatewayAttached => ("px", ""),
        Clause::TransitGatewayZone => ("pxu", "pxu"),
        Clause::TransitGatewayAssociation => ("pxu", "pxu"),
        Clause::TransitGatewayRoute => ("px", "px"),
        Clause::TransitGatewayAmbiguous => ("u", "u"),
        Clause::TransitGatewayBlackhole => ("x", "x"),
        Clause::TransitGatewayUnmodelled => ("u", "u"),
        // Networks on premises.
        Clause::VirtualPrivateGatewayAttached | Clause::VirtualPrivateGatewaySource => ("px", ""),
        Clause::VirtualPrivateGatewayInbound => ("pxu", ""),
        Clause::VirtualPrivateGatewayRoute => ("pxu", "pxu"),
        Clause::VirtualPrivateGatewayEdgeTable => ("pu", "pu"),
        Clause::DirectConnectAllowedPrefix => ("pxu", ""),
        Clause::OnPremisesSource | Clause::OnPremisesTransit => ("pu", ""),
        Clause::OnPremisesDelivers => ("d", ""),
        Clause::OnPremisesReturns => ("", "p"),
        Clause::WayLoop => ("x", ""),
        Clause::WayLimit => ("u", ""),
        Clause::ReplyAsymmetric => ("", "u"),
        Clause::ReplyReturns => ("", "dx"),
        // Names and requests.
        Clause::DnsSupport | Clause::InboundResolver => ("x", ""),
        Clause::Dns64 => ("du", ""),
        Clause::DnsCustomServers | Clause::NameUnmodelled => ("u", ""),
        Clause::DnsFirewall => ("xu", ""),
        Clause::DnsMostSpecific | Clause::DnsLimit => ("u", ""),
        // A record that means a name, and a rule that leads to a VPC, let the query on.
        Clause::HostedZone => ("pdxu", ""),
        Clause::ResolverRuleForward => ("pu", ""),
        Clause::ResolverRuleSystem => ("p", ""),
        Clause::EndpointSpecificName => ("dxu", ""),
        Clause::LoadBalancerName => ("du", ""),
        // DNS64 adds to what it answers, and decides then.
        Clause::EndpointPrivateDns => ("pd", ""),
        Clause::ServicePublicName => ("d", ""),
        Clause::PolicyAllow => ("d", ""),
        Clause::PolicyExplicitDeny | Clause::PolicyDefaultDeny => ("x", ""),
        Clause::PolicyOpen | Clause::PolicyUnknown => ("u", ""),
        // Networks are drawn without accounts; worlds of accounts are drawn by `authorization`, and its
        // test asks that each of these decides.
        Clause::AuthorizationNotAsked
        | Clause::AuthorizationExplicitDeny
        | Clause::AuthorizationServiceControlPolicy
        | Clause::AuthorizationAnonymous
        | Clause::AuthorizationSameAccount
        | Clause::AuthorizationCrossAccount
        | Clause::AuthorizationOpen => ("", ""),
        // These say whether a statement matches, and stand in no trace; `policy::bug` has bugs of each.
        Clause::PolicyVariable
        | Clause::ConditionAllHold
        | Clause::ConditionSeveralValues
        | Clause::ConditionAbsentKey
        | Clause::ConditionString
        | Clause::ConditionArn
        | Clause::ConditionNumeric
        | Clause::ConditionDate
        | Clause::ConditionBool
        | Clause::ConditionBinary
        | Clause::ConditionIpAddress
        | Clause::ConditionNull
        | Clause::ConditionSetOperator
        | Clause::ContextOfPrincipal
        | Clause::ContextOfPath => ("", ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authorization::bug::bugs;
    use crate::policy::bug::BUGS;

    /// A matrix in which every reachable cell has just enough hits has no gaps; one hit less, one
    /// profile less or one hit elsewhere is a gap.
    #[test]
    fn the_meter_sees_what_is_missing_and_what_is_too_much() {
        let full = || {
            let mut full = Coverage::default();
            for cell in all_cells().filter(|cell| expected(*cell)) {
                for profile in Profile::ALL {
                    full.hit(profile, cell);
                }
            }
            full
        };
        assert_eq!(full().gaps(3), Vec::<String>::new());
        assert!(!full().gaps(4).is_empty());
        let impossible = (Clause::LocalRoute, Direction::Reply, Did::Dropped);
        let mut matrix = full();
        matrix.hit(Profile::Plain, impossible);
        assert_eq!(matrix.gaps(3).len(), 1);
        let mut matrix = full();
        let cell = (Clause::LocalRoute, Direction::Forward, Did::Passed);
        matrix.cells.remove(&(cell, Profile::Swarm));
        assert_eq!(
            matrix.gaps(1),
            ["local-route Forward Passed: never in one profile [1, 0, 1]"]
        );
    }

    #[test]
    fn every_clause_can_do_something() {
        for clause in Clause::ALL {
            let stands_in_traces = reachable(*clause) != ("", "");
            let mut clauses = BUGS.iter().map(|bug| bug.clause);
            let has_bugs = clauses.any(|one| one == *clause);
            let has_bugs = has_bugs || bugs().any(|bug| bug.clause == *clause);
            assert!(stands_in_traces || has_bugs, "{clause}");
        }
    }
}
