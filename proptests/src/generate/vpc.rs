//! VPCs with their main tables, and subnets.

use model::{
    AclAction, AclEntry, Address, BlockPublicAccess, Cidr, Exclusion, Family, Hole,
    InboundResolver, NetworkAcl, NetworkAclId, Route, RouteDestination, RouteOrigin, RouteState,
    RouteTable, RouteTableId, RuleTraffic, Subnet, SubnetId, Tags, Target, Value, Vpc, VpcId,
};

use proptest::sample::Index;

use super::Builder;
use crate::plan::SubnetPlan;
use crate::pool::{self, choose, pick};
use crate::swarm::Feature;
use crate::weights::{
    ACCOUNT, BLOCK_PUBLIC_ACCESS, DNS, INBOUND, IPV6_BLOCKS, InboundChoice, Ipv6Blocks, ModeKind,
    Naming, REGION, SECOND_BLOCK, SUBNET_ACL, SUBNET_EXCLUSION, SUBNET_TABLE, VPC_BLOCK,
    VPC_EXCLUSION, VpcBlock, ZONE,
};

const FIRST_ACCOUNT: &str = "111111111111";
const SECOND_ACCOUNT: &str = "222222222222";

impl Builder<'_> {
    pub(super) fn vpcs(&mut self) {
        let many = self.has(Feature::ManyVpcs);
        let plans = self
            .plan
            .vpcs
            .iter()
            .take(if many { usize::MAX } else { 1 });
        for (position, plan) in plans.enumerate() {
            let id = VpcId::new(format!("v{position}"));
            let first = match choose(&plan.cidr, &VPC_BLOCK) {
                VpcBlock::Own => pool::cidr(&format!("10.{position}.0.0/16")),
                VpcBlock::Fixed(text) => pool::cidr(text),
            };
            let mut cidrs = vec![first];
            let second = choose(&plan.second, &SECOND_BLOCK).map(pool::cidr);
            cidrs.extend(second.filter(|second| !pool::overlap(first, *second)));
            if self.has(Feature::Ipv6) {
                let global = pool::cidr(&format!("2001:db8:0:{position:x}00::/56"));
                let local = pool::cidr("fd12:3456:789a:100::/56");
                match choose(&plan.ipv6, &IPV6_BLOCKS) {
                    Ipv6Blocks::None => {}
                    Ipv6Blocks::Global => cidrs.push(global),
                    Ipv6Blocks::Local => cidrs.push(local),
                    Ipv6Blocks::Both => cidrs.extend([global, local]),
                }
            }
            let (dns_support, dns_hostnames, custom_dns_servers) = choose(&plan.dns, &DNS);
            let main_route_table = RouteTableId::new(format!("{id}-main"));
            self.draft.route_tables.push(RouteTable {
                id: main_route_table.clone(),
                vpc: id.clone(),
                routes: local_routes(&cidrs),
                tags: Tags::new(),
            });
            let block_public_access =
                self.mode(choose(&plan.block_public_access, &BLOCK_PUBLIC_ACCESS), &id);
            let exclusion = self.exclusion(choose(&plan.exclusion, &VPC_EXCLUSION));
            let inbound_resolver = self.inbound_resolver(choose(&plan.inbound, &INBOUND), &id);
            self.draft.vpcs.push(Vpc {
                id,
                region: choose(&plan.region, &REGION).to_owned(),
                account: choose(&plan.account, &ACCOUNT).map(str::to_owned),
                cidrs,
                main_route_table,
                dns_support,
                dns_hostnames,
                custom_dns_servers,
                inbound_resolver,
                block_public_access,
                exclusion,
                dns_firewall: Vec::new(),
                tags: Tags::new(),
            });
        }
    }

    /// Names of zones differ between accounts, so all are known where there are two.
    pub(super) fn accounts(&mut self) {
        let second = |vpc: &Vpc| vpc.account.as_deref() == Some(SECOND_ACCOUNT);
        if self.draft.vpcs.iter().any(second) {
            for vpc in &mut self.draft.vpcs {
                vpc.account.get_or_insert(FIRST_ACCOUNT.to_owned());
            }
        }
    }

    /// Gives a VPC another account than that of another VPC.
    pub(super) fn other_account(&mut self, of: &VpcId, other: &VpcId) -> Option<()> {
        let second = self.vpc(other)?.account.as_deref() == Some(SECOND_ACCOUNT);
        let account = if second {
            FIRST_ACCOUNT
        } else {
            SECOND_ACCOUNT
        };
        let mut vpcs = self.draft.vpcs.iter_mut();
        vpcs.find(|vpc| vpc.id == *of)?.account = Some(account.to_owned());
        self.accounts();
        Some(())
    }

    /// The name and the id of a zone.
    fn zone(&self, vpc: &Vpc, index: &Index) -> [Option<String>; 2] {
        let (number, known) = choose(index, &ZONE);
        match number.filter(|_| self.has(Feature::Zones)) {
            Some(number) => Self::zone_names(vpc, number, known),
            None => [None, None],
        }
    }

    /// The name of a zone, and its id.
    pub(super) fn zone_names(vpc: &Vpc, number: usize, known: bool) -> [Option<String>; 2] {
        let letter = if number == 0 { "a" } else { "b" };
        let swapped = vpc.account.as_deref() == Some(SECOND_ACCOUNT);
        let id = if swapped { 2 - number } else { 1 + number };
        [
            Some(format!("us-east-1{letter}")),
            known.then(|| format!("use1-az{id}")),
        ]
    }

    /// Another subnet, the smallest there is, with an open ACL and a table of its own.
    pub(super) fn add_subnet(
        &mut self,
        id: &str,
        vpc: &VpcId,
        zone: [Option<String>; 2],
    ) -> Option<Subnet> {
        let vpc = self.vpc(vpc)?.clone();
        let of_vpc = self.draft.subnets.iter().filter(|one| one.vpc == vpc.id);
        let used: Vec<_> = of_vpc.flat_map(|one| one.cidrs.iter()).copied().collect();
        let mut cidrs = Vec::new();
        for family in [Family::V4, Family::V6] {
            let (width, n_slots) = match family {
                Family::V4 => (28, 4_096_u32),
                Family::V6 => (64, 64),
            };
            let blocks = vpc.cidrs.iter().filter(|block| block.family() == family);
            let slots = blocks.flat_map(|block| {
                let step = 1_u128 << (family.width() - width);
                (0..n_slots).map(move |n| {
                    let bits = block.bits() + u128::from(n) * step;
                    pool::around(Address::from_bits(family, bits), width)
                })
            });
            let mut free = slots.filter(|slot| {
                vpc.cidrs
                    .iter()
                    .any(|block| pool::holds(*block, slot.base()))
                    && !used.iter().any(|used| pool::overlap(*used, *slot))
            });
            cidrs.extend(free.next());
        }
        if !cidrs.iter().any(|cidr| cidr.family() == Family::V4) {
            return None;
        }
        let [zone, zone_id] = zone;
        let subnet = Subnet {
            id: SubnetId::new(id),
            network_acl: Value::Known(self.open_acl(&vpc.id)),
            vpc: vpc.id,
            cidrs,
            zone,
            zone_id,
            dns64: false,
            route_table: None,
            exclusion: None,
            tags: Tags::new(),
        };
        self.draft.subnets.push(subnet.clone());
        self.own_table(id, &subnet);
        Some(subnet)
    }

    pub(super) fn tables(&mut self) {
        for (position, plan) in self.plan.tables.iter().enumerate() {
            let Some(vpc) = pick(&plan.vpc, &self.draft.vpcs) else {
                continue;
            };
            let table = RouteTable {
                id: RouteTableId::new(format!("t{position}")),
                vpc: vpc.id.clone(),
                routes: local_routes(&vpc.cidrs),
                tags: Tags::new(),
            };
            self.draft.route_tables.push(table);
        }
    }

    pub(super) fn subnets(&mut self) {
        for (position, plan) in self.plan.subnets.iter().enumerate() {
            let Some(vpc) = pick(&plan.vpc, &self.draft.vpcs).cloned() else {
                continue;
            };
            let cidrs = self.subnet_blocks(&vpc, plan);
            if cidrs.is_empty() {
                continue;
            }
            let id = SubnetId::new(format!("s{position}"));
            let table = self.naming(choose(&plan.table, &SUBNET_TABLE));
            let tables = self.tables_of(&vpc.id);
            let tables: Vec<_> = tables.into_iter().map(|table| table.id.clone()).collect();
            let hole = Hole::new(format!("route table of {id}"));
            let route_table = named(table, plan, &tables, hole);
            let acl = self.naming(choose(&plan.acl, &SUBNET_ACL));
            let acls = self.draft.network_acls.iter();
            let acls = acls.filter(|acl| acl.vpc == vpc.id);
            let acls: Vec<_> = acls.map(|acl| acl.id.clone()).collect();
            let hole = Hole::new(format!("network ACL of {id}"));
            let network_acl = named(acl, plan, &acls, hole);
            let network_acl = network_acl.unwrap_or_else(|| Value::Known(self.open_acl(&vpc.id)));
            let [zone, zone_id] = self.zone(&vpc, &plan.zone);
            self.draft.subnets.push(Subnet {
                id,
                vpc: vpc.id,
                cidrs,
                zone,
                zone_id,
                dns64: self.dns64(&plan.dns64),
                route_table,
                network_acl,
                exclusion: self.exclusion(choose(&plan.exclusion, &SUBNET_EXCLUSION)),
                tags: Tags::new(),
            });
        }
    }

    fn inbound_resolver(&self, choice: InboundChoice, vpc: &VpcId) -> InboundResolver {
        if !self.has(Feature::InboundResolvers) {
            return InboundResolver::Unknown;
        }
        let hole = || Hole::new(format!("DNS64 of the inbound resolver endpoint of {vpc}"));
        let dns64 = match choice {
            InboundChoice::Unknown => return InboundResolver::Unknown,
            InboundChoice::Absent => return InboundResolver::Absent,
            InboundChoice::Present(dns64) => Value::Known(dns64 && self.has(Feature::Dns64)),
            InboundChoice::OneOf | InboundChoice::Any if !self.has(Feature::Dns64) => {
                Value::Known(false)
            }
            InboundChoice::OneOf | InboundChoice::Any if !self.has(Feature::Holes) => {
                Value::Known(true)
            }
            InboundChoice::OneOf => Value::OneOf(vec![false, true], hole()),
            InboundChoice::Any => Value::Any(hole()),
        };
        InboundResolver::Present { dns64 }
    }

    /// Where there is IPv6, two of five subnets.
    fn dns64(&self, index: &Index) -> bool {
        self.has(Feature::Ipv6) && self.has(Feature::Dns64) && index.index(5) >= 3
    }

    fn mode(&self, kind: ModeKind, vpc: &VpcId) -> Value<BlockPublicAccess> {
        if !self.has(Feature::BlockPublicAccess) {
            return Value::Known(BlockPublicAccess::Off);
        }
        let hole = Hole::new(format!("mode of VPC Block Public Access of {vpc}"));
        match kind {
            ModeKind::Known(mode) => Value::Known(mode),
            ModeKind::OneOf([_, mode]) if !self.has(Feature::Holes) => Value::Known(mode),
            ModeKind::OneOf(modes) => Value::OneOf(modes.to_vec(), hole),
            ModeKind::Any if !self.has(Feature::Holes) => Value::Known(BlockPublicAccess::Off),
            ModeKind::Any => Value::Any(hole),
        }
    }

    /// An exclusion, where there is something to be excluded from.
    fn exclusion(&self, exclusion: Option<Exclusion>) -> Option<Exclusion> {
        exclusion.filter(|_| self.has(Feature::BlockPublicAccess))
    }

    fn naming(&self, naming: Naming) -> Naming {
        match naming {
            Naming::Implied | Naming::Known => naming,
            Naming::OneOf | Naming::Any if self.has(Feature::Holes) => naming,
            Naming::OneOf | Naming::Any => Naming::Known,
        }
    }

    /// A free part of one of the VPC's IPv4 blocks, and of its IPv6 blocks.
    fn subnet_blocks(&self, vpc: &Vpc, plan: &SubnetPlan) -> Vec<Cidr> {
        let of_vpc = self
            .draft
            .subnets
            .iter()
            .filter(|subnet| subnet.vpc == vpc.id);
        let used: Vec<_> = of_vpc.flat_map(|subnet| subnet.cidrs.iter()).collect();
        let free = |cidr: &Cidr| !used.iter().any(|used| pool::overlap(**used, *cidr));
        let of = |family| vpc.cidrs.iter().filter(move |cidr| cidr.family() == family);
        let v4: Vec<_> = of(Family::V4).copied().collect();
        let mut cidrs = Vec::new();
        if let Some(block) = pick(&plan.block, &v4) {
            let slots = slots(*block);
            let start = plan.slot.index(slots.len());
            let around = slots.iter().cycle().skip(start).take(slots.len());
            cidrs.extend(around.copied().find(free));
        }
        for block in of(Family::V6) {
            // Dual stack is as frequent as single.
            if plan.ipv6.index(2) == 0 {
                let slots: Vec<_> = (0..32_u32)
                    .map(|n| {
                        let base = block.bits() | (u128::from(n) << 64);
                        pool::around(model::Address::V6(base), 64)
                    })
                    .collect();
                cidrs.extend(slots.into_iter().find(free));
            }
        }
        cidrs
    }

    /// The ACL of a VPC that lets everything pass; made when it is needed.
    pub(super) fn open_acl(&mut self, vpc: &VpcId) -> NetworkAclId {
        let id = NetworkAclId::new(format!("{vpc}-open"));
        if self.draft.network_acls.iter().any(|acl| acl.id == id) {
            return id;
        }
        let entry = |number, cidr| AclEntry {
            number,
            action: AclAction::Allow,
            traffic: RuleTraffic::All,
            cidr: pool::cidr(cidr),
        };
        let entries = vec![entry(100, "0.0.0.0/0"), entry(101, "::/0")];
        self.draft.network_acls.push(NetworkAcl {
            id: id.clone(),
            vpc: vpc.clone(),
            ingress: entries.clone(),
            egress: entries,
            tags: Tags::new(),
        });
        id
    }
}

