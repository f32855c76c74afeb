//! The recorded plans: how far their references are traced, without and with the files that they were
//! made of.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use model::{
    RouteDestination, RulePeer, RuleTraffic, SecurityGroup, Subnet, Target, Value, VpcEndpoint,
};

use crate::{Code, Ingested, InputKind, Kind, Options, Traced};

/// Where plans stand beside the files that they were made of.
const FOLDERS: [&str; 3] = ["../fixtures", "../fixtures/plans", "tests/terraform"];
/// The page of the book with the table.
const PAGE: &str = "../docs/src/plans.md";
const BEGIN: &str = "<!-- references: begin -->\n";
const END: &str = "<!-- references: end -->\n";

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn plan(name: &str) -> PathBuf {
    files(name).join("plan.json")
}

fn files(name: &str) -> PathBuf {
    let folders = FOLDERS.iter().map(|folder| path(folder).join(name));
    let mut folders = folders.filter(|folder| folder.join("plan.json").exists());
    folders.next().unwrap()
}

fn alone(name: &str) -> Ingested {
    crate::read(&[plan(name)]).unwrap_or_else(|error| panic!("{error}"))
}

fn with_files_of(name: &str, files: &str) -> Ingested {
    let options = Options {
        terraform_files: vec![self::files(files)],
        ..Options::default()
    };
    crate::read_with(&[plan(name)], &options).unwrap_or_else(|error| panic!("{error}"))
}

fn with_files(name: &str) -> Ingested {
    let ingested = with_files_of(name, name);
    let differ = ingested.diagnostics.iter();
    let mut differ = differ.filter(|one| one.code == Code::FilesDiffer);
    assert_eq!(differ.next(), None);
    ingested
}

fn names() -> Vec<String> {
    let mut names = Vec::new();
    for folder in FOLDERS.map(path) {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            if entry.path().join("plan.json").exists() {
                names.push(entry.file_name().into_string().unwrap());
            }
        }
    }
    names.sort();
    names
}

fn only<T>(items: &[T], is: impl Fn(&T) -> bool) -> &T {
    let found: Vec<_> = items.iter().filter(|item| is(item)).collect();
    let [only] = found.as_slice() else {
        panic!("{} of them", found.len())
    };
    only
}

fn subnet<'d>(ingested: &'d Ingested, id: &str) -> &'d Subnet {
    only(&ingested.draft.subnets, |one| one.id.as_str() == id)
}

fn group<'d>(ingested: &'d Ingested, id: &str) -> &'d SecurityGroup {
    only(&ingested.draft.security_groups, |one| one.id.as_str() == id)
}

fn endpoint<'d>(ingested: &'d Ingested, id: &str) -> &'d VpcEndpoint {
    only(&ingested.draft.vpc_endpoints, |one| one.id.as_str() == id)
}

/// The table of each subnet of which the table is known.
fn tables(ingested: &Ingested) -> BTreeMap<String, String> {
    let subnets = ingested.draft.subnets.iter();
    let table = |subnet: &Subnet| match &subnet.route_table {
        Some(Value::Known(table)) => Some((subnet.id.to_string(), table.to_string())),
        Some(Value::OneOf(..) | Value::Any(_)) | None => None,
    };
    subnets.filter_map(table).collect()
}

/// The subnet of an interface that a plan declares.
fn subnet_of(ingested: &Ingested, interface: &str) -> String {
    let interfaces = &ingested.draft.network_interfaces;
    only(interfaces, |one| one.id.as_str() == interface)
        .subnet
        .to_string()
}

/// The first port and the peer of each rule that admits traffic to a group.
fn ingress(group: &SecurityGroup) -> BTreeSet<(u16, String)> {
    let rules = group.ingress.iter();
    let port = |traffic: &RuleTraffic| {
        let RuleTraffic::Tcp(ports) = traffic else {
            panic!("{traffic:?}")
        };
        ports.from
    };
    let peer = |peer: &RulePeer| match peer {
        RulePeer::Group(group) => group.to_string(),
        RulePeer::Cidr(cidr) => cidr.to_string(),
        RulePeer::PrefixList(_) | RulePeer::OutsideGroup(_) => format!("{peer:?}"),
    };
    rules
        .map(|rule| (port(&rule.traffic), peer(&rule.peer)))
        .collect()
}

