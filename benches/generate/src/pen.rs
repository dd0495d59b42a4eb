//! Writes a journey: touchpoints at given instants, with what they have in common said once.

use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{Actor, Channel, Subjects, Touchpoint, TouchpointRef, Visibility, actor};
use pbjson_types::Timestamp;

use super::Settings;
use super::network::Dealer;

/// Who does something.
#[derive(Debug, Clone, Copy)]
pub(super) enum Who<'a> {
    /// The owner, by id.
    Owner(&'a str),
    /// Somebody at a dealer.
    Staff(&'static str, &'a Dealer),
    /// Somebody at the manufacturer.
    Maker(&'static str),
    /// A vendor's call centre that speaks for a dealer.
    CallCentre(&'a Dealer),
    /// A program.
    System(&'static str),
    /// A program of a dealer that speaks like a person.
    Bot(&'a Dealer),
    /// The car.
    Car,
}

/// Writes touchpoints. What is said about subjects, actor, channel and visibility holds until it is said
/// anew; a cause and a reveal hold for one touchpoint.
pub(super) struct Pen {
    until: i64,
    seed: u64,
    prefix: String,
    count: u32,
    next: Touchpoint,
    written: Vec<Touchpoint>,
}

impl Pen {
    /// Begins a journey. Ids begin with `prefix`; sources carry the seed, so that journeys of different
    /// seeds fit into one log.
    pub(super) fn new(settings: &Settings, prefix: &str) -> Self {
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

    /// What follows is about these.
    pub(super) fn about(&mut self, subjects: Subjects) -> &mut Self {
        self.next.subjects = (subjects != Subjects::default()).then_some(subjects);
        self
    }

    /// What follows happened then (seconds since the Unix epoch).
    pub(super) fn at(&mut self, seconds: i64) -> &mut Self {
        self.next.occurred_at = Some(Timestamp { seconds, nanos: 0 });
        self
    }

    /// What follows may be seen by these.
    pub(super) fn seen_by(&mut self, visibility: Visibility) -> &mut Self {
        self.next.visibility = visibility.into();
        self
    }

    /// The next touchpoint is revealed to dealers and owners then.
    pub(super) fn revealed_at(&mut self, seconds: i64) -> &mut Self {
        self.next.visible_from = Some(Timestamp { seconds, nanos: 0 });
        self
    }

    /// What follows belongs together.
    pub(super) fn together(&mut self, correlation_id: &str) -> &mut Self {
        correlation_id.clone_into(&mut self.next.correlation_id);
        self
    }

    /// The next touchpoint was caused by this one.
    pub(super) fn because_of(&mut self, cause: &TouchpointRef) -> &mut Self {
        self.next.causation = Some(cause.clone());
        self
    }

    /// Who does what follows, and where they meet. Each reports through a system of its own.
    pub(super) fn by(&mut self, who: &Who<'_>, channel: Channel) -> &mut Self {
        use actor::Kind::{Bot, Human, System, Vehicle};
        let (id, kind, role, dealer, system) = match who {
            Who::Owner(id) => ((*id).to_owned(), Human, "owner", None, "portal"),
            Who::Staff(role, dealer) => (
                format!("{role}~{}", dealer.id),
                Human,
                *role,
                Some(*dealer),
                "dms",
            ),
            Who::Maker(role) => ((*role).to_owned(), Human, *role, None, "crm"),
            Who::CallCentre(dealer) => (
                "call-centre-7".to_owned(),
                Human,
                "agent",
                Some(*dealer),
                "crm",
            ),
            Who::System(name) => ((*name).to_owned(), System, "", None, *name),
            Who::Bot(dealer) => (
                format!("assistant~{}", dealer.id),
                Bot,
                "assistant",
                Some(*dealer),
                "dms",
            ),
            Who::Car => (String::new(), Vehicle, "", None, "telematics"),
        };
        let dealer_id = dealer.map(|dealer| dealer.id.clone()).unwrap_or_default();
        let vendor = matches!(who, Who::CallCentre(_));
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

    /// Writes one touchpoint and answers how to refer to it. What lies behind the end of the period is
    /// not written: it has not happened yet.
    pub(super) fn write(&mut self, payload: Payload) -> TouchpointRef {
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

    /// Everything written.
    pub(super) fn finish(self) -> Vec<Touchpoint> {
        self.written
    }
}
