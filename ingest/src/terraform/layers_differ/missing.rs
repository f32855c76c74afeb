//! What the plan says was there, and the earlier input does not have where it lists its kind.

use model::{
    Account, EgressOnlyInternetGateway, EndpointService, HostedZone, IamPrincipal, InternetGateway,
    LoadBalancer, LoadBalancerId, NatGateway, NetworkAcl, NetworkInterface, NetworkInterfaceId,
    Peering, PeeringEnd, ResolverRule, RouteTable, SecurityGroup, Subnet, SubnetId, TransitGateway,
    TransitGatewayAttachment, TransitGatewayId, TransitGatewayRouteTable, VirtualPrivateGateway,
    Vpc, VpcEndpoint, VpcId,
};

use crate::doubt::Touches;
use crate::sink::{Component, Sink};

use super::before::Unlike;

/// What a component stands in: an input that has that, and lists the component's kind, lists the component.
enum Within<'c> {
    Vpc(&'c VpcId),
    Subnet(&'c SubnetId),
    Interface(&'c NetworkInterfaceId),
    TransitGateway(&'c TransitGatewayId),
    LoadBalancer(&'c LoadBalancerId),
    /// A Region of an account, which may not be known.
    Region(&'c str, Option<&'c str>),
}

/// Finds what the earlier input does not have.
pub(super) fn read(layered: &mut Sink, earlier: &mut Sink) -> Vec<Unlike> {
    use Within::{Interface, Region};
    let mut find = Find {
        layered,
        earlier,
        found: Vec::new(),
    };
    find.missing(|one: &Vpc| vec![Region(&one.region, one.account.as_deref())]);
    find.missing(|one: &Subnet| vec![Within::Vpc(&one.vpc)]);
    find.missing(|one: &RouteTable| vec![Within::Vpc(&one.vpc)]);
    find.missing(|one: &NetworkAcl| vec![Within::Vpc(&one.vpc)]);
    find.missing(|one: &SecurityGroup| vec![Within::Vpc(&one.vpc)]);
    find.missing(|one: &NetworkInterface| vec![Within::Subnet(&one.subnet)]);
    find.missing(|one: &InternetGateway| one.vpc.iter().map(Within::Vpc).collect());
    find.missing(|one: &EgressOnlyInternetGateway| vec![Within::Vpc(&one.vpc)]);
    find.missing(|one: &VirtualPrivateGateway| one.vpc.iter().map(Within::Vpc).collect());
    find.missing(|one: &NatGateway| vec![Within::Subnet(&one.subnet)]);
    find.missing(|one: &VpcEndpoint| vec![Within::Vpc(&one.vpc)]);
    find.missing(ends);
    find.missing(|one: &LoadBalancer| one.interfaces.iter().map(Interface).collect());
    find.missing(|one: &EndpointService| {
        let balancers = one.load_balancers.iter();
        balancers.map(Within::LoadBalancer).collect()
    });
    find.missing(|one: &HostedZone| one.vpcs.iter().map(Within::Vpc).collect());
    find.missing(|one: &ResolverRule| one.vpcs.iter().map(Within::Vpc).collect());
    find.missing(|one: &TransitGatewayAttachment| vec![Within::TransitGateway(&one.gateway)]);
    find.missing(|one: &TransitGatewayRouteTable| vec![Within::TransitGateway(&one.gateway)]);
    find.principals();
    find.found
}

fn ends(peering: &Peering) -> Vec<Within<'_>> {
    let ends = [&peering.requester, &peering.accepter].into_iter();
    let here = ends.filter_map(|end| match end {
        PeeringEnd::Vpc(vpc) => Some(Within::Vpc(vpc)),
        PeeringEnd::Outside(_) => None,
    });
    here.collect()
}

struct Find<'s> {
    layered: &'s mut Sink,
    earlier: &'s mut Sink,
    found: Vec<Unlike>,
}

impl Find<'_> {
    /// Takes the components of a kind that are missing.
    fn missing<C: Component>(&mut self, within: impl Fn(&C) -> Vec<Within<'_>>) {
        if !self.earlier.sees(C::KIND) {
            return;
        }
        let all = std::mem::take(C::list(&mut self.layered.draft));
        for component in &all {
            let id = component.id();
            let is_listed = self.earlier.listed.contains(&(C::KIND, id.to_owned()));
            // What a reader made up has no id of AWS.
            let is_made_up = id.contains(['#', '@']);
            let is_missing = !is_made_up && !is_listed && !self.earlier.has(C::KIND, id);
            if is_missing && within(component).iter().any(|one| self.is_listed(one)) {
                let touches = Touches::Everything;
                self.found.push(Unlike::of::<C>(id, "id", touches));
            }
        }
        *C::list(&mut self.layered.draft) = all;
    }

    fn is_listed(&mut self, within: &Within<'_>) -> bool {
        let earlier = &mut *self.earlier;
        match within {
            Within::Vpc(id) => earlier.get::<Vpc>(id.as_str()).is_some(),
            Within::Subnet(id) => earlier.get::<Subnet>(id.as_str()).is_some(),
            Within::TransitGateway(id) => earlier.get::<TransitGateway>(id.as_str()).is_some(),
            Within::LoadBalancer(id) => earlier.get::<LoadBalancer>(id.as_str()).is_some(),
            Within::Interface(id) => {
                let interface = self.layered.get::<NetworkInterface>(id.as_str());
                let subnet = interface.map(|interface| interface.subnet.clone());
                subnet.is_some_and(|id| earlier.get::<Subnet>(id.as_str()).is_some())
            }
            Within::Region(region, account) => earlier.draft.vpcs.iter().any(|vpc| {
                vpc.region == *region && vpc.account.as_deref() == *account && account.is_some()
            }),
        }
    }

    /// Takes the users and roles with policies of accounts of which all are listed.
    fn principals(&mut self) {
        let principals = std::mem::take(&mut self.layered.draft.principals);
        for principal in &principals {
            let arn = principal.id.as_str();
            let account = arn.split(':').nth(4).unwrap_or_default();
            let account = self.earlier.get::<Account>(account);
            let is_whole = account.is_some_and(|account| account.principals_complete);
            let is_told = !principal.identity_policies.is_empty();
            if is_whole && is_told && self.earlier.get::<IamPrincipal>(arn).is_none() {
                let touches = Touches::Requests;
                self.found
                    .push(Unlike::of::<IamPrincipal>(arn, "arn", touches));
            }
        }
        self.layered.draft.principals = principals;
    }
}
