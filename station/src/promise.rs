//! A promise explained at a desk or from a shell: when a result is due, by which table, on what it rests, and why.

use crate::api::{Problem, Text};
use crate::wording;
use intake::calendar::{Calendars, Found};
use intake::catalogue::{Catalogue, Procedure, TimeLimit};
use intake::due::{Assumption, Due, Wait, due_after};
use intake::ids::{AgencyCode, ProcedureCode};
use intake::known::Known;
use intake::moment::Moment;
use intake::rules::Workflow;
use jiff::civil::DateTime;
use serde::Serialize;

/// What is asked.
#[derive(Clone, Debug)]
pub struct PromiseAsk {
    /// When the dossier was accepted, as somebody wrote it: `2026-11-23T10:00`, in Vietnam's time unless it says otherwise.
    pub accepted: String,
    /// The procedure's code.
    pub procedure: String,
    /// Who decides; none where it is not told.
    pub agency: Option<String>,
    /// One of the procedure's cases that take another time.
    pub case: Option<String>,
    /// When papers were asked for and brought, in order.
    pub waits: Vec<(String, String)>,
}

/// The answer.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Promise {
    /// The procedure's code.
    pub procedure: String,
    /// Its name.
    pub name: Text,
    /// When it was accepted, to the minute.
    pub accepted: String,
    /// When the result is promised, with the offset of Vietnam; none where no day can be promised.
    pub due: Option<String>,
    /// Why there is none.
    pub no_day: Option<Text>,
    /// The version of the table of working time.
    pub calendar: String,
    /// Where the time limit was read.
    pub limit_source: Option<String>,
    /// What the promise rests on that is not certain.
    pub assumptions: Vec<Text>,
    /// How it was reckoned, in order.
    pub reasoning: Vec<Text>,
}

/// Reckons and explains.
///
/// # Errors
/// `TIME-UNREADABLE` for a time that does not exist or is not one, `PROCEDURE-UNKNOWN`, `CASE-UNKNOWN`, `AGENCY-UNREADABLE`,
/// `WAIT-UNORDERED`, `CONFIG-FAULT`.
pub fn promise(ask: &PromiseAsk) -> Result<Promise, Problem> {
    let fault = |what: &str, why: String| Problem::new("CONFIG-FAULT").with("file", what).with("why", why);
    let catalogue = Catalogue::embedded().map_err(|error| fault("catalogue", error.to_string()))?;
    let calendars = Calendars::hanoi().map_err(|error| fault("calendars", error.to_string()))?;
    let workflow = Workflow::embedded().map_err(|error| fault("workflow", error.to_string()))?;

    let accepted = time(&ask.accepted)?;
    let waits = waits(accepted, &ask.waits)?;
    let code = ProcedureCode::new(ask.procedure.trim());
    let unknown = || Problem::new("PROCEDURE-UNKNOWN").with("procedure", code.to_string());
    let procedure = catalogue.get(&code).ok_or_else(unknown)?;
    let agency = ask.agency.as_deref().map(agency).transpose()?;
    let limit = limit_in(procedure, ask.case.as_deref())?;
    let found = calendars.of(procedure.authority.value().copied(), agency.as_ref());
    let rules = workflow.on(accepted.day());
    let due =
        limit.value().and_then(|limit| due_after(*limit, accepted, &waits, rules.supplement_clock, found.calendar));
    let mut answer = explained(procedure, accepted, limit, due.as_ref(), &found, agency.as_ref());
    if !waits.is_empty() {
        let told = |assumption: &String| Text::same(format!("{}: {assumption}", rules.source));
        answer.assumptions.extend(rules.assumption.as_ref().map(told));
    }
    Ok(answer)
}

fn explained(
    procedure: &Procedure,
    accepted: Moment,
    limit: &Known<TimeLimit>,
    due: Option<&Due>,
    found: &Found<'_>,
    agency: Option<&AgencyCode>,
) -> Promise {
    let mut assumptions: Vec<Text> = due.map(wording::assumptions).unwrap_or_default();
    if let Some(agency) = agency.filter(|_| !found.is_its_own) {
        assumptions.insert(0, wording::assumption(&Assumption::CityTable { agency: agency.to_string() }));
    }
    Promise {
        procedure: procedure.code.to_string(),
        name: Text::both(&procedure.name_vi, procedure.name_en_or_vi()),
        accepted: accepted.to_string(),
        due: due.map(|due| due.at.to_string()),
        no_day: due.is_none().then(|| no_day(limit)),
        calendar: found.calendar.version().to_owned(),
        limit_source: limit.source().map(str::to_owned),
        assumptions,
        reasoning: due.map(wording::reasoning).unwrap_or_default(),
    }
}

fn no_day(limit: &Known<TimeLimit>) -> Text {
    match limit {
        Known::Unknown { why } => Text::both(
            format!("Chưa biết thời hạn giải quyết, hỏi cán bộ ({why})"),
            format!("The time limit is not known, ask an officer ({why})"),
        ),
        Known::Known { .. } => wording::limit(TimeLimit::None),
    }
}

fn limit_in<'a>(procedure: &'a Procedure, case: Option<&str>) -> Result<&'a Known<TimeLimit>, Problem> {
    let Some(case) = case else {
        return Ok(&procedure.time_limit);
    };
    let cases = &procedure.limit_cases;
    let known = || cases.iter().map(|case| case.id.as_str()).collect::<Vec<_>>().join(", ");
    let found = cases.iter().find(|known| known.id == case);
    found
        .map(|found| &found.limit)
        .ok_or_else(|| Problem::new("CASE-UNKNOWN").with("case", case).with("known", known()))
}

