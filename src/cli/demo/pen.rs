//! A builder of journeys: touchpoints on given days before today.

use std::collections::BTreeSet;

use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    Actor, Channel, ContextPackServed, Subjects, Touchpoint, TouchpointRef, Visibility, actor,
};
use pbjson_types::Timestamp;

use super::house::House;
use crate::cli::time::civil;

const SECONDS_PER_DAY: i64 = 86_400;

/// A builder of one journey. Subjects, actor, channel and visibility stay set until they are changed.
pub(super) struct Pen {
    /// Midnight (UTC) of the day on which the demo runs, in seconds.
    today: i64,
    /// How far the owner's clocks are behind UTC, in hours.
    behind: i64,
    next: Touchpoint,
    /// Whether the next touchpoint is one of those that are shown.
    is_essential: bool,
    written: Vec<Touchpoint>,
    essential: BTreeSet<String>,
}

impl Pen {
    /// Starts a journey. Its sources contain the day, so that the demo can run again on another day.
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
            is_essential: false,
            written: Vec::new(),
            essential: BTreeSet::new(),
        }
    }

    /// Sets the zone of times of day: this many hours behind UTC.
    pub(super) fn behind_utc(&mut self, hours: i64) -> &mut Self {
        self.behind = hours;
        self
    }

    /// Marks the next touchpoint as one of those that are shown.
    pub(super) fn essential(&mut self) -> &mut Self {
        self.is_essential = true;
        self
    }

    /// Sets the subjects.
    pub(super) fn about(&mut self, subjects: Subjects) -> &mut Self {
        self.next.subjects = Some(subjects);
        self
    }

    /// Sets the instant: this many days ago, at this time of day.
    pub(super) fn days_ago(&mut self, days: i64, hour: i64, minute: i64) -> &mut Self {
        self.next.occurred_at = Some(self.instant(days, hour, minute));
        self
    }

    /// The instant this many days ago, at this time of day.
    pub(super) fn instant(&self, days: i64, hour: i64, minute: i64) -> Timestamp {
        let seconds =
            self.today - days * SECONDS_PER_DAY + (hour + self.behind) * 3_600 + minute * 60;
        Timestamp { seconds, nanos: 0 }
    }

    /// The date this many days ago.
    pub(super) fn date(&self, days: i64) -> String {
        let noon = civil(&self.instant(days, 12, 0));
        noon.map_or_else(String::new, |it| it.date().to_string())
    }

    /// Moves the instant forward by this many minutes.
    pub(super) fn minutes_later(&mut self, minutes: i64) -> &mut Self {
        if let Some(instant) = &mut self.next.occurred_at {
            instant.seconds += minutes * 60;
        }
        self
    }

    /// Sets the channel.
    pub(super) fn via(&mut self, channel: Channel) -> &mut Self {
        self.next.channel = channel.into();
        self
    }

    /// Sets the visibility.
    pub(super) fn seen_by(&mut self, visibility: Visibility) -> &mut Self {
        self.next.visibility = visibility.into();
        self
    }

    /// Sets the actor to the owner of the journey.
    pub(super) fn owner(&mut self) -> &mut Self {
        let subjects = self.next.subjects.clone().unwrap_or_default();
        self.actor(&subjects.owner_id, actor::Kind::Human, "owner", "")
    }

    /// Sets the actor to somebody at a dealer of the network.
    pub(super) fn staff(&mut self, role: &str, house: &House) -> &mut Self {
        self.staff_of(role, &house.id)
    }

    /// Sets the actor to somebody at any dealer.
    pub(super) fn staff_of(&mut self, role: &str, dealer: &str) -> &mut Self {
        self.actor(
            &format!("{role}-at-{dealer}"),
            actor::Kind::Human,
            role,
            dealer,
        )
    }

    /// Sets the actor to somebody at the manufacturer.
    pub(super) fn maker(&mut self, id: &str, role: &str) -> &mut Self {
        self.actor(id, actor::Kind::Human, role, "")
    }

    /// Sets the actor to a system.
    pub(super) fn system(&mut self, id: &str) -> &mut Self {
        self.actor(id, actor::Kind::System, "", "")
    }

    /// Sets the actor to the car.
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

    /// Writes one touchpoint and returns a reference to it.
    pub(super) fn write(&mut self, payload: Payload) -> TouchpointRef {
        let id = format!("{:03}", self.written.len() + 1);
        self.written.push(Touchpoint {
            id: id.clone(),
            payload: Some(payload),
            ..self.next.clone()
        });
        if std::mem::take(&mut self.is_essential) {
            self.essential.insert(id.clone());
        }
        // These apply to one touchpoint only.
        self.next.causation = None;
        self.next.correlation_id.clear();
        self.next.operated_by.clear();
        self.next.on_behalf_of.clear();
        TouchpointRef {
            source: String::new(),
            id,
        }
    }

    /// Sets the cause of the next touchpoint.
    pub(super) fn because_of(&mut self, cause: &TouchpointRef) -> &mut Self {
        self.next.causation = Some(cause.clone());
        self
    }

    /// Sets the conversation or process of the next touchpoint.
    pub(super) fn correlated(&mut self, id: &str) -> &mut Self {
        id.clone_into(&mut self.next.correlation_id);
        self
    }

    /// Sets who operates the actor of the next touchpoint, and for whom the actor speaks.
    pub(super) fn operated_by(&mut self, vendor: &str, dealer: &str) -> &mut Self {
        vendor.clone_into(&mut self.next.operated_by);
        dealer.clone_into(&mut self.next.on_behalf_of);
        self
    }

    /// Writes that the actor had a context pack served, unseen by the owner.
    pub(super) fn pack_served(&mut self) -> &mut Self {
        let (seen_by, channel) = (self.next.visibility(), self.next.channel());
        self.seen_by(Visibility::Internal).via(Channel::Api);
        self.write(Payload::ContextPackServed(ContextPackServed::default()));
        self.seen_by(seen_by).via(channel)
    }

    /// Returns the whole journey, and the ids of the touchpoints that are shown.
    pub(super) fn finish(self) -> (Vec<Touchpoint>, BTreeSet<String>) {
        (self.written, self.essential)
    }
}
