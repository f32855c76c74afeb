//! Encodings that are not the plainest are proved equal to the plainest, by z3 itself, on random inputs; and terms say
//! of a constant what they say of a variable with that value.

use model::{AclAction, Cidr, Clause, Family, RuleTraffic, Value};
use z3::ast::Ast;
use z3::{SatResult, Solver};

use super::build::*;
use crate::encoder::Encoder;
use crate::index::Index;
use crate::network_acl::{self, Bound};
use crate::network_interface::Who;
use crate::pattern::Pattern;
use crate::ranges::{Ranges, block_holds};
use crate::route_table;
use crate::symbolic::{Formula, Number};

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        ((self.0 >> 33) as u32) % limit
    }

    /// A block near others: inside 20.0.0.0/8, of few distinct prefixes.
    fn block(&mut self) -> Cidr {
        let length = [0, 8, 9, 12, 16, 24, 30, 31, 32][self.below(9) as usize];
        let address = 0x1400_0000 | self.below(4) << 22 | self.below(4) << 14 | self.below(4);
        let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
        Cidr::new(model::Address::V4(address & mask), length as u8).expect("canonical")
    }
}

fn equal(one: &Formula, other: &Formula) {
    let solver = Solver::new_for_logic("QF_BV").expect("a known logic");
    solver.assert(one.to_bool().xor(other.to_bool()));
    assert_eq!(solver.check(), SatResult::Unsat, "{one:?}\n{other:?}");
}

/// What a formula says when a number has a value.
fn at(formula: &Formula, number: &Number, value: u128) -> Option<bool> {
    let to = Number::Known(value, number.width()).to_bv();
    let term = formula.to_bool().substitute(&[(&number.to_bv(), &to)]);
    term.simplify().as_bool()
}

#[test]
fn merged_ranges_hold_what_their_blocks_hold() {
    let mut dice = Dice(1);
    let address = Number::free("address", 32);
    for _ in 0..50 {
        let blocks: Vec<Cidr> = (0..=dice.below(8)).map(|_| dice.block()).collect();
        let merged = Ranges::of_blocks(Family::V4, &blocks).hold(&address);
        let plain = Formula::any(blocks.iter().map(|block| block_holds(*block, &address)));
        equal(&merged, &plain);
    }
}

#[test]
fn a_known_address_folds_to_what_the_term_says_of_it() {
    let mut dice = Dice(2);
    let address = Number::free("address", 32);
    for _ in 0..50 {
        let blocks: Vec<Cidr> = (0..4).map(|_| dice.block()).collect();
        let set = Ranges::of_blocks(Family::V4, &blocks);
        let ends = crate::ranges::ends(blocks[0]);
        for value in [
            ends.0,
            ends.1,
            ends.0.wrapping_sub(1) & 0xffff_ffff,
            (ends.1 + 1) & 0xffff_ffff,
        ] {
            let known = set.hold(&Number::Known(value, 32));
            let said = at(&set.hold(&address), &address, value);
            assert_eq!(known, Formula::Constant(said.expect("a value")));
        }
    }
}

#[test]
fn wide_numbers_are_read_back() {
    for value in [
        0,
        1,
        u128::from(u64::MAX),
        1 << 64,
        u128::MAX,
        0x2600_u128 << 112 | 7,
    ] {
        let numeral = Number::Known(value, 128).to_bv();
        assert_eq!(crate::budget::value(&numeral), Some(value));
        let free = Number::free("wide", 128);
        assert_eq!(at(&free.is(value), &free, value), Some(true));
        assert_eq!(at(&free.is(value), &free, value ^ 1), Some(false));
        assert_eq!(
            at(&free.starts_with(value, 100), &free, value ^ 1),
            Some(true)
        );
        assert_eq!(at(&free.within(value, value), &free, value), Some(true));
    }
}

/// The plainest reading of longest prefix match: a route is chosen iff it matches and no longer one does.
#[test]
fn the_choice_is_the_longest_match() {
    let mut dice = Dice(3);
    for _ in 0..30 {
        let mut draft = two_subnets();
        let mut blocks: Vec<Cidr> = (0..=dice.below(9)).map(|_| dice.block()).collect();
        blocks.sort();
        blocks.dedup();
        let mut targets = Vec::new();
        for (number, block) in blocks.iter().enumerate() {
            let id = format!("p{number}");
            draft.peerings.push(model::Peering {
                id: id.as_str().into(),
                requester: model::PeeringEnd::Vpc("v".into()),
                accepter: model::PeeringEnd::Outside(id.clone()),
                active: true,
                tags: Default::default(),
            });
            let target = model::Target::Peering(id.as_str().into());
            targets.push(target.clone());
            add_route(&mut draft, "v-main", to(&block.to_string(), target));
        }
        let mut encoder = encoder(draft, Family::V4);
        let address = encoder.packet.destination.clone();
        let who = Who::pinned(&encoder, &"a".into()).expect("it is there");
        let choice = route_table::choose(&mut encoder, &who, &address);
        let usual = !(address.starts_with(0x0a00_0000, 16) | address.starts_with(0xa9fe_a800, 22));
        for (block, target) in blocks.iter().zip(&targets) {
            let longer = blocks
                .iter()
                .filter(|other| other.prefix_len() > block.prefix_len());
            let longer = longer.map(|other| block_holds(*other, &address));
            let plain = block_holds(*block, &address) & !Formula::any(longer);
            equal(
                &(usual.clone() & choice.is(target)),
                &(usual.clone() & plain),
            );
        }
        let matched = Formula::any(blocks.iter().map(|block| block_holds(*block, &address)));
        let dropped = choice.dropped.iter().map(|(_, when)| when.clone());
        let dropped = Formula::any(dropped) & usual.clone();
        equal(&dropped, &(usual & !matched));
    }
}

