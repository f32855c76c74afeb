//! Plans and states that Terraform itself printed; the sources stand beside them.

use std::fs;
use std::path::{Path, PathBuf};

use model::{
    EndpointKind, NetworkDraft, NetworkInterface, RouteDestination, RouteTable, RuleTraffic,
    SecurityGroup, Subnet, Target, Value, Vpc,
};

use serde_json::{Value as Json, json};

use crate::{Ingested, InputKind, Validated};

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn read(name: &str) -> Ingested {
    crate::read(&[path(name)]).unwrap()
}

fn validated(ingested: Ingested) -> Validated {
    ingested
        .validate()
        .unwrap_or_else(|error| panic!("{error}"))
}

/// A component by the end of its id or its name, since the ids of an emulator are random.
fn only<T>(items: &[T], is: impl Fn(&&T) -> bool) -> &T {
    let found: Vec<_> = items.iter().filter(is).collect();
    let [only] = found.as_slice() else {
        panic!("{} of them", found.len())
    };
    only
}

fn table<'d>(ingested: &'d Ingested, id: &str) -> &'d RouteTable {
    only(&ingested.draft.route_tables, |table| {
        table.id.as_str() == id
    })
}

fn subnet<'d>(ingested: &'d Ingested, id: &str) -> &'d Subnet {
    only(&ingested.draft.subnets, |subnet| subnet.id.as_str() == id)
}

#[test]
fn the_demo_plan_is_read_whole() {
    let ingested = read("../fixtures/tokyo-endpoints/plan.json");
    assert_eq!(ingested.inputs[0].kind, InputKind::TerraformPlan);
    let draft = &ingested.draft;
    let counts = [
        draft.vpcs.len(),
        draft.subnets.len(),
        draft.route_tables.len(),
        draft.security_groups.len(),
        draft.network_interfaces.len(),
        draft.vpc_endpoints.len(),
    ];
    // Two main tables and two default groups are made with the VPCs.
    assert_eq!(counts, [2, 5, 5 + 2, 6 + 2, 10, 3]);
    // Nothing but IPv6 addresses is missing.
    let messages: Vec<_> = ingested
        .diagnostics
        .iter()
        .map(|one| &one.message)
        .collect();
    assert!(
        messages.iter().all(|message| message.contains("IPv6")),
        "{messages:#?}"
    );
    // The gateway endpoint serves private-a, and was forgotten for private-c.
    let serves = |id: &str| {
        let routes = table(&ingested, id).routes.iter();
        let target = |target: &Target| matches!(target, Target::GatewayEndpoint(_));
        routes
            .filter(|route| route.target.known().is_some_and(target))
            .count()
    };
    assert_eq!(serves("aws_route_table.private_a"), 1);
    assert_eq!(serves("aws_route_table.private_c"), 0);
    validated(ingested);
}

/// OpenTofu prints plans in the form of Terraform 1.x, with its own registry in the names of providers.
#[test]
fn a_plan_of_opentofu_is_read_as_one_of_terraform() {
    for name in [
        "../fixtures/tokyo-endpoints",
        "../fixtures/plans/module-chain",
    ] {
        let from = path(&format!("{name}/plan.json"));
        let text = std::fs::read_to_string(&from).unwrap();
        let registry = "registry.opentofu.org/hashicorp/aws";
        let text = text.replace("registry.example/hashicorp/aws", registry);
        assert!(text.contains(registry));
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("plan.json");
        std::fs::write(&file, text).unwrap();
        let tofu = crate::read(&[file]).unwrap();
        let terraform = crate::read(&[from]).unwrap();
        assert_eq!(tofu.inputs[0].kind, InputKind::TerraformPlan);
        assert_eq!(tofu.draft, terraform.draft);
        let texts = |of: &Ingested| {
            of.assumptions
                .iter()
                .map(|one| one.code)
                .collect::<Vec<_>>()
        };
        assert_eq!(texts(&tofu), texts(&terraform));
    }
}

