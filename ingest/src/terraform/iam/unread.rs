//! What makes or changes policies and is not read: what it may reach is open.

use model::{Hole, Value};

use super::super::plan::{Plan, Resource};
use super::super::reader::Reader;
use super::{Found, is_new, principal, resource_policy};

/// Types, by the beginning of their names, that make users, roles or policies of them which the plan
/// does not list, and what stands in the ARNs of those that they may change.
const MAKERS: [(&str, &str); 11] = [
    ("aws_cloudcontrolapi_resource", ""),
    ("aws_cloudformation_stack", ""),
    ("aws_controltower_", ""),
    ("aws_iam_service_linked_role", "/aws-service-role/"),
    ("aws_organizations_account", "/OrganizationAccountAccess"),
    (
        "aws_serverlessapplicationrepository_cloudformation_stack",
        "",
    ),
    ("aws_servicecatalog_provisioned_product", ""),
    ("aws_ssoadmin_", "/aws-reserved/sso.amazonaws.com/"),
    ("awscc_cloudformation_", ""),
    ("awscc_iam_", ""),
    ("awscc_sso_", "/aws-reserved/sso.amazonaws.com/"),
];

/// The makers that, new, add to an account and change nothing that is there.
const ADDING: [&str; 7] = [
    "awscc_iam_instance_profile",
    "awscc_iam_oidc_provider",
    "awscc_iam_role",
    "awscc_iam_saml_provider",
    "awscc_iam_server_certificate",
    "awscc_iam_user",
    "awscc_iam_virtual_mfa_device",
];

/// The makers that make anything else too.
pub(in crate::terraform) const MAKES_ALL: [&str; 6] = [
    "aws_cloudcontrolapi_resource",
    "aws_cloudformation_stack",
    "aws_controltower_",
    "aws_serverlessapplicationrepository_cloudformation_stack",
    "aws_servicecatalog_provisioned_product",
    "awscc_cloudformation_",
];

/// Types of resources that have a policy of their own, and the service as ARNs have it.
const RESOURCES: [(&str, &str); 7] = [
    ("aws_elasticsearch_domain", "es"),
    ("aws_glacier_vault", "glacier"),
    ("aws_kms_external_key", "kms"),
    ("aws_kms_replica_external_key", "kms"),
    ("aws_kms_replica_key", "kms"),
    ("aws_opensearch_domain", "es"),
    ("aws_s3_access_point", "s3"),
];

/// Types that are the policy of a resource, and the service as ARNs have it.
const POLICIES: [(&str, &str); 35] = [
    ("aws_acmpca_policy", "acm-pca"),
    ("aws_backup_vault_policy", "backup"),
    ("aws_cloudwatch_event_bus_policy", "events"),
    ("aws_cloudwatch_event_permission", "events"),
    ("aws_cloudwatch_log_destination_policy", "logs"),
    ("aws_cloudwatch_log_resource_policy", "logs"),
    ("aws_codeartifact_domain_permissions_policy", "codeartifact"),
    (
        "aws_codeartifact_repository_permissions_policy",
        "codeartifact",
    ),
    ("aws_ecr_registry_policy", "ecr"),
    ("aws_ecr_repository_policy", "ecr"),
    ("aws_ecrpublic_repository_policy", "ecr-public"),
    ("aws_efs_file_system_policy", "elasticfilesystem"),
    ("aws_elasticsearch_domain_policy", "es"),
    ("aws_glacier_vault_lock", "glacier"),
    ("aws_lambda_layer_version_permission", "lambda"),
    ("aws_lambda_permission", "lambda"),
    ("aws_media_store_container_policy", "mediastore"),
    ("aws_msk_cluster_policy", "kafka"),
    ("aws_networkfirewall_resource_policy", "network-firewall"),
    ("aws_oam_sink_policy", "oam"),
    ("aws_opensearch_domain_policy", "es"),
    ("aws_opensearchserverless_access_policy", "aoss"),
    (
        "aws_redshiftserverless_resource_policy",
        "redshift-serverless",
    ),
    ("aws_s3control_access_point_policy", "s3"),
    ("aws_s3control_bucket_policy", "s3-outposts"),
    ("aws_s3control_multi_region_access_point_policy", "s3"),
    (
        "aws_s3control_object_lambda_access_point_policy",
        "s3-object-lambda",
    ),
    ("aws_s3tables_table_bucket_policy", "s3tables"),
    ("aws_s3tables_table_policy", "s3tables"),
    ("aws_schemas_registry_policy", "schemas"),
    ("aws_ses_identity_policy", "ses"),
    ("aws_sesv2_email_identity_policy", "ses"),
    ("aws_signer_signing_profile_permission", "signer"),
    ("aws_vpclattice_auth_policy", "vpc-lattice"),
    ("aws_vpclattice_resource_policy", "vpc-lattice"),
];

/// The services of types of the other provider of AWS, where ARNs call them otherwise.
const SERVICES: [(&str, &str); 5] = [
    ("apigateway", "execute-api"),
    ("efs", "elasticfilesystem"),
    ("opensearchservice", "es"),
    ("elasticsearch", "es"),
    ("msk", "kafka"),
];

