//! Main route tables: `aws_main_route_table_association`, and what a VPC shows of it.

use model::{RouteTableId, Vpc};

use super::identity::{DefaultPart, Thing};
use super::plan::Resource;
use super::reader::Reader;
use super::removal;

const ASSOCIATION: &str = "aws_main_route_table_association";

/// The main route table of a VPC of the plan: the one made main by an association, else the one that
/// was it before an association that the plan deletes, else the one that the VPC shows.
/// Source: <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/main_route_table_association>
pub(super) fn main_route_table(reader: &mut Reader<'_, '_>, vpc: &Resource<'_>) -> String {
    let id = reader.plan.id(vpc);
    for association in reader.plan.managed(&[ASSOCIATION]) {
        let of = reader.settle(&association.attribute("vpc_id"), Thing::Vpc);
        if of.as_deref() == Some(id.as_str()) {
            let table = association.attribute("route_table_id");
            match reader.settle(&table, Thing::RouteTable) {
                Some(table) => return table,
                None => reader.untraced(&table),
            }
        }
    }
    if let Some(original) = original(reader, &id) {
        return original;
    }
    let known = vpc.attribute("main_route_table_id");
    known
        .text()
        .map_or_else(|| DefaultPart::RouteTable.id(vpc), str::to_owned)
}

/// The table that was the main one before an association that the plan deletes. A VPC that is not
/// itself changed shows the other one.
fn original(reader: &mut Reader<'_, '_>, vpc: &str) -> Option<String> {
    let mut former = reader.plan.former.iter();
    let former = former.find(|former| {
        former.of == ASSOCIATION
            && former.attribute("vpc_id").text() == Some(vpc)
            && removal::is_gone(reader, former)
    })?;
    let original = former.attribute("original_route_table_id");
    if original.text().is_none() {
        removal::doubt_of(reader, former);
    }
    original.text().map(str::to_owned)
}

/// Makes tables the main ones of VPCs that only an earlier input has.
pub(super) fn of_earlier(reader: &mut Reader<'_, '_>) {
    for association in reader.plan.managed(&[ASSOCIATION]) {
        let vpc = association.attribute("vpc_id");
        let Some(id) = reader.settle(&vpc, Thing::Vpc) else {
            reader.untraced(&vpc);
            continue;
        };
        if reader.vpcs.contains_key(&id) {
            continue;
        }
        let table = association.attribute("route_table_id");
        match (
            reader.settle(&table, Thing::RouteTable),
            reader.sink.get::<Vpc>(&id),
        ) {
            (Some(table), Some(vpc)) => vpc.main_route_table = RouteTableId::new(table),
            (None, Some(_)) => reader.untraced(&table),
            (_, None) => {
                let what = "the main route table of a VPC that is not in the input";
                reader.omit(association, what);
            }
        }
    }
}
