//! The sink: what a reader gathers while it goes on after a mistake.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Account, ClientVpnEndpoint, DirectConnectAssociation, EgressOnlyInternetGateway,
    EndpointService, Hole, HostedZone, IamPrincipal, InternetGateway, LoadBalancer, NatGateway,
    NetworkAcl, NetworkDraft, NetworkInterface, NetworkInterfaceId, Peering, Policy, PrefixList,
    ResolverRule, ResourcePolicy, RouteTable, RuleIndex, SecurityGroup, Subnet, TargetGroup,
    TransitGateway, TransitGatewayAttachment, TransitGatewayRouteTable, VirtualPrivateGateway, Vpc,
    VpcEndpoint,
};

use crate::diagnostic::{Assumption, Code, Diagnostic, Place};
use crate::doubt::{Doubt, DoubtOf, Touches};
use crate::open::OpenAttributes;
use crate::provenance::{Kind, Provenance};
use crate::resources::Resources;
use crate::terraform::UnlikeAttribute;
use crate::traced::Traced;
use crate::{Input, MAX_ERRORS, ReadError};

/// What a reader gathers: components with their places, remarks and assumptions.
#[derive(Debug, Default)]
pub(crate) struct Sink {
    pub(crate) draft: NetworkDraft,
    pub(crate) provenance: Provenance,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) assumptions: BTreeSet<Assumption>,
    pub(crate) references: BTreeMap<String, Traced>,
    /// Those of which something was assumed.
    assumed: BTreeSet<String>,
    /// What stands in a place that is not known, by the attributes that would tell it.
    pub(crate) unplaced: BTreeSet<Hole>,
    /// What no proof may rest on.
    pub(crate) doubts: BTreeSet<Doubt>,
    /// The subnets whose blocks of IPv6 are not known.
    pub(crate) unseen_ipv6: BTreeSet<String>,
    /// Interfaces that have no public address in the network, and may have one, by what decides it.
    pub(crate) bare: BTreeMap<NetworkInterfaceId, Hole>,
    /// What plans change by resources of their own, by its id, and one of these resources.
    pub(crate) changed_by_plans: BTreeMap<String, String>,
    /// What plans accept by resources of their own, by its id.
    pub(crate) accepted_by_plans: BTreeSet<String>,
    /// The VPCs for which Block Public Access is taken to be off, since no input says its mode.
    pub(crate) taken_for_off: BTreeSet<String>,
    /// The VPCs whose DNS attributes are taken as AWS sets them on creation.
    pub(crate) dns_by_default: BTreeSet<String>,
    /// The kinds of which an input lists what is there, whoever made it.
    pub(crate) seen: BTreeSet<Kind>,
    /// The managed policies of a snapshot that are attached to somebody, by their ARNs.
    pub(crate) managed_policies: BTreeMap<String, Policy>,
    /// What a plan leaves as it is, and an earlier input does not say the same of.
    pub(crate) unlike: BTreeSet<UnlikeAttribute>,
    /// What an input lists of these, read or not.
    pub(crate) listed: BTreeSet<(Kind, String)>,
    /// What each subnet gives to new interfaces, where an input says it.
    pub(crate) given: BTreeMap<String, Given>,
    /// What is open of what selectors ask for.
    pub(crate) open: OpenAttributes,
    /// What was left out, in words, each with the component.
    pub(crate) left_out: Vec<(String, String)>,
    /// The resources that plans make, whose addresses are their ids.
    pub(crate) new_resources: BTreeMap<String, Place>,
    /// The resources of plans and states.
    pub(crate) resources: Resources,
    /// What was read beside the inputs that were named.
    pub(crate) files: Vec<Input>,
    positions: BTreeMap<(Kind, String), usize>,
    n_errors: usize,
}