/// Whose policies a resource may make or change.
enum Reach<'a> {
    /// Of the resources of all services.
    All,
    /// Of the resources of one.
    Service(&'a str),
    /// Of one resource of that service, itself.
    Own(&'a str),
}

/// Reads what the plan makes, changes or takes away: what stays is as an earlier input says.
pub(super) fn read(reader: &mut Reader<'_, '_>, found: &mut Found) {
    let plan = reader.plan;
    for resource in changed(plan) {
        let part = reached_principals(resource);
        let reach = reach(resource.of);
        if part.is_none() && reach.is_none() {
            continue;
        }
        if let Some(part) = part {
            open_principals(reader, found, resource, part);
        }
        if let Some(reach) = reach {
            open_resources(reader, found, resource, &reach);
        }
        if !reader.sink.draft.accounts.is_empty() || !found.resource_policies.is_empty() {
            reader.not_modelled(resource, "what it makes or changes of policies");
        }
    }
}

/// Whether the plan may change users and roles that it does not list.
pub(super) fn changes_principals(plan: &Plan<'_>) -> bool {
    changed(plan).any(|resource| reached_principals(resource).is_some())
}

/// What the plan makes, changes or takes away that makes anything, control policies too.
pub(super) fn makers_of_all<'r, 'a>(plan: &'r Plan<'a>) -> impl Iterator<Item = &'r Resource<'a>> {
    changed(plan).filter(|resource| makes_all(resource.of))
}

fn makes_all(of: &str) -> bool {
    MAKES_ALL.iter().any(|start| of.starts_with(start))
}

fn changed<'r, 'a>(plan: &'r Plan<'a>) -> impl Iterator<Item = &'r Resource<'a>> {
    let managed = plan.resources.iter().filter(|one| !one.is_data);
    managed.filter(|one| is_made(one)).chain(&plan.former)
}

/// Whether the plan makes a resource, which may have no id.
fn is_made(resource: &Resource<'_>) -> bool {
    resource.is_created || is_new(resource)
}

fn reached_principals(resource: &Resource<'_>) -> Option<&'static str> {
    let mut makers = MAKERS.iter();
    let maker = makers.find(|(start, _)| resource.of.starts_with(start))?;
    Some(maker.1)
}

/// Opens the users and roles in whose ARNs `part` stands.
fn open_principals(
    reader: &mut Reader<'_, '_>,
    found: &Found,
    resource: &Resource<'_>,
    part: &str,
) {
    for account in &mut reader.sink.draft.accounts {
        account.principals_complete = false;
    }
    // A new stack, and a policy of its own, may be attached by name to what is there already.
    if ADDING.contains(&resource.of) && is_made(resource) {
        return;
    }
    let hole = Hole::new(resource.address);
    principal::open(reader, found, &hole, |arn| arn.contains(part));
    let is_it = |arn: &str| arn.contains(":iam::") && arn.contains(part);
    resource_policy::open(reader, found, &hole, is_it);
}

fn open_resources(
    reader: &mut Reader<'_, '_>,
    found: &mut Found,
    resource: &Resource<'_>,
    reach: &Reach<'_>,
) {
    let hole = Hole::new(resource.address);
    match *reach {
        Reach::All => {
            for account in &mut reader.sink.draft.accounts {
                account.resources_complete.clear();
            }
            resource_policy::open(reader, found, &hole, |_| true);
        }
        Reach::Own(service) if is_made(resource) => incomplete(reader, service),
        Reach::Own(service) | Reach::Service(service) => {
            // No type of the lists is the policy of a bucket itself.
            let is_of_bucket = resource.of.starts_with("awscc_");
            of_service(reader, found, service, &hole, |arn| {
                let is_reached = is_of_bucket || !arn.contains(":s3:::");
                is_reached && arn.split(':').nth(2) == Some(service)
            });
        }
    }
}

fn reach(of: &str) -> Option<Reach<'_>> {
    if makes_all(of) {
        return Some(Reach::All);
    }
    if let Some((_, service)) = RESOURCES.iter().find(|(own, _)| *own == of) {
        return Some(Reach::Own(service));
    }
    if let Some((_, service)) = POLICIES.iter().find(|(policy, _)| *policy == of) {
        return Some(Reach::Service(service));
    }
    if let Some(rest) = of.strip_prefix("awscc_") {
        let word = rest.split('_').next().unwrap_or(rest);
        let other = SERVICES.iter().find(|(own, _)| *own == word);
        return Some(Reach::Service(other.map_or(word, |(_, service)| service)));
    }
    let service = of.strip_prefix("aws_")?.strip_suffix("_resource_policy")?;
    Some(Reach::Service(service))
}

/// Opens the policies of the resources of a service, of the plan's too: which of them it is about is
/// not known.
fn of_service(
    reader: &mut Reader<'_, '_>,
    found: &mut Found,
    service: &str,
    hole: &Hole,
    is_its: impl Fn(&str) -> bool,
) {
    incomplete(reader, service);
    for placed in found.resource_policies.values_mut() {
        if is_its(placed.component.id.as_str()) {
            placed.component.policy = Some(Value::Any(hole.clone()));
        }
    }
    resource_policy::open(reader, found, hole, is_its);
}

fn incomplete(reader: &mut Reader<'_, '_>, service: &str) {
    for account in &mut reader.sink.draft.accounts {
        account.resources_complete.remove(service);
    }
}
