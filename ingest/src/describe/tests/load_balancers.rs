//! Load balancers, target groups and endpoint services.

use model::{Attachment, Hole, Listener, ListenerProtocol, TargetDestination, Value};

use super::super::directory;
use super::*;
use crate::file::Limits;
use crate::sink::Sink;

const NODES: (&str, &str) = (
    "interfaces.json",
    r#"{"NetworkInterfaces": [
    {"NetworkInterfaceId": "eni-alb", "SubnetId": "subnet-1", "InterfaceType": "interface", "RequesterId": "amazon-elb", "Description": "ELB app/web/aa11",
     "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.1.20"}]},
    {"NetworkInterfaceId": "eni-alb2", "SubnetId": "subnet-2", "InterfaceType": "interface", "RequesterId": "amazon-elb", "Description": "ELB app/web/aa11",
     "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.2.20"}]},
    {"NetworkInterfaceId": "eni-nlb", "SubnetId": "subnet-2", "InterfaceType": "network_load_balancer", "RequesterId": "amazon-elb", "Description": "ELB net/front/bb22",
     "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.2.21"}]},
    {"NetworkInterfaceId": "eni-i", "SubnetId": "subnet-1", "InterfaceType": "interface", "Attachment": {"InstanceId": "i-1", "DeviceIndex": 0, "NetworkCardIndex": 0},
     "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.1.30"}]},
    {"NetworkInterfaceId": "eni-i2", "SubnetId": "subnet-1", "InterfaceType": "interface", "Attachment": {"InstanceId": "i-1", "DeviceIndex": 1},
     "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.1.31"}]},
    {"NetworkInterfaceId": "eni-u", "SubnetId": "subnet-1", "InterfaceType": "interface", "Description": "ELB app/web/aa11",
     "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.1.32"}]}]}"#,
);

const ARN: &str = "arn:aws:elasticloadbalancing:eu-west-1:111122223333";

/// A file in which `@` stands for the beginning of the ARNs.
fn file(text: &str) -> String {
    text.replace('@', ARN)
}

const BALANCERS: &str = r#"{"LoadBalancers": [
    {"LoadBalancerArn": "@:loadbalancer/app/web/aa11", "LoadBalancerName": "web", "Type": "application", "Scheme": "internet-facing", "State": {"Code": "active"}},
    {"LoadBalancerArn": "@:loadbalancer/net/front/bb22", "LoadBalancerName": "front", "Type": "network", "Scheme": "internal",
     "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic": "off"}]}"#;

const OF_WEB: &str = r#"{"Listeners": [
    {"ListenerArn": "@:listener/app/web/aa11/1", "LoadBalancerArn": "@:loadbalancer/app/web/aa11", "Port": 443, "Protocol": "HTTPS",
     "DefaultActions": [{"Type": "forward", "TargetGroupArn": "@:targetgroup/app/c1", "Order": 1,
        "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": "@:targetgroup/app/c1", "Weight": 1}]}}]},
    {"ListenerArn": "@:listener/app/web/aa11/2", "LoadBalancerArn": "@:loadbalancer/app/web/aa11", "Port": 80, "Protocol": "HTTP",
     "DefaultActions": [{"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "StatusCode": "HTTP_301"}}]}]}"#;

const OF_FRONT: &str = r#"{"Listeners": [
    {"ListenerArn": "@:listener/net/front/bb22/1", "LoadBalancerArn": "@:loadbalancer/net/front/bb22", "Port": 443, "Protocol": "TCP",
     "DefaultActions": [{"Type": "forward", "TargetGroupArn": "@:targetgroup/albs/c2"}]},
    {"ListenerArn": "@:listener/net/front/bb22/2", "LoadBalancerArn": "@:loadbalancer/net/front/bb22", "Port": 53, "Protocol": "TCP_UDP",
     "DefaultActions": [{"Type": "forward", "TargetGroupArn": "@:targetgroup/dns/c3"}]}]}"#;

const RULES: &str = r#"{"Rules": [
    {"RuleArn": "@:listener-rule/app/web/aa11/1/8", "Priority": "1", "Actions": [
        {"Type": "authenticate-oidc", "Order": 1},
        {"Type": "forward", "Order": 2, "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": "@:targetgroup/fn/c4"}, {"TargetGroupArn": "@:targetgroup/app/c1"}]}}]},
    {"RuleArn": "@:listener-rule/app/web/aa11/1/9", "Priority": "default", "IsDefault": true, "Actions": [{"Type": "forward", "TargetGroupArn": "@:targetgroup/app/c1"}]},
    {"RuleArn": "@:listener-rule/app/web/aa11/2/9", "Priority": "default", "IsDefault": true, "Actions": [{"Type": "redirect"}]}]}"#;

