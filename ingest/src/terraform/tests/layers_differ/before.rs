//! What the plan says was there before it, of what it changes, and what it does not say.

use super::whole::{NETWORK, plan, resources, uncertain};
use super::*;

/// Terraform takes the rules away that a list has no more, and adds those that are new to it: what else is
/// in the group stays.
#[test]
fn a_list_that_the_plan_changes_goes_by_what_was_in_it() {
    let network = NETWORK.replace(
        "[security-group.sg-1]\n",
        "[security-group.sg-1]\ningress = [\"tcp/22 from 0.0.0.0/0\"]\n",
    );
    let group = |ports: &[u16]| {
        let rule = |port: &u16| json!({"cidr_blocks": ["10.0.0.0/8"], "protocol": "tcp", "from_port": port, "to_port": port});
        let ingress: Vec<Json> = ports.iter().map(rule).collect();
        json!({"id": "sg-1", "vpc_id": "vpc-1", "ingress": ingress, "egress": []})
    };
    let address = "aws_security_group.g";
    let change = |before, after| Plan::default().updated(address, before, after, &[]);
    let plan = change(group(&[]), group(&[443]));
    assert_eq!(uncertain(&network, plan), ["aws_security_group.g.ingress"]);
    // With one of the same time nothing is open.
    let plan = change(group(&[]), group(&[443]));
    assert_eq!(uncertain(NETWORK, plan), [""; 0]);
}

/// A value that the change sets is as it says; one that it leaves may be what the earlier input has.
#[test]
fn a_switch_of_what_the_plan_changes_is_as_it_leaves_it() {
    let (_, vpc) = resources().swap_remove(0);
    let (mut tagged, mut switched) = (vpc.clone(), vpc.clone());
    tagged["tags"] = json!({"team": "red"});
    switched["enable_dns_support"] = json!(false);
    let network = NETWORK.replace(
        "dns-hostnames = false",
        "dns-hostnames = false\ndns-support = false",
    );
    let change = |after| Plan::default().updated("aws_vpc.v", vpc.clone(), after, &[]);
    assert_eq!(
        uncertain(&network, change(tagged)),
        ["aws_vpc.v.enable_dns_support"]
    );
    assert_eq!(uncertain(&network, change(switched)), [""; 0]);
}

/// A policy that the plan writes is the one that the endpoint has.
#[test]
fn a_policy_that_the_plan_writes_is_certain() {
    let endpoint = |effect: &str| {
        let statement = json!({"Effect": effect, "Principal": "*", "Action": "*", "Resource": "*"});
        let policy = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
        json!({"id": "vpce-2", "vpc_id": "vpc-1", "vpc_endpoint_type": "Gateway", "policy": policy,
            "service_name": "com.amazonaws.ap-northeast-1.s3", "state": "available"})
    };
    let network = format!(
        "{NETWORK}[endpoint.vpce-2]\nservice = \"com.amazonaws.ap-northeast-1.s3\"\nkind = \"gateway\"\n"
    );
    let address = "aws_vpc_endpoint.e";
    let plan = Plan::default().updated(address, endpoint("Allow"), endpoint("Deny"), &[]);
    let outcome = read_over(&network, &plan.json());
    assert!(
        outcome
            .get::<VpcEndpoint>("vpce-2")
            .policy
            .known()
            .is_some()
    );
    assert_eq!(outcome.assumes(DIFFER), [""; 0]);
}

/// What the provider does not say of a thing is as it was: older ones know fewer attributes, and none says
/// whether an attachment is available.
#[test]
fn what_the_plan_does_not_say_is_as_it_was() {
    let network = NETWORK
        .replace("kind = \"network\"\n", "kind = \"network\"\nprivate-link-ingress = false\n")
        .replace("[transit-gateway.tgw-1]\n", "[transit-gateway.tgw-1]\nsecurity-group-referencing = true\n")
        .replace(
            "subnets = [\"subnet-a\"]\n",
            "subnets = [\"subnet-a\"]\navailable = false\nappliance-mode = true\nipv6-support = true\n",
        );
    let plan = plan(|_, values| {
        let fields = values.as_object_mut().expect("an object");
        fields.remove("security_group_referencing_support");
    });
    let outcome = read_over(&network, &plan.json());
    assert_eq!(
        (outcome.assumes(DIFFER), outcome.doubts()),
        (vec![], vec![])
    );
    let attachment = outcome.get::<model::TransitGatewayAttachment>("tgw-attach-1");
    assert!(!attachment.available);
    assert!(matches!(
        attachment.kind,
        model::AttachmentKind::Vpc {
            appliance_mode: true,
            ipv6_support: true,
            security_group_referencing: false,
            ..
        }
    ));
    assert!(
        outcome
            .get::<model::TransitGateway>("tgw-1")
            .security_group_referencing
    );
    assert!(
        !outcome
            .get::<model::LoadBalancer>("net/l/1")
            .private_link_ingress
    );
}

