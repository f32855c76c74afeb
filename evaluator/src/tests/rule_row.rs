//! What is looked up by port in a row of rules is what its rules say one by one.

use std::collections::BTreeSet;

use model::{Clause, Transport};

use super::filter_sets::traffic;
use super::properties::Numbers;
use crate::index::{HoleIndex, Position};
use crate::rule_row::{Row, RowRule};

#[test]
fn a_port_is_looked_up_as_rule_by_rule() {
    let numbers = &mut Numbers(18_000_000);
    let (mut n_found, mut n_asked) = (0, 0);
    for round in 0..600 {
        let n_rules = [3, 4, 9, 40, 200][round % 5];
        let rules = (0..n_rules).map(|order| RowRule {
            order,
            traffic: traffic(numbers),
            clause: Clause::SecurityGroupCidr,
            hole: numbers.one_in(6).then(|| HoleIndex::new(0)),
        });
        let row = Row::new(rules.collect());
        let edges = row
            .rules()
            .iter()
            .filter_map(|rule| rule.ports(6).or(rule.ports(17)));
        let edges =
            edges.flat_map(|(from, to)| [from.saturating_sub(1), from, to, to.saturating_add(1)]);
        let ports: BTreeSet<u16> = edges.chain([0, 1, 30_000, u16::MAX]).collect();
        for port in ports {
            for is_tcp in [true, false] {
                let (source_port, destination_port) = (40_000, port);
                let transport = match is_tcp {
                    true => Transport::Tcp {
                        source_port,
                        destination_port,
                    },
                    false => Transport::Udp {
                        source_port,
                        destination_port,
                    },
                };
                let found = row.first(transport);
                assert_eq!(found, row.first_of_all(transport), "{row:?} {transport}");
                n_found += usize::from(found.is_some());
                n_asked += 1;
            }
        }
    }
    assert!(
        n_found > 2_000 && n_asked - n_found > 1_000,
        "{n_found} of {n_asked}"
    );
}
