//! The option `--output FORMAT[=PATH]`.

use std::fs;
use std::path::PathBuf;
use std::str::FromStr;

use super::console::Console;
use crate::exit::Exit;
use crate::render::style::Style;

/// A format, and the file that it goes to; without one, standard output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Output {
    pub(crate) format: Format,
    pub(crate) path: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Text,
    Json,
}

/// The option in every command that reports.
#[derive(clap::Args)]
pub(crate) struct Outputs {
    /// Format, and a file for it: text, json, json=report.json; may be given several times.
    #[arg(long = "output", value_name = "FORMAT[=PATH]")]
    outputs: Vec<Output>,
}

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, path) = match text.split_once('=') {
            Some((_, "")) => return Err("`=` has no path behind it".to_owned()),
            Some((format, path)) => (format, Some(PathBuf::from(path))),
            None => (text, None),
        };
        let format = match format {
            "text" => Format::Text,
            "json" => Format::Json,
            _ => return Err("the formats are `text` and `json`".to_owned()),
        };
        Ok(Output { format, path })
    }
}

impl Outputs {
    /// The outputs, text to standard output when none is given.
    pub(crate) fn get(&self) -> Result<Vec<Output>, String> {
        if self.outputs.is_empty() {
            return Ok(vec![Output {
                format: Format::Text,
                path: None,
            }]);
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
pub(crate) fn write(
    outputs: &[Output],
    console: &mut Console,
    render: impl Fn(Format, Style) -> String,
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
