//! Small scopes, all of them: three bits of address space, every route table of at most two routes,
//! every ACL of at most two entries, every group of at most two rules, every two networks on premises,
//! every packet.

#![expect(clippy::unwrap_used, reason = "A test stops where something is wrong.")]

use evaluator::Evaluator;
use model::{Engine, Network};
use proptests::agreement;
use proptests::line;
use proptests::page;
use proptests::pool;
use rayon::prelude::*;
use solver::Solver;

/// The blocks of three bits, scaled into the last octet of a public /24.
fn blocks() -> Vec<String> {
    let lengths = 0..=3_u32;
    lengths
        .flat_map(|n_bits| {
            (0..1_u32 << n_bits).map(move |value| {
                let base = value << (8 - n_bits);
                format!("203.0.113.{base}/{}", 24 + n_bits)
            })
        })
        .collect()
}

/// The eight addresses.
fn hosts() -> Vec<String> {
    (0..8)
        .map(|host| format!("203.0.113.{}", host * 32 + 7))
        .collect()
}

/// Every list of at most two of these, in both orders.
fn up_to_two(choices: &[String]) -> Vec<Vec<String>> {
    let none = [Vec::new()];
    let one = choices.iter().map(|choice| vec![choice.clone()]);
    let two = choices.iter().flat_map(|first| {
        let others = choices.iter().filter(move |second| *second != first);
        others.map(|second| vec![first.clone(), second.clone()])
    });
    none.into_iter().chain(one).chain(two).collect()
}

fn network(routes: &str, entries: &str, rules: &str) -> Network {
    let text = format!(
        r#"
[vpc.v]
cidrs = ["10.0.0.0/16"]
[internet-gateway.igw]
[subnet.s]
cidrs = ["10.0.1.0/24"]
route-table = "t"
network-acl = "a"
[route-table.t]
routes = [{routes}]
[network-acl.a]
ingress = [{entries}]
egress = ["1 allow all to 0.0.0.0/0"]
[security-group.g]
ingress = [{rules}]
egress = ["all to 0.0.0.0/0"]
[interface.i]
subnet = "s"
addresses = ["10.0.1.5 public 198.51.100.5"]
groups = ["g"]
"#
    );
    page::network(&text, "exhaustive").unwrap()
}

fn agree(network: &Network, flows: &[String]) -> usize {
    let (evaluator, solver) = (Evaluator::load(network), Solver::load(network));
    for text in flows {
        let flow = line::flow(text, network).unwrap();
        let (one, other) = (evaluator.decide(&flow), solver.decide(&flow));
        assert!(
            one == other,
            "{text}\n{}\n{}\n{}",
            agreement::decision_text(&one),
            agreement::decision_text(&other),
            ingest::native::write(network)
        );
    }
    flows.len()
}

const OPEN_ROUTES: &str = r#""0.0.0.0/0 -> internet-gateway:igw""#;
const OPEN_ENTRIES: &str = r#""1 allow all from 0.0.0.0/0""#;
const OPEN_RULES: &str = r#""all from 0.0.0.0/0""#;

/// Of lists whose order carries no meaning one in two is enough.
fn ordered(list: &[String]) -> bool {
    list.is_sorted()
}

#[test]
fn every_table_of_two_routes() {
    let kinds = [
        "internet-gateway:igw",
        "unmodelled:transit-gateway:tgw blackhole",
    ];
    let routes = blocks()
        .into_iter()
        .flat_map(|block| kinds.map(|kind| format!("{block} -> {kind}")));
    let routes: Vec<_> = routes.collect();
    let flows: Vec<_> = hosts()
        .iter()
        .map(|to| format!("i 10.0.1.5 -> {to} tcp/443"))
        .collect();
    let n_flows: usize = up_to_two(&routes)
        .into_par_iter()
        .filter(|routes| ordered(routes))
        .map(|routes| {
            let destinations = routes.iter().filter_map(|route| route.split_once(" -> "));
            let mut destinations: Vec<_> = destinations.map(|(block, _)| block).collect();
            destinations.dedup();
            // A second static route for one block is refused by AWS.
            if destinations.len() < routes.len() {
                return 0;
            }
            let routes: Vec<_> = routes.iter().map(|route| format!("{route:?}")).collect();
            agree(
                &network(&routes.join(", "), OPEN_ENTRIES, OPEN_RULES),
                &flows,
            )
        })
        .sum();
    assert!(n_flows > 3_000, "{n_flows}");
}

#[test]
fn every_acl_of_two_entries() {
    let entries = blocks().into_iter().flat_map(|block| {
        ["allow all", "deny tcp/443"].map(|action| format!("{action} from {block}"))
    });
    let entries: Vec<_> = entries.collect();
    let flows: Vec<_> = hosts()
        .iter()
        .map(|from| format!("internet {from} -> 198.51.100.5 tcp/443"))
        .collect();
    let n_flows: usize = up_to_two(&entries)
        .into_par_iter()
        .map(|entries| {
            let numbered = entries.iter().zip(1..);
            let entries: Vec<_> = numbered
                .map(|(entry, number)| format!("\"{number} {entry}\""))
                .collect();
            agree(
                &network(OPEN_ROUTES, &entries.join(", "), OPEN_RULES),
                &flows,
            )
        })
        .sum();
    assert!(n_flows > 7_000, "{n_flows}");
}

