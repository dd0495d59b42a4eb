//! Writes touchpoints: what several have in common is set once.

use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{Actor, Channel, Subjects, Touchpoint, TouchpointRef, Visibility, actor};
use pbjson_types::Timestamp;

use crate::dealer::Dealer;
use crate::settings::Settings;

/// Who does what a touchpoint reports.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Performer<'a> {
    /// The owner, by id.
    Owner(&'a str),
    /// Somebody at a dealer.
    Staff(&'static str, &'a Dealer),
    /// Somebody at the manufacturer.
    Maker(&'static str),
    /// A vendor's call centre acting for a dealer.
    CallCentre(&'a Dealer),
    /// A program.
    System(&'static str),
    /// A dealer's program that writes like a person.
    Bot(&'a Dealer),
    /// The car.
    Car,
}

/// Writes touchpoints. Subjects, time, actor, channel, visibility and correlation hold until they are set again;
/// a cause and a reveal hold for one touchpoint.
pub(crate) struct Pen {
    until: i64,
    seed: u64,
    prefix: String,
    count: u32,
    next: Touchpoint,
    written: Vec<Touchpoint>,
}

impl Pen {
    /// A pen that has written nothing. Ids begin with `prefix`; sources carry the seed, so that journeys of different
    /// seeds fit into one log.
    pub(crate) fn new(settings: &Settings, prefix: &str) -> Self {
        Self {
            until: settings.until,
            seed: settings.seed,
            prefix: prefix.to_owned(),
            count: 0,
            next: Touchpoint {
                visibility: Visibility::Owner.into(),
                ..Touchpoint::default()
            },
            written: Vec::new(),
        }
    }

    /// Sets the subjects.
    pub(crate) fn about(&mut self, subjects: Subjects) -> &mut Self {
        self.next.subjects = (subjects != Subjects::default()).then_some(subjects);
        self
    }

    /// Sets when it happens (seconds since the Unix epoch).
    pub(crate) fn at(&mut self, seconds: i64) -> &mut Self {
        self.next.occurred_at = Some(Timestamp { seconds, nanos: 0 });
        self
    }

    /// Sets who may see it.
    pub(crate) fn seen_by(&mut self, visibility: Visibility) -> &mut Self {
        self.next.visibility = visibility.into();
        self
    }

    /// Sets when the next touchpoint is revealed to dealers and owners.
    pub(crate) fn revealed_at(&mut self, seconds: i64) -> &mut Self {
        self.next.visible_from = Some(Timestamp { seconds, nanos: 0 });
        self
    }

    /// Sets the correlation id.
    pub(crate) fn correlated(&mut self, correlation_id: &str) -> &mut Self {
        correlation_id.clone_into(&mut self.next.correlation_id);
        self
    }

    /// Sets the cause of the next touchpoint.
    pub(crate) fn caused_by(&mut self, cause: &TouchpointRef) -> &mut Self {
        self.next.causation = Some(cause.clone());
        self
    }

    /// Sets the actor, the channel, and the source, which is the system that the actor reports through.
    pub(crate) fn by(&mut self, performer: &Performer<'_>, channel: Channel) -> &mut Self {
        use actor::Kind::{Bot, Human, System, Vehicle};
        let (id, kind, role, dealer, system) = match performer {
            Performer::Owner(id) => ((*id).to_owned(), Human, "owner", None, "portal"),
            Performer::Staff(role, dealer) => (
                format!("{role}~{}", dealer.id),
                Human,
                *role,
                Some(*dealer),
                "dms",
            ),
            Performer::Maker(role) => ((*role).to_owned(), Human, *role, None, "crm"),
            Performer::CallCentre(dealer) => (
                "call-centre-7".to_owned(),
                Human,
                "agent",
                Some(*dealer),
                "crm",
            ),
            Performer::System(name) => ((*name).to_owned(), System, "", None, *name),
            Performer::Bot(dealer) => (
                format!("assistant~{}", dealer.id),
                Bot,
                "assistant",
                Some(*dealer),
                "dms",
            ),
            Performer::Car => (String::new(), Vehicle, "", None, "telematics"),
        };
        let dealer_id = dealer.map(|dealer| dealer.id.clone()).unwrap_or_default();
        let vendor = matches!(performer, Performer::CallCentre(_));
        self.next.operated_by = if vendor { "Contact Desk Ltd" } else { "" }.to_owned();
        self.next.on_behalf_of = if vendor { &*dealer_id } else { "" }.to_owned();
        self.next.source = format!("//generate/{}/{system}", self.seed);
        self.next.actor = Some(Actor {
            id,
            kind: kind.into(),
            role: role.to_owned(),
            dealer_id,
        });
        self.next.channel = channel.into();
        self
    }

    /// Writes one touchpoint and returns a reference to it. What would happen after the end of the period is not
    /// written.
    pub(crate) fn write(&mut self, payload: Payload) -> TouchpointRef {
        self.count += 1;
        let id = format!("{}-{:04}", self.prefix, self.count);
        let at = self.next.occurred_at.map_or(self.until, |at| at.seconds);
        if at < self.until {
            self.written.push(Touchpoint {
                id: id.clone(),
                payload: Some(payload),
                ..self.next.clone()
            });
        }
        self.next.causation = None;
        self.next.visible_from = None;
        TouchpointRef {
            source: self.next.source.clone(),
            id,
        }
    }

    /// All touchpoints that were written.
    pub(crate) fn finish(self) -> Vec<Touchpoint> {
        self.written
    }
}
