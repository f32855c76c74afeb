//! What a text names: a component, or a rule of one.

use std::collections::BTreeSet;

use ingest::{Place, Validated};
use model::{Attachment, ComponentId, Network, RuleIndex};

use crate::change::edits::{Kind, components};
use crate::nearest::{nearest, suggest};
use crate::render::{edit, names, path, rule};

/// How many spellings an ambiguous name is told with.
const MOST_TOLD: usize = 8;

/// A component, or a rule of one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Thing {
    Component(Kind, String),
    Rule(ComponentId, RuleIndex),
}

impl Thing {
    /// As reports say it.
    pub(crate) fn told(&self, validated: &Validated) -> String {
        match self {
            Thing::Component(kind, id) => told(&validated.network, *kind, id),
            Thing::Rule(component, index) => path::decider(validated, component, Some(*index)),
        }
    }

    /// Where the input has it.
    pub(crate) fn place(&self, validated: &Validated) -> Option<Place> {
        let provenance = &validated.provenance;
        match self {
            Thing::Component(kind, id) => {
                let component = kind.component(id);
                let place = component.and_then(|one| provenance.component(&one).cloned());
                place.or_else(|| provenance.named(id).cloned())
            }
            Thing::Rule(component, index) => path::place(provenance, component, Some(*index)),
        }
    }
}

/// A component as reports say it.
fn told(network: &Network, kind: Kind, id: &str) -> String {
    if let Some(component) = kind.component(id) {
        return names::component(network, &component);
    }
    match name(network, kind, id) {
        Some(name) if name != id => format!("{} {id} ({name})", kind.word()),
        Some(_) | None => format!("{} {id}", kind.word()),
    }
}

/// The name that a component has besides its id.
fn name(network: &Network, kind: Kind, id: &str) -> Option<String> {
    if let Some(component) = kind.component(id) {
        return names::name(network, &component);
    }
    if kind == Kind::PrefixList {
        let list = network.prefix_lists().get(&id.into());
        return list.map(|list| list.name.clone());
    }
    let zone = network.hosted_zones().get(&id.into());
    let zone = zone.filter(|_| kind == Kind::HostedZone);
    zone.map(|zone| zone.name.clone())
}

/// What a text names: by an id, by the id of a rule, by the address of the resource that makes it, as reports write
/// it, by a name, or by the instance that an interface belongs to. A resource may make several rules.
///
/// # Errors
///
/// What is wrong with the text, and what it may mean.
pub(crate) fn find(validated: &Validated, text: &str) -> Result<Vec<Thing>, String> {
    let all = components(&validated.network);
    let rules = rules(validated, &all);
    let wanted = plain(text);
    // A resource or an instance is all that belongs to it; anything else is one thing.
    let ways: [(Vec<Thing>, bool); 6] = [
        (by_id(&all, text), true),
        (by_rule_id(validated, &rules, text), true),
        (by_address(validated, &all, &rules, text), false),
        (as_written(validated, &all, &rules, &wanted), true),
        (by_name(validated, &all, &wanted), true),
        (of_instance(&validated.network, text), false),
    ];
    for (found, is_one) in ways {
        if found.is_empty() {
            continue;
        }
        if is_one && found.len() > 1 {
            let told = found.iter().take(MOST_TOLD);
            let told: Vec<_> = told
                .map(|one| format!("`{}`", one.told(validated)))
                .collect();
            return Err(format!(
                "`{text}` names {} things\n  help: say which, as one of {}",
                found.len(),
                told.join(", ")
            ));
        }
        return Ok(found);
    }
    Err(unknown(validated, &all, &rules, text))
}