#[derive(Clone, Copy, Default)]
struct Count {
    known: usize,
    assumed: usize,
    one_of: usize,
    unknown: usize,
}

impl Count {
    fn of(references: &BTreeMap<String, Traced>, all: &BTreeSet<String>, missing: Traced) -> Count {
        let mut count = Count::default();
        for attribute in all {
            match references.get(attribute).copied().unwrap_or(missing) {
                Traced::Known => count.known += 1,
                Traced::Assumed => count.assumed += 1,
                Traced::OneOf => count.one_of += 1,
                Traced::Unknown => count.unknown += 1,
            }
        }
        count
    }

    fn add(&mut self, other: Count) {
        self.known += other.known;
        self.assumed += other.assumed;
        self.one_of += other.one_of;
        self.unknown += other.unknown;
    }

    fn percent_known(self) -> usize {
        let n_all = self.known + self.assumed + self.one_of + self.unknown;
        (self.known * 100).checked_div(n_all).unwrap_or(100)
    }

    fn cells(self) -> String {
        let Count {
            known,
            assumed,
            one_of,
            unknown,
        } = self;
        format!("{known} | {assumed} | {one_of} | {unknown}")
    }
}

/// The table, and the sums without and with the files.
fn table() -> (String, Count, Count) {
    let mut text = String::from(
        "| plan | references | known | assumed | one of | unknown | with the files: known | assumed | one of | unknown |\n\
         |---|---|---|---|---|---|---|---|---|---|\n",
    );
    let (mut without_sum, mut with_sum) = (Count::default(), Count::default());
    let mut n_references = 0;
    for name in names() {
        let (without, with) = (alone(&name).references, with_files(&name).references);
        let all: BTreeSet<_> = without.keys().chain(with.keys()).cloned().collect();
        // What belongs to a resource that had to be left out is not even looked at; what the files
        // settle is no reference any more.
        let without = Count::of(&without, &all, Traced::Unknown);
        let with = Count::of(&with, &all, Traced::Known);
        without_sum.add(without);
        with_sum.add(with);
        n_references += all.len();
        let (n, without, with) = (all.len(), without.cells(), with.cells());
        writeln!(text, "| `{name}` | {n} | {without} | {with} |").unwrap();
    }
    let (without, with) = (without_sum.cells(), with_sum.cells());
    writeln!(text, "| together | {n_references} | {without} | {with} |").unwrap();
    (text, without_sum, with_sum)
}

/// The table of the book is what the plans give; `VPCPROOF_RECORD=1` writes it anew.
#[test]
fn the_references_of_the_plans_are_traced_as_the_book_says() {
    let (table, without, with) = table();
    println!("{table}");
    println!(
        "known: {} % without the files, {} % with them",
        without.percent_known(),
        with.percent_known()
    );
    assert!(with.percent_known() >= 95);
    let page = fs::read_to_string(path(PAGE)).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (recorded, after) = rest.split_once(END).unwrap();
    if std::env::var_os("VPCPROOF_RECORD").is_some() {
        let page = format!("{before}{BEGIN}\n{table}\n{END}{after}");
        fs::write(path(PAGE), page).unwrap();
    } else {
        assert_eq!(recorded.trim(), table.trim(), "VPCPROOF_RECORD=1 writes it");
    }
}

#[test]
fn what_a_plan_alone_is_certain_of_the_files_do_not_change() {
    let mut n_compared = 0;
    for name in names() {
        let without = alone(&name);
        let is_certain = without.references.values().all(|one| *one == Traced::Known);
        if is_certain && name != "policies" {
            assert_eq!(without.draft, with_files(&name).draft, "{name}");
            n_compared += 1;
        }
    }
    assert!(n_compared >= 5, "{n_compared}");
}

#[test]
fn a_function_picks_the_item_that_terraform_picks() {
    let ingested = with_files("element");
    let tables = tables(&ingested);
    let expected = [0, 1, 0, 1].map(|table| format!("aws_route_table.shared[{table}]"));
    let found: Vec<_> = tables.values().cloned().collect();
    assert_eq!(found, expected);
    let cases = [
        ("app[0]", 3),
        ("app[1]", 2),
        ("named[\"first\"]", 0),
        ("named[\"last\"]", 3),
        ("looked_up", 2),
        ("sliced[0]", 1),
        ("sliced[1]", 2),
    ];
    for (interface, index) in cases {
        let found = subnet_of(&ingested, &format!("aws_network_interface.{interface}"));
        assert_eq!(found, format!("aws_subnet.app[{index}]"), "{interface}");
    }
    let paired = ingested.assumptions.iter();
    assert!(
        !paired
            .map(|one| one.code)
            .any(|code| code == "paired-by-index")
    );
}

