//! Tests of the encoding: small networks, one clause each, by disposition and clause.

mod build;
mod decide;
mod equal;
mod forward;
mod gateway;
mod hole;
mod names;
mod policy;
mod route_table;
mod security_group;
mod speed;
mod verdict;
