//! The technician's tool, as a person runs it.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use hardware::emulator::{EmulatedPrinter, Faults, LineSpec, PrinterModel};
use serde_json::Value;

pub const TOOL: &str = env!("CARGO_BIN_EXE_motcua-hw");

/// The journal of jobs of all tests here, which is not the one of whoever runs them.
fn state() -> &'static std::path::Path {
    static STATE: std::sync::LazyLock<tempfile::TempDir> = std::sync::LazyLock::new(|| tempfile::tempdir().unwrap());
    STATE.path()
}

/// Runs the tool; its exit code and its answer.
pub fn run(arguments: &[&str]) -> (i32, Value) {
    let output = Command::new(TOOL).args(arguments).env("MOTCUA_HW_STATE", state()).output().unwrap();
    let answer =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| String::from_utf8_lossy(&output.stdout).into());
    (output.status.code().unwrap(), answer)
}

/// A tool that is an emulated device; ended when dropped.
pub struct Emulator {
    child: Child,
    stdin: ChildStdin,
    answers: BufReader<ChildStdout>,
    pub address: String,
}

impl Emulator {
    pub fn start(arguments: &[&str]) -> Self {
        let mut emulator = Self::run(arguments);
        emulator.address = emulator.next()["address"].as_str().unwrap().to_owned();
        emulator
    }

    /// A card, once it has said what opens it.
    pub fn start_card(arguments: &[&str]) -> Self {
        let mut emulator = Self::run(&[&["card"], arguments].concat());
        assert_eq!(emulator.next()["can"], "000123");
        emulator
    }

    fn run(arguments: &[&str]) -> Self {
        let mut command = Command::new(TOOL);
        command.arg("emulate").args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Self { child, stdin, answers: BufReader::new(stdout), address: String::new() }
    }

