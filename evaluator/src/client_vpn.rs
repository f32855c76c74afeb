//! Client VPN endpoints: what their clients may send, and by which interface it leaves.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use model::{Cidr, Clause, ClientVpnEndpoint, Family, Network, NetworkInterfaceId, SubnetId};

use crate::address::link_local;
use crate::address_map::AddressMap;
use crate::atoms::AddressCuts;
use crate::compiled::Compiled;
use crate::forward::Forward;
use crate::index::{Arena, ClientVpnIndex, HoleIndex, Holes, InterfaceIndex};
use crate::network_interface::Role;
use crate::walk::{Component, Ending, Filter, Recorder, Walk};

/// An interface of a Client VPN endpoint.
#[derive(Clone, Debug)]
pub(crate) struct ClientVpnInterface {
    /// What the endpoint's authorization rules say of each destination.
    authorization: AddressMap<Filter>,
    /// What its routes say of each, by this interface.
    routes: AddressMap<Filter>,
    /// What becomes of what is sent to it (`client-vpn-inbound`).
    inbound: HoleIndex,
}

/// Where a route leads, as an interface sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lead {
    /// By the interface's own subnet.
    Here,
    /// By another subnet.
    Elsewhere,
    /// To other clients.
    Clients,
    /// No route: a range of link-local services.
    LinkLocal,
}

/// What is open about the routes of an endpoint.
#[derive(Clone, Copy, Debug)]
struct OpenRoutes {
    shorter: HoleIndex,
    link_local: HoleIndex,
}

/// The interfaces of Client VPN endpoints, and which they are.
pub(crate) struct ClientVpnInterfaces<'a> {
    pub(crate) interfaces: Arena<ClientVpnIndex, ClientVpnInterface>,
    pub(crate) indices: BTreeMap<&'a NetworkInterfaceId, ClientVpnIndex>,
}

impl ClientVpnInterface {
    /// Cuts destinations wherever the endpoint tells them apart.
    pub(crate) fn cut(&self, family: Family, cuts: &mut AddressCuts) {
        cuts.starts(self.authorization.starts(family));
        cuts.starts(self.routes.starts(family));
    }
}

pub(crate) fn compile<'a>(network: &'a Network, holes: &mut Holes) -> ClientVpnInterfaces<'a> {
    let mut interfaces = Arena::new();
    let mut indices = BTreeMap::new();
    for endpoint in network.client_vpn_endpoints().values() {
        let id = &endpoint.id;
        let authorization = authorization(endpoint, holes);
        let open = OpenRoutes {
            shorter: holes.open(format!(
                "whether {id} sends by a subnet what a longer route takes to another"
            )),
            link_local: holes.open(format!("what {id} sends to link-local services")),
        };
        let unknown = endpoint.routes.hole().map(|hole| holes.keep(hole));
        let inbound = holes.open(format!("what {id} does with requests to it"));
        for interface in &endpoint.interfaces {
            let found = network.network_interfaces().get(interface);
            let routes = match unknown {
                Some(hole) => everywhere(Filter::Open(Clause::ClientVpnRoute, hole)),
                None => routes(endpoint, found.map(|found| &found.subnet), open),
            };
            let index = interfaces.push(ClientVpnInterface {
                authorization: authorization.clone(),
                routes,
                inbound,
            });
            indices.insert(interface, index);
        }
    }
    ClientVpnInterfaces {
        interfaces,
        indices,
    }
}

fn everywhere(filter: Filter) -> AddressMap<Filter> {
    AddressMap::build(&[] as &[(Cidr, ())], |_, _| filter)
}

/// `client-vpn-authorization`, for every destination.
fn authorization(endpoint: &ClientVpnEndpoint, holes: &mut Holes) -> AddressMap<Filter> {
    let clause = Clause::ClientVpnAuthorization;
    if let Some(hole) = endpoint.authorization_rules.hole() {
        return everywhere(Filter::Open(clause, holes.keep(hole)));
    }
    let rules = endpoint.authorization_rules.known().into_iter().flatten();
    let rules: Vec<_> = rules
        .map(|rule| (rule.destination, rule.group.is_none()))
        .collect();
    let user = holes.open(format!("of which groups the users of {} are", endpoint.id));
    AddressMap::build(&rules, |_, holding| {
        let mut deciding = longest(holding).peekable();
        if deciding.peek().is_none() {
            return Filter::Drops;
        }
        match deciding.any(|for_all| for_all) {
            true => Filter::Passes,
            false => Filter::Open(clause, user),
        }
    })
}

