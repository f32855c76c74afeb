//! The option `--output FORMAT[=PATH]`.

use std::fs;
use std::path::PathBuf;

use super::console::Console;
use crate::exit::Exit;
use crate::render::style::Style;

/// A format, and the file that it goes to; without one, standard output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Output<F = Format> {
    pub(crate) format: F,
    pub(crate) path: Option<PathBuf>,
}

/// The formats of a command.
pub(crate) trait Formats: Copy + Send + Sync + 'static {
    /// Each with its name; the first one is what nobody asks for.
    const ALL: &'static [(&'static str, Self)];
    /// What the option's help says.
    const HELP: &'static str;
}

/// The formats of every command that reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Text,
    Json,
}

impl Formats for Format {
    const ALL: &'static [(&'static str, Self)] = &[("text", Format::Text), ("json", Format::Json)];
    const HELP: &'static str =
        "Format, and a file for it: text, json, json=report.json; may be given several times";
}

/// The option in every command that reports.
#[derive(clap::Args)]
pub(crate) struct Outputs<F: Formats = Format> {
    #[arg(long = "output", value_name = "FORMAT[=PATH]", help = F::HELP, value_parser = Output::<F>::parse)]
    outputs: Vec<Output<F>>,
}

impl<F: Formats> Output<F> {
    fn parse(text: &str) -> Result<Self, String> {
        let (name, path) = match text.split_once('=') {
            Some((_, "")) => return Err("`=` has no path behind it".to_owned()),
            Some((name, path)) => (name, Some(PathBuf::from(path))),
            None => (text, None),
        };
        match F::ALL.iter().find(|(own, _)| *own == name) {
            Some((_, format)) => Ok(Output {
                format: *format,
                path,
            }),
            None => {
                let names: Vec<_> = F::ALL.iter().map(|(own, _)| format!("`{own}`")).collect();
                let (last, others) = names.split_last().ok_or("there is no format")?;
                Err(format!("the formats are {} and {last}", others.join(", ")))
            }
        }
    }
}

impl<F: Formats> Outputs<F> {
    /// The outputs, text to standard output when none is given.
    pub(crate) fn get(&self) -> Result<Vec<Output<F>>, String> {
        if self.outputs.is_empty() {
            let first = F::ALL.iter().take(1);
            let first = first.map(|(_, format)| Output {
                format: *format,
                path: None,
            });
            return Ok(first.collect());
        }
        let to_stdout = self.outputs.iter().filter(|output| output.path.is_none());
        if to_stdout.count() > 1 {
            let message = "two outputs go to standard output; give one of them a path, \
                           as `--output json=report.json`";
            return Err(message.to_owned());
        }
        Ok(self.outputs.clone())
    }
}

/// Writes every output.
pub(crate) fn write<F: Copy>(
    outputs: &[Output<F>],
    console: &mut Console,
    render: impl Fn(F, Style) -> String,
) -> Result<(), Exit> {
    for output in outputs {
        match &output.path {
            None => {
                let text = render(output.format, console.style);
                console.out(&text);
            }
            Some(path) => {
                let text = render(output.format, Style::PLAIN);
                if let Err(error) = fs::write(path, text) {
                    console.err(&format!(
                        "error: `{}` cannot be written: {error}",
                        path.display()
                    ));
                    return Err(Exit::CouldNotRun);
                }
            }
        }
    }
    Ok(())
}
