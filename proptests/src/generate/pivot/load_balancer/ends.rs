//! The first leg of a way through relays, and what the last one leads to.

use super::*;

impl Builder<'_> {
    /// Now and then, behind a balancer that preserves the client's address, an interface over a peering.
    pub(super) fn peered_target(
        &mut self,
        row: &[Balancer],
        plan: &PivotPlan,
        dice: &mut Dice,
    ) -> Option<Place> {
        let last = row.last().filter(|one| one.preserves && dice.percent(16))?;
        let (peering, receiver) = self.any_peer_of(&last.node.vpc, plan)?;
        self.set_peering(&peering, true)?;
        let there = self.block_of(&receiver.vpc, receiver.address)?;
        let target = Target::Peering(peering.as_str().into());
        self.lead(&last.node.subnet, there, &target, false)?;
        Some(receiver)
    }

    /// What the last balancer hands on to: an ordinary interface, mostly of the client's VPC, or for an
    /// endpoint service of another one; or what it must not.
    pub(super) fn target_of(
        &self,
        client: &Place,
        by_service: bool,
        broken: Broken,
        dice: &mut Dice,
    ) -> Option<Place> {
        match broken {
            Broken::Hairpin if !by_service => return Some(client.clone()),
            Broken::Endpoint => {
                let place = self.endpoint_place();
                if let Some(place) = place.filter(|place| place.vpc == client.vpc) {
                    return Some(place);
                }
            }
            Broken::Hairpin
            | Broken::Nothing
            | Broken::Listener
            | Broken::OpenListeners
            | Broken::OpenTargets
            | Broken::NoTargets
            | Broken::Zone
            | Broken::Pick
            | Broken::Available => {}
        }
        let family = if dice.percent(10) {
            Family::V6
        } else {
            Family::V4
        };
        let mut places = self.places(family);
        if places.is_empty() {
            places = self.places(Family::V4);
        }
        let far = by_service && dice.percent(75);
        places.retain(|place| {
            place.interface != client.interface && (place.vpc == client.vpc) != far
        });
        dice.pick(&places).cloned()
    }

    /// The first leg: from inside of the VPC, or to a balancer from the internet, from a peered VPC or
    /// from on premises.
    pub(super) fn first_leg(
        &mut self,
        client: &Place,
        entrance: &Place,
        by_service: bool,
        plan: &PivotPlan,
        fault: Fault,
        dice: &mut Dice,
    ) -> Option<Passage> {
        match dice.below(10) {
            0 | 1 if !by_service => return self.starting_outside(entrance, plan, fault),
            2 => {
                let passage = self.through_virtual_gateway(entrance, plan, fault)?;
                if passage.destination == entrance.address {
                    return Some(passage);
                }
            }
            3 => {
                if let Some(passage) = self.peered_leg(entrance, plan) {
                    return Some(passage);
                }
            }
            _ => {}
        }
        (client.vpc == entrance.vpc).then_some(())?;
        self.known_table(&client.subnet)?;
        Some(Passage {
            source: client.address,
            destination: entrance.address,
            sender: client.clone(),
            receiver: Some(entrance.clone()),
            outside: None,
        })
    }

    /// From an interface of a peered VPC.
    pub(super) fn peered_leg(&mut self, entrance: &Place, plan: &PivotPlan) -> Option<Passage> {
        let client = self.peered_with(entrance, plan)?;
        Some(Passage {
            source: client.address,
            destination: entrance.address,
            sender: client,
            receiver: Some(entrance.clone()),
            outside: None,
        })
    }

    /// An interface of a peered VPC, with routes there and back.
    pub(super) fn peered_with(&mut self, here: &Place, plan: &PivotPlan) -> Option<Place> {
        let (peering, there) = self.any_peer_of(&here.vpc, plan)?;
        self.set_peering(&peering, true)?;
        let target = Target::Peering(peering.as_str().into());
        for (from, to) in [(here, &there), (&there, here)] {
            let block = self.block_of(&to.vpc, to.address)?;
            self.lead(&from.subnet, block, &target, false)?;
        }
        Some(there)
    }
}
