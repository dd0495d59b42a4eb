//! Answers that come in pages, put together.

use super::error::CliError;

/// The largest page to ask for.
const PAGE: u32 = 500;

/// How many entries of an answer are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    FirstPage,
    AtMost(usize),
    Everything,
}

impl Extent {
    /// Everything if `--all` was given, otherwise the first page.
    pub(super) fn of_all(all: bool) -> Self {
        match all {
            true => Self::Everything,
            false => Self::FirstPage,
        }
    }
}

/// Asks for page after page, and returns the last one with the entries of all of them. `ask` is given the size and the
/// token of a page; `parts` returns its entries and the token of the next one.
pub(super) async fn collect<A: Default, E>(
    extent: Extent,
    mut ask: impl AsyncFnMut(u32, String) -> Result<A, CliError>,
    parts: impl Fn(&mut A) -> (&mut Vec<E>, &mut String),
) -> Result<A, CliError> {
    let mut answer = A::default();
    let mut entries = Vec::new();
    let mut token = String::new();
    loop {
        let size = match extent {
            Extent::AtMost(limit) => limit.saturating_sub(entries.len()),
            Extent::FirstPage | Extent::Everything => usize::MAX,
        };
        if size == 0 {
            break;
        }
        answer = ask(u32::try_from(size).unwrap_or(PAGE).min(PAGE), token).await?;
        let (page, next) = parts(&mut answer);
        entries.append(page);
        token = next.clone();
        if token.is_empty() || extent == Extent::FirstPage {
            break;
        }
    }
    *parts(&mut answer).0 = entries;
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Answer {
        entries: Vec<usize>,
        next: String,
    }

    /// Collects from a list of 1,200 entries; returns the sizes of the pages and the number of entries.
    async fn collected(extent: Extent) -> (Vec<u32>, usize) {
        let mut sizes = Vec::new();
        let ask = async |size: u32, token: String| {
            sizes.push(size);
            let from: usize = token.parse().unwrap_or_default();
            let until = (from + size as usize).min(1_200);
            Ok(Answer {
                entries: (from..until).collect(),
                next: match until {
                    1_200 => String::new(),
                    until => until.to_string(),
                },
            })
        };
        let whole = collect(extent, ask, |it: &mut Answer| {
            (&mut it.entries, &mut it.next)
        })
        .await;
        let whole = whole.unwrap().entries;
        assert!(whole.iter().copied().eq(0..whole.len()));
        (sizes, whole.len())
    }

    #[tokio::test]
    async fn pages_end_with_the_limit_or_the_last_one() {
        assert_eq!(collected(Extent::AtMost(700)).await, (vec![500, 200], 700));
        assert_eq!(
            collected(Extent::AtMost(9_000)).await,
            (vec![500, 500, 500], 1_200)
        );
        assert_eq!(collected(Extent::AtMost(0)).await, (vec![], 0));
        assert_eq!(collected(Extent::FirstPage).await, (vec![500], 500));
        assert_eq!(
            collected(Extent::Everything).await,
            (vec![500, 500, 500], 1_200)
        );
    }
}
