//! Subnets: which table and which ACL they have while associations change.

use std::collections::BTreeSet;

use model::{NetworkAclId, RouteTableId, Subnet, Tags, Value};

use super::pairs::{Pair, pairs};
use super::resource::hole;
use super::{Matters, Merge};
use crate::provenance::Kind;

impl Merge<'_> {
    pub(super) fn subnets(&mut self) {
        let [before, after] = self.networks();
        for (id, pair) in pairs(before.subnets(), after.subnets()) {
            let name = self.names.component(Kind::Subnet, id.as_str());
            if let Pair::Both(one, other) = pair
                && plain(one) != plain(other)
            {
                self.give_up(hole([&name]), Matters::Always);
            }
            let subnet = Subnet {
                route_table: self.table_of(pair),
                network_acl: self.acl_of(pair, &name),
                ..pair.latest().clone()
            };
            self.draft.subnets.push(subnet);
        }
    }

    /// The table of a subnet. An association that is made or goes leaves it to the main table in between.
    fn table_of(&mut self, pair: Pair<'_, Subnet>) -> Option<Value<RouteTableId>> {
        let latest = pair.latest();
        if let Pair::Both(one, other) = pair
            && one.route_table == other.route_table
        {
            return other.route_table.clone();
        }
        if !pair.stays() && latest.route_table.is_none() {
            return None;
        }
        let [before, after] = self.networks();
        let vpcs = [before, after].map(|network| network.vpcs().get(&latest.vpc));
        let mains = vpcs
            .iter()
            .flatten()
            .map(|vpc| vpc.main_route_table.clone());
        let mut several: BTreeSet<_> = mains.collect();
        for subnet in pair.all() {
            match &subnet.route_table {
                None => {}
                Some(Value::Known(table)) => {
                    several.insert(table.clone());
                }
                Some(Value::OneOf(tables, _)) => several.extend(tables.iter().cloned()),
                Some(open @ Value::Any(_)) => return Some(open.clone()),
            }
        }
        let networks = [after, before];
        let mut tables = networks
            .iter()
            .flat_map(|network| network.route_tables().values());
        let of = tables.find(|table| several.contains(&table.id))?;
        let id = RouteTableId::new(format!("{}#between", latest.id));
        self.table_of_several(id.clone(), of, &several);
        Some(Value::Known(id))
    }

    /// The ACL of a subnet. One that is associated anew may be the default one in between, which is among those of its
    /// VPC.
    fn acl_of(&self, pair: Pair<'_, Subnet>, name: &str) -> Value<NetworkAclId> {
        let latest = pair.latest();
        let mut ids = BTreeSet::new();
        let mut names = BTreeSet::new();
        let mut hole_before = None;
        for subnet in pair.all() {
            match &subnet.network_acl {
                Value::Known(acl) => {
                    ids.insert(acl.clone());
                }
                Value::OneOf(acls, hole) => {
                    ids.extend(acls.iter().cloned());
                    hole_before = Some(hole.clone());
                }
                open @ Value::Any(_) => return open.clone(),
            }
        }
        let is_same = match pair {
            Pair::Both(one, other) => one.network_acl == other.network_acl,
            Pair::Before(_) | Pair::After(_) => false,
        };
        if !is_same {
            let of_vpc = self.draft.network_acls.iter();
            let of_vpc = of_vpc.filter(|acl| acl.vpc == latest.vpc && !self.is_least(&acl.id));
            ids.extend(of_vpc.map(|acl| acl.id.clone()));
            if ids.len() > 1 {
                names.insert(name.to_owned());
            }
        }
        let mut all = Vec::new();
        for id in ids {
            if let Some((least, changing)) = self.least_acls.get(&id) {
                all.push(least.clone());
                names.extend(changing.iter().cloned());
            }
            all.push(id);
        }
        match (all.as_slice(), hole_before) {
            ([one], _) => Value::Known(one.clone()),
            (_, Some(hole)) if names.is_empty() => Value::OneOf(all, hole),
            (_, _) => Value::OneOf(all, hole(names)),
        }
    }

    fn is_least(&self, id: &NetworkAclId) -> bool {
        self.least_acls.values().any(|(least, _)| least == id)
    }
}

/// A subnet without what is merged and without its labels.
fn plain(subnet: &Subnet) -> Subnet {
    Subnet {
        route_table: None,
        network_acl: Value::Known(NetworkAclId::new("")),
        tags: Tags::new(),
        ..subnet.clone()
    }
}