const GROUPS: &str = r#"{"TargetGroups": [
    {"TargetGroupArn": "@:targetgroup/app/c1", "TargetGroupName": "app", "Protocol": "HTTP", "Port": 8080, "TargetType": "instance", "IpAddressType": "ipv4",
     "LoadBalancerArns": ["@:loadbalancer/app/web/aa11"]},
    {"TargetGroupArn": "@:targetgroup/albs/c2", "TargetGroupName": "albs", "Protocol": "TCP", "Port": 443, "TargetType": "alb", "LoadBalancerArns": ["@:loadbalancer/net/front/bb22"]},
    {"TargetGroupArn": "@:targetgroup/dns/c3", "TargetGroupName": "dns", "Protocol": "TCP_UDP", "Port": 53, "TargetType": "ip", "LoadBalancerArns": ["@:loadbalancer/net/front/bb22"]},
    {"TargetGroupArn": "@:targetgroup/fn/c4", "TargetGroupName": "fn", "TargetType": "lambda", "LoadBalancerArns": ["@:loadbalancer/app/web/aa11"]}]}"#;

const AS_BALANCER: &str = r#"{"Attributes": [{"Key": "stickiness.enabled", "Value": "false"}, {"Key": "load_balancing.cross_zone.enabled", "Value": "use_load_balancer_configuration"}]}"#;

const HEALTH: &str = r#"{"TargetHealthDescriptions": [
    {"Target": {"Id": "i-1", "Port": 8080}, "HealthCheckPort": "8080", "TargetHealth": {"State": "unhealthy"}},
    {"Target": {"Id": "i-0", "Port": 8080}, "TargetHealth": {"State": "draining"}}]}"#;

const ADDRESSES: &str = r#"{"TargetHealthDescriptions": [{"Target": {"Id": "10.0.1.30", "Port": 5353, "AvailabilityZone": "eu-west-1a"}, "TargetHealth": {"State": "healthy"}}, {"Target": {"Id": "10.9.0.1"}}]}"#;

/// All of the files, but for those that are left out, and with others in the place of some.
fn account(without: &[&str], instead: &[(&str, &str)]) -> Vec<(String, String)> {
    let albs = r#"{"TargetHealthDescriptions": [{"Target": {"Id": "@:loadbalancer/app/web/aa11", "Port": 443}}]}"#;
    let all = [
        NODES,
        ("describe-load-balancers.json", BALANCERS),
        (
            "describe-load-balancer-attributes-front.json",
            r#"{"Attributes": [{"Key": "load_balancing.cross_zone.enabled", "Value": "true"}]}"#,
        ),
        ("describe-listeners-web.json", OF_WEB),
        ("describe-listeners-front.json", OF_FRONT),
        ("describe-rules.json", RULES),
        ("describe-target-groups.json", GROUPS),
        ("describe-target-group-attributes-app.json", AS_BALANCER),
        (
            "describe-target-group-attributes-albs-c2.json",
            r#"{"Attributes": [{"Key": "load_balancing.cross_zone.enabled", "Value": "false"}, {"Key": "preserve_client_ip.enabled", "Value": "false"}]}"#,
        ),
        ("describe-target-group-attributes-c3.json", AS_BALANCER),
        ("describe-target-health-app.json", HEALTH),
        ("describe-target-health-targetgroup-albs-c2.json", albs),
        ("describe-target-health-dns.json", ADDRESSES),
    ];
    let kept = all.iter().filter(|(name, _)| !without.contains(name));
    let kept = kept.map(|one| instead.iter().find(|other| other.0 == one.0).unwrap_or(one));
    kept.map(|(name, text)| ((*name).to_owned(), file(text)))
        .collect()
}