#[test]
fn the_demo_state_is_the_same_network_with_everything_known() {
    let plan = read("../fixtures/tokyo-endpoints/plan.json");
    let state = read("../fixtures/tokyo-endpoints/state.json");
    assert_eq!(state.inputs[0].kind, InputKind::TerraformState);
    assert!(state.diagnostics.is_empty());
    assert_eq!(
        state.draft.network_interfaces.len(),
        plan.draft.network_interfaces.len()
    );
    let n_routes = |ingested: &Ingested| {
        let tables = ingested.draft.route_tables.iter();
        let mut n_routes: Vec<_> = tables
            .map(|table| {
                table
                    .routes
                    .iter()
                    .filter(|route| route.target.known() != Some(&Target::Local))
                    .count()
            })
            .collect();
        n_routes.sort_unstable();
        n_routes
    };
    assert_eq!(n_routes(&state), n_routes(&plan));
    let n_rules = |ingested: &Ingested| {
        let groups = ingested.draft.security_groups.iter();
        let mut n_rules: Vec<_> = groups
            .map(|group| (group.ingress.len(), group.egress.len()))
            .collect();
        n_rules.sort_unstable();
        n_rules
    };
    assert_eq!(n_rules(&state), n_rules(&plan));
    let validated = validated(state);
    assert!(validated.network.open_addresses().is_empty());
}

#[test]
fn a_plan_layered_over_its_state_is_still_one_network() {
    let state = path("../fixtures/tokyo-endpoints/state.json");
    let once = validated(crate::read(std::slice::from_ref(&state)).unwrap());
    let twice = validated(crate::read(&[state.clone(), state]).unwrap());
    assert_eq!(once.network, twice.network);
}

#[test]
fn references_are_followed_up_and_down_through_modules() {
    let ingested = read("tests/terraform/modules/plan.json");
    let endpoint = only(&ingested.draft.vpc_endpoints, |endpoint| {
        endpoint.id.as_str() == "module.endpoints.aws_vpc_endpoint.kms"
    });
    assert_eq!(endpoint.vpc.as_str(), "aws_vpc.main");
    let EndpointKind::Interface { interfaces, .. } = &endpoint.kind else {
        panic!()
    };
    let interfaces: Vec<_> = interfaces.iter().map(ToString::to_string).collect();
    let expected = ["a", "c"].map(|key| {
        format!("module.endpoints.aws_vpc_endpoint.kms#eni[\"aws_subnet.each[\"{key}\"]\"]")
    });
    assert_eq!(interfaces, expected);
    let client = only(&ingested.draft.network_interfaces, |interface| {
        interface.id.as_str() == "aws_instance.client#eni"
    });
    let groups = [
        "aws_security_group.clients",
        "module.endpoints.aws_security_group.clients",
    ];
    assert_eq!(client.groups, Value::Known(groups.map(Into::into).into()));
}

#[test]
fn for_each_pairs_and_a_function_over_count_does_not() {
    let ingested = read("tests/terraform/modules/plan.json");
    let paired = subnet(&ingested, "aws_subnet.each[\"c\"]");
    let expected = Value::Known("aws_route_table.each[\"c\"]".into());
    assert_eq!(paired.route_table, Some(expected));
    let open = subnet(&ingested, "aws_subnet.count[0]");
    let Some(Value::OneOf(tables, hole)) = &open.route_table else {
        panic!()
    };
    assert_eq!(tables.len(), 2);
    assert_eq!(
        hole.attribute(),
        "aws_route_table_association.count[0].route_table_id"
    );
}

#[test]
fn dynamic_blocks_are_read_from_the_values() {
    let ingested = read("tests/terraform/modules/plan.json");
    let group: &SecurityGroup = only(&ingested.draft.security_groups, |group| {
        group.id.as_str() == "aws_security_group.clients"
    });
    let ports: Vec<_> = group
        .ingress
        .iter()
        .filter_map(|rule| match &rule.traffic {
            RuleTraffic::Tcp(ports) => Some(ports.from),
            RuleTraffic::All
            | RuleTraffic::Udp(_)
            | RuleTraffic::Icmp(_)
            | RuleTraffic::Icmpv6(_)
            | RuleTraffic::Protocol(_) => None,
        })
        .collect();
    assert_eq!(ports, [443, 80]);
}

