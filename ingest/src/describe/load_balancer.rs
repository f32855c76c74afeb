//! Load balancers: their interfaces, `elbv2 describe-load-balancers`, `describe-listeners`,
//! `describe-rules`, `describe-load-balancer-attributes`.
//!
//! Interfaces say by themselves which load balancer they belong to, so that one is there, with open
//! listeners, where the calls of Elastic Load Balancing are not. An id is what such an interface has:
//! the end of the ARN.

mod listener;
mod subject;

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Attachment, Hole, Listener, LoadBalancer, LoadBalancerId, LoadBalancerKind, LoadBalancerName,
    NetworkInterfaceId, Subnet, Tags, Value,
};

use super::snapshot::{Item, LOAD_BALANCER_ATTRIBUTES, Snapshot};
use crate::diagnostic::{Code, Place};
use crate::doubt::Touches;
use crate::json::Cursor;
use crate::load_balancer::{CROSS_ZONE, short};
use crate::sink::Sink;

use listener::Listeners;
pub(super) use listener::port;
pub(super) use subject::{attributes, find as find_subject};

/// Types of interfaces that may be a load balancer's.
const TYPES: [&str; 3] = ["interface", "load_balancer", "network_load_balancer"];
/// How the descriptions of a load balancer's interfaces begin.
const DESCRIPTION: &str = "ELB ";

/// What to record where a load balancer is not described, or its attributes are not.
const DESCRIBE: &str = "elbv2 describe-load-balancers";
const ATTRIBUTES_MISSING: &str = "elbv2 describe-load-balancer-attributes";

/// Whose interface one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner<'a> {
    /// By the end of the ARN.
    Balancer(LoadBalancerKind, &'a str),
    Classic(&'a str),
    Gateway,
}

/// A load balancer by its interfaces.
#[derive(Debug)]
struct Found {
    kind: LoadBalancerKind,
    is_classic: bool,
    place: Place,
    interfaces: BTreeSet<NetworkInterfaceId>,
}

/// The nodes of load balancers.
#[derive(Debug, Default)]
pub(super) struct Nodes {
    balancers: BTreeMap<String, Found>,
    attachments: BTreeMap<String, Attachment>,
}

impl Nodes {
    /// Finds them among the interfaces.
    pub(super) fn gather(snapshot: &Snapshot<'_>, sink: &mut Sink) -> Self {
        let mut nodes = Self::default();
        for cursor in snapshot.cursors("NetworkInterfaces") {
            // What is wrong with an interface is said where it is read.
            let text = |key| cursor.value().get(key).and_then(crate::json::Value::as_str);
            let interface = text("NetworkInterfaceId").zip(text("SubnetId"));
            if let (Some(owner), Some((id, subnet))) = (owner(cursor), interface) {
                nodes.add(owner, id, subnet, cursor, sink);
            }
        }
        nodes
    }

    fn add(
        &mut self,
        owner: Owner<'_>,
        id: &str,
        subnet: &str,
        cursor: &Cursor<'_>,
        sink: &mut Sink,
    ) {
        let (balancer, kind, is_classic) = match owner {
            Owner::Balancer(kind, balancer) => (balancer.to_owned(), kind, false),
            Owner::Classic(name) => {
                // Names are unique in a Region only.
                let vpc = sink.get::<Subnet>(subnet);
                let vpc = vpc.map(|subnet| subnet.vpc.to_string()).unwrap_or_default();
                let kind = LoadBalancerKind::Application;
                (format!("classic/{name}/{vpc}"), kind, true)
            }
            Owner::Gateway => {
                let kind = "gateway_load_balancer";
                let what = format!("what an interface of type `{kind}` does with packets");
                sink.not_modelled(cursor.place(), id, &what);
                let other = Attachment::Other(kind.to_owned());
                self.attachments.insert(id.to_owned(), other);
                return;
            }
        };
        let attachment = Attachment::LoadBalancer(LoadBalancerId::new(&balancer));
        let found = self.balancers.entry(balancer).or_insert_with(|| Found {
            kind,
            is_classic,
            place: cursor.place(),
            interfaces: BTreeSet::new(),
        });
        found.interfaces.insert(NetworkInterfaceId::new(id));
        self.attachments.insert(id.to_owned(), attachment);
    }

    /// What an interface of a load balancer belongs to.
    pub(super) fn attachment(&self, interface: &str) -> Option<&Attachment> {
        self.attachments.get(interface)
    }
}

/// The load balancer that an interface says it belongs to: by its description, which only AWS can
/// give an interface of these types or with this requester.
fn owner<'a>(cursor: &Cursor<'a>) -> Option<Owner<'a>> {
    let text = |key| cursor.value().get(key).and_then(crate::json::Value::as_str);
    let kind = text("InterfaceType").unwrap_or("interface");
    let is_requested = text("RequesterId").is_some_and(|by| by.starts_with("amazon-elb"));
    if !TYPES.contains(&kind) || kind == "interface" && !is_requested {
        return None;
    }
    let named = text("Description")?.strip_prefix(DESCRIPTION)?;
    let owner = match named.split_once('/') {
        None => Owner::Classic(named),
        Some(("app", _)) => Owner::Balancer(LoadBalancerKind::Application, named),
        Some(("net", _)) => Owner::Balancer(LoadBalancerKind::Network, named),
        Some(("gwy", _)) => Owner::Gateway,
        Some(_) => return None,
    };
    Some(owner)
}