fn borrowed(files: &[(String, String)]) -> Vec<(&str, &str)> {
    files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect()
}

fn read_account(without: &[&str], instead: &[(&str, &str)]) -> Validated {
    with(&borrowed(&account(without, instead)))
}

fn listeners(read: &Validated, id: &str) -> Value<Vec<Listener>> {
    read.network.load_balancers()[&id.into()].listeners.clone()
}

/// What the listeners of a load balancer wait for.
fn missing_of(read: &Validated, id: &str) -> String {
    listeners(read, id).hole().expect("a hole").to_string()
}

/// What the targets of a group wait for.
fn missing(read: &Validated, group: &str) -> String {
    let groups = read.network.target_groups();
    groups[&group.into()]
        .targets
        .hole()
        .expect("a hole")
        .to_string()
}

#[test]
fn load_balancers_have_nodes_listeners_groups_and_targets() {
    let read = read_account(&[], &[]);
    assert_says(
        &native(&read.network),
        &[
            r#"[load-balancer."app/web/aa11"]
kind = "application"
interfaces = ["eni-alb", "eni-alb2"]
listeners = ["tcp/443 -> targetgroup/app/c1 targetgroup/fn/c4", "tcp/80"]
"#,
            r#"[load-balancer."net/front/bb22"]
kind = "network"
interfaces = ["eni-nlb"]
listeners = ["tcp/443 -> targetgroup/albs/c2", "tcp-udp/53 -> targetgroup/dns/c3"]
private-link-ingress = false
"#,
            r#"[target-group."targetgroup/albs/c2"]
targets = ["load-balancer:app/web/aa11:443"]
"#,
            r#"[target-group."targetgroup/app/c1"]
cross-zone = true
targets = ["interface:eni-i:8080"]
"#,
            r#"[target-group."targetgroup/dns/c3"]
preserve-client-address = true
cross-zone = true
targets = ["10.0.1.30:5353", "10.9.0.1:53"]
"#,
        ],
    );
    let attachment = |id: &str| &read.network.network_interfaces()[&id.into()].attachment;
    let of = |id: &str| Attachment::LoadBalancer(id.into());
    assert_eq!(*attachment("eni-alb"), of("app/web/aa11"));
    assert_eq!(*attachment("eni-nlb"), of("net/front/bb22"));
    // A user may describe an interface so, but cannot be its requester.
    assert_eq!(
        *attachment("eni-u"),
        Attachment::Ordinary { instance: None }
    );
    let warnings = warnings(&read);
    assert_says(
        &warnings,
        &["`targetgroup/fn/c4`: a Lambda function as a target is not modelled"],
    );
    assert_eq!(warnings.matches("warning[").count(), 1, "{warnings}");
}

#[test]
fn without_the_calls_interfaces_tell_load_balancers() {
    let read = with(&[NODES]);
    let hole = "listeners of app/web/aa11 (elbv2 describe-load-balancers)";
    assert_eq!(
        listeners(&read, "app/web/aa11"),
        Value::Any(Hole::new(hole))
    );
    let balancers = read.network.load_balancers();
    assert_eq!(balancers.len(), 2);
    assert!(!balancers[&"net/front/bb22".into()].private_link_ingress);
    assert_eq!(warnings(&read), "");
}

