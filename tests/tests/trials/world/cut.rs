//! The site is cut off for 72 hours of its time, and works on.

use super::alone::alone;
use super::clock::HOUR;
use super::site::{Site, Wanted};
use crate::citizen::{CERTIFIED_COPY, ask_to_accept};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tests::vietnam::Civil;

/// Days without a receipt at which the counter begins nothing more: the end of this cut. The kiosk may go on for longer.
const COUNTER_DAYS: u32 = 3;
const KIOSK_DAYS: u32 = 4;
/// When citizens come, in minutes after the cut: through three nights, and a minute before and after the first midnight.
const COMING: [i64; 8] = [60, 15 * 60 + 59, 16 * 60 + 1, 26 * 60, 37 * 60, 50 * 60, 59 * 60, 71 * 60];

#[test]
fn a_site_cut_off_for_72_hours_works_on_and_loses_and_doubles_nothing() {
    alone("world::cut::a_site_cut_off_for_72_hours_works_on_and_loses_and_doubles_nothing", cut_off);
}

fn cut_off() {
    let mut site = Site::open(Wanted { standby: false, kiosk_days: KIOSK_DAYS, counter_days: COUNTER_DAYS });
    come(&mut site);
    site.wait_until_synced();
    site.hall.look("counter", "counter_view", &json!({}), |view| {
        view["sync"]["codes_left"].as_u64().filter(|left| *left > 0)
    });
    let before = site.events_at_centre();

    site.network.set_up("centre", false);
    let (mut minutes, mut told) = (0, [None, None]);
    come(&mut site);
    for at in COMING {
        site.clock.pass((at - minutes) * 60);
        minutes = at;
        come(&mut site);
        told = warned(&mut site, at);
    }
    assert_eq!(told, [Some("LIMIT-UNCONFIRMED-EARLY"), Some("LIMIT-UNCONFIRMED-SOON")], "nobody is stopped unwarned");
    assert_eq!(site.events_at_centre(), before, "the line was not cut");

    // The counter's last hour is over: it begins nothing, and what it began it ends. The kiosk gives numbers.
    site.clock.pass((72 * 60 - minutes) * 60);
    let stopped = take_and_call(&mut site);
    assert_eq!(warned(&mut site, 72 * 60), [Some("LIMIT-UNCONFIRMED-EARLY"), Some("LIMIT-UNCONFIRMED-REACHED")]);
    let waiting = site.counter()["sync"]["waiting"].as_u64().unwrap();
    let refused = site.hall.counter.refused("counter_accept", &stopped);
    assert_eq!(refused.code, "LIMIT-UNCONFIRMED-REACHED");
    assert_eq!(refused.params["days_limit"], COUNTER_DAYS.to_string());

    site.network.set_up("centre", true);
    site.wait_until_synced();
    assert_eq!(warned(&mut site, 0), [None, None], "all is confirmed");
    // The same wish of the same citizen is granted now.
    let accepted = site.hall.counter.must("counter_accept", &stopped);
    assert!(site.hall.codes.insert(accepted["code"].as_str().unwrap().to_owned()));
    site.served += 1;
    crate::citizen::leave(&mut site.hall);
    come(&mut site);
    numbers_begin_anew_each_day(&site.hall.numbers);
    let verdict = site.judge();
    println!(
        "72 hours: {waiting} records waited at the counter; {} tickets, {} dossiers, {} events at both ends",
        verdict.tickets, verdict.dossiers, verdict.events_central
    );
}

/// Two citizens.
fn come(site: &mut Site) {
    for _ in 0..2 {
        // Read first: a minute before midnight is long enough for a citizen and not for the whole scenario.
        site.hall.day = day(site);
        site.serve();
    }
}

fn day(site: &Site) -> String {
    Civil::at(site.clock.now_ms()).iso()[..10].to_owned()
}

/// One more citizen stands at the desk; gives the wish to accept.
fn take_and_call(site: &mut Site) -> Value {
    site.hall.day = day(site);
    let (visit, _) =
        crate::citizen::take_number(&mut site.hall, crate::citizen::Wish { procedure: CERTIFIED_COPY, card: false });
    site.hall.look("kiosk", "kiosk_ticket", &json!({ "visit": visit }), |ticket| {
        (ticket["paper"] != "printing").then_some(())
    });
    site.hall.evidence.collect(&site.hall.centre.printer);
    crate::citizen::call(&mut site.hall, &visit);
    let procedures = site.hall.counter.must("counter_procedures", &json!({ "words": CERTIFIED_COPY }));
    ask_to_accept(&procedures, &visit, CERTIFIED_COPY)
}

/// What kiosk and counter say of their lives apart, so many minutes after the cut; it must be what their files say.
fn warned(site: &mut Site, minutes: i64) -> [Option<&'static str>; 2] {
    let views = [(KIOSK_DAYS, site.hall.kiosk.must("kiosk_view", &json!({}))), (COUNTER_DAYS, site.counter())];
    views.map(|(days, view)| {
        let codes = view["problems"].as_array().unwrap().iter().filter_map(|problem| problem["code"].as_str());
        let limits: Vec<&str> = codes.filter(|code| code.starts_with("LIMIT-")).collect();
        let wanted = expected(days, minutes);
        assert_eq!(limits, wanted.into_iter().collect::<Vec<_>>(), "{minutes} minutes after the cut, of {days} days");
        wanted
    })
}

/// A warning at half of the limit and at four fifths of it, and then the end.
fn expected(days: u32, minutes: i64) -> Option<&'static str> {
    match (minutes * 60, i64::from(days) * 24 * HOUR) {
        (passed, limit) if passed >= limit => Some("LIMIT-UNCONFIRMED-REACHED"),
        (passed, limit) if passed * 5 >= limit * 4 => Some("LIMIT-UNCONFIRMED-SOON"),
        (passed, limit) if passed * 2 >= limit => Some("LIMIT-UNCONFIRMED-EARLY"),
        _ => None,
    }
}

fn numbers_begin_anew_each_day(given: &BTreeSet<(String, String)>) {
    let mut days: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    given.iter().for_each(|(day, number)| days.entry(day).or_default().push(number));
    assert_eq!(days.len(), 4, "the cut passed three midnights: {days:?}");
    for (day, numbers) in days {
        let expected: Vec<String> = (1..=numbers.len()).map(|number| format!("A{number:03}")).collect();
        assert_eq!(numbers, expected, "{day}");
    }
}
