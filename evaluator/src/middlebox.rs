//! Middleboxes: network interfaces as targets of routes.

use std::ops::ControlFlow;

use model::{Clause, Middlebox, NetworkInterface};

use crate::forward::Forward;
use crate::index::{HoleIndex, Holes, InterfaceIndex, SubnetIndex};
use crate::network_acl::Side;
use crate::walk::{Component, Ending, Recorder};
use crate::way::Device;

/// What an appliance does with packets (`middlebox-forwards`).
#[derive(Clone, Copy, Debug)]
pub(crate) enum Appliance {
    Forwards,
    Inspects(HoleIndex),
    Unknown(HoleIndex),
}

/// What an interface does with packets that are not its own; one that checks takes none.
pub(crate) fn appliance(interface: &NetworkInterface, holes: &mut Holes) -> Option<Appliance> {
    if interface.source_destination_check {
        return None;
    }
    let mut open = || holes.open(format!("what {} does with packets", interface.id));
    Some(match interface.middlebox {
        Middlebox::Forwards => Appliance::Forwards,
        Middlebox::Inspects => Appliance::Inspects(open()),
        Middlebox::Unknown => Appliance::Unknown(open()),
    })
}

impl<R: Recorder> Forward<'_, R> {
    /// A network interface as the target of a route for what is not its own, from a subnet or
    /// from an edge table.
    pub(crate) fn middlebox(
        &mut self,
        from: Option<SubnetIndex>,
        index: InterfaceIndex,
    ) -> ControlFlow<Ending> {
        let interface = &self.walk.network.interfaces[index];
        let component = Component::Interface(index);
        let device = Device::Middlebox(index);
        self.comes_to(component, |passed| passed == device)?;
        let Some(appliance) = interface.appliance else {
            return self.walk.drop(component, None, Clause::MiddleboxCheck);
        };
        self.walk.pass(component, None, Clause::MiddleboxCheck);
        if from != Some(interface.subnet) {
            self.walk.network_acl(interface.subnet, Side::In)?;
        }
        let came = self.came(index);
        self.walk.groups_inbound(index, came)?;
        self.way.push(device);
        let clause = Clause::MiddleboxForwards;
        match appliance {
            Appliance::Forwards => self.walk.pass(component, None, clause),
            Appliance::Inspects(hole) => self.walk.filter_open(component, None, clause, hole),
            Appliance::Unknown(hole) => {
                return self.walk.end_open(component, None, clause, hole);
            }
        }
        self.walk.groups_outbound(index)?;
        self.onward(interface.subnet)
    }
}
