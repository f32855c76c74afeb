//! Resource control policies: which services they are about for certain (`authorization`).

use model::Hole;

use crate::pattern::Pattern;
use crate::statement::Match;

/// Their services.
const SERVICES: [&str; 5] = ["s3", "sts", "kms", "sqs", "secretsmanager"];

/// What an action names before its first colon, in lower case.
fn service(action: &str) -> String {
    let (service, _) = action.split_once(':').unwrap_or((action, ""));
    service.to_ascii_lowercase()
}

/// Whether they are about an action.
pub(crate) fn controls(action: &str) -> Match {
    let service = service(action);
    if SERVICES.contains(&service.as_str()) {
        Match::Holds
    } else {
        Match::Open(Hole::new(format!("resource control policies on {service}")))
    }
}

/// Patterns that tell actions apart as they do.
pub(crate) fn actions() -> impl Iterator<Item = Pattern> {
    let services = SERVICES.iter();
    services.flat_map(|service| {
        [String::from(*service), format!("{service}:*")].map(|text| Pattern::action(&text))
    })
}
