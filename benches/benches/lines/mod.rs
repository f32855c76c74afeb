//! The lines of filters as z3 and a BDD library have them.

use benches::filters::DrawnRule;
use oxidd::bdd::{BDDFunction, BDDManagerRef, new_manager};
use oxidd::{BooleanFunction, Manager, ManagerRef};
use z3::ast::{BV, Bool};
use z3::{SatResult, Solver};

/// The client and the port of a packet, as z3's bit-vectors.
struct Open {
    address: BV,
    port: BV,
}

impl Open {
    fn new() -> Self {
        Self {
            address: BV::new_const("address", 32),
            port: BV::new_const("port", 16),
        }
    }

    /// That a line holds the packet.
    fn is_of(&self, rule: &DrawnRule) -> Bool {
        let length = u32::from(rule.cidr.prefix_len());
        let mut all = Vec::new();
        if length > 0 {
            let prefix = (rule.cidr.bits() as u64) >> (32 - length);
            let prefix = BV::from_u64(prefix, length);
            all.push(self.address.extract(31, 32 - length).eq(&prefix));
        }
        let port = |number: u16| BV::from_u64(number.into(), 16);
        all.push(self.port.bvuge(port(*rule.ports.start())));
        all.push(self.port.bvule(port(*rule.ports.end())));
        Bool::and(&all)
    }

    fn admitted(&self, rules: &[DrawnRule]) -> Bool {
        let lines: Vec<_> = rules.iter().map(|rule| self.is_of(rule)).collect();
        Bool::or(&lines)
    }
}

/// The logic for which z3 bit-blasts and keeps what it has learnt.
fn bit_vectors() -> Solver {
    Solver::new_for_logic("QF_BV").expect("z3 knows that logic")
}

/// A group of rules in one solver that is asked again and again.
pub struct Solved {
    solver: Solver,
    open: Open,
}

impl Solved {
    pub fn new(rules: &[DrawnRule]) -> Self {
        let (solver, open) = (bit_vectors(), Open::new());
        solver.assert(open.admitted(rules));
        Self { solver, open }
    }

    /// Whether the group lets in some packet that a line holds.
    pub fn is_some(&mut self, question: &DrawnRule) -> bool {
        self.solver.push();
        self.solver.assert(self.open.is_of(question));
        let is_some = self.solver.check() == SatResult::Sat;
        self.solver.pop(1);
        is_some
    }

    /// Whether two groups let in the same.
    pub fn are_equal(one: &[DrawnRule], other: &[DrawnRule]) -> bool {
        let (solver, open) = (bit_vectors(), Open::new());
        solver.assert(open.admitted(one).xor(open.admitted(other)));
        solver.check() == SatResult::Unsat
    }

    /// A packet that the last line holds and none before it.
    pub fn first_for_last(rules: &[DrawnRule]) -> Option<(u32, u16)> {
        let (last, before) = rules.split_last()?;
        let (solver, open) = (bit_vectors(), Open::new());
        solver.assert(open.admitted(before).not());
        solver.assert(open.is_of(last));
        if solver.check() != SatResult::Sat {
            return None;
        }
        let model = solver.get_model()?;
        let value = |bits: &BV| model.eval(bits, true)?.as_u64();
        Some((value(&open.address)? as u32, value(&open.port)? as u16))
    }

    /// Whether a line holds a packet, by its numbers.
    pub fn holds(rule: &DrawnRule, (address, port): (u32, u16)) -> bool {
        let base = rule.cidr.bits() as u32;
        let differing = (address ^ base).checked_shr(32 - u32::from(rule.cidr.prefix_len()));
        differing.is_none_or(|bits| bits == 0) && rule.ports.contains(&port)
    }
}

/// The lines of an ACL as a BDD.
pub struct Diagram {
    _manager: BDDManagerRef,
    bits: Vec<BDDFunction>,
    set: BDDFunction,
}

impl Diagram {
    /// One thread, and tables that are large enough for the lines that are measured.
    pub fn new(rules: &[DrawnRule]) -> Self {
        let manager = new_manager(1 << 21, 1 << 18, 1);
        let (bits, yes, no) = manager.with_manager_exclusive(|manager| {
            let variables = manager.add_vars(48);
            let bits: Vec<_> = variables
                .map(|variable| BDDFunction::var(manager, variable).expect("there is room"))
                .collect();
            (bits, BDDFunction::t(manager), BDDFunction::f(manager))
        });
        let mut set = no.clone();
        for rule in rules.iter().rev() {
            let line = line(&bits, rule, [&yes, &no]);
            let decides = if rule.allows { &yes } else { &no };
            set = line.ite(decides, &set).expect("there is room");
        }
        Self {
            _manager: manager,
            bits,
            set,
        }
    }

    pub fn holds(&self, (address, port): (u32, u16)) -> bool {
        let whole = u64::from(address) << 16 | u64::from(port);
        let values = (0..48).map(|bit| (bit, whole >> (47 - bit) & 1 == 1));
        debug_assert_eq!(self.bits.len(), 48);
        self.set.eval(values)
    }
}

fn line(bits: &[BDDFunction], rule: &DrawnRule, [yes, no]: [&BDDFunction; 2]) -> BDDFunction {
    let room = "there is room";
    let (address, port) = bits.split_at(32);
    let from = at_least(port, *rule.ports.start(), yes);
    let to = match rule.ports.end().checked_add(1) {
        Some(next) => at_least(port, next, yes).not().expect(room),
        None => yes.clone(),
    };
    let mut line = from.and(&to).expect(room);
    let length = usize::from(rule.cidr.prefix_len());
    let base = rule.cidr.bits() as u32;
    for (position, bit) in address.iter().enumerate().take(length).rev() {
        let is_set = base >> (31 - position) & 1 == 1;
        line = match is_set {
            true => bit.ite(&line, no),
            false => bit.ite(no, &line),
        }
        .expect(room);
    }
    line
}

/// That the port is so great.
fn at_least(port: &[BDDFunction], number: u16, yes: &BDDFunction) -> BDDFunction {
    let mut is_so = yes.clone();
    for (position, bit) in port.iter().enumerate().rev() {
        let is_set = number >> (15 - position) & 1 == 1;
        is_so = match is_set {
            true => bit.and(&is_so),
            false => bit.or(&is_so),
        }
        .expect("there is room");
    }
    is_so
}
