//! What a relay is asked for: a protocol and a port.

use model::{ListenerProtocol, Port, PortRange, TrafficClass, Transport};

use crate::load_balancer::Listener;

/// A protocol and a port that a relay takes, or hands on to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Knock {
    /// TCP.
    Tcp(Port),
    /// UDP.
    Udp(Port),
}

impl Knock {
    pub(crate) const fn of(transport: Transport) -> Option<Self> {
        match transport {
            Transport::Tcp {
                destination_port, ..
            } => Some(Knock::Tcp(destination_port)),
            Transport::Udp {
                destination_port, ..
            } => Some(Knock::Udp(destination_port)),
            Transport::Icmp { .. } | Transport::Icmpv6 { .. } | Transport::Other(_) => None,
        }
    }

    pub(crate) fn of_listener(listener: &Listener) -> impl Iterator<Item = Self> {
        let port = listener.port;
        let (tcp, udp) = match listener.protocol {
            ListenerProtocol::Tcp => (true, false),
            ListenerProtocol::Udp => (false, true),
            ListenerProtocol::TcpUdp => (true, true),
        };
        let tcp = tcp.then_some(Knock::Tcp(port));
        tcp.into_iter().chain(udp.then_some(Knock::Udp(port)))
    }

    /// The same to another port.
    pub(crate) const fn to(self, port: Port) -> Self {
        match self {
            Knock::Tcp(_) => Knock::Tcp(port),
            Knock::Udp(_) => Knock::Udp(port),
        }
    }

    pub(crate) const fn transport(self) -> Transport {
        match self {
            Knock::Tcp(destination_port) => Transport::Tcp {
                source_port: 40000,
                destination_port,
            },
            Knock::Udp(destination_port) => Transport::Udp {
                source_port: 40000,
                destination_port,
            },
        }
    }

    /// The packets of this protocol to these ports.
    pub(crate) const fn class(self, destination_ports: PortRange) -> TrafficClass {
        let source_ports = 0..=Port::MAX;
        match self {
            Knock::Tcp(_) => TrafficClass::Tcp {
                source_ports,
                destination_ports,
            },
            Knock::Udp(_) => TrafficClass::Udp {
                source_ports,
                destination_ports,
            },
        }
    }

    /// Whether a packet is in a class, whatever its source port.
    pub(crate) fn is_received_in(transport: Transport, class: &TrafficClass) -> bool {
        match (transport, class) {
            (Transport::Tcp { .. } | Transport::Udp { .. }, _) => {
                Knock::of(transport).is_some_and(|knock| knock.is_in(class))
            }
            (Transport::Icmp { icmp_type, code }, TrafficClass::Icmp { types, codes })
            | (Transport::Icmpv6 { icmp_type, code }, TrafficClass::Icmpv6 { types, codes }) => {
                types.contains(&icmp_type) && codes.contains(&code)
            }
            (Transport::Icmp { .. } | Transport::Icmpv6 { .. } | Transport::Other(_), _) => false,
        }
    }

    /// Whether a class has packets of this protocol and port, whatever their source ports.
    pub(crate) fn is_in(self, class: &TrafficClass) -> bool {
        match (self, class) {
            (
                Knock::Tcp(port),
                TrafficClass::Tcp {
                    destination_ports, ..
                },
            )
            | (
                Knock::Udp(port),
                TrafficClass::Udp {
                    destination_ports, ..
                },
            ) => destination_ports.contains(&port),
            _ => false,
        }
    }
}
