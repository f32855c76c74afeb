//! What a proof rests on, for people.

use std::collections::BTreeSet;

use ingest::{Place, Validated};
use model::{ComponentId, Network, RuleIndex};

use super::style::Style;
use super::{names, path, rule};
use crate::report::Finding;
use crate::why::setting::Setting;
use crate::why::{Core, MOST_QUESTIONS, Needs, Part};

/// How many rules of one setting are written out.
const MOST_RULES: usize = 6;

/// The lines below a proved claim.
pub(super) fn lines(finding: &Finding, validated: &Validated, style: Style) -> Vec<String> {
    let Some(core) = &finding.why else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    for part in &core.parts {
        lines.push(format!("  rests on   {}", told(part, validated)));
        if let Some(place) = place(part, validated) {
            lines.push(style.faint(&format!("          --> {place}")));
        }
    }
    lines.extend(note(core).map(|note| format!("  rests on   {note}")));
    lines
}

/// What is to be said besides the parts.
fn note(core: &Core) -> Option<String> {
    if core.is_cut_short {
        return Some(format!(
            "perhaps less: the search ended after {MOST_QUESTIONS} networks"
        ));
    }
    core.parts.is_empty().then(|| {
        "no rule and no policy: what there is, and what it is attached to, is enough".to_owned()
    })
}

/// A part in a line.
pub(crate) fn told(part: &Part, validated: &Validated) -> String {
    let network = &validated.network;
    let setting = &part.setting;
    let of = match setting.component() {
        Some(component) => names::component(network, &component),
        None => format!(
            "{} {}{}",
            kind(setting),
            id(setting),
            named(setting, network)
        ),
    };
    let said = word(setting);
    let rules = |rules: &BTreeSet<RuleIndex>| {
        let Some(component) = setting.component() else {
            return String::new();
        };
        let texts = rules
            .iter()
            .filter_map(|index| written(validated, &component, *index));
        let mut texts: Vec<_> = texts.collect();
        let n_more = texts.len().saturating_sub(MOST_RULES);
        texts.truncate(MOST_RULES);
        if n_more > 0 {
            texts.push(format!("{n_more} more"));
        }
        texts.join("; ")
    };
    match &part.needs {
        Needs::All => match setting {
            Setting::EndpointPolicy(_) | Setting::ResourcePolicy(_) | Setting::Principal(_) => {
                format!("{of}: its {said}")
            }
            Setting::Ingress(_)
            | Setting::Egress(_)
            | Setting::NetworkAcl(_)
            | Setting::RouteTable(_)
            | Setting::PrefixList(_)
            | Setting::TransitGatewayRouteTable(_)
            | Setting::HostedZone(_)
            | Setting::Listeners(_)
            | Setting::Targets(_)
            | Setting::ClientVpn(_) => format!("{of}: its {said}, and no others"),
        },
        Needs::Rules(few) => format!("{of}: {}", rules(few)),
        Needs::Only(few) if few.is_empty() => {
            format!("{of}: no {said} besides those that it has, wherever these lead")
        }
        Needs::Only(few) => {
            format!(
                "{of}: {}; and no {said} besides those that it has",
                rules(few)
            )
        }
    }
}

/// The name of a prefix list or a hosted zone, behind its id.
fn named(setting: &Setting, network: &Network) -> String {
    let name = match setting {
        Setting::PrefixList(id) => network.prefix_lists().get(id).map(|list| &list.name),
        Setting::HostedZone(id) => network.hosted_zones().get(id).map(|zone| &zone.name),
        Setting::Ingress(_)
        | Setting::Egress(_)
        | Setting::NetworkAcl(_)
        | Setting::RouteTable(_)
        | Setting::EndpointPolicy(_)
        | Setting::TransitGatewayRouteTable(_)
        | Setting::Listeners(_)
        | Setting::Targets(_)
        | Setting::ClientVpn(_)
        | Setting::Principal(_)
        | Setting::ResourcePolicy(_) => None,
    };
    let name = name.filter(|name| **name != id(setting));
    name.map_or_else(String::new, |name| format!(" ({name})"))
}

fn written(validated: &Validated, component: &ComponentId, index: RuleIndex) -> Option<String> {
    let text = rule::rule(&validated.network, component, index)?;
    Some(match validated.provenance.rule_id(component, index) {
        Some(id) => format!("{text} ({id})"),
        None => text,
    })
}

/// Where the input has it: the rule where there is one.
pub(crate) fn place(part: &Part, validated: &Validated) -> Option<Place> {
    let component = part.setting.component();
    let rule = match &part.needs {
        Needs::Rules(rules) if rules.len() == 1 => rules.first().copied(),
        Needs::All | Needs::Rules(_) | Needs::Only(_) => None,
    };
    match component {
        Some(component) => path::place(&validated.provenance, &component, rule),
        None => validated.provenance.named(&id(&part.setting)).cloned(),
    }
}

/// The id of the component whose setting it is.
pub(crate) fn id(setting: &Setting) -> String {
    match setting {
        Setting::Ingress(id) | Setting::Egress(id) => id.to_string(),
        Setting::NetworkAcl(id) => id.to_string(),
        Setting::RouteTable(id) => id.to_string(),
        Setting::PrefixList(id) => id.to_string(),
        Setting::EndpointPolicy(id) => id.to_string(),
        Setting::TransitGatewayRouteTable(id) => id.to_string(),
        Setting::HostedZone(id) => id.to_string(),
        Setting::Listeners(id) => id.to_string(),
        Setting::Targets(id) => id.to_string(),
        Setting::ClientVpn(id) => id.to_string(),
        Setting::Principal(id) => id.to_string(),
        Setting::ResourcePolicy(id) => id.to_string(),
    }
}

/// What a setting is made of.
pub(crate) const fn word(setting: &Setting) -> &'static str {
    match setting {
        Setting::Ingress(_) => "inbound rules",
        Setting::Egress(_) => "outbound rules",
        Setting::NetworkAcl(_) | Setting::PrefixList(_) => "entries",
        Setting::RouteTable(_) | Setting::TransitGatewayRouteTable(_) => "routes",
        Setting::EndpointPolicy(_) | Setting::ResourcePolicy(_) => "policy",
        Setting::HostedZone(_) => "records",
        Setting::Listeners(_) => "listeners",
        Setting::Targets(_) => "targets",
        Setting::ClientVpn(_) => "authorization rules and routes",
        Setting::Principal(_) => "policies",
    }
}

/// The kind of a component that takes no step.
const fn kind(setting: &Setting) -> &'static str {
    match setting {
        Setting::PrefixList(_) => "prefix list",
        Setting::HostedZone(_) => "hosted zone",
        Setting::ClientVpn(_) => "Client VPN endpoint",
        Setting::Principal(_) => "principal",
        Setting::ResourcePolicy(_) => "resource",
        Setting::Ingress(_) | Setting::Egress(_) => "security group",
        Setting::NetworkAcl(_) => "network ACL",
        Setting::RouteTable(_) => "route table",
        Setting::EndpointPolicy(_) => "endpoint",
        Setting::TransitGatewayRouteTable(_) => "transit gateway route table",
        Setting::Listeners(_) => "load balancer",
        Setting::Targets(_) => "target group",
    }
}