/// Providers before 5.27 do not say which address an endpoint has in a subnet: the one that it had.
#[test]
fn an_address_that_the_plan_does_not_say_is_the_one_before() {
    let plan = plan(|_, values| {
        let fields = values.as_object_mut().expect("an object");
        fields.remove("subnet_configuration");
    });
    let outcome = read_over(NETWORK, &plan.json());
    let addresses = outcome.get::<NetworkInterface>("eni-e").addresses;
    let private: Vec<_> = addresses.into_iter().map(|one| one.private).collect();
    let known = model::AddressValue::Known(model::Address::V4(0x0a00_0114));
    assert_eq!(private, [known]);
    assert_eq!(outcome.assumes(DIFFER), [""; 0]);
}

/// A subnet of the snapshot gives addresses to new instances, or not; the plan, which is older or younger,
/// says the contrary.
#[test]
fn what_a_subnet_gives_may_be_as_either_says() {
    let mut sink = Sink::default();
    crate::native::read_into(NETWORK, &Arc::from("network.toml"), &mut sink);
    let given = crate::sink::Given {
        public: Some(true),
        ipv6: Some(true),
    };
    sink.given.insert("subnet-a".to_owned(), given);
    let plan = plan(|address, values| {
        if address == "aws_subnet.a" {
            values["map_public_ip_on_launch"] = json!(false);
            values["assign_ipv6_address_on_creation"] = json!(false);
        }
    });
    read_into(&plan.json(), &mut sink);
    let doubts = outcome(sink);
    let [public, ipv6] = [
        "aws_subnet.a.map_public_ip_on_launch",
        "aws_subnet.a.assign_ipv6_address_on_creation",
    ];
    let expected = [
        (Touches::Ipv6, ipv6, true),
        (Touches::Everything, public, true),
    ];
    assert_eq!(doubts.doubts(), expected);
}

/// Of two addresses the plan says one; the other one is that of the earlier input, unless it is public too.
#[test]
fn a_further_address_that_the_plan_does_not_say_is_the_one_before() {
    let interface = |addresses: &str| {
        format!(
            "{NETWORK}[interface.eni-x]\nsubnet = \"subnet-a\"\ngroups = [\"sg-1\"]\naddresses = [{addresses}]\n"
        )
    };
    let values = json!({"id": "eni-x", "subnet_id": "subnet-a", "private_ips": ["10.0.1.70"],
        "private_ips_count": 1, "security_groups": ["sg-1"]});
    let of = |network: &str| {
        let plan = plan(|_, _| {}).existing("aws_network_interface.x", values.clone());
        let outcome = read_over(network, &plan.json());
        outcome.get::<NetworkInterface>("eni-x").addresses
    };
    let known = |last: u32| model::AddressValue::Known(model::Address::V4(0x0a00_0100 + last));
    let both = of(&interface("\"10.0.1.70\", \"10.0.1.71\""));
    let private: Vec<_> = both.into_iter().map(|one| one.private).collect();
    assert_eq!(private, [known(70), known(71)]);
    let public = of(&interface(
        "\"10.0.1.70\", \"10.0.1.71 public 198.51.100.7\"",
    ));
    let is_kept = |one: &model::InterfaceAddress| one.private == known(71) && one.public.is_some();
    assert!(public.iter().any(is_kept));
}

/// An address of one family says nothing of the other.
#[test]
fn an_address_is_given_in_its_block() {
    let network = NETWORK
        .replace(
            "cidrs = [\"10.0.0.0/16\"]",
            "cidrs = [\"10.0.0.0/16\", \"2001:db8::/56\"]",
        )
        .replace(
            "cidrs = [\"10.0.1.0/24\"]",
            "cidrs = [\"10.0.1.0/24\", \"2001:db8::/64\"]",
        )
        .replace("[\"10.0.1.20\"]", "[\"2001:db8::5\", \"10.0.1.20\"]");
    let plan = plan(|address, values| match address {
        "aws_vpc_endpoint.e" => {
            values["ip_address_type"] = json!("dualstack");
            values["subnet_configuration"] = json!([]);
        }
        "aws_vpc.v" => values["ipv6_cidr_block"] = json!("2001:db8::/56"),
        "aws_subnet.a" => values["ipv6_cidr_block"] = json!("2001:db8::/64"),
        _ => {}
    });
    let outcome = read_over(&network, &plan.json());
    let addresses = outcome.get::<NetworkInterface>("eni-e").addresses;
    let families = addresses.iter().map(|one| match one.private {
        model::AddressValue::Known(address) => Some(address.family()),
        model::AddressValue::Within(..) => None,
    });
    let families: Vec<_> = families.collect();
    assert_eq!(families, [Some(model::Family::V4), Some(model::Family::V6)]);
}
