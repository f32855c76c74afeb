//! Resolution: which things an attribute may name when the plan leaves the id open.
//!
//! The references of the configuration are followed through the inputs of modules (up) and their
//! outputs (down) until they name resources. Each resource of the wanted kind is a candidate. What
//! a function or a condition picks among them is not in a plan, so several candidates stay
//! several.

use crate::json::Value as Json;

use crate::load_balancer::short;

use super::attribute::Attribute;
use super::identity::{self, Thing};
use super::plan::{Plan, Resource};
use super::reference::{Call, Key, Reference, references};

/// How many references one resolution follows. A plan of Terraform has no cycle; another file may.
const MAX_STEPS: usize = 10_000;
/// How many references lie behind one another.
const MAX_DEPTH: usize = 64;

/// A thing that an attribute may name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    /// What it is.
    pub(super) thing: Thing,
    /// Its id in the model.
    pub(super) id: String,
    /// Whether it has the same `count.index` as the resource that refers to it.
    pub(super) is_paired: bool,
}

/// The things that an attribute may name.
#[derive(Clone, Debug, Default)]
pub(super) struct Candidates {
    /// Each once, in the order of the expression.
    pub(super) list: Vec<Candidate>,
    /// Whether the expression also refers to what names no such thing, as a condition does: then a
    /// set need not hold all of them.
    pub(super) is_blurred: bool,
    /// Whether the expression refers to what leads nowhere, so that they need not be all.
    pub(super) is_blocked: bool,
    /// Whether `count.index` chooses among them.
    pub(super) is_chosen: bool,
}

impl Candidates {
    fn block(&mut self) {
        self.is_blocked = true;
        self.is_blurred = true;
    }
}

/// Where an expression stands, which says what `each`, `count` and `var` mean in it.
#[derive(Clone, Copy)]
struct Scope<'s> {
    module: &'s [Call],
    key: Option<&'s Key>,
    for_each: Option<&'s Json>,
}

impl<'a> Plan<'a> {
    /// The things of some kinds that an attribute with an unknown value may name.
    pub(super) fn candidates(&self, attribute: &Attribute<'_>, wanted: &[Thing]) -> Candidates {
        let mut walk = Walk {
            plan: self,
            wanted,
            found: Candidates::default(),
            steps: 0,
        };
        walk.attribute(attribute, MAX_DEPTH);
        walk.found
    }

    /// The id of what a resource is in the model. A resource that adopts a part of a VPC is that
    /// part; one that accepts a peering is that peering.
    pub(super) fn id(&self, resource: &Resource<'_>) -> String {
        self.id_within(resource, MAX_DEPTH)
    }

    fn id_within(&self, resource: &Resource<'_>, depth: usize) -> String {
        let adopted = match resource.of {
            "aws_default_route_table" => ("default_route_table_id", Thing::RouteTable),
            "aws_default_network_acl" => ("default_network_acl_id", Thing::NetworkAcl),
            "aws_default_security_group" => ("vpc_id", Thing::SecurityGroup),
            "aws_vpc_peering_connection_accepter" | "aws_vpc_peering_connection_options" => {
                ("vpc_peering_connection_id", Thing::Peering)
            }
            "aws_ec2_transit_gateway_vpc_attachment_accepter"
            | "aws_ec2_transit_gateway_peering_attachment_accepter" => (
                "transit_gateway_attachment_id",
                Thing::TransitGatewayAttachment,
            ),
            _ => return identity::own_id(resource),
        };
        if let Some(id) = resource.attribute("id").text() {
            return id.to_owned();
        }
        let (attribute, thing) = adopted;
        let attribute = resource.attribute(attribute);
        let found = if thing == Thing::SecurityGroup {
            let own = self.vpc_of(&attribute);
            let own = own.map(|vpc| identity::DefaultPart::SecurityGroup.id(vpc));
            let earlier = || self.default_groups.get(attribute.text()?).cloned();
            own.or_else(earlier)
        } else if let Some(id) = attribute.text() {
            Some(id.to_owned())
        } else {
            let mut walk = Walk {
                plan: self,
                wanted: &[thing],
                found: Candidates::default(),
                steps: 0,
            };
            walk.attribute(&attribute, depth.saturating_sub(1));
            walk.found
                .list
                .into_iter()
                .next()
                .map(|candidate| candidate.id)
        };
        found.unwrap_or_else(|| resource.address.to_owned())
    }

