//! GetRepeatRepairStatus: where a car stands by the rules about repeated repairs. Lists are cut here, so that the answer is
//! bounded whatever the history.

use ownerline_projections::Viewer;
use ownerline_projections::repairs::{
    Count, CountDoubt, Defect, DeliveryBasis, Exclusion, Flag, Lack, LimitationStatus, Near,
    Notice, Outcome, RepairStatus, RuleStatus, TestStatus, Visit,
};
use ownerline_proto::time;
use ownerline_proto::v1::get_repeat_repair_status_response::{
    DeliveryBasis as WireBasis, Flag as WireFlag,
};
use ownerline_proto::v1::repair_count::{Doubt as WireDoubt, Lack as WireLack};
use ownerline_proto::v1::repair_rule::Exclusion as WireExclusion;
use ownerline_proto::v1::{
    GetRepeatRepairStatusRequest, GetRepeatRepairStatusResponse, Knowledge, NearThreshold,
    RepairCount, RepairDefect, RepairLimitation, RepairNotice, RepairOutcome, RepairRule,
    RepairTest, RepairVisit, TouchpointRef,
};

use super::asking::{based, bounds};
use super::convert;
use super::problem::Problem;
use super::vehicles::VehicleApi;
use crate::query::PositionText;

/// Visits, defects and notices of an answer at most, the newest.
const LISTED: usize = 100;
/// Rules of an answer at most.
const RULES: usize = 40;
/// Counts of a test at most, the best.
const COUNTS: usize = 3;
/// Ids of a defect, and visits of a count, at most.
const IDS: usize = 20;

const SAMPLE: &str = "sample, not legal advice, verify the text";
const NO_ADVICE: &str = "not legal advice";

impl VehicleApi {
    /// Where a car stands.
    pub(super) async fn repairs(
        &self,
        request: GetRepeatRepairStatusRequest,
        viewer: &Viewer,
    ) -> Result<GetRepeatRepairStatusResponse, Problem> {
        convert::check(&request)?;
        let bounds = bounds(self.text, &request)?;
        let answer = self.reads.repairs(request.vin, &bounds, viewer).await?;
        Ok(based(self.text, answer, |found| status(self.text, &found)))
    }
}

fn status(text: PositionText, found: &RepairStatus) -> GetRepeatRepairStatusResponse {
    let notices = newest(&found.notices, LISTED).iter();
    let rules = found.rules.iter().take(RULES);
    GetRepeatRepairStatusResponse {
        vin: found.vin.clone(),
        first_delivered_on: date(found.first_delivery.map(|it| it.day)),
        delivery_basis: found.first_delivery.map_or(0, |it| basis(it.basis).into()),
        jurisdictions: found.jurisdictions.clone(),
        used: knowledge(found.used).into(),
        visits: newest(&found.visits, LISTED).iter().map(visit).collect(),
        visits_total: number(found.visits.len()),
        days_out: found.days_out,
        defects: newest(&found.defects, LISTED)
            .iter()
            .map(|it| defect(found, it))
            .collect(),
        defects_total: number(found.defects.len()),
        notices: notices.map(|it| notice(text, it)).collect(),
        notices_total: number(found.notices.len()),
        policy: found.policy.clone(),
        policy_version: found.policy_version,
        notice_to_reader: notice_to_reader(found),
        rules: rules.map(|it| rule(text, found, it)).collect(),
        rules_total: number(found.rules.len()),
        flags: found.flags.iter().map(|it| flag(*it).into()).collect(),
        ..GetRepeatRepairStatusResponse::default()
    }
}

/// The thresholds of a car that are near or reached.
pub(super) fn near(found: &RepairStatus) -> Vec<NearThreshold> {
    let thresholds = found.near().into_iter().take(RULES);
    thresholds.map(|it| threshold(found, &it)).collect()
}