/// What a subnet gives to an interface that is made in it, unless that says otherwise.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Given {
    /// Whether an instance gets a public IPv4 address.
    pub(crate) public: Option<bool>,
    /// Whether it gets an IPv6 address.
    pub(crate) ipv6: Option<bool>,
}

/// A component of the network, as far as the sink has to know it.
pub(crate) trait Component: Sized {
    const KIND: Kind;
    fn id(&self) -> &str;
    fn list(draft: &mut NetworkDraft) -> &mut Vec<Self>;
}

macro_rules! components {
    ($($component:ident => $field:ident, $kind:ident;)*) => {
        $(
        impl Component for $component {
            const KIND: Kind = Kind::$kind;

            fn id(&self) -> &str {
                self.id.as_str()
            }

            fn list(draft: &mut NetworkDraft) -> &mut Vec<Self> {
                &mut draft.$field
            }
        }
        )*

        /// The kinds of components.
        pub(crate) const KINDS: &[Kind] = &[$(Kind::$kind),*];
    };
}

components! {
    Vpc => vpcs, Vpc;
    Subnet => subnets, Subnet;
    RouteTable => route_tables, RouteTable;
    PrefixList => prefix_lists, PrefixList;
    SecurityGroup => security_groups, SecurityGroup;
    NetworkAcl => network_acls, NetworkAcl;
    NetworkInterface => network_interfaces, NetworkInterface;
    InternetGateway => internet_gateways, InternetGateway;
    EgressOnlyInternetGateway => egress_only_internet_gateways, EgressOnlyInternetGateway;
    NatGateway => nat_gateways, NatGateway;
    Peering => peerings, Peering;
    VpcEndpoint => vpc_endpoints, VpcEndpoint;
    LoadBalancer => load_balancers, LoadBalancer;
    TargetGroup => target_groups, TargetGroup;
    EndpointService => endpoint_services, EndpointService;
    HostedZone => hosted_zones, HostedZone;
    ResolverRule => resolver_rules, ResolverRule;
    TransitGateway => transit_gateways, TransitGateway;
    VirtualPrivateGateway => virtual_private_gateways, VirtualPrivateGateway;
    DirectConnectAssociation => direct_connect_associations, DirectConnectAssociation;
    ClientVpnEndpoint => client_vpn_endpoints, ClientVpnEndpoint;
    TransitGatewayAttachment => transit_gateway_attachments, TransitGatewayAttachment;
    TransitGatewayRouteTable => transit_gateway_route_tables, TransitGatewayRouteTable;
    Account => accounts, Account;
    IamPrincipal => principals, Principal;
    ResourcePolicy => resource_policies, ResourcePolicy;
}

impl Sink {
    /// Adds a component; a second one of its kind and id is an error that names both places.
    pub(crate) fn add<C: Component>(&mut self, component: C, place: Place) {
        let id = component.id().to_owned();
        let key = (C::KIND, id.clone());
        if self.positions.contains_key(&key) {
            let first = self.provenance.of(C::KIND, &id);
            let first = first.map(|first| format!(" (first at {first})"));
            let message = format!(
                "{} `{id}` is defined more than once{}",
                C::KIND.name(),
                first.unwrap_or_default()
            );
            let diagnostic = Diagnostic::error(place, Code::DuplicateId, message);
            self.push(diagnostic.help("remove one of the two"));
            return;
        }
        let list = C::list(&mut self.draft);
        self.positions.insert(key, list.len());
        list.push(component);
        self.provenance.record(C::KIND, &id, place);
    }

    /// Adds a component that the input implies without writing it; it has no place.
    pub(crate) fn imply<C: Component>(&mut self, component: C) {
        let list = C::list(&mut self.draft);
        let key = (C::KIND, component.id().to_owned());
        self.positions.insert(key, list.len());
        list.push(component);
    }

