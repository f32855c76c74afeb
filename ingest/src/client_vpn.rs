//! What snapshots, plans and native files share about Client VPN endpoints.

/// The kind of a Client VPN endpoint's interfaces.
pub(crate) const CLIENT_VPN_INTERFACE: &str = "client_vpn_endpoint";