/// Letters of one case, and one space between words.
fn plain(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

fn rules(validated: &Validated, all: &[(Kind, String)]) -> Vec<(ComponentId, RuleIndex)> {
    let network = &validated.network;
    let components = all.iter().filter_map(|(kind, id)| kind.component(id));
    let rules = components.flat_map(|component| {
        let indices = edit::indices(&component, network).into_iter();
        indices.map(move |index| (component.clone(), index))
    });
    rules.collect()
}

fn by_id(all: &[(Kind, String)], text: &str) -> Vec<Thing> {
    let found = all.iter().filter(|(_, id)| id == text);
    found
        .map(|(kind, id)| Thing::Component(*kind, id.clone()))
        .collect()
}

fn by_rule_id(validated: &Validated, rules: &[(ComponentId, RuleIndex)], text: &str) -> Vec<Thing> {
    let id = |(component, index): &&(ComponentId, RuleIndex)| {
        validated.provenance.rule_id(component, *index) == Some(text)
    };
    let found = rules.iter().filter(id);
    found
        .map(|(component, index)| Thing::Rule(component.clone(), *index))
        .collect()
}

/// What a resource of a plan or a state makes: components, or else rules.
fn by_address(
    validated: &Validated,
    all: &[(Kind, String)],
    rules: &[(ComponentId, RuleIndex)],
    text: &str,
) -> Vec<Thing> {
    let is_of = |thing: &Thing| {
        let place = thing.place(validated);
        let address = place
            .as_ref()
            .and_then(|place| validated.resources.address(place));
        address == Some(text)
    };
    let of_kind = all
        .iter()
        .map(|(kind, id)| Thing::Component(*kind, id.clone()));
    let found: Vec<_> = of_kind.filter(is_of).collect();
    if !found.is_empty() {
        return found;
    }
    let of_rules = rules
        .iter()
        .map(|(component, index)| Thing::Rule(component.clone(), *index));
    of_rules.filter(is_of).collect()
}

/// As reports write it, whole or shortened.
fn as_written(
    validated: &Validated,
    all: &[(Kind, String)],
    rules: &[(ComponentId, RuleIndex)],
    wanted: &str,
) -> Vec<Thing> {
    let network = &validated.network;
    let mut found = Vec::new();
    for (kind, id) in all {
        if spelled(network, *kind, id).iter().any(|one| one == wanted) {
            found.push(Thing::Component(*kind, id.clone()));
        }
    }
    if !found.is_empty() {
        return found;
    }
    for (kind, id) in all {
        let Some(component) = kind.component(id) else {
            continue;
        };
        let mut before = spelled(network, *kind, id);
        before.push(plain(id));
        before.extend(name(network, *kind, id).map(|name| plain(&name)));
        // The longest first, since one may begin as another does.
        before.sort_by_key(|one| std::cmp::Reverse(one.len()));
        let rests = before.iter().filter_map(|one| wanted.strip_prefix(one));
        let rests: Vec<&str> = rests
            .map(|rest| rest.strip_prefix(':').unwrap_or(rest).trim())
            .collect();
        if rests.iter().all(|rest| rest.is_empty()) {
            continue;
        }
        for (of, index) in rules.iter().filter(|(of, _)| *of == component) {
            let written = written(validated, of, *index);
            if rests.iter().any(|rest| written.contains(*rest)) {
                found.push(Thing::Rule(of.clone(), *index));
            }
        }
    }
    found
}

/// The spellings of a component that say its kind.
fn spelled(network: &Network, kind: Kind, id: &str) -> Vec<String> {
    let whole = plain(&told(network, kind, id));
    let shortened = plain(&format!("{} {id}", kind.word()));
    let kebab = plain(&format!("{}:{id}", kind.word().replace(' ', "-")));
    let named = name(network, kind, id).map(|name| plain(&format!("{} {name}", kind.word())));
    [whole, shortened, kebab].into_iter().chain(named).collect()
}

/// The spellings of a rule behind its component.
fn written(validated: &Validated, component: &ComponentId, index: RuleIndex) -> BTreeSet<String> {
    let mut written = BTreeSet::from([plain(&rule::index(index))]);
    let Some(text) = rule::rule(&validated.network, component, index) else {
        return written;
    };
    let text = plain(&text);
    if let Some(id) = validated.provenance.rule_id(component, index) {
        written.insert(format!("{text} ({})", plain(id)));
    }
    if let Some(route) = text.strip_prefix("route ") {
        written.insert(route.to_owned());
        let destination = route.split(" -> ").next();
        // A prefix list is written with its name behind it.
        let id = destination.and_then(|one| one.split(" (").next());
        written.extend(destination.into_iter().chain(id).map(str::to_owned));
        written.extend(id.map(|id| format!("route {id}")));
    }
    if let Some(rule) = text.strip_prefix("allows ") {
        written.insert(rule.to_owned());
    }
    written.insert(text);
    written
}

fn by_name(validated: &Validated, all: &[(Kind, String)], wanted: &str) -> Vec<Thing> {
    let network = &validated.network;
    let mut found: Vec<Thing> = Vec::new();
    for (kind, id) in all {
        if name(network, *kind, id).is_some_and(|name| plain(&name) == wanted) {
            found.push(Thing::Component(*kind, id.clone()));
        }
    }
    // The interfaces of an endpoint or a gateway have its name, and go with it.
    if found.len() > 1 {
        let owned = |thing: &Thing| match thing {
            Thing::Component(Kind::NetworkInterface, id) => {
                let interface = network.network_interfaces().get(&id.as_str().into());
                interface.is_some_and(|one| match &one.attachment {
                    Attachment::VpcEndpoint(_)
                    | Attachment::NatGateway(_)
                    | Attachment::LoadBalancer(_) => true,
                    Attachment::Ordinary { .. } | Attachment::Other(_) => false,
                })
            }
            Thing::Component(..) | Thing::Rule(..) => false,
        };
        found.retain(|thing| !owned(thing));
    }
    found
}

fn of_instance(network: &Network, text: &str) -> Vec<Thing> {
    let interfaces = network.network_interfaces().values();
    let of = interfaces.filter(|interface| match &interface.attachment {
        Attachment::Ordinary { instance } => instance.as_deref() == Some(text),
        Attachment::VpcEndpoint(_)
        | Attachment::NatGateway(_)
        | Attachment::LoadBalancer(_)
        | Attachment::Other(_) => false,
    });
    of.map(|one| Thing::Component(Kind::NetworkInterface, one.id.to_string()))
        .collect()
}

fn unknown(
    validated: &Validated,
    all: &[(Kind, String)],
    rules: &[(ComponentId, RuleIndex)],
    text: &str,
) -> String {
    let network = &validated.network;
    let message = format!("nothing of the network is called `{text}`");
    if let Some(help) = rules_of(network, all, rules, &plain(text)) {
        return format!("{message}\n  help: {help}");
    }
    let mut candidates: BTreeSet<String> = all.iter().map(|(_, id)| id.clone()).collect();
    candidates.extend(all.iter().filter_map(|(kind, id)| name(network, *kind, id)));
    for (component, index) in rules {
        let thing = Thing::Rule(component.clone(), *index);
        let place = thing.place(validated);
        let address = place.and_then(|place| {
            let address = validated.resources.address(&place);
            address.map(str::to_owned)
        });
        candidates.extend(address);
        let id = validated.provenance.rule_id(component, *index);
        candidates.extend(id.map(str::to_owned));
    }
    let help = match nearest(text, candidates.iter().map(String::as_str)) {
        Some(found) => Some(format!("did you mean `{found}`?")),
        None if candidates.len() > MOST_TOLD => Some(
            "give an id, a name, the address of a resource, or a rule as reports write it, such as \
             `rtb-1: route 0.0.0.0/0`; `vpcproof show NETWORK` lists what there is"
                .to_owned(),
        ),
        None => suggest(text, candidates.iter().map(String::as_str), "components"),
    };
    help.map_or(message.clone(), |help| format!("{message}\n  help: {help}"))
}

/// The rules of the component that a text begins with.
fn rules_of(
    network: &Network,
    all: &[(Kind, String)],
    rules: &[(ComponentId, RuleIndex)],
    wanted: &str,
) -> Option<String> {
    let begins = |(kind, id): &&(Kind, String)| {
        let mut before = spelled(network, *kind, id);
        before.push(plain(id));
        let mut rests = before.iter().filter_map(|one| wanted.strip_prefix(one));
        rests.any(|rest| rest.starts_with([' ', ':']))
    };
    let mut without = None;
    for (kind, id) in all.iter().filter(begins) {
        let component = kind.component(id);
        let of = rules
            .iter()
            .filter(|(of, _)| Some(of) == component.as_ref());
        let of = of.filter_map(|(of, index)| rule::rule(network, of, *index));
        let of: Vec<_> = of.map(|rule| format!("`{id}: {rule}`")).collect();
        if of.is_empty() {
            without = Some(format!("{} has no rules", told(network, *kind, id)));
            continue;
        }
        let shown: Vec<_> = of.iter().take(MOST_TOLD).map(String::as_str).collect();
        let more = match of.len().saturating_sub(MOST_TOLD) {
            0 => String::new(),
            n_more => format!(" and {n_more} more"),
        };
        return Some(format!("its rules are {}{more}", shown.join(", ")));
    }
    without
}
