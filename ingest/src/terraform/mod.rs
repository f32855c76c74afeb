//! Terraform plans and states, as `terraform show -json` prints them; states also as they are stored.
//!
//! A plan says what the network will be, with gaps: ids and addresses that AWS chooses are
//! "known after apply". A reference to such an id is resolved through the configuration
//! (`resolve.rs`): one candidate is known, several are one-of, and what leads nowhere is a hole
//! named by the attribute that would close it. A state has the same shape without gaps.
//!
//! A resource whose id is not known goes by its address. What AWS adds without being asked - main
//! route tables, default ACLs and groups, interfaces of instances and endpoints - goes by the
//! address of its owner with a `#` behind it, unless the plan knows its id.
//!
//! A family of resources is one file; `read` says in which order they are read, and why.

mod address;
mod adopted;
mod association;
mod attached;
mod attribute;
mod blackhole;
mod block_public_access;
mod client_vpn;
pub(crate) mod declared;
mod direct_connect;
mod elastic_ip;
mod endpoint;
mod endpoint_interface;
mod endpoint_name;
mod endpoint_part;
mod endpoint_service;
mod further_tag;
mod gateway;
mod hcl;
mod hosted_zone;
mod iam;
mod identity;
mod instance;
mod interface;
mod kept;
mod kept_tags;
mod layers_differ;
mod left_out;
mod listener;
mod load_balancer;
mod load_balancer_interface;
mod main_route_table;
mod mixing;
mod network_acl;
mod on_premises;
mod open_attribute;
mod peer;
mod peering;
mod plan;
mod prefix_list;
mod reader;
mod reference;
mod region;
mod regional_nat_gateway;
mod removal;
mod resolve;
mod resolver_rule;
mod route_table;
mod security_group;
mod several_plans;
mod slot;
mod stored;
mod subnet;
mod tags;
mod target;
mod target_group;
mod traffic;
mod transit_gateway;
mod transit_gateway_attachment;
mod unmodelled;
mod vpc;
mod vpn_connection;

use std::path::PathBuf;

use crate::diagnostic::{Code, Diagnostic};
use crate::doubt::Touches;
use crate::json::Cursor;
use crate::sink::Sink;

pub(crate) use subnet::UNSEEN_IPV6;

use identity::Thing;
use layers_differ::Before;
use plan::Plan;
use reader::Reader;

pub(crate) use kept::{Kept, is_shown};
pub(crate) use layers_differ::UnlikeAttribute;
pub(crate) use stored::is_stored;

/// Reads a plan or a state. `files` are directories that may hold the files that a plan was made of.
pub(crate) fn read(document: Cursor<'_>, files: &[PathBuf], sink: &mut Sink) {
    let Some(plan) = Plan::open(&document, sink) else {
        return;
    };
    let written = hcl::read(&plan, files, sink);
    let mut plan = plan.refine(&written);
    plan.default_groups = adopted::default_groups(&sink.draft);
    new_twice(&plan, sink);
    note_alone(&plan, sink);
    note_resources(&plan, sink);
    build(Reader::new(&plan, sink));
    sink.files.extend(written.input);
}

/// Notes that nothing before it tells the network around it.
fn note_alone(plan: &Plan<'_>, sink: &mut Sink) {
    if !sink.draft.vpcs.is_empty() {
        return;
    }
    if plan.is_plan() {
        let file = plan.file();
        let text = format!("`{file}` is a plan alone: what lies outside it is not seen");
        sink.assume("plan-alone", text);
        note_unplanned(plan, sink);
    } else {
        let text = "what lies outside a state that is given alone is taken not to be there";
        sink.assume("state-alone", text);
    }
}

/// Notes what is there after the change and in no part of the plan.
fn note_unplanned(plan: &Plan<'_>, sink: &mut Sink) {
    let Some((first, others)) = plan.unplanned.split_first() else {
        return;
    };
    let others = match others.len() {
        0 => String::new(),
        n_others => format!(" and {n_others} more"),
    };
    let what = format!(
        "{first}{others} of the state, which the plan says nothing of (`-target`, `-exclude` or \
         `-refresh-only`): give the state or a snapshot before it"
    );
    sink.unread(Touches::Everything, what, true);
}

