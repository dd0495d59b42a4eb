//! Writes a journey: touchpoints at given days before today, with what they have in common said once.

use std::collections::BTreeSet;

use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{Actor, Channel, Subjects, Touchpoint, TouchpointRef, Visibility, actor};
use pbjson_types::Timestamp;

use super::house::House;

const SECONDS_PER_DAY: i64 = 86_400;

/// Writes one journey. What is said about subjects, actor, channel and visibility holds until it is
/// said anew.
pub(super) struct Pen {
    /// Midnight (UTC) of the day the demo runs, in seconds.
    today: i64,
    /// What the owner's clocks are behind UTC, in hours.
    behind: i64,
    next: Touchpoint,
    /// The next touchpoint is one of those that tell the situation.
    is_telling: bool,
    written: Vec<Touchpoint>,
    telling: BTreeSet<String>,
}

impl Pen {
    /// Begins a journey. Identities carry the day, so that the demo can be told again on another.
    pub(super) fn new(name: &str, now: Timestamp) -> Self {
        let day = now.seconds.div_euclid(SECONDS_PER_DAY);
        Self {
            today: day * SECONDS_PER_DAY,
            behind: 0,
            next: Touchpoint {
                source: format!("//demo/{name}/{day}"),
                visibility: Visibility::Owner.into(),
                ..Touchpoint::default()
            },
            is_telling: false,
            written: Vec::new(),
            telling: BTreeSet::new(),
        }
    }

    /// Times of day are those of clocks so many hours behind UTC.
    pub(super) fn behind_utc(&mut self, hours: i64) -> &mut Self {
        self.behind = hours;
        self
    }

    /// What follows, once, is one of the touchpoints that tell the situation.
    pub(super) fn telling(&mut self) -> &mut Self {
        self.is_telling = true;
        self
    }

    /// What follows is about these.
    pub(super) fn about(&mut self, subjects: Subjects) -> &mut Self {
        self.next.subjects = Some(subjects);
        self
    }

    /// What follows happened so many days ago, at this time of day.
    pub(super) fn days_ago(&mut self, days: i64, hour: i64, minute: i64) -> &mut Self {
        let seconds =
            self.today - days * SECONDS_PER_DAY + (hour + self.behind) * 3_600 + minute * 60;
        self.next.occurred_at = Some(Timestamp { seconds, nanos: 0 });
        self
    }

    /// What follows happened so many minutes after the one before.
    pub(super) fn minutes_later(&mut self, minutes: i64) -> &mut Self {
        if let Some(instant) = &mut self.next.occurred_at {
            instant.seconds += minutes * 60;
        }
        self
    }

    /// What follows happened here.
    pub(super) fn via(&mut self, channel: Channel) -> &mut Self {
        self.next.channel = channel.into();
        self
    }

    /// What follows may be seen by these.
    pub(super) fn seen_by(&mut self, visibility: Visibility) -> &mut Self {
        self.next.visibility = visibility.into();
        self
    }

    /// The owner of the journey does what follows.
    pub(super) fn owner(&mut self) -> &mut Self {
        let subjects = self.next.subjects.clone().unwrap_or_default();
        self.actor(&subjects.owner_id, actor::Kind::Human, "owner", "")
    }

    /// Somebody at a dealer does what follows.
    pub(super) fn staff(&mut self, role: &str, house: &House) -> &mut Self {
        self.staff_of(role, &house.id)
    }

    /// Somebody at a dealer beside the network does what follows.
    pub(super) fn staff_of(&mut self, role: &str, dealer: &str) -> &mut Self {
        self.actor(
            &format!("{role}-at-{dealer}"),
            actor::Kind::Human,
            role,
            dealer,
        )
    }

    /// Somebody at the manufacturer does what follows.
    pub(super) fn maker(&mut self, id: &str, role: &str) -> &mut Self {
        self.actor(id, actor::Kind::Human, role, "")
    }

    /// A system does what follows.
    pub(super) fn system(&mut self, id: &str) -> &mut Self {
        self.actor(id, actor::Kind::System, "", "")
    }

    /// The car does what follows.
    pub(super) fn car(&mut self) -> &mut Self {
        self.actor("car", actor::Kind::Vehicle, "", "")
    }

    fn actor(&mut self, id: &str, kind: actor::Kind, role: &str, dealer: &str) -> &mut Self {
        self.next.actor = Some(Actor {
            id: id.to_owned(),
            kind: kind.into(),
            role: role.to_owned(),
            dealer_id: dealer.to_owned(),
        });
        self
    }

    /// Writes one touchpoint and answers how to refer to it.
    pub(super) fn write(&mut self, payload: Payload) -> TouchpointRef {
        let id = format!("{:03}", self.written.len() + 1);
        self.written.push(Touchpoint {
            id: id.clone(),
            payload: Some(payload),
            ..self.next.clone()
        });
        if std::mem::take(&mut self.is_telling) {
            self.telling.insert(id.clone());
        }
        // Only the next touchpoint was caused by what was said.
        self.next.causation = None;
        TouchpointRef {
            source: String::new(),
            id,
        }
    }

    /// The next touchpoint was caused by this one.
    pub(super) fn because_of(&mut self, cause: &TouchpointRef) -> &mut Self {
        self.next.causation = Some(cause.clone());
        self
    }

    /// The whole journey, and the ids of those that tell the situation.
    pub(super) fn finish(self) -> (Vec<Touchpoint>, BTreeSet<String>) {
        (self.written, self.telling)
    }
}