#[test]
fn locals_are_followed_through_maps_and_loops() {
    let ingested = with_files("locals");
    let mut expected = BTreeMap::new();
    for name in ["a", "b", "c"] {
        expected.insert(
            format!("aws_subnet.private[\"{name}\"]"),
            format!("aws_route_table.private[\"{name}\"]"),
        );
        expected.insert(
            format!("aws_subnet.public[\"{name}\"]"),
            "aws_route_table.public[0]".to_owned(),
        );
    }
    assert_eq!(tables(&ingested), expected);
    let web = "aws_security_group.tier[\"web\"]".to_owned();
    let rules = ingress(group(&ingested, &web));
    assert_eq!(
        rules,
        BTreeSet::from([(80, web.clone()), (443, web.clone())])
    );
    let rules = ingress(group(&ingested, "aws_security_group.tier[\"database\"]"));
    assert_eq!(rules, BTreeSet::from([(5432, web)]));
    let served = |table: &&model::RouteTable| {
        let mut targets = table.routes.iter().map(|route| route.target.known());
        targets.any(|target| matches!(target, Some(Target::GatewayEndpoint(_))))
    };
    assert_eq!(ingested.draft.route_tables.iter().filter(served).count(), 4);
    let assumptions: BTreeSet<_> = ingested.assumptions.iter().map(|one| one.code).collect();
    assert!(!assumptions.contains("vpc-by-fit") && !assumptions.contains("reference-members"));
}

#[test]
fn what_dynamic_blocks_make_is_matched_by_what_the_plan_knows_of_it() {
    for (name, group_name, ports) in [
        ("dynamic", "app", [(80, "balancer"), (22, "bastion")]),
        ("objects", "database", [(5432, "web"), (6379, "cache")]),
    ] {
        let ingested = with_files(name);
        let rules = ingress(group(
            &ingested,
            &format!("aws_security_group.{group_name}"),
        ));
        for (port, peer) in ports {
            let rule = (port, format!("aws_security_group.{peer}"));
            assert!(rules.contains(&rule), "{name}: {rules:?}");
        }
    }
    let ingested = with_files("dynamic");
    let table = only(&ingested.draft.route_tables, |one| {
        one.id.as_str() == "aws_route_table.main"
    });
    let mut targets: Vec<_> = table
        .routes
        .iter()
        .filter_map(|route| match (&route.destination, route.target.known()?) {
            (Value::Known(RouteDestination::Cidr(cidr)), Target::InternetGateway(id)) => {
                Some((cidr.to_string(), id.to_string()))
            }
            (Value::Known(RouteDestination::Cidr(cidr)), Target::Peering(id)) => {
                Some((cidr.to_string(), id.to_string()))
            }
            (_, _) => None,
        })
        .collect();
    targets.sort();
    let expected = [
        ("0.0.0.0/0", "aws_internet_gateway.main"),
        ("172.16.0.0/16", "aws_vpc_peering_connection.partner"),
    ];
    assert_eq!(
        targets,
        expected.map(|(block, id)| (block.to_owned(), id.to_owned()))
    );
}

#[test]
fn a_policy_around_an_arn_that_is_known_from_its_name_is_known() {
    let open = alone("policies");
    let ingested = with_files("policies");
    for id in ["aws_vpc_endpoint.s3", "aws_vpc_endpoint.dynamodb"] {
        assert!(matches!(endpoint(&open, id).policy, Value::Any(_)), "{id}");
        assert!(
            matches!(endpoint(&ingested, id).policy, Value::Known(_)),
            "{id}"
        );
    }
    let text = |id: &str| match &endpoint(&ingested, id).policy {
        Value::Known(policy) => crate::policy::write(policy),
        Value::OneOf(..) | Value::Any(_) => panic!("{id}"),
    };
    let s3 = text("aws_vpc_endpoint.s3");
    assert!(s3.contains("\"arn:aws:s3:::plans-data/*\""), "{s3}");
    let dynamodb = text("aws_vpc_endpoint.dynamodb");
    assert!(dynamodb.contains("table/plans-data"), "{dynamodb}");
    assert!(dynamodb.contains("\"aws_vpc.main\""), "{dynamodb}");
    // The ARN of a queue has the account in it, which nothing in the plan says.
    let sqs = text("aws_vpc_endpoint.sqs");
    let expected = r#""Resource":{"join":["arn:aws:sqs:eu-west-1:",{"part":"aws_sqs_queue.jobs.arn"},":jobs"]}"#;
    assert!(sqs.contains(expected), "{sqs}");
}

