//! Tests: small plans made here, and recorded ones of Terraform itself.

mod acls;
mod available;
mod beyond;
mod block_public_access;
mod client_vpn;
mod endpoint_parts;
mod endpoints;
mod gateways;
mod groups;
mod iam;
mod instances;
mod interfaces;
mod kept_tags;
mod layers;
mod layers_differ;
mod load_balancers;
mod names;
mod on_premises;
mod open_attributes;
mod plans;
mod prefix_lists;
mod prior;
mod provider_versions;
mod recorded;
mod regional_nat_gateways;
mod removal;
mod resolution;
mod routes;
mod shown;
mod states;
mod transit_gateways;
mod unread;
mod vpcs;
mod written_anew;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{Hole, Network, NetworkDraft, NetworkInterfaceId};
use serde_json::{Map, Value as Json, json};

use crate::diagnostic::{Assumption, Code, Diagnostic};
use crate::doubt::{Doubt, Touches};
use crate::json::Cursor;
use crate::open::OpenAttributes;
use crate::provenance::Provenance;
use crate::sink::{Component, Sink};

/// A plan in the making.
#[derive(Default)]
struct Plan {
    resources: Vec<Json>,
    data: Vec<Json>,
    changes: Vec<Json>,
    declarations: Vec<Json>,
}

/// What was read.
struct Outcome {
    draft: NetworkDraft,
    provenance: Provenance,
    diagnostics: Vec<Diagnostic>,
    assumptions: BTreeSet<Assumption>,
    unplaced: BTreeSet<Hole>,
    doubts: BTreeSet<Doubt>,
    unseen_ipv6: BTreeSet<String>,
    bare: BTreeMap<NetworkInterfaceId, Hole>,
    open: OpenAttributes,
}

/// A plan with one VPC, `aws_vpc.main`, and in it the subnet `aws_subnet.a`.
fn with_subnet() -> Plan {
    with_vpc().create(
        "aws_subnet.a",
        json!({"cidr_block": "10.0.1.0/24"}),
        IN_MAIN,
    )
}

/// A plan with one VPC, `aws_vpc.main`.
fn with_vpc() -> Plan {
    let open: &[(&str, &[&str])] = &[
        ("main_route_table_id", &[]),
        ("default_route_table_id", &[]),
        ("ipv6_cidr_block", &[]),
    ];
    Plan::default().create("aws_vpc.main", json!({"cidr_block": "10.0.0.0/16"}), open)
}

/// The attribute by which most things are in `aws_vpc.main`.
const IN_MAIN: &[(&str, &[&str])] = &[("vpc_id", &["aws_vpc.main.id", "aws_vpc.main"])];

impl Plan {
    /// A resource that the plan creates: its id is open, and so are the attributes in `open`, with
    /// the references of each; without any, nobody set it.
    fn create(self, address: &str, values: Json, open: &[(&str, &[&str])]) -> Plan {
        let unknown = open.iter().map(|(name, _)| (*name, json!(true)));
        let mut unknown: Map<_, _> = unknown
            .map(|(name, mask)| (name.to_owned(), mask))
            .collect();
        unknown.insert("id".to_owned(), json!(true));
        let expressions = open.iter().filter(|(_, references)| !references.is_empty());
        let expressions = expressions
            .map(|(name, references)| ((*name).to_owned(), json!({ "references": references })));
        self.masked(
            address,
            values,
            Json::Object(unknown),
            expressions.collect(),
        )
    }

    /// A resource with a mask and expressions of its own.
    fn masked(
        mut self,
        address: &str,
        values: Json,
        unknown: Json,
        expressions: Map<String, Json>,
    ) -> Plan {
        let mut resource = identity(address);
        let of = |key: &str| resource.get(key).cloned().unwrap_or(Json::Null);
        let block = format!(
            "{}.{}",
            of("type").as_str().unwrap(),
            of("name").as_str().unwrap()
        );
        self.declarations.push(json!({
            "address": block,
            "provider_config_key": "aws",
            "expressions": expressions,
        }));
        let change = json!({"actions": ["create"], "after_unknown": unknown});
        self.changes
            .push(json!({"address": address, "change": change}));
        resource["values"] = values;
        self.resources.push(resource);
        self
    }

    /// A resource that exists and stays as it is.
    fn existing(self, address: &str, values: Json) -> Plan {
        let mut plan = self.masked(address, values, json!({}), Map::new());
        plan.changes.pop();
        let change = json!({"actions": ["no-op"], "after_unknown": {}});
        plan.changes
            .push(json!({"address": address, "change": change}));
        plan
    }

    /// A resource that exists and is changed in place; what is open of it nobody set.
    fn updated(mut self, address: &str, before: Json, after: Json, open: &[&str]) -> Plan {
        self = self.existing(address, after);
        self.changes.pop();
        let unknown = open.iter().map(|name| ((*name).to_owned(), json!(true)));
        let mut change = identity(address);
        change["change"] = json!({
            "actions": ["update"],
            "before": before,
            "after_unknown": unknown.collect::<Map<_, _>>(),
        });
        self.changes.push(change);
        self
    }

