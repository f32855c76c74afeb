//! What the whole program is asked.

/// Ten claims about a snapshot of `vpcproof generate` with four kinds of interfaces.
pub const CLAIMS: &str = r#"
[group]
zero  = "interface tag:kind=kind-0"
one   = "interface tag:kind=kind-1"
two   = "interface tag:kind=kind-2"
three = "interface tag:kind=kind-3"
[[never]]
name = "one-is-private"
from = "internet"
to = "one"
[[never]]
name = "two-is-private"
from = "internet"
to = "two"
[[never]]
name = "three-is-private"
from = "internet"
to = "three"
[[never]]
name = "no-ssh-from-the-internet"
from = "internet"
to = "zero"
traffic = "tcp/22"
[[never]]
name = "one-does-not-administer-two"
from = "one"
to = "two"
traffic = "tcp/22"
[[never]]
name = "three-sends-no-mail-to-one"
from = "three"
to = "one"
traffic = "tcp/25"
[[sometimes]]
name = "zero-is-public"
from = "internet"
to = "zero"
traffic = "tcp/443"
[[sometimes]]
name = "zero-reaches-the-internet"
from = "zero"
to = "internet"
[[always]]
name = "one-reaches-zero"
from = "one"
to = "zero"
traffic = "tcp/443"
[[never]]
name = "zero-is-closed-to-two"
from = "two"
to = "zero"
traffic = "tcp/443"
"#;

/// How many records the flow log has.
pub const N_RECORDS: usize = 1_000_000;

/// Changes of one rule.
pub mod change {
    use std::fs;
    use std::path::Path;

    use serde_json::{Value, json};

    /// A rule more in a group that a quarter of the interfaces have, an entry more in the ACL of
    /// all subnets, and a default route less.
    pub const KINDS: [&str; 3] = ["group-rule", "acl-entry", "route"];

    /// Writes a snapshot that differs from another one in one rule.
    ///
    /// # Panics
    ///
    /// When the other one is none of `vpcproof generate`, or the new folder cannot be written.
    pub fn write(before: &Path, after: &Path, kind: &str) {
        fs::create_dir(after).expect("the folder is new");
        for entry in fs::read_dir(before).expect("the snapshot is there") {
            let file = entry.expect("it can be listed").path();
            let name = file.file_name().expect("files have names");
            fs::copy(&file, after.join(name)).expect("files can be copied");
        }
        let (file, changed): (_, fn(&mut Value)) = match kind {
            "group-rule" => ("describe-security-groups.json", rule_more),
            "acl-entry" => ("describe-network-acls.json", entry_more),
            _ => ("describe-route-tables.json", route_less),
        };
        let file = after.join(file);
        let text = fs::read_to_string(&file).expect("the snapshot has it");
        let mut document = serde_json::from_str(&text).expect("it is JSON");
        changed(&mut document);
        fs::write(&file, document.to_string()).expect("it can be written");
    }

    fn list<'d>(document: &'d mut Value, pointer: &str) -> &'d mut Vec<Value> {
        let list = document.pointer_mut(pointer).and_then(Value::as_array_mut);
        list.expect("`vpcproof generate` writes it")
    }

    fn rule_more(document: &mut Value) {
        list(document, "/SecurityGroups/0/IpPermissions").push(json!({
            "IpProtocol": "tcp", "FromPort": 8443, "ToPort": 8443, "IpRanges": [{"CidrIp": "10.0.0.0/8"}],
            "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": [],
        }));
    }

    fn entry_more(document: &mut Value) {
        list(document, "/NetworkAcls/0/Entries").push(json!({
            "RuleNumber": 50, "RuleAction": "deny", "Protocol": "6", "Egress": false,
            "CidrBlock": "10.0.16.0/20", "PortRange": {"From": 5432, "To": 5432},
        }));
    }

    fn route_less(document: &mut Value) {
        let routes = list(document, "/RouteTables/0/Routes");
        routes.retain(|route| route.get("DestinationCidrBlock") != Some(&json!("0.0.0.0/0")));
    }
}