#[test]
fn a_policy_around_what_is_no_text_of_a_known_form_is_open() {
    let changed = |after: &str| {
        let ingested = with_changed_files("policies", "Resource = aws_sqs_queue.jobs.arn", after);
        let policy = endpoint(&ingested, "aws_vpc_endpoint.sqs").policy.clone();
        policy.known().map(crate::policy::write)
    };
    let known = changed("Resource = \"${aws_sqs_queue.jobs.arn}-dead\"").unwrap();
    assert!(known.contains(r#":jobs-dead"]}"#), "{known}");
    // Which variable it is could depend on what is open.
    assert_eq!(
        changed("Resource = \"${aws_sqs_queue.jobs.arn}$${a}\""),
        None
    );
}

#[test]
fn ids_go_down_and_up_through_modules_that_are_repeated() {
    // Without the files too, since `for_each` goes through the other module and does nothing else.
    for ingested in [alone("module-chain"), with_files("module-chain")] {
        for name in ["blue", "green"] {
            let id = format!("module.endpoints[\"{name}\"].aws_vpc_endpoint.kms");
            let vpc = endpoint(&ingested, &id).vpc.to_string();
            assert_eq!(vpc, format!("module.network[\"{name}\"].aws_vpc.this"));
        }
    }
    let ingested = with_files("module-chain");
    let found = subnet_of(&ingested, "aws_network_interface.client[\"green\"]");
    assert_eq!(found, "module.network[\"green\"].aws_subnet.this[0]");
}

#[test]
fn files_that_are_not_those_of_the_plan_are_not_used() {
    let without = alone("element");
    let with = with_files_of("element", "locals");
    let warning = with.diagnostics.iter();
    let warning = warning.filter(|one| one.code == Code::FilesDiffer);
    let messages: Vec<_> = warning.map(|one| one.message.as_str()).collect();
    assert_eq!(messages.len(), 1);
    assert!(messages[0].contains("`aws_network_interface.app` is in the plan only"));
    assert_eq!(without.draft, with.draft);
    assert!(
        !with
            .inputs
            .iter()
            .any(|one| one.kind == InputKind::TerraformFiles)
    );
}

/// Reads a plan beside its files, in which a text is another one.
fn with_changed_files(name: &str, before: &str, after: &str) -> Ingested {
    let source = fs::read_to_string(files(name).join("main.tf")).unwrap();
    assert!(source.contains(before), "{before}");
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("main.tf"), source.replace(before, after)).unwrap();
    let options = Options {
        terraform_files: vec![folder.path().to_owned()],
        ..Options::default()
    };
    crate::read_with(&[plan(name)], &options).unwrap()
}

/// A change of the files after the plan, of each kind that the plan shows.
#[test]
fn files_that_were_changed_after_the_plan_are_not_used() {
    let changes = [
        ("locals", "{ a = 1, b = 2, c = 3 }", "{ a = 1, b = 2 }"),
        (
            "locals",
            "{ a = 1, b = 2, c = 3 }",
            "{ a = 1, b = 2, c = 4 }",
        ),
        (
            "locals",
            "subnet_ids         = values(local.subnets.private)",
            "subnet_ids = [aws_subnet.private[\"a\"].id]",
        ),
        (
            "locals",
            "resource \"aws_vpc\" \"other\"",
            "resource \"aws_vpc\" \"another\"",
        ),
        ("locals", "database = [5432]", "database = [5433]"),
        // A literal index, and the order of what is referred to.
        ("direct", "aws_subnet.two[1].id", "aws_subnet.two[0].id"),
        (
            "direct",
            "aws_route_table.one[\"b\"].id",
            "aws_route_table.one[\"a\"].id",
        ),
        (
            "lists",
            "[aws_security_group.app.id], [aws_security_group.database.id]",
            "[aws_security_group.database.id], [aws_security_group.app.id]",
        ),
        // A constant, a default, an argument and a block that are more or less.
        (
            "element",
            "cidr_block = \"10.0.0.0/16\"",
            "cidr_block = \"10.1.0.0/16\"",
        ),
        (
            "element",
            "{ first = 0, last = 3 }",
            "{ first = 0, last = 2 }",
        ),
        (
            "lists",
            "load_balancer_type = \"application\"",
            "load_balancer_type = \"network\"",
        ),
        (
            "lists",
            "\"eu-west-1a\", \"eu-west-1b\"",
            "\"eu-west-1b\", \"eu-west-1a\"",
        ),
        ("lists", "  internal           = true\n", ""),
        (
            "element",
            "  vpc_id = aws_vpc.main.id\n",
            "  vpc_id = aws_vpc.main.id\n  tags = {}\n",
        ),
        ("conditional", "default = true", "default = false"),
        (
            "dynamic",
            "    protocol    = \"-1\"\n",
            "    protocol    = \"tcp\"\n",
        ),
        (
            "dynamic",
            "  egress {",
            "  egress {\n    self = true\n  }\n  egress {",
        ),
    ];
    for (name, before, after) in changes {
        let ingested = with_changed_files(name, before, after);
        let codes: Vec<_> = ingested.diagnostics.iter().map(|one| one.code).collect();
        assert!(codes.contains(&Code::FilesDiffer), "{name}: {after}");
        assert_eq!(ingested.draft, alone(name).draft, "{name}: {after}");
        let assumptions = ingested.assumptions.iter().map(|one| one.code);
        assert!(
            !assumptions
                .into_iter()
                .any(|code| code == "files-of-the-plan")
        );
    }
}

/// What no plan shows is an assumption of the report.
#[test]
fn that_the_files_are_those_of_the_plan_is_assumed() {
    let assumes = |ingested: &Ingested| {
        let mut codes = ingested.assumptions.iter().map(|one| one.code);
        codes.any(|code| code == "files-of-the-plan")
    };
    assert!(assumes(&with_files("element")));
    assert!(!assumes(&alone("element")));
    assert!(!assumes(&with_files("moved")));
    let before = "element(aws_route_table.shared[*].id, count.index)";
    let after = "element(aws_route_table.shared[*].id, 0)";
    let other = with_changed_files("element", before, after);
    let codes: Vec<_> = other.diagnostics.iter().map(|one| one.code).collect();
    assert!(codes.contains(&Code::FilesDiffer));
    let after = "element(aws_route_table.shared[*].id, count.index + 1)";
    let other = with_changed_files("element", before, after);
    assert_eq!(
        tables(&other)["aws_subnet.app[0]"],
        "aws_route_table.shared[1]"
    );
    assert!(assumes(&other));
}

/// What is outside of the core stays as the plan has it, and the rest is taken.
#[test]
fn an_expression_outside_of_the_core_leaves_the_hole_of_the_plan() {
    let before = "reverse(aws_subnet.app[*].id)[count.index]";
    let after = "sha256(aws_subnet.app[*].id)[count.index]";
    let ingested = with_changed_files("element", before, after);
    let reference = "aws_network_interface.app[0].subnet_id";
    assert_eq!(
        ingested.references.get(reference),
        alone("element").references.get(reference)
    );
    assert_eq!(tables(&ingested), tables(&with_files("element")));
}

/// With `-target` a list may be shorter than it will be.
#[test]
fn the_files_of_a_plan_of_some_resources_are_not_used() {
    let text = fs::read_to_string(plan("element")).unwrap();
    let whole = "\"complete\": true";
    assert!(text.contains(whole));
    let folder = tempfile::tempdir().unwrap();
    let partial = folder.path().join("plan.json");
    fs::write(&partial, text.replace(whole, "\"complete\": false")).unwrap();
    let options = Options {
        terraform_files: vec![files("element")],
        ..Options::default()
    };
    let ingested = crate::read_with(&[partial], &options).unwrap();
    let codes: Vec<_> = ingested.diagnostics.iter().map(|one| one.code).collect();
    assert!(codes.contains(&Code::FilesDiffer));
}

/// Locals that lead to one another a long way, to themselves, or to a value that grows without end.
#[test]
fn files_that_would_never_end_leave_the_plan_as_it_was() {
    let source = fs::read_to_string(files("element").join("main.tf")).unwrap();
    let mut chain = String::from("locals {\n  loop = [local.loop]\n  l0 = 3\n  d0 = [1, 2]\n");
    for step in 1..=400 {
        let before = step - 1;
        writeln!(chain, "  l{step} = ((local.l{before}))").unwrap();
        writeln!(chain, "  d{step} = [local.d{before}, local.d{before}]").unwrap();
    }
    chain.push_str("}\n");
    for last in [
        "local.l400",
        "local.loop",
        "local.d40",
        "length(local.d400)",
    ] {
        let changed = source.replace("= aws_subnet.app[each.value].id", &format!("= {last}"));
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("main.tf"), format!("{chain}{changed}")).unwrap();
        let options = Options {
            terraform_files: vec![folder.path().to_owned()],
            ..Options::default()
        };
        let ingested = crate::read_with(&[plan("element")], &options).unwrap();
        let codes: Vec<_> = ingested.diagnostics.iter().map(|one| one.code).collect();
        assert!(codes.contains(&Code::FilesDiffer), "{last}");
    }
}

