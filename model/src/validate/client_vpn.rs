//! The defects of Client VPN endpoints.

use std::collections::BTreeSet;

use crate::defect::Defect;
use crate::network_interface::Attachment;

use super::Finder;

impl Finder<'_> {
    pub(super) fn client_vpn_endpoints(&mut self) {
        let mut taken = BTreeSet::new();
        for (id, endpoint) in self.network.client_vpn_endpoints() {
            let mut vpc = None;
            for interface in &endpoint.interfaces {
                let found = self.network.network_interfaces().get(interface);
                let own = found.map(|found| self.subnet_vpc(&found.subnet));
                self.uses(id, "network interface", interface, own, vpc);
                vpc = vpc.or(own.flatten());
                // Its clients' packets leave with its own address, whatever the attribute says.
                let fits = found.is_none_or(|found| {
                    matches!(found.attachment, Attachment::Other(_))
                        && found.source_destination_check
                });
                if !taken.insert(interface) || !fits {
                    self.defects.push(Defect::ClientVpnInterface {
                        client_vpn_endpoint: id.to_string(),
                        interface: interface.to_string(),
                    });
                }
            }
            self.candidates(&endpoint.authorization_rules);
            for routes in self.candidates(&endpoint.routes) {
                for subnet in routes.iter().filter_map(|route| route.subnet.as_ref()) {
                    let found = self.network.subnets().get(subnet);
                    let found = found.map(|subnet| Some(&subnet.vpc));
                    self.uses(id, "subnet", subnet, found, vpc);
                }
            }
        }
    }
}
