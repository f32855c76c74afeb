//! Accounts with their policies, and requests among them: small worlds without much of a network.
//!
//! [`pool`] has the names, [`draw`] makes the policies and [`ask`] what is asked; [`run`] asks both
//! engines, [`law`] changes worlds so that answers have to keep something, [`bug`] plants mistakes,
//! and [`reduce`] makes a disagreement small.

pub mod ask;
pub mod bug;
pub mod draw;
pub mod law;
pub mod pool;
pub mod reduce;
pub mod run;

use std::net::IpAddr;
use std::sync::LazyLock;

use model::{
    Account, Address, IamPrincipal, Network, NetworkDraft, Organization, Policy, Request,
    RequestSet, RequestWay, ResourcePolicy, Value, VpcEndpointId,
};

use crate::dice::Dice;
use crate::page;
use crate::policy::open_text::{self, Where};

/// Two clients with two addresses each: the route of `client` leads to the gateway endpoint `g`, that of `far` to the
/// internet; `i` is an interface endpoint of another service.
const AROUND: &str = r#"
[vpc.main]
cidrs = ["10.0.0.0/16"]
region = "eu-west-1"
[prefix-list.s3]
name = "com.amazonaws.eu-west-1.s3"
aws-managed = true
entries = ["3.5.64.0/21"]
[internet-gateway.igw]
vpc = "main"
[route-table.main]
vpc = "main"
routes = ["pl:s3 -> endpoint:g"]
[route-table.public]
vpc = "main"
routes = ["0.0.0.0/0 -> internet-gateway:igw"]
[subnet.a]
cidrs = ["10.0.1.0/24"]
route-table = "main"
[subnet.b]
cidrs = ["10.0.2.0/24"]
route-table = "public"
[security-group.all]
ingress = ["all from 0.0.0.0/0"]
egress = ["all to 0.0.0.0/0"]
[interface.client]
subnet = "a"
addresses = ["10.0.1.5", "10.0.1.6"]
groups = ["all"]
[interface.far]
subnet = "b"
addresses = ["10.0.2.5 public 198.51.100.5", "10.0.2.6 public 198.51.100.6"]
groups = ["all"]
[interface.i]
subnet = "a"
addresses = ["10.0.1.9"]
groups = ["all"]
[endpoint.g]
service = "com.amazonaws.eu-west-1.s3"
kind = "gateway"
prefix-lists = ["s3"]
[endpoint.i]
service = "com.amazonaws.eu-west-1.sqs"
kind = "interface"
interfaces = ["i"]
"#;

#[expect(clippy::panic, reason = "the text stands above")]
static DRAFT: LazyLock<NetworkDraft> = LazyLock::new(|| {
    page::draft(AROUND, "authorization/mod.rs").unwrap_or_else(|wrong| panic!("{wrong}"))
});

/// A policy that the input may not know.
pub type Document = Value<Policy>;

/// Accounts with everything that they have, and the policy of one endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct World {
    /// `g` or `i`.
    pub endpoint: &'static str,
    /// Its policy; the other one has its default.
    pub policy: Document,
    /// The account that owns the endpoints' VPC, when it is known.
    pub owner: Option<String>,
    /// The accounts.
    pub accounts: Vec<Account>,
    /// Users, roles and sessions of these accounts.
    pub principals: Vec<IamPrincipal>,
    /// Resources of these accounts.
    pub resource_policies: Vec<ResourcePolicy>,
}

impl World {
    /// The network that has all of it; `None` where something belongs to an account that is not
    /// there, or is there twice.
    pub fn try_network(&self) -> Option<Network> {
        let mut draft = DRAFT.clone();
        for one in &mut draft.vpc_endpoints {
            if one.id == self.endpoint() {
                one.policy = self.policy.clone();
            }
        }
        for one in &mut draft.vpcs {
            one.account.clone_from(&self.owner);
        }
        draft.accounts.clone_from(&self.accounts);
        draft.principals.clone_from(&self.principals);
        draft.resource_policies.clone_from(&self.resource_policies);
        draft.validate().ok()
    }

    /// The network that has all of it.
    ///
    /// # Panics
    ///
    /// When it is none: worlds that are drawn are valid.
    #[expect(clippy::expect_used, reason = "worlds that are drawn are valid")]
    pub fn network(&self) -> Network {
        self.try_network().expect("a valid network")
    }

    /// The endpoint's id.
    pub fn endpoint(&self) -> VpcEndpointId {
        VpcEndpointId::new(self.endpoint)
    }