fn threshold(found: &RepairStatus, near: &Near<'_>) -> NearThreshold {
    let Near {
        rule, test, count, ..
    } = near;
    NearThreshold {
        vin: found.vin.clone(),
        rule_id: rule.rule_id.clone(),
        jurisdiction: rule.jurisdiction.clone(),
        kind: test.kind.into(),
        defect_ids: defect_ids(found, count),
        count: count.count,
        needed: test.needed,
        distance: count.distance,
        missing: count.missing.iter().map(|it| lack(*it).into()).collect(),
        final_opportunity_until: date(count.final_opportunity_until),
        window_until: date(rule.window.until),
        outcome: outcome(near.outcome).into(),
        policy: found.policy.clone(),
        policy_version: found.policy_version,
        notice_to_reader: notice_to_reader(found),
    }
}

fn notice_to_reader(found: &RepairStatus) -> String {
    if found.is_sample { SAMPLE } else { NO_ADVICE }.to_owned()
}

fn visit(visit: &Visit) -> RepairVisit {
    RepairVisit {
        visit_id: visit.visit_id.clone(),
        dealer_id: visit.dealer_id.clone(),
        from: visit.from.to_string(),
        until: visit.until.to_string(),
        days: visit.days,
        counts: visit.counts,
        still_in: visit.still_in,
        goodwill: visit.goodwill,
        odometer_metres: visit.odometer_metres,
    }
}

fn defect(found: &RepairStatus, defect: &Defect) -> RepairDefect {
    let tried = defect.attempts.len();
    RepairDefect {
        defect_ids: defect.ids.iter().take(IDS).cloned().collect(),
        visit_ids: visit_ids(found, &defect.visits, LISTED),
        attempt_visit_ids: visit_ids(found, &defect.attempts, LISTED),
        attempts: number(tried),
        only_reported: number(defect.visits.len().saturating_sub(tried)),
        safety: defect.safety,
        fixed: defect.fixed,
        rising_risk: defect.rising_risk(),
    }
}

fn notice(text: PositionText, notice: &Notice) -> RepairNotice {
    RepairNotice {
        touchpoint: Some(TouchpointRef {
            source: notice.key.source.clone(),
            id: notice.key.id.clone(),
        }),
        position: text.write(notice.key.position),
        occurred_at: Some(time::timestamp(notice.key.occurred_at)),
        means: notice.means.clone(),
        case_id: notice.case_id.clone(),
        defect_id: notice.defect_id.clone(),
    }
}

fn rule(text: PositionText, found: &RepairStatus, rule: &RuleStatus) -> RepairRule {
    let (decided, exclusion) = match rule.outcome {
        Ok(decided) => (outcome(decided), WireExclusion::Unspecified),
        Err(Exclusion::NotInForce) => (RepairOutcome::DoesNotApply, WireExclusion::NotInForce),
        Err(Exclusion::Used) => (RepairOutcome::DoesNotApply, WireExclusion::Used),
    };
    let tests = rule.tests.iter();
    RepairRule {
        rule_id: rule.rule_id.clone(),
        jurisdiction: rule.jurisdiction.clone(),
        citation: rule.citation.clone(),
        outcome: decided.into(),
        exclusion: exclusion.into(),
        window_from: date(rule.window.from),
        window_until: date(rule.window.until),
        window_millimetres: rule.window.millimetres,
        whichever_first: rule.window.whichever_first,
        tests: tests.map(|it| test(text, found, it)).collect(),
        not_known: rule.not_known.iter().map(|it| (*it).into()).collect(),
        assumed: rule.assumed.iter().map(|it| (*it).into()).collect(),
        limitation: rule.limitation.as_ref().map(limitation),
    }
}

fn test(text: PositionText, found: &RepairStatus, test: &TestStatus) -> RepairTest {
    let counts = test.counts.iter().take(COUNTS);
    RepairTest {
        kind: test.kind.into(),
        needed: test.needed,
        outcome: outcome(test.outcome()).into(),
        counts: counts.map(|it| count(text, found, it)).collect(),
    }
}

