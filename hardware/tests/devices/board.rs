//! Calls on the board.

use hardware::Fault;
use hardware::board::{BoardDriver, BoardListener, BoardMessage, Call};
use hardware::emulator::{Faults, Garbage};

use crate::LINES;

fn call(number: &str) -> BoardMessage {
    BoardMessage::Call(Call { number: number.to_owned(), desk: 3, times: 1 })
}

#[test]
fn what_is_acknowledged_is_shown() {
    for line in LINES {
        let far = BoardListener::listen(&line(), None).unwrap();
        let mut near = BoardDriver::open(&far.line().address()).unwrap();
        near.tell(&call("A105")).unwrap();
        near.tell(&BoardMessage::News { text: "Nghỉ trưa đến 13:30".to_owned() }).unwrap();
        let state = far.state();
        assert_eq!(state.now[0].number, "A105");
        assert_eq!(state.news.as_deref(), Some("Nghỉ trưa đến 13:30"));
        assert!(state.heard_at.is_some());
    }
}

#[test]
fn personal_numbers_never_leave() {
    let far = BoardListener::listen(&LINES[0](), None).unwrap();
    let mut near = BoardDriver::open(&far.line().address()).unwrap();
    assert_eq!(near.tell(&call("001199000123")), Err(Fault::BoardRefused));
    assert_eq!(far.line().received_bytes(), 0);
}

#[test]
fn a_board_that_does_not_answer_is_told_and_junk_is_survived() {
    for line in LINES {
        let far = BoardListener::listen(&line(), None).unwrap();
        let mut near = BoardDriver::open(&far.line().address()).unwrap();
        far.line().set_faults(Faults { garbage: Some(Garbage::Before), ..Faults::default() });
        assert_eq!(near.tell(&call("A1")), Ok(()));
        far.line().set_faults(Faults { black_hole: true, ..Faults::default() });
        assert_eq!(near.tell(&call("A2")), Err(Fault::BoardNoAnswer));
        far.line().set_faults(Faults { refuse: true, ..Faults::default() });
        let lost = near.tell(&call("A3")).unwrap_err();
        assert_eq!(lost, Fault::BoardLineLost);
        assert_eq!(far.state().now[0].number, "A1");
    }
}