#[test]
fn of_several_directories_a_plan_takes_the_one_that_fits() {
    let options = Options {
        terraform_files: vec![files("lists"), files("element")],
        ..Options::default()
    };
    let ingested = crate::read_with(&[plan("element")], &options).unwrap();
    assert_eq!(ingested.draft, with_files("element").draft);
    assert_eq!(ingested.inputs[1].kind, InputKind::TerraformFiles);
    assert!(ingested.inputs[1].path.ends_with("element"));
}

#[test]
fn files_without_a_plan_are_a_mistake_that_is_named() {
    let options = Options {
        terraform_files: vec![files("element")],
        ..Options::default()
    };
    let state = path("../fixtures/tokyo-endpoints/state.json");
    let ingested = crate::read_with(&[state], &options).unwrap();
    assert_eq!(ingested.diagnostics[0].code, Code::FilesDiffer);
}

#[test]
fn a_component_is_shown_with_the_line_that_declares_it() {
    let ingested = with_files("module-chain");
    let id = "module.network[\"blue\"].aws_subnet.this[1]";
    let place = ingested.provenance.of(Kind::Subnet, id).unwrap();
    let source = place.source.as_ref().unwrap();
    assert!(
        source.file.ends_with("modules/network/main.tf"),
        "{source:?}"
    );
    let text = fs::read_to_string(&*source.file).unwrap();
    let line = text.lines().nth(source.line - 1).unwrap();
    assert_eq!(line, "resource \"aws_subnet\" \"this\" {");
    assert!(
        place
            .to_string()
            .ends_with(&format!("main.tf:{}", source.line))
    );
}

