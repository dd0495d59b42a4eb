//! One report, printed in every format.

use pbjson_types::Timestamp;

use super::*;

struct Dealer {
    name: &'static str,
    items: u64,
    share: Option<f64>,
    note: &'static str,
}

fn dealers() -> [Dealer; 3] {
    let of = |name, items, share, note| Dealer {
        name,
        items,
        share,
        note,
    };
    [
        of(
            "dealer~7.001",
            1_234,
            Some(0.5),
            "answers \"at once\",\tmostly",
        ),
        of("dealer~7.002", 0, None, ""),
        of("total", 1_234, Some(0.5), "every dealer of the network"),
    ]
}

type Of<'a> = Column<'a, Dealer>;

fn columns() -> Vec<Of<'static>> {
    vec![
        Of::of("dealer", "dealer", |it| match it.name {
            "total" => "every".into(),
            name => name.into(),
        }),
        Of::of("received", "received", |it| it.items.into()),
        Of::shown("in time of all", |it| match it.share {
            Some(share) => format!("{:.1} %", share * 100.0),
            None => "–".to_owned(),
        })
        .field("in_time_share", |it| it.share.into())
        .right(),
        Of::of("since", "since", |_| Timestamp::default().into()).folds(2),
        Of::of("remark", "remark", |it| it.note.into()).wraps(),
        Of::hidden("withheld", |it| it.share.is_none().into()),
    ]
}

fn table() -> Table {
    let [one, two, total] = dealers();
    Table::new(&columns(), [&one, &two]).with_total(&columns(), &total)
}

fn aligned(width: usize) -> String {
    Report::new()
        .table(table())
        .in_words(Look::Aligned(width))
        .out
}

#[test]
fn a_table_that_fits_is_aligned() {
    insta::assert_snapshot!(aligned(120));
}

#[test]
fn where_lines_are_short_words_stay_whole_and_columns_fold_under_their_row() {
    let wide = aligned(120);
    let words = |text: &str| {
        let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        words.retain(|word| !word.starts_with('─') && word != "·");
        words.sort_unstable();
        words.dedup();
        words
    };
    for width in [80, 60, 40, 24] {
        let text = aligned(width);
        let longest = text.lines().map(|line| line.chars().count()).max();
        assert!(longest <= Some(width), "{width}: {longest:?}\n{text}");
        for word in words(&text) {
            assert!(words(&wide).contains(&word), "{width}: {word}\n{text}");
        }
    }
    insta::assert_snapshot!(aligned(40));
}

#[test]
fn a_pipe_gets_tabs_with_plain_numbers_and_no_quotes() {
    let report = Report::new().note("Three of them.\n").table(table());
    let printed = report.in_words(Look::Tabs);
    assert_eq!(printed.err, "Three of them.\n");
    insta::assert_snapshot!(printed.out.replace('\t', "→"));
}

#[test]
fn a_text_stays_on_standard_output_with_its_notes() {
    let report = Report::new()
        .text("A sheet.\n")
        .note("As of now.\n")
        .table(table());
    let printed = report.in_words(Look::Tabs);
    assert_eq!(printed.err, "");
    assert!(
        printed
            .out
            .starts_with("A sheet.\nAs of now.\nrow\tdealer\t")
    );
}

#[test]
fn csv_has_numbers_as_numbers_explicit_zeros_and_what_is_withheld() {
    let report = Report::new()
        .note("Three of them.\n")
        .table(table())
        .stale(true);
    let printed = report.rows(Format::Csv).unwrap();
    assert_eq!(printed.err, STALE);
    insta::assert_snapshot!(printed.out);
    insta::assert_snapshot!(report.rows(Format::Ndjson).unwrap().out);
}

#[test]
fn a_report_without_a_table_has_no_rows() {
    assert_eq!(
        Report::from("A story.\n".to_owned()).rows(Format::Csv),
        None
    );
}

#[test]
fn a_stale_answer_says_so_above_everything_else() {
    let report = Report::new()
        .note("Three of them.\n")
        .table(table())
        .stale(true);
    let printed = report.in_words(Look::Aligned(80));
    assert!(printed.out.starts_with("Not up to date"), "{}", printed.out);
    let current = Report::new().table(table()).stale(false);
    assert!(
        !current
            .in_words(Look::Aligned(80))
            .out
            .contains("Not up to date")
    );
}
