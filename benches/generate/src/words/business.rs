//! Texts of dealers and the manufacturer: templates, promises, reasons, captions.

use ownerline_proto::v1::ProductionStage as Stage;

use crate::chance::Chance;

/// Declares functions that draw a text of a table.
macro_rules! texts {
    ($($(#[$doc:meta])+ $name:ident: $table:expr;)+) => {
        $($(#[$doc])+ pub(crate) fn $name(chance: &mut Chance) -> &'static str {
            chance.text(&$table)
        })+
    };
}

texts! {
    /// The subject of a call.
    call_subject: ["the next service", "the delivery", "an invoice", "the app", "a wheel change",
        "a courtesy call", "the extended warranty", "a missing second key"];
    /// An automatic acknowledgement.
    acknowledgement: ["We received your message. This mailbox is not read.",
        "Thank you, your feedback has been forwarded.", "Your message has a number and will be handled."];
    /// A reply by template.
    reply_template: ["Thank you for your valued feedback. Your satisfaction is our priority.",
        "We appreciate your time and look forward to your next visit.",
        "Thank you for being part of our family. We strive to improve every day."];
    /// The reason of a delay.
    delay_reason: ["one door is painted again", "a supplier delivers late", "the ship waits outside the port",
        "the plant stands still for a week", "the quality gate found a noise", "a strike at the port"];
    /// The reason of a cancellation.
    cancellation_reason: ["the owner's plans changed", "the wait was too long", "the car was lost at sea",
        "the lease was refused", "another car was at hand sooner"];
    /// An internal note in a case.
    case_note: ["Owner is calm and well prepared. Has every invoice.", "Workshop says the part is on back order.",
        "Do not offer a voucher again.", "Field engineer visits on Thursday.",
        "Dealer and parts contradict each other; ask both on one call."];
    /// The reason of an escalation.
    escalation_reason: ["a promise was broken twice", "a danger to the driver", "the third attempt failed",
        "the owner asked for it", "no answer from the workshop for a week"];
}

/// The title of a news item.
pub(crate) fn headline(chance: &mut Chance) -> String {
    let what = chance.text(&[
        "A new shade for the",
        "How we build the",
        "Winter and your",
        "The story of the",
        "Behind the scenes of the",
        "Your guide to the",
    ]);
    let thing = chance.text(&[
        "grand tourer",
        "estate",
        "roadster",
        "plant",
        "paint shop",
        "saloon",
    ]);
    format!("{what} {thing}")
}

/// The configuration of a car.
pub(crate) fn configuration(chance: &mut Chance) -> String {
    let paint = chance.text(&[
        "deep green",
        "graphite",
        "pearl white",
        "midnight blue",
        "copper",
        "silver sand",
    ]);
    let inside = chance.text(&["tan", "black", "cream", "dark red", "grey"]);
    let extra = chance.text(&[
        "contrast stitching",
        "glass roof",
        "no chrome",
        "sports seats",
        "tow bar",
        "large wheels",
    ]);
    format!("{paint} over {inside}, {extra}")
}

/// The summary of a change to an order.
pub(crate) fn order_change(chance: &mut Chance) -> String {
    let what = chance.text(&["stitching", "wheels", "paint", "trim", "sound system"]);
    let how = chance.text(&[
        "in green instead of tan",
        "one size smaller",
        "taken out",
        "added",
        "in another shade",
    ]);
    format!("{what} {how}")
}

/// The caption of a photograph.
pub(crate) fn caption(chance: &mut Chance, stage: Stage) -> String {
    let what = match stage {
        Stage::Body => "the bare body",
        Stage::Paint => "the first coat",
        Stage::Marriage => "body and drivetrain become one car",
        Stage::Quality => "under the lights of the quality gate",
        _ => "on its way",
    };
    let how = chance.text(&[
        "early in the morning",
        "from the left",
        "seen from the bridge",
        "close up",
        "by the window",
    ]);
    format!("{what}, {how}")
}
