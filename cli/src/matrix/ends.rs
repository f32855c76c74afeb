//! The rows and columns of a matrix: groups of interfaces, and the outside.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use evaluator::Evaluator;
use ingest::OpenAttributes;
use ingest::provenance::Kind;
use model::{
    Attachment, ComponentId, EndpointKind, Hole, Network, NetworkInterface, NetworkInterfaceId,
    Origin, Place,
};

use crate::nearest::suggest;
use crate::on_premises::has_on_premises;
use crate::problem::SourceText;
use crate::render::names;
use crate::selector::parse::Names;
use crate::selector::{Resolver, is_sender};

/// By what interfaces are grouped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// The security groups that they have.
    SecurityGroup,
    Subnet,
    Vpc,
    /// Their name, or their id where they have none.
    Name,
    /// The value of a tag.
    Tag(String),
    /// The groups of the invariant file.
    Group,
    /// What nothing in the network tells apart.
    Class,
}

impl FromStr for By {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "sg" => Ok(By::SecurityGroup),
            "subnet" => Ok(By::Subnet),
            "vpc" => Ok(By::Vpc),
            "name" => Ok(By::Name),
            "group" => Ok(By::Group),
            "class" => Ok(By::Class),
            "tag:" => Err("`tag:` has no key behind it, as in `tag:tier`".to_owned()),
            _ => match text.strip_prefix("tag:") {
                Some(key) => Ok(By::Tag(key.to_owned())),
                None => Err(
                    "interfaces are grouped by `sg`, `subnet`, `vpc`, `name`, `tag:KEY`, `group` or `class`"
                        .to_owned(),
                ),
            },
        }
    }
}

impl By {
    /// In words.
    pub(crate) fn text(&self) -> String {
        match self {
            By::SecurityGroup => "security groups".to_owned(),
            By::Subnet => "subnet".to_owned(),
            By::Vpc => "VPC".to_owned(),
            By::Name => "name".to_owned(),
            By::Tag(key) => format!("tag {key}"),
            By::Group => "group of the invariant file".to_owned(),
            By::Class => "what the network tells apart".to_owned(),
        }
    }
}

/// A row or a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct End<T> {
    pub(crate) label: String,
    /// How many interfaces it has; none of the outside.
    pub(crate) interfaces: Option<usize>,
    pub(crate) of: T,
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ends {
    pub(crate) rows: Vec<End<Origin>>,
    pub(crate) columns: Vec<End<Place>>,
    /// What leaves open which interfaces are in which group.
    pub(crate) open: BTreeSet<Hole>,
}

/// What is asked about; nothing is everything.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) from: Option<&'a [Origin]>,
    pub(crate) to: Option<&'a [Place]>,
}

/// Groups the interfaces of a network.
pub(crate) struct Grouping<'a> {
    pub(crate) network: &'a Network,
    pub(crate) open: &'a OpenAttributes,
    pub(crate) names: &'a Names,
    pub(crate) evaluator: &'a Evaluator,
}

type Groups = Vec<(String, BTreeSet<NetworkInterfaceId>)>;

