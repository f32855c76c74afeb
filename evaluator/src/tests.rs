//! One test for each law of the semantics, on the smallest network that shows it.

mod authorize;
mod checks;
mod devices;
mod endpoint_service;
mod gateway;
mod lab;
mod load_balancer;
mod network_acl;
mod network_interface;
mod on_premises;
mod on_premises_scope;
mod on_premises_transit;
mod open_address;
mod peering;
mod premises;
mod properties;
mod relayed;
mod relayed_properties;
mod requests;
mod resolve;
mod route_table;
mod security_group;
mod transit_gateway;
mod vpc_endpoint;
mod way;