/// `client-vpn-route`, for every destination, by an interface in a subnet.
fn routes(
    endpoint: &ClientVpnEndpoint,
    subnet: Option<&SubnetId>,
    open: OpenRoutes,
) -> AddressMap<Filter> {
    let routes = endpoint.routes.known().into_iter().flatten();
    let routes = routes.map(|route| {
        let lead = match &route.subnet {
            None => Lead::Clients,
            Some(by) if Some(by) == subnet => Lead::Here,
            Some(_) => Lead::Elsewhere,
        };
        (route.destination, lead)
    });
    let link_local = link_local().map(|cidr| (cidr, Lead::LinkLocal));
    let blocks: Vec<_> = routes.chain(link_local).collect();
    AddressMap::build(&blocks, |_, holding| {
        let is_route = |(_, lead): &(Cidr, Lead)| *lead != Lead::LinkLocal;
        let routes: Vec<_> = holding.iter().copied().filter(is_route).collect();
        let is_link_local = routes.len() < holding.len();
        let leads = |wanted| longest(&routes).any(|lead| lead == wanted);
        let shorter = || routes.iter().any(|(_, lead)| *lead == Lead::Here);
        let clause = Clause::ClientVpnRoute;
        if leads(Lead::Here) {
            match is_link_local {
                true => Filter::Open(clause, open.link_local),
                false => Filter::Passes,
            }
        } else if !leads(Lead::Clients) && shorter() {
            Filter::Open(clause, open.shorter)
        } else {
            Filter::Drops
        }
    })
}

/// Of blocks that hold an address, the shortest first, what those of greatest length say.
fn longest<Mark: Copy>(holding: &[(Cidr, Mark)]) -> impl Iterator<Item = Mark> {
    let length = holding.last().map(|(cidr, _)| cidr.prefix_len());
    let holding = holding.iter().rev();
    let longest = holding.take_while(move |(cidr, _)| Some(cidr.prefix_len()) == length);
    longest.map(|(_, mark)| *mark)
}

impl Compiled {
    /// Whether an interface is one of a Client VPN endpoint.
    pub(crate) fn is_client_vpn(&self, index: InterfaceIndex) -> bool {
        match self.interfaces[index].role {
            Role::ClientVpn(_) => true,
            Role::Ordinary | Role::Endpoint(_) | Role::NatGateway(_) | Role::LoadBalancer(_) => {
                false
            }
        }
    }
}

impl<R: Recorder> Forward<'_, R> {
    /// What is asked first of what a client sends by an interface.
    pub(crate) fn client_sends(
        &mut self,
        interface: InterfaceIndex,
        index: ClientVpnIndex,
    ) -> ControlFlow<Ending> {
        let client_vpn = &self.walk.network.client_vpn_interfaces[index];
        let destination = self.walk.packet.destination();
        let component = Component::Interface(interface);
        let authorization = *client_vpn.authorization.at(destination);
        let clause = Clause::ClientVpnAuthorization;
        self.walk.client_vpn(component, clause, authorization)?;
        let route = *client_vpn.routes.at(destination);
        self.walk
            .client_vpn(component, Clause::ClientVpnRoute, route)
    }

    /// `client-vpn-inbound`.
    pub(crate) fn client_vpn_inbound(
        &mut self,
        interface: InterfaceIndex,
        index: ClientVpnIndex,
    ) -> ControlFlow<Ending> {
        let hole = self.walk.network.client_vpn_interfaces[index].inbound;
        let component = Component::Interface(interface);
        self.walk
            .end_open(component, None, Clause::ClientVpnInbound, hole)
    }
}

impl<R: Recorder> Walk<'_, R> {
    fn client_vpn(
        &mut self,
        component: Component,
        clause: Clause,
        filter: Filter,
    ) -> ControlFlow<Ending> {
        match filter {
            Filter::Passes => self.pass(component, None, clause),
            Filter::Drops => return self.drop(component, None, clause),
            Filter::Open(clause, hole) => self.filter_open(component, None, clause, hole),
        }
        ControlFlow::Continue(())
    }
}