fn encoder(draft: model::NetworkDraft, family: Family) -> Encoder {
    let network = std::sync::Arc::new(valid(draft));
    let index = std::sync::Arc::new(Index::new(&network));
    Encoder::new(&network, &index, family)
}

/// One port of each stretch speaks for every port that a NAT gateway may choose.
#[test]
fn the_ports_that_are_asked_speak_for_all() {
    let mut dice = Dice(4);
    for _ in 0..40 {
        let mut draft = two_subnets();
        let entries = (1..=1 + dice.below(6)).map(|number| {
            let from = [0, 443, 1023, 1024, 1025, 30000, 65535][dice.below(7) as usize];
            let to = from.max([443, 1023, 1024, 40000, 65534, 65535][dice.below(6) as usize]);
            let traffic = [tcp(from, to), RuleTraffic::All, RuleTraffic::Protocol(6)];
            let traffic = traffic[dice.below(4).saturating_sub(1) as usize].clone();
            let action = [AclAction::Allow, AclAction::Deny][dice.below(2) as usize];
            let block = ["0.0.0.0/0", "8.0.0.0/8"][dice.below(2) as usize];
            entry(number as u16, action, traffic, block)
        });
        let entries = entries.collect();
        acl(&mut draft, "some", "v", entries);
        draft.subnets[0].network_acl = Value::Known("some".into());
        let mut encoder = encoder(draft, Family::V4);
        let who = Who::pinned(&encoder, &"a".into()).expect("it is there");
        let far = encoder.packet.source.clone();
        let mut transport = encoder.packet.transport.clone();
        let over = network_acl::step_for_chosen_port(
            &mut encoder,
            &who,
            Bound::In,
            (&far, &transport),
            Clause::NatGatewaySourcePort,
        );
        let drop = Formula::any(over.drop);
        let doubt = Formula::any(over.doubts.into_iter().map(|doubt| doubt.when));

        // With a port that is free: what is certain over the ports is certain of it, what is mixed can be both.
        let port = Number::free("chosen", 16);
        transport.destination_port = port.clone();
        let single = network_acl::step(&mut encoder, &who, Bound::In, &far, &transport);
        let dropped = Formula::any(single.drop);
        let chosen = port.within(1024, 65535);
        equal(&(&chosen & &(&drop & &!&dropped)), &Formula::FALSE);
        let passes = !(&drop | &doubt);
        equal(&(&chosen & &(&passes & &dropped)), &Formula::FALSE);
        for value in [0x0800_0001, 0x0900_0001_u128] {
            let here = encoder.packet.transport.protocol.is(6) & far.is(value) & doubt.clone();
            let both = [dropped.clone(), !&dropped].map(|one| {
                let solver = Solver::new_for_logic("QF_BV").expect("a known logic");
                solver.assert((&(&chosen & &here) & &one).to_bool());
                solver.check()
            });
            assert_eq!(both[0], both[1], "doubt means that both can be");
        }
    }
}

/// z3's regular expressions are a second opinion on wildcards.
#[test]
fn wildcards_match_as_regular_expressions_do() {
    use z3::ast::{Regexp, String as Text};
    let mut dice = Dice(5);
    let any = || Regexp::allchar();
    let no_colon = || Regexp::intersect(&[Regexp::allchar(), Regexp::literal(":").complement()]);
    for _ in 0..60 {
        let draw = |dice: &mut Dice, alphabet: &[char], most: u32| -> String {
            (0..dice.below(most))
                .map(|_| alphabet[dice.below(alphabet.len() as u32) as usize])
                .collect()
        };
        let pattern = draw(&mut dice, &['a', 'b', ':', '*', '*', '?'], 7);
        let characters: Vec<char> = pattern.chars().collect();
        let parts = characters.iter().enumerate().map(|(position, character)| {
            let at_end = characters.get(position + 1).is_none_or(|next| *next == ':');
            match character {
                '*' if at_end => any().star(),
                '*' => no_colon().star(),
                '?' => no_colon(),
                other => Regexp::literal(&other.to_string()),
            }
        });
        let parts: Vec<_> = [Regexp::literal(""), Regexp::literal("")]
            .into_iter()
            .chain(parts)
            .collect();
        let expression = Regexp::concat(&parts);
        for _ in 0..8 {
            let text = draw(&mut dice, &['a', 'b', ':', 'c'], 8);
            let term: Text = text.parse().expect("no zero byte");
            let matches = term.regex_matches(&expression).simplify().as_bool();
            assert_eq!(
                matches,
                Some(Pattern::resource(&pattern).matches(&text)),
                "{pattern} {text}"
            );
        }
    }
}
