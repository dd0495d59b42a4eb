//! The views that each kind of question is answered from, and the service that answers it, listed once: what a question
//! waits for, and what the health of its service depends on. Nothing else can make a [`Needs`], so no question is read
//! without being listed here.

use std::collections::{BTreeMap, BTreeSet};

use ownerline_projections::advocacy::AdvocacyStates;
use ownerline_projections::assistance::ASSISTANCE_VIEWS;
use ownerline_projections::bookings::BOOKING_VIEWS;
use ownerline_projections::cases::CASE_VIEWS;
use ownerline_projections::contacts::CONTACT_VIEWS;
use ownerline_projections::context_pack::CONTEXT_PACK_VIEWS;
use ownerline_projections::directory::{DEALER_VIEWS, OWNER_VIEWS};
use ownerline_projections::feedback::inbox;
use ownerline_projections::loyalty::LoyaltyStates;
use ownerline_projections::orders::ORDER_VIEWS;
use ownerline_projections::policy::PolicyStates;
use ownerline_projections::timeline::TimelineStates;
use ownerline_projections::trace::TRACE_VIEWS;
use ownerline_projections::{
    corrections, feedback, network, policy, repairs, response_times, scores,
};
use ownerline_proto::replay::touchpoint_service_server::SERVICE_NAME as TOUCHPOINT_SERVICE;
use ownerline_proto::v1::advocacy_service_server::SERVICE_NAME as ADVOCACY_SERVICE;
use ownerline_proto::v1::case_service_server::SERVICE_NAME as CASE_SERVICE;
use ownerline_proto::v1::contact_service_server::SERVICE_NAME as CONTACT_SERVICE;
use ownerline_proto::v1::feedback_service_server::SERVICE_NAME as FEEDBACK_SERVICE;
use ownerline_proto::v1::policy_service_server::SERVICE_NAME as POLICY_SERVICE;
use ownerline_proto::v1::production_service_server::SERVICE_NAME as PRODUCTION_SERVICE;
use ownerline_proto::v1::response_time_service_server::SERVICE_NAME as RESPONSE_TIME_SERVICE;
use ownerline_proto::v1::timeline_service_server::SERVICE_NAME as TIMELINE_SERVICE;
use ownerline_proto::v1::vehicle_service_server::SERVICE_NAME as VEHICLE_SERVICE;

/// What a kind of question needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Needs {
    service: &'static str,
    views: &'static [&'static str],
}

impl Needs {
    /// The names of the views, the one that errors name first.
    pub(super) fn views(self) -> &'static [&'static str] {
        self.views
    }

    /// The name of the view that errors name.
    pub(super) fn first(self) -> &'static str {
        self.views.first().copied().unwrap_or_default()
    }
}

/// Declares the needs, and [`ALL`] of them.
macro_rules! needs {
    ($($(#[$doc:meta])* $name:ident: $service:ident, $views:expr;)+) => {
        $($(#[$doc])* pub(super) const $name: Needs = Needs {
            service: $service,
            views: $views,
        };)+

        const ALL: [Needs; [$(stringify!($name)),+].len()] = [$($name),+];
    };
}

needs! {
    /// A timeline.
    TIMELINE: TIMELINE_SERVICE, &TimelineStates::VIEWS;
    /// A context pack, with what open cases owe.
    CONTEXT_PACK: TIMELINE_SERVICE, &CONTEXT_PACK_VIEWS;
    /// Appointments of a person.
    BOOKINGS: TIMELINE_SERVICE, &BOOKING_VIEWS;
    /// Cases.
    CASES: CASE_SERVICE, &CASE_VIEWS;
    /// Feedback, with what is owed for it.
    FEEDBACK: FEEDBACK_SERVICE, &[
        feedback::VIEW.name,
        corrections::VIEW.name,
        policy::VIEW.name,
        network::VIEW.name,
    ];
    /// An inbox: what is owed for feedback and in cases.
    INBOX: FEEDBACK_SERVICE, &inbox::VIEWS;
    /// Policies.
    POLICIES: POLICY_SERVICE, &PolicyStates::VIEWS;
    /// Response times.
    RESPONSE_TIMES: RESPONSE_TIME_SERVICE, &response_times::VIEWS;
    /// Response times of other obligations than first replies.
    RESPONSE_TIMES_OF_OTHERS: RESPONSE_TIME_SERVICE, &inbox::VIEWS;
    /// Response times with the appointments after them.
    RESPONSE_TIMES_WITH_BOOKINGS: RESPONSE_TIME_SERVICE, &response_times::VIEWS_WITH_BOOKINGS;
    /// How much of an advocate somebody is.
    ADVOCACY: ADVOCACY_SERVICE, &AdvocacyStates::VIEWS;
    /// Scores about what owners say.
    SCORES: ADVOCACY_SERVICE, &scores::VIEWS;
    /// Loyalty.
    LOYALTY: ADVOCACY_SERVICE, &LoyaltyStates::VIEWS;
    /// Where a car stands by the rules about repeated repairs.
    REPAIRS: VEHICLE_SERVICE, &repairs::VIEWS;
    /// Help beyond the sale.
    ASSISTANCE: CONTACT_SERVICE, &ASSISTANCE_VIEWS;
    /// Contacts with owners.
    CONTACTS: CONTACT_SERVICE, &CONTACT_VIEWS;
    /// The trace of a case.
    TRACE: CASE_SERVICE, &TRACE_VIEWS;
    /// Orders.
    ORDERS: PRODUCTION_SERVICE, &ORDER_VIEWS;
    /// Lists of owners.
    OWNERS: TOUCHPOINT_SERVICE, &OWNER_VIEWS;
    /// Lists of dealers.
    DEALERS: TOUCHPOINT_SERVICE, &DEALER_VIEWS;
}

/// The views that the calls of each service are answered from, for the services that have such calls.
#[must_use]
pub fn views_of_services() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let mut of_services: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for needs in ALL {
        of_services
            .entry(needs.service)
            .or_default()
            .extend(needs.views);
    }
    of_services
}