    /// The one VPC of the plan that an attribute names.
    pub(super) fn vpc_of(&self, attribute: &Attribute<'_>) -> Option<&Resource<'a>> {
        let id = match attribute.text() {
            Some(id) => id.to_owned(),
            None => {
                self.candidates(attribute, &[Thing::Vpc])
                    .list
                    .into_iter()
                    .next()?
                    .id
            }
        };
        self.vpc(&id)
    }

    /// The resource that makes the VPC of an id.
    pub(super) fn vpc(&self, id: &str) -> Option<&Resource<'a>> {
        self.made(&identity::VPCS, id)
    }
}

struct Walk<'p, 'a, 'w> {
    plan: &'p Plan<'a>,
    wanted: &'w [Thing],
    found: Candidates,
    steps: usize,
}

impl Walk<'_, '_, '_> {
    fn attribute(&mut self, attribute: &Attribute<'_>, depth: usize) {
        if let Some(name) = attribute.written()
            && let Some(resource) = self.plan.resources.get(name.resource)
        {
            self.instance(resource, Some(&name.attribute), false, depth);
            return;
        }
        let resource = attribute.resource;
        let for_each = resource
            .declaration
            .and_then(|of| of.get("for_each_expression"));
        let scope = Scope {
            module: &resource.module,
            key: resource.key.as_ref(),
            for_each,
        };
        for expression in attribute.expressions() {
            self.expression(expression, scope, depth);
        }
    }

    fn expression(&mut self, expression: &Json, scope: Scope<'_>, depth: usize) {
        self.steps += 1;
        if depth == 0 || self.steps > MAX_STEPS {
            self.found.block();
            return;
        }
        let references = references(expression);
        let by_key = references.contains(&Reference::EachKey);
        let by_index = references.contains(&Reference::CountIndex);
        for reference in &references {
            match reference {
                Reference::Resource {
                    block,
                    key,
                    attribute,
                } => {
                    let pairing = Pairing {
                        key: key.as_ref(),
                        by_key,
                        by_index,
                    };
                    self.block(block, pairing, attribute.as_deref(), scope, depth);
                }
                Reference::Output { call, key, output } => {
                    let key = key.as_ref().or(scope.key.filter(|_| by_key));
                    self.output(call, key, output.as_deref(), scope, depth);
                }
                Reference::Variable(name) => self.variable(name, scope, depth),
                Reference::EachValue(names) => self.each_value(names, scope, depth),
                // They only choose among what the other references name.
                Reference::EachKey | Reference::CountIndex => {}
                Reference::Blocked => self.found.block(),
            }
        }
    }

    /// The instances of a block: the one of the key, or the one paired by `each.key`, or all.
    fn block(
        &mut self,
        block: &str,
        pairing: Pairing<'_>,
        attribute: Option<&str>,
        scope: Scope<'_>,
        depth: usize,
    ) {
        let instances = self.plan.instances(scope.module, block);
        let paired = pairing.key.or(scope.key.filter(|_| pairing.by_key));
        let chosen = instances
            .iter()
            .find(|one| paired.is_some() && one.key.as_ref() == paired);
        if let Some(instance) = chosen {
            self.instance(instance, attribute, false, depth);
            return;
        }
        if instances.is_empty() {
            self.found.is_blurred = true;
        }
        self.found.is_chosen |= pairing.by_index && pairing.key.is_none();
        for instance in instances {
            let is_paired =
                pairing.by_index && scope.key.is_some() && instance.key.as_ref() == scope.key;
            self.instance(instance, attribute, is_paired, depth);
        }
    }

    fn instance(
        &mut self,
        instance: &Resource<'_>,
        attribute: Option<&str>,
        is_paired: bool,
        depth: usize,
    ) {
        // A data source that is read only after the apply has an id when it was asked for that.
        let id = instance.attribute("id");
        if instance.is_data && id.is_unknown() && attribute.is_none_or(|name| name == "id") {
            if id.is_open() {
                self.attribute(&id, depth.saturating_sub(1));
            } else {
                self.found.block();
            }
            return;
        }
        if let Some((thing, id)) = self.named(instance, attribute, depth) {
            // Another kind of thing in the same expression says nothing about this one: a block of
            // rules is one expression, with all that its rules refer to.
            if self.wanted.contains(&thing) {
                self.push(thing, id, is_paired);
            }
            return;
        }
        let Some(attribute) = attribute else {
            self.found.block();
            return;
        };
        // An attribute that passes on another's id, as the `vpc_id` of a subnet does.
        let attribute = instance.attribute(attribute);
        let before = self.found.list.len();
        if let Some(id) = attribute.text() {
            if let Some(thing) = Thing::of_id(id).filter(|thing| self.wanted.contains(thing)) {
                self.push(thing, short(id).to_owned(), is_paired);
            }
        } else if attribute.is_open() {
            self.attribute(&attribute, depth.saturating_sub(1));
        } else if !attribute.is_present() {
            self.found.block();
        }
        if is_paired {
            for candidate in self.found.list.iter_mut().skip(before) {
                candidate.is_paired = true;
            }
        }
    }

    /// What an attribute of a resource names by itself. A whole resource stands for its id: it is
    /// there because a splat or a `for` takes the id of each instance.
    fn named(
        &self,
        resource: &Resource<'_>,
        attribute: Option<&str>,
        depth: usize,
    ) -> Option<(Thing, String)> {
        let thing = Thing::of(resource.of);
        let attribute = attribute.unwrap_or("id");
        match (thing, attribute) {
            // A name of an endpoint, or an address of a resolver endpoint, stands for it.
            (Some(Thing::ElasticIp), "allocation_id")
            | (Some(Thing::HostedZone), "zone_id")
            | (Some(Thing::VpcEndpoint), "dns_entry" | "dns_name")
            | (Some(Thing::ResolverEndpoint), "ip_address" | "ip")
            // As an address does, where a target is registered by it.
            | (Some(Thing::Instance | Thing::NetworkInterface), "private_ip")
            | (Some(Thing::LoadBalancer | Thing::Listener | Thing::TargetGroup), "arn")
            | (Some(Thing::EndpointService), "service_name")
            | (Some(Thing::IamRole | Thing::IamUser | Thing::IamGroup), "name")
            | (Some(Thing::IamPolicy | Thing::Topic | Thing::Key | Thing::Secret), "arn")
            | (Some(Thing::Bucket), "bucket")
            | (Some(Thing::Queue), "url")
            | (Some(Thing::Key), "key_id")
            | (Some(_), "id") => {
                let id = self.plan.id_within(resource, depth);
                thing.map(|thing| (thing, id))
            }
            (Some(Thing::Vpc), part) => {
                let part = identity::DefaultPart::named(part)?;
                Some((part.thing(), part.id(resource)))
            }
            (
                Some(Thing::TransitGateway),
                part @ ("association_default_route_table_id" | "propagation_default_route_table_id"),
            ) => {
                let table = identity::default_table_of(resource, part);
                Some((Thing::TransitGatewayRouteTable, table))
            }
            (Some(Thing::NatGateway), "route_table_id") => {
                Some((Thing::RouteTable, identity::table_of_nat_gateway(resource)))
            }
            (None | Some(Thing::VpnConnection), "transit_gateway_attachment_id") => Some((
                Thing::TransitGatewayAttachment,
                identity::attachment_of(resource),
            )),
            (Some(Thing::Instance), "primary_network_interface_id")
            | (Some(Thing::NatGateway), "network_interface_id") => {
                Some((Thing::NetworkInterface, identity::interface_of(resource)))
            }
            _ => None,
        }
    }

    fn push(&mut self, thing: Thing, id: String, is_paired: bool) {
        let known = self
            .found
            .list
            .iter_mut()
            .find(|one| one.id == id && one.thing == thing);
        match known {
            Some(candidate) => candidate.is_paired |= is_paired,
            None => self.found.list.push(Candidate {
                thing,
                id,
                is_paired,
            }),
        }
    }

    /// An input of the module: what the call gives it, in the parent.
    fn variable(&mut self, name: &str, scope: Scope<'_>, depth: usize) {
        let declaration = self.plan.call_declaration(scope.module);
        let given = declaration.and_then(|call| call.get("expressions")?.get(name));
        let (Some(given), Some((call, parent))) = (given, scope.module.split_last()) else {
            // An input of the root module, or one left at its default, is known: whatever is open
            // does not come from it.
            self.found.is_blurred = true;
            return;
        };
        if references(given).is_empty() {
            self.found.is_blurred = true;
        }
        let scope = Scope {
            module: parent,
            key: call.key.as_ref(),
            for_each: declaration.and_then(|call| call.get("for_each_expression")),
        };
        self.expression(given, scope, depth.saturating_sub(1));
    }

    /// An output of a module; of all its outputs when the reference does not say which.
    fn output(
        &mut self,
        call: &str,
        key: Option<&Key>,
        output: Option<&str>,
        scope: Scope<'_>,
        depth: usize,
    ) {
        let instances = self.plan.call_instances(scope.module, call);
        let chosen = instances
            .iter()
            .filter(|one| key.is_some() && one.key.as_ref() == key);
        let mut chosen: Vec<_> = chosen.copied().collect();
        if chosen.is_empty() {
            chosen = instances;
        }
        let before = self.found.list.len();
        for instance in chosen {
            let mut module = scope.module.to_vec();
            module.push(instance.clone());
            let scope = Scope {
                module: &module,
                key: None,
                for_each: None,
            };
            let declaration = self.plan.module_declaration(&module);
            let outputs = declaration.and_then(|module| module.get("outputs")?.as_object());
            for (name, declared) in outputs.into_iter().flatten() {
                if output.is_none_or(|output| output == name)
                    && let Some(expression) = declared.get("expression")
                {
                    self.expression(expression, scope, depth.saturating_sub(1));
                }
            }
        }
        if self.found.list.len() == before {
            self.found.block();
        }
    }

    /// `each.value`, when `for_each` is a map of resources or of modules: the instance of the same key.
    fn each_value(&mut self, names: &[String], scope: Scope<'_>, depth: usize) {
        let (Some(key), Some((module, source))) = (scope.key, self.each_source(scope)) else {
            self.found.block();
            return;
        };
        let scope = Scope { module, ..scope };
        match source {
            EachSource::Block(block) => {
                let pairing = Pairing {
                    key: Some(key),
                    by_key: false,
                    by_index: false,
                };
                let attribute = names.last().map(String::as_str);
                self.block(&block, pairing, attribute, scope, depth);
            }
            EachSource::Call(call) => {
                let output = names.first().map(String::as_str);
                self.output(&call, Some(key), output, scope, depth);
            }
        }
    }

    /// The block or call whose instances `for_each` goes through, when that is all that it does.
    fn each_source<'s>(&self, scope: Scope<'s>) -> Option<(&'s [Call], EachSource)> {
        let mut module = scope.module;
        let mut expression = scope.for_each?;
        for _ in 0..MAX_DEPTH {
            match references(expression).as_slice() {
                [
                    Reference::Resource {
                        block,
                        key: None,
                        attribute: None,
                    },
                ] => return Some((module, EachSource::Block(block.clone()))),
                [
                    Reference::Output {
                        call,
                        key: None,
                        output: None,
                    },
                ] => return Some((module, EachSource::Call(call.clone()))),
                [Reference::Variable(name)] => {
                    let call = self.plan.call_declaration(module)?;
                    expression = call.get("expressions")?.get(name)?;
                    module = module.split_last()?.1;
                }
                _ => return None,
            }
        }
        None
    }
}

/// What `for_each` goes through.
enum EachSource {
    /// The instances of a block.
    Block(String),
    /// Those of a call of a module.
    Call(String),
}

/// Which instance of a block a reference means.
#[derive(Clone, Copy)]
struct Pairing<'k> {
    key: Option<&'k Key>,
    by_key: bool,
    by_index: bool,
}