    pub fn next(&mut self) -> Value {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    pub fn tell(&mut self, text: &str) {
        writeln!(self.stdin, "{text}").unwrap();
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ticket(folder: &std::path::Path) -> String {
    let path = folder.join("ticket.json");
    let text = r#"{"number":"A105","service":"Chứng thực","ahead":4,"issued_at":"08:15 23/11/2026","qr":"A105"}"#;
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_ticket_is_printed_and_every_exit_code_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (ticket, out) = (ticket(folder.path()), folder.path().join("slips"));
    let mut far = Emulator::start(&["printer", "--listen", "tcp:127.0.0.1:0", "--out", out.to_str().unwrap()]);
    let address = far.address.clone();
    let (code, report) = run(&["print", &address, "--ticket", &ticket, "--job", "42"]);
    assert_eq!((code, &report["outcome"], &report["job"]), (0, &"Confirmed".into(), &"42".into()), "{report}");
    assert_eq!(
        (&report["known_by"], &report["cause"], &report["repeated"]),
        (&"process_id".into(), &Value::Null, &false.into())
    );
    assert_eq!(far.next()["slip"]["number"], 1);
    assert!(std::fs::metadata(out.join("slip-1.png")).unwrap().len() > 500);
    assert_eq!(run(&["status", &address]).0, 0);
    far.tell("cover open");
    crate::eventually("the cover is open", || (run(&["status", &address]).0 == 3).then_some(()));
    let (code, report) = run(&["print", &address, "--ticket", &ticket]);
    assert_eq!((code, &report["outcome"], &report["cause"]), (3, &"NotPrinted".into(), &"PRINT-COVER-OPEN".into()));
    let (code, status) = run(&["status", &address]);
    assert_eq!((code, &status["state"], &status["known"]), (3, &"blocked".into(), &"reported".into()));
    assert_eq!(status["causes"][0]["code"], "PRINT-COVER-OPEN");
    assert!(status["causes"][0]["next"]["vi"].as_str().unwrap().len() > 5 && status["since"].is_string());
    let (code, status) = run(&["status", "tcp:127.0.0.1:1"]);
    assert_eq!((code, &status["state"], &status["known"]), (3, &"absent".into(), &"inferred".into()));
    assert_eq!(status["causes"][0]["code"], "PRINT-ABSENT");
    let (code, report) = run(&["print", "tcp:127.0.0.1:1", "--ticket", &ticket]);
    assert_eq!((code, &report["outcome"], &report["cause"]), (3, &"NotPrinted".into(), &"PRINT-ABSENT".into()));
    let file = format!("file:{}", folder.path().join("lp0").display());
    assert_eq!(run(&["print", &file, "--profile", "write-only-80mm", "--ticket", &ticket]).0, 5);
    assert_eq!(run(&["print", &address, "--ticket", "/nowhere"]).0, 1);
    assert_eq!(run(&["print", "lpt:1", "--ticket", &ticket]).0, 2);
}

#[test]
fn a_line_that_fails_on_demand_leaves_the_outcome_unknown() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("ttyTICKET");
    let far = Emulator::start(&["printer", "--pty", link.to_str().unwrap(), "--fail-at", "400"]);
    let (code, report) = run(&["print", &far.address, "--ticket", &ticket(folder.path())]);
    assert_eq!(
        (code, &report["outcome"], &report["cause"]),
        (4, &"Unknown".into(), &"PRINT-LINE-LOST".into()),
        "{report}"
    );
    assert!(report["bytes_sent"].as_u64().unwrap() > 0 && report["job"].as_str().unwrap().len() == 36, "{report}");
}

#[test]
fn a_card_is_scanned_and_shown_whole_or_masked() {
    const CARD: &str = "001199000123|012345678|Nguyễn Thị Mẫu|15021999|Nữ|Số 1 Phố Mẫu, Hà Nội|10052021";
    let mut far = Emulator::start(&["scanner", "--listen", "tcp:127.0.0.1:0"]);
    assert_eq!(run(&["scan", &far.address, "--timeout-ms", "1"]).0, 6);
    far.tell(CARD);
    let (code, answer) = run(&["scan", &far.address, "--timeout-ms", "10000"]);
    assert_eq!(code, 0, "{answer}");
    let shown = ["number", "name", "birth", "sex", "issued", "evidence"].map(|field| answer[field].as_str().unwrap());
    assert_eq!(shown, ["001199000123", "Nguyễn Thị Mẫu", "1999-02-15", "female", "2021-05-10", "qr_only"]);
    far.tell(CARD);
    let (code, answer) = run(&["scan", &far.address, "--timeout-ms", "10000", "--masked"]);
    assert_eq!((code, &answer["number"]), (0, &"001•••••0123".into()), "{answer}");
    assert!(!answer.to_string().contains("Mẫu"));
    far.tell("HELLO");
    let (_, answer) = run(&["scan", &far.address, "--timeout-ms", "10000"]);
    assert_eq!(answer["card_error"], "CARD-QR-NOT-ID");
}

#[test]
fn a_station_is_ready_when_what_it_requires_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("station.toml");
    let mut far = Emulator::start(&["printer", "--listen", "tcp:127.0.0.1:0"]);
    let board = Emulator::start(&["board", "--listen", "tcp:127.0.0.1:0"]);
    let (printer, board_at) = (far.address.clone(), board.address.clone());
    let write = |scanner_required: bool| {
        let text = format!(
            "[[device]]\nid = \"printer\"\nkind = \"ticket_printer\"\naddress = \"{}\"\nrequired = true\n\
             [[device]]\nid = \"board\"\nkind = \"board\"\naddress = \"{}\"\nrequired = true\n\
             [[device]]\nid = \"qr\"\nkind = \"card_scanner\"\naddress = \"tcp:127.0.0.1:1\"\nrequired = {scanner_required}\n",
            printer, board_at
        );
        std::fs::write(&file, text).unwrap();
    };
    let selftest = ["selftest", "--json", "--station", file.to_str().unwrap()];
    write(false);
    let (code, report) = run(&selftest);
    assert_eq!((code, &report["ready"]), (0, &true.into()), "{report}");
    assert_eq!(far.next()["slip"]["number"], 1, "the test slip came out");
    let ready: Vec<_> = report["devices"].as_array().unwrap().iter().map(|device| device["ready"] == true).collect();
    assert_eq!(ready, [true, true, false]);
    assert_eq!(report["devices"][2]["status"]["causes"][0]["code"], "SCAN-ABSENT");
    assert!(report["devices"][2]["next"]["vi"].as_str().unwrap().contains("máy quét"));
    write(true);
    let (code, report) = run(&[&selftest[..], &["--no-print"]].concat());
    assert_eq!((code, &report["lacking"]), (3, &serde_json::json!(["qr"])));
    std::fs::write(&file, "[[device]]\nid = \"printer\"\nkind = \"ticket_printer\"\n").unwrap();
    let (code, report) = run(&selftest);
    assert_eq!(code, 1);
    assert!(report["error"].as_str().unwrap().contains("line 1: ticket_printer `printer` has no address"), "{report}");
    let text = Command::new(TOOL).args(["selftest", "--no-print", &far.address]).output().unwrap();
    assert!(String::from_utf8(text.stdout).unwrap().ends_with("READY\n"));
}

#[test]
fn a_technician_is_told_what_to_do_next() {
    let (code, answer) = run(&["scan", "tcp:127.0.0.1:1", "--timeout-ms", "1"]);
    assert_eq!((code, &answer["fault"]), (3, &"SCAN-ABSENT".into()), "{answer}");
    assert!(answer["next"]["vi"].as_str().unwrap().contains("máy quét"), "{answer}");
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(TOOL).arg("selftest").current_dir(folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stdout).unwrap().contains("--station FILE"));
}

