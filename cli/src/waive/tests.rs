//! Waivers leave exactly what they do not waive.

use std::collections::BTreeSet;

use ingest::OpenAttributes;
use model::{Family, Network, Origin, Place, PortRange, Traffic, TrafficClass};

use super::part::{Cut, Part};
use super::senders::{self, Blocks, Senders, listed};
use super::{Plan, plan};
use crate::invariant_file::lower::{Lowered, lower};
use crate::invariant_file::{self, InvariantFile};

const ALL: PortRange = 0..=u16::MAX;

fn tcp(source_ports: PortRange, destination_ports: PortRange) -> TrafficClass {
    TrafficClass::Tcp {
        source_ports,
        destination_ports,
    }
}

fn part(from: &[&str], to: &[&str], classes: Vec<TrafficClass>) -> Part {
    Part {
        from: vec![Origin::Interfaces(
            from.iter().map(|id| (*id).into()).collect(),
        )],
        to: vec![Place::Interfaces {
            interfaces: to.iter().map(|id| (*id).into()).collect(),
            public_from_inside: true,
        }],
        traffic: Traffic { classes },
        families: BTreeSet::from([Family::V4, Family::V6]),
        request: None,
    }
}

/// In how many classes of a part a packet is, from one interface to another.
fn times(part: &Part, (from, to): (&str, &str), (source, destination): (u16, u16)) -> usize {
    let sends = part
        .from
        .iter()
        .any(|origin| matches!(origin, Origin::Interfaces(ids) if ids.contains(&from.into())));
    let receives = part.to.iter().any(|place| {
        matches!(place, Place::Interfaces { interfaces, .. } if interfaces.contains(&to.into()))
    });
    let has = |class: &&TrafficClass| {
        matches!(class, TrafficClass::Tcp { source_ports, destination_ports }
            if source_ports.contains(&source) && destination_ports.contains(&destination))
    };
    let classes = part.traffic.classes.iter().filter(has);
    if sends && receives {
        classes.count()
    } else {
        0
    }
}

/// Every subset of two names, and everything.
fn choices() -> Vec<Option<BTreeSet<&'static str>>> {
    let sets: [&[&str]; 4] = [&[], &["a"], &["b"], &["a", "b"]];
    let sets = sets.iter().map(|set| Some(set.iter().copied().collect()));
    sets.chain([None]).collect()
}

#[test]
fn what_is_taken_and_what_is_left_are_a_partition_of_the_whole() {
    const PORTS: [u16; 6] = [0, 21, 22, 23, 443, u16::MAX];
    let whole = part(&["a", "b"], &["a", "b"], vec![tcp(1024..=u16::MAX, ALL)]);
    let traffics = [
        None,
        Some(vec![tcp(ALL, 22..=22)]),
        Some(vec![tcp(ALL, ALL)]),
        Some(vec![tcp(2000..=3000, 0..=22), tcp(ALL, 443..=u16::MAX)]),
        Some(vec![]),
    ];
    let mut n_taken = 0;
    for from in choices() {
        for to in choices() {
            for traffic in &traffics {
                let ids = |set: &BTreeSet<&str>| set.iter().map(|id| (*id).into()).collect();
                let cut = Cut {
                    senders: from.as_ref().map(|from| Senders {
                        interfaces: ids(from),
                        ..Senders::default()
                    }),
                    receivers: to.as_ref().map(ids),
                    traffic: traffic.clone().map(|classes| Traffic { classes }),
                    families: None,
                    requests: None,
                };
                let (taken, rest) = whole.split(&cut);
                assert!(rest.len() <= 3);
                for ends in [("a", "a"), ("a", "b"), ("b", "a"), ("b", "b")] {
                    for source in [1023, 1024, 1999, 2000, 3000, 3001] {
                        for destination in PORTS {
                            let ports = (source, destination);
                            let is_cut = |set: &Option<BTreeSet<&str>>, id| {
                                set.as_ref().is_none_or(|set| set.contains(id))
                            };
                            let is_traffic = traffic.as_ref().is_none_or(|classes| {
                                let classes = classes.clone();
                                let any = part(&["a", "b"], &["a", "b"], classes);
                                times(&any, ends, ports) > 0
                            });
                            let is_waived =
                                is_cut(&from, ends.0) && is_cut(&to, ends.1) && is_traffic;
                            let in_whole = times(&whole, ends, ports);
                            let in_taken = taken.as_ref().map_or(0, |one| times(one, ends, ports));
                            let in_rest: usize =
                                rest.iter().map(|one| times(one, ends, ports)).sum();
                            assert_eq!(in_taken > 0, is_waived && in_whole > 0, "{cut:?}");
                            let is_left = usize::from(!is_waived && in_whole > 0);
                            assert_eq!(in_rest, is_left, "{cut:?} {ends:?} {ports:?}");
                            n_taken += in_taken;
                        }
                    }
                }
            }
        }
    }
    assert!(n_taken > 100);
}

