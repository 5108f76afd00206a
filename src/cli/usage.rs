//! What is printed when the command line is not understood. A mistyped argument may be the cohort
//! file, whose name may be a person's: arguments are told by their place, never repeated.

use clap::error::{ContextKind, ContextValue, Error, ErrorKind};
use std::process::ExitCode;

/// Prints help and version as asked for; else what is wrong, and how to go on.
pub(super) fn explain(error: &Error) -> ExitCode {
    let code = ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
    let asked_for = matches!(
        error.kind(),
        ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    );
    if asked_for {
        // Nobody is left to tell when this cannot be printed.
        let _ = error.print();
        return code;
    }
    let given: Vec<String> = std::env::args_os()
        .skip(1)
        .map(|a| a.to_string_lossy().into_owned())
        .collect();
    eprintln!("error: {}", message(error, &given));
    if let Some(usage) = texts(error, ContextKind::Usage).first() {
        eprintln!("{}", usage.trim());
    }
    match command(&given) {
        Some(command) => eprintln!("hint: `counterpart {command} --help` lists every flag"),
        None => eprintln!("hint: `counterpart --help` lists the commands"),
    }
    code
}

/// The command, if it is one.
fn command(given: &[String]) -> Option<String> {
    use clap::CommandFactory as _;
    let first = given.first()?;
    let all = super::Cli::command();
    let known = all.get_subcommands().find(|c| c.get_name() == first)?;
    Some(known.get_name().to_owned())
}

fn message(error: &Error, given: &[String]) -> String {
    let argument = texts(error, ContextKind::InvalidArg).join(", ");
    match error.kind() {
        ErrorKind::UnknownArgument => {
            let unknown = texts(error, ContextKind::InvalidArg);
            let unknown = unknown.first().map_or("", String::as_str);
            let what = place(unknown, given);
            match texts(error, ContextKind::SuggestedArg).first() {
                Some(near) => format!("{what} is not known here; did you mean {near}?"),
                None => format!("{what} is not known here, or is one too many"),
            }
        }
        ErrorKind::InvalidSubcommand => {
            let near = texts(error, ContextKind::SuggestedSubcommand);
            match near.first() {
                Some(near) => format!("there is no such command; did you mean `{near}`?"),
                None => "there is no such command; `counterpart --help` lists them".into(),
            }
        }
        ErrorKind::MissingRequiredArgument => format!("this is missing: {argument}"),
        ErrorKind::MissingSubcommand => "the command is missing".into(),
        ErrorKind::ArgumentConflict => {
            let other = texts(error, ContextKind::PriorArg).join(", ");
            match other.is_empty() || other == argument {
                true => format!("{argument} is given more than once, or with a flag it excludes"),
                false => format!("{argument} cannot be used together with {other}"),
            }
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let choices = texts(error, ContextKind::ValidValue);
            // The rules are this crate's own sentences and the standard library's: without values.
            let rule = std::error::Error::source(error).map(|e| e.to_string());
            match (choices.is_empty(), rule) {
                (false, _) => format!("{argument} must be one of: {}", choices.join(", ")),
                (true, Some(rule)) => format!("{argument}: {}", plain(&rule)),
                (true, None) => format!("{argument} needs a value"),
            }
        }
        _ => "the command line is not understood".into(),
    }
}

/// Rules of the standard library, in words.
fn plain(rule: &str) -> String {
    match rule {
        "invalid digit found in string" => "must be a whole number from 0".into(),
        "invalid float literal" => "must be a number".into(),
        "cannot parse integer from empty string" => "needs a number".into(),
        "number too large to fit in target type" => "the number is too large".into(),
        // A range's own rule begins with the value.
        other => match other.split_once(" is not in ") {
            Some((_, range)) => {
                format!("must be from {}", range.replace("..=", " to "))
            }
            None => other.to_owned(),
        },
    }
}

/// A flag by its name, anything else by its place.
fn place(unknown: &str, given: &[String]) -> String {
    let is_flag = unknown.len() <= 32
        && unknown.starts_with('-')
        && unknown.chars().all(|c| c == '-' || c.is_ascii_lowercase());
    if is_flag {
        return format!("the flag {unknown}");
    }
    match given.iter().position(|g| g.starts_with(unknown)) {
        Some(i) if !unknown.is_empty() => {
            format!("argument {} (after `counterpart`)", i + 1)
        }
        _ => "an argument".into(),
    }
}

fn texts(error: &Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        Some(ContextValue::StyledStr(text)) => vec![text.to_string()],
        _ => Vec::new(),
    }
}
