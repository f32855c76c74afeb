//! Whose a resource of the plan is: its account, partition and Region, of which ARNs are made.

use std::collections::{BTreeMap, BTreeSet};

use crate::json::Value as Json;

use super::super::plan::{Plan, Resource};
use super::super::region;

/// An account and its partition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Owner {
    pub(super) partition: String,
    pub(super) account: String,
}

impl Owner {
    /// The owner that an ARN names.
    pub(super) fn of_arn(arn: &str) -> Option<Self> {
        let mut parts = arn.split(':').skip(1);
        let partition = parts.next()?.to_owned();
        let account = parts.nth(2)?;
        let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        is_account.then(|| Self {
            partition,
            account: account.to_owned(),
        })
    }
}

/// Types whose ARN has the account that makes them. Others have the ARN of something else, which may
/// be another account's: of the topic that is subscribed to, or of the target of a rule.
const OWN: [&str; 30] = [
    "aws_cloudwatch_log_group",
    "aws_db_instance",
    "aws_dynamodb_table",
    "aws_ecr_repository",
    "aws_ecs_cluster",
    "aws_eks_cluster",
    "aws_iam_group",
    "aws_iam_instance_profile",
    "aws_iam_policy",
    "aws_iam_role",
    "aws_iam_user",
    "aws_instance",
    "aws_internet_gateway",
    "aws_kms_alias",
    "aws_kms_key",
    "aws_lambda_function",
    "aws_lb",
    "aws_lb_target_group",
    "aws_network_acl",
    "aws_network_interface",
    "aws_rds_cluster",
    "aws_route_table",
    "aws_secretsmanager_secret",
    "aws_security_group",
    "aws_sns_topic",
    "aws_sqs_queue",
    "aws_ssm_parameter",
    "aws_subnet",
    "aws_vpc",
    "aws_vpc_endpoint",
];

/// The owners of what each configuration of the provider makes.
pub(super) struct Owners<'a>(BTreeMap<Option<&'a str>, BTreeSet<Owner>>);

impl<'a> Owners<'a> {
    /// Gathers them from `aws_caller_identity` and the known ARNs of what the plan makes.
    pub(super) fn read(plan: &Plan<'a>) -> Self {
        let mut owners = Self(BTreeMap::new());
        for resource in &plan.resources {
            let says = if resource.is_data {
                resource.of == "aws_caller_identity"
            } else {
                OWN.contains(&resource.of)
            };
            if !says {
                continue;
            }
            let arn = resource.attribute("arn");
            let provider = provider(resource);
            // Of a configuration that is several with one key, one is no more than one of them.
            let is_repeated = provider.is_some_and(|key| plan.is_repeated(key));
            let owner = arn.text().filter(|_| !is_repeated);
            let owner = owner.and_then(Owner::of_arn);
            owners.0.entry(provider).or_default().extend(owner);
        }
        owners
    }

    /// The owner of a resource: as its ARN says, or the only one of its provider.
    pub(super) fn of(&self, resource: &Resource<'_>) -> Option<Owner> {
        if let Some(owner) = resource.attribute("arn").text().and_then(Owner::of_arn) {
            return Some(owner);
        }
        let mut owners = self.0.get(&provider(resource))?.iter();
        match (owners.next(), owners.next()) {
            (Some(only), None) => Some(only.clone()),
            (_, _) => None,
        }
    }

    /// Whether what the change takes away may be of another account than a resource of the plan: of a
    /// block that is not in the configuration any more the provider is not known.
    pub(super) fn may_differ(
        &self,
        plan: &Plan<'_>,
        former: &Resource<'_>,
        resource: &Resource<'_>,
    ) -> bool {
        let own = provider(resource);
        let others: Vec<_> = match plan.declaration(former) {
            Some(declaration) => vec![key(declaration)],
            None => plan.providers().map(Some).collect(),
        };
        let owner = |provider| self.0.get(&provider).filter(|owners| owners.len() == 1);
        let is_own = |other| owner(other).is_some() && owner(other) == owner(own);
        let is_repeated = own.is_some_and(|key| plan.is_repeated(key));
        let mut others = others.into_iter();
        others.any(|other| (other != own || is_repeated) && !is_own(other))
    }

    /// Whether users, roles and policies of the plan may be of several accounts: they are made by
    /// several configurations of the provider, which are not known to be of one, or by one that a
    /// state does not tell from others.
    pub(super) fn are_several(&self, plan: &Plan<'_>) -> bool {
        let made = plan.resources.iter().filter(|one| !one.is_data);
        let made = made.filter(|one| one.of.starts_with("aws_iam_") || one.of.contains("policy"));
        let providers: BTreeSet<_> = made.map(provider).collect();
        let owners = providers.iter().map(|provider| self.0.get(provider));
        let is_known = owners.clone().all(|of| of.is_some_and(|of| of.len() == 1));
        let owners: BTreeSet<_> = owners.flatten().flatten().collect();
        let mut keys = providers.iter().flatten();
        let is_repeated = keys.any(|key| plan.is_repeated(key));
        owners.len() > 1 || is_repeated || (providers.len() > 1 && !is_known)
    }

    /// The ARN of a resource in its Region.
    pub(super) fn arn(
        &self,
        plan: &Plan<'_>,
        resource: &Resource<'_>,
        service: &str,
        what: &str,
    ) -> Option<String> {
        let Owner { partition, account } = self.of(resource)?;
        let region = region::of(plan, resource)?;
        Some(format!(
            "arn:{partition}:{service}:{region}:{account}:{what}"
        ))
    }
}

/// The key of the configuration of the provider that makes a resource.
pub(super) fn provider<'a>(resource: &Resource<'a>) -> Option<&'a str> {
    key(resource.declaration?)
}

fn key(declaration: &Json) -> Option<&str> {
    declaration.get("provider_config_key")?.as_str()
}
