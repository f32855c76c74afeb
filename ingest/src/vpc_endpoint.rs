//! What inputs of every kind say of VPC endpoints.

use std::collections::BTreeSet;

/// Services whose name under `amazonaws.com` is another one.
/// Source: <https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html>
const CALLED: [(&str, &str); 2] = [
    ("kinesis-firehose", "firehose"),
    ("kinesis-streams", "kinesis"),
];

/// The names that private DNS gives to a service of a Region, by the pattern that nearly all follow:
/// `ecr.api` is called `api.ecr.<region>.amazonaws.com`.
pub(crate) fn default_names(region: &str, service: &str) -> BTreeSet<String> {
    let called = CALLED.iter().find(|(of, _)| *of == service);
    let service = called.map_or(service, |(_, called)| *called);
    let labels: Vec<_> = service.rsplit('.').collect();
    let name = format!("{}.{region}.amazonaws.com", labels.join("."));
    let below = format!("*.{name}");
    match service {
        // Buckets, registries and APIs are labels below the service's name.
        "s3" | "ecr.dkr" => BTreeSet::from([name, below]),
        "execute-api" => BTreeSet::from([below]),
        _ => BTreeSet::from([name]),
    }
}

/// Whether it is certain whether an endpoint in a state carries traffic. AWS does not say it of one that
/// is being deleted, nor of one of which a part is there; one that is `pending` will soon.
/// Source: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html>
pub(crate) fn is_state_certain(state: &str) -> bool {
    const CERTAIN: [&str; 6] = [
        "available",
        "deleted",
        "expired",
        "failed",
        "pendingacceptance",
        "rejected",
    ];
    CERTAIN.contains(&state.to_ascii_lowercase().as_str())
}
