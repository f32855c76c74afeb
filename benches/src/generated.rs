//! Networks that `vpcproof generate` writes, by the program that was built beforehand.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use model::{
    Address, AddressValue, Attachment, Network, NetworkInterfaceId, Origin, Place, SecurityGroupId,
};

use crate::notes::criterion_folder;

/// The program, as `cargo build --release -p vpcproof` leaves it.
pub fn program() -> PathBuf {
    criterion_folder()
        .with_file_name("release")
        .join("vpcproof")
}

/// A folder for snapshots, which ends with it.
#[derive(Debug)]
pub struct Snapshots {
    folder: PathBuf,
}

impl Snapshots {
    /// An empty folder for a bench.
    ///
    /// # Panics
    ///
    /// When it cannot be made.
    pub fn new(bench: &str) -> Self {
        let folder = criterion_folder().with_file_name(format!("{bench}-snapshots"));
        if folder.exists() {
            fs::remove_dir_all(&folder).expect("the last run's folder can be removed");
        }
        fs::create_dir_all(&folder).expect("the target folder can be written");
        Self { folder }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A snapshot by the arguments of `vpcproof generate`, seed 1.
    ///
    /// # Panics
    ///
    /// When the program is not there, or refuses.
    pub fn write(&self, name: &str, arguments: &[&str]) -> PathBuf {
        let into = self.folder.join(name);
        let mut command = Command::new(program());
        command
            .arg("generate")
            .args(arguments)
            .args(["--seed", "1"]);
        let status = command.arg(&into).status();
        assert!(status.expect("vpcproof is built beforehand").success());
        into
    }

    /// The snapshot of so many interfaces of so many templates.
    pub fn of(&self, n_interfaces: usize, templates: usize) -> PathBuf {
        let (interfaces, templates) = (n_interfaces.to_string(), templates.to_string());
        let name = format!("{interfaces}-{templates}");
        let arguments = ["--interfaces", &interfaces, "--templates", &templates];
        self.write(&name, &arguments)
    }
}

impl Drop for Snapshots {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Reads and validates a snapshot.
///
/// # Panics
///
/// When it is none of `vpcproof generate`.
pub fn network(snapshot: &Path) -> Network {
    let read = ingest::read(&[snapshot.to_owned()]).expect("it can be read");
    read.validate().expect("it is valid").network
}

/// The interfaces by their security groups.
pub fn by_groups(network: &Network) -> Vec<BTreeSet<NetworkInterfaceId>> {
    let mut groups: BTreeMap<BTreeSet<SecurityGroupId>, BTreeSet<NetworkInterfaceId>> =
        BTreeMap::new();
    for (id, interface) in network.network_interfaces() {
        let of = interface.groups.known().cloned().unwrap_or_default();
        groups.entry(of).or_default().insert(id.clone());
    }
    groups.into_values().collect()
}

/// Rows and columns of a matrix of all interfaces by their security groups.
pub fn ends(network: &Network) -> (Vec<Origin>, Vec<Place>) {
    let groups = by_groups(network);
    let column = |of: &BTreeSet<NetworkInterfaceId>| Place::Interfaces {
        interfaces: of.clone(),
        public_from_inside: false,
    };
    let columns = groups.iter().map(column).collect();
    (
        groups.into_iter().map(Origin::Interfaces).collect(),
        columns,
    )
}

/// The interfaces that send, with an address each.
pub fn senders(network: &Network) -> Vec<(NetworkInterfaceId, Address)> {
    let interfaces = network.network_interfaces().values();
    let ordinary = interfaces.filter(|one| matches!(one.attachment, Attachment::Ordinary { .. }));
    let own = ordinary.filter_map(|one| match one.addresses.first()?.private {
        AddressValue::Known(address) => Some((one.id.clone(), address)),
        AddressValue::Within(..) => None,
    });
    own.collect()
}
