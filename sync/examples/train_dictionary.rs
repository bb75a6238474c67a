//! Trains the compression dictionaries for sealed parts and carried events from synthetic records.
//!
//!     cargo run --release -p sync --example train_dictionary -- 1 sync/src/records-1.dict
//!     cargo run --release -p sync --example train_dictionary -- 2 sync/src/records-2.dict
//!
//! The first knows what a kiosk seals and what goes on paper; the second also what is written of dossiers, in the words of the
//! catalogue's procedures. They never change: what was packed with one must stay readable. A better one gets the next number.

use intake::catalogue::Catalogue;
use intake::event::{Hlc, Scope, Subject};
use intake::fact::{Fact, TicketIssued};
use intake::ids::{EventId, Incarnation, IntentId, JobId, OfficerId, ProcedureCode, StationId, VisitId};
use intake::moment::Moment;
use intake::person::{Account, Contact, Evidence, Identity, Personal};
use intake::queue::TicketNumber;
use serde_json::{Value, json};
use sync::record::Record;
use sync::wire::to_cbor;
use uuid::Uuid;

const SAMPLES: u64 = 6_000;
const DOSSIERS: u64 = 12_000;

const FAMILIES: [&str; 14] =
    ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô"];
const MIDDLES: [&str; 12] =
    ["Thị", "Văn", "Thị Thu", "Đức", "Minh", "Ngọc", "Thanh", "Hữu", "Quang", "Thị Ngọc", "Xuân", "Thị Phương"];
const GIVEN: [&str; 20] = [
    "Anh", "Bình", "Chi", "Dũng", "Giang", "Hà", "Hải", "Hằng", "Hùng", "Hương", "Lan", "Linh", "Long", "Mai", "Nam",
    "Phương", "Quân", "Thảo", "Trang", "Tuấn",
];
const STREETS: [&str; 12] = [
    "Hàng Bông",
    "Đội Cấn",
    "Cầu Giấy",
    "Láng Hạ",
    "Nguyễn Trãi",
    "Giải Phóng",
    "Kim Mã",
    "Tây Sơn",
    "Bạch Mai",
    "Thụy Khuê",
    "Lạc Long Quân",
    "Minh Khai",
];
const WARDS: [&str; 12] = [
    "Hoàn Kiếm",
    "Ba Đình",
    "Cầu Giấy",
    "Đống Đa",
    "Hai Bà Trưng",
    "Tây Hồ",
    "Thanh Xuân",
    "Hoàng Mai",
    "Hà Đông",
    "Long Biên",
    "Từ Liêm",
    "Hồng Hà",
];

/// A small generator (xorshift), so that the samples are the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len() as u64) as usize]
    }
    fn uuid(&mut self) -> Uuid {
        Uuid::from_u64_pair(self.below(u64::MAX), self.below(u64::MAX))
    }
}

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [number, file] = arguments.as_slice() else {
        return Err(std::io::Error::other("which one, and into which file?"));
    };
    let mut chance = Chance(0x9E37_79B9_7F4A_7C15);
    let mut samples: Vec<Vec<u8>> = (0..SAMPLES).map(|at| sample(at, &mut chance)).collect();
    let mut size_bytes = 8 << 10;
    if number == "2" {
        let catalogue = Catalogue::embedded().map_err(std::io::Error::other)?;
        samples.extend((0..DOSSIERS).map(|_| dossier(&catalogue, &mut chance)));
        size_bytes = 64 << 10;
    }
    std::fs::write(file, zstd::dict::from_samples(&samples, size_bytes)?)
}

