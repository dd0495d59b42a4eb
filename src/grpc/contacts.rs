//! ContactService: who contacts owners, with what knowledge, and to what end.

use ownerline_projections::Viewer;
use ownerline_projections::contacts::{
    ContactFilter, ContactTotals, ContactsQuestion, FoundContact, Irrelevance, ListedContacts,
    PackOfContact,
};
use ownerline_projections::stats::{Proportion, Z_95, rounded};
use ownerline_proto::Violations;
use ownerline_proto::time;
use ownerline_proto::v1::contact::Irrelevance as WireIrrelevance;
use ownerline_proto::v1::contact_service_server::ContactService;
use ownerline_proto::v1::list_contacts_request::Listed as WireListed;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    Contact as WireContact, ContactFilter as WireFilter, ContactTotals as WireTotals, CountedShare,
    GetAssistanceRequest, GetAssistanceResponse, IrrelevantCount, ListContactsRequest,
    ListContactsResponse, PackOfContact as WirePack, Touchpoint, TouchpointRef,
};
use pbjson_types::Duration;

use super::asking::{answers, based, non_empty, page};
use super::assistance;
use super::convert::{self, PeriodEnds};
use super::problem::Problem;
use crate::query::{AssistanceReads, ContactReads, PositionText};

const SECOND: i64 = 1_000_000_000;

/// The service.
pub struct ContactApi {
    /// The reads of contacts.
    pub contacts: ContactReads,
    /// The reads of help beyond the sale.
    pub assistance: AssistanceReads,
    /// How positions are written.
    pub text: PositionText,
}

#[tonic::async_trait]
impl ContactService for ContactApi {
    answers! {
        list_contacts: ListContactsRequest => ListContactsResponse,
            |api, request, viewer| api.list(request, viewer);
        get_assistance: GetAssistanceRequest => GetAssistanceResponse,
            |api, request, viewer| assistance::get(&api.assistance, api.text, request, viewer);
    }
}

impl ContactApi {
    async fn list(
        &self,
        request: ListContactsRequest,
        viewer: &Viewer,
    ) -> Result<ListContactsResponse, Problem> {
        let text = self.text;
        let mut violations = convert::violations(&request);
        let page = page(text, &request);
        let question = question(request, &mut violations);
        convert::refuse(violations)?;
        let answer = self.contacts.list(question, &page?, viewer).await?;
        Ok(based(text, answer, |found| ListContactsResponse {
            contacts: found
                .page
                .entries
                .into_iter()
                .map(|(contact, touchpoint)| shown(text, contact, touchpoint))
                .collect(),
            next_page_token: found.page.next.unwrap_or_default(),
            totals: Some(totals(&found.totals)),
            ..ListContactsResponse::default()
        }))
    }
}

fn question(request: ListContactsRequest, violations: &mut Violations) -> ContactsQuestion {
    let listed = match request.listed() {
        WireListed::Unspecified => ListedContacts::All,
        WireListed::WithoutPack => ListedContacts::WithoutPack,
        WireListed::WithPack => ListedContacts::WithPack,
        WireListed::Irrelevant => ListedContacts::Irrelevant,
    };
    ContactsQuestion {
        filter: filter(request.filter.unwrap_or_default(), violations),
        listed,
        ..ContactsQuestion::default()
    }
}

fn filter(filter: WireFilter, violations: &mut Violations) -> ContactFilter {
    let ends = PeriodEnds {
        from: filter.from.as_ref(),
        until: filter.until.as_ref(),
        from_date: &filter.from_date,
        until_date: &filter.until_date,
    };
    ContactFilter {
        period: convert::civil_period(&ends, violations),
        owner_id: non_empty(filter.owner_id),
        dealer_id: non_empty(filter.dealer_id),
        operated_by: non_empty(filter.operated_by),
        agent_id: non_empty(filter.agent_id),
    }
}

fn shown(text: PositionText, found: FoundContact, touchpoint: Touchpoint) -> WireContact {
    let FoundContact {
        owner_id,
        key,
        contact,
        pack,
        follow_up,
    } = found;
    let channel = touchpoint.channel;
    let subject = match touchpoint.payload {
        Some(Payload::ContactMade(made)) => made.subject,
        _ => String::new(),
    };
    let follow_up = follow_up.unwrap_or_default();
    let irrelevant = follow_up.irrelevant.into_iter();
    WireContact {
        position: text.write(key.position),
        occurred_at: Some(time::timestamp(key.occurred_at)),
        touchpoint: Some(TouchpointRef {
            source: key.source,
            id: key.id,
        }),
        owner_id,
        actor: touchpoint.actor,
        dealer_id: contact.dealer().to_owned(),
        agents: contact.agents,
        operated_by: contact.operated_by,
        on_behalf_of: contact.on_behalf_of,
        channel,
        duration: Some(Duration {
            seconds: contact.duration_seconds,
            nanos: 0,
        }),
        proactive: contact.proactive,
        subject,
        visit_id: contact.visit_id,
        case_id: contact.case_id,
        pack: pack.map(|pack| pack_of_contact(text, pack)),
        irrelevant: irrelevant.map(|it| irrelevance(it).into()).collect(),
        last_visit_id: follow_up.last_visit_id,
    }
}

fn pack_of_contact(text: PositionText, pack: PackOfContact) -> WirePack {
    WirePack {
        position: text.write(pack.key.position),
        served_at: Some(time::timestamp(pack.key.occurred_at)),
        touchpoint: Some(TouchpointRef {
            source: pack.key.source,
            id: pack.key.id,
        }),
        age: Some(Duration {
            seconds: pack.age / SECOND,
            // The remainder is below 10^9 and fits.
            nanos: i32::try_from(pack.age % SECOND).unwrap_or_default(),
        }),
        same_actor: pack.same_actor,
    }
}

fn irrelevance(irrelevance: Irrelevance) -> WireIrrelevance {
    match irrelevance {
        Irrelevance::NeverHappened => WireIrrelevance::NeverHappened,
        Irrelevance::StillGoingOn => WireIrrelevance::StillGoingOn,
        Irrelevance::Refused => WireIrrelevance::Refused,
        Irrelevance::NotLast => WireIrrelevance::NotLast,
    }
}

fn totals(totals: &ContactTotals) -> WireTotals {
    let by_reason = totals.by_reason.iter();
    WireTotals {
        contacts: totals.with_pack.n,
        with_pack: Some(counted_share(totals.with_pack)),
        proactive: Some(counted_share(totals.proactive)),
        proactive_with_pack: Some(counted_share(totals.proactive_with_pack)),
        irrelevant: Some(counted_share(totals.irrelevant)),
        irrelevant_by_reason: by_reason
            .map(|(reason, contacts)| IrrelevantCount {
                reason: irrelevance(*reason).into(),
                contacts: *contacts,
            })
            .collect(),
        persons: totals.persons,
    }
}

/// A share, as far as so few items may show one.
pub(super) fn counted_share(proportion: Proportion) -> CountedShare {
    let shown = proportion.shown(Z_95);
    CountedShare {
        count: proportion.successes,
        of: proportion.n,
        share: shown.point().map(rounded),
        low: shown.interval().map(|it| rounded(it.low)),
        high: shown.interval().map(|it| rounded(it.high)),
    }
}