#[test]
fn one_unknown_arn_makes_the_whole_policy_a_hole() {
    let ingested = read("tests/terraform/modules/plan.json");
    let endpoint = only(&ingested.draft.vpc_endpoints, |endpoint| {
        endpoint.id.as_str() == "module.endpoints.aws_vpc_endpoint.s3"
    });
    let hole = endpoint.policy.hole().unwrap();
    assert_eq!(
        hole.attribute(),
        "module.endpoints.aws_vpc_endpoint.s3.policy"
    );
}

#[test]
fn what_a_condition_chooses_is_named_and_left_out() {
    let ingested = read("tests/terraform/modules/plan.json");
    let [only] = ingested.diagnostics.as_slice() else {
        panic!()
    };
    assert!(only.message.contains("`aws_instance.either.subnet_id`"));
    let place = only.place.pointer.as_deref().unwrap();
    assert!(place.starts_with("/planned_values/root_module/resources/"));
    validated(ingested);
}

#[test]
fn a_change_keeps_what_is_kept_and_loses_what_is_deleted() {
    let ingested = read("tests/terraform/change/plan.json");
    let draft = &ingested.draft;
    let [vpc] = draft.vpcs.as_slice() else {
        panic!()
    };
    let vpc: &Vpc = vpc;
    assert!(vpc.id.as_str().starts_with("vpc-"));
    assert_eq!(vpc.account.as_deref(), Some("123456789012"));
    let blocks: Vec<_> = draft
        .subnets
        .iter()
        .flat_map(|subnet| &subnet.cidrs)
        .collect();
    let blocks: std::collections::BTreeSet<_> = blocks.iter().map(ToString::to_string).collect();
    assert_eq!(
        blocks,
        ["10.0.1.0/24", "10.0.3.0/24"].map(str::to_owned).into()
    );
    // The new subnet goes by its address, and the new instance in it finds it.
    let instance: &NetworkInterface = only(&draft.network_interfaces, |_| true);
    assert_eq!(instance.subnet.as_str(), "aws_subnet.new[0]");
    validated(ingested);
}

#[test]
fn the_routes_and_rules_that_a_change_deletes_are_gone() {
    let ingested = read("tests/terraform/change/plan.json");
    let draft = &ingested.draft;
    let main = &draft.vpcs[0].main_route_table;
    let table = only(&draft.route_tables, |table| table.id != *main);
    let destinations: Vec<_> = table
        .routes
        .iter()
        .filter(|route| route.target.known() != Some(&Target::Local))
        .filter_map(|route| route.destination.known())
        .collect();
    let kept = RouteDestination::Cidr("198.51.100.0/24".parse().unwrap());
    assert_eq!(destinations, [&kept]);
    let group = only(&draft.security_groups, |group| group.name == "main");
    assert_eq!(group.ingress.len(), 1);
}

/// A network with the rules of its tables and groups in one order: the order carries no meaning,
/// and AWS and the provider list them differently.
fn sorted(validated: &Validated) -> NetworkDraft {
    let mut draft = validated.network.clone().into_draft();
    for table in &mut draft.route_tables {
        table.routes.sort_by_key(|route| format!("{route:?}"));
    }
    for group in &mut draft.security_groups {
        group.ingress.sort_by_key(|rule| format!("{rule:?}"));
        group.egress.sort_by_key(|rule| format!("{rule:?}"));
    }
    draft
}

#[test]
fn a_state_layered_over_a_snapshot_of_the_same_network_changes_nothing() {
    let snapshot = path("../fixtures/tokyo-endpoints/describe");
    let state = path("../fixtures/tokyo-endpoints/state.json");
    let alone = validated(crate::read(std::slice::from_ref(&snapshot)).unwrap());
    let layered = validated(crate::read(&[snapshot, state]).unwrap());
    assert_eq!(sorted(&layered), sorted(&alone));
    assert!(
        layered
            .assumptions
            .iter()
            .all(|one| one.code != "default-unchanged")
    );
}

