//! What the server reports, and commands to try next.

use std::collections::BTreeSet;
use std::path::Path;

use ownerline_proto::v1::projection::State;
use ownerline_proto::v1::{ListProjectionsResponse, RecordResponse, Touchpoint};

use super::{factory, feedback_loop, person, repeated_fault};
use crate::cli::CliError;
use crate::cli::import::{Outcomes, Refused, Summary};
use crate::cli::terminal_text::count;

/// The results of recording the history.
#[derive(Debug, Default)]
pub(super) struct Answered {
    /// The position of the last touchpoint.
    pub(super) position: String,
    streams: BTreeSet<String>,
    /// The message of the first refusal; none is expected.
    refused: Option<String>,
}

impl Outcomes for Answered {
    fn recorded(
        &mut self,
        _: u64,
        _: &Touchpoint,
        recorded: &RecordResponse,
    ) -> Result<(), CliError> {
        // Positions of one log compare as text.
        if recorded.position > self.position {
            self.position.clone_from(&recorded.position);
        }
        if !self.streams.contains(&recorded.stream) {
            self.streams.insert(recorded.stream.clone());
        }
        Ok(())
    }

    fn refused(&mut self, refused: &Refused) -> Result<(), CliError> {
        self.refused.get_or_insert_with(|| refused.message.clone());
        Ok(())
    }
}

impl Answered {
    /// # Errors
    /// If anything was refused.
    pub(super) fn nothing_refused(&self, summary: &Summary) -> Result<(), CliError> {
        match &self.refused {
            None => Ok(()),
            Some(first) => Err(CliError::DemoRefused {
                refused: summary.refused,
                first: first.clone(),
            }),
        }
    }

    fn of_owners(&self) -> u64 {
        let owners = self.streams.iter().filter(|it| it.starts_with("owner-"));
        owners.count() as u64
    }
}

pub(super) fn recorded(summary: &Summary) -> String {
    format!(
        "{} touchpoints stored in {:.1} s; {} repeated reports were stored only once.\n",
        count(summary.stored),
        summary.seconds,
        count(summary.replayed),
    )
}

/// The figures, all of them from answers of the server.
pub(super) fn figures(
    summary: &Summary,
    answered: &Answered,
    views: &ListProjectionsResponse,
) -> String {
    let at_head = views.projections.iter().filter(|view| {
        view.state() == State::Live && view.lag_events == 0 && view.position == views.head
    });
    format!(
        "\nThe server reports {} touchpoints in {} streams, {} of them of owners; {} of {} views are at the\n\
         head of the log, {}.\n",
        count(summary.stored),
        count(answered.streams.len() as u64),
        count(answered.of_owners()),
        at_head.count(),
        views.projections.len(),
        views.head,
    )
}

/// Commands that can be copied and run.
pub(super) fn commands_to_try(
    program: &str,
    server: &str,
    data: &Path,
    [generated_owner, dealer]: [&str; 2],
) -> String {
    let at = format!("--server {server}");
    format!(
        "\nThe server keeps running at {server}, with its data in {}. Try:\n  \
           {program} timeline {} --oldest-first --type feedback_received --type dealer_replied {at}\n  \
           {program} timeline {} --visible-to owner {at}\n  \
           {program} case {} --as-of -148d {at}\n  \
           {program} contacts --listed irrelevant {at}\n  \
           {program} context-pack {} --actor agent-7 {at}\n  \
           {program} advocacy {} {at}\n  \
           {program} timeline {generated_owner} --all {at}\n  \
           {program} response-times --group-by dealer {at}\n  \
           {program} scores --group-by dealer {at}\n  \
           {program} inbox {dealer} {at}\n  \
           {program} feedback feedback-4 {at}\n  \
           {program} projections list {at}\n  \
           {program} log stat --data {}\n\
         Ctrl-C stops it and removes the data.\n",
        data.display(),
        feedback_loop::OWNER,
        factory::OWNER,
        repeated_fault::CASE,
        repeated_fault::OWNER,
        person::OWNER,
        shell_word(&data.display().to_string()),
    )
}

/// Quotes a word for a POSIX shell, if necessary.
pub(super) fn shell_word(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+~:@%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_with_blanks_are_quoted() {
        assert_eq!(
            shell_word("target/release/ownerline"),
            "target/release/ownerline"
        );
        assert_eq!(shell_word("/my files/it's"), r"'/my files/it'\''s'");
        assert_eq!(shell_word(""), "''");
    }

    #[test]
    fn the_demo_prints_commands_to_try() {
        let text = commands_to_try(
            "ownerline",
            "http://127.0.0.1:7431",
            Path::new("demo-data"),
            ["crm~7.42", "dealer~7.003"],
        );
        insta::assert_snapshot!(text);
    }

    #[test]
    fn streams_are_counted_once_and_the_last_position_is_kept() {
        let mut answered = Answered::default();
        for (position, stream) in [("1-03", "owner-1"), ("1-05", "case-1"), ("1-04", "owner-1")] {
            let recorded = RecordResponse {
                position: position.to_owned(),
                stream: stream.to_owned(),
                ..RecordResponse::default()
            };
            answered
                .recorded(1, &Touchpoint::default(), &recorded)
                .unwrap();
        }
        assert_eq!(answered.position, "1-05");
        assert_eq!((answered.streams.len(), answered.of_owners()), (2, 1));
    }
}
