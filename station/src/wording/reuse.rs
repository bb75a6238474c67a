//! Papers that are used again, in words.

use crate::api::Text;
use intake::fact::Reused;
use intake::reuse::{Digitised, Until};

/// Until when a paper is good.
pub(crate) fn until(until: Until) -> Text {
    let shown = |day: jiff::civil::Date| day.strftime("%d/%m/%Y").to_string();
    match until {
        Until::Unlimited => Text::both("không thời hạn", "no limit"),
        Until::Day(day) => Text::both(format!("đến hết {}", shown(day)), format!("until {}", shown(day))),
        Until::AtLatest(day) => Text::both(
            format!("muộn nhất đến {}, xem ngày cấp trên giấy", shown(day)),
            format!("until {} at the latest; see the paper's own date", shown(day)),
        ),
        Until::Unknown => Text::both("chưa rõ thời hạn, xem trên giấy", "limit not known; see the paper"),
    }
}

/// How far a paper is digitised.
pub(crate) fn digitised(digitised: Digitised) -> Text {
    let (vi, en) = match digitised {
        Digitised::Not => ("chưa số hóa", "not digitised"),
        Digitised::New => ("đã số hóa", "digitised"),
        Digitised::Reused => ("tái sử dụng", "reused"),
        Digitised::ReusedFromResult => ("tái sử dụng từ kết quả", "reused from a result"),
    };
    Text::both(vi, en)
}

/// The short note beside a reused paper on a printed form.
pub(crate) fn reused(reused: &Reused) -> String {
    let what = if reused.result { Digitised::ReusedFromResult } else { Digitised::Reused };
    format!("{}, hồ sơ {}", digitised(what).vi, reused.code)
}
