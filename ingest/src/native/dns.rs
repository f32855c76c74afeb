//! Hosted zones, resolver rules and rules of DNS Firewall of a native file, in both directions.

use std::collections::BTreeSet;

use model::{
    DnsFirewallAction, DnsFirewallRule, DnsRecord, DnsTarget, HostedZone, InboundResolver,
    ResolverAction, ResolverRule, Value, VpcId,
};

use super::components::ids;
use super::read::Defaults;
use super::rules::write_value;
use super::table::{Item, Table};
use super::text::{self, Wrong, quoted};
use crate::sink::Sink;

/// `inbound-resolver = true` or `false`, and `inbound-resolver-dns64` of one that is there.
pub(super) fn inbound_resolver(table: &Table<'_>, sink: &mut Sink) -> Option<InboundResolver> {
    let dns64 = table.get("inbound-resolver-dns64");
    let Some(item) = table.get("inbound-resolver") else {
        if let Some(dns64) = dns64 {
            let message = "`inbound-resolver-dns64` is for `inbound-resolver = true`";
            dns64.wrong(sink, message.to_owned());
            return None;
        }
        return Some(InboundResolver::Unknown);
    };
    match (item.flag(sink)?, dns64) {
        (true, Some(dns64)) => {
            let dns64 = dns64.value(sink, |item, sink| item.flag(sink))?;
            Some(InboundResolver::Present { dns64 })
        }
        (true, None) => Some(InboundResolver::Present {
            dns64: Value::Known(false),
        }),
        (false, None) => Some(InboundResolver::Absent),
        (false, Some(dns64)) => {
            let message = "`inbound-resolver-dns64` is for `inbound-resolver = true`";
            dns64.wrong(sink, message.to_owned());
            None
        }
    }
}

/// The lines of a VPC's inbound resolver endpoint, by their keys.
pub(super) fn write_inbound_resolver(resolver: &InboundResolver) -> Vec<(&'static str, String)> {
    let is_there = |is_there: bool| ("inbound-resolver", is_there.to_string());
    match resolver {
        InboundResolver::Unknown => Vec::new(),
        InboundResolver::Absent => vec![is_there(false)],
        InboundResolver::Present { dns64 } if *dns64 == Value::Known(false) => {
            vec![is_there(true)]
        }
        InboundResolver::Present { dns64 } => {
            let dns64 = write_value(dns64, ToString::to_string);
            vec![is_there(true), ("inbound-resolver-dns64", dns64)]
        }
    }
}

pub(super) fn hosted_zone(
    id: &str,
    table: &Table<'_>,
    defaults: &mut Defaults,
    sink: &mut Sink,
) -> Option<HostedZone> {
    let name = table.required("name", sink);
    let name = name.and_then(|item| item.text(sink)).map(text::dns_name);
    let vpcs = vpcs_of(table, defaults, sink);
    let records = table.get("records").map_or_else(
        || Some(Value::Known(Vec::new())),
        |item| {
            item.value(sink, |item, sink| {
                let items = item.items(sink);
                let records: Vec<_> = items.iter().map(|item| record(item, sink)).collect();
                records.into_iter().collect()
            })
        },
    );
    let tags = table.tags(sink);
    Some(HostedZone {
        id: id.into(),
        name: name?,
        vpcs: vpcs?,
        records: records?,
        tags,
    })
}

/// The VPCs of a zone or rule, or the only one.
fn vpcs_of(table: &Table<'_>, defaults: &Defaults, sink: &mut Sink) -> Option<BTreeSet<VpcId>> {
    match (table.get("vpcs"), &defaults.vpc) {
        (Some(item), _) => ids(&item, sink),
        (None, Some(only)) => Some(BTreeSet::from([only.clone()])),
        (None, None) => {
            table.required("vpcs", sink);
            None
        }
    }
}

/// `db.example.com -> 10.0.1.5`, or a table.
fn record(item: &Item<'_>, sink: &mut Sink) -> Option<DnsRecord> {
    if !item.is_table() {
        return item.parsed(sink, compact_record);
    }
    let table = item.table(sink)?;
    let name = table.required("name", sink);
    let name = name.and_then(|item| item.text(sink));
    let target = match (table.get("endpoint"), table.get("unmodelled")) {
        (Some(item), None) => item.text(sink).map(|id| DnsTarget::Endpoint(id.into())),
        (None, Some(item)) => item
            .text(sink)
            .map(|what| DnsTarget::Unmodelled(what.to_owned())),
        (None, None) | (Some(_), Some(_)) => {
            let message = "a record's table has one of `endpoint` and `unmodelled`";
            item.wrong(sink, message.to_owned());
            None
        }
    };
    table.finish(sink);
    Some(DnsRecord {
        name: text::dns_name(name?),
        target: target?,
    })
}

fn compact_record(text: &str) -> Result<DnsRecord, Wrong> {
    let (name, target) = text.split_once(" -> ").ok_or_else(|| {
        format!(
            "`{text}` is not like `db.example.com -> 10.0.1.5`, `-> endpoint:vpce`, \
             `-> name:www.example.com` or `-> unmodelled:load-balancer`"
        )
    })?;
    let target = match target.split_once(':') {
        Some(("endpoint", id)) => DnsTarget::Endpoint(id.into()),
        Some(("name", name)) => DnsTarget::Name(text::dns_name(name)),
        Some(("unmodelled", what)) => DnsTarget::Unmodelled(what.to_owned()),
        Some(_) | None => {
            let addresses = target.split(", ").map(text::address);
            DnsTarget::Addresses(addresses.collect::<Result<_, _>>()?)
        }
    };
    Ok(DnsRecord {
        name: text::dns_name(name),
        target,
    })
}