#[test]
fn classic_and_gateway_load_balancers_and_further_nodes_are_named() {
    let node = |id: &str, host: u8, description: &str| {
        format!(
            r#"{{"NetworkInterfaceId": "{id}", "SubnetId": "subnet-1", "InterfaceType": "interface", "RequesterId": "amazon-elb", "Description": "{description}", "PrivateIpAddress": "10.0.1.{host}"}}"#
        )
    };
    let nodes = [
        node("eni-1", 5, "ELB old"),
        node("eni-2", 6, "ELB gwy/fw/1"),
        node("eni-3", 7, "ELB app/web/1"),
        node("eni-4", 8, "ELB app/web/1"),
        node("eni-5", 9, "ELB new/kind/1"),
    ];
    let text = format!(r#"{{"NetworkInterfaces": [{}]}}"#, nodes.join(", "));
    let gateway = file(
        r#"{"LoadBalancers": [{"LoadBalancerArn": "@:loadbalancer/gwy/fw/1", "Type": "gateway"}]}"#,
    );
    let listeners = file(
        r#"{"Listeners": [{"ListenerArn": "@:listener/gwy/fw/1/2", "LoadBalancerArn": "@:loadbalancer/gwy/fw/1", "DefaultActions": [{"Type": "forward", "TargetGroupArn": "@:targetgroup/fw/3"}]}]}"#,
    );
    let groups = file(
        r#"{"TargetGroups": [{"TargetGroupArn": "@:targetgroup/fw/3", "Protocol": "GENEVE", "Port": 6081, "TargetType": "instance"}]}"#,
    );
    let read = with(&[
        ("interfaces.json", &text),
        ("balancers.json", &gateway),
        ("listeners.json", &listeners),
        ("groups.json", &groups),
    ]);
    assert_eq!(
        missing_of(&read, "classic/old/vpc-1"),
        "listeners of classic/old/vpc-1 (Classic Load Balancers are not modelled)"
    );
    let attachment = |id: &str| &read.network.network_interfaces()[&id.into()].attachment;
    let other = |kind: &str| Attachment::Other(kind.to_owned());
    assert_eq!(*attachment("eni-2"), other("gateway_load_balancer"));
    // A load balancer under load has several in one subnet.
    for node in ["eni-3", "eni-4"] {
        let of_web = Attachment::LoadBalancer("app/web/1".into());
        assert_eq!(*attachment(node), of_web);
    }
    assert_eq!(
        *attachment("eni-5"),
        Attachment::Ordinary { instance: None }
    );
    let warnings = warnings(&read);
    assert_says(
        &warnings,
        &[
            "`classic/old/vpc-1`: a Classic Load Balancer is not modelled",
            "`eni-2`: what an interface of type `gateway_load_balancer` does with packets is not modelled",
            "`gwy/fw/1`: a Gateway Load Balancer is not modelled",
            "`targetgroup/fw/3`: a target group of a Gateway Load Balancer is not modelled",
        ],
    );
    assert_eq!(warnings.matches("warning[").count(), 4, "{warnings}");
}

#[test]
fn what_was_not_recorded_is_a_hole_that_names_the_call() {
    let without = |name: &str| read_account(&[name], &[]);
    let read = without("describe-listeners-web.json");
    assert_eq!(
        missing_of(&read, "app/web/aa11"),
        "listeners of app/web/aa11 (elbv2 describe-listeners)"
    );
    let read = without("describe-rules.json");
    assert_eq!(
        missing_of(&read, "app/web/aa11"),
        "listeners of app/web/aa11 (elbv2 describe-rules)"
    );
    assert!(listeners(&read, "net/front/bb22").known().is_some());
    let read = without("describe-target-groups.json");
    assert_eq!(
        missing(&read, "targetgroup/app/c1"),
        "targets of targetgroup/app/c1 (elbv2 describe-target-groups)"
    );
    let read = without("describe-target-group-attributes-app.json");
    assert_eq!(
        missing(&read, "targetgroup/app/c1"),
        "targets of targetgroup/app/c1 (elbv2 describe-target-group-attributes)"
    );
    let read = without("describe-target-health-app.json");
    assert_eq!(
        missing(&read, "targetgroup/app/c1"),
        "targets of targetgroup/app/c1 (elbv2 describe-target-health)"
    );
    // Only where a group leaves it to its load balancer, and that has the switch.
    let read = without("describe-load-balancer-attributes-front.json");
    assert_eq!(
        missing(&read, "targetgroup/dns/c3"),
        "targets of targetgroup/dns/c3 (elbv2 describe-load-balancer-attributes)"
    );
    let groups = read.network.target_groups();
    assert!(
        groups[&"targetgroup/albs/c2".into()]
            .targets
            .known()
            .is_some()
    );
    let read = without("describe-load-balancers.json");
    assert_eq!(
        missing(&read, "targetgroup/app/c1"),
        "targets of targetgroup/app/c1 (elbv2 describe-load-balancers)"
    );
}

#[test]
fn a_load_balancer_without_listeners_has_its_own_file() {
    let none = r#"{"Listeners": []}"#;
    let read = read_account(
        &["describe-rules.json"],
        &[("describe-listeners-web.json", none)],
    );
    assert_eq!(listeners(&read, "app/web/aa11"), Value::Known(Vec::new()));
}

#[test]
fn targets_that_are_not_in_the_input_are_a_hole() {
    let health = r#"{"TargetHealthDescriptions": [{"Target": {"Id": "i-1", "Port": 1}}, {"Target": {"Id": "i-9", "Port": 1}}]}"#;
    let read = read_account(&[], &[("describe-target-health-app.json", health)]);
    assert_eq!(
        missing(&read, "targetgroup/app/c1"),
        "targets of targetgroup/app/c1 (describe-network-interfaces does not have i-9)"
    );
    let health = r#"{"TargetHealthDescriptions": [{"Target": {"Id": "@:loadbalancer/app/gone/1", "Port": 1}}]}"#;
    let name = "describe-target-health-targetgroup-albs-c2.json";
    let read = read_account(&[], &[(name, health)]);
    assert_eq!(
        missing(&read, "targetgroup/albs/c2"),
        "targets of targetgroup/albs/c2 (app/gone/1 is not in the input)"
    );
}

#[test]
fn clients_are_seen_by_default_where_aws_has_it_so() {
    let none = r#"{"Attributes": []}"#;
    let name = "describe-target-group-attributes-albs-c2.json";
    let read = read_account(&[], &[(name, none)]);
    let groups = read.network.target_groups();
    let group = &groups[&"targetgroup/albs/c2".into()];
    assert!(group.preserve_client_address && group.cross_zone);
    let target = &group.targets.known().expect("targets")[0];
    assert_eq!(
        target.destination,
        TargetDestination::LoadBalancer("app/web/aa11".into())
    );
}

#[test]
fn protocols_of_listeners_are_those_of_packets() {
    let taken = |protocol: &str| {
        let text = OF_FRONT.replace("\"TCP\"", &format!("\"{protocol}\""));
        let read = read_account(&[], &[("describe-listeners-front.json", &text)]);
        listeners(&read, "net/front/bb22")
            .known()
            .expect("listeners")[0]
            .protocol
    };
    assert_eq!(taken("TLS"), ListenerProtocol::Tcp);
    assert_eq!(taken("QUIC"), ListenerProtocol::Udp);
    assert_eq!(taken("TCP_QUIC"), ListenerProtocol::TcpUdp);
}

#[test]
fn tags_are_those_of_describe_tags() {
    let tags = file(
        r#"{"TagDescriptions": [{"ResourceArn": "@:loadbalancer/app/web/aa11", "Tags": [{"Key": "tier", "Value": "edge"}]},
        {"ResourceArn": "@:targetgroup/app/c1", "Tags": [{"Key": "tier", "Value": "app"}]}, {"LoadBalancerName": "old", "Tags": []}]}"#,
    );
    let files = account(&[], &[]);
    let mut files = borrowed(&files);
    files.push(("tags.json", &tags));
    let read = with(&files);
    let tier = |tags: &model::Tags| tags.get("tier").cloned();
    let balancer = &read.network.load_balancers()[&"app/web/aa11".into()];
    assert_eq!(tier(&balancer.tags).as_deref(), Some("edge"));
    let group = &read.network.target_groups()[&"targetgroup/app/c1".into()];
    assert_eq!(tier(&group.tags).as_deref(), Some("app"));
}

