//! The board hears of a call from the site's hub, and says when it hears nothing.

use crate::centre::{PATIENCE, program};
use crate::citizen::{CERTIFIED_COPY, Wish, get_paper, take_number};
use crate::hall::Hall;
use serde_json::json;
use station::api::BoardView;
use station::clock::MachineClock;
use std::sync::Arc;
use tests::fault::wait_for;
use tests::site::SiteHub;

fn shown(board: &station::Hall, what: &str, look: impl Fn(&BoardView) -> bool) -> BoardView {
    let found = wait_for(what, PATIENCE, || {
        let view = board.board_view();
        Ok(look(&view).then_some(view))
    });
    found.unwrap_or_else(|fault| panic!("{fault}: {:?}", board.board_view()))
}

#[test]
fn the_hub_tells_the_board_and_a_hub_that_is_silent_is_shown_as_silent() {
    let mut prepared = None;
    let mut hall = Hall::open_after(|centre| {
        let hub = SiteHub::start(&program("motcua-central"), &centre.plan, &centre.station("hub")).unwrap();
        hub.serves(&centre.station("kiosk")).unwrap();
        hub.serves(&centre.station("counter")).unwrap();
        let board = hub.tells_board(&centre.plan).unwrap();
        prepared = Some((hub, board));
    });
    let (mut hub, folder) = prepared.unwrap();
    let board = station::Hall::open(&folder, Arc::new(MachineClock::default())).unwrap();
    shown(&board, "the hub's first word", |view| !view.stale && view.now.is_empty());

    let call = |hall: &mut Hall| {
        let (visit, number) = take_number(hall, Wish { procedure: CERTIFIED_COPY, card: false });
        get_paper(hall, &visit);
        hall.look("counter", "counter_view", &json!({}), |view| {
            view["queue"].as_array()?.iter().find(|row| row["visit"] == visit.as_str()).map(drop)
        });
        assert_eq!(hall.counter.must("counter_call_next", &json!({}))["number"], number.as_str());
        number
    };
    let first = call(&mut hall);
    let view = shown(&board, "the first call", |view| view.now.iter().any(|call| call.number == first));
    assert_eq!((view.now[0].desk.as_str(), view.now[0].times), ("3", 1));
    hall.counter.must("counter_recall", &json!({}));
    shown(&board, "the same number once more", |view| view.now[0].times == 2 && view.recent.len() == 1);

    hub.kill();
    let silent = shown(&board, "that nobody is heard", |view| view.stale);
    assert_eq!(silent.now[0].number, first, "what was called before still stands");
    // The desk goes on without a hub, and the board says for as long that it does not know.
    hall.counter.must("counter_no_show", &json!({}));
    let second = call(&mut hall);
    assert!(board.board_view().stale && board.board_view().now[0].number == first);

    hub.start_again().unwrap();
    let view = shown(&board, "the call that it missed", |view| !view.stale && view.now[0].number == second);
    assert_eq!(view.recent.iter().map(|call| call.number.as_str()).collect::<Vec<_>>(), [&second, &first]);
}
