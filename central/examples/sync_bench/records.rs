//! The records: made from the catalogue's procedures, all of different persons, papers and steps.

use crate::house::now;
use intake::catalogue::Catalogue;
use intake::event::{Draft, Scope, Subject};
use intake::fact::{CodeGiven, DossierAccepted};
use intake::ids::{DossierId, IntentId, SiteCode, VisitId};
use intake::person::{Evidence, Identity, Personal};
use serde_json::{Value, json};
use uuid::Uuid;

const FAMILY: [&str; 12] = ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Phan", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô"];
const MIDDLE: [&str; 10] = ["Thị", "Văn", "Đức", "Minh", "Thu", "Hữu", "Ngọc", "Quang", "Thanh", "Xuân"];
const GIVEN: [&str; 14] =
    ["Anh", "Bình", "Châu", "Dũng", "Giang", "Hà", "Hùng", "Lan", "Mai", "Nam", "Oanh", "Phúc", "Thảo", "Yến"];
const STREET: [&str; 8] =
    ["Hàng Trống", "Đội Cấn", "Kim Mã", "Láng Hạ", "Bạch Mai", "Tây Sơn", "Xuân Thủy", "Nguyễn Trãi"];

fn pick<'a>(from: &[&'a str], number: u64) -> &'a str {
    from[(number % from.len() as u64) as usize]
}

/// A well-mixed number of a record (splitmix64), so that records differ as real ones do.
pub fn mixed(number: u64) -> u64 {
    let state = number.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(0xD1B5_4A32_D192_ED03);
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB)
}

pub fn identity(number: u64) -> Identity {
    let dice = mixed(number);
    Identity {
        number: format!("001{:09}", dice % 1_000_000_000),
        old_number: Some(format!("01{:07}", dice / 7 % 10_000_000)),
        name: format!("{} {} {}", pick(&FAMILY, dice), pick(&MIDDLE, dice / 12), pick(&GIVEN, dice / 120)),
        birth: format!("{}-{:02}-{:02}", 1950 + dice % 55, 1 + dice / 55 % 12, 1 + dice / 660 % 28),
        sex: if dice.is_multiple_of(2) { "Nam" } else { "Nữ" }.into(),
        residence: format!("Số {} phố {}, Hà Nội", 1 + dice / 3 % 300, pick(&STREET, dice / 5)),
        issued: Some(format!("2021-{:02}-{:02}", 1 + dice / 9 % 12, 1 + dice / 11 % 28)),
        extra: vec![],
        evidence: Evidence::Qr,
        warnings: vec![],
    }
}

/// What is written of a dossier in words: what the catalogue says of its procedure, filled up to about 3 KB as JSON.
pub fn words(catalogue: &Catalogue, number: u64) -> Value {
    let procedures = catalogue.procedures();
    let procedure = &procedures[(mixed(number) % procedures.len() as u64) as usize];
    let papers: Vec<Value> = procedure
        .papers
        .value()
        .into_iter()
        .flatten()
        .map(|paper| json!({ "giay_to": paper.name_vi, "ban_chinh": 1, "ban_sao": 0, "trang": 1 + mixed(number) % 9 }))
        .collect();
    let person = identity(number);
    let history: Vec<Value> = (0..)
        .map(|step| {
            let dice = mixed(number * 31 + step);
            json!({
                "buoc": step,
                "luc": format!("2026-11-{:02}T{:02}:{:02}:{:02}+07:00", 1 + dice % 28, 7 + dice / 28 % 10, dice / 280 % 60, dice / 16_800 % 60),
                "can_bo": format!("{} {}", pick(&FAMILY, dice / 3), pick(&GIVEN, dice / 5)),
                "viec": procedure.name_vi,
                "ghi_chu": format!("{} phố {}, điện thoại 09{:08}", 1 + dice / 3 % 300, pick(&STREET, dice / 9), dice / 7 % 100_000_000),
            })
        })
        .scan(0_usize, |size, step| {
            *size += step.to_string().len();
            (*size < 2_000).then_some(step)
        })
        .collect();
    json!({
        "thu_tuc": procedure.code,
        "ten_thu_tuc": procedure.name_vi,
        "nguoi_nop": { "so_dinh_danh": person.number, "ho_ten": person.name, "ngay_sinh": person.birth, "noi_cu_tru": person.residence },
        "giay_to": papers,
        "qua_trinh": history,
    })
}

/// A dossier of the first site that carries the same words.
pub fn draft(catalogue: &Catalogue, number: u64) -> Draft {
    draft_at(catalogue, number, &"00004".into())
}

/// The same, of any site.
pub fn draft_at(catalogue: &Catalogue, number: u64, site: &SiteCode) -> Draft {
    let accepted = DossierAccepted {
        intent: IntentId(Uuid::now_v7()),
        visit: VisitId(Uuid::now_v7()),
        procedure: "1.004873".into(),
        agency: "H26.112.00".into(),
        site: site.clone(),
        desk: "3".into(),
        code: CodeGiven::Temporary { code: format!("TẠM-Q3-{number}") },
        papers: vec![],
        sets: 1,
        at: now(),
        due: None,
        calendar: "hanoi".into(),
        fee: None,
        fee_paid: false,
        slip: None,
        registered: false,
        authority: None,
    };
    // All the words are personal here, and so are sealed: nothing is left out that the peer carries.
    let personal = Personal {
        identity: Some(identity(number)),
        note: Some(words(catalogue, number).to_string()),
        ..Personal::default()
    };
    Draft {
        subject: Subject::Dossier(DossierId(Uuid::now_v7())),
        fact: accepted.into(),
        personal: Some(personal),
        scopes: vec![Scope::site(site)],
    }
}