const SERVICES: &str = r#"{"ServiceConfigurations": [
    {"ServiceId": "vpce-svc-1", "ServiceName": "com.amazonaws.vpce.eu-west-1.vpce-svc-1", "ServiceState": "Available", "AcceptanceRequired": false,
     "ServiceType": [{"ServiceType": "Interface"}], "NetworkLoadBalancerArns": ["@:loadbalancer/net/front/bb22"], "Tags": [{"Key": "Name", "Value": "api"}]},
    {"ServiceId": "vpce-svc-2", "ServiceName": "com.amazonaws.vpce.eu-west-1.vpce-svc-2", "ServiceType": [{"ServiceType": "GatewayLoadBalancer"}],
     "GatewayLoadBalancerArns": ["@:loadbalancer/gwy/fw/1"]},
    {"ServiceId": "vpce-svc-3", "ServiceName": "com.amazonaws.vpce.eu-west-1.vpce-svc-3", "NetworkLoadBalancerArns": ["@:loadbalancer/net/gone/1"]},
    {"ServiceId": "vpce-svc-4", "ServiceName": "x", "ServiceState": "Deleted"}]}"#;

#[test]
fn endpoint_services_have_load_balancers_and_principals() {
    let services = file(SERVICES);
    let principals = r#"{"AllowedPrincipals": [{"PrincipalType": "Account", "Principal": "arn:aws:iam::444455556666:root", "ServiceId": "vpce-svc-1"}, {"Principal": "*"}]}"#;
    let read = with(&[
        NODES,
        ("services.json", &services),
        (
            "describe-vpc-endpoint-service-permissions-vpce-svc-1.json",
            principals,
        ),
    ]);
    assert_says(
        &native(&read.network),
        &[r#"[endpoint-service.vpce-svc-1]
name = "com.amazonaws.vpce.eu-west-1.vpce-svc-1"
load-balancers = ["net/front/bb22"]
allowed-principals = ["*", "arn:aws:iam::444455556666:root"]
acceptance-required = false
tags = { Name = "api" }
"#],
    );
    let services = read.network.endpoint_services();
    let second = &services[&"vpce-svc-2".into()];
    assert!(second.load_balancers.is_empty());
    let hole = |value: Option<&Hole>| value.expect("a hole").to_string();
    assert_eq!(
        hole(second.allowed_principals.hole()),
        "allowed principals of vpce-svc-2 (describe-vpc-endpoint-service-permissions)"
    );
    assert_eq!(
        hole(second.acceptance_required.hole()),
        "AcceptanceRequired of vpce-svc-2"
    );
    assert_eq!(services.len(), 2);
    assert_says(
        &warnings(&read),
        &[
            "`vpce-svc-3`: an endpoint service in front of `net/gone/1`, of which no interface is in the input, is not modelled",
        ],
    );
}

#[test]
fn principals_are_known_to_be_none_by_the_name_of_their_file() {
    let services = file(SERVICES);
    let none = r#"{"AllowedPrincipals": []}"#;
    let named = "describe-vpc-endpoint-service-permissions-vpce-svc-2.json";
    let read = with(&[NODES, ("services.json", &services), (named, none)]);
    let second = &read.network.endpoint_services()[&"vpce-svc-2".into()];
    assert!(second.allowed_principals.known().expect("known").is_empty());
    let errors = errors_with(&[("permissions.json", none)]);
    assert_says(
        &errors,
        &[
            "error[missing-field]: the file's name does not say which endpoint service these are of",
            "permissions.json at /AllowedPrincipals",
            "name it `describe-vpc-endpoint-service-permissions-<service id>.json`",
        ],
    );
}

#[test]
fn files_say_in_their_names_what_they_are_of() {
    let errors = errors_with(&[("health.json", HEALTH), ("attributes.json", AS_BALANCER)]);
    assert_says(
        &errors,
        &[
            "error[missing-field]: the file's name does not say what this is of",
            "health.json at /TargetHealthDescriptions",
            "name it `describe-target-health-<name>.json`",
            "attributes.json at /Attributes",
            "name it `describe-load-balancer-attributes-<name>.json` or `describe-target-group-attributes-<name>.json`",
        ],
    );
    // What is of none, or of several, is named.
    let twice = GROUPS.replace("targetgroup/dns/c3", "targetgroup/app/c9");
    let read = with(&[
        ("describe-target-groups.json", &file(&twice)),
        ("describe-target-health-app.json", HEALTH),
        ("describe-target-health-gone.json", HEALTH),
        ("other.json", r#"{"Attributes": [{"Name": "colour"}]}"#),
    ]);
    assert_says(
        &warnings(&read),
        &[
            "`app`: what a file says of `app`, which several of `TargetGroups` is called, is not modelled",
            "`gone`: what a file says of `gone`, which none of `TargetGroups` is called, is not modelled",
            "`colour`: an item of `Attributes` is not modelled",
        ],
    );
}

#[test]
fn names_are_looked_for_in_the_folder_first() {
    let other = GROUPS
        .replace("/c1", "/d1")
        .replace("eu-west-1", "eu-west-2");
    let other = file(&other).replace("eu-west-1", "eu-west-2");
    let none = r#"{"TargetHealthDescriptions": []}"#;
    let groups = file(GROUPS);
    let read = with(&[
        ("1/eu-west-1/describe-target-groups.json", &groups),
        ("1/eu-west-1/describe-target-health-app.json", none),
        (
            "1/eu-west-1/describe-target-group-attributes-app.json",
            r#"{"Attributes": [{"Key": "load_balancing.cross_zone.enabled", "Value": "true"}]}"#,
        ),
        (
            "1/eu-west-2/describe-target-groups.json",
            &other.replace("/c", "/d"),
        ),
    ]);
    let groups = read.network.target_groups();
    assert!(
        groups[&"targetgroup/app/c1".into()]
            .targets
            .known()
            .is_some()
    );
    assert!(missing(&read, "targetgroup/app/d1").contains("describe-target-group-attributes"));
}

#[test]
fn mistakes_are_told_at_their_place() {
    let wrong = |name: &str, text: &str| errors_with(&borrowed(&account(&[], &[(name, text)])));
    let replaced = |text: &str, what: &str, with: &str| text.replacen(what, with, 1);
    let balancers = "describe-load-balancers.json";
    assert_says(
        &wrong(
            balancers,
            &replaced(BALANCERS, "\"application\"", "\"magic\""),
        ),
        &[
            "`magic` is not `application`, `network` or `gateway`",
            "at /LoadBalancers/0/Type",
        ],
    );
    assert_says(
        &wrong(balancers, &replaced(BALANCERS, "\"off\"", "\"perhaps\"")),
        &[
            "`perhaps` is not `on` or `off`",
            "/LoadBalancers/1/EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic",
        ],
    );
    let listeners = "describe-listeners-front.json";
    assert_says(
        &wrong(listeners, &replaced(OF_FRONT, "443", "70000")),
        &[
            "error[invalid-value]: `70000` is not a port",
            "at /Listeners/0/Port",
        ],
    );
    assert_says(
        &wrong(listeners, &replaced(OF_FRONT, "\"TCP\"", "\"SCTP\"")),
        &[
            "`SCTP` is not a protocol of listeners",
            "at /Listeners/0/Protocol",
        ],
    );
    assert_says(
        &wrong(listeners, &replaced(OF_FRONT, "53,", "443,")),
        &["port 443 of load balancer `net/front/bb22` has a listener that it cannot have, or two"],
    );
    assert_says(
        &wrong(
            "describe-rules.json",
            &replaced(RULES, "{\"TargetGroupArn\"", "{\"Arn\""),
        ),
        &[
            "field `TargetGroupArn` is missing",
            "/Rules/0/Actions/1/ForwardConfig/TargetGroups/0",
        ],
    );
    let groups = "describe-target-groups.json";
    assert_says(
        &wrong(groups, &replaced(GROUPS, "\"ipv4\"", "\"ipv5\"")),
        &[
            "`ipv5` is not `ipv4` or `ipv6`",
            "/TargetGroups/0/IpAddressType",
        ],
    );
    let health = "describe-target-health-dns.json";
    assert_says(
        &wrong(health, &replaced(ADDRESSES, "10.0.1.30", "10.0.1")),
        &[
            "`10.0.1` is not an address",
            "/TargetHealthDescriptions/0/Target/Id",
        ],
    );
    let page = replaced(BALANCERS, "{", "{\"NextMarker\": \"x\", ");
    assert_says(
        &wrong(balancers, &page),
        &["error[incomplete-page]", "it has a `NextMarker`"],
    );
}

#[test]
fn lists_of_other_services_with_the_same_keys_are_named() {
    let read = with(&[
        (
            "events.json",
            r#"{"Rules": [{"Name": "nightly", "Arn": "arn:aws:events:eu-west-1:1:rule/nightly"}]}"#,
        ),
        (
            "accelerator.json",
            r#"{"Listeners": [{"ListenerArn": "arn:aws:globalaccelerator::1:accelerator/a/listener/b"}]}"#,
        ),
    ]);
    assert_says(
        &warnings(&read),
        &[
            "`arn:aws:events:eu-west-1:1:rule/nightly`: an item of `Rules` is not modelled",
            "an item of `Listeners` is not modelled",
        ],
    );
}

#[test]
fn no_value_in_a_wrong_place_stops_the_reader() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut files = account(&[], &[]);
    files.push(("services.json".to_owned(), file(SERVICES)));
    for (name, text) in [VPCS, SUBNETS, ("tables.json", &route_tables("")), ACLS] {
        files.push((name.to_owned(), text.to_owned()));
    }
    for (name, text) in &files {
        fs::write(directory.path().join(name), text).expect("a file");
    }
    let mut sink = Sink::default();
    let read = directory::read(directory.path(), Limits::default(), &mut sink);
    let (n_read, n_said) = account::with_wrong_values(&read.expect("files"), 1);
    assert!(n_read > 300 && n_said > 100, "{n_said} of {n_read}");
}

#[test]
fn any_one_file_may_be_missing() {
    let names: Vec<_> = account(&[], &[])
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    for name in names.iter().filter(|name| *name != NODES.0) {
        read_account(&[name], &[]);
    }
    // Without interfaces there is no load balancer.
    let read = read_account(&[NODES.0], &[]);
    assert!(read.network.load_balancers().is_empty());
    let text = warnings(&read);
    let what = "a load balancer of which no network interface is in the input is not modelled";
    assert_says(&text, &[&format!("`app/web/aa11`: {what}")]);
}

#[test]
fn private_names_are_those_of_the_service() {
    let services = file(SERVICES).replacen(
        "\"ServiceId\"",
        "\"PrivateDnsName\": \"API.example.com\", \"ServiceId\"",
        1,
    );
    let endpoints = r#"{"VpcEndpoints": [{"VpcEndpointId": "vpce-1", "VpcEndpointType": "Interface", "VpcId": "vpc-1", "State": "available",
        "ServiceName": "com.amazonaws.vpce.eu-west-1.vpce-svc-1", "PrivateDnsEnabled": true}]}"#;
    let read = with(&[
        NODES,
        ("services.json", &services),
        ("endpoints.json", endpoints),
    ]);
    let kind = &read.network.vpc_endpoints()[&"vpce-1".into()].kind;
    let model::EndpointKind::Interface { private_names, .. } = kind else {
        panic!("an interface endpoint");
    };
    assert_eq!(*private_names, ["api.example.com".to_owned()].into());
}
