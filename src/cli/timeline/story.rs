//! A timeline for people: by month, one paragraph per touchpoint.

use std::fmt::Write as _;

use ownerline_proto::cloudevents::ShortName as _;
use ownerline_proto::v1::{
    GetTimelineRequest, GetTimelineResponse, TimelineEntry, Touchpoint, Visibility, actor,
};

use crate::cli::terminal_text::{count, one_line, wrapped};
use crate::cli::time::{civil, rfc3339};

/// `14 Mon 09:30  in person  `
const INDENT: usize = 26;

/// Describes entries in the order in which they come.
pub(super) struct Story {
    owner: String,
    width: usize,
    month: String,
    shown: u64,
    newest_first: bool,
}

impl Story {
    pub(super) fn new(request: &GetTimelineRequest, width: usize) -> Self {
        use ownerline_proto::v1::get_timeline_request::Order;
        Self {
            owner: request.owner_id.clone(),
            width,
            month: String::new(),
            shown: 0,
            newest_first: request.order() != Order::OldestFirst,
        }
    }

    /// Describes one entry, after a heading if a new month begins.
    pub(super) fn entry(&mut self, entry: &TimelineEntry) -> String {
        let recorded = entry.recorded.clone().unwrap_or_default();
        let touchpoint = recorded.touchpoint.unwrap_or_default();
        let instant = touchpoint.occurred_at.unwrap_or_default();
        let (month, day) = civil(&instant).map_or_else(
            || ("at no time".to_owned(), "  ".to_owned()),
            |time| {
                (
                    time.strftime("%B %Y").to_string(),
                    time.strftime("%d %a %H:%M").to_string(),
                )
            },
        );
        let mut text = String::new();
        if month != self.month {
            if self.shown == 0 {
                let _ = writeln!(text, "Timeline of {} (times are UTC)", self.owner);
            }
            let _ = writeln!(text, "\n{month}");
            self.month = month;
        }
        let channel = touchpoint.channel().short_name().unwrap_or_default();
        let beginning = format!("{day}  {:<10}", channel.replace('_', " "));
        let room = self.width.saturating_sub(INDENT);
        for (index, line) in wrapped(&one_line(&entry.headline), room).iter().enumerate() {
            let before = if index == 0 { &*beginning } else { "" };
            let _ = writeln!(text, "{before:<INDENT$}{line}");
        }
        for line in wrapped(&details(entry, &touchpoint), room) {
            if !line.is_empty() {
                let _ = writeln!(text, "{:INDENT$}{line}", "");
            }
        }
        for warning in &entry.warnings {
            let message = one_line(&warning.message);
            let _ = writeln!(text, "{:INDENT$}! {message} ({})", "", warning.reason);
        }
        self.shown += 1;
        text
    }

    /// Returns how many entries there were, what they reflect, and how to see more.
    pub(super) fn end(&self, page: &GetTimelineResponse) -> String {
        let owner = &self.owner;
        let mut text = String::new();
        if self.shown == 0 {
            let _ = writeln!(text, "No matching touchpoints for {owner}.");
        } else {
            let _ = writeln!(
                text,
                "\n{} touchpoint{}, {} first.",
                count(self.shown),
                if self.shown == 1 { "" } else { "s" },
                if self.newest_first {
                    "newest"
                } else {
                    "oldest"
                },
            );
        }
        if let Some(as_of) = &page.as_of {
            let as_of = rfc3339(as_of);
            let _ = writeln!(text, "As of {as_of}, known at position {}.", page.position);
        }
        if !page.next_page_token.is_empty() {
            let _ = writeln!(text, "There are more; use --all to show them.");
        }
        let _ = writeln!(
            text,
            "See also --type, --from, --to, --as-of, --known-at, --visible-to, --json."
        );
        text
    }
}

/// Dealer, vehicle, actor, and what else is to be known about the touchpoint.
fn details(entry: &TimelineEntry, touchpoint: &Touchpoint) -> String {
    let mut parts = Vec::new();
    for part in [&entry.dealer_id, &entry.vin] {
        if !part.is_empty() {
            parts.push(one_line(part));
        }
    }
    parts.extend(who(touchpoint));
    match touchpoint.visibility() {
        Visibility::Owner => {}
        Visibility::Dealer => parts.push("not for the owner".to_owned()),
        Visibility::Internal | Visibility::Unspecified => parts.push("internal".to_owned()),
    }
    if let Some(from) = &touchpoint.visible_from {
        parts.push(format!("visible from {}", rfc3339(from)));
    }
    if let Some(corrected) = &touchpoint.corrects {
        parts.push(format!("corrects {}", one_line(&corrected.id)));
    }
    for (how, by) in [
        ("corrected by", &entry.corrected_by),
        ("retracted by", &entry.retracted_by),
    ] {
        parts.extend(by.iter().map(|by| format!("{how} {}", one_line(&by.id))));
    }
    parts.join(" · ")
}

/// `by agent a-1 (bot) for dealer-1`
pub(in crate::cli) fn who(touchpoint: &Touchpoint) -> Option<String> {
    let actor = touchpoint.actor.as_ref()?;
    let mut words: Vec<String> = vec!["by".to_owned()];
    // The heading names the owner.
    let is_owner = actor.role == "owner";
    words.extend(
        [one_line(&actor.role)]
            .into_iter()
            .filter(|it| !it.is_empty()),
    );
    if !is_owner && !actor.id.is_empty() {
        words.push(one_line(&actor.id));
    }
    match actor.kind() {
        actor::Kind::Human | actor::Kind::Unspecified => {}
        // Only the kind is known.
        kind if words.len() == 1 => {
            words.extend(kind.short_name().map(|name| format!("the {name}")))
        }
        kind => words.extend(kind.short_name().map(|name| format!("({name})"))),
    }
    let principal = if touchpoint.on_behalf_of.is_empty() {
        &actor.dealer_id
    } else {
        &touchpoint.on_behalf_of
    };
    if !principal.is_empty() {
        words.push(format!("for {}", one_line(principal)));
    }
    (words.len() > 1).then(|| words.join(" "))
}

#[cfg(test)]
mod tests;