    /// A data source that was read while planning.
    fn data(mut self, address: &str, values: Json) -> Plan {
        let mut resource = identity(address.strip_prefix("data.").unwrap());
        resource["address"] = json!(address);
        resource["mode"] = json!("data");
        resource["values"] = values;
        self.data.push(resource);
        self
    }

    /// A resource that the plan deletes.
    fn deleted(mut self, address: &str, before: Json) -> Plan {
        let mut change = identity(address);
        change["change"] = json!({"actions": ["delete"], "before": before});
        self.changes.push(change);
        self
    }

    fn json(self) -> Json {
        let region = json!({"constant_value": "ap-northeast-1"});
        json!({
            "format_version": "1.2",
            "planned_values": {"root_module": {"resources": self.resources}},
            "resource_changes": self.changes,
            "prior_state": {"values": {"root_module": {"resources": self.data}}},
            "configuration": {
                "provider_config": {"aws": {"name": "aws", "expressions": {"region": region}}},
                "root_module": {"resources": self.declarations},
            },
        })
    }

    fn read(self) -> Outcome {
        read(&self.json())
    }
}

/// The parts of an address of the root module.
fn identity(address: &str) -> Json {
    let (of, rest) = address.split_once('.').unwrap();
    let (name, key) = rest.split_once('[').unwrap_or((rest, ""));
    let key: Json = serde_json::from_str(key.trim_end_matches(']')).unwrap_or_default();
    json!({"address": address, "mode": "managed", "type": of, "name": name, "index": key})
}

fn read(document: &Json) -> Outcome {
    let mut sink = Sink::default();
    read_into(document, &mut sink);
    outcome(sink)
}

/// What a plan leaves over a native network.
fn read_over(network: &str, document: &Json) -> Outcome {
    let mut sink = Sink::default();
    crate::native::read_into(network, &Arc::from("network.toml"), &mut sink);
    assert!(!sink.has_errors(), "{:#?}", sink.diagnostics);
    read_into(document, &mut sink);
    outcome(sink)
}

fn outcome(sink: Sink) -> Outcome {
    Outcome {
        draft: sink.draft,
        provenance: sink.provenance,
        diagnostics: sink.diagnostics,
        assumptions: sink.assumptions,
        unplaced: sink.unplaced,
        doubts: sink.doubts,
        unseen_ipv6: sink.unseen_ipv6,
        bare: sink.bare,
        open: sink.open,
    }
}

fn read_into(document: &Json, sink: &mut Sink) {
    let file: Arc<str> = Arc::from("plan.json");
    let document = document.clone().into();
    super::read(Cursor::new(&document, &file), &[], sink);
}

impl Outcome {
    /// The network; a test that asks for it means that it is valid.
    fn network(&self) -> Network {
        assert_eq!(self.messages(), Vec::<String>::new());
        self.draft.clone().validate().unwrap()
    }

    /// The network in spite of warnings.
    fn warned(&self) -> Network {
        self.draft.clone().validate().unwrap()
    }

    /// A component of the draft.
    fn get<C: Component + Clone>(&self, id: &str) -> C {
        let mut draft = self.draft.clone();
        let found = C::list(&mut draft).iter().find(|one| one.id() == id);
        found
            .unwrap_or_else(|| panic!("no {} `{id}`", C::KIND.name()))
            .clone()
    }

    fn messages(&self) -> Vec<String> {
        self.diagnostics
            .iter()
            .map(|one| one.message.clone())
            .collect()
    }

    fn codes(&self) -> Vec<Code> {
        self.diagnostics.iter().map(|one| one.code).collect()
    }

    /// The pointer of the only diagnostic.
    fn pointer(&self) -> String {
        let [only] = self.diagnostics.as_slice() else {
            panic!("not one diagnostic: {:#?}", self.messages());
        };
        only.place.pointer.clone().unwrap()
    }

    /// What stands in places that are not known.
    fn unplaced(&self) -> Vec<&str> {
        self.unplaced.iter().map(Hole::attribute).collect()
    }

    /// What doubts name, of claims that they touch, and whether they are guesses.
    fn doubts(&self) -> Vec<(Touches, &str, bool)> {
        let doubts = self.doubts.iter();
        let told = |one| {
            let Doubt {
                touches,
                what,
                is_guess,
                ..
            }: &Doubt = one;
            (*touches, what.as_str(), *is_guess)
        };
        doubts.map(told).collect()
    }

    /// The interfaces that may have a public address, and what decides it.
    fn bare(&self) -> Vec<(&str, &str)> {
        let bare = self.bare.iter();
        bare.map(|(id, by)| (id.as_str(), by.attribute())).collect()
    }

    fn assumes(&self, code: &str) -> Vec<String> {
        let of_code = self.assumptions.iter().filter(|one| one.code == code);
        of_code.map(|one| one.text.clone()).collect()
    }
}