/// What other parts need to know of the load balancers.
#[derive(Debug, Default)]
pub(super) struct Balancers {
    /// Whether each is cross-zone by itself, or the call that would say so.
    cross_zone: BTreeMap<String, Result<bool, &'static str>>,
    /// The load balancers whose listeners forward to each group.
    users: BTreeMap<String, BTreeSet<String>>,
    /// The groups to which listeners forward, and where.
    pub(super) used: BTreeMap<String, Place>,
}

impl Balancers {
    /// Reads the load balancers.
    pub(super) fn read(snapshot: &Snapshot<'_>, nodes: Nodes, sink: &mut Sink) -> Self {
        let mut balancers = Self::default();
        let mut listeners = Listeners::read(snapshot, sink);
        let cross_zone = attributes(snapshot, LOAD_BALANCER_ATTRIBUTES, "LoadBalancers", sink);
        let tags = tags(snapshot, sink);
        let mut found = nodes.balancers;
        for item in snapshot.items("LoadBalancers") {
            let Some(described) = Described::read(item, sink) else {
                continue;
            };
            let id = described.id;
            let by_itself = match (described.kind, cross_zone.get(id)) {
                (LoadBalancerKind::Application, _) => Ok(true),
                (LoadBalancerKind::Network, Some(attributes)) => {
                    Ok(attributes.get(CROSS_ZONE) == Some(&"true"))
                }
                (LoadBalancerKind::Network, None) => Err(ATTRIBUTES_MISSING),
            };
            balancers.cross_zone.insert(id.to_owned(), by_itself);
            let place = item.cursor.place();
            let Some(nodes) = found.remove(id) else {
                let what = "a load balancer of which no network interface is in the input";
                sink.left_out(place, id, what);
                continue;
            };
            if is_unfiltered_perhaps(&item.cursor, described.kind, snapshot) {
                let what = format!(
                    "whether the groups of `{id}` are asked about what comes by an endpoint service \
                     is not recorded: add the output of `{DESCRIBE}`"
                );
                sink.not_recorded(Touches::Everything, what);
            }
            let listeners = listeners.of(id, described.kind);
            balancers.note(id, &listeners, &place);
            let balancer = LoadBalancer {
                id: LoadBalancerId::new(id),
                kind: described.kind,
                interfaces: nodes.interfaces,
                name: described.name,
                listeners,
                private_link_ingress: described.private_link_ingress,
                // AWS Config has the tags in the item.
                tags: match tags.get(id) {
                    Some(tags) => tags.clone(),
                    None => item.cursor.aws_tags("Tags", sink),
                },
            };
            sink.add(balancer, place);
        }
        for (id, nodes) in found {
            let balancer = undescribed(&id, &nodes, sink);
            sink.add(balancer, nodes.place);
        }
        balancers
    }

    fn note(&mut self, id: &str, listeners: &Value<Vec<Listener>>, place: &Place) {
        for listener in listeners.known().into_iter().flatten() {
            for group in &listener.target_groups {
                let users = self.users.entry(group.to_string()).or_default();
                users.insert(id.to_owned());
                let place = || place.clone();
                self.used.entry(group.to_string()).or_insert_with(place);
            }
        }
    }