fn count(text: PositionText, found: &RepairStatus, count: &Count) -> RepairCount {
    RepairCount {
        defect_ids: defect_ids(found, count),
        count: count.count,
        distance: count.distance,
        visit_ids: visit_ids(found, &count.visits, IDS),
        visits_total: number(count.visits.len()),
        missing: count.missing.iter().map(|it| lack(*it).into()).collect(),
        doubts: count.doubts.iter().map(|it| doubt(*it).into()).collect(),
        notice: count.notice.as_ref().map(|it| notice(text, it)),
        final_opportunity_until: date(count.final_opportunity_until),
        outcome: outcome(count.outcome).into(),
    }
}

fn defect_ids(found: &RepairStatus, count: &Count) -> Vec<String> {
    let defect = count.defect.and_then(|place| found.defects.get(place));
    let ids = defect.into_iter().flat_map(|it| &it.ids);
    ids.take(IDS).cloned().collect()
}

fn limitation(limitation: &LimitationStatus) -> RepairLimitation {
    RepairLimitation {
        citation: limitation.citation.clone(),
        months_after_warranty: u32::try_from(limitation.months_after_warranty).unwrap_or(0),
        until: date(limitation.until),
        tolling: limitation.tolling.clone(),
        holds_for_maker: knowledge(limitation.holds_for_maker).into(),
    }
}

fn newest<T>(all: &[T], most: usize) -> &[T] {
    all.get(all.len().saturating_sub(most)..).unwrap_or(all)
}

fn visit_ids(found: &RepairStatus, places: &[usize], most: usize) -> Vec<String> {
    let visits = newest(places, most).iter();
    let visits = visits.filter_map(|place| found.visits.get(*place));
    visits.map(|it| it.visit_id.clone()).collect()
}

fn date(day: Option<impl ToString>) -> String {
    day.map_or_else(String::new, |day| day.to_string())
}

fn number(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}

fn knowledge(holds: Option<bool>) -> Knowledge {
    match holds {
        None => Knowledge::Unspecified,
        Some(true) => Knowledge::Yes,
        Some(false) => Knowledge::No,
    }
}

fn basis(basis: DeliveryBasis) -> WireBasis {
    match basis {
        DeliveryBasis::Stated => WireBasis::Stated,
        DeliveryBasis::Handover => WireBasis::Handover,
        DeliveryBasis::Acquisition => WireBasis::Acquisition,
    }
}

fn outcome(outcome: Outcome) -> RepairOutcome {
    match outcome {
        Outcome::NotMet => RepairOutcome::NotMet,
        Outcome::NotDecided => RepairOutcome::NotDecided,
        Outcome::Met => RepairOutcome::Met,
    }
}

fn lack(lack: Lack) -> WireLack {
    match lack {
        Lack::Notice => WireLack::Notice,
        Lack::FinalOpportunity => WireLack::FinalOpportunity,
        Lack::FaultPersists => WireLack::FaultPersists,
    }
}

fn doubt(doubt: CountDoubt) -> WireDoubt {
    match doubt {
        CountDoubt::OnlyReported => WireDoubt::OnlyReported,
        CountDoubt::Goodwill => WireDoubt::Goodwill,
        CountDoubt::Notice => WireDoubt::Notice,
        CountDoubt::Extension => WireDoubt::Extension,
        CountDoubt::Window => WireDoubt::Window,
    }
}

fn flag(flag: Flag) -> WireFlag {
    match flag {
        Flag::FirstDeliveryUnknown => WireFlag::FirstDeliveryUnknown,
        Flag::OdometerUnknown => WireFlag::OdometerUnknown,
        Flag::ZoneUnknown => WireFlag::ZoneUnknown,
        Flag::NoDropOff => WireFlag::NoDropOff,
        Flag::UnmatchedStay => WireFlag::UnmatchedStay,
        Flag::UnnamedDefect => WireFlag::UnnamedDefect,
        Flag::AutomaticLinkIgnored => WireFlag::AutomaticLinkIgnored,
        Flag::NoJurisdiction => WireFlag::NoJurisdiction,
        Flag::SomeDealersOnly => WireFlag::SomeDealersOnly,
    }
}
