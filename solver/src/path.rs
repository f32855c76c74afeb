//! What follows of keys from the endpoint by which a request comes (`context-of-path`).

use model::{Account, AccountId, Network, Organization, Vpc, VpcEndpoint, VpcEndpointId};

/// What an endpoint tells of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Absent,
    One(String),
    Open,
}

impl From<Option<String>> for Told {
    /// What is not known is open.
    fn from(value: Option<String>) -> Self {
        value.map_or(Told::Open, Told::One)
    }
}

/// An endpoint as its requests tell of it.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    pub(crate) endpoint: String,
    pub(crate) vpc: String,
    /// The account that owns the VPC.
    pub(crate) account: Told,
    /// The id of that account's organization.
    pub(crate) organization: Told,
    /// The VPC's ARN.
    pub(crate) vpc_arn: Told,
}

/// Services that send all three keys of the endpoint's owner.
const SENDS_ALL: [&str; 10] = [
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

/// Services that send `aws:VpceAccount`, but not the ARN.
const SENDS_ACCOUNT: [&str; 1] = ["dynamodb"];

/// Services that send `aws:VpceOrgID`, but not the ARN.
const SENDS_ORGANIZATION: [&str; 3] = ["dynamodb", "kinesis-streams", "sqs"];

impl Path {
    pub(crate) fn new(network: &Network, id: &VpcEndpointId, endpoint: &VpcEndpoint) -> Self {
        let service = short_name(&endpoint.service);
        let sends = |some: &[&str]| {
            service.is_some_and(|service| SENDS_ALL.contains(&service) || some.contains(&service))
        };
        let vpc = network.vpcs().get(&endpoint.vpc);
        let owner = vpc.and_then(|vpc| vpc.account.clone());
        let account = owner.as_deref();
        let account = account.and_then(|owner| network.accounts().get(&AccountId::new(owner)));
        let if_sent = |some: &[&str], told: Told| if sends(some) { told } else { Told::Open };
        Path {
            endpoint: id.to_string(),
            vpc: endpoint.vpc.to_string(),
            account: if_sent(&SENDS_ACCOUNT, owner.into()),
            organization: if_sent(
                &SENDS_ORGANIZATION,
                account.map_or(Told::Open, organization_of),
            ),
            vpc_arn: if_sent(&[], vpc.and_then(arn_of).into()),
        }
    }
}

/// The S of a service `com.amazonaws.R.S`.
fn short_name(service: &str) -> Option<&str> {
    let (_, short) = service.strip_prefix("com.amazonaws.")?.split_once('.')?;
    Some(short)
}

fn organization_of(account: &Account) -> Told {
    match account.organization {
        Organization::Unknown(_) => Told::Open,
        Organization::None => Told::Absent,
        Organization::Management | Organization::Member { .. } => {
            account.organization_id.clone().into()
        }
    }
}

/// The ARN of a VPC whose owner and partition are known.
fn arn_of(vpc: &Vpc) -> Option<String> {
    let (region, account) = (&vpc.region, vpc.account.as_ref()?);
    let begins = |some: &[&str]| some.iter().any(|prefix| region.starts_with(prefix));
    let partition = if begins(&["us-iso", "eu-iso"]) {
        return None;
    } else if begins(&["cn-"]) {
        "aws-cn"
    } else if begins(&["us-gov"]) {
        "aws-us-gov"
    } else {
        "aws"
    };
    let id = &vpc.id;
    Some(format!("arn:{partition}:ec2:{region}:{account}:vpc/{id}"))
}
