//! The desktop app: windows, thin commands, start and stop. Everything that a window can do is in `station`.

mod commands;
mod demo;
mod due;
mod find;
mod options;
mod shell;
mod window;

use clap::Parser;
use options::{Options, Order};
use std::process::ExitCode;

fn main() -> ExitCode {
    let log = tracing_subscriber::EnvFilter::try_from_env("MOTCUA_LOG").unwrap_or_else(|_| "warn".into());
    tracing_subscriber::fmt().with_env_filter(log).with_writer(std::io::stderr).init();
    let options = Options::parse();
    let outcome = match options.order {
        Some(Order::Demo { data }) => demo::run(&data),
        Some(Order::PrepareDemo { data, lines }) => demo::prepare(&data, lines.into()),
        Some(Order::Verify { data }) => demo::verify(&data),
        Some(Order::Due(args)) => due::run(args),
        Some(Order::Find { data, check: Some(questions), .. }) => find::check(data.as_deref(), &questions),
        Some(Order::Find { data, json, check: None }) => find::answer(data.as_deref(), json),
        Some(Order::Bindings { file }) => window::write_bindings(&file),
        None => match (options.role, options.data) {
            (Some(role), Some(data)) => window::run(role.into(), data),
            _ => Err("say which window: --role kiosk|counter|board|dock --data DIR; see --help".into()),
        },
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("motcua: {why}");
            ExitCode::FAILURE
        }
    }
}
