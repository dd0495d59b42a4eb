//! Which defects are the same: what a human says, and the same for every read model.

use ownerline_projections::repairs::Flag;
use ownerline_proto::v1::actor::Kind as ActorKind;
use ownerline_proto::v1::repair_attempted::Outcome as Attempt;

use super::{Story, status};

/// Two visits for two ids.
fn two_visits() -> Story {
    let mut story = Story::of("Europe/Berlin", "DE-BY", "2024-01-15");
    for (visit, defect, day) in [("v1", "x", "2024-03-01"), ("v2", "y", "2024-04-01")] {
        let when = format!("{day}T10:00:00Z");
        story.visit(visit, defect, &when, &when, Attempt::NotFixed);
    }
    story
}

/// The ids of each defect at the end, and whether a link was ignored.
fn defects(story: &Story) -> (Vec<String>, bool) {
    let found = status(&story.said, "2024-12-01T00:00:00Z");
    let ids = found.defects.iter().map(|it| it.ids.join("="));
    (
        ids.collect(),
        found.flags.contains(&Flag::AutomaticLinkIgnored),
    )
}

fn apart() -> Vec<String> {
    vec!["x".to_owned(), "y".to_owned()]
}

#[test]
fn a_link_counts_if_a_human_made_it() {
    for (by, counts) in [
        (ActorKind::Human, true),
        (ActorKind::Unspecified, true),
        (ActorKind::System, false),
        (ActorKind::Bot, false),
        (ActorKind::Vehicle, false),
    ] {
        let mut story = two_visits();
        story.linked("2024-05-01T00:00:00Z", "y", "x", by);
        let expected = if counts {
            vec!["x=y".to_owned()]
        } else {
            apart()
        };
        assert_eq!(defects(&story), (expected, !counts), "{by:?}");
    }
}

#[test]
fn of_links_and_unlinkings_of_a_pair_the_last_in_history_order_decides() {
    let mut story = two_visits();
    story.linked("2024-05-01T00:00:00Z", "y", "x", ActorKind::Human);
    // The other way round is the same pair, and a bot takes nothing back.
    story.unlinked("2024-05-02T00:00:00Z", "x", "y", ActorKind::Bot);
    assert_eq!(defects(&story), (vec!["x=y".to_owned()], true));
    story.unlinked("2024-05-03T00:00:00Z", "x", "y", ActorKind::Human);
    assert_eq!(defects(&story).0, apart());
    // Reported late, it is earlier in the history.
    story.linked("2024-05-02T12:00:00Z", "x", "y", ActorKind::Human);
    assert_eq!(defects(&story).0, apart());
    story.linked("2024-05-04T00:00:00Z", "x", "y", ActorKind::Human);
    assert_eq!(defects(&story).0, ["x=y"]);
}

#[test]
fn an_unlinked_pair_stays_one_defect_if_others_link_it() {
    let mut story = two_visits();
    story.linked("2024-05-01T00:00:00Z", "y", "x", ActorKind::Human);
    story.linked("2024-05-01T00:00:00Z", "y", "z", ActorKind::Human);
    story.linked("2024-05-01T00:00:00Z", "z", "x", ActorKind::Human);
    story.unlinked("2024-05-02T00:00:00Z", "y", "x", ActorKind::Human);
    assert_eq!(defects(&story).0, ["x=y"]);
    story.unlinked("2024-05-02T00:00:00Z", "z", "x", ActorKind::Human);
    assert_eq!(defects(&story).0, apart());
}

#[test]
fn a_retracted_link_is_none() {
    let mut story = two_visits();
    story.linked("2024-05-01T00:00:00Z", "y", "x", ActorKind::Human);
    let id = story.said.last().unwrap().id.clone();
    let retracted = crate::history::TestTouchpoint::new("", "", super::at("2024-05-02T00:00:00Z"));
    let retracted = retracted.retracting("", &id);
    story.say(retracted.about(|it| it.case_id = "c1".to_owned()));
    assert_eq!(defects(&story).0, apart());
}
