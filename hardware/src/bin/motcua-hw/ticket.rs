//! A ticket to try a printer with.

use std::path::Path;

use hardware::{Align, Paper, TextSize};
use serde_json::{Map, Value};

/// Letters of a service that fit one large line.
const SHORT_SERVICE: usize = 18;

const FIELDS: [&str; 5] = ["number", "service", "ahead", "issued_at", "qr"];

/// What stands on it.
#[derive(Debug)]
pub struct Ticket {
    number: String,
    service: String,
    ahead: Option<u64>,
    issued_at: Option<String>,
    qr: Option<String>,
}

/// Why a file is no ticket. It names the field.
#[derive(Debug, thiserror::Error)]
pub enum TicketError {
    #[error("{0}")]
    File(#[from] std::io::Error),
    #[error("not JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error("not a JSON object with number, service, ahead, issued_at, qr")]
    NoObject,
    #[error("the field `{0}` is missing or empty")]
    Missing(&'static str),
    #[error("the field `{0}` must be {1}")]
    Wrong(&'static str, &'static str),
    #[error("the field `{0}` is not known; a ticket has number, service, ahead, issued_at, qr")]
    Strange(String),
}

impl Ticket {
    /// Reads a ticket. `number` and `service` must be there; what else is missing is left out on paper.
    pub fn read(path: &Path) -> Result<Self, TicketError> {
        match serde_json::from_slice(&std::fs::read(path)?)? {
            Value::Object(fields) => Self::from_fields(&fields),
            _ => Err(TicketError::NoObject),
        }
    }

    fn from_fields(fields: &Map<String, Value>) -> Result<Self, TicketError> {
        if let Some(strange) = fields.keys().find(|name| !FIELDS.contains(&name.as_str())) {
            return Err(TicketError::Strange(strange.clone()));
        }
        Ok(Self {
            number: text(fields, "number")?.ok_or(TicketError::Missing("number"))?,
            service: text(fields, "service")?.ok_or(TicketError::Missing("service"))?,
            ahead: count(fields, "ahead")?,
            issued_at: text(fields, "issued_at")?,
            qr: text(fields, "qr")?,
        })
    }

    /// The slip. A service of one short line stands large; a longer one smaller, so that a slow serial line carries the slip in a second and a half.
    pub fn paper(&self) -> Paper {
        let short = self.service.chars().count() <= SHORT_SERVICE && !self.service.contains('\n');
        let size = if short { TextSize::Large } else { TextSize::Small };
        let mut paper = Paper::new()
            .bold(&self.number, TextSize::Huge, Align::Center)
            .text(&self.service, size, Align::Center)
            .space(12);
        let ahead = self.ahead.map(|ahead| format!("Chờ trước: {ahead}"));
        let foot: Vec<&str> = ahead.iter().chain(&self.issued_at).map(String::as_str).collect();
        if !foot.is_empty() {
            paper = paper.text(&foot.join(" · "), TextSize::Small, Align::Center);
        }
        match &self.qr {
            Some(qr) => paper.qr(qr, 6),
            None => paper,
        }
    }
}

/// A text, or nothing where it is missing, null or empty. A number in its place is taken as it is written.
fn text(fields: &Map<String, Value>, name: &'static str) -> Result<Option<String>, TicketError> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.trim().is_empty())),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(_) => Err(TicketError::Wrong(name, "a text")),
    }
}

fn count(fields: &Map<String, Value>, name: &'static str) -> Result<Option<u64>, TicketError> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value.as_u64().map(Some).ok_or(TicketError::Wrong(name, "a whole number from 0")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Ticket, String> {
        let Value::Object(fields) = serde_json::from_str(text).unwrap() else { panic!("{text}") };
        Ticket::from_fields(&fields).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_wrong_is_named() {
        let check = |text: &str, named: &str| {
            let error = read(text).unwrap_err();
            assert!(error.contains(named), "{error}");
        };
        check(r#"{"service":"x"}"#, "`number` is missing");
        check(r#"{"number":"A1","service":""}"#, "`service` is missing or empty");
        check(r#"{"number":"A1","service":"x","ahead":-1}"#, "`ahead` must be");
        check(r#"{"number":"A1","service":["x"]}"#, "`service` must be a text");
        check(r#"{"number":"A1","service":"x","qrcode":"y"}"#, "`qrcode` is not known");
    }

    #[test]
    fn what_is_optional_is_left_out_on_paper() {
        let bare = read(r#"{"number":105,"service":"x","qr":null}"#).unwrap().paper();
        let full = read(r#"{"number":"105","service":"x","ahead":0,"issued_at":"08:15","qr":"A"}"#).unwrap().paper();
        assert_eq!((bare.blocks.len(), full.blocks.len()), (3, 5));
    }
}
