//! How often things happen: every probability and rate of the generator.
//!
//! `docs/generator.md` shows the same table, and a test compares the two.

use ownerline_proto::v1::repair_attempted::Outcome;

macro_rules! odds {
    ($($(#[doc = $text:literal])+ $name:ident = $value:literal;)+) => {
        $($(#[doc = $text])+ pub(crate) const $name: f64 = $value;)+

        /// The rows of the table in `docs/generator.md`.
        #[cfg(test)]
        pub(crate) const ROWS: &[(&str, &str, f64)] = &[
            $((stringify!($name), concat!($($text),+), $value),)+
        ];
    };
}

odds! {
    /// A dealer's system reports once a night
    DEALER_UPLOADS_AT_NIGHT = 0.25;
    /// A dealer carries the sister brand as well
    DEALER_CARRIES_SISTER = 0.4;
    /// A dealer changes its name within the period
    DEALER_CHANGES = 0.2;
    /// An owner is known from the first weeks
    OWNER_KNOWN_FROM_THE_START = 0.55;
    /// An owner is a member of the survey panel
    OWNER_IN_PANEL = 0.08;
    /// An owner consents, for each of five purposes
    CONSENT_GIVEN = 0.6;
    /// An owner withdraws a consent
    CONSENT_WITHDRAWN = 0.06;
    /// A withdrawn consent is given again
    CONSENT_GIVEN_AGAIN = 0.3;
    /// An owner had a car of another brand before
    OWNER_HAS_PRIOR_BRAND = 0.5;
    /// An owner says how they came to the brand
    OWNER_STATES_SOURCE = 0.35;
    /// An owner has a second id in the portal
    OWNER_HAS_PORTAL_ID = 0.6;
    /// An owner has an id in the app
    OWNER_HAS_APP_ID = 0.35;
    /// An owner with an odd number shares a household with the owner before
    OWNER_SHARES_HOUSEHOLD = 0.2;
    /// An owner is linked to the owner before by mistake, and unlinked when the mistake is found
    IDENTITY_LINKED_WRONGLY = 0.01;
    /// An owner says whether they would buy again and recommend
    OWNER_STATES_INTENT = 0.2;
    /// News sent to an owner, per year
    NEWS_A_YEAR = 4.0;
    /// News is viewed
    NEWS_VIEWED = 0.35;
    /// Offers to an owner, per year
    OFFERS_A_YEAR = 1.5;
    /// An offer is answered
    OFFER_ANSWERED = 0.5;
    /// An answered offer is accepted
    OFFER_ACCEPTED = 0.45;
    /// Invitations to community events, per year
    EVENTS_A_YEAR = 0.8;
    /// An invited owner attends
    EVENT_ATTENDED = 0.3;
    /// Calls outside any case, per year
    CONTACTS_A_YEAR = 1.0;
    /// A caller read the context pack first
    CONTACT_WITH_CONTEXT = 0.5;
    /// A call is made by a vendor's call centre
    CONTACT_BY_CALL_CENTRE = 0.25;
    /// The brand calls, not the owner
    CONTACT_PROACTIVE = 0.4;
    /// A legal hold is placed, and lifted
    LEGAL_HOLD = 0.004;
    /// An owner asks for erasure, and it is executed
    ERASURE_REQUESTED = 0.005;
    /// An owner's first car is ordered within the period
    OWNER_ORDERS_FIRST = 0.5;
    /// An owner also has a car of another brand
    OWNER_HAS_OTHER_BRAND = 0.15;
    /// The other car breaks down: one dealer declines to help, the owner's own dealer helps
    OTHER_BRAND_NEEDS_HELP = 0.4;
    /// The owner before drives the car too, if the owner's number is odd
    HOUSEHOLD_DRIVES_TOO = 0.1;
    /// The owner before owns the car too, if the owner's number is odd
    HOUSEHOLD_CO_OWNS = 0.08;
    /// Whoever drives or owns a car too gives it up while the owner has it
    CO_HOLDER_LEAVES = 0.25;
    /// An order is for an approved used car
    ORDER_IS_APPROVED_USED = 0.35;
    /// An order is changed before it is frozen
    ORDER_CHANGED = 0.4;
    /// An order is cancelled
    ORDER_CANCELLED = 0.04;
    /// A car fails the quality gate, each time
    ORDER_REWORKED = 0.18;
    /// A car at sea is lost
    ORDER_LOST = 0.01;
    /// A car is returned by the dealer
    ORDER_RETURNED = 0.03;
    /// A window of delivery is planned before one is promised
    WINDOW_PLANNED = 0.4;
    /// The promise for a new car is a window, not a day
    PROMISE_IS_WINDOW = 0.5;
    /// A promised window narrows when the configuration is frozen
    WINDOW_NARROWED = 0.4;
    /// An order is held for a time
    ORDER_HELD = 0.15;
    /// The owner sees a hold
    HOLD_SHOWN = 0.5;
    /// A hold gets another reason and a later expected release
    HOLD_EXTENDED = 0.3;
    /// A hold is never lifted
    HOLD_NEVER_LIFTED = 0.05;
    /// An order's first VIN is withdrawn, and another assigned
    VIN_WITHDRAWN = 0.05;
    /// The plant reports a code that nobody knows
    CODE_UNKNOWN = 0.08;
    /// An order goes to another dealer
    ORDER_REASSIGNED = 0.02;
    /// A stage is reported twice
    STAGE_REPORTED_TWICE = 0.03;
    /// A stage is photographed, for each of five stages
    STAGE_PHOTOGRAPHED = 0.7;
    /// A photograph is revealed later
    PHOTOGRAPH_REVEALED_LATE = 0.2;
    /// A notice about a photograph arrives
    NOTICE_DELIVERED = 0.96;
    /// The owner views a photograph
    PHOTOGRAPH_VIEWED = 0.75;
    /// The owner is notified of a delay
    DELAY_NOTIFIED = 0.7;
    /// Odometer readings, per year
    ODOMETER_A_YEAR = 8.0;
    /// A reading of a North American car is also filed under a mistyped VIN, and retracted
    VIN_MISTYPED = 0.004;
    /// Alerts of a car, per year
    ALERTS_A_YEAR = 1.5;
    /// An alert comes again within days
    ALERT_REPEATED = 0.25;
    /// The dealer calls after a critical alert
    ALERT_ANSWERED = 0.8;
    /// Driving tips, per year
    TIPS_A_YEAR = 1.0;
    /// A tip is dismissed
    TIP_DISMISSED = 0.5;
    /// Faults reported from home, per year
    ISSUES_A_YEAR = 0.4;
    /// A fault reported from home is closed
    ISSUE_CLOSED = 0.8;
    /// A car is part of a recall
    CAR_RECALLED = 0.08;
    /// A recall is performed in the visit for it
    RECALL_PERFORMED = 0.9;
    /// A recall whose visit is cancelled is performed without a visit on record
    RECALL_PERFORMED_ELSEWHERE = 0.5;
    /// Planned visits, per year at the rate of the busiest month
    PLANNED_VISITS_A_YEAR = 1.5;
    /// Faults that lead to a visit, per year at the rate of the busiest month
    FAULTS_A_YEAR = 0.6;
    /// An appointment is cancelled
    APPOINTMENT_CANCELLED = 0.07;
    /// A loaner is provided
    LOANER_PROVIDED = 0.3;
    /// The owner is called after a planned visit
    FOLLOW_UP_CALL = 0.12;
    /// The call after a visit comes while the car is still in the workshop
    FOLLOW_UP_TOO_EARLY = 0.1;
    /// A repair that seemed to succeed does not hold
    FIX_DOES_NOT_HOLD = 0.12;
    /// An unrepaired fault brings the car back
    FAULT_COMES_BACK = 0.8;
    /// A case is opened after the first repeat
    CASE_AFTER_FIRST_REPEAT = 0.15;
    /// A case is opened after every further repeat
    CASE_AFTER_SECOND_REPEAT = 0.5;
    /// An eligible owner is not invited
    SURVEY_NOT_INVITED = 0.08;
    /// A gaming dealer does not invite an unhappy owner
    GAMING_HIDES_UNHAPPY = 0.6;
    /// An invitation bounces
    INVITATION_BOUNCED = 0.04;
    /// A delivered invitation is answered
    SURVEY_ANSWERED = 0.36;
    /// A delivered invitation is answered, at a gaming dealer at the end of a quarter (a surge)
    SURVEY_ANSWERED_IN_SURGE = 0.75;
    /// A gift comes with an answer, in a surge
    GIFT_IN_SURGE = 0.5;
    /// An answer is excluded as manipulated, in a surge
    SURGE_EXCLUDED = 0.08;
    /// An answer has the same value for every question
    SURVEY_STRAIGHT_LINED = 0.12;
    /// An answered survey has a score
    SCORE_GIVEN = 0.93;
    /// Unsolicited feedback has a score
    SCORE_GIVEN_UNSOLICITED = 0.3;
    /// An answered survey has a verbatim
    VERBATIM_GIVEN = 0.7;
    /// Feedback is edited
    FEEDBACK_EDITED = 0.03;
    /// Feedback is excluded as spam or duplicate
    FEEDBACK_EXCLUDED = 0.01;
    /// Unsolicited feedback has no owner
    FEEDBACK_ANONYMOUS = 0.04;
    /// An automatic acknowledgement is sent
    ACKNOWLEDGED_AUTOMATICALLY = 0.5;
    /// Feedback is reassigned to another dealer
    FEEDBACK_REASSIGNED = 0.03;
    /// A person replies, at a fast dealer (median 3 h)
    REPLIED_FAST = 0.96;
    /// A person replies, at a steady dealer (median 8 h)
    REPLIED_STEADY = 0.9;
    /// A person replies, at a slow dealer (median 30 h)
    REPLIED_SLOW = 0.65;
    /// A person replies, at a dealer who uses templates (median 40 h)
    REPLIED_TEMPLATES = 0.4;
    /// A person replies, at a gaming dealer (median 10 h)
    REPLIED_GAMING = 0.85;
    /// A reply comes from another dealer
    REPLIED_BY_ANOTHER_DEALER = 0.03;
    /// A reply is not visible to the owner
    REPLY_NOT_VISIBLE = 0.03;
    /// A reply bounces at once
    REPLY_BOUNCED_AT_ONCE = 0.02;
    /// A reply is withdrawn or bounces later
    REPLY_TAKEN_BACK = 0.04;
    /// A message of the owner is answered
    MESSAGE_ANSWERED = 0.8;
    /// Feedback without a reply is closed nevertheless
    CLOSED_WITHOUT_REPLY = 0.4;
    /// Praise is closed after the reply
    CLOSED_AFTER_PRAISE = 0.7;
    /// A closure is reported twice
    CLOSED_TWICE = 0.03;
    /// An owner who complained says whether the matter is resolved
    RESOLUTION_STATED = 0.6;
    /// The owner accepts the outcome
    RESOLUTION_CONFIRMED = 0.7;
    /// A complaint is reopened when its outcome is rejected
    FEEDBACK_REOPENED = 0.5;
    /// A resolved complaint or case brings goodwill
    GOODWILL_GRANTED = 0.15;
    /// A complaint becomes a case
    CASE_AFTER_COMPLAINT = 0.35;
    /// A task is assigned in a case
    CASE_TASK = 0.6;
    /// The manufacturer is formally notified
    MANUFACTURER_NOTIFIED = 0.3;
    /// A proposed step is declined
    STEP_DECLINED = 0.15;
    /// A progress update follows a step
    CASE_UPDATED = 0.6;
    /// An update has new information
    UPDATE_HAS_NEWS = 0.55;
    /// The owner answers an update
    UPDATE_ANSWERED = 0.3;
    /// The owner asks for the root cause
    ROOT_CAUSE_REQUESTED = 0.45;
    /// A case waits for the owner
    CASE_PAUSED = 0.15;
    /// A case is escalated
    CASE_ESCALATED = 0.25;
    /// Another advocate takes over
    ADVOCATE_CHANGES = 0.1;
    /// The owner is called during a case
    CASE_CALL = 0.5;
    /// A case goes to another dealer
    CASE_REASSIGNED = 0.05;
    /// A link between defects is taken back
    DEFECT_UNLINKED = 0.03;
    /// A promise gets another date
    PROMISE_MOVED = 0.12;
    /// A promise is moved only after its date has passed
    PROMISE_MOVED_TOO_LATE = 0.3;
    /// A case is never resolved
    CASE_NEVER_ENDS = 0.12;
    /// The owner says whether the outcome of a case is accepted
    OUTCOME_ANSWERED = 0.5;
    /// The owner accepts the outcome of a case
    OUTCOME_ACCEPTED = 0.8;
    /// A closed case is reopened
    CASE_REOPENED = 0.1;
    /// A happy owner refers friends
    HAPPY_OWNER_REFERS = 0.35;
    /// Any other owner refers friends
    OWNER_REFERS = 0.08;
    /// A friend considers the brand
    FRIEND_CONSIDERS = 0.6;
    /// A friend who considers the brand takes a test drive
    FRIEND_TEST_DRIVES = 0.55;
    /// A friend who took a test drive buys
    FRIEND_BUYS = 0.35;
    /// An angry owner writes in public
    ANGRY_OWNER_PUBLISHES = 0.25;
    /// Any other owner writes in public
    OWNER_PUBLISHES = 0.06;
    /// A gift outside any surge
    GIFT_OUTSIDE_SURGE = 0.04;
    /// A report is late by a day or more
    REPORT_LATE = 0.03;
    /// A report is wrong and corrected
    REPORT_CORRECTED = 0.008;
    /// A correction is corrected again
    CORRECTION_CORRECTED = 0.1;
    /// A report also comes under a second id, which is retracted
    REPORT_RETRACTED = 0.004;
    /// A report comes twice, as the same line
    REPORT_REPEATED = 0.006;
    /// The owner is left out where the stream already names them
    OWNER_LEFT_OUT = 0.2;
    /// The car is left out where the stream already names it
    CAR_LEFT_OUT = 0.2;
    /// The dealer is left out where the stream already names it
    DEALER_LEFT_OUT = 0.15;
}

/// The outcomes of repair attempts, with weights that add up to 100.
pub(crate) const REPAIR_OUTCOMES_PER_HUNDRED: [(u64, Outcome); 4] = [
    (62, Outcome::Fixed),
    (15, Outcome::NotFixed),
    (13, Outcome::NoFaultFound),
    (10, Outcome::PartPending),
];

/// The outcomes of promises, with weights that add up to 100.
pub(crate) const PROMISE_OUTCOMES_PER_HUNDRED: [(u64, &str); 4] = [
    (66, "kept"),
    (18, "broken"),
    (6, "withdrawn"),
    (10, "forgotten"),
];

/// What becomes of an owner who has had a car for four months or more at the end of the period, with weights that
/// add up to 1,000.
pub(crate) const ENDINGS_PER_THOUSAND: [(u64, &str); 4] = [
    (830, "stays"),
    (60, "sells"),
    (80, "buys again"),
    (30, "defects"),
];
