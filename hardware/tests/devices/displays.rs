//! Text displays on both kinds of line, with every fault.

use std::sync::mpsc::channel;
use std::time::Duration;

use hardware::board::{BoardListener, Call};
use hardware::display::{Content, DisplayDriver, DisplayProfile, Shown};
use hardware::emulator::{EmulatedDisplay, Faults, Garbage, LineSpec};
use hardware::{DeviceState, DisplayHandle, Fault, Supervisor};

use crate::{LINES, eventually};

fn call(number: &str, times: u8) -> Content {
    Content::Call(Call { number: number.to_owned(), desk: 3, times })
}

fn vfd() -> DisplayProfile {
    DisplayProfile::named("vfd-2x20").unwrap()
}

fn pair(line: &LineSpec) -> (EmulatedDisplay, DisplayDriver) {
    let far = EmulatedDisplay::start(line, 20, 2, None).unwrap();
    let near = DisplayDriver::open(&far.line().address(), vfd()).unwrap();
    (far, near)
}

fn first_row(far: &EmulatedDisplay) -> String {
    far.screen().rows[0].trim().to_owned()
}

fn shows(far: &EmulatedDisplay, text: &str) {
    eventually(text, || (first_row(far) == text).then_some(()));
}

fn supervised(far: &EmulatedDisplay, supervisor: &mut Supervisor) -> DisplayHandle {
    let display = supervisor.display("desk 3", far.line().address(), vfd()).unwrap();
    eventually("the display is ready", || (display.status().state == DeviceState::Ready).then_some(()));
    display
}

fn answer(shown: std::sync::mpsc::Receiver<Result<Shown, Fault>>) -> Result<Shown, Fault> {
    shown.recv_timeout(Duration::from_secs(20)).unwrap()
}

#[test]
fn a_call_is_read_on_the_glass() {
    for line in LINES {
        let (far, mut near) = pair(&line());
        let shown = near.show(&call("A105", 2)).unwrap();
        assert_eq!((shown.acknowledged, shown.simplified), (false, true));
        shows(&far, "A105 -> QUAY 3");
        eventually("it blinks", || far.screen().blinking.then_some(()));
        assert_eq!(far.screen().rows[1].trim(), "MOI LAN 2");
        assert_eq!(far.screen().brightness, 4);
        near.show(&Content::Serving { number: "A106".to_owned(), desk: 3 }).unwrap();
        shows(&far, "DANG PHUC VU");
        eventually("the second row", || (far.screen().rows[1].trim() == "A106").then_some(()));
        eventually("it is steady", || (!far.screen().blinking).then_some(()));
        near.show(&Content::Blank).unwrap();
        shows(&far, "");
    }
}

#[test]
fn nothing_personal_leaves() {
    let (far, mut near) = pair(&LINES[0]());
    near.show(&call("A1", 1)).unwrap();
    shows(&far, "A1 -> QUAY 3");
    for content in [call("001199000123", 1), Content::Text { text: "Mời ông 001199000123".to_owned() }] {
        assert_eq!(near.show(&content), Err(Fault::DisplayRefused));
    }
    assert_eq!(first_row(&far), "A1 -> QUAY 3");
}

#[test]
fn a_line_that_takes_nothing_or_loses_everything_is_no_acknowledgement() {
    for line in LINES {
        let (far, mut near) = pair(&line());
        far.line().set_faults(Faults { black_hole: true, ..Faults::default() });
        assert!(!near.show(&call("A1", 1)).unwrap().acknowledged);
        far.line().set_faults(Faults {
            garbage: Some(Garbage::Before),
            bytes_per_second: Some(400),
            ..Faults::default()
        });
        near.show(&call("A2", 1)).unwrap();
        shows(&far, "A2 -> QUAY 3");
        far.line().set_faults(Faults { refuse: true, ..Faults::default() });
        let lost = eventually("the line is lost", || near.show(&call("A3", 1)).err());
        assert_eq!(lost, Fault::DisplayLineLost);
    }
}

#[test]
fn a_stalled_display_is_told_when_its_buffers_are_full() {
    let (far, mut near) = pair(&LINES[1]());
    far.line().set_faults(Faults { stall: true, ..Faults::default() });
    let mut shows = 0;
    let fault = loop {
        match near.show(&call("A1", 1)) {
            Ok(_) => shows += 1,
            Err(fault) => break fault,
        }
        assert!(shows < 10_000);
    };
    assert_eq!(fault, Fault::DisplayNoAnswer);
}

