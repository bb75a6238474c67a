//! The QR code of a transfer (VietQR): an EMVCo merchant-presented payload for NAPAS's instant transfers, with its checksum.
//!
//! Source: NAPAS, "Đặc tả kỹ thuật QR Code trong chuyển nhanh NAPAS 24/7 qua tài khoản", whose two examples are the tests'
//! vectors; EMVCo, "QR Code Specification for Payment Systems, Merchant-Presented Mode", for tags and checksum.

use crate::fee::Dong;
use serde::{Deserialize, Serialize};

/// The account to which fees are transferred.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// The bank's six digits at NAPAS (BIN).
    pub bank: String,
    /// The account's number: up to 19 letters and digits.
    pub number: String,
    /// Whose it is, as a bank's app would show it.
    pub holder: String,
}

/// Why there is no code for a transfer.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TransferFault {
    /// A bank is six digits.
    #[error("not a bank's six digits: {0}")]
    Bank(String),
    /// An account is 1 to 19 letters and digits.
    #[error("not an account's number: {0}")]
    Number(String),
    /// Nothing, or less, cannot be transferred.
    #[error("{0} cannot be transferred")]
    Amount(Dong),
}

/// The purpose may be 25 characters long.
const PURPOSE: usize = 25;

/// The text of the QR code by which `amount` is transferred to `account`. What it is for is written without marks and
/// punctuation, as banks carry it, and cut at 25 characters.
///
/// # Errors
/// [`TransferFault`].
///
/// # Example
/// ```
/// use intake::{fee::Dong, vietqr::{Account, transfer}};
/// let account = Account { bank: "970403".into(), number: "0011012345678".into(), holder: "UBND".into() };
/// let code = transfer(&account, Dong(180_000), "H26.112.00-261123-0001").unwrap();
/// assert!(code.contains("540618000058"));
/// ```
pub fn transfer(account: &Account, amount: Dong, purpose: &str) -> Result<String, TransferFault> {
    if account.bank.len() != 6 || !account.bank.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(TransferFault::Bank(account.bank.clone()));
    }
    let fits = (1..=19).contains(&account.number.len()) && account.number.bytes().all(|c| c.is_ascii_alphanumeric());
    if !fits {
        return Err(TransferFault::Number(account.number.clone()));
    }
    if amount.0 <= 0 || amount.0 > 9_999_999_999_999 {
        return Err(TransferFault::Amount(amount));
    }
    let beneficiary = field("00", &account.bank) + &field("01", &account.number);
    let napas = field("00", "A000000727") + &field("01", &beneficiary) + &field("02", "QRIBFTTA");
    let mut payload = [
        field("00", "01"),
        field("01", "12"),
        field("38", &napas),
        field("53", "704"),
        field("54", &amount.0.to_string()),
        field("58", "VN"),
    ]
    .concat();
    let purpose = plain(purpose);
    if !purpose.is_empty() {
        payload += &field("62", &field("08", &purpose));
    }
    Ok(checked(payload))
}

/// Letters, digits, blanks, dots and hyphens, without marks.
fn plain(purpose: &str) -> String {
    let bare: String = purpose.split(' ').map(bare_word).collect::<Vec<_>>().join(" ");
    bare.chars().take(PURPOSE).collect::<String>().trim().to_owned()
}

fn bare_word(word: &str) -> String {
    let keep = |c: &char| c.is_ascii_alphanumeric() || ".-".contains(*c);
    // Letters of other scripts have no plain form, and are left out.
    let bare = if word.is_ascii() { word.to_owned() } else { crate::words::search_key(word).replace(' ', "-") };
    bare.chars().filter(keep).collect()
}

fn field(tag: &str, value: &str) -> String {
    format!("{tag}{:02}{value}", value.len())
}

fn checked(payload: String) -> String {
    let begun = payload + "6304";
    let sum = crc16(begun.as_bytes());
    format!("{begun}{sum:04X}")
}

/// CRC-16 with the polynomial 0x1021 and the start 0xFFFF (EMVCo; ISO/IEC 13239 as "CCITT-FALSE").
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |sum: u16, byte| {
        (0..8)
            .fold(sum ^ (u16::from(*byte) << 8), |sum, _| if sum & 0x8000 == 0 { sum << 1 } else { sum << 1 ^ 0x1021 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn account() -> Account {
        Account { bank: "970403".into(), number: "0011012345678".into(), holder: "UBND".into() }
    }

    #[test]
    fn the_checksum_is_that_of_napas_examples() {
        assert_eq!(crc16(b"123456789"), 0x29B1, "the check value of the algorithm's catalogue entry");
        let still = "00020101021138570010A00000072701270006970403011300110123456780208QRIBFTTA53037045802VN";
        assert_eq!(checked(still.into()), format!("{still}63049E6F"));
        let order = "00020101021238570010A00000072701270006970403011300110123456780208QRIBFTTA530370454061800005802VN62340107NPS68690819thanh toan don hang";
        assert_eq!(checked(order.into()), format!("{order}63042E2E"));
    }

    #[test]
    fn a_transfer_is_the_example_with_our_purpose() {
        let code = transfer(&account(), Dong(180_000), "thanh toan don hang").unwrap();
        let begun = "00020101021238570010A00000072701270006970403011300110123456780208QRIBFTTA530370454061800005802VN62230819thanh toan don hang6304";
        assert_eq!(&code[..code.len() - 4], begun);
    }

    #[test]
    fn what_banks_cannot_carry_is_left_out() {
        assert_eq!(plain("H26.112.00-261123-0001"), "H26.112.00-261123-0001");
        assert_eq!(plain("Lệ phí hộ tịch: Đặng Thuỳ Trâm & con"), "le phi ho tich dang thuy");
        assert_eq!(plain("TẠM-K2-7F3QXM-0007"), "tam-k2-7f3qxm-0007");
    }

    #[test]
    fn what_is_no_account_and_no_amount_is_named() {
        let with =
            |bank: &str, number: &str| Account { bank: bank.into(), number: number.into(), holder: String::new() };
        assert!(matches!(transfer(&with("97040", "1"), Dong(1), ""), Err(TransferFault::Bank(_))));
        assert!(matches!(transfer(&with("970403", "12 34"), Dong(1), ""), Err(TransferFault::Number(_))));
        assert!(matches!(transfer(&with("970403", ""), Dong(1), ""), Err(TransferFault::Number(_))));
        assert_eq!(transfer(&account(), Dong(0), ""), Err(TransferFault::Amount(Dong(0))));
    }

    /// Reads tags back, as a bank's app does; none where the lengths do not add up.
    fn tags(mut text: &str) -> Option<Vec<(String, String)>> {
        let mut found = Vec::new();
        while !text.is_empty() {
            let length: usize = text.get(2..4)?.parse().ok()?;
            found.push((text.get(..2)?.to_owned(), text.get(4..4 + length)?.to_owned()));
            text = &text[4 + length..];
        }
        Some(found)
    }

    proptest! {
        #[test]
        fn every_code_is_read_back(amount in 1..10_000_000_000_i64, purpose in "\\PC{0,60}") {
            let code = transfer(&account(), Dong(amount), &purpose).unwrap();
            let tags = tags(&code).unwrap();
            let value = |tag: &str| tags.iter().find(|(known, _)| known == tag).map(|(_, value)| value.clone());
            prop_assert_eq!(value("54"), Some(amount.to_string()));
            prop_assert_eq!(value("63"), Some(format!("{:04X}", crc16(&code.as_bytes()[..code.len() - 4]))));
            prop_assert!(code.is_ascii(), "{}", code);
        }
    }
}
