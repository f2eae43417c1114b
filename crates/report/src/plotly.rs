//! The text of plotly.js, which draws the pictures of the page.
//!
//! Version 3.0.1 (MIT), as npm's plotly.js-dist-min has it; `scripts/pack_plotly.py` packed it.

use std::io::Read;

use flate2::read::GzDecoder;

const PACKED: &[u8] = include_bytes!("../vendor/plotly/plotly.min.js.gz");

/// The script, 4.7 MB.
///
/// # Errors
/// Where the packed file is damaged: a defect of this crate.
pub(crate) fn script() -> std::io::Result<String> {
    let mut text = String::new();
    GzDecoder::new(PACKED).read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_script_is_whole_and_ends_no_element() {
        let text = script().unwrap();
        assert_eq!(text.len(), 4_653_932);
        assert!(text.starts_with("/**\n* plotly.js v3.0.1\n") && text.ends_with("return Plotly;\n}));"));
        assert!(!text.contains("</script"));
    }
}