    /// The ways by its endpoint, from each address of `client`.
    pub fn by_endpoint(&self) -> Vec<RequestWay> {
        let sources = [5, 6].map(|last| Address::from(IpAddr::from([10, 0, 1, last])));
        let way = |source| RequestWay::Endpoint(self.endpoint(), Some(source));
        sources.into_iter().map(way).collect()
    }

    /// The ways over the internet, from each public address of `far`.
    pub fn over_internet() -> Vec<RequestWay> {
        let sources = [5, 6].map(|last| Address::from(IpAddr::from([198, 51, 100, last])));
        let way = |source| RequestWay::Internet(Some(source));
        sources.into_iter().map(way).collect()
    }

    /// Changes every policy that a document, or the endpoint's policy, may be.
    pub fn each_policy(&mut self, mut change: impl FnMut(&mut Policy)) {
        candidates(&mut self.policy)
            .iter_mut()
            .for_each(&mut change);
        for document in self.documents_mut() {
            candidates(document).iter_mut().for_each(&mut change);
        }
    }

    /// Leaves some texts of the policies open, each with so many percent.
    fn leave_open(&mut self, percent: usize, dice: &mut Dice) {
        let mut of_resources = vec![&mut self.policy];
        let policies = self.resource_policies.iter_mut();
        of_resources.extend(policies.filter_map(|one| one.policy.as_mut()));
        for policy in of_resources.into_iter().flat_map(candidates) {
            open_text::open(policy, percent, Where::Everywhere, dice);
        }
        let others = without_principals(&mut self.accounts, &mut self.principals);
        for policy in others.into_iter().flat_map(candidates) {
            open_text::open(policy, percent, Where::ButPrincipals, dice);
        }
    }

    /// Every document of the accounts.
    pub fn documents_mut(&mut self) -> Vec<&mut Document> {
        let Self {
            accounts,
            principals,
            resource_policies,
            ..
        } = self;
        let mut documents = without_principals(accounts, principals);
        let policies = resource_policies.iter_mut();
        documents.extend(policies.filter_map(|one| one.policy.as_mut()));
        documents
    }
}

/// The documents that do not say whom they mean.
fn without_principals<'w>(
    accounts: &'w mut [Account],
    principals: &'w mut [IamPrincipal],
) -> Vec<&'w mut Document> {
    let mut documents: Vec<&mut Document> = Vec::new();
    for account in accounts {
        if let Organization::Member {
            service_control_policies,
            resource_control_policies,
        } = &mut account.organization
        {
            documents.extend(service_control_policies.iter_mut().flatten());
            documents.extend(resource_control_policies);
        }
    }
    for principal in principals {
        documents.extend(&mut principal.identity_policies);
        documents.extend(&mut principal.permissions_boundary);
        documents.extend(&mut principal.session_policies);
    }
    documents
}

/// The policies that a document may be, as far as they are known.
pub fn candidates(document: &mut Document) -> &mut [Policy] {
    match document {
        Value::Known(policy) => std::slice::from_mut(policy),
        Value::OneOf(policies, _) => policies,
        Value::Any(_) => &mut [],
    }
}

/// A world, with what is asked of it.
#[derive(Clone, Debug)]
pub struct Case {
    /// The world.
    pub world: World,
    /// Single requests, with their ways.
    pub asked: Vec<(RequestWay, Request)>,
    /// A set of requests.
    pub set: RequestSet,
}

impl Case {
    /// The case of a seed.
    pub fn of_seed(seed: u64, n_requests: usize) -> Self {
        let mut dice = Dice::new(seed);
        let keys = crate::policy::draw::of_accounts(&mut dice);
        let world = draw::world(&keys, &mut dice);
        let set = ask::set(&world, &keys, &mut dice);
        let asked = (0..n_requests).map(|_| ask::request(&world, &keys, &mut dice));
        let mut case = Self {
            asked: asked.collect(),
            world,
            set,
        };
        // Openings are drawn last, so that with and without them the rest is the same.
        let percent = dice.choose(&[(70, 0), (20, 10), (10, 30)]).unwrap_or(0);
        case.world.leave_open(percent, &mut dice);
        case
    }

    /// The case of a seed, with requests of its set as far as these are found, for the questions
    /// about sets.
    pub fn of_members(seed: u64, n_requests: usize) -> Self {
        let mut case = Self::of_seed(seed, 8 * n_requests);
        let set = &case.set;
        case.asked
            .retain(|(_, request)| crate::policy::member::is_named(set, request));
        case.asked.truncate(n_requests);
        case
    }
}
