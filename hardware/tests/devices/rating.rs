//! A rating pad on both kinds of line, with every fault.

use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use hardware::emulator::{EmulatedPad, Faults, Garbage, registry};
use hardware::rating::PadProfile;
use hardware::{Address, DeviceState, Fault, PadAnswer, PadHandle, Supervisor};

use crate::{LINES, eventually};

/// Presses follow one another at once in tests, but for the test of bouncing.
fn profile(name: &str) -> PadProfile {
    PadProfile { debounce_ms: 0, ..PadProfile::named(name).unwrap() }
}

fn supervised(far: &EmulatedPad, profile: PadProfile, supervisor: &mut Supervisor) -> PadHandle {
    let pad = supervisor.rating_pad("desk 3", far.line().address(), profile).unwrap();
    eventually("the pad is ready", || (pad.status().state == DeviceState::Ready).then_some(()));
    pad
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

fn answer(asked: &Receiver<PadAnswer>) -> PadAnswer {
    asked.recv_timeout(Duration::from_secs(20)).unwrap()
}

/// Asks, waits until the person can see it, and presses.
fn rate(far: &EmulatedPad, pad: &PadHandle, level: u8) -> PadAnswer {
    let asked = pad.ask(soon());
    eventually("the pad is lit and awake", || (far.state().lit && far.state().awake).then_some(()));
    assert!(far.press(level));
    answer(&asked)
}

#[test]
fn a_press_is_heard_once_asked_and_the_lamp_tells() {
    for line in LINES {
        for name in ["byte-3-lamp", "line-5-lamp"] {
            let profile = profile(name);
            let far = EmulatedPad::start(&line(), profile.clone()).unwrap();
            let mut supervisor = Supervisor::new(channel().0);
            let pad = supervised(&far, profile.clone(), &mut supervisor);
            assert!(!far.state().lit);
            for level in 1..=profile.levels {
                assert_eq!(rate(&far, &pad, level), PadAnswer::Rated { level, of: profile.levels }, "{name}");
                eventually("the lamp is out", || (!far.state().lit).then_some(()));
            }
            assert_eq!(far.state().thanks, u32::from(profile.levels));
            // A pad that can sleep sleeps when nobody is asked.
            let asleep = !profile.disable.is_empty();
            eventually("it sleeps", || (far.state().awake != asleep).then_some(()));
        }
    }
}

#[test]
fn a_pad_with_no_lamp_is_heard_while_it_is_asked() {
    for line in LINES {
        for level in 1..=5 {
            let far = EmulatedPad::start(&line(), profile("byte-5")).unwrap();
            let mut supervisor = Supervisor::new(channel().0);
            let pad = supervised(&far, profile("byte-5"), &mut supervisor);
            let asked = pad.ask(soon());
            // It shows nothing: pressed until it is heard.
            let rated = eventually("rated", || {
                far.press(level);
                asked.try_recv().ok()
            });
            assert_eq!(rated, PadAnswer::Rated { level, of: 5 });
        }
    }
}

#[test]
fn presses_that_nobody_asked_for_are_nobodys() {
    let far = EmulatedPad::start(&LINES[0](), profile("line-5-lamp")).unwrap();
    let mut supervisor = Supervisor::new(channel().0);
    let pad = supervised(&far, profile("line-5-lamp"), &mut supervisor);
    assert!(far.press(1));
    // Pressed before: whatever is asked after the line was read is not answered by it.
    let first = pad.ask(Instant::now() + Duration::from_millis(300));
    let early = answer(&first);
    assert!(matches!(early, PadAnswer::NotRated | PadAnswer::Rated { level: 1, .. }));
    let timed = pad.ask(Instant::now() + Duration::from_millis(100));
    assert_eq!(answer(&timed), PadAnswer::NotRated);
    eventually("the lamp is out", || (!far.state().lit).then_some(()));
    let first = pad.ask(soon());
    let second = pad.ask(soon());
    assert_eq!(answer(&first), PadAnswer::Withdrawn);
    pad.withdraw();
    assert_eq!(answer(&second), PadAnswer::Withdrawn);
    eventually("the lamp is out", || (!far.state().lit).then_some(()));
    let open = pad.ask(soon());
    supervisor.stop();
    assert_eq!(answer(&open), PadAnswer::Withdrawn);
}

#[test]
fn an_impatient_person_is_heard_once() {
    let profile = PadProfile { debounce_ms: 60_000, ..PadProfile::named("line-5-lamp").unwrap() };
    let far = EmulatedPad::start(&LINES[1](), profile.clone()).unwrap();
    let mut supervisor = Supervisor::new(channel().0);
    let pad = supervised(&far, profile.clone(), &mut supervisor);
    assert_eq!(rate(&far, &pad, 2), PadAnswer::Rated { level: 2, of: 5 });
    // The same person still pressing does not answer for the next.
    let next = pad.ask(Instant::now() + Duration::from_millis(500));
    eventually("the lamp is lit", || far.state().lit.then_some(()));
    assert!(far.press(5) && far.press(5));
    assert_eq!(answer(&next), PadAnswer::NotRated);
}

#[test]
fn junk_is_told_and_a_button_among_it_is_heard() {
    for line in LINES {
        let profile = profile("byte-5");
        let far = EmulatedPad::start(&line(), profile.clone()).unwrap();
        let mut supervisor = Supervisor::new(channel().0);
        let pad = supervised(&far, profile, &mut supervisor);
        far.send(&[0xFF; 5]);
        eventually("junk", || (pad.status().fault() == Some(Fault::PadJunk)).then_some(()));
        assert!(pad.status().works());
        far.line().set_faults(Faults {
            garbage: Some(Garbage::Before),
            bytes_per_second: Some(200),
            ..Faults::default()
        });
        let asked = pad.ask(soon());
        let rated = eventually("rated", || {
            far.press(4);
            asked.try_recv().ok()
        });
        assert_eq!(rated, PadAnswer::Rated { level: 4, of: 5 });
        far.line().set_faults(Faults::default());
        eventually("well again", || {
            far.press(4);
            (pad.status().state == DeviceState::Ready).then_some(())
        });
    }
}

#[test]
fn a_press_that_comes_as_junk_is_no_rating() {
    for line in LINES {
        let far = EmulatedPad::start(&line(), profile("byte-3-lamp")).unwrap();
        let mut supervisor = Supervisor::new(channel().0);
        let pad = supervised(&far, profile("byte-3-lamp"), &mut supervisor);
        far.line().set_faults(Faults { garbage: Some(Garbage::Instead), ..Faults::default() });
        let asked = pad.ask(Instant::now() + Duration::from_millis(500));
        eventually("the pad is lit and awake", || (far.state().lit && far.state().awake).then_some(()));
        assert!(far.press(3));
        assert_eq!(answer(&asked), PadAnswer::NotRated);
    }
}

#[test]
fn a_pad_that_hears_nothing_is_not_rated_and_one_that_is_not_there_is_told() {
    for line in LINES {
        let far = EmulatedPad::start(&line(), profile("line-5-lamp")).unwrap();
        let mut supervisor = Supervisor::new(channel().0);
        let pad = supervised(&far, profile("line-5-lamp"), &mut supervisor);
        for faults in [Faults { black_hole: true, ..Faults::default() }, Faults { stall: true, ..Faults::default() }] {
            far.line().set_faults(faults);
            assert_eq!(answer(&pad.ask(Instant::now() + Duration::from_millis(200))), PadAnswer::NotRated);
        }
        far.line().set_faults(Faults { refuse: true, ..Faults::default() });
        eventually("the line is lost", || (!pad.status().works()).then_some(()));
        let told = answer(&pad.ask(Instant::now() + Duration::from_millis(200)));
        assert!(matches!(told, PadAnswer::Unavailable { fault: Fault::PadLineLost | Fault::PadAbsent }), "{told:?}");
    }
    let mut supervisor = Supervisor::new(channel().0);
    let pad = supervisor.rating_pad("none", Address::tcp("127.0.0.1", 1), profile("byte-5")).unwrap();
    eventually("absent", || (pad.status().fault() == Some(Fault::PadAbsent)).then_some(()));
}

#[test]
fn a_question_outlives_an_unplugged_pad() {
    for line in LINES {
        let profile = profile("byte-3-lamp");
        let far = EmulatedPad::start(&line(), profile.clone()).unwrap();
        let mut supervisor = Supervisor::new(channel().0);
        registry::publish("pad-away", far.line().address());
        let named = Address::Emulator { name: "pad-away".to_owned() };
        let pad = supervisor.rating_pad("desk 3", named, profile.clone()).unwrap();
        for round in 0..10 {
            eventually("the pad is ready", || (pad.status().state == DeviceState::Ready).then_some(()));
            let asked = pad.ask(soon());
            eventually("the lamp is lit", || far.state().lit.then_some(()));
            let before = far.state().plugged;
            if round % 2 == 0 {
                far.line().cut();
            } else {
                far.line().set_faults(Faults { refuse: true, ..Faults::default() });
                eventually("the line is lost", || (!pad.status().works()).then_some(()));
                far.line().set_faults(Faults::default());
            }
            eventually("it is back, and lit again", || {
                registry::publish("pad-away", far.line().address());
                let state = far.state();
                (state.plugged > before && state.lit && state.awake).then_some(())
            });
            assert!(far.press(3));
            assert_eq!(answer(&asked), PadAnswer::Rated { level: 3, of: 3 });
        }
        registry::withdraw("pad-away");
    }
}
