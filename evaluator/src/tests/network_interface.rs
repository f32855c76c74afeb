use model::Attachment;

use super::lab::Lab;

fn two() -> Lab {
    Lab::default()
        .vpc("v", &["10.0.0.0/16"])
        .subnet("a", "v", &["10.0.1.0/24"])
        .subnet("b", "v", &["10.0.2.0/24"])
        .interface("x", "a", "v", &["10.0.1.10"])
        .interface("y", "b", "v", &["10.0.2.10"])
}

#[test]
fn source_check() {
    two().expect("x 10.0.1.10 -> 10.0.2.10 tcp/443 => delivered interface-accepts; reply delivered reply-returns");
    two().expect("x 10.0.1.11 -> 10.0.2.10 tcp/443 => dropped source-check");
    let open = two().with(|lab| lab.interface_mut("x").source_destination_check = false);
    // The reply goes to whoever has that address, which nobody does.
    open.expect("x 10.0.1.11 -> 10.0.2.10 tcp/443 => delivered interface-accepts; reply dropped reply-returns");
}

#[test]
fn who_is_not_in_the_network_sends_nothing() {
    two().expect("z 10.0.1.10 -> 10.0.2.10 tcp/443 => dropped source-check");
}

#[test]
fn address_owner() {
    two().expect("x 10.0.1.10 -> 10.0.2.11 tcp/443 => dropped address-owner");
    two().expect("x 10.0.1.10 -> 10.0.1.11 tcp/443 => dropped address-owner");
}

#[test]
fn amazon_services_are_not_filtered() {
    let closed =
        two()
            .group("none", "v", vec![], vec![])
            .interface("z", "a", "none", &["10.0.1.20"]);
    for service in [
        "169.254.169.253",
        "169.254.169.254",
        "169.254.169.123",
        "169.254.170.2",
        "169.254.169.250",
        "169.254.169.251",
        "10.0.0.2",
        "10.0.1.1",
    ] {
        closed.expect(&format!(
            "z 10.0.1.20 -> {service} udp/53 => delivered amazon-service-unfiltered; reply delivered reply-returns"
        ));
    }
    closed.expect("z 10.0.1.20 -> 10.0.2.1 udp/53 => dropped security-group-egress");
    two().expect("x 10.0.1.10 -> 169.254.169.1 udp/53 => dropped route-reserved-range");
}

#[test]
fn same_subnet_asks_no_acl() {
    let lab =
        two()
            .interface("z", "a", "v", &["10.0.1.20"])
            .acl("closed", "v", &["a"], vec![], vec![]);
    lab.expect("x 10.0.1.10 -> 10.0.1.20 tcp/443 => delivered interface-accepts; reply delivered reply-returns");
    lab.expect("x 10.0.1.10 -> 10.0.2.10 tcp/443 => dropped network-acl-egress");
}

#[test]
fn what_an_interface_does_with_packets_is_not_asked() {
    let lab = two().with(|lab| {
        lab.interface_mut("y").attachment = Attachment::Other("network_load_balancer".into());
    });
    lab.expect("x 10.0.1.10 -> 10.0.2.10 tcp/443 => delivered interface-accepts; reply delivered reply-returns");
}
