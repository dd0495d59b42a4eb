//! Response times: an example to check by hand, the rules, and properties over random histories.

mod bookings;
mod example;
mod kinds;
mod months;
mod properties;
mod within;

use ownerline_projections::feedback::Part;
use ownerline_projections::network::{self, Network};
use ownerline_projections::obligation::terms::InForce;
use ownerline_projections::response_times::{
    Booked, Counted, GroupBy, Question, Reading, Scope, count,
};
use ownerline_projections::{MemoryState, Position, Validity};
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{DealerRegistered, ResponseTimeGroup, ResponseTimes};

use crate::feedback::touchpoints::{FeedbackTouchpoint, Folded};

/// The published figures.
type Figures = (ResponseTimes, Vec<ResponseTimeGroup>, bool);

/// A question about all that is known.
#[derive(Debug, Clone)]
struct Asking {
    scope: Scope,
    group_by: Option<GroupBy>,
    as_of: i64,
}

impl Asking {
    fn question<'q>(&'q self, terms: &'q dyn InForce, network: &'q Network) -> Question<'q> {
        Question {
            scope: &self.scope,
            group_by: self.group_by,
            as_of: self.as_of.into(),
            terms,
            network,
        }
    }
}

fn counted(
    folded: &Folded,
    question: Question<'_>,
    from_summaries: bool,
    part: Part,
    booked: Option<&Booked<'_>>,
) -> Counted {
    let reading = Reading {
        feedback: &folded.feedback,
        validity: &folded.validity(),
        question,
        from_summaries,
        booked,
        is_over: &|| false,
    };
    count(reading, part).unwrap()
}

fn published(counted: Counted) -> Figures {
    counted.publish(&[3_600, 86_400], false)
}

/// Dealers `d1` of London, from hour 8 on of Tokyo, and `d2` of New York; other dealers are unknown.
fn network() -> Network {
    let mut state = MemoryState::default();
    let touchpoints = [
        ("d1", 0, "GB", "Europe/London"),
        ("d1", 8, "JP", "Asia/Tokyo"),
        ("d2", 0, "US", "America/New_York"),
    ];
    for (position, (dealer, hour, market, zone)) in (1..).zip(touchpoints) {
        let payload = Payload::DealerRegistered(DealerRegistered {
            market: market.to_owned(),
            time_zone: zone.to_owned(),
            ..DealerRegistered::default()
        });
        let touchpoints = FeedbackTouchpoint::new(&format!("n{position}"), hour, payload);
        let touchpoints = touchpoints.about(|subjects| {
            subjects.feedback_id = String::new();
            subjects.dealer_id = dealer.to_owned();
        });
        (network::VIEW.apply)(&touchpoints.recorded(Position(position)), &mut state).unwrap();
    }
    let nothing = MemoryState::default();
    let validity = Validity::new(&nothing, Position::MAX).unwrap();
    Network::load(&state, &validity, i64::MAX.into()).unwrap()
}
