//! Fees worked out by hand (fixtures/fees/cases.csv) against the shipped catalogue.

use intake::catalogue::Catalogue;
use intake::fee::{Channel, Dong, FeeAsk, FeeQuote};
use intake::ids::ProcedureCode;
use jiff::civil::Date;
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    procedure: ProcedureCode,
    day: Date,
    channel: Channel,
    case: Option<String>,
    pages: Option<u32>,
    copies: Option<u32>,
    expected: String,
}

#[test]
fn fees_are_as_worked_out_by_hand() {
    let catalogue = Catalogue::embedded().unwrap();
    let mut cases = csv::Reader::from_reader(include_bytes!("../../../fixtures/fees/cases.csv").as_slice());
    let mut count = 0;
    for (line, case) in cases.deserialize::<Case>().enumerate() {
        let case = case.unwrap();
        let fee = catalogue.get(&case.procedure).unwrap().fee.value().unwrap();
        let quote = fee.quote(FeeAsk {
            day: case.day,
            channel: case.channel,
            case: case.case.as_deref(),
            pages: case.pages,
            copies: case.copies,
        });
        assert_eq!(quote, expected(&case.expected), "line {}", line + 2);
        count += 1;
    }
    assert!(count > 25);
}

fn expected(text: &str) -> FeeQuote {
    match text {
        "needs_pages" => FeeQuote::NeedsPages,
        "needs_copies" => FeeQuote::NeedsCopies,
        "no_rate" => FeeQuote::NoRate,
        amount => FeeQuote::Amount(Dong(amount.parse().unwrap())),
    }
}