fn legacy() -> Network {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/networks/legacy.toml");
    let ingested = ingest::read(&[path.into()]).unwrap();
    ingested.validate().unwrap().network
}

fn planned(text: &str, today: &str) -> Result<(InvariantFile, Lowered, Plan), String> {
    planned_on(&legacy(), text, today)
}

fn planned_on(
    network: &Network,
    text: &str,
    today: &str,
) -> Result<(InvariantFile, Lowered, Plan), String> {
    let file = invariant_file::read_text("vpcproof.toml", text).unwrap();
    let statement = &file.statements[0];
    let open = OpenAttributes::default();
    let lowered = lower(statement, network, &open, &file.source).unwrap();
    let today = today.parse().unwrap();
    match plan(statement, &lowered, (network, &open), &file.source, today) {
        Ok(plan) => Ok((file, lowered, plan)),
        Err(problems) => Err(problems[0].to_string()),
    }
}

const CLAIM: &str =
    "[[never]]\nname = \"x\"\nfrom = \"interface\"\nto = \"interface tag:tier=db\"\n";

#[test]
fn without_waivers_the_whole_claim_is_judged() {
    let (_, lowered, plan) = planned(CLAIM, "2026-11-27").unwrap();
    assert_eq!(plan.rest, [lowered.invariant]);
}

#[test]
fn a_waiver_counts_on_its_last_day_and_not_on_the_next() {
    let waive = "[[waive]]\ninvariant = \"x\"\nfrom = \"subnet name:batch\"\nreason = \"r\"\nuntil = 2026-11-27\n";
    let text = format!("{CLAIM}{waive}");
    let (_, lowered, on) = planned(&text, "2026-11-27").unwrap();
    let (_, _, behind) = planned(&text, "2026-11-28").unwrap();
    assert_ne!(on.rest, std::slice::from_ref(&lowered.invariant));
    assert_eq!(behind.rest, [lowered.invariant]);
}

#[test]
fn never_from_the_internet_keeps_the_private_addresses_of_what_is_left_alone() {
    let text = CLAIM.replace("from = \"interface\"", "from = \"internet\"");
    let waive = "[[waive]]\ninvariant = \"x\"\nto = \"interface name:orders\"\nreason = \"r\"\n";
    let (_, _, plan) = planned(&format!("{text}{waive}"), "2026-11-27").unwrap();
    let [rest] = plan.rest.as_slice() else {
        panic!("{:?}", plan.rest)
    };
    let stock: BTreeSet<model::Cidr> = ["10.0.3.11/32".parse().unwrap()].into();
    assert!(rest.scope.to.contains(&Place::Cidrs(stock)));
    assert_eq!(rest.scope.to.len(), 2);
}

#[test]
fn interfaces_are_taken_out_of_interfaces_only() {
    let text = CLAIM.replace(
        "to = \"interface tag:tier=db\"",
        "to = [\"interface tag:tier=db\", \"ip:10.0.3.0/24\"]",
    );
    let waive = "[[waive]]\ninvariant = \"x\"\nto = \"interface name:orders\"\nreason = \"r\"\n";
    let told = planned(&format!("{text}{waive}"), "2026-11-27").unwrap_err();
    let expected = "error[not-waivable]: `to` of `x` is `interface tag:tier=db, ip:10.0.3.0/24`, out of which no interfaces can be taken\n  \
                    --> vpcproof.toml:5:1\n  help: narrow the waiver by `from` or `traffic` alone";
    assert_eq!(told, expected);
}

#[test]
fn waivers_that_leave_too_many_parts_are_refused() {
    // Each waiver of one pair leaves two more parts than there were.
    let told = |n: usize| {
        let mut network = String::from(
            "[vpc.main]\ncidrs = [\"10.0.0.0/16\"]\nregion = \"eu-west-1\"\n\
             [route-table.main]\nroutes = []\n\
             [subnet.main]\ncidrs = [\"10.0.1.0/24\"]\nroute-table = \"main\"\n\
             [security-group.main]\n",
        );
        let mut claims = CLAIM.replace(" tag:tier=db", "");
        for n in 0..=n {
            network.push_str(&format!(
                "[interface.i{n}]\nsubnet = \"main\"\naddresses = [\"10.0.1.{}\"]\ngroups = [\"main\"]\n",
                n + 10
            ));
        }
        for n in 0..n {
            claims.push_str(&format!(
                "[[waive]]\ninvariant = \"x\"\nfrom = \"interface id:i{n}\"\nto = \"interface id:i{n}\"\n\
                 traffic = \"tcp/{}\"\nreason = \"r\"\n",
                n + 1
            ));
        }
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("network.toml");
        std::fs::write(&path, network).unwrap();
        let network = ingest::read(&[path]).unwrap().validate().unwrap().network;
        planned_on(&network, &claims, "2026-11-27").map(|(_, _, plan)| plan.rest.len())
    };
    assert_eq!(told(31), Ok(63));
    let refused = told(32).unwrap_err();
    assert!(refused.contains("leave more than 64 parts"), "{refused}");
}