/// An agency's code as somebody wrote it.
pub(crate) fn agency(text: &str) -> Result<AgencyCode, Problem> {
    let text = text.trim();
    let fits = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '.';
    let whole = !text.is_empty() && text.chars().all(fits) && text.split('.').all(|part| !part.is_empty());
    if whole { Ok(AgencyCode::new(text)) } else { Err(Problem::new("AGENCY-UNREADABLE").with("agency", text)) }
}

/// A time as people write it: with `T` or a blank, with or without seconds and offset.
fn time(text: &str) -> Result<Moment, Problem> {
    let text = text.trim();
    if let Ok(stamp) = text.parse::<jiff::Timestamp>() {
        return Ok(Moment(stamp.as_millisecond()));
    }
    let fault = |why: String| Problem::new("TIME-UNREADABLE").with("time", text).with("why", why);
    if !text.contains([':']) {
        return Err(fault("no time of day".to_owned()));
    }
    text.parse::<DateTime>().map(Moment::from_civil).map_err(|error| fault(error.to_string()))
}

fn waits(accepted: Moment, texts: &[(String, String)]) -> Result<Vec<Wait>, Problem> {
    let mut since = accepted;
    let mut waits = Vec::with_capacity(texts.len());
    for (asked, brought) in texts {
        let wait = Wait { asked: time(asked)?, brought: time(brought)? };
        if wait.asked < since || wait.brought < wait.asked {
            return Err(Problem::new("WAIT-UNORDERED").with("from", asked.as_str()).with("to", brought.as_str()));
        }
        since = wait.brought;
        waits.push(wait);
    }
    Ok(waits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(accepted: &str, procedure: &str) -> PromiseAsk {
        PromiseAsk { accepted: accepted.into(), procedure: procedure.into(), agency: None, case: None, waits: vec![] }
    }

    fn due_of(ask: &PromiseAsk) -> Option<String> {
        promise(ask).unwrap().due
    }

    #[test]
    fn a_residence_is_promised_by_the_tables_of_the_police() {
        let told = promise(&ask("2026-11-23T10:00", "1.004222")).unwrap();
        assert_eq!(told.due.as_deref(), Some("2026-12-02T10:00:00+07:00"));
        assert!(told.calendar.starts_with("hanoi-police-"), "{}", told.calendar);
        assert!(told.assumptions.iter().any(|text| text.en.contains("24/11/2026")), "{:?}", told.assumptions);
        assert_eq!(told.no_day, None);
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        let expected = due_of(&ask("2026-11-23T10:00", "1.004222"));
        for same in ["2026-11-23 10:00", "2026-11-23T10:00:30", "2026-11-23T03:00Z", "2026-11-23T10:00+07:00"] {
            assert_eq!(due_of(&ask(same, "1.004222")), expected, "{same}");
        }
        for none in ["2026-02-30T10:00", "2026-11-23", "2026-11-23T24:01", "tomorrow", "", "23/11/2026 10:00"] {
            let fault = promise(&ask(none, "1.004222")).unwrap_err();
            assert_eq!(fault.code, "TIME-UNREADABLE", "{none}");
        }
    }

    #[test]
    fn what_is_not_known_is_said_and_not_guessed() {
        let unknown = promise(&ask("2026-11-23T10:00", "1.000419")).unwrap();
        assert_eq!(unknown.due, None);
        assert!(unknown.no_day.unwrap().en.contains("not known"));
        assert_eq!(promise(&ask("2026-11-23T10:00", "9.999999")).unwrap_err().code, "PROCEDURE-UNKNOWN");
    }

    #[test]
    fn a_case_has_its_own_limit() {
        let verify = PromiseAsk { case: Some("verify".into()), ..ask("2026-11-23T10:00", "1.000894") };
        assert_eq!(due_of(&verify).as_deref(), Some("2026-11-30T10:00:00+07:00"));
        let other = PromiseAsk { case: Some("moon".into()), ..verify };
        assert_eq!(promise(&other).unwrap_err().code, "CASE-UNKNOWN");
    }

    #[test]
    fn an_agency_without_a_table_of_its_own_is_told() {
        let away = PromiseAsk { agency: Some("H48.100.00".into()), ..ask("2026-11-23T10:00", "1.001612") };
        let told = promise(&away).unwrap();
        assert!(told.assumptions[0].en.contains("H48.100.00"), "{:?}", told.assumptions);
        let here = PromiseAsk { agency: Some("H26.112.00".into()), ..away.clone() };
        let told = promise(&here).unwrap();
        assert!(!told.assumptions.iter().any(|text| text.en.contains("H26")), "{:?}", told.assumptions);
        let bad = PromiseAsk { agency: Some("h26 112".into()), ..away };
        assert_eq!(promise(&bad).unwrap_err().code, "AGENCY-UNREADABLE");
    }

    #[test]
    fn a_wait_for_papers_counts_as_the_rules_say() {
        let wait = ("2026-11-24T09:00".to_owned(), "2026-11-30T09:00".to_owned());
        let waited = PromiseAsk { waits: vec![wait.clone()], ..ask("2026-11-23T10:00", "1.001612") };
        assert_eq!(due_of(&waited).as_deref(), Some("2026-12-03T09:00:00+07:00"));
        let turned = PromiseAsk { waits: vec![(wait.1, wait.0)], ..waited };
        assert_eq!(promise(&turned).unwrap_err().code, "WAIT-UNORDERED");
    }
}