    /// Puts a component in the place of an earlier one of its kind and id, or adds it: for a layer
    /// that changes what an earlier input said.
    pub(crate) fn replace<C: Component>(&mut self, component: C, place: Place) {
        let key = (C::KIND, component.id().to_owned());
        let position = self.positions.get(&key).copied();
        let slot = position.and_then(|position| C::list(&mut self.draft).get_mut(position));
        match slot {
            Some(slot) => {
                self.provenance.record(C::KIND, component.id(), place);
                *slot = component;
            }
            None => self.add(component, place),
        }
    }

    /// The component of that id, if an input had it.
    pub(crate) fn get<C: Component>(&mut self, id: &str) -> Option<&mut C> {
        let position = *self.positions.get(&(C::KIND, id.to_owned()))?;
        C::list(&mut self.draft).get_mut(position)
    }

    /// Whether an input lists what is there of a kind, whoever made it.
    pub(crate) fn sees(&self, kind: Kind) -> bool {
        self.seen.contains(&kind)
    }

    /// A sink with the network of this one, for what is read to be compared with it.
    pub(crate) fn with_network(&self) -> Sink {
        Sink {
            draft: self.draft.clone(),
            provenance: self.provenance.clone(),
            unseen_ipv6: self.unseen_ipv6.clone(),
            accepted_by_plans: self.accepted_by_plans.clone(),
            taken_for_off: self.taken_for_off.clone(),
            dns_by_default: self.dns_by_default.clone(),
            seen: self.seen.clone(),
            listed: self.listed.clone(),
            given: self.given.clone(),
            positions: self.positions.clone(),
            ..Sink::default()
        }
    }

    /// Whether an input had the component of that kind and id.
    pub(crate) fn has(&self, kind: Kind, id: &str) -> bool {
        self.positions.contains_key(&(kind, id.to_owned()))
    }

    /// Takes components of earlier inputs away.
    pub(crate) fn remove<C: Component>(&mut self, is_gone: impl Fn(&C) -> bool) {
        let list = C::list(&mut self.draft);
        list.retain(|one| !is_gone(one));
        self.positions.retain(|(kind, _), _| *kind != C::KIND);
        for (position, component) in list.iter().enumerate() {
            let key = (C::KIND, component.id().to_owned());
            self.positions.insert(key, position);
        }
    }

    /// Says where a rule of a component that was added came from.
    pub(crate) fn rule(&mut self, kind: Kind, id: &str, rule: RuleIndex, place: Place) {
        self.provenance.record_rule(kind, id, rule, place);
    }