#[test]
fn hosts_outside_that_are_taken_and_that_are_left_are_a_partition() {
    let blocks = |texts: &[&str]| -> Blocks {
        Some(texts.iter().map(|text| text.parse().unwrap()).collect())
    };
    let wholes = [
        None,
        blocks(&["198.51.100.0/24"]),
        blocks(&["198.51.100.0/25", "203.0.113.0/24", "2001:db8::/32"]),
    ];
    let takings = [
        None,
        blocks(&["198.51.100.128/25"]),
        blocks(&["0.0.0.0/0"]),
        blocks(&["198.51.0.0/16", "203.0.113.7/32", "2001:db8:1::/48"]),
        blocks(&["192.0.2.0/24"]),
    ];
    let hosts = [
        "198.51.100.1/32",
        "198.51.100.200/32",
        "203.0.113.7/32",
        "203.0.113.8/32",
        "192.0.2.1/32",
        "2001:db8::1/128",
        "2001:db8:1::1/128",
    ];
    let times = |origins: &[Origin], host: &str| {
        let host: model::Cidr = host.parse().unwrap();
        let all = origins.iter().flat_map(|origin| match origin {
            Origin::Internet(blocks) => listed(blocks),
            Origin::Interfaces(_) | Origin::OnPremises { .. } => BTreeSet::new(),
        });
        all.filter(|block| crate::blocks::covers(*block, host))
            .count()
    };
    let mut n_cut = 0;
    for whole in &wholes {
        for taken in &takings {
            let from = [Origin::Internet(whole.clone())];
            let cut = Senders {
                internet: Some(taken.clone()),
                ..Senders::default()
            };
            let (inside, outside) = senders::split(&from, Some(&cut));
            for host in hosts {
                let is_cut = times(&[Origin::Internet(taken.clone())], host) > 0;
                let is_whole = times(&from, host) > 0;
                let (own, others) = (times(&inside, host), times(&outside, host));
                assert_eq!(own > 0, is_whole && is_cut, "{whole:?} {taken:?} {host}");
                assert_eq!(
                    others > 0,
                    is_whole && !is_cut,
                    "{whole:?} {taken:?} {host}"
                );
                n_cut += own;
            }
            // Nobody else is taken, and who is not meant is left.
            let onprem = [Origin::OnPremises {
                blocks: None,
                resolver: None,
            }];
            assert_eq!(
                senders::split(&onprem, Some(&cut)),
                (Vec::new(), onprem.to_vec())
            );
        }
    }
    assert!(n_cut > 10);
}

#[test]
fn a_family_is_taken_alone() {
    let whole = part(&["a", "b"], &["b"], vec![tcp(ALL, ALL)]);
    let cut = Cut {
        families: Some(BTreeSet::from([Family::V6])),
        ..Cut::default()
    };
    let (taken, rest) = whole.split(&cut);
    assert_eq!(taken.unwrap().families, BTreeSet::from([Family::V6]));
    let [left] = rest.as_slice() else {
        panic!("{rest:?}")
    };
    assert_eq!(left.families, BTreeSet::from([Family::V4]));
    assert_eq!(
        (&left.from, &left.to, &left.traffic),
        (&whole.from, &whole.to, &whole.traffic)
    );
}

#[test]
fn packets_of_either_class_are_those_of_both_together() {
    let classes = [
        vec![tcp(ALL, 22..=22)],
        vec![tcp(ALL, 23..=80), tcp(1024..=u16::MAX, 443..=443)],
        vec![tcp(2000..=3000, 0..=22), tcp(ALL, 443..=u16::MAX)],
        vec![tcp(0..=1023, 443..=443)],
    ];
    for one in &classes {
        for other in &classes {
            let of = |classes: &Vec<TrafficClass>| part(&["a"], &["b"], classes.clone());
            let traffic = |classes: &Vec<TrafficClass>| Traffic {
                classes: classes.clone(),
            };
            let both = super::traffic::together(&traffic(one), &traffic(other));
            let both = of(&both.classes);
            for source in [0, 1023, 1024, 2000, 3000, 3001] {
                for destination in [0, 21, 22, 23, 80, 81, 443, 444] {
                    let ports = (source, destination);
                    let either =
                        times(&of(one), ("a", "b"), ports) + times(&of(other), ("a", "b"), ports);
                    let n = times(&both, ("a", "b"), ports);
                    assert_eq!(n, usize::from(either > 0), "{one:?} {other:?} {ports:?}");
                }
            }
        }
    }
}
