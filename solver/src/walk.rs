//! A walk as a tree of conditions.
//!
//! `here` says that a packet comes to a place of the tree: no step before certainly drops it, and none ends its walk.
//! Every way to end is one formula, and for each packet exactly one of them is true.

use std::cell::OnceCell;
use std::rc::Rc;

use model::{
    Clause, ComponentId, Hole, InternetGatewayId, NatGatewayId, NetworkInterfaceId, Target,
    VpcEndpointId, VpcId,
};

use crate::encoder::Encoder;
use crate::forward;
use crate::gateway;
use crate::network_interface::Who;
use crate::reply::Reply;
use crate::route_table::Choice;
use crate::symbolic::{Formula, Packet};

/// Who sends, as far as one formula speaks of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sender {
    /// This interface, from whatever source.
    Interface(NetworkInterfaceId),
    /// The interface of this VPC that has the source among its private addresses.
    Vpc(VpcId),
    /// A host on the internet.
    Internet,
}

/// An undetermined step.
#[derive(Clone, Debug)]
pub(crate) struct Doubt {
    pub(crate) clause: Clause,
    pub(crate) hole: Hole,
    pub(crate) when: Formula,
}

/// What a filter does: it drops when one of these is true, is undetermined when a doubt is, and passes otherwise.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    pub(crate) drop: Vec<Formula>,
    pub(crate) doubts: Vec<Doubt>,
}

impl Filter {
    /// A filter that passes everything.
    pub(crate) const fn passing() -> Self {
        Filter {
            drop: Vec::new(),
            doubts: Vec::new(),
        }
    }

    /// It certainly drops then.
    pub(crate) fn drop_when(&mut self, when: Formula) {
        self.drop.push(when);
    }

    /// It is undetermined then.
    pub(crate) fn doubt_when(&mut self, clause: Clause, hole: Hole, when: Formula) {
        if !when.is_false() {
            self.doubts.push(Doubt { clause, hole, when });
        }
    }
}

/// An undetermined step that ends the walk, after undetermined filters.
#[derive(Clone, Debug)]
pub(crate) struct End {
    pub(crate) step: Doubt,
    pub(crate) doubts: Vec<Doubt>,
}

/// Where a packet is when delivered.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// At the interface that has the destination.
    Interface(Who),
    /// On the internet.
    Internet,
    /// At a service, through a gateway endpoint.
    GatewayEndpoint(VpcEndpointId),
    /// At one of Amazon's own services.
    AmazonService,
    /// Of a reply: back at the sender.
    Sender,
}

/// The way that a request took, as far as its reply takes it back (walk, *the reply*).
#[derive(Clone, Debug)]
pub(crate) enum Back {
    /// From one of Amazon's own services.
    AmazonService,
    /// From an interface of the same subnet.
    SameSubnet,
    /// From an interface that was reached by the local route or over a peering.
    Interface {
        receiver: Who,
        packet: Packet,
        target: Target,
    },
    /// From an interface that a NAT gateway reached over a peering.
    ThroughNat {
        receiver: Who,
        packet: Packet,
        nat: NatGatewayId,
    },
    /// From an interface that the internet reached.
    ToInternet {
        receiver: Who,
        gateway: InternetGatewayId,
    },
    /// From the internet or a service, in by the gateway that the request left by.
    Gateway {
        edge_table: Option<InternetGatewayId>,
        nat: Option<NatGatewayId>,
    },
}

/// A way to be delivered, when every undetermined filter before lets it.
#[derive(Debug)]
pub(crate) struct Leaf {
    pub(crate) here: Formula,
    pub(crate) doubts: Vec<Doubt>,
    pub(crate) clause: Clause,
    pub(crate) place: Place,
    /// What it passed, up to the place of arrival (page scope, *claims*).
    pub(crate) way: Vec<ComponentId>,
    pub(crate) back: Back,
    reply: OnceCell<Rc<Reply>>,
}

/// All the ways in which a walk can end.
#[derive(Debug, Default)]
pub(crate) struct Endings {
    pub(crate) dropped: Vec<(Clause, Formula)>,
    pub(crate) ended: Vec<End>,
    pub(crate) leaves: Vec<Leaf>,
}

/// The walk of what one sender sends.
#[derive(Debug)]
pub(crate) struct Walk {
    /// The interface that sends; none for the internet.
    pub(crate) sender: Option<Who>,
    pub(crate) endings: Endings,
}

