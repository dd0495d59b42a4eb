//! The four situations that taught what the systems of such a brand must do, each as the journey of one
//! owner of the network.

use std::collections::BTreeSet;

use ownerline_proto::v1::Touchpoint;
use pbjson_types::Timestamp;

use super::house::House;
use super::pen::Pen;
use super::{factory, feedback_loop, person, repeated_fault};

/// One of the four.
pub(super) struct Situation {
    pub(super) title: &'static str,
    /// What to look for, in a sentence or two.
    pub(super) introduction: String,
    /// Whose journey it is.
    pub(super) owner: &'static str,
    /// The dealer who knows the owner.
    pub(super) house: House,
    pub(super) journey: Vec<Touchpoint>,
    /// Ids of the touchpoints that tell it.
    pub(super) telling: BTreeSet<String>,
}

impl Situation {
    fn new(
        title: &'static str,
        introduction: String,
        owner: &'static str,
        house: House,
        pen: Pen,
    ) -> Self {
        let (journey, telling) = pen.finish();
        Self {
            title,
            introduction,
            owner,
            house,
            journey,
            telling,
        }
    }
}

/// All four, at these dealers; everything lies before the midnight (UTC) of `now`.
pub(super) fn situations(dealers: &[Touchpoint], now: Timestamp) -> Vec<Situation> {
    let at = |zone| House::in_zone(dealers, zone);
    let (london, berlin) = (at("Europe/London"), at("Europe/Berlin"));
    let (chicago, new_york) = (at("America/Chicago"), at("America/New_York"));
    let loop_of_feedback = feedback_loop::journey(&chicago, &new_york, now);
    let window = factory::journey(&london, now);
    let fault = repeated_fault::journey(&berlin, now);
    let customer = person::journey(&london, now);
    vec![
        Situation::new(
            "The feedback loop",
            format!(
                "{}, who knows the owner, answers within 24 hours; an automatic receipt is not an \
                 answer. {} lets a complaint lie until it is handed over, and later buys a ten.",
                chicago.name, new_york.name
            ),
            feedback_loop::OWNER,
            chicago,
            loop_of_feedback,
        ),
        Situation::new(
            "The window into the factory",
            "A bespoke car is followed with photographs, stage by stage. A door is painted again, and \
             the owner hears of the new day from a person before it moves."
                .to_owned(),
            factory::OWNER,
            london.clone(),
            window,
        ),
        Situation::new(
            "The repeated fault",
            "The engine light comes back three times. Promises are kept, also when there is nothing \
             new; the root cause never comes, and the owner stays."
                .to_owned(),
            repeated_fault::OWNER,
            berlin,
            fault,
        ),
        Situation::new(
            "The owner is the customer, not the car",
            format!(
                "The dealer that sold a {} sends its driver away, for nobody is there; {}, who knows \
                 the owner, helps. No bulb fits there either, and the service is still exceptional.",
                person::OTHER_BRAND,
                london.name
            ),
            person::OWNER,
            london,
            customer,
        ),
    ]
}
