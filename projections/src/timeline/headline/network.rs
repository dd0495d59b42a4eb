//! Headlines about the network: dealers, policies, integrity, access, and the clock-keeper.

use ownerline_proto::v1::integrity_review_decided::Decision;
use ownerline_proto::v1::sla_policy::obligation::Kind;
use ownerline_proto::v1::{Scope, policy_published};

use super::lines;
use super::text::{aside, instant, joined, value, when, with};

lines! {
    DealerRegistered(e) => aside(&with("Dealer registered", &e.name), &e.market);
    DealerChanged(e) => aside(&with("Dealer details changed", &e.name), &e.market);
    PolicyPublished(e) => aside(
        &joined(" ", &["Policy published:", &e.name, "version", &e.version.to_string()]),
        &joined(", ", &[&policy(e.kind()), &scope(e.scope.as_ref()), &since(&instant(e.effective_from.as_ref()))]),
    );
    TargetSet(e) => aside(&format!("Target set: {} {}", e.measure, e.value), &scope(e.scope.as_ref()));
    IncentiveSchemeStarted(e) => aside(
        &with("Incentive scheme started", &e.metric),
        &joined(", ", &[&e.payout, &own_scope(e.scope.as_ref())]),
    );
    IncentiveSchemeEnded(e) => aside(
        &with("Incentive scheme ended", &e.metric),
        &joined(", ", &[&e.payout, &own_scope(e.scope.as_ref())]),
    );
    CampaignStarted(e) => aside(&with("Campaign started", &e.name), &scope(e.scope.as_ref()));
    CampaignEnded(e) => aside(&with("Campaign ended", &e.name), &scope(e.scope.as_ref()));
    BenchmarkRecorded(e) => aside(
        &joined(" ", &["Benchmark recorded:", &e.study, &e.year.to_string()]),
        &joined(", ", &[&e.measure, &rank(e.rank)]),
    );
    IntegritySignalRaised(e) => aside(
        &with("Integrity signal raised", &e.test),
        &format!("statistic {:.2}, p {:.4}, n {}", e.statistic, e.p_value, e.n),
    );
    IntegrityReviewDecided(e) => with(
        match e.decision() {
            Decision::Dismissed => "Integrity review: the scores stand",
            Decision::Confirmed => "Integrity review: the scores were influenced",
            Decision::Unspecified => "Integrity review decided",
        },
        &e.reason,
    );
    AccessLogged(e) => aside(
        &joined(" ", &["Personal data read by", &e.principal_id]),
        &joined(", ", &[&e.procedure, &e.purpose]),
    );
    ObligationWarned(e) => aside(
        &format!("{} is running out of time", owed(e.kind())),
        &joined(", ", &[&share(e.level), &due(&instant(e.due_at.as_ref()))]),
    );
    ObligationBreached(e) => aside(
        &format!("{} was not met in time", owed(e.kind())),
        &due(&instant(e.due_at.as_ref())),
    );
    ObligationOutcomeRevised(e) => with(
        &format!("{} is judged anew", owed(e.kind())),
        &joined(" ", &[&e.previous, when(!e.now.is_empty(), "is now"), &e.now]),
    );
    ObligationKeepingStarted(e) => with("Obligations are kept from now on", &e.name);
    TouchpointRetracted(e) => with("Touchpoint retracted", &e.reason);
}

fn policy(kind: policy_published::Kind) -> String {
    match kind {
        policy_published::Kind::Sla => "SLA".to_owned(),
        other => value(other.as_str_name(), "KIND_"),
    }
}

fn scope(scope: Option<&Scope>) -> String {
    let (dealer, market) = scope.map_or(("", ""), |s| (&*s.dealer_id, &*s.market));
    if !dealer.is_empty() {
        format!("dealer {dealer}")
    } else if !market.is_empty() {
        format!("market {market}")
    } else {
        "network".to_owned()
    }
}

/// The scope that a scheme says itself; empty where that is left to its envelope.
fn own_scope(own: Option<&Scope>) -> String {
    own.map_or_else(String::new, |own| scope(Some(own)))
}

fn since(instant: &str) -> String {
    joined(" ", &[when(!instant.is_empty(), "from"), instant])
}

fn due(instant: &str) -> String {
    joined(" ", &[when(!instant.is_empty(), "due"), instant])
}

fn rank(rank: i32) -> String {
    if rank == 0 {
        String::new()
    } else {
        format!("rank {rank}")
    }
}

fn owed(kind: Kind) -> &'static str {
    match kind {
        Kind::FirstReply => "The first reply",
        Kind::NextReply => "The next reply",
        Kind::ProgressUpdate => "The progress update",
        Kind::Resolution => "The resolution",
        Kind::Acknowledgement => "The acknowledgement",
        Kind::Commitment => "The promise",
        Kind::Task => "The task",
        Kind::OrderProgress => "The word on the order",
        Kind::AlertContact => "The contact after the alert",
        Kind::Unspecified => "An obligation",
    }
}

fn share(level: f64) -> String {
    format!("{:.0} % of the time is used", level * 100.0)
}
