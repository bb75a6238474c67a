//! A station that is killed while it writes: what it was told is written is there, whole, and nothing is half done.

use crate::house::*;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use sync::protocol::StationRole::Kiosk;
use sync::store::{EffectDraft, Store};
use uuid::Uuid;

const DIR: &str = "MOTCUA_CRASH_DIR";
const ROUNDS: u32 = 12;

/// The child: opens the store of `DIR`, tells how much is in it, then appends and tells each one, until it is killed.
#[test]
#[ignore = "run by the test below, in a process of its own"]
fn writer() {
    let Ok(dir) = std::env::var(DIR) else { return };
    let mut store = Store::open(std::path::Path::new(&dir)).unwrap();
    for number in store.events().unwrap().len() as u32 + 1.. {
        let effect = EffectDraft { id: Uuid::from_u128(number.into()), kind: "print".into(), body: vec![7; 500] };
        store.append(NOON.plus_ms(number.into()), None, vec![ticket(number)], vec![effect], &[]).unwrap();
        println!("written {number}");
    }
}

#[test]
fn what_was_told_to_be_written_outlives_a_kill_at_any_moment() {
    let centre = new_centre();
    let dir = enrol(&centre, Kiosk).close();
    for round in 0..ROUNDS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["crash::writer", "--exact", "--ignored", "--nocapture"])
            .env(DIR, dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let told = lines
            .map_while(Result::ok)
            .filter_map(|line| line.split("written ").nth(1)?.trim().parse::<usize>().ok())
            .nth(3 + (round as usize * 7) % 17)
            .unwrap();
        child.kill().unwrap();
        child.wait().unwrap();

        let store = Store::open(dir.path()).unwrap();
        let events = store.events().unwrap().len();
        assert!(events >= told, "round {round}: {told} were told, {events} are there");
        assert_eq!(store.effects_owed().unwrap().len(), events, "round {round}: each event owes its paper");
        assert_eq!(store.view_rows("visit").unwrap().len(), events);
        assert_eq!(store.verify().unwrap().difference, None);
    }
}