/// Reads a state in the form in which Terraform stores it.
pub(crate) fn read_stored(document: &Cursor<'_>, sink: &mut Sink) {
    if let Some(instances) = stored::instances(document, sink) {
        let plan = Plan::stored(document.place().file, &instances);
        note_alone(&plan, sink);
        note_resources(&plan, sink);
        build(Reader::new(&plan, sink));
    }
}

/// Notes which resources stand where, and what the plan does with them.
fn note_resources(plan: &Plan<'_>, sink: &mut Sink) {
    for resource in &plan.resources {
        let place = resource.place();
        sink.resources.stands(&place, resource.address);
    }
    sink.resources.changes(&plan.changes);
}

/// Builds the network of the resources.
fn build(reader: Reader<'_, '_>) {
    let before = Before::read(reader.plan, reader.sink);
    lay(reader, before);
}

/// Lays the resources over the network of earlier inputs.
fn lay(mut reader: Reader<'_, '_>, before: Before) {
    several_plans::read(&mut reader);
    // What the change makes is put into what it leaves of the earlier input.
    removal::read(&mut reader);
    // What others refer to comes first; a VPC has all its blocks before a table gets local routes.
    prefix_list::read(&mut reader);
    vpc::read(&mut reader);
    subnet::read(&mut reader);
    block_public_access::read(&mut reader);
    route_table::read(&mut reader);
    security_group::read(&mut reader);
    network_acl::read(&mut reader);
    // The parts of a VPC that no resource adopted.
    vpc::defaults(&mut reader);
    gateway::read(&mut reader);
    on_premises::read(&mut reader);
    peering::read(&mut reader);
    // What stand-alone resources add to the parts above.
    route_table::routes(&mut reader);
    on_premises::propagate(&mut reader);
    security_group::rules(&mut reader);
    network_acl::rules(&mut reader);
    association::read(&mut reader);
    network_acl::associations(&mut reader);
    // What stands in subnets, which know their VPC, table and ACL by now.
    interface::read(&mut reader);
    gateway::nat(&mut reader);
    endpoint::read(&mut reader);
    client_vpn::read(&mut reader);
    elastic_ip::read(&mut reader);
    removal::released(&mut reader);
    // Listeners are a part of load balancers; groups need to know who uses them.
    load_balancer::read(&mut reader);
    listener::read(&mut reader);
    target_group::read(&mut reader);
    endpoint_service::read(&mut reader);
    // Records may mean endpoints.
    hosted_zone::read(&mut reader);
    resolver_rule::read(&mut reader);
    transit_gateway::read(&mut reader);
    direct_connect::read(&mut reader);
    iam::read(&mut reader);
    regional_nat_gateway::read(&mut reader);
    unmodelled::read(&mut reader);
    mixing::read(&mut reader);
    target::settle(&mut reader);
    left_out::mend(&mut reader);
    peering::mend(&mut reader);
    blackhole::mend(&mut reader);
    layers_differ::read(&mut reader);
    kept_tags::read(&mut reader);
    open_attribute::read(&mut reader);
    layers_differ::others(&mut reader);
    before.open_attributes(&mut reader);
    several_plans::note(&mut reader);
    before.open_components(reader.finish());
}

/// A new resource goes by its address, so that two plans must not make one of the same address.
fn new_twice(plan: &Plan<'_>, sink: &mut Sink) {
    let new = plan.resources.iter().filter(|resource| {
        let is_new = !resource.is_data && resource.attribute("id").is_unknown();
        is_new && Thing::of(resource.of).is_some()
    });
    for resource in new {
        let (address, place) = (resource.address.to_owned(), resource.place());
        if let Some(first) = sink.new_resources.insert(address, place) {
            let message = format!(
                "`{}` is a new resource of two plans (first at {first})",
                resource.address
            );
            let error = Diagnostic::error(resource.place(), Code::DuplicateId, message);
            sink.push(error.help("apply one of the plans first, or read them apart"));
        }
    }
}

#[cfg(test)]
mod tests;
