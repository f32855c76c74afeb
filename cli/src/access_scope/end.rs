//! What a scope asks of one end of a path, in selectors.

use std::collections::BTreeMap;

use ingest::access_scope::{Addresses, PathEntry, PathStatement, Resources};
use ingest::{Code, Diagnostic};
use model::Cidr;

use super::Class;
use super::component::{self, Role};
use super::traffic::{self, Packets};

/// The endpoints that are no interfaces.
pub(super) const GATEWAY_ENDPOINTS: &str = "endpoint kind:gateway";

/// Selectors by what they are of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ends(pub(super) BTreeMap<Class, Vec<String>>);

impl Ends {
    /// Everyone who sends.
    pub(super) fn any_sender() -> Self {
        let all = [
            (Class::Interfaces, "interface"),
            (Class::Internet, "internet"),
            (Class::OnPremises, "onprem"),
        ];
        Self::of(all)
    }

    /// Everywhere that AWS's analyzer has paths end. `any` is more: Amazon's own services in a VPC, as
    /// its resolver, which every interface reaches (`amazon-service-unfiltered`).
    pub(super) fn any_place() -> Self {
        let all = [
            // The interfaces of interface endpoints are among them.
            (Class::Interfaces, "interface"),
            (Class::Internet, "internet"),
            (Class::OnPremises, "onprem"),
            (Class::Endpoints, GATEWAY_ENDPOINTS),
        ];
        Self::of(all)
    }

    fn of<const N: usize>(all: [(Class, &str); N]) -> Self {
        let all = all.into_iter();
        Self(
            all.map(|(class, text)| (class, vec![text.to_owned()]))
                .collect(),
        )
    }

    pub(super) fn of_class(&self, class: Class) -> &[String] {
        self.0.get(&class).map_or(&[], Vec::as_slice)
    }

    /// All of them.
    pub(super) fn selectors(self) -> impl Iterator<Item = String> {
        self.0.into_values().flatten()
    }
}

/// The components at one end; `None` is any.
pub(super) fn ends(
    statement: Option<&PathStatement>,
    role: Role,
    problems: &mut Vec<Diagnostic>,
) -> Option<Ends> {
    let resources = statement?.resources.as_ref()?;
    Some(of_resources(resources, role, problems))
}

/// The components of a list.
pub(super) fn of_resources(
    resources: &Resources,
    role: Role,
    problems: &mut Vec<Diagnostic>,
) -> Ends {
    let mut ends = Ends::default();
    for item in &resources.items {
        match component::selector(item, resources.are_types, role) {
            Ok((class, selector)) => {
                let of_class = ends.0.entry(class).or_default();
                if !of_class.contains(&selector) {
                    of_class.push(selector);
                }
            }
            Err(problem) => problems.push(*problem),
        }
    }
    ends
}

/// What the packet is asked where it is sent: its protocol, and the addresses that it is sent from.
pub(super) fn blocks(
    source: Option<&PathStatement>,
    packets: &mut Packets,
    problems: &mut Vec<Diagnostic>,
) -> Option<Vec<Cidr>> {
    const AT_DESTINATION: &str = "write it in the `PacketHeaderStatement` of `Destination`, if you mean the packet as it arrives";
    let header = source?.header.as_ref()?;
    *packets = packets.clone().of(&header.protocols);
    let ports = header.destination_ports.as_ref();
    if let Some(ports) = ports.filter(|ports| !traffic::are_all(ports)) {
        let what =
            "claims ask for the port with which a flow arrives, and load balancers change it";
        problems.push(not_exact(&ports.place, what, AT_DESTINATION));
    }
    let ports = header.source_ports.as_ref();
    if let Some(ports) = ports.filter(|ports| !traffic::are_all(ports)) {
        let what = "claims do not ask for the port from which a flow is sent where a load balancer hands it on";
        let help = "write a claim with `source-ports` if no load balancer is on the way";
        problems.push(not_exact(&ports.place, what, help));
    }
    destination_addresses(header.destination.as_ref(), problems);
    let source = header
        .source
        .as_ref()
        .filter(|addresses| !is_everything(addresses))?;
    if source.blocks.is_empty() {
        let what = "selectors do not take the entries of a prefix list for the internet alone";
        let help = "write its entries as `SourceAddresses`";
        problems.push(not_exact(&source.place, what, help));
        return None;
    }
    Some(source.blocks.clone())
}