#[test]
fn a_display_that_was_away_shows_the_latest_call() {
    for line in LINES {
        let far = EmulatedDisplay::start(&line(), 20, 2, None).unwrap();
        let mut supervisor = Supervisor::new(channel().0);
        // A pty that is made anew has a new path, so that its cable is given a name.
        let address = far.line().address();
        hardware::emulator::registry::publish("display-away", address);
        let named = hardware::Address::Emulator { name: "display-away".to_owned() };
        let display = supervisor.display("desk 3", named, vfd()).unwrap();
        eventually("the display is ready", || (display.status().state == DeviceState::Ready).then_some(()));
        for round in 1..=10 {
            let (before, during) = (format!("A{round}"), format!("B{round}"));
            answer(display.show(call(&before, 1))).unwrap();
            shows(&far, &format!("{before} -> QUAY 3"));
            far.line().set_faults(Faults { refuse: true, ..Faults::default() });
            eventually("the line is lost", || (!display.status().works()).then_some(()));
            let told = answer(display.show(call(&during, 1)));
            assert!(matches!(told, Err(Fault::DisplayLineLost | Fault::DisplayAbsent)), "{told:?}");
            assert_eq!(answer(display.show(call("001199000123", 1))), Err(Fault::DisplayRefused));
            far.line().set_faults(Faults::default());
            eventually("the line is back", || {
                hardware::emulator::registry::publish("display-away", far.line().address());
                (first_row(&far) == format!("{during} -> QUAY 3")).then_some(())
            });
            eventually("it says so", || (display.status().state == DeviceState::Ready).then_some(()));
        }
        hardware::emulator::registry::withdraw("display-away");
    }
}

#[test]
fn a_torn_line_and_a_display_that_forgot_are_mended() {
    let far = EmulatedDisplay::start(&LINES[0](), 20, 2, None).unwrap();
    let mut supervisor = Supervisor::new(channel().0);
    let display = supervised(&far, &mut supervisor);
    // In the midst of a command: what is torn off means nothing to the next connection's initialising.
    far.line().set_faults(Faults { cut_after_bytes: Some(2), ..Faults::default() });
    drop(answer(display.show(call("A7", 1))));
    shows(&far, "A7 -> QUAY 3");
    far.switch_off_and_on();
    assert_eq!(first_row(&far), "");
    shows(&far, "A7 -> QUAY 3");
}

#[test]
fn a_framed_display_acknowledges() {
    let profile = DisplayProfile::named("led-1x16-framed").unwrap();
    for line in LINES {
        let far = BoardListener::listen(&line(), None).unwrap();
        let mut near = DisplayDriver::open(&far.line().address(), profile.clone()).unwrap();
        let shown = near.show(&call("A105", 1)).unwrap();
        assert_eq!((shown.acknowledged, shown.simplified), (true, false));
        assert_eq!(shown.rows, [" A105 → QUẦY 3  "]);
        assert_eq!(far.state().now[0].number, "A105");
        far.line().set_faults(Faults { garbage: Some(Garbage::Before), ..Faults::default() });
        assert!(near.show(&call("A106", 1)).unwrap().acknowledged);
        far.line().set_faults(Faults { garbage: Some(Garbage::Instead), ..Faults::default() });
        assert_eq!(near.show(&call("A107", 1)), Err(Fault::DisplayNoAnswer));
        far.line().set_faults(Faults { black_hole: true, ..Faults::default() });
        assert_eq!(near.show(&call("A108", 1)), Err(Fault::DisplayNoAnswer));
        assert_eq!(near.show(&call("001199000123", 1)), Err(Fault::DisplayRefused));
        far.line().set_faults(Faults { refuse: true, ..Faults::default() });
        assert_eq!(near.show(&call("A109", 1)), Err(Fault::DisplayLineLost));
        assert!(
            DisplayDriver::open(&"tcp:127.0.0.1:1".parse().unwrap(), profile.clone())
                .is_err_and(|fault| fault == Fault::DisplayAbsent)
        );
    }
}
