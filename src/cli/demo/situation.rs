//! The four situations: what the systems of such a brand must handle, each as the journey of one owner of the network.

use std::collections::BTreeSet;

use ownerline_proto::v1::Touchpoint;
use pbjson_types::Timestamp;

use super::house::House;
use super::pen::Pen;
use super::{factory, feedback_loop, person, repeated_fault};

/// A situation.
pub(super) struct Situation {
    pub(super) title: &'static str,
    /// What to look for, in a sentence or two.
    pub(super) introduction: String,
    /// The owner of the journey.
    pub(super) owner: &'static str,
    /// The dealer who knows the owner.
    pub(super) house: House,
    pub(super) journey: Vec<Touchpoint>,
    /// The ids of the touchpoints that are shown.
    pub(super) essential: BTreeSet<String>,
}

impl Situation {
    fn new(
        title: &'static str,
        introduction: String,
        owner: &'static str,
        house: House,
        pen: Pen,
    ) -> Self {
        let (journey, essential) = pen.finish();
        Self {
            title,
            introduction,
            owner,
            house,
            journey,
            essential,
        }
    }
}

/// Returns all four, at these dealers; everything happens before midnight (UTC) of the day of `now`.
pub(super) fn situations(dealers: &[Touchpoint], now: Timestamp) -> Vec<Situation> {
    let at = |zone| House::in_zone(dealers, zone);
    let (london, berlin) = (at("Europe/London"), at("Europe/Berlin"));
    let (chicago, new_york) = (at("America/Chicago"), at("America/New_York"));
    let feedback = feedback_loop::journey(&chicago, &new_york, now);
    let window = factory::journey(&london, now);
    let fault = repeated_fault::journey(&berlin, now);
    let customer = person::journey(&london, now);
    vec![
        Situation::new(
            "The feedback loop",
            format!(
                "{}, which knows the owner, replies within 24 hours; an automatic receipt is not a \
                 reply. {} leaves a complaint unanswered until it is reassigned, and later buys a ten.",
                chicago.name, new_york.name
            ),
            feedback_loop::OWNER,
            chicago,
            feedback,
        ),
        Situation::new(
            "The window into the factory",
            "A bespoke car is followed stage by stage in photographs. A door has to be repainted, and a \
             person tells the owner about the new date before it moves."
                .to_owned(),
            factory::OWNER,
            london.clone(),
            window,
        ),
        Situation::new(
            "The repeated fault",
            "The engine light comes back three times. The promised call comes even when there is no news; \
             the root cause is never disclosed, and the owner stays."
                .to_owned(),
            repeated_fault::OWNER,
            berlin,
            fault,
        ),
        Situation::new(
            "The owner is the customer, not the car",
            format!(
                "The dealer that sold a {} sends its driver away because nobody is there; {}, which knows \
                 the owner, helps. No bulb fits there either, but the service is exceptional.",
                person::OTHER_BRAND,
                london.name
            ),
            person::OWNER,
            london,
            customer,
        ),
    ]
}