#[test]
fn a_ticket_with_three_lines_is_on_a_slow_line_in_a_second_and_a_half() {
    let folder = tempfile::tempdir().unwrap();
    let (link, file) = (folder.path().join("ttyTICKET"), folder.path().join("ticket.json"));
    let ticket = serde_json::json!({
        "number": "A105", "service": "Chứng thực chữ ký, bản sao\nĐăng ký khai sinh lưu động\nCấp giấy xác nhận hôn nhân",
        "ahead": 4, "issued_at": "08:15 23/11/2026", "qr": "MC1:ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGHIJKLMNOPQRST",
    });
    std::fs::write(&file, ticket.to_string()).unwrap();
    let _far = Emulator::start(&["printer", "--pty", link.to_str().unwrap()]);
    let address = format!("serial:{}?baud=19200", link.display());
    let (code, report) = run(&["print", &address, "--profile", "generic-80mm", "--ticket", file.to_str().unwrap()]);
    assert_eq!((code, &report["outcome"]), (0, &"Confirmed".into()), "{report}");
    let bytes = report["bytes"].as_u64().unwrap();
    assert!(bytes <= 2_900, "{bytes} bytes take {} s", bytes as f64 * 10.0 / 19_200.0);
}

#[test]
fn every_kind_of_device_is_looked_at_and_what_is_missing_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let display = Emulator::start(&["display", "--listen", "tcp:127.0.0.1:0"]);
    let pad = Emulator::start(&["pad", "--listen", "tcp:127.0.0.1:0"]);
    let here = format!("file:{}", folder.path().display());
    std::fs::create_dir(folder.path().join("receipts")).unwrap();
    let mut text = String::new();
    for (id, kind, address) in [
        ("display", "display", display.address.as_str()),
        ("pad", "rating_pad", &pad.address),
        ("papers", "document_scanner", &here),
        ("receipts", "document_printer", &format!("{here}/receipts")),
        ("no-display", "display", "tcp:127.0.0.1:1"),
        ("no-pad", "rating_pad", "serial:/nowhere/pad"),
        ("no-papers", "document_scanner", "file:/nowhere/papers"),
        ("no-receipts", "document_printer", "file:/nowhere/receipts"),
        ("no-chip", "chip_reader", "tcp:127.0.0.1:2"),
    ] {
        text += &format!("[[device]]\nid = \"{id}\"\nkind = \"{kind}\"\naddress = \"{address}\"\n");
    }
    let file = folder.path().join("station.toml");
    std::fs::write(&file, text).unwrap();
    let (code, report) = run(&["selftest", "--json", "--station", file.to_str().unwrap()]);
    assert_eq!(code, 0, "nothing is required: {report}");
    for device in report["devices"].as_array().unwrap() {
        let (id, cause) = (device["id"].as_str().unwrap(), device["status"]["causes"][0]["code"].as_str());
        assert_eq!(device["ready"], !id.starts_with("no-"), "{device}");
        assert_eq!(cause.is_some_and(|code| code.ends_with("ABSENT")), id.starts_with("no-"), "{device}");
    }
}

#[test]
fn help_teaches_and_list_lists() {
    let output = Command::new(TOOL).arg("--help").output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    for word in ["Examples:", "motcua-hw print", "Exit codes:", "emulate"] {
        assert!(help.contains(word), "{word}");
    }
    let (code, answer) = run(&["list", "--json"]);
    assert_eq!(code, 0);
    assert!(answer["printer_profiles"].as_array().unwrap().contains(&"generic-80mm".into()));
}