/// What the packet is asked where it arrives: its protocol and the port that it is for.
pub(super) fn ports(
    destination: Option<&PathStatement>,
    packets: &mut Packets,
    problems: &mut Vec<Diagnostic>,
) {
    let Some(header) = destination.and_then(|end| end.header.as_ref()) else {
        return;
    };
    *packets = packets.clone().of(&header.protocols);
    if let Some(ports) = &header.destination_ports {
        *packets = packets.clone().to(ports);
    }
    let ports = header.source_ports.as_ref();
    if let Some(ports) = ports.filter(|ports| !traffic::are_all(ports)) {
        let what = "claims do not ask for the port from which a flow arrives, and NAT gateways and load balancers change it";
        let help = "leave it out, or write a claim with `source-ports`, which are those that the sender uses";
        problems.push(not_exact(&ports.place, what, help));
    }
    let source = header.source.as_ref();
    if let Some(source) = source.filter(|addresses| !is_everything(addresses)) {
        let what = "claims do not ask for the address from which a flow arrives";
        let help = "write it in the `PacketHeaderStatement` of `Source`, if you mean the address that it is sent from";
        problems.push(not_exact(&source.place, what, help));
    }
    destination_addresses(header.destination.as_ref(), problems);
}

fn destination_addresses(addresses: Option<&Addresses>, problems: &mut Vec<Diagnostic>) {
    if let Some(addresses) = addresses.filter(|addresses| !is_everything(addresses)) {
        let what = "`ip:` is what is sent to a block and what a load balancer hands on to it, wherever it arrives";
        let help = "write a claim with `to = \"ip:…\"` if you mean that";
        problems.push(not_exact(&addresses.place, what, help));
    }
}

fn is_everything(addresses: &Addresses) -> bool {
    addresses.blocks.iter().any(|block| block.prefix_len() == 0)
}

/// Senders on the internet with addresses of some blocks. Of interfaces and networks on premises no
/// selector says exactly which send from a block.
pub(super) fn narrowed(
    from: Option<Ends>,
    blocks: &[Cidr],
    source: &PathStatement,
    problems: &mut Vec<Diagnostic>,
) -> Option<Ends> {
    let is_internet =
        |ends: &Ends| ends.0.keys().all(|class| *class == Class::Internet) && !ends.0.is_empty();
    if !from.as_ref().is_some_and(is_internet) {
        let addresses = source
            .header
            .as_ref()
            .and_then(|header| header.source.as_ref());
        let place = addresses.map_or(&source.place, |addresses| &addresses.place);
        problems.push(other_senders(place));
        return from;
    }
    let selectors = blocks.iter().map(|block| format!("internet ip:{block}"));
    Some(Ends(BTreeMap::from([(
        Class::Internet,
        selectors.collect(),
    )])))
}

/// That addresses are asked of senders that are not on the internet.
pub(super) fn other_senders(place: &ingest::Place) -> Diagnostic {
    let what = "only of senders on the internet claims ask for their addresses exactly; `ip:` as a sender \
                is whole interfaces that have one of them, too";
    let help = "write `AWS::EC2::InternetGateway` as the `ResourceTypes` of the same `Source`, or name the \
                interfaces, subnets or VPCs instead of addresses";
    not_exact(place, what, help)
}

/// That a match names what paths pass.
pub(super) fn passed_by_match(through: &Resources) -> Diagnostic {
    let what = "a match that asks for what paths pass";
    let help =
        "a `[[never]]` has no `via`, and AWS's guide has `ThroughResources` in `ExcludePaths` only";
    not_exact(&through.place, what, help)
}

/// That the two ends of an entry ask for different protocols.
pub(super) fn no_packet(entry: &PathEntry) -> Diagnostic {
    let message = "`Source` and `Destination` ask for different protocols, so that no path fits";
    let place = entry.place.clone();
    Diagnostic::error(place, Code::InvalidValue, message).help("leave one of the two out")
}

/// That a scope finds nothing, so that there is no claim.
pub(super) fn nothing_left(entry: &PathEntry) -> Diagnostic {
    let message =
        "`ExcludePaths` takes out all that `MatchPaths` finds, so that there is nothing to claim";
    let place = entry.place.clone();
    Diagnostic::error(place, Code::InvalidValue, message).help("narrow what is excluded")
}

/// That something is not said exactly.
pub(super) fn not_exact(place: &ingest::Place, what: &str, help: &str) -> Diagnostic {
    let message = format!("not said exactly by an invariant: {what}");
    Diagnostic::error(place.clone(), Code::NotExact, message).help(help)
}