fn write_record(record: &DnsRecord) -> String {
    let (target, table) = match &record.target {
        DnsTarget::Addresses(addresses) => {
            let addresses: Vec<_> = addresses.iter().map(ToString::to_string).collect();
            (addresses.join(", "), String::new())
        }
        DnsTarget::Endpoint(id) => {
            let table = format!("endpoint = {}", quoted(id.as_str()));
            (format!("endpoint:{id}"), table)
        }
        DnsTarget::Name(name) => (format!("name:{name}"), String::new()),
        DnsTarget::Unmodelled(what) => {
            let table = format!("unmodelled = {}", quoted(what));
            (format!("unmodelled:{what}"), table)
        }
    };
    let compact = format!("{} -> {target}", record.name);
    if table.is_empty() || compact_record(&compact).as_ref() == Ok(record) {
        quoted(&compact)
    } else {
        format!("{{ name = {}, {table} }}", quoted(&record.name))
    }
}

pub(super) fn write_records(records: &[DnsRecord]) -> Vec<String> {
    records.iter().map(write_record).collect()
}

pub(super) fn resolver_rule(
    id: &str,
    table: &Table<'_>,
    defaults: &mut Defaults,
    sink: &mut Sink,
) -> Option<ResolverRule> {
    let domain = table.required("domain", sink);
    let domain = domain.and_then(|item| item.text(sink)).map(text::dns_name);
    let vpcs = vpcs_of(table, defaults, sink);
    let forward_to = table.get("forward-to");
    let action = table.required("action", sink);
    let action = action.and_then(|item| {
        let action = item.parsed(sink, resolver_action)?;
        match (action, forward_to) {
            (ResolverAction::Forward, Some(vpc)) => {
                Some(ResolverAction::ForwardTo(vpc.text(sink)?.into()))
            }
            (action, None) => Some(action),
            (
                ResolverAction::System
                | ResolverAction::Unmodelled(_)
                | ResolverAction::ForwardTo(_),
                Some(vpc),
            ) => {
                let message = "`forward-to` is for the action `forward`";
                vpc.wrong(sink, message.to_owned());
                None
            }
        }
    });
    let tags = table.tags(sink);
    Some(ResolverRule {
        id: id.into(),
        domain: domain?,
        action: action?,
        vpcs: vpcs?,
        tags,
    })
}

fn resolver_action(text: &str) -> Result<ResolverAction, Wrong> {
    match (text, text.strip_prefix("unmodelled:")) {
        (_, Some(what)) => Ok(ResolverAction::Unmodelled(what.to_owned())),
        ("forward", None) => Ok(ResolverAction::Forward),
        ("system", None) => Ok(ResolverAction::System),
        (_, None) => Err(format!(
            "`{text}` is not `forward`, `system` or like `unmodelled:delegate`"
        )),
    }
}

pub(super) fn write_resolver_action(action: &ResolverAction) -> (String, Option<&VpcId>) {
    match action {
        ResolverAction::Forward => ("forward".to_owned(), None),
        ResolverAction::ForwardTo(vpc) => ("forward".to_owned(), Some(vpc)),
        ResolverAction::System => ("system".to_owned(), None),
        ResolverAction::Unmodelled(what) => (format!("unmodelled:{what}"), None),
    }
}

/// `block bad.example, *.bad.example`, or a table.
pub(super) fn firewall_rule(item: &Item<'_>, sink: &mut Sink) -> Option<DnsFirewallRule> {
    if !item.is_table() {
        return item.parsed(sink, compact_firewall_rule);
    }
    let table = item.table(sink)?;
    let action = table.required("action", sink);
    let action = action.and_then(|item| item.parsed(sink, firewall_action));
    let domains = table.required("domains", sink);
    let domains = domains.and_then(|item| {
        item.value(sink, |item, sink| {
            let items = item.items(sink);
            let domains = items.iter();
            let domains = domains.map(|item| item.text(sink).map(text::dns_name));
            domains.collect()
        })
    });
    table.finish(sink);
    Some(DnsFirewallRule {
        domains: domains?,
        action: action?,
    })
}

fn firewall_action(text: &str) -> Result<DnsFirewallAction, Wrong> {
    match text {
        "pass" => Ok(DnsFirewallAction::Pass),
        "block" => Ok(DnsFirewallAction::Block),
        "override" => Ok(DnsFirewallAction::Override),
        _ => Err(format!("`{text}` is not `pass`, `block` or `override`")),
    }
}

fn compact_firewall_rule(text: &str) -> Result<DnsFirewallRule, Wrong> {
    let (action, domains) = text
        .split_once(' ')
        .ok_or_else(|| format!("`{text}` is not like `block bad.example, *.bad.example`"))?;
    let domains = domains.split(", ").map(text::dns_name);
    Ok(DnsFirewallRule {
        action: firewall_action(action)?,
        domains: Value::Known(domains.collect()),
    })
}

pub(super) fn write_firewall_rule(rule: &DnsFirewallRule) -> String {
    let action = match rule.action {
        DnsFirewallAction::Pass => "pass",
        DnsFirewallAction::Block => "block",
        DnsFirewallAction::Override => "override",
    };
    if let Some(domains) = rule.domains.known() {
        let domains: Vec<_> = domains.iter().map(String::as_str).collect();
        let compact = format!("{action} {}", domains.join(", "));
        if compact_firewall_rule(&compact).as_ref() == Ok(rule) {
            return quoted(&compact);
        }
    }
    let domains = write_value(&rule.domains, |domains| {
        let domains: Vec<_> = domains.iter().map(|domain| quoted(domain)).collect();
        format!("[{}]", domains.join(", "))
    });
    format!("{{ action = \"{action}\", domains = {domains} }}")
}