#[test]
fn the_same_job_run_twice_prints_once_and_a_copy_says_so() {
    let (folder, journal) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let ticket = ticket(folder.path());
    let far = EmulatedPrinter::start(&LineSpec::free_port(), PrinterModel::default(), None).unwrap();
    let (address, journal) = (far.line().address().to_string(), journal.path().to_str().unwrap());
    let print = |more: &[&str]| run(&[&["print", &address, "--ticket", &ticket, "--journal", journal], more].concat());
    let (code, first) = print(&["--job", "phiếu A105"]);
    assert_eq!((code, &first["repeated"], &first["job"]), (0, &false.into(), &"phiếu A105".into()), "{first}");
    let (code, again) = print(&["--job", "phiếu A105"]);
    assert_eq!((code, &again["repeated"], &again["outcome"]), (0, &true.into(), &"Confirmed".into()), "{again}");
    assert_eq!((&again["job_id"], far.pages().len()), (&first["job_id"], 1));
    let (code, copy) = print(&["--copy-of", "phiếu A105"]);
    assert_eq!((code, &copy["copy_of"], far.pages().len()), (0, &first["job_id"], 2), "{copy}");
    std::fs::write(&ticket, r#"{"number":"A106","service":"Chứng thực"}"#).unwrap();
    let (code, changed) = print(&["--job", "phiếu A105"]);
    assert_eq!((code, &changed["cause"]), (3, &"PRINT-JOB-CHANGED".into()), "{changed}");
    let (code, listed) = run(&["jobs", "--journal", journal]);
    assert_eq!((code, listed["jobs"].as_array().unwrap().len()), (0, 2), "{listed}");
    assert_eq!(listed["jobs"][0]["outcome"], "Confirmed");
    std::fs::write(&ticket, r#"{"service":"Chứng thực"}"#).unwrap();
    let (code, wrong) = print(&[]);
    assert!(code == 1 && wrong["error"].as_str().unwrap().contains("`number`"), "{wrong}");
}

#[test]
fn a_program_killed_in_the_midst_of_printing_leaves_a_doubt_and_no_second_slip() {
    let (folder, journal) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (ticket, journal) = (ticket(folder.path()), journal.path().to_str().unwrap());
    let far = EmulatedPrinter::start(&LineSpec::free_port(), PrinterModel::default(), None).unwrap();
    let address = far.line().address().to_string();
    let print = ["print", &address, "--ticket", &ticket, "--journal", journal, "--job", "7"];
    far.line().set_faults(Faults { bytes_per_second: Some(2000), ..Faults::default() });
    let mut child = Command::new(TOOL).args(print).stdout(Stdio::null()).spawn().unwrap();
    let listed = || run(&["jobs", "--journal", journal]).1["jobs"].clone();
    crate::eventually("the job has begun", || (!listed().as_array().unwrap().is_empty()).then_some(()));
    let before = far.line().received_bytes();
    crate::eventually("bytes move", || (far.line().received_bytes() > before + 500).then_some(()));
    child.kill().unwrap();
    child.wait().unwrap();
    far.line().set_faults(Faults::default());
    let connections = far.line().connections();
    for _ in 0..2 {
        let (code, doubt) = run(&print);
        assert_eq!(
            (code, &doubt["outcome"], &doubt["cause"]),
            (4, &"Unknown".into(), &"PRINT-IN-DOUBT".into()),
            "{doubt}"
        );
        assert!(doubt["bytes_sent"].as_u64().unwrap() > 0 && doubt["repeated"] == true, "{doubt}");
    }
    assert_eq!(far.line().connections(), connections, "the printer was not even asked");
    let settle = |came_out| run(&["print", "--settle", "7", came_out, "--journal", journal]);
    assert_eq!(settle("perhaps").0, 1);
    let (code, settled) = settle("no");
    assert_eq!((code, &settled["outcome"], &settled["known_by"]), (0, &"NotPrinted".into(), &"person".into()));
    drop(far.take_pages());
    let (code, printed) = run(&print);
    assert_eq!((code, &printed["outcome"], &printed["repeated"]), (0, &"Confirmed".into(), &false.into()), "{printed}");
    // Before it, the remains of the torn one or a blank edge; it itself is whole and clean.
    let pages = far.take_pages();
    assert_eq!(crate::qr_on(pages.last().unwrap()), "A105");
    assert_eq!(settle("yes").0, 0);
    assert_eq!(settle("no").0, 1);
}

#[test]
fn a_full_disk_prints_nothing_that_is_not_noted() {
    let (folder, journal) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (ticket, journal) = (ticket(folder.path()), journal.path().to_str().unwrap());
    let far = EmulatedPrinter::start(&LineSpec::free_port(), PrinterModel::default(), None).unwrap();
    let address = far.line().address().to_string();
    let print = ["print", &address, "--ticket", &ticket, "--journal", journal, "--job", "7"];
    // No file may grow: every write to disk fails, as on a full one.
    let shell = ["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\"", TOOL];
    let output = Command::new("sh").args(shell).args(print).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &report["outcome"]), (Some(3), &"NotPrinted".into()), "{report}");
    assert_eq!((&report["cause"], far.pages().len()), (&"PRINT-JOURNAL".into(), 0));
    let (code, report) = run(&print);
    assert_eq!((code, &report["repeated"]), (0, &false.into()), "{report}");
}

