//! The situations that the product is for, each told from its beginning to its end and then asked about from all sides:
//! as of every step in between, and as it was known then.

mod factory;
mod other_brand;
mod repeated_fault;

use ownerline_proto::time;
use ownerline_proto::v1::actor::Kind;
use ownerline_proto::v1::known_at::At;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    Actor, Channel, KnownAt, Subjects, Touchpoint, TouchpointRef, Visibility,
};
use pbjson_types::Timestamp;

use crate::support::Server;

/// An instant by its ISO text.
fn at(text: &str) -> Timestamp {
    let instant: jiff::Timestamp = text.parse().unwrap();
    time::timestamp(i64::try_from(instant.as_nanosecond()).unwrap())
}

/// As known at a position.
fn known_at(position: &str) -> Option<KnownAt> {
    Some(KnownAt {
        at: Some(At::Position(position.to_owned())),
    })
}

/// A story while it is told: what several touchpoints have in common is said once.
struct Story {
    server: Server,
    next: Touchpoint,
    count: u32,
    /// When something happened, and the position after it was recorded.
    steps: Vec<(Timestamp, String)>,
}

impl Story {
    async fn begin() -> Self {
        Self {
            server: Server::start().await,
            next: Touchpoint {
                source: "//crm".to_owned(),
                visibility: Visibility::Owner.into(),
                ..Touchpoint::default()
            },
            count: 0,
            steps: Vec::new(),
        }
    }

    /// What follows is about this.
    fn about(&mut self, subjects: Subjects) -> &mut Self {
        self.next.subjects = Some(subjects);
        self
    }

    /// What follows is done by this person.
    fn by(&mut self, id: &str, role: &str, dealer: &str) -> &mut Self {
        self.next.actor = Some(Actor {
            id: id.to_owned(),
            kind: Kind::Human.into(),
            role: role.to_owned(),
            dealer_id: dealer.to_owned(),
        });
        self
    }

    /// What follows comes by this channel.
    fn via(&mut self, channel: Channel) -> &mut Self {
        self.next.channel = channel.into();
        self
    }

    /// What follows may be seen by dealers, but not by the owner.
    fn unseen(&mut self) -> &mut Self {
        self.next.visibility = Visibility::Dealer.into();
        self
    }

    /// What follows may be seen by the owner.
    fn seen(&mut self) -> &mut Self {
        self.next.visibility = Visibility::Owner.into();
        self
    }

    /// What happens next was caused by this.
    fn because_of(&mut self, cause: &TouchpointRef) -> &mut Self {
        self.next.causation = Some(cause.clone());
        self
    }

    /// Records what happened then, and returns a reference to it.
    async fn tell(&mut self, when: &str, payload: Payload) -> TouchpointRef {
        self.count += 1;
        let touchpoint = Touchpoint {
            id: format!("t{:02}", self.count),
            occurred_at: Some(at(when)),
            payload: Some(payload),
            ..self.next.clone()
        };
        self.next.causation = None;
        let reference = TouchpointRef {
            source: touchpoint.source.clone(),
            id: touchpoint.id.clone(),
        };
        self.server.record(touchpoint).await.unwrap();
        let position = self.server.head().await;
        self.steps.push((at(when), position));
        reference
    }
}