/// A walk up to some place.
#[derive(Debug)]
pub(crate) struct Steps {
    pub(crate) here: Formula,
    pub(crate) doubts: Vec<Doubt>,
    pub(crate) way: Vec<ComponentId>,
    pub(crate) endings: Endings,
}

impl Steps {
    pub(crate) fn begin() -> Self {
        Steps {
            here: Formula::TRUE,
            doubts: Vec::new(),
            way: Vec::new(),
            endings: Endings::default(),
        }
    }

    /// The step drops the packet then.
    pub(crate) fn drop(&mut self, clause: Clause, when: Formula) {
        if when.is_false() {
            return;
        }
        self.endings.dropped.push((clause, &self.here & &when));
        self.here = &self.here & &!when;
    }

    /// The step is undetermined then, and ends the walk.
    pub(crate) fn end(&mut self, clause: Clause, hole: Hole, when: Formula) {
        if when.is_false() {
            return;
        }
        let step = Doubt {
            clause,
            hole,
            when: &self.here & &when,
        };
        self.here = &self.here & &!when;
        self.endings.ended.push(End {
            step,
            doubts: self.doubts.clone(),
        });
    }

    /// The step is undetermined then, and the walk goes on.
    pub(crate) fn doubt(&mut self, clause: Clause, hole: Hole, when: Formula) {
        if !when.is_false() {
            self.doubts.push(Doubt { clause, hole, when });
        }
    }

    /// A filter is passed, `clause` being the one by which it drops; only packets of which `asked` is true come to it.
    pub(crate) fn filter(&mut self, clause: Clause, asked: &Formula, filter: Filter) {
        self.drop(clause, asked & &Formula::any(filter.drop));
        for doubt in filter.doubts {
            self.doubt(doubt.clause, doubt.hole, asked & &doubt.when);
        }
    }

    /// A route is chosen: what the choice drops and leaves open ends here. Its targets are the branches.
    pub(crate) fn choose(&mut self, choice: &Choice) {
        for (clause, when) in &choice.dropped {
            self.endings.dropped.push((*clause, &self.here & when));
        }
        for (clause, hole, when) in &choice.ended {
            self.endings.ended.push(End {
                step: Doubt {
                    clause: *clause,
                    hole: hole.clone(),
                    when: &self.here & when,
                },
                doubts: self.doubts.clone(),
            });
        }
    }

    /// The part of the walk on which this is true, to be joined when it has ended.
    pub(crate) fn branch(&self, when: &Formula) -> Steps {
        Steps {
            here: &self.here & when,
            doubts: self.doubts.clone(),
            way: self.way.clone(),
            endings: Endings::default(),
        }
    }

    /// Takes over how a branch ended.
    pub(crate) fn join(&mut self, branch: Steps) {
        self.endings.dropped.extend(branch.endings.dropped);
        self.endings.ended.extend(branch.endings.ended);
        self.endings.leaves.extend(branch.endings.leaves);
    }

    /// What comes here is delivered.
    pub(crate) fn deliver(&mut self, clause: Clause, place: Place, back: Back) {
        if self.here.is_false() {
            return;
        }
        self.endings.leaves.push(Leaf {
            here: self.here.clone(),
            doubts: self.doubts.clone(),
            clause,
            place,
            way: self.way.clone(),
            back,
            reply: OnceCell::new(),
        });
        self.here = Formula::FALSE;
    }
}

impl Leaf {
    /// The reply to what was delivered here.
    pub(crate) fn reply(&self, encoder: &mut Encoder, sender: Option<&Who>) -> Rc<Reply> {
        let reply = || Rc::new(Reply::of(encoder, sender, &self.back));
        Rc::clone(self.reply.get_or_init(reply))
    }
}

impl Walk {
    /// The walk of what a sender sends.
    pub(crate) fn of(encoder: &mut Encoder, sender: &Sender) -> Self {
        let who = match sender {
            Sender::Interface(interface) => Who::pinned(encoder, interface),
            Sender::Vpc(vpc) => Some(Who::Private {
                vpc: vpc.clone(),
                address: encoder.packet.source.clone(),
            }),
            Sender::Internet => {
                let endings = gateway::from_internet(encoder).endings;
                return Walk {
                    sender: None,
                    endings,
                };
            }
        };
        let mut steps = Steps::begin();
        match &who {
            Some(who) => forward::from_interface(encoder, &mut steps, who),
            // No interface, no packet: nothing of this network has sent it.
            None => steps.drop(Clause::SourceCheck, Formula::TRUE),
        }
        Walk {
            sender: who,
            endings: steps.endings,
        }
    }
}