#[test]
fn an_emulated_printer_is_as_its_options_say() {
    let mut options = vec!["printer", "--listen", "tcp:127.0.0.1:0", "--paper", "200mm", "--width", "384"];
    options.extend(["--near-end", "--no-asb", "--no-process-id", "--split"]);
    let mut far = Emulator::start(&options);
    let folder = tempfile::tempdir().unwrap();
    let ticket = ticket(folder.path());
    let (code, report) = run(&["print", &far.address, "--ticket", &ticket]);
    assert_eq!((code, &report["cause"]), (5, &"PRINT-PAPER-NEAR-END".into()), "{report}");
    assert!(far.next()["slip"]["height_dots"].as_u64().unwrap() > 100);
    far.tell("paper 0");
    crate::eventually("the paper is out", || {
        (run(&["status", &far.address]).1["causes"][0]["code"] == "PRINT-PAPER-OUT").then_some(())
    });
    far.tell("dance");
    assert_eq!(far.next()["error"], "not understood: dance");
    let deaf = Emulator::start(&["printer", "--listen", "tcp:127.0.0.1:0", "--no-status"]);
    assert_eq!(run(&["status", &deaf.address]).1["causes"][0]["code"], "PRINT-NO-ANSWER");
    let refused = ["emulate", "printer", "--listen", "tcp:127.0.0.1:0", "--paper", "long"];
    assert_eq!(run(&refused).0, 2);
}

#[test]
fn a_scanner_and_a_board_fail_on_demand_too() {
    let mut scanner = Emulator::start(&["scanner", "--listen", "tcp:127.0.0.1:0", "--terminator", "lf", "--split"]);
    scanner.tell("A105");
    assert_eq!(run(&["scan", &scanner.address]).1["scanned_bytes"], 4);
    let refusing = Emulator::start(&["board", "--listen", "tcp:127.0.0.1:0", "--refuse-after", "0"]);
    let port = refusing.address.strip_prefix("tcp:").unwrap().to_owned();
    crate::eventually("connections are refused", || std::net::TcpStream::connect(&port).is_err().then_some(()));
}

#[test]
fn the_conformance_kit_writes_a_report_and_its_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("report.json");
    let far = Emulator::start(&["printer", "--listen", "tcp:127.0.0.1:0"]);
    let (code, report) = run(&["conformance", &far.address, "--class", "printer", "--out", out.to_str().unwrap()]);
    assert_eq!((code, &report["conformant"]), (0, &true.into()), "{report}");
    let kept: hardware::conformance::Report = serde_json::from_slice(&std::fs::read(out).unwrap()).unwrap();
    assert!(kept.is_unchanged());
    assert_eq!(report["sha256"], kept.sha256.as_str());
    let deaf = Emulator::start(&["printer", "--listen", "tcp:127.0.0.1:0", "--no-asb"]);
    let (code, report) = run(&["conformance", &deaf.address, "--class", "printer"]);
    assert_eq!((code, &report["conformant"]), (3, &false.into()), "{report}");
    assert_eq!(run(&["conformance", &far.address, "--class", "toaster"]).0, 2);
}
