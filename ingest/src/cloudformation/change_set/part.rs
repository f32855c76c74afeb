//! Properties that are changed of a resource that stays, as parts of their own: each is a resource of
//! its own for the provider of Terraform, which is taken away and made anew.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpcendpoint.html>

use model::Attachment;

use crate::cloudformation::family::{Family, Shape};
use crate::cloudformation::vetted::Vetted;
use crate::doubt::Touches;
use crate::json::{Map, Value as Json};
use crate::sink::Sink;

use super::document::Change;
use super::{Side, Sides};

/// What a part says of the resource that it is of.
const OWNER: &str = "Owner";

/// A property that is a part.
pub(super) struct Property {
    /// The type of the resource.
    of: &'static str,
    name: &'static str,
    /// The type of the part.
    part: &'static str,
    holds: Holds,
}

/// What a property holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    /// One value. What stands in its place when it is not written, CloudFormation does not say.
    One,
    /// A list, each item a part.
    List,
    /// A list in whose place AWS puts something of its own when it is empty.
    ListOrDefault,
}

const ENDPOINT: &str = "AWS::EC2::VPCEndpoint";
const INSTANCE: &str = "AWS::EC2::Instance";
const INTERFACE: &str = "AWS::EC2::NetworkInterface";
const GROUP_OF_INTERFACE: &str = "AWS::EC2::NetworkInterface.GroupSet";

const PROPERTIES: [Property; 7] = [
    property(
        ENDPOINT,
        "PolicyDocument",
        "AWS::EC2::VPCEndpoint.PolicyDocument",
        Holds::One,
    ),
    property(
        ENDPOINT,
        "PrivateDnsEnabled",
        "AWS::EC2::VPCEndpoint.PrivateDnsEnabled",
        Holds::One,
    ),
    property(
        ENDPOINT,
        "RouteTableIds",
        "AWS::EC2::VPCEndpoint.RouteTableIds",
        Holds::List,
    ),
    property(
        ENDPOINT,
        "SubnetIds",
        "AWS::EC2::VPCEndpoint.SubnetIds",
        Holds::List,
    ),
    property(
        ENDPOINT,
        "SecurityGroupIds",
        "AWS::EC2::VPCEndpoint.SecurityGroupIds",
        Holds::ListOrDefault,
    ),
    property(
        INTERFACE,
        "GroupSet",
        GROUP_OF_INTERFACE,
        Holds::ListOrDefault,
    ),
    property(
        INSTANCE,
        "SecurityGroupIds",
        GROUP_OF_INTERFACE,
        Holds::ListOrDefault,
    ),
];

const fn property(
    of: &'static str,
    name: &'static str,
    part: &'static str,
    holds: Holds,
) -> Property {
    Property {
        of,
        name,
        part,
        holds,
    }
}

macro_rules! parts {
    ($($of:literal => $makes:literal, $owner:literal, $value:literal, $attribute:literal, $shape:expr;)*) => {
        /// The types of parts, which no template has.
        const FAMILIES: &[Family] = &[$(Family {
            of: $of,
            makes: $makes,
            reference: "id",
            own: "",
            computed: &[],
            fields: &[(OWNER, $owner, Shape::Text), ($value, $attribute, $shape)],
        }),*];

        const VETTED: &[Vetted] = &[$(Vetted {
            of: $of,
            touches: Touches::Everything,
            read: &[],
            idle: &[],
        }),*];
    };
}

parts! {
    "AWS::EC2::VPCEndpoint.PolicyDocument" =>
        "aws_vpc_endpoint_policy", "vpc_endpoint_id", "PolicyDocument", "policy", Shape::Policy;
    "AWS::EC2::VPCEndpoint.PrivateDnsEnabled" =>
        "aws_vpc_endpoint_private_dns", "vpc_endpoint_id", "PrivateDnsEnabled", "private_dns_enabled", Shape::Flag;
    "AWS::EC2::VPCEndpoint.RouteTableIds" =>
        "aws_vpc_endpoint_route_table_association", "vpc_endpoint_id", "RouteTableIds", "route_table_id", Shape::Text;
    "AWS::EC2::VPCEndpoint.SubnetIds" =>
        "aws_vpc_endpoint_subnet_association", "vpc_endpoint_id", "SubnetIds", "subnet_id", Shape::Text;
    "AWS::EC2::VPCEndpoint.SecurityGroupIds" =>
        "aws_vpc_endpoint_security_group_association", "vpc_endpoint_id", "SecurityGroupIds", "security_group_id", Shape::Text;
    "AWS::EC2::NetworkInterface.GroupSet" =>
        "aws_network_interface_sg_attachment", "network_interface_id", "GroupSet", "security_group_id", Shape::Text;
}

