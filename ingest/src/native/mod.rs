//! Native network files: TOML, one table for each component, compact strings for its rules.
//!
//! ```toml
//! [vpc.main]
//! cidrs = ["10.0.0.0/16"]
//!
//! [subnet.app]
//! cidrs = ["10.0.1.0/24"]
//!
//! [route-table.main-main]
//! routes = ["0.0.0.0/0 -> internet-gateway:igw"]
//!
//! [security-group.web]
//! ingress = ["tcp/443 from 0.0.0.0/0"]
//!
//! [interface.web]
//! subnet = "app"
//! addresses = ["10.0.1.5 public 198.51.100.7"]
//! groups = ["web"]
//!
//! [internet-gateway.igw]
//! ```
//!
//! What nearly every network has is implied. A VPC's main route table is called `<vpc>-main`, and
//! a subnet's network ACL, which lets everything pass, `<vpc>-open`, unless they are named; the
//! local routes of a table are in front of its others; in a file of one VPC `vpc` and `vpcs` may be
//! left out;
//! local routes of a table are in front of its others, but for blocks that one of these takes; in a file of one VPC `vpc` may be left out;
//! an interface that a NAT gateway or an endpoint claims belongs to it, and the NAT gateway stands
//! in its subnet. The law is `read(write(network)) == network`.

mod account;
mod client_vpn;
mod components;
mod dns;
mod endpoint;
mod load_balancer;
mod read;
mod rules;
mod table;
mod text;
mod transit_gateway;
mod write;

use std::sync::Arc;

use model::{
    AclAction, AclEntry, Cidr, NetworkAcl, NetworkAclId, NetworkDraft, RuleTraffic, Target, VpcId,
};

use crate::diagnostic::Diagnostic;
use crate::provenance::Provenance;
use crate::sink::Sink;

pub(crate) use read::{MAX_FILE_BYTES, read_into};
pub use write::write;

/// The Region of a VPC that names none.
const DEFAULT_REGION: &str = "us-east-1";

/// Reads a native file, whose name is `file`.
///
/// # Errors
///
/// Every mistake, not the first.
pub fn read(
    text: &str,
    file: &str,
) -> Result<(NetworkDraft, Provenance, Vec<Diagnostic>), Vec<Diagnostic>> {
    let mut sink = Sink::default();
    read_into(text, &Arc::from(file), &mut sink);
    if sink.has_errors() {
        return Err(sink.diagnostics);
    }
    Ok((sink.draft, sink.provenance, sink.diagnostics))
}

/// The name of a VPC's main route table that names none.
fn main_route_table(vpc: &VpcId) -> String {
    format!("{vpc}-main")
}

/// The name of the network ACL of a subnet that names none.
fn open_acl_name(vpc: &VpcId) -> String {
    format!("{vpc}-open")
}

/// The network ACL of subnets that name none.
fn open_acl(vpc: &VpcId) -> NetworkAcl {
    let blocks = ["0.0.0.0/0", "::/0"].into_iter().zip(100..);
    let entries: Vec<_> = blocks
        .filter_map(|(block, number)| {
            Some(AclEntry {
                number,
                action: AclAction::Allow,
                traffic: RuleTraffic::All,
                cidr: block.parse::<Cidr>().ok()?,
            })
        })
        .collect();
    NetworkAcl {
        id: NetworkAclId::new(open_acl_name(vpc)),
        vpc: vpc.clone(),
        ingress: entries.clone(),
        egress: entries,
        tags: model::Tags::new(),
    }
}

/// The local routes of a VPC's blocks, in their order.
fn local_routes(cidrs: &[Cidr]) -> Vec<model::Route> {
    cidrs
        .iter()
        .map(|cidr| model::Route {
            destination: model::Value::Known(model::RouteDestination::Cidr(*cidr)),
            target: model::Value::Known(model::Target::Local),
            origin: model::RouteOrigin::Static,
            state: model::RouteState::Active,
        })
        .collect()
}

/// The local routes that a table of a VPC has beside its own routes: those of the blocks whose
/// local route no other takes the place of (clause `route-inside-vpc`).
fn implied_routes(cidrs: &[Cidr], routes: &[model::Route]) -> Vec<model::Route> {
    let mut implied = local_routes(cidrs);
    implied.retain(|local| {
        let mut replacing = routes.iter().filter(|route| replaces_local(route));
        !replacing.any(|route| route.destination == local.destination)
    });
    implied
}

/// Whether a route may take the place of a local one.
fn replaces_local(route: &model::Route) -> bool {
    match route.target.known() {
        Some(
            Target::NatGateway(_)
            | Target::NetworkInterface(_)
            | Target::GatewayLoadBalancerEndpoint(_)
            // As which an endpoint is read until its kind is known.
            | Target::GatewayEndpoint(_),
        ) => true,
        Some(
            Target::Local
            | Target::InternetGateway(_)
            | Target::EgressOnlyInternetGateway(_)
            | Target::Peering(_)
            | Target::TransitGateway(_)
            | Target::VirtualPrivateGateway(_)
            | Target::Unmodelled { .. },
        )
        | None => false,
    }
}

/// Whether a table's own routes leave out the implied local ones.
fn is_local(route: &model::Route) -> bool {
    route.target.known() == Some(&model::Target::Local)
}

#[cfg(test)]
mod tests;
