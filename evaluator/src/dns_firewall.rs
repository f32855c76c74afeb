//! DNS Firewall: the rules that a VPC's queries pass first.

use std::collections::BTreeSet;

use model::{DnsFirewallAction, DnsFirewallRule, Hole, Value};

use crate::resolve::below;

/// The rules of a VPC, in their order.
#[derive(Clone, Debug)]
pub(crate) struct DnsFirewall {
    rules: Vec<DnsFirewallRule>,
}

/// What DNS Firewall does with a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Filtered {
    /// The query goes on.
    On,
    Blocked,
    /// By a hole, or by the rule's own answer.
    Open(Hole),
}

impl DnsFirewall {
    pub(crate) fn new(rules: &[DnsFirewallRule]) -> Self {
        Self {
            rules: rules.to_vec(),
        }
    }

    /// `dns-firewall`: what happens to a query, and the position of the rule that decides it.
    pub(crate) fn filter(&self, name: &str) -> (Filtered, Option<usize>) {
        // A rule that passes, if it matches: then it depends on the others whether that matters.
        let mut perhaps: Option<(usize, &Hole)> = None;
        for (position, rule) in self.rules.iter().enumerate() {
            let decides = match (&rule.domains, rule.action) {
                (Value::Known(domains), action) => match (held(domains, name), action) {
                    (false, _) => continue,
                    (true, DnsFirewallAction::Pass) => Filtered::On,
                    (true, DnsFirewallAction::Block) => Filtered::Blocked,
                    (true, DnsFirewallAction::Override) => {
                        let what = format!("what DNS Firewall itself answers for {name}");
                        Filtered::Open(Hole::new(what))
                    }
                },
                (Value::OneOf(_, hole) | Value::Any(hole), DnsFirewallAction::Pass) => {
                    perhaps.get_or_insert((position, hole));
                    continue;
                }
                (
                    Value::OneOf(_, hole) | Value::Any(hole),
                    DnsFirewallAction::Block | DnsFirewallAction::Override,
                ) => Filtered::Open(hole.clone()),
            };
            return match (decides, perhaps) {
                (Filtered::On, _) => (Filtered::On, Some(position)),
                (Filtered::Blocked | Filtered::Open(_), Some((position, hole))) => {
                    (Filtered::Open(hole.clone()), Some(position))
                }
                (other, None) => (other, Some(position)),
            };
        }
        (Filtered::On, None)
    }
}

fn held(domains: &BTreeSet<String>, name: &str) -> bool {
    domains.iter().any(|domain| {
        let domain = domain.to_lowercase();
        match domain.strip_prefix("*.") {
            Some(parent) => below(name, parent),
            None => domain == "*" || domain == name,
        }
    })
}