/// The family of a type of parts.
pub(in crate::cloudformation) fn family(of: &str) -> Option<&'static Family> {
    FAMILIES.iter().find(|family| family.of == of)
}

/// What is vetted of a type of parts.
pub(in crate::cloudformation) fn vetted(of: &str) -> Option<&'static Vetted> {
    VETTED.iter().find(|vetted| vetted.of == of)
}

/// The part that a property of a type is.
pub(super) fn of(of: &str, name: &str) -> Option<&'static Property> {
    let mut properties = PROPERTIES.iter();
    properties.find(|property| property.of == of && property.name == name)
}

impl Property {
    /// Puts a changed property on both sides; whether it is one of which it is known how.
    pub(super) fn change(
        &self,
        change: &Change,
        [old, new]: [Option<&Json>; 2],
        sides: &mut Sides,
        sink: &Sink,
    ) -> bool {
        let parts = (
            self.items(old, self.holds == Holds::One),
            self.items(new, false),
        );
        let (Some(owner), (Some(old), Some(new))) = (self.owner(change, sink), parts) else {
            return false;
        };
        let but = |list: &[Json], other: &[Json]| -> Vec<Json> {
            let list = list.iter().filter(|one| !other.contains(one));
            list.cloned().collect()
        };
        // What stays is left as it is. One value takes the place of the other.
        if self.holds != Holds::One {
            let given_up = but(&old, &new);
            let before = ("BeforeContext", given_up.as_slice());
            self.put(change, &owner, before, &mut sides.before);
        }
        let added = but(&new, &old);
        let after = ("AfterContext", added.as_slice());
        self.put(change, &owner, after, &mut sides.after);
        true
    }

    /// The values of the parts.
    fn items(&self, value: Option<&Json>, may_miss: bool) -> Option<Vec<Json>> {
        match (self.holds, value) {
            (Holds::One, Some(value)) => Some(vec![value.clone()]),
            (Holds::One | Holds::ListOrDefault, None) => may_miss.then(Vec::new),
            (Holds::List, None) => Some(Vec::new()),
            (Holds::List, Some(list)) => list.as_array().cloned(),
            (Holds::ListOrDefault, Some(list)) => {
                list.as_array().filter(|list| !list.is_empty()).cloned()
            }
        }
    }

    /// The physical id of what the parts are of: the resource, or the only interface of an instance.
    fn owner(&self, change: &Change, sink: &Sink) -> Option<String> {
        let physical = change.physical.clone()?;
        if self.of != INSTANCE {
            return Some(physical);
        }
        let own = Attachment::Ordinary {
            instance: Some(physical),
        };
        let interfaces = sink.draft.network_interfaces.iter();
        let mut interfaces = interfaces.filter(|interface| interface.attachment == own);
        match (interfaces.next(), interfaces.next()) {
            (Some(only), None) => Some(only.id.to_string()),
            (_, _) => None,
        }
    }

    fn put(
        &self,
        change: &Change,
        owner: &str,
        (context, values): (&str, &[Json]),
        side: &mut Vec<Side>,
    ) {
        // The type of a part ends with the property that it is of.
        let property = self.part.rsplit('.').next().unwrap_or(self.part);
        for (position, value) in values.iter().enumerate() {
            let mut fields = Map::new();
            fields.insert(OWNER, Json::from(owner));
            fields.insert(property, value.clone());
            let mut body = Map::new();
            body.insert("Type", Json::from(self.part));
            body.insert("Properties", Json::Object(fields));
            side.push(Side {
                logical: format!("{}{}{position}", change.logical, self.name),
                body: Json::Object(body),
                pointer: format!("{}/{context}", change.pointer),
                physical: Some(format!("{owner}/{}/{position}", self.name)),
            });
        }
    }
}
