//! DNS Firewall (page dns).

use model::{Answer, Clause, DnsFirewallAction, DnsFirewallRule, Hole, Resolution, Value, Vpc};

use crate::dns_name::{DnsName, Listed};

/// `dns-firewall`: what a query that does not go on is answered.
///
/// A rule *can decide* when its domains match or are not known, and the domains of no rule before it are known to
/// match. The query goes on when all that can decide pass it.
pub(crate) fn stops(vpc: &Vpc, name: &DnsName) -> Option<Resolution> {
    let rules = &vpc.dns_firewall;
    let first_match = rules.iter().position(|rule| matches(rule, name));
    let until = first_match.map_or(rules.len(), |position| position + 1);
    let can_decide = || {
        let rules = rules.iter().take(until);
        rules.filter(|rule| rule.domains.known().is_none() || matches(rule, name))
    };
    if can_decide().all(|rule| rule.action == DnsFirewallAction::Pass) {
        return None;
    }
    let open = can_decide().find_map(|rule| rule.domains.hole());
    let blocks = can_decide().all(|rule| rule.action == DnsFirewallAction::Block);
    let answer = match open {
        Some(hole) => Answer::Undetermined(hole.clone()),
        None if blocks => Answer::NoAnswer,
        None => Answer::Undetermined(Hole::new(format!("answers of DNS Firewall of {}", vpc.id))),
    };
    Some(Resolution {
        clause: Clause::DnsFirewall,
        answer,
    })
}

/// Whether a rule's domains are known to match.
fn matches(rule: &DnsFirewallRule, name: &DnsName) -> bool {
    match &rule.domains {
        Value::Known(domains) => domains
            .iter()
            .any(|domain| domain == "*" || Listed::new(domain).stands_for(name)),
        Value::OneOf(..) | Value::Any(_) => false,
    }
}
