//! From a statement to the model's invariant, in one network.

use std::collections::BTreeSet;

use ingest::OpenAttributes;
use model::{
    AddressValue, Cidr, Claim, ComponentId, Family, Hole, Invariant, InvariantName, Network,
    Origin, Place, PortRange, Quantifier, Scope,
};

use super::claim::{Asked, Statement, Word};
use super::left_out;
use super::traffic::{self, Class};
use crate::problem::{Problem, SourceText};
use crate::selector::Resolver;

/// Every port.
const ALL_PORTS: PortRange = 0..=u16::MAX;
/// The ports that clients send from. `always` speaks of clients, and an ACL that lets no reply
/// back to port 80 is no fault; the other words speak of whoever sends.
const EPHEMERAL_PORTS: PortRange = 1024..=u16::MAX;

/// A statement in a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lowered {
    /// The claim about what the selectors mean for certain.
    pub(crate) invariant: Invariant,
    /// The places that `to` names for certain; `never` may speak of more.
    pub(crate) named_places: Vec<Place>,
    /// What leaves open which things the selectors mean; what is certain is in the invariant.
    pub(crate) open: BTreeSet<Hole>,
    /// What the claim may be besides, by attributes of things that are not known yet.
    pub(crate) chosen: Option<Box<Chosen>>,
    /// Names that are reached over the internet only, whatever they mean.
    pub(crate) public_names: BTreeSet<String>,
}

/// A claim of which it is open which things its selectors mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chosen {
    /// The attributes by which selectors choose, and which are not known.
    pub(crate) by: BTreeSet<Hole>,
    /// If this holds, the claim does, whatever they turn out to be.
    pub(crate) strongest: Invariant,
    /// If this does not hold, the claim does not.
    pub(crate) weakest: Invariant,
    /// The places that `to` may name.
    pub(crate) possible_places: Vec<Place>,
}

impl Lowered {
    /// Everything that leaves open which things are meant.
    pub(crate) fn holes(&self) -> BTreeSet<Hole> {
        let chosen = self.chosen.iter().flat_map(|chosen| chosen.by.iter());
        self.open.iter().chain(chosen).cloned().collect()
    }

    /// The scope of all that may be meant.
    pub(crate) fn widest_scope(&self) -> &Scope {
        match self.invariant.quantifier {
            Quantifier::Every => &self.strongest().scope,
            Quantifier::Exists => &self.weakest().scope,
        }
    }

    /// What is violated where the claim is.
    pub(crate) fn weakest(&self) -> &Invariant {
        let chosen = self.chosen.as_ref();
        chosen.map_or(&self.invariant, |chosen| &chosen.weakest)
    }

    /// What is proved where the claim is.
    pub(crate) fn strongest(&self) -> &Invariant {
        let chosen = self.chosen.as_ref();
        chosen.map_or(&self.invariant, |chosen| &chosen.strongest)
    }
}

/// What the selectors of a statement mean.
struct Meant {
    from: Vec<Origin>,
    to: Vec<Place>,
    via: Vec<BTreeSet<ComponentId>>,
    open: BTreeSet<Hole>,
    public_names: BTreeSet<String>,
}

/// Resolves the selectors of a statement and lowers it.
///
/// # Errors
///
/// Every problem that its selectors have in this network.
pub(crate) fn lower(
    statement: &Statement,
    network: &Network,
    attributes: &OpenAttributes,
    source: &SourceText,
) -> Result<Lowered, Vec<Problem>> {
    let mut resolver = Resolver::new(network, attributes, source);
    let certain = meant(statement, &mut resolver);
    if !resolver.problems.is_empty() {
        return Err(resolver.problems);
    }
    let by = resolver.take_chosen_by();
    let mut open = certain.open.clone();
    let invariant = |from: &Meant, via: &Meant| lowered(statement, network, from, via);
    let chosen = (!by.is_empty()).then(|| {
        resolver.widen();
        let all = meant(statement, &mut resolver);
        open.extend(all.open.iter().cloned());
        let ((narrow, narrow_via), (wide, wide_via)) = ((&certain, &certain), (&all, &all));
        // To pass one of more things is easier, and so is to find one flow among more; that all flows
        // do something is harder among more.
        let (strongest, weakest) = match statement.word {
            Word::Sometimes => (invariant(narrow, narrow_via), invariant(wide, wide_via)),
            Word::Never | Word::Always | Word::Only => {
                (invariant(wide, narrow_via), invariant(narrow, wide_via))
            }
        };
        Box::new(Chosen {
            by,
            strongest,
            weakest,
            possible_places: all.to,
        })
    });
    let invariant = invariant(&certain, &certain);
    open.extend(left_out::requests(&invariant.scope, network));
    if let Some(chosen) = &chosen {
        open.extend(left_out::requests(&chosen.strongest.scope, network));
    }
    Ok(Lowered {
        invariant,
        named_places: certain.to,
        open,
        chosen,
        public_names: certain.public_names,
    })
}

