//! What the engine is waiting for.

use std::collections::VecDeque;

use mqttspec_scenarios::Time;
use mqttspec_scenarios::model::{Elect, Expect, Quiet};

use super::draining::Draining;

/// Where the current step stands.
#[derive(Clone, Debug)]
pub(super) enum Stage {
    /// Between steps.
    Ready,
    /// A connection is being opened.
    Opening { connection: usize, deadline: Time },
    /// An expectation is open.
    Expecting(Expecting),
    /// A fence is out.
    Fencing { connection: usize, deadline: Time },
    /// One of these connections is about to receive a packet.
    Electing { elect: Elect, among: Vec<usize>, deadline: Time },
    /// An absence is being shown.
    Quieting(Quieting),
    /// What was asked on a connection is to be answered.
    Awaiting { connection: usize, deadline: Time, probe: Probe },
    /// PINGREQs go round.
    Draining(Draining),
    /// Time passes.
    Waiting { until: Time },
    /// The last step is done; the open connections are fenced before what is left over is judged.
    Settling { fences: Fences, until: Option<Time> },
}

/// An expectation that waits.
#[derive(Clone, Debug)]
pub(super) struct Expecting {
    pub(super) expect: Expect,
    pub(super) connection: usize,
    pub(super) deadline: Time,
    pub(super) probe: Probe,
    /// For [`Alternative::AnyOrder`](mqttspec_scenarios::model::Alternative::AnyOrder): the patterns already met.
    pub(super) met: Vec<usize>,
    /// The last words of the target, once they have come: the end must follow.
    pub(super) farewell: Option<Farewell>,
}

/// A farewell that was accepted, or wrong and already reported.
#[derive(Clone, Debug)]
pub(super) struct Farewell {
    pub(super) event: usize,
    pub(super) summary: String,
    pub(super) packet_type: mqttspec_codec::PacketType,
}

/// Whether a PINGREQ has been sent to tell a silent target from a dead one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Probe {
    /// It must not be sent.
    Never,
    /// It will be sent at this time.
    At(Time),
    /// It was sent; this many pings were out before its answer.
    Sent,
    /// It was answered.
    Answered,
}

/// An absence being shown.
#[derive(Clone, Debug)]
pub(super) struct Quieting {
    pub(super) quiet: Quiet,
    pub(super) connection: usize,
    pub(super) fences: Fences,
    /// Set once every fence has come back: the end of the grace.
    pub(super) until: Option<Time>,
}

/// Fences to be sent one after the other.
#[derive(Clone, Debug)]
pub(super) struct Fences {
    pub(super) queue: VecDeque<usize>,
    /// The fence that is out, and when waiting for it ends.
    pub(super) out: Option<(usize, Time)>,
}

impl Stage {
    pub(super) fn deadline(&self) -> Option<Time> {
        match self {
            Self::Ready => None,
            Self::Opening { deadline, .. } | Self::Fencing { deadline, .. } | Self::Electing { deadline, .. } => {
                Some(*deadline)
            }
            Self::Expecting(Expecting { deadline, probe, .. }) | Self::Awaiting { deadline, probe, .. } => {
                match probe {
                    Probe::At(at) => Some(*at.min(deadline)),
                    _ => Some(*deadline),
                }
            }
            Self::Draining(draining) => Some(draining.deadline()),
            Self::Waiting { until } => Some(*until),
            Self::Quieting(Quieting { fences, until, .. }) | Self::Settling { fences, until } => {
                until.or(fences.out.map(|(_, deadline)| deadline))
            }
        }
    }
}