impl Grouping<'_> {
    /// The rows and columns.
    ///
    /// # Errors
    ///
    /// What of `by` is not in the network.
    pub(crate) fn ends(&self, by: &By, asked: Asked<'_>) -> Result<Ends, String> {
        let mut open = BTreeSet::new();
        let groups = self.groups(by, &mut open)?;
        Ok(Ends {
            rows: self.rows(&groups, asked.from),
            columns: self.columns(&groups, asked.to),
            open,
        })
    }

    fn rows(&self, groups: &Groups, asked: Option<&[Origin]>) -> Vec<End<Origin>> {
        let wanted: Option<BTreeSet<&NetworkInterfaceId>> = asked.map(|origins| {
            let interfaces = origins.iter().filter_map(|origin| match origin {
                Origin::Interfaces(ids) => Some(ids),
                Origin::Internet(_) | Origin::OnPremises { .. } => None,
            });
            interfaces.flatten().collect()
        });
        let sends = |id: &NetworkInterfaceId| {
            let interface = self.network.network_interfaces().get(id);
            interface.is_some_and(is_sender)
                && wanted.as_ref().is_none_or(|wanted| wanted.contains(id))
        };
        let mut rows = Vec::new();
        for (label, ids) in groups {
            let ids: BTreeSet<_> = ids.iter().filter(|id| sends(id)).cloned().collect();
            if !ids.is_empty() {
                rows.push(End {
                    label: label.clone(),
                    interfaces: Some(ids.len()),
                    of: Origin::Interfaces(ids),
                });
            }
        }
        let outside = match asked {
            Some(origins) => origins.to_vec(),
            None => {
                let premises = Origin::OnPremises {
                    blocks: None,
                    resolver: None,
                };
                let premises = has_on_premises(self.network).then_some(premises);
                [Origin::Internet(None)]
                    .into_iter()
                    .chain(premises)
                    .collect()
            }
        };
        rows.extend(outside.into_iter().filter_map(|of| {
            let label = match &of {
                Origin::Interfaces(_) => return None,
                Origin::Internet(blocks) => within("internet", blocks.as_ref()),
                Origin::OnPremises { blocks, .. } => within("on premises", blocks.as_ref()),
            };
            Some(End {
                label,
                interfaces: None,
                of,
            })
        }));
        rows
    }

    fn columns(&self, groups: &Groups, asked: Option<&[Place]>) -> Vec<End<Place>> {
        let wanted: Option<BTreeSet<&NetworkInterfaceId>> = asked.map(|places| {
            let interfaces = places.iter().filter_map(|place| match place {
                Place::Interfaces { interfaces, .. } => Some(interfaces),
                Place::Internet
                | Place::OnPremises(_)
                | Place::Cidrs(_)
                | Place::Service(_)
                | Place::GatewayEndpoints(_)
                | Place::Name(_) => None,
            });
            interfaces.flatten().collect()
        });
        let receives = |id: &NetworkInterfaceId| {
            let interface = self.network.network_interfaces().get(id);
            match &wanted {
                Some(wanted) => wanted.contains(id),
                // Nothing is ever delivered at those of NAT gateways.
                None => interface
                    .is_some_and(|one| !matches!(one.attachment, Attachment::NatGateway(_))),
            }
        };
        let mut columns = Vec::new();
        for (label, ids) in groups {
            let ids: BTreeSet<_> = ids.iter().filter(|id| receives(id)).cloned().collect();
            if !ids.is_empty() {
                columns.push(End {
                    label: label.clone(),
                    interfaces: Some(ids.len()),
                    of: Place::Interfaces {
                        interfaces: ids,
                        public_from_inside: false,
                    },
                });
            }
        }
        let outside = match asked {
            Some(places) => places.to_vec(),
            None => {
                let premises = has_on_premises(self.network).then_some(Place::OnPremises(None));
                let endpoints = self.network.vpc_endpoints().values();
                let gateways =
                    endpoints.filter(|one| matches!(one.kind, EndpointKind::Gateway { .. }));
                let gateways =
                    gateways.map(|one| Place::GatewayEndpoints(BTreeSet::from([one.id.clone()])));
                let outside = [Place::Internet].into_iter().chain(premises);
                outside.chain(gateways).collect()
            }
        };
        columns.extend(outside.into_iter().filter_map(|of| {
            Some(End {
                label: self.place(&of)?,
                interfaces: None,
                of,
            })
        }));
        columns
    }

    /// A place that is no interface in words.
    fn place(&self, place: &Place) -> Option<String> {
        match place {
            Place::Interfaces { .. } => None,
            Place::Internet => Some("internet".to_owned()),
            Place::OnPremises(blocks) => Some(within("on premises", blocks.as_ref())),
            Place::Cidrs(blocks) => Some(within("addresses", Some(blocks))),
            Place::Service(name) => Some(format!("service {name}")),
            Place::GatewayEndpoints(ids) => {
                let ids = ids.iter().map(|id| {
                    let component = ComponentId::VpcEndpoint(id.clone());
                    names::component(self.network, &component)
                });
                Some(ids.collect::<Vec<_>>().join(", "))
            }
            Place::Name(name) => Some(format!("name {name}")),
        }
    }

    fn groups(&self, by: &By, open: &mut BTreeSet<Hole>) -> Result<Groups, String> {
        if let By::Tag(key) = by {
            self.has_tag(key)?;
        }
        match by {
            By::Group => return self.named_groups(),
            By::Class => return Ok(self.classes()),
            By::SecurityGroup | By::Subnet | By::Vpc | By::Name | By::Tag(_) => {}
        }
        let mut groups: BTreeMap<Vec<ComponentId>, BTreeSet<NetworkInterfaceId>> = BTreeMap::new();
        let mut texts: BTreeMap<String, BTreeSet<NetworkInterfaceId>> = BTreeMap::new();
        for (id, interface) in self.network.network_interfaces() {
            match self.key(by, interface, open) {
                Key::Components(of) => groups.entry(of).or_default().insert(id.clone()),
                Key::Text(text) => texts.entry(text).or_default().insert(id.clone()),
            };
        }
        let labels: Vec<String> = groups.keys().map(|of| self.label(of, false)).collect();
        let mut times: BTreeMap<&str, usize> = BTreeMap::new();
        for label in labels
            .iter()
            .map(String::as_str)
            .chain(texts.keys().map(String::as_str))
        {
            *times.entry(label).or_default() += 1;
        }
        let named = groups.iter().zip(&labels).map(|((of, ids), label)| {
            let is_only = times.get(label.as_str()) == Some(&1);
            (self.label(of, !is_only), ids.clone())
        });
        let mut all: Groups = named.collect();
        all.extend(texts);
        all.sort();
        Ok(all)
    }

    fn key(&self, by: &By, interface: &NetworkInterface, open: &mut BTreeSet<Hole>) -> Key {
        // Whatever groups an endpoint or a load balancer has, people know it by itself.
        match &interface.attachment {
            Attachment::VpcEndpoint(id) => {
                return Key::Components(vec![ComponentId::VpcEndpoint(id.clone())]);
            }
            Attachment::LoadBalancer(id) => {
                return Key::Components(vec![ComponentId::LoadBalancer(id.clone())]);
            }
            Attachment::Ordinary { .. } | Attachment::NatGateway(_) | Attachment::Other(_) => {}
        }
        let subnet = self.network.subnets().get(&interface.subnet);
        match by {
            By::SecurityGroup => match interface.groups.known() {
                Some(groups) if groups.is_empty() => Key::Text("no security group".to_owned()),
                Some(groups) => {
                    let groups = groups.iter().cloned();
                    Key::Components(groups.map(ComponentId::SecurityGroup).collect())
                }
                None => {
                    open.extend(interface.groups.hole().cloned());
                    Key::Text("security groups not known".to_owned())
                }
            },
            By::Subnet => Key::Components(vec![ComponentId::Subnet(interface.subnet.clone())]),
            By::Vpc => Key::Components(
                subnet
                    .map(|subnet| ComponentId::Vpc(subnet.vpc.clone()))
                    .into_iter()
                    .collect(),
            ),
            By::Name => {
                let component = ComponentId::NetworkInterface(interface.id.clone());
                let name = names::name(self.network, &component);
                self.open_tag("Name", interface, open);
                Key::Text(name.unwrap_or_else(|| interface.id.to_string()))
            }
            By::Tag(key) => {
                self.open_tag(key, interface, open);
                Key::Text(match interface.tags.get(key) {
                    Some(value) => format!("{key}={value}"),
                    None => format!("no tag {key}"),
                })
            }
            // They are found otherwise.
            By::Group | By::Class => Key::Components(Vec::new()),
        }
    }

    /// What leaves open what tag an interface has.
    fn open_tag(&self, key: &str, interface: &NetworkInterface, open: &mut BTreeSet<Hole>) {
        let of = self.open.of(Kind::NetworkInterface, interface.id.as_str());
        if let Some(of) = of {
            let further = of
                .further_tags
                .iter()
                .filter(|_| !interface.tags.contains_key(key));
            open.extend(of.tags.get(key).into_iter().chain(further).cloned());
        }
    }

    fn has_tag(&self, key: &str) -> Result<(), String> {
        let interfaces = self.network.network_interfaces().values();
        let keys: BTreeSet<&str> = interfaces
            .flat_map(|one| one.tags.keys().map(String::as_str))
            .collect();
        if keys.contains(key) {
            return Ok(());
        }
        let help = suggest(key, keys, "tags of interfaces");
        let help = help.map_or(String::new(), |help| format!("\n  help: {help}"));
        Err(format!("no interface has a tag `{key}`{help}"))
    }

    fn label(&self, of: &[ComponentId], with_ids: bool) -> String {
        let texts = of.iter().map(|component| {
            let is_endpoint = matches!(
                component,
                ComponentId::VpcEndpoint(_) | ComponentId::LoadBalancer(_)
            );
            if is_endpoint {
                return names::component(self.network, component);
            }
            match names::name(self.network, component) {
                Some(name) if with_ids && name != component.to_string() => {
                    format!("{name} ({component})")
                }
                Some(name) => name,
                None => component.to_string(),
            }
        });
        texts.collect::<Vec<_>>().join(" + ")
    }

    /// The groups of the invariant file that have interfaces, and whoever is in none.
    fn named_groups(&self) -> Result<Groups, String> {
        if self.names.groups.is_empty() {
            return Err("there is no group in the invariant file\n  help: name it with \
                        `--invariants`, or group by `sg`, `subnet`, `vpc`, `name`, `tag:KEY` or `class`"
                .to_owned());
        }
        let source = SourceText::new("groups", "");
        let mut rest: BTreeSet<_> = self.network.network_interfaces().keys().cloned().collect();
        let mut groups = Groups::new();
        for (name, selectors) in &self.names.groups {
            let mut resolver = Resolver::new(self.network, self.open, &source);
            let places = resolver.places(selectors, &[], false);
            let interfaces = places.places.into_iter().filter_map(|place| match place {
                Place::Interfaces { interfaces, .. } => Some(interfaces),
                Place::Internet
                | Place::OnPremises(_)
                | Place::Cidrs(_)
                | Place::Service(_)
                | Place::GatewayEndpoints(_)
                | Place::Name(_) => None,
            });
            let interfaces: BTreeSet<_> = interfaces.flatten().collect();
            rest.retain(|id| !interfaces.contains(id));
            groups.push((name.clone(), interfaces));
        }
        groups.push(("no group".to_owned(), rest));
        groups.retain(|(_, interfaces)| !interfaces.is_empty());
        Ok(groups)
    }

    fn classes(&self) -> Groups {
        let classes = self.evaluator.interface_classes().into_iter();
        let labelled = classes.filter_map(|class| {
            let first = names::interface(self.network, class.first()?);
            let label = match class.len() - 1 {
                0 => first,
                n_more => format!("{first} and {n_more} alike"),
            };
            Some((label, class.into_iter().collect()))
        });
        labelled.collect()
    }
}

/// What puts interfaces into one group.
enum Key {
    Components(Vec<ComponentId>),
    Text(String),
}

fn within(word: &str, blocks: Option<&BTreeSet<model::Cidr>>) -> String {
    match blocks {
        None => word.to_owned(),
        Some(blocks) => {
            let blocks: Vec<String> = blocks.iter().map(ToString::to_string).collect();
            format!("{word} ({})", blocks.join(", "))
        }
    }
}