    /// Whether a group is cross-zone when it leaves that to the load balancers that use it, of which
    /// some are listed with it; or what is not known of them.
    pub(super) fn is_cross_zone(
        &self,
        group: &str,
        listed: &BTreeSet<String>,
    ) -> Result<bool, &'static str> {
        let users = self.users.get(group).into_iter().flatten();
        let mut answers = BTreeSet::new();
        for user in users.chain(listed) {
            match self.cross_zone.get(user) {
                Some(answer) => answers.insert((*answer)?),
                None => return Err(DESCRIBE),
            };
        }
        match (answers.pop_first(), answers.is_empty()) {
            (answer, true) => Ok(answer.unwrap_or(false)),
            (_, false) => Err("its load balancers are not alike"),
        }
    }
}

/// Whether AWS Config, which does not record it, leaves open that groups are not asked.
fn is_unfiltered_perhaps(
    cursor: &Cursor<'_>,
    kind: LoadBalancerKind,
    snapshot: &Snapshot<'_>,
) -> bool {
    cursor.is_of_config()
        && kind == LoadBalancerKind::Network
        && !snapshot.items("ServiceConfigurations").is_empty()
}

/// An item of `describe-load-balancers`.
struct Described<'a> {
    id: &'a str,
    kind: LoadBalancerKind,
    name: Option<LoadBalancerName>,
    private_link_ingress: bool,
}

impl<'a> Described<'a> {
    fn read(item: &Item<'a>, sink: &mut Sink) -> Option<Self> {
        let cursor = &item.cursor;
        let id = cursor.required_text("LoadBalancerArn", sink).map(short);
        let kind = cursor.required("Type", sink);
        let (id, kind) = (id?, kind?);
        let kind = match kind.as_text(sink)? {
            "application" => LoadBalancerKind::Application,
            "network" => LoadBalancerKind::Network,
            "gateway" => {
                sink.left_out(cursor.place(), id, "a Gateway Load Balancer");
                return None;
            }
            other => {
                let message = format!("`{other}` is not `application`, `network` or `gateway`");
                kind.error(sink, Code::InvalidValue, message);
                return None;
            }
        };
        let key = "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic";
        let private_link_ingress = match cursor.get(key) {
            None => true,
            Some(field) => match field.as_text(sink)? {
                "on" => true,
                "off" => false,
                other => {
                    let message = format!("`{other}` is not `on` or `off`");
                    field.error(sink, Code::InvalidValue, message);
                    return None;
                }
            },
        };
        Some(Self {
            id,
            kind,
            name: name(cursor, sink),
            private_link_ingress,
        })
    }
}

/// The DNS name; without a scheme it is not said what it means.
fn name(cursor: &Cursor<'_>, sink: &mut Sink) -> Option<LoadBalancerName> {
    let name = cursor.text("DNSName", sink)?.to_lowercase();
    let scheme = cursor.text("Scheme", sink)?;
    Some(LoadBalancerName {
        name,
        internet_facing: scheme == "internet-facing",
    })
}

/// A load balancer of which there are only interfaces. That groups are not asked about what comes by
/// an endpoint service decides nothing where listeners are open, and that they are would drop it.
fn undescribed(id: &str, nodes: &Found, sink: &mut Sink) -> LoadBalancer {
    let why = if nodes.is_classic {
        sink.not_modelled(nodes.place.clone(), id, "a Classic Load Balancer");
        "Classic Load Balancers are not modelled"
    } else {
        DESCRIBE
    };
    LoadBalancer {
        id: LoadBalancerId::new(id),
        kind: nodes.kind,
        interfaces: nodes.interfaces.clone(),
        name: None,
        listeners: Value::Any(Hole::new(format!("listeners of {id} ({why})"))),
        private_link_ingress: false,
        tags: Tags::new(),
    }
}

/// The tags of `elbv2 describe-tags`, by the end of the ARN.
pub(super) fn tags(snapshot: &Snapshot<'_>, sink: &mut Sink) -> BTreeMap<String, Tags> {
    let mut tags = BTreeMap::new();
    for cursor in snapshot.cursors("TagDescriptions") {
        // Classic load balancers have a name there.
        if let Some(arn) = cursor.text("ResourceArn", sink) {
            tags.insert(short(arn).to_owned(), cursor.aws_tags("Tags", sink));
        }
    }
    tags
}
