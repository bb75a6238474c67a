//! `motcua due`: when a result is promised, from a shell.

use clap::{Args, ValueEnum};
use station::api::{Problem, Text};
use station::problem::for_officer;
use station::promise::{Promise, PromiseAsk, promise};

/// Say when the result of a dossier is promised, by which table of working time, on what that rests, and why.
#[derive(Args)]
pub struct DueArgs {
    /// When it was accepted, in Vietnam's time: 2026-11-23T10:00.
    #[arg(long, value_name = "TIME")]
    accepted: String,
    /// The procedure's code, such as 1.004222.
    #[arg(long, value_name = "CODE")]
    procedure: String,
    /// Who decides, such as H26.112.00: each agency has its own working time.
    #[arg(long, value_name = "CODE")]
    agency: Option<String>,
    /// One of the procedure's cases that take another time, such as `verify`.
    #[arg(long, value_name = "ID")]
    case: Option<String>,
    /// When papers were asked for and when they came; may be given more than once.
    #[arg(long, value_name = "FROM..TO")]
    waited: Vec<String>,
    /// One JSON object instead of lines.
    #[arg(long)]
    json: bool,
    /// The language of the sentences.
    #[arg(long, value_enum, default_value = "en")]
    lang: Lang,
}

#[derive(Clone, Copy, ValueEnum)]
enum Lang {
    Vi,
    En,
}

/// Prints the answer. Where no day can be promised that is an error, told after what is known.
pub fn run(args: DueArgs) -> Result<(), String> {
    let lang = args.lang;
    let told = |problem: Problem| format!("{}: {}", problem.code, said(&for_officer(&problem), lang));
    let waits = args.waited.iter().map(|wait| split(wait)).collect::<Result<_, _>>()?;
    let DueArgs { accepted, procedure, agency, case, .. } = args;
    let answer = promise(&PromiseAsk { accepted, procedure, agency, case, waits }).map_err(told)?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&answer).map_err(|error| error.to_string())?);
    } else {
        print!("{}", lines(&answer, lang));
    }
    match answer.no_day {
        Some(why) => Err(format!("no day can be promised: {}", said(&why, lang))),
        None => Ok(()),
    }
}

fn split(wait: &str) -> Result<(String, String), String> {
    let (from, to) = wait.split_once("..").ok_or_else(|| format!("not FROM..TO: {wait}"))?;
    Ok((from.to_owned(), to.to_owned()))
}

fn said(text: &Text, lang: Lang) -> &str {
    match lang {
        Lang::Vi => &text.vi,
        Lang::En => &text.en,
    }
}

fn lines(answer: &Promise, lang: Lang) -> String {
    let mut out = String::new();
    let mut line = |name: &str, value: &str| out.push_str(&format!("{name}: {value}\n"));
    line("due", answer.due.as_deref().unwrap_or("unknown"));
    line("calendar", &answer.calendar);
    line("procedure", &format!("{} {}", answer.procedure, said(&answer.name, lang)));
    line("accepted", &answer.accepted);
    line("time limit from", answer.limit_source.as_deref().unwrap_or("no source"));
    for (name, texts) in [("assumptions", &answer.assumptions), ("reasoning", &answer.reasoning)] {
        line(name, if texts.is_empty() { "none" } else { "" });
        texts.iter().for_each(|text| line("  -", said(text, lang)));
    }
    out.replace(": \n", ":\n").replace("  -: ", "  - ")
}