#[test]
fn every_group_of_two_rules() {
    let rules = blocks().into_iter().flat_map(|block| {
        ["tcp/443", "tcp/444-445"].map(|traffic| format!("{traffic} from {block}"))
    });
    let rules: Vec<_> = rules.collect();
    let flows: Vec<_> = hosts()
        .iter()
        .flat_map(|from| {
            [443, 445, 446].map(|port| format!("internet {from} -> 198.51.100.5 tcp/{port}"))
        })
        .collect();
    let n_flows: usize = up_to_two(&rules)
        .into_par_iter()
        .filter(|rules| ordered(rules))
        .map(|rules| {
            let rules: Vec<_> = rules.iter().map(|rule| format!("{rule:?}")).collect();
            agree(
                &network(OPEN_ROUTES, OPEN_ENTRIES, &rules.join(", ")),
                &flows,
            )
        })
        .sum();
    assert!(n_flows > 10_000, "{n_flows}");
}

/// A VPC whose interface sends everything to a virtual private gateway, and to a transit gateway with
/// two networks on premises.
fn premises(known: &str, attached: [(&str, &str); 2]) -> Network {
    let attachments = attached.iter().zip(["x", "y"]).map(|((service, block), id)| {
        format!(
            "[transit-gateway-attachment.{id}]\non-premises = \"{service}\"\nprefixes = [{block:?}]\n"
        )
    });
    let text = format!(
        r#"
[vpc.v]
cidrs = ["10.0.0.0/16"]
[virtual-private-gateway.vgw]
prefixes = [{known}]
[transit-gateway.tgw]
{}
[transit-gateway-attachment.v]
subnets = ["t"]
association = "out"
[transit-gateway-route-table.out]
propagations = ["x", "y"]
[route-table.s]
routes = ["0.0.0.0/0 -> virtual-private-gateway:vgw"]
[route-table.t]
routes = ["0.0.0.0/0 -> transit-gateway:tgw"]
[subnet.s]
cidrs = ["10.0.1.0/24"]
route-table = "s"
[subnet.t]
cidrs = ["10.0.2.0/24"]
route-table = "t"
[security-group.g]
ingress = ["all from 0.0.0.0/0"]
egress = ["all to 0.0.0.0/0"]
[interface.i]
subnet = "s"
addresses = ["10.0.1.5"]
groups = ["g"]
[interface.j]
subnet = "t"
addresses = ["10.0.2.5"]
groups = ["g"]
"#,
        attachments.collect::<String>()
    );
    page::network(&text, "exhaustive").unwrap()
}

const NOWHERE: [(&str, &str); 2] = [("vpn", "192.0.2.0/24"), ("vpn", "192.0.2.0/24")];

/// To and from on premises, by a virtual private gateway.
fn to_and_fro(hosts: &[String]) -> Vec<String> {
    let flows = hosts.iter().flat_map(|host| {
        [
            format!("i 10.0.1.5 -> {host} tcp/443"),
            format!("vgw {host} -> 10.0.1.5 tcp/443"),
            format!("vgw 192.168.0.9 -> {host} tcp/443"),
        ]
    });
    flows.collect()
}

#[test]
fn every_two_blocks_that_a_virtual_private_gateway_knows() {
    let flows = to_and_fro(&hosts());
    let n_flows: usize = up_to_two(&blocks())
        .into_par_iter()
        .filter(|blocks| ordered(blocks))
        .map(|blocks| {
            let blocks: Vec<_> = blocks.iter().map(|block| format!("{block:?}")).collect();
            agree(&premises(&blocks.join(", "), NOWHERE), &flows)
        })
        .sum();
    assert!(n_flows > 2_000, "{n_flows}");
}

/// A public block is taken for one's own from some length on.
#[test]
fn every_length_of_a_known_block() {
    let flows = to_and_fro(&["203.0.113.9".to_owned(), "10.99.0.9".to_owned()]);
    for length in 0..=32 {
        let block = pool::around(pool::address("203.0.113.9"), length);
        agree(&premises(&format!("\"{block}\""), NOWHERE), &flows);
    }
}

#[test]
fn every_two_networks_that_propagate_a_block() {
    let flows: Vec<_> = hosts()
        .iter()
        .map(|to| format!("j 10.0.2.5 -> {to} tcp/443"))
        .collect();
    let services = ["direct-connect-gateway", "connect", "vpn"];
    let pairs = services
        .iter()
        .flat_map(|one| services.map(|other| (*one, other)));
    let pairs: Vec<_> = pairs.collect();
    let blocks = blocks();
    let n_flows: usize = pairs
        .into_par_iter()
        .map(|(one, other)| {
            let both = blocks
                .iter()
                .flat_map(|first| blocks.iter().map(move |second| (first, second)));
            let n_flows = both.map(|(first, second)| {
                agree(&premises("", [(one, first), (other, second)]), &flows)
            });
            n_flows.sum::<usize>()
        })
        .sum();
    assert!(n_flows > 10_000, "{n_flows}");
}
