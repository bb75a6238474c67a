//! The use cases by name, with JSON in and out: for the headless station and for tests of the pages without a webview.

use crate::api::dossiers::{MoneyAsk, WorkAsk};
use crate::api::queue::{PauseWhy, TransferAsk};
use crate::api::{AcceptAsk, Problem, TakeNumber};
use crate::core::Station;
use crate::roles;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Does what the use case `name` does, with its arguments as a JSON object, as a page would send them.
///
/// # Errors
/// The use case's own problems; `INPUT-REFUSED` when there is no such use case or an argument is not what it should be.
pub fn call(station: &Station, name: &str, arguments: &Value) -> Result<Value, Problem> {
    let text = |key: &str| argument::<String>(arguments, key);
    match name {
        "about" => give(Ok(roles::about(&station.config, station.clock.now()))),
        "kiosk_view" => give(station.kiosk_view()),
        "kiosk_fields" => give(station.kiosk_fields()),
        "kiosk_procedures" => {
            let (field, words) =
                (argument::<Option<String>>(arguments, "field")?, argument::<Option<String>>(arguments, "words")?);
            give(station.kiosk_procedures(field.as_deref(), words.as_deref()))
        }
        "kiosk_take_number" => give(station.kiosk_take_number(argument::<TakeNumber>(arguments, "ask")?)),
        "kiosk_ticket" => give(station.kiosk_ticket(&text("visit")?)),
        "kiosk_leave" => give(station.kiosk_leave()),
        "kiosk_look_up" => give(station.kiosk_look_up(&text("code")?)),
        "counter_officers" => give(station.counter_officers()),
        "counter_sign_in" => give(station.counter_sign_in(&text("officer")?, &text("pin")?)),
        "counter_sign_out" => give(station.counter_sign_out()),
        "counter_view" => give(station.counter_view()),
        "counter_call_next" => give(station.counter_call_next()),
        "counter_recall" => give(station.counter_recall()),
        "counter_no_show" => give(station.counter_no_show()),
        "counter_close" => give(station.counter_close()),
        "counter_park" => give(station.counter_park()),
        "counter_take_back" => give(station.counter_take_back(&text("visit")?)),
        "counter_send_back" => {
            give(station.counter_send_back(argument::<Option<String>>(arguments, "visit")?.as_deref()))
        }
        "counter_transfer" => give(station.counter_transfer(argument::<TransferAsk>(arguments, "to")?)),
        "counter_add_service" => give(station.counter_add_service(&text("procedure")?)),
        "counter_pause" => give(station.counter_pause(argument::<PauseWhy>(arguments, "why")?)),
        "counter_resume" => give(station.counter_resume()),
        "counter_earlier" => give(station.counter_earlier(&text("number")?)),
        "counter_open_person" => give(station.counter_open_person()),
        "counter_read_chip" => {
            give(station.counter_read_chip(argument::<Option<String>>(arguments, "can")?.as_deref()))
        }
        "counter_chip_photo" => give(station.counter_chip_photo()),
        "counter_procedures" => give(station.counter_procedures(&text("words")?)),
        "counter_quote" => {
            let (pages, copies) = (argument(arguments, "pages")?, argument(arguments, "copies")?);
            give(station.counter_quote(&text("procedure")?, pages, copies))
        }
        "counter_offers" => give(station.counter_offers(&text("procedure")?)),
        "counter_accept" => give(station.counter_accept(argument::<AcceptAsk>(arguments, "ask")?)),
        "counter_register" => give(station.counter_register(argument::<AcceptAsk>(arguments, "ask")?)),
        "counter_dossiers" => give(station.counter_dossiers(&text("words")?)),
        "counter_dossier" => give(station.counter_dossier(&text("dossier")?)),
        "counter_work" => {
            give(station.counter_work(&text("dossier")?, argument::<WorkAsk>(arguments, "ask")?, &text("note")?))
        }
        "counter_authority" => give(station.counter_authority(&text("procedure")?, &text("residence")?)),
        "counter_amend_view" => give(station.counter_amend_view(&text("dossier")?)),
        "counter_amend" => give(station.counter_amend(&text("dossier")?, argument(arguments, "ask")?)),
        "counter_settle" => give(station.counter_settle(&text("dossier")?, &text("event")?, &text("note")?)),
        "counter_money" => {
            give(station.counter_money(&text("dossier")?, argument::<MoneyAsk>(arguments, "ask")?, &text("note")?))
        }
        "counter_till" => give(station.counter_till()),
        "counter_close_till" => give(station.counter_close_till(argument(arguments, "counted")?)),
        "counter_book" => give(station.counter_book(&text("from")?, &text("until")?)),
        "counter_papers" => give(station.counter_papers()),
        "counter_hand_over" => give(station.counter_hand_over(&text("to")?, argument(arguments, "rows")?)),
        "counter_hand_over_paper" => give(station.counter_hand_over_paper(&text("number")?)),
        "counter_receive_papers" => {
            give(station.counter_receive_papers(&argument::<Vec<String>>(arguments, "dossiers")?))
        }
        "counter_control_slip" => give(station.counter_control_slip(&text("dossier")?)),
        "counter_return" => give(station.counter_return(&text("dossier")?)),
        "counter_settle_paper" => give(station.counter_settle_paper(&text("visit")?, argument(arguments, "came_out")?)),
        "counter_reprint" => give(station.counter_reprint(&text("visit")?)),
        "counter_admit" => give(station.counter_admit(&text("text")?)),
        "counter_outbox" => {
            let before = argument::<Option<String>>(arguments, "before")?;
            give(station.counter_outbox(argument(arguments, "open")?, before.as_deref()))
        }
        "counter_ask_again" => give(station.counter_ask_again(&text("id")?)),
        "counter_export_aside" => give(station.counter_export_aside(&text("id")?)),
        "counter_reissue" => give(station.counter_reissue()),
        _ => Err(Problem::new("INPUT-REFUSED").with("why", format!("no use case {name}"))),
    }
}

fn argument<T: DeserializeOwned>(arguments: &Value, key: &str) -> Result<T, Problem> {
    let value = arguments.get(key).cloned().unwrap_or(Value::Null);
    serde_json::from_value(value)
        .map_err(|error| Problem::new("INPUT-REFUSED").with("why", format!("argument {key}: {error}")))
}

fn give<T: Serialize>(outcome: Result<T, Problem>) -> Result<Value, Problem> {
    let fault = |error: serde_json::Error| Problem::new("STATION-FAULT").with("why", error);
    outcome.and_then(|value| serde_json::to_value(value).map_err(fault))
}

/// The same, as one JSON object for the wire: `{"status":"ok","data":…}` or `{"status":"error","error":…}`.
pub fn answer(station: &Station, name: &str, arguments: &Value) -> Value {
    match call(station, name, arguments) {
        Ok(data) => json!({ "status": "ok", "data": data }),
        Err(error) => json!({ "status": "error", "error": error }),
    }
}
