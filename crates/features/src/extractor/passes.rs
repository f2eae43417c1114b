//! What the passes of the analysis read: samples that can be handed out more than once.

use crate::error::Result;

/// Samples that are analysed at a time.
pub(crate) const CHUNK: usize = 8192;

/// Where the samples come from: called once per pass with a consumer for chunks.
pub(crate) trait Samples {
    /// Hands all samples to `sink`, in chunks of any length.
    fn pass(&mut self, sink: &mut dyn FnMut(&[f32])) -> Result<()>;
}

/// Samples that are all there.
pub(crate) struct InMemory<'a>(pub(crate) &'a [f32]);

impl Samples for InMemory<'_> {
    fn pass(&mut self, sink: &mut dyn FnMut(&[f32])) -> Result<()> {
        self.0.chunks(CHUNK).for_each(sink);
        Ok(())
    }
}
