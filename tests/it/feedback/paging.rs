//! Pages of an inbox: stable while others write, in every order.

use ownerline_proto::v1::list_obligations_request::Order;
use ownerline_proto::v1::{ListObligationsRequest, OwedItem};

use super::told::*;
use crate::support::{Server, reason};

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_an_inbox_are_stable_while_others_write() {
    let server = Server::start().await;
    let start = now_seconds() - 50_000;
    // Several share one instant, so that names have to decide.
    let said_at = |number: i64| said(&format!("{number:02}"), start + number / 3 * 60);
    server.import((0..50).map(said_at).collect()).await;
    let head = server.head().await;
    for order in [Order::Due, Order::Age, Order::Share] {
        let asked = ListObligationsRequest {
            order: order.into(),
            page_size: 7,
            ..inbox("dealer-1", &head)
        };
        let mut pages = vec![list(&server, asked.clone()).await];
        let mut number = 0;
        while !pages[pages.len() - 1].next_page_token.is_empty() {
            number += 1;
            let (new, answer) = (
                format!("{order:?}-{number}"),
                format!("{order:?}-r{number}"),
            );
            server
                .import(vec![
                    said(&new, start - number),
                    reply(&format!("{number:02}"), &answer, start + 40_000, "dealer-1"),
                ])
                .await;
            let next = ListObligationsRequest {
                page_token: pages[pages.len() - 1].next_page_token.clone(),
                ..asked.clone()
            };
            pages.push(list(&server, next).await);
        }
        let last = pages.last().unwrap();
        let total = usize::try_from(last.total).unwrap();
        assert!(pages.iter().all(|page| page.total == last.total));
        assert!(pages.iter().all(|page| page.position == pages[0].position));
        assert!(last.stale, "more was recorded");
        let items: Vec<OwedItem> = pages.iter().flat_map(|it| it.items.clone()).collect();
        let names = items.iter().map(|it| it.obligation.as_ref().unwrap());
        let names: std::collections::BTreeSet<_> = names.map(|it| &it.obligation_id).collect();
        assert_eq!((items.len(), names.len()), (total, total), "each once");
        let shares: Vec<f64> = items
            .iter()
            .map(|it| it.obligation.as_ref().unwrap().share)
            .collect();
        // With one budget for all the three orders agree.
        assert!(shares.is_sorted_by(|a, b| a >= b), "{shares:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_token_is_of_one_question() {
    let server = Server::start().await;
    let start = now_seconds() - 1_000;
    server
        .import((0..3).map(|it| said(&it.to_string(), start + it)).collect())
        .await;
    let asked = ListObligationsRequest {
        page_size: 1,
        ..inbox("dealer-1", &server.head().await)
    };
    let token = list(&server, asked.clone()).await.next_page_token;
    let other = ListObligationsRequest {
        dealer_id: "dealer-2".to_owned(),
        page_token: token,
        ..asked
    };
    let refused = client(&server).list_obligations(other).await.unwrap_err();
    assert_eq!(reason(&refused), "PAGE_TOKEN");
    server.stop().await;
}