/// Which of these a subnet names; `None` is the implied one.
fn named<Id: Clone + Ord>(
    naming: Naming,
    plan: &SubnetPlan,
    ids: &[Id],
    hole: Hole,
) -> Option<Value<Id>> {
    let first = pick(&plan.which, ids)?;
    match naming {
        Naming::Implied => None,
        Naming::Known => Some(Value::Known(first.clone())),
        Naming::OneOf => {
            let other = ids.iter().find(|id| *id != first)?;
            Some(Value::OneOf(vec![first.clone(), other.clone()], hole))
        }
        Naming::Any => Some(Value::Any(hole)),
    }
}

/// Parts of a block of which subnets are made: quarters, a whole half, the smallest at both ends.
fn slots(block: Cidr) -> Vec<Cidr> {
    let quarters = pool::halves(block).into_iter().flatten();
    let quarters = quarters.flat_map(|half| pool::halves(half).into_iter().flatten());
    let mut slots: Vec<_> = quarters.collect();
    let upper = pool::halves(block).into_iter().flatten().last();
    slots.extend(upper);
    let small = pool::around(pool::last(block), 28);
    slots.push(small);
    slots.push(pool::around(block.base(), 28));
    slots.retain(|slot| slot.prefix_len() <= 28);
    slots.extend((0..8_i64).map(|n| pool::around(pool::offset(block, n * 32), 28)));
    slots
}

/// The local routes of a table.
pub(super) fn local_routes(cidrs: &[Cidr]) -> Vec<Route> {
    let cidrs = cidrs.iter();
    cidrs
        .map(|cidr| Route {
            destination: Value::Known(RouteDestination::Cidr(*cidr)),
            target: Value::Known(Target::Local),
            origin: RouteOrigin::Static,
            state: RouteState::Active,
        })
        .collect()
}