/// What the selectors mean to a resolver.
fn meant(statement: &Statement, resolver: &mut Resolver<'_>) -> Meant {
    let public_from_inside = statement.word != Word::Always;
    let origins = resolver.origins(&statement.from.selectors);
    let to = &statement.to.selectors;
    let places = resolver.places(to, &origins.origins, public_from_inside);
    let mut via = Vec::new();
    for step in &statement.via {
        via.push(resolver.components(&step.selectors));
    }
    let mut open = origins.open;
    open.extend(places.open);
    Meant {
        from: origins.origins,
        to: places.places,
        via,
        open,
        public_names: places.public_names,
    }
}

/// The claim about some things, by some others.
fn lowered(statement: &Statement, network: &Network, of: &Meant, by: &Meant) -> Invariant {
    let mut to = of.to.clone();
    if statement.word == Word::Never {
        to.extend(private_addresses(&of.from, &to, network));
    }
    let scope = Scope {
        from: of.from.clone(),
        to,
        traffic: traffic(statement),
        families: statement.families.clone(),
        // `always` speaks of what is sent to the place itself.
        relayed: statement.word != Word::Always,
        request: statement.request.clone(),
    };
    let (quantifier, premise, claim) = claim(statement, by.via.clone());
    Invariant {
        name: InvariantName::new(&statement.name),
        quantifier,
        scope,
        premise,
        claim,
    }
}

fn traffic(statement: &Statement) -> model::Traffic {
    let any = [Class::Any];
    let classes = statement.traffic.as_deref().unwrap_or(&any);
    let ports = statement.source_ports.clone();
    let ports = ports.unwrap_or_else(|| match statement.word {
        Word::Always => vec![EPHEMERAL_PORTS],
        Word::Never | Word::Sometimes | Word::Only => vec![ALL_PORTS],
    });
    traffic::lower(classes, &ports)
}

fn claim(
    statement: &Statement,
    via: Vec<BTreeSet<ComponentId>>,
) -> (Quantifier, Option<Claim>, Claim) {
    let asked = match statement.asked {
        Asked::Delivered => Claim::Delivered,
        Asked::Answered => Claim::Answered,
    };
    let requested = statement.request.is_some();
    let passes = (!via.is_empty()).then_some(Claim::Traverses(via));
    match statement.word {
        Word::Never => {
            let claim = match (requested, statement.asked) {
                (false, _) => asked,
                (true, Asked::Delivered) => Claim::PermittedSome,
                (true, Asked::Answered) => Claim::All(vec![asked, Claim::PermittedSome]),
            };
            (Quantifier::Every, None, Claim::Not(Box::new(claim)))
        }
        Word::Always => {
            let permitted = requested.then_some(Claim::PermittedAll);
            (Quantifier::Every, None, all(asked, [permitted, passes]))
        }
        Word::Sometimes => {
            let permitted = requested.then_some(Claim::PermittedSome);
            (Quantifier::Exists, None, all(asked, [permitted, passes]))
        }
        Word::Only => {
            let premise = if requested {
                Claim::PermittedSome
            } else {
                Claim::Delivered
            };
            let claim = passes.unwrap_or(Claim::Traverses(Vec::new()));
            (Quantifier::Every, Some(premise), claim)
        }
    }
}

fn all(first: Claim, more: [Option<Claim>; 2]) -> Claim {
    let mut claims = vec![first];
    claims.extend(more.into_iter().flatten());
    match claims.as_slice() {
        [one] => one.clone(),
        _ => Claim::All(claims),
    }
}

fn only_internet(origins: &[Origin]) -> bool {
    !origins.is_empty() && origins.iter().all(|one| matches!(one, Origin::Internet(_)))
}

/// The private IPv4 addresses of the interfaces that `to` means, when only the internet sends. An interface without a public
/// address has none that the internet can send to, and a claim that nothing comes in from there
/// would speak of no flow at all. With these addresses it speaks of packets for the private ones,
/// which are dropped for a stated reason (`internet-gateway-inbound`).
pub(crate) fn private_addresses(from: &[Origin], to: &[Place], network: &Network) -> Option<Place> {
    if !only_internet(from) {
        return None;
    }
    let mut cidrs = BTreeSet::new();
    for place in to {
        let Place::Interfaces { interfaces, .. } = place else {
            continue;
        };
        let found = interfaces
            .iter()
            .filter_map(|id| network.network_interfaces().get(id));
        for address in found.flat_map(|interface| &interface.addresses) {
            let cidr = match &address.private {
                AddressValue::Known(address) => Cidr::host(*address),
                AddressValue::Within(cidr, _) => *cidr,
            };
            if cidr.family() == Family::V4 {
                cidrs.insert(cidr);
            }
        }
    }
    (!cidrs.is_empty()).then_some(Place::Cidrs(cidrs))
}
