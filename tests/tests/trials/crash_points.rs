//! The power is cut at every named point of a ticket's and a dossier's life, and the job is finished all the same.

use crate::citizen::{MARITAL_STATUS, Wish, serve};
use crate::evidence::judge;
use crate::hall::Hall;
use station::crash::POINTS;

/// The stations that pass a point.
fn roles(point: &str) -> &'static [&'static str] {
    match point.split('-').next() {
        Some("ticket" | "paper") => &["kiosk"],
        Some("call" | "accept" | "slip") => &["counter"],
        _ => &["kiosk", "counter"],
    }
}

#[test]
fn a_power_cut_at_any_named_point_loses_and_doubles_nothing() {
    let mut hall = Hall::open();
    let mut citizens = 0;
    for point in POINTS {
        for role in roles(point) {
            let deaths = hall.post(role).deaths;
            hall.post(role).start_to_crash_at(point);
            let served = serve(&mut hall, Wish { procedure: MARITAL_STATUS, card: false });
            citizens += 1;
            if hall.post(role).deaths == deaths {
                // News of this citizen may reach the station only now.
                hall.post(role).wait_for_death();
            }
            assert_eq!(hall.post(role).deaths, deaths + 1, "{point} was not reached once at the {role}: {served:?}");
        }
    }
    let verdict = judge(&mut hall);
    assert_eq!(verdict.findings, []);
    assert_eq!((verdict.tickets, verdict.dossiers, verdict.receipts), (citizens, citizens, citizens));
    assert_eq!(verdict.events_station, verdict.events_central);
}