/// What must not be printed: values that a plan masks.
#[test]
fn sensitive_values_decide_and_are_not_printed() {
    let secrets = ["203.0.113.64", "203.0.113.77", "vpc-0fedcba9876543210"];
    let ingested = with_files("sensitive");
    let rules = ingress(group(&ingested, "aws_security_group.main"));
    assert!(
        rules.contains(&(22, "203.0.113.64/27".to_owned())),
        "{rules:?}"
    );
    let shown = ingested.diagnostics.iter().map(ToString::to_string);
    let shown = shown.chain(ingested.assumptions.iter().map(|one| one.text.clone()));
    // The same with a mistake in each, so that there is something to say.
    let text = fs::read_to_string(plan("sensitive")).unwrap();
    let text = text.replace("203.0.113.96/27", "203.0.113.77/27");
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("plan.json");
    fs::write(&broken, text).unwrap();
    let errors = crate::read(&[broken]).unwrap_err().diagnostics;
    assert!(errors.iter().any(|one| one.code == Code::InvalidCidr));
    for text in shown.chain(errors.iter().map(ToString::to_string)) {
        for secret in secrets {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

#[test]
fn a_resource_with_a_new_name_is_what_it_was() {
    let ingested = alone("moved");
    let names = ["a", "b"].map(|key| format!("aws_subnet.app[\"{key}\"]"));
    assert_eq!(ingested.draft.vpcs.len(), 1);
    assert!(ingested.draft.vpcs[0].id.as_str().starts_with("vpc-"));
    assert_eq!(ingested.draft.subnets.len(), names.len());
    assert_eq!(tables(&ingested).len(), names.len());
}

#[test]
fn what_is_deleted_is_gone_and_what_replaces_it_is_new() {
    let deleted = alone("deleted");
    assert_eq!(deleted.draft.subnets.len(), 1);
    assert_eq!(deleted.draft.internet_gateways, []);
    let targets = deleted
        .draft
        .route_tables
        .iter()
        .flat_map(|table| &table.routes);
    assert!(
        targets
            .map(|route| route.target.known())
            .all(|target| target == Some(&Target::Local))
    );
    let replaced = with_files("replaced");
    let app = subnet(&replaced, "aws_subnet.app");
    assert_eq!(app.cidrs[0].to_string(), "10.0.2.0/24");
    let rules = ingress(group(&replaced, "aws_security_group.web"));
    assert_eq!(rules, BTreeSet::new());
    let databases = &replaced.draft.security_groups;
    let database = only(databases, |one| one.name == "database");
    assert_eq!(
        ingress(database),
        BTreeSet::from([(5432, "aws_security_group.web".to_owned())])
    );
}

#[test]
fn what_is_written_in_two_ways_is_named() {
    let ingested = alone("mixed");
    let mixed = ingested.diagnostics.iter();
    let mixed = mixed.filter(|one| one.code == Code::MixedStyles);
    let owners: Vec<_> = mixed
        .map(|one| one.message.split('`').nth(1).unwrap_or_default())
        .collect();
    let expected = [
        "aws_route_table.main",
        "aws_security_group.main",
        "aws_security_group_rule.main",
        "aws_network_acl.main",
        "aws_ec2_managed_prefix_list.main",
        "aws_vpc_endpoint.s3",
    ];
    assert_eq!(owners, expected);
    for name in ["direct", "locals", "lists", "module-chain", "drift"] {
        let ingested = alone(name);
        let codes: Vec<_> = ingested.diagnostics.iter().map(|one| one.code).collect();
        assert!(!codes.contains(&Code::MixedStyles), "{name}");
    }
}

/// What is new goes by its address, which must then be its own.
#[test]
fn two_plans_with_new_resources_of_one_address_are_refused() {
    let errors = crate::read(&[plan("dynamic"), plan("objects")]).unwrap_err();
    let messages: Vec<_> = errors.diagnostics.iter().map(|one| &one.message).collect();
    assert!(messages[0].starts_with("`aws_internet_gateway.main` is a new resource of two plans"));
    let layered = crate::read(&[plan("dynamic"), plan("direct")]);
    layered.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn what_is_forgotten_stays_in_the_network() {
    let ingested = alone("data-sources");
    assert_eq!(ingested.draft.vpcs.len(), 2);
    assert_eq!(ingested.draft.subnets.len(), 3);
    let own = group(&ingested, "aws_security_group.own");
    assert_eq!(own.vpc.as_str(), "aws_vpc.own");
    ingested
        .validate()
        .unwrap_or_else(|error| panic!("{error}"));
}

/// Terraform reads a file whose name is not UTF-8 too.
#[cfg(target_os = "linux")]
#[test]
fn a_file_whose_name_is_not_utf8_is_not_passed_over() {
    use std::os::unix::ffi::OsStrExt;

    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("main.tf");
    fs::copy(files("element").join("main.tf"), own).unwrap();
    let read = || {
        let options = Options {
            terraform_files: vec![folder.path().to_owned()],
            ..Options::default()
        };
        crate::read_with(&[plan("element")], &options).unwrap()
    };
    let differ = |ingested: &Ingested| {
        let diagnostics = ingested.diagnostics.iter();
        diagnostics
            .map(|one| one.code)
            .any(|code| code == Code::FilesDiffer)
    };
    assert!(!differ(&read()));
    let name = std::ffi::OsStr::from_bytes(b"\xff_override.tf");
    fs::write(folder.path().join(name), "").unwrap();
    let ingested = read();
    assert!(differ(&ingested));
    assert_eq!(ingested.draft, alone("element").draft);
}