    /// Takes a remark; of errors the first [`MAX_ERRORS`] are kept, and the others counted.
    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        if diagnostic.is_error() {
            self.n_errors += 1;
            if self.n_errors > MAX_ERRORS {
                return;
            }
        }
        self.diagnostics.push(diagnostic);
    }

    /// Takes the errors of a part.
    pub(crate) fn extend(&mut self, diagnostics: Vec<Diagnostic>) {
        for diagnostic in diagnostics {
            self.push(diagnostic);
        }
    }

    /// The errors, when there are any, and the warnings among them.
    pub(crate) fn into_error(self) -> ReadError {
        ReadError {
            diagnostics: self.diagnostics,
            n_more: self.n_errors.saturating_sub(MAX_ERRORS),
        }
    }

    /// Takes an error that needs no more words.
    pub(crate) fn error(&mut self, place: Place, code: Code, message: impl Into<String>) {
        self.push(Diagnostic::error(place, code, message));
    }

    /// Says that `component` is there but `what` about it is not modelled, and that the draft says
    /// so too: what depends on it is unknown.
    pub(crate) fn not_modelled(&mut self, place: Place, component: &str, what: &str) {
        let help = "verdicts that depend on it are UNKNOWN";
        self.unmodelled(place, component, what, help);
    }

    /// Says that `component` is there but `what` about it is not modelled, and that the draft has
    /// no way to say so.
    pub(crate) fn left_out(&mut self, place: Place, component: &str, what: &str) {
        let help = "no verdict takes it into account";
        let told = format!("`{component}` ({place}): {what} is not modelled");
        self.left_out.push((component.to_owned(), told));
        self.unmodelled(place, component, what, help);
    }

    fn unmodelled(&mut self, place: Place, component: &str, what: &str, help: &str) {
        if self.provenance.of(Kind::Unmodelled, component).is_none() {
            self.provenance
                .record(Kind::Unmodelled, component, place.clone());
        }
        let message = format!("`{component}`: {what} is not modelled");
        let warning = Diagnostic::warning(place, Code::NotModelled, message);
        self.push(warning.help(help));
    }

    /// Notes an assumption, once.
    pub(crate) fn assume(&mut self, code: &'static str, text: impl Into<String>) {
        let text = text.into();
        self.assumptions.insert(Assumption { code, text });
    }

    /// Notes what of a template no proof may rest on.
    pub(crate) fn no_proof(&mut self, touches: Touches, what: impl Into<String>) {
        self.doubts.insert(Doubt {
            what: what.into(),
            touches,
            of: DoubtOf::Template,
            is_guess: false,
        });
    }

    /// Notes what AWS Config did not record, or what of it is not read.
    pub(crate) fn not_recorded(&mut self, touches: Touches, what: impl Into<String>) {
        self.doubts.insert(Doubt {
            what: what.into(),
            touches,
            of: DoubtOf::Config,
            is_guess: false,
        });
    }

    /// Notes what AWS Config did not record, and is taken for something that it may not be.
    pub(crate) fn guess_of_config(&mut self, touches: Touches, what: impl Into<String>) {
        self.doubts.insert(Doubt {
            what: what.into(),
            touches,
            of: DoubtOf::Config,
            is_guess: true,
        });
    }

    /// Notes what of a template is taken for something that it may not be.
    pub(crate) fn guess(&mut self, touches: Touches, what: impl Into<String>) {
        self.doubts.insert(Doubt {
            what: what.into(),
            touches,
            of: DoubtOf::Template,
            is_guess: true,
        });
    }

    /// Notes an attribute of a plan that is open, and on which no proof may rest; nor any verdict, where
    /// something was put in its place.
    pub(crate) fn open_attribute(&mut self, touches: Touches, hole: &Hole, is_guess: bool) {
        self.doubts.insert(Doubt {
            what: hole.attribute().to_owned(),
            touches,
            of: DoubtOf::Plan,
            is_guess,
        });
    }

    /// Notes what is in the network, or may be, and is not read: no proof may rest on it; nor any verdict,
    /// where something is read in its place that may not be so.
    pub(crate) fn unread(&mut self, touches: Touches, what: impl Into<String>, is_guess: bool) {
        self.doubts.insert(Doubt {
            what: what.into(),
            touches,
            of: DoubtOf::Unread,
            is_guess,
        });
    }

    /// Says how far a reference was traced. Asked for several kinds of things it may be traced to one
    /// of them only.
    pub(crate) fn trace(&mut self, attribute: String, traced: Traced) {
        let known = self.references.entry(attribute).or_insert(traced);
        *known = traced.max(*known);
    }

    /// Says that what a reference was traced to rests on an assumption.
    pub(crate) fn doubt(&mut self, attribute: String) {
        self.assumed.insert(attribute);
    }

    /// The references, and how far each was traced.
    pub(crate) fn take_references(&mut self) -> BTreeMap<String, Traced> {
        let mut references = std::mem::take(&mut self.references);
        for (attribute, traced) in &mut references {
            if *traced == Traced::Known && self.assumed.contains(attribute) {
                *traced = Traced::Assumed;
            }
        }
        references
    }

    /// How many errors were pushed.
    pub(crate) fn n_errors(&self) -> usize {
        self.n_errors
    }

    /// Whether an error was pushed.
    pub(crate) fn has_errors(&self) -> bool {
        self.n_errors > 0
    }
}
