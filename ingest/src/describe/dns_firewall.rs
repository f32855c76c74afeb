//! `route53resolver list-firewall-rule-group-associations`, `list-firewall-rules`,
//! `list-firewall-domains`: DNS Firewall.

use std::collections::{BTreeMap, BTreeSet};

use model::{DnsFirewallAction, DnsFirewallRule, Hole, Value, Vpc};

use super::snapshot::Snapshot;
use crate::diagnostic::{Code, Diagnostic};
use crate::json::Cursor;
use crate::records::dns_name;
use crate::sink::Sink;

/// The types of queries that ask for addresses.
const ADDRESSES: [&str; 3] = ["A", "AAAA", "CNAME"];

type Domains = BTreeMap<String, BTreeSet<String>>;
/// The rules of each group, by priority.
type Rules = BTreeMap<String, BTreeMap<i64, DnsFirewallRule>>;

/// Reads the rules of each VPC.
pub(super) fn read(snapshot: &Snapshot<'_>, sink: &mut Sink) {
    if !snapshot.has_list("FirewallRuleGroupAssociations") {
        let text = "no rules of DNS Firewall: the output of `route53resolver \
                    list-firewall-rule-group-associations` is not in the input";
        sink.assume("names-dns-firewall", text);
    }
    let domains = domains(snapshot, sink);
    let rules = rules(snapshot, &domains, sink);
    let mut of_vpcs: BTreeMap<&str, BTreeMap<i64, Vec<DnsFirewallRule>>> = BTreeMap::new();
    for cursor in snapshot.cursors("FirewallRuleGroupAssociations") {
        let group = cursor.required_text("FirewallRuleGroupId", sink);
        let vpc = cursor.required_text("VpcId", sink);
        let priority = cursor.integer("Priority", sink);
        let (Some(group), Some(vpc)) = (group, vpc) else {
            continue;
        };
        if cursor.text("Status", sink) == Some("DELETING") {
            continue;
        }
        let rules = match rules.get(group) {
            Some(rules) => rules.values().cloned().collect(),
            None => vec![unknown_group(group)],
        };
        let of_vpc = of_vpcs.entry(vpc).or_default();
        of_vpc
            .entry(priority.unwrap_or(0))
            .or_default()
            .extend(rules);
    }
    for (vpc, groups) in of_vpcs {
        if let Some(vpc) = sink.get::<Vpc>(vpc) {
            vpc.dns_firewall = groups.into_values().flatten().collect();
        }
    }
}

/// A group whose rules are not in the input may do anything to any name.
fn unknown_group(group: &str) -> DnsFirewallRule {
    DnsFirewallRule {
        domains: Value::Any(Hole::new(format!("rules of {group}"))),
        action: DnsFirewallAction::Block,
    }
}

fn rules(snapshot: &Snapshot<'_>, domains: &Domains, sink: &mut Sink) -> Rules {
    let mut rules = Rules::new();
    for cursor in snapshot.cursors("FirewallRules") {
        let group = cursor.required_text("FirewallRuleGroupId", sink);
        let priority = cursor.integer("Priority", sink);
        let rule = rule(cursor, domains, sink);
        if let (Some(group), Some(priority), Some(rule)) = (group, priority, rule) {
            let of_group = rules.entry(group.to_owned()).or_default();
            of_group.insert(priority, rule);
        }
    }
    rules
}

fn rule(cursor: &Cursor<'_>, domains: &Domains, sink: &mut Sink) -> Option<DnsFirewallRule> {
    let action = match cursor.required_text("Action", sink)? {
        "ALLOW" | "ALERT" => DnsFirewallAction::Pass,
        "BLOCK" => match cursor.text("BlockResponse", sink) {
            Some("OVERRIDE") => DnsFirewallAction::Override,
            Some(_) | None => DnsFirewallAction::Block,
        },
        other => {
            let message = format!("action `{other}` is not `ALLOW`, `ALERT` or `BLOCK`");
            cursor.error(sink, Code::InvalidValue, message);
            return None;
        }
    };
    let of = cursor.text("Qtype", sink);
    if of.is_some_and(|of| !ADDRESSES.contains(&of)) {
        return None;
    }
    let list = cursor.text("FirewallDomainListId", sink);
    let domains = match (of, list) {
        (Some(of), _) => Value::Any(Hole::new(format!("whether the query is of type {of}"))),
        (None, Some(list)) => match domains.get(list) {
            Some(domains) => Value::Known(domains.clone()),
            // AWS does not tell the domains of its own lists.
            None => Value::Any(Hole::new(format!("domains of {list}"))),
        },
        (None, None) => Value::Any(Hole::new("what DNS Firewall Advanced detects")),
    };
    Some(DnsFirewallRule { domains, action })
}

/// The domains by the id of their list, which stands in the file's name.
fn domains(snapshot: &Snapshot<'_>, sink: &mut Sink) -> Domains {
    let mut domains = Domains::new();
    for (stem, cursor) in snapshot.named("Domains") {
        let Some(list) = stem.find("rslvr-fdl-").and_then(|at| stem.get(at..)) else {
            let message = "the file's name does not say which domain list has these domains";
            let diagnostic = Diagnostic::error(cursor.place(), Code::MissingField, message);
            let help = "name it `list-firewall-domains-<domain list id>.json`";
            sink.push(diagnostic.help(help));
            continue;
        };
        let of_list = domains.entry(list.to_owned()).or_default();
        for domain in cursor.as_list(sink) {
            of_list.extend(domain.as_text(sink).map(dns_name));
        }
    }
    domains
}
