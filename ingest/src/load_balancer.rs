//! What AWS's words about load balancers mean, in a snapshot as in a plan.

use model::ListenerProtocol;

/// The protocols of which a target always sees the client's address.
const ALWAYS: [&str; 4] = ["UDP", "TCP_UDP", "QUIC", "TCP_QUIC"];
/// The protocols of which a group says whether it does.
const SWITCHED: [&str; 2] = ["TCP", "TLS"];

/// What a target group registers when AWS calls it `alb`: an Application Load Balancer.
pub(crate) const ALB: &str = "alb";
/// Functions, which are not in a network.
pub(crate) const LAMBDA: &str = "lambda";

/// The attribute of target groups that says whether targets see the client's address.
pub(crate) const PRESERVE: &str = "preserve_client_ip.enabled";
/// The attribute of load balancers and target groups that says whether zones matter.
pub(crate) const CROSS_ZONE: &str = "load_balancing.cross_zone.enabled";
/// What a group's attribute says when the load balancer's is the one that counts.
pub(crate) const AS_LOAD_BALANCER: &str = "use_load_balancer_configuration";

/// The part of an ARN by which AWS names a load balancer or a target group elsewhere, as in the
/// descriptions of interfaces: `app/web/50dc6c495c0c9188`, `targetgroup/web/73e2d6bc24d8a067`. What
/// is no such ARN stays as it is.
pub(crate) fn short(arn: &str) -> &str {
    let Some((_, resource)) = arn.split_once(":elasticloadbalancing:") else {
        return arn;
    };
    let Some(resource) = resource.splitn(3, ':').nth(2) else {
        return arn;
    };
    resource.strip_prefix("loadbalancer/").unwrap_or(resource)
}

/// Whether an ARN is of Elastic Load Balancing, and of a resource whose name begins so.
pub(crate) fn is_of(arn: &str, resource: &str) -> bool {
    arn.contains(":elasticloadbalancing:") && arn.contains(&format!(":{resource}/"))
}

/// The packets that a listener of that protocol takes.
pub(crate) fn listener_protocol(protocol: &str) -> Option<ListenerProtocol> {
    match protocol {
        "TCP" | "TLS" | "HTTP" | "HTTPS" => Some(ListenerProtocol::Tcp),
        "UDP" | "QUIC" => Some(ListenerProtocol::Udp),
        "TCP_UDP" | "TCP_QUIC" => Some(ListenerProtocol::TcpUdp),
        _ => None,
    }
}

/// Whether targets see the client's address: always, never, or by the group's attribute and, without
/// that, by default.
pub(crate) fn preserves(protocol: &str, target_type: &str, attribute: Option<bool>) -> bool {
    if ALWAYS.contains(&protocol) {
        return true;
    }
    SWITCHED.contains(&protocol) && attribute.unwrap_or(target_type != "ip")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_is_cut_to_what_descriptions_have() {
        let arn = |resource: &str| format!("arn:aws:elasticloadbalancing:eu-west-1:1:{resource}");
        assert_eq!(short(&arn("loadbalancer/app/web/50dc")), "app/web/50dc");
        assert_eq!(short(&arn("targetgroup/web/73e2")), "targetgroup/web/73e2");
        for other in [
            "aws_lb.web",
            "arn:aws:lambda:eu-west-1:1:function:f",
            "arn:aws:elasticloadbalancing:x",
        ] {
            assert_eq!(short(other), other);
        }
        assert!(is_of(&arn("listener/app/web/50dc/1"), "listener"));
        assert!(!is_of(&arn("listener-rule/app/web/50dc/1/2"), "listener"));
    }

    #[test]
    fn targets_see_the_client_by_protocol_type_and_attribute() {
        assert!(preserves("UDP", "ip", Some(false)));
        assert!(preserves("TCP", "instance", None) && !preserves("TCP", "ip", None));
        assert!(preserves("TLS", ALB, None) && !preserves("TCP", "instance", Some(false)));
        assert!(preserves("TCP", "ip", Some(true)) && !preserves("HTTP", "instance", Some(true)));
    }
}