/// What is written of a dossier: who hands in, which papers, and what was done when and by whom.
fn dossier(catalogue: &Catalogue, chance: &mut Chance) -> Vec<u8> {
    let procedures = catalogue.procedures();
    let procedure = &procedures[chance.below(procedures.len() as u64) as usize];
    let papers: Vec<Value> = procedure
        .papers
        .value()
        .into_iter()
        .flatten()
        .map(|paper| json!({ "giay_to": paper.name_vi, "ban_chinh": 1, "ban_sao": chance.below(3), "trang": 1 + chance.below(9) }))
        .collect();
    let steps: Vec<Value> = (0..1 + chance.below(9))
        .map(|step| {
            let (day, hour, minute, second) =
                (1 + chance.below(28), 7 + chance.below(10), chance.below(60), chance.below(60));
            json!({
                "buoc": step,
                "luc": format!("2026-{:02}-{day:02}T{hour:02}:{minute:02}:{second:02}+07:00", 1 + chance.below(12)),
                "can_bo": format!("{} {}", chance.one(&FAMILIES), chance.one(&GIVEN)),
                "viec": procedure.name_vi,
                "ghi_chu": format!("{} phố {}, điện thoại 09{:08}", 1 + chance.below(300), chance.one(&STREETS), chance.below(100_000_000)),
            })
        })
        .collect();
    let person = identity(chance);
    let text = json!({
        "thu_tuc": procedure.code,
        "ten_thu_tuc": procedure.name_vi,
        "nguoi_nop": { "so_dinh_danh": person.number, "ho_ten": person.name, "ngay_sinh": person.birth, "noi_cu_tru": person.residence },
        "giay_to": papers,
        "qua_trinh": steps,
    });
    to_cbor(&Personal { identity: Some(person), note: Some(text.to_string()), ..Personal::default() })
}

fn sample(at: u64, chance: &mut Chance) -> Vec<u8> {
    match at % 8 {
        0 => to_cbor(&Personal { account: Some(account(chance)), ..Personal::default() }),
        1 | 2 => ticket(chance),
        3 => {
            let phone = format!("09{:08}", chance.below(100_000_000));
            let contact = Some(Contact { phone, ..Contact::default() });
            to_cbor(&Personal { identity: Some(identity(chance)), contact, ..Personal::default() })
        }
        _ => to_cbor(&Personal { identity: Some(identity(chance)), ..Personal::default() }),
    }
}

fn name(chance: &mut Chance) -> String {
    format!("{} {} {}", chance.one(&FAMILIES), chance.one(&MIDDLES), chance.one(&GIVEN))
}

fn identity(chance: &mut Chance) -> Identity {
    let (house, street, ward) = (1 + chance.below(300), chance.one(&STREETS), chance.one(&WARDS));
    let (year, month, day) = (1940 + chance.below(70), 1 + chance.below(12), 1 + chance.below(28));
    Identity {
        number: format!("001{}{:02}{:06}", chance.below(4), year % 100, chance.below(1_000_000)),
        old_number: (chance.below(3) == 0).then(|| format!("01{:07}", chance.below(10_000_000))),
        name: name(chance),
        birth: format!("{year}-{month:02}-{day:02}"),
        sex: chance.one(&["Nam", "Nữ"]).to_owned(),
        residence: format!("Số {house} Phố {street}, {ward}, Hà Nội"),
        issued: Some(format!("202{}-{month:02}-{day:02}", 1 + chance.below(5))),
        extra: Vec::new(),
        evidence: if chance.below(4) == 0 { Evidence::Typed } else { Evidence::Qr },
        warnings: Vec::new(),
    }
}

fn account(chance: &mut Chance) -> Account {
    let hash: String = (0..43).map(|_| char::from(b'a' + chance.below(26) as u8)).collect();
    Account {
        officer: OfficerId::new(format!("canbo{}", chance.below(200))),
        name: name(chance),
        pin_hash: format!("$argon2id$v=19$m=19456,t=2,p=1${}${hash}", &hash[..22]),
    }
}

/// A ticket as it goes on paper, without its sealed part.
fn ticket(chance: &mut Chance) -> Vec<u8> {
    let at = Moment(1_790_000_000_000 + chance.below(31_536_000_000) as i64);
    let issued = TicketIssued {
        intent: IntentId(chance.uuid()),
        number: TicketNumber {
            prefix: chance.one(&["A", "B", "C", "D"]).to_owned(),
            sequence: 1 + chance.below(400) as u32,
        },
        day: at.day(),
        procedure: ProcedureCode::new(chance.one(&["1.004873", "2.000815", "1.001193", "1.004222", "2.000635"])),
        priority: None,
        language: "vi".into(),
        at,
        job: JobId(chance.uuid()),
    };
    let fact = Fact::from(issued);
    let record = Record {
        id: EventId(chance.uuid()),
        at: Hlc::tick(Hlc::default(), at),
        station: StationId(chance.uuid()),
        incarnation: Incarnation(chance.uuid()),
        officer: None,
        subject: Subject::Visit(VisitId(chance.uuid())),
        scopes: vec![Scope(format!("site:{:05}", chance.below(700)))],
        kind: fact.kind().to_owned(),
        body: fact.encode(),
        sealed: None,
    };
    record.encode()
}