/// What both say they say alike, whatever the kind.
#[test]
fn a_state_and_a_snapshot_of_the_same_network_are_alike() {
    for fixture in ["tokyo-endpoints", "frankfurt-hub"] {
        let of = |name: &str| path(&format!("../fixtures/{fixture}/{name}"));
        let alone = crate::read(&[of("describe")]).unwrap();
        let layered = crate::read(&[of("describe"), of("state.json")]).unwrap();
        let more: Vec<_> = layered.doubts.difference(&alone.doubts).collect();
        assert!(more.is_empty(), "{fixture}: {more:#?}");
        let differs = layered.assumptions.iter();
        let differs: Vec<_> = differs.filter(|one| one.code == "layers-differ").collect();
        assert!(differs.is_empty(), "{fixture}: {differs:#?}");
    }
}

/// Each row is a fixture, an output in its snapshot, and what somebody deleted since the state was written.
#[test]
fn what_a_snapshot_does_not_list_any_more_may_not_be_there() {
    let partner = "444455556666/eu-central-1";
    let rows = [
        (
            "tokyo-endpoints",
            "",
            "nat-gateways",
            "NatGateways",
            "NatGatewayId",
            true,
        ),
        (
            "frankfurt-hub",
            partner,
            "vpc-endpoint-service-configurations",
            "ServiceConfigurations",
            "ServiceId",
            false,
        ),
        (
            "frankfurt-hub",
            partner,
            "vpn-gateways",
            "VpnGateways",
            "VpnGatewayId",
            false,
        ),
    ];
    for (fixture, folder, call, key, id, is_listed) in rows {
        let of = |name: &str| path(&format!("../fixtures/{fixture}/{name}"));
        let directory = tempfile::tempdir().unwrap();
        copy(&of("describe"), directory.path());
        let file = directory
            .path()
            .join(folder)
            .join(format!("describe-{call}.json"));
        let mut output: Json = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        let items = output[key].as_array_mut().unwrap();
        let gone = items[0][id].as_str().unwrap().to_owned();
        if is_listed {
            items[0]["State"] = json!("deleted");
        } else {
            items.remove(0);
        }
        fs::write(&file, output.to_string()).unwrap();
        let read = crate::read(&[directory.path().to_owned(), of("state.json")]).unwrap();
        let told = format!("id of {gone}");
        assert!(
            read.doubts.iter().any(|doubt| doubt.what == told),
            "{told}: {:#?}",
            read.doubts
        );
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn load_balancers_are_read_with_their_targets_and_the_consumer_of_their_service() {
    let read = validated(read("tests/terraform/load_balancers/plan.json"));
    let text = crate::native::write(&read.network);
    for expected in [
        r#"listeners = ["tcp/80 -> aws_lb_target_group.app aws_lb_target_group.fn"]"#,
        r#"listeners = ["tcp/80 -> aws_lb_target_group.albs"]"#,
        r#"targets = ["interface:aws_instance.i[0]#eni:8080", "interface:aws_instance.i[1]#eni:8080"]"#,
        r#"targets = ["load-balancer:aws_lb.web:80"]"#,
        r#"name = "aws_vpc_endpoint_service.s.service_name""#,
        r#"allowed-principals = ["*", "arn:aws:iam::444455556666:root"]"#,
        r#"service = "aws_vpc_endpoint_service.s.service_name""#,
        r#"addresses = ["10.0.1.15"]"#,
    ] {
        assert!(text.contains(expected), "{expected}\n\nis not in\n\n{text}");
    }
    let messages: Vec<_> = read
        .diagnostics
        .iter()
        .map(|one| one.message.as_str())
        .collect();
    let function = "`aws_lb_target_group.fn`: a Lambda function as a target is not modelled";
    let scaling =
        "`aws_autoscaling_group.g`: what an aws_autoscaling_group has in a VPC is not modelled";
    assert_eq!(messages, [function, scaling]);
    let holes = ["ips", "none"].map(|name| {
        let id = format!("aws_lb_target_group.{name}");
        let group = &read.network.target_groups()[&id.as_str().into()];
        group.targets.hole().unwrap().attribute().to_owned()
    });
    let expected = [
        "aws_ecs_service.e.load_balancer[0].target_group_arn",
        "targets of aws_lb_target_group.none (no aws_lb_target_group_attachment is in the plan)",
    ];
    assert_eq!(holes, expected);
}
