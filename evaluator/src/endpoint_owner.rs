//! The endpoint of a way, with the keys that follow from who owns its VPC (`context-of-path`).

use std::borrow::Cow;

use model::{Network, Organization, VpcEndpoint};

use crate::context::Values;

/// The endpoint of a way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct By {
    pub(crate) endpoint: String,
    pub(crate) vpc: String,
    /// The account that owns the VPC.
    pub(crate) account: Sent,
    /// The id of its organization.
    pub(crate) organization: Sent,
    pub(crate) vpc_arn: Sent,
}

/// What requests say of a key that some services send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    Text(String),
    Absent,
    Open,
}

/// Services that send all of the keys.
const ALL: [&str; 10] = [
    "athena",
    "cloudformation",
    "ecr.api",
    "ecr.dkr",
    "ecs",
    "iam",
    "kinesis-firehose",
    "kms",
    "lambda",
    "s3",
];

/// Services that send the account besides.
const ACCOUNT: [&str; 1] = ["dynamodb"];

/// Services that send the organization besides.
const ORGANIZATION: [&str; 3] = ["dynamodb", "kinesis-streams", "sqs"];

impl Sent {
    pub(crate) fn values(&self) -> Values<'_> {
        match self {
            Sent::Text(text) => Values::One(Cow::Borrowed(text)),
            Sent::Absent => Values::Absent,
            Sent::Open => Values::Open,
        }
    }

    /// What a variable may stand for.
    pub(crate) fn text(&self) -> Option<String> {
        match self {
            Sent::Text(text) => Some(text.clone()),
            Sent::Absent | Sent::Open => None,
        }
    }

    /// Open unless the service sends it.
    fn if_sent(self, service: Option<&str>, besides: &[&str]) -> Self {
        let sends = |service| ALL.contains(&service) || besides.contains(&service);
        match service.is_some_and(sends) {
            true => self,
            false => Sent::Open,
        }
    }
}

impl By {
    pub(crate) fn new(endpoint: &VpcEndpoint, network: &Network) -> Self {
        let service = of_amazon(&endpoint.service);
        let vpc = network.vpcs().get(&endpoint.vpc);
        let owner = vpc.and_then(|vpc| vpc.account.as_ref());
        let account = owner.map_or(Sent::Open, |owner| Sent::Text(owner.clone()));
        let organization = owner.map_or(Sent::Open, |owner| organization(owner, network));
        let owned = vpc.zip(owner);
        let arn = owned.and_then(|(vpc, owner)| {
            let partition = partition(&vpc.region)?;
            let (region, id) = (&vpc.region, &vpc.id);
            Some(format!("arn:{partition}:ec2:{region}:{owner}:vpc/{id}"))
        });
        Self {
            endpoint: endpoint.id.to_string(),
            vpc: endpoint.vpc.to_string(),
            account: account.if_sent(service, &ACCOUNT),
            organization: organization.if_sent(service, &ORGANIZATION),
            vpc_arn: arn.map_or(Sent::Open, Sent::Text).if_sent(service, &[]),
        }
    }
}

/// The service of a full name, without its Region.
fn of_amazon(name: &str) -> Option<&str> {
    let (_, service) = name.strip_prefix("com.amazonaws.")?.split_once('.')?;
    Some(service)
}

/// The organization of an account, as far as the input tells.
fn organization(account: &str, network: &Network) -> Sent {
    let Some(found) = network.accounts().get(&account.into()) else {
        return Sent::Open;
    };
    match &found.organization {
        Organization::Unknown(_) => Sent::Open,
        Organization::None => Sent::Absent,
        Organization::Management | Organization::Member { .. } => {
            let id = found.organization_id.clone();
            id.map_or(Sent::Open, Sent::Text)
        }
    }
}

/// The partition of a Region; `None` in an isolated one.
fn partition(region: &str) -> Option<&'static str> {
    let begins = |prefix: &str| region.starts_with(prefix);
    if begins("us-iso") || begins("eu-iso") {
        None
    } else if begins("cn-") {
        Some("aws-cn")
    } else if begins("us-gov-") {
        Some("aws-us-gov")
    } else {
        Some("aws")
    }
}
