//! Tests of the encoding: small networks, one clause each, by disposition and clause.

mod build;
mod compare;
mod condition;
mod decide;
mod endpoint_service;
mod equal;
mod forward;
mod gateway;
mod gateway_load_balancer;
mod hairpin;
mod hole;
mod load_balancer;
mod load_balancer_preserves;
mod middlebox;
mod names;
mod nat64;
mod nat64_verdict;
mod on_premises;
mod on_premises_transit;
mod policy;
mod relayed;
mod route_table;
mod security_group;
mod speed;
mod transit_gateway;
mod verdict;
