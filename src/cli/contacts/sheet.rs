//! Contacts for people: the totals, and one row each.

use ownerline_proto::v1::contact::Irrelevance;
use ownerline_proto::v1::{Contact, ContactTotals, CountedShare, ListContactsResponse};

use super::args::ContactsArgs;
use crate::cli::filters::applied_filters;
use crate::cli::report::{Column, Report, Table, Value, key};
use crate::cli::terminal_text::{count, figure, percent};
use crate::cli::time::{PeriodEnd, rfc3339};

/// The whole answer.
pub(super) fn sheet(args: &ContactsArgs, answer: &ListContactsResponse) -> Report {
    let as_of = answer.as_of.as_ref().map(rfc3339).unwrap_or_default();
    let mut text = format!("Contacts, as of {as_of}");
    text += &applied_filters(&[
        ("owner", args.owner.clone()),
        ("dealer", args.dealer.clone()),
        ("by", args.operated_by.clone()),
        ("agent", args.agent.clone()),
        ("from", args.from.as_ref().map(PeriodEnd::words)),
        ("before", args.to.as_ref().map(PeriodEnd::words)),
    ]);
    text.push_str("\n\n");
    if let Some(totals) = &answer.totals {
        total(&mut text, totals);
    }
    text.push('\n');
    let mut report = Report::new().text(text);
    if answer.contacts.is_empty() {
        report = report.note("No matching contacts.\n");
    } else {
        report = report.table(listed(answer));
    }
    if !answer.next_page_token.is_empty() {
        report = report.warning("There are more; raise --limit to list them.\n");
    }
    report.known_at(&answer.position, answer.stale)
}

/// The contacts, one row each.
pub(in crate::cli) fn listed(answer: &ListContactsResponse) -> Table {
    Table::new(&columns(), &answer.contacts)
}

fn total(text: &mut String, totals: &ContactTotals) {
    let contacts = format!(
        "{}, with {} persons",
        count(totals.contacts),
        count(totals.persons)
    );
    figure(text, "contacts", &contacts);
    for (name, share) in [
        ("with a context pack", &totals.with_pack),
        ("proactive", &totals.proactive),
        ("proactive, with a pack", &totals.proactive_with_pack),
        ("irrelevant follow-ups", &totals.irrelevant),
    ] {
        figure(text, name, &share.as_ref().map(of).unwrap_or_default());
    }
    for it in &totals.irrelevant_by_reason {
        let name = format!("  {}", reason(it.reason()));
        figure(text, &name, &count(it.contacts));
    }
}

/// `12 of 40: 30.0 % (95 %: 18.1 %–45.4 %)`, as far as it is shown.
pub(in crate::cli) fn of(share: &CountedShare) -> String {
    let mut text = format!("{} of {}", count(share.count), count(share.of));
    let interval = share.low.zip(share.high);
    let interval = interval.map(|(low, high)| format!("{}–{}", percent(low), percent(high)));
    match (share.share.map(percent), interval) {
        (Some(share), Some(interval)) => text += &format!(": {share} (95 %: {interval})"),
        (None, Some(interval)) => text += &format!(" (95 %: {interval})"),
        _ => {}
    }
    text
}

fn columns() -> Vec<Column<'static, Contact>> {
    type Of = Column<'static, Contact>;
    vec![
        Of::of("began", "occurred_at", |it| it.occurred_at.into()).folds(0),
        Of::of("owner", "owner_id", |it| key(Some(&it.owner_id))).folds(0),
        Of::of("dealer", "dealer_id", |it| key(Some(&it.dealer_id))),
        Of::shown("by", by)
            .field("operated_by", |it| key(Some(&it.operated_by)))
            .field("on_behalf_of", |it| key(Some(&it.on_behalf_of)))
            .field("actor_id", |it| {
                key(it.actor.as_ref().map(|actor| actor.id.as_str()))
            })
            .field("agents", |it| key(Some(&it.agents.join(" "))))
            .folds(2),
        Of::of("lasted", "duration", |it| it.duration.into()),
        Of::of("proactive", "proactive", |it| it.proactive.into()),
        Of::shown("pack", pack)
            .field("with_pack", |it| it.pack.is_some().into())
            .field("pack_age", |it| {
                it.pack.as_ref().and_then(|it| it.age).into()
            })
            .field("pack_same_actor", |it| {
                it.pack.as_ref().map(|it| it.same_actor).into()
            })
            .folds(0),
        Of::of("visit", "visit_id", |it| key(Some(&it.visit_id))).folds(3),
        Of::of("case", "case_id", |it| key(Some(&it.case_id))).folds(3),
        Of::of("irrelevant", "irrelevant", irrelevant).folds(2),
        Of::hidden("last_visit_id", |it| key(Some(&it.last_visit_id))),
        Of::hidden("subject", |it| key(Some(&it.subject))),
        Of::hidden("position", |it| it.position.as_str().into()),
    ]
}

/// Who called, and for whom.
fn by(contact: &Contact) -> String {
    let actor = contact.actor.as_ref().map_or("", |actor| &actor.id);
    let agents = contact.agents.join(", ");
    let mut text = match agents.as_str() {
        "" => actor.to_owned(),
        agents => agents.to_owned(),
    };
    for (word, organisation) in [("of", &contact.operated_by), ("for", &contact.on_behalf_of)] {
        if !organisation.is_empty() {
            text += &format!(" {word} {organisation}");
        }
    }
    text
}

fn pack(contact: &Contact) -> String {
    let Some(pack) = &contact.pack else {
        return "without".to_owned();
    };
    let minutes = pack.age.as_ref().map_or(0, |age| age.seconds / 60);
    let whose = if pack.same_actor {
        ""
    } else {
        " (colleague's)"
    };
    format!("{}:{:02} h old{whose}", minutes / 60, minutes % 60)
}

fn irrelevant(contact: &Contact) -> Value {
    let reasons: Vec<&str> = contact.irrelevant().map(reason).collect();
    key(Some(&reasons.join(", ")))
}

fn reason(reason: Irrelevance) -> &'static str {
    match reason {
        Irrelevance::Unspecified => "unknown",
        Irrelevance::NeverHappened => "never happened",
        Irrelevance::StillGoingOn => "still going on",
        Irrelevance::Refused => "ended in a refusal",
        Irrelevance::NotLast => "not the last visit",
    }
}
